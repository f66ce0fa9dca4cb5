"""What a page costs does not grow with what is stored: each is opened where three times as much is kept.

Cost is counted, not timed: the steps of SQLite's machine for all statements of a page, the rows it fetches among them.
Every list is longer than its page on both sides, and the words to search are in memory.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from httpx import Response
from litestar.routes import HTTPRoute
from litestar.testing import AsyncTestClient

from recruit import clock, jobs, paging
from recruit.app import create_app
from recruit.database.embedded import Embedded
from recruit.demo import life, people, starting
from recruit.site import Site
from tests.demo.story import PORT, copy_of_it
from tests.journeys import gallery
from tests.journeys.gallery import ADMIN, CONSENTED, DPO, GUEST, INTERVIEWER, RECRUITER, RUNNING, Place
from tests.scale import years

pytestmark = [pytest.mark.slow]

LITTLE, MUCH = 12, 36
"""How many times what has ended is stored again."""
SHARE, STEPS = 1.25, 300
"""So much more may a page cost where three times as much is stored: an index is a little deeper."""
_OPEN = gallery._OPEN_VACANCY
_CLOSED = (
    "SELECT a.vacancy FROM application a JOIN vacancy v ON v.id = a.vacancy WHERE v.state = 'closed' "
    "GROUP BY a.vacancy ORDER BY count(*) DESC LIMIT 1"
)
_RUNS = (
    "SELECT a.id FROM application a WHERE a.outcome IS NULL AND EXISTS (SELECT 1 FROM document d WHERE d.unit = a.id "
    "AND d.media_type = 'application/pdf') AND EXISTS (SELECT 1 FROM interview_note n WHERE n.application = a.id) "
    "ORDER BY a.id LIMIT 1"
)
_NOT_ENDED = "SELECT id FROM application WHERE outcome IS NULL ORDER BY id"
_PAPER = f"SELECT id FROM document WHERE unit IN ({_RUNS})"
_PAGE = f"SELECT '/documents/' || id || '/page/1.png' AS page FROM document WHERE unit IN ({_RUNS})"
_OWN_VACANCY = (
    "SELECT a.vacancy FROM application a JOIN vacancy v ON v.id = a.vacancy JOIN assignment g ON g.application = a.id "
    "WHERE v.state = 'published' AND g.staff = (SELECT person FROM session WHERE kind = 'staff' ORDER BY created_at "
    "DESC LIMIT 1) GROUP BY a.vacancy ORDER BY count(*) DESC, a.vacancy LIMIT 1"
)
_OWN_NOTE = (
    "SELECT n.id FROM interview_note n JOIN application a ON a.id = n.application WHERE a.outcome IS NULL "
    "AND n.author = (SELECT person FROM session WHERE kind = 'staff' ORDER BY created_at DESC LIMIT 1) ORDER BY n.id"
)
SECOND = "?page=2"
_LOOKS_OF_ONE = (
    "SELECT '/desk/access?first=2020-01-01&staff=' || staff AS page FROM look GROUP BY staff ORDER BY count(*) DESC"
)
TOKEN = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Search(Place):
    """Something typed into a form; what is searched is read into memory by the first of all searches."""

    field: str = "words"
    typed: str = ""


def _each(who: str, *routes: str, found: str = "") -> tuple[Place, ...]:
    return tuple(Place(route, "", who, found) for route in routes)


PLACES: tuple[Place, ...] = (
    *gallery.PLACES,
    *_each(
        GUEST, "/", "/privacy", "/cookies", "/verify", "/verify/certificate.pem", "/sign-in", "/my/sign-in", "/demo"
    ),
    *_each(GUEST, "/positions/{vacancy}", "/positions/{vacancy}/apply", found=_OPEN),
    *_each(DPO, "/desk", "/desk/purge", "/desk/receipts", "/desk/requests", "/desk/holds"),
    *_each(DPO, "/desk/holds/{number}", found="SELECT id FROM legal_hold ORDER BY id"),
    *_each(DPO, "/desk/requests/{number}", found=gallery._request("access")),
    *(Place(path, "", DPO, "", SECOND) for path in ("/desk/access", "/desk/receipts", "/ledger", "/desk/audit")),
    *(Place(path, "", DPO, "", SECOND) for path in ("/desk/requests", "/desk/holds", "/desk/recipients")),
    *(Place(path, "", RECRUITER, "", SECOND) for path in ("/vacancies", "/section31")),
    Place("/desk/access", "", DPO, _LOOKS_OF_ONE),
    *_each(RECRUITER, "/vacancies", "/vacancies/new"),
    *_each(RECRUITER, *(f"/vacancies/{{vacancy}}{page}" for page in ("", "/close", "/edit", "/team")), found=_OPEN),
    *_each(RECRUITER, "/vacancies/{vacancy}", "/vacancies/{vacancy}/reopen", found=_CLOSED),
    *_each(RECRUITER, "/applications/{application}", found=_RUNS),
    *_each(RECRUITER, "/applications/{application}/outcome", found=_NOT_ENDED),
    *_each(RECRUITER, "/documents/{document}/original", found=_PAPER),
    *_each(RECRUITER, "/documents/{document}/page/{name}", found=_PAGE),
    *_each(INTERVIEWER, "/vacancies"),
    *_each(INTERVIEWER, "/vacancies/{vacancy}", found=_OWN_VACANCY),
    *_each(INTERVIEWER, "/notes/{note}", found=_OWN_NOTE),
    *_each(RECRUITER, "/account", "/account/name", "/account/email", "/account/password", "/account/second-factor"),
    *(Search("/search", "", RECRUITER, typed=words) for words in (RUNNING, "erfaring")),
    Search("/pool", "", RECRUITER, typed="erfaring"),
    Search("/desk/requests/new", "", DPO, field="who", typed=RUNNING),
    *_each(CONSENTED, "/my", "/my/contact"),
    *_each(RUNNING, "/my/applications/{application}/withdraw", found=gallery._OWN),
    *_each(RUNNING, "/my/documents/{document}", found=f"SELECT id FROM document WHERE unit = ({gallery._OWN} LIMIT 1)"),
    *_each(DPO, "/settings/policy"),
    *_each(ADMIN, "/settings", "/staff", "/staff/new"),
    *_each(ADMIN, "/staff/{who}", found="SELECT id FROM staff ORDER BY id"),
)
BY_A_TOKEN = {
    "/account/email/{token}", "/account/second-factor/qr.svg", "/account/second-factor/set-up", "/consent/{token}",
    "/my/enter/{token}", "/my/from/{token}", "/password/reset/{token}", "/positions/begun/{token}",
    "/positions/{vacancy}/applied", "/positions/{vacancy}/review", "/positions/{vacancy}/saved", "/r/{token}",
    "/r/{token}/receipt.pdf", "/my/receipts/{purge}",
}  # fmt: skip
"""Found by what somebody holds in their hand, or shown once after an act: one row by its key."""
ALWAYS_THE_SAME = {
    "/demo/clock", "/demo/mailbox", "/demo/mailbox/{number}", "/first-run", "/health/ready", "/my/code",
    "/password/forgot", "/password/sent", "/sign-in/code", "/desk/receipts/{number}",
}  # fmt: skip
"""Forms without anything stored on them, the demonstration's own folder, and one file by its number."""


@dataclass
class Meter:
    """Counts the steps of the database's machine; `statements` says which statement of a page took how many."""

    steps: int = 0
    statements: dict[str, int] = field(default_factory=dict)

    def tick(self) -> None:
        self.steps += EACH

    def read(self) -> tuple[int, dict[str, int]]:
        """What was counted since the last reading."""
        seen = self.steps, self.statements
        self.steps, self.statements = 0, {}
        return seen


EACH = 20


@pytest.fixture
def meter(monkeypatch: pytest.MonkeyPatch) -> Meter:
    """One for all connections of the embedded engine."""
    meter, borrow, fetch = Meter(), Embedded.borrow, Embedded._fetch

    async def borrowed(engine: Embedded) -> Any:
        connection = await borrow(engine)
        await connection.set_progress_handler(meter.tick, EACH)
        return connection

    async def fetched(engine: Embedded, connection: Any, query: str, args: Any) -> Any:
        before = meter.steps
        rows = await fetch(engine, connection, query, args)
        meter.statements[query] = meter.statements.get(query, 0) + meter.steps - before
        return rows

    monkeypatch.setattr(Embedded, "borrow", borrowed)
    monkeypatch.setattr(Embedded, "_fetch", fetched)
    return meter


Cost = tuple[int, dict[str, int]]


async def test_a_page_costs_the_same_however_much_is_stored(
    tmp_path_factory: pytest.TempPathFactory, meter: Meter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE", 10)
    little, much = [await _costs(copy_of_it(tmp_path_factory), times, meter) for times in (LITTLE, MUCH)]
    grown = [place for place in PLACES if much[place][0] > little[place][0] * SHARE + STEPS]
    assert not grown, "\n".join(_told(place, little[place], much[place]) for place in grown)


def _told(place: Place, little: Cost, much: Cost) -> str:
    """Which of its statements cost more."""
    more = {sql: n - little[1].get(sql, 0) for sql, n in much[1].items()}
    most = sorted((n, sql) for sql, n in more.items() if n > STEPS / 3)[:-4:-1]
    lines = [f"{place.route}{place.query}: {little[0]} and {much[0]} steps", *(f"  {n} more: {sql}" for n, sql in most)]
    return "\n".join(lines)


async def _costs(folder: Path, times: int, meter: Meter) -> dict[Place, Cost]:
    settings = msgspec.structs.replace(starting.settings_in(folder, PORT), metrics_token=TOKEN)
    site = await Site.open(settings)
    await site.records.run_sql("PRAGMA synchronous = OFF")
    await years.add(site, times, clock.today())
    await jobs.run_job(site, "upkeep", clock.now())
    await site.close()
    app = create_app(settings)
    found: dict[Place, Cost] = {}
    async with AsyncTestClient(app, base_url=settings.public_url) as client:
        client.headers["authorization"] = f"Bearer {TOKEN}"
        site, here = app.state.site, GUEST
        keys = {who.name: who.key for who in people.STAFF} | {one.who.name: one.part for one in await life.cast(site)}
        for place in sorted(PLACES, key=lambda place: place.who):
            if place.who != here:
                form, here = {"who": keys[place.who]}, place.who
                await client.post("/demo/sign-in", data=form, headers={"origin": settings.public_url})
            address = await place.address(site)
            if isinstance(place, Search):
                await _open(client, place, address)
            meter.read()
            answer = await _open(client, place, address)
            assert answer.status_code == 200, f"{place.route} answers {answer.status_code}"
            assert place.query != SECOND or 'rel="prev"' in answer.text, f"{address} is no second page"
            found[place] = meter.read()
        covered = {place.route for place in PLACES} | BY_A_TOKEN | ALWAYS_THE_SAME
        pages = {r.path_format for r in app.routes if isinstance(r, HTTPRoute) and "GET" in r.methods}
        assert {page for page in pages if not page.startswith("/static")} <= covered, "pages that nobody has measured"
    return found


async def _open(client: AsyncTestClient[Any], place: Place, address: str) -> Response:
    if not isinstance(place, Search):
        return await client.get(address)
    answer = await client.post(address, data={place.field: place.typed}, headers={"origin": str(client.base_url)})
    assert place.typed != RUNNING or answer.text.count(f">{RUNNING}</") == 1, "found once, however much is stored"
    return answer
