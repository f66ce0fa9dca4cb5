"""Applying: drafts, and the one way in which an application comes to be.

What may never happen: an application without its mail, or half of one; a draft that somebody else can open; a
profile's contact data changed by a form that anybody may fill in. Order: the draft's key is durable first, then files
are sealed under it, then one records transaction takes draft and documents over. A form that is sent is claimed in a
second transaction by its draft's row; under that claim the keyring makes the draft an application, then its rows and
its mail are written. A fault in between leaves a draft that can be sent again, and `reconcile` puts the keyring back.
A draft's row outlives its application only while consent is still to be recorded.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from recruit import audit, employer, letters
from recruit.careers import cv_form, positions, questions, rules, sourcing
from recruit.careers.questions import Question
from recruit.careers.rules import Answers, Listed, Origin, file_size
from recruit.careers.uploads import Arrived, Form, Shelf
from recruit.clock import day
from recruit.database import IDS, OutcomeUnknown, ids
from recruit.documents.kinds import TooManyFiles
from recruit.errors import FormInvalid, RecruitError
from recruit.i18n import Language, translator
from recruit.notice import service as notices
from recruit.retention import consent
from recruit.retention.rules import DAY, Guard, Policy, draft_kept_through
from recruit.site import Site
from recruit.tables import ApplicationData, DraftAnswers, FileName, Person
from recruit.vault.judging import GuardRow
from recruit.vault.keyring import Birth
from recruit.vault.sealing import UnitKey, seal, unseal

Act = Literal["send", "review", "save", "more"]
ORPHAN_AGE = timedelta(hours=24)
_ONGOING = timedelta(days=7)
_IN_FLIGHT = timedelta(minutes=10)


class ConsentDelayed(RecruitError):
    """The application stands, but the fault came before its consent was recorded; `reconcile` records it."""

    status = 503
    text = (
        "Your application has arrived, and the confirmation is on its way. Your consent could not be recorded just "
        "now; that is done by itself within a day."
    )


class NotTakingApplications(RecruitError):
    """The vacancy was closed, or its deadline has passed."""

    status = 410
    text = "This position no longer takes applications. Nothing was stored."


# --- one form ---------------------------------------------------------------------------------------------------------


def new_token() -> str:
    """The secret of one form, 256 random bits; only what follows from it is ever stored."""
    return secrets.token_urlsafe(32)


@dataclass
class Round:
    """One round of one form: its secret, the vacancy and what it asks for, policy and privacy notice of the day, and
    what arrives.

    `token` is at first what the browser remembered; the secret in the form itself counts before it. `shelf` holds the
    files of this round; `ensure_key` is called when there is something to seal, and from then on the secret stands.
    `origin`: it is staff who fill the form in, about somebody who did not (L10).
    """

    site: Site
    vacancy: UUID
    token: str
    now: datetime
    policy: Policy
    notice: int
    typed_cv: bool = False
    questions: tuple[Question, ...] = ()
    origin: Origin | None = None
    form: Form = field(default_factory=Form)
    shelf: Shelf = field(init=False)
    _heard: bool = False

    def __post_init__(self) -> None:
        self.shelf = Shelf(self.site.documents, self.ensure_key)

    @property
    def unit(self) -> UUID:
        """The draft, which later is the application."""
        return rules.draft_of(self.token, self.vacancy)

    @property
    def kept_through(self) -> date:
        return draft_kept_through(day(self.now), self.policy)

    @property
    def notice_shown(self) -> int:
        """The privacy notice that stood behind the form when it was opened (L32); today's if the form doesn't say."""
        return rules.notice_shown(self.form.fields.get("notice", ""), self.notice)

    async def hear(self) -> None:
        """Take the secret that the form brought, unless something is sealed already.

        A form without one may continue the browser's draft, but what the browser has sent before is not this form.
        """
        if self._heard:
            return
        self._heard = True
        told = self.form.fields.get("form", "")
        if rules.well_formed(told):
            self.token = told
        elif await is_sent(self.site, self.unit):
            self.token = new_token()

    async def ensure_key(self) -> UnitKey | None:
        """The draft's key, made where there is none, and kept for as long as a draft is kept after its last act (L34).

        None if the form was sent already. A draft that was erased meanwhile starts anew under another secret.
        """
        await self.hear()
        if await is_sent(self.site, self.unit):
            return None
        guard = await self._born()
        if not guard.present:
            self.token = new_token()
            guard = await self._born()
        if guard.retain_until is not None and guard.retain_until < self.kept_through:
            await self.site.keyring.lengthen(self.unit, self.kept_through)
        return await self.site.keyring.key(self.unit)

    async def _born(self) -> GuardRow:
        guard = await self.site.keyring.guard(self.unit)
        if guard is None:
            birth = Birth(self.unit, "draft", self.now, retain_until=self.kept_through)
            try:
                await self.site.keyring.birth(birth)
            except Exception:  # the same form, sent twice at once, may have been quicker: then its key is there
                if await self.site.keyring.guard(self.unit) is None:
                    raise
            guard = await self.site.keyring.guard(self.unit)
        assert guard is not None
        return guard


@dataclass(frozen=True)
class Taken:
    """What came of a round: the application, or what to correct and the documents that are kept meanwhile.

    `fresh`: it was this round that sent it, not an earlier one of the same form.
    """

    application: UUID | None = None
    fresh: bool = False
    errors: dict[str, str] = field(default_factory=dict)
    documents: tuple[Listed, ...] = ()


async def begin(site: Site, vacancy: UUID, token: str, now: datetime, lang: Language = "nb") -> Round:
    """A round of the form with that secret, or of a new form where the secret is none."""
    rows = await site.records.run_sql("SELECT typed_cv FROM vacancy WHERE id = ?", vacancy)
    return Round(
        site,
        vacancy,
        token if rules.well_formed(token) else new_token(),
        now,
        await employer.policy(site),
        await notices.number_in_force(site, now),
        bool(rows and rows[0]["typed_cv"]),
        await questions.of_vacancy(site, vacancy, lang),
    )


async def take(turn: Round, answers: Answers, lang: Language, act: Act = "send") -> Taken:
    """Send the form if nothing is wrong with it, else keep its files in the draft; the same form is sent only once.

    Other acts only keep it: `review` if nothing is wrong with it, `save` whatever is, `more` what has come of files.
    Raises NotTakingApplications if the vacancy closed meanwhile; ConsentDelayed if only the consent failed.
    """
    await turn.hear()
    try:
        taken, dropped = await _take_over(turn, answers, lang, act)
    except OutcomeUnknown:
        raise  # what may have been stored keeps its files; the night's look at files without rows ends the others
    except BaseException as fault:
        try:
            await discard(turn)
        except Exception as another:
            raise fault from another
        raise
    for file in dropped:
        await turn.site.documents.delete_document(turn.unit, file.id)
    if taken.application:
        try:
            await _finish(turn.site, taken.application)
        except Exception as fault:
            raise ConsentDelayed() from fault
    return taken


async def discard(turn: Round) -> None:
    """After a fault: remove the files of this round, but for those that a commit took over before it."""
    arrived = ids(file.id for file in turn.shelf.files)
    rows = await turn.site.records.run_sql(f"SELECT id FROM document WHERE id IN {IDS}", arrived)
    await turn.shelf.discard({row["id"] for row in rows})


async def _take_over(turn: Round, answers: Answers, lang: Language, act: Act) -> tuple[Taken, Sequence[Listed]]:
    """Two records transactions: the draft with its documents, then, if nothing is wrong, the application."""
    site, errors = turn.site, {file.field: file.why.text for file in turn.form.refused}
    early = _problems(turn, answers, ()) | errors
    if (act == "more" or (early and act != "save")) and not turn.shelf.files and not await _begun(turn):
        return Taken(errors=early), ()
    key = await turn.ensure_key()
    async with site.records.transaction():
        if key is None or await is_sent(site, turn.unit):
            return Taken(application=turn.unit), list(turn.shelf.files)
        await _claim(turn, key, answers)
        asked = {str(question.id) for question in turn.questions}
        documents = rules.sort_documents(await _listed(site, key), turn.shelf.files, turn.form.removed, asked)
        await _list(turn, key, documents)
    crowded = {"documents": TooManyFiles.text} if documents.crowded_out else {}
    errors = _problems(turn, answers, documents.kept) | crowded | errors
    if errors or act != "send":
        return Taken(errors=errors, documents=documents.kept), documents.dropped
    async with site.records.transaction():
        fresh = not await is_sent(site, turn.unit)
        if fresh:
            await _claim(turn, key, answers)
            await _apply(turn, key, answers, lang)
    return Taken(application=turn.unit, fresh=fresh, documents=documents.kept), documents.dropped


def _problems(turn: Round, answers: Answers, documents: Sequence[Listed]) -> dict[str, str]:
    """What keeps this form from being sent, in the order of the form."""
    if turn.origin:
        return rules.entered_problems(answers, turn.origin) | cv_form.problems(answers)
    files = {file.question for file in documents}
    return (
        rules.problems(answers, [file.kind for file in documents], turn.typed_cv)
        | cv_form.problems(answers)
        | questions.problems(answers.answers, turn.questions, files)
    )


async def _begun(turn: Round) -> bool:
    return bool(await _draft_row(turn.site, turn.unit)) or await is_sent(turn.site, turn.unit)


async def is_sent(site: Site, unit: UUID) -> bool:
    return bool(await site.records.run_sql("SELECT 1 FROM application WHERE id = ?", unit))


async def _draft_row(site: Site, unit: UUID) -> dict[str, Any] | None:
    rows = await site.records.run_sql("SELECT id, touched_at, sealed FROM draft WHERE id = ?", unit)
    return rows[0] if rows else None


async def _claim(turn: Round, key: UnitKey, answers: Answers) -> None:
    """Write the draft's row: from here on this transaction alone may finish the form."""
    rows = await turn.site.records.run_sql("SELECT state, deadline FROM vacancy WHERE id = ?", turn.vacancy)
    if not rows or not _takes(turn, rows[0]):
        raise NotTakingApplications()
    typed = DraftAnswers(**_said(answers), consent=answers.consent, secret=turn.token)
    await turn.site.records.run_sql(
        "INSERT INTO draft (id, vacancy, touched_at, sealed) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET touched_at = excluded.touched_at, sealed = excluded.sealed",
        *(turn.unit, turn.vacancy, turn.now, seal(key, "draft", turn.unit, typed)),
    )


def _takes(turn: Round, vacancy: dict[str, Any]) -> bool:
    if turn.origin:
        return rules.takes_entered(vacancy["state"])
    return rules.takes_applications(vacancy["state"], vacancy["deadline"], day(turn.now))


def _said(answers: Answers) -> dict[str, Any]:
    """What draft and application both keep of a form."""
    values = {name: getattr(answers, name) for name in ApplicationData.__struct_fields__}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


async def _list(turn: Round, key: UnitKey, documents: rules.Sorted) -> None:
    """The documents' rows, as they are after this round."""
    site = turn.site
    await site.records.run_sql(f"DELETE FROM document WHERE id IN {IDS}", ids(file.id for file in documents.dropped))
    for file in documents.kept:
        if isinstance(file, Arrived):
            name = FileName(name=file.name, pages=file.pages, digest=file.digest, question=file.question)
            await site.records.run_sql(
                "INSERT INTO document (id, unit, kind, media_type, size, added_at, sealed) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                *(file.id, key.unit, file.kind, file.media_type, file.size, turn.now),
                seal(key, "document", file.id, name),
            )


async def _listed(site: Site, key: UnitKey) -> list[Listed]:
    rows = await site.records.run_sql(
        "SELECT id, kind, size, sealed FROM document WHERE unit = ? ORDER BY added_at, kind DESC", key.unit
    )
    files = []
    for row in rows:
        name = unseal(key, "document", row["id"], bytes(row["sealed"]), FileName)
        files.append(Listed(row["id"], row["kind"], name.name, row["size"], name.digest, name.question))
    return files


# --- from draft to application ----------------------------------------------------------------------------------------


async def _apply(turn: Round, key: UnitKey, answers: Answers, lang: Language) -> None:
    """Inside the claim: the keyring first (durable before any row says so), then rows, mail and audit together."""
    site, unit, now = turn.site, turn.unit, turn.now
    documents = await _listed(site, key)
    profile, _ = await site.keyring.adopt(unit, answers.email, now)
    await _ensure_profile(site, profile, answers, lang, now)
    guard = await site.keyring.guard(unit)
    sealed = seal(key, "application", unit, ApplicationData(**_said(answers)))
    source, notice = (turn.origin.source, None) if turn.origin else ("web", turn.notice_shown)
    await site.records.run_sql(
        "INSERT INTO application (id, candidate, vacancy, submitted_at, last_activity_at, stage, furthest_stage, "
        "finalist, source, notice, guard_version, sealed) "
        "VALUES (?, ?, ?, ?, ?, 'received', 'received', ?, ?, ?, ?, ?)",
        *(unit, profile, turn.vacancy, now, now, False, source, notice, guard.version if guard else 0, sealed),
    )
    if answers.consent != "yes":
        await site.records.run_sql("DELETE FROM draft WHERE id = ?", unit)
    await _tell(turn, key, profile, answers, documents)
    by = turn.origin.by if turn.origin else None
    await audit.record(
        "application.received", now, by, application=unit, vacancy=turn.vacancy, documents=len(documents)
    )


async def _ensure_profile(site: Site, profile: UUID, answers: Answers, lang: Language, now: datetime) -> None:
    """The profile's row, if this is the first application under that address; an existing one is left as it is."""
    key = await site.keyring.key(profile)
    person = Person(name=answers.name, email=answers.email, phone=answers.phone)
    await site.records.run_sql(
        "INSERT INTO candidate (id, language, created_at, sealed) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        *(profile, lang, now, seal(key, "candidate", profile, person)),
    )


async def _tell(turn: Round, key: UnitKey, profile: UUID, answers: Answers, documents: Sequence[Listed]) -> None:
    """By e-mail: to whoever applied the receipt of the application, what was stored, until when, and the ways on; to
    whoever was entered by staff that we have their data (L10).
    """
    _, lang = await letters.addressee(turn.site, profile)
    if turn.origin:
        await sourcing.record(turn.site, key, profile, turn.origin, stored(answers, documents, lang), turn.now)
        return
    await letters.to_candidate(
        turn.site,
        profile,
        key,
        f"applied:{turn.unit}",
        "applied",
        turn.now,
        title=(await positions.position(turn.site, turn.vacancy, lang, day(turn.now))).title,
        at=turn.now,
        stored=[*stored(answers, documents, lang), _consent_said(answers, lang)],
        consented=answers.consent == "yes",
        months=turn.policy.consent_months,
        window=turn.policy.answer_window_days,
    )


def stored(answers: Answers, documents: Sequence[Listed], lang: Language) -> list[str]:
    """What is kept of an application, a line for each, by kind and size: nothing that was typed is repeated, since
    anybody can have named this address.
    """
    tr = translator(lang)
    lines = [tr(_CONTACT[bool(answers.email), bool(answers.phone)])]
    if answers.letter:
        lines.append(tr.plural("A letter of {n} character", "A letter of {n} characters", len(answers.letter)))
    lines += [f"{tr(DOCUMENTS[file.kind])}: {file_size(file.size)}" for file in documents]
    counted = (
        (len(answers.experience) + len(answers.education), "{n} entry of experience and education",
         "{n} entries of experience and education"),
        (len(answers.languages) + len(answers.skills), "{n} language or skill", "{n} languages and skills"),
        (len(answers.answers), "{n} answer to the position’s questions", "{n} answers to the position’s questions"),
    )  # fmt: skip
    return lines + [tr.plural(one, many, n) for n, one, many in counted if n]


def _consent_said(answers: Answers, lang: Language) -> str:
    tr = translator(lang)
    return tr("Your consent to be considered later: {answer}", answer=tr(_CONSENTED[answers.consent == "yes"]))


_CONTACT = {
    (True, True): "Name, e-mail address and phone",
    (True, False): "Name and e-mail address",
    (False, True): "Name and phone",
    (False, False): "Name",
}
"""What was given of contact data, by whether an address and a phone are among it (message ids)."""
DOCUMENTS = {"cv": "CV", "certificate": "Document", "letter": "Letter", "answer": "Answer to a question"}
"""What each kind of document is called (message ids)."""
_CONSENTED = {True: "Yes", False: "No"}


async def _finish(site: Site, application: UUID) -> None:
    """Record the consent that came with the form, unless the candidate has answered anew since; then the draft's row
    has done its work. Running it again changes nothing.
    """
    draft = await _draft_row(site, application)
    rows = await site.records.run_sql(
        "SELECT a.candidate, c.language, a.submitted_at, (SELECT count(*) FROM consent n WHERE "
        "n.candidate = a.candidate AND n.at >= a.submitted_at AND (n.application = a.id OR n.application IS NULL)) "
        "AS answered "
        "FROM application a JOIN candidate c ON c.id = a.candidate WHERE a.id = ?",
        application,
    )
    key = (await site.keyring.keys([application])).get(application)
    if draft is None:
        return
    if rows and key and not rows[0]["answered"]:
        answers = unseal(key, "draft", application, bytes(draft["sealed"]), DraftAnswers)
        if answers.consent == "yes":
            await consent.record_first(
                site, rows[0]["candidate"], application, rows[0]["language"], rows[0]["submitted_at"]
            )
    await site.records.run_sql("DELETE FROM draft WHERE id = ?", application)


async def submit(
    site: Site,
    vacancy: UUID,
    answers: Answers,
    files: Iterable[tuple[str, str, bytes]],
    consented: bool | None,
    lang: Language,
    now: datetime,
) -> UUID:
    """Apply as the public form does: files are (name, kind, bytes), `consented` None where it was left open.

    The application's id. Raises FormInvalid, a DocumentRefused, or NotTakingApplications; then nothing is kept.
    """
    chosen = {True: "yes", False: "no", None: ""}[consented]
    named = {"name": answers.name, "email": answers.email, "phone": answers.phone, "letter": answers.letter}
    tidied = rules.answers_of(named | {"consent": chosen})
    typed = replace(answers, **{name: getattr(tidied, name) for name in (*named, "consent")})
    turn = await begin(site, vacancy, "", now)
    given = list(files)
    errors = rules.problems(typed, [kind for _, kind, _ in given])
    if errors:
        raise FormInvalid(errors)
    try:
        for name, kind, data in given:
            await turn.shelf.put(name, kind, data)
    except BaseException:
        await discard(turn)
        raise
    taken = await take(turn, typed, lang)
    if taken.application is None:
        raise FormInvalid(taken.errors)
    return taken.application


# --- looking at one's own draft or application ------------------------------------------------------------------------


@dataclass(frozen=True)
class Draft:
    """A form that was not sent yet: what was typed, the documents, when it was last touched."""

    answers: Answers
    documents: tuple[Listed, ...]
    touched_at: datetime


@dataclass(frozen=True)
class Sent:
    """What was stored with an application; `consent` is what was answered in the form."""

    id: UUID
    data: ApplicationData
    documents: tuple[Listed, ...]
    submitted_at: datetime
    consented: bool


async def draft(site: Site, vacancy: UUID, token: str) -> Draft | None:
    """The draft that a form's secret opens, or None: unknown, erased, or sent."""
    unit = rules.draft_of(token, vacancy)
    row, key = await _draft_row(site, unit), (await site.keyring.keys([unit])).get(unit)
    if row is None or key is None or await is_sent(site, unit):
        return None
    typed = unseal(key, "draft", unit, bytes(row["sealed"]), DraftAnswers)
    said: dict[str, Any] = {name: getattr(typed, name) for name in ApplicationData.__struct_fields__}
    kept: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    answers = Answers(**kept, consent=rules.consent_answer(typed.consent))
    return Draft(answers, tuple(await _listed(site, key)), row["touched_at"])


async def sent(site: Site, vacancy: UUID, token: str) -> Sent | None:
    """The application that a form's secret led to, or None."""
    unit = rules.draft_of(token, vacancy)
    key = (await site.keyring.keys([unit])).get(unit)
    rows = await site.records.run_sql("SELECT candidate, submitted_at, sealed FROM application WHERE id = ?", unit)
    if not rows or key is None:
        return None
    data = unseal(key, "application", unit, bytes(rows[0]["sealed"]), ApplicationData)
    acts = await site.records.run_sql(
        "SELECT given FROM consent WHERE candidate = ? AND (application = ? OR application IS NULL) AND at >= ? "
        "ORDER BY at DESC LIMIT 1",
        *(rows[0]["candidate"], unit, rows[0]["submitted_at"]),
    )
    consented = bool(acts and acts[0]["given"])
    return Sent(unit, data, tuple(await _listed(site, key)), rows[0]["submitted_at"], consented)


async def forget(site: Site, vacancy: UUID, token: str, now: datetime) -> None:
    """The person throws a draft away: its rows and files go now, its key with the next purge."""
    unit = rules.draft_of(token, vacancy)
    async with site.records.transaction():
        if await is_sent(site, unit) or not await _draft_row(site, unit):
            return
        await _delete_draft(site, unit)
        await audit.record("draft.forgotten", now, draft=unit)
    await _let_go([unit], site, now)


async def _delete_draft(site: Site, unit: UUID) -> None:
    await site.records.run_sql("DELETE FROM document WHERE unit = ?", unit)
    await site.records.run_sql("DELETE FROM draft WHERE id = ?", unit)


async def _let_go(units: Iterable[UUID], site: Site, now: datetime) -> None:
    """Records no longer know these drafts: their files go, and their keys are due with the next purge."""
    wanted = list(units)
    await site.documents.delete_units(wanted)
    guards = await site.keyring.guards(wanted)
    over = day(now) - DAY
    values = {unit: Guard(retain_until=over, version=g.version) for unit, g in guards.items() if g.kind == "draft"}
    await site.keyring.settle({**values}, kind="draft")


# --- after a fault ----------------------------------------------------------------------------------------------------


async def reconcile(site: Site, now: datetime) -> dict[str, int]:
    """Put right what a fault left between two steps; at start and every night. Counts by what was found.

    `finished`: consent recorded late. `returned`: an adopted draft without its application is a draft again.
    `keyless`: rows of drafts whose key is gone. `orphans`: keys that never got a row, after 24 h. `files`: documents
    without a row, after 24 h.
    """
    counts = dict.fromkeys(("finished", "returned", "keyless", "orphans", "files"), 0)
    rows = await site.records.run_sql("SELECT id, touched_at FROM draft")
    for row in rows:
        found = await _reconcile_draft(site, row["id"], row["touched_at"] < now - _IN_FLIGHT)
        if found:
            counts[found] += 1
    orphans = await _orphans(site, now)
    await _let_go(orphans, site, now)
    counts["orphans"] = len(orphans)
    counts["files"] = await _remove_rowless_files(site, now)
    return counts


async def _reconcile_draft(site: Site, unit: UUID, settled: bool) -> str | None:
    if await is_sent(site, unit):
        if settled:
            await _finish(site, unit)
        return "finished" if settled else None
    policy = await employer.policy(site)
    async with site.records.transaction():
        row, guard = await _draft_row(site, unit), await site.keyring.guard(unit)
        if row is None or await is_sent(site, unit):
            return None
        if guard is not None and guard.present:
            if guard.kind != "application":
                return None
            await site.keyring.disown(unit, draft_kept_through(day(row["touched_at"]), policy))
            return "returned"
        await _delete_draft(site, unit)
    await site.documents.delete_units([unit])
    return "keyless"


async def _orphans(site: Site, now: datetime) -> list[UUID]:
    """Draft keys that no row knows, older than a day and not touched for as long; those that are due already apart."""
    guards = await site.keyring.guards(await site.keyring.born_before("draft", now - ORPHAN_AGE))
    touched = draft_kept_through(day(now - ORPHAN_AGE), await employer.policy(site))
    waiting = {unit for unit, g in guards.items() if g.retain_until and day(now) <= g.retain_until < touched}
    known = await site.records.run_sql(
        f"SELECT id FROM draft WHERE id IN {IDS} UNION SELECT id FROM application WHERE id IN {IDS}",
        *[ids(waiting)] * 2,
    )
    return sorted(waiting - {row["id"] for row in known})


async def _remove_rowless_files(site: Site, now: datetime) -> int:
    """Originals that were sealed in a round that never ended, in drafts and in applications of the last days."""
    rows = await site.records.run_sql(
        "SELECT id FROM draft WHERE touched_at < ? UNION SELECT id FROM application WHERE last_activity_at > ? "
        "AND submitted_at < ?",
        *(now - ORPHAN_AGE, now - _ONGOING, now - ORPHAN_AGE),
    )
    units = [row["id"] for row in rows]
    listed = await site.records.run_sql(f"SELECT id FROM document WHERE unit IN {IDS}", ids(units))
    known = {str(row["id"]) for row in listed}
    stray = [
        path
        for unit in units
        for path in await site.documents.stored_before(f"units/{unit}", now - ORPHAN_AGE)
        if path.endswith(".original") and path.rsplit("/", 1)[-1].removesuffix(".original") not in known
    ]
    await site.documents.delete(stray)
    return len(stray)
