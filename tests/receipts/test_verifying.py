"""Claims about verifying: an honest receipt passes, and every other file gets its clear verdict and no exception."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recruit.i18n import LANGUAGES, translator
from recruit.receipts import pdf, words
from recruit.receipts.facts import ReceiptFacts
from recruit.receipts.signing import Certificate, ReceiptSigner, certificates, open_signer, rotate
from recruit.receipts.verifying import FILE_LIMIT, Verification, verify
from tests.receipts.making import ERASED_AT, ISSUED_AT, PURGE, UNITS, Chain, employer, facts

Verify = Callable[..., Verification]


@pytest.fixture(scope="module")
def check(ours: Sequence[Certificate], chain: Chain) -> Verify:
    return lambda file, ledger=chain, certs=ours: verify(file, ledger, certs)


def states(made: Verification) -> dict[str, bool | None]:
    return {one.key: one.ok for one in made.checks}


def first_failure(made: Verification) -> str:
    return next(one.key for one in made.checks if one.ok is not True)


def test_an_honest_receipt_passes_every_check(receipt: bytes, check: Verify, chain: Chain) -> None:
    made = check(receipt)
    assert made.valid
    assert list(states(made)) == list(words.CHECKS)
    assert made.facts == facts(chain=chain)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_is_a_sentence(language: str, receipt: bytes, check: Verify) -> None:
    _ = translator(language)  # type: ignore[arg-type]
    for made in (check(receipt), check(b"%PDF-"), check(receipt + b"x")):
        assert all("{" not in one.sentence(_) and one.sentence(_) for one in made.checks)
        assert all(one.title(_) for one in made.checks)


def test_a_verdict_stays_good_when_the_chain_grows(receipt: bytes, check: Verify) -> None:
    assert check(receipt, Chain(after=50)).valid


# --- Bytes ----------------------------------------------------------------------------------------


def test_every_changed_byte_is_seen(receipt: bytes, check: Verify) -> None:
    room = range(receipt.index(b"<308") + 1, receipt.index(b">\n/ByteRange"))
    for place in range(0, len(receipt), 499):
        changed = bytearray(receipt)
        changed[place] ^= 1
        made = check(bytes(changed))
        if place in room:  # the container, which is not covered by itself: what it says must still be the truth
            assert made.facts in (None, check(receipt).facts)
        else:
            assert first_failure(made) in ("intact", "readable", "whole"), place
            assert made.facts is None


def test_a_changed_certificate_in_the_file_is_seen(receipt: bytes, ours: Sequence[Certificate], check: Verify) -> None:
    start = receipt.index(b"<308")
    enclosed = receipt.index(b"Fjordvik Verft AS".hex().upper().encode(), start)
    changed = receipt[:enclosed] + b"58" + receipt[enclosed + 2 :]
    assert first_failure(check(changed)) == "signer"


def test_a_changed_byte_on_the_page_reads_changed_after_signing(receipt: bytes, check: Verify) -> None:
    changed = bytearray(receipt)
    changed[5000] ^= 1
    assert first_failure(check(bytes(changed))) == "intact"


def test_a_changed_signature_is_not_ours(receipt: bytes, check: Verify) -> None:
    end = receipt.index(b">\n/ByteRange")
    signature_end = len(receipt[:end].rstrip(b"0"))
    changed = bytearray(receipt)
    changed[signature_end - 4] = ord("1") if changed[signature_end - 4] != ord("1") else ord("2")
    assert first_failure(check(bytes(changed))) == "signer"


def test_something_hidden_in_the_reserved_room_is_seen(receipt: bytes, check: Verify) -> None:
    end = receipt.index(b">\n/ByteRange")
    assert first_failure(check(receipt[: end - 8] + b"deadbeef" + receipt[end:])) == "readable"


def test_an_appended_update_is_seen(receipt: bytes, check: Verify) -> None:
    out = BytesIO(receipt)
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(out)
    writer.root["/Lang"] = __import__("pyhanko.pdf_utils.generic", fromlist=["x"]).pdf_string("xx")
    writer.update_root()
    writer.write_in_place()
    made = check(out.getvalue())
    assert states(made)["whole"] is False
    assert not made.valid


def test_one_byte_behind_the_end_is_seen(receipt: bytes, check: Verify) -> None:
    assert first_failure(check(receipt + b"\n")) == "whole"


def test_a_cut_file_is_seen(receipt: bytes, check: Verify) -> None:
    assert not check(receipt[:-1]).valid
    assert not check(receipt[: len(receipt) // 2]).valid


def test_a_second_signature_is_seen(receipt: bytes, tmp_path: Path, check: Verify) -> None:
    other = receipt + b"\n1 0 obj << /ByteRange [0 1 2 3] >> endobj\n"
    assert "more than one" in check(other).checks[0].sentence(translator("en"))


def test_a_swapped_attachment_is_seen(receipt: bytes, check: Verify) -> None:
    with pikepdf.open(BytesIO(receipt)) as document:
        del document.attachments["facts.json"]
        document.attachments["facts.json"] = b'{"number":"2026-999999"}'
        out = BytesIO()
        document.save(out)
    assert not check(out.getvalue()).valid


def test_a_range_that_is_moved_to_other_bytes_is_seen(receipt: bytes, check: Verify) -> None:
    moved = re.sub(rb"/ByteRange \[0 (\d+)", lambda found: b"/ByteRange [0 %05d" % (int(found[1]) - 1), receipt)
    assert len(moved) == len(receipt)
    assert not check(moved).valid


# --- Other files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (b"", "empty"),
        (b"hello", "not a PDF"),
        (b"%PDF-2.0\n", "not signed"),
        (b"%PDF-2.0" + b"\0" * FILE_LIMIT, "larger"),
        (b"%PDF-2.0 /ByteRange [0 1 2 3]", "cannot be read"),
        (b"%PDF-2.0 /ByteRange [0 9999999999 9999999999 9999999999]", "cannot be read"),
        (b"%PDF-2.0 <3000> /ByteRange [0 9 15 99]", "cannot be read"),
        (b"%PDF-2.0 <30848FFFFFFF> /ByteRange [0 9 23 99]", "cannot be read"),
    ],
    ids=["empty", "text", "unsigned", "large", "no room", "far away", "empty container", "lying length"],
)
def test_other_files_get_a_clear_verdict(file: bytes, words: str, check: Verify) -> None:
    made = check(file)
    assert not made.valid
    assert first_failure(made) == "readable"
    assert words in made.checks[0].sentence(translator("en"))
    assert all(one.ok is None for one in made.checks[1:])


def test_an_unsigned_receipt_is_none(check: Verify) -> None:
    assert "not signed" in check(pdf.draw(facts())).checks[0].sentence(translator("en"))


def test_a_receipt_of_another_installation_is_not_ours(tmp_path: Path, check: Verify, chain: Chain) -> None:
    stranger = open_signer(tmp_path, "Fjordvik Verft AS", now=ISSUED_AT)
    made = check(stranger.sign(pdf.draw(facts(chain=chain)), now=ISSUED_AT))
    assert states(made) | {"readable": True, "whole": True, "intact": True, "signer": False} == states(made)
    assert made.facts is None


def test_a_file_with_scripts_is_never_opened(check: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    document = pikepdf.new()
    document.add_blank_page()
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    out = BytesIO()
    document.save(out)
    monkeypatch.setattr(pikepdf, "open", _never)
    assert first_failure(check(out.getvalue())) == "readable"


def test_a_tampered_receipt_is_never_opened(receipt: bytes, check: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pikepdf, "open", _never)
    assert not check(receipt[:100] + b"X" + receipt[101:]).valid


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_no_bytes_raise(noise: bytes) -> None:
    ledger = Chain()
    for file in (noise, b"%PDF-2.0" + noise, _framed(noise)):
        assert not verify(file, ledger, ()).valid


def _framed(noise: bytes) -> bytes:
    """Noise where the container stands, framed as a signature that covers the whole file."""
    room = b"<" + noise.hex().encode() + b">"
    head, after = b"%PDF-2.0 ", 9 + len(room)
    tail = b" /ByteRange [0 9 %05d %05d]"
    return head + room + tail % (after, len(tail % (after, 0)))


def _never(*_: Any, **__: Any) -> None:
    raise AssertionError("a file that we did not sign was opened")


# --- Facts and page -------------------------------------------------------------------------------


def test_a_page_that_says_other_than_its_facts_is_seen(
    signer: ReceiptSigner, check: Verify, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    lie = pdf.page(facts(chain=chain)).replace("2026-000123", "2026-000777")
    monkeypatch.setattr(pdf, "page", lambda stated: lie)
    signed = signer.sign(pdf.draw(facts(chain=chain)), now=ISSUED_AT)
    monkeypatch.undo()
    assert first_failure(check(signed)) == "page"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receipt_drawn_by_other_tools_passes_word_for_word(
    language: str, issue: Callable[[ReceiptFacts], bytes], check: Verify, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = issue(facts(language, chain=chain))  # type: ignore[arg-type]
    monkeypatch.setattr(pdf, "draw", lambda stated: b"drawn by a later version")
    assert check(signed).valid


def test_a_receipt_without_facts_is_seen(signer: ReceiptSigner, check: Verify) -> None:
    with pikepdf.open(BytesIO(pdf.draw(facts()))) as document:
        del document.attachments["facts.json"]
        out = BytesIO()
        document.save(out)
    assert first_failure(check(signer.sign(out.getvalue(), now=ISSUED_AT))) == "facts"


def test_a_later_edition_is_not_called_valid_and_not_called_false(
    signer: ReceiptSigner, check: Verify, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = pdf.page(facts(chain=chain))
    monkeypatch.setattr(pdf, "page", lambda stated: shown)
    signed = signer.sign(pdf.draw(facts(chain=chain, edition=99)), now=ISSUED_AT)
    monkeypatch.undo()
    made = check(signed)
    assert states(made)["page"] is None
    assert not made.valid
    assert "99" in next(one for one in made.checks if one.key == "page").sentence(translator("nb"))


# --- The ledger -----------------------------------------------------------------------------------


def test_a_missing_entry_is_seen(receipt: bytes, check: Verify) -> None:
    cut = Chain()
    cut.all = cut.all[:3]
    assert states(check(receipt, cut))["entry"] is False


def test_an_empty_ledger_is_seen(receipt: bytes, check: Verify) -> None:
    bare = Chain()
    bare.all = []
    assert states(check(receipt, bare)) | {"entry": False, "head": False} == states(check(receipt, bare))


@pytest.mark.parametrize("field", ["at", "kind", "body", "hash", "previous"])
def test_a_changed_entry_is_seen(field: str, receipt: bytes, check: Verify) -> None:
    changed = Chain()
    other = {"at": "2026-11-20T00:00:00.000000+00:00", "kind": "note", "body": {"purge": str(PURGE)}}
    value: Any = other.get(field, bytes(32))
    changed.all[3] = replace(changed.all[3], **{field: value})
    made = check(receipt, changed)
    assert states(made)["entry"] is False


def test_a_ledger_that_was_cut_behind_the_entry_is_seen(receipt: bytes, check: Verify) -> None:
    cut = Chain()
    cut.all = cut.all[:4]
    assert states(check(receipt, cut)) | {"entry": True, "head": False} == states(check(receipt, cut))


def test_a_ledger_that_was_rewritten_behind_the_entry_is_seen(receipt: bytes, check: Verify) -> None:
    rewritten = Chain()
    rewritten.all = rewritten.all[:4]
    for _ in range(5):
        rewritten.add(ERASED_AT + timedelta(hours=1), {"purge": "invented"})
    assert states(check(receipt, rewritten))["head"] is False


def test_a_later_entry_that_was_changed_breaks_the_chain(receipt: bytes, check: Verify) -> None:
    changed = Chain()
    changed.all[-2] = replace(changed.all[-2], body={"purge": "changed"})
    assert states(check(receipt, changed)) | {"entry": True, "head": False} == states(check(receipt, changed))


def test_a_receipt_of_another_purge_does_not_fit_the_entry(
    issue: Callable[[ReceiptFacts], bytes], check: Verify, chain: Chain
) -> None:
    other = issue(facts(chain=chain, purge_id=UNITS[0]))
    assert states(check(other))["entry"] is False


def test_a_receipt_for_other_units_does_not_fit_the_entry(
    issue: Callable[[ReceiptFacts], bytes], check: Verify, chain: Chain
) -> None:
    assert states(check(issue(facts(chain=chain, subject_ids=UNITS[:1]))))["entry"] is False


def test_a_receipt_verified_before_its_entry_was_written_is_out_of_order(
    issue: Callable[[ReceiptFacts], bytes], check: Verify, chain: Chain
) -> None:
    early = {"erased_at": ERASED_AT - timedelta(hours=2), "verified_at": ERASED_AT - timedelta(hours=1)}
    assert states(check(issue(facts(chain=chain, **early))))["order"] is False


# --- Several keys ---------------------------------------------------------------------------------


def test_receipts_of_a_retired_key_still_pass_and_name_it(tmp_path: Path, chain: Chain) -> None:
    drawn = pdf.draw(facts(chain=chain))
    old = open_signer(tmp_path, "Fjordvik Verft AS", now=ISSUED_AT)
    before = old.sign(drawn, now=ISSUED_AT)
    new = rotate(tmp_path, "Fjordvik Verft AS", now=ISSUED_AT)
    after = new.sign(drawn, now=ISSUED_AT)
    for file, mine in ((before, old), (after, new)):
        made = verify(file, chain, certificates(tmp_path))
        assert made.valid
        named = next(one for one in made.checks if one.key == "signer").sentence(translator("en"))
        assert mine.certificate.fingerprint in named


def test_no_word_of_a_candidate_reaches_a_verdict(check: Verify, issue: Callable[[ReceiptFacts], bytes]) -> None:
    sly = issue(facts(employer=employer(name="Kanarifugl AS")))
    said = " ".join(one.sentence(translator("nb")) for one in check(sly).checks)
    assert "Kanarifugl" not in said
