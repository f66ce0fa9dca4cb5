"""The purge: notice, erase, sweep, rotate, verify, receipt, in this order and no other.

What may never happen: somebody is erased early, twice or by half; a receipt exists for what was not verified gone; one
that fails stops the others. Transaction boundaries: erasing is one keyring transaction for a batch, in which the guard
of each unit is judged (a refused one is set aside); sweeping is one records transaction; each further step is durable
before the next begins. A begun purge is a row with its state, and every run first ends those that an earlier one left.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from recruit import employer
from recruit.clock import day
from recruit.database import IDS, ids
from recruit.locking import alone
from recruit.retention import inventory, issuing, noticing, remembered, rules, service, sweeping
from recruit.retention.facts import REQUEST_OPEN, of_applications
from recruit.retention.noticing import Announced
from recruit.retention.rules import guard_refusal
from recruit.site import Site
from recruit.vault.judging import Order

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
    refused: dict[str, int] = field(default_factory=dict)
    failed: int = 0
    waiting: str | None = None


@dataclass(frozen=True)
class Row:
    """One line of a preview: no names, only what, why and when."""

    purge: UUID | None
    unit: UUID
    kind: str
    rule: str
    because: tuple[rules.Reason, ...]
    due_on: date | None
    ready: bool


@dataclass(frozen=True)
class Preview:
    """What a run would do now: erased; announced but not yet ready; stopped by a hold, restriction or request."""

    due: list[Row]
    later: list[Row]
    blocked: list[Row]
    unfinished: int
    waiting: str | None


async def preview(site: Site, now: datetime) -> Preview:
    """What a purge would do at this instant; changes nothing."""
    policy, today = await employer.policy(site), day(now)
    announced = {a.application: a for a in await noticing.announced(site, now)}
    units = await site.keyring.past_due("application", today + timedelta(days=policy.notice_days + 1))
    facts = await of_applications(site, units)
    due: list[Row] = []
    later: list[Row] = []
    blocked: list[Row] = []
    for unit, fact in facts.items():
        decision, told = rules.decide(fact, policy, today), announced.get(unit)
        ready = decision.action == "purge" and told is not None and told.served
        rule, purge = decision.headline.rule, told.purge if told else None
        row = Row(purge, unit, "application", rule, decision.because, decision.due_on, ready)
        (blocked if decision.blockers else due if ready else later).append(row)
    for kind, rule in BARE:
        due += [Row(None, unit, kind, rule, (), today, True) for unit in await site.keyring.past_due(kind, today)]
    immediate = sum(announced[row.unit].decision.immediate for row in due if row.unit in announced)
    waiting = await remembered.waits_because(site, now, len(due), immediate)
    return Preview(due, later, blocked, len(await _begun(site)), waiting)


async def run(site: Site, now: datetime, progress: Progress = lambda step, done, total: None) -> Counts:
    """One whole purge. `Busy` if a purge, backup or restore is under way."""
    with alone(site.settings):
        counts = Counts()
        await service.reconcile(site, now)
        await finish(site, now, counts, progress)
        await noticing.tell_recipients(site, now)
        due = [a for a in await noticing.announced(site, now) if a.decision.action == "purge"]
        counts.unserved = sum(not a.served for a in due)
        ready = [a for a in due if a.served]
        counts.waiting = await remembered.waits_because(site, now, len(ready), sum(a.decision.immediate for a in ready))
        if counts.waiting is None:
            await _erase_all(site, ready, now, counts, progress)
            await finish(site, now, counts, progress)
            await remembered.look_ahead(site, now)
        counts.noticed = await noticing.announce(site, now)
        return counts


BARE = (("draft", "L34"), ("enquiry", "L34"), ("referee", "L11"))
"""Units that nobody decides about: a draft or an enquiry past its period, a referee who was taken off."""


async def _erase_all(site: Site, ready: Sequence[Announced], now: datetime, counts: Counts, progress: Progress) -> None:
    for start in range(0, len(ready), BATCH):
        batch = ready[start : start + BATCH]
        await _erase(site, await inventory.orders(site, batch), now, counts)
        progress("erase", start + len(batch), len(ready))
    for kind, rule in BARE:
        units = await site.keyring.past_due(kind, day(now))
        await _erase(site, await inventory.bare_orders(site, kind, units, rule), now, counts)
    profiles = await _needless_profiles(site, now)
    await _erase(site, await inventory.bare_orders(site, "profile", profiles, "L33"), now, counts)


async def _erase(site: Site, orders: Sequence[Order], now: datetime, counts: Counts) -> None:
    """Step 1. The guard is judged in the transaction that destroys the keys (L18)."""
    for result in await site.keyring.erase(orders, guard_refusal, day(now), now) if orders else []:
        if result.refused:
            counts.refused[result.refused] = counts.refused.get(result.refused, 0) + 1
        else:
            counts.erased += 1


async def _needless_profiles(site: Site, now: datetime) -> list[UUID]:
    """Profiles that nothing needs any more (L33), their guards settled so that they may go.

    The guards are read before the requests: whoever asks for something meanwhile has moved a guard on.
    """
    idle = await site.keyring.guards(await site.keyring.idle_profiles())
    needed = await _needed_by_requests(site, ids(idle), now)
    return await service.let_go(site, {unit: guard.version for unit, guard in idle.items() if unit not in needed}, now)


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
        purges = ids(row["id"] for row in batch)
        await site.records.run_sql(f"UPDATE purge_notice SET state = 'done' WHERE id IN {IDS}", purges)
        await _advance(site, purges, "swept")
        progress("sweep", start + len(batch), len(rows))


async def _rotate(site: Site, rows: Sequence[dict[str, Any]], now: datetime, progress: Progress) -> None:
    """Step 3. Once for all that was swept; a purge whose epoch has passed already needs no further rotation."""
    if not rows:
        return
    if any(inventory.body_of(row)["epoch"] == site.keyring.epoch for row in rows):
        before = site.keyring.epoch
        after = await site.keyring.rotate()
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
        await asyncio.to_thread(sweeping.verify, site, _units(batch), epoch)
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
