"""Legal holds (L14): on a document that outlives its application, another review date, and four eyes on a release."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from recruit import jobs
from recruit.accounts.guards import DPO, RECRUITER
from recruit.employer import set_policy
from recruit.errors import FormInvalid, NotFound
from recruit.receipts import service as receipts
from recruit.receipts.facts import ReceiptFacts
from recruit.receipts.service import path_of
from recruit.retention import holds, parts, purge, service
from recruit.retention.holds import Because, HoldOfAnother
from recruit.retention.rules import Policy
from recruit.site import Site
from recruit.vault.keyring import TooLate
from recruit.vault.sealing import SealBroken
from tests import factories
from tests.browsing import Client
from tests.conftest import Time
from tests.retention.test_purge import nightly
from tests.rights.people import outbox

WHY = Because("Klage til nemnda", "17(3)(e)", date(2027, 3, 2))
FILES = (("cv.pdf", "application/pdf", b"%PDF-1.4 the CV"), ("vitnemål.pdf", "application/pdf", b"%PDF-1.4 a paper"))


async def with_papers(site: Site, time: Time) -> tuple[UUID, UUID, UUID]:
    """An application, its CV and its other document."""
    unit = await factories.application(site, time.now, await factories.vacancy(site, time.now), documents=FILES)
    rows = await site.records.run_sql("SELECT id FROM document WHERE unit = ?", unit)
    key = await site.keyring.key(unit)
    found = {await site.documents.whole(key, row["id"]): row["id"] for row in rows}
    return unit, found[FILES[0][2]], found[FILES[1][2]]


async def erased(site: Site) -> list[tuple[ReceiptFacts, list[UUID]]]:
    """The facts of every receipt and the units that it is about, in order."""
    told = []
    for entry in await site.keyring.entries():
        if entry.kind == "erase":
            facts = await receipts.facts_of(site, await site.documents.get(path_of(UUID(entry.body["purge"]))))
            assert facts
            told.append((facts, [UUID(unit) for unit in entry.body["units"]]))
    return told


async def test_L14_a_held_document_outlives_its_application_and_released_goes_at_once(
    site: Site, client: Client, time: Time
) -> None:
    dpo = await factories.staff(site, time.now, DPO)
    unit, cv, other = await with_papers(site, time)
    await factories.sign_in(client, site, dpo)
    form = {"document": str(cv), "reason": "Klage", "basis": "17(3)(e)", "review_on": "2027-03-02"}
    assert (
        await client.post(f"/applications/{unit}/holds", data={**form, "document": str(uuid4())})
    ).status_code == 404
    page = await client.post(f"/applications/{unit}/holds", data=form)
    assert "The legal hold stands." in page.text
    (hold,) = await holds.listed(site, unit)
    old = await site.keyring.key(unit)
    await service.close_applications(site, [unit], "rejected", dpo, time.now)
    assert sum(run.erased for run in await nightly(site, time, 16)) == 1, "the rest goes on time"
    ((facts, units),) = await erased(site)
    assert unit in units
    assert cv not in units, "I5"
    assert {e.category: e.count for e in facts.erased}["document"] == 1
    assert {k.what: k.count for k in facts.kept}["held_document"] == 1
    key = await site.keyring.key(cv)
    assert await site.documents.whole(key, cv) == FILES[0][2]
    assert await site.records.run_sql("SELECT id FROM document WHERE id = ?", other) == []
    with pytest.raises((SealBroken, NotFound)):
        await site.documents.whole(type(old)(cv, old.secret), cv)
    await factories.sign_in(client, site, dpo)
    left = await client.get(f"/desk/holds/{hold.id}")
    assert "Erased; only the held document is left." in left.text
    assert (await client.get(f"/desk/holds/{hold.id}/document")).content == FILES[0][2]
    assert "Its application is erased." in (await client.get("/desk/holds")).text
    released = await client.post(f"/desk/holds/{hold.id}/release")
    assert "The hold is released, and the document is erased." in released.text
    _, (last, gone) = await erased(site)
    assert (last.subject_kind, gone) == ("document", [cv])
    assert await site.keyring.keys([cv]) == {}
    assert [p async for p in _paths(site, cv)] == []
    for table in ("document", "legal_hold"):
        assert await site.records.run_sql(f"SELECT 1 FROM {table}") == []
    assert (await client.get(f"/desk/holds/{hold.id}")).status_code == 404


async def _paths(site: Site, unit: UUID):
    for path in await site.documents.paths(f"units/{unit}"):
        yield path


async def test_L14_one_hold_of_two_released_keeps_the_document_and_with_none_it_goes_with_the_rest(
    site: Site, time: Time
) -> None:
    dpo = await factories.staff(site, time.now, DPO)
    unit, cv, other = await with_papers(site, time)
    first, second = [await holds.place_on_document(site, cv, dpo, WHY, time.now) for _ in range(2)]
    guard = await site.keyring.guard(unit)
    assert guard
    assert guard.holds == 0, "nothing else of it is held"
    assert {c.category: (c.goes, c.stays) for c in await parts.preview(site, unit)}["document"] == (1, 1)
    part = await parts.grant(site, unit, ["document"], dpo, time.now)
    assert part
    await jobs.send_mail(site, time.now)
    await purge.run(site, time.forward(days=1))
    assert await site.records.run_sql("SELECT id FROM document WHERE id = ?", other) == []
    assert await site.documents.whole(await site.keyring.key(unit), cv) == FILES[0][2]
    await holds.release(site, first, dpo, time.now)
    guard = await site.keyring.guard(cv)
    assert guard
    assert guard.holds == 1
    await holds.release(site, second, dpo, time.now)
    assert cv in await site.keyring.keys([cv]), "it lives as long as its application"
    await service.close_applications(site, [unit], "rejected", dpo, time.now)
    await nightly(site, time, 16)
    assert {unit, cv} <= set((await erased(site))[-1][1])
    with pytest.raises((NotFound, TooLate)):
        await holds.place_on_document(site, cv, dpo, WHY, time.now)


async def test_L14_two_agree_on_a_release_where_the_policy_asks_for_it(site: Site, client: Client, time: Time) -> None:
    liv = await factories.staff(site, time.now, DPO, email="liv@fjordlys.example", name="Liv Berg")
    unit, _, _ = await with_papers(site, time)
    hold = await holds.place(site, unit, liv, "Klage", "17(3)(e)", date(2026, 6, 1), time.now)
    await set_policy(site, Policy(hold_release="two"), liv, time.now)
    await factories.sign_in(client, site, liv)
    assert "Ask for the release" not in (await client.get(f"/desk/holds/{hold}")).text, "there is nobody else"
    kari = await factories.staff(site, time.now, RECRUITER, DPO)
    asked = await client.post(f"/desk/holds/{hold}/release")
    assert "Until then the hold stands." in asked.text
    assert "Take the request back" in asked.text
    assert (await client.post(f"/desk/holds/{hold}/release")).status_code == 409
    (mail,) = await outbox(site, "hold_release")
    assert f"/desk/holds/{hold}" in mail.text
    await factories.sign_in(client, site, kari)
    assert "Releases that wait for a second person" in (await client.get("/desk")).text
    assert "Confirm the release" in (await client.get(f"/applications/{unit}")).text
    assert "The legal hold goes on." in (await client.post(f"/desk/holds/{hold}/decline")).text
    asked = await client.post(f"/holds/{hold}/release")
    assert "Somebody else is asked" in asked.text
    await factories.sign_in(client, site, liv)
    assert "A release waits for you" in (await client.get(f"/desk/holds/{hold}")).text
    await client.post(f"/desk/holds/{hold}/release")
    guard = await site.keyring.guard(unit)
    assert guard
    assert guard.holds == 0
    told = (await client.get(f"/desk/holds/{hold}")).text.split("History")[1]
    assert told.index("Released") < told.index("Release declined") < told.index("Placed")
    assert "Liv Berg" in told


async def test_L14_the_review_date_moves_and_what_was_decided_is_told(site: Site, client: Client, time: Time) -> None:
    dpo = await factories.staff(site, time.now, DPO)
    stranger = await factories.staff(site, time.now, RECRUITER, email="per@fjordlys.example")
    unit, cv, _ = await with_papers(site, time)
    hold = await holds.place_on_document(site, cv, dpo, WHY, time.now)
    await factories.sign_in(client, site, dpo)
    wrong = await client.post(f"/desk/holds/{hold}/review", data={"review_on": "2020-01-01"})
    assert wrong.status_code == 422
    assert "Choose a review date after today." in wrong.text
    assert 'value="2020-01-01"' in wrong.text
    moved = await client.post(f"/desk/holds/{hold}/review", data={"review_on": "2027-09-01"})
    assert "Review moved from 2 Mar 2027 to 1 Sep 2027" in moved.text
    assert [h.review_on for h in await holds.listed(site, unit)] == [date(2027, 9, 1)]
    for wrong_act in (holds.release, holds.decline):
        with pytest.raises(HoldOfAnother):
            await wrong_act(site, hold, stranger, time.now)
    with pytest.raises(FormInvalid):
        await holds.place_on_document(site, cv, dpo, Because("", "", None), time.now)
