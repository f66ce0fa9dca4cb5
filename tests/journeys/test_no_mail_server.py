"""Before a mail server is set: the administrator hands an invitation over, and its link is shown once."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from recruit.i18n import Language
from recruit.settings import Settings
from tests.conftest import Time
from tests.journeys.conftest import Seat
from tests.journeys.furnished import KARI, employer_with_kari
from tests.journeys.installation import Installation, settings_in
from tests.journeys.people import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
def installation(tmp_path: Path, time: Time) -> Iterator[Installation]:
    def silent(port: int) -> Settings:
        return msgspec.structs.replace(settings_in(tmp_path)(port), smtp="")

    with Installation(time, silent) as served:
        yield served


@pytest.mark.parametrize("lang", ["nb", "en"])
def test_the_link_of_an_invitation_is_shown_to_be_handed_over(
    lang: Language, seat: Seat, installation: Installation
) -> None:
    employer_with_kari(installation, lang)
    kari, hanne = seat(lang, KARI), seat(lang, "hanne@fjordlys.example")
    kari.sign_in()
    kari.go("/staff/new")
    kari.fill("Name", "Hanne Li")
    kari.fill("E-mail address", hanne.email)
    kari.choose("Hiring manager")
    kari.press("Send the invitation")
    kari.arrives("Hand over this link")
    kari.look("invitation-to-hand-over")
    hanne.page.goto(kari.part("main code").inner_text())
    hanne.fill("New password", PASSWORD)
    hanne.press("Save the password")
    hanne.sign_in()
