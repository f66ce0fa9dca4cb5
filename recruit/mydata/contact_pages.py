"""Contact details and the language of our mails, changed by the candidate alone; a new e-mail address from both.

Guards that a GET changes nothing, that a link of a mail is used only by a press, and that no answer tells whether an
address is known to us.
"""

from typing import Any, cast

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock
from recruit.accounts.guards import candidate, public
from recruit.accounts.links import LinkDead
from recruit.errors import FormInvalid, NotFound
from recruit.i18n import Language
from recruit.letters import addressee
from recruit.mydata import readdressing, service
from recruit.mydata.readdressing import SIDES, Side
from recruit.web import Req, answers, language_cookie, redirect, render, site_of, user_of

_BY_MAIL = public("a button; whoever reads the mail of that address may press it, once")


@get("/my/contact", guards=[candidate()])
async def contact_form(request: Req) -> Response[Any]:
    site, me = site_of(request), user_of(request)
    mine, lang = await addressee(site, me.id)
    return await _contact(request, {"name": mine.name, "phone": mine.phone, "language": lang})


@post("/my/contact", guards=[candidate()])
async def change_contact(request: Req) -> Response[Any]:
    site, form = site_of(request), await answers(request)
    name, phone, lang = form.get("name", ""), form.get("phone", ""), form.get("language")
    try:
        await service.change_contact(site, user_of(request).id, name, phone, clock.now(), lang)
    except FormInvalid as wrong:
        given = {"name": name, "phone": phone, "language": lang or ""}
        return await _contact(request, given, wrong.errors, 422)
    answer = redirect("/my", "Your contact details are changed.")
    if lang:
        answer.set_cookie(language_cookie(site, cast("Language", lang)))
    return answer


async def _contact(
    request: Req, given: dict[str, str], errors: dict[str, str] | None = None, status: int = 200
) -> Response[Any]:
    site, me = site_of(request), user_of(request)
    mine, _ = await addressee(site, me.id)
    change = await readdressing.waiting(site, me.id, clock.now())
    return render(
        request,
        "mydata/contact.html",
        status,
        here="my",
        errors=errors or {},
        given=given,
        email=mine.email,
        change=change,
    )


# --- a new e-mail address -------------------------------------------------------------------------------------------


@get("/my/email", guards=[candidate()])
async def email_form(request: Req) -> Response[Any]:
    return await _email(request, "", {})


@post("/my/email", guards=[candidate()])
async def ask_email(request: Req) -> Response[Any]:
    email = (await answers(request)).get("email", "")
    try:
        await readdressing.ask(site_of(request), user_of(request).id, email, clock.now())
    except FormInvalid as wrong:
        return await _email(request, email, wrong.errors, 422)
    return redirect("/my/contact", "We have sent a link to both addresses. Press both within a day.")


async def _email(request: Req, email: str, errors: dict[str, str], status: int = 200) -> Response[Any]:
    mine, _ = await addressee(site_of(request), user_of(request).id)
    return render(request, "mydata/email.html", status, here="my", errors=errors, email=email, now=mine.email)


@post("/my/email/cancel", guards=[candidate()])
async def cancel_email(request: Req) -> Response[Any]:
    await readdressing.cancel(site_of(request), user_of(request).id, clock.now())
    return redirect("/my/contact", "Nothing is changed: you keep your address.")


@get("/my/email/{side:str}/{token:str}", guards=[_BY_MAIL])
async def confirm_form(request: Req, side: FromPath[str], token: FromPath[str]) -> Response[Any]:
    try:
        await readdressing.find(site_of(request), _side(side), token, clock.now())
    except LinkDead:
        return render(request, "mydata/link_dead.html", 410, here="my", email_change=True)
    return render(request, "mydata/confirm_email.html", here="my", side=side, action=f"/my/email/{side}/{token}")


@post("/my/email/{side:str}/{token:str}", guards=[_BY_MAIL])
async def confirm(request: Req, side: FromPath[str], token: FromPath[str]) -> Response[Any]:
    try:
        done = await readdressing.confirm(site_of(request), _side(side), token, clock.now())
    except LinkDead:
        return render(request, "mydata/link_dead.html", 410, here="my", email_change=True)
    return render(request, "mydata/email_confirmed.html", here="my", done=done, side=side)


def _side(side: str) -> Side:
    if side not in SIDES:
        raise NotFound()
    return side


ROUTES: list[object] = [
    contact_form,
    change_contact,
    email_form,
    ask_email,
    cancel_email,
    confirm_form,
    confirm,
]
