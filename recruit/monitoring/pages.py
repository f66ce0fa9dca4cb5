"""What machines ask: is it up, can it work, and its figures. No page for people.

Guards that a stranger learns no more than yes or no: parts and figures are for who asks from this machine itself, past
no proxy, or who has the token of the settings.
"""

import hmac
import ipaddress
from urllib.parse import urlsplit

from litestar import Response, get

from recruit import clock
from recruit.accounts.guards import public
from recruit.errors import NotFound
from recruit.monitoring import health, metrics
from recruit.web import Req, site_of

_FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via")


@get("/health/live", guards=[public("says only that the process answers")])
async def live() -> Response[str]:
    return _plain("live", 200)


@get("/health/ready", guards=[public("says only yes or no to strangers")])
async def ready(request: Req) -> Response[str]:
    """503 unless every part works; the parts are named to insiders only."""
    found = await health.parts(site_of(request), clock.now())
    well = all(found.values())
    lines = [f"{name}: {'ok' if holds else 'not ready'}" for name, holds in found.items()]
    return _plain(
        "\n".join(["ready" if well else "not ready", *(lines if _inside(request) else [])]), 200 if well else 503
    )


@get("/metrics", guards=[public("not there for strangers; who is none is decided inside")])
async def figures(request: Req) -> Response[bytes]:
    if not _inside(request):
        raise NotFound()
    found = await request.app.state.measures.text(site_of(request), clock.now())
    return Response(found, headers={"content-type": metrics.CONTENT_TYPE, "cache-control": "no-store"})


def _plain(text: str, status: int) -> Response[str]:
    return Response(text + "\n", status_code=status, media_type="text/plain", headers={"cache-control": "no-store"})


def _inside(request: Req) -> bool:
    token = site_of(request).settings.metrics_token
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    return (bool(token) and hmac.compare_digest(given.encode(), token.encode())) or _from_here(request)


def _from_here(request: Req) -> bool:
    """From this machine to this machine. Whoever comes through the proxy does too, but asks for another host, or
    carries what proxies add.
    """
    asked = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    passed_on = any(name in request.headers for name in _FORWARDED)
    return not passed_on and _loopback(asked) and _loopback(request.client.host if request.client else "")


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


ROUTES = [live, ready, figures]
