"""What every test may use: an installation in a temporary folder, a fixed clock, a browser-like client."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from litestar.testing import AsyncTestClient

from recruit import clock
from recruit.app import create_app
from recruit.employer import EmployerFacts, set_employer, set_policy
from recruit.retention.rules import Policy
from recruit.settings import Settings
from recruit.site import Site

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EMPLOYER = EmployerFacts(
    name="Fjordlys AS",
    number="999 999 999",
    address="Storgata 1, 2380 Brumunddal",
    contact_email="post@fjordlys.example",
    has_dpo=True,
    dpo_name="Personvernombudet",
    dpo_email="personvernombud@fjordlys.example",
)
ORIGIN = "http://testserver.local"


class Time:
    """The tests' clock: stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def forward(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """A clock that stands at NOW; `time.forward(days=1)` moves it, for pages and jobs as well."""
    fixed = Time(NOW)
    monkeypatch.setattr(clock, "now", lambda: fixed.now)
    return fixed


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path / "data",
        holders=(tmp_path / "keys",),
        backups=tmp_path / "backups",
        public_url=ORIGIN,
        smtp=f"maildir:{tmp_path / 'mail'}",
    )


@pytest_asyncio.fixture
async def site(settings: Settings, time: Time) -> AsyncIterator[Site]:
    """An opened installation whose first-run page was filled in."""
    opened = await Site.open(settings)
    await set_employer(opened, EMPLOYER, None, time.now)
    await set_policy(opened, Policy(), None, time.now)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def client(site: Site, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncTestClient]:
    """A browser without JavaScript at the same opened installation: it follows redirects and sends its own origin."""

    async def opened_already(_: Settings) -> Site:
        return site

    monkeypatch.setattr(Site, "open", opened_already)
    async with AsyncTestClient(create_app(settings), base_url=ORIGIN) as opened:
        opened.headers.update({"origin": ORIGIN, "accept-language": "en"})
        opened.follow_redirects = True
        yield opened


Run = Callable[..., object]


@pytest.fixture
def run() -> Run:
    return asyncio.run
