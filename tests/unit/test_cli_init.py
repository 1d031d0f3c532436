"""`rituals init`: a handful of questions, and a file that works."""

import stat
from pathlib import Path

import pytest

from scheduler.content.assets import Assets
from scheduler.settings import MaildirOut, SmtpOut, load
from tests.build import file_of
from tests.cli import rituals

SAM, KIM = "Sam,sam@example.org,Europe/Berlin", "Kim,kim@example.org,Europe/London,kim.ics"
ANSWERS = ["Sam", "sam@example.org", "Europe/Berlin", "", "Kim", "kim@example.org", "Europe/London", "kim.ics", "", ""]


def typed(*answers: str) -> str:
    return "\n".join(answers) + "\n"


def test_the_answers_become_a_file_that_loads(tmp_path: Path) -> None:
    file = tmp_path / "couple.toml"
    answer = rituals("init", file, said=typed(*ANSWERS))
    assert answer.exit_code == 0
    settings = load(file, Assets())
    assert [(one.name, one.address, one.zone.key) for one in settings.couple.partners] == [
        ("Sam", "sam@example.org", "Europe/Berlin"),
        ("Kim", "kim@example.org", "Europe/London"),
    ]
    assert settings.busy["sam"] == ()
    assert [file_of(one) for one in settings.busy["kim"]] == [tmp_path / "kim.ics"]
    assert isinstance(settings.mail.route, MaildirOut)


def test_it_says_what_to_do_next_with_the_file_s_name(tmp_path: Path) -> None:
    file = tmp_path / "couple.toml"
    said = rituals("init", file, said=typed(*ANSWERS)).stdout
    for step in ("doctor", "join Sam", "join Kim", "run"):
        assert f"rituals {step} --config {file}" in said


@pytest.mark.parametrize(
    ("place", "bad", "complaint"),
    [
        (0, "", None),
        (1, "sam@", '"sam@" is not an email address'),
        (2, "Berlin", 'did you mean "Europe/Berlin"?'),
        (3, "https://example.org/sam.ics", "is an address"),
        (4, "sam", "is the other partner's"),
        (5, "SAM@example.org", "is the other partner's"),
        (8, "mail example", "is not the name of a server"),
    ],
)
def test_a_bad_answer_is_asked_again_at_once(tmp_path: Path, place: int, bad: str, complaint: str | None) -> None:
    answers = [*ANSWERS[:place], bad, *ANSWERS[place:]]
    answer = rituals("init", tmp_path / "couple.toml", said=typed(*answers))
    assert answer.exit_code == 0
    assert complaint is None or complaint in answer.output


def test_an_existing_file_is_never_touched(tmp_path: Path) -> None:
    file = tmp_path / "couple.toml"
    file.write_text("mine")
    answer = rituals("init", file, "--yes", "--partner", SAM, "--partner", KIM)
    assert answer.exit_code == 1
    assert "already there" in answer.stderr
    assert file.read_text() == "mine"


def test_options_answer_every_question(tmp_path: Path) -> None:
    file = tmp_path / "couple.toml"
    mail = ("--smtp-host", "mail.example.org", "--sender", "rituals@example.org", "--contact", "Ask Robin")
    answer = rituals("init", file, "--yes", "--partner", SAM, "--partner", KIM, *mail)
    assert answer.exit_code == 0
    settings = load(file, Assets())
    assert isinstance(settings.mail.route, SmtpOut)
    assert settings.mail.route.host == "mail.example.org"
    assert (settings.mail.sender_address, settings.mail.contact) == ("rituals@example.org", "Ask Robin")
    assert "want a login" in answer.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "Name of the first partner: nothing was given"),
        (("--partner", SAM), "needed twice"),
        (("--partner", SAM, "--partner", "Kim"), "with commas between"),
        (("--partner", SAM, "--partner", SAM), "the other partner's"),
        (("--partner", SAM, "--partner", KIM.replace("London", "Londn")), 'did you mean "Europe/London"?'),
        (("--partner", SAM, "--partner", KIM, "--smtp-host", "mail.example.org"), "mails come from: nothing was given"),
    ],
)
def test_what_cannot_be_asked_and_is_not_good_writes_nothing(
    tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    answer = rituals("init", tmp_path / "couple.toml", "--yes", *options)
    assert answer.exit_code == 2
    assert said in answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_could_not_be_used_does_not_stay(tmp_path: Path) -> None:
    partners = ("--partner", "J R,jr@example.org,Europe/Berlin", "--partner", "J-R,rj@example.org,Europe/Berlin")
    answer = rituals("init", tmp_path / "couple.toml", "--yes", *partners)
    assert answer.exit_code == 78
    assert 'known as "j-r" too' in answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    file = tmp_path / "couple.toml"
    rituals("init", file, "--yes", "--partner", SAM, "--partner", KIM)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_folder_that_is_not_there_is_said_before_any_question(tmp_path: Path) -> None:
    answer = rituals("init", tmp_path / "gone" / "couple.toml")
    assert answer.exit_code == 1
    assert "is not there; make it first" in answer.stderr
