"""The desk's pages of legal holds: the list, and one hold with its reason, its history and what can be decided (L14).

Guards that the list names nobody, that the look is written before a hold's reason is shown, and that a document which
has outlived its application leaves only as a download that is written down first (L29).
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from recruit import audit, clock, jobs, typed
from recruit.accounts import staff as accounts
from recruit.accounts.guards import DPO, staff
from recruit.documents.kinds import as_download
from recruit.errors import FormInvalid, NotFound
from recruit.i18n import format_instant
from recruit.locking import Busy
from recruit.retention import holds, overview, recipients
from recruit.retention.holds import Hold
from recruit.site import Site
from recruit.web import Req, answers, language, page_number, redirect, render, site_of, user_of
from recruit.web import words as translator_of

HISTORY = {
    "hold.placed": "Placed",
    "hold.reviewed": "Review moved from {was} to {review_on}",
    "hold.release_asked": "Release asked for",
    "hold.release_declined": "Release declined",
    "hold.released": "Released",
}
"""What the audit knows of a hold (message ids)."""


@get("/desk/holds", guards=[staff(DPO)])
async def hold_list(request: Req) -> Response[Any]:
    site = site_of(request)
    standing = await overview.holds(site, clock.today())
    released = await overview.released_holds(site, page_number(request))
    return render(request, "retention/holds.html", here="desk", holds=standing, released=released)


@get("/desk/holds/{number:uuid}", guards=[staff(DPO)])
async def hold_page(request: Req, number: FromPath[UUID]) -> Response[Any]:
    return await _page(request, number)


async def _page(
    request: Req, number: UUID, errors: dict[str, str] | None = None, form: dict[str, str] | None = None
) -> Response[Any]:
    site, now, me = site_of(request), clock.now(), user_of(request)
    hold = await overview.hold_case(site, number, me.id, now)
    return render(
        request,
        "retention/hold.html",
        422 if errors else 200,
        here="desk",
        hold=hold,
        file=await holds.file_of(site, hold),
        clock=await _clock(request, hold),
        past_review=hold.released_on is None and clock.day(now) > hold.review_on,
        step=(await holds.steps(site, [hold], me.id)).get(hold.id),
        history=await _history(request, hold),
        form=form or {},
        errors=errors or {},
    )


async def _clock(request: Req, hold: Hold) -> object:
    """The clock of its application; None once that has gone."""
    if hold.application is None:
        return None
    return await overview.clock_of(site_of(request), hold.application, clock.now(), translator_of(request))


async def _history(request: Req, hold: Hold) -> list[tuple[str, str, str]]:
    """When, what, and who, the latest first."""
    site, tr, lang = site_of(request), translator_of(request), language(request)
    names = {str(account.id): account.secrets.name for account in await accounts.listed(site)}
    told = []
    for entry in reversed(await holds.history(site, hold.id)):
        days = {name: date.fromisoformat(entry.body[name]) for name in ("was", "review_on") if name in entry.body}
        who = names.get(str(entry.body["by"]), tr("A former colleague"))
        told.append((format_instant(datetime.fromisoformat(entry.at), lang), tr(HISTORY[entry.kind], **days), who))
    return told


@post("/desk/holds/{number:uuid}/review", guards=[staff(DPO)])
async def review_hold(request: Req, number: FromPath[UUID]) -> Response[Any]:
    form = await answers(request)
    try:
        review_on = typed.day(form.get("review_on", ""))
        await holds.review(site_of(request), number, review_on, user_of(request).id, clock.now())
    except FormInvalid as wrong:
        return await _page(request, number, wrong.errors, form)
    return redirect(f"/desk/holds/{number}", "Saved. The hold stands, and is looked at again on that day.")


@post("/desk/holds/{number:uuid}/release", guards=[staff(DPO)])
async def release_hold(request: Req, number: FromPath[UUID]) -> Response[Any]:
    """A document that has outlived its application goes at once; an application is announced the same day."""
    site, now = site_of(request), clock.now()
    hold = await overview.hold_case(site, number, user_of(request).id, now)
    if not await holds.release(site, number, user_of(request).id, now):
        return redirect(
            f"/desk/holds/{number}", "Somebody else is asked to confirm the release. Until then the hold stands."
        )
    if hold.application is None and await _purged(site, hold):
        return redirect("/desk/holds", "The hold is released, and the document is erased.")
    return redirect("/desk/holds", "The hold is released. What is due without it goes with the next purge.")


async def _purged(site: Site, hold: Hold) -> bool:
    """Run the purge that erases the document now; False if one is under way, or something makes it wait (L17)."""
    try:
        await jobs.run_job(site, "purge", clock.now())
    except Busy:
        return False
    return not await site.keyring.keys([hold.unit])


@post("/desk/holds/{number:uuid}/decline", guards=[staff(DPO)])
async def decline_release(request: Req, number: FromPath[UUID]) -> Response[Any]:
    await holds.decline(site_of(request), number, user_of(request).id, clock.now())
    return redirect(f"/desk/holds/{number}", "The legal hold goes on.")


@get("/desk/holds/{number:uuid}/document", guards=[staff(DPO)])
async def held_document(request: Req, number: FromPath[UUID]) -> Stream:
    """The held file as the candidate gave it, only ever as a download."""
    site, now, me = site_of(request), clock.now(), user_of(request)
    hold = await overview.hold_case(site, number, me.id, now)
    file = await holds.file_of(site, hold)
    if file is None or hold.document is None:
        raise NotFound()
    async with site.records.transaction():
        await recipients.disclosed(site, [hold.unit], "staff_download", "download", now, account=me.id)
        await audit.record("document.downloaded", now, me.id, document=hold.document, hold=number)
    headers = {
        "content-disposition": as_download(file.name, file.media_type),
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
    key = await site.keyring.key(hold.unit)
    return Stream(site.documents.read(key, hold.document), media_type=file.media_type, headers=headers)


ROUTES: list[object] = [
    hold_list,
    hold_page,
    review_hold,
    release_hold,
    decline_release,
    held_document,
]
