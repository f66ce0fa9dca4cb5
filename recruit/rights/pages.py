"""The candidate's own page, the ways into it, and the privacy contact's desk of requests.

Guards that a GET changes nothing (mail scanners follow every address), that a candidate reaches only what is theirs,
and that the desk shows no personal data before the look at it is written.
"""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from recruit import audit, clock, typed
from recruit.accounts import links, sessions
from recruit.accounts.guards import DPO, candidate, public, staff
from recruit.accounts.lasting import DataGone, person_behind
from recruit.accounts.links import LinkDead
from recruit.documents.kinds import as_download
from recruit.errors import FormInvalid, NotFound
from recruit.letters import addressee
from recruit.retention import consent, overview
from recruit.rights import entering, export, rules, service, views, words
from recruit.site import Site
from recruit.web import Req, address, answers, language, redirect, render, site_of, user_of
from recruit.web import words as translator_of

_WAITING = "waiting"


# --- coming in ------------------------------------------------------------------------------------------------------


@get("/my/sign-in", guards=[public("the way in for candidates: an address is typed, nothing is shown")])
async def sign_in(request: Req) -> Response[Any]:
    if request.user and request.user.kind == "candidate":
        return redirect("/my")
    return render(request, "rights/sign_in.html", here="my", errors={}, email="")


@post("/my/sign-in", guards=[public("sends the link to the address itself; same answer whether it is known or not")])
async def send_link(request: Req) -> Response[Any]:
    email = typed.email((await answers(request)).get("email", ""))
    if not typed.is_email(email):
        errors = {"email": typed.EMAIL_UNFIT}
        return render(request, "rights/sign_in.html", 422, here="my", errors=errors, email=email)
    site = site_of(request)
    return _to_code(site, await entering.ask_by_address(site, email, address(request), clock.now()))


def _to_code(site: Site, waiting: str) -> Redirect:
    """On to the page for the code; who asked stands in no address, only in a brief cookie that nobody else has."""
    answer = redirect("/my/code")
    life = int(entering.LIFE.total_seconds())
    secure = site.settings.secure
    answer.set_cookie(
        Cookie(_WAITING, value=waiting, max_age=life, path="/my", httponly=True, samesite="lax", secure=secure)
    )
    return answer


@get("/my/code", guards=[public("asks for the code that was mailed; shows nothing")])
async def code_form(request: Req) -> Response[Any]:
    waits = _WAITING in request.cookies
    return render(request, "rights/code.html", here="my", errors={}, waits=waits)


@post("/my/code", guards=[public("signs in whoever has the code that was mailed; five guesses")])
async def use_code(request: Req) -> Response[Any]:
    code = "".join((await answers(request)).get("code", "").split())
    site = site_of(request)
    try:
        person = await entering.enter_by_code(site, request.cookies.get(_WAITING, ""), code, clock.now())
    except LinkDead:
        errors = {"code": "This code is wrong, used, or too old. After five wrong ones you need a new e-mail."}
        return render(request, "rights/code.html", 422, here="my", errors=errors, waits=True)
    return await _signed_in(request, person)


@get("/my/enter/{token:str}", guards=[public("a button; looking at it does not use the link up")])
async def enter_form(request: Req, token: FromPath[str]) -> Response[Any]:
    try:
        await links.find(site_of(request), token, "sign_in", clock.now())
    except LinkDead:
        return render(request, "rights/link_dead.html", 410, here="my")
    return render(request, "rights/enter.html", here="my", action=f"/my/enter/{token}")


@post("/my/enter/{token:str}", guards=[public("signs in whoever has the link that was mailed; once")])
async def enter(request: Req, token: FromPath[str]) -> Response[Any]:
    try:
        person = await entering.enter(site_of(request), token, clock.now())
    except LinkDead:
        return render(request, "rights/link_dead.html", 410, here="my")
    return await _signed_in(request, person)


async def _signed_in(request: Req, person: UUID) -> Redirect:
    site = site_of(request)
    before = request.user.session if request.user else None
    token = await sessions.begin(site, "candidate", person, clock.now(), replaces=before)
    answer = redirect("/my")
    answer.set_cookie(sessions.cookie(site, token, "candidate"))
    answer.delete_cookie(_WAITING, path="/my")
    return answer


@get("/my/from/{token:str}", guards=[public("a button that mails a fresh link to the address we know; shows nothing")])
async def from_mail(request: Req, token: FromPath[str]) -> Response[Any]:
    if request.user and request.user.kind == "candidate":
        return redirect("/my")
    try:
        await person_behind(site_of(request), token, "my", clock.now())
    except DataGone:
        return render(request, "accounts/data_gone.html", 410)
    return render(request, "rights/from_mail.html", here="my", action=f"/my/from/{token}")


@post("/my/from/{token:str}", guards=[public("mails a fresh link to the address we know, which is not shown")])
async def send_from_mail(request: Req, token: FromPath[str]) -> Response[Any]:
    site = site_of(request)
    try:
        waiting = await entering.ask_from_mail(site, token, clock.now())
    except DataGone:
        return render(request, "accounts/data_gone.html", 410)
    return _to_code(site, waiting)


# --- my data --------------------------------------------------------------------------------------------------------


@get("/my", guards=[candidate()])
async def my_data(request: Req) -> Response[Any]:
    mine = await views.mine(site_of(request), user_of(request).id, clock.now(), translator_of(request))
    return render(
        request,
        "rights/my.html",
        here="my",
        mine=mine,
        kinds=words.KINDS,
        other_kind=words.OTHER_KIND,
        states=words.STATES,
        request_kinds=words.REQUESTS,
    )


@post("/my/consent", guards=[candidate()])
async def answer_consent(request: Req) -> Response[Any]:
    site, me, now = site_of(request), user_of(request), clock.now()
    answer = (await answers(request)).get("answer", "")
    if answer == "give":
        await consent.give(site, me.id, "my_data", language(request), now)
        return redirect("/my#consent", "You have given consent. You can withdraw it at any time.")
    if answer == "withdraw":
        await consent.withdraw(site, me.id, "my_data", language(request), now)
        return redirect("/my#consent", "You have not consented. What only consent kept is erased now.")
    raise NotFound()


@get("/my/documents/{document:uuid}", guards=[candidate()])
async def my_document(request: Req, document: FromPath[UUID]) -> Response[Any]:
    site = site_of(request)
    found, key = await views.own_document(site, user_of(request).id, document)
    headers = {"content-disposition": as_download(found.name, found.media_type)}
    return Stream(site.documents.read(key, document), media_type="application/octet-stream", headers=_private(headers))


def _private(headers: dict[str, str]) -> dict[str, str]:
    return {**headers, "cache-control": "no-store"}


@post("/my/copy", guards=[candidate()])
async def my_copy(request: Req) -> Response[Any]:
    site, me, now = site_of(request), user_of(request), clock.now()
    await export.record_copy(site, me.id, now)
    name = f"my-data-{clock.day(now).isoformat()}.zip"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    pieces = export.archive(site, me.id, now, translator_of(request))
    return Stream(pieces, status_code=200, media_type="application/zip", headers=_private(headers))


@get("/my/contact", guards=[candidate()])
async def contact_form(request: Req) -> Response[Any]:
    mine, _ = await addressee(site_of(request), user_of(request).id)
    return render(request, "rights/contact.html", here="my", errors={}, name=mine.name, phone=mine.phone)


@post("/my/contact", guards=[candidate()])
async def change_contact(request: Req) -> Response[Any]:
    form = await answers(request)
    name, phone = form.get("name", ""), form.get("phone", "")
    try:
        await service.change_contact(site_of(request), user_of(request).id, name, phone, clock.now())
    except FormInvalid as wrong:
        return render(request, "rights/contact.html", 422, here="my", errors=wrong.errors, name=name, phone=phone)
    return redirect("/my", "Your contact details are changed.")


@get("/my/applications/{application:uuid}/withdraw", guards=[candidate()])
async def withdraw_form(request: Req, application: FromPath[UUID]) -> Response[Any]:
    view = await _running(request, application)
    return render(request, "rights/withdraw.html", here="my", application=view)


@post("/my/applications/{application:uuid}/withdraw", guards=[candidate()])
async def withdraw(request: Req, application: FromPath[UUID]) -> Response[Any]:
    await _running(request, application)
    await service.withdraw_application(site_of(request), user_of(request).id, application, clock.now())
    return redirect("/my", "Your application is withdrawn.")


async def _running(request: Req, application: UUID) -> views.ApplicationView:
    """An application of this candidate whose process still runs; NotFound for any other."""
    mine = await views.applications_of(site_of(request), user_of(request).id, clock.now(), translator_of(request))
    found = [view for view in mine if view.id == application and view.running]
    if not found:
        raise NotFound()
    return found[0]


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
        await service.ask_erasure(site_of(request), user_of(request).id, application, reason, clock.now())
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
    return [(r, rules.overdue(r.state, r.received_on, today)) for r in await service.open_requests(site)]


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
            await service.grant(site, asked, said, me.id, now)
            return redirect(f"/desk/requests/{number}", "Granted. The erasure is announced and then carried out.")
        if form.get("answer") == "refuse":
            await service.refuse(site, asked, said, me.id, now)
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
    sign_in,
    send_link,
    code_form,
    use_code,
    enter_form,
    enter,
    from_mail,
    send_from_mail,
    my_data,
    answer_consent,
    my_document,
    my_copy,
    contact_form,
    change_contact,
    withdraw_form,
    withdraw,
    erasure_form,
    ask_erasure,
    desk,
    requests,
    request_case,
    answer_request,
]
