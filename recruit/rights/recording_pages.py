"""Writing down a request that came by e-mail, telephone or letter: first the person is searched, then it is recorded.

Guards that no name stands in an address (a search is posted), that every person who is shown was looked at on record,
and that somebody who is not found gets an answer all the same.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import audit, clock
from recruit.accounts.guards import DPO, staff
from recruit.errors import FormInvalid
from recruit.i18n import Language
from recruit.letters import addressee
from recruit.rights import asking, forms, recording, rules, views, words
from recruit.rights.asking import Asked
from recruit.rights.forms import Typed
from recruit.tables import Person
from recruit.web import Req, answers, redirect, render, site_of, user_of
from recruit.web import words as translator_of

_RECORDED = "Recorded. The person gets an acknowledgement with the deadline."
_NO_ADDRESS = "Recorded. There is no e-mail address: the acknowledgement and the answer go by letter."


@get("/desk/requests/new", guards=[staff(DPO)])
async def search_form(request: Req) -> Response[Any]:
    return _search(request, "", None)


@post("/desk/requests/new", guards=[staff(DPO)])
async def search(request: Req) -> Response[Any]:
    text = (await answers(request)).get("who", "")
    if not text:
        return _search(request, "", None, {"who": "Write a name or an e-mail address."})
    found = await recording.find(site_of(request), text, clock.now())
    for one in found:
        await audit.look(user_of(request).id, DPO, list(one.units), "find", clock.now())
    return _search(request, text, found)


def _search(
    request: Req, text: str, found: list[recording.Found] | None, errors: dict[str, str] | None = None
) -> Response[Any]:
    status = 422 if errors else 200
    return render(
        request,
        "rights/find.html",
        status,
        here="desk",
        text=text,
        found=found,
        most=recording.MOST,
        errors=errors or {},
    )


@get("/desk/requests/new/{candidate:uuid}", guards=[staff(DPO)])
async def record_form(request: Req, candidate: FromPath[UUID]) -> Response[Any]:
    return await _form(request, candidate, Typed(received_on=clock.today().isoformat()), {})


@post("/desk/requests/new/{candidate:uuid}", guards=[staff(DPO)])
async def record(request: Req, candidate: FromPath[UUID]) -> Response[Any]:
    site, form = site_of(request), forms.read(await answers(request))
    try:
        number = await asking.ask(site, candidate, _asked(request, form), clock.now())
    except FormInvalid as wrong:
        return await _form(request, candidate, form, wrong.errors)
    person, _ = await addressee(site, candidate)
    return redirect(f"/desk/requests/{number}", _RECORDED if person.email else _NO_ADDRESS)


def _asked(request: Req, form: Typed) -> Asked:
    """What was recorded; FormInvalid with all that is missing."""
    kind, channel, came = forms.recorded(form, clock.today())
    forms.require(kind, form)
    said = forms.words_of(kind, form)
    application = None if kind in rules.ABOUT_EVERYTHING else forms.application_of(form)
    return Asked(kind, application, said, channel, came, user_of(request).id)


async def _form(request: Req, candidate: UUID, form: Typed, errors: dict[str, str]) -> Response[Any]:
    site, now = site_of(request), clock.now()
    await views.require_candidate(site, candidate)
    mine = await views.applications_of(site, candidate, now, translator_of(request))
    await audit.look(user_of(request).id, DPO, [candidate, *(view.id for view in mine)], "case", now)
    person, _ = await addressee(site, candidate)
    return _record_page(request, f"/desk/requests/new/{candidate}", form, errors, person=person, applications=mine)


# --- somebody who was not found -------------------------------------------------------------------------------------


@get("/desk/requests/new/stranger", guards=[staff(DPO)])
async def stranger_form(request: Req) -> Response[Any]:
    blank = Person(name="", email="", phone="")
    return _stranger(request, blank, "nb", Typed(received_on=clock.today().isoformat()), {})


@post("/desk/requests/new/stranger", guards=[staff(DPO)])
async def record_stranger(request: Req) -> Response[Any]:
    site, filled = site_of(request), await answers(request)
    form = forms.read({**filled, "scope": forms.EVERYTHING})
    person = Person(name=filled.get("name", ""), email=filled.get("email", ""), phone=filled.get("phone", ""))
    lang: Language = "en" if filled.get("language") == "en" else "nb"
    try:
        number = await recording.of_stranger(site, person, lang, _asked(request, form), clock.now())
    except FormInvalid as wrong:
        return _stranger(request, person, lang, form, wrong.errors)
    return redirect(f"/desk/requests/{number}", _RECORDED if person.email else _NO_ADDRESS)


def _stranger(request: Req, person: Person, lang: Language, form: Typed, errors: dict[str, str]) -> Response[Any]:
    here = "/desk/requests/new/stranger"
    return _record_page(request, here, form, errors, person=person, applications=[], stranger=True, spoken=lang)


def _record_page(request: Req, action: str, form: Typed, errors: dict[str, str], **context: Any) -> Response[Any]:
    known = {"stranger": False, "spoken": "nb", **context}
    return render(
        request,
        "rights/record.html",
        422 if errors else 200,
        here="desk",
        action=action,
        form=form,
        errors=errors,
        kinds=words.REQUESTS,
        channels={code: said for code, said in words.CAME_BY.items() if code != "my_data"},
        conditions=words.RESTRICTING,
        **known,
    )


ROUTES: list[object] = [search_form, search, record_form, record, stranger_form, record_stranger]
