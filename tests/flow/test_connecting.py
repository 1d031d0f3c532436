"""A partner connects Google through the web: all of it is right, or nothing is stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.adapters.google.access import kept_alive, note_dead
from scheduler.adapters.google.consent import BUSY_TIMES, PLACING, SCOPES
from scheduler.app.connecting import NO_LINK, NOT_OURS, STEP_LASTS, TOO_LATE
from scheduler.domain.errors import Disconnected, Refused, Unavailable
from scheduler.domain.link import Purpose
from scheduler.domain.notes import cut_note, looks_note, trouble_note
from scheduler.domain.outbox import EffectKind, OutboxEntry
from tests.doors import House, at_google, house
from tests.servers.google import Fault

SECOND = timedelta(seconds=1)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as made:
        yield made


def begun(home: House, partner: str = "sam", link: str = "") -> tuple[str, str]:
    """The address at Google, and the state."""
    return home.connecting.begin((link or home.link(partner)).rpartition("/")[2], home.clock.now())


def consented(home: House, partner: str = "sam") -> tuple[str, dict[str, str]]:
    """The state, and what Google sends back for it."""
    url, state = begun(home, partner)
    return state, at_google(url, home.google.person(f"{partner}@example.org"))


def finish(home: House, state: str, answer: dict[str, str]) -> str:
    return home.connecting.finish(state, answer, home.clock.now())


def nothing_is_stored(home: House) -> bool:
    return home.kept("sam") is None and home.kept("kim") is None


def test_from_a_link_to_credentials_that_google_takes(home: House) -> None:
    assert finish(home, *consented(home)) == "sam"
    kept = json.loads(kept_alive(home.vaults["sam"]))
    assert kept["scopes"] == list(SCOPES)
    assert home.google.calls[-1].method == "token"


def test_the_token_is_sealed_and_its_text_is_nowhere_in_the_state(home: House) -> None:
    state, answer = consented(home)
    finish(home, state, answer)
    token = json.loads(home.kept() or "")["refresh_token"]
    everything = home.everything()
    for secret in (token, state, answer["code"], "ya29.", "web-client-secret"):
        assert secret.encode() not in everything


def test_a_step_that_is_begun_leaves_neither_state_nor_verifier_in_clear(home: House) -> None:
    _, state = begun(home)
    pending = json.loads(home.vaults["sam"].get("google pending") or "")
    assert state.encode() not in home.everything()
    assert pending["verifier"].encode() not in home.everything()
    assert state not in json.dumps(pending)


def test_the_link_works_once(home: House) -> None:
    link = home.link()
    url, state = begun(home, link=link)
    finish(home, state, at_google(url, home.google.person("sam@example.org")))
    with pytest.raises(Refused, match=NO_LINK):
        begun(home, link=link)


def test_every_other_link_of_the_partner_ends_too_and_no_feed(home: House) -> None:
    other, kims, feed = home.link(), home.link("kim"), home.link("lee", feed=True)
    finish(home, *consented(home))
    tokens = [one.rpartition("/")[2] for one in (other, kims)]
    assert [home.connecting.partner_for(one, home.clock.now()) for one in tokens] == [None, "kim"]
    with home.store.transaction() as tx:
        name = feed.rpartition("/")[2].removesuffix(".ics")
        assert home.doors.partner_for(tx, name, Purpose.FEED, home.clock.now())


def test_a_link_that_has_ended_begins_nothing(home: House) -> None:
    link = home.link()
    home.clock.advance(timedelta(days=14))
    with pytest.raises(Refused, match=NO_LINK):
        begun(home, link=link)


# Regressions by the names of those who met them first: miniflux fc68e336 and b4c97190.


def test_miniflux_oauth2_state_replayed(home: House) -> None:
    state, answer = consented(home)
    finish(home, state, answer)
    before = home.kept()
    with pytest.raises(Refused, match=NOT_OURS[:30]):
        finish(home, state, answer)
    assert home.kept() == before


def test_a_finish_that_is_sent_twice_at_once_succeeds_once(home: House) -> None:
    state, answer = consented(home)

    def press(_: int) -> str:
        try:
            return finish(home, state, answer)
        except Refused as err:
            return str(err)

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(press, range(4)))
    assert sorted(said) == sorted(["sam", NOT_OURS, NOT_OURS, NOT_OURS])
    assert [call.method for call in home.google.calls].count("token") == 1


@pytest.mark.parametrize("state", ["", "0" * 32, "\x00", "x" * 5000])
def test_miniflux_oauth2_state_absent_or_foreign(home: House, state: str) -> None:
    _, answer = consented(home)
    calls = len(home.google.calls)
    with pytest.raises(Refused, match=NOT_OURS[:30]):
        finish(home, state, answer)
    assert nothing_is_stored(home)
    assert len(home.google.calls) == calls


def test_miniflux_oauth2_state_of_the_other_partner_connects_the_other_only(home: House) -> None:
    _, sams = consented(home, "sam")
    kim_state, _ = consented(home, "kim")
    with pytest.raises(Refused):  # Sam's code does not fit the verifier that was made for Kim
        finish(home, kim_state, sams)
    assert nothing_is_stored(home)


def test_two_partners_connect_side_by_side(home: House) -> None:
    sams, kims = consented(home, "sam"), consented(home, "kim")
    assert (finish(home, *sams), finish(home, *kims)) == ("sam", "kim")
    assert home.kept("sam") != home.kept("kim")


def test_a_step_that_is_begun_again_ends_the_one_before(home: House) -> None:
    old, new = consented(home), consented(home)
    with pytest.raises(Refused, match=NOT_OURS[:30]):
        finish(home, *old)
    assert finish(home, *new) == "sam"


def test_a_step_lasts_ten_minutes_and_is_then_gone_for_good(home: House) -> None:
    state, answer = consented(home)
    home.clock.advance(STEP_LASTS)
    with pytest.raises(Refused, match=TOO_LATE):
        finish(home, state, answer)
    home.clock.advance(-SECOND)
    with pytest.raises(Refused, match=NOT_OURS[:30]):
        finish(home, state, answer)
    assert nothing_is_stored(home)


def test_a_step_is_good_until_its_last_second(home: House) -> None:
    state, answer = consented(home)
    home.clock.advance(STEP_LASTS - SECOND)
    assert finish(home, state, answer) == "sam"


def test_a_link_that_is_dropped_meanwhile_stores_nothing(home: House) -> None:
    state, answer = consented(home)
    with home.store.transaction() as tx:
        tx.drop_links("home", "sam", Purpose.CONNECT)
    with pytest.raises(Refused, match=NO_LINK):
        finish(home, state, answer)
    assert nothing_is_stored(home)


def test_who_gives_no_access_is_told_so_and_may_begin_again_with_the_same_link(home: House) -> None:
    link, sam = home.link(), home.google.person("sam@example.org")
    url, state = begun(home, link=link)
    with pytest.raises(Refused, match="did not give access"):
        finish(home, state, at_google(url, sam, denies=True))
    assert nothing_is_stored(home)
    url, state = begun(home, link=link)
    assert finish(home, state, at_google(url, sam)) == "sam"


@pytest.mark.parametrize(("scope", "words"), [(BUSY_TIMES, "seeing when you are busy"), (PLACING, "placing rituals")])
def test_an_unticked_box_stores_nothing_and_is_named(home: House, scope: str, words: str) -> None:
    url, state = begun(home)
    answer = at_google(url, home.google.person("sam@example.org"), unticks=(scope,))
    with pytest.raises(Refused, match=words):
        finish(home, state, answer)
    assert nothing_is_stored(home)


def test_while_google_is_out_of_reach_nothing_is_stored_and_the_link_stays_good(home: House) -> None:
    link, sam = home.link(), home.google.person("sam@example.org")
    url, state = begun(home, link=link)
    answer = at_google(url, sam)
    home.google.fail_next(Fault(503))
    with pytest.raises(Unavailable):
        finish(home, state, answer)
    assert nothing_is_stored(home)
    url, state = begun(home, link=link)
    assert finish(home, state, at_google(url, sam)) == "sam"


def test_a_key_that_one_partner_lost_does_not_stand_in_the_other_s_way(home: House) -> None:
    begun(home, "kim")
    sams = consented(home, "sam")
    home.keys.destroy("home/kim")
    assert finish(home, *sams) == "sam"


def test_a_reconnect_mends_everything(home: House) -> None:
    later = home.clock.now() + timedelta(days=1)
    finish(home, *consented(home))
    note_dead(home.vaults["sam"], home.kept() or "")
    entries = {who: event_for(who, home) for who in ("sam", "kim")}
    with home.store.transaction() as tx:
        for name in (looks_note, cut_note, trouble_note):
            tx.set_note("home", name("sam"), "something")
            tx.set_note("home", name("kim"), "something")
        for one in entries.values():
            tx.want(replace(one, due_at=later))
    finish(home, *consented(home))
    kept_alive(home.vaults["sam"])
    assert [home.note(name("sam")) for name in (looks_note, cut_note, trouble_note)] == ["", "", ""]
    assert [home.note(name("kim")) for name in (looks_note, cut_note, trouble_note)] == ["something"] * 3
    with home.store.transaction() as tx:
        due = {one.partner: one.due_at for one in tx.outbox("home")}
    assert due == {"sam": home.clock.now(), "kim": later}


def test_a_token_that_google_let_go_of_stays_dead_until_the_partner_is_back(home: House) -> None:
    finish(home, *consented(home))
    note_dead(home.vaults["sam"], home.kept() or "")
    with pytest.raises(Disconnected):
        kept_alive(home.vaults["sam"])
    begun(home)
    with pytest.raises(Disconnected):
        kept_alive(home.vaults["sam"])


def event_for(partner: str, home: House) -> OutboxEntry:
    now = home.clock.now()
    return OutboxEntry(
        key=f"key-{partner}", couple="home", partner=partner, kind=EffectKind.EVENT, ref="coffee/2026-W48#0",
        due_at=now, wanted_at=now,
    )  # fmt: skip
