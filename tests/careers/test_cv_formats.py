"""CV files that a person brings along: three formats give one CV, and a hostile one gives a sentence."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from recruit.careers import cv_formats
from recruit.careers.cv_formats import Cv, CvBroken, CvEmpty, CvNotKnown, CvTooLarge, CvUnreadable, day_of, read
from recruit.curriculum import Education, Experience, LanguageSkill

SAMPLES = Path(__file__).parent / "samples"

CAREER = Cv(
    name="Åse Bjørnstad-Øye",
    email="ase@example.org",
    phone="+47 900 00 000",
    summary="Systemutvikler",
    experience=[
        Experience(title="Utvikler", employer="Fjell AS", began="2019-03", text="Bygget ting.\nHoldt dem i live."),
        Experience(title="Lærling", employer="Dal & Sønn", began="2016", ended="2019-02"),
    ],
    education=[Education(title="Bachelor, informatikk", school="NTNU", began="2013-08", ended="2016-06")],
    languages=[LanguageSkill(name="norsk", level="C2"), LanguageSkill(name="English", level="B2–C1")],
    skills=["Python", "SQL"],
)


@pytest.mark.parametrize("name", ["json-resume.json", "passport.json", "passport.xml", "candidate.xml"])
def test_every_format_gives_the_same_career(name: str) -> None:
    assert read((SAMPLES / name).read_bytes()) == CAREER


def test_a_mark_of_byte_order_is_no_obstacle() -> None:
    assert read(b"\xef\xbb\xbf" + (SAMPLES / "json-resume.json").read_bytes()) == CAREER
    assert read((SAMPLES / "passport.xml").read_text("utf-8").replace("UTF-8", "UTF-16").encode("utf-16")) == CAREER


BOMB = (
    b'<!DOCTYPE SkillsPassport [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    b"<SkillsPassport><LearnerInfo>&b;</LearnerInfo></SkillsPassport>"
)
FILE = (
    b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    b"<Candidate><CandidatePerson><PersonName><GivenName>&f;</GivenName></PersonName></CandidatePerson></Candidate>"
)
HOSTILE: dict[str, tuple[bytes, type[CvUnreadable]]] = {
    "empty": (b"", CvBroken),
    "blank": (b"  \n", CvBroken),
    "bomb": (BOMB, CvBroken),
    "file of the machine": (FILE, CvBroken),
    "foreign definition": (b'<!DOCTYPE x SYSTEM "http://evil.example/x.dtd"><SkillsPassport/>', CvBroken),
    "cut off": ((SAMPLES / "passport.xml").read_bytes()[:-30], CvBroken),
    "half of a JSON": (b'{"basics": {"name": "Ola"', CvBroken),
    "not UTF-8": (b'{"basics": {"name": "\xff\xfe"}}', CvBroken),
    "deep JSON": (b'{"basics":' * 50_000 + b"1" + b"}" * 50_000, CvBroken),
    "a list": (b'["basics"]', CvBroken),
    "other JSON": (b'{"hello": 1}', CvNotKnown),
    "other XML": (b"<html><body>CV</body></html>", CvNotKnown),
    "an unknown encoding": (b'<?xml version="1.0" encoding="klingon"?><SkillsPassport/>', CvBroken),
    "a PDF": (b"%PDF-1.4\n", CvBroken),
    "nothing in it": (b'{"basics": {}, "work": [{}]}', CvEmpty),
    "too large": (b'{"basics": {"name": "' + b"x" * cv_formats.MAX_BYTES + b'"}}', CvTooLarge),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gives_a_sentence(name: str) -> None:
    data, error = HOSTILE[name]
    with pytest.raises(error) as caught:
        read(data)
    assert caught.value.status == 422


def test_deeply_nested_xml_is_read_to_a_bounded_depth() -> None:
    deep = b"<SkillsPassport>" + b"<x>" * 100_000 + b"</x>" * 100_000 + b"</SkillsPassport>"
    with pytest.raises(CvEmpty):
        read(deep)


WRONG: tuple[Any, ...] = (None, 7, True, "text", [], [None], [["x"]], {}, {"name": {"name": 1}}, {"": []}, -1e308)


@pytest.mark.parametrize("key", ["basics", "work", "education", "skills", "languages", "SkillsPassport", "LearnerInfo"])
def test_any_type_in_any_place_is_read_or_refused_in_words(key: str) -> None:
    for inner in WRONG:
        for data in ({key: inner, "basics": {"name": "Ola"}}, {key: {"Identification": inner, "Skills": inner}}):
            for name in ("name", "position", "startDate", "keywords", "WorkExperience", "Period", "Linguistic"):
                whole = {**data, key: [{name: inner}]} if key != "LearnerInfo" else {key: {name: [inner, inner]}}
                try:
                    assert isinstance(read(msgspec.json.encode(whole)), Cv)
                except CvUnreadable:
                    continue


def test_markup_and_control_characters_become_plain_text() -> None:
    text = "<p>Bygget &amp; drev</p><ul><li>en</li><li>to</li></ul><script>alert(1)</script>\x00\u202eslutt"
    cv = read(msgspec.json.encode({"basics": {"name": "Ola\nNord\x07", "summary": text}}))
    assert cv.summary == "Bygget & drev\nen\nto\nslutt"
    assert cv.name == "Ola Nord"


def test_what_finds_no_room_is_counted() -> None:
    work = [{"position": f"Stilling {n}"} for n in range(cv_formats.MAX_ENTRIES + 3)]
    cv = read(msgspec.json.encode({"work": work, "skills": [{"name": str(n)} for n in range(45)]}))
    assert len(cv.experience) == cv_formats.MAX_ENTRIES
    assert cv.left_out == 3 + 5


@pytest.mark.parametrize(
    ("text", "day"),
    [("2019-03-17", "2019-03"), ("2019-03", "2019-03"), ("2019", "2019"), ("2019-13", "2019"), ("1. mars", ""),
     ("20190317", ""), ("", ""), ("２０１９-03", "")],
)  # fmt: skip
def test_days_are_months_or_years(text: str, day: str) -> None:
    assert day_of(text) == day
