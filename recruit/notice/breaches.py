"""Notes of personal data breaches (art. 33(5)): written, read with what was sealed at the time, deleted.

Guards that the words of a note stand only under the note's own key, made durable before its row; that what the note
says of keys and epochs is read from the keyring, not typed; and that a deleted note goes the way of everything sealed:
its row now, its key with the next purge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID, uuid4

import msgspec

from recruit import audit
from recruit.clock import day
from recruit.errors import NotFound
from recruit.notice import rules
from recruit.notice.rules import Judgement, Kind, Store
from recruit.retention import service as retention
from recruit.retention.remembered import Counted, recall_counted, remember_counted
from recruit.retention.rules import end_of_local_day
from recruit.site import Site
from recruit.tables import BreachWords
from recruit.vault.keyring import Birth
from recruit.vault.ledger import instant
from recruit.vault.sealing import seal, unseal


@dataclass(frozen=True)
class Breach:
    """A note as it is typed and read. `persons` None: not known yet; `authority_on`, `persons_on`: when told."""

    happened_on: date
    known_at: datetime
    kinds: tuple[Kind, ...]
    stores: tuple[Store, ...]
    persons: int | None
    authority_on: date | None
    persons_on: date | None
    words: BreachWords


@dataclass(frozen=True)
class Noted:
    """A stored note, with what the installation itself knows."""

    id: UUID
    breach: Breach
    noted_at: datetime
    judgement: Judgement
    epoch_then: int
    epoch_now: int
    authority_by: datetime

    @property
    def owed(self) -> bool:
        """The authority is still to be told: it was not, and the note does not say why it need not be (art. 33(1))."""
        return self.breach.authority_on is None and not self.breach.words.unreported

    def late(self, now: datetime) -> bool:
        """The authority was not told within 72 hours, and had to be (art. 33(1))."""
        told = self.breach.authority_on
        return self.owed and now > self.authority_by if told is None else told > day(self.authority_by)

    def old(self, today: date) -> bool:
        """Whether somebody should look if it is still needed."""
        return today.year - day(self.noted_at).year >= rules.REVIEW_YEARS


@dataclass(frozen=True)
class Keys:
    """The keyring in counts: living units by kind, and erased ones."""

    living: dict[str, int]
    erased: int


@dataclass(frozen=True)
class Sealed:
    """What was sealed: the keys as they were counted last (None: never), and how many folders hold the epoch key."""

    keys: Counted[Keys] | None
    holders: int
    passphrase: bool
    strict: bool


async def write(site: Site, breach: Breach, by: UUID, now: datetime) -> UUID:
    """A new note; the epoch of the day on which it happened is looked up in the ledger."""
    unit = uuid4()
    (key,) = await site.keyring.birth(Birth(unit, "breach", now))
    epoch = await epoch_on(site, breach.happened_on)
    async with site.records.transaction():
        await site.records.run_sql(
            "INSERT INTO breach_note (id, noted_by, noted_at, happened_on, known_at, kinds, stores, persons, epoch, "
            "authority_on, persons_on, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(unit, by, now, *_columns(breach)[:5], epoch, *_columns(breach)[5:]),
            seal(key, "breach_note", unit, breach.words),
        )
        await audit.record("breach.noted", now, by, breach=unit)
    return unit


async def change(site: Site, unit: UUID, breach: Breach, by: UUID, now: datetime) -> None:
    """What is known better now. NotFound for an unknown note."""
    await noted(site, unit)
    key, epoch = await site.keyring.key(unit), await epoch_on(site, breach.happened_on)
    async with site.records.transaction():
        await site.records.run_sql(
            "UPDATE breach_note SET happened_on = ?, known_at = ?, kinds = ?, stores = ?, persons = ?, epoch = ?, "
            "authority_on = ?, persons_on = ?, sealed = ? WHERE id = ?",
            *(*_columns(breach)[:5], epoch, *_columns(breach)[5:]),
            *(seal(key, "breach_note", unit, breach.words), unit),
        )
        await audit.record("breach.changed", now, by, breach=unit)


def _columns(breach: Breach) -> tuple[Any, ...]:
    return (
        breach.happened_on,
        breach.known_at,
        ",".join(breach.kinds),
        ",".join(breach.stores),
        breach.persons,
        breach.authority_on,
        breach.persons_on,
    )


async def delete(site: Site, unit: UUID, by: UUID, now: datetime) -> None:
    """The note is no longer needed: its row goes now, its key with the next purge."""
    await noted(site, unit)
    async with site.records.transaction():
        await site.records.run_sql("DELETE FROM breach_note WHERE id = ?", unit)
        await audit.record("breach.deleted", now, by, breach=unit)
    await retention.let_go(site, [unit], now)


async def listed(site: Site) -> list[Noted]:
    """All notes, the newest breach first."""
    return await _noted(site, await site.records.run_sql("SELECT * FROM breach_note ORDER BY known_at DESC"))


async def noted(site: Site, unit: UUID) -> Noted:
    """One note; NotFound if there is none."""
    rows = await site.records.run_sql("SELECT * FROM breach_note WHERE id = ?", unit)
    found = await _noted(site, rows)
    if not found:
        raise NotFound()
    return found[0]


async def _noted(site: Site, rows: Sequence[dict[str, Any]]) -> list[Noted]:
    keys = await site.keyring.keys(row["id"] for row in rows)
    found = []
    for row in rows:
        if row["id"] not in keys:
            continue
        words = unseal(keys[row["id"]], "breach_note", row["id"], bytes(row["sealed"]), BreachWords)
        found.append(_of_row(site, row, words))
    return found


def _of_row(site: Site, row: dict[str, Any], words: BreachWords) -> Noted:
    stores = cast("tuple[Store, ...]", tuple(filter(None, row["stores"].split(","))))
    breach = Breach(
        happened_on=row["happened_on"],
        known_at=row["known_at"],
        kinds=cast("tuple[Kind, ...]", tuple(filter(None, row["kinds"].split(",")))),
        stores=stores,
        persons=row["persons"],
        authority_on=row["authority_on"],
        persons_on=row["persons_on"],
        words=words,
    )
    strict, locked = site.settings.backup_mode == "strict", site.settings.root_passphrase_file is not None
    return Noted(
        id=row["id"],
        breach=breach,
        noted_at=row["noted_at"],
        judgement=rules.judge(stores, strict, locked, row["epoch"], site.keyring.oldest),
        epoch_then=row["epoch"],
        epoch_now=site.keyring.oldest,
        authority_by=rules.authority_by(row["known_at"]),
    )


async def epoch_on(site: Site, then: date) -> int:
    """The epoch whose key opened things at the end of a day: the ledger remembers every rotation."""
    of_rotations = "SELECT body FROM ledger_entry WHERE kind = 'rotate'"
    last = await site.keyring.engine.run_sql(
        f"{of_rotations} AND at < ? ORDER BY at DESC, number DESC LIMIT 1", instant(end_of_local_day(then))
    )
    if last:
        return int(msgspec.json.decode(last[0]["body"])["epoch_after"])
    first = await site.keyring.engine.run_sql(f"{of_rotations} ORDER BY at, number LIMIT 1")
    return int(msgspec.json.decode(first[0]["body"])["epoch_before"]) if first else site.keyring.epoch


async def sealed(site: Site) -> Sealed:
    return Sealed(
        keys=await recall_counted(site, "keys", Keys),
        holders=len(site.keyring.holders.each),
        passphrase=site.settings.root_passphrase_file is not None,
        strict=site.settings.backup_mode == "strict",
    )


async def count_keys(site: Site, now: datetime) -> None:
    rows = await site.keyring.engine.run_sql(
        "SELECT kind, count(wrapped) AS living, count(*) AS n FROM data_key GROUP BY kind ORDER BY kind"
    )
    living = {row["kind"]: row["living"] for row in rows if row["living"]}
    await remember_counted(site, "keys", Keys(living, sum(row["n"] - row["living"] for row in rows)), now)


async def late(site: Site, now: datetime) -> int:
    """How many breaches the authority should have been told of by now, and was not: for the alarm."""
    return sum(note.owed and note.late(now) for note in await listed(site))
