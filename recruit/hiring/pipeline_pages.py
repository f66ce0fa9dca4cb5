"""The pipeline of one vacancy: its applications, each with its stage and its clock.

Guards that a page shows applications only after `access.listed` said so.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from recruit import clock
from recruit.accounts.guards import HIRING, RECRUITER, staff
from recruit.careers import visits
from recruit.hiring import access, story, vacancies
from recruit.i18n import either
from recruit.retention.facts import clocks
from recruit.web import Req, language, page_number, render, site_of, user_of, words

_PAGE = 50


def title_of(request: Req, vacancy: dict[str, Any]) -> str:
    return either(vacancy, "title", language(request))


@get("/vacancies/{vacancy:uuid}", guards=[staff(*HIRING)])
async def vacancy_page(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    """The applications of one vacancy, each with its stage and its clock."""
    return await shown_vacancy(request, await access.vacancy_of(site_of(request), user_of(request), vacancy))


async def shown_vacancy(request: Req, row: dict[str, Any], status: int = 200) -> Response[bytes]:
    site, me, now = site_of(request), user_of(request), clock.now()
    page = page_number(request)
    listing = await access.listed(site, me, row["id"], now, page, _PAGE)
    return render(
        request,
        "hiring/vacancy.html",
        status,
        here="vacancies",
        vacancy=row,
        title=title_of(request, row),
        listing=listing,
        clocks=await clocks(site, [line.id for line in listing.lines], now, words(request), "staff"),
        states=story.STATES,
        page=page,
        pages=max(1, -(-listing.total // _PAGE)),
        team=await vacancies.team(site, row["id"]),
        funnel=await visits.funnel(site, row["id"]),
        obstacles=await vacancies.obstacles(site, row, clock.day(now)) if row["state"] == "draft" else [],
        recruiter=me.has(RECRUITER),
    )


ROUTES: list[object] = [vacancy_page]
