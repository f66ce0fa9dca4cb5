"""The sentences of the program and their translations, as the contract tests collect them.

Guards that nothing is shown half translated, and that no translation outlives its sentence.
"""

import ast
import io
import re
import string
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import jinja2
from babel.messages.pofile import read_po
from jinja2 import nodes

from tests.contracts.house import Source, last_name

_MARKS = {"_", "_n", "N_", "tr"}
_JINJA = jinja2.Environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"])


@dataclass(frozen=True)
class Entry:
    """One message of a catalogue; a plural has two forms."""

    path: str
    ids: tuple[str, ...]
    strings: tuple[str, ...]
    fuzzy: bool


def in_python(source: Source) -> Iterator[str]:
    """What a Python file marks as a sentence: `_("…")`, `.plural("…", …)`, a flash, and the errors of a form."""
    for node in ast.walk(source.tree):
        found: list[ast.expr] = []
        if isinstance(node, ast.Call):
            if last_name(node.func) in _MARKS or (isinstance(node.func, ast.Attribute) and node.func.attr == "plural"):
                found = node.args[:1]
            elif last_name(node.func) == "redirect":
                found = [*node.args[1:2], *(k.value for k in node.keywords if k.arg == "flash")]
            elif last_name(node.func) == "FormInvalid" and node.args and isinstance(node.args[0], ast.Dict):
                found = node.args[0].values
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            found = [node.value] if last_name(node.targets[0].value) == "errors" else []
        for value in found:
            yield from _constants(value)
    if source.stem == "words":
        yield from _tabled(source)


def _tabled(source: Source) -> Iterator[str]:
    """What a `words.py` holds: the values of its tables, and the single sentences beside them."""
    for statement in source.tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            yield from _values(statement.value)


def _values(value: ast.expr) -> Iterator[str]:
    inner: list[ast.expr] = []
    if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
        yield value.value
    elif isinstance(value, ast.Dict):
        inner = value.values
    elif isinstance(value, ast.BinOp):
        inner = [value.left, value.right]
    elif isinstance(value, ast.Call):
        inner = value.args
    elif isinstance(value, ast.Tuple):
        inner = value.elts
    for part in inner:
        yield from _values(part)


def _constants(value: ast.expr) -> Iterator[str]:
    """The sentences an expression can be: both arms of a choice."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from _constants(value.body)
        yield from _constants(value.orelse)


def patterns(source: Source) -> Iterator[re.Pattern[str]]:
    """What `_(f"article {number}")` can say: the sentence is put together, its translation stands ready."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and last_name(node.func) in _MARKS and node.args:
            first = node.args[0]
            if isinstance(first, ast.JoinedStr):
                parts = (re.escape(str(v.value)) if isinstance(v, ast.Constant) else ".+" for v in first.values)
                yield re.compile("".join(parts))


def in_template(source: Source) -> Iterator[str]:
    """What a template marks as a sentence."""
    for call in _JINJA.parse(source.text).find_all(nodes.Call):
        named = isinstance(call.node, nodes.Name) and call.node.name in _MARKS
        plural = isinstance(call.node, nodes.Getattr) and call.node.attr == "plural"
        for value in call.args[:1] if named or plural else ():
            yield from (c.value for c in [value, *value.find_all(nodes.Const)] if isinstance(c, nodes.Const))


_PARTS = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_CODE = re.compile(r"<(script|style|code|pre)\b.*?</\1>|<!--.*?-->|&\w+;", re.DOTALL)
_HEARD = re.compile(r'\b(?:alt|title|placeholder|aria-label|summary)="([^"]*)"')
_MARKUP = re.compile(r'<[^>]*>|[\w-]+="[^"]*"')
_SENTENCE = re.compile(r"^[A-ZÆØÅ]\w+ \w+|^[A-ZÆØÅ][a-zæøå]{3,}$")
SAME_IN_BOTH = {"CV", "Norsk", "Norsk bokmål", "Norsk (bokmål)", "English", "datatilsynet.no", "www.datatilsynet.no"}


def bare(source: Source) -> list[str]:
    """What a page would say in one language only: words between or in its tags, or handed to a macro unmarked."""
    page = _CODE.sub(" ", _PARTS.sub(" ", source.text))
    said = [*_HEARD.findall(page), *_MARKUP.sub("\n", page).splitlines()]
    said = [text.strip() for text in said if re.search(r"[^\W\d_]{2}", text)]
    marked = {
        const.value
        for call in _JINJA.parse(source.text).find_all(nodes.Call)
        if _marks(call)
        for const in call.find_all(nodes.Const)
    }
    said += [text for text in any_text(source) if _SENTENCE.search(text) and text not in marked]
    return [f"{source.path}: {text!r} is marked for no translation" for text in said if text not in SAME_IN_BOTH]


def _marks(call: nodes.Call) -> bool:
    plural = isinstance(call.node, nodes.Getattr) and call.node.attr == "plural"
    return plural or (isinstance(call.node, nodes.Name) and call.node.name in _MARKS)


def any_text(source: Source) -> Iterator[str]:
    """Every text constant: a sentence that stands in a table is used without a mark beside it."""
    if source.path.endswith(".py"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
    else:
        for const in _JINJA.parse(source.text).find_all(nodes.Const):
            if isinstance(const.value, str):
                yield const.value


def entries(source: Source) -> Iterator[Entry]:
    """The messages of one catalogue."""
    for message in read_po(io.BytesIO(source.text.encode()), locale="nb"):
        if message.id:
            ids = message.id if isinstance(message.id, list | tuple) else (message.id,)
            strings = message.string if isinstance(message.string, list | tuple) else (message.string or "",)
            yield Entry(source.path, tuple(ids), tuple(strings), message.fuzzy)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def faults(entry: Entry) -> list[str]:
    """What is wrong with one message: nothing said, doubted, or other placeholders than the sentence has."""
    where = f"{entry.path}: {entry.ids[0]!r}"
    if not all(entry.strings) or len(entry.strings) != len(entry.ids):
        return [f"{where} is not translated"]
    if entry.fuzzy:
        return [f"{where} is marked as doubtful"]
    wanted = set().union(*(placeholders(i) for i in entry.ids))
    strange = [
        s for s in entry.strings if placeholders(s) - wanted or (len(entry.ids) == 1 and placeholders(s) != wanted)
    ]
    return [f"{where} has other placeholders in its translation"] if strange else []


def untranslated(used: set[str], catalogue: list[Entry]) -> list[str]:
    known = {entry.ids[0] for entry in catalogue}
    return [f"{text!r} has no Norwegian translation" for text in sorted(used - known)]


def unused(texts: set[str], catalogue: list[Entry], made: Collection[re.Pattern[str]] = ()) -> list[str]:
    """Entries that no constant and no pattern says."""
    return [
        f"{e.path}: {e.ids[0]!r} is used nowhere"
        for e in catalogue
        if e.ids[0] not in texts and not any(p.fullmatch(e.ids[0]) for p in made)
    ]


def contradictions(catalogue: list[Entry]) -> list[str]:
    """The same sentence translated in two ways: which one wins would depend on the order of files."""
    first: dict[str, Entry] = {}
    return [
        f"{e.path}: {e.ids[0]!r} is translated otherwise in {first[e.ids[0]].path}"
        for e in catalogue
        if first.setdefault(e.ids[0], e).strings != e.strings
    ]
