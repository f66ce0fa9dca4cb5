"""Every notice that somebody was shown can be shown again, and set beside the one in force (L32)."""

import html
import re
from uuid import UUID

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from recruit import employer
from recruit.careers import rules as forms
from recruit.notice import comparing, service
from recruit.notice.writing import Block, Section
from recruit.retention.rules import Policy
from recruit.rights import asking
from recruit.site import Site
from tests import factories
from tests.conftest import EMPLOYER, Time

Browser = AsyncTestClient[Litestar]
LONGER = Policy(consent_months=19)


async def page(client: Browser, path: str, lang: str = "en", status: int = 200) -> str:
    answer = await client.get(path, headers={"accept-language": lang})
    assert answer.status_code == status
    return html.unescape(answer.text)


async def apply(client: Browser, vacancy: UUID, **told: str) -> None:
    fields = {"name": "Ola Nord", "email": "ola@example.org", "letter": "Jeg vil gjerne.", **told}
    answer = await client.post(
        f"/positions/{vacancy}/apply", files={name: (None, value) for name, value in fields.items()}
    )
    assert answer.status_code == 200


async def notices_shown(site: Site) -> list[int]:
    return [row["notice"] for row in await site.records.run_sql("SELECT notice FROM application")]


async def test_the_form_says_which_notice_stood_behind_it_and_the_application_keeps_it(
    site: Site, client: Browser, time: Time
) -> None:
    vacancy = await factories.vacancy(site, time.now)
    opened = await page(client, f"/positions/{vacancy}/apply")
    (told,) = re.findall(r'name="notice" value="(\d+)"', opened)
    await employer.set_policy(site, LONGER, None, time.forward(hours=1))
    assert await service.number_in_force(site, time.now) == 2
    await apply(client, vacancy, notice=told)
    assert await notices_shown(site) == [1]


@pytest.mark.parametrize(("told", "kept"), [("", 3), ("2", 2), ("9", 3), ("0", 3), ("x", 3), ("9" * 30, 3), ("²", 3)])
def test_a_form_that_names_no_notice_that_there_was_gets_the_one_in_force(told: str, kept: int) -> None:
    assert forms.notice_shown(told, 3) == kept


async def test_the_candidate_compares_from_my_data_and_the_dpo_from_the_case(
    site: Site, client: Browser, time: Time
) -> None:
    vacancy = await factories.vacancy(site, time.now)
    await apply(client, vacancy)
    await employer.set_policy(site, LONGER, None, time.forward(days=2))
    (row,) = await site.records.run_sql("SELECT id, candidate FROM application")
    await factories.sign_in(client, site, row["candidate"], "candidate")
    mine = await page(client, f"/my/applications/{row['id']}")
    assert "version 1 of the privacy notice" in mine
    assert "/privacy/versions/1/changes" in mine
    asked = await asking.ask_erasure(site, row["candidate"], None, "", time.now)
    await factories.sign_in(client, site, await factories.staff(site, time.now, "dpo"))
    assert "/privacy/versions/1/changes" in await page(client, f"/desk/requests/{asked}")


@pytest.mark.parametrize(("lang", "before", "after"), [("en", "12 months", "19 months"), ("nb", "12 mån", "19 mån")])
async def test_the_comparison_strikes_out_what_is_gone_and_underlines_what_is_new(
    site: Site, client: Browser, time: Time, lang: str, before: str, after: str
) -> None:
    await page(client, "/privacy")
    await employer.set_policy(site, LONGER, None, time.forward(days=2))
    changes = await page(client, "/privacy/versions/1/changes", lang)
    assert "<del>12</del>" in changes
    assert "<ins>19</ins>" in changes
    assert "Datatilsynet" not in changes  # what is the same is left out
    older, newer = await page(client, "/privacy/versions/1", lang), await page(client, "/privacy", lang)
    assert before in older
    assert after in newer
    assert after not in older


async def test_a_version_is_stored_once_and_an_unknown_one_is_not_there(
    site: Site, client: Browser, time: Time
) -> None:
    for _ in range(3):
        await page(client, "/privacy")
    assert [number for number, _ in await service.versions(site)] == [1]
    assert "says the same" in await page(client, "/privacy/versions/1/changes")
    for path in ("/privacy/versions/2", "/privacy/versions/0/changes"):
        await page(client, path, status=404)


async def test_a_change_that_is_taken_back_makes_a_version_of_its_own(site: Site, client: Browser, time: Time) -> None:
    await page(client, "/privacy")
    for policy in (LONGER, Policy()):
        await employer.set_policy(site, policy, None, time.forward(days=1))
        await page(client, "/privacy")
    assert [number for number, _ in await service.versions(site)] == [3, 2, 1]
    assert "says the same" in await page(client, "/privacy/versions/1/changes")
    assert "<del>19</del>" in await page(client, "/privacy/versions/2/changes")


async def test_a_new_text_of_the_program_is_a_new_version_of_today(
    site: Site, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await service.in_force(site, time.now)
    monkeypatch.setattr(service, "written", lambda made_of: (first.body.replace("GDPR", "GDPR "), "f" * 64))
    second = await service.in_force(site, time.forward(days=30))
    assert (second.number, second.since) == (2, time.now)
    assert (await service.version(site, 1)).body == first.body


# --- comparing --------------------------------------------------------------------------------------------------------


def text(**blocks: str) -> tuple[Section, ...]:
    made = tuple(Block(kind="p", key=key, text=words) for key, words in blocks.items())
    return (Section(key="one", title="One", blocks=made),)


def test_a_comparison_knows_added_removed_and_changed() -> None:
    found = comparing.of_notices(text(a="same", b="kept 12 months", c="old"), text(a="same", b="kept 24 months", d="n"))
    assert [(change.section, change.kind) for change in found] == [
        ("One", "changed"), ("One", "added"), ("One", "removed"),
    ]  # fmt: skip
    assert found[0].pieces == (("same", "kept "), ("gone", "12"), ("new", "24"), ("same", " months"))


def test_a_word_between_two_changes_is_told_with_them() -> None:
    found = comparing.pieces("kept for a short time by us", "kept through a long time by us")
    assert found == [("same", "kept "), ("gone", "for a short"), ("new", "through a long"), ("same", " time by us")]


def test_a_comparison_of_the_same_is_empty_and_loses_no_word() -> None:
    assert comparing.of_notices(text(a="x y"), text(a="x y")) == []
    (change,) = comparing.of_fields({"How long": "one two  three"}, {"How long": "zero two three four"})
    assert "".join(words for kind, words in change.pieces if kind != "new") == "one two  three"
    assert "".join(words for kind, words in change.pieces if kind != "gone") == "zero two three four"


async def test_the_employers_words_are_text_in_a_comparison(site: Site, client: Browser, time: Time) -> None:
    await client.get("/privacy")
    sly = msgspec.structs.replace(EMPLOYER, address="<script>alert(1)</script>")
    await employer.set_employer(site, sly, None, time.forward(days=1))
    for path in ("/privacy", "/privacy/versions/1/changes"):
        assert "<script>alert" not in (await client.get(path)).text
