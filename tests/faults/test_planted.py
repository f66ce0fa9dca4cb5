"""The harness itself: mistakes that are planted on purpose, each of which the independent reader has to find.

Some show after an ordinary night; others only where a purge dies in the wrong moment, where the power goes, or where a
hold is placed between two steps. Each is looked for in the way that has to find it, and each way finds nothing where
nothing is planted.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from recruit.careers import service as careers
from recruit.receipts.service import path_of
from recruit.retention import holds, inventory, purge, sweeping
from recruit.retention.issuing import Issuer
from recruit.vault import durable
from recruit.vault.documents import DocumentStore
from recruit.vault.holders import Holder, Holders, Memory
from recruit.vault.keyring import Keyring
from tests.faults.boundaries import Fate
from tests.faults.conftest import Fresh
from tests.faults.invariants import check, differences, fingerprint
from tests.faults.power import Power
from tests.faults.test_interrupted import looked_at
from tests.faults.world import a_day

# --- ways to look -----------------------------------------------------------------------------------------------------


async def purged(fresh: Fresh, fate: Fate, power: Power) -> list[str]:
    """An ordinary night."""
    world = fresh()
    before = fingerprint(world.place, world.living)
    site = await world.open()
    wrong = []
    try:
        await a_day(site, world.now + timedelta(days=1))
    except Exception as fault:  # a mistake may also break the program off: the reader looks all the same
        wrong.append(f"the night broke off: {type(fault).__name__}")
    await site.close()
    wrong += check(world.place, [world.ids["held"]])
    return wrong + differences(before, fingerprint(world.place, world.living))


async def died(fresh: Fresh, fate: Fate, power: Power) -> list[str]:
    """A purge dies before one step after the other, until something is found; nothing where it took all its steps."""
    return await _hunted(fresh, fate, "purge")


async def darkened(fresh: Fresh, fate: Fate, power: Power) -> list[str]:
    """The same, and the power goes."""
    return await _hunted(fresh, fate, "rotate", power)


async def darkened_applying(fresh: Fresh, fate: Fate, power: Power) -> list[str]:
    return await _hunted(fresh, fate, "apply", power)


async def _hunted(fresh: Fresh, fate: Fate, act: str, power: Power | None = None) -> list[str]:
    """What was planted has marked the steps before which it is at work: these are tried, and those after them."""
    total, _ = await looked_at(fresh(), fate, act, None)
    marked = sorted({step + late for step in fate.marks for late in (0, 1) if step + late < total})
    for steps in marked or range(total):
        _, wrong = await looked_at(fresh(), fate, act, steps, power)
        if wrong:
            return wrong
    return []


async def contradicted(fresh: Fresh, fate: Fate, power: Power) -> list[str]:
    """A hold is granted after the purge has decided whom it erases, and before it erases."""
    world = fresh()
    due = [world.ids["due"]]
    before, real, granted = fingerprint(world.place, due), inventory.orders, []

    async def meanwhile(site: Any, ready: Any) -> Any:
        if ready:
            await holds.place(site, world.id("due"), world.id("kari"), "a", "b", date(2027, 3, 2), world.now)
            granted.extend(due)
        return await real(site, ready)

    site = await world.open()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inventory, "orders", meanwhile)
        await a_day(site, world.now + timedelta(days=1))
    await site.close()
    assert granted, "nobody was about to be erased"
    return check(world.place, granted) + differences(before, fingerprint(world.place, due))


# --- mistakes ---------------------------------------------------------------------------------------------------------


async def nothing(*_: Any, **__: Any) -> None:
    return None


async def none(*_: Any, **__: Any) -> int:
    return 0


def plant_receipt_before_verifying(patch: pytest.MonkeyPatch, fate: Fate) -> str:
    """Receipts are issued for whatever was begun, though its documents are still there."""
    patch.setattr(DocumentStore, "delete_units", none)
    patch.setattr(sweeping, "verify", lambda *_: None)
    return "I1"


def plant_receipt_without_rotating(patch: pytest.MonkeyPatch, fate: Fate) -> str:
    patch.setattr(Keyring, "rotate", none)
    patch.setattr(sweeping, "verify", lambda *_: None)
    return "I1"


def plant_old_key_left_in_one_holder(patch: pytest.MonkeyPatch, fate: Fate) -> str:
    real = Holder.keep_only

    def forgetful(self: Holder, numbers: Iterable[int]) -> None:
        if self.folder.name != "keys-2":
            real(self, numbers)

    patch.setattr(Holder, "keep_only", forgetful)
    patch.setattr(sweeping, "verify", lambda *_: None)
    return "I3"


def plant_epoch_ended_after_the_first_slice(patch: pytest.MonkeyPatch, fate: Fate) -> str:
    """Whoever is not re-wrapped yet loses the key that opens theirs."""
    real = Keyring._rewrap_some

    async def hasty(self: Keyring) -> bool:
        more = await real(self)
        await self.engine.run_sql("DELETE FROM epoch WHERE number < ?", self.epoch)
        return more and await self.refresh() < self.epoch

    patch.setattr(Keyring, "_rewrap_some", hasty)
    return "I8"


def plant_tombstone_without_an_entry(patch: pytest.MonkeyPatch, fate: Fate) -> str:
    real = Keyring._append

    async def forgetful(self: Keyring, entries: Any) -> None:
        await real(self, [entry for entry in entries if entry.kind != "erase"])

    patch.setattr(Keyring, "_append", forgetful)
    return "I2"


def plant_a_guard_that_is_not_asked(patch: pytest.MonkeyPatch, fate: Fate) -> str:
    """A hold on what is announced is not seen by the decision, and the guard is not asked."""
    patch.setattr(purge, "guard_refusal", lambda guard, today: None if guard.present else "gone")
    real = inventory.orders

    async def with_the_held(site: Any, due: Any) -> Any:
        found = await real(site, due)
        rows = await site.records.run_sql("SELECT application FROM legal_hold")
        return [*found, *(replace(found[0], purge=uuid4(), unit=row["application"]) for row in rows)] if found else []

    patch.setattr(inventory, "orders", with_the_held)
    return "I5"


def plant_a_purge_that_is_left(patch: pytest.MonkeyPatch, fate: Fate) -> str:
    patch.setattr(Issuer, "issue", nothing)
    return "I7"


def plant_a_memory_that_forgets(patch: pytest.MonkeyPatch, fate: Fate) -> str:
    patch.setattr(Memory, "remember", lambda *_: None)
    return "I6"


def plant_a_neighbour_swept_along(patch: pytest.MonkeyPatch, fate: Fate) -> str:
    real = DocumentStore.delete_units

    async def greedy(self: DocumentStore, units: Any) -> int:
        for path in await self.paths("units"):
            await self.delete([path])
        return await real(self, units)

    patch.setattr(DocumentStore, "delete_units", greedy)
    return "I8"


def plant_a_holder_left_behind(patch: pytest.MonkeyPatch, fate: Fate) -> str:
    """The new key is written to the first holder only."""
    write, heal = Holders.write, Holders.heal
    patch.setattr(Holders, "write", lambda self, *key: write(Holders([self.each[0].folder], self.each[0]._root), *key))
    patch.setattr(Holders, "heal", lambda self, *key: heal(Holders([self.each[0].folder], self.each[0]._root), *key))
    patch.setattr(sweeping, "verify", lambda *_: None)
    return "I3"


def plant_no_copy_of_the_keyring_with_the_holders(patch: pytest.MonkeyPatch, fate: Fate) -> str:
    """Strict: the old epoch key goes, and the copy that it opens stays."""
    patch.setattr(Keyring, "copy_to_holders", nothing)
    return "I3"


def dying_receipt_first(patch: pytest.MonkeyPatch, fate: Fate) -> str:
    """A receipt says what is about to happen."""
    real = purge._erase

    async def proudly(site: Any, orders: Any, *given: Any) -> None:
        for order in orders:
            await site.documents.put_once(path_of(order.purge), b"a receipt")
            fate.mark()
        await real(site, orders, *given)

    patch.setattr(purge, "_erase", proudly)
    return "I1"


def dying_ledger_after_the_keys(patch: pytest.MonkeyPatch, fate: Fate) -> str:
    """Keys are destroyed in one transaction, and the ledger is written in the next."""
    real, forgotten = Keyring._write, Keyring._remember

    async def keys_only(self: Any, results: Any) -> None:
        self.owed = results
        await self.engine.run_many(
            "UPDATE data_key SET wrapped = NULL, lookup = NULL, parent = NULL, purge = ? WHERE id = ?",
            [(str(r.purge), str(unit)) for r in results for unit in r.units],
        )

    async def afterwards(self: Any, fresh: Any = ()) -> None:
        owed, self.owed = getattr(self, "owed", None), None
        if owed:
            fate.mark()
            async with self.engine.transaction():
                await real(self, owed)
        await forgotten(self, fresh)

    patch.setattr(Keyring, "_write", keys_only)
    patch.setattr(Keyring, "_remember", afterwards)
    return "I2"


def dying_old_key_destroyed_early(patch: pytest.MonkeyPatch, fate: Fate) -> str:
    """As soon as the new key is there, and before the living are under it."""
    real = Holders.write

    def eager(self: Holders, number: int, key: bytes) -> None:
        real(self, number, key)
        for holder in self.each:
            holder.keep_only([number])
        fate.mark()

    patch.setattr(Holders, "write", eager)
    return "I3"


def dying_resumed_under_a_new_id(patch: pytest.MonkeyPatch, fate: Fate) -> str:
    """What an earlier run began gets a purge id of its own."""
    real = purge.finish

    async def anew(site: Any, now: Any, counts: Any, progress: Any) -> None:
        fate.mark()
        if not counts.erased:
            for row in await purge._begun(site):
                await site.keyring.engine.run_sql("UPDATE purge SET id = ? WHERE id = ?", str(uuid4()), str(row["id"]))
        await real(site, now, counts, progress)

    patch.setattr(purge, "finish", anew)
    return "I4"


def darkening_a_key_that_was_not_flushed(patch: pytest.MonkeyPatch, fate: Fate) -> str:
    def hasty(path: Path, data: bytes) -> None:
        path.with_name(path.name + ".new").write_bytes(data)
        path.with_name(path.name + ".new").replace(path)
        durable.sync_folder(path.parent)
        fate.mark()

    patch.setattr(durable, "write", hasty)
    return "I3"


def darkening_a_folder_that_was_not_flushed(patch: pytest.MonkeyPatch, fate: Fate) -> str:
    patch.setattr(durable, "sync_folder", lambda folder: fate.mark())
    return "I3"


def unsent_document_that_was_not_flushed(patch: pytest.MonkeyPatch, fate: Fate) -> str:
    """The power goes when the application is said to have arrived."""
    patch.setattr(DocumentStore, "make_durable", nothing)
    real = careers._finish

    async def said(*given: Any) -> None:
        fate.mark()
        await real(*given)

    patch.setattr(careers, "_finish", said)
    return "I8"


def contradicting_guard_in_the_wrong_store(patch: pytest.MonkeyPatch, fate: Fate) -> str:
    """A hold is written into records only, and reaches the keyring with the next reconciling."""
    real = Keyring.block
    patch.setattr(Keyring, "block", lambda self, unit, what: real(self, unit, what, 0))
    return "I5"


def contradicting_documents_gone_before_the_commit(patch: pytest.MonkeyPatch, fate: Fate) -> str:
    """Files are deleted by what is about to be committed, and then it is not."""
    real = Keyring.erase

    async def eager(self: Keyring, orders: Any, *given: Any) -> Any:
        folder = self.holders.each[0].folder.parent / "data" / "documents"
        await DocumentStore.in_folder(folder).delete_units([order.unit for order in orders])
        return await real(self, orders, *given)

    patch.setattr(Keyring, "erase", eager)
    return "I8"


Look = Callable[[Fresh, Fate, Power], Awaitable[list[str]]]

LOOKS: dict[str, Look] = {
    "plant": purged,
    "dying": died,
    "darkening": darkened,
    "unsent": darkened_applying,
    "contradicting": contradicted,
}
"""Which way has to find a mistake, by how its name begins."""

_STRICT_ONLY = "no_copy_of_the_keyring"


def _mistakes() -> list[Any]:
    """Each in plain mode in the ordinary run, and in both modes with `-m faults`."""
    found = []
    for name, plant in list(globals().items()):
        way, _, what = name.partition("_")
        if way in LOOKS and callable(plant):
            strict = what.startswith(_STRICT_ONLY)
            for mode in ["strict"] if strict else ["plain", "strict"]:
                marks = [pytest.mark.faults] if mode == "strict" and not strict else []
                found.append(pytest.param(mode, LOOKS[way], plant, id=f"{what}-{mode}", marks=marks))
    return found


MISTAKES = _mistakes()
assert len(MISTAKES) >= 2 * 12


@pytest.mark.parametrize("look", [purged, contradicted])
async def test_without_a_mistake_nothing_is_found(fresh: Fresh, fate: Fate, power: Power, look: Look) -> None:
    assert await look(fresh, fate, power) == []


@pytest.mark.faults
@pytest.mark.parametrize("look", [died, darkened, darkened_applying])
async def test_without_a_mistake_nothing_is_found_before_any_step(
    fresh: Fresh, fate: Fate, power: Power, look: Look
) -> None:
    assert await look(fresh, fate, power) == []


@pytest.mark.parametrize(("template", "look", "plant"), MISTAKES, indirect=["template"])
async def test_a_planted_mistake_is_found(
    fresh: Fresh,
    fate: Fate,
    power: Power,
    monkeypatch: pytest.MonkeyPatch,
    look: Look,
    plant: Callable[[pytest.MonkeyPatch, Fate], str],
) -> None:
    invariant = plant(monkeypatch, fate)
    wrong = await look(fresh, fate, power)
    assert any(sentence.startswith(invariant) for sentence in wrong), wrong
