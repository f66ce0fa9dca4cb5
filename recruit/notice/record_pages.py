"""The record of processing on the desk of the privacy contact: entries, their versions, and the record on paper.

Guards that only whoever answers for privacy words what the notice says, and that what the program does is shown there,
not typed. Nothing on these pages is about a person.
"""

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock, paper
from recruit.accounts.guards import DPO, staff
from recruit.errors import NotFound
from recruit.notice import activities, comparing, forms, record, service, starting, writing
from recruit.notice.activities import BASES, COMPUTED, MECHANISMS, NOTES, Entry
from recruit.notice.record import Kept
from recruit.notice.writing import HEADS, Facts
from recruit.web import Req, answers, chosen, language, redirect, render, site_of, user_of, words

_DESK = staff(DPO)
_NEW = "new"


@get("/desk/record", guards=[_DESK])
async def record_page(request: Req) -> Response[bytes]:
    site = site_of(request)
    facts = await service.facts(site)
    return render(
        request,
        "notice/record.html",
        here="desk",
        entries=[(kept, _shown(request, facts, kept.key)) for kept in await record.entries(site)],
        computed=COMPUTED,
        problems=activities.problems,
        starting=[(key, starting.initial(key).name.of(language(request))) for key in await record.missing(site)],
    )


def _shown(request: Req, facts: Facts, key: str) -> dict[str, str]:
    return writing.shown_of(facts, key, words(request))


@get("/desk/record/pdf", guards=[_DESK])
async def record_pdf(request: Req) -> Response[bytes]:
    """The record of processing as article 30 asks for it, as of now."""
    site, tr, now = site_of(request), words(request), clock.now()
    facts = await service.facts(site)
    kept = await record.entries(site)
    drawn = await asyncio.to_thread(
        paper.of_template,
        "notice/record_paper.html",
        lang=tr.lang,
        _=tr,
        employer=facts.employer,
        made_at=now,
        title=tr("Record of processing activities"),
        contact=writing.contact(facts.employer, tr),
        entries=[(each, _shown(request, facts, each.key)) for each in kept],
        heads=HEADS,
        problems=activities.problems,
    )
    name = f"record-{clock.day(now).isoformat()}-{tr.lang}.pdf"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(drawn, media_type="application/pdf", headers=headers)


@get("/desk/record/{key:str}", guards=[_DESK])
async def entry_page(request: Req, key: FromPath[str]) -> Response[bytes]:
    site, tr = site_of(request), words(request)
    kept, facts = await record.entry(site, key), await service.facts(site)
    return render(
        request,
        "notice/entry.html",
        here="desk",
        kept=kept,
        shown=_shown(request, facts, key),
        heads=HEADS,
        fixed=COMPUTED.get(key, ()),
        stays=key in activities.ALWAYS,
        problems=activities.problems(key, kept.entry),
        history=_history(await record.history(site, key), request),
        link=kept.entry.link,
        public=kept.entry.shown,
        section=_section(key),
        tr=tr,
    )


def _section(key: str) -> str:
    """Where the entry stands in the privacy notice."""
    return {"recruitment": "data", "cookies": "cookies"}.get(key, f"activity-{key}")


def _history(versions: list[Kept], request: Req) -> list[tuple[Kept, list[comparing.Change]]]:
    """The versions, the newest first, each with what it changed."""
    found, before = [], starting.initial(versions[0].key) if versions else Entry()
    for version in versions:
        changes = comparing.of_fields(_typed(before, request), _typed(version.entry, request))
        found.append((version, changes))
        before = version.entry
    return found[::-1]


def _typed(entry: Entry, request: Req) -> dict[str, str]:
    """What was typed, under the names of the form, in both languages."""
    tr = words(request)
    said = {}
    for name in activities.TEXTS:
        for lang, label in (("nb", tr("in Norwegian")), ("en", tr("in English"))):
            said[f"{tr(_LABELS[name])} ({label})"] = getattr(getattr(entry, name), lang)
    said[tr("Lawful basis")] = ". ".join(tr(BASES[basis]) for basis in entry.bases)
    said[tr("Transfers to other countries")] = "; ".join(
        f"{t.to.of(tr.lang)}: {tr(MECHANISMS[t.mechanism])}" for t in entry.transfers
    )
    said[tr("A notice of its own (address)")] = entry.link
    said[tr("Stands in the privacy notice")] = tr("Yes") if entry.shown else tr("No")
    return said


_LABELS = HEADS | {"name": "What it is called", "why": "More about the basis"}
_HELP = {
    "name": "As readers of the notice would call it.",
    "purpose": "What the data are used for, and nothing else.",
    "people": "Kinds of people, not names: customers, suppliers' employees.",
    "data": "Kinds of data: name, address, what is written.",
    "why": "Which interest, which law or which contract; what somebody can say yes to.",
    "retention": "A number, or the event from which it is counted. “As long as necessary” tells nobody anything.",
    "recipients": "Kinds of recipients, or names: data processors, authorities, partners.",
    "security": "In general terms: who has access, how it is protected.",
}


@get("/desk/record/{key:str}/edit", guards=[_DESK])
async def edit_page(request: Req, key: FromPath[str]) -> Response[bytes]:
    entry = await _to_edit(request, key)
    return await _edit(request, key, forms.form_of(entry), list(entry.bases), {})


async def _to_edit(request: Req, key: str) -> Entry:
    """An entry that stands, a starting point, or an empty one of the employer's own."""
    site = site_of(request)
    if key == _NEW:
        return Entry()
    if key in await record.missing(site):
        return starting.initial(key)
    return (await record.entry(site, key)).entry


@post("/desk/record/{key:str}/edit", guards=[_DESK])
async def edit(request: Req, key: FromPath[str]) -> Response[Any]:
    site, form, bases = site_of(request), await answers(request), await chosen(request, "bases")
    await _to_edit(request, key)
    wanted, errors = forms.entry(key, form, bases)
    if errors:
        return await _edit(request, key, form, bases, errors)
    number = record.own_key() if key == _NEW else key
    changed = await record.save(site, number, wanted, user_of(request).id, clock.now())
    if not changed:
        return redirect(f"/desk/record/{number}", "Nothing was changed.")
    return redirect(f"/desk/record/{number}", "Saved. The privacy notice says so from now on.")


async def _edit(
    request: Req, key: str, form: dict[str, str], bases: list[str], errors: dict[str, str]
) -> Response[bytes]:
    facts = await service.facts(site_of(request))
    computed = writing.computed(facts, key, words(request))
    fixed = [(HEADS[name], computed[name]) for name in HEADS if name in COMPUTED.get(key, ())]
    known = dict(facts.entries).get(key) or starting.initial(key)
    return render(
        request,
        "notice/entry_form.html",
        422 if errors else 200,
        here="desk",
        key=key,
        name=computed.get("name") or known.name.of(language(request)),
        form=form,
        bases=bases,
        errors=errors,
        fields=[(name, _LABELS[name], _HELP.get(name, ""), forms.required(name)) for name in forms.fields_of(key)],
        choose_bases="bases" not in COMPUTED.get(key, ()),
        basis_words=BASES,
        mechanisms=MECHANISMS,
        notes=NOTES,
        places=range(1, forms.TRANSFERS + 1),
        fixed=fixed,
        on_record=key in dict(facts.entries),
        longest=forms.LONGEST,
    )


@get("/desk/record/{key:str}/remove", guards=[_DESK])
async def remove_page(request: Req, key: FromPath[str]) -> Response[bytes]:
    kept = await record.entry(site_of(request), key)
    if key in activities.ALWAYS:
        raise NotFound()
    name = kept.entry.name.of(language(request))
    return render(request, "notice/entry_remove.html", here="desk", key=key, name=name)


@post("/desk/record/{key:str}/remove", guards=[_DESK])
async def remove(request: Req, key: FromPath[str]) -> Response[Any]:
    await record.take_off(site_of(request), key, user_of(request).id, clock.now())
    return redirect("/desk/record", "The entry is off the record. Its versions are kept.")


ROUTES = [record_page, record_pdf, entry_page, edit_page, edit, remove_page, remove]
