"""The children of RecruitError, read from the source: what each says and whether anything raises it.

Guards that every failure has a status and a sentence, and that no error is kept for a case that no longer exists.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.contracts.house import Source, last_name

ROOT_ERROR = "RecruitError"
OUR_FAULT = 500


@dataclass
class ErrorClass:
    """One error: its own class attributes, its parents by name, where it stands."""

    name: str
    where: str
    parents: tuple[str, ...]
    own: dict[str, object] = field(default_factory=dict)


def children(sources: Iterable[Source]) -> dict[str, ErrorClass]:
    """Every class that descends from the root, by name."""
    classes = {
        node.name: ErrorClass(
            node.name, f"{s.path}:{node.lineno}", tuple(last_name(b) for b in node.bases), _attributes(node)
        )
        for s in sources
        for node in ast.walk(s.tree)
        if isinstance(node, ast.ClassDef)
    }
    return {name: c for name, c in classes.items() if name != ROOT_ERROR and _descends(c, classes)}


def _attributes(node: ast.ClassDef) -> dict[str, object]:
    found: dict[str, object] = {}
    for step in node.body:
        targets = (
            step.targets if isinstance(step, ast.Assign) else [step.target] if isinstance(step, ast.AnnAssign) else []
        )
        value = getattr(step, "value", None)
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(value, ast.Constant):
                found[target.id] = value.value
    return found


def _descends(c: ErrorClass, classes: dict[str, ErrorClass]) -> bool:
    return any(p == ROOT_ERROR or (p in classes and p != c.name and _descends(classes[p], classes)) for p in c.parents)


def said(c: ErrorClass, known: dict[str, ErrorClass], attribute: str) -> object:
    """Its own word, or a parent's. The root's do not count, save its status: 500 is said of what is our fault."""
    if attribute in c.own:
        return c.own[attribute]
    return next((said(known[p], known, attribute) for p in c.parents if p in known), None)


def speechless(known: dict[str, ErrorClass]) -> list[str]:
    """Errors with a status that is no failure, or without a sentence of their own."""
    found = []
    for c in known.values():
        status, text = said(c, known, "status") or OUR_FAULT, said(c, known, "text")
        if not (isinstance(status, int) and 400 <= status <= 599):
            found.append(f"{c.where}: {c.name} has no status")
        if not (isinstance(text, str) and text.strip()):
            found.append(f"{c.where}: {c.name} has no text")
    return found


def never_raised(known: dict[str, ErrorClass], sources: Iterable[Source]) -> list[str]:
    """Errors that nothing makes; a parent counts as raised when a child is."""
    made: set[str] = set()
    for s in sources:
        for node in ast.walk(s.tree):
            if isinstance(node, ast.Call):
                made.add(last_name(node.func))
            elif isinstance(node, ast.Raise) and node.exc:
                made.add(last_name(node.exc))
    parents = {p for c in known.values() if c.name in made for p in c.parents}
    return [f"{c.where}: {c.name} is never raised" for c in known.values() if c.name not in made | parents]
