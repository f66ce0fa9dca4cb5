"""What will be erased in the months to come, and what a change of the policy would do: pictures of `rules.decide`.

Guards that no page foretells by other rules than those that erase. The counting is pure: facts, policies, a day go in.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from recruit import employer
from recruit.clock import day
from recruit.database import IDS, ids
from recruit.retention import rules
from recruit.retention.facts import of_applications
from recruit.retention.remembered import recall, remember
from recruit.retention.rules import DAY, Decision, Facts, Policy, add_months
from recruit.site import Site

MONTHS = 12
REASONS = {
    "consent": "Consent runs out",
    "window": "No consent after the process",
    "hired": "Hired",
    "asked": "Asked for",
}
"""Why something will be erased, as the picture names it (message ids)."""

_BY_RULE = {"L3": "consent", "L8": "hired", "L6": "asked", "L27": "asked", "L28": "asked"}


@dataclass(frozen=True)
class Forecast:
    """Per month (its first day) how many fall due for each of REASONS; `stopped` are due, but something blocks.
    As everything stood on a day.
    """

    months: tuple[tuple[date, tuple[int, ...]], ...]
    stopped: int
    as_of: date

    @property
    def total(self) -> int:
        return sum(sum(numbers) for _, numbers in self.months)

    def __add__(self, other: "Forecast") -> "Forecast":
        """Of the same day: the counts of both."""
        each = zip(self.months, other.months, strict=True)
        months = tuple((month, tuple(map(sum, zip(mine, theirs, strict=True)))) for (month, mine), (_, theirs) in each)
        return Forecast(months, self.stopped + other.stopped, self.as_of)


def months_ahead(facts: Iterable[Facts], policy: Policy, today: date) -> Forecast:
    """The twelve months from today's on, as facts and policy stand; what is overdue counts in the first."""
    first = today.replace(day=1)
    months = [add_months(first, n) for n in range(MONTHS)]
    counts = {month: dict.fromkeys(REASONS, 0) for month in months}
    stopped = 0
    for fact in facts:
        decision = rules.decide(fact, policy, today)
        if decision.due_on is None:
            continue
        month = max(decision.due_on + DAY, today).replace(day=1)
        if decision.blockers:
            stopped += month in counts
        elif month in counts:
            counts[month][_reason(decision)] += 1
    return Forecast(tuple((month, tuple(counts[month].values())) for month in months), stopped, today)


def _reason(decision: Decision) -> str:
    return _BY_RULE.get(decision.headline.rule, "window")


@dataclass(frozen=True)
class Effect:
    """What a policy would do that the one in force does not: people (not applications) who would fall due.

    `tomorrow`: on the first day on which it can be in force; `sooner` and `later`: whose day moves.
    """

    tomorrow: int
    sooner: int
    later: int


class Change:
    """Whose day a change of the policy moves; the living are looked at some at a time."""

    def __init__(self, old: Policy, new: Policy, today: date) -> None:
        self._old, self._new, self._day = old, new, today + DAY
        self._at_once, self._sooner, self._later = set[UUID](), set[UUID](), set[UUID]()

    def look_at(self, living: Mapping[UUID, tuple[UUID, Facts]]) -> None:
        """By application its candidate and its facts."""
        for person, fact in living.values():
            was, becomes = rules.decide(fact, self._old, self._day), rules.decide(fact, self._new, self._day)
            if becomes.action == "purge" and was.action != "purge":
                self._at_once.add(person)
            if was.due_on and becomes.due_on and was.due_on != becomes.due_on:
                (self._sooner if becomes.due_on < was.due_on else self._later).add(person)

    @property
    def effect(self) -> Effect:
        return Effect(len(self._at_once), len(self._sooner), len(self._later))


@dataclass(frozen=True)
class Simulation:
    """A change before it is saved: its whole effect, that of each changed setting alone, and the days that follow."""

    effect: Effect
    alone: tuple[tuple[str, object, object, Effect], ...]
    in_force_on: date
    erased_from: date


async def simulation(site: Site, new: Policy, now: datetime) -> Simulation:
    """What saving this policy today would do; changes nothing."""
    old, today = await employer.policy(site), day(now)
    fields = [name for name in Policy.__struct_fields__ if name != "number"]
    changed = [name for name in fields if getattr(old, name) != getattr(new, name)]
    whole, alone = Change(old, new, today), {name: Change(old, _with(old, new, name), today) for name in changed}
    async for living in _living(site):
        for change in (whole, *alone.values()):
            change.look_at(living)
    moved = tuple(
        (name, getattr(old, name), getattr(new, name), change.effect)
        for name, change in alone.items()
        if change.effect != Effect(0, 0, 0)
    )
    starts = today + DAY
    return Simulation(whole.effect, moved, starts, starts + new.notice_days * DAY)


def _with(old: Policy, new: Policy, name: str) -> Policy:
    return replace(old, **{name: getattr(new, name)})


async def foresee(site: Site, now: datetime) -> None:
    """Count the year ahead of all that live, and remember it: with each night's purge, since all are looked at."""
    policy, today = await employer.policy(site), day(now)
    foreseen, ahead = months_ahead([], policy, today), add_months(today.replace(day=1), MONTHS)
    async for guards in site.keyring.each_guard("application"):
        near = [unit for unit, guard in guards.items() if guard.retain_until and guard.retain_until < ahead]
        foreseen += months_ahead((await of_applications(site, near)).values(), policy, today)
    await remember(site, "foreseen", foreseen)


async def forecast(site: Site) -> Forecast | None:
    """The year ahead as it was counted last; None before the first purge."""
    found = await recall(site, "foreseen")
    return msgspec.convert(found, Forecast) if found else None


async def _living(site: Site) -> AsyncIterator[dict[UUID, tuple[UUID, Facts]]]:
    """Every application for which a clock runs, with its candidate, some at a time."""
    async for guards in site.keyring.each_guard("application"):
        facts = await of_applications(site, [unit for unit, guard in guards.items() if guard.retain_until])
        rows = await site.records.run_sql(f"SELECT id, candidate FROM application WHERE id IN {IDS}", ids(facts))
        yield {row["id"]: (row["candidate"], facts[row["id"]]) for row in rows}
