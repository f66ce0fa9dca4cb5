"""The whole way of a form: typed experience, a CV file read in, saved and gone on with, looked over, sent once."""

import re
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from recruit.careers import admitting, cv_form, questions, service
from recruit.careers.cv_form import month_of, shown_month
from recruit.careers.rules import Answers
from recruit.curriculum import Education, Experience, LanguageSkill
from recruit.site import Site
from recruit.tables import ApplicationData, VacancyQuestion
from recruit.vault.sealing import unseal
from tests import factories
from tests.careers.conftest import Send, cv, more, pdf, png
from tests.careers.test_enquiries import letters
from tests.conftest import ORIGIN, Time

Browser = AsyncTestClient[Litestar]
SAMPLES = Path(__file__).parent / "samples"

TYPED = {
    "experience-0-title": "Utvikler", "experience-0-employer": "Fjell AS", "experience-0-began": "03.2019",
    "experience-0-text": "Bygget ting.", "experience-3-title": "Lærling", "experience-3-began": "2016",
    "experience-3-ended": "2/2019", "education-0-title": "Bachelor", "education-0-school": "NTNU",
    "languages-0-name": "norsk", "languages-0-level": "morsmål", "skills": "Python, SQL\nPython", "summary": "Kort.",
}  # fmt: skip


async def vacancy_with(site: Site, time: Time, typed_cv: bool = True, **asked: tuple[str, bool, str]) -> UUID:
    """A vacancy that lets experience be typed; `asked` are questions: kind, required, options."""
    vacancy = await factories.vacancy(site, time.now)
    await site.records.run_sql("UPDATE vacancy SET typed_cv = ? WHERE id = ?", typed_cv, vacancy)
    for place, (text, (kind, required, options)) in enumerate(asked.items()):
        await VacancyQuestion.insert(
            VacancyQuestion(id=uuid4(), vacancy=vacancy, place=place, kind=kind, required=required, text_nb=text,
                            text_en=text, options_nb=options, options_en=options)
        ).run()  # fmt: skip
    return vacancy


async def count(site: Site, table: str) -> int:
    return int((await site.records.run_sql(f"SELECT count(*) AS n FROM {table}"))[0]["n"])


async def the_application(site: Site) -> ApplicationData:
    (row,) = await site.records.run_sql("SELECT id, sealed FROM application")
    return unseal(await site.keyring.key(row["id"]), "application", row["id"], bytes(row["sealed"]), ApplicationData)


async def press_send(client: Browser, page: Any) -> Any:
    """From the look over to the confirmation, as a press does."""
    (action,) = re.findall(r'<form method="post" action="(/positions/[^"]+/send)">', page.text)
    fields = dict(re.findall(r'<input type="hidden" name="(form|notice)" value="([^"]*)">', page.text))
    return await client.post(action, data=fields)


# --- typed experience -------------------------------------------------------------------------------------------------


async def test_experience_stands_for_a_cv_where_the_vacancy_lets_it(
    site: Site, client: Browser, send: Send, time: Time
) -> None:
    page = await send(await vacancy_with(site, time), act="review", **TYPED)
    assert "Look over your application" in page.text
    for shown in ("Utvikler, Fjell AS", "03.2019", "Bygget ting.", "02.2019", "norsk (morsmål)", "Python, SQL"):
        assert shown in page.text
    done = await press_send(client, page)
    assert "We have received your application" in done.text
    data = await the_application(site)
    assert data.experience == [
        Experience(title="Utvikler", employer="Fjell AS", began="2019-03", text="Bygget ting."),
        Experience(title="Lærling", began="2016", ended="2019-02"),
    ]
    assert data.education == [Education(title="Bachelor", school="NTNU")]
    assert data.languages == [LanguageSkill(name="norsk", level="morsmål")]
    assert (data.skills, data.summary) == (["Python", "SQL"], "Kort.")


async def test_where_it_does_not_typed_experience_is_neither_asked_for_nor_kept(
    site: Site, client: Browser, send: Send, time: Time
) -> None:
    vacancy = await vacancy_with(site, time, typed_cv=False)
    assert "experience-0-title" not in (await client.get(f"/positions/{vacancy}/apply")).text
    answer = await send(vacancy, **TYPED)
    assert answer.status_code == 422
    assert "we need one of the two" in answer.text


async def test_one_more_entry_comes_with_a_press_and_nothing_typed_or_attached_is_lost(
    site: Site, send: Send, time: Time
) -> None:
    vacancy = await vacancy_with(site, time)
    page = await send(vacancy, more(png(), "attest.png"), act="more-experience", **TYPED, email="ase@")
    assert page.status_code == 200
    assert re.findall(r'name="experience-(\d)-title" type="text" class="w-l" value="([^"]*)"', page.text) == [
        ("0", "Utvikler"), ("1", "Lærling"), ("2", "")
    ]  # fmt: skip
    assert "attest.png" in page.text
    assert 'value="ase@"' in page.text
    assert 'class="error"' not in page.text, "nobody has asked to send it yet"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("experience-0-began", "i fjor", "Write month and year"),
        ("experience-0-began", "13.2019", "Write month and year"),
        ("experience-0-ended", "2018", "The end lies before the beginning."),
        ("experience-0-title", "", "Write what you worked as"),
        ("experience-0-employer", "x" * 201, "Shorten this to 200 characters."),
        ("experience-0-text", "x" * 2001, "Shorten this to 2,000 characters."),
        ("languages-0-name", "", "Write which language"),
        ("summary", "x" * 2001, "Shorten this to 2,000 characters."),
        ("skills", "\n".join(map(str, range(41))), "Name at most 40 skills"),
    ],
)
async def test_a_mistake_in_a_typed_cv_is_said_beside_its_field(
    site: Site, send: Send, time: Time, field: str, value: str, words: str
) -> None:
    answer = await send(await vacancy_with(site, time), act="review", **{**TYPED, field: value})
    assert answer.status_code == 422
    assert re.search(rf'id="f-{field}-error">.*?{re.escape(words)}', answer.text)
    assert f'<a href="#f-{field}">' in answer.text
    assert await count(site, "application") == 0


@pytest.mark.parametrize(
    ("text", "day"),
    [("03.2019", "2019-03"), ("3/2019", "2019-03"), ("2019-3", "2019-03"), ("2019", "2019"), (" 2019 ", "2019"),
     ("0.2019", ""), ("13.2019", ""), ("1899", ""), ("nå", ""), ("٠٣.٢٠١٩", ""), ("", "")],
)  # fmt: skip
def test_a_day_is_a_month_or_a_year_and_never_guessed(text: str, day: str) -> None:
    assert month_of(text) == day
    assert month_of(shown_month(day)) == day


# --- a CV file --------------------------------------------------------------------------------------------------------


def imported(name: str, data: bytes) -> Any:
    return ("import", (name, data, "application/octet-stream"))


@pytest.mark.parametrize("name", ["json-resume.json", "passport.xml", "candidate.xml"])
async def test_a_cv_file_fills_the_form_and_is_not_kept(site: Site, send: Send, time: Time, name: str) -> None:
    vacancy = await vacancy_with(site, time)
    file = imported(name, (SAMPLES / name).read_bytes())
    page = await send(vacancy, file, act="import", name="", email="", phone="900", letter="Min tekst")
    assert page.status_code == 200
    for shown in ("The CV file is read into the form", 'value="Åse Bjørnstad-Øye"', 'value="ase@example.org"',
                  'value="Fjell AS"', 'value="03.2019"', 'value="NTNU"', "Min tekst"):  # fmt: skip
        assert shown in page.text, shown
    assert 'value="900"' in page.text, "what was typed stays as it was typed"
    assert await count(site, "draft") == await count(site, "document") == 0
    assert await site.keyring.alive("draft") == set()


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"%PDF-1.7", "could not be read"), (b"{}", "neither JSON Resume nor Europass"),
     (b'{"basics": {"name": "' + b"x" * 1_100_000 + b'"}}', "larger than 1 MB"), (None, "Choose a CV file first.")],
)  # fmt: skip
async def test_a_cv_file_that_is_none_says_so_beside_its_field(
    site: Site, send: Send, time: Time, data: bytes | None, words: str
) -> None:
    files = [imported("cv.xml", data)] if data is not None else []
    page = await send(await vacancy_with(site, time), *files, act="import", letter="Min tekst")
    assert page.status_code == 422
    assert re.search(rf'id="f-import-error">.*?{words}', page.text)
    assert "Min tekst" in page.text


def test_what_stands_in_the_form_comes_before_what_the_file_brings() -> None:
    from recruit.careers.cv_formats import Cv

    mine, theirs = Experience(title="Min"), Experience(title="Filens")
    said = Answers(name="Ola", experience=(mine,), skills=("SQL",))
    done = cv_form.filled(said, Cv(name="Kari", email="k@example.org", experience=[theirs, mine], skills=["SQL", "C"]))
    assert (done.name, done.email) == ("Ola", "k@example.org")
    assert done.experience == (mine, theirs)
    assert done.skills == ("SQL", "C")


# --- saved, and gone on with ------------------------------------------------------------------------------------------


async def link_in_mail(site: Site) -> str:
    (letter,) = await letters(site, "draft_saved")
    (link,) = re.findall(rf"{ORIGIN}(/positions/begun/\S+)", letter.text)
    return str(link)


async def test_a_saved_form_is_gone_on_with_on_another_device(
    site: Site, client: Browser, send: Send, time: Time
) -> None:
    vacancy = await vacancy_with(site, time)
    page = await send(vacancy, cv(pdf(), "min-cv.pdf"), act="save", name="", **TYPED)
    assert "Your application is saved" in page.text
    assert "1 Apr 2026" in page.text
    (letter,) = await letters(site, "draft_saved")
    for typed in ("Utvikler", "min-cv.pdf", "Kort."):
        assert typed not in letter.text, "anybody can have named this address"
    link = await link_in_mail(site)
    client.cookies.clear()  # another device
    for _ in range(2):
        opened = await client.get(link)
        assert "min-cv.pdf" not in opened.text, "a mail scanner that opens the link sees and changes nothing"
        assert "set-cookie" not in opened.headers
    assert "min-cv.pdf" not in (await client.get(f"/positions/{vacancy}/apply")).text
    form = await client.post(link)
    for kept in ("Utvikler", "min-cv.pdf", 'value="03.2019"'):
        assert kept in form.text
    assert (await client.post(link)).status_code == 200, "until it is sent, as often as wanted"


async def test_the_link_dies_when_the_form_is_sent_or_thrown_away_or_erased(
    site: Site, client: Browser, send: Send, time: Time
) -> None:
    vacancy = await vacancy_with(site, time)
    await send(vacancy, act="save", letter="Hei")
    link = await link_in_mail(site)
    await send(vacancy, letter="Hei")
    assert await count(site, "application") == 1
    for answer in (await client.get(link), await client.post(link), await client.get("/positions/begun/xyz")):
        assert answer.status_code == 410
        assert "leads nowhere any more" in answer.text


async def test_saving_needs_an_address_and_keeps_everything_else_as_it_is(site: Site, send: Send, time: Time) -> None:
    page = await send(await vacancy_with(site, time), act="save", email="ase@", letter="Hei", phone="x")
    assert page.status_code == 422
    assert re.findall(r'id="f-(\w+)-error"', page.text) == ["email"]
    assert "Hei" in page.text
    assert await letters(site, "draft_saved") == []


async def test_nobody_floods_a_mailbox_by_saving(site: Site, send: Send, time: Time) -> None:
    vacancy, codes = await vacancy_with(site, time), []
    for _ in range(6):
        codes.append((await send(vacancy, act="save", token=service.new_token(), letter="Hei")).status_code)
        time.forward(minutes=1)
    assert codes == [200] * 5 + [429]


# --- looked over, and sent once ---------------------------------------------------------------------------------------


async def test_nothing_is_sent_before_it_was_looked_over(site: Site, client: Browser, send: Send, time: Time) -> None:
    vacancy = await vacancy_with(site, time)
    page = await send(vacancy, cv(pdf(), "min.pdf"), act="review", consent="yes", letter="Kjære dere")
    assert str(page.url).endswith("/review")
    for shown in ("Kjære dere", "min.pdf", "ase@example.org", f"/positions/{vacancy}/apply#f-letter"):
        assert shown in page.text
    assert (await count(site, "application"), await count(site, "draft")) == (0, 1)
    again = await client.get(f"/positions/{vacancy}/apply")
    assert "Kjære dere" in again.text
    assert 'value="yes" checked' in re.sub(r"\s+", " ", again.text)
    done = await press_send(client, page)
    assert "We have received your application" in done.text
    assert (await count(site, "application"), await count(site, "consent"), await count(site, "draft")) == (1, 1, 0)


async def test_a_double_press_and_a_lost_line_lead_to_the_same_confirmation(
    site: Site, client: Browser, send: Send, time: Time
) -> None:
    vacancy = await vacancy_with(site, time)
    page = await send(vacancy, act="review", letter="Hei")
    answers = [await press_send(client, page) for _ in range(3)]
    answers.append(await client.get(f"/positions/{vacancy}/review"))
    assert {str(answer.url) for answer in answers} == {f"{ORIGIN}/positions/{vacancy}/applied"}
    assert [await count(site, table) for table in ("application", "mail")] == [1, 1]


async def test_a_vacancy_that_closed_meanwhile_says_so_and_keeps_the_draft(
    site: Site, client: Browser, send: Send, time: Time
) -> None:
    vacancy = await vacancy_with(site, time)
    page = await send(vacancy, act="review", letter="Hei")
    await site.records.run_sql("UPDATE vacancy SET state = 'closed' WHERE id = ?", vacancy)
    for answer in (await press_send(client, page), await client.get(f"/positions/{vacancy}/review")):
        assert answer.status_code == 410
        assert "no longer takes applications" in answer.text
    assert (await count(site, "application"), await count(site, "draft")) == (0, 1)


async def test_sending_what_is_no_longer_there_leads_back_to_the_form(
    site: Site, client: Browser, send: Send, time: Time
) -> None:
    vacancy = await vacancy_with(site, time)
    for token in ("", "x", service.new_token()):
        answer = await client.post(f"/positions/{vacancy}/send", data={"form": token})
        assert "There was nothing to send." in answer.text
        assert str(answer.url).endswith("/apply")
    assert str((await client.get(f"/positions/{vacancy}/review")).url).endswith("/apply")


@pytest.mark.parametrize("when", ["before", "while"])
async def test_a_full_disk_gives_the_form_back_with_all_that_was_typed(
    site: Site, send: Send, time: Time, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    vacancy = await vacancy_with(site, time)
    with monkeypatch.context() as full:
        if when == "before":
            full.setattr(admitting, "ROOM_LEFT", 10**18)
        else:
            full.setattr(service, "_claim", _full)
        page = await send(vacancy, cv(pdf()), act="review", letter="Kjære dere", **TYPED)
    assert page.status_code == 503
    assert "There is no room for new documents just now" in page.text
    for typed in ("Kjære dere", "Utvikler", "ase@example.org"):
        assert typed in page.text
    assert await site.documents.paths("units") == []
    done = await send(vacancy, cv(pdf()), letter="Kjære dere")
    assert "We have received your application" in done.text
    assert await count(site, "document") == 1


async def _full(*_: Any) -> None:
    raise OSError(28, "No space left on device")


async def test_the_receipt_says_by_mail_what_is_stored_and_repeats_nothing(
    site: Site, client: Browser, send: Send, time: Time
) -> None:
    client.headers["accept-language"] = "en"
    await send(await vacancy_with(site, time), cv(pdf(), "hemmelig.pdf"), letter="Hei der", consent="yes", **TYPED)
    (letter,) = await letters(site, "applied")
    for line in ("Name, e-mail address and phone", "A letter of 7 characters", "CV: 1 kB", "3 entries of experience",
                 "Your consent to be considered later: Yes", "2 Mar 2026, 10:00", "12 months"):  # fmt: skip
        assert line in letter.text, line
    for typed in ("hemmelig", "Utvikler", "Hei der"):
        assert typed not in letter.text


# --- the vacancy's own questions --------------------------------------------------------------------------------------


async def test_a_vacancys_own_questions_are_asked_judged_and_sealed_with_the_application(
    site: Site, client: Browser, send: Send, time: Time
) -> None:
    vacancy = await vacancy_with(
        site, time, Hvorfor=("long", True, ""), Skift=("choice", True, "Dag\nNatt"), Kort=("short", False, ""),
        Attest=("file", True, "")
    )  # fmt: skip
    asked = {q.text: q for q in await questions.of_vacancy(site, vacancy, "nb")}
    page = (await client.get(f"/positions/{vacancy}/apply")).text
    assert all(f'name="{question.field}"' in page for question in asked.values())
    refused = await send(vacancy, act="review", letter="Hei", **{asked["Skift"].field: "Kveld"})
    assert refused.status_code == 422
    for text, words in (("Hvorfor", "Answer this"), ("Skift", "Choose one"), ("Attest", "Attach a file")):
        assert re.search(rf'id="f-{asked[text].field}-error">.*?{words}', refused.text), text
    assert f"{asked['Kort'].field}-error" not in refused.text
    said = {asked["Hvorfor"].field: "Fordi.\nJa.", asked["Skift"].field: "Natt", "question-" + str(UUID(int=5)): "x"}
    file = (asked["Attest"].field, ("attest.pdf", pdf(), "application/pdf"))
    stray = (f"question-{UUID(int=5)}", ("fremmed.pdf", pdf("to"), "application/pdf"))
    over = await send(vacancy, file, stray, act="review", letter="Hei", **said)
    for shown in ("Fordi.", "Natt", "attest.pdf"):
        assert shown in over.text
    done = await press_send(client, over)
    assert "attest.pdf" in done.text
    data = await the_application(site)
    assert [(a.question, a.asked, a.text) for a in data.answers] == [
        (asked["Hvorfor"].id, "Hvorfor", "Fordi.\nJa."),
        (asked["Skift"].id, "Skift", "Natt"),
    ]
    assert [row["kind"] for row in await site.records.run_sql("SELECT kind FROM document")] == ["answer"]
    assert len(await site.documents.paths("units")) == 1, "a file that no question asks for is not kept"


# --- applying again ---------------------------------------------------------------------------------------------------


async def test_a_signed_in_candidate_uses_again_what_they_choose_sealed_under_the_new_key(
    site: Site, client: Browser, send: Send, time: Time
) -> None:
    first, second, mine = await vacancy_with(site, time), await vacancy_with(site, time), pdf("en")
    await send(first, cv(mine, "min-cv.pdf"), more(png(), "attest.png"), letter="Hei", **TYPED)
    (earlier,) = await site.records.run_sql("SELECT id, candidate FROM application")
    page = (await client.get(f"/positions/{second}/apply")).text
    assert "min-cv.pdf" not in page, "nobody is signed in"
    await factories.sign_in(client, site, earlier["candidate"], "candidate")
    page = (await client.get(f"/positions/{second}/apply")).text
    assert 'value="ase@example.org"' in page
    choices = dict(re.findall(r'name="reuse" value="([^"]+)".*?<label[^>]*>([^<]+)<', page, re.DOTALL))
    assert sorted(choices.values()) == ["attest.png", "min-cv.pdf"]
    (chosen,) = [number for number, name in choices.items() if name == "min-cv.pdf"]
    over = await send(second, act="review", reuse=chosen, reuse_cv="1")
    for shown in ("min-cv.pdf", "Utvikler"):
        assert shown in over.text
    assert "attest.png" not in over.text
    await press_send(client, over)
    (later,) = await site.records.run_sql("SELECT id FROM application WHERE vacancy = ?", second)
    (copy,) = await site.records.run_sql("SELECT id FROM document WHERE unit = ?", later["id"])
    assert str(copy["id"]) != chosen
    assert await site.documents.whole(await site.keyring.key(later["id"]), copy["id"]) == mine
    assert await count(site, "candidate") == 1


async def test_nobody_takes_what_is_somebody_elses(site: Site, client: Browser, send: Send, time: Time) -> None:
    first, second = await vacancy_with(site, time), await vacancy_with(site, time)
    await send(first, cv(pdf("en"), "hemmelig.pdf"), letter="Hei", **TYPED)
    (document,) = await site.records.run_sql("SELECT id FROM document")
    other = await factories.application(site, time.now, first, email="kari@example.org")
    for person in (None, await factories.candidate_of(site, other)):
        if person:
            await factories.sign_in(client, site, person, "candidate")
        page = await send(second, act="review", token=service.new_token(), letter="Hei", reuse=str(document["id"]),
                          reuse_cv="1")  # fmt: skip
        assert "hemmelig.pdf" not in page.text
        assert "Utvikler" not in page.text
    assert await count(site, "document") == 1
