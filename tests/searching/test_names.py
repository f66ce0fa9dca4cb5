"""Claims about the names of all candidates: who is found, by which words, and that the erased are forgotten."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from recruit import attendance
from recruit.mydata import service as mydata
from recruit.retention import purge, service
from recruit.searching import names, remembering
from recruit.searching.names import names_of
from recruit.site import Site
from recruit.tables import Candidate, Person
from recruit.vault.keyring import Birth
from recruit.vault.sealing import seal
from tests import factories
from tests.conftest import Time


async def profile(site: Site, now: datetime, name: str) -> UUID:
    """Somebody without an application."""
    (key,) = await site.keyring.birth(Birth(uuid4(), "profile", now))
    sealed = seal(key, "candidate", key.unit, Person(name=name, email=""))
    await Candidate.insert(Candidate(id=key.unit, language="nb", created_at=now, sealed=sealed)).run()
    return key.unit


async def found(site: Site, time: Time, query: str) -> set[UUID]:
    await names_of(site).update(site, time.now)
    return set(await names_of(site).matching(query, 100))


async def test_everybody_is_found_by_words_of_the_name_or_their_beginnings(
    site: Site, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (names, remembering):
        monkeypatch.setattr(module, "AT_ONCE", 2)
    ase, ola = await profile(site, time.now, "Åse-Marie Nørd"), await profile(site, time.now, "Ola D'Arc Nord")
    nobody = [await profile(site, time.now, f"Navn {n}") for n in range(3)]
    for query in ("åse", "ASE", "marie nør", "Nørd, Åse"):
        assert await found(site, time, query) == {ase}, query
    for query in ("arc", "d arc", "nor ola"):
        assert await found(site, time, query) == {ola}, query
    for query in ("", "na", "avn", "åse ola", '"', "* NEAR(", "900 00 000"):
        assert await found(site, time, query) == set(), query
    assert await found(site, time, "nav") == {*nobody}
    assert len(await names_of(site).matching("nav", 2)) == 2


async def test_who_is_new_or_called_otherwise_is_found_by_the_name_of_today(site: Site, time: Time) -> None:
    ola = await profile(site, time.now, "Ola Sør")
    assert await found(site, time, "sør") == {ola}
    eva = await profile(site, time.forward(days=1), "Eva Sør")
    assert await found(site, time, "sør") == {ola, eva}
    await mydata.change_contact(site, ola, "Ola Vest", "", time.forward(days=1))
    assert await found(site, time, "vest") == {ola}
    assert await found(site, time, "sør") == {eva}
    slow = await profile(site, time.now - timedelta(hours=2), "Sen Sør")
    assert await found(site, time, "sør") == {eva, slow}, "dated by the beginning of an upload"


@pytest.mark.parametrize("applied", [True, False])
async def test_an_erased_profile_is_forgotten_at_the_next_beat_whether_anybody_searches_or_not(
    site: Site, time: Time, applied: bool
) -> None:
    vacancy = await factories.vacancy(site, time.now)
    stays = await factories.application(site, time.now, vacancy, "stays@example.org", "Blir Sør")
    if applied:
        unit = await factories.application(site, time.now, vacancy, name="Borte Sør")
        gone = await factories.candidate_of(site, unit)
        await purge.run(site, time.now)
        await service.grant_erasure(site, [unit], uuid4(), time.now)
    else:
        gone = await profile(site, time.now, "Borte Sør")
    assert await found(site, time, "sør") == {gone, await factories.candidate_of(site, stays)}
    for _ in range(5):
        await purge.run(site, time.forward(days=1))
    assert gone not in await site.keyring.keys([gone])
    await attendance.beat(site, time.now)
    assert names_of(site).dump() == ["blir sør"], "not even in memory"
    assert await found(site, time, "sør") == {await factories.candidate_of(site, stays)}
