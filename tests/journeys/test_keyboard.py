"""Signing in and reviewing without a mouse; a candidate's whole way by keys is in test_candidate.py."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Seat
from tests.journeys.furnished import KARI, employer_with_kari, open_vacancy
from tests.journeys.installation import Installation
from tests.journeys.keyboard import WHERE, tab_to
from tests.journeys.people import PASSWORD, Person

pytestmark = pytest.mark.browser


def types(person: Person, label: str, text: str) -> None:
    tab_to(person, label)
    person.page.keyboard.type(text)


def test_the_first_stop_skips_to_the_content(seat: Seat, installation: Installation) -> None:
    employer_with_kari(installation)
    ola = seat("nb", "ola@example.org").go("/")
    ola.page.keyboard.press("Tab")
    assert ola.page.evaluate(WHERE)["words"] == ola._("Skip to the content")
    ola.page.keyboard.press("Enter")
    expect(ola.page.locator("main")).to_be_focused()


def test_a_recruiter_signs_in_and_moves_an_application(seat: Seat, installation: Installation) -> None:
    employer_with_kari(installation, "en")
    vacancy = open_vacancy(installation)
    seat("en", "ola@example.org").applies(str(vacancy), "Ola Sør", "I like to build what lasts.")
    kari = seat("en", KARI).go(f"/vacancies/{vacancy}")
    keys = kari.page.keyboard
    kari.arrives("Staff sign-in")
    types(kari, "E-mail address", KARI)
    types(kari, "Password", PASSWORD)
    keys.press("Enter")
    kari.arrives("Software developer")
    tab_to(kari, "Ola Sør")
    keys.press("Enter")
    kari.arrives("Ola Sør")
    tab_to(kari, "Move to {stage}", stage="Screening")
    keys.press("Enter")
    kari.told("Moved.")
    tab_to(kari, "Note")
    keys.type("Answers calmly.")
    tab_to(kari, "Save the note")
    keys.press("Enter")
    kari.told("The note is saved.")
    kari.reads("Answers calmly.")
