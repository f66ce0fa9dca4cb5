"""Every column and every sealed field: whose it is, in which category, how it leaves, how it goes, and why.

Guards that export, erasure, notice and tests speak of the same data: what does not stand here may not be stored (a test
compares this map with the tables), and whatever is left out of a copy or outlives an erasure has its reason here. Pure.
The sentences of categories are shown (English message ids); the reasons are for whoever reads the map.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from recruit import tables

Whose = Literal["candidate", "referee", "staff", "nobody"]
Category = Literal[
    "contact", "application", "document", "process", "interview_note", "screening", "referee", "consent", "enquiry",
    "rights_request", "correspondence", "legal_hold", "restriction", "access_log", "sign_in", "erasure", "account",
    "none",
]  # fmt: skip
Export = Literal["yes", "as_given", "masked", "no"]
Purge = Literal["with_unit", "cleared", "own_period", "random_id", "counts_only", "with_account", "not_personal"]

EXPORT: dict[Export, str] = {
    "as_given": "in the copy, and in what is taken elsewhere: the person provided it (art. 20)",
    "yes": "in the copy (art. 15)",
    "masked": "in the copy, without what is about third parties (L24)",
    "no": "not in the copy",
}
PURGE: dict[Purge, str] = {
    "with_unit": "goes with the unit: its key is destroyed, its row removed",
    "cleared": "emptied when the unit that it names goes",
    "own_period": "goes after a short or a stated period of its own, sooner with its person",
    "random_id": "stays as a random id from which no path leads to a person",
    "counts_only": "stays, as counts, codes and dates that are about nobody any more",
    "with_account": "lives and ends with the account of a member of staff",
    "not_personal": "is not about a person",
}


@dataclass(frozen=True)
class Column:
    """What is known of one column or sealed field; `why` gives the reason of an exemption, else what it is for."""

    whose: Whose
    category: Category
    export: Export
    purge: Purge
    why: str


@dataclass(frozen=True)
class Place:
    """Where rows of a unit are found: the column that holds the unit's id."""

    table: str
    column: str


UnitKind = Literal[
    "application", "profile", "referee", "draft", "enquiry", "incoming", "document", "part", "breach", "staff",
]  # fmt: skip

_OF_UNIT: dict[UnitKind, dict[str, str]] = {
    "application": {
        "application": "id",
        "sourced": "application",
        "document_words": "unit",
        "document": "unit",
        "consent": "application",
        "move": "application",
        "waiting_outcome": "application",
        "assignment": "application",
        "seen": "application",
        "application_tag": "application",
        "interview_note": "application",
        "interview": "application",
        "scorecard": "application",
        "guest_application": "application",
        "reference_check": "application",
        "referee": "application",
        "screening": "application",
        "section31": "application",
        "qualification": "application",
        "legal_hold": "application",
        "restriction": "application",
        "partial_erasure": "application",
        "mail": "unit",
        "received_mail": "unit",
        "received_original": "unit",
        "enclosed": "unit",
        "recipient": "unit",
        "disclosure": "unit",
        "link": "target",
    },
    "profile": {
        "candidate": "id",
        "likeness": "one other",
        "address_change": "candidate",
        "consent": "candidate",
        "pool_invitation": "candidate",
        "rights_request": "candidate",
        "mail": "unit",
        "recipient": "unit",
        "disclosure": "unit",
        "session": "person",
        "link": "person",
    },
    "referee": {
        "reference_check": "referee",
        "referee": "id",
        "mail": "unit",
        "disclosure": "unit",
        "session": "person",
        "link": "person",
    },
    "draft": {"draft": "id", "document": "unit", "mail": "unit", "link": "person"},
    "enquiry": {"enquiry": "id", "mail": "unit"},
    "incoming": {"received_mail": "unit", "received_original": "unit", "disclosure": "unit"},
    "document": {"document": "id", "legal_hold": "document", "disclosure": "unit"},
    "part": {"partial_erasure": "id"},
    "breach": {"breach_note": "id"},
    "staff": {
        "staff": "id",
        "vacancy_contact": "staff",
        "team_member": "staff",
        "mail": "unit",
        "session": "person",
        "link": "person",
    },
}
"""Table to column, or to several columns of which each may hold the unit."""

SEALED: dict[str, type[msgspec.Struct]] = {
    "staff": tables.StaffSecrets,
    "vacancy_contact": tables.Reach,
    "draft": tables.DraftAnswers,
    "enquiry": tables.EnquiryWords,
    "candidate": tables.Person,
    "application": tables.ApplicationData,
    "sourced": tables.Written,
    "document": tables.FileName,
    "document_words": tables.Words,
    "address_change": tables.NewAddress,
    "waiting_outcome": tables.Written,
    "interview_note": tables.Written,
    "interview": tables.Arrangement,
    "scorecard": tables.Scores,
    "referee": tables.Person,
    "reference_check": tables.ReferenceWords,
    "guest_application": tables.GuestWords,
    "screening": tables.Screened,
    "section31": tables.Written,
    "qualification": tables.Qualified,
    "legal_hold": tables.Written,
    "restriction": tables.Written,
    "partial_erasure": tables.TakenOut,
    "rights_request": tables.RequestWords,
    "breach_note": tables.BreachWords,
    "mail": tables.Message,
    "received_mail": tables.MailWords,
    "received_original": tables.Original,
    "enclosed": tables.Enclosure,
    "recipient": tables.Party,
}
"""What is sealed in the column `sealed` of each table."""

CATEGORIES: dict[Category, str] = {
    "contact": "Contact details: name, e-mail address, telephone number, and the language you chose",
    "application": "The application: which vacancy, when and how it came, and the text you wrote",
    "document": "CV and other documents: experience, education, professional qualifications",
    "process": "How the application went: steps, tags, outcome, dates, and who decided",
    "interview_note": "Information given in interviews, as notes",
    "screening": "Information before employment, only for finalists: references, offer details, expectations",
    "referee": "Referees whom you name: name, contact details, relation to you",
    "consent": "Your answers to the question about consent",
    "enquiry": "Questions that you asked us, and our answers",
    "rights_request": "Your requests under the privacy rules, and our answers",
    "correspondence": "E-mails to and from you, and a list of the copies that left the system",
    "legal_hold": "Legal holds: that one stands, its reason and its basis",
    "restriction": "Restrictions of the use of your data: that one stands, why, and when it is reviewed",
    "access_log": "Looks at your data: when, in which role, for what purpose",
    "sign_in": "Signing in: sessions, links and attempts, of which only hashes are kept",
    "erasure": "What shows that an erasure happened: random ids, dates and counts",
    "account": "Accounts of staff",
    "none": "Not personal data",
}
"""Each category in the words of the notice."""

_Row = tuple[str, Whose, Category, Export, Purge, str, str]

_ROWS: tuple[_Row, ...] = (
    # table, whose, category, export, purge, columns, why
    ("employer", "nobody", "none", "no", "not_personal",
     "number since name org_number address contact_email dpo_appointed", "who the employer is; public on every page"),
    ("employer", "staff", "account", "no", "with_account", "dpo_name dpo_email",
     "the law demands that the contact is published (art. 13, 37(7)); a new version replaces it on every page"),
    ("employer", "staff", "account", "no", "random_id", "decided_by", "who answers for a version, as a random id"),
    ("policy_version", "nobody", "none", "no", "not_personal", "number since state body",
     "the policy itself; it is public"),
    ("purge_approval", "nobody", "erasure", "no", "random_id", "id at digest n lines",
     "that a person approved what was erased (art. 5(2)): random ids, rules and days, until the next list"),
    ("purge_approval", "staff", "account", "no", "random_id", "approved_by", "who approved it, as a random id"),
    ("policy_version", "staff", "account", "no", "random_id", "decided_by", "who answers for a version"),
    ("processing_activity", "nobody", "none", "no", "not_personal", "number activity since standing body",
     "the record of processing speaks of kinds of people and data, never of a person"),
    ("processing_activity", "staff", "account", "no", "random_id", "decided_by", "who answers for a version"),
    ("notice_version", "nobody", "none", "no", "not_personal", "number since digest",
     "which notice was in force when; it is public"),
    ("notice_version", "staff", "account", "no", "with_account", "body",
     "the law demands that the notice names a contact (art. 13, 37(7)); as it was shown, to compare with later ones"),
    ("staff", "staff", "account", "no", "with_account", "id active roles language news told_at created_at sealed",
     "an employee's account is no part of a candidate's copy; the employee sees it on their own page"),
    ("session", "candidate", "sign_in", "no", "own_period",
     "id kind person created_at expires_at second_factor",
     "security: a copy would hold nothing but the moment in which the copy was asked for; gone within 12 hours"),
    ("link", "candidate", "sign_in", "no", "own_period",
     "id purpose person target code attempts created_at expires_at used_at",
     "security: only hashes of links that the person has in their e-mail"),
    ("attempts", "candidate", "sign_in", "no", "own_period", "id window_ends n",
     "security: a keyed hash of a network address, which nobody can turn back, for a quarter of an hour"),
    ("vacancy", "nobody", "none", "no", "not_personal",
     "id state title_nb title_en posting_nb posting_en place extent deadline standing steps typed_cv "
     "elsewhere created_at published_at closed_on", "about a position; published by the employer"),
    ("vacancy", "staff", "account", "no", "random_id", "created_by", "who published it, as a random id"),
    ("visit", "nobody", "none", "no", "counts_only", "id page vacancy day browser system n",
     "how often a public page was opened on a day: no address, no cookie, no way to tell one visitor from another"),
    ("team_member", "staff", "account", "no", "with_account", "id vacancy staff role",
     "who may see which applications, as what"),
    ("vacancy_contact", "staff", "account", "no", "with_account", "id vacancy staff sealed",
     "whom candidates can ask; it stands in the posting and ends with the account"),
    ("vacancy_question", "nobody", "none", "no", "not_personal",
     "id vacancy place kind required text_nb text_en options_nb options_en",
     "what the form asks; what is answered is sealed with the application"),
    ("stage_template", "nobody", "none", "no", "not_personal", "id name steps", "a way through the stages"),
    ("stage_template", "staff", "account", "no", "random_id", "made_by", "who made it, as a random id"),
    ("letter_template", "nobody", "none", "no", "not_personal", "id name subject_nb text_nb subject_en text_en",
     "the employer's own words, with fields in place of what is about a person"),
    ("letter_template", "staff", "account", "no", "random_id", "made_by", "who made it, as a random id"),
    ("closing", "nobody", "none", "no", "not_personal", "id vacancy closed_at undone_at",
     "when a vacancy was closed; about a position"),
    ("closing", "staff", "account", "no", "random_id", "closed_by", "who answers for a close, as a random id"),
    ("draft", "candidate", "application", "no", "with_unit", "id vacancy touched_at sealed",
     "nobody is known to be its author before it is sent; whoever has the form open sees all of it there"),
    ("enquiry", "candidate", "enquiry", "no", "with_unit",
     "id about vacancy state language received_at touched_at answered_by sealed",
     "hangs on no profile: whoever asked has the question and the answer as e-mails"),
    ("candidate", "candidate", "contact", "no", "with_unit", "id created_at changed_at sealed",
     "a random id, its birth and its last change say nothing; what is sealed is given field by field"),
    ("candidate", "candidate", "contact", "yes", "with_unit", "language", "so that letters come in it"),
    ("application", "candidate", "application", "yes", "with_unit", "vacancy submitted_at source",
     "what was applied for, when, and by which way"),
    ("application", "candidate", "application", "yes", "with_unit", "notice",
     "which privacy notice was shown, to compare it with later ones"),
    ("application", "candidate", "application", "no", "with_unit", "id candidate sealed",
     "random ids say nothing; what is sealed is given field by field"),
    ("application", "candidate", "process", "yes", "with_unit", "stage outcome closed_on", "where the process stands"),
    ("application", "candidate", "process", "no", "with_unit",
     "last_activity_at furthest_stage finalist step entered_at closed_at handed_over_on erasure_granted_on",
     "repeats what the steps and the reasons of the retention date in the copy say"),
    ("application", "candidate", "process", "no", "with_unit", "decided_by guard_version closing",
     "an employee's id, a counter of the program, the act of closing, and since when it belongs to this profile"),
    ("sourced", "candidate", "application", "yes", "with_unit", "told_on", "when the person was told (art. 14)"),
    ("sourced", "candidate", "application", "no", "with_unit", "id application entered_by entered_at told_by sealed",
     "random ids; the copy names no employee; the instant is the application's; what is sealed, see its fields"),
    ("document", "candidate", "document", "as_given", "with_unit", "kind media_type size added_at",
     "with the file itself"),
    ("document", "candidate", "document", "no", "with_unit", "id unit apart sealed",
     "random ids, and which key it is under, say nothing; what is sealed is given field by field"),
    ("document_words", "candidate", "document", "no", "with_unit", "id document unit written_at sealed",
     "made from a document that is in the copy itself"),
    ("address_change", "candidate", "contact", "yes", "with_unit", "asked_at",
     "a new e-mail address that is not confirmed at both yet; gone after a day, or with the profile"),
    ("address_change", "candidate", "contact", "no", "with_unit", "id candidate old_at new_at sealed",
     "random ids, and which of the two has confirmed; what is sealed is given field by field"),
    ("pool_invitation", "candidate", "process", "yes", "with_unit", "vacancy invited_at",
     "for which vacancy somebody from the talent pool was invited to apply, and when"),
    ("pool_invitation", "candidate", "process", "no", "with_unit", "id candidate invited_by",
     "random ids; the copy names no employee"),
    ("consent_wording", "nobody", "none", "no", "not_personal", "id number language text",
     "the question about consent as it was worded once: the same for everybody"),
    ("consent", "candidate", "consent", "yes", "with_unit", "given at channel language wording",
     "to show that consent was given (art. 7(1))"),
    ("consent", "candidate", "consent", "no", "with_unit", "id candidate application wording_hash",
     "random ids, and a hash of the wording whose number is in the copy"),
    ("assignment", "candidate", "process", "no", "with_unit", "id application staff assigned_by assigned_at",
     "which colleague is to interview; the copy names no employee (C-579/21)"),
    ("seen", "candidate", "access_log", "no", "with_unit", "id application staff at",
     "what is new to a colleague; the looks in the copy say when and why somebody looked"),
    ("tag", "nobody", "none", "no", "not_personal", "id name", "the employer's own list of words, about nobody"),
    ("tag", "staff", "account", "no", "random_id", "made_by", "who made it, as a random id"),
    ("application_tag", "candidate", "process", "yes", "with_unit", "tag tagged_at",
     "what the application was marked with, in words"),
    ("application_tag", "candidate", "process", "no", "with_unit", "id application tagged_by",
     "random ids; the copy names no employee"),
    ("likeness", "candidate", "process", "yes", "with_unit", "why decided_at",
     "that somebody decided that two profiles are the same person, when, and by which sign"),
    ("likeness", "candidate", "process", "no", "with_unit", "id one other found_at verdict decided_by proved_at",
     "random ids; a guess, or that two are apart, would tell one person that another has applied (art. 15(4))"),
    ("move", "candidate", "process", "yes", "with_unit", "at was became", "the steps of the process"),
    ("move", "candidate", "process", "no", "with_unit", "id application moved_by was_step became_step",
     "random ids, and the vacancy's own steps of one stage; the copy names no employee (C-579/21)"),
    ("waiting_outcome", "candidate", "process", "yes", "with_unit", "outcome ends_at",
     "an outcome that was decided, and when the candidate is told of it"),
    ("waiting_outcome", "candidate", "process", "no", "with_unit",
     "id vacancy application decided_by decided_at closing asks sealed",
     "random ids, and how the mail will read; the copy names no employee; what is sealed is given field by field"),
    ("interview_note", "candidate", "interview_note", "yes", "with_unit", "written_at", "when it was written"),
    ("interview_note", "candidate", "interview_note", "no", "with_unit", "id application author sealed",
     "random ids; the copy names no employee; what is sealed is given field by field"),
    ("interview_kit", "nobody", "none", "no", "not_personal", "id name", "the employer's own questions, about nobody"),
    ("interview_kit", "staff", "account", "no", "random_id", "made_by", "who made it, as a random id"),
    ("kit_question", "nobody", "none", "no", "not_personal", "id kit place competence text",
     "the employer's own questions, about nobody"),
    ("interview", "candidate", "process", "yes", "with_unit", "state starts_at minutes answered_at",
     "when interviews were, and how they stood"),
    ("interview", "candidate", "process", "no", "with_unit",
     "id application kit arranged_by arranged_at version sealed",
     "random ids and a counter; the copy names no employee; what is sealed is given field by field"),
    ("interview_time", "candidate", "process", "yes", "with_unit", "starts_at", "the times that were proposed"),
    ("interview_time", "candidate", "process", "no", "with_unit", "id interview", "random ids say nothing"),
    ("interview_seat", "candidate", "process", "no", "with_unit", "id interview staff",
     "random ids; the copy names no employee (C-579/21)"),
    ("scorecard", "candidate", "interview_note", "yes", "with_unit", "written_at", "when it was written"),
    ("scorecard", "candidate", "interview_note", "no", "with_unit", "id application author sealed",
     "random ids; the copy names no employee; what is sealed is given field by field"),
    ("referee", "referee", "referee", "yes", "with_unit", "added_at", "since when a referee is known"),
    ("referee", "referee", "referee", "no", "with_unit", "id application added_by sealed",
     "random ids; the copy names no employee; what is sealed is given field by field"),
    ("reference_form", "nobody", "none", "no", "not_personal", "id name questions_nb questions_en",
     "the employer's own questions to referees, about nobody"),
    ("reference_form", "staff", "account", "no", "random_id", "made_by", "who made it, as a random id"),
    ("reference_check", "candidate", "screening", "yes", "with_unit", "state channel asked_at answered_at",
     "when referees were asked, by which way, and how it stands"),
    ("reference_check", "candidate", "screening", "no", "with_unit", "id application referee asked_by until sealed",
     "random ids, and how long a referee's link lives; the copy names no employee; what is sealed is given by field"),
    ("guest", "nobody", "none", "no", "not_personal", "id vacancy language until withdrawn_at",
     "that somebody outside may read, and until when; who it is stands with each application"),
    ("guest", "staff", "account", "no", "random_id", "invited_by", "who invited a guest, as a random id"),
    ("guest_application", "candidate", "correspondence", "yes", "with_unit", "invited_at",
     "since when somebody outside could read it"),
    ("guest_application", "candidate", "correspondence", "no", "with_unit", "id guest application party sealed",
     "random ids; the guest is a recipient of the application; what is sealed is given field by field"),
    ("screening", "candidate", "screening", "yes", "with_unit", "kind recorded_at", "what was found out and when"),
    ("screening", "candidate", "screening", "yes", "with_unit", "told_on", "when the person was told (art. 14)"),
    ("screening", "candidate", "screening", "no", "with_unit", "id application recorded_by told_by sealed",
     "random ids; the copy names no employee; what is sealed is given field by field"),
    ("section31", "candidate", "rights_request", "yes", "with_unit", "state channel received_on due_on answered_on",
     "that facts about the person hired were asked for, and answered (L31)"),
    ("section31", "candidate", "rights_request", "no", "with_unit",
     "id application vacancy recorded_by answered_by sealed",
     "random ids; the copy names no employee; what is sealed is given field by field"),
    ("qualification", "candidate", "process", "yes", "with_unit", "written_at",
     "when facts about a person hired were given to a candidate who asked (L31)"),
    ("qualification", "candidate", "process", "no", "with_unit", "id application request written_by sealed",
     "random ids; who asked is not said, nor which employee answered; what is sealed is given field by field"),
    ("enclosed", "candidate", "process", "no", "with_unit", "id mail unit sealed",
     "waits to leave with a mail to somebody else, and goes then; its words are in the copy as what was given"),
    ("legal_hold", "candidate", "legal_hold", "yes", "with_unit", "placed_on review_on released_on",
     "why it is kept longer"),
    ("legal_hold", "candidate", "legal_hold", "no", "with_unit",
     "id application document placed_by asked_by asked_on released_by sealed",
     "random ids; the copy names no employee; reason and basis, see their fields"),
    ("restriction", "candidate", "restriction", "yes", "with_unit",
     "ground permanent placed_on review_on lifted_on", "so that everybody leaves the data alone (art. 18)"),
    ("restriction", "candidate", "restriction", "no", "with_unit",
     "id application request placed_by lifting_by told_at sealed",
     "random ids; the copy names no employee; what is sealed is given field by field"),
    ("partial_erasure", "candidate", "erasure", "no", "with_unit",
     "id application request categories items keys granted_by granted_on prepared_at taken_at sealed",
     "how far a granted erasure of some categories has come: the person was told of it, and it ends within days"),
    ("rights_request", "candidate", "rights_request", "yes", "with_unit",
     "kind state channel received_on due_on extended_on decided_on", "to answer in time and to show it"),
    ("rights_request", "candidate", "rights_request", "no", "cleared", "application",
     "which application it was about; emptied when that one is erased and the request lives on"),
    ("rights_request", "candidate", "rights_request", "no", "with_unit",
     "id candidate whole recorded_by decided_by sealed",
     "random ids; the copy names no employee; what is sealed is given field by field"),
    ("rights_request", "candidate", "rights_request", "no", "with_unit",
     "found paused_on paused_days extended_months copy_until",
     "how the deadline, which is in the copy, was counted; and until when the link to a copy lived"),
    ("purge_notice", "candidate", "erasure", "no", "random_id", "id application part candidate",
     "the purge's id, and ids whose keys are destroyed: to say at the receipt's address what became of the erasure"),
    ("purge_notice", "candidate", "erasure", "no", "counts_only",
     "token rule state noticed_at erase_from due_on",
     "the person has the notice as an e-mail; afterwards dates, a rule and a hash that are about nobody"),
    ("counter", "nobody", "none", "no", "counts_only", "id vacancy month source stage outcome n",
     "anonymous (L12): cells under 5 are not shown"),
    ("stage_time", "nobody", "none", "no", "counts_only", "id vacancy stage n days",
     "anonymous (L12): sums of at least five are shown, rounded"),
    ("breach_note", "nobody", "none", "no", "not_personal",
     "noted_at happened_on known_at kinds stores persons epoch authority_on persons_on",
     "a breach as codes, dates and counts (art. 33(5))"),
    ("breach_note", "staff", "account", "no", "random_id", "noted_by", "who documented it"),
    ("breach_note", "nobody", "none", "no", "with_unit", "id sealed", "its words, which should name nobody"),
    ("mail", "candidate", "correspondence", "yes", "with_unit", "queued_at", "when it was written"),
    ("mail", "candidate", "correspondence", "no", "with_unit",
     "id unit cause template state attempts next_at sent_at written_by sealed",
     "the way of the mail through the outbox; its words are given field by field; the copy names no employee"),
    ("received_mail", "candidate", "correspondence", "yes", "with_unit", "sent_at at",
     "when it was written, and when it came in"),
    ("received_mail", "candidate", "correspondence", "no", "with_unit",
     "id unit waiting mark known_by outside taken_by sealed",
     "how it was recognised and where it waits; its words are given field by field; the copy names no employee"),
    ("received_original", "candidate", "correspondence", "no", "with_unit", "id unit sealed",
     "random ids; the e-mail itself goes with the copy as a file"),
    ("disclosure", "candidate", "correspondence", "yes", "with_unit", "recipient at",
     "to whom copies went (art. 15(1)(c), 19)"),
    ("disclosure", "candidate", "correspondence", "no", "with_unit", "id unit channel account",
     "random ids; the way says no more than the recipient; the copy names no employee"),
    ("disclosure", "candidate", "correspondence", "no", "cleared", "party",
     "which recipient it was, whose name is given; emptied when a referee is taken off"),
    ("recipient", "candidate", "correspondence", "no", "with_unit", "id unit sealed",
     "random ids; what is sealed is given field by field"),
    ("recipient_notice", "candidate", "correspondence", "yes", "own_period", "recipient act state at",
     "who was told of a rectification, erasure or restriction, and when (art. 19)"),
    ("recipient_notice", "candidate", "correspondence", "no", "random_id", "id unit account",
     "the copy names no employee; after an erasure the id leads to nobody and shows that the recipients were told"),
    ("recipient_notice", "candidate", "correspondence", "no", "cleared", "party",
     "which recipient it was; emptied when that one's data go"),
    ("recipient_notice", "candidate", "correspondence", "no", "own_period", "why cause",
     "why nobody could be reached, as a code, and the way of the mail"),
    ("look", "candidate", "access_log", "yes", "own_period", "at role purpose",
     "who looked and why (C-579/21); kept for the period of the access log"),
    ("look", "candidate", "access_log", "no", "random_id", "id unit staff",
     "the copy names no employee; after an erasure the id leads to nobody and shows that looks were recorded (L12)"),
    ("audit_entry", "nobody", "erasure", "no", "random_id", "number at kind hold body previous hash",
     "ids, states and counts, chained so that history cannot be rewritten (art. 5(2))"),
    ("run", "nobody", "none", "no", "not_personal", "id job started_at ended_at counts error worker",
     "runs of the jobs"),
    ("process", "nobody", "none", "no", "not_personal", "id epoch works beats seen_at", "processes that are up"),
    ("fact", "nobody", "none", "no", "random_id", "name value", "what the program remembers of itself"),
    ("epoch", "nobody", "none", "no", "not_personal", "number check", "which keys wrap the others"),
    ("data_key", "nobody", "erasure", "no", "random_id", "id kind parent epoch born_at purge",
     "the tombstone: with it, data that come back from an old copy are erased again"),
    ("data_key", "candidate", "erasure", "no", "with_unit", "wrapped lookup",
     "the key and the way to find it: what an erasure destroys; in a copy they would be a danger and say nothing"),
    ("data_key", "candidate", "erasure", "no", "counts_only",
     "retain_until holds restrictions open_requests version",
     "the guard; the copy gives the retention date and its reasons"),
    ("ledger_entry", "nobody", "erasure", "no", "random_id", "number at kind body previous hash",
     "shows that an erasure happened (art. 5(2)): random ids and counts"),
    ("purge", "nobody", "erasure", "no", "random_id", "id entry state erased_at token inventory verified_at",
     "how far an erasure has come: random ids and counts, and the hash of the receipt's address"),
)  # fmt: skip

_WHY = "why something sensitive has to stand in it"

_SEALED_ROWS: tuple[_Row, ...] = (
    ("staff", "staff", "account", "no", "with_account",
     "name email password totp totp_waiting totp_used recovery email_waiting",
     "an employee's account is no part of a candidate's copy"),
    ("vacancy_contact", "staff", "account", "no", "with_account", "phone title",
     "an employee's; candidates read it in the posting"),
    ("draft", "candidate", "application", "no", "with_unit",
     "name email phone letter summary experience education languages skills answers consent secret",
     "nobody is known to be its author before it is sent; whoever has the form open sees it there"),
    ("enquiry", "candidate", "enquiry", "no", "with_unit", "name email text answer",
     "hangs on no profile: whoever asked has the question and the answer as e-mails"),
    ("candidate", "candidate", "contact", "as_given", "with_unit", "name email phone", "to reach the candidate"),
    ("candidate", "candidate", "contact", "no", "with_unit", "relation", "always empty: only referees have one"),
    ("application", "candidate", "contact", "as_given", "with_unit", "name email phone", "as given with it"),
    ("application", "candidate", "application", "as_given", "with_unit", "letter", "the letter's text"),
    ("sourced", "candidate", "application", "masked", "with_unit", "text",
     "where the data come from (art. 15(1)(g)): a firm or a page by its name, other people left out"),
    ("sourced", "candidate", "application", "yes", "with_unit", "more", "how the person was told, where no mail could"),
    ("address_change", "candidate", "contact", "as_given", "with_unit", "email",
     "to reach the candidate, once it is confirmed"),
    ("application", "candidate", "document", "as_given", "with_unit", "summary experience education languages skills",
     "what was typed instead of a CV file"),
    ("application", "candidate", "application", "as_given", "with_unit", "answers",
     "the vacancy's own questions, and what was answered"),
    ("document", "candidate", "document", "as_given", "with_unit", "name", "the file's name as the candidate gave it"),
    ("document", "candidate", "document", "no", "with_unit", "pages digest question",
     "counted and computed from the file, which is in the copy itself; and a random id of what it answers"),
    ("document_words", "candidate", "document", "no", "with_unit", "words",
     "the words of a document that is in the copy itself"),
    ("interview_note", "candidate", "interview_note", "masked", "with_unit", "text", "to assess the application"),
    ("interview_note", "candidate", "interview_note", "masked", "with_unit", "more", "its source, if there is one"),
    ("interview_note", "candidate", "interview_note", "masked", "with_unit", "why", _WHY),
    ("interview", "candidate", "process", "masked", "with_unit", "place message answer",
     "where it was to be, what was written to the candidate and what they answered"),
    ("scorecard", "candidate", "interview_note", "masked", "with_unit", "grades text",
     "to assess the application; who wrote it is not said"),
    ("scorecard", "candidate", "interview_note", "masked", "with_unit", "why", _WHY),
    ("referee", "referee", "referee", "masked", "with_unit", "name email phone",
     "a third party's: masked unless they are released one by one (L24)"),
    ("referee", "referee", "referee", "yes", "with_unit", "relation", "what the candidate said of the referee"),
    ("reference_check", "candidate", "screening", "masked", "with_unit", "answers text",
     "what a referee answered of the candidate (L9)"),
    ("reference_check", "candidate", "screening", "masked", "with_unit", "source",
     "from whom, and how they were asked (L10)"),
    ("reference_check", "candidate", "screening", "masked", "with_unit", "why", _WHY),
    ("guest_application", "candidate", "correspondence", "yes", "with_unit", "capacity",
     "as what somebody outside could read the application (art. 15(1)(c)); the name stands with the recipients"),
    ("guest_application", "candidate", "correspondence", "masked", "with_unit", "reason", "why they were invited"),
    ("screening", "candidate", "screening", "masked", "with_unit", "text", "what was found out before employment (L9)"),
    ("screening", "candidate", "screening", "masked", "with_unit", "more", "its source (L10)"),
    ("screening", "candidate", "screening", "masked", "with_unit", "why", _WHY),
    ("screening", "candidate", "screening", "yes", "with_unit", "terms", "what was expected, or offered (L9)"),
    ("screening", "candidate", "screening", "yes", "with_unit", "told", "how the person was told, where no mail could"),
    ("screening", "candidate", "screening", "no", "with_unit", "letter",
     "the offer drawn as a letter, whose words are in the copy; the person has it, and finds it under “My data”"),
    ("section31", "candidate", "rights_request", "yes", "with_unit", "text more",
     "what the person wrote, and how it was answered"),
    ("section31", "candidate", "rights_request", "no", "with_unit", "why", "always empty: only notes have one"),
    ("qualification", "candidate", "process", "yes", "with_unit", "education experience other",
     "what was told about the person hired (L31)"),
    ("qualification", "candidate", "process", "yes", "with_unit", "why", _WHY),
    ("qualification", "candidate", "process", "no", "with_unit", "letter",
     "drawn as a letter to somebody else; its words are in the copy"),
    ("enclosed", "candidate", "process", "no", "with_unit", "name media_type data",
     "the same letter, until it has left"),
    ("legal_hold", "candidate", "legal_hold", "no", "with_unit", "text more",
     "reason and basis belong to a dispute, which the copy could harm (art. 15(4), 23); that a hold stands is told"),
    ("legal_hold", "candidate", "legal_hold", "no", "with_unit", "why", "always empty: only notes have one"),
    ("sourced", "candidate", "application", "no", "with_unit", "why", "always empty: only notes have one"),
    ("waiting_outcome", "candidate", "process", "yes", "with_unit", "text more",
     "what the mail will say of the outcome, in Norwegian and in English"),
    ("waiting_outcome", "candidate", "process", "no", "with_unit", "why", "always empty: only notes have one"),
    ("restriction", "candidate", "restriction", "no", "with_unit", "why", "always empty: only notes have one"),
    ("restriction", "candidate", "restriction", "yes", "with_unit", "text more",
     "why, and what was said when it ended"),
    ("partial_erasure", "candidate", "erasure", "no", "with_unit", "rows",
     "what is being erased, put aside for the moments until its key is destroyed"),
    ("rights_request", "candidate", "rights_request", "yes", "with_unit",
     "text more question extension field old new was became grounds categories",
     "what was asked and answered, and what was put right"),
    ("rights_request", "candidate", "rights_request", "no", "with_unit", "letter released",
     "the answer drawn as a letter, whose words are in the copy; random ids of what was shown unmasked"),
    ("breach_note", "nobody", "none", "no", "with_unit", "what consequences measures delay unreported untold",
     "should name nobody, and is sealed all the same, since people write what they write"),
    ("mail", "candidate", "correspondence", "yes", "with_unit", "subject text", "what was written to the candidate"),
    ("mail", "candidate", "correspondence", "no", "with_unit", "to html lang enclosures",
     "address and language stand with the contact details; the same words once more; a letter lies with its request"),
    ("received_mail", "candidate", "correspondence", "masked", "with_unit", "name email subject text",
     "what was written to us, by the candidate or about them"),
    ("received_mail", "candidate", "correspondence", "yes", "with_unit", "files left_out",
     "the names of the files that came with it; the files themselves are documents, or in the e-mail as it came"),
    ("received_mail", "candidate", "correspondence", "no", "with_unit", "to message_id answers_to secret",
     "our own address, and numbers by which programs recognise an e-mail or a form"),
    ("received_original", "candidate", "correspondence", "masked", "with_unit", "data",
     "the e-mail as it came, where it holds what is no document: a file in the ZIP, if the candidate wrote it"),
    ("recipient", "candidate", "correspondence", "yes", "with_unit", "name",
     "to whom data went, by name (art. 15(1)(c))"),
    ("recipient", "candidate", "correspondence", "no", "with_unit", "email",
     "a third party's address: who it is says the name (art. 15(4))"),
)  # fmt: skip


def _spread(rows: tuple[_Row, ...], between: str) -> Iterator[tuple[str, Column]]:
    for table, whose, category, export, purge, names, why in rows:
        for name in names.split():
            yield f"{table}{between}{name}", Column(whose, category, export, purge, why)


COLUMNS: dict[str, Column] = dict(_spread(_ROWS, "."))
"""`table.column` of every table of both databases."""

FIELDS: dict[str, Column] = dict(_spread(_SEALED_ROWS, ".sealed."))
"""`table.sealed.field` of everything that is sealed."""

EVERYTHING: dict[str, Column] = COLUMNS | FIELDS


def of_unit(kind: UnitKind) -> tuple[Place, ...]:
    """Where the rows of a unit are that must be gone with it."""
    return tuple(Place(table, column) for table, columns in _OF_UNIT[kind].items() for column in columns.split())


def places() -> tuple[Place, ...]:
    """Everywhere that rows of some unit are: what a purge goes through, whatever the kind of the unit."""
    return tuple(dict.fromkeys(place for kind in _OF_UNIT for place in of_unit(kind)))


def categories(*whose: Whose) -> tuple[Category, ...]:
    """The categories of data about these people, in the map's order; candidates and referees if none is named."""
    wanted = whose or ("candidate", "referee")
    found = {column.category for column in EVERYTHING.values() if column.whose in wanted}
    return tuple(name for name in CATEGORIES if name in found)


def staying() -> dict[str, str]:
    """What outlives an erasure as a random id, with the reason: `table.column` to why."""
    return {name: column.why for name, column in EVERYTHING.items() if column.purge == "random_id"}


def fields_of(struct: Any) -> tuple[str, ...]:
    """The names of a sealed struct's fields."""
    return tuple(field.name for field in msgspec.structs.fields(struct))
