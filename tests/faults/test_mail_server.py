"""The mail server is down, slow, refuses for now or for good, or breaks off: no mail is lost. A second copy exists only
where an answer was lost, or the process died between the server's yes and its own commit, and has the same Message-ID.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import Message
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from recruit import audit, mail
from recruit.settings import Settings
from recruit.site import Site
from tests import factories
from tests.conftest import EMPLOYER, Time
from tests.faults.boundaries import Died

FOR_NOW, FOR_GOOD = ("down", "slow", "closed", "450 RCPT", "451 DATA", "cut"), ("550 RCPT", "552 DATA")


class MailServer:
    """Speaks SMTP on a port of this machine; `fault` says how it misbehaves, `taken` is what it has said yes to."""

    def __init__(self) -> None:
        self.fault = ""
        self.taken: list[Message] = []
        self._served: asyncio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        self._served = await asyncio.start_server(self._talk, "127.0.0.1", self.port)
        self.port = self._served.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._served:
            self._served.close()
            self._served = None

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.fault == "slow":
            await asyncio.sleep(3)
        writer.write(b"554 not now\r\n" if self.fault == "closed" else b"220 here\r\n")
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                if not await self._answer(line[:4].strip().upper().decode(), reader, writer):
                    break
        writer.close()

    async def _answer(self, verb: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        code, _, where = self.fault.partition(" ")
        if verb == "DATA":
            writer.write(b"354 go on\r\n")
            said = await reader.readuntil(b"\r\n.\r\n")
            if self.fault == "cut":
                self.taken.append(message_from_bytes(said))
                return False
            if where != "DATA":
                self.taken.append(message_from_bytes(said))
        writer.write(f"{code if where == verb else '221' if verb == 'QUIT' else '250'} said\r\n".encode())
        return verb != "QUIT"


@pytest_asyncio.fixture
async def server() -> AsyncIterator[MailServer]:
    started = MailServer()
    await started.start()
    yield started
    await started.stop()


@pytest.fixture
def settings(settings: Settings, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(mail, "_PATIENCE", 1.0)
    return msgspec.structs.replace(settings, smtp=f"smtp://127.0.0.1:{server.port}")


async def _queue(site: Site, name: str, time: Time) -> None:
    key = await site.keyring.key(await factories.staff(site, time.now, "dpo", email=f"{name}@example.org"))
    given: dict[str, Any] = {"name": "", "employer": EMPLOYER, "url": "http://testserver.local/"}
    await mail.queue(site, key, name, "password_reset", "nb", f"{name}@example.org", time.now, **given)


async def _deliver(site: Site, time: Time) -> dict[str, int]:
    transport = mail.transport_of(site)
    assert transport
    return await mail.deliver(site, transport, time.now)


async def _misbehaving(site: Site, server: MailServer, time: Time, fault: str) -> tuple[str, int]:
    """What the first try of a mail came to, and how many copies there are once the server is well again."""
    name = fault.replace(" ", ".")
    await _queue(site, name, time)
    server.fault = fault
    if fault == "down":
        await server.stop()
    counts = await _deliver(site, time)
    server.fault = ""
    if fault == "down":
        await server.start()
    await _deliver(site, time)  # too early: it waits
    time.forward(minutes=2)
    await _deliver(site, time)
    time.forward(days=1)
    assert await _deliver(site, time) == dict.fromkeys(counts, 0)
    copies = [message for message in server.taken if str(message["To"]) == f"{name}@example.org"]
    assert len({str(message["Message-ID"]) for message in copies}) <= 1
    return next(what for what, n in counts.items() if n), len(copies)


async def test_whatever_a_mail_server_does_every_mail_arrives_once_or_is_known_to_be_refused(
    site: Site, server: MailServer, time: Time
) -> None:
    came = {fault: await _misbehaving(site, server, time, fault) for fault in (*FOR_NOW, *FOR_GOOD)}
    print(f"interrupted {sum(what != 'sent' for what, _ in came.values())} of {len(came)}")
    assert {fault: what for fault, (what, _) in came.items()} == dict.fromkeys(FOR_NOW, "delayed") | dict.fromkeys(
        FOR_GOOD, "refused"
    )
    arrived = {fault: copies for fault, (_, copies) in came.items()}
    assert arrived == dict.fromkeys(FOR_NOW, 1) | {"cut": 2} | dict.fromkeys(FOR_GOOD, 0)


async def test_who_dies_between_the_servers_yes_and_the_commit_sends_again_under_the_same_message_id(
    site: Site, server: MailServer, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def died(*_: Any, **__: Any) -> None:
        raise Died

    await _queue(site, "once", time)
    with monkeypatch.context() as patch:
        patch.setattr(audit, "record", died)
        with pytest.raises(Died):
            await _deliver(site, time)
    assert (await _deliver(site, time))["sent"] == 0, "the lease was not kept"
    time.forward(minutes=6)
    assert (await _deliver(site, time))["sent"] == 1
    assert len(server.taken) == 2
    assert len({str(message["Message-ID"]) for message in server.taken}) == 1
