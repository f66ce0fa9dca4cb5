"""The page behind the link of an art. 14 notice: object, and have one's data erased, in one press (L10).

Guards that a GET changes nothing, and that the page says nothing about who it is about.
"""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock
from recruit.accounts.guards import public
from recruit.accounts.links import LinkDead
from recruit.rights import objecting
from recruit.web import Req, redirect, render, site_of


@get("/objection/{token:str}", guards=[public("a button; looking at it objects to nothing")])
async def objection_form(request: Req, token: FromPath[str]) -> Response[Any]:
    try:
        found = await objecting.find(site_of(request), token, clock.now())
    except LinkDead:
        return render(request, "accounts/data_gone.html", 410)
    return render(request, "rights/objection.html", state=found.state, action=f"/objection/{token}")


@post("/objection/{token:str}", guards=[public("acts at once on the link that was mailed; no sign-in (art. 21)")])
async def objection(request: Req, token: FromPath[str]) -> Response[Any]:
    try:
        await objecting.object_to(site_of(request), token, clock.now())
    except LinkDead:
        return render(request, "accounts/data_gone.html", 410)
    return redirect(f"/objection/{token}")


ROUTES: list[object] = [objection_form, objection]
