"""A document's kind is told by its bytes; what cannot be accepted is turned away in words."""

import io
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recruit.documents import kinds
from recruit.errors import RecruitError
from recruit.i18n import translator
from recruit.vault.bucket import StoreDown
from tests.documents import hostile

SAMPLES = Path(__file__).parent / "samples"
ENDINGS = {".pdf": kinds.PDF, ".docx": kinds.DOCX, ".odt": kinds.ODT, ".png": kinds.PNG, ".jpg": kinds.JPEG}
GOOD = sorted(path for path in SAMPLES.iterdir() if path.suffix in ENDINGS)
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(400)


def refusal(data: bytes) -> type[RecruitError]:
    with pytest.raises(kinds.DocumentRefused) as caught:
        kinds.media_type_of(data)
    return type(caught.value)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_real_documents_of_other_programs_are_told_apart(path: Path) -> None:
    data = path.read_bytes()
    assert kinds.media_type_of(data) == ENDINGS[path.suffix]
    assert kinds.refuse_by_head(data[: kinds.HEAD_BYTES]) in (ENDINGS[path.suffix], None)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_a_file_cut_short_anywhere_is_called_truncated(path: Path) -> None:
    data = path.read_bytes().rstrip()
    for cut in (1, 2, 5, 21, 22, 100, len(data) // 3, len(data) // 2, len(data) - 10):
        assert refusal(data[: len(data) - cut]) is kinds.Truncated, cut


def test_a_phone_s_bytes_behind_the_end_of_a_jpeg_do_no_harm() -> None:
    assert kinds.media_type_of(hostile.picture("JPEG") + b"SEFT" + bytes(3000)) == kinds.JPEG


def test_a_thumbnail_s_end_is_not_the_picture_s_end() -> None:
    small = hostile.picture("JPEG", (16, 16))
    with_thumbnail = b"\xff\xd8\xff\xe1" + (2 + len(small)).to_bytes(2, "big") + small + hostile.picture("JPEG")[2:]
    assert kinds.media_type_of(with_thumbnail) == kinds.JPEG
    assert refusal(with_thumbnail[:-2]) is kinds.Truncated


def _locked_zip() -> bytes:
    data = bytearray(hostile.docx())
    place = data.find(b"PK\x01\x02")
    data[place + 8] |= 1
    return bytes(data)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", kinds.EmptyFile),
        (b"%P", kinds.Truncated),
        (b"MZ" + bytes(100), kinds.WrongType),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", kinds.WrongType),
        (b"<html><script>alert(1)</script>%PDF-1.4 %%EOF", kinds.WrongType),
        (b"GIF89a" + bytes(50), kinds.WrongType),
        (b"{\\rtf1 hello}", kinds.LegacyWord),
        ((SAMPLES / "libreoffice.doc").read_bytes(), kinds.LegacyWord),
        (OLE + "EncryptedPackage".encode("utf-16-le"), kinds.EncryptedDocument),
        (OLE, kinds.WrongType),
        (HEIC, kinds.Heic),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(50), kinds.WrongType),
        (hostile.zipped({"a.txt": b"a"}), kinds.WrongType),
        (hostile.zipped({"Index/Document.iwa": b"a"}), kinds.ApplePages),
        (hostile.zipped({"content.xml": b"a"}, b"application/vnd.oasis.opendocument.spreadsheet"), kinds.WrongType),
        (hostile.docx(word__vbaProject_dot_bin=b"x"), kinds.MacroDocument),
        (hostile.odt(parts={"Basic/Standard/Module1.xml": b"<a/>"}), kinds.MacroDocument),
        (_locked_zip(), kinds.EncryptedDocument),
        (hostile.docx(word__media__a_dot_bin=bytes(60_000_000)), kinds.UnpacksTooLarge),
        (hostile.zipped({str(n): b"" for n in range(2001)}), kinds.UnpacksTooLarge),
    ],
)
def test_what_is_refused_and_how(data: bytes, expected: type[RecruitError]) -> None:
    assert refusal(data) is expected


def test_a_file_that_is_also_an_archive_is_refused() -> None:
    archive = hostile.zipped({"evil.txt": b"x"})
    for data in ((SAMPLES / "groff.pdf").read_bytes(), hostile.picture("PNG"), hostile.picture("JPEG")):
        assert kinds.media_type_of(data)
        assert refusal(data + archive) is kinds.WrongType
    assert refusal(b"junk" + hostile.docx()) is kinds.WrongType


def test_size_is_counted_to_the_byte() -> None:
    picture = hostile.picture("PNG")
    assert kinds.media_type_of(picture + bytes(kinds.MAX_BYTES - len(picture))) == kinds.PNG
    assert refusal(picture + bytes(kinds.MAX_BYTES - len(picture) + 1)) is kinds.TooLarge


def test_the_head_alone_refuses_what_can_never_be_accepted() -> None:
    with pytest.raises(kinds.Heic):
        kinds.refuse_by_head(HEIC[: kinds.HEAD_BYTES])
    assert kinds.refuse_by_head(b"%PDF-1.7 and so on") == kinds.PDF
    assert kinds.refuse_by_head(OLE[: kinds.HEAD_BYTES]) is None


def test_every_refusal_has_its_words_in_norwegian() -> None:
    for refused in (kinds.DocumentRefused, *kinds.DocumentRefused.__subclasses__()):
        assert 400 <= refused.status < 500 or refused.status == StoreDown.status
        assert translator("nb")(refused.text) != refused.text


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(GOOD), st.data())
def test_a_changed_file_is_told_or_refused_and_nothing_else(path: Path, data: st.DataObject) -> None:
    original = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        original[data.draw(st.integers(0, len(original) - 1))] = data.draw(st.integers(0, 255))
    with suppress(kinds.DocumentRefused):
        assert kinds.media_type_of(bytes(original)) in kinds.EXTENSIONS


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([b"", b"%PDF-1.7\n", b"PK\x03\x04", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", OLE]), st.binary())
def test_random_bytes_behind_any_beginning_do_no_harm(head: bytes, rest: bytes) -> None:
    with suppress(kinds.DocumentRefused):
        kinds.media_type_of(head + rest)


def test_an_archive_with_a_lying_directory_is_not_readable() -> None:
    data = bytearray(hostile.docx())
    place = data.find(b"PK\x01\x02")
    data[place : place + 4] = b"XXXX"
    assert refusal(bytes(data)) is kinds.NotReadable
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(data))
