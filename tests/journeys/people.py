"""People at a browser: what each of them does, as they would tell it.

Every word that they look for is a message id, so the same steps are walked in Norwegian and in English.
"""

import re
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import pyotp
from playwright.sync_api import Locator, Page, expect

from recruit.i18n import Language, translator
from tests.journeys.installation import Installation, Letter
from tests.journeys.looking import Eyes

PASSWORD = "fire turer i fjellet med niste"
SAMPLES = Path(__file__).parents[1] / "documents" / "samples"


class Person:
    """Somebody at a browser. `press`, `follow`, `fill` and `choose` go by the words on the page."""

    def __init__(self, page: Page, eyes: Eyes, installation: Installation, email: str) -> None:
        self.page, self.eyes, self.installation, self.email = page, eyes, installation, email
        self.lang = cast(Language, eyes.lang)
        self._ = translator(self.lang)
        self.secret = ""

    # --- what a person can do with any page ---

    def go(self, path: str) -> "Person":
        self.page.goto(path)
        return self

    def look(self, name: str, quotes: bool = False) -> "Person":
        self.eyes.look(self.page, name, quotes)
        return self

    def part(self, place: str) -> Locator:
        return self.page.locator(place)

    def press(self, label: str, place: str = "main", **params: object) -> None:
        self.part(place).get_by_role("button", name=self._(label, **params), exact=True).first.click()

    def press_about(self, label: str, place: str = "main") -> None:
        """A button whose name goes on in words for screen readers."""
        self.part(place).get_by_role("button", name=re.compile("^" + re.escape(self._(label)))).first.click()

    def follow(self, label: str, place: str = "main", **params: object) -> None:
        name = re.compile("^" + re.escape(self._(label, **params)))
        self.part(place).get_by_role("link", name=name).first.click()

    def field(self, label: str, place: str = "main") -> Locator:
        return self.part(place).get_by_label(re.compile("^" + re.escape(self._(label)) + r"( \(.*\))?$")).first

    def fill(self, label: str, value: str, place: str = "main") -> None:
        self.field(label, place).fill(value)

    def choose(self, label: str, place: str = "main", **params: object) -> None:
        self.part(place).get_by_label(self._(label, **params), exact=True).first.check()

    def select(self, label: str, option: str, place: str = "main", **params: object) -> None:
        """An option by the words in the list; `label` may have gaps, the option stands as it is read."""
        self.part(place).get_by_label(self._(label, **params)).first.select_option(label=option)

    def unfold(self, label: str, place: str = "main") -> None:
        self.part(place).locator("summary").filter(has_text=self._(label)).first.click()

    def attach(self, label: str, *files: Path) -> None:
        self.field(label).set_input_files(list(files))

    def reads(self, text: str, place: str = "main", **params: object) -> None:
        expect(self.part(place)).to_contain_text(self._(text, **params), use_inner_text=False)

    def arrives(self, heading: str, **params: object) -> None:
        expect(self.page.locator("h1")).to_contain_text(self._(heading, **params))
        self.page.wait_for_load_state()

    def told(self, flash: str) -> None:
        expect(self.page.locator("#flash")).to_contain_text(self._(flash))

    def mistakes(self, *labels: str) -> None:
        """The summary on top names these fields, and has the focus."""
        for label in labels:
            expect(self.page.locator("#errors")).to_contain_text(self._(label))
        expect(self.page.locator("#errors")).to_be_focused()

    def mail(self, template: str = "") -> Letter:
        """The last mail to this person, or the last one made from a template of `templates/mail`."""
        subject = subject_of(template, self.lang) if template else ""
        arrived = self.installation.letters(self.email, subject)
        assert arrived, f"no mail “{template}” to {self.email}"
        return arrived[-1]

    def sees(self, place: str) -> int:
        """How many pictures there are; each has arrived and shows something."""
        pictures = self.part(place).all()
        for picture in pictures:
            picture.scroll_into_view_if_needed()
            expect(picture).to_have_js_property("complete", True)
            assert picture.evaluate("picture => picture.naturalWidth") > 0
        return len(pictures)

    def clock(self, place: str = "main .clock") -> str:
        """Unfold the first clock, as a person would; its headline. Its reasoning names a rule."""
        face = self.part(place).first
        fold = face.locator("xpath=descendant-or-self::details").first
        if fold.get_attribute("open") is None:
            fold.locator("summary").click()
        expect(face.locator(".reasons .rule").first).to_have_text(re.compile(r"^L\d+$"))
        expect(face.locator(".reasons li").first).to_be_visible()
        return face.locator(".clock-line").inner_text()

    def sign_out(self) -> None:
        self.press("Sign out", "header")
        self.told("You are signed out.")

    # --- what staff do ---

    def sign_in(self, password: str = PASSWORD) -> None:
        """With the code from the phone, where one was set up; a code is good once, so a minute passes first."""
        self.go("/sign-in")
        self.fill("E-mail address", self.email)
        self.fill("Password", password)
        self.press("Sign in")
        if self.secret:
            self.arrives("Code from your phone")
            self.installation.time.forward(minutes=1)
            self.fill("Code", self.code())
            self.press("Sign in")
        expect(self.part("header")).to_contain_text(self._("Sign out"))

    def code(self) -> str:
        """What the phone shows now."""
        return pyotp.TOTP(self.secret).at(self.installation.time.now)

    def takes_up_invitation(self, password: str = PASSWORD) -> None:
        """Choose a password by the link of the mail."""
        self.page.goto(self.mail("invitation").link("/password/reset"))
        self.arrives("Choose a password")
        self.fill("New password", password)

    # --- what candidates do ---

    def applies(self, vacancy: str, name: str, letter: str, answer: str = "") -> None:
        self.go(f"/positions/{vacancy}/apply")
        self.fill("Name", name)
        self.fill("E-mail address", self.email)
        self.fill("Letter", letter)
        if answer:
            self.choose(answer)
        self.sends()

    def sends(self) -> None:
        """Look the form over, and send it."""
        self.press("Look over and send")
        self.arrives("Look over your application")
        self.press("Send the application")
        self.arrives("We have received your application")

    def opens_my_data(self) -> None:
        """From the foot of any mail: one press sends a link, whose page has a button."""
        self.page.goto(self.mail().link("/my/from"))
        self.press("Send me the link")
        self.arrives("Look in your e-mail")
        self.page.goto(self.mail("sign_in").link("/my/enter"))
        self.press("Open my data")
        expect(self.page).to_have_url(re.compile("/my$"))

    def here(self) -> str:
        return urlsplit(self.page.url).path


def subject_of(template: str, lang: str) -> str:
    """How the subject of a mail begins, before what differs from mail to mail."""
    path = Path(__file__).parents[2] / "templates" / "mail" / f"{template}.{lang}.txt"
    line = path.read_text("utf-8").splitlines()[0].removeprefix("Subject: ")
    return re.split(r"[:{]", line)[0].strip()
