"""One application: who it is, how long it is kept, what may be done next, and its outcome.

Guards that a page shows an application only after `access.opened` said so, and that what was typed is never lost to a
refusal. `shown` and `act` are what the other pages about one application are made of.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock, employer
from recruit.accounts.guards import DPO, HIRING, MANAGER, RECRUITER, staff
from recruit.errors import (
    CloseIsFinal,
    EarlierSalaryNotCollected,
    FormInvalid,
    MoveNotAllowed,
    ScreeningTooEarly,
)
from recruit.hiring import access, notes, papers, rules, service, story, vacancies
from recruit.hiring.access import Opened
from recruit.hiring.pipeline_pages import title_of
from recruit.hiring.rules import Act
from recruit.i18n import format_date, format_instant
from recruit.retention import holds
from recruit.retention.facts import clocks
from recruit.retention.rules import STAGES, may_screen, may_undo_close
from recruit.tables import ApplicationData, Person
from recruit.web import Req, answers, language, redirect, render, site_of, user_of, words

_REFUSALS = (MoveNotAllowed, CloseIsFinal, ScreeningTooEarly, EarlierSalaryNotCollected, rules.ProcessEnded)
REVIEWERS = (*HIRING, DPO)


@get("/applications/{application:uuid}", guards=[staff(*REVIEWERS)])
async def application_page(request: Req, application: FromPath[UUID]) -> Response[bytes]:
    """Everything about one application that this person may see, its documents beside the notes."""
    now = clock.now()
    return await shown(
        request, await access.opened(site_of(request), user_of(request), application, "review", now), now
    )


async def shown(
    request: Req,
    opened: Opened,
    now: datetime,
    status: int = 200,
    problem: str = "",
    errors: dict[str, str] | None = None,
    form: dict[str, str] | None = None,
) -> Response[bytes]:
    """The page; after a refusal with the reason on top and with all that was typed (`form`) in its place."""
    site = site_of(request)
    person, sent = await service.contents(site, opened)
    written = await notes.of_application(site, opened)
    people = {note.author for note in written} | ({opened.row["decided_by"]} - {None})
    return render(
        request,
        "hiring/application.html",
        status,
        here="vacancies",
        person=person,
        letter=sent.letter,
        given=_as_given(person, sent),
        papers=await papers.of_application(site, opened, now),
        notes=written,
        names=await vacancies.names(site, people),
        referees=await notes.referees(site, opened, now),
        screenings=await notes.screenings(site, opened),
        holds=await holds.listed(site, opened.id),
        history=_history(request, await story.of_application(site, opened, words(request))),
        problem=problem,
        errors=errors or {},
        form=form or {},
        **await frame(request, opened, now),
    )


def _as_given(person: Person, sent: ApplicationData) -> list[str]:
    """What was sent with the application and has been corrected since, or never was the same."""
    pairs = (sent.name, person.name), (sent.email, person.email), (sent.phone, person.phone)
    return [given for given, now in pairs if given and given != now]


def _history(request: Req, events: list[story.Event]) -> list[tuple[str, str, str]]:
    lang = language(request)
    return [((format_date if e.whole_day else format_instant)(e.at, lang), e.text, e.by) for e in events]


async def frame(request: Req, opened: Opened, now: datetime) -> dict[str, Any]:
    """What every page about one application shows: which it is, its clock, and what may be done."""
    site, policy = site_of(request), await employer.policy(site_of(request))
    row = opened.row
    found = await clocks(site, [opened.id], now, words(request), "staff")
    kinds = [kind for kind in rules.SCREENING_KINDS if kind != "earlier_salary" or policy.earlier_salary]
    return {
        "application": row,
        "vacancy": opened.vacancy,
        "title": title_of(request, opened.vacancy),
        "clock": found[opened.id],
        "states": story.STATES,
        "translated": lambda some: [words(request)(story.STATES[state]) for state in some],
        "kinds": [(kind, words(request)(story.KINDS[kind])) for kind in kinds],
        "kind_names": story.KINDS,
        "paper_kinds": story.PAPERS,
        "other_paper": story.OTHER_PAPER,
        "stages": STAGES,
        "next_stages": service.allowed_next(row) if opened.may("move") else (),
        "outcomes": rules.next_outcomes(row["stage"]) if opened.may("outcome") and not row["outcome"] else (),
        "acts": rules.acts_of(opened.role),
        "running": row["outcome"] is None,
        "may_screen": may_screen(row["stage"], bool(row["finalist"])),
        "may_undo": opened.may("undo") and may_undo_close(opened.facts, policy, clock.day(now)),
        "role": opened.role,
    }


Do = Callable[[Opened, dict[str, str], datetime], Awaitable[object]]


async def act(request: Req, application: UUID, wanted: Act, do: Do, flash: str, place: str = "") -> Response[Any]:
    """Open for an act, do it, show the page; a refusal comes back with its reason and all that was typed."""
    now, form = clock.now(), await answers(request)
    opened = await access.opened(site_of(request), user_of(request), application, "decide", now, wanted)
    try:
        await do(opened, form, now)
    except FormInvalid as error:
        return await shown(request, opened, now, error.status, errors=error.errors, form=form)
    except _REFUSALS as error:
        return await shown(request, opened, now, error.status, problem=error.text, form=form)
    return redirect(f"/applications/{application}{place}", flash)


@post("/applications/{application:uuid}/move", guards=[staff(RECRUITER, MANAGER)])
async def move(request: Req, application: FromPath[UUID]) -> Response[Any]:
    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        await service.move(site_of(request), opened, form.get("stage", ""), now)

    return await act(request, application, "move", do, "Moved.")


@post("/applications/{application:uuid}/finalist", guards=[staff(RECRUITER, MANAGER)])
async def finalist(request: Req, application: FromPath[UUID]) -> Response[Any]:
    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        await service.mark_finalist(site_of(request), opened, now)

    return await act(request, application, "move", do, "Marked as finalist. Screening can be recorded now.")


@get("/applications/{application:uuid}/outcome", guards=[staff(RECRUITER, MANAGER)])
async def outcome_page(request: Req, application: FromPath[UUID]) -> Response[bytes]:
    """Which outcome, who decides it (L13), and what happens then."""
    now = clock.now()
    opened = await access.opened(site_of(request), user_of(request), application, "decide", now, "outcome")
    return await _outcome_page(request, opened, now, {}, request.query_params.get("outcome", ""))


async def _outcome_page(
    request: Req,
    opened: Opened,
    now: datetime,
    errors: dict[str, str],
    chosen: str,
    status: int = 200,
    problem: str = "",
) -> Response[bytes]:
    site = site_of(request)
    policy = await employer.policy(site)
    ways = rules.next_outcomes(opened.row["stage"])
    plans = {way: rules.plan_close({opened.id: opened.facts}, way, policy, now, clock.day(now)) for way in ways}
    person, _ = await service.contents(site, opened)
    return render(
        request,
        "hiring/outcome.html",
        status,
        here="vacancies",
        person=person,
        plans={way: plan.groups[0] for way, plan in plans.items() if plan.groups},
        window=policy.answer_window_days,
        held=bool(opened.facts.holds),
        chosen=chosen,
        errors=errors,
        problem=problem,
        **await frame(request, opened, now),
    )


@post("/applications/{application:uuid}/outcome", guards=[staff(RECRUITER, MANAGER)])
async def decide_outcome(request: Req, application: FromPath[UUID]) -> Response[Any]:
    now, form = clock.now(), await answers(request)
    site = site_of(request)
    opened = await access.opened(site, user_of(request), application, "decide", now, "outcome")
    chosen = form.get("outcome", "")
    try:
        await service.decide_outcome(site, opened, chosen, now)
    except FormInvalid as error:
        return await _outcome_page(request, opened, now, error.errors, chosen, error.status)
    except _REFUSALS as error:
        return await _outcome_page(request, opened, now, {}, chosen, error.status, error.text)
    if opened.me.has(RECRUITER):
        return redirect(f"/applications/{application}", "The outcome is recorded, and the candidate is told by e-mail.")
    return redirect(
        f"/vacancies/{opened.vacancy['id']}", "The outcome is recorded, and the candidate is told by e-mail."
    )


@post("/applications/{application:uuid}/undo", guards=[staff(RECRUITER)])
async def undo(request: Req, application: FromPath[UUID]) -> Response[Any]:
    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        await service.undo(site_of(request), opened, now)

    return await act(request, application, "undo", do, "The close is undone. The candidate is told by e-mail.")


ROUTES: list[object] = [application_page, move, finalist, outcome_page, decide_outcome, undo]
