"""The papers of the privacy contact (art. 30, 33, 35): breach notes, the impact assessment, and where the record is.

Guards that each paper is made from live data at the moment it is asked for, in both languages, and that only whoever
answers for privacy reads the words of a breach.
"""

import asyncio
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock, paper
from recruit.accounts.guards import DPO, staff
from recruit.data_map import CATEGORIES, categories
from recruit.notice import assessment, breach_form, breaches, rules, service, writing
from recruit.notice.breaches import Noted
from recruit.notice.writing import HEADS
from recruit.web import Req, answers, chosen, redirect, render, site_of, user_of, words

_DESK = staff(DPO)


@get("/desk/papers", guards=[_DESK])
async def papers_page(request: Req) -> Response[bytes]:
    site, now = site_of(request), clock.now()
    notes = await breaches.listed(site)
    return render(
        request,
        "notice/papers.html",
        here="desk",
        notes=[(note, note.late(now), note.old(clock.day(now))) for note in notes],
        kinds=rules.KINDS,
    )


@get("/desk/papers/assessment", guards=[_DESK])
async def assessment_pdf(request: Req) -> Response[bytes]:
    """The starting point for an impact assessment, filled in as far as the program knows."""
    site, tr = site_of(request), words(request)
    facts, counted = await service.facts(site), await assessment.counted(site)
    return await _drawn(
        request,
        "impact-assessment",
        "notice/assessment_paper.html",
        title=tr("Impact assessment: a starting point"),
        need=assessment.NEED,
        shown=writing.shown_of(facts, "recruitment", tr),
        heads={name: HEADS[name] for name in HEADS if name != "data"},
        categories=[CATEGORIES[name] for name in categories()],
        counted=counted,
        counts=[(assessment.COUNTED[name], n) for name, n in counted.what.items()] if counted else [],
        proportion=assessment.proportion(facts.policy),
        risks=assessment.RISKS,
        left=assessment.OPEN,
    )


async def _drawn(request: Req, name: str, template: str, **values: Any) -> Response[bytes]:
    site, tr, now = site_of(request), words(request), clock.now()
    facts = await service.facts(site)
    drawn = await asyncio.to_thread(
        paper.of_template, template, lang=tr.lang, _=tr, employer=facts.employer, made_at=now, **values
    )
    file = f"{name}-{clock.day(now).isoformat()}-{tr.lang}.pdf"
    headers = {"content-disposition": f'attachment; filename="{file}"', "cache-control": "no-store"}
    return Response(drawn, media_type="application/pdf", headers=headers)


# --- breach notes -----------------------------------------------------------------------------------------------------


@get("/desk/breaches/new", guards=[_DESK])
async def new_page(request: Req) -> Response[bytes]:
    now = clock.now().astimezone(clock.ZONE)
    form = {"known_on": now.date().isoformat(), "known_time": f"{now:%H:%M}"}
    return _form(request, None, form, [], [], {})


@post("/desk/breaches/new", guards=[_DESK])
async def new(request: Req) -> Response[Any]:
    return await _save(request, None)


@get("/desk/breaches/{number:uuid}", guards=[_DESK])
async def note_page(request: Req, number: FromPath[UUID]) -> Response[bytes]:
    site, now = site_of(request), clock.now()
    note = await breaches.noted(site, number)
    return render(request, "notice/breach.html", here="desk", late=note.late(now), **await _told(request, note))


async def _told(request: Req, note: Noted) -> dict[str, Any]:
    """What page and paper both say of a note."""
    return {
        "note": note,
        "kinds": [rules.KINDS[kind] for kind in note.breach.kinds],
        "stores": [rules.STORES[store] for store in note.breach.stores],
        "sealed": await breaches.sealed(site_of(request)),
        "unit_words": UNITS,
    }


UNITS: dict[str, str] = {
    "application": "Applications with all that hangs on them",
    "profile": "Candidates' profiles",
    "referee": "Referees",
    "draft": "Drafts",
    "enquiry": "Enquiries",
    "incoming": "E-mails that came in",
    "document": "Documents held apart",
    "part": "Parts held apart",
    "staff": "Accounts of staff",
    "breach": "Notes of breaches",
}
"""The units that have a key of their own, as a note counts them."""


@get("/desk/breaches/{number:uuid}/pdf", guards=[_DESK])
async def note_pdf(request: Req, number: FromPath[UUID]) -> Response[bytes]:
    note = await breaches.noted(site_of(request), number)
    title = words(request)("Note of a personal data breach")
    return await _drawn(
        request, "breach", "notice/breach_paper.html", title=title, late=note.late(clock.now()),
        **await _told(request, note),
    )  # fmt: skip


@get("/desk/breaches/{number:uuid}/edit", guards=[_DESK])
async def edit_page(request: Req, number: FromPath[UUID]) -> Response[bytes]:
    note = (await breaches.noted(site_of(request), number)).breach
    return _form(request, number, breach_form.form_of(note), list(note.kinds), list(note.stores), {})


@post("/desk/breaches/{number:uuid}/edit", guards=[_DESK])
async def edit(request: Req, number: FromPath[UUID]) -> Response[Any]:
    await breaches.noted(site_of(request), number)
    return await _save(request, number)


async def _save(request: Req, number: UUID | None) -> Response[Any]:
    site, form, now, me = site_of(request), await answers(request), clock.now(), user_of(request).id
    kinds, stores = await chosen(request, "kinds"), await chosen(request, "stores")
    breach, errors = breach_form.breach(form, kinds, stores, now)
    if breach is None:
        return _form(request, number, form, kinds, stores, errors)
    if number is None:
        number = await breaches.write(site, breach, me, now)
    else:
        await breaches.change(site, number, breach, me, now)
    return redirect(f"/desk/breaches/{number}", "Saved.")


def _form(
    request: Req, number: UUID | None, form: dict[str, str], kinds: list[str], stores: list[str], errors: dict[str, str]
) -> Response[bytes]:
    return render(
        request,
        "notice/breach_form.html",
        422 if errors else 200,
        here="desk",
        number=number,
        form=form,
        kinds=kinds,
        stores=stores,
        errors=errors,
        kind_words=rules.KINDS,
        store_words=rules.STORES,
        longest=breach_form.LONGEST,
    )


@get("/desk/breaches/{number:uuid}/delete", guards=[_DESK])
async def delete_page(request: Req, number: FromPath[UUID]) -> Response[bytes]:
    note = await breaches.noted(site_of(request), number)
    return render(request, "notice/breach_delete.html", here="desk", note=note)


@post("/desk/breaches/{number:uuid}/delete", guards=[_DESK])
async def delete(request: Req, number: FromPath[UUID]) -> Response[Any]:
    await breaches.delete(site_of(request), number, user_of(request).id, clock.now())
    return redirect("/desk/papers", "The note is deleted; its key goes with the next purge.")


ROUTES = [papers_page, assessment_pdf, new_page, new, note_page, note_pdf, edit_page, edit, delete_page, delete]
