"""Who got data, and who is told when they are corrected, erased or restricted (L29, art. 19)."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from recruit import data_map, jobs, letters, mail
from recruit.clock import day
from recruit.i18n import format_date, known, translator
from recruit.retention import purge, recipients, service
from recruit.retention.recipients import ACTS, CHANNELS, RECIPIENTS, STATES, WHY_NOT, disclosed, notify_recipients
from recruit.site import Site
from recruit.tables import Message, Restriction
from recruit.vault.sealing import unseal
from tests import factories
from tests.browsing import Client
from tests.conftest import Time


class Post:
    """A mail server that takes everything, or nothing."""

    def __init__(self, works: bool = True) -> None:
        self.works = works

    async def send(self, message: object) -> None:
        if not self.works:
            raise mail.MailDelayed()


async def passed_on(site: Site, time: Time, email: str = "post@byraa.example") -> tuple[UUID, UUID]:
    """An application whose data went to a firm, to a colleague's disk and to the candidate; and the colleague."""
    unit = await factories.application(site, time.now, await factories.vacancy(site, time.now))
    colleague = await factories.staff(site, time.now, "hiring_manager")
    async with site.records.transaction():
        firm = await recipients.known(site, unit, "Testbyrået AS", email)
        assert await recipients.known(site, unit, "Testbyrået AS", email) == firm
        await disclosed(site, [unit], "outside", "mail", time.now, party=firm)
        await disclosed(site, [unit], "staff_download", "download", time.now, account=colleague)
        await disclosed(site, [unit], "candidate", "download", time.now)
    return unit, colleague


async def mails(site: Site, template: str) -> list[tuple[dict[str, Any], Message]]:
    found = []
    for row in await site.records.run_sql("SELECT * FROM mail WHERE template = ?", template):
        key = await site.keyring.key(row["unit"])
        found.append((row, unseal(key, "mail", row["id"], bytes(row["sealed"]), Message)))
    return found


async def told(site: Site, unit: UUID, act: recipients.Act, time: Time, what: str = "") -> list[recipients.Notice]:
    async with site.records.transaction():
        return await notify_recipients(site, [unit], act, time.now, what)


async def test_L29_every_recipient_but_the_person_is_told_of_a_rectification(site: Site, time: Time) -> None:
    unit, colleague = await passed_on(site, time)
    notices = await told(site, unit, "rectified", time, "Telefon: 900 00 000 → 911 11 111")
    assert [n.state for n in notices] == ["queued", "queued"]
    ((row, letter),) = await mails(site, "recipient")
    assert (row["unit"], letter.to) == (unit, "post@byraa.example")
    assert "Ola Sør" in letter.text
    assert "911 11 111" in letter.text
    ((row, letter),) = await mails(site, "copies")
    assert row["unit"] == colleague
    assert "Systemutvikler" in letter.text
    assert "Ola" not in letter.text
    assert "911 11 111" not in letter.text


async def test_L29_one_mail_to_a_colleague_names_all_copies(site: Site, time: Time) -> None:
    unit, colleague = await passed_on(site, time)
    other = await factories.application(
        site, time.now, await factories.vacancy(site, time.now), email="eva@example.org"
    )
    async with site.records.transaction():
        await disclosed(site, [other], "staff_download", "download", time.forward(days=1), account=colleague)
        await notify_recipients(site, [unit, other], "erased", time.now)
    assert len(await mails(site, "copies")) == 1
    rows = await site.records.run_sql("SELECT unit FROM recipient_notice WHERE account = ?", colleague)
    assert {row["unit"] for row in rows} == {unit, other}


async def test_L29_who_cannot_be_reached_is_listed_with_the_reason(site: Site, time: Time) -> None:
    unit, colleague = await passed_on(site, time, email="")
    await site.records.run_sql("UPDATE staff SET active = FALSE WHERE id = ?", colleague)
    async with site.records.transaction():
        await disclosed(site, [unit], "personnel_file", "hand_over", time.now)
    notices = await told(site, unit, "restricted", time)
    assert sorted((n.state, n.why) for n in notices) == [
        ("not_reachable", "closed"),
        ("not_reachable", "no_account"),
        ("not_reachable", "no_address"),
    ]
    said = [line["state"] for line in await recipients.told(site, [unit], translator("en"))]
    assert "Not reachable: no e-mail address is known" in said


async def test_L29_an_erasure_is_told_once_and_again_only_after_a_new_disclosure(site: Site, time: Time) -> None:
    unit, colleague = await passed_on(site, time)
    assert len(await told(site, unit, "erased", time)) == 2
    time.forward(hours=1)
    assert await told(site, unit, "erased", time) == []
    async with site.records.transaction():
        await disclosed(site, [unit], "staff_download", "download", time.forward(hours=1), account=colleague)
    assert await recipients.untold(site, [unit], "erased") == {unit}
    assert len(await told(site, unit, "erased", time)) == 1


async def test_L29_the_key_goes_only_after_the_mails_under_it_and_the_notices_stay(site: Site, time: Time) -> None:
    unit, _ = await passed_on(site, time)
    await service.grant_erasure(site, [unit], uuid4(), time.now)
    await purge.run(site, time.now)
    await mail.deliver(site, Post(works=False), time.now)
    assert (await purge.run(site, time.forward(hours=12))).erased == 0
    await mail.deliver(site, Post(), time.now)
    assert (await purge.run(site, time.forward(hours=12))).erased == 1
    assert unit not in await site.keyring.keys([unit])
    rows = await site.records.run_sql("SELECT recipient, state, party FROM recipient_notice WHERE unit = ?", unit)
    assert {(row["recipient"], row["state"]) for row in rows} == {("outside", "sent"), ("staff_download", "sent")}
    assert await site.records.run_sql("SELECT 1 FROM recipient WHERE unit = ?", unit) == []


async def test_L17_a_mail_server_that_never_answers_does_not_keep_data_for_ever(site: Site, time: Time) -> None:
    unit, _ = await passed_on(site, time)
    await service.grant_erasure(site, [unit], uuid4(), time.now)
    erased = 0
    for _ in range(5):
        erased += (await purge.run(site, time.now)).erased
        time.now += timedelta(days=1)
    assert erased == 1


async def test_L15_L29_the_mail_about_a_restriction_leaves_while_other_mail_waits(site: Site, time: Time) -> None:
    unit, _ = await passed_on(site, time)
    key, today = await site.keyring.key(unit), time.now.date()
    await Restriction.insert(
        Restriction(id=uuid4(), application=unit, ground="accuracy", placed_on=today, review_on=today, sealed=b"")
    ).run()
    await told(site, unit, "restricted", time)
    async with site.records.transaction():
        candidate = await factories.candidate_of(site, unit)
        await letters.to_candidate(site, candidate, key, "reopened:1", "reopened", time.now, title="")
    await mail.deliver(site, Post(), time.now)
    rows = await site.records.run_sql("SELECT template, state FROM mail ORDER BY template")
    assert {(row["template"], row["state"]) for row in rows} == {
        ("copies", "sent"),
        ("recipient", "sent"),
        ("reopened", "queued"),
    }
    (given,) = [g for g in await recipients.of_units(site, [unit]) if g.recipient == "outside"]
    assert [(n.act, n.state) for n in given.notices] == [("restricted", "sent")]


async def test_L29_the_persons_copy_names_firms_and_no_colleague(site: Site, time: Time) -> None:
    unit, _ = await passed_on(site, time)
    whom = [recipients.who(given, translator("en")) for given in await recipients.of_units(site, [unit])]
    assert sorted(whom) == ["Our own staff, as a download", "Testbyrået AS", "Yourself"]


def test_every_code_of_the_ledger_has_norwegian_words() -> None:
    for table in (RECIPIENTS, CHANNELS, ACTS, STATES, WHY_NOT):
        assert [text for text in table.values() if text and not known(text)] == []
    assert data_map.FIELDS["recipient.sealed.email"].export == "no"


# --- the pages --------------------------------------------------------------------------------------------------------


async def test_over_all_nobody_is_named_and_in_a_case_the_look_is_written_first(
    site: Site, client: Client, time: Time
) -> None:
    unit, _ = await passed_on(site, time)
    await told(site, unit, "rectified", time)
    liv = await factories.staff(site, time.now, "dpo", email="liv@fjordlys.example")
    await factories.sign_in(client, site, liv)
    page = (await client.get("/desk/recipients")).text
    assert "A person or firm outside" in page
    assert "Corrected: The mail about it waits to be sent" in page
    assert "Testbyrået" not in page
    assert "Not counted yet: that is done each night." in page
    assert "Copies, by recipient and way" not in page
    await jobs.run_job(site, "upkeep", time.now)
    page = (await client.get("/desk/recipients")).text
    assert f"Counted on {format_date(day(time.now), 'en')}." in page
    assert "Copies, by recipient and way" in page
    assert await site.records.run_sql("SELECT id FROM look") == []
    page = (await client.get(f"/desk/recipients/{unit}")).text
    assert "Testbyrået AS" in page
    (look,) = await site.records.run_sql("SELECT unit, purpose FROM look")
    assert (look["unit"], look["purpose"]) == (unit, "recipients")
    assert (await client.get(f"/desk/recipients/{uuid4()}")).status_code == 404


async def test_a_copy_that_left_by_hand_is_written_down_and_told(site: Site, client: Client, time: Time) -> None:
    unit, _ = await passed_on(site, time)
    liv = await factories.staff(site, time.now, "dpo", email="liv@fjordlys.example")
    await factories.sign_in(client, site, liv)
    answer = await client.post(f"/desk/recipients/{unit}", data={"name": "", "email": "x", "channel": "pigeon"})
    assert answer.status_code == 422
    for text in ("Write who got the data", "Choose how the data left."):
        assert text in answer.text
    form = {"name": "Byrået", "email": "b@byraa.example", "channel": "print"}
    page = (await client.post(f"/desk/recipients/{unit}", data=form)).text
    assert "Byrået" in page
    assert "On paper" in page
    await told(site, unit, "erased", time)
    assert sorted(letter.to for _, letter in await mails(site, "recipient")) == [
        "b@byraa.example",
        "post@byraa.example",
    ]
