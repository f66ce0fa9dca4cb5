"""Facts of one made-up application, to be varied by the tests of the rules."""

from datetime import UTC, date, datetime, time

from recruit.retention.rules import ConsentFact, Facts, HoldFact

SUBMITTED = datetime(2026, 1, 2, 9, 0, tzinfo=UTC)
CLOSED_ON = date(2026, 3, 14)


def noon(day: date) -> datetime:
    """The middle of a day, far from every midnight."""
    return datetime.combine(day, time(12), UTC)


def running(**changes: object) -> Facts:
    """An application whose process runs."""
    return Facts(**{"submitted_at": SUBMITTED, "last_activity_on": date(2026, 1, 2), **changes})


def ended(**changes: object) -> Facts:
    """An application rejected at 11:00 UTC on 14 March 2026."""
    day = changes.get("closed_on", CLOSED_ON)
    at = noon(day).replace(hour=11)
    return running(**{"outcome": "rejected", "closed_on": day, "closed_at": at, **changes})


def given(day: date) -> ConsentFact:
    return ConsentFact(True, noon(day))


def withdrawn(day: date) -> ConsentFact:
    return ConsentFact(False, noon(day))


HOLD = HoldFact(id="h1", placed_on=date(2026, 3, 1), review_on=date(2026, 9, 1))
