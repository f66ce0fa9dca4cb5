"""Interviews: times are proposed, the candidate answers by a link, and everybody who takes part is told.

Guards that an interview goes only the ways of one table, that nobody is invited once the process has ended (L2), and
that what leaves in a calendar file names nobody and is written down as a disclosure (L29). Each act is one records
transaction, mails included.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from recruit import audit, employer, letters
from recruit.accounts import links, staff
from recruit.database import IDS, ids
from recruit.errors import FormInvalid, NotFound, RecruitError
from recruit.hiring import calendar, rules
from recruit.hiring.access import Opened, pair_id
from recruit.hiring.service import touch
from recruit.i18n import either, translator
from recruit.retention import recipients
from recruit.site import Site
from recruit.tables import Arrangement, Enclosure
from recruit.vault.sealing import UnitKey, seal, unseal
from recruit.visible import APPLICATIONS

State = Literal["proposed", "unfit", "agreed", "cancelled"]

MOVES: dict[State, tuple[State, ...]] = {
    "proposed": ("proposed", "agreed", "unfit", "cancelled"),
    "unfit": ("proposed", "cancelled"),
    "agreed": ("proposed", "cancelled"),
    "cancelled": (),
}
"""Every way of an interview: arranged anew from anywhere but the end. `unfit`: none of the times suits."""

STATES: dict[State, str] = {
    "proposed": "Waits for the candidate's answer",
    "unfit": "None of the times suits the candidate",
    "agreed": "Agreed",
    "cancelled": "Called off",
}
"""Each state in words (message ids)."""

MOST_TIMES = 6

ACCEPTED = "The time is agreed. You get it by e-mail, for your calendar."
DECLINED = "Your answer has arrived. You will hear from us."


class InterviewMoved(RecruitError):
    """The interview was answered, changed or called off meanwhile, or an old link was followed."""

    status = 409
    text = "This interview has been changed meanwhile. Look at how it stands now."


@dataclass(frozen=True)
class Plan:
    """What somebody arranges: instants that can be chosen, minutes, place, the colleagues, and words to go with it."""

    times: tuple[datetime, ...]
    minutes: int
    place: str
    message: str
    seats: tuple[UUID, ...]
    kit: UUID | None


@dataclass(frozen=True)
class Interview:
    """An interview, opened. `times` are those that were proposed."""

    id: UUID
    application: UUID
    state: State
    times: tuple[datetime, ...]
    starts_at: datetime | None
    minutes: int
    version: int
    place: str
    message: str
    answer: str
    seats: tuple[UUID, ...]
    kit: UUID | None

    @property
    def open(self) -> bool:
        return bool(MOVES[self.state])


# --- arranging --------------------------------------------------------------------------------------------------------


async def arrange(site: Site, opened: Opened, plan: Plan, now: datetime, interview: UUID | None = None) -> UUID:
    """Propose times for a new interview, or anew for one that is there; the candidate gets the invitation.

    ProcessEnded after the outcome (L2); FormInvalid for what is missing; InterviewMoved for one that was called off.
    """
    rules.require_running(opened.row["outcome"])
    _check(plan, now)
    number = interview or uuid4()
    async with site.records.transaction():
        if interview is None:
            await _insert(site, opened, number, plan, now)
        else:
            await _arrange_anew(site, opened, number, plan, now)
        await _replace(site, number, plan)
        await _assign(site, opened, plan.seats, now)
        await touch(site, opened.id, now)
        await _invite(site, opened, await one(site, opened.key, number), now)
        await audit.record("interview.arranged", now, opened.me.id, application=opened.id, interview=number)
    return number


def _check(plan: Plan, now: datetime) -> None:
    errors = {}
    if not plan.times:
        errors["time_1"] = "Propose at least one time."
    elif min(plan.times) <= now:
        errors["time_1"] = "Propose times that are still to come."
    if not 10 <= plan.minutes <= 480:
        errors["minutes"] = "Write how many minutes it takes, from 10 to 480."
    if not plan.place:
        errors["place"] = "Say where it is held, or by which link."
    if not plan.seats:
        errors["seats"] = "Choose at least one who holds the interview."
    if errors:
        raise FormInvalid(errors)


async def _insert(site: Site, opened: Opened, number: UUID, plan: Plan, now: datetime) -> None:
    await site.records.run_sql(
        "INSERT INTO interview (id, application, state, kit, arranged_by, arranged_at, minutes, version, sealed) "
        "VALUES (?, ?, 'proposed', ?, ?, ?, ?, 0, ?)",
        *(number, opened.id, plan.kit, opened.me.id, now, plan.minutes, _sealed(opened.key, number, plan)),
    )


async def _arrange_anew(site: Site, opened: Opened, number: UUID, plan: Plan, now: datetime) -> None:
    before = await one(site, opened.key, number)
    _require_move(before.state, "proposed")
    await site.records.run_sql(
        "UPDATE interview SET state = 'proposed', kit = ?, arranged_by = ?, arranged_at = ?, minutes = ?, "
        "starts_at = NULL, answered_at = NULL, version = version + 1, sealed = ? WHERE id = ?",
        *(plan.kit, opened.me.id, now, plan.minutes, _sealed(opened.key, number, plan), number),
    )
    if before.state == "agreed":
        await _tell_seats(site, opened.key, before, "interview_off", "CANCEL", now)


def _sealed(key: UnitKey, number: UUID, plan: Plan) -> bytes:
    return seal(key, "interview", number, Arrangement(place=plan.place, message=plan.message))


async def _replace(site: Site, number: UUID, plan: Plan) -> None:
    await site.records.run_sql("DELETE FROM interview_time WHERE interview = ?", number)
    await site.records.run_sql("DELETE FROM interview_seat WHERE interview = ?", number)
    await site.records.run_many(
        "INSERT INTO interview_time (id, interview, starts_at) VALUES (?, ?, ?)",
        [(uuid4(), number, at) for at in sorted(set(plan.times))],
    )
    await site.records.run_many(
        "INSERT INTO interview_seat (id, interview, staff) VALUES (?, ?, ?)",
        [(uuid4(), number, person) for person in plan.seats],
    )


async def _assign(site: Site, opened: Opened, seats: Sequence[UUID], now: datetime) -> None:
    """Who holds an interview may see the application."""
    await site.records.run_many(
        "INSERT INTO assignment (id, application, staff, assigned_by, assigned_at) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO NOTHING",
        [(pair_id(opened.id, person), opened.id, person, opened.me.id, now) for person in seats],
    )


async def cancel(site: Site, key: UnitKey, interview: Interview, by: UUID | None, now: datetime) -> None:
    """Call an interview off; the candidate is told, and whoever was to take part."""
    _require_move(interview.state, "cancelled")
    async with site.records.transaction():
        await _set_state(site, interview, "cancelled", now)
        await _to_candidate(site, key, interview, "interview_cancelled", "CANCEL", now)
        if interview.state == "agreed":
            await _tell_seats(site, key, interview, "interview_off", "CANCEL", now)
        await audit.record("interview.cancelled", now, by, application=interview.application, interview=interview.id)


async def cancel_ended(site: Site, now: datetime) -> int:
    """Interviews that are still to come of applications whose process has ended (L2) are called off; how many."""
    rows = await site.records.run_sql(
        f"SELECT i.id, i.application FROM interview i JOIN {APPLICATIONS} a ON a.id = i.application "
        "WHERE a.outcome IS NOT NULL AND i.state <> 'cancelled' AND (i.starts_at IS NULL OR i.starts_at > ?)",
        now,
    )
    keys = await site.keyring.keys(row["application"] for row in rows)
    for row in rows:
        if row["application"] in keys:
            key = keys[row["application"]]
            await cancel(site, key, await one(site, key, row["id"]), None, now)
    return len(rows)


async def _set_state(site: Site, interview: Interview, state: State, now: datetime, **columns: Any) -> None:
    """One step along the table, if nobody took another one meanwhile."""
    names = "".join(f", {name} = ?" for name in columns)
    rows = await site.records.run_sql(
        f"UPDATE interview SET state = ?{names} WHERE id = ? AND state = ? AND version = ? RETURNING id",
        *(state, *columns.values(), interview.id, interview.state, interview.version),
    )
    if not rows:
        raise InterviewMoved()
    if state != "cancelled":
        await touch(site, interview.application, now)


def _require_move(before: State, after: State) -> None:
    if after not in MOVES[before]:
        raise InterviewMoved()


# --- answering --------------------------------------------------------------------------------------------------------


async def by_link(site: Site, token: str, now: datetime) -> tuple[UnitKey, Interview]:
    """The interview that an invitation's link leads to; LinkDead, or InterviewMoved for an earlier invitation."""
    found = await links.find(site, token, "interview", now)
    key = await site.keyring.key(found.person)
    assert found.target is not None
    return key, await one(site, key, found.target)


async def answer(site: Site, key: UnitKey, interview: Interview, time: str, said: str, now: datetime) -> str:
    """What the candidate's form says: one of the times, or "none". Returns what to tell them (a message id)."""
    if time == "none":
        await decline(site, key, interview, said, now)
        return DECLINED
    wanted = next((at for at in interview.times if at.isoformat() == time), None)
    if wanted is None:
        raise FormInvalid({"time": "Choose a time, or say that none of them suits you."})
    await accept(site, key, interview, wanted, now)
    return ACCEPTED


async def accept(site: Site, key: UnitKey, interview: Interview, at: datetime, now: datetime) -> None:
    """The candidate chooses one of the times; both sides get it for their calendars."""
    if at not in interview.times or at <= now:
        raise FormInvalid({"time": "Choose one of the times that are still to come."})
    _require_move(interview.state, "agreed")
    async with site.records.transaction():
        await _set_state(site, interview, "agreed", now, starts_at=at, answered_at=now)
        agreed = await one(site, key, interview.id)
        await _to_candidate(site, key, agreed, "interview_agreed", "REQUEST", now)
        await _tell_seats(site, key, agreed, "interview_on", "REQUEST", now)
        await audit.record("interview.agreed", now, application=interview.application, interview=interview.id)


async def decline(site: Site, key: UnitKey, interview: Interview, words: str, now: datetime) -> None:
    """None of the times suits the candidate; who arranged it is told."""
    if len(words) > 2000:
        raise FormInvalid({"words": "Write at most 2000 characters."})
    _require_move(interview.state, "unfit")
    sealed = Arrangement(place=interview.place, message=interview.message, answer=words)
    async with site.records.transaction():
        await _set_state(
            site, interview, "unfit", now, answered_at=now, sealed=seal(key, "interview", interview.id, sealed)
        )
        await _tell_arranger(site, interview, now)
        await audit.record("interview.unfit", now, application=interview.application, interview=interview.id)


# --- telling ----------------------------------------------------------------------------------------------------------


async def _invite(site: Site, opened: Opened, interview: Interview, now: datetime) -> None:
    life = max(interview.times) - now
    token = await links.make(site, "interview", opened.id, now, life, target=interview.id)
    await _to_candidate(
        site, opened.key, interview, "interview_invitation", None, now, url=site.settings.link(f"/interview/{token}")
    )


async def _to_candidate(
    site: Site,
    key: UnitKey,
    interview: Interview,
    template: str,
    method: calendar.Method | None,
    now: datetime,
    **more: Any,
) -> None:
    row = await about(site, interview.application)
    _, lang = await letters.addressee(site, row["candidate"])
    who = await employer.current(site)
    title = translator(lang)("Interview at {employer}", employer=who.name if who else "")
    file = _file(site, interview, method, title, site.settings.link("/my"), now)
    cause = f"{template}:{interview.id}:{interview.version}:{interview.state}"
    await letters.to_candidate(
        site,
        row["candidate"],
        key,
        cause,
        template,
        now,
        enclosures=file,
        title=either(row, "title", lang),
        times=[at for at in interview.times if at > now],
        starts_at=interview.starts_at,
        minutes=interview.minutes,
        place=interview.place,
        message=interview.message,
        **more,
    )


async def _tell_seats(
    site: Site, key: UnitKey, interview: Interview, template: str, method: calendar.Method, now: datetime
) -> None:
    """Whoever takes part: a mail that names nobody, with the calendar file, which is a disclosure (L29)."""
    for person in interview.seats:
        account = await staff.load(site, person)
        title = translator(account.language)("Interview (recruit)")
        url = site.settings.link(f"/interviews/{interview.id}")
        await recipients.disclosed(site, [key.unit], "interviewer", "calendar_file", now, account=person)
        await letters.to_staff(
            site,
            account,
            f"{template}:{interview.id}:{interview.version}:{person}",
            template,
            now,
            enclosures=_file(site, interview, method, title, url, now),
            starts_at=interview.starts_at,
            minutes=interview.minutes,
            case_url=url,
        )


async def _tell_arranger(site: Site, interview: Interview, now: datetime) -> None:
    rows = await site.records.run_sql("SELECT arranged_by FROM interview WHERE id = ?", interview.id)
    if rows[0]["arranged_by"]:
        account = await staff.load(site, rows[0]["arranged_by"])
        url = site.settings.link(f"/interviews/{interview.id}")
        cause = f"interview_unfit:{interview.id}:{interview.version}"
        await letters.to_staff(site, account, cause, "interview_unfit", now, case_url=url)


def _file(
    site: Site, interview: Interview, method: calendar.Method | None, title: str, url: str, now: datetime
) -> list[Enclosure]:
    """The calendar file; nothing where there is no time to put into a calendar."""
    if method is None or interview.starts_at is None:
        return []
    host = urlsplit(site.settings.public_url).hostname or "recruit"
    appointment = calendar.Appointment(
        interview.id, interview.version, title, interview.place, interview.starts_at, interview.minutes, url
    )
    text = calendar.file(appointment, method, host, now)
    return [Enclosure(name="interview.ics", media_type=f"text/calendar; method={method}", data=text.encode())]


async def about(site: Site, application: UUID) -> dict[str, Any]:
    """Whom an application is from (an id) and the titles of its vacancy; NotFound while it is restricted (L15)."""
    rows = await site.records.run_sql(
        f"SELECT a.candidate, v.title_nb, v.title_en FROM {APPLICATIONS} a JOIN vacancy v ON v.id = a.vacancy "
        "WHERE a.id = ?",
        application,
    )
    if not rows:
        raise NotFound()
    return rows[0]


# --- reading ----------------------------------------------------------------------------------------------------------


async def one(site: Site, key: UnitKey, interview: UUID) -> Interview:
    """One interview of the application whose key this is; NotFound if there is none."""
    found = [each for each in await of_application(site, key) if each.id == interview]
    if not found:
        raise NotFound()
    return found[0]


async def of_application(site: Site, key: UnitKey) -> list[Interview]:
    """All interviews of an application, the newest arrangement first."""
    rows = await site.records.run_sql(
        "SELECT * FROM interview WHERE application = ? ORDER BY arranged_at DESC, id", key.unit
    )
    wanted = ids(row["id"] for row in rows)
    times = await site.records.run_sql(
        f"SELECT interview, starts_at FROM interview_time WHERE interview IN {IDS} ORDER BY starts_at", wanted
    )
    seats = await site.records.run_sql(f"SELECT interview, staff FROM interview_seat WHERE interview IN {IDS}", wanted)
    return [
        _interview(
            key,
            row,
            tuple(time["starts_at"] for time in times if time["interview"] == row["id"]),
            tuple(seat["staff"] for seat in seats if seat["interview"] == row["id"]),
        )
        for row in rows
    ]


def _interview(key: UnitKey, row: dict[str, Any], times: tuple[datetime, ...], seats: tuple[UUID, ...]) -> Interview:
    said = unseal(key, "interview", row["id"], bytes(row["sealed"]), Arrangement)
    return Interview(
        id=row["id"],
        application=key.unit,
        state=row["state"],
        times=times,
        starts_at=row["starts_at"],
        minutes=row["minutes"],
        version=row["version"],
        place=said.place,
        message=said.message,
        answer=said.answer,
        seats=seats,
        kit=row["kit"],
    )


async def owner(site: Site, interview: UUID) -> UUID:
    """The application of an interview; NotFound if there is none."""
    rows = await site.records.run_sql("SELECT application FROM interview WHERE id = ?", interview)
    if not rows:
        raise NotFound()
    found: UUID = rows[0]["application"]
    return found


async def coming(site: Site, person: UUID, now: datetime) -> list[dict[str, Any]]:
    """A colleague's agreed interviews that are not over, by time: ids and times, no names."""
    return await site.records.run_sql(
        "SELECT i.id, i.starts_at, i.minutes, v.title_nb, v.title_en FROM interview i "
        "JOIN interview_seat s ON s.interview = i.id "
        f"JOIN {APPLICATIONS} a ON a.id = i.application JOIN vacancy v ON v.id = a.vacancy "
        "WHERE s.staff = ? AND i.state = 'agreed' AND i.starts_at > ? AND a.outcome IS NULL ORDER BY i.starts_at",
        *(person, now - timedelta(hours=2)),
    )
