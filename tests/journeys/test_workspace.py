"""A recruitment as those who work with it live it: recruiter, interviewer and hiring manager, from a draft to a hire.

In Norwegian with a mouse, cards dragged over the board; in English by keys alone, without one press of a mouse.
"""

from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect

from recruit import clock
from recruit.accounts.service import add_staff
from recruit.i18n import Language
from tests import factories
from tests.journeys.conftest import Seat
from tests.journeys.furnished import KARI, employer_with_kari
from tests.journeys.installation import Installation
from tests.journeys.keyboard import Typist, access_key
from tests.journeys.people import SAMPLES, Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OLA, ASE, BO = "Ola Sør", "Åse Vest", "Bo Øst"
EMAILS = {OLA: "ola@example.org", ASE: "ase@example.org", BO: "bo@example.org"}


@pytest.mark.parametrize(("lang", "kind"), [("nb", Person), ("en", Typist)])
def test_from_a_draft_to_a_hire(lang: Language, kind: type[Person], seat: Seat, installation: Installation) -> None:
    employer_with_kari(installation, lang)

    def sits_down(email: str) -> Person:
        sitting = seat(lang, email)
        return kind(sitting.page, sitting.eyes, installation, email)

    kari, hanne, nina = (sits_down(email) for email in (KARI, "hanne@fjordlys.example", "nina@fjordlys.example"))
    kari.sign_in()
    takes_up_the_work(hanne, "Hanne Li", "hiring_manager")
    takes_up_the_work(nina, "Nina Dal", "interviewer")

    vacancy = advertises(kari)
    people = {name: applies(installation, vacancy, name) for name in (OLA, ASE, BO)}
    sorts(kari, vacancy)
    invites(kari, people[OLA])
    agrees(seat("nb", EMAILS[OLA]))

    interviews(nina, vacancy, people)
    manages(hanne, vacancy, people)
    writes_and_searches(kari, vacancy)
    ends(kari, vacancy, people)


def takes_up_the_work(colleague: Person, name: str, role: str) -> None:
    site, lang = colleague.installation.site, colleague.lang
    colleague.installation.do(add_staff(site, name, colleague.email, [role], clock.now(), language=lang))
    colleague.takes_up_invitation()
    colleague.press("Save the password")
    colleague.arrives("Staff sign-in")
    colleague.sign_in()


def applies(installation: Installation, vacancy: str, name: str) -> str:
    """Sent from somebody's own machine; how that goes is told elsewhere."""
    file = ("cv.pdf", "application/pdf", (SAMPLES / "groff.pdf").read_bytes())
    made = factories.application(installation.site, clock.now(), UUID(vacancy), EMAILS[name], name, documents=(file,))
    installation.time.forward(minutes=10)
    return str(installation.do(made))


# --- the recruiter --------------------------------------------------------------------------------------------------


def advertises(kari: Person) -> str:
    kari.follow("Vacancies", "header")
    kari.follow("New vacancy")
    kari.fill("Title in Norwegian", "Systemutvikler")
    kari.fill("Title in English", "Software developer")
    kari.fill("Place of work", "Brumunddal")
    kari.fill("Text in Norwegian", "Vi søker en som liker å bygge ting som varer.")
    kari.press("Save")
    kari.told("Saved as a draft. Only colleagues see it so far.")
    number = kari.here().rsplit("/", 1)[1]
    kari.follow("The vacancy's own questions")
    kari.choose("A short answer")
    kari.fill("Question in Norwegian", "Er du gravid?")
    kari.press("Save the question")
    kari.reads("This question may ask what the law forbids. Read the rule before you keep it.")
    kari.look("workspace-question-forbidden")
    kari.fill("Question in Norwegian", "Når kan du begynne?")
    kari.fill("Question in English", "When can you begin?")
    kari.press("Save the question")
    kari.told("The question is saved.")
    for name, role in (("Hanne Li", "Hiring manager"), ("Nina Dal", "Interviewer")):
        kari.go(f"/vacancies/{number}/team")
        kari.select("Colleague", name)
        kari.choose(role)
        kari.press("Add to the team")
        kari.told("Added to the hiring team.")
    kari.go(f"/vacancies/{number}")
    kari.press("Publish")
    kari.told("Published. Candidates can apply now.")
    return number


def sorts(kari: Person, vacancy: str) -> None:
    """Two cards move over the board; those who go on are given to the interviewer, all at once."""
    kari.go(f"/vacancies/{vacancy}")
    kari.follow("Board")
    screening = kari.part(".stage[data-stage=screening]")
    for name in (OLA, ASE):
        moves_the_card(kari, name)
        expect(screening).to_contain_text(name)
    expect(screening).not_to_contain_text(BO)
    kari.look("workspace-board")
    kari.follow("In process")
    for name in (OLA, ASE):
        kari.choose("Choose {name}", name=name)
    kari.select("What to do", "Nina Dal")
    kari.press("Do it")
    expect(kari.part("#flash")).to_be_visible()
    kari.look("workspace-list")


def moves_the_card(person: Person, name: str) -> None:
    place = f".slip:has-text('{name}')"
    if isinstance(person, Typist):
        person.unfold("Move", place)
        person.select("Move {name} to", person._("Screening"), place, name=name)
        person.press("Move", place)
    else:
        person.part(place).drag_to(person.part(".stage[data-stage=screening]"))
    person.told("Moved.")


def invites(kari: Person, application: str) -> None:
    kari.go(f"/applications/{application}")
    kari.follow("Invite to an interview")
    at = kari.installation.time.now + timedelta(days=2)
    kari.fill(kari._("Time {n}", n=1), at.strftime("%Y-%m-%dT12:00"))
    kari.fill("Place or link", "Møterom Fjorden")
    kari.choose("Nina Dal")
    kari.press("Send the invitation")
    kari.told("The invitation is on its way to the candidate.")


def agrees(ola: Person) -> None:
    ola.page.goto(ola.mail("interview_invitation").link("/interview"))
    ola.part("input[type=radio]").first.check()
    ola.press("Send the answer")
    expect(ola.part("#flash")).to_be_visible()


def writes_and_searches(kari: Person, vacancy: str) -> None:
    kari.go("/search")
    kari.fill("Words", "øst")
    kari.press("Search")
    kari.follow(BO)
    kari.arrives(BO)
    kari.go(f"/vacancies/{vacancy}")
    for name in (OLA, BO):
        kari.choose("Choose {name}", name=name)
    kari.press("Write to them")
    tongue = kari._("in Norwegian")
    for label, text in (
        ("Subject {tongue}", "Hvor langt vi er kommet"),
        ("Text {tongue}", "Hei {navn}, vi svarer."),
    ):
        kari.fill(kari._(label, tongue=tongue), text)
    kari.press("Look at it before it is sent")
    kari.arrives("Check before it is sent")
    kari.reads("Hei Bo Øst, vi svarer.")
    kari.look("workspace-letter")
    kari.press(kari._.plural("Send {n} e-mail", "Send {n} e-mails", 2))
    kari.told("The e-mail is on its way.")


def ends(kari: Person, vacancy: str, people: dict[str, str]) -> None:
    """A rejection is taken back; then everybody's outcome on one page, and nothing goes out before the second press."""
    kari.go(f"/applications/{people[ASE]}")
    kari.press("Undo the close")
    kari.told("The close is undone. The candidate is told by e-mail.")
    kari.go(f"/vacancies/{vacancy}")
    kari.follow("Close the vacancy")
    kari.choose(OLA)
    kari.choose("Position filled or closed")
    kari.choose("Ask them whether to be kept for future vacancies")
    kari.press("Look at it before it is sent")
    kari.arrives("Check before it is sent")
    kari.look("workspace-close")
    kari.press(kari._.plural("Confirm, and send {n} e-mail", "Confirm, and send {n} e-mails", 3))
    expect(kari.part("#flash")).to_be_visible()
    kari.look("workspace-closed")


# --- the interviewer ------------------------------------------------------------------------------------------------


def interviews(nina: Person, vacancy: str, people: dict[str, str]) -> None:
    """What is not assigned is not there; a note that says too much is asked about; a scorecard goes in."""
    nina.go(f"/vacancies/{vacancy}")
    expect(nina.part("main")).not_to_contain_text(BO)
    nina.look("workspace-interviewer")
    answer = nina.page.goto(f"/applications/{people[BO]}")
    assert answer and answer.status == 404
    nina.go(f"/vacancies/{vacancy}")
    nina.follow(OLA)
    nina.arrives(OLA)
    nina.fill("Note", "Svarer rolig. Hun er gravid.")
    expect(nina.field("Why it has to stand here")).to_be_visible()
    nina.press("Save the note")
    nina.mistakes("Note")
    nina.look("workspace-tripwire")
    nina.fill("Note", "Svarer rolig og konkret.")
    nina.press("Save the note")
    nina.told("The note is saved.")
    nina.follow("Scorecards")
    nina.select("Grade", "4")
    nina.fill("The whole", "Kan faget.")
    nina.press("Put the scorecard in")
    nina.told("Your scorecard is in.")
    nina.look("workspace-scorecard")


# --- the hiring manager ---------------------------------------------------------------------------------------------


def manages(hanne: Person, vacancy: str, people: dict[str, str]) -> None:
    """The next by one key; what the interviewer found; an offer, and a rejection."""
    hanne.go(f"/vacancies/{vacancy}")
    hanne.follow(OLA)
    hanne.arrives(OLA)
    there, back = ("n", "p") if hanne.part("a[rel=next]").count() else ("p", "n")
    access_key(hanne, there)
    hanne.arrives(ASE)
    access_key(hanne, back)
    hanne.arrives(OLA)
    hanne.go(f"/applications/{people[OLA]}/scorecards")
    hanne.reads("Kan faget.")
    hanne.look("workspace-scorecards")
    hanne.go(f"/applications/{people[OLA]}")
    for stage in ("Interview", "Finalist", "Offer"):
        hanne.press("Move to {stage}", stage=hanne._(stage))
        expect(hanne.part(".steps [aria-current]")).to_contain_text(hanne._(stage))
    hanne.look("workspace-offer")
    hanne.go(f"/applications/{people[ASE]}")
    hanne.follow("Record the outcome")
    hanne.choose("Rejected")
    hanne.press("Record the outcome")
    hanne.told("The outcome is recorded, and the candidate is told by e-mail.")
