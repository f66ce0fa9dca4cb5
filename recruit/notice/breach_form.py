"""What the form of a breach note means: typed answers in, a note and its mistakes out. Pure.

Guards that a mistake stands beside its field, and that no day of a note lies in the future.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import cast

from recruit import typed
from recruit.clock import ZONE, day
from recruit.notice.breaches import Breach
from recruit.notice.rules import KINDS, STORES, Kind, Store
from recruit.tables import BreachWords

Form = Mapping[str, str]
Errors = dict[str, str]

LONGEST = 4000
MOST = 10_000_000
EMPTY = "Fill this in."
DAY_UNFIT = "Name a day that has come, like 2026-11-24."
TIME_UNFIT = "Write the time like 14:05."
BEFORE = "It can't have been known before it happened."
NUMBER_UNFIT = "Write a whole number, or leave it empty if it is not known yet."
NO_KIND = "Choose what happened to the data."

WORDS = ("what", "consequences", "measures", "delay", "unreported", "untold")


def breach(form: Form, kinds: Sequence[str], stores: Sequence[str], now: datetime) -> tuple[Breach | None, Errors]:
    """The note that a form asks for, or what keeps it from being stored."""
    today, errors = day(now), Errors()
    happened = _day(form, "happened_on", today, errors)
    known_on = _day(form, "known_on", today, errors)
    clock = _time(form.get("known_time", ""), errors)
    if happened and known_on and known_on < happened:
        errors["known_on"] = BEFORE
    told = {name: _day(form, name, today, errors, needed=False) for name in ("authority_on", "persons_on")}
    persons = _number(form.get("persons", ""), errors)
    words = BreachWords(**{name: form.get(name, "") for name in WORDS})
    errors |= _word_problems(words)
    if not set(kinds) & set(KINDS):
        errors["kinds"] = NO_KIND
    if not (happened and known_on and clock) or errors:
        return None, errors
    made = Breach(
        happened_on=happened,
        known_at=datetime.combine(known_on, clock, ZONE),
        kinds=cast("tuple[Kind, ...]", tuple(kind for kind in KINDS if kind in kinds)),
        stores=cast("tuple[Store, ...]", tuple(store for store in STORES if store in stores)),
        persons=persons,
        authority_on=told["authority_on"],
        persons_on=told["persons_on"],
        words=words,
    )
    return made, errors


def form_of(note: Breach) -> dict[str, str]:
    """The same the other way round; kinds and stores are handed over apart."""
    known = note.known_at.astimezone(ZONE)
    form = {name: getattr(note.words, name) for name in WORDS}
    form |= {name: _iso(getattr(note, name)) for name in ("happened_on", "authority_on", "persons_on")}
    form |= {"known_on": known.date().isoformat(), "known_time": f"{known:%H:%M}"}
    return form | {"persons": "" if note.persons is None else str(note.persons)}


def _iso(value: date | None) -> str:
    return value.isoformat() if value else ""


def _day(form: Form, name: str, today: date, errors: Errors, needed: bool = True) -> date | None:
    text = form.get(name, "")
    if not text and not needed:
        return None
    found = typed.day(text)
    if found is None or found > today:
        errors[name] = DAY_UNFIT if text else EMPTY
        return None
    return found


def _time(text: str, errors: Errors) -> time | None:
    if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        return time.fromisoformat(text)
    errors["known_time"] = TIME_UNFIT
    return None


def _number(text: str, errors: Errors) -> int | None:
    plain = text.replace(" ", "").replace("\u00a0", "")
    if not plain:
        return None
    if re.fullmatch(r"[0-9]{1,8}", plain) and int(plain) <= MOST:
        return int(plain)
    errors["persons"] = NUMBER_UNFIT
    return None


def _word_problems(words: BreachWords) -> Errors:
    found = {name: typed.TOO_LONG for name in WORDS if len(getattr(words, name)) > LONGEST}
    return found | ({} if words.what else {"what": EMPTY})
