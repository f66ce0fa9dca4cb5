"""The settings (LAW), steps and outcomes (L9, L13), counters (L12) and the small lifetimes (L34)."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from recruit.errors import EarlierSalaryNotCollected, MoveNotAllowed, OutcomeWithoutDecider, ScreeningTooEarly
from recruit.i18n import translator
from recruit.retention.rules import (
    BASIS_UNFIT,
    MOVES,
    OUTCOME_UNFIT,
    OUTCOMES,
    RANGES,
    REMINDERS_UNFIT,
    STAGES,
    Policy,
    access_row_kept_through,
    displayed,
    displayed_row,
    draft_kept_through,
    enquiry_kept_through,
    may_screen,
    require_decider,
    require_move,
    require_screening,
)
from recruit.retention.sweeping import counter_of

POLICY = Policy()


def test_the_default_policy_has_no_problems():
    assert POLICY.problems() == {}


@pytest.mark.parametrize("field", RANGES)
def test_each_setting_is_refused_just_outside_its_range(field):
    least, most, text = RANGES[field]
    assert str(least) in text
    assert str(most) in text
    assert field not in Policy(**{field: least}).problems()
    assert field not in Policy(**{field: most}).problems()
    assert Policy(**{field: least - 1}).problems()[field] == text
    assert Policy(**{field: most + 1}).problems()[field] == text


@pytest.mark.parametrize("days", [(30, 30), (0,), (-7,), (336,)])
def test_L7_reminders_that_cannot_be_kept_are_refused(days):
    assert Policy(reminder_days=days).problems() == {"reminder_days": REMINDERS_UNFIT}


def test_L7_reminders_may_be_none_or_up_to_the_shortest_consent():
    assert Policy(reminder_days=()).problems() == {}
    assert Policy(reminder_days=(335,)).problems() == {}
    assert "reminder_days" in Policy(consent_months=1).problems()


def test_only_the_lawful_choices_are_taken():
    assert Policy(outcome="keep").problems() == {"outcome": OUTCOME_UNFIT}
    assert Policy(lawful_basis="6(1)(a)").problems() == {"lawful_basis": BASIS_UNFIT}


def test_every_sentence_of_the_policy_is_translated():
    nb = translator("nb")
    for text in [text for *_, text in RANGES.values()] + [REMINDERS_UNFIT, OUTCOME_UNFIT, BASIS_UNFIT]:
        assert nb(text) != text


def test_the_longest_lived_archive_counts():
    assert POLICY.archive_horizon_days == 30
    assert Policy(external_archive_days=90).archive_horizon_days == 90


# --- L9, L13


def test_L9_screening_waits_for_the_finalist_stage():
    assert [stage for stage in STAGES if may_screen(stage)] == ["finalist", "offer"]
    assert all(may_screen(stage, finalist=True) for stage in STAGES)
    with pytest.raises(ScreeningTooEarly):
        require_screening("references", "interview", False, POLICY)
    require_screening("references", "interview", True, POLICY)


def test_L9_earlier_salary_is_off_until_the_policy_says_otherwise():
    with pytest.raises(EarlierSalaryNotCollected):
        require_screening("earlier_salary", "offer", False, POLICY)
    require_screening("earlier_salary", "offer", False, Policy(earlier_salary=True))
    with pytest.raises(ScreeningTooEarly):
        require_screening("earlier_salary", "received", False, Policy(earlier_salary=True))


def test_L2_the_outcomes_are_the_states_without_a_move():
    assert {"rejected", "withdrawn", "position_filled", "hired"} == OUTCOMES
    assert set(STAGES) | OUTCOMES == set(MOVES)


def test_every_stage_can_be_reached_and_can_end():
    reached = {"received"}
    for _ in STAGES:
        reached |= {after for before in reached for after in MOVES[before]}
    assert reached == set(MOVES)
    for stage in STAGES:
        assert {"rejected", "withdrawn", "position_filled"} <= set(MOVES[stage])


def test_moves_outside_the_table_are_refused():
    require_move("received", "screening")
    require_move("offer", "hired")
    for before, after in [("received", "hired"), ("received", "offer"), ("rejected", "received"), ("hired", "offer")]:
        with pytest.raises(MoveNotAllowed):
            require_move(before, after)


def test_L13_an_outcome_names_the_person_who_decided():
    with pytest.raises(OutcomeWithoutDecider):
        require_decider("rejected", None)
    require_decider("rejected", uuid4())
    require_decider("withdrawn", None)  # the candidate stands behind it, and has no account


# --- L12, L34


def test_L12_an_application_counts_in_the_month_in_which_it_was_sent_in_oslo():
    row = {"vacancy": "v1", "source": "web", "furthest_stage": "offer", "outcome": None}
    row["submitted_at"] = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    assert counter_of(row) == ("v1", "2026-02", "web", "offer", "unfinished")
    assert counter_of({**row, "outcome": "rejected"})[-1] == "rejected"


def test_L12_a_cell_under_five_is_hidden():
    assert [displayed(cell) for cell in (0, 1, 4, 5, 6)] == [None, None, None, 5, 6]


@pytest.mark.parametrize(
    ("cells", "total"),
    [
        ({"a": 9, "b": 6}, 15),
        ({"a": 9, "b": 3}, None),
        ({"a": 9, "b": 1, "c": 2}, None),
        ({"a": 9, "b": 4, "c": 4}, 17),
        ({"a": 9, "b": 0}, None),
    ],
)
def test_L12_a_total_never_gives_a_hidden_cell_away(cells, total):
    assert displayed_row(cells)[1] == total


def test_L34_enquiries_drafts_and_the_access_log_have_their_own_time():
    assert enquiry_kept_through(date(2026, 8, 31), POLICY) == date(2027, 2, 28)
    assert draft_kept_through(date(2026, 2, 27), POLICY) == date(2026, 3, 29)
    assert access_row_kept_through(date(2028, 2, 29), POLICY) == date(2030, 2, 28)
