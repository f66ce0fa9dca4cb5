"""Vacancies for people and for machines: filters, JobPosting, feeds, the frame; and views that lead back to nobody."""

import json
import re
from datetime import date, timedelta
from uuid import UUID
from xml.etree import ElementTree

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from recruit import jobs
from recruit.careers import feeds, visits
from recruit.careers.visits import families
from recruit.settings import Settings, SettingsInvalid
from recruit.site import Site
from recruit.tables import Vacancy
from tests import factories
from tests.careers.conftest import Send
from tests.conftest import ORIGIN, Time

Browser = AsyncTestClient[Litestar]

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 "
    "Mobile/15E148 Safari/604.1"
)
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


async def three(site: Site, time: Time) -> dict[str, UUID]:
    """Three vacancies that differ in everything a filter asks for."""
    found = {}
    rows = [
        ("Renholder", "Hamar", "50 %, vikariat", "Vi søker en renholder.", 3),
        ("Elektriker", "Gjøvik", "100 %, fast", "Strøm & lys </script><b>", 20),
        ("Kokk", "Hamar", "100 %, fast", "Mat.", None),
    ]
    for title, place, extent, posting, days in rows:
        found[title] = await factories.vacancy(site, time.now)
        deadline = time.now.date() + timedelta(days=days) if days else None
        await Vacancy.update(
            {"title_nb": title, "title_en": "", "place": place, "extent": extent, "posting_nb": posting,
             "posting_en": "", "deadline": deadline}
        ).where(Vacancy.id == found[title]).run()  # fmt: skip
    return found


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("", {"Renholder", "Elektriker", "Kokk"}),
        ("words=STRØM", {"Elektriker"}),
        ("words=hamar+kokk", {"Kokk"}),
        ("place=Hamar", {"Renholder", "Kokk"}),
        ("extent=100+%25%2C+fast&place=Hamar", {"Kokk"}),
        ("within=7", {"Renholder"}),
        ("within=30", {"Renholder", "Elektriker"}),
        ("within=none", {"Kokk"}),
        ("within=-1", {"Renholder", "Elektriker", "Kokk"}),
        ("place=Oslo", set()),
        ("words=%00%E2%80%AE%3Cscript%3E" + "x" * 5000, set()),
    ],
)
async def test_the_list_shows_what_the_filters_ask_for(
    site: Site, client: Browser, time: Time, asked: str, wanted: set[str]
) -> None:
    await three(site, time)
    page = (await client.get(f"/?{asked}")).text
    assert set(re.findall(r'<a href="/positions/[^"]+">(\w+)</a>', page)) == wanted
    assert ("No vacant position fits" in page) is (not wanted)
    if asked and wanted and "-1" not in asked:
        assert f"{len(wanted)} of 3 positions fit" in page


# --- for machines -----------------------------------------------------------------------------------------------------


async def test_a_vacancy_carries_all_that_a_job_posting_needs(site: Site, client: Browser, time: Time) -> None:
    """https://developers.google.com/search/docs/appearance/structured-data/job-posting: required, and recommended."""
    found = await three(site, time)
    page = (await client.get(f"/positions/{found['Renholder']}")).text
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    posting = json.loads(block)
    assert posting["@context"] == "https://schema.org/"
    assert posting["@type"] == "JobPosting"
    assert posting["title"] == "Renholder"
    assert posting["description"] == "<p>Vi søker en renholder.</p>"
    assert posting["datePosted"] == "2026-03-02"
    assert posting["hiringOrganization"] == {"@type": "Organization", "name": "Fjordlys AS", "sameAs": ORIGIN + "/"}
    address = {"@type": "PostalAddress", "addressLocality": "Hamar", "addressCountry": "NO"}
    assert posting["jobLocation"] == {"@type": "Place", "address": address}
    assert posting["validThrough"] == "2026-03-05T23:00:00+00:00", "the end of that day in Oslo"
    assert posting["employmentType"] == ["PART_TIME", "TEMPORARY"]
    assert posting["identifier"]["value"] == str(found["Renholder"])
    assert posting["directApply"] is True


async def test_a_posting_cannot_leave_its_data_block(site: Site, client: Browser, time: Time) -> None:
    found = await three(site, time)
    page = (await client.get(f"/positions/{found['Elektriker']}")).text
    assert page.count("</script>") == 2, "the app's own, and the data block's"
    assert "<b>" not in page
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert json.loads(block)["description"] == "<p>Strøm &amp; lys &lt;/script&gt;&lt;b&gt;</p>"


async def test_what_takes_no_applications_is_no_longer_offered_to_machines(
    site: Site, client: Browser, time: Time
) -> None:
    found = await three(site, time)
    time.forward(days=4)
    assert "ld+json" not in (await client.get(f"/positions/{found['Renholder']}")).text
    for feed in ("/feed.atom", "/positions.xml", "/sitemap.xml", "/embed"):
        text = (await client.get(feed)).text
        assert str(found["Renholder"]) not in text
        assert str(found["Kokk"]) in text


async def test_a_shared_link_shows_title_and_summary(site: Site, client: Browser, time: Time) -> None:
    found = await three(site, time)
    page = (await client.get(f"/positions/{found['Kokk']}", headers={"accept-language": "nb"})).text
    meta = dict(re.findall(r'<meta property="(og:[a-z_]+)" content="([^"]*)">', page))
    assert meta == {
        "og:type": "website",
        "og:title": "Kokk",
        "og:description": "Mat.",
        "og:url": f"{ORIGIN}/positions/{found['Kokk']}",
        "og:site_name": "Fjordlys AS",
        "og:locale": "nb_NO",
    }


async def test_the_feed_is_atom(site: Site, client: Browser, time: Time) -> None:
    found = await three(site, time)
    answer = await client.get("/feed.atom?lang=en")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.content)
    atom = {"a": feeds.ATOM}
    assert feed.tag == f"{{{feeds.ATOM}}}feed"
    for needed in ("a:id", "a:title", "a:updated", "a:author/a:name", "a:link[@rel='self']"):
        assert feed.find(needed, atom) is not None, needed
    entries = feed.findall("a:entry", atom)
    assert {entry.findtext("a:id", "", atom) for entry in entries} == {f"urn:uuid:{unit}" for unit in found.values()}
    assert all(entry.findtext("a:updated", "", atom) == "2026-03-02T09:00:00Z" for entry in entries)
    content = {entry.findtext("a:title", "", atom): entry.findtext("a:content", "", atom) for entry in entries}
    assert content["Elektriker"] == "<p>Strøm &amp; lys &lt;/script&gt;&lt;b&gt;</p>"


async def test_job_boards_get_each_vacancy_with_its_facts(site: Site, client: Browser, time: Time) -> None:
    found = await three(site, time)
    await site.records.run_sql("UPDATE vacancy SET posting_nb = ? WHERE id = ?", "a\x0bb\ufffec", found["Kokk"])
    source = ElementTree.fromstring((await client.get("/positions.xml")).content)
    jobs = {job.findtext("title"): job for job in source.findall("job")}
    assert jobs.keys() == found.keys()
    assert jobs["Renholder"].findtext("url") == f"{ORIGIN}/positions/{found['Renholder']}"
    assert jobs["Renholder"].findtext("expirationdate") == "2026-03-05"
    assert jobs["Renholder"].findtext("date") == "Mon, 02 Mar 2026 09:00:00 GMT"
    assert jobs["Kokk"].findtext("description") == "<p>abc</p>", "no character that XML forbids"


async def test_search_engines_find_the_sitemap_and_leave_private_pages(site: Site, client: Browser, time: Time) -> None:
    found = await three(site, time)
    robots = (await client.get("/robots.txt")).text
    assert f"Sitemap: {ORIGIN}/sitemap.xml" in robots
    assert "Disallow: /my\n" in robots
    urls = ElementTree.fromstring((await client.get("/sitemap.xml")).content)
    listed = {loc.text for loc in urls.iter(f"{{{feeds.SITEMAP}}}loc")}
    assert {f"{ORIGIN}/positions/{unit}" for unit in found.values()} < listed
    for address in listed:
        assert (await client.get(str(address))).status_code == 200


@pytest.mark.parametrize(
    ("extent", "kinds"),
    [("100 %, fast", ["FULL_TIME"]), ("20–40 %", ["PART_TIME"]), ("Deltid", ["PART_TIME"]),
     ("Lærling, full tid", ["FULL_TIME", "INTERN"]), ("engasjement", ["FULL_TIME", "TEMPORARY"])],
)  # fmt: skip
def test_the_extent_in_the_words_of_search_engines(extent: str, kinds: list[str]) -> None:
    assert feeds.employment_type(extent) == kinds


# --- in a frame -------------------------------------------------------------------------------------------------------


async def test_the_frame_stands_nowhere_until_a_setting_says_where(site: Site, client: Browser, time: Time) -> None:
    await three(site, time)
    answer = await client.get("/embed?lang=nb")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers
    assert "<script" not in answer.text
    assert '<base target="_top">' in answer.text
    named = msgspec.structs.replace(site.settings, embed_on="https://fjordlys.example https://*.fjordlys.example")
    object.__setattr__(site, "settings", named)
    policy = (await client.get("/embed")).headers["content-security-policy"]
    assert "frame-ancestors https://fjordlys.example https://*.fjordlys.example;" in policy
    assert "frame-ancestors 'none'" in (await client.get("/")).headers["content-security-policy"]


@pytest.mark.parametrize("value", ["*", "fjordlys.example", "https://a.example; script-src *", "https://a.example/x"])
def test_a_setting_that_would_open_more_is_refused(settings: Settings, value: str) -> None:
    with pytest.raises(SettingsInvalid, match="RECRUIT_EMBED_ON"):
        Settings(data=settings.data, holders=settings.holders, embed_on=value)


# --- views ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agent", "found"),
    [
        (FIREFOX, ("Firefox", "Linux")),
        (SAFARI, ("Safari", "iOS")),
        (EDGE, ("Edge", "Windows")),
        ("Mozilla/5.0 (Unheard of)", ("other", "other")),
        (GOOGLEBOT, None),
        ("curl/8.5", None),
        ("", None),
        ("Mozilla/5.0 " + "\u202e😀" * 5000, ("other", "other")),
    ],
)
def test_browsers_have_families_and_programs_do_not_count(agent: str, found: tuple[str, str] | None) -> None:
    assert families(agent) == found


async def test_views_are_counted_by_page_and_day_and_lead_back_to_nobody(
    site: Site, client: Browser, send: Send, time: Time
) -> None:
    vacancy = await factories.vacancy(site, time.now)
    client.headers["user-agent"] = FIREFOX
    for path in ("/", f"/positions/{vacancy}", f"/positions/{vacancy}", f"/positions/{vacancy}/apply"):
        answer = await client.get(path)
        assert "set-cookie" not in answer.headers
    await send(vacancy, letter="Hei.")
    for headers in ({"user-agent": GOOGLEBOT}, {"sec-gpc": "1"}, {"sec-purpose": "prefetch"}):
        await client.get(f"/positions/{vacancy}", headers=headers)
    rows = await site.records.run_sql("SELECT * FROM visit")
    counts = {(row["page"], bool(row["vacancy"]), row["browser"], row["system"]): row["n"] for row in rows}
    assert counts == {
        ("list", False, "", ""): 1,
        ("vacancy", True, "", ""): 2,
        ("form", True, "", ""): 1,
        ("sent", True, "", ""): 1,
        ("any", False, "Firefox", "Linux"): 4,
    }, "no row says both which vacancy and which browser, and an application has no browser at all"
    assert {row["day"] for row in rows} == {date(2026, 3, 2)}
    assert await visits.funnel(site, vacancy) == visits.Funnel(2, 1, 1)


async def test_the_same_form_pressed_twice_counts_once(site: Site, client: Browser, send: Send, time: Time) -> None:
    from recruit.careers import service

    vacancy, token = await factories.vacancy(site, time.now), service.new_token()
    client.headers["user-agent"] = FIREFOX
    for _ in range(2):
        await send(vacancy, token=token, letter="Hei.")
    assert (await visits.funnel(site, vacancy)).sent == 1


async def test_the_recruiter_sees_views_become_applications_and_no_small_numbers(
    site: Site, client: Browser, time: Time
) -> None:
    vacancy = await factories.vacancy(site, time.now)
    for agent, n in ((FIREFOX, 6), (SAFARI, 2)):
        for _ in range(n):
            await visits.count(site, "vacancy", vacancy, agent, time.now.date())
    await visits.count(site, "sent", vacancy, FIREFOX, time.now.date())
    await factories.sign_in(client, site, await factories.staff(site, time.now, "recruiter"))
    assert "8 views → 1 applications" in (await client.get(f"/vacancies/{vacancy}")).text
    page = (await client.get(f"/vacancies/{vacancy}/advertising")).text
    assert "<dt>Views</dt><dd>8</dd>" in page
    assert "Not counted yet: that is done each night." in (await client.get("/advertising")).text
    await jobs.run_job(site, "upkeep", time.now)
    overview = (await client.get("/advertising")).text
    assert "Counted on 2 Mar 2026, back to 2 Dec 2025." in overview
    assert re.search(r"Firefox</th><td class=\"num\">6<", overview)
    assert re.search(r"Safari</th><td class=\"num\">fewer than 5<", overview)
    assert "&lt;iframe src=&#34;" in overview


async def test_only_recruiters_see_views(site: Site, client: Browser, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    await factories.sign_in(client, site, await factories.staff(site, time.now, "dpo"))
    for path in ("/advertising", f"/vacancies/{vacancy}/advertising"):
        assert (await client.get(path)).status_code == 403
    assert (await client.post(f"/vacancies/{vacancy}/advertising")).status_code == 403


async def test_what_is_advertised_elsewhere_links_what_is_said_there_about_privacy(
    site: Site, client: Browser, time: Time
) -> None:
    vacancy = await factories.vacancy(site, time.now)
    assert "linkedin" not in (await client.get(f"/positions/{vacancy}")).text
    await factories.sign_in(client, site, await factories.staff(site, time.now, "recruiter"))
    saved = await client.post(
        f"/vacancies/{vacancy}/advertising", data={"typed_cv": "1", "elsewhere": ["linkedin", "finn", "moon"]}
    )
    assert "Saved." in saved.text
    (row,) = await site.records.run_sql("SELECT typed_cv, elsewhere FROM vacancy")
    assert (bool(row["typed_cv"]), row["elsewhere"]) == (True, "finn,linkedin")
    page = (await client.get(f"/positions/{vacancy}")).text
    assert 'href="https://www.linkedin.com/legal/privacy-policy"' in page
    assert "Privacy statement of FINN" in page
    assert (await client.get(f"/vacancies/{UUID(int=9)}/advertising")).status_code == 404
