"""Documents of an application, and the legal holds that are placed on it.

Guards that a document's page is shown only after `access.opened` said so, and that a hold has a reason, a basis and a
review date (L14).
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from recruit import clock, typed
from recruit.accounts.guards import DPO, RECRUITER, staff
from recruit.hiring import access, papers, rules
from recruit.hiring.access import Opened
from recruit.hiring.application_pages import REVIEWERS, act
from recruit.retention import holds
from recruit.web import Req, site_of, user_of

_LEAFING = timedelta(minutes=15)


@post("/applications/{application:uuid}/holds", guards=[staff(RECRUITER, DPO)])
async def hold_place(request: Req, application: FromPath[UUID]) -> Response[Any]:
    """A legal hold on the application: with reason, basis and review date, or not at all (L14)."""

    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        review_on = typed.day(form.get("review_on", "")) or date.min
        reason, basis = form.get("reason", ""), form.get("basis", "")
        await holds.place(site_of(request), opened.id, opened.me.id, reason, basis, review_on, now)

    return await act(request, application, "hold", do, "The legal hold stands.", "#holds")


@post("/holds/{hold:uuid}/release", guards=[staff(RECRUITER, DPO)])
async def hold_release(request: Req, hold: FromPath[UUID]) -> Response[Any]:
    site = site_of(request)

    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        if not opened.me.has(DPO) and await holds.placed_by(site, hold) != opened.me.id:
            raise rules.HoldOfAnother()
        await holds.release(site, hold, opened.me.id, now)

    owner = await access.owner_of(site, "legal_hold", hold)
    return await act(request, owner, "hold", do, "The legal hold is released.", "#holds")


@get("/documents/{document:uuid}/page/{name:str}", guards=[staff(*REVIEWERS)])
async def document_page(request: Req, document: FromPath[UUID], name: FromPath[str]) -> Response[bytes]:
    """One drawn page, `<number>.png`; leafing through a document is one look."""
    site, now = site_of(request), clock.now()
    opened = await access.opened(
        site, user_of(request), await papers.owner(site, document), "document", now, pause=_LEAFING
    )
    image, media_type = await papers.page(site, opened, document, _sheet_number(name))
    return Response(image, media_type=media_type, headers={"cache-control": "no-store"})


def _sheet_number(name: str) -> int:
    number = name.removesuffix(".png")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0


@get("/documents/{document:uuid}/original", guards=[staff(*REVIEWERS)])
async def document_original(request: Req, document: FromPath[UUID]) -> Stream:
    """The file as the candidate gave it, only ever as a download."""
    site, now = site_of(request), clock.now()
    opened = await access.opened(site, user_of(request), await papers.owner(site, document), "download", now)
    found = await papers.original(site, opened, document, now)
    return Stream(found.body, media_type=found.media_type, headers=found.headers)


ROUTES: list[object] = [hold_place, hold_release, document_page, document_original]
