"""What does not belong in a note or a CV, recognised while it is written: identity numbers and sensitive words. Pure.

Guards that health, pregnancy, faith, politics, union membership, orientation, origin or convictions (art. 9 and 10, the
Working Environment Act § 13-4), or a national identity number (Personal Data Act § 12), are not written down unnoticed.
It is a hint and not a judgement: whoever writes takes it out, or writes why it has to stand there. Candidates get
it too, for their own words and papers, and it asks nothing of them. The browser gets the same lists, so that the hint
comes while typing and the words stay on the machine until they are saved.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from recruit.errors import FormInvalid
from recruit.i18n import Sentence

Kind = Literal[
    "identity", "health", "family", "faith", "politics", "union", "orientation", "ethnicity", "crime"
]  # fmt: skip

SAID: dict[Kind, str] = {
    "identity": "This looks like a national identity number. Take it out, or write why it has to stand here.",
    "health": "“{word}” says something about health. Take it out, or write why it has to stand here.",
    "family": "“{word}” says something about pregnancy or family. Take it out, or write why it has to stand here.",
    "faith": "“{word}” says something about faith. Take it out, or write why it has to stand here.",
    "politics": "“{word}” says something about politics. Take it out, or write why it has to stand here.",
    "union": "“{word}” says something about union membership. Take it out, or write why it has to stand here.",
    "orientation": "“{word}” says something about orientation or gender identity. Take it out, or write why it has to "
    "stand here.",
    "ethnicity": "“{word}” says something about origin. Take it out, or write why it has to stand here.",
    "crime": "“{word}” says something about convictions. Take it out, or write why it has to stand here.",
}
"""The hint beside a note (English message ids)."""

KINDS: dict[Kind, str] = {
    "identity": "a national identity number",
    "health": "health",
    "family": "pregnancy or family",
    "faith": "faith",
    "politics": "politics",
    "union": "union membership",
    "orientation": "orientation or gender identity",
    "ethnicity": "origin",
    "crime": "convictions",
}
"""What was seen in a document (English message ids)."""

OWN = "This seems to say something about {kind}. We do not need it: take it out, or keep it if you want us to know."
"""The hint beside a candidate's own words (an English message id)."""

LONGEST_WHY = 500

_WORDS: dict[Kind, str] = {
    "health": """
        sykmeld*, sykemeld*, sjukmeld*, sykefravær*, sykehistorie, helseproblem*, helseplage*, helsetilstand*,
        helsemessige, dårlig helse, svak helse, diagnostisert med, diagnosert med, depresjon, depresjoner,
        deprimert, angstlidelse*, angstanfall*, psykisk syk*, psykiske lidelse*, psykiske plage*, bipolar,
        schizofren*, adhd, autist*, autisme, epilepsi, epileptiker*, kreft, brystkreft, kreftsyk*, hiv-positiv*,
        diabetes, diabetiker*, kronisk syk*, kroniske smerter, uføretrygd*, ufør, arbeidsufør*, funksjonshem*,
        funksjonsnedsett*, rullestol*, svaksynt*, hørselshem*, dysleksi, dyslektiker*, utbrent, utbrenthet,
        migrene, allergi, allergier, allergisk*, rusproblem*, rusmisbruk*, alkoholproblem*, alkoholiker*, sick
        leave, sick note*, illness, illnesses, ill health, poor health, health problem*, health issue*, health
        condition*, medical condition*, diagnosed with, depression, depressed, anxiety disorder*, anxiety
        attack*, mental illness*, mental health problem*, mental health issue*, schizophren*, autistic, autism,
        epilepsy, epileptic, cancer, hiv positive, diabetic, chronic pain, chronic illness*, chronically ill,
        disability, disabilities, wheelchair*, dyslexia, dyslexic, burnout, burned out, migraine*, allergy,
        allergies, allergic, alcoholic*, alcohol problem*, drug abuse, drug problem*
    """,
    "family": """
        gravid*, svanger, svangerskap*, mammaperm*, pappaperm*, foreldreperm*, fødselsperm*, venter barn, venter
        sitt, vil ha barn, planer om barn, flere barn, småbarnsmor, småbarnsfar, småbarnsforeld*, alenemor,
        alenefar, aleneforsørger*, prøverør*, pregnan*, maternity leave, paternity leave, parental leave,
        expecting a baby, expecting a child, trying for a baby, wants children, more children, single mother,
        single father, single mum, fertility treatment
    """,
    "faith": """
        muslim*, personlig kristen, er kristen, kristen tro, kristne verdier, kristent livssyn, bekjennende
        kristen, jøde, jødisk*, hinduist*, buddhist*, ateist*, katolikk*, pinsevenn*, jehovas vitne*, mormoner*,
        hijab*, religiøs, religiøst, religiøse, livssyn, trosretning, konvertert til, går i kirken, menighet,
        menigheten, practising christian, practicing christian, devout, born-again, jewish, hinduism, buddhism,
        atheist*, is catholic, a catholic, jehovah*, headscarf, religious belief*, very religious, is religious,
        goes to church, converted to islam
    """,
    "politics": """
        arbeiderpartiet, fremskrittspartiet, sosialistisk venstreparti, senterpartiet, miljøpartiet, frp, krf,
        kristelig folkeparti, unge høyre, partimedlem*, medlem av partiet, politisk syn, politiske syn, politisk
        tilhørighet, politisk aktiv*, stemmer høyre, stemte på, kommunist*, venstreradikal*, høyreekstrem*,
        høyreradikal*, labour party, conservative party, progress party, party member*, political view*,
        political opinion*, political affiliation*, politically active, votes for, voted for, left-wing,
        right-wing, communist*
    """,
    "union": """
        fagforening*, fagforeining*, fagorganisert*, fagforbund*, tillitsvalgt*, hovedtillitsvalgt*,
        plasstillitsvalgt*, lo-medlem*, medlem av nito, medlem av tekna, medlem i tekna, medlem i nito,
        streiket, trade union*, union member*, labour union*, labor union*, union rep*, shop steward*,
        unionised, unionized
    """,
    "orientation": """
        homofil*, lesbisk*, bifil*, er skeiv, heterofil*, panseksuell*, transperson*, transkjønn*, transkvinne*,
        transmann*, ikke-binær*, kjønnsidentitet*, legning, seksuell*, homosexual*, gay, lesbian*, bisexual*,
        queer, transgender*, trans woman, trans man, non-binary, nonbinary, sexual orientation, gender identity
    """,
    "ethnicity": """
        etnisk bakgrunn, etnisitet, hudfarge*, mørkhudet*, mørk i huden, innvandrerbakgrunn*, asylsøker*,
        flyktning, utenlandsk utseende, ethnic background, ethnicity, skin colour, skin color, dark-skinned,
        immigrant background, asylum seeker*, refugee
    """,
    "crime": """
        straffedømt*, tidligere straffet, dømt for, fengselsdom*, kriminell fortid, convicted of, criminal
        record, prison sentence
    """,
}
"""Words and groups of words in both languages, apart by commas; a star stands for any ending."""

_NUMBER = r"\d{6}[ .-]?\d{5}"
_WEIGHTS = ((3, 7, 6, 1, 8, 9, 4, 5, 2, 1, 0), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1))
"""Of both check digits of a national identity number, which have to add up to nothing modulo 11."""
_NUMBERS = re.compile(rf"(?<!\d){_NUMBER}(?!\d)")


def _listed(kind: Kind) -> list[str]:
    return [" ".join(words.split()) for words in _WORDS[kind].split(",")]


@cache
def _pattern(kind: Kind) -> re.Pattern[str]:
    each = [re.escape(words).replace(r"\ ", r"\s+").replace(r"\*", r"\w*") for words in _listed(kind)]
    return re.compile(rf"(?<!\w)(?:{'|'.join(each)})(?!\w)", re.IGNORECASE)


@dataclass(frozen=True)
class Caught:
    """Something that does not belong there; `word` as it stands in the text, empty for a number: it is not echoed."""

    kind: Kind
    word: str = ""


def is_identity_number(text: str) -> bool:
    """A national identity number or D-number: eleven digits, a day that there is, and two check digits that fit.

    Made-up ones, whose month has 40 or 80 added to it, count too.
    """
    digits = [int(c) for c in text if c.isdigit()]
    if len(digits) != 11:
        return False
    day, month = digits[0] * 10 + digits[1], digits[2] * 10 + digits[3]
    fits = 1 <= day % 40 <= 31 and day < 80 and 1 <= month % 40 <= 12
    return fits and all(sum(d * w for d, w in zip(digits, row, strict=True)) % 11 == 0 for row in _WEIGHTS)


def found(*texts: str) -> tuple[Caught, ...]:
    """What texts hold that does not belong there: each kind once, with the first word that shows it."""
    whole = "\n".join(texts)
    numbers = [Caught("identity")] if any(map(is_identity_number, _NUMBERS.findall(whole))) else []
    hits = ((kind, _pattern(kind).search(whole)) for kind in _WORDS)
    return (*numbers, *(Caught(kind, hit.group()) for kind, hit in hits if hit))


def reason(form: Mapping[str, str], name: str, *texts: str) -> str:
    """Why what was caught in these texts has to stand there, as written in the field `name`; empty if nothing was.

    FormInvalid, beside that field, as long as nobody has written why.
    """
    caught, why = found(*texts), form.get(name, "").strip()
    if caught and not why:
        raise FormInvalid({name: Sentence(SAID[caught[0].kind], word=caught[0].word)})
    if len(why) > LONGEST_WHY:
        raise FormInvalid({name: "Write at most 500 characters."})
    return why if caught else ""


def for_browsers() -> dict[str, Any]:
    """The same lists for the script of the page: words by kind, and how a number is judged."""
    return {"words": {kind: _listed(kind) for kind in _WORDS}, "number": _NUMBER, "weights": _WEIGHTS}
