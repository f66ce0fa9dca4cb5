"""The purge: notice, erase, sweep, rotate, verify, receipt, in this order and no other.

What may never happen: somebody is erased early, twice or by half; a receipt exists for what was not verified gone; one
that fails stops the others. Transaction boundaries: erasing is one keyring transaction for a batch, in which the guard
of each unit is judged (a refused one is set aside); sweeping is one records transaction; each further step is durable
before the next begins. A begun purge is a row with its state, and every run first ends those that an earlier one left.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from recruit import attendance, employer
from recruit.clock import day
from recruit.database import IDS, ids
from recruit.locking import alone
from recruit.retention import (
    approving,
    forecasting,
    holds,
    inventory,
    issuing,
    noticing,
    parts,
    remembered,
    rules,
    service,
    sweeping,
)
from recruit.retention.approving import Approved
from recruit.retention.facts import REQUEST_OPEN, of_applications
from recruit.retention.noticing import Announced
from recruit.retention.rules import guard_refusal
from recruit.site import Site
from recruit.vault.judging import Order, Result

BATCH = 2_000
"""How many share a transaction. Each batch writes nearly every page of the random-keyed indexes anew, so few large ones
cost the disk less; much larger ones would keep a candidate who applies meanwhile waiting for seconds."""

Progress = Callable[[str, int, int], None]


@dataclass
class Counts:
    """What one run did, skips included. `waiting` is why it did not erase, if it did not."""

    noticed: int = 0
    erased: int = 0
    receipts: int = 0
    unserved: int = 0
    unapproved: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    failed: int = 0
    waiting: str | None = None


@dataclass(frozen=True)
class Row:
    """One line of a preview: no names, only what, why and when. `approved`: a purge may erase it when it is due."""

    purge: UUID | None
    unit: UUID
    kind: str
    rule: str
    because: tuple[rules.Reason, ...]
    due_on: date | None
    ready: bool
    approved: bool = True


@dataclass(frozen=True)
class Preview:
    """What a run would do now: erased; announced but not yet ready; stopped by a hold, restriction or request.

    `lines` is the list that a person approves where the policy asks for it, `digest` its hash, `unapproved` how many
    of them nobody has approved yet, `approved` what was approved last (None: the purge goes by itself, or nothing was).
    """

    due: list[Row]
    later: list[Row]
    blocked: list[Row]
    unfinished: int
    waiting: str | None
    lines: tuple[str, ...] = ()
    digest: str = ""
    asks: bool = False
    unapproved: int = 0
    approved: Approved | None = None


async def preview(site: Site, now: datetime, idle: Sequence[UUID] | None = None) -> Preview:
    """What a purge would do at this instant; changes nothing. `idle`: the profiles that nothing hangs on, or else those
    of them that the last run has left: to look for them among all takes long.
    """
    policy, today = await employer.policy(site), day(now)
    announced = {a.application: a for a in await noticing.announced(site, now)}
    units = await site.keyring.past_due("application", today + timedelta(days=policy.notice_days + 1))
    may, facts = await _permission(site), await of_applications(site, units)
    due: list[Row] = []
    later: list[Row] = []
    blocked: list[Row] = []
    for unit, fact in facts.items():
        decision, told = rules.decide(fact, policy, today), announced.get(unit)
        row = _row(unit, decision, told, may)
        (blocked if decision.blockers else due if row.ready else later).append(row)
    left = [UUID(unit) for unit in await remembered.recall(site, "idle_profiles") or []]
    idle = await site.keyring.idle_profiles(left) if idle is None else idle
    for kind, rule, bare, ready in await _bare(site, now, policy, idle):
        (due if ready else later).extend(may.bare(unit, kind, rule, ready) for unit in bare)
    immediate = sum(announced[row.unit].decision.immediate for row in due if row.unit in announced)
    waiting = await remembered.waits_because(site, now, len(due), immediate)
    lines = tuple(may.line_of(row) for row in (*due, *later))
    return Preview(
        due, later, blocked, len(await _begun(site)), waiting, lines, approving.digest(lines), may.asks,
        sum(not row.approved for row in (*due, *later)), may.approved,
    )  # fmt: skip


@dataclass(frozen=True)
class _Permission:
    """What may be erased: everything that is due, or only what stands on the approved list."""

    asks: bool
    approved: Approved | None
    act: str

    def may(self, kind: str, unit: UUID, rule: str, due_on: date | None, immediate: bool = False) -> bool:
        """What a person asked for themselves needs no approval (L6, L27)."""
        if not self.asks or immediate:
            return True
        return self.approved is not None and approving.line(kind, unit, rule, due_on, self.act) in self.approved.lines

    def bare(self, unit: UUID, kind: str, rule: str, ready: bool) -> Row:
        return Row(None, unit, kind, rule, (), None, ready, self.may(kind, unit, rule, None))

    def line_of(self, row: Row) -> str:
        return approving.line(row.kind, row.unit, row.rule, row.due_on, self.act)


async def _permission(site: Site) -> _Permission:
    policy = await employer.policy(site)
    asks = policy.purge_approval == "approval"
    return _Permission(asks, await approving.latest(site) if asks else None, policy.outcome)


def _row(unit: UUID, decision: rules.Decision, told: Announced | None, may: _Permission) -> Row:
    ready = decision.action == "purge" and told is not None and told.served
    rule = decision.headline.rule
    approved = may.may("application", unit, rule, decision.due_on, decision.immediate)
    purge = told.purge if told else None
    return Row(purge, unit, "application", rule, decision.because, decision.due_on, ready, approved)


async def _bare(
    site: Site, now: datetime, policy: rules.Policy, idle: Sequence[UUID]
) -> list[tuple[str, str, list[UUID], bool]]:
    """Units that no clock decides about: those that are due, and those that will be within the notice."""
    found, soon = [], day(now) + timedelta(days=policy.notice_days + 1)
    for kind, rule in BARE:
        due = await site.keyring.past_due(kind, day(now))
        ahead = [unit for unit in await site.keyring.past_due(kind, soon) if unit not in set(due)]
        found += [(kind, rule, due, True), (kind, rule, ahead, False)]
    needless = list(await _needless_profiles(site, idle, now))
    return [*found, ("profile", "L33", needless, True)]


async def run(site: Site, now: datetime, progress: Progress = lambda step, done, total: None) -> Counts:
    """One whole purge. `Busy` if a purge, backup or restore is under way."""
    async with alone(site.settings):
        counts = Counts()
        await site.keyring.end_rotation()
        await employer.take_over_policy(site, now)
        await service.reconcile(site, now)
        await finish(site, now, counts, progress)
        await holds.go_on(site, now)
        await parts.go_on(site, now)
        await noticing.tell_recipients(site, now)
        due = await _due(site, now)
        counts.unserved = sum(not a.served for a in due)
        may, ready = await _permission(site), [a for a in due if a.served]
        counts.waiting = await remembered.waits_because(site, now, len(ready), sum(a.decision.immediate for a in ready))
        if counts.waiting is None:
            await _erase_all(site, ready, may, now, counts, progress)
            await _erase_parts(site, now, counts)
            await finish(site, now, counts, progress)
            await remembered.look_ahead(site, now)
        counts.noticed = await noticing.announce(site, now)
        await remembered.remember(site, "idle_profiles", await site.keyring.idle_profiles())
        await _ask_for_approval(site, may, now)
        await forecasting.foresee(site, now)
        return counts


async def _due(site: Site, now: datetime) -> list[Announced]:
    """The announced purges whose day has come, by the policy in force and by one that waits: the longer life counts."""
    waiting_for_archive = await holds.unarchived(site)
    due = [
        a
        for a in await noticing.announced(site, now)
        if a.decision.action == "purge" and a.application not in waiting_for_archive
    ]
    waiting = await employer.waiting_policy(site)
    if waiting is None:
        return due
    return [a for a in due if rules.decide(a.facts, waiting[0], day(now)).action == "purge"]


async def _ask_for_approval(site: Site, may: _Permission, now: datetime) -> None:
    if may.asks:
        seen = await preview(site, now)
        if seen.unapproved:
            await approving.ask(site, seen.lines, seen.unapproved, now)


BARE = (
    ("draft", "L34"),
    ("enquiry", "L34"),
    ("incoming", "L34"),
    ("referee", "L11"),
    ("breach", "L34"),
    ("document", "L14"),
)
"""Units that nobody decides about: a draft, an enquiry or a waiting e-mail past its period, a referee who was taken
off, a document that has outlived its application and whose legal hold was released.
"""


async def _erase_all(
    site: Site, ready: Sequence[Announced], may: _Permission, now: datetime, counts: Counts, progress: Progress
) -> None:
    allowed = [
        a
        for a in ready
        if may.may("application", a.application, a.decision.headline.rule, a.decision.due_on, a.decision.immediate)
    ]
    counts.unapproved += len(ready) - len(allowed)
    for start in range(0, len(allowed), BATCH):
        batch = allowed[start : start + BATCH]
        await _erase(site, _bound(await inventory.orders(site, batch), may), now, counts)
        progress("erase", start + len(batch), len(allowed))
    for kind, rule in BARE:
        units = _allowed(await site.keyring.past_due(kind, day(now)), kind, rule, may, counts)
        await _erase(site, _bound(await inventory.bare_orders(site, kind, units, rule), may), now, counts)
    needless = await _needless_profiles(site, await site.keyring.idle_profiles(), now)
    units = _allowed(needless, "profile", "L33", may, counts)
    profiles = await service.let_go(site, {unit: needless[unit] for unit in units}, now)
    await _erase(site, _bound(await inventory.bare_orders(site, "profile", profiles, "L33"), may), now, counts)


def _allowed(units: Iterable[UUID], kind: str, rule: str, may: _Permission, counts: Counts) -> list[UUID]:
    wanted = list(units)
    allowed = [unit for unit in wanted if may.may(kind, unit, rule, None)]
    counts.unapproved += len(wanted) - len(allowed)
    return allowed


def _bound(orders: Sequence[Order], may: _Permission) -> list[Order]:
    """Where a list was approved, the ledger names its hash."""
    if may.approved is None:
        return list(orders)
    return [replace(order, facts={**order.facts, "approved": may.approved.digest}) for order in orders]


async def _erase_parts(site: Site, now: datetime, counts: Counts) -> None:
    """Step 1 for what was granted by category (L27): one by one, since each is somebody's own choice."""
    for one in await parts.due(site, now):
        _count(counts, [await parts.carry_out(site, one, now)])


async def _erase(site: Site, orders: Sequence[Order], now: datetime, counts: Counts) -> None:
    """Step 1. The guard is judged in the transaction that destroys the keys (L18)."""
    _count(counts, await site.keyring.erase(orders, guard_refusal, day(now), now) if orders else [])


def _count(counts: Counts, results: Sequence[Result]) -> None:
    for result in results:
        if result.refused:
            counts.refused[result.refused] = counts.refused.get(result.refused, 0) + 1
        else:
            counts.erased += 1


async def _needless_profiles(site: Site, profiles: Sequence[UUID], now: datetime) -> dict[UUID, int]:
    """Which of these idle profiles nothing needs any more (L33), with the version of their guards.

    The guards are read before the requests: whoever asks for something meanwhile has moved a guard on.
    """
    idle = await site.keyring.guards(profiles)
    needed = await _needed_by_requests(site, ids(idle), now)
    return {unit: guard.version for unit, guard in idle.items() if unit not in needed}


async def _needed_by_requests(site: Site, idle: str, now: datetime) -> set[UUID]:
    """Whose request is open, or was answered but the answer has not left yet; and strangers, as long as an enquiry."""
    policy, today = await employer.policy(site), day(now)
    rows = await site.records.run_sql(
        "SELECT candidate, decided_on, found, kind FROM rights_request "
        f"WHERE ({REQUEST_OPEN} OR (found = FALSE AND kind <> 'erasure')) AND candidate IN {IDS}",
        idle,
    )
    needed = {
        row["candidate"]
        for row in rows
        if row["decided_on"] is None or today <= rules.enquiry_kept_through(row["decided_on"], policy)
    }
    since = now - timedelta(hours=policy.notice_wait_hours)
    waiting = await site.records.run_sql(
        f"SELECT DISTINCT unit FROM mail WHERE state = 'queued' AND queued_at > ? AND unit IN {IDS}", since, idle
    )
    return needed | {row["unit"] for row in waiting}


# --- ending what was begun ----------------------------------------------------------------------------------------


async def finish(site: Site, now: datetime, counts: Counts, progress: Progress) -> None:
    """Steps 2 to 5 for every begun purge, whichever run began it."""
    begun = await _begun(site)
    if not begun:
        return
    await _sweep(site, [row for row in begun if row["state"] == "erased"], progress)
    await _rotate(site, [row for row in begun if row["state"] in ("erased", "swept")], now, progress)
    await attendance.wait_for_the_others(site, now)
    verified = await _verify(site, begun, now, counts)
    issuer = await issuing.issuer(site, now)
    for done, row in enumerate(verified, 1):
        await issuer.issue(row)
        counts.receipts += 1
        progress("receipt", done, len(verified))


async def _sweep(site: Site, rows: Sequence[dict[str, Any]], progress: Progress) -> None:
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        units: dict[str, list[UUID]] = {}
        for body in map(inventory.body_of, batch):
            units.setdefault(body["outcome"], []).extend(map(UUID, body["units"]))
        for outcome, own in units.items():
            await sweeping.sweep(site, own, outcome == "anonymise")
        await parts.sweep(site, inventory.parts_of(batch))
        purges = ids(row["id"] for row in batch)
        await site.records.run_sql(f"UPDATE purge_notice SET state = 'done' WHERE id IN {IDS}", purges)
        await _end_notices_of_parts(site, [unit for own in units.values() for unit in own])
        await _advance(site, purges, "swept")
        progress("sweep", start + len(batch), len(rows))


async def _end_notices_of_parts(site: Site, units: Iterable[UUID]) -> None:
    """What was to go by itself has gone with the whole: its receipt is that one's."""
    await site.records.run_sql(
        f"UPDATE purge_notice SET state = 'done' WHERE part IS NOT NULL AND application IN {IDS} "
        "AND state = 'announced'",
        ids(units),
    )


async def _rotate(site: Site, rows: Sequence[dict[str, Any]], now: datetime, progress: Progress) -> None:
    """Step 3. Once for all that was swept; a purge whose epoch has passed already needs no further rotation."""
    if not rows:
        return
    newest, before = max(inventory.body_of(row)["epoch"] for row in rows), site.keyring.oldest
    if newest >= before:
        after = await site.keyring.rotate(beyond=newest)
        await site.keyring.retire_older()
        await site.keyring.record("rotate", {"epoch_before": before, "epoch_after": after}, now)
    else:
        await site.keyring.retire_older()
    await site.keyring.shrink()
    await _advance(site, ids(row["id"] for row in rows), "rotated")
    progress("rotate", 1, 1)


async def _verify(site: Site, begun: Sequence[dict[str, Any]], now: datetime, counts: Counts) -> list[dict[str, Any]]:
    """Step 4. What the independent reader finds still there stays unverified, and the others go on."""
    fresh = [row for row in begun if row["state"] != "verified"]
    clean = []
    for start in range(0, len(fresh), BATCH):
        batch = fresh[start : start + BATCH]
        clean += await _gone(site, batch, counts)
    if clean:
        body = {"purges": [str(row["id"]) for row in clean], "epoch": site.keyring.epoch}
        await site.keyring.record("verify", body, now)
        await site.keyring.engine.run_sql(
            f"UPDATE purge SET state = 'verified', verified_at = ? WHERE id IN {IDS}",
            *(now, ids(row["id"] for row in clean)),
        )
    return [row for row in await _begun(site) if row["state"] == "verified"]


async def _gone(site: Site, batch: Sequence[dict[str, Any]], counts: Counts) -> list[dict[str, Any]]:
    """The rows of a batch whose units are verified gone; only if the whole batch is not, one by one."""
    epoch = max(inventory.body_of(row)["epoch"] for row in batch)
    try:
        await asyncio.to_thread(sweeping.verify, site, _units(batch), epoch, inventory.parts_of(batch))
        return list(batch)
    except sweeping.NotGone:
        if len(batch) == 1:
            counts.failed += 1
            return []
    return [row for single in batch for row in await _gone(site, [single], counts)]


async def _begun(site: Site) -> list[dict[str, Any]]:
    return await site.keyring.engine.run_sql("SELECT * FROM purge WHERE state <> 'issued' ORDER BY entry")


async def _advance(site: Site, purges: str, state: str) -> None:
    await site.keyring.engine.run_sql(f"UPDATE purge SET state = ? WHERE id IN {IDS}", state, purges)


def _units(rows: Iterable[dict[str, Any]]) -> list[UUID]:
    return [UUID(unit) for row in rows for unit in inventory.body_of(row)["units"]]
