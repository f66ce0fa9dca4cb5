"""Facts to page to archival PDF (PDF/A-4f, tagged), byte for byte the same for the same facts.

Guards that a receipt says only what its facts say. How it is drawn, and that drawing reads nothing from outside, stands
in `recruit/paper.py`.
"""

from __future__ import annotations

from datetime import UTC
from functools import lru_cache

from markupsafe import Markup

from recruit import paper
from recruit.i18n import known, translator
from recruit.receipts import words
from recruit.receipts.facts import EDITION, FactsInvalid, ReceiptFacts, encode
from recruit.templating import environment

FACTS_NAME = "facts.json"
VARIANT = "pdf/a-4f"

_SHEET = "receipts/receipt.css"


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
    return _write(page(facts), facts, encode(facts))


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
    from weasyprint import Attachment

    attachment = Attachment(
        string=raw,
        name=FACTS_NAME,
        description=translator(facts.language)("The facts of this receipt, for machines"),
        created=facts.issued_at,
        modified=facts.issued_at,
        relationship="Data",
        url_fetcher=paper.style(_SHEET).fetcher,
    )
    return paper.draw(source, _SHEET, VARIANT, [attachment])


@lru_cache(maxsize=8)
def _qr(link: str) -> str:
    import segno

    picture: str = segno.make(link, error="m", micro=False).png_data_uri(scale=4, border=0, dark="#1b2329")
    return picture
