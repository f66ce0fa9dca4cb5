"""The public pages: the vacancies that take applications, found by filters, and one of them.

Guards that a view is counted after the answer left, so that counting can neither slow a page nor break it, and that the
data block for search engines says what the page says.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath
from markupsafe import Markup

from recruit import clock, employer
from recruit.accounts.guards import public
from recruit.careers import feeds, positions, visits
from recruit.careers.positions import WITHIN, Position, Wanted
from recruit.careers.visits import Page
from recruit.hiring import contacts
from recruit.typed import line, tidy
from recruit.web import Req, language, render, site_of, words

_MOST = 100


@get("/", guards=[public("vacancies are advertised to everybody")])
async def position_list(request: Req) -> Response[bytes]:
    """What takes applications now, and of that what the filters ask for."""
    site, today, wanted = site_of(request), clock.today(), wanted_of(request)
    listed = await positions.positions(site, language(request), today)
    page = render(
        request,
        "careers/positions.html",
        here="careers",
        positions=[found for found in listed if positions.fits(found, wanted, today)],
        wanted=wanted,
        total=len(listed),
        places=_choices(found.place for found in listed),
        extents=_choices(found.extent for found in listed),
        within=_within(request),
    )
    return counted(request, page, "list", None, today)


def wanted_of(request: Req) -> Wanted:
    """The filters in the address; one that is no choice of ours asks for nothing."""
    names = ("words", "place", "extent", "within")
    asked = {name: line(tidy(request.query_params.get(name, "")))[:_MOST] for name in names}
    return Wanted(asked["words"], asked["place"], asked["extent"], asked["within"] if asked["within"] in WITHIN else "")


def _choices(found: Iterable[str]) -> list[tuple[str, str]]:
    return [(text, text) for text in sorted(set(found), key=str.casefold) if text]


def _within(request: Req) -> list[tuple[str, str]]:
    tr = words(request)
    days = [(n, tr.plural("Within {n} day", "Within {n} days", int(n))) for n in WITHIN if n != "none"]
    return [*days, ("none", tr("No deadline"))]


@get("/positions/{vacancy:uuid}", guards=[public("a vacancy is advertised to everybody")])
async def position_page(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    site, today = site_of(request), clock.today()
    found = await positions.position(site, vacancy, language(request), today)
    page = render(
        request,
        "careers/position.html",
        here="careers",
        position=found,
        policy=await employer.policy(site),
        contact=await contacts.of_vacancy(site, vacancy) if found.open else None,
        address=feeds.address(site.settings, found),
        job_posting=await _job_posting(request, found),
    )
    return counted(request, page, "vacancy", vacancy, today)


async def _job_posting(request: Req, found: Position) -> Markup:
    """The data block; nothing once the vacancy takes no applications, as search engines ask for."""
    who = await employer.current(site_of(request))
    if who is None or not found.open:
        return Markup()
    return Markup(feeds.job_posting(found, who, site_of(request).settings))


def counted(request: Req, page: Response[Any], kind: Page, vacancy: UUID | None, today: date) -> Response[Any]:
    """The page, to be counted once it has left: not for colleagues, nor for who asks not to be followed."""
    asks_not_to = request.headers.get("sec-gpc") == "1" or "prefetch" in request.headers.get("sec-purpose", "")
    colleague = request.user is not None and request.user.kind == "staff"
    if not asks_not_to and not colleague:
        agent = request.headers.get("user-agent", "")
        page.background = BackgroundTask(visits.count, site_of(request), kind, vacancy, agent, today)
    return page


ROUTES = [position_list, position_page]
