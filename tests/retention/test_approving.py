"""A list is read, hashed and approved; the purge erases what stands on it, and asks about everything else."""

from uuid import UUID, uuid4

import msgspec

from recruit import alarms, jobs
from recruit.employer import set_policy
from recruit.retention import approving, consent, holds, purge, service
from recruit.retention.rules import Policy
from recruit.site import Site
from recruit.vault.keyring import Birth
from tests import factories
from tests.browsing import Client
from tests.conftest import Time

ASKS = Policy(purge_approval="approval")


async def closed(site: Site, time: Time, email: str) -> UUID:
    vacancy = await factories.vacancy(site, time.now)
    return await factories.application(site, time.now, vacancy, email=email, closed=time.now)


async def nights(site: Site, time: Time, n: int) -> purge.Counts:
    """So many nights; what they did together."""
    whole = purge.Counts()
    for _ in range(n):
        await jobs.send_mail(site, time.now)
        run = await purge.run(site, time.forward(days=1))
        whole.erased, whole.unapproved = whole.erased + run.erased, run.unapproved
    return whole


async def approve(site: Site, time: Time, by: UUID) -> None:
    seen = await purge.preview(site, time.now)
    await approving.approve(site, seen.lines, seen.digest, by, time.now)


def test_a_list_has_one_hash_whatever_its_order_and_another_for_another_reason() -> None:
    one, other = uuid4(), uuid4()
    a, b = approving.line("draft", one, "L34", None, "erase"), approving.line("draft", other, "L34", None, "erase")
    assert approving.digest([a, b]) == approving.digest([b, a])
    assert approving.digest([a]) != approving.digest([approving.line("draft", one, "L11", None, "erase")])


async def test_where_the_policy_asks_nothing_goes_without_approval_and_the_officer_is_asked_once(
    site: Site, time: Time
) -> None:
    liv = await factories.staff(site, time.now, "dpo", email="liv@fjordlys.example")
    await set_policy(site, ASKS, None, time.now)
    await purge.run(site, time.now)
    unit = await closed(site, time, "ola@example.org")
    seen = await nights(site, time, 16)
    assert (seen.erased, seen.unapproved) == (0, 1)
    assert "unapproved" in {a.key for a in await alarms.standing(site, time.now)}
    mails = await site.records.run_sql("SELECT unit FROM mail WHERE template = 'purge_approval'")
    assert [row["unit"] for row in mails] == [liv]
    await approve(site, time, liv)
    digest = (await purge.preview(site, time.now)).digest
    assert (await nights(site, time, 1)).erased == 1
    assert unit not in await site.keyring.keys([unit])
    bodies = [e.body for e in await site.keyring.entries() if e.kind == "erase"]
    assert [body["approved"] for body in bodies] == [digest]


async def test_what_comes_after_the_approval_is_asked_about_anew(site: Site, time: Time) -> None:
    liv = await factories.staff(site, time.now, "dpo")
    await set_policy(site, ASKS, None, time.now)
    await purge.run(site, time.now)
    first = await closed(site, time, "ola@example.org")
    await nights(site, time, 12)
    await approve(site, time, liv)
    late = await closed(site, time, "eva@example.org")
    await nights(site, time, 3)
    assert set(await site.keyring.keys([first, late])) == {late}
    seen = await nights(site, time, 14)
    assert (seen.erased, seen.unapproved) == (0, 1)
    assert (await purge.preview(site, time.now)).unapproved == 1


async def test_what_the_person_asked_for_and_withdrew_waits_for_no_approval(site: Site, time: Time) -> None:
    """L6, L27: granting is an approval already, and withdrawing acts at once."""
    await set_policy(site, ASKS, None, time.now)
    await purge.run(site, time.now)
    granted, withdrawn = await closed(site, time, "ola@example.org"), await closed(site, time, "eva@example.org")
    await consent.give(site, await factories.candidate_of(site, withdrawn), "my_data", "nb", time.now)
    await nights(site, time, 1)
    await consent.withdraw(site, await factories.candidate_of(site, withdrawn), "my_data", "nb", time.now)
    await service.grant_erasure(site, [granted], uuid4(), time.now)
    assert (await nights(site, time, 3)).erased == 2


async def test_an_approved_line_that_is_held_meanwhile_stays(site: Site, time: Time) -> None:
    """L14: an approval lets nothing go that the guard keeps."""
    liv = await factories.staff(site, time.now, "dpo")
    await set_policy(site, ASKS, None, time.now)
    await purge.run(site, time.now)
    unit = await closed(site, time, "ola@example.org")
    await nights(site, time, 12)
    await approve(site, time, liv)
    await holds.place(site, unit, liv, "Klage", "art. 17", time.now.date().replace(year=2027), time.now)
    assert (await nights(site, time, 6)).erased == 0


async def test_drafts_are_on_the_list_as_well(site: Site, time: Time) -> None:
    liv = await factories.staff(site, time.now, "dpo")
    await set_policy(site, ASKS, None, time.now)
    await purge.run(site, time.now)
    unit = uuid4()
    await site.keyring.birth(Birth(unit, "draft", time.now, retain_until=time.now.date()))
    assert (await nights(site, time, 2)).erased == 0
    await approve(site, time, liv)
    assert (await nights(site, time, 1)).erased == 1


async def test_on_the_page_an_old_list_is_refused_and_the_new_one_approved(
    site: Site, client: Client, time: Time
) -> None:
    liv = await factories.staff(site, time.now, "dpo", name="Liv Vern")
    await set_policy(site, ASKS, None, time.now)
    await purge.run(site, time.now)
    await closed(site, time, "ola@example.org")
    await nights(site, time, 12)
    await factories.sign_in(client, site, liv)
    assert "1 line waits for your approval" in (await client.get("/desk/purge")).text
    answer = await client.post("/desk/purge/approve", data={"digest": "0" * 64})
    assert answer.status_code == 409
    assert "The list has changed since you read it." in answer.text
    digest = (await purge.preview(site, time.now)).digest
    answer = await client.post("/desk/purge/approve", data={"digest": digest})
    assert "by Liv Vern" in answer.text
    assert "waits for your approval" not in answer.text
    rows = await site.records.run_sql("SELECT digest, n, lines FROM purge_approval")
    assert [(row["digest"], row["n"], len(msgspec.json.decode(row["lines"]))) for row in rows] == [(digest, 1, 1)]
