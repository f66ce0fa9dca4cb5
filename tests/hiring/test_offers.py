"""Claims about offers: values, the letter that was looked at, and where it is found again (L9)."""

import io
from datetime import date
from typing import Any

import pypdfium2
import pytest

from recruit.errors import FormInvalid
from recruit.hiring import terms
from recruit.i18n import translator
from recruit.rights import export
from recruit.site import Site
from recruit.tables import Screened, Terms
from recruit.vault.sealing import unseal
from tests import factories
from tests.conftest import Time
from tests.hiring.helping import Client, house, letters, rows

TODAY = date(2026, 3, 2)
OFFER = {
    "position": "Systemutvikler",
    "salary": "715 000",
    "per": "year",
    "extent": "100",
    "starts_on": "2026-05-04",
    "trial_months": "6",
    "reply_by": "2026-03-16",
    "words": "Pensjon kommer i tillegg.",
}


def test_an_offer_is_made_of_values() -> None:
    found = terms.offer(OFFER, TODAY)
    assert found.terms == Terms(
        position="Systemutvikler", salary=715_000, extent=100, starts_on=date(2026, 5, 4), trial_months=6,
        reply_by=date(2026, 3, 16),
    )  # fmt: skip
    said = dict(terms.lines(found.terms, translator("nb")))
    assert said["Lønn"] == "715\N{NO-BREAK SPACE}000 kroner per år"
    assert said["Prøvetid"] == "6 måneder"
    assert said["Første arbeidsdag"] == "4. mai 2026"
    assert terms.form_of(found.terms)["starts_on"] == "2026-05-04"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("position", ""), ("salary", ""), ("salary", "mye"), ("salary", "-1"), ("salary", "9" * 30), ("extent", "0"),
        ("extent", "101"), ("starts_on", ""), ("starts_on", "i mai"), ("trial_months", "7"), ("notice_months", "13"),
        ("reply_by", ""), ("reply_by", "2026-03-01"), ("words", "x" * 4001), ("words_why", "Hun har migrene."),
    ],
)  # fmt: skip
def test_what_is_no_value_is_said_beside_its_field(name: str, value: str) -> None:
    form = OFFER | ({"words": value} if name == "words_why" else {name: value})
    with pytest.raises(FormInvalid) as refused:
        terms.offer(form, TODAY)
    assert list(refused.value.errors) == [name]


def test_expectations_need_one_thing() -> None:
    for form in ({}, {"per": "hour"}, {"salary": "mye"}):
        with pytest.raises(FormInvalid):
            terms.expectations(form)
    assert terms.expectations({"notice_months": "3"}).terms == Terms(notice_months=3)


def _words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in document)


async def test_an_offer_is_looked_at_sent_as_a_letter_and_kept(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now, stage="interview")
    page = f"/applications/{at.application}/offer"
    await factories.sign_in(client, site, at.people["hiring_manager"])
    early = await client.post(page, data=OFFER | {"act": "look"})
    assert early.status_code == 200, "a look collects nothing"
    mark = early.text.split('name="mark" value="')[1].split('"')[0]
    refused = await client.post(page, data=OFFER | {"act": "send", "mark": mark})
    assert (refused.status_code, await rows(site, "screening")) == (409, [])
    assert "Mark as finalist" in refused.text
    assert "Pensjon kommer i tillegg." in refused.text, "what was typed is not lost"

    await client.post(f"/applications/{at.application}/move", data={"stage": "offer"})
    faulty = await client.post(page, data=OFFER | {"act": "look", "salary": "mye"})
    assert (faulty.status_code, "whole number of kroner" in faulty.text) == (422, True)
    looked = await client.post(page, data=OFFER | {"act": "look"})
    assert "715\N{NO-BREAK SPACE}000 kroner per år" in looked.text, "in the candidate's language, not in mine"
    other = await client.post(page, data=OFFER | {"act": "send", "mark": mark, "salary": "1"})
    assert (other.status_code, await letters(site, "offer")) == (409, []), "only what was looked at is sent"
    preview = await client.post(page, data=OFFER | {"act": "pdf"})
    assert preview.headers["content-type"] == "application/pdf"
    sent = await client.post(page, data=OFFER | {"act": "send", "mark": mark})
    assert "715" in sent.text

    (mail,) = await letters(site, "offer")
    (enclosed,) = mail.enclosures
    assert (mail.to, enclosed.name, enclosed.media_type) == ("ola@example.org", "tilbud.pdf", "application/pdf")
    said = _words(enclosed.data)
    for words in ("Ola Sør", "Systemutvikler", "715 000 kroner per år", "4. mai 2026", "16. mars 2026", "Pensjon"):
        assert words in said.replace("\N{NO-BREAK SPACE}", " ")
    (row,) = await rows(site, "screening")
    kept = unseal(await site.keyring.key(at.application), "screening", row["id"], bytes(row["sealed"]), Screened)
    assert kept.letter == enclosed.data
    assert b"%PDF" not in bytes(row["sealed"])
    again = await client.get(page)
    assert 'value="715000"' in again.text, "the next offer begins with the last"
    await _found_again(site, client, time, at, row["id"], enclosed.data)


async def _found_again(site: Site, client: Client, time: Time, at: Any, offer: Any, letter: bytes) -> None:
    """By colleagues who decide, as a disclosure; and by the candidate, who has its words in the copy."""
    before = len(await rows(site, "disclosure"))
    assert (await client.get(f"/offers/{offer}/letter.pdf")).content == letter
    assert len(await rows(site, "disclosure", recipient="staff_download")) == before + 1
    await factories.sign_in(client, site, at.people["foreign_manager"])
    assert (await client.get(f"/offers/{offer}/letter.pdf")).status_code == 404
    candidate = await factories.candidate_of(site, at.application)
    await factories.sign_in(client, site, candidate, "candidate")
    page = (await client.get(f"/my/applications/{at.application}")).text
    assert f"/my/offers/{offer}" in page
    assert (await client.get(f"/my/offers/{offer}")).content == letter
    copy = await export.everything(site, candidate, time.now, translator("en"))
    (found,) = copy["applications"][0]["screening"]
    assert (found["terms"].salary, found["text"]) == (715_000, "Pensjon kommer i tillegg.")
    paper = _words(await export.paper_of(site, candidate, time.now, translator("en")))
    assert "Salary in kroner" in paper
    stranger = await factories.application(site, time.now, at.vacancy, email="eva@example.org")
    await factories.sign_in(client, site, await factories.candidate_of(site, stranger), "candidate")
    assert (await client.get(f"/my/offers/{offer}")).status_code == 404


async def test_an_offer_without_an_address_is_kept_to_be_printed(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now, stage="offer", finalist=True, language="en")
    candidate = await factories.candidate_of(site, at.application)
    from recruit.tables import Person
    from recruit.vault.sealing import seal

    sealed = seal(await site.keyring.key(candidate), "candidate", candidate, Person(name="Ola Sør", email=""))
    await site.records.run_sql("UPDATE candidate SET sealed = ? WHERE id = ?", sealed, candidate)
    await factories.sign_in(client, site, at.people["recruiter"])
    looked = await client.post(f"/applications/{at.application}/offer", data=OFFER | {"act": "look"})
    assert "print the letter" in looked.text
    assert "Dear Ola Sør" in looked.text
    mark = looked.text.split('name="mark" value="')[1].split('"')[0]
    sent = await client.post(f"/applications/{at.application}/offer", data=OFFER | {"act": "send", "mark": mark})
    assert "print the letter" in sent.text
    assert (await letters(site, "offer"), len(await rows(site, "screening"))) == ([], 1)
