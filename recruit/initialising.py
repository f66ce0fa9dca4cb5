"""`recruit init`: from nothing to an installation that serves, with what a person must decide and nothing else.

Guards that nothing is overwritten unasked, that the recovery key is shown once and proved to have been kept, that only
its public part is stored, and that whatever fails says what to do. Everything it writes is plain files; running it
again starts from the answers that stand there.
"""

import asyncio
import getpass
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from recruit import backup, check, mail, settings
from recruit.accounts import passwords
from recruit.accounts import service as accounts
from recruit.employer import EmployerFacts
from recruit.errors import RecruitError
from recruit.retention.rules import Policy
from recruit.settings import Settings
from recruit.vault import durable
from recruit.vault.documents import DocumentStore

UNITS = {
    "recruit-serve.service": ("the pages", "serve --no-worker"),
    "recruit-worker.service": ("the scheduled jobs: purge, backup, reminders, mail", "worker"),
}


class AnswerMissing(Exception):
    """Nobody is there to be asked, and this has no default; the message names the answer."""


class Console(Protocol):
    """Whom to ask and tell: a person at a terminal, or the file of answers of an unattended set-up."""

    def ask(self, name: str, question: str, default: str | None = None, secret: bool = False) -> str:
        """The answer; AnswerMissing where nobody is there and there is no default."""
        ...

    def say(self, text: str) -> None: ...

    @property
    def attended(self) -> bool: ...


@dataclass(frozen=True)
class Machine:
    """Where things go on this machine: as root for all of it, else for one account."""

    etc: Path
    data: Path
    holders: Path
    backups: Path
    units: Path
    user: str
    command: str


def this_machine(root: bool, command: str = "") -> Machine:
    """The usual places: those of the system for root, else those of one account."""
    if root:
        return Machine(
            etc=Path("/etc/recruit"),
            data=Path("/var/lib/recruit/data"),
            holders=Path("/var/lib/recruit/keys"),
            backups=Path("/var/backups/recruit"),
            units=Path("/etc/systemd/system"),
            user="recruit",
            command=command or _command(),
        )
    own = Path.home() / ".local" / "share" / "recruit"
    config = Path.home() / ".config" / "recruit"
    return Machine(config, own / "data", own / "keys", own / "backups", config, getpass.getuser(), _command())


def _command() -> str:
    beside = Path(sys.executable).with_name("recruit")
    return str(beside) if beside.is_file() else f"{sys.executable} -m recruit"


# --- the settings -----------------------------------------------------------------------------------------------------


def settings_file(console: Console, machine: Machine) -> Path:
    return Path(console.ask("settings_file", "Settings file", str(machine.etc / "recruit.env"))).expanduser()


def asked_settings(console: Console, machine: Machine, before: Settings | None) -> Settings:
    """All settings, asked for with the present ones as defaults. SettingsInvalid as `settings.read` would."""
    old = before or Settings()
    url = console.ask("public_url", "Address that people will use (https://…)", old.public_url if before else None)
    data = console.ask("data", "Folder of the data", str(old.data if before else machine.data))
    known = ":".join(map(str, old.holders)) if before else str(machine.holders)
    keys = console.ask("holders", "Folders of the keys, separated by colons, if possible on other disks", known)
    backups = console.ask("backups", "Folder of the archives", str(old.backups if before else machine.backups))
    mode = console.ask("backup_mode", "Backups plain or strict (docs/operations.md)", old.backup_mode)
    values = {
        "RECRUIT_PUBLIC_URL": url.rstrip("/"),
        "RECRUIT_DOCUMENTS_URL": console.ask(
            "documents_url",
            "Object store for documents, https://KEY:SECRET@host/bucket (empty: a folder)",
            old.documents_url,
        ),
        "RECRUIT_HOST": console.ask("host", "Address to listen on, behind the reverse proxy", old.host),
        "RECRUIT_PORT": console.ask("port", "Port to listen on", str(old.port)),
        "RECRUIT_DATA": data,
        "RECRUIT_HOLDERS": keys,
        "RECRUIT_BACKUPS": backups,
        "RECRUIT_BACKUP_MODE": mode,
        "RECRUIT_SMTP": console.ask("smtp", "Mail server (smtp://user:password@host:587)", old.smtp or None),
        "RECRUIT_MAIL_FROM": console.ask("mail_from", "Sender of mails", old.mail_from if before else None),
    }
    values |= _asked_mailbox(console, old)
    if old.root_passphrase_file:
        values["RECRUIT_ROOT_PASSPHRASE_FILE"] = str(old.root_passphrase_file)
    settings.read(values)
    values["RECRUIT_RECOVERY_RECIPIENT"] = _recovery(console, old.recovery_recipient)
    return settings.read(values)


def _asked_mailbox(console: Console, old: Settings) -> dict[str, str]:
    """The mailbox from which mail is taken in, if there is to be one."""
    question = "Mailbox whose mail is taken in, imaps://user:password@host:993/INBOX (none: no mail is read)"
    url = console.ask("imap", question, old.imap or "none")
    if url in ("", "none"):
        return {}
    values = {"RECRUIT_IMAP": url}
    if not urlsplit(url).password:
        kept = str(old.imap_password_file) if old.imap_password_file else None
        values["RECRUIT_IMAP_PASSWORD_FILE"] = console.ask("imap_password_file", "File with its password", kept)
    keep = "Leave e-mails in the mailbox after they were sealed? (yes/no)"
    values["RECRUIT_IMAP_KEEP"] = str(console.ask("imap_keep", keep, "yes" if old.imap_keep else "no") == "yes")
    return values


def _recovery(console: Console, before: str) -> str:
    """The public part of the recovery key; the secret one is shown once, and typed back in part."""
    given = console.ask("recovery_recipient", "Public part of the recovery key (empty: make one)", before)
    if given:
        return given
    secret, recipient = backup.make_recovery_key()
    if not console.attended:
        kept = Path(console.ask("recovery_key_file", "File to write the new recovery key to"))
        _write(kept, secret + "\n")
        console.say(f"The recovery key is in {kept}. Move it to another place: beside the archives it protects nobody.")
        return recipient
    console.say(
        "\nThis is the recovery key. It opens every archive. It is shown now and never again:\n\n"
        f"    {secret}\n\nKeep it away from this machine: on paper in a safe, or in a password manager."
    )
    while console.ask("recovery_proof", "Type its last 6 characters").strip().upper() != secret[-6:].upper():
        console.say("That is not how it ends.")
    return recipient


def stored(path: Path) -> Settings | None:
    """The settings of an earlier run. SettingsInvalid if they can't be used."""
    return settings.read({}, str(path)) if path.is_file() else None


def settings_text(given: Settings) -> str:
    """The settings as lines of `NAME=value`, defaults left out."""
    usual = Settings()
    values = {
        name: getattr(given, name)
        for name in Settings.__struct_fields__
        if getattr(given, name) != getattr(usual, name) or name in ("data", "holders", "backups")
    }
    lines = [f"RECRUIT_{name.upper()}={_plain(value)}" for name, value in values.items()]
    return "# Written by `recruit init`; docs/operations.md lists every setting.\n" + "\n".join(lines) + "\n"


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return ":".join(str(Path(part).absolute()) for part in value)
    return str(value.absolute()) if isinstance(value, Path) else str(value)


# --- mail -------------------------------------------------------------------------------------------------------------


async def test_mail(console: Console, given: Settings) -> bool:
    """Send one mail to whoever sets this up. False if it did not leave; empty address: not tried."""
    to = console.ask("test_mail", "Send a test mail to (empty: no)", "")
    if not to:
        return True
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "recruit: test", given.mail_from, to
    message.set_content(f"Mail from {given.public_url} arrives.\n")
    try:
        if given.smtp.startswith("maildir:"):
            await mail.MaildirTransport(Path(given.smtp.removeprefix("maildir:"))).send(message)
        else:
            await mail.SmtpTransport(given.smtp).send(message)
    except RecruitError as error:
        console.say(f"The test mail did not leave: {error} Look at RECRUIT_SMTP and RECRUIT_MAIL_FROM.")
        return False
    console.say(f"A test mail is on its way to {to}.")
    return True


async def mailbox_tried(console: Console, given: Settings) -> bool:
    """Sign in to the mailbox and open its folder; nothing is read yet. False, and said why, if that can't be done."""
    from recruit.incoming import mailbox

    if not given.imap:
        return True
    fault = await asyncio.to_thread(mailbox.look, given)
    if fault:
        console.say(f"{mailbox.FAULTS[fault]} Look at RECRUIT_IMAP (docs/operations.md, Mail that comes in).")
        return False
    console.say("The mailbox can be read.")
    return True


# --- the document store -----------------------------------------------------------------------------------------------


async def store_tried(console: Console, given: Settings) -> bool:
    """Try the bucket before anything is founded on it; False, and said why, if it does not let us do all we need."""
    if not given.documents_url:
        return True
    found = await check.store_tried(DocumentStore.in_bucket(given.documents_url), bucket=True)
    if not found.ok:
        console.say(f"{found.sentence} ({found.detail}) {found.remedy} Then run this again: your answers are kept.")
    return found.ok


# --- the employer -----------------------------------------------------------------------------------------------------


def asked_first_run(console: Console) -> accounts.FirstRun | None:
    """Employer and first account, or None: the first-run page asks for them."""
    now = console.ask("employer", "Name of the employer (empty: leave it to the first-run page)", "")
    if not now:
        return None
    has_dpo = console.ask("dpo_appointed", "Is a data protection officer appointed? (yes/no)", "no") == "yes"
    who = "data protection officer" if has_dpo else "privacy contact"
    facts = EmployerFacts(
        name=now,
        number=console.ask("number", "Organisation number"),
        address=console.ask("address", "Postal address"),
        contact_email=console.ask("contact_email", "E-mail address for candidates"),
        has_dpo=has_dpo,
        dpo_name=console.ask("dpo_name", f"Name of the {who}"),
        dpo_email=console.ask("dpo_email", f"E-mail address of the {who}"),
    )
    email = console.ask("account_email", "E-mail address of the first account")
    return accounts.FirstRun(
        employer=facts,
        policy=Policy(),
        name=console.ask("account_name", "Name of its owner"),
        email=email,
        password=_password(console, email),
    )


def _password(console: Console, email: str) -> str:
    while True:
        typed = console.ask("account_password", "Password, at least 12 characters", secret=True)
        problem = passwords.problem(typed, email)
        if problem is None:
            return typed
        if not console.attended:
            raise AnswerMissing(f"account_password: {problem}")
        console.say(problem)


# --- files ------------------------------------------------------------------------------------------------------------


def files(given: Settings, at: Path, machine: Machine) -> dict[Path, str]:
    """What is written beside the settings: units and reverse-proxy files, by their place."""
    from recruit.templating import environment

    writable = sorted({str(p.absolute()) for p in (given.data, *given.holders, given.backups)})
    host = urlsplit(given.public_url).hostname or "localhost"
    made: dict[Path, str] = {}
    for name, (what, act) in UNITS.items():
        made[machine.units / name] = (
            environment()
            .get_template("deploy/unit.service")
            .render(
                what="This one runs " + what + ".",
                description=what,
                user=machine.user,
                settings_file=at,
                command=f"{machine.command} {act}",
                writable=writable,
                protect_home="read-only"
                if any(path.startswith("/home") for path in [*writable, sys.executable])
                else "yes",
            )
            + "\n"
        )
    for name in ("Caddyfile", "nginx.conf"):
        template = environment().get_template(f"deploy/{name}")
        made[at.parent / name] = template.render(host=host, upstream=f"{given.host}:{given.port}") + "\n"
    return made


def write(console: Console, path: Path, text: str, secret: bool = False) -> bool:
    """Write a file, asking before another one is replaced; whether it stands there now as it should."""
    if path.exists():
        if path.read_text("utf-8") == text:
            return True
        if console.ask("overwrite", f"{path} exists and differs. Replace it? (yes/no)", "no") != "yes":
            console.say(f"{path} was left as it is.")
            return False
    _write(path, text, 0o600 if secret else 0o644)
    console.say(f"{path} written.")
    return True


def _write(path: Path, text: str, mode: int = 0o600) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(path.name + ".new")
    waiting.unlink(missing_ok=True)
    with os.fdopen(os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)
    waiting.replace(path)
    durable.sync_folder(path.parent)


# --- the machine ------------------------------------------------------------------------------------------------------


def verify_units(console: Console, units: list[Path]) -> bool:
    """Ask systemd's own checker, where there is one."""
    tool = shutil.which("systemd-analyze")
    if tool is None:
        console.say("There is no systemd-analyze here, so the units were not verified.")
        return True
    done = subprocess.run([tool, "verify", *map(str, units)], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if any(unit.name in line for unit in units)]
    for line in ours:
        console.say(f"systemd-analyze: {line}")
    if not ours:
        console.say("systemd-analyze finds nothing wrong with the units.")
    return not ours


def give_to(console: Console, user: str, places: list[Path]) -> None:
    """As root: the account, and what belongs to it."""
    if subprocess.run(["id", user], capture_output=True, check=False).returncode:
        add = ["useradd", "--system", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", user]
        if subprocess.run(add, capture_output=True, check=False).returncode:
            console.say(f"The account {user} could not be made; make it, then run this again.")
            return
    for place in places:
        if not place.exists():
            durable.make_folder(place)
        subprocess.run(["chown", "-R", f"{user}:", str(place)], check=False)


def start(console: Console, units: list[Path]) -> bool:
    """Start the units where systemd runs; say how where it does not."""
    names = [unit.name for unit in units]
    if not Path("/run/systemd/system").is_dir():
        console.say("systemd does not run here, so nothing was started. Start `recruit serve` as you start services.")
        return True
    for step in (["daemon-reload"], ["enable", "--now", *names]):
        done = subprocess.run(["systemctl", *step], capture_output=True, text=True, check=False)
        if done.returncode:
            console.say(f"systemctl {step[0]}: {done.stderr.strip()}")
            return False
    console.say("Started: " + ", ".join(names))
    return True


class FileOfAnswers:
    """The unattended console: lines of `name = value`; what it lacks takes its default."""

    def __init__(self, text: str, say: Console | None = None) -> None:
        pairs = (line.partition("=") for line in text.splitlines() if line.strip() and not line.startswith("#"))
        self.answers: Mapping[str, str] = {name.strip(): value.strip() for name, _, value in pairs}
        self._say = say

    @property
    def attended(self) -> bool:
        return False

    def ask(self, name: str, question: str, default: str | None = None, secret: bool = False) -> str:
        if name in self.answers:
            return self.answers[name]
        if default is None:
            raise AnswerMissing(f"{name} ({question})")
        return default

    def say(self, text: str) -> None:
        if self._say:
            self._say.say(text)
