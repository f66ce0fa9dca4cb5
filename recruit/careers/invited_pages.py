"""The invitation to apply for another vacancy, by the link of its mail or from "my data".

Guards that looking at the page does nothing and shows nothing of the person, that one press begins the application, and
that one press on the same page ends it for good (L6).
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock
from recruit.accounts import limits
from recruit.accounts.guards import candidate, public
from recruit.accounts.lasting import DataGone
from recruit.careers import admitting, invited
from recruit.careers.form_pages import closed, remember
from recruit.careers.invited import Invitation
from recruit.careers.service import NotTakingApplications
from recruit.retention import consent
from recruit.web import Req, address, answers, language, redirect, render, site_of, user_of

_ROUNDS = 40
_DOOR = admitting.Door()


@get("/invited/{token:str}", guards=[public("says for which vacancy, and nothing about the person")])
async def invitation(request: Req, token: FromPath[str]) -> Response[Any]:
    try:
        found = await invited.behind(site_of(request), token, language(request), clock.now())
    except DataGone:
        return render(request, "accounts/data_gone.html", 410)
    return _page(request, found, f"/invited/{token}")


@post("/invited/{token:str}", guards=[public("begins a form, or ends the consent, for whom the link was mailed to")])
async def answer(request: Req, token: FromPath[str]) -> Response[Any]:
    site, now, lang = site_of(request), clock.now(), language(request)
    try:
        found = await invited.behind(site, token, lang, now)
    except DataGone:
        return render(request, "accounts/data_gone.html", 410)
    act = (await answers(request)).get("act")
    if act == "withdraw":
        await consent.withdraw(site, found.candidate, "mail_link", lang, now)
        return redirect(f"/invited/{token}", "You have not consented. What only consent kept is erased now.")
    if act != "start" or found.state != "open":
        return _page(request, found, f"/invited/{token}")
    return await _begin(request, found)


@post("/my/invitations/{vacancy:uuid}", guards=[candidate()])
async def begin_own(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    """One press in "my data" does the same as the link."""
    found = await invited.own(site_of(request), user_of(request).id, vacancy, language(request), clock.now())
    return await _begin(request, found) if found.state == "open" else _page(request, found, "")


async def _begin(request: Req, found: Invitation) -> Response[Any]:
    """The form with what was given before, to be looked over; nothing is sent."""
    site, now, vacancy = site_of(request), clock.now(), found.position.id
    await limits.count(site, "apply", address(request), now, most=_ROUNDS)
    try:
        with _DOOR.admit(address(request), site.settings.data):
            secret = await invited.start(site, found, language(request), now)
    except NotTakingApplications:
        return closed(request, found.position)
    page = redirect(f"/positions/{vacancy}/apply", "What you sent us before stands in the form. It is not sent yet.")
    return remember(request, page, vacancy, secret)


def _page(request: Req, found: Invitation, action: str) -> Response[Any]:
    values = {"state": found.state, "position": found.position, "action": action}
    status = 200 if found.state in ("open", "sent") else 410
    return render(request, "careers/invited.html", status, here="careers", **values)


ROUTES: list[object] = [invitation, answer, begin_own]
