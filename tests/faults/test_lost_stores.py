"""Stores that are lost, or put back as they were before a purge: the dead never open, the living come back.

The drills are the table in docs/operations.md, row by row, done as it says by the commands that it names. A mix of old
and new stores serves or refuses; where it refuses, restoring the newest archive as the refusal says brings the living
back whole, in files as on PostgreSQL with a bucket. Only where everything that remembers the ledger was put back at
once can nobody know (a rollback of everything is beyond reach, as receipts say), so those mixes are left out.
"""

import asyncio
import itertools
import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from recruit import backup, clock, restoring, target
from recruit.__main__ import main
from recruit.errors import RecruitError
from recruit.initialising import settings_text
from tests.contracts.house import ROOT
from tests.faults.grounds import Files, OnServers, on_servers
from tests.faults.invariants import Place, differences, fingerprint, opening
from tests.faults.world import World, a_day, quick

STORES = {
    "records": "data/records.db*",
    "keyring": "data/keyring.db*",
    "documents": "data/documents",
    "first holder": "keys-1",
    "second holder": "keys-2",
    "archives": "backups",
}
REMEMBER = {"keyring", "first holder", "second holder", "archives"}
MIXES = [
    set(mix)
    for size in range(1, len(STORES) + 1)
    for mix in itertools.combinations(STORES, size)
    if not set(mix) >= REMEMBER
]


@pytest.fixture(scope="module")
def after(template: World, ground: Path) -> Iterator[World]:
    """The same world, the night after: who was due is gone, and there is an archive of that."""
    world = template.copy(ground / "after")

    async def night() -> None:
        site = await world.open()
        await a_day(site, world.now + timedelta(days=1))
        await a_day(site, world.now + timedelta(days=2))
        await backup.back_up(site, world.settings.backups, world.now + timedelta(days=2, hours=1))
        await site.close()

    with pytest.MonkeyPatch.context() as patch:
        quick(patch)
        asyncio.run(night())
    assert not {unit for unit, _ in opening(world.place)} & set(world.due)
    yield world
    shutil.rmtree(world.folder)


def put_back(world: World, before: World, mix: set[str]) -> None:
    for name in mix:
        for there in [*world.folder.glob(STORES[name])]:
            shutil.rmtree(there) if there.is_dir() else there.unlink()
        for old in before.folder.glob(STORES[name]):
            to = world.folder / old.relative_to(before.folder)
            shutil.copytree(old, to) if old.is_dir() else shutil.copy2(old, to)


def living(place: Place, world: World) -> dict[str, object]:
    """What does not change from one night to the next; a hold's words may have to be found again after a restore."""
    silent = (world.ids["consenting"], world.ids["consenting's profile"])
    found = fingerprint(place, [unit for unit in world.living if unit not in silent])
    return {name: was for name, was in found.items() if name.split()[0] not in ("mail", "legal_hold")}


@pytest.fixture(scope="module")
def servers(worker_id: str) -> Iterator[OnServers]:
    with on_servers(worker_id) as grounds:
        yield grounds


@pytest.fixture
def grounds(request: pytest.FixtureRequest) -> Files:
    """Where the installation stands: "files", or "servers"."""
    return request.getfixturevalue("servers") if request.param == "servers" else Files()


ON_FILES, ON_SERVERS = pytest.param("files"), pytest.param("servers", marks=pytest.mark.postgres)
in_files = pytest.mark.parametrize("grounds", [ON_FILES], indirect=True)
on_the_servers = pytest.mark.parametrize("grounds", [ON_SERVERS], indirect=True)
anywhere = pytest.mark.parametrize("grounds", [ON_FILES, ON_SERVERS], indirect=True)


async def one(grounds: Files, before: World, after: World, to: Path, mix: set[str]) -> str:
    """Put stores back, start, and where that is refused restore; what was done."""
    world = after.copy(to)
    put_back(world, before, mix)
    await grounds.settle(world)
    done = "served"
    try:
        await (await world.open()).close()
    except RecruitError:
        done = "refused and restored"
        ledger, now = world.folder / "ledger.saved", world.now + timedelta(days=3)
        assert await target.save_ledger(world.settings, ledger)
        await grounds.make_room(world)
        await restoring.restore(world.settings, world.settings.backups, world.secret, now, ledger)
        await (await world.open()).close()
    place = await grounds.see(world)
    read = [f"{unit} opens in {where}" for unit, where in opening(place) if unit in world.due]
    wrong = read + differences(living(after.place, after), living(place, world))
    assert not wrong, f"{sorted(mix)} as before, {done}: {wrong}"
    return done


async def every(grounds: Files, before: World, after: World, to: Path, mixes: list[set[str]]) -> None:
    done = [await one(grounds, before, after, to, mix) for mix in mixes]
    print(f"{before.mode}: {len(done)} of {len(mixes)} mixes:", {each: done.count(each) for each in set(done)})
    assert len(set(done)) > 1


SHORT = [
    {"records"},
    {"first holder", "keyring"},
    {"first holder", "second holder", "archives"},
    {"documents", "keyring", "second holder", "archives"},
]
"""The second: who starts on it must not lose the key that the other holder still has."""


@in_files
async def test_no_mix_of_old_and_new_stores_brings_the_dead_back(
    grounds: Files, template: World, after: World, ground: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick(monkeypatch)
    await every(grounds, template, after, ground / "world", SHORT)


@on_the_servers
@pytest.mark.parametrize("template", ["plain"], indirect=True)
async def test_no_mix_of_old_and_new_servers_brings_the_dead_back(
    grounds: Files, template: World, after: World, ground: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick(monkeypatch)
    await every(grounds, template, after, ground / "world", [SHORT[0], SHORT[2]])


@pytest.mark.faults
@anywhere
async def test_none_of_all_mixes_of_old_and_new_stores_brings_the_dead_back(
    grounds: Files, template: World, after: World, ground: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick(monkeypatch)
    await every(grounds, template, after, ground / "world", MIXES)


# --- drills -----------------------------------------------------------------------------------------------------------


class Drill:
    """An installation the night after, and the command line on it."""

    def __init__(self, grounds: Files, world: World, after: World, patch: pytest.MonkeyPatch) -> None:
        self.grounds, self.world, self.after = grounds, world, after
        self.file, self.key = world.folder / "recruit.env", world.folder / "recovery"
        asyncio.run(grounds.settle(world))
        self.set()
        self.key.write_text(world.secret)
        patch.setattr(clock, "now", lambda: world.now + timedelta(days=3))

    def set(self, **settings: str) -> None:
        self.world.settings = msgspec.structs.replace(self.world.settings, **settings)
        self.file.write_text(settings_text(self.world.settings))

    def lose(self, *globs: str) -> None:
        found = [path for glob in globs for path in self.world.folder.glob(glob)]
        assert found
        for path in found:
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def empty(self, what: str) -> None:
        asyncio.run(self.grounds.lose(self.world, what))

    def make_room(self) -> None:
        asyncio.run(self.grounds.make_room(self.world))
        self.set()

    def recruit(self, *words: object) -> int:
        return main(["--settings", str(self.file), *map(str, words)])

    def restore(self, *words: object) -> int:
        return self.recruit("restore", self.world.settings.backups, "--recovery-key-file", self.key, *words)

    def is_whole(self) -> None:
        """The services start, ledger and holders agree, the living are as they were and nobody else opens."""
        assert self.recruit("ledger", "verify") == 0
        assert self.recruit("keys", "status") == 0
        place = asyncio.run(self.grounds.see(self.world))
        opened = {unit for unit, _ in opening(place)}
        assert not opened & set(self.world.due)
        assert opened >= set(self.world.living)
        assert differences(living(self.after.place, self.after), living(place, self.world)) == []


def the_data(drill: Drill, say: pytest.CaptureFixture[str]) -> None:
    """One database alone, which is empty again; nothing starts on it or overwrites the other one. Then all of it."""
    lost = "records" if drill.world.mode == "plain" else "keyring"
    drill.empty(lost)
    for words in (["keys", "status"], ["backup", drill.world.settings.backups], ["purge"]):
        assert drill.recruit(*words) == 2
        assert f"The database of the {lost} is empty" in say.readouterr().err
    assert drill.restore() == 2, "a restore has overwritten what was left"
    saved = drill.world.folder / "ledger.saved"
    assert drill.recruit("ledger", "save", saved) == (0 if lost == "records" else 1)
    drill.make_room()
    assert drill.restore(*(["--ledger", saved] if saved.exists() else [])) == 0


def the_documents(drill: Drill, say: pytest.CaptureFixture[str]) -> None:
    drill.empty("documents")
    assert drill.recruit("keys", "status") == 0, "who is left can go on reading what is in the databases"
    assert drill.recruit("check") == 1
    assert "The document store is not there." in say.readouterr().out, "a start took the empty place for the store"
    drill.make_room()
    assert drill.restore() == 0


def one_holder(drill: Drill, say: pytest.CaptureFixture[str]) -> None:
    drill.lose("keys-2")


def all_holders(drill: Drill, say: pytest.CaptureFixture[str]) -> None:
    """With an archive from before the purge, so that the ledger beside it is what keeps the dead away."""
    newest = backup.archives(drill.world.settings.backups)[-1]
    drill.lose("keys-*", str(newest.relative_to(drill.world.folder)))
    assert drill.recruit("keys", "status") == 2
    assert "restore" in say.readouterr().err
    drill.make_room()
    assert drill.restore() == 0


def all_holders_strict(drill: Drill, say: pytest.CaptureFixture[str]) -> None:
    drill.lose("keys-*")
    assert drill.recruit("keys", "status") == 2
    drill.make_room()
    assert drill.restore() == 2
    assert "no key holder" in say.readouterr().err
    assert list(opening(asyncio.run(drill.grounds.see(drill.world)))) == []


def the_archives(drill: Drill, say: pytest.CaptureFixture[str]) -> None:
    drill.lose("backups")
    assert drill.recruit("backup", drill.world.settings.backups) == 0
    drill.lose("keys-*")
    drill.make_room()
    assert drill.restore() == 0, "the new archive restores by itself"


def the_recovery_key(drill: Drill, say: pytest.CaptureFixture[str]) -> None:
    assert drill.recruit("keys", "recovery", "--json") == 0
    made = json.loads(say.readouterr().out)
    older = backup.archives(drill.world.settings.backups)
    drill.set(recovery_recipient=made["recipient"])
    assert drill.recruit("backup", drill.world.settings.backups) == 0
    for archive in older:
        archive.unlink()
    drill.make_room()
    assert drill.restore() == 2, "the lost key opens the new archive"
    drill.key.write_text(made["recovery_key"])
    assert drill.restore() == 0


PLAIN, STRICT = ("plain",), ("strict",)

DRILLS = {
    "the data folder (SQLite) or a database's server": ((*PLAIN, *STRICT), the_data),
    "the bucket, or the folder of documents": (STRICT, the_documents),
    "one key holder of several": (STRICT, one_holder),
    "all key holders, plain": (PLAIN, all_holders),
    "all key holders, strict": (STRICT, all_holders_strict),
    "the archive folder": (PLAIN, the_archives),
    "the recovery key": (PLAIN, the_recovery_key),
}
"""By the first cell of each row, with the modes in which it is done."""


def test_every_row_of_the_table_has_its_drill() -> None:
    text = (ROOT / "docs/operations.md").read_text("utf-8").partition("### What was lost")[2].partition("\n## ")[0]
    rows = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("|")]
    assert rows[2:] == list(DRILLS)


def drilled(
    grounds: Files, after: World, to: Path, patch: pytest.MonkeyPatch, say: pytest.CaptureFixture[str], *only: str
) -> None:
    """The rows, all of the world's mode or only some, one after the other."""
    quick(patch)
    rows = [drill for row, (modes, drill) in DRILLS.items() if after.mode in modes and row in (only or DRILLS)]
    for drill in rows:
        lost = Drill(grounds, after.copy(to), after, patch)
        say.readouterr()
        drill(lost, say)
        if drill is not all_holders_strict:
            lost.is_whole()
    assert rows


@in_files
def test_what_was_lost_is_made_good_as_the_table_says(
    grounds: Files, after: World, ground: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    drilled(grounds, after, ground / "world", monkeypatch, capsys)


@on_the_servers
@pytest.mark.parametrize("template", ["plain"], indirect=True)
def test_a_lost_server_is_made_good_as_the_table_says(
    grounds: Files, after: World, ground: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    drilled(grounds, after, ground / "world", monkeypatch, capsys, next(iter(DRILLS)))


@pytest.mark.faults
@on_the_servers
def test_whatever_is_lost_of_servers_is_made_good_as_the_table_says(
    grounds: Files, after: World, ground: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    drilled(grounds, after, ground / "world", monkeypatch, capsys)
