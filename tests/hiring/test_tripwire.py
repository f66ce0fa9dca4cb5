"""Claims about the tripwire: what it catches, what it lets pass, and that nothing caught is saved without a reason."""

import pytest

from recruit.hiring import tripwire
from recruit.site import Site
from recruit.tables import Scores
from recruit.vault.sealing import unseal
from tests import factories
from tests.conftest import Time
from tests.hiring.helping import Client, house, rows


def _number(first: str) -> str:
    """A made-up identity number (its month is no month) with check digits that fit."""
    return next(f"{first}{n:02}" for n in range(100) if tripwire.is_identity_number(f"{first}{n:02}"))


MADE_UP = _number("018150123")
D_NUMBER = _number("418150124")


def test_identity_numbers_are_known_by_their_check_digits() -> None:
    for text in (MADE_UP, f"{MADE_UP[:6]} {MADE_UP[6:]}", f"fnr. {MADE_UP}.", D_NUMBER):
        assert [each.kind for each in tripwire.found(text)] == ["identity"], text
    wrong = f"{MADE_UP[:-1]}{(int(MADE_UP[-1]) + 1) % 10}"
    for text in (
        wrong,
        f"1{MADE_UP}",
        "Konto 1234 56 78903",
        "900 00 000",
        "00000000000",
        "47 900 00 000",
        "2019-2024",
    ):
        assert tripwire.found(text) == (), text


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("health", "Har vært sykmeldt siden i fjor."),
        ("health", "Was on sick leave\nlast year"),
        ("family", "Hun er GRAVID og"),
        ("family", "expecting a baby"),
        ("faith", "personlig  kristen"),
        ("politics", "stemmer høyre"),
        ("union", "Tillitsvalgt i klubben"),
        ("union", "a trade union rep"),
        ("orientation", "er lesbisk"),
        ("ethnicity", "mørkhudet"),
        ("crime", "has a criminal record"),
    ],
)
def test_sensitive_words_are_caught(kind: str, text: str) -> None:
    assert kind in [each.kind for each in tripwire.found(text)]


def test_ordinary_notes_and_cvs_pass() -> None:
    """Names, places and trades that only look like it."""
    for text in (
        "Kristen Lien og Christian Islam har bygget systemer for Helse Bergen og Kreftforeningen.",
        "Diagnostics of the alarm was disabled; he unioned two sets and voted with his feet.",
        "Sykepleier med erfaring fra helsefag, barnehage og Kirkens Bymisjon. Liker politikkutforming.",
        "Rødt, høyre og venstre kant. Partier av varer. Løsningen var skeivt fordelt.",
        "Snakker samisk, tysk og engelsk. Org.nr. 999 999 999.",
        "He has a healthy approach, a racing bike and a partial view of the party wall.",
    ):
        assert tripwire.found(text) == (), text


async def test_nothing_caught_is_saved_without_a_reason(site: Site, client: Client, time: Time) -> None:
    """The form comes back with all that was typed and a hint; the reason is sealed with the note and in its copy."""
    at = await house(site, time.now, letter="Jeg er tillitsvalgt og har vært sykmeldt.")
    await factories.sign_in(client, site, at.people["hiring_manager"])
    page = f"/applications/{at.application}"
    shown = (await client.get(page)).text
    assert "Leave this out of the assessment" in shown
    assert "health, union membership" in shown
    typed = {"note": "Sa at hun er gravid <b>nå</b>."}
    refused = await client.post(f"{page}/notes", data=typed)
    assert refused.status_code == 422
    assert "“gravid” says something about pregnancy" in refused.text
    assert "Sa at hun er gravid &lt;b&gt;nå&lt;/b&gt;." in refused.text
    assert await rows(site, "interview_note") == []
    again = await client.post(f"{page}/notes", data=typed | {"note_why": "Hun ba om et annet tidspunkt."})
    assert "Why it has to stand here: Hun ba om et annet tidspunkt." in again.text
    (note,) = await rows(site, "interview_note")
    assert (await client.post(f"/notes/{note['id']}", data={"note": f"Nummer {MADE_UP}"})).status_code == 422
    card = {"text_1": "Homofil", "grade_1": "4"}
    assert (await client.post(f"{page}/scorecards", data=card)).status_code == 422
    assert (await client.post(f"{page}/scorecards", data=card | {"text_why": "Sagt selv"})).status_code == 200
    (scored,) = await rows(site, "scorecard")
    key = await site.keyring.key(at.application)
    assert unseal(key, "scorecard", scored["id"], bytes(scored["sealed"]), Scores).why == "Sagt selv"
    await factories.sign_in(client, site, at.people["interviewer"])
    assert "Leave this out" not in (await client.get(page)).text
    lists = (await client.get("/tripwire?lang=nb")).json()
    assert "gravid*" in lists["words"]["family"]
    assert set(lists["said"]) == {*lists["words"], "identity"}
