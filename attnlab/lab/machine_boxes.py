"""What the drawing of a machine is made of: boxes with an array each, groups, and their arrows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from attnlab.lab.code_lines import Anchor, code_line

_PART = re.compile(r"_\{([^}]*)\}|_(\w)|\^\{([^}]*)\}|\^(\S)|(?<![\w√])([QKVO])(?![A-Za-z(])")
_INK = {"Q": "attn-query", "K": "attn-key", "V": "attn-value", "O": "attn-output"}


@dataclass(frozen=True, kw_only=True)
class Box:
    """A box of a machine: an array of the model, with what makes it.

    Args:
        id: no other box or group of the plan has it.
        label: its name in the drawing.
        kind: what it does, as "linear" or "norm"; it says how its arithmetic is written.
        array: the path of its array in a run of the model; None for words.
        rows: what its rows are: the words of the "source" or of the "target", or just "one".
        of: the ids of the boxes that it is made of.
        around: that one of them which comes by the way round a sublayer.
        before: a box whose row of the step before is read too, as a recurrent network does.
        formula: as `formula_parts` takes it.
        code: the line of the package that makes it.
        say: what it does, in one plain sentence.
        keys: of scores and weights, what their columns are: the "source" or the "target".
        heads: into how many heads its columns are split.
        switches: names of what can be switched off here, each with its label.
    """

    id: str
    label: str
    kind: str
    array: str | None
    rows: str
    of: tuple[str, ...] = ()
    around: str | None = None
    before: str | None = None
    formula: str = ""
    code: Anchor | None = None
    say: str
    keys: str | None = None
    heads: int = 1
    switches: tuple[tuple[str, str], ...] = ()

    def sent(self) -> dict[str, Any]:
        """As the page gets it."""
        line, where = code_line(self.code) if self.code else ("", "")
        plain = ("id", "label", "kind", "array", "rows", "before", "say", "keys", "heads")
        return {name: getattr(self, name) for name in plain} | {
            "of": list(self.of),
            "off": self.switches[0][0] if len(self.switches) == 1 else None,
            "switches": [{"off": off, "label": label} for off, label in self.switches],
            "formula": formula_parts(self.formula),
            "code": {"line": line, "where": where},
        }


@dataclass(frozen=True)
class Group:
    """Boxes and groups that can be folded into one; `side`: they stand side by side."""

    id: str
    label: str
    items: Sequence[Box | Group]
    side: bool = False

    def sent(self) -> dict[str, Any]:
        """As the page gets it."""
        items = [item.sent() for item in self.items]
        named = {"id": self.id, "label": self.label, "kind": "group"}
        return named | {"items": items, "side": self.side}


@dataclass(frozen=True)
class Column:
    """A column of boxes from top to bottom: encoder or decoder."""

    id: str
    title: str
    rows: str
    items: Sequence[Box | Group]


def sent_plan(title: str, columns: Sequence[Column]) -> dict[str, Any]:
    """The plan of a machine as the page gets it, with an arrow from each box to what it makes."""
    return {
        "title": title,
        "columns": [
            {
                "id": column.id,
                "title": column.title,
                "rows": column.rows,
                "items": [item.sent() for item in column.items],
            }
            for column in columns
        ],
        "arrows": list(_arrows(columns)),
    }


def boxes_in(items: Iterable[Box | Group]) -> Iterator[Box]:
    """All boxes among these items, in the order in which they are walked."""
    for item in items:
        if isinstance(item, Box):
            yield item
        else:
            yield from boxes_in(item.items)


def items_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All boxes and groups of a plan that was sent, each group before what is in it."""
    waiting = [item for column in plan["columns"] for item in column["items"]]
    while waiting:
        item = waiting.pop(0)
        waiting[:0] = item.get("items", [])
        yield item


def switches_of(plan: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """All that can be switched off in a plan that was sent: names with their labels."""
    for item in items_of(plan):
        for switch in item.get("switches", []):
            yield switch["off"], switch["label"]


def _arrows(columns: Sequence[Column]) -> Iterator[dict[str, str]]:
    column_of = {box.id: column.id for column in columns for box in boxes_in(column.items)}
    for column in columns:
        for box in boxes_in(column.items):
            for source in box.of:
                across = column_of[source] != column.id
                way = "short" if source == box.around else "across" if across else "down"
                yield {"from": source, "to": box.id, "way": way}


def formula_parts(formula: str) -> list[list[str]]:
    """A formula as pairs [kind, text]: Q, K, V and O in their colours, indices, powers.

    >>> formula_parts("Q K^⊤ / √d_k")
    [['attn-query', 'Q'], ['', ' '], ['attn-key', 'K'], ['sup', '⊤'], ['', ' / √d'], ['sub', 'k']]
    """
    parts, end = [], 0
    for found in _PART.finditer(formula):
        parts.append(["", formula[end : found.start()]])
        index, power, letter = found[1] or found[2], found[3] or found[4], found[5]
        parts.append(
            ["sub", index] if index else ["sup", power] if power else [_INK[letter], letter]
        )
        end = found.end()
    parts.append(["", formula[end:]])
    return [part for part in parts if part[1]]
