"""Consent by a mail's link, and the desk's pages of purge, receipts and logs.

Guards that withdrawing consent is one press without signing in (L6), that a GET changes nothing, and that these lists
name nobody: an id leads to a person only through a case.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import audit, clock, jobs
from recruit.accounts import staff as accounts
from recruit.accounts.guards import DPO, public, staff
from recruit.accounts.lasting import DataGone, person_behind
from recruit.errors import NotFound
from recruit.i18n import Translate
from recruit.locking import Busy
from recruit.retention import approving, chains, consent, overview, purge, remembered, words
from recruit.site import Site
from recruit.web import Req, answers, language, page_number, redirect, render, site_of, user_of
from recruit.web import words as translator_of

_ONE_CLICK = "List-Unsubscribe"


# --- consent by the link in every mail ------------------------------------------------------------------------------


@get("/consent/{token:str}", guards=[public("withdrawing takes no more steps than giving: no sign-in (L6)")])
async def consent_form(request: Req, token: FromPath[str]) -> Response[Any]:
    site = site_of(request)
    try:
        person = await person_behind(site, token, "consent", clock.now())
    except DataGone:
        return render(request, "accounts/data_gone.html", 410)
    return await _consent_page(request, token, person)


async def _consent_page(request: Req, token: str, person: UUID) -> Response[bytes]:
    site = site_of(request)
    asked = await consent.wording(site, language(request))
    since = await consent.standing(site, person)
    return render(request, "retention/consent.html", wording=asked.text, since=since, action=f"/consent/{token}")


@post("/consent/{token:str}", guards=[public("acts at once on the link that was mailed (L6); no cookie is needed")])
async def answer_consent(request: Req, token: FromPath[str]) -> Response[Any]:
    site, now, lang = site_of(request), clock.now(), language(request)
    try:
        person = await person_behind(site, token, "consent", now)
    except DataGone:
        return render(request, "accounts/data_gone.html", 410)
    form = await answers(request)
    if form.get("answer") == "give":
        await consent.give(site, person, "mail_link", lang, now)
        return redirect(f"/consent/{token}", "You have given consent. You can withdraw it at any time.")
    if form.get("answer") == "withdraw" or _ONE_CLICK in form:
        await consent.withdraw(site, person, "mail_link", lang, now)
        return redirect(f"/consent/{token}", "You have not consented. What only consent kept is erased now.")
    return await _consent_page(request, token, person)


# --- purge ----------------------------------------------------------------------------------------------------------


@get("/desk/purge", guards=[staff(DPO)])
async def purge_page(request: Req) -> Response[Any]:
    return await _purge_page(request)


async def _purge_page(request: Req, errors: dict[str, str] | None = None, status: int = 200) -> Response[Any]:
    site, tr = site_of(request), translator_of(request)
    preview = await purge.preview(site, clock.now())
    return render(
        request,
        "retention/purge.html",
        status,
        here="desk",
        preview=preview,
        approved_by=await _name_of(site, preview.approved.by) if preview.approved else "",
        errors=errors or {},
        groups=[
            ("due", [_shown(row, tr) for row in preview.due]),
            ("later", [_shown(row, tr) for row in preview.later]),
            ("blocked", [_shown(row, tr) for row in preview.blocked]),
        ],
    )


async def _name_of(site: Site, account: UUID) -> str:
    try:
        return (await accounts.load(site, account)).secrets.name
    except NotFound:
        return ""


@post("/desk/purge/approve", guards=[staff(DPO)])
async def approve_purge(request: Req) -> Response[Any]:
    """The list as it was read, by its hash; if it is another one by now, it is shown again."""
    site, now, form = site_of(request), clock.now(), await answers(request)
    seen = await purge.preview(site, now)
    try:
        await approving.approve(site, seen.lines, form.get("digest", ""), user_of(request).id, now)
    except approving.ListChanged as error:
        return await _purge_page(request, {"digest": error.text}, error.status)
    return redirect("/desk/purge", "Approved. A purge erases what stands on this list, and nothing else.")


_WHY = {
    "draft": "A draft that nobody has finished",
    "enquiry": "An enquiry is erased after its period",
    "incoming": "An e-mail that came in is erased",
    "referee": "The referee was taken off the application",
    "breach": "The note of a breach is no longer needed",
    "document": "The legal hold on the document was released, and the rest of its application is erased",
    "profile": "No application, request or consent needs the profile any more",
}


def _shown(row: purge.Row, tr: Translate) -> dict[str, Any]:
    why = words.sentence(row.because[0], tr, "staff") if row.because else tr(_WHY[row.kind])
    shown = {name: getattr(row, name) for name in ("unit", "kind", "rule", "due_on", "approved")}
    return {**shown, "why": why}


@post("/desk/purge", guards=[staff(DPO)])
async def run_purge(request: Req) -> Response[Any]:
    site, now = site_of(request), clock.now()
    async with site.records.transaction():
        await audit.record("purge.started", now, user_of(request).id)
    counts = await jobs.run_job(site, "purge", now)
    if counts is None:
        raise Busy()
    return render(request, "retention/purged.html", here="desk", counts=counts)


@post("/desk/purge/confirm", guards=[staff(DPO)])
async def confirm_purge(request: Req) -> Response[Any]:
    await remembered.confirm(site_of(request), user_of(request).id, clock.now())
    return redirect("/desk/purge", "Confirmed. The purge may go on for a day.")


# --- receipts and logs ----------------------------------------------------------------------------------------------


@get("/desk/receipts", guards=[staff(DPO)])
async def receipt_list(request: Req) -> Response[Any]:
    page = await overview.receipts(site_of(request), page_number(request))
    return render(request, "retention/receipts.html", here="receipts", page=page)


@get("/desk/receipts/{number:uuid}", guards=[staff(DPO)])
async def receipt_file(request: Req, number: FromPath[UUID]) -> Response[Any]:
    answer = Response(await overview.receipt(site_of(request), number), media_type="application/pdf")
    answer.headers["content-disposition"] = f'attachment; filename="receipt-{number}.pdf"'
    answer.headers["cache-control"] = "no-store"
    return answer


@get("/ledger", guards=[staff(DPO)])
async def ledger_page(request: Req) -> Response[Any]:
    chain = await chains.shown(site_of(request), "ledger", page_number(request))
    return render(request, "retention/ledger.html", here="ledger", chain=chain)


@post("/ledger/check", guards=[staff(DPO)])
async def check_ledger(request: Req) -> Response[Any]:
    await chains.check(site_of(request), "ledger", clock.now())
    return redirect("/ledger")


@get("/desk/audit", guards=[staff(DPO)])
async def audit_page(request: Req) -> Response[Any]:
    chain = await chains.shown(site_of(request), "audit", page_number(request))
    return render(request, "retention/audit.html", here="desk", chain=chain)


@post("/desk/audit/check", guards=[staff(DPO)])
async def check_audit(request: Req) -> Response[Any]:
    await chains.check(site_of(request), "audit", clock.now())
    return redirect("/desk/audit")


ROUTES: list[object] = [
    consent_form,
    answer_consent,
    purge_page,
    run_purge,
    approve_purge,
    confirm_purge,
    receipt_list,
    receipt_file,
    ledger_page,
    check_ledger,
    audit_page,
    check_audit,
]
