"""Two profiles beside each other, for a recruiter to say whether they are the same person.

Guards that nothing is joined by itself: a page shows what is alike, and only a press decides.
"""

from typing import Any, cast
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock
from recruit.accounts.guards import RECRUITER, staff
from recruit.hiring import likeness, story, team
from recruit.hiring.likeness import Couple, DecidedByCandidate, Verdict
from recruit.hiring.pipeline_pages import title_of
from recruit.hiring.words import DECIDED, SIGNS, UNDECIDED
from recruit.web import Req, answers, page_number, redirect, render, site_of, user_of, words


@get("/same-person", guards=[staff(RECRUITER)])
async def likeness_list(request: Req) -> Response[bytes]:
    page = page_number(request)
    found, more = await likeness.listed(site_of(request), user_of(request), page, clock.now())
    shown = [_shown(request, couple) for couple in found]
    return render(request, "hiring/likenesses.html", here="search", couples=shown, page=page, more=more)


@get("/same-person/{pair:uuid}", guards=[staff(RECRUITER)])
async def likeness_page(request: Req, pair: FromPath[UUID]) -> Response[bytes]:
    return await _page(request, pair)


async def _page(request: Req, pair: UUID, status: int = 200, problem: str = "") -> Response[bytes]:
    site = site_of(request)
    couple = await likeness.one(site, user_of(request), pair, clock.now())
    names = await team.names(site, {couple.row["decided_by"]} - {None})
    return render(
        request,
        "hiring/likeness.html",
        status,
        "search",
        couple=_shown(request, couple),
        by=names.get(couple.row["decided_by"], ""),
        problem=problem,
    )


@post("/same-person/{pair:uuid}", guards=[staff(RECRUITER)])
async def decide_likeness(request: Req, pair: FromPath[UUID]) -> Response[Any]:
    """`same`, `apart`, or `again` to take it back."""
    verdict = (await answers(request)).get("verdict", "")
    if verdict not in DECIDED:
        return await _page(request, pair, 422, UNDECIDED)
    decided = cast("Verdict", "" if verdict == "again" else verdict)
    try:
        await likeness.decide(site_of(request), user_of(request), pair, decided, clock.now())
    except DecidedByCandidate as error:
        return await _page(request, pair, error.status, error.text)
    return redirect(f"/same-person/{pair}", DECIDED[verdict])


def _shown(request: Req, couple: Couple) -> dict[str, Any]:
    _ = words(request)
    return {
        "row": couple.row,
        "why": _(SIGNS[couple.row["why"]]),
        "sides": [
            {
                "person": side.person,
                "applications": [
                    {
                        "id": sent["id"],
                        "title": title_of(request, sent),
                        "state": _(story.STATES[sent["outcome"] or sent["stage"]]),
                        "source": _(story.SOURCES[sent["source"]]),
                        "at": sent["submitted_at"],
                    }
                    for sent in side.applications
                ],
            }
            for side in couple.sides
        ],
    }


ROUTES: list[object] = [likeness_list, likeness_page, decide_likeness]
