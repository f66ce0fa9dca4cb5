"""The command line: init, demo, serve, worker, purge, check, backup, restore, receipt, ledger, keys, staff.

Guards what programs rely on: exit status 0 (done), 1 (done, and something was found), 2 (could not be done, with one
clear line on standard error); `--json` prints one JSON value and nothing else. Starts fast: whatever is heavy is
imported by the command that needs it.
"""

import argparse
import asyncio
import getpass
import json
import os
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from recruit import __version__, clock, logs
from recruit.errors import FormInvalid, NotFound, RecruitError
from recruit.settings import Settings, SettingsInvalid, read

if TYPE_CHECKING:
    from recruit.site import Site

DONE, FOUND, FAILED = 0, 1, 2

Args = argparse.Namespace


def main(argv: list[str] | None = None) -> int:
    """Run one command; its exit status."""
    args = _parser().parse_args(argv)
    logs.begin()
    try:
        status: int = args.act(args)
    except KeyboardInterrupt:
        return _failed("stopped")
    except FormInvalid as error:
        return _failed("; ".join(f"{field}: {text}" for field, text in error.errors.items()))
    except (RecruitError, SettingsInvalid) as error:
        return _failed(str(error))
    except OSError as error:
        return _failed(f"{error.filename or 'the machine'}: {error.strerror or error}")
    except sqlite3.OperationalError as error:
        return _failed(f"the database: {error}")
    return status


def _failed(why: str) -> int:
    print(f"recruit: {' '.join(why.split())}", file=sys.stderr)
    return FAILED


def _settings(args: Args) -> Settings:
    """The settings; from here on the log is as they say."""
    given = read(file=args.settings)
    logs.begin(given.log)
    return given


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID | Path):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(type(value).__name__)


def _with_site(args: Args, act: "Callable[[Site], Awaitable[int]]") -> int:
    """Open the installation for one act."""
    from recruit.site import Site

    async def run() -> int:
        site = await Site.open(_settings(args))
        try:
            return await act(site)
        finally:
            await site.close()

    return asyncio.run(run())


class _Progress:
    """A bar on a terminal, a line for each tenth elsewhere; on standard error, so that output stays clean."""

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet
        self._bars: dict[str, Any] = {}
        self._said: dict[str, int] = {}

    def __call__(self, step: str, done: int, total: int) -> None:
        if self._quiet or not total:
            return
        if sys.stderr.isatty():
            self._draw(step, done, total)
        elif done * 10 // total > self._said.get(step, 0):
            self._said[step] = done * 10 // total
            print(f"{step}: {done} of {total}", file=sys.stderr)

    def _draw(self, step: str, done: int, total: int) -> None:
        from tqdm import tqdm

        bar = self._bars.get(step)
        if bar is None:
            bar = self._bars[step] = tqdm(total=total, desc=step, leave=True)
        bar.update(done - bar.n)
        if done >= total:
            bar.close()


# --- serving ----------------------------------------------------------------------------------------------------------


def _serve(args: Args) -> int:
    from recruit import serving

    settings = _settings(args)
    try:
        taken = serving.listen(settings)
    except serving.PortTaken as error:
        return _failed(str(error))
    asyncio.run(_tell_setup_code(settings))
    print(f"recruit serves {settings.public_url} (listening on {settings.host}:{settings.port})", flush=True)
    serving.serve(settings, taken, args.worker)
    return DONE


async def _tell_setup_code(settings: Settings) -> None:
    """While there is no employer: where the first-run page is, and the code that it asks for."""
    from recruit import employer
    from recruit.accounts import service
    from recruit.site import Site

    site = await Site.open(settings)
    try:
        await site.know_store()
        if await employer.current(site) is None:
            code = await service.setup_code(site, clock.now())
            print(f"Set-up: open {settings.link('/first-run')} and type the code {code}", flush=True)
    finally:
        await site.close()


def _worker(args: Args) -> int:
    from recruit.worker import work

    settings = _settings(args)
    print(f"recruit's worker runs the scheduled jobs of {settings.data}", flush=True)
    asyncio.run(work(settings))
    return DONE


def _demo(args: Args) -> int:
    from recruit import serving
    from recruit.demo import people, starting

    folder = (args.folder or starting.usual_folder()).expanduser().absolute()
    settings = Settings(port=args.port)
    try:
        taken = serving.listen(settings)
    except serving.PortTaken as error:
        return _failed(f"{error}; choose another with --port")
    if args.fresh or not (folder / "data").is_dir():
        print(f"Making the demonstration in {folder}: fourteen months of a made-up employer's life.", flush=True)
    progress = _Progress()
    ready = asyncio.run(
        starting.prepare(folder, args.port, args.fresh, lambda done, total: progress("days lived", done, total))
    )
    print(f"\n  The demonstration: {ready.settings.link('/demo')}\n  Everything of it lies in {folder}")
    for colleague in people.STAFF:
        print(f"    {colleague.email:<28} {', '.join(colleague.roles)}")
    print(f"  The password of all of them: {people.PASSWORD}\n  Stop with Ctrl-C.\n", flush=True)
    serving.serve(ready.settings, taken, worker=True)
    return DONE


# --- the purge --------------------------------------------------------------------------------------------------------


def _purge(args: Args) -> int:
    return _with_site(args, lambda site: _preview(site, args) if args.dry_run else _purge_now(site, args))


async def _preview(site: "Site", args: Args) -> int:
    from dataclasses import asdict

    from recruit.retention import purge

    seen = await purge.preview(site, clock.now(), await site.keyring.idle_profiles())
    if args.json:
        _print_json(_structs(asdict(seen)))
        return DONE
    for title, rows in (("due now", seen.due), ("later", seen.later), ("blocked", seen.blocked)):
        print(f"{title}: {len(rows)}")
        for row in rows:
            print(f"  {row.kind} {row.unit}  {row.rule}  due {row.due_on}")
    print(f"begun and not ended: {seen.unfinished}")
    if seen.waiting:
        print(f"waits for a person: {seen.waiting}")
    return DONE


def _structs(value: Any) -> Any:
    import msgspec

    return msgspec.to_builtins(value)


async def _purge_now(site: "Site", args: Args) -> int:
    """By hand, with a row among the runs like any other; status 1 if it waits or something failed."""
    from recruit import jobs

    counts = await jobs.run_job(site, "purge", clock.now()) or {}
    if args.json:
        _print_json(counts)
    else:
        print(", ".join(f"{name} {value or 0}" for name, value in counts.items() if name not in ("refused", "waiting")))
        for why, n in counts.get("refused", {}).items():
            print(f"set aside: {n} ({why})")
        if counts.get("waiting"):
            print(f"waits for a person: {counts['waiting']}; nothing was erased", file=sys.stderr)
    return FOUND if counts.get("waiting") or counts.get("failed") or counts.get("refused") else DONE


def _check(args: Args) -> int:
    from dataclasses import asdict

    from recruit import check

    found = asyncio.run(check.examine(_settings(args), clock.now()))
    if args.json:
        _print_json([asdict(each) for each in found])
    else:
        _print_findings(found)
    return DONE if all(each.ok for each in found) else FOUND


def _print_findings(found: list[Any]) -> None:
    colour = sys.stdout.isatty()
    for each in sorted(found, key=lambda f: (not f.ok, bool(f.remedy))):
        mark = "RED " if not each.ok else "note" if each.remedy else "ok  "
        shown = f"\033[31m{mark}\033[0m" if colour and not each.ok else mark
        detail = f" ({each.detail})" if each.detail else ""
        print(f"{shown}  {each.sentence}{detail}")
        if each.remedy:
            print(f"      → {each.remedy}")


# --- archives ---------------------------------------------------------------------------------------------------------


def _backup(args: Args) -> int:
    from recruit.backup import back_up

    async def act(site: "Site") -> int:
        made = await back_up(site, args.folder.expanduser(), clock.now(), _Progress(args.json))
        if args.json:
            _print_json({"path": made.path, "size": made.size, "documents": made.documents})
        else:
            print(f"{made.path}: {made.size} bytes, {made.documents} documents")
        return DONE

    return _with_site(args, act)


def _restore(args: Args) -> int:
    from dataclasses import asdict

    from recruit.restoring import restore

    key = _recovery_key(args)
    done = asyncio.run(
        restore(
            _settings(args), args.folder.expanduser(), key, clock.now(), args.ledger, args.accept_loss,
            _Progress(args.json),
        )
    )  # fmt: skip
    if args.json:
        _print_json(asdict(done))
        return DONE
    print(f"Restored the archive of {done.made_at:%Y-%m-%d %H:%M} UTC; {done.erasures} erasures were replayed.")
    print("No purge runs until the data protection officer has confirmed it (Desk, Purge). Now run `recruit check`.")
    return DONE


def _recovery_key(args: Args) -> str | None:
    """From the file that was named, or typed at a terminal; none for an archive that is not sealed."""
    if args.recovery_key_file:
        lines = args.recovery_key_file.expanduser().read_text("utf-8").split()
        return lines[0] if lines else None
    if sys.stdin.isatty():
        return getpass.getpass("Recovery key (empty: the archive is not sealed): ").strip() or None
    return sys.stdin.readline().strip() or None


# --- receipts, ledger, keys -------------------------------------------------------------------------------------------


def _receipt(args: Args) -> int:
    from recruit.i18n import translator
    from recruit.receipts.service import verify_file

    data = args.file.expanduser().read_bytes()

    async def act(site: "Site") -> int:
        verdict = await verify_file(site, data)
        checks = [{"text": c.sentence(translator("en")), "ok": c.ok} for c in verdict.checks]
        if args.json:
            _print_json({"valid": verdict.valid, "checks": checks})
        else:
            for each in checks:
                print(f"{'ok  ' if each['ok'] else 'RED ' if each['ok'] is False else '?   '}  {each['text']}")
            print("The receipt is valid." if verdict.valid else "The receipt is NOT valid.")
        return DONE if verdict.valid else FOUND

    return _with_site(args, act)


def _ledger(args: Args) -> int:
    return _save_ledger(args) if args.what == "save" else _verify_ledger(args)


def _save_ledger(args: Args) -> int:
    """For a restore; of an installation that may no longer open."""
    from recruit.target import save_ledger

    if args.file is None:
        return _failed("name the file into which the ledger goes")
    entries = asyncio.run(save_ledger(_settings(args), args.file.expanduser()))
    if args.json:
        _print_json({"entries": entries})
    else:
        print(f"{entries} entries" + (f"; `recruit restore … --ledger {args.file}` takes them" if entries else ""))
    return DONE if entries else FOUND


def _verify_ledger(args: Args) -> int:
    from recruit import audit
    from recruit.vault.ledger import first_fault

    async def act(site: "Site") -> int:
        entries, audited = await site.keyring.entries(), await audit.entries()
        faults = {"ledger": first_fault(entries), "audit": first_fault(audited)}
        faults |= {
            str(holder.folder): None if holder.entries() == entries else "remembers another ledger"
            for holder in site.keyring.holders.each
        }
        if args.json:
            head = entries[-1].hash.hex() if entries else None
            _print_json({"entries": len(entries), "head": head, "faults": {k: v for k, v in faults.items() if v}})
        else:
            for name, fault in faults.items():
                print(f"{'RED ' if fault else 'ok  '}  {name}: {fault or 'whole'}")
        return FOUND if any(faults.values()) else DONE

    return _with_site(args, act)


def _keys(args: Args) -> int:
    if args.what == "recovery":
        return _recovery_pair(args.json)
    return _with_site(args, lambda site: _rotate(site) if args.what == "rotate" else _key_status(site, args.json))


def _recovery_pair(as_json: bool) -> int:
    """For who sets up without `init` (containers): the recovery key is shown now and never again."""
    from recruit.backup import make_recovery_key

    secret, recipient = make_recovery_key()
    if as_json:
        _print_json({"recovery_key": secret, "recipient": recipient})
        return DONE
    print(f"Keep this away from the machine, it opens every archive:  {secret}")
    print(f"Set RECRUIT_RECOVERY_RECIPIENT to:                        {recipient}")
    return DONE


async def _key_status(site: "Site", as_json: bool) -> int:
    rows = await site.keyring.engine.run_sql(
        "SELECT kind, count(wrapped) AS living, count(*) - count(wrapped) AS erased FROM data_key "
        "GROUP BY kind ORDER BY kind"
    )
    each = {str(holder.folder): sorted(holder.epochs()) for holder in site.keyring.holders.each}
    sound = all(epochs == sorted(site.keyring.epochs) for epochs in each.values())
    if as_json:
        _print_json({"epoch": site.keyring.epoch, "holders": each, "units": rows, "sound": sound})
    else:
        print(f"epoch {site.keyring.epoch}")
        for folder, epochs in each.items():
            print(f"  {folder}: {'has exactly this epoch' if epochs == [site.keyring.epoch] else epochs}")
        if site.keyring.oldest < site.keyring.epoch:
            print(f"  epoch {site.keyring.oldest} is being left; the next purge or `recruit keys rotate` ends that")
        for row in rows:
            print(f"  {row['kind']}: {row['living']} living, {row['erased']} erased")
    return DONE if sound else FOUND


async def _rotate(site: "Site") -> int:
    """A new epoch by hand: older copies of the keyring become noise."""
    from recruit.locking import alone

    now = clock.now()
    async with alone(site.settings):
        before = site.keyring.oldest
        after = await site.keyring.rotate()
        await site.keyring.retire_older()
        await site.keyring.record("rotate", {"epoch_before": before, "epoch_after": after}, now)
        await site.keyring.shrink()
    print(f"epoch {before} is destroyed, {after} is in force; older archives open only in plain mode")
    return DONE


# --- accounts ---------------------------------------------------------------------------------------------------------


def _staff(args: Args) -> int:
    from recruit.accounts import service

    async def act(site: "Site") -> int:
        if args.what == "add":
            link = await service.add_staff(site, args.name, args.email, args.role, clock.now(), language=args.language)
        else:
            try:
                link = await service.reset_staff(site, args.email, clock.now())
            except NotFound:
                return _failed(f"there is no account with the address {args.email}")
        print(
            f"To choose a password, for seven days: {link}" if args.what == "add" else f"To choose a password: {link}"
        )
        return DONE

    return _with_site(args, act)


# --- init -------------------------------------------------------------------------------------------------------------


class _Terminal:
    """The attended console."""

    attended = True

    def ask(self, name: str, question: str, default: str | None = None, secret: bool = False) -> str:
        from recruit.initialising import AnswerMissing

        hint = f" [{default}]" if default else ""
        while True:
            try:
                typed = (getpass.getpass if secret else input)(f"{question}{hint}: ").strip()
            except EOFError:
                raise AnswerMissing(f"{name} ({question})") from None
            if typed or default is not None:
                return typed or str(default)

    def say(self, text: str) -> None:
        print(text, flush=True)


def _init(args: Args) -> int:
    from recruit import initialising

    console: initialising.Console = _Terminal()
    if args.answers:
        text = args.answers.expanduser().read_text("utf-8") + "\n" + "\n".join(args.set)
        console = initialising.FileOfAnswers(text, console)
    try:
        return _set_up(console, args)
    except initialising.AnswerMissing as error:
        return _failed(f"an answer is missing: {error}")


def _set_up(console: Any, args: Args) -> int:
    from recruit import check, initialising

    root = os.geteuid() == 0
    machine = initialising.this_machine(root)
    at = initialising.settings_file(console, machine)
    given = initialising.asked_settings(console, machine, initialising.stored(at))
    initialising.write(console, at, initialising.settings_text(given), secret=True)
    if not asyncio.run(initialising.store_tried(console, given)):
        return _failed("the document store can't be used as it is")
    asyncio.run(initialising.test_mail(console, given))
    asyncio.run(initialising.mailbox_tried(console, given))
    asyncio.run(_found(console, given))
    made = initialising.files(given, at, machine)
    for path, text in made.items():
        initialising.write(console, path, text)
    units = [path for path in made if path.suffix == ".service"]
    initialising.verify_units(console, units)
    if root:
        initialising.give_to(console, machine.user, [at, given.data, *given.holders, given.backups])
    if root and args.start:
        initialising.start(console, units)
    found = asyncio.run(check.examine(given, clock.now()))
    if root:
        initialising.give_to(console, machine.user, [given.data, *given.holders, given.backups])
    _print_findings(found)
    return DONE if all(each.ok for each in found) else FOUND


async def _found(console: Any, given: Settings) -> None:
    """Open the installation for the first time; employer and first account, if they are wanted now."""
    from recruit import employer, initialising
    from recruit.accounts import service
    from recruit.site import Site

    site = await Site.open(given)
    try:
        if await employer.current(site) is not None:
            return
        first = initialising.asked_first_run(console)
        if first is None:
            console.say(f"`recruit serve` prints a code for {given.link('/first-run')}.")
            return
        await service.first_run(site, first, clock.now())
        console.say(f"{first.email} signs in at {given.link('/sign-in')}.")
    finally:
        await site.close()


# --- the words on the line --------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="recruit", description="One employer's recruitment, kept no longer than told."
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--settings", metavar="FILE", default="", help="settings file; RECRUIT_SETTINGS names it too")
    acts = parser.add_subparsers(metavar="command", required=True)
    _serving_words(acts)
    _keeping_words(acts)
    _vault_words(acts)
    return parser


def _command(acts: Any, name: str, act: Callable[[Args], int], text: str, with_json: bool = False) -> Any:
    command = acts.add_parser(name, help=text, description=text)
    command.set_defaults(act=act)
    if with_json:
        command.add_argument("--json", action="store_true", help="print one JSON value, for programs")
    return command


def _serving_words(acts: Any) -> None:
    init = _command(acts, "init", _init, "set up for real, asking for what only a person can decide")
    init.add_argument("--answers", type=Path, metavar="FILE", help="answers (name = value), so that nobody is asked")
    init.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="one more answer")
    init.add_argument("--no-start", dest="start", action="store_false", help="write the units, but do not start them")
    demo = _command(acts, "demo", _demo, "a made-up employer with fourteen months of life, in the browser")
    demo.add_argument("--folder", type=Path, help="where it is made and kept")
    demo.add_argument("--port", type=int, default=8000)
    demo.add_argument("--fresh", action="store_true", help="throw the old one away and make a new one")
    serve = _command(acts, "serve", _serve, "the pages, and inside them the scheduled jobs")
    serve.add_argument("--no-worker", dest="worker", action="store_false", help="leave the jobs to `recruit worker`")
    _command(acts, "worker", _worker, "the scheduled jobs alone, until stopped")


def _keeping_words(acts: Any) -> None:
    purge = _command(acts, "purge", _purge, "erase what is due, now", with_json=True)
    purge.add_argument("--dry-run", action="store_true", help="say what a purge would do, and do nothing")
    _command(acts, "check", _check, "whether every promise is kept right now; status 1 if not", with_json=True)
    backup = _command(acts, "backup", _backup, "write an archive into a folder", with_json=True)
    backup.add_argument("folder", type=Path, metavar="DIR")
    restore = _command(acts, "restore", _restore, "restore an archive (or the newest of a folder)", with_json=True)
    restore.add_argument("folder", type=Path, metavar="DIR")
    restore.add_argument("--recovery-key-file", type=Path, metavar="FILE", help="file with the recovery key")
    restore.add_argument("--ledger", type=Path, metavar="FILE", help="a ledger that knows the erasures since")
    restore.add_argument("--accept-loss", action="store_true", help="accept, on record, that erasures may be forgotten")


def _vault_words(acts: Any) -> None:
    receipt = _command(acts, "receipt", _receipt, "verify a receipt", with_json=True)
    receipt.add_argument("what", choices=["verify"])
    receipt.add_argument("file", type=Path, metavar="FILE")
    ledger = _command(acts, "ledger", _ledger, "verify ledger and audit, or save the ledger in a file", with_json=True)
    ledger.add_argument("what", choices=["verify", "save"])
    ledger.add_argument("file", type=Path, metavar="FILE", nargs="?", help="for save: where a restore will find it")
    keys = _command(acts, "keys", _keys, "how the keys stand; a new epoch now; or a new recovery key", with_json=True)
    keys.add_argument("what", choices=["status", "rotate", "recovery"])
    staff = acts.add_parser("staff", help="accounts: add one, or let somebody back in").add_subparsers(required=True)
    add = _command(staff, "add", _staff, "a new account; prints the link to choose a password")
    add.set_defaults(what="add")
    add.add_argument("--name", required=True)
    add.add_argument("--email", required=True)
    roles = ("recruiter", "hiring_manager", "interviewer", "dpo", "admin")
    add.add_argument("--role", action="append", required=True, choices=roles, help="may be given several times")
    add.add_argument("--language", choices=("nb", "en"), default="nb")
    reset = _command(staff, "reset", _staff, "no second factor, no sessions, and a link for a new password")
    reset.set_defaults(what="reset")
    reset.add_argument("email")


if __name__ == "__main__":
    sys.exit(main())
