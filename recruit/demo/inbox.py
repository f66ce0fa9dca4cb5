"""Mail that reaches the made-up employer: replies that find their application, and what waits for somebody to look.

Guards that it comes in by the same function that reads a real mailbox.
"""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from recruit.demo import people
from recruit.incoming import service
from recruit.incoming.service import Taken

if TYPE_CHECKING:
    from recruit.demo.life import Story
    from recruit.demo.people import Made

_CALENDAR = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//post.example//NO\r\nEND:VCALENDAR\r\n"
_ASKS = (
    "Hei,\n\njeg fant ingen lenke til skjemaet på telefonen, så jeg prøver slik. Jeg er utdannet {study} og vil gjerne "
    "søke på stillingen som kvalitetsingeniør hos dere. CV-en ligger ved.\n\nHilsen {name}"
)
_SELLS = (
    "Hei!\n\nVi i Fremdrift Bemanning har tre sterke kandidater klare til dere allerede neste uke. Når passer det med "
    "en prat?\n\nMed vennlig hilsen\nSander Moe"
)
SELLER = "Sander Moe", "sander@fremdrift.example"
_REPORT = "This is the mail system.\n\nI'm sorry to have to inform you that your message could not be delivered."


def tell(story: Story) -> None:
    """What waits in the list of e-mails: an application, an offer that nobody needs, and two from machines."""
    who = story.someone()
    _comes(story, 1.3, who.name, who.email, "Søknad kvalitetsingeniør", _ASKS.format(name=who.name, study="ingeniør"),
           {f"CV {who.last}.pdf": people.pdf_cv(who, story.now.year)})  # fmt: skip
    _comes(story, 0.6, *SELLER, "Kandidater til dere", _SELLS)
    _comes(story, 0.5, "Mail Delivery System", "mailer-daemon@mx.example", "Undelivered Mail Returned", _REPORT)
    _comes(story, 0.3, "Runa Vik", "runa@post.example", "Fraværsmelding", "Jeg er på fjellet til mandag.",
           automatic="auto-replied")  # fmt: skip


def replies(story: Story, who: Made, key: str, days_ago: float, text: str) -> None:
    """A candidate answers the last mail about an application; a calendar file comes along, which is no document."""

    async def act(now: datetime) -> None:
        unit = story.sent[who.key, key]
        rows = await story.site.records.run_sql(
            "SELECT id FROM mail WHERE unit = ? ORDER BY queued_at DESC LIMIT 1", unit
        )
        host = urlsplit(story.site.settings.public_url).hostname
        made = _mail(now, who.name, who.email, "Sv: Intervju", text, {"avtale.ics": _CALENDAR})
        made["In-Reply-To"] = f"<{rows[0]['id']}@{host}>"
        await service.take_in(story.site, made.as_bytes(), Taken(), now)

    story.at(days_ago, act)


def _comes(
    story: Story,
    days_ago: float,
    name: str,
    email: str,
    subject: str,
    text: str,
    files: dict[str, bytes] | None = None,
    automatic: str = "",
) -> None:
    async def act(now: datetime) -> None:
        made = _mail(now, name, email, subject, text, files or {})
        if automatic:
            made["Auto-Submitted"] = automatic
        await service.take_in(story.site, made.as_bytes(), Taken(), now)

    story.at(days_ago, act)


def _mail(at: datetime, name: str, email: str, subject: str, text: str, files: dict[str, bytes]) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = f'"{name}" <{email}>', "rekruttering@kvitvaer.example", subject
    made["Date"], made["Message-ID"] = format_datetime(at), f"<{at:%Y%m%d%H%M%S}.{email}>"
    made.set_content(text)
    for file, data in files.items():
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=file)
    return made
