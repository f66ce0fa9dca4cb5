"""What the codes of rows mean, in words for the person whom the rows are about.

Guards that no page shows a code where a person expects words; an unknown purpose or source still gets a true sentence.
All are English message ids. Pure.
"""

from recruit.i18n import Translate

SOURCES = {
    "web": "You sent it yourself, through our application form",
    "finn": "From FINN.no, where you applied",
    "linkedin": "From LinkedIn",
    "email": "From an e-mail that was sent to us",
    "agency": "From a recruitment agency",
    "tip": "From somebody who recommended you",
    "public": "From a public source",
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
KINDS = {"cv": "CV", "letter": "Cover letter", "certificate": "Certificate", "answer": "Answer to a question"}
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
SIGNS = {
    "phone": "The telephone number was the same",
    "document": "The CV was the same file",
    "born": "Name and year of birth were the same",
    "address": "The name and the beginning of the e-mail address were the same",
    "vacancy": "The name was the same, for the same vacancy",
    "proved": "You have shown that both addresses are yours",
}
"""By which sign somebody decided that two profiles are the same person's."""
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
    "sensitive_because": "Why something sensitive stands there",
    "privacy_notice": "Version of the privacy notice that was shown",
    "stage": "Step",
    "outcome": "Outcome",
    "closed_on": "Ended",
    "waiting_outcome": "Outcome that is decided, and of which you are told later",
    "told_at": "You are told",
    "words_nb": "Words in Norwegian",
    "words_en": "Words in English",
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
    "document": "Document",
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
    "tags": "Tags",
    "tag": "Tag",
    "tagged_at": "Marked",
    "interviews": "Interviews",
    "starts_at": "Begins",
    "minutes": "Minutes",
    "answered_at": "Answered",
    "place": "Place or link",
    "message": "Message",
    "proposed": "Proposed times",
    "scorecards": "Scorecards",
    "grades": "Competences",
    "competence": "Competence",
    "grade": "Grade, 1 to 5",
    "interview_notes": "Notes from interviews",
    "written_at": "Written",
    "recorded_at": "Recorded",
    "text": "Text",
    "referees": "Referees",
    "contact": "Contact details",
    "relation": "Relation to you",
    "reference_checks": "What referees answered",
    "guests": "Guests who could read it",
    "capacity": "In which capacity",
    "screening": "Information before employment",
    "told_on": "You were told",
    "told": "How you were told",
    "terms": "Terms",
    "position": "Position",
    "salary": "Salary in kroner",
    "per": "The salary is for",
    "extent": "Extent, percent of a full position",
    "trial_months": "Time on trial, months",
    "notice_months": "Notice period, months",
    "reply_by": "Answer by",
    "starts_on": "First day",
    "facts_asked_for": "Your requests for facts about the person hired",
    "facts_given": "Facts about you that were given to candidates who asked",
    "answered_on": "Answered",
    "other": "Other qualifications that can be ascertained",
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
    "invitations": "Invitations to apply for another position",
    "invited_at": "Invited",
    "requests": "Your requests",
    "state": "How it stands",
    "received_on": "Received",
    "due_on": "Answer due",
    "decided_on": "Answered",
    "came_by": "Came by",
    "extended_on": "Extended",
    "question": "What we asked, to be sure who it is",
    "extension": "Why it takes longer",
    "field": "What is to be corrected",
    "old": "Now",
    "stood_there": "Stood there",
    "stands_there": "Put right to",
    "new": "Instead",
    "grounds": "Grounds of the refusal",
    "categories": "What is to be erased",
    "same_person": "Decided: you have applied under another address too",
    "decided_at": "Decided",
    "looks": "Who has looked",
    "role": "Role",
    "purpose": "Purpose",
    "recipients": "Copies that left the system",
    "recipient": "Recipient",
    "recipients_told": "Recipients who were told of changes",
    "about": "About",
    "emails": "E-mails to you",
    "emails_received": "E-mails that came to us about you",
    "from": "From",
    "sent_at": "Written",
    "files": "Files that came with it",
    "left_out": "Files that were not taken as documents",
    "subject": "Subject",
}
"""What the keys of the copy are called on paper."""
CODES: dict[str, dict[str, str]] = {
    "stage": STEPS,
    "outcome": STEPS,
    "was": STEPS,
    "became": STEPS,
    "channel": CHANNELS | {"my_data": "under \u201cMy data\u201d"},
    "state": STATES
    | {
        "proposed": "Waits for your answer",
        "unfit": "You answered that none of the times suits you",
        "agreed": "Agreed",
        "cancelled": "Called off",
        "asked": "Waits for the referee's answer",
        "answered": "Answered",
        "open": "Waits for an answer",
        "declined": "Does not want to answer",
    },
    "came_by": {
        "link": "By a link in an e-mail",
        "my_data": "under \u201cMy data\u201d",
        "email": "E-mail",
        "phone": "Telephone",
        "letter": "Letter",
    },
    "language": {"nb": "Norwegian", "en": "English"},
    "per": {"year": "a year", "month": "a month", "hour": "an hour"},
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
RIGHTS = {
    "access": "See everything that is kept about you, where it comes from, who got it and who has looked at it.",
    "portability": "Take what you gave us with you, in a form that other programs can read.",
    "rectification": "Have something put right that is wrong or incomplete.",
    "erasure": "Have everything erased, one application, or parts of it.",
    "restriction": "Have your data put aside: kept, but not used.",
    "objection": "Say no to our using your data. They are put aside at once, while we decide.",
    "complaint": "Tell us that something was not right, and get an answer.",
}
"""What each right means, in a plain sentence behind the law's term."""
ARTICLES = {
    "access": "article 15",
    "portability": "article 20",
    "rectification": "article 16",
    "erasure": "article 17",
    "restriction": "article 18",
    "objection": "article 21",
    "complaint": "article 77",
}
CAME_BY = {
    "my_data": "On the page “My data”",
    "email": "In an e-mail",
    "phone": "On the telephone",
    "letter": "In a letter",
}
DONE = {
    "rectification": "The data have been put right, and those who had got them from us are told.",
    "erasure": "What we may erase is erased within a few days. You get the address of a receipt that shows it.",
    "restriction": "The data are kept, but nobody uses them. You are told before that ends.",
    "objection": "Nobody uses the data any more, and they are erased within a few days. You get the address of a "
    "receipt that shows it.",
}
"""What comes of a request that is granted, as its answer says it; of a copy and of a complaint it says more."""
PLACES = {
    "name": "Name",
    "phone": "Telephone number",
    "letter": "The text of the application",
    "summary": "The summary in the application",
    "statement": "Beside it, as a statement of the person's own",
    "request": "Words of an earlier request",
    "goes_on": "To go on meanwhile",
    "interview": "Interview",
    "interview_note": "Note from an interview",
    "scorecard": "Scorecard",
    "received_mail": "E-mail that came in",
    "referee": "Referee",
    "reference_check": "A referee's answer",
    "guest_application": "Guest",
    "screening": "Information before employment",
}


def field_name(code: str, tr: Translate) -> str:
    """What the field of a request is called: the place that was put right, or the reason of a restriction."""
    table, _, rest = code.partition(":")
    known = PLACES.get(rest.rpartition(":")[2]) or PLACES.get(table) or RESTRICTING.get(code)
    return tr(known) if known else code


OTHER_PLACE = "Words about the candidate"
GRANTING = {
    "access": "The copy lies ready on the person's own page for seven days.",
    "portability": "The copy lies ready on the person's own page for seven days.",
    "rectification": "It is written, and those who got the data are told.",
    "erasure": "The person is told at once that it is erased; then it is erased.",
    "restriction": "Nobody but you uses the data until the restriction is lifted.",
    "objection": "The person is told at once that it is erased; then it is erased.",
    "complaint": "You agree with the person, and say what you do about it.",
}
"""What granting does, to whoever answers."""
RESTRICTING = {
    "accuracy": "What is kept is wrong, and you are looking into it",
    "unlawful": "You may not have the data, but I would rather have them put aside than erased",
    "claims": "I need the data for a legal claim, although you no longer do",
    "objection": "I have objected, and you are deciding",
}
"""The reasons of article 18(1), as the person would say them."""
GROUNDS = {
    "identity": "We could not make sure that the request comes from the person whose data it is about "
    "(article 12(2) and (6)).",
    "repeated": "The request repeats an earlier one that we have answered, and nothing has changed since "
    "(article 12(5)).",
    "others": "It would harm the rights and freedoms of other people (article 15(4)).",
    "not_given": "Data portability covers what you gave us yourself, not what others wrote (article 20(1)).",
    "correct": "We have looked into it, and what is kept is correct (article 16).",
    "assessment": "What you ask us to change is somebody's assessment. It is not wrong because you see it "
    "differently; your own view is kept beside it (article 16).",
    "hold": "The data are needed to establish, exercise or defend a legal claim (article 17(3)(e)).",
    "duty": "A law obliges us to keep the data (article 17(3)(b)).",
    "no_condition": "None of the conditions of article 18(1) is met.",
    "compelling": "There are compelling legitimate grounds for the processing which override yours (article 21(1)).",
}
"""The reviewed list of reasons for a refusal; what is particular to the case is added in own words (L22)."""
