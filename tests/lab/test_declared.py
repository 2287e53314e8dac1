"""What a figure declares: the bounds of its traits, and the controls that set them."""

from importlib import import_module
from pathlib import Path

import ipywidgets as w
import numpy as np
import pytest
import traitlets as t

from attnlab.lab import (
    Reading,
    attention_bench,
    attention_graph,
    attention_heads,
    attention_heatmap,
    beam_tree,
    captioner,
    convolution_heads,
    decoder_steps,
    head_wall,
    kernel_regression,
    mask_builder,
    merges,
    next_token,
    norm_block,
    online_softmax,
    pixel_attention,
    position_clocks,
    relay,
    ring_all_reduce,
    score_spread,
    softmax_bench,
    speech_window,
    state_matrix,
)
from attnlab.lab.widgets import mixing, translator
from attnlab.lab.widgets.bounds import OneOf, Positive, Real, Whole
from attnlab.lab.widgets.controls import LogSlider, Pressed
from attnlab.lab.widgets.declared import Menu, Number, Press, Switch, TextField
from attnlab.lab.widgets.figure import Figure
from attnlab.lab.widgets.model_figure import ModelFigure
from attnlab.lab.widgets.translation_figure import TranslationFigure
from attnlab.recipes import trained

BASES = (Figure, ModelFigure, TranslationFigure)
KINDS = {
    Switch: t.Bool,
    Menu: OneOf,
    TextField: t.Unicode,
    Number: (Whole, Real, Positive),
    Press: (Whole, Real),
}
SCALES = {0.0: "log", 1.0: "log1p"}  # by what is added before it is doubled
CAPTIONERS = {name: trained("captions", name) for name in ("gru", "transformer")}
LIVE = {
    "bench": attention_bench(["a", "b"], np.eye(2), controls=["temperature"]),
    "heatmap": attention_heatmap(np.zeros((2, 3, 5, 7))),
    "heads": attention_heads(np.zeros((2, 3, 5, 5)), moments=["now", "then"]),
    "graph": attention_graph(np.eye(5, 2), np.ones((5, 5))),
    "masks": mask_builder(np.zeros((5, 5)), adjacency=np.ones((5, 5))),
    "clocks": position_clocks(4),
    "merges": merges("low low lower", steps=5),
    "wall": head_wall(
        [np.full((2, 3, 4, 4), 0.25)] * 2,
        [list("abcd"), list("efgh")],
        kinds={"previous word": np.ones((2, 3)), "broad": np.zeros((2, 3))},
        changes=np.zeros((2, 3)),
    ),
    "decoder": decoder_steps(
        [Reading(tuple("abc"), tuple("xy"), np.zeros((2, 3)), np.eye(3))] * 2, ["one", "two"]
    ),
    "kernel": kernel_regression([0, 1, 2], [5.0, 3.0, 4.0]),
    "next": next_token(np.eye(2, 5), list("abcde"), ["The", "A"], temperature=0.1),
    "beam": beam_tree({"a": {"x": 1.0}, "b": {"y z": 1.0}}),
    "relay": relay(controls=["length", "gate", "fit"]),
    "norm": norm_block(np.zeros((2, 3, 4)), controls=["padding", "show", "kind"], most=3),
    "softmax": softmax_bench(list("abc"), [1, 2, 3], shift=1000.0),
    "state": state_matrix(np.eye(3), np.ones((3, 2))),
    "online": online_softmax([1.0, 2.0, 3.0, 0.0]),
    "pixels": pixel_attention(),
    "convolution": convolution_heads(np.eye(8), sharpness=2.5),
    "window": speech_window(np.eye(7), 2, {1: 0.5, 2: 0.25}),
    "captioner": captioner(CAPTIONERS, look="layer 1, head 3", cover=True),
    "ring": ring_all_reduce(step=3),
    "spread": score_spread(np.ones((3, 16)), np.ones((3, 5, 16))),
}


def within(box) -> list:
    """The controls of a row, in their order; of a number's two the slider."""
    if not isinstance(box, w.Box):
        return [] if isinstance(box, w.BoundedIntText | w.BoundedFloatText) else [box]
    return [control for child in box.children for control in within(child)]


def of(control) -> dict:
    """What a control can set, as a figure would declare it."""
    if isinstance(control, w.Checkbox):
        return {"label": control.description}
    if hasattr(control, "_options_labels"):
        return {"label": control.description, "options": control._options_labels}
    if isinstance(control, Pressed):
        return {"label": control.description, "says": control.says, "add": control.add}
    if isinstance(control, LogSlider):
        ends = {"low": control.low, "high": control.high, "step": control.step}
        return {"label": control.description, "scale": SCALES[control.plus], **ends}
    bounds = {"low": control.min, "high": control.max, "step": control.step}
    return {"label": control.tooltip, **bounds}


@pytest.mark.parametrize("live", LIVE.values(), ids=LIVE)
def test_settings_are_what_the_controls_set_in_their_order(live):
    declared = [{k: v for k, v in each.items() if k != "trait"} for each in live.figure.settings]
    assert declared == [of(control) for control in within(live.children[0])]
    values = [getattr(live.figure, each["trait"]) for each in live.figure.settings]
    assert values == [control.value for control in within(live.children[0])]


@pytest.mark.parametrize("live", LIVE.values(), ids=LIVE)
def test_both_ends_of_every_control_can_be_shown(live):
    for each in live.figure.settings:
        ends = each.get("options") or [each.get("low", False), each.get("high", True)]
        before = getattr(live.figure, each["trait"])
        for end in ends:
            setattr(live.figure, each["trait"], end)
            assert live.figure.result is not None
        setattr(live.figure, each["trait"], before)


def test_every_figure_declares_its_controls():
    folder = Path(translator.__file__).parent
    modules = [import_module(f"attnlab.lab.widgets.{path.stem}") for path in folder.glob("*.py")]
    kinds = {kind for module in modules for kind in vars(module).values() if _own(kind)}
    assert len(kinds) == 29
    for kind in kinds:
        for control in kind.controls:
            trait = kind.class_traits()[control.trait]
            assert trait.metadata["sync"], f"{kind.__name__}.{control.trait}"
            assert isinstance(trait, KINDS[type(control)]), f"{kind.__name__}.{control.trait}"


def _own(kind) -> bool:
    return isinstance(kind, type) and issubclass(kind, Figure) and kind not in BASES


def test_where_there_is_nothing_to_choose_there_is_no_control():
    live = beam_tree({"only": {"x": 1.0}})
    assert [each["trait"] for each in live.figure.settings] == ["width", "step"]
    bare = attention_heatmap([[1.0]], controls=[])
    assert bare.figure.settings == []
    assert bare.children == (bare.figure,)


def test_a_slider_reaches_the_value_that_a_figure_starts_with():
    live = attention_heatmap([[1.0, 2.0]], temperature=0.05, controls=["temperature"])
    assert live.figure.settings[0]["low"] == 1 / 32, "the next power of 2: 1 is reached exactly"
    assert live.figure.settings[0]["high"] == 8


def test_all_prepared_sentences_of_a_translator_are_declared():
    typed = translator.Translator.controls[0]

    class Typed(Figure):
        typed = t.Unicode("two").tag(sync=True)
        names = ("one", "two")

    declared = {"trait": "typed", "label": "English", "options": ["one", "two"]}
    assert typed.settings(Typed()) == [declared]


def test_a_control_by_another_name_is_refused():
    with pytest.raises(ValueError, match=r"\['layer'\], and knows only \['causal', 'reach', 'temp"):
        attention_heatmap(np.zeros((2, 1, 3, 3)), controls=["layer"])


class Bounded(Figure):
    """A figure of bounds alone."""

    last = t.Int(3).tag(sync=True)
    names = t.List(t.Unicode(), ["a", "b"])
    place = Whole(1, "last", default=1, cure=": the row ends there")
    free = Whole(0)
    part = Real(0.5, 1, default=1.0)
    heat = Positive(least=1e-3)
    name = OneOf("names", "a")


@pytest.mark.parametrize(
    ("traits", "said"),
    [
        ({"place": 0}, "place is 0, and must be from 1 to 3: the row ends there$"),
        ({"place": 5, "last": 4}, "place is 5, and must be from 1 to 4"),
        ({"free": -1}, "free is -1, and must be at least 0$"),
        ({"part": 0.25}, "part is 0.25, and must be from 0.5 to 1$"),
        ({"part": float("nan")}, "part is nan"),
        ({"heat": 1e-4}, "heat is 0.0001, and must be finite and at least 0.001"),
        ({"heat": float("inf")}, "heat is inf"),
        ({"name": "c"}, "name is 'c', and must be one of a, b"),
    ],
)
def test_what_lies_outside_is_named_with_its_range(traits, said):
    with pytest.raises(ValueError, match=said):
        Bounded(**traits)
    with pytest.raises(ValueError, match=said):
        Bounded().set_state(traits)  # as a message from the page does


def test_a_bound_may_be_set_after_what_it_bounds():
    figure = Bounded(place=7, last=9)
    assert (figure.place, figure.last) == (7, 9)
    with figure.hold_trait_notifications():
        figure.place, figure.last = 11, 12
    with pytest.raises(ValueError, match="place is 13, and must be from 1 to 12"):
        figure.place = 13


def test_other_kinds_are_refused_as_ever():
    with pytest.raises(t.TraitError, match="expected an int"):
        Bounded(place="2")


def test_a_part_of_a_layer_and_its_mask_are_menus():
    assert [type(each) for each in mixing.LayerMixing.controls] == [Menu, Menu]
