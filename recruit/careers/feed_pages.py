"""Vacancies for other programs and other sites: Atom, XML for job boards, the sitemap, and the list in a frame.

Guards that the frame may stand only on sites that the settings name, sets no cookie there and asks nobody else for
anything; and that feeds are the same whoever asks.
"""

from litestar import Response, get

from recruit import clock, employer
from recruit.accounts.guards import public
from recruit.careers import feeds, positions
from recruit.careers.pages import counted, wanted_of
from recruit.careers.positions import Position
from recruit.employer import EmployerFacts, EmployerUnknown
from recruit.i18n import Language, translator
from recruit.web import Req, language, render, site_of

_ADVERTISED = public("vacancies are advertised to everybody")
_A_WHILE = "public, max-age=300"


def _asked_language(request: Req) -> Language:
    """Feeds follow their address alone: a copy of one serves everybody."""
    return "en" if request.query_params.get("lang") == "en" else "nb"


async def _open(request: Req, lang: Language) -> list[Position]:
    return await positions.positions(site_of(request), lang, clock.today())


async def _employer(request: Req) -> EmployerFacts:
    who = await employer.current(site_of(request))
    if who is None:
        raise EmployerUnknown()
    return who


def _feed(content: bytes, kind: str) -> Response[bytes]:
    answer = Response(content, media_type=f"{kind}; charset=utf-8")
    answer.headers["cache-control"] = _A_WHILE
    return answer


@get("/feed.atom", guards=[_ADVERTISED])
async def atom(request: Req) -> Response[bytes]:
    lang = _asked_language(request)
    listed, settings, title = (
        await _open(request, lang),
        site_of(request).settings,
        translator(lang)("Vacant positions"),
    )
    feed = feeds.atom(listed, await _employer(request), settings, lang, title, clock.now())
    return _feed(feed, "application/atom+xml")


@get("/positions.xml", guards=[_ADVERTISED])
async def job_board(request: Req) -> Response[bytes]:
    listed, who = await _open(request, _asked_language(request)), await _employer(request)
    return _feed(feeds.job_board(listed, who, site_of(request).settings, clock.now()), "application/xml")


@get("/sitemap.xml", guards=[_ADVERTISED])
async def sitemap(request: Req) -> Response[bytes]:
    return _feed(feeds.sitemap(await _open(request, "nb"), site_of(request).settings), "application/xml")


@get("/robots.txt", guards=[public("programs that follow links read what to leave alone")])
async def robots(request: Req) -> Response[bytes]:
    return _feed(feeds.robots(site_of(request).settings).encode(), "text/plain")


@get("/embed", guards=[_ADVERTISED])
async def embed(request: Req) -> Response[bytes]:
    """The list alone, to stand in a frame on the employer's own site."""
    today, wanted, settings = clock.today(), wanted_of(request), site_of(request).settings
    listed = [found for found in await _open(request, language(request)) if positions.fits(found, wanted, today)]
    page = render(request, "careers/embed.html", positions=listed, all_positions=settings.link("/"))
    page.cookies.clear()
    where = settings.embed_on or "'none'"
    page.headers["content-security-policy"] = (
        f"default-src 'self'; frame-ancestors {where}; form-action 'none'; base-uri 'none'"
    )
    page.headers["cache-control"] = "public, max-age=60"
    return counted(request, page, "embed", None, today)


ROUTES = [atom, job_board, sitemap, robots, embed]
