"""Colleagues are told that applications are new to them: how many, and where to look; at once, daily or never.

Guards that such a mail is without data: it names nobody and no vacancy, and counts only what its reader may open anyway
(`search.reach`: role, team, assignment, L4, L15). Whoever has seen everything, or has nothing new, hears nothing.
"""

from datetime import datetime, timedelta
from uuid import UUID

from recruit import letters
from recruit.accounts import staff
from recruit.accounts.guards import HIRING, Me
from recruit.accounts.staff import Account
from recruit.hiring import search
from recruit.hiring.access import Condition
from recruit.site import Site
from recruit.visible import APPLICATIONS

PAUSE = timedelta(minutes=15)
"""Between two mails to somebody who is told at once."""

_NEW = (
    "a.outcome IS NULL AND NOT EXISTS (SELECT 1 FROM seen s WHERE s.application = a.id AND s.staff = ?) AND "
    "(a.submitted_at > ? OR EXISTS "
    "(SELECT 1 FROM assignment n WHERE n.application = a.id AND n.staff = ? AND n.assigned_at > ?) OR EXISTS "
    "(SELECT 1 FROM received_mail r WHERE r.unit = a.id AND r.at > ?))"
)


async def tell_daily(site: Site, now: datetime) -> dict[str, int]:
    """The mails of the morning; how many."""
    return await _tell(site, "daily", now, now)


async def tell_at_once(site: Site, now: datetime) -> dict[str, int]:
    """The mails to those who do not want to wait, but for those who got one a moment ago; how many."""
    return await _tell(site, "at_once", now - PAUSE, now)


async def _tell(site: Site, often: str, told_before: datetime, now: datetime) -> dict[str, int]:
    rows = await site.records.run_sql(
        "SELECT id, told_at FROM staff WHERE active AND news = ? AND told_at <= ?", often, told_before
    )
    told = 0
    for row in rows:
        account = await staff.load(site, row["id"])
        if set(account.roles).intersection(HIRING):
            told += await _tell_one(site, account, row["told_at"], now)
    return {"told": told}


async def _tell_one(site: Site, account: Account, since: datetime, now: datetime) -> bool:
    """One mail, if anything is new to this person since then."""
    me = Me("staff", account.id, account.secrets.name, "", account.language, frozenset(account.roles))
    where = await search.reach(site, me) & Condition(_NEW, (me.id, since, me.id, since, since))
    rows = await site.records.run_sql(
        f"SELECT a.vacancy, count(*) AS n FROM {APPLICATIONS} a WHERE {where.sql} GROUP BY a.vacancy", *where.params
    )
    if not rows:
        return False
    counts: dict[UUID, int] = {row["vacancy"]: int(row["n"]) for row in rows}
    path = f"/vacancies/{next(iter(counts))}?unread=1" if len(counts) == 1 else "/vacancies"
    async with site.records.transaction():
        cause, url = f"news:{account.id}:{now.isoformat()}", site.settings.link(path)
        n = sum(counts.values())
        await letters.to_staff(site, account, cause, "news", now, n=n, vacancies=len(counts), url=url)
        await site.records.run_sql("UPDATE staff SET told_at = ? WHERE id = ?", now, account.id)
    return True
