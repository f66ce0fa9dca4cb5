"""The journeys' eyes see: each kind of fault, planted on a page, is found."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.looking import WIDE, Eyes

pytestmark = pytest.mark.browser

PLANTED = {
    "axe: image-alt": '<img src="/static/mark.svg">',
    "axe: color-contrast": '<p style="color: #999">Grått på hvitt</p>',
    "axe in the dark: color-contrast": "<style>@media (prefers-color-scheme: dark) "
    "{ body { background: #111 } #p { color: #333 } }</style><p id='p'>Grått på svart</p>",
    "scrolls sideways at 390 px": '<div style="width: 500px">Bredt</div>',
    "English on a Norwegian page": "<p>What happens with your data</p>",
    "asks another host": '<link rel="stylesheet" href="http://fonts.example/font.css">',
    "console: ": "<script>console.error('noe sviktet')</script>",
    "script error": "<script>nothing.here()</script>",
}
PAGE = "<!doctype html><html lang='nb'><title>Side</title><main><h1>Side</h1>{}</main></html>"


@pytest.mark.parametrize("expected", [*PLANTED, ""])
def test_a_planted_fault_is_found_and_a_sound_page_has_none(expected: str, browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(viewport=WIDE)  # type: ignore[arg-type]
    eyes = Eyes(context, "app.example", "nb")
    body = PAGE.format(PLANTED.get(expected, "<p>Alt er i orden.</p>"))
    context.route("**/*", lambda route: route.fulfill(body=body, content_type="text/html"))
    page = context.new_page()
    page.goto("http://app.example/")
    eyes.look(page, "planted")
    context.close()
    assert any(expected in fault for fault in eyes.faults) if expected else not eyes.faults, eyes.faults
