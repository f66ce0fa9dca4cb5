"""What staff do with one application: move it, mark a finalist, decide its outcome, take a close back.

Guards that every change is in the table of moves, names the person who made it (L13), and leaves a Move row and an
audit entry in the same transaction. The program decides nothing: each of these is called with somebody's id.
"""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from recruit import audit
from recruit.errors import FormInvalid, MoveNotAllowed
from recruit.hiring import rules
from recruit.hiring.access import Opened
from recruit.retention import service as retention
from recruit.retention.rules import MOVES, STAGES, Outcome, Stage, require_move
from recruit.site import Site
from recruit.tables import ApplicationData, Person
from recruit.vault.sealing import unseal


async def contents(site: Site, opened: Opened) -> tuple[Person, ApplicationData]:
    """The candidate's contact data as they stand now, and what was sent with this application."""
    candidate: UUID = opened.row["candidate"]
    rows = await site.records.run_sql("SELECT sealed FROM candidate WHERE id = ?", candidate)
    person = unseal(opened.candidate_key, "candidate", candidate, bytes(rows[0]["sealed"]), Person)
    return person, unseal(opened.key, "application", opened.id, bytes(opened.row["sealed"]), ApplicationData)


async def move(site: Site, opened: Opened, stage: str, now: datetime) -> None:
    """To another stage. MoveNotAllowed where the table has no such move, ProcessEnded after the outcome."""
    rules.require_running(opened.row["outcome"])
    if stage not in STAGES:
        raise FormInvalid({"stage": "Choose a stage from the list."})
    was, became = cast("Stage", opened.row["stage"]), stage
    require_move(was, became)
    furthest = max(opened.row["furthest_stage"], became, key=STAGES.index)
    finalist = became in ("finalist", "offer")
    async with site.records.transaction():
        rows = await site.records.run_sql(
            "UPDATE application SET stage = ?, furthest_stage = ?, finalist = ?, last_activity_at = ? "
            "WHERE id = ? AND stage = ? AND outcome IS NULL RETURNING id",
            *(became, furthest, finalist, now, opened.id, was),
        )
        if not rows:
            raise MoveNotAllowed()
        await retention.write_move(site, opened.id, was, became, opened.me.id, now)
        await audit.record("application.moved", now, opened.me.id, application=opened.id, was=was, became=became)


async def mark_finalist(site: Site, opened: Opened, now: datetime) -> None:
    """A person says that this application is successful so far, which opens screening (L9).

    It moves to that stage where the table of moves allows it; otherwise it stays where it is, marked.
    """
    rules.require_running(opened.row["outcome"])
    if "finalist" in MOVES[opened.row["stage"]]:
        await move(site, opened, "finalist", now)
        return
    async with site.records.transaction():
        await site.records.run_sql(
            "UPDATE application SET finalist = ?, last_activity_at = ? WHERE id = ? AND outcome IS NULL",
            *(True, now, opened.id),
        )
        await audit.record("application.finalist", now, opened.me.id, application=opened.id)


async def decide_outcome(site: Site, opened: Opened, outcome: str, now: datetime) -> None:
    """The final outcome, decided by the person who opened it (L13); the candidate gets the closing mail (L4).

    FormInvalid for a word that is no outcome, MoveNotAllowed where this stage has none such.
    """
    rules.require_running(opened.row["outcome"])
    if outcome not in ("rejected", "withdrawn", "position_filled", "hired"):
        raise FormInvalid({"outcome": "Choose the outcome."})
    final = cast("Outcome", outcome)
    require_move(opened.row["stage"], final)
    await retention.close_applications(site, [opened.id], final, opened.me.id, now)


async def undo(site: Site, opened: Opened, now: datetime) -> None:
    """Take a close back inside the answer window; CloseIsFinal after it (L4)."""
    await retention.undo_close(site, opened.id, opened.me.id, now)


async def touch(site: Site, application: UUID, now: datetime) -> None:
    """Something was added to a running application, so that it is not stale (L2); in the caller's transaction.

    ProcessEnded, which undoes the caller's act, if somebody closed it in the meantime.
    """
    rows = await site.records.run_sql(
        "UPDATE application SET last_activity_at = ? WHERE id = ? AND outcome IS NULL RETURNING id", now, application
    )
    if not rows:
        raise rules.ProcessEnded()


def allowed_next(row: dict[str, Any]) -> tuple[Stage, ...]:
    """The lawful next stages, for the buttons of the page: onward first, then back."""
    here = STAGES.index(row["stage"])
    return (
        () if row["outcome"] else tuple(sorted(rules.next_stages(row["stage"]), key=lambda s: STAGES.index(s) < here))
    )
