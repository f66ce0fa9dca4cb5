"""A right is used: in "my data", or by e-mail, telephone or letter, as staff record it.

Guards that a request needs no reason (L19), that the person is told at once that it came and when the answer is due,
that whoever answers is told without a name, and that the data which a copy was asked of wait for it (L16). Transaction
boundaries: the guards of the profile (L33) and of the applications (L16) are blocked in the keyring first, then the
request is written in one records transaction. Whoever lost the race against an erasure gets TooLate.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4

from recruit import audit, letters
from recruit.accounts import staff
from recruit.accounts.guards import DPO
from recruit.clock import day
from recruit.errors import FormInvalid
from recruit.retention import service as retention
from recruit.retention.facts import REQUEST_OPEN
from recruit.rights import granting, rules
from recruit.rights.rules import Channel, Due, Kind
from recruit.rights.service import own_application, request_of
from recruit.site import Site
from recruit.tables import RequestWords, RightsRequest
from recruit.vault.keyring import TooLate
from recruit.vault.sealing import UnitKey, seal

LONGEST = 4000
TOO_LONG = "Write at most 4000 characters."


@dataclass(frozen=True)
class Asked:
    """What was asked for. `received_on` None is today; `found`: we knew the person when it was recorded."""

    kind: Kind
    application: UUID | None = None
    words: RequestWords = field(default_factory=RequestWords)
    channel: Channel = "my_data"
    received_on: date | None = None
    recorded_by: UUID | None = None
    found: bool = True


async def ask(site: Site, candidate: UUID, asked: Asked, now: datetime) -> UUID:
    """Write a request down and acknowledge it. An open one of the same kind and scope is not doubled: its id.

    FormInvalid for a day that has not come and for words that are too long; NotFound for a foreign application.
    """
    _check(asked, day(now))
    if asked.application:
        await own_application(site, candidate, asked.application)
    key, delayed = await site.keyring.key(candidate), await _delayed(site, candidate, asked)
    written: list[UUID] = []

    async def once() -> None:
        await site.keyring.block(candidate, "open_requests")
        versions = await _blocked(site, delayed)
        async with site.records.transaction():
            for unit, version in versions.items():
                await retention.take_version(site, unit, version)
            written[:] = [await _standing(site, candidate, asked) or await _write(site, key, asked, now)]

    await retention.until_first(once)
    # From here on records show it: a guard that was settled by what they showed before no longer counts.
    await site.keyring.block(candidate, "open_requests")
    await retention.settle_profile(site, candidate)
    await retention.settle(site, delayed, now)
    await granting.RAISED[asked.kind](site, await request_of(site, written[0]), asked.recorded_by, now)
    return written[0]


async def ask_erasure(site: Site, candidate: UUID, application: UUID | None, reason: str, now: datetime) -> UUID:
    """The candidate asks for erasure of everything, or of one application."""
    return await ask(site, candidate, Asked("erasure", application, RequestWords(text=reason)), now)


def _check(asked: Asked, today: date) -> None:
    words = asked.words
    errors = {name: TOO_LONG for name in ("text", "old", "new", "field") if len(getattr(words, name)) > LONGEST}
    if "text" in errors:
        errors["reason"] = errors.pop("text")
    if asked.received_on and asked.received_on > today:
        errors["received_on"] = "Name the day on which it came: today, or a day before."
    if errors:
        raise FormInvalid(errors)


async def _delayed(site: Site, candidate: UUID, asked: Asked) -> list[UUID]:
    """L16: the applications whose purge waits for this request."""
    if asked.kind not in rules.DELAYING:
        return []
    rows = await site.records.run_sql("SELECT id FROM application WHERE candidate = ?", candidate)
    return [row["id"] for row in rows if asked.application in (None, row["id"])]


async def _blocked(site: Site, applications: Iterable[UUID]) -> dict[UUID, int]:
    """The new guard versions; an application that was erased meanwhile is not in the copy."""
    versions: dict[UUID, int] = {}
    for unit in applications:
        try:
            versions[unit] = await site.keyring.block(unit, "open_requests")
        except TooLate:
            continue
    return versions


async def _standing(site: Site, candidate: UUID, asked: Asked) -> UUID | None:
    """An open request of the same kind about the same."""
    if asked.kind in rules.REPEATED:
        return None
    rows = await site.records.run_sql(
        f"SELECT id, application, whole FROM rights_request WHERE candidate = ? AND kind = ? AND {REQUEST_OPEN}",
        *(candidate, asked.kind),
    )
    same = [r["id"] for r in rows if (r["application"], bool(r["whole"])) == (asked.application, not asked.application)]
    return same[0] if same else None


async def _write(site: Site, key: UnitKey, asked: Asked, now: datetime) -> UUID:
    request, came = uuid4(), asked.received_on or day(now)
    due = rules.due(came)
    await RightsRequest.insert(
        RightsRequest(
            id=request,
            candidate=key.unit,
            application=asked.application,
            whole=asked.application is None,
            kind=asked.kind,
            state="received",
            channel=asked.channel,
            recorded_by=asked.recorded_by,
            found=asked.found,
            received_on=came,
            due_on=due.plain,
            sealed=seal(key, "rights_request", request, asked.words),
        )
    ).run()
    await letters.to_candidate(
        site, key.unit, key, f"request_received:{request}", "request_received", now, kind=asked.kind, due=due
    )
    await _tell_officers(site, request, asked.kind, due, now)
    await audit.record("request.received", now, asked.recorded_by, request=request, request_kind=asked.kind)
    return request


async def _tell_officers(site: Site, request: UUID, kind: Kind, due: Due, now: datetime) -> None:
    """Whoever answers requests learns that one waits, in the transaction that writes it."""
    url = site.settings.link(f"/desk/requests/{request}")
    for account in await staff.with_role(site, DPO):
        cause = f"request_waits:{request}:{account.id}"
        await letters.to_staff(site, account, cause, "request_waits", now, case_url=url, kind=kind, due=due)
