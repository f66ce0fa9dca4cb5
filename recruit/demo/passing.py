"""Time passes in the demonstration: the clock is moved, and on each day on which something can happen the jobs run.

Guards that the demonstration erases nobody by another way than the real one: the same jobs, in their order, with the
instant of that day. Days on which nothing can happen are left out; a purge that then waits because the clock jumped
(L17) is confirmed in the operator's name, as a person would, and the page says how often.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from recruit import clock, employer, jobs
from recruit.clock import day
from recruit.retention import rules
from recruit.retention.facts import of_applications
from recruit.retention.remembered import confirm, recall, remember
from recruit.site import Site

OFFSET = "demo_offset"
AT_MOST_APART = 7
_JOBS_AT = time(9, 0, tzinfo=UTC)
_JUMP = timedelta(hours=48)

Told = Callable[[int, int], None]


@dataclass
class Passed:
    """What happened while time passed; `confirmed` counts purges that waited for a person and got one."""

    start: datetime
    end: datetime
    days: int = 0
    noticed: int = 0
    erased: int = 0
    receipts: int = 0
    confirmed: int = 0


async def wind_up(site: Site) -> None:
    """At start: the clock stands where the demonstration left it."""
    seconds = await recall(site, OFFSET)
    if seconds:
        clock.forward(timedelta(seconds=seconds))


async def forward(site: Site, until: datetime) -> Passed:
    """Move the clock to a later instant, day by day, and remember how far."""

    async def moved(instant: datetime) -> None:
        offset = clock.offset() + (instant - clock.now())
        clock.forward(offset)
        await remember(site, OFFSET, offset.total_seconds())

    start = clock.now()
    passed = await let_pass(site, start, until, moved)
    for job in ("upkeep", "backup", "alarms"):
        await jobs.run_job(site, job, until, jobs.JOBS[job].slot(until))
    await jobs.send_mail(site, until)
    return passed


async def let_pass(site: Site, start: datetime, until: datetime, moved: Any = None, told: Told | None = None) -> Passed:
    """Run the jobs of the days between two instants; `moved(instant)` is awaited before each of them."""
    passed, at = Passed(start, until), start
    while True:
        at = datetime.combine(await _next_day(site, day(at)), _JOBS_AT)
        if at > until:
            break
        if moved:
            await moved(at)
        await _one_day(site, at, passed)
        if told:
            told((at - start).days, (until - start).days)
    if moved:
        await moved(until)
    await jobs.send_mail(site, until)
    return passed


async def _one_day(site: Site, now: datetime, passed: Passed) -> None:
    await jobs.send_mail(site, now)
    await _purge(site, now, passed)
    await jobs.run_job(site, "reminders", now, jobs.JOBS["reminders"].slot(now))
    await jobs.send_mail(site, now)
    passed.days += 1


async def _purge(site: Site, now: datetime, passed: Passed) -> None:
    """The day's purge; one that waits for a person, or is known to, gets one."""
    last = await recall(site, "high_water")
    if last and now - datetime.fromisoformat(last) > _JUMP:
        await _confirm(site, now, passed)
    counts = await jobs.run_job(site, "purge", now, jobs.JOBS["purge"].slot(now)) or {}
    _add(passed, counts)
    if counts.get("waiting"):
        await _confirm(site, now, passed)
        _add(passed, await jobs.run_job(site, "purge", now + timedelta(minutes=1)) or {})


async def _confirm(site: Site, now: datetime, passed: Passed) -> None:
    await confirm(site, None, now)
    passed.confirmed += 1


def _add(passed: Passed, counts: dict[str, Any]) -> None:
    passed.noticed += counts.get("noticed", 0)
    passed.erased += counts.get("erased", 0)
    passed.receipts += counts.get("receipts", 0)


async def _next_day(site: Site, today: date) -> date:
    """The next day on which a notice, a purge or a reminder can fall; a week at most."""
    policy = await employer.policy(site)
    facts = await of_applications(site, await site.keyring.alive("application"))
    ahead = {today + timedelta(days=AT_MOST_APART)}
    for fact in facts.values():
        ahead |= _days_of(rules.decide(fact, policy, today), policy, today)
    return min(found for found in ahead if found > today)


def _days_of(decision: rules.Decision, policy: rules.Policy, today: date) -> set[date]:
    if decision.due_on is None or decision.blockers:
        return set()
    if decision.action == "purge":
        return {today + timedelta(days=1)}
    return {decision.due_on - timedelta(days=days) for days in (-1, policy.notice_days, *policy.reminder_days)}
