"""The words of the retention clock: one sentence for each reason, for each kind of reader.

Guards that the candidate's page, the pages of staff, the access log and the receipt say the same thing. Every
reason that the rules can give has a sentence here in all three voices (a test counts them), and the sentences
for receipts hold no date but the due day and never say anything about a person. Pure: a decision and a
translator go in, text comes out.
"""

from datetime import date
from typing import Literal, NamedTuple

from recruit.i18n import Translate
from recruit.retention.rules import Decision, Facts, Reason, process_ended_on

Viewer = Literal["candidate", "staff", "receipt"]


class Voices(NamedTuple):
    """One reason, said to the candidate, to staff, and on a receipt (English message ids)."""

    candidate: str
    staff: str
    receipt: str


SENTENCES: dict[str, Voices] = {
    "running": Voices(
        "Kept while the recruitment process runs (GDPR {basis})",
        "Kept while the recruitment process runs (GDPR {basis})",
        "The recruitment process was running",
    ),
    "consented": Voices(
        "Kept until {due_on}, because you consented on {consented_on}",
        "Kept until {due_on}, because the candidate consented on {consented_on}",
        "Kept until {due_on}, as consent allowed",
    ),
    "no_consent": Voices(
        "Kept until {due_on}, because the process ended on {closed_on} and you have not consented to more",
        "Kept until {due_on}, because the process ended on {closed_on} without consent to more",
        "Kept until {due_on}, the end of the answer window; there was no consent to more",
    ),
    "hired": Voices(
        "Kept until {due_on}, because the process ended on {closed_on} when you were hired",
        "Kept until {due_on}, because the process ended on {closed_on} when the candidate was hired",
        "Kept until {due_on}, the end of the answer window after hiring",
    ),
    "withdrawn": Voices(
        "To be erased at once, because you withdrew your consent on {withdrawn_on}",
        "To be erased at once, because the candidate withdrew consent on {withdrawn_on}",
        "Due at once, because consent was withdrawn",
    ),
    "erasure_granted": Voices(
        "To be erased at once, because your request for erasure was granted on {granted_on}",
        "To be erased at once, because erasure was granted on {granted_on}",
        "Due at once, because erasure was granted",
    ),
    "objection_upheld": Voices(
        "To be erased at once, because you objected, and your objection counted from {granted_on}",
        "To be erased at once, because the person objected, and the objection counted from {granted_on}",
        "Due at once, because an objection was upheld",
    ),
    "part_granted": Voices(
        "Some of it is being erased, because your request was granted for those categories",
        "Some of it is being erased, because erasure was granted for those categories",
        "Due at once, because erasure of these categories was granted",
    ),
    "hold": Voices(
        "A legal hold of {placed_on} keeps this from being erased; it is reviewed by {review_on}",
        "A legal hold of {placed_on} keeps this from being erased; it is reviewed by {review_on}",
        "A legal hold kept this from being erased",
    ),
    "hold_past_review": Voices(
        "A legal hold of {placed_on} keeps this from being erased; its review was due on {review_on}",
        "A legal hold of {placed_on} keeps this from being erased; its review was due on {review_on}",
        "A legal hold kept this from being erased",
    ),
    "documents_held": Voices(
        "Under a legal hold of their own, and kept apart when the rest is erased: {documents}",
        "Under a legal hold of their own, and kept apart when the rest is erased: {documents}",
        "Documents under a legal hold were kept apart",
    ),
    "restriction_temporary": Voices(
        "Restricted: hidden, and not erased, until the question you raised is decided",
        "Restricted: hidden, and not erased, until the candidate's question is decided",
        "A restriction kept this from being erased",
    ),
    "restriction_permanent": Voices(
        "Restricted: hidden, and not erased, for as long as the restriction lasts; it is reviewed every year",
        "Restricted: hidden, and not erased, for as long as the restriction lasts; it is reviewed every year",
        "A restriction kept this from being erased",
    ),
    "open_access": Voices(
        "Not erased before your request for access is answered",
        "Not erased before the candidate's request for access is answered",
        "An open rights request delayed the erasure",
    ),
    "open_portability": Voices(
        "Not erased before your request for portability is answered",
        "Not erased before the candidate's request for portability is answered",
        "An open rights request delayed the erasure",
    ),
    "open_request": Voices(
        "Not erased before your request is answered",
        "Not erased before the candidate's request is answered",
        "An open rights request delayed the erasure",
    ),
    "section31": Voices(
        "Not erased before another candidate's question about qualifications is answered (section 31)",
        "Not erased before the open section 31 request about the person hired is answered",
        "An open section 31 request delayed the erasure",
    ),
    "ended_rejected": Voices(
        "The process ended on {closed_on}: your application was rejected",
        "The process ended on {closed_on}: rejected",
        "The recruitment process had ended",
    ),
    "ended_withdrawn": Voices(
        "The process ended on {closed_on}: you withdrew your application",
        "The process ended on {closed_on}: withdrawn by the candidate",
        "The recruitment process had ended",
    ),
    "ended_position_filled": Voices(
        "The process ended on {closed_on}: the position was filled or closed",
        "The process ended on {closed_on}: position filled or closed",
        "The recruitment process had ended",
    ),
    "ended_hired": Voices(
        "The process ended on {closed_on}: you were hired",
        "The process ended on {closed_on}: hired",
        "The recruitment process had ended",
    ),
    "covered": Voices(
        "Your consent of {consented_on} covers this application, which existed when you gave it",
        "The consent of {consented_on} covers this application, which existed when it was given",
        "Consent covers the applications that exist when it is given",
    ),
    "not_covered": Voices(
        "Your consent of {consented_on} does not cover this application, which is newer",
        "The consent of {consented_on} does not cover this application, which is newer",
        "Consent covers only the applications that exist when it is given",
    ),
    "consent_waits": Voices(
        "You consented on {consented_on}: once the process ends, it is kept {months} more",
        "The candidate consented on {consented_on}: once the process ends, it is kept {months} more",
        "With consent it would have been kept longer",
    ),
    "pool_ended": Voices(
        "You withdrew consent on {withdrawn_on}, while the process ran: it is not kept for future vacancies",
        "Consent was withdrawn on {withdrawn_on}, while the process ran: it is not kept for future vacancies",
        "Consent to be considered for future vacancies was withdrawn while the process ran",
    ),
    "handed_over": Voices(
        "Handed over to the personnel file on {handed_over_on}",
        "Handed over to the personnel file on {handed_over_on}",
        "Handed over to the personnel file",
    ),
    "stale": Voices(
        "Nothing has happened since {last_activity_on}; the employer is reminded to decide",
        "Nothing has happened since {last_activity_on}, for at least {months}: close the process or carry it on",
        "Nothing had happened for a long time",
    ),
    "anonymise": Voices(
        "Then everything is erased; only anonymous numbers remain, in which you cannot be found",
        "Then everything is erased; only anonymous counters remain",
        "Everything is erased after one was added to anonymous counters",
    ),
    "erase": Voices("Then everything is erased", "Then everything is erased", "Everything is erased"),
}
"""What each `Reason.key` says; the names in braces are the reason's own params."""


def sentence(reason: Reason, _: Translate, viewer: Viewer) -> str:
    """One reason as a sentence in the reader's voice and language."""
    values = {name: _shown(name, value, _) for name, value in reason.params.items()}
    return _(getattr(SENTENCES[reason.key], viewer), **values)


def _shown(name: str, value: str | int, _: Translate) -> object:
    """A plain value in the reader's language: days as dates, months counted, the basis in the law's form."""
    if name.endswith("_on"):
        return date.fromisoformat(str(value))
    if name == "months":
        return _.plural("{n} month", "{n} months", int(value))
    if name == "documents":
        return _.plural("{n} document", "{n} documents", int(value))
    return _(f"article {value}") if name == "basis" else value


def headline(decision: Decision, _: Translate, viewer: Viewer) -> str:
    """The text of the clock: until when, and the one reason that decides."""
    return sentence(decision.headline, _, viewer)


def reasons(decision: Decision, _: Translate, viewer: Viewer) -> list[tuple[str, str]]:
    """The unfolded clock: each rule (`L3`) with its sentence, as the reasoning goes; none is said twice."""
    said = [(reason.rule, sentence(reason, _, viewer)) for reason in decision.because]
    return list(dict.fromkeys(said))


def progress(decision: Decision, facts: Facts, today: date) -> float | None:
    """How far the clock has run since the close, from 0 to 1, for the thin bar; None while nothing is due."""
    if decision.due_on is None:
        return None
    start = process_ended_on(facts)
    if start is None or decision.immediate or today > decision.due_on:
        return 1.0
    total = (decision.due_on - start).days + 1  # the due day counts in full: it is over only at midnight
    return max(0.0, (today - start).days / total)
