"""L19: requests that came by e-mail, telephone or letter, of people who are known and of people who are not."""

from collections.abc import Iterable
from uuid import UUID, uuid4

import pytest

from recruit.retention import purge, remembered, restrictions
from recruit.retention.restrictions import Cause
from recruit.rights import recording
from recruit.site import Site
from recruit.vault.sealing import UnitKey
from tests import factories
from tests.conftest import Time
from tests.rights.people import Browser, count, outbox

CAME = {"kind": "access", "channel": "phone", "received_on": "2026-02-27", "scope": "everything"}


@pytest.fixture
async def ola(site: Site, time: Time, client: Browser) -> UUID:
    """A candidate; Kari is the privacy contact and signed in."""
    await factories.sign_in(client, site, await factories.staff(site, time.now, "dpo"))
    unit = await factories.application(site, time.now, await factories.vacancy(site, time.now))
    return await factories.candidate_of(site, unit)


async def test_somebody_is_found_by_address_or_name_and_the_look_is_written(
    client: Browser, ola: UUID, site: Site, time: Time
) -> None:
    vacancy = await factories.vacancy(site, time.now)
    eva = await factories.application(site, time.now, vacancy, email="eva@example.org", name="Eva Sørli")
    for text, names in (
        ("OLA@example.org", {"Ola Sør"}),
        ("sør", {"Ola Sør", "Eva Sørli"}),
        ("eva SØR", {"Eva Sørli"}),
        ("sørli, eva", {"Eva Sørli"}),
        ("ørli", set()),
        ("ol", set()),
    ):
        page = (await client.post("/desk/requests/new", data={"who": text})).text
        assert {name for name in ("Ola Sør", "Eva Sørli") if name in page} == names, text
    looks = await site.records.run_sql("SELECT unit FROM look WHERE purpose = 'find'")
    assert {row["unit"] for row in looks} >= {ola, eva}
    assert "Nobody found" in (await client.post("/desk/requests/new", data={"who": "nobody@example.org"})).text
    assert (await client.post("/desk/requests/new", data={"who": " "})).status_code == 422
    assert (await client.get("/desk/requests/new")).status_code == 200
    for text in ("", "_", '"', "* NEAR(", "Eva Ola"):
        assert await recording.find(site, text, time.now) == []


async def test_of_many_with_a_name_the_first_are_shown_and_no_more_are_opened(
    site: Site, time: Time, ola: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "MOST", 2)
    vacancy = await factories.vacancy(site, time.now)
    for n in range(4):
        await factories.application(site, time.now, vacancy, f"{n}@example.org", f"Ola Åsen {n}")
    opened, real = list[UUID](), site.keyring.keys

    async def keys(units: Iterable[UUID]) -> dict[UUID, UnitKey]:
        wanted = list(units)
        opened.extend(wanted)
        return await real(wanted)

    found = await recording.find(site, "ola", time.forward(hours=1))
    assert [one.person.name for one in found] == ["Ola Sør", "Ola Åsen 0"]
    monkeypatch.setattr(site.keyring, "keys", keys)
    await recording.find(site, "ola sør", time.now)
    assert opened == [ola], "nobody else's profile"
    monkeypatch.setattr(recording, "_OPENED", 3)
    opened.clear()
    assert len(await recording.find(site, "ola", time.now)) == 2
    assert len(opened) == 3


async def test_a_stranger_is_found_by_name_too_and_the_restricted(
    client: Browser, ola: UUID, site: Site, time: Time
) -> None:
    assert await recording.find(site, "nils", time.now) == []
    await client.post("/desk/requests/new/stranger", data={**CAME, "name": "Nils Ny", "email": ""})
    (nils,) = await recording.find(site, "nils", time.now)
    assert nils.units == (nils.candidate,)
    (unit,) = [row["id"] for row in await site.records.run_sql("SELECT id FROM application")]
    await restrictions.place(site, [unit], Cause("claims", uuid4(), "Tvist"), time.now)
    (found,) = await recording.find(site, "ola", time.now)
    assert found.units == (ola, unit)


async def test_what_came_by_telephone_is_recorded_for_a_known_candidate(client: Browser, ola: UUID, site: Site) -> None:
    form = f"/desk/requests/new/{ola}"
    assert 'value="2026-03-02"' in (await client.get(form)).text
    page = await client.post(form, data={**CAME, "reason": "She called."})
    assert "On the telephone" in page.text
    assert "27 Mar 2026" in page.text
    (mail,) = await outbox(site, "request_received")
    assert mail.to == "ola@example.org"
    assert await count(site, "rights_request", "recorded_by IS NOT NULL AND channel = 'phone'") == 1


@pytest.mark.parametrize(
    "missing",
    [
        {"kind": ""}, {"channel": "my_data"}, {"received_on": "2026-03-03"}, {"received_on": "soon"},
        {"kind": "rectification"}, {"kind": "restriction", "scope": "nothing"},
    ],
)  # fmt: skip
async def test_what_is_missing_is_said_and_nothing_typed_is_lost(
    client: Browser, ola: UUID, site: Site, missing: dict[str, str]
) -> None:
    for path in (f"/desk/requests/new/{ola}", "/desk/requests/new/stranger"):
        page = await client.post(path, data={**CAME, "name": "Nils", "reason": "kept as typed", **missing})
        if path.endswith("stranger") and missing.get("kind") == "restriction":
            continue  # nobody narrows a request of somebody whom we do not know
        assert page.status_code == 422
        assert "kept as typed" in page.text
    assert await count(site, "rights_request", "found = TRUE") == 0


async def test_a_foreign_id_is_not_there(client: Browser, ola: UUID, site: Site) -> None:
    assert (await client.get(f"/desk/requests/new/{uuid4()}")).status_code == 404
    assert (await client.post(f"/desk/requests/new/{uuid4()}", data=CAME)).status_code in (404, 410)


async def test_l33_a_stranger_is_answered_and_kept_as_long_as_an_enquiry(
    client: Browser, ola: UUID, site: Site, time: Time
) -> None:
    form = "/desk/requests/new/stranger"
    assert (await client.get(form)).status_code == 200
    assert (await client.post(form, data={**CAME, "name": ""})).status_code == 422
    assert (await client.post(form, data={**CAME, "name": "Nils Ny", "email": "nils"})).status_code == 422
    page = await client.post(form, data={**CAME, "channel": "letter", "name": "Nils Ny", "language": "en"})
    assert "There is no e-mail address" in page.text
    assert await outbox(site, "request_received") == []
    case = page.url.path
    await client.post(case, data={"answer": "grant", "words": "We keep nothing about you."})
    assert "We keep nothing about you." in (await client.get(case)).text
    nils = (await site.records.run_sql("SELECT candidate FROM rights_request"))[0]["candidate"]
    time.forward(days=150)
    await purge.run(site, time.now)
    assert (await site.keyring.guard(nils)).present  # type: ignore[union-attr]
    time.forward(days=60)
    await remembered.confirm(site, None, time.now)
    await purge.run(site, time.now)
    assert not (await site.keyring.guard(nils)).present  # type: ignore[union-attr]
    assert (await site.keyring.guard(ola)).present  # type: ignore[union-attr]


async def test_a_stranger_whose_address_is_known_is_that_person(client: Browser, ola: UUID, site: Site) -> None:
    await client.post("/desk/requests/new/stranger", data={**CAME, "name": "O. Sør", "email": "ola@example.org"})
    rows = await site.records.run_sql("SELECT candidate, found FROM rights_request")
    assert [(row["candidate"], bool(row["found"])) for row in rows] == [(ola, True)]
