"""What stops a purge (L14 to L16), what waits for a person (L17), and the guard that is asked last (L18)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from recruit.retention.rules import (
    Guard,
    Policy,
    clock_verdict,
    decide,
    guard_of,
    guard_refusal,
    holds_past_review,
    open_only_to,
    volume_verdict,
)
from tests.retention.cases import HOLD, ended, given, running, withdrawn

POLICY = Policy()
BEFORE, AFTER = date(2026, 3, 28), date(2026, 3, 29)
STOPS = [
    ({"holds": (HOLD,)}, "hold", "L14"),
    ({"restriction": "temporary"}, "restriction", "L15"),
    ({"restriction": "permanent"}, "restriction", "L15"),
    ({"open_requests": ("access",)}, "open_request", "L16"),
    ({"open_requests": ("portability",)}, "open_request", "L16"),
    ({"section31_open": True}, "section31", "L8"),
]


@pytest.mark.parametrize(("stop", "blocker", "rule"), STOPS)
def test_L14_L15_L16_what_stands_in_the_way_blocks_and_is_the_headline(stop, blocker, rule):
    decision = decide(ended(**stop), POLICY, AFTER)
    assert (decision.action, decision.blockers, decision.headline.rule) == ("blocked", (blocker,), rule)
    assert decide(ended(), POLICY, AFTER).action == "purge"


@pytest.mark.parametrize(("stop", "blocker", "rule"), STOPS)
def test_L14_L15_L16_before_the_day_it_is_kept_and_the_stop_is_told_too(stop, blocker, rule):
    decision = decide(ended(**stop), POLICY, BEFORE)
    assert (decision.action, decision.headline.rule) == ("keep", "L4")
    assert rule in [reason.rule for reason in decision.because]


@pytest.mark.parametrize(("stop", "blocker", "rule"), STOPS)
def test_L14_L15_L16_stops_win_over_a_granted_erasure_and_a_withdrawal(stop, blocker, rule):
    consents = (given(date(2026, 2, 1)), withdrawn(date(2026, 3, 16)))
    for facts in (running(erasure_granted_on=date(2026, 3, 1), **stop), ended(consents=consents, **stop)):
        assert decide(facts, POLICY, AFTER).action == "blocked"


@pytest.mark.parametrize(("stop", "blocker", "rule"), STOPS)
def test_L14_L15_L16_a_stop_moves_no_date(stop, blocker, rule):
    assert decide(ended(**stop), POLICY, AFTER).kept_through == decide(ended(), POLICY, AFTER).kept_through


def test_L14_releasing_a_hold_makes_it_due_the_same_day():
    held = ended(holds=(HOLD,))
    assert decide(replace(held, holds=()), POLICY, AFTER).action == "purge"


def test_L14_of_two_holds_one_is_enough():
    both = ended(holds=(HOLD, replace(HOLD, id="h2")))
    assert decide(replace(both, holds=both.holds[1:]), POLICY, AFTER).action == "blocked"


def test_L14_a_hold_past_its_review_alarms_and_goes_on_holding():
    held = ended(holds=(HOLD,))
    assert holds_past_review(held, date(2026, 9, 1)) == ()
    assert holds_past_review(held, date(2026, 9, 2)) == (HOLD,)
    decision = decide(held, POLICY, date(2036, 1, 1))
    assert (decision.action, decision.headline.key) == ("blocked", "hold_past_review")


def test_L15_the_restricted_are_for_the_dpo_alone():
    for facts in (running, ended):
        assert open_only_to(facts(restriction="temporary")) == {"dpo"}


# --- L17


NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)


def test_L17_the_clock_never_runs_backwards_past_the_high_water_mark():
    assert clock_verdict(NOW + timedelta(seconds=1), NOW) == "backwards"
    assert clock_verdict(NOW, NOW) == "ok"
    assert clock_verdict(None, NOW) == "ok"


def test_L17_a_jump_of_over_48_hours_waits_for_a_person():
    assert clock_verdict(NOW - timedelta(hours=48), NOW) == "ok"
    assert clock_verdict(NOW - timedelta(hours=48, seconds=1), NOW) == "jumped"


@pytest.mark.parametrize(
    ("due", "forecast", "verdict"),
    [
        (20, 0, "ok"),
        (21, 0, "waits"),
        (120, 100, "ok"),
        (121, 100, "waits"),
        (0, 500, "ok"),
        (1050, 1000, "ok"),
        (1051, 1000, "waits"),
        (420, 400, "ok"),
        (421, 400, "waits"),
    ],
)
def test_L17_more_than_the_forecast_explains_waits(due, forecast, verdict):
    assert volume_verdict(due, forecast) == verdict


def test_L17_a_vacancy_closed_in_the_ordinary_way_never_waits():
    assert volume_verdict(300, 0, closed_since=300) == "ok"
    assert volume_verdict(321, 0, closed_since=300) == "waits"


# --- L18

FREE = Guard(retain_until=BEFORE, version=7)


def test_L18_the_guard_lets_go_only_when_the_day_is_over():
    assert guard_refusal(FREE, AFTER) is None
    assert guard_refusal(FREE, BEFORE) == "not_due"


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"present": False}, "gone"),
        ({"holds": 1}, "hold"),
        ({"restrictions": 1}, "restriction"),
        ({"open_requests": 1}, "open_request"),
        ({"links": 1}, "linked"),
        ({"retain_until": None}, "never_due"),
    ],
)
def test_L18_the_guard_names_what_it_protects(change, refusal):
    assert guard_refusal(replace(FREE, **change), AFTER, version=7) == refusal


def test_L18_a_guard_that_has_changed_since_the_decision_refuses():
    assert guard_refusal(FREE, AFTER, version=6) == "changed"
    assert guard_refusal(FREE, AFTER, version=7) is None


def test_L18_the_guard_counts_what_the_decision_sees():
    facts = ended(holds=(HOLD,), restriction="temporary", open_requests=("access",), section31_open=True)
    expected = Guard(retain_until=BEFORE, holds=1, restrictions=1, open_requests=2, version=3)
    assert guard_of(facts, POLICY, version=3) == expected
    assert guard_of(running(), POLICY) == Guard()
