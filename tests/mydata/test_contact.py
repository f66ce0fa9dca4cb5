"""One's own contact data: changed without asking anybody (L26); a new address only from both mailboxes."""

from uuid import UUID

import pytest

from recruit.retention import recipients
from recruit.searching.index import index_of
from recruit.site import Site
from tests import factories
from tests.conftest import Time
from tests.rights.people import Browser, count, outbox, path_in

OLD, NEW = "ola@example.org", "ola.ny@example.org"


@pytest.fixture
async def ola(site: Site, time: Time, client: Browser) -> UUID:
    vacancy = await factories.vacancy(site, time.now)
    person = await factories.candidate_of(site, await factories.application(site, time.now, vacancy, email=OLD))
    await factories.sign_in(client, site, person, "candidate")
    return person


async def asked(client: Browser, site: Site, email: str = NEW) -> dict[str, str]:
    """Ola asks for the new address; the two links, by side."""
    before = {mail.text for side in ("email_old", "email_new") for mail in await outbox(site, side)}
    page = await client.post("/my/email", data={"email": email})
    assert page.status_code == 200
    ((old,), (new,)) = [
        [mail for mail in await outbox(site, side) if mail.text not in before] for side in ("email_old", "email_new")
    ]
    assert (old.to, new.to) == (OLD, email)
    return {"old": path_in(old.text, "/my/email/old/"), "new": path_in(new.text, "/my/email/new/")}


async def finds(site: Site, email: str) -> UUID | None:
    return await site.keyring.find("profile", email)


@pytest.mark.parametrize("order", [("old", "new"), ("new", "old")])
async def test_the_address_changes_once_both_have_confirmed(
    client: Browser, site: Site, ola: UUID, order: tuple[str, str]
) -> None:
    link = await asked(client, site)
    client.cookies.clear()
    first = await client.post(link[order[0]])
    assert "Until then nothing is changed." in first.text
    assert (await finds(site, OLD), await finds(site, NEW)) == (ola, None)
    assert "The e-mail address is changed" in (await client.post(link[order[1]])).text
    assert (await finds(site, OLD), await finds(site, NEW)) == (None, ola)
    await client.post("/my/sign-in", data={"email": NEW})
    assert (await outbox(site, "sign_in"))[-1].to == NEW
    assert await count(site, "address_change") == 0


async def test_a_new_address_is_searched_as_well(client: Browser, site: Site, ola: UUID, time: Time) -> None:
    await index_of(site).update(site, time.now)
    link = await asked(client, site)
    time.forward(hours=1)
    for side in link:
        await client.post(link[side])
    await index_of(site).update(site, time.now)
    assert [len(units) async for units, _ in index_of(site).matching(NEW)] == [1]


async def test_looking_at_the_links_confirms_nothing(client: Browser, site: Site, ola: UUID) -> None:
    link = await asked(client, site)
    for side in ("old", "new", "old", "new"):
        assert (await client.get(link[side])).status_code == 200
        await client.head(link[side])
    assert await count(site, "address_change", "old_at IS NOT NULL OR new_at IS NOT NULL") == 0


async def test_each_link_works_once_for_its_own_side_and_for_a_day(
    client: Browser, site: Site, ola: UUID, time: Time
) -> None:
    link = await asked(client, site)
    crossed = link["old"].replace("/old/", "/new/")
    assert (await client.post(crossed)).status_code == 410
    await client.post(link["old"])
    assert (await client.post(link["old"])).status_code == 410
    time.forward(hours=24)
    assert (await client.post(link["new"])).status_code == 410
    assert await finds(site, OLD) == ola
    assert (await client.get("/my/email/other/x")).status_code == 404


async def test_a_second_wish_and_giving_up_kill_the_links(client: Browser, site: Site, ola: UUID) -> None:
    first = await asked(client, site)
    second = await asked(client, site, "third@example.org")
    assert (await client.post(first["new"])).status_code == 410
    page = await client.post("/my/email/cancel")
    assert "you keep your address" in page.text
    for side in ("old", "new"):
        assert (await client.post(second[side])).status_code == 410
    assert await count(site, "address_change") == 0


async def test_an_address_of_somebody_else_is_not_told_of_and_not_taken(
    client: Browser, site: Site, ola: UUID, time: Time
) -> None:
    eva = await factories.candidate_of(
        site, await factories.application(site, time.now, await factories.vacancy(site, time.now), email=NEW)
    )
    free = (await client.post("/my/email", data={"email": "free@example.org"})).text
    known = (await client.post("/my/email", data={"email": NEW})).text
    assert known == free.replace("free@example.org", NEW)
    link = await asked(client, site)
    await client.post(link["old"])
    refused = await client.post(link["new"])
    assert refused.status_code == 409
    assert "Nothing was changed" in refused.text
    assert (await finds(site, OLD), await finds(site, NEW)) == (ola, eva)


async def test_a_mail_to_an_unconfirmed_address_opens_nothing_and_names_nobody(
    client: Browser, site: Site, ola: UUID
) -> None:
    await asked(client, site)
    (mail,) = await outbox(site, "email_new")
    for way_in in ("/my/from/", "/consent/", "Ola"):
        assert way_in not in mail.text


async def test_a_link_that_was_mailed_to_the_old_address_opens_nothing_afterwards(
    client: Browser, site: Site, ola: UUID
) -> None:
    link = await asked(client, site)
    client.cookies.clear()
    await client.post("/my/sign-in", data={"email": OLD})
    way_in = path_in((await outbox(site, "sign_in"))[-1].text, "/my/enter/")
    for side in link.values():
        await client.post(side)
    assert (await client.post(way_in)).status_code == 410


async def test_an_unconfirmed_address_is_forgotten_the_next_night(
    client: Browser, site: Site, ola: UUID, time: Time
) -> None:
    from recruit import jobs

    await asked(client, site)
    await jobs.run_job(site, "upkeep", time.forward(hours=20))
    assert await count(site, "address_change") == 1
    await jobs.run_job(site, "upkeep", time.forward(hours=5))
    assert await count(site, "address_change") == 0


async def test_asking_for_addresses_has_an_end(client: Browser, site: Site, ola: UUID) -> None:
    statuses = [(await client.post("/my/email", data={"email": f"n{n}@example.org"})).status_code for n in range(6)]
    assert statuses == 5 * [200] + [429]


@pytest.mark.parametrize(
    "email", ["", "ola at example", OLD.upper(), "x" * 300 + "@example.org", "a\x00b@c", "\u202eola"]
)
async def test_what_cannot_be_a_new_address_comes_back_with_the_mistake(
    client: Browser, site: Site, ola: UUID, email: str
) -> None:
    page = await client.post("/my/email", data={"email": email})
    assert page.status_code == 422
    assert await count(site, "address_change") == 0


async def test_the_language_of_mails_is_the_candidates_choice(client: Browser, site: Site, ola: UUID) -> None:
    page = await client.post("/my/contact", data={"name": "Ola Sør", "phone": "", "language": "en"})
    assert page.status_code == 200
    await client.post("/my/sign-in", data={"email": OLD})
    assert (await outbox(site, "sign_in"))[-1].subject == "The link to your data"
    page = await client.post("/my/contact", data={"name": "Ola Sør", "phone": "", "language": "nb"})
    assert 'lang="nb"' in page.text
    assert (await client.post("/my/contact", data={"name": "Ola", "language": "xx"})).status_code == 422


async def test_L29_who_had_got_the_old_contact_data_is_told_the_new_ones(
    client: Browser, site: Site, ola: UUID, time: Time
) -> None:
    (row,) = await site.records.run_sql("SELECT id FROM application WHERE candidate = ?", ola)
    async with site.records.transaction():
        party = await recipients.known(site, row["id"], "Testfirma AS", "firma@example.org")
        await recipients.disclosed(site, [row["id"]], "outside", "mail", time.now, party=party)
    await client.post("/my/contact", data={"name": "Ola Vest", "phone": "900 00 001", "language": "nb"})
    await client.post("/my/contact", data={"name": "Ola Vest", "phone": "900 00 001", "language": "en"})
    (told,) = await outbox(site, "recipient")  # a new language is no rectification
    assert told.to == "firma@example.org"
    assert "Ola Vest, 900 00 001" in told.text
    for link in (await asked(client, site)).values():
        await client.post(link)
    assert NEW in (await outbox(site, "recipient"))[-1].text
