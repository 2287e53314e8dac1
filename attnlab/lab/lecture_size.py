"""A notebook for a room: everything large enough for the last row, and back again."""

from __future__ import annotations

import json
from pathlib import Path

_STYLE = Path(__file__).with_name("lecture.css")
_SCRIPT = """{
  const name = "attn-lecture-style";
  document.getElementById(name)?.remove();
  const style = Object.assign(document.createElement("style"), { id: name, textContent: %s });
  if (%s) document.head.append(style);
  document.documentElement.classList.toggle("attn-lecture", %s);
}"""


class Lecture:
    """What `lecture` shows: as HTML it changes the page on which it stands."""

    def __init__(self, on: bool):
        self.on = on

    def __repr__(self) -> str:
        if self.on:
            return "Large, for a room. lecture(False) makes everything as it was."
        return "As it was, for a desk."

    def _repr_html_(self) -> str:
        on = json.dumps(self.on)
        style = json.dumps(_STYLE.read_text(encoding="utf-8")).replace("</", "<\\/")
        return f"<p>{self}</p><script>{_SCRIPT % (style, on, on)}</script>"


def lecture(on=True) -> Lecture:
    """Enlarge text, code, tables, pictures and live figures of this notebook, for a room.

    It is legible at 1024 by 768 pixels: no label of a figure is below 20. What is shown already
    changes at once, and nothing need be run again. Make it the last line of a cell.

    Args:
        on: True, or False to make everything as it was.

    Raises:
        TypeError: `on` is neither True nor False.

    >>> lecture(False)
    As it was, for a desk.
    """
    if not isinstance(on, bool):
        raise TypeError(f"on is {on!r}: lecture() enlarges, lecture(False) undoes it")
    return Lecture(on)
