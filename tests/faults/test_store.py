"""The object store answers 500 or 409, or too late though it has done what it was asked, at any request of a purge, an
archive or an application: nothing is lost, nothing of the erased is left, no receipt is early, and I1 to I8 hold.
"""

import contextlib
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from recruit import backup
from recruit.careers.uploads import StoreAway
from recruit.vault import bucket, documents
from recruit.vault.documents import StoreDown
from tests.faults import world
from tests.faults.conftest import Fresh
from tests.faults.invariants import check, differences, fingerprint
from tests.faults.test_interrupted import gone
from tests.faults.world import ACTS, World, a_day
from tests.objects import Server

KINDS = ("500", "409", "late")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    started = Server()
    yield started
    started.stop()


@pytest.fixture(autouse=True)
def well_again(server: Server) -> Iterator[None]:
    yield
    server.fault = lambda method, path: ""


class Requests:
    """Counts the requests of an act; from the chosen one on, as many are answered wrongly as the program tries."""

    def __init__(self, server: Server) -> None:
        self.count, self.struck = 0, 0
        self._chosen: range | None = None
        self._kind = ""
        self._server = server

    def arm(self, chosen: int | None, kind: str, tries: int) -> None:
        self.count = self.struck = 0
        self._chosen, self._kind = None if chosen is None else range(chosen, chosen + tries), kind
        self._server.fault = self._fault

    def disarm(self) -> int:
        self._server.fault = lambda method, path: ""
        return self.count

    def _fault(self, method: str, path: str) -> str:
        self.count += 1
        if self._chosen is None or self.count - 1 not in self._chosen:
            return ""
        self.struck += 1
        return self._kind


def in_a_bucket(place: World, server: Server) -> World:
    """The world's documents are moved into a versioned bucket."""
    url = server.bucket()
    client, name, folder = server.client(), urlsplit(url).path.strip("/"), place.settings.data / "documents"
    for path in (each for each in folder.rglob("*") if each.is_file()):
        client.put_object(Bucket=name, Key=str(path.relative_to(folder)), Body=path.read_bytes())
    shutil.rmtree(folder)
    place.settings = msgspec.structs.replace(place.settings, documents_url=url)
    return place


def out_of_the_bucket(place: World, server: Server) -> list[str]:
    """As a folder again, for the independent reader, every version of it; what of the dead is left in any version."""
    client, name = server.client(), urlsplit(place.settings.documents_url).path.strip("/")
    listed = client.list_object_versions(Bucket=name)
    for each in listed.get("Versions", []):
        target = place.settings.data / "documents" / each["Key"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(client.get_object(Bucket=name, Key=each["Key"], VersionId=each["VersionId"])["Body"].read())
    kept = [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]
    return [f"I1: {each['Key']} is left" for each in kept if Path(each["Key"]).parent.name in place.due]


async def one(place: World, server: Server, name: str, chosen: int | None, kind: str, tries: int) -> int:
    before = fingerprint(place.place, place.living)
    in_a_bucket(place, server)
    site, requests = await place.open(), Requests(server)
    requests.arm(chosen, kind, tries)
    with contextlib.suppress(StoreDown, StoreAway, backup.BackupFailed):  # it says so
        await ACTS[name](site, place, place.now + timedelta(days=1))
    taken = requests.disarm()
    assert (requests.struck > 0) == (chosen is not None), "the act ended before the request that was to fail"
    for night in (1, 2):
        await a_day(site, place.now + timedelta(days=night, hours=1))
    await site.close()
    left = out_of_the_bucket(place, server)
    wrong = left + check(place.place, [place.ids["held"]]) + gone(place)
    wrong += differences(before, fingerprint(place.place, place.living))
    assert not wrong, f"{name}, {kind} at request {chosen}, {tries} times: {wrong}"
    return taken


async def every(fresh: Fresh, server: Server, name: str, stride: int, kinds: tuple[str, ...]) -> None:
    """Once, which the program tries again by itself; and as often as it tries, which it must say and mend later."""
    total = await one(fresh(), server, name, None, "", 0)
    ways = [(kind, tries) for kind in kinds for tries in ((1, 60) if kind != "late" else (1,))]
    chosen = [(number, *way) for at, way in enumerate(ways) for number in range(at % stride, total, stride)]
    done = 0
    for number, kind, tries in chosen:
        done += await one(fresh(), server, name, number, kind, tries) > number
    print(f"{name}: interrupted {done} of {len(chosen)} (of {total} requests)")
    assert done == len(chosen) > 0


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    world.quick(monkeypatch)
    for module in (documents, bucket):
        monkeypatch.setattr(module, "PATIENCE", 1)
        monkeypatch.setattr(module, "TRIES", 3)


@pytest.mark.parametrize("template", ["plain"], indirect=True)
async def test_a_purge_goes_on_past_a_store_that_misbehaves(fresh: Fresh, server: Server) -> None:
    await every(fresh, server, "purge", 29, ("500",))


@pytest.mark.faults
@pytest.mark.parametrize("name", ["purge", "apply", "back_up"])
@pytest.mark.parametrize("template", ["plain"], indirect=True)
async def test_whatever_meets_a_store_that_misbehaves_at_any_request_goes_on(
    fresh: Fresh, server: Server, name: str
) -> None:
    await every(fresh, server, name, 1, KINDS)
