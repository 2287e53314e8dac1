"""How a live figure is set for a lecture: in words, and as an address that opens it so."""

from __future__ import annotations

import re
from urllib.parse import quote

from attnlab.book.course import Chapter, LiveFigure
from attnlab.book.stored import state_of

_REFERENCE = re.compile(r"IPY_MODEL_(\w+)")


def address(chapter: Chapter, cell: str, values: dict, focus: list[int] | None = None) -> str:
    """The address that opens a chapter at a figure, set like this; live.js reads it.

    For example 05_many_heads.html#cell-the-figure?temperature=0.125&focus=2,1
    """
    parts = [f"{name}={_written(value)}" for name, value in values.items()]
    if focus:
        parts.append(f"focus={','.join(str(number) for number in focus)}")
    return chapter.place(cell) + ("?" + "&".join(parts) if parts else "")


def said(chapter: Chapter, figure: LiveFigure, values: dict, focus: list[int] | None) -> str:
    """The same in words: temperature 0.125, causal on; point at row 3 (sat), column 2 (cat).

    Raises:
        LookupError: a trait that no control of the figure moves.
    """
    state = _figure(state_of(chapter.notebook), figure.model)
    words = [_setting(_label(state, trait), value) for trait, value in values.items()]
    parts = [", ".join(words)] if words else ["as it opens"]
    if focus:
        parts.append(f"point at {_focus(state, focus)}")
    return "; ".join(parts)


def _written(value) -> str:
    return str(value).lower() if isinstance(value, bool) else quote(str(value), safe="")


def _setting(word: str, value) -> str:
    if isinstance(value, bool):
        return f"{word} {'on' if value else 'off'}"
    if isinstance(value, str):
        return f"{word}: {value}"
    return f"{word} {value:g}"


def _figure(models: dict, name: str) -> dict:
    """The state of the figure that a widget is or holds; nothing where there is none."""
    state = models[name]["state"]
    children = _REFERENCE.findall(" ".join(state.get("children", [])))
    inner = (_figure(models, child) for child in children)
    return state if "settings" in state else next(filter(None, inner), {})


def _label(state: dict, trait: str) -> str:
    """What stands beside the control that sets this trait."""
    for setting in state.get("settings", []):
        if setting["trait"] == trait:
            return setting["label"]
    raise LookupError(f"no control moves {trait}")


def _focus(state: dict, focus: list[int]) -> str:
    """The cell to point at, counted from 1, with its words where the figure has some."""
    parts = []
    for part, names, index in zip(
        ("row", "column"), ("query_words", "key_words"), focus, strict=True
    ):
        words = state.get(names) or []
        known = index < len(words) and isinstance(words[index], str)
        parts.append(f"{part} {index + 1}" + (f" ({words[index]})" if known else ""))
    return ", ".join(parts)
