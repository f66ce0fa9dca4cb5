"""A receipt at its address, and the verifying of any file: whatever comes is answered in words, and nothing is kept."""

import asyncio
import io
import logging
from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from recruit import mail
from recruit.accounts.sessions import hashed
from recruit.receipts import incoming, service, words
from recruit.receipts.facts import ReceiptFacts
from recruit.receipts.verifying import FILE_LIMIT
from recruit.retention import consent, purge, rules
from recruit.retention.service import close_applications
from recruit.site import Site
from tests import factories
from tests.conftest import Time
from tests.receipts.making import facts
from tests.retention.cases import CLOSED_ON, ended, given, withdrawn
from tests.tampering import tamper

Browser = AsyncTestClient[Litestar]

TOKEN = "a-token-that-was-mailed-to-somebo"
NAME, EMAIL, LETTER = "Ola Kanari", "ola.kanari@example.org", "Kanarifugl i brevet"


async def announced(site: Site, time: Time) -> UUID:
    """An application whose erasure is announced, its receipt's address known to the test."""
    kari = await factories.staff(site, time.now, "recruiter")
    vacancy = await factories.vacancy(site, time.now)
    unit = await factories.application(site, time.now, vacancy, email=EMAIL, name=NAME, letter=LETTER)
    await purge.run(site, time.now)
    await close_applications(site, [unit], "rejected", kari, time.now)
    for days in (2, 2, 2, 2, 2, 1, 1):  # a clock that goes on by more than two days is doubted (L17)
        time.forward(days=days)
        await deliver(site, time)
        await purge.run(site, time.now)
    await site.records.run_sql("UPDATE purge_notice SET token = ?", hashed(TOKEN))
    assert len(await site.records.run_sql("SELECT * FROM purge_notice")) == 1
    await deliver(site, time)
    return unit


async def deliver(site: Site, time: Time) -> None:
    await mail.deliver(site, mail.transport_of(site), time.now)


async def erased(site: Site, time: Time) -> UUID:
    """The same, lived on until the receipt is issued."""
    unit = await announced(site, time)
    for _ in range(4):
        time.forward(days=1)
        await purge.run(site, time.now)
    (row,) = await site.keyring.engine.run_sql("SELECT * FROM purge")
    assert row["state"] == "issued"
    return unit


async def post(client: Browser, data: bytes, name: str = "receipt.pdf", field: str = incoming.FIELD):  # type: ignore[no-untyped-def]
    return await client.post("/verify", files={field: (name, io.BytesIO(data), "application/pdf")})


def all_bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


# --- one receipt ------------------------------------------------------------------------------------------------------


async def test_an_announced_erasure_is_not_called_completed(site: Site, client: Browser, time: Time) -> None:
    await announced(site, time)
    page = await client.get(f"/r/{TOKEN}")
    assert page.status_code == 200
    assert "No erasure completed" in page.text
    assert "when 16 Mar 2026 is over" in page.text
    assert words.DUE["L4"] in page.text
    assert (await client.get(f"/r/{TOKEN}/receipt.pdf")).status_code == 404


async def test_an_erasure_that_was_called_off_says_so_and_why(site: Site, client: Browser, time: Time) -> None:
    unit = await announced(site, time)
    await consent.give(site, await factories.candidate_of(site, unit), "mail_link", "nb", time.now)
    page = await client.get(f"/r/{TOKEN}")
    assert "No erasure completed" in page.text
    assert "called off" in page.text
    assert "a consent, a new look at the application, or a legal hold" in page.text
    assert "16 Mar 2026" not in page.text


@pytest.mark.parametrize("state", ["erased", "swept", "rotated", "verified"])
async def test_a_begun_purge_is_not_called_completed_before_its_receipt(
    site: Site, client: Browser, time: Time, state: str
) -> None:
    await erased(site, time)
    await site.keyring.engine.run_sql("UPDATE purge SET state = ?", state)
    await site.records.run_sql("UPDATE purge_notice SET state = 'announced'")
    page = await client.get(f"/r/{TOKEN}")
    assert "No erasure completed" in page.text
    assert "Look again tomorrow" in page.text
    assert "announced" not in page.text
    assert (await client.get(f"/r/{TOKEN}/receipt.pdf")).status_code == 404


async def test_an_overdue_erasure_says_that_it_is_not_done(site: Site, client: Browser, time: Time) -> None:
    await announced(site, time)
    time.forward(days=30)
    page = await client.get(f"/r/{TOKEN}")
    assert "No erasure completed" in page.text
    assert "has not been done yet" in page.text


async def test_an_issued_receipt_says_its_facts_and_can_be_downloaded(site: Site, client: Browser, time: Time) -> None:
    unit = await erased(site, time)
    page = await client.get(f"/r/{TOKEN}")
    assert page.status_code == 200
    assert "No erasure completed" not in page.text
    assert str(unit) in page.text
    assert "Kept until 16 Mar 2026" in page.text
    assert 'href="/verify"' in page.text
    file = await client.get(f"/r/{TOKEN}/receipt.pdf")
    assert file.content.startswith(b"%PDF-")
    assert "attachment" in file.headers["content-disposition"]
    verdict = await post(client, file.content)
    assert "The receipt passes" in verdict.text


async def test_the_page_of_a_receipt_speaks_the_readers_language(site: Site, client: Browser, time: Time) -> None:
    await erased(site, time)
    page = await client.get(f"/r/{TOKEN}", headers={"accept-language": "nb"})
    assert "Kvittering for sletting" in page.text
    assert "Lagres til 16. mars 2026" in page.text or "16. mars 2026" in page.text


async def test_a_stored_receipt_that_was_changed_is_not_repeated(site: Site, client: Browser, time: Time) -> None:
    unit = await erased(site, time)
    (path,) = await site.documents.paths("receipts")
    raw = await site.documents.get(path)
    await site.documents.delete([path])
    await site.documents.put_once(path, raw.replace(b"/Title", b"/Tutle", 1) + b" ")
    page = await client.get(f"/r/{TOKEN}")
    assert "does not pass" in page.text
    assert str(unit) not in page.text


@pytest.mark.parametrize(
    "token",
    ["x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "%27%20OR%201=1--", "..%5c..%5cetc", "a" * 3000, str(UUID(int=7))],
)
async def test_every_guessed_address_gets_the_same_answer(site: Site, client: Browser, time: Time, token: str) -> None:
    await announced(site, time)
    pages = [await client.get(f"/r/{token}"), await client.get("/r/never-heard-of")]
    assert {page.status_code for page in pages} == {404}
    plain = [page.text.replace(str(page.url.path), "") for page in pages]
    assert "There is no receipt at this address" in plain[0]
    assert _without_links(plain[0]) == _without_links(plain[1])
    file = await client.get("/r/never-heard-of/receipt.pdf")
    assert (file.status_code, _without_links(file.text)) == (404, _without_links(plain[1]))


def _without_links(page: str) -> str:
    """A page without the address of its other language, which repeats what was asked for."""
    return "\n".join(line for line in page.splitlines() if "hreflang" not in line)


async def test_a_receipt_is_kept_by_nobody_on_the_way(site: Site, client: Browser, time: Time) -> None:
    await erased(site, time)
    for path in (f"/r/{TOKEN}", f"/r/{TOKEN}/receipt.pdf", "/r/unknown"):
        headers = (await client.get(path)).headers
        assert headers["cache-control"] == "no-store"
        assert "noindex" in headers["x-robots-tag"]
        assert headers["referrer-policy"] == "no-referrer"


async def test_no_page_of_a_receipt_holds_personal_data(site: Site, client: Browser, time: Time) -> None:
    await announced(site, time)
    waiting = (await client.get(f"/r/{TOKEN}")).text
    for _ in range(4):
        await purge.run(site, time.forward(days=1))
    issued = await client.get(f"/r/{TOKEN}")
    assert "No erasure completed" not in issued.text
    file = (await client.get(f"/r/{TOKEN}/receipt.pdf")).content
    verdict = (await post(client, file)).text
    for text in (waiting, issued.text, verdict, file.decode("latin-1")):
        for canary in (NAME, "Kanari", EMAIL, LETTER, "Systemutvikler"):
            assert canary not in text


def test_every_rule_that_makes_an_erasure_due_has_words() -> None:
    endings = [
        ended(),
        ended(outcome="hired"),
        ended(consents=(given(CLOSED_ON),)),
        ended(consents=(given(CLOSED_ON), withdrawn(CLOSED_ON + rules.DAY))),
        ended(erasure_granted_on=CLOSED_ON),
        ended(erasure_granted_on=CLOSED_ON, restriction="temporary", objection_upheld=True),
    ]
    heads = {rules.decide(ending, rules.Policy(), date(2030, 1, 1)).headline.rule for ending in endings}
    assert heads == set(words.DUE)


# --- verifying --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("empty", b"", "It is empty."),
        ("html", b"<!doctype html><script>alert(1)</script><h1>Receipt</h1>", "It is not a PDF."),
        ("unsigned", b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF", "It is not signed."),
        ("endless name", b"%PDF-2.0\n" + b"/ByteRange [0 1 2 3]" * 500, "more than one signature"),
        ("wild range", b"%PDF-2.0\n/ByteRange [0 9999999999 9999999999 9999999999]", "cannot be read"),
        ("bomb", b"%PDF-2.0\n" + b"[" * 500_000, "It is not signed."),
        ("noise", bytes(range(256)) * 4000, "It is not a PDF."),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else None,
)
async def test_a_hostile_file_is_answered_in_words(
    site: Site, client: Browser, name: str, data: bytes, said: str
) -> None:
    page = await post(client, data, f"{name}<script>.pdf")
    assert page.status_code == 422
    assert "not a genuine receipt" in page.text
    assert said in page.text
    assert "<script>alert" not in page.text
    assert f"{name}&lt;" not in page.text, "the file's name is nobody's business"


async def test_a_huge_file_is_answered_in_words(site: Site, client: Browser) -> None:
    page = await post(client, b"%PDF-2.0\n" + b"0" * (FILE_LIMIT * 3))
    assert page.status_code == 422
    assert "larger than any receipt" in page.text


async def test_more_than_a_form_may_bring_is_refused(site: Site, client: Browser) -> None:
    page = await post(client, b"0" * (incoming.READ_LIMIT + 1))
    assert page.status_code == 413
    assert "too large" in page.text


async def test_a_receipt_of_another_installation_does_not_pass(
    site: Site, client: Browser, issue: Callable[[ReceiptFacts], bytes]
) -> None:
    page = await post(client, issue(facts()))
    assert "not a genuine receipt from here" in page.text
    assert words.CHECKS["signer"][2] in page.text
    assert "What the receipt says" not in page.text, "what a stranger signed is not repeated"


async def test_a_receipt_that_was_changed_in_one_byte_does_not_pass(site: Site, client: Browser, time: Time) -> None:
    await erased(site, time)
    good = (await client.get(f"/r/{TOKEN}/receipt.pdf")).content
    place = good.index(b"stream") + 40
    for changed in (good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :], good + b"\n", good[:-20]):
        page = await post(client, changed)
        assert "The receipt passes" not in page.text
        assert "Failed" in page.text


async def test_a_receipt_whose_ledger_was_rewritten_does_not_pass(site: Site, client: Browser, time: Time) -> None:
    await erased(site, time)
    good = (await client.get(f"/r/{TOKEN}/receipt.pdf")).content
    await tamper(
        site.keyring.engine, "UPDATE ledger_entry SET at = '2026-01-01T00:00:00.000000+00:00' WHERE number = 1"
    )
    page = await post(client, good)
    assert page.status_code == 200
    assert "The receipt does not pass" in page.text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"not a form", "multipart/form-data; boundary=x"),
        (b"receipt=1", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"--x--\r\n", "multipart/form-data"),
        (b'--x\r\nContent-Disposition: form-data; name="other"; filename="a"\r\n\r\nhi\r\n--x--\r\n',
         "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="receipt"; filename=""\r\n\r\n\r\n--x--\r\n',
         "multipart/form-data; boundary=x"),
        (b"".join(b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' for _ in range(500)) + b"--x--\r\n",
         "multipart/form-data; boundary=x"),
        (b"--x\r\n" + b"A" * 100_000 + b": b\r\n\r\n", "multipart/form-data; boundary=x"),
    ],
)  # fmt: skip
async def test_a_form_without_a_file_comes_back_with_words(site: Site, client: Browser, body: bytes, kind: str) -> None:
    page = await client.post("/verify", content=body, headers={"content-type": kind})
    assert page.status_code == 422
    assert "Choose the receipt, a PDF file." in page.text


async def test_nothing_of_a_file_is_stored_or_logged(
    site: Site, client: Browser, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **named: object) -> None:
        raise AssertionError("a temporary file was opened")

    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("tempfile.SpooledTemporaryFile", refuse)
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    canary = b"KANARI-IN-THE-FILE"
    page = await post(client, b"%PDF-2.0\n" + canary * 70_000, "KANARI-name.pdf")
    assert page.status_code == 422
    kept = await asyncio.to_thread(all_bytes, tmp_path)
    assert canary not in kept
    assert "KANARI" not in caplog.text
    assert "KANARI" not in page.text


async def test_verifying_is_limited(site: Site, client: Browser) -> None:
    answers = [(await client.post("/verify", content=b"")).status_code for _ in range(31)]
    assert answers[:30] == [422] * 30
    assert answers[30] == 429


async def test_the_form_explains_what_is_checked_and_what_it_is_worth(site: Site, client: Browser) -> None:
    page = (await client.get("/verify")).text
    assert list(words.QUESTIONS) == list(words.CHECKS)
    for question in words.QUESTIONS.values():
        assert question.replace("'", "&#39;") in page
    assert "nothing can" in page
    assert "on no list that readers carry" in page
    assert "No receipt has been signed here yet" in page
    norwegian = (await client.get("/verify", headers={"accept-language": "nb"})).text
    assert "Kontroller en kvittering" in norwegian
    assert "det kan ingenting bevise" in norwegian.lower()


async def test_the_certificates_can_be_downloaded_and_compared(site: Site, client: Browser, time: Time) -> None:
    from recruit.receipts.signing import rotate

    assert (await client.get("/verify/certificate.pem")).status_code == 404
    await erased(site, time)
    rotate(service.signing_folder(site), "Fjordlys AS", now=time.now)
    newest, oldest = await service.known_certificates(site)
    assert (newest.number, oldest.number) == (2, 1)
    file = (await client.get("/verify/certificate.pem")).content
    assert file == newest.pem + oldest.pem
    assert b"PRIVATE" not in file
    page = (await client.get("/verify")).text
    assert page.index(newest.fingerprint) < page.index(oldest.fingerprint)


async def test_an_old_receipt_passes_after_the_key_was_changed(site: Site, client: Browser, time: Time) -> None:
    from recruit.receipts.signing import rotate

    await erased(site, time)
    rotate(service.signing_folder(site), "Fjordlys AS", now=time.now)
    found = await service.verify_file(site, (await client.get(f"/r/{TOKEN}/receipt.pdf")).content)
    assert found.valid
