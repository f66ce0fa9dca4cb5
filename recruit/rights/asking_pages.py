"""The pages on which a candidate uses a right, one right to a page, and follows what became of it.

Guards that a GET changes nothing, that a candidate reaches only what is theirs, and that no reason is asked for (L19).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock
from recruit.accounts.guards import candidate
from recruit.errors import FormInvalid, NotFound
from recruit.retention import parts
from recruit.retention.facts import of_applications
from recruit.rights import answering, asking, forms, rules, service, views, words
from recruit.rights.asking import Asked
from recruit.rights.forms import Typed
from recruit.rights.rules import Kind
from recruit.rights.views import ApplicationView
from recruit.web import Req, answers, chosen, redirect, render, site_of, user_of
from recruit.web import words as translator_of


@get("/my/rights", guards=[candidate()])
async def my_rights(request: Req) -> Response[Any]:
    mine = await service.requests_of(site_of(request), user_of(request).id)
    return render(
        request,
        "rights/rights.html",
        here="my",
        rights=words.RIGHTS,
        articles=words.ARTICLES,
        requests=mine,
        request_kinds=words.REQUESTS,
        states=words.STATES,
    )


@get("/my/rights/{right:str}", guards=[candidate()])
async def right_form(request: Req, right: FromPath[str]) -> Response[Any]:
    asked_about = request.query_params.get("application") or ""
    return await _form(request, forms.kind_of(right), Typed(scope=asked_about))


@post("/my/rights/{right:str}", guards=[candidate()])
async def use_right(request: Req, right: FromPath[str]) -> Response[Any]:
    kind, ticked = forms.kind_of(right), await chosen(request, "categories")
    form = replace(forms.read(await answers(request)), categories=tuple(c for c in parts.ERASABLE if c in ticked))
    try:
        forms.require(kind, form)
        number = await asking.ask(site_of(request), user_of(request).id, asked(kind, form), clock.now())
    except FormInvalid as wrong:
        return await _form(request, kind, form, wrong.errors)
    return redirect(f"/my/requests/{number}", "We have received your request. The answer comes by e-mail.")


def asked(kind: Kind, form: Typed) -> Asked:
    said = forms.words_of(kind, form)
    return Asked(kind, None if kind in rules.ABOUT_EVERYTHING else forms.application_of(form), said)


async def _form(request: Req, kind: Kind, form: Typed, errors: dict[str, str] | None = None) -> Response[Any]:
    site, now = site_of(request), clock.now()
    mine = await views.applications_of(site, user_of(request).id, now, translator_of(request))
    return render(
        request,
        "rights/ask.html",
        422 if errors else 200,
        here="my",
        kind=kind,
        term=words.REQUESTS[kind],
        meaning=words.RIGHTS[kind],
        article=words.ARTICLES[kind],
        applications=mine,
        narrow=kind not in rules.ABOUT_EVERYTHING,
        erasing=await _erasing(request, mine) if kind == "erasure" else None,
        grounds=words.RESTRICTING,
        form=form,
        due=rules.due(clock.day(now)),
        errors=errors or {},
    )


@dataclass(frozen=True)
class Erasing:
    """What an erasure takes and what it leaves: categories as choices (code, name, how much), the titles of the
    applications that a legal hold keeps, and how many documents are held alone (L14).
    """

    choices: Sequence[tuple[str, str, str]]
    held: list[str]
    documents: int


async def _erasing(request: Req, mine: list[ApplicationView]) -> Erasing:
    site, tr = site_of(request), translator_of(request)
    facts = await of_applications(site, [view.id for view in mine])
    held = [view for view in mine if facts[view.id].holds]
    goes, stays = dict[str, int](), 0
    for view in (view for view in mine if view not in held):
        for choice in await parts.preview(site, view.id):
            goes[choice.category] = goes.get(choice.category, 0) + choice.goes
            stays += choice.stays
    choices = [
        (code, tr(parts.ERASABLE[code]), tr("{n} in all", n=goes[code])) for code in parts.ERASABLE if goes.get(code)
    ]
    return Erasing(choices, [view.title for view in held], stays)


# --- one request ----------------------------------------------------------------------------------------------------


@get("/my/requests/{number:uuid}", guards=[candidate()])
async def my_request(request: Req, number: FromPath[UUID]) -> Response[Any]:
    site, now = site_of(request), clock.now()
    own = await service.own_request(site, user_of(request).id, number)
    return render(
        request,
        "rights/request.html",
        here="my",
        r=own,
        about=await views.about(site, own, now, translator_of(request)),
        term=words.REQUESTS[own.kind],
        standing=rules.overdue(own.state, own.due, clock.day(now)),
        states=words.STATES,
        came_by=words.CAME_BY,
        grounds=words.GROUNDS,
        conditions=words.RESTRICTING,
        erasable=parts.ERASABLE,
    )


@post("/my/requests/{number:uuid}/withdraw", guards=[candidate()])
async def withdraw(request: Req, number: FromPath[UUID]) -> Response[Any]:
    await answering.withdraw(site_of(request), user_of(request).id, number, clock.now())
    return redirect(f"/my/requests/{number}", "You have taken your request back.")


@post("/my/requests/{number:uuid}/identity", guards=[candidate()])
async def confirm_identity(request: Req, number: FromPath[UUID]) -> Response[Any]:
    """L23: whoever signed in with the address that we know has shown who they are."""
    site = site_of(request)
    own = await service.own_request(site, user_of(request).id, number)
    if own.state != "identity":
        raise NotFound()
    await answering.settle_identity(site, own, None, clock.now())
    return redirect(f"/my/requests/{number}", "Thank you. The time to answer goes on from today.")


ROUTES: list[object] = [my_rights, right_form, use_right, my_request, withdraw, confirm_identity]
