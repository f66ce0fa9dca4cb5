"""Documents of an application, and the legal holds that are placed on it.

Guards that a document's page is shown only after `access.opened` said so, and that a hold has a reason, a basis and a
review date (L14).
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from recruit import clock, typed
from recruit.accounts.guards import DPO, RECRUITER, staff
from recruit.errors import FormInvalid, NotFound
from recruit.hiring import access, papers, wanted
from recruit.hiring.access import Opened
from recruit.hiring.application_pages import REVIEWERS, act
from recruit.retention import holds
from recruit.retention.holds import Because
from recruit.web import Req, site_of, user_of

_LEAFING = timedelta(minutes=15)


@post("/applications/{application:uuid}/holds", guards=[staff(RECRUITER, DPO)])
async def hold_place(request: Req, application: FromPath[UUID]) -> Response[Any]:
    """A legal hold on the application or one of its documents: with reason, basis and review date, or not at all."""

    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        site, document = site_of(request), wanted.id_of(form.get("document", ""))
        review_on, reason, basis = typed.day(form.get("review_on", "")), form.get("reason", ""), form.get("basis", "")
        if not form.get("document"):
            await holds.place(site, opened.id, opened.me.id, reason, basis, review_on, now)
        elif document is None or await papers.owner(site, document) != opened.id:
            raise NotFound()
        else:
            await holds.place_on_document(site, document, opened.me.id, Because(reason, basis, review_on), now)

    return await act(request, application, "hold", do, "The legal hold stands.", "#holds")


@post("/holds/{hold:uuid}/release", guards=[staff(RECRUITER, DPO)])
async def hold_release(request: Req, hold: FromPath[UUID]) -> Response[Any]:
    """Released; or, where two have to agree, asked for or confirmed."""
    site = site_of(request)

    async def do(opened: Opened, form: dict[str, str], now: datetime) -> str | None:
        released = await holds.release(site, hold, opened.me.id, now)
        return None if released else "Somebody else is asked to confirm the release. Until then the hold stands."

    owner = await access.owner_of(site, "legal_hold", hold)
    return await act(request, owner, "hold", do, "The legal hold is released.", "#holds")


@post("/holds/{hold:uuid}/decline", guards=[staff(RECRUITER, DPO)])
async def hold_decline(request: Req, hold: FromPath[UUID]) -> Response[Any]:
    site = site_of(request)

    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        await holds.decline(site, hold, opened.me.id, now)

    owner = await access.owner_of(site, "legal_hold", hold)
    return await act(request, owner, "hold", do, "The legal hold goes on.", "#holds")


@post("/holds/{hold:uuid}/review", guards=[staff(RECRUITER, DPO)])
async def hold_review(request: Req, hold: FromPath[UUID]) -> Response[Any]:
    """It is still needed: looked at again on another day."""
    site, field = site_of(request), f"review-{hold}"

    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        try:
            await holds.review(site, hold, typed.day(form.get(field, "")), opened.me.id, now)
        except FormInvalid as wrong:
            raise FormInvalid({field: wrong.errors["review_on"]}) from None

    owner = await access.owner_of(site, "legal_hold", hold)
    return await act(
        request, owner, "hold", do, "Saved. The hold stands, and is looked at again on that day.", "#holds"
    )


@get("/documents/{document:uuid}/page/{name:str}", guards=[staff(*REVIEWERS)])
async def document_page(request: Req, document: FromPath[UUID], name: FromPath[str]) -> Response[bytes]:
    """One drawn page, `<number>.png`; leafing through a document is one look."""
    site, now = site_of(request), clock.now()
    opened = await access.opened(
        site, user_of(request), await papers.owner(site, document), "document", now, pause=_LEAFING
    )
    image, media_type = await papers.page(site, opened.key, document, sheet_number(name))
    return Response(image, media_type=media_type, headers={"cache-control": "no-store"})


def sheet_number(name: str) -> int:
    """Of `3.png` the 3; 0 for what names no page."""
    number = name.removesuffix(".png")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0


@get("/documents/{document:uuid}/original", guards=[staff(*REVIEWERS)])
async def document_original(request: Req, document: FromPath[UUID]) -> Stream:
    """The file as the candidate gave it, only ever as a download."""
    site, now = site_of(request), clock.now()
    opened = await access.opened(site, user_of(request), await papers.owner(site, document), "download", now)
    found = await papers.original(site, opened, document, now)
    return Stream(found.body, media_type=found.media_type, headers=found.headers)


ROUTES: list[object] = [hold_place, hold_review, hold_release, hold_decline, document_page, document_original]
