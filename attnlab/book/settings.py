"""How a live figure is set for a lecture: in words, and as an address that opens it so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from attnlab.book.course import Chapter, LiveFigure
from attnlab.book.stored import state_of

_REFERENCE = re.compile(r"IPY_MODEL_(\w+)")
_NAMES = {"step": "words written", "off": "switched off", "unfolded": "opened"}  # of a machine


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
    if isinstance(value, list):
        return quote(",".join(value), safe=",")
    return str(value).lower() if isinstance(value, bool) else quote(str(value), safe="")


def _setting(word: str, value) -> str:
    if isinstance(value, bool):
        return f"{word} {'on' if value else 'off'}"
    if isinstance(value, list):
        return f"{word}: {', '.join(_innermost(value)) or 'nothing'}"
    if isinstance(value, str):
        return f"{word}: {value}"
    return f"{word} {value:g}"


def _innermost(names: list[str]) -> list[str]:
    """Those that hold no other of them: weights, not the layer and the attention around it."""
    return [name for name in names if not any(each.startswith(f"{name}.") for each in names)]


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
    if trait in _NAMES and "plan" in state:
        return _NAMES[trait]
    raise LookupError(f"no control moves {trait}")


def _focus(state: dict, focus: list[int]) -> str:
    """The cell to point at, counted from 1, with its words where the figure has some."""
    if "plan" in state:
        box, row = focus
        return f"row {row + 1} of {list(_walked(state['plan']['columns']))[box]['id']}"
    parts = []
    for part, names, index in zip(
        ("row", "column"), ("query_words", "key_words"), focus, strict=True
    ):
        words = state.get(names) or []
        known = index < len(words) and isinstance(words[index], str)
        parts.append(f"{part} {index + 1}" + (f" ({words[index]})" if known else ""))
    return ", ".join(parts)


def _walked(items: list[dict]) -> Iterator[dict]:
    """The boxes and groups of a machine's plan, in the order in which its figure counts them."""
    for item in items:
        if "kind" in item:  # and no column
            yield item
        yield from _walked(item.get("items", []))
