""" "My data": everything about oneself, nothing about anybody else, and every act on it."""

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from recruit import audit
from recruit.site import Site
from recruit.tables import InterviewNote, Person, Referee, Screening, Written
from recruit.vault.keyring import Birth
from recruit.vault.sealing import seal
from tests import factories
from tests.conftest import Time
from tests.rights.people import Browser, count, outbox

CV = b"%PDF-1.7 canary-cv " + b"x" * 200_000


@dataclass
class World:
    """Ola, whose page it is, and Eva, of whom nothing may be seen on it."""

    ola: UUID
    application: UUID
    eva: UUID
    foreign: UUID
    recruiter: UUID


@pytest.fixture
async def world(site: Site, time: Time, client: Browser) -> World:
    recruiter = await factories.staff(site, time.now, "recruiter", name="Kari Canarynord")
    vacancy = await factories.vacancy(site, time.now)
    own = await factories.application(
        site, time.now, vacancy, letter="canary-letter", phone="canary-phone", consented=True, finalist=True,
        documents=(("Min CV æ.pdf", "application/pdf", CV), ("../../at:1.pdf", "application/pdf", b"canary-attest")),
    )  # fmt: skip
    await plant(site, time, own, recruiter, "canary")
    foreign = await factories.application(
        site, time.now, vacancy, email="eva@example.org", name="Eva Foreigner", letter="foreign-letter", finalist=True,
        documents=(("foreign-cv.pdf", "application/pdf", b"foreign-cv"),),
    )  # fmt: skip
    await plant(site, time, foreign, recruiter, "foreign")
    await audit.look(recruiter, "recruiter", [own], "review", time.now)
    ola = await factories.candidate_of(site, own)
    await factories.sign_in(client, site, ola, "candidate")
    return World(ola, own, await factories.candidate_of(site, foreign), foreign, recruiter)


async def plant(site: Site, time: Time, unit: UUID, by: UUID, word: str) -> None:
    """A note, a screening and a referee of an application; the referee is named in the note."""
    key = await site.keyring.key(unit)
    note, entry, referee = uuid4(), uuid4(), uuid4()
    words = Written(text=f"{word}-note: Per Thirdparty (per@third.example) says yes", more=f"{word}-source")
    await InterviewNote.insert(
        InterviewNote(
            id=note, application=unit, author=by, written_at=time.now, sealed=seal(key, "interview_note", note, words)
        )
    ).run()
    words = Written(text=f"{word}-screening", more=f"{word}-origin")
    await Screening.insert(
        Screening(
            id=entry,
            application=unit,
            kind="reference",
            recorded_by=by,
            recorded_at=time.now,
            sealed=seal(key, "screening", entry, words),
        )
    ).run()
    (own,) = await site.keyring.birth(Birth(referee, "referee", time.now, parent=unit))
    person = Person(name="Per Thirdparty", email="per@third.example", phone="411 11 111", relation=f"{word}-relation")
    sealed = seal(own, "referee", referee, person)
    await Referee.insert(Referee(id=referee, application=unit, added_by=by, added_at=time.now, sealed=sealed)).run()


async def copied(client: Browser) -> tuple[dict[str, Any], zipfile.ZipFile]:
    answer = await client.post("/my/copy")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    return json.loads(archive.read("data.json")), archive


# --- the page -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["nb", "en"])
async def test_the_page_shows_what_is_kept_and_nothing_of_others(client: Browser, world: World, lang: str) -> None:
    own_pages = ["/my", f"/my/applications/{world.application}", "/my/looks", "/my/consent", "/my/receipts"]
    page = "".join([(await client.get(path, params={"lang": lang})).text for path in own_pages])
    for own in ("Ola Sør", "canary-letter", "canary-phone", "Min CV æ.pdf", "ola@example.org"):
        assert own in page
    for other in ("Eva", "foreign", "Canarynord", "Thirdparty"):
        assert other not in page
    seen = {"nb": "Vurdering av søknaden", "en": "Assessment of the application"}
    assert seen[lang] in page


async def test_the_page_shows_who_looked_by_role_and_purpose(client: Browser, world: World) -> None:
    page = (await client.get("/my/looks")).text
    assert "Recruiter" in page
    assert str(world.recruiter) not in page


async def test_consent_on_the_page_is_one_press_each_way(client: Browser, world: World, site: Site, time: Time) -> None:
    time.forward(minutes=1)
    page = await client.post("/my/consent", data={"answer": "withdraw"})
    assert "You have not consented." in page.text
    time.forward(minutes=1)
    page = await client.post("/my/consent", data={"answer": "give"})
    assert "You have consented, on" in page.text
    channels = await site.records.run_sql("SELECT channel FROM consent ORDER BY at")
    assert [row["channel"] for row in channels] == ["form", "my_data", "my_data"]


async def test_contact_data_are_changed_without_asking_anybody(client: Browser, world: World) -> None:
    page = await client.post("/my/contact", data={"name": "Ola Nordmann", "phone": "+47 411 22 333"})
    assert "Ola Nordmann" in page.text
    assert "+47 411 22 333" in page.text


@pytest.mark.parametrize(
    "name", ["Ola [press here](https://evil.example)", "Ola, see www.evil.example", "ola@evil.example"]
)
async def test_a_name_that_mails_carry_to_others_holds_no_address(client: Browser, world: World, name: str) -> None:
    page = await client.post("/my/contact", data={"name": name, "phone": ""})
    assert page.status_code == 422


async def test_a_name_is_one_line(client: Browser, world: World) -> None:
    await client.post("/my/contact", data={"name": "Ola\r\n\r\nNordmann", "phone": ""})
    assert 'value="Ola Nordmann"' in (await client.get("/my/contact")).text


async def test_a_contact_form_with_mistakes_keeps_what_was_typed(client: Browser, world: World) -> None:
    page = await client.post("/my/contact", data={"name": "", "phone": "411 22 333"})
    assert page.status_code == 422
    assert "411 22 333" in page.text
    assert "Ola Sør" in (await client.get("/my")).text


async def test_withdrawing_an_application_asks_first_and_ends_its_process(
    client: Browser, world: World, site: Site
) -> None:
    path = f"/my/applications/{world.application}/withdraw"
    assert (await client.get(path)).status_code == 200
    assert await count(site, "application", "outcome IS NOT NULL") == 0
    page = await client.post(path)
    assert "Ended: withdrawn by you" in page.text
    assert await count(site, "application", "outcome = 'withdrawn'") == 1
    assert (await client.post(path)).status_code == 404


@pytest.mark.parametrize("act", ["/my/applications/{}/withdraw", "/my/documents/{}"])
async def test_what_belongs_to_another_candidate_is_not_there(
    client: Browser, world: World, site: Site, act: str
) -> None:
    rows = await site.records.run_sql("SELECT id FROM document WHERE unit = ?", world.foreign)
    for strange in (world.foreign, rows[0]["id"], uuid4()):
        assert (await client.get(act.format(strange))).status_code == 404
    assert (await client.post(f"/my/applications/{world.foreign}/withdraw")).status_code == 404
    assert await count(site, "application", "outcome IS NOT NULL") == 0


async def test_ones_own_document_comes_as_a_download(client: Browser, world: World, site: Site) -> None:
    rows = await site.records.run_sql("SELECT id FROM document WHERE unit = ? AND kind = 'cv'", world.application)
    answer = await client.get(f"/my/documents/{rows[0]['id']}")
    assert answer.content == CV
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert answer.headers["content-disposition"].endswith("filename*=UTF-8''Min%20CV%20%C3%A6.pdf")
    assert answer.headers["cache-control"] == "no-store"


async def test_staff_have_no_way_into_my_data(client: Browser, world: World, site: Site) -> None:
    await factories.sign_in(client, site, world.recruiter)
    assert (await client.get("/my")).url.path == "/my/sign-in"
    assert (await client.post("/my/copy")).status_code == 401


# --- the copy -------------------------------------------------------------------------------------------------------


async def test_the_copy_holds_everything_about_oneself(client: Browser, world: World) -> None:
    data, archive = await copied(client)
    text = json.dumps(data, ensure_ascii=False)
    for own in (
        "Ola Sør", "ola@example.org", "canary-phone", "canary-letter", "canary-note", "canary-screening",
        "canary-origin", "canary-relation", "Min CV æ.pdf", "Recruiter", "Assessment of the application",
        "Kept while the recruitment process runs",
    ):  # fmt: skip
        assert own in text, own
    files = [archive.read(name) for name in archive.namelist() if name.startswith("documents/")]
    assert files == [CV, b"canary-attest"] or files == [b"canary-attest", CV]
    assert data["consent"]["acts"][0]["given"] is True


async def test_the_copy_holds_nothing_of_another_candidate(client: Browser, world: World) -> None:
    answer = await client.post("/my/copy")
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    whole = b"".join(archive.read(name) for name in archive.namelist()) + "".join(archive.namelist()).encode()
    assert b"canary" in whole
    assert b"foreign" not in whole
    assert b"Eva" not in whole


async def test_the_copy_masks_third_parties_and_staff(client: Browser, world: World) -> None:
    data, _ = await copied(client)
    text = json.dumps(data, ensure_ascii=False)
    for hidden in ("Thirdparty", "per@third.example", "411 11 111", "Canarynord", str(world.recruiter)):
        assert hidden not in text
    assert "canary-note: […]" in data["applications"][0]["interview_notes"][0]["text"]


async def test_file_names_in_the_copy_cannot_climb_out_of_it(client: Browser, world: World) -> None:
    _, archive = await copied(client)
    for name in archive.namelist():
        assert ".." not in name.split("/")
        assert not set(name) & set('\\:*?"<>|')


async def test_the_copys_own_name_says_nothing_and_it_is_not_cached(client: Browser, world: World) -> None:
    answer = await client.post("/my/copy")
    assert answer.headers["content-disposition"] == 'attachment; filename="my-data-2026-03-02.zip"'
    assert answer.headers["cache-control"] == "no-store"


async def test_the_copy_leaves_out_the_mails_that_let_one_in(client: Browser, world: World, site: Site) -> None:
    await client.post("/my/sign-in", data={"email": "ola@example.org"})
    client.cookies.pop("waiting", None)
    (mail,) = await outbox(site, "sign_in")
    data, _ = await copied(client)
    assert mail.text not in json.dumps(data, ensure_ascii=False)
    assert all("/my/enter/" not in message["text"] for message in data["emails"])


async def test_a_copy_is_a_row_in_the_recipients_ledger(client: Browser, world: World, site: Site) -> None:
    await copied(client)
    rows = await site.records.run_sql("SELECT unit, recipient FROM disclosure")
    assert {row["unit"] for row in rows} == {world.ola, world.application}
    assert {row["recipient"] for row in rows} == {"candidate"}


async def test_a_get_makes_no_copy(client: Browser, world: World, site: Site) -> None:
    assert (await client.get("/my/copy")).status_code == 405
    assert await count(site, "disclosure") == 0
