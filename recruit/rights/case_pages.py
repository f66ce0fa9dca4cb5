"""The queue of rights requests by deadline, and the case of each: who asks, what it would take, and the answer.

Guards that lists name nobody, that no personal data are shown before the look at them is written, and that nothing
typed is lost when an answer lacks something.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import audit, clock
from recruit.accounts.guards import DPO, staff
from recruit.errors import FormInvalid
from recruit.retention import parts
from recruit.rights import answering, rules, service, views, words
from recruit.rights.answering import Answer
from recruit.rights.masking import Item
from recruit.rights.rules import State
from recruit.web import Req, answers, chosen, page_number, redirect, render, site_of, user_of
from recruit.web import words as translator_of

_VERDICTS: dict[str, State] = {"grant": "granted", "partly": "partly", "refuse": "refused"}
_TOLD: dict[State, str] = {
    "granted": "Granted. The person is told.",
    "partly": "Granted in part. The person is told why, and where to complain.",
    "refused": "Refused. The person is told why and where to complain.",
}


@get("/desk/requests", guards=[staff(DPO)])
async def requests(request: Req) -> Response[Any]:
    site = site_of(request)
    return render(
        request,
        "rights/requests.html",
        here="desk",
        waiting=await views.waiting(site, clock.today()),
        answered=await service.answered_requests(site, page_number(request)),
        request_kinds=words.REQUESTS,
        states=words.STATES,
        came_by=words.CAME_BY,
    )


@get("/desk/requests/{number:uuid}", guards=[staff(DPO)])
async def request_case(request: Req, number: FromPath[UUID]) -> Response[Any]:
    return await _case(request, number)


@post("/desk/requests/{number:uuid}", guards=[staff(DPO)])
async def answer_request(request: Req, number: FromPath[UUID]) -> Response[Any]:
    site, form, grounds = site_of(request), await answers(request), await chosen(request, "grounds")
    given = Answer(form.get("words", ""), tuple(grounds), tuple(await chosen(request, "categories")))
    verdict = _VERDICTS.get(form.get("answer", ""))
    asked = await service.request_of(site, number)
    try:
        if verdict is None:
            raise FormInvalid({"answer": "Choose to grant or to refuse."})
        told = await answering.answer(site, asked, verdict, given, user_of(request).id, clock.now())
    except FormInvalid as wrong:
        return await _case(request, number, given, form.get("answer", ""), wrong.errors)
    return redirect(f"/desk/requests/{number}", _TOLD[told])


async def _case(
    request: Req,
    number: UUID,
    given: Answer | None = None,
    answer: str = "",
    errors: dict[str, str] | None = None,
) -> Response[Any]:
    case = await opened(request, number)
    return render(
        request,
        "rights/case.html",
        422 if errors else 200,
        here="desk",
        case=case,
        given=given or Answer(categories=tuple(case.request.words.categories)),
        erasable=parts.ERASABLE,
        answer=answer,
        errors=errors or {},
        request_kinds=words.REQUESTS,
        states=words.STATES,
        came_by=words.CAME_BY,
        grounds=[(code, words.GROUNDS[code]) for code in rules.GROUNDS[case.request.kind]],
        conditions=words.RESTRICTING,
        said_grounds=words.GROUNDS,
        granting=words.GRANTING,
        field=words.field_name(case.request.words.field, translator_of(request)),
        categories=await _categories(request, case),
        masked=await _masked(request, case),
        same_person=await views.said_same(site_of(request), case.request.candidate),
    )


async def _categories(request: Req, case: views.Case) -> list[tuple[str, str, str]]:
    """L27: what can be erased by itself, and how much of it there is in the applications that may go."""
    if case.request.kind != "erasure" or not case.request.open:
        return []
    tr, counted = translator_of(request), dict[str, list[int]]()
    for application in case.going:
        for choice in await parts.preview(site_of(request), application.id):
            counted.setdefault(choice.category, []).append(choice.goes)
    return [
        (category, tr(parts.ERASABLE[category]), tr("{n} in all", n=sum(counted[category])))
        for category in parts.ERASABLE
        if sum(counted.get(category, []))
    ]


async def _masked(request: Req, case: views.Case) -> list[Item]:
    """L24: where the copy that is asked for names third parties; somebody has to look at each place."""
    if case.request.kind != "access" or not case.request.open:
        return []
    return await answering.masked(site_of(request), case.request, clock.now(), translator_of(request))


async def opened(request: Req, number: UUID) -> views.Case:
    """A request with what it is about: a look at personal data, written before it is shown."""
    site, now = site_of(request), clock.now()
    await audit.look(user_of(request).id, DPO, await service.units_of(site, number), "case", now)
    asked = await service.request_of(site, number)
    case = await views.case(site, asked, now, clock.day(now), translator_of(request))
    await audit.look(user_of(request).id, DPO, [mail.unit for mail in case.mails], "case", now)
    return case


# --- before the answer ----------------------------------------------------------------------------------------------


@get("/desk/requests/{number:uuid}/identity", guards=[staff(DPO)])
async def identity_form(request: Req, number: FromPath[UUID]) -> Response[Any]:
    return await _identity(request, number, "", {})


async def _identity(request: Req, number: UUID, said: str, errors: dict[str, str]) -> Response[Any]:
    case = await opened(request, number)
    rules.require_move(case.request.state, "received" if case.request.state == "identity" else "identity")
    status = 422 if errors else 200
    kinds = words.REQUESTS
    return render(
        request, "rights/identity.html", status, here="desk", case=case, said=said, errors=errors, request_kinds=kinds
    )


@post("/desk/requests/{number:uuid}/identity", guards=[staff(DPO)])
async def ask_identity(request: Req, number: FromPath[UUID]) -> Response[Any]:
    site, me, now = site_of(request), user_of(request).id, clock.now()
    asked, said = await service.request_of(site, number), (await answers(request)).get("words", "")
    if asked.state == "identity":
        await answering.settle_identity(site, asked, me, now)
        return redirect(f"/desk/requests/{number}", "The time to answer goes on from today.")
    try:
        await answering.ask_identity(site, asked, said, me, now)
    except FormInvalid as wrong:
        return await _identity(request, number, said, wrong.errors)
    return redirect(f"/desk/requests/{number}", "The person is asked. Until the answer, the time rests.")


@get("/desk/requests/{number:uuid}/extension", guards=[staff(DPO)])
async def extension_form(request: Req, number: FromPath[UUID]) -> Response[Any]:
    return await _extension(request, number, "", "", {})


@post("/desk/requests/{number:uuid}/extension", guards=[staff(DPO)])
async def extend(request: Req, number: FromPath[UUID]) -> Response[Any]:
    site, form = site_of(request), await answers(request)
    why, months = form.get("why", ""), form.get("months", "")
    asked = await service.request_of(site, number)
    try:
        count = int(months) if months in ("1", "2") else 0
        await answering.extend(site, asked, count, why, user_of(request).id, clock.now())
    except FormInvalid as wrong:
        return await _extension(request, number, why, months, wrong.errors)
    return redirect(f"/desk/requests/{number}", "More time is taken. The person is told why.")


async def _extension(request: Req, number: UUID, why: str, months: str, errors: dict[str, str]) -> Response[Any]:
    case = await opened(request, number)
    r = case.request
    rules.require_extension(r.state, r.received_on, r.paused_days, r.extended_on, clock.today())
    longer = [(n, rules.due(r.received_on, n, r.paused_days)) for n in range(1, answering.MOST_MONTHS + 1)]
    return render(
        request,
        "rights/extension.html",
        422 if errors else 200,
        here="desk",
        case=case,
        why=why,
        months=months,
        longer=longer,
        errors=errors,
        request_kinds=words.REQUESTS,
    )


ROUTES: list[object] = [
    requests,
    request_case,
    answer_request,
    identity_form,
    ask_identity,
    extension_form,
    extend,
]
