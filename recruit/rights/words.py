"""What the codes of rows mean, in words for the person whom the rows are about.

Guards that no page shows a code where a person expects words; an unknown purpose or source still gets a true sentence.
All are English message ids. Pure.
"""

SOURCES = {
    "web": "You sent it yourself, through our application form",
    "finn": "From FINN.no, where you applied",
    "linkedin": "From LinkedIn",
    "email": "From an e-mail that you sent us",
    "staff": "Entered by one of our staff",
}
OTHER_SOURCE = "From somebody other than you: ask us, and we tell you from whom"
OUTCOMES = {
    "rejected": "Ended: rejected",
    "withdrawn": "Ended: withdrawn by you",
    "position_filled": "Ended: the position was filled or closed",
    "hired": "Ended: you were hired",
}
RUNNING = "The recruitment process runs"
KINDS = {"cv": "CV", "letter": "Cover letter", "certificate": "Certificate"}
OTHER_KIND = "Document"
CHANNELS = {
    "form": "with the application form",
    "mail_link": "by the link in an e-mail",
    "my_data": "on this page",
}
STATES = {
    "received": "Waits for an answer",
    "granted": "Granted",
    "partly": "Granted in part",
    "refused": "Refused",
    "identity": "Waits to learn who it is",
    "withdrawn": "Taken back",
}
REQUESTS = {
    "access": "Access",
    "portability": "Data portability",
    "rectification": "Rectification",
    "erasure": "Erasure",
    "restriction": "Restriction",
    "objection": "Objection",
    "complaint": "Complaint",
}

STEPS = {
    "received": "Received",
    "screening": "Screening",
    "interview": "Interview",
    "finalist": "Finalist",
    "offer": "Offer",
    "rejected": "Rejected",
    "withdrawn": "Withdrawn",
    "position_filled": "Position filled or closed",
    "hired": "Hired",
}
"""What a stage or an outcome is called to the candidate."""
COPY = {
    "made_at": "Made",
    "you": "About you",
    "name": "Name",
    "email": "E-mail address",
    "phone": "Telephone number",
    "language": "Language",
    "new_address": "New e-mail address, not confirmed yet",
    "asked_at": "Asked for",
    "applications": "Your applications",
    "vacancy": "Position",
    "submitted_at": "Sent",
    "source": "Where it comes from",
    "privacy_notice": "Version of the privacy notice that was shown",
    "stage": "Step",
    "outcome": "Outcome",
    "closed_on": "Ended",
    "as_you_sent_it": "As you sent it",
    "letter": "Letter",
    "summary": "Summary",
    "experience": "Experience",
    "education": "Education",
    "languages": "Languages",
    "skills": "Skills",
    "answers": "Answers to the questions of the vacancy",
    "asked": "Question",
    "title": "Title",
    "employer": "Employer",
    "school": "School",
    "began": "From",
    "ended": "To",
    "level": "Level",
    "documents": "Documents",
    "kind": "Kind",
    "media_type": "Format",
    "size": "Size",
    "added_at": "Added",
    "file": "File in the ZIP",
    "steps": "Steps so far",
    "at": "When",
    "was": "From",
    "became": "To",
    "interview_notes": "Notes from interviews",
    "written_at": "Written",
    "recorded_at": "Recorded",
    "text": "Text",
    "referees": "Referees",
    "contact": "Contact details",
    "relation": "Relation to you",
    "screening": "Information before employment",
    "legal_holds": "Legal holds",
    "placed_on": "Placed",
    "review_on": "To be reviewed",
    "released_on": "Released",
    "restrictions": "Restrictions",
    "ground": "Ground",
    "lifted_on": "Lifted",
    "permanent": "Lasting",
    "why": "Why",
    "answer": "Answer",
    "retention": "How long it is kept",
    "until": "Until",
    "because": "Because",
    "rules": "The reasoning",
    "rule": "Rule",
    "reason": "Reason",
    "consent": "Your consent",
    "stands_since": "Stands since",
    "acts": "Your answers",
    "given": "You consented",
    "channel": "How",
    "wording": "Version of the question",
    "requests": "Your requests",
    "state": "How it stands",
    "received_on": "Received",
    "due_on": "Answer due",
    "decided_on": "Answered",
    "looks": "Who has looked",
    "role": "Role",
    "purpose": "Purpose",
    "recipients": "Copies that left the system",
    "recipient": "Recipient",
    "recipients_told": "Recipients who were told of changes",
    "about": "About",
    "emails": "E-mails to you",
    "subject": "Subject",
}
"""What the keys of the copy are called on paper."""
CODES: dict[str, dict[str, str]] = {
    "stage": STEPS,
    "outcome": STEPS,
    "was": STEPS,
    "became": STEPS,
    "channel": CHANNELS | {"my_data": "under \u201cMy data\u201d"},
    "state": STATES,
    "language": {"nb": "Norwegian", "en": "English"},
    "kind": KINDS
    | REQUESTS
    | {
        "expectations": "Expectations",
        "offer_details": "Details of the offer",
        "reference_check": "Reference check",
        "verification": "Verification with others",
        "earlier_salary": "Earlier salary",
    },
}
"""What the codes under a key of the copy mean."""
