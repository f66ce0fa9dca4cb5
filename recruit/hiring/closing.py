"""Closing a vacancy, deciding about many at once, and taking it back.

Guards that nothing goes out before a person has confirmed exactly what they saw, that every outcome names who decided
it (L13), and that closing closes all of it or can be repeated: the vacancy first, so that no application comes in
behind it. What one act of closing ended can be taken up again as a whole inside the answer window (L4). Where those who
do not get the position are told later, their process ends then (`waiting`), and until then it can be stopped.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from recruit import audit, employer, mail
from recruit.clock import day
from recruit.database import IDS, ids
from recruit.errors import RecruitError
from recruit.hiring import rules, waiting
from recruit.hiring.rules import Plan
from recruit.i18n import Language, either
from recruit.retention import service as retention
from recruit.retention.facts import of_applications
from recruit.retention.rules import Facts, Outcome
from recruit.site import Site
from recruit.vault.keyring import TooLate
from recruit.visible import APPLICATIONS


class Changed(RecruitError):
    """Between the check and the confirmation somebody applied, withdrew or was decided about."""

    status = 409
    text = "Meanwhile somebody has applied, withdrawn or been decided about. Nothing was sent. Check once more."


@dataclass(frozen=True)
class Decision:
    """What a person decides about a set of applications: `others` is the outcome of all that are not `hired`.

    `words` are the mail's own words to those who do not get the position; empty: the usual ones. `ask`: they are asked
    whether to be kept for future vacancies. `leaves`: when they are told, and their process ends; None: at once.
    """

    hired: tuple[UUID, ...] = ()
    others: Outcome = "position_filled"
    words: dict[Language, str] | None = None
    ask: bool = True
    leaves: datetime | None = None


@dataclass(frozen=True)
class Checked:
    """What a decision does to whom. `mark` stands for exactly this set: a confirmation carries it back."""

    hired: Plan
    others: Plan
    mark: str

    @property
    def mails(self) -> int:
        return len(self.hired.closing) + len(self.others.closing)


async def check(site: Site, vacancy: UUID, decision: Decision, now: datetime, only: Iterable[UUID] = ()) -> Checked:
    """What would happen now to all of a vacancy that run, or to `only` these of them; changes nothing."""
    facts, chosen = await _facts(site, vacancy), set(only)
    if chosen:
        facts = {unit: fact for unit, fact in facts.items() if unit in chosen}
    policy, then = await employer.policy(site), decision.leaves or now
    hired = {unit: fact for unit, fact in facts.items() if unit in decision.hired and fact.stage == "offer"}
    others = {unit: fact for unit, fact in facts.items() if unit not in hired}
    plans = (
        rules.plan_close(hired, "hired", policy, now, day(now)),
        rules.plan_close(others, decision.others, policy, then, day(then)),
    )
    text = "|".join([*sorted(map(str, plans[0].closing)), "/", *sorted(map(str, plans[1].closing))])
    return Checked(*plans, hashlib.sha256(text.encode()).hexdigest()[:32])


async def plan(site: Site, vacancy: UUID, now: datetime) -> Plan:
    """What closing the vacancy now would do to whom, if nobody is hired."""
    return (await check(site, vacancy, Decision(), now)).others


async def close(
    site: Site, vacancy: UUID, by: UUID, now: datetime, decision: Decision | None = None, mark: str = ""
) -> int:
    """Close a vacancy and every application that still runs (L2); how many. Repeating it finishes what was cut off.

    Changed, before anything happens, if `mark` is given and stands for another set than there is now.
    """
    decided = decision or Decision()
    if mark and (await check(site, vacancy, decided, now)).mark != mark:
        raise Changed()
    closing = await _begin(site, vacancy, by, now)
    what = await check(site, vacancy, decided, now)
    return await _carry_out(site, vacancy, what, decided, closing, by, now)


async def _begin(site: Site, vacancy: UUID, by: UUID, now: datetime) -> UUID:
    """The vacancy is closed from here on, under an act of closing of its own, or the one that was cut off."""
    async with site.records.transaction():
        changed = await site.records.run_sql(
            "UPDATE vacancy SET state = 'closed', closed_on = ? WHERE id = ? AND state <> 'closed' RETURNING id",
            *(day(now), vacancy),
        )
        last = await _last(site, vacancy)
        if last is not None and not changed:
            return last
        closing = uuid4()
        await site.records.run_sql(
            "INSERT INTO closing (id, vacancy, closed_by, closed_at) VALUES (?, ?, ?, ?)", closing, vacancy, by, now
        )
        await audit.record("vacancy.closed", now, by, vacancy=vacancy)
    return closing


async def _last(site: Site, vacancy: UUID) -> UUID | None:
    rows = await site.records.run_sql(
        "SELECT id FROM closing WHERE vacancy = ? AND undone_at IS NULL ORDER BY closed_at DESC LIMIT 1", vacancy
    )
    return rows[0]["id"] if rows else None


async def decide(
    site: Site, vacancy: UUID, chosen: Iterable[UUID], decision: Decision, mark: str, by: UUID, now: datetime
) -> int:
    """The outcome of many applications at once, the vacancy staying open; how many. Changed as for `close`."""
    what = await check(site, vacancy, decision, now, chosen)
    if what.mark != mark:
        raise Changed()
    return await _carry_out(site, vacancy, what, decision, None, by, now)


async def _carry_out(
    site: Site, vacancy: UUID, what: Checked, decision: Decision, closing: UUID | None, by: UUID, now: datetime
) -> int:
    ended = await retention.close_applications(site, what.hired.closing, "hired", by, now, closing=closing)
    others, words = what.others.closing, decision.words or {}
    if decision.leaves:
        return ended + await waiting.put(
            site, vacancy, others, decision.others, by, now, decision.leaves, closing, words, decision.ask
        )
    return ended + await retention.close_applications(
        site, others, decision.others, by, now, closing=closing, words=words, ask=decision.ask
    )


# --- what is shown before ---------------------------------------------------------------------------------------------


async def rows_of(site: Site, units: Iterable[UUID]) -> list[dict[str, Any]]:
    """Ids of these applications and their candidates, for `access.names_of`."""
    return await site.records.run_sql(f"SELECT id, candidate FROM {APPLICATIONS} a WHERE id IN {IDS}", ids(units))


async def at_offer(site: Site, units: Iterable[UUID]) -> list[dict[str, Any]]:
    """Those of them who have an offer: only they can be hired."""
    return await site.records.run_sql(
        f"SELECT id, candidate FROM {APPLICATIONS} a WHERE stage = 'offer' AND id IN {IDS}", ids(units)
    )


async def usual_words(site: Site, vacancy: dict[str, Any], lang: Language) -> str:
    """What the mail to those who are rejected says if nobody writes other words."""
    text = await preview(site, vacancy, "rejected", Decision(), lang)
    return text.split("\n\n")[1]


async def preview(site: Site, vacancy: dict[str, Any], outcome: Outcome, decision: Decision, lang: Language) -> str:
    """The closing mail as it will read, with a line in place of what is different for each person."""
    policy = await employer.policy(site)
    message = mail.render(
        "closed",
        lang,
        "",
        name="…",
        employer=await employer.current(site),
        my_url="…",
        withdraw_url="…",
        privacy_url=site.settings.link("/privacy"),
        outcome=outcome,
        title=either(vacancy, "title", lang),
        months=policy.consent_months,
        window=policy.answer_window_days,
        words=decision.words or {},
        ask=decision.ask,
    )
    return message.text.strip()


# --- taking it back ---------------------------------------------------------------------------------------------------


async def would_reopen(site: Site, row: dict[str, Any], today: date) -> tuple[UUID, ...]:
    """The applications that reopening takes up again: those that ended with the vacancy, inside the window (L4)."""
    closing = await _last(site, row["id"])
    rows = await site.records.run_sql(
        f"SELECT id FROM {APPLICATIONS} a WHERE vacancy = ? AND closing = ?", row["id"], closing
    )
    found = await _living(site, [each["id"] for each in rows])
    return rules.reopening(found, await employer.policy(site), today)


async def reopen(site: Site, row: dict[str, Any], by: UUID, now: datetime) -> int:
    """Open a closed vacancy again, and take up what ended with it; how many. An erased one stays erased.

    Whoever was to be told at a chosen time is not.
    """
    rules.require_vacancy_move(row["state"], "published" if row["published_at"] else "draft")
    back = await would_reopen(site, row, day(now))
    async with site.records.transaction():
        await site.records.run_sql(
            "UPDATE vacancy SET state = ?, closed_on = NULL WHERE id = ? AND state = 'closed'",
            *("published" if row["published_at"] else "draft", row["id"]),
        )
        await site.records.run_sql(
            "UPDATE closing SET undone_at = ? WHERE vacancy = ? AND undone_at IS NULL", now, row["id"]
        )
        await audit.record("vacancy.reopened", now, by, vacancy=row["id"])
    await waiting.stop(site, row["id"], by, now)
    return await take_back(site, back, by, now)


async def take_back(site: Site, applications: Iterable[UUID], by: UUID, now: datetime) -> int:
    """Undo the outcome of each of these where that can still be done (L4); how many."""
    policy, today, n = await employer.policy(site), day(now), 0
    for unit, facts in (await _living(site, applications)).items():
        if not rules.may_take_back(facts, policy, today):
            continue
        try:
            await retention.undo_close(site, unit, by, now)
        except TooLate:
            continue
        n += 1
    return n


async def _facts(site: Site, vacancy: UUID) -> dict[UUID, Facts]:
    rows = await site.records.run_sql(f"SELECT id FROM {APPLICATIONS} a WHERE vacancy = ?", vacancy)
    return await _living(site, [row["id"] for row in rows])


async def _living(site: Site, units: Iterable[UUID]) -> dict[UUID, Facts]:
    found = await of_applications(site, units)
    living = await site.keyring.keys(found)
    return {unit: facts for unit, facts in found.items() if unit in living}
