"""The answer to a request as a letter: a tagged PDF that goes with the mail, and by post where there is no address.

Guards that every answer lists to whom the data went (L29), and that one which goes against the person, in whole or in
part, says why and where to complain (L22), as the answer to a complaint always does (L30). Drawing takes a moment of
the processor: it is done before the transaction of the answer, and the file is kept as it was sent.
"""

import asyncio
from datetime import date, datetime
from typing import Any

from recruit import employer, paper
from recruit.clock import day
from recruit.i18n import Translate, translator
from recruit.letters import addressee
from recruit.retention import recipients
from recruit.rights import rules, words
from recruit.rights.rules import State
from recruit.rights.service import Request, covered
from recruit.site import Site
from recruit.tables import Enclosure, RequestWords

NAMES = {"nb": "svar.pdf", "en": "answer.pdf"}
_OPENING: dict[State, str] = {
    "granted": "Your request is granted.",
    "partly": "Your request is granted in part. The rest is refused.",
    "refused": "Your request is refused.",
}


async def of_answer(site: Site, request: Request, verdict: State, said: RequestWords, now: datetime) -> Enclosure:
    """The letter about an answer, in the person's language."""
    person, lang = await addressee(site, request.candidate)
    tr = translator(lang)
    values: dict[str, Any] = {
        "lang": lang,
        "_": tr,
        "employer": await employer.current(site),
        "made_at": now,
        "title": tr("The answer to your request"),
        "person": person,
        "request": request,
        "said": said,
        "today": day(now),
        "term": tr(words.REQUESTS[request.kind]),
        "article": tr(words.ARTICLES[request.kind]),
        "came_by": tr(words.CAME_BY[request.channel]),
        "opening": tr(_OPENING[verdict]),
        "grounds": [tr(words.GROUNDS[code]) for code in said.grounds],
        "done": tr(words.DONE.get(request.kind, "")) if verdict != "refused" and request.found else "",
        "gives_copy": verdict != "refused" and request.found and request.kind in rules.DELAYING,
        "copy_until": day(now) + rules.COPY_LIVES,
        "recipients": await _recipients(site, request, tr),
        "complain": verdict != "granted" or request.kind == "complaint",
    }
    data = await asyncio.to_thread(lambda: paper.of_template("paper/answer.html", **values))
    return Enclosure(name=NAMES[lang], media_type="application/pdf", data=data)


async def _recipients(site: Site, request: Request, tr: Translate) -> list[tuple[str, date, str]]:
    """To whom, when, and how it stands with telling them, each once; copies for the person themselves aside."""
    units = [request.candidate, *await covered(site, request)]
    rows: dict[tuple[str, date, str], None] = {}
    for given in await recipients.of_units(site, units):
        if given.recipient != recipients.THEMSELVES:
            told = given.notices[-1] if given.notices else None
            how = recipients.said(told.state, told.why, tr) if told else ""
            rows[recipients.who(given, tr), day(given.at), how] = None
    return list(rows)
