"""Every route says who may open it.

Guards that no page is open by accident: one guard of recruit.accounts.guards each, and a public one says why.
"""

import asyncio
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.handlers import BaseRouteHandler

from recruit.settings import Settings

KINDS = ("public: ", "staff: ", "candidate: ")


def handlers(app: Litestar) -> list[tuple[str, BaseRouteHandler]]:
    """Path and handler of every route; the answers to OPTIONS that Litestar makes by itself aside."""
    found = []
    for route in app.routes:
        each = getattr(route, "route_handlers", None) or [route.route_handler]  # type: ignore[union-attr]
        found += [(route.path, h) for h in each if getattr(h, "http_methods", None) != {"OPTIONS"}]
    return found


def _own(guard: object) -> object:
    """Litestar wraps a synchronous guard; what we wrote is inside."""
    return getattr(guard, "func", guard)


def unguarded(app: Litestar) -> list[str]:
    """Routes without exactly one guard that says whom it lets in, or public ones that do not say why."""
    found = []
    for path, handler in handlers(app):
        said = [str(access) for g in handler.resolve_guards() if (access := getattr(_own(g), "access", None))]
        if len(said) != 1 or not said[0].startswith(KINDS) or not said[0].split(": ", 1)[1].strip():
            found.append(f"{path} ({handler}): {said or 'no guard'}")
    return found


@pytest.mark.parametrize("demo", [False, True], ids=["real", "demo"])
def test_every_route_is_guarded_once(tmp_path: Path, demo: bool) -> None:
    from recruit.app import create_app

    app = create_app(Settings(data=tmp_path / "data", holders=(tmp_path / "keys",), demo=demo))
    assert len(handlers(app)) > 20
    assert unguarded(app) == []


def test_a_route_without_a_guard_and_one_without_a_reason_are_found() -> None:
    from litestar import get

    from recruit.accounts.guards import candidate, public

    @get("/bare")
    async def bare() -> None: ...

    @get("/mute", guards=[public("")])
    async def mute() -> None: ...

    @get("/twice", guards=[public("a reason"), candidate()])
    async def twice() -> None: ...

    @get("/good", guards=[public("a reason")])
    async def good() -> None: ...

    async def judge() -> list[str]:
        return unguarded(Litestar([bare, mute, twice, good], openapi_config=None))

    assert [line.split(" ")[0] for line in sorted(asyncio.run(judge()))] == ["/bare", "/mute", "/twice"]
