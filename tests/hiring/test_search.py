"""Claims about searching: who finds whom, what narrows, and what it leaves behind."""

import pytest

from recruit.hiring import tags
from recruit.incoming import service as incoming
from recruit.incoming.service import Taken
from recruit.retention import parts, restrictions, service
from recruit.retention.restrictions import Cause
from recruit.site import Site
from tests import factories
from tests.conftest import Time
from tests.hiring.helping import Client, House, house, rows
from tests.incoming.test_incoming import eml


async def search(client: Client, **form: object) -> str:
    page = await client.post("/search", data={name: str(value) for name, value in form.items()})
    assert page.status_code == 200, page.status_code
    return page.text


async def a_house(site: Site, time: Time) -> House:
    return await house(site, time.now, name="Ola Sør", email="ola@example.org", letter="Jeg bygger broer.")


async def test_a_candidate_is_found_by_name_and_by_words_and_each_look_is_logged(
    site: Site, client: Client, time: Time
) -> None:
    at = await a_house(site, time)
    await factories.sign_in(client, site, at.people["recruiter"])
    assert "Ola Sør" not in (await client.get("/search")).text
    for query in ("ola", "SØR", "broer", "ola@example.org"):
        assert f"/applications/{at.application}" in await search(client, words=query)
    assert "Nothing was found" in await search(client, words="tunneler")
    looks = await rows(site, "look", unit=at.application)
    assert [look["purpose"] for look in looks] == ["search"] * 4


@pytest.mark.parametrize(
    ("role", "finds"),
    [("recruiter", True), ("hiring_manager", True), ("interviewer", True), ("foreign_manager", False)],
)
async def test_a_search_finds_only_what_the_role_may_open(
    site: Site, client: Client, time: Time, role: str, finds: bool
) -> None:
    at = await a_house(site, time)
    await factories.sign_in(client, site, at.people[role])
    assert ("Ola Sør" in await search(client, words="ola")) is finds


async def test_the_words_of_an_email_find_its_application_for_those_who_may_read_it(
    site: Site, client: Client, time: Time
) -> None:
    at = await a_house(site, time)
    await factories.sign_in(client, site, at.people["recruiter"])
    assert "Nothing was found" in await search(client, words="kanalbygging")
    data = eml("Jeg har drevet med kanalbygging.")
    assert (await incoming.take_in(site, data, Taken(), time.forward(hours=1))).unit == at.application
    for role, finds in (("recruiter", True), ("hiring_manager", True), ("interviewer", False)):
        await factories.sign_in(client, site, at.people[role])
        for words in ("kanalbygging", "broer kanal"):
            assert ("Ola Sør" in await search(client, words=words)) is finds, (role, words)
        assert "Ola Sør" in await search(client, words="broer")
    await parts.grant(site, at.application, ["correspondence"], at.people["dpo"], time.now)
    await factories.sign_in(client, site, at.people["recruiter"])
    assert "Nothing was found" in await search(client, words="kanalbygging")


async def test_the_team_finds_nobody_in_the_answer_window_l4(site: Site, client: Client, time: Time) -> None:
    at = await a_house(site, time)
    await service.close_applications(site, [at.application], "rejected", at.people["recruiter"], time.now)
    for role, finds in (("recruiter", True), ("hiring_manager", False), ("interviewer", False)):
        await factories.sign_in(client, site, at.people[role])
        assert ("Ola Sør" in await search(client, words="ola")) is finds, role


async def test_nobody_finds_a_restricted_candidate_l15(site: Site, client: Client, time: Time) -> None:
    at = await a_house(site, time)
    await factories.sign_in(client, site, at.people["recruiter"])
    assert "Ola Sør" in await search(client, words="ola")
    await restrictions.place(site, [at.application], Cause("claims", at.people["dpo"], "Tvist"), time.now)
    assert "Ola Sør" not in await search(client, words="ola")
    assert "Ola Sør" not in await search(client, state="received")


async def test_stage_tag_source_and_vacancy_narrow_a_search(site: Site, client: Client, time: Time) -> None:
    at = await a_house(site, time)
    other = await factories.vacancy(site, time.now)
    await factories.application(site, time.forward(hours=1), other, "ola2@example.org", "Ola Nord", stage="interview")
    tag = await tags.create(site, "erfaren", at.people["recruiter"], time.now)
    await site.records.run_sql(
        "INSERT INTO application_tag (id, application, tag, tagged_at) VALUES (?, ?, ?, ?)",
        *(tag, at.application, tag, time.now),
    )
    await factories.sign_in(client, site, at.people["recruiter"])
    both = await search(client, words="ola")
    assert both.index("Ola Nord") < both.index("Ola Sør"), "the newest first"
    for form in ({"vacancy": at.vacancy}, {"state": "received"}, {"tag": tag}):
        for words in ("ola", ""):
            page = await search(client, words=words, **form)
            assert "Ola Sør" in page and "Ola Nord" not in page, form
    assert "Nothing was found" in await search(client, words="ola", source="finn")


async def test_odd_searches_get_a_sentence_and_nothing_typed_stands_in_an_address(
    site: Site, client: Client, time: Time
) -> None:
    at = await a_house(site, time)
    await factories.sign_in(client, site, at.people["recruiter"])
    for form in ({}, {"words": "x" * 201}, {"vacancy": "nothing", "tag": "'; DROP TABLE tag"}):
        page = await client.post("/search", data=form)
        assert page.status_code == 422 and 'id="errors"' in page.text
    for words in ('"', "* NEAR(", "‮ola", "🙂", "' OR 1=1"):
        page = await client.post("/search", data={"words": words, "page": "١"})
        assert page.status_code == 200
    page = await client.post("/search", data={"words": "ola"})
    assert page.url.query == b"" and "words=ola" not in page.text
