"""The app as people meet it: a real server on a port of its own, in the test's process so that the clock can be moved.

Guards that mail leaves only into a folder of the test, and that the server is gone when the test ends.
"""

import asyncio
import mailbox
import os
import re
import socket
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any, TypeVar, cast

import uvicorn
from litestar import Litestar

from recruit import clock, jobs
from recruit.app import create_app
from recruit.settings import Settings
from recruit.site import Site
from tests.conftest import Time

T = TypeVar("T")
PATIENCE = 60
_NIGHTLY = ("purge", "reminders")


@dataclass(frozen=True)
class Letter:
    """A mail as it arrived; `text` is its plain part."""

    to: str
    subject: str
    text: str

    def link(self, path: str) -> str:
        """The one address in it whose path begins so."""
        found = sorted(set(re.findall(rf"https?://[^\s)]+?{path}/[^\s)]+", self.text)))
        assert len(found) == 1, f"{len(found)} links to {path} in “{self.subject}”"
        return cast(str, found[0])


class Installation:
    """A served installation. `do` runs a coroutine where the app runs; `night` lets one day pass."""

    def __init__(self, time: Time, settings_at: Callable[[int], Settings]) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        port = self._socket.getsockname()[1]
        self.host, self.time, self.settings = f"127.0.0.1:{port}", time, settings_at(port)
        self.app: Litestar = create_app(self.settings)
        self._loop = asyncio.new_event_loop()
        config = uvicorn.Config(self.app, log_level="error", lifespan="on", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def site(self) -> Site:
        return cast(Site, self.app.state.site)

    def __enter__(self) -> "Installation":
        self._thread.start()
        for _ in range(PATIENCE * 20):
            if self._server.started or not self._thread.is_alive():
                break
            threading.Event().wait(0.05)
        assert self._server.started, "the server does not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the server does not stop"
        self._loop.close()

    def do(self, act: Coroutine[Any, Any, T]) -> T:
        answer: Future[T] = asyncio.run_coroutine_threadsafe(act, self._loop)
        return answer.result(PATIENCE)

    def letters(self, to: str, template_subject: str = "") -> list[Letter]:
        """What was sent to an address so far, the oldest first; the outbox is emptied before."""
        self.do(jobs.send_mail(self.site, clock.now()))
        folder = mailbox.Maildir(self.settings.smtp.removeprefix("maildir:"), create=True)
        arrived = sorted(folder.items(), key=lambda item: _order(item[0]))
        found = [_letter(message) for _, message in arrived]
        return [letter for letter in found if letter.to == to and template_subject in letter.subject]

    def night(self) -> None:
        """A day passes, and what runs every night has run."""
        self.time.forward(days=1)
        for name in _NIGHTLY:
            self.do(jobs.run_job(self.site, name, clock.now()))
            self.do(jobs.send_mail(self.site, clock.now()))

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._server.serve(sockets=[self._socket]))


def settings_in(folder: Path) -> Callable[[int], Settings]:
    """All of an installation under one folder, its mail in a mailbox of that folder."""

    def at(port: int) -> Settings:
        return Settings(
            data=folder / "data",
            holders=(folder / "keys",),
            backups=folder / "backups",
            public_url=f"http://127.0.0.1:{port}",
            smtp=f"maildir:{folder / 'mail'}",
        )

    return at


def _order(name: str) -> int:
    found = re.search(r"Q(\d+)\.", name)
    return int(found[1]) if found else 0


def _letter(message: Message) -> Letter:
    plain = next(part for part in message.walk() if part.get_content_type() == "text/plain")
    text = cast(bytes, plain.get_payload(decode=True)).decode()
    subject = str(_decoded(message["Subject"]))
    return Letter(str(message["To"]), subject, text)


def _decoded(value: str) -> str:
    from email.header import decode_header, make_header

    return " ".join(str(make_header(decode_header(value))).split())


def as_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
