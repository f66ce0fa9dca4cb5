"""Whatever is typed or attached, an answer in words comes back and never a fault of ours.

Each value goes into every field at once, where the form must refuse it in words, and then into every field that takes
free text, where it must be stored, shown to everybody who may see it, mailed and copied, as text and nothing else.
"""

import re
from typing import Any

import pytest

from recruit.careers import service
from recruit.site import Site
from recruit.tables import Message
from recruit.vault.sealing import unseal
from tests import factories
from tests.browsing import Client
from tests.careers.conftest import PERSON, Send, cv, pdf
from tests.careers.test_form import vacancy_with
from tests.conftest import Time

VALUES = {
    "long": "Ørret " * 20_000,
    "empty": "",
    "blanks": " \t\r\n\u00a0\u3000",
    "right to left": "\u202emoc.live\u202c مرحبا שלום \u200f\u2067",
    "emoji": "👩🏽‍🚒🏳️‍🌈👨‍👩‍👧‍👦" * 20,
    "stacked marks": "Z̷̢̛͕͙͔͔̱̗̻̖͆̃̓̄̈́̚͜a̶l̴g̵o̷" * 10,
    "control characters": "a\x00b\x07c\x1b[31md\x7fe\x85f\u2028g\ufffeh",
    "markup": "</textarea><script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg/onload=alert(1)>",
    "template": "{{ 7*7 }} {% raw %} ${7*7} {name} %s %(x)s {0.__class__}",
    "formula": '=HYPERLINK("http://evil.example","x")\n+1\n-1\n@SUM(1)',
    "mail header": "Ola\r\nBcc: evil@example.org\r\n\r\n<b>x</b>",
    "link": "[Klikk her](http://evil.example/x)",
    "path": "../../../etc/passwd\x00.pdf",
}
FREE = ("letter", "summary", "experience-0-title", "experience-0-employer", "experience-0-text", "education-0-title",
        "education-0-school", "languages-0-name", "languages-0-level", "skills")  # fmt: skip
EVERY = (*PERSON, *FREE, "experience-0-began", "experience-0-ended", "consent", "form", "notice", "reuse", "reuse_cv",
         "cv_remove", "documents_remove", "question-00000000-0000-0000-0000-000000000005")  # fmt: skip
WORDS = (200, 400, 404, 409, 410, 413, 422, 429)
TAGS = re.compile(r"<script>|onerror=alert\(1\)>|<svg/onload|<b>x</b>")


def fine(answer: Any, what: str) -> Any:
    """An answer in words, in which nothing that was typed has become markup."""
    assert answer.status_code in WORDS, (what, answer.status_code)
    if answer.headers["content-type"].startswith("text/html"):
        assert not TAGS.search(answer.text), what
        assert "Something went wrong" not in answer.text, what
        assert "\x00" not in answer.text, what
    return answer


@pytest.mark.parametrize("act", ["review", "save", "import", "more-experience"])
async def test_every_field_of_the_form_takes_anything(site: Site, send: Send, time: Time, act: str) -> None:
    vacancy = await vacancy_with(site, time)
    for what, value in VALUES.items():
        answer = fine(await send(vacancy, **{**dict.fromkeys(EVERY, value), "act": act}), what)
        assert answer.status_code == (200 if act == "more-experience" else 422), what
    assert await site.records.run_sql("SELECT id FROM application") == []


async def test_what_is_free_text_is_stored_shown_mailed_and_copied_as_text(
    site: Site, client: Client, send: Send, time: Time
) -> None:
    vacancy = await vacancy_with(site, time, Hvorfor=("long", False, ""))
    (question,) = await site.records.run_sql("SELECT id FROM vacancy_question")
    recruiter = await factories.staff(site, time.now, "recruiter")
    for number, (what, value) in enumerate(VALUES.items()):
        time.forward(minutes=20)
        client.cookies.clear()
        typed = dict.fromkeys((*FREE, f"question-{question['id']}"), value[:150]) | {"email": f"p{number}@example.org"}
        over = fine(await send(vacancy, cv(pdf(), value[:200] or "cv.pdf"), act="review", **typed), what)
        assert over.status_code == 200, f"{what} is no mistake here"
        token = re.findall(r'name="form" value="([^"]+)"', over.text)[0]
        fine(await client.post(f"/positions/{vacancy}/send", data={"form": token}), what)
        profile = await site.keyring.find("profile", typed["email"])
        assert profile is not None, what
        (row,) = await site.records.run_sql("SELECT id FROM application WHERE candidate = ?", profile)
        await factories.sign_in(client, site, recruiter)
        assert fine(await client.get(f"/applications/{row['id']}"), what).status_code == 200
        await factories.sign_in(client, site, profile, "candidate")
        for page in ("/my", f"/my/applications/{row['id']}", f"/positions/{vacancy}/apply"):
            assert fine(await client.get(page), what).status_code == 200
    for message in await mails(site):
        assert not TAGS.search(message.html)
        assert ">Klikk her</a>" not in message.html
        assert "\n" not in message.subject


async def mails(site: Site) -> list[Message]:
    rows = await site.records.run_sql("SELECT * FROM mail")
    keys = await site.keyring.keys(row["unit"] for row in rows)
    return [unseal(keys[row["unit"]], "mail", row["id"], bytes(row["sealed"]), Message) for row in rows]


async def test_every_field_of_the_question_form_takes_anything(site: Site, client: Client, time: Time) -> None:
    recruiter = await factories.staff(site, time.now, "recruiter", "dpo")
    for what, value in VALUES.items():
        time.forward(days=1)
        client.cookies.clear()
        everything = dict.fromkeys(("form", "about", "vacancy", "name", "email", "text"), value)
        assert fine(await client.post("/enquiry", data=everything), what).status_code in (413, 422)
        good = {"form": service.new_token(), "about": "privacy", "name": "Ola", "email": "ola@example.org"}
        fine(await client.post("/enquiry", data={**good, "text": value[:5000] or "x"}), what)
        await factories.sign_in(client, site, recruiter)
        (row,) = await site.records.run_sql("SELECT id FROM enquiry ORDER BY received_at DESC LIMIT 1")
        fine(await client.get(f"/enquiries/{row['id']}"), what)
        fine(await client.post(f"/enquiries/{row['id']}", data={"answer": value}), what)
    fine(await client.get("/enquiries"), "the list")
    assert not any(TAGS.search(message.html) for message in await mails(site))


async def test_every_address_and_small_form_takes_anything(site: Site, client: Client, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    recruiter = await factories.staff(site, time.now, "recruiter")
    for what, value in VALUES.items():
        client.cookies.clear()
        for path in ("/", "/embed", "/enquiry", "/feed.atom"):
            asked = dict.fromkeys(("words", "place", "extent", "within", "about", "vacancy", "lang"), value[:1000])
            fine(await client.get(path, params=asked), what)
        fine(await client.post(f"/positions/{vacancy}/send", data={"form": value, "notice": value}), what)
        fine(await client.get(f"/positions/begun/{re.sub(r'[^A-Za-z0-9]', 'x', value[:80]) or 'x'}"), what)
        await factories.sign_in(client, site, recruiter)
        fine(await client.post(f"/vacancies/{vacancy}/advertising", data={"typed_cv": value, "elsewhere": value}), what)


FILES = {
    "two hundred": [("documents", (f"{n}.pdf", b"%PDF-1.4 no", "application/pdf")) for n in range(200)],
    "two hundred CV files": [("import", (f"{n}.xml", b"<Candidate/>", "text/xml")) for n in range(200)],
    "names of every kind": [
        ("documents", (value[:500] or "x", b"MZ", "application/octet-stream")) for value in VALUES.values()
    ],
    "an unknown field": [("evil", ("x.pdf", pdf(), "application/pdf"))],
    "no name": [("cv", ("", b"x", "application/pdf"))],
    "an answer that nobody asked for": [
        ("question-00000000-0000-0000-0000-000000000005", ("x.pdf", pdf(), "application/pdf"))
    ],
}


@pytest.mark.parametrize("what", FILES)
@pytest.mark.parametrize("act", ["review", "import"])
async def test_any_files_get_an_answer_in_words_and_the_form_back(
    site: Site, send: Send, time: Time, what: str, act: str
) -> None:
    answer = fine(await send(await vacancy_with(site, time), *FILES[what], act=act, letter="Min tekst"), what)
    assert "Min tekst" in answer.text
    assert await site.documents.paths("units") == []
