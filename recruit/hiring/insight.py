"""Figures about recruitments: the funnel, days in each stage, and where applications come from.

Guards that figures say nothing about anybody: a number under five is not shown, every other one is rounded to the
nearest five, so that no subtraction of one figure from another gives back what was hidden (L12). They are counted from
the applications that live (never the restricted, L15) and from the counters that outlive an erasure.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from recruit.careers import visits
from recruit.careers.visits import SMALLEST, Funnel
from recruit.retention.rules import STAGES, days_in_stages
from recruit.site import Site
from recruit.visible import APPLICATIONS


@dataclass(frozen=True)
class Insight:
    """Of one vacancy or of all: rounded numbers, None where they are hidden.

    `reached`: how many came at least as far as each stage, and were hired. `days`: on average, in a stage that was
    left. `vacancies`: how many each has; `views` is of one vacancy alone.
    """

    total: int | None
    reached: dict[str, int | None]
    days: dict[str, int | None]
    sources: dict[str, int | None]
    vacancies: dict[UUID, int | None]
    views: Funnel | None

    @property
    def empty(self) -> bool:
        return not self.vacancies


def shown(n: int) -> int | None:
    """A number as it may be shown: hidden under five, else rounded to the nearest five."""
    return SMALLEST * ((n + SMALLEST // 2) // SMALLEST) if n >= SMALLEST else None


def reached(by_stage: Counter[str], hired: int) -> dict[str, int]:
    """From the furthest stages: how many came at least as far as each one; the last are the hired."""
    places = range(len(STAGES))
    return {STAGES[n]: sum(by_stage[stage] for stage in STAGES[n:]) for n in places} | {"hired": hired}


async def of(site: Site, vacancy: UUID | None) -> Insight:
    """The figures of a vacancy, or of all together."""
    rows = await _counted(site, vacancy)
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
        days=await _days(site, vacancy),
        sources={source: shown(n) for source, n in by_source.most_common()},
        vacancies={each: shown(n) for each, n in by_vacancy.most_common()},
        views=await visits.funnel(site, vacancy) if vacancy else None,
    )


def _where(vacancy: UUID | None) -> tuple[str, list[UUID]]:
    return ("vacancy = ?", [vacancy]) if vacancy else ("1 = 1", [])


async def _counted(site: Site, vacancy: UUID | None) -> list[dict[str, Any]]:
    """How many of what: those that live, and those that were counted when they were erased."""
    where, params = _where(vacancy)
    rows = await site.records.run_sql(
        "SELECT vacancy, source, furthest_stage AS stage, COALESCE(outcome, '') AS outcome, count(*) AS n "
        f"FROM {APPLICATIONS} a WHERE {where} GROUP BY vacancy, source, furthest_stage, COALESCE(outcome, '')",
        *params,
    )
    rows += await site.records.run_sql(f"SELECT vacancy, source, stage, outcome, n FROM counter WHERE {where}", *params)
    return rows


async def _days(site: Site, vacancy: UUID | None) -> dict[str, int | None]:
    """Average days in each stage, over those who have left it; hidden where they are fewer than five."""
    n, days = Counter[str](), Counter[str]()
    where, params = _where(vacancy)
    for row in await site.records.run_sql(f"SELECT stage, n, days FROM stage_time WHERE {where}", *params):
        n[row["stage"]] += row["n"]
        days[row["stage"]] += row["days"]
    for stays in await _stays(site, where, params):
        n.update(stays.keys())
        days.update(stays)
    return {stage: round(days[stage] / n[stage]) if n[stage] >= SMALLEST else None for stage in STAGES if n[stage]}


async def _stays(site: Site, where: str, params: list[UUID]) -> list[dict[str, int]]:
    moves: dict[UUID, list[tuple[datetime, str]]] = defaultdict(list)
    sent: dict[UUID, datetime] = {}
    rows = await site.records.run_sql(
        f"SELECT a.id, a.submitted_at, m.at, m.was FROM move m JOIN {APPLICATIONS} a ON a.id = m.application "
        f"WHERE {where}",
        *params,
    )
    for row in rows:
        sent[row["id"]] = row["submitted_at"]
        moves[row["id"]].append((row["at"], row["was"]))
    return [days_in_stages(sent[unit], each) for unit, each in moves.items()]
