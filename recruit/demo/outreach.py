"""The made-up employer towards the outside: where vacancies are advertised, who looked at them, what was asked.

Guards that the public side of the demonstration has life too: views, questions with and without an answer, a form that
was saved, and an application whose experience was read from a CV file.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from recruit.careers import advertising, cv_form, cv_formats, enquiries, resuming, visits
from recruit.careers import service as careers
from recruit.careers.rules import Answers
from recruit.clock import day
from recruit.demo import people
from recruit.tables import EnquiryWords
from recruit.visible import APPLICATIONS

if TYPE_CHECKING:
    from recruit.demo.life import Story
    from recruit.demo.people import Made

_AGENTS = {
    "Mozilla/5.0 (iPhone) Safari/604.1": 9,
    "Mozilla/5.0 (Linux; Android 15) Chrome/140.0": 6,
    "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Edg/140.0": 5,
    "Mozilla/5.0 (Windows NT 10.0) Firefox/144.0": 3,
    "Mozilla/5.0 (Macintosh; Mac OS X) Safari/605.1": 2,
}
"""What people look with, and how many of a day's views are theirs at most."""
_ELSEWHERE = {"software": ["finn", "linkedin"], "quality": ["nav"]}
_SINCE = {"software": 36, "quality": 10, "market": 62, "stock": 48}
_CV = {
    "summary": "Kvalitetsingeniør fra industrien, vant til revisjoner og til å si fra.",
    "work": [
        {"name": "Havvik Mekaniske AS", "position": "Kvalitetsleder", "startDate": "2019-03",
         "summary": "Bygde opp avvikssystemet, og fikk verkstedet til å bruke det."},
        {"name": "Nordlys Foredling AS", "position": "Laborant", "startDate": "2015-08", "endDate": "2019-02"},
    ],
    "education": [{"institution": "UiT i Tromsø", "studyType": "Bachelor", "area": "prosessteknologi",
                   "startDate": "2012-08", "endDate": "2015-06"}],
    "languages": [{"language": "norsk", "fluency": "morsmål"}, {"language": "English", "fluency": "C1"}],
    "skills": [{"name": "ISO 9001"}, {"name": "Rotårsaksanalyse"}, {"name": "Python"}],
}  # fmt: skip
"""A CV file in the form of JSON Resume."""


def tell(story: Story) -> None:
    """What reaches the employer from outside, and what it shows there."""
    for key, platforms in _ELSEWHERE.items():
        _advertises(story, key, platforms)
    for key, days in _SINCE.items():
        for days_ago in range(days - 1, -1, -1):
            _is_looked_at(story, key, days_ago)
    _brings_a_cv_file(story, story.someone(), "quality", 3)
    _saves_for_later(story, story.someone(), "quality", 1.5)
    _asks(story, "vacancy", "Signe Havnes", "Er det mulig å jobbe to dager i uken fra Bodø?", 1.2)
    _asks(story, "privacy", "Aron Lund", "Hvem hos dere kan lese søknaden min?", 0.4)
    _asks(story, "privacy", "Mina Fjell", "Hvor lenge ligger CV-en min på serveren?", 6,
          "Så lenge rekrutteringen pågår, og 14 dager etter. Bare du kan forlenge det, med et samtykke.")  # fmt: skip


def _advertises(story: Story, key: str, platforms: list[str]) -> None:
    async def act(now: datetime) -> None:
        await advertising.change(story.site, story.vacancy[key], True, platforms, story.staff["ingrid"].id, now)

    story.at(_SINCE[key] - 0.5, act)


def _is_looked_at(story: Story, key: str, days_ago: int) -> None:
    dice = random.Random(f"{key} {days_ago}")

    async def act(now: datetime) -> None:
        site, vacancy, today = story.site, story.vacancy[key], day(now)
        for agent, most in _AGENTS.items():
            views = dice.randint(0, most)
            if views:
                await visits.count(site, "vacancy", vacancy, agent, today, views)
                await visits.count(site, "list", None, agent, today, 1 + views // 2)
        agent = next(iter(_AGENTS))
        await visits.count(site, "form", vacancy, agent, today, dice.randint(1, 3))
        rows = await site.records.run_sql(
            f"SELECT count(*) AS n FROM {APPLICATIONS} a WHERE vacancy = ? AND submitted_at > ? AND submitted_at <= ?",
            *(vacancy, now - timedelta(days=1), now),
        )
        if rows[0]["n"]:
            await visits.count(site, "sent", vacancy, agent, today, rows[0]["n"])

    story.at(days_ago, act)


def _brings_a_cv_file(story: Story, who: Made, key: str, days_ago: float) -> None:
    """Experience was read from a file of JSON Resume into the form, and no CV is attached."""

    async def act(now: datetime) -> None:
        cv = cv_formats.read(msgspec.json.encode({"basics": {"name": who.name, "summary": _CV["summary"]}, **_CV}))
        said = cv_form.filled(people.answers(who, "Kvalitetsingeniør"), cv)
        story.sent[who.key, key] = await careers.submit(story.site, story.vacancy[key], said, [], True, who.lang, now)

    story.at(days_ago, act)


def _saves_for_later(story: Story, who: Made, key: str, days_ago: float) -> None:
    async def act(now: datetime) -> None:
        turn = await careers.begin(story.site, story.vacancy[key], careers.new_token(), now, who.lang)
        said = people.answers(who, "Kvalitetsingeniør")
        await careers.take(turn, Answers(name=said.name, email=said.email, letter=said.letter[:80]), who.lang, "save")
        await resuming.send_link(turn, said.email, who.lang)

    story.at(days_ago, act)


def _asks(story: Story, about: enquiries.About, name: str, text: str, days_ago: float, answer: str = "") -> None:
    email = f"{name.split()[0].lower()}@post.example"
    unit = careers.new_token()

    async def act(now: datetime) -> None:
        vacancy = story.vacancy["software"] if about == "vacancy" else None
        words = EnquiryWords(name=name, email=email, text=text)
        await enquiries.ask(story.site, unit, about, vacancy, words, "nb", now)

    async def reply(now: datetime) -> None:
        await enquiries.answer(story.site, story.staff["liv"], enquiries.unit_of(unit), answer, now)

    story.at(days_ago, act)
    if answer:
        story.at(days_ago - 0.6, reply)
