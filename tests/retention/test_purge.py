"""The purge as a whole: in order, never early, never twice, and nothing left behind."""

from recruit import jobs
from recruit.receipts.signing import certificates
from recruit.receipts.verifying import verify
from recruit.retention import holds, issuing, purge, service
from recruit.site import Site
from recruit.vault.ledger import Head
from tests import factories
from tests.conftest import Time


class Ledger:
    def __init__(self, entries):
        self.all = entries

    def head(self):
        return Head(self.all[-1].number, self.all[-1].hash)

    def entries(self, first, last):
        return [e for e in self.all if first <= e.number <= last]


async def nightly(site: Site, time: Time, days: int) -> list[purge.Counts]:
    """Live through some days as the worker would: mail leaves, then the purge runs."""
    runs = []
    for _ in range(days):
        time.forward(days=1)
        await jobs.send_mail(site, time.now)
        runs.append(await purge.run(site, time.now))
        await jobs.send_mail(site, time.now)
    return runs


async def test_an_application_without_consent_ends_as_a_verified_receipt(site: Site, time: Time) -> None:
    kari = await factories.staff(site, time.now, "recruiter")
    vacancy = await factories.vacancy(site, time.now)
    application = await factories.application(site, time.now, vacancy)
    neighbour = await factories.application(site, time.now, vacancy, email="other@example.org", name="Other Person")
    await purge.run(site, time.now)
    await service.close_applications(site, [application], "rejected", kari, time.now)
    runs = await nightly(site, time, 14)
    assert sum(run.erased for run in runs) == 0
    assert sum(run.noticed for run in runs) == 1
    (last,) = await nightly(site, time, 1)
    assert (last.erased, last.receipts, last.failed) == (1, 1, 0)
    assert (await site.keyring.keys([application, neighbour])).keys() == {neighbour}
    (row,) = await site.keyring.engine.run_sql("SELECT * FROM purge")
    pdf = await site.documents.get(issuing.path_of(row["id"]))
    verdict = verify(pdf, Ledger(await site.keyring.entries()), certificates(issuing.signing_folder(site)))
    assert verdict.valid, [c for c in verdict.checks if not c.ok]
    (again,) = await nightly(site, time, 1)
    assert (again.erased, again.receipts) == (0, 0)


async def test_a_hold_stops_the_purge_and_its_release_lets_it_go_on(site: Site, time: Time) -> None:
    kari = await factories.staff(site, time.now, "recruiter")
    application = await factories.application(site, time.now, await factories.vacancy(site, time.now))
    await purge.run(site, time.now)
    await service.close_applications(site, [application], "rejected", kari, time.now)
    await nightly(site, time, 12)
    hold = await holds.place(
        site, application, kari, "dispute", "17(3)(e)", time.now.date().replace(year=2027), time.now
    )
    runs = await nightly(site, time, 20)
    assert sum(run.erased for run in runs) == 0
    await holds.release(site, hold, kari, time.now)
    runs = await nightly(site, time, 5)
    assert sum(run.erased for run in runs) == 1


async def test_an_application_with_its_own_consent_ends_though_its_candidate_stays(site: Site, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    first = await factories.application(site, time.now, vacancy, consented=True)
    await factories.application(site, time.now, await factories.vacancy(site, time.now))
    kari = await factories.staff(site, time.now, "recruiter", "dpo")
    await service.grant_erasure(site, [first], kari, time.now)
    runs = await nightly(site, time, 2)
    assert sum(run.erased for run in runs) == sum(run.receipts for run in runs) == 1
    assert await site.records.run_sql("SELECT 1 FROM consent WHERE application = ?", first) == []


async def test_a_candidate_who_withdraws_needs_nobody_to_decide(site: Site, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    application = await factories.application(site, time.now, vacancy)
    await service.withdraw_application(site, application, time.now)
    rows = await site.records.run_sql("SELECT outcome, decided_by FROM application WHERE id = ?", application)
    assert rows == [{"outcome": "withdrawn", "decided_by": None}]
