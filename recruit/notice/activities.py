"""The processing activities that the notice is about: what for, on which basis, about whom, to whom. Pure.

Guards that the notice's sentences about an activity stand in one table, so that the record of processing (art. 30) can
grow from it: an activity is one row here, and its categories come from the data map. All sentences are message ids.
"""

from dataclasses import dataclass

from recruit import data_map
from recruit.data_map import CATEGORIES, Category
from recruit.retention.rules import Basis, Policy

_LEGITIMATE = (
    "Assessing applications rests on our legitimate interest in finding and choosing the people we need "
    "(GDPR article 6(1)(f)). You may object to it."
)
_CONTRACT = (
    "Assessing applications is a step towards a contract that you asked for when you applied (GDPR article 6(1)(b))."
)
BASIS: dict[Basis, str] = {"6(1)(f)": _LEGITIMATE, "6(1)(b)": _CONTRACT}


@dataclass(frozen=True)
class Purpose:
    """What data are used for, and on which lawful basis; an empty basis is the policy's."""

    what: str
    basis: str = ""


@dataclass(frozen=True)
class Activity:
    """One processing activity. `enforced` says that the program itself erases what the activity keeps."""

    name: str
    purposes: tuple[Purpose, ...]
    categories: tuple[Category, ...]
    recipients: tuple[str, ...]
    enforced: bool


RECRUITMENT = Activity(
    name="Recruitment",
    purposes=(
        Purpose("To assess applications and fill vacant positions."),
        Purpose(
            "To consider you for future vacancies, if you want that.",
            "Only with your consent (GDPR article 6(1)(a)), which you can withdraw at any time.",
        ),
        Purpose(
            "To answer your requests, and to be able to show that the law was followed.",
            "A legal duty (GDPR article 6(1)(c), 5(2)).",
        ),
        Purpose(
            "To establish or defend a legal claim, if there is one.",
            "Our legitimate interest in that claim (GDPR article 6(1)(f), 17(3)(e)).",
        ),
    ),
    categories=data_map.categories(),
    recipients=(
        "Our own staff who work with the vacancy. Every look is logged, with role and purpose, and you can see it.",
        "Whoever runs our servers and our e-mail, as data processors.",
        "Referees whom you name: they learn that you have applied.",
        "The personnel file, if you are hired.",
    ),
    enforced=True,
)

SOURCES: dict[Category, str] = {
    "contact": "From you",
    "application": "From you; or from the platform or the person that sent it, as it says there",
    "document": "From you",
    "process": "From us",
    "interview_note": "From you, written down by us",
    "screening": "From you, referees, former employers or public sources; the source is recorded",
    "referee": "From you",
    "consent": "From you",
    "enquiry": "From you and us",
    "rights_request": "From you and us",
    "correspondence": "From us",
    "legal_hold": "From us",
    "restriction": "From you and us",
    "access_log": "From the program",
    "sign_in": "From the program",
    "erasure": "From the program",
}
"""Where each category comes from (art. 14, L10)."""

SALARY = {True: "Earlier salary may be recorded among them.", False: "Earlier salary is not collected."}
OUTCOME = {
    "anonymise": "When the time is over, everything is erased. Before that, one is added to anonymous counters "
    "(vacancy, month, source, furthest stage, outcome), in which nobody can be found.",
    "erase": "When the time is over, everything is erased.",
}


def rows(policy: Policy) -> list[tuple[Category, str, str, str]]:
    """Each category of the activity: its key, what it is, where it comes from, and what the policy adds."""
    return [
        (name, CATEGORIES[name], SOURCES[name], SALARY[policy.earlier_salary] if name == "screening" else "")
        for name in RECRUITMENT.categories
    ]
