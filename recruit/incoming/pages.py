"""E-mails that came in: what waits and what it may become, and the way in for a file that somebody has saved.

Guards that recruiters alone see what waits, each look written before it is shown; that a file goes into memory and not
to the disk on its way in; that no name stands in an address; that a quoted mail shows none of its addressee's links;
and that nothing typed is lost to a refusal.
"""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock, eml
from recruit.accounts.guards import MANAGER, RECRUITER, staff
from recruit.careers import admitting, rules, uploads
from recruit.careers.service import NotTakingApplications
from recruit.errors import FormInvalid
from recruit.hiring import access, search
from recruit.hiring.search import Hit, Query
from recruit.i18n import LANGUAGES, Language, either
from recruit.incoming import mailbox, matching, service
from recruit.incoming.service import NoMail, Waiting
from recruit.mail import impersonal
from recruit.typed import line
from recruit.web import Req, address, answers, language, page_number, redirect, render, site_of, user_of, words

_RECRUITER = staff(RECRUITER)
_DECIDES = staff(RECRUITER, MANAGER)
_DOOR = admitting.Door()
_MAX_FORM = eml.MAX_BYTES + 256 * 1024
_LONGEST = 200
TOO_LARGE = "The e-mail is larger than 35 MB, so nothing was stored."
MARKS = {
    "bounce": "Could not be delivered",
    "automatic": "Automatic reply",
    "bulk": "Mailing list",
    "unreadable": "Could not be read",
}
"""What wrote an e-mail that no person wrote (message ids)."""


@dataclass(frozen=True)
class _Shown:
    """What the page of one e-mail holds beyond the e-mail: what was typed, what was wrong, what was looked for."""

    form: dict[str, str]
    errors: dict[str, str]
    status: int = 200
    problem: str = ""
    sought: str = ""
    hits: tuple[Hit, ...] | None = None


_FRESH = _Shown({}, {})


# --- what waits -------------------------------------------------------------------------------------------------------


@get("/incoming", guards=[_RECRUITER])
async def waiting_list(request: Req) -> Response[bytes]:
    return await _list(request)


async def _list(request: Req, error: str = "", status: int = 200) -> Response[bytes]:
    site, now = site_of(request), clock.now()
    pages = max(1, -(-await service.count(site) // service.PAGE))
    page = min(page_number(request), pages)
    state = await mailbox.progress(site)
    return render(
        request,
        "incoming/list.html",
        status,
        here="incoming",
        mails=await service.listed(site, user_of(request), page, now),
        page=page,
        pages=pages,
        marks=MARKS,
        reads=bool(site.settings.imap),
        keeps=site.settings.imap_keep,
        state=state,
        fault=mailbox.FAULTS.get(state.fault, ""),
        errors={"import": error} if error else {},
    )


@post("/incoming", guards=[_RECRUITER], request_max_body_size=_MAX_FORM)
async def bring(request: Req) -> Response[Any]:
    """An e-mail that somebody has saved, as if it had come into the mailbox."""
    site, now = site_of(request), clock.now()
    data, error = await _file(request)
    if error:
        return await _list(request, error, 422)
    try:
        came = await service.bring(site, data, user_of(request), now)
    except NoMail as why:
        return await _list(request, why.text, why.status)
    if came.waiting:
        return redirect(f"/incoming/{came.unit}", "The e-mail is here. Say what it is.")
    return redirect(f"/applications/{came.unit}#letters", _kept(came.fresh))


def _kept(fresh: bool) -> str:
    return "The e-mail is sealed with the application." if fresh else "This e-mail was here already."


async def _file(request: Req) -> tuple[bytes, str]:
    """The bytes of the one file of the form, which never touch the disk; or what is wrong with it."""
    form = uploads.Form(room=eml.MAX_BYTES + 1)
    nowhere = uploads.Shelf(site_of(request).documents, _no_key)
    with _DOOR.admit(address(request), site_of(request).settings.data):
        kind = request.headers.get("content-type", "")
        await uploads.read(admitting.moving(request.stream()), kind, form, nowhere)
    data = bytes(form.imported)
    return data, "Choose a file first." if not data else TOO_LARGE if len(data) > eml.MAX_BYTES else ""


async def _no_key() -> None:
    """Nothing else of the form is wanted."""
    return None


# --- one that waits ---------------------------------------------------------------------------------------------------


@get("/incoming/{mail:uuid}", guards=[_RECRUITER])
async def mail_page(request: Req, mail: FromPath[UUID]) -> Response[bytes]:
    return await _mail(request, mail, _FRESH)


async def _mail(request: Req, mail: UUID, shown: _Shown) -> Response[bytes]:
    site, me, now, lang = site_of(request), user_of(request), clock.now(), language(request)
    waits = _without_links(request, await service.opened(site, me, mail, now))
    likely = await matching.likely(site, waits.words.answers_to, waits.words.email)
    vacancies = await site.records.run_sql(
        "SELECT id, title_nb, title_en FROM vacancy WHERE state IN ('draft', 'published') ORDER BY published_at DESC"
    )
    return render(
        request,
        "incoming/mail.html",
        shown.status,
        here="incoming",
        mail=waits,
        marks=MARKS,
        likely=_hits(request, await search.among(site, me, likely, now)),
        sought=shown.sought,
        hits=None if shown.hits is None else _hits(request, list(shown.hits)),
        source=service.source(waits, lang),
        vacancies=[(row["id"], either(row, "title", lang)) for row in vacancies],
        form=_prefilled(waits) | shown.form,
        errors=shown.errors,
        problem=shown.problem,
    )


def _without_links(request: Req, waits: Waiting) -> Waiting:
    """It may quote a mail of ours with the links of its addressee."""
    text = impersonal(site_of(request), waits.words.text, words(request))
    return replace(waits, words=msgspec.structs.replace(waits.words, text=text))


def _prefilled(waits: Waiting) -> dict[str, str]:
    """The form as the e-mail fills it in."""
    said = waits.words
    return {
        "vacancy": "",
        "name": said.name,
        "email": said.email,
        "phone": "",
        "letter": said.text,
        "where": "",
        "speaks": "nb",
    }


def _hits(request: Req, found: list[Hit]) -> list[tuple[UUID, str, str]]:
    lang = language(request)
    return [(hit.id, hit.person.name, either(hit.row, "title", lang)) for hit in found]


@post("/incoming/{mail:uuid}/find", guards=[_RECRUITER], status_code=200)
async def find(request: Req, mail: FromPath[UUID]) -> Response[bytes]:
    """Look for the application that it belongs to."""
    sought = line((await answers(request)).get("words", ""))
    if not sought or len(sought) > _LONGEST:
        errors = {"words": "Write a name, an address or another word, in at most 200 characters."}
        return await _mail(request, mail, _Shown({}, errors, 422, sought=sought))
    hits, _ = await search.find(site_of(request), user_of(request), Query(words=sought), 1, clock.now())
    return await _mail(request, mail, _Shown({}, {}, sought=sought, hits=tuple(hits)))


@post("/incoming/{mail:uuid}/attach", guards=[_RECRUITER])
async def attach(request: Req, mail: FromPath[UUID]) -> Response[Any]:
    """It belongs to that application."""
    chosen = _id((await answers(request)).get("application", ""))
    if chosen is None:
        return await _mail(request, mail, _Shown({}, {"application": "Choose an application."}, 422))
    await service.attach(site_of(request), user_of(request), mail, chosen, clock.now())
    return redirect(f"/applications/{chosen}#letters", "The e-mail is sealed with the application.")


@post("/incoming/{mail:uuid}/enter", guards=[_RECRUITER])
async def enter(request: Req, mail: FromPath[UUID]) -> Response[Any]:
    """It becomes an application for the chosen vacancy."""
    site, me, form = site_of(request), user_of(request), await answers(request)
    vacancy, lang = _id(form.get("vacancy", "")), _speaks(form)
    if vacancy is None:
        return await _mail(request, mail, _Shown(form, {"vacancy": "Choose a vacancy."}, 422))
    said, where = rules.answers_of(form), line(form.get("where", ""))
    try:
        made = await service.enter(site, me, mail, vacancy, said, where, lang, clock.now())
    except FormInvalid as error:
        return await _mail(request, mail, _Shown(form, error.errors, error.status))
    except NotTakingApplications as error:
        return await _mail(request, mail, _Shown(form, {}, error.status, words(request)(error.text)))
    return redirect(f"/applications/{made}", "Entered. The person is told where we have the data from.")


def _speaks(form: dict[str, str]) -> Language:
    return next((known for known in LANGUAGES if known == form.get("speaks")), "nb")


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@post("/incoming/{mail:uuid}/discard", guards=[_RECRUITER])
async def discard(request: Req, mail: FromPath[UUID]) -> Response[Any]:
    """It is nothing that we need."""
    await service.discard(site_of(request), user_of(request), mail, clock.now())
    return redirect("/incoming", "The e-mail is erased.")


@get("/incoming/{mail:uuid}/original", guards=[_RECRUITER])
async def waiting_original(request: Req, mail: FromPath[UUID]) -> Response[bytes]:
    """The e-mail as it came, for a mail program."""
    site, me, now = site_of(request), user_of(request), clock.now()
    waits = await service.opened(site, me, mail, now)
    return _download(await service.download(site, waits.key, mail, me, now))


def _download(data: bytes) -> Response[bytes]:
    """Never shown by the browser as what it says it is."""
    return Response(
        data,
        media_type="message/rfc822",
        headers={
            "content-disposition": 'attachment; filename="e-mail.eml"',
            "content-security-policy": "sandbox; default-src 'none'",
            "cache-control": "no-store",
        },
    )


# --- at an application ------------------------------------------------------------------------------------------------


@get("/applications/{application:uuid}/mail", guards=[_DECIDES])
async def bring_page(request: Req, application: FromPath[UUID]) -> Response[bytes]:
    """Where an e-mail about one application is put in."""
    return await _bring(request, application)


async def _bring(request: Req, application: UUID, error: str = "", status: int = 200) -> Response[bytes]:
    me, now = user_of(request), clock.now()
    opened = await access.opened(site_of(request), me, application, "decide", now, "letter")
    return render(
        request,
        "incoming/bring.html",
        status,
        here="vacancies",
        application=opened.id,
        vacancy=opened.vacancy["id"],
        title=either(opened.vacancy, "title", language(request)),
        errors={"import": error} if error else {},
    )


@post("/applications/{application:uuid}/mail", guards=[_DECIDES], request_max_body_size=_MAX_FORM)
async def bring_to(request: Req, application: FromPath[UUID]) -> Response[Any]:
    """A saved e-mail, sealed with the application."""
    site, me, now = site_of(request), user_of(request), clock.now()
    await access.opened(site, me, application, "decide", now, "letter")
    data, error = await _file(request)
    if error:
        return await _bring(request, application, error, 422)
    try:
        came = await service.bring(site, data, me, now, application)
    except NoMail as why:
        return await _bring(request, application, why.text, why.status)
    return redirect(f"/applications/{application}#letters", _kept(came.fresh))


@get("/applications/{application:uuid}/mail/{mail:uuid}", guards=[_DECIDES])
async def original(request: Req, application: FromPath[UUID], mail: FromPath[UUID]) -> Response[bytes]:
    """An e-mail as it came, where it was kept because something of it is no document."""
    site, me, now = site_of(request), user_of(request), clock.now()
    opened = await access.opened(site, me, application, "decide", now, "letter")
    return _download(await service.download(site, opened.key, mail, me, now))


ROUTES: list[object] = [
    waiting_list,
    bring,
    mail_page,
    find,
    attach,
    enter,
    discard,
    waiting_original,
    bring_page,
    bring_to,
    original,
]
