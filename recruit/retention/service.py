"""Closing, reopening, granting erasure: the acts that change how long an application lives.

What may never happen: an act that lengthens a life is acknowledged before its guard stands in the keyring, or one that
shortens it reaches the keyring before records. Transaction boundaries: lengthening = keyring transaction, then records
transaction that stores the guard's version; shortening = records transaction, then `settle`. A fault in between leaves
the longer life, and `reconcile` brings both in line later.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from recruit import audit, employer, letters
from recruit.clock import day
from recruit.database import IDS, ids
from recruit.errors import CloseIsFinal, NotFound
from recruit.i18n import Language, either
from recruit.retention import rules
from recruit.retention.facts import REQUEST_OPEN, of_applications
from recruit.retention.remembered import recall
from recruit.retention.rules import DAY, Guard, Outcome, guard_of
from recruit.site import Site
from recruit.vault.judging import GuardRow
from recruit.vault.sealing import UnitKey


async def close_applications(
    site: Site,
    applications: Iterable[UUID],
    outcome: Outcome,
    by: UUID | None,
    now: datetime,
    closing: UUID | None = None,
    words: Mapping[Language, str] | None = None,
    ask: bool = True,
) -> int:
    """Give applications their final outcome and send each candidate the closing mail with the consent question.

    Those that are closed already are left alone; how many were closed. L2, L4, L13 (`by` is who decided; None only
    when the candidate withdrew). `closing` is the act that ends a vacancy; `words` stand in the mail in place of the
    usual ones, in the candidate's language; without `ask` the mail does not ask for consent.
    """
    rules.require_decider(outcome, by)
    wanted = list(applications)
    keys = await site.keyring.keys(wanted)
    closed = []
    async with site.records.transaction():
        rows = await site.records.run_sql(
            "UPDATE application SET outcome = ?, decided_by = ?, closed_on = ?, closed_at = ?, last_activity_at = ?, "
            f"closing = ? WHERE outcome IS NULL AND id IN {IDS} RETURNING id, candidate, vacancy, stage, step",
            *(outcome, by, day(now), now, now, closing, ids(wanted)),
        )
        for row in rows:
            if row["id"] in keys:
                move = await write_move(site, row["id"], row["stage"], outcome, by, now, row["step"])
                told = {"words": words or {}, "ask": ask}
                await _tell_closed(site, row, outcome, keys[row["id"]], move, now, told)
                await audit.record("application.closed", now, by, application=row["id"], outcome=outcome)
                closed.append(row["id"])
    await settle(site, closed, now)
    return len(closed)


async def _tell_closed(
    site: Site, row: dict[str, Any], outcome: Outcome, key: UnitKey, move: UUID, now: datetime, told: dict[str, Any]
) -> None:
    policy = await employer.policy(site)
    template = "withdrawn" if outcome == "withdrawn" else "closed"
    await letters.to_candidate(
        site,
        row["candidate"],
        key,
        f"{template}:{move}",
        template,
        now,
        outcome=outcome,
        title=await _title(site, row["vacancy"], row["candidate"]),
        months=policy.consent_months,
        window=policy.answer_window_days,
        **told,
    )


async def undo_close(site: Site, application: UUID, by: UUID, now: datetime) -> None:
    """Take a close back inside the answer window (L4); the candidate is told, and an announced purge is called off."""
    facts = (await of_applications(site, [application])).get(application)
    if facts is None:
        raise NotFound()
    if not rules.may_undo_close(facts, await employer.policy(site), day(now)):
        raise CloseIsFinal()

    async def reopen() -> None:
        version = await site.keyring.lengthen(application, None)
        key = await site.keyring.key(application)
        async with site.records.transaction():
            await take_version(site, application, version)
            await _reopen(site, application, str(facts.outcome), key, by, now)

    await until_first(reopen)
    site.keyring.holders.note({"kind": "undo", "application": str(application), "at": now.isoformat()})
    await settle(site, [application], now)


async def _reopen(site: Site, application: UUID, outcome: str, key: UnitKey, by: UUID, now: datetime) -> None:
    rows = await site.records.run_sql(
        "UPDATE application SET outcome = NULL, decided_by = NULL, closed_on = NULL, closed_at = NULL, "
        "closing = NULL, last_activity_at = ? WHERE id = ? RETURNING candidate, vacancy, stage, step",
        *(now, application),
    )
    move = await write_move(site, application, outcome, rows[0]["stage"], by, now, became_step=rows[0]["step"])
    await call_off(site, application, now)
    title = await _title(site, rows[0]["vacancy"], rows[0]["candidate"])
    await letters.to_candidate(site, rows[0]["candidate"], key, f"reopened:{move}", "reopened", now, title=title)
    await audit.record("application.reopened", now, by, application=application)


class GuardMoved(Exception):
    """The reconciler, or another act, was quicker with this guard version: the act begins anew."""


async def take_version(site: Site, application: UUID, version: int) -> None:
    """In the records transaction of what lengthens or blocks: its guard version, if records have none as new.

    GuardMoved if they have: whoever took it over may have brought the guard in line with records that do not know of
    this act yet, so that the life which it has lengthened is short again.
    """
    rows = await site.records.run_sql(
        "UPDATE application SET guard_version = ? WHERE id = ? AND guard_version < ? RETURNING id",
        *(version, application, version),
    )
    if not rows:
        raise GuardMoved()


async def until_first(act: Callable[[], Awaitable[None]]) -> None:
    """Repeat what lengthens or blocks until no one was quicker; an erased unit ends it with TooLate."""
    while True:
        try:
            return await act()
        except GuardMoved:
            continue


async def withdraw_application(site: Site, application: UUID, now: datetime) -> None:
    """The candidate withdraws: the process ends for this application (L2)."""
    await close_applications(site, [application], "withdrawn", None, now)


async def grant_erasure(site: Site, applications: Iterable[UUID], by: UUID | None, now: datetime) -> int:
    """The DPO grants a request for erasure: what it covers is due at once (art. 17). How many applications.

    `by` is None where the person's own word is enough: an objection of somebody who never applied (L10, L28).
    """
    async with site.records.transaction():
        rows = await site.records.run_sql(
            f"UPDATE application SET erasure_granted_on = ? WHERE erasure_granted_on IS NULL AND id IN {IDS} "
            "RETURNING id",
            *(day(now), ids(applications)),
        )
        for row in rows:
            await audit.record("erasure.granted", now, by, application=row["id"])
    await settle(site, [row["id"] for row in rows], now)
    return len(rows)


async def settle(site: Site, applications: Iterable[UUID], now: datetime) -> None:
    """Bring the guards of these applications in line with records, where records are as new as the guard."""
    versions = await _versions(site, applications)  # before the facts, so that they are never older than it says
    policy, floor = await employer.policy(site), await _not_before(site)
    facts = await of_applications(site, versions)
    guards = {unit: guard_of(fact, policy, versions[unit]) for unit, fact in facts.items()}
    await site.keyring.settle({unit: _raised(guard, floor) for unit, guard in guards.items()})


async def let_go(site: Site, units: Iterable[UUID] | dict[UUID, int], now: datetime) -> list[UUID]:
    """Records need these units no longer: they fall due with the next purge, but for what a newer guard protects.

    With the guard versions at which records were asked, where something may need a unit meanwhile. Those that have a
    key or a tombstone.
    """
    guards = await site.keyring.guards(units)
    versions = units if isinstance(units, dict) else {unit: guard.version for unit, guard in guards.items()}
    over = day(now) - DAY
    await site.keyring.settle({unit: Guard(retain_until=over, version=versions[unit]) for unit in guards})
    return list(guards)


async def settle_profile(site: Site, profile: UUID) -> None:
    """Bring the open requests in a profile's guard in line with records (L33); a newer guard is left alone."""
    guard = await site.keyring.guard(profile)  # before the count, so that it is never newer than what was counted
    rows = await site.records.run_sql(
        f"SELECT count(*) AS n FROM rights_request WHERE candidate = ? AND {REQUEST_OPEN}", profile
    )
    if guard is not None and guard.present:
        await site.keyring.settle({profile: replace(guard, open_requests=int(rows[0]["n"]))})


async def settle_documents(site: Site, documents: Iterable[UUID], now: datetime) -> None:
    """Bring the guards of documents with keys of their own in line with records (L14).

    One that no hold keeps goes with its application; at once, if that has gone before it.
    """
    guards, floor = await site.keyring.guards(documents), await _not_before(site)  # before the holds are counted
    rows = await site.records.run_sql(
        "SELECT d.id, d.unit, count(h.id) AS n FROM document d LEFT JOIN legal_hold h ON h.document = d.id "
        f"AND h.released_on IS NULL WHERE d.id IN {IDS} GROUP BY d.id, d.unit",
        ids(guards),
    )
    over = {row["id"]: day(now) - DAY for row in rows if row["unit"] == row["id"] and not row["n"]}
    values = {
        row["id"]: Guard(retain_until=over.get(row["id"]), holds=row["n"], version=guards[row["id"]].version)
        for row in rows
    }
    await site.keyring.settle({unit: _raised(guard, floor) for unit, guard in values.items()})


async def _not_before(site: Site) -> date | None:
    """After a restore nobody goes before the answer window has passed once more."""
    day_named = await recall(site, "not_before")
    return date.fromisoformat(day_named) if day_named else None


def _raised(guard: Guard, floor: date | None) -> Guard:
    if floor is None or guard.retain_until is None or guard.retain_until >= floor:
        return guard
    return msgspec.structs.replace(guard, retain_until=floor)


async def reconcile(site: Site, now: datetime) -> int:
    """Adopt guards that a fault left ahead of records, and settle all; how many had been left ahead.

    Records take the guard's version over first, so that an act that is under way can no longer commit on it
    (`take_version`) and lengthens again.
    """
    ahead = 0
    async for guards in site.keyring.each_guard("application"):
        ahead += await _take_over(site, guards)
        await settle(site, guards, now)
    async for guards in site.keyring.each_guard("document"):
        await settle_documents(site, guards, now)
    return ahead


async def _take_over(site: Site, guards: Mapping[UUID, GuardRow]) -> int:
    """Records get the versions of guards that are ahead of them; how many."""
    versions = await _versions(site, guards)
    ahead = [unit for unit, guard in guards.items() if unit in versions and guard.version > versions[unit]]
    if ahead:
        async with site.records.transaction():
            await site.records.run_many(
                "UPDATE application SET guard_version = ? WHERE id = ? AND guard_version = ?",
                [(guards[unit].version, unit, versions[unit]) for unit in ahead],
            )
    return len(ahead)


async def call_off(site: Site, application: UUID, now: datetime, parts: bool = False) -> None:
    """Inside the transaction of what lengthens a life: an announced purge will not come, and the person is told.

    With `parts`, for what blocks: neither will the erasure of some of its categories.
    """
    rows = await site.records.run_sql(
        "UPDATE purge_notice SET state = 'called_off' WHERE application = ? AND state = 'announced' "
        f"{'' if parts else 'AND part IS NULL '}RETURNING id, candidate",
        application,
    )
    for row in rows:
        key = await site.keyring.key(application)
        await letters.to_candidate(site, row["candidate"], key, f"called_off:{row['id']}", "purge_called_off", now)


async def _versions(site: Site, units: Iterable[UUID]) -> dict[UUID, int]:
    rows = await site.records.run_sql(f"SELECT id, guard_version FROM application WHERE id IN {IDS}", ids(units))
    return {row["id"]: row["guard_version"] for row in rows}


async def write_move(
    site: Site,
    application: UUID,
    was: str,
    became: str,
    by: UUID | None,
    now: datetime,
    was_step: str = "",
    became_step: str = "",
) -> UUID:
    """The Move row, in the caller's transaction; its id names the cause of a mail about the move."""
    move = uuid4()
    await site.records.run_sql(
        "INSERT INTO move (id, application, at, moved_by, was, became, was_step, became_step) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        *(move, application, now, by, was, became, was_step, became_step),
    )
    return move


async def _title(site: Site, vacancy: UUID, candidate: UUID) -> str:
    rows = await site.records.run_sql(
        "SELECT v.title_nb, v.title_en, c.language FROM vacancy v, candidate c WHERE v.id = ? AND c.id = ?",
        *(vacancy, candidate),
    )
    return either(rows[0], "title", rows[0]["language"])
