"""Templates of stages: the ways that vacancies begin with, those that every installation has and the employer's own.

Guards that a vacancy keeps the way it was given: a template that changes or goes touches no vacancy.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from recruit import audit, typed
from recruit.errors import FormInvalid, NotFound
from recruit.hiring import stages
from recruit.hiring.stages import Steps
from recruit.i18n import Translate
from recruit.site import Site
from recruit.tables import StageTemplate

LONGEST = 80


@dataclass(frozen=True)
class Way:
    """A template: `key` is its id or the name of a ready one."""

    key: str
    name: str
    steps: Steps
    own: bool


async def listed(site: Site, tr: Translate) -> list[Way]:
    """The ready ones first, then the employer's own by name."""
    ready = [Way(key, tr(name), steps, False) for key, (name, steps) in stages.READY.items()]
    rows = await site.records.run_sql("SELECT id, name, steps FROM stage_template ORDER BY name")
    return ready + [Way(str(row["id"]), row["name"], stages.read(row["steps"]), True) for row in rows]


async def steps_of(site: Site, key: str) -> Steps:
    """The steps of a template. FormInvalid, beside `way`, if there is none of that key."""
    if key in stages.READY:
        return stages.READY[key][1]
    rows = await site.records.run_sql("SELECT id, steps FROM stage_template")
    found = next((stages.read(row["steps"]) for row in rows if str(row["id"]) == key), None)
    if found is None:
        raise FormInvalid({"way": "Choose the stages from the list."})
    return found


async def create(site: Site, name: str, steps: Steps, by: UUID, now: datetime) -> UUID:
    """A new template. FormInvalid without a name."""
    called = typed.line(name)
    if not called or len(called) > LONGEST:
        raise FormInvalid({"name": typed.TOO_LONG if called else "Write what the template is called."})
    unit = uuid4()
    text = stages.written(steps)
    async with site.records.transaction():
        await StageTemplate.insert(StageTemplate(id=unit, name=called, steps=text, made_by=by)).run()
        await audit.record("stage_template.created", now, by, template=unit)
    return unit


async def remove(site: Site, template: UUID, by: UUID, now: datetime) -> None:
    async with site.records.transaction():
        gone = await site.records.run_sql("DELETE FROM stage_template WHERE id = ? RETURNING id", template)
        if not gone:
            raise NotFound()
        await audit.record("stage_template.removed", now, by, template=template)
