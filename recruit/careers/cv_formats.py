"""A CV that a person brings along as a file: JSON Resume, or Europass as XML or JSON, read into one form. Pure.

Guards that a stranger's file can do nothing but be read: no entities, no document type, nothing fetched, a bounded size
and depth; that a file which is none of these says so in words; and that no text becomes markup. What does not fit
the form is left out and counted, never cut silently.
"""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import msgspec
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from recruit import typed
from recruit.curriculum import Education, Experience, LanguageSkill
from recruit.errors import RecruitError

MAX_BYTES = 1024 * 1024
MAX_ENTRIES = 20
"""Of experience, of education, and of languages, each."""
MAX_SKILLS = 40
MAX_LINE = 200
MAX_TEXT = 2_000

Plain = dict[str, Any]


class CvUnreadable(RecruitError):
    """The parent of all that may be wrong with a CV file."""

    status = 422
    text = "The CV file could not be read: it is damaged, or no plain JSON or XML."


class CvTooLarge(CvUnreadable):
    text = "The CV file is larger than 1 MB. Attach it as a document instead."


class CvBroken(CvUnreadable):
    """No whole JSON or XML; or one that declares what only attacks need."""


class CvNotKnown(CvUnreadable):
    text = "The CV file is neither JSON Resume nor Europass. Attach it as a document instead."


class CvEmpty(CvUnreadable):
    text = "We found nothing in the CV file that the form asks for."


class Cv(msgspec.Struct, kw_only=True):
    """What a CV file says, tidied. Days are `2019-03` or `2019`. `left_out` counts entries that found no room."""

    name: str = ""
    email: str = ""
    phone: str = ""
    summary: str = ""
    experience: list[Experience] = []
    education: list[Education] = []
    languages: list[LanguageSkill] = []
    skills: list[str] = []
    left_out: int = 0


def read(data: bytes) -> Cv:
    """The CV in a file of any of the formats, told by its content. Raises a CvUnreadable."""
    if len(data) > MAX_BYTES:
        raise CvTooLarge()
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    cv = _from_json(data) if start == b"{" else _from_xml(data)
    return _bounded(cv)


def _bounded(cv: Cv) -> Cv:
    """Empty entries out, the rest up to what the form takes."""
    experience = [e for e in cv.experience if e.title or e.employer or e.text]
    education = [e for e in cv.education if e.title or e.school or e.text]
    languages = [spoken for spoken in cv.languages if spoken.name]
    skills = list(dict.fromkeys(skill for skill in cv.skills if skill))
    kept = msgspec.structs.replace(
        cv,
        experience=experience[:MAX_ENTRIES],
        education=education[:MAX_ENTRIES],
        languages=languages[:MAX_ENTRIES],
        skills=skills[:MAX_SKILLS],
        left_out=sum(max(0, len(found) - MAX_ENTRIES) for found in (experience, education, languages))
        + max(0, len(skills) - MAX_SKILLS),
    )
    if kept == Cv():
        raise CvEmpty()
    return kept


# --- JSON: two formats ------------------------------------------------------------------------------------------------


def _from_json(data: bytes) -> Cv:
    try:
        whole = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise CvBroken() from None
    passport = _dict(whole, "SkillsPassport") or whole
    if "LearnerInfo" in passport:
        return _skills_passport(_dict(passport, "LearnerInfo"))
    if any(key in whole for key in ("basics", "work", "education", "skills", "languages")):
        return _json_resume(whole)
    raise CvNotKnown()


def _json_resume(whole: Plain) -> Cv:
    """https://jsonresume.org/schema, 1.0.0; the older names `company` and `website` as well."""
    basics = _dict(whole, "basics")
    return Cv(
        name=_line(basics, "name"),
        email=_line(basics, "email"),
        phone=_line(basics, "phone"),
        summary=_text(basics, "summary") or _text(basics, "label"),
        experience=[
            Experience(
                title=_line(work, "position"),
                employer=_line(work, "name") or _line(work, "company"),
                began=day_of(_line(work, "startDate")),
                ended=day_of(_line(work, "endDate")),
                text=_joined(_text(work, "summary"), *_texts(work, "highlights")),
            )
            for work in _dicts(whole, "work")
        ],
        education=[
            Education(
                title=", ".join(filter(None, (_line(study, "studyType"), _line(study, "area")))),
                school=_line(study, "institution"),
                began=day_of(_line(study, "startDate")),
                ended=day_of(_line(study, "endDate")),
                text=_joined(*_texts(study, "courses")),
            )
            for study in _dicts(whole, "education")
        ],
        languages=[
            LanguageSkill(name=_line(spoken, "language"), level=_line(spoken, "fluency"))
            for spoken in _dicts(whole, "languages")
        ],
        skills=[
            name
            for skill in _dicts(whole, "skills")
            for name in (_line(skill, "name"), *map(typed.line, _texts(skill, "keywords")))
        ],
    )


# --- Europass until 2020: SkillsPassport, as JSON or XML --------------------------------------------------------------


def _skills_passport(learner: Plain) -> Cv:
    identity, skills = _dict(learner, "Identification"), _dict(learner, "Skills")
    name, contact = _dict(identity, "PersonName"), _dict(identity, "ContactInfo")
    return Cv(
        name=typed.line(f"{_line(name, 'FirstName')} {_line(name, 'Surname')}"),
        email=_line(_dict(contact, "Email"), "Contact"),
        phone=next((_line(number, "Contact") for number in _dicts(contact, "Telephone")), ""),
        summary=_text(_dict(_dict(learner, "Headline"), "Description"), "Label"),
        experience=[
            Experience(
                title=_line(_dict(work, "Position"), "Label"),
                employer=_line(_dict(work, "Employer"), "Name"),
                text=_text(work, "Activities"),
                **_period(work),
            )
            for work in _dicts(learner, "WorkExperience")
        ],
        education=[
            Education(
                title=_line(study, "Title"),
                school=_line(_dict(study, "Organisation"), "Name"),
                text=_text(study, "Activities"),
                **_period(study),
            )
            for study in _dicts(learner, "Education")
        ],
        languages=list(_linguistic(_dict(skills, "Linguistic"))),
        skills=[
            skill
            for kind, words in skills.items()
            if kind != "Linguistic" and isinstance(words, dict)
            for skill in map(typed.line, _text(words, "Description").splitlines())
        ],
    )


def _linguistic(skills: Plain) -> Iterator[LanguageSkill]:
    for spoken in _dicts(skills, "MotherTongue"):
        yield LanguageSkill(name=_line(_dict(spoken, "Description"), "Label"), level="C2")
    for spoken in _dicts(skills, "ForeignLanguage"):
        levels = [
            str(level) for level in _dict(spoken, "ProficiencyLevel").values() if level and isinstance(level, str)
        ]
        yield LanguageSkill(name=_line(_dict(spoken, "Description"), "Label"), level=_range(levels))


def _range(levels: list[str]) -> str:
    """`B2`, or `B1–C1` where speaking, reading and writing differ."""
    lowest, highest = (min(levels), max(levels)) if levels else ("", "")
    return typed.line(lowest if lowest == highest else f"{lowest}–{highest}")


def _period(entry: Plain) -> dict[str, str]:
    period = _dict(entry, "Period")
    began, ended = (_europass_day(_dict(period, name)) for name in ("From", "To"))
    return {"began": began, "ended": "" if str(period.get("Current", "")).lower() == "true" else ended}


def _europass_day(parts: Plain) -> str:
    """`{"Year": 2019, "Month": 3}`, and the XML's `year="2019" month="--03"`."""
    year, month = (str(parts.get(name, parts.get(name.lower(), ""))).strip("-") for name in ("Year", "Month"))
    return day_of(f"{year}-{month.zfill(2)}" if month.isdecimal() else year)


# --- XML --------------------------------------------------------------------------------------------------------------


def _from_xml(data: bytes) -> Cv:
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError):
        raise CvBroken() from None
    kind = _local(root.tag)
    if kind == "SkillsPassport":
        return _skills_passport(_dict(_plain(root), "LearnerInfo"))
    if kind == "Candidate":
        return _candidate(_plain(root))
    raise CvNotKnown()


_DEEPEST = 30


def _plain(element: Element, depth: int = 0) -> Plain:
    """An element as its JSON says it: attributes and children by their local names, lists without their wrapper."""
    found: Plain = {_local(name): value for name, value in element.attrib.items()}
    for child in element if depth < _DEEPEST else ():
        name = _local(child.tag)
        nested = _plain(child, depth + 1) if len(child) or child.attrib else {}
        own = {} if len(child) else {"": child.text or ""}
        value: Any = {**nested, **own} if nested else (child.text or "")
        if name.endswith("List") and nested:
            found.update({key: inner for key, inner in nested.items() if key not in found})
        elif name in found:
            before = found[name]
            found[name] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            found[name] = value
    return found


def _local(name: Any) -> str:
    return str(name).rpartition("}")[2]


def _candidate(whole: Plain) -> Cv:
    """What the Europass editor writes since 2020: an HR-XML candidate, long texts as escaped HTML."""
    person, profile = _dict(whole, "CandidatePerson"), _dict(whole, "CandidateProfile")
    name = _dict(person, "PersonName")
    reached = {_line(way, "ChannelCode"): way for way in reversed(_dicts(person, "Communication"))}
    number = reached.get("Telephone", {})
    dialling, rest = _line(number, "CountryDialing"), _line(number, "DialNumber")
    return Cv(
        name=typed.line(f"{_line(name, 'GivenName')} {_line(name, 'FamilyName')}"),
        email=_line(reached.get("Email", {}), "URI"),
        phone=typed.line(f"+{dialling.lstrip('+0')} {rest}" if dialling else rest),
        summary=_text(profile, "ExecutiveSummary"),
        experience=list(_employments(profile)),
        education=[
            Education(
                title=_line(study, "ProgramName") or _line(_dict(study, "EducationDegree"), "DegreeName"),
                school=_line(study, "OrganizationName"),
                text=_text(_dict(study, "EducationDegree"), "OccupationalSkillsCovered"),
                **_between(_dict(study, "AttendancePeriod")),
            )
            for study in _dicts(_dict(profile, "EducationHistory"), "EducationOrganizationAttendance")
        ],
        **_competencies(profile, _texts(person, "PrimaryLanguageCode") + _texts(profile, "PrimaryLanguageCode")),
    )


def _employments(profile: Plain) -> Iterator[Experience]:
    for employer in _dicts(_dict(profile, "EmploymentHistory"), "EmployerHistory"):
        for post in _dicts(employer, "PositionHistory"):
            period = _dict(post, "EmploymentPeriod") or _dict(employer, "EmploymentPeriod")
            yield Experience(
                title=_line(post, "PositionTitle"),
                employer=_line(employer, "OrganizationName"),
                text=_text(post, "Description"),
                **_between(period),
            )


def _between(period: Plain) -> dict[str, str]:
    began, ended = (
        day_of(_line(_dict(period, name), "FormattedDateTime") or _line(period, name))
        for name in ("StartDate", "EndDate")
    )
    ongoing = any(_line(period, name).lower() == "true" for name in ("CurrentIndicator", "Ongoing"))
    return {"began": began, "ended": "" if ongoing else ended}


def _competencies(profile: Plain, mother_tongues: list[str]) -> Plain:
    """Languages with their levels, and everything else as a skill by its name."""
    languages, skills = [LanguageSkill(name=_language(code), level="C2") for code in mother_tongues], []
    for known in _dicts(_dict(profile, "PersonQualifications"), "PersonCompetency"):
        name = _line(known, "CompetencyName") or _line(known, "CompetencyID")
        if _line(known, "TaxonomyID") != "language":
            skills.append(name)
        elif name not in mother_tongues:
            scores = (_dict(side, "Score") for side in _dicts(known, "CompetencyDimension"))
            levels = [level for score in scores if (level := _line(score, "ScoreText"))]
            languages.append(LanguageSkill(name=_language(name), level=_range(levels)))
    return {"languages": languages, "skills": skills}


def _language(code: str) -> str:
    """The language's own name for a code (`nor`, `nb`); what is no code stays as it is."""
    return _LANGUAGES.get(code.lower()[:3], code)


_LANGUAGES = {
    "nor": "norsk", "nob": "norsk", "nno": "nynorsk", "nb": "norsk", "nn": "nynorsk", "no": "norsk", "eng": "English",
    "en": "English", "swe": "svenska", "sv": "svenska", "dan": "dansk", "da": "dansk", "deu": "Deutsch",
    "ger": "Deutsch", "de": "Deutsch", "fra": "français", "fre": "français", "fr": "français", "spa": "español",
    "es": "español", "pol": "polski", "pl": "polski", "lit": "lietuvių", "lt": "lietuvių", "ukr": "українська",
    "uk": "українська", "fin": "suomi", "fi": "suomi", "sme": "davvisámegiella", "se": "davvisámegiella",
    "ita": "italiano", "it": "italiano", "por": "português", "pt": "português", "ara": "العربية", "ar": "العربية",
}  # fmt: skip


# --- what stands where ------------------------------------------------------------------------------------------------


def _dict(found: Any, name: str) -> Plain:
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, dict) else {}


def _dicts(found: Plain, name: str) -> list[Plain]:
    """The entries of a list; XML with a single one looks like that one."""
    value = found.get(name)
    return [entry for entry in (value if isinstance(value, list) else [value]) if isinstance(entry, dict)]


def _texts(found: Plain, name: str) -> list[str]:
    value = found.get(name)
    return [_words(entry) for entry in (value if isinstance(value, list) else [value]) if entry]


def _text(found: Plain, name: str) -> str:
    return "\n".join(_texts(found, name))


def _line(found: Plain, name: str) -> str:
    return typed.line(next(iter(_texts(found, name)), ""))


def _joined(*parts: str) -> str:
    return "\n".join(filter(None, parts))


def day_of(text: str) -> str:
    """`2019-03` or `2019` of a date in ISO form, or nothing where it is none."""
    year, month = text[:4], text[5:7]
    if not (year.isascii() and year.isdecimal() and len(year) == 4) or text[4:5] not in ("", "-"):
        return ""
    return f"{year}-{month}" if month.isascii() and month.isdecimal() and 1 <= int(month) <= 12 else year


def _words(value: Any) -> str:
    """Plain text: markup out, its paragraphs and list items as lines."""
    if isinstance(value, dict):
        value = value.get("", "")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value)
    if "<" in text and ">" in text:
        reader = _Text()
        reader.feed(text)
        reader.close()
        text = "".join(reader.pieces)
    return typed.tidy("\n".join(filter(None, (" ".join(line.split()) for line in text.splitlines()))))


class _Text(HTMLParser):
    """The words of some HTML; what scripts and styles hold is none."""

    _BREAKS = frozenset(("p", "br", "li", "div", "ul", "ol", "tr", "h1", "h2", "h3", "h4"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = tag in ("script", "style")
        if tag in self._BREAKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False
        if tag in self._BREAKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)
