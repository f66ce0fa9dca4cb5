"""Pages of PDFs and pictures as small pictures with their text.

Guards that what a person sees of a document was drawn anew by us: no script, link, form action, comment, camera data
or hidden byte of the original is in it. Runs only inside the worker (`worker.py`), already locked in.
"""

import io
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from recruit.documents.results import MAX_PAGE_TEXT, MAX_PAGES, Page, Refusal, Rendering

if TYPE_CHECKING:
    from PIL.Image import Image

DPI = 110
MAX_SIDE = 2000
MAX_PICTURE_PIXELS = 80_000_000
MAX_RENDERING_BYTES = 40 * 1024 * 1024
DRAWING_SECONDS = 8.0
"""Processor time after which no further page is begun: the pages so far are shown, and `cut` is said."""

_JPEG_FROM_BYTES = 400_000
_PASSWORD_ERRORS = (4, 5)


def open_pdf(data: bytes) -> Any:
    """The opened document with at least one page. No password is tried: an owner's password alone does not lock it."""
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(data)
        if len(pdf) < 1:
            raise Refusal("not_readable")
        pdf[0].close()
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) in _PASSWORD_ERRORS
        raise Refusal("encrypted" if locked else "not_readable") from error
    return pdf


def pdf_pages(data: bytes) -> Rendering:
    """Draws the first pages, until there are `MAX_PAGES`, or `MAX_RENDERING_BYTES`, or the time is up."""
    pdf = open_pdf(data)
    if pdf.get_formtype():
        pdf.init_forms()
    pages: list[Page] = []
    size = 0
    for page in _draw_all(pdf):
        pages.append(page)
        size += len(page.image)
        if size > MAX_RENDERING_BYTES or time.process_time() > DRAWING_SECONDS:
            break
    return Rendering(tuple(pages), cut=len(pages) < len(pdf))


def _draw_all(pdf: Any) -> Iterator[Page]:
    for number in range(min(len(pdf), MAX_PAGES)):
        yield _draw(pdf, number)


def _draw(pdf: Any, number: int) -> Page:
    """One page; a page that is broken by itself becomes an empty sheet, so that the others keep their numbers."""
    import pypdfium2
    from PIL import Image

    try:
        page = pdf[number]
    except pypdfium2.PdfiumError:
        return _page(Image.new("RGB", (909, 1286), "white"), "")
    width, height = (max(1.0, side) for side in page.get_size())
    scale = min(DPI / 72, MAX_SIDE / max(width, height))
    image = page.render(scale=scale, rev_byteorder=True).to_pil().convert("RGB")
    text = page.get_textpage().get_text_bounded()
    page.close()
    return _page(image, text)


def pdf_text(data: bytes) -> str:
    """What stands on the pages that would be drawn; one that is broken says nothing."""
    import pypdfium2

    pdf, texts = open_pdf(data), []
    for number in range(min(len(pdf), MAX_PAGES)):
        try:
            texts.append(pdf[number].get_textpage().get_text_bounded())
        except pypdfium2.PdfiumError:
            continue
    return _sound("\n".join(texts))


def open_picture(data: bytes, box: int = MAX_SIDE) -> "Image":
    """The decoded picture, upright, on white, at most `box` pixels on a side, without anything that came with it."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # the limit below is ours, and it is checked before anything is decoded
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "GIF", "BMP")) as image:
            if image.width * image.height > MAX_PICTURE_PIXELS:
                raise Refusal("unpacks_too_large")
            image.draft("RGB", (box, box))
            image.load()
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((box, box))
            return _on_white(upright)
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        cut_short = "truncated" in str(error)
        raise Refusal("truncated" if cut_short else "not_readable") from error


def _on_white(image: "Image") -> "Image":
    from PIL import Image

    if image.mode.startswith(("I", "F")):
        image = image.point(lambda level: level / 256, "F").convert("L")  # 16 bits for each pixel
    layered = image.convert("RGBA")
    sheet = Image.new("RGB", image.size, "white")
    sheet.paste(layered, mask=layered.getchannel("A"))
    return sheet


def picture_page(data: bytes) -> Rendering:
    """A picture is a document of one page, without text."""
    return Rendering((_page(open_picture(data), ""),))


def small_picture(data: bytes) -> tuple[str, bytes] | None:
    """A picture inside a DOCX or ODT, drawn anew: its media type and bytes; None if it cannot be drawn."""
    try:
        return _encode(open_picture(data, 1200))
    except Exception:  # a broken picture, whatever is wrong with it, is left out of an otherwise readable document
        return None


def _page(image: "Image", text: str) -> Page:
    media_type, encoded = _encode(image)
    return Page(encoded, media_type, image.width, image.height, _sound(text)[:MAX_PAGE_TEXT])  # type: ignore[arg-type]


def _sound(text: str) -> str:
    """Without what is no character."""
    return text.encode("utf-8", "ignore").decode().replace("\x00", "")


def _encode(image: "Image") -> tuple[str, bytes]:
    """PNG for text; a photograph, of which PNG makes too much, as JPEG. A fresh picture carries no metadata."""
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=5)
    if out.tell() <= _JPEG_FROM_BYTES:
        return "image/png", out.getvalue()
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82)
    return "image/jpeg", out.getvalue()
