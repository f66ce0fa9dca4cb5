"""Which files a candidate may send, told from their bytes.

Guards that a file's name and declared type never count, and that what cannot be a whole PDF, DOCX, ODT, PNG or JPEG is
turned away in words before any library opens it. Pure: bytes in, a media type or a refusal out. Whatever needs parsing
(encryption inside a PDF, macros told only in XML) is told later, in a confined process (`confined.py`).
"""

import io
import re
import zipfile
from collections.abc import Callable
from urllib.parse import quote

from recruit.errors import RecruitError

MAX_BYTES = 25 * 1024 * 1024
MAX_FILES = 10
MAX_UNPACKED_BYTES = 100 * 1024 * 1024
MAX_PACKED_RATIO = 200
MAX_ENTRIES = 2000
HEAD_BYTES = 64
"""So many first bytes tell the container; `refuse_by_head` wants at least these, or the whole file if it is shorter."""

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
PNG = "image/png"
JPEG = "image/jpeg"
EXTENSIONS = {PDF: ".pdf", DOCX: ".docx", ODT: ".odt", PNG: ".png", JPEG: ".jpg"}
"""The media types that are accepted, each with the ending that a download gets."""

_ZIP = "application/zip"
_PREFIXES = {
    b"%PDF-": PDF,
    b"\x89PNG\r\n\x1a\n": PNG,
    b"\xff\xd8\xff": JPEG,
    b"PK\x03\x04": _ZIP,
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEIF_BRANDS = {
    b"heic",
    b"heix",
    b"heim",
    b"heis",
    b"hevc",
    b"hevx",
    b"hevm",
    b"hevs",
    b"mif1",
    b"msf1",
    b"avif",
    b"avis",
}
WORD_MAIN_PART = re.compile(r"word/document\d*\.xml")
"""Word writes `document.xml`; some of Microsoft's services write `document2.xml`."""
_ODT_FIRST_ENTRY = re.compile(rb".{26}\x08\x00.{2}mimetype" + re.escape(ODT.encode()) + rb"PK", re.DOTALL)
_PDF_LEADING = b"\xef\xbb\xbf \t\r\n\x00"
_PDF_TAIL = 2048
_PNG_CHUNKS = 50_000


def as_download(name: str, media_type: str) -> str:
    """A download under the candidate's own file name, safe in a header whatever was typed as a name."""
    plain = f"document{EXTENSIONS.get(media_type, '')}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


class DocumentRefused(RecruitError):
    """The root of what is wrong with an uploaded file; nothing of it was kept."""

    status = 422
    text = "This document could not be accepted."


class WrongType(DocumentRefused):
    text = "This file is not a PDF, DOCX, ODT, PNG or JPEG. Save the document as a PDF and upload that."


class LegacyWord(DocumentRefused):
    text = (
        "This is an older Word document (DOC or RTF). Open it in Word or LibreOffice, choose Save as, "
        "and save it as PDF or DOCX. Then upload the new file."
    )


class ApplePages(DocumentRefused):
    text = "This is a Pages document. Open it in Pages, choose File, Export To, PDF, and upload the PDF."


class Heic(DocumentRefused):
    text = (
        "This picture is in the HEIC or AVIF format. Convert it to JPEG first. On an iPhone: save the picture to "
        "Files, hold your finger on it and choose Quick Actions, Convert Image. On a Mac: open it in Preview and "
        "choose File, Export, JPEG."
    )


class TooLarge(DocumentRefused):
    status = 413
    text = "This file is larger than 25 MB. Save it with smaller pictures, or split it, and upload again."


class UnpacksTooLarge(DocumentRefused):
    text = "This file unpacks to far more than a document needs, so it is not opened. Save it as a PDF and upload that."


class TooManyFiles(DocumentRefused):
    text = "An application can have up to 10 documents. Put several together in one PDF if you need more."


class EmptyFile(DocumentRefused):
    text = "This file is empty. Choose the file again."


class Truncated(DocumentRefused):
    text = (
        "The end of this file is missing. It may have been cut short on the way: "
        "upload it again, or save it anew first."
    )


class EncryptedDocument(DocumentRefused):
    text = (
        "This document is locked with a password, so nobody here can read it. Save "
        "it without a password and upload again."
    )


class MacroDocument(DocumentRefused):
    text = "This document holds macros, or fetches a template from another machine. Save it as a PDF and upload that."


class NotReadable(DocumentRefused):
    text = (
        "This file cannot be opened; it may be damaged. Open it on your own machine, save it as a PDF, and upload that."
    )


def refuse_by_head(head: bytes) -> str | None:
    """The media type that the first bytes promise, for a refusal before the rest has come.

    A ZIP container says only later what it is, so `None` means: go on. Raises what `media_type_of` would raise for
    these bytes at the beginning of any file. `head`: the first `HEAD_BYTES`, or the whole file if it is shorter.
    """
    if not head:
        raise EmptyFile
    kind = _container(head)
    return None if kind == _ZIP or head.startswith(_OLE) else kind


def media_type_of(data: bytes) -> str:
    """The accepted media type of a whole file, in at most some tens of milliseconds; raises a `DocumentRefused`.

    A file that is two things at once (a PDF with a ZIP archive behind it) is refused as `WrongType`.
    """
    if not data:
        raise EmptyFile
    if len(data) > MAX_BYTES:
        raise TooLarge
    kind = _container(data[:HEAD_BYTES])
    if data.startswith(_OLE):
        raise _inside_ole(data)
    if kind == _ZIP:
        return _inside_zip(data)
    if _archive_end(data) is not None:
        raise WrongType
    _WHOLE[kind](data)
    return kind


def _container(head: bytes) -> str:
    """The kind that a magic number names. OLE passes as ZIP does: only the whole file says what is in it."""
    if head.startswith(_OLE):
        return _ZIP
    trimmed = head.lstrip(_PDF_LEADING)
    for prefix, kind in _PREFIXES.items():
        start = trimmed if kind == PDF else head
        if start.startswith(prefix):
            return kind
        if start and prefix.startswith(start):
            raise Truncated
    if head.lstrip().startswith(b"{\\rtf"):
        raise LegacyWord
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        raise Heic
    raise WrongType


def _inside_ole(data: bytes) -> DocumentRefused:
    """Old Word files and encrypted DOCX share a container; its folder names are UTF-16."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return EncryptedDocument()
    if "WordDocument".encode("utf-16-le") in data:
        return LegacyWord()
    return WrongType()


def _archive_end(data: bytes) -> int | None:
    """Where the end record of a ZIP archive begins that reaches exactly to the end of the file, if there is one."""
    place = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    while place >= 0:
        comment = int.from_bytes(data[place + 20 : place + 22], "little")
        if place + 22 + comment == len(data):
            return place
        place = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557), place)
    return None


def _inside_zip(data: bytes) -> str:
    end = _archive_end(data)
    if end is None:
        raise Truncated
    if int.from_bytes(data[end + 10 : end + 12], "little") > MAX_ENTRIES:
        raise UnpacksTooLarge
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            kind = _office_kind(data, {entry.filename for entry in entries})
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as broken:
        raise NotReadable from broken
    _refuse_entries(entries)
    return kind


def _office_kind(data: bytes, names: set[str]) -> str:
    """By its entries: DOCX by its main part, ODT by the stored first entry that its standard asks for."""
    if any(name.endswith("vbaProject.bin") or name.startswith(("Basic/", "Scripts/")) for name in names):
        raise MacroDocument
    if "[Content_Types].xml" in names and any(WORD_MAIN_PART.fullmatch(name) for name in names):
        return DOCX
    if "content.xml" in names and _ODT_FIRST_ENTRY.match(data):
        return ODT
    if any((name.startswith("Index/") and name.endswith(".iwa")) or name == "Index.zip" for name in names):
        raise ApplePages
    raise WrongType


def _refuse_entries(entries: list[zipfile.ZipInfo]) -> None:
    """Bombs by their declared sizes (reading never goes beyond these), and entries under a password."""
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    bomb = unpacked > 10 * 1024 * 1024 and unpacked > MAX_PACKED_RATIO * packed
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED_BYTES or bomb:
        raise UnpacksTooLarge
    if any(entry.flag_bits & 1 for entry in entries):
        raise EncryptedDocument


def _whole_pdf(data: bytes) -> None:
    """A PDF ends with `startxref`, an offset and `%%EOF`; a linearised one has an early end with offset 0."""
    tail = data[-_PDF_TAIL:]
    end = tail.rfind(b"%%EOF")
    pointers = re.findall(rb"startxref\s+(\d+)", tail[: end if end >= 0 else 0])
    if end < 0 or (pointers and int(pointers[-1]) == 0):
        raise Truncated


def _whole_png(data: bytes) -> None:
    """Walks the chunks to IEND; bytes behind it are ignored by every reader and so here."""
    place = 8
    for _ in range(_PNG_CHUNKS):
        if place + 12 > len(data):
            raise Truncated
        if data[place + 4 : place + 8] == b"IEND":
            return
        place += 12 + int.from_bytes(data[place : place + 4], "big")
    raise NotReadable


def _whole_jpeg(data: bytes) -> None:
    """Skips the headers (a thumbnail in them has an end of its own), then wants the end mark behind the first scan."""
    place = 2
    while place + 4 <= len(data):
        if data[place] != 0xFF:
            raise NotReadable
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if marker == 0xDA:
            if data.find(b"\xff\xd9", place) < 0:
                raise Truncated
            return
        standalone = marker == 0x01 or 0xD0 <= marker <= 0xD9
        place += 2 if standalone else 2 + max(2, int.from_bytes(data[place + 2 : place + 4], "big"))
    raise Truncated


_WHOLE: dict[str, Callable[[bytes], None]] = {PDF: _whole_pdf, PNG: _whole_png, JPEG: _whole_jpeg}
