"""What is wrong right now: the one list that desk, daily mail and `recruit check` show (fail closed).

Guards that no promise is broken in silence: each alarm has its sentence, its remedy and the page where it is mended,
and a probe that fails is an alarm itself. Reads only; an alarm holds a count, never anything about a person.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from recruit import backup, employer, letters
from recruit.accounts import staff
from recruit.accounts.guards import ADMIN, DPO
from recruit.careers import sourcing
from recruit.clock import day
from recruit.hiring import section31
from recruit.i18n import Translate
from recruit.incoming import mailbox
from recruit.incoming import service as incoming
from recruit.notice import breaches
from recruit.retention import access_log, chains, overview, purge
from recruit.retention.rules import DAY, end_of_local_day
from recruit.rights.rules import rolled
from recruit.site import Site
from recruit.visible import WAITING_MAIL

log = logging.getLogger("recruit.alarms")

DAILY = timedelta(hours=26)
TRIAL = timedelta(days=8)
BACKLOG = timedelta(hours=1)
FINISHING = timedelta(hours=1)
WAITS = 14 * DAY
LEEWAY = 2 * DAY
"""A night for the job, and a day on top."""

Severity = Literal["alarm", "warning"]


class Kind(NamedTuple):
    """One thing that can be wrong. `good` is said where it is not; `one` and `many` (`{n}`) where it is."""

    severity: Severity
    good: str
    one: str
    many: str
    remedy: str
    link: str = "/desk"


_WORKER = "Start the worker (`recruit serve`, or `recruit worker`), and look into its log if it runs."
_FIRST_RUN = "Open the first-run page with the code that `recruit serve` prints."
_CHANGED = "Keep a copy, find out who could change the database, and restore (docs/operations.md)."
_CLOSED = "Until then no vacancy can be published."

KINDS: dict[str, Kind] = {
    "policy": Kind(
        "alarm", "A retention policy was decided.", "No retention policy was decided.", "", _FIRST_RUN,
        "/settings/policy",
    ),
    "privacy_contact": Kind(
        "alarm", "A data protection officer or privacy contact is named.", "No privacy contact is named.", "",
        "Name one on the settings page; no vacancy can be published before.", "/settings",
    ),
    "dpo_account": Kind(
        "alarm", "Somebody answers for privacy.", "No account has the role of data protection officer.", "",
        "Give it to somebody on the page of accounts: nobody answers rights requests.", "/staff",
    ),
    "purge_ran": Kind(
        "alarm", "The purge ran in time.", "The purge has not run for over 26 hours.", "", _WORKER, "/desk/purge",
    ),
    "overdue": Kind(
        "alarm", "Nothing is overdue.", "{n} thing that should have been erased is overdue.",
        "{n} things that should have been erased are overdue.",
        "Look at the last purge on the desk: it says what failed. `recruit purge --dry-run` lists what is due.",
        "/desk/purge",
    ),
    "waiting": Kind(
        "alarm", "The purge waits for nobody.", "The purge waits for a person to confirm.", "",
        "The data protection officer looks at what is due (Desk, Purge) and confirms, or finds out why.",
        "/desk/purge",
    ),
    "unapproved": Kind(
        "alarm", "Nothing waits for approval.", "{n} erasure waits for approval.", "{n} erasures wait for approval.",
        "Read the list (Desk, Purge) and approve it: until then nothing of it is erased.", "/desk/purge",
    ),
    "unfinished": Kind(
        "alarm", "Every begun purge has ended.", "{n} purge was begun and has not ended: no receipt was issued.",
        "{n} purges were begun and have not ended: no receipts were issued.",
        "Run `recruit purge`; if it stays, a store or a holder that it verifies against can't be reached.",
        "/desk/purge",
    ),
    "ledger": Kind(
        "alarm", "The ledger is whole.", "The ledger is broken: somebody has changed what was written.", "", _CHANGED,
        "/ledger",
    ),
    "audit": Kind(
        "alarm", "The audit is whole.", "The audit is broken: somebody has changed what was written.", "", _CHANGED,
        "/desk/audit",
    ),
    "requests": Kind(
        "alarm", "No rights request is late.", "{n} rights request is past its deadline.",
        "{n} rights requests are past their deadline.", "Answer them on the desk today (art. 12(3)).",
        "/desk/requests",
    ),
    "section31": Kind(
        "alarm", "Everybody who asked for facts about the person hired has an answer.",
        "{n} candidate has waited over two weeks for facts about the person hired (§ 31).",
        "{n} candidates have waited over two weeks for facts about the person hired (§ 31).",
        "Answer in writing today; until then nobody who was hired for that vacancy is erased.", "/section31",
    ),
    "breaches": Kind(
        "alarm", "Datatilsynet was told of every breach in time.",
        "Datatilsynet was not told of {n} breach within 72 hours (art. 33).",
        "Datatilsynet was not told of {n} breaches within 72 hours (art. 33).",
        "Tell them now, with the reason for the delay, and write the day into the note.", "/desk/papers",
    ),
    "holds": Kind(
        "alarm", "No legal hold is past its review.", "{n} legal hold is past its review date.",
        "{n} legal holds are past their review date.",
        "Review them on the desk: release them, or set a new date.", "/desk/holds",
    ),
    "restrictions": Kind(
        "alarm", "No restriction is past its review.", "{n} restriction is past its review date.",
        "{n} restrictions are past their review date.",
        "Look whether the question is settled: lift them after telling the person, or set a new date.",
        "/desk/restrictions",
    ),
    "sourced_late": Kind(
        "alarm", "Everybody whom staff entered was told in time.",
        "{n} person whom staff entered was not told within a month (art. 14).",
        "{n} people whom staff entered were not told within a month (art. 14).",
        "Tell them today, and say on the list how; or have their data erased.", "/sourced",
    ),
    "verified_late": Kind(
        "alarm", "Every candidate was told in time with whom their data were verified.",
        "{n} candidate was not told within a month that data were verified with others (art. 14).",
        "{n} candidates were not told within a month that data were verified with others (art. 14).",
        "Tell them today, and say on the list how.", "/sourced",
    ),
    "access_log_kept": Kind(
        "alarm", "The access log is no older than the policy says.", "The access log is kept longer than decided.", "",
        _WORKER, "/desk/access",
    ),
    "pruned": Kind(
        "alarm", "No archive is older than the policy allows.",
        "{n} archive is older than the policy allows, so erased people can still be recovered from it.",
        "{n} archives are older than the policy allows, so erased people can still be recovered from them.",
        "Delete them from the folder of archives, and find out why the nightly backup did not.",
    ),
    "backup_ran": Kind(
        "alarm", "An archive was written in time.", "No archive was written for over 26 hours.", "", _WORKER,
    ),
    "trial_restore_ran": Kind(
        "alarm", "An archive was restored on trial in time.", "No archive was restored on trial for over eight days.",
        "", _WORKER,
    ),
    "mail": Kind(
        "alarm", "A way out for mail is set.",
        "No mail leaves: no candidate is answered, and no erasure is announced.", "", "Set RECRUIT_SMTP.",
    ),
    "mail_backlog": Kind(
        "alarm", "No mail has waited for an hour.", "{n} mail has waited for over an hour.",
        "{n} mails have waited for over an hour.", "Try the mail server, and look whether the worker runs.",
    ),
    "mailbox": Kind(
        "alarm", "The mailbox was read in time.", "No mail comes in: the mailbox can't be read.", "",
        "Look at RECRUIT_IMAP and the mail server; `recruit check` says what it answers, and the page E-mail too.",
    ),
    "mail_waits": Kind(
        "alarm", "No e-mail that came in waits for long.", "{n} e-mail that came in has waited for over two weeks.",
        "{n} e-mails that came in have waited for over two weeks.",
        "A recruiter opens them (E-mail): an application, part of one, or nothing that is needed.", "/incoming",
    ),
    "mailbox_left": Kind(
        "warning", "Nothing was left in the mailbox.", "{n} e-mail was left in the mailbox.",
        "{n} e-mails were left in the mailbox.",
        "They are too large, or could not be read: open the mailbox with a mail program, and move them elsewhere.",
    ),
    "requests_soon": Kind(
        "warning", "No rights request is due within a week.", "{n} rights request is due within a week.",
        "{n} rights requests are due within a week.", "Answer them on the desk.", "/desk/requests",
    ),
    "sourced_by_hand": Kind(
        "warning", "A mail tells everybody whom staff entered.",
        "{n} person whom staff entered can't be told by mail.", "{n} people whom staff entered can't be told by mail.",
        "Tell them in another way within a month, and say on the list how (art. 14).", "/sourced",
    ),
    "verified_by_hand": Kind(
        "warning", "A mail tells every candidate with whom their data were verified.",
        "{n} candidate can't be told by mail that data were verified with others.",
        "{n} candidates can't be told by mail that data were verified with others.",
        "Tell them in another way within a month, and say on the list how (art. 14).", "/sourced",
    ),
    "stale": Kind(
        "warning", "No process lies still.", "{n} application lies still (L2).", "{n} applications lie still (L2).",
        "Close these processes, or go on.", "/vacancies",
    ),
    "unreadable": Kind(
        "alarm", "Everything could be looked at.", "{n} thing could not be looked at.",
        "{n} things could not be looked at.", "Look into the log, and report it if it stays.",
    ),
}  # fmt: skip
"""Every alarm by its key, in the order in which it is shown."""


@dataclass(frozen=True)
class Alarm:
    """An alarm that stands: how many things it is about (1 where it is not about a number)."""

    key: str
    count: int

    @property
    def kind(self) -> Kind:
        return KINDS[self.key]

    @property
    def severity(self) -> Severity:
        return self.kind.severity

    @property
    def link(self) -> str:
        return self.kind.link

    def sentence(self, tr: Translate) -> str:
        """What is wrong, in the reader's language."""
        kind = self.kind
        return tr.plural(kind.one, kind.many, self.count) if kind.many else tr(kind.one)

    def remedy(self, tr: Translate) -> str:
        return tr(self.kind.remedy)


async def standing(site: Site, now: datetime) -> list[Alarm]:
    """The alarms that stand at this instant, the grave ones first."""
    found = [Alarm(key, n) for key, n in (await levels(site, now)).items() if n]
    return sorted(found, key=lambda alarm: alarm.severity != "alarm")


async def levels(site: Site, now: datetime) -> dict[str, int]:
    """Every key of KINDS with its count, 0 where nothing is wrong."""
    found = dict.fromkeys(KINDS, 0)
    for probe in PROBES:
        try:
            found |= {key: int(n) for key, n in (await probe(site, now)).items()}
        except Exception as fault:
            log.error("%s could not be looked at: %s", probe.__name__, type(fault).__name__)
            found["unreadable"] += 1
    return found


async def tell(site: Site, now: datetime) -> dict[str, int]:
    """Mail what stands to whoever answers for privacy (to the administrators, if nobody does); once a day."""
    grave = [alarm for alarm in await standing(site, now) if alarm.severity == "alarm"]
    to = await staff.with_role(site, DPO) or await staff.with_role(site, ADMIN)
    if grave:
        async with site.records.transaction():
            for account in to:
                cause = f"alarms:{account.id}:{day(now).isoformat()}"
                url = site.settings.link("/desk")
                await letters.to_staff(site, account, cause, "alarms", now, alarms=grave, desk_url=url)
    return {"alarms": len(grave)}


# --- looking --------------------------------------------------------------------------------------------------------

Found = Mapping[str, int | bool]
Probe = Callable[[Site, datetime], Awaitable[Found]]


async def responsible(site: Site, now: datetime) -> Found:
    who = await employer.current(site)
    return {
        "policy": not await employer.versions(site, "policy_version"),
        "privacy_contact": not (who and who.dpo_name and who.dpo_email),
        "dpo_account": not await staff.with_role(site, DPO),
    }


async def purging(site: Site, now: datetime) -> Found:
    seen, today = await purge.preview(site, now), day(now)
    notice = (await employer.policy(site)).notice_days
    late = [
        row for row in (*seen.due, *seen.later)
        if row.kind == "application" and row.due_on and today > row.due_on + notice * DAY + LEEWAY
    ]  # fmt: skip
    bare = [unit for kind, _ in purge.BARE for unit in await site.keyring.past_due(kind, today - LEEWAY)]
    return {"overdue": len(late) + len(bare), "waiting": seen.waiting is not None, "unapproved": seen.unapproved}


async def ending(site: Site, now: datetime) -> Found:
    rows = await site.keyring.engine.run_sql(
        "SELECT count(*) AS n FROM purge WHERE state <> 'issued' AND erased_at < ?", now - FINISHING
    )
    return {"unfinished": rows[0]["n"]}


async def chained(site: Site, now: datetime) -> Found:
    """As the last check from end to end found it."""
    return {name: bool(found and found.fault) for name in chains.NAMES for found in [await chains.known(site, name)]}


async def running(site: Site, now: datetime) -> Found:
    within = {"purge": DAILY, "backup": DAILY, "trial_restore": TRIAL}
    return {f"{job}_ran": not await _ran(site, job, now, longest) for job, longest in within.items()}


async def _ran(site: Site, job: str, now: datetime, within: timedelta) -> bool:
    """Whether a job ended well not too long ago; on a new installation it may not have been due yet."""
    rows = await site.records.run_sql(
        "SELECT id FROM run WHERE job = ? AND error = '' AND ended_at >= ? LIMIT 1", job, now - within
    )
    versions = await employer.versions(site, "employer")
    began = versions[-1][1] if versions else now
    return bool(rows) or now - began <= within


async def requested(site: Site, now: datetime) -> Found:
    """L20: late once the rolled day is over; while we wait to learn who it is, no day runs out (L23)."""
    rows = await site.records.run_sql("SELECT due_on FROM rights_request WHERE state = 'received'")
    today, days = day(now), [rolled(row["due_on"]).rolled for row in rows]
    return {
        "requests": sum(today > last for last in days),
        "requests_soon": sum(last - 7 * DAY <= today <= last for last in days),
    }


async def asked_about_the_hired(site: Site, now: datetime) -> Found:
    return {"section31": await section31.late(site, day(now))}


async def breached(site: Site, now: datetime) -> Found:
    return {"breaches": await breaches.late(site, now)}


async def reviewed(site: Site, now: datetime) -> Found:
    past = [hold for hold in await overview.holds(site, day(now)) if hold.past_review]
    restricted = await site.records.run_sql(
        "SELECT count(*) AS n FROM restriction WHERE lifted_on IS NULL AND review_on < ?", day(now)
    )
    stale = await overview.stale(site, day(now))
    return {"holds": len(past), "restrictions": restricted[0]["n"], "stale": stale}


async def sourced(site: Site, now: datetime) -> Found:
    """L10: of whom data came from others is told within a month, by our mail or by a person."""
    tellings, today = await sourcing.listed(site), day(now)
    late = [one for one in tellings if one.late(today)]
    by_hand = [one for one in tellings if one.state == "by_hand" and one not in late]
    return {
        f"{name}_{how}": sum(one.about == about for one in found)
        for how, found in (("late", late), ("by_hand", by_hand))
        for name, about in (("sourced", "sourced"), ("verified", "verification"))
    }


async def looked(site: Site, now: datetime) -> Found:
    """L34: the access log goes by itself."""
    first = access_log.first_kept(day(now), await employer.policy(site)) - LEEWAY
    rows = await site.records.run_sql("SELECT id FROM look WHERE at < ? LIMIT 1", end_of_local_day(first - DAY))
    return {"access_log_kept": bool(rows)}


async def archived(site: Site, now: datetime) -> Found:
    horizon = ((await employer.policy(site)).archive_days + 1) * DAY
    found = await asyncio.to_thread(backup.archives, site.settings.backups)
    return {"pruned": sum(day(now) - day(backup.made_at(path)) > horizon for path in found)}


async def mailed(site: Site, now: datetime) -> Found:
    rows = await site.records.run_sql(
        f"SELECT count(*) AS n FROM mail WHERE state = 'queued' AND queued_at < ? AND NOT {WAITING_MAIL}", now - BACKLOG
    )
    return {"mail": not site.settings.smtp, "mail_backlog": rows[0]["n"]}


async def came_in(site: Site, now: datetime) -> Found:
    state = await mailbox.progress(site)
    reads = bool(site.settings.imap)
    return {
        "mailbox": reads and state.stale(now),
        "mail_waits": await incoming.count(site, before=now - WAITS),
        "mailbox_left": len(state.left) if reads else 0,
    }


PROBES: tuple[Probe, ...] = (
    responsible, purging, ending, chained, running, requested, asked_about_the_hired, breached, reviewed, sourced,
    looked, archived, mailed, came_in,
)  # fmt: skip
