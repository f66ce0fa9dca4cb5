"""Settings of the installation: one frozen object, read once from the environment, failing loudly.

Guards that nothing runs half configured: an unknown or malformed setting stops the program with a sentence. What the
employer decides (name, policy, privacy contact) is not here but versioned in the database.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from recruit.vault.bucket import Where

_SHORTEST_TOKEN = 20
_ORIGIN = re.compile(r"https?://(\*\.)?[A-Za-z0-9.-]+(:\d{1,5})?")


class SettingsInvalid(Exception):
    """The environment cannot be used; the message says which variable and why."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Each field is the variable `RECRUIT_<FIELD>` (docs/operations.md lists them)."""

    data: Path = Path("var/data")
    holders: tuple[Path, ...] = (Path("var/keys"),)
    backups: Path = Path("var/backups")
    backup_mode: str = "plain"
    recovery_recipient: str = ""
    records_url: str = ""
    keyring_url: str = ""
    documents_url: str = ""
    public_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    smtp: str = ""
    mail_from: str = "recruit@localhost"
    imap: str = ""
    imap_password_file: Path | None = None
    imap_keep: bool = False
    root_passphrase_file: Path | None = None
    embed_on: str = ""
    metrics_token: str = ""
    log: str = "text"
    demo: bool = False

    def __post_init__(self) -> None:
        if self.backup_mode not in ("plain", "strict"):
            raise SettingsInvalid("RECRUIT_BACKUP_MODE must be plain or strict")
        if self.backup_mode == "strict" and len(self.holders) < 2:
            raise SettingsInvalid("RECRUIT_BACKUP_MODE=strict needs at least two folders in RECRUIT_HOLDERS")
        if not self.holders or len({p.resolve() for p in self.holders}) != len(self.holders):
            raise SettingsInvalid("RECRUIT_HOLDERS must name at least one folder, each once")
        data = self.data.resolve()
        for place in (*self.holders, self.backups):
            if place.resolve() == data or data in place.resolve().parents:
                raise SettingsInvalid(f"{place} must not lie inside the data folder {self.data}")
        self._check_databases()
        self._check_documents()
        self._check_mailbox()
        if not all(_ORIGIN.fullmatch(origin) for origin in self.embed_on.split()):
            raise SettingsInvalid("RECRUIT_EMBED_ON names sites like https://www.example.no, with a space between them")
        if self.log not in ("text", "json"):
            raise SettingsInvalid("RECRUIT_LOG must be text or json")
        if self.metrics_token and len(self.metrics_token) < _SHORTEST_TOKEN:
            raise SettingsInvalid(f"RECRUIT_METRICS_TOKEN must have at least {_SHORTEST_TOKEN} characters")
        if not self.public_url.startswith(("http://", "https://")):
            raise SettingsInvalid("RECRUIT_PUBLIC_URL must begin with http:// or https://")

    def _check_databases(self) -> None:
        """Two databases of PostgreSQL, or none: records may be copied freely only while no key lies beside them."""
        urls = self.records_url, self.keyring_url
        if bool(urls[0]) != bool(urls[1]):
            raise SettingsInvalid("RECRUIT_RECORDS_URL and RECRUIT_KEYRING_URL belong together: set both, or neither")
        if urls[0] and urls[0] == urls[1]:
            raise SettingsInvalid("RECRUIT_RECORDS_URL and RECRUIT_KEYRING_URL must name two databases")
        if not all(url.startswith(("postgresql://", "postgres://")) for url in urls if url):
            raise SettingsInvalid("RECRUIT_RECORDS_URL and RECRUIT_KEYRING_URL must begin with postgresql://")

    def _check_documents(self) -> None:
        try:
            if self.documents_url:
                Where.of(self.documents_url)
        except ValueError as error:
            raise SettingsInvalid(f"RECRUIT_DOCUMENTS_URL: {error}") from None

    def _check_mailbox(self) -> None:
        parts = urlsplit(self.imap)
        try:
            fits = parts.scheme in ("imap", "imaps") and parts.hostname and parts.username and parts.port != 0
        except ValueError:
            fits = False
        if self.imap and not fits:
            raise SettingsInvalid("RECRUIT_IMAP must look like imaps://user@host:993/INBOX")
        if self.imap and bool(parts.password) == bool(self.imap_password_file):
            raise SettingsInvalid("The mailbox needs its password: in RECRUIT_IMAP or in RECRUIT_IMAP_PASSWORD_FILE")

    @property
    def secure(self) -> bool:
        """Whether people reach us over TLS, so that cookies may demand it."""
        return self.public_url.startswith("https://")

    def link(self, path: str) -> str:
        """The absolute address of one of our pages, as it stands in mails and receipts."""
        return self.public_url.rstrip("/") + path


_PREFIX = "RECRUIT_"


def read(environ: Mapping[str, str] = os.environ, file: str = "") -> Settings:
    """Settings from the environment, and from `file` or the one that `RECRUIT_SETTINGS` names; the environment wins."""
    raw = _file(file or environ.get(_PREFIX + "SETTINGS", "")) | {
        k: v for k, v in environ.items() if k.startswith(_PREFIX) and k != _PREFIX + "SETTINGS"
    }
    known = {_PREFIX + f.upper(): f for f in Settings.__struct_fields__}
    unknown = sorted(set(raw) - set(known))
    if unknown:
        raise SettingsInvalid(f"unknown setting {unknown[0]}; the settings are {', '.join(sorted(known))}")
    values: dict[str, Any] = {known[k]: _split(known[k], v) for k, v in raw.items() if v != ""}
    try:
        return msgspec.convert(values, Settings, strict=False, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise SettingsInvalid(f"a setting can't be read: {error}") from None


def _split(field: str, value: str) -> object:
    return [part for part in value.split(":") if part] if field == "holders" else value


def _decode(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value)).expanduser()
    raise NotImplementedError(kind)


def _file(name: str) -> dict[str, str]:
    if not name:
        return {}
    try:
        lines = Path(name).read_text("utf-8").splitlines()
    except OSError as error:
        raise SettingsInvalid(f"the settings file {name} can't be read: {error.strerror}") from None
    pairs = (line.partition("=") for line in lines if line.strip() and not line.lstrip().startswith("#"))
    return {key.strip(): value.strip().strip("\"'") for key, _, value in pairs}
