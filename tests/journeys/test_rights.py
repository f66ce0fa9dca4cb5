"""Each right from the candidate's first click to the answered case, in one browser, in both languages.

Guards that every one of the seven is reached from "my data", that no form asks for a reason, and that the answer stands
on the candidate's own page and in their mailbox (L19 to L30). On the other side the desk finds each in its queue, takes
more time once, and refuses with reasons only.
"""

import pytest

from recruit import clock
from recruit.i18n import Language
from tests import factories
from tests.journeys.conftest import Seat
from tests.journeys.furnished import KARI, employer_with_kari, open_vacancy
from tests.journeys.installation import Installation
from tests.journeys.people import Person

pytestmark = pytest.mark.browser

OLA = "ola@example.org"
RIGHTS = ("Complaint", "Access", "Data portability", "Rectification", "Restriction", "Objection", "Erasure")
"""In an order in which none takes away what the next is about."""


@pytest.mark.parametrize("lang", ["nb", "en"])
def test_each_right_from_the_first_click_to_the_answer(lang: Language, seat: Seat, installation: Installation) -> None:
    employer_with_kari(installation, lang)
    vacancy = open_vacancy(installation)
    installation.do(
        factories.application(installation.site, clock.now(), vacancy, OLA, letter="Jeg liker ting.", language=lang)
    )
    kari, ola = seat(lang, KARI), seat(lang, OLA)
    kari.sign_in()
    comes_in(ola)
    for right in RIGHTS:
        uses(ola, right)
        if right == "Data portability":
            takes_more_time(kari, ola, right)
        answers(kari, ola, right)
        ola.page.reload()
        ola.reads("The answer")
        assert ola.mail("request_answered")
    ola.look("request-answered")
    ola.go("/my/rights").look("rights")
    kari.go("/desk/requests").reads("Answered")
    assert kari.part("main tbody tr").count() == len(RIGHTS)
    kari.look("queue-answered")


def comes_in(ola: Person) -> None:
    ola.go("/my/sign-in")
    ola.fill("E-mail address", OLA)
    ola.press("Send me a link")
    ola.arrives("Look in your e-mail")
    ola.page.goto(ola.mail().link("/my/enter"))
    ola.press("Open my data")
    ola.arrives("My data")


def uses(ola: Person, right: str) -> None:
    ola.go("/my")
    ola.follow("Use a right")
    ola.arrives("Your rights")
    ola.follow(right)
    ola.arrives(right)
    ola.look(f"right-{right.split()[-1].lower()}")
    if right in ("Restriction", "Objection", "Erasure"):
        ola.choose("Everything that is kept about me")
    if right == "Rectification":
        ola.press("Send the request")
        ola.mistakes("What should stand there")
        ola.fill("What should stand there", "Jeg liker folk.")
    ola.press("Send the complaint" if right == "Complaint" else "Send the request")
    ola.told("We have received your request. The answer comes by e-mail.")
    assert ola.mail("request_received")


def takes_more_time(kari: Person, ola: Person, right: str) -> None:
    """L21: from the queue, once, and only with a reason that the person is told."""
    kari.go("/desk/requests").look("queue")
    kari.follow(right)
    kari.follow("Take more time")
    kari.press("Take more time")
    kari.mistakes("How much more time", "Why")
    kari.look("extension")
    kari.part("main").get_by_role("radio").first.check()
    kari.fill("Why", "Det er mange filer.")
    kari.press("Take more time")
    kari.told("More time is taken. The person is told why.")
    assert "Det er mange filer." in ola.mail("request_extended").text
    assert not kari.part("main a[href$='/extension']").count()


def answers(kari: Person, ola: Person, right: str) -> None:
    """By the link of the mail that says a case waits."""
    kari.page.goto(kari.mail("request_waits").link("/desk/requests"))
    kari.arrives(right)
    if right == "Rectification":
        kari.follow("Say what is put right")
        kari.part("main").get_by_role("radio").nth(2).check()
        kari.look("rectification")
        kari.press("Save")
        kari.told("Noted. It is written when you grant the request.")
    if right == "Objection":
        kari.choose("Refuse")
        kari.press("Answer the request")
        kari.mistakes("Words to the person")
        kari.choose("There are compelling legitimate grounds for the processing which override yours (article 21(1)).")
    else:
        kari.choose("Grant")
    if right == "Complaint":
        kari.press("Answer the request")
        kari.mistakes("Words to the person")
        kari.choose("Grant")
        kari.fill("Words to the person", "Du har rett, og vi beklager.")
    kari.press("Answer the request")
    kari.reads("The answer")
    kari.look(f"case-{right.split()[-1].lower()}")
