"""Claims about the signature: valid to a foreign reader, made with a key that is kept as a key must be."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509

from recruit.receipts import pdf
from recruit.receipts.facts import ReceiptFacts
from recruit.receipts.signing import ReceiptSigner, SigningKeyUnusable, certificates, open_signer, rotate
from tests.receipts.making import ISSUED_AT, facts

EMPLOYER = "Fjordvik Verft AS"


def test_pdfsig_calls_the_signature_valid_and_the_signer_unknown(receipt: bytes, tmp_path: Path) -> None:
    (tmp_path / "receipt.pdf").write_bytes(receipt)
    said = subprocess.run(
        ["pdfsig", "receipt.pdf"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    ).stdout
    assert "Signature is Valid." in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said
    assert "Certificate issuer is unknown." in said
    assert "Nov 22 2026 01:31:18" in said


def test_the_library_finds_the_signature_whole_and_the_document_untouched(
    receipt: bytes, signer: ReceiptSigner
) -> None:
    from io import BytesIO

    from asn1crypto import pem
    from asn1crypto import x509 as asn1
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    (embedded,) = PdfFileReader(BytesIO(receipt)).embedded_signatures
    root = asn1.Certificate.load(pem.unarmor(signer.certificate.pem)[2])
    context = ValidationContext(trust_roots=[root], allow_fetching=False, moment=ISSUED_AT)
    status = validate_pdf_signature(embedded, context)
    assert status.bottom_line
    assert status.docmdp_ok
    assert status.coverage.name == "ENTIRE_FILE"


def test_signing_only_adds_to_the_file(signer: ReceiptSigner) -> None:
    drawn = pdf.draw(facts())
    assert signer.sign(drawn, now=ISSUED_AT).startswith(drawn)


def test_the_archival_marks_survive_the_signature(receipt: bytes) -> None:
    from io import BytesIO

    import pikepdf

    with pikepdf.open(BytesIO(receipt)) as document:
        assert document.open_metadata()["pdfaid:conformance"] == "F"
        assert document.Root.Perms.DocMDP.Reference[0].TransformParams.P == 1
        assert "/Info" not in document.trailer
        assert "/NeedAppearances" not in document.Root.AcroForm
        (widget,) = document.Root.AcroForm.Fields
        assert widget.F == 132  # printed, locked, never hidden


def test_signing_works_inside_an_event_loop(tmp_path: Path) -> None:
    async def inside() -> bytes:
        return open_signer(tmp_path, EMPLOYER, now=ISSUED_AT).sign(pdf.draw(facts()), now=ISSUED_AT)

    assert b"/ByteRange" in asyncio.run(inside())


def test_many_threads_may_sign_at_once(issue: Callable[[ReceiptFacts], bytes]) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda n: issue(facts(number=f"2026-{n:06}")), range(1, 9)))
    assert len({one[:2000] for one in made} | set(made)) >= 8


def test_the_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    first = open_signer(folder, EMPLOYER, now=ISSUED_AT).certificate.pem
    assert open_signer(folder, "Another AS", now=ISSUED_AT).certificate.pem == first
    (path,) = folder.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    script = (
        "import sys; from datetime import datetime, UTC; from pathlib import Path\n"
        "from recruit.receipts.signing import open_signer\n"
        "made = open_signer(Path(sys.argv[1]), 'A', now=datetime(2026, 1, 1, tzinfo=UTC))\n"
        "sys.stdout.write(made.certificate.fingerprint)"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "k")], stdout=subprocess.PIPE) for _ in range(3)
    ]
    assert len({process.communicate(timeout=60)[0] for process in started}) == 1
    assert len(list((tmp_path / "k").iterdir())) == 1


def test_the_certificate_names_the_employer_and_holds_no_secret(tmp_path: Path) -> None:
    signer = open_signer(tmp_path, EMPLOYER, now=ISSUED_AT)
    loaded = x509.load_pem_x509_certificate(signer.certificate.pem)
    assert loaded.subject.rfc4514_string() == "CN=recruit receipts,O=Fjordvik Verft AS,C=NO"
    assert b"PRIVATE" not in signer.certificate.pem
    assert not any(b"PRIVATE" in certificate.pem for certificate in certificates(tmp_path))


def test_a_long_name_of_an_employer_still_makes_a_certificate(tmp_path: Path) -> None:
    open_signer(tmp_path, "Ø" * 200, now=ISSUED_AT)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    open_signer(tmp_path, EMPLOYER, now=ISSUED_AT)
    next(tmp_path.iterdir()).chmod(0o644)
    with pytest.raises(SigningKeyUnusable):
        open_signer(tmp_path, EMPLOYER, now=ISSUED_AT)


def test_a_file_that_is_no_key_is_refused_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "receipts-0001.pem"
    path.touch(0o600)
    with pytest.raises(SigningKeyUnusable):
        open_signer(tmp_path, EMPLOYER, now=ISSUED_AT)
    assert path.read_bytes() == b""


def test_rotation_keeps_the_certificate_and_destroys_the_key(tmp_path: Path) -> None:
    old = open_signer(tmp_path, EMPLOYER, now=ISSUED_AT)
    assert b"PRIVATE" in (tmp_path / "receipts-0001.pem").read_bytes()
    new = rotate(tmp_path, EMPLOYER, now=ISSUED_AT)
    assert b"PRIVATE" not in (tmp_path / "receipts-0001.pem").read_bytes()
    assert [one.pem for one in certificates(tmp_path)] == [old.certificate.pem, new.certificate.pem]
    assert [one.number for one in certificates(tmp_path)] == [1, 2]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["receipts-0001.pem", "receipts-0002.pem"]
