"""The machine: its numbers are those of the model, whatever is switched off, typed or written."""

import doctest
import importlib
from contextlib import nullcontext

import numpy as np
import pytest
import torch

from attnlab.core import self_attention
from attnlab.lab import Machine, attention_off, machine, recording
from attnlab.lab.machine_boxes import items_of, switches_of
from attnlab.lab.machine_places import places
from attnlab.lab.machine_strips import Run, strips
from attnlab.lab.widgets.figure import Figure
from attnlab.nn import (
    EncoderLayer,
    LanguageConfig,
    LanguageModel,
    MultiHeadAttention,
    Transformer,
    TransformerConfig,
    pre_norm,
)
from attnlab.recipes import trained
from attnlab.tasks import AGREEMENT, BEGIN, END, ENGLISH, FRENCH, Vocabulary
from attnlab.training import greedy
from node import javascript, traits

SHORT, LONG = "the black cat sleeps", "the old queen says that the child watches the red apple"
SPOKEN = {"transformer": ("translation", "small"), "gru": ("translation", "gru")}
SPOKEN |= {"one context": ("lengths", "gru")}


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Models this small are quickest with one, above all where other programs run too."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def models():
    return {name: trained(*recipe) for name, recipe in SPOKEN.items()}


@pytest.fixture(params=SPOKEN)
def spoken(request, models):
    return Machine(models[request.param], [SHORT, LONG])


def untrained(**changes):
    torch.manual_seed(0)
    words = {"source_vocabulary": len(ENGLISH), "target_vocabulary": len(FRENCH)}
    sizes = {"d_model": 12, "heads": 3, "layers": 1, "d_ff": 8}
    return Transformer(TransformerConfig(**(words | sizes | changes)))


def vectors(count=3, width=6):
    return np.random.default_rng(0).normal(size=(count, width))


def on_vectors(name):
    torch.manual_seed(0)
    model = {
        "attention": lambda: tuple(torch.randn(6, size) for size in (4, 4, 3)),
        "multi-head": lambda: MultiHeadAttention(6, 2),
        "block": lambda: EncoderLayer(6, 2, 7, around=pre_norm),
    }[name]()
    return model, Machine(model, x=vectors(), words=["a", "b", "c"])


def test_it_writes_what_greedy_decoding_writes(spoken):
    model = spoken.module
    for sentence in spoken.sentences:
        spoken.sentence = sentence
        source = torch.tensor([ENGLISH.encode(spoken.source)])
        row = greedy(model, source, begin=BEGIN, end=END, most=30)[0].tolist()
        assert spoken.written == FRENCH.decode(row)
        assert spoken.arrays["output"].shape == (len(spoken.written) + 1, len(FRENCH))


def test_each_step_shows_one_row_more_and_the_last_one_writes_the_end(models):
    figure = Machine(models["transformer"], [SHORT])
    words = ["<begin>", *figure.written]
    for step in range(7):
        figure.step = step
        assert figure.target == words[: step + 1]
        (next_word,), looks = figure.result
        assert len(looks) == min(step, 4) + 1
        assert len(looks[0]) == 4
        best = [*["<pad>", "<begin>", "<end>", "<unknown>"], *FRENCH.words][np.argmax(next_word)]
        assert best == [*figure.written, "<end>"][min(step, 4)]


@pytest.mark.parametrize("attention", [True, False])
def test_its_numbers_are_those_of_the_model_itself(models, attention):
    model = models["transformer"]
    figure = Machine(model, [LONG], step=3, attention=attention)
    source = torch.tensor([ENGLISH.encode(figure.source)])
    read = torch.tensor([[BEGIN, *FRENCH.encode(figure.written[:3], unknown="<unknown>")]])
    switched = nullcontext() if attention else attention_off(model)
    with torch.no_grad(), switched, recording(model) as seen:
        logits = model(source, read)
    (next_word,), looks = figure.result
    np.testing.assert_allclose(next_word, logits[0, -1].softmax(-1), atol=1e-5)
    wanted = seen["decoder.layers.1.cross_attention"][0].mean(0)
    np.testing.assert_allclose(looks, wanted, atol=1e-5)
    assert attention == (np.ptp(looks) > 0.1)


def test_of_vectors_it_shows_weights_and_output():
    matrices, figure = on_vectors("attention")
    weights, output = figure.result
    np.testing.assert_allclose(np.sum(weights, 1), 1, atol=1e-6)
    x = torch.tensor(vectors()).float()
    np.testing.assert_allclose(output, self_attention(x, *matrices), atol=1e-5)
    layer, figure = on_vectors("block")
    *weights, output = figure.result
    assert np.shape(weights) == (2, 3, 3)
    with torch.no_grad():
        np.testing.assert_allclose(output, layer.eval()(x[None])[0], atol=1e-5)
    assert figure.written == figure.target == []
    assert figure.source == ["a", "b", "c"]


@pytest.mark.parametrize("name", ["multi-head", "block"])
def test_everything_in_a_plan_can_be_switched_off(name):
    _, figure = on_vectors(name)
    for off, _label in switches_of(figure.plan):
        before = figure.result[-1]
        figure.off = [off]
        assert not np.allclose(figure.result[-1], before), off
        figure.off = []
        assert figure.result[-1] == before


def test_everything_in_a_translator_can_be_switched_off(spoken):
    before = spoken.result[0]
    for off, _label in switches_of(spoken.plan):
        spoken.off = [off]
        assert not np.allclose(spoken.result[0], before, atol=1e-9, rtol=0), off


def test_attention_is_offered_where_there_is_some(models):
    assert Machine(models["transformer"], [SHORT]).crossing == [
        f"decoder.layers.{layer}.cross_attention" for layer in (0, 1)
    ]
    assert Machine(models["gru"], [SHORT]).crossing == ["decoder.context"]
    assert Machine(models["one context"], [SHORT]).crossing is None
    assert Machine(models["transformer"], [SHORT], part="encoder").crossing is None


def test_each_kind_has_the_controls_that_it_needs(models):
    def names(figure):
        return [setting["trait"] for setting in figure.settings]

    model = models["transformer"]
    shown = machine(model, [SHORT, LONG])
    assert names(shown.figure) == ["sentence", "attention"]
    assert names(machine(models["one context"], [SHORT]).figure) == ["sentence"]
    assert names(machine(model, [SHORT], part="encoder").figure) == ["sentence"]
    assert names(machine(on_vectors("block")[0], x=vectors()).figure) == []
    row = shown.children[0].children
    assert len(row) == 3, "a field with its list, a box"


def test_a_sentence_that_cannot_be_read_leaves_the_one_before(models):
    figure = Machine(models["transformer"], [SHORT, LONG])
    figure.sentence = "the dog sleeps"
    for typed in ("", " ?! ", "word " * 41):
        figure.sentence = typed
        assert figure.read == "the dog sleeps"
        assert figure.written == ["le", "chien", "dort"]
    assert Machine(models["transformer"], [SHORT], sentence=LONG).read == LONG
    figure.sentence = "word " * 40
    assert len(figure.source) == 40


def test_an_unknown_word_is_handed_on_as_it_is(models):
    figure = Machine(models["transformer"], ["the <b>cat</b> sleeps"])
    assert figure.source[1] == "<b>cat</b>"
    assert figure.written[1:] == ["<b>cat</b>", "dort"]
    figure.png()


def test_a_pair_is_a_sentence_to_choose(models):
    figure = Machine(models["transformer"], [AGREEMENT])
    assert figure.written == list(AGREEMENT.target)


def test_a_language_model_goes_on_from_what_is_typed():
    torch.manual_seed(0)
    words = Vocabulary(["le", "chat", "dort", "ici"])
    config = LanguageConfig(vocabulary=8, d_model=6, heads=2, layers=1, d_ff=5)
    figure = Machine(LanguageModel(config), ["le chat"], vocabulary=words, step=2)
    assert figure.target[:3] == ["<begin>", "le", "chat"]
    assert len(figure.target) == 5
    (next_word,), looks = figure.result
    assert len(next_word) == 8
    assert np.shape(looks) == (5, 5)
    np.testing.assert_allclose(np.triu(looks, 1), 0)
    assert figure.model["source_words"] == figure.model["target_words"] == list(words.words)
    assert figure.language == "beginning"


def test_a_stored_figure_is_made_anew_from_its_traits(spoken):
    spoken.step = 2
    stored = Machine.__new__(Machine)
    own = {*Machine.class_traits(sync=True)} - {*Figure.class_traits()}
    Figure.__init__(stored, **{name: getattr(spoken, name) for name in own if name[0] != "_"})
    assert stored.result == spoken.result
    assert stored.png() == spoken.png()


@pytest.mark.parametrize(
    ("model", "arguments", "kind", "match"),
    [
        ("transformer", {}, ValueError, "sentences is empty"),
        ("transformer", {"sentences": [SHORT, SHORT]}, ValueError, "has one twice"),
        ("transformer", {"sentences": SHORT}, TypeError, r"write \[sentence\]"),
        ("transformer", {"sentences": [""]}, ValueError, "sentence has no words"),
        ("transformer", {"sentences": ["a " * 41]}, ValueError, "has 41 words, and at most 40"),
        ("transformer", {"sentences": [SHORT], "sentence": ""}, ValueError, "has no words"),
        ("transformer", {"x": [[1.0]]}, TypeError, "x is given.*sentences="),
        ("transformer", {"words": ["a"]}, TypeError, "words is given.*sentences="),
        ("transformer", {"sentences": [SHORT], "step": -1}, ValueError, "step is -1"),
        ("transformer", {"sentences": [SHORT], "head": 4}, ValueError, "head is 4.*from -1 to 3"),
        ("transformer", {"sentences": [SHORT], "off": ["nose"]}, ValueError, "off names nose"),
        ("transformer", {"sentences": [SHORT], "unfolded": ["x"]}, ValueError, "unfolded names x"),
        ("transformer", {"sentences": [SHORT], "part": "nose"}, ValueError, "part is 'nose'"),
        ("transformer", {"sentences": [SHORT], "speed": 1}, TypeError, r"\['speed'\] is no arg"),
        ("transformer", {"sentences": [SHORT], "focus": [200, 0]}, ValueError, r"within \[106, 4"),
        ("transformer", {"sentences": [SHORT], "vocabulary": FRENCH}, TypeError, "a translator"),
        ("block", {"sentences": [SHORT]}, TypeError, "sentences is given.*x="),
        ("block", {}, TypeError, "x is missing"),
        ("block", {"x": np.ones((3, 5))}, ValueError, r"shape \(3, 5\).*vectors of length 6"),
        ("block", {"x": np.ones((2, 3, 6))}, ValueError, r"it needs \(word, 6\)"),
        ("block", {"x": vectors(), "words": ["a"]}, ValueError, "words has 1 words"),
        ("block", {"x": np.full((3, 6), np.nan)}, ValueError, "finite numbers"),
        ("nothing", {}, TypeError, "model is a Linear"),
        ("other words", {"sentences": [SHORT]}, ValueError, "vocabularies of 9 and 8 tokens"),
        ("language", {"sentences": [SHORT]}, ValueError, "vocabulary of 8 tokens, and none is"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_cure(models, model, arguments, kind, match):
    made = {
        "block": lambda: on_vectors("block")[0],
        "nothing": lambda: torch.nn.Linear(2, 2),
        "other words": lambda: untrained(source_vocabulary=9, target_vocabulary=8),
        "language": lambda: LanguageModel(
            LanguageConfig(vocabulary=8, d_model=6, heads=2, layers=1, d_ff=5)
        ),
    }
    with pytest.raises(kind, match=match):
        Machine(models[model] if model in models else made[model](), **arguments)


def test_its_still_picture_follows_what_is_set():
    figure = Machine(untrained(), [SHORT], step=1)
    pictures = [figure.png()]
    for changes in (
        {"off": ["decoder.layers.0.cross_attention.heads.2"]},
        {"off": ["encoder.layers.0.sums.1"]},
        {"off": [], "attention": False},
        {"attention": True, "step": 2},
        {"unfolded": ["encoder.layers.0"]},
        {"unfolded": ["encoder.layers.0", "encoder.layers.0.sums.0"]},
        {"sentence": "the dog sleeps"},
    ):
        for name, value in changes.items():
            setattr(figure, name, value)
        pictures.append(figure.png())
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)
    assert len(set(pictures)) == len(pictures)


def test_a_head_that_is_off_is_struck_out_in_the_still_picture(models):
    figure = Machine(models["transformer"], [SHORT], off=["encoder.layers.1.attention.heads.2"])
    layers = [item for item in items_of(figure.plan) if item["label"] in ("layer 0", "layer 1")]
    run = Run(figure.arrays, figure.source, figure.target, off=frozenset(figure.off))
    struck = [strips(layer, run)[0].off for layer in layers]
    assert struck == [frozenset(), {2}, frozenset(), frozenset()]


STILLS = {
    "transformer": [],
    "open": ["encoder.embedded", "encoder.layers.0", "encoder.layers.0.attention"],
    "all open": None,
}


@pytest.mark.parametrize("unfolded", STILLS.values(), ids=STILLS)
@pytest.mark.parametrize("name", [*SPOKEN, "attention", "multi-head", "block"])
def test_boxes_of_the_still_picture_do_not_overlap(models, name, unfolded):
    plan = Machine(models[name], [SHORT]).plan if name in models else on_vectors(name)[1].plan
    groups = [item["id"] for item in items_of(plan) if item["kind"] == "group"]
    layout = places(plan, groups if unfolded is None else unfolded, lambda *_: 50.0)
    boxes = list(layout.boxes.values())
    for place, one in enumerate(boxes):
        assert 0 < one.x < one.right < layout.size[0]
        assert 0 < one.y < one.bottom < layout.size[1]
        for other in boxes[:place]:
            beside = one.right <= other.x or other.right <= one.x
            assert beside or one.bottom <= other.y or other.bottom <= one.y
    for route in layout.routes:
        (x, y), (right, bottom) = route.points[-1], (route.end.right, route.end.bottom)
        assert route.end.x <= x <= right
        assert route.end.y <= y <= bottom
        assert x in (route.end.x, right) or y == route.end.y, "it ends at the edge"
        for point, following in zip(route.points, route.points[1:], strict=False):
            assert point[0] == following[0] or point[1] == following[1], "no slant"


def test_arrows_of_the_still_picture_pass_by_boxes(models):
    plan = Machine(models["transformer"], [SHORT]).plan
    groups = [item["id"] for item in items_of(plan) if item["kind"] == "group"]
    layout = places(plan, groups, lambda *_: 50.0)
    for route in layout.routes:
        if len(set(route.start.within[:1] + route.end.within[:1])) > 1:
            continue  # across columns they pass through the room between
        for (x0, y0), (x1, y1) in zip(route.points, route.points[1:], strict=False):
            x, y = (x0 + x1) / 2, (y0 + y1) / 2
            for place in layout.boxes.values():
                inside = place.x < x < place.right and place.y < y < place.bottom
                assert not inside, (route.start.item["id"], route.end.item["id"])


@pytest.mark.parametrize("name", ["transformer", "gru"])
def test_it_opens_with_the_whole_answer(models, name):
    figure = Machine(models[name], [SHORT])
    assert figure.target[-figure.step :] == figure.written
    assert figure.step == len(figure.written)


def test_it_says_what_it_is(models):
    assert repr(machine(models["transformer"], [SHORT])) == "Live machine: Transformer, 82 boxes"
    assert repr(Machine(models["gru"], [SHORT])) == "Live machine: GRU with attention, 17 boxes"


@pytest.mark.parametrize("name", ["widgets.machine", "machine_places", "machine_run"])
def test_the_examples_of_its_docstrings(name):
    module = importlib.import_module(f"attnlab.lab.{name}")
    assert doctest.testmod(module, extraglobs={"np": np, "torch": torch}).failed == 0


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("machine.js", tmp_path_factory.mktemp("machine")) as answers:
        yield answers


SETTINGS = [
    {},
    {"step": 3, "sentence": LONG},
    {"step": 99, "sentence": "the zorgle sleeps", "attention": False},
    {"step": 1, "sentence": "", "head": 0},
]


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_browser_agrees_with_the_package(ask, spoken, settings):
    usual = {"sentence": SHORT, "step": spoken.step, "attention": True, "head": -1}
    if spoken.heads == 1:
        settings = {**settings, "head": -1}
    for name, value in settings.items():
        setattr(spoken, name, value)
    if spoken.model["kind"] == "transformer":
        spoken.off = ["encoder.layers.1.sums.0", "decoder.layers.0.attention.heads.1"]
    (answer,) = ask([["compute", traits(spoken)]])
    assert answer["state"] == usual | {"off": spoken.off} | settings
    assert answer["words"]["target"][: spoken.row + 1] == spoken.target
    assert answer["words"]["source"] == spoken.source
    for found, expected in zip(answer["result"], spoken.result, strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("name", ["attention", "multi-head", "block"])
def test_the_browser_agrees_on_vectors(ask, name):
    _, figure = on_vectors(name)
    for off in [[], *([each] for each, _ in switches_of(figure.plan))]:
        figure.off = off
        (answer,) = ask([["compute", traits(figure)]])
        for found, expected in zip(answer["result"], figure.result, strict=True):
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("step", [0, 2, 99])
def test_the_browser_goes_on_from_what_is_typed(ask, step):
    torch.manual_seed(0)
    words = Vocabulary(["le", "chat", "dort", "ici"])
    config = LanguageConfig(vocabulary=8, d_model=6, heads=2, layers=2, d_ff=5, norm="pre")
    model = LanguageModel(config)
    figure = Machine(model, ["le chat noir"], vocabulary=words, step=step)
    (answer,) = ask([["compute", traits(figure)]])
    assert answer["words"]["target"][: figure.row + 1] == figure.target
    for found, expected in zip(answer["result"], figure.result, strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)
