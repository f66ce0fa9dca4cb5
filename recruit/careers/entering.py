"""Entering somebody who did not apply: by hand, from a file, from a mail that came in (L10).

Guards that such an application comes to be in the same way as any other, with its source, and never without the notice
to the person; and that entering the same twice enters it once.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from recruit import typed
from recruit.careers import rules, service
from recruit.careers.rules import Answers, Origin
from recruit.careers.uploads import StoreAway
from recruit.documents.kinds import DocumentRefused
from recruit.errors import FormInvalid
from recruit.i18n import Language
from recruit.site import Site

File = tuple[str, str, bytes]
"""A document: its name, its kind (`cv`, `certificate`), its bytes."""


async def enter(
    site: Site,
    vacancy: UUID,
    answers: Answers,
    files: Iterable[File],
    origin: Origin,
    lang: Language,
    now: datetime,
    token: str = "",
    left_out: list[str] | None = None,
) -> UUID:
    """Make an application of what somebody sent or left elsewhere; the notice goes out by itself. Its id.

    `lang` is the person's language, as far as one knows; the same `token` (43 characters, `service.new_token`) enters
    only once. Raises FormInvalid, a DocumentRefused, or NotTakingApplications; then nothing is kept. With `left_out`, a
    file that can't be a document is named there, and the rest is entered without it.
    """
    turn = await service.begin(site, vacancy, token, now, lang)
    turn.origin = origin
    turn.form.fields["form"] = turn.token
    named = {name: getattr(answers, name) for name in ("name", "email", "phone", "letter")}
    tidied = rules.answers_of({name: typed.tidy(text) for name, text in named.items()})
    said = replace(answers, consent="", **{name: getattr(tidied, name) for name in named})
    errors = rules.entered_problems(said, origin)
    if errors:
        raise FormInvalid(errors)
    try:
        for name, kind, data in files:
            await _put(turn, name, kind, data, left_out)
    except BaseException:
        await service.discard(turn)
        raise
    taken = await service.take(turn, said, lang)
    if taken.application is None:
        raise FormInvalid(taken.errors)
    return taken.application


async def _put(turn: service.Round, name: str, kind: str, data: bytes, left_out: list[str] | None) -> None:
    try:
        await turn.shelf.put(name, kind, data)
    except StoreAway:
        raise
    except DocumentRefused:
        if left_out is None:
            raise
        left_out.append(name)
