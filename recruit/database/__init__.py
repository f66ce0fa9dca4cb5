"""The two databases, records and keyring, on either engine, and how a transaction is held.

Guards that nothing else knows which engine it is on: `embedded` is SQLite in a file, `server` is PostgreSQL, and what
both understand is written by `portable`. A transaction inside another one is refused, because the inner one would
silently not exist.
"""

import sqlite3
from pathlib import Path

import asyncpg

from recruit.database.embedded import Embedded, EmbeddedTransaction, engine_at
from recruit.database.engine import DatabaseBusy, Engine, OutcomeUnknown, Reader, Row
from recruit.database.portable import ALL, IDS, SKIP_LOCKED, ids
from recruit.database.schema import NewerDatabase, Refusal, Schema, Step, bind
from recruit.database.server import (
    DatabaseAway,
    Server,
    ServerTransaction,
    ServerUnfit,
    alone_at,
    drop_beside,
    make_beside,
)
from recruit.database.server_settings import remedy

REFUSED: tuple[type[Exception], ...] = (sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError)
"""What a database raises that refuses a row: a trigger's rule, or a key that is there already."""


def engine_of(url: str, file: Path) -> Engine:
    """The server's database that a URL names, or without one the file."""
    return Server(url) if url else engine_at(file)


__all__ = [
    "ALL", "IDS", "REFUSED", "SKIP_LOCKED", "DatabaseAway", "DatabaseBusy", "Embedded", "EmbeddedTransaction", "Engine",
    "NewerDatabase", "OutcomeUnknown", "Reader", "Refusal", "Row", "Schema", "Server", "ServerTransaction",
    "ServerUnfit", "Step", "alone_at", "bind", "drop_beside", "engine_at", "engine_of", "ids", "make_beside", "remedy",
]  # fmt: skip
