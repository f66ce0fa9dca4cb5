"""Applying and signing in without a mouse: every stop is reached by Tab, and one sees where one is."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Seat
from tests.journeys.furnished import KARI, employer_with_kari, open_vacancy
from tests.journeys.installation import Installation
from tests.journeys.people import PASSWORD, SAMPLES, Person

pytestmark = pytest.mark.browser

_WHERE = """() => { const e = document.activeElement, style = getComputedStyle(e);
  const own = e.name && e.tagName !== 'BUTTON' ? [] : [e];
  const words = [...(e.labels || []), ...own].map(x => x.textContent.trim().replace(/\\s+/g, ' '));
  const mark = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  return { words: words.join(' '), mark, main: e.id === 'main' }; }"""
FAR = 60


def tab_to(person: Person, label: str, **params: object) -> None:
    """Press Tab until the thing with this name has the focus; each stop on the way is visible."""
    wanted = person._(label, **params)
    for _ in range(FAR):
        person.page.keyboard.press("Tab")
        here = person.page.evaluate(_WHERE)
        assert here["mark"] or here["main"], f"nobody sees that the focus is on “{here['words']}”"
        if here["words"].startswith(wanted):
            return
    raise AssertionError(f"“{wanted}” is not reached by Tab")


def types(person: Person, label: str, text: str) -> None:
    tab_to(person, label)
    person.page.keyboard.type(text)


def test_the_first_stop_skips_to_the_content(seat: Seat, installation: Installation) -> None:
    employer_with_kari(installation)
    ola = seat("nb", "ola@example.org").go("/")
    ola.page.keyboard.press("Tab")
    assert ola.page.evaluate(_WHERE)["words"] == ola._("Skip to the content")
    ola.page.keyboard.press("Enter")
    expect(ola.page.locator("main")).to_be_focused()


def test_a_candidate_applies_and_comes_in(seat: Seat, installation: Installation) -> None:
    employer_with_kari(installation)
    open_vacancy(installation)
    ola = seat("nb", "ola@example.org").go("/")
    keys = ola.page.keyboard
    tab_to(ola, "Systemutvikler")
    keys.press("Enter")
    ola.arrives("Systemutvikler")
    tab_to(ola, "Apply")
    keys.press("Enter")
    ola.arrives("Apply")
    types(ola, "Name", "Ola Sør")
    types(ola, "E-mail address", "ola")
    tab_to(ola, "Look over and send")
    keys.press("Enter")
    ola.mistakes("E-mail address")
    tab_to(ola, "E-mail address")
    keys.press("Enter")
    expect(ola.field("E-mail address")).to_be_focused()
    keys.press("Control+A")
    keys.type(ola.email)
    types(ola, "Letter", "Jeg liker å bygge ting som varer.")
    tab_to(ola, "CV")
    with ola.page.expect_file_chooser(timeout=20_000) as choosing:
        ola.page.wait_for_timeout(500)  # the browser has to know that its dialog is handed over before it opens one
        keys.press("Space")
    choosing.value.set_files(SAMPLES / "groff.pdf")
    tab_to(ola, "Yes, I consent")
    keys.press("ArrowDown")
    assert ola.part("input[name=consent]:checked").get_attribute("value") == "no"
    tab_to(ola, "Look over and send")
    keys.press("Enter")
    ola.arrives("Look over your application")
    tab_to(ola, "Send the application")
    keys.press("Enter")
    ola.arrives("We have received your application")
    expect(ola.part("main .clock .reasons")).to_be_visible()
    tab_to(ola, "Why, rule by rule")
    keys.press("Enter")
    expect(ola.part("main .clock .reasons")).to_be_hidden()

    ola.page.goto(ola.mail().link("/my/from"))
    tab_to(ola, "Send me the link")
    keys.press("Enter")
    ola.arrives("Look in your e-mail")
    found = re.search(r"\b(\d{3} ?\d{3})\b", ola.mail("sign_in").text)
    assert found
    types(ola, "Code", found[1])
    keys.press("Enter")
    ola.reads("Your applications")


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
