"""How a figure is set, as an address and in words."""

import pytest

from attnlab.book.settings import address, said
from courses import chapter, figure, one, prose, real, settings

HEAT = one().figures[0]


def test_an_address_names_the_cell_and_then_the_traits():
    values = {"temperature": 0.125, "layer": 4, "causal": True, "window": False}
    assert address(one(), "heat", values, [2, 11]) == (
        "01_one.html#cell-heat?temperature=0.125&layer=4&causal=true&window=false&focus=2,11"
    )
    assert address(one(), "heat", {}, None) == "01_one.html#cell-heat"
    assert address(one(), "heat", {}, [0, 0]) == "01_one.html#cell-heat?focus=0,0"


@pytest.mark.parametrize("text", ["a & b=c?#d", "and/or", "100 %", "<begin> the", "façade", "a+b"])
def test_text_comes_through_an_address_as_it_is(text):
    found = address(one(), "heat", {"kind": text, "head": 1})
    assert found.count("#") == found.count("?") == 1
    assert found.isascii()
    assert "/" not in found
    assert settings(found) == {"kind": text, "head": "1"}


def test_settings_are_said_in_the_words_of_the_controls():
    values = {"temperature": 8.0, "causal": False, "kind": "a, b"}
    assert said(one(), HEAT, values, None) == "temperature 8, causal off, sort: a, b"
    assert said(one(), HEAT, {"causal": True}, None) == "causal on"


def test_the_cell_to_point_at_is_counted_from_one_and_named_where_it_has_a_name():
    assert said(one(), HEAT, {}, [1, 0]) == "as it opens; point at row 2 (sat), column 1"
    assert said(one(), HEAT, {"causal": True}, [5, 2]) == "causal on; point at row 6, column 3"


def test_parts_of_a_machine_are_taken_away_and_opened_by_their_names():
    machine = real().chapters[5]
    (layer,) = (each for each in machine.figures if each.cell == "the-layer")
    values = {"off": ["heads.0", "heads.1"], "unfolded": []}
    assert address(machine, "the-layer", values).endswith("?off=heads.0,heads.1&unfolded=")
    assert said(machine, layer, values, [8, 2]) == (
        "switched off: heads.0, heads.1, opened: nothing; point at row 3 of joined"
    )
    opened = {"unfolded": ["attention", "attention.weights", "output"]}
    assert said(machine, layer, opened, None) == "opened: attention.weights, output"
    with pytest.raises(LookupError, match="no control moves off"):
        said(one(), HEAT, {"off": []}, None)


@pytest.mark.parametrize("trait", ["scores", "value", "width"])
def test_what_no_control_of_the_figure_moves_is_refused(trait):
    with pytest.raises(LookupError, match=f"no control moves {trait}"):
        said(one(), HEAT, {trait: 1}, None)


def test_what_is_no_figure_has_nothing_to_set():
    inner = chapter("03", "Three", figure("b", "switch"), prose("c", "**Figure 3.1.** c"))
    with pytest.raises(LookupError, match="no control moves causal"):
        said(inner, inner.figures[0], {"causal": True}, None)
