"""What an application form may say, when a vacancy takes applications, and which draft a form continues.

Guards that a form is judged in one place, without a look at the network or the clock; that no answer to the consent
question ever counts as yes (L5); and that a draft is reached only with the secret that stood in its form. Pure.
"""

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from recruit import typed
from recruit.curriculum import Answered, Education, Experience, LanguageSkill
from recruit.documents.kinds import MAX_FILES
from recruit.retention.rules import add_months

MAX_NAME = 200
MAX_PHONE = 40
MAX_LETTER = 20_000
DOCUMENT_FIELDS = {"cv": "cv", "documents": "certificate"}
"""The form's file fields, and the kind of document that comes with each."""

NO_CV = "Attach a CV, or write a letter: we need one of the two."
NO_CV_TYPED = "Attach a CV, type your experience, or write a letter: we need one of the three."

ConsentAnswer = Literal["", "yes", "no"]


@dataclass(frozen=True)
class Platform:
    """A place that carries our vacancies too, and where it says what it does with data."""

    code: str
    name: str
    privacy: str


PLATFORMS: dict[str, Platform] = {
    platform.code: platform
    for platform in (
        Platform(
            "finn",
            "FINN",
            "https://hjelpesenter.finn.no/hc/no/articles/22643919118866-Behandling-av-personopplysninger-ved-s%C3%B8k-"
            "p%C3%A5-stilling-gjennom-FINN",
        ),
        Platform("linkedin", "LinkedIn", "https://www.linkedin.com/legal/privacy-policy"),
        Platform("nav", "arbeidsplassen.no (NAV)", "https://arbeidsplassen.nav.no/personvern"),
    )
}

SOURCES = {
    "linkedin": "LinkedIn",
    "finn": "FINN.no",
    "email": "E-mail",
    "agency": "A recruitment agency",
    "tip": "A recommendation",
    "public": "A public source",
    "staff": "Entered by staff",
}
"""Where the data of somebody come from who did not fill in our form (L10), as staff choose it (message ids)."""
MAX_SOURCE = 300

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_PHONE = re.compile(r"\+?[0-9()./ -]{5,}")


@dataclass(frozen=True)
class Answers:
    """What was typed, tidied. `consent` is empty where the question was left open, which counts as no; `answers` are
    those to the vacancy's own questions.
    """

    name: str = ""
    email: str = ""
    phone: str = ""
    letter: str = ""
    consent: ConsentAnswer = ""
    summary: str = ""
    experience: tuple[Experience, ...] = ()
    education: tuple[Education, ...] = ()
    languages: tuple[LanguageSkill, ...] = ()
    skills: tuple[str, ...] = ()
    answers: tuple[Answered, ...] = ()

    @property
    def typed_cv(self) -> bool:
        """Whether experience or education was typed, which can stand for a CV file."""
        return bool(self.experience or self.education)


@dataclass(frozen=True)
class Origin:
    """Where an application comes from that its candidate did not send (L10): a code of SOURCES, the source in words as
    the person is told it, and who of the staff entered it.
    """

    source: str
    words: str
    by: UUID


@dataclass(frozen=True)
class Listed:
    """A document of a form: already in its draft, or just arrived. `digest` is the SHA-256 of its bytes; `question` is
    the id of the vacancy's own question that a file answers.
    """

    id: UUID
    kind: str
    name: str
    size: int
    digest: str
    question: str = ""


@dataclass(frozen=True)
class Sorted:
    """Which documents the form has now, which go, and which did not find room."""

    kept: tuple[Listed, ...]
    dropped: tuple[Listed, ...]
    crowded_out: bool


def well_formed(token: str) -> bool:
    return bool(_TOKEN.fullmatch(token))


def draft_of(token: str, vacancy: UUID) -> UUID:
    """The draft that a form's secret opens, at this vacancy only; the id tells nothing about the secret."""
    digest = hashlib.blake2b(token.encode() + vacancy.bytes, person=b"draft", digest_size=16).digest()
    return UUID(bytes=digest, version=4)


def takes_applications(state: str, deadline: date | None, today: date) -> bool:
    """Until the end of the deadline's day, in Oslo."""
    return state == "published" and (deadline is None or today <= deadline)


def takes_entered(state: str) -> bool:
    """Staff may enter somebody before it is published and after the deadline, but not once the process has ended."""
    return state in ("draft", "published")


def tell_by(entered_on: date) -> date:
    """The last day on which somebody may learn that we have their data (L10, art. 14(3)(a))."""
    return add_months(entered_on, 1)


def answers_of(fields: dict[str, str]) -> Answers:
    """The known fields of a form; an e-mail address gets the form in which mail servers know its host."""
    return Answers(
        name=typed.line(fields.get("name", "")),
        email=typed.email(fields.get("email", "")),
        phone=typed.line(fields.get("phone", "")),
        letter=fields.get("letter", ""),
        consent=consent_answer(fields.get("consent", "")),
    )


def consent_answer(text: str) -> ConsentAnswer:
    """Whatever is neither yes nor no is no answer (L5)."""
    return "yes" if text == "yes" else "no" if text == "no" else ""


def problems(answers: Answers, kinds: Sequence[str], typed_cv: bool = False) -> dict[str, str]:
    """What keeps the form from being sent: a sentence (English message id) for each field at fault.

    `typed_cv` says that the vacancy lets experience be typed.
    """
    found = _contact_problems(answers, "Write your name.", "Write only your name here, without addresses.")
    if not answers.email:
        found["email"] = "Write your e-mail address."
    if "cv" not in kinds and not answers.letter and not answers.typed_cv:
        found["cv"] = NO_CV_TYPED if typed_cv else NO_CV
    return found | _letter_problem(answers)


def entered_problems(answers: Answers, origin: Origin) -> dict[str, str]:
    """What keeps staff from entering somebody: a name and a source are all that it needs; an address may be unknown."""
    found = _contact_problems(answers, "Write the person's name.", "Write only the name here, without addresses.")
    if origin.source not in SOURCES:
        found["source"] = "Choose where the data come from."
    if not origin.words:
        found["where"] = "Say exactly where the data come from: the person is told."
    elif len(origin.words) > MAX_SOURCE:
        found["where"] = "Shorten this to 300 characters."
    return found | _letter_problem(answers)


def _contact_problems(answers: Answers, nameless: str, holding: str) -> dict[str, str]:
    found: dict[str, str] = {}
    if not answers.name:
        found["name"] = nameless
    elif len(answers.name) > MAX_NAME:
        found["name"] = "Shorten the name to 200 characters."
    elif typed.holds_address(answers.name):
        found["name"] = holding
    if answers.email and not typed.is_email(answers.email):
        found["email"] = typed.EMAIL_UNFIT
    if answers.phone and (len(answers.phone) > MAX_PHONE or not _PHONE.fullmatch(answers.phone)):
        found["phone"] = "Write the phone number with digits, or leave it out."
    return found


def _letter_problem(answers: Answers) -> dict[str, str]:
    if len(answers.letter) > MAX_LETTER:
        return {"letter": "Shorten the letter to 20,000 characters, or attach it as a document."}
    return {}


def sort_documents(
    before: Sequence[Listed], arrived: Sequence[Listed], removed: set[UUID], asked: Collection[str] = ()
) -> Sorted:
    """What the form holds after this round: a new CV takes the old one's place, and so does a new answer to a question;
    the same bytes count once. `asked` are the questions that want a file.

    At most `MAX_FILES` in all; those that came last find no room.
    """
    kept: list[Listed] = []
    crowded = False
    newest = {_slot(file): file.digest for file in arrived}
    for file in [*before, *arrived]:
        replaced = file.kind in ("cv", "answer") and newest.get(_slot(file), file.digest) != file.digest
        twice = any(_slot(other) == _slot(file) and other.digest == file.digest for other in kept)
        unasked = file.kind == "answer" and file.question not in asked
        if file.id in removed or replaced or twice or unasked:
            continue
        if len(kept) < MAX_FILES:
            kept.append(file)
        else:
            crowded = True
    dropped = tuple(file for file in [*before, *arrived] if file not in kept)
    return Sorted(tuple(kept), dropped, crowded)


def _slot(file: Listed) -> tuple[str, str]:
    return file.kind, file.question


def file_size(size: int) -> str:
    """A file's size as people read it: `340 kB`, `2 MB`."""
    return f"{max(1, round(size / 1000))} kB" if size < 1_000_000 else f"{round(size / 1_000_000)} MB"


def notice_shown(told: str, in_force: int) -> int:
    """The version of the privacy notice that a form says it was opened with; the one in force if it says none (L32)."""
    number = int(told) if told.isascii() and told.isdigit() and len(told) < 9 else 0
    return number if 0 < number <= in_force else in_force
