"""What the confined reader hands back: the only shapes that cross from it to the app.

Guards that the app takes from a reader, which a hostile document may have taken over, nothing but pictures, text,
counts and a verdict from a closed list.
"""

from typing import Literal

import msgspec

Verdict = Literal["accepted", "encrypted", "truncated", "macros", "unpacks_too_large", "not_readable"]

MAX_PAGES = 40
MAX_PAGE_TEXT = 50_000


class Page(msgspec.Struct, frozen=True):
    """One page as a picture (`image/png` or `image/jpeg`, sizes in pixels) with the text that stands on it."""

    image: bytes
    media_type: Literal["image/png", "image/jpeg"]
    width: int
    height: int
    text: str


class Rendering(msgspec.Struct, frozen=True):
    """A document's pages, at most `MAX_PAGES`; `cut` says that there are more than are shown.

    `msgspec.msgpack.encode` gives the bytes to seal as a cache, `msgspec.msgpack.Decoder(Rendering)` reads them.
    """

    pages: tuple[Page, ...]
    cut: bool = False


class Examined(msgspec.Struct, frozen=True):
    """A document that opens: its media type, and its number of pages where that is known without laying it out."""

    media_type: str
    page_count: int | None = None


class Reply(msgspec.Struct, frozen=True):
    """The worker's answer. `missing`: for each layer of confinement, why it is not in force (empty: it is)."""

    missing: dict[str, str]
    verdict: Verdict = "accepted"
    page_count: int | None = None
    pages: tuple[Page, ...] = ()
    cut: bool = False
    text: str = ""
    escapes: tuple[str, ...] = ()


class Refusal(Exception):
    """Raised inside the worker; leaves it as the reply's verdict."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict)
        self.verdict: Verdict = verdict
