"""Random histories, lived through the real services with a true clock, against a model of a few lines: nobody is erased
early or twice, whoever is due goes within days, whoever is not can be read, and who comes too late is told so.
"""

import calendar
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from recruit import mail
from recruit.employer import set_employer, set_policy
from recruit.errors import RecruitError
from recruit.retention import consent, holds, purge, service
from recruit.retention.rules import Policy
from recruit.settings import Settings
from recruit.site import Site
from tests import factories
from tests.conftest import EMPLOYER
from tests.faults import world
from tests.faults.invariants import Place, check

START = datetime(2026, 1, 5, 11, 0, tzinfo=UTC)
WINDOW, PATIENCE = timedelta(days=14), timedelta(days=6)
"""Whoever is due is gone after the notice (3 days), the mail server's answer, and a night or two."""
FOREVER = date.max
DAY = timedelta(days=1)


def a_month_after(day: date) -> date:
    year, month = (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@dataclass
class Model:
    """What must become of one application, in the plainest words."""

    id: UUID
    candidate: UUID
    sent: datetime
    closed: datetime | None = None
    granted: date | None = None
    acts: list[tuple[bool, datetime]] = field(default_factory=list)
    holds: list[UUID] = field(default_factory=list)
    gone: bool = False
    due_since: date | None = None

    def kept_through(self) -> date:
        natural = self._after_the_close() if self.closed else FOREVER
        return min(natural, self.granted - DAY) if self.granted else natural

    def _after_the_close(self) -> date:
        assert self.closed
        window = self.closed.date() + WINDOW
        given = [at for yes, at in self.acts if yes and at >= self.sent]
        if not given:
            return window
        taken_back = [at for yes, at in self.acts if not yes and at > given[-1]]
        longest = max(window, a_month_after(max(self.closed.date(), given[-1].date())))
        if not taken_back:
            return longest
        return window if taken_back[0] < self.closed else min(longest, taken_back[0].date() - DAY)


class Life:
    """One installation and its model; every act happens a minute after the one before it."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site, self.random, self.now = site, random.Random(seed), START
        self.all: list[Model] = []
        self.done: dict[str, int] = {}

    async def begin(self) -> None:
        await set_employer(self.site, EMPLOYER, None, self.now)
        await set_policy(self.site, Policy(consent_months=1, reminder_days=(7,)), None, self.now)
        self.kari = await factories.staff(self.site, self.now, "recruiter", "dpo")
        self.vacancy = await factories.vacancy(self.site, self.now)

    async def act(self) -> None:
        """Something at random; who acts on what is gone is told so, and who acts on what lives is never told so."""
        self.now += timedelta(minutes=1)
        acts = [
            self.apply,
            self.close,
            self.close,
            self.undo,
            self.give,
            self.withdraw,
            self.release,
            self.hold,
            self.release,
            self.release,
        ]
        act = self.random.choice([*acts, self.grant] if self.all else [self.apply])
        closed = [model for model in self.all if model.closed and not model.gone and not model.granted]
        who = self.random.choice((closed[-1:] if act == self.undo and closed else self.all) or [None])  # type: ignore[list-item]
        try:
            await act(who)  # type: ignore[arg-type]
        except RecruitError:
            assert who
            assert who.gone or act == self.undo, f"{act.__name__} was refused to somebody who lives"
        else:
            self.done[act.__name__] = self.done.get(act.__name__, 0) + 1

    def siblings(self, who: Model) -> list[Model]:
        return [m for m in self.all if m.candidate == who.candidate and not m.gone]

    async def apply(self, _: Model | None) -> None:
        email = f"p{self.random.randrange(6)}@example.org"
        unit = await factories.application(self.site, self.now, self.vacancy, email)
        self.all.append(Model(unit, await factories.candidate_of(self.site, unit), self.now))

    async def close(self, who: Model) -> None:
        closed = await service.close_applications(self.site, [who.id], "rejected", self.kari, self.now)
        assert closed == (0 if who.gone or who.closed else 1)
        who.closed = who.closed or (self.now if closed else None)

    async def undo(self, who: Model) -> None:
        await service.undo_close(self.site, who.id, self.kari, self.now)
        assert not who.gone
        who.closed = None

    async def give(self, who: Model) -> None:
        await consent.give(self.site, who.candidate, "my_data", "nb", self.now)
        assert self.siblings(who)
        for model in self.siblings(who):
            model.acts.append((True, self.now))

    async def withdraw(self, who: Model) -> None:
        if self.siblings(who):
            await consent.withdraw(self.site, who.candidate, "mail_link", "nb", self.now)
        for model in self.siblings(who):
            model.acts.append((False, self.now))

    async def hold(self, who: Model) -> None:
        review = self.now.date().replace(year=2028)
        who.holds.append(await holds.place(self.site, who.id, self.kari, "a", "b", review, self.now))
        assert not who.gone

    async def release(self, who: Model) -> None:
        if who.holds:
            await holds.release(self.site, who.holds.pop(), self.kari, self.now)

    async def grant(self, who: Model) -> None:
        if self.random.random() < 0.3:
            granted = await service.grant_erasure(self.site, [who.id], self.kari, self.now)
            assert granted == (0 if who.gone or who.granted else 1)
            who.granted = who.granted or (self.now.date() if granted else None)

    async def night(self) -> None:
        self.now = datetime.combine(self.now.date() + DAY, START.timetz()) - timedelta(hours=9)
        transport = mail.transport_of(self.site)
        assert transport
        await mail.deliver(self.site, transport, self.now)
        counts = await purge.run(self.site, self.now)
        await mail.deliver(self.site, transport, self.now)
        assert (counts.waiting, counts.failed) == (None, 0)
        alive = await self.site.keyring.keys([model.id for model in self.all])
        for model in self.all:
            self.judge(model, model.id in alive)
        self.now += timedelta(hours=9)

    def judge(self, model: Model, alive: bool) -> None:
        today, until = self.now.date(), model.kept_through()
        if model.gone:
            assert not alive
        elif not alive:
            assert today > until, f"early: erased on {today}, kept until {until}"
            assert not model.holds, "erased under a hold"
            model.gone = True
        elif today > until and not model.holds:
            model.due_since = model.due_since or today
            assert today - model.due_since < PATIENCE, f"late: due after {until}, and there on {today}"
        else:
            model.due_since = None


@pytest.mark.parametrize("seed", [1, 2, 4, 5])
async def test_nobody_goes_early_or_twice_and_everybody_in_the_end(
    ground: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.quick(monkeypatch)
    folder = ground / f"life-{seed}"
    settings = Settings(
        data=folder / "data",
        holders=(folder / "keys-1",),
        backups=folder / "backups",
        smtp=f"maildir:{folder / 'mail'}",
    )
    site = await Site.open(settings)
    life = Life(site, seed)
    await life.begin()
    for _ in range(80):
        for _ in range(life.random.randrange(4)):
            await life.act()
        await life.night()
    assert any(model.gone for model in life.all)
    assert {"apply", "close", "undo", "give", "withdraw", "hold", "release"} <= life.done.keys()
    for model in life.all:
        for hold in model.holds:
            await holds.release(site, hold, life.kari, life.now)
        model.holds.clear()
    await service.close_applications(site, [m.id for m in life.all if not m.gone], "rejected", life.kari, life.now)
    for model in life.all:
        model.closed = model.closed or life.now
    for _ in range(45):
        await life.night()
    assert all(model.gone for model in life.all)
    assert await site.keyring.alive("application") == await site.keyring.alive("profile") == set()
    await site.close()
    assert check(Place(folder)) == []
