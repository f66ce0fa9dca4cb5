"""Claims about facts on the person hired (L31): who may ask, what waits for the answer, and whose data it is."""

import io
from datetime import date, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pypdfium2
import pytest

from recruit import alarms, mail
from recruit.accounts.guards import Me
from recruit.errors import FormInvalid
from recruit.hiring import access, qualifications, section31
from recruit.hiring.section31 import AlreadyAnswered, Asked, NotEntitled
from recruit.i18n import translator
from recruit.retention import purge, restrictions, service
from recruit.retention.facts import of_applications
from recruit.retention.restrictions import Cause
from recruit.rights import export
from recruit.site import Site
from tests import factories
from tests.conftest import Time
from tests.hiring.helping import Client, house, letters, rows

FACTS = {"education": "Master, NTNU 2014", "experience": "Utvikler, Havvik AS 2014–2024", "other": "Norsk C2"}


class Post:
    """A mail server that keeps what it gets."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []

    async def send(self, message: EmailMessage) -> None:
        self.taken.append(message)

    def carrying(self) -> list[bytes]:
        """The files that came with answers."""
        answers = [each for each in self.taken if each["Subject"].startswith("Opplysninger om den som ble ansatt")]
        return [part.get_payload(decode=True) for each in answers for part in each.iter_attachments()]  # type: ignore[misc]


class World:
    """Eva was hired, Ola was not; Rita is the recruiter."""

    def __init__(self, site: Site, client: Client, time: Time) -> None:
        self.site, self.client, self.time = site, client, time

    async def begin(self) -> "World":
        self.at = await house(self.site, self.time.now, name="Ola Sør", closed=self.time.now)
        self.ola, self.rita = self.at.application, self.at.people["recruiter"]
        self.eva = await self.hires("eva@example.org", "Eva Nord")
        self.me = Me("staff", self.rita, "Rita", "", "nb", frozenset({"recruiter"}))
        return self

    async def hires(self, email: str, name: str) -> UUID:
        now = self.time.now
        return await factories.application(
            self.site, now, self.at.vacancy, email, name, "", closed=now, outcome="hired", decided_by=self.rita
        )

    async def opened(self, unit: UUID) -> access.Opened:
        return await access.opened(self.site, self.me, unit, "section31", self.time.now)

    async def asked(self) -> section31.Request:
        return (await section31.of_application(self.site, await self.site.keyring.key(self.ola)))[0]

    async def waits(self, unit: UUID) -> tuple[bool, int]:
        """Whether the rules stop its erasure, and how many open requests its guard counts."""
        facts, guard = (await of_applications(self.site, [unit]))[unit], await self.site.keyring.guard(unit)
        assert guard
        return facts.section31_open or "section31" in facts.open_requests, guard.open_requests

    async def as_ola(self) -> None:
        await factories.sign_in(self.client, self.site, await factories.candidate_of(self.site, self.ola), "candidate")

    async def answers(self, hired: UUID, **more: str) -> Any:
        """Through the pages, from the look to the sending."""
        page = f"/section31/{(await self.asked()).id}/about/{hired}"
        looked = await self.client.post(page, data=FACTS | more | {"act": "look"})
        mark = looked.text.split('name="mark" value="')[1].split('"')[0]
        return await self.client.post(page, data=FACTS | more | {"act": "send", "mark": mark})


@pytest.fixture
async def world(site: Site, client: Client, time: Time) -> World:
    return await World(site, client, time).begin()


async def test_L31_the_hired_and_the_asking_wait_for_the_answer_which_lives_and_dies_with_the_hired(
    world: World,
) -> None:
    site, client = world.site, world.client
    await world.as_ola()
    page = f"/my/applications/{world.ola}/section31"
    asked = await client.post(page, data={"reason": "Jeg har ti års erfaring."})
    assert "16 Mar 2026" in asked.text
    assert await world.waits(world.ola) == await world.waits(world.eva) == (True, 1)
    await client.post(page, data={})
    assert len(await rows(site, "section31")) == 1, "an open one is not doubled"
    (told,) = await letters(site, "section31_waits")
    assert (told.to, "Ola" in told.text) == ("recruiter@fjordlys.example", False)
    await _nobody_goes_meanwhile(world)

    await factories.sign_in(client, site, world.rita)
    request = await world.asked()
    shown = (await client.get(f"/section31/{request.id}")).text
    assert "Jeg har ti års erfaring." in shown
    assert "no judgement" in shown
    path = f"/section31/{request.id}/about/{world.eva}"
    sensitive = await client.post(path, data=FACTS | {"other": "Hun har migrene.", "act": "look"})
    assert (sensitive.status_code, "health" in sensitive.text, "NTNU" in sensitive.text) == (422, True, True)
    stale = await client.post(path, data=FACTS | {"act": "send", "mark": "other"})
    assert (stale.status_code, await rows(site, "qualification")) == (409, [])
    assert "on its way" in (await world.answers(world.eva)).text
    assert (await world.asked()).state == "answered"
    await _the_mail_carries_it(world)
    await _each_reads_their_own(world, page)
    await _it_goes_with_the_hired(world, page)


async def _nobody_goes_meanwhile(world: World) -> None:
    """L8, L16: due, and even granted at once, both stay as long as it is not answered."""
    site, time = world.site, world.time
    await service.grant_erasure(site, [world.eva], world.rita, time.now)
    await purge.run(site, time.now)
    for _ in range(4):
        await purge.run(site, time.forward(days=1))
    assert len(await site.keyring.keys([world.ola, world.eva])) == 2


async def _the_mail_carries_it(world: World) -> None:
    """The letter waits under the hired person's key; until it has left, their data wait too."""
    site = world.site
    (waiting,) = await rows(site, "enclosed")
    (row,) = await rows(site, "mail", template="section31_answered")
    assert (waiting["unit"], row["unit"]) == (world.eva, world.ola)
    (letter,) = await letters(site, "section31_answered")
    assert letter.enclosures == []
    assert (await world.waits(world.ola))[0] is False
    assert (await world.waits(world.eva))[0] is True
    cause = Cause("claims", world.rita, "Et krav")
    (restriction,) = await restrictions.place(site, [world.eva], cause, world.time.now)
    post = Post()
    await mail.deliver(site, post, world.time.now)
    assert post.carrying() == [], "L15"
    await site.records.run_sql("UPDATE restriction SET lifted_on = placed_on WHERE id = ?", restriction)
    await service.settle(site, [world.eva], world.time.now)
    await mail.deliver(site, post, world.time.forward(hours=1))
    (pdf,) = post.carrying()
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    said = " ".join(document[0].get_textpage().get_text_bounded().split())
    for words in (*FACTS.values(), "Systemutvikler", "§ 31", "Diskrimineringsnemnda"):
        assert words in said
    assert "Ola" not in said, "the letter rests with the hired person's data"
    assert "Eva" not in said, "and does not name them without need"
    assert await rows(site, "enclosed") == []


async def _each_reads_their_own(world: World, page: str) -> None:
    site, now, tr = world.site, world.time.now, translator("en")
    (given,) = await rows(site, "qualification")
    assert await rows(site, "disclosure", unit=world.eva, recipient="section31", channel="mail")
    await world.as_ola()
    assert FACTS["education"] in (await world.client.get(page)).text
    assert (await world.client.get(f"{page}/{given['id']}")).content.startswith(b"%PDF")
    ola, eva = [await factories.candidate_of(site, unit) for unit in (world.ola, world.eva)]
    mine = await export.everything(site, ola, now, tr)
    assert mine["applications"][0]["facts_asked_for"][0]["state"] == "answered"
    assert FACTS["education"] not in repr(mine), "that is another person's"
    theirs = await export.everything(site, eva, now, tr)
    assert theirs["applications"][0]["facts_given"][0]["experience"] == FACTS["experience"]
    assert any("asked for facts" in one["recipient"] for one in theirs["recipients"])
    assert "Ola" not in repr(theirs), "who asked is not said"
    stranger = await factories.application(site, now, world.at.vacancy, "liv@example.org")
    await factories.sign_in(world.client, site, await factories.candidate_of(site, stranger), "candidate")
    assert (await world.client.get(f"{page}/{given['id']}")).status_code == 404


async def _it_goes_with_the_hired(world: World, page: str) -> None:
    """Once the mail has left, nothing delays the hired person any more; what was given goes with their key."""
    site, time = world.site, world.time
    for _ in range(5):
        await purge.run(site, time.forward(days=1))
        await mail.deliver(site, Post(), time.now)
    assert set(await site.keyring.keys([world.eva])) == set()
    assert await rows(site, "qualification") == []
    await world.as_ola()
    after = (await world.client.get(page)).text
    assert FACTS["education"] not in after
    assert "read here any more" in after


async def test_L31_who_may_ask_and_how_it_ends_otherwise(world: World) -> None:
    """Recorded by staff, taken back, answered from the personnel file, late, and for two who were hired."""
    site, client, time = world.site, world.client, world.time
    for unit in (world.eva, await factories.application(site, time.now, world.at.vacancy, "per@example.org")):
        with pytest.raises(NotEntitled):
            await section31.ask(site, unit, Asked(), time.now)
    await factories.sign_in(client, site, world.rita)
    form = f"/applications/{world.ola}/section31"
    assert (await client.post(form, data={"channel": "", "received_on": "2026-03-02"})).status_code == 422
    assert (await client.post(form, data={"channel": "phone", "received_on": "2027-01-01"})).status_code == 422
    assert "Answer by" in (await client.post(form, data={"channel": "phone", "received_on": "2026-03-01"})).text
    asked = await world.asked()
    assert (asked.channel, asked.due_on) == ("phone", date(2026, 3, 15))
    assert "Systemutvikler" in (await client.get("/section31", headers={"accept-language": "nb"})).text
    late = [asked.late(day) for day in (date(2026, 3, 15), date(2026, 3, 16))]
    assert late == [False, True]
    second = await world.hires("siv@example.org", "Siv Vest")
    assert (await world.waits(second)) == (True, 1), "whoever is hired later waits as well"

    await world.answers(world.eva)
    assert (await world.asked()).state == "open", "one of the two is still missing"
    assert (await alarms.levels(site, time.now))["section31"] == 0
    time.forward(days=15)
    assert (await alarms.levels(site, time.now))["section31"] == 1
    await factories.sign_in(client, site, world.rita)
    wrong = await client.post(f"/section31/{asked.id}/answered", data={"answered_on": "2026-02-01", "way": ""})
    assert (wrong.status_code, "not before it came" in wrong.text) == (422, True)
    await client.post(f"/section31/{asked.id}/answered", data={"answered_on": "2026-03-17", "way": "I brev"})
    ended = await world.asked()
    assert (ended.state, ended.answered_on, ended.words.more) == ("answered", date(2026, 3, 17), "I brev")
    assert await world.waits(second) == (False, 0)
    with pytest.raises(AlreadyAnswered):
        await section31.withdraw(site, ended, time.now)

    await world.as_ola()
    page = f"/my/applications/{world.ola}/section31"
    await client.post(page, data={})
    assert (await world.waits(second))[1] == 1
    assert "taken back" in (await client.post(f"{page}/withdraw")).text
    assert (await client.post(f"{page}/withdraw")).status_code == 409
    assert await world.waits(second) == (False, 0)


def test_what_is_given_is_something_and_not_too_long() -> None:
    for form in ({}, {"education": "x" * 4001}):
        with pytest.raises(FormInvalid) as refused:
            qualifications.of_form(form)
        assert list(refused.value.errors) == ["education"]
    assert timedelta(days=section31.ANSWER_DAYS) == timedelta(days=14)
