"""Claims about the page: reproducible, archival, tagged, readable, and drawn without reading anything else."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from recruit import paper
from recruit.i18n import LANGUAGES, Language
from recruit.receipts import pdf
from recruit.receipts.facts import (
    Erased,
    FactsInvalid,
    Kept,
    Reason,
    Recipients,
    decode,
    encode,
)
from recruit.receipts.words import ERASED, KEPT, RECIPIENTS
from tests.receipts.making import UNITS, Chain, employer, facts

HERE = Path(__file__).parent


def text_of(raw: bytes) -> str:
    document = pypdfium2.PdfDocument(raw)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


@pytest.fixture(scope="module", params=LANGUAGES)
def drawn(request: pytest.FixtureRequest) -> bytes:
    return pdf.render(facts(request.param))


def test_the_same_facts_give_the_same_file() -> None:
    first = pdf.render(facts())
    paper.style.cache_clear()
    assert pdf.render(facts()) == first


def test_other_facts_give_another_file() -> None:
    assert pdf.render(facts()) != pdf.render(facts(number="2026-000124"))


def test_it_is_an_archival_file_that_may_carry_files(drawn: bytes) -> None:
    with pikepdf.open(BytesIO(drawn)) as document:
        metadata = document.open_metadata()
        assert drawn.startswith(b"%PDF-2.0")
        assert metadata["pdfaid:part"] == "4"
        assert metadata["pdfaid:conformance"] == "F"
        assert metadata["pdfaid:rev"] == "2020"
        (intent,) = document.Root.OutputIntents
        assert intent.S == "/GTS_PDFA1"
        assert len(intent.DestOutputProfile.read_bytes()) > 1000
        assert "/Info" not in document.trailer
        assert "/Encrypt" not in document.trailer


def test_every_font_is_embedded_and_maps_to_text(drawn: bytes) -> None:
    with pikepdf.open(BytesIO(drawn)) as document:
        fonts = [o for o in document.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/Font"]
        outer = [font for font in fonts if font.Subtype == "/Type0"]
        assert outer
        assert all("/ToUnicode" in font for font in outer)
        described = [font.DescendantFonts[0] for font in outer]
        assert all("Source" in str(font.BaseFont) for font in described)
        assert all({"/FontFile2", "/FontFile3"} & set(font.FontDescriptor.keys()) for font in described)


def test_nothing_in_it_acts_or_points_outside(drawn: bytes) -> None:
    with pikepdf.open(BytesIO(drawn)) as document:
        keys = {key for o in document.objects if isinstance(o, pikepdf.Dictionary) for key in o.keys()}  # noqa: SIM118
    assert not keys & {"/JS", "/JavaScript", "/AA", "/OpenAction", "/URI", "/Launch", "/GoToR", "/RichMedia"}


def test_it_is_tagged_and_names_its_language_and_title() -> None:
    for language in LANGUAGES:
        with pikepdf.open(BytesIO(pdf.render(facts(language)))) as document:
            assert document.Root.Lang == language
            assert document.Root.MarkInfo.Marked is True
            assert document.Root.ViewerPreferences.DisplayDocTitle is True
            title = document.open_metadata()["dc:title"]
            assert (
                title
                == {"nb": "Kvittering 2026-000123 for sletting", "en": "Receipt 2026-000123 for an erasure"}[language]
            )
            assert document.Root.StructTreeRoot.K
            kinds = [
                str(o.S) for o in document.objects if isinstance(o, pikepdf.Dictionary) and "/S" in o and "/P" in o
            ]
            assert {"/H1", "/H2", "/Table", "/TH", "/L", "/Figure"} <= set(kinds)
            figures = [o for o in document.objects if isinstance(o, pikepdf.Dictionary) and o.get("/S") == "/Figure"]
            assert all(str(figure.Alt) for figure in figures)


def test_the_facts_travel_inside_as_data() -> None:
    with pikepdf.open(BytesIO(pdf.render(facts()))) as document:
        assert list(document.attachments) == ["facts.json"]
        (spec,) = {str(o.F): o for o in document.Root.AF}.values()
        assert spec.AFRelationship == "/Data"
        raw = document.attachments["facts.json"].get_file().read_bytes()
    assert raw == encode(facts())
    assert decode(raw) == facts()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_this_edition_are_frozen(language: Language) -> None:
    """Receipts that were issued are compared with these words. To change them: a new edition, beside this one."""
    golden = HERE / f"edition-1.{language}.txt"
    lines = [line.strip() for line in text_of(pdf.render(facts(language))).splitlines()]
    assert "\n".join(lines) + "\n" == golden.read_text("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_what_a_receipt_must_say(language: Language) -> None:
    text = " ".join(text_of(pdf.render(facts(language))).split())
    stated = facts(language)
    for said in (stated.number, stated.employer.name, str(UNITS[0]), str(UNITS[1]), "L4", stated.because[0].words[:40]):
        assert said in text
    for said in (stated.entry.hash, stated.previous, stated.head.hash, str(stated.purge_id), "www.datatilsynet.no"):
        assert said in text
    assert stated.employer.privacy_contact in text


def test_a_usual_receipt_fills_one_page_and_the_fullest_two() -> None:
    assert len(pypdfium2.PdfDocument(pdf.render(facts()))) == 1
    full: dict[str, Any] = {
        "erased": tuple(Erased(category=key, count=10) for key in ERASED),
        "kept": tuple(Kept(what=key, count=3) for key in KEPT),
        "recipients": tuple(Recipients(category=key, count=2) for key in RECIPIENTS),
        "subject_ids": UNITS * 3,
    }
    assert len(pypdfium2.PdfDocument(pdf.render(facts(**full)))) == 2


def test_a_receipt_without_an_appointed_dpo_does_not_name_one() -> None:
    text = text_of(pdf.render(facts("en", employer=employer(dpo_appointed=False))))
    assert "privacy contact" in text
    assert "data protection officer" not in text


def test_a_strict_receipt_says_that_older_archives_are_unreadable() -> None:
    assert "became unreadable" in " ".join(text_of(pdf.render(facts("en", mode="strict"))).split())


def test_the_employers_name_is_text_and_never_markup() -> None:
    sly = employer(name='<img src="file:///etc/passwd"> & Sønner AS')
    assert '<img src="file:///etc/passwd">' in " ".join(text_of(pdf.render(facts(employer=sly))).split())


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/x.png", "https://example.org/x.png", "file:///etc/hostname", "ftp://x/y"]
)
def test_only_data_addresses_are_followed(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        pdf, "page", lambda stated: f'<html lang="nb"><body><img src="{address}" alt="x"></body></html>'
    )
    with pytest.raises(paper.AddressRefused):
        pdf.draw(facts())


def test_a_local_address_in_the_styles_stops_the_drawing() -> None:
    from weasyprint import CSS
    from weasyprint.urls import FatalURLFetchingError

    with pytest.raises(FatalURLFetchingError):
        CSS(string="@import url(file:///etc/hostname);", url_fetcher=paper.style(paper.PAPER).fetcher)


def test_a_sentence_that_is_not_the_programs_own_makes_no_receipt() -> None:
    said = "Kanarifugl wrote this"
    with pytest.raises(FactsInvalid):
        pdf.render(facts(because=(Reason(rule="L4", sentence=said, words=said),)))


def test_words_that_do_not_belong_to_their_sentence_make_no_receipt() -> None:
    told = facts().because[0]
    with pytest.raises(FactsInvalid):
        pdf.render(facts(because=(Reason(rule="L4", sentence=told.sentence, dates=told.dates, words="Kanarifugl"),)))


def test_an_unknown_edition_is_not_drawn() -> None:
    with pytest.raises(FactsInvalid):
        pdf.draw(facts(edition=999))


def test_letters_beyond_latin_1_are_in_the_font() -> None:
    raw = pdf.render(facts(employer=employer(name="Šiŋđŧa Kárášjohka AS")))
    assert "Šiŋđŧa Kárášjohka AS" in text_of(raw)
    with pikepdf.open(BytesIO(raw)) as document:
        named = {str(o.FontName) for o in document.objects if isinstance(o, pikepdf.Dictionary) and "/FontName" in o}
    assert len(named) == 4  # never two files in one: the page would show the letters of the wrong one


def test_drawing_does_not_depend_on_the_ledger_that_follows() -> None:
    assert pdf.render(facts(chain=Chain(after=1))) == pdf.render(facts(chain=Chain(after=9)))
