"""What the program remembers between runs: the clock's high-water mark, the forecast, a question that waits for a
person; and what was counted at night, so that no page counts all that is stored.

Guards L17: a clock that ran back or jumped, or more falling due than was foreseen, or a restored archive, stops the
purge until somebody has looked.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

from recruit import audit, employer
from recruit.clock import day
from recruit.retention import rules
from recruit.retention.facts import of_applications
from recruit.site import Site

CONFIRMATION_HOLDS = timedelta(hours=24)
T = TypeVar("T")


@dataclass(frozen=True)
class Counted(Generic[T]):
    """What was counted, and the day on which it was."""

    on: date
    what: T


async def recall(site: Site, name: str) -> Any:
    """A remembered value, or None."""
    rows = await site.records.run_sql("SELECT value FROM fact WHERE name = ?", name)
    return msgspec.json.decode(rows[0]["value"]) if rows else None


async def remember(site: Site, name: str, value: Any) -> None:
    await site.records.run_sql(
        "INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        *(name, msgspec.json.encode(value).decode()),
    )


async def remember_counted(site: Site, name: str, what: Any, now: datetime) -> None:
    """Ids, days, codes and counts alone: a fact is not sealed."""
    await remember(site, name, Counted(day(now), what))


async def recall_counted(site: Site, name: str, kind: type[T]) -> Counted[T] | None:
    """What was counted last; None before the first night."""
    found = await recall(site, name)
    return Counted(date.fromisoformat(found["on"]), msgspec.convert(found["what"], kind)) if found else None


async def waits_because(site: Site, now: datetime, due: int = 0, immediate: int = 0) -> str | None:
    """Why a purge must wait for a person: `clock_backwards`, `clock_jumped`, `volume`, `restored`; None if it may go.

    A confirmation lifts all but a clock that ran backwards, which only time can mend.
    """
    seen = await recall(site, "high_water")
    verdict = rules.clock_verdict(datetime.fromisoformat(seen) if seen else None, now)
    if verdict == "backwards":
        return "clock_backwards"
    if await _confirmed(site, now):
        return None
    if await recall(site, "restored"):
        return "restored"
    if verdict == "jumped":
        return "clock_jumped"
    forecast = await recall(site, "forecast") or 0
    return "volume" if rules.volume_verdict(due, forecast, immediate) == "waits" else None


async def clock_in_doubt(site: Site, now: datetime) -> bool:
    """Whether the clock ran back or jumped, and nobody has confirmed that it is right: a bad time to end anything."""
    seen = await recall(site, "high_water")
    verdict = rules.clock_verdict(datetime.fromisoformat(seen) if seen else None, now)
    return verdict == "backwards" or (verdict == "jumped" and not await _confirmed(site, now))


async def confirm(site: Site, by: UUID | None, now: datetime) -> None:
    """A person has looked and lets the purge go on; it holds for a day."""
    async with site.records.transaction():
        await remember(site, "confirmed", now.isoformat())
        await remember(site, "restored", None)
        await audit.record("purge.confirmed", now, by)


async def _confirmed(site: Site, now: datetime) -> bool:
    at = await recall(site, "confirmed")
    return bool(at) and datetime.fromisoformat(at) <= now <= datetime.fromisoformat(at) + CONFIRMATION_HOLDS


async def look_ahead(site: Site, now: datetime) -> None:
    """At the end of a run: the clock's mark, and how many will be due tomorrow."""
    mark = await recall(site, "high_water")
    if mark is None or datetime.fromisoformat(mark) < now:
        await remember(site, "high_water", now.isoformat())
    await remember(site, "forecast", await due_on(site, day(now) + timedelta(days=1)))


async def due_on(site: Site, today: date) -> int:
    """How many applications the rules would erase on a day, as facts and policy stand now."""
    policy = await employer.policy(site)
    facts = await of_applications(site, await site.keyring.past_due("application", today))
    return sum(rules.decide(fact, policy, today).action == "purge" for fact in facts.values())
