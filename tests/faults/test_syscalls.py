"""A single system call fails, is cut short or is the last one: at each that changes what is on the disk, by whichever
library it is made. Started anew, or living on in the same process, the next night brings everything to its end.

The ordinary run takes some calls of each act, `-m faults` takes them all.
"""

import asyncio
import io
import shutil
import sqlite3
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import groupby
from pathlib import Path

import pyrage
import pytest

from tests.faults import world as worlds
from tests.faults.invariants import check, differences, fingerprint, signing_keys
from tests.faults.syscalls import ANSWERS, FAULTS, KINDS, Report, Strike, Striker
from tests.faults.test_interrupted import gone, the_next_nights
from tests.faults.test_restoring import keep_prints, lost, served_right, the_next_weeks
from tests.faults.world import World, restore_as_told

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only there can a library stand before the C library")

NAMES = ("purge", "rotate", "apply", "back_up", "restore")
NIGHTS = (0, 1)
"""Lived after a restore: whoever was due had been erased before it, nobody else is for weeks."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.quick(monkeypatch)


@pytest.fixture(scope="session")
def without_data(template: World, ground: Path) -> Iterator[World]:
    """A world whose disk was lost after people were erased, to be restored."""
    keep_prints(template)
    yield asyncio.run(lost(lambda: template.copy(ground / f"{template.mode}-lost"), purged=True))
    shutil.rmtree(ground / f"{template.mode}-lost")


class Struck:
    """The acts of one template, interrupted call by call."""

    def __init__(self, striker: Striker, templates: dict[str, World], ground: Path) -> None:
        self._striker, self._templates, self._ground = striker, templates, ground
        template = templates["act"]
        self._before = fingerprint(template.place, template.living) | signing_keys(template.place)

    def world(self, name: str) -> World:
        template = self._templates["restore" if name == "restore" else "act"]
        return template.copy(self._ground / "struck")

    def counted(self, name: str, mistake: str = "") -> dict[str, int]:
        """How many calls of each kind the whole act makes."""
        report = self._striker.act(self.world(name), name, None, mistake)
        assert not report.said and not report.wrong
        return report.counted

    async def looked_at(self, name: str, strike: Strike, mistake: str = "") -> tuple[Report, list[str]]:
        """Strike, live on; what became of it, and what the independent reader found."""
        world = self.world(name)
        report = self._striker.act(world, name, strike, mistake)
        look = self._restored if name == "restore" else self._acted
        try:
            return report, report.wrong or await look(world, name, report)
        except ANSWERS as fault:
            return report, [f"it does not go on: {fault!r}"]

    async def _acted(self, world: World, name: str, report: Report) -> list[str]:
        wrong, held = [], [world.ids["held"]]
        if report.killed:
            wrong += check(world.place, held, ended=False)
            await the_next_nights(world, 1)
        arrived = not report.said or report.said.startswith("ConsentDelayed")
        told = not report.killed and not report.said.startswith("OutcomeUnknown")
        if name == "apply" and told and applied(world) != arrived:
            wrong.append(f"{applied(world)} have applied")
        wrong += broken_archives(world)
        after = fingerprint(world.place, world.living) | signing_keys(world.place)
        return wrong + check(world.place, held) + differences(self._before, after) + gone(world)

    async def _restored(self, world: World, name: str, report: Report) -> list[str]:
        """Nothing is served that was restored by half, and the same command brings all back."""
        wrong = await served_right(world.copy(self._ground / "served") if report.said else world)
        if report.killed:
            await restore_as_told(world, world.now + timedelta(days=1, hours=2))
        elif report.said:
            await worlds.restore(world)
        return wrong + await the_next_weeks(world, NIGHTS)

    async def every(self, name: str, stride: int) -> None:
        """Each fault at each call, or at every so manieth."""
        counted, wrong = self.counted(name), []
        strikes = list(all_of(counted))[stride // 2 :: stride]
        for (kind, fault), some in groupby(strikes, key=lambda strike: (strike.kind, strike.fault)):
            chosen, done = list(some), 0
            for strike in chosen:
                report, found = await self.looked_at(name, strike)
                done += report.struck
                wrong += [f"{name}, {strike}, said {report.said!r}: {each}" for each in found]
            print(f"{name}, {kind}, {fault}: interrupted {done} of {len(chosen)} (of {counted[kind]} calls)")
            if done != len(chosen):
                wrong.append(f"{name}, {kind}, {fault}: interrupted {done} of {len(chosen)}")
        assert strikes and not wrong, "\n".join(wrong)


def all_of(counted: dict[str, int]) -> Iterator[Strike]:
    """Every fault at every call; only bytes are written by half."""
    for fault in FAULTS:
        for kind in ("write",) if fault == "short" else KINDS:
            yield from (Strike(kind, number, fault) for number in range(counted[kind]))


def applied(world: World) -> int:
    """How many applications there are beside those that the world began with."""
    with closing(sqlite3.connect(world.place.data / "records.db")) as records:
        ids = [row[0] for row in records.execute("SELECT id FROM application")]
    return len([each for each in ids if each not in world.living])


def broken_archives(world: World) -> list[str]:
    """Whatever has an archive's name opens with the recovery key, and is whole to its end."""
    wrong = []
    for path in (world.folder / "backups").glob("recruit-*.tar*"):
        if path.suffix == ".partial":
            continue
        try:
            data = path.read_bytes()
            if path.suffix == ".age":
                data = pyrage.decrypt(data, [pyrage.x25519.Identity.from_str(world.secret)])
            with tarfile.open(fileobj=io.BytesIO(data)) as tar:
                files = {member.name: tar.extractfile(member) for member in tar}
                for name in ("records.db", "keyring.db"):
                    with closing(sqlite3.connect(":memory:")) as copy:
                        copy.deserialize(files[name].read())  # type: ignore[union-attr]
                        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        except Exception as error:  # whatever is wrong with it
            wrong.append(f"the archive {path.name} is broken: {error!r}")
    return wrong


@pytest.fixture
def struck(striker: Striker, template: World, without_data: World, ground: Path) -> Struck:
    return Struck(striker, {"act": template, "restore": without_data}, ground)


SHORT = {"purge": 197, "rotate": 41, "apply": 131, "back_up": 311, "restore": 347}


@pytest.mark.parametrize("name", NAMES)
async def test_a_call_that_fails_leaves_nothing_half_done(struck: Struck, name: str) -> None:
    await struck.every(name, SHORT[name])


async def test_a_restore_that_fails_at_its_very_end_is_repeated_by_the_same_command(struck: Struck) -> None:
    counted = struck.counted("restore")
    for kind in KINDS:
        strike = Strike(kind, counted[kind] - 1, "EIO")
        report, found = await struck.looked_at("restore", strike)
        assert (report.struck, found) == (True, []), strike


@pytest.mark.faults
@pytest.mark.parametrize("name", NAMES)
async def test_any_call_that_fails_leaves_nothing_half_done(struck: Struck, name: str) -> None:
    await struck.every(name, 1)


@pytest.mark.parametrize("template", ["plain"], indirect=True)
@pytest.mark.parametrize(
    ("mistake", "name", "fault"),
    [("archive_of_which_half_is_written", "back_up", "short"), ("database_that_cannot_go_back", "rotate", "kill")],
)
async def test_a_mistake_that_only_shows_at_a_single_call_is_found(
    struck: Struck, mistake: str, name: str, fault: str
) -> None:
    for number in reversed(range(struck.counted(name, mistake)["write"])):
        _, found = await struck.looked_at(name, Strike("write", number, fault), mistake)
        if found:
            return
    pytest.fail("nothing was found")
