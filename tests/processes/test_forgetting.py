"""What a process keeps in memory of the erased is gone before their receipt exists, in every process that is up."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from recruit import attendance
from recruit.retention import issuing, purge
from tests.faults import world
from tests.faults.world import World


class Reader:
    """The other process."""

    def __init__(self, place: World, beat: float) -> None:
        command = (sys.executable, "-m", "tests.processes.reader", str(place.folder), str(beat))
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._heard() == "ready"

    def ask(self, line: str) -> str:
        assert self.process.stdin
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self._heard()

    def _heard(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)
        self.process.communicate("", timeout=30)


@pytest.fixture
def reader(place: World) -> Iterator[Reader]:
    started = Reader(place, 0.5)
    yield started
    started.end()


async def _purged(place: World) -> purge.Counts:
    site = await place.open()
    try:
        return await purge.run(site, place.now + timedelta(days=1))
    finally:
        await site.close()


def test_before_a_receipt_exists_no_process_holds_anything_of_the_erased(
    place: World, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.quick(monkeypatch)
    unit, neighbour = place.ids["due"], place.ids["running"]
    assert [reader.ask(f"read {each}") for each in (unit, neighbour)] == ["yes", "yes"]
    epoch, known, named = (int(reader.ask(what)) for what in ("epoch", "words", "names"))
    seen: list[tuple[str, ...]] = []

    def drawn(issuer: issuing.Issuer, facts: object) -> bytes:
        asked = (f"read {unit}", f"read {neighbour}", "epoch", "words", "names")
        seen.append(tuple(reader.ask(line) for line in asked))
        return b"a receipt"

    monkeypatch.setattr(issuing.Issuer, "_signed", drawn)
    counts = asyncio.run(_purged(place))
    assert counts.receipts == len(seen) > 1
    assert set(seen) == {("no", "yes", str(epoch + 1), str(known - 2), str(named - 2))}


def test_a_process_that_stands_still_is_waited_for_and_then_passed_over(
    place: World, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.quick(monkeypatch)
    monkeypatch.setattr(attendance, "SILENT", 2.0)
    monkeypatch.setattr(attendance, "BEAT", 0.5)
    epoch = int(reader.ask("epoch"))
    os.kill(reader.process.pid, signal.SIGSTOP)
    begun = time.monotonic()
    assert asyncio.run(_purged(place)).receipts > 1
    assert time.monotonic() - begun > 2.0
    os.kill(reader.process.pid, signal.SIGCONT)
    assert reader.ask(f"read {place.ids['due']}") == "no"
    time.sleep(1.0)
    assert int(reader.ask("epoch")) == epoch + 1
