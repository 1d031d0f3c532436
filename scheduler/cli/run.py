"""`rituals run` keeps the service going, `rituals tick` does once what is due. Not here: what a step does (app)."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from os.path import normpath
from pathlib import Path

import click

from scheduler.adapters.lock import only_instance
from scheduler.adapters.memory import MemoryClock
from scheduler.adapters.system import SystemClock
from scheduler.adapters.ticker import IntervalTicker
from scheduler.app.letters import letters_in
from scheduler.app.logbook import open_log
from scheduler.app.reload import Reloader
from scheduler.app.routes import route_words
from scheduler.app.service import Service
from scheduler.app.wiring import open_service
from scheduler.cli.opening import config_option, opened, read_settings
from scheduler.content.assets import Assets
from scheduler.domain.couple import Standing
from scheduler.domain.errors import RitualsError
from scheduler.domain.localtime import zone_named
from scheduler.ports import Clock
from scheduler.settings import LogStyle, MaildirOut, Settings

STOP_S = 20
_STOPS = (signal.SIGTERM, signal.SIGINT)
NO_MAIL_NOTE = "Mails are not shown here: whoever runs the service may be one of the two."


@click.command()
@config_option
@click.option("--log", type=click.Choice([style.value for style in LogStyle]), help="Instead of the file's log style.")
@click.option("--port", type=click.IntRange(0, 65535), help="Instead of the file's port for the page; 0 takes any.")
def run(file: Path, log: str | None, port: int | None) -> None:
    """Run the service until it is told to stop (Ctrl-C or SIGTERM)."""
    settings = read_settings(file)
    if log:
        settings = replace(settings, log=LogStyle(log))
    if port is not None:
        settings = replace(settings, view=replace(settings.view, port=port))
    keep_running(settings, lambda: read_settings(file))


def keep_running(
    settings: Settings,
    read: Callable[[], Settings],
    *,
    clock: Clock | None = None,
    at: Callable[[str], None] = lambda _: None,
) -> None:
    """The whole life of the process; ``read`` reads the file again, ``at`` hears every step boundary by name."""
    settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    write = open_log(settings.log)
    with ExitStack() as stack:
        stack.enter_context(only_instance(settings.state))
        service = open_service(settings, clock=clock, log=write)
        stack.enter_context(closing(service.parts.store))
        stack.callback(_hang_up, service)
        service.parts = replace(service.parts, at=at)
        stop = _stop_on_signals(service)
        service.recover()
        _first_steps(service)
        ticker = IntervalTicker(SystemClock(), lambda job, err: write("tick_failed", job=job, error=type(err).__name__))
        reloader = Reloader(settings, service, read)
        _schedule(ticker, service, reloader)
        ticker.start()
        _greet(settings, service, _serve(stack, settings, service), _serve_partners(stack, reloader, service))
        write("running", pid=os.getpid())
        stop.wait()
        write("stopping")
        ticker.stop()
    write("stopped")


def _hang_up(service: Service) -> None:
    """A reloaded file may have brought another mailer meanwhile."""
    service.parts.mailer.close()


def _stop_on_signals(service: Service) -> threading.Event:
    """The first signal lets the effect in hand end and stops; a second, or STOP_S, ends the process at once.

    A thread of its own waits for them: a handler that runs inside the main thread's wait can lock that up for
    good, and neither a start nor the interpreter's own end can be left while a server keeps us waiting. What is
    cut off then is taken up at the next start.
    """
    stop = threading.Event()
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)  # before any other thread: they all inherit it

    def listen() -> None:
        signal.sigwait(_STOPS)
        service.stopping.set()
        stop.set()
        second = signal.sigtimedwait(_STOPS, STOP_S - 2)
        os._exit(128 + second.si_signo if second else 0)

    threading.Thread(target=listen, name="signals", daemon=True).start()
    return stop


def _first_steps(service: Service) -> None:
    """Everything once before the first tick, so that the greeting tells what already stands where."""
    try:
        service.tick()
    except RitualsError as err:
        service.parts.log("tick_failed", job="start", error=type(err).__name__)


def _schedule(ticker: IntervalTicker, service: Service, reloader: Reloader) -> None:
    for name, seconds, job in (
        ("deliver", 1, service.deliver),
        ("compose", 15, service.compose),
        ("collect", 60, service.collect),
        ("plan", 60, service.plan),
        ("reload", 2, reloader.look),
    ):
        ticker.every(timedelta(seconds=seconds), name, job)


def _serve(stack: ExitStack, settings: Settings, service: Service) -> str | None:
    if not settings.view.on:
        return None
    # The page's libraries cost memory that a service without a page need not pay.
    from scheduler.web.album import render_album
    from scheduler.web.gather import live_album
    from scheduler.web.live import LiveView

    assets, route = Assets(settings.override), settings.mail.route
    folder = route.path if settings.view.show_mail and isinstance(route, MaildirOut) else None

    def page() -> str:
        letters = letters_in(service, folder) if folder else ()
        return render_album(live_album(service, letters, "" if folder else NO_MAIL_NOTE), assets)

    view = LiveView(page, port=settings.view.port)
    try:
        address = view.start()
    except OSError:
        service.parts.log("page_port_taken", port=settings.view.port)
        click.echo(f"The page's port {settings.view.port} is taken; set [view] port, or use --port 0.")
        return None
    stack.callback(view.stop)
    return address


def _serve_partners(stack: ExitStack, reloader: Reloader, service: Service) -> str | None:
    """The pages that partners reach from outside, where the file gives them an address."""
    if (public := reloader.settings.public) is None:
        return None
    from scheduler.web.public import PublicSite, rooms_of  # as above

    parts, assets = service.parts, Assets(reloader.settings.override)
    rooms = rooms_of(lambda: reloader.settings, parts.store, parts.clock.now)
    site = PublicSite(rooms, assets, address=public.address, port=public.port)
    try:
        site.start()
    except OSError:
        service.parts.log("page_port_taken", port=public.port)
        click.echo(f"The port {public.port} of the partners' pages is taken; set [public] port.")
        return None
    stack.callback(site.stop)
    return f"{public.address} (your proxy finds it on 127.0.0.1:{public.port})"


def _greet(settings: Settings, service: Service, address: str | None, partners_at: str | None) -> None:
    """Say how things stand and where everything is."""
    couple = service.couple
    click.echo(f"Rituals for {' and '.join(partner.name for partner in couple.partners)}")
    waiting = [one.partner for one in service.memberships().values() if one.standing is not Standing.JOINED]
    for partner in waiting:
        name = couple.partner(partner).name
        click.echo(f"  {name} has not said yes: until then nothing is planned (rituals join {name})")
    if not waiting:
        click.echo(
            f"  {len(service.outlook().standing)} rituals stand in the coming {couple.rules.horizon.days // 7} weeks"
        )
    for partner, route in settings.calendars.items():
        click.echo(f"  {couple.partner(partner).name + chr(39) + 's calendar':<20} {route_words(route)}")
    match settings.mail.route:
        case MaildirOut(path):
            click.echo(f"  {'mail':<20} {normpath(path)}")
        case out:
            click.echo(f"  {'mail':<20} {out.host}:{out.port}")
    click.echo(f"  {'state':<20} {normpath(settings.state)}")
    for label, where in (("page", address), ("partners' pages", partners_at)):
        if where:
            click.echo(f"  {label:<20} {where}")
    click.echo("Stop with Ctrl-C.")


@click.command()
@config_option
@click.option(
    "--at", "moment", help='Do what is due then, "2026-11-29 17:00" in the first partner\'s zone; default now.'
)
def tick(file: Path, moment: str | None) -> None:
    """Do once what is due, and stop; for a cron of one's own, or to look at a single step."""
    with opened(file) as (settings, service), only_instance(settings.state):
        if moment is not None:
            clock = MemoryClock(_instant(moment, settings))
            service.parts = replace(service.parts, clock=clock)
        service.recover()
        service.collect()
        answer = service.plan()
        service.compose()
        done = service.deliver()
    changes = len(answer.changes) if answer else 0
    click.echo(f"{changes} changes planned, {done} effects done.")


def _instant(text: str, settings: Settings) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as err:
        raise click.BadParameter(f'{text!r} is not a time; write "2026-11-29 17:00"', param_hint="--at") from err
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone_named(settings.couple.clock().key))
    return moment.astimezone(UTC)
