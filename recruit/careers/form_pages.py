"""The application form as a page, and the ways back to it: by the browser's cookie, and by a link in the e-mail.

Guards that the secret of a form reaches a browser only in an answer to a press, in a cookie for the pages of this
vacancy alone, and that no copy of a filled form stays in a browser's store.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath

from recruit import clock, employer
from recruit.accounts.guards import public
from recruit.accounts.links import LinkDead
from recruit.careers import cv_form, positions, questions, resuming, reusing
from recruit.careers.cv_formats import MAX_ENTRIES
from recruit.careers.hints import Hint
from recruit.careers.positions import Position
from recruit.careers.reusing import Earlier
from recruit.careers.rules import Answers, Listed, file_size
from recruit.hiring import tripwire
from recruit.i18n import Translate
from recruit.notice import service as notices
from recruit.retention import consent
from recruit.retention.rules import draft_kept_through
from recruit.web import Req, language, redirect, render, site_of, words

_COOKIE = "form"
_COOKIE_LIFE = 2 * 60 * 60
_ACCEPT = ".pdf,.docx,.odt,.png,.jpg,.jpeg"


@dataclass
class Shown:
    """How the form is shown: its secret, what stands in it, its mistakes, and what was just done with it.

    `extra` is the part of a typed CV that gets one more empty entry; `restored` since when a draft waits.
    """

    token: str
    answers: Answers = field(default_factory=Answers)
    documents: tuple[Listed, ...] = ()
    errors: dict[str, str] = field(default_factory=dict)
    status: int = 200
    restored: datetime | None = None
    extra: str = ""
    imported: bool = False
    left_out: int = 0


def secret_of(request: Req) -> str:
    """The form's secret that this browser holds for the vacancy, or nothing."""
    return request.cookies.get(_COOKIE, "")


def remember(request: Req, answer: Response[Any], vacancy: UUID, token: str) -> Response[Any]:
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


def closed(request: Req, found: Position) -> Response[bytes]:
    return render(request, "careers/closed.html", status=410, here="careers", position=found)


async def form_page(request: Req, found: Position, shown: Shown) -> Response[bytes]:
    """The form, filled with what there is."""
    site, lang, tr = site_of(request), language(request), words(request)
    asked = await questions.of_vacancy(site, found.id, lang)
    page = render(
        request,
        "careers/apply.html",
        status=shown.status,
        here="careers",
        position=found,
        shown=shown,
        token=shown.token,
        answers=shown.answers,
        errors=shown.errors,
        documents=[kept(file) for file in shown.documents],
        blocks=cv_form.counted(shown.answers, shown.extra),
        month=cv_form.shown_month,
        questions=asked,
        answered={answer.question: answer.text for answer in shown.answers.answers},
        labels=_labels(tr, asked),
        earlier=await _earlier(request, shown.documents),
        accept=_ACCEPT,
        policy=await employer.policy(site),
        notice=await notices.number_in_force(site, clock.now()),
        question=(await consent.wording(site, lang)).text,
    )
    page.headers["cache-control"] = "no-store"
    return page


def kept(file: Listed) -> dict[str, Any]:
    return {
        "id": file.id, "name": file.name, "kind": file.kind, "note": file_size(file.size), "question": file.question
    }  # fmt: skip


def hinted(request: Req, seen: Sequence[Hint]) -> list[tuple[str, list[str]]]:
    """What was seen, in words, by the file in which it stands."""
    return [(hint.file, [words(request)(tripwire.KINDS[kind]) for kind in hint.kinds]) for hint in seen]


async def _earlier(request: Req, documents: Sequence[Listed]) -> dict[str, Any] | None:
    """What the signed-in candidate can use again; documents that the form holds already are left out."""
    me = request.user
    if me is None or me.kind != "candidate":
        return None
    known = await reusing.known(site_of(request), me.id, language(request))
    held = {(file.name, file.size) for file in documents}
    choices = [_choice(d, words(request)) for d in known.documents if (d.name, d.size) not in held]
    return {"documents": choices, "cv": known.cv.typed_cv}


def _choice(document: Earlier, tr: Translate) -> tuple[UUID, str, str]:
    note = tr("From your application for {title}, {size}", title=document.title, size=file_size(document.size))
    return document.id, document.name, note


_FIELDS = {
    "title": "What",
    "employer": "Employer",
    "school": "School",
    "began": "From",
    "ended": "To",
    "text": "More about it",
    "name": "Which language",
    "level": "Level",
}
_PARTS = {"experience": "Experience {n}", "education": "Education {n}", "languages": "Language {n}"}


def _labels(tr: Translate, asked: Sequence[questions.Question]) -> dict[str, str]:
    """What each field is called, for the summary of mistakes."""
    entries = {
        f"{part.name}-{n}-{name}": f"{tr(_PARTS[part.name], n=n + 1)}, {tr(_FIELDS[name])}"
        for part in cv_form.PARTS
        for n in range(MAX_ENTRIES)
        for name in part.fields
    }
    return entries | {question.field: question.text for question in asked}


# --- going on later ---------------------------------------------------------------------------------------------------


@get("/positions/{vacancy:uuid}/saved", guards=[public("says only that a link is on its way")])
async def saved(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    site, today = site_of(request), clock.today()
    found = await positions.position(site, vacancy, language(request), today)
    until = draft_kept_through(today, await employer.policy(site))
    return render(request, "careers/saved.html", here="careers", position=found, until=until)


@get("/positions/begun/{token:str}", guards=[public("opens nothing: a press on the page does")])
async def begun(request: Req, token: FromPath[str]) -> Response[bytes]:
    """A link from the e-mail: what it is about, and the button to go on."""
    try:
        draft = await resuming.find(site_of(request), token, clock.now())
    except LinkDead as dead:
        return render(request, "careers/begun_dead.html", status=dead.status, here="careers")
    found = await positions.position(site_of(request), draft.vacancy, language(request), clock.today())
    return render(request, "careers/begun.html", here="careers", position=found, token=token)


@post("/positions/begun/{token:str}", guards=[public("opens the one draft whose link was mailed")])
async def go_on(request: Req, token: FromPath[str]) -> Response[Any]:
    try:
        draft = await resuming.find(site_of(request), token, clock.now())
    except LinkDead as dead:
        return render(request, "careers/begun_dead.html", status=dead.status, here="careers")
    return remember(request, redirect(f"/positions/{draft.vacancy}/apply"), draft.vacancy, draft.secret)


ROUTES: list[object] = [saved, begun, go_on]
