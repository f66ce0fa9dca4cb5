"""Files on their way in: never in clear on disk, refused in words, and the good ones kept."""

import asyncio
import io
import re
import tempfile
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from recruit.app import create_app
from recruit.careers import admitting, rules, service, uploads
from recruit.documents import confined, kinds
from recruit.documents.results import Examined
from recruit.settings import Settings
from recruit.site import Site
from tests import factories
from tests.browsing import Client
from tests.careers.conftest import HEIC, PERSON, SAMPLES, File, Send, cv, more, pdf, png
from tests.conftest import ORIGIN, Time


def locked() -> bytes:
    from pikepdf import Encryption, Pdf

    out = io.BytesIO()
    document = Pdf.new()
    document.add_blank_page()
    document.save(out, encryption=Encryption(user="hemmelig", owner="hemmelig"))
    return out.getvalue()


async def count(site: Site, table: str) -> int:
    return int((await site.records.run_sql(f"SELECT count(*) AS n FROM {table}"))[0]["n"])


def token_in(page: str) -> str:
    found = re.search(r'name="form" value="([^"]+)"', page)
    assert found
    return found[1]


REFUSED = {
    "DOC": ("gammel.doc", (SAMPLES / "libreoffice.doc").read_bytes(), "choose Save as"),
    "HEIC": ("bilde.jpg", HEIC, "Convert it to JPEG first"),
    "a text with the name of a PDF": ("cv.pdf", b"Curriculum vitae " * 20, "not a PDF, DOCX, ODT, PNG or JPEG"),
    "empty": ("tom.pdf", b"", "This file is empty"),
    "cut short": ("kort.pdf", pdf()[:300], "The end of this file is missing"),
    "under a password": ("hemmelig.pdf", locked(), "locked with a password"),
    "too large": ("stor.pdf", pdf(size=kinds.MAX_BYTES + 1), "larger than 25 MB"),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_a_refused_file_leaves_the_form_filled_in(
    site: Site, send: Send, client: Client, time: Time, what: str
) -> None:
    name, data, words = REFUSED[what]
    vacancy = await factories.vacancy(site, time.now)
    answer = await send(vacancy, more(png(), "attest.png"), cv(data, name), letter="Kjære dere", consent="no")
    assert answer.status_code == 422
    assert f"{name}: " in answer.text
    assert words in answer.text
    assert 'id="f-cv-error"' in answer.text
    for kept in (PERSON["name"], PERSON["email"], "Kjære dere", "attest.png"):
        assert kept in answer.text
    assert re.search(r'value="no"\s+checked', answer.text)
    assert await count(site, "application") == 0
    assert len(await site.documents.paths("units")) == 1

    done = await send(vacancy, token=token_in(answer.text), letter="Kjære dere")
    assert "attest.png" in done.text
    assert await count(site, "application") == 1
    assert await count(site, "document") == 1
    assert await count(site, "draft") == 0


async def test_the_refusal_is_said_in_norwegian(site: Site, send: Send, client: Client, time: Time) -> None:
    client.headers["accept-language"] = "nb"
    answer = await send(await factories.vacancy(site, time.now), cv(HEIC, "bilde.heic"))
    assert "Gjør det om til JPEG først" in answer.text


async def test_a_draft_is_kept_for_thirty_days_after_its_last_act(site: Site, send: Send, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    page = await send(vacancy, cv(pdf()), name="")
    (draft,) = await site.keyring.alive("draft")
    guard = await site.keyring.guard(draft)
    assert guard is not None
    assert str(guard.retain_until) == "2026-04-01"
    time.forward(days=5)
    await send(vacancy, token=token_in(page.text), name="")
    guard = await site.keyring.guard(draft)
    assert guard is not None
    assert str(guard.retain_until) == "2026-04-06"


async def test_a_draft_comes_back_in_the_same_browser_only(
    site: Site, settings: Settings, send: Send, client: Client, time: Time
) -> None:
    vacancy = await factories.vacancy(site, time.now)
    await send(vacancy, cv(pdf(), "min-cv.pdf"), name="", letter="Min tekst")
    mine = (await client.get(f"/positions/{vacancy}/apply")).text
    assert "You have begun this application" in mine
    assert "Min tekst" in mine
    assert "min-cv.pdf" in mine
    async with Client(create_app(settings), base_url=ORIGIN) as other:
        other.headers.update({"origin": ORIGIN, "accept-language": "en"})
        (draft,) = await site.keyring.alive("draft")
        for guess in ("", str(draft), service.new_token()):
            if guess:
                other.cookies.set("form", guess, domain="testserver.local", path=f"/positions/{vacancy}")
            theirs = (await other.get(f"/positions/{vacancy}/apply")).text
            assert "Min tekst" not in theirs
            assert "min-cv.pdf" not in theirs


async def test_a_draft_that_is_thrown_away_is_gone(site: Site, send: Send, client: Client, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    await send(vacancy, cv(pdf()), name="")
    (draft,) = await site.keyring.alive("draft")
    page = await client.post(f"/positions/{vacancy}/forget")
    assert "The unfinished application is removed." in page.text
    assert await count(site, "draft") + await count(site, "document") == 0
    assert await site.documents.paths("units") == []
    assert await site.keyring.past_due("draft", time.now.date()) == [draft]


async def test_a_kept_file_can_be_removed_and_a_cv_replaced(site: Site, send: Send, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    page = await send(vacancy, cv(pdf("en"), "en.pdf"), more(png(4), "to.png"), name="")
    removed = re.search(r'name="documents_remove" value="([^"]+)"', page.text)
    assert removed
    done = await send(vacancy, cv(pdf("tre"), "tre.pdf"), token=token_in(page.text), documents_remove=removed[1])
    assert "tre.pdf" in done.text
    assert "en.pdf" not in done.text
    assert "to.png" not in done.text
    assert await count(site, "document") == len(await site.documents.paths("units")) == 1


async def test_nobody_can_remove_documents_of_others(site: Site, send: Send, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    await send(vacancy, cv(pdf()))
    (document,) = await site.records.run_sql("SELECT id FROM document")
    await send(vacancy, token=service.new_token(), letter="Hei", cv_remove=str(document["id"]))
    assert await count(site, "document") == 1


async def test_the_same_bytes_count_once_and_ten_are_the_most(site: Site, send: Send, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    twice = [more(png(4), "a.png"), more(png(4), "b.png")]
    page = await send(vacancy, *twice, name="")
    assert await count(site, "document") == 1
    many = [more(png(4 + n), f"{n}.png") for n in range(1, 11)]
    answer = await send(vacancy, *many, token=token_in(page.text))
    assert answer.status_code == 422
    assert "up to 10 documents" in answer.text
    assert await count(site, "document") == len(await site.documents.paths("units")) == 10
    answer = await send(await factories.vacancy(site, time.now), *[more(png(4 + n)) for n in range(11)])
    assert "up to 10 documents" in answer.text


async def test_sending_twice_makes_one_application(site: Site, send: Send, time: Time) -> None:
    vacancy, token = await factories.vacancy(site, time.now), service.new_token()
    answers = [await send(vacancy, cv(pdf()), token=token) for _ in range(2)]
    assert answers[0].text == answers[1].text
    assert "We have received your application" in answers[1].text
    assert [await count(site, table) for table in ("application", "mail", "document", "candidate")] == [1, 1, 1, 1]
    assert len(await site.documents.paths("units")) == 1


async def test_a_double_click_makes_one_application(site: Site, time: Time) -> None:
    vacancy, token = await factories.vacancy(site, time.now), service.new_token()

    async def press() -> service.Taken:
        turn = await service.begin(site, vacancy, "", time.now)
        turn.form.fields["form"] = token
        await turn.shelf.put("cv.pdf", "cv", pdf())
        person = rules.Answers(name="Ola", email="ola@example.org", consent="yes")
        return await service.take(turn, person, "nb")

    one, other = await asyncio.gather(press(), press())
    assert one.application == other.application is not None
    assert [await count(site, table) for table in ("application", "mail", "document", "draft")] == [1, 1, 1, 0]
    assert len(await site.documents.paths("units")) == 1


# --- the body itself --------------------------------------------------------------------------------------------------

HEAD = b'--x\r\nContent-Disposition: form-data; name="cv"; filename="cv.pdf"\r\n\r\n'


async def body(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def receive(site: Site, time: Time, stream: AsyncIterator[bytes]) -> service.Round:
    turn = await service.begin(site, await factories.vacancy(site, time.now), "", time.now)
    await uploads.read(stream, "multipart/form-data; boundary=x", turn.form, turn.shelf)
    return turn


async def test_a_file_is_sealed_while_it_streams(
    site: Site, time: Time, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = tmp_path / "tmp"
    watched.mkdir()
    monkeypatch.setenv("TMPDIR", str(watched))
    monkeypatch.setattr(tempfile, "tempdir", str(watched))
    whole, canary = pdf("KANARIFUGL" * 1000, kinds.MAX_BYTES), b"KANARIFUGL"
    seen: list[int] = []

    async def watching() -> AsyncIterator[bytes]:
        yield HEAD
        for start in range(0, len(whole), 1 << 20):
            yield whole[start : start + (1 << 20)]
            stored = [p for p in (site.settings.data / "documents" / "units").rglob("*") if p.is_file()]
            seen.append(sum(p.stat().st_size for p in stored))
            assert not any(canary in p.read_bytes()[:200_000] for p in stored)
            assert list(watched.iterdir()) == []
        yield b"\r\n--x--\r\n"

    assert canary in whole[:200_000]
    turn = await receive(site, time, watching())
    assert max(seen) > 5_000_000, "sealed bytes reach the disk before the file has ended"
    (file,) = turn.shelf.files
    assert file.size == kinds.MAX_BYTES
    stored = [p for p in site.settings.data.rglob("*") if p.is_file()]
    assert not any(canary in p.read_bytes() for p in stored)


async def test_memory_holds_one_file_at_most(site: Site, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fine(data: bytes, media_type: str) -> Examined:
        return Examined(media_type, 1)

    monkeypatch.setattr(confined, "examine", fine)

    async def five() -> AsyncIterator[bytes]:
        whole = pdf(size=15_000_000)
        for _ in range(5):
            yield HEAD.replace(b'"cv"', b'"documents"')
            for start in range(0, len(whole), 65536):
                yield whole[start : start + 65536]
            yield b"\r\n"
        yield b"--x--\r\n"

    tracemalloc.start()
    turn = await receive(site, time, five())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(turn.shelf.files) == 5
    assert peak < 55_000_000, "the source, and one file with the room it grows into"


async def test_a_file_too_large_is_no_longer_stored_while_the_rest_is_read(site: Site, time: Time) -> None:
    async def long() -> AsyncIterator[bytes]:
        yield HEAD + b"%PDF-1.7\n"
        for _ in range(30):
            yield b"x" * (1 << 20)
        stored = [p for p in (site.settings.data / "documents" / "units").rglob("*") if p.is_file()]
        assert stored == []
        yield b'\r\n--x\r\nContent-Disposition: form-data; name="letter"\r\n\r\nhei\r\n--x--\r\n'

    turn = await receive(site, time, long())
    assert turn.form.fields == {"letter": "hei"}
    assert [type(file.why) for file in turn.form.refused] == [kinds.TooLarge]


FIELD = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nOla\r\n'
HOSTILE = {
    "no end": [FIELD],
    "cut in a file": [HEAD, pdf()[:200]],
    "garbage": [b"\x00\xff" * 5000],
    "nothing": [],
    "ten thousand fields": [FIELD * 10_000, b"--x--\r\n"],
    "endless headers": [b"--x\r\n", *[b"X-Y: z\r\n" * 100] * 100],
    "one endless header": [b"--x\r\nContent-Disposition: ", *[b"a" * 65536] * 50],
}


@pytest.mark.parametrize("what", HOSTILE)
async def test_a_hostile_form_gets_an_answer_and_leaves_nothing(
    site: Site, client: Client, time: Time, what: str
) -> None:
    vacancy = await factories.vacancy(site, time.now)
    answer = await client.post(
        f"/positions/{vacancy}/apply",
        content=b"".join(HOSTILE[what]),
        headers={"content-type": "multipart/form-data; boundary=x"},
    )
    assert answer.status_code == 400
    assert "did not arrive whole" in answer.text
    assert await site.documents.paths("units") == []
    assert await count(site, "draft") + await count(site, "document") == 0


@pytest.mark.parametrize(
    "kind",
    ["multipart/form-data", "application/x-www-form-urlencoded", "", "multipart/form-data; boundary=" + "b" * 300],
)
async def test_a_body_that_is_no_such_form_is_refused(site: Site, client: Client, time: Time, kind: str) -> None:
    vacancy = await factories.vacancy(site, time.now)
    answer = await client.post(f"/positions/{vacancy}/apply", content=b"name=x", headers={"content-type": kind})
    assert answer.status_code == 400


async def test_two_hundred_files_are_too_many_yet_the_form_comes_back(site: Site, send: Send, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    answer = await send(vacancy, *[more(b"no file", f"{n}") for n in range(200)])
    assert answer.status_code == 422
    assert PERSON["name"] in answer.text
    assert await site.documents.paths("units") == []


async def test_a_field_that_never_ends_is_cut(site: Site, send: Send, time: Time) -> None:
    answer = await send(await factories.vacancy(site, time.now), letter="å" * 1_000_000)
    assert answer.status_code == 422
    assert "Shorten the letter" in answer.text
    assert len(answer.text) < 200_000


async def test_a_browser_that_goes_away_leaves_nothing(site: Site, time: Time) -> None:
    async def dying() -> AsyncIterator[bytes]:
        yield HEAD + pdf(size=200_000)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await receive(site, time, dying())
    assert await site.documents.paths("units") == []


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Åse\\CV.pdf", "CV.pdf"),
        ("a\r\nb\x00.pdf", "ab.pdf"),
        ("履歴書 – Åse.pdf", "履歴書 – Åse.pdf"),
        ("/", "–"),
    ],
)
def test_a_file_name_is_only_a_name(raw: str, name: str) -> None:
    assert uploads.file_name(raw.encode()) == name


# --- over a real connection -------------------------------------------------------------------------------------------


@pytest.mark.slow
async def test_twenty_five_megabytes_over_http(site: Site, settings: Settings, time: Time) -> None:
    import uvicorn

    vacancy = await factories.vacancy(site, time.now)
    server = uvicorn.Server(uvicorn.Config(create_app(settings), host="127.0.0.1", port=0, log_level="error"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 – uvicorn has no event for it
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    headers = {"origin": ORIGIN, "accept-language": "en"}
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as http:
            fits = await _post(http, vacancy, cv(pdf(size=kinds.MAX_BYTES)))
            exceeds = await _post(http, vacancy, cv(pdf(size=kinds.MAX_BYTES + 1)))
    finally:
        server.should_exit = True
        await serving
    assert fits.status_code == 303
    assert exceeds.status_code == 422
    assert "larger than 25 MB" in exceeds.text
    assert PERSON["name"] in exceeds.text
    (document,) = await site.records.run_sql("SELECT size FROM document")
    assert document["size"] == kinds.MAX_BYTES


async def _post(http: httpx.AsyncClient, vacancy: UUID, *files: File) -> Any:
    parts: list[Any] = [(name, (None, value)) for name, value in PERSON.items()]
    return await http.post(f"/positions/{vacancy}/apply", files=[*parts, *files])


def test_the_door_lets_in_a_bounded_number_of_forms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    door, many = admitting.Door(), ExitStack()
    for _ in range(admitting.AT_ONCE_FROM_ONE):
        many.enter_context(door.admit("one network", tmp_path))
    with pytest.raises(admitting.DoorFull), door.admit("one network", tmp_path):
        pass
    for place in range(admitting.AT_ONCE - admitting.AT_ONCE_FROM_ONE):
        many.enter_context(door.admit(f"network {place}", tmp_path))
    with pytest.raises(admitting.DoorFull), door.admit("yet another", tmp_path):
        pass
    many.close()
    with door.admit("one network", tmp_path):
        pass
    monkeypatch.setattr(admitting, "ROOM_LEFT", 10**18)
    with pytest.raises(admitting.DiskFull), door.admit("one network", tmp_path):
        pass


async def test_an_upload_that_stands_still_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b"begun"
        await asyncio.sleep(30)

    monkeypatch.setattr(admitting, "STALLED_AFTER", 0.05)
    moving = admitting.moving(slow())
    assert await anext(moving) == b"begun"
    with pytest.raises(admitting.Stalled):
        await anext(moving)
