"""Who the employer is and which retention policy is in force: versioned, never changed in place.

Guards that every page, mail and receipt names the same employer, and that a policy can always be told from the one
before it. The first-run page writes version 1 of both.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from recruit import audit
from recruit.clock import day
from recruit.errors import RecruitError
from recruit.retention.rules import Policy, end_of_local_day
from recruit.site import Site
from recruit.tables import Employer, PolicyVersion


class EmployerUnknown(RecruitError):
    """Nothing is done in the name of nobody: the first-run page has not been filled in."""

    status = 409
    text = "The first-run page has not been filled in yet."


class EmployerFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown of the employer, everywhere the same. `number` is the organisation number."""

    name: str
    number: str
    address: str
    contact_email: str
    has_dpo: bool
    dpo_name: str
    dpo_email: str


async def current(site: Site) -> EmployerFacts | None:
    """The employer as of now; None before the first-run page was filled in."""
    rows = await site.records.run_sql("SELECT * FROM employer ORDER BY number DESC LIMIT 1")
    if not rows:
        return None
    row = rows[0]
    return EmployerFacts(
        name=row["name"],
        number=row["org_number"],
        address=row["address"],
        contact_email=row["contact_email"],
        has_dpo=bool(row["dpo_appointed"]),
        dpo_name=row["dpo_name"],
        dpo_email=row["dpo_email"],
    )


async def policy(site: Site) -> Policy:
    """The retention policy in force; the defaults of the rules before one was decided."""
    rows = await site.records.run_sql(
        "SELECT number, body FROM policy_version WHERE state = 'taken' ORDER BY number DESC LIMIT 1"
    )
    return _policy(rows[0]) if rows else Policy()


def _policy(row: dict[str, Any]) -> Policy:
    return msgspec.structs.replace(msgspec.json.decode(row["body"], type=Policy), number=row["number"])


async def set_employer(site: Site, facts: EmployerFacts, by: UUID | None, now: datetime) -> None:
    """A new version of the employer's facts."""
    async with site.records.transaction():
        await write_employer(site, facts, by, now)


async def write_employer(site: Site, facts: EmployerFacts, by: UUID | None, now: datetime) -> None:
    """The same inside the caller's transaction."""
    number = await _next(site, "employer")
    await Employer.insert(
        Employer(
            number=number,
            since=now,
            decided_by=by,
            name=facts.name,
            org_number=facts.number,
            address=facts.address,
            contact_email=facts.contact_email,
            dpo_appointed=facts.has_dpo,
            dpo_name=facts.dpo_name,
            dpo_email=facts.dpo_email,
        )
    ).run()
    await audit.record("employer.changed", now, by, version=number)


async def set_policy(site: Site, policy: Policy, by: UUID | None, now: datetime) -> int:
    """A retention policy that is in force at once: where there was none. Its number. See `change_policy`."""
    async with site.records.transaction():
        return await write_policy(site, policy, by, now)


async def write_policy(
    site: Site, policy: Policy, by: UUID | None, now: datetime, since: datetime | None = None
) -> int:
    """The same inside the caller's transaction; with `since`, the version waits for that instant."""
    number = await _next(site, "policy_version")
    body = msgspec.json.encode(msgspec.structs.replace(policy, number=number)).decode()
    state = "waiting" if since else "taken"
    await PolicyVersion.insert(
        PolicyVersion(number=number, since=since or now, state=state, decided_by=by, body=body)
    ).run()
    await audit.record("policy.changed", now, by, version=number)
    return number


async def change_policy(site: Site, policy: Policy, by: UUID, now: datetime) -> int:
    """A new version that takes effect when today is over, so that no change erases on its own day. Its number.

    It replaces one that is still waiting.
    """
    async with site.records.transaction():
        await _stop_waiting(site)
        return await write_policy(site, policy, by, now, end_of_local_day(day(now)))


async def withdraw_policy(site: Site, by: UUID, now: datetime) -> bool:
    """Take back a change that has not taken effect; whether there was one."""
    async with site.records.transaction():
        stopped = await _stop_waiting(site)
        for number in stopped:
            await audit.record("policy.withdrawn", now, by, version=number)
    return bool(stopped)


async def _stop_waiting(site: Site) -> list[int]:
    rows = await site.records.run_sql(
        "UPDATE policy_version SET state = 'withdrawn' WHERE state = 'waiting' RETURNING number"
    )
    return [row["number"] for row in rows]


async def waiting_policy(site: Site) -> tuple[Policy, datetime] | None:
    """A version that was decided and is not in force yet, with the instant from which it is."""
    rows = await site.records.run_sql("SELECT number, since, body FROM policy_version WHERE state = 'waiting'")
    return (_policy(rows[0]), rows[0]["since"]) if rows else None


async def take_over_policy(site: Site, now: datetime) -> int | None:
    """Put the waiting version in force if its time has come; its number. Whoever decides by the policy asks first."""
    async with site.records.transaction():
        rows = await site.records.run_sql(
            "UPDATE policy_version SET state = 'taken' WHERE state = 'waiting' AND since <= ? RETURNING number", now
        )
        for row in rows:
            await audit.record("policy.in_force", now, version=row["number"])
    return rows[0]["number"] if rows else None


async def versions(site: Site, table: Literal["employer", "policy_version"]) -> list[tuple[int, datetime]]:
    """The numbers of all versions and since when each is in force, the newest first."""
    where = "WHERE state = 'taken'" if table == "policy_version" else ""
    rows = await site.records.run_sql(f"SELECT number, since FROM {table} {where} ORDER BY number DESC")
    return [(row["number"], row["since"]) for row in rows]


async def _next(site: Site, table: str) -> int:
    rows = await site.records.run_sql(f"SELECT coalesce(max(number), 0) + 1 AS n FROM {table}")
    return int(rows[0]["n"])
