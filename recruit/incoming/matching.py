"""Whose an e-mail is: the application that it answers, or whose candidate has sent it.

Guards that nothing is put with an application on a guess: what a machine wrote, what points at several, and what comes
from an address with more than one application waits for a person. Reads only.
"""

import re
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from recruit.database import IDS, ids
from recruit.eml import Letter
from recruit.site import Site
from recruit.visible import APPLICATIONS

KnownBy = Literal["reply", "sender", "person"]

_OURS = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@([^>]+)>")


@dataclass(frozen=True)
class Match:
    """The application that an e-mail belongs to, and how that is known."""

    application: UUID
    known_by: KnownBy


def answered(site: Site, answers_to: tuple[str, ...] | list[str]) -> list[UUID]:
    """Which of our own mails these Message-IDs name (`mail.envelope`)."""
    host = urlsplit(site.settings.public_url).hostname
    found = (_OURS.fullmatch(each) for each in answers_to)
    return [UUID(match[1]) for match in found if match and match[2] == host]


async def application_of(site: Site, letter: Letter) -> Match | None:
    """The one application that a person's e-mail belongs to beyond doubt, or None."""
    if letter.mark:
        return None
    units = await _units(site, answered(site, letter.answers_to))
    guards = await site.keyring.guards(units)
    replied = [unit for unit in units if guards[unit].present and guards[unit].kind == "application"]
    if replied:
        return Match(replied[0], "reply") if len(replied) == 1 else None
    candidate = await site.keyring.find("profile", letter.address) if letter.address else None
    rows = await _applications(site, [candidate] if candidate else [])
    alone = len(rows) == 1 and rows[0]["outcome"] is None
    return Match(rows[0]["id"], "sender") if alone else None


async def likely(site: Site, answers_to: list[str], address: str) -> list[UUID]:
    """The applications that it may be about, for a person to choose from: of whom it answers, and of its sender."""
    units = await _units(site, answered(site, answers_to))
    referees = await site.records.run_sql(f"SELECT application FROM referee WHERE id IN {IDS}", ids(units))
    sender = await site.keyring.find("profile", address) if address else None
    rows = await _applications(site, [*units, *([sender] if sender else [])])
    return list(dict.fromkeys([*units, *(r["application"] for r in referees), *(r["id"] for r in rows)]))


async def _units(site: Site, mails: list[UUID]) -> list[UUID]:
    """The units that these mails of ours were about, each once."""
    rows = await site.records.run_sql(f"SELECT DISTINCT unit FROM mail WHERE id IN {IDS}", ids(mails))
    return [row["unit"] for row in rows]


async def _applications(site: Site, candidates: list[UUID]) -> list[dict[str, Any]]:
    """Those that somebody may work with (L15)."""
    return await site.records.run_sql(
        f"SELECT a.id, a.outcome FROM {APPLICATIONS} a WHERE a.candidate IN {IDS}", ids(candidates)
    )
