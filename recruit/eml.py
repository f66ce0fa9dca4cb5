"""An e-mail as it came from outside, read into plain values. Pure.

Guards that a stranger's bytes can do nothing but be read: no header or charset stops the reading, nothing nested or
numerous costs more than it is worth, no text keeps control characters, and whatever was left out is said (`whole`), so
that the original is kept. What a file is, is not judged here (`documents.kinds`).
"""

import binascii
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Literal

from recruit import typed

MAX_BYTES = 35 * 1024 * 1024
"""The largest document that is taken, as an e-mail carries it."""
MAX_TEXT = 100_000
MAX_FILES = 10
_MAX_PARTS = 200
_MAX_NESTED = 50
_MAX_HEAD = 2_000
_MAX_LINES = 1_000_000
_MAX_EDGES = 5_000
"""Lines that may begin a part."""
_MAX_HEADER = 2_000
_MAX_NAME = 150
_LOGO = 30_000
_MULTIPLE = re.compile(rb"content-type:\s*(?:multipart|message)/", re.IGNORECASE)
_ID = re.compile(r"<[^<>\s]{1,250}>")
_BULK = {"bulk", "junk", "list", "auto_reply"}
_SLOW = {"punycode", "idna"}
"""Charsets that no text is written in, and that take for ever where one pretends to be."""
_FROM_POSTMEN = ("mailer-daemon@", "postmaster@")

Mark = Literal["", "bounce", "automatic", "bulk", "unreadable"]


@dataclass(frozen=True)
class File:
    """What came with it: the name that the sender gave it, and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Letter:
    """What an e-mail says. `answers_to`: the Message-IDs that it replies to, the nearest first. `mark`: it was written
    by no person. `whole`: text and files are all that there was to read.
    """

    message_id: str = ""
    answers_to: tuple[str, ...] = ()
    name: str = ""
    address: str = ""
    to: str = ""
    subject: str = ""
    sent_at: datetime | None = None
    text: str = ""
    files: tuple[File, ...] = ()
    mark: Mark = ""
    whole: bool = True


def read(data: bytes) -> Letter:
    """The letter in these bytes; marked `unreadable`, with nothing in it, if no program could say what they are."""
    try:
        return Letter(mark="unreadable", whole=False) if _is_too_much(data) else _read(data)
    except (RecursionError, ValueError, LookupError, TypeError):  # what the library itself stumbles over
        return Letter(mark="unreadable", whole=False)


def _is_too_much(data: bytes) -> bool:
    """Told before anything is parsed."""
    head = re.split(rb"\r?\n\r?\n", data, maxsplit=1)[0]
    return (
        len(data) > MAX_BYTES
        or head.count(b"\n") > _MAX_HEAD
        or data.count(b"\n") > _MAX_LINES
        or data.count(b"\n--") > _MAX_EDGES
        or len(_MULTIPLE.findall(data)) > _MAX_NESTED
    )


def _read(data: bytes) -> Letter:
    message = message_from_bytes(data, policy=policy.compat32)
    if not message.keys():
        return Letter(mark="unreadable", whole=False)
    parts = list(_parts(message))
    name, address = _person(message, "from")
    text, cut = _text(parts)
    files = [file for part in parts if (file := _file(part))]
    return Letter(
        message_id=next(iter(_ids(message, "message-id")), ""),
        answers_to=tuple(dict.fromkeys([*_ids(message, "in-reply-to"), *reversed(_ids(message, "references"))])),
        name=name,
        address=address,
        to=_person(message, "to")[1],
        subject=typed.line(_header(message, "subject"))[:500],
        sent_at=_instant(_header(message, "date")),
        text=text,
        files=tuple(files[:MAX_FILES]),
        mark=_mark(message, address),
        whole=not cut and len(files) <= MAX_FILES and len(parts) < _MAX_PARTS,
    )


# --- the head ---------------------------------------------------------------------------------------------------------


def _header(message: Message, name: str) -> str:
    """A header's first value as text, whatever its encoding claims, at most `_MAX_HEADER` characters of it."""
    return _unfolded(_raw(message, name))


def _raw(message: Message, name: str) -> str:
    """As it stands there; bytes beyond ASCII, which no header should have, are read as a text would be."""
    value = next((value for known, value in message.raw_items() if known.lower() == name), "")
    return _decoded(str(value).encode("ascii", "surrogateescape"), None)[:_MAX_HEADER]


def _unfolded(raw: str) -> str:
    """Encoded words decoded, where they can be."""
    try:
        pieces = decode_header(raw)
    except (HeaderParseError, binascii.Error, ValueError):
        pieces = [(raw, None)]
    text = "".join(piece if isinstance(piece, str) else _decoded(piece, charset) for piece, charset in pieces)
    return typed.tidy(text.encode("utf-8", "replace").decode("utf-8"))


def _decoded(data: bytes, charset: str | None) -> str:
    """By the charset that it claims, if there is such a thing; else as UTF-8 or as what Windows writes."""
    for known in (charset, "utf-8"):
        try:
            return data.decode(known if known and known.casefold() not in _SLOW else "utf-8")
        except (LookupError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def _person(message: Message, header: str) -> tuple[str, str]:
    """The first name and address of a header; an address that no mail server would take is none."""
    found = getaddresses([_raw(message, header)])
    name, address = found[0] if found else ("", "")
    address = typed.email(typed.tidy(address))
    return typed.line(_unfolded(name))[:200], address if typed.is_email(address) else ""


def _ids(message: Message, header: str) -> list[str]:
    return _ID.findall(_raw(message, header))


def _instant(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    try:
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _mark(message: Message, address: str) -> Mark:
    """Whether a machine wrote it (RFC 3834, RFC 3462): what says nothing of that counts as a person's."""
    submitted = _header(message, "auto-submitted").casefold().partition(";")[0].strip()
    report = message.get_content_type() == "multipart/report"
    if report or str(message.get("return-path", "")).strip() == "<>" or address.casefold().startswith(_FROM_POSTMEN):
        return "bounce"
    if submitted not in ("", "no") or message.get("x-autoreply") or message.get("x-autorespond"):
        return "automatic"
    bulk = _header(message, "precedence").casefold() in _BULK
    return "bulk" if bulk or message.get("list-id") or message.get("list-unsubscribe") else ""


# --- the body ---------------------------------------------------------------------------------------------------------


def _parts(message: Message, room: int = _MAX_PARTS) -> Iterator[Message]:
    """The parts that are no containers, in their order, at most `room`; an e-mail inside the e-mail is one part."""
    waiting = [message]
    while waiting and room > 0:
        part = waiting.pop()
        inner = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            waiting += [each for each in reversed(inner) if isinstance(each, Message)]
        else:
            room -= 1
            yield part


def _text(parts: list[Message]) -> tuple[str, bool]:
    """The text that a person wrote, plain if it is there, and whether it had to be cut."""
    for wanted in ("text/plain", "text/html"):
        found = [part for part in parts if part.get_content_type() == wanted and not _is_file(part)]
        text = "\n\n".join(filter(None, (_words(part) for part in found)))
        if text:
            return text[:MAX_TEXT], len(text) > MAX_TEXT
    return "", False


def _words(part: Message) -> str:
    raw = _bytes(part)
    text = _decoded(raw[: 8 * MAX_TEXT], part.get_content_charset("utf-8"))
    return typed.tidy(_plain(text) if part.get_content_type() == "text/html" else text)


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(_name(part))


def _file(part: Message) -> File | None:
    """A part that is a file; a picture inside the text is one too, but not the logo of a signature."""
    if part.get_content_maintype() in ("text", "multipart") and not _is_file(part):
        return None
    data = _bytes(part)
    decoration = part.get("content-id") and part.get_content_disposition() != "attachment"
    if decoration and part.get_content_maintype() == "image" and len(data) < _LOGO:
        return None
    name = _unfolded(_name(part)[:_MAX_HEADER]).replace("\\", "/").rsplit("/", 1)[-1]
    return File(typed.line(name)[-_MAX_NAME:] or part.get_content_type(), data) if data else None


def _name(part: Message) -> str:
    try:
        return part.get_filename() or ""
    except (ValueError, LookupError, TypeError):  # parameters that contradict each other
        return ""


def _bytes(part: Message) -> bytes:
    try:
        if part.get_content_maintype() == "message":
            inner = part.get_payload()
            return b"\n".join(each.as_bytes() for each in inner if isinstance(each, Message))
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, AttributeError):  # what the library can't write or decode
        return b""
    return data if isinstance(data, bytes) else b""


_TOKEN = re.compile(r"<([^<>]*)>|([^<]+)|<")
_APART = {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "table", "blockquote"}
_SILENT = {"script", "style", "head", "title"}


def _plain(page: str) -> str:
    """The words of an HTML page, in one pass over it: no page is so broken that this takes longer."""
    pieces, silent = list[str](), ""
    for tag, words in _TOKEN.findall(page):
        name = tag.lstrip("/").split(None, 1)[0].rstrip("/").casefold() if tag.strip("/ \t\r\n") else ""
        if silent:
            silent = "" if tag.startswith("/") and name == silent else silent
        elif name in _SILENT:
            silent = "" if tag.startswith("/") else name
        elif name in _APART:
            pieces.append("\n")
        elif words:
            pieces.append(re.sub(r"\s+", " ", html.unescape(words)))
    lines = [line.strip() for line in "".join(pieces).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
