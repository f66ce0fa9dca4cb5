"""One employer's installation, opened: its settings, databases, keyring and document store.

Guards the order of opening: databases, then holders, then the comparison of ledgers, before anything is served.
Services take the site as their first argument; nothing else is global.
"""

import contextlib
import logging
from dataclasses import dataclass
from pathlib import Path

from recruit import database, steps, tables
from recruit.database import Engine
from recruit.errors import RecruitError
from recruit.settings import Settings, SettingsInvalid
from recruit.vault import durable
from recruit.vault.documents import DocumentStore, StoreDown
from recruit.vault.holders import Holders, Root
from recruit.vault.keyring import Keyring

log = logging.getLogger("recruit.site")

RESTORING = "restoring"
"""The file in the data folder that stands there while an archive is being restored."""

_SOMEBODY_CAME = "SELECT 1 FROM data_key WHERE kind IN ('application', 'draft') LIMIT 1"
_PEOPLE = "SELECT 1 FROM staff UNION ALL SELECT 1 FROM application LIMIT 1"

_README = """Copying this folder is no backup: a copy would bring back people who were erased, or lack the key that
lives elsewhere. Use `recruit backup DIR` and `recruit restore DIR`.
"""


class RestoreUnfinished(RecruitError):
    """The data folder is what a restore was cut off in: it may have forgotten holds, consents and erasures."""

    status = 503
    text = "A restore was cut off, so nothing is served. Run `recruit restore` again."


class DatabaseLost(RecruitError):
    """One database is empty and the other one is not: a wrong address, a volume that is not mounted, or a lost disk."""

    status = 503
    text = (
        "The database of the {name} is empty, but the other one knows people. Bring it back, or correct its setting, "
        "and start again. If it is lost, run `recruit restore` into two empty databases."
    )


class StrangeStore(RecruitError):
    """The records know documents or receipts, the store none: a wrong bucket, or a folder that is not mounted."""

    status = 503
    text = (
        "The document store is empty, but the records know documents. Mount the folder, or correct "
        "RECRUIT_DOCUMENTS_URL, and start again. If the documents are lost, run `recruit restore`."
    )


@dataclass(frozen=True)
class Site:
    """What a service needs to act. `records` is the engine of the records database."""

    settings: Settings
    records: Engine
    keyring: Keyring
    documents: DocumentStore

    @classmethod
    async def open(cls, settings: Settings) -> "Site":
        """Open everything, making what a first start needs. Errors say what to do (see `vault.keyring`)."""
        if (settings.data / RESTORING).exists():
            raise RestoreUnfinished()
        site = await cls.assemble(settings)
        try:
            await site.refuse_half()
            await site.keyring.open()
            if not await site.keyring.engine.run_sql(_SOMEBODY_CAME):  # else the store is lost, or not mounted
                await site.documents.plant_sentinel()
        except BaseException:
            await site.close()
            raise
        return site

    @classmethod
    async def assemble(cls, settings: Settings) -> "Site":
        """The parts, their tables made, but the keyring not opened yet: restoring begins here."""
        durable.make_folder(settings.data)
        readme = settings.data / "README"
        if not readme.exists():
            durable.write(readme, _README.encode())
        records = database.engine_of(settings.records_url, settings.data / "records.db")
        ring = database.engine_of(settings.keyring_url, settings.data / "keyring.db")
        database.bind(tables.RECORDS, records)
        database.bind(tables.KEYRING, ring)
        for engine in (records, ring):
            for each in await engine.faults():
                log.warning("the database server's %s should be %s: %s", each.name, each.value, each.why)
        await steps.RECORDS.bring(records)
        await steps.KEYRING.bring(ring)
        holders = Holders(settings.holders, root(settings), settings.backups)
        keyring = Keyring(ring, holders, strict=settings.backup_mode == "strict")
        return cls(settings, records, keyring, store_of(settings))

    async def refuse_half(self) -> None:
        """Before the keyring is opened, which would begin an empty one: DatabaseLost where only one of the two is left.

        A key is born before its row, but nobody applies before there is an employer.
        """
        people, somebody_came = await self.records.run_sql(_PEOPLE), await self.keyring.engine.run_sql(_SOMEBODY_CAME)
        if somebody_came and not people and not await self.records.run_sql("SELECT 1 FROM employer LIMIT 1"):
            raise DatabaseLost(name="records")
        if people and not await self.keyring.engine.run_sql("SELECT 1 FROM data_key LIMIT 1"):
            raise DatabaseLost(name="keyring")

    async def know_store(self) -> None:
        """Before anybody is served: StrangeStore where the store has not our mark and something must be in it. One
        that does not answer is not strange, and is waited for.
        """
        with contextlib.suppress(StoreDown):
            if await self.documents.is_ours():
                return
            documents = await self.records.run_sql("SELECT 1 FROM document LIMIT 1")
            receipts = await self.keyring.engine.run_sql("SELECT 1 FROM purge WHERE state = 'issued' LIMIT 1")
            if documents or receipts:
                raise StrangeStore()
            await self.documents.plant_sentinel()

    async def close(self) -> None:
        await self.records.close()
        await self.keyring.engine.close()


def store_of(settings: Settings) -> DocumentStore:
    """The bucket that the settings name, or without one a folder."""
    if settings.documents_url:
        return DocumentStore.in_bucket(settings.documents_url)
    return DocumentStore.in_folder(settings.data / "documents")


def root(settings: Settings) -> Root:
    """What locks the epoch key's slots: nothing, or the passphrase in the file that the settings name."""
    if settings.root_passphrase_file is None:
        return Root()
    return Root(_passphrase(settings.root_passphrase_file))


def _passphrase(path: Path) -> bytes:
    try:
        words = path.read_bytes().strip()
    except OSError as error:
        raise SettingsInvalid(f"the passphrase file {path} can't be read: {error.strerror}") from None
    if not words:
        raise SettingsInvalid(f"the passphrase file {path} is empty")
    return words
