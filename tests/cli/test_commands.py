"""The commands as a shell sees them: exit status, what stands on which stream, JSON that is JSON."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from recruit import backup, check
from recruit.__main__ import main
from recruit.accounts.staff import by_email
from recruit.documents import confined
from recruit.documents.confined import Confinement
from recruit.employer import set_employer, set_policy
from recruit.retention.rules import Policy
from recruit.settings import Settings, read
from recruit.site import Site
from tests import factories
from tests.conftest import EMPLOYER, Time

Run = Callable[..., int]


@pytest.fixture
def recovery(tmp_path: Path) -> str:
    secret, recipient = backup.make_recovery_key()
    (tmp_path / "recovery").write_text(secret + "\n")
    return recipient


@pytest.fixture
def file(tmp_path: Path, recovery: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings file, and no setting from the environment."""
    for name in Settings.__struct_fields__:
        monkeypatch.delenv(f"RECRUIT_{name.upper()}", raising=False)
    monkeypatch.setattr(confined, "confinement", lambda: Confinement((), ()))
    monkeypatch.setattr(check, "_a_font", lambda folders: True)
    written = tmp_path / "recruit.env"
    written.write_text(
        f"RECRUIT_DATA={tmp_path}/data\nRECRUIT_HOLDERS={tmp_path}/keys\nRECRUIT_BACKUPS={tmp_path}/backups\n"
        f"RECRUIT_SMTP=maildir:{tmp_path}/mail\nRECRUIT_RECOVERY_RECIPIENT={recovery}\n"
    )
    return written


@pytest.fixture
def recruit(file: Path, time: Time) -> Run:
    def act(*words: str | Path) -> int:
        return main(["--settings", str(file), *map(str, words)])

    return act


@pytest.fixture
def found(file: Path, time: Time) -> None:
    """The first run is done, and one application is closed."""

    async def act() -> None:
        site = await Site.open(read({}, str(file)))
        await set_employer(site, EMPLOYER, None, time.now)
        await set_policy(site, Policy(), None, time.now)
        await factories.staff(site, time.now, "admin", "recruiter", "dpo")
        vacancy = await factories.vacancy(site, time.now)
        await factories.application(site, time.now, vacancy, closed=time.now)
        await site.close()

    asyncio.run(act())


def rows(file: Path, sql: str) -> list[dict[str, object]]:
    async def act() -> list[dict[str, object]]:
        site = await Site.open(read({}, str(file)))
        try:
            return await site.records.run_sql(sql)
        finally:
            await site.close()

    return asyncio.run(act())


def test_a_setting_that_is_none_ends_with_2_and_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.env"
    broken.write_text("RECRUIT_MOON=full\n")
    assert main(["--settings", str(broken), "check"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "RECRUIT_MOON" in told.err
    assert len(told.err.splitlines()) == 1


def test_an_unknown_command_ends_with_2() -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["shine"])
    assert stopped.value.code == 2


def test_check_ends_with_1_where_something_is_red_and_speaks_json(
    recruit: Run, found: None, time: Time, capsys: pytest.CaptureFixture[str]
) -> None:
    assert recruit("check", "--json") == 0
    capsys.readouterr()
    time.forward(hours=3)
    assert recruit("check", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert [each["key"] for each in told if not each["ok"]] == ["mail_backlog"]


def test_a_dry_run_says_what_is_due_and_changes_nothing(
    recruit: Run, file: Path, found: None, time: Time, capsys: pytest.CaptureFixture[str]
) -> None:
    time.forward(days=20)
    before = rows(file, "SELECT count(*) AS n FROM purge_notice"), rows(file, "SELECT count(*) AS n FROM run")
    assert recruit("purge", "--dry-run", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["rule"] for row in [*told["due"], *told["later"]]] == ["L4"]
    assert before == (rows(file, "SELECT count(*) AS n FROM purge_notice"), rows(file, "SELECT count(*) AS n FROM run"))
    assert len(rows(file, "SELECT id FROM application")) == 1


def test_a_purge_by_hand_leaves_its_row_and_ends_with_1_when_it_waits(
    recruit: Run, file: Path, found: None, time: Time, capsys: pytest.CaptureFixture[str]
) -> None:
    assert recruit("purge") == 0
    assert [row["job"] for row in rows(file, "SELECT job FROM run")] == ["purge"]
    capsys.readouterr()
    time.forward(days=20)
    assert recruit("purge", "--json") == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["waiting"] == "clock_jumped"


def test_an_archive_brings_the_installation_back(
    recruit: Run, file: Path, found: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert recruit("backup", tmp_path / "away", "--json") == 0
    made = json.loads(capsys.readouterr().out)
    assert Path(made["path"]).is_file()
    assert recruit("restore", tmp_path / "away", "--recovery-key-file", tmp_path / "recovery") == 2
    assert "holds an installation" in capsys.readouterr().err
    (tmp_path / "data").rename(tmp_path / "lost")
    assert recruit("restore", tmp_path / "away", "--recovery-key-file", tmp_path / "recovery") == 0
    assert len(rows(file, "SELECT id FROM application")) == 1


def test_ledger_and_keys_tell_how_they_stand(
    recruit: Run, found: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert recruit("keys", "rotate") == 0
    capsys.readouterr()
    assert recruit("keys", "status", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["epoch"], told["sound"]) == (2, True)
    assert recruit("ledger", "verify") == 0
    (tmp_path / "keys" / "ledger.jsonl").write_bytes(b"")
    capsys.readouterr()
    assert recruit("ledger", "verify", "--json") == 0, "opening gives a holder back what it lacks"


def test_a_file_that_is_no_receipt_ends_with_1(
    recruit: Run, found: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.7 nothing")
    assert recruit("receipt", "verify", tmp_path / "x.pdf", "--json") == 1
    assert json.loads(capsys.readouterr().out)["valid"] is False
    assert recruit("receipt", "verify", tmp_path / "not-there.pdf") == 2


def test_staff_are_added_and_let_back_in(
    recruit: Run, file: Path, found: None, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("staff", "add", "--name", "Ola", "--email", "ola@fjordlys.example", "--role", "recruiter")
    assert recruit(*words) == 0
    assert "/password/reset/" in capsys.readouterr().out
    assert recruit(*words) == 2
    assert recruit("staff", "reset", "ola@fjordlys.example") == 0
    assert recruit("staff", "reset", "nobody@fjordlys.example") == 2
    assert "nobody@fjordlys.example" in capsys.readouterr().err

    async def account() -> tuple[str, ...]:
        site = await Site.open(read({}, str(file)))
        try:
            found = await by_email(site, "ola@fjordlys.example")
            assert found
            return found.roles
        finally:
            await site.close()

    assert asyncio.run(account()) == ("recruiter",)


def test_serve_ends_with_2_where_the_port_is_taken(
    recruit: Run, capsys: pytest.CaptureFixture[str], file: Path
) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        file.write_text(file.read_text() + f"RECRUIT_PORT={taken.getsockname()[1]}\n")
        assert recruit("serve") == 2
    assert "can't be listened on" in capsys.readouterr().err
