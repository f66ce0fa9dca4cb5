"""The made-up employer of the demonstration, its staff and its candidates, and the papers that candidates send.

Guards that nobody real is in it: the organisation number is from the range that Skatteetaten keeps for made-up
companies, mail addresses end in `.example`, telephone numbers begin with a digit that no number has. Everything follows
from a fixed seed, so that two demonstrations tell the same story.
"""

import io
import random
import unicodedata
import zipfile
from dataclasses import dataclass
from functools import cache
from typing import Literal
from uuid import UUID
from xml.sax.saxutils import escape

from recruit.accounts.guards import ADMIN, DPO, INTERVIEWER, MANAGER, RECRUITER
from recruit.careers.rules import Answers
from recruit.employer import EmployerFacts
from recruit.hiring.forms import VacancyForm
from recruit.hiring.guests import Invitation
from recruit.hiring.questions import Question
from recruit.i18n import Language
from recruit.tables import Grade, GuestWords, Party, Scores

PASSWORD = "kompass mot nord"
DOMAIN = "kvitvaer.example"
SEED = 20_261_122

Paper = tuple[str, str, bytes]
"""A file as it is sent: name, kind, bytes."""

EMPLOYER = EmployerFacts(
    name="Kvitvær Instrument AS",
    number="314 159 268",
    address="Kompassveien 3, 9475 Kvitvær",
    contact_email=f"post@{DOMAIN}",
    has_dpo=True,
    dpo_name="Liv Tangen",
    dpo_email=f"personvernombud@{DOMAIN}",
)


@dataclass(frozen=True)
class Colleague:
    """A staff account of the demonstration; `does` is an English message id."""

    key: str
    name: str
    roles: tuple[str, ...]
    does: str
    start: str

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


STAFF: tuple[Colleague, ...] = (
    Colleague(
        "ingrid",
        "Ingrid Solbakken",
        (RECRUITER,),
        "Recruiter: writes vacancies, follows every process, closes them.",
        "/vacancies",
    ),
    Colleague(
        "henrik",
        "Henrik Aune",
        (MANAGER,),
        "Hiring manager: reviews, interviews and decides in his own vacancies.",
        "/vacancies",
    ),
    Colleague(
        "sunniva",
        "Sunniva Berge",
        (INTERVIEWER,),
        "Interviewer: writes notes, and sees only her own.",
        "/vacancies",
    ),
    Colleague(
        "mats",
        "Mats Eikrem",
        (MANAGER, INTERVIEWER),
        "Two roles at once: manager of some vacancies, interviewer in others.",
        "/vacancies",
    ),
    Colleague(
        "liv",
        "Liv Tangen",
        (DPO,),
        "Data protection officer: rights, holds, policy, purge and receipts.",
        "/desk",
    ),
    Colleague("arne", "Arne Myhre", (ADMIN,), "Administrator: accounts and settings, and no candidate data.", "/staff"),
)


@dataclass(frozen=True)
class Made:
    """A made-up candidate; `mail` is another mailbox than the usual one."""

    key: str
    first: str
    last: str
    place: str
    lang: Language
    paper: Literal["pdf", "docx", "none"]
    mail: str = "post.example"

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def email(self) -> str:
        return f"{_plain(self.first)}.{_plain(self.last)}@{self.mail}"


_FIRST = [
    "Nora",
    "Jakob",
    "Emma",
    "Lucas",
    "Ella",
    "Filip",
    "Olivia",
    "Oskar",
    "Sara",
    "Aksel",
    "Sofie",
    "Håkon",
    "Maja",
    "Emil",
    "Leah",
    "Noah",
    "Frida",
    "Isak",
    "Ida",
    "Kasper",
    "Amalie",
    "Magnus",
    "Astrid",
    "Tobias",
    "Selma",
    "Sander",
    "Tiril",
    "Jonas",
    "Åse",
    "Sondre",
    "Ragnhild",
    "Eirik",
    "Mari",
    "Anders",
    "Marit",
    "Lars",
    "Hedda",
    "Trygve",
    "Siri",
    "Øystein",
    "Ánne",
    "Máret",
    "Amira",
    "Yusuf",
    "Agnieszka",
    "Tomasz",
    "Fatima",
    "Omar",
    "Linh",
    "Priya",
    "Elena",
    "Marek",
]
_LAST = [
    "Bakke",
    "Lunde",
    "Haugland",
    "Solheim",
    "Moen",
    "Strand",
    "Fossum",
    "Nygård",
    "Ødegård",
    "Kvamme",
    "Sandvik",
    "Hovland",
    "Myklebust",
    "Aasen",
    "Tveit",
    "Rønning",
    "Bråten",
    "Skoglund",
    "Vik",
    "Lien",
    "Eide",
    "Brekke",
    "Nordby",
    "Dahl",
    "Engen",
    "Sæther",
    "Ruud",
    "Holmen",
    "Sletten",
    "Opdal",
    "Utsi",
    "Gaup",
    "Hætta",
    "Hassan",
    "Kowalski",
    "Nowak",
    "Yilmaz",
    "Tran",
    "Nguyen",
    "Haddad",
    "Petrova",
    "Johansson",
    "Virtanen",
    "Lindqvist",
    "Weber",
]
_PLACES = ("Tromsø", "Harstad", "Narvik", "Bodø", "Alta", "Trondheim", "Oslo", "Bergen", "Finnsnes", "Sortland")
_ENGLISH = {"Agnieszka", "Tomasz", "Linh", "Priya", "Elena", "Marek"}


@cache
def crowd(size: int = 80) -> tuple[Made, ...]:
    """So many candidates, none of them twice."""
    dice = random.Random(SEED)
    names: dict[str, tuple[str, str]] = {}
    while len(names) < size:
        first, last = dice.choice(_FIRST), dice.choice(_LAST)
        names.setdefault(f"{first} {last}", (first, last))
    papers: tuple[Literal["pdf", "docx", "none"], ...] = ("pdf", "pdf", "docx", "none")
    return tuple(
        Made(f"c{place}", first, last, dice.choice(_PLACES), "en" if first in _ENGLISH else "nb", dice.choice(papers))
        for place, (first, last) in enumerate(names.values())
    )


def answers(who: Made, title: str) -> Answers:
    """The form as this candidate fills it in."""
    dice = _dice(who)
    return Answers(
        name=who.name,
        email=who.email,
        phone=f"000 {dice.randrange(10, 99)} {dice.randrange(100, 999)}",
        letter=_letter(who, title, dice),
    )


_OPENINGS = {
    "nb": (
        "Jeg søker stillingen som {title} fordi jeg liker arbeid der det er lett å se om noe er godt gjort.",
        "Utlysningen etter {title} traff meg: Jeg har lenge villet lage ting som folk stoler på når det blåser.",
        "Med denne søknaden håper jeg å få vise hva jeg kan bidra med som {title}.",
    ),
    "en": (
        "I am applying for the position of {title} because I enjoy work whose result can be measured.",
        "Your posting for {title} describes the kind of day that I am looking for.",
    ),
}
_MIDDLES = {
    "nb": (
        "I dag har jeg ansvar for kvalitet fra første skisse til ferdig levert, og jeg skriver gode notater.",
        "Jeg er vant til å samarbeide på tvers av fag, og til å spørre når noe er uklart.",
        "De siste årene har jeg arbeidet mest selvstendig, men jeg trives aller best i et lag.",
    ),
    "en": (
        "In my present job I follow products from the first sketch until they are delivered.",
        "I am used to working across disciplines, and to asking when something is not clear.",
    ),
}
_ENDINGS = {
    "nb": ("Jeg kommer gjerne til en samtale, og kan begynne om tre måneder.", "Referanser oppgir jeg gjerne senere."),
    "en": ("I would be glad to meet you, and can start after three months.",),
}


def _letter(who: Made, title: str, dice: random.Random) -> str:
    opening, middle, ending = (dice.choice(part[who.lang]) for part in (_OPENINGS, _MIDDLES, _ENDINGS))
    hello, goodbye = ("Hei,", "Vennlig hilsen") if who.lang == "nb" else ("Hello,", "Kind regards,")
    return f"{hello}\n\n{opening.format(title=title)}\n\n{middle}\n\n{ending}\n\n{goodbye}\n{who.name}"


# --- papers -----------------------------------------------------------------------------------------------------------

_SCHOOLS = ("UiT Norges arktiske universitet", "NTNU", "Nord universitet", "Fagskolen i Nord", "OsloMet")
_STUDIES = ("Bachelor i elektronikk", "Master i kybernetikk", "Fagbrev, automatiker", "Bachelor i økonomi og ledelse")
_EMPLOYERS = ("Havdønning Verft", "Polarlys Data", "Vestvind Energi", "Fjæra Kommunikasjon", "Skarv Logistikk")
_WORK = ("Serviceingeniør", "Utvikler", "Kvalitetsansvarlig", "Prosjektmedarbeider", "Tekniker")
_SKILLS = ("måleteknikk", "Python", "C", "innebygde systemer", "ISO 9001", "regnskap", "lodding", "prosjektstyring")


@dataclass(frozen=True)
class Life:
    """What stands in a CV: (years, what, where)."""

    education: tuple[tuple[str, str, str], ...]
    work: tuple[tuple[str, str, str], ...]
    skills: tuple[str, ...]


def life_of(who: Made, year: int) -> Life:
    """A CV's lines, the newest first."""
    dice = _dice(who)
    done = year - dice.randrange(3, 14)
    turn = dice.randrange(done, year)
    return Life(
        education=((f"{done - 3}–{done}", dice.choice(_STUDIES), dice.choice(_SCHOOLS)),),
        work=(
            (f"{turn}–", dice.choice(_WORK), dice.choice(_EMPLOYERS)),
            (f"{done}–{turn}", dice.choice(_WORK), dice.choice(_EMPLOYERS)),
        ),
        skills=tuple(dice.sample(_SKILLS, 3)),
    )


def papers(who: Made, year: int) -> list[Paper]:
    """The files that this candidate sends, a CV if any."""
    if who.paper == "pdf":
        return [(f"CV {who.name}.pdf", "cv", pdf_cv(who, year))]
    if who.paper == "docx":
        return [(f"CV {who.name}.docx", "cv", docx_cv(who, year))]
    return []


def pdf_cv(who: Made, year: int) -> bytes:
    """A CV of one page. Some 30 ms of processor time."""
    from weasyprint import HTML

    from recruit.templating import environment

    page = environment().get_template("demo/cv.html").render(who=who, life=life_of(who, year), **_heads(who))
    written: bytes = HTML(string=page, url_fetcher=_fetches_nothing).write_pdf(font_config=_fonts())
    return written


def _fetches_nothing(url: str, *args: object, **options: object) -> dict[str, object]:
    raise ValueError(url)


@cache
def _fonts() -> object:
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


def docx_cv(who: Made, year: int) -> bytes:
    """The same as a Word file, small as Word would never write it."""
    life, heads = life_of(who, year), _heads(who)
    lines = [who.name, f"{who.place} · {who.email}"]
    for head, rows in ((heads["worked"], life.work), (heads["learnt"], life.education)):
        lines += ["", head, *(f"{years}  {what}, {where}" for years, what, where in rows)]
    lines += ["", heads["knows"], ", ".join(life.skills)]
    body = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in lines)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _WORD_PARTS.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' + text.format(body=body))
    return packed.getvalue()


_OPEN_XML = "http://schemas.openxmlformats.org"
_WORD_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_OPEN_XML}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_OPEN_XML}/package/2006/relationships"><Relationship Id="r1" '
    f'Type="{_OPEN_XML}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
    "word/document.xml": f'<w:document xmlns:w="{_OPEN_XML}/wordprocessingml/2006/main"><w:body>{{body}}</w:body>'
    "</w:document>",
}


def _heads(who: Made) -> dict[str, str]:
    if who.lang == "nb":
        return {"worked": "Arbeid", "learnt": "Utdanning", "knows": "Kan"}
    return {"worked": "Work", "learnt": "Education", "knows": "Skills"}


# --- vacancies --------------------------------------------------------------------------------------------------------

_ABOUT_NB = (
    "Kvitvær Instrument lager kompass og værsensorer for båter som må finne frem når alt annet svikter. "
    "Vi er 48 kolleger i et gammelt tranbruk ved havna, med verksted i første etasje og utsikt i andre."
)
_ABOUT_EN = (
    "Kvitvær Instrument makes compasses and weather sensors for boats that must find their way when everything else "
    "fails. We are 48 colleagues in an old cod-liver oil works by the harbour."
)


@dataclass(frozen=True)
class Opening:
    """A vacancy of the demonstration, by its key."""

    key: str
    title_nb: str
    title_en: str
    task_nb: str
    task_en: str
    standing: bool = False
    way: str = ""
    place: str = "Kvitvær"
    extent: str = "100 %"

    def form(self, deadline: object = None, contact: str = "") -> VacancyForm:
        from datetime import date

        return VacancyForm(
            title_nb=self.title_nb,
            title_en=self.title_en,
            posting_nb=f"{_ABOUT_NB}\n\n{self.task_nb}\n\nVi tilbyr fast stilling, fleksibel arbeidstid og trankaffe.",
            posting_en=f"{_ABOUT_EN}\n\n{self.task_en}\n\nWe offer a permanent position and flexible hours.",
            place=self.place,
            extent=self.extent,
            deadline=deadline if isinstance(deadline, date) else None,
            standing=self.standing,
            way=self.way,
            contact=contact,
            contact_phone="078 40 112" if contact else "",
            contact_title="Rekrutterer" if contact else "",
        )


OPENINGS: tuple[Opening, ...] = (
    Opening(
        "service",
        "Servicetekniker",
        "Service technician",
        "Du kalibrerer kompass om bord og i verkstedet, og skriver rapporten slik at skipperen forstår den.",
        "You calibrate compasses on board and in the workshop.",
    ),
    Opening(
        "finance",
        "Økonomikonsulent",
        "Finance consultant",
        "Du fører regnskapet, følger opp fakturaer og hjelper prosjektlederne med å forstå tallene sine.",
        "You keep the accounts and help project managers to understand their figures.",
    ),
    Opening(
        "market",
        "Markedsrådgiver",
        "Marketing adviser",
        "Du forteller om instrumentene våre på messer og på nett, uten å love mer enn nåla holder.",
        "You tell people about our instruments at fairs and on the web.",
    ),
    Opening(
        "stock",
        "Lagermedarbeider",
        "Warehouse worker",
        "Du tar imot deler, pakker instrumenter og holder orden på hyllene.",
        "You receive parts, pack instruments and keep the shelves in order.",
    ),
    Opening(
        "software",
        "Systemutvikler",
        "Software developer",
        "Du skriver programmene i sensorene og tjenesten som tar imot målingene deres.",
        "You write the programs inside our sensors and the service that receives their readings.",
    ),
    Opening(
        "quality",
        "Kvalitetsingeniør",
        "Quality engineer",
        "Du leder arbeidet med ISO 9001 og finner ut hvorfor noe gikk galt, uten å lete etter noen å skylde på.",
        "You lead our work with ISO 9001.",
        way="two_interviews",
        place="Tromsø",
        extent="80 %, vikariat",
    ),
    Opening(
        "open",
        "Åpen søknad",
        "Unsolicited application",
        "Fant du ikke stillingen din? Fortell oss hva du kan, så ser vi hvor du passer.",
        "Did not find your position? Tell us what you can do.",
        standing=True,
        way="short",
    ),
    Opening(
        "radio",
        "Senioringeniør, radio",
        "Senior engineer, radio",
        "Du konstruerer antenner som tåler is.",
        "You design antennas that survive ice.",
    ),
    Opening(
        "apprentice",
        "Lærling i elektronikkfaget",
        "Electronics apprentice",
        "Du lærer faget i verkstedet vårt, av folk som husker at de selv var nye.",
        "You learn the trade in our workshop.",
    ),
)


QUESTIONS: dict[str, tuple[Question, ...]] = {
    "quality": (
        Question(
            UUID(int=SEED),
            "choice",
            False,
            "Når kan du begynne?",
            "When can you start?",
            ("Med en gang", "Innen tre måneder", "Senere"),
            ("At once", "Within three months", "Later"),
        ),
        Question(
            UUID(int=SEED + 1),
            "long",
            False,
            "Hvilken feil er du gladest for å ha funnet?",
            "Which fault are you proudest to have found?",
        ),
    ),
}
"""What a vacancy asks beside the usual, by its key."""


def _dice(who: Made) -> random.Random:
    return random.Random(f"{SEED} {who.key}")


def _plain(text: str) -> str:
    """A name as it stands in a mail address."""
    swapped = text.lower().replace("ø", "o").replace("å", "a").replace("æ", "ae")
    return "".join(c for c in unicodedata.normalize("NFKD", swapped) if c.isascii() and c.isalnum())


LETTERS: tuple[dict[str, str], ...] = (
    {
        "name": "Vi trenger litt mer tid",
        "subject_nb": "Søknaden din på {stilling}",
        "mail_nb": "Hei {navn}\n\nMange har søkt, og vi trenger litt mer tid enn vi trodde. Du hører fra oss i "
        "løpet av to uker, uansett hvordan det går.\n\nHilsen {avsender}",
        "subject_en": "Your application for {vacancy}",
        "mail_en": "Hello {name}\n\nMany have applied, and we need a little more time than we thought. You hear from "
        "us within two weeks, whatever the outcome.\n\nRegards, {sender}",
    },
    {
        "name": "Før intervjuet",
        "subject_nb": "Intervjuet om {stilling}",
        "mail_nb": "Hei {navn}\n\nVi gleder oss til å møte deg {intervju}. Ta gjerne med eksempler på arbeid du er "
        "fornøyd med. Spørsmål? Ta kontakt med {kontakt}.\n\nHilsen {avsender}",
        "subject_en": "The interview for {vacancy}",
        "mail_en": "Hello {name}\n\nWe look forward to meeting you {interview}. Feel free to bring examples of work "
        "that you are happy with. Questions? Ask {contact}.\n\nRegards, {sender}",
    },
)
"""The employer's own e-mails to candidates."""
KIT = """Faglige ferdigheter: Fortell om en feil som var vanskelig å finne. Hvordan fant du den?
Samarbeid: Fortell om en uenighet på jobben, og hvordan den endte.
Motivasjon: Hvorfor kompass?"""

REFERENCE_FORM = {
    "name": "Lederstilling",
    "questions_nb": "Hvordan ledet søkeren andre?\nHvordan tok søkeren vanskelige beslutninger?",
    "questions_en": "How did the candidate lead others?\nHow did the candidate take difficult decisions?",
}
UNION_REPRESENTATIVE = Invitation(
    Party(name="Torunn Lie", email="torunn.lie@post.example"),
    GuestWords(capacity="tillitsvalgt i Tekna", reason="Hovedavtalen: de tillitsvalgte uttaler seg om innstillingen."),
    days=7,
    lang="nb",
)
BOARD_MEMBER = Invitation(
    Party(name="Hallvard Moe", email="hallvard.moe@post.example"),
    GuestWords(capacity="styremedlem", reason="Styret ba om å se de to øverste søknadene."),
    days=3,
    lang="nb",
)
"""Guests from outside: one who reads, and one whose link was withdrawn."""
REFERENCE = (
    "Jeg var lederen hans i fire år, til 2024.",
    "Han hadde ansvar for fastvaren i to produkter, og leverte det han lovet.",
    "Lett å be om hjelp, og flink til å si fra tidlig.",
    "Feilsøking. Han gir seg ikke før han vet hvorfor.",
    "Han kan bli sittende lenge med en detalj. Det hjelper å avtale når noe er godt nok.",
    "Ja, i morgen.",
)
CALLED = (
    "Satt ved siden av ham i tre år.",
    "Testrigg og drivere. Skrev god dokumentasjon.",
    "Rolig i møter, tydelig når det trengs.",
    "Å forklare vanskelige ting enkelt.",
    "",
    "Ja.",
)
"""What a referee answers to the ready questions by the link, and what another says on the telephone."""

CARDS: dict[str, Scores] = {
    "sunniva": Scores(
        grades=[
            Grade(competence="Faglige ferdigheter", grade=5, text="Fant feilen i oppgaven raskt, og forklarte den."),
            Grade(competence="Samarbeid", grade=4, text="Spør før hun svarer."),
            Grade(competence="Motivasjon", text=""),
        ],
        text="Trygg på faget. Snakk mer om drift.",
    ),
    "mats": Scores(
        grades=[
            Grade(competence="Faglige ferdigheter", grade=4, text="Kjenner CAN-buss ut og inn."),
            Grade(competence="Samarbeid", grade=3),
            Grade(competence="Motivasjon", grade=4, text="Vil gjerne på sjøen med prototypen."),
        ],
        text="Vil jeg gjerne jobbe med.",
    ),
}
"""What two of the interviewers put in for the same candidate."""
