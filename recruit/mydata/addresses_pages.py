"""The candidate's other addresses: shown to be theirs, changed over to, or kept apart.

Guards that a GET changes nothing, that only whoever reads both mailboxes comes from one to the other, and that no
answer tells whether an address is known to us.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock
from recruit.accounts import sessions
from recruit.accounts.guards import candidate
from recruit.accounts.links import LinkDead
from recruit.errors import FormInvalid
from recruit.hiring import likeness
from recruit.letters import addressee
from recruit.mydata import addresses
from recruit.mydata.addresses import AskedElsewhere
from recruit.web import Req, answers, redirect, render, site_of, user_of


@get("/my/addresses", guards=[candidate()])
async def addresses_page(request: Req) -> Response[Any]:
    return await _page(request, "", {})


@post("/my/addresses", guards=[candidate()])
async def ask_address(request: Req) -> Response[Any]:
    email = (await answers(request)).get("email", "")
    try:
        await addresses.ask(site_of(request), user_of(request).id, email, clock.now())
    except FormInvalid as wrong:
        return await _page(request, email, wrong.errors, 422)
    return redirect(
        "/my/addresses",
        "If we have data under that address, a link is on its way to it. Open it in this browser within a day.",
    )


async def _page(request: Req, email: str, errors: dict[str, str], status: int = 200) -> Response[Any]:
    site, me = site_of(request), user_of(request)
    mine, _ = await addressee(site, me.id)
    others = await addresses.others(site, me.id)
    shown = {"others": others, "now": mine.email, "email": email, "errors": errors}
    return render(request, "mydata/addresses.html", status, here="my", **shown)


@get("/my/addresses/{token:str}", guards=[candidate()])
async def prove_form(request: Req, token: FromPath[str]) -> Response[Any]:
    return await _proof(request, token, press=False)


@post("/my/addresses/{token:str}", guards=[candidate()])
async def prove_address(request: Req, token: FromPath[str]) -> Response[Any]:
    return await _proof(request, token, press=True)


async def _proof(request: Req, token: str, press: bool) -> Response[Any]:
    """The button, or what it does; a link of somebody else, or one that is dead, leads to a page of its own."""
    site, me = site_of(request), user_of(request)
    step = addresses.prove if press else addresses.find
    try:
        await step(site, me.id, token, clock.now())
    except LinkDead:
        return render(request, "mydata/link_dead.html", 410, here="my", email_change=False)
    except AskedElsewhere as error:
        return render(request, "mydata/prove_address.html", error.status, here="my", action="", problem=error.text)
    if press:
        return redirect("/my/addresses", "Both addresses are yours. You can change over from one to the other here.")
    return render(request, "mydata/prove_address.html", here="my", action=f"/my/addresses/{token}", problem="")


@post("/my/addresses/{pair:uuid}/open", guards=[candidate()])
async def open_other(request: Req, pair: FromPath[UUID]) -> Response[Any]:
    site, me = site_of(request), user_of(request)
    token = await addresses.change_over(site, me.id, me.session, pair, clock.now())
    answer = redirect("/my", "You see what we keep under your other address.")
    answer.set_cookie(sessions.cookie(site, token, "candidate"))
    return answer


@post("/my/addresses/{pair:uuid}/part", guards=[candidate()])
async def part_other(request: Req, pair: FromPath[UUID]) -> Response[Any]:
    await likeness.part(site_of(request), user_of(request).id, pair, clock.now())
    return redirect("/my/addresses", "The two are kept apart.")


ROUTES: list[object] = [addresses_page, ask_address, prove_form, prove_address, open_other, part_other]
