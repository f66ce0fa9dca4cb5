"""Reminders to whoever answers rights requests: 14, 7 and 2 days before the answer is due, and every week once late.

Guards that no deadline passes unseen (L20): the day counted is the plain one, on which the law's month ends.
"""

from datetime import datetime

from recruit.accounts import staff
from recruit.accounts.guards import DPO
from recruit.clock import day
from recruit.letters import to_staff
from recruit.rights import rules, service
from recruit.site import Site


async def remind(site: Site, now: datetime) -> dict[str, int]:
    """Send what is due today; how many requests were reminded of. Sending twice is refused by the outbox."""
    due = [(r, rules.reminder_due(r.state, r.due, day(now))) for r in await service.open_requests(site)]
    officers = await staff.with_role(site, DPO)
    for request, reminder in due:
        for account in officers if reminder else ():
            await _send(site, request, str(reminder), account, now)
    return {"requests": sum(reminder is not None for _, reminder in due)}


async def _send(site: Site, request: service.Request, reminder: str, account: staff.Account, now: datetime) -> None:
    """No name stands in it: the case is one press away."""
    async with site.records.transaction():
        await to_staff(
            site,
            account,
            f"request_due:{request.id}:{request.plain.isoformat()}:{reminder}:{account.id}",
            "request_due",
            now,
            kind=request.kind,
            due=request.due,
            late=reminder.startswith("late"),
            case_url=site.settings.link(f"/desk/requests/{request.id}"),
        )
