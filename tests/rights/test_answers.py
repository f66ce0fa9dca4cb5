"""The answer as mail and letter (L22, L29, L30), and the copy that goes with it for seven days (L24, L25)."""

import io
import json
import zipfile
from uuid import UUID

import pikepdf
import pypdfium2
import pytest

from recruit.retention import recipients
from recruit.rights import answering, asking, rules
from recruit.rights.answering import Answer
from recruit.rights.asking import Asked
from recruit.rights.service import request_of
from recruit.site import Site
from recruit.tables import InterviewNote, Person, Referee, RequestWords, Written
from recruit.vault.keyring import Birth
from recruit.vault.sealing import seal
from tests import factories
from tests.conftest import Time
from tests.rights.people import Browser, outbox

NOTE, REFEREE = UUID(int=71), UUID(int=72)


class World:
    ola: UUID
    unit: UUID
    dpo: UUID


@pytest.fixture
async def world(site: Site, time: Time, client: Browser) -> World:
    """Ola, with a note that names his referee; and Kari, the privacy contact, signed in."""
    made = World()
    made.dpo = await factories.staff(site, time.now, "dpo")
    made.unit = await factories.application(site, time.now, await factories.vacancy(site, time.now))
    made.ola = await factories.candidate_of(site, made.unit)
    key = await site.keyring.key(made.unit)
    (own,) = await site.keyring.birth(Birth(REFEREE, "referee", time.now, parent=made.unit))
    person = Person(name="Berit Lund", email="berit@firma.example", phone="911 22 333", relation="leder")
    await Referee.insert(
        Referee(id=REFEREE, application=made.unit, added_at=time.now, sealed=seal(own, "referee", REFEREE, person))
    ).run()
    words = Written(text="Berit Lund says that he is never late.")
    await InterviewNote.insert(
        InterviewNote(id=NOTE, application=made.unit, author=made.dpo, written_at=time.now,
                      sealed=seal(key, "interview_note", NOTE, words))
    ).run()  # fmt: skip
    await factories.sign_in(client, site, made.dpo)
    return made


def read(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(io.BytesIO(pdf))
    text = " ".join(pages[n].get_textpage().get_text_bounded() for n in range(len(pages)))
    return " ".join(text.split())


@pytest.mark.parametrize("lang", ["nb", "en"])
async def test_l22_l29_the_answer_is_a_tagged_letter_with_reasons_recipients_and_ways_to_complain(
    world: World, site: Site, time: Time, client: Browser, lang: str
) -> None:
    await site.records.run_sql("UPDATE candidate SET language = ?", lang)
    party = await recipients.known(site, world.unit, "Byrået AS", "post@byraet.example")
    await recipients.disclosed(site, [world.unit], "outside", "mail", time.now, party=party)
    number = await asking.ask(site, world.ola, Asked("erasure", words=RequestWords(text="I am done.")), time.now)
    given = Answer("A case is before the court.", ("hold",))
    await answering.answer(site, await request_of(site, number), "refused", given, world.dpo, time.now)
    (mail,) = await outbox(site, "request_answered")
    (enclosed,) = mail.enclosures
    assert enclosed.media_type == "application/pdf"
    text = read(enclosed.data)
    for said in (
        "Ola Sør", "Fjordlys AS", "I am done.", "A case is before the court.", "17", "Byrået AS", "Datatilsynet",
        "personvernombud@fjordlys.example", {"nb": "domstolene", "en": "court"}[lang],
    ):  # fmt: skip
        assert said in text, said
    assert pikepdf.open(io.BytesIO(enclosed.data)).Root.MarkInfo.Marked
    assert (await client.get(f"/desk/requests/{number}/answer.pdf")).content == enclosed.data
    await factories.sign_in(client, site, world.ola, "candidate")
    assert (await client.get(f"/my/requests/{number}/answer.pdf")).content == enclosed.data


async def test_l30_the_answer_to_a_complaint_always_names_datatilsynet(world: World, site: Site, time: Time) -> None:
    for kind, names in (("complaint", True), ("restriction", False)):
        number = await asking.ask(site, world.ola, Asked(kind), time.now)  # type: ignore[arg-type]
        await answering.answer(
            site, await request_of(site, number), "granted", Answer("You are right."), world.dpo, time.now
        )
        assert ("Datatilsynet" in read((await request_of(site, number)).words.letter)) is names


async def test_l24_third_parties_are_masked_until_each_place_is_released(
    world: World, site: Site, time: Time, client: Browser
) -> None:
    number = await asking.ask(site, world.ola, Asked("access"), time.now)
    case = f"/desk/requests/{number}"
    assert "2 places name other people" in (await client.get(case)).text
    page = (await client.get(f"{case}/release")).text
    assert "Berit Lund says" in page
    assert f"{rules.MASKED} says that he is never late." in page
    assert (await client.post(f"{case}/release", data={"released": ["screening:1"]})).status_code == 404
    released = await client.post(f"{case}/release", data={"released": [f"interview_note:{NOTE}"]})
    assert "1 released" in released.text
    await client.post(case, data={"answer": "grant", "words": ""})
    assert (await client.post(f"{case}/release", data={"released": []})).status_code == 409
    await factories.sign_in(client, site, world.ola, "candidate")
    answer = await client.post(f"/my/requests/{number}/copy", data={"format": "pdf"})
    text = read(answer.content)
    assert "Berit Lund says that he is never late." in text
    assert "berit@firma.example" not in text
    own = read((await client.post("/my/copy", data={"format": "pdf"})).content)
    assert "Berit" not in own


async def test_l24_the_link_lives_seven_days_and_is_nobody_elses(
    world: World, site: Site, time: Time, client: Browser
) -> None:
    number = await asking.ask(site, world.ola, Asked("access"), time.now)
    path = f"/my/requests/{number}/copy"
    await factories.sign_in(client, site, world.ola, "candidate")
    assert (await client.post(path, data={"format": "zip"})).status_code == 404  # not answered yet
    await answering.answer(site, await request_of(site, number), "granted", Answer(), world.dpo, time.now)
    (mail,) = await outbox(site, "request_answered")
    assert "9. mars 2026" in mail.text
    eva = await factories.application(site, time.now, await factories.vacancy(site, time.now), email="eva@example.org")
    await factories.sign_in(client, site, await factories.candidate_of(site, eva), "candidate")
    assert (await client.post(path, data={"format": "zip"})).status_code == 404
    for days, status in ((7, 200), (1, 404)):
        time.forward(days=days)
        await factories.sign_in(client, site, world.ola, "candidate")
        assert (await client.post(path, data={"format": "zip"})).status_code == status
    assert "The copy lay here until 9 Mar 2026" in (await client.get(f"/my/requests/{number}")).text


async def test_l25_portability_gives_json_resume_and_the_originals_and_no_notes(
    world: World, site: Site, time: Time, client: Browser
) -> None:
    await factories.document(site, time.now, world.unit, "cv.pdf", "application/pdf", b"%PDF-1.4 mine")
    number = await asking.ask(site, world.ola, Asked("portability", channel="email", recorded_by=world.dpo), time.now)
    await answering.answer(site, await request_of(site, number), "granted", Answer(), world.dpo, time.now)
    case = f"/desk/requests/{number}/copy"
    assert (await client.post(case, data={"format": "pdf"})).status_code == 404
    resume = json.loads((await client.post(case, data={"format": "resume"})).content)
    assert resume["basics"]["name"] == "Ola Sør"
    assert "never late" not in json.dumps(resume)
    with zipfile.ZipFile(io.BytesIO((await client.post(case, data={"format": "zip"})).content)) as archive:
        assert any(archive.read(name) == b"%PDF-1.4 mine" for name in archive.namelist())
        assert all(b"never late" not in archive.read(name) for name in archive.namelist())
        given = json.loads(archive.read("data.json"))
    assert list(given["applications"][0]) == ["vacancy", "submitted_at", "as_you_sent_it", "documents"]


async def test_the_letter_leaves_with_the_mail(world: World, site: Site, time: Time) -> None:
    from recruit import mail

    class Taker:
        def __init__(self) -> None:
            self.files: list[tuple[str | None, str]] = []

        async def send(self, message: object) -> None:
            for part in message.iter_attachments():  # type: ignore[attr-defined]
                self.files.append((part.get_filename(), part.get_content_type()))

    number = await asking.ask(site, world.ola, Asked("complaint"), time.now)
    await answering.answer(site, await request_of(site, number), "granted", Answer("Sorry."), world.dpo, time.now)
    taker = Taker()
    await mail.deliver(site, taker, time.now)
    assert taker.files == [("svar.pdf", "application/pdf")]
