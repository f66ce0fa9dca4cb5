"""Claims about writing to candidates: looked at first, whole or not at all, each in their own language, sealed."""

import re
from datetime import timedelta
from typing import Any

from recruit import jobs
from recruit.hiring.wording import Words, problems
from recruit.i18n import translator
from recruit.rights import export
from recruit.site import Site
from recruit.tables import Restriction
from tests import factories
from tests.conftest import Time
from tests.hiring.helping import Client, House, house, letters, rows

SAID = {
    "subject_nb": "Om {stilling}",
    "mail_nb": "Hei {navn}, du er på steget {steg}.",
    "subject_en": "About {vacancy}",
    "mail_en": "Hello {name}, you are at {step}. {deadline}",
}


def test_a_field_that_is_unknown_or_tells_too_much_is_said_in_words() -> None:
    assert not problems({"nb": Words("Om {stilling}", "Hei {navn}")}, ["nb"])
    assert set(problems({"nb": Words("Om {navn}", "Hei {nvan}")})) == {"subject_nb", "mail_nb", "subject_en", "mail_en"}
    assert Words("", "Hei {name}, {frist}").lacking({"name": "Ada"}) == ("deadline",)
    assert Words("", "{ {name}").filled({"name": "A{sender}"}).text == "{ A{sender}", "values are no fields"


async def _look(client: Client, at: House, chosen: list[Any], **more: str) -> tuple[str, str]:
    """The page before sending, and its mark."""
    form = {"application": [str(unit) for unit in chosen], **SAID, **more, "act": "look"}
    page = await client.post(f"/vacancies/{at.vacancy}/letter", data=form)
    found = re.search(r'name="mark" value="(\w+)"', page.text)
    return page.text, found[1] if found else ""


async def test_many_get_their_own_mail_in_their_own_language_or_nobody_gets_any(
    site: Site, client: Client, time: Time
) -> None:
    at = await house(site, time.now, name="Ada Nord")
    bo = await factories.application(site, time.now, at.vacancy, email="bo@example.org", name="Bo", language="en")
    shut = await factories.application(site, time.now, at.vacancy, email="cy@example.org", name="Cy Skjult")
    await Restriction.insert(
        Restriction(id=shut, application=shut, ground="claims", placed_on=time.now, review_on=time.now, sealed=b"")
    ).run()
    await factories.sign_in(client, site, at.people["recruiter"])
    everybody = [at.application, bo, shut]
    listed = (await client.post(f"/vacancies/{at.vacancy}/letter", data={"all": "1", "state": "running"})).text
    assert "Ada Nord" in listed
    assert "Cy Skjult" not in listed, "L15"
    holed, mark = await _look(client, at, everybody)
    assert mark == "", "a mail with a hole in it can't be confirmed"
    assert "Bo: The vacancy&#39;s deadline" in holed
    forced = {"application": [str(unit) for unit in everybody], **SAID, "act": "send", "mark": "x"}
    assert (await client.post(f"/vacancies/{at.vacancy}/letter", data=forced)).status_code == 409
    assert await letters(site, "letter") == []
    whole, mark = await _look(client, at, everybody, mail_en="Hello {name}.")
    assert "Hei Ada Nord, du er på steget Mottatt." in whole
    confirmed = {**forced, "mail_en": "Hello {name}.", "mark": mark}
    await client.post(f"/vacancies/{at.vacancy}/letter", data=confirmed)
    sent = {letter.to: letter for letter in await letters(site, "letter")}
    assert set(sent) == {"ola@example.org", "bo@example.org"}
    assert sent["bo@example.org"].subject == "About Software developer"
    assert "Hello Bo." in sent["bo@example.org"].text
    assert {row["unit"] for row in await rows(site, "mail", template="letter")} == {at.application, bo}
    page = (await client.get(f"/applications/{at.application}")).text
    assert "du er på steget Mottatt" in page
    assert "Written by Navn recruiter" in page
    copy = await export.everything(site, await factories.candidate_of(site, bo), time.now, translator("en"))
    assert "Hello Bo." in str(copy["emails"])


async def test_a_mail_waits_for_its_time_and_can_be_taken_back_until_then(
    site: Site, client: Client, time: Time
) -> None:
    at = await house(site, time.now)
    await factories.sign_in(client, site, at.people["hiring_manager"])
    when = (time.now + timedelta(days=2)).astimezone().strftime("%Y-%m-%dT09:00")
    for _ in range(2):
        _, mark = await _look(client, at, [at.application], leaves=when)
        form = {"application": str(at.application), **SAID, "leaves": when, "act": "send", "mark": mark}
        await client.post(f"/vacancies/{at.vacancy}/letter", data=form)
    await jobs.send_mail(site, time.now)
    waiting = await rows(site, "mail", template="letter")
    assert [mail["state"] for mail in waiting] == ["queued", "queued"]
    back = f"/applications/{at.application}/letters/{waiting[0]['id']}/take-back"
    assert (await client.post(back)).status_code == 200
    assert (await client.post(back)).status_code == 404
    time.forward(days=3)
    await jobs.send_mail(site, time.now)
    assert [mail["state"] for mail in await rows(site, "mail", template="letter")] == ["sent"]
    await factories.sign_in(client, site, at.people["hiring_manager"])
    late = await client.post(f"/vacancies/{at.vacancy}/letter", data={**form, "leaves": when, "act": "look"})
    assert late.status_code == 422
    assert "du er på steget" not in late.text.split("<textarea")[0]
    assert "Hei {navn}" in late.text, "nothing that was typed is lost"


async def test_templates_are_kept_changed_used_and_removed(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now)
    await factories.sign_in(client, site, at.people["recruiter"])
    refused = await client.post("/letters/new", data={**SAID, "name": "Mal", "subject_nb": "Hei {navn}"})
    assert refused.status_code == 422
    assert "logs of mail servers" in refused.text
    await client.post("/letters/new", data={**SAID, "name": "Mal"})
    (template,) = await rows(site, "letter_template")
    await client.post(f"/letters/{template['id']}", data={**SAID, "name": "Ny mal"})
    assert "Ny mal" in (await client.get(f"/applications/{at.application}/letter")).text
    use = {"application": str(at.application), "act": "fill", "template": str(template["id"])}
    assert "du er på steget {steg}" in (await client.post(f"/vacancies/{at.vacancy}/letter", data=use)).text
    await client.post(f"/letters/{template['id']}/remove")
    assert await rows(site, "letter_template") == []
