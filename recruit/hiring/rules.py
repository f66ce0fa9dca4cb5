"""Who may open an application, who may do what with it, and what closing would mean: decided here, purely.

Guards that nobody opens what a rule keeps from them (L4, L15), that screening waits for its stage (L9), and that a
person is told what happens to how many before anything is closed. Facts and dates go in, answers with reasons come out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from msgspec.structs import replace

from recruit.accounts.guards import DPO, INTERVIEWER, MANAGER, RECRUITER
from recruit.errors import NotAllowed, NotFound, RecruitError
from recruit.retention.rules import (
    MOVES,
    OUTCOMES,
    STAGES,
    Facts,
    Outcome,
    Policy,
    Stage,
    lifetime,
    may_undo_close,
    open_only_to,
)

Act = Literal[
    "move", "outcome", "undo", "note", "screening", "hold", "tag", "assign", "letter", "print", "hand_over", "guest",
    "section31",
]  # fmt: skip

ACTS: dict[Act, frozenset[str]] = {
    "move": frozenset({RECRUITER, MANAGER}),
    "outcome": frozenset({RECRUITER, MANAGER}),
    "undo": frozenset({RECRUITER}),
    "note": frozenset({RECRUITER, MANAGER, INTERVIEWER}),
    "screening": frozenset({RECRUITER, MANAGER}),
    "hold": frozenset({RECRUITER, DPO}),
    "tag": frozenset({RECRUITER, MANAGER}),
    "assign": frozenset({RECRUITER, MANAGER}),
    "letter": frozenset({RECRUITER, MANAGER}),
    "print": frozenset({RECRUITER, MANAGER, INTERVIEWER}),
    "hand_over": frozenset({RECRUITER}),
    "guest": frozenset({RECRUITER, MANAGER}),
    "section31": frozenset({RECRUITER}),
}
"""Who may do what with an application that they may open."""

SCREENING_KINDS = ("expectations", "offer_details", "reference_check", "verification", "earlier_salary")


class OnlyRecruiterAndDpo(RecruitError):
    """L4: a member of the hiring team asks for an application of the answer window."""

    status = 403
    text = (
        "The process has ended for this application, and nobody has consented to more. Until it is erased, only a "
        "recruiter and the person responsible for privacy can open it (L4)."
    )


class OutcomeWaits(RecruitError):
    """It was decided about this application, and the candidate is told at a chosen time."""

    status = 409
    text = "It is decided about this application, and the candidate is told at the chosen time. Stop that first."


class ProcessEnded(RecruitError):
    """Something was to be added to an application whose outcome is final (L2)."""

    status = 409
    text = (
        "The process has ended for this application, so nothing more is collected about the candidate. A recruiter "
        "can undo the close within the answer window."
    )


class NotReadyToPublish(RecruitError):
    """A vacancy would collect data without a responsible employer, a policy or a privacy contact (art. 13)."""

    status = 409
    text = "This vacancy can't be published yet."


# --- who may open -----------------------------------------------------------------------------------------------------


def standing(roles: Iterable[str], team_role: str = "", assigned: bool = False) -> tuple[str, ...]:
    """In which roles somebody meets an application, the widest first; empty: not at all.

    `team_role` is what they are in the hiring team of its vacancy (empty: not in it), never more than their account
    allows; an interviewer meets only what is `assigned` to them.
    """
    held = set(roles)
    interviews = bool(team_role) and assigned and bool(held & {MANAGER, INTERVIEWER})
    reach = {
        RECRUITER: RECRUITER in held,
        MANAGER: MANAGER in held and team_role == MANAGER,
        INTERVIEWER: interviews,
        DPO: DPO in held,
    }
    return tuple(role for role, within in reach.items() if within)


def role_for(held: Iterable[str], facts: Facts, act: Act | None = None) -> str:
    """The role in which somebody opens an application, for an act or to look; `held` as `standing` gave it.

    Raises NotFound for strangers and for a restricted application (L15), OnlyRecruiterAndDpo for the team in the
    answer window (L4), NotAllowed if the role may look but not do this.
    """
    roles = tuple(held)
    only = open_only_to(facts)
    allowed = [role for role in roles if only is None or role in only]
    if not allowed:
        raise NotFound() if not roles or facts.restriction is not None else OnlyRecruiterAndDpo()
    able = [role for role in allowed if act is None or role in ACTS[act]]
    if not able:
        raise NotAllowed()
    return able[0]


def acts_of(role: str) -> frozenset[Act]:
    """What somebody in this role may do with an application."""
    return frozenset(act for act, roles in ACTS.items() if role in roles)


def reads_all_cards(role: str) -> bool:
    """Whoever decides reads every scorecard; an interviewer only after their own is in."""
    return role != INTERVIEWER


# --- moving on --------------------------------------------------------------------------------------------------------


def next_stages(stage: Stage) -> tuple[Stage, ...]:
    """The stages to which an application may move from this one, in their order."""
    return tuple(later for later in STAGES if later in MOVES[stage])


def next_outcomes(stage: Stage) -> tuple[Outcome, ...]:
    """The outcomes that the table of moves has from this stage, in its order."""
    ends: tuple[Outcome, ...] = ("rejected", "withdrawn", "position_filled", "hired")
    return tuple(end for end in ends if end in MOVES[stage])


def require_running(outcome: str | None) -> None:
    """L2: raises ProcessEnded once the outcome is final; nothing more is collected then."""
    if outcome in OUTCOMES:
        raise ProcessEnded()


# --- asking a referee -------------------------------------------------------------------------------------------------

CheckState = Literal["asked", "answered", "declined", "cancelled"]

CHECK_MOVES: dict[CheckState | None, tuple[CheckState, ...]] = {
    None: ("asked", "answered"),
    "asked": ("asked", "answered", "declined", "cancelled"),
    "answered": ("answered", "declined"),
    "declined": ("asked", "answered", "declined"),
    "cancelled": ("asked", "answered"),
}
"""How asking a referee goes on; None: not asked yet. Who has answered may correct it, or take it back."""


class CheckMoveNotAllowed(RecruitError):
    """The table has no such move, or the referee has answered by themselves."""

    status = 409
    text = "The referee has answered meanwhile, or is not asked any more. Open the page of the referee again."


def require_check_move(before: CheckState | None, after: CheckState) -> None:
    if after not in CHECK_MOVES[before]:
        raise CheckMoveNotAllowed()


# --- what a close would do --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Group:
    """So many applications to which the same happens: the headline's key and the last day that is protected."""

    why: str
    until: date | None
    n: int


@dataclass(frozen=True)
class Plan:
    """What closing does to whom. `restricted` are left as they are (L15); `held` stay under a hold (L14)."""

    closing: tuple[UUID, ...]
    groups: tuple[Group, ...]
    unchanged: int
    restricted: int
    held: int


def plan_close(all_facts: Mapping[UUID, Facts], outcome: Outcome, policy: Policy, now: datetime, today: date) -> Plan:
    """What happens to each of these applications if they are closed now with that outcome (L2, L3, L4)."""
    running = {unit: facts for unit, facts in all_facts.items() if facts.outcome is None}
    closing = {unit: facts for unit, facts in running.items() if facts.restriction is None}
    counted: dict[tuple[str, date | None], int] = {}
    for facts in closing.values():
        span = lifetime(replace(facts, outcome=outcome, closed_on=today, closed_at=now), policy)
        place = span.because[0].key, span.kept_through
        counted[place] = counted.get(place, 0) + 1
    return Plan(
        closing=tuple(closing),
        groups=tuple(Group(why, until, n) for (why, until), n in sorted(counted.items(), key=str)),
        unchanged=len(all_facts) - len(running),
        restricted=len(running) - len(closing),
        held=sum(bool(facts.holds) for facts in closing.values()),
    )


def may_take_back(facts: Facts, policy: Policy, today: date) -> bool:
    """Whether staff may undo this outcome now: inside the window, and never a candidate's own withdrawal (L4, L15)."""
    return facts.restriction is None and facts.outcome != "withdrawn" and may_undo_close(facts, policy, today)


def reopening(all_facts: Mapping[UUID, Facts], policy: Policy, today: date) -> tuple[UUID, ...]:
    """Of the applications that ended with their vacancy, those that can still be taken up again (L4)."""
    return tuple(unit for unit, facts in all_facts.items() if may_take_back(facts, policy, today))


# --- copies on paper --------------------------------------------------------------------------------------------------

PAPER_LIVES = timedelta(days=30)
"""What was printed for a panel is needed no longer than this."""


def destroy_by(all_facts: Iterable[Facts], policy: Policy, today: date) -> date:
    """By when a paper with these applications has to be destroyed: never later than the first of them is protected."""
    spans = (lifetime(facts, policy).kept_through for facts in all_facts)
    return max(today, min([today + PAPER_LIVES, *(day for day in spans if day)]))


# --- the life of a vacancy --------------------------------------------------------------------------------------------

VacancyState = Literal["draft", "published", "closed"]

VACANCY_MOVES: dict[VacancyState, tuple[VacancyState, ...]] = {
    "draft": ("published", "closed"),
    "published": ("closed",),
    "closed": ("published", "draft"),
}
"""Every move there is; a closed vacancy that was never published becomes a draft again."""


class VacancyMoveNotAllowed(RecruitError):
    """The table has no such move: a closed vacancy is opened again, not published."""

    status = 409
    text = "A vacancy can't be moved from that state to this one."


def require_vacancy_move(before: VacancyState, after: VacancyState) -> None:
    if after not in VACANCY_MOVES[before]:
        raise VacancyMoveNotAllowed()
