"""The way in: by mail, once, briefly; and nobody learns whose address is known."""

from collections.abc import Callable
from typing import Any

import pytest

from recruit import mail
from recruit.mail import MaildirTransport
from recruit.site import Site
from recruit.tables import Message
from recruit.vault.sealing import seal
from tests import factories
from tests.conftest import Time
from tests.rights.people import Browser, code_in, count, outbox, path_in

ADDRESS = "ola@example.org"


@pytest.fixture
async def sent(site: Site, time: Time, client: Browser) -> Message:
    """Ola has applied, and has asked for a link."""
    vacancy = await factories.vacancy(site, time.now)
    await factories.application(site, time.now, vacancy, email=ADDRESS)
    await client.post("/my/sign-in", data={"email": ADDRESS})
    (mail,) = await outbox(site, "sign_in")
    return mail


async def test_my_data_without_a_session_leads_to_the_way_in(client: Browser) -> None:
    answer = await client.get("/my")
    assert answer.url.path == "/my/sign-in"
    assert answer.status_code == 200


async def test_the_link_signs_in_once(client: Browser, sent: Message) -> None:
    link = path_in(sent.text, "/my/enter/")
    answer = await client.post(link)
    assert answer.url.path == "/my"
    assert "Software developer" in answer.text
    client.cookies.clear()
    assert (await client.post(link)).status_code == 410
    assert (await client.get("/my")).url.path == "/my/sign-in"


async def test_a_mail_scanner_that_follows_the_link_uses_nothing_up(client: Browser, sent: Message, site: Site) -> None:
    link = path_in(sent.text, "/my/enter/")
    for _ in range(3):
        assert (await client.get(link)).status_code == 200
        await client.head(link)
    assert await count(site, "session") == 0
    assert (await client.post(link)).url.path == "/my"


async def test_the_link_is_dead_after_a_quarter_of_an_hour(client: Browser, sent: Message, time: Time) -> None:
    time.forward(minutes=15)
    assert (await client.get(path_in(sent.text, "/my/enter/"))).status_code == 410
    assert (await client.post(path_in(sent.text, "/my/enter/"))).status_code == 410


async def test_the_code_signs_in_the_browser_that_asked_and_uses_the_link_up(client: Browser, sent: Message) -> None:
    answer = await client.post("/my/code", data={"code": f" {code_in(sent.text)[:3]} {code_in(sent.text)[3:]} "})
    assert answer.url.path == "/my"
    client.cookies.clear()
    assert (await client.post(path_in(sent.text, "/my/enter/"))).status_code == 410


async def test_the_code_is_of_no_use_to_another_browser(client: Browser, sent: Message, site: Site) -> None:
    client.cookies.clear()
    answer = await client.post("/my/code", data={"code": code_in(sent.text)})
    assert answer.status_code == 422
    assert await count(site, "session") == 0


async def test_guessing_the_code_ends_after_five_attempts(client: Browser, sent: Message, site: Site) -> None:
    right = code_in(sent.text)
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for _ in range(5):
        assert (await client.post("/my/code", data={"code": wrong})).status_code == 422
    assert (await client.post("/my/code", data={"code": right})).status_code == 422
    assert await count(site, "session") == 0


async def test_fresh_links_do_not_give_fresh_guesses_without_end(client: Browser, sent: Message, site: Site) -> None:
    statuses = []
    for _ in range(4):
        statuses.append((await client.post("/my/sign-in", data={"email": ADDRESS.upper()})).status_code)
    assert 429 in statuses
    assert len(await outbox(site, "sign_in")) <= 3


async def test_neither_code_nor_token_nor_address_is_stored_readable(
    client: Browser, sent: Message, site: Site
) -> None:
    stored = b"".join(
        path.read_bytes() for path in site.settings.data.rglob("*") if path.is_file() and path.suffix != ".lock"
    )
    for secret in (path_in(sent.text, "/my/enter/").rsplit("/", 1)[1], ADDRESS):
        assert secret.encode() not in stored


async def test_an_unknown_address_gets_the_same_page_and_status(client: Browser, sent: Message, site: Site) -> None:
    known = await client.post("/my/sign-in", data={"email": ADDRESS})
    unknown = await client.post("/my/sign-in", data={"email": "nobody@example.org"})
    assert (known.status_code, known.url.path, known.text) == (unknown.status_code, unknown.url.path, unknown.text)
    assert known.history[0].headers.keys() == unknown.history[0].headers.keys()
    wrong_known = await client.post("/my/code", data={"code": "000000"})
    assert wrong_known.status_code == 422


async def test_an_unknown_address_meets_the_same_limit(client: Browser, site: Site) -> None:
    statuses = [(await client.post("/my/sign-in", data={"email": "nobody@example.org"})).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]


async def test_guessing_codes_meets_the_same_limit_whether_the_address_is_known(client: Browser, sent: Message) -> None:
    answers = {}
    for email in (ADDRESS, "nobody@example.org"):
        answers[email] = []
        for _ in range(2):
            await client.post("/my/sign-in", data={"email": email})
            answers[email] += [(await client.post("/my/code", data={"code": "none"})).status_code for _ in range(6)]
    assert answers[ADDRESS] == answers["nobody@example.org"]
    assert answers[ADDRESS][-1] == 429


async def test_guessing_codes_ends_for_the_day_after_twenty(client: Browser, sent: Message, time: Time) -> None:
    statuses = []
    for _ in range(5):
        time.forward(minutes=16)
        await client.post("/my/sign-in", data={"email": ADDRESS})
        statuses += [(await client.post("/my/code", data={"code": "none"})).status_code for _ in range(5)]
    assert statuses == 20 * [422] + 5 * [429]


async def test_an_unknown_address_costs_the_same_work(
    client: Browser, sent: Message, site: Site, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same statements in the same order, in records and keyring, and as many keys and seals: no clock can tell."""
    done: list[str] = []
    for name, engine in {"records": site.records, "keyring": site.keyring.engine}.items():
        monkeypatch.setattr(engine, "run_sql", counted(engine.run_sql, done, name))
    monkeypatch.setattr(mail, "seal", lambda key, *what: done.append("seal") or seal(key, *what))
    work = []
    for email in (ADDRESS, "nobody@example.org"):
        time.forward(minutes=20)
        done.clear()
        await client.post("/my/sign-in", data={"email": email}, follow_redirects=False)
        work.append(list(done))
    assert work[0] == work[1]
    assert len(work[0]) > 12, "the work was not seen"
    monkeypatch.undo()
    out = MaildirTransport(site.settings.data / "out")
    assert await mail.deliver(site, out, time.now) == {"sent": 2, "delayed": 0, "refused": 0, "dropped": 1, "failed": 0}
    assert await count(site, "mail") == 2  # nobody gets none, and none waits


def counted(run: Callable[..., Any], done: list[str], name: str) -> Callable[..., Any]:
    async def run_sql(sql: str, *values: object) -> Any:
        done.append(f"{name}: {sql}")
        return await run(sql, *values)

    return run_sql


async def test_what_is_no_address_comes_back_with_the_mistake(client: Browser, site: Site) -> None:
    answer = await client.post("/my/sign-in", data={"email": "ola at example"})
    assert answer.status_code == 422
    assert "ola at example" in answer.text
    assert await count(site, "link") == 0


async def test_one_press_from_any_mail_sends_a_fresh_link(
    client: Browser, sent: Message, site: Site, time: Time
) -> None:
    foot = path_in(sent.text, "/my/from/")
    client.cookies.clear()
    page = await client.get(foot)
    assert page.status_code == 200
    assert ADDRESS not in page.text
    assert len(await outbox(site, "sign_in")) == 1  # looking sends nothing
    time.forward(days=40)
    answer = await client.post(foot)
    assert answer.url.path == "/my/code"
    second = (await outbox(site, "sign_in"))[1]
    assert second.to == ADDRESS
    assert (await client.post("/my/code", data={"code": code_in(second.text)})).url.path == "/my"


async def test_the_link_works_in_a_mail_programs_own_browser(client: Browser, sent: Message) -> None:
    """Such a browser opens the page from nowhere, and posts from that page; it has none of our cookies."""
    client.cookies.clear()
    link = path_in(sent.text, "/my/enter/")
    client.headers.pop("origin")
    await client.get(link, headers={"sec-fetch-site": "none"})
    assert (await client.post(link, headers={"sec-fetch-site": "same-origin"})).url.path == "/my"


async def test_another_site_cannot_press_the_button(client: Browser, sent: Message, site: Site) -> None:
    link = path_in(sent.text, "/my/enter/")
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        assert (await client.post(link, headers=headers)).status_code == 403
    assert await count(site, "session") == 0


async def test_signing_in_ends_the_session_that_the_browser_had(client: Browser, sent: Message, site: Site) -> None:
    await client.post(path_in(sent.text, "/my/enter/"))
    old = client.cookies["recruit"]
    await client.post("/my/sign-in", data={"email": ADDRESS})
    await client.post(path_in((await outbox(site, "sign_in"))[1].text, "/my/enter/"))
    assert client.cookies["recruit"] != old
    assert await count(site, "session") == 1


async def test_a_lasting_link_is_no_way_in_by_itself(client: Browser, sent: Message, site: Site) -> None:
    client.cookies.clear()
    foot = path_in(sent.text, "/my/from/").rsplit("/", 1)[1]
    consent = path_in(sent.text, "/consent/").rsplit("/", 1)[1]
    for token in (foot, consent):
        assert (await client.post(f"/my/enter/{token}")).status_code == 410
    assert (await client.post(f"/my/from/{consent}")).status_code == 410
    assert (await client.post(f"/consent/{foot}", data={"answer": "withdraw"})).status_code == 410
    assert await count(site, "session") == 0
