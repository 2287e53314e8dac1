"""Attention drawn as a flow: the numbers of the core, each array and arrow in its place."""

import doctest
import re
import sys
import xml.etree.ElementTree as ElementTree
from itertools import combinations, pairwise

import numpy as np
import pytest
import torch

from attnlab import attention, scaled_dot, self_attention, softmax
from attnlab.book.elements import check_html
from attnlab.lab import attention_flow
from attnlab.lab.flow_layout import TITLE, Box, laid_out
from attnlab.lab.widgets.assets import style

WORDS = ["The", "cat", "sat", "on", "the", "mat"]
X = np.array([[0, 0, 1, 0], [3, 0, 1, 0], [1, 1, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0], [0, 3, 1, 0]])
W_QUERY = np.array([[0, 1], [1, 0], [0, 0], [-1, 2]])
MATRICES = W_QUERY, np.eye(4, 2), np.eye(4, 3)
RANDOM = np.random.default_rng(0)
FLOWS = {
    "of words": attention_flow(WORDS, X),
    "by matrices": attention_flow(WORDS, X, *MATRICES),
    "one word": attention_flow(["a"], [[1.0]]),
    "all sizes differ": attention_flow(
        list("abcde"), *(RANDOM.normal(size=s) for s in [(5, 3), (3, 2), (3, 2), (3, 7)])
    ),
    "many": attention_flow(
        range(20), *(RANDOM.normal(size=s) for s in [(20, 8), (8, 5), (8, 5), (8, 3)])
    ),
}
each_flow = pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
each_way = pytest.mark.parametrize("down", [False, True], ids=["across", "down"])


def svg(flow) -> ElementTree.Element:
    return ElementTree.fromstring(re.search(r"<svg.*</svg>", flow._repr_html_(), re.DOTALL)[0])


def arrays(flow) -> dict[str, ElementTree.Element]:
    """The groups of the drawing by the names that stand over them."""
    groups = [g for g in svg(flow).iter("g") if "attn-array" in g.get("class")]
    return {g.findtext("text[@class='attn-name']"): g for g in groups}


def texts(group, kind: str) -> list[str]:
    return ["".join(t.itertext()) for t in group.iter("text") if kind in t.get("class").split()]


def test_it_says_what_is_made_of_what():
    assert repr(FLOWS["of words"]) == ("X 6 × 4 → scores 6 × 6 → weights 6 × 6 → output 6 × 4")
    assert repr(FLOWS["by matrices"]) == (
        "X 6 × 4 → Q 6 × 2, K 6 × 2, V 6 × 3 → scores 6 × 6 → weights 6 × 6 → output 6 × 3"
    )
    assert svg(FLOWS["of words"]).get("aria-label").endswith(repr(FLOWS["of words"]))
    assert svg(FLOWS["of words"]).get("role") == "img"


def test_the_row_of_sat_as_the_pencil_has_it():
    weights = texts(arrays(FLOWS["of words"])["weights"], "attn-number")
    assert weights[12:18] == [".07", ".31", ".19", ".07", ".07", ".31"]
    scores = texts(arrays(FLOWS["of words"])["scores"], "attn-number")
    assert scores[12:18] == ["0.5", "2", "1.5", "0.5", "0.5", "2"]


def test_the_arrays_are_those_of_the_core():
    x, w_query, w_key, w_value = (RANDOM.normal(size=s) for s in [(5, 3), (3, 2), (3, 2), (3, 7)])
    boxes = {b.name: b for b in attention_flow(["abcde"] * 5, x, w_query, w_key, w_value).boxes}
    q, k = x @ w_query, x @ w_key
    wanted = {"X": x, "Q": q, "K": k, "V": x @ w_value, "scores": scaled_dot(q, k)}
    wanted |= {
        "weights": softmax(scaled_dot(q, k)),
        "output": self_attention(x, w_query, w_key, w_value),
    }
    assert list(boxes) == list(wanted)
    for name, values in wanted.items():
        np.testing.assert_allclose(boxes[name].values, values, atol=1e-12, err_msg=name)
    plain = {b.name: b.values for b in attention_flow(["abcde"] * 5, x).boxes}
    np.testing.assert_allclose(plain["output"], attention(x, x, x), atol=1e-12)


@each_flow
def test_each_number_has_its_cell_and_each_array_its_shape(flow):
    drawn = arrays(flow)
    assert list(drawn) == [box.name for box in flow.boxes]
    for box in flow.boxes:
        group = drawn[box.name]
        squares = [p.get("d").count("M") for p in group.iter("path")]
        assert sum(squares) == box.values.size
        assert texts(group, "attn-shape") == [box.shape]
        assert len(texts(group, "attn-number")) == (box.values.size if flow.numbers else 0)
        assert f"attn-{box.kind}" in group.get("class") if box.kind else True


def test_operations_stand_at_the_arrows_in_both_layouts():
    for layout in ("attn-across", "attn-down"):
        (group,) = (g for g in svg(FLOWS["by matrices"]).iter("g") if g.get("class") == layout)
        said = texts(group, "attn-by")
        assert said == ["× Wq", "× Wk", "× Wv", "Q Kᵀ", "/ √2", "softmax", "× V"]
        (plain,) = (g for g in svg(FLOWS["of words"]).iter("g") if g.get("class") == layout)
        assert texts(plain, "attn-by") == ["X Xᵀ", "/ √4", "softmax", "× X"]


@each_flow
@each_way
def test_nothing_lies_on_anything_else(flow, down):
    layout = laid_out(flow.boxes, flow.cell, down=down)
    width, height = layout.size
    places = {}
    for box in flow.boxes:
        (x, y), (wide, high) = layout.grids[box.name], box.size(flow.cell)
        places[box.name] = x, y, x + wide, y + high
        assert x >= 0
        assert y - TITLE >= 0
        assert x + wide <= width
        assert y + high <= height
    for one, two in combinations(places.values(), 2):
        apart = one[2] < two[0] or two[2] < one[0] or one[3] < two[1] - TITLE + 1
        assert apart or two[3] < one[1] - TITLE + 1
    segments = [pair for _, line in layout.lines for pair in pairwise(line)]
    for (a, b), (c, d) in [*segments, *layout.arrows.values()]:
        for left, top, right, bottom in places.values():
            assert (
                max(a, c) <= left or min(a, c) >= right or max(b, d) <= top or min(b, d) >= bottom
            )


@each_flow
@each_way
def test_each_line_leads_from_its_box_to_what_is_made_of_it(flow, down):
    layout, sizes = laid_out(flow.boxes, flow.cell, down=down), {}
    for box in flow.boxes:
        sizes[box.name] = (*layout.grids[box.name], *box.size(flow.cell))
    wanted = [
        (one.name, box.name) for box in flow.boxes for one in flow.boxes if one.name in box.of
    ]
    assert [name for name, _ in layout.lines] == [source for source, _ in wanted]
    for (name, line), (_, target) in zip(layout.lines, wanted, strict=True):
        x, y, wide, high = sizes[name]
        assert x <= line[0][0] <= x + wide + 20
        assert y <= line[0][1] <= y + high + 3
        start, end = layout.arrows[target]
        assert line[-1] == pytest.approx(start)
        x, y, wide, high = sizes[target]
        into = (x + wide / 2, y - TITLE) if down else (x, y + high / 2)
        assert np.hypot(end[0] - into[0], end[1] - into[1]) < 40


def test_what_chapters_draw_fits_the_book_and_a_phone():
    for name in ("of words", "by matrices"):
        flow = FLOWS[name]
        assert laid_out(flow.boxes, flow.cell).size[0] <= 746, "a card in a window of 800"
        assert laid_out(flow.boxes, flow.cell, down=True).size[0] <= 292, "a card in one of 360"


def test_a_box_beside_others_is_passed_below():
    def boxes(lane):
        return [
            Box("a", np.ones((2, 2)), 0, lane),
            Box("b", np.ones((3, 3)), 1, 0, ("a",), "f"),
            Box("c", np.ones((3, 3)), 1, 2, ("a",), "f"),
            Box("d", np.ones((2, 2)), 2, lane, ("a", "b", "c"), "g"),
        ]

    free, held = laid_out(boxes(1), (10, 10)), laid_out(boxes(0), (10, 10))
    assert len({y for _, y in free.lines[2][1]}) == 1, "straight on between the two"
    assert max(y for _, y in held.lines[2][1]) > held.grids["b"][1] + 30


def test_large_arrays_have_no_numbers_and_words_that_do_not_touch():
    flow = FLOWS["many"]
    assert not flow.numbers
    words = [t for t in arrays(flow)["X"].iter("text") if t.get("class") == "attn-word"]
    places = [float(word.get("y")) for word in words]
    assert 1 < len(words) < 20
    assert min(np.diff(places)) >= 13


@pytest.mark.parametrize(
    ("value", "weights", "written"),
    [
        (0.0, False, "0"),
        (-0.0, False, "0"),
        (-0.01, False, "0.0"),
        (3.0, False, "3"),
        (-1.25, False, "−1.2"),
        (0.305, True, ".30"),
        (1.0, True, "1"),
        (0.999, True, "1.00"),
    ],
)
def test_numbers_are_as_short_as_they_can_be(value, weights, written):
    assert Box("a", np.array([[value]]), 0, weights=weights).written == [[written]]


def test_what_a_reader_typed_is_shown_and_not_run():
    bad = "<img src=x onerror='alert(1)'> & \"x\""
    markup = attention_flow([bad], [[1.0]])._repr_html_()
    assert "<img src=x" not in markup
    check_html(markup, "a.ipynb", "one")


@each_flow
def test_it_is_html_a_picture_and_words(flow):
    shown = flow._repr_mimebundle_()
    assert list(shown) == ["text/plain", "text/html", "image/png"]
    assert shown["text/plain"] == repr(flow)
    assert f'src="data:image/png;base64,{shown["image/png"]}"' in shown["text/html"]
    assert shown == flow._repr_mimebundle_(), "twice the same"
    check_html(shown["text/html"], "a.ipynb", "one")


def test_without_its_style_only_the_picture_is_seen():
    markup = FLOWS["of words"]._repr_html_()
    bare = re.sub(r"<style.*?</style>", "", markup, flags=re.DOTALL)
    assert re.search(
        r'<div class="attn-flow-live" hidden="hidden"><svg.*</svg></div>', bare, re.DOTALL
    )
    assert "attn-flow-live { display: block; }" in markup
    assert "attn-flow-still { display: none; }" in markup


def test_tensors_are_drawn_and_nothing_is_written_to():
    x = torch.tensor(X, dtype=torch.float32, requires_grad=True)
    assert attention_flow(WORDS, x)._repr_html_() == FLOWS["of words"]._repr_html_()
    kept = X.copy()
    attention_flow(WORDS, X)._repr_png_()
    assert (kept == X).all()


WRONG = {
    "x has shape (6,), and must have two axes": (WORDS, X[:, 0]),
    "x has shape (0, 4), and must have two axes": ([], X[:0]),
    "show a part of it, such as x[:32, :32]": ("w " * 33, np.ones((33, 2))),
    "words has 5 entries and x 6 rows: give one word for each row": (WORDS[:5], X),
    "x holds nan: all must be finite": (WORDS, X + np.nan),
    "x has rows of length 4 and w_query shape (3, 2)": (WORDS, X, np.ones((3, 2)), *MATRICES[1:]),
    "a dot product needs equal lengths": (WORDS, X, np.ones((4, 3)), *MATRICES[1:]),
}


@pytest.mark.parametrize("words", WRONG)
def test_what_does_not_fit_is_named(words):
    given, *rest = WRONG[words]
    given = given.split() if isinstance(given, str) else given
    with pytest.raises(ValueError, match=re.escape(words)):
        attention_flow(given, *rest)


def test_what_is_no_array_is_named():
    with pytest.raises(TypeError, match=r"words is one string: write words\.split\(\)"):
        attention_flow("The cat", X)
    with pytest.raises(TypeError, match="x holds <U1, and needs real numbers"):
        attention_flow(["a"], [["b"]])
    with pytest.raises(TypeError, match="w_key and w_value is missing: give all three matrices"):
        attention_flow(WORDS, X, W_QUERY)


def test_the_example_in_the_docstring():
    result = doctest.testmod(sys.modules["attnlab.lab.attention_flow"])
    assert result.attempted > 0
    assert result.failed == 0


# The colours, as a browser mixes them: even to the eye, in oklab.
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def linear(colour: str) -> np.ndarray:
    red_green_blue = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    low = red_green_blue / 12.92
    return np.where(red_green_blue <= 0.04045, low, ((red_green_blue + 0.055) / 1.055) ** 2.4)


def mixed(part: float, strong: str, pale: str) -> np.ndarray:
    one, other = (TO_LAB @ np.cbrt(TO_CONES @ linear(colour)) for colour in (strong, pale))
    lab = part * one + (1 - part) * other
    return np.linalg.inv(TO_CONES) @ (np.linalg.inv(TO_LAB) @ lab) ** 3


def contrast(one: np.ndarray, other: np.ndarray) -> float:
    light, dark = sorted(
        (float(colour @ [0.2126, 0.7152, 0.0722]) + 0.05 for colour in (one, other)), reverse=True
    )
    return light / dark


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("scale", "end"), [("share", "much"), ("above", "positive"), ("below", "negative")]
)
def test_numbers_can_be_read_on_every_colour(theme, scale, end):
    named = re.findall(r"--attn-(\w+): (#[0-9a-f]{6})", style("palette.css"))
    colours = dict(named[:16]) if theme == 0 else dict(named)
    sheet = style("flow.css")
    turn = float(re.findall(rf"\.attn-on-{scale} {{\s*--from: ([\d.]+)%", sheet)[theme]) / 100
    pale, strong = ("#000000", "#ffffff")[:: 1 if theme == 0 else -1]
    assert f"--on-pale: {'#000' if theme == 0 else '#fff'}" in sheet
    for part in np.arange(101) / 100:
        ink = linear(strong if part > turn else pale)
        paper = mixed(part, colours[end], colours["little"])
        assert contrast(ink, paper) >= 4.5, part
