"""Who may read applications, and what hangs on them, past the one place that hides the restricted (L15).

Guards that a list, a search, a statistic, an export or a mail that somebody adds later meets no restricted application:
it reads `FROM {APPLICATIONS} a` of recruit/visible.py, or stands here with its reason.
"""

import ast
import re
from collections.abc import Iterator

from tests.contracts.house import Source, last_name

MAY_READ = {
    "recruit/visible.py": "the place itself",
    "recruit/tables.py": "the database's own triggers",
    "recruit/hiring/service.py": "changes one application that `access.opened` gave",
    "recruit/hiring/questions.py": "whether anybody at all has applied",
    "recruit/hiring/team.py": "takes assignments away, of the restricted too",
    "recruit/hiring/section31.py": "delays the erasure of whoever was hired, of the restricted too; shows nobody",
    "recruit/searching/index.py": "in memory; whoever shows a hit looks it up through recruit/visible.py",
    "recruit/hiring/reading.py": "draws and reads documents ahead, and shows nothing",
    "recruit/careers/service.py": "the candidate's own form, and what a fault has left of it",
    "recruit/careers/sourcing.py": "who must be told, the restricted too (art. 14); ids and days, no names",
    "recruit/mydata/": "the candidate's own data",
    "recruit/rights/": "the candidate's own data, and the cases of the DPO",
    "recruit/incoming/matching.py": "ids; whoever shows one looks it up by what they may see (`search.among`)",
    "recruit/incoming/service.py": "seals an e-mail with one application that lives, and shows nothing of it",
    "recruit/retention/facts.py": "the rules judge the restricted as well: that is how they stop a purge",
    "recruit/retention/service.py": "guards follow the facts of all that live",
    "recruit/retention/consent.py": "the candidate's own consent",
    "recruit/retention/restrictions.py": "places and lifts restrictions",
    "recruit/retention/parts.py": "erases by category what was granted; the guard stops it while it is restricted",
    "recruit/retention/resealing.py": "seals anew what stays of one application",
    "recruit/retention/holds.py": "legal holds, which the DPO and who placed them look after",
    "recruit/retention/noticing.py": "tells candidates what is erased; what blocks, blocks the notice",
    "recruit/retention/inventory.py": "counts what an erasure takes",
    "recruit/retention/recipients.py": "tells whoever got data, of a restriction too (art. 19); shown in cases only",
    "recruit/retention/overview.py": "the DPO's desk",
    "recruit/retention/disclosures.py": "ids and counts, for the DPO's desk",
    "recruit/retention/access_log.py": "which looks were at what, for the DPO",
    "recruit/retention/forecasting.py": "counts, for the DPO's desk",
    "recruit/retention/sweeping.py": "removes what was erased",
    "recruit/check.py": "whether there is any document at all",
    "recruit/site.py": "whether there is any document at all",
    "recruit/trial.py": "whether an archive can be opened again",
    "recruit/restoring.py": "brings back the facts of all that live",
    "recruit/demo/": "made-up people",
}
"""Files and folders that may name the table, each with its reason."""

OPENS = "recruit/hiring/access.py"
"""May look at one application: `opened` admits only the DPO if it is restricted."""

_HANGING = "move|sourced|interview_note|referee|reference_check|screening|document|legal_hold|disclosure|consent"
_APPLICATION = re.compile(r"\b(?:FROM|JOIN)\s+application\b")
_HANGS = re.compile(rf"\b(?:FROM|JOIN)\s+(?:{_HANGING})\b")
_ONE = re.compile(r"\b(?:application|unit|candidate|id)\s*=\s*(?:\?|a\.(?:id|candidate)\b)")
_ROWS = {"select", "objects", "count", "exists"}


def unguarded_reads(source: Source) -> list[str]:
    """Statements that read applications, or many rows of what hangs on them, past `recruit/visible.py`."""
    if source.path.startswith(tuple(MAY_READ)):
        return []
    found = []
    for line, text in _statements(source.tree):
        hidden = "APPLICATIONS}" in text
        narrow = bool(_ONE.search(text))
        past = _APPLICATION.search(text) and not (source.path == OPENS and narrow)
        if past or (_HANGS.search(text) and not hidden and not narrow):
            found.append(f"{source.path}:{line}: reads past recruit/visible.py, so that restricted people show up")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr in _ROWS and last_name(node.value) == "Application":
            found.append(f"{source.path}:{node.lineno}: Application.{node.attr} reads past recruit/visible.py")
    return found


def _statements(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every text of the file, with `{name}` where an f-string puts something in."""
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(_part(part) for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.lineno, node.value


def _part(part: ast.expr) -> str:
    if isinstance(part, ast.FormattedValue):
        return "{" + last_name(part.value) + "}"
    return str(part.value) if isinstance(part, ast.Constant) else ""
