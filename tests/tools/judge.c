/* Reads one iCalendar text from stdin with libical and prints every complaint of its parser and of its table of
   RFC 5546 restrictions, one a line. Exit code 0: it read a calendar and judged it; 2: it read none. */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>

static void tell(icalcomponent *component) {
    icalproperty *error = icalcomponent_get_first_property(component, ICAL_XLICERROR_PROPERTY);
    for (; error; error = icalcomponent_get_next_property(component, ICAL_XLICERROR_PROPERTY))
        puts(icalproperty_get_xlicerror(error));
    icalcomponent *inside = icalcomponent_get_first_component(component, ICAL_ANY_COMPONENT);
    for (; inside; inside = icalcomponent_get_next_component(component, ICAL_ANY_COMPONENT))
        tell(inside);
}

int main(void) {
    static char text[4 * 1024 * 1024];
    size_t length = fread(text, 1, sizeof text - 1, stdin);
    text[length] = '\0';
    icalerror_set_errors_are_fatal(0);
    icalcomponent *calendar = icalparser_parse_string(text);
    if (!calendar || icalcomponent_isa(calendar) != ICAL_VCALENDAR_COMPONENT)
        return 2;
    icalrestriction_check(calendar);
    tell(calendar);
    icalcomponent_free(calendar);
    return EXIT_SUCCESS;
}
