"""The sentences of receipts: what each closed word of the facts, and each check of a verification, says. Pure.

Guards that a receipt and the page that verifies it use the same words, and that every key has a sentence. The sentences
are English message ids; the Norwegian stands in `locale/nb/receipts.po`.
"""

from recruit.receipts.facts import ErasedKind, KeptKind, Limit, Outcome, RecipientKind, SubjectKind

SUBJECT: dict[SubjectKind, str] = {
    "application": "An application and everything that hung on it",
    "part": "A part of an application, apart from the rest",
    "document": "A document that a legal hold had kept",
    "profile": "A candidate's profile",
    "draft": "A draft that was never sent",
    "enquiry": "An enquiry",
    "incoming": "An e-mail that came in",
    "referee": "A referee's details",
    "breach": "A note of a breach",
}

OUTCOME: dict[Outcome, str] = {
    "erase": "Erased",
    "anonymise": "Erased, after adding one to anonymous counters",
}

ERASED: dict[ErasedKind, str] = {
    "profile": "Profile: name and contact details",
    "application": "Application and its answers",
    "document": "Documents, in all versions",
    "message": "Messages",
    "interview": "Interviews",
    "interview_note": "Interview notes",
    "scorecard": "Scorecards",
    "referee": "Referees' details",
    "reference_check": "Reference checks",
    "screening": "Screening details",
    "decision": "Decisions and their reasons",
    "consent": "Consents",
    "draft": "Drafts",
    "enquiry": "Enquiries",
    "incoming": "E-mails that came in",
    "breach": "Notes of breaches",
    "rights_request": "Rights requests and answers",
    "queued_mail": "E-mail waiting to be sent",
    "session": "Sessions and sign-in links",
    "search_entry": "Entries in the search index",
    "letter": "The letter, and what else was written in the form",
    "key": "Encryption keys destroyed",
}

KEPT: dict[KeptKind, tuple[str, str]] = {
    "ledger_entry": (
        "The ledger entry of this erasure",
        "to show that it happened; it holds random ids and counts only",
    ),
    "tombstone": ("The random ids", "so that data restored from an old copy are erased again"),
    "receipt": ("A copy of this receipt", "to show that the law was followed (GDPR art. 5(2))"),
    "counters": ("Anonymous counters", "statistics in which no person can be found"),
    "access_rows": ("The access log under random ids", "security; it names nobody and is erased in its own time"),
    "archives": ("Encrypted backup archives, until T2", "protection against loss; they are pruned on schedule"),
    "rest": (
        "The rest of the application",
        "only these categories were to be erased; it is under a new key, which opens no old copy of them",
    ),
    "held_document": ("Documents under a legal hold", "kept apart until the hold is released (GDPR art. 17(3)(e))"),
    "personnel_file": ("The personnel file", "the candidate was hired; the file follows its own rules"),
}

RECIPIENTS: dict[RecipientKind, str] = {
    "mail": "Sent by e-mail",
    "export": "Exported",
    "calendar_file": "Calendar files",
    "download": "Downloaded by staff",
    "hand_over": "Handed over to the personnel file",
    "api": "Passed to another system",
    "print": "Printed",
    "link": "Shown by a link",
    "mailbox": "Left in the mailbox in which they came",
}

LIMITS: dict[Limit, str] = {
    "statement": "This is the employer's signed statement of what was done and checked. "
    "Nothing can prove that no copy exists somewhere else.",
    "snapshots": "A snapshot of a whole machine, made before the erasure, is beyond reach until it expires.",
    "copies": "Copies that had left the system are listed by category; they are not erased by this.",
    "memory": "The memory of running machines and worn cells of solid-state disks cannot be wiped for certain.",
    "archives": "Until T2, whoever holds both an older backup archive and its recovery key could recover the data.",
}

CHECKS: dict[str, tuple[str, str, str]] = {
    # what is checked; what it means if so; what it means if not
    "readable": (
        "The file",
        "The file is a PDF with a signature.",
        "This is not a receipt of ours. {problem}",
    ),
    "whole": (
        "The whole file",
        "The signature covers the whole file; nothing was added after it.",
        "The signature does not cover the whole file: something was added or cut off after signing.",
    ),
    "intact": (
        "The bytes",
        "Nothing that the signature covers has changed since.",
        "The file was changed after it was signed.",
    ),
    "signer": (
        "The signer",
        "It was signed with this installation's certificate {fingerprint}.",
        "It was not signed with any certificate of this installation.",
    ),
    "facts": (
        "The embedded facts",
        "The machine-readable facts inside are complete and agree with each other.",
        "The machine-readable facts inside are missing or do not fit together.",
    ),
    "page": (
        "The page",
        "The page says exactly what the embedded facts say: made again from them, it is the same.",
        "The page does not say what the embedded facts say.",
    ),
    "entry": (
        "The ledger entry",
        "Entry {number} of the ledger is the one named here: same purge, same hash, recomputed now.",
        "The ledger has no entry that fits this receipt.",
    ),
    "head": (
        "The chain",
        "The head of the ledger when the receipt was issued lies in today's chain, "
        "which is unbroken up to entry {number}.",
        "The head of the ledger named here does not lie in today's chain: the ledger was changed, cut off or replaced.",
    ),
    "order": (
        "The order",
        "The data were erased, then it was verified that they were gone, and only then was the receipt issued.",
        "The times on this receipt do not follow each other.",
    ),
}

QUESTIONS: dict[str, str] = {
    "readable": "Is it a PDF with one signature?",
    "whole": "Does the signature cover all of it, so that nothing was added or cut off?",
    "intact": "Is every byte as it was when it was signed?",
    "signer": "Was it signed with a certificate of this installation?",
    "facts": "Are the machine-readable facts inside complete, and do they agree with each other?",
    "page": "Does the page that people read say what those facts say?",
    "entry": "Does the ledger hold exactly the entry that the receipt names?",
    "head": "Is the ledger's chain unbroken from the receipt to this day?",
    "order": "Were the data erased first, then looked for, and only then the receipt issued?",
}
"""What each check asks, for who wants to know before bringing a file."""

NOT_CHECKED = "Not checked, because an earlier check failed."
UNKNOWN_EDITION = "Not checked: this version of the program does not know the form of this receipt (edition {edition})."

PROBLEMS: dict[str, str] = {
    "empty": "It is empty.",
    "large": "It is larger than any receipt.",
    "not_pdf": "It is not a PDF.",
    "unsigned": "It is not signed.",
    "several": "It carries more than one signature.",
    "malformed": "Its signature cannot be read.",
}

PROVES = (
    "A receipt that passes is the employer's signed statement, unchanged since it was issued, "
    "and its ledger entry stands in an unbroken chain.",
    "The employer can't alter the ledger entry, or claim another order of events, "
    "without the chain breaking for every receipt that was issued after it.",
)
PROVES_NOT = (
    "It does not prove that no copy exists somewhere else: nothing can.",
    "It does not prove that the employer's machines ran the program unaltered.",
)
WHY_NO_NAME = (
    "No name stands on a receipt, because a receipt that named you would itself keep personal data about you. "
    "The random id ties it to the erasure, and to nothing else."
)
WHY_UNKNOWN_SIGNER = (
    "A PDF reader may say that the signer is unknown: the certificate was made by the employer's own installation "
    "and is on no list that readers carry. Download it from this page and compare its fingerprint; "
    "the signature is as valid."
)

DUE: dict[str, str] = {
    "L3": "The time for which consent was given ends then.",
    "L4": "The answer window ends then, and there is no consent to more.",
    "L6": "Consent was withdrawn.",
    "L8": "The answer window after the hiring ends then.",
    "L27": "A request for erasure was granted.",
    "L28": "An objection was upheld.",
}
"""Why an announced erasure is due, by the rule that the notice names."""
DUE_OTHERWISE = "The data are no longer needed."
