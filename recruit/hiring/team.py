"""The hiring team of a vacancy, and which candidates its interviewers meet.

Guards that nobody is more in a team than their account allows, that an interviewer sees only assigned applications, and
that whoever leaves a team loses their assignments in it at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from recruit import audit
from recruit.accounts.guards import INTERVIEWER, MANAGER
from recruit.database import IDS, ids
from recruit.errors import FormInvalid, NotFound
from recruit.hiring.access import pair_id
from recruit.site import Site
from recruit.tables import StaffSecrets, TeamMember
from recruit.vault.sealing import UnitKey, unseal

TEAM_ROLES = (MANAGER, INTERVIEWER)
NOT_THEIRS = "A hiring manager of a vacancy needs an account with that role. An administrator can give it."


@dataclass(frozen=True)
class Colleague:
    """A staff account as colleagues see it; `team_role` is what they are in one vacancy's team."""

    id: UUID
    name: str
    roles: tuple[str, ...]
    team_role: str = ""


async def of_vacancy(site: Site, vacancy: UUID) -> list[Colleague]:
    """The team, by name."""
    rows = await site.records.run_sql("SELECT staff, role FROM team_member WHERE vacancy = ?", vacancy)
    roles = {row["staff"]: row["role"] for row in rows}
    found = await _colleagues(site, f"id IN {IDS}", ids(roles))
    return [Colleague(who.id, who.name, who.roles, roles[who.id]) for who in found]


async def could_join(site: Site, vacancy: UUID) -> list[Colleague]:
    """Hiring managers and interviewers who are not in the team yet."""
    others = await _colleagues(site, "active AND id NOT IN (SELECT staff FROM team_member WHERE vacancy = ?)", vacancy)
    return [who for who in others if MANAGER in who.roles or INTERVIEWER in who.roles]


async def active(site: Site) -> list[Colleague]:
    """Everybody with an account, by name."""
    return await _colleagues(site, "active")


async def names(site: Site, people: Iterable[UUID]) -> dict[UUID, str]:
    """The names of these accounts, those that are closed included."""
    return {who.id: who.name for who in await _colleagues(site, f"id IN {IDS}", ids(people))}


async def _colleagues(site: Site, where: str, *params: Any) -> list[Colleague]:
    rows = await site.records.run_sql(f"SELECT id, roles, sealed FROM staff WHERE {where}", *params)
    keys = await site.keyring.keys([row["id"] for row in rows])
    found = [_colleague(row, keys[row["id"]]) for row in rows if row["id"] in keys]
    return sorted(found, key=lambda who: who.name.casefold())


def _colleague(row: dict[str, Any], key: UnitKey) -> Colleague:
    account = unseal(key, "staff", row["id"], bytes(row["sealed"]), StaffSecrets)
    return Colleague(row["id"], account.name, tuple(role for role in row["roles"].split(",") if role))


async def add(site: Site, vacancy: UUID, staff: str, by: UUID, now: datetime, role: str = "") -> None:
    """Put somebody into the team, in the widest role that their account allows if none is named.

    FormInvalid unless it is a colleague who can join, and can be that.
    """
    chosen = next((who for who in await could_join(site, vacancy) if str(who.id) == staff), None)
    if chosen is None:
        raise FormInvalid({"staff": "Choose a colleague from the list."})
    as_what = role or (MANAGER if MANAGER in chosen.roles else INTERVIEWER)
    _require_fit(chosen, as_what)
    async with site.records.transaction():
        await TeamMember.insert(TeamMember(id=uuid4(), vacancy=vacancy, staff=chosen.id, role=as_what)).run()
        await audit.record("team.joined", now, by, vacancy=vacancy, staff=chosen.id, role=as_what)


async def change_role(site: Site, vacancy: UUID, staff: UUID, role: str, by: UUID, now: datetime) -> None:
    """Another role in the team. NotFound if they are not in it; FormInvalid where the account does not allow it."""
    member = next((who for who in await of_vacancy(site, vacancy) if who.id == staff), None)
    if member is None:
        raise NotFound()
    _require_fit(member, role)
    async with site.records.transaction():
        await site.records.run_sql(
            "UPDATE team_member SET role = ? WHERE vacancy = ? AND staff = ?", role, vacancy, staff
        )
        await audit.record("team.role", now, by, vacancy=vacancy, staff=staff, role=role)


def _require_fit(who: Colleague, role: str) -> None:
    if role not in TEAM_ROLES:
        raise FormInvalid({"role": "Choose what this colleague is in the team."})
    if role == MANAGER and MANAGER not in who.roles:
        raise FormInvalid({"role": NOT_THEIRS})


async def remove(site: Site, vacancy: UUID, staff: UUID, by: UUID, now: datetime) -> None:
    """Take somebody out of the team; they see nothing of it from now on. NotFound if they were not in it."""
    async with site.records.transaction():
        gone = await site.records.run_sql(
            "DELETE FROM team_member WHERE vacancy = ? AND staff = ? RETURNING id", vacancy, staff
        )
        if not gone:
            raise NotFound()
        await site.records.run_sql(
            "DELETE FROM assignment WHERE staff = ? AND application IN (SELECT id FROM application WHERE vacancy = ?)",
            *(staff, vacancy),
        )
        await audit.record("team.left", now, by, vacancy=vacancy, staff=staff)


# --- who interviews whom ----------------------------------------------------------------------------------------------


async def interviewers_of(site: Site, application: UUID) -> list[Colleague]:
    """Who is to interview this candidate, by name."""
    return await _colleagues(site, "id IN (SELECT staff FROM assignment WHERE application = ?)", application)


async def assign(site: Site, vacancy: UUID, applications: Sequence[UUID], staff: UUID, by: UUID, now: datetime) -> None:
    """A member of the team is to interview these candidates of the vacancy, and sees their applications from now on.

    Call with applications that `access` or `Pipeline.only_mine` gave. NotFound unless they are in the team.
    """
    if staff not in {who.id for who in await of_vacancy(site, vacancy)}:
        raise NotFound()
    async with site.records.transaction():
        await site.records.run_many(
            "INSERT INTO assignment (id, application, staff, assigned_by, assigned_at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO NOTHING",
            [(str(pair_id(unit, staff)), str(unit), str(staff), str(by), now) for unit in applications],
        )
        await audit.record("interviewer.assigned", now, by, vacancy=vacancy, staff=staff, n=len(applications))


async def relieve(site: Site, applications: Sequence[UUID], staff: UUID, by: UUID, now: datetime) -> None:
    """They are no longer to interview these candidates, and an interviewer no longer sees them."""
    async with site.records.transaction():
        await site.records.run_sql(
            f"DELETE FROM assignment WHERE staff = ? AND application IN {IDS}", staff, ids(applications)
        )
        await audit.record("interviewer.relieved", now, by, staff=staff, n=len(applications))
