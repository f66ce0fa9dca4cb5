"""Closing and reopening a vacancy.

Guards that whatever closes says first what happens to how many.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock, employer
from recruit.accounts.guards import RECRUITER, staff
from recruit.hiring import access, vacancies
from recruit.hiring.pipeline_pages import title_of
from recruit.hiring.rules import Plan
from recruit.i18n import Translate
from recruit.web import Req, redirect, render, site_of, user_of, words


@get("/vacancies/{vacancy:uuid}/close", guards=[staff(RECRUITER)])
async def close_page(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    """How many people closing concerns, and what happens to each of them."""
    site, now = site_of(request), clock.now()
    row = await access.vacancy_of(site, user_of(request), vacancy)
    plan = await vacancies.plan(site, vacancy, now)
    policy = await employer.policy(site)
    return render(
        request,
        "hiring/close.html",
        here="vacancies",
        vacancy=row,
        title=title_of(request, row),
        effects=_effects(plan, words(request), policy.answer_window_days),
        plan=plan,
    )


def _effects(plan: Plan, _: Translate, window: int) -> list[str]:
    """What closing does, a sentence for each group (L3, L4, L14, L15)."""
    n = len(plan.closing)
    said = [_.plural("It concerns {n} person.", "It concerns {n} people.", n) if n else _("It concerns nobody.")]
    for group in plan.groups:
        one, many = _GROUPS.get(group.why, _GROUPS["no_consent"])
        said.append(_.plural(one, many, group.n, until=group.until, days=window))
    counted = (
        (plan.held, "{n} of them is under a legal hold and is kept as long as that stands.",
         "{n} of them are under a legal hold and are kept as long as that stands."),
        (plan.offered, "{n} of them has an offer: record them as hired first, if they got the position.",
         "{n} of them have an offer: record them as hired first, if they got the position."),
        (plan.restricted, "{n} application is restricted and stays as it is; the person responsible for privacy "
         "decides about it.", "{n} applications are restricted and stay as they are; the person responsible for "
         "privacy decides about them."),
        (plan.unchanged, "{n} application has its outcome already and stays as it is.",
         "{n} applications have their outcome already and stay as they are."),
    )  # fmt: skip
    said += [_.plural(one, many, count) for count, one, many in counted if count]
    if n:
        said.append(_("Each of them gets an e-mail that says so and asks whether to be kept for future vacancies."))
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
}


@post("/vacancies/{vacancy:uuid}/close", guards=[staff(RECRUITER)])
async def close(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    site, me = site_of(request), user_of(request)
    await access.vacancy_of(site, me, vacancy)
    await vacancies.close(site, vacancy, me.id, clock.now())
    return redirect(f"/vacancies/{vacancy}", "Closed. The candidates are told by e-mail.")


@get("/vacancies/{vacancy:uuid}/reopen", guards=[staff(RECRUITER)])
async def reopen_page(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    """What reopening takes up again, and what it cannot."""
    site = site_of(request)
    row = await access.vacancy_of(site, user_of(request), vacancy)
    back = await vacancies.would_reopen(site, row, clock.today())
    return render(
        request, "hiring/reopen.html", here="vacancies", vacancy=row, title=title_of(request, row), back=len(back)
    )


@post("/vacancies/{vacancy:uuid}/reopen", guards=[staff(RECRUITER)])
async def reopen(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    site, me = site_of(request), user_of(request)
    row = await access.vacancy_of(site, me, vacancy)
    await vacancies.reopen(site, row, me.id, clock.now())
    return redirect(f"/vacancies/{vacancy}", "Open again. Those whose applications go on are told by e-mail.")


ROUTES: list[object] = [close_page, close, reopen_page, reopen]
