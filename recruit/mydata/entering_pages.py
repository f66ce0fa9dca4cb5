"""The ways into "my data": a link or a code by e-mail, or the foot of any mail.

Guards that a GET uses nothing up (mail scanners follow every address), that no page says whether an address is known,
and that signing in never adopts a session from outside.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath
from litestar.response import Redirect

from recruit import clock, typed
from recruit.accounts import links, sessions
from recruit.accounts.guards import public
from recruit.accounts.lasting import DataGone, person_behind
from recruit.accounts.links import LinkDead
from recruit.mydata import entering
from recruit.site import Site
from recruit.web import Req, address, answers, redirect, render, site_of

_WAITING = "waiting"


@get("/my/sign-in", guards=[public("the way in for candidates: an address is typed, nothing is shown")])
async def sign_in(request: Req) -> Response[Any]:
    if request.user and request.user.kind == "candidate":
        return redirect("/my")
    return render(request, "mydata/sign_in.html", here="my", errors={}, email="")


@post("/my/sign-in", guards=[public("sends the link to the address itself; same answer whether it is known or not")])
async def send_link(request: Req) -> Response[Any]:
    email = typed.email((await answers(request)).get("email", ""))
    if not typed.is_email(email):
        errors = {"email": typed.EMAIL_UNFIT}
        return render(request, "mydata/sign_in.html", 422, here="my", errors=errors, email=email)
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
    return render(request, "mydata/code.html", here="my", errors={}, waits=waits)


@post("/my/code", guards=[public("signs in whoever has the code that was mailed; five guesses")])
async def use_code(request: Req) -> Response[Any]:
    code = "".join((await answers(request)).get("code", "").split())
    site = site_of(request)
    try:
        person = await entering.enter_by_code(site, request.cookies.get(_WAITING, ""), code, clock.now())
    except LinkDead:
        errors = {"code": "This code is wrong, used, or too old. After five wrong ones you need a new e-mail."}
        return render(request, "mydata/code.html", 422, here="my", errors=errors, waits=True)
    return await _signed_in(request, person)


@get("/my/enter/{token:str}", guards=[public("a button; looking at it does not use the link up")])
async def enter_form(request: Req, token: FromPath[str]) -> Response[Any]:
    try:
        await links.find(site_of(request), token, "sign_in", clock.now())
    except LinkDead:
        return render(request, "mydata/link_dead.html", 410, here="my", email_change=False)
    return render(request, "mydata/enter.html", here="my", action=f"/my/enter/{token}")


@post("/my/enter/{token:str}", guards=[public("signs in whoever has the link that was mailed; once")])
async def enter(request: Req, token: FromPath[str]) -> Response[Any]:
    try:
        person = await entering.enter(site_of(request), token, clock.now())
    except LinkDead:
        return render(request, "mydata/link_dead.html", 410, here="my", email_change=False)
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
    return render(request, "mydata/from_mail.html", here="my", action=f"/my/from/{token}")


@post("/my/from/{token:str}", guards=[public("mails a fresh link to the address we know, which is not shown")])
async def send_from_mail(request: Req, token: FromPath[str]) -> Response[Any]:
    site = site_of(request)
    try:
        waiting = await entering.ask_from_mail(site, token, clock.now())
    except DataGone:
        return render(request, "accounts/data_gone.html", 410)
    return _to_code(site, waiting)


ROUTES: list[object] = [
    sign_in,
    send_link,
    code_form,
    use_code,
    enter_form,
    enter,
    from_mail,
    send_from_mail,
]
