"""The list of what may be erased, and the DPO's approval of it, where the policy asks for one.

Guards that a purge which waits for approval erases exactly what somebody has read and approved, line by line: another
unit, another reason or another day is another line, and is asked about anew. What the person themselves has asked for
needs no second yes.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from recruit import audit, employer, letters
from recruit.accounts import staff
from recruit.accounts.guards import DPO
from recruit.errors import RecruitError
from recruit.site import Site
from recruit.tables import PurgeApproval


class ListChanged(RecruitError):
    """Between reading and approving, the list has become another one."""

    status = 409
    text = "The list has changed since you read it. Read it again, then approve it."


@dataclass(frozen=True)
class Approved:
    """What was approved last: `lines` are all that a purge may erase."""

    at: datetime
    by: UUID
    digest: str
    lines: frozenset[str]


def line(kind: str, unit: UUID, rule: str, due_on: date | None, act: str) -> str:
    """One thing that may be erased, with all that the approval is about. `due_on` only where a day is promised."""
    return "|".join((kind, str(unit), rule, due_on.isoformat() if due_on else "", act))


def digest(lines: Iterable[str]) -> str:
    """The hash of a list, whatever its order (SHA-256, hexadecimal)."""
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


async def wanted(site: Site) -> bool:
    """Whether the policy in force lets nothing be erased without approval."""
    return (await employer.policy(site)).purge_approval == "approval"


async def latest(site: Site) -> Approved | None:
    rows = await site.records.run_sql("SELECT * FROM purge_approval ORDER BY at DESC LIMIT 1")
    return _approved(rows[0]) if rows else None


def _approved(row: dict[str, Any]) -> Approved:
    return Approved(row["at"], row["approved_by"], row["digest"], frozenset(msgspec.json.decode(row["lines"])))


async def approve(site: Site, lines: Sequence[str], read: str, by: UUID, now: datetime) -> None:
    """Let a purge erase these lines and no others. ListChanged unless `read` is their hash."""
    if digest(lines) != read:
        raise ListChanged()
    async with site.records.transaction():
        await site.records.run_sql("UPDATE purge_approval SET lines = '[]'")
        await PurgeApproval.insert(
            PurgeApproval(
                id=uuid4(),
                at=now,
                approved_by=by,
                digest=read,
                n=len(lines),
                lines=msgspec.json.encode(sorted(lines)).decode(),
            )
        ).run()
        await audit.record("purge.approved", now, by, digest=read, lines=len(lines))


async def ask(site: Site, lines: Sequence[str], missing: int, now: datetime) -> None:
    """Mail whoever may approve that a list waits; once for each list."""
    url, read = site.settings.link("/desk/purge"), digest(lines)
    for account in await staff.with_role(site, DPO):
        async with site.records.transaction():
            cause = f"approval:{read[:40]}:{account.id}"
            await letters.to_staff(site, account, cause, "purge_approval", now, n=missing, purge_url=url)
