"""Applying on the public page: what is stored, what is sealed, and what the candidate is told."""

from pathlib import Path
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from recruit.careers import rules, service
from recruit.careers.rules import Answers
from recruit.errors import FormInvalid
from recruit.site import Site
from recruit.tables import ApplicationData, Message, Person
from recruit.vault.sealing import unseal
from tests import factories
from tests.careers.conftest import PERSON, Send, cv, more, pdf, png
from tests.conftest import Time


async def rows(site: Site, table: str) -> list[dict[str, object]]:
    return list(await site.records.run_sql(f"SELECT * FROM {table}"))


async def mails(site: Site) -> list[Message]:
    found = []
    for row in await rows(site, "mail"):
        key = await site.keyring.key(row["unit"])  # type: ignore[arg-type]
        found.append(unseal(key, "mail", row["id"], bytes(row["sealed"]), Message))  # type: ignore[arg-type]
    return found


async def test_an_application_arrives_whole(site: Site, send: Send, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    answer = await send(vacancy, cv(pdf()), more(png(), "bilde.png"), letter="Hei!\r\nJeg søker.")
    assert answer.status_code == 200
    assert str(answer.url).endswith(f"/positions/{vacancy}/applied")
    (application,) = await rows(site, "application")
    key = await site.keyring.key(application["id"])  # type: ignore[arg-type]
    data = unseal(key, "application", key.unit, bytes(application["sealed"]), ApplicationData)  # type: ignore[arg-type]
    assert data == ApplicationData(
        name=PERSON["name"], email=PERSON["email"], phone=PERSON["phone"], letter="Hei!\nJeg søker."
    )
    guard = await site.keyring.guard(key.unit)
    assert guard is not None
    assert (guard.kind, guard.retain_until, guard.version) == ("application", None, application["guard_version"])
    documents = sorted((str(row["kind"]), str(row["media_type"])) for row in await rows(site, "document"))
    assert documents == [("certificate", "image/png"), ("cv", "application/pdf")]
    assert await rows(site, "draft") == []


async def test_what_was_sent_can_be_read_back_bit_by_bit(site: Site, send: Send, time: Time) -> None:
    vacancy, sent = await factories.vacancy(site, time.now), pdf("en kanarifugl", 300_000)
    await send(vacancy, cv(sent, "Åses CV – æøå 简历.pdf"))
    (document,) = await rows(site, "document")
    key = await site.keyring.key(document["unit"])  # type: ignore[arg-type]
    assert await site.documents.whole(key, document["id"]) == sent  # type: ignore[arg-type]


async def test_the_next_page_says_what_is_stored_and_until_when(site: Site, send: Send, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    page = (await send(vacancy, cv(pdf(), "Åses CV – æøå 简历.pdf"))).text
    for words in ("We have received your application", "Åses CV – æøå 简历.pdf", PERSON["name"], PERSON["email"]):
        assert words in page
    assert "Kept while the recruitment process runs" in page
    assert "14 days later" in page


async def test_no_address_says_anything_about_the_person(site: Site, send: Send, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    answer = await send(vacancy, cv(pdf()))
    (application,) = await rows(site, "application")
    addresses = " ".join(str(step.url) for step in [*answer.history, answer])
    assert str(application["id"]) not in addresses
    assert "ase" not in addresses


async def test_what_is_kept_is_noise_without_the_keyring(site: Site, send: Send, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    await send(vacancy, cv(pdf("KANARIFUGL")), name="Kanaria Fugl", letter="kanariletter")
    for file in (p for p in site.settings.data.rglob("*") if p.is_file()):
        text = file.read_bytes()
        for canary in (b"KANARIFUGL", b"Kanaria", b"kanariletter", b"ase@example.org", b"cv.pdf"):
            assert canary not in text, file


async def test_the_confirmation_leads_to_my_data_withdrawal_and_notice(site: Site, send: Send, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    await send(vacancy, cv(pdf()))
    (mail,) = await mails(site)
    assert mail.to == PERSON["email"]
    assert mail.subject == "We have received your application: Software developer"
    for address in ("/my/from/", "/consent/", "/privacy"):
        assert site.settings.public_url + address in mail.text
    assert "erased 14 days later" in mail.text


async def test_norwegian_comes_first(site: Site, send: Send, client: AsyncTestClient[Litestar], time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    client.headers["accept-language"] = "nb-NO,nb;q=0.9"
    page = (await send(vacancy, cv(pdf()))).text
    assert "Vi har mottatt søknaden din" in page
    (mail,) = await mails(site)
    assert mail.subject == "Vi har mottatt søknaden din: Systemutvikler"
    (candidate,) = await rows(site, "candidate")
    assert candidate["language"] == "nb"


async def test_an_existing_profile_is_never_changed_by_a_form(site: Site, send: Send, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    await send(vacancy, cv(pdf()), name="Åse Ekte", phone="111 11 111")
    await send(vacancy, cv(pdf()), name="Uvedkommende", phone="222 22 222", email="ASE@example.org")
    (candidate,) = await rows(site, "candidate")
    key = await site.keyring.key(candidate["id"])  # type: ignore[arg-type]
    person = unseal(key, "candidate", key.unit, bytes(candidate["sealed"]), Person)  # type: ignore[arg-type]
    assert person == Person(name="Åse Ekte", email="ase@example.org", phone="111 11 111")
    assert [mail.to for mail in await mails(site)] == ["ase@example.org"] * 2


async def test_the_same_person_may_apply_twice(site: Site, send: Send, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    await send(vacancy, letter="Første.")
    await send(vacancy, letter="Andre.")
    assert len(await rows(site, "application")) == 2
    assert len(await rows(site, "candidate")) == 1


@pytest.mark.parametrize(("answer", "given"), [("yes", [True]), ("no", []), ("", []), ("1", [])])
async def test_only_a_yes_is_consent(site: Site, send: Send, time: Time, answer: str, given: list[bool]) -> None:
    vacancy = await factories.vacancy(site, time.now)
    await send(vacancy, cv(pdf()), consent=answer)
    assert [bool(row["given"]) for row in await rows(site, "consent")] == given
    assert len(await rows(site, "application")) == 1
    assert len(await mails(site)) == 1
    assert await rows(site, "draft") == []


async def test_the_consent_question_has_no_default_and_equal_answers(
    site: Site, client: AsyncTestClient[Litestar], time: Time
) -> None:
    vacancy = await factories.vacancy(site, time.now)
    page = (await client.get(f"/positions/{vacancy}/apply")).text
    assert 'value="yes"' in page
    assert 'value="no"' in page
    assert " checked" not in page


async def test_a_letter_alone_will_do_but_not_nothing(site: Site, send: Send, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    answer = await send(vacancy)
    assert answer.status_code == 422
    assert "we need one of the two" in answer.text
    assert await rows(site, "draft") == []
    assert await site.keyring.alive("draft") == set()
    assert (await send(vacancy, letter="Jeg vil.")).status_code == 200


async def test_closed_vacancies_take_nothing(
    site: Site, send: Send, client: AsyncTestClient[Litestar], time: Time
) -> None:
    vacancy = await factories.vacancy(site, time.now)
    await site.records.run_sql("UPDATE vacancy SET deadline = ? WHERE id = ?", time.now.date(), vacancy)
    assert (await client.get(f"/positions/{vacancy}/apply")).status_code == 200
    time.forward(days=1)
    for answer in (await client.get(f"/positions/{vacancy}/apply"), await send(vacancy, cv(pdf()))):
        assert answer.status_code == 410
        assert "The deadline was 2 Mar 2026." in answer.text
    assert await rows(site, "application") == []
    assert await site.keyring.alive("draft") == set()
    assert [path for path in await site.documents.paths("units")] == []


async def test_unpublished_vacancies_do_not_exist(site: Site, client: AsyncTestClient[Litestar], time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now, state="draft")
    for page in ("", "/apply", "/applied"):
        assert (await client.get(f"/positions/{vacancy}{page}")).status_code == 404


async def test_vacant_positions_are_listed_and_an_empty_list_says_so(
    site: Site, client: AsyncTestClient[Litestar], time: Time
) -> None:
    assert "No vacant positions just now" in (await client.get("/")).text
    vacancy = await factories.vacancy(site, time.now)
    page = (await client.get("/")).text
    assert f"/positions/{vacancy}" in page
    assert "Software developer" in page


async def test_uploads_are_limited_by_address(
    site: Site, send: Send, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    from recruit.careers import applying_pages

    monkeypatch.setattr(applying_pages, "_ROUNDS", 2)
    vacancy = await factories.vacancy(site, time.now)
    codes = [(await send(vacancy, letter="Hei.")).status_code for _ in range(3)]
    assert codes == [200, 200, 429]


async def test_the_service_applies_as_the_page_does(site: Site, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    person = Answers(name="Ola Sør", email="ola@example.org", letter="Hei.")
    files = [("cv.pdf", "cv", pdf()), ("attest.png", "certificate", png())]
    unit = await service.submit(site, vacancy, person, files, True, "nb", time.now)
    assert [row["id"] for row in await rows(site, "application")] == [unit]
    assert len(await rows(site, "document")) == 2
    assert len(await rows(site, "consent")) == 1
    assert len(await mails(site)) == 1


async def test_the_service_refuses_what_the_page_refuses(site: Site, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    with pytest.raises(FormInvalid):
        await service.submit(site, vacancy, Answers(name="Ola", email="ola"), [], None, "nb", time.now)
    assert await rows(site, "application") == []


def test_only_the_secret_leads_to_a_draft() -> None:
    token, here, there = service.new_token(), UUID(int=1), UUID(int=2)
    assert rules.draft_of(token, here) == rules.draft_of(token, here)
    assert rules.draft_of(token, here) != rules.draft_of(token, there)
    assert rules.draft_of(token, here) != rules.draft_of(service.new_token(), here)


def test_the_watched_folder_is_really_watched(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"KANARIFUGL")
    assert any(b"KANARIFUGL" in p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
