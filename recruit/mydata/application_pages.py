"""One application as its candidate follows it: progress, clock, documents, and the way out of it.

Guards that a candidate reaches only what is theirs, that a GET changes nothing, and that the body of the form for
documents is never handed to the framework's parser, which would spool files in clear.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response import Stream

from recruit import clock
from recruit.accounts import limits
from recruit.accounts.guards import candidate
from recruit.careers import admitting, hints, uploads
from recruit.documents.kinds import as_download
from recruit.errors import FormInvalid, NotFound
from recruit.hiring import interviews, tripwire
from recruit.i18n import either
from recruit.mydata import documents, following, service
from recruit.mydata.documents import Round
from recruit.mydata.following import Followed
from recruit.rights import words
from recruit.rights.views import own_document
from recruit.web import Req, address, answers, redirect, render, site_of, user_of
from recruit.web import words as translator_of

_DOOR = admitting.Door()
_ROUNDS = 30
_ACCEPT = ".pdf,.docx,.odt,.png,.jpg,.jpeg"


@get("/my/applications/{application:uuid}", guards=[candidate()])
async def application_page(request: Req, application: FromPath[UUID]) -> Response[Any]:
    found = await _own(request, application)
    return render(
        request,
        "mydata/application.html",
        here="my",
        view=found.view,
        progress=found.progress,
        interviews=await following.interviews(site_of(request), application, clock.now(), translator_of(request)),
        offers=await following.offers(site_of(request), application, translator_of(request)),
        kinds=words.KINDS,
        other_kind=words.OTHER_KIND,
    )


async def _own(request: Req, application: UUID) -> Followed:
    me, tr = user_of(request), translator_of(request)
    return await following.application(site_of(request), me.id, application, clock.now(), tr)


@get("/my/documents/{document:uuid}", guards=[candidate()])
async def my_document(request: Req, document: FromPath[UUID]) -> Response[Any]:
    site = site_of(request)
    found, key = await own_document(site, user_of(request).id, document)
    headers = {"content-disposition": as_download(found.name, found.media_type), "cache-control": "no-store"}
    return Stream(site.documents.read(key, document), media_type="application/octet-stream", headers=headers)


@get("/my/offers/{number:uuid}", guards=[candidate()])
async def my_offer(request: Req, number: FromPath[UUID]) -> Response[Any]:
    """The letter of an offer, as it was sent."""
    tr = translator_of(request)
    letter = await following.offer_letter(site_of(request), user_of(request).id, number, tr)
    name = "tilbud.pdf" if tr.lang == "nb" else "offer.pdf"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(letter, media_type="application/pdf", headers=headers)


# --- documents ------------------------------------------------------------------------------------------------------


@get("/my/applications/{application:uuid}/documents", guards=[candidate()])
async def documents_form(request: Req, application: FromPath[UUID]) -> Response[Any]:
    await documents.begin(site_of(request), user_of(request).id, application, clock.now())
    return await _form(request, application, {}, hinted=await _hints(request, application))


@post(
    "/my/applications/{application:uuid}/documents",
    guards=[candidate()],
    request_max_body_size=uploads.MAX_FORM_BYTES,
)
async def change_documents(request: Req, application: FromPath[UUID]) -> Response[Any]:
    site, me, now = site_of(request), user_of(request), clock.now()
    await limits.count(site, "documents", str(me.id), now, most=_ROUNDS)
    turn = await documents.begin(site, me.id, application, now)
    with _DOOR.admit(address(request), site.settings.data):
        if not await _read(request, turn):
            return await _form(request, application, {"documents": uploads.TOO_MUCH}, 413)
        changed = await documents.take(turn)
    if changed.errors:
        return await _form(
            request, application, changed.errors | turn.form.refusals(translator_of(request)), turn.form.status
        )
    if changed.added and await _hints(request, application):
        return redirect(f"/my/applications/{application}/documents", "Your documents are changed.")
    if changed.added or changed.removed:
        return redirect(f"/my/applications/{application}#documents", "Your documents are changed.")
    return await _form(request, application, {"documents": "Choose a file, or tick one to remove."}, 422)


async def _read(request: Req, turn: Round) -> bool:
    """Read the form; False if it is beyond all limits. Whatever fails, nothing of this round stays in the store."""
    stream, kind = admitting.moving(request.stream()), request.headers.get("content-type", "")
    try:
        await uploads.read(stream, kind, turn.form, turn.shelf)
    except HTTPException as error:
        await documents.discard(turn)
        if error.status_code != 413:
            raise
        return False
    except BaseException:
        await documents.discard(turn)
        raise
    return True


async def _hints(request: Req, application: UUID) -> list[tuple[str, list[str]]]:
    """What the candidate may not have meant to send, by file and in words; seen anew each time, and kept nowhere."""
    site, tr = site_of(request), translator_of(request)
    files = await documents.listed(site, await site.keyring.key(application))
    seen = await hints.in_files(site, application, files, str(user_of(request).id), clock.now())
    return [(hint.file, [tr(tripwire.KINDS[kind]) for kind in hint.kinds]) for hint in seen]


async def _form(
    request: Req,
    application: UUID,
    errors: dict[str, str],
    status: int = 200,
    hinted: Sequence[tuple[str, list[str]]] = (),
) -> Response[Any]:
    found, tr = await _own(request, application), translator_of(request)
    files = [
        {"id": each.id, "name": each.name, "kind": each.kind, "note": tr("{n} kB", n=max(1, round(each.size / 1024)))}
        for each in found.view.documents
    ]
    return render(
        request,
        "mydata/documents.html",
        status,
        here="my",
        view=found.view,
        files=files,
        errors=errors,
        accept=_ACCEPT,
        hints=hinted,
    )


# --- interviews -----------------------------------------------------------------------------------------------------


@get("/my/interviews/{interview:uuid}", guards=[candidate()])
async def interview_page(request: Req, interview: FromPath[UUID]) -> Response[Any]:
    return await _interview(request, interview, "", {})


@post("/my/interviews/{interview:uuid}", guards=[candidate()])
async def answer_interview(request: Req, interview: FromPath[UUID]) -> Response[Any]:
    """A time is chosen, or none of them suits, as by the link of the invitation."""
    site, now, form = site_of(request), clock.now(), await answers(request)
    key, found, _ = await following.own_interview(site, user_of(request).id, interview)
    said = form.get("words", "")
    try:
        told = await interviews.answer(site, key, found, form.get("time", ""), said, now)
    except FormInvalid as error:
        return await _interview(request, interview, said, error.errors, error.status)
    return redirect(f"/my/interviews/{interview}", told)


async def _interview(
    request: Req, interview: UUID, said: str, errors: dict[str, str], status: int = 200
) -> Response[Any]:
    site, now = site_of(request), clock.now()
    _, found, row = await following.own_interview(site, user_of(request).id, interview)
    return render(
        request,
        "mydata/interview.html",
        status,
        here="my",
        interview=found,
        title=either(row, "title", translator_of(request).lang),
        times=[at for at in found.times if at > now],
        action=f"/my/interviews/{interview}",
        said=said,
        errors=errors,
    )


# --- the way out ----------------------------------------------------------------------------------------------------


@get("/my/applications/{application:uuid}/withdraw", guards=[candidate()])
async def withdraw_form(request: Req, application: FromPath[UUID]) -> Response[Any]:
    return render(request, "mydata/withdraw.html", here="my", application=(await _running(request, application)).view)


@post("/my/applications/{application:uuid}/withdraw", guards=[candidate()])
async def withdraw(request: Req, application: FromPath[UUID]) -> Response[Any]:
    await _running(request, application)
    await service.withdraw_application(site_of(request), user_of(request).id, application, clock.now())
    return redirect("/my", "Your application is withdrawn.")


async def _running(request: Req, application: UUID) -> Followed:
    """An application of this candidate whose process still runs; NotFound for any other."""
    found = await _own(request, application)
    if not found.view.running:
        raise NotFound()
    return found


ROUTES: list[object] = [
    application_page,
    my_document,
    my_offer,
    documents_form,
    change_documents,
    interview_page,
    answer_interview,
    withdraw_form,
    withdraw,
]
