"""Guests: who is invited to read what, until when; and the guest's own page.

Guards that only whoever decides about a vacancy invites, that a guest's page reads and never writes, and that whatever
was not chosen for a guest is nothing at all behind their link.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock, employer
from recruit.accounts import limits
from recruit.accounts.guards import MANAGER, RECRUITER, public, staff
from recruit.accounts.links import LinkDead
from recruit.errors import FormInvalid, NotAllowed
from recruit.hiring import access, guests, pipeline, rules, story, team, wanted
from recruit.hiring.guests import Guest
from recruit.hiring.paper_pages import sheet_number
from recruit.hiring.pipeline import Pipeline
from recruit.hiring.pipeline_pages import shown_vacancy, title_of, units_of
from recruit.web import Req, address, answers, chosen, language, redirect, render, site_of, user_of

_WRONG_LINKS = 20
_NOBODY = "Choose at least one application whose process runs."


async def _deciding(request: Req, vacancy: UUID) -> Pipeline:
    of = await pipeline.of(site_of(request), user_of(request), vacancy)
    if "guest" not in rules.acts_of(of.role):
        raise NotAllowed()
    return of


# --- inviting ---------------------------------------------------------------------------------------------------------


@get("/vacancies/{vacancy:uuid}/guests", guards=[staff(RECRUITER, MANAGER)])
async def guest_list(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    """Who outside may read, or could read, applications of this vacancy."""
    of, now = await _deciding(request, vacancy), clock.now()
    found = await guests.listed(of)
    units = {each.id: each.row for guest in found for each in guest.shown}
    rows = [{"id": unit, "candidate": row["candidate"]} for unit, row in units.items()]
    await access.names_of(of.site, of.me, of.role, rows, "list", now)
    return render(
        request,
        "hiring/guests.html",
        here="vacancies",
        vacancy=of.vacancy,
        title=title_of(request, of.vacancy),
        guests=found,
        names=await team.names(of.site, {guest.row["invited_by"] for guest in found}),
        now=now,
    )


@get("/applications/{application:uuid}/guest", guards=[staff(RECRUITER, MANAGER)])
async def guest_one(request: Req, application: FromPath[UUID]) -> Response[bytes]:
    """A guest for one application."""
    of = await _deciding(request, await access.vacancy_with(site_of(request), application))
    return await _form(request, of, await of.only_mine([application]), {}, {})


@post("/vacancies/{vacancy:uuid}/guests", guards=[staff(RECRUITER, MANAGER)], status_code=200)
async def guest_invite(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    """For those who are chosen: the form; filled in, the guest and the mail."""
    of, form = await _deciding(request, vacancy), await answers(request)
    units = [row["id"] for row in await guests.chosen(of, await units_of(request, of, wanted.of(form), form))]
    if form.get("act") == "invite":
        return await _invite(request, of, units, form)
    if not 0 < len(units) <= guests.MOST:
        few = _NOBODY if not units else "Choose at most 25 for a guest."
        return await shown_vacancy(request, vacancy, 422, few)
    return await _form(request, of, units, {}, {})


async def _invite(request: Req, of: Pipeline, units: Sequence[UUID], form: dict[str, str]) -> Response[Any]:
    """Refused, the form stands as it was, with all that could be chosen in it."""
    try:
        asked = guests.invitation(form)
        if not units:
            raise FormInvalid({"application": _NOBODY})
        await guests.invite(of, units, asked, clock.now())
    except FormInvalid as error:
        offered = [unit for text in await chosen(request, "offered") if (unit := wanted.id_of(text))]
        return await _form(request, of, await of.only_mine(offered), form | {"ticked": units}, error.errors)
    return redirect(f"/vacancies/{of.vacancy['id']}/guests", "The invitation is on its way.")


async def _form(
    request: Req, of: Pipeline, units: Sequence[UUID], form: dict[str, Any], errors: dict[str, str]
) -> Response[bytes]:
    rows = await guests.chosen(of, units)
    people = await access.names_of(of.site, of.me, of.role, rows, "decide", clock.now())
    if not people:
        return await shown_vacancy(request, of.vacancy["id"], 422, _NOBODY)
    return render(
        request,
        "hiring/guest_form.html",
        422 if errors else 200,
        here="vacancies",
        vacancy=of.vacancy,
        title=title_of(request, of.vacancy),
        people=[(str(unit), person.name) for unit, person in people.items()],
        ticked=[str(unit) for unit in form.get("ticked", people)],
        usual=guests.USUAL_DAYS,
        form=form,
        errors=errors,
    )


@post("/guests/{guest:uuid}/withdraw", guards=[staff(RECRUITER, MANAGER)])
async def guest_withdraw(request: Req, guest: FromPath[UUID]) -> Response[Any]:
    of = await _deciding(request, await guests.vacancy_of(site_of(request), guest))
    await guests.withdraw(of, guest, clock.now())
    return redirect(f"/vacancies/{of.vacancy['id']}/guests", "The link is dead. Nothing more can be read with it.")


# --- the guest's own page ---------------------------------------------------------------------------------------------

_MAILED = public("a guest's link is for who got the mail; it opens the applications that were chosen, until its day")
_PRIVATE = {"x-robots-tag": "noindex, nofollow, noarchive", "cache-control": "no-store"}


async def _entered(request: Req, token: str) -> Guest:
    """Whose link it is; who tries many is stopped."""
    site, now = site_of(request), clock.now()
    try:
        return await guests.by_link(site, token, now)
    except LinkDead:
        await limits.count(site, "guest", address(request), now, most=_WRONG_LINKS)
        raise


@get("/guest/{token:str}", guards=[_MAILED])
async def guest_page(request: Req, token: FromPath[str]) -> Response[bytes]:
    """What a guest may read, until when, and what is kept about them."""
    site, guest = site_of(request), await _entered(request, token)
    await guests.look(site, guest, guest.shown, "list", clock.now())
    return render(
        request,
        "hiring/guest.html",
        guest=guest,
        title=guest.title(language(request)),
        base=f"/guest/{token}",
        policy=await employer.policy(site),
    )


@get("/guest/{token:str}/applications/{application:uuid}", guards=[_MAILED])
async def guest_application(request: Req, token: FromPath[str], application: FromPath[UUID]) -> Response[bytes]:
    """One application as the candidate sent it."""
    guest = await _entered(request, token)
    shown, sent, documents = await guests.read(site_of(request), guest, application, clock.now())
    return render(
        request,
        "hiring/guest_application.html",
        guest=guest,
        title=guest.title(language(request)),
        base=f"/guest/{token}",
        shown=shown,
        sent=sent,
        papers=documents,
        paper_kinds=story.PAPERS,
        other_paper=story.OTHER_PAPER,
    )


@get("/guest/{token:str}/documents/{document:uuid}/page/{name:str}", guards=[_MAILED])
async def guest_document(
    request: Req, token: FromPath[str], document: FromPath[UUID], name: FromPath[str]
) -> Response[bytes]:
    """One drawn page of a document; never the original."""
    guest = await _entered(request, token)
    image, media_type = await guests.sheet(site_of(request), guest, document, sheet_number(name), clock.now())
    return Response(image, media_type=media_type, headers=_PRIVATE)


ROUTES: list[object] = [
    guest_list,
    guest_one,
    guest_invite,
    guest_withdraw,
    guest_page,
    guest_application,
    guest_document,
]
