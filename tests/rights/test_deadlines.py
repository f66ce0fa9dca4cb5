"""L20: when the answer to a rights request is due. Dates were looked up in printed calendars, not computed."""

from datetime import date

import pytest

from recruit.retention.facts import REQUEST_OPEN
from recruit.rights import rules

EASTER = {
    2000: (4, 23), 2008: (3, 23), 2011: (4, 24), 2019: (4, 21), 2024: (3, 31), 2025: (4, 20), 2026: (4, 5),
    2027: (3, 28), 2028: (4, 16), 2030: (4, 21), 2038: (4, 25), 2076: (4, 19),
}  # fmt: skip


@pytest.mark.parametrize("year", EASTER)
def test_easter_falls_where_calendars_print_it(year: int) -> None:
    assert rules.easter(year) == date(year, *EASTER[year])


def test_easter_is_always_a_sunday_between_its_bounds() -> None:
    for year in range(1990, 2100):
        day = rules.easter(year)
        assert day.weekday() == 6
        assert date(year, 3, 22) <= day <= date(year, 4, 25)


def test_the_public_holidays_of_2026_are_the_official_ones() -> None:
    assert sorted(rules.public_holidays(2026)) == [
        date(2026, 1, 1), date(2026, 4, 2), date(2026, 4, 3), date(2026, 4, 5), date(2026, 4, 6), date(2026, 5, 1),
        date(2026, 5, 14), date(2026, 5, 17), date(2026, 5, 24), date(2026, 5, 25), date(2026, 12, 25),
        date(2026, 12, 26),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("received", "plain", "rolled"),
    [
        ("2026-03-09", "2026-04-09", "2026-04-09"),  # a Thursday after Easter
        ("2025-01-31", "2025-02-28", "2025-02-28"),  # the month is shorter
        ("2028-01-31", "2028-02-29", "2028-02-29"),  # a leap year
        ("2026-01-31", "2026-02-28", "2026-03-02"),  # shorter, and a Saturday: into the next month
        ("2026-03-31", "2026-04-30", "2026-04-30"),
        ("2026-04-30", "2026-05-30", "2026-06-01"),  # a Saturday
        ("2026-04-10", "2026-05-10", "2026-05-11"),  # a Sunday
        ("2026-03-02", "2026-04-02", "2026-04-07"),  # Maundy Thursday: over the whole of Easter
        ("2026-03-06", "2026-04-06", "2026-04-07"),  # Easter Monday
        ("2026-04-01", "2026-05-01", "2026-05-04"),  # 1 May, a Friday
        ("2028-04-17", "2028-05-17", "2028-05-18"),  # 17 May, a Wednesday
        ("2026-04-17", "2026-05-17", "2026-05-18"),  # 17 May, a Sunday: no day is given in its stead
        ("2026-04-14", "2026-05-14", "2026-05-15"),  # Ascension Day
        ("2026-04-25", "2026-05-25", "2026-05-26"),  # Whit Monday
        ("2026-11-25", "2026-12-25", "2026-12-28"),  # Christmas, then a weekend
        ("2026-12-01", "2027-01-01", "2027-01-04"),  # New Year, then a weekend
        ("2026-11-24", "2026-12-24", "2026-12-24"),  # Christmas Eve is a working day in the law's eyes
    ],
)
def test_a_request_is_due_after_one_month_on_a_working_day(received: str, plain: str, rolled: str) -> None:
    assert rules.due(date.fromisoformat(received)) == rules.Due(date.fromisoformat(plain), date.fromisoformat(rolled))


def test_the_deadline_never_comes_before_the_plain_month() -> None:
    day = date(2026, 1, 1)
    while day < date(2029, 1, 1):
        due = rules.due(day)
        assert due.plain <= due.rolled
        assert rules.is_working_day(due.rolled)
        day = date.fromordinal(day.toordinal() + 1)


def test_an_open_request_warns_on_the_plain_day_and_is_late_after_the_rolled_one() -> None:
    days = rules.due(date(2026, 3, 2))
    assert rules.overdue("received", days, date(2026, 4, 1)) == "no"
    assert rules.overdue("received", days, date(2026, 4, 2)) == "warn"
    assert rules.overdue("received", days, date(2026, 4, 7)) == "warn"
    assert rules.overdue("received", days, date(2026, 4, 8)) == "late"
    assert rules.overdue("identity", days, date(2026, 4, 8)) == "paused"
    assert rules.overdue("granted", days, date(2026, 4, 8)) == "no"


def test_reminders_go_14_7_and_2_days_before_and_every_week_when_late() -> None:
    days = rules.due(date(2026, 3, 2))  # 2 April, rolled to 7 April
    due = {
        "2026-03-18": None, "2026-03-19": "14", "2026-03-25": "14", "2026-03-26": "7", "2026-03-31": "2",
        "2026-04-02": "2", "2026-04-07": "2", "2026-04-08": "late:0", "2026-04-14": "late:0", "2026-04-15": "late:1",
    }  # fmt: skip
    for today, reminder in due.items():
        assert rules.reminder_due("received", days, date.fromisoformat(today)) == reminder, today
        assert rules.reminder_due("identity", days, date.fromisoformat(today)) is None
        assert rules.reminder_due("granted", days, date.fromisoformat(today)) is None


def test_an_extension_of_l21_counts_from_the_receipt_and_is_rolled_too() -> None:
    assert rules.due(date(2026, 1, 31), more_months=1) == rules.Due(date(2026, 3, 31), date(2026, 3, 31))
    assert rules.due(date(2026, 3, 2), more_months=2) == rules.Due(date(2026, 6, 2), date(2026, 6, 2))
    assert rules.due(date(2025, 12, 31), more_months=1).plain == date(2026, 2, 28)


def test_l21_allows_one_extension_told_within_the_first_month() -> None:
    came, first = date(2026, 3, 2), date(2026, 4, 7)
    rules.require_extension("received", came, 0, None, first)
    with pytest.raises(rules.ExtensionTooLate):
        rules.require_extension("received", came, 0, None, date(2026, 4, 8))
    rules.require_extension("received", came, 7, None, date(2026, 4, 8))  # the pause does not count
    with pytest.raises(rules.ExtendedAlready):
        rules.require_extension("received", came, 0, came, first)
    with pytest.raises(rules.IdentityAwaited):
        rules.require_extension("identity", came, 0, None, first)
    with pytest.raises(rules.RequestAnswered):
        rules.require_extension("granted", came, 0, None, first)


def test_the_days_of_a_pause_of_l23_are_added_to_the_deadline() -> None:
    assert rules.paused_days(date(2026, 3, 4), date(2026, 3, 14)) == 10
    assert rules.paused_days(date(2026, 3, 4), date(2026, 3, 4)) == 0
    assert rules.due(date(2026, 3, 9), paused_days=10).plain == date(2026, 4, 19)


def test_there_are_six_states_and_the_open_ones_are_those_that_retention_asks_for() -> None:
    assert len(rules.MOVES) <= 6
    assert {onward for moves in rules.MOVES.values() for onward in moves} <= set(rules.MOVES)
    assert REQUEST_OPEN == "state IN ('received', 'identity')"
    assert {"received", "identity"} == rules.OPEN


def test_nothing_is_granted_while_we_wait_to_learn_who_it_is() -> None:
    for verdict in ("granted", "partly"):
        with pytest.raises(rules.IdentityAwaited):
            rules.require_move("identity", verdict)
    for verdict in ("received", "refused", "withdrawn"):
        rules.require_move("identity", verdict)


@pytest.mark.parametrize("end", ["granted", "partly", "refused", "withdrawn"])
def test_an_answered_request_is_not_answered_again(end: rules.State) -> None:
    rules.require_move("received", end)
    for other in rules.MOVES:
        with pytest.raises(rules.RequestAnswered):
            rules.require_move(end, other)


def test_third_parties_are_masked_and_the_candidate_is_not() -> None:
    text = "Ola Berg says Ingrid Vik is fine; call Berg on 911 22 333 or ola@firma.example, not ingrid@post.example."
    masked = rules.mask(text, ["Ola Berg", "911 22 333", "ola@firma.example"], ["Ingrid Vik", "ingrid@post.example"])
    for hidden in ("Ola", "Berg", "911 22 333", "ola@firma.example"):
        assert hidden not in masked
    assert "Ingrid Vik is fine" in masked
    assert "ingrid@post.example" in masked


def test_a_name_shared_with_the_candidate_stays() -> None:
    assert (
        rules.mask("Ingrid Vik og faren Per Vik", ["Per Vik"], ["Ingrid Vik"]) == f"Ingrid Vik og faren {rules.MASKED}"
    )


def test_a_masked_name_does_not_eat_into_other_words() -> None:
    assert rules.mask("Bergen er fin", ["Ola Berg"], []) == "Bergen er fin"
