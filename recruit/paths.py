"""Where the files that are not Python lie, in a checkout and in an installed wheel alike.

Guards that `recruit demo` runs outside a checkout: the wheel carries `templates/` inside the package, and there it is
looked for first. Never depends on the current folder.
"""

from pathlib import Path

PACKAGE = Path(__file__).parent


def templates_dir() -> Path:
    """The folder of the Jinja templates: inside the package when installed, beside it in a checkout."""
    inside = PACKAGE / "templates"
    return inside if inside.is_dir() else PACKAGE.parent / "templates"
