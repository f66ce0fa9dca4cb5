"""L26: what is wrong is put right where it stands, the old wording is kept sealed, and nobody uses it meanwhile."""

from datetime import timedelta
from uuid import UUID

import pytest

from recruit.accounts import links
from recruit.errors import FormInvalid, NotFound
from recruit.i18n import translator
from recruit.retention import recipients, restrictions
from recruit.rights import answering, asking, export, recording, rectifying, rules
from recruit.rights.answering import Answer
from recruit.rights.asking import Asked
from recruit.rights.service import Request, request_of
from recruit.searching.index import index_of
from recruit.site import Site
from recruit.tables import InterviewNote, ReferenceCheck, ReferenceWords, Replied, RequestWords, Screening, Written
from recruit.vault.sealing import seal
from tests import factories
from tests.conftest import Time
from tests.rights.people import Browser, count, outbox

NOTE, CHECK, SAID, EVA = UUID(int=81), UUID(int=82), UUID(int=83), UUID(int=84)


class World:
    ola: UUID
    unit: UUID
    dpo: UUID


@pytest.fixture
async def world(site: Site, time: Time, client: Browser) -> World:
    """Ola, a finalist with a note and a screening; a firm outside has his data; Kari is the privacy contact."""
    made = World()
    made.dpo = await factories.staff(site, time.now, "dpo")
    vacancy = await factories.vacancy(site, time.now)
    made.unit = await factories.application(site, time.now, vacancy, stage="finalist")
    made.ola = await factories.candidate_of(site, made.unit)
    key = await site.keyring.key(made.unit)
    await InterviewNote.insert(
        InterviewNote(id=NOTE, application=made.unit, author=made.dpo, written_at=time.now,
                      sealed=seal(key, "interview_note", NOTE, Written(text="Left in 2021.")))
    ).run()  # fmt: skip
    await Screening.insert(
        Screening(id=CHECK, application=made.unit, kind="verification", recorded_by=made.dpo, recorded_at=time.now,
                  sealed=seal(key, "screening", CHECK, Written(text="No degree.", more="NTNU")))
    ).run()  # fmt: skip
    answers = [Replied(asked_nb="Hva?", text="Builds bridges."), Replied(asked_nb="Når?", text="Was late.")]
    said = seal(key, "reference_check", SAID, ReferenceWords(answers=answers, text="Ring meg."))
    await ReferenceCheck.insert(
        ReferenceCheck(id=SAID, application=made.unit, referee=EVA, state="answered", channel="link",
                       asked_at=time.now, answered_at=time.now, sealed=said)
    ).run()  # fmt: skip
    party = await recipients.known(site, made.unit, "Byrået AS", "post@byraet.example")
    await recipients.disclosed(site, [made.unit], "outside", "mail", time.now, party=party)
    return made


async def asked(site: Site, time: Time, world: World, field: str = "") -> Request:
    words = RequestWords(old="Left in 2021.", new="I left in 2024.", field=field)
    return await request_of(site, await asking.ask(site, world.ola, Asked("rectification", words=words), time.now))


async def granted(site: Site, time: Time, world: World, code: str, text: str) -> Request:
    request = await asked(site, time, world, rules.GOES_ON)
    await answering.decide_rectification(site, request, code, text, world.dpo, time.now)
    request = await request_of(site, request.id)
    await answering.answer(site, request, "granted", Answer(), world.dpo, time.now)
    return await request_of(site, request.id)


async def texts(site: Site, request: Request) -> dict[str, str]:
    return {place.code: place.text for place in await rectifying.places(site, request)}


async def test_disputed_accuracy_rests_until_settled_unless_the_person_wants_to_go_on(
    site: Site, time: Time, world: World
) -> None:
    request = await asked(site, time, world)
    (standing,) = await restrictions.standing(site)
    assert (standing["application"], standing["ground"]) == (world.unit, "accuracy")
    await answering.answer(site, request, "refused", Answer("", ("correct",)), world.dpo, time.now)
    (told,) = await restrictions.standing(site)
    assert told["told_at"] is not None  # lifted once the person has been told
    await site.records.run_sql("DELETE FROM restriction")
    await asked(site, time, world, rules.GOES_ON)
    assert await restrictions.standing(site) == []


@pytest.mark.parametrize(
    ("place", "was"),
    [
        ("candidate:{ola}:name", "Ola Sør"),
        ("application:{unit}:letter", "Jeg liker å bygge ting som varer."),
        (f"interview_note:{NOTE}:text", "Left in 2021."),
        (f"screening:{CHECK}:text", "No degree."),
        (f"reference_check:{SAID}:1", "Was late."),
        (f"reference_check:{SAID}:text", "Ring meg."),
    ],
)
async def test_what_is_granted_stands_there_and_the_old_wording_is_kept(
    site: Site, time: Time, world: World, place: str, was: str
) -> None:
    code = place.format(ola=world.ola, unit=world.unit)
    token = await links.make(site, "referee", EVA, time.now, timedelta(days=1), target=SAID)
    request = await granted(site, time, world, code, "Put right.")
    after = await texts(site, request)
    assert after[code] == "Put right." and after[f"reference_check:{SAID}:0"] == "Builds bridges."
    if "reference_check" in code:
        with pytest.raises(links.LinkDead):  # the referee does not write over it unawares
            await links.find(site, token, "referee", time.now)
    assert (request.words.was, request.words.became) == (was, "Put right.")
    told = [notice for given in await recipients.of_units(site, [world.unit]) for notice in given.notices]
    assert [notice.act for notice in told] == ([] if code.startswith("candidate") else ["rectified"])
    (mail,) = await outbox(site, "request_answered")
    assert mail.enclosures


async def test_what_is_put_right_is_searched_by_its_new_words_alone(site: Site, time: Time, world: World) -> None:
    async def found(words: str) -> tuple[int, int]:
        await index_of(site).update(site, time.now)
        own = [unit async for units, _ in index_of(site).matching(words) for unit in units]
        return len(own), len(await recording.find(site, words, time.now))

    assert [await found(words) for words in ("varer", "sør")] == [(1, 0), (1, 1)]
    time.forward(hours=1)
    await granted(site, time, world, f"application:{world.unit}:letter", "Jeg bygger broer.")
    await granted(site, time, world, f"candidate:{world.ola}:name", "Ola Vest")
    assert [await found(words) for words in ("varer", "broer", "vest")] == [(0, 0), (1, 0), (1, 1)]


async def test_an_assessment_stays_and_the_persons_own_view_stands_beside_it_once(
    site: Site, time: Time, world: World
) -> None:
    request = await granted(site, time, world, f"statement:{world.unit}:text", "I see it differently.")
    await rectifying.put_right(site, request, world.dpo, time.now)  # a fault came between, and it is tried again
    assert await count(site, "interview_note") == 2
    assert sorted((await texts(site, request)).values()).count("I see it differently.") == 1
    assert f"interview_note:{NOTE}:text" in await texts(site, request)


async def test_nothing_is_granted_before_it_is_said_what_and_where(site: Site, time: Time, world: World) -> None:
    request = await asked(site, time, world)
    with pytest.raises(FormInvalid):
        await answering.answer(site, request, "granted", Answer(), world.dpo, time.now)
    for code, text in (("", "x"), (f"interview_note:{NOTE}:text", "")):
        with pytest.raises(FormInvalid):
            await answering.decide_rectification(site, request, code, text, world.dpo, time.now)
    with pytest.raises(NotFound):
        await answering.decide_rectification(site, request, f"staff:{world.dpo}:name", "x", world.dpo, time.now)
    complaint = await request_of(site, await asking.ask(site, world.ola, Asked("complaint"), time.now))
    with pytest.raises(NotFound):
        await answering.decide_rectification(site, complaint, f"interview_note:{NOTE}:text", "x", world.dpo, time.now)


async def test_the_copy_says_what_was_put_right_without_random_ids(site: Site, time: Time, world: World) -> None:
    await granted(site, time, world, f"interview_note:{NOTE}:text", "Left in 2024.")
    (request,) = (await export.everything(site, world.ola, time.now, translator("en")))["requests"]
    assert (request["field"], request["stood_there"]) == ("Note from an interview", "Left in 2021.")
    assert request["stands_there"] == "Left in 2024."


async def test_the_desk_chooses_the_place_on_a_page_and_loses_nothing_typed(
    client: Browser, site: Site, time: Time, world: World
) -> None:
    number = (await asked(site, time, world)).id
    await factories.sign_in(client, site, world.dpo)
    page = f"/desk/requests/{number}/rectification"
    assert "I left in 2024." in (await client.get(page)).text
    wrong = await client.post(page, data={"place": "", "text": "typed here"})
    assert (wrong.status_code, "typed here" in wrong.text) == (422, True)
    case = await client.post(page, data={"place": f"interview_note:{NOTE}:text", "text": "Left in 2024."})
    assert "Put right to" in case.text
    await client.post(f"/desk/requests/{number}", data={"answer": "grant", "words": ""})
    await factories.sign_in(client, site, world.ola, "candidate")
    assert "Left in 2024." in (await client.get(f"/my/requests/{number}")).text
