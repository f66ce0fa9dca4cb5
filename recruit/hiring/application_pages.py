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
from recruit.accounts.guards import DPO, HIRING, INTERVIEWER, MANAGER, RECRUITER, staff
from recruit.errors import (
    CloseIsFinal,
    EarlierSalaryNotCollected,
    FormInvalid,
    MoveNotAllowed,
    ScreeningTooEarly,
)
from recruit.hiring import (
    access,
    around,
    closing,
    forms,
    interviews,
    likeness,
    notes,
    papers,
    referees,
    reference_forms,
    rules,
    section31,
    service,
    stages,
    story,
    tags,
    team,
    telling,
    terms,
    tripwire,
    waiting,
    wanted,
    wording,
)
from recruit.hiring.access import Opened
from recruit.hiring.pipeline import Pipeline
from recruit.hiring.pipeline_pages import title_of
from recruit.hiring.rules import Act
from recruit.hiring.wanted import Wanted
from recruit.hiring.words import SIGNS
from recruit.i18n import LANGUAGES, format_date, format_instant
from recruit.retention import holds
from recruit.retention.facts import clocks
from recruit.retention.rules import may_screen
from recruit.site import Site
from recruit.tables import ApplicationData, Person
from recruit.web import Req, answers, chosen, language, redirect, render, site_of, user_of, words

_REFUSALS = (
    MoveNotAllowed,
    CloseIsFinal,
    ScreeningTooEarly,
    EarlierSalaryNotCollected,
    rules.OutcomeWaits,
    rules.ProcessEnded,
    holds.NeedsAnother,
    section31.NotEntitled,
)
REVIEWERS = (*HIRING, DPO)


@get("/applications/{application:uuid}", guards=[staff(*REVIEWERS)])
async def application_page(request: Req, application: FromPath[UUID]) -> Response[bytes]:
    """Everything about one application that this person may see, its documents beside the notes."""
    site, now = site_of(request), clock.now()
    async with access.while_it_lives(site, application):
        return await shown(request, await access.opened(site, user_of(request), application, "review", now), now)


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
    whole = opened.role != INTERVIEWER
    mails = await around.correspondence(site, opened, now, words(request)) if whole else []
    people = {note.author for note in written} | ({opened.row["decided_by"], *(mail.by for mail in mails)} - {None})
    seen = await access.seen_by(site, opened.id) if whole else []
    view = wanted.of(request.query_params, "ended" if opened.row["outcome"] else "running")
    before, after = await _neighbours(opened, view, site)
    return render(
        request,
        "hiring/application.html",
        status,
        "vacancies",
        person=person,
        sent=sent,
        given=_as_given(person, sent),
        **await _papers(request, opened, sent, now),
        notes=written,
        names=await team.names(site, people | {who for who, _ in seen}),
        seen=seen,
        view=view,
        before=before,
        after=after,
        **await _same_person(request, opened, now),
        letters=mails,
        tags=(await tags.of(site, [opened.id])).get(opened.id, ()),
        all_tags=await tags.listed(site) if opened.may("tag") else [],
        interviewers=await team.interviewers_of(site, opened.id),
        members=await team.of_vacancy(site, opened.vacancy["id"]) if opened.may("assign") else [],
        referees=await referees.listed(site, opened, now) if opened.role != INTERVIEWER else [],
        screenings=await notes.screenings(site, opened),
        interviews=await interviews.of_application(site, opened.key),
        history=_history(request, await story.of_application(site, opened, words(request)), now),
        problem=problem,
        errors=errors or {},
        form=form or {},
        **await _waited_for(request, opened),
        **await frame(request, opened, now),
    )


async def _waited_for(request: Req, opened: Opened) -> dict[str, Any]:
    """What keeps it: the legal holds, with what may be done about each, and what is asked of the person hired."""
    found = await holds.listed(site_of(request), opened.id)
    steps = await holds.steps(site_of(request), found, opened.me.id) if opened.may("hold") else {}
    return {"holds": found, "steps_of_holds": steps, **await _section31(request, opened)}


async def _same_person(request: Req, opened: Opened, now: datetime) -> dict[str, Any]:
    """The candidate's other applications; for a recruiter also the pairs that wait, each with its sign."""
    site = site_of(request)
    who, tr = opened.row["candidate"], words(request)
    found = await likeness.of_candidate(site, who, "") if opened.role == RECRUITER else []
    return {
        "others": _others(request, await around.others(site, opened, now)),
        "alike": [(row["id"], tr(SIGNS[row["why"]])) for row, _ in found],
    }


async def _section31(request: Req, opened: Opened) -> dict[str, Any]:
    """What the candidate has asked of the person hired, and whether they may now (L31)."""
    may, _ = opened.may("section31"), words(request)
    asked = await section31.of_application(site_of(request), opened.key) if may else []
    entitled = opened.row["outcome"] in section31.MAY_ASK and all(one.state != "open" for one in asked)
    return {
        "section31": asked,
        "may_ask_section31": may and entitled,
        "section31_states": section31.STATES,
        "section31_channels": [(c, _(said)) for c, said in section31.CHANNELS.items() if c != "my_data"],
    }


def _others(request: Req, found: list[around.Other]) -> list[dict[str, Any]]:
    """Each with its vacancy's title and where it stands, in words."""
    _ = words(request)
    return [
        {
            "id": other.id,
            "row": other.row,
            "same": other.same,
            "elsewhere": other.elsewhere,
            "title": title_of(request, other.row),
            "state": _(story.STATES[other.row["outcome"]])
            if other.row["outcome"]
            else stages.step_of(other.row, stages.read(other.row["steps"])).called(_),
        }
        for other in found
    ]


async def _neighbours(opened: Opened, view: Wanted, site: Site) -> tuple[UUID | None, UUID | None]:
    """Where previous and next lead: through the view of the pipeline that somebody came from."""
    if opened.role == DPO:
        return None, None
    steps = stages.read(opened.vacancy["steps"])
    return await Pipeline(site, opened.me, opened.role, opened.vacancy, steps).neighbours(view, opened.id)


def _as_given(person: Person, sent: ApplicationData) -> list[str]:
    """What was sent with the application and has been corrected since, or never was the same."""
    pairs = (sent.name, person.name), (sent.email, person.email), (sent.phone, person.phone)
    return [given for given, now in pairs if given and given != now]


async def _papers(request: Req, opened: Opened, sent: ApplicationData, now: datetime) -> dict[str, Any]:
    """The documents; and for whoever decides, what in them and the letter may not count; it is kept nowhere."""
    found = await papers.of_application(site_of(request), opened.key, now)
    texts = [sent.letter, sent.summary, *(paper.text for paper in found)] if opened.may("outcome") else []
    kinds = [words(request)(tripwire.KINDS[caught.kind]) for caught in tripwire.found(*texts)]
    return {"papers": found, "sensitive": kinds}


def _history(request: Req, events: list[story.Event], now: datetime) -> list[tuple[str, str, str]]:
    """What has happened; a mail that waits for its time stands with the correspondence alone."""
    lang, past = language(request), [event for event in events if event.whole_day or event.at <= now]
    return [((format_date if e.whole_day else format_instant)(e.at, lang), e.text, e.by) for e in past]


async def frame(request: Req, opened: Opened, now: datetime) -> dict[str, Any]:
    """What every page about one application shows: which it is, its clock, and what may be done."""
    site, policy = site_of(request), await employer.policy(site_of(request))
    row, _, steps = opened.row, words(request), stages.read(opened.vacancy["steps"])
    here = stages.step_of(row, steps)
    found = await clocks(site, [opened.id], now, _, "staff")
    apart = {"expectations", "offer_details"} | (set() if policy.earlier_salary else {"earlier_salary"})
    kinds = [kind for kind in rules.SCREENING_KINDS if kind not in apart]
    return {
        "application": row,
        "vacancy": opened.vacancy,
        "title": title_of(request, opened.vacancy),
        "clock": found[opened.id],
        "interview_states": interviews.STATES,
        "check_states": referees.STATES,
        "reference_forms": [(form.id, form.name) for form in await reference_forms.listed(site)],
        "now": now,
        "states": story.STATES,
        "translated": lambda some: [_(story.STATES[state]) for state in some],
        "kinds": [(kind, _(story.KINDS[kind])) for kind in kinds],
        "kind_names": story.KINDS,
        "per": [(code, _(said)) for code, said in terms.PER.items()],
        "terms_in_words": lambda found: terms.lines(found, _),
        "paper_kinds": story.PAPERS,
        "other_paper": story.OTHER_PAPER,
        "steps": [step.called(_) for step in steps],
        "step": here.called(_),
        "place": steps.index(here) + 1 if here in steps else 0,
        "onward": [
            (s.key, s.called(_), s in steps and here in steps and steps.index(s) == steps.index(here) + 1)
            for s in stages.onward(row, steps)
        ]
        if opened.may("move")
        else [],
        "untold": opened.may("move") and await telling.untold(site, opened) is not None,
        "outcomes": rules.next_outcomes(row["stage"]) if opened.may("outcome") and not row["outcome"] else (),
        "acts": rules.acts_of(opened.role),
        "running": row["outcome"] is None,
        "may_screen": may_screen(row["stage"], bool(row["finalist"])),
        "decided": (await waiting.of_applications(site, [opened.id])).get(opened.id),
        "may_undo": opened.may("undo") and rules.may_take_back(opened.facts, policy, clock.day(now)),
        "role": opened.role,
    }


Do = Callable[[Opened, dict[str, str], datetime], Awaitable[object]]


async def act(request: Req, application: UUID, right: Act, do: Do, flash: str, place: str = "") -> Response[Any]:
    """Open for an act, do it, show the page; a refusal comes back with its reason and all that was typed.

    What `do` returns is said in place of `flash`.
    """
    site, now, form = site_of(request), clock.now(), await answers(request)
    async with access.while_it_lives(site, application):
        opened = await access.opened(site, user_of(request), application, "decide", now, right)
        try:
            instead = await do(opened, form, now)
        except FormInvalid as error:
            return await shown(request, opened, now, error.status, errors=error.errors, form=form)
        except _REFUSALS as error:
            return await shown(request, opened, now, error.status, problem=error.text, form=form)
    flash = instead if isinstance(instead, str) else flash
    if "view" in form:
        return redirect(f"/vacancies/{opened.vacancy['id']}?{wanted.of(form).query()}", flash)
    return redirect(f"/applications/{application}{place}", flash)


@post("/applications/{application:uuid}/move", guards=[staff(RECRUITER, MANAGER)])
async def move(request: Req, application: FromPath[UUID]) -> Response[Any]:
    """To another step; with `view`, back to the board or list from which it was moved."""

    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        await service.move(site_of(request), opened, form.get("stage", ""), now)

    return await act(request, application, "move", do, "Moved.")


@post("/applications/{application:uuid}/tags", guards=[staff(RECRUITER, MANAGER)])
async def tag(request: Req, application: FromPath[UUID]) -> Response[Any]:
    """Exactly the tags that are ticked."""
    given = {unit for text in await chosen(request, "tag") if (unit := wanted.id_of(text))}

    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        site = site_of(request)
        had = {tag.id for tag in (await tags.of(site, [opened.id])).get(opened.id, ())}
        for unit in given - had:
            await tags.put(site, [opened.id], unit, opened.me.id, now)
        for unit in had - given:
            await tags.take(site, [opened.id], unit, opened.me.id, now)

    return await act(request, application, "tag", do, "The tags are saved.", "#tags")


@post("/applications/{application:uuid}/interviewers", guards=[staff(RECRUITER, MANAGER)])
async def interviewers(request: Req, application: FromPath[UUID]) -> Response[Any]:
    """Exactly the members of the team who are ticked are to interview the candidate."""
    given = {unit for text in await chosen(request, "staff") if (unit := wanted.id_of(text))}

    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        site, vacancy = site_of(request), opened.vacancy["id"]
        had = {who.id for who in await team.interviewers_of(site, opened.id)}
        for unit in given - had:
            await team.assign(site, vacancy, [opened.id], unit, opened.me.id, now)
        for unit in had - given:
            await team.relieve(site, [opened.id], unit, opened.me.id, now)

    return await act(request, application, "assign", do, "Saved. They see this application from now on.", "#team")


@post("/applications/{application:uuid}/unread", guards=[staff(*HIRING)])
async def unread(request: Req, application: FromPath[UUID]) -> Response[Any]:
    """New to this person again; back to the pipeline."""
    site, me = site_of(request), user_of(request)
    opened = await access.opened(site, me, application, "decide", clock.now())
    await access.mark_new(site, me, [opened.id])
    return redirect(f"/vacancies/{opened.vacancy['id']}", "Marked as unread.")


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
    return await _outcome_page(request, opened, now, {}, {"ask": "1"})


async def _outcome_page(
    request: Req,
    opened: Opened,
    now: datetime,
    errors: dict[str, str],
    form: dict[str, str],
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
        form=form,
        usual={lang: await closing.usual_words(site, opened.vacancy, lang) for lang in LANGUAGES},
        errors=errors,
        problem=problem,
        latest=waiting.LATEST.days,
        **await frame(request, opened, now),
    )


@post("/applications/{application:uuid}/outcome", guards=[staff(RECRUITER, MANAGER)])
async def decide_outcome(request: Req, application: FromPath[UUID]) -> Response[Any]:
    now, form = clock.now(), await answers(request)
    site = site_of(request)
    opened = await access.opened(site, user_of(request), application, "decide", now, "outcome")
    try:
        told, leaves = forms.closing_words(form), wording.leaves_at(form.get("leaves", ""), now, waiting.LATEST)
        await service.decide_outcome(
            site, opened, form.get("outcome", ""), now, told, ask=form.get("ask") == "1", leaves=leaves
        )
    except FormInvalid as error:
        return await _outcome_page(request, opened, now, error.errors, form, error.status)
    except _REFUSALS as error:
        return await _outcome_page(request, opened, now, {}, form, error.status, error.text)
    if leaves:
        return redirect(f"/applications/{application}", "It is decided, and the candidate is told at the chosen time.")
    back = f"/applications/{application}" if opened.me.has(RECRUITER) else f"/vacancies/{opened.vacancy['id']}"
    return redirect(back, "The outcome is recorded, and the candidate is told by e-mail.")


@post("/applications/{application:uuid}/undo", guards=[staff(RECRUITER)])
async def undo(request: Req, application: FromPath[UUID]) -> Response[Any]:
    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        await service.undo(site_of(request), opened, now)

    return await act(request, application, "undo", do, "The close is undone. The candidate is told by e-mail.")


@post("/applications/{application:uuid}/tell", guards=[staff(RECRUITER, MANAGER)])
async def tell(request: Req, application: FromPath[UUID]) -> Response[Any]:
    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        await telling.tell_step(site_of(request), opened, now)

    return await act(request, application, "move", do, "The candidate is told by e-mail.")


ROUTES: list[object] = [
    application_page,
    tag,
    interviewers,
    unread,
    move,
    tell,
    finalist,
    outcome_page,
    decide_outcome,
    undo,
]
