"""Days, months and midnights in Oslo, where the clocks change on the last Sundays of March and October."""

from datetime import UTC, date, datetime

import pytest

from recruit.clock import day as local_day
from recruit.retention.rules import add_months, end_of_local_day


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2026, 2, 28), 12, date(2027, 2, 28)),
        (date(2027, 2, 28), 12, date(2028, 2, 28)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 5, 17), 24, date(2028, 5, 17)),
        (date(2026, 5, 17), 0, date(2026, 5, 17)),
    ],
)
def test_L3_months_end_on_the_same_day_or_the_last_of_the_month(day, months, expected):
    assert add_months(day, months) == expected


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (datetime(2026, 1, 15, 22, 59, 59, tzinfo=UTC), date(2026, 1, 15)),  # winter: midnight is 23:00Z
        (datetime(2026, 1, 15, 23, 0, tzinfo=UTC), date(2026, 1, 16)),
        (datetime(2026, 7, 15, 21, 59, 59, tzinfo=UTC), date(2026, 7, 15)),  # summer: midnight is 22:00Z
        (datetime(2026, 7, 15, 22, 0, tzinfo=UTC), date(2026, 7, 16)),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), date(2026, 3, 29)),  # the night to the short day
        (datetime(2026, 3, 29, 22, 30, tzinfo=UTC), date(2026, 3, 30)),  # it ends an hour earlier
        (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), date(2026, 10, 25)),  # the night to the long day
        (datetime(2026, 10, 25, 22, 30, tzinfo=UTC), date(2026, 10, 25)),  # it ends an hour later
        (datetime(2026, 10, 25, 23, 30, tzinfo=UTC), date(2026, 10, 26)),
    ],
)
def test_L3_an_instant_falls_on_the_day_it_is_in_oslo(instant, expected):
    assert local_day(instant) == expected


def test_an_instant_without_a_zone_has_no_day():
    with pytest.raises(ValueError, match="zone"):
        local_day(datetime(2026, 1, 1, 12))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("day", "expected", "hours"),
    [
        (date(2026, 1, 15), datetime(2026, 1, 15, 23, 0, tzinfo=UTC), 24),
        (date(2026, 7, 15), datetime(2026, 7, 15, 22, 0, tzinfo=UTC), 24),
        (date(2026, 3, 29), datetime(2026, 3, 29, 22, 0, tzinfo=UTC), 23),
        (date(2026, 10, 25), datetime(2026, 10, 25, 23, 0, tzinfo=UTC), 25),
        (date(2026, 12, 31), datetime(2026, 12, 31, 23, 0, tzinfo=UTC), 24),
    ],
)
def test_L3_a_day_ends_at_the_next_midnight_in_oslo_however_long_it_was(day, expected, hours):
    end = end_of_local_day(day)
    assert (end, end.tzinfo) == (expected, UTC)
    yesterday = end_of_local_day(date.fromordinal(day.toordinal() - 1))
    assert (end - yesterday).total_seconds() == hours * 3600
    assert local_day(end) > day
