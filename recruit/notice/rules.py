"""What strange hands can read of what they got (art. 33 and 34), and until when the authority is told. Pure.

Guards that a breach note claims no protection that there was not: content is unreadable only without a whole way to its
key, and whatever left in clear counts as read. What is judged is what was got, not what was likely.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Store = Literal[
    "records", "documents", "keyring", "holder", "archive", "recovery", "account", "mail", "export", "machine"
]
Kind = Literal["confidentiality", "integrity", "availability"]
Verdict = Literal["nothing", "unreadable", "passphrase", "readable"]

STORES: dict[Store, str] = {
    "records": "The records database",
    "documents": "The document store",
    "keyring": "The keyring database",
    "holder": "A folder with the epoch key",
    "archive": "A backup archive",
    "recovery": "The recovery key",
    "account": "An account of staff, used by somebody else",
    "mail": "E-mails that had been sent, or a mailbox",
    "export": "Copies outside the system: downloads, prints, exports",
    "machine": "The running machine, or a snapshot of all of it",
}
KINDS: dict[Kind, str] = {
    "confidentiality": "Somebody may have read data",
    "integrity": "Data were changed",
    "availability": "Data were lost or could not be reached",
}

AUTHORITY_WITHIN = timedelta(hours=72)
"""Art. 33(1), from when the employer became aware of it."""

REVIEW_YEARS = 5
"""After so many years the desk asks whether a note is still needed; no law names a period."""

_CLEAR: frozenset[Store] = frozenset({"account", "mail", "export", "machine"})
_CONTENT: frozenset[Store] = frozenset({"records", "documents", "archive"})

REASONS: dict[Verdict, str] = {
    "nothing": "What was got holds no words about anybody: keys without what they open, or nothing at all.",
    "unreadable": "What was got is encrypted (AES-256-GCM), and the way to its keys was not got with it. Random ids, "
    "dates and states can be read, and lead to nobody.",
    "passphrase": "What was got holds a whole way to the keys, but the epoch key in it is locked with a passphrase. It "
    "is as unreadable as the passphrase is hard to guess.",
    "readable": "What was got can be read: it left in clear, or with everything that opens it.",
}
ART_34: dict[Verdict, str] = {
    "nothing": "Telling the people concerned is not needed on this ground: nothing about them was got.",
    "unreadable": "Under article 34(3)(a), telling the people concerned may be unnecessary: encryption made the data "
    "unintelligible to whoever got them.",
    "passphrase": "Article 34(3)(a) may apply only if the passphrase is strong. In doubt, tell the people concerned.",
    "readable": "Article 34(3)(a) does not apply. If the risk to people is high, tell them without delay.",
}


@dataclass(frozen=True)
class Judgement:
    """What was got can be read, or not; `dead`: the key that could have opened it has been destroyed since."""

    verdict: Verdict
    dead: bool = False

    @property
    def because(self) -> str:
        return REASONS[self.verdict]

    @property
    def telling_people(self) -> str:
        return ART_34[self.verdict]


def judge(stores: Collection[Store], strict: bool, passphrase: bool, epoch_then: int, epoch_now: int) -> Judgement:
    """What whoever got these stores can read. `passphrase`: it locks the epoch key in its folder.

    In plain mode an archive holds the epoch key, sealed to the recovery key; in strict mode it holds none.
    """
    got = set(stores)
    if got & _CLEAR:
        return Judgement("readable")
    if not got & _CONTENT:
        return Judgement("nothing")
    opened = _opened(got, strict)
    if "epoch" in opened or ({"records", "keyring", "holder"} <= opened and not passphrase):
        return Judgement("readable")
    if {"records", "keyring", "holder"} <= opened:
        return Judgement("passphrase")
    sealed_archive = "archive" in got and not strict
    return Judgement("unreadable", dead="holder" not in got and not sealed_archive and epoch_now > epoch_then)


def _opened(got: set[Store], strict: bool) -> set[str]:
    """What lies open of what was got: content as `records`, wrapped keys as `keyring`, an epoch key, with its lock or
    without (`holder`, `epoch`).
    """
    found: set[str] = {name for name in ("keyring", "holder") if name in got}
    if got & {"records", "documents"}:
        found.add("records")
    if "archive" in got and strict:
        found |= {"records", "keyring"}
    if {"archive", "recovery"} <= got and not strict:
        found |= {"records", "keyring", "epoch"}
    return found


def authority_by(known_at: datetime) -> datetime:
    """Until when Datatilsynet is told, counted from when the breach was known."""
    return known_at + AUTHORITY_WITHIN
