"""Facts to page to archival PDF (PDF/A-4f, tagged), byte for byte the same for the same facts.

Guards that rendering reads nothing from the network or the disk: the only addresses it may follow are `data:`, and
anything else fails the receipt. Fonts and styles are read once from the program's own files and shared by all receipts,
one rendering at a time, because the text engine below is not made for threads.
"""

from __future__ import annotations

import atexit
import base64
import threading
from dataclasses import dataclass
from datetime import UTC
from functools import cache, lru_cache
from typing import Any

from markupsafe import Markup

from recruit.errors import RecruitError
from recruit.i18n import known, translator
from recruit.paths import PACKAGE, templates_dir
from recruit.receipts import words
from recruit.receipts.facts import EDITION, FactsInvalid, ReceiptFacts, encode
from recruit.templating import environment

FACTS_NAME = "facts.json"
VARIANT = "pdf/a-4f"

_FONTS = (
    ("Source Sans 3", "latin", 400),
    ("Source Sans 3", "latin", 600),
    ("Source Sans 3 Extended", "latin-ext", 400),
    ("Source Sans 3 Extended", "latin-ext", 600),
)
"""Two families for one typeface: of two files with one family and weight the library draws letters of the wrong one."""

_lock = threading.Lock()


class AddressRefused(RecruitError):
    """A page of ours tried to read something: only `data:` may be followed. It can't happen with our templates."""

    status = 500
    text = "The receipt tried to read something from outside, so none was made."


@dataclass(frozen=True)
class _Style:
    """What all receipts share: parsed once, since a new font configuration costs more than a page."""

    fonts: Any
    css: Any
    fetcher: Any


def render(facts: ReceiptFacts) -> bytes:
    """The unsigned PDF of one receipt. FactsInvalid if a fact breaks the form or a reason is not one of our sentences.

    Takes some 40 ms of processor time: call it from a thread.
    """
    for reason in facts.because:
        filled = {**reason.dates, **reason.numbers}
        if not known(reason.sentence) or reason.words != translator(facts.language)(reason.sentence, **filled):
            raise FactsInvalid
    return draw(facts)


def draw(facts: ReceiptFacts) -> bytes:
    """The page of facts that were issued before, with the reasons as they were worded then; for verifying."""
    raw = encode(facts)
    source = page(facts)
    with _lock:
        return _write(source, facts, raw)


def page(facts: ReceiptFacts) -> str:
    """The HTML of a receipt. FactsInvalid if this version does not know the edition."""
    if facts.edition != EDITION:
        raise FactsInvalid
    return (
        environment()
        .get_template("receipts/receipt.html")
        .render(
            _=translator(facts.language),
            lang=facts.language,
            facts=facts,
            issued=facts.issued_at.astimezone(UTC).isoformat(timespec="seconds"),
            qr=Markup(_qr(facts.verify_url)),
            subject=words.SUBJECT[facts.subject_kind],
            outcome=words.OUTCOME[facts.outcome],
            erased=[(words.ERASED[e.category], e.count) for e in facts.erased],
            kept=[(*words.KEPT[k.what], k.count) for k in facts.kept],
            recipients=[(words.RECIPIENTS[r.category], r.count) for r in facts.recipients],
            limits=[words.LIMITS[limit] for limit in facts.limits],
        )
    )


def _write(source: str, facts: ReceiptFacts, raw: bytes) -> bytes:
    from weasyprint import HTML, Attachment
    from weasyprint.urls import FatalURLFetchingError

    style = _style()
    attachment = Attachment(
        string=raw,
        name=FACTS_NAME,
        description=translator(facts.language)("The facts of this receipt, for machines"),
        created=facts.issued_at,
        modified=facts.issued_at,
        relationship="Data",
        url_fetcher=style.fetcher,
    )
    try:
        written: bytes = HTML(string=source, url_fetcher=style.fetcher).write_pdf(
            stylesheets=[style.css],
            font_config=style.fonts,
            pdf_variant=VARIANT,
            pdf_tags=True,
            attachments=[attachment],
        )
    except FatalURLFetchingError:  # no Exception: it would end the worker, not the receipt
        raise AddressRefused from None
    return written


@cache
def _style() -> _Style:
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    atexit.register(_style.cache_clear)  # the library's destructor fails when the interpreter is half gone
    fetcher = URLFetcher(allowed_protocols=("data",), allow_redirects=False, fail_on_errors=True)
    fonts = FontConfiguration()
    sheet = (templates_dir() / "receipts" / "receipt.css").read_text("utf-8")
    return _Style(fonts, CSS(string=_font_faces() + sheet, font_config=fonts, url_fetcher=fetcher), fetcher)


def _font_faces() -> str:
    folder = PACKAGE / "static" / "fonts"
    faces = []
    for family, part, weight in _FONTS:
        data = base64.b64encode((folder / f"source-sans-3-{part}-{weight}-normal.woff2").read_bytes()).decode()
        face = f'font-family: "{family}"; font-weight: {weight}; src: url(data:font/woff2;base64,{data})'
        faces.append(f"@font-face {{ {face} }}\n")
    return "".join(faces)


@lru_cache(maxsize=8)
def _qr(link: str) -> str:
    import segno

    picture: str = segno.make(link, error="m", micro=False).png_data_uri(scale=4, border=0, dark="#1b2329")
    return picture
