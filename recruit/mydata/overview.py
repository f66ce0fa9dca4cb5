"""What "my data" shows on its first page: everything that is kept about one candidate, in words.

Guards that a candidate sees their own data only: every query starts at the candidate's id. Reads only.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from recruit import employer
from recruit.careers import invited
from recruit.careers.positions import Position
from recruit.database import IDS, ids
from recruit.i18n import Translate
from recruit.letters import addressee
from recruit.mydata import following
from recruit.mydata.following import Erasure, Followed
from recruit.retention import consent
from recruit.rights import service
from recruit.rights.views import ApplicationView
from recruit.site import Site
from recruit.tables import Person


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
    applications: list[Followed]
    categories: list[Category]
    wording: str
    consented_at: datetime | None
    asked: list[str]
    erasures: list[Erasure]
    requests: list[service.Request]
    invitations: list[Position]


async def mine(site: Site, candidate: UUID, now: datetime, tr: Translate) -> Mine:
    """What stands on the first page, in the reader's language."""
    person, _ = await addressee(site, candidate)
    applications = await following.applications(site, candidate, now, tr)
    return Mine(
        person=person,
        applications=applications,
        categories=await _categories(site, candidate, [each.view for each in applications], tr),
        wording=(await consent.wording(site, tr.lang)).text,
        consented_at=await consent.standing(site, candidate),
        asked=await _asked(site, candidate, applications),
        erasures=await following.erasures(site, candidate, tr),
        requests=await service.requests_of(site, candidate),
        invitations=await invited.waiting(site, candidate, tr.lang, now),
    )


async def _asked(site: Site, candidate: UUID, applications: list[Followed]) -> list[str]:
    """The applications for which the consent question waits: ended, and nothing answered since."""
    acts = await consent.history(site, candidate)
    rows = await site.records.run_sql(
        "SELECT id, closed_at FROM application WHERE candidate = ? AND closed_at IS NOT NULL AND outcome <> 'hired' "
        "AND erasure_granted_on IS NULL",
        candidate,
    )
    open_ones = {row["id"] for row in rows if not any(act.at >= row["closed_at"] or act.given for act in acts)}
    return [each.view.title for each in applications if each.view.id in open_ones]


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
