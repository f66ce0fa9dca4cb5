"""What every page shares: nothing leads to another host, nothing private stays behind, no limit is walked round."""

import re
from types import SimpleNamespace
from typing import Any, cast

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from recruit import web
from recruit.site import Site
from tests import factories
from tests.conftest import Time

_LANGUAGE_LINK = re.compile(r'<a href="([^"]*)" lang="nb"')


@pytest.mark.parametrize("address", ["//evil.example/", "///evil.example/", "/%5Cevil.example/", "/%09/evil.example/"])
async def test_the_way_to_the_other_language_stays_here(client: AsyncTestClient[Litestar], address: str) -> None:
    page = await client.get(f"http://testserver.local{address}")
    (link,) = _LANGUAGE_LINK.findall(page.text)
    assert re.match(r"/[^/\\\s]", link)


async def test_the_other_language_keeps_page_and_query(client: AsyncTestClient[Litestar]) -> None:
    page = await client.get("/verify?from=m%C3%A5nsson")
    assert _LANGUAGE_LINK.findall(page.text) == ["/verify?from=m%C3%A5nsson&amp;lang=nb"]


async def test_a_page_behind_a_mailed_link_leaves_no_copy(client: AsyncTestClient[Litestar]) -> None:
    assert (await client.get("/consent/any-token")).headers["cache-control"] == "no-store"
    assert (await client.get("/")).headers["cache-control"] == "no-cache"


async def test_only_a_sentence_of_ours_is_shown_after_an_act(client: AsyncTestClient[Litestar]) -> None:
    client.cookies.set("flash", "Call%20this%20number", domain="testserver.local", path="/")
    assert "Call this number" not in (await client.get("/")).text
    client.cookies.set("flash", "You%20are%20signed%20out.", domain="testserver.local", path="/")
    assert "You are signed out." in (await client.get("/")).text


async def test_a_name_turns_no_text_around(client: AsyncTestClient[Litestar], site: Site, time: Time) -> None:
    number = await factories.staff(site, time.now, "recruiter")
    await factories.sign_in(client, site, number)
    await client.post("/account/name", data={"name": "Kari\u202edroN\u2066", "language": "en"})
    page = (await client.get("/account")).text
    assert "KaridroN" in page
    assert not set("\u202e\u2066").intersection(page)


def test_text_from_right_to_left_is_left_as_it_was_typed() -> None:
    assert web.tidy(" مريم\u200c حسن ") == "مريم\u200c حسن"


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("192.0.2.1", "192.0.2.1"),
    ],
)
def test_a_network_counts_as_one_address(host: str, counted: str) -> None:
    assert web.address(cast("Any", SimpleNamespace(client=SimpleNamespace(host=host)))) == counted
