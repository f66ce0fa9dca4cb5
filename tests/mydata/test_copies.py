"""Copies to take along: a PDF that leaves out nothing, and what was provided in a form that others read (L24, L25)."""

import io
import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
import pikepdf
import pytest

from recruit.careers import cv_formats
from recruit.curriculum import Education, Experience, LanguageSkill
from recruit.i18n import translator
from recruit.rights import export, reading, words
from recruit.site import Site
from recruit.tables import ApplicationData, Candidate, Person
from recruit.templating import environment
from recruit.vault.sealing import seal
from tests import factories
from tests.conftest import Time
from tests.rights.people import Browser
from tests.test_data_map import known_in_full

TYPED = ApplicationData(
    name="Ola Sør",
    email="ola@example.org",
    letter="canary-letter",
    summary="Bygger ting.",
    experience=[Experience(title="Utvikler", employer="Fjell AS", began="2019-03", text="Drift")],
    education=[Education(title="Bachelor", school="NTNU", began="2013", ended="2016-06", text="Statistikk")],
    languages=[LanguageSkill(name="norsk", level="C2")],
    skills=["Python", "SQL"],
)


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of the copy with the key that it stands under."""
    plain = msgspec.structs.asdict(value) if isinstance(value, msgspec.Struct) else value
    if isinstance(plain, dict):
        for name, inner in plain.items():
            yield from leaves(inner, name)
    elif isinstance(plain, list):
        for inner in plain:
            yield from leaves(inner, key)
    else:
        yield key, plain


@pytest.mark.parametrize("lang", ["nb", "en"])
async def test_the_paper_says_everything_that_the_json_holds(site: Site, time: Time, lang: Any) -> None:
    data, tr = (
        await export.everything(site, await known_in_full(site, time), time.now, translator(lang)),
        translator(lang),
    )
    blocks = reading.made_for_reading(data, tr)
    given = {"lang": lang, "_": tr, "employer": data["employer"], "made_at": time.now, "title": "x", "blocks": blocks}
    page = environment().get_template("paper/copy.html").render(**given)
    assert "canary application letter" in page
    for key, value in leaves({name: part for name, part in data.items() if name not in ("employer", "made_at")}):
        shown = reading.said(key, value, tr)
        assert shown.split("\n")[0] in page.replace("&#39;", "'").replace("&amp;", "&"), (key, shown)


async def test_every_key_of_the_copy_has_words(site: Site, time: Time) -> None:
    data = await export.everything(site, await known_in_full(site, time), time.now, translator("en"))

    def keys(value: Any) -> Iterator[str]:
        plain = msgspec.structs.asdict(value) if isinstance(value, msgspec.Struct) else value
        for inner in plain.values() if isinstance(plain, dict) else plain if isinstance(plain, list) else ():
            yield from keys(inner)
        yield from plain if isinstance(plain, dict) else ()

    assert {key for key in keys({**data, "employer": None}) if key not in words.COPY} == set()


def test_values_are_said_in_words() -> None:
    tr = translator("nb")
    said = [
        reading.said("x", value, tr)
        for value in (True, None, date(2026, 11, 22), datetime(2026, 1, 1, 9, 0).astimezone())
    ]
    assert said[:3] == ["Ja", "Ingen", "22. nov. 2026"]
    assert said[3].startswith("1. jan. 2026 kl. ")
    assert reading.said("stage", "finalist", tr) == "Finalist"


# --- over the page ----------------------------------------------------------------------------------------------------


@pytest.fixture
async def ola(site: Site, time: Time, client: Browser) -> UUID:
    unit = await factories.application(site, time.now, await factories.vacancy(site, time.now))
    person = await factories.candidate_of(site, unit)
    key = await site.keyring.key(unit)
    await site.records.run_sql(
        "UPDATE application SET sealed = ? WHERE id = ?", seal(key, "application", unit, TYPED), unit
    )
    await factories.sign_in(client, site, person, "candidate")
    return person


async def test_the_pdf_is_tagged_and_speaks_the_readers_language(client: Browser, ola: UUID) -> None:
    answer = await client.post("/my/copy", data={"format": "pdf"}, headers={"accept-language": "nb"})
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="my-data-2026-03-02.pdf"'
    assert answer.headers["cache-control"] == "no-store"
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "nb"
        assert str(pdf.docinfo["/Title"]) == "Opplysningene dine"


async def test_the_resume_holds_what_was_provided_and_can_be_read_back(client: Browser, ola: UUID) -> None:
    answer = await client.post("/my/copy", data={"format": "resume"})
    assert answer.headers["content-type"].startswith("application/json")
    resume = json.loads(answer.content)
    assert resume["basics"] == {
        "name": "Ola Sør", "email": "ola@example.org", "phone": "900 00 000", "summary": "Bygger ting.",
    }  # fmt: skip
    assert resume["work"] == [{"name": "Fjell AS", "position": "Utvikler", "startDate": "2019-03", "summary": "Drift"}]
    assert "letter" not in answer.text
    back = cv_formats.read(answer.content)
    assert (back.experience, back.languages, back.skills) == (TYPED.experience, TYPED.languages, TYPED.skills)


async def test_each_copy_is_a_row_in_the_recipients_ledger(client: Browser, ola: UUID, site: Site) -> None:
    for wanted in ("pdf", "zip", "resume"):
        await client.post("/my/copy", data={"format": wanted})
    rows = await site.records.run_sql("SELECT DISTINCT id FROM disclosure WHERE unit = ?", ola)
    assert len(rows) == 3


async def test_copies_have_an_end_and_only_three_forms(client: Browser, ola: UUID) -> None:
    assert (await client.post("/my/copy", data={"format": "exe"})).status_code == 404
    statuses = [(await client.post("/my/copy", data={"format": "resume"})).status_code for _ in range(21)]
    assert statuses == 20 * [200] + [429]


async def test_what_people_wrote_cannot_become_part_of_the_paper(
    client: Browser, ola: UUID, site: Site, time: Time
) -> None:
    key = await site.keyring.key(ola)
    for name in ("<img src='file:///etc/passwd'>", "{{ 7 * 7 }}", "\u202eolA 🙂 שלום", "=1+1", "x" * 200):
        sealed = seal(key, "candidate", ola, Person(name=name, email="ola@example.org"))
        await Candidate.update({Candidate.sealed: sealed}).where(Candidate.id == ola).run()
        answer = await client.post("/my/copy", data={"format": "pdf"})
        assert answer.status_code == 200
        assert answer.content.startswith(b"%PDF")
