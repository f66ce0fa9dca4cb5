"""The forms that matter, in a browser that runs no script."""

import pytest
from playwright.sync_api import expect

from recruit.i18n import Language
from tests.journeys.conftest import Seat
from tests.journeys.furnished import KARI, employer_with_kari, open_vacancy
from tests.journeys.installation import Installation
from tests.journeys.people import SAMPLES

pytestmark = pytest.mark.browser


LANG: Language = "nb"


def test_applying_reviewing_closing_and_consent_need_no_script(seat: Seat, installation: Installation) -> None:
    employer_with_kari(installation, LANG)
    vacancy = open_vacancy(installation)
    ola = seat(LANG, "ola@example.org", script=False)
    kari = seat(LANG, KARI, script=False)

    ola.go(f"/positions/{vacancy}/apply")
    ola.fill("E-mail address", ola.email)
    ola.attach("CV", SAMPLES / "groff.pdf")
    ola.press("Look over and send")
    ola.mistakes("Name")
    expect(ola.part(".received")).to_contain_text("groff.pdf")
    ola.fill("Name", "Ola Sør")
    ola.sends()
    ola.reads("groff.pdf")
    ola.clock()

    kari.sign_in()
    kari.go(f"/vacancies/{vacancy}")
    kari.clock("main tbody .clock")
    kari.follow("Ola Sør")
    assert kari.sees(".document img") >= 1
    kari.press_about(kari._("Move to {stage}", stage=""))
    kari.told("Moved.")
    kari.fill("Note", "Svarer rolig.")
    kari.press("Save the note")
    kari.told("The note is saved.")
    kari.press("Mark as finalist", "#screening")
    kari.told("Marked as finalist. Screening can be recorded now.")
    kari.go(f"/vacancies/{vacancy}/close")
    kari.choose("Position filled or closed")
    kari.choose("Ask them whether to be kept for future vacancies")
    kari.press("Look at it before it is sent")
    kari.part("main button[name=mark]").click()
    kari.told("Closed. The candidates are told by e-mail.")
    installation.time.forward(minutes=1)

    ola.page.goto(ola.mail("closed").link("/consent"))
    ola.press("Yes, I consent")
    ola.told("You have given consent. You can withdraw it at any time.")
    ola.press("Withdraw consent")
    ola.told("You have not consented. What only consent kept is erased now.")

    kari.go("/desk/purge")
    kari.press("Run the purge now")
    kari.arrives("The purge has run")
    receipt = ola.mail("purge_notice").link("/r")
    ola.page.goto(receipt)
    ola.arrives("No erasure completed")
    installation.night()
    ola.page.goto(receipt)
    ola.arrives("Receipt for an erasure")
    with ola.page.expect_download() as waiting:
        ola.follow("Download the receipt (PDF)")
    ola.go("/verify")
    ola.attach("The receipt", waiting.value.path())
    ola.press("Verify")
    ola.arrives("The receipt passes")
