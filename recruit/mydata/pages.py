"""The candidate's own page: what is kept, why and until when, consent, copies, looks and receipts.

Guards that a candidate reaches only what is theirs, and that a GET changes nothing.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from recruit import clock
from recruit.accounts import limits
from recruit.accounts.guards import candidate
from recruit.errors import NotFound
from recruit.mydata import following, overview
from recruit.retention import consent
from recruit.rights import export, words
from recruit.rights.views import disclosures_of
from recruit.site import Site
from recruit.web import Req, answers, language, page_number, redirect, render, site_of, user_of
from recruit.web import words as translator_of


@get("/my", guards=[candidate()])
async def my_data(request: Req) -> Response[Any]:
    mine = await overview.mine(site_of(request), user_of(request).id, clock.now(), translator_of(request))
    return render(
        request,
        "mydata/my.html",
        here="my",
        mine=mine,
        states=words.STATES,
        request_kinds=words.REQUESTS,
    )


# --- consent --------------------------------------------------------------------------------------------------------


@get("/my/consent", guards=[candidate()])
async def consent_page(request: Req) -> Response[Any]:
    site, me, tr = site_of(request), user_of(request), translator_of(request)
    return render(
        request,
        "mydata/consent.html",
        here="my",
        wording=(await consent.wording(site, tr.lang)).text,
        consented_at=await consent.standing(site, me.id),
        acts=list(reversed(await consent.history(site, me.id))),
        channels=words.CHANNELS,
    )


@post("/my/consent", guards=[candidate()])
async def answer_consent(request: Req) -> Response[Any]:
    site, me, now = site_of(request), user_of(request), clock.now()
    form = await answers(request)
    back = "/my/consent" if form.get("back") == "history" else "/my#consent"
    if form.get("answer") == "give":
        await consent.give(site, me.id, "my_data", language(request), now)
        return redirect(back, "You have given consent. You can withdraw it at any time.")
    if form.get("answer") == "withdraw":
        await consent.withdraw(site, me.id, "my_data", language(request), now)
        return redirect(back, "You have not consented. What only consent kept is erased now.")
    raise NotFound()


# --- copies ---------------------------------------------------------------------------------------------------------


@post("/my/copy", guards=[candidate()])
async def my_copy(request: Req) -> Response[Any]:
    """A copy to download: `format` is zip, pdf, or resume (art. 20)."""
    site, me, now, tr = site_of(request), user_of(request), clock.now(), translator_of(request)
    wanted = (await answers(request)).get("format", "zip")
    if wanted not in export.COPIES:
        raise NotFound()
    await limits.count(site, "copy", str(me.id), now, most=_COPIES_AT_ONCE)
    await export.record_copy(site, me.id, now)
    name, media_type = export.COPIES[wanted]
    called = name.format(day=clock.day(now).isoformat())
    headers = _private({"content-disposition": f'attachment; filename="{called}"'})
    if wanted == "zip":
        pieces = export.archive(site, me.id, now, tr)
        return Stream(pieces, status_code=200, media_type=media_type, headers=headers)
    make = export.paper_of if wanted == "pdf" else export.resume_of
    return Response(await make(site, me.id, now, tr), status_code=200, media_type=media_type, headers=headers)


_COPIES_AT_ONCE = 20


def _private(headers: dict[str, str]) -> dict[str, str]:
    return {**headers, "cache-control": "no-store"}


# --- who has looked, and where copies went --------------------------------------------------------------------------


@get("/my/looks", guards=[candidate()])
async def looks_page(request: Req) -> Response[Any]:
    site, me, now, tr = site_of(request), user_of(request), clock.now(), translator_of(request)
    units = await _units(site, me.id)
    return render(
        request,
        "mydata/looks.html",
        here="my",
        looks=await following.looks(site, units, page_number(request), tr),
        recipients=await disclosures_of(site, units, tr),
        sources=await following.sources(site, me.id, now, tr),
    )


async def _units(site: Site, me: UUID) -> list[UUID]:
    rows = await site.records.run_sql("SELECT id FROM application WHERE candidate = ?", me)
    return [me, *(row["id"] for row in rows)]


# --- receipts -------------------------------------------------------------------------------------------------------


@get("/my/receipts", guards=[candidate()])
async def receipts_page(request: Req) -> Response[Any]:
    rows = await following.erasures(site_of(request), user_of(request).id, translator_of(request))
    return render(request, "mydata/receipts.html", here="my", erasures=rows)


@get("/my/receipts/{purge:uuid}", guards=[candidate()])
async def receipt_file(request: Req, purge: FromPath[UUID]) -> Response[Any]:
    pdf = await following.receipt(site_of(request), user_of(request).id, purge)
    headers = _private({"content-disposition": f'attachment; filename="receipt-{purge}.pdf"'})
    return Response(pdf, media_type="application/pdf", headers=headers)


ROUTES: list[object] = [
    my_data,
    consent_page,
    answer_consent,
    my_copy,
    looks_page,
    receipts_page,
    receipt_file,
]
