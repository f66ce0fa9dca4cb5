"""What runs by itself, when, and the row that each run leaves.

Guards that every daily job runs exactly once a day among any number of workers (the database decides, by a slot), that
one which failed or whose worker died is taken up again, and that a missed slot is made good at the next start.
Slots are days in UTC, so a change of clocks neither doubles nor skips one.
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from recruit import alarms, attendance, backup, mail, trial
from recruit.accounts import limits, links
from recruit.careers import service as careers
from recruit.careers import visits
from recruit.database import IDS, ids
from recruit.hiring import insight, news, waiting
from recruit.incoming import mailbox
from recruit.incoming import service as incoming
from recruit.locking import Busy
from recruit.mydata import readdressing
from recruit.notice import assessment, breaches
from recruit.retention import access_log, chains, disclosures, purge, recipients, remembered, reminding, restrictions
from recruit.rights import reminding as requests
from recruit.site import Site

Counts = dict[str, Any]

_DIED_AFTER = timedelta(hours=2)
_RETRY_AFTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Job:
    """A job: what it does, at which minute of a UTC day it falls due, and every how many days."""

    name: str
    act: Callable[[Site, datetime], Awaitable[Counts]]
    minute: int
    days: int = 1

    def slot(self, now: datetime) -> str:
        """The slot that was last due at an instant; its name is the row's id."""
        day = (now - timedelta(minutes=self.minute)).toordinal()
        return f"{self.name}:{day - day % self.days}"


COUNTED_AT_NIGHT: tuple[Callable[[Site, datetime], Awaitable[None]], ...] = (
    insight.count_all,
    visits.count_all,
    disclosures.count_all,
    breaches.count_keys,
    assessment.count_all,
    access_log.judge,
)
"""What looks at all that is stored, so that pages need not."""


async def _upkeep(site: Site, now: datetime) -> Counts:
    await limits.forget_old(site, now)
    await links.forget_old(site, now)
    await readdressing.forget_old(site, now)
    found: Counts = await careers.reconcile(site, now)
    found["incoming"] = await incoming.reconcile(site, now)
    await recipients.keep_states(site)
    found["looks"] = await access_log.forget_old(site, now)
    found["journal"] = await backup.shorten_journal(site, now)
    for name in chains.NAMES:
        await chains.check(site, name, now)
    for count in COUNTED_AT_NIGHT:
        await count(site, now)
    return found


async def _purge(site: Site, now: datetime) -> Counts:
    await trial.forget_interrupted(site)
    return asdict(await purge.run(site, now))


async def _remind(site: Site, now: datetime) -> Counts:
    return {**await reminding.remind(site, now), **await requests.remind(site, now)}


async def _backup(site: Site, now: datetime) -> Counts:
    """While the clock is in doubt no archive is called old (L17)."""
    made = await backup.back_up(site, site.settings.backups, now)
    pruned = 0 if await remembered.clock_in_doubt(site, now) else await backup.prune(site, now)
    return {"documents": made.documents, "size": made.size, "pruned": pruned}


JOBS: dict[str, Job] = {
    job.name: job
    for job in (
        Job("upkeep", _upkeep, minute=10),
        Job("backup", _backup, minute=30),
        Job("purge", _purge, minute=90),
        Job("reminders", _remind, minute=300),
        Job("alarms", alarms.tell, minute=310),
        Job("news", news.tell_daily, minute=320),
        Job("trial_restore", trial.run, minute=150, days=7),
    )
}
"""In the order in which they fall due within a day."""


async def run_job(site: Site, name: str, now: datetime, slot: str | None = None) -> Counts | None:
    """Run a job and leave its row; None if another worker has run that slot, or is at it.

    Without a slot it is run by hand: always, under a slot of its own. What it raises is noted by kind, and raised;
    Busy is raised only.
    """
    job = JOBS[name]
    row = slot or f"{name}:{now.isoformat()}"
    if not await _claim(site, row, name, now):
        return None
    try:
        counts = await job.act(site, now)
    except Busy:  # nothing was done, so nothing is noted: it is tried again as soon as the other one has ended
        await site.records.run_sql("DELETE FROM run WHERE id = ?", row)
        raise
    except BaseException as error:
        await _end(site, row, now, {}, type(error).__name__)
        raise
    await _end(site, row, now, counts, "")
    return counts


async def _claim(site: Site, row: str, name: str, now: datetime) -> bool:
    """Take a slot that nobody has run; or one that failed a while ago, or whose worker is no longer up."""
    taken = await site.records.run_sql(
        "INSERT INTO run (id, job, started_at, counts, error, worker) VALUES (?, ?, ?, '{}', '', ?) "
        "ON CONFLICT (id) DO UPDATE SET started_at = excluded.started_at, ended_at = NULL, error = '', "
        "worker = excluded.worker WHERE (run.error <> '' AND run.ended_at < ?) OR (run.ended_at IS NULL AND "
        "(run.started_at < ? OR (run.worker IS NOT NULL AND run.worker NOT IN "
        "(SELECT id FROM process WHERE seen_at > ?)))) RETURNING id",
        *(row, name, now, attendance.number_of(site)),
        *(now - _RETRY_AFTER, now - _DIED_AFTER, now - attendance.DEAD),
    )
    return bool(taken)


async def _end(site: Site, row: str, now: datetime, counts: Counts, error: str) -> None:
    await site.records.run_sql(
        "UPDATE run SET ended_at = ?, counts = ?, error = ? WHERE id = ?",
        *(now, msgspec.json.encode(counts).decode(), error, row),
    )


async def due_jobs(site: Site, now: datetime) -> list[str]:
    """The jobs whose last slot has not been run well yet, in their order of the day."""
    slots = {name: job.slot(now) for name, job in JOBS.items()}
    rows = await site.records.run_sql(
        f"SELECT id FROM run WHERE ended_at IS NOT NULL AND error = '' AND id IN {IDS}", ids(slots.values())
    )
    done = {row["id"] for row in rows}
    return [name for name, slot in slots.items() if slot not in done]


async def last_good(site: Site, name: str) -> datetime | None:
    """When a job last ended well."""
    rows = await site.records.run_sql(
        "SELECT ended_at FROM run WHERE job = ? AND error = '' AND ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT 1",
        name,
    )
    return rows[0]["ended_at"] if rows else None


async def send_mail(site: Site, now: datetime, limit: int = 200) -> Counts:
    """Deliver what is due in the outbox, if a way out is set; then lift what people were told of (L15).

    Outcomes whose time has come (`ended`) put their mails there for the next time.
    """
    transport = mail.transport_of(site)
    counts: Counts = await mail.deliver(site, transport, now, limit) if transport else {}
    await restrictions.lift_told(site, now)
    return {**counts, "ended": await waiting.carry_out(site, now)}


async def read_mailbox(site: Site, now: datetime) -> Counts:
    """Take in what has come, if a mailbox is set."""
    return await mailbox.read_in(site, now)
