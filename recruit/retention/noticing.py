"""Step 0 of a purge: the person is told what will be erased and where the receipt will be.

Guards that nobody's data are erased unannounced, and that the purge has its id, and its receipt an address, before
anything begins; of the address only a hash is kept. Notice row and mail are one records transaction.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from recruit import employer, letters
from recruit.accounts.sessions import hashed
from recruit.clock import day
from recruit.retention import recipients, rules
from recruit.retention.facts import of_applications
from recruit.retention.rules import Decision, Facts, NoticeFact
from recruit.retention.service import call_off
from recruit.site import Site


@dataclass(frozen=True)
class Announced:
    """An announced purge of one application, with today's decision on it.

    `served`: the person was told in time, and so was everybody else whose mail has to leave before the key goes.
    """

    purge: UUID
    application: UUID
    candidate: UUID
    token: str
    facts: Facts
    decision: Decision
    served: bool


async def announce(site: Site, now: datetime) -> int:
    """Send the notices that are due today; how many. An announced purge is not announced again."""
    policy, today = await employer.policy(site), day(now)
    near = await site.keyring.past_due("application", today + timedelta(days=policy.notice_days + 1))
    await _call_off_what_is_kept_longer(site, now)
    told = {row["application"] for row in await _standing(site)}
    facts = await of_applications(site, [unit for unit in near if unit not in told])
    sent = 0
    for unit, fact in facts.items():
        decision = rules.decide(fact, policy, today)
        from_day = rules.notice_due_on(decision, policy)
        if from_day is not None and from_day <= today:
            await _announce_one(site, unit, decision, now)
            sent += 1
    await tell_recipients(site, now)
    return sent


async def _call_off_what_is_kept_longer(site: Site, now: datetime) -> None:
    """A new policy keeps some longer than their notice said: the purge is called off, and they are told."""
    told_on = {row["id"]: row["due_on"] for row in await _standing(site)}
    for a in await announced(site, now):
        until = a.decision.due_on
        if a.decision.action == "keep" and until is not None and until > told_on[a.purge]:
            async with site.records.transaction():
                await call_off(site, a.application, now)


async def tell_recipients(site: Site, now: datetime) -> None:
    """L29: whoever got a copy is told on the last day before an erasure, or at once before one that was asked for."""
    policy, tomorrow = await employer.policy(site), day(now) + rules.DAY
    going = [a for a in await announced(site, now) if rules.decide(a.facts, policy, tomorrow).action == "purge"]
    owed = await recipients.untold(site, [a.application for a in going], "erased")
    if owed:
        async with site.records.transaction():
            await recipients.notify_recipients(site, owed, "erased", now)


async def _announce_one(site: Site, application: UUID, decision: Decision, now: datetime) -> None:
    purge, token = uuid4(), secrets.token_urlsafe(24)
    key = await site.keyring.key(application)
    told_on = rules.told_day(decision, await employer.policy(site), day(now))
    async with site.records.transaction():
        rows = await site.records.run_sql("SELECT candidate FROM application WHERE id = ?", application)
        candidate = rows[0]["candidate"]
        await site.records.run_sql(
            "INSERT INTO purge_notice (id, application, candidate, token, rule, state, noticed_at, erase_from, due_on) "
            "VALUES (?, ?, ?, ?, ?, 'announced', ?, ?, ?)",
            *(purge, application, candidate, hashed(token), decision.headline.rule, now, now, told_on),
        )
        await letters.to_candidate(
            site,
            candidate,
            key,
            f"purge_notice:{purge}",
            "purge_notice",
            now,
            due_on=told_on,
            immediate=decision.immediate,
            receipt_url=site.settings.link(f"/r/{token}"),
        )


async def announced(site: Site, now: datetime) -> list[Announced]:
    """All announced purges, with the decision as of now."""
    policy, today, rows = await employer.policy(site), day(now), await _standing(site)
    units = [row["application"] for row in rows]
    facts = await of_applications(site, units)
    waited = await recipients.awaited(site, units, now - timedelta(hours=policy.notice_wait_hours))
    found = []
    for row in rows:
        fact = facts.get(row["application"])
        if fact is None:
            continue
        decision = rules.decide(fact, policy, today)
        served = rules.notice_served(decision, _notice(row), policy, now) and row["application"] not in waited
        found.append(Announced(row["id"], row["application"], row["candidate"], row["token"], fact, decision, served))
    return found


async def _standing(site: Site) -> list[dict[str, Any]]:
    return await site.records.run_sql(
        "SELECT n.*, m.state AS mail_state, m.sent_at FROM purge_notice n "
        "LEFT JOIN mail m ON m.cause = 'purge_notice:' || n.id WHERE n.state = 'announced' AND n.part IS NULL"
    )


def _notice(row: dict[str, Any]) -> NoticeFact:
    answered = row["sent_at"] or (row["noticed_at"] if row["mail_state"] == "refused" else None)
    return NoticeFact(sent_at=row["noticed_at"], answered_at=answered, told_on=row["due_on"])
