"""Insight: figures of one vacancy for its hiring manager, and of all for recruiters.

Guards that a page shows what `insight` lets be shown, and nothing that it hides.
"""

from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from recruit.accounts.guards import MANAGER, RECRUITER, staff
from recruit.database import IDS, ids
from recruit.errors import NotAllowed
from recruit.hiring import access, insight, stages, story
from recruit.hiring.pipeline_pages import title_of
from recruit.web import Req, render, site_of, user_of, words


@get("/insight", guards=[staff(RECRUITER)])
async def insight_page(request: Req) -> Response[bytes]:
    """All recruitments together, and the way to each."""
    site = site_of(request)
    found = await insight.of_all(site) or insight.NOTHING
    rows = await site.records.run_sql(
        f"SELECT id, title_nb, title_en FROM vacancy WHERE id IN {IDS}", ids(found.vacancies)
    )
    return _page(request, None, {row["id"]: title_of(request, row) for row in rows}, found)


@get("/vacancies/{vacancy:uuid}/insight", guards=[staff(RECRUITER, MANAGER)])
async def vacancy_insight(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    site, me = site_of(request), user_of(request)
    row = await access.vacancy_of(site, me, vacancy)
    if await access.role_in(site, me, vacancy) not in (RECRUITER, MANAGER):
        raise NotAllowed()
    return _page(request, vacancy, {vacancy: title_of(request, row)}, await insight.of(site, vacancy))


def _page(request: Req, vacancy: UUID | None, titles: dict[UUID, str], found: insight.Insight) -> Response[bytes]:
    _ = words(request)
    return render(
        request,
        "hiring/insight.html",
        here="insight" if vacancy is None else "vacancies",
        vacancy=vacancy,
        title=titles[vacancy] if vacancy else "",
        found=found,
        reached=[(_(stages.NAMES[stage]), [n]) for stage, n in found.reached.items()],
        days=[(_(stages.NAMES[stage]), [n]) for stage, n in found.days.items()],
        sources=[(_(story.SOURCES.get(key, key)), [n]) for key, n in found.sources.items()],
        listed=insight.LISTED,
        vacancies=[(each, titles[each], n) for each, n in found.vacancies.items() if each in titles],
    )


ROUTES: list[object] = [insight_page, vacancy_insight]
