"""Claims about guests: their link opens what was chosen and no more, each look is written, it ends at once (L29)."""

from datetime import timedelta
from uuid import uuid4

from recruit.accounts import links
from recruit.hiring import guests
from recruit.i18n import translator
from recruit.mydata import service as mydata
from recruit.retention import restrictions, sweeping
from recruit.retention.restrictions import Cause
from recruit.rights import export
from recruit.site import Site
from tests import factories
from tests.conftest import Time
from tests.hiring.helping import Client, House, house, letters, rows
from tests.test_audiences import PICTURE

GRO = {
    "name": "Gro Gjest",
    "email": "gro@lo.example",
    "capacity": "tillitsvalgt",
    "reason": "Hovedavtalen § 9",
    "days": "7",
    "lang": "nb",
    "act": "invite",
}


async def _invited(site: Site, client: Client, time: Time) -> tuple[House, list[str], str]:
    """Three applications of which two are chosen, with a note of the manager's; and the address in the guest's mail."""
    at = await house(site, time.now, stage="interview", documents=(("cv.png", "image/png", PICTURE),))
    kari = await factories.application(site, time.now, at.vacancy, "kari@example.org", "Kari Nes", letter="Hei dere")
    await factories.application(site, time.now, at.vacancy, "nina@example.org", "Nina Nabo")
    await factories.sign_in(client, site, at.people["hiring_manager"])
    await client.post(f"/applications/{at.application}/notes", data={"note": "Hemmelignotat"})
    chosen = [str(at.application), str(kari)]
    page = await client.post(f"/vacancies/{at.vacancy}/guests", data={"application": chosen})
    assert "Ola Sør" in page.text and "Kari Nes" in page.text and "Nina" not in page.text
    answer = await client.post(f"/vacancies/{at.vacancy}/guests", data={**GRO, "application": chosen})
    assert "Gro Gjest" in answer.text and "Withdraw" in answer.text, "the list of guests"
    letter = (await letters(site, "guest"))[-1]
    address = next(word for word in letter.text.split() if "/guest/" in word)
    return at, chosen, address.removeprefix("http://testserver.local").split("?")[0]


async def test_l29_a_guest_reads_what_was_chosen_and_each_look_is_a_disclosure(
    site: Site, client: Client, time: Time
) -> None:
    at, chosen, address = await _invited(site, client, time)
    (letter,) = await letters(site, "guest")
    assert letter.to == GRO["email"] and "?lang=nb" in letter.text and "tillitsvalgt" in letter.text
    assert "Ola" not in letter.text and "Kari" not in letter.text, "the mail names no candidate"
    assert address.rsplit("/", 1)[1] not in str(await rows(site, "link", purpose="guest")), "kept as a hash only"
    assert await rows(site, "disclosure", recipient="guest") == [], "nobody has read anything"
    client.cookies.clear()
    page = await client.get(address)
    assert "Ola Sør" in page.text and "Kari Nes" in page.text and "Nina" not in page.text
    assert page.headers["cache-control"] == "no-store" and "noindex" in page.headers["x-robots-tag"]
    assert "Hovedavtalen § 9" in page.text
    ola = f"{address}/applications/{at.application}"
    for _ in range(2):
        page = await client.get(ola)
        assert "Jeg liker å bygge" in page.text and "cv.png" in page.text
        for never in ("Hemmelig", "ola@example.org", "900 00 000", "/original", "Download the original"):
            assert never not in page.text, never
        (paper,) = await rows(site, "document")
        image = await client.get(f"{address}/documents/{paper['id']}/page/1.png")
        assert image.headers["content-type"] == "image/png" and image.headers["cache-control"] == "no-store"
        assert (await client.get(f"{address}/documents/{paper['id']}/page/2.png")).status_code == 404
    (guest,) = await rows(site, "guest")
    looks = await rows(site, "look", role="guest")
    expected = [(unit, "list") for unit in chosen] + [(chosen[0], "review"), (chosen[0], "document")]
    assert sorted((str(row["unit"]), row["purpose"]) for row in looks) == sorted(expected), "leafing counts as one"
    assert {row["staff"] for row in looks} == {guest["id"]}
    given = await rows(site, "disclosure", recipient="guest")
    assert sorted(str(row["unit"]) for row in given) == sorted(unit for unit, _ in expected)
    assert {row["party"] for row in given} == {row["party"] for row in await rows(site, "guest_application")}
    profile = await factories.candidate_of(site, at.application)
    copy = await export.everything(site, profile, time.now, translator("en"))
    assert {each["recipient"] for each in copy["recipients"]} == {"A guest from outside"}
    (told,) = copy["applications"][0]["guests"]
    assert (told["capacity"], told["reason"]) == (GRO["capacity"], GRO["reason"])
    assert "Guest from outside" in {each["role"] for each in copy["looks"]}
    assert GRO["email"] not in str(copy) and "/guest/" not in str(copy), "neither the address nor the way in"
    await factories.sign_in(client, site, at.people["recruiter"])
    assert "/guest/" not in (await client.get(f"/applications/{at.application}")).text.replace("/guests", "")


async def test_l15_l29_what_ends_goes_from_a_guest_at_once_and_they_are_told_as_a_recipient(
    site: Site, client: Client, time: Time
) -> None:
    at, (ola, kari), address = await _invited(site, client, time)
    client.cookies.clear()
    await client.get(address)
    (restriction,) = await restrictions.place(site, [at.application], Cause("claims", uuid4(), "Krav"), time.now)
    assert (await client.get(f"{address}/applications/{ola}")).status_code == 404
    assert "Ola Sør" not in (await client.get(address)).text
    (told,) = await letters(site, "recipient")
    assert told.to == GRO["email"], "art. 19: whoever got the data is told"
    await site.records.run_sql("UPDATE restriction SET lifted_on = ? WHERE id = ?", time.now.date(), restriction)
    assert "Ola Sør" in (await client.get(address)).text, "lifted, it is there again"
    await mydata.withdraw_application(
        site, await factories.candidate_of(site, at.application), at.application, time.now
    )
    page = await client.get(address)
    assert page.status_code == 200 and "Ola Sør" not in page.text and "Kari Nes" in page.text
    (row,) = [row for row in await rows(site, "guest_application") if str(row["application"]) == kari]
    await sweeping.sweep(site, [row["application"]], anonymise=False)
    gone = await client.get(address)
    assert gone.status_code == 410 and "Gro" not in gone.text and "Nothing is wanted of you" in gone.text
    assert [str(each["application"]) for each in await rows(site, "guest_application")] == [ola]
    assert [str(each["unit"]) for each in await rows(site, "recipient")] == [ola], "who the guest was went along"


async def test_a_guests_link_runs_out_is_withdrawn_at_once_and_cannot_be_guessed(
    site: Site, client: Client, time: Time
) -> None:
    at, (ola, _), address = await _invited(site, client, time)
    (guest,) = await rows(site, "guest")
    again = f"/guest/{await links.make(site, guests.PURPOSE, guest['id'], time.now)}"
    await client.post(f"/guests/{guest['id']}/withdraw")
    assert [(await client.get(each)).status_code for each in (address, again)] == [410, 410]
    assert await letters(site, "guest") == [], "a mail that has not left does not"
    assert (await client.post(f"/guests/{guest['id']}/withdraw")).status_code == 404
    for wrong in ({"days": "31"}, {"email": "gro"}, {"capacity": ""}, {"reason": "x" * 201}, {"lang": "se"}):
        form = {**GRO, "application": ola, "offered": ola, **wrong}
        refused = await client.post(f"/vacancies/{at.vacancy}/guests", data=form)
        assert refused.status_code == 422 and 'value="Gro Gjest"' in refused.text, wrong
    bare = await client.post(f"/vacancies/{at.vacancy}/guests", data={**GRO, "offered": ola})
    assert bare.status_code == 422 and 'value="Gro Gjest"' in bare.text and "Ola Sør" in bare.text
    assert len(await rows(site, "guest")) == 1
    await client.post(f"/vacancies/{at.vacancy}/guests", data={**GRO, "application": ola, "days": "1"})
    address = next(word for word in (await letters(site, "guest"))[-1].text.split() if "/guest/" in word)
    address = address.removeprefix("http://testserver.local")
    assert (await client.get(address)).status_code == 200
    time.forward(days=1, minutes=1)
    assert (await client.get(address)).status_code == 410
    answers = [(await client.get(f"/guest/wrong{n}")).status_code for n in range(22)]
    assert answers[0] == 410 and answers[-1] == 429, "who tries many is stopped"
    assert timedelta(days=guests.USUAL_DAYS) == timedelta(days=7), "as the form says"
