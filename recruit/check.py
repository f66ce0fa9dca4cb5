"""`recruit check`: whether the installation keeps its promises right now, each finding with its remedy.

Guards that an alarm is never silent: whatever is late, waiting, missing or broken is a red line here, and a finding
that could not be made is red as well. Reads only; findings hold counts and dates, never anything about a person.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from recruit import alarms, audit, employer
from recruit.database import remedy
from recruit.documents import confined
from recruit.errors import RecruitError
from recruit.i18n import translator
from recruit.incoming import mailbox
from recruit.retention import rules
from recruit.retention.remembered import recall
from recruit.settings import Settings
from recruit.site import Site
from recruit.vault import trying
from recruit.vault.documents import DocumentStore
from recruit.vault.ledger import Entry, first_fault

_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts")


@dataclass(frozen=True)
class Finding:
    """One line: `key` for programs, `sentence` for people, `remedy` for what is red; `ok` with a remedy is a note."""

    key: str
    ok: bool
    sentence: str
    remedy: str = ""
    detail: str = ""


Look = Callable[[Site, datetime], Awaitable[Sequence[Finding]]]


async def examine(settings: Settings, now: datetime) -> list[Finding]:
    """All findings of an installation, one that can't be opened included."""
    try:
        site = await Site.assemble(settings)
    except (OSError, RecruitError) as error:
        return [_red("open", "The data folder can't be opened.", "Look at its owner and rights.", error)]
    try:
        found = [*await holders(site, now), *await documents(site, now)]
        seen = {each.key for each in found}
        try:
            await site.refuse_half()
            await site.keyring.open()
        except (OSError, RecruitError) as error:
            return [*found, _red("open", "The keyring can't be opened.", "See docs/operations.md, Restoring.", error)]
        return [*found, *(each for each in await findings(site, now) if each.key not in seen)]
    finally:
        await site.close()


async def findings(site: Site, now: datetime) -> list[Finding]:
    """The findings of an opened installation. A look that fails by itself is a red line and stops no other."""
    found: list[Finding] = []
    for look in LOOKS:
        try:
            found += await look(site, now)
        except Exception as error:
            remedy = "Look into the log, and report it if it stays."
            found.append(
                _red(look.__name__, f"“{look.__name__}” could not be looked at.", remedy, type(error).__name__)
            )
    return found


def _finding(key: str, holds: bool, good: str, bad: str, remedy: str, detail: object = "") -> Finding:
    return Finding(key, True, good) if holds else Finding(key, False, bad, remedy, str(detail))


def _red(key: str, sentence: str, remedy: str, detail: object = "") -> Finding:
    return Finding(key, False, sentence, remedy, str(detail))


# --- what was set -----------------------------------------------------------------------------------------------------


async def settings_sane(site: Site, now: datetime) -> Sequence[Finding]:
    own = site.settings
    host = urlsplit(own.public_url).hostname or ""
    near = host in ("localhost", "127.0.0.1", "::1") or host.endswith(".local")
    writable = [place for place in (own.data, own.backups) if place.exists() and not os.access(place, os.W_OK)]
    return [
        _finding(
            "address",
            own.secure or near,
            "People reach this over TLS, or from this machine only.",
            "People reach this without TLS.",
            "Put it behind HTTPS (deploy/) and set RECRUIT_PUBLIC_URL to the https:// address.",
        ),
        _finding(
            "folders",
            not writable,
            "Data and backup folders can be written.",
            "A folder can't be written.",
            "Give it to the account that runs recruit.",
            ", ".join(map(str, writable)),
        ),
        Finding(
            "passphrase",
            True,
            "The epoch key is locked with a passphrase." if own.root_passphrase_file else "The epoch key lies open.",
            "" if own.root_passphrase_file else "If others can read the key folder, set RECRUIT_ROOT_PASSPHRASE_FILE.",
        ),
    ]


async def servers(site: Site, now: datetime) -> Sequence[Finding]:
    """What PostgreSQL must be set to (docs/operations.md); nothing to say of files."""
    if not site.settings.records_url:
        return []
    found = []
    for name, engine in (("records", site.records), ("keyring", site.keyring.engine)):
        faults = await engine.faults()
        role = (await engine.run_sql("SELECT quote_ident(current_user) AS role"))[0]["role"]
        found.append(
            _finding(
                f"server_{name}",
                not faults,
                f"The server of the {name} keeps statements and values out of its log.",
                f"The server of the {name} is not set as it should be.",
                f"As a superuser of the server: {remedy(faults, role)} Then restart recruit.",
                "; ".join(f"{each.name}: {each.why}" for each in faults),
            )
        )
        (may,) = await engine.run_sql(
            "SELECT rolcreatedb OR rolsuper AS make FROM pg_roles WHERE rolname = current_user"
        )
        if not may["make"]:
            told = f"The weekly trial restores into files, not onto the server of the {name}."
            found.append(Finding(f"trial_{name}", True, told, f"As a superuser of it: ALTER ROLE {role} CREATEDB;"))
    return found


async def employer_set(site: Site, now: datetime) -> Sequence[Finding]:
    who = await employer.current(site)
    admins = await site.records.run_sql(
        "SELECT 1 FROM staff WHERE active AND ',' || roles || ',' LIKE '%,admin,%' LIMIT 1"
    )
    page = "Open the first-run page with the code that `recruit serve` prints."
    return [
        _finding("employer", who is not None, "The employer is known.", "Nobody has said who the employer is.", page),
        _finding(
            "admin",
            bool(admins),
            "Somebody is administrator.",
            "No account is administrator.",
            "Run `recruit staff add --role admin`.",
        ),
    ]


# --- what the desk alarms about ---------------------------------------------------------------------------------------


async def alarmed(site: Site, now: datetime) -> Sequence[Finding]:
    """The same alarms as on the desk and in its mail; a warning is a note here."""
    levels = await alarms.levels(site, now)
    return [_of_alarm(alarms.Alarm(key, n)) for key, n in levels.items()]


def _of_alarm(alarm: alarms.Alarm) -> Finding:
    kind = alarm.kind
    if not alarm.count:
        return Finding(alarm.key, True, kind.good)
    return Finding(alarm.key, kind.severity == "warning", alarm.sentence(translator("en")), kind.remedy)


async def mailbox_readable(site: Site, now: datetime) -> Sequence[Finding]:
    """Signs in and opens the folder, where one is set."""
    if not site.settings.imap:
        return [Finding("mailbox_readable", True, "No mailbox is read.")]
    fault = await asyncio.to_thread(mailbox.look, site.settings)
    remedy = "Look at RECRUIT_IMAP, its password and its folder (docs/operations.md, Mail that comes in)."
    bad = mailbox.FAULTS.get(fault, "")
    return [_finding("mailbox_readable", not fault, "The mailbox can be read.", bad, remedy)]


async def mail_refused(site: Site, now: datetime) -> Sequence[Finding]:
    rows = await site.records.run_sql("SELECT count(*) AS n FROM mail WHERE state = 'refused'")
    if not rows[0]["n"]:
        return [Finding("mail_refused", True, "No mail was refused.")]
    remedy = "Nothing to do for single ones; many of them mean that RECRUIT_MAIL_FROM or its domain is distrusted."
    return [Finding("mail_refused", True, "The mail server refused some mails for good.", remedy, str(rows[0]["n"]))]


# --- the stores -------------------------------------------------------------------------------------------------------


async def chains(site: Site, now: datetime) -> Sequence[Finding]:
    ledger = first_fault(await site.keyring.entries())
    audited = first_fault(await audit.entries())
    behind = _holders_differ(site, await site.keyring.entries())
    remedy = "Somebody changed the database by hand. Keep a copy, find out who, and restore (docs/operations.md)."
    return [
        _finding("ledger", ledger is None, "The ledger is whole.", "The ledger is broken.", remedy, ledger),
        _finding("audit", audited is None, "The audit is whole.", "The audit is broken.", remedy, audited),
        _finding(
            "ledger_copies",
            not behind,
            "Every holder remembers the same ledger.",
            "A holder remembers another ledger than the database.",
            remedy,
            ", ".join(map(str, behind)),
        ),
    ]


def _holders_differ(site: Site, entries: Sequence[Entry]) -> list[Path]:
    return [holder.folder for holder in site.keyring.holders.each if holder.entries() != list(entries)]


async def holders(site: Site, now: datetime) -> Sequence[Finding]:
    """I3, judged before the keyring is opened, since opening mends."""
    rows = await site.keyring.engine.run_sql("SELECT number FROM epoch")
    if not rows:
        return [Finding("holders", True, "There is no keyring yet.")]
    numbers = {row["number"] for row in rows}
    wrong = [holder.folder for holder in site.keyring.holders.each if holder.epochs() != numbers]
    together = await asyncio.to_thread(_on_one_disk, site.settings)
    return [
        _finding(
            "holders",
            not wrong,
            "Every holder has exactly the epoch keys in use.",
            "A holder lacks an epoch key that is in use, or has one that is not.",
            "Is its disk mounted? Then restart the service, which mends it.",
            ", ".join(map(str, wrong)),
        ),
        Finding("disks", True, "Keys and data lie on different disks.")
        if not together
        else Finding("disks", True, "Keys and data lie on the same disk.", "A copy of that disk holds both.", together),
    ]


def _on_one_disk(settings: Settings) -> str:
    there = [place for place in settings.holders if place.exists()]
    device = settings.data.stat().st_dev
    return ", ".join(str(place) for place in there if place.stat().st_dev == device)


async def documents(site: Site, now: datetime) -> Sequence[Finding]:
    try:
        await site.documents.prove_presence()
    except (OSError, RecruitError):
        stored = await site.records.run_sql("SELECT 1 FROM document LIMIT 1")
        if stored:
            return [_red("documents", "The document store is not there.", "Is its disk mounted? Restore it otherwise.")]
    return [Finding("documents", True, "The document store is there.")]


_DENIED = {
    "write": ("The document store can't be written.", "s3:PutObject"),
    "keep": ("The document store replaces what must never change.", ""),
    "begin": ("The document store takes no uploads in parts.", "s3:PutObject"),
    "read": ("The document store can't be read.", "s3:GetObject"),
    "list": (
        "The document store can't be listed in all versions.",
        "s3:ListBucket, s3:ListBucketVersions, s3:ListBucketMultipartUploads",
    ),
    "delete": (
        "The document store does not let every version be deleted, so no erasure would be proved.",
        "s3:DeleteObject, s3:DeleteObjectVersion, s3:AbortMultipartUpload",
    ),
}


async def store_rights(site: Site, now: datetime) -> Sequence[Finding]:
    """A store that can't do all that we need is found here, not by who applies or by a purge."""
    return [await store_tried(site.documents, bool(site.settings.documents_url))]


async def store_tried(store: DocumentStore, bucket: bool) -> Finding:
    """What trying a store shows; `bucket`: it is one of an S3-compatible store, which can grant rights."""
    denied = await trying.try_out(store)
    if denied is None:
        return Finding("store", True, "The document store can be written, read, listed and emptied of every version.")
    sentence, rights = _DENIED[denied.act]
    remedy = "Give the folder to the account that runs recruit. Is its disk full, or mounted read-only?"
    if bucket and rights:
        remedy = f"Let the key of RECRUIT_DOCUMENTS_URL do {rights} there, or look why the store does not answer"
        remedy += " (docs/operations.md, Object storage)."
    elif bucket:
        remedy = "Use a store that honours If-None-Match on writing (docs/operations.md, Object storage)."
    return _red("store", sentence, remedy, denied.why)


async def archives(site: Site, now: datetime) -> Sequence[Finding]:
    own = site.settings
    return [
        _finding(
            "recovery_key",
            bool(own.recovery_recipient) or own.backup_mode == "strict",
            "Archives have a recovery key, or need none.",
            "There is no recovery key, so no archive is written.",
            "Run `recruit init`, which makes one.",
        )
    ]


# --- the machine ------------------------------------------------------------------------------------------------------


async def confinement(site: Site, now: datetime) -> Sequence[Finding]:
    state = await asyncio.to_thread(confined.confinement)
    missing = {layer.name: layer.missing for layer in state.layers if layer.missing}
    told = "; ".join(f"{name}: {why}" for name, why in missing.items())
    if state.escapes or "seccomp" in missing:
        remedy = "Use a Linux kernel of 5.13 or later, and the systemd units as they are in deploy/."
        return [_red("confinement", "Uploaded documents are read without confinement.", remedy, state.escapes or told)]
    if missing:
        remedy = "A newer kernel, or unprivileged user namespaces, add what is missing."
        return [Finding("confinement", True, "Documents are read with fewer layers of confinement.", remedy, told)]
    return [Finding("confinement", True, "Uploaded documents are read in full confinement.")]


async def fonts(site: Site, now: datetime) -> Sequence[Finding]:
    there = await asyncio.to_thread(_a_font, _FONT_FOLDERS)
    remedy = "Install one (Debian: `apt install fonts-dejavu-core`)."
    return [
        _finding("fonts", there, "There is a font to draw DOCX with.", "There is no font to draw DOCX with.", remedy)
    ]


def _a_font(folders: Sequence[str]) -> bool:
    wanted = (".ttf", ".otf", ".ttc")
    return any(path.suffix.lower() in wanted for folder in folders for path in Path(folder).rglob("*"))


async def clock_sane(site: Site, now: datetime) -> Sequence[Finding]:
    """L17: a clock behind what was seen stops the purge until time has caught up."""
    seen = await recall(site, "high_water")
    verdict = rules.clock_verdict(datetime.fromisoformat(seen) if seen else None, now)
    return [
        _finding(
            "clock",
            verdict != "backwards",
            "The clock has not run backwards.",
            "The clock stands before a time that was seen already.",
            "Set the machine's clock (`timedatectl`); the purge waits until time has caught up.",
            seen or "",
        )
    ]


LOOKS: tuple[Look, ...] = (
    settings_sane,
    servers,
    employer_set,
    alarmed,
    mail_refused,
    mailbox_readable,
    chains,
    holders,
    documents,
    store_rights,
    archives,
    confinement,
    fonts,
    clock_sane,
)
