"""How vacancies are advertised, for the recruiter: one vacancy's settings and views, and the addresses of feeds.

Guards that statistics are counts alone, and that small ones are not told.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock
from recruit.accounts.guards import RECRUITER, staff
from recruit.careers import advertising, visits
from recruit.careers.rules import PLATFORMS
from recruit.i18n import either
from recruit.web import Req, answers, chosen, language, redirect, render, site_of, user_of, words

PAGES = {
    "list": "The list of vacancies",
    "vacancy": "A vacancy",
    "form": "The application form",
    "sent": "Applications that were sent",
    "embed": "The list in a frame on another site",
    "enquiry": "The form for questions",
}
"""What each kind of page is called (message ids)."""


@get("/advertising", guards=[staff(RECRUITER)])
async def overview(request: Req) -> Response[bytes]:
    """Feeds, the frame, and how often public pages were opened."""
    site = site_of(request)
    return render(
        request,
        "careers/advertising.html",
        here="vacancies",
        counted=await visits.of_all(site),
        pages=PAGES,
        smallest=visits.SMALLEST,
        embed_on=site.settings.embed_on.split(),
        frame=_frame(site.settings.link("/embed"), words(request)("Vacant positions")),
        feeds=[site.settings.link(path) for path in ("/feed.atom", "/positions.xml", "/sitemap.xml")],
    )


def _frame(address: str, title: str) -> str:
    return f'<iframe src="{address}" title="{title}" width="100%" height="600" loading="lazy"></iframe>'


@get("/vacancies/{vacancy:uuid}/advertising", guards=[staff(RECRUITER)])
async def of_vacancy(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    """One vacancy: what is set, and how many views became applications."""
    site = site_of(request)
    row = await advertising.row_of(site, vacancy)
    return render(
        request,
        "careers/vacancy_advertising.html",
        here="vacancies",
        vacancy=row,
        title=either(row, "title", language(request)),
        elsewhere=row["elsewhere"].split(","),
        platforms=[(platform.code, platform.name) for platform in PLATFORMS.values()],
        funnel=await visits.funnel(site, vacancy),
        weeks=await visits.weeks(site, vacancy, clock.today()),
    )


@post("/vacancies/{vacancy:uuid}/advertising", guards=[staff(RECRUITER)])
async def change(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    site, form = site_of(request), await answers(request)
    await advertising.row_of(site, vacancy)
    elsewhere = await chosen(request, "elsewhere")
    await advertising.change(site, vacancy, bool(form.get("typed_cv")), elsewhere, user_of(request).id, clock.now())
    return redirect(f"/vacancies/{vacancy}/advertising", "Saved.")


ROUTES: list[object] = [overview, of_vacancy, change]
