"""Figures about recruitments: the funnel, days in each stage, and where applications come from.

Guards that figures say nothing about anybody: a number under five is not shown, every other one is rounded to the
nearest five, so that no subtraction of one figure from another gives back what was hidden (L12). They are counted from
the applications that live (never the restricted, L15) and from the counters that outlive an erasure.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from recruit.careers import visits
from recruit.careers.visits import SMALLEST, Funnel
from recruit.clock import day
from recruit.retention.remembered import recall, remember
from recruit.retention.rules import STAGES, days_in_stages
from recruit.site import Site
from recruit.visible import APPLICATIONS

LISTED = 50


@dataclass(frozen=True)
class Insight:
    """Of one vacancy or of all: rounded numbers, None where they are hidden.

    `reached`: how many came at least as far as each stage, and were hired. `days`: on average, in a stage that was
    left. `vacancies`: how many each has, the `LISTED` that have the most; `views` is of one vacancy alone. `as_of`: all
    together are counted each night.
    """

    total: int | None
    reached: dict[str, int | None]
    days: dict[str, int | None]
    sources: dict[str, int | None]
    vacancies: dict[UUID, int | None]
    views: Funnel | None = None
    as_of: date | None = None

    @property
    def empty(self) -> bool:
        return not self.vacancies


NOTHING = Insight(None, {}, {}, {}, {})
"""Before anything is counted."""


def shown(n: int) -> int | None:
    """A number as it may be shown: hidden under five, else rounded to the nearest five."""
    return SMALLEST * ((n + SMALLEST // 2) // SMALLEST) if n >= SMALLEST else None


def reached(by_stage: Counter[str], hired: int) -> dict[str, int]:
    """From the furthest stages: how many came at least as far as each one; the last are the hired."""
    places = range(len(STAGES))
    return {STAGES[n]: sum(by_stage[stage] for stage in STAGES[n:]) for n in places} | {"hired": hired}


async def of(site: Site, vacancy: UUID) -> Insight:
    """The figures of a vacancy as they are now."""
    found = _figures(await _counted(site, vacancy), await _stays(site, vacancy))
    return replace(found, views=await visits.funnel(site, vacancy))


async def of_all(site: Site) -> Insight | None:
    """The figures of all together as they were counted last; None before the first night."""
    found = await recall(site, "insight")
    return msgspec.convert(found, Insight) if found else None


async def count_all(site: Site, now: datetime) -> None:
    """Count all together, one vacancy after the other, and remember what may be shown."""
    rows: list[dict[str, Any]] = []
    stays = Stays()
    for each in await site.records.run_sql("SELECT id FROM vacancy"):
        rows += await _counted(site, each["id"])
        stays += await _stays(site, each["id"])
    await remember(site, "insight", replace(_figures(rows, stays), as_of=day(now)))


@dataclass(frozen=True)
class Stays:
    """How many have left each stage, and after how many days in all."""

    n: Counter[str] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "Stays") -> "Stays":
        return Stays(self.n + other.n, self.days + other.days)


def _figures(rows: Sequence[dict[str, Any]], stays: Stays) -> Insight:
    total = sum(row["n"] for row in rows)
    by_stage, by_source, by_vacancy = Counter[str](), Counter[str](), Counter[UUID]()
    for row in rows:
        by_stage[row["stage"]] += row["n"]
        by_source[row["source"]] += row["n"]
        by_vacancy[row["vacancy"]] += row["n"]
    hired = sum(row["n"] for row in rows if row["outcome"] == "hired")
    return Insight(
        total=shown(total),
        reached={stage: shown(n) for stage, n in reached(by_stage, hired).items()},
        days=_averages(stays),
        sources={source: shown(n) for source, n in by_source.most_common()},
        vacancies={each: shown(n) for each, n in by_vacancy.most_common(LISTED)},
    )


def _averages(stays: Stays) -> dict[str, int | None]:
    """Average days in each stage, over those who have left it; hidden where they are fewer than five."""
    n, days = stays.n, stays.days
    return {stage: round(days[stage] / n[stage]) if n[stage] >= SMALLEST else None for stage in STAGES if n[stage]}


async def _counted(site: Site, vacancy: UUID) -> list[dict[str, Any]]:
    """How many of what: those that live, and those that were counted when they were erased."""
    rows = await site.records.run_sql(
        "SELECT vacancy, source, furthest_stage AS stage, COALESCE(outcome, '') AS outcome, count(*) AS n "
        f"FROM {APPLICATIONS} a WHERE vacancy = ? GROUP BY vacancy, source, furthest_stage, COALESCE(outcome, '')",
        vacancy,
    )
    rows += await site.records.run_sql(
        "SELECT vacancy, source, stage, outcome, n FROM counter WHERE vacancy = ?", vacancy
    )
    return rows


async def _stays(site: Site, vacancy: UUID) -> Stays:
    """Of those that live, and of those that were counted when they were erased."""
    stays, moves = Stays(), defaultdict[UUID, list[tuple[datetime, str]]](list)
    for row in await site.records.run_sql("SELECT stage, n, days FROM stage_time WHERE vacancy = ?", vacancy):
        stays.n[row["stage"]] += row["n"]
        stays.days[row["stage"]] += row["days"]
    rows = await site.records.run_sql(
        f"SELECT a.id, a.submitted_at, m.at, m.was FROM move m JOIN {APPLICATIONS} a ON a.id = m.application "
        "WHERE a.vacancy = ?",
        vacancy,
    )
    sent = {row["id"]: row["submitted_at"] for row in rows}
    for row in rows:
        moves[row["id"]].append((row["at"], row["was"]))
    for unit, each in moves.items():
        own = days_in_stages(sent[unit], each)
        stays.n.update(own.keys())
        stays.days.update(own)
    return stays
