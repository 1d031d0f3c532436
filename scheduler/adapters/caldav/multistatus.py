"""The XML that a calendar server is asked with and answers in. Not here: sending it (client)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from caldav.elements import cdav, dav, ical

from scheduler.adapters.caldav.client import GARBLED, Answer
from scheduler.domain.errors import Unavailable

DAV, CAL = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
ETAG, DATA = f"{DAV}getetag", f"{CAL}calendar-data"
OF_A_CALENDAR = (
    f"{DAV}resourcetype",
    f"{DAV}displayname",
    f"{DAV}sync-token",
    f"{CAL}supported-calendar-component-set",
    f"{CAL}schedule-calendar-transp",
    "{http://calendarserver.org/ns/}getctag",
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a server says of one address: ``href`` as it spells it, ``path`` as that compares."""

    href: str
    status: int
    props: Mapping[str, Any]

    @property
    def path(self) -> str:
        return path_of(self.href)

    def text(self, name: str) -> str:
        """A property's text; empty where it has none."""
        found = self.props.get(name)
        return "" if found is None else "".join(found.itertext()).strip()

    def inside(self, name: str) -> frozenset[str]:
        """The names of what stands directly in a property, without namespaces."""
        found = self.props.get(name)
        return frozenset() if found is None else frozenset(map(_local, _elements(found)))

    def leaves(self, name: str) -> frozenset[str]:
        """The names of what stands in a property and holds nothing itself, without namespaces."""
        found = self.props.get(name)
        inner = () if found is None else (one for one in found.iter() if isinstance(one.tag, str) and not len(one))
        return frozenset(map(_local, inner))


def path_of(href: str) -> str:
    """The path of an address, in one spelling. Raises Unavailable where it is none."""
    try:
        return unquote(urlsplit(href).path)
    except ValueError:
        raise Unavailable(GARBLED) from None


def read(answer: Answer) -> list[Found]:
    """Raises Unavailable where the answer is no multistatus."""
    if answer.tree is None or answer.tree.tag != f"{DAV}multistatus":
        raise Unavailable(GARBLED)
    return [_found(one) for one in answer.tree.iterfind(f"{DAV}response")]


def token_of(answer: Answer) -> str:
    """The sync token of an answer; empty where it has none."""
    return str(answer.tree.findtext(f"{DAV}sync-token") or "").strip()


def hrefs_in(found: Found, name: str) -> list[str]:
    """The addresses that a property holds."""
    holder = found.props.get(name)
    return [] if holder is None else [one.text.strip() for one in holder.iterfind(f"{DAV}href") if one.text]


def component_names(found: Found) -> frozenset[str]:
    """What a calendar takes: VEVENT and its like; none means that it does not say."""
    holder = found.props.get(f"{CAL}supported-calendar-component-set")
    return frozenset() if holder is None else frozenset(one.get("name", "").upper() for one in _elements(holder))


def propfind(names: Iterable[str]) -> bytes:
    return _bytes(_tree(dav.Propfind(), _tree(dav.Prop(), *map(_named, names))))


def sync(token: str) -> bytes:
    """No limit is sent: Xandikos and Nextcloud leave out what is beyond it without a word."""
    wanted = _tree(dav.Prop(), dav.GetEtag())
    return _bytes(_tree(dav.SyncCollection(), dav.SyncToken(value=token), dav.SyncLevel(value="1"), wanted))


def multiget(hrefs: Collection[str]) -> bytes:
    wanted = _tree(dav.Prop(), dav.GetEtag(), cdav.CalendarData())
    return _bytes(_tree(cdav.CalendarMultiGet(), wanted, *(dav.Href(value=href) for href in hrefs)))


def query(starts_at: datetime, ends_at: datetime) -> bytes:
    """Whole objects that touch the window; nothing is expanded by the server (RFC 4791 §9.9)."""
    events = _tree(cdav.CompFilter("VEVENT"), cdav.TimeRange(starts_at, ends_at))
    only = _tree(cdav.Filter(), _tree(cdav.CompFilter("VCALENDAR"), events))
    return _bytes(_tree(cdav.CalendarQuery(), _tree(dav.Prop(), cdav.CalendarData()), only))


def mkcalendar(title: str, colour: str) -> bytes:
    kinds = _tree(cdav.SupportedCalendarComponentSet(), cdav.Comp("VEVENT"))
    facts = [dav.DisplayName(title), kinds, *([ical.CalendarColor(colour)] if colour else [])]
    return _bytes(_tree(cdav.Mkcalendar(), _tree(dav.Set(), _tree(dav.Prop(), *facts))))


def _found(response: Any) -> Found:
    props: dict[str, Any] = {}
    for propstat in response.iterfind(f"{DAV}propstat"):
        if _code(propstat) < 300:
            props |= {one.tag: one for holder in propstat.iterfind(f"{DAV}prop") for one in _elements(holder)}
    return Found((response.findtext(f"{DAV}href") or "").strip(), _code(response), props)


def _code(element: Any) -> int:
    """The number in a status line; 200 where there is none."""
    words = (element.findtext(f"{DAV}status") or "").split()
    return int(words[1]) if len(words) > 1 and len(words[1]) == 3 and words[1].isdecimal() else 200


def _elements(parent: Any) -> Iterator[Any]:
    """Without comments and processing instructions."""
    return (child for child in parent if isinstance(child.tag, str))


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _named(name: str) -> Any:
    """An empty element of any name, of which the library knows only some."""
    element: Any = dav.Prop()
    element.tag = name
    return element


def _tree(parent: Any, *children: Any) -> Any:
    for child in children:
        parent.append(child)
    return parent


def _bytes(element: Any) -> bytes:
    return str(element).encode()
