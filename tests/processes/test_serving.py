"""Several real `serve` processes on one PostgreSQL, and workers of which one is killed: what is done at one holds at
the other, and what a worker has erased is refused by all of them before its receipt exists.
"""

import asyncio
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest

from recruit.accounts import passwords, staff
from recruit.site import Site
from recruit.tables import Message
from recruit.vault.sealing import unseal
from tests.accounts.helping import EMAIL, PASSWORD
from tests.faults import invariants
from tests.faults.world import World
from tests.processes import test_workers
from tests.processes.test_workers import Workers, _exported, _fill_the_outbox, _mails_came_once, _state

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


class Serving:
    """One of the `serve` processes, and a browser at it."""

    def __init__(self, place: World, instant: datetime, begun: float) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        told = (str(place.folder), instant.isoformat(), str(begun), str(port))
        with (place.folder / "serving.log").open("ab") as log:
            self._process = subprocess.Popen(
                (sys.executable, "-m", "tests.processes.server", *told), stdout=log, stderr=log
            )
        origin = place.settings.public_url
        headers = {"host": origin.removeprefix("http://"), "origin": origin, "accept-language": "en"}
        self.browser = httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30)

    def is_up(self) -> bool:
        assert self._process.poll() is None, "it did not start"
        try:
            return self.browser.get("/health/live").status_code == 200
        except httpx.TransportError:
            return False

    def sign_in(self, password: str = PASSWORD) -> httpx.Response:
        return self.browser.post("/sign-in", data={"email": EMAIL, "password": password})

    def reads(self, application: str) -> bool:
        """Whether it shows an application to who is signed in; nothing but a page or a plain no is an answer."""
        status = self.browser.get(f"/applications/{application}").status_code
        assert status in (200, 404, 410), status
        return status == 200

    def stop(self) -> int:
        self.browser.close()
        self._process.terminate()
        return self._process.wait(30)


@pytest.fixture
def both(place: World) -> Iterator[tuple[Serving, Serving]]:
    asyncio.run(_prepared(place))
    instant, begun = place.now + timedelta(days=1), time.monotonic()
    first, second = Serving(place, instant, begun), Serving(place, instant, begun)
    try:
        test_workers._until(lambda: first.is_up() and second.is_up())
        yield first, second
    finally:
        assert {first.stop(), second.stop()} <= {0, -15}


async def _prepared(place: World) -> None:
    """Kari gets a password that she can sign in with."""
    site = await place.open()
    async with site.records.transaction():
        account = await staff.load(site, place.id("kari"))
        account.secrets.password = await passwords.remember(PASSWORD)
        await staff.store(site, account)
    await site.close()


async def _link_in_the_outbox(place: World) -> str:
    site = await place.open()
    rows = await site.records.run_sql("SELECT id, unit, sealed FROM mail WHERE template = 'sign_in'")
    key = await site.keyring.key(rows[-1]["unit"])
    message = unseal(key, "mail", rows[-1]["id"], bytes(rows[-1]["sealed"]), Message)
    await site.close()
    found = re.search(r"(/my/enter/\S+)", message.text)
    assert found
    return found[1]


async def _receipts_of(site: Site, unit: UUID) -> bool:
    guard = await site.keyring.guard(unit)
    return bool(guard and guard.purge and await site.documents.has(f"receipts/{guard.purge}.pdf"))


def test_what_one_process_does_holds_in_every_other(place: World, both: tuple[Serving, Serving]) -> None:
    one, other = both
    _a_session_and_a_limit_are_shared(one, other)
    _a_link_is_used_up_everywhere(place, one, other)
    asyncio.run(_fill_the_outbox(place))
    assert _signed_in_at_both(one, other)
    killed = _the_erased_are_refused_before_their_receipt(place, one, other)
    asyncio.run(_exported(place))
    assert invariants.check(place.place) == []
    _mails_came_once(place, killed)


def _a_session_and_a_limit_are_shared(one: Serving, other: Serving) -> None:
    assert one.sign_in().status_code == 303
    other.browser.cookies.update(one.browser.cookies)
    assert other.browser.get("/account").status_code == 200
    assert other.browser.post("/sign-out").status_code == 303
    assert one.browser.get("/account").status_code != 200
    tries = [each.sign_in("feil passord her").status_code for each in (one, other, one, other, one, other, one, other)]
    assert tries == [422] * 8
    assert other.sign_in().status_code == 303
    assert [each.sign_in().status_code for each in (one, other)] == [429, 429]


def _a_link_is_used_up_everywhere(place: World, one: Serving, other: Serving) -> None:
    assert one.browser.post("/my/sign-in", data={"email": "running@example.org"}).status_code == 303
    path = asyncio.run(_link_in_the_outbox(place))
    assert [each.browser.get(path).status_code for each in (one, other)] == [200, 200]
    assert one.browser.post(path).status_code == 303
    assert [each.browser.post(path).status_code for each in (one, other)] == [410, 410]


def _signed_in_at_both(one: Serving, other: Serving) -> bool:
    one.browser.cookies = httpx.Cookies(dict(other.browser.cookies))
    return all(each.browser.get("/account").status_code == 200 for each in (one, other))


def _the_erased_are_refused_before_their_receipt(place: World, one: Serving, other: Serving) -> int:
    """Ask both all the time while the workers purge, one of which is killed on the way."""
    due, neighbour = place.ids["due"], place.ids["running"]
    assert [each.reads(unit) for unit in (due, neighbour) for each in (one, other)] == [True] * 4
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(test_workers, "_WORKERS", 2)
        workers = Workers(place, seed=20261125)
    try:
        workers.pause()
        workers.kill()
        with asyncio.Runner() as runner:
            site = runner.run(place.open())
            end, receipt = time.monotonic() + test_workers._PATIENCE, False
            while not receipt:
                assert time.monotonic() < end, "no receipt came"
                receipt = runner.run(_receipts_of(site, UUID(due)))
                read = [each.reads(due) for each in (one, other)]
                assert not (receipt and any(read)), "the receipt exists, and a process still shows the erased"
            assert one.reads(neighbour) and other.reads(neighbour)
            runner.run(site.close())
        test_workers._until(lambda: asyncio.run(_state(place))[1:] == (0, 0))
    finally:
        workers.stop()
    print(f"interrupted {workers.killed} of 1")
    assert workers.killed == 1
    return workers.killed
