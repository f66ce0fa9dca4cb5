"""Writing to candidates: to one from the application, to many from the list's selection; and the employer's templates.

Guards that nothing leaves before each mail was looked at with its fields filled in, that what lacks a value is said by
field and person, and that what was typed is never lost to a refusal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock
from recruit.accounts.guards import MANAGER, RECRUITER, staff
from recruit.errors import FormInvalid, NotAllowed
from recruit.hiring import access, correspondence, letter_templates, pipeline, rules, wanted, wording
from recruit.hiring.correspondence import Addressee, Draft
from recruit.hiring.pipeline import Pipeline
from recruit.hiring.pipeline_pages import shown_vacancy, title_of, units_of
from recruit.i18n import LANGUAGES, Language
from recruit.web import Req, answers, redirect, render, site_of, user_of, words

SHOWN = 20
"""So many mails are shown in full before they leave; whoever lacks something comes first."""
_BLANK: dict[str, str] = {}


@dataclass(frozen=True)
class _Matter:
    """To whom a form writes, and what was typed in it."""

    of: Pipeline
    to: Sequence[Addressee]
    form: dict[str, str]

    @property
    def langs(self) -> tuple[Language, ...]:
        """The languages in which words are needed."""
        return tuple(lang for lang in LANGUAGES if any(each.lang == lang for each in self.to))


@get("/applications/{application:uuid}/letter", guards=[staff(RECRUITER, MANAGER)])
async def letter_page(request: Req, application: FromPath[UUID]) -> Response[bytes]:
    """An e-mail to one candidate."""
    site, me, now = site_of(request), user_of(request), clock.now()
    opened = await access.opened(site, me, application, "decide", now, "letter")
    of = await pipeline.of(site, me, opened.vacancy["id"])
    to = await correspondence.addressees(of, [application], now)
    return await _form_page(request, _Matter(of, to, {}))


@post("/vacancies/{vacancy:uuid}/letter", guards=[staff(RECRUITER, MANAGER)], status_code=200)
async def write(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    """To those who are chosen: the form, a template's words in it, the look at what would leave, and the sending."""
    site, now, form = site_of(request), clock.now(), await answers(request)
    of = await pipeline.of(site, user_of(request), vacancy)
    if "letter" not in rules.acts_of(of.role):
        raise NotAllowed()
    units = await units_of(request, of, wanted.of(form), form)
    if not 0 < len(units) <= correspondence.MOST:
        few = "Choose at least one application." if not units else "Choose at most 500 at once."
        return await shown_vacancy(request, vacancy, 422, few)
    matter = _Matter(of, await correspondence.addressees(of, units, now), form)
    if form.get("act") == "fill" and (template := wanted.id_of(form.get("template", ""))):
        filled = form | (await letter_templates.one(site, template)).form()
        return await _form_page(request, _Matter(of, matter.to, filled))
    if form.get("act") not in ("look", "send"):
        return await _form_page(request, matter)
    return await _looked_at(request, matter)


async def _looked_at(request: Req, matter: _Matter) -> Response[Any]:
    """What would leave; with the mark of that look, it does."""
    form, now, said = matter.form, clock.now(), wording.of_form(matter.form)
    try:
        errors = wording.problems(said, matter.langs)
        leaves = wording.leaves_at(form.get("leaves", ""), now)
        if errors:
            raise FormInvalid(errors)
    except FormInvalid as error:
        return await _form_page(request, matter, {**wording.problems(said, matter.langs), **error.errors})
    written = correspondence.drafts(matter.to, said)
    if form["act"] == "look":
        return _check_page(request, matter, written)
    units = [each.id for each in matter.to]
    try:
        n = await correspondence.send(matter.of, units, said, form.get("mark", ""), now, leaves)
    except (correspondence.Changed, correspondence.NotWhole) as error:
        return _check_page(request, matter, written, error.status, error.text)
    vacancy = matter.of.vacancy["id"]
    place = f"/applications/{units[0]}#letters" if n == 1 else f"/vacancies/{vacancy}"
    return redirect(place, "The e-mail waits for its time." if leaves else "The e-mail is on its way.")


async def _form_page(request: Req, matter: _Matter, errors: dict[str, str] | None = None) -> Response[bytes]:
    site, _ = site_of(request), words(request)
    return render(
        request,
        "hiring/letter.html",
        422 if errors else 200,
        here="vacancies",
        vacancy=matter.of.vacancy,
        title=title_of(request, matter.of.vacancy),
        to=matter.to,
        langs=matter.langs,
        templates=[(each.id, each.name) for each in await letter_templates.listed(site)],
        fields=_fields(request),
        latest=wording.LATEST.days,
        form=matter.form,
        errors=errors or {},
        recruiter=matter.of.role == RECRUITER,
    )


def _fields(request: Req) -> list[tuple[str, str]]:
    """What can be filled in: how it is written, in the reader's language, and what it says."""
    _ = words(request)
    names = wording.NORWEGIAN if _.lang == "nb" else {code: code for code in wording.FIELDS}
    return [("{" + names[code] + "}", _(said)) for code, said in wording.FIELDS.items()]


def _check_page(
    request: Req, matter: _Matter, written: Sequence[Draft], status: int = 200, problem: str = ""
) -> Response[bytes]:
    """Each mail as it will read, and for whom something is missing."""
    _ = words(request)
    missing = {code: _(said) for code, said in wording.FIELDS.items()}
    kept = [(name, matter.form.get(name, "")) for lang in LANGUAGES for name in (f"subject_{lang}", f"mail_{lang}")]
    return render(
        request,
        "hiring/letter_check.html",
        status,
        here="vacancies",
        vacancy=matter.of.vacancy,
        title=title_of(request, matter.of.vacancy),
        drafts=written[:SHOWN],
        n=len(written),
        whole=bool(written) and all(draft.whole for draft in written),
        lacking=lambda draft: ", ".join(
            [missing[code] for code in draft.lacking] + ([] if draft.to.email else [_("E-mail address")])
        ),
        fields=[("application", str(each.id)) for each in matter.to]
        + [pair for pair in kept if pair[1]]
        + [("leaves", matter.form.get("leaves", ""))],
        mark=correspondence.mark(matter.to),
        leaves=wording.leaves_at(matter.form.get("leaves", ""), clock.now()),
        problem=problem,
    )


@post("/applications/{application:uuid}/letters/{mail:uuid}/take-back", guards=[staff(RECRUITER, MANAGER)])
async def take_back(request: Req, application: FromPath[UUID], mail: FromPath[UUID]) -> Response[Any]:
    """An e-mail that waits for its time does not leave."""
    now = clock.now()
    opened = await access.opened(site_of(request), user_of(request), application, "decide", now, "letter")
    await correspondence.take_back(site_of(request), opened, mail, now)
    return redirect(f"/applications/{application}#letters", "The e-mail is taken back. It does not leave.")


# --- templates --------------------------------------------------------------------------------------------------------


@get("/letters", guards=[staff(RECRUITER, MANAGER)])
async def template_list(request: Req) -> Response[bytes]:
    """The employer's templates."""
    return render(
        request,
        "hiring/letter_templates.html",
        here="vacancies",
        templates=await letter_templates.listed(site_of(request)),
    )


@get("/letters/new", guards=[staff(RECRUITER)])
async def template_new(request: Req) -> Response[bytes]:
    return _template_page(request, None, _BLANK, {})


@post("/letters/new", guards=[staff(RECRUITER)])
async def template_create(request: Req) -> Response[Any]:
    return await _save(request, None)


@get("/letters/{letter:uuid}", guards=[staff(RECRUITER)])
async def template_page(request: Req, letter: FromPath[UUID]) -> Response[bytes]:
    return _template_page(request, letter, (await letter_templates.one(site_of(request), letter)).form(), {})


@post("/letters/{letter:uuid}", guards=[staff(RECRUITER)])
async def template_change(request: Req, letter: FromPath[UUID]) -> Response[Any]:
    await letter_templates.one(site_of(request), letter)
    return await _save(request, letter)


@post("/letters/{letter:uuid}/remove", guards=[staff(RECRUITER)])
async def template_remove(request: Req, letter: FromPath[UUID]) -> Response[Any]:
    await letter_templates.remove(site_of(request), letter, user_of(request).id, clock.now())
    return redirect("/letters", "The template is removed.")


async def _save(request: Req, template: UUID | None) -> Response[Any]:
    form = await answers(request)
    try:
        await letter_templates.save(site_of(request), template, form, user_of(request).id, clock.now())
    except FormInvalid as error:
        return _template_page(request, template, form, error.errors, error.status)
    return redirect("/letters", "Saved.")


def _template_page(
    request: Req, template: UUID | None, form: dict[str, str], errors: dict[str, str], status: int = 200
) -> Response[bytes]:
    return render(
        request,
        "hiring/letter_template.html",
        status,
        here="vacancies",
        number=template,
        form=form,
        langs=LANGUAGES,
        fields=_fields(request),
        errors=errors,
    )


ROUTES: list[object] = [
    letter_page,
    write,
    take_back,
    template_list,
    template_new,
    template_create,
    template_page,
    template_change,
    template_remove,
]
