"""A narrow screen and the longest words: nothing scrolls sideways, and nothing typed is cut off.

The main path looks at every page at 390 px; here the words are as long as people's names and files can be, and the
screen is as narrow as 1280 px enlarged four times (WCAG 2.2, 1.4.10: 320 px).
"""

import pytest

from recruit import clock
from recruit.i18n import Language
from recruit.retention import holds
from recruit.rights import asking
from tests import factories
from tests.journeys.conftest import Seat
from tests.journeys.furnished import KARI, employer_with_kari, open_vacancy
from tests.journeys.installation import Installation
from tests.journeys.looking import wider_than
from tests.journeys.people import SAMPLES

pytestmark = pytest.mark.browser

NARROWEST = 320
WORD = "Menneskerettighetsorganisasjonssekretariatskonsulent"
NAME = f"Maximiliana-Konstantinopolitanskaja {WORD}sen"
EMAIL = f"{WORD.lower()}@{WORD.lower()}.example"
FILE = f"{WORD}-{WORD}-{WORD}.pdf"


@pytest.mark.parametrize("lang", ["nb", "en"])
def test_long_words_never_make_a_page_scroll_sideways(lang: Language, seat: Seat, installation: Installation) -> None:
    site = installation.site
    kari_id = employer_with_kari(installation, lang)
    vacancy = open_vacancy(installation)
    site_title = f"{WORD}leder"
    installation.do(site.records.run_sql("UPDATE vacancy SET title_nb = ?, title_en = ?", site_title, site_title))
    files = ((FILE, "application/pdf", (SAMPLES / "groff.pdf").read_bytes()),)
    unit = installation.do(
        factories.application(site, clock.now(), vacancy, EMAIL, NAME, letter=WORD * 3, documents=files)
    )
    person = installation.do(factories.candidate_of(site, unit))
    review = clock.today().replace(year=clock.today().year + 1)
    hold = installation.do(holds.place(site, unit, kari_id, WORD * 2, f"art. 17(3)(e) {WORD}", review, clock.now()))
    installation.do(asking.ask_erasure(site, person, unit, WORD * 2, clock.now()))

    kari, ola = seat(lang, KARI), seat(lang, EMAIL)
    kari.sign_in()
    ola.go("/my/sign-in")
    ola.fill("E-mail address", EMAIL)
    ola.press("Send me a link")
    ola.arrives("Look in your e-mail")
    ola.page.goto(ola.mail().link("/my/enter"))
    ola.press("Open my data")
    ola.arrives("My data")

    staff = ("/vacancies", f"/vacancies/{vacancy}", f"/applications/{unit}", f"/applications/{unit}/outcome",
             f"/vacancies/{vacancy}/close", f"/vacancies/{vacancy}/team", "/desk", "/desk/requests", "/desk/holds",
             f"/desk/holds/{hold}", "/desk/purge", "/desk/access", "/desk/audit", "/ledger", "/account", "/staff",
             "/settings", "/settings/policy")  # fmt: skip
    own = ("/my", "/my/rights", "/my/rights/erasure", "/my/contact", f"/my/applications/{unit}/withdraw", "/",
           f"/positions/{vacancy}", f"/positions/{vacancy}/apply", "/privacy", "/cookies", "/verify")  # fmt: skip
    wide = []
    for person_there, pages in ((kari, staff), (ola, own)):
        person_there.page.set_viewport_size({"width": NARROWEST, "height": 800})
        for page in pages:
            person_there.go(page)
            wide += [f"{page}: {element}" for element in wider_than(person_there.page)]
    assert not wide, "\n".join(wide)
