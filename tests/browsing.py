"""A browser without JavaScript at an app that runs in the test's own event loop: a server's connections belong to one.

Guards that the app's start and end run as for real, and that a fault in the app fails the test.
"""

import asyncio
from typing import Any, Self

import httpx
from litestar import Litestar
from litestar.testing import AsyncTestClient


class Client(AsyncTestClient[Litestar]):
    """Litestar's client, without the thread and the second event loop that it would run the app in."""

    def __init__(self, app: Litestar, base_url: str) -> None:
        super().__init__(app, base_url=base_url)
        self._transport = httpx.ASGITransport(app)  # type: ignore[arg-type]

    async def __aenter__(self) -> Self:
        self._up, self._down = asyncio.Event(), asyncio.Event()
        self._living = asyncio.create_task(self._live())
        await asyncio.wait([self._living, asyncio.create_task(self._up.wait())], return_when=asyncio.FIRST_COMPLETED)
        if self._living.done():
            await self._living
        return self

    async def _live(self) -> None:
        """In a task of its own: a fixture is begun and ended in two."""
        async with self.app.lifespan():
            self._up.set()
            await self._down.wait()

    async def __aexit__(self, *args: Any) -> None:
        self._down.set()
        await self._living
