"""Claims about being told of new applications: without data, as often as one wants, never of what one may not open."""

from recruit import jobs
from recruit.accounts import service
from recruit.hiring import news, team
from recruit.site import Site
from tests import factories
from tests.conftest import Time
from tests.hiring.helping import Client, house, letters


async def test_news_come_without_data_as_often_as_one_chose_and_not_when_there_are_none(
    site: Site, client: Client, time: Time
) -> None:
    at = await house(site, time.now, name="Ada Nord")
    for role, often in (
        ("recruiter", "daily"),
        ("interviewer", "at_once"),
        ("hiring_manager", "never"),
        ("foreign_manager", "daily"),
    ):
        await factories.sign_in(client, site, at.people[role])
        assert (await client.post("/account/news", data={"news": "hourly"})).status_code == 422
        page = await client.post("/account/news", data={"news": often})
        assert service.NEWS[often] in page.text
    await factories.sign_in(client, site, at.people["admin"])
    assert (await client.get("/account/news")).status_code == 403
    await jobs.run_job(site, "news", time.forward(minutes=20))
    await news.tell_at_once(site, time.now)
    assert await letters(site, "news") == [], "nothing came since they chose"
    units = [
        await factories.application(site, time.forward(minutes=1), at.vacancy, email=f"{n}@example.org", name="Bo Sør")
        for n in range(3)
    ]
    shut = await factories.application(site, time.now, at.vacancy, email="c@example.org", closed=time.now)
    assert shut not in units
    assert await jobs.run_job(site, "news", time.forward(minutes=1)) == {"told": 1}
    (told,) = await letters(site, "news")
    assert told.to == "recruiter@fjordlys.example"
    assert "3 nye søknader" in told.subject
    assert f"/vacancies/{at.vacancy}?unread=1" in told.text
    for word in ("Bo", "Ada", "Systemutvikler", "Software"):
        assert word not in told.subject + told.text
    assert await news.tell_at_once(site, time.now) == {"told": 0}, "an interviewer sees only what is assigned"
    await team.assign(site, at.vacancy, units[:1], at.people["interviewer"], at.people["recruiter"], time.now)
    assert await news.tell_at_once(site, time.forward(minutes=1)) == {"told": 1}
    time.forward(minutes=1)
    await team.assign(site, at.vacancy, units[1:], at.people["interviewer"], at.people["recruiter"], time.now)
    assert await news.tell_at_once(site, time.forward(minutes=13)) == {"told": 0}, "one mail in a quarter of an hour"
    assert await news.tell_at_once(site, time.forward(minutes=2)) == {"told": 1}
    assert await jobs.run_job(site, "news", time.forward(hours=1)) == {"told": 0}
