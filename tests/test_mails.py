"""Every mail, in both languages: nothing left open, the text first, one thing to do, and the foot that law and reader
need. A template that stands in no list below fails.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from recruit import mail
from recruit.alarms import KINDS as ALARMS
from recruit.alarms import Alarm
from recruit.i18n import LANGUAGES, Language
from recruit.paths import templates_dir
from recruit.retention.rules import Policy
from recruit.rights import rules, words
from recruit.site import Site
from tests.conftest import EMPLOYER

NAME, TO, PAGES = "Ola Sør", "ola.soer@example.org", "http://testserver.local"
OWN = {"my_url": f"{PAGES}/my/from/m", "withdraw_url": f"{PAGES}/consent/c", "privacy_url": f"{PAGES}/privacy"}
DAY = date(2027, 1, 22)
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
DUE = rules.due(date(2026, 12, 24))
SAID = "Qwerty: 1, 2."
"""What somebody wrote, in no language."""
Given = dict[str, Any]


def each(**choices: list[Any]) -> list[Given]:
    """Every value of every choice at least once, side by side."""
    most = max(map(len, choices.values()))
    return [{name: values[n % len(values)] for name, values in choices.items()} for n in range(most)]


TITLE = {"title": ["Systemutvikler"]}
KINDS: dict[str, list[Any]] = {"kind": [*rules.KINDS], "received_on": [DAY]}
CANDIDATE: dict[str, list[Given]] = {
    "applied": each(
        **TITLE, at=[AT], stored=[["CV: cv.pdf"]], consented=[True, False], months=[1, 12], window=[0, 1, 14]
    ),
    "sourced": each(
        **TITLE, at=[AT], source=["LinkedIn"], where=["linkedin.com/in/x"], stored=[["Navn", "CV: cv.pdf"]],
        window=[0, 1, 14], object_url=[f"{PAGES}/objection/t"],
    ),
    "letter": [{"subject": "Systemutvikler", "text": "Qwerty: 1, 2."}],
    "invited": each(
        **TITLE, deadline=[None, DAY], words=[{}, {"nb": "Takk for sist.", "en": "Good to meet you."}],
        posting_url=[f"{PAGES}/positions/p"], invited_url=[f"{PAGES}/invited/t"],
    ),
    "moved": each(**TITLE, step=["Intervju"], stage=["received", "screening", "interview", "finalist", "offer"]),
    "interview_invitation": each(
        **TITLE, minutes=[45], place=["Rom 4"], times=[[AT, AT]], message=["", "Qwerty."], url=[f"{PAGES}/interview/t"]
    ),
    "interview_agreed": each(**TITLE, minutes=[45], place=["Rom 4"], starts_at=[AT]),
    "interview_cancelled": each(**TITLE, starts_at=[AT, None]),
    "closed": each(
        **TITLE, outcome=["hired", "rejected", "position_filled", "rejected", "hired"], ask=[True, False],
        words=[{}, {}, {}, {"nb": "Takk for praten.", "en": "Thank you for the talk."}],
        months=[1, 12], window=[0, 1, 14],
    ),
    "withdrawn": each(**TITLE, window=[0, 1, 14]),
    "reopened": each(**TITLE),
    "section31_received": each(**TITLE, due_on=[DAY]),
    "section31_answered": each(**TITLE),
    "offer": [{"position": "Systemutvikler", "reply_by": DAY}],
    "verification": each(**TITLE, source=["Universitetet"]),
    "consent_given": each(months=[1, 12]),
    "consent_renewed": each(months=[1, 12]),
    "consent_withdrawn": [{}],
    "consent_reminder": each(due_on=[DAY], months=[1, 12]),
    "purge_notice": each(due_on=[DAY, None], immediate=[False, True], receipt_url=[f"{PAGES}/r/t"]),
    "part_notice": each(categories=[["Qwerty"], ["Qwerty", "Asdf"]], receipt_url=[f"{PAGES}/r/t"]),
    "purge_called_off": [{}],
    "request_received": each(**KINDS, due=[DUE, rules.due(date(2026, 11, 24))]),
    "request_identity": each(**KINDS, words=[SAID]),
    "request_extended": each(**KINDS, words=[SAID], due=[DUE]),
    "request_answered": each(
        **KINDS, verdict=["granted", "partly", "refused"], words=[SAID, ""], copy_until=[DAY, None],
        grounds=[[], [*words.GROUNDS.values()]],
    ),
    "restriction_placed": each(ground=["accuracy", "objection", "claims", "unlawful"]),
    "restriction_lifting": each(words=["", SAID]),
    "sign_in": [{"enter_url": f"{PAGES}/my/enter/t", "code": "123456"}],
    "same_person": [{"url": f"{PAGES}/my/addresses/t"}],
    "email_old": [{"url": f"{PAGES}/my/email/old/t", "new": "ny@example.org"}],
}  # fmt: skip
"""Mails to a candidate, with what fills them: each branch of each text once."""
OTHERS: dict[str, list[Given]] = {
    "email_new": [{"url": f"{PAGES}/my/email/new/t"}],
    "draft_saved": each(**TITLE, until=[DAY], url=[f"{PAGES}/positions/draft/t"]),
    "enquiry_received": each(months=[1, 6]),
    "enquiry_answered": each(months=[1, 6], question=["Hva?"], answer=["Det."]),
    "referee": each(
        **TITLE, candidate=["Eva"], policy=[Policy()], ask_url=["", f"{PAGES}/referee/t"], until=[None, AT]
    ),
    "referee_asked": each(**TITLE, candidate=["Eva"], policy=[Policy()], ask_url=[f"{PAGES}/referee/t"], until=[AT]),
    "referee_off": [{}],
    "guest": each(
        **TITLE, inviter=["Kari Nord"], capacity=["tillitsvalgt"], policy=[Policy()], until=[AT],
        guest_url=[f"{PAGES}/guest/t"],
    ),
    "recipient": each(
        candidate=["Eva"], given_on=[DAY], act=["rectified", "erased", "restricted"], what=["", "Navn: Eva"],
        vacancy=["", "Systemutvikler"],
    ),
}  # fmt: skip
"""Mails to people outside who are no candidates, or whose address nobody has confirmed: no way to anybody's data."""
URL = [f"{PAGES}/x"]
STAFF: dict[str, list[Given]] = {
    "account_changed": each(what=["password", "email", "second_factor_on", "second_factor_off", "codes"], url=URL),
    "alarms": each(alarms=[[Alarm(key, 1)] for key in ALARMS] + [[Alarm(key, 2) for key in ALARMS]], desk_url=URL),
    "confirm_email": each(url=URL),
    "copies": each(act=["rectified", "erased", "restricted"], copies=[[(DAY, "Systemutvikler"), (DAY, "")]]),
    "enquiry_waits": each(url=URL),
    "mail_waits": each(url=URL),
    "hold_release": each(hold_url=URL),
    "interview_off": each(starts_at=[AT], case_url=URL),
    "interview_on": each(starts_at=[AT], minutes=[45], case_url=URL),
    "interview_unfit": each(case_url=URL),
    "invitation": each(url=URL),
    "news": each(n=[1, 3], vacancies=[1, 2], url=URL),
    "password_reset": each(url=URL),
    "purge_approval": each(n=[1, 3], purge_url=URL),
    "referee_replied": each(state=["answered", "declined"], case_url=URL),
    "request_due": each(**KINDS, due=[DUE, rules.due(date(2026, 11, 24))], case_url=URL, late=[False, True]),
    "request_waits": each(**KINDS, due=[DUE], case_url=URL),
    "section31_waits": each(due_on=[DAY], case_url=URL),
    "stale": each(n=[1, 3], months=[1, 6], url=URL),
}
"""Mails to colleagues."""
MAILS = CANDIDATE | OTHERS | STAFF
FIRM = (EMPLOYER, msgspec.structs.replace(EMPLOYER, has_dpo=False))
DRAWN = [(template, lang) for template in MAILS for lang in LANGUAGES]
_ENGLISH = re.compile(r"\b(the|and|with|your|from|this|are|which|you)\b", re.IGNORECASE)
_NORWEGIAN = re.compile(r"\b(og|ikke|deg|din|vi|har|som|til|dager|måneder)\b", re.IGNORECASE)


def drawn(template: str, lang: Language) -> Iterator[mail.Message]:
    """The mail with each of its fillings, from an employer with and without a data protection officer."""
    for n, given in enumerate(MAILS[template]):
        yield mail.render(template, lang, TO, **({"name": NAME, "employer": FIRM[n % 2], **OWN} | given))


def test_every_template_stands_in_one_list() -> None:
    files = {path.name.split(".")[0] for path in (templates_dir() / "mail").glob("[!_]*.txt")}
    assert files == set(MAILS)
    assert len(MAILS) == len(CANDIDATE) + len(OTHERS) + len(STAFF)


@pytest.mark.parametrize(("template", "lang"), DRAWN)
def test_a_mail_is_whole_and_in_one_language(template: str, lang: Language) -> None:
    for message in drawn(template, lang):
        assert message.subject, "no subject"
        for trace in ("{{", "{%", "None.", "None,", "  ", " .", " ,", "\n\n\n", "Undefined", "]("):
            assert trace not in message.text, (trace, message.text)
        assert not re.search(r"^– .*\n(?!– |\n)", message.text, re.MULTILINE), "a list runs into what follows"
        own = re.sub(r"\S+@\S+|https?://\S+|Systemutvikler|Intervju|[“«].*?[»”]", "", message.subject + message.text)
        strange = (_ENGLISH if lang == "nb" else _NORWEGIAN).findall(own)
        assert strange == []
        assert message.html.count("display:inline-block") == message.text.count(":\nhttp"), "the parts differ"


@pytest.mark.parametrize(("template", "lang"), DRAWN)
def test_numbers_agree_with_their_words(template: str, lang: Language) -> None:
    for message in drawn(template, lang):
        wrong = re.findall(r"\b1 (?:days|months|documents|dager|måneder|dokumenter)\b|\b0 \w+", message.text)
        assert wrong == []


@pytest.mark.parametrize(("template", "lang"), DRAWN)
def test_a_subject_names_nobody(template: str, lang: Language) -> None:
    for message in drawn(template, lang):
        for personal in (NAME, "Ola", TO, "Eva", "123456", "ny@example.org"):
            assert personal not in message.subject


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("template", CANDIDATE)
def test_a_candidates_mail_has_one_thing_to_do_and_the_whole_foot(template: str, lang: Language) -> None:
    """L6: consent is withdrawn from any mail; art. 13: who is responsible, and who answers for privacy."""
    for n, message in enumerate(drawn(template, lang)):
        assert len(re.findall(r":\nhttps?://", message.text)) == 1, message.text
        foot = message.text.rsplit("\n\n", 3)
        firm = FIRM[n % 2]
        for needed in (*OWN.values(), firm.name, firm.number, firm.address, firm.contact_email, firm.dpo_email):
            assert needed in "".join(foot[-3:]), needed
        title = {("nb", True): "Personvernombud", ("nb", False): "Personvernkontakt"}
        title |= {("en", True): "Data protection officer", ("en", False): "Privacy contact"}
        assert title[lang, firm.has_dpo] in foot[-1]
        for address in OWN.values():
            assert f'href="{address}"' in message.html


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("template", OTHERS)
def test_a_mail_to_others_opens_nobodys_data(template: str, lang: Language) -> None:
    for message in drawn(template, lang):
        assert OWN["my_url"] not in message.text
        assert OWN["withdraw_url"] not in message.text
        assert EMPLOYER.contact_email in message.text


def test_the_text_comes_before_the_html(site: Site) -> None:
    message = next(drawn("applied", "nb"))
    parts = mail.envelope(site, UUID(int=1), message, datetime(2026, 3, 2, 9, tzinfo=UTC)).iter_parts()
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]


def test_what_people_wrote_is_no_markup_and_no_button() -> None:
    given = {"source": "<img src=x onerror=alert(1)>\n\n[press](https://evil.example)", "title": "<b>T</b>"}
    message = mail.render("verification", "nb", TO, name="<i>Ola</i>", employer=EMPLOYER, **OWN, **given)
    assert "<img" not in message.html
    assert "<i>" not in message.html
    assert message.html.count("display:inline-block") == 1, "somebody's words became a button"
    assert "press:\n" not in message.text
