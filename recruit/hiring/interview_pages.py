"""Interviews and scorecards, for those who hold them; and the page on which a candidate answers an invitation.

Guards that an application is opened only through `access.opened`, that others' scorecards wait for one's own, and that
a mail scanner which follows the invitation's link answers nothing: only the form does.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock
from recruit.accounts.guards import HIRING, MANAGER, RECRUITER, public, staff
from recruit.errors import FormInvalid
from recruit.hiring import access, interviews, kits, scorecards, service, team, tripwire
from recruit.hiring.access import Opened
from recruit.hiring.application_pages import frame
from recruit.hiring.interviews import MOST_TIMES, Plan
from recruit.i18n import either
from recruit.tables import Grade, Scores
from recruit.web import Req, answers, chosen, language, redirect, render, site_of, user_of

# --- arranging --------------------------------------------------------------------------------------------------------


@get("/applications/{application:uuid}/interviews/new", guards=[staff(RECRUITER, MANAGER)])
async def interview_new(request: Req, application: FromPath[UUID]) -> Response[bytes]:
    now = clock.now()
    opened = await access.opened(site_of(request), user_of(request), application, "decide", now, "move")
    return await _form(request, opened, None, {"minutes": "60"}, [str(user_of(request).id)], {}, now)


@post("/applications/{application:uuid}/interviews/new", guards=[staff(RECRUITER, MANAGER)])
async def interview_arrange(request: Req, application: FromPath[UUID]) -> Response[Any]:
    return await _arrange(request, application, None)


@get("/interviews/{interview:uuid}/change", guards=[staff(RECRUITER, MANAGER)])
async def interview_change(request: Req, interview: FromPath[UUID]) -> Response[bytes]:
    site, now = site_of(request), clock.now()
    application = await interviews.owner(site, interview)
    opened = await access.opened(site, user_of(request), application, "decide", now, "move")
    found = await interviews.one(site, opened.key, interview)
    typed = {"minutes": str(found.minutes), "place": found.place, "message": found.message, "kit": str(found.kit or "")}
    typed |= {f"time_{n}": at.astimezone(clock.ZONE).strftime("%Y-%m-%dT%H:%M") for n, at in enumerate(found.times, 1)}
    return await _form(request, opened, interview, typed, [str(seat) for seat in found.seats], {}, now)


@post("/interviews/{interview:uuid}/change", guards=[staff(RECRUITER, MANAGER)])
async def interview_arrange_anew(request: Req, interview: FromPath[UUID]) -> Response[Any]:
    return await _arrange(request, await interviews.owner(site_of(request), interview), interview)


async def _arrange(request: Req, application: UUID, interview: UUID | None) -> Response[Any]:
    site, now, form = site_of(request), clock.now(), await answers(request)
    seats = await chosen(request, "seats")
    opened = await access.opened(site, user_of(request), application, "decide", now, "move")
    try:
        number = await interviews.arrange(site, opened, await _plan(request, opened, form, seats), now, interview)
    except FormInvalid as error:
        return await _form(request, opened, interview, form, seats, error.errors, now, error.status)
    return redirect(f"/interviews/{number}", "The invitation is on its way to the candidate.")


async def _plan(request: Req, opened: Opened, form: dict[str, str], seats: list[str]) -> Plan:
    """What was typed, as a plan. Seats that are not in the hiring team are not taken."""
    able = {str(person.id): person.id for person in await _colleagues(request, opened)}
    if len(form.get("place", "")) > 300 or len(form.get("message", "")) > 4000:
        raise FormInvalid({"message": "Write at most 300 characters for the place, and 4000 for the message."})
    minutes = form.get("minutes", "")
    kit = next((each.id for each in await kits.listed(site_of(request)) if str(each.id) == form.get("kit")), None)
    return Plan(
        times=tuple(_instant(form[name]) for name in _TIMES if form.get(name)),
        minutes=int(minutes) if minutes.isascii() and minutes.isdigit() and len(minutes) < 4 else 0,
        place=form.get("place", ""),
        message=form.get("message", ""),
        seats=tuple(able[seat] for seat in seats if seat in able),
        kit=kit,
    )


_TIMES = [f"time_{number}" for number in range(1, MOST_TIMES + 1)]


def _instant(text: str) -> datetime:
    """A time as a browser's form gives it, in Oslo; FormInvalid for anything else."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=clock.ZONE).astimezone(UTC)
    except (ValueError, OverflowError):
        raise FormInvalid({"time_1": "Write each time with day and clock time."}) from None


async def _colleagues(request: Req, opened: Opened) -> list[Any]:
    """Who can hold the interview: the hiring team, and the recruiter who arranges it."""
    members = await team.of_vacancy(site_of(request), opened.vacancy["id"])
    return [*members] if any(member.id == opened.me.id for member in members) else [opened.me, *members]


async def _form(
    request: Req,
    opened: Opened,
    interview: UUID | None,
    typed: dict[str, str],
    seats: list[str],
    errors: dict[str, str],
    now: datetime,
    status: int = 200,
) -> Response[bytes]:
    site = site_of(request)
    person, _ = await service.contents(site, opened)
    return render(
        request,
        "hiring/interview_form.html",
        status,
        here="vacancies",
        interview=interview,
        typed=typed,
        seats=seats,
        times=_TIMES,
        colleagues=[(each.id, each.name) for each in await _colleagues(request, opened)],
        kits=[(kit.id, kit.name) for kit in await kits.listed(site)],
        person=person,
        errors=errors,
        **await frame(request, opened, now),
    )


# --- one interview ----------------------------------------------------------------------------------------------------


@get("/interviews/{interview:uuid}", guards=[staff(*HIRING)])
async def interview_page(request: Req, interview: FromPath[UUID]) -> Response[bytes]:
    """When, where, who; the questions; the scorecard to be filled in."""
    site, now = site_of(request), clock.now()
    opened = await access.opened(site, user_of(request), await interviews.owner(site, interview), "review", now)
    found = await interviews.one(site, opened.key, interview)
    person, _ = await service.contents(site, opened)
    return render(
        request,
        "hiring/interview.html",
        here="vacancies",
        interview=found,
        names=await team.names(site, set(found.seats)),
        questions=await scorecards.questions(site, found.kit),
        person=person,
        **await frame(request, opened, now),
    )


@post("/interviews/{interview:uuid}/cancel", guards=[staff(RECRUITER, MANAGER)])
async def interview_cancel(request: Req, interview: FromPath[UUID]) -> Response[Any]:
    site, now = site_of(request), clock.now()
    opened = await access.opened(site, user_of(request), await interviews.owner(site, interview), "decide", now, "move")
    await interviews.cancel(site, opened.key, await interviews.one(site, opened.key, interview), opened.me.id, now)
    return redirect(f"/interviews/{interview}", "The interview is called off. Everybody who was to take part is told.")


# --- scorecards -------------------------------------------------------------------------------------------------------


@get("/applications/{application:uuid}/scorecards", guards=[staff(*HIRING)])
async def scorecards_page(request: Req, application: FromPath[UUID]) -> Response[bytes]:
    """One's own card, and the others' side by side once it is in."""
    now = clock.now()
    opened = await access.opened(site_of(request), user_of(request), application, "review", now)
    return await _cards(request, opened, now, {}, None)


async def _cards(
    request: Req, opened: Opened, now: datetime, errors: dict[str, str], typed: Scores | None, status: int = 200
) -> Response[bytes]:
    site = site_of(request)
    cards = await scorecards.of_application(site, opened)
    used = [each.kit for each in await interviews.of_application(site, opened.key) if each.kit]
    asked = await scorecards.competences(site, used)
    person, _ = await service.contents(site, opened)
    own = typed or (cards.own.scores if cards.own else Scores())
    shown = ([cards.own] if cards.own else []) + list(cards.others)
    return render(
        request,
        "hiring/scorecards.html",
        status,
        here="vacancies",
        person=person,
        competences=list(dict.fromkeys([*asked, *(grade.competence for grade in own.grades)])),
        own={grade.competence: grade for grade in own.grades},
        text=own.text,
        why=own.why,
        is_in=cards.own is not None,
        hidden=cards.hidden,
        cards=shown,
        rows=_side_by_side(asked, shown),
        names=await team.names(site, {card.author for card in shown}),
        grades=[(grade, grade) for grade in scorecards.GRADES],
        errors=errors,
        **await frame(request, opened, now),
    )


def _side_by_side(asked: list[str], cards: list[scorecards.Card]) -> list[tuple[str, list[Grade]]]:
    """Competence by competence, what each card says of it; in the order in which they are asked, never by grade."""
    named = dict.fromkeys([*asked, *(grade.competence for card in cards for grade in card.scores.grades)])
    by_card = [{grade.competence: grade for grade in card.scores.grades} for card in cards]
    return [(name, [card.get(name, Grade(competence=name)) for card in by_card]) for name in named]


@post("/applications/{application:uuid}/scorecards", guards=[staff(*HIRING)])
async def scorecard_write(request: Req, application: FromPath[UUID]) -> Response[Any]:
    site, now, form = site_of(request), clock.now(), await answers(request)
    opened = await access.opened(site, user_of(request), application, "decide", now, "note")
    used = [each.kit for each in await interviews.of_application(site, opened.key) if each.kit]
    scores = Scores(
        grades=[
            Grade(competence=name, grade=_grade(form.get(f"grade_{n}", "")), text=form.get(f"text_{n}", ""))
            for n, name in enumerate(await scorecards.competences(site, used), 1)
        ],
        text=form.get("text", ""),
        why=form.get("text_why", ""),
    )
    try:
        scores.why = tripwire.reason(form, "text_why", scores.text, *(grade.text for grade in scores.grades))
        await scorecards.write(site, opened, scores, now)
    except FormInvalid as error:
        return await _cards(request, opened, now, error.errors, scores, error.status)
    return redirect(f"/applications/{application}/scorecards", "Your scorecard is in.")


def _grade(text: str) -> int:
    return int(text) if text in map(str, scorecards.GRADES) else 0


# --- kits -------------------------------------------------------------------------------------------------------------


@get("/kits", guards=[staff(*HIRING)])
async def kits_page(request: Req) -> Response[bytes]:
    return render(request, "hiring/kits.html", here="vacancies", kits=await kits.listed(site_of(request)))


@get("/kits/new", guards=[staff(RECRUITER, MANAGER)])
async def kit_new(request: Req) -> Response[bytes]:
    return _kit(request, None, "", "", {})


@post("/kits/new", guards=[staff(RECRUITER, MANAGER)])
async def kit_make(request: Req) -> Response[Any]:
    return await _save_kit(request, None)


@get("/kits/{kit:uuid}", guards=[staff(RECRUITER, MANAGER)])
async def kit_page(request: Req, kit: FromPath[UUID]) -> Response[bytes]:
    found = await kits.one(site_of(request), kit)
    return _kit(request, kit, found.name, found.text, {})


@post("/kits/{kit:uuid}", guards=[staff(RECRUITER, MANAGER)])
async def kit_save(request: Req, kit: FromPath[UUID]) -> Response[Any]:
    await kits.one(site_of(request), kit)
    return await _save_kit(request, kit)


@post("/kits/{kit:uuid}/remove", guards=[staff(RECRUITER, MANAGER)])
async def kit_remove(request: Req, kit: FromPath[UUID]) -> Response[Any]:
    await kits.remove(site_of(request), kit, user_of(request).id, clock.now())
    return redirect("/kits", "The kit is removed.")


async def _save_kit(request: Req, kit: UUID | None) -> Response[Any]:
    form = await answers(request)
    name, text = form.get("name", ""), form.get("questions", "")
    try:
        await kits.save(site_of(request), kit, name, text, user_of(request).id, clock.now())
    except FormInvalid as error:
        return _kit(request, kit, name, text, error.errors, error.status)
    return redirect("/kits", "The kit is saved.")


def _kit(
    request: Req, kit: UUID | None, name: str, text: str, errors: dict[str, str], status: int = 200
) -> Response[bytes]:
    return render(
        request, "hiring/kit.html", status, here="vacancies", kit=kit, name=name, questions=text, errors=errors
    )


# --- the candidate's answer -------------------------------------------------------------------------------------------

_MAILED = public("an invitation's link is for who got the mail; it opens one interview and no other data")


@get("/interview/{token:str}", guards=[_MAILED])
async def invitation(request: Req, token: FromPath[str]) -> Response[bytes]:
    return await _invitation(request, token, "", {})


@post("/interview/{token:str}", guards=[_MAILED])
async def answer_invitation(request: Req, token: FromPath[str]) -> Response[Any]:
    site, now, form = site_of(request), clock.now(), await answers(request)
    key, found = await interviews.by_link(site, token, now)
    said = form.get("words", "")
    try:
        told = await interviews.answer(site, key, found, form.get("time", ""), said, now)
    except FormInvalid as error:
        return await _invitation(request, token, said, error.errors, error.status)
    return redirect(f"/interview/{token}", told)


async def _invitation(
    request: Req, token: str, said: str, errors: dict[str, str], status: int = 200
) -> Response[bytes]:
    site, now = site_of(request), clock.now()
    _, found = await interviews.by_link(site, token, now)
    row = await interviews.about(site, found.application)
    return render(
        request,
        "hiring/invitation.html",
        status,
        interview=found,
        title=either(row, "title", language(request)),
        times=[at for at in found.times if at > now],
        action=f"/interview/{token}",
        said=said,
        errors=errors,
    )


ROUTES: list[object] = [
    interview_new,
    interview_arrange,
    interview_change,
    interview_arrange_anew,
    interview_page,
    interview_cancel,
    scorecards_page,
    scorecard_write,
    kits_page,
    kit_new,
    kit_make,
    kit_page,
    kit_save,
    kit_remove,
    invitation,
    answer_invitation,
]
