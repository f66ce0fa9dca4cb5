"""Closing and reopening a vacancy, and deciding about many of its applications at once.

Guards that whatever ends a process says first what happens to how many and to whom, in which words and until when it is
kept; that nothing goes out before exactly that was confirmed; and that no outcome is proposed (L13).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock, employer
from recruit.accounts.guards import MANAGER, RECRUITER, staff
from recruit.errors import FormInvalid, NotAllowed
from recruit.hiring import access, closing, forms, pipeline, rules, waiting, wanted, wording
from recruit.hiring.closing import Checked, Decision
from recruit.hiring.pipeline import Pipeline
from recruit.hiring.pipeline_pages import title_of, units_of
from recruit.hiring.rules import Plan
from recruit.i18n import LANGUAGES, Language, Translate, format_instant
from recruit.retention.rules import Outcome
from recruit.web import Req, answers, chosen, redirect, render, site_of, user_of, words

NAMED = 200
"""So many people are named on the page; how many there are is always said."""
_OTHERS: tuple[Outcome, ...] = ("rejected", "position_filled")


@dataclass(frozen=True)
class _Matter:
    """What a form is about: a whole vacancy that is to be closed, or chosen applications (`units`) of an open one."""

    of: Pipeline
    units: tuple[UUID, ...] = ()

    @property
    def address(self) -> str:
        return f"/vacancies/{self.of.vacancy['id']}/{'decide' if self.units else 'close'}"


@get("/vacancies/{vacancy:uuid}/close", guards=[staff(RECRUITER)])
async def close_page(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    """How many people closing concerns, who may have got the position, and what the others are told."""
    of = await pipeline.of(site_of(request), user_of(request), vacancy)
    return await _form_page(request, _Matter(of), {"ask": "1"}, (), {})


@post("/vacancies/{vacancy:uuid}/close", guards=[staff(RECRUITER)])
async def close(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    """First a look at what would go out to whom; with the mark of that look, the act itself."""
    of = await pipeline.of(site_of(request), user_of(request), vacancy)
    return await _decided(request, _Matter(of), await answers(request))


@post("/vacancies/{vacancy:uuid}/decide", guards=[staff(RECRUITER, MANAGER)])
async def decide(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    """The same for chosen applications, while the vacancy goes on."""
    form = await answers(request)
    of = await pipeline.of(site_of(request), user_of(request), vacancy)
    if "outcome" not in rules.acts_of(of.role):
        raise NotAllowed()
    units = tuple(await units_of(request, of, wanted.of(form), form))
    if not units:
        return redirect(f"/vacancies/{vacancy}", "Choose at least one application.")
    if "asked" not in form:
        return await _form_page(request, _Matter(of, units), {"ask": "1"}, (), {})
    return await _decided(request, _Matter(of, units), form)


async def _decided(request: Req, matter: _Matter, form: dict[str, str]) -> Response[Any]:
    hired = tuple(unit for text in await chosen(request, "hired") if (unit := wanted.id_of(text)))
    if form.get("back"):
        return await _form_page(request, matter, form, hired, {})
    try:
        decision = _decision(form, hired, clock.now())
    except FormInvalid as error:
        return await _form_page(request, matter, form, hired, error.errors, error.status)
    if not form.get("mark"):
        return await _check_page(request, matter, decision, form)
    site, me, now, vacancy = matter.of.site, matter.of.me, clock.now(), matter.of.vacancy["id"]
    try:
        if matter.units:
            await closing.decide(site, vacancy, matter.units, decision, form["mark"], me.id, now)
        else:
            await closing.close(site, vacancy, me.id, now, decision, form["mark"])
    except closing.Changed as error:
        return await _check_page(request, matter, decision, form, error.status, error.text)
    return redirect(f"/vacancies/{vacancy}", _DONE[bool(matter.units), decision.leaves is not None])


_DONE = {
    (True, False): "The outcomes are recorded, and the candidates are told by e-mail.",
    (False, False): "Closed. The candidates are told by e-mail.",
    (True, True): "The outcomes are recorded, and the candidates are told at the chosen time.",
    (False, True): "Closed. The candidates are told at the chosen time.",
}
"""What is said afterwards: of chosen applications or of a vacancy, told at once or later (message ids)."""


def _decision(form: dict[str, str], hired: tuple[UUID, ...], now: datetime) -> Decision:
    """FormInvalid unless somebody says what happens to those who do not get the position: none is proposed (L13)."""
    said, leaves = forms.closing_words(form), wording.leaves_at(form.get("leaves", ""), now, waiting.LATEST)
    if form.get("others") not in _OTHERS:
        raise FormInvalid({"others": "Choose what happens to those who do not get the position."})
    return Decision(hired, cast("Outcome", form["others"]), said, form.get("ask") == "1", leaves)


async def _form_page(
    request: Req,
    matter: _Matter,
    form: dict[str, str],
    hired: tuple[UUID, ...],
    errors: dict[str, str],
    status: int = 200,
) -> Response[bytes]:
    site, now, vacancy = matter.of.site, clock.now(), matter.of.vacancy
    what = await closing.check(site, vacancy["id"], Decision(), now, matter.units)
    at_offer = await closing.at_offer(site, what.others.closing)
    people = await access.names_of(site, matter.of.me, matter.of.role, at_offer, "decide", now)
    policy = await employer.policy(site)
    return render(
        request,
        "hiring/close.html",
        status,
        here="vacancies",
        vacancy=vacancy,
        title=title_of(request, vacancy),
        effects=_effects(what.others, words(request), policy.answer_window_days),
        n=len(what.others.closing),
        at_offer=[(unit, person.name) for unit, person in people.items()],
        usual={lang: await closing.usual_words(site, vacancy, lang) for lang in LANGUAGES},
        hired=[str(unit) for unit in hired],
        units=matter.units,
        address=matter.address,
        form=form,
        errors=errors,
        latest=waiting.LATEST.days,
    )


async def _check_page(
    request: Req,
    matter: _Matter,
    decision: Decision,
    form: dict[str, str],
    status: int = 200,
    problem: str = "",
) -> Response[bytes]:
    """Who is hired, who is told what in which words, who is asked for consent, and what is purged when."""
    site, now, vacancy, _ = matter.of.site, clock.now(), matter.of.vacancy, words(request)
    what = await closing.check(site, vacancy["id"], decision, now, matter.units)
    window = (await employer.policy(site)).answer_window_days
    return render(
        request,
        "hiring/close_check.html",
        status,
        here="vacancies",
        vacancy=vacancy,
        title=title_of(request, vacancy),
        what=what,
        hired_names=await _names(matter, what.hired),
        other_names=await _names(matter, what.others),
        named=NAMED,
        hired_effects=_effects(what.hired, _, window, ask=False) if what.hired.closing else [],
        effects=_effects(what.others, _, window, decision.ask, decision.leaves),
        previews=await _previews(matter, decision, what),
        units=matter.units,
        address=matter.address,
        decision=decision,
        fields=[*_fields(matter, decision, what), ("leaves", form.get("leaves", ""))],
        problem=problem,
    )


async def _previews(matter: _Matter, decision: Decision, what: Checked) -> list[tuple[str, Language, str]]:
    """The mails as they will read: outcome, language, text."""
    kinds: list[Outcome] = ["hired"] if what.hired.closing else []
    kinds += [decision.others] if what.others.closing else []
    site, vacancy = matter.of.site, matter.of.vacancy
    return [
        (kind, lang, await closing.preview(site, vacancy, kind, decision, lang)) for kind in kinds for lang in LANGUAGES
    ]


async def _names(matter: _Matter, plan: Plan) -> list[str]:
    """The first of these people by name; each name shown is a look."""
    rows = await closing.rows_of(matter.of.site, plan.closing[:NAMED])
    people = await access.names_of(matter.of.site, matter.of.me, matter.of.role, rows, "decide", clock.now())
    return sorted((person.name for person in people.values()), key=str.casefold)


def _fields(matter: _Matter, decision: Decision, what: Checked) -> list[tuple[str, str]]:
    """What the confirmation carries back, exactly as it was checked."""
    said = decision.words or {}
    fields = [("application", str(unit)) for unit in matter.units] + [("hired", str(unit)) for unit in decision.hired]
    fields += [(f"words_{lang}", said[lang]) for lang in LANGUAGES if lang in said]
    fields += [("others", decision.others), ("asked", "1")] + ([("ask", "1")] if decision.ask else [])
    return fields


def _effects(plan: Plan, _: Translate, window: int, ask: bool = True, leaves: datetime | None = None) -> list[str]:
    """What closing does, a sentence for each group (L3, L4, L14, L15)."""
    n = len(plan.closing)
    said = [_.plural("It concerns {n} person.", "It concerns {n} people.", n) if n else _("It concerns nobody.")]
    for group in plan.groups:
        one, many = _GROUPS.get(group.why, _GROUPS["no_consent"])
        said.append(_.plural(one, many, group.n, until=group.until, days=window))
    counted = (
        (plan.held, "{n} of them is under a legal hold and is kept as long as that stands.",
         "{n} of them are under a legal hold and are kept as long as that stands."),
        (plan.restricted, "{n} application is restricted and stays as it is; the person responsible for privacy "
         "decides about it.", "{n} applications are restricted and stay as they are; the person responsible for "
         "privacy decides about them."),
        (plan.unchanged, "{n} application has its outcome already and stays as it is.",
         "{n} applications have their outcome already and stay as they are."),
    )  # fmt: skip
    said += [_.plural(one, many, count) for count, one, many in counted if count]
    if n:
        asked = "Each of them gets an e-mail that says so and asks whether to be kept for future vacancies."
        said.append(_(asked if ask else "Each of them gets an e-mail that says so. It does not ask for consent."))
        if leaves:
            told = "The e-mails leave {at}. Until then nothing changes for them, and you can stop it."
            said.append(_(told, at=format_instant(leaves, _.lang)))
        said.append(_.plural("You can undo it within {n} day.", "You can undo it within {n} days.", window))
    return said


_GROUPS = {
    "consented": (
        "{n} has consented to more and is kept until {until}.",
        "{n} have consented to more and are kept until {until}.",
    ),
    "no_consent": (
        "{n} has not consented to more: erased after {until}, unless the answer to the e-mail is yes.",
        "{n} have not consented to more: erased after {until}, unless the answer to the e-mail is yes.",
    ),
    "hired": (
        "{n} is hired: the application is erased here after {until}.",
        "{n} are hired: the applications are erased here after {until}.",
    ),
    "erasure_granted": (
        "{n} was granted erasure and is erased at once.",
        "{n} were granted erasure and are erased at once.",
    ),
    "objection_upheld": ("{n} has objected and is erased at once.", "{n} have objected and are erased at once."),
}


@get("/vacancies/{vacancy:uuid}/reopen", guards=[staff(RECRUITER)])
async def reopen_page(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    """What reopening takes up again, and what it cannot."""
    site = site_of(request)
    row = await access.vacancy_of(site, user_of(request), vacancy)
    back = await closing.would_reopen(site, row, clock.today())
    told = await waiting.of_vacancy(site, vacancy)
    return render(
        request,
        "hiring/reopen.html",
        here="vacancies",
        vacancy=row,
        title=title_of(request, row),
        back=len(back),
        waits=sum(n for _, n in told),
    )


@post("/vacancies/{vacancy:uuid}/reopen", guards=[staff(RECRUITER)])
async def reopen(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    site, me = site_of(request), user_of(request)
    row = await access.vacancy_of(site, me, vacancy)
    if row["state"] == "closed":
        await closing.reopen(site, row, me.id, clock.now())
    return redirect(f"/vacancies/{vacancy}", "Open again. Those whose applications go on are told by e-mail.")


@post("/vacancies/{vacancy:uuid}/waiting/stop", guards=[staff(RECRUITER, MANAGER)])
async def stop(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    """Nobody of this vacancy is told at the chosen time; their applications run on."""
    of = await pipeline.of(site_of(request), user_of(request), vacancy)
    if "outcome" not in rules.acts_of(of.role):
        raise NotAllowed()
    n = await waiting.stop(of.site, vacancy, of.me.id, clock.now())
    return redirect(f"/vacancies/{vacancy}?state=running", _STOPPED if n else _TOO_LATE)


@post("/applications/{application:uuid}/waiting/stop", guards=[staff(RECRUITER, MANAGER)])
async def stop_one(request: Req, application: FromPath[UUID]) -> Response[Any]:
    """The same for one application."""
    now = clock.now()
    opened = await access.opened(site_of(request), user_of(request), application, "decide", now, "outcome")
    n = await waiting.stop_one(site_of(request), opened, now)
    return redirect(f"/applications/{application}", _STOPPED if n else _TOO_LATE)


_STOPPED = "Stopped. Nobody is told, and the process goes on."
_TOO_LATE = "There is nothing to stop any more."

ROUTES: list[object] = [close_page, close, decide, reopen_page, reopen, stop, stop_one]
