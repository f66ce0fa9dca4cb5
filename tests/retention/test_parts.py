"""Erasing some categories of an application and keeping the rest (L27): what goes is gone, what stays is as it was."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from recruit import jobs
from recruit.accounts.guards import DPO, RECRUITER, Me
from recruit.errors import FormInvalid
from recruit.hiring import access, notes, referees
from recruit.i18n import translator
from recruit.receipts import service as receipts
from recruit.receipts.service import path_of
from recruit.retention import holds, parts, purge, restrictions, service
from recruit.retention.parts import PartPending
from recruit.retention.restrictions import Cause
from recruit.rights import asking, export
from recruit.site import Site
from recruit.tables import Person, Screened
from recruit.vault.keyring import TooLate
from tests import factories
from tests.browsing import Client
from tests.conftest import Time
from tests.rights.people import outbox, path_in

CV = b"%PDF-1.4 the CV"


@dataclass
class Someone:
    """A finalist about whom something stands in every category, and who is read through the page of staff."""

    unit: UUID
    candidate: UUID
    note: UUID
    referee: UUID
    document: UUID
    me: Me


async def known(site: Site, time: Time) -> Someone:
    account = await factories.staff(site, time.now, RECRUITER, DPO)
    me = Me("staff", account, "Kari Nord", "", "nb", frozenset({RECRUITER, DPO}))
    vacancy = await factories.vacancy(site, time.now)
    files = (("cv.pdf", "application/pdf", CV), ("vitnemål.pdf", "application/pdf", b"%PDF-1.4 a certificate"))
    unit = await factories.application(site, time.now, vacancy, stage="finalist", documents=files)
    opened = await access.opened(site, me, unit, "review", time.now)
    note = await notes.write(site, opened, "Rolig og grundig.", time.now)
    referee = await referees.add(site, opened, Person(name="Eva", email="eva@example.org"), "Ola", time.now)
    await notes.record_screening(site, opened, "expectations", Screened(text="Fast plass."), time.now)
    (document, _) = await site.records.run_sql("SELECT id FROM document WHERE unit = ? ORDER BY kind DESC", unit)
    return Someone(unit, await factories.candidate_of(site, unit), note, referee, document["id"], me)


async def copy_of(site: Site, time: Time, who: Someone) -> dict[str, Any]:
    """The person's copy of the application, without what only time changes."""
    whole = await export.everything(site, who.candidate, time.now, translator("en"))
    (copy,) = whole["applications"]
    return {name: value for name, value in copy.items() if name not in ("retention", "restrictions")}


async def carried_out(site: Site, time: Time) -> purge.Counts:
    await jobs.send_mail(site, time.now)
    return await purge.run(site, time.forward(days=1))


async def test_L27_the_chosen_category_goes_and_the_rest_is_as_it_was(site: Site, time: Time) -> None:
    who = await known(site, time)
    before, key = await copy_of(site, time, who), await site.keyring.key(who.unit)
    part = await parts.grant(site, who.unit, ["interview_note", "document"], who.me.id, time.now)
    assert part
    assert (await carried_out(site, time)).erased == 1
    after = await copy_of(site, time, who)
    assert (after["interview_notes"], after["documents"]) == ([], [])
    same = set(before) - {"interview_notes", "documents"}
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert (await site.keyring.key(who.unit)).secret != key.secret, "what stays is under a key that no old copy had"
    assert list(await site.documents.paths(f"units/{who.unit}")) == []
    assert part not in await site.keyring.keys([part])


async def test_L27_one_purge_one_entry_one_receipt_that_says_the_categories(site: Site, time: Time) -> None:
    who = await known(site, time)
    part = await parts.grant(site, who.unit, ["interview_note", "referee", "application"], who.me.id, time.now)
    (notice,) = await outbox(site, "part_notice")
    assert "– Intervjunotater og vurderingsskjemaer" in notice.text
    token = path_in(notice.text, "/r/").rsplit("/", 1)[1]
    standing = await receipts.standing(site, token)
    assert standing
    assert standing.state == "announced"
    await carried_out(site, time)
    entries = [entry for entry in await site.keyring.entries() if entry.kind == "erase"]
    assert [entry.body["units"] for entry in entries] == [{str(part): "part", str(who.referee): "referee"}]
    standing = await receipts.standing(site, token)
    assert standing
    assert (standing.state, str(standing.purge)) == ("issued", entries[0].body["purge"])
    facts = await receipts.facts_of(site, await site.documents.get(path_of(standing.purge)))
    assert facts
    assert facts.subject_kind == "part"
    erased = {each.category: each.count for each in facts.erased}
    assert erased == {"interview_note": 1, "referee": 1, "letter": 1, "key": 2}
    assert "rest" in {kept.what for kept in facts.kept}
    copy = await copy_of(site, time, who)
    assert copy["as_you_sent_it"]["letter"] == ""
    assert copy["as_you_sent_it"]["name"] == "Ola Sør"
    assert copy["referees"] == []
    assert (await notes.screenings(site, await access.opened(site, who.me, who.unit, "review", time.now)))[0].text


async def test_L27_nothing_of_it_is_seen_from_the_grant_on(site: Site, time: Time) -> None:
    who = await known(site, time)
    await parts.grant(site, who.unit, ["interview_note"], who.me.id, time.now)
    assert (await copy_of(site, time, who))["interview_notes"] == []
    opened = await access.opened(site, who.me, who.unit, "review", time.now)
    assert await notes.of_application(site, opened) == []
    note = await notes.write(site, opened, "Ny etterpå.", time.now)
    await carried_out(site, time)
    opened = await access.opened(site, who.me, who.unit, "review", time.now)
    assert [each.id for each in await notes.of_application(site, opened)] == [note], "what came later stays"


async def test_L14_a_hold_puts_it_back_and_released_it_goes(site: Site, time: Time) -> None:
    who = await known(site, time)
    before = await copy_of(site, time, who)
    part = await parts.grant(site, who.unit, ["interview_note", "screening", "application"], who.me.id, time.now)
    assert part
    hold = await holds.place(site, who.unit, who.me.id, "Klage", "17(3)(e)", date(2026, 12, 1), time.now)
    assert (await carried_out(site, time)).refused == {}
    assert part in await site.keyring.keys([part]), "I5"
    held = await copy_of(site, time, who)
    assert {**held, "legal_holds": []} == {**before, "legal_holds": []}
    opened = await access.opened(site, who.me, who.unit, "review", time.now)
    await notes.change(site, opened, who.note, "Endret mens det ventet.", time.now)
    await holds.release(site, hold, who.me.id, time.now)
    await purge.run(site, time.now)
    assert len(await outbox(site, "part_notice")) == 2, "announced anew"
    await carried_out(site, time)
    assert await site.keyring.keys([part]) == {}
    assert (await copy_of(site, time, who))["interview_notes"] == []
    (entry,) = [entry for entry in await site.keyring.entries() if entry.kind == "erase"]
    assert list(entry.body["units"].values()) == ["part", "part"], "both keys that it had been under"


@pytest.mark.parametrize("what", ["restriction", "access"])
async def test_L15_L16_what_blocks_the_application_blocks_a_part_of_it(site: Site, time: Time, what: str) -> None:
    who = await known(site, time)
    part = await parts.grant(site, who.unit, ["screening"], who.me.id, time.now)
    assert part
    await jobs.send_mail(site, time.now)
    if what == "restriction":
        await restrictions.place(site, [who.unit], Cause("claims", who.me.id), time.now)
    else:
        await site.keyring.block(who.unit, "open_requests")
    due = await parts.due(site, time.forward(days=1))
    for one in due:
        assert (await parts.carry_out(site, one, time.now)).refused in ("restriction", "open_request")
    assert part in await site.keyring.keys([part])


async def test_L27_nothing_goes_before_the_person_was_told_and_whoever_had_it_open_is_done(
    site: Site, time: Time
) -> None:
    who = await known(site, time)
    await parts.grant(site, who.unit, ["screening"], who.me.id, time.now)
    assert await parts.due(site, time.forward(hours=1)) == [], "no mail has left"
    await jobs.send_mail(site, time.now)
    assert len(await parts.due(site, time.now)) == 1
    assert await parts.due(site, time.now - timedelta(minutes=46)) == []
    assert len(await parts.due(site, time.forward(hours=80))) == 1


async def test_L27_a_part_that_ends_with_its_application_shares_its_receipt(site: Site, time: Time) -> None:
    who = await known(site, time)
    await service.close_applications(site, [who.unit], "rejected", who.me.id, time.now)
    for _ in range(14):
        await carried_out(site, time)
    part = await parts.grant(site, who.unit, ["screening"], who.me.id, time.now)
    assert part
    (notice,) = await outbox(site, "part_notice")
    token = path_in(notice.text, "/r/").rsplit("/", 1)[1]
    await jobs.send_mail(site, time.forward(hours=15))
    await purge.run(site, time.now)
    (entry,) = [entry for entry in await site.keyring.entries() if entry.kind == "erase"]
    assert str(part) in entry.body["units"]
    standing = await receipts.standing(site, token)
    assert standing
    assert (standing.state, str(standing.purge)) == ("issued", entry.body["purge"])


async def test_L27_what_is_granted_is_a_category_that_can_go_and_one_grant_at_a_time(site: Site, time: Time) -> None:
    who = await known(site, time)
    for wrong in ([], ["consent"], ["contact"]):
        with pytest.raises(FormInvalid):
            await parts.grant(site, who.unit, wrong, who.me.id, time.now)
    assert await parts.grant(site, who.unit, ["screening"], who.me.id, time.now)
    with pytest.raises(PartPending):
        await parts.grant(site, who.unit, ["document"], who.me.id, time.now)
    await carried_out(site, time)
    assert await parts.grant(site, who.unit, ["screening"], who.me.id, time.now) is None, "nothing is left of it"
    with pytest.raises(TooLate):
        await parts.grant(site, uuid4(), ["screening"], who.me.id, time.now)


async def test_L27_the_preview_counts_what_goes(site: Site, time: Time) -> None:
    who = await known(site, time)
    seen = {choice.category: (choice.goes, choice.stays) for choice in await parts.preview(site, who.unit)}
    assert seen == {
        "document": (2, 0), "application": (1, 0), "interview_note": (1, 0), "screening": (1, 0), "referee": (1, 0),
        "correspondence": (0, 0),
    }  # fmt: skip


async def test_L27_what_is_edited_while_it_is_split_takes_its_new_key_along(
    site: Site, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the new key and the taking out somebody saves the note that goes: that key has to go as well."""
    who = await known(site, time)
    real, edited = site.keyring.split, list[UUID]()

    async def split(unit: UUID, part: UUID, *more: Any) -> None:
        await real(unit, part, *more)
        if not edited:
            edited.append(part)
            opened = await access.opened(site, who.me, who.unit, "review", time.now)
            await notes.change(site, opened, who.note, "Lagret i mellomtiden.", time.now)

    monkeypatch.setattr(site.keyring, "split", split)
    await parts.grant(site, who.unit, ["interview_note"], who.me.id, time.now)
    await carried_out(site, time)
    (entry,) = [entry for entry in await site.keyring.entries() if entry.kind == "erase"]
    assert list(entry.body["units"].values()) == ["part", "part"]
    assert (await copy_of(site, time, who))["interview_notes"] == []


async def test_L27_the_case_offers_the_categories_and_a_partial_grant_erases_them(
    site: Site, client: Client, time: Time
) -> None:
    who = await known(site, time)
    request = await asking.ask_erasure(site, who.candidate, None, "", time.now)
    await factories.sign_in(client, site, who.me.id)
    page = await client.get(f"/desk/requests/{request}")
    assert "If you grant in part: what is erased" in page.text
    form = {"answer": "partly", "words": "Resten trengs.", "categories": ["interview_note", "document"]}
    answered = await client.post(f"/desk/requests/{request}", data=form)
    assert answered.status_code == 200
    await carried_out(site, time)
    after = await copy_of(site, time, who)
    assert (after["interview_notes"], after["documents"]) == ([], [])
    assert after["as_you_sent_it"]["letter"]


async def test_L27_a_candidate_sees_what_would_go_and_chooses_some_of_it(
    site: Site, client: Client, time: Time
) -> None:
    who = await known(site, time)
    await factories.sign_in(client, site, who.candidate, "candidate")
    page = await client.get("/my/rights/erasure")
    assert "What stays, and why" in page.text
    assert all(said in page.text for said in ("CV and other documents", "2 in all", "Interview notes and scorecards"))
    form = {"scope": "everything", "extent": "some", "reason": "Helst."}
    refused = await client.post("/my/rights/erasure", data=form)
    assert refused.status_code == 422
    assert "Choose what is to be erased." in refused.text
    assert "Helst." in refused.text
    sent = await client.post("/my/rights/erasure", data={**form, "categories": ["interview_note", "consent"]})
    assert "Only this is to be erased" in sent.text
    request = str(sent.url.path).rsplit("/", 1)[1]
    assert (await export.everything(site, who.candidate, time.now, translator("en")))["requests"][0]["categories"] == [
        "Interview notes and scorecards"
    ]
    await factories.sign_in(client, site, who.me.id)
    assert "Only what the person chose:" in (await client.get(f"/desk/requests/{request}")).text
    assert (await client.post(f"/desk/requests/{request}", data={"answer": "grant"})).status_code == 200
    await carried_out(site, time)
    after = await copy_of(site, time, who)
    assert after["interview_notes"] == []
    assert len(after["documents"]) == 2
    assert await site.keyring.key(who.unit), "granting what was asked for erases nothing else"
