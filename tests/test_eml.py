"""Claims about e-mails from strangers: what is said in them is read, and nothing in them does any harm."""

import time as stopwatch
from email.message import EmailMessage

import pytest

from recruit import eml

REPLY = (
    b"From: =?utf-8?q?=C3=85se_S=C3=B8rli?= <ase@example.org>\r\nTo: post@fjordlys.example\r\n"
    b"Subject: =?iso-8859-1?q?Sv=3A_Intervju_p=E5_fredag?=\r\nMessage-ID: <a1@example.org>\r\n"
    b"In-Reply-To: <b2@fjordlys.example>\r\nReferences: <c3@fjordlys.example>\r\n <b2@fjordlys.example>\r\n"
    b"Date: Mon, 2 Mar 2026 10:15:00 +0100\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\nFredag passer.\r\nHilsen =C5se\x07\r\n"
)


def mail(**headers: str) -> EmailMessage:
    made = EmailMessage()
    for name, value in {"From": "Ola <ola@example.org>", "To": "post@fjordlys.example", **headers}.items():
        made[name.replace("_", "-")] = value
    made.set_content("Hei.")
    return made


def test_a_reply_is_read_whatever_its_charsets() -> None:
    letter = eml.read(REPLY)
    assert (letter.name, letter.address, letter.to) == ("Åse Sørli", "ase@example.org", "post@fjordlys.example")
    assert letter.subject == "Sv: Intervju på fredag"
    assert letter.text == "Fredag passer.\nHilsen Åse"
    assert letter.message_id == "<a1@example.org>"
    assert letter.answers_to == ("<b2@fjordlys.example>", "<c3@fjordlys.example>")
    assert letter.sent_at is not None
    assert letter.sent_at.isoformat() == "2026-03-02T09:15:00+00:00"
    assert (letter.mark, letter.whole, letter.files) == ("", True, ())
    raw = eml.read("From: Åse <ase@example.org>\nSubject: Søknad på «drift»\n\nHei på deg".encode())
    assert (raw.name, raw.subject, raw.text) == ("Åse", "Søknad på «drift»", "Hei på deg")


def test_files_come_along_and_a_page_gives_its_words() -> None:
    made = mail(Subject="Søknad")
    made.add_alternative("<style>p{}</style><p>Hei &aring; hopp<br>på</p><script>x()</script>deg", subtype="html")
    made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="..\\..\\C:\\Min CV.pdf")
    made.add_attachment(b"logo", maintype="image", subtype="png", cid="<logo>")
    made.get_payload()[-1].replace_header("Content-Disposition", "inline")
    made.add_attachment(mail(Subject="Videresendt"))
    letter = eml.read(made.as_bytes())
    assert letter.text == "Hei."
    assert [file.name for file in letter.files] == ["Min CV.pdf", "message/rfc822"]
    assert b"Videresendt" in letter.files[1].data
    page = EmailMessage()
    page["From"] = "ola@example.org"
    page.set_content("<head><title>Nei</title></head><p>Hei &aring; hopp<br>på</p>deg <b>der</b>", subtype="html")
    assert eml.read(page.as_bytes()).text == "Hei å hopp\npå\ndeg der"
    many = mail()
    for number in range(12):
        many.add_attachment(b"x", maintype="application", subtype="pdf", filename=f"{number}.pdf")
    assert (len(eml.read(many.as_bytes()).files), eml.read(many.as_bytes()).whole) == (10, False)


@pytest.mark.parametrize(
    ("mark", "headers"),
    [
        ("bounce", {"From": "MAILER-DAEMON@mx.example"}),
        ("bounce", {"Return_Path": "<>"}),
        ("automatic", {"Auto_Submitted": "auto-replied (vacation)"}),
        ("automatic", {"X_Autoreply": "yes"}),
        ("bulk", {"Precedence": "bulk"}),
        ("bulk", {"List_Id": "<news.example>"}),
        ("", {"Auto_Submitted": "no"}),
    ],
)
def test_what_a_machine_wrote_is_marked(mark: str, headers: dict[str, str]) -> None:
    made = EmailMessage()
    for name, value in {"From": "Ola <ola@example.org>", **headers}.items():
        made[name.replace("_", "-")] = value
    made.set_content("Jeg er på ferie.")
    assert eml.read(made.as_bytes()).mark == mark


HOSTILE = {
    "nothing": b"",
    "noise": bytes(range(256)) * 500,
    "no charset": b"From: a@b.example\nContent-Type: text/plain; charset=klingon\n\nhei \xe5",
    "a slow charset": b"From: a@b.example\nContent-Type: text/plain; charset=punycode\n\n" + b"a-b" * 300_000,
    "broken words": b"From: =?utf-8?b?!!!?= <a@b.example>\nSubject: =?x?q?=ZZ?= =?utf-8?b?A?=\n\nhei",
    "broken base64": b"From: a@b.example\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!!=A",
    "a date": b"From: a@b.example\nDate: Mon, 99 Foo 99999999999 99:99:99 +9999\n\nhei",
    "a line of names": b"From: " + b"(" * 50_000 + b"a@b.example\nTo: " + b"<a@b.example>," * 50_000 + b"\n\nhei",
    "a header that ends others": b"From: a@b.example\nSubject: =?utf-8?q?x=0D=0ABcc:_b@c.example?=\n\nhei",
    "names that contradict": b"From: a@b.example\nContent-Type: application/pdf; name*0*=utf-8''%ff; name*x=1\n\nhei",
    "an open page": b"From: a@b.example\nContent-Type: text/html\n\n" + b"<script><!--<" * 60_000,
    "only edges": b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n" + b"--x\n" * 400_000,
    "only lines": b"From: a@b.example\n\n" + b"\n" * 3_000_000,
    "only headers": b"From: a@b.example\n" + b"X-A: b\n" * 200_000 + b"\nhei",
    "boxes in boxes": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(5_000)
    ),
    "mails in mails": b"From: a@b.example\n" + b"Content-Type: message/rfc822\n\n" * 5_000,
    "too large": b"From: a@b.example\n\n" + b"x" * eml.MAX_BYTES,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_nothing_that_a_stranger_sends_stops_the_reading_or_takes_long(what: str) -> None:
    began = stopwatch.process_time()
    letter = eml.read(HOSTILE[what])
    assert stopwatch.process_time() - began < 5
    shown = letter.name + letter.subject + letter.text + "".join(file.name for file in letter.files)
    assert "\n" not in letter.subject
    assert "\x07" not in shown
    shown.encode()
    if what in ("nothing", "only headers", "only edges", "only lines", "boxes in boxes", "mails in mails", "too large"):
        assert (letter.mark, letter.whole) == ("unreadable", False)
