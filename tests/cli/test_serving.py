"""The server's own log says what happened and to nobody."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn
from litestar import Litestar, get
from litestar.response import Stream

from recruit.app import create_app
from recruit.serving import AccessLog
from recruit.settings import Settings
from recruit.site import Site
from tests.browsing import Client
from tests.conftest import ORIGIN


def _ours(caplog: pytest.LogCaptureFixture) -> str:
    """What the server's side logged; the tests' own browser logs the addresses that it asks for."""
    mine = (record for record in caplog.records if not record.name.startswith(("httpx", "httpcore")))
    return "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in mine)


async def test_the_access_log_holds_patterns_and_no_secrets(
    site: Site, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(settings)
    caplog.set_level(logging.INFO, "recruit.access")
    async with Client(app, base_url=ORIGIN):  # opens the installation
        transport = httpx.ASGITransport(AccessLog(app))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as outside:
            await outside.get("/r/a-secret-token?email=kari@example.no")
            await outside.get("/kari@example.no")
    said = _ours(caplog)
    assert "/r/{token:str} 404" in said
    assert "secret" not in said
    assert "kari" not in said


@get("/copy/{token:str}")
async def breaking_off() -> Stream:
    """An answer that fails when a part of it is out already."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"some of it"
        raise KeyError("Kari Nord")

    return Stream(pieces())


async def test_a_fault_in_the_middle_of_an_answer_is_logged_without_its_message(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    app = AccessLog(Litestar([breaking_off], logging_config=None, openapi_config=None))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))
    taken = socket.create_server(("127.0.0.1", 0))
    running = asyncio.create_task(server.serve([taken]))
    port = taken.getsockname()[1]
    async with httpx.AsyncClient() as outside:
        with pytest.raises(httpx.RemoteProtocolError):
            await outside.get(f"http://127.0.0.1:{port}/copy/a-secret-token")
    server.should_exit = True
    await running
    said = _ours(caplog) + "".join(capfd.readouterr())
    assert "KeyError at" in said
    assert "Kari Nord" not in said
    assert "a-secret-token" not in said
