"""What all pages share: rendering, forms, redirects, and the protections of the browser.

Guards that every answer carries a content policy, that a write comes from our own pages, that a form's text is tidied
in one place, and that an error reaches a person as a sentence in their language, with nothing about them in the log.
"""

import ipaddress
import logging
import traceback
from typing import Any, cast
from urllib.parse import quote, unquote, urlencode, urlsplit

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, State
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.response import Redirect
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from recruit import clock, employer
from recruit.accounts import sessions
from recruit.accounts.guards import Me, NotSignedIn
from recruit.errors import CrossSiteRequest, NotSetUp, RecruitError
from recruit.i18n import LANGUAGES, Language, Translate, choose_language, known, translator
from recruit.site import Site
from recruit.templating import environment
from recruit.typed import tidy as tidy

Req = Request[Me | None, Any, State]

log = logging.getLogger("recruit")

_BEFORE_FIRST_RUN = ("/first-run", "/static/")
_FOR_MACHINES = ("/health/", "/metrics")
"""Answered also while the databases are not there; nobody is signed in on them, and they write nothing."""
_SAFE = {"GET", "HEAD", "OPTIONS"}
_HEADERS = (
    (b"content-security-policy", b"default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
_STATUS_TEXTS = {
    400: "The page could not read what was sent.",
    404: "There is nothing here, or it is not yours to see.",
    405: "This page does not take that kind of request.",
    413: "What was sent is too large.",
    429: "Too many attempts. Wait a quarter of an hour and try again.",
}


def site_of(request: ASGIConnection[Any, Any, Any, Any]) -> Site:
    return cast("Site", request.app.state.site)


def language(request: ASGIConnection[Any, Any, Any, Any]) -> Language:
    """The page's language: asked for in the address, remembered in a cookie, or the browser's."""
    for wish in (request.query_params.get("lang"), request.cookies.get("lang")):
        if wish in LANGUAGES:
            return cast("Language", wish)
    return choose_language(request.headers.get("accept-language", ""))


def user_of(request: Req) -> Me:
    """Who is signed in, on a page whose guard lets nobody else in."""
    assert request.user is not None
    return request.user


def words(request: ASGIConnection[Any, Any, Any, Any]) -> Translate:
    return translator(language(request))


def render(request: Req, template: str, status: int = 200, here: str = "", **context: Any) -> Response[bytes]:
    """A page inside the common frame. `here` is the key of the navigation entry; the rest are the template's values."""
    site, lang = site_of(request), language(request)
    _ = translator(lang)
    flash = unquote(request.cookies.get("flash", ""))
    page = environment().get_template(template)
    body = page.render(
        _=_,
        lang=lang,
        employer=request.app.state.employer,
        me=request.scope.get("user"),
        path=request.url.path,
        here=here,
        demo=site.settings.demo,
        today=clock.today(),
        flash=_(flash) if known(flash) else None,
        status=status,
        other_lang_url=_other_language(request, lang, status),
        **context,
    )
    answer = Response(body.encode(), media_type="text/html", status_code=status)
    answer.headers["cache-control"] = "no-store" if _is_private(request) else "no-cache"
    if _is_private(request):
        answer.headers["x-robots-tag"] = "noindex, nofollow, noarchive"
    if flash:
        answer.delete_cookie("flash")
    if request.query_params.get("lang") in LANGUAGES:
        answer.set_cookie(language_cookie(site, lang))
    return answer


def language_cookie(site: Site, lang: Language) -> Cookie:
    """Remembers a language that was chosen, for a year."""
    return Cookie("lang", value=lang, max_age=31_536_000, samesite="lax", secure=site.settings.secure)


def page_number(request: Req) -> int:
    """Which page of a long list is asked for; the first where that is no number."""
    asked = request.query_params.get("page", "")
    return max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1


def _other_language(request: Req, lang: Language, status: int) -> str:
    """The same page in the other language; always a path of ours, whatever a strange address looked like."""
    here = request.url.path if request.method == "GET" or status == 422 else "/"
    other = urlencode({**request.query_params.dict(), "lang": "en" if lang == "nb" else "nb"}, doseq=True)
    return f"/{quote(here.lstrip('/'))}?{other}"


def _is_private(request: Req) -> bool:
    """Pages of who is signed in, and pages behind a link that was mailed: no copy of them stays in a browser."""
    return bool(request.scope.get("user")) or "token" in request.scope.get("path_params", {})


def redirect(path: str, flash: str = "") -> Redirect:
    """After a write: see the result as a page of its own. `flash` is a message id that the next page shows."""
    answer = Redirect(path, status_code=303)
    if flash:
        answer.set_cookie(Cookie("flash", value=quote(flash), max_age=60, httponly=True, samesite="lax"))
    return answer


async def answers(request: Req) -> dict[str, str]:
    """The fields of a small form, tidied; of a repeated name the last."""
    form = await request.form()
    return {name: tidy(value) for name, value in form.multi_items() if isinstance(value, str)}


async def chosen(request: Req, name: str) -> list[str]:
    """All values of a repeated field."""
    form = await request.form()
    return [tidy(value) for key, value in form.multi_items() if key == name and isinstance(value, str)]


def address(request: Req) -> str:
    """The client's network address, for limits only; never stored in clear.

    Of an IPv6 address the network counts, of which a single household has 2^64 addresses.
    """
    host = request.client.host if request.client else ""
    return str(ipaddress.ip_network((host, 64), strict=False)) if _is_v6(host) else host


def _is_v6(host: str) -> bool:
    try:
        return ipaddress.IPv6Address(host).ipv4_mapped is None
    except ValueError:
        return False


# --- protections ----------------------------------------------------------------------------------------------------


class Frame:
    """Around every page: who the employer is, and the refusal of a write that comes from elsewhere (CSRF).

    Browsers send `Sec-Fetch-Site` or `Origin` with every POST, and no page can forge them. A request with neither and
    without a cookie is no browser acting for somebody (a mail program's one-click withdrawal), so it may pass.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and not scope["path"].startswith(_FOR_MACHINES):
            request: Req = Request(scope)
            request.app.state.employer = await employer.current(site_of(request))
            if request.app.state.employer is None and not request.url.path.startswith(_BEFORE_FIRST_RUN):
                raise NotSetUp()
            if request.method not in _SAFE and not _ours(request):
                raise CrossSiteRequest()
        await self.app(scope, receive, send)


class SessionMiddleware(AbstractAuthenticationMiddleware):
    """Fills `request.user` from the cookie; a missing or dead session is simply nobody."""

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        site = site_of(connection)
        token = connection.cookies.get(sessions.cookie_name(site))
        me = await sessions.who(site, token, clock.now()) if token else None
        return AuthenticationResult(user=me, auth=None)


def _ours(request: Req) -> bool:
    fetch_site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if fetch_site:
        return fetch_site in ("same-origin", "none")
    if origin:
        own = urlsplit(site_of(request).settings.public_url)
        return urlsplit(origin).netloc in (request.headers.get("host"), own.netloc)
    return not request.cookies


async def protect(message: Message, scope: Scope) -> None:
    """Adds the browser's protections to every answer, errors and unknown pages included."""
    if message["type"] != "http.response.start":
        return
    headers = list(message["headers"])
    present = {name.lower() for name, _ in headers}
    headers += [pair for pair in _HEADERS if pair[0] not in present]
    if scope["app"].state.get("site") and scope["app"].state.site.settings.secure:
        headers.append((b"strict-transport-security", b"max-age=31536000"))
    message["headers"] = headers


# --- errors ---------------------------------------------------------------------------------------------------------


def on_known_error(request: Req, error: RecruitError) -> Response[Any]:
    """One of our own errors: its sentence on a page with its status; a missing sign-in leads to the right page."""
    if isinstance(error, NotSetUp):
        return Redirect("/first-run", status_code=303)
    if isinstance(error, NotSignedIn) and request.method == "GET":
        return Redirect("/my/sign-in" if error.kind == "candidate" else f"/sign-in?next={quote(request.url.path)}")
    if error.status >= 500:
        log.error("%s on %s", type(error).__name__, _route(request))
    return render(request, "error.html", error.status, text=words(request)(error.text, **error.params))


def on_http_error(request: Req, error: HTTPException) -> Response[Any]:
    """What the framework refuses: unknown pages, wrong methods, bodies that are too large."""
    text = _STATUS_TEXTS.get(error.status_code, _STATUS_TEXTS[400])
    return render(request, "error.html", error.status_code, text=words(request)(text))


def on_fault(request: Req, error: Exception) -> Response[Any]:
    """A fault of ours: the log gets the kind and the place, never the message, which may hold personal data."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    log.error("%s at %s:%s on %s", type(error).__name__, place.filename, place.lineno, _route(request))
    return render(request, "error.html", 500, text=words(request)(RecruitError.text))


def _route(request: Req) -> str:
    handler = request.scope.get("route_handler")
    return f"{request.method} {sorted(handler.paths)[0] if handler else 'an unknown page'}"
