"""Every table, in the order the data comes to life, and what is sealed in each.

Guards that a plain column holds only ids, states, dates and counts: whatever says something about a person stands in
the one `sealed` column, a struct sealed under the key of the row's unit. Two databases: records may be copied freely,
since they are noise without the keyring. The rules that the database itself enforces are the triggers at the end.
"""

from datetime import date

import msgspec
from piccolo.columns import UUID, BigInt, Boolean, Bytea, Date, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from recruit.curriculum import Answered, Education, Experience, LanguageSkill
from recruit.database import Refusal


class Sealed(Bytea):
    """Bytes that `vault.sealing` made; opened only where the row's identity is known."""


# --- what is sealed -------------------------------------------------------------------------------------------------


class Person(msgspec.Struct, kw_only=True):
    """A candidate's or referee's contact data."""

    name: str
    email: str
    phone: str = ""
    relation: str = ""


class StaffSecrets(msgspec.Struct, kw_only=True):
    """A staff account: who it is and how it signs in (hashes only; the TOTP secret as shared with the phone).

    `totp_used` is the time step of the last accepted code; `totp_waiting` and `email_waiting` are not confirmed yet.
    """

    name: str
    email: str
    password: str = ""
    totp: str = ""
    totp_waiting: str = ""
    totp_used: int = 0
    recovery: list[str] = []
    email_waiting: str = ""


class Written(msgspec.Struct, kw_only=True):
    """Words that somebody wrote: a letter, a note, a reason; `more` is its source, basis or answer.

    `why`: the reason why something sensitive has to stand in it, where the tripwire asked for one.
    """

    text: str
    more: str = ""
    why: str = ""


class Terms(msgspec.Struct, kw_only=True):
    """What somebody expects, or is offered: 0, None or nothing is what was not said.

    `salary` in kroner `per` year, month or hour; `extent` in percent of a full position; months of notice and on trial.
    """

    position: str = ""
    salary: int = 0
    per: str = "year"
    extent: int | None = None
    starts_on: date | None = None
    trial_months: int | None = None
    notice_months: int | None = None
    reply_by: date | None = None


class Screened(Written, kw_only=True):
    """What is found out before employment; `more` is its source, `told` how the candidate was told of it by hand (L10).

    An offer's `letter` is the PDF that was sent.
    """

    terms: Terms | None = None
    letter: bytes = b""
    told: str = ""


class Qualified(msgspec.Struct, kw_only=True):
    """What can be ascertained of a person who was hired (L31), and the letter in which it was given; `why` as above."""

    education: str = ""
    experience: str = ""
    other: str = ""
    why: str = ""
    letter: bytes = b""


class Reach(msgspec.Struct, kw_only=True):
    """How a contact person is reached beyond the account's name and e-mail address, and as what they answer."""

    phone: str = ""
    title: str = ""


class RequestWords(msgspec.Struct, kw_only=True):
    """What was said about a rights request. `text` is the person's reason, `more` our answer.

    `question` is what we asked to be sure who it is, `extension` why it takes longer; `field`, `old` and `new` are what
    is to be rectified. Lists of codes: `grounds` of a refusal, `categories` to be erased, `released` items (L24).
    `letter` is the answer as the PDF that was sent; `was` and `became` what stood in the place (`field`) that was put
    right, and what stands there now (L26).
    """

    text: str = ""
    more: str = ""
    question: str = ""
    extension: str = ""
    field: str = ""
    old: str = ""
    new: str = ""
    grounds: list[str] = []
    categories: list[str] = []
    released: list[str] = []
    letter: bytes = b""
    was: str = ""
    became: str = ""


class ApplicationData(msgspec.Struct, kw_only=True):
    """What an application says by itself: contact data as given with it, the letter's text, experience that was typed
    instead of a CV file, and answers to the vacancy's own questions.
    """

    name: str = ""
    email: str = ""
    phone: str = ""
    letter: str = ""
    summary: str = ""
    experience: list[Experience] = []
    education: list[Education] = []
    languages: list[LanguageSkill] = []
    skills: list[str] = []
    answers: list[Answered] = []


class DraftAnswers(ApplicationData, kw_only=True):
    """A form that was not finished. `secret` is the form's own, for the link that leads back to it."""

    consent: str = ""
    secret: str = ""


class EnquiryWords(msgspec.Struct, kw_only=True):
    """A question about a vacancy or about privacy, who asked it, and what was answered."""

    name: str = ""
    email: str = ""
    text: str = ""
    answer: str = ""


class MailWords(msgspec.Struct, kw_only=True):
    """An e-mail that came in: who wrote it to whom, and what. `files` came with it, `left_out` could not be taken
    as documents. `secret` is that of the form that makes an application of it, so that it makes only one.
    """

    name: str = ""
    email: str = ""
    to: str = ""
    subject: str = ""
    text: str = ""
    message_id: str = ""
    answers_to: list[str] = []
    files: list[str] = []
    left_out: list[str] = []
    secret: str = ""


class Original(msgspec.Struct, kw_only=True):
    """An e-mail as it came, byte for byte."""

    data: bytes


class FileName(msgspec.Struct, kw_only=True):
    """A document's name as the candidate gave it, how many pages it has, and the SHA-256 (hex) of its bytes; `question`
    is the id of the vacancy's own question that it answers.
    """

    name: str
    pages: int = 0
    digest: str = ""
    question: str = ""


class Arrangement(msgspec.Struct, kw_only=True):
    """Where an interview is held, what was written to the candidate about it, and what they answered."""

    place: str
    message: str = ""
    answer: str = ""


class Grade(msgspec.Struct, kw_only=True):
    """What somebody found of one competence: 1 to 5, or 0 where it was not seen, and the words to it."""

    competence: str
    grade: int = 0
    text: str = ""


class Scores(msgspec.Struct, kw_only=True):
    """One person's scorecard: competence by competence, and the whole in words; `why` as in `Written`."""

    grades: list[Grade] = []
    text: str = ""
    why: str = ""


class Replied(msgspec.Struct, kw_only=True):
    """A question to a referee in both languages (the English one may be empty), and what they answered."""

    asked_nb: str
    asked_en: str = ""
    text: str = ""


class ReferenceWords(msgspec.Struct, kw_only=True):
    """What a referee says of a candidate; `text` is what they add, or why they decline, `source` who asked them how.

    `why` as in `Written`.
    """

    answers: list[Replied] = []
    text: str = ""
    source: str = ""
    why: str = ""


class Words(msgspec.Struct, kw_only=True):
    """The words of a document, each once, as searching compares them."""

    words: list[str]


class NewAddress(msgspec.Struct, kw_only=True):
    """An e-mail address that a candidate wants to be reached at, not confirmed yet."""

    email: str


class TakenOut(msgspec.Struct, kw_only=True):
    """The rows that a partial erasure has taken out of their tables, encoded, until their key is destroyed."""

    rows: bytes = b""


class Party(msgspec.Struct, kw_only=True):
    """A person or firm outside who got data: the name, and an e-mail address if there is one."""

    name: str
    email: str = ""


class GuestWords(msgspec.Struct, kw_only=True):
    """As what somebody outside may read an application (a union representative, say), and why."""

    capacity: str
    reason: str


class Enclosure(msgspec.Struct, kw_only=True):
    """A file that goes with an e-mail; the media type may carry parameters (`text/calendar; method=CANCEL`)."""

    name: str
    media_type: str
    data: bytes


class BreachWords(msgspec.Struct, kw_only=True):
    """What is written about a breach: what happened, what may follow, what was done; why Datatilsynet was told
    late (`delay`) or need not be (`unreported`), and why the people concerned were not (`untold`).
    """

    what: str = ""
    consequences: str = ""
    measures: str = ""
    delay: str = ""
    unreported: str = ""
    untold: str = ""


class Message(msgspec.Struct, kw_only=True):
    """An e-mail as it leaves."""

    to: str
    subject: str
    text: str
    html: str
    enclosures: list[Enclosure] = []
    lang: str = ""


# --- the employer ---------------------------------------------------------------------------------------------------


class Employer(Table):
    """A version of who the employer is; the highest number is in force. All of it is public."""

    number = Integer(primary_key=True)
    since = Timestamptz(default=None)
    decided_by = UUID(null=True, default=None)
    name = Varchar(200)
    org_number = Varchar(20)
    address = Varchar(300)
    contact_email = Varchar(254)
    dpo_appointed = Boolean(default=False)
    dpo_name = Varchar(200)
    dpo_email = Varchar(254)


class PolicyVersion(Table):
    """A version of the retention policy; of those `taken` the highest number is in force.

    `state`: waiting (decided, in force from `since`), taken, withdrawn (taken back, or replaced, before its day).
    """

    number = Integer(primary_key=True)
    since = Timestamptz(default=None)
    state = Varchar(10, default="taken")
    decided_by = UUID(null=True, default=None)
    body = Text()


class PurgeApproval(Table):
    """A list of what may be erased, as the DPO approved it: its hash, and a line for each unit until the next list."""

    id = UUID(primary_key=True)
    at = Timestamptz(default=None)
    approved_by = UUID()
    digest = Varchar(64)
    n = Integer(default=0)
    lines = Text(default="[]")


class ProcessingActivity(Table):
    """A version of an entry of the record of processing (art. 30): of each `activity` the highest number counts.

    It speaks of kinds of people and data, never of a person. Not `standing`: it was taken off the record.
    """

    number = Integer(primary_key=True)
    activity = Varchar(40, index=True)
    since = Timestamptz(default=None)
    decided_by = UUID(null=True, default=None)
    standing = Boolean(default=True)
    body = Text()


class NoticeVersion(Table):
    """A privacy notice as it was shown, in both languages; the highest number is in force. `digest` is the body's."""

    number = Integer(primary_key=True)
    since = Timestamptz(default=None)
    digest = Varchar(64)
    body = Text()


class Staff(Table):
    """An account of somebody who works for the employer; a unit of its own.

    `news`: how often they are told of new applications (at_once, daily, never); `told_at`: up to when they were.
    """

    id = UUID(primary_key=True)
    active = Boolean(default=True)
    roles = Varchar(120)
    language = Varchar(2, default="nb")
    news = Varchar(8, default="never")
    told_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=None)
    sealed = Sealed()


class Session(Table):
    """A signed-in browser: only the hash of its cookie is kept."""

    id = Varchar(64, primary_key=True)
    kind = Varchar(10)
    person = UUID(index=True)
    created_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)
    second_factor = Boolean(default=False)


class Link(Table):
    """A link sent by mail: hashed, for one purpose, limited in time; `used_at` makes it single-use."""

    id = Varchar(64, primary_key=True)
    purpose = Varchar(20)
    person = UUID(index=True)
    target = UUID(null=True, default=None)
    code = Varchar(64, default="")
    attempts = Integer(default=0)
    created_at = Timestamptz(default=None)
    expires_at = Timestamptz(null=True, default=None)
    used_at = Timestamptz(null=True, default=None)


class Attempts(Table):
    """How often something was tried in a window; the id is a keyed hash, never an address."""

    id = Varchar(64, primary_key=True)
    window_ends = Timestamptz(default=None)
    n = Integer(default=0)


# --- vacancies and applying -----------------------------------------------------------------------------------------


class Vacancy(Table):
    """A vacancy; the posting is its text in two languages.

    `standing`: unsolicited applications, without a deadline. `steps` is its way through the stages (JSON, see
    `hiring.stages`); empty: the five stages as they are.
    `typed_cv`: experience may be typed instead of a CV file. `elsewhere`: platforms that carry it too, by their codes.
    """

    id = UUID(primary_key=True)
    state = Varchar(10, default="draft", index=True)
    title_nb = Varchar(200)
    title_en = Varchar(200)
    posting_nb = Text()
    posting_en = Text()
    place = Varchar(200)
    extent = Varchar(100)
    deadline = Date(null=True, default=None)
    standing = Boolean(default=False)
    steps = Text(default="")
    typed_cv = Boolean(default=False)
    elsewhere = Varchar(60, default="")
    created_by = UUID(null=True, default=None)
    created_at = Timestamptz(default=None)
    published_at = Timestamptz(null=True, default=None)
    closed_on = Date(null=True, default=None)


class Visit(Table):
    """How often a public page was opened on a day, by families of browsers and systems: counts, and nobody in them."""

    id = Varchar(120, primary_key=True)
    page = Varchar(12)
    vacancy = UUID(null=True, default=None, index=True)
    day = Date(default=None)
    browser = Varchar(12)
    system = Varchar(12)
    n = Integer(default=0)


class TeamMember(Table):
    """Who of the staff may see a vacancy's applications, beyond the recruiters: as what (`role`), in this vacancy."""

    id = UUID(primary_key=True)
    vacancy = ForeignKey(references=Vacancy, index=True)
    staff = UUID(index=True)
    role = Varchar(16, default="hiring_manager")


class VacancyContact(Table):
    """Whom candidates can ask about a vacancy; phone and title are sealed under that colleague's account."""

    id = UUID(primary_key=True)
    vacancy = ForeignKey(references=Vacancy, index=True)
    staff = UUID(index=True)
    sealed = Sealed()


class VacancyQuestion(Table):
    """A question of the vacancy's own in the application form; `options` of a choice stand one a line."""

    id = UUID(primary_key=True)
    vacancy = ForeignKey(references=Vacancy, index=True)
    place = Integer(default=0)
    kind = Varchar(8)
    required = Boolean(default=False)
    text_nb = Varchar(500)
    text_en = Varchar(500)
    options_nb = Text(default="")
    options_en = Text(default="")


class StageTemplate(Table):
    """A way through the stages that vacancies begin with; `steps` as in a vacancy."""

    id = UUID(primary_key=True)
    name = Varchar(80)
    steps = Text()
    made_by = UUID(null=True, default=None)


class LetterTemplate(Table):
    """An e-mail to candidates as the employer words it, with fields to be filled in; about nobody."""

    id = UUID(primary_key=True)
    name = Varchar(80)
    subject_nb = Varchar(200)
    text_nb = Text()
    subject_en = Varchar(200)
    text_en = Text()
    made_by = UUID(null=True, default=None)


class Closing(Table):
    """One act of closing a vacancy; the applications that it ended name it, so that it can be undone as a whole."""

    id = UUID(primary_key=True)
    vacancy = ForeignKey(references=Vacancy, index=True)
    closed_by = UUID()
    closed_at = Timestamptz(default=None)
    undone_at = Timestamptz(null=True, default=None)


class Draft(Table):
    """An application form that came back with mistakes; a unit of its own."""

    id = UUID(primary_key=True)
    vacancy = ForeignKey(references=Vacancy)
    touched_at = Timestamptz(default=None)
    sealed = Sealed()


class Enquiry(Table):
    """A question from outside, about a vacancy or about privacy; a unit of its own (L34)."""

    id = UUID(primary_key=True)
    about = Varchar(10)
    vacancy = UUID(null=True, default=None, index=True)
    state = Varchar(10, default="open", index=True)
    language = Varchar(2, default="nb")
    received_at = Timestamptz(default=None)
    touched_at = Timestamptz(default=None)
    answered_by = UUID(null=True, default=None)
    sealed = Sealed()


class Candidate(Table):
    """A candidate's profile; a unit that lives as long as something needs it (L33).

    `changed_at`: when something in it, or in what was sent with an application, was last put right; searching reads it.
    """

    id = UUID(primary_key=True)
    language = Varchar(2, default="nb")
    created_at = Timestamptz(default=None)
    changed_at = Timestamptz(null=True, default=None, index=True)
    sealed = Sealed()


class Application(Table):
    """One application; the unit under which all that hangs on it is sealed.

    `step` is its place on the vacancy's way, where that has more than one of a stage; `entered_at` when it came there.
    `closing` is the act that ended it with its vacancy.
    `notice`: the privacy notice that was shown.
    """

    id = UUID(primary_key=True)
    candidate = ForeignKey(references=Candidate, index=True)
    vacancy = ForeignKey(references=Vacancy, index=True)
    submitted_at = Timestamptz(default=None, index=True)
    last_activity_at = Timestamptz(default=None, index=True)
    stage = Varchar(12, default="received")
    furthest_stage = Varchar(12, default="received")
    finalist = Boolean(default=False)
    step = Varchar(24, default="")
    entered_at = Timestamptz(null=True, default=None)
    source = Varchar(20, default="web")
    notice = Integer(null=True, default=None)
    outcome = Varchar(16, null=True, default=None)
    decided_by = UUID(null=True, default=None)
    closed_on = Date(null=True, default=None, index=True)
    closed_at = Timestamptz(null=True, default=None)
    closing = UUID(null=True, default=None, index=True)
    handed_over_on = Date(null=True, default=None)
    erasure_granted_on = Date(null=True, default=None)
    guard_version = Integer(default=0)
    sealed = Sealed()


class Sourced(Table):
    """An application that its candidate did not send: who entered it, and whether the person was told (L10, art. 14).

    The source in words and the way of telling are sealed; `told_on` is written by hand, where no mail could tell them.
    """

    id = UUID(primary_key=True)
    application = ForeignKey(references=Application, unique=True)
    entered_by = UUID()
    entered_at = Timestamptz(default=None, index=True)
    told_on = Date(null=True, default=None)
    told_by = UUID(null=True, default=None)
    sealed = Sealed()


class Document(Table):
    """A sealed file in the document store; `unit` is the application or draft that it belongs to.

    `apart`: under a key of its own, whose unit is the document's id; if it outlives its application under a legal hold,
    `unit` is that id as well.
    """

    id = UUID(primary_key=True)
    unit = UUID(index=True)
    apart = Boolean(default=False)
    kind = Varchar(12)
    media_type = Varchar(80)
    size = BigInt()
    added_at = Timestamptz(default=None)
    sealed = Sealed()


class DocumentWords(Table):
    """The words of a document, read once so that it can be found; without words where it can't be read."""

    id = UUID(primary_key=True)
    document = ForeignKey(references=Document, unique=True)
    unit = UUID(index=True)
    written_at = Timestamptz(default=None, index=True)
    sealed = Sealed()


class AddressChange(Table):
    """A candidate's new e-mail address until both have confirmed it: whoever reads the old one, and the new one."""

    id = UUID(primary_key=True)
    candidate = ForeignKey(references=Candidate, index=True)
    asked_at = Timestamptz(default=None)
    old_at = Timestamptz(null=True, default=None)
    new_at = Timestamptz(null=True, default=None)
    sealed = Sealed()


class PoolInvitation(Table):
    """Somebody from the talent pool was invited to apply for a vacancy; its id follows from the two, so only once."""

    id = UUID(primary_key=True)
    candidate = ForeignKey(references=Candidate, index=True)
    vacancy = UUID(index=True)
    invited_by = UUID(null=True, default=None)
    invited_at = Timestamptz(default=None)


class ConsentWording(Table):
    """A text of the consent question as somebody once answered it; the id is its SHA-256. It speaks of nobody."""

    id = Varchar(64, primary_key=True)
    number = Integer()
    language = Varchar(2)
    text = Text()


class Consent(Table):
    """One act of giving or withdrawing consent (L5); immutable. `application` narrows it to the form it came with."""

    id = UUID(primary_key=True)
    candidate = ForeignKey(references=Candidate, index=True)
    application = UUID(null=True, default=None)
    given = Boolean()
    at = Timestamptz(default=None)
    channel = Varchar(16)
    language = Varchar(2)
    wording = Integer()
    wording_hash = Varchar(64)


# --- reviewing ------------------------------------------------------------------------------------------------------


class Assignment(Table):
    """Which colleague is to interview a candidate: an interviewer sees only the applications of these rows."""

    id = UUID(primary_key=True)
    application = ForeignKey(references=Application, index=True)
    staff = UUID(index=True)
    assigned_by = UUID(null=True, default=None)
    assigned_at = Timestamptz(default=None)


class Seen(Table):
    """When a colleague last opened an application; its id follows from the two, so that there is one row."""

    id = UUID(primary_key=True)
    application = ForeignKey(references=Application, index=True)
    staff = UUID(index=True)
    at = Timestamptz(default=None)


class Tag(Table):
    """A word from the employer's own list that applications can be marked with; it names nobody."""

    id = UUID(primary_key=True)
    name = Varchar(40, unique=True)
    made_by = UUID(null=True, default=None)


class ApplicationTag(Table):
    """An application is marked with a tag; its id follows from the two."""

    id = UUID(primary_key=True)
    application = ForeignKey(references=Application, index=True)
    tag = UUID(index=True)
    tagged_by = UUID(null=True, default=None)
    tagged_at = Timestamptz(default=None)


class Likeness(Table):
    """Two profiles that may be the same person (`why`: by which sign), and what somebody decided: same or apart.

    It joins nothing but what is shown. `proved_at`: the candidate has shown that both addresses are theirs; nobody in
    `decided_by` of a decision means that it was the candidate's.
    """

    id = UUID(primary_key=True)
    one = ForeignKey(references=Candidate, index=True)
    other = ForeignKey(references=Candidate, index=True)
    why = Varchar(12)
    found_at = Timestamptz(default=None)
    verdict = Varchar(8, default="", index=True)
    decided_by = UUID(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)
    proved_at = Timestamptz(null=True, default=None)


class Move(Table):
    """An application changed its stage or got its outcome; the steps, where they say more than the stages."""

    id = UUID(primary_key=True)
    application = ForeignKey(references=Application, index=True)
    at = Timestamptz(default=None)
    moved_by = UUID(null=True, default=None)
    was = Varchar(16)
    became = Varchar(16)
    was_step = Varchar(24, default="")
    became_step = Varchar(24, default="")


class WaitingOutcome(Table):
    """An outcome that was decided: it takes effect at `ends_at`, when the candidate is told, unless it is stopped.

    What the mail says in place of the usual words is sealed under the application, in Norwegian and English (`more`).
    `closing` is the act that ends it with its vacancy; without `asks` the mail does not ask for consent.
    """

    id = UUID(primary_key=True)
    vacancy = UUID(index=True)
    application = ForeignKey(references=Application, unique=True)
    outcome = Varchar(16)
    decided_by = UUID()
    decided_at = Timestamptz(default=None)
    ends_at = Timestamptz(default=None, index=True)
    closing = UUID(null=True, default=None)
    asks = Boolean(default=True)
    sealed = Sealed()


class InterviewNote(Table):
    """What an interviewer wrote down."""

    id = UUID(primary_key=True)
    application = ForeignKey(references=Application, index=True)
    author = UUID()
    written_at = Timestamptz(default=None)
    sealed = Sealed()


class InterviewKit(Table):
    """A set of questions by competence that interviews are held with; the employer's own, about nobody."""

    id = UUID(primary_key=True)
    name = Varchar(80)
    made_by = UUID(null=True, default=None)


class KitQuestion(Table):
    """A question of a kit, and the competence that it is to show."""

    id = UUID(primary_key=True)
    kit = ForeignKey(references=InterviewKit, index=True)
    place = Integer(default=0)
    competence = Varchar(80)
    text = Varchar(500)


class Interview(Table):
    """An interview: times proposed, one agreed on, or called off. `version` counts how often it was arranged anew."""

    id = UUID(primary_key=True)
    application = ForeignKey(references=Application, index=True)
    state = Varchar(10, default="proposed", index=True)
    kit = UUID(null=True, default=None)
    arranged_by = UUID(null=True, default=None)
    arranged_at = Timestamptz(default=None)
    answered_at = Timestamptz(null=True, default=None)
    starts_at = Timestamptz(null=True, default=None)
    minutes = Integer(default=60)
    version = Integer(default=0)
    sealed = Sealed()


class InterviewTime(Table):
    """A time that is proposed for an interview."""

    id = UUID(primary_key=True)
    interview = ForeignKey(references=Interview, index=True)
    starts_at = Timestamptz(default=None)


class InterviewSeat(Table):
    """A colleague who takes part in an interview."""

    id = UUID(primary_key=True)
    interview = ForeignKey(references=Interview, index=True)
    staff = UUID(index=True)


class Scorecard(Table):
    """What one colleague found of a candidate, competence by competence; one for each author and application."""

    id = UUID(primary_key=True)
    application = ForeignKey(references=Application, index=True)
    author = UUID(index=True)
    written_at = Timestamptz(default=None)
    sealed = Sealed()


class Referee(Table):
    """A person who can speak for the candidate: a data subject and a unit of their own (L11)."""

    id = UUID(primary_key=True)
    application = ForeignKey(references=Application, index=True)
    added_by = UUID(null=True, default=None)
    added_at = Timestamptz(default=None)
    sealed = Sealed()


class ReferenceForm(Table):
    """Questions to referees, one a line in each language; the employer's own, about nobody."""

    id = UUID(primary_key=True)
    name = Varchar(80)
    questions_nb = Text()
    questions_en = Text(default="")
    made_by = UUID(null=True, default=None)


class ReferenceCheck(Table):
    """What one referee is asked of a candidate, by a link or by telephone (L11); refused before its stage (L9).

    What they say is about the candidate and sealed under the application. `until`: so long their link lives.
    """

    id = UUID(primary_key=True)
    application = ForeignKey(references=Application, index=True)
    referee = UUID(unique=True)
    state = Varchar(10, index=True)
    channel = Varchar(8)
    asked_by = UUID(null=True, default=None)
    asked_at = Timestamptz(default=None)
    until = Timestamptz(null=True, default=None)
    answered_at = Timestamptz(null=True, default=None)
    sealed = Sealed()


class Guest(Table):
    """Somebody outside who may read chosen applications of a vacancy by a link, until a day or until it is withdrawn.

    Who it is stands, sealed, with each application that was chosen.
    """

    id = UUID(primary_key=True)
    vacancy = ForeignKey(references=Vacancy, index=True)
    language = Varchar(2, default="nb")
    invited_by = UUID(null=True, default=None)
    until = Timestamptz(default=None)
    withdrawn_at = Timestamptz(null=True, default=None)


class GuestApplication(Table):
    """An application that a guest may read; `party` is the guest as a recipient of it (L29)."""

    id = UUID(primary_key=True)
    guest = UUID(index=True)
    application = ForeignKey(references=Application, index=True)
    party = UUID()
    invited_at = Timestamptz(default=None)
    sealed = Sealed()


class Screening(Table):
    """What is found out before employment; refused by the database before its stage (L9).

    `told_on` is written by hand, where no mail could tell the candidate of a verification (L10).
    """

    id = UUID(primary_key=True)
    application = ForeignKey(references=Application, index=True)
    kind = Varchar(16)
    recorded_by = UUID()
    recorded_at = Timestamptz(default=None)
    told_on = Date(null=True, default=None)
    told_by = UUID(null=True, default=None)
    sealed = Sealed()


# --- rights and retention -------------------------------------------------------------------------------------------


class LegalHold(Table):
    """A legal hold on an application, or on one of its documents (L14); reason and basis are sealed under what is held.

    `application` is empty once a held document has outlived it. `asked_by`: who asked for its release, where a second
    pair of eyes has to agree.
    """

    id = UUID(primary_key=True)
    application = ForeignKey(references=Application, null=True, index=True)
    document = UUID(null=True, default=None, index=True)
    placed_by = UUID()
    placed_on = Date(default=None)
    review_on = Date(default=None)
    asked_by = UUID(null=True, default=None)
    asked_on = Date(null=True, default=None)
    released_by = UUID(null=True, default=None)
    released_on = Date(null=True, default=None)
    sealed = Sealed()


class Restriction(Table):
    """A restriction of one application (L15, art. 18): why, and what the person was told, are sealed under it.

    It stands until `lifted_on`. `lifting_by` and `told_at`: somebody has decided to lift it, and the mail that says so
    was written; it is lifted once that mail has been answered for. `request` is the rights request that it came with.
    """

    id = UUID(primary_key=True)
    application = ForeignKey(references=Application, null=False, index=True)
    request = UUID(null=True, default=None, index=True)
    ground = Varchar(12)
    permanent = Boolean(default=False)
    placed_by = UUID(null=True, default=None)
    placed_on = Date(default=None)
    review_on = Date(default=None)
    lifting_by = UUID(null=True, default=None)
    told_at = Timestamptz(null=True, default=None)
    lifted_on = Date(null=True, default=None, index=True)
    sealed = Sealed()


class PartialErasure(Table):
    """A granted erasure of some categories of an application (L27), until it is carried out; its id is the part's unit.

    `items`: the ids of what goes, by table; `keys`: the units whose keys covered it, the id first. `taken_at`: what
    goes has left its tables and stands in `sealed`; `prepared_at`: all that stays is under a new key.
    """

    id = UUID(primary_key=True)
    application = ForeignKey(references=Application, index=True)
    request = UUID(null=True, default=None, index=True)
    categories = Varchar(200)
    items = Text(default="{}")
    keys = Text(default="[]")
    granted_by = UUID()
    granted_on = Date(default=None)
    prepared_at = Timestamptz(null=True, default=None)
    taken_at = Timestamptz(null=True, default=None)
    sealed = Sealed()


class RightsRequest(Table):
    """A right that a candidate uses; the words of question and answer are sealed under the profile.

    `whole`: about everything, not one application; erasing that one leaves `application` empty. `due_on` is the plain
    day, an extension and the days of a pause included. `found`: we knew the person when the request was recorded.
    """

    id = UUID(primary_key=True)
    candidate = ForeignKey(references=Candidate, index=True)
    application = UUID(null=True, default=None)
    whole = Boolean(default=True)
    kind = Varchar(16)
    state = Varchar(12, default="received", index=True)
    channel = Varchar(10, default="my_data")
    recorded_by = UUID(null=True, default=None)
    found = Boolean(default=True)
    received_on = Date(default=None)
    due_on = Date(default=None)
    paused_on = Date(null=True, default=None)
    paused_days = Integer(default=0)
    extended_on = Date(null=True, default=None)
    extended_months = Integer(default=0)
    decided_by = UUID(null=True, default=None)
    decided_on = Date(null=True, default=None)
    copy_until = Date(null=True, default=None)
    sealed = Sealed()


class Section31(Table):
    """A candidate who was not chosen asks for facts about the person hired (L31); what was said is sealed under their
    application. It delays the erasure of both (L8).

    `state`: open, answered, withdrawn. `more` of its words says how it was answered from the personnel file.
    """

    id = UUID(primary_key=True)
    application = ForeignKey(references=Application, index=True)
    vacancy = UUID(index=True)
    state = Varchar(10, default="open", index=True)
    channel = Varchar(10, default="my_data")
    recorded_by = UUID(null=True, default=None)
    received_on = Date(default=None)
    due_on = Date(default=None)
    answered_by = UUID(null=True, default=None)
    answered_on = Date(null=True, default=None)
    sealed = Sealed()


class Qualification(Table):
    """Facts about the person hired, as they were given to a candidate who asked (L31).

    Sealed under the hired person's application and gone with it; `request` is the id of the `Section31`.
    """

    id = UUID(primary_key=True)
    application = ForeignKey(references=Application, index=True)
    request = UUID(index=True)
    written_by = UUID()
    written_at = Timestamptz(default=None)
    sealed = Sealed()


class PurgeNotice(Table):
    """An announced purge: its id is the purge id; of the receipt's address only the hash is kept.

    `part`: the partial erasure of the application that it is about, if not all of it goes.
    """

    id = UUID(primary_key=True)
    application = UUID(index=True)
    part = UUID(null=True, default=None, index=True)
    candidate = UUID(index=True)
    token = Varchar(64, index=True)
    rule = Varchar(8)
    state = Varchar(12, default="announced", index=True)
    noticed_at = Timestamptz(default=None)
    erase_from = Timestamptz(default=None)
    due_on = Date(default=None)


class Counter(Table):
    """The anonymous counts that outlive an application (L12)."""

    id = Varchar(120, primary_key=True)
    vacancy = UUID(index=True)
    month = Varchar(7)
    source = Varchar(20)
    stage = Varchar(12)
    outcome = Varchar(16)
    n = Integer(default=0)


class StageTime(Table):
    """How long erased applications stood in a stage (L12): how many, and their days in all."""

    id = Varchar(60, primary_key=True)
    vacancy = UUID(index=True)
    stage = Varchar(12)
    n = Integer(default=0)
    days = Integer(default=0)


class BreachNote(Table):
    """A personal data breach as it is documented (art. 33(5)); a unit of its own, though it should name nobody.

    `stores` and `kinds` are codes; `epoch` is the one whose key opened things when it happened.
    """

    id = UUID(primary_key=True)
    noted_by = UUID()
    noted_at = Timestamptz(default=None)
    happened_on = Date(default=None)
    known_at = Timestamptz(default=None)
    kinds = Varchar(60)
    stores = Varchar(120)
    persons = Integer(null=True, default=None)
    epoch = Integer(default=0)
    authority_on = Date(null=True, default=None)
    persons_on = Date(null=True, default=None)
    sealed = Sealed()


class Mail(Table):
    """The outbox: a row is written with what caused it; `cause` is unique, so a cause never mails twice.

    `queued_at` lies ahead for a mail that waits for its time. `written_by`: the colleague whose words it carries.
    """

    id = UUID(primary_key=True)
    unit = UUID(index=True)
    cause = Varchar(120, unique=True)
    template = Varchar(40)
    state = Varchar(10, default="queued", index=True)
    attempts = Integer(default=0)
    next_at = Timestamptz(default=None)
    queued_at = Timestamptz(default=None)
    sent_at = Timestamptz(null=True, default=None)
    written_by = UUID(null=True, default=None)
    sealed = Sealed()


class ReceivedMail(Table):
    """An e-mail that came in: under its application, or `waiting` as a unit of its own until somebody says what it is.

    `mark`: it was written by no person (`eml.Mark`). `known_by`: how its application was recognised (reply, sender,
    person). `outside`: the original stays in the mailbox that it came from (L29). `taken_by`: who put it there, if a
    person did.
    """

    id = UUID(primary_key=True)
    unit = UUID(index=True)
    waiting = Boolean(default=False, index=True)
    mark = Varchar(12, default="")
    known_by = Varchar(8, default="")
    outside = Boolean(default=False)
    taken_by = UUID(null=True, default=None)
    sent_at = Timestamptz(null=True, default=None)
    at = Timestamptz(default=None)
    sealed = Sealed()


class Enclosed(Table):
    """A file that leaves with a mail and is about somebody else than that: sealed under the other one's `unit`.

    It goes once the mail has left.
    """

    id = UUID(primary_key=True)
    mail = UUID(index=True)
    unit = UUID(index=True)
    sealed = Sealed()


class ReceivedOriginal(Table):
    """The bytes of an e-mail that came in, as long as it waits, or where they hold what could not be taken over."""

    id = UUID(primary_key=True)
    unit = UUID(index=True)
    sealed = Sealed()


class Recipient(Table):
    """Who outside got data of a unit (L29): name and address, sealed under that unit and gone with it."""

    id = UUID(primary_key=True)
    unit = UUID(index=True)
    sealed = Sealed()


class Disclosure(Table):
    """A copy that left the system (L29): a category of recipient and a way, never a name.

    `account` is the member of staff who took it out or got it; `party` the `Recipient`, or the referee, who got it.
    """

    id = UUID(primary_key=True)
    unit = UUID(index=True)
    recipient = Varchar(40)
    channel = Varchar(20)
    at = Timestamptz(default=None)
    account = UUID(null=True, default=None)
    party = UUID(null=True, default=None)


class RecipientNotice(Table):
    """That a recipient was told of a rectification, erasure or restriction (art. 19, L29), or `why` they were not.

    `cause` is that of the mail; `state`: queued, sent, not_reachable. It outlives the unit, whose id leads nowhere.
    """

    id = UUID(primary_key=True)
    unit = UUID(index=True)
    recipient = Varchar(40)
    account = UUID(null=True, default=None)
    party = UUID(null=True, default=None)
    act = Varchar(16)
    state = Varchar(16, index=True)
    why = Varchar(16, default="")
    cause = Varchar(120, default="")
    at = Timestamptz(default=None)


class Look(Table):
    """A look at personal data, written before the data is shown."""

    id = UUID(primary_key=True)
    at = Timestamptz(default=None)
    staff = UUID()
    role = Varchar(20)
    unit = UUID(index=True)
    purpose = Varchar(40)


class AuditEntry(Table):
    """The audit: who did what to which id; hash-chained, append-only. `hold` finds the history of one."""

    number = BigInt(primary_key=True)
    at = Varchar(40)
    kind = Varchar(40)
    hold = UUID(null=True, default=None, index=True)
    body = Text()
    previous = Bytea()
    hash = Bytea()


class Run(Table):
    """One run of a scheduled job; a slot is run once."""

    id = Varchar(80, primary_key=True)
    job = Varchar(20)
    started_at = Timestamptz(default=None)
    ended_at = Timestamptz(null=True, default=None)
    counts = Text(default="{}")
    error = Varchar(200, default="")
    worker = UUID(null=True, default=None)


class Process(Table):
    """A process that is up: its last beat, up to which epoch it has forgotten what was erased, and whether
    the scheduled jobs run in it.
    """

    id = UUID(primary_key=True)
    epoch = Integer()
    works = Boolean(default=False)
    beats = Integer(default=0)
    seen_at = Timestamptz(default=None)


class Fact(Table):
    """A single remembered value: the clock's high-water mark, the forecast, a waiting confirmation."""

    name = Varchar(40, primary_key=True)
    value = Text()


# --- the keyring ----------------------------------------------------------------------------------------------------


class Epoch(Table):
    """Which epoch keys wrap data keys, and a value that recognises each: the present one, which has the highest number,
    and while it is rotated the one that is being left.
    """

    number = Integer(primary_key=True)
    check = Bytea()


class DataKey(Table):
    """A unit: its wrapped data key, or the tombstone that is left of it; and the guard that its erasure must pass."""

    id = UUID(primary_key=True)
    kind = Varchar(12)
    parent = UUID(null=True, default=None, index=True)
    epoch = Integer()
    wrapped = Bytea(null=True, default=None)
    lookup = Bytea(null=True, default=None, index=True)
    born_at = Timestamptz(default=None)
    retain_until = Date(null=True, default=None)
    holds = Integer(default=0)
    restrictions = Integer(default=0)
    open_requests = Integer(default=0)
    version = Integer(default=0)
    purge = UUID(null=True, default=None)


class LedgerEntry(Table):
    """The ledger: erasures and what followed; hash-chained, append-only."""

    number = BigInt(primary_key=True)
    at = Varchar(40)
    kind = Varchar(40)
    body = Text()
    previous = Bytea()
    hash = Bytea()


class Purge(Table):
    """A begun purge and how far it has come; `inventory` lists the ids to sweep and the counts for the receipt."""

    id = UUID(primary_key=True)
    entry = BigInt()
    state = Varchar(10)
    erased_at = Timestamptz(default=None)
    token = Varchar(64, index=True)
    inventory = Text()
    verified_at = Timestamptz(null=True, default=None)


KEYRING: tuple[type[Table], ...] = (Epoch, DataKey, LedgerEntry, Purge)
RECORDS: tuple[type[Table], ...] = tuple(
    named
    for named in tuple(globals().values())
    if isinstance(named, type) and issubclass(named, Table) and named is not Table and named not in KEYRING
)
"""All other tables of this file, in its order."""


# --- what the database refuses --------------------------------------------------------------------------------------


def _append_only(table: str) -> tuple[Refusal, Refusal]:
    return Refusal(table, "UPDATE", "append_only_update"), Refusal(table, "DELETE", "append_only_delete")


_UNDECIDED = "NEW.outcome IS NOT NULL AND NEW.outcome <> 'withdrawn' AND NEW.decided_by IS NULL"
_TOO_EARLY = (
    "NOT EXISTS (SELECT 1 FROM application a WHERE a.id = NEW.application AND (a.finalist OR a.stage = 'offer'))"
)
_MOVED = " OR ".join(
    f"NEW.{name} <> OLD.{name}" for name in ("id", "application", "kind", "recorded_by", "recorded_at")
)
"""Only the words may be written anew: what was wrong is put right in its place (L26)."""

RECORDS_INDEXES: tuple[str, ...] = (
    "CREATE INDEX IF NOT EXISTS application_pipeline ON application "
    "(vacancy, outcome, stage, step, submitted_at, id, candidate)",
    "CREATE INDEX IF NOT EXISTS application_silent ON application (last_activity_at) WHERE outcome IS NULL",
    "CREATE INDEX IF NOT EXISTS application_newest ON application (submitted_at DESC, id)",
    "CREATE INDEX IF NOT EXISTS candidate_newest ON candidate (created_at)",
    "CREATE INDEX IF NOT EXISTS seen_by ON seen (application, staff)",
    "CREATE INDEX IF NOT EXISTS assigned_to ON assignment (application, staff)",
    "CREATE INDEX IF NOT EXISTS member_of ON team_member (vacancy, staff)",
    "CREATE INDEX IF NOT EXISTS vacancy_listed ON vacancy ((state = 'closed'), created_at DESC, id)",
    "CREATE INDEX IF NOT EXISTS vacancy_newest ON vacancy (published_at DESC, id)",
    "CREATE INDEX IF NOT EXISTS legal_hold_standing ON legal_hold (review_on, id) WHERE released_on IS NULL",
    "CREATE INDEX IF NOT EXISTS legal_hold_released ON legal_hold (released_on DESC, id) WHERE released_on IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS rights_request_answered ON rights_request (decided_on DESC, id) "
    "WHERE NOT state IN ('received', 'identity')",
    "CREATE INDEX IF NOT EXISTS section31_ended ON section31 (due_on DESC, id) WHERE state <> 'open'",
    "CREATE INDEX IF NOT EXISTS run_latest ON run (job, started_at)",
    "CREATE INDEX IF NOT EXISTS run_well ON run (job, ended_at) WHERE error = ''",
    "CREATE INDEX IF NOT EXISTS look_newest ON look (at, id)",
    "CREATE INDEX IF NOT EXISTS look_of_one ON look (staff, at, id)",
    "CREATE INDEX IF NOT EXISTS disclosure_newest ON disclosure (at, id)",
)
"""A vacancy is counted and ordered without a look at its sealed rows; what nobody ends, what waits, and the newest of
everything are found at once, however much has ended.
"""

KEYRING_INDEXES: tuple[str, ...] = (
    "CREATE INDEX IF NOT EXISTS data_key_epoch ON data_key (epoch) WHERE wrapped IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS data_key_due ON data_key (retain_until, kind) WHERE wrapped IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS purge_begun ON purge (entry) WHERE state <> 'issued'",
    "CREATE INDEX IF NOT EXISTS purge_issued ON purge (entry DESC) WHERE state = 'issued'",
    "CREATE INDEX IF NOT EXISTS ledger_entry_rotate ON ledger_entry (at, number) WHERE kind = 'rotate'",
)
"""Of the living alone: who is due, or is to be re-wrapped, is found without a look at the tombstones. The kind comes
last: SQLite would take an index that begins with it for a good way to the children of a unit. What a purge has begun
is found without a look at what it has ended, and the epoch of a day among the rotations of the ledger.
"""

RECORDS_TRIGGERS: tuple[Refusal, ...] = (
    *_append_only("audit_entry"),
    Refusal("consent", "UPDATE", "consent_is_immutable"),
    Refusal("look", "UPDATE", "look_is_immutable"),
    Refusal("application", "INSERT", "outcome_without_decider_new", _UNDECIDED),
    Refusal("application", "UPDATE", "outcome_without_decider", _UNDECIDED),
    Refusal("screening", "INSERT", "screening_too_early", _TOO_EARLY),
    Refusal("screening", "UPDATE", "screening_is_immutable", _MOVED),
    Refusal("reference_check", "INSERT", "reference_check_too_early", _TOO_EARLY),
)
KEYRING_TRIGGERS: tuple[Refusal, ...] = (
    *_append_only("ledger_entry"),
    Refusal("data_key", "DELETE", "key_row_stays"),
    Refusal("data_key", "UPDATE", "erased_stays_erased", "OLD.wrapped IS NULL AND NEW.wrapped IS NOT NULL"),
    Refusal("purge", "DELETE", "purge_stays"),
)
