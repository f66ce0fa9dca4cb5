"""Claims about a panel's day on paper: what is in it, what never is, and that each copy is written down (L15, L29)."""

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pypdfium2
import pytest

from recruit import paper
from recruit.accounts.guards import Me
from recruit.clock import day
from recruit.hiring import access, interviews, kits, notes, panel, rules, scorecards
from recruit.hiring.interviews import Plan
from recruit.i18n import format_date, translator
from recruit.retention import restrictions
from recruit.retention.restrictions import Cause
from recruit.retention.rules import Policy
from recruit.rights import export
from recruit.site import Site
from recruit.tables import Scores
from tests import factories
from tests.conftest import Time
from tests.hiring.helping import Client, House, house, rows
from tests.retention.cases import ended, running

SAMPLES = Path(__file__).parent.parent / "documents" / "samples"
PDF, PICTURE = (SAMPLES / "chromium.pdf").read_bytes(), (SAMPLES / "chromium.png").read_bytes()
KIT = "Fag: Hvordan finner du feil?\nSamarbeid: Når sa du fra?"


async def _panel(site: Site, time: Time) -> tuple[House, UUID, UUID]:
    """One with an interview, a note and a card of the recruiter's; one who sent other files; one who is restricted."""
    at = await house(site, time.now, name="Ola Sør", stage="interview", documents=(("cv.pdf", "application/pdf", PDF),))
    recruiter = at.people["recruiter"]
    me = Me("staff", recruiter, "Navn recruiter", "", "nb", frozenset({"recruiter"}))
    opened = await access.opened(site, me, at.application, "review", time.now)
    kit = await kits.save(site, None, "Kort", KIT, recruiter, time.now)
    plan = Plan((time.now + timedelta(days=1),), 45, "Rom Nord", "", (at.people["interviewer"],), kit)
    number = await interviews.arrange(site, opened, plan, time.now)
    meeting = await interviews.one(site, opened.key, number)
    await interviews.accept(site, opened.key, meeting, plan.times[0], time.now)
    await notes.write(site, opened, "Hemmelignotat", time.now)
    await scorecards.write(site, opened, Scores(text="Hemmeligkort"), time.now)
    files = (("bilde.png", "image/png", PICTURE), ("ødelagt.pdf", "application/pdf", b"%PDF-1.4 x"))
    other = await factories.application(
        site, time.now, at.vacancy, "kari@example.org", "Kari Nes", letter="Kjære dere", documents=files
    )
    hidden = await factories.application(site, time.now, at.vacancy, "rita@example.org", "Rita Rest")
    await restrictions.place(site, [hidden], Cause("claims", uuid4(), "Krav"), time.now)
    return at, other, hidden


def _text(data: bytes) -> list[str]:
    return [sheet.get_textpage().get_text_bounded() for sheet in pypdfium2.PdfDocument(data)]


async def test_l29_a_panels_paper_holds_what_was_chosen_and_each_copy_is_written_down(
    site: Site, client: Client, time: Time
) -> None:
    at, other, hidden = await _panel(site, time)
    await factories.sign_in(client, site, at.people["hiring_manager"])
    base, strange = f"/vacancies/{at.vacancy}", uuid4()
    chosen = [str(unit) for unit in (other, hidden, strange, at.application)]
    answer = await client.post(f"{base}/print", data={"application": chosen})
    assert answer.headers["content-type"] == "application/pdf" and answer.headers["cache-control"] == "no-store"
    assert "Sør" not in answer.headers["content-disposition"]
    pages = _text(answer.content)
    whole = "\n".join(pages)
    for there in ("Rom Nord", "Ola Sør", "Kari Nes", "Kjære dere", "Hvordan finner du feil?", "ødelagt.pdf", "cv.pdf"):
        assert there in whole, there
    for never in ("Hemmelig", "Rita", "ola@example.org", "900 00 000"):
        assert never not in whole, never
    assert pages[1].index("Ola Sør") >= 0 and "Kari" not in pages[1], "who is interviewed comes first"
    assert all("Confidential. Printed by Navn hiring_manager" in page for page in pages), "on every page"
    due = format_date(day(time.now) + rules.PAPER_LIVES, "en")
    assert f"To be destroyed by {due} at the latest" in pages[-1].replace("\r\n", " ")
    drawn = len(pypdfium2.PdfDocument(PDF)) + 1
    assert len(pages) == 3 + drawn, "a cover, a page for each application, and each page of what could be drawn"
    looks = await rows(site, "look", purpose="print")
    assert {(row["unit"], row["role"]) for row in looks} == {
        (at.application, "hiring_manager"),
        (other, "hiring_manager"),
    }
    given = await rows(site, "disclosure", channel="print")
    assert {(row["unit"], row["recipient"], row["account"]) for row in given} == {
        (unit, "staff_print", at.people["hiring_manager"]) for unit in (at.application, other)
    }
    copy = await export.everything(site, await factories.candidate_of(site, other), time.now, translator("en"))
    assert [each["recipient"] for each in copy["recipients"]] == ["Our own staff, on paper"]
    await factories.sign_in(client, site, at.people["interviewer"])
    mine = await client.post(f"{base}/print", data={"all": "1"})
    assert "Ola Sør" in (found := "\n".join(_text(mine.content))) and "Kari" not in found and "Hemmelig" not in found
    assert (await client.post(f"/applications/{other}/print")).status_code == 404, "not theirs to interview"
    await factories.sign_in(client, site, at.people["recruiter"])
    assert (await client.post(f"/applications/{hidden}/print")).status_code == 404
    one = await client.post(f"/applications/{other}/print")
    assert "Kari Nes" in _text(one.content)[0]


async def test_too_much_for_one_paper_is_said_in_words_and_discloses_nothing(
    site: Site, client: Client, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, _, _ = await _panel(site, time)
    await factories.sign_in(client, site, at.people["recruiter"])
    for limit, said in (("MOST", "at most 25"), ("MOST_SHEETS", "which is 150")):
        with monkeypatch.context() as patched:
            patched.setattr(panel, limit, 0 if limit == "MOST_SHEETS" else 1)
            refused = await client.post(f"/vacancies/{at.vacancy}/print", data={"all": "1"})
        assert refused.status_code == 422 and said in refused.text and "Ola Sør" in refused.text
    nothing = await client.post(f"/vacancies/{at.vacancy}/print", data={"application": "x"})
    assert nothing.status_code == 422 and "Choose at least one" in nothing.text
    assert await rows(site, "disclosure", channel="print") == []
    monkeypatch.setattr(paper, "_APART", "raise SystemExit(3)")
    failed = await client.post(f"/vacancies/{at.vacancy}/print", data={"all": "1"})
    assert failed.status_code == 500 and "could not be made" in failed.text


def test_a_paper_is_destroyed_before_the_first_of_its_applications_may_be_erased() -> None:
    today, policy = date(2026, 3, 15), Policy()
    assert rules.destroy_by([running()], policy, today) == date(2026, 4, 14), "30 days"
    assert rules.destroy_by([running(), ended()], policy, today) == date(2026, 3, 28), "the answer window ends"
    assert rules.destroy_by([ended()], policy, date(2026, 5, 1)) == date(2026, 5, 1), "overdue: today"
