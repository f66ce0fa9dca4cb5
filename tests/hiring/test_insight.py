"""Claims about the figures: what is counted, what survives an erasure, and that nothing small gets out of them."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from recruit.clock import day
from recruit.hiring import insight
from recruit.retention import restrictions, sweeping
from recruit.retention.restrictions import Cause
from recruit.retention.rules import days_in_stages
from recruit.site import Site
from recruit.tables import Move
from tests import factories
from tests.conftest import NOW, Time
from tests.hiring.helping import Client, house, rows


def test_small_numbers_are_hidden_and_no_subtraction_brings_them_back() -> None:
    assert [insight.shown(n) for n in (0, 1, 4)] == [None] * 3
    assert [insight.shown(n) for n in (5, 7, 8, 12, 13)] == [5, 5, 10, 10, 15]
    for whole in range(5, 60):  # a part that is hidden, beside the rest: more than one size fits what is shown
        for hidden in range(1, 5):
            seen = insight.shown(whole), insight.shown(whole - hidden)
            fits = {
                size
                for all_ in range(5, 70)
                for size in range(all_ + 1)
                if (insight.shown(all_), insight.shown(all_ - size)) == seen
            }
            assert len(fits) > 1, (whole, hidden)


def test_the_funnel_counts_how_far_everybody_came() -> None:
    found = insight.reached(Counter(received=4, interview=2, offer=1), hired=1)
    assert list(found.values()) == [7, 3, 3, 1, 1, 1]


def test_days_in_a_stage_are_those_until_it_was_left() -> None:
    moves = [(NOW + timedelta(days=9), "interview"), (NOW + timedelta(days=2), "received")]
    assert days_in_stages(NOW, moves) == {"received": 2, "interview": 7}
    again = [*moves, (NOW + timedelta(days=12), "rejected"), (NOW + timedelta(days=13), "interview")]
    assert days_in_stages(NOW, again) == {"received": 2, "interview": 8}


async def test_figures_outlive_an_erasure_and_leave_the_restricted_out(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now, stage="interview")
    many = [at.application]
    for n in range(6):
        many.append(await factories.application(site, time.now, at.vacancy, f"{n}@example.org", stage="interview"))
    for unit in many:
        left = {"at": time.now + timedelta(days=4), "was": "received", "became": "interview"}
        await Move.insert(Move(id=unit, application=unit, **left)).run()
    before = await insight.of(site, at.vacancy)
    assert before.total == 5
    assert before.reached == {"received": 5, "screening": 5, "interview": 5, "finalist": None, "offer": None} | {
        "hired": None
    }
    assert before.days == {"received": 4}
    assert before.sources == {"web": 5}
    await sweeping.sweep(site, many[1:], anonymise=True)
    assert [(row["n"], row["days"]) for row in await rows(site, "stage_time")] == [(6, 24)]
    assert await insight.of(site, at.vacancy) == before
    await sweeping.sweep(site, many[1:], anonymise=True)
    assert await insight.of_all(site) is None
    await insight.count_all(site, time.now)
    assert await insight.of_all(site) == replace(before, views=None, as_of=day(time.now))
    await factories.application(site, time.now, at.vacancy, "syv@example.org")
    assert (await insight.of(site, at.vacancy)).total == 10
    await restrictions.place(site, [at.application], Cause("claims", at.people["dpo"], "Et krav"), time.now)
    assert (await insight.of(site, at.vacancy)).total == 5
    await factories.sign_in(client, site, at.people["recruiter"])
    for path in ("/insight", f"/vacancies/{at.vacancy}/insight"):
        page = (await client.get(path)).text
        assert "Applications that came at least this far" in page
        assert "under 5" in page
    empty = await factories.vacancy(site, time.now)
    assert "No figures yet" in (await client.get(f"/vacancies/{empty}/insight")).text
