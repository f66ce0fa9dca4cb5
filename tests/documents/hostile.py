"""Builds the documents that a hostile or unlucky sender would send. Nothing here is stored: each is made in memory."""

import io
import struct
import zipfile
import zlib

from PIL import Image


def pdf(*objects: bytes, root: int = 1) -> bytes:
    """A whole PDF of these objects, numbered from 1, with a correct cross-reference table."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, root, start)
    return bytes(out)


def stream(data: bytes, extra: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), extra, data)


def one_page(content: bytes, page: bytes = b"", catalog: bytes = b"", *more: bytes) -> bytes:
    """A page with this content stream object; `more` are objects from 6 on."""
    return pdf(
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F 5 0 R >> /XObject << /X 6 0 R >> >> %s >>" % page,
        content,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *more,
    )


def text(words: bytes) -> bytes:
    return stream(b"BT /F 20 Tf 50 700 Td (%s) Tj ET" % words)


def flate_bomb() -> bytes:
    """Some hundred kilobytes that unpack to a gigabyte of drawing orders, packed twice."""
    packer = zlib.compressobj(9)
    once = b"".join(packer.compress(b"0 0 9 9 re f " * 80_660) for _ in range(1024)) + packer.flush()
    return one_page(stream(zlib.compress(once, 9), b"/Filter [/FlateDecode /FlateDecode]"))


def endless_drawing() -> bytes:
    """Forms that draw each other, ten times each, ten deep."""
    forms = []
    for depth in range(10):
        inner = b"/X Do " * 10 if depth < 9 else b"0 0 99 99 re f " * 100
        link = b"/Resources << /XObject << /X %d 0 R >> >>" % (7 + depth) if depth < 9 else b""
        forms.append(stream(inner, b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] " + link))
    return one_page(stream(b"/X Do"), b"", b"", *forms)


def picture_bomb_in_pdf() -> bytes:
    """A picture of 60,000 by 60,000 points in a few kilobytes."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(4_500_000)) for _ in range(100)) + packer.flush()
    kind = b"/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /BitsPerComponent 8 /ColorSpace /DeviceRGB"
    return one_page(stream(b"500 0 0 500 0 0 cm /X Do"), b"", b"", stream(packed, kind + b" /Filter /FlateDecode"))


def many_pages(count: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % (number + 3) for number in range(count))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>"
    return pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count),
        *[page] * count,
    )


def circle_of_pages() -> bytes:
    return pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R 2 0 R] /Count 2 >>",
        b"<< /Type /Pages /Parent 2 0 R /Kids [2 0 R 3 0 R] /Count 2 >>",
    )


def active(catalog: bytes) -> bytes:
    """A page that says "hello", with something in the catalogue that wants to run."""
    return one_page(text(b"hello"), b"", catalog)


def huge_sheet() -> bytes:
    return one_page(text(b"hello"), b"/MediaBox [0 0 9000000 9000000] /UserUnit 1000")


def zipped(parts: dict[str, bytes], first: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if first:
            archive.writestr("mimetype", first, zipfile.ZIP_STORED)
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = b"""<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Override PartName="/word/document.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
_RELS = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="r1" Type="%s/officeDocument" Target="word/document.xml"/></Relationships>' % RELATION.encode()
)


def docx(body: bytes = b"<w:p><w:r><w:t>hello</w:t></w:r></w:p>", head: bytes = b"", **more: bytes) -> bytes:
    """A small DOCX; `head` stands before its root element, `more` adds parts (`__` is `/`, `_dot_` is `.`)."""
    document = b'%s<w:document xmlns:w="%s" xmlns:r="%s"><w:body>%s</w:body></w:document>' % (
        head, WORD.encode(), RELATION.encode(), body,
    )  # fmt: skip
    parts = {"[Content_Types].xml": _TYPES, "_rels/.rels": _RELS, "word/document.xml": document}
    return zipped(parts | {name.replace("__", "/").replace("_dot_", "."): data for name, data in more.items()})


def relation(kind: str, target: str) -> bytes:
    """The document's one relation, to something outside the file."""
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r9" Type="{RELATION}/{kind}" Target="{target}" TargetMode="External"/></Relationships>'
    ).encode()


ODT_HEAD = (
    b'<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    b' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    b' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink">'
)


def odt(body: bytes = b"<text:p>hello</text:p>", head: bytes = b"", parts: dict[str, bytes] | None = None) -> bytes:
    content = b"%s%s<office:body><office:text>%s</office:text></office:body></office:document-content>"
    mimetype = b"application/vnd.oasis.opendocument.text"
    return zipped({"content.xml": content % (head, ODT_HEAD, body)} | (parts or {}), mimetype)


BILLION_LAUGHS = (
    b'<!DOCTYPE d [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]>"
)
READ_A_FILE = b'<!DOCTYPE d [<!ENTITY a9 SYSTEM "file:///etc/passwd">]>'


def picture_bomb(side: int) -> bytes:
    """A PNG of side × side points, all of one colour, in a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    row = bytes(1 + side // 8 + 1)
    packed = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def picture(kind: str, size: tuple[int, int] = (60, 40), **save: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **save)
    return out.getvalue()
