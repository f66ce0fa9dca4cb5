"""A panel's day on paper: chosen applications of a vacancy as one PDF, for those who interview.

Guards that a paper holds only what its reader may open and nothing that others have found (no note, no scorecard, no
reference), that each application in it is a look and a copy which stand written before it is made (L29), and that every
page says who printed it and by when it must be destroyed. What candidates sent is in it as drawn by `papers`, never as
it came, and nothing of it touches the disk.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from recruit import audit, employer, paper
from recruit.clock import day
from recruit.errors import NotFound, RecruitError
from recruit.hiring import access, interviews, papers, rules, scorecards, service, stages, story, team
from recruit.hiring.access import Opened
from recruit.hiring.interviews import Interview
from recruit.hiring.papers import Paper
from recruit.hiring.pipeline import Pipeline
from recruit.hiring.scorecards import Question
from recruit.i18n import Translate, either
from recruit.retention import recipients
from recruit.site import Site
from recruit.tables import ApplicationData, Person

MOST = 25
MOST_SHEETS = 150
MOST_BYTES = 48 * 1024 * 1024
"""Of drawn pages together: what one process may hold."""


class TooManyToPrint(RecruitError):
    """More applications than a panel meets in a day."""

    status = 422
    text = "Choose at most 25 applications for one paper."


class TooLargeToPrint(RecruitError):
    """More pages of documents than one paper takes."""

    status = 422
    text = (
        "These applications have more pages of documents than one paper takes, which is 150. Choose fewer of them, and "
        "make several papers."
    )


@dataclass(frozen=True)
class Folder:
    """One application as it is printed. `pictures` are the drawn pages of each document, once they are read."""

    opened: Opened
    person: Person
    sent: ApplicationData
    step: str
    papers: tuple[Paper, ...]
    meetings: tuple[Interview, ...]
    questions: tuple[Question, ...]
    pictures: tuple[tuple[str, ...], ...] = ()

    @property
    def sheets(self) -> int:
        return sum(len(each.drawn.sheets) for each in self.papers)


async def printed(of: Pipeline, chosen: Sequence[UUID], now: datetime, tr: Translate) -> bytes:
    """The PDF with these applications, as far as they are within reach: by the time of the interview, then as chosen.

    NotFound if none is; TooManyToPrint, TooLargeToPrint.
    """
    units = await of.only_mine(chosen)
    if not units:
        raise NotFound()
    if len(units) > MOST:
        raise TooManyToPrint()
    folders = sorted([await _folder(of, unit, now, tr) for unit in units], key=_first_meeting)
    if sum(folder.sheets for folder in folders) > MOST_SHEETS:
        raise TooLargeToPrint()
    await _write_down(of, units, now)
    return await _drawn(of, await _with_pictures(of.site, folders), now, tr)


async def _folder(of: Pipeline, unit: UUID, now: datetime, tr: Translate) -> Folder:
    opened = await access.opened(of.site, of.me, unit, "print", now, "print")
    person, sent = await service.contents(of.site, opened)
    known = await interviews.of_application(of.site, opened.key)
    coming = [each for each in known if each.state == "agreed" and each.starts_at and day(each.starts_at) >= day(now)]
    return Folder(
        opened=opened,
        person=person,
        sent=sent,
        step=tr(stages.NAMES[opened.row["outcome"]])
        if opened.row["outcome"]
        else stages.step_of(opened.row, of.steps).called(tr),
        papers=tuple(await papers.of_application(of.site, opened.key, now)),
        meetings=tuple(sorted(coming, key=lambda each: each.starts_at or now)),
        questions=await _questions(of.site, known, tr),
    )


async def _questions(site: Site, known: Sequence[Interview], tr: Translate) -> tuple[Question, ...]:
    """Those of the newest interview that has a kit; else the competences of a card, which ask nothing by themselves."""
    kit = next((each.kit for each in known if each.open and each.kit), None)
    return tuple(await scorecards.questions(site, kit)) or tuple(Question(tr(each), "") for each in scorecards.OWN)


def _first_meeting(folder: Folder) -> datetime:
    starts = [each.starts_at for each in folder.meetings if each.starts_at]
    return min(starts, default=datetime.max.replace(tzinfo=UTC))


async def _write_down(of: Pipeline, units: Sequence[UUID], now: datetime) -> None:
    async with of.site.records.transaction():
        await recipients.disclosed(of.site, units, "staff_print", "print", now, account=of.me.id)
        await audit.record("panel.printed", now, of.me.id, vacancy=of.vacancy["id"], n=len(units))


async def _with_pictures(site: Site, folders: Sequence[Folder]) -> list[Folder]:
    found, size = [], 0
    for folder in folders:
        pictures = []
        for each in folder.papers:
            numbers = range(1, len(each.drawn.sheets) + 1)
            images = [await papers.page(site, folder.opened.key, each.id, number) for number in numbers]
            pictures.append(tuple(f"data:{kind};base64,{base64.b64encode(data).decode()}" for data, kind in images))
            size += sum(len(data) for data, _ in images)
            if size > MOST_BYTES:
                raise TooLargeToPrint()
        found.append(replace(folder, pictures=tuple(pictures)))
    return found


async def _drawn(of: Pipeline, folders: Sequence[Folder], now: datetime, tr: Translate) -> bytes:
    policy = await employer.policy(of.site)
    seats = {seat for folder in folders for meeting in folder.meetings for seat in meeting.seats}
    return await paper.drawn_apart(
        "hiring/panel_paper.html",
        lang=tr.lang,
        _=tr,
        employer=await employer.current(of.site),
        made_at=now,
        title=either(of.vacancy, "title", tr.lang),
        folders=folders,
        names=await team.names(of.site, seats),
        by=of.me.name,
        destroy_by=rules.destroy_by((folder.opened.facts for folder in folders), policy, day(now)),
        kinds=story.PAPERS,
        other_kind=story.OTHER_PAPER,
    )
