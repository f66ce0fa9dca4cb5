"""Fourteen months in the life of the made-up employer, lived through the real services.

Guards that the demonstration shows what the app does and nothing else: every vacancy, application, consent, note and
erasure came about by the same functions that pages and jobs call, with the instants of the story.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from recruit.accounts import links, signing_in
from recruit.accounts import service as accounts
from recruit.accounts.guards import Me
from recruit.accounts.staff import by_email
from recruit.careers import service as careers
from recruit.clock import day
from recruit.demo import afterwards, desk, inbox, outreach, passing, people, pool, privacy, requests
from recruit.demo.people import Made
from recruit.hiring import (
    access,
    closing,
    correspondence,
    guests,
    kits,
    letter_templates,
    likeness,
    notes,
    offers,
    pipeline,
    questions,
    referees,
    reference_forms,
    scorecards,
    service,
    tags,
    team,
    vacancies,
    wording,
)
from recruit.hiring import interviews as interviewing
from recruit.hiring.interviews import Plan
from recruit.mydata import service as mydata
from recruit.retention import consent, holds
from recruit.retention.remembered import recall, remember
from recruit.retention.rules import Policy
from recruit.rights import asking
from recruit.site import Site
from recruit.tables import Person, ReferenceWords, Replied, Scores, Screened, Terms

CAST = "demo_cast"
BEGINS = 425
_STILL_SEEN = timedelta(days=70)
_ROAD = ("received", "screening", "interview", "finalist", "offer")

Act = Callable[[datetime], Awaitable[None]]
Told = Callable[[int, int], None]


async def is_lived(site: Site) -> bool:
    """Whether this installation has its story already."""
    return await recall(site, CAST) is not None


async def live(site: Site, now: datetime, told: Told) -> None:
    """The whole story, ending now. `told(days lived, days in all)` follows it."""
    story = Story(site, now)
    await story.found()
    tell_all(story)
    await story.play(told)
    await remember(site, CAST, {part: [str(unit), who.key] for part, (unit, who) in story.cast.items()})


@dataclass(frozen=True)
class Role:
    """A candidate whom the guide offers; `here` says whether anything is left of them."""

    part: str
    unit: UUID
    who: Made
    here: bool


async def cast(site: Site) -> list[Role]:
    """The candidates that the guide offers. Their names are known from the story, so nobody's data is opened."""
    known = {who.key: who for who in people.crowd()}
    parts = {part: (UUID(unit), known[key]) for part, (unit, key) in (await recall(site, CAST) or {}).items()}
    alive = await site.keyring.keys(unit for unit, _ in parts.values())
    return [Role(part, unit, who, unit in alive) for part, (unit, who) in parts.items()]


class Story:
    """What happens when; acts are told in any order and played in the order of their days."""

    def __init__(self, site: Site, now: datetime) -> None:
        self.site, self.now = site, now
        self.staff: dict[str, Me] = {}
        self.vacancy: dict[str, UUID] = {}
        self.sent: dict[tuple[str, str], UUID] = {}
        self.cast: dict[str, tuple[UUID, Made]] = {}
        self._acts: list[tuple[datetime, int, Act]] = []
        self._crowd = list(people.crowd())
        self.comes_again: list[Made] = []

    def ago(self, days: float) -> datetime:
        return self.now - timedelta(days=days)

    def at(self, days_ago: float, act: Act) -> None:
        self._acts.append((self.ago(days_ago), len(self._acts), act))

    def someone(self) -> Made:
        """The next of the crowd, whom the story has not met yet."""
        return self._crowd.pop(0)

    async def play(self, told: Told) -> None:
        """Act after act, and between them the days with their jobs."""
        before = self.ago(BEGINS)
        for instant, _, act in sorted(self._acts, key=lambda each: each[:2]):
            if day(instant) > day(before):
                await passing.let_pass(self.site, before, instant)
            await act(instant)
            before = instant
            told(BEGINS - (self.now - instant).days, BEGINS)
        await passing.let_pass(self.site, before, self.now)

    # --- the employer -------------------------------------------------------------------------------------------------

    async def found(self) -> None:
        """Employer, policy and accounts, each with the known password."""
        at, first = self.ago(BEGINS), people.STAFF[-1]
        given = accounts.FirstRun(
            employer=people.EMPLOYER,
            policy=Policy(),
            name=first.name,
            email=first.email,
            password=people.PASSWORD,
            roles=first.roles,
        )
        await accounts.first_run(self.site, given, at)
        for colleague in people.STAFF[:-1]:
            url = await accounts.add_staff(self.site, colleague.name, colleague.email, colleague.roles, at)
            await signing_in.reset(self.site, url.rsplit("/", 1)[-1], people.PASSWORD, at)
        for colleague in people.STAFF:
            account = await by_email(self.site, colleague.email)
            assert account is not None
            self.staff[colleague.key] = Me("staff", account.id, colleague.name, "", "nb", frozenset(colleague.roles))
        await accounts.choose_news(self.site, self.staff["ingrid"].id, "daily", self.now)
        await kits.save(self.site, None, "Førstegangsintervju", people.KIT, self.staff["ingrid"].id, at)
        await reference_forms.save(self.site, None, people.REFERENCE_FORM, self.staff["ingrid"].id, at)
        for template in people.LETTERS:
            await letter_templates.save(self.site, None, template, self.staff["ingrid"].id, at)

    # --- acts ---------------------------------------------------------------------------------------------------------

    def opens(self, key: str, days_ago: float, members: Sequence[str], deadline: date | None = None) -> None:
        """A vacancy is written, staffed and published."""

        async def act(now: datetime) -> None:
            opening = next(each for each in people.OPENINGS if each.key == key)
            ingrid = self.staff["ingrid"].id
            form = opening.form(deadline, str(ingrid))
            self.vacancy[key] = await vacancies.create(self.site, form, ingrid, now)
            if key in people.QUESTIONS:
                for asked in people.QUESTIONS[key]:
                    await questions.keep(self.site, self.vacancy[key], asked, False, ingrid, now)
            for member in members:
                await team.add(self.site, self.vacancy[key], str(self.staff[member].id), ingrid, now)
            if members:
                row = await access.vacancy_of(self.site, self.staff["ingrid"], self.vacancy[key])
                await vacancies.publish(self.site, row, ingrid, now)

        self.at(days_ago, act)

    def applies(self, crowd: Sequence[Made], key: str, days_ago: float, apart: float, yes: Sequence[Made] = ()) -> None:
        """They apply, some of them with a yes to the consent question, so many days apart."""
        for place, who in enumerate(crowd):
            self.at(days_ago - place * apart, self._applying(who, key, who in yes))

    def _applying(self, who: Made, key: str, consented: bool) -> Act:
        async def act(now: datetime) -> None:
            opening = next(each for each in people.OPENINGS if each.key == key)
            title = opening.title_en if who.lang == "en" else opening.title_nb
            seen = consented or self.now - now < _STILL_SEEN  # the papers of the others were erased long ago, unseen
            files = await asyncio.to_thread(people.papers, who, now.year) if seen else []
            self.sent[who.key, key] = await careers.submit(
                self.site, self.vacancy[key], people.answers(who, title), files, consented, who.lang, now
            )

        return act

    def moves(self, who: Made, key: str, days_ago: float, to: str, apart: float = 2, by: str = "ingrid") -> None:
        """One stage after the other, up to that one."""
        for place, stage in enumerate(_ROAD[1 : _ROAD.index(to) + 1]):

            async def act(now: datetime, stage: str = stage) -> None:
                await service.move(self.site, await self.opened(who, key, by, now), stage, now)

            self.at(days_ago - place * apart, act)

    def tags(self, crowd: Sequence[Made], key: str, days_ago: float, word: str) -> None:
        """They are marked with a word from the employer's list, which gets it if it is new."""

        async def act(now: datetime) -> None:
            ingrid = self.staff["ingrid"].id
            there = {tag.name: tag.id for tag in await tags.listed(self.site)}
            tag = there.get(word) or await tags.create(self.site, word, ingrid, now)
            await tags.put(self.site, [self.sent[who.key, key] for who in crowd], tag, ingrid, now)

        self.at(days_ago, act)

    def interviews(self, by: str, crowd: Sequence[Made], key: str, days_ago: float) -> None:
        """A colleague is to interview them, and sees their applications from then on."""

        async def act(now: datetime) -> None:
            chosen, ingrid = [self.sent[who.key, key] for who in crowd], self.staff["ingrid"].id
            await team.assign(self.site, self.vacancy[key], chosen, self.staff[by].id, ingrid, now)

        self.at(days_ago, act)

    def notes(self, who: Made, key: str, days_ago: float, by: str, text: str, why: str = "") -> None:
        """Whoever writes about an interview was to interview the candidate."""
        self.interviews(by, [who], key, days_ago + 1)

        async def act(now: datetime) -> None:
            await notes.write(self.site, await self.opened(who, key, by, now), text, now, why)

        self.at(days_ago, act)

    def decides(self, crowd: Sequence[Made], key: str, days_ago: float, outcome: str, by: str = "ingrid") -> None:
        async def act(now: datetime) -> None:
            for who in crowd:
                await service.decide_outcome(self.site, await self.opened(who, key, by, now), outcome, now)

        self.at(days_ago, act)

    def tells_later(self, crowd: Sequence[Made], key: str, days_ago: float, in_days: float) -> None:
        """They are rejected, and told at a chosen time that has not come."""

        async def act(now: datetime) -> None:
            site, chosen, ingrid = self.site, [self.sent[who.key, key] for who in crowd], self.staff["ingrid"].id
            decision = closing.Decision(others="rejected", leaves=now + timedelta(days=in_days))
            what = await closing.check(site, self.vacancy[key], decision, now, chosen)
            await closing.decide(site, self.vacancy[key], chosen, decision, what.mark, ingrid, now)

        self.at(days_ago, act)

    def writes(self, who: Made, key: str, days_ago: float, template: int, in_days: float = 0) -> None:
        """Ingrid writes to a candidate with a template; with `in_days` the mail waits so long."""

        async def act(now: datetime) -> None:
            of = await pipeline.of(self.site, self.staff["ingrid"], self.vacancy[key])
            units, words = [self.sent[who.key, key]], wording.of_form(people.LETTERS[template])
            looked = correspondence.mark(await correspondence.addressees(of, units, now))
            leaves = now + timedelta(days=in_days) if in_days else None
            await correspondence.send(of, units, words, looked, now, leaves)

        self.at(days_ago, act)

    def closes(self, key: str, days_ago: float) -> None:
        async def act(now: datetime) -> None:
            await closing.close(self.site, self.vacancy[key], self.staff["ingrid"].id, now)

        self.at(days_ago, act)

    def consents(self, crowd: Sequence[Made], days_ago: float) -> None:
        """They answer yes by the link in the closing mail."""

        async def act(now: datetime) -> None:
            for who in crowd:
                await consent.give(self.site, await self.profile(who), "mail_link", who.lang, now)

        self.at(days_ago, act)

    def thinks_again(self, who: Made, days_ago: float) -> None:
        async def act(now: datetime) -> None:
            await consent.withdraw(self.site, await self.profile(who), "mail_link", who.lang, now)

        self.at(days_ago, act)

    def steps_back(self, who: Made, key: str, days_ago: float) -> None:
        async def act(now: datetime) -> None:
            await mydata.withdraw_application(self.site, await self.profile(who), self.sent[who.key, key], now)

        self.at(days_ago, act)

    def compares(self, one: Made, other: Made, days_ago: float, verdict: likeness.Verdict) -> None:
        """Ingrid compares two profiles that are alike, and decides."""

        async def act(now: datetime) -> None:
            await likeness.recognise(self.site, now)
            pair, *_ = likeness.number_of(await self.profile(one), await self.profile(other))
            await likeness.decide(self.site, self.staff["ingrid"], pair, verdict, now)

        self.at(days_ago, act)

    def has_paper_held(self, who: Made, key: str, days_ago: float) -> None:
        """One document is held, and outlives its application."""

        async def act(now: datetime) -> None:
            unit, review = self.sent[who.key, key], day(self.now) + timedelta(days=90)
            (paper, *_) = await self.site.records.run_sql("SELECT id FROM document WHERE unit = ? ORDER BY id", unit)
            why = holds.Because("Mulig falsk attest er anmeldt.", "GDPR artikkel 17 nr. 3 bokstav e", review)
            await holds.place_on_document(self.site, paper["id"], self.staff["liv"].id, why, now)

        self.at(days_ago, act)

    def is_held(self, who: Made, key: str, days_ago: float) -> None:
        async def act(now: datetime) -> None:
            await holds.place(
                self.site,
                self.sent[who.key, key],
                self.staff["liv"].id,
                "Klage til Diskrimineringsnemnda er varslet.",
                "GDPR artikkel 17 nr. 3 bokstav e",
                day(self.now) + timedelta(days=60),
                now,
            )

        self.at(days_ago, act)

    def asks_erasure(self, who: Made, days_ago: float) -> None:
        async def act(now: datetime) -> None:
            await asking.ask_erasure(self.site, await self.profile(who), None, "", now)

        self.at(days_ago, act)

    def is_screened(self, who: Made, key: str, days_ago: float) -> None:
        """Referees are named, told and asked, and expectations are written down (L9 to L11)."""

        async def act(now: datetime) -> None:
            opened = await self.opened(who, key, "ingrid", now)
            referee = Person(name="Bjørg Tangvik", email="bjorg.tangvik@post.example", relation="tidligere leder")
            await self._references(who, opened, referee, now)
            hoped = Terms(salary=690_000, starts_on=day(self.now) + timedelta(days=97), notice_months=3)
            words = Screened(text="Ønsker fast kontordag hjemme på fredager.", terms=hoped)
            await notes.record_screening(self.site, opened, "expectations", words, now)
            words = Screened(text="Mastergraden er bekreftet.", more="NTNU, vitnemålsportalen")
            await notes.record_screening(self.site, opened, "verification", words, now)

        self.at(days_ago, act)

    async def _references(self, who: Made, opened: access.Opened, first: Person, now: datetime) -> None:
        """One answers by the link of the mail, one by telephone, and one is still to answer."""
        ready = reference_forms.ready()
        number = await referees.add(self.site, opened, first, who.name, now, ready)
        token = await links.make(self.site, referees.PURPOSE, number, now, referees.LIVES, await self._check_of(number))
        asked = await referees.by_link(self.site, token, now)
        await referees.answer(self.site, asked, people.REFERENCE, "", now + timedelta(hours=20))
        second = Person(name="Odd Vemund Lie", email="odd.lie@post.example", phone="078 40 220", relation="kollega")
        number = await referees.add(self.site, opened, second, who.name, now)
        said = [Replied(asked_nb=q.nb, asked_en=q.en, text=text) for q, text in zip(ready, people.CALLED, strict=True)]
        known = await referees.one(self.site, opened, number, now)
        words = ReferenceWords(answers=said, source="Odd Vemund Lie, på telefon til Ingrid")
        await referees.write_down(self.site, opened, known, words, now)
        third = Person(name="Turid Hamre", email="turid.hamre@post.example", relation="veileder")
        await referees.add(self.site, opened, third, who.name, now, ready)

    def is_offered(self, who: Made, key: str, days_ago: float, by: str = "henrik") -> None:
        """The offer is written, looked at and sent as a letter."""

        async def act(now: datetime) -> None:
            opened, today = await self.opened(who, key, by, now), day(now)
            title = str(opened.vacancy["title_en" if who.lang == "en" else "title_nb"])
            begins, answers_by = today + timedelta(days=60), today + timedelta(days=10)
            terms = Terms(
                position=title, salary=715_000, extent=100, starts_on=begins, trial_months=6, reply_by=answers_by
            )
            found = Screened(text="Pensjon og gruppeliv kommer i tillegg.", terms=terms)
            filled = await offers.values(self.site, opened, found, now)
            await offers.send(self.site, opened, found, offers.mark(filled), now)

        self.at(days_ago, act)

    async def _check_of(self, referee: UUID) -> UUID:
        rows = await self.site.records.run_sql("SELECT id FROM reference_check WHERE referee = ?", referee)
        number: UUID = rows[0]["id"]
        return number

    def meets(
        self,
        who: Made,
        key: str,
        days_ago: float,
        seats: Sequence[str],
        in_days: int,
        cards: Mapping[str, Scores],
        agreed: bool = False,
    ) -> None:
        """Times are proposed; one is agreed on, also where `cards` were put in, by whom, a day after it."""

        async def arrange(now: datetime) -> None:
            opened = await self.opened(who, key, "ingrid", now)
            first = now.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=in_days)
            able = tuple(self.staff[seat].id for seat in seats)
            kit = (await kits.listed(self.site))[0].id
            plan = Plan((first, first + timedelta(hours=4)), 60, "Kompassveien 3, møterom Nord", "", able, kit)
            number = await interviewing.arrange(self.site, opened, plan, now)
            if cards or agreed:
                found = await interviewing.one(self.site, opened.key, number)
                await interviewing.accept(self.site, opened.key, found, first, now)

        self.at(days_ago, arrange)
        for author, scores in cards.items():

            async def put_in(now: datetime, author: str = author, scores: Scores = scores) -> None:
                await scorecards.write(self.site, await self.opened(who, key, author, now), scores, now)

            self.at(days_ago - in_days - 1, put_in)

    def shows(self, crowd: Sequence[Made], key: str, days_ago: float, asked: guests.Invitation, stopped: bool) -> None:
        """A guest is invited to read them, and reads them the same evening; or is stopped before."""

        async def act(now: datetime) -> None:
            of = await pipeline.of(self.site, self.staff["ingrid"], self.vacancy[key])
            number = await guests.invite(of, [self.sent[who.key, key] for who in crowd], asked, now)
            if stopped:
                await guests.withdraw(of, number, now + timedelta(hours=3))
                return
            guest = next(each for each in await guests.listed(of) if each.id == number)
            await guests.look(self.site, guest, guest.shown, "review", now + timedelta(hours=6))

        self.at(days_ago, act)

    def remembers(self, part: str, who: Made, days_ago: float = 0) -> None:
        """The guide of the demonstration offers this candidate by a name."""

        async def act(now: datetime) -> None:
            self.cast[part] = (await self.profile(who), who)

        self.at(days_ago, act)

    async def opened(self, who: Made, key: str, by: str, now: datetime) -> access.Opened:
        return await access.opened(self.site, self.staff[by], self.sent[who.key, key], "review", now)

    async def profile(self, who: Made) -> UUID:
        found = await self.site.keyring.find("profile", who.email)
        assert found is not None, who.key
        return found


def tell_all(story: Story) -> None:
    """All chapters; the order of calls does not matter, but who takes part follows from it."""
    _service(story)
    pooled = _finance(story)
    hired = _market(story)
    _stock(story)
    finalist = _software(story)
    _quality(story)
    _radio(story)
    _open(story)
    story.opens("apprentice", 2, ())
    privacy.tell(story, BEGINS)
    outreach.tell(story)
    desk.tell(story, finalist, hired, pooled)
    inbox.tell(story)


def _service(story: Story) -> None:
    """A year ago: one was hired, some consented and are soon reminded or due, the others are long gone."""
    crowd = [story.someone() for _ in range(13)]
    story.opens("service", 424, ("henrik", "sunniva"))
    story.applies(crowd, "service", 418, 1.5, yes=crowd[:4])
    story.moves(crowd[12], "service", 390, "offer", by="henrik")
    story.moves(crowd[0], "service", 389, "interview", by="henrik")
    story.notes(crowd[0], "service", 380, "sunniva", "Rolig og grundig. Spurte godt om kalibrering i kulde.")
    story.steps_back(crowd[5], "service", 385)
    story.decides(crowd[12:], "service", 358, "hired", by="henrik")
    story.closes("service", 352)
    story.consents([crowd[6]], 350)
    story.has_paper_held(crowd[2], "service", 210)
    story.thinks_again(crowd[2], 200)
    story.remembers("expiring", crowd[0])


def _finance(story: Story) -> Made:
    """Five months ago: consents with months left, a legal hold, erasures with receipts."""
    crowd = [story.someone() for _ in range(12)]
    story.opens("finance", 222, ("mats",))
    story.applies(crowd, "finance", 216, 1.8, yes=crowd[:3])
    story.moves(crowd[1], "finance", 180, "interview", by="mats")
    story.moves(crowd[4], "finance", 178, "finalist", by="mats")
    story.notes(crowd[4], "finance", 170, "mats", "Sterk på konsern, mindre på prosjektregnskap.")
    story.decides(crowd[7:], "finance", 165, "rejected", by="mats")
    story.closes("finance", 150)
    story.consents([crowd[5]], 148)
    story.is_held(crowd[4], "finance", 143)
    requests.of_the_pool(story, crowd)
    story.comes_again = crowd[1:2]
    story.tags([crowd[1], crowd[5]], "finance", 7, "Bor i nærheten")
    pool.invites(story, [crowd[1], crowd[2], crowd[5]], "finance", "software", 4.4)
    pool.takes_up(story, crowd[2], "software", 3.2)
    story.remembers("held", crowd[4])
    story.remembers("consented", crowd[1])
    return crowd[0]


def _market(story: Story) -> Made:
    """Closed last week: most are in the answer window, one got the position, one asks for erasure."""
    crowd = [story.someone() for _ in range(10)]
    story.opens("market", 62, ("mats", "sunniva"))
    story.applies(crowd, "market", 58, 1.7, yes=crowd[:2])
    story.moves(crowd[9], "market", 36, "offer", by="mats")
    story.moves(crowd[8], "market", 35, "interview", by="mats")
    story.notes(crowd[8], "market", 28, "sunniva", "Fortalte levende. Mer kampanje enn fag.")
    story.is_offered(crowd[9], "market", 20, by="mats")
    story.decides(crowd[9:], "market", 7, "hired", by="mats")
    story.closes("market", 6)
    story.consents([crowd[3]], 5)
    pool.invites(story, [crowd[0], crowd[3]], "market", "quality", 1.6)
    story.asks_erasure(crowd[4], 2)
    afterwards.tell(story, crowd[9], crowd[8], crowd[6])
    story.remembers("window", crowd[8])
    story.remembers("hired", crowd[9])
    story.remembers("asking", crowd[4])
    return crowd[9]


def _stock(story: Story) -> None:
    """Closed two weeks ago: the erasures are announced."""
    crowd = [story.someone() for _ in range(6)]
    story.opens("stock", 48, ("henrik",))
    story.applies(crowd, "stock", 45, 2, yes=crowd[:1])
    story.decides(crowd[3:], "stock", 14.2, "rejected", by="henrik")
    story.closes("stock", 13)
    story.remembers("announced", crowd[3])


def _software(story: Story) -> Made:
    """The busy one: candidates in every stage, notes, a finalist with a referee."""
    crowd = [story.someone() for _ in range(14)]
    story.opens("software", 36, ("henrik", "sunniva", "mats"), day(story.now) + timedelta(days=9))
    story.applies(crowd, "software", 34, 2.2, yes=crowd[::3])
    story.moves(crowd[0], "software", 20, "offer", 3, by="henrik")
    story.moves(crowd[1], "software", 20, "finalist", 3, by="henrik")
    story.moves(crowd[2], "software", 18, "interview", 3, by="henrik")
    story.moves(crowd[3], "software", 18, "interview", 3)
    story.moves(crowd[4], "software", 12, "screening")
    story.moves(crowd[5], "software", 11, "screening")
    story.notes(crowd[0], "software", 12, "sunniva", "Fant feilen i oppgaven på fire minutter, og forklarte den.")
    story.notes(crowd[1], "software", 11, "sunniva", "God på test. Ville hatt flere spørsmål om drift.")
    story.notes(crowd[1], "software", 10.5, "mats", "Kjenner CAN-buss ut og inn.")
    reason = "Hun ba selv om det: prøvedagen skal holdes i første etasje."
    story.notes(crowd[2], "software", 9.5, "mats", "Bruker rullestol og kommer gjerne på prøvedag.", reason)
    story.notes(crowd[2], "software", 9, "mats", "Nysgjerrig. Ville vite hvorfor nåla peker feil i Lofoten.")
    story.meets(crowd[1], "software", 13, ("sunniva", "mats"), 2, people.CARDS)
    story.meets(crowd[2], "software", 1, ("mats",), 4, {})
    story.meets(crowd[3], "software", 3, ("sunniva", "mats"), 4, {}, agreed=True)
    story.shows(crowd[:2], "software", 6, people.BOARD_MEMBER, stopped=True)
    story.shows(crowd[:3], "software", 1.1, people.UNION_REPRESENTATIVE, stopped=False)
    story.writes(crowd[1], "software", 5.5, 0)
    story.writes(crowd[3], "software", 0.2, 0, in_days=1)
    inbox.replies(story, crowd[1], "software", 5.1, "Hei, torsdag klokka ti passer fint. Avtalen ligger ved.")
    story.is_screened(crowd[1], "software", 5)
    story.is_offered(crowd[0], "software", 1)
    story.decides(crowd[6:7], "software", 4, "rejected", by="henrik")
    story.tells_later(crowd[10:12], "software", 0.3, 1.5)
    story.steps_back(crowd[7], "software", 0.4)
    story.remembers("running", crowd[2])
    story.tags([crowd[1], crowd[3], crowd[9]], "software", 6, "Kan C++")
    story.tags([crowd[1], crowd[2]], "software", 6, "Bor i nærheten")
    story.interviews("sunniva", [crowd[3]], "software", 3)
    story.remembers("finalist", crowd[1])
    requests.of_a_running_process(story, crowd)
    _twice(story, crowd[9:12])
    return crowd[1]


def _twice(story: Story, crowd: Sequence[Made]) -> None:
    """Two write again from another mailbox, and a sister has the same telephone: one waits, two are decided."""
    waits, same, apart = (replace(who, mail="skole.example", paper="none") for who in crowd)
    sister = replace(apart, first="Tuva")
    story.applies((waits, same, sister), "open", 9, 0.5)
    story.compares(crowd[1], same, 2, "same")
    story.compares(crowd[2], sister, 2, "apart")


def _quality(story: Story) -> None:
    """New; one of its candidates applied half a year ago and is still in the pool."""
    crowd = [story.someone() for _ in range(4)] + story.comes_again
    story.opens("quality", 10, ("mats",), day(story.now) + timedelta(days=20))
    story.applies(crowd, "quality", 8, 1.6, yes=crowd[:2])
    story.tags(crowd[1:3], "quality", 1, "Bor i nærheten")
    story.remembers("new", crowd[0])


def _open(story: Story) -> None:
    """Unsolicited applications: always open, now and then somebody writes."""
    crowd = [story.someone() for _ in range(3)]
    story.opens("open", 60, ("henrik",))
    story.applies(crowd, "open", 40, 14)


def _radio(story: Story) -> None:
    """Nobody has looked at it for months: stale (L2)."""
    crowd = [story.someone() for _ in range(3)]
    story.opens("radio", 235, ("henrik",))
    story.applies(crowd, "radio", 228, 4)
    story.moves(crowd[0], "radio", 208, "screening", by="henrik")
    story.remembers("stale", crowd[0])
