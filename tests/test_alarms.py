"""What is wrong is never silent: one list, shown on the desk, mailed, checked and measured."""

from datetime import timedelta
from uuid import uuid4

import pytest

from recruit import alarms, backup, check, jobs, mail
from recruit.i18n import known, translator
from recruit.retention.remembered import remember
from recruit.rights import asking
from recruit.site import Site
from recruit.tables import Look, Message, Restriction
from recruit.vault.sealing import unseal
from tests import factories
from tests.conftest import Time


async def keys(site: Site, time: Time) -> set[str]:
    return {alarm.key for alarm in await alarms.standing(site, time.now)}


async def sound(site: Site, time: Time) -> None:
    """Every job has just run well."""
    for job in ("purge", "backup", "trial_restore"):
        await site.records.run_sql(
            "INSERT INTO run (id, job, started_at, ended_at, counts, error) VALUES (?, ?, ?, ?, '{}', '')",
            *(f"{job}:{uuid4()}", job, time.now, time.now),
        )


async def letters(site: Site, template: str = "alarms") -> list[Message]:
    found = []
    for row in await site.records.run_sql("SELECT * FROM mail WHERE template = ? ORDER BY queued_at", template):
        key = await site.keyring.key(row["unit"])
        found.append(unseal(key, "mail", row["id"], bytes(row["sealed"]), Message))
    return found


def test_every_alarm_has_sentence_remedy_and_page_in_both_languages() -> None:
    for key, kind in alarms.KINDS.items():
        for text in (kind.good, kind.one, kind.remedy):
            assert known(text), (key, text)
        assert kind.link.startswith("/"), key
        alarm, nb = alarms.Alarm(key, 2), translator("nb")
        assert alarm.sentence(nb) != alarm.sentence(translator("en")), key
        assert "{n}" not in alarm.sentence(nb)


async def test_a_sound_installation_alarms_about_nothing_and_still_has_every_level(site: Site, time: Time) -> None:
    await factories.staff(site, time.now, "dpo")
    assert await alarms.standing(site, time.now) == []
    assert await alarms.levels(site, time.now) == dict.fromkeys(alarms.KINDS, 0)


async def test_L20_a_request_warns_in_its_last_week_and_is_late_after_the_rolled_day(site: Site, time: Time) -> None:
    await factories.staff(site, time.now, "dpo")
    unit = await factories.application(site, time.now, await factories.vacancy(site, time.now))
    await asking.ask_erasure(site, await factories.candidate_of(site, unit), None, "", time.now)
    # the plain day is Maundy Thursday, the rolled one the Tuesday after Easter
    seen = {}
    for days in (20, 35, 36, 37):
        await sound(site, Time(time.now + timedelta(days=days)))
        found = {a.key for a in await alarms.standing(site, time.now + timedelta(days=days))}
        seen[days] = sorted(found & {"requests", "requests_soon"})
    assert seen == {20: [], 35: ["requests_soon"], 36: ["requests_soon"], 37: ["requests"]}


async def test_L14_L17_L34_what_is_late_alarms(site: Site, time: Time) -> None:
    liv = await factories.staff(site, time.now, "dpo")
    await Look.insert(Look(id=uuid4(), at=time.now, staff=liv, role="dpo", unit=uuid4(), purpose="case")).run()
    time.forward(hours=27)
    assert {"purge_ran", "backup_ran"} <= await keys(site, time)
    await sound(site, time)
    await remember(site, "restored", True)
    assert await keys(site, time) == {"waiting"}
    await remember(site, "restored", None)
    time.forward(days=760)
    await sound(site, time)
    assert await keys(site, time) == {"access_log_kept"}
    await jobs.run_job(site, "upkeep", time.now)
    assert await keys(site, time) == set()


async def test_L15_a_restriction_past_its_review_alarms_until_it_is_lifted(site: Site, time: Time) -> None:
    await factories.staff(site, time.now, "dpo")
    unit = await factories.application(site, time.now, await factories.vacancy(site, time.now))
    review = time.now.date()
    await Restriction.insert(
        Restriction(id=uuid4(), application=unit, ground="accuracy", placed_on=review, review_on=review, sealed=b"")
    ).run()
    await mail.deliver(site, _Taking(), time.now)
    assert await keys(site, time) == set()
    await sound(site, Time(time.forward(days=1)))
    assert await keys(site, time) == {"restrictions"}
    await site.records.run_sql("UPDATE restriction SET lifted_on = ?", time.now.date())
    assert await keys(site, time) == set()


async def test_an_archive_past_its_horizon_alarms(site: Site, time: Time) -> None:
    await factories.staff(site, time.now, "dpo")
    site.settings.backups.mkdir(parents=True, exist_ok=True)
    old = site.settings.backups / time.now.strftime(backup._NAME)
    assert backup.made_at(old) == time.now
    old.write_bytes(b"")
    time.forward(days=32)
    await sound(site, time)
    assert await keys(site, time) == {"pruned"}


async def test_the_officer_is_mailed_once_a_day_while_it_lasts(site: Site, time: Time) -> None:
    await factories.staff(site, time.now, "dpo", email="liv@fjordlys.example")
    await factories.staff(site, time.now, "recruiter", email="kari@fjordlys.example")
    await alarms.tell(site, time.now)
    assert await letters(site) == []
    time.forward(hours=27)
    for _ in range(2):
        await alarms.tell(site, time.now)
    (letter,) = await letters(site)
    assert letter.to == "liv@fjordlys.example"
    assert "Slettingen har ikke kjørt på over 26 timer." in letter.text
    await alarms.tell(site, time.forward(days=1))
    assert len(await letters(site)) == 2
    await sound(site, time)
    await mail.deliver(site, _Taking(), time.now)
    await alarms.tell(site, time.forward(hours=24))
    assert len(await letters(site)) == 2


class _Taking:
    async def send(self, message: object) -> None:
        return None


async def test_where_nobody_is_officer_the_administrators_are_told(site: Site, time: Time) -> None:
    await factories.staff(site, time.now, "admin", email="adm@fjordlys.example")
    await alarms.tell(site, time.now)
    assert [letter.to for letter in await letters(site)] == ["adm@fjordlys.example"]


async def test_a_probe_that_fails_is_an_alarm(site: Site, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(site: Site, now: object) -> dict[str, int]:
        raise RuntimeError

    await factories.staff(site, time.now, "dpo")
    monkeypatch.setattr(alarms, "PROBES", (*alarms.PROBES, broken))
    assert await keys(site, time) == {"unreadable"}


async def test_check_says_what_the_desk_says(site: Site, time: Time) -> None:
    await remember(site, "restored", True)
    found = {each.key: each for each in await check.alarmed(site, time.now)}
    assert set(found) == set(alarms.KINDS)
    assert {key for key, each in found.items() if not each.ok} == await keys(site, time)
