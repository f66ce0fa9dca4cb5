"""PostgreSQL breaks off: connections are cut before a statement or after it was done and before its answer arrives, a
commit's answer included; the server itself is restarted. The same process goes on, and I1 to I8 hold.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from recruit import tables
from recruit.database import Server
from recruit.errors import RecruitError
from tests import postgres
from tests.faults import world
from tests.faults.invariants import check, differences, fingerprint
from tests.faults.test_interrupted import gone
from tests.faults.test_restoring import keep_prints, live_on, lost, served_right, unlike_before
from tests.faults.world import ACTS, World, a_day, restore, restore_as_told, settings_of

pytestmark = pytest.mark.postgres

_NAMES = ("cut_records", "cut_keyring")
_MADE = ("made_records", "made_keyring")


class Line:
    """Between the program and the server: counts statements, and breaks off once, at the one that is chosen."""

    def __init__(self, patch: pytest.MonkeyPatch, break_off: Callable[[], Awaitable[None]]) -> None:
        self.chosen: int | None = None
        self.answered = False
        self.count = 0
        self.broken = self.armed = False
        self._break_off = break_off
        line, real = self, asyncpg.connect

        class Watched(asyncpg.Connection):  # type: ignore[misc]
            async def execute(self, *given: Any, **named: Any) -> Any:
                return await line.pass_on(lambda: super(Watched, self).execute(*given, **named))

            async def fetch(self, *given: Any, **named: Any) -> Any:
                return await line.pass_on(lambda: super(Watched, self).fetch(*given, **named))

            async def fetchval(self, *given: Any, **named: Any) -> Any:
                return await line.pass_on(lambda: super(Watched, self).fetchval(*given, **named))

            async def executemany(self, *given: Any, **named: Any) -> Any:
                return await line.pass_on(lambda: super(Watched, self).executemany(*given, **named))

            def cursor(self, *given: Any, **named: Any) -> Any:
                """As it is used here: awaited for one that is fetched from."""
                return line.pass_on(lambda: super(Watched, self).cursor(*given, **named))

        async def connect(**named: Any) -> Any:
            return await real(**named, connection_class=Watched)

        patch.setattr(asyncpg, "connect", connect)

    def arm(self, chosen: int | None, answered: bool) -> None:
        """Break off before the statement, or once it is done: `answered` False loses only its answer."""
        self.chosen, self.answered, self.count, self.broken, self.armed = chosen, answered, 0, False, True

    async def pass_on(self, statement: Callable[[], Any]) -> Any:
        if not self.armed:
            return await statement()
        self.count += 1
        if self.count - 1 != self.chosen:
            return await statement()
        self.broken = True
        if not self.answered:
            await statement()
        await self._break_off()
        if not self.answered:
            raise asyncpg.ConnectionDoesNotExistError("the answer was lost")
        return await statement()


class Cluster:
    """A server of these tests' own, with a world whose databases are copied for every interruption."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "server"
        self.folder.mkdir()
        postgres.start(self.folder, postgres.OPTIONS, postgres._place()[1])
        self.admin = postgres.url(str(self.folder), "postgres")
        postgres.execute(self.admin, *(f"CREATE DATABASE {name}" for name in _MADE))
        self.made = asyncio.run(world.make(folder / "world", "plain", self._urls(_MADE)))
        asyncio.run(exported(self.made))
        self.before = fingerprint(self.made.place, self.made.living)

    def _urls(self, names: tuple[str, str]) -> tuple[str, str]:
        return postgres.url(str(self.folder), names[0]), postgres.url(str(self.folder), names[1])

    async def fresh(self) -> World:
        return await self._settled(self.made.copy(self.made.folder.parent / "copy"), *_MADE)

    async def _settled(self, copy: World, *made: str) -> World:
        """On databases of its own, which are copies of those that were `made`, or empty."""
        drop = [f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in _NAMES]
        like = made or ("template0",) * 2
        make = [f"CREATE DATABASE {name} TEMPLATE {other}" for name, other in zip(_NAMES, like, strict=True)]
        await asyncio.to_thread(postgres.execute, self.admin, *drop, *make)
        recipient = copy.settings.recovery_recipient
        copy.settings = settings_of(copy.folder, copy.mode, recipient, self._urls(_NAMES))
        return copy

    async def lost(self) -> World:
        """A world whose disk and databases were lost after people were erased, to be restored."""
        copy = await self.fresh()
        return (await lost(lambda: copy, purged=True)).copy(self.folder.parent / "lost")

    async def emptied(self, lost: World) -> World:
        """Such a world, with two databases that hold nothing."""
        copy = lost.copy(self.made.folder.parent / "copy")
        return await self._settled(copy)

    async def cut(self) -> None:
        """The server ends every connection."""
        listed = ", ".join(f"'{name}'" for name in _NAMES)
        end = f"SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE datname IN ({listed})"
        await asyncio.to_thread(postgres.execute, self.admin, end)

    async def restart(self) -> None:
        await asyncio.to_thread(self._restart)

    def _restart(self) -> None:
        postgres.end(self.folder)
        postgres.run(self.folder, postgres.OPTIONS, postgres._place()[1])

    def stop(self) -> None:
        postgres.end(self.folder)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="cut-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    folder.chmod(0o755)
    started = Cluster(folder)
    yield started
    started.stop()
    shutil.rmtree(folder)


async def exported(place: World) -> None:
    """The databases as files beside the rest, for the independent reader; tables without rows are left out."""
    given = place.settings
    for url, listed, name in (
        (given.records_url, tables.RECORDS, "records.db"), (given.keyring_url, tables.KEYRING, "keyring.db")
    ):  # fmt: skip
        engine = Server(url)
        names = [table._meta.tablename for table in listed]
        filled = " UNION ALL ".join(f"SELECT '{each}' AS name WHERE EXISTS (SELECT 1 FROM {each})" for each in names)
        kept = {row["name"] for row in await engine.run_sql(filled)}
        engine.tables = tuple(table for table in listed if table._meta.tablename in kept)
        await engine.copy_into(given.data / name)
        await engine.close()


async def one(cluster: Cluster, line: Line, name: str, chosen: int | None, answered: bool = True) -> int:
    place = await cluster.fresh()
    site = await place.open()
    line.arm(chosen, answered)
    try:
        await ACTS[name](site, place, place.now + timedelta(days=1))
    except RecruitError:  # it says so in words; anything else is a fault of ours
        assert line.broken
    line.armed = False
    assert line.broken == (chosen is not None), "the act ended before the statement at which it was to be cut off"
    for night in (1, 2):
        await a_day(site, place.now + timedelta(days=night, hours=1))
    await site.close()
    await exported(place)
    wrong = check(place.place, [place.ids["held"]]) + gone(place)
    wrong += differences(cluster.before, fingerprint(place.place, place.living))
    assert not wrong, f"{name}, cut off at statement {chosen}, answered: {answered}: {wrong}"
    return line.count


async def every(cluster: Cluster, line: Line, name: str, stride: int, first: int = 0) -> None:
    total = await one(cluster, line, name, None)
    chosen = [(number, answered) for answered in (True, False) for number in range(first, total, stride)]
    done = 0
    for number, answered in chosen:
        done += await one(cluster, line, name, number, answered) > number
    print(f"{name}: interrupted {done} of {len(chosen)} (of {total} statements, before and after)")
    assert done == len(chosen) > 0


@pytest.fixture
def line(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Line:
    world.quick(monkeypatch)
    return Line(monkeypatch, cluster.cut)


async def test_a_purge_whose_connections_are_cut_is_ended_by_the_same_process(cluster: Cluster, line: Line) -> None:
    await every(cluster, line, "purge", 89)


@pytest.mark.faults
@pytest.mark.parametrize("name", ["rotate", "apply", "back_up", "consent", "hold", "close"])
async def test_whatever_is_cut_off_at_any_statement_leaves_nothing_half_done(
    cluster: Cluster, line: Line, name: str
) -> None:
    await every(cluster, line, name, 1)


@pytest.mark.faults
@pytest.mark.parametrize("first", range(4))
async def test_a_purge_that_is_cut_off_at_any_statement_is_ended(cluster: Cluster, line: Line, first: int) -> None:
    """By quarters, so that several can be looked at side by side."""
    await every(cluster, line, "purge", 4, first)


@pytest.mark.faults
@pytest.mark.parametrize("name", ["purge", "rotate", "apply"])
async def test_a_server_that_is_restarted_meanwhile_loses_nothing(
    cluster: Cluster, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.quick(monkeypatch)
    await every(cluster, Line(monkeypatch, cluster.restart), name, 5)


# --- restoring --------------------------------------------------------------------------------------------------------

NIGHTS = (0, 1)
"""Lived after a restore: whoever was due had been erased before it, nobody else is for weeks."""


@pytest.fixture
def without_data(cluster: Cluster) -> World:
    keep_prints(cluster.made)
    return asyncio.run(cluster.lost())


async def restored(cluster: Cluster, line: Line, world: World, chosen: int | None, answered: bool = True) -> int:
    place = await cluster.emptied(world)
    line.arm(chosen, answered)
    said = ""
    try:
        await restore(place)
    except RecruitError as error:
        said = str(error)
    line.armed = False
    assert line.broken == (chosen is not None), "it ended before the statement at which it was to be cut off"
    wrong = await served_right(place)
    if said:
        await restore_as_told(place, place.now + timedelta(days=1, hours=2))
    await live_on(place, NIGHTS)
    await exported(place)
    wrong += unlike_before(place)
    assert not wrong, f"cut off at statement {chosen}, answered: {answered}, said {said!r}: {wrong}"
    return line.count


async def every_restore(cluster: Cluster, line: Line, world: World, stride: int, first: int = 0) -> None:
    total = await restored(cluster, line, world, None)
    chosen = [(number, answered) for answered in (True, False) for number in range(first, total, stride)]
    done = 0
    for number, answered in chosen:
        done += await restored(cluster, line, world, number, answered) > number
    print(f"restore: interrupted {done} of {len(chosen)} (of {total} statements, before and after)")
    assert done == len(chosen) > 0


async def test_a_restore_whose_connections_are_cut_is_done_again(
    cluster: Cluster, line: Line, without_data: World
) -> None:
    await every_restore(cluster, line, without_data, 331)


@pytest.mark.faults
@pytest.mark.parametrize("first", range(4))
async def test_a_restore_that_is_cut_off_at_any_statement_is_done_again(
    cluster: Cluster, line: Line, without_data: World, first: int
) -> None:
    await every_restore(cluster, line, without_data, 4, first)
