"""The pages on which a candidate uses a right, and the privacy contact's desk of requests.

Guards that a GET changes nothing, that a candidate reaches only what is theirs, and that the desk shows no personal
data before the look at it is written.
"""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import audit, clock
from recruit.accounts.guards import DPO, candidate, staff
from recruit.errors import FormInvalid
from recruit.retention import overview
from recruit.rights import answering, asking, rules, service, views, words
from recruit.rights.answering import Answer
from recruit.site import Site
from recruit.web import Req, answers, redirect, render, site_of, user_of
from recruit.web import words as translator_of

# --- asking ---------------------------------------------------------------------------------------------------------


@get("/my/erasure", guards=[candidate()])
async def erasure_form(request: Req) -> Response[Any]:
    return await _erasure_form(request, request.query_params.get("application") or "", "", {})


@post("/my/erasure", guards=[candidate()])
async def ask_erasure(request: Req) -> Response[Any]:
    form = await answers(request)
    scope, reason = form.get("scope", ""), form.get("reason", "")
    try:
        application = None if scope == "everything" else UUID(scope)
    except ValueError:
        return await _erasure_form(request, "", reason, {"scope": "Choose what is to be erased."}, 422)
    try:
        await asking.ask_erasure(site_of(request), user_of(request).id, application, reason, clock.now())
    except FormInvalid as wrong:
        return await _erasure_form(request, scope, reason, wrong.errors, 422)
    return redirect("/my#requests", "We have received your request. The answer comes by e-mail.")


async def _erasure_form(
    request: Req, scope: str, reason: str, errors: dict[str, str], status: int = 200
) -> Response[Any]:
    now = clock.now()
    mine = await views.applications_of(site_of(request), user_of(request).id, now, translator_of(request))
    due = rules.due(clock.day(now))
    return render(
        request,
        "rights/erasure.html",
        status,
        here="my",
        applications=mine,
        scope=scope,
        reason=reason,
        due=due,
        errors=errors,
    )


# --- the desk -------------------------------------------------------------------------------------------------------


@get("/desk", guards=[staff(DPO)])
async def desk(request: Req) -> Response[Any]:
    site, now = site_of(request), clock.now()
    waiting = await _waiting(site, clock.day(now))
    return render(
        request,
        "rights/desk.html",
        here="desk",
        waiting=waiting,
        request_kinds=words.REQUESTS,
        overview=await overview.of_now(site, now),
    )


async def _waiting(site: Site, today: date) -> list[tuple[service.Request, str]]:
    """The open requests, each with how it stands against its deadline."""
    return [(r, rules.overdue(r.state, r.due, today)) for r in await service.open_requests(site)]


@get("/desk/requests", guards=[staff(DPO)])
async def requests(request: Req) -> Response[Any]:
    site, today = site_of(request), clock.today()
    return render(
        request,
        "rights/requests.html",
        here="desk",
        waiting=await _waiting(site, today),
        answered=await service.answered_requests(site),
        request_kinds=words.REQUESTS,
        states=words.STATES,
    )


@get("/desk/requests/{number:uuid}", guards=[staff(DPO)])
async def request_case(request: Req, number: FromPath[UUID]) -> Response[Any]:
    return await _case(request, number, "", {})


@post("/desk/requests/{number:uuid}", guards=[staff(DPO)])
async def answer_request(request: Req, number: FromPath[UUID]) -> Response[Any]:
    site, now, me = site_of(request), clock.now(), user_of(request)
    form = await answers(request)
    said, asked = form.get("words", ""), await service.request_of(site, number)
    try:
        if form.get("answer") == "grant":
            await answering.answer(site, asked, "granted", Answer(said), me.id, now)
            return redirect(f"/desk/requests/{number}", "Granted. The erasure is announced and then carried out.")
        if form.get("answer") == "refuse":
            await answering.answer(site, asked, "refused", Answer(said), me.id, now)
            return redirect(f"/desk/requests/{number}", "Refused. The person is told why and where to complain.")
        raise FormInvalid({"answer": "Choose to grant or to refuse."})
    except FormInvalid as wrong:
        return await _case(request, number, said, wrong.errors, 422, form.get("answer", ""))


async def _case(
    request: Req, number: UUID, said: str, errors: dict[str, str], status: int = 200, answer: str = ""
) -> Response[Any]:
    """A request with what it is about: a look at personal data, written before it is shown."""
    site, now, me = site_of(request), clock.now(), user_of(request)
    units = await service.units_of(site, number)
    await audit.look(me.id, DPO, units, "case", now)
    asked = await service.request_of(site, number)
    case = await views.case(site, asked, now, clock.day(now), translator_of(request))
    return render(
        request,
        "rights/case.html",
        status,
        here="desk",
        case=case,
        said=said,
        errors=errors,
        answer=answer,
        request_kinds=words.REQUESTS,
        states=words.STATES,
    )


ROUTES: list[object] = [
    erasure_form,
    ask_erasure,
    desk,
    requests,
    request_case,
    answer_request,
]
