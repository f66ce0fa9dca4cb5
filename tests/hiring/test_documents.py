"""Claims about documents: drawn once in a confined process, kept sealed, the original only as a download."""

from pathlib import Path

import pytest

from recruit.documents import confined, kinds
from recruit.site import Site
from tests import factories
from tests.conftest import Time
from tests.hiring.helping import Client, house, rows

SAMPLES = Path(__file__).parent.parent / "documents" / "samples"
PDF = (SAMPLES / "chromium.pdf").read_bytes()


async def test_a_document_is_drawn_once_and_kept_sealed(
    site: Site, client: Client, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = await house(site, time.now, documents=(("cv.pdf", "application/pdf", PDF),))
    await factories.sign_in(client, site, at.people["recruiter"])
    drawn = 0
    render = confined.render

    async def counted(data: bytes, media_type: str) -> confined.Rendering:
        nonlocal drawn
        drawn += 1
        return await render(data, media_type)

    monkeypatch.setattr(confined, "render", counted)
    for _ in range(2):
        page = await client.get(f"/applications/{at.application}")
    document = (await rows(site, "document"))[0]["id"]
    assert drawn == 1
    assert f"/documents/{document}/page/1.png" in page.text
    assert "The text of the document" in page.text
    image = await client.get(f"/documents/{document}/page/1.png")
    assert image.content.startswith(b"\x89PNG")
    assert image.headers["cache-control"] == "no-store"
    stored = [path.read_bytes() for path in site.settings.data.joinpath("documents").rglob("*") if path.is_file()]
    assert not any(b"\x89PNG" in blob or b"%PDF" in blob for blob in stored), "nothing rests in clear"


async def test_what_was_drawn_ends_with_the_document(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now, documents=(("cv.pdf", "application/pdf", PDF),))
    await factories.sign_in(client, site, at.people["recruiter"])
    await client.get(f"/applications/{at.application}")
    document = (await rows(site, "document"))[0]["id"]
    assert len(await site.documents.paths(f"units/{at.application}")) >= 3
    await site.documents.delete_document(at.application, document)
    assert await site.documents.paths(f"units/{at.application}") == []


async def test_a_document_that_can_not_be_drawn_is_offered_as_a_download(
    site: Site, client: Client, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = await house(site, time.now, documents=(("cv.pdf", "application/pdf", b"%PDF-1.7 broken"),))
    await factories.sign_in(client, site, at.people["recruiter"])
    page = await client.get(f"/applications/{at.application}")
    document = (await rows(site, "document"))[0]["id"]
    assert page.status_code == 200
    assert "The pages cannot be shown here" in page.text
    assert f"/documents/{document}/original" in page.text

    async def never(*_: object) -> None:
        raise AssertionError("drawn again within a day")

    monkeypatch.setattr(confined, "render", never)
    assert (await client.get(f"/applications/{at.application}")).status_code == 200


@pytest.mark.parametrize("name", ["cv.pdf", "Søknad – Åse.pdf", 'x"; filename="evil.html', "a\r\nset-cookie: x=1"])
async def test_the_original_is_only_ever_a_download(name: str, site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now, documents=((name, "application/pdf", PDF),))
    await factories.sign_in(client, site, at.people["recruiter"])
    document = (await rows(site, "document"))[0]["id"]
    answer = await client.get(f"/documents/{document}/original")
    assert answer.content == PDF
    assert answer.headers["content-disposition"].startswith('attachment; filename="document.pdf"; filename*=UTF-8')
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    assert 'evil.html"' not in answer.headers["content-disposition"]


async def test_l29_a_download_is_a_disclosure_and_a_look(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now, documents=(("cv.pdf", "application/pdf", PDF),))
    await factories.sign_in(client, site, at.people["interviewer"])
    document = (await rows(site, "document"))[0]["id"]
    assert await rows(site, "disclosure") == []
    await client.get(f"/documents/{document}/original")
    (disclosed,) = await rows(site, "disclosure")
    assert (disclosed["unit"], disclosed["recipient"], disclosed["at"]) == (at.application, "staff_download", time.now)
    assert len(await rows(site, "look", purpose="download")) == 1


async def test_a_drafts_document_is_nobodys_to_see(site: Site, client: Client, time: Time) -> None:
    from uuid import uuid4

    from recruit.vault.keyring import Birth

    at = await house(site, time.now)
    draft = uuid4()
    await site.keyring.birth(Birth(draft, "draft", time.now))
    document = await factories.document(site, time.now, draft, "cv.pdf", "application/pdf", PDF)
    await factories.sign_in(client, site, at.people["recruiter"])
    assert (await client.get(f"/documents/{document}/original")).status_code == 404
    assert (await client.get(f"/documents/{document}/page/1.png")).status_code == 404


def test_a_file_name_is_safe_in_a_header() -> None:
    header = kinds.as_download('Åse\r\n"; x=<y>.pdf', "application/pdf")
    assert header.isascii()
    assert not set("\r\n<>") & set(header)
    assert header.count('"') == 2
