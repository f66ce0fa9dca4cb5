"""How a page is looked at: by axe in the light and in the dark, on a narrow screen, and for what it asks of others.

Guards that no page is shown to people that axe objects to, that scrolls sideways on a phone, that logs an error, asks
another host for anything, or (in Norwegian) speaks English.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from playwright.sync_api import BrowserContext, ConsoleMessage, Download, Page, Request

from recruit.templating import environment

_CONTRAST = "color-contrast"
_OPTIONS = {"resultTypes": ["violations"], "preload": False, "iframes": False}
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
_ENGLISH = re.compile(r"\b(the|and|with|your|from|this|are|which)\b", re.IGNORECASE)
_EXPECTED_STATUS = re.compile(
    r"Failed to load resource: (the server responded with a status of (404|410|413|422)|net::ERR_INTERNET_DISCONNECTED)"
)

_UNFOLD = (
    "document.querySelectorAll('main details:not([open])').forEach(e => { e.open = true; e.dataset.unfolded = 1; })"
)
_FOLD = "document.querySelectorAll('[data-unfolded]').forEach(e => { e.open = false; delete e.dataset.unfolded; })"
_WIDER = """() => {
  const width = document.documentElement.clientWidth, inside = e => e.closest('.scroll, .board, .sr, .skip');
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll('body *')].filter(e => !inside(e) && e.getBoundingClientRect().right > width + 1)
    .slice(-3).map(e => e.outerHTML.slice(0, 160)).concat(['the page is ' + document.documentElement.scrollWidth]);
}"""
_WORDS = """() => { const copy = document.body.cloneNode(true);
  copy.querySelectorAll('code, pre, script, [lang], textarea, .mono, .document-text').forEach(e => e.remove());
  return copy.textContent; }"""

_OF_EACH_COLOURING = """() => {
  const seen = new Map(), bears = e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  for (const e of document.querySelectorAll('body, body *')) {
    if (!e.checkVisibility() || !(bears(e) || e.matches('input, select, textarea'))) continue;
    const own = getComputedStyle(e), parts = [own.color, own.fontSize, own.fontWeight, e.disabled];
    for (let up = e; up; up = up.parentElement) {
      const style = getComputedStyle(up);
      parts.push(style.backgroundColor, style.backgroundImage, style.opacity, style.position);
    }
    const key = parts.join(' ');
    if (!seen.has(key)) seen.set(key, e);
  }
  return [...seen.values()];
}"""


@cache
def _axe() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")


class Eyes:
    """One browser's window onto the app. `look` judges the page that stands open; `faults` are collected by itself."""

    def __init__(self, context: BrowserContext, host: str, lang: str, pictures: Path | None = None) -> None:
        self.lang, self._host, self._pictures = lang, host, pictures
        self.seen: set[str] = set()
        self.asked_for: set[str] = set()
        self.faults: list[str] = []
        context.on("page", lambda page: page.on("download", self._download))
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.faults.append(f"script error: {error.error}"))

    def look(self, page: Page, name: str, quotes: bool = False) -> None:
        """Judge the page with everything on it unfolded; what is wrong with it joins the faults.

        `quotes`: it shows mails, which stand in their reader's language.
        """
        page.wait_for_load_state()
        self.seen.add(urlsplit(page.url).path)
        assert page.locator("html").get_attribute("lang") == self.lang
        page.evaluate(_UNFOLD)
        wrong = self._too_wide(page)
        if self.lang == "nb":  # every page is seen in Norwegian too, and but for its words it is the same in English
            page.evaluate(_axe())
            wrong += [f"axe: {fault}" for fault in (*complaints(page), *too_pale(page))]
            page.emulate_media(color_scheme="dark")
            wrong += [f"axe in the dark: {fault}" for fault in too_pale(page)]
            page.emulate_media(color_scheme="light")
            said_in_english = [] if quotes else english(page.evaluate(_WORDS))
            wrong += [f"English on a Norwegian page: {said}" for said in said_in_english]
        self._picture(page, name)
        page.evaluate(_FOLD)
        self.faults += [f"{name} ({urlsplit(page.url).path}): {fault}" for fault in wrong]

    def _too_wide(self, page: Page) -> list[str]:
        page.set_viewport_size(NARROW)
        wider = wider_than(page)
        page.set_viewport_size(WIDE)
        return [f"scrolls sideways at {NARROW['width']} px: {element}" for element in wider]

    def _picture(self, page: Page, name: str) -> None:
        """Four pictures of the page for a person to judge, where `--screenshots FOLDER` asks for them."""
        if self._pictures is None:
            return
        number = len(list(self._pictures.glob(f"{self.lang}-*-1280-light.png"))) + 1
        for size in (WIDE, NARROW):
            page.set_viewport_size(size)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                file = f"{self.lang}-{number:02}-{name}-{size['width']}-{scheme}.png"
                page.screenshot(path=self._pictures / file, full_page=True)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(WIDE)

    def _download(self, download: Download) -> None:
        self.asked_for.add(urlsplit(download.url).path)

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc != self._host:
            self.faults.append(f"asks another host: {parts.scheme}://{parts.netloc}")
        self.asked_for.add(parts.path)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _EXPECTED_STATUS.match(message.text):
            self.faults.append(f"console: {message.text}")


def wider_than(page: Page) -> list[str]:
    """The elements that stick out of the window, if the page scrolls sideways."""
    found: list[str] = page.evaluate(_WIDER)
    return found


def complaints(page: Page) -> list[str]:
    """What axe (already on the page) objects to, colours aside: rule, help, and the elements."""
    rules = {_CONTRAST: {"enabled": False}}
    return _told(page.evaluate("options => axe.run(document, options)", _OPTIONS | {"rules": rules}))


def too_pale(page: Page) -> list[str]:
    """What axe says of the contrast of one element of each kind: text colour, size, weight, and all that is behind it.

    To judge every word of a page takes axe longer than all its other rules together.
    """
    found = page.evaluate(
        f"options => axe.run({{include: ({_OF_EACH_COLOURING})()}}, options)", _OPTIONS | {"runOnly": [_CONTRAST]}
    )
    return _told(found)


def _told(found: dict[str, list[dict[str, Any]]]) -> list[str]:
    return [
        f"{rule['id']}: {rule['help']}: " + "; ".join(_described(node) for node in rule["nodes"][:4])
        for rule in found["violations"]
    ]


def _described(node: dict[str, object]) -> str:
    why = " ".join(str(node.get("failureSummary", "")).split())
    return f"{str(node['html'])[:140]} ({why[:200]})"


def english(text: str) -> list[str]:
    """Sentences with words that only English has."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [line[:120] for line in lines if _ENGLISH.search(line)]


# --- was every page looked at? --------------------------------------------------------------------------------------


def unvisited(app: Litestar, paths: Iterable[str]) -> set[str]:
    """The GET routes that none of the visited paths belongs to."""
    routes = {
        route.path_format: re.compile("^" + re.sub(r"\{[^}]+\}", "[^/]+", route.path_format) + "$")
        for route in app.routes
        if isinstance(route, HTTPRoute) and "GET" in route.methods and not route.path.startswith("/static")
    }
    known = list(paths)
    return {path for path, pattern in routes.items() if not any(pattern.match(one) for one in known)}


def templates_shown(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of all templates that are used from now on."""
    shown: set[str] = set()
    env = environment()
    ask = env.get_template

    def get_template(name: str, *rest: object, **more: object) -> object:
        shown.add(name)
        return ask(name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(env, "get_template", get_template)
    return shown
