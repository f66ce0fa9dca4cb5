"""Claims about closing: one page says who is hired, who is told what, who is asked, what is purged when (L4, L13)."""

import re
from uuid import UUID

from recruit.hiring import closing
from recruit.site import Site
from tests import factories
from tests.conftest import Time
from tests.hiring.helping import Client, close, letters, row, rows


async def _vacancy(site: Site, client: Client, time: Time) -> tuple[UUID, UUID, dict[str, UUID]]:
    me = await factories.staff(site, time.now, "recruiter")
    await factories.sign_in(client, site, me)
    number = await factories.vacancy(site, time.now)
    people = {}
    for name, stage, language in (("Ada", "offer", "nb"), ("Bo", "offer", "en"), ("Cy", "received", "nb")):
        people[name] = await factories.application(
            site,
            time.now,
            number,
            email=f"{name}@example.org",
            name=name,
            stage=stage,
            language=language,  # type: ignore[arg-type]
        )
    return me, number, people


async def test_L13_no_outcome_is_proposed_and_nothing_goes_out_before_the_confirmation(
    site: Site, client: Client, time: Time
) -> None:
    _, number, people = await _vacancy(site, client, time)
    page = (await client.get(f"/vacancies/{number}/close")).text
    assert not re.search(r'(?:type="radio"|name="hired")[^>]* checked', page)
    assert ">Ada</label>" in page
    assert ">Cy</label>" not in page, "only who has an offer can be hired"
    undecided = await client.post(f"/vacancies/{number}/close", data={"hired": str(people["Ada"])})
    assert undecided.status_code == 422
    looked = await client.post(
        f"/vacancies/{number}/close", data={"hired": str(people["Ada"]), "others": "rejected", "ask": "1"}
    )
    assert "Hired (1)" in looked.text
    assert "Rejected (2)" in looked.text
    assert "Bo · Cy" in looked.text
    assert "erased after 16 Mar 2026" in looked.text
    assert (await rows(site, "vacancy"))[0]["state"] == "published"
    assert await letters(site, "closed") == []


async def test_what_was_looked_at_is_what_goes_out_in_words_and_outcomes(
    site: Site, client: Client, time: Time
) -> None:
    me, number, people = await _vacancy(site, client, time)
    await close(client, number, hired=str(people["Ada"]), others="rejected", words_nb="Vi valgte en annen.")
    ended = {name: await row(site, unit) for name, unit in people.items()}
    assert {name: r["outcome"] for name, r in ended.items()} == {"Ada": "hired", "Bo": "rejected", "Cy": "rejected"}
    assert {r["decided_by"] for r in ended.values()} == {me}
    told = {letter.to.split("@")[0]: letter.text for letter in await letters(site, "closed")}
    assert "Vi valgte en annen." in told["Cy"]
    assert "We are not taking your application" in told["Bo"], "there are no words in English, so the usual ones stand"
    assert "fikk stillingen" in told["Ada"]
    assert "Vi valgte en annen." not in told["Ada"]
    assert "Vi har ett spørsmål" in told["Cy"]


async def test_without_asking_the_mail_says_when_it_is_erased_and_asks_nothing(
    site: Site, client: Client, time: Time
) -> None:
    _, number, _ = await _vacancy(site, client, time)
    await close(client, number, ask="")
    for letter in await letters(site, "closed"):
        assert "Vi har ett spørsmål" not in letter.text
        assert "We have one question" not in letter.text


async def test_somebody_who_applies_after_the_look_makes_it_be_looked_at_again(
    site: Site, client: Client, time: Time
) -> None:
    _, number, _ = await _vacancy(site, client, time)
    form = {"others": "rejected", "ask": "1"}
    looked = (await client.post(f"/vacancies/{number}/close", data=form)).text
    mark = re.search(r'name="mark" value="(\w+)"', looked)
    assert mark
    late = await factories.application(site, time.now, number, email="late@example.org", name="Dag")
    answer = await client.post(f"/vacancies/{number}/close", data={**form, "mark": mark[1]})
    assert answer.status_code == 409
    assert "Dag" in answer.text
    assert await letters(site, "closed") == []
    assert (await row(site, late))["outcome"] is None
    assert (await rows(site, "vacancy"))[0]["state"] == "published"


async def test_L4_reopening_takes_back_everything_that_this_close_ended_hired_included(
    site: Site, client: Client, time: Time
) -> None:
    me, number, people = await _vacancy(site, client, time)
    before = await factories.application(site, time.now, number, email="e@example.org", closed=time.now, decided_by=me)
    await close(client, number, hired=str(people["Ada"]), others="rejected")
    (act,) = await rows(site, "closing")
    assert {(await row(site, unit))["closing"] for unit in people.values()} == {act["id"]}
    await client.post(f"/vacancies/{number}/reopen")
    assert [(await row(site, unit))["outcome"] for unit in people.values()] == [None] * 3
    assert (await row(site, before))["outcome"] == "rejected", "what ended by itself is not taken back"
    assert (await rows(site, "closing"))[0]["undone_at"] is not None
    (vacancy,) = await rows(site, "vacancy")
    assert await closing.would_reopen(site, vacancy, time.now.date()) == ()


async def test_L2_one_rejection_has_its_own_words_too(site: Site, client: Client, time: Time) -> None:
    _, _, people = await _vacancy(site, client, time)
    typed = {"outcome": "rejected", "words_nb": "Takk for en fin prat.", "ask": "1"}
    await client.post(f"/applications/{people['Cy']}/outcome", data=typed)
    (letter,) = await letters(site, "closed")
    assert "Takk for en fin prat." in letter.text
    assert (
        await client.post(f"/applications/{people['Bo']}/outcome", data={**typed, "words_nb": "x" * 4001})
    ).status_code == 422
    assert (await row(site, people["Bo"]))["outcome"] is None
