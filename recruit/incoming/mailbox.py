"""The mailbox that is read: each e-mail is sealed here, then removed there.

What may never happen: an e-mail is removed before it is sealed, sealed twice, or lost by a crash. So how far the folder
was read (its UIDVALIDITY and the last UID) moves in the records transaction that seals the e-mail; what was read is
removed afterwards, and again by the next round if that failed. One lease lets one worker at it at a time, and a round
that was overtaken seals nothing. The mail server is waited for in a thread, never inside a transaction. Logs name the
kind of a fault, nothing of an e-mail or of what the server said.
"""

import asyncio
import imaplib
import logging
import re
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar
from urllib.parse import unquote, urlsplit

import msgspec

from recruit.careers.uploads import StoreAway
from recruit.eml import MAX_BYTES
from recruit.incoming import service
from recruit.incoming.service import Taken
from recruit.retention.remembered import recall
from recruit.settings import Settings
from recruit.site import Site
from recruit.vault.documents import StoreDown

log = logging.getLogger("recruit.mailbox")
_T = TypeVar("_T")

AT_ONCE = 20
STALE = timedelta(hours=1)
_LEASE = timedelta(minutes=10)
_AFTER_A_REFUSAL = timedelta(minutes=15)
_PATIENCE = 30.0
_NEAR = ("localhost", "127.0.0.1", "::1")
_NAME = "mailbox"

Fault = Literal["", "unreachable", "certificate", "no_tls", "refused", "folder", "store"]

FAULTS: dict[str, str] = {
    "unreachable": "The mail server does not answer.",
    "certificate": "The mail server shows a certificate that this machine does not trust.",
    "no_tls": "The mail server offers no encryption (STARTTLS), so no password was sent.",
    "refused": "The mail server refuses the name or the password.",
    "folder": "The mailbox has no such folder, or does not let us read it and remove from it.",
    "store": "An e-mail could not be sealed; it stays in the mailbox and is tried again.",
}
"""What kept the mailbox from being read (English message ids)."""


class Away(Exception):
    """The mailbox can't be read; `fault` is a key of FAULTS."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


class Overtaken(Exception):
    """Another worker has read on: what this one holds is sealed already."""


# --- the mail server --------------------------------------------------------------------------------------------------


class Mailbox:
    """A signed-in connection with its folder open. All methods block: call them in a thread. Away if it fails."""

    def __init__(self, settings: Settings) -> None:
        parts = urlsplit(settings.imap)
        self._user, self._password = unquote(parts.username or ""), _password(settings)
        self._folder, self._keeps = unquote(parts.path.lstrip("/")) or "INBOX", settings.imap_keep
        self._imap = _asked(lambda: _connected(parts.scheme, parts.hostname or "", parts.port))
        self.validity = 0
        self._uid_expunge = False
        try:
            self._sign_in()
            self._open_folder()
        except BaseException:
            self.close()
            raise

    def _sign_in(self) -> None:
        """By AUTHENTICATE where it is offered, since LOGIN can't say a password beyond ASCII."""
        said = f"\0{self._user}\0{self._password}".encode()
        try:
            if "AUTH=PLAIN" in self._imap.capabilities:
                self._imap.authenticate("PLAIN", lambda _: said)
            else:
                self._imap.login(self._user, self._password)
        except imaplib.IMAP4.abort:
            raise Away("unreachable") from None
        except (imaplib.IMAP4.error, UnicodeError):
            raise Away("refused") from None
        except (OSError, EOFError):
            raise Away("unreachable") from None
        _, known = self._ask("capability")
        self._uid_expunge = b"UIDPLUS" in b" ".join(each for each in known if each).upper().split()

    def _open_folder(self) -> None:
        quoted = self._folder.replace("\\", "\\\\").replace('"', '\\"')
        if not quoted.isascii() or self._ask("select", f'"{quoted}"', self._keeps)[0] != "OK":
            raise Away("folder")
        _, said = self._imap.response("UIDVALIDITY")
        self.validity = int(said[0]) if said and said[0] else 0

    def _ask(self, method: str, *args: str | bool) -> tuple[str, list[Any]]:
        answer: tuple[str, list[Any]] = _asked(lambda: getattr(self._imap, method)(*args))
        return answer

    def _must(self, method: str, *args: str) -> list[Any]:
        """What the server answers; Away if it says no, since a message that is not shown is not gone."""
        answer, said = self._ask(method, *args)
        if answer != "OK":
            raise Away("folder")
        return said

    def found(self, criteria: str) -> list[int]:
        """The UIDs of the messages that fit, ascending."""
        said = self._must("uid", "SEARCH", criteria)
        return sorted(int(uid) for uid in (said[0] or b"").split()) if said else []

    def size(self, uid: int) -> int | None:
        """Bytes of a message; None if it is not shown."""
        said = self._must("uid", "FETCH", str(uid), "(RFC822.SIZE)")
        match = re.search(rb"RFC822\.SIZE (\d+)", said[0] or b"") if said else None
        return int(match[1]) if match else None

    def fetch(self, uid: int) -> bytes | None:
        """A message as it lies there, without marking it as read; None if it is not shown."""
        said = self._must("uid", "FETCH", str(uid), "(BODY.PEEK[])")
        return next((bytes(part[1]) for part in said if isinstance(part, tuple)), None)

    def remove(self, uids: Iterable[int]) -> None:
        """For good. Where the server can't remove single messages, all that are marked as deleted go."""
        which = ",".join(map(str, uids))
        if which:
            self._must("uid", "STORE", which, "+FLAGS.SILENT", r"(\Deleted)")
            self._must(*(("uid", "EXPUNGE", which) if self._uid_expunge else ("expunge",)))

    def close(self) -> None:
        try:
            self._imap.logout()
        except (imaplib.IMAP4.error, OSError, EOFError) as gone:
            log.debug("the mail server was gone before the end: %s", type(gone).__name__)


def _connected(scheme: str, host: str, port: int | None) -> imaplib.IMAP4:
    """Encrypted, with a certificate that is checked, or on this machine."""
    tls = ssl.create_default_context()
    if scheme == "imaps":
        return imaplib.IMAP4_SSL(host, port or 993, ssl_context=tls, timeout=_PATIENCE)
    imap = imaplib.IMAP4(host, port or 143, timeout=_PATIENCE)
    if "STARTTLS" in imap.capabilities:
        imap.starttls(tls)
    elif host not in _NEAR:
        imap.shutdown()
        raise Away("no_tls")
    return imap


def _asked(act: Callable[[], _T]) -> _T:
    try:
        return act()
    except ssl.SSLCertVerificationError:
        raise Away("certificate") from None
    except imaplib.IMAP4.readonly:
        raise Away("folder") from None
    except (OSError, EOFError, imaplib.IMAP4.error):
        raise Away("unreachable") from None


def _password(settings: Settings) -> str:
    if settings.imap_password_file is None:
        return unquote(urlsplit(settings.imap).password or "")
    try:
        return settings.imap_password_file.read_text("utf-8").rstrip("\r\n")
    except OSError:
        raise Away("refused") from None


def look(settings: Settings) -> Fault:
    """Whether the mailbox can be read right now: why not, or nothing. Blocks."""
    try:
        Mailbox(settings).close()
    except Away as away:
        return away.fault
    return ""


# --- how far it was read ----------------------------------------------------------------------------------------------


class Progress(msgspec.Struct, kw_only=True):
    """How far the folder was read: UIDs and instants. `left` stay in the mailbox; `failed` is one to be tried again."""

    validity: int = 0
    last: int = 0
    left: list[int] = []
    failed: int = 0
    good_at: datetime | None = None
    fault: Fault = ""
    fault_at: datetime | None = None

    def rests(self, now: datetime) -> bool:
        """After a refusal: who asks every minute with a wrong password is locked out."""
        return self.fault == "refused" and self.fault_at is not None and now < self.fault_at + _AFTER_A_REFUSAL

    def stale(self, now: datetime) -> bool:
        """Nothing could be read for an hour, or will be before somebody has put it right."""
        return self.fault in ("refused", "folder", "no_tls", "certificate") or (
            self.good_at is None or now > self.good_at + STALE
        )


async def progress(site: Site) -> Progress:
    """How it stands with the mailbox."""
    return msgspec.convert(await recall(site, _NAME) or {}, Progress)


@dataclass
class _Round:
    """One round of one worker: the progress as it was read from the database, and as it was last written."""

    site: Site
    now: datetime
    state: Progress
    written: str

    async def keep(self, **changes: Any) -> None:
        """Write the progress, unless another worker has written it since: Overtaken."""
        state = msgspec.structs.replace(self.state, **changes)
        text = msgspec.json.encode(state).decode()
        rows = await self.site.records.run_sql(
            "UPDATE fact SET value = ? WHERE name = ? AND value = ? RETURNING name", text, _NAME, self.written
        )
        if not rows:
            raise Overtaken()
        self.state, self.written = state, text


async def _begin(site: Site, now: datetime) -> _Round:
    await site.records.run_sql(
        "INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
        *(_NAME, msgspec.json.encode(Progress()).decode()),
    )
    rows = await site.records.run_sql("SELECT value FROM fact WHERE name = ?", _NAME)
    return _Round(site, now, msgspec.json.decode(rows[0]["value"], type=Progress), rows[0]["value"])


async def _lease(site: Site, now: datetime) -> str:
    """Be the only worker at it for a while: the lease, or nothing if another one has it."""
    until = msgspec.json.encode(now + _LEASE).decode()
    rows = await site.records.run_sql(
        "INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value "
        "WHERE fact.value < ? RETURNING name",
        *(f"{_NAME}_lease", until, msgspec.json.encode(now).decode()),
    )
    return until if rows else ""


# --- reading ----------------------------------------------------------------------------------------------------------


async def read_in(site: Site, now: datetime) -> dict[str, int]:
    """One round: take in what is new, remove what was taken. Counts; nothing without a mailbox or its turn."""
    lease = await _lease(site, now) if site.settings.imap else ""
    if not lease:
        return {}
    counts = {"sealed": 0, "waiting": 0, "known": 0, "left": 0}
    try:
        turn = await _begin(site, now)
        if turn.state.rests(now):
            return {}
        try:
            await _read(turn, counts)
        except Away as away:
            log.warning("the mailbox can't be read: %s", away.fault)
            await (await _begin(site, now)).keep(fault=away.fault, fault_at=now)
    except Overtaken:
        log.info("another worker has read on in the mailbox")
    finally:
        await site.records.run_sql("DELETE FROM fact WHERE name = ? AND value = ?", f"{_NAME}_lease", lease)
    return counts


async def _read(turn: _Round, counts: dict[str, int]) -> None:
    box = await asyncio.to_thread(Mailbox, turn.site.settings)
    try:
        await _tidy_up(turn, box)
        new = [
            uid for uid in await asyncio.to_thread(box.found, f"UID {turn.state.last + 1}:*") if uid > turn.state.last
        ]
        for uid in new[:AT_ONCE]:
            await _take(turn, box, uid, counts)
    finally:
        await asyncio.to_thread(box.close)
    await turn.keep(good_at=turn.now, fault="", fault_at=None)


async def _tidy_up(turn: _Round, box: Mailbox) -> None:
    """What an earlier round took and could not remove any more; and what was left and is gone by now, by hand."""
    if box.validity != turn.state.validity:
        await turn.keep(validity=box.validity, last=0, left=[], failed=0)
    left = turn.state.left
    if left:
        left = await asyncio.to_thread(box.found, "UID " + ",".join(map(str, left)))
        await turn.keep(left=left)
    if not turn.site.settings.imap_keep and turn.state.last:
        taken = await asyncio.to_thread(box.found, f"UID 1:{turn.state.last}")
        await asyncio.to_thread(box.remove, [uid for uid in taken if uid <= turn.state.last and uid not in left])


async def _take(turn: _Round, box: Mailbox, uid: int, counts: dict[str, int]) -> None:
    """One e-mail: sealed in the transaction that moves the progress past it, then removed."""
    size = await asyncio.to_thread(box.size, uid)
    data = await asyncio.to_thread(box.fetch, uid) if size is not None and size <= MAX_BYTES else None
    if data is None:  # too large, or gone: then the next round finds that it is
        counts["left"] += 1
        return await turn.keep(last=uid, left=[*turn.state.left, uid], failed=0)
    keeps = turn.site.settings.imap_keep
    try:
        came = await service.take_in(turn.site, data, Taken(outside=keeps), turn.now, lambda: _past(turn, uid))
    except (Overtaken, Away):
        raise
    except Exception as fault:
        log.error("an e-mail could not be taken in: %s", type(fault).__name__)
        return await _failed(turn, uid, fault, counts)
    counts["waiting" if came.waiting else "sealed" if came.fresh else "known"] += 1
    if not keeps:
        await asyncio.to_thread(box.remove, [uid])


async def _past(turn: _Round, uid: int) -> None:
    await turn.keep(last=uid, failed=0)


async def _failed(turn: _Round, uid: int, fault: Exception, counts: dict[str, int]) -> None:
    """Once more in the next round; what fails again stays in the mailbox, and the others go on."""
    fresh = await _begin(turn.site, turn.now)
    turn.state, turn.written = fresh.state, fresh.written
    if isinstance(fault, (StoreDown, StoreAway)) or turn.state.failed != uid:
        await turn.keep(failed=uid)
        raise Away("store")
    counts["left"] += 1
    await turn.keep(last=uid, left=[*turn.state.left, uid], failed=0)
