"""Answers to rights requests against their deadlines, as a picture shows them (L20).

Guards that the picture counts by the deadlines that the queue and the alarms go by. Pure but for its translator.
"""

from collections.abc import Iterable
from datetime import date

from recruit.i18n import Translate
from recruit.rights.service import Request
from recruit.rights.words import REQUESTS

SERIES = ("Days used", "Days left", "Days late")
"""What a bar is made of (message ids)."""

Bar = tuple[str, tuple[int, int, int]]


def against_deadline(request: Request, today: date) -> tuple[int, int, int]:
    """Days used until the answer (or today), days left until the rolled deadline, days late; pauses are not counted."""
    until = request.decided_on or request.paused_on or today
    used = max(0, (until - request.received_on).days - request.paused_days)
    allowed = (request.rolled - request.received_on).days - request.paused_days
    return min(used, allowed), max(0, allowed - used), max(0, used - allowed)


def bars(requests: Iterable[Request], today: date, tr: Translate) -> list[Bar]:
    """One bar for each request that was not taken back, in the order given: what it is, and since when."""
    return [
        (
            tr("{kind}, {date}", kind=tr(REQUESTS[request.kind]), date=request.received_on),
            against_deadline(request, today),
        )
        for request in requests
        if request.state != "withdrawn"
    ]
