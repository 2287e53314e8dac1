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
    models = _below(state_of(chapter.notebook), figure.model)
    words = [_setting(_word(models, chapter, trait), value) for trait, value in values.items()]
    parts = [", ".join(words)] if words else ["as it opens"]
    if focus:
        parts.append(f"point at {_focus(models, focus)}")
    return "; ".join(parts)


def _written(value) -> str:
    return str(value).lower() if isinstance(value, bool) else quote(str(value), safe="")


def _setting(word: str, value) -> str:
    if isinstance(value, bool):
        return f"{word} {'on' if value else 'off'}"
    if isinstance(value, str):
        return f"{word}: {value}"
    return f"{word} {value:g}"


def _below(models: dict, name: str) -> dict:
    """The models of a widget: its own and those of all its parts."""
    children = models[name]["state"].get("children", [])
    found = {name: models[name]}
    for child in children:
        found |= _below(models, _REFERENCE.match(child)[1])
    return found


def _word(models: dict, chapter: Chapter, trait: str) -> str:
    """What stands beside the control that moves this trait."""
    for link in state_of(chapter.notebook).values():
        if link["model_name"] not in ("LinkModel", "DirectionalLinkModel"):
            continue
        (control, _), (figure, moved) = (_end(link["state"][end]) for end in ("source", "target"))
        if moved == trait and control in models and figure in models:
            state = models[control]["state"]
            word = state.get("description") or state.get("tooltip")
            if word and "_anywidget_id" in models[figure]["state"]:
                return word.removeprefix("or ")
    raise LookupError(f"no control moves {trait}")


def _end(of_link: list[str]) -> tuple[str, str]:
    return _REFERENCE.match(of_link[0])[1], of_link[1]


def _focus(models: dict, focus: list[int]) -> str:
    """The cell to point at, counted from 1, with its words where the figure has some."""
    states = (model["state"] for model in models.values())
    figure = next((state for state in states if "focus" in state), {})
    parts = []
    for part, names, index in zip(
        ("row", "column"), ("query_words", "key_words"), focus, strict=True
    ):
        words = figure.get(names) or []
        known = index < len(words) and isinstance(words[index], str)
        parts.append(f"{part} {index + 1}" + (f" ({words[index]})" if known else ""))
    return ", ".join(parts)
