"""The installation's signing key: made at first start, kept in one folder, used for receipts and nothing else.

Guards that a signature of this key always means "a receipt of this employer": nothing else is ever signed, the key file
is readable by its owner only, and a retired key is destroyed while its certificate stays, so that old receipts remain
verifiable. No network: no timestamp server, no revocation list. PAdES baseline B with P-256.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from recruit.errors import RecruitError
from recruit.vault import durable

if TYPE_CHECKING:
    from pyhanko.sign.signers import PdfSigner

RESERVED = 4096
"""Hex digits kept free for the signature container; ours takes some 2,000. Estimating it would sign twice."""

LIFETIME = timedelta(days=365 * 25)
COMMON_NAME = "recruit receipts"
_FILE = re.compile(r"receipts-(\d{4})\.pem\Z")


class SigningKeyUnusable(RecruitError):
    """The key folder holds something that is no key of ours, or a key that others can read."""

    status = 500
    text = "The key that signs receipts can't be used. Nothing was signed."


@dataclass(frozen=True)
class Certificate:
    """A certificate that this installation has signed receipts with; `number` counts the keys from 1."""

    number: int
    pem: bytes

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, in groups as PDF readers show it."""
        digest = x509.load_pem_x509_certificate(self.pem).fingerprint(hashes.SHA256()).hex().upper()
        return " ".join(digest[i : i + 4] for i in range(0, 64, 4))


class ReceiptSigner:
    """Signs receipts with the newest key. Made once per process and reused; safe to call from several threads."""

    def __init__(self, certificate: Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self.certificate = certificate
        self._pdf_signer = _pdf_signer(certificate, key)
        self._container = _Container(self._pdf_signer.signer, key)
        self._lock = threading.Lock()

    def sign(self, pdf: bytes, *, now: datetime) -> bytes:
        """The signed receipt: the same bytes with one signature after them that covers all.

        The signature certifies the document and permits no change. `now` is the time that it claims.
        """
        out = BytesIO(pdf)
        with self._lock:
            session = self._pdf_signer.init_signing_session(_writer()(out))
            session.system_time = now
            document = session.prepare_tbs_document(None, RESERVED)
            digest, written = document.digest_tbs_document(in_place=True)
            digest.fill_with_cms(written, self._container.of(digest.document_digest))
        return out.getvalue()


class _Container:
    """The signature container (CMS): shaped once by the library, then only its digest and signature are renewed.

    Shaping it anew costs three times the rest of a signing. A digest has one length, so the attributes keep theirs,
    and their order, which depends on the attributes' names.
    """

    def __init__(self, signer: Any, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self._digest = secrets.token_bytes(32)
        shaped = _result(signer.async_sign(self._digest, "sha256", use_pades=True))
        signed = shaped["content"]
        info = signed["signer_infos"][0]
        self._attributes: bytes = info["signed_attrs"].untag().dump()
        self._before = b"".join(info[part].dump() for part in ("version", "sid", "digest_algorithm"))
        self._after: bytes = info["signature_algorithm"].dump()
        outer = ("version", "digest_algorithms", "encap_content_info", "certificates")
        self._outer = b"".join(signed[part].dump() for part in outer)
        self._kind: bytes = shaped["content_type"].dump()

    def of(self, digest: bytes) -> bytes:
        """The container for a document with this SHA-256."""
        attributes = self._attributes.replace(self._digest, digest)
        signature = self._key.sign(attributes, ec.ECDSA(hashes.SHA256()))
        tagged = b"\xa0" + attributes[1:]
        info = _der(0x30, self._before + tagged + self._after + _der(0x04, signature))
        return _der(0x30, self._kind + _der(0xA0, _der(0x30, self._outer + _der(0x31, info))))


def _result(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine returns, run to its end in a thread of its own: a start may be inside an event loop already."""
    with ThreadPoolExecutor(1) as one:
        return one.submit(asyncio.run, coroutine).result()


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 128 + len(length))) + length + content


@cache
def _writer() -> Any:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    class Writer(IncrementalPdfFileWriter):
        """Leaves the document's own metadata as they are: the library would stamp them with the machine's clock."""

        def _update_meta(self) -> None:
            return

    return Writer


def open_signer(folder: Path, employer: str, *, now: datetime) -> ReceiptSigner:
    """The signer of this installation; at first start its key is made, durable before it is used.

    Two processes may start at once: one makes the key, both use it. SigningKeyUnusable if the newest file holds no key.
    """
    durable.make_folder(folder)
    if not _files(folder):
        _make(folder, 1, employer, now)
    number, path = _files(folder)[-1]
    return ReceiptSigner(Certificate(number, _certificate_of(path)), _key_of(path))


def rotate(folder: Path, employer: str, *, now: datetime) -> ReceiptSigner:
    """A new key; every older private key is destroyed, its certificate stays."""
    number = _files(folder)[-1][0] + 1 if _files(folder) else 1
    _make(folder, number, employer, now)
    for older, path in _files(folder):
        if older < number:
            _replace(path, _certificate_of(path))
    return open_signer(folder, employer, now=now)


def certificates(folder: Path) -> tuple[Certificate, ...]:
    """Every certificate that this installation has signed with, the newest last."""
    return tuple(Certificate(number, _certificate_of(path)) for number, path in _files(folder))


def _files(folder: Path) -> list[tuple[int, Path]]:
    found = ((_FILE.match(path.name), path) for path in folder.iterdir()) if folder.is_dir() else ()
    return sorted((int(match[1]), path) for match, path in found if match)


def _make(folder: Path, number: int, employer: str, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = _certificate(key, employer, now).public_bytes(serialization.Encoding.PEM)
    _create(folder / f"receipts-{number:04}.pem", secret + public)


def _certificate(key: ec.EllipticCurvePrivateKey, employer: str, now: datetime) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "NO"),
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, employer[:64]),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, COMMON_NAME),
        ]
    )
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"), False
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=True, encipher_only=False, decipher_only=False, **usage
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return builder.sign(key, hashes.SHA256())


def _create(path: Path, content: bytes) -> None:
    """Durable and whole, or not there at all; the file that came first stays."""
    temporary = _write_temporary(path, content)
    try:
        os.link(temporary, path)
    except FileExistsError:
        return
    finally:
        temporary.unlink()
        durable.sync_folder(path.parent)


def _replace(path: Path, content: bytes) -> None:
    """Put public content in a key's place. Destroying it is best effort: worn disk cells are out of reach."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        temporary = _write_temporary(path, content)
        os.replace(temporary, path)
        file.write(secrets.token_bytes(size))
        file.flush()
        os.fsync(file.fileno())
    durable.sync_folder(path.parent)


def _write_temporary(path: Path, content: bytes) -> Path:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return temporary


def _certificate_of(path: Path) -> bytes:
    try:
        loaded = x509.load_pem_x509_certificates(path.read_bytes())
    except ValueError:
        raise SigningKeyUnusable from None
    return loaded[0].public_bytes(serialization.Encoding.PEM)


def _key_of(path: Path) -> ec.EllipticCurvePrivateKey:
    if path.stat().st_mode & 0o077:
        raise SigningKeyUnusable
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError):
        raise SigningKeyUnusable from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise SigningKeyUnusable
    return key


def _pdf_signer(certificate: Certificate, key: ec.EllipticCurvePrivateKey) -> PdfSigner:
    from asn1crypto import keys
    from asn1crypto import x509 as asn1_x509
    from pyhanko.sign import signers
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    der = x509.load_pem_x509_certificate(certificate.pem).public_bytes(serialization.Encoding.DER)
    secret = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(der),
        signing_key=keys.PrivateKeyInfo.load(secret),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
    )
    meta = signers.PdfSignatureMetadata(
        field_name="Receipt",
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    return signers.PdfSigner(meta, signer=signer)
