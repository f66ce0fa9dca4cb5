"""The offer to a finalist: written, looked at as the candidate will read it, sent, and taken along later.

Guards that nothing leaves before it was looked at, that what was typed is never lost, and that a page without the stage
for an offer says so and leads on (L9).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock
from recruit.accounts.guards import MANAGER, RECRUITER, staff
from recruit.errors import FormInvalid, ScreeningTooEarly
from recruit.hiring import access, notes, offers, rules, service, terms
from recruit.hiring.access import Opened
from recruit.hiring.application_pages import frame
from recruit.i18n import either
from recruit.tables import Screened
from recruit.web import Req, answers, redirect, render, site_of, user_of, words

_SENT = "The offer is on its way, and kept with the application."
_NO_ADDRESS = "The offer is kept with the application. There is no e-mail address: print the letter and hand it over."


@get("/applications/{application:uuid}/offer", guards=[staff(RECRUITER, MANAGER)])
async def offer_page(request: Req, application: FromPath[UUID]) -> Response[bytes]:
    site, now = site_of(request), clock.now()
    opened = await access.opened(site, user_of(request), application, "decide", now, "screening")
    lang, _ = await notes.addressed_in(site, opened)
    form = offers.begun(opened, await notes.screenings(site, opened), either(opened.vacancy, "title", lang))
    return await _page(request, opened, now, form, {})


async def _page(
    request: Req,
    opened: Opened,
    now: datetime,
    form: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
    problem: str = "",
) -> Response[bytes]:
    person, _ = await service.contents(site_of(request), opened)
    return render(
        request,
        "hiring/offer.html",
        status,
        here="vacancies",
        person=person,
        form=form,
        errors=errors,
        problem=problem,
        **await frame(request, opened, now),
    )


@post("/applications/{application:uuid}/offer", guards=[staff(RECRUITER, MANAGER)], status_code=200)
async def offer(request: Req, application: FromPath[UUID]) -> Response[Any]:
    """First the look at the letter, also as the PDF; with the mark of that look it is sent."""
    site, now, form = site_of(request), clock.now(), await answers(request)
    opened = await access.opened(site, user_of(request), application, "decide", now, "screening")
    if form.get("act") not in ("look", "pdf", "send"):
        return await _page(request, opened, now, form, {})
    try:
        rules.require_running(opened.row["outcome"])
        found = terms.offer(form, clock.day(now))
        if form["act"] != "send":
            return await _looked_at(request, opened, found, form, now)
        told = await offers.send(site, opened, found, form.get("mark", ""), now)
    except FormInvalid as error:
        return await _page(request, opened, now, form, error.errors, error.status)
    except (ScreeningTooEarly, rules.ProcessEnded, offers.OfferChanged) as error:
        return await _page(request, opened, now, form, {}, error.status, error.text)
    return redirect(f"/applications/{application}#screening", _SENT if told else _NO_ADDRESS)


async def _looked_at(
    request: Req, opened: Opened, found: Screened, form: dict[str, str], now: datetime
) -> Response[Any]:
    """The letter as the candidate will read it, or as the PDF that will be enclosed."""
    site = site_of(request)
    filled = await offers.values(site, opened, found, now)
    if form["act"] == "pdf":
        await offers.take_along(site, opened, now)
        return _pdf(await offers.drawn(filled), offers.NAMES[filled["lang"]])
    typed = {name: value for name, value in form.items() if name not in ("act", "mark")}
    return render(
        request,
        "hiring/offer_check.html",
        here="vacancies",
        person=filled["person"],
        letter=filled,
        fields=typed,
        mark=offers.mark(filled),
        **await frame(request, opened, now),
    )


def _pdf(data: bytes, name: str) -> Response[bytes]:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(data, media_type="application/pdf", headers=headers)


@get("/offers/{number:uuid}/letter.pdf", guards=[staff(RECRUITER, MANAGER)])
async def offer_letter(request: Req, number: FromPath[UUID]) -> Response[bytes]:
    """The letter of an offer, as it was sent."""
    site, now = site_of(request), clock.now()
    owner = await access.owner_of(site, "screening", number)
    opened = await access.opened(site, user_of(request), owner, "download", now, "screening")
    return _pdf(await offers.letter(site, opened, number, now), offers.NAMES[words(request).lang])


ROUTES: list[object] = [offer_page, offer, offer_letter]
