"""The server's own log says what happened and to nobody."""

import logging

import httpx
import pytest
from litestar.testing import AsyncTestClient

from recruit.app import create_app
from recruit.serving import AccessLog
from recruit.settings import Settings
from recruit.site import Site
from tests.conftest import ORIGIN


async def test_the_access_log_holds_patterns_and_no_secrets(
    site: Site, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(settings)
    caplog.set_level(logging.INFO, "recruit.access")
    async with AsyncTestClient(app, base_url=ORIGIN):  # opens the installation
        transport = httpx.ASGITransport(AccessLog(app))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as outside:
            await outside.get("/r/a-secret-token?email=kari@example.no")
            await outside.get("/kari@example.no")
    assert "/r/{token:str} 404" in caplog.text
    assert "secret" not in caplog.text
    assert "kari" not in caplog.text
