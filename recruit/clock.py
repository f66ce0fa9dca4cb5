"""The only reader of the wall clock.

Guards against two times in one act: pages, jobs and the command line read it once and hand the instant on. Instants are
aware UTC; calendar days are days in Oslo. The demonstration moves the clock forward by an offset; nothing else may.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Oslo")

_offset = timedelta(0)


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC) + _offset


def day(instant: datetime) -> date:
    """The calendar day in Oslo on which an instant falls. A naive instant is a ValueError: its day cannot be known."""
    if instant.tzinfo is None:
        raise ValueError("an instant without a zone has no day")
    return instant.astimezone(ZONE).date()


def today() -> date:
    """Today in Oslo."""
    return day(now())


def forward(by: timedelta) -> None:
    """Set the demonstration's offset from the real time; never called outside the demonstration and tests."""
    global _offset
    _offset = by


def offset() -> timedelta:
    """How far the demonstration has moved the clock."""
    return _offset
