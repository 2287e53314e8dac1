"""The stored state of widgets: only what is shown, under ids that do not change from run to run."""

from __future__ import annotations

import json
import re

_VIEW = "application/vnd.jupyter.widget-view+json"
_REFERENCE = re.compile(r"IPY_MODEL_(\w+)")


def normalised_state(book, state: dict, code_of=None) -> dict:
    """The state with models that a view reaches, ids by order of use; outputs follow suit.

    Writes the new ids into the views among the outputs of `book`. Links between two models that
    are kept are kept too. Null layout entries say nothing and are dropped.
    """
    views = [
        output.data[_VIEW]
        for cell in book.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "data" in output and _VIEW in output.data
    ]
    order: list[str] = []
    for view in views:
        _reach(view["model_id"], state, order)
    order += _links(order, state)
    names = {old: f"{index:032x}" for index, old in enumerate(order)}
    for view in views:
        view["model_id"] = names[view["model_id"]]
    return {names[old]: _model(state[old], names, code_of) for old in order}


def reached(state: dict, views: list[str]) -> dict:
    """Of a stored state what these views need, with the links between their models."""
    order: list[str] = []
    for view in views:
        _reach(view, state, order)
    return {name: state[name] for name in order + _links(order, state)}


def _reach(name: str, state: dict, order: list[str]) -> None:
    if name not in state:
        raise ValueError(f"the widget {name} is shown but its state is not stored: run it again")
    if name not in order:
        order.append(name)
        for below in _REFERENCE.findall(json.dumps(state[name]["state"], sort_keys=True)):
            _reach(below, state, order)


def _links(kept: list[str], state: dict) -> list[str]:
    """Links whose two ends are kept, in the order of those, with what they need."""
    found = []
    for name, model in state.items():
        ends = _REFERENCE.findall(json.dumps([model["state"].get(k) for k in ("source", "target")]))
        if len(ends) == 2 and all(end in kept for end in ends):
            traits = [model["state"][k][1] for k in ("source", "target")]
            found.append(([kept.index(end) for end in ends], traits, name))
    return [name for *_, name in sorted(found)]


def _model(model: dict, names: dict[str, str], code_of) -> dict:
    written = json.dumps(model, sort_keys=True)
    model = json.loads(_REFERENCE.sub(lambda found: f"IPY_MODEL_{names[found[1]]}", written))
    state = model["state"]
    if model["model_name"] == "LayoutModel":
        model["state"] = {key: value for key, value in state.items() if value is not None}
    if code_of is not None and "_anywidget_id" in state:
        state["_esm"], state["_css"] = code_of(state["_anywidget_id"])
    return model
