"""The house rules that one file can break: each is a function from a file to its breaches.

Guards that a rule is proved on planted mistakes (test_planted.py) by the same code that judges the tree.
"""

import ast
import builtins
import re
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import PurePosixPath

from tests.contracts.house import Source, functions, imports, last_name
from tests.contracts.layers import is_pages

LONGEST = 50
MEDIAN = 10

# --- the clock ------------------------------------------------------------------------------------

_READERS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime", "asctime"},
}
_DEFAULTS_TO_NOW = ("Timestamptz", "Timestamp", "Date", "Time")
_SQL_NOW = re.compile(r"\bcurrent_(?:timestamp|date|time)\b|\bnow\(\)|\(\s*'now'", re.IGNORECASE)
_CLOCK_WITHOUT_READING = {"day", "ZONE"}


def wall_clock(source: Source) -> list[str]:
    """Readings of the machine's clock anywhere but in recruit/clock.py: in Python, in SQL, by a column's default."""
    if source.path == "recruit/clock.py":
        return []
    found = []
    for node in ast.walk(source.tree):
        said = ""
        if isinstance(node, ast.Attribute) and node.attr in _READERS.get(last_name(node.value), ()):
            said = f"{last_name(node.value)}.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            said = ", ".join(alias.name for alias in node.names if alias.name in _READERS["time"])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL_NOW.search(node.value):
            said = "the database's clock"
        elif isinstance(node, ast.Call) and last_name(node.func) in _DEFAULTS_TO_NOW and source.stem == "tables":
            said = "" if any(k.arg == "default" for k in node.keywords) else "a column that defaults to now"
        if said:
            found.append(f"{source.path}:{getattr(node, 'lineno', 1)}: reads the wall clock ({said})")
    return found


def clock_users(source: Source) -> list[str]:
    """Use of recruit.clock by anything that should be given the instant; `day` and `ZONE` read nothing."""
    edge = source.stem in ("__main__", "jobs", "worker", "clock") or source.path == "recruit/web.py"
    edge = edge or is_pages(source.stem)
    if edge or source.path.startswith(("recruit/demo/", "recruit/demo.py")):
        return []
    found = []
    ours = "recruit.clock" in {name for _, name in imports(source)}
    for node in ast.walk(source.tree):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module == "recruit.clock":
            names = [alias.name for alias in node.names]
        elif ours and isinstance(node, ast.Attribute) and last_name(node.value) == "clock":
            names = [node.attr]
        found += [
            f"{source.path}:{node.lineno}: uses clock.{name}; take `now` or `today` as a parameter"  # type: ignore[attr-defined]
            for name in names
            if name not in _CLOCK_WITHOUT_READING
        ]
    return found


# --- shape ----------------------------------------------------------------------------------------


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, docstring included, decorators aside."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def long_functions(source: Source) -> list[str]:
    return [
        f"{source.path}:{f.lineno}: {f.name} has {length(f)} lines" for f in functions(source) if length(f) > LONGEST
    ]


def no_docstring(source: Source) -> list[str]:
    """A module that does not open with what it guards; an empty file guards nothing."""
    missing = source.text.strip() and not ast.get_docstring(source.tree)
    return [f"{source.path}: no module docstring"] if missing else []


def prints(source: Source) -> list[str]:
    """`print` and writes to the standard streams, outside the command line and the demonstration."""
    if source.stem in ("__main__", "cli") or source.path.startswith(("recruit/demo/", "recruit/demo.py")):
        return []
    return [
        f"{source.path}:{node.lineno}: prints"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]


def environment(source: Source) -> list[str]:
    """Reads of the environment anywhere but in recruit/settings.py, the one settings object.

    The confined reader of documents passes a few variables on to its process; it takes none as a setting.
    """
    if source.path in ("recruit/settings.py", "recruit/documents/confined.py"):
        return []
    return [
        f"{source.path}:{node.lineno}: reads the environment; the settings object does that once"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv") and last_name(node.value) == "os"
    ]


_SAME_NAME_ALLOWED = {"overload", "setter", "getter", "deleter", "register"}


def shadows(source: Source) -> list[str]:
    """A function that hides another of its scope, a builtin (methods aside), or an import of its file."""
    found = []
    imported = {
        (alias.asname or alias.name).split(".")[0]
        for node in source.tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    for scope in ast.walk(source.tree):
        body = getattr(scope, "body", None)
        if not isinstance(scope, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or not body:
            continue
        seen: set[str] = set()
        for node in body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            marks = {last_name(d.func if isinstance(d, ast.Call) else d) for d in node.decorator_list}
            method = isinstance(scope, ast.ClassDef)
            hides = (node.name in seen and not marks & _SAME_NAME_ALLOWED) or (
                not method and (hasattr(builtins, node.name) or node.name in imported)
            )
            if hides:
                found.append(f"{source.path}:{node.lineno}: {node.name} shadows another name")
            seen.add(node.name)
    return found


def swallowed(source: Source) -> list[str]:
    """`except Exception` (or broader) whose body does nothing at all."""
    return [
        f"{source.path}:{node.lineno}: swallows every error"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or last_name(node.type) in ("Exception", "BaseException"))
        and all(isinstance(step, ast.Pass | ast.Continue) for step in node.body)
    ]


# --- words ----------------------------------------------------------------------------------------

_STEMS = ("applicant", "submission", "requisition", "disposition", "shred", "scrub", "ticket")
_WHOLE = {"dsr", "dsrs", "ttl", "ttls"}
_WORD = re.compile(r"TTLs|DSRs|[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# HTTP's own header, which no word of ours can replace.
_NOT_OURS = re.compile(r"content[-_]disposition(?:_type)?", re.IGNORECASE)
_LEFT_OVER = re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X]|HAC[K])\b|\bissue #?\d")


def banned_words(source: Source) -> list[str]:
    """Words that name an idea for which the house has another; `SubjectTTL` and `ticket_id` count."""
    found = []
    for number, line in enumerate(source.text.splitlines(), 1):
        for word in _WORD.findall(_NOT_OURS.sub("", line)):
            if word.lower() in _WHOLE or word.lower().startswith(_STEMS):
                found.append(f"{source.path}:{number}: says {word!r}")
    return found


def left_for_later(source: Source) -> list[str]:
    return [
        f"{source.path}:{number}: leaves something for later"
        for number, line in enumerate(source.text.splitlines(), 1)
        if _LEFT_OVER.search(line)
    ]


# --- what belongs to one machine ------------------------------------------------------------------

_MACHINE = re.compile(
    r"https?://[^\s\"'<>]*(?:/simple[/\b]|/simple$|registry|artifact)"
    r"|--(?:extra-)?index-ur[l]|\bindex-url\s*=|--find-link[s]\s|--trusted-hos[t]|\"resolve[d]\":"
    r"|/wor[k]/|/roo[t]/|/hom[e]/\w|/User[s]/\w|/tm[p]/plan|/op[t]/(?:pypi|wheels)|\.\./shared\b"
)


def of_one_machine(source: Source) -> list[str]:
    """Addresses of package indexes and paths that exist on somebody's machine only."""
    return [
        f"{source.path}:{number}: {match.group()!r} belongs to one machine"
        for number, line in enumerate(source.text.splitlines(), 1)
        if (match := _MACHINE.search(line))
    ]


# --- documents ------------------------------------------------------------------------------------

_QUOTED = re.compile(r"`([^`\s]+)`")
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_OURS = (".py", ".md", ".toml", ".html", ".po", ".css", ".js", ".txt", ".sh", ".service", ".timer", ".yml", ".yaml")
_PATH = re.compile(r"\.{0,2}[\w./@*-]+")


def _exists(name: str, source: Source, files: frozenset[str]) -> bool:
    """From the top, from recruit/ (a reader of the tree says `retention/rules.py`), or from the document itself."""
    plain = name.removeprefix("./").rstrip("/")
    for base in ("", "recruit/", str(PurePosixPath(source.path).parent) + "/"):
        parts: list[str] = []
        for part in (base + plain).split("/"):
            if part == "..":
                parts = parts[:-1]
            elif part not in ("", "."):
                parts.append(part)
        wanted = "/".join(parts)
        if any(f == wanted or f.startswith(wanted + "/") or PurePosixPath(f).match(wanted) for f in files):
            return True
    return "/" not in plain and any(f.endswith("/" + plain) for f in files)


def missing_paths(source: Source, files: frozenset[str]) -> list[str]:
    """Paths that a document names and that do not exist; only what looks like ours is judged."""
    tops = {f.split("/")[0] for f in files} | {"docs", "tests", "bench", "deploy", "templates", "recruit"}
    named = [q for q in _QUOTED.findall(source.text) if _PATH.fullmatch(q) and not q.startswith("/")]
    ours = [q for q in named if q.endswith(_OURS) or ("/" in q and q.removeprefix("./").split("/")[0] in tops)]
    links = [link for link in _LINK.findall(source.text) if not re.match(r"[a-z]+:|/", link)]
    return [f"{source.path}: names {q}, which does not exist" for q in [*ours, *links] if not _exists(q, source, files)]


def unnamed_top_level(readme: Source, files: frozenset[str]) -> list[str]:
    """Entries of the top level that the README does not explain, in backticks, or that are too many."""
    tops = sorted({f.split("/")[0] for f in files})
    quoted = {q.removeprefix("./").rstrip("/").split("/")[0] for q in _QUOTED.findall(readme.text)}
    found = [f"{readme.path}: does not name {top}" for top in tops if top not in quoted]
    return found + ([f"the top level has {len(tops)} entries; 15 is the most"] if len(tops) > 15 else [])


# --- libraries ------------------------------------------------------------------------------------

# Needed at run time by a library of ours, by name: drivers of Piccolo, calendars of zoneinfo, the server's loop.
USED_BY_OTHERS = {"aiosqlite", "asyncpg", "tzdata"}
# Comes with another library, which re-exports it as its own.
_COMES_WITH = {"markupsafe": "jinja2", "pyhanko-certvalidator": "pyhanko", "asn1crypto": "pyhanko"}


def _plain(name: str) -> str:
    return re.split(r"[\[<>=!~; ]", name)[0].lower().replace("_", "-")


def libraries(sources: Iterable[Source]) -> set[str]:
    """The distributions whose modules are imported, by their names in the package index."""
    tops = {name.split(".")[0] for s in sources for _, name in imports(s)} - set(sys.stdlib_module_names) - {"recruit"}
    found = {_plain(packages_distributions().get(top, [top])[0]) for top in tops - {"piccolo_conf"}}
    return {_COMES_WITH.get(name, name) for name in found}


def declared(pyproject: Source) -> set[str]:
    """The distributions that an installed app brings along."""
    return {_plain(line) for line in tomllib.loads(pyproject.text)["project"]["dependencies"]}


def without_hashes(lock: Source) -> list[str]:
    """Lines of the lock that pip would take unseen, or that are no plain `name==version`."""
    entries = re.split(r"\n(?=[A-Za-z0-9])", "\n" + lock.text)[1:]
    return [e.splitlines()[0] for e in entries if "--hash=sha256:" not in e or "==" not in e.splitlines()[0]]


def not_locked(pyproject: Source, lock: Source) -> list[str]:
    """Declared libraries, those for development too, that the lock does not hold."""
    project = tomllib.loads(pyproject.text)["project"]
    wanted = {_plain(d) for d in [*project["dependencies"], *project["optional-dependencies"]["dev"]]}
    return sorted(wanted - {_plain(line) for line in re.findall(r"^[A-Za-z0-9][^ ;]*", lock.text, re.MULTILINE)})
