"""The cookie page lists what the pages set: every name, path and lifetime, and nothing that is not set."""

import ast
import html
import importlib
import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path

from litestar import Litestar
from litestar.testing import AsyncTestClient

import recruit
from recruit.accounts import sessions
from recruit.notice.cookies import COOKIES, called
from recruit.site import Site
from tests import factories
from tests.conftest import Time

Browser = AsyncTestClient[Litestar]

LISTED = {cookie.name: cookie for cookie in COOKIES}
# What an expression for a cookie's name comes to, where it is none of a module's constants.
COMES_TO = {"cookie_name(site)": "recruit", "name": "recruit-step"}


def named_in_the_program() -> Iterator[str]:
    """The name of every cookie that some code makes."""
    top = Path(recruit.__file__).parent
    for path in top.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Cookie":
                given = [k.value for k in node.keywords if k.arg == "key"] or node.args[:1]
                yield _value(given[0], ".".join(path.relative_to(top.parent).with_suffix("").parts))


def _value(name: ast.expr, module: str) -> str:
    if isinstance(name, ast.Constant):
        return str(name.value)
    said = ast.unparse(name)
    return COMES_TO.get(said) or str(getattr(importlib.import_module(module), said))


def test_every_cookie_that_the_program_makes_is_listed_and_no_other() -> None:
    assert set(named_in_the_program()) == set(LISTED)


async def test_cookies_that_pages_set_are_as_listed(site: Site, client: Browser, time: Time) -> None:
    """A walk through the pages that set cookies: language, application form, way in, sign-in, a saved form."""
    client.follow_redirects = False
    vacancy = await factories.vacancy(site, time.now)
    dpo = await factories.staff(site, time.now, "dpo", "recruiter")
    application = await factories.application(site, time.now, vacancy)
    candidate = await factories.candidate_of(site, application)
    seen: list[str] = []
    seen += (await client.get("/privacy?lang=nb")).headers.get_list("set-cookie")
    seen += (await client.post("/my/sign-in", data={"email": "ola@example.org"})).headers.get_list("set-cookie")
    begun = await client.post(f"/positions/{vacancy}/apply", files={"name": (None, "Ola")})
    seen += begun.headers.get_list("set-cookie")
    await factories.sign_in(client, site, candidate, "candidate")
    seen += (await client.post("/my/contact", data={"name": "Ola Nord"})).headers.get_list("set-cookie")
    await factories.sign_in(client, site, dpo)
    seen += (await client.post("/sign-out")).headers.get_list("set-cookie")
    found = set()
    for line in seen:
        for name, morsel in SimpleCookie(line).items():
            listed = LISTED[name]
            found.add(name)
            assert morsel["path"].startswith(listed.path), name
            assert int(morsel["max-age"] or 0) <= listed.life.total_seconds(), name
            if morsel["max-age"] not in ("0", ""):
                assert int(morsel["max-age"]) == listed.life.total_seconds(), name
            assert bool(morsel["httponly"]) is not listed.readable, name
            assert morsel["samesite"].lower() == "lax", name
    assert {"lang", "waiting", "flash", "recruit"} <= found


def test_sessions_live_as_long_as_the_page_says(site: Site) -> None:
    staff, candidate = (sessions.cookie(site, "token", kind).max_age for kind in ("staff", "candidate"))
    assert staff == LISTED["recruit"].life.total_seconds()
    hours = [int(n) for n in re.findall(r"\d+", LISTED["recruit"].purpose)]
    assert [int(candidate or 0) // 3600, int(staff or 0) // 3600] == hours


def test_the_second_step_lives_as_long_as_the_page_says() -> None:
    from recruit.accounts.signing_in import SECOND_STEP

    assert LISTED["recruit-step"].life == SECOND_STEP


def test_over_tls_the_session_is_tied_to_the_host() -> None:
    assert called(LISTED["recruit"], True) == "__Host-recruit"
    assert called(LISTED["lang"], True) == "lang"


async def test_the_page_lists_every_cookie_in_both_languages(site: Site, client: Browser) -> None:
    pages = [html.unescape((await client.get("/cookies", headers={"accept-language": x})).text) for x in ("en", "nb")]
    for cookie in COOKIES:
        assert cookie.purpose in pages[0]
        assert cookie.purpose not in pages[1]
        assert f'id="cookie-{cookie.name}"' in pages[1]
    assert "365 days" in pages[0]
    assert "365 dager" in pages[1]
