"""The application put together: the only file that knows every part.

Guards that what a request may do is decided in one place: sessions, the refusal of foreign writes, errors as pages.
"""

import importlib
import pkgutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from types import ModuleType
from typing import Any

from litestar import Litestar
from litestar.datastructures import CacheControlHeader, State
from litestar.exceptions import HTTPException
from litestar.middleware import DefineMiddleware
from litestar.static_files import create_static_files_router

from recruit import employer, web
from recruit.accounts.guards import public
from recruit.compressing import Compressed
from recruit.errors import RecruitError
from recruit.monitoring.metrics import Measures
from recruit.paths import PACKAGE
from recruit.settings import Settings
from recruit.site import Site

PAGES = (
    "accounts",
    "careers",
    "hiring",
    "incoming",
    "retention",
    "rights",
    "mydata",
    "notice",
    "receipts",
    "monitoring",
)


def create_app(settings: Settings, worker: bool = False, attends: bool = False) -> Litestar:
    """The web application of one installation; with `worker`, the scheduled jobs run inside it.

    A served one `attends`: a purge by another process waits until this one has forgotten, too.
    """

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        app.state.site = site = await Site.open(settings)
        app.state.employer = await employer.current(site)
        async with AsyncExitStack() as until_the_end:
            until_the_end.push_async_callback(site.close)
            await site.know_store()
            if attends:
                from recruit.worker import attending

                await until_the_end.enter_async_context(attending(site, works=worker))
            if worker:
                from recruit.worker import scheduling

                await until_the_end.enter_async_context(scheduling(site))
            yield

    return Litestar(
        route_handlers=[*_handlers(settings), _static()],
        lifespan=[lifespan],
        state=State({"measures": Measures()}),
        middleware=[
            Compressed,
            web.Frame,
            DefineMiddleware(web.SessionMiddleware, exclude="^/(static/|health/|metrics)"),
        ],
        before_send=[web.protect],
        exception_handlers={
            RecruitError: web.on_known_error,
            HTTPException: web.on_http_error,
            Exception: web.on_fault,
        },
        request_max_body_size=1024 * 1024,
        openapi_config=None,
        logging_config=None,
    )


def _handlers(settings: Settings) -> list[Any]:
    capabilities = (*PAGES, "demo") if settings.demo else PAGES
    return [handler for name in capabilities for room in rooms(name) for handler in room.ROUTES]


def rooms(capability: str) -> Iterator[ModuleType]:
    """A capability's pages: `pages.py`, and the rooms into which it was split (`entering_pages.py`)."""
    package = importlib.import_module(f"recruit.{capability}")
    for found in pkgutil.iter_modules(package.__path__):
        if found.name == "pages" or found.name.endswith("_pages"):
            yield importlib.import_module(f"recruit.{capability}.{found.name}")


def _static() -> Any:
    return create_static_files_router(
        path="/static",
        directories=[PACKAGE / "static"],
        guards=[public("stylesheet, script and fonts hold nothing about anybody")],
        cache_control=CacheControlHeader(public=True, max_age=604_800),
    )
