"""Random histories of one application against a model that knows nothing of the rules' code.

The model keeps one number: through which day the application is protected, moved by each event as LAW says in words.
Never early, never twice, never while blocked; and what lengthens never shortens.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from recruit.retention.rules import ConsentFact, Facts, HoldFact, Policy, decide, guard_of, guard_refusal

FOR_EVER = date.max


def months_later(day: date, months: int) -> date:
    """Month arithmetic told differently: walk to the month, then back to a day that exists."""
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    for back in range(4):
        try:
            return date(year, month, day.day - back)
        except ValueError:
            continue
    raise AssertionError


class Model:
    """Protected through which day, and by what."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.through = FOR_EVER
        self.closed: date | None = None
        self.hired = False
        self.consented: date | None = None
        self.granted = FOR_EVER
        self.stops: set[str] = set()

    def pool(self) -> date:
        """L3 and L4 together, for one who consents and whose process has ended."""
        start = max(self.closed, self.consented)
        return max(months_later(start, self.policy.consent_months), self.window())

    def window(self) -> date:
        return self.closed + timedelta(days=self.policy.answer_window_days)

    def close(self, day: date, hired: bool) -> None:
        self.closed, self.hired = day, hired
        self.limit(self.window() if hired or self.consented is None else self.pool())

    def consent(self, day: date) -> None:
        self.consented = day
        if self.closed is not None and not self.hired:
            self.through = min(self.pool(), self.granted)

    def withdraw(self, day: date) -> None:
        if self.consented is not None and self.closed is not None and not self.hired:
            self.limit(day - timedelta(days=1))
        self.consented = None

    def undo(self) -> None:
        self.closed, self.through = None, FOR_EVER

    def grant(self, day: date) -> None:
        self.granted = day - timedelta(days=1)
        self.limit(self.granted)

    def limit(self, day: date) -> None:
        self.through = min(self.through, day)


class Histories(RuleBasedStateMachine):
    """One application through its life; `erased` counts how often it was let go."""

    @initialize(
        months=st.integers(1, 24),
        window=st.integers(0, 180),
        start=st.datetimes(datetime(2027, 1, 1), datetime(2029, 1, 1)),  # noqa: DTZ001
        earlier=st.booleans(),
    )
    def apply(self, months: int, window: int, start: datetime, earlier: bool) -> None:
        self.policy = Policy(consent_months=months, answer_window_days=window)
        self.now = start.replace(tzinfo=UTC, microsecond=0)
        self.model = Model(self.policy)
        self.erased = 0
        before = (ConsentFact(True, self.now - timedelta(days=3)),) if earlier else ()
        self.facts = Facts(submitted_at=self.now, last_activity_on=self.today, consents=before)

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo("Europe/Oslo")).date()

    def change(self, shortens: bool = False, **changes: object) -> None:
        before = guard_of(self.facts, self.policy).retain_until or FOR_EVER
        self.facts = replace(self.facts, **changes)
        after = guard_of(self.facts, self.policy).retain_until or FOR_EVER
        assert shortens or after >= before, "what lengthens has shortened"
        self.now += timedelta(seconds=1)

    def living(self) -> bool:
        return not self.erased

    def open(self) -> bool:
        return self.living() and self.facts.outcome is None

    def answer(self, given: bool, shortens: bool) -> None:
        self.change(shortens, consents=(*self.facts.consents, ConsentFact(given, self.now)))

    @rule(hours=st.integers(1, 72))
    def hours_pass(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(days=st.integers(1, 400))
    def days_pass(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule()
    def the_last_protected_day_comes(self) -> None:
        if self.today < self.model.through < FOR_EVER:
            self.now += timedelta(days=(self.model.through - self.today).days)

    @precondition(living)
    @rule()
    def consent(self) -> None:
        self.model.consent(self.today)
        self.answer(True, shortens=False)

    @precondition(living)
    @rule()
    def withdraw_or_refuse(self) -> None:
        had = self.model.consented is not None
        self.model.withdraw(self.today)
        self.answer(False, shortens=had)

    @precondition(open)
    @rule(outcome=st.sampled_from(["rejected", "withdrawn", "position_filled", "hired"]))
    def close(self, outcome: str) -> None:
        self.model.close(self.today, outcome == "hired")
        self.change(shortens=True, outcome=outcome, closed_on=self.today, closed_at=self.now)

    @precondition(lambda self: self.living() and self.facts.outcome and self.model.granted == FOR_EVER)
    @rule()
    def undo(self) -> None:
        self.model.undo()
        self.change(outcome=None, closed_on=None, closed_at=None)

    @precondition(lambda self: self.living() and self.model.granted == FOR_EVER)
    @rule()
    def grant_erasure(self) -> None:
        self.model.grant(self.today)
        self.change(shortens=True, erasure_granted_on=self.today)

    @precondition(living)
    @rule()
    def hold_or_release(self) -> None:
        hold = HoldFact(id="h", placed_on=self.today, review_on=self.today)
        self.toggle("hold", holds=((hold,), ()))

    @precondition(living)
    @rule(kind=st.sampled_from(["temporary", "permanent"]))
    def restrict_or_lift(self, kind: str) -> None:
        self.toggle("restriction", restriction=(kind, None))

    @precondition(living)
    @rule(kind=st.sampled_from(["access", "portability"]))
    def request_or_answer(self, kind: str) -> None:
        self.toggle("request", open_requests=((kind,), ()))

    @precondition(living)
    @rule()
    def section_31_or_answer(self) -> None:
        self.toggle("section31", section31_open=(True, False))

    def toggle(self, stop: str, **change: tuple[object, object]) -> None:
        lifted = stop in self.model.stops
        self.model.stops ^= {stop}
        self.change(**{name: values[lifted] for name, values in change.items()})

    @rule()
    def run_the_purge(self) -> None:
        guard = replace(guard_of(self.facts, self.policy), present=not self.erased)
        refusal = guard_refusal(guard, self.today)
        if self.erased:
            assert refusal == "gone", "erased twice"
            return
        decision = decide(self.facts, self.policy, self.today)
        assert (decision.action == "purge") == (refusal is None), "the decision and the guard disagree"
        if decision.action == "purge":
            assert self.today > self.model.through, "early"
            assert not self.model.stops, "erased though blocked"
            self.erased += 1

    @invariant()
    def the_decision_is_the_models(self) -> None:
        if self.erased:
            return
        decision = decide(self.facts, self.policy, self.today)
        assert (decision.kept_through or FOR_EVER) == self.model.through
        over = self.today > self.model.through
        assert decision.action == ("blocked" if over and self.model.stops else "purge" if over else "keep")
        assert decision.because, "a decision without a reason"


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=400,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
