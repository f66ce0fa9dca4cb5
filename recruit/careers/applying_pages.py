"""Applying: the application form, and what was received.

Guards that the form's body is never handed to the framework's parser, which would spool files in clear: it is read as
it streams. No address carries anything about a person; the browser holds the form's secret in a cookie of its own.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from recruit import clock, employer
from recruit.accounts import limits
from recruit.accounts.guards import public
from recruit.careers import admitting, positions, rules, service, uploads
from recruit.careers.pages import counted
from recruit.careers.positions import Position
from recruit.careers.rules import Answers, Listed
from recruit.careers.service import NotTakingApplications, Round
from recruit.careers.uploads import Form
from recruit.i18n import Translate
from recruit.notice import service as notices
from recruit.retention import consent, facts
from recruit.typed import tidy
from recruit.web import Req, address, language, redirect, render, site_of, words

_COOKIE = "form"
_COOKIE_LIFE = 2 * 60 * 60
_ROUNDS = 30
_DOOR = admitting.Door()
_KINDS = {"cv": "CV", "certificate": "Document", "letter": "Letter"}
_ACCEPT = ".pdf,.docx,.odt,.png,.jpg,.jpeg"


@get("/positions/{vacancy:uuid}/apply", guards=[public("anybody may apply")])
async def form(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    found = await positions.position(site_of(request), vacancy, language(request), clock.today())
    if not found.open:
        return _closed(request, found)
    token = request.cookies.get(_COOKIE, "")
    draft = await service.draft(site_of(request), vacancy, token)
    if draft is None:
        page = await _form(request, found, service.new_token(), Answers(), (), {})
        return counted(request, page, "form", vacancy, clock.today())
    return await _form(request, found, token, draft.answers, draft.documents, {}, restored=draft.touched_at)


@post(
    "/positions/{vacancy:uuid}/apply",
    guards=[public("anybody may apply")],
    request_max_body_size=uploads.MAX_FORM_BYTES,
)
async def apply(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    site, now, lang = site_of(request), clock.now(), language(request)
    await limits.count(site, "apply", address(request), now, most=_ROUNDS)
    found = await positions.position(site, vacancy, lang, clock.day(now))
    if not found.open:
        return _closed(request, found)
    with _DOOR.admit(address(request), site.settings.data):
        turn = await service.begin(site, vacancy, request.cookies.get(_COOKIE, ""), now)
        too_much = await _read(request, turn)
    answers = rules.answers_of({name: tidy(text) for name, text in turn.form.fields.items()})
    if too_much:
        kept = await service.draft(site, vacancy, turn.token)
        documents = kept.documents if kept else ()
        return await _form(request, found, turn.token, answers, documents, {"documents": _TOO_MUCH}, status=413)
    try:
        taken = await service.take(turn, answers, lang)
    except NotTakingApplications:
        return _closed(request, await positions.position(site, vacancy, lang, clock.day(now)))
    if taken.application:
        answer = _remember(request, redirect(f"/positions/{vacancy}/applied"), vacancy, turn.token)
        return counted(request, answer, "sent", vacancy, clock.day(now)) if taken.fresh else answer
    errors = taken.errors | _refusals(turn.form, words(request))
    page = await _form(request, found, turn.token, answers, taken.documents, errors, status=422)
    return _remember(request, page, vacancy, turn.token) if taken.documents else page


@post("/positions/{vacancy:uuid}/forget", guards=[public("whoever holds the form's secret may throw the draft away")])
async def forget(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    await service.forget(site_of(request), vacancy, request.cookies.get(_COOKIE, ""), clock.now())
    answer = redirect(f"/positions/{vacancy}/apply", flash="The unfinished application is removed.")
    answer.delete_cookie(_COOKIE, path=f"/positions/{vacancy}")
    return answer


@get("/positions/{vacancy:uuid}/applied", guards=[public("shows only what the form's own secret opens")])
async def applied(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    site, lang, now = site_of(request), language(request), clock.now()
    found = await positions.position(site, vacancy, lang, clock.day(now))
    sent = await service.sent(site, vacancy, request.cookies.get(_COOKIE, ""))
    shown = await facts.clocks(site, [sent.id], now, words(request), "candidate") if sent else {}
    page = render(
        request,
        "careers/applied.html",
        here="careers",
        position=found,
        sent=sent,
        documents=[(words(request)(_KINDS[file.kind]), file.name) for file in sent.documents] if sent else [],
        clock=shown.get(sent.id) if sent else None,
        policy=await employer.policy(site),
    )
    page.headers["cache-control"] = "no-store"
    return page


_TOO_MUCH = "The files are far larger than we can receive, so nothing was stored. Choose smaller files."


async def _read(request: Req, turn: Round) -> bool:
    """Read the form; True if it is beyond all limits. Whatever fails, nothing of this round stays in the store."""
    try:
        await uploads.read(
            admitting.moving(request.stream()), request.headers.get("content-type", ""), turn.form, turn.shelf
        )
    except HTTPException as error:
        await service.discard(turn)
        if error.status_code != 413:
            raise
        return True
    except BaseException:
        await service.discard(turn)
        raise
    return False


async def _form(
    request: Req,
    found: Position,
    token: str,
    answers: Answers,
    documents: tuple[Listed, ...],
    errors: dict[str, str],
    status: int = 200,
    restored: Any = None,
) -> Response[bytes]:
    site = site_of(request)
    page = render(
        request,
        "careers/apply.html",
        status=status,
        here="careers",
        position=found,
        token=token,
        answers=answers,
        documents=[
            {"id": file.id, "name": file.name, "kind": file.kind, "note": _size(file.size)} for file in documents
        ],
        errors=errors,
        restored=restored,
        accept=_ACCEPT,
        policy=await employer.policy(site),
        notice=await notices.number_in_force(site, clock.now()),
        question=(await consent.wording(site, language(request))).text,
    )
    page.headers["cache-control"] = "no-store"
    return page


def _closed(request: Req, found: Position) -> Response[bytes]:
    return render(request, "careers/closed.html", status=410, here="careers", position=found)


def _remember(request: Req, answer: Response[Any], vacancy: UUID, token: str) -> Response[Any]:
    """The browser keeps the form's secret for two hours, for the pages of this vacancy only."""
    answer.set_cookie(
        Cookie(
            key=_COOKIE,
            value=token,
            path=f"/positions/{vacancy}",
            max_age=_COOKIE_LIFE,
            httponly=True,
            samesite="lax",
            secure=site_of(request).settings.secure,
        )
    )
    return answer


def _refusals(arrived: Form, tr: Translate) -> dict[str, str]:
    """Beside each file field, which file was turned away and why, in the reader's language."""
    texts: dict[str, list[str]] = {}
    for file in arrived.refused:
        reason = tr(file.why.text)
        texts.setdefault(file.field, []).append(f"{file.name}: {reason}" if file.name else reason)
    return {name: " ".join(reasons) for name, reasons in texts.items()}


def _size(size: int) -> str:
    """A file's size as people read it: `340 kB`, `2 MB`."""
    return f"{max(1, round(size / 1000))} kB" if size < 1_000_000 else f"{round(size / 1_000_000)} MB"


ROUTES = [form, apply, forget, applied]
