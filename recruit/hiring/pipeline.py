"""A vacancy's pipeline: the same applications as a list and as a board, paged by the database.

Guards that a page costs what it shows, however many applications there are: filter, order and page are one query, and
facts, names and access rows are read for the shown ones alone. Whom a query may touch says `access.within`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from recruit.accounts.guards import Me
from recruit.clock import day
from recruit.database import ALL, IDS, ids
from recruit.hiring import access, stages, tags
from recruit.hiring.access import Condition
from recruit.hiring.stages import Step, Steps
from recruit.hiring.wanted import Sort, Wanted
from recruit.retention.facts import of_applications
from recruit.retention.rules import STAGES, Facts
from recruit.site import Site
from recruit.tables import Person
from recruit.visible import APPLICATIONS

PAGE = 50
PER_STEP = 10

_STEP = "CASE WHEN a.step = '' THEN a.stage ELSE a.step END"
_RANK = "CASE a.furthest_stage " + " ".join(f"WHEN '{s}' THEN {n}" for n, s in enumerate(STAGES)) + " ELSE 0 END"
_SINCE = "COALESCE(a.entered_at, a.submitted_at)"
_ORDERS: dict[Sort, str] = {
    "newest": "a.submitted_at DESC, a.id",
    "oldest": "a.submitted_at, a.id",
    "activity": "a.last_activity_at DESC, a.id",
    "waiting": f"{_SINCE}, a.id",
    "stage": f"{_RANK} DESC, a.submitted_at DESC, a.id",
}
_UNREAD = "NOT EXISTS (SELECT 1 FROM seen s WHERE s.application = a.id AND s.staff = ?)"
_AGAIN = (
    f"a.candidate IN (SELECT b.candidate FROM {APPLICATIONS} b WHERE b.vacancy = ? "
    "GROUP BY b.candidate HAVING count(*) > 1)"
)


@dataclass(frozen=True)
class Line:
    """One application in the pipeline; `person` carries the name, `days` how long it has stood at its step.

    `new`: this person has not opened it yet. `again`: the candidate has another one in this vacancy.
    """

    id: UUID
    row: dict[str, Any]
    facts: Facts
    person: Person
    step: Step
    days: int
    new: bool
    again: bool
    tags: tuple[tags.Named, ...]


@dataclass(frozen=True)
class Listing:
    """A page of a pipeline, and how many there are of what.

    `closed_to_you` are in the answer window, and another role may open them. `per_step` counts the running.
    """

    lines: tuple[Line, ...]
    total: int
    running: int
    ended: int
    closed_to_you: int
    per_step: dict[str, int]


@dataclass(frozen=True)
class Pipeline:
    """Whose view of which vacancy: the role, and the vacancy's own steps."""

    site: Site
    me: Me
    role: str
    vacancy: dict[str, Any]
    steps: Steps

    @property
    def _reach(self) -> Condition:
        return Condition("a.vacancy = ?", (self.vacancy["id"],)) & access.within(self.role, self.me)

    def _wanted(self, wanted: Wanted) -> Condition:
        condition = self._reach & Condition(f"a.outcome IS {'NOT ' if wanted.state == 'ended' else ''}NULL")
        if wanted.step:
            condition &= self._at(wanted.step)
        if wanted.tag:
            tagged = "EXISTS (SELECT 1 FROM application_tag t WHERE t.application = a.id AND t.tag = ?)"
            condition &= Condition(tagged, (wanted.tag,))
        if wanted.unread:
            condition &= Condition(_UNREAD, (self.me.id,))
        if wanted.mine:
            mine = "EXISTS (SELECT 1 FROM assignment m WHERE m.application = a.id AND m.staff = ?)"
            condition &= Condition(mine, (self.me.id,))
        return condition & Condition(_AGAIN, (self.vacancy["id"],)) if wanted.again else condition

    async def page(self, wanted: Wanted, now: datetime) -> Listing:
        """One page of the list."""
        where = self._wanted(wanted)
        units = await self._first(where, wanted.sort, PAGE, (wanted.page - 1) * PAGE)
        counts = await self._counts()
        total = await self._count(where) if wanted.filtered else counts[wanted.state]
        lines = await self._lines(units, now, "list")
        return await self._listing(lines, total, counts)

    async def board(self, wanted: Wanted, now: datetime) -> tuple[Listing, dict[str, tuple[Line, ...]]]:
        """The first of each step, side by side."""
        counts = await self._counts()
        columns = {name.removeprefix("step:") for name in counts if name.startswith("step:")}
        units: list[UUID] = []
        for key in columns:
            where = self._wanted(wanted) & self._at(key)
            units += await self._first(where, wanted.sort, PER_STEP)
        lines = await self._lines(units, now, "list")
        shown = {key: tuple(line for line in lines if line.step.key == key) for key in columns}
        total = await self._count(self._wanted(wanted)) if wanted.filtered else counts[wanted.state]
        return await self._listing(lines, total, counts), shown

    def _at(self, key: str) -> Condition:
        """Those that stand at a step, by the two columns that an index has."""
        step = next((step for step in self.steps if step.key == key), None)
        return Condition("a.stage = ? AND a.step = ?", (step.stage, step.stored) if step else (key, ""))

    async def _first(self, where: Condition, sort: Sort, limit: int, skip: int = 0) -> list[UUID]:
        rows = await self.site.records.run_sql(
            f"SELECT a.id FROM {APPLICATIONS} a WHERE {where.sql} ORDER BY {_ORDERS[sort]} LIMIT ? OFFSET ?",
            *(*where.params, limit, skip),
        )
        return [row["id"] for row in rows]

    async def neighbours(self, wanted: Wanted, application: UUID) -> tuple[UUID | None, UUID | None]:
        """The applications before and after this one in the view that somebody came from."""
        where = self._wanted(wanted)
        rows = await self.site.records.run_sql(
            f"SELECT before, after FROM (SELECT a.id, lag(a.id) OVER w AS before, lead(a.id) OVER w AS after "
            f"FROM {APPLICATIONS} a WHERE {where.sql} WINDOW w AS (ORDER BY {_ORDERS[wanted.sort]})) placed "
            "WHERE id = ?",
            *(*where.params, application),
        )
        return (_uuid(rows[0]["before"]), _uuid(rows[0]["after"])) if rows else (None, None)

    async def every(self, wanted: Wanted) -> list[UUID]:
        """All that the view holds, on whichever page: for an act on many at once."""
        return await self._first(self._wanted(wanted), wanted.sort, ALL)

    async def only_mine(self, chosen: Sequence[UUID]) -> list[UUID]:
        """Of these, those that are in this vacancy and within reach; strange ids fall out."""
        where = self._reach & Condition(f"a.id IN {IDS}", (ids(chosen),))
        rows = await self.site.records.run_sql(f"SELECT a.id FROM {APPLICATIONS} a WHERE {where.sql}", *where.params)
        found = {row["id"] for row in rows}
        return [unit for unit in dict.fromkeys(chosen) if unit in found]

    # --- what a page needs beside the ids -----------------------------------------------------------------------------

    async def _count(self, where: Condition) -> int:
        rows = await self.site.records.run_sql(
            f"SELECT count(*) AS n FROM {APPLICATIONS} a WHERE {where.sql}", *where.params
        )
        return int(rows[0]["n"])

    async def _counts(self) -> dict[str, int]:
        """How many are running, have ended, and stand at each step (`step:interview`)."""
        where = self._reach
        rows = await self.site.records.run_sql(
            f"SELECT {_STEP} AS step, a.outcome IS NULL AS running, count(*) AS n FROM {APPLICATIONS} a "
            f"WHERE {where.sql} GROUP BY {_STEP}, a.outcome IS NULL",
            *where.params,
        )
        counts = {"running": 0, "ended": 0}
        for row in rows:
            counts["running" if row["running"] else "ended"] += row["n"]
            if row["running"]:
                counts[f"step:{row['step']}"] = row["n"]
        return counts

    async def _listing(self, lines: tuple[Line, ...], total: int, counts: dict[str, int]) -> Listing:
        own = Condition("a.vacancy = ?", (self.vacancy["id"],))
        all_of_mine = own & access.within(self.role, self.me, ended_too=False)
        closed = await self._count(all_of_mine) - counts["running"] - counts["ended"]
        per_step = {name.removeprefix("step:"): n for name, n in counts.items() if name.startswith("step:")}
        return Listing(lines, total, counts["running"], counts["ended"], closed, per_step)

    async def _lines(self, units: list[UUID], now: datetime, purpose: str) -> tuple[Line, ...]:
        """The shown applications with names, in the given order; one whose key is gone is not there."""
        site, wanted = self.site, ids(units)
        found = await site.records.run_sql(
            f"SELECT a.*, {_UNREAD} AS new, {_AGAIN} AS again FROM {APPLICATIONS} a WHERE a.id IN {IDS}",
            *(self.me.id, self.vacancy["id"], wanted),
        )
        rows = {row["id"]: row for row in found}
        people = await access.names_of(site, self.me, self.role, list(rows.values()), purpose, now)
        facts, marks = await of_applications(site, people), await tags.of(site, units)
        return tuple(
            self._line(rows[unit], facts[unit], people[unit], marks.get(unit, ()), day(now))
            for unit in units
            if unit in people and unit in facts
        )

    def _line(
        self, row: dict[str, Any], facts: Facts, person: Person, marks: tuple[tags.Named, ...], today: date
    ) -> Line:
        since = day(row["entered_at"] or row["submitted_at"])
        until = row["closed_on"] or today
        step = stages.step_of(row, self.steps)
        new, again = bool(row["new"]), bool(row["again"])
        return Line(row["id"], row, facts, person, step, max(0, (until - since).days), new, again, marks)


async def of(site: Site, me: Me, vacancy: UUID) -> Pipeline:
    """The pipeline of a vacancy that this person works with; NotFound for strangers."""
    row = await access.vacancy_of(site, me, vacancy)
    return Pipeline(site, me, await access.role_in(site, me, vacancy), row, stages.read(row["steps"]))


def _uuid(value: Any) -> UUID | None:
    """A window function gives text on one engine and an id on the other."""
    return value if value is None or isinstance(value, UUID) else UUID(str(value))
