"""Legal holds: what must not be erased while a dispute may need it (L14, art. 17(3)(e)).

Guards that a granted hold keeps its key (I5): it stands in the keyring before anybody is told that it stands. A hold
never lapses by itself; past its review date it alarms. One on a single document moves that document under a key of its
own, so that the rest goes on time; until it is there, the whole application is held. Where the policy asks for two
people and there are two, one asks for a release and another one confirms or declines it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from recruit import audit, backup, employer, letters
from recruit.accounts import staff
from recruit.accounts.guards import DPO, RECRUITER
from recruit.accounts.staff import Account
from recruit.clock import day
from recruit.errors import FormInvalid, NotFound, RecruitError
from recruit.retention import noticing
from recruit.retention.service import call_off, settle, settle_documents, take_version, until_first
from recruit.site import Site
from recruit.tables import FileName, Written
from recruit.vault.ledger import Entry
from recruit.vault.sealing import UnitKey, seal, unseal

Step = Literal["release", "ask", "wait", "confirm"]
"""What somebody can do about a release: do it, ask a second person, wait for that person, or be that person."""

REPLAYED = "-"
"""The words of a hold that came back by a restore: they were sealed in records; whoever reviews it knows them."""


class HoldOfAnother(RecruitError):
    """Somebody wants to release a hold that is not theirs to release (L14)."""

    status = 403
    text = "Only the one who placed this legal hold, or the person responsible for privacy, can release it."


class NeedsAnother(RecruitError):
    """Whoever asked for a release wants to confirm it as well."""

    status = 409
    text = "You have asked for this release. Somebody else has to confirm it."


@dataclass(frozen=True)
class Hold:
    """A hold as staff see it. `application` is None once a held document has outlived it, `document` None where the
    whole application is held; `asked_by` has asked for its release.
    """

    id: UUID
    application: UUID | None
    document: UUID | None
    placed_by: UUID
    placed_on: date
    review_on: date
    asked_by: UUID | None
    asked_on: date | None
    released_on: date | None
    reason: str
    basis: str

    @property
    def unit(self) -> UUID:
        """The unit that it is about, for the access log."""
        unit = self.application or self.document
        assert unit
        return unit


@dataclass(frozen=True)
class Because:
    """Why something is held, on which legal basis, and until when somebody looks at it again."""

    reason: str
    basis: str
    review_on: date | None

    def check(self, today: date) -> None:
        errors = {} if self.reason else {"reason": "Say why this must not be erased."}
        if not self.basis:
            errors["basis"] = "Say on which legal basis the hold rests."
        if self.review_on is None or self.review_on <= today:
            errors["review_on"] = "Choose a review date after today."
        if errors:
            raise FormInvalid(errors)


# --- placing ----------------------------------------------------------------------------------------------------------


async def place(
    site: Site, application: UUID, by: UUID, reason: str, basis: str, review_on: date | None, now: datetime
) -> UUID:
    """Hold a whole application. FormInvalid if reason, basis or review date are missing; TooLate if the key is gone."""
    why, hold = Because(reason, basis, review_on), uuid4()
    why.check(day(now))

    async def once() -> None:
        version = await site.keyring.block(application, "holds")
        key = await site.keyring.key(application)
        async with site.records.transaction():
            await take_version(site, application, version)
            await _write(site, hold, key, (application, None), by, why, now)
            await call_off(site, application, now, parts=True)

    await until_first(once)
    _note(site, hold, (application, None), by, why, now)
    return hold


async def place_on_document(site: Site, document: UUID, by: UUID, why: Because, now: datetime) -> UUID:
    """Hold one document of an application, and nothing else of it (L14). NotFound if there is none, or if it was taken
    out by an erasure of its category already; otherwise as `place`.
    """
    why.check(day(now))
    application, hold = await _application_of(site, document), uuid4()

    async def once() -> None:
        version = await site.keyring.set_apart(application, document, now)
        key = (await site.keyring.key(application)).parts[document]
        async with site.records.transaction():
            await take_version(site, application, version)
            await _require(site, application, document)
            await _write(site, hold, key, (application, document), by, why, now)

    await until_first(once)
    _note(site, hold, (application, document), by, why, now)
    await _move_apart(site, application, document, now)
    return hold


async def _application_of(site: Site, document: UUID) -> UUID:
    rows = await site.records.run_sql(
        "SELECT a.id FROM document d JOIN application a ON a.id = d.unit WHERE d.id = ?", document
    )
    if not rows:
        raise NotFound()
    application: UUID = rows[0]["id"]
    return application


async def _require(site: Site, application: UUID, document: UUID) -> None:
    """It is still there: whoever removes it meanwhile comes first or finds it held."""
    rows = await site.records.run_sql("SELECT 1 FROM document WHERE id = ? AND unit = ?", document, application)
    if not rows:
        raise NotFound()


async def _write(
    site: Site, hold: UUID, key: UnitKey, held: tuple[UUID, UUID | None], by: UUID, why: Because, now: datetime
) -> None:
    await site.records.run_sql(
        "INSERT INTO legal_hold (id, application, document, placed_by, placed_on, review_on, sealed) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        *(hold, *held, by, day(now), why.review_on),
        seal(key, "legal_hold", hold, Written(text=why.reason, more=why.basis)),
    )
    await audit.record("hold.placed", now, by, hold=hold, **_ids(*held))


def _ids(application: UUID | None, document: UUID | None) -> dict[str, UUID]:
    """What a hold is about, for the audit."""
    return {name: unit for name, unit in (("application", application), ("document", document)) if unit}


def _note(site: Site, hold: UUID, held: tuple[UUID, UUID | None], by: UUID, why: Because, now: datetime) -> None:
    """Beside the ledger, so that a restore knows of it."""
    assert why.review_on
    dates = {"placed_on": day(now).isoformat(), "review_on": why.review_on.isoformat()}
    ids = {name: str(unit) for name, unit in _ids(*held).items()}
    site.keyring.holders.note({"kind": "hold", "hold": str(hold), "by": str(by), **ids, **dates})


async def _move_apart(site: Site, application: UUID, document: UUID, now: datetime) -> None:
    """The document under its own key, file by file; then the rest of the application is free. Each step may be done
    again: what a fault leaves holds the whole application, and `go_on` ends it.
    """
    key = await site.keyring.key(application)
    own = key.parts[document]
    await site.documents.move_apart(key, document)
    async with site.records.transaction():
        rows = await site.records.run_sql(
            "SELECT sealed FROM document WHERE id = ? AND unit = ?", document, application
        )
        for row in rows:
            name = unseal(key, "document", document, bytes(row["sealed"]), FileName)
            await site.records.run_sql(
                "UPDATE document SET apart = TRUE, sealed = ? WHERE id = ?",
                *(seal(own, "document", document, name), document),
            )
    await site.documents.leave(application, [document])
    # From here on records show it: a guard that was settled by what they showed before no longer counts.
    await site.keyring.block(document, "holds")
    await settle_documents(site, [document], now)
    await settle(site, [application], now)


async def go_on(site: Site, now: datetime) -> None:
    """End what a fault has left between a hold on a document and its moving apart."""
    rows = await site.records.run_sql(
        "SELECT DISTINCT h.application, h.document FROM legal_hold h JOIN document d ON d.id = h.document "
        "WHERE h.released_on IS NULL AND NOT d.apart AND d.unit = h.application"
    )
    for row in rows:
        await set_apart(site, row["application"], row["document"], now)


async def set_apart(site: Site, application: UUID, document: UUID, now: datetime) -> None:
    """A held document under a key of its own, whatever of that was done already; nothing if its application is gone."""
    if application not in await site.keyring.keys([application]):
        return

    async def once() -> None:
        version = await site.keyring.set_apart(application, document, now)
        async with site.records.transaction():
            await take_version(site, application, version)

    await until_first(once)
    await _move_apart(site, application, document, now)


async def redo(site: Site, journal: Iterable[dict[str, Any]], now: datetime) -> None:
    """While restoring, before the ledger is replayed: documents that were held since the archive was made are set apart
    again, since the key of the application that they lie under there may have to go. Their words are lost.
    """
    for line in journal:
        if line["kind"] == "hold" and "document" in line:
            await _redo(site, line, now)


async def _redo(site: Site, line: dict[str, Any], now: datetime) -> None:
    hold, application, document = UUID(line["hold"]), UUID(line["application"]), UUID(line["document"])
    known = await site.records.run_sql("SELECT 1 FROM legal_hold WHERE id = ?", hold)
    there = await site.records.run_sql("SELECT 1 FROM document WHERE id = ? AND unit = ?", document, application)
    if known or not there or application not in await site.keyring.keys([application]):
        return
    await site.keyring.set_apart(application, document, now)
    key = (await site.keyring.key(application)).parts[document]
    await site.records.run_sql(
        "INSERT INTO legal_hold (id, application, document, placed_by, placed_on, review_on, sealed) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        *(hold, application, document, UUID(line["by"])),
        *(date.fromisoformat(line["placed_on"]), date.fromisoformat(line["review_on"])),
        seal(key, "legal_hold", hold, Written(text=REPLAYED, more=REPLAYED)),
    )
    await _move_apart(site, application, document, now)


async def unarchived(site: Site) -> set[UUID]:
    """Where archives hold no keys, the applications whose held documents no archive has under their own keys yet: until
    one has, a loss of the disk after the application's erasure would take those documents too.
    """
    made = [backup.made_at(path) for path in backup.archives(site.settings.backups)]
    if site.settings.backup_mode == "plain" or not made:
        return set()
    rows = await site.records.run_sql(
        "SELECT application FROM legal_hold WHERE application IS NOT NULL AND document IS NOT NULL "
        "AND released_on IS NULL AND placed_on >= ?",
        day(max(made)),
    )
    return {row["application"] for row in rows}


# --- reviewing --------------------------------------------------------------------------------------------------------


async def review(site: Site, hold: UUID, review_on: date | None, by: UUID, now: datetime) -> None:
    """It is still needed: another day on which somebody looks at it. FormInvalid for a day that is not after today."""
    if review_on is None or review_on <= day(now):
        raise FormInvalid({"review_on": "Choose a review date after today."})
    async with site.records.transaction():
        row = await _standing(site, hold)
        await site.records.run_sql("UPDATE legal_hold SET review_on = ? WHERE id = ?", review_on, hold)
        days = {"was": row["review_on"].isoformat(), "review_on": review_on.isoformat()}
        await audit.record("hold.reviewed", now, by, hold=hold, **_ids(row["application"], row["document"]), **days)
    site.keyring.holders.note({"kind": "hold_review", "hold": str(hold), "review_on": review_on.isoformat()})


async def history(site: Site, hold: UUID) -> list[Entry]:
    """What was decided about a hold, the first first: from the audit, which nobody can change."""
    return await audit.of_hold(hold)


# --- releasing --------------------------------------------------------------------------------------------------------


async def release(site: Site, hold: UUID, by: UUID, now: datetime) -> bool:
    """Release a hold, and decide again at once; or where two have to agree, ask for it. Whether it is released.

    NotFound if none stands; HoldOfAnother for somebody who may not; NeedsAnother for whoever has asked already.
    """
    async with site.records.transaction():
        row = await _standing(site, hold)
        others = [account for account in await able(site, row["placed_by"], by) if account.id != by]
        two = (await employer.policy(site)).hold_release == "two" and others
        held = _ids(row["application"], row["document"])
        if two and row["asked_by"] is None:
            await _ask(site, hold, held, others, by, now)
            return False
        if two and row["asked_by"] == by:
            raise NeedsAnother()
        await site.records.run_sql(
            "UPDATE legal_hold SET released_on = ?, released_by = ? WHERE id = ?", day(now), by, hold
        )
        await audit.record("hold.released", now, by, hold=hold, **held)
    site.keyring.holders.note(
        {"kind": "release", "hold": str(hold), "by": str(by), "released_on": day(now).isoformat()}
    )
    await settle_documents(site, [row["document"]] if row["document"] else [], now)
    await settle(site, [row["application"]] if row["application"] else [], now)
    await noticing.announce(site, now)
    return True


async def able(site: Site, placed_by: UUID, by: UUID | None = None) -> list[Account]:
    """Who may release a hold: whoever answers for privacy, and the recruiter who placed it. HoldOfAnother if `by` is
    somebody else.
    """
    accounts = await staff.with_role(site, DPO, RECRUITER)
    found = [account for account in accounts if DPO in account.roles or account.id == placed_by]
    if by is not None and by not in {account.id for account in found}:
        raise HoldOfAnother()
    return found


async def steps(site: Site, some: Iterable[Hold], me: UUID) -> dict[UUID, Step]:
    """What somebody can do about the release of each hold that stands, and that is theirs to release."""
    two, found = (await employer.policy(site)).hold_release == "two", dict[UUID, Step]()
    for hold in some:
        accounts = {account.id for account in await able(site, hold.placed_by)}
        if hold.released_on is None and me in accounts:
            found[hold.id] = _step(hold, me) if two and accounts - {me} else "release"
    return found


def _step(hold: Hold, me: UUID) -> Step:
    if hold.asked_by is None:
        return "ask"
    return "wait" if hold.asked_by == me else "confirm"


async def _ask(
    site: Site, hold: UUID, held: dict[str, UUID], others: Iterable[Account], by: UUID, now: datetime
) -> None:
    """In the caller's transaction: a release is asked for, and whoever may confirm it learns of that."""
    await site.records.run_sql("UPDATE legal_hold SET asked_by = ?, asked_on = ? WHERE id = ?", by, day(now), hold)
    await audit.record("hold.release_asked", now, by, hold=hold, **held)
    asked = sum(entry.kind == "hold.release_asked" for entry in await audit.of_hold(hold))
    for account in others:
        page = f"/desk/holds/{hold}" if DPO in account.roles else f"/applications/{held.get('application')}"
        cause = f"hold_release:{hold}:{asked}:{account.id}"
        await letters.to_staff(site, account, cause, "hold_release", now, hold_url=site.settings.link(page))


async def decline(site: Site, hold: UUID, by: UUID, now: datetime) -> None:
    """The hold goes on: somebody declines the release that was asked for, or whoever asked takes it back."""
    async with site.records.transaction():
        row = await _standing(site, hold)
        await able(site, row["placed_by"], by)
        if row["asked_by"] is None:
            return
        await site.records.run_sql("UPDATE legal_hold SET asked_by = NULL, asked_on = NULL WHERE id = ?", hold)
        held = _ids(row["application"], row["document"])
        await audit.record("hold.release_declined", now, by, hold=hold, **held)


async def _standing(site: Site, hold: UUID) -> dict[str, Any]:
    """In the caller's transaction: a hold that stands, and stays as it is until the transaction ends."""
    rows = await site.records.run_sql(
        "UPDATE legal_hold SET review_on = review_on WHERE id = ? AND released_on IS NULL "
        "RETURNING application, document, placed_by, review_on, asked_by",
        hold,
    )
    if not rows:
        raise NotFound()
    return rows[0]


# --- reading ----------------------------------------------------------------------------------------------------------


async def listed(site: Site, application: UUID, standing: bool = False) -> list[Hold]:
    """Holds of one application and of its documents, by review date; `standing` leaves out those that were released."""
    more = " AND released_on IS NULL" if standing else ""
    return await _holds(site, f"application = ?{more} ORDER BY review_on", application)


async def one(site: Site, hold: UUID) -> Hold:
    """One hold with its reason; NotFound if there is none, or none any more. The look is to be written before."""
    found = await _holds(site, "id = ?", hold)
    if not found:
        raise NotFound()
    return found[0]


@dataclass(frozen=True)
class File:
    """A held document: its name as the candidate gave it, and what it is."""

    name: str
    media_type: str


async def file_of(site: Site, hold: Hold) -> File | None:
    """The document that is held; None where a whole application is, and once it was erased."""
    rows = await site.records.run_sql("SELECT media_type, sealed FROM document WHERE id = ? AND apart", hold.document)
    if hold.document is None or not rows:
        return None
    name = unseal(await site.keyring.key(hold.document), "document", hold.document, bytes(rows[0]["sealed"]), FileName)
    return File(name.name, rows[0]["media_type"])


async def _holds(site: Site, where: str, *values: UUID) -> list[Hold]:
    rows = await site.records.run_sql(f"SELECT * FROM legal_hold WHERE {where}", *values)
    keys = await site.keyring.keys(row["document"] or row["application"] for row in rows)
    return [_hold(row, keys) for row in rows if (row["document"] or row["application"]) in keys]


def _hold(row: dict[str, Any], keys: dict[UUID, UnitKey]) -> Hold:
    key = keys[row["document"] or row["application"]]
    words = unseal(key, "legal_hold", row["id"], bytes(row["sealed"]), Written)
    plain = {name: row[name] for name in Hold.__dataclass_fields__ if name in row}
    return Hold(**plain, reason=words.text, basis=words.more)
