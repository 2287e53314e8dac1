"""The live graph: its JavaScript held to the core, its words, its hands, and bad input."""

import doctest
import itertools

import numpy as np
import pytest

from alone import NEXT, START
from attnlab import (
    attention,
    edges,
    gat_scores,
    gatv2_scores,
    neighbourhood_attention,
    scaled_dot,
)
from attnlab.lab import AttentionGraph, attention_graph
from attnlab.lab.graph_layout import laid_out
from attnlab.lab.prepared_graphs import PREPARED, prepared_graph
from attnlab.lab.widgets import attention_graph as module
from attnlab.lab.widgets.assets import bundle, style
from node import javascript, traits

FRIENDS = ["Ann", "Bo", "Cy", "Dee", "Gus"]
PAIRS = [(0, 1), (0, 2), (1, 2), (2, 3)]  # and nobody knows Gus
RULES = ("dot", "mean", "GAT", "GATv2")


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("attention_graph.js", tmp_path_factory.mktemp("graph")) as answers:
        yield answers


def joined(pairs, count):
    adjacency = np.zeros((count, count), int)
    for one, other in pairs:
        adjacency[one, other] = adjacency[other, one] = 1
    return adjacency


def friends(**arguments):
    values = [[2.0, 0.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 1.0], [0.5, 0.5]]
    return AttentionGraph(values, joined(PAIRS, 5), FRIENDS, **arguments)


def by_chance(count):
    """Graphs that are drawn by chance: some with isolated nodes, some directed, some changed."""
    random = np.random.default_rng(17)
    for nodes, rule in itertools.islice(itertools.product((1, 2, 5, 7, 16), RULES), count):
        directed = bool(random.random() < 0.4)
        adjacency = random.random((nodes, nodes)) < 0.25
        adjacency[random.integers(nodes)] = False
        adjacency = adjacency if directed else adjacency & adjacency.T
        yield AttentionGraph(
            random.normal(size=(nodes, int(random.integers(1, 5)))) * 2,
            adjacency,
            directed=directed,
            changed=random.integers(nodes, size=2 * int(random.integers(4))).tolist(),
            rule=rule,
            layers=int(random.integers(1, 3)),
            loops=bool(random.random() < 0.5),
        )


def test_three_nodes_by_hand(ask):
    row = AttentionGraph(
        [[3.0], [6.0], [0.0]], joined([(0, 1), (1, 2)], 3), rule="mean", loops=True
    )
    row.layers = 2
    weights = [[1 / 2, 1 / 2, 0], [1 / 3, 1 / 3, 1 / 3], [0, 1 / 2, 1 / 2]]
    shares = np.array(weights) @ weights
    assert shares[0].tolist() == pytest.approx([5 / 12, 5 / 12, 1 / 6])
    expected = [weights, [[15 / 4], [7 / 2], [3]], shares.tolist()]
    (answer,) = ask([["compute", traits(row)]])
    for shown, there, wanted in zip(answer["result"], row.result, expected, strict=True):
        np.testing.assert_allclose(shown, wanted, rtol=0, atol=1e-12)
        np.testing.assert_allclose(there, wanted, rtol=0, atol=1e-12)


def test_the_browser_agrees_with_python_on_graphs_drawn_by_chance(ask):
    figures = [*by_chance(20)]
    assert any(not figure.mask.any(axis=1).all() for figure in figures), "some node is isolated"
    for figure, answer in zip(figures, ask([["compute", traits(f)] for f in figures]), strict=True):
        np.testing.assert_array_equal(answer["mask"], figure.mask)
        for shown, expected in zip(answer["result"], figure.result, strict=True):
            np.testing.assert_allclose(shown, expected, rtol=0, atol=1e-6)
        alone = ~figure.mask.any(axis=1)
        assert not np.asarray(answer["result"][1])[alone].any(), "isolated nodes get zeros"


def test_queries_and_keys_by_matrices(ask):
    random = np.random.default_rng(3)
    given = {"query_map": random.normal(size=(2, 3)), "key_map": random.normal(size=(2, 3))}
    figures = [
        friends(rule=rule, layers=layers, vector=[1.0, -2.0, 0.5], **given)
        for rule in RULES
        for layers in (1, 2)
    ]
    for figure, answer in zip(figures, ask([["compute", traits(f)] for f in figures]), strict=True):
        for shown, expected in zip(answer["result"], figure.result, strict=True):
            np.testing.assert_allclose(shown, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_is_the_core_s(rule):
    figure, vector = friends(rule=rule, loops=True, vector=[1.0, -2.0]), np.array([1.0, -2.0])
    scores = {
        "dot": scaled_dot,
        "mean": lambda q, k: 0 * scaled_dot(q, k),
        "GAT": lambda q, k: gat_scores(q, k, vector, vector),
        "GATv2": lambda q, k: gatv2_scores(q, k, vector),
    }
    x = figure.features
    alone = neighbourhood_attention(x, x, x, figure.mask, score=scores[rule])
    np.testing.assert_allclose(figure.output, alone, rtol=0, atol=1e-12)
    np.testing.assert_allclose(
        figure.output, attention(x, x, x, edges(figure.mask), score=scores[rule]), atol=1e-12
    )
    figure.layers = 2
    again = neighbourhood_attention(alone, alone, alone, figure.mask, score=scores[rule])
    np.testing.assert_allclose(figure.output, again, rtol=0, atol=1e-12)


def test_an_isolated_node_gets_zeros_and_a_self_loop_itself():
    figure = friends()
    assert figure.loops is False
    assert figure.output[4].tolist() == [0, 0]
    figure.loops = True
    np.testing.assert_allclose(figure.output[4], figure.features[4], atol=1e-12)


def test_a_diagonal_of_ones_is_the_switch():
    looped = AttentionGraph(np.eye(3), np.ones((3, 3)))
    assert looped.loops
    looped.loops = False
    assert looped.mask.astype(int).tolist() == [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
    partly = AttentionGraph(np.eye(2), [[1, 1], [1, 0]])
    assert not partly.loops
    assert partly.mask.astype(int).tolist() == [[1, 1], [1, 0]]


def test_what_is_changed_twice_is_as_it_was(ask):
    assert ask([["toggled", [], [0, 1], False]]) == [[0, 1]]
    assert ask([["toggled", [0, 1, 2, 3], [1, 0], False]]) == [[2, 3]]
    assert ask([["toggled", [0, 1], [1, 0], True]]) == [[0, 1, 1, 0]]
    figure = friends(changed=[2, 4, 0, 1])
    assert figure.mask[2, 4]
    assert figure.mask[4, 2]
    assert not figure.mask[0, 1]


def test_another_graph_begins_as_it_was_prepared():
    figure = friends(changed=[0, 3], places=np.zeros((5, 2)), joining=[1])
    figure.graph = "star"
    assert (figure.changed, figure.places, figure.joining) == ([], None, [])
    np.testing.assert_array_equal(figure.mask, prepared_graph("star", 5))


def test_moving_a_node_changes_no_number(ask):
    still, moved = friends(), friends(places=np.full((5, 2), 0.25))
    assert still.result == moved.result
    one, other = ask([["compute", traits(figure)] for figure in (still, moved)])
    assert one["result"] == other["result"]


@pytest.mark.parametrize("layers", [1, 2])
def test_what_passes_over_the_edges_is_what_is_read(ask, layers):
    figure = friends(loops=True, layers=layers)
    (shown,) = ask([["compute", traits(figure)]])
    over = np.array(ask([["passing", shown["steps"], 2]])[0])
    assert over.sum() == pytest.approx(layers), "each layer hands on 1"
    assert (over[~figure.mask] == 0).all()
    if layers == 2:  # the last step is the first layer's
        np.testing.assert_allclose((over - passed_last(figure)).sum(axis=0), figure.shares[2])


def passed_last(figure):
    last = np.zeros((5, 5))
    last[2] = figure.steps[-1][2]
    return last


def plain(line):
    """A line of text without its colours."""
    text = line if isinstance(line, str) else "".join(text for _, text in line)
    return text.replace("\N{NO-BREAK SPACE}", " ")


def said(ask, figure, node):
    (shown,) = ask([["compute", traits(figure)]])
    return plain(ask([["graphSentence", shown, node, figure.labels]])[0])


def test_what_is_said(ask):
    assert said(ask, friends(rule="mean"), 2) == (
        "Cy reads 3 neighbours, each 0.33; its new vector is (0.67, 0.33)."
    )
    assert said(ask, friends(loops=True), 3) == (
        "Dee reads itself and 1 neighbour, most of all Dee, 0.67; its new vector is (−0.67, 1)."
    )
    assert said(ask, friends(), 4) == (
        "Gus has no neighbours: its weights are all 0, and so is its new vector, (0, 0)."
    )
    assert said(ask, friends(loops=True), 4) == (
        "Gus has no neighbours and reads only itself: its new vector is (0.50, 0.50)."
    )
    assert said(ask, friends(rule="mean", layers=2, loops=True), 3) == (
        "After two layers Dee has read 4 nodes, most of all Cy and Dee, 0.38 each; 2 of them are "
        "two edges away, 0.25 together; its new vector is (0, 0.75)."
    )
    row = AttentionGraph([[3.0], [6.0]], [[0, 1], [1, 0]])
    assert said(ask, row, 1) == "Node 1 reads 1 neighbour; its new vector is 3."
    complete = friends(graph="complete", loops=True, rule="mean")
    assert said(ask, complete, 0).endswith("All are joined, as in a Transformer.")


def sums(ask, figure, pair):
    (shown,) = ask([["compute", traits(figure)]])
    (lines,) = ask([["graphLines", shown, pair, figure.vector.tolist(), 5]])
    return {term: plain(line) for term, line in lines}


def test_the_arithmetic_of_a_pair(ask):
    assert sums(ask, friends(), [2, 1]) == {
        "score": "(0×1 + 1×0) / √2 = 0.00",
        "weight": "exp(0.00) / 4.03 = 0.25",
        "new vector": "0.25×(2, 0) + 0.25×(1, 0) + 0.50×(−1, 1) = (0.24, 0.50)",
    }
    cut = sums(ask, friends(), [2, 4])
    assert cut["weight"] == "no edge: exp(−∞) = 0"
    assert sums(ask, friends(), [4, 0])["new vector"] == "nothing is read = (0, 0)"
    two = sums(ask, friends(rule="mean", layers=2, loops=True), [3, 0])
    assert two["share"] == "0.50×0.25 = 0.13"
    assert sums(ask, friends(rule="GAT"), [2, 3])["score"] == ("LeakyReLU(1×(−1) + 1×2) = 1.00")
    assert sums(ask, friends(rule="GATv2"), [2, 3])["score"] == (
        "1×LeakyReLU(−1) + 1×LeakyReLU(2) = 1.80"
    )


@pytest.mark.usefixtures("as_a_reader_runs_it")
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"features": [1.0, 2.0]}, ValueError, r"features has shape \(2,\), and needs \(node, fea"),
        ({"features": np.ones((37, 2))}, ValueError, "features has 37 nodes of 2 numbers, .* 36"),
        ({"features": np.ones((3, 5))}, ValueError, "features has 3 nodes of 5 numbers"),
        ({"features": [[np.nan]] * 3}, ValueError, "features holds nan"),
        ({"adjacency": np.eye(3)[:2]}, ValueError, "adjacency has 2 rows and 3 columns"),
        ({"adjacency": np.eye(4)}, ValueError, r"shape \(4, 4\), and features 3 rows: give each"),
        ({"adjacency": 0.5 * np.eye(3)}, ValueError, r"holds 0.5 at \[0, 0\], .* no weights"),
        ({"adjacency": np.eye(3, k=1)}, ValueError, r"joins \[0, 1\] but not \[1, 0\]: give both"),
        ({"labels": list("abcd")}, ValueError, "labels has 4 words, and the figure 3"),
        ({"labels": "abc"}, TypeError, "labels is one string"),
        ({"positions": np.ones((2, 2))}, ValueError, r"positions has shape \(2, 2\), .* 3 nodes"),
        ({"positions": 2 * np.ones((3, 2))}, ValueError, "positions must be from 0 to 1"),
        ({"adjacency": None, "positions": np.ones((3, 2))}, TypeError, "give adjacency, too"),
        (
            {"adjacency": None, "graphs": []},
            ValueError,
            "graphs is empty: name one .* or give adjacency",
        ),
        ({"graphs": ["cube"]}, ValueError, r"graphs has \['cube'\], and knows only star, ring"),
        ({"rules": ["max"]}, ValueError, r"rules has \['max'\], and knows only dot, mean"),
        ({"rules": []}, ValueError, "rules is empty: name one of dot, mean"),
        ({"rule": "gat"}, ValueError, "rule is 'gat', and must be one of dot, mean, GAT, GATv2"),
        ({"graph": "cube"}, ValueError, "graph is 'cube', and must be one of this graph, star"),
        ({"layers": 3}, ValueError, "layers is 3, and must be from 1 to 2"),
        ({"changed": [0]}, ValueError, r"changed is \[0\], and must be pairs of nodes"),
        ({"changed": [0, 3]}, ValueError, r"changed is \[0, 3\], .* from 0 to 2"),
        ({"joining": [0, 1]}, ValueError, r"joining is \[0, 1\], and must be \[\] or \[node\]"),
        ({"places": np.ones((2, 2))}, ValueError, r"places has shape \(2, 2\)"),
        ({"query_map": np.eye(2)}, TypeError, "give both query_map and key_map, or neither"),
        ({"query_map": np.eye(3), "key_map": np.eye(2)}, ValueError, "query_map needs 2 rows"),
        (
            {"query_map": np.ones((2, 3)), "key_map": np.ones((2, 2))},
            ValueError,
            "query_map has 3 columns and key_map 2",
        ),
        ({"vector": [1.0]}, ValueError, r"vector has shape \(1,\), and queries and keys here 2"),
        ({"focus": [3, 0]}, ValueError, r"focus is \[3, 0\]"),
        ({"nodes": 3}, TypeError, r"\['nodes'\] is no argument"),
        ({"controls": ["speed"]}, ValueError, r"\['speed'\], and knows only"),
    ],
)
def test_bad_input_is_named(arguments, error, words):
    given = {"features": np.ones((3, 2)), "adjacency": np.ones((3, 3))} | arguments
    with pytest.raises(error, match=words):
        attention_graph(**given)


def test_what_is_stored():
    live = attention_graph(np.eye(5, 2), joined(PAIRS, 5), FRIENDS)
    assert repr(live) == "Live graph, 5 nodes, this graph, score dot"
    figure = live.figure
    pictures = [figure.png(), figure.png()]
    assert pictures[0] == pictures[1]
    for trait, value in [("layers", 2), ("rule", "mean"), ("graph", "ring"), ("changed", [0, 2])]:
        setattr(figure, trait, value)
        pictures.append(figure.png())
    assert len(set(pictures)) == 5


def test_a_single_node_and_hostile_labels_have_a_picture():
    assert AttentionGraph([[1.0]], [[0]]).png()
    assert AttentionGraph([[1e100], [0.0]], None, ["<b>$x$</b>", "$"]).png()


def test_arguments_are_not_written_to():
    values, adjacency = np.ones((3, 2)), np.ones((3, 3))
    figure = AttentionGraph(values, adjacency)
    values[:], adjacency[:] = 9.0, 0.0
    assert figure.features.tolist() == [[1, 1]] * 3
    assert figure.mask.all()


@pytest.mark.parametrize("count", [1, 2, 5, 11, 16])
@pytest.mark.parametrize("name", PREPARED)
def test_prepared_graphs_are_undirected_and_have_room(name, count):
    adjacency = prepared_graph(name, count)
    assert (adjacency == adjacency.T).all()
    assert not adjacency.diagonal().any()
    hops = np.linalg.matrix_power(adjacency + np.eye(count, dtype=int), count)
    assert (hops > 0).all(), "one piece"
    places = laid_out(adjacency)
    assert ((places >= 0) & (places <= 1)).all()
    apart = np.linalg.norm(places[:, None] - places, axis=-1)[~np.eye(count, dtype=bool)]
    assert apart.min(initial=1.0) > 0.05
    np.testing.assert_array_equal(places, laid_out(adjacency))


def test_edges_are_as_long_as_they_can_be():
    places = laid_out(prepared_graph("star", 7))
    long = np.linalg.norm(places[1:] - places[0], axis=-1)
    assert np.ptp(long) < 0.2, "from the middle to each about as far"
    row = laid_out(prepared_graph("path", 9))
    assert (np.diff(row[:, 0]) > 0).all(), "from left to right"


def test_the_examples_in_the_docstrings():
    from attnlab.lab import graph_layout, prepared_graphs

    for each in (module, graph_layout, prepared_graphs):
        result = doctest.testmod(each, extraglobs={"np": np})
        assert result.attempted > 0
        assert result.failed == 0


PAGE = "<!DOCTYPE html><style>{}</style><main style='width: {}px'></main>"
READ = """() => {
  figure.dispatchEvent(new Event("attn-ask"));
  const {result, focus, state} = figure.dataset;
  return [JSON.parse(result), JSON.parse(focus), JSON.parse(state)];
}"""
NODE = """i => {
  const {x, y, width, height} = document.querySelectorAll("g.attn-grab > .attn-disc")[i]
    .getBoundingClientRect();
  return [x + width / 2, y + height / 2];
}"""


@pytest.fixture
def page(browser):
    def opened(figure, wide=780, room=""):
        page.set_viewport_size({"width": wide + 16, "height": 900})
        page.set_content(PAGE.format(style("palette.css") + style("figures.css"), wide))
        values = traits(figure)
        page.evaluate(START, {"code": bundle("attention_graph.js"), "values": values, "room": room})
        page.evaluate(NEXT)
        return page

    page = browser.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    page.close()
    assert not complaints


def place(page, node):
    return page.evaluate(NODE, node)


def test_two_nodes_that_are_clicked_are_joined_and_parted(page):
    opened = page(friends())
    for wanted in (True, False):
        for node in (4, 3):
            opened.mouse.move(*place(opened, node))
            opened.evaluate(NEXT)
            opened.mouse.down()
            opened.mouse.up()
            opened.evaluate(NEXT)
        result, focus, state = opened.evaluate(READ)
        assert focus == [4, 3]
        assert (result[0][4][3] > 0) == wanted
        assert state["changed"] == ([4, 3] if wanted else [])
    opened.mouse.click(*place(opened, 4))
    assert opened.evaluate("() => model.get('joining')") == [4]
    opened.keyboard.press("Escape")
    assert opened.evaluate("() => model.get('joining')") == []


def test_a_finger_looks_first(browser):
    context = browser.new_context(has_touch=True, viewport={"width": 800, "height": 900})
    opened = context.new_page()
    opened.set_content(PAGE.format(style("palette.css") + style("figures.css"), 780))
    code = bundle("attention_graph.js")
    opened.evaluate(START, {"code": code, "values": traits(friends()), "room": ""})
    for node, joining in [(3, []), (3, [3]), (4, [])]:
        opened.touchscreen.tap(*place(opened, node))
        opened.evaluate(NEXT)
        assert opened.evaluate("() => model.get('joining')") == joining
    result, focus, state = opened.evaluate(READ)
    assert focus == [3, 4]
    assert state["changed"] == [3, 4]
    assert result[0][3][4] > 0
    context.close()


def test_a_node_that_is_dragged_moves_and_no_number_does(page):
    opened = page(friends())
    before = opened.evaluate(READ)[0]
    x, y = place(opened, 0)
    heights = opened.evaluate("() => figure.offsetHeight")
    opened.mouse.move(x, y)
    opened.mouse.down()
    opened.mouse.move(x + 30, y + 20, steps=4)
    opened.mouse.up()
    opened.evaluate(NEXT)
    assert place(opened, 0) == pytest.approx([x + 30, y + 20], abs=1.5)
    result, focus, state = opened.evaluate(READ)
    assert result == before
    assert focus[0] == 0
    assert state["changed"] == [], "what was dragged was not clicked"
    assert opened.evaluate("() => model.get('joining')") == []
    assert opened.evaluate("() => figure.offsetHeight") == heights
    opened.get_by_role("button", name="reset").click()
    opened.evaluate(NEXT)
    assert place(opened, 0) == pytest.approx([x, y], abs=0.5)
    assert not opened.get_by_role("button", name="reset").is_visible()


def test_all_of_it_by_keys(page):
    opened = page(friends(focus=[0, 0]))
    opened.locator(".attn-drawing").focus()
    for key in ["ArrowDown", "ArrowDown", "End", "Enter"]:
        opened.keyboard.press(key)
        opened.evaluate(NEXT)
    result, focus, _ = opened.evaluate(READ)
    assert focus == [2, 4]
    assert result[0][2][4] > 0
    x, y = place(opened, 2)
    opened.keyboard.press("Shift+ArrowUp")
    opened.evaluate(NEXT)
    assert place(opened, 2)[0] == pytest.approx(x, abs=0.5)
    assert place(opened, 2)[1] < y - 3
    assert opened.evaluate(READ)[0] == result


def test_a_cell_that_is_clicked_is_an_edge(page):
    opened = page(friends())
    left, top, width = opened.locator("canvas").evaluate(
        "e => { const {x, y, width} = e.getBoundingClientRect(); return [x, y, width]; }"
    )
    cell = width / 5
    opened.mouse.click(left + 0.5 * cell, top + 4.5 * cell)
    opened.evaluate(NEXT)
    result, focus, _ = opened.evaluate(READ)
    assert focus == [4, 0]
    assert result[0][4] == [1, 0, 0, 0, 0]
    assert result[0][0][4] > 0, "and back"


CUT = """() => {
  const box = figure.querySelector(".attn-drawing").getBoundingClientRect();
  const cut = [...figure.querySelectorAll("svg :is(text, circle)")].filter((each) => {
    const {left, right, top, bottom} = each.getBoundingClientRect();
    return left < box.left - 1 || right > box.right + 1 || top < box.top || bottom > box.bottom;
  });
  return [figure.scrollWidth - figure.clientWidth, cut.map((each) => each.textContent)];
}"""
SETTINGS = [
    {"graph": graph, "rule": rule, "loops": loops, "layers": layers, "focus": focus}
    for graph in ("star", "path", "complete", "this graph")
    for rule, layers in (("dot", 1), ("dot", 2), ("GATv2", 2), ("GAT", 1), ("mean", 2))
    for loops, focus in ((True, [0, 1]), (False, [3, 2]))
]
SET = """settings => {
  for (const [name, value] of Object.entries(settings)) model.set(name, value);
}"""


@pytest.mark.parametrize(
    ("wide", "room", "nodes", "features"),
    [(328, "", 7, 2), (328, "", 16, 3), (640, "", 8, 4), (780, "", 7, 2), (1160, "lecture", 8, 2)],
)
def test_nothing_is_cut_off_and_nothing_jumps(page, wide, room, nodes, features):
    random = np.random.default_rng(nodes)
    labels = ["internationalisation", *map(str, range(nodes - 1))]
    figure = AttentionGraph(
        random.normal(size=(nodes, features)) - 0.5, np.zeros((nodes, nodes)), labels
    )
    opened, heights = page(figure, wide, room), set()
    for settings in SETTINGS:
        opened.evaluate(SET, settings)
        opened.evaluate(NEXT)
        assert opened.evaluate(CUT) == [0, []], settings
        heights.add(opened.evaluate("() => figure.offsetHeight"))
    assert room or len(heights) == 1
