"""Claims about hints to candidates: seen in words and papers before they are sent, in nobody's way, kept nowhere."""

import asyncio
import io
from typing import Any

import pytest

from recruit.careers import hints
from recruit.documents import confined
from recruit.site import Site
from tests import factories
from tests.browsing import Client
from tests.careers.conftest import Send, cv, more, pdf, png
from tests.conftest import Time
from tests.documents.test_kinds import SAMPLES
from tests.hiring.test_tripwire import MADE_UP

HINT = "Did you mean to send this?"


def paper(text: str) -> bytes:
    """A PDF of one page with these words."""
    from pikepdf import Dictionary, Name, Pdf, Stream

    out, document = io.BytesIO(), Pdf.new()
    page = document.add_blank_page().obj
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    page.Resources = Dictionary(Font=Dictionary(F1=font))
    page.Contents = Stream(document, f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET".encode("latin-1"))
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize("sample", ["pandoc.docx", "libreoffice.odt", "libreoffice.pdf", "chromium.png"])
async def test_a_papers_text_is_read_without_a_page_being_drawn(sample: str) -> None:
    data = (SAMPLES / sample).read_bytes()
    kind = confined.kinds.media_type_of(data)
    drawn = {word for page in (await confined.render(data, kind)).pages for word in page.text.split()}
    read = set((await confined.read(data, kind)).split())
    assert len(drawn & read) >= 0.8 * len(drawn), drawn - read
    assert "<" not in "".join(read)


async def test_a_candidate_is_told_before_sending_and_is_free_to_go_on(
    site: Site, client: Client, send: Send, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    vacancy = await factories.vacancy(site, time.now)
    papers = cv(paper(f"Fodselsnummer {MADE_UP}"), "min.pdf"), more(paper("Jeg bygger broer"), "ren.pdf")
    said = {"letter": "Jeg var sykmeldt i fjor.", "consent": "no"}
    page = await send(vacancy, *papers, more(png(), "bilde.png"), act="review", **said)
    shown = page.text
    assert HINT in shown and "min.pdf seems to say something about a national identity number." in shown
    assert "What you typed seems to say something about health." in shown
    assert "ren.pdf seems" not in shown and "bilde.png seems" not in shown
    assert MADE_UP not in shown, "the number is not echoed"
    kept = [str(row) for table in ("audit_entry", "attempts", "draft") for row in await _rows(site, table)]
    assert not any("identity" in row or "health" in row for row in kept)

    async def slow(data: bytes, media_type: str) -> str:
        await asyncio.sleep(5)
        return MADE_UP

    async def broken(data: bytes, media_type: str) -> str:
        raise confined.kinds.NotReadable

    for reader in (slow, broken):
        with monkeypatch.context() as patch:
            patch.setattr(hints, "_PATIENCE", 0.1)
            patch.setattr(hints.confined, "read", reader)
            again = await client.get(f"/positions/{vacancy}/review")
        assert again.status_code == 200 and "min.pdf seems" not in again.text
    monkeypatch.setattr(hints, "_LOOKS", 3)
    again = await client.get(f"/positions/{vacancy}/review")
    assert again.status_code == 200 and "min.pdf seems" not in again.text, "whoever asks on gets no hint, and the page"
    token = shown.split('name="form" value="')[1].split('"')[0]
    sent = await client.post(f"/positions/{vacancy}/send", data={"form": token})
    assert str(sent.url).endswith("/applied")
    assert len(await _rows(site, "application")) == 1


async def test_a_paper_that_is_added_later_gets_its_hint_too(site: Site, client: Client, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    unit = await factories.application(site, time.now, vacancy)
    me, page = await factories.candidate_of(site, unit), f"/my/applications/{unit}/documents"
    await factories.sign_in(client, site, me, "candidate")
    fine = await client.post(page, files=[more(paper("Jeg bygger broer"))])
    assert HINT not in fine.text and str(fine.url).endswith(f"{unit}#documents")
    hinted = await client.post(page, files=[more(paper("Tillitsvalgt i klubben"), "attest.pdf"), cv(pdf())])
    assert "Your documents are changed." in hinted.text
    assert "attest.pdf seems to say something about union membership." in hinted.text
    assert len(await _rows(site, "document")) == 3, "it is kept, unless the candidate takes it away"


async def _rows(site: Site, table: str) -> list[dict[str, Any]]:
    return await site.records.run_sql(f"SELECT * FROM {table}")
