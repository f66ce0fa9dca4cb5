"""Requests for erasure: no reason is needed, the privacy contact decides, and a refusal says where to complain."""

from datetime import date, timedelta
from typing import get_args
from uuid import UUID, uuid4

import pytest

from recruit.clock import day
from recruit.data_map import UnitKind
from recruit.notice.paper_pages import UNITS
from recruit.retention import holds, purge, service
from recruit.site import Site
from recruit.vault.keyring import Birth
from tests import factories
from tests.conftest import Time
from tests.rights.people import Browser, count, outbox
from tests.tampering import tamper


class World:
    ola: UUID
    first: UUID
    second: UUID
    dpo: UUID


@pytest.fixture
async def world(site: Site, time: Time, client: Browser) -> World:
    """Ola has two applications; Kari is the privacy contact. Ola is signed in."""
    made = World()
    made.dpo = await factories.staff(site, time.now, "dpo")
    made.first = await factories.application(site, time.now, await factories.vacancy(site, time.now))
    made.second = await factories.application(site, time.now, await factories.vacancy(site, time.now))
    made.ola = await factories.candidate_of(site, made.first)
    await factories.sign_in(client, site, made.ola, "candidate")
    return made


async def asked(client: Browser, site: Site, scope: object = "everything", reason: str = "") -> UUID:
    """Ask as Ola; then Kari is signed in."""
    answer = await client.post("/my/rights/erasure", data={"scope": str(scope), "reason": reason})
    return UUID(answer.url.path.removeprefix("/my/requests/"))


async def test_a_request_needs_no_reason(client: Browser, world: World, site: Site) -> None:
    await asked(client, site)
    rows = await site.records.run_sql("SELECT * FROM rights_request")
    assert (rows[0]["kind"], rows[0]["state"], rows[0]["received_on"]) == ("erasure", "received", date(2026, 3, 2))
    assert rows[0]["due_on"] == date(2026, 4, 2)
    page = (await client.get("/my")).text
    assert "2 Apr 2026" in page
    assert "7 Apr 2026" in page  # Maundy Thursday is rolled over Easter


async def test_the_candidate_is_told_and_so_is_the_privacy_contact_without_a_name(
    client: Browser, world: World, site: Site
) -> None:
    await asked(client, site, reason="Because canary")
    (received,) = await outbox(site, "request_received")
    assert received.to == "ola@example.org"
    (waits,) = await outbox(site, "request_waits")
    assert waits.to == "kari@fjordlys.example"
    for personal in ("Ola", "canary", "ola@example.org"):
        assert personal not in waits.text + waits.subject


async def test_asking_twice_is_one_request(client: Browser, world: World, site: Site) -> None:
    await asked(client, site)
    await asked(client, site)
    assert await count(site, "rights_request") == 1
    await asked(client, site, world.first)
    assert await count(site, "rights_request") == 2


@pytest.mark.parametrize("scope", ["", "nothing", str(UUID(int=7))])
async def test_an_unknown_scope_is_no_request(client: Browser, world: World, site: Site, scope: str) -> None:
    answer = await client.post("/my/rights/erasure", data={"scope": scope, "reason": "kept"})
    assert answer.status_code in (404, 422)
    assert await count(site, "rights_request") == 0


async def test_another_candidates_application_cannot_be_asked_for(
    client: Browser, world: World, site: Site, time: Time
) -> None:
    vacancy = await factories.vacancy(site, time.now)
    foreign = await factories.application(site, time.now, vacancy, email="eva@example.org", name="Eva Vik")
    assert (await client.post("/my/rights/erasure", data={"scope": str(foreign)})).status_code == 404


async def test_opening_the_case_is_a_look_that_the_candidate_sees(client: Browser, world: World, site: Site) -> None:
    request = await asked(client, site)
    await factories.sign_in(client, site, world.dpo)
    page = await client.get(f"/desk/requests/{request}")
    assert "Ola Sør" in page.text
    looks = await site.records.run_sql("SELECT unit, role, purpose, staff FROM look")
    assert {row["unit"] for row in looks} == {world.ola, world.first, world.second}
    assert {(row["role"], row["purpose"], row["staff"]) for row in looks} == {("dpo", "case", world.dpo)}
    await factories.sign_in(client, site, world.ola, "candidate")
    assert "Handling of a rights request" in (await client.get("/my/looks")).text


async def test_the_lists_of_the_desk_name_nobody(client: Browser, world: World, site: Site) -> None:
    await asked(client, site, reason="Because canary")
    await factories.sign_in(client, site, world.dpo)
    for path in ("/desk", "/desk/requests"):
        page = await client.get(path)
        assert page.status_code == 200
        assert "Ola" not in page.text
        assert "canary" not in page.text
    assert await count(site, "look") == 0


async def test_granting_makes_everything_due_at_once_and_answers(
    client: Browser, world: World, site: Site, time: Time
) -> None:
    request = await asked(client, site)
    await factories.sign_in(client, site, world.dpo)
    page = await client.post(f"/desk/requests/{request}", data={"answer": "grant", "words": ""})
    assert "Granted" in page.text
    for unit in (world.first, world.second):
        guard = await site.keyring.guard(unit)
        assert guard and guard.retain_until == day(time.now) - timedelta(days=1)
    (mail,) = await outbox(site, "request_answered")
    assert "Datatilsynet" not in mail.text
    assert await count(site, "rights_request", "state = 'granted'") == 1


async def test_granting_one_application_leaves_the_other_alone(
    client: Browser, world: World, site: Site, time: Time
) -> None:
    request = await asked(client, site, world.second)
    await factories.sign_in(client, site, world.dpo)
    await client.post(f"/desk/requests/{request}", data={"answer": "grant", "words": ""})
    due, kept = await site.keyring.guard(world.second), await site.keyring.guard(world.first)
    assert due and due.retain_until == day(time.now) - timedelta(days=1)
    assert kept and kept.retain_until is None


async def test_a_request_about_an_erased_application_never_grows_into_everything(
    client: Browser, world: World, site: Site
) -> None:
    request = await asked(client, site, world.second)
    await site.records.run_sql("DELETE FROM application WHERE id = ?", world.second)
    await site.records.run_sql("UPDATE rights_request SET application = NULL")  # as the purge leaves it
    await factories.sign_in(client, site, world.dpo)
    await client.post(f"/desk/requests/{request}", data={"answer": "grant", "words": ""})
    kept = await site.keyring.guard(world.first)
    assert kept and kept.retain_until is None


@pytest.mark.parametrize("language", ["nb", "en"])
async def test_a_refusal_gives_reasons_and_says_where_to_complain(
    client: Browser, world: World, site: Site, language: str
) -> None:
    await site.records.run_sql("UPDATE candidate SET language = ?", language)
    request = await asked(client, site)
    await factories.sign_in(client, site, world.dpo)
    await client.post(f"/desk/requests/{request}", data={"answer": "refuse", "words": "A dispute is open."})
    (mail,) = await outbox(site, "request_answered")
    for said in ("A dispute is open.", "Datatilsynet", "datatilsynet.no", "personvernombud@fjordlys.example"):
        assert said in mail.text
    assert {"nb": "domstolene", "en": "court"}[language] in mail.text
    assert await count(site, "application", "erasure_granted_on IS NOT NULL") == 0


async def test_a_refusal_without_reasons_is_not_sent(client: Browser, world: World, site: Site) -> None:
    request = await asked(client, site)
    await factories.sign_in(client, site, world.dpo)
    page = await client.post(f"/desk/requests/{request}", data={"answer": "refuse", "words": " "})
    assert page.status_code == 422
    assert await count(site, "rights_request", "state = 'received'") == 1
    assert await outbox(site, "request_answered") == []


async def test_an_answered_request_is_not_answered_again(client: Browser, world: World, site: Site) -> None:
    request = await asked(client, site)
    await factories.sign_in(client, site, world.dpo)
    await client.post(f"/desk/requests/{request}", data={"answer": "refuse", "words": "A dispute is open."})
    again = await client.post(f"/desk/requests/{request}", data={"answer": "grant", "words": ""})
    assert again.status_code == 409
    assert await count(site, "application", "erasure_granted_on IS NOT NULL") == 0


async def test_what_a_legal_hold_keeps_is_refused_in_part_with_reasons(
    client: Browser, world: World, site: Site, time: Time
) -> None:
    await holds.place(site, world.first, world.dpo, "Dispute", "17(3)(e)", day(time.now) + timedelta(days=90), time.now)
    request = await asked(client, site)
    await factories.sign_in(client, site, world.dpo)
    form = {"answer": "grant", "words": ""}
    assert (await client.post(f"/desk/requests/{request}", data=form)).status_code == 422
    assert await count(site, "application", "erasure_granted_on IS NOT NULL") == 0
    await client.post(f"/desk/requests/{request}", data={**form, "words": "One is kept for a dispute."})
    assert await count(site, "rights_request", "state = 'partly'") == 1
    rows = await site.records.run_sql("SELECT id FROM application WHERE erasure_granted_on IS NOT NULL")
    assert [row["id"] for row in rows] == [world.second]
    (mail,) = await outbox(site, "request_answered")
    assert "Datatilsynet" in mail.text


@pytest.mark.parametrize("path", ["/desk", "/desk/requests", "/desk/purge", "/desk/holds", "/desk/access", "/ledger"])
async def test_the_desk_is_for_the_privacy_contact_only(
    client: Browser, world: World, site: Site, time: Time, path: str
) -> None:
    assert (await client.get(path)).url.path == "/sign-in"  # Ola is signed in as a candidate
    recruiter = await factories.staff(site, time.now, "recruiter", "admin", email="per@fjordlys.example")
    await factories.sign_in(client, site, recruiter)
    assert (await client.get(path)).status_code == 403


async def test_an_unknown_case_is_not_there(client: Browser, world: World, site: Site) -> None:
    await factories.sign_in(client, site, world.dpo)
    assert (await client.get(f"/desk/requests/{uuid4()}")).status_code == 404
    assert await count(site, "look") == 0


# --- purge, holds, logs ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["nb", "en"])
@pytest.mark.parametrize(
    "path",
    [
        "/desk",
        "/desk/requests",
        "/desk/purge",
        "/desk/holds",
        "/desk/receipts",
        "/desk/access",
        "/desk/audit",
        "/ledger",
    ],
)
async def test_every_page_of_the_desk_opens_empty_and_filled_and_names_nobody(
    client: Browser, world: World, site: Site, time: Time, path: str, lang: str
) -> None:
    await factories.sign_in(client, site, world.dpo)
    assert (await client.get(path, params={"lang": lang})).status_code == 200
    await service.close_applications(site, [world.first, world.second], "rejected", world.dpo, time.now)
    await holds.place(site, world.first, world.dpo, "Dispute", "17(3)(e)", day(time.now) + timedelta(days=1), time.now)
    time.forward(days=12)
    await client.post("/desk/purge")
    page = await client.get(path, params={"lang": lang})
    assert page.status_code == 200
    assert "Ola" not in page.text
    assert "ola@example.org" not in page.text


async def test_looking_at_the_preview_purges_nothing(client: Browser, world: World, site: Site, time: Time) -> None:
    await service.close_applications(site, [world.first], "rejected", world.dpo, time.now)
    time.forward(days=30)
    await factories.sign_in(client, site, world.dpo)
    page = await client.get("/desk/purge")
    assert str(world.first) in page.text
    assert await count(site, "purge_notice") == 0
    assert (await site.keyring.guard(world.first)).present  # type: ignore[union-attr]


async def test_the_button_runs_the_purge_after_the_notice(
    client: Browser, world: World, site: Site, time: Time
) -> None:
    await service.close_applications(site, [world.first], "rejected", world.dpo, time.now)
    await factories.sign_in(client, site, world.dpo)
    for days in (12, 1, 1, 1):
        time.forward(days=days)
        await factories.sign_in(client, site, world.dpo)
        await client.post("/desk/purge/confirm")
        page = await client.post("/desk/purge")
        assert page.status_code == 200
    first, second = await site.keyring.guard(world.first), await site.keyring.guard(world.second)
    assert first and not first.present
    assert second and second.present
    receipts = await client.get("/desk/receipts")
    assert receipts.text.count("/desk/receipts/") == 1
    assert "The chain is whole" in (await client.post("/ledger/check")).text
    number = (await site.keyring.engine.run_sql("SELECT id FROM purge"))[0]["id"]
    pdf = await client.get(f"/desk/receipts/{number}")
    assert pdf.content.startswith(b"%PDF")
    assert (await client.get(f"/desk/receipts/{uuid4()}")).status_code == 404
    assert await count(site, "run", "job = 'purge' AND ended_at IS NOT NULL") == 4
    assert await count(site, "audit_entry", "kind = 'purge.started'") == 4


async def test_a_broken_ledger_is_shown_as_broken(client: Browser, world: World, site: Site, time: Time) -> None:
    await site.keyring.record("test", {"n": 1}, time.now)
    await tamper(site.keyring.engine, "UPDATE ledger_entry SET body = '{\"n\":2}'")
    await factories.sign_in(client, site, world.dpo)
    assert "The chain is broken" in (await client.get("/ledger")).text


async def test_a_hold_is_opened_with_a_look_and_released_by_a_press(
    client: Browser, world: World, site: Site, time: Time
) -> None:
    review = day(time.now) + timedelta(days=90)
    hold = await holds.place(site, world.first, world.dpo, "canary-reason", "17(3)(e)", review, time.now)
    await factories.sign_in(client, site, world.dpo)
    assert "canary-reason" not in (await client.get("/desk/holds")).text
    assert await count(site, "look") == 0
    assert "canary-reason" in (await client.get(f"/desk/holds/{hold}")).text
    assert await count(site, "look", "purpose = 'hold'") == 1
    await client.post(f"/desk/holds/{hold}/release")
    guard = await site.keyring.guard(world.first)
    assert guard and guard.holds == 0
    assert (await client.post(f"/desk/holds/{hold}/release")).status_code == 404


async def test_a_hold_past_its_review_date_waits_on_the_desk_and_goes_on_holding(
    client: Browser, world: World, site: Site, time: Time
) -> None:
    await holds.place(site, world.first, world.dpo, "Dispute", "17(3)(e)", day(time.now) + timedelta(days=1), time.now)
    time.forward(days=3)
    await factories.sign_in(client, site, world.dpo)
    assert "1 legal hold is past its review date" in (await client.get("/desk")).text
    guard = await site.keyring.guard(world.first)
    assert guard and guard.holds == 1


@pytest.mark.parametrize("kind", dict(purge.BARE))
async def test_whatever_is_due_by_itself_stands_on_the_page_of_the_purge(
    client: Browser, world: World, site: Site, time: Time, kind: str
) -> None:
    unit = uuid4()
    await site.keyring.birth(Birth(unit, kind, time.now, retain_until=day(time.now) - timedelta(days=1)))
    await factories.sign_in(client, site, world.dpo)
    page = await client.get("/desk/purge")
    assert (page.status_code, str(unit) in page.text) == (200, True)


async def test_every_kind_of_unit_has_a_name_in_a_note_of_a_breach() -> None:
    assert set(get_args(UnitKind)) == set(UNITS)
