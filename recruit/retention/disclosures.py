"""All disclosures, as the desk lists them and the night counts them: ids, categories, ways and days.

Guards that the list over all names nobody; whom something is about, and who got it, takes a case. Reads only.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from recruit import paging
from recruit.database import ids
from recruit.paging import Page
from recruit.retention import recipients
from recruit.retention.remembered import Counted, recall_counted, remember_counted
from recruit.site import Site


@dataclass(frozen=True)
class Line:
    """A disclosure as the desk lists it: no name. `notice` is the last one to that recipient."""

    unit: UUID
    at: datetime
    recipient: str
    channel: str
    notice: recipients.Notice | None


@dataclass(frozen=True)
class Amount:
    recipient: str
    channel: str
    n: int


async def listed(site: Site, number: int) -> Page:
    """One page of all disclosures that still have their data, newest first."""
    found = await paging.read(site.records, number, "SELECT * FROM disclosure ORDER BY at DESC, id DESC")
    told = await recipients.notices(site, ids({row["unit"] for row in found.rows}))
    last = {who: notices[-1] for who, notices in told.items()}
    lines = [
        Line(row["unit"], row["at"], row["recipient"], row["channel"], last.get(recipients.whose(row)))
        for row in found.rows
    ]
    return replace(found, rows=lines)


async def counted(site: Site) -> Counted[list[Amount]] | None:
    """How many of each kind there were; None before the first night."""
    return await recall_counted(site, "copies", list[Amount])


async def count_all(site: Site, now: datetime) -> None:
    rows = await site.records.run_sql(
        "SELECT recipient, channel, count(*) AS n FROM disclosure GROUP BY recipient, channel ORDER BY 3 DESC, 1, 2"
    )
    mails = await site.records.run_sql(
        "SELECT (SELECT count(*) FROM mail WHERE state = 'sent') - "
        "(SELECT count(*) FILTER (WHERE state = 'sent') FROM mail WHERE unit IN (SELECT id FROM staff)) AS n"
    )
    mailed = [Amount(recipients.THEMSELVES, "mail", mails[0]["n"])] if mails[0]["n"] else []
    await remember_counted(site, "copies", [*mailed, *rows], now)


async def mails_of(site: Site, unit: UUID) -> list[datetime]:
    """When mails about a unit went to the person themselves, newest first."""
    rows = await site.records.run_sql(
        "SELECT sent_at FROM mail WHERE unit = ? AND state = 'sent' AND template NOT IN ('recipient', 'guest') "
        "ORDER BY sent_at DESC",
        unit,
    )
    return [row["sent_at"] for row in rows]
