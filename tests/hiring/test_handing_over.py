"""Claims about the hand-over of a hired person's application (L8)."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta

from recruit.accounts.guards import Me
from recruit.hiring import access, notes, offers
from recruit.i18n import translator
from recruit.retention.facts import clocks
from recruit.rights.views import disclosures_of
from recruit.site import Site
from recruit.tables import InterviewNote, Screened, Terms, Written
from recruit.vault.sealing import seal
from tests import factories
from tests.conftest import Time
from tests.hiring.helping import Client, house, row, rows

CV, DIPLOMA = b"%PDF-1.4 a CV" + b"x" * 70_000, b"%PDF-1.4 a diploma"


async def test_L8_the_hand_over_holds_what_the_employment_needs_and_nothing_more(
    site: Site, client: Client, time: Time
) -> None:
    papers = (("Ola: CV.pdf", "application/pdf", CV), ("../vitnemål.pdf", "application/pdf", DIPLOMA))
    at = await house(site, time.now, stage="offer", finalist=True, documents=papers)
    page = f"/applications/{at.application}/hand-over"
    await factories.sign_in(client, site, at.people["recruiter"])
    who = Me("staff", at.people["recruiter"], "Navn recruiter", "", "nb", frozenset({"recruiter"}))
    opened = await access.opened(site, who, at.application, "review", time.now)
    for kind, text in (("verification", "Kanari verifisert"), ("expectations", "Kanari forventning")):
        await notes.record_screening(site, opened, kind, Screened(text=text, more="Kanarikilde"), time.now)
    terms = Terms(position="Utvikler", salary=700_000, starts_on=time.now.date(), reply_by=time.now.date())
    filled = await offers.values(site, opened, Screened(text="Velkommen", terms=terms), time.now)
    await offers.send(site, opened, Screened(text="Velkommen", terms=terms), offers.mark(filled), time.now)
    note = at.people["interviewer"]
    sealed = seal(opened.key, "interview_note", note, Written(text="Kanarinotat"))
    await InterviewNote.insert(
        InterviewNote(id=note, application=at.application, author=note, written_at=time.now, sealed=sealed)
    ).run()

    assert (await client.post(page)).status_code == 409, "nobody is hired yet"
    assert await rows(site, "disclosure", recipient="personnel_file") == []
    await client.post(f"/applications/{at.application}/outcome", data={"outcome": "hired"})
    before = await row(site, at.application)
    looked = (await client.get(page)).text
    assert "Hand over (ZIP)" in looked
    assert await rows(site, "disclosure", recipient="personnel_file") == [], "a look hands nothing over"
    answer = await client.post(page)
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    assert {one["name"]: (one["size"], one["sha256"]) for one in manifest["files"]} == {
        name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in files.items()
    }
    assert files["documents/1-Ola_ CV.pdf"] == CV
    assert files["documents/2-_vitnemål.pdf"] == DIPLOMA
    data = json.loads(files["data.json"])
    assert (data["person"]["name"], data["application"]["as_sent"]["letter"][:4]) == ("Ola Sør", "Jeg ")
    assert (data["offers"][0]["terms"]["salary"], data["offers"][0]["text"]) == (700_000, "Velkommen")
    assert files[data["offers"][0]["file"]].startswith(b"%PDF")
    everything = b"".join(files.values()).decode("utf-8", "replace")
    assert "Kanari" not in everything, "references, checks, expectations and notes stay behind"
    await _written_down(site, client, time, at.application, at.people["recruiter"], before)


async def _written_down(site: Site, client: Client, time: Time, unit: object, recruiter: object, before: dict) -> None:  # type: ignore[type-arg]
    """The disclosure, the day, and no other life than before."""
    (given,) = await rows(site, "disclosure", recipient="personnel_file")
    assert (given["unit"], given["channel"], given["account"]) == (unit, "hand_over", recruiter)
    now = await row(site, before["id"])
    assert (now["handed_over_on"], now["closed_on"]) == (time.now.date(), before["closed_on"])
    shown = (await clocks(site, [before["id"]], time.now, translator("en"), "candidate"))[before["id"]]
    assert any("personnel file" in why for _, why in shown.reasons)
    assert shown.due_on == before["closed_on"] + timedelta(days=14)
    listed = await disclosures_of(site, [before["id"]], translator("en"))
    assert "The personnel file" in [whom for _, whom in listed]
    assert "Handed over" in (await client.get(f"/applications/{before['id']}/hand-over")).text
