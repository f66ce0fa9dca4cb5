"""Opens DOCX and ODT without believing them, and turns their text into pages.

Guards that no part is unpacked beyond its declared size, that no part declares entities (bombs, files of the machine),
that nothing is fetched, and that macros and passwords are told. Runs only inside the worker.
"""

import base64
import io
import re
import zipfile
import zlib
from html import escape, unescape
from typing import Any
from xml.parsers import expat

from recruit.documents.kinds import DOCX
from recruit.documents.results import Refusal, Rendering

MAX_XML_BYTES = 20 * 1024 * 1024
MAX_DEPTH = 150
MAX_TEXT = 120_000
"""Characters of running text that are laid out, about 40 pages; what comes after is left to the download."""

_INLINE = re.compile(r"</?(?:a|b|em|i|s|span|strong|su[bp]|u)\b[^>]*>")
_REMOTE = ("http:", "https:", "ftp:", "\\\\", "//", "file://", "mhtml:")
_STYLE = """
@page { size: A4; margin: 2cm }
body { font: 10.5pt/1.4 "Liberation Sans", "DejaVu Sans", sans-serif; color: #000 }
p { margin: 0 0 .5em; white-space: pre-wrap; tab-size: 8; min-height: 1em }
h1 { font-size: 17pt } h2 { font-size: 14pt } h3, h4, h5, h6 { font-size: 12pt }
h1, h2, h3, h4, h5, h6 { margin: .8em 0 .3em; line-height: 1.2; break-after: avoid }
table { border-collapse: collapse; width: 100%; margin: .4em 0 }
td, th { border: .5pt solid #bbb; padding: .2em .4em; vertical-align: top; text-align: left; overflow-wrap: anywhere }
img { max-width: 60%; max-height: 9cm } a { color: inherit }
header { color: #444; border-bottom: .5pt solid #bbb; margin-bottom: 1em }
footer { color: #444; border-top: .5pt solid #bbb; margin-top: 1em }
body { overflow-wrap: anywhere } .page { break-after: page; border: 0; margin: 0 }
.center { text-align: center } .end { text-align: right }
"""


def open_office(data: bytes) -> zipfile.ZipFile:
    """The archive, after every XML part of it was read once for what must not be there."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        for entry in archive.infolist():
            if entry.file_size and entry.filename.endswith((".xml", ".rels")):
                _examine_part(archive, entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, OSError) as error:
        raise Refusal("not_readable") from error
    return archive


def part(archive: zipfile.ZipFile, name: str) -> bytes:
    """A part's bytes; empty if the archive has none of that name. The standard library stops at the declared size."""
    try:
        return archive.read(name)
    except KeyError:
        return b""


def _examine_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    if entry.file_size > MAX_XML_BYTES:
        raise Refusal("unpacks_too_large")
    parser = expat.ParserCreate()
    depth = 0

    def started(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise Refusal("not_readable")
        _refuse_element(name, attributes)

    def ended(name: str) -> None:
        nonlocal depth
        depth -= 1

    def declared(_name: str, _system: str | None, _public: str | None, own_subset: int) -> None:
        if own_subset:  # entities are declared there; a bare DOCTYPE, as AbiWord writes it, is never followed
            raise Refusal("not_readable")

    parser.StartElementHandler, parser.EndElementHandler = started, ended
    parser.StartDoctypeDeclHandler = declared
    try:
        parser.Parse(archive.read(entry), True)
    except expat.ExpatError as error:
        raise Refusal("not_readable") from error


def _refuse_element(name: str, attributes: dict[str, str]) -> None:
    """Macros by content type, templates from elsewhere by their relation, passwords by ODT's manifest."""
    kind = name.rpartition(":")[2]
    if kind in ("Override", "Default") and "macroEnabled" in attributes.get("ContentType", ""):
        raise Refusal("macros")
    if kind == "Relationship" and attributes.get("Type", "").endswith(("/attachedTemplate", "/vbaProject")):
        target = attributes.get("Target", "").lower()
        on_this_machine = target.startswith("file:///") and not target.startswith("file:////")
        if attributes.get("TargetMode") == "External" and target.startswith(_REMOTE) and not on_this_machine:
            raise Refusal("macros")
    if kind == "encryption-data":
        raise Refusal("encrypted")


def office_pages(data: bytes, media_type: str) -> Rendering:
    """Lays the text out on A4: headings, lists, tables, pictures and emphasis, not the author's exact looks."""
    from recruit.documents import raster

    html, cut = _as_html(data, media_type)
    pages = raster.pdf_pages(_as_pdf(html))
    return Rendering(pages.pages, cut=cut or pages.cut)


def office_text(data: bytes, media_type: str) -> str:
    """The running text, one line for each block."""
    html, _ = _as_html(data, media_type)
    return unescape(re.sub(r"<[^>]*>", "\n", _INLINE.sub("", html)))


def _as_html(data: bytes, media_type: str) -> tuple[str, bool]:
    from recruit.documents import docx, odt

    archive = open_office(data)
    try:
        return docx.as_html(archive) if media_type == DOCX else odt.as_html(archive)
    except (Refusal, MemoryError):
        raise
    except Exception as error:  # a stranger's file in a library: whatever it is, the file cannot be read
        raise Refusal("not_readable") from error


def _as_pdf(html: str) -> bytes:
    import mimetypes

    mimetypes.knownfiles.clear()  # WeasyPrint would read the machine's lists, which are out of reach here
    import weasyprint

    whole = f"<!doctype html><html><head><style>{_STYLE}</style></head><body>{html}</body></html>"
    pdf: bytes = weasyprint.HTML(string=whole, url_fetcher=_only_data).write_pdf()
    return pdf


def _only_data(url: str, *_: object, **__: object) -> Any:
    """WeasyPrint's fetcher: pictures that we put into the page ourselves, and nothing else."""
    from weasyprint.urls import URLFetcherResponse

    if not url.startswith("data:image/"):
        raise ValueError("nothing is fetched")
    head, body = url.split(",", 1)
    return URLFetcherResponse(url, base64.b64decode(body), {"Content-Type": head[5:].partition(";")[0]})


def picture_tag(data: bytes) -> str:
    """An `img` with the picture drawn anew, or nothing."""
    source = picture_source(data)
    return f'<img alt="" src="{escape(source)}">' if source else ""


def picture_source(data: bytes) -> str:
    """A `data:` address with the picture drawn anew, or an empty text."""
    from recruit.documents import raster

    drawn = raster.small_picture(data)
    return f"data:{drawn[0]};base64,{base64.b64encode(drawn[1]).decode()}" if drawn else ""
