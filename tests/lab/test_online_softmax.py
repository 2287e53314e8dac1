"""Online softmax, a block at a time: the browser's numbers, the core's, and softmax at once."""

import doctest
import math

import numpy as np
import pytest
import torch

import attnlab
from attnlab.lab import OnlineSoftmax, online_softmax
from attnlab.lab.widgets import online_softmax as module
from node import javascript, traits

WORDS = ["The", "cat", "sat", "on", "the", "mat", "it"]
SCORES = [0.5, 2.0, 1.0, -1.0, 0.5, 3.0, -0.5]


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("online_softmax.js", tmp_path_factory.mktemp("online_softmax")) as answers:
        yield answers


def made(**arguments):
    return OnlineSoftmax(SCORES, words=WORDS, **arguments)


def random_figure(seed):
    chance = np.random.default_rng(seed)
    keys, numbers = int(chance.integers(1, 17)), int(chance.integers(1, 5))
    return OnlineSoftmax(
        chance.normal(size=keys) * 10 ** chance.uniform(-1, 3),
        chance.normal(size=(keys, numbers)),
        block=int(chance.integers(1, keys + 1)),
        step=int(chance.integers(keys + 1)),
    )


def numbers(result):
    return np.array([math.nan if x is None else x for part in result for x in part])


def test_two_blocks_by_hand(ask):
    """exp of ln 1, ln 3, ln 4: with ln 3 off l is 1/3 + 1, and times 3/4, with 1 more, 2."""
    scores, values = [0, math.log(3), math.log(4)], [[8.0], [0.0], [4.0]]
    figure = OnlineSoftmax(scores, values, step=1)
    expected = [[math.log(3), 4 / 3, 0], [2], [1 / 8, 3 / 8, 4 / 8]]
    for part, right in zip(figure.result, expected, strict=True):
        assert part == pytest.approx(right)
    figure.step = 2
    expected[:2] = [math.log(4), 2, 3 / 4], [3]
    for part, right in zip(figure.result, expected, strict=True):
        assert part == pytest.approx(right)
    (answer,) = ask([["compute", traits(figure)]])
    np.testing.assert_allclose(numbers(answer["result"]), numbers(figure.result), atol=1e-12)
    assert answer["now"]["kept"] == pytest.approx(1)
    assert answer["now"]["added"] == pytest.approx(1)


@pytest.mark.parametrize("seeds", [range(15), range(15, 30)], ids=str)
def test_the_browser_computes_what_the_core_does(ask, seeds):
    figures = [random_figure(seed) for seed in seeds]
    answers = ask([["compute", traits(figure)] for figure in figures])
    for figure, answer in zip(figures, answers, strict=True):
        state = {name: getattr(figure, name) for name in ("scores", "block", "step")}
        assert answer["state"] == state
        right = numbers(figure.result)
        np.testing.assert_allclose(numbers(answer["result"]), right, rtol=0, atol=1e-9)
        assert len(answer["steps"]) == len(figure.steps)
        for now, (maximum, total, output) in zip(answer["steps"], figure.steps, strict=True):
            assert now["highest"] == (None if maximum == -math.inf else maximum)
            assert now["total"] == pytest.approx(total, abs=1e-9)
            np.testing.assert_allclose(now["output"], output, atol=1e-9)


@pytest.mark.parametrize("block", range(1, 8))
def test_behind_the_last_block_it_is_softmax_of_all(ask, block):
    values = np.random.default_rng(block).normal(size=(7, 3))
    figure = OnlineSoftmax(SCORES, values, block=block, step=7)
    right = attnlab.softmax(np.array(SCORES)) @ values
    np.testing.assert_allclose(figure.output, right, rtol=0, atol=1e-12)
    (answer,) = ask([["compute", traits(figure)]])
    np.testing.assert_allclose(answer["now"]["output"], right, rtol=0, atol=1e-12)
    np.testing.assert_allclose(answer["shares"], figure.weights, rtol=0, atol=1e-12)
    assert figure.result[0][:2] == pytest.approx([3, sum(np.exp(np.array(SCORES) - 3))])


def test_at_every_step_the_output_is_attention_to_what_has_come():
    for step in range(1, 6):
        figure = made(step=step)
        seen = figure.arrived
        assert seen == min(2 * step, 7)
        right = attnlab.softmax(np.array(SCORES[:seen])) @ figure.values[:seen]
        np.testing.assert_allclose(figure.output, right, rtol=0, atol=1e-12)


def test_before_the_first_block_nothing_is_known(ask):
    figure = made()
    assert figure.result[:2] == [[None, 0, None], [0, 0, 0]]
    (answer,) = ask([["compute", traits(figure)]])
    assert answer["result"][:2] == figure.result[:2]
    said, lines = ask([["sentence", answer], ["update", answer]])
    assert said == "Nothing has come yet: m = −∞, ℓ = 0. 4 blocks will come."
    assert lines is None
    assert made(step=1).factor == 0, "the first maximum takes the place of minus infinity"


def test_no_more_blocks_come_than_there_are(ask):
    figure = made(step=7)
    assert (figure.blocks, figure.step) == (4, 4)
    figure.block = 5
    assert (figure.blocks, figure.step) == (2, 2)
    figure.set_state({"block": 7, "step": 3, "blocks": 9})
    assert (figure.blocks, figure.step, figure.arrived) == (1, 1, 7)
    (answer,) = ask([["compute", traits(figure) | {"step": 6}]])
    assert answer["state"]["step"] == answer["place"] == 1, "what is shown is what is said"


def test_the_slider_of_blocks_ends_with_the_last_one():
    live = online_softmax(SCORES, block=3)
    *_, steps = live.children[0].children
    assert [part.max for part in steps.children] == [3, 3]
    ends = [link.target for part in steps.children for link in part.links if "max" in link.source]
    assert ends == [(live.figure, "blocks")] * 2, "in the page as well"


def test_a_score_that_is_moved_stays_between_ten_and_minus_ten(ask):
    moves = [[1, 25.94], [1, -119.4], [1, 2.26]]
    assert ask([["withScore", [1, 2], *move] for move in moves]) == [[1, 10], [1, -10], [1, 2.3]]
    wide = [["withScore", [1000, -20], 0, score] for score in (5000, -300)]
    assert ask(wide) == [[1000, -20], [-20, -20]]


def test_scores_in_the_thousands_do_not_overflow(ask):
    figure = OnlineSoftmax([-1e4, 1000.0, 998.0, -1e4], np.eye(4), step=2)
    (answer,) = ask([["compute", traits(figure)]])
    np.testing.assert_allclose(numbers(answer["result"]), numbers(figure.result), atol=1e-12)
    assert figure.output.sum() == pytest.approx(1)
    assert figure.factor == 1


def told(ask, figure):
    (answer,) = ask([["compute", traits(figure)]])
    said, lines, held = ask([["sentence", answer], ["update", answer], ["heldSaid", answer]])
    text = {term: x if isinstance(x, str) else "".join(p for _, p in x) for term, x in lines}
    return said, text, held


def test_what_a_block_changes_is_written_out(ask):
    values = [[1.0], [0.0], [0.5], [0.0], [0.0], [-1.0], [0.0]]
    said, lines, held = told(ask, OnlineSoftmax(SCORES, values, WORDS, step=3))
    old = sum(np.exp(np.array(SCORES[:4]) - 2))
    kept, new = old * math.exp(-1), math.exp(-2.5) + 1
    before = (math.exp(-1.5) + 0.5 * math.exp(-1)) / old
    output = (kept * before - 1) / (kept + new)
    assert lines == {
        "m new": "max(2, 0.5, 3) = 3",
        "factor": "exp(m old − m new) = exp(2 − 3) = 0.37",
        "ℓ new": f"0.37×{old:.2f} + exp(0.5 − 3) + exp(3 − 3) = {kept + new:.2f}",
        "o new": (
            f"(0.37×{old:.2f}×{before:.2f} + 0.08×0 + 1.00×(−1)) / {kept + new:.2f} = "
            f"(−{-output:.2f})"
        ),
    }
    rest = math.exp(-3.5) / (kept + new + math.exp(-3.5))
    assert said == (
        f"Block 3 of 4 has come: m = 3, ℓ = {kept + new:.2f}, o = (−{-output:.2f}). "
        f"The 1 key still to come will have {rest:.2f} of the weight."
    )
    assert held == "2 scores + m and ℓ + output = 5, however many keys; all at once 7 + 2 + 1 = 10"


def test_long_sums_are_shortened_and_negative_maxima_bracketed(ask):
    figure = OnlineSoftmax(-np.arange(1.0, 17), block=8, step=1)
    said, lines, _ = told(ask, figure)
    assert lines["m new"] == "max(−∞, −1, −2, −3, …, −8) = −1"
    assert lines["ℓ new"].startswith("0.00×0.00 + exp(−1 − (−1)) + … + exp(−8 − (−1)) = ")
    assert lines["o new"].startswith(
        "(0.00×0.00 o old + 1.00 v0 + 0.37 v1 + … + 0.00 v7) / 1.58 = ("
    )
    assert "The 8 keys still to come" in said
    figure.step = 16
    assert told(ask, figure)[0].startswith("All 16 keys have come: m = −1, ℓ = 1.58, o = (")


def test_words_stand_for_their_values(ask):
    _, lines, _ = told(ask, made(step=1))
    assert lines["o new"].startswith("(0.00×0.00 o old + 0.22 The + 1.00 cat) / 1.22 = (")


def test_a_score_that_is_changed_changes_all_that_follows():
    figure = made(step=2)
    before = figure.result
    figure.scores = [0.5, 2.0, 1.0, 2.5, 0.5, 3.0, -0.5]
    assert figure.result[0] == pytest.approx(
        [2.5, math.fsum(np.exp([-2, -0.5, -1.5, 0])), 0.60653], abs=1e-5
    )
    assert figure.result[1] != before[1]


def test_tensors_and_defaults():
    figure = OnlineSoftmax(torch.tensor(SCORES), torch.ones(7, 2))
    assert figure.scores == SCORES
    assert figure.words == list("0123456")
    assert made().values.shape == (7, 3)
    assert abs(made().values).max() <= 1
    np.testing.assert_array_equal(made().values, made().values)
    assert repr(online_softmax([1.0], block=1)) == "Live online softmax, 1 key in blocks of 1"
    live = online_softmax(SCORES, controls=["step"])
    assert [each["trait"] for each in live.figure.settings] == ["step"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"scores": []}, r"scores has shape \(0,\)|scores has shape \(1, 0\)"),
        ({"scores": [[1.0, 2.0]]}, r"scores has shape \(1, 2\), and needs \(key,\)"),
        ({"scores": [1.0] * 17}, r"scores has 17 numbers, .* room for 16: give scores\[:16\]"),
        ({"scores": [1.0, math.inf]}, "scores holds inf"),
        ({"scores": ["a", "b"]}, "scores holds <U1, and needs real numbers"),
        ({"values": np.ones((3, 2))}, "values has 3 rows, and scores 2 numbers: give a value"),
        ({"values": np.ones((2, 5))}, r"values has 5 numbers .* room for 4: give values\[:, :4\]"),
        ({"values": [1.0, 2.0]}, r"values has shape \(2,\)"),
        ({"words": ["a"]}, "words has 1 words, and the figure 2: give one for each"),
        ({"words": "a b"}, "words is one string"),
        ({"block": 0}, "block is 0, and must be from 1 to 2"),
        ({"block": 3}, "block is 3, and must be from 1 to 2"),
        ({"step": 3}, "step is 3, and must be from 0 to 2"),
        ({"focus": [0, 2]}, r"focus is \[0, 2\]"),
        ({"temperature": 1}, r"\['temperature'\] is no argument of this figure"),
    ],
)
def test_what_does_not_fit_is_named(arguments, said):
    with pytest.raises((TypeError, ValueError), match=said):
        online_softmax(**{"scores": [1.0, 2.0]} | arguments)


def test_scores_that_are_set_later_are_checked_as_well():
    figure = made()
    with pytest.raises(ValueError, match="scores has 2 numbers, and words 7: give a score for"):
        figure.scores = [1.0, 2.0]
    with pytest.raises(ValueError, match="scores holds nan"):
        figure.set_state({"scores": [math.nan] * 7})


def test_the_picture_follows_the_blocks():
    figure = made()
    seen = {figure.png()}
    for name, value in (("step", 1), ("step", 3), ("block", 3), ("scores", [0.0] * 7)):
        setattr(figure, name, value)
        seen.add(figure.png())
    assert len(seen) == 5
    assert all(picture.startswith(b"\x89PNG") for picture in seen)


def test_its_example_holds():
    assert doctest.testmod(module).failed == 0
