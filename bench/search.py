"""What a search costs among 100,000 applications, beside the same search among 1,000.

Ours is `hiring.search.find` as the page calls it: index brought up to date, words looked up, reach judged by the
database, access rows written, names opened. Each application has a CV of some 320 words, drawn as in a language (a few
are everywhere, most are rare). The queries are a rare word, which stands in one of a thousand, three common ones, a
name, and a telephone number. The promise is a tenth of a second at 100,000 for the slowest of them.
"""

import asyncio
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import accumulate
from pathlib import Path
from uuid import UUID, uuid4

from bench import Promise, rounds
from bench._installation import EMPLOYER, SENT, settings_in
from bench.list_page import IN_MEMORY
from recruit import database, tables
from recruit.accounts.guards import RECRUITER, Me
from recruit.employer import set_employer, set_policy
from recruit.hiring import search
from recruit.hiring.search import Query
from recruit.retention.rules import Policy
from recruit.searching.index import index_of
from recruit.site import Site
from recruit.tables import ApplicationData, FileName, Person, Words
from recruit.vault.epoch import address_digest
from recruit.vault.keyring import Birth
from recruit.vault.sealing import seal

MANY, FEW = 100_000, 1_000
WORDS = 320
VOCABULARY = [
    f"{a}{b}{c}" for a in "abdefghiklmnoprstuvy" for b in ("ar", "el", "in", "ok", "un") for c in map(str, range(400))
]
RARE, ONE_IN = "sjeldenord", 1_000
"""Drawn by chance, a word that is rare among many may stand in none of a few."""
QUERIES = {
    "a rare word": RARE,
    "three common words": " ".join(VOCABULARY[:3]),
    "a name": "ola sør7",
    "a telephone number": "900 00 042",
}
LIMIT = 0.1
"""Seconds."""


async def installation(folder: Path, many: int) -> Site:
    """`many` running applications in one vacancy, whose documents were read already."""
    site = await Site.open(settings_in(folder))
    await set_employer(site, EMPLOYER, None, SENT)
    await set_policy(site, Policy(), None, SENT)
    vacancy, chance = uuid4(), random.Random(7)
    weights = list(accumulate(1 / rank for rank in range(1, len(VOCABULARY) + 1)))
    posting = {"title_nb": "Montør", "title_en": "Fitter", "posting_nb": "", "posting_en": "", "place": "Brumunddal"}
    state = {"state": "published", "extent": "100 %", "created_at": SENT, "published_at": SENT}
    await _insert(site, "vacancy", [{"id": vacancy, **posting, **state}])
    for start in range(0, many, ONE_IN):
        numbers = range(start, min(start + ONE_IN, many))
        texts = [set(chance.choices(VOCABULARY, cum_weights=weights, k=WORDS)) for _ in numbers]
        texts[0].add(RARE)
        await _people(site, vacancy, numbers, texts)
    return site


async def _people(site: Site, vacancy: UUID, numbers: Sequence[int], texts: Sequence[set[str]]) -> None:
    births = []
    for number in numbers:
        profile, own = uuid4(), uuid4()
        births.append(Birth(profile, "profile", SENT, digest=address_digest("profile", f"{number}@example.org")))
        births.append(Birth(own, "application", SENT, profile))
    keys = await site.keyring.birth(*births)
    rows: dict[str, list[dict[str, object]]] = {
        "candidate": [],
        "application": [],
        "document": [],
        "document_words": [],
    }
    for number, text, profile_key, key in zip(numbers, texts, keys[::2], keys[1::2], strict=True):
        who = Person(name=f"Ola Sør{number % 5000}", email=f"{number}@example.org", phone=f"900 {number:05}")
        data = ApplicationData(name=who.name, email=who.email, phone=who.phone, letter="Jeg vil bygge.")
        document, words, at = uuid4(), uuid4(), SENT + timedelta(seconds=number)
        rows["candidate"].append(
            {"id": profile_key.unit, "language": "nb", "created_at": at}
            | {"sealed": seal(profile_key, "candidate", profile_key.unit, who)}
        )
        rows["application"].append(
            {"id": key.unit, "candidate": profile_key.unit, "vacancy": vacancy, "submitted_at": at}
            | {"last_activity_at": at, "stage": "received", "furthest_stage": "received", "source": "web"}
            | {"finalist": False, "guard_version": 0, "sealed": seal(key, "application", key.unit, data)}
        )
        rows["document"].append(
            {"id": document, "unit": key.unit, "kind": "cv", "media_type": "application/pdf", "size": 1, "added_at": at}
            | {"sealed": seal(key, "document", document, FileName(name="cv.pdf"))}
        )
        rows["document_words"].append(
            {"id": words, "document": document, "unit": key.unit, "written_at": at}
            | {"sealed": seal(key, "document_words", words, Words(words=sorted(text)))}
        )
    for table, lines in rows.items():
        await _insert(site, table, lines)


async def _insert(site: Site, table: str, lines: Sequence[dict[str, object]]) -> None:
    names, marks = ", ".join(lines[0]), ", ".join("?" * len(lines[0]))
    async with site.records.transaction():
        await site.records.run_many(
            f"INSERT INTO {table} ({names}) VALUES ({marks})", [tuple(line.values()) for line in lines]
        )


async def measured(site: Site, me: Me, times: int) -> dict[str, float]:
    """The median of each query, in seconds, after the index was made."""
    database.bind(tables.RECORDS, site.records)
    now = SENT + timedelta(days=30)
    taken: dict[str, list[float]] = {name: [] for name in QUERIES}
    for _ in range(times):
        for name, words in QUERIES.items():
            begin = time.perf_counter()
            hits, _ = await search.find(site, me, Query(words=words), 1, now)
            taken[name].append(time.perf_counter() - begin)
            assert hits, f"nothing was found for {name}"
    return {name: statistics.median(each) for name, each in taken.items()}


async def main(times: int) -> int:
    me = Me("staff", uuid4(), "Kari Nord", "", "nb", frozenset({RECRUITER}))
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as place:
        sites = [await installation(Path(place) / str(many), many) for many in (FEW, MANY)]
        before, begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
        database.bind(tables.RECORDS, sites[1].records)
        await index_of(sites[1]).update(sites[1], SENT)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(f"making the index of {MANY:,}: {time.perf_counter() - begin:.0f} s, {grown:.0f} MB of memory")
        few, many = [await measured(site, me, times) for site in sites]
        for name in QUERIES:
            here, there, ratio = few[name] * 1000, many[name] * 1000, many[name] / few[name]
            print(f"{name:24} {here:7.1f} ms among {FEW:,}  {there:7.1f} ms among {MANY:,}  {ratio:.1f}x")
        for site in sites:
            await site.close()
    return Promise(f"slowest search among {MANY:,} / a tenth of a second", 1.0).judge([max(many.values()) / LIMIT])


if __name__ == "__main__":
    sys.exit(asyncio.run(main(rounds(20))))
