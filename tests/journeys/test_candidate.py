"""The whole way of a candidate, with a mouse in Norwegian and by keyboard alone in English.

The main path shows each page; here everything on "My data" is used, and the line to the phone is slow and breaks.
"""

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import CDPSession, expect

from recruit import clock
from recruit.accounts.guards import Me
from recruit.hiring import access, interviews
from recruit.hiring.interviews import Plan
from recruit.site import Site
from tests.journeys.conftest import Seat
from tests.journeys.furnished import employer_with_kari, open_vacancy
from tests.journeys.installation import Installation
from tests.journeys.keyboard import Typist
from tests.journeys.people import SAMPLES, Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CV, CERTIFICATE, OTHER = SAMPLES / "groff.pdf", SAMPLES / "libreoffice.docx", SAMPLES / "chromium.pdf"


@pytest.mark.parametrize(("lang", "kind"), [("nb", Person), ("en", Typist)])
def test_a_candidates_whole_way(
    lang: str, kind: type[Person], seat: Seat, installation: Installation, tmp_path: Path
) -> None:
    kari = employer_with_kari(installation, "nb")
    for _ in range(2):
        open_vacancy(installation)
    sitting = seat(lang, "ola@example.org")
    ola = kind(sitting.page, sitting.eyes, installation, sitting.email)

    finds_the_vacancy(ola)
    applies_over_a_line_that_breaks(ola, tmp_path)
    ola.opens_my_data()
    changes_the_documents(ola)
    application = ola.here().rsplit("/", 1)[1]
    installation.do(_invites(installation.site, kari, application))
    answers_the_invitation(ola)
    gives_and_withdraws_consent(ola)
    takes_copies(ola)
    moves_to_another_address(ola)
    withdraws(ola)
    asks_something(ola)


def finds_the_vacancy(ola: Person) -> None:
    ola.go("/")
    ola.fill("Words", "bakery")
    ola.press("Find")
    ola.reads("No vacant position fits")
    ola.look("positions-none-fit")
    ola.follow("Show all")
    ola.fill("Words", "søker" if ola.lang == "nb" else "looking for")
    ola.press("Find")
    ola.follow("Systemutvikler" if ola.lang == "nb" else "Software developer")
    ola.follow("Apply")
    ola.arrives("Apply")


def applies_over_a_line_that_breaks(ola: Person, folder: Path) -> None:
    """Each file has its bar; a line that is lost costs nothing; a refused file keeps no good one back."""
    program = folder / "cv.exe"
    program.write_bytes(b"MZ\x90\x00 a program, not a document")
    ola.fill("Name", "Ola Sør")
    ola.fill("E-mail address", ola.email)
    ola.attach("CV", CV)
    ola.attach("Further documents", OTHER, program, CERTIFICATE)
    ola.choose("No, I do not consent")
    ola.fill("Letter", "sykmeldt")
    expect(ola.part("#b-letter [role=status]")).not_to_be_empty()
    ola.look("apply-hinted")
    ola.fill("Letter", "")
    expect(ola.part("#b-letter")).to_be_hidden()
    ola.page.context.set_offline(True)
    ola.press("Look over and send")
    ola.reads("The form could not be sent: the line was lost. All that you have typed and chosen is still here. "
              "Press the button again.", ".upload [role=status]")  # fmt: skip
    ola.look("apply-line-lost")
    ola.page.context.set_offline(False)
    line = _slow(ola)
    ola.press("Look over and send")
    expect(ola.part(".upload progress")).to_have_count(4)
    ola.reads("Files sent: {n} of {total}", ".upload [role=status]", n=1, total=4)
    ola.look("apply-sending")
    line.send("Network.disable")
    ola.mistakes("Further documents")
    expect(ola.part("#errors")).to_contain_text(program.name)
    for kept in (CV, OTHER, CERTIFICATE):
        expect(ola.part("main")).to_contain_text(kept.name)
    assert ola.field("Name").input_value() == "Ola Sør"
    assert ola.part("input[name=consent]:checked").get_attribute("value") == "no"
    ola.sends()
    ola.reads(CERTIFICATE.name)


def _slow(person: Person) -> CDPSession:
    """The line of a phone in the mountains."""
    line = person.page.context.new_cdp_session(person.page)
    line.send("Network.enable")
    slow = {"offline": False, "latency": 50, "downloadThroughput": 50_000, "uploadThroughput": 15_000}
    line.send("Network.emulateNetworkConditions", slow)
    return line


def changes_the_documents(ola: Person) -> None:
    ola.follow("Follow the application")
    ola.follow("Add, replace or remove documents")
    ola.arrives("Documents")
    ola.attach("CV", OTHER)
    ola.press("Save the documents")
    ola.told("Your documents are changed.")
    expect(ola.part("#documents")).not_to_contain_text(CV.name)


async def _invites(site: Site, who: UUID, application: str) -> None:
    me = Me(kind="staff", id=who, name="Kari", session="", language="nb", roles=frozenset({"recruiter"}))
    opened = await access.opened(site, me, UUID(application), "review", clock.now())
    times = (clock.now() + timedelta(days=2), clock.now() + timedelta(days=3))
    await interviews.arrange(site, opened, Plan(times, 45, "Møterom Fjorden", "", (who,), None), clock.now())


def answers_the_invitation(ola: Person) -> None:
    assert ola.mail("interview_invitation").link("/interview")
    ola.go("/my")
    ola.follow("Follow the application")
    ola.follow("Choose a time")
    ola.press("Send the answer")
    ola.mistakes("Time")
    ola.choose("None of these suits me")
    ola.fill("Message", "Gjerne etter klokken 15.")
    ola.press("Send the answer")
    ola.told("Your answer has arrived. You will hear from us.")
    ola.look("my-interview-answered")


def gives_and_withdraws_consent(ola: Person) -> None:
    ola.go("/my/consent")
    ola.press("Yes, I consent")
    ola.told("You have given consent. You can withdraw it at any time.")
    assert ola.mail("consent_given")
    ola.press("Withdraw consent")
    ola.told("You have not consented. What only consent kept is erased now.")
    expect(ola.part("main article")).to_have_count(2)
    ola.look("my-consent-history")
    ola.go("/my/looks")
    expect(ola.part("main tbody tr").first).to_be_visible()


def takes_copies(ola: Person) -> None:
    ola.page.set_default_timeout(30_000)  # the first PDF of a process is slow to draw
    ola.go("/my")
    for label, head in (
        ("PDF, to read", b"%PDF"),
        ("ZIP, with your files", b"PK"),
        ("JSON Resume, to take elsewhere", b"{"),
    ):
        with ola.page.expect_download() as waiting:
            ola.press(label)
        assert waiting.value.path().read_bytes().startswith(head)


def moves_to_another_address(ola: Person) -> None:
    ola.go("/my/email")
    ola.fill("New e-mail address", "ola.ny@example.org")
    ola.press("Send both links")
    ola.told("We have sent a link to both addresses. Press both within a day.")
    old = ola.mail("email_old").link("/my/email/old")
    ola.email = "ola.ny@example.org"
    ola.page.goto(old)
    ola.press("Yes, change the address")
    ola.arrives("Confirmed")
    ola.page.goto(ola.mail("email_new").link("/my/email/new"))
    ola.press("Yes, this address is mine")
    ola.arrives("The e-mail address is changed")
    ola.go("/my")
    ola.reads(ola.email)


def withdraws(ola: Person) -> None:
    ola.follow("Withdraw the application")
    ola.arrives("Withdraw the application")
    ola.press("Withdraw the application")
    ola.told("Your application is withdrawn.")
    ola.look("my-withdrawn")
    assert ola.mail("withdrawn").link("/consent")


def asks_something(ola: Person) -> None:
    ola.go("/enquiry")
    ola.press("Send the question")
    ola.mistakes("Your question")
    ola.choose("Privacy")
    ola.fill("Name", "Ola Sør")
    ola.fill("E-mail address", ola.email)
    ola.fill("Your question", "Hvem leser loggen?")
    ola.press("Send the question")
    expect(ola.page).to_have_url(re.compile("/enquiry/sent$"))
    assert ola.mail("enquiry_received")
