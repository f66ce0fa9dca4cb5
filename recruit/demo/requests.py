"""What candidates of the story ask for under the privacy rules, and what Liv answers: every state of a request.

Guards that each came about by the same functions that pages call, on the day on which the story says it did.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from recruit.demo import inbox
from recruit.demo.people import Made
from recruit.rights import answering, asking, recording, rectifying
from recruit.rights.answering import Answer
from recruit.rights.asking import Asked
from recruit.rights.rules import GOES_ON, Channel, Kind, State
from recruit.rights.service import request_of
from recruit.tables import Person, RequestWords

if TYPE_CHECKING:
    from recruit.demo.life import Story


class Asking:
    """One request of the story, by a candidate or a stranger; what follows speaks of it once it has been made."""

    def __init__(self, story: Story, who: Made | Person, days_ago: float, asked: Asked) -> None:
        self.story, self._who, self._asked = story, who, asked
        self.number: UUID
        story.at(days_ago, self._ask)

    async def _ask(self, now: datetime) -> None:
        site = self.story.site
        if isinstance(self._who, Person):
            self.number = await recording.of_stranger(site, self._who, "nb", self._asked, now)
        else:
            self.number = await asking.ask(site, await self.story.profile(self._who), self._asked, now)

    def answered(self, days_ago: float, verdict: State, words: str = "", *grounds: str) -> None:
        async def act(now: datetime) -> None:
            request = await request_of(self.story.site, self.number)
            await answering.answer(self.story.site, request, verdict, Answer(words, grounds), self._liv, now)

        self.story.at(days_ago, act)

    def paused(self, days_ago: float, words: str) -> None:
        async def act(now: datetime) -> None:
            request = await request_of(self.story.site, self.number)
            await answering.ask_identity(self.story.site, request, words, self._liv, now)

        self.story.at(days_ago, act)

    def extended(self, days_ago: float, words: str) -> None:
        async def act(now: datetime) -> None:
            request = await request_of(self.story.site, self.number)
            await answering.extend(self.story.site, request, 1, words, self._liv, now)

        self.story.at(days_ago, act)

    def completed(self, days_ago: float, text: str) -> None:
        """The letter of the first application that it is about gets one more sentence."""

        async def act(now: datetime) -> None:
            request = await request_of(self.story.site, self.number)
            (place, *_) = [p for p in await rectifying.places(self.story.site, request) if p.kind == "letter"]
            await answering.decide_rectification(
                self.story.site, request, place.code, f"{place.text}\n\n{text}", self._liv, now
            )

        self.story.at(days_ago, act)

    @property
    def _liv(self) -> UUID:
        return self.story.staff["liv"].id


def of_the_pool(story: Story, crowd: Sequence[Made]) -> None:
    """Months ago, of people who consented: all answered."""
    wrong = RequestWords(
        old="Jeg sluttet i 2021.", new="Jeg sluttet i 2024, ikke i 2021.", text="Attesten ligger ved.", field=GOES_ON
    )
    rectification = Asking(story, crowd[0], 64, Asked("rectification", words=wrong))
    rectification.completed(61, "Rettelse: Jeg sluttet i forrige jobb i 2024.")
    rectification.answered(61, "granted", "Takk for at du sa fra.")
    complaint = Asking(story, crowd[2], 52, _recorded(story, "complaint", "email", "Jeg fikk avslaget to ganger."))
    complaint.answered(47, "granted", "Du har rett: To brev ble sendt ved en feil. Vi beklager, og har rettet rutinen.")
    Asking(story, crowd[1], 3, Asked("portability")).answered(2, "granted")
    part = Asking(
        story, crowd[2], 12, Asked("erasure", words=RequestWords(categories=["application", "correspondence"]))
    )
    part.answered(11, "granted", "Søknadsbrevet og e-postene slettes. Resten beholdes slik du ba om.")
    refused = Asking(story, crowd[5], 33, Asked("restriction", words=RequestWords(field="accuracy")))
    refused.answered(25, "refused", "Du har ikke pekt på noe som er feil.", "no_condition")
    unknown = Person(name="Torgeir Langnes", email="torgeir.langnes@post.example")
    stranger = Asking(story, unknown, 50, _recorded(story, "access", "letter", "Har dere noe om meg?"))
    stranger.answered(45, "granted", "Vi har søkt i alt vi har, og fant ingenting.")


def of_a_running_process(story: Story, crowd: Sequence[Made]) -> None:
    """Of the busy vacancy: what waits, with the clock running, paused, extended, and nearly out; and of somebody whose
    e-mail waits.
    """
    Asking(story, crowd[1], 9, Asked("access"))
    Asking(story, crowd[0], 26, Asked("portability"))
    doubtful = Asking(story, crowd[3], 16, _recorded(story, "access", "phone", "Ringte fra et ukjent nummer."))
    story.remembers("doubted", crowd[3])
    doubtful.paused(15, "Du ringte fra et nummer vi ikke kjenner. Logg inn, eller ring fra nummeret i søknaden.")
    many = Asking(story, crowd[2], 25, Asked("access", words=RequestWords(text="Alt, også notater.")))
    many.extended(6, "Notatene nevner flere personer, og hvert sted må vurderes for seg.")
    seller = Person(name=inbox.SELLER[0], email=inbox.SELLER[1])
    Asking(story, seller, 0.2, _recorded(story, "erasure", "phone", "Slett e-posten jeg sendte."))
    wish = RequestWords(new="Jeg har førerkort klasse B.", field=GOES_ON)
    Asking(story, crowd[9], 1, Asked("rectification", words=wish))
    Asking(story, crowd[8], 3, Asked("objection", words=RequestWords(text="Jeg vil ikke at dere bruker dette.")))


def _recorded(story: Story, kind: Kind, channel: Channel, text: str) -> Asked:
    by = story.staff["liv"].id
    return Asked(kind, words=RequestWords(text=text), channel=channel, recorded_by=by)
