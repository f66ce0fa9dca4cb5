"""Which units an erasure takes, and what the ledger says of it. Pure; the keyring calls it inside its transaction.

Guards that a batch is judged as if its orders came one after the other: what the first one erases is gone for the next,
and a profile ends only with the last application that needs it (L33).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from recruit.vault.ledger import Entry, Head, head_of, link


class GuardValues(Protocol):
    """What records say the guard should be (`retention.rules.Guard`)."""

    @property
    def retain_until(self) -> date | None: ...
    @property
    def holds(self) -> int: ...
    @property
    def restrictions(self) -> int: ...
    @property
    def open_requests(self) -> int: ...
    @property
    def version(self) -> int: ...


@dataclass(frozen=True)
class GuardRow:
    """The guard of a unit as it stands now (the shape that `retention.rules.guard_refusal` reads)."""

    unit: UUID
    kind: str
    parent: UUID | None
    present: bool
    retain_until: date | None
    holds: int
    restrictions: int
    open_requests: int
    links: int
    version: int
    purge: UUID | None

    @classmethod
    def of(cls, row: dict[str, Any]) -> "GuardRow":
        """From a row of the keyring, where the unit is called `id`."""
        values: dict[str, Any] = {**row, "unit": row["id"], "present": bool(row["present"])}
        del values["id"]
        return cls(**values)

    def says(self, values: GuardValues) -> bool:
        """Whether records say the same."""
        own = (self.retain_until, self.holds, self.restrictions, self.open_requests)
        return own == (values.retain_until, values.holds, values.restrictions, values.open_requests)


NEVER = GuardRow(UUID(int=0), "", None, False, None, 0, 0, 0, 0, 0, None)
"""The guard of a unit that there never was."""

Refusal = Callable[[GuardRow, date], str | None]
"""The rule that reads a guard: why the unit may not be erased that day, or None."""


@dataclass(frozen=True)
class Order:
    """One purge that is asked for: the unit that is due, and what the ledger shall say of it.

    `counts` is what goes by category; `with_profile` what goes as well if the profile ends with it. `also` are units
    that go with a part, unless something blocks them.
    """

    purge: UUID
    unit: UUID
    token: str
    facts: dict[str, Any]
    counts: dict[str, int]
    with_profile: dict[str, int] = field(default_factory=dict)
    also: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Result:
    """What came of an order: the erased units with their kinds, or the reason why not."""

    purge: UUID
    units: dict[UUID, str] = field(default_factory=dict)
    refused: str | None = None
    entry: Entry | None = None


class Batch:
    """Orders that are judged together. `world` holds every guard that they can touch."""

    def __init__(self, world: dict[UUID, GuardRow], head: Head, epoch: int, now: datetime) -> None:
        self._world, self._head, self._epoch, self._now = dict(world), head, epoch, now
        self._hanging: dict[UUID, list[UUID]] = {}
        for row in world.values():
            if row.parent is not None:
                self._hanging.setdefault(row.parent, []).append(row.unit)

    def judge(self, order: Order, refusal: Refusal, today: date) -> Result:
        """The next link of the ledger with all that goes, or the reason why nothing does."""
        guard = self._world.get(order.unit, NEVER)
        refused = refusal(self._with_owner(guard), today)
        if refused:
            return Result(order.purge, refused=refused)
        held = sum(self._is_held(self._world[unit]) for unit in self._hanging.get(guard.unit, ()))
        units = self._units(guard, order.also)
        ends = order.with_profile if guard.parent in units else {}
        body = {
            "purge": str(order.purge),
            "token": order.token,
            "units": {str(unit): kind for unit, kind in units.items()},
            "epoch": self._epoch,
            "counts": _without(held, order.counts) | ends | {"key": len(units)},
            **order.facts,
            **({"held": held} if held else {}),
        }
        entry = link(self._head, self._now, "erase", body)
        self._head = head_of(entry)
        return Result(order.purge, units, entry=entry)

    def _with_owner(self, guard: GuardRow) -> GuardRow:
        """The guard of a part: whatever blocks the unit that it belongs to blocks the part as well (L14 to L16)."""
        owner = self._world.get(guard.parent, NEVER) if guard.parent and guard.kind == "part" else NEVER
        return replace(
            guard,
            holds=guard.holds + owner.holds,
            restrictions=guard.restrictions + owner.restrictions,
            open_requests=guard.open_requests + owner.open_requests,
        )

    def _units(self, guard: GuardRow, also: Sequence[UUID]) -> dict[UUID, str]:
        """The unit, what hangs on it, and its profile if it was the last that needed it; all are gone from here on.

        A document under a legal hold of its own stays (L14).
        """
        hanging = [self._world[unit] for unit in (*self._hanging.get(guard.unit, ()), *also) if unit in self._world]
        gone = [guard, *(row for row in hanging if row.present and not self._is_held(row))]
        parent = self._world.get(guard.parent, NEVER) if guard.parent else NEVER
        profile = parent if parent.kind == "profile" else NEVER
        blocked = profile.holds or profile.restrictions or profile.open_requests
        if profile.present and profile.links == 1 and not blocked:
            gone.append(profile)
        elif profile.present:
            self._world[profile.unit] = replace(profile, links=profile.links - 1)
        for row in gone:
            self._world[row.unit] = replace(row, present=False)
        return {row.unit: row.kind for row in gone}

    @staticmethod
    def _is_held(row: GuardRow) -> bool:
        return row.kind == "document" and row.present and row.holds > 0


def _without(held: int, counts: dict[str, int]) -> dict[str, int]:
    """What goes by category, when so many documents stay under legal holds of their own."""
    left = {**counts, "document": counts.get("document", 0) - held}
    return {category: n for category, n in left.items() if n > 0 or category != "document"}
