"""The main path from the first run to a verified receipt, walked in a browser in both languages.

Every page on it is looked at on a narrow screen and, in Norwegian, by axe in the light and the dark; at the end no page
of the app is left that nobody has looked at.
"""

import re
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from litestar import Litestar
from playwright.sync_api import Download, expect

from recruit import clock
from recruit.accounts.service import setup_code
from tests.journeys import gallery
from tests.journeys.conftest import Seat
from tests.journeys.installation import Installation
from tests.journeys.looking import templates_shown, unvisited
from tests.journeys.people import PASSWORD, SAMPLES, Person, subject_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CV, CERTIFICATE = SAMPLES / "chromium.pdf", SAMPLES / "libreoffice.docx"
LETTER = "Jeg liker å bygge ting som varer.\n\nDet gjør dere også."

FILES = {
    "/account/second-factor/qr.svg",
    "/desk/receipts/{number}",
    "/documents/{document}/original",
    "/documents/{document}/page/{name}",
    "/my/documents/{document}",
    "/r/{token}/receipt.pdf",
    "/verify/certificate.pem",
}
"""GET routes that answer with a picture or a download: they were asked for, but there is no page to look at."""

UNSHOWN = {"accounts/invited.html"}
"""Shown only where no mail leaves the installation: test_no_mail_server.py looks at it."""


@pytest.mark.parametrize("lang", ["nb", "en"])
def test_from_the_first_run_to_a_verified_receipt(
    lang: str, seat: Seat, installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = templates_shown(monkeypatch)
    kari = seat(lang, "kari@fjordlys.example")
    dag = seat(lang, "dag@fjordlys.example")
    hanne = seat(lang, "hanne@fjordlys.example")
    ola = seat(lang, "ola@example.org")
    ase = seat(lang, "ase@example.org")

    sets_up_the_employer(kari)
    turns_on_a_second_factor(kari)
    invites_colleagues(kari, dag, hanne)
    tends_the_own_account(hanne)
    decides_the_policy(kari)
    vacancy = publishes_a_vacancy(kari)

    applies_with_mistakes_first(ola, vacancy, tmp_path)
    ase.applies(vacancy, "Åse Vest", LETTER, "No, I do not consent")
    comes_in_by_code_and_by_link(ola)
    reads_and_corrects(ola, tmp_path)

    application = reviews(kari, vacancy)
    records_screening_once_it_is_lawful(kari, application)
    decides_and_undoes(kari, application)
    closes_undoes_and_closes_again(kari, vacancy, ola)
    finds_it_closed(ase, vacancy)

    answers_the_question_without_signing_in(ola)
    asks_for_erasure_and_takes_a_copy(ola, tmp_path)
    holds_and_releases(dag, application)
    receipt = grants_and_purges(dag, ola)
    reads_the_records(dag, tmp_path)
    finds_the_receipt(ola, receipt, tmp_path)
    time_passes_for_the_silent_one(ase)

    everybody = (kari, dag, hanne, ola, ase)
    _every_page_was_looked_at(installation.app, everybody, shown)


# --- 1: the first run, signing in, a vacancy ------------------------------------------------------------------------


def sets_up_the_employer(kari: Person) -> None:
    kari.go("/")
    kari.arrives("Set up recruit")
    kari.look("first-run")
    kari.press("Set up")
    kari.mistakes("Set-up code", "Employer's name", "Password")
    kari.look("first-run-mistakes")
    kari.fill("Set-up code", kari.installation.do(setup_code(kari.installation.site, clock.now())))
    kari.fill("Employer's name", "Fjordlys AS")
    kari.fill("Organisation number", "999999999")
    kari.fill("Postal address", "Storgata 1, 2380 Brumunddal")
    kari.fill("E-mail address for questions", "post@fjordlys.example")
    kari.choose("Yes")
    kari.fill("Name of the data protection officer or privacy contact", "Dag Berg")
    kari.fill("Their e-mail address", "dag@fjordlys.example")
    kari.fill("Your name", "Kari Nord")
    kari.fill("Your e-mail address", kari.email)
    kari.fill("Password", PASSWORD)
    kari.press("Set up")
    kari.told("Everything is set up. Sign in with the account you have just made.")
    kari.look("sign-in")


def turns_on_a_second_factor(kari: Person) -> None:
    kari.fill("E-mail address", kari.email)
    kari.fill("Password", "not the password")
    kari.press("Sign in")
    expect(kari.part("#errors")).to_be_focused()
    kari.look("sign-in-refused")
    kari.sign_in()
    kari.look("vacancies-none")
    kari.go("/account").look("account")
    kari.go("/account/second-factor").look("second-factor-off")
    kari.fill("Present password", PASSWORD)
    kari.press("Set it up")
    kari.arrives("Set up the second factor")
    kari.sees("main img")
    kari.look("second-factor-set-up")
    kari.secret = kari.part("main code").inner_text().replace(" ", "")
    kari.fill("Code", kari.code())
    kari.press("Turn it on")
    kari.arrives("Your recovery codes")
    kari.look("recovery-codes")
    kari.follow("I have kept them")
    kari.sign_out()
    kari.go("/sign-in")
    kari.fill("E-mail address", kari.email)
    kari.fill("Password", PASSWORD)
    kari.press("Sign in")
    kari.arrives("Code from your phone")
    kari.look("sign-in-code")
    kari.sign_in()
    kari.go("/account/second-factor").look("second-factor-on")


def invites_colleagues(kari: Person, dag: Person, hanne: Person) -> None:
    kari.follow("Accounts", "header")
    kari.look("accounts")
    kari.go("/staff/new")
    kari.press("Send the invitation")
    kari.mistakes("Name", "E-mail address", "Roles")
    kari.look("account-new-mistakes")
    for colleague, name, role in (
        (dag, "Dag Berg", "Data protection officer or privacy contact"),
        (hanne, "Hanne Li", "Hiring manager"),
    ):
        kari.go("/staff/new")
        kari.fill("Name", name)
        kari.fill("E-mail address", colleague.email)
        kari.choose("Norsk" if kari.lang == "nb" else "English")
        kari.choose(role)
        kari.press("Send the invitation")
        kari.told("The invitation is on its way. Its link is good for seven days.")
        colleague.takes_up_invitation()
        colleague.look(f"invitation-{role.split()[0].lower()}")
        colleague.press("Save the password")
        colleague.sign_in()
    kari.part("main tr").filter(has_text="Hanne Li").get_by_role("link").click()
    kari.arrives("Hanne Li")
    kari.look("account-of-a-colleague")
    kari.follow("Settings", "header")
    kari.look("settings")


def tends_the_own_account(hanne: Person) -> None:
    hanne.look("vacancies-none-of-mine")
    for page in ("name", "password", "email"):
        hanne.go(f"/account/{page}").look(f"account-{page}")
    before = hanne.email
    hanne.email = "hanne.li@fjordlys.example"
    hanne.fill("New e-mail address", hanne.email)
    hanne.fill("Present password", PASSWORD)
    hanne.press("Send the link")
    hanne.told("A link has been sent to the new address. Open it to finish.")
    hanne.page.goto(hanne.mail().link("/account/email"))
    hanne.look("account-email-confirm")
    hanne.press("Confirm")
    hanne.told("The new e-mail address is saved. You sign in with it from now on.")
    assert before != hanne.email
    hanne.go("/password/forgot").look("password-forgotten")
    hanne.fill("E-mail address", hanne.email)
    hanne.press("Send the link")
    hanne.arrives("Look in your mail")
    hanne.look("password-sent")
    hanne.page.goto(hanne.mail().link("/password/reset"))
    hanne.fill("New password", "kort")
    hanne.press("Save the password")
    hanne.mistakes("New password")
    hanne.look("password-too-short")


def decides_the_policy(kari: Person) -> None:
    kari.go("/settings/policy").look("policy")
    kari.fill("With consent, an application is kept (months)", "18")
    kari.press("See the changes")
    kari.arrives("Check the changes")
    kari.look("policy-changes")
    kari.press("Decide: in force from {date}", date=clock.today() + timedelta(days=1))
    kari.told("The new retention policy is decided. It is in force from tomorrow.")


def publishes_a_vacancy(kari: Person) -> str:
    kari.follow("Vacancies", "header")
    kari.follow("New vacancy")
    kari.press("Save")
    kari.mistakes("Title in Norwegian", "Place of work")
    kari.look("vacancy-new-mistakes")
    kari.fill("Title in Norwegian", "Systemutvikler")
    kari.fill("Title in English", "Software developer")
    kari.fill("Place of work", "Brumunddal")
    kari.fill("Extent", "100 %")
    kari.fill("Deadline", (kari.installation.time.now + timedelta(days=21)).date().isoformat())
    kari.fill("Text in Norwegian", "Vi søker en systemutvikler.\n\nDu liker å bygge ting som varer.")
    kari.fill("Text in English", "We need a software developer.\n\nYou like to build what lasts.")
    kari.press("Save")
    kari.told("Saved as a draft. Only colleagues see it so far.")
    kari.look("vacancy-draft")
    number = kari.here().rsplit("/", 1)[1]
    kari.press("Publish")
    kari.told("Published. Candidates can apply now.")
    kari.follow("Change")
    kari.look("vacancy-edit")
    kari.go(f"/vacancies/{number}/team").look("team-nobody")
    kari.field("Colleague").select_option(label="Hanne Li")
    kari.press("Add to the team")
    kari.told("Added to the hiring team.")
    kari.look("team")
    return number


# --- 2: applying ----------------------------------------------------------------------------------------------------


def applies_with_mistakes_first(ola: Person, vacancy: str, folder: Path) -> None:
    ola.go("/").look("positions")
    ola.part("main table").get_by_role("link").first.click()
    ola.look("position")
    for page in ("privacy", "cookies"):
        ola.go(f"/{page}").look(page)
    ola.go(f"/positions/{vacancy}/apply").look("apply")
    assert ola.part("input[name=consent]:checked").count() == 0
    program = folder / "cv.exe"
    program.write_bytes(b"MZ\x90\x00 a program, not a CV")
    ola.fill("E-mail address", ola.email)
    ola.fill("Phone", "900 00 000")
    ola.attach("CV", program)
    ola.attach("Further documents", CERTIFICATE)
    ola.press("Look over and send")
    ola.mistakes("Name", "CV")
    ola.look("apply-mistakes")
    assert ola.field("Phone").input_value() == "900 00 000"
    expect(ola.part(".received")).to_contain_text(CERTIFICATE.name)
    assert ola.part("input[name=consent]:checked").count() == 0
    ola.go(f"/positions/{vacancy}/apply")
    ola.reads("You have begun this application")
    ola.look("apply-begun")
    ola.fill("Name", "Ola Sør")
    ola.press("Save, and go on later")
    ola.arrives("Your application is saved")
    ola.look("apply-saved")
    begun = ola.mail("draft_saved").link("/positions/begun")
    ola.page.goto(begun)
    ola.look("apply-go-on")
    ola.press("Open the form")
    ola.attach("CV", CV)
    ola.press("Look over and send")
    ola.arrives("Look over your application")
    ola.reads("Ola Sør")
    ola.look("apply-review")
    ola.press("Send the application")
    ola.arrives("We have received your application")
    ola.reads(CERTIFICATE.name)
    ola.clock()
    ola.look("applied")
    ola.page.goto(begun)
    ola.look("apply-sent-already")
    mail = ola.mail("applied")
    assert mail.link("/my/from")
    assert mail.link("/consent")


# --- 6: the candidate's own page ------------------------------------------------------------------------------------


def comes_in_by_code_and_by_link(ola: Person) -> None:
    ola.go("/my")
    ola.arrives("My data")
    ola.press("Send me a link")
    ola.mistakes("E-mail address")
    ola.look("my-sign-in")
    ola.go("/my/code").look("my-code-not-asked")
    ola.page.goto(ola.mail().link("/my/from"))
    ola.look("my-from-mail")
    ola.press("Send me the link")
    ola.arrives("Look in your e-mail")
    ola.fill("Code", "000 000")
    ola.press("Go in")
    ola.mistakes("Code")
    ola.look("my-code")
    mail = ola.mail("sign_in")
    found = re.search(r"\b(\d{3} ?\d{3})\b", mail.text)
    assert found
    ola.fill("Code", found[1])
    ola.press("Go in")
    expect(ola.page).to_have_url(re.compile("/my$"))
    ola.sign_out()
    ola.page.goto(ola.mail("sign_in").link("/my/enter"))
    ola.arrives("This link no longer works")
    ola.look("my-link-used")
    ola.page.goto(ola.mail().link("/my/from"))
    ola.press("Send me the link")
    ola.arrives("Look in your e-mail")
    fresh = ola.mail("sign_in").link("/my/enter")
    ola.page.goto(fresh)
    ola.look("my-enter")
    ola.page.goto(fresh)
    ola.press("Open my data")
    ola.arrives("My data")


def reads_and_corrects(ola: Person, folder: Path) -> None:
    ola.clock()
    ola.look("my")
    ola.go("/my/contact").look("my-contact")
    ola.fill("Telephone number", "911 11 111")
    ola.press("Save")
    ola.told("Your contact details are changed.")
    ola.part("main a[href^='/my/applications/']").first.click()
    ola.page.wait_for_load_state()
    with ola.page.expect_download() as waiting:
        ola.part("main").get_by_role("link", name=CV.name).click()
    assert _kept(waiting.value, folder).read_bytes() == CV.read_bytes()
    ola.follow("Withdraw the application")
    ola.arrives("Withdraw the application")
    ola.look("my-withdraw")
    ola.go("/my/nothing-here").look("not-found")


# --- 3: review ------------------------------------------------------------------------------------------------------


def reviews(kari: Person, vacancy: str) -> str:
    kari.go("/vacancies").look("vacancies")
    kari.go(f"/vacancies/{vacancy}")
    kari.clock("main tbody .clock")
    kari.look("vacancy-applications")
    kari.follow("Ola Sør")
    kari.arrives("Ola Sør")
    assert kari.sees(".document img") >= 2
    kari.part(".document details summary").first.click()
    assert len(kari.part(".document-text").first.inner_text()) > 20
    with kari.page.expect_download() as waiting:
        kari.follow("Download the original")
    assert waiting.value.path().read_bytes() == CV.read_bytes()
    kari.clock()
    kari.press("Save the note")
    kari.mistakes("Note")
    kari.fill("Note", "Svarer rolig og konkret.")
    kari.press("Save the note")
    kari.told("The note is saved.")
    kari.look("application")
    application = kari.here().rsplit("/", 1)[1]
    kari.follow("Change or delete", "#notes")
    kari.clock()
    kari.look("note")
    kari.fill("Note", "Svarer rolig og konkret, med gode eksempler.")
    kari.press("Save")
    kari.told("The note is saved.")
    return application


def records_screening_once_it_is_lawful(kari: Person, application: str) -> None:
    kari.go(f"/applications/{application}")
    expect(kari.part("#screening .locked .rule")).to_have_text("L9")
    assert kari.part("#screening form[action$='/screening']").count() == 0
    kari.press("Mark as finalist", "#screening")
    kari.told("Marked as finalist. Screening can be recorded now.")
    kari.press("Add the referee", "#screening")
    kari.mistakes("Name", "E-mail address")
    kari.fill("Name", "Per Vest", "#referees")
    kari.fill("E-mail address", "per@example.net", "#referees")
    kari.press("Add the referee", "#screening")
    kari.told("The referee is added and told by e-mail.")
    assert kari.installation.letters("per@example.net")
    kari.unfold("Write down what was found out", "#screening")
    kari.field("What", "#screening").select_option(index=1)
    kari.fill("What was found out", "Anbefales varmt.")
    kari.press("Record", "#screening")
    kari.told("Recorded.")
    kari.look("application-finalist")
    kari.press_about(kari._("Move to {stage}", stage=""))
    kari.told("Moved.")


def decides_and_undoes(kari: Person, application: str) -> None:
    kari.go(f"/applications/{application}")
    kari.follow("Record the outcome")
    kari.clock()
    kari.look("outcome")
    kari.press("Record the outcome")
    kari.mistakes("Outcome")
    kari.choose("Rejected")
    kari.press("Record the outcome")
    kari.told("The outcome is recorded, and the candidate is told by e-mail.")
    kari.look("application-rejected")
    kari.go(f"/applications/{application}/outcome").look("outcome-recorded")
    kari.go(f"/applications/{application}")
    kari.press("Undo the close")
    kari.told("The close is undone. The candidate is told by e-mail.")


# --- 4: closing -----------------------------------------------------------------------------------------------------


def closes_undoes_and_closes_again(kari: Person, vacancy: str, ola: Person) -> None:
    kari.go(f"/vacancies/{vacancy}")
    closes(kari)
    assert ola.mail("closed").link("/consent")
    kari.look("vacancy-closed")
    kari.follow("Open again")
    kari.look("reopening")
    kari.press("Open the vacancy again")
    kari.told("Open again. Those whose applications go on are told by e-mail.")
    assert ola.mail("reopened").link("/my/from")
    closes(kari)
    kari.installation.time.forward(minutes=1)
    assert len(kari.installation.letters(ola.email, subject_of("closed", ola.lang))) == 3


def closes(kari: Person) -> None:
    """Both who are left get the same outcome and the question; nothing leaves before it was looked at."""
    kari.follow("Close the vacancy")
    kari.reads("Those who do not get the position")
    kari.look("closing")
    kari.choose("Position filled or closed")
    kari.choose("Ask them whether to be kept for future vacancies")
    kari.press("Look at it before it is sent")
    kari.arrives("Check before it is sent")
    kari.look("closing-check")
    kari.part("main button[name=mark]").click()
    kari.told("Closed. The candidates are told by e-mail.")


def finds_it_closed(ase: Person, vacancy: str) -> None:
    ase.go(f"/positions/{vacancy}").look("position-closed")
    ase.go(f"/positions/{vacancy}/apply")
    ase.arrives("This position no longer takes applications")
    ase.look("apply-closed")
    ase.go("/").look("positions-none")


# --- 6: rights ------------------------------------------------------------------------------------------------------


def answers_the_question_without_signing_in(ola: Person) -> None:
    ola.go("/my")
    ola.sign_out()
    ola.page.goto(ola.mail("closed").link("/consent"))
    ola.look("consent-asked")
    ola.press("Yes, I consent")
    ola.told("You have given consent. You can withdraw it at any time.")
    ola.look("consent-given")
    ola.press("Withdraw consent")
    ola.told("You have not consented. What only consent kept is erased now.")
    ola.press("Yes, I consent")
    ola.told("You have given consent. You can withdraw it at any time.")


def asks_for_erasure_and_takes_a_copy(ola: Person, folder: Path) -> None:
    ola.opens_my_data()
    ola.clock()
    for _ in range(2):
        with ola.page.expect_download() as waiting:
            ola.press("ZIP, with your files")
        _holds_everything(_kept(waiting.value, folder))
    ola.go("/my/rights/erasure")
    ola.press("Send the request")
    ola.mistakes("What it is about")
    ola.look("erasure")
    ola.choose("Everything that is kept about me")
    ola.press("Send the request")
    ola.told("We have received your request. The answer comes by e-mail.")
    ola.look("my-with-a-request")


def _holds_everything(copy: Path) -> None:
    with zipfile.ZipFile(copy) as archive:
        assert archive.testzip() is None
        files = {Path(name).name: archive.read(name) for name in archive.namelist()}
    assert any(content == CV.read_bytes() for content in files.values())
    text = b"".join(content for name, content in files.items() if name.endswith(".json")).decode()
    assert "Ola Sør" in text
    assert "med gode eksempler" in text
    assert "Per Vest" not in text


# --- 7: the desk ----------------------------------------------------------------------------------------------------


def holds_and_releases(dag: Person, application: str) -> None:
    dag.go("/desk").look("desk")
    dag.go("/desk/holds").look("holds-none")
    dag.go("/desk/receipts").look("receipts-none")
    dag.go("/ledger").look("ledger-none")
    dag.go(f"/applications/{application}").look("application-for-the-dpo")
    dag.part("#holds summary").first.click()
    dag.fill("Why it must not be erased", "Krav om innsyn etter diskrimineringsloven", "#holds")
    dag.fill("Legal basis", "GDPR art. 17(3)(e)", "#holds")
    dag.press("Place the hold", "#holds")
    dag.mistakes("To be reviewed by")
    dag.fill("To be reviewed by", (dag.installation.time.now + timedelta(days=90)).date().isoformat(), "#holds")
    dag.press("Place the hold", "#holds")
    dag.told("The legal hold stands.")
    dag.go(f"/applications/{application}").look("application-held")
    dag.go("/desk/requests").look("requests")
    dag.part("main table").get_by_role("link").first.click()
    dag.look("case-under-a-hold")
    dag.go("/desk/holds").look("holds")
    dag.part("main table").get_by_role("link").first.click()
    dag.clock()
    dag.look("hold")
    dag.press("Release the hold")
    dag.told("The hold is released. What is due without it goes with the next purge.")


def grants_and_purges(dag: Person, ola: Person) -> str:
    dag.go("/desk/requests")
    dag.part("main table").get_by_role("link").first.click()
    dag.clock()
    dag.press("Answer the request")
    dag.mistakes("Answer")
    dag.look("case")
    dag.choose("Grant")
    dag.press("Answer the request")
    dag.told("Granted. The person is told.")
    dag.look("case-granted")
    dag.go("/desk/requests").look("requests-answered")
    dag.go("/desk/purge").look("purge-preview")
    dag.press("Run the purge now")
    dag.arrives("The purge has run")
    dag.look("purge-announced")
    receipt = ola.mail("purge_notice").link("/r")
    ola.page.goto(receipt)
    ola.arrives("No erasure completed")
    ola.look("receipt-waiting")
    dag.installation.time.forward(minutes=1)
    dag.go("/desk/purge").look("purge-ready")
    dag.press("Run the purge now")
    dag.arrives("The purge has run")
    dag.look("purge-done")
    return receipt


def reads_the_records(dag: Person, folder: Path) -> None:
    dag.go("/desk/receipts").look("receipts")
    with dag.page.expect_download() as waiting:
        dag.part("main table").get_by_role("link").first.click()
    assert _kept(waiting.value, folder).read_bytes().startswith(b"%PDF")
    dag.go("/desk").look("desk-after")


# --- 8: the receipt -------------------------------------------------------------------------------------------------


def finds_the_receipt(ola: Person, receipt: str, folder: Path) -> None:
    ola.page.goto(receipt)
    ola.arrives("Receipt for an erasure")
    ola.look("receipt")
    with ola.page.expect_download() as waiting:
        ola.follow("Download the receipt (PDF)")
    pdf = _kept(waiting.value, folder)
    told = subprocess.run(["pdfsig", "-nocert", str(pdf)], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    for name in (b"Ola", b"ola@example.org"):
        assert name not in pdf.read_bytes()
    ola.go("/verify").look("verify")
    ola.press("Verify")
    ola.mistakes("The receipt")
    ola.attach("The receipt", pdf)
    ola.press("Verify")
    ola.arrives("The receipt passes")
    ola.look("verified")
    with ola.page.expect_download():
        ola.follow("Download the certificates (PEM)")
    ola.go("/verify")
    ola.attach("The receipt", _tampered(pdf, folder))
    ola.press("Verify")
    ola.reads("A check failed")
    ola.look("verify-tampered")
    ola.page.goto(receipt.rsplit("/", 1)[0] + "/" + "x" * 32)
    ola.look("receipt-unknown")
    for mail, place in ((ola.mail().link("/my/from"), "my-gone"), (ola.mail().link("/consent"), "consent-gone")):
        ola.page.goto(mail)
        ola.arrives("There is nothing here any more")
        ola.look(place)


def _tampered(pdf: Path, folder: Path) -> Path:
    """The same receipt with one byte of its content changed."""
    content = bytearray(pdf.read_bytes())
    place = content.index(b"stream\n") + 40
    content[place] ^= 1
    changed = folder / "tampered.pdf"
    changed.write_bytes(content)
    return changed


def time_passes_for_the_silent_one(ase: Person) -> None:
    """No answer: announced when the window ends; consent calls it off; withdrawing makes it due at once."""
    for _ in range(14):
        ase.installation.night()
    first = ase.mail("purge_notice").link("/r")
    ase.page.goto(first)
    ase.look("receipt-announced")
    ase.page.goto(ase.mail().link("/consent"))
    ase.press("Yes, I consent")
    ase.told("You have given consent. You can withdraw it at any time.")
    ase.page.goto(first)
    ase.reads("The erasure was called off")
    ase.look("receipt-called-off")
    ase.page.goto(ase.mail().link("/consent"))
    ase.press("Withdraw consent")
    ase.told("You have not consented. What only consent kept is erased now.")
    for _ in range(2):
        ase.installation.night()
    ase.page.goto(ase.mail("purge_notice").link("/r"))
    ase.arrives("Receipt for an erasure")


# --- what holds the path together -----------------------------------------------------------------------------------


def _kept(download: Download, folder: Path) -> Path:
    path = folder / download.suggested_filename
    download.save_as(path)
    return path


def _every_page_was_looked_at(app: Litestar, everybody: tuple[Person, ...], shown: set[str]) -> None:
    seen = {path for person in everybody for path in person.eyes.seen}
    asked_for = {path for person in everybody for path in person.eyes.asked_for}
    assert unvisited(app, seen) - gallery.ROUTES == FILES, "routes that nobody looked at, or files that became pages"
    assert unvisited(app, asked_for) <= gallery.ROUTES, "files that nobody asked for"
    folder = Path(__file__).parents[2] / "templates"
    pages = {path.relative_to(folder).as_posix() for path in folder.glob("*/*.html")}
    pages = {name for name in pages if not name.startswith(("mail/", "demo/"))}
    assert pages - shown - gallery.TEMPLATES == UNSHOWN, "templates that no page of the path was made of"
