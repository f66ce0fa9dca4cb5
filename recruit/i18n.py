"""Words in Norwegian and English.

Guards that no sentence is shown half translated: the English sentence is the message id, the Norwegian stands
in `locale/nb/<capability>.po`, and a missing one is an
error in the tests and English in production. Catalogues are read once.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol, cast

from recruit import clock

Language = Literal["nb", "en"]
LANGUAGES: tuple[Language, ...] = ("nb", "en")
LOCALE = Path(__file__).parent / "locale"

_MONTHS = {
    "nb": ("jan.", "feb.", "mars", "april", "mai", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "des."),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}


class Translate(Protocol):
    """`_("Kept until {date}", date=...)`; `_.plural("{n} file", "{n} files", n)`."""

    lang: Language

    def __call__(self, message: str, **params: object) -> str: ...

    def plural(self, one: str, many: str, n: int, **params: object) -> str: ...


class Sentence(str):
    """A message id that brings along what stands in its gaps, for a mistake that quotes what was typed."""

    def __new__(cls, message: str, **params: object) -> "Sentence":
        made = super().__new__(cls, message)
        made.params = params
        return made

    params: dict[str, object]


@cache
def _catalogue() -> dict[str, tuple[str, ...]]:
    from babel.messages.pofile import read_po

    words: dict[str, tuple[str, ...]] = {}
    for path in sorted(LOCALE.glob("nb/*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="nb"):
                if message.id and message.string:
                    key = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
                    text = message.string
                    words[str(key)] = tuple(text) if isinstance(text, (tuple, list)) else (str(text),)
    return words


class _Translator:
    def __init__(self, lang: Language) -> None:
        self.lang = lang
        self._words = _catalogue() if lang == "nb" else {}

    def __call__(self, message: str, **params: object) -> str:
        text = self._words.get(message, (message,))[0]
        params = params or getattr(message, "params", {})
        return text.format(**self._localised(params)) if params else text

    def plural(self, one: str, many: str, n: int, **params: object) -> str:
        forms = self._words.get(one, (one, many))
        return forms[0 if n == 1 else -1].format(n=n, **self._localised(params))

    def _localised(self, params: dict[str, object]) -> dict[str, object]:
        return {k: format_date(v, self.lang) if isinstance(v, date) else v for k, v in params.items()}


@cache
def translator(lang: Language) -> Translate:
    """The translating function of one language; dates among its parameters take that language's form."""
    return cast("Translate", _Translator(lang))


def known(message: str) -> bool:
    """Whether a sentence is one of the program's own: a receipt takes no other."""
    return message in _catalogue()


def either(row: Mapping[str, Any], column: str, lang: Language) -> str:
    """What stands in a column of two languages (`title_nb`, `title_en`): in this one, or in the other that there is."""
    other = "nb" if lang == "en" else "en"
    return str(row[f"{column}_{lang}"] or row[f"{column}_{other}"])


def format_date(value: date, lang: Language) -> str:
    """`22. nov. 2026` or `22 Nov 2026`; an instant is shown as its day in Oslo."""
    day = clock.day(value) if isinstance(value, datetime) else value
    month = _MONTHS[lang][day.month - 1]
    return f"{day.day}. {month} {day.year}" if lang == "nb" else f"{day.day} {month} {day.year}"


def format_month(value: date, lang: Language) -> str:
    """`nov. 2026` or `Nov 2026`."""
    return f"{_MONTHS[lang][value.month - 1]} {value.year}"


def format_instant(value: datetime, lang: Language) -> str:
    """Day and time of day in Oslo: `22. nov. 2026 kl. 14.05` or `22 Nov 2026, 14:05`."""
    local = value.astimezone(clock.ZONE)
    if lang == "nb":
        return f"{format_date(value, lang)} kl. {local:%H.%M}"
    return f"{format_date(value, lang)}, {local:%H:%M}"


def choose_language(accept: str) -> Language:
    """The first language of an Accept-Language header that we speak; Norwegian in all its forms is `nb`."""
    ranked: list[tuple[float, int, Language]] = []
    for place, part in enumerate(accept.split(",")):
        tag, _, quality = part.strip().partition(";q=")
        code = tag.strip().lower().split("-")[0]
        spoken: Language | None = "nb" if code in ("nb", "no", "nn") else "en" if code == "en" else None
        if spoken:
            try:
                weight = float(quality) if quality else 1.0
            except ValueError:
                weight = 0.0
            ranked.append((-weight, place, spoken))
    return min(ranked)[2] if ranked else "nb"
