"""What a candidate may not have meant to send: seen in their own words and papers, told to them, and kept nowhere.

Guards that nobody is kept from applying by a hint: where a paper can't be read, or not soon enough, there is none. What
was seen stands on the page that is answered, and in no row, log or count.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from recruit.accounts import limits
from recruit.careers.rules import Answers, Listed
from recruit.curriculum import words_in
from recruit.documents import confined, kinds
from recruit.documents.kinds import DocumentRefused
from recruit.errors import NotFound, TooManyAttempts
from recruit.hiring import tripwire
from recruit.hiring.tripwire import Kind
from recruit.site import Site

_PATIENCE = 6.0
"""Seconds for all papers together; what is not read by then is not spoken of."""
_LOOKS = 30


@dataclass(frozen=True)
class Hint:
    """What was seen, and in which file; no file: in what was typed."""

    file: str
    kinds: tuple[Kind, ...]


def in_words(said: Answers) -> list[Hint]:
    """In the letter and whatever else was typed."""
    typed = words_in(said.experience, said.education, said.languages, said.answers)
    return _hints("", [said.letter, said.summary, *said.skills, *typed])


async def in_files(site: Site, unit: UUID, files: Sequence[Listed], who: str, now: datetime) -> list[Hint]:
    """In the files of a draft or application; `who` asks: an address or a candidate, who gets none if they ask on."""
    found: list[Hint] = []
    try:
        await limits.count(site, "hints", who, now, most=_LOOKS)
        async with asyncio.timeout(_PATIENCE):
            for file in files:
                found += _hints(file.name, [await _text(site, unit, file.id)])
    except (TimeoutError, TooManyAttempts):
        return found
    return found


async def _text(site: Site, unit: UUID, document: UUID) -> str:
    try:
        data = await site.documents.whole(await site.keyring.key(unit), document)
        return await confined.read(data, kinds.media_type_of(data))
    except (DocumentRefused, NotFound):
        return ""


def _hints(file: str, texts: Iterable[str]) -> list[Hint]:
    caught = tuple(each.kind for each in tripwire.found(*texts))
    return [Hint(file, caught)] if caught else []
