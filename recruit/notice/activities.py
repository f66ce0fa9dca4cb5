"""The processing activities of the employer: what an entry of the record says, and what the program says of its own.

Guards that an entry about something that the program does can't say anything else: `COMPUTED` names the fields that
come from the policy, the data map and the list of cookies, and what somebody typed there is never shown. A transfer
names its mechanism, and one that is void is marked with why. Pure; all sentences are message ids.
"""

from typing import Literal

import msgspec

from recruit import data_map
from recruit.data_map import CATEGORIES, Category
from recruit.i18n import Language
from recruit.retention.rules import Basis, Policy

Mechanism = Literal["adequacy", "dpf", "scc", "art49", "privacy_shield"]


class Both(msgspec.Struct, frozen=True):
    """A text in both languages."""

    nb: str = ""
    en: str = ""

    def of(self, lang: Language) -> str:
        """In this language, or in the other where this one is missing."""
        return (self.en or self.nb) if lang == "en" else (self.nb or self.en)


class Transfer(msgspec.Struct, frozen=True):
    """Data that go to a country outside the EEA: to whom and where, and what allows it (GDPR chapter V)."""

    to: Both
    mechanism: Mechanism


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the record of processing as it is stored (art. 30(1)). `shown`: it stands in the privacy notice too.

    `why` says what the interest or duty is; `link` leads to a notice of its own, where the activity has one.
    """

    name: Both = Both()
    purpose: Both = Both()
    people: Both = Both()
    data: Both = Both()
    source: Both = Both()
    bases: tuple[str, ...] = ()
    why: Both = Both()
    retention: Both = Both()
    recipients: Both = Both()
    transfers: tuple[Transfer, ...] = ()
    security: Both = Both()
    link: str = ""
    shown: bool = True


TEXTS = ("name", "purpose", "people", "data", "source", "why", "retention", "recipients", "security")
"""The fields of an entry that are texts in two languages."""

ORDER = (
    "recruitment", "visitors", "enquiries", "cookies", "links", "customers", "users", "contacts", "suppliers",
)  # fmt: skip
"""The entries that the program knows, in the order in which record and notice give them; the employer's own follow."""

ALWAYS = ("recruitment", "enquiries", "cookies")
"""What the program itself does: these entries can be worded further, never taken off the record."""

COMPUTED: dict[str, tuple[str, ...]] = {
    "recruitment": ("name", "purpose", "people", "data", "source", "bases", "why", "retention"),
    "enquiries": ("retention",),
    "cookies": ("data", "retention"),
}
"""Which fields of an entry follow from the program, and so can't be typed."""

BASES: dict[str, str] = {
    "6(1)(a)": "Consent (GDPR article 6(1)(a))",
    "6(1)(b)": "A contract, or steps before one (GDPR article 6(1)(b))",
    "6(1)(c)": "A legal duty (GDPR article 6(1)(c))",
    "6(1)(f)": "Our legitimate interest (GDPR article 6(1)(f))",
    "none": "No personal data are processed",
}

MECHANISMS: dict[Mechanism, str] = {
    "adequacy": "Adequacy decision of the European Commission (GDPR article 45)",
    "dpf": "Adequacy decision for the EU–US Data Privacy Framework: the recipient is certified (GDPR article 45)",
    "scc": "Standard contractual clauses, with an assessment of the country (GDPR article 46(2)(c))",
    "art49": "An exception for a single case (GDPR article 49)",
    "privacy_shield": "EU–US Privacy Shield: invalid",
}
NOTES: dict[Mechanism, str] = {
    "art49": "An exception carries no regular transfer: it is for single cases, and the case must be written down.",
    "privacy_shield": "The Court of Justice declared the Privacy Shield void on 16 July 2020 (C-311/18, Schrems II). "
    "Until another mechanism stands here, the transfer has none: look whether the recipient is certified under the "
    "Data Privacy Framework, agree on standard contractual clauses, or end the transfer.",
}
INVALID: frozenset[Mechanism] = frozenset({"privacy_shield"})

ENGLISH_MISSING = "Not all of it stands in English: readers of English get Norwegian there."
NO_MECHANISM = "A transfer rests on a mechanism that is void, so it has no lawful basis."


def problems(key: str, entry: Entry) -> list[str]:
    """What the privacy contact should look at in an entry."""
    typed = [name for name in TEXTS if name not in COMPUTED.get(key, ())]
    half = any(getattr(entry, name).nb and not getattr(entry, name).en for name in typed)
    found = [ENGLISH_MISSING] if half or any(t.to.nb and not t.to.en for t in entry.transfers) else []
    return found + ([NO_MECHANISM] if any(t.mechanism in INVALID for t in entry.transfers) else [])


# --- recruitment, as the program does it ------------------------------------------------------------------------------

_LEGITIMATE = (
    "Assessing applications rests on our legitimate interest in finding and choosing the people we need "
    "(GDPR article 6(1)(f)). You may object to it."
)
_CONTRACT = (
    "Assessing applications is a step towards a contract that you asked for when you applied (GDPR article 6(1)(b))."
)
BASIS: dict[Basis, str] = {"6(1)(f)": _LEGITIMATE, "6(1)(b)": _CONTRACT}

PURPOSES: tuple[tuple[str, str], ...] = (
    ("To assess applications and fill vacant positions.", ""),
    (
        "To consider you for future vacancies, if you want that.",
        "Only with your consent (GDPR article 6(1)(a)), which you can withdraw at any time.",
    ),
    (
        "To answer your requests, and to be able to show that the law was followed.",
        "A legal duty (GDPR article 6(1)(c), 5(2)).",
    ),
    (
        "To establish or defend a legal claim, if there is one.",
        "Our legitimate interest in that claim (GDPR article 6(1)(f), 17(3)(e)).",
    ),
    (
        "To tell candidates who ask about the qualifications of the person hired.",
        "A duty under the law (GDPR article 6(1)(c), Equality and Anti-Discrimination Act § 31).",
    ),
)
"""What candidates' data are used for, each with its basis; an empty one is the policy's."""

RECIPIENTS: tuple[str, ...] = (
    "Our own staff who work with the vacancy. Every look is logged, with role and purpose, and you can see it.",
    "Whoever runs our servers and our e-mail, as data processors.",
    "Referees whom you name: they learn that you have applied.",
    "Guests whom we invite to take part in the recruitment, such as a union representative: they read what you "
    "sent, for a few days, and you can see that they did.",
    "The personnel file, if you are hired.",
    "Candidates who were not chosen and ask, if you are hired: your education, experience and other qualifications "
    "that can be ascertained.",
)

SECURITY: tuple[str, ...] = (
    "Whatever says something about a person is encrypted (AES-256-GCM) before it is stored, each application under a "
    "key of its own; erasing it destroys that key.",
    "Each role sees only what it needs, sign-in can be protected by a second factor, and every look at an application "
    "is logged before it is shown.",
    "Documents are opened in a process that is confined, and shown as pictures.",
    "A backup archive is of no use without a key that is kept apart from it, and is restored on trial every week.",
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
    "correspondence": "From us, and from you if you write to us",
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


def categories(policy: Policy) -> list[tuple[Category, str, str, str]]:
    """Each category of recruitment: its key, what it is, where it comes from, and what the policy adds."""
    return [
        (name, CATEGORIES[name], SOURCES[name], SALARY[policy.earlier_salary] if name == "screening" else "")
        for name in data_map.categories()
    ]
