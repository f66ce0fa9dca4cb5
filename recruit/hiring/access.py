"""The one place where an application is opened for staff.

Guards that nobody reads an application without standing (role, team, assignment, L4, L15), and that the access row is
written before anything is shown: `opened` and `unsealed` are the only ways from an id to a key in this folder, and
`within` is the condition under which any query of this folder may count or list an application.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from recruit import audit
from recruit.accounts.guards import DPO, HIRING, INTERVIEWER, RECRUITER, Me
from recruit.database import IDS, ids
from recruit.errors import NotFound
from recruit.hiring import rules
from recruit.hiring.rules import Act
from recruit.retention.facts import of_applications
from recruit.retention.rules import Facts
from recruit.site import Site
from recruit.tables import Person
from recruit.vault.sealing import UnitKey, unseal


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


@asynccontextmanager
async def while_it_lives(site: Site, application: UUID) -> AsyncIterator[None]:
    """Around what reads an application row by row: TooLate, and no fault, if it is erased and swept in the middle."""
    try:
        yield
    except LookupError:
        await site.keyring.key(application)
        raise


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
    held = await _standing(site, me, row["vacancy"], application)
    if not held:
        raise NotFound()
    vacancy = (await site.records.run_sql("SELECT * FROM vacancy WHERE id = ?", row["vacancy"]))[0]
    facts = (await of_applications(site, [application]))[application]
    role = rules.role_for(held, facts, act)
    key, candidate_key = await site.keyring.key(application), await site.keyring.key(row["candidate"])
    shown_for = "case" if role == DPO else purpose
    if not (pause and await _looked(site, me, application, shown_for, now - pause)):
        await audit.look(me.id, role, [application], shown_for, now)
    if role in HIRING and purpose == "review":
        await mark_seen(site, me, [application], now)
    return Opened(application, row, vacancy, facts, key, candidate_key, role, me)


async def _standing(site: Site, me: Me, vacancy: UUID, application: UUID) -> tuple[str, ...]:
    as_what = await team_role(site, me.id, vacancy)
    assigned = bool(as_what) and bool(
        await site.records.run_sql("SELECT 1 FROM assignment WHERE application = ? AND staff = ?", application, me.id)
    )
    return rules.standing(me.roles, as_what, assigned)


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
    if not rows or not await role_in(site, me, vacancy):
        raise NotFound()
    return rows[0]


async def vacancy_with(site: Site, application: UUID) -> UUID:
    """The vacancy of an application, for `pipeline.of` to judge whether somebody works with it; NotFound: none such."""
    rows = await site.records.run_sql("SELECT vacancy FROM application WHERE id = ?", application)
    if not rows:
        raise NotFound()
    found: UUID = rows[0]["vacancy"]
    return found


async def team_role(site: Site, staff: UUID, vacancy: UUID) -> str:
    """What somebody is in the hiring team of a vacancy; empty: not in it."""
    rows = await site.records.run_sql("SELECT role FROM team_member WHERE vacancy = ? AND staff = ?", vacancy, staff)
    return str(rows[0]["role"]) if rows else ""


async def role_in(site: Site, me: Me, vacancy: UUID) -> str:
    """The role in which somebody works with a vacancy (the DPO does not); empty: not at all."""
    held = rules.standing(me.roles, await team_role(site, me.id, vacancy), assigned=True)
    return next((role for role in held if role != DPO), "")


# --- which applications a query may touch -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Condition:
    """A part of a WHERE clause about the application `a`, and its parameters."""

    sql: str
    params: tuple[Any, ...] = ()

    def __and__(self, other: "Condition") -> "Condition":
        return Condition(f"{self.sql} AND {other.sql}", (*self.params, *other.params))


IN_POOL = (
    "a.outcome <> 'hired' AND EXISTS (SELECT 1 FROM consent c WHERE c.candidate = a.candidate AND "
    "(c.application IS NULL OR c.application = a.id) AND c.given AND c.at >= a.submitted_at AND NOT EXISTS "
    "(SELECT 1 FROM consent d WHERE d.candidate = a.candidate AND (d.application IS NULL OR d.application = a.id) "
    "AND d.at > c.at AND NOT d.given))"
)
"""`retention.rules.open_only_to` as a query: ended, but kept by a consent that covers it (L4, L5)."""


def within(role: str, me: Me, ended_too: bool = True) -> Condition:
    """Of `APPLICATIONS` a, those that somebody in this role may see in lists and counts of a vacancy of theirs.

    `ended_too=False`: also those that L4 keeps from them, to say how many they are and nothing else.
    """
    condition = Condition("1 = 1")
    if role == INTERVIEWER:
        own = "EXISTS (SELECT 1 FROM assignment g WHERE g.application = a.id AND g.staff = ?)"
        condition &= Condition(own, (me.id,))
    if role != RECRUITER and ended_too:
        condition &= Condition(f"(a.outcome IS NULL OR ({IN_POOL}))")
    return condition


async def names_of(
    site: Site, me: Me, role: str, rows: Sequence[dict[str, Any]], purpose: str, now: datetime
) -> dict[UUID, Person]:
    """The candidates of these applications (rows with `id` and `candidate`), after the access rows.

    Only for rows that a query `within` somebody's reach gave; an application whose key is gone is not there.
    """
    units = {row["id"] for row in rows} | {row["candidate"] for row in rows}
    keys = await site.keyring.keys(units)
    living = [row for row in rows if row["id"] in keys and row["candidate"] in keys]
    await audit.look(me.id, role, [row["id"] for row in living], purpose, now)
    people = await _people(site, keys, [row["candidate"] for row in living])
    return {row["id"]: people[row["candidate"]] for row in living}


async def _people(site: Site, keys: dict[UUID, UnitKey], candidates: list[UUID]) -> dict[UUID, Person]:
    rows = await site.records.run_sql(f"SELECT id, sealed FROM candidate WHERE id IN {IDS}", ids(candidates))
    return {r["id"]: unseal(keys[r["id"]], "candidate", r["id"], bytes(r["sealed"]), Person) for r in rows}


# --- what is new to somebody ------------------------------------------------------------------------------------------


_SEEN = UUID("5e0c7d0e-6f0b-4f0e-9a53-0b6f4d1f2a77")


def pair_id(application: UUID, other: UUID) -> UUID:
    """The id of a row that an application has only once with a colleague or a tag."""
    return uuid5(_SEEN, application.bytes.hex() + other.bytes.hex())


async def mark_seen(site: Site, me: Me, applications: Iterable[UUID], now: datetime) -> None:
    """These applications are no longer new to this person; one that was swept meanwhile is passed over."""
    for unit in applications:
        await site.records.run_sql(
            "INSERT INTO seen (id, application, staff, at) SELECT ?, ?, ?, ? "
            "WHERE EXISTS (SELECT 1 FROM application WHERE id = ?) ON CONFLICT (id) DO UPDATE SET at = excluded.at",
            *(pair_id(unit, me.id), unit, me.id, now, unit),
        )


async def mark_new(site: Site, me: Me, applications: Sequence[UUID]) -> None:
    """These applications are new to this person again."""
    await site.records.run_sql(f"DELETE FROM seen WHERE staff = ? AND application IN {IDS}", me.id, ids(applications))


async def seen_by(site: Site, application: UUID) -> list[tuple[UUID, datetime]]:
    """Which colleagues have opened an application, and when last; the latest first."""
    rows = await site.records.run_sql("SELECT staff, at FROM seen WHERE application = ? ORDER BY at DESC", application)
    return [(row["staff"], row["at"]) for row in rows]


async def owner_of(site: Site, table: str, row: UUID) -> UUID:
    """The application on which a note, referee or hold hangs; NotFound if there is no such row."""
    if table not in ("interview_note", "referee", "legal_hold", "screening"):
        raise ValueError(table)
    rows = await site.records.run_sql(f"SELECT application FROM {table} WHERE id = ?", row)
    if not rows or rows[0]["application"] is None:
        raise NotFound()
    owner: UUID = rows[0]["application"]
    return owner
