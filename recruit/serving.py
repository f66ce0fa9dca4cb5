"""The web server: uvicorn in this process, and an access log that names no person.

Guards that the log holds the route's pattern and never an address, a query or the secret part of a path; and of a fault
its kind and place, never its message.
"""

import logging
import socket
import time
from contextlib import suppress
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from recruit.logs import kind_and_place
from recruit.monitoring.metrics import Measures
from recruit.settings import Settings

log = logging.getLogger("recruit.access")


class PortTaken(Exception):
    """Something else listens there already, or the address is not this machine's."""


def listen(settings: Settings) -> socket.socket:
    """The socket to serve on, taken before anything is opened. PortTaken with the reason."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((settings.host, settings.port))
    except OSError as error:
        taken.close()
        raise PortTaken(f"{settings.host}:{settings.port} can't be listened on: {error.strerror}") from None
    return taken


def serve(settings: Settings, taken: socket.socket, worker: bool) -> None:
    """Serve until stopped; with `worker`, the jobs run inside."""
    import uvicorn

    from recruit.app import create_app

    app = create_app(settings, worker=worker, attends=True)
    config = uvicorn.Config(
        AccessLog(app, app.state.measures),
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=10,
    )
    with suppress(KeyboardInterrupt):  # Ctrl-C is how it is stopped; it was heard, and everything is closed by now
        uvicorn.Server(config).run(sockets=[taken])


class AccessLog:
    """Around the app: method, pattern of the route, status, milliseconds; logged, and counted for who measures."""

    def __init__(self, app: ASGIApp, measures: Measures | None = None) -> None:
        self._app, self._measures = app, measures or Measures()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 0

        async def heard(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, heard)
        except Exception as fault:  # of an answer that was under way: there is no page for it, the server breaks it off
            log.error("%s on %s %s", kind_and_place(fault), dict(scope)["method"], _pattern(scope))
        finally:
            method, route, seconds = str(dict(scope)["method"]), _pattern(scope), time.monotonic() - began
            self._measures.answered(method, route, status, seconds)
            said = {"method": method, "route": route, "status": status, "ms": round(1000 * seconds)}
            log.info("%s %s %s %s ms", *said.values(), extra={"fields": said})


def _pattern(scope: Any) -> str:
    """`/r/{token:str}`, never the token; what no route knows is not repeated."""
    handler = scope.get("route_handler")
    return str(sorted(handler.paths)[0]) if handler and handler.paths else "-"
