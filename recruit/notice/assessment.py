"""A starting point for the impact assessment (art. 35): what the program can say of itself, and what is left to judge.

Guards that the paper describes the installation as it is (policy, data map, record, counts) and decides nothing: how
likely and how grave a risk is, and what follows from it, is for the employer and its privacy contact. Sentences are
message ids.
"""

from dataclasses import dataclass
from datetime import datetime

from recruit.retention.remembered import Counted, recall_counted, remember_counted
from recruit.retention.rules import Policy
from recruit.site import Site


@dataclass(frozen=True)
class Risk:
    """Something that can go wrong for people, and what the program does about it; the rest is to be filled in."""

    what: str
    measures: str


RISKS: tuple[Risk, ...] = (
    Risk(
        "Somebody outside reads applications",
        "Everything about a person is encrypted under keys of its own before it is stored; database and key live "
        "apart; documents are opened in a confined process.",
    ),
    Risk(
        "Colleagues read more than they need",
        "Roles per vacancy; every look at an application is logged before it is shown, and the candidate can see it.",
    ),
    Risk(
        "Data are kept longer than anybody needs them",
        "Each application has a clock that everybody sees; a purge runs every night; what is overdue raises an alarm; "
        "a receipt shows each erasure.",
    ),
    Risk(
        "An erased person comes back from a backup",
        "Erasing destroys keys, and a ledger is replayed after every restore; archives go by a horizon that is "
        "watched.",
    ),
    Risk(
        "A living application is lost",
        "Archives every night, restored on trial every week; an erasure waits for its notice, and for a person where "
        "more falls due than was forecast.",
    ),
    Risk(
        "A candidate is judged unfairly, or by a machine",
        "The program scores, ranks and rejects nobody; each outcome names the person who decided; references, offer "
        "details and expectations are recorded for finalists only.",
    ),
    Risk(
        "Sensitive data come in unasked",
        "The form asks for no such data, the notice asks to leave them out, and a document can be erased by itself.",
    ),
    Risk(
        "Candidates do not know what happens, or can't use their rights",
        "The notice is made from what the program does; every right has its page and its deadline; consent is asked "
        "once, without a default, and withdrawn by one link.",
    ),
    Risk(
        "Referees are not told",
        "A referee is told at once by e-mail: who asks, why, how long the data are kept, and their rights.",
    ),
)

NEED: tuple[str, ...] = (
    "Article 35 asks for an assessment where processing is likely to lead to a high risk, above all when it is of a "
    "large scale, uses special categories of data, watches people, or decides by machine.",
    "Recruitment in a small firm by ordinary means seldom does. This program adds none of it: it makes no decision, no "
    "score and no profile, and asks for no special categories.",
    "If you conclude that no assessment is needed, this paper with your reasons is the record of that conclusion.",
)

OPEN: tuple[str, ...] = (
    "What is special about your recruitment: tests, recordings, checks of background, many candidates, young people?",
    "The advice of the data protection officer or privacy contact, and what was done with it (art. 35(2)).",
    "The views of candidates or employees' representatives, where that is fitting (art. 35(9)).",
    "Whether the remaining risk is acceptable, or Datatilsynet must be consulted first (art. 36).",
    "Who decided, when, and when it is looked at again.",
)
"""What nobody but the employer can say."""


def proportion(policy: Policy) -> tuple[str, ...]:
    """Why no more is collected, kept or shown than needed."""
    salary = (
        "Earlier salary may be recorded for finalists: say why you need it."
        if policy.earlier_salary
        else "Earlier salary is not collected."
    )
    return (
        "The form asks for a name, an e-mail address and a CV or letter; all else is optional.",
        "Information before employment is refused by the database before somebody is a finalist.",
        salary,
        "Consent is for future vacancies only, never a condition, and ends by itself.",
    )


async def counted(site: Site) -> Counted[dict[str, int]] | None:
    """How much there was when it was counted last: by the names of COUNTED; None before the first night."""
    return await recall_counted(site, "amounts", dict[str, int])


async def count_all(site: Site, now: datetime) -> None:
    found = {}
    for name, where in (
        ("vacancy", "state = 'published'"),
        ("application", "1 = 1"),
        ("candidate", "1 = 1"),
        ("document", "1 = 1"),
        ("referee", "1 = 1"),
        ("staff", "active"),
    ):
        rows = await site.records.run_sql(f"SELECT count(*) AS n FROM {name} WHERE {where}")
        found[name] = int(rows[0]["n"])
    await remember_counted(site, "amounts", found, now)


COUNTED: dict[str, str] = {
    "vacancy": "Published vacancies",
    "application": "Applications",
    "candidate": "Candidates",
    "document": "Documents",
    "referee": "Referees",
    "staff": "Accounts of staff",
}
