"""What every test may use: an installation in a temporary folder, a fixed clock, a browser-like client.

A test that asks for `settings`, `site` or `client` runs once on each engine; `pytest -m "not postgres"` leaves out the
server. What `_EMBEDDED_ONLY` names looks at other things than data, or at files of SQLite.
"""

import asyncio
import gc
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from litestar import Litestar

from recruit import clock
from recruit.accounts import passwords
from recruit.app import create_app
from recruit.employer import EmployerFacts, set_employer, set_policy
from recruit.retention.rules import Policy
from recruit.settings import Settings
from recruit.site import Site
from tests import postgres
from tests.browsing import Client

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


_EMBEDDED_ONLY = ("test_audiences.py", "canary", "contracts", "demo", "documents", "faults", "journeys", "scale")
_LONGEST = ("journeys", "canary", "demo", "processes", "faults", "scale")
_BOTH = [pytest.param("embedded", id="sqlite"), pytest.param("server", id="postgres", marks=pytest.mark.postgres)]


def pytest_configure(config: pytest.Config) -> None:
    gc.disable()
    postgres.choose_place()


def pytest_unconfigure(config: pytest.Config) -> None:
    postgres.stop()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no processor waits for it at the end."""
    items.sort(key=lambda item: item.path.parent.name not in _LONGEST)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: to look through it for garbage again and again took a tenth of the whole run."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever stands on the databases runs on both."""
    path = metafunc.definition.path
    if "engine" in metafunc.fixturenames and not {path.name, path.parent.name} & {*_EMBEDDED_ONLY}:
        only_server = metafunc.definition.get_closest_marker("postgres")
        metafunc.parametrize("engine", _BOTH[1:] if only_server else _BOTH, indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """Which engine this test runs on: "embedded" or "server"."""
    return getattr(request, "param", "embedded")


@pytest.fixture(scope="session")
def server_databases(worker_id: str) -> Iterator[postgres.Databases]:
    """The two databases of this worker on the throw-away server."""
    databases = postgres.Databases(postgres.server(), worker_id)
    yield databases
    databases.close()


@pytest.fixture
def urls(engine: str, request: pytest.FixtureRequest) -> tuple[str, str]:
    """Where records and keyring are: two empty databases of the server, or nothing for files in the data folder."""
    if engine == "embedded":
        return "", ""
    databases: postgres.Databases = request.getfixturevalue("server_databases")
    return databases.empty()


@pytest.fixture
def settings(tmp_path: Path, urls: tuple[str, str]) -> Settings:
    return Settings(
        data=tmp_path / "data",
        records_url=urls[0],
        keyring_url=urls[1],
        holders=(tmp_path / "keys",),
        backups=tmp_path / "backups",
        public_url=ORIGIN,
        smtp=f"maildir:{tmp_path / 'mail'}",
    )


@pytest.fixture(scope="session")
def empty_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two databases of an embedded installation as its first start makes them: copying them is quicker by far."""
    folder = tmp_path_factory.mktemp("tables") / "data"

    async def make() -> None:
        await (await Site.assemble(Settings(data=folder, holders=(folder.parent / "keys",)))).close()

    asyncio.run(make())
    return folder


@pytest_asyncio.fixture
async def site(settings: Settings, time: Time, empty_tables: Path) -> AsyncIterator[Site]:
    """An opened installation whose first-run page was filled in."""
    if not settings.records_url:
        settings.data.mkdir(mode=0o700, parents=True)
        for name in ("records.db", "keyring.db"):
            shutil.copy(empty_tables / name, settings.data / name)
    opened = await Site.open(settings)
    await set_employer(opened, EMPLOYER, None, time.now)
    await set_policy(opened, Policy(), None, time.now)
    yield opened
    await opened.close()


@cache
def app_of_tests(demo: bool) -> Litestar:
    """Made once: all that it knows of an installation is the site that each client's start puts into its state."""
    return create_app(Settings(demo=demo))


@pytest_asyncio.fixture
async def client(site: Site, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    """A browser without JavaScript at the same opened installation: it follows redirects and sends its own origin."""

    async def opened_already(_: Settings) -> Site:
        return site

    monkeypatch.setattr(Site, "open", opened_already)
    async with Client(app_of_tests(settings.demo), base_url=ORIGIN) as opened:
        opened.headers.update({"origin": ORIGIN, "accept-language": "en"})
        opened.follow_redirects = True
        yield opened


@pytest.fixture(autouse=True, scope="session")
def quick_passwords() -> Iterator[None]:
    """Hashes that take a moment: what they cost the guesser is the library's affair, and each sign-in makes one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield


Run = Callable[..., object]


@pytest.fixture
def run() -> Run:
    return asyncio.run
