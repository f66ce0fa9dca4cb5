"""The facts of an erasure: what a receipt states, as frozen values and as canonical JSON. Pure.

Guards that nothing personal can stand on a receipt: every field is a number, a date, a random id, a hash, or a word of
a closed list. The only free text is the employer's own name and address. A reason is one of the program's sentences,
filled with dates and numbers alone, so nothing that a candidate wrote can enter.
"""

from datetime import UTC, date, datetime
from string import Formatter
from typing import Annotated, Literal, get_args
from uuid import UUID

import msgspec

from recruit.errors import RecruitError
from recruit.i18n import Language, translator

EDITION = 1
"""Which template and words make the page. Changing either means a new edition; the old template stays beside it."""

SIZE_LIMIT = 64 * 1024
"""Bytes of JSON: a receipt's facts are about 2,000."""

Mode = Literal["plain", "strict"]
Outcome = Literal["erase", "anonymise"]
SubjectKind = Literal["application", "part", "document", "profile", "draft", "enquiry", "incoming", "referee", "breach"]
ErasedKind = Literal[
    "profile", "application", "document", "message", "interview", "interview_note", "scorecard", "referee",
    "reference_check", "screening", "decision", "consent", "draft", "enquiry", "incoming", "breach", "rights_request",
    "queued_mail", "session", "search_entry", "letter", "key",
]  # fmt: skip
KeptKind = Literal[
    "ledger_entry", "tombstone", "receipt", "counters", "access_rows", "archives", "personnel_file", "rest",
    "held_document",
]  # fmt: skip
RecipientKind = Literal[
    "mail", "export", "calendar_file", "download", "hand_over", "api", "print", "link", "mailbox",
]  # fmt: skip
Limit = Literal["statement", "snapshots", "copies", "memory", "archives"]

Count = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
Place = Annotated[int, msgspec.Meta(ge=1, le=10**15)]
Hash = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Number = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{1,9}\Z")]
Rule = Annotated[str, msgspec.Meta(pattern=r"^L([1-9]|[12][0-9]|3[0-4])\Z")]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Line = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
Link = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^https?://[A-Za-z0-9.:\[\]/_~%-]+\Z")]
Sentence = Annotated[str, msgspec.Meta(min_length=1, max_length=400, pattern=r"^[^\x00-\x1f\x7f]+\Z")]
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,30}\Z")]


class FactsInvalid(RecruitError):
    """Facts that break the form or contradict each other: no receipt is made of them."""

    status = 500
    text = "The facts of this erasure do not fit a receipt, so none was made."


class Frozen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The common form: immutable, named, and strict about unknown fields."""


class Employer(Frozen, frozen=True, kw_only=True):
    """The data controller as the receipt names it: the one place of free text, from the employer's own settings."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
    number: Line = ""
    address: Line = ""
    contact: Line = ""
    privacy_contact: Line
    dpo_appointed: bool


class Reason(Frozen, frozen=True, kw_only=True):
    """Why the purge was due: a rule, a sentence of the program (message id), what fills it, and the words as shown.

    The words stand here too, so that a receipt can still be compared with its facts when the program says it otherwise.
    """

    rule: Rule
    sentence: Sentence
    dates: dict[Name, date] = {}
    numbers: dict[Name, int] = {}
    words: Sentence


class Erased(Frozen, frozen=True, kw_only=True):
    category: ErasedKind
    count: Count


class Kept(Frozen, frozen=True, kw_only=True):
    """What stays; why is the sentence of the same key, and `count` is given where there are several."""

    what: KeptKind
    count: Count | None = None


class Recipients(Frozen, frozen=True, kw_only=True):
    category: RecipientKind
    count: Count


class LedgerPlace(Frozen, frozen=True, kw_only=True):
    """One link of the chain, as the ledger names it: place and SHA-256 in hexadecimal."""

    number: Place
    hash: Hash


class ReceiptFacts(Frozen, frozen=True, kw_only=True):
    """All that one receipt says. Instants are UTC; `verified_at` is T1, `archives_gone_on` T2 (None: T2 is T1)."""

    edition: Count = EDITION
    number: Number
    language: Language
    employer: Employer
    purge_id: UUID
    subject_kind: SubjectKind
    subject_ids: Annotated[tuple[UUID, ...], msgspec.Meta(min_length=1, max_length=200)]
    outcome: Outcome
    rule: Rule
    because: Annotated[tuple[Reason, ...], msgspec.Meta(min_length=1, max_length=12)]
    erased: Annotated[tuple[Erased, ...], msgspec.Meta(min_length=1, max_length=40)]
    kept: Annotated[tuple[Kept, ...], msgspec.Meta(max_length=20)]
    recipients: Annotated[tuple[Recipients, ...], msgspec.Meta(max_length=20)] = ()
    limits: Annotated[tuple[Limit, ...], msgspec.Meta(min_length=1, max_length=10)]
    erased_at: Instant
    verified_at: Instant
    archives_gone_on: date | None
    mode: Mode
    epoch_before: Count
    epoch_after: Count
    entry: LedgerPlace
    previous: Hash
    head: LedgerPlace
    issued_at: Instant
    verify_url: Link


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(ReceiptFacts)


def reason(language: Language, rule: str, sentence: str, **params: object) -> Reason:
    """A reason in the receipt's language: of the params only what the sentence names is taken.

    Only dates and numbers may fill it; FactsInvalid for text.
    """
    named = {field for _, field, _, _ in Formatter().parse(sentence) if field}
    taken = {k: v for k, v in params.items() if k in named}
    dates = {k: v for k, v in taken.items() if isinstance(v, date) and not isinstance(v, datetime)}
    numbers = {k: v for k, v in taken.items() if isinstance(v, int) and not isinstance(v, bool)}
    if len(dates) + len(numbers) != len(named):
        raise FactsInvalid
    words = translator(language)(sentence, **dates, **numbers)
    return Reason(rule=rule, sentence=sentence, dates=dates, numbers=numbers, words=words)


def limits_for(mode: Mode) -> tuple[Limit, ...]:
    """The honest limits that a receipt of this backup mode prints (PURGE, honest limits)."""
    return tuple(limit for limit in get_args(Limit) if mode == "plain" or limit != "archives")


def encode(facts: ReceiptFacts) -> bytes:
    """Canonical JSON (sorted keys, no spaces, UTC). FactsInvalid if facts break the form or contradict each other."""
    raw = _encoder.encode(facts)
    decode(raw)
    return raw


def decode(raw: bytes) -> ReceiptFacts:
    """Facts from their canonical JSON and nothing else; FactsInvalid otherwise."""
    if len(raw) > SIZE_LIMIT:
        raise FactsInvalid
    try:
        facts = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise FactsInvalid from None
    if _encoder.encode(facts) != raw or contradictions(facts):
        raise FactsInvalid
    return facts


def contradictions(facts: ReceiptFacts) -> tuple[str, ...]:
    """What cannot be true together, as short names for tests and logs; empty for honest facts."""
    tests = {
        "instants not in UTC": any(t.utcoffset() != UTC.utcoffset(None) for t in _instants(facts)),
        "verified before erased": facts.verified_at < facts.erased_at,
        "issued before verified": facts.issued_at < facts.verified_at,
        "archives gone before erased": bool(facts.archives_gone_on and facts.archives_gone_on < facts.erased_at.date()),
        "strict with archives": facts.mode == "strict" and facts.archives_gone_on is not None,
        "epoch not moved": facts.epoch_after <= facts.epoch_before,
        "head before entry": facts.head.number < facts.entry.number,
        "two hashes for one place": facts.head.number == facts.entry.number and facts.head.hash != facts.entry.hash,
        "a category named twice": _twice([e.category for e in facts.erased])
        or _twice([r.category for r in facts.recipients])
        or _twice([k.what for k in facts.kept]),
    }
    return tuple(name for name, broken in tests.items() if broken)


def _instants(facts: ReceiptFacts) -> tuple[datetime, ...]:
    return facts.erased_at, facts.verified_at, facts.issued_at


def _twice(names: list[str]) -> bool:
    return len(names) != len(set(names))
