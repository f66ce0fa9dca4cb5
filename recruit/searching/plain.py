"""What a word is to searching, in what is kept as in what somebody types. Pure.

Guards that both sides are cut in the same way: SQLite cuts a text of these words at their spaces and nowhere else, so
nothing that is typed can be a question that it refuses.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

_SHORTEST = 3
"""Letters from which on a word counts as the beginning of others too."""
_WORD = re.compile(r"\w+")
_PHONE = re.compile(r"[+\d][\d\s()./-]{3,}")


def plain(text: str) -> list[str]:
    """The words of a text in their order, in lower case and without accents (`Åse` is `ase`, `Øst` stays `øst`)."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return _WORD.findall(bare)


def numbers_in(text: str) -> Iterator[str]:
    """Telephone numbers with what stands between their digits left out, as people type them in as many ways."""
    for found in _PHONE.findall(text):
        yield "".join(c for c in found if c.isdigit())


def expression(query: str) -> str:
    """What is asked of a table: each word, or one telephone number, as the beginning of a word if it is no stub."""
    typed = query.strip()
    words = list(numbers_in(typed)) if _PHONE.fullmatch(typed) else plain(typed)
    return " AND ".join(f'"{word}"' + "*" * (len(word) >= _SHORTEST) for word in dict.fromkeys(words))


def fits(text: str, query: str) -> bool:
    """Whether a text has what the words of a query ask of a table."""
    there = plain(text)
    return all(
        any(word == each or (len(word) >= _SHORTEST and each.startswith(word)) for each in there)
        for word in plain(query)
    )


def table(name: str) -> str:
    """The statement that makes a table of texts."""
    return f"CREATE VIRTUAL TABLE {name} USING fts5(text, detail=none, prefix='3 4', tokenize=\"ascii tokenchars '_'\")"


def text_of(words: Iterable[str]) -> str:
    """Words as they are put into a table, each once."""
    return " ".join(dict.fromkeys(words))
