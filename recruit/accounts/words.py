"""The words for roles and for the settings of the retention policy.

Guards that a role or a setting is called the same on every page. English message ids; the page translates them.
"""

from typing import NamedTuple

from recruit.accounts.forms import Change
from recruit.accounts.guards import ADMIN, DPO, INTERVIEWER, MANAGER, RECRUITER
from recruit.i18n import Translate


class Said(NamedTuple):
    """What something is called, and what it means in a sentence."""

    name: str
    help: str


ROLES: dict[str, Said] = {
    RECRUITER: Said("Recruiter", "Creates vacancies, moves applications, writes to candidates. Sees all vacancies."),
    MANAGER: Said("Hiring manager", "Reviews, interviews and decides in the vacancies of their own team."),
    INTERVIEWER: Said("Interviewer", "Writes notes and a scorecard in the vacancies of their own team."),
    DPO: Said(
        "Data protection officer or privacy contact",
        "Answers candidates who use their rights, and decides the retention policy.",
    ),
    ADMIN: Said("Administrator", "Accounts and settings. No data about candidates."),
}

POLICY: dict[str, Said] = {
    "consent_months": Said("With consent, an application is kept (months)", "Counted from the end of the process."),
    "answer_window_days": Said(
        "Answer window after the end of the process (days)",
        "Time to answer the question about consent, and to undo a wrong close. Without consent, this is all the time.",
    ),
    "outcome": Said("When the time is up", "The documents, the letter and the contact data go in either case."),
    "stale_months": Said("Reported as forgotten after (months)", "An application in which nothing has happened."),
    "notice_days": Said("Told before an erasure (days)", "The candidate gets a mail this long before."),
    "notice_wait_hours": Said(
        "Longest wait for the mail server (hours)", "Before an immediate erasure, the mail about it has to go out."
    ),
    "reminder_days": Said("Reminders before consent runs out (days before)", "Separated by commas."),
    "lawful_basis": Said("Lawful basis while the process runs", "The notice to candidates names it."),
    "enquiry_months": Said("Enquiries are kept (months)", "Counted from the last thing that was written."),
    "draft_days": Said("Unfinished applications are kept (days)", "Counted from the last change."),
    "access_log_months": Said("The access log is kept (months)", "Who looked at what, when and why."),
    "archive_days": Said("Backups are kept (days)", "What is erased is gone from the last backup after this time."),
    "external_archive_days": Said("Your own copies of backups are kept (days)", "0 if there are none elsewhere."),
    "purge_approval": Said(
        "Before anything is erased", "What people ask for themselves, and withdrawn consent, never waits for approval."
    ),
    "hold_release": Said("To release a legal hold", "Two are asked for only where two may release it."),
    "earlier_salary": Said(
        "Ask finalists for their earlier salary",
        "Off unless the work calls for it. Pay set by what somebody earned before carries old differences on, which "
        "the Equality and Anti-Discrimination Act (sections 6 and 34) forbids; and you must be able to say why you "
        "need it (GDPR article 5(1)(c)). The privacy notice says that it is collected.",
    ),
}

OUTCOMES: dict[str, Said] = {
    "anonymise": Said("Anonymise", "Everything is erased; only counts without a path to the person are left."),
    "erase": Said("Erase", "Everything is erased, and nothing is counted."),
}

APPROVALS: dict[str, Said] = {
    "automatic": Said("The purge goes by itself", "Every night, after the notice has had its time."),
    "approval": Said(
        "I approve the list first", "You are asked by mail whenever the list has a new line. It erases nothing else."
    ),
}

RELEASES: dict[str, Said] = {
    "one": Said("One person releases it", "The privacy contact, or the recruiter who placed it."),
    "two": Said("Two people agree", "One asks for the release, another one confirms or declines it."),
}

BASES: dict[str, str] = {
    "6(1)(f)": "Legitimate interests, GDPR article 6(1)(f)",
    "6(1)(b)": "Steps before a contract, GDPR article 6(1)(b)",
}


def shown(field: str, value: object, _: Translate) -> str:
    """A setting's value as a person reads it."""
    if field == "outcome":
        return _(OUTCOMES[str(value)].name)
    if field == "lawful_basis":
        return _(BASES[str(value)])
    if field == "purge_approval":
        return _(APPROVALS[str(value)].name)
    if field == "hold_release":
        return _(RELEASES[str(value)].name)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value) or _("None")
    return str(value)


def changes(found: list[Change], _: Translate) -> list[tuple[str, str, str]]:
    """What a new policy changes: setting, old and new value."""
    return [(_(POLICY[c.field].name), shown(c.field, c.old, _), shown(c.field, c.new, _)) for c in found]
