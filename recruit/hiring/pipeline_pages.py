"""The pipeline of one vacancy as a list and as a board, and what is done with many applications at once.

Guards that a page shows applications only through `pipeline`, that what many are chosen for is checked for each of them
as it is for one, and that no word about a person stands in an address.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock, employer
from recruit.accounts.guards import HIRING, INTERVIEWER, RECRUITER, staff
from recruit.careers import visits
from recruit.errors import FormInvalid, MoveNotAllowed, NotAllowed, NotFound
from recruit.hiring import access, closing, pipeline, rules, service, stages, tags, team, vacancies, waiting, wanted
from recruit.hiring.pipeline import Pipeline
from recruit.hiring.rules import Act
from recruit.hiring.wanted import Wanted
from recruit.i18n import either
from recruit.retention.facts import clock_of
from recruit.web import Req, answers, chosen, language, redirect, render, site_of, user_of, words


def title_of(request: Req, vacancy: dict[str, Any]) -> str:
    return either(vacancy, "title", language(request))


@get("/vacancies/{vacancy:uuid}", guards=[staff(*HIRING)])
async def vacancy_page(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    """The applications of one vacancy, each with its step, its tags and its clock."""
    return await shown_vacancy(request, vacancy)


async def shown_vacancy(request: Req, vacancy: UUID, status: int = 200, problem: str = "") -> Response[bytes]:
    """The list or the board, after a refusal with the reason on top."""
    site, me, now = site_of(request), user_of(request), clock.now()
    of = await pipeline.of(site, me, vacancy)
    view = wanted.of(request.query_params, "ended" if of.vacancy["state"] == "closed" else "running")
    columns: dict[str, tuple[pipeline.Line, ...]] = {}
    if view.view == "board":
        listing, columns = await of.board(view, now)
    else:
        listing = await of.page(view, now)
    policy, _ = await employer.policy(site), words(request)
    decides = "outcome" in rules.acts_of(of.role)
    return render(
        request,
        "hiring/vacancy.html",
        status,
        here="vacancies",
        vacancy=of.vacancy,
        title=title_of(request, of.vacancy),
        view=view,
        listing=listing,
        columns=[(step, columns.get(step.key, ())) for step in _columns(of, listing)],
        clocks={line.id: clock_of(line.facts, policy, clock.day(now), _, "staff") for line in listing.lines},
        onward=lambda row: [(step.key, step.called(_)) for step in stages.onward(row, of.steps)],
        called=lambda step: step.called(_),
        steps=[(step.key, step.called(_)) for step in _columns(of, listing)],
        states=stages.NAMES,
        sorts=[(key, _(name)) for key, name in wanted.SORTS.items()],
        tags=await tags.listed(site),
        team_view=of.role == INTERVIEWER,
        pages=max(1, -(-listing.total // pipeline.PAGE)),
        per_step=pipeline.PER_STEP,
        team=await team.of_vacancy(site, vacancy),
        funnel=await visits.funnel(site, vacancy),
        team_roles={"hiring_manager": _("Hiring manager"), "interviewer": _("Interviewer")},
        obstacles=await vacancies.obstacles(site, of.vacancy, clock.day(now)) if of.vacancy["state"] == "draft" else [],
        recruiter=of.role == RECRUITER,
        acts=rules.acts_of(of.role),
        waits=await waiting.of_vacancy(site, vacancy) if decides else [],
        told=await waiting.of_applications(site, [line.id for line in listing.lines]) if decides else {},
        problem=problem,
    )


def _columns(of: Pipeline, listing: pipeline.Listing) -> stages.Steps:
    """The vacancy's steps, and a stage that some application stands at although the vacancy does not use it."""
    known = {step.key for step in of.steps}
    strays = sorted(key for key in listing.per_step if key not in known)
    return of.steps + tuple(stages.step_of({"step": "", "stage": key}, ()) for key in strays if key in stages.NAMES)


# --- many at once -----------------------------------------------------------------------------------------------------


@post("/vacancies/{vacancy:uuid}/many", guards=[staff(*HIRING)])
async def many(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    """One act on the chosen applications, or on all that the view holds."""
    form = await answers(request)
    of = await pipeline.of(site_of(request), user_of(request), vacancy)
    view = wanted.of(form)
    units = await units_of(request, of, view, form)
    name, _, about = form.get("act", "").partition(":")
    if not units:
        return await shown_vacancy(request, vacancy, 422, "Choose at least one application.")
    done = await _do(of, name, about or form.get(name, ""), units)
    if done is None:
        return await shown_vacancy(request, vacancy, 422, "Choose what is to be done with them.")
    flash = "Done." if done == len(units) else "Done where the rules allow it; the others stay as they are."
    return redirect(f"/vacancies/{vacancy}?{view.query(page=view.page)}", flash)


async def units_of(request: Req, of: Pipeline, view: Wanted, form: dict[str, str]) -> list[UUID]:
    """The applications that a form names, or all that its view holds; strange ids fall out."""
    if form.get("all") == "1":
        return await of.every(view)
    given = [unit for text in await chosen(request, "application") if (unit := wanted.id_of(text))]
    return await of.only_mine(given)


_Many = Callable[[Pipeline, str, Sequence[UUID], datetime], Awaitable[int]]


async def _do(of: Pipeline, name: str, about: str, units: Sequence[UUID]) -> int | None:
    """How many it was done with; None for an act that there is not."""
    if name not in _ACTS:
        return None
    act, do = _ACTS[name]
    if act is not None and act not in rules.acts_of(of.role):
        raise NotAllowed()
    return await do(of, about, units, clock.now())


async def _move(of: Pipeline, key: str, units: Sequence[UUID], now: datetime) -> int:
    n = 0
    for unit in units:
        try:
            opened = await access.opened(of.site, of.me, unit, "decide", now, "move")
            await service.move(of.site, opened, key, now)
        except (MoveNotAllowed, rules.OutcomeWaits, rules.ProcessEnded):
            continue
        except FormInvalid as error:
            raise NotFound() from error
        n += 1
    return n


async def _tag(of: Pipeline, tag: str, units: Sequence[UUID], now: datetime) -> int:
    await tags.put(of.site, units, _known(tag), of.me.id, now)
    return len(units)


async def _untag(of: Pipeline, tag: str, units: Sequence[UUID], now: datetime) -> int:
    await tags.take(of.site, units, _known(tag), of.me.id, now)
    return len(units)


async def _assign(of: Pipeline, colleague: str, units: Sequence[UUID], now: datetime) -> int:
    await team.assign(of.site, of.vacancy["id"], units, _known(colleague), of.me.id, now)
    return len(units)


async def _relieve(of: Pipeline, colleague: str, units: Sequence[UUID], now: datetime) -> int:
    await team.relieve(of.site, units, _known(colleague), of.me.id, now)
    return len(units)


async def _read(of: Pipeline, _: str, units: Sequence[UUID], now: datetime) -> int:
    await access.mark_seen(of.site, of.me, units, now)
    return len(units)


async def _unread(of: Pipeline, _: str, units: Sequence[UUID], now: datetime) -> int:
    await access.mark_new(of.site, of.me, units)
    return len(units)


async def _undo(of: Pipeline, _: str, units: Sequence[UUID], now: datetime) -> int:
    return await closing.take_back(of.site, units, of.me.id, now)


def _known(text: str) -> UUID:
    found = wanted.id_of(text)
    if found is None:
        raise NotFound()
    return found


_ACTS: dict[str, tuple[Act | None, _Many]] = {
    "move": ("move", _move),
    "tag": ("tag", _tag),
    "untag": ("tag", _untag),
    "assign": ("assign", _assign),
    "relieve": ("assign", _relieve),
    "undo": ("undo", _undo),
    "read": (None, _read),
    "unread": (None, _unread),
}
"""What can be done with many at once, and the act that one's role must allow (None: it concerns only oneself)."""


# --- the employer's tags ----------------------------------------------------------------------------------------------


@get("/tags", guards=[staff(RECRUITER)])
async def tag_list(request: Req) -> Response[bytes]:
    return await _tag_list(request, {}, "")


async def _tag_list(request: Req, errors: dict[str, str], name: str, status: int = 200) -> Response[bytes]:
    known = await tags.listed(site_of(request))
    return render(request, "hiring/tags.html", status, here="vacancies", tags=known, errors=errors, name=name)


@post("/tags", guards=[staff(RECRUITER)])
async def tag_create(request: Req) -> Response[Any]:
    form = await answers(request)
    try:
        await tags.create(site_of(request), form.get("name", ""), user_of(request).id, clock.now())
    except FormInvalid as error:
        return await _tag_list(request, error.errors, form.get("name", ""), 422)
    return redirect("/tags", "The tag is on the list.")


@post("/tags/{tag:uuid}/remove", guards=[staff(RECRUITER)])
async def tag_remove(request: Req, tag: FromPath[UUID]) -> Response[Any]:
    await tags.remove(site_of(request), tag, user_of(request).id, clock.now())
    return redirect("/tags", "The tag is removed everywhere.")


ROUTES: list[object] = [vacancy_page, many, tag_list, tag_create, tag_remove]
