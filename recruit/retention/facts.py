"""From rows to facts: what the rules are asked about, and the clock that every page shows.

Guards that pages, mails and the purge decide from the same facts. Reads only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from msgspec.structs import replace

from recruit import employer
from recruit.clock import day
from recruit.database import IDS, ids
from recruit.i18n import Translate
from recruit.retention import rules, words
from recruit.retention.rules import ConsentFact, Decision, Facts, HoldFact, Policy
from recruit.site import Site

REQUEST_OPEN = "state IN ('received', 'identity')"
"""Where a row of `rights_request` still waits for an answer (`rights.rules.OPEN`, which is not ours to import)."""

State = Literal["running", "kept", "due", "blocked", "erased"]


@dataclass(frozen=True)
class Clock:
    """The clock element: the same words on every page. `progress` is 0..1, or None while nothing runs out."""

    headline: str
    reasons: list[tuple[str, str]]
    progress: float | None
    state: State
    due_on: date | None


async def of_applications(site: Site, applications: Iterable[UUID]) -> dict[UUID, Facts]:
    """The facts of each application that still has a row."""
    wanted = ids(applications)
    rows = await site.records.run_sql(f"SELECT * FROM application WHERE id IN {IDS}", wanted)
    candidates = ids({row["candidate"] for row in rows})
    consents = _grouped(
        await site.records.run_sql(
            f"SELECT candidate, application, given, at FROM consent WHERE candidate IN {IDS} ORDER BY at", candidates
        ),
        "candidate",
    )
    holds = _grouped(
        await site.records.run_sql(
            "SELECT h.id, h.application, h.document, h.placed_on, h.review_on, d.apart FROM legal_hold h "
            "LEFT JOIN document d ON d.id = h.document "
            f"WHERE h.released_on IS NULL AND h.application IN {IDS} ORDER BY h.placed_on, h.id",
            wanted,
        ),
        "application",
    )
    restrictions = _grouped(
        await site.records.run_sql(
            f"SELECT application, permanent, ground FROM restriction WHERE lifted_on IS NULL AND application IN {IDS}",
            wanted,
        ),
        "application",
    )
    requests = _grouped(
        await site.records.run_sql(
            "SELECT candidate, application, kind FROM rights_request WHERE kind IN ('access', 'portability') "
            f"AND {REQUEST_OPEN} AND candidate IN {IDS}",
            candidates,
        ),
        "candidate",
    )
    parts = await site.records.run_sql(
        f"SELECT DISTINCT application FROM partial_erasure WHERE application IN {IDS}", wanted
    )
    erasing = {row["application"] for row in parts}
    asking, asked_about = await _section31(site, wanted)
    found = {row["id"]: _facts(row, consents, holds, restrictions, requests) for row in rows}
    return {
        unit: replace(
            facts,
            part_granted=unit in erasing,
            section31_open=unit in asked_about,
            open_requests=(*facts.open_requests, *(["section31"] if unit in asking else [])),
        )
        for unit, facts in found.items()
    }


async def _section31(site: Site, wanted: str) -> tuple[set[UUID], set[UUID]]:
    """L31: who of these waits for facts about the person hired; and about whom somebody waits for facts, or for the
    mail that carries them.
    """
    asking = await site.records.run_sql(
        f"SELECT application FROM section31 WHERE state = 'open' AND application IN {IDS}", wanted
    )
    asked_about = await site.records.run_sql(
        f"SELECT a.id FROM application a WHERE a.id IN {IDS} AND (a.id IN "
        "(SELECT e.unit FROM enclosed e JOIN mail m ON m.id = e.mail WHERE m.state = 'queued') "
        "OR a.outcome = 'hired' AND a.vacancy IN (SELECT s.vacancy FROM section31 s WHERE s.state = 'open'))",
        wanted,
    )
    return {row["application"] for row in asking}, {row["id"] for row in asked_about}


def _facts(row: dict[str, Any], consents: _Groups, holds: _Groups, restrictions: _Groups, requests: _Groups) -> Facts:
    """A hold on a document holds the whole application until that document is apart; from then on it alone (L14)."""
    own = row["id"]
    standing = holds.get(own, [])
    return Facts(
        submitted_at=row["submitted_at"],
        last_activity_on=day(row["last_activity_at"]),
        stage=row["stage"],
        furthest_stage=row["furthest_stage"],
        finalist=bool(row["finalist"]),
        outcome=row["outcome"],
        closed_on=row["closed_on"],
        closed_at=row["closed_at"],
        consents=tuple(
            ConsentFact(bool(c["given"]), c["at"])
            for c in consents.get(row["candidate"], [])
            if c["application"] in (None, own)
        ),
        holds=tuple(
            HoldFact(id=str(h["id"]), placed_on=h["placed_on"], review_on=h["review_on"])
            for h in standing
            if not h["apart"]
        ),
        held_documents=len({h["document"] for h in standing if h["apart"]}),
        restriction=_restriction(restrictions.get(own, [])),
        objection_upheld=row["erasure_granted_on"] is not None
        and all(r["ground"] == "objection" for r in restrictions.get(own, [])),
        open_requests=tuple(r["kind"] for r in requests.get(row["candidate"], []) if r["application"] in (None, own)),
        erasure_granted_on=row["erasure_granted_on"],
        handed_over_on=row["handed_over_on"],
    )


def _restriction(standing: list[dict[str, Any]]) -> Literal["temporary", "permanent"] | None:
    """Of several restrictions the longest says what it is."""
    if not standing:
        return None
    return "permanent" if any(r["permanent"] for r in standing) else "temporary"


_Groups = dict[UUID, list[dict[str, Any]]]


def _grouped(rows: list[dict[str, Any]], column: str) -> _Groups:
    groups: _Groups = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    return groups


async def clocks(
    site: Site, applications: Iterable[UUID], now: datetime, tr: Translate, viewer: words.Viewer
) -> dict[UUID, Clock]:
    """The clock of each application, in the reader's language and voice."""
    policy, today = await employer.policy(site), day(now)
    facts = await of_applications(site, applications)
    return {unit: clock_of(fact, policy, today, tr, viewer) for unit, fact in facts.items()}


def clock_of(facts: Facts, policy: Policy, today: date, tr: Translate, viewer: words.Viewer) -> Clock:
    decision = rules.decide(facts, policy, today)
    return Clock(
        headline=words.headline(decision, tr, viewer),
        reasons=words.reasons(decision, tr, viewer),
        progress=words.progress(decision, facts, today),
        state=_state(decision),
        due_on=decision.due_on,
    )


def _state(decision: Decision) -> State:
    if decision.blockers:
        return "blocked"
    if decision.due_on is None:
        return "kept"
    return "due" if decision.action == "purge" or decision.immediate else "running"
