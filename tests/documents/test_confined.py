"""Whatever is sent, the reader that opens it can do nothing else, ends in time, and leaves nothing on the disk."""

import asyncio
import io
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pikepdf
import pytest
from PIL import Image

from recruit.documents import confined, kinds
from recruit.documents.results import MAX_PAGES, Rendering
from tests.documents import hostile
from tests.documents.test_kinds import ENDINGS, GOOD, SAMPLES

CONTENTS = {path: path.read_bytes() for path in GOOD}
pytestmark = pytest.mark.skipif(os.uname().sysname != "Linux", reason="the layers of confinement are Linux's")


@pytest.fixture(autouse=True)
def nothing_left_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The app's side writes no temporary file; that the reader cannot write any is a test of its own."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    assert os.listdir(tmp_path) == []
    assert not os.path.exists("/tmp/recruit-probe")


async def draw(data: bytes) -> Rendering:
    """As the app does: told by its bytes, examined, drawn; always within the 20 seconds that are promised."""
    started = time.monotonic()
    try:
        kind = kinds.media_type_of(data)
        await confined.examine(data, kind)
        return await confined.render(data, kind)
    finally:
        assert time.monotonic() - started < 20


async def refused(data: bytes) -> type[Exception]:
    with pytest.raises(kinds.DocumentRefused) as caught:
        await draw(data)
    return type(caught.value)


def test_every_layer_is_in_force_and_no_attempt_to_break_out_succeeds() -> None:
    found = confined.confinement()
    assert found.escapes == ()
    assert [layer.name for layer in found.layers if layer.missing] == []


def test_the_attempts_succeed_without_the_layers() -> None:
    """So that the test above can fail: the same attempts outside the sandbox."""
    from recruit.documents import worker

    succeeded = worker._escapes()
    Path("/tmp/recruit-probe").unlink()
    assert {"opened a network connection", "wrote a file"} <= set(succeeded)
    assert {"read a file of the machine", "started a process", "sent a signal"} <= set(succeeded)


@pytest.mark.parametrize(
    ("layer", "function", "escapes"),
    [
        ("namespaces", "_leave_namespaces", ()),
        ("landlock", "_restrict_files", ("read a file of the machine",)),
        ("seccomp", "_filter_calls", ("started a process",)),
    ],
)
def test_a_missing_layer_is_said_and_the_others_still_keep_the_network_and_the_disk_shut(
    layer: str, function: str, escapes: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = confined._command("probe", "")
    place = whole.index(confined._START)
    whole[place] = (
        f"import sys; sys.path.insert(0, sys.argv[1]); from recruit.documents import sandbox; "
        f"sandbox.{function} = lambda *_: 'switched off'; from recruit.documents.worker import main; main()"
    )
    monkeypatch.setattr(confined, "_command", lambda *_: whole)
    found = confined.confinement()
    assert [(known.name, known.missing) for known in found.layers if known.missing] == [(layer, "switched off")]
    assert found.escapes == escapes


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
async def test_real_documents_are_drawn_with_their_text(path: Path) -> None:
    rendering = await draw(CONTENTS[path])
    first = rendering.pages[0]
    image = Image.open(io.BytesIO(first.image))
    assert (image.width, image.height) == (first.width, first.height)
    assert len(image.convert("L").getcolors() or ()) > 10
    assert not rendering.cut
    words = {
        "libreoffice": "Ingrid",
        "abiword": "Ingrid",
        "pandoc": "Kari",
        "chromium": "Ola",
        "groff": "Per",
        "ghost": "Per",
    }
    if path.suffix in (".pdf", ".docx", ".odt"):
        assert next(word for start, word in words.items() if path.name.startswith(start)) in first.text
    if path.suffix in (".docx", ".odt") and not path.name.startswith("pandoc"):
        assert "900 00 000" in first.text, "the page header is shown"
        assert "Høgskulen i Ånnerud" in "".join(page.text for page in rendering.pages), "tables are shown"


async def test_an_ordinary_cv_is_drawn_in_little_more_than_its_process_takes_to_start() -> None:
    data, starting, drawing = (SAMPLES / "libreoffice.pdf").read_bytes(), list[float](), list[float]()
    for _ in range(3):
        started = time.monotonic()
        await (await asyncio.create_subprocess_exec(sys.executable, "-c", "import pypdfium2, PIL.Image")).wait()
        starting.append(time.monotonic() - started)
        started = time.monotonic()
        await confined.render(data, kinds.PDF)
        drawing.append(time.monotonic() - started)
    assert min(drawing) < 8 * min(starting)


async def test_a_rendering_can_be_sealed_and_read_again() -> None:
    rendering = await draw(hostile.picture("PNG"))
    packed = msgspec.msgpack.encode(rendering)
    assert msgspec.msgpack.Decoder(Rendering).decode(packed) == rendering


async def test_camera_data_does_not_survive() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home: canary"
    exif[0x0112] = 6
    data = hostile.picture("JPEG", exif=exif)
    assert b"canary" in data
    page = (await draw(data)).pages[0]
    assert b"canary" not in page.image
    assert (page.width, page.height) == (40, 60), "turned upright"


async def test_a_phone_s_double_picture_shows_the_first() -> None:
    other = Image.new("RGB", (60, 40), "red")
    data = hostile.picture("MPO", save_all=True, append_images=[other])
    assert len((await draw(data)).pages) == 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
async def test_pictures_of_every_depth_are_drawn(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (30, 20)).save(out, "JPEG" if mode == "CMYK" else "PNG")
    assert (await draw(out.getvalue())).pages[0].width == 30


async def test_a_filled_form_shows_what_was_filled_in() -> None:
    field = (
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /V (FILLED) /Rect [50 500 400 540] /DA (/F 20 Tf 0 g)"
        b" /AP << /N 7 0 R >> /F 4 /P 3 0 R >>"
    )
    looks = hostile.stream(b"0 0 350 40 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 350 40]")
    data = hostile.one_page(
        hostile.text(b" "), b"/Annots [6 0 R]", b"/AcroForm << /Fields [6 0 R] /DR << >> >>", field, looks
    )
    image = Image.open(io.BytesIO((await draw(data)).pages[0].image)).convert("L")
    assert image.getextrema()[0] < 100


@pytest.mark.parametrize(
    "catalog",
    [
        b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\); while\\(true\\){}) >>",
        b"/OpenAction << /S /Launch /F (/bin/sh) >>",
        b"/OpenAction << /S /URI /URI (http://192.0.2.1/canary) >>",
        b"/OpenAction << /S /SubmitForm /F (http://192.0.2.1/) >>",
        b"/Names << /JavaScript << /Names [(a) << /S /JavaScript /JS (while\\(true\\){}) >>] >> >>",
        b"/AcroForm << /XFA [(template) 4 0 R] /Fields [] >>",
    ],
)
async def test_what_wants_to_run_in_a_pdf_does_not_run(catalog: bytes) -> None:
    rendering = await draw(hostile.active(catalog))
    assert [page.text.strip() for page in rendering.pages] == ["hello"]


@pytest.mark.parametrize(
    "build",
    [
        hostile.flate_bomb,
        hostile.endless_drawing,
        hostile.picture_bomb_in_pdf,
        hostile.circle_of_pages,
        hostile.huge_sheet,
    ],
)
async def test_bombs_end_in_time_as_a_small_rendering_or_a_refusal(build: Callable[[], bytes]) -> None:
    data = build()
    assert len(data) < 5_000_000
    try:
        rendering = await draw(data)
    except kinds.DocumentRefused:
        return
    assert len(rendering.pages) <= MAX_PAGES
    assert all(max(page.width, page.height) <= 2000 for page in rendering.pages)


async def test_a_hundred_thousand_pages_are_cut_and_the_cut_is_said() -> None:
    rendering = await draw(hostile.many_pages(100_000))
    assert len(rendering.pages) == MAX_PAGES
    assert rendering.cut


async def test_a_user_s_password_locks_and_an_owner_s_does_not() -> None:
    for user, locked in (("secret", True), ("", False)):
        out = io.BytesIO()
        with pikepdf.open(SAMPLES / "groff.pdf") as document:
            document.save(out, encryption=pikepdf.Encryption(owner="owner", user=user, R=6))
        if locked:
            assert await refused(out.getvalue()) is kinds.EncryptedDocument
        else:
            assert "Per Diktet" in (await draw(out.getvalue())).pages[0].text


MANIFEST = (
    b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry>'
    b"<manifest:encryption-data/></manifest:file-entry></manifest:manifest>"
)
LAUGH = b"<w:p><w:r><w:t>&a9;</w:t></w:r></w:p>"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (hostile.docx(LAUGH, hostile.BILLION_LAUGHS), kinds.NotReadable),
        (hostile.docx(LAUGH, hostile.READ_A_FILE), kinds.NotReadable),
        (hostile.odt(b"<text:p>&a9;</text:p>", hostile.BILLION_LAUGHS), kinds.NotReadable),
        (hostile.odt(b"<text:p>&a9;</text:p>", hostile.READ_A_FILE), kinds.NotReadable),
        (hostile.odt(b"<text:p>" * 100_000 + b"</text:p>" * 100_000), kinds.NotReadable),
        (hostile.docx(b"<w:tbl><w:tr><w:tc>" * 50_000 + b"</w:tc></w:tr></w:tbl>" * 50_000), kinds.NotReadable),
        (hostile.docx(b"<w:p>"), kinds.NotReadable),
        (hostile.odt(parts={"META-INF/manifest.xml": MANIFEST}), kinds.EncryptedDocument),
        (
            hostile.docx(
                a_dot_xml=b'<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled"/></Types>'
            ),
            kinds.MacroDocument,
        ),
        (
            hostile.docx(
                word___rels__settings_dot_xml_dot_rels=hostile.relation("attachedTemplate", "http://192.0.2.1/a")
            ),
            kinds.MacroDocument,
        ),
        (
            hostile.docx(a_dot_xml=b"<a>" + bytes(21_000_000).replace(b"\0", b"ab cd ")[:21_000_000]),
            kinds.UnpacksTooLarge,
        ),
        (hostile.picture_bomb(40_000), kinds.UnpacksTooLarge),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
async def test_hostile_office_files_and_pictures_are_refused(data: bytes, expected: type[Exception]) -> None:
    assert await refused(data) is expected


async def test_a_template_on_the_writer_s_own_machine_is_no_harm() -> None:
    own = hostile.relation("attachedTemplate", "file:///C:\\Users\\ola\\Normal.dotm")
    rendering = await draw(hostile.docx(word___rels__settings_dot_xml_dot_rels=own))
    assert rendering.pages[0].text.strip() == "hello"


async def test_pictures_from_elsewhere_are_left_out_and_the_text_is_shown() -> None:
    linked = (
        b'<w:p><w:r><w:t>hello</w:t></w:r><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/'
        b'drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
        b' xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><a:graphic><a:graphicData><pic:pic>'
        b'<pic:blipFill><a:blip r:link="r9"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline>'
        b"</w:drawing></w:r></w:p>"
    )
    for address in ("http://192.0.2.1/canary.png", "file:///etc/passwd"):
        with_link = hostile.docx(linked, word___rels__document_dot_xml_dot_rels=hostile.relation("image", address))
        assert (await draw(with_link)).pages[0].text.strip() == "hello"
        frame = f'<text:p>hello<draw:frame><draw:image xlink:href="{address}"/></draw:frame></text:p>'.encode()
        assert (await draw(hostile.odt(frame))).pages[0].text.strip() == "hello"


async def test_html_in_a_document_stays_text() -> None:
    words = b"&lt;img src='http://192.0.2.1/'&gt;&lt;script&gt;"
    for data in (
        hostile.odt(b"<text:p>%s</text:p>" % words),
        hostile.docx(b"<w:p><w:r><w:t>%s</w:t></w:r></w:p>" % words),
    ):
        assert "<script>" in (await draw(data)).pages[0].text


async def test_a_book_is_cut_and_the_cut_is_said() -> None:
    for data in (
        hostile.odt(b"<text:p>%s</text:p>" % (b"word " * 100) * 4000),
        hostile.docx((b"<w:p><w:r><w:t>%s</w:t></w:r></w:p>" % (b"word " * 100)) * 4000),
    ):
        rendering = await draw(data)
        assert rendering.cut
        assert 10 < len(rendering.pages) <= MAX_PAGES


@pytest.mark.parametrize(
    "name", ["libreoffice.pdf", "libreoffice.docx", "libreoffice.odt", "chromium.png", "ghostscript.jpg"]
)
async def test_damaged_documents_end_as_a_rendering_or_a_refusal(name: str) -> None:
    chance = random.Random(name)
    original = (SAMPLES / name).read_bytes()
    kind = ENDINGS[Path(name).suffix]

    async def one() -> None:
        data = bytearray(original)
        for _ in range(chance.choice((1, 10, 200))):
            data[chance.randrange(8, len(data))] = chance.randrange(256)
        with suppress(kinds.DocumentRefused):
            assert (await confined.render(bytes(data), kind)).pages

    await asyncio.gather(*(one() for _ in range(8)))


async def test_a_cut_document_that_slips_through_is_no_harm_to_the_reader() -> None:
    for path in (SAMPLES / "libreoffice.pdf", SAMPLES / "chromium.png", SAMPLES / "ghostscript.jpg"):
        data = path.read_bytes()
        for part in (0.1, 0.5, 0.9):
            try:
                await confined.examine(data[: int(len(data) * part)], ENDINGS[path.suffix])
            except kinds.DocumentRefused:
                continue


@pytest.mark.parametrize("kind", list(kinds.EXTENSIONS))
async def test_random_bytes_are_refused_by_every_reader(kind: str) -> None:
    noise = random.Random(kind).randbytes(5000)
    for reader in (confined.examine, confined.render):
        with pytest.raises(kinds.DocumentRefused):
            await reader(noise, kind)


def _reader_of(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setattr(confined, "_command", lambda *_: [sys.executable, "-I", "-c", program])


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.abort()",
        "import sys; sys.stdout.write('garbage')",
        "import time; time.sleep(60)",
        "import sys\nwhile True: sys.stdout.write('x' * 1000000)",
        "import os, time; os.close(1); time.sleep(60)",
    ],
    ids=["crashes", "babbles", "hangs", "floods", "closes"],
)
async def test_a_reader_that_goes_wrong_is_ended_and_refused(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _reader_of(program, monkeypatch)
    monkeypatch.setattr(confined, "WALL_SECONDS", 1.0)
    started = time.monotonic()
    with pytest.raises(kinds.NotReadable):
        await confined.examine(bytes(1_000_000), kinds.PDF)
    assert time.monotonic() - started < 5


async def test_a_page_that_is_no_picture_is_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    page = {"image": b"<script>", "media_type": "image/png", "width": 1, "height": 1, "text": ""}
    body = msgspec.msgpack.encode({"missing": {}, "pages": [page]})
    answer = len(body).to_bytes(4, "big") + body
    _reader_of(f"import sys; sys.stdin.buffer.read(); sys.stdout.buffer.write({answer!r})", monkeypatch)
    with pytest.raises(kinds.NotReadable):
        await confined.render(b"x", kinds.PDF)


async def test_a_caller_that_goes_away_leaves_no_reader_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    _reader_of("import time; time.sleep(60)", monkeypatch)
    started: list[asyncio.subprocess.Process] = []
    create = asyncio.create_subprocess_exec

    async def remember(*args: str, **kwargs: object) -> asyncio.subprocess.Process:
        process = await create(*args, **kwargs)  # type: ignore[arg-type]
        started.append(process)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", remember)
    asking = asyncio.create_task(confined.examine(b"x", kinds.PDF))
    await asyncio.sleep(0.2)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert started[0].returncode is not None


async def test_no_document_s_name_or_text_reaches_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    command = confined._command("render", kinds.PDF)
    assert command[-2:] == ["render", kinds.PDF]
    assert confined._environment().keys() <= {"DYLD_FALLBACK_LIBRARY_PATH"}
