"""Whoever answers is reminded 14, 7 and 2 days before, and every week once it is late; nothing names the person."""

from datetime import date

from recruit import jobs
from recruit.clock import day
from recruit.rights import answering, asking
from recruit.rights.answering import Answer
from recruit.rights.asking import Asked
from recruit.rights.service import request_of
from recruit.site import Site
from tests import factories
from tests.conftest import Time
from tests.rights.people import outbox


async def test_reminders_go_14_7_and_2_days_before_and_weekly_when_late(site: Site, time: Time) -> None:
    officer = await factories.staff(site, time.now, "dpo")
    unit = await factories.application(site, time.now, await factories.vacancy(site, time.now))
    person = await factories.candidate_of(site, unit)
    number = await asking.ask(site, person, Asked("access"), time.now)  # due 2 April, rolled to 7 April
    sent: dict[date, int] = {}
    for _ in range(52):
        time.forward(days=1)
        before = len(await outbox(site, "request_due"))
        await jobs.run_job(site, "reminders", time.now)
        await jobs.run_job(site, "reminders", time.now)
        if len(await outbox(site, "request_due")) > before:
            sent[day(time.now)] = len(await outbox(site, "request_due")) - before
    days = ("2026-03-19", "2026-03-26", "2026-03-31", "2026-04-08", "2026-04-15", "2026-04-22")
    assert sent == {date.fromisoformat(each): 1 for each in days}
    mails = await outbox(site, "request_due")
    assert {mail.to for mail in mails} == {"kari@fjordlys.example"}
    assert "forsinket" in mails[-1].subject
    assert all("Ola" not in mail.text + mail.subject for mail in mails)
    await answering.answer(site, await request_of(site, number), "granted", Answer(), officer, time.now)
    await jobs.run_job(site, "reminders", time.forward(days=7))
    assert len(await outbox(site, "request_due")) == len(mails)
