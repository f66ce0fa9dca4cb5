"""Claims about e-mails that come in: whose they are, what is kept of them, what becomes of those that wait."""

import io
import re
import zipfile
from datetime import date, datetime
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid4

import pytest

from recruit import alarms
from recruit.accounts.guards import Me
from recruit.errors import NotFound
from recruit.hiring import news
from recruit.i18n import translator
from recruit.incoming import service
from recruit.incoming.service import Taken
from recruit.letters import to_candidate
from recruit.retention import parts, restrictions
from recruit.retention import service as retention
from recruit.retention.restrictions import Cause
from recruit.rights import export, recording
from recruit.rights.asking import Asked
from recruit.rights.masking import Masker
from recruit.rights.service import request_of
from recruit.rights.words import COPY
from recruit.site import Site
from recruit.tables import Person
from tests import factories
from tests.careers.conftest import pdf
from tests.conftest import Time
from tests.hiring.helping import Client, house, rows
from tests.retention.test_purge import nightly
from tests.rights.people import outbox

Files = tuple[tuple[str, bytes], ...]


def eml(text: str = "Hei, jeg kan komme fredag.", files: Files = (), **headers: str) -> bytes:
    made = EmailMessage()
    usual = {"From": "Ola Sør <ola@example.org>", "To": "post@fjordlys.example", "Subject": "Sv: Intervju"}
    for name, value in {**usual, "Message_ID": f"<{uuid4()}@example.org>", **headers}.items():
        made[name.replace("_", "-")] = value
    made["Date"] = datetime(2026, 3, 1, 8, 30).astimezone()
    made.set_content(text)
    for name, data in files:
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


async def letter_to(site: Site, application: UUID, now: datetime) -> str:
    """A mail of ours about an application: the Message-ID that a reply names."""
    candidate, cause = await factories.candidate_of(site, application), f"letter:{uuid4()}"
    async with site.records.transaction():
        said = {"subject": "Intervju", "text": "Passer fredag?"}
        await to_candidate(site, candidate, await site.keyring.key(application), cause, "letter", now, **said)
    return f"<{(await rows(site, 'mail', cause=cause))[0]['id']}@testserver.local>"


async def recruiter(site: Site, now: datetime) -> Me:
    unit = await factories.staff(site, now, "recruiter")
    return Me("staff", unit, "Kari Nord", "", "nb", frozenset({"recruiter"}))


async def copy_in(
    site: Site, candidate: UUID, now: datetime, given: bool = False
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The person's copy: what is in its JSON, and the files of the archive."""
    data = await export.everything(site, candidate, now, translator("en"), Masker())
    made = b"".join([piece async for piece in export.archive(site, candidate, now, translator("en"), given=given)])
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        return data, {name: archive.read(name) for name in archive.namelist()}


async def test_a_reply_is_sealed_with_its_application_shown_given_out_and_erased_with_it(
    site: Site, client: Client, time: Time
) -> None:
    at = await house(site, time.now)
    me, answers = at.people["recruiter"], await letter_to(site, at.application, time.now)
    await site.records.run_sql("UPDATE staff SET news = 'daily', told_at = ? WHERE id = ?", time.now, me)
    await factories.sign_in(client, site, me)
    await client.get(f"/applications/{at.application}")
    assert await rows(site, "seen", application=at.application)
    time.forward(hours=1)
    data = eml("Fredag passer. Hilsen Ola", (("Vitnemål.pdf", pdf()), ("plan.xlsx", b"PK..")), In_Reply_To=answers)
    came = await service.take_in(site, data, Taken(), time.now)
    assert (came.unit, came.waiting, came.fresh) == (at.application, False, True)
    again = await service.take_in(site, data, Taken(), time.now)
    assert (again.unit, again.fresh) == (at.application, False)
    (row,) = await rows(site, "received_mail")
    assert (row["known_by"], row["mark"], row["unit"]) == ("reply", "", at.application)
    assert [paper["media_type"] for paper in await rows(site, "document")] == ["application/pdf"]
    assert (await news.tell_daily(site, time.now))["told"] == 1
    page = (await client.get(f"/applications/{at.application}")).text
    for said in (
        "Fredag passer. Hilsen Ola",
        "it answers an e-mail of ours",
        "Vitnemål.pdf",
        "plan.xlsx",
        "An e-mail came in",
    ):
        assert said in page
    kept = await client.get(f"/applications/{at.application}/mail/{row['id']}")
    assert (kept.content, kept.headers["content-type"]) == (data, "message/rfc822")
    assert "attachment" in kept.headers["content-disposition"]
    assert (await client.get(f"/applications/{at.application}/mail/{uuid4()}")).status_code == 404

    copied, files = await copy_in(site, await factories.candidate_of(site, at.application), time.now)
    (shown,) = copied["applications"][0]["emails_received"]
    assert (shown["subject"], shown["text"], shown["left_out"]) == (
        "Sv: Intervju",
        "Fredag passer. Hilsen Ola",
        ["plan.xlsx"],
    )
    assert set(shown) <= set(COPY)
    assert files[shown["file"]] == data
    assert await service.take_in(site, data + b" ", Taken(outside=True), time.now) == again, "the Message-ID counts"
    time.forward(minutes=1)
    theirs = eml("Ring Eva Dal", From="Eva Dal <eva@example.net>", In_Reply_To=answers)
    assert (await service.take_in(site, theirs, Taken(outside=True), time.now)).unit == at.application
    assert {choice.category: choice.goes for choice in await parts.preview(site, at.application)}["correspondence"] == 3
    _, again_files = await copy_in(site, await factories.candidate_of(site, at.application), time.now)
    assert sorted(again_files) == sorted(files)
    assert (await rows(site, "disclosure", recipient="mailbox"))[0]["channel"] == "mailbox"

    await retention.grant_erasure(site, [at.application], me, time.now)
    await nightly(site, time, 2)
    assert not await rows(site, "received_mail")
    assert not await rows(site, "received_original")
    (receipt,) = await site.keyring.engine.run_sql("SELECT inventory FROM purge WHERE state = 'issued'")
    assert '"incoming":2' in receipt["inventory"].replace(" ", "")
    assert '"mailbox":1' in receipt["inventory"].replace(" ", "")


async def test_no_link_of_the_candidate_is_shown_to_staff_sent_quoted_or_wrapped(
    site: Site, client: Client, time: Time
) -> None:
    at = await house(site, time.now)
    answers = await letter_to(site, at.application, time.now)
    (sent,) = await outbox(site, "letter")
    tokens = set(re.findall(r"http://testserver\.local/(?:my/from|consent)/([\w-]{20,})", sent.text))
    assert len(tokens) == 2
    posting, scanned = (
        f"http://testserver.local/positions/{at.vacancy}",
        f"http%3A%2F%2Ftestserver.local%2Fr%2F{min(tokens)}",
    )
    quoted = "".join(f"> {line}\n" for line in sent.text.splitlines())
    text = f"Passer fint. Jeg så {posting}, og\nhttps://safe.example/?url={scanned}&data=1\n\n{quoted}"
    reply = (await service.take_in(site, eml(text, In_Reply_To=answers), Taken(), time.now)).unit
    waits = (await service.take_in(site, eml(text, From="x@example.net"), Taken(), time.now)).unit
    assert reply == at.application
    await factories.sign_in(client, site, at.people["recruiter"])
    for path in (f"/applications/{at.application}", f"/incoming/{waits}"):
        for lang, said in (("nb", "[personlig lenke]"), ("en", "[personal link]")):
            page = (await client.get(path, params={"lang": lang})).text
            assert "Passer fint." in page
            assert said in page
            assert posting in page, "what is there for everybody stays"
            assert "http://testserver.local/privacy" in page
            assert not [token for token in tokens if token in page], path
    copied, _ = await copy_in(site, await factories.candidate_of(site, at.application), time.now)
    assert not [token for token in tokens if token in str(copied)], "nor to who looks the copy through"


async def test_only_what_is_beyond_doubt_finds_its_application_by_itself(site: Site, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    ola = await factories.application(site, time.now, vacancy)
    eva = await factories.application(site, time.now, vacancy, email="eva@example.org")
    to_ola, to_eva = await letter_to(site, ola, time.now), await letter_to(site, eva, time.now)

    async def goes(**headers: str) -> UUID | None:
        came = await service.take_in(site, eml(**headers), Taken(), time.now)
        return None if came.waiting else came.unit

    assert await goes() == ola, "by the sender's address"
    assert await goes(From="OLA@Example.org") == ola
    assert await goes(From="a@example.net", In_Reply_To=to_eva) == eva, "a reply counts from whatever address"
    assert await goes(From="a@example.net", References=f"<x@y.z> {to_eva}") == eva
    assert await goes(References=f"{to_ola} {to_eva}") is None, "points at two"
    assert await goes(In_Reply_To=to_ola, Auto_Submitted="auto-replied") is None, "a machine's"
    assert await goes(From="MAILER-DAEMON@mx.example", References=to_ola) is None
    assert await goes(From="a@example.net", In_Reply_To=to_ola.replace("testserver.local", "evil.example")) is None
    assert await goes(From="a@example.net", In_Reply_To=f"<{uuid4()}@testserver.local>") is None
    await restrictions.place(site, [eva], Cause("claims", uuid4(), "Et krav"), time.now)
    assert await goes(From="eva@example.org") is None, "restricted: nobody works with it (L15)"
    assert await goes(From="eva@example.org", In_Reply_To=to_eva) == eva, "what is kept may be added to"
    await factories.application(site, time.now, vacancy)
    assert await goes() is None, "one of two"
    assert len(await rows(site, "received_mail", waiting=True)) == 7


async def test_what_waits_becomes_an_application_or_part_of_one_or_is_erased(
    site: Site, client: Client, time: Time
) -> None:
    at = await house(site, time.now)
    me = Me("staff", at.people["recruiter"], "Kari", "", "nb", frozenset({"recruiter"}))
    data = eml("Jeg søker jobb hos dere.\n\nHilsen Siv", (("Siv CV.pdf", pdf()), ("bilde.bmp", b"BM")),
               From="Siv Li <siv@example.org>", Subject="Søknad")  # fmt: skip
    mail = (await service.take_in(site, data, Taken(outside=True), time.now)).unit
    assert (await service.take_in(site, data, Taken(outside=True), time.now)).unit == mail
    assert len(await outbox(site, "mail_waits")) == 1
    other = (await service.take_in(site, eml(From="spam@example.net", List_Id="<x>"), Taken(), time.now)).unit
    third = (await service.take_in(site, eml("Vedlagt.", From="nytt@example.net"), Taken(), time.now)).unit
    assert len(await outbox(site, "mail_waits")) == 1, "once a day"
    await factories.sign_in(client, site, me.id)
    page = (await client.get("/incoming")).text
    assert page.index("Siv Li") < page.index("Mailing list")
    assert {look["unit"] for look in await rows(site, "look", purpose="incoming")} == {mail, other, third}
    shown = (await client.get(f"/incoming/{mail}")).text
    for said in ("Jeg søker jobb hos dere.", "Siv CV.pdf", "bilde.bmp", "2 Sep 2026", "you delete it yourself"):
        assert said in shown
    assert (await client.get(f"/incoming/{mail}/original")).content == data

    typed = {"name": "Siv Li", "email": "siv@example.org", "letter": "Jeg søker.", "speaks": "en", "vacancy": ""}
    refused = await client.post(f"/incoming/{mail}/enter", data=typed)
    assert (refused.status_code, "Choose a vacancy." in refused.text, "Jeg søker." in refused.text) == (422, True, True)
    refused = await client.post(f"/incoming/{mail}/enter", data={**typed, "name": "", "vacancy": str(at.vacancy)})
    assert refused.status_code == 422
    entered = await client.post(f"/incoming/{mail}/enter", data={**typed, "vacancy": str(at.vacancy)})
    assert "Entered. The person is told" in entered.text
    (made,) = [row for row in await rows(site, "application") if row["id"] != at.application]
    assert made["source"] == "email"
    assert [paper["kind"] for paper in await rows(site, "document", unit=made["id"])] == ["cv"]
    (notice,) = await outbox(site, "sourced")
    assert "An e-mail to us of 1 Mar 2026" in notice.text
    (kept,) = await rows(site, "received_mail", unit=made["id"])
    assert (kept["known_by"], kept["taken_by"], bool(kept["outside"])) == ("person", me.id, True)
    assert await rows(site, "received_original", unit=made["id"]), "the picture is nowhere else"
    assert [row["unit"] for row in await rows(site, "disclosure", recipient="mailbox")] == [made["id"]]
    assert (await client.post(f"/incoming/{mail}/enter", data={**typed, "vacancy": str(at.vacancy)})).status_code == 404

    assert (
        "No application that you may open" in (await client.post(f"/incoming/{third}/find", data={"words": "xyz"})).text
    )
    found = (await client.post(f"/incoming/{third}/find", data={"words": "ola@example.org"})).text
    assert f'value="{at.application}"' in found
    assert (await client.post(f"/incoming/{third}/attach", data={"application": str(uuid4())})).status_code == 404
    attached = await client.post(f"/incoming/{third}/attach", data={"application": str(at.application)})
    assert "put here by a colleague" in attached.text
    assert "Vedlagt." in attached.text
    await client.post(f"/incoming/{other}/discard")
    assert await service.count(site) == 0
    for gone in (mail, other, third):
        with pytest.raises(NotFound):
            await service.opened(site, me, gone, time.now)
    counts = (await nightly(site, time, 1))[0]
    assert (counts.erased, counts.receipts, counts.failed) == (3, 3, 0)
    assert not await site.keyring.keys([mail, other, third])
    assert (await service.take_in(site, eml(From="spam@example.net"), Taken(), time.now)).fresh


async def test_L27_what_waits_from_a_person_is_in_their_copy_and_goes_when_everything_is_erased(
    site: Site, client: Client, time: Time
) -> None:
    data = eml("Slett alt om meg.", (("bilde.bmp", b"BM"),), From="Siv Li <SIV@example.org>", Subject="Sletting")
    mine = (await service.take_in(site, data, Taken(outside=True), time.now)).unit
    other = (await service.take_in(site, eml(From="nytt@example.net"), Taken(), time.now)).unit
    person, asked = Person(name="Siv Li", email="siv@example.org", phone=""), Asked("erasure", channel="email")
    request = await recording.of_stranger(site, person, "nb", asked, time.now)
    copied, files = await copy_in(site, (await request_of(site, request)).candidate, time.now)
    (shown,) = copied["emails_received"]
    assert (shown["subject"], files[shown["file"]]) == ("Sletting", data)
    assert [each["recipient"] for each in copied["recipients"]] == ["The mailbox in which it came"]
    await factories.sign_in(client, site, await factories.staff(site, time.now, "dpo", "recruiter"))
    page = (await client.get(f"/desk/requests/{request}")).text
    assert "Sletting" in page
    assert "The original stays in the mailbox" in page
    assert [look["unit"] for look in await rows(site, "look", purpose="case") if look["unit"] in (mine, other)] == [
        mine
    ]
    await client.post(f"/desk/requests/{request}", data={"answer": "grant"})
    waits = (await client.get("/incoming")).text
    assert "nytt@example.net" in waits
    assert "Siv Li" not in waits
    assert (await client.get(f"/incoming/{mine}")).status_code == 404
    assert (await nightly(site, time, 1))[0].erased == 2, "with the profile, which only the request needed"
    assert set(await site.keyring.keys([mine, other])) == {other}
    assert [row["id"] for row in await rows(site, "received_mail")] == [other]
    receipts = await site.keyring.engine.run_sql("SELECT inventory FROM purge WHERE state = 'issued'")
    assert sum('"mailbox":1' in receipt["inventory"].replace(" ", "") for receipt in receipts) == 1


async def test_L34_what_nobody_opens_alarms_and_is_erased_in_its_time(site: Site, time: Time) -> None:
    mail = (await service.take_in(site, eml(From="siv@example.org"), Taken(), time.now)).unit
    guard = await site.keyring.guard(mail)
    assert guard is not None
    assert guard.retain_until == date(2026, 9, 2)
    candidate = await factories.candidate_of(
        site,
        await factories.application(site, time.now, await factories.vacancy(site, time.now), email="siv@example.org"),
    )
    (waits,) = (await copy_in(site, candidate, time.now))[0]["emails_received"]
    assert waits["subject"] == "Sv: Intervju", "what waits is in the copy of whoever wrote it"
    time.forward(days=13)
    assert (await alarms.levels(site, time.now))["mail_waits"] == 0
    time.forward(days=2)
    assert (await alarms.levels(site, time.now))["mail_waits"] == 1
    time.now = datetime(2026, 9, 2, 12, tzinfo=time.now.tzinfo)
    assert await site.keyring.past_due("incoming", date(2026, 9, 2)) == []
    assert await site.keyring.past_due("incoming", date(2026, 9, 3)) == [mail]
    key = (await site.keyring.keys([mail]))[mail]
    await site.records.run_sql("DELETE FROM received_mail WHERE id = ?", key.unit)
    assert await service.reconcile(site, time.now) == 1, "a key that nothing is under any more"
    assert await service.reconcile(site, time.now) == 0


async def test_a_saved_mail_is_brought_to_the_list_or_to_an_application(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now)
    await factories.sign_in(client, site, at.people["recruiter"])
    for path in ("/incoming", f"/applications/{at.application}/mail"):
        assert (await client.get(path)).status_code == 200
        assert "Choose a file first." in (await client.post(path, files={"import": ("", b"")})).text
        noise = await client.post(path, files={"import": ("a.eml", b"\x00\x01 no mail")})
        assert (noise.status_code, "no e-mail with a sender" in noise.text) == (422, True)
    known = await client.post("/incoming", files={"import": ("a.eml", eml())})
    assert "The e-mail is sealed with the application." in known.text
    strange = {"import": ("a.eml", eml("Hvem er jeg?", From="x@example.net"))}
    assert "Hvem er jeg?" in (await client.post("/incoming", files=strange)).text
    there = await client.post(f"/applications/{at.application}/mail", files=strange)
    assert "put here by a colleague" in there.text
    twice = await client.post(f"/applications/{at.application}/mail", files=strange)
    assert "This e-mail was here already." in twice.text
    assert len(await rows(site, "received_mail", unit=at.application)) == 2
    await factories.sign_in(client, site, at.people["interviewer"])
    assert "Hvem er jeg?" not in (await client.get(f"/applications/{at.application}")).text


async def test_those_that_wait_come_in_pages(
    site: Site, client: Client, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "PAGE", 1)
    at = await house(site, time.now)
    await factories.sign_in(client, site, at.people["recruiter"])
    for said in ("Den første", "Den andre"):
        await client.post("/incoming", files={"import": ("a.eml", eml(From="x@example.net", Subject=said))})
    first = (await client.get("/incoming")).text
    (further,) = re.findall(r'<a rel="next" href="([^"]+)"', first)
    second = (await client.get(further)).text
    assert "Page 2 of 2" in second
    assert sorted(said in first for said in ("Den første", "Den andre")) == [False, True]
    assert ("Den første" in second) != ("Den første" in first)
