"""Rotating: at every instant the present epoch key is in every holder, afterwards no older one is in any; and no start
on a copy that has forgotten an erasure.
"""

import asyncio
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from recruit.vault import durable, keyring
from recruit.vault.holders import Holders, HolderUnusable, Memory, Root
from recruit.vault.keyring import EpochUnknown, Keyring, LedgerBehind
from recruit.vault.ledger import first_fault
from recruit.vault.sealing import SealBroken
from tests.vault.conftest import NOW, Opener, applied, born, erase, row

Folders = tuple[Path, Path]


def keys_in(folders: Folders) -> list[list[str]]:
    return [sorted(path.name for path in folder.glob("epoch*")) for folder in folders]


async def rotate(ring: Keyring) -> None:
    await ring.rotate()
    await ring.retire_older()


async def test_rotating_re_wraps_every_key_and_keeps_it(ring: Keyring, folders: Folders) -> None:
    units = [await born(ring) for _ in range(20)]
    before, wrapped = await ring.keys(units), [(await row(ring, unit))["wrapped"] for unit in units]
    await rotate(ring)
    assert await ring.keys(units) == before
    rows = [await row(ring, unit) for unit in units]
    assert {r["epoch"] for r in rows} == {2}
    assert not {bytes(r["wrapped"]) for r in rows} & set(wrapped)
    assert keys_in(folders) == [["epoch-00000002.key"]] * 2


async def test_what_was_wrapped_before_does_not_open_with_what_is_left(ring: Keyring, folders: Folders) -> None:
    unit = await born(ring)
    old = bytes((await row(ring, unit))["wrapped"])
    assert ring._epochs.present.unwrap(unit, old)
    await rotate(ring)
    assert [epoch.number for epoch in ring._epochs.each] == [2]
    with pytest.raises(SealBroken):
        ring._epochs.present.unwrap(unit, old)


async def test_an_epoch_goes_beyond_every_one_that_was(ring: Keyring) -> None:
    assert await ring.rotate(beyond=7) == 8
    assert await ring.rotate(beyond=7) == 8, "the present one is beyond it already"


async def test_life_goes_on_while_the_living_are_re_wrapped(
    ring: Keyring, another: Opener, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two slices others are born, found, read, moved and erased; nobody is lost, and the erased stay so."""
    profiles = [(await applied(ring, f"{n}@example.org")) for n in range(6)]
    before = await ring.keys(unit for both in profiles for unit in both)
    other, real, births = await another(), ring._rewrap_some, list[UUID]()

    async def then_others(*args: Any) -> bool:
        more = await real()
        if not births:
            await live()
        return more

    async def live() -> None:
        births.append(await born(other))
        assert (await row(other, births[0]))["epoch"] == 2
        for number, (_, profile) in enumerate(profiles):
            assert await other.find("profile", f"{number}@example.org") == profile
        assert await other.keys(before) == before
        await other.readdress(profiles[5][1], "profile", "moved@example.org")
        assert (await erase(other, profiles[0][0]))[0].refused is None
        assert other.epochs == {1, 2}, "all of this happened while the living were re-wrapped"

    monkeypatch.setattr(keyring, "SLICE", 3)
    monkeypatch.setattr(ring, "_rewrap_some", then_others)
    await rotate(ring)
    gone = set(profiles[0])
    assert set(await ring.keys(before)) == before.keys() - gone
    assert await ring.keys(before) == {unit: key for unit, key in before.items() if unit not in gone}
    assert await ring.find("profile", "moved@example.org") == profiles[5][1]
    assert {(await row(ring, unit))["epoch"] for unit in [*before.keys() - gone, *births]} == {2}
    assert ring.epochs == {2}
    assert keys_in(folders) == [["epoch-00000002.key"]] * 2


# --- faults -----------------------------------------------------------------------------------------------------------


async def test_a_new_key_whose_rotation_did_not_commit_is_destroyed_at_the_next_start(
    ring: Keyring, another: Opener, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = await born(ring)
    key, real = await ring.key(unit), ring.engine.run_sql

    async def fails(sql: str, *args: Any) -> Any:
        if sql.startswith("INSERT INTO epoch"):
            raise ZeroDivisionError
        return await real(sql, *args)

    monkeypatch.setattr(ring.engine, "run_sql", fails)
    with pytest.raises(ZeroDivisionError):
        await ring.rotate()
    assert len(keys_in(folders)[0]) == 2
    again = await another()
    assert keys_in(folders) == [["epoch-00000001.key"]] * 2
    assert await again.key(unit) == key


@pytest.mark.parametrize("strict", [False, True], ids=["plain", "strict"])
async def test_a_rotation_that_was_cut_off_keeps_both_keys_until_it_is_ended(
    another: Opener, folders: Folders, monkeypatch: pytest.MonkeyPatch, strict: bool
) -> None:
    ring = await another(strict=strict)
    units = [await born(ring) for _ in range(5)]
    before, real, slices = await ring.keys(units), ring.engine.rewrite, list[int]()

    async def fails(*args: Any) -> None:
        slices.append(1)
        if len(slices) == 2:
            raise ZeroDivisionError
        await real(*args)

    monkeypatch.setattr(keyring, "SLICE", 2)
    monkeypatch.setattr(ring.engine, "rewrite", fails)
    with pytest.raises(ZeroDivisionError):
        await ring.rotate()
    again = await another(strict=strict)
    assert again.epochs == {1, 2}
    assert keys_in(folders) == [["epoch-00000001.key", "epoch-00000002.key"]] * 2
    assert await again.keys(units) == before == await ring.keys(units)
    assert sorted([(await row(again, unit))["epoch"] for unit in units]) == [1, 1, 1, 2, 2]
    await again.end_rotation()
    assert again.epochs == {2}
    assert keys_in(folders) == [["epoch-00000002.key"]] * 2
    assert await again.keys(units) == before == await ring.keys(units)


async def test_an_old_key_that_was_not_destroyed_goes_at_the_next_start(
    ring: Keyring, another: Opener, folders: Folders
) -> None:
    unit = await born(ring)
    key = await ring.key(unit)
    await ring.rotate()
    (folders[0] / "epoch-00000003.key.new").write_bytes(b"0half")
    assert await (await another()).key(unit) == key
    assert keys_in(folders) == [["epoch-00000002.key"]] * 2


async def test_a_holder_that_fails_while_rotating_leaves_the_old_epoch(
    ring: Keyring, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = await born(ring)
    key = await ring.key(unit)
    real = durable.write

    def full(path: Path, data: bytes) -> None:
        if path.parent == folders[1]:
            raise OSError("no space left")
        real(path, data)

    with monkeypatch.context() as broken:
        broken.setattr(durable, "write", full)
        with pytest.raises(HolderUnusable, match="no space"):
            await ring.rotate()
    assert (await ring.key(unit), ring.epoch) == (key, 1)
    await rotate(ring)
    assert await ring.key(unit) == key
    assert keys_in(folders) == [["epoch-00000002.key"]] * 2


async def test_a_first_start_that_was_cut_off_can_be_repeated(another: Opener, folders: Folders) -> None:
    ring = await another(opened=False)
    ring.holders.prepare()
    ring.holders.each[0].write(1, b"k" * 32)
    await ring.open()
    assert ring.epoch_key() == b"k" * 32
    assert keys_in(folders) == [["epoch-00000001.key"]] * 2


async def test_a_process_that_lags_behind_never_destroys_the_present_key(
    ring: Keyring, another: Opener, folders: Folders
) -> None:
    unit, other = await born(ring), await another()
    await rotate(other)
    await rotate(other)
    await ring.retire_older()
    assert keys_in(folders) == [["epoch-00000003.key"]] * 2
    assert await ring.key(unit) == await other.key(unit)


async def test_opening_while_another_process_rotates_waits_for_it(
    ring: Keyring, another: Opener, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit = await born(ring)
    written, real = asyncio.Event(), ring.engine.rewrite

    async def slowly(*args: Any) -> None:
        written.set()
        await asyncio.sleep(0.3)
        await real(*args)

    monkeypatch.setattr(ring.engine, "rewrite", slowly)
    rotating = asyncio.create_task(ring.rotate())
    await written.wait()
    other = await another()
    await rotating
    assert other.epoch == 2
    assert keys_in(folders) == [["epoch-00000002.key"]] * 2
    assert await other.key(unit) == await ring.key(unit)


# --- strict -----------------------------------------------------------------------------------------------------------


def epoch_of(copy: Path) -> int:
    database = sqlite3.connect(copy)
    try:
        return int(database.execute("SELECT number FROM epoch").fetchone()[0])
    finally:
        database.close()


async def test_in_strict_every_holder_has_a_copy_of_the_present_epoch_before_the_old_key_goes(
    another: Opener, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = await another(strict=True)
    await born(ring)
    await ring.rotate()
    seen: list[tuple[int, int]] = []
    real = Holders.heal

    def watched(self: Holders, keys: Mapping[int, bytes]) -> None:
        seen.extend((min(keys), epoch_of(folder / "keyring.db")) for folder in folders)
        real(self, keys)

    monkeypatch.setattr(Holders, "heal", watched)
    await ring.retire_older()
    assert seen == [(2, 2), (2, 2)]


async def test_in_strict_a_fault_after_the_re_wrapping_does_not_leave_dead_copies(
    another: Opener, folders: Folders
) -> None:
    ring = await another(strict=True)
    unit = await born(ring)
    await ring.rotate()
    assert [epoch_of(folder / "keyring.db") for folder in folders] == [1, 1]
    again = await another(strict=True)
    assert [epoch_of(folder / "keyring.db") for folder in folders] == [2, 2]
    assert await again.key(unit)


async def test_in_strict_a_birth_is_with_every_holder_before_it_is_told(another: Opener, folders: Folders) -> None:
    ring = await another(strict=True)
    unit = await born(ring)
    for folder in folders:
        assert [line["row"]["id"] for line in Memory(folder).journal()] == [str(unit)]


# --- opening ----------------------------------------------------------------------------------------------------------


async def test_an_old_copy_of_the_keyring_is_refused(
    ring: Keyring, another: Opener, tmp_path: Path, folders: Folders
) -> None:
    unit, _ = await applied(ring)
    await ring.engine.copy_into(tmp_path / "old.db")
    await erase(ring, unit)
    await ring.engine.replace_by(tmp_path / "old.db")
    with pytest.raises(LedgerBehind, match="restore"):
        await another()


async def test_an_empty_database_beside_used_holders_is_refused(
    ring: Keyring, another: Opener, tmp_path: Path, folders: Folders
) -> None:
    unit, _ = await applied(ring)
    await erase(ring, unit)
    await rotate(ring)
    await ring.engine.run_sql("DELETE FROM epoch")
    with pytest.raises(LedgerBehind):
        await another()
    assert keys_in(folders) == [["epoch-00000002.key"]] * 2


async def test_an_empty_database_beside_a_journal_is_refused(ring: Keyring, another: Opener, folders: Folders) -> None:
    await applied(ring)
    await ring.engine.run_sql("DELETE FROM epoch")
    with pytest.raises(LedgerBehind):
        await another()


async def test_a_key_of_another_installation_is_refused(ring: Keyring, another: Opener, folders: Folders) -> None:
    for holder in ring.holders.each:
        holder.write(1, b"x" * 32)
    with pytest.raises(EpochUnknown):
        await another()


async def test_one_damaged_holder_is_mended_from_the_other(ring: Keyring, another: Opener, folders: Folders) -> None:
    unit = await born(ring)
    ring.holders.each[0].write(1, b"x" * 32)
    again = await another()
    assert await again.key(unit) == await ring.key(unit)
    assert again.holders.each[0].read(1) == again.epoch_key()


async def test_without_any_key_nothing_starts(ring: Keyring, another: Opener, folders: Folders) -> None:
    for folder in folders:
        (folder / "epoch-00000001.key").unlink()
    with pytest.raises(HolderUnusable):
        await another()


async def test_locked_holders_open_with_their_passphrase_alone(another: Opener, folders: Folders) -> None:
    ring = await another(root=Root(b"correct horse"))
    unit = await born(ring)
    await rotate(ring)
    for folder in folders:
        slot = (folder / "epoch-00000002.key").read_bytes()
        assert ring.epoch_key() not in slot
        assert slot[:1] == b"1"
    with pytest.raises(HolderUnusable, match="passphrase"):
        await another()
    with pytest.raises(HolderUnusable, match="passphrase"):
        await another(root=Root(b"battery staple"))
    assert await (await another(root=Root(b"correct horse"))).key(unit) == await ring.key(unit)


# --- the ledger elsewhere ---------------------------------------------------------------------------------------------


async def test_a_fault_before_remembering_is_made_good_at_the_next_start(
    ring: Keyring, another: Opener, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit, _ = await applied(ring)

    async def fails(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(ring, "_remember", fails)
    with pytest.raises(OSError):
        await erase(ring, unit)
    assert Memory(folders[0]).entries() == []
    again = await another()
    assert Memory(folders[0]).entries() == Memory(folders[1]).entries() == await again.entries() != []


async def test_a_memory_that_was_out_of_reach_for_a_while_has_no_gap(
    ring: Keyring, tmp_path: Path, folders: Folders
) -> None:
    archives = tmp_path / "archives"
    archives.mkdir()
    await ring.record("verify", {}, NOW)
    archives.rename(tmp_path / "unplugged")
    await ring.record("verify", {}, NOW)
    (tmp_path / "unplugged").rename(archives)
    await ring.record("verify", {}, NOW)
    for folder in (*folders, archives):
        entries = Memory(folder).entries()
        assert len(entries) == 3
        assert first_fault(entries) is None
