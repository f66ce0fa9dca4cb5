"""What a candidate asks for and what the privacy contact answers.

Guards that a request needs no reason (L19), is answered once, and that an answer in whole or in part against the person
says why and where to complain (L22). Transaction boundary: erasure is granted in the retention service first, then the
request is answered in a transaction of its own; a fault in between leaves the request open, and answering again is
harmless.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from recruit import audit, letters
from recruit.accounts import staff
from recruit.accounts.guards import DPO
from recruit.clock import day
from recruit.database import IDS
from recruit.errors import FormInvalid, NotFound
from recruit.retention import holds
from recruit.retention import service as retention
from recruit.rights import rules
from recruit.rights.rules import State
from recruit.site import Site
from recruit.tables import RightsRequest, Written
from recruit.vault.sealing import seal, unseal

LONGEST = 4000


@dataclass(frozen=True)
class Request:
    """A rights request as its page shows it; `whole` when it is about everything.

    One about a single application that was erased since has neither.
    """

    id: UUID
    candidate: UUID
    application: UUID | None
    whole: bool
    kind: str
    state: State
    received_on: date
    plain: date
    rolled: date
    decided_on: date | None
    reason: str
    answer: str

    @property
    def open(self) -> bool:
        return self.state in rules.OPEN


async def own_application(site: Site, candidate: UUID, application: UUID) -> dict[str, Any]:
    """The row of an application of this candidate; NotFound for anybody else's."""
    rows = await site.records.run_sql(
        "SELECT * FROM application WHERE id = ? AND candidate = ?", application, candidate
    )
    if not rows:
        raise NotFound()
    return rows[0]


# --- asking ---------------------------------------------------------------------------------------------------------


async def ask_erasure(site: Site, candidate: UUID, application: UUID | None, reason: str, now: datetime) -> UUID:
    """The candidate asks for erasure of everything, or of one application; the reason may be empty (L19).

    An open request of the same scope is not doubled. The candidate gets an acknowledgement with the deadline.
    """
    if len(reason) > LONGEST:
        raise FormInvalid({"reason": "Write at most 4000 characters."})
    if application:
        await own_application(site, candidate, application)
    key = await site.keyring.key(candidate)
    async with site.records.transaction():
        waiting = await _open_request(site, candidate, application)
        if waiting:
            return waiting
        request, days = uuid4(), rules.due(day(now))
        await RightsRequest.insert(
            RightsRequest(
                id=request,
                candidate=candidate,
                application=application,
                whole=application is None,
                kind="erasure",
                state="received",
                received_on=day(now),
                due_on=days.plain,
                sealed=seal(key, "rights_request", request, Written(text=reason)),
            )
        ).run()
        await letters.to_candidate(
            site, candidate, key, f"request_received:{request}", "request_received", now, due=days.plain
        )
        await _tell_officers(site, request, days.plain, now)
        await audit.record("request.received", now, request=request, request_kind="erasure")
    return request


async def _open_request(site: Site, candidate: UUID, application: UUID | None) -> UUID | None:
    rows = await site.records.run_sql(
        "SELECT id FROM rights_request WHERE candidate = ? AND kind = 'erasure' AND application IS ? "
        f"AND whole = ? AND state IN {IDS}",
        *(candidate, application, application is None, _states(rules.OPEN)),
    )
    found: UUID | None = rows[0]["id"] if rows else None
    return found


def _states(states: Iterable[str]) -> str:
    return "[" + ",".join(f'"{state}"' for state in sorted(states)) + "]"


async def _tell_officers(site: Site, request: UUID, due: date, now: datetime) -> None:
    """Whoever answers requests learns that one waits, in the transaction that writes it."""
    url = site.settings.link(f"/desk/requests/{request}")
    for account in await staff.with_role(site, DPO):
        cause = f"request_waits:{request}:{account.id}"
        await letters.to_staff(site, account, cause, "request_waits", now, case_url=url, due=due)


# --- reading --------------------------------------------------------------------------------------------------------


async def requests_of(site: Site, candidate: UUID) -> list[Request]:
    """All requests of a candidate, newest first."""
    return await _requests(site, "candidate = ? ORDER BY received_on DESC", candidate)


async def open_requests(site: Site) -> list[Request]:
    """All that wait for an answer, the earliest deadline first."""
    return await _requests(site, f"state IN {IDS} ORDER BY due_on", _states(rules.OPEN))


async def answered_requests(site: Site) -> list[Request]:
    """The answered ones that are still kept, newest first."""
    return await _requests(site, f"state NOT IN {IDS} ORDER BY decided_on DESC", _states(rules.OPEN))


async def request_of(site: Site, request: UUID) -> Request:
    """One request; NotFound if there is none, or none any more."""
    found = await _requests(site, "id = ?", request)
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


async def _requests(site: Site, where: str, value: object) -> list[Request]:
    rows = await site.records.run_sql(f"SELECT * FROM rights_request WHERE {where}", value)
    keys = await site.keyring.keys(row["candidate"] for row in rows)
    return [_request(row, keys[row["candidate"]]) for row in rows if row["candidate"] in keys]


def _request(row: dict[str, Any], key: Any) -> Request:
    words = unseal(key, "rights_request", row["id"], bytes(row["sealed"]), Written)
    days = rules.due(row["received_on"])
    return Request(
        id=row["id"],
        candidate=row["candidate"],
        application=row["application"],
        whole=bool(row["whole"]),
        kind=row["kind"],
        state=row["state"],
        received_on=row["received_on"],
        plain=days.plain,
        rolled=days.rolled,
        decided_on=row["decided_on"],
        reason=words.text,
        answer=words.more,
    )


# --- answering ------------------------------------------------------------------------------------------------------


async def scope_of(site: Site, request: Request) -> tuple[list[UUID], list[UUID]]:
    """What a request covers: the applications that granting makes due, and those that a legal hold keeps (L14)."""
    rows = await site.records.run_sql(
        "SELECT id FROM application WHERE candidate = ? ORDER BY submitted_at", request.candidate
    )
    covered = [row["id"] for row in rows if request.whole or row["id"] == request.application]
    held = {h.application for unit in covered for h in await holds.listed(site, unit, standing=True)}
    return [unit for unit in covered if unit not in held], [unit for unit in covered if unit in held]


async def grant(site: Site, request: Request, words: str, by: UUID, now: datetime) -> State:
    """Grant erasure of what no legal hold keeps; what is kept is a refusal in part and wants reasons (L22)."""
    rules.require_move(request.state, "granted")
    going, held = await scope_of(site, request)
    verdict: State = "partly" if held else "granted"
    if held and not words:
        raise FormInvalid({"words": "Say what is kept and why: part of the request is refused."})
    await retention.grant_erasure(site, going, by, now)
    await _answer(site, request, verdict, words, by, now)
    return verdict


async def refuse(site: Site, request: Request, words: str, by: UUID, now: datetime) -> State:
    """Refuse, with the reasons that the person is told (L22); FormInvalid without them."""
    rules.require_move(request.state, "refused")
    if not words:
        raise FormInvalid({"words": "Say why: a refusal must give its reasons."})
    await _answer(site, request, "refused", words, by, now)
    return "refused"


async def _answer(site: Site, request: Request, verdict: State, words: str, by: UUID, now: datetime) -> None:
    if len(words) > LONGEST:
        raise FormInvalid({"words": "Write at most 4000 characters."})
    key = await site.keyring.key(request.candidate)
    sealed = seal(key, "rights_request", request.id, Written(text=request.reason, more=words))
    async with site.records.transaction():
        rows = await site.records.run_sql(
            "UPDATE rights_request SET state = ?, decided_by = ?, decided_on = ?, sealed = ? WHERE id = ? "
            f"AND state IN {IDS} RETURNING id",
            *(verdict, by, day(now), sealed, request.id, _states(rules.OPEN)),
        )
        if not rows:
            raise rules.RequestAnswered()
        await letters.to_candidate(
            site,
            request.candidate,
            key,
            f"request_answered:{request.id}",
            "request_answered",
            now,
            verdict=verdict,
            words=words,
            received_on=request.received_on,
        )
        await audit.record("request.answered", now, by, request=request.id, verdict=verdict)
