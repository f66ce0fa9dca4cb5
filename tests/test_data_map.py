"""The data map says the truth: about the tables, about what erasing takes, about what a copy gives."""

import ast
import asyncio
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin
from uuid import UUID, uuid4

import msgspec
import pytest
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Boolean, Bytea, Column, Date, ForeignKey, Integer, Timestamptz
from piccolo.table import Table

from recruit import data_map, tables
from recruit.data_map import CATEGORIES, COLUMNS, EVERYTHING, EXPORT, FIELDS, PURGE, SEALED, of_unit
from recruit.i18n import known, translator
from recruit.retention import purge, recipients, service, sweeping
from recruit.rights import export
from recruit.site import Site
from recruit.tables import (
    GuestApplication,
    Interview,
    InterviewNote,
    LegalHold,
    Look,
    Qualification,
    ReceivedMail,
    Recipient,
    Referee,
    ReferenceCheck,
    Restriction,
    RightsRequest,
    Scorecard,
    Screening,
    Section31,
    Sourced,
    WaitingOutcome,
)
from recruit.vault.keyring import Birth
from recruit.vault.sealing import UnitKey, seal
from tests import factories
from tests.conftest import Time

ALL = (*tables.RECORDS, *tables.KEYRING)
BY_NAME = {table._meta.tablename: table for table in ALL}


# --- the tables -------------------------------------------------------------------------------------------------------


def test_every_column_stands_in_the_map_and_nothing_else() -> None:
    assert set(COLUMNS) == {f"{t._meta.tablename}.{c._meta.name}" for t in ALL for c in t._meta.columns}


def test_every_sealed_field_stands_in_the_map_and_nothing_else() -> None:
    sealed = {t._meta.tablename for t in ALL for c in t._meta.columns if isinstance(c, tables.Sealed)}
    assert set(SEALED) == sealed
    wanted = {f"{table}.sealed.{name}" for table, struct in SEALED.items() for name in data_map.fields_of(struct)}
    assert set(FIELDS) == wanted


def test_the_map_names_the_structs_that_the_program_opens() -> None:
    opened = list(unsealings())
    assert len(opened) > 10
    assert [(t, s) for t, s in opened if SEALED[t].__name__ != s] == []


def unsealings() -> Iterator[tuple[str, str]]:
    """Table and struct of every `unseal(key, "table", id, bytes, Struct)` in the program."""
    for path in Path(data_map.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "unseal":
                table, struct = node.args[1], node.args[4]
                if isinstance(table, ast.Constant) and isinstance(struct, ast.Name):
                    yield str(table.value), struct.id


def test_every_exemption_has_a_reason_of_its_own() -> None:
    for name, column in EVERYTHING.items():
        exempt = column.export == "no" or column.purge not in ("with_unit", "with_account")
        assert column.why.strip(), name
        assert not exempt or len(column.why.split()) >= 2, name


def test_whatever_is_sealed_goes_with_its_key() -> None:
    assert {column.purge for column in FIELDS.values()} == {"with_unit", "with_account"}


def test_nothing_about_nobody_is_exported_and_every_code_has_words() -> None:
    assert all(column.export == "no" for column in EVERYTHING.values() if column.whose == "nobody")
    assert {column.export for column in EVERYTHING.values()} == set(EXPORT)
    assert {column.purge for column in EVERYTHING.values()} == set(PURGE)
    assert {column.category for column in EVERYTHING.values()} == set(CATEGORIES)


def test_the_categories_of_candidates_have_norwegian_words() -> None:
    for name in data_map.categories():
        assert known(CATEGORIES[name]), name
    assert "account" not in data_map.categories()
    assert "referee" in data_map.categories("referee")
    assert "none" not in data_map.categories()


# --- erasing ----------------------------------------------------------------------------------------------------------


def test_the_map_and_the_sweep_name_the_same_places() -> None:
    units = {(place.table, place.column) for place in data_map.places()}
    checked = set(sweeping._places())
    assert units <= checked
    for table, column in units:
        assert COLUMNS[f"{table}.{column}"].purge in ("with_unit", "own_period", "with_account"), (table, column)


def test_every_column_in_which_an_id_may_stay_is_explained() -> None:
    staying = data_map.staying()
    for table, column in sweeping.MAY_STAY:
        assert staying[f"{table}.{column}"].strip()


def test_every_id_of_a_candidates_rows_goes_stays_with_a_reason_or_is_emptied() -> None:
    for table in tables.RECORDS:
        for column in table._meta.columns:
            if isinstance(column, (UUIDColumn, ForeignKey)):
                entry = COLUMNS[f"{table._meta.tablename}.{column._meta.name}"]
                place = (table._meta.tablename, column._meta.name)
                assert entry.purge != "counts_only" or entry.whose == "nobody", place
                assert entry.purge != "not_personal" or entry.whose == "nobody", place


@pytest.mark.parametrize(
    "kind", ["application", "profile", "referee", "draft", "enquiry", "incoming", "document", "part"]
)
async def test_a_row_planted_in_every_table_of_a_unit_is_swept(site: Site, time: Time, kind: Any) -> None:
    mine, other = await planted(site, time, kind), await planted(site, time, kind)
    for place in of_unit(kind):
        assert await rows_of(site, place, mine) > 0, place
    await sweeping.sweep(site, [mine], True)
    left = [place for place in of_unit(kind) if await rows_of(site, place, mine)]
    assert left == []
    for place in of_unit(kind):
        assert await rows_of(site, place, other) == 1, f"the neighbour lost something in {place}"


async def planted(site: Site, time: Time, kind: data_map.UnitKind) -> UUID:
    """A row in every table of a unit: of an application, whatever its real kind, hang all the others."""
    vacancy = await factories.vacancy(site, time.now)
    address = f"{uuid4()}@example.org"
    application = await factories.application(site, time.now, vacancy, email=address, stage="finalist")
    candidate = await factories.candidate_of(site, application)
    paper = await factories.document(site, time.now, application, "cv.pdf", "application/pdf", b"%PDF")
    alike = await factories.candidate_of(
        site, await factories.application(site, time.now, vacancy, email=f"{uuid4()}@example.org")
    )
    parents = {"application": application, "candidate": candidate, "vacancy": vacancy, "document": paper}
    parents |= {"one": alike, "other": alike}
    unit = {"application": application, "profile": candidate}.get(kind, uuid4())
    for place in of_unit(kind):
        if not await rows_of(site, place, unit):
            await plant(site, BY_NAME[place.table], {**parents, place.column: unit}, time.now)
    return unit


async def plant(site: Site, table: type[Table], given: dict[str, UUID], now: datetime) -> None:
    values = {c._meta.name: given.get(c._meta.name, some(c, now)) for c in table._meta.columns}
    names, marks = ", ".join(values), ", ".join("?" for _ in values)
    sql = f"INSERT INTO {table._meta.tablename} ({names}) VALUES ({marks})"
    await site.records.run_sql(sql, *values.values())


def some(column: Column, now: datetime) -> Any:
    """A value of the column's type that is nobody's."""
    kinds: list[tuple[type[Column], Any]] = [
        (UUIDColumn, uuid4()), (Timestamptz, now), (Date, now.date()), (Boolean, True), (Integer, 1), (Bytea, b"x"),
    ]  # fmt: skip
    word = str(uuid4())[: min(10, getattr(column, "length", 10))]
    return next((value for kind, value in kinds if isinstance(column, kind)), word)


async def rows_of(site: Site, place: data_map.Place, unit: UUID) -> int:
    sql = f"SELECT count(*) AS n FROM {place.table} WHERE {place.column} = ?"
    return int((await site.records.run_sql(sql, str(unit)))[0]["n"])


async def test_after_an_erasure_an_id_stays_only_where_the_map_says_so(site: Site, time: Time) -> None:
    """With consent on the form and a second application that keeps the profile alive: every fact that may linger."""
    vacancy = await factories.vacancy(site, time.now)
    gone = await factories.application(site, time.now, vacancy, consented=True)
    await factories.application(site, time.now, vacancy, consented=True)
    await purge.run(site, time.now)
    await Look.insert(Look(id=uuid4(), at=time.now, staff=uuid4(), role="dpo", unit=gone, purpose="case")).run()
    await service.grant_erasure(site, [gone], uuid4(), time.now)
    await purge.run(site, time.now)
    for _ in range(4):
        counts = await purge.run(site, time.forward(days=1))
        assert counts.failed == 0
    assert gone not in await site.keyring.keys([gone])
    assert [row["state"] for row in await site.keyring.engine.run_sql("SELECT state FROM purge")] == ["issued"]
    places = set(await asyncio.to_thread(places_of, site, gone))
    assert {"look.unit", "data_key.id", "ledger_entry.body"} <= places
    assert {place for place in places if COLUMNS[place].purge != "random_id"} == set()


def places_of(site: Site, unit: UUID) -> list[str]:
    """Every column of both databases that holds the id, alone or inside a text."""
    found = []
    for engine in (site.records, site.keyring.engine):
        with engine.reader() as reader:
            for table in engine.tables:
                for column in table._meta.columns:
                    name, field = table._meta.tablename, column._meta.name
                    if reader.rows(f'SELECT 1 FROM {name} WHERE CAST("{field}" AS TEXT) LIKE ?', f"%{unit}%"):
                        found.append(f"{name}.{field}")
    return found


# --- the copy ---------------------------------------------------------------------------------------------------------


async def test_a_copy_gives_of_what_is_sealed_exactly_what_the_map_says(site: Site, time: Time) -> None:
    copy = await full_copy(site, time)
    for name, column in FIELDS.items():
        table, _, field = name.split(".")
        if table in (
            "staff",
            "draft",
            "enquiry",
            "mail",
            "document",
            "received_original",
            "partial_erasure",
        ) or field in (
            "email",
            "digest",
            "pages",
        ):
            continue
        if name == "candidate.sealed.relation":
            continue
        shown = canary(table, field) in copy
        assert shown is (column.export != "no" and not (table == "referee" and column.export == "masked")), name


async def test_a_copy_gives_codes_and_days_and_no_random_id(site: Site, time: Time) -> None:
    copy = await full_copy(site, time)
    for word in ("phone-call", "finalist", "Responsible for privacy", "Handling of a rights request", "2026-03-02"):
        assert word in copy, word
    assert re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}", copy) == []


def canary(table: str, field: str) -> str:
    return f"canary {table} {field}"


def sealed(key: UnitKey, table: str, row: UUID) -> bytes:
    """A row's sealed part in which every text, and every list of texts, says where it stands."""
    struct = SEALED[table]
    filled = {f.name: worded(f.type, canary(table, f.name)) for f in msgspec.structs.fields(struct)}
    return seal(key, table, row, struct(**filled))


def worded(kind: Any, word: str) -> Any:
    """A value of the type in which every text is the word and every number 1; a list holds one."""
    if get_origin(kind) is UnionType:
        return worded(get_args(kind)[0], word)
    if get_origin(kind) is list:
        return [worded(get_args(kind)[0], word)]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind(**{f.name: worded(f.type, word) for f in msgspec.structs.fields(kind)})
    if kind is date:
        return date(2026, 3, 2)
    return uuid4() if kind is UUID else word.encode() if kind is bytes else 1 if kind is int else word


async def full_copy(site: Site, time: Time) -> str:
    """The JSON of a candidate about whom something stands in every table."""
    candidate = await known_in_full(site, time)
    return msgspec.json.encode(await export.everything(site, candidate, time.now, translator("en"))).decode()


async def known_in_full(site: Site, time: Time) -> UUID:
    """A candidate about whom something stands in every table."""
    now, today = time.now, date(2026, 3, 2)
    vacancy = await factories.vacancy(site, now)
    unit = await factories.application(site, now, vacancy, stage="finalist")
    candidate = await factories.candidate_of(site, unit)
    key, profile = await site.keyring.key(unit), await site.keyring.key(candidate)
    for table, owner in (("application", key), ("candidate", profile)):
        await site.records.run_sql(
            f"UPDATE {table} SET sealed = ? WHERE id = ?", sealed(owner, table, owner.unit), str(owner.unit)
        )
    note, screening, hold, request, referee, restriction = (uuid4() for _ in range(6))
    await InterviewNote.insert(
        InterviewNote(id=note, application=unit, author=uuid4(), written_at=now,
                      sealed=sealed(key, "interview_note", note))
    ).run()  # fmt: skip
    await Screening.insert(
        Screening(id=screening, application=unit, kind="phone-call", recorded_by=uuid4(), recorded_at=now,
                  told_on=today, sealed=sealed(key, "screening", screening))
    ).run()  # fmt: skip
    interview, scorecard, sourced, waits = uuid4(), uuid4(), uuid4(), uuid4()
    await WaitingOutcome.insert(
        WaitingOutcome(id=waits, vacancy=vacancy, application=unit, outcome="rejected", decided_by=uuid4(),
                       decided_at=now, ends_at=now, sealed=sealed(key, "waiting_outcome", waits))
    ).run()  # fmt: skip
    await Sourced.insert(
        Sourced(id=sourced, application=unit, entered_by=uuid4(), entered_at=now, told_on=today,
                sealed=sealed(key, "sourced", sourced))
    ).run()  # fmt: skip
    await Interview.insert(
        Interview(id=interview, application=unit, arranged_by=uuid4(), arranged_at=now, starts_at=now,
                  sealed=sealed(key, "interview", interview))
    ).run()  # fmt: skip
    await Scorecard.insert(
        Scorecard(id=scorecard, application=unit, author=uuid4(), written_at=now,
                  sealed=sealed(key, "scorecard", scorecard))
    ).run()  # fmt: skip
    await LegalHold.insert(
        LegalHold(id=hold, application=unit, placed_by=uuid4(), placed_on=today, review_on=today,
                  sealed=sealed(key, "legal_hold", hold))
    ).run()  # fmt: skip
    await Restriction.insert(
        Restriction(id=restriction, application=unit, ground="claims", placed_on=today, review_on=today,
                    sealed=sealed(key, "restriction", restriction))
    ).run()  # fmt: skip
    await RightsRequest.insert(
        RightsRequest(id=request, candidate=candidate, kind="access", received_on=today, due_on=today,
                      sealed=sealed(profile, "rights_request", request))
    ).run()  # fmt: skip
    asked, told = uuid4(), uuid4()
    await Section31(id=asked, application=unit, vacancy=vacancy, received_on=today, due_on=today, answered_on=today,
                    sealed=sealed(key, "section31", asked)).save().run()  # fmt: skip
    await Qualification(id=told, application=unit, request=uuid4(), written_by=uuid4(), written_at=now,
                        sealed=sealed(key, "qualification", told)).save().run()  # fmt: skip
    (own,) = await site.keyring.birth(Birth(referee, "referee", now, parent=unit))
    await Referee.insert(
        Referee(id=referee, application=unit, added_at=now, sealed=sealed(own, "referee", referee))
    ).run()
    check = uuid4()
    await ReferenceCheck.insert(
        ReferenceCheck(id=check, application=unit, referee=referee, state="answered", channel="phone", asked_at=now,
                       answered_at=now, sealed=sealed(key, "reference_check", check))
    ).run()  # fmt: skip
    await Look.insert(Look(id=uuid4(), at=now, staff=uuid4(), role="dpo", unit=unit, purpose="case")).run()
    party, place, received = uuid4(), uuid4(), uuid4()
    await GuestApplication.insert(
        GuestApplication(id=place, guest=uuid4(), application=unit, party=party, invited_at=now,
                         sealed=sealed(key, "guest_application", place))
    ).run()  # fmt: skip
    await ReceivedMail.insert(
        ReceivedMail(id=received, unit=unit, known_by="reply", at=now, sealed=sealed(key, "received_mail", received))
    ).run()
    await Recipient.insert(Recipient(id=party, unit=unit, sealed=sealed(key, "recipient", party))).run()
    await recipients.disclosed(site, [unit], "outside", "mail", now, party=party)
    return candidate
