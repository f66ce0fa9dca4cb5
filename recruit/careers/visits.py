"""How often public pages are opened: counted without cookies, addresses or anything that tells two visitors apart.

Guards that a count cannot be led back to a candidate: a page of a vacancy is counted by day alone, and the families of
browsers and systems by day alone, never both in one row, so that the one application of a day has no browser beside it.
Programs that only fetch pages are left out, and so is whoever asks not to be counted.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from recruit.clock import day
from recruit.retention.remembered import Counted, recall_counted, remember_counted
from recruit.site import Site

Page = Literal["list", "vacancy", "form", "sent", "embed", "enquiry"]

SMALLEST = 5
"""A displayed cell under this is hidden (L12)."""
_LOOK_BACK = timedelta(days=90)
_NOT_PEOPLE = (
    "bot", "crawl", "spider", "slurp", "preview", "facebookexternalhit", "curl", "wget", "python", "java/", "go-http",
    "headless", "lighthouse", "monitor", "uptime", "scan", "http-client", "okhttp", "axios", "node-fetch", "ruby",
)  # fmt: skip
_BROWSERS = (
    ("edg", "Edge"), ("opr/", "Opera"), ("samsungbrowser", "Samsung"), ("firefox", "Firefox"), ("fxios", "Firefox"),
    ("crios", "Chrome"), ("chrome", "Chrome"), ("chromium", "Chrome"), ("safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("windows", "Windows"), ("iphone", "iOS"), ("ipad", "iOS"), ("android", "Android"), ("mac os", "macOS"),
    ("cros", "ChromeOS"), ("linux", "Linux"),
)  # fmt: skip


def families(agent: str) -> tuple[str, str] | None:
    """The families of browser and system (`other` where unknown); None for a program that only fetches pages."""
    said = agent.lower()
    if "mozilla/" not in said or any(mark in said for mark in _NOT_PEOPLE):
        return None
    browser = next((name for mark, name in _BROWSERS if mark in said), "other")
    return browser, next((name for mark, name in _SYSTEMS if mark in said), "other")


async def count(site: Site, page: Page, vacancy: UUID | None, agent: str, today: date, views: int = 1) -> None:
    """Count a view, or several alike; nothing for programs. What was sent counts for its vacancy alone."""
    found = families(agent)
    if found is None:
        return
    await _add(site, views, page, vacancy, today, "", "")
    if page != "sent":
        await _add(site, views, "any", None, today, *found)


async def _add(site: Site, views: int, page: str, vacancy: UUID | None, today: date, browser: str, system: str) -> None:
    key = "|".join((page, str(vacancy or ""), today.isoformat(), browser, system))
    await site.records.run_sql(
        "INSERT INTO visit (id, page, vacancy, day, browser, system, n) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET n = visit.n + excluded.n",
        *(key, page, vacancy, today, browser, system, views),
    )


# --- what the recruiter sees ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Funnel:
    """From the posting to the application, for one vacancy."""

    views: int = 0
    forms: int = 0
    sent: int = 0


async def funnel(site: Site, vacancy: UUID) -> Funnel:
    rows = await site.records.run_sql(
        "SELECT page, sum(n) AS n FROM visit WHERE vacancy = ? GROUP BY page ORDER BY page", vacancy
    )
    found = {row["page"]: int(row["n"]) for row in rows}
    return Funnel(found.get("vacancy", 0), found.get("form", 0), found.get("sent", 0))


async def weeks(site: Site, vacancy: UUID, today: date, n: int = 8) -> list[tuple[date, int, int]]:
    """Views and applications of the last weeks, each by its Monday, the oldest first."""
    first = today - timedelta(days=today.weekday(), weeks=n - 1)
    rows = await site.records.run_sql(
        "SELECT page, day, n FROM visit WHERE vacancy = ? AND day >= ? AND page IN ('vacancy', 'sent')", vacancy, first
    )
    found = {first + timedelta(weeks=week): [0, 0] for week in range(n)}
    for row in rows:
        monday = row["day"] - timedelta(days=row["day"].weekday())
        if monday in found:
            found[monday][row["page"] == "sent"] += int(row["n"])
    return [(monday, views, sent) for monday, (views, sent) in found.items()]


@dataclass(frozen=True)
class Views:
    """Of all vacancies together since a day, the most first; a number of a family under SMALLEST is not told (None)."""

    since: date
    pages: list[tuple[str, int]]
    browsers: list[tuple[str, int | None]]
    systems: list[tuple[str, int | None]]


async def of_all(site: Site) -> Counted[Views] | None:
    """As they were counted last; None before the first night."""
    return await recall_counted(site, "views", Views)


async def count_all(site: Site, now: datetime) -> None:
    since = day(now) - _LOOK_BACK
    families = [await _by_family(site, kind, since) for kind in ("browser", "system")]
    await remember_counted(site, "views", Views(since, await _by_page(site, since), *families), now)


async def _by_family(site: Site, kind: str, since: date) -> list[tuple[str, int | None]]:
    rows = await site.records.run_sql(
        f"SELECT {kind} AS family, sum(n) AS n FROM visit WHERE page = 'any' AND day >= ? GROUP BY {kind} "
        f"ORDER BY sum(n) DESC, {kind}",
        since,
    )
    return [(row["family"], int(row["n"]) if row["n"] >= SMALLEST else None) for row in rows]


async def _by_page(site: Site, since: date) -> list[tuple[str, int]]:
    rows = await site.records.run_sql(
        "SELECT page, sum(n) AS n FROM visit WHERE page <> 'any' AND day >= ? GROUP BY page ORDER BY sum(n) DESC, page",
        since,
    )
    return [(row["page"], int(row["n"])) for row in rows]
