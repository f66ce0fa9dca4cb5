"""The pages of hiring: vacancies, one vacancy's applications, one application, its documents.

Guards that a page shows an application only after `access.opened` or `access.listed` said so, that what was typed is
never lost to a refusal, and that whatever closes says first what happens to how many.
"""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from recruit import clock, employer, typed
from recruit.accounts.guards import DPO, HIRING, INTERVIEWER, MANAGER, RECRUITER, staff
from recruit.errors import (
    CloseIsFinal,
    EarlierSalaryNotCollected,
    FormInvalid,
    MoveNotAllowed,
    ScreeningTooEarly,
)
from recruit.hiring import access, forms, notes, papers, rules, service, story, vacancies
from recruit.hiring.access import Opened
from recruit.hiring.rules import Act, Plan
from recruit.i18n import Translate, either, format_date, format_instant
from recruit.retention import holds
from recruit.retention.facts import clocks
from recruit.retention.rules import STAGES, may_screen, may_undo_close
from recruit.tables import ApplicationData, Person
from recruit.web import Req, answers, language, page_number, redirect, render, site_of, user_of, words

_REFUSALS = (MoveNotAllowed, CloseIsFinal, ScreeningTooEarly, EarlierSalaryNotCollected, rules.ProcessEnded)
_PAGE = 50
_LEAFING = timedelta(minutes=15)
_REVIEWERS = (RECRUITER, MANAGER, INTERVIEWER, DPO)


def _title(request: Req, vacancy: dict[str, Any]) -> str:
    return either(vacancy, "title", language(request))


# --- vacancies --------------------------------------------------------------------------------------------------------


@get("/vacancies", guards=[staff(*HIRING)])
async def vacancy_list(request: Req) -> Response[bytes]:
    """All vacancies of a recruiter, the own ones of everybody else, and where something is waiting."""
    lines = await vacancies.listed(site_of(request), user_of(request), clock.today())
    shown = [{"line": line, "title": _title(request, line.row)} for line in lines]
    return render(request, "hiring/vacancies.html", here="vacancies", vacancies=shown)


@get("/vacancies/new", guards=[staff(RECRUITER)])
async def vacancy_new(request: Req) -> Response[bytes]:
    return _vacancy_form(request, {}, {}, None)


@post("/vacancies/new", guards=[staff(RECRUITER)])
async def vacancy_create(request: Req) -> Response[Any]:
    form = await answers(request)
    try:
        number = await vacancies.create(site_of(request), forms.vacancy(form), user_of(request).id, clock.now())
    except FormInvalid as error:
        return _vacancy_form(request, form, error.errors, None, 422)
    return redirect(f"/vacancies/{number}", "Saved as a draft. Only colleagues see it so far.")


@get("/vacancies/{vacancy:uuid}/edit", guards=[staff(RECRUITER)])
async def vacancy_edit(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    row = await access.vacancy_of(site_of(request), user_of(request), vacancy)
    typed = {name: "" if value is None else str(value) for name, value in row.items()}
    return _vacancy_form(request, typed, {}, row)


@post("/vacancies/{vacancy:uuid}/edit", guards=[staff(RECRUITER)])
async def vacancy_change(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    site, me, form = site_of(request), user_of(request), await answers(request)
    row = await access.vacancy_of(site, me, vacancy)
    try:
        await vacancies.change(site, row, forms.vacancy(form), me.id, clock.now())
    except FormInvalid as error:
        return _vacancy_form(request, form, error.errors, row, 422)
    return redirect(f"/vacancies/{vacancy}", "Saved.")


def _vacancy_form(
    request: Req, form: dict[str, str], errors: dict[str, str], row: dict[str, Any] | None, status: int = 200
) -> Response[bytes]:
    title = _title(request, row) if row else None
    return render(
        request, "hiring/vacancy_form.html", status, "vacancies", form=form, errors=errors, vacancy=row, title=title
    )


@get("/vacancies/{vacancy:uuid}", guards=[staff(*HIRING)])
async def vacancy_page(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    """The applications of one vacancy, each with its stage and its clock."""
    return await _vacancy_page(request, await access.vacancy_of(site_of(request), user_of(request), vacancy))


async def _vacancy_page(request: Req, row: dict[str, Any], status: int = 200) -> Response[bytes]:
    site, me, now = site_of(request), user_of(request), clock.now()
    page = page_number(request)
    listing = await access.listed(site, me, row["id"], now, page, _PAGE)
    return render(
        request,
        "hiring/vacancy.html",
        status,
        here="vacancies",
        vacancy=row,
        title=_title(request, row),
        listing=listing,
        clocks=await clocks(site, [line.id for line in listing.lines], now, words(request), "staff"),
        states=story.STATES,
        page=page,
        pages=max(1, -(-listing.total // _PAGE)),
        team=await vacancies.team(site, row["id"]),
        obstacles=await vacancies.obstacles(site, row, clock.day(now)) if row["state"] == "draft" else [],
        recruiter=me.has(RECRUITER),
    )


@post("/vacancies/{vacancy:uuid}/publish", guards=[staff(RECRUITER)])
async def vacancy_publish(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    site, me = site_of(request), user_of(request)
    row = await access.vacancy_of(site, me, vacancy)
    try:
        await vacancies.publish(site, row, me.id, clock.now())
    except rules.NotReadyToPublish as error:
        return await _vacancy_page(request, row, error.status)
    return redirect(f"/vacancies/{vacancy}", "Published. Candidates can apply now.")


@get("/vacancies/{vacancy:uuid}/team", guards=[staff(RECRUITER)])
async def team_page(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    return await _team_page(request, vacancy, {})


async def _team_page(request: Req, vacancy: UUID, errors: dict[str, str], status: int = 200) -> Response[bytes]:
    site = site_of(request)
    row = await access.vacancy_of(site, user_of(request), vacancy)
    return render(
        request,
        "hiring/team.html",
        status,
        here="vacancies",
        vacancy=row,
        title=_title(request, row),
        team=await vacancies.team(site, vacancy),
        options=[(who.id, who.name) for who in await vacancies.could_join(site, vacancy)],
        errors=errors,
    )


@post("/vacancies/{vacancy:uuid}/team", guards=[staff(RECRUITER)])
async def team_add(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    site, me, form = site_of(request), user_of(request), await answers(request)
    await access.vacancy_of(site, me, vacancy)
    try:
        await vacancies.add_member(site, vacancy, form.get("staff", ""), me.id, clock.now())
    except FormInvalid as error:
        return await _team_page(request, vacancy, error.errors, 422)
    return redirect(f"/vacancies/{vacancy}/team", "Added to the hiring team.")


@post("/vacancies/{vacancy:uuid}/team/{member:uuid}/remove", guards=[staff(RECRUITER)])
async def team_remove(request: Req, vacancy: FromPath[UUID], member: FromPath[UUID]) -> Response[Any]:
    site, me = site_of(request), user_of(request)
    await access.vacancy_of(site, me, vacancy)
    await vacancies.remove_member(site, vacancy, member, me.id, clock.now())
    return redirect(f"/vacancies/{vacancy}/team", "Removed from the hiring team.")


# --- closing and reopening a vacancy ----------------------------------------------------------------------------------


@get("/vacancies/{vacancy:uuid}/close", guards=[staff(RECRUITER)])
async def close_page(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    """How many people closing concerns, and what happens to each of them."""
    site, now = site_of(request), clock.now()
    row = await access.vacancy_of(site, user_of(request), vacancy)
    plan = await vacancies.plan(site, vacancy, now)
    policy = await employer.policy(site)
    return render(
        request,
        "hiring/close.html",
        here="vacancies",
        vacancy=row,
        title=_title(request, row),
        effects=_effects(plan, words(request), policy.answer_window_days),
        plan=plan,
    )


def _effects(plan: Plan, _: Translate, window: int) -> list[str]:
    """What closing does, a sentence for each group (L3, L4, L14, L15)."""
    n = len(plan.closing)
    said = [_.plural("It concerns {n} person.", "It concerns {n} people.", n) if n else _("It concerns nobody.")]
    for group in plan.groups:
        one, many = _GROUPS.get(group.why, _GROUPS["no_consent"])
        said.append(_.plural(one, many, group.n, until=group.until, days=window))
    counted = (
        (plan.held, "{n} of them is under a legal hold and is kept as long as that stands.",
         "{n} of them are under a legal hold and are kept as long as that stands."),
        (plan.offered, "{n} of them has an offer: record them as hired first, if they got the position.",
         "{n} of them have an offer: record them as hired first, if they got the position."),
        (plan.restricted, "{n} application is restricted and stays as it is; the person responsible for privacy "
         "decides about it.", "{n} applications are restricted and stay as they are; the person responsible for "
         "privacy decides about them."),
        (plan.unchanged, "{n} application has its outcome already and stays as it is.",
         "{n} applications have their outcome already and stay as they are."),
    )  # fmt: skip
    said += [_.plural(one, many, count) for count, one, many in counted if count]
    if n:
        said.append(_("Each of them gets an e-mail that says so and asks whether to be kept for future vacancies."))
        said.append(_.plural("You can undo it within {n} day.", "You can undo it within {n} days.", window))
    return said


_GROUPS = {
    "consented": (
        "{n} has consented to more and is kept until {until}.",
        "{n} have consented to more and are kept until {until}.",
    ),
    "no_consent": (
        "{n} has not consented to more: erased after {until}, unless the answer to the e-mail is yes.",
        "{n} have not consented to more: erased after {until}, unless the answer to the e-mail is yes.",
    ),
    "hired": (
        "{n} is hired: the application is erased here after {until}.",
        "{n} are hired: the applications are erased here after {until}.",
    ),
    "erasure_granted": (
        "{n} was granted erasure and is erased at once.",
        "{n} were granted erasure and are erased at once.",
    ),
}


@post("/vacancies/{vacancy:uuid}/close", guards=[staff(RECRUITER)])
async def close(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    site, me = site_of(request), user_of(request)
    await access.vacancy_of(site, me, vacancy)
    await vacancies.close(site, vacancy, me.id, clock.now())
    return redirect(f"/vacancies/{vacancy}", "Closed. The candidates are told by e-mail.")


@get("/vacancies/{vacancy:uuid}/reopen", guards=[staff(RECRUITER)])
async def reopen_page(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    """What reopening takes up again, and what it cannot."""
    site = site_of(request)
    row = await access.vacancy_of(site, user_of(request), vacancy)
    back = await vacancies.would_reopen(site, row, clock.today())
    return render(
        request, "hiring/reopen.html", here="vacancies", vacancy=row, title=_title(request, row), back=len(back)
    )


@post("/vacancies/{vacancy:uuid}/reopen", guards=[staff(RECRUITER)])
async def reopen(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    site, me = site_of(request), user_of(request)
    row = await access.vacancy_of(site, me, vacancy)
    await vacancies.reopen(site, row, me.id, clock.now())
    return redirect(f"/vacancies/{vacancy}", "Open again. Those whose applications go on are told by e-mail.")


# --- one application --------------------------------------------------------------------------------------------------


@get("/applications/{application:uuid}", guards=[staff(*_REVIEWERS)])
async def application_page(request: Req, application: FromPath[UUID]) -> Response[bytes]:
    """Everything about one application that this person may see, its documents beside the notes."""
    now = clock.now()
    return await _application_page(
        request, await access.opened(site_of(request), user_of(request), application, "review", now), now
    )


async def _application_page(
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
        **await _frame(request, opened, now),
    )


def _as_given(person: Person, sent: ApplicationData) -> list[str]:
    """What was sent with the application and has been corrected since, or never was the same."""
    pairs = (sent.name, person.name), (sent.email, person.email), (sent.phone, person.phone)
    return [given for given, now in pairs if given and given != now]


def _history(request: Req, events: list[story.Event]) -> list[tuple[str, str, str]]:
    lang = language(request)
    return [((format_date if e.whole_day else format_instant)(e.at, lang), e.text, e.by) for e in events]


async def _frame(request: Req, opened: Opened, now: datetime) -> dict[str, Any]:
    """What every page about one application shows: which it is, its clock, and what may be done."""
    site, policy = site_of(request), await employer.policy(site_of(request))
    row = opened.row
    found = await clocks(site, [opened.id], now, words(request), "staff")
    kinds = [kind for kind in rules.SCREENING_KINDS if kind != "earlier_salary" or policy.earlier_salary]
    return {
        "application": row,
        "vacancy": opened.vacancy,
        "title": _title(request, opened.vacancy),
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


async def _act(request: Req, application: UUID, act: Act, do: Do, flash: str, place: str = "") -> Response[Any]:
    """Open for an act, do it, show the page; a refusal comes back with its reason and all that was typed."""
    now, form = clock.now(), await answers(request)
    opened = await access.opened(site_of(request), user_of(request), application, "decide", now, act)
    try:
        await do(opened, form, now)
    except FormInvalid as error:
        return await _application_page(request, opened, now, error.status, errors=error.errors, form=form)
    except _REFUSALS as error:
        return await _application_page(request, opened, now, error.status, problem=error.text, form=form)
    return redirect(f"/applications/{application}{place}", flash)


@post("/applications/{application:uuid}/move", guards=[staff(RECRUITER, MANAGER)])
async def move(request: Req, application: FromPath[UUID]) -> Response[Any]:
    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        await service.move(site_of(request), opened, form.get("stage", ""), now)

    return await _act(request, application, "move", do, "Moved.")


@post("/applications/{application:uuid}/finalist", guards=[staff(RECRUITER, MANAGER)])
async def finalist(request: Req, application: FromPath[UUID]) -> Response[Any]:
    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        await service.mark_finalist(site_of(request), opened, now)

    return await _act(request, application, "move", do, "Marked as finalist. Screening can be recorded now.")


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
        **await _frame(request, opened, now),
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

    return await _act(request, application, "undo", do, "The close is undone. The candidate is told by e-mail.")


# --- notes ------------------------------------------------------------------------------------------------------------


@post("/applications/{application:uuid}/notes", guards=[staff(*HIRING)])
async def note_write(request: Req, application: FromPath[UUID]) -> Response[Any]:
    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        await notes.write(site_of(request), opened, forms.note(form), now)

    return await _act(request, application, "note", do, "The note is saved.", "#notes")


@get("/notes/{note:uuid}", guards=[staff(*HIRING)])
async def note_page(request: Req, note: FromPath[UUID]) -> Response[bytes]:
    site, now = site_of(request), clock.now()
    opened = await access.opened(
        site, user_of(request), await access.owner_of(site, "interview_note", note), "review", now, "note"
    )
    found = await notes.own(site, opened, note)
    return await _note_page(request, opened, note, found.text, {}, now)


async def _note_page(
    request: Req, opened: Opened, note: UUID, text: str, errors: dict[str, str], now: datetime, status: int = 200
) -> Response[bytes]:
    person, _ = await service.contents(site_of(request), opened)
    return render(
        request,
        "hiring/note.html",
        status,
        here="vacancies",
        note=note,
        text=text,
        person=person,
        errors=errors,
        **await _frame(request, opened, now),
    )


@post("/notes/{note:uuid}", guards=[staff(*HIRING)])
async def note_change(request: Req, note: FromPath[UUID]) -> Response[Any]:
    site, now, form = site_of(request), clock.now(), await answers(request)
    opened = await access.opened(
        site, user_of(request), await access.owner_of(site, "interview_note", note), "decide", now, "note"
    )
    await notes.own(site, opened, note)
    try:
        await notes.change(site, opened, note, forms.note(form), now)
    except FormInvalid as error:
        return await _note_page(request, opened, note, form.get("note", ""), error.errors, now, error.status)
    return redirect(f"/applications/{opened.id}#notes", "The note is saved.")


@post("/notes/{note:uuid}/delete", guards=[staff(*HIRING)])
async def note_delete(request: Req, note: FromPath[UUID]) -> Response[Any]:
    site = site_of(request)

    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        await notes.delete(site, opened, note, now)

    owner = await access.owner_of(site, "interview_note", note)
    return await _act(request, owner, "note", do, "The note is deleted.", "#notes")


# --- referees and screening -------------------------------------------------------------------------------------------


@post("/applications/{application:uuid}/referees", guards=[staff(RECRUITER, MANAGER)])
async def referee_add(request: Req, application: FromPath[UUID]) -> Response[Any]:
    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        candidate, _ = await service.contents(site_of(request), opened)
        await notes.add_referee(site_of(request), opened, forms.referee(form), candidate.name, now)

    return await _act(request, application, "screening", do, "The referee is added and told by e-mail.", "#referees")


@post("/referees/{referee:uuid}/remove", guards=[staff(RECRUITER, MANAGER)])
async def referee_remove(request: Req, referee: FromPath[UUID]) -> Response[Any]:
    site = site_of(request)

    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        await notes.remove_referee(site, opened, referee, now)

    owner = await access.owner_of(site, "referee", referee)
    return await _act(request, owner, "screening", do, "The referee's data are removed.", "#referees")


@post("/applications/{application:uuid}/screening", guards=[staff(RECRUITER, MANAGER)])
async def screening_record(request: Req, application: FromPath[UUID]) -> Response[Any]:
    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        kind, found = forms.screening(form)
        await notes.record_screening(site_of(request), opened, kind, found, now)

    return await _act(request, application, "screening", do, "Recorded.", "#screening")


# --- legal holds ------------------------------------------------------------------------------------------------------


@post("/applications/{application:uuid}/holds", guards=[staff(RECRUITER, DPO)])
async def hold_place(request: Req, application: FromPath[UUID]) -> Response[Any]:
    """A legal hold on the application: with reason, basis and review date, or not at all (L14)."""

    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        review_on = typed.day(form.get("review_on", "")) or date.min
        reason, basis = form.get("reason", ""), form.get("basis", "")
        await holds.place(site_of(request), opened.id, opened.me.id, reason, basis, review_on, now)

    return await _act(request, application, "hold", do, "The legal hold stands.", "#holds")


@post("/holds/{hold:uuid}/release", guards=[staff(RECRUITER, DPO)])
async def hold_release(request: Req, hold: FromPath[UUID]) -> Response[Any]:
    site = site_of(request)

    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        if not opened.me.has(DPO) and await holds.placed_by(site, hold) != opened.me.id:
            raise rules.HoldOfAnother()
        await holds.release(site, hold, opened.me.id, now)

    owner = await access.owner_of(site, "legal_hold", hold)
    return await _act(request, owner, "hold", do, "The legal hold is released.", "#holds")


# --- documents --------------------------------------------------------------------------------------------------------


@get("/documents/{document:uuid}/page/{name:str}", guards=[staff(*_REVIEWERS)])
async def document_page(request: Req, document: FromPath[UUID], name: FromPath[str]) -> Response[bytes]:
    """One drawn page, `<number>.png`; leafing through a document is one look."""
    site, now = site_of(request), clock.now()
    opened = await access.opened(
        site, user_of(request), await papers.owner(site, document), "document", now, pause=_LEAFING
    )
    image, media_type = await papers.page(site, opened, document, _sheet_number(name))
    return Response(image, media_type=media_type, headers={"cache-control": "no-store"})


def _sheet_number(name: str) -> int:
    number = name.removesuffix(".png")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0


@get("/documents/{document:uuid}/original", guards=[staff(*_REVIEWERS)])
async def document_original(request: Req, document: FromPath[UUID]) -> Stream:
    """The file as the candidate gave it, only ever as a download."""
    site, now = site_of(request), clock.now()
    opened = await access.opened(site, user_of(request), await papers.owner(site, document), "download", now)
    found = await papers.original(site, opened, document, now)
    return Stream(found.body, media_type=found.media_type, headers=found.headers)


ROUTES: list[object] = [
    vacancy_list, vacancy_new, vacancy_create, vacancy_edit, vacancy_change, vacancy_page, vacancy_publish, team_page,
    team_add, team_remove, close_page, close, reopen_page, reopen, application_page, move, finalist, outcome_page,
    decide_outcome, undo, note_write, note_page, note_change, note_delete, referee_add, referee_remove,
    screening_record, hold_place, hold_release, document_page, document_original,
]  # fmt: skip
