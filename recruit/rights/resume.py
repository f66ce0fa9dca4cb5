"""What a candidate provided, as JSON Resume (art. 20, L25): the form in which a CV can be taken to others. Pure.

Guards that it holds only what the candidate gave: no note, no outcome, nothing that somebody else wrote.
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from recruit.curriculum import Education, Experience
from recruit.tables import ApplicationData, Person

SCHEMA = "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json"
T = TypeVar("T")


def of_candidate(person: Person, given: Sequence[ApplicationData]) -> dict[str, Any]:
    """One CV of what was typed in all applications, the newest first; what stands in several stands once."""
    basics = {
        "name": person.name,
        "email": person.email,
        "phone": person.phone,
        "summary": next((data.summary for data in given if data.summary), ""),
    }
    whole = {
        "$schema": SCHEMA,
        "basics": _said(basics),
        "work": [_work(entry) for entry in _once(e for data in given for e in data.experience)],
        "education": [_education(entry) for entry in _once(e for data in given for e in data.education)],
        "languages": [
            _said({"language": skill.name, "fluency": skill.level})
            for skill in _once(s for data in given for s in data.languages)
        ],
        "skills": [{"name": name} for name in _once(s for data in given for s in data.skills)],
    }
    return _said(whole)


def _work(entry: Experience) -> dict[str, Any]:
    dates = {"startDate": entry.began, "endDate": entry.ended}
    return _said({"name": entry.employer, "position": entry.title, **dates, "summary": entry.text})


def _education(entry: Education) -> dict[str, Any]:
    dates = {"startDate": entry.began, "endDate": entry.ended}
    courses = [line for line in entry.text.splitlines() if line.strip()]
    return _said({"institution": entry.school, "studyType": entry.title, **dates, "courses": courses})


def _said(values: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty: the schema has no place for an empty date."""
    return {name: value for name, value in values.items() if value}


def _once(entries: Iterable[T]) -> list[T]:
    found: list[T] = []
    for entry in entries:
        if entry not in found:
            found.append(entry)
    return found
