"""What "my data" shows on its first page: everything that is kept about one candidate, in words.

Guards that a candidate sees their own data only: every query starts at the candidate's id. Reads only.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from recruit import employer
from recruit.database import IDS, ids
from recruit.i18n import Translate
from recruit.letters import addressee
from recruit.retention import consent
from recruit.rights import service, words
from recruit.rights.views import ApplicationView, applications_of, disclosures_of, looks_at
from recruit.site import Site
from recruit.tables import Person

LOOKS_SHOWN = 100


@dataclass(frozen=True)
class Category:
    """A kind of data that is kept: what, how many, why, and until when."""

    name: str
    what: str
    why: str
    until: str


@dataclass(frozen=True)
class Mine:
    """Everything on the page."""

    person: Person
    applications: list[ApplicationView]
    categories: list[Category]
    wording: str
    consented_at: datetime | None
    history: list[tuple[datetime, str, str]]
    looks: list[tuple[datetime, str, str]]
    more_looks: int
    disclosures: list[tuple[datetime, str]]
    requests: list[service.Request]


async def mine(site: Site, candidate: UUID, now: datetime, tr: Translate) -> Mine:
    """The whole of "my data", in the reader's language."""
    person, _ = await addressee(site, candidate)
    applications = await applications_of(site, candidate, now, tr)
    units = [candidate, *(a.id for a in applications)]
    looks = await looks_at(site, units, tr, LOOKS_SHOWN + 1)
    total = await _count(site, "look", "unit", units)
    return Mine(
        person=person,
        applications=applications,
        categories=await _categories(site, candidate, applications, tr),
        wording=(await consent.wording(site, tr.lang)).text,
        consented_at=await consent.standing(site, candidate),
        history=[
            (a.at, _act(a.given, tr), tr(words.CHANNELS.get(a.channel, ""))) for a in await _acts(site, candidate)
        ],
        looks=looks[:LOOKS_SHOWN],
        more_looks=max(0, total - LOOKS_SHOWN),
        disclosures=await disclosures_of(site, units, tr),
        requests=await service.requests_of(site, candidate),
    )


async def _acts(site: Site, candidate: UUID) -> list[consent.Act]:
    return list(reversed(await consent.history(site, candidate)))


def _act(given: bool, tr: Translate) -> str:
    return tr("You gave consent") if given else tr("You did not consent, or withdrew it")


# --- what is kept, why, until when ----------------------------------------------------------------------------------


async def _categories(
    site: Site, candidate: UUID, applications: list[ApplicationView], tr: Translate
) -> list[Category]:
    units = [a.id for a in applications]
    policy = await employer.policy(site)
    counts = {table: await _count(site, table, "application", units) for table in _COUNTED}
    counts |= {table: await _count(site, table, "unit", [candidate, *units]) for table in ("mail", "look")}
    counts["consent"] = await _count(site, "consent", "candidate", [candidate])
    until = applications[0].clock.headline if len(applications) == 1 else tr("See the clock of each application")
    why = tr("To assess your application (GDPR {basis})", basis=tr(f"article {policy.lawful_basis}"))
    longest = tr("As long as one of your applications is kept")
    documents = sum(len(a.documents) for a in applications)
    rows = [
        Category(tr("Contact details"), tr("Name, e-mail address, telephone number"), why, longest),
        Category(tr("Application"), _amount("letter", len(units), tr), why, until),
        Category(tr("Documents"), _amount("document", documents, tr), why, until),
    ]
    rows += [Category(tr(name), _amount(table, counts[table], tr), why, until) for table, name in _COUNTED.items()]
    duty = tr("To be able to show that the law was followed (GDPR {basis})", basis=tr("article 5(2)"))
    months = tr.plural("{n} month", "{n} months", policy.access_log_months)
    return [
        *rows,
        Category(tr("E-mails to you"), _amount("mail", counts["mail"], tr), why, until),
        Category(tr("Your answers about consent"), _amount("consent", counts["consent"], tr), duty, longest),
        Category(tr("Looks at your data"), _amount("look", counts["look"], tr), duty, months),
    ]


_COUNTED = {"interview_note": "Interview notes", "referee": "Referees", "screening": "Information before employment"}
_AMOUNTS = {
    "letter": ("{n} application", "{n} applications"),
    "document": ("{n} document", "{n} documents"),
    "interview_note": ("{n} note", "{n} notes"),
    "referee": ("{n} person", "{n} people"),
    "screening": ("{n} entry", "{n} entries"),
    "mail": ("{n} e-mail", "{n} e-mails"),
    "consent": ("{n} answer", "{n} answers"),
    "look": ("{n} look", "{n} looks"),
}


def _amount(what: str, n: int, tr: Translate) -> str:
    return tr.plural(*_AMOUNTS[what], n) if n else tr("None")


async def _count(site: Site, table: str, column: str, units: list[UUID]) -> int:
    rows = await site.records.run_sql(f"SELECT count(*) AS n FROM {table} WHERE {column} IN {IDS}", ids(units))
    return int(rows[0]["n"])
