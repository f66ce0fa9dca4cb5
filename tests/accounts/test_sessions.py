"""Claims about sessions: who is behind a cookie, and until when."""

from recruit.accounts import sessions
from recruit.site import Site
from tests import factories
from tests.conftest import Time


async def test_a_session_speaks_for_its_person(site: Site, time: Time) -> None:
    kari = await factories.staff(site, time.now, "recruiter")
    token = await sessions.begin(site, "staff", kari, time.now)
    me = await sessions.who(site, token, time.now)
    assert me is not None and me.id == kari and me.roles == {"recruiter"}


async def test_a_session_ends_after_twelve_hours(site: Site, time: Time) -> None:
    token = await sessions.begin(site, "staff", await factories.staff(site, time.now, "recruiter"), time.now)
    assert await sessions.who(site, token, time.forward(hours=12)) is None
