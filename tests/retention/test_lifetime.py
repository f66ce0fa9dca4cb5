"""How long an application is kept: L1 to L8, and an erasure that was granted (L27)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec import json
from msgspec.structs import replace

from recruit.retention.rules import (
    ConsentFact,
    Decision,
    NoticeFact,
    Policy,
    decide,
    is_stale,
    may_undo_close,
    notice_due_on,
    notice_served,
    open_only_to,
    reminder_due,
    stale_report_due,
)
from tests.retention.cases import CLOSED_ON, HOLD, SUBMITTED, ended, given, noon, running, withdrawn

POLICY = Policy()
NOW = date(2026, 3, 20)
LATER = date(2040, 1, 1)


def keys(decision):
    return [reason.key for reason in decision.because]


def purged_from(facts, policy=POLICY):
    """The first day on which erasing is allowed, found day by day."""
    day = date(2026, 1, 2)
    while decide(facts, policy, day).action != "purge":
        day += timedelta(days=1)
        assert day < LATER, "never due"
    return day


# --- L1, L2: while the process runs


def test_L1_a_running_process_is_never_due_however_old():
    decision = decide(running(), POLICY, LATER)
    assert (decision.action, decision.due_on, decision.kept_through) == ("keep", None, None)
    assert decision.headline.rule == "L1"


def test_L1_the_basis_is_the_one_of_the_policy():
    other = Policy(lawful_basis="6(1)(b)")
    assert decide(running(), other, NOW).headline.params == {"basis": "6(1)(b)"}


@pytest.mark.parametrize("half", [{"outcome": "rejected"}, {"closed_on": CLOSED_ON}])
def test_L2_an_outcome_without_a_day_or_a_day_without_an_outcome_counts_as_running(half):
    assert decide(running(**half), POLICY, LATER).kept_through is None


def test_L2_half_a_year_without_activity_is_stale_and_not_a_day_less():
    facts = running(last_activity_on=date(2026, 8, 31))
    assert not is_stale(facts, POLICY, date(2027, 2, 27))
    assert is_stale(facts, POLICY, date(2027, 2, 28))
    assert "stale" in keys(decide(facts, POLICY, date(2027, 2, 28)))
    assert decide(facts, POLICY, LATER).action == "keep"


def test_L2_what_has_ended_is_not_stale():
    assert not is_stale(ended(), POLICY, LATER)


def test_L2_stale_is_reported_once_and_then_every_month():
    facts = running(last_activity_on=date(2026, 1, 31))
    first = date(2026, 7, 31)
    assert not stale_report_due(facts, POLICY, first - timedelta(days=1), None)
    assert stale_report_due(facts, POLICY, first, None)
    assert not stale_report_due(facts, POLICY, date(2026, 8, 30), first)
    assert stale_report_due(facts, POLICY, date(2026, 8, 31), first)


def test_L2_a_report_before_the_last_activity_does_not_put_off_the_next():
    facts = running(last_activity_on=date(2026, 1, 31))
    assert stale_report_due(facts, POLICY, date(2026, 7, 31), date(2026, 1, 20))


# --- L3, L5: with consent


def test_L3_with_consent_it_is_kept_twelve_months_from_the_close():
    facts = ended(consents=(given(date(2026, 1, 2)),))
    decision = decide(facts, POLICY, date(2027, 3, 14))
    assert (decision.action, decision.due_on, decision.kept_through) == (
        "keep",
        date(2027, 3, 14),
        date(2027, 3, 14),
    )
    assert purged_from(facts) == date(2027, 3, 15)
    assert (decision.headline.rule, decision.headline.key) == ("L3", "consented")


def test_L3_a_later_renewal_counts_instead_of_the_close():
    facts = ended(consents=(given(date(2026, 1, 2)), given(date(2027, 3, 1))))
    assert purged_from(facts) == date(2028, 3, 2)


def test_L3_the_day_of_consent_is_the_one_in_oslo():
    late = ConsentFact(True, datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    assert decide(ended(consents=(late,)), POLICY, NOW).due_on == date(2028, 1, 1)


def test_L3_a_leap_day_ends_on_the_last_of_february():
    facts = ended(closed_on=date(2028, 2, 29), consents=(given(date(2028, 2, 1)),))
    assert decide(facts, POLICY, date(2028, 3, 1)).due_on == date(2029, 2, 28)


def test_L3_the_months_are_a_setting():
    facts = ended(consents=(given(date(2026, 1, 2)),))
    assert decide(facts, Policy(consent_months=24), NOW).due_on == date(2028, 3, 14)


def test_L3_consent_never_shortens_the_answer_window():
    policy = Policy(consent_months=1, answer_window_days=180)
    without, consenting = ended(), ended(consents=(given(date(2026, 1, 2)),))
    assert purged_from(consenting, policy) == purged_from(without, policy) == date(2026, 9, 11)


def test_L3_while_the_process_runs_consent_only_says_what_will_come():
    decision = decide(running(consents=(given(date(2026, 1, 3)),)), POLICY, LATER)
    assert (decision.kept_through, keys(decision)[:2]) == (None, ["running", "consent_waits"])


def test_L5_a_consent_given_with_the_application_covers_it():
    assert decide(ended(consents=(ConsentFact(True, SUBMITTED),)), POLICY, NOW).headline.rule == "L3"


def test_L5_a_consent_older_than_the_application_does_not_cover_it():
    before = ConsentFact(True, SUBMITTED - timedelta(seconds=1))
    decision = decide(ended(consents=(before,)), POLICY, NOW)
    assert decision.due_on == date(2026, 3, 28)
    assert decision.headline.key == "no_consent"
    assert "not_covered" in keys(decision)


def test_L5_the_latest_answer_decides_in_whatever_order_they_are_read():
    answers = (given(date(2026, 3, 18)), withdrawn(date(2026, 3, 16)), given(date(2026, 2, 1)))
    assert decide(ended(consents=answers), POLICY, NOW).due_on == date(2027, 3, 18)


# --- L4: without


def test_L4_without_consent_it_is_kept_through_the_answer_window():
    decision = decide(ended(), POLICY, date(2026, 3, 28))
    assert (decision.action, decision.due_on) == ("keep", date(2026, 3, 28))
    assert decision.headline.rule == "L4"
    assert purged_from(ended()) == date(2026, 3, 29)


def test_L4_a_window_of_no_days_ends_with_the_day_of_the_close():
    assert purged_from(ended(), Policy(answer_window_days=0)) == date(2026, 3, 15)


def test_L4_the_window_runs_over_a_change_of_the_clocks():
    assert decide(ended(closed_on=date(2026, 10, 20)), POLICY, NOW).due_on == date(2026, 11, 3)


def test_L4_a_refusal_withdraws_nothing():
    refused = ended(consents=(withdrawn(date(2026, 3, 15)),))
    assert purged_from(refused) == date(2026, 3, 29)
    assert not decide(refused, POLICY, NOW).immediate


def test_L4_a_consent_in_the_window_keeps_it():
    assert decide(ended(consents=(given(date(2026, 3, 20)),)), POLICY, LATER).due_on == date(2027, 3, 20)


def test_L4_in_the_window_only_recruiter_and_dpo_may_open_it():
    assert open_only_to(ended()) == {"recruiter", "dpo"}
    assert open_only_to(running()) is None
    assert open_only_to(ended(consents=(given(date(2026, 3, 15)),))) is None
    assert open_only_to(ended(consents=(given(date(2026, 3, 15)), withdrawn(date(2026, 3, 16))))) == {
        "recruiter",
        "dpo",
    }
    assert open_only_to(ended(outcome="hired", consents=(given(date(2026, 3, 15)),))) == {"recruiter", "dpo"}


def test_L4_a_wrong_close_can_be_undone_until_the_window_is_over():
    assert may_undo_close(ended(), POLICY, date(2026, 3, 28))
    assert not may_undo_close(ended(), POLICY, date(2026, 3, 29))
    assert not may_undo_close(running(), POLICY, NOW)
    assert not may_undo_close(ended(erasure_granted_on=date(2026, 3, 20)), POLICY, NOW)


# --- L6: withdrawing consent


def test_L6_withdrawal_after_the_process_is_due_the_same_day():
    facts = ended(consents=(given(date(2026, 1, 3)), withdrawn(date(2026, 5, 1))))
    decision = decide(facts, POLICY, date(2026, 5, 1))
    assert (decision.action, decision.immediate, decision.headline.key) == ("purge", True, "withdrawn")
    assert (decision.due_on, decision.kept_through) == (date(2026, 5, 1), date(2026, 4, 30))
    assert decide(facts, POLICY, date(2026, 4, 30)).action == "keep"


def test_L6_withdrawal_in_the_answer_window_does_not_wait_for_its_end():
    facts = ended(consents=(given(date(2026, 1, 3)), withdrawn(date(2026, 3, 16))))
    assert purged_from(facts) == date(2026, 3, 16)


def test_L6_withdrawal_during_the_process_ends_the_pool_only():
    answers = (given(date(2026, 1, 3)), withdrawn(date(2026, 2, 1)))
    assert decide(running(consents=answers), POLICY, LATER).action == "keep"
    facts = ended(consents=answers)
    assert purged_from(facts) == date(2026, 3, 29)
    assert "pool_ended" in keys(decide(facts, POLICY, NOW))


def test_L6_on_the_day_of_the_close_the_hour_decides():
    first = given(date(2026, 1, 3))
    before = ConsentFact(False, noon(CLOSED_ON).replace(hour=10))
    after = ConsentFact(False, noon(CLOSED_ON).replace(hour=12))
    assert purged_from(ended(consents=(first, before))) == date(2026, 3, 29)
    assert purged_from(ended(consents=(first, after))) == CLOSED_ON


def test_L6_without_the_hour_of_the_close_the_same_day_counts_as_during_the_process():
    answers = (given(date(2026, 1, 3)), withdrawn(CLOSED_ON))
    assert purged_from(ended(closed_at=None, consents=answers)) == date(2026, 3, 29)
    answers = (given(date(2026, 1, 3)), withdrawn(CLOSED_ON + timedelta(days=1)))
    assert purged_from(ended(closed_at=None, consents=answers)) == date(2026, 3, 15)


def test_L6_pressing_the_link_twice_changes_nothing():
    once = ended(consents=(given(date(2026, 1, 3)), withdrawn(date(2026, 5, 1))))
    twice = replace(once, consents=(*once.consents, withdrawn(date(2026, 6, 1))))
    assert decide(twice, POLICY, LATER) == decide(once, POLICY, LATER)


def test_L6_a_withdrawal_dated_ahead_never_brings_the_purge_forward():
    facts = ended(consents=(given(date(2026, 1, 3)), withdrawn(date(2026, 5, 1))))
    assert decide(facts, POLICY, date(2026, 4, 29)).action == "keep"


def test_L6_withdrawing_what_had_run_out_already_leaves_the_day_as_it_was():
    facts = ended(consents=(given(date(2026, 1, 3)), withdrawn(date(2028, 1, 1))))
    decision = decide(facts, POLICY, date(2028, 1, 2))
    assert (decision.due_on, decision.immediate) == (date(2027, 3, 14), False)


def test_L6_consenting_again_keeps_it_again():
    answers = (given(date(2026, 1, 3)), withdrawn(date(2026, 5, 1)), given(date(2026, 5, 2)))
    assert decide(ended(consents=answers), POLICY, LATER).due_on == date(2027, 5, 2)


# --- L7: reminders


def test_L7_reminders_go_thirty_and_seven_days_before():
    facts = ended(consents=(given(date(2026, 1, 3)),))
    assert reminder_due(facts, POLICY, date(2027, 2, 11)) is None
    assert reminder_due(facts, POLICY, date(2027, 2, 12)) == 30
    assert reminder_due(facts, POLICY, date(2027, 2, 13), sent=(30,)) is None
    assert reminder_due(facts, POLICY, date(2027, 3, 7), sent=(30,)) == 7
    assert reminder_due(facts, POLICY, date(2027, 3, 14), sent=(30, 7)) is None


def test_L7_after_a_pause_only_the_most_urgent_reminder_goes():
    facts = ended(consents=(given(date(2026, 1, 3)),))
    assert reminder_due(facts, POLICY, date(2027, 3, 10)) == 7
    assert reminder_due(facts, POLICY, date(2027, 3, 10), sent=(7,)) is None


def test_L7_nobody_is_reminded_of_what_cannot_be_renewed():
    assert reminder_due(ended(), POLICY, date(2026, 3, 27)) is None
    assert reminder_due(running(), POLICY, NOW) is None
    consented = ended(consents=(given(date(2026, 1, 3)),))
    assert reminder_due(consented, POLICY, date(2027, 3, 15)) is None
    gone = replace(consented, consents=(*consented.consents, withdrawn(date(2027, 3, 1))))
    assert reminder_due(gone, POLICY, date(2027, 3, 10)) is None


def test_L7_silence_means_purge():
    assert purged_from(ended(consents=(given(date(2026, 1, 3)),))) == date(2027, 3, 15)


# --- L8: the hired


def test_L8_the_hired_follow_the_answer_window_whatever_they_consented_to():
    hired = ended(outcome="hired", consents=(given(date(2026, 1, 3)),))
    assert purged_from(hired) == date(2026, 3, 29)
    assert decide(hired, POLICY, NOW).headline.key == "hired"
    left = replace(hired, consents=(*hired.consents, withdrawn(date(2026, 3, 16))))
    assert purged_from(left) == date(2026, 3, 29)


def test_L8_a_hand_over_is_said_and_moves_no_date():
    handed = ended(outcome="hired", handed_over_on=date(2026, 3, 20))
    assert "handed_over" in keys(decide(handed, POLICY, NOW))
    assert purged_from(handed) == purged_from(ended(outcome="hired"))


def test_L8_L31_an_open_section_31_request_delays_the_purge():
    facts = ended(outcome="hired", section31_open=True)
    decision = decide(facts, POLICY, LATER)
    assert (decision.action, decision.headline.key) == ("blocked", "section31")
    assert decide(replace(facts, section31_open=False), POLICY, LATER).action == "purge"


# --- L27: erasure granted


@pytest.mark.parametrize("facts", [running(), ended(consents=(given(date(2026, 1, 3)),)), ended(outcome="hired")])
def test_L27_a_granted_erasure_is_due_at_once(facts):
    granted = replace(facts, erasure_granted_on=date(2026, 3, 20))
    assert decide(granted, POLICY, date(2026, 3, 19)).action == "keep"
    decision = decide(granted, POLICY, date(2026, 3, 20))
    assert (decision.action, decision.immediate, decision.headline.rule) == ("purge", True, "L27")
    assert "running" not in keys(decision)


def test_L27_a_grant_does_not_lengthen_what_was_over_before():
    facts = ended(erasure_granted_on=date(2026, 6, 1))
    assert decide(facts, POLICY, LATER).kept_through == date(2026, 3, 28)


# --- the notice


def test_notice_goes_three_days_before_a_scheduled_erasure_and_at_once_otherwise():
    scheduled = decide(ended(), POLICY, NOW)
    at_once = decide(running(erasure_granted_on=NOW), POLICY, NOW)
    assert notice_due_on(scheduled, POLICY) == date(2026, 3, 25)
    assert notice_due_on(at_once, POLICY) == NOW


def test_notice_is_not_sent_while_nothing_is_due_or_something_blocks():
    assert notice_due_on(decide(running(), POLICY, NOW), POLICY) is None
    assert notice_due_on(decide(ended(holds=(HOLD,)), POLICY, LATER), POLICY) is None


def test_notice_that_went_late_puts_the_erasure_off():
    late = decide(ended(), POLICY, LATER)
    notice = NoticeFact(sent_at=noon(date(2026, 4, 1)))
    assert not notice_served(late, None, POLICY, noon(LATER))
    assert not notice_served(late, notice, POLICY, noon(date(2026, 4, 3)))
    assert notice_served(late, notice, POLICY, noon(date(2026, 4, 4)))


def test_notice_at_once_waits_for_the_mail_server_three_days_at_most():
    decision = decide(running(erasure_granted_on=NOW), POLICY, NOW)
    sent = noon(NOW)
    waiting = NoticeFact(sent_at=sent)
    assert not notice_served(decision, waiting, POLICY, sent + timedelta(hours=71, minutes=59))
    assert notice_served(decision, waiting, POLICY, sent + timedelta(hours=72))
    assert notice_served(decision, replace(waiting, answered_at=sent), POLICY, sent)
    assert notice_served(decision, replace(waiting, has_address=False), POLICY, sent)


def test_a_decision_can_be_stored_and_read_back():
    decision = decide(ended(holds=(HOLD,), consents=(given(date(2026, 1, 3)),)), POLICY, LATER)
    assert json.decode(json.encode(decision), type=Decision) == decision
