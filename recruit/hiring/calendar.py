"""Calendar files for interviews (RFC 5545), for calendars that keep them for ever and share them with others.

Guards that no calendar learns whom an interview is with: the title names the employer or the app, never a person or a
vacancy, and whoever wants to know more follows the link and signs in. Pure.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from icalendar import Calendar, Event

Method = Literal["REQUEST", "CANCEL"]


@dataclass(frozen=True)
class Appointment:
    """One interview as it stands in a calendar. `version` grows with each change, so that the newest wins."""

    id: UUID
    version: int
    title: str
    place: str
    starts_at: datetime
    minutes: int
    url: str


def file(appointment: Appointment, method: Method, host: str, now: datetime) -> str:
    """The text of the `.ics` file; with CANCEL, calendars take the event away."""
    event = Event()
    event.add("uid", f"{appointment.id}@{host}")
    event.add("sequence", appointment.version)
    event.add("dtstamp", now)
    event.add("dtstart", appointment.starts_at)
    event.add("dtend", appointment.starts_at + timedelta(minutes=appointment.minutes))
    event.add("summary", appointment.title)
    event.add("location", appointment.place)
    event.add("url", appointment.url)
    event.add("class", "CONFIDENTIAL")
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", "-//recruit//interviews//")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    text: str = calendar.to_ical().decode()
    return text
