"""Twenty people whose every word is a canary, planted through the services that people use.

A canary begins with PREFIX (telephone numbers with DIGITS), so that a file that holds any of them in clear is found by
one search, whoever's it is: nothing of anybody may rest in clear, the living included.
"""

import hashlib
import itertools
import zlib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid4

from recruit.accounts import service as accounts
from recruit.accounts import staff
from recruit.accounts.guards import Me
from recruit.careers import enquiries, entering, sourcing
from recruit.careers import rules as forms
from recruit.careers import service as careers
from recruit.clock import day
from recruit.curriculum import Answered, Education, Experience, LanguageSkill
from recruit.data_map import SEALED
from recruit.hiring import access, contacts, guests, interviews, notes, pipeline, referees, scorecards, waiting
from recruit.hiring import service as hiring
from recruit.hiring.interviews import Plan
from recruit.i18n import Language
from recruit.incoming import service as incoming
from recruit.mydata import readdressing
from recruit.mydata import service as mydata
from recruit.notice import breaches
from recruit.retention import consent, holds, recipients
from recruit.rights import answering, asking
from recruit.rights.answering import Answer
from recruit.rights.service import request_of
from recruit.site import Site
from recruit.tables import (
    BreachWords,
    DocumentWords,
    EnquiryWords,
    Grade,
    GuestWords,
    Party,
    Person,
    Qualification,
    Qualified,
    Reach,
    ReferenceWords,
    Replied,
    RequestWords,
    Restriction,
    Scores,
    Screened,
    Section31,
    Terms,
    Words,
    Written,
)
from recruit.vault.sealing import seal, unseal
from tests import factories

PREFIX = "canaryzq7x"
DIGITS = "907060504030"

NO_WORDS = {
    ("draft", "consent"): "yes, no or nothing",
    ("draft", "secret"): "random bits",
    ("document", "pages"): "a number",
    ("document", "question"): "a random id of the vacancy's",
    ("staff", "totp_used"): "a number",
    ("candidate", "relation"): "the struct is a referee's too, and only theirs have a relation",
    ("interview_note", "more"): "a note has no second part",
    ("legal_hold", "why"): "only notes have one",
    ("section31", "why"): "only notes have one",
    ("qualification", "letter"): "a PDF, in which words stand compressed",
    ("enclosed", "name"): "the program's own",
    ("enclosed", "media_type"): "a code",
    ("enclosed", "data"): "the letter of a qualification, until it has left",
    ("sourced", "why"): "only notes have one",
    ("restriction", "why"): "only notes have one",
    ("waiting_outcome", "why"): "only notes have one",
    ("partial_erasure", "rows"): "rows as they are, for the moments in which their key is destroyed",
    ("rights_request", "field"): "a code",
    ("rights_request", "grounds"): "codes of the reviewed list",
    ("rights_request", "released"): "random ids",
    ("rights_request", "letter"): "a PDF, in which words stand compressed",
    ("screening", "letter"): "a PDF, in which words stand compressed",
    ("received_mail", "secret"): "random bits",
    ("mail", "lang"): "a code",
    ("mail", "enclosures"): "files that lie elsewhere as well",
    ("mail", "subject"): "a subject names the vacancy and nobody",
}
"""Sealed fields that can't hold a canary, and why."""

GOING = 10
"""How many of the twenty are to be erased, the first: two of each kind of life that `plant` gives them."""

_NOBODY = UUID(int=0)
_numbers = itertools.count(1)


@dataclass
class Someone:
    """A candidate: their units, and the canaries that are theirs."""

    number: int
    application: UUID = _NOBODY
    profile: UUID = _NOBODY
    units: list[UUID] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def word(self) -> str:
        self.words.append(f"{PREFIX}{next(_numbers):016x}")
        return self.words[-1]

    def phone(self) -> str:
        self.words.append(f"{DIGITS}{next(_numbers):012}")
        return self.words[-1]

    def address(self) -> str:
        return f"{self.word()}@example.org"

    def pdf(self) -> bytes:
        """Words in clear, and words in a deflated stream."""
        stream = zlib.compress(f"BT ({self.word()}) Tj ET".encode() * 20)
        head = f"%PDF-1.4\n%{self.word()}\n1 0 obj <</Filter/FlateDecode/Length {len(stream)}>> stream\n".encode()
        whole = head + stream + b"\nendstream endobj\n%%EOF\n"
        self.words.append(hashlib.sha256(whole).hexdigest())
        return whole


@dataclass
class House:
    """Everybody: the people, a member of staff whose secrets are canaries too, two drafts, two enquiries, a mail that
    waits; and a document under a legal hold, which outlives the application of one of the first people.
    """

    people: list[Someone]
    paper: Someone
    worker: Someone
    drafts: Someone
    me: Me


async def plant(site: Site, now: datetime) -> House:
    worker = Someone(0)
    me = await _worker(site, worker, now)
    vacancy = await factories.vacancy(site, now)
    async with site.records.transaction():
        await contacts.choose(site, vacancy, me.id, Reach(phone=worker.phone(), title=worker.word()))
    people = [await _candidate(site, vacancy, me, Someone(n), now) for n in range(1, 2 * GOING + 1)]
    paper = await _held(site, me, people[2].application, now)
    drafts = await _drafts(site, vacancy, me, now)
    await _breach(site, me, worker, now)
    await breaches.delete(site, await _breach(site, me, drafts, now), me.id, now)
    return House(people, paper, worker, drafts, me)


async def _held(site: Site, me: Me, application: UUID, now: datetime) -> Someone:
    """One document more, held for a dispute under a key of its own."""
    who = Someone(-2)
    who.application = await factories.document(
        site, now, application, f"{who.word()}.pdf", "application/pdf", who.pdf(), kind="certificate"
    )
    who.units.append(who.application)
    why = holds.Because(who.word(), who.word(), date(2027, 1, 4))
    await holds.place_on_document(site, who.application, me.id, why, now)
    return who


async def _breach(site: Site, me: Me, who: Someone, now: datetime) -> UUID:
    """Somebody writes names into a note that should have none."""
    words = BreachWords(**{name: who.word() for name in BreachWords.__struct_fields__})
    note = breaches.Breach(now.date(), now, ("confidentiality",), ("records",), 1, None, None, words)
    who.units.append(await breaches.write(site, note, me.id, now))
    return who.units[-1]


async def _worker(site: Site, who: Someone, now: datetime) -> Me:
    name = who.word()
    await accounts.add_staff(site, name, who.address(), ["recruiter", "dpo"], now)
    (row,) = await site.records.run_sql("SELECT id FROM staff")
    account = await staff.load(site, row["id"])
    secrets = account.secrets
    secrets.password, secrets.totp, secrets.totp_waiting = who.word(), who.word(), who.word()
    secrets.recovery, secrets.email_waiting = [who.word(), who.word()], who.address()
    async with site.records.transaction():
        await staff.store(site, account)
    who.units.append(row["id"])
    return Me("staff", row["id"], name, "", "nb", frozenset({"recruiter", "dpo"}))


async def _candidate(site: Site, vacancy: UUID, me: Me, who: Someone, now: datetime) -> Someone:
    contact = {"name": who.word(), "email": who.address(), "phone": who.phone(), "letter": who.word()}
    answers = forms.Answers(**contact, **_typed_cv(who))
    files = [(f"{who.word()}.pdf", "cv", who.pdf()), (f"{who.word()}.pdf", "certificate", who.pdf())]
    consented = who.number > GOING and who.number % 3 == 0
    if who.number % 10 == 2:
        who.application = await _entered(site, vacancy, me, who, answers, files, now)
    else:
        who.application = await careers.submit(site, vacancy, answers, files, consented, "nb", now)
    who.profile = await factories.candidate_of(site, who.application)
    who.units += [who.application, who.profile]
    await mydata.change_contact(site, who.profile, who.word(), who.phone(), now)
    await readdressing.ask(site, who.profile, who.address(), now)
    await _reviewed(site, me, who, now)
    await _waits(site, vacancy, me, who, now)
    if who.number % 5 == 1:
        await _dispute(site, me, who, now)
    return who


async def _entered(
    site: Site, vacancy: UUID, me: Me, who: Someone, answers: forms.Answers, files: list[entering.File], now: datetime
) -> UUID:
    """Staff enter somebody who did not apply, and tell them by telephone as well."""
    origin = forms.Origin("tip", who.word(), me.id)
    unit = await entering.enter(site, vacancy, answers, files, origin, "nb", now)
    await sourcing.told_by_hand(site, await sourcing.one(site, unit), day(now), who.word(), me.id, now)
    return unit


def _typed_cv(who: Someone) -> dict[str, Any]:
    """A CV that was typed, and an answer to a question of the vacancy."""
    said = {"title": who.word(), "began": "2019-03", "text": who.word()}
    return {
        "summary": who.word(),
        "experience": (Experience(employer=who.word(), **said),),
        "education": (Education(school=who.word(), **said),),
        "languages": (LanguageSkill(name=who.word(), level="C1"),),
        "skills": (who.word(),),
        "answers": (Answered(question=UUID(int=1), asked="Why?", text=who.word()),),
    }


async def _reviewed(site: Site, me: Me, who: Someone, now: datetime) -> None:
    for stage in ("interview", "finalist"):
        await hiring.move(site, await _opened(site, me, who, now), stage, now)
    opened = await _opened(site, me, who, now)
    await notes.write(site, opened, who.word(), now, why=who.word())
    for _ in range(2 if who.number % 5 == 1 else 1):
        person = Person(name=who.word(), email=who.address(), phone=who.phone(), relation=who.word())
        who.units.append(await referees.add(site, opened, person, who.words[0], now))
        known = await referees.one(site, opened, who.units[-1], now)
        said = [Replied(asked_nb="Hva?", text=who.word())]
        words = ReferenceWords(answers=said, text=who.word(), source=who.word(), why=who.word())
        await referees.write_down(site, opened, known, words, now)
    async with site.records.transaction():
        party = await recipients.known(site, who.application, who.word(), who.address())
        await recipients.disclosed(site, [who.application], "outside", "mail", now, party=party)
    terms = Terms(position=who.word())
    found = Screened(text=who.word(), more=who.word(), why=who.word(), terms=terms)
    number = await notes.record_screening(site, opened, "verification", found, now)
    await sourcing.told_by_hand(site, await sourcing.one(site, number), day(now), who.word(), me.id, now)
    await _interviewed(site, opened, who, now)
    await _shown_to_a_guest(site, opened, who, now)
    await incoming.bring(site, _eml(who), me, now, who.application)
    await _read(site, who, now)
    await _restricted(site, who, now)
    await _told_of(site, who, now)


async def _told_of(site: Site, who: Someone, now: datetime) -> None:
    """They asked for facts about somebody hired, and facts about them were given (L31)."""
    key, asked, told = await site.keyring.key(who.application), uuid4(), uuid4()
    words = seal(key, "section31", asked, Written(text=who.word(), more=who.word()))
    await Section31.insert(
        Section31(id=asked, application=who.application, vacancy=uuid4(), state="answered", received_on=now.date(),
                  due_on=now.date(), answered_on=now.date(), sealed=words)
    ).run()  # fmt: skip
    facts = {name: who.word() for name in ("education", "experience", "other", "why")}
    await Qualification.insert(
        Qualification(id=told, application=who.application, request=uuid4(), written_by=uuid4(), written_at=now,
                      sealed=seal(key, "qualification", told, Qualified(**facts)))
    ).run()  # fmt: skip


def _eml(who: Someone) -> bytes:
    """An e-mail with a file that is no document, so that it is kept as it came too."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = f"{who.word()} <{who.address()}>", who.address(), who.word()
    made["Message-ID"], made["References"] = f"<{who.address()}>", f"<{who.address()}>"
    made.set_content(who.word())
    made.add_attachment(who.word().encode(), maintype="text", subtype="csv", filename=f"{who.word()}.csv", cte="8bit")
    return made.as_bytes()


async def _interviewed(site: Site, opened: access.Opened, who: Someone, now: datetime) -> None:
    """Times that did not suit the candidate, who said why, and a scorecard all the same."""
    plan = Plan((now + timedelta(days=3),), 60, who.word(), who.word(), (opened.me.id,), None)
    number = await interviews.arrange(site, opened, plan, now)
    await interviews.decline(site, opened.key, await interviews.one(site, opened.key, number), who.word(), now)
    grade = Grade(competence=who.word(), grade=4, text=who.word())
    await scorecards.write(site, opened, Scores(grades=[grade], text=who.word(), why=who.word()), now)


async def _shown_to_a_guest(site: Site, opened: access.Opened, who: Someone, now: datetime) -> None:
    words = GuestWords(capacity=who.word(), reason=who.word())
    asked = guests.Invitation(Party(name=who.word(), email=who.address()), words, 7, "nb")
    of = await pipeline.of(site, opened.me, opened.vacancy["id"])
    await guests.invite(of, [opened.id], asked, now)


async def _waits(site: Site, vacancy: UUID, me: Me, who: Someone, now: datetime) -> None:
    """An outcome that was decided, with words of its own, and has not come to its time."""
    words: dict[Language, str] = {"nb": who.word(), "en": who.word()}
    at = now + timedelta(days=3650)
    await waiting.put(site, vacancy, [who.application], "rejected", me.id, now, at, None, words, True)


async def _restricted(site: Site, who: Someone, now: datetime) -> None:
    """A restriction that was lifted: why it was placed, and what the candidate was told."""
    key, row = await site.keyring.key(who.application), uuid4()
    sealed = seal(key, "restriction", row, Written(text=who.word(), more=who.word()))
    days = {"placed_on": now.date(), "review_on": now.date(), "lifted_on": now.date()}
    await Restriction.insert(
        Restriction(id=row, application=who.application, ground="claims", sealed=sealed, **days)
    ).run()


async def _read(site: Site, who: Someone, now: datetime) -> None:
    """The words of a document, as reading ahead keeps them."""
    papers = await site.records.run_sql("SELECT id FROM document WHERE unit = ? LIMIT 1", who.application)
    key, row = await site.keyring.key(who.application), uuid4()
    sealed = seal(key, "document_words", row, Words(words=[who.word()]))
    await DocumentWords.insert(
        DocumentWords(id=row, document=papers[0]["id"], unit=who.application, written_at=now, sealed=sealed)
    ).run()


async def _dispute(site: Site, me: Me, who: Someone, now: datetime) -> None:
    """A referee is taken off again; a hold is placed and released; something is asked for and refused."""
    await referees.remove(site, await _opened(site, me, who, now), who.units[-1], now)
    hold = await holds.place(site, who.application, me.id, who.word(), who.word(), date(2027, 1, 4), now)
    await holds.release(site, hold, me.id, now)
    await _requests(site, me, who, now)
    await consent.give(site, who.profile, "my_data", "nb", now)
    await consent.withdraw(site, who.profile, "my_data", "nb", now + timedelta(minutes=1))


async def _requests(site: Site, me: Me, who: Someone, now: datetime) -> None:
    """Something is to be put right: who it is was asked, more time taken, and it was refused."""
    said = RequestWords(text=who.word(), old=who.word(), new=who.word(), categories=[who.word()])
    number = await asking.ask(site, who.profile, asking.Asked("rectification", words=said), now)
    for step in ("identity", "settled", "placed", "extended", "refused"):
        request = await request_of(site, number)
        if step == "identity":
            await answering.ask_identity(site, request, who.word(), me.id, now)
        elif step == "settled":
            await answering.settle_identity(site, request, me.id, now)
        elif step == "placed":
            place = f"application:{who.application}:letter"
            await answering.decide_rectification(site, request, place, who.word(), me.id, now)
        elif step == "extended":
            await answering.extend(site, request, 1, who.word(), me.id, now)
        else:
            given = Answer(who.word(), grounds=("correct",))
            await answering.answer(site, request, "refused", given, me.id, now)


async def _drafts(site: Site, vacancy: UUID, me: Me, now: datetime) -> Someone:
    """Two forms with a mistake each: together they have a word in every field. And two questions, one answered."""
    who = Someone(-1)
    before = now - timedelta(days=14)
    abouts: tuple[enquiries.About, ...] = ("vacancy", "privacy")
    for about in abouts:
        words = EnquiryWords(name=who.word(), email=who.address(), text=who.word())
        who.units.append(await enquiries.ask(site, careers.new_token(), about, None, words, "nb", before))
    await enquiries.answer(site, me, who.units[0], who.word(), before)
    who.units.append((await incoming.bring(site, _eml(who), me, before)).unit)
    for fields in (
        {"name": who.word(), "phone": who.phone(), "letter": who.word()},
        {"email": who.address(), "phone": who.phone(), "letter": who.word()},
    ):
        turn = await careers.begin(site, vacancy, "", now)
        await turn.shelf.put(f"{who.word()}.pdf", "cv", who.pdf())
        assert (await careers.take(turn, forms.Answers(**fields, **_typed_cv(who)), "nb")).errors
        who.units.append(turn.unit)
    return who


async def _opened(site: Site, me: Me, who: Someone, now: datetime) -> access.Opened:
    return await access.opened(site, me, who.application, "review", now)


# --- looking whether they can be read ---------------------------------------------------------------------------------


async def readable(site: Site) -> dict[tuple[str, str], str]:
    """All that can be unsealed now, by table and field; documents under ("document", "bytes")."""
    texts: dict[tuple[str, str], str] = {}
    for table, kind in SEALED.items():
        for row in await site.records.run_sql(f"SELECT * FROM {table}"):
            unit = _unit_of(table, row)
            key = (await site.keyring.keys([unit])).get(unit)
            if key is None:
                continue
            value: Any = unseal(key, table, row["id"], bytes(row["sealed"]), kind)
            for name in kind.__struct_fields__:
                _add(texts, table, name, str(getattr(value, name)))
            if table == "document":
                _add(texts, table, "bytes", _words_of(await site.documents.whole(key, row["id"])))
    return texts


def _unit_of(table: str, row: dict[str, Any]) -> UUID:
    column = {"rights_request": "candidate", "interview_note": "application", "screening": "application"}
    column |= {
        "interview": "application",
        "sourced": "application",
        "guest_application": "application",
        "scorecard": "application",
        "reference_check": "application",
        "restriction": "application",
        "waiting_outcome": "application",
        "document_words": "unit",
        "vacancy_contact": "staff",
        "legal_hold": "application",
        "document": "unit",
        "mail": "unit",
        "address_change": "candidate",
        "received_mail": "unit",
        "received_original": "unit",
        "recipient": "unit",
        "section31": "application",
        "qualification": "application",
        "enclosed": "unit",
    }
    unit: UUID = row[column.get(table, "id")]
    if table == "document" and row["apart"]:
        unit = row["id"]
    return row["document"] or unit if table == "legal_hold" else unit


def _add(texts: dict[tuple[str, str], str], table: str, name: str, text: str) -> None:
    texts[table, name] = texts.get((table, name), "") + "\n" + text


def _words_of(pdf: bytes) -> str:
    stream = pdf.split(b"stream\n", 1)[1].split(b"\nendstream")[0]
    return pdf.decode("latin-1") + zlib.decompress(stream).decode() + hashlib.sha256(pdf).hexdigest()


def fields_with_words() -> set[tuple[str, str]]:
    """Every sealed field in which words may stand: each has to hold a canary."""
    return {(table, name) for table, kind in SEALED.items() for name in kind.__struct_fields__} - set(NO_WORDS)
