"""The access log's own end: its rows go after the period of the policy (L34), and with them who was told of erasures.

Guards that the notice's word about the access log is kept, and that a row never goes early.
"""

from datetime import date, datetime

from recruit import employer
from recruit.clock import day
from recruit.retention import recipients
from recruit.retention.rules import DAY, Policy, add_months, end_of_local_day
from recruit.site import Site


async def forget_old(site: Site, now: datetime) -> int:
    """Remove the rows whose period is over; how many."""
    first = end_of_local_day(first_kept(day(now), await employer.policy(site)) - DAY)
    await recipients.forget_old(site, first)
    return len(await site.records.run_sql("DELETE FROM look WHERE at < ? RETURNING id", first))


def first_kept(today: date, policy: Policy) -> date:
    """The oldest day whose rows are still kept; at the end of a short month some days late, never early."""
    return add_months(today, -policy.access_log_months)
