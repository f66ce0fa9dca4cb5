"""Claims about one person with two addresses: only both mailboxes together open both, and each can end it."""

import re
from uuid import UUID

from recruit.hiring import likeness
from recruit.site import Site
from recruit.tables import Message
from recruit.vault.sealing import unseal
from tests import factories
from tests.conftest import Time
from tests.hiring.helping import Client, house, rows


async def test_only_both_mailboxes_together_lead_from_one_to_the_other(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now, email="here@example.org")
    away = await factories.application(site, time.now, at.vacancy, "away@example.org", "Ola A. Sør")
    here, there = [await factories.candidate_of(site, unit) for unit in (at.application, away)]
    await likeness.recognise(site, time.now)
    (pair,) = await rows(site, "likeness")
    page = f"/my/addresses/{pair['id']}"
    await factories.sign_in(client, site, here, "candidate")
    assert "away@" not in (await client.get("/my/addresses")).text, "a guess is not told"
    await factories.sign_in(client, site, at.people["recruiter"])
    await client.post(f"/same-person/{pair['id']}", data={"verdict": "same"})
    await factories.sign_in(client, site, here, "candidate")
    shown = (await client.get("/my/addresses")).text
    assert "did not confirm" in shown and "away@" not in shown, "a recruiter may be wrong"
    assert (await client.post(f"{page}/open")).status_code == 404

    said = {
        (await client.post("/my/addresses", data={"email": email})).text for email in ("away@example.org", "x@y.no")
    }
    assert len(said) == 1, "nobody learns which address is known"
    assert (await client.post("/my/addresses", data={"email": "here@example.org"})).status_code == 422
    assert len(await rows(site, "mail", template="same_person")) == 2, "one of them is to nobody"
    (row,) = await rows(site, "mail", template="same_person", unit=there)
    mail = unseal(await site.keyring.key(there), "mail", row["id"], bytes(row["sealed"]), Message)
    assert mail.to == "away@example.org" and "here@" not in mail.text
    found = re.search(r"/my/addresses/[\w-]+", mail.text)
    assert found
    link = found[0]

    for who in (there, await factories.candidate_of(site, await another(site, at.vacancy, time))):
        await factories.sign_in(client, site, who, "candidate")
        for answer in (await client.get(link), await client.post(link)):
            assert answer.status_code == 409, "whoever did not ask for it changes nothing by pressing"
    assert (await rows(site, "likeness", id=pair["id"]))[0]["proved_at"] is None
    await factories.sign_in(client, site, here, "candidate")
    assert "both addresses are mine" in (await client.get(link)).text
    shown = (await client.post(link)).text
    assert "away@example.org" in shown and (await client.post(link)).status_code == 410

    await factories.sign_in(client, site, at.people["recruiter"])
    assert (await client.post(f"/same-person/{pair['id']}", data={"verdict": "again"})).status_code == 409, (
        "the candidate's to change"
    )
    await factories.sign_in(client, site, here, "candidate")
    copy = (await client.post("/my/copy", data={"format": "zip"})).content
    assert b"data.json" in copy
    assert "other address" in (await client.post(f"{page}/open")).text
    assert f"/my/applications/{away}" in (await client.get("/my")).text
    assert (await client.get(f"/my/applications/{at.application}")).status_code == 404, "one address at a time"
    await client.post(f"{page}/part")
    assert (await client.post(f"{page}/open")).status_code == 404
    await likeness.recognise(site, time.now)
    assert (await rows(site, "likeness", id=pair["id"]))[0]["verdict"] == "apart"


async def another(site: Site, vacancy: UUID, time: Time) -> UUID:
    return await factories.application(site, time.now, vacancy, "third@example.org", "Per Vik", "922 22 222")
