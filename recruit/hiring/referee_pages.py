"""Referees, for those who decide; the forms that they are asked with; and the page on which a referee answers.

Guards that an application is opened only through `access.opened`, that a referee meets their own data and the name of
the one who named them and nothing else, and that a mail scanner which follows their link answers nothing.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock, employer
from recruit.accounts.guards import DPO, INTERVIEWER, MANAGER, RECRUITER, public, staff
from recruit.errors import FormInvalid, NotAllowed
from recruit.hiring import access, forms, referees, reference_forms, rules, service, tripwire
from recruit.hiring.access import Opened
from recruit.hiring.application_pages import act, frame
from recruit.hiring.questions import MayBeForbidden
from recruit.hiring.referees import Known
from recruit.hiring.reference_forms import Question
from recruit.tables import ReferenceWords, Replied
from recruit.web import Req, answers, language, redirect, render, site_of, user_of

# --- naming them ------------------------------------------------------------------------------------------------------


@post("/applications/{application:uuid}/referees", guards=[staff(RECRUITER, MANAGER)])
async def referee_add(request: Req, application: FromPath[UUID]) -> Response[Any]:
    """A referee is told that they are known, and asked at once if that was chosen."""

    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        site = site_of(request)
        candidate, _ = await service.contents(site, opened)
        asks = await reference_forms.questions_of(site, form.get("form", "")) if form.get("ask") == "link" else ()
        await referees.add(site, opened, forms.referee(form), candidate.name, now, asks)

    return await act(request, application, "screening", do, "The referee is added and told by e-mail.", "#referees")


@post("/referees/{referee:uuid}/remove", guards=[staff(RECRUITER, MANAGER)])
async def referee_remove(request: Req, referee: FromPath[UUID]) -> Response[Any]:
    site = site_of(request)

    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        await referees.remove(site, opened, referee, now)

    owner = await access.owner_of(site, "referee", referee)
    return await act(request, owner, "screening", do, "The referee's data are removed.", "#referees")


# --- asking them ------------------------------------------------------------------------------------------------------


@get("/referees/{referee:uuid}", guards=[staff(RECRUITER, MANAGER, DPO)])
async def referee_page(request: Req, referee: FromPath[UUID]) -> Response[bytes]:
    """Who it is, what they were asked, what they said; and what may be done next."""
    site, now = site_of(request), clock.now()
    opened = await access.opened(site, user_of(request), await access.owner_of(site, "referee", referee), "review", now)
    if opened.role == INTERVIEWER:
        raise NotAllowed()
    known = await referees.one(site, opened, referee, now)
    return await _shown(
        request, opened, known, now, await _asked_with(request, known, request.query_params.get("form"))
    )


async def _asked_with(request: Req, known: Known, form: str | None) -> Sequence[Question]:
    """What is written down on the telephone: the questions of the form that was chosen, or those asked already."""
    if form is None and known.check:
        return [Question(each.asked_nb, each.asked_en) for each in known.check.words.answers]
    return await reference_forms.questions_of(site_of(request), form or "")


async def _shown(
    request: Req,
    opened: Opened,
    known: Known,
    now: datetime,
    questions: Sequence[Question],
    form: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response[bytes]:
    site, check = site_of(request), known.check
    person, _ = await service.contents(site, opened)
    return render(
        request,
        "hiring/referee.html",
        status,
        here="vacancies",
        person=person,
        referee=known,
        check=check,
        late=check is not None and check.late(now),
        may_write=check is None or check.state != "answered" or check.channel == "phone",
        may_ask=check is None or "asked" in rules.CHECK_MOVES[check.state],
        questions=questions,
        chosen=request.query_params.get("form", ""),
        form=form if form is not None else _typed_before(known),
        errors=errors or {},
        problem=problem,
        **await frame(request, opened, now),
    )


def _typed_before(known: Known) -> dict[str, str]:
    """What was written down on the telephone, to be corrected."""
    check = known.check
    if check is None or check.channel != "phone":
        return {}
    said = {f"answer_{n}": each.text for n, each in enumerate(check.words.answers, 1)}
    return said | {"more": check.words.text, "source": check.words.source, "said_why": check.words.why}


_Do = Callable[[Opened, Known, dict[str, str], datetime], Awaitable[None]]


async def _act(request: Req, referee: UUID, do: _Do, flash: str) -> Response[Any]:
    """Do something about a referee; a refusal comes back with its reason and all that was typed."""
    site, now, form = site_of(request), clock.now(), await answers(request)
    owner = await access.owner_of(site, "referee", referee)
    opened = await access.opened(site, user_of(request), owner, "decide", now, "screening")
    known = await referees.one(site, opened, referee, now)
    asked = await _asked_with(request, known, form.get("form"))
    try:
        await do(opened, known, form, now)
    except FormInvalid as error:
        return await _shown(request, opened, known, now, asked, form, error.errors, status=error.status)
    except (rules.CheckMoveNotAllowed, rules.ProcessEnded) as error:
        return await _shown(request, opened, known, now, asked, form, problem=error.text, status=error.status)
    return redirect(f"/referees/{referee}", flash)


@post("/referees/{referee:uuid}/ask", guards=[staff(RECRUITER, MANAGER)])
async def referee_ask(request: Req, referee: FromPath[UUID]) -> Response[Any]:
    async def do(opened: Opened, known: Known, form: dict[str, str], now: datetime) -> None:
        site = site_of(request)
        candidate, _ = await service.contents(site, opened)
        asks = await reference_forms.questions_of(site, form.get("form", ""))
        await referees.ask(site, opened, known, asks, candidate.name, now)

    return await _act(request, referee, do, "The questions are on their way to the referee.")


@post("/referees/{referee:uuid}/cancel", guards=[staff(RECRUITER, MANAGER)])
async def referee_cancel(request: Req, referee: FromPath[UUID]) -> Response[Any]:
    async def do(opened: Opened, known: Known, form: dict[str, str], now: datetime) -> None:
        await referees.cancel(site_of(request), opened, known, now)

    return await _act(request, referee, do, "The question is taken back. The referee is told, if they got it.")


@post("/referees/{referee:uuid}/phone", guards=[staff(RECRUITER, MANAGER)])
async def referee_phone(request: Req, referee: FromPath[UUID]) -> Response[Any]:
    """What was said on the telephone, with the source."""

    async def do(opened: Opened, known: Known, form: dict[str, str], now: datetime) -> None:
        said = [
            Replied(asked_nb=each.nb, asked_en=each.en, text=form.get(f"answer_{n}", ""))
            for n, each in enumerate(await _asked_with(request, known, form.get("form")), 1)
        ]
        source, more = form.get("source", ""), form.get("more", "")
        why = tripwire.reason(form, "said_why", *(each.text for each in said), more)
        words = ReferenceWords(answers=said, text=more, source=source, why=why)
        await referees.write_down(site_of(request), opened, known, words, now)

    return await _act(request, referee, do, "Written down. The candidate is told that a reference was taken.")


# --- forms ------------------------------------------------------------------------------------------------------------


@get("/reference-forms", guards=[staff(RECRUITER)])
async def reference_form_list(request: Req) -> Response[bytes]:
    """The forms, and a new one that begins with the ready questions."""
    typed = {"questions_nb": "\n".join(each.nb for each in reference_forms.ready())}
    typed["questions_en"] = "\n".join(each.en for each in reference_forms.ready())
    return await _forms(request, None, typed, {})


@get("/reference-forms/{form:uuid}", guards=[staff(RECRUITER)])
async def reference_form_page(request: Req, form: FromPath[UUID]) -> Response[bytes]:
    found = await reference_forms.one(site_of(request), form)
    typed = {"name": found.name, "questions_nb": "\n".join(each.nb for each in found.questions)}
    typed["questions_en"] = "\n".join(each.en for each in found.questions if each.en)
    return await _forms(request, form, typed, {})


async def _forms(
    request: Req,
    changing: UUID | None,
    typed: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
    objections: Sequence[object] = (),
) -> Response[bytes]:
    return render(
        request,
        "hiring/reference_forms.html",
        status,
        here="vacancies",
        listed=await reference_forms.listed(site_of(request)),
        changing=changing,
        form=typed,
        errors=errors,
        objections=objections,
    )


@post("/reference-forms", guards=[staff(RECRUITER)])
async def reference_form_make(request: Req) -> Response[Any]:
    return await _save(request, None)


@post("/reference-forms/{form:uuid}", guards=[staff(RECRUITER)])
async def reference_form_save(request: Req, form: FromPath[UUID]) -> Response[Any]:
    await reference_forms.one(site_of(request), form)
    return await _save(request, form)


async def _save(request: Req, form: UUID | None) -> Response[Any]:
    typed = await answers(request)
    try:
        await reference_forms.save(site_of(request), form, typed, user_of(request).id, clock.now())
    except MayBeForbidden as error:
        return await _forms(request, form, typed, {}, error.status, error.found)
    except FormInvalid as error:
        return await _forms(request, form, typed, error.errors, error.status)
    return redirect("/reference-forms", "The form is saved.")


@post("/reference-forms/{form:uuid}/remove", guards=[staff(RECRUITER)])
async def reference_form_remove(request: Req, form: FromPath[UUID]) -> Response[Any]:
    await reference_forms.remove(site_of(request), form, user_of(request).id, clock.now())
    return redirect("/reference-forms", "The form is removed.")


# --- the referee's own page -------------------------------------------------------------------------------------------

_MAILED = public("a referee's link is for who got the mail; it opens their own data and the candidate's name")


@get("/referee/{token:str}", guards=[_MAILED])
async def reference(request: Req, token: FromPath[str]) -> Response[bytes]:
    return await _reference(request, token, None, {})


@post("/referee/{token:str}", guards=[_MAILED])
async def reference_answer(request: Req, token: FromPath[str]) -> Response[Any]:
    site, now, form = site_of(request), clock.now(), await answers(request)
    asked = await referees.by_link(site, token, now)
    try:
        if form.get("act") == "decline":
            why = tripwire.reason(form, "why_why", form.get("why", ""))
            await referees.decline(site, asked, form.get("why", ""), now, why)
            return redirect(f"/referee/{token}", "Your answer has arrived: you do not want to give a reference.")
        texts = [form.get(f"answer_{n}", "") for n in range(1, len(asked.check.words.answers) + 1)]
        why = tripwire.reason(form, "said_why", *texts, form.get("more", ""))
        await referees.answer(site, asked, texts, form.get("more", ""), now, why)
    except FormInvalid as error:
        return await _reference(request, token, form, error.errors, error.status)
    return redirect(f"/referee/{token}", "Thank you. Your answer has arrived, and you can change it here.")


async def _reference(
    request: Req, token: str, form: dict[str, str] | None, errors: dict[str, str], status: int = 200
) -> Response[bytes]:
    site, lang = site_of(request), language(request)
    asked = await referees.by_link(site, token, clock.now())
    check = asked.check
    given = {f"answer_{n}": each.text for n, each in enumerate(check.words.answers, 1)}
    declined = check.state == "declined"
    given |= {"why" if declined else "more": check.words.text, "why_why" if declined else "said_why": check.words.why}
    return render(
        request,
        "hiring/reference.html",
        status,
        check=check,
        referee=asked.person,
        candidate=asked.candidate,
        title=asked.title(lang),
        questions=[
            each.asked_nb if lang == "nb" or not each.asked_en else each.asked_en for each in check.words.answers
        ],
        policy=await employer.policy(site),
        form=form if form is not None else given,
        action=f"/referee/{token}",
        errors=errors,
    )


ROUTES: list[object] = [
    referee_add,
    referee_remove,
    referee_page,
    referee_ask,
    referee_cancel,
    referee_phone,
    reference_form_list,
    reference_form_page,
    reference_form_make,
    reference_form_save,
    reference_form_remove,
    reference,
    reference_answer,
]
