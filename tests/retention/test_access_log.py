"""The access log: searched, exported without formulas, with what stands out on top, and gone in its own time (L34)."""

import re
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest

from recruit import audit, jobs, spreadsheets
from recruit.i18n import known
from recruit.retention import access_log, looking, purge, service, unusual
from recruit.retention.unusual import LookFact
from recruit.rights import asking
from recruit.site import Site
from recruit.vault.ledger import first_fault
from tests import factories
from tests.browsing import Client
from tests.conftest import Time

KARI, TODAY = uuid4(), date(2026, 6, 1)


def looks(on: date, n: int, hour: int = 9, **more: object) -> list[LookFact]:
    at = datetime(on.year, on.month, on.day, hour, tzinfo=UTC)
    facts = {"role": "recruiter", "purpose": "review"} | more
    return [LookFact(at=at, unit=uuid4(), **facts) for _ in range(n)]  # type: ignore[arg-type]


def reasons(*days: list[LookFact]) -> list[tuple[str, int, int]]:
    """Of the last of these days, in order."""
    judge = unusual.Judge(KARI)
    odd = [judge.day(TODAY, looks) for looks in days][-1]
    return list(odd.reasons) if odd else []


# --- what stands out --------------------------------------------------------------------------------------------------


def test_many_people_stand_out_only_against_ones_own_usual() -> None:
    quiet, busy = [looks(TODAY, 4)] * 9, [looks(TODAY, 20)] * 9
    assert reasons(*quiet, looks(TODAY, 30)) == []
    assert reasons(*quiet, looks(TODAY, 31)) == [("many", 31, 4)]
    assert reasons(*quiet, [], looks(TODAY, 31)) == [("many", 31, 4)], "a day without looks says nothing"
    assert reasons(*busy, looks(TODAY, 79)) == []
    assert reasons(*busy, looks(TODAY, 300, purpose="list")) == []


@pytest.mark.parametrize(("hour", "seen"), [(20, False), (21, True), (2, True), (3, False)])
def test_looks_in_the_night_of_oslo_stand_out(hour: int, seen: bool) -> None:
    """In June Oslo is two hours ahead of UTC."""
    assert reasons(looks(TODAY, 1, hour)) == ([("night", 1, 0)] if seen else [])


def test_long_closed_applications_stand_out_but_not_for_who_handles_cases() -> None:
    long_ago, lately = TODAY - timedelta(days=31), TODAY - timedelta(days=30)
    assert reasons(looks(TODAY, 2, closed_on=long_ago)) == [("closed", 2, 0)]
    assert reasons(looks(TODAY, 2, closed_on=lately)) == []
    assert reasons(looks(TODAY, 2, closed_on=long_ago, role="dpo", purpose="case")) == []


def test_looks_outside_ones_own_teams_stand_out_for_those_who_have_teams() -> None:
    assert reasons(looks(TODAY, 1, role="interviewer", in_team=False)) == [("team", 1, 0)]
    assert reasons(looks(TODAY, 1, role="interviewer", in_team=True)) == []
    assert reasons(looks(TODAY, 1, role="recruiter", in_team=False)) == []


def test_every_reason_has_words_in_both_languages() -> None:
    assert all(known(one) for one, _ in unusual.REASONS.values())
    assert all(map(known, looking.PURPOSES.values()))


# --- cells ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_file_runs_as_a_formula(start: str) -> None:
    assert spreadsheets.cell(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


def test_a_table_is_utf8_that_spreadsheets_know_and_keeps_each_value_in_its_cell() -> None:
    assert spreadsheets.table([("a;b", None, 7), ('Åse "x"', date(2026, 1, 2), "")]) == (
        b'\xef\xbb\xbf"a;b";;7\r\n' + '"Åse ""x""";2026-01-02;\r\n'.encode()
    )


# --- the page ---------------------------------------------------------------------------------------------------------


async def looked(site: Site, time: Time) -> tuple[UUID, UUID, UUID]:
    """Two colleagues have looked at one application each; the officer is one of them."""
    liv = await factories.staff(site, time.now, "dpo", email="liv@fjordlys.example", name="Liv Vern")
    kari = await factories.staff(site, time.now, "recruiter", name="=Kari Nord")
    unit = await factories.application(site, time.now, await factories.vacancy(site, time.now))
    await audit.look(kari, "recruiter", [unit], "review", time.now)
    await audit.look(liv, "dpo", [uuid4()], "hold", time.forward(days=2))
    return liv, kari, unit


async def test_the_log_is_searched_by_colleague_role_purpose_day_and_case(
    site: Site, client: Client, time: Time
) -> None:
    liv, kari, unit = await looked(site, time)
    request = await asking.ask_erasure(site, await factories.candidate_of(site, unit), None, "", time.now)
    await factories.sign_in(client, site, liv)
    for query in (f"staff={kari}", "role=recruiter", "purpose=review", "last=2026-03-02", f"case={request}"):
        page = (await client.get(f"/desk/access?{query}")).text
        assert "1 look<" in page, query
        assert str(unit) in page, query
    assert "1 look<" in (await client.get("/desk/access?first=2026-03-03")).text
    assert "Nothing is found" in (await client.get(f"/desk/access?staff={kari}&role=dpo")).text
    answer = await client.get("/desk/access?case=nonsense&first=2026")
    assert answer.status_code == 422
    assert "Paste the whole random id" in answer.text
    assert "Ola" not in (await client.get("/desk/access")).text


async def test_the_file_holds_what_was_found_and_the_audit_that_it_left(site: Site, client: Client, time: Time) -> None:
    liv, kari, unit = await looked(site, time)
    await factories.sign_in(client, site, liv)
    answer = await client.post("/desk/access/export", data={"role": "recruiter"})
    assert answer.headers["content-type"].startswith("text/csv")
    lines = answer.text.lstrip("\ufeff").splitlines()
    assert len(lines) == 2
    assert lines[1].split(";")[1:] == [
        str(kari),
        "'=Kari Nord",
        "Recruiter",
        "Assessment of the application",
        str(unit),
    ]
    assert "access_log.exported" in [entry.kind for entry in await audit.entries()]


async def test_what_stands_out_is_on_top_with_its_reasons_after_the_night(
    site: Site, client: Client, time: Time
) -> None:
    liv, kari, unit = await looked(site, time)
    await factories.sign_in(client, site, liv)
    assert "Not judged yet: that is done each night." in (await client.get("/desk/access")).text
    await jobs.run_job(site, "upkeep", time.now)
    page = (await client.get("/desk/access")).text
    assert "Judged on 4 Mar 2026" in page
    assert "Nothing stood out." in page
    await audit.look(kari, "recruiter", [unit], "document", time.now.replace(hour=2))
    assert "Nothing stood out." in (await client.get("/desk/access")).text
    await jobs.run_job(site, "upkeep", time.forward(days=1))
    await factories.sign_in(client, site, liv)
    page = (await client.get("/desk/access")).text
    assert "Judged on 5 Mar 2026" in page
    assert "1 look in the night, between 23 and 5" in page
    assert "Kari Nord" in page
    assert "stands out" not in (await client.get(f"/desk/access?staff={kari}")).text


async def test_what_is_remembered_of_the_night_names_nobody(site: Site, time: Time) -> None:
    _, kari, unit = await looked(site, time)
    await audit.look(kari, "recruiter", [unit], "document", time.now.replace(hour=2))
    await jobs.run_job(site, "upkeep", time.now)
    (row,) = await site.records.run_sql("SELECT value FROM fact WHERE name = 'oddities'")
    (odd,) = msgspec.json.decode(row["value"])["what"]
    assert odd == {"day": "2026-03-04", "staff": str(kari), "people": 1, "reasons": [["night", 1, 1]]}


async def test_a_long_log_is_read_page_by_page_and_each_look_stands_on_one(
    site: Site, client: Client, time: Time
) -> None:
    liv, units = await factories.staff(site, time.now, "dpo"), [uuid4() for _ in range(110)]
    await audit.look(KARI, "recruiter", units, "list", time.now)
    await factories.sign_in(client, site, liv)
    pages = [(await client.get(f"/desk/access?staff={KARI}&first=2026-03-02&page={n}")).text for n in (1, 2, 3)]
    seen = [unit for page in pages for unit in re.findall(r"case=([0-9a-f-]{36})", page)]
    assert (len(seen), set(seen)) == (110, {str(unit) for unit in units})
    assert ['rel="next"' in page for page in pages] == [True, True, False]


async def test_what_no_index_finds_is_looked_for_among_the_newest_of_the_days_that_are_named(
    site: Site, client: Client, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_log, "SIFTED", 10)
    await audit.look(KARI, "dpo", [rare := uuid4()], "hold", time.now)
    await audit.look(KARI, "recruiter", [uuid4() for _ in range(25)], "review", time.forward(days=1))
    await factories.sign_in(client, site, await factories.staff(site, time.now, "dpo"))
    page = (await client.get(f"/desk/access?purpose=hold&staff={KARI}")).text
    assert "Nothing is found so far" in page
    assert "Looked through back to 3 Mar 2026" in page
    for narrower in ("last=2026-03-02", f"case={rare}"):
        page = (await client.get(f"/desk/access?purpose=hold&{narrower}")).text
        assert f"case={rare}" in page, narrower
        assert "Looked through" not in page, narrower


async def test_a_closed_application_stands_out_unless_its_candidate_consented(site: Site, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    for consented in (False, True):
        unit = await factories.application(
            site, time.now, vacancy, email=f"{consented}@example.org", consented=consented, closed=time.now
        )
        await audit.look(KARI, "recruiter", [unit], "review", time.now + timedelta(days=40))
    await access_log.judge(site, time.forward(days=41))
    judged = await access_log.oddities(site)
    assert judged
    (odd,) = judged.what
    assert odd.reasons == (("closed", 1, 0),)


# --- its end ----------------------------------------------------------------------------------------------------------


async def test_L34_the_log_goes_by_itself_after_its_period_and_not_a_day_early(site: Site, time: Time) -> None:
    await audit.look(KARI, "recruiter", [uuid4()], "review", time.now)
    for days, left in ((731, 1), (732, 0)):
        await jobs.run_job(site, "upkeep", datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(days=days))
        assert len(await site.records.run_sql("SELECT id FROM look")) == left


async def test_audit_and_ledger_are_whole_after_erasures_and_looks_lead_to_nobody(site: Site, time: Time) -> None:
    await purge.run(site, time.now)
    unit = await factories.application(site, time.now, await factories.vacancy(site, time.now), closed=time.now)
    await audit.look(KARI, "recruiter", [unit], "review", time.now)
    await service.grant_erasure(site, [unit], uuid4(), time.now)
    for _ in range(4):
        await jobs.send_mail(site, time.now)
        await purge.run(site, time.forward(days=1))
    assert unit not in await site.keyring.keys([unit])
    assert first_fault(await site.keyring.entries()) is None
    assert first_fault(await audit.entries()) is None
    assert len(await site.keyring.entries()) >= 3
    page, _ = await access_log.found(site, access_log.Search(case=unit), 1)
    assert [row["unit"] for row in page.rows] == [unit]
    await access_log.judge(site, time.now)
    judged = await access_log.oddities(site)
    assert judged
    assert judged.what == []
