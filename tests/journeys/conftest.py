"""What the journeys use: a browser, the served app, and people who sit at it.

`pytest tests/journeys --screenshots FOLDER` also leaves pictures of every page, wide and narrow, light and dark.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.conftest import Time
from tests.journeys.installation import Installation, as_root, settings_in
from tests.journeys.looking import WIDE, Eyes
from tests.journeys.people import Person

PATIENCE = 20_000
"""Milliseconds; a paper takes some seconds to draw on a machine that is busy with the rest of the suite."""
LOCALES = {"nb": "nb-NO", "en": "en-GB"}
_QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--disable-sync",
    "--disable-gpu",
    "--lang=en-US",
)

Seat = Callable[..., Person]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", metavar="FOLDER", default=None, help="leave pictures of every page there")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's Chromium without a window, or Playwright's own where there is none."""
    expect.set_options(timeout=PATIENCE)
    own = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=own, args=[*_QUIET, *(["--no-sandbox"] if as_root() else [])]
        )
        yield opened
        opened.close()


@pytest.fixture
def installation(tmp_path: Path, time: Time) -> Iterator[Installation]:
    """The served app before its first run."""
    with Installation(time, settings_in(tmp_path)) as served:
        yield served


@pytest.fixture
def pictures(request: pytest.FixtureRequest) -> Path | None:
    wanted = request.config.getoption("screenshots", None)
    if not wanted:
        return None
    folder = Path(wanted)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def seat(browser: Browser, installation: Installation, pictures: Path | None) -> Iterator[Seat]:
    """`seat("nb", "ola@example.org")`: somebody at a browser of their own, at the served app.

    When the test ends, whatever was wrong with any page that somebody looked at fails it.
    """
    everybody: list[Eyes] = []
    with ExitStack() as open_windows:

        def sit(lang: str, email: str = "", script: bool = True) -> Person:
            context = browser.new_context(
                locale=LOCALES[lang],
                base_url=installation.settings.public_url,
                viewport=WIDE,  # type: ignore[arg-type]
                java_script_enabled=script,
                reduced_motion="reduce",
            )
            context.set_default_timeout(PATIENCE)
            open_windows.callback(context.close)
            eyes = Eyes(context, installation.host, lang, pictures)
            everybody.append(eyes)
            return Person(context.new_page(), eyes, installation, email)

        yield sit
    faults = [fault for eyes in everybody for fault in eyes.faults]
    assert not faults, "\n".join(faults)
