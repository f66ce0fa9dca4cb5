"""What an employer may not ask in a recruitment, recognised by words in Norwegian and English. Pure.

Guards that a question about pregnancy, faith, ethnicity, disability, sexual orientation, politics or union membership
is not published unnoticed: whoever writes it reads which section forbids it, and whether there is an exception. Words
are a hint and not a judgement: the person who writes decides, and it is written down that they did.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Ground = Literal["family", "faith", "ethnicity", "disability", "orientation", "politics", "union"]

RULES: dict[Ground, tuple[str, str]] = {
    "family": (
        "Pregnancy, birth, adoption or plans for children",
        "The Equality and Anti-Discrimination Act § 30 forbids asking, without exception.",
    ),
    "faith": (
        "Religion or belief",
        "The Equality and Anti-Discrimination Act § 30 forbids asking, unless the answer is decisive for doing the "
        "work.",
    ),
    "ethnicity": (
        "Ethnicity, origin or skin colour",
        "The Equality and Anti-Discrimination Act § 30 forbids asking, unless the answer is decisive for doing the "
        "work.",
    ),
    "disability": (
        "Disability or health",
        "The Equality and Anti-Discrimination Act § 30 and the Working Environment Act § 9-3 forbid asking, unless the "
        "answer is decisive for doing the work.",
    ),
    "orientation": (
        "Sexual orientation, gender identity or living together",
        "The Equality and Anti-Discrimination Act § 30 forbids asking about orientation and gender identity without "
        "exception.",
    ),
    "politics": (
        "Political opinions",
        "The Working Environment Act § 13-4 forbids asking, unless the character of the position calls for it.",
    ),
    "union": (
        "Union membership",
        "The Working Environment Act § 13-4 forbids asking, unless the character of the position calls for it.",
    ),
}
"""What each ground is called, and the rule (English message ids)."""

TAG_UNFIT = "A tag may not say what the law keeps out of a recruitment, such as health, faith, origin or pregnancy."

_WORDS: dict[Ground, str] = {
    "family": r"""
        gravid\w* svanger\w* graviditet\w* foreldrepermisjon\w* foreldrepengeperm\w* mammaperm\w* pappaperm\w*
        adopsjon\w* adopter\w* familieplan\w* barneplan\w* få\ barn flere\ barn
        har\ du\ barn antall\ barn hvor\ mange\ barn småbarn\w* prevensjon\w* pregnan\w* maternity paternity
        parental\ leave adopting adoption childbirth family\ plan\w* plan\w*\ (?:to\ have\ )?(?:children|kids)
        have\ (?:children|kids) any\ (?:children|kids) many\ (?:children|kids) childcare contracepti\w*
    """,
    "faith": r"""
        religion\w* religiøs\w* livssyn\w* trosretning\w* trossamfunn\w* tro\ på\ gud gudstro\w* kristen kristne
        muslim\w* islam\w* jøde\w* jødisk\w* hindu\w* buddhis\w* ateis\w* kirke\w* menighet\w* moské\w*
        hijab\w* hodeplagg\w*
        religi\w* faith believer\w* christian\w* jewish judaism atheis\w* church mosque synagogue headscar\w*
    """,
    "ethnicity": r"""
        etnisk\w* etnisitet\w* hudfarge\w* rase rasen opprinnelsesland\w* nasjonal\ opprinnelse\w* avstamning\w*
        hvor\ (?:kommer\ du|er\ du)\ (?:egentlig\ |opprinnelig\ )fra fødeland\w* innvandrer\w* sam(?:e|isk)
        romani\w* kvensk\w* ethnic\w* skin\ colou?r race racial ancestry national\ origin country\ of\ birth
        where\ are\ you\ (?:really|originally)\ from immigrant\w*
    """,
    "disability": r"""
        funksjonsned\w* funksjonshem\w* handikap\w* uføre?\w* helse helsa helsen helsetilstand\w* helseplag\w* sykdom\w*
        sykefravær\w* sykmeld\w* sykemeld\w* diagnose\w* kronisk\w* psykisk\w* depresjon\w* adhd autis\w* allergi\w*
        medisiner disabilit\w* disabled handicap\w* health illness\w* sick\ leave sickness diagnos\w* chronic\w*
        mental\w* depression allerg\w* medication\w*
    """,
    "orientation": r"""
        seksuell\w* legning\w* homofil\w* lesbisk\w* bifil\w* skeiv\w* transperson\w* transkjønn\w* kjønnsidentitet\w*
        kjønnsuttrykk\w* samboer\w* sivilstand\w* sivilstatus\w* ektefelle\w* er\ du\ gift sexual\w* gay lesbian\w*
        bisexual\w* queer transgender\w* gender\ identit\w* gender\ express\w* marital\ status spouse are\ you\ married
    """,
    "politics": r"""
        politisk\w* politikk\w* partimedlem\w* parti partitilhørighet\w* stemte stemmer\ du hvem\ stemm\w*
        politic\w* party\ member\w* which\ party vote voted
    """,
    "union": r"""
        fagforening\w* fagorganis\w* fagforbund\w* fagforeining\w* organisert\ i\ fag\w* tillitsvalgt\w*
        arbeidstakerorganisasjon\w*
        trade\ union\w* union\ member\w* labou?r\ union\w* shop\ steward\w* unioni[sz]ed
    """,
}


def _pattern(words: str) -> re.Pattern[str]:
    each = [re.sub(r"\\ ", r"\\s+", word) for word in re.findall(r"(?:\\ |[^\s])+", words)]
    return re.compile(rf"(?<!\w)(?:{'|'.join(each)})(?!\w)", re.IGNORECASE)


_PATTERNS: dict[Ground, re.Pattern[str]] = {ground: _pattern(words) for ground, words in _WORDS.items()}


@dataclass(frozen=True)
class Objection:
    """A word that may ask what the law forbids: the ground, and the word as it stands in the text."""

    ground: Ground
    word: str

    @property
    def about(self) -> str:
        return RULES[self.ground][0]

    @property
    def rule(self) -> str:
        return RULES[self.ground][1]


def objections(*texts: str) -> tuple[Objection, ...]:
    """The grounds that a text may touch, each once, with the first word that shows it."""
    found = ((ground, _first(pattern, texts)) for ground, pattern in _PATTERNS.items())
    return tuple(Objection(ground, word) for ground, word in found if word)


def _first(pattern: re.Pattern[str], texts: Iterable[str]) -> str:
    return next((match.group() for text in texts if (match := pattern.search(text))), "")
