"""Entering people who did not apply: one in a form, many from a table; and the list of those who must be told (L10).

Guards that a form's files are sealed as they stream in, that a table is seen row by row before anything is stored, that
nothing typed is lost, and that the list names nobody.
"""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from recruit import clock
from recruit.accounts.guards import DPO, RECRUITER, staff
from recruit.careers import (
    admitting,
    cv_form,
    cv_formats,
    entering,
    form_pages,
    people_files,
    rules,
    service,
    sourcing,
    uploads,
)
from recruit.careers.people_files import FileUnfit, Row
from recruit.careers.rules import SOURCES, Answers, Origin
from recruit.careers.service import Round
from recruit.careers.sourcing import Telling
from recruit.database import IDS, ids
from recruit.documents.kinds import MAX_BYTES, DocumentRefused
from recruit.errors import FormInvalid, NotFound
from recruit.i18n import LANGUAGES, Language, either
from recruit.typed import day, line, tidy
from recruit.web import Req, address, answers, language, redirect, render, site_of, user_of, words

_RECRUITER = staff(RECRUITER)
_DOOR = admitting.Door()
_EMPTY = {"source": "", "where": "", "speaks": "nb"}


async def _vacancy(request: Req, vacancy: UUID) -> dict[str, Any]:
    """The vacancy with its title; NotFound if there is none, or it takes nobody any more."""
    rows = await site_of(request).records.run_sql("SELECT * FROM vacancy WHERE id = ?", vacancy)
    if not rows or not rules.takes_entered(rows[0]["state"]):
        raise NotFound()
    return {"id": vacancy, "title": either(rows[0], "title", language(request))}


def _origin(request: Req, fields: dict[str, str]) -> Origin:
    return Origin(fields.get("source", ""), line(fields.get("where", "")), user_of(request).id)


def _speaks(fields: dict[str, str]) -> Language:
    return next((known for known in LANGUAGES if known == fields.get("speaks")), "nb")


# --- one, in a form ---------------------------------------------------------------------------------------------------


@get("/vacancies/{vacancy:uuid}/enter", guards=[_RECRUITER])
async def enter_page(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    turn = await service.begin(site_of(request), vacancy, "", clock.now())
    return await _form(request, vacancy, turn, Answers(), {})


@post("/vacancies/{vacancy:uuid}/enter", guards=[_RECRUITER], request_max_body_size=uploads.MAX_FORM_BYTES)
async def enter(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    await _vacancy(request, vacancy)
    turn = await service.begin(site_of(request), vacancy, "", clock.now())
    turn.form.room = MAX_BYTES
    try:
        with _DOOR.admit(address(request), turn.site.settings.data):
            kind = request.headers.get("content-type", "")
            await uploads.read(admitting.moving(request.stream()), kind, turn.form, turn.shelf)
    except BaseException:
        await service.discard(turn)
        raise
    fields = {name: tidy(text) for name, text in turn.form.fields.items()}
    turn.origin = _origin(request, fields)
    said = replace(rules.answers_of(fields), consent="", **cv_form.typed_cv_of(fields))
    reading = fields.get("act") == "import"
    errors: dict[str, str] = {}
    if reading:
        said, errors = await _read_in(turn, said)
    taken = await service.take(turn, said, _speaks(fields), "save" if reading else "send")
    if taken.application:
        return redirect(f"/vacancies/{vacancy}", "Entered. The person is told where we have the data from.")
    refused = turn.form.refusals(words(request))
    return await _form(request, vacancy, turn, said, (errors if reading else taken.errors) | refused, fields)


async def _read_in(turn: Round, said: Answers) -> tuple[Answers, dict[str, str]]:
    """The form with what a CV file or a mail says in its empty places; a mail's files go with it."""
    data = bytes(turn.form.imported)
    if not data:
        return said, {"import": "Choose a file first."}
    if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"<"):
        try:
            return cv_form.filled(said, cv_formats.read(data)), {}
        except cv_formats.CvUnreadable as why:
            return said, {"import": why.text}
    try:
        mailed = people_files.mail(data)
    except FileUnfit as why:
        return said, {"import": why.text}
    for place, (name, content) in enumerate(mailed.files):
        try:
            await turn.shelf.put(name, "certificate" if place else "cv", content)
        except DocumentRefused as why:
            turn.form.refused.append(uploads.Refused("documents", name, why))
    given = {name: getattr(said, name) or getattr(mailed.answers, name) for name in ("name", "email", "letter")}
    return replace(said, **given), {}


async def _form(
    request: Req,
    vacancy: UUID,
    turn: Round,
    said: Answers,
    errors: dict[str, str],
    fields: dict[str, str] | None = None,
) -> Response[bytes]:
    kept = await service.draft(turn.site, vacancy, turn.token)
    return render(
        request,
        "careers/enter.html",
        422 if errors else 200,
        here="vacancies",
        vacancy=await _vacancy(request, vacancy),
        token=turn.token,
        answers=said,
        documents=[form_pages.kept(file) for file in kept.documents] if kept else [],
        fields=_EMPTY | (fields or {}),
        entries=cv_form.fields_of(said),
        sources=SOURCES,
        errors=errors,
    )


# --- many, from a table -----------------------------------------------------------------------------------------------


@get("/vacancies/{vacancy:uuid}/import", guards=[_RECRUITER])
async def import_page(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    return await _table(request, vacancy, {}, {})


@post("/vacancies/{vacancy:uuid}/import", guards=[_RECRUITER])
async def import_table(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    """First the rows as they were understood; once they were seen, all are entered, and pressed twice only once."""
    await _vacancy(request, vacancy)
    form, fields = await request.form(), await answers(request)
    file = form.get("file")
    text = str(form.get("table", ""))
    data = await file.read() if isinstance(file, UploadFile) else text.encode()
    origin = _origin(request, fields)
    errors = {} if origin.source in SOURCES else {"source": "Choose where the data come from."}
    if not data:
        errors["file"] = "Choose a file first."
    if errors:
        return await _table(request, vacancy, fields, errors)
    try:
        rows = people_files.table(data, origin, _speaks(fields))
    except FileUnfit as why:
        return await _table(request, vacancy, fields, {"file": why.text})
    faulty = any(row.errors for row in rows)
    if "go" in fields and not faulty:
        for row in rows:
            await _enter_row(request, vacancy, row, fields.get("form", ""))
        return redirect(f"/vacancies/{vacancy}", "Entered. Everybody is told where we have the data from.")
    return await _table(request, vacancy, fields, {}, rows, data, 422 if faulty else 200)


async def _enter_row(request: Req, vacancy: UUID, row: Row, token: str) -> None:
    """Under a secret that follows from the form and the row, so that who was entered already is not entered twice."""
    digest = hashlib.blake2b(f"{token}:{row.number}".encode(), digest_size=32, person=b"row").digest()
    own = urlsafe_b64encode(digest).decode().rstrip("=")
    await entering.enter(site_of(request), vacancy, row.answers, (), row.origin, row.speaks, clock.now(), own)


async def _table(
    request: Req,
    vacancy: UUID,
    fields: dict[str, str],
    errors: dict[str, str],
    rows: list[Row] | None = None,
    data: bytes = b"",
    status: int = 200,
) -> Response[bytes]:
    return render(
        request,
        "careers/import.html",
        422 if errors else status,
        here="vacancies",
        vacancy=await _vacancy(request, vacancy),
        token=service.new_token(),
        fields=_EMPTY | fields,
        errors=errors,
        rows=rows or [],
        table=data.decode("utf-8-sig", "replace"),
        faulty=any(row.errors for row in rows or []),
        sources=SOURCES,
    )


# --- who must be told -------------------------------------------------------------------------------------------------


@get("/sourced", guards=[staff(RECRUITER, DPO)])
async def told_list(request: Req) -> Response[bytes]:
    site, lang = site_of(request), language(request)
    found = await sourcing.listed(site)
    rows = await site.records.run_sql(
        f"SELECT id, title_nb, title_en FROM vacancy WHERE id IN {IDS}", ids({one.vacancy for one in found})
    )
    titles = {row["id"]: either(row, "title", lang) for row in rows}
    return render(
        request, "careers/sourced.html", here="sourced", tellings=[(one, titles[one.vacancy]) for one in found]
    )


@get("/sourced/{number:uuid}", guards=[staff(RECRUITER, DPO)])
async def told_form(request: Req, number: FromPath[UUID]) -> Response[bytes]:
    return _told(request, await sourcing.one(site_of(request), number), {}, {})


@post("/sourced/{number:uuid}", guards=[staff(RECRUITER, DPO)])
async def told(request: Req, number: FromPath[UUID]) -> Response[Any]:
    site, form = site_of(request), await answers(request)
    telling, told_on = await sourcing.one(site, number), day(form.get("told_on", ""))
    try:
        await sourcing.told_by_hand(site, telling, told_on, form.get("way", ""), user_of(request).id, clock.now())
    except FormInvalid as error:
        return _told(request, telling, form, error.errors)
    return redirect("/sourced", "Noted that the person was told.")


def _told(request: Req, telling: Telling, form: dict[str, str], errors: dict[str, str]) -> Response[bytes]:
    return render(
        request,
        "careers/told.html",
        422 if errors else 200,
        here="sourced",
        telling=telling,
        form={"told_on": "", "way": ""} | form,
        errors=errors,
    )


ROUTES: list[object] = [enter_page, enter, import_page, import_table, told_list, told_form, told]
