"""ODT as simple HTML, read by ourselves.

Guards that text is escaped, that only known elements become HTML, and that only pictures inside the file are shown,
drawn anew. Runs only inside the worker.
"""

import zipfile
from collections.abc import Callable
from html import escape
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from recruit.documents.office import MAX_TEXT, part, picture_tag
from recruit.documents.results import Refusal

_NS = "urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE, _TEXT, _STYLE = f"{{{_NS}office:1.0}}", f"{{{_NS}text:1.0}}", f"{{{_NS}style:1.0}}"
_TABLE, _DRAW = f"{{{_NS}table:1.0}}", f"{{{_NS}drawing:1.0}}"
_FO = f"{{{_NS}xsl-fo-compatible:1.0}}"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_ALIGN = {"center": "center", "end": "end", "right": "end"}
_MAX_REPEAT = 100
_SILENT = {
    f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_OFFICE}forms", f"{_TEXT}sequence-decls",
    f"{_OFFICE}binary-data", f"{_TEXT}note-citation", f"{_TEXT}page-number", f"{_TEXT}page-count",
}  # fmt: skip


def as_html(archive: zipfile.ZipFile) -> tuple[str, bool]:
    """The text as HTML with the first header above and the first footer below, and whether it was cut."""
    content = ElementTree.fromstring(part(archive, "content.xml"))
    styles = part(archive, "styles.xml")
    looks = ElementTree.fromstring(styles) if styles else Element("none")
    text = content.find(f"{_OFFICE}body/{_OFFICE}text")
    if text is None:
        raise Refusal("not_readable")
    reader = _Reader(archive, content, looks)
    header = reader.first(looks, f"{_STYLE}header")
    footer = reader.first(looks, f"{_STYLE}footer")
    body = reader.inside(text)
    return f"{_wrap('header', header)}{body}{_wrap('footer', footer)}", reader.cut


def _wrap(tag: str, inner: str) -> str:
    return f"<{tag}>{inner}</{tag}>" if inner else ""


class _Reader:
    """Walks the tree once; counts the text and stops adding to the page beyond `MAX_TEXT`."""

    def __init__(self, archive: zipfile.ZipFile, *trees: Element) -> None:
        self.archive = archive
        self.cut = False
        self.size = 0
        self.styles = {
            style.get(f"{_STYLE}name", ""): style for tree in trees[::-1] for style in tree.iter(f"{_STYLE}style")
        }
        self.lists = {
            style.get(f"{_STYLE}name", ""): style for tree in trees for style in tree.iter(f"{_TEXT}list-style")
        }
        self.special: dict[str, Callable[[Element], str]] = {
            f"{_TEXT}p": self._paragraph,
            f"{_TEXT}h": self._heading,
            f"{_TEXT}span": self._span,
            f"{_TEXT}list": self._list,
            f"{_TEXT}list-item": lambda item: _wrap("li", self.inside(item)),
            f"{_TEXT}s": self._spaces,
            f"{_TEXT}tab": lambda _: "\t",
            f"{_TEXT}line-break": lambda _: "<br>",
            f"{_TABLE}table": lambda table: _wrap("table", self.inside(table)),
            f"{_TABLE}table-row": lambda row: f"<tr>{self.inside(row)}</tr>",
            f"{_TABLE}table-cell": self._cell,
            f"{_DRAW}image": self._picture,
        }

    def first(self, tree: Element, tag: str) -> str:
        """The first header or footer that has words in it."""
        return next((inner for element in tree.iter(tag) if (inner := self.inside(element))), "")

    def inside(self, element: Element) -> str:
        """An element's text and children as HTML."""
        parts = [self._words(element.text)]
        for child in element:
            parts += [self._element(child), self._words(child.tail)]
        return "".join(parts)

    def _element(self, element: Element) -> str:
        if element.tag in _SILENT or self.cut:
            return ""
        self.size += 10
        return self.special.get(element.tag, self.inside)(element)

    def _words(self, text: str | None) -> str:
        words = " ".join(text.split("\n")) if text else ""
        self.size += len(words)
        if self.size > MAX_TEXT:
            self.cut = True
            return ""
        return escape(words)

    def _paragraph(self, element: Element) -> str:
        align = _ALIGN.get(self._property(element, "paragraph", f"{_FO}text-align"), "")
        kind = f' class="{align}"' if align else ""
        return f"<p{kind}>{self._emphasis(element, self.inside(element))}</p>"

    def _heading(self, element: Element) -> str:
        level = element.get(f"{_TEXT}outline-level", "1")
        tag = f"h{level if level in '123456' else 6}"
        return f"<{tag}>{self.inside(element)}</{tag}>"

    def _span(self, element: Element) -> str:
        return self._emphasis(element, self.inside(element))

    def _emphasis(self, element: Element, inner: str) -> str:
        if inner and self._property(element, "text", f"{_FO}font-weight") in ("bold", "700"):
            inner = f"<b>{inner}</b>"
        if inner and self._property(element, "text", f"{_FO}font-style") == "italic":
            inner = f"<i>{inner}</i>"
        return inner

    def _property(self, element: Element, kind: str, name: str) -> str:
        """A property of the element's style or of those that it inherits from."""
        style = self.styles.get(element.get(f"{_TEXT}style-name", ""))
        for _ in range(10):
            if style is None:
                return ""
            for properties in style.iter(f"{_STYLE}{kind}-properties"):
                if name in properties.attrib:
                    return properties.attrib[name]
            style = self.styles.get(style.get(f"{_STYLE}parent-style-name", ""))
        return ""

    def _list(self, element: Element) -> str:
        style = self.lists.get(element.get(f"{_TEXT}style-name", ""))
        numbered = style is not None and len(style) > 0 and style[0].tag == f"{_TEXT}list-level-style-number"
        return _wrap("ol" if numbered else "ul", self.inside(element))

    def _spaces(self, element: Element) -> str:
        count = element.get(f"{_TEXT}c", "1")
        return " " * (min(int(count), _MAX_REPEAT) if count.isdecimal() else 1)

    def _cell(self, element: Element) -> str:
        spans = ""
        for name in ("columns", "rows"):
            count = element.get(f"{_TABLE}number-{name}-spanned", "1")
            if count.isdecimal() and 1 < int(count) <= _MAX_REPEAT:
                spans += f' {name.removesuffix("umns").removesuffix("s")}span="{int(count)}"'
        return f"<td{spans}>{self.inside(element)}</td>"

    def _picture(self, element: Element) -> str:
        """Only pictures inside the file: any other address names no entry of it."""
        return picture_tag(part(self.archive, element.get(_XLINK, "").removeprefix("./")))
