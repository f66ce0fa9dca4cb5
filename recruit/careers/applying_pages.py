"""Applying: the form, the look over it before it is sent, and the confirmation of what was received.

Guards that the form's body is never handed to the framework's parser, which would spool files in clear: it is read as
it streams. No address carries anything about a person; the browser holds the form's secret in a cookie of its own.
Whatever goes wrong, the form comes back with all that was typed.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from recruit import clock, employer
from recruit.accounts import limits
from recruit.accounts.guards import public
from recruit.careers import (
    admitting,
    cv_form,
    cv_formats,
    hints,
    positions,
    questions,
    resuming,
    reusing,
    rules,
    service,
    uploads,
)
from recruit.careers.admitting import DiskFull
from recruit.careers.form_pages import Shown, closed, form_page, hinted, remember, secret_of
from recruit.careers.pages import counted
from recruit.careers.positions import Position
from recruit.careers.rules import Answers, file_size
from recruit.careers.service import Act, NotTakingApplications, Round, Taken
from recruit.i18n import Translate
from recruit.notice import service as notices
from recruit.retention import facts
from recruit.typed import is_email, tidy
from recruit.web import Req, address, answers, language, redirect, render, site_of, words

_ROUNDS = 40
_DOOR = admitting.Door()
_ACTS: dict[str, Act] = {"review": "review", "save": "save", "import": "more", "": "send"}
_ANYBODY = public("anybody may apply")


@get("/positions/{vacancy:uuid}/apply", guards=[_ANYBODY])
async def form(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    site, lang = site_of(request), language(request)
    found = await positions.position(site, vacancy, lang, clock.today())
    if not found.open:
        return closed(request, found)
    token = secret_of(request)
    draft = await service.draft(site, vacancy, token)
    if draft is not None:
        shown = Shown(token, draft.answers, draft.documents, restored=draft.touched_at)
        return await form_page(request, found, shown)
    shown = Shown(service.new_token(), await _contact(request))
    return counted(request, await form_page(request, found, shown), "form", vacancy, clock.today())


async def _contact(request: Req) -> Answers:
    """Whoever is signed in to "my data" need not type their contact data again."""
    me = request.user
    if me is None or me.kind != "candidate":
        return Answers()
    return (await reusing.known(site_of(request), me.id, language(request))).contact


# --- a form arrives ---------------------------------------------------------------------------------------------------


@post("/positions/{vacancy:uuid}/apply", guards=[_ANYBODY], request_max_body_size=uploads.MAX_FORM_BYTES)
async def apply(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    site, now, lang = site_of(request), clock.now(), language(request)
    await limits.count(site, "apply", address(request), now, most=_ROUNDS)
    found = await positions.position(site, vacancy, lang, clock.day(now))
    if not found.open:
        return closed(request, found)
    turn = await service.begin(site, vacancy, secret_of(request), now, lang)
    try:
        too_much = await _arrive(request, turn)
        said = _said(turn)
        return await (_far_too_much if too_much else _act)(request, found, turn, said)
    except NotTakingApplications:
        return closed(request, await positions.position(site, vacancy, lang, clock.day(now)))
    except Exception as fault:
        if not admitting.is_full(fault) and not isinstance(fault, DiskFull):
            raise
        return await _no_room(request, found, turn)


async def _arrive(request: Req, turn: Round) -> bool:
    """Read the form, and what is to be used again; True if it is beyond all limits."""
    with _DOOR.admit(address(request), turn.site.settings.data):
        too_much = await _read(request, turn)
        me = request.user
        if me is not None and me.kind == "candidate" and not too_much:
            await reusing.take(turn, me.id, language(request))
    return too_much


async def _read(request: Req, turn: Round) -> bool:
    """Read the form; True if it is beyond all limits. Whatever fails, nothing of this round stays in the store."""
    kind = request.headers.get("content-type", "")
    try:
        await uploads.read(admitting.moving(request.stream()), kind, turn.form, turn.shelf)
    except HTTPException as error:
        await service.discard(turn)
        if error.status_code != 413:
            raise
        return True
    except BaseException:
        await service.discard(turn)
        raise
    return False


def _said(turn: Round) -> Answers:
    """What was typed, tidied; of a typed CV and of questions what this vacancy asks for."""
    fields = {name: tidy(text) for name, text in turn.form.fields.items()}
    more: dict[str, Any] = cv_form.typed_cv_of(fields) if turn.typed_cv else {}
    return replace(rules.answers_of(fields), answers=questions.answered(fields, turn.questions), **more)


async def _far_too_much(request: Req, found: Position, turn: Round, said: Answers) -> Response[bytes]:
    return await _again(request, found, turn, said, {"documents": uploads.TOO_MUCH}, 413)


async def _no_room(request: Req, found: Position, turn: Round) -> Response[bytes]:
    """The disk is full: what was typed comes back, nothing of this round is stored."""
    if not turn.form.fields:
        turn.shelf = uploads.Shelf(turn.site.documents, _nowhere)
        await uploads.read(
            admitting.moving(request.stream()), request.headers.get("content-type", ""), turn.form, turn.shelf
        )
    return await _again(request, found, turn, _said(turn), {"documents": DiskFull.text}, DiskFull.status)


async def _nowhere() -> None:
    """No key: nothing is wanted."""


async def _again(
    request: Req, found: Position, turn: Round, said: Answers, errors: dict[str, str], status: int, extra: str = ""
) -> Response[bytes]:
    kept = await service.draft(turn.site, found.id, turn.token)
    shown = Shown(turn.token, said, kept.documents if kept else (), errors, status, extra=extra)
    return await form_page(request, found, shown)


async def _act(request: Req, found: Position, turn: Round, said: Answers) -> Response[Any]:
    """What the pressed button asks for."""
    act, lang = turn.form.fields.get("act", ""), language(request)
    imported = _Imported(said)
    if act == "import":
        imported = _imported(turn, said)
    elif turn.form.fields.get("reuse_cv") and request.user is not None:
        imported = _Imported(reusing.with_cv(said, (await reusing.known(turn.site, request.user.id, lang)).cv))
    taken = await service.take(turn, imported.said, lang, _ACTS.get(act, "more"))
    if taken.application:
        return _sent(request, found, turn, taken)
    if act == "review" and not taken.errors:
        return remember(request, redirect(f"/positions/{found.id}/review"), found.id, turn.token)
    if act == "save":
        return await _saved(request, found, turn, imported.said, taken)
    return await _back(request, found, turn, imported, taken, act)


def _sent(request: Req, found: Position, turn: Round, taken: Taken) -> Response[Any]:
    answer = remember(request, redirect(f"/positions/{found.id}/applied"), found.id, turn.token)
    return counted(request, answer, "sent", found.id, clock.day(turn.now)) if taken.fresh else answer


@dataclass
class _Imported:
    """The form with what a CV file brought; what to say of it, and what was wrong with it."""

    said: Answers
    problem: dict[str, str] = field(default_factory=dict)
    left_out: int = 0
    done: bool = False


def _imported(turn: Round, said: Answers) -> _Imported:
    if not turn.form.imported:
        return _Imported(said, {"import": "Choose a CV file first."})
    try:
        cv = cv_formats.read(bytes(turn.form.imported))
    except cv_formats.CvUnreadable as why:
        return _Imported(said, {"import": why.text})
    return _Imported(cv_form.filled(said, cv), left_out=cv.left_out, done=True)


async def _back(
    request: Req, found: Position, turn: Round, imported: _Imported, taken: Taken, act: str
) -> Response[bytes]:
    """The form again: with its mistakes after review, else only with those of files."""
    refused = turn.form.refusals(words(request))
    judged = act in ("review", "")
    errors = (taken.errors if judged else imported.problem) | refused
    shown = Shown(
        turn.token,
        imported.said,
        taken.documents,
        errors,
        turn.form.status if errors else 200,
        extra=act.removeprefix("more-") if act.startswith("more-") else "",
        imported=imported.done,
        left_out=imported.left_out,
    )
    page = await form_page(request, found, shown)
    return remember(request, page, found.id, turn.token) if taken.documents else page


async def _saved(request: Req, found: Position, turn: Round, said: Answers, taken: Taken) -> Response[Any]:
    """Kept, and a link mailed; only the address must be right, and every file that came."""
    refused = turn.form.refusals(words(request))
    errors = {name: text for name, text in taken.errors.items() if name == "email"} | refused
    if errors or not is_email(said.email):
        page = await form_page(request, found, Shown(turn.token, said, taken.documents, errors, turn.form.status))
        return remember(request, page, found.id, turn.token)
    await resuming.send_link(turn, said.email, language(request))
    return remember(request, redirect(f"/positions/{found.id}/saved"), found.id, turn.token)


# --- before sending ---------------------------------------------------------------------------------------------------


@get("/positions/{vacancy:uuid}/review", guards=[public("shows only what the form's own secret opens")])
async def review(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    """Check your answers: all that is going to be sent, each with the way back to its field."""
    site, lang, token = site_of(request), language(request), secret_of(request)
    found = await positions.position(site, vacancy, lang, clock.today())
    draft = await service.draft(site, vacancy, token)
    if draft is None:
        sent = await service.sent(site, vacancy, token)
        return redirect(f"/positions/{vacancy}/{'applied' if sent else 'apply'}")
    if not found.open:
        return closed(request, found)
    tr, unit = words(request), rules.draft_of(token, vacancy)
    seen = hints.in_words(draft.answers)
    seen += await hints.in_files(site, unit, draft.documents, address(request), clock.now())
    page = render(
        request,
        "careers/review.html",
        here="careers",
        position=found,
        token=token,
        notice=await notices.number_in_force(site, clock.now()),
        answers=draft.answers,
        questions=await questions.of_vacancy(site, vacancy, lang),
        files=[(tr(service.DOCUMENTS[f.kind]), f.name, file_size(f.size), f) for f in draft.documents],
        policy=await employer.policy(site),
        hints=hinted(request, seen),
    )
    page.headers["cache-control"] = "no-store"
    return page


@post("/positions/{vacancy:uuid}/send", guards=[public("sends only what the form's own secret opens")])
async def send(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    """Send what was looked over. Pressing twice, or again after a lost line, leads to the same confirmation."""
    site, now, lang, told = site_of(request), clock.now(), language(request), await answers(request)
    found = await positions.position(site, vacancy, lang, clock.day(now))
    token = told.get("form", "") if rules.well_formed(told.get("form", "")) else secret_of(request)
    turn = await service.begin(site, vacancy, token, now, lang)
    turn.form.fields.update({"form": token, "notice": told.get("notice", "")})
    draft = await service.draft(site, vacancy, token)
    if draft is None:
        if await service.sent(site, vacancy, token):
            return remember(request, redirect(f"/positions/{vacancy}/applied"), vacancy, token)
        return redirect(f"/positions/{vacancy}/apply", "There was nothing to send. Please fill in the form.")
    try:
        taken = await service.take(turn, draft.answers, lang)
    except NotTakingApplications:
        return closed(request, await positions.position(site, vacancy, lang, clock.day(now)))
    if taken.application:
        return _sent(request, found, turn, taken)
    shown = Shown(turn.token, draft.answers, taken.documents, taken.errors, 422)
    return await form_page(request, found, shown)


# --- afterwards -------------------------------------------------------------------------------------------------------


@post("/positions/{vacancy:uuid}/forget", guards=[public("whoever holds the form's secret may throw the draft away")])
async def forget(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    await service.forget(site_of(request), vacancy, secret_of(request), clock.now())
    answer = redirect(f"/positions/{vacancy}/apply", flash="The unfinished application is removed.")
    answer.delete_cookie("form", path=f"/positions/{vacancy}")
    return answer


@get("/positions/{vacancy:uuid}/applied", guards=[public("shows only what the form's own secret opens")])
async def applied(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    """The confirmation: what was stored, until when and why."""
    site, lang, now = site_of(request), language(request), clock.now()
    found = await positions.position(site, vacancy, lang, clock.day(now))
    sent = await service.sent(site, vacancy, secret_of(request))
    page = render(
        request,
        "careers/applied.html",
        here="careers",
        position=found,
        sent=sent,
        documents=_named(sent, words(request)),
        clock=await _clock(request, sent, now),
        policy=await employer.policy(site),
    )
    page.headers["cache-control"] = "no-store"
    return page


def _named(sent: service.Sent | None, tr: Translate) -> list[tuple[str, str]]:
    """Each document: what it is, and its name with its size."""
    files = sent.documents if sent else ()
    return [(tr(service.DOCUMENTS[file.kind]), f"{file.name} ({file_size(file.size)})") for file in files]


async def _clock(request: Req, sent: service.Sent | None, now: datetime) -> facts.Clock | None:
    if sent is None:
        return None
    return (await facts.clocks(site_of(request), [sent.id], now, words(request), "candidate")).get(sent.id)


ROUTES = [form, apply, review, send, forget, applied]
