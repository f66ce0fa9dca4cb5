"""Which part may import which: the arrows of docs/architecture.md, as a table.

Guards that rules stay pure, that services know no HTTP, and that no folder reaches into another one's pages.
"""

import ast

from tests.contracts.house import Source, imports

CAPABILITIES = (
    "accounts", "careers", "documents", "hiring", "incoming", "monitoring", "mydata", "notice", "receipts",
    "retention", "rights",
)  # fmt: skip
ENTRIES = ("__main__", "demo", "serving")
# The floor: what every capability stands on, and what therefore knows none of them.
FLOOR = (
    "attendance", "audit", "clock", "curriculum", "data_map", "database", "eml", "errors", "i18n", "mail", "packing",
    "paging", "paper", "paths", "searching", "settings", "site", "steps", "tables", "templating", "typed", "vault",
    "visible",
)  # fmt: skip
_CLOSING = (
    "retention.consent", "retention.facts", "retention.holds", "retention.recipients", "retention.remembered",
    "retention.service", "retention.words",
)  # fmt: skip
# Each arrow between capabilities: rooms of a folder, or the whole folder, its pages and jobs aside.
ARROWS: dict[str, tuple[str, ...]] = {
    "accounts": (),
    "documents": (),
    "monitoring": (),
    "receipts": (),
    "retention": ("receipts", "accounts.forms", "accounts.words", "documents.kinds"),
    "notice": ("retention",),
    "careers": (
        "retention.consent",
        "retention.facts",
        "retention.remembered",
        "retention.words",
        "documents",
        "notice",
        "hiring.contacts",
        "hiring.tripwire",
    ),
    "hiring": (
        *_CLOSING,
        "documents",
        "careers.entering",
        "careers.invited",
        "careers.rules",
        "careers.sourcing",
        "careers.visits",
    ),
    "incoming": (
        "retention.recipients",
        "retention.remembered",
        "documents",
        "careers.admitting",
        "careers.entering",
        "careers.rules",
        "careers.service",
        "careers.uploads",
        "hiring.access",
        "hiring.search",
    ),
    "rights": ("retention", "receipts", "documents", "notice", "careers.sourcing"),
    "mydata": (
        "retention",
        "rights",
        "receipts",
        "documents",
        "notice",
        "careers.admitting",
        "careers.hints",
        "careers.invited",
        "careers.positions",
        "careers.rules",
        "careers.uploads",
        "hiring.interviews",
        "hiring.likeness",
        "hiring.qualifications",
        "hiring.section31",
        "hiring.stages",
        "hiring.terms",
        "hiring.tripwire",
    ),
}
# Who is here, how they came in, and the policy as a value: every capability may ask.
FOR_ALL = (
    "accounts.guards",
    "accounts.lasting",
    "accounts.limits",
    "accounts.links",
    "accounts.sessions",
    "accounts.staff",
    "retention.rules",
)
PURE = ("recruit/receipts/facts.py", "recruit/retention/unusual.py", "recruit/spreadsheets.py")
PURE_MAY_USE = (
    "recruit.errors.",
    "recruit.i18n.",
    "recruit.clock.day",
    "recruit.clock.ZONE",
    "recruit.typed",
    "recruit.curriculum.",
    "recruit.hiring.stages.",
)
IMPURE_LIBRARIES = (
    "aiosqlite", "apscheduler", "asyncio", "asyncpg", "litestar", "obstore", "os", "pathlib", "piccolo", "random",
    "secrets", "socket", "sqlite3", "subprocess", "time", "uvicorn",
)  # fmt: skip


def is_pages(stem: str) -> bool:
    """`pages.py`, and the rooms that it was split into: `entering_pages.py`."""
    return stem == "pages" or stem.endswith("_pages")


def _part(parts: tuple[str, ...]) -> str:
    """`recruit.retention.purge` stands in the part `retention`."""
    return parts[1] if len(parts) > 1 else ""


def _forbidden(source: Source, target: tuple[str, ...]) -> str:
    """Why this file may not import that, or nothing."""
    here, there = _part(source.dotted), _part(target)
    room = target[2] if there in CAPABILITIES and len(target) > 2 else ""
    at_entry = here in ENTRIES
    if there == "app" and not at_entry:
        return "only the command line and the demonstration know the app"
    if there == "web" and not is_pages(source.stem) and source.stem != "app" and not at_entry:
        return "only pages use recruit.web"
    if is_pages(room) and here != "app" and not (here == there and is_pages(source.stem)):
        return "only rooms of the same pages import pages"
    if room == "jobs" and here != "worker" and not at_entry:
        return "only the worker and the command line import jobs"
    if here in FLOOR and there in CAPABILITIES:
        return f"{here} is floor and knows no capability"
    if here in CAPABILITIES and there in CAPABILITIES and here != there:
        full = f"{there}.{room}" if room else there
        if not full.startswith(ARROWS[here] + FOR_ALL):
            return f"there is no arrow from {here} to {full}"
    return ""


def wrong_arrows(source: Source) -> list[str]:
    """Imports against the direction."""
    found = []
    for line, name in imports(source):
        parts = tuple(name.split("."))
        why = _forbidden(source, parts) if parts[0] == "recruit" else ""
        if not why and parts[0] == "litestar" and source.stem in ("service", "jobs", "rules"):
            why = "rules, services and jobs know no HTTP"
        if why:
            found.append(f"{source.path}:{line}: imports {name}: {why}")
    return found


def _pure(source: Source) -> bool:
    """Every rules.py, the facts of a receipt, what stands out in the access log, and cells of a spreadsheet."""
    return source.stem == "rules" or source.path in PURE


def _is_value(parts: list[str]) -> bool:
    """A constant of another part is a frozen value, and another part's rules are as pure as these."""
    return parts[-1].isupper() or "rules" in parts[1:3] or parts[1:3] == ["receipts", "facts"]


def impure(source: Source) -> list[str]:
    """What pure code does beyond deciding: input, output, chance, waiting, other layers."""
    if not _pure(source):
        return []
    found = []
    for line, name in imports(source):
        parts = name.split(".")
        ours = parts[0] == "recruit" and not name.startswith(PURE_MAY_USE) and not _is_value(parts)
        if ours or parts[0] in IMPURE_LIBRARIES:
            found.append(f"{source.path}:{line}: pure code imports {name}")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.AsyncFunctionDef | ast.Await):
            found.append(f"{source.path}:{node.lineno}: pure code waits")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("open", "input"):
            found.append(f"{source.path}:{node.lineno}: pure code reads or writes")
    return found
