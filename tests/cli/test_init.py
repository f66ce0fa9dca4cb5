"""`recruit init`: nothing overwritten unasked, the recovery key proved, the files as deploy/ shows them."""

import re
from pathlib import Path

import pytest

from recruit import initialising
from recruit.initialising import AnswerMissing, FileOfAnswers, Machine
from recruit.settings import Settings, SettingsInvalid, read
from tests.contracts.house import ROOT


class Person:
    """At a terminal: answers in order of the questions' names, and everything that was said."""

    attended = True

    def __init__(self, **answers: str) -> None:
        self.answers, self.said = answers, []

    def ask(self, name: str, question: str, default: str | None = None, secret: bool = False) -> str:
        if name == "recovery_proof":
            (shown,) = re.findall(r"AGE-SECRET-KEY-\w+", "\n".join(self.said))
            tries = sum("not how it ends" in line for line in self.said)
            return shown[-6:] if tries else "xxxxxx"
        answer = self.answers.get(name, default)
        assert answer is not None, name
        return answer

    def say(self, text: str) -> None:
        self.said.append(text)


def machine(tmp_path: Path) -> Machine:
    return Machine(
        tmp_path / "etc",
        tmp_path / "data",
        tmp_path / "keys",
        tmp_path / "backups",
        tmp_path / "units",
        "me",
        "/bin/true",
    )


ANSWERS = {"public_url": "https://jobb.example.no/", "smtp": "smtp://localhost", "mail_from": "jobb@example.no"}


def test_the_recovery_key_is_shown_once_and_only_its_public_part_is_kept(tmp_path: Path) -> None:
    person = Person(**ANSWERS)
    given = initialising.asked_settings(person, machine(tmp_path), None)
    assert given.recovery_recipient.startswith("age1")
    assert any("not how it ends" in line for line in person.said), "a wrong proof passed"
    text = initialising.settings_text(given)
    assert "AGE-SECRET-KEY" not in text
    path = tmp_path / "recruit.env"
    assert initialising.write(person, path, text, secret=True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read({}, str(path)) == given


def test_a_second_run_keeps_what_was_answered(tmp_path: Path) -> None:
    first = initialising.asked_settings(Person(**ANSWERS), machine(tmp_path), None)
    again = initialising.asked_settings(Person(), machine(tmp_path), first)
    assert again == first


async def test_a_mailbox_is_asked_for_tried_and_kept_by_a_second_run(tmp_path: Path) -> None:
    secret = tmp_path / "imap"
    secret.write_text("p")
    url = {"imap": "imap://kari@127.0.0.1:1/INBOX"}
    asked = Person(**ANSWERS, **url, imap_password_file=str(secret), imap_keep="yes")
    first = initialising.asked_settings(asked, machine(tmp_path), None)
    assert (first.imap, first.imap_password_file, first.imap_keep) == (url["imap"], secret, True)
    path = tmp_path / "recruit.env"
    assert initialising.write(Person(), path, initialising.settings_text(first), secret=True)
    again = initialising.asked_settings(Person(), machine(tmp_path), initialising.stored(path))
    assert again == first
    person = Person()
    assert not await initialising.mailbox_tried(person, again)
    assert "The mail server does not answer." in person.said[0]
    none = initialising.asked_settings(Person(imap="none"), machine(tmp_path), again)
    assert (none.imap, none.imap_password_file) == ("", None)
    assert await initialising.mailbox_tried(person, none)
    with pytest.raises(SettingsInvalid, match="imaps://"):
        initialising.asked_settings(
            Person(**ANSWERS, imap="imap://post.example.no", imap_password_file="x"), machine(tmp_path), None
        )


def test_another_file_is_not_overwritten_unasked(tmp_path: Path) -> None:
    path = tmp_path / "nginx.conf"
    path.write_text("mine")
    assert not initialising.write(Person(), path, "other")
    assert path.read_text() == "mine"
    assert initialising.write(Person(overwrite="yes"), path, "other")
    assert path.read_text() == "other"


def test_unattended_what_has_no_default_must_be_answered(tmp_path: Path) -> None:
    with pytest.raises(AnswerMissing, match="public_url"):
        initialising.asked_settings(FileOfAnswers(""), machine(tmp_path), None)
    text = "\n".join(f"{name} = {value}" for name, value in ANSWERS.items())
    with pytest.raises(AnswerMissing, match="recovery_key_file"):
        initialising.asked_settings(FileOfAnswers(text), machine(tmp_path), None)
    kept = tmp_path / "recovery"
    given = initialising.asked_settings(FileOfAnswers(f"{text}\nrecovery_key_file = {kept}"), machine(tmp_path), None)
    assert kept.read_text().startswith("AGE-SECRET-KEY")
    assert given.public_url == "https://jobb.example.no"


def test_settings_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    person = Person(**ANSWERS | {"backup_mode": "strict"})
    with pytest.raises(SettingsInvalid, match="strict"):
        initialising.asked_settings(person, machine(tmp_path), None)


def test_without_an_employer_the_first_run_page_is_left_to_ask() -> None:
    assert initialising.asked_first_run(Person()) is None


def test_a_weak_password_is_refused_unattended() -> None:
    answers = (
        "employer = A\nnumber = 1\naddress = B\ncontact_email = a@b.no\ndpo_name = L\ndpo_email = l@b.no\n"
        "account_email = k@b.no\naccount_name = K\naccount_password = short\n"
    )
    with pytest.raises(AnswerMissing, match="account_password"):
        initialising.asked_first_run(FileOfAnswers(answers))


def made() -> dict[str, str]:
    usual = initialising.this_machine(True, "/opt/recruit/bin/recruit")
    given = Settings(
        public_url="https://recruit.example.com", data=usual.data, holders=(usual.holders,), backups=usual.backups
    )
    return {path.name: text for path, text in initialising.files(given, usual.etc / "recruit.env", usual).items()}


def test_deploy_shows_what_init_writes() -> None:
    for name, text in made().items():
        assert (ROOT / "deploy" / name).read_text("utf-8") == text, f"deploy/{name} differs from what init writes"


@pytest.mark.parametrize("unit", sorted(initialising.UNITS))
def test_the_units_leave_the_confinement_of_documents_what_it_needs(unit: str) -> None:
    text = made()[unit]
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert not [line for line in lines if line.startswith(("RestrictNamespaces", "PrivateUsers"))]
    allowed = " ".join(line for line in lines if line.startswith("SystemCallFilter="))
    for call in ("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "seccomp", "unshare"):
        assert call in allowed
    assert "~" not in allowed


async def test_a_test_mail_that_does_not_leave_is_said(tmp_path: Path) -> None:
    person = Person(test_mail="me@example.no")
    dead = Settings(smtp="smtp://127.0.0.1:1")
    assert not await initialising.test_mail(person, dead)
    assert any("did not leave" in line for line in person.said)
    assert await initialising.test_mail(person, Settings(smtp=f"maildir:{tmp_path / 'mail'}"))
