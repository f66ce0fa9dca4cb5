"""Hash chains: the ledger of erasures, and the audit.

Guards that history can't be rewritten unseen: every entry holds the hash of the one before it, and the databases refuse
UPDATE and DELETE on the tables. Entries hold random ids and counts, never anything about a person. All of it is pure.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

GENESIS = bytes(32)

_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True)
class Entry:
    """One link: `at` is an ISO instant in UTC, `body` plain JSON values, `hash` covers all of it and `previous`."""

    number: int
    at: str
    kind: str
    body: dict[str, Any]
    previous: bytes
    hash: bytes


@dataclass(frozen=True)
class Head:
    """The last entry of a chain: what holders, archives and receipts remember."""

    number: int
    hash: bytes


EMPTY = Head(0, GENESIS)


def canonical(body: object) -> bytes:
    """JSON with sorted keys and no spaces: the bytes that are hashed."""
    return _encode(body)


def instant(at: datetime) -> str:
    """The one way an instant is written in a chain."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def entry_hash(previous: bytes, number: int, at: str, kind: str, body: dict[str, Any]) -> bytes:
    """SHA-256 over the previous hash and the canonical JSON of the entry."""
    return hashlib.sha256(previous + canonical({"number": number, "at": at, "kind": kind, "body": body})).digest()


def link(head: Head, at: datetime, kind: str, body: dict[str, Any]) -> Entry:
    """The entry that follows `head`."""
    number, when = head.number + 1, instant(at)
    return Entry(number, when, kind, body, head.hash, entry_hash(head.hash, number, when, kind, body))


def head_of(entry: Entry) -> Head:
    return Head(entry.number, entry.hash)


def of_row(row: dict[str, Any]) -> Entry:
    """An entry from its row in a database, where the body is JSON text."""
    body = msgspec.json.decode(row["body"])
    return Entry(row["number"], row["at"], row["kind"], body, bytes(row["previous"]), bytes(row["hash"]))


def first_fault(entries: Iterable[Entry], start: Head = EMPTY) -> str | None:
    """The first place where a chain is broken, in words for an operator, or None if it is whole."""
    head = start
    for entry in entries:
        if entry.number != head.number + 1:
            return f"entry {head.number + 1} is missing (found {entry.number})"
        if entry.previous != head.hash:
            return f"entry {entry.number} does not follow entry {head.number}"
        if entry.hash != entry_hash(entry.previous, entry.number, entry.at, entry.kind, entry.body):
            return f"entry {entry.number} was changed after it was written"
        head = head_of(entry)
    return None


def to_line(entry: Entry) -> bytes:
    """One line of a ledger file, as it stands beside the epoch keys and in archives."""
    fields = {"number": entry.number, "at": entry.at, "kind": entry.kind, "body": entry.body}
    return canonical(fields | {"previous": entry.previous.hex(), "hash": entry.hash.hex()}) + b"\n"


def from_line(line: bytes) -> Entry:
    """Read a line of a ledger file; ValueError if it is none."""
    try:
        raw = msgspec.json.decode(line)
        return Entry(
            int(raw["number"]),
            str(raw["at"]),
            str(raw["kind"]),
            dict(raw["body"]),
            bytes.fromhex(raw["previous"]),
            bytes.fromhex(raw["hash"]),
        )
    except (msgspec.DecodeError, KeyError, TypeError) as error:
        raise ValueError("not a ledger line") from error
