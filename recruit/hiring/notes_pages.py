"""What is written about a candidate: interview notes, screening.

Guards that a note is changed by its author alone, and that nothing typed is lost to a refusal.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock
from recruit.accounts.guards import HIRING, MANAGER, RECRUITER, public, staff
from recruit.errors import FormInvalid
from recruit.hiring import access, forms, notes, service, tripwire
from recruit.hiring.access import Opened
from recruit.hiring.application_pages import act, frame
from recruit.web import Req, answers, redirect, render, site_of, user_of, words


@post("/applications/{application:uuid}/notes", guards=[staff(*HIRING)])
async def note_write(request: Req, application: FromPath[UUID]) -> Response[Any]:
    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        text, why = forms.note(form)
        await notes.write(site_of(request), opened, text, now, why)

    return await act(request, application, "note", do, "The note is saved.", "#notes")


@get("/tripwire", guards=[public("lists of words, about nobody: candidates and referees are given hints by them too")])
async def tripwire_lists(request: Req) -> Response[dict[str, Any]]:
    """For the page's script: what is watched for while a note is typed, and what is said then."""
    _ = words(request)
    said = {kind: _(text) for kind, text in tripwire.SAID.items()}
    own = {kind: _(tripwire.OWN, kind=_(named)) for kind, named in tripwire.KINDS.items()}
    return Response(
        tripwire.for_browsers() | {"said": said, "own": own}, headers={"cache-control": "private, max-age=3600"}
    )


@get("/notes/{note:uuid}", guards=[staff(*HIRING)])
async def note_page(request: Req, note: FromPath[UUID]) -> Response[bytes]:
    site, now = site_of(request), clock.now()
    opened = await access.opened(
        site, user_of(request), await access.owner_of(site, "interview_note", note), "review", now, "note"
    )
    found = await notes.own(site, opened, note)
    return await _note_page(request, opened, note, {"note": found.text, "note_why": found.why}, {}, now)


async def _note_page(
    request: Req,
    opened: Opened,
    note: UUID,
    form: dict[str, str],
    errors: dict[str, str],
    now: datetime,
    status: int = 200,
) -> Response[bytes]:
    person, _ = await service.contents(site_of(request), opened)
    return render(
        request,
        "hiring/note.html",
        status,
        here="vacancies",
        note=note,
        form=form,
        person=person,
        errors=errors,
        **await frame(request, opened, now),
    )


@post("/notes/{note:uuid}", guards=[staff(*HIRING)])
async def note_change(request: Req, note: FromPath[UUID]) -> Response[Any]:
    site, now, form = site_of(request), clock.now(), await answers(request)
    opened = await access.opened(
        site, user_of(request), await access.owner_of(site, "interview_note", note), "decide", now, "note"
    )
    await notes.own(site, opened, note)
    try:
        text, why = forms.note(form)
        await notes.change(site, opened, note, text, now, why)
    except FormInvalid as error:
        return await _note_page(request, opened, note, form, error.errors, now, error.status)
    return redirect(f"/applications/{opened.id}#notes", "The note is saved.")


@post("/notes/{note:uuid}/delete", guards=[staff(*HIRING)])
async def note_delete(request: Req, note: FromPath[UUID]) -> Response[Any]:
    site = site_of(request)

    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        await notes.delete(site, opened, note, now)

    owner = await access.owner_of(site, "interview_note", note)
    return await act(request, owner, "note", do, "The note is deleted.", "#notes")


@post("/applications/{application:uuid}/screening", guards=[staff(RECRUITER, MANAGER)])
async def screening_record(request: Req, application: FromPath[UUID]) -> Response[Any]:
    async def do(opened: Opened, form: dict[str, str], now: datetime) -> None:
        kind, found = forms.screening(form)
        await notes.record_screening(site_of(request), opened, kind, found, now)

    return await act(request, application, "screening", do, "Recorded.", "#screening")


ROUTES: list[object] = [note_write, tripwire_lists, note_page, note_change, note_delete, screening_record]
