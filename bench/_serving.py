"""Two server processes to compare: `recruit serve` on an installation, and the empty app of `bench._empty`.

Guards that both are started the same way (a fresh Python process, uvicorn, one worker) and asked the same way.
"""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench._installation import settings_in
from recruit.settings import Settings

PATIENCE = 60


@dataclass(frozen=True)
class Server:
    """A process that has given its first answer; `first` is how long that took, in seconds."""

    process: int
    port: int
    first: float

    def get(self, path: str, cookie: str = "") -> bytes:
        status, page = _ask(self.port, path, cookie)
        assert status == 200, f"{path} answered {status}"
        return page


@contextmanager
def recruit(folder: Path) -> Iterator[Server]:
    """`recruit serve` as it is documented, its scheduled jobs inside."""
    with serving(settings_in(folder)) as server:
        yield server


@contextmanager
def serving(settings: Settings, *flags: str) -> Iterator[Server]:
    """`recruit serve` on any settings."""
    port = _free_port()
    ours = {**environment(settings), "RECRUIT_PORT": str(port), "RECRUIT_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    with _started([sys.executable, "-m", "recruit", "serve", *flags], port, ours) as server:
        yield server


def environment(settings: Settings) -> dict[str, str]:
    """The settings as a process of its own is told them."""
    return {
        "RECRUIT_DATA": str(settings.data),
        "RECRUIT_HOLDERS": str(settings.holders[0]),
        "RECRUIT_BACKUPS": str(settings.backups),
        "RECRUIT_SMTP": settings.smtp,
        "RECRUIT_RECORDS_URL": settings.records_url,
        "RECRUIT_KEYRING_URL": settings.keyring_url,
    }


@contextmanager
def empty() -> Iterator[Server]:
    port = _free_port()
    with _started([sys.executable, "-m", "bench._empty", str(port)], port, {}) as server:
        yield server


@contextmanager
def _started(command: list[str], port: int, more: dict[str, str]) -> Iterator[Server]:
    begin = time.perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, **more}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not _answers(port):
            assert process.poll() is None, f"{' '.join(command)} ended with {process.returncode}"
            assert time.perf_counter() - begin < PATIENCE, f"{' '.join(command)} does not answer"
            time.sleep(0.002)
        yield Server(process.pid, port, time.perf_counter() - begin)
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    try:
        return _ask(port, "/", "")[0] == 200
    except OSError:
        return False


def _ask(port: int, path: str, cookie: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers={"cookie": f"recruit={cookie}"} if cookie else {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
