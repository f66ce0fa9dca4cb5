"""Who the employer is and which retention policy is in force: versioned, never changed in place.

Guards that every page, mail and receipt names the same employer, and that a policy can always be told from the one
before it. The first-run page writes version 1 of both.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from recruit import audit
from recruit.errors import RecruitError
from recruit.retention.rules import Policy
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
    rows = await site.records.run_sql("SELECT number, body FROM policy_version ORDER BY number DESC LIMIT 1")
    if not rows:
        return Policy()
    return msgspec.structs.replace(msgspec.json.decode(rows[0]["body"], type=Policy), number=rows[0]["number"])


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
    """A new version of the retention policy; its number."""
    async with site.records.transaction():
        return await write_policy(site, policy, by, now)


async def write_policy(site: Site, policy: Policy, by: UUID | None, now: datetime) -> int:
    """The same inside the caller's transaction."""
    number = await _next(site, "policy_version")
    body = msgspec.json.encode(msgspec.structs.replace(policy, number=number)).decode()
    await PolicyVersion.insert(PolicyVersion(number=number, since=now, decided_by=by, body=body)).run()
    await audit.record("policy.changed", now, by, version=number)
    return number


async def versions(site: Site, table: Literal["employer", "policy_version"]) -> list[tuple[int, datetime]]:
    """The numbers of all versions and since when each is in force, the newest first."""
    rows = await site.records.run_sql(f"SELECT number, since FROM {table} ORDER BY number DESC")
    return [(row["number"], row["since"]) for row in rows]


async def _next(site: Site, table: str) -> int:
    rows = await site.records.run_sql(f"SELECT coalesce(max(number), 0) + 1 AS n FROM {table}")
    return int(rows[0]["n"])
