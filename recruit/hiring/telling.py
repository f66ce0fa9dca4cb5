"""The candidate is told of a step, if whoever moved the application chooses to.

Guards that nobody is told by the program alone, that a step is told once, and never after the outcome, whose own mail
says more.
"""

from datetime import datetime
from uuid import UUID

from recruit import audit, letters
from recruit.hiring import rules, stages
from recruit.hiring.access import Opened
from recruit.i18n import either, translator
from recruit.site import Site


async def untold(site: Site, opened: Opened) -> UUID | None:
    """The last move of a running application, if the candidate was not told of it; None if there is none to tell."""
    if opened.row["outcome"] is not None:
        return None
    rows = await site.records.run_sql(
        "SELECT m.id, m.became, m.became_step, x.id AS mail FROM move m "
        "LEFT JOIN mail x ON x.cause = 'moved:' || m.id WHERE m.application = ? "
        "ORDER BY m.at DESC LIMIT 1",
        opened.id,
    )
    here = {"stage": opened.row["stage"], "step": opened.row["step"]}
    if not rows or rows[0]["mail"] or {"stage": rows[0]["became"], "step": rows[0]["became_step"]} != here:
        return None
    move: UUID = rows[0]["id"]
    return move


async def tell_step(site: Site, opened: Opened, now: datetime) -> None:
    """Mail the candidate where the application stands now. ProcessEnded after the outcome; twice is once."""
    rules.require_running(opened.row["outcome"])
    move = await untold(site, opened)
    if move is None:
        return
    candidate = opened.row["candidate"]
    _, lang = await letters.addressee(site, candidate)
    step = stages.step_of(opened.row, stages.read(opened.vacancy["steps"]))
    told = {"title": either(opened.vacancy, "title", lang), "step": step.called(translator(lang)), "stage": step.stage}
    async with site.records.transaction():
        if await letters.to_candidate(site, candidate, opened.key, f"moved:{move}", "moved", now, **told):
            await audit.record("candidate.told", now, opened.me.id, application=opened.id, move=move)
