"""Files in which people come who did not apply: a table (CSV), or a mail (.eml). Pure.

Guards that a stranger's file can do nothing but be read: a bounded size, plain text out, no cell that a spreadsheet
would compute; that every row which can't be taken says why, in words; and that nothing is cut silently.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr

from recruit import typed
from recruit.careers.rules import Answers, Origin, answers_of, entered_problems
from recruit.errors import RecruitError
from recruit.i18n import LANGUAGES, Language

MAX_ROWS = 200
_HEADS = {
    "name": "name", "navn": "name",
    "email": "email", "e-mail": "email", "e-post": "email", "epost": "email", "e-postadresse": "email",
    "phone": "phone", "telefon": "phone", "mobil": "phone", "telephone": "phone",
    "language": "speaks", "språk": "speaks", "sprak": "speaks",
    "source": "where", "kilde": "where",
}  # fmt: skip
"""What the columns of a table may be called."""
COLUMNS = ("name", "email", "phone", "speaks", "where")
_FORMULA = ("=", "@", "+", "-")
FORMULA = "This begins like a formula of a spreadsheet. Write it as text."
TWICE = "This e-mail address stands in an earlier row too."
LANGUAGE_UNFIT = "Write nb or en for the language, or leave it empty."


class FileUnfit(RecruitError):
    """The parent of what may be wrong with the file as a whole."""

    status = 422
    text = "The file could not be read as a table. Save it as CSV, in UTF-8."


class NoNames(FileUnfit):
    text = "The first row must name the columns; one of them must be “name”."


class NobodyInIt(FileUnfit):
    text = "There is nobody in the file: below the first row it is empty."


class TooMany(FileUnfit):
    text = "The file has more than 200 rows. Divide it, and import the parts."


class NoMail(FileUnfit):
    text = "The file is no e-mail with a sender. Save the message as .eml."


@dataclass(frozen=True)
class Row:
    """A row as it will be entered; `errors` by column, in words, if it can't be."""

    number: int
    answers: Answers
    origin: Origin
    speaks: Language
    errors: Mapping[str, str] = field(default_factory=dict)


def table(data: bytes, origin: Origin, lang: Language) -> list[Row]:
    """The rows of a CSV file; a column for the source goes before the one that was chosen for all. A FileUnfit."""
    lines = [line for line in _lines(_text(data)) if any(cell.strip() for cell in line)]
    heads = [_HEADS.get(typed.line(head).casefold(), "") for head in lines[0]] if lines else []
    if "name" not in heads:
        raise NoNames()
    if len(lines) < 2:
        raise NobodyInIt()
    if len(lines) > MAX_ROWS + 1:
        raise TooMany()
    seen: set[str] = set()
    rows = []
    for number, line in enumerate(lines[1:], 2):
        cells = {head: _cell(cell) for head, cell in zip(heads, line, strict=False) if head}
        rows.append(_row(number, cells, origin, lang, seen))
    return rows


def _row(number: int, cells: dict[str, str], origin: Origin, lang: Language, seen: set[str]) -> Row:
    answers = answers_of(cells)
    own = Origin(origin.source, typed.line(cells.get("where", "")) or origin.words, origin.by)
    speaks = cells.get("speaks", "").casefold()
    errors = entered_problems(answers, own)
    errors |= {name: FORMULA for name in ("name", "email", "where") if cells.get(name, "").startswith(_FORMULA)}
    if speaks and speaks not in LANGUAGES:
        errors["speaks"] = LANGUAGE_UNFIT
    address = answers.email.casefold()
    if address and address in seen:
        errors.setdefault("email", TWICE)
    seen.add(address)
    return Row(number, answers, own, speaks if speaks in LANGUAGES else lang, errors)


def _cell(text: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from computing (`recruit.spreadsheets`)."""
    tidied = typed.line(typed.tidy(text))
    return tidied[1:] if tidied[:1] == "'" and tidied[1:].startswith(_FORMULA) else tidied


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _lines(text: str) -> list[list[str]]:
    first = text.split("\n", 1)[0]
    delimiter = max(";,\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        raise FileUnfit() from None


# --- a mail -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mailed:
    """What a mail says of who sent it: name and address, the text, and the files that came with it."""

    answers: Answers
    files: tuple[tuple[str, bytes], ...]


def mail(data: bytes) -> Mailed:
    """Who sent a mail, what it says, and its attachments. NoMail if it has no sender."""
    message = message_from_bytes(data, policy=policy.default)
    name, address = parseaddr(str(message.get("from", "")))
    if not typed.is_email(typed.email(address)):
        raise NoMail()
    body = message.get_body(("plain",))
    text = typed.tidy(str(body.get_content())) if body is not None else ""
    files = tuple(
        (typed.line(part.get_filename() or "attachment"), content)
        for part in message.iter_attachments()
        if isinstance(content := _content(part), bytes) and content
    )
    return Mailed(Answers(name=typed.line(name), email=typed.email(address), letter=text), files)


def _content(part: object) -> object:
    return part.get_payload(decode=True) if isinstance(part, EmailMessage) else None
