"""L10: whoever did not apply is told where we have their data from, and one press has them erased."""

from base64 import b64encode
from datetime import date

import pytest

from recruit import alarms, jobs
from recruit.accounts.guards import Me
from recruit.careers import entering, service, sourcing
from recruit.careers.rules import Answers, Origin, tell_by
from recruit.errors import FormInvalid, NotFound
from recruit.hiring import access, notes
from recruit.i18n import translator
from recruit.retention import holds
from recruit.rights import export
from recruit.rights.service import requests_of
from recruit.site import Site
from recruit.tables import Screened
from tests import factories
from tests.careers.conftest import pdf
from tests.conftest import Time
from tests.rights.people import Browser, count, outbox, path_in


def test_L10_the_notice_is_due_a_month_after_the_data_came() -> None:
    assert tell_by(date(2026, 1, 31)) == date(2026, 2, 28)


async def sourced_alarms(site: Site, time: Time) -> dict[str, int]:
    levels = await alarms.levels(site, time.now)
    return {key: n for key, n in levels.items() if key.startswith(("sourced", "verified")) and n}


async def test_L10_L28_an_entered_person_is_told_at_once_and_erased_by_one_press_with_a_receipt(
    site: Site, time: Time, client: Browser
) -> None:
    liv = await factories.staff(site, time.now, "recruiter", "dpo")
    vacancy = await factories.vacancy(site, time.now)
    origin = Origin("linkedin", "linkedin.com/in/eva-dal, seen by ola@example.net", liv)
    eva, files, token = (
        Answers(name=" Eva  Dal ", email="eva@example.org"),
        [("cv.pdf", "cv", pdf())],
        service.new_token(),
    )
    unit = await entering.enter(site, vacancy, eva, files, origin, "en", time.now, token)
    assert await entering.enter(site, vacancy, eva, [], origin, "en", time.now, token) == unit
    assert await count(site, "application", "source = 'linkedin'") == 1
    (notice,) = await outbox(site, "sourced")
    for said in (
        "LinkedIn",
        "linkedin.com/in/eva-dal",
        "legitimate interest",
        "CV: 1 kB",
        "datatilsynet.no",
        "14 days",
    ):
        assert said in notice.text
    assert not await outbox(site, "applied")
    copy = await export.everything(site, await factories.candidate_of(site, unit), time.now, translator("en"))
    assert copy["applications"][0]["source"] == "From LinkedIn: linkedin.com/in/eva-dal, seen by […]"

    link = path_in(notice.text, "/objection/")
    await jobs.send_mail(site, time.now)
    assert await sourced_alarms(site, time) == {}
    page = await client.get(link)
    assert "have my data erased" in page.text
    assert await count(site, "restriction") == 0
    for _ in range(2):  # twice is once
        assert "You have objected" in (await client.post(link)).text
    assert await count(site, "restriction", "ground = 'objection'") == 1
    await jobs.run_job(site, "purge", time.now)
    await jobs.send_mail(site, time.now)
    counts = await jobs.run_job(site, "purge", time.forward(minutes=1) and time.now)
    assert counts is not None
    assert (counts["receipts"], counts["failed"]) == (1, 0)
    for table in ("application", "candidate", "document", "sourced"):
        assert await count(site, table) == 0
    assert (await client.get(link)).status_code == 410
    assert await count(site, "purge_notice", "rule = 'L28' AND state = 'done'") == 1


async def test_L10_who_cannot_be_mailed_is_told_by_hand_or_alarms_after_a_month(site: Site, time: Time) -> None:
    liv, origin = await factories.staff(site, time.now, "dpo"), None
    origin = Origin("tip", "A colleague at the fair", liv)
    vacancy = await factories.vacancy(site, time.now, "draft")
    units = [
        await entering.enter(site, vacancy, Answers(name=name), [], origin, "nb", time.now) for name in ("Eva", "Siv")
    ]
    assert await count(site, "candidate") == 2  # nobody shares a profile for having no address
    assert await sourced_alarms(site, time) == {"sourced_by_hand": 2}
    with pytest.raises(FormInvalid) as wrong:
        await sourcing.told_by_hand(site, await sourcing.one(site, units[0]), date(2026, 3, 3), "", liv, time.now)
    assert set(wrong.value.errors) == {"told_on", "way"}
    await sourcing.told_by_hand(
        site, await sourcing.one(site, units[0]), date(2026, 3, 2), "By telephone", liv, time.now
    )
    time.forward(days=31)
    assert await sourced_alarms(site, time) == {"sourced_by_hand": 1}  # 2 April is the last day
    time.forward(days=1)
    assert await sourced_alarms(site, time) == {"sourced_late": 1}


async def test_L10_a_verification_that_no_mail_can_tell_of_is_told_by_hand_or_alarms(site: Site, time: Time) -> None:
    """Two candidates whose papers were verified: one mail waits for the server, the other one can't be written."""
    liv = await factories.staff(site, time.now, "dpo", "recruiter")
    vacancy, me = await factories.vacancy(site, time.now), Me("staff", liv, "Liv", "", "nb", frozenset({"recruiter"}))
    numbers = []
    for email in ("ola@example.org", ""):
        given = Answers(name="Ola", email=email)
        unit = await entering.enter(site, vacancy, given, [], Origin("tip", "A fair", liv), "nb", time.now)
        await site.records.run_sql("UPDATE application SET finalist = ? WHERE id = ?", True, unit)
        opened = await access.opened(site, me, unit, "review", time.now)
        found = Screened(text="The diploma is genuine", more="NTNU")
        numbers.append(await notes.record_screening(site, opened, "verification", found, time.now))
    await site.records.run_sql("UPDATE sourced SET told_on = ?", date(2026, 3, 2))
    queued, silent = [await sourcing.one(site, number) for number in numbers]
    assert {one.about for one in (queued, silent)} == {"verification"}
    assert [one.state for one in (queued, silent)] == ["queued", "by_hand"]
    assert await sourced_alarms(site, time) == {"verified_by_hand": 1}
    time.forward(days=32)
    assert await sourced_alarms(site, time) == {"verified_late": 2}
    await site.records.run_sql("UPDATE mail SET state = 'sent', sent_at = ?", time.now)
    await sourcing.told_by_hand(site, silent, date(2026, 3, 4), "By telephone", liv, time.now)
    assert await sourced_alarms(site, time) == {}
    candidate = await factories.candidate_of(site, silent.application)
    copy = await export.everything(site, candidate, time.now, translator("en"))
    (told,) = copy["applications"][0]["screening"]
    assert (told["source"], told["told_on"], told["told"]) == ("NTNU", date(2026, 3, 4), "By telephone")
    with pytest.raises(NotFound):
        await sourcing.one(site, liv)


async def test_L10_L14_what_a_hold_keeps_is_objected_to_at_the_desk(site: Site, time: Time, client: Browser) -> None:
    liv = await factories.staff(site, time.now, "recruiter", "dpo")
    vacancy = await factories.vacancy(site, time.now)
    origin = Origin("agency", "Byrået AS", liv)
    unit = await entering.enter(site, vacancy, Answers(name="Eva", email="eva@example.org"), [], origin, "en", time.now)
    await holds.place(site, unit, liv, "Dispute", "GDPR 17(3)(e)", date(2026, 9, 1), time.now)
    link = path_in((await outbox(site, "sourced"))[0].text, "/objection/")
    assert "a person looks at it" in (await client.get(link)).text
    assert "answer within one month" in (await client.post(link)).text
    (request,) = await requests_of(site, await factories.candidate_of(site, unit))
    assert (request.kind, request.open, request.application) == ("objection", True, unit)
    await service.reconcile(site, time.now)


@pytest.mark.parametrize(
    ("answers", "origin", "fields"),
    [
        (Answers(), ("", ""), {"name", "source", "where"}),
        (Answers(name="E <x>", email="e", phone="x"), ("tip", "x" * 301), {"name", "email", "phone", "where"}),
    ],
)
def test_what_keeps_somebody_from_being_entered(answers: Answers, origin: tuple[str, str], fields: set[str]) -> None:
    from uuid import UUID

    from recruit.careers.rules import entered_problems

    assert set(entered_problems(answers, Origin(*origin, by=UUID(int=1)))) == fields


CSV = "Navn;E-post;Kilde;Telefon\r\n{}\r\n"
EML = b"""From: Eva Dal <eva@example.org>
Subject: Jobb?
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain; charset=utf-8

Er det noe for meg?
--x
Content-Type: application/pdf; name=cv.pdf
Content-Disposition: attachment; filename=cv.pdf
Content-Transfer-Encoding: base64

%s
--x--
"""


async def test_L10_a_table_is_seen_first_and_entered_whole_and_once(site: Site, time: Time, client: Browser) -> None:
    liv = await factories.staff(site, time.now, "recruiter")
    vacancy = await factories.vacancy(site, time.now)
    await factories.sign_in(client, site, liv)
    url, chosen = f"/vacancies/{vacancy}/import", {"source": "agency", "where": "Byrået AS", "speaks": "nb"}

    async def sent(*lines: str, **more: str) -> tuple[int, str]:
        file = {"file": ("people.csv", CSV.format("\r\n".join(lines)).encode())}
        page = await client.post(url, data={**chosen, **more}, files=file)
        return page.status_code, page.text

    status, page = await sent("Eva Dal;eva@example.org;;'+47 900 00 000", "=1+1;x;;", "Siv;eva@example.org;;", go="1")
    assert status == 422
    for said in ("formula", "in full", "earlier row", "Nothing was entered"):
        assert said in page
    assert "Choose where" in (await sent("Eva;;;", source="elsewhere"))[1]
    assert await count(site, "application") == 0
    status, page = await sent("Eva Dal;eva@example.org;;'+47 900 00 000", "Siv;siv@example.org;Messen;")
    assert (status, "Enter 2 people" in page, await count(site, "application")) == (200, True, 0)
    token = page.split('name="form" value="')[1].split('"')[0]
    text = page.split("<textarea")[1].split(">\n", 1)[1].split("</textarea>")[0].replace("&#39;", "'")
    for _ in range(2):
        answer = await client.post(url, data={**chosen, "form": token, "go": "1", "table": text})
        assert answer.status_code == 200
    assert await count(site, "application", "source = 'agency'") == 2
    notices = await outbox(site, "sourced")
    assert sorted(("Byrået AS" in n.text, "Messen" in n.text) for n in notices) == [(False, True), (True, False)]


async def test_L10_a_mail_fills_the_form_and_what_cannot_be_told_by_mail_is_noted(
    site: Site, time: Time, client: Browser
) -> None:
    liv = await factories.staff(site, time.now, "recruiter")
    vacancy = await factories.vacancy(site, time.now)
    await factories.sign_in(client, site, liv)
    url = f"/vacancies/{vacancy}/enter"
    mail = {"import": ("mail.eml", EML % b64encode(pdf()))}
    page = (await client.post(url, data={"act": "import", "source": "email"}, files=mail)).text
    for said in ("Eva Dal", "eva@example.org", "Er det noe for meg?", "cv.pdf"):
        assert said in page
    token = page.split('name="form" value="')[1].split('"')[0]
    fields = {"form": token, "act": "enter", "source": "email", "where": "To post@fjordlys.example", "name": "Eva Dal"}
    none = {"cv": ("", b"")}
    assert "told" in (await client.post(url, data=fields | {"where": ""}, files=none)).text
    answer = await client.post(url, data=fields, files=none)
    assert "Entered. The person is told" in answer.text
    assert (await count(site, "application"), await count(site, "document")) == (1, 1)
    page = (await client.get("/sourced")).text
    assert "No e-mail address" in page
    (row,) = await site.records.run_sql("SELECT id FROM application")
    wrong = await client.post(f"/sourced/{row['id']}", data={"told_on": "", "way": "Kept"})
    assert (wrong.status_code, "Kept" in wrong.text) == (422, True)
    page = (await client.post(f"/sourced/{row['id']}", data={"told_on": "2026-03-02", "way": "By telephone"})).text
    assert "Told" in page
    assert (await client.get(f"/sourced/{vacancy}")).status_code == 404
