"""Links of a notebook on the pages of the book: from chapter to chapter, and never into nothing."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from attnlab.book.trouble import BookError

_LINK = re.compile(r"(!?\[[^\]]*\]\()([^)\s]+)((?:\s+\"[^\"]*\")?\))")
_CODE = re.compile(r"(`{3,}.*?`{3,}|~~~.*?~~~|`+[^`]+`+)", re.DOTALL)
_FOREIGN = re.compile(r"[a-z][a-z0-9+.-]*:|#|//", re.IGNORECASE)


def outside_code(markdown: str, change) -> str:
    """The Markdown with `change` made everywhere but in code."""
    parts = _CODE.split(markdown)
    return "".join(part if i % 2 else change(part) for i, part in enumerate(parts))


def linked(markdown: str, file: str, cell: str, folder: Path) -> str:
    """Links to notebooks made links to their pages.

    Args:
        markdown: of one cell.
        file, cell: where it stands, for messages.
        folder: of the notebooks.

    Raises:
        BookError: a link or a picture names a file that is not there, or a place outside.
    """

    def change(found: re.Match) -> str:
        target = found[2]
        if _FOREIGN.match(target):
            if found[1].startswith("!") and not target.startswith("data:"):
                cure = "store the picture in the notebook"
                raise BookError(file, f"{target} would be asked of another host", cure, cell)
            return found[0]
        path, _, place = target.partition("#")
        if not (folder / unquote(path)).is_file():
            raise BookError(file, f"there is no {path} to link to", "mend the link", cell)
        page = f"{path[:-6]}.html" if path.endswith(".ipynb") else path
        return found[1] + page + (f"#{place}" if place else "") + found[3]

    return outside_code(markdown, lambda text: _LINK.sub(change, text))
