"""What the contract tests read: the project's own files, as text and as syntax trees.

Guards that a contract looks at what a clone would hold, not at what a tool left behind.
"""

import ast
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Source:
    """One file: its path from the top of the project, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def dotted(self) -> tuple[str, ...]:
        """`recruit/retention/rules.py` as ("recruit", "retention", "rules")."""
        parts = PurePosixPath(self.path).with_suffix("").parts
        return parts[:-1] if parts[-1] == "__init__" else parts

    @property
    def stem(self) -> str:
        return PurePosixPath(self.path).stem


@cache
def project_files() -> tuple[str, ...]:
    """Every path that git knows or would take, that exists; all files where there is no git."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listing.returncode == 0 and listing.stdout:
        found = [p for p in listing.stdout.split("\0") if p and (ROOT / p).is_file()]
    else:
        found = [p.relative_to(ROOT).as_posix() for p in ROOT.rglob("*") if p.is_file()]
        found = [p for p in found if not re.search(r"(^|/)(\.venv|\.git|\.\w+_cache|__pycache__|var)/", p)]
    return tuple(sorted(set(found)))


def texts(*suffixes: str, under: tuple[str, ...] = ("",)) -> tuple[Source, ...]:
    """The files with these endings (all, when none is named) in these folders; binary ones are left out."""
    return tuple(
        Source(path, raw.decode("utf-8"))
        for path in project_files()
        if path.startswith(under)
        and (not suffixes or path.endswith(suffixes))
        and b"\0" not in (raw := (ROOT / path).read_bytes())
    )


@cache
def modules() -> tuple[Source, ...]:
    """The program: every Python file of recruit/, migrations aside, since Piccolo writes them."""
    return tuple(s for s in texts(".py", under=("recruit/",)) if not s.path.startswith("recruit/migrations/"))


def functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method, inner ones too."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imports(source: Source) -> Iterator[tuple[int, str]]:
    """Line and dotted name of whatever is imported, wherever in the file; `from a import b` counts as `a.b`."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                folder = source.dotted if source.stem == "__init__" else source.dotted[:-1]
                here = folder[: len(folder) - node.level + 1]
                base = ".".join([*here, *([base] if base else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def last_name(node: ast.AST) -> str:
    """`a.b.c` and `c` are both called `c`; anything else has no name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
