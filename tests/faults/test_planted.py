"""The harness itself: mistakes that are planted on purpose, each of which the independent reader has to find."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from recruit.retention import inventory, purge, sweeping
from recruit.retention.issuing import Issuer
from recruit.vault.documents import DocumentStore
from recruit.vault.holders import Holder, Memory
from recruit.vault.keyring import Keyring
from tests.faults.boundaries import Fate
from tests.faults.conftest import Fresh
from tests.faults.invariants import check, differences, fingerprint
from tests.faults.world import World, a_day


async def purged(world: World, nights: int = 1) -> list[str]:
    before = fingerprint(world.place, world.living)
    site = await world.open()
    for night in range(1, nights + 1):
        await a_day(site, world.now + timedelta(days=night))
    await site.close()
    wrong = check(world.place, [world.ids["held"]])
    return wrong + differences(before, fingerprint(world.place, world.living))


async def nothing(*_: Any, **__: Any) -> None:
    return None


async def none(*_: Any, **__: Any) -> int:
    return 0


def plant_receipt_before_verifying(patch: pytest.MonkeyPatch) -> str:
    """Receipts are issued for whatever was begun, though its documents are still there."""
    patch.setattr(DocumentStore, "delete_units", none)
    patch.setattr(sweeping, "verify", lambda *_: None)
    return "I1"


def plant_receipt_without_rotating(patch: pytest.MonkeyPatch) -> str:
    patch.setattr(Keyring, "rotate", none)
    patch.setattr(sweeping, "verify", lambda *_: None)
    return "I1"


def plant_old_key_left_in_one_holder(patch: pytest.MonkeyPatch) -> str:
    real = Holder.keep_only

    def forgetful(self: Holder, number: int) -> None:
        if self.folder.name != "keys-2":
            real(self, number)

    patch.setattr(Holder, "keep_only", forgetful)
    patch.setattr(sweeping, "verify", lambda *_: None)
    return "I3"


def plant_tombstone_without_an_entry(patch: pytest.MonkeyPatch) -> str:
    real = Keyring._append

    async def forgetful(self: Keyring, entries: Any) -> None:
        await real(self, [entry for entry in entries if entry.kind != "erase"])

    patch.setattr(Keyring, "_append", forgetful)
    return "I2"


def plant_a_guard_that_is_not_asked(patch: pytest.MonkeyPatch) -> str:
    """A hold on what is announced is not seen by the decision, and the guard is not asked."""
    patch.setattr(purge, "guard_refusal", lambda guard, today: None if guard.present else "gone")
    real = inventory.orders

    async def with_the_held(site: Any, due: Any) -> Any:
        found = await real(site, due)
        rows = await site.records.run_sql("SELECT application FROM legal_hold")
        from dataclasses import replace
        from uuid import uuid4

        return [*found, *(replace(found[0], purge=uuid4(), unit=row["application"]) for row in rows)] if found else []

    patch.setattr(inventory, "orders", with_the_held)
    return "I5"


def plant_a_purge_that_is_left(patch: pytest.MonkeyPatch) -> str:
    patch.setattr(Issuer, "issue", nothing)
    return "I7"


def plant_a_memory_that_forgets(patch: pytest.MonkeyPatch) -> str:
    patch.setattr(Memory, "remember", lambda *_: None)
    return "I6"


def plant_a_neighbour_swept_along(patch: pytest.MonkeyPatch) -> str:
    real = DocumentStore.delete_units

    async def greedy(self: DocumentStore, units: Any) -> int:
        for path in await self.paths("units"):
            await self.delete([path])
        return await real(self, units)

    patch.setattr(DocumentStore, "delete_units", greedy)
    return "I8"


PLANTED = [value for name, value in list(globals().items()) if name.startswith("plant_")]


async def test_without_a_mistake_nothing_is_found(fresh: Fresh, fate: Fate) -> None:
    assert await purged(fresh()) == []


@pytest.mark.parametrize("plant", PLANTED, ids=[plant.__name__.removeprefix("plant_") for plant in PLANTED])
async def test_a_planted_mistake_is_found(
    fresh: Fresh, fate: Fate, monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], str]
) -> None:
    world = fresh()
    invariant = plant(monkeypatch)
    wrong = await purged(world)
    assert any(sentence.startswith(invariant) for sentence in wrong), wrong
