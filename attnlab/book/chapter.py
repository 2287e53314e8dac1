"""A stored notebook as a chapter in Markdown, for mdBook to lay out."""

from __future__ import annotations

import re
from collections.abc import Callable

from attnlab.book.folding import is_folded, tells_verdict
from attnlab.book.outputs import output_html
from attnlab.book.stored import tags
from attnlab.book.trouble import BookError

_FOLDED = '<details class="attn-folded">\n<summary>{}</summary>\n\n{}\n\n</details>'
_END = "\n\n</details>"
_PREDICTED = '<details class="attn-predicted">\n<summary>Show what comes out</summary>\n\n{}' + _END
_TICKS = re.compile(r"`{3,}")


def chapter(
    book, file: str, number: str, *, prose: Callable[[str, str], str], maths: Callable
) -> str:
    """The whole notebook, cell by cell.

    An output that answers a prediction is folded, with the verdict that follows it.
    A cell tagged remove-cell, remove-input or remove-output loses that; one tagged hide-cell,
    hide-input or hide-output has it folded, to be opened by a click.

    Args:
        book: a checked notebook (attnlab.book.stored).
        file, number: its name and the number of its chapter, such as "05".
        prose: (Markdown of a cell, cell id) -> the same with its links and formulas made ready.
        maths: (formula, display, place for messages) -> what stands for it on the page.
    """

    def body(cell) -> str:
        if cell.cell_type == "markdown":
            return prose(_attached(cell, file), cell.id)
        return _code(cell, file, number, prose, maths) if cell.cell_type == "code" else ""

    parts = []
    cells = [cell for cell in book.cells if "remove-cell" not in tags(cell)]
    for before, cell in zip([None, *cells], cells, strict=False):
        part = f'<div class="attn-anchor" id="{anchor(cell.id)}"></div>'
        shown = body(cell)
        if "hide-cell" in tags(cell):
            shown = _FOLDED.format("Show this cell", shown)
        if before is not None and tells_verdict(cell, before) and parts[-1].endswith(_END):
            parts[-1] = parts[-1].removesuffix(_END) + f"{part}\n\n{shown}{_END}"
        else:
            parts += [part, shown]
    return "\n\n".join(part for part in parts if part) + "\n"


def anchor(cell: str) -> str:
    """Where on its page a cell stands: the ids of headings are mdBook's own."""
    return f"cell-{cell}"


def _attached(cell, file: str) -> str:
    """The Markdown with the pictures that were dragged into the cell put in their places."""

    def picture(found: re.Match) -> str:
        data = cell.get("attachments", {}).get(found[1], {})
        if not data:
            cure = "drag the picture into the cell again"
            raise BookError(file, f"the picture {found[1]} is not stored", cure, cell.id)
        kind, content = next(iter(data.items()))
        return f"](data:{kind};base64,{''.join(content.split())})"

    return re.sub(r"\]\(attachment:([^)\s]+)\)", picture, cell.source)


def _code(cell, file: str, number: str, prose: Callable, maths: Callable) -> str:
    shown = [
        output_html(output, index, cell.id, chapter=number, file=file, maths=maths, prose=prose)
        for index, output in enumerate(cell.outputs)
    ]
    inputs = _fence(cell.source) if cell.source.strip() else ""
    outputs = "\n\n".join(filter(None, shown))
    for part, word in [("input", "code"), ("output", "answer")]:
        given = inputs if part == "input" else outputs
        if f"remove-{part}" in tags(cell):
            given = ""
        elif f"hide-{part}" in tags(cell) and given:
            given = _FOLDED.format(f"Show the {word}", given)
        if part == "input":
            inputs = given
        else:
            outputs = given
    if is_folded(cell) and outputs:
        outputs = _PREDICTED.format(outputs)
    return "\n\n".join(filter(None, [inputs, outputs]))


def _fence(source: str) -> str:
    longest = max([2, *(len(found) for found in _TICKS.findall(source))])
    ticks = "`" * (longest + 1)
    return f"{ticks}python\n{source}\n{ticks}"
