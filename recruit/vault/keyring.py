"""The keyring: data keys, their guards, and the one place where a key is destroyed.

What may never happen: a key is destroyed without its guard having been read in the same transaction (L18, I2); a key
is born under any epoch but the present one; an old epoch key outlives the re-wrapping, or one in use is missing in a
holder (I3). Transaction boundary: `birth`, `adopt`, every change of a guard, `erase` and each slice that `rotate`
re-wraps are one keyring transaction each, and the keyring shares no transaction with records: what lengthens or blocks
commits here before it is acknowledged; what shortens commits in records first and reaches here by `settle`.
"""

import asyncio
import hmac
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from recruit.database import ALL, IDS, Engine, ids
from recruit.errors import RecruitError
from recruit.vault import durable
from recruit.vault.epoch import EpochKey, Epochs, address_digest
from recruit.vault.holders import Holders
from recruit.vault.judging import NEVER, Batch, GuardRow, GuardValues, Order, Refusal, Result
from recruit.vault.ledger import EMPTY, Entry, Head, canonical, head_of, link, of_row
from recruit.vault.sealing import UnitKey, new_secret


class TooLate(RecruitError):
    """The unit was erased before the change could be made: a definite answer, with the purge that won."""

    status = 410
    text = "Too late: this was already erased (purge {purge})."


class LedgerBehind(RecruitError):
    """The database has forgotten erasures that a holder remembers: an old copy was put in place."""

    status = 503
    text = "The ledger ends at entry {here}, but a key holder knows entry {known}. Use `recruit restore`, not a copy."


class EpochUnknown(RecruitError):
    status = 503
    text = (
        "The epoch key {number} in the holders does not belong to this keyring. Bring back those that go with it, or "
        "`recruit restore` (docs/operations.md, What was lost)."
    )


@dataclass(frozen=True)
class Birth:
    """A key to be made; `digest` (32 bytes, see `address_digest`) makes the unit findable by its e-mail address."""

    unit: UUID
    kind: str
    at: datetime
    parent: UUID | None = None
    digest: bytes = b""
    retain_until: date | None = None


class Keyring:
    """The keyring of the installation. `open` once; all methods are safe for concurrent tasks."""

    def __init__(self, engine: Engine, holders: Holders, strict: bool = False) -> None:
        self.engine = engine
        self.holders = holders
        self._strict = strict
        self._epochs: Epochs

    # --- opening ----------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Find the epoch keys in use, make the first one if there is none, and bring holders into line.

        Raises HolderUnusable, EpochUnknown, or LedgerBehind (I6: no start on a copy that forgets erasures).
        """
        self.holders.prepare()
        async with self.engine.transaction():
            rows = await self.engine.run_sql(_IN_USE)
            self._epochs = Epochs([await self._load(row) for row in rows] or [await self._first()])
        await self._refuse_if_behind()
        await self.retire_older()
        await self._remember()

    async def _first(self) -> EpochKey:
        """The first epoch. A first start that was cut off has left its key and nothing else: that one is taken."""
        epochs, ledger = self.holders.epochs(), self.holders.newest_ledger()
        if ledger or (epochs and (epochs != {1} or self.holders.journal())):
            raise LedgerBehind(here=0, known=len(ledger))
        return await self._begin_epoch(EpochKey(1, self.holders.find(1) if epochs else new_secret()))

    async def _begin_epoch(self, epoch: EpochKey) -> EpochKey:
        """From this transaction on it is the present one: its key is durable in every holder before."""
        self.holders.write(epoch.number, epoch.key)
        await self.engine.run_sql('INSERT INTO epoch (number, "check") VALUES (?, ?)', epoch.number, epoch.check)
        return epoch

    async def _load(self, row: dict[str, Any]) -> EpochKey:
        for key in self.holders.found(row["number"]):
            epoch = EpochKey(row["number"], key)
            if hmac.compare_digest(epoch.check, bytes(row["check"])):
                return epoch
        raise EpochUnknown(number=row["number"])

    async def _refuse_if_behind(self) -> None:
        """Before any holder is touched: what an older copy takes for past is the present key of the living.

        Memories are read first, since another process may be writing: what they know was in the database before.
        """
        known = max(memory.head().number for memory in self.holders.memories)
        here = (await self.head()).number
        if known > here:
            raise LedgerBehind(here=here, known=known)

    async def _remember(self, fresh: Sequence[Entry] = ()) -> None:
        """Every memory gets all that it lacks: one that was out of reach for a while must never have a gap.

        `fresh` entries, just committed, are read back only for a memory that lacks more than these.
        """
        for memory in self.holders.memories:
            known = memory.head().number
            follows = fresh and fresh[0].number <= known + 1
            memory.remember(fresh if follows else await self.entries(after=known))

    async def _current(self) -> EpochKey:
        """The present epoch key as the running transaction sees it: another process may have begun or ended one."""
        rows = await self.engine.run_sql(_IN_USE)
        if {row["number"] for row in rows} != self._epochs.numbers:
            self._epochs = Epochs([self._epochs.get(row["number"]) or await self._load(row) for row in rows])
        return self._epochs.present

    async def refresh(self) -> int:
        """Let go of epoch keys that another process has retired; the number of the oldest that is still in use."""
        async with self.engine.transaction():
            await self._current()
            return self.oldest

    @property
    def epoch(self) -> int:
        """The present epoch."""
        return self._epochs.present.number

    @property
    def epochs(self) -> set[int]:
        """All epochs in use: the present one, and while a rotation is under way the one that is being left."""
        return self._epochs.numbers

    @property
    def oldest(self) -> int:
        """The oldest epoch in use."""
        return min(self.epochs)

    def pseudonym(self, text: str) -> str:
        """A stand-in for something like a network address that can't be guessed once the epoch has passed."""
        return self._epochs.present.pseudonym(text)

    # --- births and keys --------------------------------------------------------------------------------------------

    async def birth(self, *births: Birth) -> list[UnitKey]:
        """Make keys, durable before this returns, so that rows and documents may use them."""
        async with self.engine.transaction():
            return await self._insert(births)

    async def _insert(self, births: Sequence[Birth], secrets: Sequence[bytes] = ()) -> list[UnitKey]:
        """New keys, or these secrets as keys of units of their own."""
        epoch = await self._current()
        made = secrets or [new_secret() for _ in births]
        keys = [UnitKey(birth.unit, secret) for birth, secret in zip(births, made, strict=True)]
        rows = [
            {
                "id": str(b.unit),
                "kind": b.kind,
                "parent": _text(b.parent),
                "epoch": epoch.number,
                "wrapped": epoch.wrap(b.unit, k.secret + b.digest),
                "lookup": epoch.lookup(b.digest),
                "born_at": b.at,
                "retain_until": _day(b.retain_until),
            }
            for b, k in zip(births, keys, strict=True)
        ]
        await self.engine.run_many(INSERT_KEY, [tuple(row.values()) for row in rows])
        if self._strict:
            self.holders.note(*({"kind": "birth", "row": row} for row in map(_journalled, rows)))
        return keys

    async def adopt(self, draft: UUID, email: str, now: datetime) -> tuple[UUID, bool]:
        """A draft becomes an application under the profile of its e-mail address, in one transaction.

        Without an address it gets a profile of its own. Returns the profile and whether it was made now. TooLate if the
        draft's key is gone. Adopting again is harmless: the last e-mail address counts, and a profile that is left
        without an application is found idle.
        """
        async with self.engine.transaction():
            row = await self._alive(draft)
            digest = address_digest("profile", email) if email else b""
            found = await self._find("profile", digest) if email else []
            profile = found[0] if found else uuid4()
            if found:
                await self._change(await self._alive(profile), retain_until=None)
            else:
                await self._insert([Birth(profile, "profile", now, digest=digest)])
            await self.engine.run_sql(
                "UPDATE data_key SET kind = 'application', parent = ? WHERE id = ?", str(profile), str(draft)
            )
            adoption = {"kind": "adoption", "unit": str(draft), "parent": str(profile)}
            await self._change(row, adoption, retain_until=None)
            return profile, not found

    async def disown(self, application: UUID, until: date) -> None:
        """Take back an adoption that records never learnt of: the application is a draft again, kept until a day.

        Call it only while a records transaction holds the draft's row, so that nobody finishes it meanwhile.
        """
        async with self.engine.transaction():
            row = await self._alive(application)
            if row.kind == "application":
                await self.engine.run_sql(
                    "UPDATE data_key SET kind = 'draft', parent = NULL WHERE id = ?", str(application)
                )
                await self._change(row, retain_until=until)

    async def born_before(self, kind: str, instant: datetime) -> set[UUID]:
        """Living units of a kind that are older than an instant: which of them have no row is for records to say."""
        rows = await self.engine.run_sql(
            "SELECT id FROM data_key WHERE kind = ? AND wrapped IS NOT NULL AND born_at < ?", kind, instant
        )
        return {row["id"] for row in rows}

    async def keys(self, units: Iterable[UUID]) -> dict[UUID, UnitKey]:
        """The data keys of those units that have one, with those of their parts; an erased unit is simply not there."""
        wanted = list(set(units))
        if not wanted:
            return {}
        rows = await self._ring(wanted)
        parts: dict[UUID, list[dict[str, Any]]] = {}
        for row in rows:
            if row["kind"] in _PARTS and row["parent"] is not None:
                parts.setdefault(row["parent"], []).append(row)
        asked = set(wanted)
        return {row["id"]: self._with_parts(row, parts.get(row["id"], [])) for row in rows if row["id"] in asked}

    def _with_parts(self, row: dict[str, Any], parts: Sequence[dict[str, Any]]) -> UnitKey:
        keys = {part["id"]: UnitKey(part["id"], self._payload(part)[:32]) for part in parts}
        former = tuple(keys[part["id"]].secret for part in parts if part["kind"] == "part")
        return UnitKey(row["id"], self._payload(row)[:32], former, keys)

    async def _ring(self, units: Sequence[UUID]) -> list[dict[str, Any]]:
        """The keys of these units and of their parts, those that were split off last first, under epochs known here.

        What another process has re-wrapped meanwhile is read again. EpochUnknown if that does not help.
        """
        wanted = ids(units)
        for _ in range(_TRIES):
            rows = await self.engine.run_sql(
                "SELECT id, kind, parent, epoch, wrapped, born_at FROM data_key WHERE wrapped IS NOT NULL "
                f"AND (id IN {IDS} OR (parent IN {IDS} AND kind IN ('part', 'document'))) ORDER BY born_at DESC, id",
                *(wanted, wanted),
            )
            if all(row["epoch"] in self._epochs for row in rows):
                return rows
            await self._current()
        raise EpochUnknown(number=self.epoch)

    async def key(self, unit: UUID) -> UnitKey:
        """The data key of one unit; TooLate if it was erased or never was."""
        found = await self.keys([unit])
        if unit not in found:
            raise TooLate(purge=(await self._guard_rows([unit])).get(unit, NEVER).purge or "-")
        return found[unit]

    async def find(self, kind: str, email: str) -> UUID | None:
        """The living unit of that kind with that e-mail address."""
        found = await self._find(kind, address_digest(kind, email))
        return found[0] if found else None

    async def readdress(self, unit: UUID, kind: str, email: str) -> None:
        """The unit is found by another e-mail address from now on."""
        async with self.engine.transaction():
            epoch = await self._current()
            await self._alive(unit)
            row = (await self._wrapped([unit]))[0]
            digest = address_digest(kind, email)
            wrapped = epoch.wrap(unit, self._payload(row)[:32] + digest)
            await self.engine.run_sql(
                "UPDATE data_key SET wrapped = ?, lookup = ?, epoch = ? WHERE id = ?",
                *(wrapped, epoch.lookup(digest), epoch.number, str(unit)),
            )

    async def _find(self, kind: str, digest: bytes) -> list[UUID]:
        """By the look-up under each epoch in use, the present one last: whoever is re-wrapped meanwhile is found."""
        await self._current()
        found: dict[UUID, None] = {}
        for epoch in self._epochs.each:
            rows = await self.engine.run_sql(
                "SELECT id FROM data_key WHERE lookup = ? AND kind = ? AND wrapped IS NOT NULL",
                epoch.lookup(digest), kind,
            )  # fmt: skip
            found |= dict.fromkeys(row["id"] for row in rows)
        return list(found)

    async def _wrapped(self, units: Sequence[UUID]) -> list[dict[str, Any]]:
        return await self.engine.run_sql(
            f"SELECT id, epoch, wrapped FROM data_key WHERE wrapped IS NOT NULL AND id IN {IDS}", ids(units)
        )

    def _payload(self, row: dict[str, Any]) -> bytes:
        return self._epochs.unwrap(row)

    # --- parts --------------------------------------------------------------------------------------------------------

    async def split(self, unit: UUID, part: UUID, today: date, now: datetime) -> None:
        """The unit's key becomes that of a part, which is due to be erased by itself; the unit gets a new one (L27).

        Both are durable in one transaction. From then on the unit's key opens what is under either; whoever splits
        seals anew what stays. Splitting again changes nothing; TooLate if unit or part is erased.
        """
        async with self.engine.transaction():
            epoch = await self._current()
            await self._alive(unit)
            if part in await self._guard_rows([part]):
                await self._alive(part)
                return
            (row,) = await self._wrapped([unit])
            payload = self._payload(row)
            await self._insert([Birth(part, "part", now, unit, retain_until=today - timedelta(days=1))], [payload[:32]])
            wrapped = epoch.wrap(unit, new_secret() + payload[32:])
            await self.engine.run_sql(
                "UPDATE data_key SET wrapped = ?, epoch = ? WHERE id = ?", wrapped, epoch.number, str(unit)
            )
            if self._strict:
                self.holders.note({"kind": "split", "unit": str(unit), "epoch": epoch.number, "wrapped": wrapped.hex()})

    async def set_apart(self, unit: UUID, document: UUID, now: datetime) -> int:
        """A legal hold on a document: a key of its own, held, and for as long as the document is not under it the unit
        is held as well, in one transaction. The unit's new guard version. TooLate if either is erased.
        """
        async with self.engine.transaction():
            row = await self._alive(unit)
            if document not in await self._guard_rows([document]):
                await self._insert([Birth(document, "document", now, unit)])
            own = await self._alive(document)
            await self._change(own, holds=own.holds + 1)
            return await self._change(row, holds=row.holds + 1)

    # --- the guard --------------------------------------------------------------------------------------------------

    async def guard(self, unit: UUID) -> GuardRow | None:
        return (await self._guard_rows([unit])).get(unit)

    async def guards(self, units: Iterable[UUID]) -> dict[UUID, GuardRow]:
        return await self._guard_rows(list(units))

    async def past_due(self, kind: str, today: date) -> list[UUID]:
        """Living units of a kind whose last protected day is over."""
        rows = await self.engine.run_sql(
            "SELECT id FROM data_key WHERE kind = ? AND wrapped IS NOT NULL AND retain_until < ?", kind, _day(today)
        )
        return [row["id"] for row in rows]

    async def each_guard(self, kind: str) -> AsyncIterator[dict[UUID, GuardRow]]:
        """The guards of all living units of a kind, some at a time."""
        last = UUID(int=0)
        while True:
            rows = await self.engine.run_sql(
                f"{_GUARD} kind = ? AND wrapped IS NOT NULL AND id > ? ORDER BY id LIMIT ?", kind, str(last), SLICE
            )
            if not rows:
                return
            yield {row["id"]: GuardRow.of(row) for row in rows}
            last = rows[-1]["id"]

    async def idle_profiles(self, among: Iterable[UUID] | None = None) -> list[UUID]:
        """Living profiles that no living application or draft hangs on (L33): of these, or of all, which takes long."""
        sql = (
            "SELECT id FROM data_key k WHERE kind = 'profile' AND wrapped IS NOT NULL AND NOT EXISTS "
            "(SELECT 1 FROM data_key c WHERE c.parent = k.id AND c.wrapped IS NOT NULL)"
        )
        if among is None:
            return [row["id"] for row in await self.engine.run_sql(sql)]
        return [row["id"] for row in await self.engine.run_sql(f"{sql} AND k.id IN {IDS}", ids(among))]

    async def alive(self, kind: str) -> set[UUID]:
        rows = await self.engine.run_sql("SELECT id FROM data_key WHERE kind = ? AND wrapped IS NOT NULL", kind)
        return {row["id"] for row in rows}

    async def lengthen(self, unit: UUID, until: date | None) -> int:
        """Protect a unit at least until the end of a day (None: for as long as the process runs). The new version.

        Commits here before anything is acknowledged; TooLate if the key is gone.
        """
        async with self.engine.transaction():
            row = await self._alive(unit)
            later = None if until is None or row.retain_until is None else max(until, row.retain_until)
            return await self._change(row, retain_until=later)

    async def block(self, unit: UUID, what: str, by: int = 1) -> int:
        """Count a hold, restriction or open request up or down (`what` is the column). The new version."""
        if what not in ("holds", "restrictions", "open_requests"):
            raise ValueError(what)
        async with self.engine.transaction():
            row = await self._alive(unit)
            return await self._change(row, **{what: max(0, getattr(row, what) + by)})

    async def settle(self, values: dict[UUID, GuardValues], kind: str = "") -> set[UUID]:
        """Bring guards in line with records; the units whose guard moved on since those records are left alone.

        With `kind`, those that are of another kind by now as well: a draft that has become an application.

        Returns the units that were settled: those whose version is still the one the values were read at.
        """
        async with self.engine.transaction():
            rows = await self._guard_rows(list(values))
            of_kind = [row for row in rows.values() if row.present and kind in ("", row.kind)]
            fit = [row for row in of_kind if row.version == values[row.unit].version]
            await self.engine.run_many(
                "UPDATE data_key SET retain_until = ?, holds = ?, restrictions = ?, open_requests = ? WHERE id = ?",
                [
                    (_day(v.retain_until), v.holds, v.restrictions, v.open_requests, str(row.unit))
                    for row in fit
                    if (v := values[row.unit]) and not row.says(v)
                ],
            )
            return {row.unit for row in fit}

    async def _alive(self, unit: UUID) -> GuardRow:
        row = (await self._guard_rows([unit])).get(unit, NEVER)
        if not row.present:
            raise TooLate(purge=row.purge or "-")
        return row

    async def _change(self, row: GuardRow, *noted: dict[str, Any], **new: Any) -> int:
        """Set guard columns, count the version up, and note the whole guard, behind what else is `noted`, beside the
        ledger before this commits.
        """
        guard = replace(row, version=row.version + 1, **new)
        await self.engine.run_sql(
            "UPDATE data_key SET retain_until = ?, holds = ?, restrictions = ?, open_requests = ?, version = ? "
            "WHERE id = ?",
            *(_day(guard.retain_until), guard.holds, guard.restrictions, guard.open_requests, guard.version),
            str(row.unit),
        )
        self.holders.note(
            *noted,
            {
                "kind": "guard",
                "unit": str(guard.unit),
                "version": guard.version,
                "retain_until": _day(guard.retain_until),
                "holds": guard.holds,
                "restrictions": guard.restrictions,
                "open_requests": guard.open_requests,
            },
        )
        return guard.version

    async def _guard_rows(self, units: Sequence[UUID]) -> dict[UUID, GuardRow]:
        rows = await self.engine.run_sql(f"{_GUARD_OF} {IDS}", ids(units))
        return {row["id"]: GuardRow.of(row) for row in rows}

    # --- erasing ----------------------------------------------------------------------------------------------------

    async def erase(self, orders: Sequence[Order], refusal: Refusal, today: date, now: datetime) -> list[Result]:
        """Destroy the keys of what is due: guard, ledger entry, inventory and tombstone in this one transaction.

        `refusal` is the rule that reads a guard (`retention.rules.guard_refusal`). A unit that it refuses is set aside
        with the reason, and the others go on. With an application go its referees, and its profile if no other
        application needs it.
        """
        async with self.engine.transaction():
            epoch = (await self._current()).number
            world = await self._world([unit for order in orders for unit in (order.unit, *order.also)])
            batch = Batch(world, await self.head(), epoch, now)
            results = [batch.judge(order, refusal, today) for order in orders]
            await self._write(results)
        await self._remember([r.entry for r in results if r.entry is not None])
        return results

    async def _world(self, units: Sequence[UUID]) -> dict[UUID, GuardRow]:
        """The guards of the units, of all that hangs on them, and of the profiles that they hang on."""
        wanted = ids(units)
        rows = await self.engine.run_sql(
            f"{_GUARD_OF} (SELECT id FROM data_key WHERE id IN {IDS} UNION SELECT id FROM data_key "
            f"WHERE parent IN {IDS} UNION SELECT parent FROM data_key WHERE id IN {IDS})",
            *(wanted, wanted, wanted),
        )
        return {row["id"]: GuardRow.of(row) for row in rows}

    async def _write(self, results: Sequence[Result]) -> None:
        entries = [r.entry for r in results if r.entry is not None]
        await self._append(entries)
        await self._begin(entries)
        await self.engine.run_many(
            "UPDATE data_key SET wrapped = NULL, lookup = NULL, parent = NULL, purge = ? WHERE id = ?",
            [(str(r.purge), str(unit)) for r in results for unit in r.units],
        )

    async def _begin(self, erasures: Sequence[Entry]) -> None:
        """A begun purge for each erasure; all it needs to be ended stands in its ledger entry."""
        await self.engine.run_many(
            "INSERT INTO purge (id, entry, state, erased_at, token, inventory) VALUES (?, ?, 'erased', ?, ?, ?) "
            "ON CONFLICT (id) DO NOTHING",
            [
                (e.body["purge"], e.number, datetime.fromisoformat(e.at), e.body["token"], canonical(e.body).decode())
                for e in erasures
            ],
        )

    # --- the ledger -------------------------------------------------------------------------------------------------

    async def head(self) -> Head:
        entries = await self.engine.run_sql("SELECT * FROM ledger_entry ORDER BY number DESC LIMIT 1")
        return head_of(of_row(entries[0])) if entries else EMPTY

    async def entries(self, after: int = 0, limit: int = ALL) -> list[Entry]:
        """Entries in order."""
        rows = await self.engine.run_sql(
            "SELECT * FROM ledger_entry WHERE number > ? ORDER BY number LIMIT ?", after, limit
        )
        return [of_row(row) for row in rows]

    async def record(self, kind: str, body: dict[str, Any], now: datetime) -> Entry:
        """Write one entry of its own into the ledger."""
        async with self.engine.transaction():
            entry = link(await self.head(), now, kind, body)
            await self._append([entry])
        await self._remember()
        return entry

    async def _append(self, entries: Sequence[Entry]) -> None:
        await self.engine.run_many(
            "INSERT INTO ledger_entry (number, at, kind, body, previous, hash) VALUES (?, ?, ?, ?, ?, ?)",
            [(e.number, e.at, e.kind, canonical(e.body).decode(), e.previous, e.hash) for e in entries],
        )

    # --- rotation ---------------------------------------------------------------------------------------------------

    async def rotate(self, beyond: int | None = None) -> int:
        """Leave every epoch up to `beyond`, without it the present one, too: the living are re-wrapped under a later
        one, a new one if need be. Its number.

        Order: the new key is durable in every holder and then the present one, under which births go on; the living
        follow by slices, so that nobody waits for all of them; an epoch under which nobody is left is out of use; only
        then its key is destroyed, by `retire_older`. A fault leaves both in use, and each key under one of them.
        """
        async with self.engine.transaction():
            present = (await self._current()).number
            if beyond is None or present <= beyond:
                await self._begin_epoch(EpochKey(max(present, beyond or 0) + 1, new_secret()))
        more = True
        while more:
            more = await self._rewrap_some()
            await asyncio.sleep(BREATH if more else 0)
        return self.epoch

    async def _rewrap_some(self) -> bool:
        """One slice of those whose epoch is being left; whether there may be more."""
        async with self.engine.transaction():
            await self._current()
            if self.oldest == self.epoch:
                return False
            rows = await self.engine.run_sql(
                "SELECT id, epoch, wrapped FROM data_key WHERE epoch = ? AND wrapped IS NOT NULL LIMIT ?",
                *(self.oldest, SLICE),
            )
            rewrapped = await asyncio.to_thread(self._epochs.rewrap, rows)
            await self.engine.rewrite("data_key", ("wrapped", "lookup", "epoch"), rewrapped)
            if len(rows) < SLICE:
                await self.engine.run_sql("DELETE FROM epoch WHERE number = ?", self.oldest)
            await self._current()
            return self.oldest < self.epoch

    async def end_rotation(self) -> None:
        """End a rotation that a fault has cut off."""
        if await self.refresh() < self.epoch:
            await self.rotate(beyond=0)
            await self.retire_older()

    async def take_held_keys(self) -> None:
        """While restoring: use the holders' keys of the restored keyring's epochs. HolderUnusable or EpochUnknown."""
        self._epochs = Epochs([await self._load(row) for row in await self.engine.run_sql(_IN_USE)])

    async def take_later_keys(self, births: Iterable[dict[str, Any]]) -> None:
        """While restoring: use those of later epochs as well, if a key in a holder opens these journalled births."""
        async with self.engine.transaction():
            present, held = (await self._current()).number, self.holders.epochs()
            later = {row["epoch"]: row for row in births if row["epoch"] > present and row["epoch"] in held}
            for number, row in sorted(later.items()):
                keys = [EpochKey(number, key) for key in self.holders.found(number)]
                if opening := [key for key in keys if key.opens(UUID(row["id"]), bytes.fromhex(row["wrapped"]))]:
                    await self._begin_epoch(opening[0])
            await self._current()

    async def adopt_key(self, epoch_key: bytes) -> None:
        """While restoring: use this key of the restored keyring's only epoch. EpochUnknown if it is not its key."""
        row, *more = await self.engine.run_sql(_IN_USE)
        epoch = EpochKey(row["number"], epoch_key)
        if more or not hmac.compare_digest(epoch.check, bytes(row["check"])):
            raise EpochUnknown(number=epoch.number)
        self._epochs = Epochs([epoch])

    def epoch_key(self) -> bytes:
        """The present epoch key: for an archive that is sealed to the recovery key, and nothing else."""
        return self._epochs.present.key

    async def replay(self, entries: Sequence[Entry]) -> int:
        """While restoring: the ledger entries that the archive has forgotten; their keys are destroyed again.

        Each forgotten erasure becomes a begun purge again, which the next steps end (I6, I7); a unit that the archive
        never knew has its tombstone all the same. How many there were.
        """
        erasures = [entry for entry in entries if entry.kind == "erase"]
        async with self.engine.transaction():
            here = await self.head()
            await self._append([entry for entry in entries if entry.number > here.number])
            await self._begin(erasures)
            await self.engine.run_many(
                "UPDATE purge SET state = 'erased', verified_at = NULL WHERE id = ?",
                [(entry.body["purge"],) for entry in erasures],
            )
            gone = [(e, unit, kind) for e in erasures for unit, kind in e.body["units"].items()]
            await self.engine.run_many(
                "INSERT INTO data_key (id, kind, epoch, born_at, holds, restrictions, open_requests, version) "
                "VALUES (?, ?, ?, ?, 0, 0, 0, 0) ON CONFLICT (id) DO NOTHING",
                [(unit, kind, e.body["epoch"], datetime.fromisoformat(e.at)) for e, unit, kind in gone],
            )
            await self.engine.run_many(
                "UPDATE data_key SET wrapped = NULL, lookup = NULL, parent = NULL, purge = ? WHERE id = ?",
                [(e.body["purge"], unit) for e, unit, _ in gone],
            )
        return len(erasures)

    async def copy_to_holders(self) -> None:
        """Strict mode: a fresh copy of the keyring with every holder, before the old epoch key goes."""
        for holder in self.holders.each:
            waiting = holder.folder / "keyring.db.new"
            await self.engine.copy_into(waiting)
            await asyncio.to_thread(durable.settle, waiting, holder.folder / "keyring.db")

    async def retire_older(self) -> None:
        """Destroy every epoch key that is out of use, in every holder; in strict mode only once every holder has a
        copy of the keyring under those in use.

        Which are in use is read, and the others destroyed, in one transaction: another process that rotates meanwhile
        has its new key in the holders before it commits.
        """
        retired = False
        while not retired:
            copied = await self._copy_where_stale()
            async with self.engine.transaction():
                await self._current()
                retired = copied in (None, self._epochs.numbers)
                if retired:
                    self.holders.heal({epoch.number: epoch.key for epoch in self._epochs.each})

    async def _copy_where_stale(self) -> set[int] | None:
        """Strict mode: the epochs of which every holder has a copy of the keyring now; None in plain mode."""
        if not self._strict:
            return None
        numbers = {row["number"] for row in await self.engine.run_sql(_IN_USE)}
        fresh = [h.epochs() == numbers and (h.folder / "keyring.db").exists() for h in self.holders.each]
        if not all(fresh):
            await self.copy_to_holders()
        return numbers

    async def shrink(self) -> None:
        """Let no old page linger longer than the engine makes it."""
        await self.engine.shrink()


SLICE = 5_000
"""How many units share a transaction where all of them are gone through."""
BREATH = 0.1
"""Seconds between two such transactions: whoever waits for a turn on SQLite asks for it as often as that."""

_TRIES = 5
_IN_USE = 'SELECT number, "check" FROM epoch ORDER BY number'

_PARTS = ("part", "document")
"""Kinds of units that belong to another one, whose key brings theirs along."""

INSERT_KEY = (
    "INSERT INTO data_key (id, kind, parent, epoch, wrapped, lookup, born_at, retain_until, holds, restrictions, "
    "open_requests, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0)"
)

_GUARD = (
    "SELECT k.id, k.kind, k.parent, k.wrapped IS NOT NULL AS present, k.retain_until, k.holds, k.restrictions, "
    "k.open_requests, k.version, k.purge, (SELECT count(*) FROM data_key c WHERE c.parent = k.id AND "
    "c.wrapped IS NOT NULL AND c.kind = 'application') AS links FROM data_key k WHERE"
)
_GUARD_OF = f"{_GUARD} k.id IN"


def _journalled(row: dict[str, Any]) -> dict[str, Any]:
    """A birth as every holder notes it in strict mode: bytes as hexadecimal, wrapped under an epoch that will die."""
    return {**row, "wrapped": row["wrapped"].hex(), "lookup": row["lookup"].hex() if row["lookup"] else None}


def _text(unit: UUID | None) -> str | None:
    return str(unit) if unit else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
