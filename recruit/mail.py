"""E-mail: the outbox, its texts, and delivery.

Guards that a mail leaves if and only if what caused it was committed: the row is written in the same transaction,
sealed under the unit it speaks of, and `cause` is unique, so a cause never mails twice. A copy after a
crash carries the same Message-ID. Delivery never holds a transaction open while the mail server is waited for.
"""

import asyncio
import html
import logging
import mailbox
import re
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, unquote, urlsplit
from uuid import UUID, uuid4

import msgspec
from markupsafe import Markup

from recruit import audit
from recruit.errors import RecruitError
from recruit.i18n import Language, Translate, translator
from recruit.settings import SettingsInvalid
from recruit.site import Site
from recruit.tables import Enclosed, Enclosure, Message
from recruit.templating import environment
from recruit.vault.sealing import UnitKey, seal, unseal
from recruit.visible import WAITING_MAIL

log = logging.getLogger("recruit.mail")

_LINK = re.compile(r"^\[([^\]]+)\]\((\S+)\)$")
_RETRY = (1, 5, 15, 60, 240, 720)
_LEASE = timedelta(minutes=5)
_PATIENCE = 60.0
AT_ONCE = 4
"""How many a worker takes at once: with all of its patience for each, it has ended before its lease has."""


class MailRefused(RecruitError):
    """The mail server said no for good; the row says so, and the address is not tried again."""

    text = "The mail server refused the message."


class MailDelayed(RecruitError):
    """The mail server can't be reached or asked to try later."""

    text = "The mail server could not take the message yet."


class Transport(Protocol):
    """Takes one message; MailDelayed or MailRefused if it can't."""

    async def send(self, message: EmailMessage) -> None: ...


def render(template: str, lang: Language, to: str, **context: Any) -> Message:
    """The text of `templates/mail/<template>.<lang>.txt`, and its HTML.

    First line `Subject: …`, an empty line, then paragraphs; `[Label](address)` alone on a line is a button in the HTML,
    if the address is one of the context's (`url`, `…_url`): what somebody wrote makes no button.
    """
    ours = {str(value) for key, value in context.items() if key == "url" or key.endswith("_url")}
    words = environment().get_template(f"mail/{template}.{lang}.txt")
    subject, _, body = words.render(lang=lang, _=translator(lang), **context).partition("\n")
    body = re.sub(_LINK.pattern, r"\n\g<0>\n", body, flags=re.MULTILINE)
    body = re.sub(r"\n{3,}", "\n\n", body.strip()) + "\n"
    plain = re.sub(_LINK.pattern, lambda m: f"{m[1]}:\n{m[2]}" if m[2] in ours else m[0], body, flags=re.MULTILINE)
    blocks = [_block(paragraph, ours) for paragraph in body.strip().split("\n\n")]
    page = environment().get_template("mail/layout.html").render(lang=lang, blocks=blocks, subject=_subject(subject))
    return Message(to=to, subject=_subject(subject), text=plain, html=page, lang=lang)


def impersonal(site: Site, text: str, tr: Translate) -> str:
    """A mail's words for anybody but its addressee: a word in place of every address of ours that may open or decide
    something by itself.

    Sent or quoted in an answer, wrapped by a mail scanner or not: all but the pages that are there for everybody.
    """
    ours = site.settings.public_url.partition("://")[2].rstrip("/")
    address = rf"[^\s<>\"'()\[\]]*(?:{re.escape(ours)}/(?!{_FOR_EVERYBODY})|{re.escape(quote(ours, safe=''))}%2F)"
    return re.sub(rf"{address}[^\s<>\"'()\[\]]*", tr("[personal link]"), text, flags=re.IGNORECASE)


_FOR_EVERYBODY = r"(?:privacy|positions/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![\w-])"


async def queue(
    site: Site,
    key: UnitKey,
    cause: str,
    template: str,
    lang: Language,
    to: str,
    now: datetime,
    **context: Any,
) -> bool:
    """Write a mail into the outbox, in the transaction of what caused it; False if that cause has mailed already.

    In the context, `enclosures` are files that go with it, `about_others` those that are about somebody else, each with
    the key of that one's unit; `by` is the colleague who wrote it, if a person did; with `leaves` it waits until then,
    and counts as queued only then.
    """
    mail, by, at = uuid4(), context.pop("by", None), context.pop("leaves", None) or now
    enclosures: list[Enclosure] = context.pop("enclosures", [])
    about_others: list[tuple[UnitKey, Enclosure]] = context.pop("about_others", [])
    message = msgspec.structs.replace(render(template, lang, to, **context), enclosures=enclosures)
    rows = await site.records.run_sql(
        "INSERT INTO mail (id, unit, cause, template, state, attempts, next_at, queued_at, written_by, sealed) "
        "VALUES (?, ?, ?, ?, 'queued', 0, ?, ?, ?, ?) ON CONFLICT (cause) DO NOTHING RETURNING id",
        *(mail, key.unit, cause, template, at, at, by, seal(key, "mail", mail, message)),
    )
    for other, enclosure in about_others if rows else []:
        row = uuid4()
        sealed = seal(other, "enclosed", row, enclosure)
        await Enclosed.insert(Enclosed(id=row, mail=mail, unit=other.unit, sealed=sealed)).run()
    return bool(rows)


async def deliver(site: Site, transport: Transport, now: datetime, limit: int = 200) -> dict[str, int]:
    """Send what is due; counts of sent, delayed, refused, dropped (its unit was erased), failed."""
    counts = {"sent": 0, "delayed": 0, "refused": 0, "dropped": 0, "failed": 0}
    for row in await _lease(site, now, limit):
        key = (await site.keyring.keys([row["unit"]])).get(row["unit"])
        try:
            counts[await _deliver_one(site, transport, row, key, now)] += 1
        except Exception as fault:  # whatever is wrong with one mail, the others leave; it is tried again
            log.error("a mail could not be sent: %s", type(fault).__name__)
            counts["failed"] += 1
    return counts


async def _lease(site: Site, now: datetime, limit: int) -> list[dict[str, Any]]:
    """Take the rows that are due, so that no other worker sends them for a while; what is restricted waits (L15)."""
    return await site.records.run_sql(
        "UPDATE mail SET next_at = ?, attempts = attempts + 1 WHERE id IN (SELECT id FROM mail WHERE state = 'queued' "
        f"AND next_at <= ? AND NOT {WAITING_MAIL} ORDER BY next_at LIMIT ?) RETURNING "
        "id, unit, attempts, sealed, queued_at",
        *(now + _LEASE, now, limit),
    )


async def _deliver_one(
    site: Site, transport: Transport, row: dict[str, Any], key: UnitKey | None, now: datetime
) -> str:
    about_others = await _about_others(site, row["id"])
    if key is None or about_others is None:
        async with site.records.transaction():
            await site.records.run_sql("DELETE FROM mail WHERE id = ?", row["id"])
            await site.records.run_sql("DELETE FROM enclosed WHERE mail = ?", row["id"])
        return "dropped"
    message = unseal(key, "mail", row["id"], bytes(row["sealed"]), Message)
    message.enclosures += about_others
    try:
        await transport.send(envelope(site, row["id"], message, row["queued_at"]))
    except MailRefused:
        async with site.records.transaction():
            await site.records.run_sql("UPDATE mail SET state = 'refused' WHERE id = ?", row["id"])
            await site.records.run_sql("DELETE FROM enclosed WHERE mail = ?", row["id"])
        return "refused"
    except MailDelayed:
        later = now + timedelta(minutes=_RETRY[min(row["attempts"], len(_RETRY)) - 1])
        await site.records.run_sql("UPDATE mail SET next_at = ? WHERE id = ?", later, row["id"])
        return "delayed"
    async with site.records.transaction():
        await site.records.run_sql("UPDATE mail SET state = 'sent', sent_at = ? WHERE id = ?", now, row["id"])
        await site.records.run_sql("DELETE FROM enclosed WHERE mail = ?", row["id"])
        await audit.record("mail.sent", now, mail=row["id"])
    return "sent"


async def _about_others(site: Site, mail: UUID) -> list[Enclosure] | None:
    """The files that go with a mail and are about others; None if one of those was erased before it could leave."""
    rows = await site.records.run_sql("SELECT id, unit, sealed FROM enclosed WHERE mail = ? ORDER BY id", mail)
    keys = await site.keyring.keys(row["unit"] for row in rows)
    if any(row["unit"] not in keys for row in rows):
        return None
    return [unseal(keys[row["unit"]], "enclosed", row["id"], bytes(row["sealed"]), Enclosure) for row in rows]


def envelope(site: Site, mail: UUID, message: Message, at: datetime) -> EmailMessage:
    """The message as it leaves; its Message-ID follows from the outbox row, so that a repetition is recognised."""
    out = EmailMessage()
    out["Subject"] = message.subject
    out["From"] = site.settings.mail_from
    out["To"] = message.to
    out["Date"] = format_datetime(at)
    out["Message-ID"] = f"<{mail}@{urlsplit(site.settings.public_url).hostname}>"
    out["Auto-Submitted"] = "auto-generated"
    out.set_content(message.text)
    out.add_alternative(message.html, subtype="html")
    for enclosure in message.enclosures:
        media_type, *params = enclosure.media_type.split("; ")
        kind, _, subtype = media_type.partition("/")
        named = dict(param.split("=", 1) for param in params)
        out.add_attachment(enclosure.data, maintype=kind, subtype=subtype, filename=enclosure.name, params=named)
    return out


def transport_of(site: Site) -> Transport | None:
    """The way out that the settings name: `smtp://user:password@host:587`, `smtps://…`, `maildir:FOLDER`; or None."""
    target = site.settings.smtp
    if not target:
        return None
    if target.startswith("maildir:"):
        return MaildirTransport(Path(target.removeprefix("maildir:")))
    if target.startswith(("smtp://", "smtps://")):
        return SmtpTransport(target)
    raise SettingsInvalid("RECRUIT_SMTP must begin with smtp://, smtps:// or maildir:")


class SmtpTransport:
    """A mail server. `smtp://` uses STARTTLS where it is offered, `smtps://` TLS from the start."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        tls = parts.scheme == "smtps"
        self._options: dict[str, Any] = {
            "hostname": parts.hostname,
            "port": parts.port or (465 if tls else 587),
            "username": unquote(parts.username) if parts.username else None,
            "password": unquote(parts.password) if parts.password else None,
            "use_tls": tls,
            "timeout": 30,
        }

    async def send(self, message: EmailMessage) -> None:
        import aiosmtplib

        try:
            async with asyncio.timeout(_PATIENCE):
                await aiosmtplib.send(message, **self._options)
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _verdict(error.recipients[0].code) from None
        except aiosmtplib.SMTPDataError as error:
            raise _verdict(error.code) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            raise MailDelayed() from None


class MaildirTransport:
    """A folder in place of a mail server: the demonstration's world outside."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: EmailMessage) -> None:
        mailbox.Maildir(self._folder, create=True).add(message.as_bytes())


def _verdict(code: int) -> RecruitError:
    """Of an answer about this address or this message. A server that refuses us, our sender or our password speaks of
    neither: that is put right by a person, and the mail waits.
    """
    return MailRefused() if 500 <= code < 600 and code not in (530, 534, 535) else MailDelayed()


def _subject(line: str) -> str:
    return " ".join(line.removeprefix("Subject:").split())


def _block(paragraph: str, ours: set[str]) -> dict[str, Any]:
    """A paragraph of a mail for the HTML layout: a button, or text with its addresses as links."""
    found = _LINK.match(paragraph.strip())
    if found and found[2] in ours:
        return {"label": found[1], "href": found[2]}
    lines = [_line(line, ours) for line in html.escape(paragraph.strip()).split("\n")]
    return {"text": Markup("<br>\n".join(lines))}


def _line(line: str, ours: set[str]) -> str:
    """A line of escaped text: `Words: address` is a link by its words if the address is ours; others show it."""
    label, _, address = line.rpartition(": ")
    if label and address in ours:
        return f'<a href="{address}">{label}</a>'
    return re.sub(r"(https?://[^\s<]+[^\s<.,;:)])", r'<a href="\1">\1</a>', line)
