"""`rituals join`, `pause` and `leave`: a partner's own word, given on the host. Not here: what follows (app)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import click

from scheduler.app.at_once import By, Effect, carry_out
from scheduler.app.reaching import reach_by
from scheduler.app.service import Service
from scheduler.cli.opening import config_option, opened, partner_id
from scheduler.content.consent import consent_text
from scheduler.domain.cadence import cadence_text
from scheduler.domain.couple import Membership, Standing
from scheduler.domain.localtime import local_date
from scheduler.settings import Settings

yes_option = click.option("--yes", is_flag=True, help="Do not ask; for scripts.")


@click.command()
@click.argument("name")
@yes_option
@config_option
def join(file: Path, name: str, *, yes: bool) -> None:
    """Record NAME's yes, with the date and the text that was shown.

    NAME should sit at this keyboard: nobody else can say yes for them.
    """
    with opened(file) as (settings, service):
        who = partner_id(settings, name)
        member, shown_name = service.memberships()[who], settings.couple.partner(who).name
        if member.standing is Standing.JOINED:
            click.echo(f"{shown_name} said yes on {_day(_joined(settings, member))}.")
            if member.paused_until:
                click.echo(f"Paused until {_day(member.paused_until)}; rituals pause {who} --off ends it.")
            return
        text = _text_for(settings, who)
        click.echo(text)
        if not yes:
            click.confirm(f"Are you {shown_name}, and do you say yes?", abort=True)
        service.join(who, shown=text)
        click.echo(f"Thank you. {shown_name}'s yes is written down, with today's date and this text.")
        click.echo(_what_now(settings, service))


def _text_for(settings: Settings, who: str) -> str:
    couple, mail = settings.couple, settings.mail
    rhythm = [(ritual.title, cadence_text(ritual.cadence)) for ritual in couple.rituals if not ritual.only_in]
    return consent_text(
        (couple.partner(who).name, couple.other(who).name),
        sender=mail.sender_address,
        contact=mail.contact,
        rhythm=rhythm,
        reach=reach_by(settings.calendars[who]),
    )


def _what_now(settings: Settings, service: Service) -> str:
    waiting = [one for one in service.memberships().values() if one.joined_at is None]
    if waiting:
        name = settings.couple.partner(waiting[0].partner).name
        return f"Nothing is planned before {name} has said yes too."
    return "Both have said yes: the first times are placed as soon as the service runs."


@click.command()
@click.argument("name")
@yes_option
@config_option
def leave(file: Path, name: str, *, yes: bool) -> None:
    """Stop for NAME, at once: no mail, and the coming events go from NAME's calendar. Nobody is told."""
    with opened(file) as (settings, service):
        who = partner_id(settings, name)
        shown_name = settings.couple.partner(who).name
        if service.memberships()[who].standing is not Standing.LEFT:
            if not yes:
                click.confirm(f"Stop everything for {shown_name}?", abort=True)
            service.leave(who)
        done = carry_out(service, settings.state, who)
        click.echo(f"From now on nothing goes to {shown_name}. Nobody is told.")
        click.echo(_how_far(done, "The coming events"))
        click.echo(f"Coming back is one step: rituals join {who}")


@click.command()
@click.argument("name")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The first day back: 2026-12-24.")
@click.option("--weeks", type=click.IntRange(1, 52), help="That many weeks from today, instead of a date.")
@click.option("--off", is_flag=True, help="End the pause now.")
@config_option
def pause(file: Path, name: str, until: datetime | None, weeks: int | None, *, off: bool) -> None:
    """Silence everything for NAME until a date; it comes back by itself. Nobody is told.

    The word "both" as NAME means the two of you.
    """
    if (until is not None) + (weeks is not None) + off != 1:
        raise click.UsageError("say --until DATE, --weeks N or --off: one of the three")
    with opened(file) as (settings, service):
        members = [service.memberships()[who] for who in _named(settings, name)]
        for member in members:
            if member.standing is not Standing.JOINED:
                idle = settings.couple.partner(member.partner).name
                raise click.ClickException(f"nothing goes to {idle} anyway; a yes comes first (rituals join)")
        backs = [_first_day_back(settings, service, member, until=until, weeks=weeks) for member in members]
        for member, back in zip(members, backs, strict=True):
            if off:
                _resume(settings, service, member)
            else:
                _pause(settings, service, member, back)


def _named(settings: Settings, name: str) -> list[str]:
    """The ids of whom a name means: one partner, or both."""
    known = {text.lower() for one in settings.couple.partners for text in (one.id, one.name)}
    if name.lower() == "both" and "both" not in known:
        return [one.id for one in settings.couple.partners]
    return [partner_id(settings, name)]


def _first_day_back(
    settings: Settings, service: Service, member: Membership, *, until: datetime | None, weeks: int | None
) -> date:
    today = local_date(service.parts.clock.now(), settings.couple.partner(member.partner).zone)
    back = until.date() if until else today + timedelta(weeks=weeks or 0)
    if until and back <= today:
        raise click.BadParameter(f"{back} is not in the future; today is {today}", param_hint="--until")
    return back


def _pause(settings: Settings, service: Service, member: Membership, back: date) -> None:
    name = settings.couple.partner(member.partner).name
    service.pause(member.partner, until=back)
    done = carry_out(service, settings.state, member.partner)
    click.echo(f"Until {_day(back)} nothing goes to {name}: no mail, no event. Nobody is told.")
    click.echo(_how_far(done, "The events before that day"))
    click.echo("From that day on everything comes back by itself.")


def _resume(settings: Settings, service: Service, member: Membership) -> None:
    name = settings.couple.partner(member.partner).name
    if member.paused_until is None:
        click.echo(f"{name} is not paused.")
        return
    service.join(member.partner, shown=member.shown)
    done = carry_out(service, settings.state, member.partner)
    told = "are back" if done.by is By.US else "come back within a minute"
    click.echo(f"The pause is over. The events {told} on {name}'s calendar.")


def _how_far(done: Effect, what: str) -> str:
    if done.by is By.THE_SERVICE:
        return f"{what} go from the calendar within a minute; the running service does it."
    if done.left:
        return f"{what} could not all be taken away ({done.left} left): rituals doctor."
    return f"{what} are gone from the calendar."


def _joined(settings: Settings, member: Membership) -> date:
    assert member.joined_at is not None
    return local_date(member.joined_at, settings.couple.partner(member.partner).zone)


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"
