"""What staff do with one application: move it, mark a finalist, decide its outcome, take a close back.

Guards that every change is in the table of moves, names the person who made it (L13), and leaves a Move row and an
audit entry in the same transaction. The program decides nothing: each of these is called with somebody's id.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import cast
from uuid import UUID

from recruit import audit
from recruit.errors import FormInvalid, MoveNotAllowed
from recruit.hiring import rules, stages, waiting
from recruit.hiring.access import Opened
from recruit.hiring.stages import Step
from recruit.i18n import Language
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


async def move(site: Site, opened: Opened, key: str, now: datetime) -> None:
    """To another step of the vacancy's way. FormInvalid where it has none such, MoveNotAllowed where the table has no
    such move, ProcessEnded after the outcome.
    """
    rules.require_running(opened.row["outcome"])
    steps = stages.read(opened.vacancy["steps"])
    step = next((step for step in steps if step.key == key), None)
    if step is None:
        raise FormInvalid({"stage": "Choose a stage from the list."})
    await _move(site, opened, step, now)


async def _move(site: Site, opened: Opened, step: Step, now: datetime) -> None:
    was, was_step = cast("Stage", opened.row["stage"]), str(opened.row["step"])
    if step.stage != was or step.stored == was_step:
        require_move(was, step.stage)
    furthest = max(opened.row["furthest_stage"], step.stage, key=STAGES.index)
    finalist = step.stage in ("finalist", "offer")
    async with site.records.transaction():
        if await site.records.run_sql("SELECT 1 FROM waiting_outcome WHERE application = ?", opened.id):
            raise rules.OutcomeWaits()
        rows = await site.records.run_sql(
            "UPDATE application SET stage = ?, step = ?, entered_at = ?, furthest_stage = ?, finalist = ?, "
            "last_activity_at = ? WHERE id = ? AND stage = ? AND step = ? AND outcome IS NULL RETURNING id",
            *(step.stage, step.stored, now, furthest, finalist, now, opened.id, was, was_step),
        )
        if not rows:
            raise MoveNotAllowed()
        await retention.write_move(site, opened.id, was, step.stage, opened.me.id, now, was_step, step.stored)
        await audit.record("application.moved", now, opened.me.id, application=opened.id, was=was, became=step.stage)


async def mark_finalist(site: Site, opened: Opened, now: datetime) -> None:
    """A person says that this application is successful so far, which opens screening (L9).

    It moves to that stage where the vacancy has it and the table of moves allows it; otherwise it stays where it is,
    marked.
    """
    rules.require_running(opened.row["outcome"])
    used = {step.stage for step in stages.read(opened.vacancy["steps"])}
    if "finalist" in used and "finalist" in MOVES[opened.row["stage"]]:
        await _move(site, opened, Step("finalist", "finalist"), now)
        return
    async with site.records.transaction():
        await site.records.run_sql(
            "UPDATE application SET finalist = ?, last_activity_at = ? WHERE id = ? AND outcome IS NULL",
            *(True, now, opened.id),
        )
        await audit.record("application.finalist", now, opened.me.id, application=opened.id)


async def decide_outcome(
    site: Site,
    opened: Opened,
    outcome: str,
    now: datetime,
    words: Mapping[Language, str] | None = None,
    ask: bool = True,
    leaves: datetime | None = None,
) -> None:
    """The final outcome, decided by the person who opened it (L13); the candidate gets the closing mail (L4).

    `words` stand in it in place of the usual ones; without `ask` it does not ask for consent. `leaves`: who does not
    get the position is told then, and nothing changes before (`waiting`).
    FormInvalid for a word that is no outcome, MoveNotAllowed where this stage has none such.
    """
    rules.require_running(opened.row["outcome"])
    if outcome not in ("rejected", "withdrawn", "position_filled", "hired"):
        raise FormInvalid({"outcome": "Choose the outcome."})
    final = cast("Outcome", outcome)
    require_move(opened.row["stage"], final)
    if leaves and final not in ("rejected", "position_filled"):
        raise FormInvalid({"leaves": "Only who does not get the position can be told later. Leave it empty."})
    if leaves:
        by, vacancy = opened.me.id, opened.vacancy["id"]
        await waiting.put(site, vacancy, [opened.id], final, by, now, leaves, None, words or {}, ask)
        return
    await retention.close_applications(site, [opened.id], final, opened.me.id, now, words=words, ask=ask)


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
