"""The desk's pages of restrictions: which stand, why, placing, reviewing and lifting them (L15).

Guards that the list names nobody, that one restriction is shown only after the look at it was written, and that lifting
says first that the person is told before.
"""

from datetime import date
from typing import Any, cast
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import audit, clock, employer, typed
from recruit.accounts.guards import DPO, staff
from recruit.errors import FormInvalid, NotFound
from recruit.retention import overview, restrictions
from recruit.retention.restrictions import GROUNDS, Cause, Ground, Restriction
from recruit.web import Req, answers, redirect, render, site_of, user_of
from recruit.web import words as translator_of


@get("/desk/restrictions", guards=[staff(DPO)])
async def restriction_list(request: Req) -> Response[Any]:
    rows = await restrictions.standing(site_of(request))
    return render(request, "retention/restrictions.html", here="desk", rows=rows, grounds=GROUNDS)


@get("/desk/restrictions/new", guards=[staff(DPO)])
async def restrict_form(request: Req) -> Response[Any]:
    return await _form(request, _id(request.query_params.get("application", "")), {}, {})


@post("/desk/restrictions/new", guards=[staff(DPO)])
async def restrict(request: Req) -> Response[Any]:
    form = await answers(request)
    application = _id(form.get("application", ""))
    cause = Cause(
        ground=cast("Ground", form.get("ground", "")),
        by=user_of(request).id,
        reason=form.get("reason", ""),
        permanent=form.get("lasts") == "permanent",
        review_on=_review_day(form.get("review_on", "")),
    )
    try:
        (placed,) = await restrictions.place(site_of(request), [application], cause, clock.now())
    except FormInvalid as wrong:
        return await _form(request, application, form, wrong.errors, 422)
    return redirect(f"/desk/restrictions/{placed}", "The application is restricted. The person is told by e-mail.")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound() from None


def _review_day(text: str) -> date | None:
    """The day that was typed; an unreadable one is no day that anybody may choose, an empty one is left to the rule."""
    return (typed.day(text) or date.min) if text else None


async def _form(
    request: Req, application: UUID, form: dict[str, str], errors: dict[str, str], status: int = 200
) -> Response[Any]:
    site, now, tr = site_of(request), clock.now(), translator_of(request)
    await restrictions.require_present(site, application)
    await audit.look(user_of(request).id, DPO, [application], "restriction", now)
    return render(
        request,
        "retention/restrict.html",
        status,
        here="desk",
        application=application,
        clock=await overview.clock_of(site, application, now, tr),
        grounds=[(ground, tr(text), None) for ground, text in GROUNDS.items()],
        form=form,
        errors=errors,
    )


@get("/desk/restrictions/{number:uuid}", guards=[staff(DPO)])
async def restriction_page(request: Req, number: FromPath[UUID]) -> Response[Any]:
    return await _page(request, number, {}, {})


async def _page(
    request: Req, number: UUID, form: dict[str, str], errors: dict[str, str], status: int = 200
) -> Response[Any]:
    """A look at somebody's data, written before it is shown."""
    site, now = site_of(request), clock.now()
    await audit.look(user_of(request).id, DPO, [await restrictions.owner(site, number)], "restriction", now)
    found = await restrictions.one(site, number)
    return render(
        request,
        "retention/restriction.html",
        status,
        here="desk",
        restriction=found,
        ground=GROUNDS[found.ground],
        state=_state(found, clock.day(now)),
        hours=(await employer.policy(site)).notice_wait_hours,
        clock=await overview.clock_of(site, found.application, now, translator_of(request)),
        form=form,
        errors=errors,
    )


def _state(found: Restriction, today: date) -> str:
    if not found.standing:
        return "lifted"
    if found.told_at is not None:
        return "lifting"
    return "past_review" if today > found.review_on else "stands"


@post("/desk/restrictions/{number:uuid}/review", guards=[staff(DPO)])
async def review_restriction(request: Req, number: FromPath[UUID]) -> Response[Any]:
    form = await answers(request)
    try:
        review_on = typed.day(form.get("review_on", ""))
        await restrictions.review(site_of(request), number, review_on, user_of(request).id, clock.now())
    except FormInvalid as wrong:
        return await _page(request, number, form, wrong.errors, 422)
    return redirect(
        f"/desk/restrictions/{number}", "Saved. The restriction stands, and is looked at again on that day."
    )


@post("/desk/restrictions/{number:uuid}/lift", guards=[staff(DPO)])
async def lift_restriction(request: Req, number: FromPath[UUID]) -> Response[Any]:
    form = await answers(request)
    try:
        await restrictions.lift(site_of(request), number, form.get("words", ""), user_of(request).id, clock.now())
    except FormInvalid as wrong:
        return await _page(request, number, form, wrong.errors, 422)
    return redirect(
        f"/desk/restrictions/{number}", "The person is being told. The restriction is lifted once the e-mail has left."
    )


ROUTES: list[object] = [
    restriction_list,
    restrict_form,
    restrict,
    restriction_page,
    review_restriction,
    lift_restriction,
]
