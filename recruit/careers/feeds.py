"""Vacancies for machines: JobPosting for search engines, Atom for readers, XML for job boards, the sitemap. Pure.

Guards that what is said to machines is what the page says to people, that nothing of a posting can break out of its
place (no closing tag inside the data block, no character that XML forbids), and that no candidate stands in any of it.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import msgspec

from recruit.careers.positions import Position
from recruit.clock import day
from recruit.employer import EmployerFacts
from recruit.i18n import Language
from recruit.retention.rules import end_of_local_day
from recruit.settings import Settings

ATOM = "http://www.w3.org/2005/Atom"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PRIVATE = ("/my", "/consent", "/sign-in", "/r/", "/demo")


def address(settings: Settings, position: Position) -> str:
    return settings.link(f"/positions/{position.id}")


def job_posting(position: Position, who: EmployerFacts, settings: Settings) -> str:
    """JSON-LD of one vacancy, safe inside a `script` element. https://schema.org/JobPosting and Google's demands."""
    facts: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "JobPosting",
        "title": position.title,
        "description": _as_html(position.posting),
        "identifier": {"@type": "PropertyValue", "name": who.name, "value": str(position.id)},
        "datePosted": day(position.published_at).isoformat(),
        "hiringOrganization": {"@type": "Organization", "name": who.name, "sameAs": settings.link("/")},
        "jobLocation": {
            "@type": "Place",
            "address": {"@type": "PostalAddress", "addressLocality": position.place, "addressCountry": "NO"},
        },
        "url": address(settings, position),
        "directApply": True,
    }
    if position.extent:
        facts["employmentType"] = employment_type(position.extent)
        facts["workHours"] = position.extent
    if position.deadline:
        facts["validThrough"] = end_of_local_day(position.deadline).isoformat()
    text = msgspec.json.encode(facts).decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def employment_type(extent: str) -> list[str]:
    """Google's words for what stands in the extent: `80 %, vikariat` is part time and temporary."""
    said = extent.casefold()
    part = re.search(r"(\d{1,3})\s*%", said)
    found = ["PART_TIME" if (part and int(part[1]) < 100) or "deltid" in said or "part" in said else "FULL_TIME"]
    temporary = ("vikar", "midlertidig", "engasjement", "temporary", "åremål", "prosjekt")
    found += ["TEMPORARY"] if any(word in said for word in temporary) else []
    found += ["INTERN"] if any(word in said for word in ("praksis", "lærling", "intern")) else []
    return found


def _as_html(text: str) -> str:
    """Google wants paragraphs as markup."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"<p>{part.strip()}</p>".replace("\n", "<br>") for part in escaped.split("\n\n") if part.strip())


# --- XML --------------------------------------------------------------------------------------------------------------


def _put(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    child = SubElement(parent, name, attributes)
    child.text = _FORBIDDEN.sub("", text)
    return child


def _whole(root: Element) -> bytes:
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def atom(
    positions: Sequence[Position], who: EmployerFacts, settings: Settings, lang: Language, title: str, now: datetime
) -> bytes:
    """RFC 4287: an entry for each vacancy that takes applications, the newest first."""
    newest = sorted(positions, key=lambda p: p.published_at, reverse=True)
    feed = Element("feed", {"xmlns": ATOM, "xml:lang": lang})
    own = settings.link(f"/feed.atom?lang={lang}")
    _put(feed, "title", f"{title} – {who.name}")
    _put(feed, "id", own)
    _put(feed, "updated", _instant(newest[0].published_at if newest else now))
    _put(feed, "link", rel="self", href=own, type="application/atom+xml")
    _put(feed, "link", rel="alternate", href=settings.link("/"), type="text/html")
    _put(_put(feed, "author"), "name", who.name)
    for position in newest:
        entry = _put(feed, "entry")
        _put(entry, "title", position.title)
        _put(entry, "id", f"urn:uuid:{position.id}")
        _put(entry, "published", _instant(position.published_at))
        _put(entry, "updated", _instant(position.published_at))
        _put(entry, "link", rel="alternate", href=address(settings, position), type="text/html")
        _put(entry, "summary", position.lead)
        _put(entry, "content", _as_html(position.posting), type="html")
    return _whole(feed)


def job_board(positions: Iterable[Position], who: EmployerFacts, settings: Settings, now: datetime) -> bytes:
    """The form that job boards have agreed on in practice: `source` with a `job` for each vacancy."""
    source = Element("source")
    _put(source, "publisher", who.name)
    _put(source, "publisherurl", settings.link("/"))
    _put(source, "lastBuildDate", format_datetime(now.astimezone(UTC), usegmt=True))
    for position in positions:
        job = _put(source, "job")
        _put(job, "title", position.title)
        _put(job, "date", format_datetime(position.published_at.astimezone(UTC), usegmt=True))
        _put(job, "referencenumber", str(position.id))
        _put(job, "url", address(settings, position))
        _put(job, "company", who.name)
        _put(job, "city", position.place)
        _put(job, "country", "NO")
        _put(job, "jobtype", position.extent)
        _put(job, "expirationdate", position.deadline.isoformat() if position.deadline else "")
        _put(job, "description", _as_html(position.posting))
    return _whole(source)


def sitemap(positions: Iterable[Position], settings: Settings) -> bytes:
    """https://www.sitemaps.org: the public pages, vacancies with the day they were published."""
    urls = Element("urlset", {"xmlns": SITEMAP})
    for path in ("/", "/enquiry", "/privacy", "/cookies"):
        _put(_put(urls, "url"), "loc", settings.link(path))
    for position in positions:
        url = _put(urls, "url")
        _put(url, "loc", address(settings, position))
        _put(url, "lastmod", day(position.published_at).isoformat())
    return _whole(urls)


def robots(settings: Settings) -> str:
    """What programs that follow links may leave alone, and where the sitemap is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _PRIVATE), f"Sitemap: {settings.link('/sitemap.xml')}"]
    return "\n".join(lines) + "\n"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
