"""The words of an e-mail to candidates, with fields that are filled in for each: `{name}`, in Norwegian `{navn}`. Pure.

Guards that a mail leaves only whole: a field that is not known, or has nothing for this person, is said in words. And
that a subject names nobody, since it stands in the logs of every mail server on the way.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from recruit import typed
from recruit.clock import ZONE
from recruit.errors import FormInvalid
from recruit.i18n import LANGUAGES, Language

FIELDS: dict[str, str] = {
    "name": "The candidate's name",
    "vacancy": "The title of the vacancy",
    "employer": "The employer's name",
    "step": "Where the application stands",
    "received": "The day on which the application came",
    "deadline": "The vacancy's deadline",
    "interview": "The time of the agreed interview",
    "contact": "The vacancy's contact person",
    "sender": "Your name",
}
"""What can be filled in (message ids)."""
NORWEGIAN = {
    "name": "navn",
    "vacancy": "stilling",
    "employer": "arbeidsgiver",
    "step": "steg",
    "received": "mottatt",
    "deadline": "frist",
    "interview": "intervju",
    "contact": "kontakt",
    "sender": "avsender",
}
"""The same fields as Norwegian texts call them; either name works in either language."""
_CODES = {**{code: code for code in FIELDS}, **{name: code for code, name in NORWEGIAN.items()}}
_FIELD = re.compile(r"\{\s*([^{}\s]{1,40})\s*\}")
_OF_SUBJECT = frozenset({"vacancy", "employer", "deadline", "interview"})
LONGEST_SUBJECT, LONGEST_TEXT = 200, 8000
LATEST = timedelta(days=30)


@dataclass(frozen=True)
class Words:
    """Subject and text in one language."""

    subject: str = ""
    text: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that are used, by their codes, in order."""
        return tuple(dict.fromkeys(_CODES[name] for name in _FIELD.findall(self.subject + self.text) if name in _CODES))

    def filled(self, values: Mapping[str, str]) -> "Words":
        """With every field filled in; call it only where `lacking` names none."""

        def value(found: re.Match[str]) -> str:
            return values[_CODES[found[1]]]

        return replace(self, subject=_FIELD.sub(value, self.subject), text=_FIELD.sub(value, self.text))

    def lacking(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """The fields for which there is nothing."""
        return tuple(code for code in self.fields if not values.get(code))


def problems(words: Mapping[Language, Words], needed: Iterable[Language] = LANGUAGES) -> dict[str, str]:
    """What keeps these words from being kept or sent, by form field; `needed`: the languages that must be there."""
    errors: dict[str, str] = {}
    for lang in LANGUAGES:
        said = words.get(lang, Words())
        subject, text = f"subject_{lang}", f"mail_{lang}"
        unknown = [name for name in _FIELD.findall(said.subject + said.text) if name not in _CODES]
        if lang in needed and not said.subject:
            errors[subject] = "Write the subject."
        elif len(said.subject) > LONGEST_SUBJECT:
            errors[subject] = typed.TOO_LONG
        elif {_CODES.get(name) for name in _FIELD.findall(said.subject)} - _OF_SUBJECT:
            errors[subject] = "A subject stands in the logs of mail servers, so it says nothing about a person."
        if lang in needed and not said.text:
            errors[text] = "Write the text."
        elif len(said.text) > LONGEST_TEXT:
            errors[text] = "Shorten the text to 8,000 characters."
        elif unknown:
            errors[text] = "There is a field in braces that does not exist. The fields stand beside the text."
    return errors


def of_form(form: Mapping[str, str]) -> dict[Language, Words]:
    """What was typed, in both languages."""
    return {
        lang: Words(typed.line(form.get(f"subject_{lang}", "")), form.get(f"mail_{lang}", "")) for lang in LANGUAGES
    }


def leaves_at(text: str, now: datetime, latest: timedelta = LATEST) -> datetime | None:
    """When a mail is to leave, as a form gives it in Norwegian time; None: at once. FormInvalid for another time."""
    if not text:
        return None
    try:
        at = datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=ZONE).astimezone(UTC)
    except (ValueError, OverflowError):
        raise FormInvalid({"leaves": "Write day and clock time, or leave it empty."}) from None
    if at <= now:
        raise FormInvalid({"leaves": "Choose a time that is still to come, or leave it empty."})
    if at > now + latest:
        raise FormInvalid({"leaves": "That is too late. The help beside the field says how long a mail can wait."})
    return at
