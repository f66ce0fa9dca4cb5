"""What people type about rights: a candidate's own request, and one that staff record.

Guards that a reason is never required (L19), and that a mistake comes back as a sentence beside its field. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import get_args
from uuid import UUID

from recruit import typed
from recruit.errors import FormInvalid, NotFound
from recruit.rights import rules
from recruit.rights.rules import Channel, Kind
from recruit.tables import RequestWords

EVERYTHING = "everything"
SOME = "some"
MARRED = {
    "scope": "Choose what it is about.",
    "categories": "Choose what is to be erased.",
    "new": "Write what is wrong, and what should stand there instead.",
    "ground": "Choose one of the reasons, or none.",
    "channel": "Choose how it came.",
    "received_on": "Name the day on which it came: today, or a day before.",
    "kind": "Choose which right it is.",
}


@dataclass(frozen=True)
class Typed:
    """A form as it was filled in: nothing of it is lost when it comes back. `goes_on`: do not rest meanwhile; `extent`:
    with `some`, an erasure is about these categories only (L27).
    """

    scope: str = ""
    reason: str = ""
    ground: str = ""
    old: str = ""
    new: str = ""
    goes_on: bool = False
    extent: str = ""
    categories: tuple[str, ...] = ()
    kind: str = ""
    channel: str = ""
    received_on: str = ""
    errors: dict[str, str] = field(default_factory=dict)


def read(form: Mapping[str, str]) -> Typed:
    return Typed(
        scope=form.get("scope", ""),
        reason=form.get("reason", ""),
        ground=form.get("ground", ""),
        old=form.get("old", ""),
        new=form.get("new", ""),
        goes_on=form.get("meanwhile") == "on",
        extent=form.get("extent", ""),
        kind=form.get("kind", ""),
        channel=form.get("channel", ""),
        received_on=form.get("received_on", ""),
    )


def kind_of(text: str) -> Kind:
    """The kind in an address; NotFound for anything else."""
    for kind in rules.KINDS:
        if text == kind:
            return kind
    raise NotFound()


def require(kind: Kind, form: Typed) -> None:
    """FormInvalid where something that the law needs to know is missing; a reason is never among it."""
    wrong = []
    may_be_empty = kind in rules.ABOUT_EVERYTHING or kind == "rectification"
    if not (_is_scope(form.scope) or (may_be_empty and not form.scope)):
        wrong.append("scope")
    if kind == "rectification" and not form.new:
        wrong.append("new")
    if kind == "erasure" and form.extent == SOME and not form.categories:
        wrong.append("categories")
    if form.ground and form.ground not in rules.RESTRICTING:
        wrong.append("ground")
    if wrong:
        raise FormInvalid({name: MARRED[name] for name in wrong})


def words_of(kind: Kind, form: Typed) -> RequestWords:
    """What the form says, as it is sealed."""
    field = rules.GOES_ON if kind == "rectification" and form.goes_on else form.ground
    chosen = list(form.categories) if kind == "erasure" and form.extent == SOME else []
    return RequestWords(text=form.reason, field=field, old=form.old, new=form.new, categories=chosen)


def application_of(form: Typed) -> UUID | None:
    """The one application that it is about; None for everything."""
    return UUID(form.scope) if form.scope not in ("", EVERYTHING) else None


def _is_scope(text: str) -> bool:
    if text == EVERYTHING:
        return True
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def recorded(form: Typed, today: date) -> tuple[Kind, Channel, date]:
    """How a request came that staff record; FormInvalid for what is missing."""
    came = typed.day(form.received_on)
    wrong = [
        name
        for name, fits in (
            ("kind", form.kind in rules.KINDS),
            ("channel", form.channel in get_args(Channel) and form.channel != "my_data"),
            ("received_on", came is not None and came <= today),
        )
        if not fits
    ]
    if wrong or came is None:
        raise FormInvalid({name: MARRED[name] for name in wrong})
    channel = next(known for known in rules.CHANNELS if known == form.channel)
    return kind_of(form.kind), channel, came
