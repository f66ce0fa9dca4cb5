"""What will be erased in the months to come, and what a change of the policy would do: pictures of `rules.decide`.

Guards that no page foretells by other rules than those that erase. The counting is pure: facts, policies, a day go in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from msgspec.structs import replace

from recruit import employer
from recruit.clock import day
from recruit.database import IDS, ids
from recruit.retention import rules
from recruit.retention.facts import of_applications
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
_FOR_EVER = date(9999, 1, 1)


@dataclass(frozen=True)
class Forecast:
    """Per month (its first day) how many fall due for each of REASONS; `stopped` are due, but something blocks."""

    months: tuple[tuple[date, tuple[int, ...]], ...]
    stopped: int

    @property
    def total(self) -> int:
        return sum(sum(numbers) for _, numbers in self.months)


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
    return Forecast(tuple((month, tuple(counts[month].values())) for month in months), stopped)


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


def simulate(living: Mapping[UUID, tuple[UUID, Facts]], old: Policy, new: Policy, today: date) -> Effect:
    """The effect of a change on the living: by application its candidate and its facts."""
    at_once, sooner, later = set[UUID](), set[UUID](), set[UUID]()
    for person, fact in living.values():
        was, becomes = rules.decide(fact, old, today + DAY), rules.decide(fact, new, today + DAY)
        if becomes.action == "purge" and was.action != "purge":
            at_once.add(person)
        if was.due_on and becomes.due_on and was.due_on != becomes.due_on:
            (sooner if becomes.due_on < was.due_on else later).add(person)
    return Effect(len(at_once), len(sooner), len(later))


@dataclass(frozen=True)
class Simulation:
    """A change before it is saved: its whole effect, that of each changed setting alone, and the days that follow."""

    effect: Effect
    alone: tuple[tuple[str, object, object, Effect], ...]
    in_force_on: date
    erased_from: date


async def simulation(site: Site, new: Policy, now: datetime) -> Simulation:
    """What saving this policy today would do; changes nothing."""
    old, today, living = await employer.policy(site), day(now), await _living(site)
    fields = [name for name in Policy.__struct_fields__ if name != "number"]
    changed = [name for name in fields if getattr(old, name) != getattr(new, name)]
    alone = [
        (name, getattr(old, name), getattr(new, name), simulate(living, old, _with(old, new, name), today))
        for name in changed
    ]
    moved = tuple(each for each in alone if each[3] != Effect(0, 0, 0))
    starts = today + DAY
    return Simulation(simulate(living, old, new, today), moved, starts, starts + new.notice_days * DAY)


def _with(old: Policy, new: Policy, name: str) -> Policy:
    return replace(old, **{name: getattr(new, name)})


async def forecast(site: Site, now: datetime) -> Forecast:
    """The year ahead, of all that live."""
    policy, today = await employer.policy(site), day(now)
    ahead = add_months(today.replace(day=1), MONTHS)
    facts = await of_applications(site, await site.keyring.past_due("application", ahead))
    return months_ahead(facts.values(), policy, today)


async def _living(site: Site) -> dict[UUID, tuple[UUID, Facts]]:
    """Every application for which a clock runs, with its candidate."""
    facts = await of_applications(site, await site.keyring.past_due("application", _FOR_EVER))
    rows = await site.records.run_sql(f"SELECT id, candidate FROM application WHERE id IN {IDS}", ids(facts))
    return {row["id"]: (row["candidate"], facts[row["id"]]) for row in rows}
