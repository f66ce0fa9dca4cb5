"""Claims about people who apply twice: who is told, and that nothing joins by itself."""

from recruit.hiring import likeness
from recruit.mydata import service as mydata
from recruit.retention import consent, purge, restrictions, service
from recruit.retention.restrictions import Cause
from recruit.searching.index import index_of
from recruit.site import Site
from tests import factories
from tests.conftest import Time
from tests.hiring.helping import Client, house, rows


async def test_a_pair_is_shown_decided_by_a_recruiter_and_remembered(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now, name="Ola Sør", email="ola@example.org")
    elsewhere = await factories.vacancy(site, time.now)
    twin = await factories.application(site, time.now, elsewhere, "sor@example.org", "Ola A. Sør", "+47 900 00 000")
    await factories.application(site, time.now, elsewhere, "kari@example.org", "Kari Vik", "911 11 111")
    assert await likeness.recognise(site, time.now) == 1
    assert await likeness.recognise(site, time.now) == 0
    (pair,) = await rows(site, "likeness")
    page = f"/same-person/{pair['id']}"

    await factories.sign_in(client, site, at.people["hiring_manager"])
    assert page not in (await client.get(f"/applications/{at.application}")).text, "a recruiter's to decide"
    await factories.sign_in(client, site, at.people["recruiter"])
    for unit in (at.application, twin):
        shown = (await client.get(f"/applications/{unit}")).text
        assert page in shown and "The same telephone number" in shown and "Under another address" not in shown
    for where in ("/same-person", page):
        shown = (await client.get(where)).text
        assert all(word in shown for word in ("ola@example.org", "sor@example.org")) and "Kari" not in shown
    assert {look["unit"] for look in await rows(site, "look", purpose="list")} == {at.application, twin}

    async def press(verdict: str) -> str:
        return (await client.post(page, data={"verdict": verdict})).text

    assert (await client.post(page, data={"verdict": "merge"})).status_code == 422
    assert "The same person" in await press("same")
    assert f"/applications/{twin}" in (await client.get(f"/applications/{at.application}")).text
    shown = (await client.get(f"/applications/{twin}")).text
    assert f"/applications/{at.application}" in shown and "Under another address" in shown
    assert "another profile is the same person" in shown, "the history says so"
    await factories.sign_in(client, site, at.people["hiring_manager"])
    shown = (await client.get(f"/applications/{at.application}")).text
    assert str(twin) not in shown, "the other vacancy is not theirs"

    one, other = [await factories.candidate_of(site, unit) for unit in (at.application, twin)]
    assert one != other and {pair["one"], pair["other"]} == {one, other}, "two profiles, as before"
    await consent.give(site, one, "my_data", "nb", time.now)
    assert await consent.standing(site, other) is None, "consent is of one address"

    await factories.sign_in(client, site, at.people["recruiter"])
    await press("again")
    assert [row["verdict"] for row in await rows(site, "likeness")] == [""]
    await press("apart")
    assert await likeness.recognise(site, time.forward(days=1)) == 0
    assert [row["verdict"] for row in await rows(site, "likeness")] == ["apart"], "not asked again"
    assert page not in (await client.get(f"/applications/{twin}")).text
    bodies = [row["body"] for row in await rows(site, "audit_entry") if row["kind"].startswith("likeness.")]
    assert len(bodies) == 3 and not any(word in body for body in bodies for word in ("Ola", "example.org", "phone"))


async def test_a_guess_goes_with_its_sign_its_restriction_and_its_person(
    site: Site, client: Client, time: Time
) -> None:
    at = await house(site, time.now)
    twin = await factories.application(site, time.now, at.vacancy, "twin@example.org", "Kari Vik")
    person = await factories.candidate_of(site, twin)
    await factories.sign_in(client, site, at.people["recruiter"])

    async def pairs() -> int:
        await likeness.recognise(site, time.now)
        return len(await rows(site, "likeness"))

    assert await pairs() == 1
    page = f"/same-person/{(await rows(site, 'likeness'))[0]['id']}"
    cause = Cause("claims", at.people["dpo"], "Tvist")
    (held,) = await restrictions.place(site, [twin], cause, time.now)
    assert (await client.get(page)).status_code == 404 and "Kari" not in (await client.get("/same-person")).text
    assert (await client.post(page, data={"verdict": "same"})).status_code == 404
    assert await pairs() == 0, "nobody compares the restricted (L15)"
    await site.records.run_sql("UPDATE restriction SET lifted_on = ? WHERE id = ?", time.now.date(), held)
    await site.keyring.engine.run_sql("UPDATE data_key SET restrictions = 0 WHERE id = ?", twin)
    assert await pairs() == 1
    await mydata.change_contact(site, person, "Kari Vik", "911 11 111", time.forward(hours=1))
    assert await pairs() == 1, "the application was sent with that number"

    await client.post(page, data={"verdict": "same"})
    await service.grant_erasure(site, [twin], at.people["dpo"], time.now)
    for _ in range(5):
        await purge.run(site, time.forward(days=1))
    assert await rows(site, "candidate", id=person) == [] and await rows(site, "likeness") == []
    assert await rows(site, "application", id=at.application), "the neighbour is untouched"
    await likeness.recognise(site, time.now)
    assert twin not in index_of(site)._signs._of
