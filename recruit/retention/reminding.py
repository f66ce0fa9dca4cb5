"""Reminders: consent that runs out, and processes that nobody ends.

Guards L7 (30 and 7 days before, silence means purge) and L2 (an application without activity is reported again every
month, so that a process that is never closed keeps nothing for ever).
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from recruit import employer, letters
from recruit.accounts import staff
from recruit.accounts.guards import DPO, RECRUITER
from recruit.clock import day
from recruit.database import IDS, ids
from recruit.retention import rules
from recruit.retention.facts import of_applications
from recruit.retention.remembered import recall, remember
from recruit.retention.rules import Facts, Policy
from recruit.site import Site
from recruit.visible import APPLICATIONS

_MONTH = timedelta(days=28)
"""The shortest: whoever may have been silent for some months is looked at."""


async def remind(site: Site, now: datetime) -> dict[str, Any]:
    """Send what is due today; counts. Sending twice is refused by the outbox."""
    return {"consent": await _consents(site, now), "stale": await _stale(site, now)}


async def _consents(site: Site, now: datetime) -> int:
    policy, today = await employer.policy(site), day(now)
    facts = await of_applications(site, await _ending(site, policy, today))
    sent = 0
    for unit, fact in facts.items():
        days = rules.reminder_due(fact, policy, today)
        decision = rules.decide(fact, policy, today)
        if days is None or decision.due_on is None:
            continue
        key = await site.keyring.key(unit)
        rows = await site.records.run_sql(f"SELECT candidate FROM {APPLICATIONS} a WHERE id = ?", unit)
        if not rows:
            continue  # restricted meanwhile
        async with site.records.transaction():
            cause = f"reminder:{unit}:{decision.due_on.isoformat()}:{days}"
            sent += await letters.to_candidate(
                site,
                rows[0]["candidate"],
                key,
                cause,
                "consent_reminder",
                now,
                due_on=decision.due_on,
                months=policy.consent_months,
            )
    return sent


async def _stale(site: Site, now: datetime) -> int:
    """Tell recruiters and the DPO how many applications have lain still too long (L2); again a month later."""
    policy, today = await employer.policy(site), day(now)
    reported = await recall(site, "stale_reported")
    last = date.fromisoformat(reported) if reported else None
    stale = await stale_applications(site, policy, today)
    due = sum(rules.stale_report_due(fact, policy, today, last) for fact in stale.values())
    if due:
        await _tell_staff(site, due, policy.stale_months, now)
        await remember(site, "stale_reported", today.isoformat())
    return due


async def stale_applications(site: Site, policy: Policy, today: date) -> dict[UUID, Facts]:
    """The applications whose process has run for too long without any activity (L2)."""
    silent_since = datetime.combine(today - _MONTH * policy.stale_months, time.max, UTC) + rules.DAY
    rows = await site.records.run_sql(
        f"SELECT id FROM {APPLICATIONS} a WHERE outcome IS NULL AND last_activity_at <= ?", silent_since
    )
    facts = await of_applications(site, [row["id"] for row in rows])
    return {unit: fact for unit, fact in facts.items() if rules.is_stale(fact, policy, today)}


async def _tell_staff(site: Site, n: int, months: int, now: datetime) -> None:
    url = site.settings.link("/vacancies")
    for account in await staff.with_role(site, RECRUITER, DPO):
        async with site.records.transaction():
            cause = f"stale:{account.id}:{day(now).isoformat()}"
            await letters.to_staff(site, account, cause, "stale", now, n=n, months=months, url=url)


async def _ending(site: Site, policy: Policy, today: date) -> list[UUID]:
    """The applications that end within the days of a reminder, or are kept to the end of the answer window (L17)."""
    ahead = timedelta(days=max((*policy.reminder_days, policy.answer_window_days)) + 1)
    near = await site.keyring.past_due("application", today + ahead)
    rows = await site.records.run_sql(f"SELECT id FROM {APPLICATIONS} a WHERE id IN {IDS}", ids(near))
    return [row["id"] for row in rows]
