"""The demonstration in the browser: its own pages, and the app's pages with fourteen months of life on them.

The main path shows each page with one or two people on it; here lists are long, clocks stand in every state, and each
role looks at what it may see.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from recruit import clock
from recruit.demo import starting
from tests.conftest import Time
from tests.demo.story import copy_of_it
from tests.journeys import gallery
from tests.journeys.conftest import Seat
from tests.journeys.installation import Installation
from tests.journeys.looking import templates_shown, unvisited
from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_it(tmp_path_factory)


@pytest.fixture
def installation(story: Path) -> Iterator[Installation]:
    """The served demonstration, on the machine's own clock and what it adds to it."""
    with Installation(Time(datetime.now(UTC)), lambda port: starting.settings_in(story, port)) as served:
        yield served
    clock.forward(timedelta(0))


@pytest.mark.parametrize("lang", ["nb", "en"])
def test_pages_beside_the_main_path(
    lang: str, seat: Seat, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page of the gallery, by whom it is for."""
    shown = templates_shown(monkeypatch)
    guest, now_here = seat(lang), gallery.GUEST
    for place in sorted(gallery.PLACES, key=lambda place: place.who):
        if place.who != now_here:
            be(guest, place.who)
            now_here = place.who
        address = installation.do(place.address(installation.site))
        if not place.template:
            assert guest.page.request.get(address).ok, f"{place.route} hands out no file"
            continue
        answer = guest.page.goto(address)
        assert answer and answer.ok, f"{place.route} answers {answer and answer.status}"
        guest.look("gallery" + re.sub(r"\W+", "-", place.route), place.quotes)
        assert place.template in shown, f"{place.route} is not made of {place.template}"
    pages = {place.route for place in gallery.PLACES if place.template}
    assert not pages & unvisited(installation.app, guest.eyes.seen), "places that led elsewhere"


@pytest.mark.parametrize("lang", ["nb", "en"])
def test_every_role_looks_around_and_time_passes(lang: str, seat: Seat, installation: Installation) -> None:
    guest = seat(lang)
    guest.go("/demo").look("demo-guide")
    guest.go("/").look("demo-positions")
    if lang == "nb":  # the main path shows the same pages in English, with fewer people on them
        as_recruiter(guest)
        as_interviewer(guest)
        as_data_protection_officer(guest)
        as_candidates(guest)
    guest.go("/demo/mailbox").look("demo-mailbox", quotes=True)
    guest.part("main table a[href^='/demo/mailbox/']").first.click()
    expect(guest.page.locator(".document-text")).to_be_visible()
    guest.look("demo-letter", quotes=True)
    guest.go("/demo/clock")
    guest.page.set_default_timeout(60_000)  # seven nights of jobs, on whatever machine this is
    guest.press("1 week")
    expect(guest.page.locator("main section").first).to_be_visible()
    guest.look("demo-clock", quotes=True)
    assert not {route for route in unvisited(installation.app, guest.eyes.seen) if route.startswith("/demo")}


def be(guest: Person, name: str) -> None:
    guest.go("/demo")
    guest.part("main tr").filter(has_text=name).get_by_role("button").click()
    expect(guest.part("header")).to_contain_text(name)


def as_recruiter(guest: Person) -> None:
    be(guest, "Ingrid Solbakken")
    guest.look("demo-vacancies")
    busiest = max(guest.part("main tbody tr").all(), key=lambda row: int(row.locator("td.num").nth(1).inner_text()))
    busiest.get_by_role("link").first.click()
    guest.page.wait_for_load_state()
    guest.look("demo-vacancy")
    guest.part("main tbody th a").first.click()
    guest.clock()
    guest.look("demo-application")


def as_interviewer(guest: Person) -> None:
    be(guest, "Sunniva Berge")
    guest.part("main tbody th a").first.click()
    guest.page.wait_for_load_state()
    guest.look("demo-vacancy-of-an-interviewer")
    guest.part("main tbody th a").first.click()
    guest.clock()
    guest.look("demo-application-of-an-interviewer")


def as_data_protection_officer(guest: Person) -> None:
    be(guest, "Liv Tangen")
    guest.look("demo-desk")
    for page in ("/desk/requests", "/desk/holds", "/desk/purge", "/desk/receipts", "/ledger", "/desk/access"):
        guest.go(page).look("demo" + page.replace("/", "-"))


def as_candidates(guest: Person) -> None:
    guest.go("/demo")
    names = guest.part("main table").nth(1).locator("tr:has(button) strong").all_inner_texts()
    assert len(names) >= 6
    for number, name in enumerate(names):
        be(guest, name)
        guest.clock()
        guest.look(f"demo-my-{number}")
