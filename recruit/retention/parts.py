"""Erasing some categories of an application and keeping the rest (L27): granted, prepared, announced, carried out.

What may never happen: what stays becomes unreadable, or what was granted stays readable in an old copy. So the key that
covered both becomes that of the part (`Keyring.split`, durable first); what goes leaves its tables and is put aside
under that key, what stays is sealed anew under one that no old copy ever had; then the part's key is destroyed like
that of any unit: one purge id, one ledger entry, one receipt. Transaction boundaries: the grant is one records
transaction, the split one keyring transaction, taking out and sealing anew another of records, then file after file;
each can be done again. What blocks the application meanwhile puts everything back. Nothing is erased sooner than a
quarter of an hour after it was prepared: whoever had the application open before has saved or given up by then.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast, get_args
from uuid import UUID, uuid4

import msgspec

from recruit import audit, backup, employer, letters
from recruit.accounts.sessions import hashed
from recruit.clock import day
from recruit.data_map import Category
from recruit.database import IDS, ids
from recruit.errors import FormInvalid, RecruitError
from recruit.i18n import translator
from recruit.receipts.facts import ErasedKind
from recruit.retention import resealing, rules
from recruit.retention.recipients import notify_recipients
from recruit.retention.resealing import Items
from recruit.retention.rules import Decision, NoticeFact, guard_refusal
from recruit.site import Site
from recruit.tables import ApplicationData, TakenOut
from recruit.vault.judging import Order, Result
from recruit.vault.sealing import seal, unseal

ERASABLE: dict[Category, str] = {
    "document": "CV and other documents, and what was typed instead of a CV",
    "application": "The letter, and answers to questions of the vacancy",
    "interview_note": "Interview notes and scorecards",
    "screening": "Information before employment",
    "referee": "Referees",
    "correspondence": "E-mails about the application, sent and received",
}
"""What can be erased by itself, in the words of the pages (message ids); the rest is needed as long as it lives."""

IN_FLIGHT = timedelta(minutes=15)
_COUNTED = {
    "mail": "message",
    "received_mail": "incoming",
    "received_original": "incoming",
    "document_words": "search_entry",
    "application": "letter",
}
_AT_ONCE = Decision(action="purge", act="erase", because=(rules.reason("L27", "part_granted"),), immediate=True)


class PartPending(RecruitError):
    """A second grant for the same application, before the first one was carried out."""

    status = 409
    text = "An erasure of parts of this application is under way. Grant the rest when it has its receipt."


@dataclass(frozen=True)
class Choice:
    """One category of one application: how much of it goes, and how much stays because a legal hold keeps it."""

    category: Category
    name: str
    goes: int
    stays: int


@dataclass(frozen=True)
class Part:
    """A granted erasure of categories that was not carried out yet."""

    id: UUID
    application: UUID
    categories: tuple[str, ...]
    items: Items
    keys: tuple[UUID, ...]
    granted_by: UUID
    prepared_at: datetime | None
    taken_at: datetime | None

    @property
    def referees(self) -> list[UUID]:
        return [UUID(unit) for unit in self.items.get("referee", [])]

    @property
    def documents(self) -> list[UUID]:
        return [UUID(unit) for unit in self.items.get("document", [])]


# --- granting ---------------------------------------------------------------------------------------------------------


async def preview(site: Site, application: UUID) -> list[Choice]:
    """What erasing each category would take, and what a hold on single documents keeps (L14)."""
    held = await _held(site, application)
    choices = []
    for category, name in ERASABLE.items():
        items = await _items(site, application, [category], held)
        stays = len(held) if category == "document" else 0
        choices.append(Choice(category, name, _how_many(items), stays))
    return choices


def _how_many(items: Items) -> int:
    """Things that a person would count: a text that was written in the form is one."""
    return sum(1 if table == "application" else len(rows) for table, rows in items.items() if table != "document_words")


async def grant(
    site: Site, application: UUID, categories: Iterable[str], by: UUID, now: datetime, request: UUID | None = None
) -> UUID | None:
    """Grant the erasure of some categories: prepared and announced at once, carried out by the next purge.

    The part; None if there is nothing of them. FormInvalid if no category is chosen; PartPending while an earlier grant
    waits; TooLate if the application was erased.
    """
    chosen = tuple(category for category in ERASABLE if category in set(categories))
    if not chosen:
        raise FormInvalid({"categories": "Choose what is to be erased."})
    key, part = await site.keyring.key(application), uuid4()
    async with site.records.transaction():
        if await of_application(site, application):
            raise PartPending()
        items = await _items(site, application, chosen, await _held(site, application))
        if not items:
            return None
        await site.records.run_sql(
            "INSERT INTO partial_erasure (id, application, request, categories, items, granted_by, granted_on, sealed) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *(part, application, request, ",".join(chosen), msgspec.json.encode(items).decode(), by, day(now)),
            seal(key, "partial_erasure", part, TakenOut()),
        )
        await audit.record("erasure.granted", now, by, application=application, part=part, categories=",".join(chosen))
    await go_on(site, now, [part])
    return part


async def _held(site: Site, application: UUID) -> set[UUID]:
    """Documents that stay because of a legal hold of their own."""
    rows = await site.records.run_sql(
        "SELECT document FROM legal_hold WHERE application = ? AND document IS NOT NULL AND released_on IS NULL",
        application,
    )
    return {row["document"] for row in rows}


async def _items(site: Site, application: UUID, categories: Sequence[str], held: set[UUID]) -> Items:
    """What there is of these categories now, but for held documents and for mail that waits to be sent."""
    found: Items = {}
    for category in categories:
        for place in resealing.tables_of(cast("Category", category)):
            rows = await site.records.run_sql(f"SELECT * FROM {place.table} WHERE {place.column} = ?", application)
            found[place.table] = [str(row["id"]) for row in rows if _may_go(row, held)]
    if "referee" in categories:
        rows = await site.records.run_sql("SELECT id FROM referee WHERE application = ?", application)
        found["referee"] = [str(row["id"]) for row in rows]
    found["application"] = await _fields(site, application, categories)
    return {table: rows for table, rows in found.items() if rows}


def _may_go(row: dict[str, Any], held: set[UUID]) -> bool:
    """Not a held document, nor what was made of it, nor mail that has not left yet."""
    return not {row["id"], row.get("document")} & held and row.get("state") != "queued"


async def _fields(site: Site, application: UUID, categories: Sequence[str]) -> list[str]:
    """The fields of the application's own row that say something."""
    rows = await site.records.run_sql("SELECT sealed FROM application WHERE id = ?", application)
    key = await site.keyring.key(application)
    given = unseal(key, "application", application, bytes(rows[0]["sealed"]), ApplicationData)
    return [name for name in resealing.fields_of(categories) if getattr(given, name)]


# --- preparing and announcing -----------------------------------------------------------------------------------------


async def go_on(site: Site, now: datetime, some: Sequence[UUID] | None = None) -> None:
    """Prepare and announce what was granted; put back what something blocks by now; end what a fault has left."""
    for part in await _pending(site, some):
        if await _blocked(site, part.application):
            await _put_back(site, part)
            continue
        if part.prepared_at is None:
            await _prepare(site, part, now)
        if not await _is_announced(site, part.id):
            await _announce(site, part, now)


async def go_on_with(site: Site, application: UUID, now: datetime) -> None:
    """The same for one application, when what blocks it has changed."""
    await go_on(site, now, [part.id for part in await of_application(site, application)])


async def _prepare(site: Site, part: Part, now: datetime) -> None:
    """The new key, durable; then what goes aside and what stays anew, rows first, files after."""
    taken = part.taken_at is not None
    while not taken:
        await _split(site, part, now)
        try:
            taken = await _take_out(site, part, now)
        except resealing.WrittenSince:
            continue
    await _seal_rest(site, part)
    await site.records.run_sql("UPDATE partial_erasure SET prepared_at = ? WHERE id = ?", now, part.id)


async def _split(site: Site, part: Part, now: datetime) -> None:
    """Another key; the first one bears the part's own id. All of them are destroyed together."""
    async with site.records.transaction():
        rows = await site.records.run_sql("SELECT keys FROM partial_erasure WHERE id = ?", part.id)
        keys = msgspec.json.decode(rows[0]["keys"], type=list[UUID])
        if not keys or await site.keyring.guard(keys[-1]):
            keys.append(uuid4() if keys else part.id)
        await site.records.run_sql(
            "UPDATE partial_erasure SET keys = ? WHERE id = ?", msgspec.json.encode(keys).decode(), part.id
        )
    await site.keyring.split(part.application, keys[-1], day(now), now)


async def _take_out(site: Site, part: Part, now: datetime) -> bool:
    """Without the documents that a hold of their own keeps by now (L14): of the two, one waits for the other."""
    key = await site.keyring.key(part.application)
    async with site.records.transaction():
        await site.records.run_sql("UPDATE application SET stage = stage WHERE id = ?", part.application)
        items = _without(part.items, await _held(site, part.application))
        sealed = await resealing.take_out(site, key, key.parts[part.id], items)
        await site.records.run_sql(
            "UPDATE partial_erasure SET taken_at = ?, sealed = ?, items = ? WHERE id = ?",
            *(now, sealed, msgspec.json.encode(items).decode(), part.id),
        )
        await resealing.seal_rows(site, key)
    return True


def _without(items: Items, held: set[UUID]) -> Items:
    left = {
        table: [row for row in rows if table != "document" or UUID(row) not in held] for table, rows in items.items()
    }
    return {table: rows for table, rows in left.items() if rows}


async def _seal_rest(site: Site, part: Part) -> None:
    """Whatever stays and is not under the present key yet: files, and rows of whoever had the application open."""
    key = await site.keyring.key(part.application)
    async with site.records.transaction():
        await resealing.seal_rows(site, key)
    await site.documents.reseal(key, but=part.documents)


async def _blocked(site: Site, application: UUID) -> bool:
    guard = await site.keyring.guard(application)
    return guard is None or bool(guard.holds or guard.restrictions or guard.open_requests)


async def _is_announced(site: Site, part: UUID) -> bool:
    return bool(await site.records.run_sql("SELECT 1 FROM purge_notice WHERE part = ? AND state = 'announced'", part))


async def _announce(site: Site, part: Part, now: datetime) -> None:
    """The person learns what goes and where the receipt will be; whoever got copies learns that it goes."""
    purge, token = uuid4(), secrets.token_urlsafe(24)
    key = await site.keyring.key(part.application)
    async with site.records.transaction():
        rows = await site.records.run_sql(
            "SELECT a.candidate, c.language FROM application a JOIN candidate c ON c.id = a.candidate WHERE a.id = ?",
            part.application,
        )
        candidate, tr = rows[0]["candidate"], translator(rows[0]["language"])
        names = [tr(ERASABLE[cast("Category", category)]) for category in part.categories]
        await site.records.run_sql(
            "INSERT INTO purge_notice (id, application, part, candidate, token, rule, state, noticed_at, erase_from, "
            "due_on) VALUES (?, ?, ?, ?, ?, 'L27', 'announced', ?, ?, ?)",
            *(purge, part.application, part.id, candidate, hashed(token), now, now, day(now)),
        )
        url = site.settings.link(f"/r/{token}")
        letter = f"purge_notice:{purge}"
        await letters.to_candidate(site, candidate, key, letter, "part_notice", now, categories=names, receipt_url=url)
        await notify_recipients(site, [part.application], "part_erased", now, "\n".join(f"– {name}" for name in names))


# --- carrying out -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """An announced erasure of a part whose person was told."""

    part: Part
    purge: UUID
    token: str
    language: str


async def due(site: Site, now: datetime) -> list[Due]:
    """The parts that may go now, for all that is known before their guards are asked."""
    policy = await employer.policy(site)
    rows = await site.records.run_sql(
        "SELECT n.id, n.part, n.token, n.noticed_at, m.state AS mail_state, m.sent_at, c.language FROM purge_notice n "
        "JOIN application a ON a.id = n.application JOIN candidate c ON c.id = a.candidate "
        "LEFT JOIN mail m ON m.cause = 'purge_notice:' || n.id WHERE n.state = 'announced' AND n.part IS NOT NULL"
    )
    told = {row["part"]: row for row in rows if rules.notice_served(_AT_ONCE, _notice(row), policy, now)}
    found = []
    for part in await _pending(site, list(told)):
        row = told[part.id]
        if part.prepared_at is not None and await _settled(site, part.prepared_at, now):
            found.append(Due(part, row["id"], row["token"], row["language"]))
    return found


def _notice(row: dict[str, Any]) -> NoticeFact:
    answered = row["sent_at"] or (row["noticed_at"] if row["mail_state"] == "refused" else None)
    return NoticeFact(sent_at=row["noticed_at"], answered_at=answered)


async def _settled(site: Site, prepared_at: datetime, now: datetime) -> bool:
    """Nobody writes under the old key any more. Where archives hold no keys, one must hold what was sealed anew: from
    an older one what stays could not be brought back.
    """
    if now - prepared_at < IN_FLIGHT:
        return False
    made = [backup.made_at(path) for path in _archives(site.settings.backups)]
    return site.settings.backup_mode == "plain" or not made or max(made) >= prepared_at


def _archives(folder: Path) -> list[Path]:
    return [path for path in backup.archives(folder) if path.suffix != ".partial"]


async def carry_out(site: Site, one: Due, now: datetime) -> Result:
    """Step 1 of the purge of a part: its keys are destroyed, if the guard lets them be."""
    part = one.part
    await _seal_rest(site, part)
    key = await site.keyring.key(part.application)
    if await site.documents.under_present(key, part.documents):  # drawn by somebody who had it open
        await _split(site, part, now)
        await _seal_rest(site, part)
        await site.records.run_sql("UPDATE partial_erasure SET prepared_at = ? WHERE id = ?", now, part.id)
        return Result(one.purge, refused="changed")
    (result,) = await site.keyring.erase([_order(site, one, now)], guard_refusal, day(now), now)
    return result


def _order(site: Site, one: Due, now: datetime) -> Order:
    part = one.part
    facts = {
        "rule": "L27",
        "because": [{"rule": r.rule, "key": r.key, "params": {}} for r in _AT_ONCE.because],
        "due_on": day(now).isoformat(),
        "outcome": "erase",
        "mode": site.settings.backup_mode,
        "language": one.language,
        "recipients": {},
        "looks": 0,
        "of": str(part.application),
        "items": part.items,
    }
    also = (*part.keys[1:], *part.referees, *part.documents)
    return Order(one.purge, part.id, one.token, facts, _counts(part.items), also=also)


def _counts(items: Items) -> dict[str, int]:
    """What goes, in the receipt's categories."""
    counts: dict[str, int] = {}
    for table, rows in items.items():
        kind = _COUNTED.get(table, table if table in get_args(ErasedKind) else "decision")
        counts[kind] = counts.get(kind, 0) + (1 if table == "application" else len(rows))
    return counts


async def _put_back(site: Site, part: Part) -> None:
    """Something blocks the application: nothing of it is erased for now, so everything stands where it stood."""
    key = await site.keyring.key(part.application)
    async with site.records.transaction():
        rows = await site.records.run_sql(
            "SELECT sealed FROM partial_erasure WHERE id = ? AND taken_at IS NOT NULL", part.id
        )
        if rows:
            sealed = bytes(rows[0]["sealed"])
            await resealing.put_back(site, key, key.parts[part.id], part.items, sealed)
            await site.records.run_sql(
                "UPDATE partial_erasure SET taken_at = NULL, prepared_at = NULL WHERE id = ?", part.id
            )


async def sweep(site: Site, bodies: Iterable[dict[str, Any]]) -> None:
    """Step 2 for erased parts: files, and rows that were not taken out because an archive brought them back."""
    for body in bodies:
        items: Items = body["items"]
        await remove_rows(site, items)
        await site.documents.leave(UUID(body["of"]), [UUID(number) for number in items.get("document", [])])


async def remove_rows(site: Site, items: Items) -> None:
    async with site.records.transaction():
        await resealing.delete(site, items)


async def redo(site: Site, bodies: Iterable[dict[str, Any]], now: datetime) -> None:
    """While restoring: an archive knows nothing of these erased parts, so what stays is under the key that must go.

    Before the ledger is replayed, which destroys that key again: what stays is sealed anew, what goes is removed.
    """
    for body in bodies:
        application, keys = UUID(body["of"]), [UUID(unit) for unit, kind in body["units"].items() if kind == "part"]
        if application not in await site.keyring.keys([application]):
            continue
        for unknown in [unit for unit in keys if not await site.keyring.guard(unit)][:1]:
            await site.keyring.split(application, unknown, day(now), now)
        key, items = await site.keyring.key(application), cast("Items", body["items"])
        async with site.records.transaction():
            await resealing.delete(site, items)
            await resealing.empty_fields(site, key, items)
            await resealing.seal_rows(site, key)
        documents = [UUID(number) for number in items.get("document", [])]
        await site.documents.leave(application, documents)
        await site.documents.reseal(key)


# --- reading ----------------------------------------------------------------------------------------------------------


async def of_application(site: Site, application: UUID) -> list[Part]:
    """What was granted of an application and has not gone yet."""
    rows = await site.records.run_sql("SELECT * FROM partial_erasure WHERE application = ?", application)
    return [_part(row) for row in rows]


async def _pending(site: Site, some: Sequence[UUID] | None = None) -> list[Part]:
    """All that was granted, or some of it, and whose keys live."""
    where, params = ("", []) if some is None else (f" WHERE id IN {IDS}", [ids(some)])
    rows = await site.records.run_sql(f"SELECT * FROM partial_erasure{where} ORDER BY granted_on, id", *params)
    guards = await site.keyring.guards([row["id"] for row in rows] + [row["application"] for row in rows])
    living = {unit for unit, guard in guards.items() if guard.present}
    return [_part(r) for r in rows if r["application"] in living and (r["id"] in living or r["id"] not in guards)]


def _part(row: dict[str, Any]) -> Part:
    return Part(
        id=row["id"],
        application=row["application"],
        categories=tuple(row["categories"].split(",")),
        items=msgspec.json.decode(row["items"], type=Items),
        keys=tuple(msgspec.json.decode(row["keys"], type=list[UUID])),
        granted_by=row["granted_by"],
        prepared_at=row["prepared_at"],
        taken_at=row["taken_at"],
    )
