"""The retention clock: when an application may be erased, and why.

Guards the promise that errors make a purge late, never early (L17). Everything here is pure: facts, a policy
and a date go in, decisions with their reasons come out; nothing is read or written and no clock is asked. Two
things may never happen: a decision that lets an application go on a day when some rule still protects it, and
a decision without a reason. Where facts contradict each other, the reading that keeps the data longer is
taken.

Days are calendar days in Oslo, instants are aware UTC. "Kept through" is the last day that is protected:
erasing is allowed only on a later day.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from recruit.clock import ZONE
from recruit.clock import day as local_day
from recruit.errors import (
    EarlierSalaryNotCollected,
    MoveNotAllowed,
    OutcomeWithoutDecider,
    ScreeningTooEarly,
)

DAY = timedelta(days=1)

Act = Literal["anonymise", "erase"]
Basis = Literal["6(1)(f)", "6(1)(b)"]
Approval = Literal["automatic", "approval"]
Release = Literal["one", "two"]
Stage = Literal["received", "screening", "interview", "finalist", "offer"]
Outcome = Literal["rejected", "withdrawn", "position_filled", "hired"]
Role = Literal["recruiter", "dpo"]

# --- Days and instants ----------------------------------------------------------------------------


def end_of_local_day(day: date) -> datetime:
    """The instant, in UTC, at which a day is over in Oslo: the next midnight there, whatever clocks do."""
    return datetime.combine(day + DAY, time(), ZONE).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day where it has no such day (L3, L20)."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


# --- The policy -----------------------------------------------------------------------------------

RANGES: dict[str, tuple[int, int, str]] = {
    "consent_months": (1, 24, "Choose from 1 to 24 months."),
    "answer_window_days": (0, 180, "Choose from 0 to 180 days."),
    "stale_months": (1, 24, "Choose from 1 to 24 months."),
    "notice_days": (1, 30, "Choose from 1 to 30 days."),
    "notice_wait_hours": (1, 72, "Choose from 1 to 72 hours."),
    "enquiry_months": (1, 24, "Choose from 1 to 24 months."),
    "draft_days": (1, 90, "Choose from 1 to 90 days."),
    "access_log_months": (12, 60, "Choose from 12 to 60 months."),
    "archive_days": (1, 90, "Choose from 1 to 90 days."),
    "external_archive_days": (0, 3650, "Choose from 0 to 3650 days."),
}
"""Each setting that is a number: least, most, and what the form says about it."""

REMINDERS_UNFIT = "Name whole days, each only once and each shorter than the time that consent lasts."
OUTCOME_UNFIT = "Choose between anonymising and erasing."
APPROVAL_UNFIT = "Choose whether the purge goes by itself or waits for approval."
RELEASE_UNFIT = "Choose whether one person or two release a legal hold."
BASIS_UNFIT = "Choose article 6(1)(f) or article 6(1)(b)."


class Policy(Struct, frozen=True, kw_only=True):
    """The settings of the retention rules, as the DPO edits them and the privacy notice states them (L32).

    `number` counts the versions. A value out of range is possible until `problems` has been asked: only a
    policy without problems may be stored.
    """

    number: int = 1
    consent_months: int = 12
    answer_window_days: int = 14
    stale_months: int = 6
    notice_days: int = 3
    notice_wait_hours: int = 72
    reminder_days: tuple[int, ...] = (30, 7)
    outcome: Act = "anonymise"
    lawful_basis: Basis = "6(1)(f)"
    enquiry_months: int = 6
    draft_days: int = 30
    access_log_months: int = 24
    archive_days: int = 30
    external_archive_days: int = 0
    earlier_salary: bool = False
    purge_approval: Approval = "automatic"
    hold_release: Release = "one"

    @property
    def archive_horizon_days(self) -> int:
        """How long the oldest archive may live, the employer's own copies included."""
        return max(self.archive_days, self.external_archive_days)

    @property
    def archives_gone_after_days(self) -> int:
        """From the check of an erasure to T2, as receipts and notice state it: the horizon, and the day of pruning."""
        return self.archive_horizon_days + 1

    def problems(self) -> dict[str, str]:
        """What keeps this policy from being stored: a sentence (English message id) per field at fault."""
        found = {
            field: text for field, (least, most, text) in RANGES.items() if not least <= getattr(self, field) <= most
        }
        shortest = self.consent_months * 28  # no month has fewer days
        days = self.reminder_days
        if len(set(days)) < len(days) or any(not 1 <= day < shortest for day in days):
            found["reminder_days"] = REMINDERS_UNFIT
        if self.outcome not in ("anonymise", "erase"):
            found["outcome"] = OUTCOME_UNFIT
        if self.lawful_basis not in ("6(1)(f)", "6(1)(b)"):
            found["lawful_basis"] = BASIS_UNFIT
        if self.purge_approval not in ("automatic", "approval"):
            found["purge_approval"] = APPROVAL_UNFIT
        if self.hold_release not in ("one", "two"):
            found["hold_release"] = RELEASE_UNFIT
        return found


# --- The facts ------------------------------------------------------------------------------------


class ConsentFact(Struct, frozen=True):
    """One answer to "consider me for future vacancies": given, or withdrawn or refused (L5)."""

    given: bool
    at: datetime


class HoldFact(Struct, frozen=True, kw_only=True):
    """A legal hold that stands; released ones are left out (L14). `review_on` is when a person looks at it
    again.
    """

    id: str
    placed_on: date
    review_on: date


class Facts(Struct, frozen=True, kw_only=True):
    """All that the rules know of one application; nothing of it says who the person is.

    `closed_on` and `outcome` stand together; with only one of them the process counts as running. `closed_at`
    tells a withdrawal of consent before the close from one after it on the same day; without it, the same day
    counts as before. `erasure_granted_on` is the day on which erasure was granted (L27, L28). `consents` are
    all the candidate's answers, whichever application they were given with. `open_requests` are the kinds of
    the open rights requests that delay (access, portability: L16); `held_documents` are kept apart under holds of
    their own, which stop nothing else (L14). `objection_upheld`: what restricts is an objection, and erasure was
    granted on it, so that the restriction hides until the end and stops nothing (L28). `part_granted`: some categories
    of it are being erased by themselves (L27). `section31_open` means that
    somebody waits for facts about this hired person (L8, L31).
    """

    submitted_at: datetime
    last_activity_on: date
    stage: Stage = "received"
    furthest_stage: Stage | None = None
    finalist: bool = False
    outcome: Outcome | None = None
    closed_on: date | None = None
    closed_at: datetime | None = None
    consents: tuple[ConsentFact, ...] = ()
    holds: tuple[HoldFact, ...] = ()
    held_documents: int = 0
    restriction: Literal["temporary", "permanent"] | None = None
    objection_upheld: bool = False
    part_granted: bool = False
    open_requests: tuple[str, ...] = ()
    erasure_granted_on: date | None = None
    handed_over_on: date | None = None
    section31_open: bool = False


# --- The decision ---------------------------------------------------------------------------------

Plain = str | int
Blocker = Literal["hold", "restriction", "open_request", "section31"]


class Reason(Struct, frozen=True):
    """One rule and how it bore on the decision. `key` names the sentence in `words`; params ending in `_on`
    are ISO dates.
    """

    rule: str
    key: str
    params: dict[str, Plain] = {}


class Decision(Struct, frozen=True, kw_only=True):
    """What the rules say about one application on one day.

    `keep`: the process runs, or the day is not over. `purge`: every protection has ended. `blocked`: it has
    ended, but something of `blockers` stands in the way. `due_on` is the day at whose end, in Oslo, it falls
    due (for an immediate one: the day of the withdrawal or the grant). `kept_through` is what the guard
    stores as `retain_until`; None means that nothing is due at all. `because` begins with the headline.
    """

    action: Literal["keep", "purge", "blocked"]
    act: Act
    because: tuple[Reason, ...]
    due_on: date | None = None
    kept_through: date | None = None
    immediate: bool = False
    blockers: tuple[Blocker, ...] = ()

    @property
    def headline(self) -> Reason:
        return self.because[0]


class Span(Struct, frozen=True, kw_only=True):
    """What the rules of time say by themselves, before anything that blocks is looked at."""

    because: tuple[Reason, ...]
    kept_through: date | None = None
    due_on: date | None = None
    immediate: bool = False


def decide(facts: Facts, policy: Policy, today: date) -> Decision:
    """Whether the application is kept, due, or due but blocked on `today`, with the whole reasoning (L1–L8,
    L12, L14–L16).

    Erasing is allowed only for `purge`; whatever blocks wins over everything, a granted erasure included.
    """
    span = lifetime(facts, policy)
    stops = stops_of(facts, today)
    over = span.kept_through is not None and today > span.kept_through
    blocked = over and bool(stops)
    because = (*stops, *span.because) if blocked else (*span.because, *stops)
    if facts.part_granted:
        because += (reason("L27", "part_granted"),)
    if facts.held_documents:
        because += (reason("L14", "documents_held", documents=facts.held_documents),)
    if is_stale(facts, policy, today):
        months = policy.stale_months
        because += (reason("L2", "stale", last_activity_on=facts.last_activity_on, months=months),)
    if span.kept_through is not None:
        because += (reason("L12", policy.outcome),)
    return Decision(
        action="blocked" if blocked else "purge" if over else "keep",
        act=policy.outcome,
        because=because,
        due_on=span.due_on,
        kept_through=span.kept_through,
        immediate=span.immediate,
        blockers=blockers_of(facts),
    )


def reason(rule: str, key: str, **params: Plain | date) -> Reason:
    """A reason whose values are plain, so that it can be stored, signed and read back."""
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in params.items()}
    return Reason(rule, key, plain)


# --- How long: L1 to L8, L27 ----------------------------------------------------------------------


class ConsentState(Struct, frozen=True):
    """How the candidate's answers bear on one application: `given_at` is the last consent that covers it."""

    given_at: datetime | None = None
    withdrawn_at: datetime | None = None


def read_consent(facts: Facts) -> ConsentState:
    """L5: the latest answer decides, and a consent covers only what existed when it was given.

    A refusal without a consent before it withdraws nothing; of several withdrawals the first counts, so that
    pressing the link twice changes nothing.
    """
    answers = sorted(facts.consents, key=lambda answer: answer.at)
    given = [place for place, answer in enumerate(answers) if answer.given]
    if not given or answers[given[-1]].at < facts.submitted_at:
        return ConsentState()
    after = answers[given[-1] + 1 :]
    return ConsentState(answers[given[-1]].at, after[0].at if after else None)


def lifetime(facts: Facts, policy: Policy) -> Span:
    """The time rules alone; a granted erasure cuts short whatever they say (L27), the running process
    included.
    """
    closed_on = process_ended_on(facts)
    span = _running(facts, policy) if closed_on is None else _ended(facts, policy, closed_on)
    granted_on = facts.erasure_granted_on
    if granted_on is None:
        return span
    upheld = facts.restriction is not None and facts.objection_upheld
    rule, key = ("L28", "objection_upheld") if upheld else ("L27", "erasure_granted")
    return _cut_short(span, granted_on, reason(rule, key, granted_on=granted_on))


def process_ended_on(facts: Facts) -> date | None:
    """When the process ended for this application (L2); None while it runs, or while outcome or day is
    unknown.
    """
    return facts.closed_on if facts.outcome is not None else None


def _running(facts: Facts, policy: Policy) -> Span:
    """L1, and what the answers given so far will mean once the process ends."""
    because: tuple[Reason, ...] = (reason("L1", "running", basis=policy.lawful_basis),)
    consent = read_consent(facts)
    if consent.withdrawn_at is not None:
        because += (reason("L6", "pool_ended", withdrawn_on=local_day(consent.withdrawn_at)),)
    elif consent.given_at is not None:
        given_on = local_day(consent.given_at)
        because += (reason("L3", "consent_waits", consented_on=given_on, months=policy.consent_months),)
    return Span(because=because)


def _ended(facts: Facts, policy: Policy, closed_on: date) -> Span:
    """After the close: L8 for the hired, L3 with consent, L4 without, L6 once it is withdrawn."""
    consent = read_consent(facts)
    if facts.outcome == "hired" or consent.given_at is None:
        return _answer_window(facts, policy, closed_on)
    longest = _longer_of(
        _consented(facts, policy, closed_on, consent.given_at), _answer_window(facts, policy, closed_on)
    )
    if consent.withdrawn_at is None:
        return longest
    withdrawn_on = local_day(consent.withdrawn_at)
    if _before_close(consent.withdrawn_at, facts, closed_on):
        window = _answer_window(facts, policy, closed_on)
        return _with(window, reason("L6", "pool_ended", withdrawn_on=withdrawn_on))
    return _cut_short(longest, withdrawn_on, reason("L6", "withdrawn", withdrawn_on=withdrawn_on))


def _answer_window(facts: Facts, policy: Policy, closed_on: date) -> Span:
    """L4, which the hired follow too, whatever they consented to (L8)."""
    until = closed_on + policy.answer_window_days * DAY
    rule, key = ("L8", "hired") if facts.outcome == "hired" else ("L4", "no_consent")
    headline = reason(rule, key, due_on=until, closed_on=closed_on, days=policy.answer_window_days)
    because = (headline, _how_it_ended(facts, closed_on), *_handed_over(facts), *_earlier_consent(facts))
    return Span(because=because, kept_through=until, due_on=until)


def _consented(facts: Facts, policy: Policy, closed_on: date, given_at: datetime) -> Span:
    """L3: calendar months from the later of the close and the last time that consent was given."""
    given_on = local_day(given_at)
    start = max(closed_on, given_on)
    until = add_months(start, policy.consent_months)
    months = policy.consent_months
    headline = reason("L3", "consented", due_on=until, consented_on=given_on, counted_on=start, months=months)
    because = (headline, reason("L5", "covered", consented_on=given_on), _how_it_ended(facts, closed_on))
    return Span(because=because, kept_through=until, due_on=until)


def _how_it_ended(facts: Facts, closed_on: date) -> Reason:
    return reason("L2", f"ended_{facts.outcome}", closed_on=closed_on)


def _handed_over(facts: Facts) -> tuple[Reason, ...]:
    if facts.handed_over_on is None:
        return ()
    return (reason("L8", "handed_over", handed_over_on=facts.handed_over_on),)


def _earlier_consent(facts: Facts) -> tuple[Reason, ...]:
    """L5: a consent older than the application stands but does not cover it; said so that nobody wonders."""
    latest = max(facts.consents, key=lambda answer: answer.at, default=None)
    if latest is None or not latest.given or latest.at >= facts.submitted_at:
        return ()
    return (reason("L5", "not_covered", consented_on=local_day(latest.at)),)


def _before_close(instant: datetime, facts: Facts, closed_on: date) -> bool:
    """Whether something happened while the process still ran; in doubt it did, which keeps data longer."""
    if facts.closed_at is not None:
        return instant <= facts.closed_at
    return local_day(instant) <= closed_on


def _longer_of(one: Span, other: Span) -> Span:
    """A consent never shortens the answer window, however the policy sets the two."""
    return max((one, other), key=lambda span: span.kept_through or date.max)


def _cut_short(span: Span, day: date, why: Reason) -> Span:
    """Due at once on `day`, unless the span was over before it. What the span promised is no longer said."""
    last = day - DAY
    if span.kept_through is not None and span.kept_through <= last:
        return _with(span, why)
    ended = tuple(said for said in span.because if said.rule == "L2")
    return Span(because=(why, *ended), kept_through=last, due_on=day, immediate=True)


def _with(span: Span, *more: Reason) -> Span:
    return replace(span, because=span.because + more)


# --- What stops a purge: L14 to L16, L8 -----------------------------------------------------------


def stops_of(facts: Facts, today: date) -> tuple[Reason, ...]:
    """A reason for each thing that stands in the way of a purge, whether or not it is due yet."""
    stops = [
        reason(
            "L14",
            "hold_past_review" if hold in holds_past_review(facts, today) else "hold",
            placed_on=hold.placed_on,
            review_on=hold.review_on,
        )
        for hold in facts.holds
    ]
    if restricts(facts):
        stops.append(reason("L15", f"restriction_{facts.restriction}"))
    stops += [reason("L16", _request_key(kind)) for kind in facts.open_requests]
    if facts.section31_open:
        stops.append(reason("L8", "section31"))
    return tuple(stops)


def restricts(facts: Facts) -> bool:
    """Whether a restriction stands in the way of erasing: every one but that of an objection that was upheld (L28)."""
    return facts.restriction is not None and not facts.objection_upheld


def _request_key(kind: str) -> str:
    return f"open_{kind}" if kind in ("access", "portability") else "open_request"


def blockers_of(facts: Facts) -> tuple[Blocker, ...]:
    """The kinds of things that stand in the way; the guard counts the same ones (L18)."""
    standing: dict[Blocker, bool] = {
        "hold": bool(facts.holds),
        "restriction": restricts(facts),
        "open_request": bool(facts.open_requests),
        "section31": facts.section31_open,
    }
    return tuple(blocker for blocker, stands in standing.items() if stands)


def holds_past_review(facts: Facts, today: date) -> tuple[HoldFact, ...]:
    """The holds that nobody has looked at by their review date: they alarm, and go on holding (L14)."""
    return tuple(hold for hold in facts.holds if today > hold.review_on)


def open_only_to(facts: Facts) -> frozenset[Role] | None:
    """Who alone may open the application now; None where the ordinary roles apply.

    Restricted: the DPO (L15). Ended and without a consent that covers it: recruiter and DPO (L4), until it is
    gone.
    """
    if facts.restriction is not None:
        return frozenset({"dpo"})
    if process_ended_on(facts) is None:
        return None
    consent = read_consent(facts)
    in_pool = consent.given_at is not None and consent.withdrawn_at is None and facts.outcome != "hired"
    return None if in_pool else frozenset({"recruiter", "dpo"})


# --- The talent pool: L3, L5, L6 --------------------------------------------------------------------


def in_pool(facts: Facts, policy: Policy, today: date) -> bool:
    """Whether a consent keeps the application now, so that its candidate may be asked to apply for something else.

    Its process has ended, not with a hire, and the consent's months are not over. Whoever is restricted or was granted
    erasure is left alone.
    """
    closed_on, consent = process_ended_on(facts), read_consent(facts)
    if closed_on is None or facts.outcome == "hired":
        return False
    if facts.restriction is not None or facts.erasure_granted_on is not None:
        return False
    if consent.given_at is None or consent.withdrawn_at is not None:
        return False
    return max(closed_on, local_day(consent.given_at)) >= pool_since(policy, today)


def pool_since(policy: Policy, today: date) -> date:
    """The first day from which the months of a consent are not over yet today (L3): the same as a bound for queries."""
    first = add_months(today, -policy.consent_months)
    while add_months(first, policy.consent_months) < today:
        first += DAY
    while add_months(first - DAY, policy.consent_months) >= today:
        first -= DAY
    return first


# --- Stale, reminders, notice, undo ---------------------------------------------------------------


def is_stale(facts: Facts, policy: Policy, today: date) -> bool:
    """L2: the process still runs, yet nothing has happened for so many months."""
    if process_ended_on(facts) is not None:
        return False
    return today >= add_months(facts.last_activity_on, policy.stale_months)


def stale_report_due(facts: Facts, policy: Policy, today: date, reported_on: date | None) -> bool:
    """Whether recruiter and DPO are told today: once when it goes stale, then again every month (L2)."""
    if not is_stale(facts, policy, today):
        return False
    return reported_on is None or today >= add_months(reported_on, 1)


def reminder_due(facts: Facts, policy: Policy, today: date, sent: Iterable[int] = ()) -> int | None:
    """L7: which reminder (in days before the consent runs out) goes today, or None.

    `sent` are those already sent for the present due day; a renewal starts afresh. After a pause of the
    worker only the most urgent one goes. Nothing is sent once the day is over: silence means purge.
    """
    decision = decide(facts, policy, today)
    span = lifetime(facts, policy)
    if decision.due_on is None or span.because[0].key != "consented" or today > decision.due_on:
        return None
    reached = [days for days in policy.reminder_days if today >= decision.due_on - days * DAY]
    most_urgent = min(reached, default=None)
    return None if most_urgent in set(sent) else most_urgent


def notice_due_on(decision: Decision, policy: Policy) -> date | None:
    """The day on which the notice of erasure is to be sent; None while nothing is due or something blocks.

    Some days before a scheduled erasure, at once for an immediate one (PURGE step 0).
    """
    if decision.due_on is None or decision.blockers:
        return None
    return decision.due_on if decision.immediate else decision.due_on - policy.notice_days * DAY


def told_day(decision: Decision, policy: Policy, today: date) -> date | None:
    """The day after whose end a notice of today says that the erasure comes: late where the notice is late."""
    if decision.due_on is None or decision.immediate:
        return decision.due_on
    return max(decision.due_on, today + (policy.notice_days - 1) * DAY)


class NoticeFact(Struct, frozen=True, kw_only=True):
    """What became of the notice: `answered_at` is when the mail server took or refused it for good; `told_on` is the
    day after whose end it said that a scheduled erasure comes.
    """

    sent_at: datetime
    told_on: date | None = None
    answered_at: datetime | None = None
    has_address: bool = True


def notice_served(decision: Decision, notice: NoticeFact | None, policy: Policy, now: datetime) -> bool:
    """Whether the person has been told early enough for the erasing to begin.

    A scheduled erasure waits the whole notice, counted from the day it went, and is never earlier than the
    notice said, whatever the policy became since; an immediate one waits for the mail server's answer, but not for
    ever. Without an address the notice is recorded, not awaited.
    """
    if notice is None:
        return False
    if not notice.has_address:
        return True
    if decision.immediate:
        longest = timedelta(hours=policy.notice_wait_hours)
        return notice.answered_at is not None or now >= notice.sent_at + longest
    if notice.told_on is not None and local_day(now) <= notice.told_on:
        return False
    return local_day(now) >= local_day(notice.sent_at) + policy.notice_days * DAY


def may_undo_close(facts: Facts, policy: Policy, today: date) -> bool:
    """L4: staff may undo a wrong close until the answer window is over, never against a granted erasure."""
    closed_on = process_ended_on(facts)
    if closed_on is None or facts.erasure_granted_on is not None:
        return False
    return today <= closed_on + policy.answer_window_days * DAY


# --- Other lifetimes: L34 -------------------------------------------------------------------------


def enquiry_kept_through(last_act_on: date, policy: Policy) -> date:
    """The last day of an enquiry, counted from its last act (L34)."""
    return add_months(last_act_on, policy.enquiry_months)


def draft_kept_through(last_act_on: date, policy: Policy) -> date:
    """The last day of a draft, counted from its last act (L34)."""
    return last_act_on + policy.draft_days * DAY


def access_row_kept_through(written_on: date, policy: Policy) -> date:
    """The last day of a row of the access log (L34)."""
    return add_months(written_on, policy.access_log_months)


# --- Steps and outcomes: L9, L13 ------------------------------------------------------------------

State = Stage | Outcome

STAGES: tuple[Stage, ...] = ("received", "screening", "interview", "finalist", "offer")

MOVES: dict[State, tuple[State, ...]] = {
    "received": ("screening", "interview", "rejected", "withdrawn", "position_filled"),
    "screening": ("received", "interview", "finalist", "rejected", "withdrawn", "position_filled"),
    "interview": ("screening", "finalist", "offer", "rejected", "withdrawn", "position_filled"),
    "finalist": ("interview", "offer", "rejected", "withdrawn", "position_filled"),
    "offer": ("finalist", "hired", "rejected", "withdrawn", "position_filled"),
    "rejected": (),
    "withdrawn": (),
    "position_filled": (),
    "hired": (),
}
"""Every move there is; undoing a close is no move but a correction (`may_undo_close`)."""

OUTCOMES: frozenset[State] = frozenset(state for state, onward in MOVES.items() if not onward)


def require_move(before: State, after: State) -> None:
    """Raises MoveNotAllowed for a move that the table does not have."""
    if after not in MOVES[before]:
        raise MoveNotAllowed


def require_decider(outcome: Outcome, decided_by: UUID | None) -> None:
    """L13: raises OutcomeWithoutDecider unless a person stands behind it: an account, or a candidate who withdraws."""
    if decided_by is None and outcome != "withdrawn":
        raise OutcomeWithoutDecider


def may_screen(stage: Stage, finalist: bool = False) -> bool:
    """L9: screening is for those who are successful so far: at stage finalist or offer, or marked as
    finalist.
    """
    return finalist or STAGES.index(stage) >= STAGES.index("finalist")


def require_screening(kind: str, stage: Stage, finalist: bool, policy: Policy) -> None:
    """L9: raises ScreeningTooEarly before the finalist stage; EarlierSalaryNotCollected for `earlier_salary`
    if it is off.
    """
    if not may_screen(stage, finalist):
        raise ScreeningTooEarly
    if kind == "earlier_salary" and not policy.earlier_salary:
        raise EarlierSalaryNotCollected


# --- Anonymous counters: L12 ----------------------------------------------------------------------

HIDDEN_UNDER = 5


def displayed(cell: int) -> int | None:
    """A cell as it may be shown: None, hidden, where it is under 5."""
    return cell if cell >= HIDDEN_UNDER else None


def displayed_row(cells: Mapping[str, int]) -> tuple[dict[str, int | None], int | None]:
    """A row and its total; the total is hidden too where it would give a small cell away by subtraction."""
    shown = {name: displayed(cell) for name, cell in cells.items()}
    hidden = [cells[name] for name, cell in shown.items() if cell is None]
    safe = not hidden or sum(hidden) >= HIDDEN_UNDER  # then more than one is hidden
    return shown, sum(cells.values()) if safe else None


# --- When to wait for a person: L17 ---------------------------------------------------------------

LONGEST_JUMP = timedelta(hours=48)


def clock_verdict(high_water: datetime | None, now: datetime) -> Literal["ok", "backwards", "jumped"]:
    """L17: whether the clock can be believed. `high_water` is the latest instant that any run has seen.

    Anything but `ok` purges nothing until a person has confirmed the time.
    """
    if high_water is None:
        return "ok"
    if now < high_water:
        return "backwards"
    return "jumped" if now - high_water > LONGEST_JUMP else "ok"


def volume_verdict(due_today: int, forecast: int, closed_since: int = 0) -> Literal["ok", "waits"]:
    """L17: whether today's number is explained by yesterday's forecast, give or take max(20, 5 %).

    `forecast` is how many `decide` called due for today when asked yesterday; `closed_since` are those of
    today whose vacancy has been closed in the ordinary way since then, which never wait.
    """
    unexplained = due_today - closed_since - forecast
    return "waits" if unexplained * 100 > max(20 * 100, 5 * forecast) else "ok"


# --- The guard: L18 -------------------------------------------------------------------------------


class GuardShape(Protocol):
    """What is asked of a guard: the keyring's own row will do as well as a `Guard`."""

    @property
    def present(self) -> bool: ...
    @property
    def retain_until(self) -> date | None: ...
    @property
    def holds(self) -> int: ...
    @property
    def restrictions(self) -> int: ...
    @property
    def open_requests(self) -> int: ...
    @property
    def links(self) -> int: ...
    @property
    def version(self) -> int: ...


class Guard(Struct, frozen=True, kw_only=True):
    """What the keyring knows of one unit, in the same row as its key (PURGE, the guard).

    `retain_until` is the decision's `kept_through`; None: never due. The others are counts of what stands
    now; `links` are the applications that need a profile; `version` grows with every change.
    """

    present: bool = True
    retain_until: date | None = None
    holds: int = 0
    restrictions: int = 0
    open_requests: int = 0
    links: int = 0
    version: int = 0


def guard_of(facts: Facts, policy: Policy, version: int = 0) -> Guard:
    """The guard that these facts call for; an open section 31 request counts among the open requests."""
    return Guard(
        retain_until=lifetime(facts, policy).kept_through,
        holds=len(facts.holds),
        restrictions=int(restricts(facts)),
        open_requests=len(facts.open_requests) + int(facts.section31_open),
        version=version,
    )


Refusal = Literal["gone", "changed", "hold", "restriction", "open_request", "linked", "never_due", "not_due"]


def guard_refusal(guard: GuardShape, today: date, version: int | None = None) -> Refusal | None:
    """L18: why the unit may not be erased today, or None. Asked in the very transaction that destroys the
    key.

    With `version`, the decision must have been made on this very version of the guard.
    """
    checks: tuple[tuple[bool, Refusal], ...] = (
        (not guard.present, "gone"),
        (version is not None and version != guard.version, "changed"),
        (guard.holds > 0, "hold"),
        (guard.restrictions > 0, "restriction"),
        (guard.open_requests > 0, "open_request"),
        (guard.links > 0, "linked"),
        (guard.retain_until is None, "never_due"),
        (guard.retain_until is not None and today <= guard.retain_until, "not_due"),
    )
    return next((refusal for stands, refusal in checks if stands), None)


# --- figures ----------------------------------------------------------------------------------------------------------


def days_in_stages(submitted_at: datetime, moves: Iterable[tuple[datetime, str]]) -> dict[str, int]:
    """Days that an application stood in each stage it has left; `moves` are when, and what it was until then (L12)."""
    spent: dict[str, int] = {}
    since = submitted_at
    for at, was in sorted(moves):
        if was in STAGES:
            spent[was] = spent.get(was, 0) + (local_day(at) - local_day(since)).days
        since = at
    return spent
