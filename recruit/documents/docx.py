"""DOCX as simple HTML, by mammoth, with the page headers and footers that mammoth leaves out.

Guards that only the parts with text and pictures reach mammoth, and only so much of them as is laid out; every picture
is drawn anew, linked ones are left out. Runs only inside the worker.
"""

import io
import re
import zipfile
from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from recruit.documents.kinds import WORD_MAIN_PART
from recruit.documents.office import MAX_TEXT, part, picture_source
from recruit.documents.results import Refusal

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT_W = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_R_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PICTURES = ("drawing", "pict", "object", "AlternateContent")
_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => h3:fresh
u => u
br[type='page'] => hr.page
"""


def as_html(archive: zipfile.ZipFile) -> tuple[str, bool]:
    """The body as HTML, and whether it was cut at `MAX_TEXT`."""
    import mammoth

    names = sorted(name for name in archive.namelist() if WORD_MAIN_PART.fullmatch(name))
    main = names[0]
    tree = ElementTree.fromstring(part(archive, main))
    body = next((child for child in tree if child.tag in (f"{_W}body", f"{_STRICT_W}body")), None)
    if body is None:
        raise Refusal("not_readable")
    cut = _trim(body)
    _add_header_and_footer(archive, main, body)
    slim = _repack(archive, main, ElementTree.tostring(tree))
    converted = mammoth.convert_to_html(
        slim,
        style_map=_STYLES,
        include_embedded_style_map=False,
        external_file_access=False,
        convert_image=mammoth.images.img_element(_draw_anew),
    )
    return re.sub(r'<img[^>]* src=""[^>]*/?>', "", converted.value), cut


def _draw_anew(image: Any) -> dict[str, str]:
    """What mammoth writes into `img`: a picture that cannot be opened, or lies elsewhere, leaves an empty source."""
    try:
        with image.open() as file:
            return {"src": picture_source(file.read())}
    except Exception:  # mammoth raises kinds of its own for pictures that lie outside the file; they are left out
        return {"src": ""}


def _trim(body: Element) -> bool:
    """Drops what stands after `MAX_TEXT` characters, so that a book does not take the reader's whole time."""
    size = 0
    for child in list(body):
        size += sum(len(text) for text in child.itertext()) + 10 * sum(1 for _ in child.iter())
        if size > 2 * MAX_TEXT:
            body.remove(child)
    return size > 2 * MAX_TEXT


def _add_header_and_footer(archive: zipfile.ZipFile, main: str, body: Element) -> None:
    """A candidate's name and address often stand only in the header: the first of each goes above and below."""
    folder, _, file = main.rpartition("/")
    relations = part(archive, f"{folder}/_rels/{file}.rels")
    targets = {
        relation.get("Id", ""): relation.get("Target", "").removeprefix("/word/")
        for relation in (ElementTree.fromstring(relations) if relations else ())
        if relation.get("TargetMode") != "External"
    }
    for kind in ("header", "footer"):
        parts = (targets.get(mark.get(_R_ID, ""), "") for mark in body.iter(f"{_W}{kind}Reference"))
        paragraphs = next((found for name in parts if (found := _paragraphs(archive, f"{folder}/{name}"))), [])
        if kind == "header":
            for place, paragraph in enumerate(paragraphs):
                body.insert(place, paragraph)
        else:
            body.extend(paragraphs)


def _paragraphs(archive: zipfile.ZipFile, name: str) -> list[Element]:
    """A header's blocks with words in them, without pictures and links: those name relations of another part."""
    content = part(archive, name)
    blocks = list(ElementTree.fromstring(content)) if content else []
    for block in blocks:
        for parent in list(block.iter()):
            _leave_out_relations(parent)
    return [block for block in blocks if "".join(block.itertext()).strip()]


def _leave_out_relations(parent: Element) -> None:
    for child in list(parent):
        if child.tag.rpartition("}")[2] in _PICTURES:
            parent.remove(child)
    for name in [name for name in parent.attrib if name == _R_ID]:
        del parent.attrib[name]


def _repack(archive: zipfile.ZipFile, main: str, document: bytes) -> io.BytesIO:
    """A DOCX in memory with the changed main part and, of the rest, only what mammoth looks at."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as slim:
        slim.writestr(main, document)
        for name in _wanted(archive.namelist()):
            if name != main:
                slim.writestr(name, archive.read(name))
    packed.seek(0)
    return packed


def _wanted(names: Iterable[str]) -> list[str]:
    ignored = ("word/embeddings/", "word/fonts/", "word/glossary/", "customXml/")
    return [
        name
        for name in dict.fromkeys(names)
        if not name.startswith(ignored) and (name.endswith((".xml", ".rels")) or "/media/" in name)
    ]
