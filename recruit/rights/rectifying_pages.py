"""What is put right, and where (L26): chosen at the desk, written when the request is granted.

Guards that the person's wish and what stands there are seen side by side, and that nothing typed is lost.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock
from recruit.accounts.guards import DPO, staff
from recruit.errors import FormInvalid, NotFound
from recruit.rights import answering, rectifying, service, words
from recruit.rights.case_pages import opened
from recruit.web import Req, answers, redirect, render, site_of, user_of


@get("/desk/requests/{number:uuid}/rectification", guards=[staff(DPO)])
async def place_form(request: Req, number: FromPath[UUID]) -> Response[Any]:
    return await _form(request, number, None, {})


@post("/desk/requests/{number:uuid}/rectification", guards=[staff(DPO)])
async def choose_place(request: Req, number: FromPath[UUID]) -> Response[Any]:
    site, form = site_of(request), await answers(request)
    code, text = form.get("place", ""), form.get("text", "")
    asked = await service.request_of(site, number)
    try:
        await answering.decide_rectification(site, asked, code, text, user_of(request).id, clock.now())
    except FormInvalid as wrong:
        return await _form(request, number, (code, text), wrong.errors)
    return redirect(f"/desk/requests/{number}", "Noted. It is written when you grant the request.")


async def _form(request: Req, number: UUID, typed: tuple[str, str] | None, errors: dict[str, str]) -> Response[Any]:
    case = await opened(request, number)
    said = case.request.words
    if case.request.kind != "rectification" or not case.request.open:
        raise NotFound()
    return render(
        request,
        "rights/rectification.html",
        422 if errors else 200,
        here="desk",
        case=case,
        places=await rectifying.places(site_of(request), case.request),
        names=words.PLACES,
        chosen=typed or (said.field, said.became or said.new),
        request_kinds=words.REQUESTS,
        errors=errors,
    )


ROUTES: list[object] = [place_form, choose_place]
