"""A throw-away PostgreSQL for the tests: started when the first test needs it, one for all workers of a run.

Guards that no standing server is touched: it has a folder of its own, listens on a socket in it and on no port, and is
ended by its process id; if the run is killed, a watch beside it ends it. It lies in memory where that can be.
Started by root, it runs as another account, since PostgreSQL refuses to run as root.
"""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
import pytest
from filelock import FileLock

PLACE = "TESTS_POSTGRES_FOLDER"
OPTIONS = {
    "listen_addresses": "",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "300",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
}
_PROGRAMS = (
    "/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin",
)  # fmt: skip
_WATCH = 'while kill -0 "$1" 2>/dev/null; do ps -p "$2" >/dev/null || kill -INT "$1"; sleep 1; done'


def choose_place() -> None:
    """Called once, before any worker starts: they inherit the folder's name."""
    if PLACE not in os.environ:
        memory = Path("/dev/shm")
        folder = tempfile.mkdtemp(prefix="pg-", dir=memory if os.access(memory, os.W_OK) else "/tmp")
        os.environ[PLACE] = f"{folder}:{os.getpid()}"


def stop() -> None:
    """Called at the end by the process that chose the place."""
    folder, owner = _place()
    if owner != os.getpid():
        return
    del os.environ[PLACE]
    end(folder)
    shutil.rmtree(folder, ignore_errors=True)


def end(folder: Path) -> None:
    """End the server of a cluster as a crash would, and wait until it has taken its file away, which it does last."""
    file = folder / "data" / "postmaster.pid"
    with suppress(OSError, ValueError):
        os.kill(int(file.read_text().splitlines()[0]), signal.SIGQUIT)
        for _ in range(200):
            if not file.exists():
                break
            time.sleep(0.02)


def server() -> str:
    """The running server's socket folder; started if it is not running yet."""
    folder, owner = _place()
    with FileLock(folder / "starting.lock"):
        if not (folder / "running").exists():
            start(folder, OPTIONS, owner)
            (folder / "running").touch()
    return str(folder)


def _place() -> tuple[Path, int]:
    folder, _, owner = os.environ[PLACE].rpartition(":")
    return Path(folder), int(owner)


def _as_whom() -> dict[str, object]:
    if os.geteuid() != 0:
        return {}
    names = {each.pw_name for each in pwd.getpwall()}
    return {"user": "postgres" if "postgres" in names else "nobody", "extra_groups": []}


def _program(name: str) -> str:
    for pattern in _PROGRAMS:
        found = sorted(Path("/").glob(f"{pattern[1:]}/{name}"))
        if found:
            return str(found[-1])
    there = shutil.which(name)
    if there is None:
        pytest.fail("PostgreSQL's programs are not here: `./dev test` installs them")
    return there


def start(folder: Path, options: dict[str, str], owner: int) -> None:
    """Make a cluster in the folder and start it; it ends with the process `owner` at the latest."""
    who = _as_whom()
    if who:
        folder.chmod(0o755)
        (folder / "data").mkdir(mode=0o700)
        account = pwd.getpwnam(str(who["user"]))
        for place in (folder, folder / "data"):
            os.chown(place, account.pw_uid, account.pw_gid)
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "cwd": "/"}
    make = ("-N", "-A", "trust", "-U", "recruit", "-E", "UTF8", "--locale=C.UTF-8", "-D", str(folder / "data"))
    subprocess.run([_program("initdb"), *make], check=True, **quiet, **who)  # type: ignore[call-overload]
    run(folder, options, owner)


def run(folder: Path, options: dict[str, str], owner: int) -> None:
    """Start the server of a cluster that was made, and wait until it answers; it ends with `owner` at the latest."""
    given = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [_program("postgres"), "-D", str(folder / "data"), "-k", str(folder), *given],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True,
            **_as_whom(),  # type: ignore[arg-type]
        )  # fmt: skip
    watch = ["sh", "-c", _WATCH, "watch", str(process.pid), str(owner)]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
    subprocess.Popen(watch, start_new_session=True, **quiet)  # type: ignore[call-overload]
    for _ in range(500):
        if process.poll() is not None:
            break
        with suppress(OSError, asyncpg.PostgresError):
            asyncio.run(_execute(url(str(folder), "postgres"), ["SELECT 1"]))
            return
        time.sleep(0.02)
    raise RuntimeError((folder / "log").read_text("utf-8", "replace"))


def url(socket: str, name: str) -> str:
    return f"postgresql://recruit@/{name}?host={socket}"


async def _execute(target: str, statements: Sequence[str]) -> None:
    connection = await asyncpg.connect(dsn=target)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def execute(target: str, *statements: str) -> None:
    """Statements one by one, from outside of any event loop's thread."""
    with asyncio.Runner() as runner:
        runner.run(_execute(target, statements))


class Databases:
    """The two databases of a worker, emptied between tests: quicker than new ones by far."""

    def __init__(self, socket: str, worker: str) -> None:
        self._socket, self._names = socket, (f"{worker}_records", f"{worker}_keyring")
        self._runner = asyncio.Runner()
        admin = self._runner.run(asyncpg.connect(dsn=url(socket, "postgres")))
        for name in self._names:
            self._runner.run(admin.execute(f"CREATE DATABASE {name}"))
        self._runner.run(admin.close())
        self.urls = url(socket, self._names[0]), url(socket, self._names[1])
        self._connections = [self._runner.run(asyncpg.connect(dsn=target)) for target in self.urls]

    def empty(self) -> tuple[str, str]:
        """No row is left of the test before, nor anybody who is still connected."""
        for connection in self._connections:
            self._runner.run(connection.execute(_EMPTY))
        return self.urls

    def close(self) -> None:
        for connection in self._connections:
            self._runner.run(connection.close())
        self._runner.close()


_EMPTY = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid();
SET session_replication_role = replica;
DO $$ DECLARE each record; BEGIN
  FOR each IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_version' LOOP
    EXECUTE format('DELETE FROM %I', each.tablename);
  END LOOP;
END $$;
"""


@contextmanager
def fresh(socket: str, *names: str) -> Iterator[list[str]]:
    """New, empty databases, for a test that needs more than the two; dropped at the end."""
    try:
        execute(url(socket, "postgres"), *(f"CREATE DATABASE {name}" for name in names))
        yield [url(socket, name) for name in names]
    finally:
        execute(url(socket, "postgres"), *(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in names))
