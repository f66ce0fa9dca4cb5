"""Several real worker processes on one installation, some killed at any moment: all is done, each thing once."""

import asyncio
import mailbox
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from recruit import jobs, mail
from tests.conftest import EMPLOYER
from tests.faults import invariants
from tests.faults.world import World

_WORKERS = 3
_KILLS = 5
_MAILS = 60
_PATIENCE = 60
_DAILY = len(jobs.JOBS) - 1
"""All jobs have a slot on that day but the weekly trial, which `tests/processes/worker.py` leaves out."""


class Workers:
    """Real processes; `kill` ends one at random, the hard way, and another one takes its place."""

    def __init__(self, place: World, seed: int) -> None:
        self._place, self._random = place, random.Random(seed)
        self._log = (place.folder / "workers.log").open("ab")
        self._begun = str(time.monotonic())
        self.running = [self._start() for _ in range(_WORKERS)]
        self.killed = 0

    def _start(self) -> "subprocess.Popen[bytes]":
        instant = self._place.now + timedelta(days=1)
        told = (str(self._place.folder), instant.isoformat(), self._begun)
        command = (sys.executable, "-m", "tests.processes.worker", *told)
        return subprocess.Popen(command, stdout=self._log, stderr=self._log)

    def kill(self) -> None:
        victim = self._random.randrange(len(self.running))
        self.running[victim].kill()
        self.killed += self.running[victim].wait() == -signal.SIGKILL
        self.running[victim] = self._start()

    def pause(self) -> None:
        time.sleep(self._random.uniform(0.8, 1.8))

    def stop(self) -> list[int]:
        for process in self.running:
            process.terminate()
        return [process.wait(_PATIENCE) for process in self.running]


async def _fill_the_outbox(place: World) -> None:
    site = await place.open()
    unit = UUID(place.living[0])
    key = await site.keyring.key(unit)
    for number in range(_MAILS):
        await mail.queue(
            site,
            key,
            f"test:{number}",
            "password_reset",
            "en",
            f"{number}@example.org",
            place.now,
            name="Ola",
            url="http://x/",
            employer=EMPLOYER,
        )
    await site.close()


async def _state(place: World) -> tuple[int, int, int]:
    """Job slots that ended well, begun purges that have not ended, mails that wait."""
    site = await place.open()
    try:
        good = await site.records.run_sql("SELECT id FROM run WHERE error = '' AND ended_at IS NOT NULL")
        open_purges = await site.keyring.engine.run_sql("SELECT id FROM purge WHERE state <> 'issued'")
        waiting = await site.records.run_sql("SELECT id FROM mail WHERE state = 'queued'")
        return len(good), len(open_purges), len(waiting)
    finally:
        await site.close()


def _until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not done():
        assert time.monotonic() < end, "it does not end"
        time.sleep(0.3)


async def _exported(place: World) -> None:
    """The server's databases as files beside the rest, for the independent reader."""
    site = await place.open()
    if place.settings.records_url:
        await site.records.copy_into(place.settings.data / "records.db")
        await site.keyring.engine.copy_into(place.settings.data / "keyring.db")
    await site.close()


@pytest.mark.slow
def test_workers_that_are_killed_at_random_do_everything_once(place: World) -> None:
    asyncio.run(_fill_the_outbox(place))
    asyncio.run(_exported(place))
    before = invariants.fingerprint(place.place, place.living)
    workers = Workers(place, seed=20261124)
    try:
        for _ in range(_KILLS):
            workers.pause()
            workers.kill()
        _until(lambda: asyncio.run(_state(place))[1:] == (0, 0))
        _until(lambda: asyncio.run(_state(place))[0] == _DAILY)
    finally:
        left = workers.stop()
        print(f"interrupted {workers.killed} of {_KILLS}")
    assert workers.killed == _KILLS
    assert set(left) <= {0, -signal.SIGTERM}  # the latter while it was still starting
    asyncio.run(_exported(place))
    assert invariants.check(place.place) == []
    assert invariants.differences(before, invariants.fingerprint(place.place, place.living)) == []
    assert _erased(place) == set(place.due)
    _mails_came_once(place, workers.killed)


def _erased(place: World) -> set[str]:
    rows = invariants._rows(place.settings.data / "keyring.db", "SELECT id FROM data_key WHERE wrapped IS NULL")
    return {row["id"] for row in rows}


def _mails_came_once(place: World, killed: int) -> None:
    """A second copy only where a worker died between the server's yes and the commit, under the same Message-ID."""
    arrived = list(mailbox.Maildir(place.settings.smtp.removeprefix("maildir:")))
    ours = [message for message in arrived if str(message["To"]).split("@")[0].isdigit()]
    by_address = Counter(str(message["To"]) for message in ours)
    assert set(by_address) == {f"{number}@example.org" for number in range(_MAILS)}
    assert len({str(message["Message-ID"]) for message in ours}) == _MAILS
    assert sum(by_address.values()) - _MAILS <= killed
