"""The candidate's own page: what is kept, why and until when, and what one can do about it.

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
from recruit.documents.kinds import as_download
from recruit.errors import NotFound
from recruit.mydata import overview, service
from recruit.retention import consent
from recruit.rights import export, words
from recruit.rights.views import ApplicationView, applications_of, own_document
from recruit.web import Req, answers, language, redirect, render, site_of, user_of
from recruit.web import words as translator_of


@get("/my", guards=[candidate()])
async def my_data(request: Req) -> Response[Any]:
    mine = await overview.mine(site_of(request), user_of(request).id, clock.now(), translator_of(request))
    return render(
        request,
        "mydata/my.html",
        here="my",
        mine=mine,
        kinds=words.KINDS,
        other_kind=words.OTHER_KIND,
        states=words.STATES,
        request_kinds=words.REQUESTS,
    )


@post("/my/consent", guards=[candidate()])
async def answer_consent(request: Req) -> Response[Any]:
    site, me, now = site_of(request), user_of(request), clock.now()
    answer = (await answers(request)).get("answer", "")
    if answer == "give":
        await consent.give(site, me.id, "my_data", language(request), now)
        return redirect("/my#consent", "You have given consent. You can withdraw it at any time.")
    if answer == "withdraw":
        await consent.withdraw(site, me.id, "my_data", language(request), now)
        return redirect("/my#consent", "You have not consented. What only consent kept is erased now.")
    raise NotFound()


@get("/my/documents/{document:uuid}", guards=[candidate()])
async def my_document(request: Req, document: FromPath[UUID]) -> Response[Any]:
    site = site_of(request)
    found, key = await own_document(site, user_of(request).id, document)
    headers = {"content-disposition": as_download(found.name, found.media_type)}
    return Stream(site.documents.read(key, document), media_type="application/octet-stream", headers=_private(headers))


def _private(headers: dict[str, str]) -> dict[str, str]:
    return {**headers, "cache-control": "no-store"}


@post("/my/copy", guards=[candidate()])
async def my_copy(request: Req) -> Response[Any]:
    """A copy to download: `format` is zip, pdf, or resume (art. 20)."""
    site, me, now, tr = site_of(request), user_of(request), clock.now(), translator_of(request)
    wanted = (await answers(request)).get("format", "zip")
    if wanted not in _COPIES:
        raise NotFound()
    await limits.count(site, "copy", str(me.id), now, most=_COPIES_AT_ONCE)
    await export.record_copy(site, me.id, now)
    name, media_type = _COPIES[wanted]
    called = name.format(day=clock.day(now).isoformat())
    headers = _private({"content-disposition": f'attachment; filename="{called}"'})
    if wanted == "zip":
        pieces = export.archive(site, me.id, now, tr)
        return Stream(pieces, status_code=200, media_type=media_type, headers=headers)
    make = export.paper_of if wanted == "pdf" else export.resume_of
    return Response(await make(site, me.id, now, tr), status_code=200, media_type=media_type, headers=headers)


_COPIES_AT_ONCE = 20
_COPIES = {
    "zip": ("my-data-{day}.zip", "application/zip"),
    "pdf": ("my-data-{day}.pdf", "application/pdf"),
    "resume": ("resume-{day}.json", "application/json"),
}
"""What can be downloaded: the file's name and its media type."""


@get("/my/applications/{application:uuid}/withdraw", guards=[candidate()])
async def withdraw_form(request: Req, application: FromPath[UUID]) -> Response[Any]:
    view = await _running(request, application)
    return render(request, "mydata/withdraw.html", here="my", application=view)


@post("/my/applications/{application:uuid}/withdraw", guards=[candidate()])
async def withdraw(request: Req, application: FromPath[UUID]) -> Response[Any]:
    await _running(request, application)
    await service.withdraw_application(site_of(request), user_of(request).id, application, clock.now())
    return redirect("/my", "Your application is withdrawn.")


async def _running(request: Req, application: UUID) -> ApplicationView:
    """An application of this candidate whose process still runs; NotFound for any other."""
    mine = await applications_of(site_of(request), user_of(request).id, clock.now(), translator_of(request))
    found = [view for view in mine if view.id == application and view.running]
    if not found:
        raise NotFound()
    return found[0]


ROUTES: list[object] = [
    my_data,
    answer_consent,
    my_document,
    my_copy,
    withdraw_form,
    withdraw,
]
