"""Requests for facts about the person hired (L31): the list, one request, and the answer in writing.

Guards that the list names nobody, that nothing leaves before it was looked at, and that what was typed is never lost.
Recruiters answer: the hired person's application is closed to the team by then (L4).
"""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock, typed
from recruit.accounts.guards import RECRUITER, staff
from recruit.errors import FormInvalid, NotFound
from recruit.hiring import access, qualifications, section31, service
from recruit.hiring.access import Opened
from recruit.hiring.application_pages import act
from recruit.hiring.pipeline_pages import title_of
from recruit.hiring.section31 import Asked, Request
from recruit.tables import Qualified
from recruit.web import Req, answers, page_number, redirect, render, site_of, user_of, words

_RECRUITER = staff(RECRUITER)
_SENT = "The answer is on its way, in writing."
_NO_ADDRESS = "The answer is written. There is no e-mail address: print the letter and send it by post."


@post("/applications/{application:uuid}/section31", guards=[_RECRUITER])
async def section31_record(request: Req, application: FromPath[UUID]) -> Response[Any]:
    """It came by e-mail, on the telephone or in a letter."""

    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        came = typed.day(form.get("received_on", ""))
        if form.get("channel") == "my_data":
            raise FormInvalid({"channel": "Choose how it came."})
        asked = Asked(form.get("reason", ""), form.get("channel", ""), came, opened.me.id)
        await section31.ask(site_of(request), application, asked, now)

    said = "Recorded. The candidate is told that it came, and by when it is answered."
    return await act(request, application, "section31", do, said, "#section31")


@get("/section31", guards=[_RECRUITER])
async def section31_list(request: Req) -> Response[bytes]:
    site = site_of(request)
    waiting, ended = await section31.waiting(site), await section31.ended(site, page_number(request))
    return render(
        request,
        "hiring/section31_list.html",
        here="vacancies",
        waiting=[(one, title_of(request, one.row)) for one in waiting],
        ended=replace(ended, rows=[(one, title_of(request, one.row)) for one in ended.rows]),
        states=section31.STATES,
    )


async def _asker(request: Req, claim: UUID, now: datetime) -> tuple[Opened, Request]:
    """The application of whoever asked, opened, and the request."""
    site = site_of(request)
    owner = await section31.owner(site, claim)
    opened = await access.opened(site, user_of(request), owner, "section31", now, "section31")
    return opened, await section31.one(site, opened.key, claim)


@get("/section31/{claim:uuid}", guards=[_RECRUITER])
async def section31_page(request: Req, claim: FromPath[UUID]) -> Response[bytes]:
    now = clock.now()
    return await _page(request, *await _asker(request, claim, now), now, {}, {})


async def _page(
    request: Req,
    asker: Opened,
    asked: Request,
    now: datetime,
    form: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
    problem: str = "",
) -> Response[bytes]:
    site = site_of(request)
    person, _ = await service.contents(site, asker)
    return render(
        request,
        "hiring/section31.html",
        status,
        here="vacancies",
        asked=asked,
        application=asker.row,
        person=person,
        title=title_of(request, asker.vacancy),
        hired=await qualifications.hired(site, asker.me, asked, now),
        given=[(each, qualifications.named(each.said)) for each in await qualifications.given(site, asked.id)],
        channels=section31.CHANNELS,
        states=section31.STATES,
        form=form,
        errors=errors,
        problem=problem,
    )


@post("/section31/{claim:uuid}/answered", guards=[_RECRUITER])
async def section31_answered(request: Req, claim: FromPath[UUID]) -> Response[Any]:
    """From the personnel file, outside the program."""
    site, now, form = site_of(request), clock.now(), await answers(request)
    asker, asked = await _asker(request, claim, now)
    on, way = typed.day(form.get("answered_on", "")), form.get("way", "")
    try:
        await section31.answered_outside(site, asker.key, asked, on, way, asker.me.id, now)
    except FormInvalid as error:
        return await _page(request, asker, asked, now, form, error.errors, error.status)
    except section31.AlreadyAnswered as error:
        return await _page(request, asker, asked, now, form, {}, error.status, error.text)
    return redirect(f"/section31/{claim}", "Noted that it was answered.")


# --- the answer -------------------------------------------------------------------------------------------------------


async def _about(request: Req, asked: Request, hired: UUID, now: datetime) -> Opened:
    """The application of a person hired for the same vacancy; NotFound for any other."""
    about = await access.opened(site_of(request), user_of(request), hired, "section31", now, "section31")
    if about.row["outcome"] != "hired" or about.row["vacancy"] != asked.vacancy:
        raise NotFound()
    return about


@get("/section31/{claim:uuid}/about/{hired:uuid}", guards=[_RECRUITER])
async def facts_page(request: Req, claim: FromPath[UUID], hired: FromPath[UUID]) -> Response[bytes]:
    now = clock.now()
    asker, asked = await _asker(request, claim, now)
    about = await _about(request, asked, hired, now)
    form = await qualifications.begun(site_of(request), about)
    return await _facts_page(request, asker, asked, about, form, {})


async def _facts_page(
    request: Req,
    asker: Opened,
    asked: Request,
    about: Opened,
    form: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
    problem: str = "",
) -> Response[bytes]:
    site = site_of(request)
    person, _ = await service.contents(site, about)
    return render(
        request,
        "hiring/section31_facts.html",
        status,
        here="vacancies",
        asked=asked,
        about=about.row,
        person=person,
        title=title_of(request, asker.vacancy),
        form=form,
        errors=errors,
        problem=problem,
    )


@post("/section31/{claim:uuid}/about/{hired:uuid}", guards=[_RECRUITER], status_code=200)
async def facts_give(request: Req, claim: FromPath[UUID], hired: FromPath[UUID]) -> Response[Any]:
    """First the look at the letter; with the mark of that look it is sent."""
    site, now, form = site_of(request), clock.now(), await answers(request)
    asker, asked = await _asker(request, claim, now)
    about = await _about(request, asked, hired, now)
    if form.get("act") not in ("look", "send"):
        return await _facts_page(request, asker, asked, about, form, {})
    try:
        said = qualifications.of_form(form)
        if form["act"] == "look":
            return await _looked_at(request, asker, asked, about, said, form, now)
        mailed = await qualifications.give(site, asker, about, asked, said, form.get("mark", ""), now)
    except FormInvalid as error:
        return await _facts_page(request, asker, asked, about, form, error.errors, error.status)
    except (qualifications.FactsChanged, section31.AlreadyAnswered) as error:
        return await _facts_page(request, asker, asked, about, form, {}, error.status, error.text)
    return redirect(f"/section31/{claim}", _SENT if mailed else _NO_ADDRESS)


async def _looked_at(
    request: Req, asker: Opened, asked: Request, about: Opened, said: Qualified, form: dict[str, str], now: datetime
) -> Response[bytes]:
    filled = await qualifications.values(site_of(request), asker, said, asked, now)
    return render(
        request,
        "hiring/section31_check.html",
        here="vacancies",
        asked=asked,
        about=about.row,
        title=title_of(request, asker.vacancy),
        letter=filled,
        fields={name: value for name, value in form.items() if name not in ("act", "mark")},
        mark=qualifications.mark(filled),
    )


@get("/section31/{claim:uuid}/letters/{facts:uuid}", guards=[_RECRUITER])
async def facts_letter(request: Req, claim: FromPath[UUID], facts: FromPath[UUID]) -> Response[bytes]:
    """The letter as it was given, to be printed for whoever has no e-mail address."""
    asker, _ = await _asker(request, claim, clock.now())
    data = await qualifications.take_along(site_of(request), asker, claim, facts, clock.now())
    headers = {
        "content-disposition": f'attachment; filename="{qualifications.NAMES[words(request).lang]}"',
        "cache-control": "no-store",
    }
    return Response(data, media_type="application/pdf", headers=headers)


ROUTES: list[object] = [
    section31_record,
    section31_list,
    section31_page,
    section31_answered,
    facts_page,
    facts_give,
    facts_letter,
]
