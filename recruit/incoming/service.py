"""E-mails that come in: sealed with their application, or waiting for a person who says what they are.

What may never happen: an e-mail that is lost or kept twice; one that is readable anywhere before it is sealed; one that
waits for ever (L34). Order: the key is durable first (an application's own, or a new one that ends like an enquiry's),
then files are sealed under it, then one records transaction writes the e-mail, its files and whatever the caller wants
to stand or fall with them (`also`). What leaves the waiting ones loses its rows there in the transaction that writes
them elsewhere; its key is then due at once, and goes with the next purge.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from recruit import audit, eml, employer, letters
from recruit.accounts.guards import RECRUITER, Me
from recruit.accounts.staff import with_role
from recruit.careers import entering
from recruit.careers import service as careers
from recruit.careers.rules import Answers, Origin, draft_of
from recruit.careers.uploads import Shelf, StoreAway
from recruit.clock import day
from recruit.database import IDS, ids
from recruit.documents.kinds import DocumentRefused
from recruit.eml import Letter, Mark
from recruit.errors import NotFound, RecruitError
from recruit.hiring import access
from recruit.i18n import Language, format_date, translator
from recruit.incoming import matching
from recruit.incoming.matching import KnownBy
from recruit.retention import recipients
from recruit.retention.rules import DAY, Guard, enquiry_kept_through
from recruit.site import Site
from recruit.tables import FileName, MailWords, Original
from recruit.vault.epoch import address_digest
from recruit.vault.judging import GuardRow
from recruit.vault.keyring import Birth, TooLate
from recruit.vault.sealing import UnitKey, seal, unseal

KIND = "incoming"
PAGE = 50
ORPHAN_AGE = timedelta(hours=24)

Also = Callable[[], Awaitable[None]]


class NoMail(RecruitError):
    """A file that somebody brought is no e-mail."""

    status = 422
    text = "The file is no e-mail with a sender. Save the message as .eml."


async def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Taken:
    """How an e-mail came here: recognised by what, put in by whom, and whether the original stays in a mailbox."""

    known_by: KnownBy | None = None
    by: UUID | None = None
    outside: bool = False


@dataclass(frozen=True)
class Came:
    """Where an e-mail lies now: with an application, or waiting; `fresh`: it was not here before."""

    unit: UUID
    waiting: bool
    fresh: bool = True


# --- taking in --------------------------------------------------------------------------------------------------------


async def take_in(site: Site, data: bytes, taken: Taken, now: datetime, also: Also = _nothing) -> Came:
    """Seal an e-mail with the application that it belongs to beyond doubt, or let it wait. The same one only once."""
    letter = await asyncio.to_thread(eml.read, data)
    match = await matching.application_of(site, letter)
    if match:
        known = replace(taken, known_by=match.known_by)
        try:
            return await _with_application(site, match.application, letter, data, known, now, also)
        except (TooLate, NotFound):  # it was erased meanwhile: what comes now is about nobody whom we know
            pass
    return await _wait(site, letter, data, taken, now, also)


async def bring(site: Site, data: bytes, me: Me, now: datetime, application: UUID | None = None) -> Came:
    """The same for a file that somebody brings; to the application that they name, if they do. NoMail if it is none."""
    letter = await asyncio.to_thread(eml.read, data)
    if not letter.address:
        raise NoMail()
    if application is None:
        return await take_in(site, data, Taken(by=me.id), now)
    return await _with_application(site, application, letter, data, Taken("person", me.id), now, _nothing)


def number_of(letter: Letter, data: bytes) -> str:
    """What the same e-mail is recognised by: its Message-ID, or its bytes where it has none."""
    return letter.message_id or hashlib.sha256(data).hexdigest()


async def _with_application(
    site: Site, application: UUID, letter: Letter, data: bytes, taken: Taken, now: datetime, also: Also
) -> Came:
    key = await site.keyring.key(application)
    if await _is_known(site, key, number_of(letter, data)):
        async with site.records.transaction():
            await also()
        return Came(application, waiting=False, fresh=False)

    async def own() -> UnitKey:
        return key

    shelf = Shelf(site.documents, own)
    try:
        left_out = await _shelve(shelf, letter)
        async with site.records.transaction():
            await _require_living(site, application)
            await _list_files(site, key, shelf, now)
            await write(site, key, letter, data, left_out, taken, now)
            await also()
    finally:
        rows = await site.records.run_sql(
            f"SELECT id FROM document WHERE id IN {IDS}", ids(file.id for file in shelf.files)
        )
        await shelf.discard({row["id"] for row in rows})
    return Came(application, waiting=False)


async def _is_known(site: Site, key: UnitKey, number: str) -> bool:
    rows = await site.records.run_sql("SELECT id, sealed FROM received_mail WHERE unit = ?", key.unit)
    words = (unseal(key, "received_mail", row["id"], bytes(row["sealed"]), MailWords) for row in rows)
    return any(each.message_id == number for each in words)


async def _require_living(site: Site, application: UUID) -> None:
    if not await site.records.run_sql("SELECT 1 FROM application WHERE id = ?", application):
        raise NotFound()


async def _shelve(shelf: Shelf, letter: Letter) -> list[str]:
    """Its files, each examined like any upload; the names of those that can't be documents."""
    left_out = []
    for file in letter.files:
        try:
            await shelf.put(file.name, "certificate", file.data)
        except StoreAway:
            raise
        except DocumentRefused:
            left_out.append(file.name)
    return left_out


async def _list_files(site: Site, key: UnitKey, shelf: Shelf, now: datetime) -> None:
    """The documents' rows; what the application has already, byte for byte, is not taken twice."""
    rows = await site.records.run_sql("SELECT id, sealed FROM document WHERE unit = ?", key.unit)
    had = {unseal(key, "document", row["id"], bytes(row["sealed"]), FileName).digest for row in rows}
    for file in shelf.files:
        if file.digest not in had:
            name = FileName(name=file.name, pages=file.pages, digest=file.digest)
            await site.records.run_sql(
                "INSERT INTO document (id, unit, kind, media_type, size, added_at, sealed) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                *(file.id, key.unit, file.kind, file.media_type, file.size, now),
                seal(key, "document", file.id, name),
            )
        had.add(file.digest)


async def write(
    site: Site, key: UnitKey, letter: Letter, data: bytes, left_out: list[str], taken: Taken, now: datetime
) -> None:
    """In the caller's transaction: the e-mail under its application, which is new to everybody again.

    The original is kept only where it holds what neither text nor documents do.
    """
    row, application = uuid4(), key.unit
    await _insert(site, key, row, letter, _words(letter, data, left_out), taken, now)
    if left_out or not letter.whole:
        await _insert_original(site, key, row, data)
    await site.records.run_sql(
        "UPDATE application SET last_activity_at = ? WHERE id = ? AND outcome IS NULL", now, application
    )
    await site.records.run_sql("DELETE FROM seen WHERE application = ?", application)
    await audit.record("mail.received", now, taken.by, application=application, mail=row)


async def _insert(
    site: Site, key: UnitKey, row: UUID, letter: Letter, words: MailWords, taken: Taken, now: datetime
) -> bool:
    """The row, and that a copy stays outside if it does (L29); False if it is there already."""
    rows = await site.records.run_sql(
        "INSERT INTO received_mail (id, unit, waiting, mark, known_by, outside, taken_by, sent_at, at, sealed) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING RETURNING id",
        *(row, key.unit, row == key.unit, letter.mark, taken.known_by or "", taken.outside, taken.by),
        *(letter.sent_at, now),
        seal(key, "received_mail", row, words),
    )
    if rows and taken.outside:
        await recipients.disclosed(site, [key.unit], recipients.MAILBOX, "mailbox", now)
    return bool(rows)


async def _insert_original(site: Site, key: UnitKey, row: UUID, data: bytes) -> None:
    sealed = seal(key, "received_original", row, Original(data=data))
    await site.records.run_sql(
        "INSERT INTO received_original (id, unit, sealed) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
        *(row, key.unit, sealed),
    )


def _words(letter: Letter, data: bytes, left_out: Sequence[str] = (), secret: str = "") -> MailWords:
    return MailWords(
        name=letter.name,
        email=letter.address,
        to=letter.to,
        subject=letter.subject,
        text=letter.text,
        message_id=number_of(letter, data),
        answers_to=list(letter.answers_to),
        files=[file.name for file in letter.files],
        left_out=list(left_out),
        secret=secret,
    )


async def _wait(site: Site, letter: Letter, data: bytes, taken: Taken, now: datetime, also: Also) -> Came:
    """Under a key of its own, which ends like that of an enquiry; recruiters hear of it, once a day at most."""
    number = number_of(letter, data)
    unit = await site.keyring.find(KIND, number)
    if unit is None:
        unit, until = uuid4(), enquiry_kept_through(day(now), await employer.policy(site))
        birth = Birth(unit, KIND, now, digest=address_digest(KIND, number), retain_until=until)
        await site.keyring.birth(birth)
    key = await site.keyring.key(unit)
    words = _words(letter, data, secret=secrets.token_urlsafe(32))
    async with site.records.transaction():
        fresh = await _insert(site, key, unit, letter, words, taken, now)
        if fresh:
            await _insert_original(site, key, unit, data)
            await audit.record("mail.waits", now, taken.by, mail=unit)
            if not letter.mark and taken.by is None:
                await _tell_recruiters(site, now)
        await also()
    return Came(unit, waiting=True, fresh=fresh)


async def _tell_recruiters(site: Site, now: datetime) -> None:
    url = site.settings.link("/incoming")
    for account in await with_role(site, RECRUITER):
        cause = f"mail_waits:{account.id}:{day(now).isoformat()}"
        await letters.to_staff(site, account, cause, "mail_waits", now, url=url)


# --- what waits -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """An e-mail that waits, opened for somebody who may say what it is."""

    id: UUID
    at: datetime
    sent_at: datetime | None
    mark: Mark
    outside: bool
    kept_through: date | None
    words: MailWords
    key: UnitKey = field(repr=False)


async def count(site: Site, before: datetime | None = None) -> int:
    """How many wait; with an instant, those that came before it."""
    where, params = ("", ()) if before is None else (" AND at < ?", (before,))
    rows = await site.records.run_sql(f"SELECT count(*) AS n FROM received_mail WHERE waiting{where}", *params)
    return int(rows[0]["n"])


async def listed(site: Site, me: Me, page: int, now: datetime) -> list[Waiting]:
    """A page of what waits: what people wrote first, the longest waiting on top. Each is a look."""
    rows = await site.records.run_sql(
        "SELECT * FROM received_mail WHERE waiting ORDER BY mark <> '', at, id LIMIT ? OFFSET ?",
        *(PAGE, (page - 1) * PAGE),
    )
    return await _opened(site, me, rows, now)


async def opened(site: Site, me: Me, mail: UUID, now: datetime) -> Waiting:
    """One that waits. NotFound once somebody has said what it is."""
    rows = await site.records.run_sql("SELECT * FROM received_mail WHERE waiting AND id = ?", mail)
    found = await _opened(site, me, rows, now)
    if not found:
        raise NotFound()
    return found[0]


async def _opened(site: Site, me: Me, rows: list[dict[str, Any]], now: datetime) -> list[Waiting]:
    units = [row["id"] for row in rows]
    keys, guards = await site.keyring.keys(units), await site.keyring.guards(units)
    await audit.look(me.id, RECRUITER, [unit for unit in units if unit in keys], KIND, now)
    return [_waiting(row, keys[row["id"]], guards[row["id"]]) for row in rows if row["id"] in keys]


def _waiting(row: dict[str, Any], key: UnitKey, guard: GuardRow) -> Waiting:
    words = unseal(key, "received_mail", row["id"], bytes(row["sealed"]), MailWords)
    return Waiting(
        row["id"], row["at"], row["sent_at"], row["mark"], bool(row["outside"]), guard.retain_until, words, key
    )


async def original(site: Site, key: UnitKey, mail: UUID) -> bytes:
    """An e-mail as it came; NotFound if it is another unit's, or was not kept."""
    rows = await site.records.run_sql("SELECT sealed FROM received_original WHERE id = ? AND unit = ?", mail, key.unit)
    if not rows:
        raise NotFound()
    return unseal(key, "received_original", mail, bytes(rows[0]["sealed"]), Original).data


async def download(site: Site, key: UnitKey, mail: UUID, me: Me, now: datetime) -> bytes:
    """The same, for somebody who takes it out: written down before it leaves (L29)."""
    data = await original(site, key, mail)
    async with site.records.transaction():
        await recipients.disclosed(site, [key.unit], "staff_download", "download", now, account=me.id)
        await audit.record("mail.downloaded", now, me.id, mail=mail)
    return data


# --- what becomes of it -----------------------------------------------------------------------------------------------


async def attach(site: Site, me: Me, mail: UUID, application: UUID, now: datetime) -> None:
    """It belongs to an application that this person may write to. NotFound if it, or that one, is not there."""
    waits = await opened(site, me, mail, now)
    chosen = await access.opened(site, me, application, "decide", now, "letter")
    data = await original(site, waits.key, mail)
    letter = await asyncio.to_thread(eml.read, data)
    taken = Taken("person", me.id, waits.outside)

    async def leave() -> None:
        await _leave(site, waits)

    await _with_application(site, chosen.id, letter, data, taken, now, leave)
    await _let_go(site, [mail], now)


async def enter(
    site: Site, me: Me, mail: UUID, vacancy: UUID, answers: Answers, where: str, lang: Language, now: datetime
) -> UUID:
    """Make an application of it: the person is told by the notice of article 14 (L10). Its id; twice makes one.

    `where` is the source as they are told it; empty: an e-mail of that day.
    FormInvalid or NotTakingApplications, and then nothing has changed.
    """
    waits = await opened(site, me, mail, now)
    data = await original(site, waits.key, mail)
    letter = await asyncio.to_thread(eml.read, data)
    left_out: list[str] = []
    origin = Origin("email", where or source(waits, lang), me.id)
    secret, files = waits.words.secret, _as_documents(letter)
    again = await careers.is_sent(site, draft_of(secret, vacancy))
    application = await entering.enter(site, vacancy, answers, files, origin, lang, now, secret, left_out)
    key, letter = await site.keyring.key(application), replace(letter, whole=letter.whole and not again)
    async with site.records.transaction():
        await _leave(site, waits)
        await write(site, key, letter, data, left_out, Taken("person", me.id, waits.outside), now)
    await _let_go(site, [mail], now)
    return application


def source(waits: Waiting, lang: Language) -> str:
    """Where the data come from, as the person is told it."""
    return translator(lang)("An e-mail to us of {date}", date=format_date(day(waits.sent_at or waits.at), lang))


def _as_documents(letter: Letter) -> list[entering.File]:
    """The file that calls itself a CV is the CV, or the first one."""
    named = next((n for n, file in enumerate(letter.files) if "cv" in file.name.casefold()), 0)
    return [(file.name, "cv" if n == named else "certificate", file.data) for n, file in enumerate(letter.files)]


async def discard(site: Site, me: Me, mail: UUID, now: datetime) -> None:
    """It is nothing that we need: its rows go now, its key with the next purge. NotFound if it does not wait."""
    waits = await opened(site, me, mail, now)
    async with site.records.transaction():
        await _leave(site, waits)
        await audit.record("mail.discarded", now, me.id, mail=mail)
    await _let_go(site, [mail], now)


async def _leave(site: Site, waits: Waiting) -> None:
    """In the caller's transaction: it waits no longer. NotFound if somebody else was quicker."""
    gone = await site.records.run_sql("DELETE FROM received_mail WHERE id = ? AND waiting RETURNING id", waits.id)
    if not gone:
        raise NotFound()
    for table, column in (("received_original", "unit"), ("disclosure", "unit")):
        await site.records.run_sql(f"DELETE FROM {table} WHERE {column} = ?", waits.id)


async def _let_go(site: Site, units: Sequence[UUID], now: datetime) -> None:
    """Records no longer know these: nothing finds them any more, and their keys are due."""
    for unit in units:
        await site.keyring.readdress(unit, KIND, str(uuid4()))
    guards, over = await site.keyring.guards(units), day(now) - DAY
    values = {unit: Guard(retain_until=over, version=guard.version) for unit, guard in guards.items() if guard.present}
    await site.keyring.settle({**values}, kind=KIND)


async def reconcile(site: Site, now: datetime) -> int:
    """Let go of keys that no e-mail is under, after a fault between two steps; how many."""
    old = await site.keyring.born_before(KIND, now - ORPHAN_AGE)
    rows = await site.records.run_sql(f"SELECT id FROM received_mail WHERE id IN {IDS}", ids(old))
    due = await site.keyring.past_due(KIND, day(now))
    orphans = sorted(old - {row["id"] for row in rows} - set(due))
    await _let_go(site, orphans, now)
    return len(orphans)
