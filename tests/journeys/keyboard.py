"""Somebody who has no mouse: every stop is reached by Tab, and one sees where one is."""

import re
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Locator

from tests.journeys.people import Person

WHERE = """() => { const e = document.activeElement, style = getComputedStyle(e);
  const own = e.name && e.tagName !== 'BUTTON' ? [] : [e];
  const words = [...(e.labels || []), ...own].map(x => x.textContent.trim().replace(/\\s+/g, ' '));
  const mark = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  return { words: words.join(' '), mark, main: e.id === 'main', end: e === document.body }; }"""
FAR = 150


def tab_to(person: Person, label: str, **params: object) -> None:
    """Press Tab until the thing with this name has the focus; each stop on the way is visible."""
    wanted = person._(label, **params)
    for _ in range(FAR):
        person.page.keyboard.press("Tab")
        here = person.page.evaluate(WHERE)
        assert here["mark"] or here["main"], f"nobody sees that the focus is on “{here['words']}”"
        if here["words"].startswith(wanted):
            return
    raise AssertionError(f"“{wanted}” is not reached by Tab")


def access_key(person: Person, key: str) -> None:
    """Alt and a letter, as a keyboard sends it: Playwright's own presses leave out the letter that is looked for."""
    line = person.page.context.new_cdp_session(person.page)
    stroke = {"modifiers": 1, "key": key, "text": key, "unmodifiedText": key}
    line.send("Input.dispatchKeyEvent", {"type": "keyDown", "windowsVirtualKeyCode": ord(key.upper()), **stroke})
    line.detach()


class Typist(Person):
    """The same steps as anybody else's, by keys alone."""

    def tab_into(self, wanted: Locator) -> None:
        """Press Tab until this has the focus, or another choice of the same question."""
        wanted.wait_for(state="attached")
        for _ in range(FAR):
            if wanted.evaluate("e => e === document.activeElement"):
                return
            if wanted.evaluate("e => e.type === 'radio' && e.name === document.activeElement.name"):
                self.page.keyboard.press("Space")
                while not wanted.evaluate("e => e === document.activeElement"):
                    self.page.keyboard.press("ArrowDown")
                return
            self.page.keyboard.press("Tab")
            here = self.page.evaluate(WHERE)
            assert here["mark"] or here["main"] or here["end"], f"nobody sees that the focus is on “{here['words']}”"
        raise AssertionError(f"not reached by Tab: {wanted}")

    def press(self, label: str, place: str = "main", **params: object) -> None:
        self.tab_into(self.part(place).get_by_role("button", name=self._(label, **params), exact=True).last)
        self.page.keyboard.press("Enter")

    def follow(self, label: str, place: str = "main", **params: object) -> None:
        name = re.compile("^" + re.escape(self._(label, **params)))
        self.tab_into(self.part(place).get_by_role("link", name=name).first)
        self.page.keyboard.press("Enter")

    def fill(self, label: str, value: str, place: str = "main") -> None:
        wanted, keys = self.field(label, place), self.page.keyboard
        self.tab_into(wanted)
        if wanted.get_attribute("type") == "datetime-local":  # part by part, as the browser's own language has them
            at = datetime.fromisoformat(value)
            keys.type(at.strftime("%m%d%Y"))
            keys.press("ArrowRight")
            keys.type(at.strftime("%I%M%p"))
            return
        keys.press("Control+A")
        keys.insert_text(value)

    def choose(self, label: str, place: str = "main", **params: object) -> None:
        wanted = self.part(place).get_by_label(self._(label, **params), exact=True).first
        self.tab_into(wanted)
        if not wanted.is_checked():
            self.page.keyboard.press("Space")

    def select(self, label: str, option: str, place: str = "main", **params: object) -> None:
        wanted = self.part(place).get_by_label(self._(label, **params)).first
        self.tab_into(wanted)
        self.page.keyboard.press("Home")
        while wanted.evaluate("e => e.selectedOptions[0].label.trim()") != option:
            assert wanted.evaluate("e => e.selectedIndex < e.length - 1"), f"“{option}” is not in the list"
            self.page.keyboard.press("ArrowDown")

    def unfold(self, label: str, place: str = "main") -> None:
        self.tab_into(self.part(place).locator("summary").filter(has_text=self._(label)).first)
        self.page.keyboard.press("Enter")

    def attach(self, label: str, *files: Path) -> None:
        self.tab_into(self.field(label))
        with self.page.expect_file_chooser(timeout=20_000) as choosing:
            self.page.wait_for_timeout(500)  # the browser has to know that its dialog is handed over
            self.page.keyboard.press("Space")
        choosing.value.set_files(list(files))
