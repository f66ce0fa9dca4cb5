"""What the form of an entry means: typed answers in, an entry of the record and its mistakes out. Pure.

Guards that a mistake stands beside its field, and that nothing typed gets into a field that the program computes.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from recruit import typed
from recruit.notice.activities import BASES, COMPUTED, MECHANISMS, TEXTS, Both, Entry, Transfer

Form = Mapping[str, str]
Errors = dict[str, str]

LONGEST = 2000
TRANSFERS = 4
"""How many transfers the form has room for."""

EMPTY = "Fill this in."
NO_BASIS = "Choose at least one basis."
NONE_AND_SOME = "Either no personal data are processed, or there is a basis: not both."
NO_MECHANISM = "Choose what allows the transfer."
NO_RECIPIENT = "Write to whom and where the data go."
LINK_UNFIT = "Write the whole address, like https://example.no/privacy."

_REQUIRED = ("name", "purpose", "people", "data", "retention")
_OPTIONAL = ("source", "why", "recipients", "security")


def entry(key: str, form: Form, bases: Sequence[str]) -> tuple[Entry, Errors]:
    """The entry that a form asks for, and what keeps it from being stored."""
    fixed = COMPUTED.get(key, ())
    texts = {name: Both(form.get(f"{name}_nb", ""), form.get(f"{name}_en", "")) for name in TEXTS if name not in fixed}
    chosen = () if "bases" in fixed else tuple(basis for basis in BASES if basis in bases)
    transfers, errors = _transfers(form)
    link = form.get("link", "")
    for name, text in texts.items():
        errors |= _text_problems(name, text)
    if "bases" not in fixed:
        errors |= _basis_problem(chosen)
    if link and not _is_address(link):
        errors["link"] = LINK_UNFIT
    made = Entry(**texts, bases=chosen, transfers=transfers, link=link, shown=form.get("shown") == "1")
    return made, errors


def form_of(kept: Entry) -> dict[str, str]:
    """The same the other way round, for the form as it opens; the bases are handed over apart."""
    form = {f"{name}_nb": getattr(kept, name).nb for name in TEXTS}
    form |= {f"{name}_en": getattr(kept, name).en for name in TEXTS}
    for place, transfer in enumerate(kept.transfers[:TRANSFERS], 1):
        form |= {f"to_nb_{place}": transfer.to.nb, f"to_en_{place}": transfer.to.en}
        form[f"mechanism_{place}"] = transfer.mechanism
    return form | {"link": kept.link, "shown": "1" if kept.shown else ""}


def fields_of(key: str) -> tuple[str, ...]:
    """The texts that can be typed in an entry."""
    return tuple(name for name in TEXTS if name not in COMPUTED.get(key, ()))


def required(name: str) -> bool:
    return name in _REQUIRED


def _text_problems(name: str, text: Both) -> Errors:
    found: dict[str, str] = {}
    if name in _REQUIRED and not text.nb:
        found[f"{name}_nb"] = EMPTY
    for lang in ("nb", "en"):
        if len(getattr(text, lang)) > LONGEST:
            found[f"{name}_{lang}"] = typed.TOO_LONG
    return found


def _basis_problem(bases: tuple[str, ...]) -> Errors:
    if not bases:
        return {"bases": NO_BASIS}
    return {"bases": NONE_AND_SOME} if "none" in bases and len(bases) > 1 else {}


def _transfers(form: Form) -> tuple[tuple[Transfer, ...], Errors]:
    """The filled rows; one with neither recipient nor mechanism is no transfer."""
    found: list[Transfer] = []
    errors: Errors = {}
    for place in range(1, TRANSFERS + 1):
        to = Both(form.get(f"to_nb_{place}", ""), form.get(f"to_en_{place}", ""))
        mechanism: Any = form.get(f"mechanism_{place}", "")
        if not (to.nb or to.en or mechanism):
            continue
        if not to.nb:
            errors[f"to_nb_{place}"] = NO_RECIPIENT
        if max(len(to.nb), len(to.en)) > 200:
            errors[f"to_nb_{place}"] = typed.TOO_LONG
        if mechanism in MECHANISMS:
            found.append(Transfer(to, mechanism))
        else:
            errors[f"mechanism_{place}"] = NO_MECHANISM
    return tuple(found), errors


def _is_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and bool(parts.hostname) and link.isprintable() and len(link) <= 300
