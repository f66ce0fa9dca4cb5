"""The one place where an application is opened for staff.

Guards that nobody reads an application without standing (role, team, L4, L15), and that the access row is written
before anything is shown: `opened` and `listed` are the only ways from an id to a key in this folder.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from recruit import audit
from recruit.accounts.guards import DPO, Me
from recruit.database import IDS, ids
from recruit.errors import NotFound
from recruit.hiring import rules
from recruit.hiring.rules import Act
from recruit.retention.facts import of_applications
from recruit.retention.rules import Facts
from recruit.site import Site
from recruit.tables import Person
from recruit.vault.sealing import UnitKey, unseal
from recruit.visible import APPLICATIONS


@dataclass(frozen=True)
class Opened:
    """An application that was opened by somebody who may, for a purpose that stands in the access log."""

    id: UUID
    row: dict[str, Any]
    vacancy: dict[str, Any]
    facts: Facts
    key: UnitKey
    candidate_key: UnitKey
    role: str
    me: Me

    def may(self, act: Act) -> bool:
        return act in rules.acts_of(self.role)


async def opened(
    site: Site,
    me: Me,
    application: UUID,
    purpose: str,
    now: datetime,
    act: Act | None = None,
    pause: timedelta = timedelta(0),
) -> Opened:
    """Open one application. NotFound for strangers, TooLate once it is erased, and see `rules.role_for`.

    With `pause`, a look for the same purpose that is not older counts as this one (the pages of one document).
    """
    rows = await site.records.run_sql("SELECT * FROM application WHERE id = ?", application)
    if not rows:
        raise NotFound()
    row = rows[0]
    vacancy = (await site.records.run_sql("SELECT * FROM vacancy WHERE id = ?", row["vacancy"]))[0]
    in_team = await is_in_team(site, me.id, row["vacancy"])
    if not rules.standing(me.roles, in_team):
        raise NotFound()
    facts = (await of_applications(site, [application]))[application]
    role = rules.role_for(me.roles, in_team, facts, act)
    key, candidate_key = await site.keyring.key(application), await site.keyring.key(row["candidate"])
    shown_for = "case" if role == DPO else purpose
    if not (pause and await _looked(site, me, application, shown_for, now - pause)):
        await audit.look(me.id, role, [application], shown_for, now)
    return Opened(application, row, vacancy, facts, key, candidate_key, role, me)


async def _looked(site: Site, me: Me, application: UUID, purpose: str, since: datetime) -> bool:
    return bool(
        await site.records.run_sql(
            "SELECT 1 FROM look WHERE staff = ? AND unit = ? AND purpose = ? AND at > ? LIMIT 1",
            *(me.id, application, purpose, since),
        )
    )


async def vacancy_of(site: Site, me: Me, vacancy: UUID) -> dict[str, Any]:
    """A vacancy that this person works with; NotFound for strangers."""
    rows = await site.records.run_sql("SELECT * FROM vacancy WHERE id = ?", vacancy)
    in_team = await is_in_team(site, me.id, vacancy)
    if not rows or not [role for role in rules.standing(me.roles, in_team) if role != DPO]:
        raise NotFound()
    return rows[0]


@dataclass(frozen=True)
class Listed:
    """One line of a vacancy's list; `person` carries the name."""

    id: UUID
    row: dict[str, Any]
    facts: Facts
    person: Person


@dataclass(frozen=True)
class Listing:
    """A page of a vacancy's applications. `closed_to_you` are in the answer window, and another role may open them."""

    lines: tuple[Listed, ...]
    total: int
    closed_to_you: int


async def listed(site: Site, me: Me, vacancy: UUID, now: datetime, page: int, size: int) -> Listing:
    """The applications of a vacancy that this person may open, newest first and the running before the closed."""
    rows = await site.records.run_sql(
        f"SELECT * FROM {APPLICATIONS} a WHERE vacancy = ? ORDER BY outcome IS NOT NULL, last_activity_at DESC, id",
        vacancy,
    )
    all_facts = await of_applications(site, [row["id"] for row in rows])
    in_team = await is_in_team(site, me.id, vacancy)
    mine: list[tuple[dict[str, Any], str]] = []
    closed_to_me = 0
    for row in rows:
        try:
            mine.append((row, rules.role_for(me.roles, in_team, all_facts[row["id"]])))
        except rules.OnlyRecruiterAndDpo:
            closed_to_me += 1
        except NotFound:
            continue
    shown = mine[(page - 1) * size : page * size]
    return Listing(await _unsealed(site, me, shown, all_facts, now), len(mine), closed_to_me)


async def _unsealed(
    site: Site, me: Me, shown: Sequence[tuple[dict[str, Any], str]], all_facts: dict[UUID, Facts], now: datetime
) -> tuple[Listed, ...]:
    """The names of these candidates, after the access rows; an application whose key is gone is not there."""
    units = {row["id"] for row, _ in shown} | {row["candidate"] for row, _ in shown}
    keys = await site.keyring.keys(units)
    living = [(row, role) for row, role in shown if row["id"] in keys and row["candidate"] in keys]
    for role in {role for _, role in living}:
        await audit.look(me.id, role, [row["id"] for row, held in living if held == role], "list", now)
    people = await _people(site, keys, [row["candidate"] for row, _ in living])
    return tuple(Listed(row["id"], row, all_facts[row["id"]], people[row["candidate"]]) for row, _ in living)


async def _people(site: Site, keys: dict[UUID, UnitKey], candidates: list[UUID]) -> dict[UUID, Person]:
    rows = await site.records.run_sql(f"SELECT id, sealed FROM candidate WHERE id IN {IDS}", ids(candidates))
    return {r["id"]: unseal(keys[r["id"]], "candidate", r["id"], bytes(r["sealed"]), Person) for r in rows}


async def is_in_team(site: Site, staff: UUID, vacancy: UUID) -> bool:
    return bool(await site.records.run_sql("SELECT 1 FROM team_member WHERE vacancy = ? AND staff = ?", vacancy, staff))


async def owner_of(site: Site, table: str, row: UUID) -> UUID:
    """The application on which a note, referee or hold hangs; NotFound if there is no such row."""
    if table not in ("interview_note", "referee", "legal_hold"):
        raise ValueError(table)
    rows = await site.records.run_sql(f"SELECT application FROM {table} WHERE id = ?", row)
    if not rows:
        raise NotFound()
    owner: UUID = rows[0]["application"]
    return owner
