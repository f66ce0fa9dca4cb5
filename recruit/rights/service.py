"""Rights requests as they are read: a candidate's own, the queue by deadline, one case.

Guards that a request is opened with its candidate's key only, and that one whose key is gone is simply not there.
Reads only; asking stands in `asking`, answering in `answering`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from recruit import paging
from recruit.errors import NotFound
from recruit.paging import Page
from recruit.retention import holds
from recruit.retention.facts import REQUEST_OPEN
from recruit.rights import rules
from recruit.rights.rules import Channel, Due, Kind, State
from recruit.site import Site
from recruit.tables import RequestWords
from recruit.vault.sealing import UnitKey, unseal


@dataclass(frozen=True)
class Request:
    """A rights request as its page shows it; `whole` when it is about everything.

    One about a single application that was erased since has neither. `recorded_by` is None where the candidate asked.
    """

    id: UUID
    candidate: UUID
    application: UUID | None
    whole: bool
    kind: Kind
    state: State
    channel: Channel
    recorded_by: UUID | None
    found: bool
    received_on: date
    due: Due
    paused_on: date | None
    paused_days: int
    extended_on: date | None
    extended_months: int
    decided_on: date | None
    copy_until: date | None
    words: RequestWords

    @property
    def open(self) -> bool:
        return self.state in rules.OPEN

    @property
    def plain(self) -> date:
        return self.due.plain

    @property
    def rolled(self) -> date:
        return self.due.rolled

    @property
    def reason(self) -> str:
        return self.words.text

    @property
    def answer(self) -> str:
        return self.words.more


async def own_application(site: Site, candidate: UUID, application: UUID) -> dict[str, Any]:
    """The row of an application of this candidate; NotFound for anybody else's."""
    rows = await site.records.run_sql(
        "SELECT * FROM application WHERE id = ? AND candidate = ?", application, candidate
    )
    if not rows:
        raise NotFound()
    return rows[0]


async def requests_of(site: Site, candidate: UUID) -> list[Request]:
    """All requests of a candidate, newest first."""
    return await _requests(site, "candidate = ? ORDER BY received_on DESC, id", candidate)


async def open_requests(site: Site) -> list[Request]:
    """All that wait for an answer, the earliest deadline first."""
    return await _requests(site, f"{REQUEST_OPEN} ORDER BY due_on, id")


async def answered_requests(site: Site, number: int = 1) -> Page:
    """A page of those that have ended and are still kept, newest first."""
    ended = f"SELECT * FROM rights_request WHERE NOT {REQUEST_OPEN} ORDER BY decided_on DESC, id"
    found = await paging.read(site.records, number, ended)
    return replace(found, rows=await _opened(site, found.rows))


async def request_of(site: Site, request: UUID) -> Request:
    """One request; NotFound if there is none, or none any more."""
    found = await _requests(site, "id = ?", request)
    if not found:
        raise NotFound()
    return found[0]


async def own_request(site: Site, candidate: UUID, request: UUID) -> Request:
    """One of this candidate's own requests; NotFound for any other."""
    found = await _requests(site, "id = ? AND candidate = ?", request, candidate)
    if not found:
        raise NotFound()
    return found[0]


async def units_of(site: Site, request: UUID) -> list[UUID]:
    """Whose data the case of a request shows: the profile and its applications. NotFound if there is none."""
    rows = await site.records.run_sql(
        "SELECT r.candidate, a.id FROM rights_request r LEFT JOIN application a ON a.candidate = r.candidate "
        "AND (r.whole OR a.id = r.application) WHERE r.id = ?",
        request,
    )
    if not rows:
        raise NotFound()
    return [rows[0]["candidate"], *(row["id"] for row in rows if row["id"])]


async def covered(site: Site, request: Request) -> list[UUID]:
    """The applications that a request is about, oldest first."""
    rows = await site.records.run_sql(
        "SELECT id FROM application WHERE candidate = ? ORDER BY submitted_at, id", request.candidate
    )
    return [row["id"] for row in rows if request.whole or row["id"] == request.application]


async def scope_of(site: Site, request: Request) -> tuple[list[UUID], list[UUID]]:
    """What a request covers: the applications that granting makes due, and those that a legal hold keeps (L14)."""
    units = await covered(site, request)
    standing = [hold for unit in units for hold in await holds.listed(site, unit, standing=True)]
    held = {hold.application for hold in standing if hold.document is None}
    return [unit for unit in units if unit not in held], [unit for unit in units if unit in held]


async def _requests(site: Site, where: str, *values: object) -> list[Request]:
    return await _opened(site, await site.records.run_sql(f"SELECT * FROM rights_request WHERE {where}", *values))


async def _opened(site: Site, rows: Sequence[dict[str, Any]]) -> list[Request]:
    keys = await site.keyring.keys(row["candidate"] for row in rows)
    return [_request(row, keys[row["candidate"]]) for row in rows if row["candidate"] in keys]


def _request(row: dict[str, Any], key: UnitKey) -> Request:
    return Request(
        id=row["id"],
        candidate=row["candidate"],
        application=row["application"],
        whole=bool(row["whole"]),
        kind=row["kind"],
        state=row["state"],
        channel=row["channel"],
        recorded_by=row["recorded_by"],
        found=bool(row["found"]),
        received_on=row["received_on"],
        due=rules.rolled(row["due_on"]),
        paused_on=row["paused_on"],
        paused_days=row["paused_days"],
        extended_on=row["extended_on"],
        extended_months=row["extended_months"],
        decided_on=row["decided_on"],
        copy_until=row["copy_until"],
        words=unseal(key, "rights_request", row["id"], bytes(row["sealed"]), RequestWords),
    )
