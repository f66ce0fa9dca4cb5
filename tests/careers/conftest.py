"""Small whole files, and a browser that fills in the form."""

import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

SAMPLES = Path(__file__).parent.parent / "documents" / "samples"


def pdf(canary: str = "", size: int = 0) -> bytes:
    """A PDF of one empty page, with words in a comment, `size` bytes large."""
    from pikepdf import Pdf

    out = io.BytesIO()
    document = Pdf.new()
    document.add_blank_page()
    document.save(out)
    whole = out.getvalue()
    return whole + _comment(canary, size, whole)


def _comment(canary: str, size: int, whole: bytes) -> bytes:
    """A comment behind the end, and the end once more."""
    place = whole[whole.rindex(b"startxref") :]
    words = b"\n%" + canary.encode() + b"\n"
    filling = size - len(whole) - len(words) - len(place) - 2
    return words + (b"%" + b"x" * max(0, filling) + b"\n" if size else b"") + place


def png(side: int = 4) -> bytes:
    """A grey square."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = side.to_bytes(4, "big") * 2 + bytes((8, 0, 0, 0, 0))
    rows = b"".join(b"\x00" + b"\x80" * side for _ in range(side))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 100

PERSON = {"name": "Åse Bjørnstad-Øye", "email": "ase@example.org", "phone": "900 00 000", "letter": "", "consent": ""}
File = tuple[str, tuple[str, bytes, str]]


def cv(data: bytes, name: str = "cv.pdf") -> File:
    return ("cv", (name, data, "application/octet-stream"))


def more(data: bytes, name: str = "vitnemål.pdf") -> File:
    return ("documents", (name, data, "application/octet-stream"))


Send = Callable[..., Any]


@pytest.fixture
def send(client: AsyncTestClient[Litestar]) -> Send:
    """Send the form as a browser does: fields first, then files; `person` overrides what PERSON says."""

    async def sending(vacancy: UUID, *files: File, token: str | None = None, **person: str) -> Any:
        fields = {**({"form": token} if token else {}), **PERSON, **person}
        parts = [(name, (None, value)) for name, value in fields.items()]
        return await client.post(f"/positions/{vacancy}/apply", files=[*parts, *files])

    return sending
