"""How long: every period of the retention policy in a sentence, for the notice. Pure.

Guards that the notice states the periods that the purge obeys: each number comes from the policy in force, none stands
in a text. A setting that is not stated has its reason in `NOT_STATED`; a test counts them all.
"""

from dataclasses import dataclass
from typing import Literal

from recruit.i18n import Translate
from recruit.retention.rules import Policy

Mode = Literal["plain", "strict"]

NOT_STATED = {
    "number": "the version of the policy; it stands with the notice's own version",
    "purge_approval": "whether a person approves the list before it is erased; no period follows from it",
    "hold_release": "whether two people release a legal hold; no period follows from it",
}


@dataclass(frozen=True)
class Period:
    """One row: `key` names it for links and tests, `rule` is the rule that enforces it."""

    key: str
    when: str
    until: str
    rule: str


def of_policy(policy: Policy, mode: Mode, _: Translate) -> list[Period]:
    """All periods, in the order in which an application meets them."""
    return [
        Period("draft", _("An application form that you did not send"), _draft(policy, _), "L34"),
        Period("running", _("While the recruitment process runs"), _running(policy, _), "L1"),
        Period("window", _("After the process, without consent"), _window(policy, _), "L4"),
        Period("consent", _("After the process, with your consent"), _consent(policy, _), "L3"),
        Period("withdrawn", _("If you withdraw consent after the process"), _("Erased at once."), "L6"),
        Period("hired", _("If you are hired"), _hired(policy, _), "L8"),
        Period("granted", _("If your request for erasure is granted"), _("Erased at once."), "L27"),
        Period("notice", _("Notice before an erasure"), _notice(policy, _), ""),
        Period("stops", _("What delays an erasure"), _stops(_), "L14–L16"),
        Period("profile", _("Contact details, answers about consent, requests"), _profile(_), "L33"),
        Period("enquiry", _("A question that you asked us"), enquiry(policy, _), "L34"),
        Period("incoming", _("An e-mail to us that belongs to no application yet"), _incoming(policy, _), "L34"),
        Period("access", _("The access log"), _access(policy, _), "L34"),
        Period("archives", _("Backup archives"), _archives(policy, mode, _), "T2"),
        Period("proof", _("What shows that an erasure happened"), _proof(_), "L12"),
    ]


def enquiry(policy: Policy, _: Translate) -> str:
    """How long an enquiry is kept (L34)."""
    return _("Erased {period} after the last thing that was written.", period=months(policy.enquiry_months, _))


def _incoming(policy: Policy, _: Translate) -> str:
    return _(
        "Erased {period} after it came, or as soon as we see that we have no use for it.",
        period=months(policy.enquiry_months, _),
    )


def days(n: int, _: Translate) -> str:
    return _.plural("{n} day", "{n} days", n)


def months(n: int, _: Translate) -> str:
    return _.plural("{n} month", "{n} months", n)


def _draft(policy: Policy, _: Translate) -> str:
    return _("Erased {period} after you last worked on it.", period=days(policy.draft_days, _))


def _running(policy: Policy, _: Translate) -> str:
    return _(
        "Kept until the process has ended for your application. After {period} without activity we are reminded to "
        "decide, again every month.",
        period=months(policy.stale_months, _),
    )


def _window(policy: Policy, _: Translate) -> str:
    return _(
        "Kept for {period} after the process ended: time for you to answer about consent, and for us to put a mistake "
        "right. Only the recruiter and the person responsible for privacy can open it then.",
        period=days(policy.answer_window_days, _),
    )


def _consent(policy: Policy, _: Translate) -> str:
    kept = _(
        "Kept for {period} after the process ended or you last renewed your consent, whichever is later.",
        period=months(policy.consent_months, _),
    )
    if not policy.reminder_days:
        return kept
    before = _(" and ").join(str(n) for n in sorted(policy.reminder_days, reverse=True))
    return f"{kept} " + _("We remind you {days} days before; without an answer it is erased.", days=before)


def _hired(policy: Policy, _: Translate) -> str:
    return _(
        "The application may be handed over to the personnel file. Here it is kept for {period} after the process "
        "ended.",
        period=days(policy.answer_window_days, _),
    )


def _notice(policy: Policy, _: Translate) -> str:
    return _(
        "We tell you at least {period} before a scheduled erasure. One that is due at once waits for the mail server's "
        "answer to the notice, {wait} at most.",
        period=days(policy.notice_days, _),
        wait=_.plural("{n} hour", "{n} hours", policy.notice_wait_hours),
    )


def _stops(_: Translate) -> str:
    return _(
        "A legal hold, a restriction that you asked for, or a request for access that is not answered yet. The clock "
        "at your application then says so."
    )


def _profile(_: Translate) -> str:
    return _("Kept as long as one of your applications or requests needs them, not a day longer.")


def _access(policy: Policy, _: Translate) -> str:
    return _("Each entry is kept for {period}.", period=months(policy.access_log_months, _))


def _archives(policy: Policy, mode: Mode, _: Translate) -> str:
    if mode == "strict":
        return _("Archives made before an erasure become unreadable with it.")
    return _(
        "The last archive in which erased data may still be is removed at most {period} after the erasure was checked.",
        period=days(policy.archives_gone_after_days, _),
    )


def _proof(_: Translate) -> str:
    return _(
        "Random ids, dates and counts stay, without a way back to you; the signed receipt too. No name is in them."
    )
