"""Claims about the mailbox, at a real mail server: each e-mail is sealed once and then removed, whatever happens."""

import asyncio
import imaplib
import logging
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from recruit import alarms, check, eml, jobs
from recruit.incoming import mailbox, service
from recruit.incoming.mailbox import Mailbox
from recruit.settings import Settings, SettingsInvalid, read
from recruit.site import Site
from tests import factories
from tests.browsing import Client
from tests.conftest import Time
from tests.hiring.helping import rows
from tests.incoming.dovecot import PASSWORD, USER, Dovecot
from tests.incoming.test_incoming import eml as mail


@pytest.fixture
def server() -> Iterator[Dovecot]:
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="imap-", dir=memory if os.access(memory, os.W_OK) else "/tmp"))
    made = Dovecot(folder)
    made.start()
    yield made
    made.stop()
    shutil.rmtree(folder)


@pytest.fixture
def settings(settings: Settings, server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    password = tmp_path / "password"
    password.write_text(f"{PASSWORD}\n", "utf-8")
    return msgspec.structs.replace(settings, imap=server.imap, imap_password_file=password)


@pytest_asyncio.fixture
async def read_in(site: Site, time: Time) -> AsyncIterator[Any]:
    """One round, a minute after the last one."""

    async def once(site: Site = site) -> dict[str, int]:
        return {name: n for name, n in (await jobs.read_mailbox(site, time.forward(minutes=1))).items() if n}

    yield once


def gone(box: Mailbox, uids: list[int]) -> None:
    if uids:
        raise mailbox.Away("unreachable")


async def test_each_mail_is_sealed_once_and_removed_whatever_happens_in_between(
    site: Site, server: Dovecot, time: Time, read_in: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG, "recruit")
    ola = await factories.application(site, time.now, await factories.vacancy(site, time.now))
    assert await read_in() == {}
    server.put(mail("Fra Ola"), mail("Ukjent", From="x@example.net"), mail("Syk", Auto_Submitted="auto-replied"))
    assert await read_in() == {"sealed": 1, "waiting": 2}
    assert server.count() == 0
    assert [(row["unit"] == ola, row["mark"]) for row in await rows(site, "received_mail")].count((False, "")) == 1

    server.put(mail("To", From="y@example.net"), mail("Tre", From="z@example.net"))
    with monkeypatch.context() as cut:  # the line is cut after the sealing: nothing could be removed
        cut.setattr(Mailbox, "remove", gone)
        assert await read_in() == {"waiting": 1}
        assert (await mailbox.progress(site)).fault == "unreachable"
    assert server.count() == 2
    assert await read_in() == {"waiting": 1}
    assert (server.count(), await service.count(site)) == (0, 4)

    server.put(mail("Fire", From="v@example.net"))
    with monkeypatch.context() as cut:  # the process dies in the transaction that seals it
        cut.setattr(service.audit, "record", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            await jobs.read_mailbox(site, time.forward(minutes=1))
    assert (server.count(), await service.count(site)) == (1, 4)
    assert await read_in() == {"waiting": 1}
    assert (server.count(), await service.count(site)) == (0, 5)
    assert not {"Ola", "example", "Fire", PASSWORD} & set(caplog.text.replace("@", " ").split())


def but(site: Site, **settings: Any) -> Site:
    """The same installation, set otherwise."""
    return replace(site, settings=msgspec.structs.replace(site.settings, **settings))


async def test_several_workers_share_one_mailbox(site: Site, server: Dovecot, time: Time) -> None:
    server.put(*(mail(str(n), From=f"n{n}@example.net") for n in range(5)))
    rounds = await asyncio.gather(*(jobs.read_mailbox(site, time.now) for _ in range(4)))
    assert sorted(sum(counts.values()) for counts in rounds) == [0, 0, 0, 5]
    assert (server.count(), await service.count(site)) == (0, 5)
    server.put(mail("en", From="a@example.net"))
    turn = await mailbox._begin(site, time.now)
    assert (await jobs.read_mailbox(site, time.now))["waiting"] == 1
    with pytest.raises(mailbox.Overtaken):  # whoever held on to an older progress seals nothing
        await turn.keep(last=99)


async def test_a_mailbox_that_keeps_its_mail_is_a_copy_outside_and_nothing_comes_twice(
    site: Site, server: Dovecot, time: Time, read_in: Any
) -> None:
    site = but(site, imap_keep=True)
    ola = await factories.application(site, time.now, await factories.vacancy(site, time.now))
    server.put(mail("Fra Ola"), mail("Ukjent", From="x@example.net"))
    assert await read_in(site) == {"sealed": 1, "waiting": 1}
    assert (await read_in(site), server.count()) == ({}, 2)
    copies = {row["unit"]: row["channel"] for row in await rows(site, "disclosure", recipient="mailbox")}
    assert copies.keys() == {row["unit"] for row in await rows(site, "received_mail")}
    assert copies[ola] == "mailbox"
    await asyncio.to_thread(server.make_anew)
    assert await read_in(site) == {"known": 1, "waiting": 1}, "the same mails under new numbers"
    assert (len(await rows(site, "received_mail")), await service.count(site)) == (2, 1)


async def test_what_can_not_be_taken_in_stays_there_and_is_said(
    site: Site, client: Client, server: Dovecot, time: Time, read_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await factories.sign_in(client, site, await factories.staff(site, time.now, "recruiter"))
    monkeypatch.setattr(mailbox, "MAX_BYTES", 5_000)
    server.put(mail("x" * 6_000), mail("Gift", From="p@example.net"), mail("Etter", From="q@example.net"))
    whole = eml.read

    def poisoned(data: bytes) -> eml.Letter:
        if b"p@example.net" in data:
            raise RuntimeError("p@example.net")
        return whole(data)

    monkeypatch.setattr(eml, "read", poisoned)
    assert await read_in() == {"left": 1}
    assert (await mailbox.progress(site)).fault == "store"
    assert await read_in() == {"left": 1, "waiting": 1}
    state = await mailbox.progress(site)
    assert (state.fault, len(state.left), server.count()) == ("", 2, 2)
    assert (await alarms.levels(site, time.now))["mailbox_left"] == 2
    assert "2 e-mails were left in the mailbox." in (await client.get("/incoming")).text
    with monkeypatch.context() as cut:  # a message that the server does not show for once is not taken for gone
        cut.setattr(Mailbox, "fetch", lambda box, uid: None)
        server.put(mail("Skjult", From="r@example.net"))
        assert await read_in() == {"left": 1}
    for _ in range(2):
        assert (await read_in(), server.count()) == ({}, 3)
    with server.client() as imap:
        imap.select("INBOX")
        imap.store("1:*", "+FLAGS", r"(\Deleted)")
        imap.expunge()
    await read_in()
    assert (await mailbox.progress(site)).left == []


async def test_a_mailbox_that_can_not_be_read_says_why_and_alarms(
    site: Site, client: Client, server: Dovecot, time: Time, read_in: Any, caplog: Any
) -> None:
    await factories.sign_in(client, site, await factories.staff(site, time.now, "recruiter"))

    async def stands(site: Site = site) -> tuple[str, int, bool]:
        (found,) = await check.mailbox_readable(site, time.now)
        return (await mailbox.progress(site)).fault, (await alarms.levels(site, time.now))["mailbox"], found.ok

    assert (await alarms.levels(site, time.now))["mailbox"] == 1, "not read yet"
    await read_in()
    assert await stands() == ("", 0, True)
    password = site.settings.imap_password_file
    assert password is not None
    password.write_text("wrong")
    await read_in()
    assert await stands() == ("refused", 1, False)
    assert "refuses the name or the password" in (await client.get("/incoming")).text
    password.write_text(PASSWORD)
    assert (await read_in(), (await mailbox.progress(site)).fault) == ({}, "refused"), "it rests"
    time.forward(minutes=15)
    await read_in()
    assert await stands() == ("", 0, True)
    elsewhere = but(site, imap=server.imap.replace("INBOX", "Ikke her"))
    await read_in(elsewhere)
    assert await stands(elsewhere) == ("folder", 1, False)
    await asyncio.to_thread(server.stop)
    await read_in()
    assert await stands() == ("unreachable", 0, False), "an hour of grace"
    time.forward(hours=2)
    assert (await stands())[1] == 1
    assert (await stands(but(site, imap="")))[1:] == (0, True)
    assert USER not in caplog.text


async def test_no_password_goes_to_a_server_that_is_not_trusted(
    settings: Settings, server: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = f"imaps://{USER}@127.0.0.1:{server.tls_port}"

    def fault(imap: str) -> str:
        return mailbox.look(msgspec.structs.replace(settings, imap=imap))

    monkeypatch.delenv("SSL_CERT_FILE")
    assert await asyncio.to_thread(fault, tls) == "certificate"
    assert await asyncio.to_thread(fault, server.imap) == "certificate", "STARTTLS, where it is offered"
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    assert await asyncio.to_thread(fault, tls) == ""
    assert await asyncio.to_thread(fault, server.imap) == ""
    monkeypatch.setattr(imaplib.IMAP4, "capabilities", ("IMAP4REV1",), raising=False)
    monkeypatch.setattr(imaplib.IMAP4, "_get_capabilities", lambda _: None)
    monkeypatch.setattr(mailbox, "_NEAR", ())
    assert await asyncio.to_thread(fault, server.imap) == "no_tls"


@pytest.mark.parametrize(
    "given",
    [
        {"RECRUIT_IMAP": "imaps://host/INBOX"},
        {"RECRUIT_IMAP": "pop3://me:secret@host"},
        {"RECRUIT_IMAP": "imaps://me@host"},
        {"RECRUIT_IMAP": "imaps://me:secret@host:nowhere"},
        {"RECRUIT_IMAP": "imaps://me:secret@host", "RECRUIT_IMAP_PASSWORD_FILE": "/run/secret"},
    ],
)
def test_a_half_set_mailbox_stops_the_program(given: dict[str, str]) -> None:
    with pytest.raises(SettingsInvalid):
        read(given)
