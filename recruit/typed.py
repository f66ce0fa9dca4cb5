"""What people type into forms: one line of text, an e-mail address, a day. Pure.

Guards that every form takes the same e-mail addresses, and that a name cannot break out of its line in a mail.
"""

import re
from datetime import date

MAX_EMAIL = 254
EMAIL_UNFIT = "Write the e-mail address in full, like name@example.no."
TOO_LONG = "This is too long."

_DIRECTIONS = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
"""Marks that turn the direction of whatever text follows, beyond the field that they were typed in."""
_ADDRESS_IN_NAME = re.compile(r"://|www\.|@|[<>\[\]]", re.IGNORECASE)
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_HOST = re.compile(r"(?=.{4,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}")


def tidy(text: str) -> str:
    """Line ends made one, control characters and marks of direction out, blanks around off; the rest as typed."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (c for c in unified if c in "\n\t" or c.isprintable() or (ord(c) > 0x9F and c not in _DIRECTIONS))
    return "".join(kept).strip()


def line(text: str) -> str:
    """One line: a name or a title goes into mails, where a line of its own could look like a link of ours."""
    return " ".join(text.split())


def holds_address(name: str) -> bool:
    """Whether a name carries an address of its own: it stands in mails that anybody can have sent to anybody."""
    return bool(_ADDRESS_IN_NAME.search(name))


def email(text: str) -> str:
    """An e-mail address in the form in which mail servers know its host; whether it is one, `is_email` says."""
    typed = line(text)
    local, at, host = typed.rpartition("@")
    try:
        return local + at + host.encode("idna").decode() if at and not host.isascii() else typed
    except UnicodeError:
        return typed


def is_email(text: str) -> bool:
    """Whether a mail server could take it: plain letters before the @, a host with a dot behind it."""
    local, at, host = text.rpartition("@")
    fits = bool(_LOCAL.fullmatch(local) and _HOST.fullmatch(host)) and len(text) <= MAX_EMAIL
    return bool(at) and fits and not (local.startswith(".") or local.endswith(".") or ".." in local)


def day(text: str) -> date | None:
    """A date as a browser sends it, or None."""
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None
