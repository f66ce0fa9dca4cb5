"""The candidate is told of a step if whoever moved the application chooses to; once, and in their own language."""

from uuid import UUID, uuid4

import pytest

from recruit.retention import service
from recruit.site import Site
from tests import factories
from tests.conftest import Time
from tests.rights.people import Browser, outbox

ASK = "Tell the candidate: Interview"


@pytest.fixture
async def moved(site: Site, time: Time, client: Browser) -> UUID:
    """An application that a recruiter, who is signed in, has just moved to interview."""
    unit = await factories.application(site, time.now, await factories.vacancy(site, time.now), language="nb")
    await factories.sign_in(client, site, await factories.staff(site, time.now, "recruiter"))
    await client.post(f"/applications/{unit}/move", data={"stage": "interview"})
    return unit


async def test_a_move_alone_tells_nobody(client: Browser, moved: UUID, site: Site) -> None:
    assert await outbox(site, "moved") == []
    assert ASK in (await client.get(f"/applications/{moved}")).text


async def test_the_button_tells_the_candidate_once(client: Browser, moved: UUID, site: Site, time: Time) -> None:
    for _ in range(2):
        page = await client.post(f"/applications/{moved}/tell")
        assert page.status_code == 200
    (mail,) = await outbox(site, "moved")
    assert "Søknaden din til «Systemutvikler» er nå på steget: Intervju." in mail.text
    assert ASK not in page.text
    assert "where the application stands" in page.text  # the history says that it was told
    time.forward(hours=1)
    await client.post(f"/applications/{moved}/move", data={"stage": "finalist"})
    assert "Tell the candidate: Finalist" in (await client.get(f"/applications/{moved}")).text


async def test_after_the_outcome_there_is_nothing_to_tell(client: Browser, moved: UUID, site: Site, time: Time) -> None:
    await service.close_applications(site, [moved], "rejected", uuid4(), time.now)
    assert (await client.post(f"/applications/{moved}/tell")).status_code == 409
    assert await outbox(site, "moved") == []


async def test_only_those_who_move_may_tell(client: Browser, moved: UUID, site: Site, time: Time) -> None:
    await factories.sign_in(client, site, await factories.staff(site, time.now, "interviewer", email="i@e.no"))
    assert (await client.post(f"/applications/{moved}/tell")).status_code in (403, 404)
    assert await outbox(site, "moved") == []
