"""Is this file a receipt of ours, unchanged, and does the ledger agree? One verdict for any bytes whatever.

Guards that a verdict is never better than the truth and never an exception. Nothing of a file is parsed as a PDF before
its bytes have passed: the signature is looked for as text, its container is checked against the certificates of this
installation, and only a file that this installation itself signed, whole and unchanged, is opened. So a hostile file
meets a regular expression, a hash and a strict reader of a few kilobytes, and nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from html.parser import HTMLParser
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from recruit.receipts import pdf as drawing
from recruit.receipts import words
from recruit.receipts.facts import EDITION, SIZE_LIMIT, FactsInvalid, ReceiptFacts, decode
from recruit.receipts.signing import Certificate
from recruit.vault.ledger import Entry, Head, first_fault, instant

if TYPE_CHECKING:
    from recruit.i18n import Translate

FILE_LIMIT = 2 * 1024 * 1024
"""Bytes: a receipt has some 35,000; whatever is larger is none of ours."""

CONTAINER_LIMIT = 16 * 1024
_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]")
_LOOSE = "-‐•\x02\u00ad\ufffe"
_HEX = re.compile(rb"<(?P<der>(?:[0-9A-Fa-f]{2})+)>\Z")


class LedgerView(Protocol):
    """What verifying reads of the ledger. Both answer at once: whoever asks a database loads it first."""

    def head(self) -> Head:
        """The last entry of today's chain; `recruit.vault.ledger.EMPTY` if there is none."""
        ...

    def entries(self, first: int, last: int) -> Iterable[Entry]:
        """The entries of these numbers, both included, in order; those that are missing are left out."""
        ...


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: `ok` is None where an earlier failure left it open."""

    key: str
    ok: bool | None
    text: str
    params: dict[str, str | int] = field(default_factory=dict)

    def title(self, _: Translate) -> str:
        """What was looked at, in words."""
        return _(words.CHECKS[self.key][0])

    def sentence(self, _: Translate) -> str:
        """What was found, in words."""
        shown = {k: _(v) if isinstance(v, str) and v in words.PROBLEMS.values() else v for k, v in self.params.items()}
        return _(self.text, **shown)


@dataclass(frozen=True)
class Verification:
    """The verdict: valid only if every check was made and passed. `facts` are there only if the signature is ours."""

    checks: tuple[Check, ...]
    facts: ReceiptFacts | None = None

    @property
    def valid(self) -> bool:
        return all(check.ok for check in self.checks)


class _Signature(NamedTuple):
    """Where a signature stands in the file and what it holds: `end` is the first byte that it leaves uncovered."""

    digest: bytes
    container: bytes
    end: int


class _Problem(Exception):
    """The file can't be read as a signed PDF; the argument is a key of `words.PROBLEMS`."""


def verify(pdf: bytes, ledger: LedgerView, certificates: Sequence[Certificate]) -> Verification:
    """The verdict on a file. Never raises for any content of `pdf`; what the ledger raises goes through.

    Draws the page again for a file that we signed (some 60 ms): call it from a thread.
    """
    checks = list(_bytes_checks(pdf, certificates))
    facts: ReceiptFacts | None = None
    if all(check.ok for check in checks):
        facts = _facts_of(pdf)
        checks.append(_check("facts", facts is not None))
    if facts is not None:
        checks += [_page_check(pdf, facts), *_ledger_checks(facts, ledger), _order_check(facts, ledger)]
    reached = {check.key for check in checks}
    checks += [Check(key, None, words.NOT_CHECKED) for key in words.CHECKS if key not in reached]
    return Verification(tuple(checks), facts)


def read(pdf: bytes, certificates: Sequence[Certificate]) -> ReceiptFacts | None:
    """What a file says that this installation signed, whole and unchanged; None for any other. Asks no ledger."""
    return _facts_of(pdf) if all(check.ok for check in _bytes_checks(pdf, certificates)) else None


def _check(key: str, ok: bool, **params: str | int) -> Check:
    _, good, bad = words.CHECKS[key]
    return Check(key, ok, good if ok else bad, params)


# --- The bytes ------------------------------------------------------------------------------------


def _bytes_checks(pdf: bytes, certificates: Sequence[Certificate]) -> Iterator[Check]:
    try:
        signature = _signature_of(pdf)
        signed = _container_of(signature.container)
    except _Problem as problem:
        yield _check("readable", False, problem=words.PROBLEMS[str(problem)])
        return
    yield _check("readable", True)
    yield _check("whole", signature.end == len(pdf))
    yield _check("intact", signed["digest"] == signature.digest)
    signer = next((c for c in certificates if _signed_by(signed, c)), None)
    yield _check("signer", signer is not None, **({"fingerprint": signer.fingerprint} if signer else {}))


def _signature_of(pdf: bytes) -> _Signature:
    """The one signature in the file, found as text: what it covers is all that counts, whatever a reader sees."""
    if not pdf:
        raise _Problem("empty")
    if len(pdf) > FILE_LIMIT:
        raise _Problem("large")
    if not pdf.startswith(b"%PDF-"):
        raise _Problem("not_pdf")
    ranges = _RANGE.findall(pdf)
    if len(ranges) != 1:
        raise _Problem("several" if ranges else "unsigned")
    start, length, after, rest = (int(number) for number in ranges[0])
    gap = _HEX.match(pdf[length:after])
    if start != 0 or not length < after or gap is None or len(gap["der"]) > CONTAINER_LIMIT:
        raise _Problem("malformed")
    end = after + rest
    covered = sha256(pdf[:length])
    covered.update(pdf[after:end])
    return _Signature(covered.digest(), bytes.fromhex(gap["der"].decode("ascii")), end if rest else -1)


def _container_of(raw: bytes) -> dict[str, Any]:
    """The container's signer and digest. Strict: one signer, signed attributes, nothing but zeros behind it."""
    from asn1crypto import cms

    try:
        length = _der_length(raw)
        content = cms.ContentInfo.load(raw[:length], strict=True)
        if content["content_type"].native != "signed_data" or raw[length:].strip(b"\0"):
            raise _Problem("malformed")
        (info,) = content["content"]["signer_infos"]
        (enclosed,) = content["content"]["certificates"]
        digests = [a["values"] for a in info["signed_attrs"] if a["type"].native == "message_digest"]
        ((digest,),) = digests
        return {"info": info, "digest": digest.native, "certificate": enclosed.chosen.dump()}
    except (ValueError, TypeError, KeyError, RecursionError, AttributeError, OverflowError):
        raise _Problem("malformed") from None


def _der_length(raw: bytes) -> int:
    """How long the outermost value is, as it says itself: behind it come the zeros that fill the reserved room."""
    if len(raw) < 4 or raw[0] != 0x30:
        raise ValueError("not a container")
    if raw[1] < 0x80:
        return 2 + raw[1]
    size = raw[1] & 0x7F
    return 2 + size + int.from_bytes(raw[2 : 2 + size], "big")


def _signed_by(signed: dict[str, Any], certificate: Certificate) -> bool:
    """Whether this certificate's key made the signature over these attributes."""
    from asn1crypto import pem, x509
    from pyhanko.sign.general import UnacceptableSignerError
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    raw = pem.unarmor(certificate.pem)[2]
    if signed["certificate"] != raw:
        return False
    loaded = x509.Certificate.load(raw)
    try:
        _, valid = validate_sig_integrity(signed["info"], loaded, "data", signed["digest"])
    except (SignatureValidationError, UnacceptableSignerError, ValueError, TypeError, KeyError, AttributeError):
        return False
    return bool(valid)


# --- The facts and the page -----------------------------------------------------------------------


def _facts_of(pdf: bytes) -> ReceiptFacts | None:
    """The facts inside a file that we signed, or None."""
    import pikepdf

    try:
        with pikepdf.open(BytesIO(pdf)) as document:
            if list(document.attachments) != [drawing.FACTS_NAME]:
                return None
            raw = document.attachments[drawing.FACTS_NAME].get_file().read_bytes()
        return decode(raw) if len(raw) <= SIZE_LIMIT else None
    except (pikepdf.PdfError, FactsInvalid, ValueError, TypeError, KeyError):
        return None


def _page_check(pdf: bytes, facts: ReceiptFacts) -> Check:
    """The page is made again from the facts: the same to the byte, or, after an update of the tools, word for word."""
    if facts.edition != EDITION:
        return Check("page", None, words.UNKNOWN_EDITION, {"edition": facts.edition})
    return _check("page", pdf.startswith(drawing.draw(facts)) or _same_words(pdf, drawing.page(facts)))


def _same_words(pdf: bytes, page: str) -> bool:
    """Whether the file's text is the page's text, spaces aside."""
    reader = _Text()
    reader.feed(page)
    return _dense(_text_of(pdf)) == _dense("".join(reader.parts))


def _text_of(pdf: bytes) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        return "".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


def _dense(text: str) -> str:
    """Text without what line breaks add or take: spaces, hyphens, the dots of lists."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if not c.isspace() and c not in _LOOSE)


class _Text(HTMLParser):
    """The visible text of our own template's HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._body = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._body = self._body or tag == "body"

    def handle_data(self, data: str) -> None:
        if self._body:
            self.parts.append(data)


# --- The ledger -----------------------------------------------------------------------------------


def _ledger_checks(facts: ReceiptFacts, ledger: LedgerView) -> tuple[Check, Check]:
    """The entry is the one that the receipt names, and the chain runs from it over the receipt's head to today's."""
    today = ledger.head()
    entries = list(ledger.entries(facts.entry.number, today.number))
    at = {entry.number: entry for entry in entries}
    mine, head = at.get(facts.entry.number), at.get(facts.head.number)
    begin = Head(facts.entry.number - 1, bytes.fromhex(facts.previous))
    entry_fits = mine is not None and _fits(mine, facts) and first_fault([mine], begin) is None
    chain_fits = (
        head is not None
        and head.hash.hex() == facts.head.hash
        and first_fault(entries, begin) is None
        and (entries[-1].number, entries[-1].hash) == (today.number, today.hash)
    )
    return (
        _check("entry", entry_fits, number=facts.entry.number),
        _check("head", chain_fits, number=today.number),
    )


def _fits(entry: Entry, facts: ReceiptFacts) -> bool:
    """The entry is the erasure of these units by this purge, under the epoch key that was then destroyed."""
    body = entry.body
    return (
        entry.kind == "erase"
        and entry.hash.hex() == facts.entry.hash
        and body.get("purge") == str(facts.purge_id)
        and set(body.get("units", ())) == {str(unit) for unit in facts.subject_ids}
        and body.get("epoch", facts.epoch_before) == facts.epoch_before
        and body.get("rule", facts.rule) == facts.rule
    )


def _order_check(facts: ReceiptFacts, ledger: LedgerView) -> Check:
    """Erased, verified, issued, in this order (`decode` refuses others), the ledger entry before the second."""
    written = [entry.at for entry in ledger.entries(facts.entry.number, facts.entry.number)]
    in_order = facts.erased_at <= facts.verified_at <= facts.issued_at
    return _check("order", in_order and all(at <= instant(facts.verified_at) for at in written))
