"""The bench of softmax: its mathematics held to the core and to NumPy, and what it says."""

import math

import numpy as np
import pytest

import attnlab
from attnlab.lab import SoftmaxBench, softmax_bench
from attnlab.lab.uniforms import uniforms
from attnlab.lab.widgets.softmax_bench import PARTS
from node import javascript, traits

WORDS = ["mat", "floor", "sofa", "moon", "of"]
SCORES = [3.1, 2.2, 1.5, -1.0, -3.0]
SETTINGS = [
    {},
    {"temperature": 0.125},
    {"temperature": 8.0, "seed": 3},
    {"shift": 1000.0, "seed": 1},
    {"shift": -1000.0, "temperature": 2.0},
    {"single": True},
    {"single": True, "shift": 1000.0, "seed": 2**31 - 1},
    {"single": True, "shift": 1000.0, "temperature": 0.0811},
    {"single": True, "scores": [88.0, 88.0, 88.0, 3.0, -2.0]},
    {"scores": [709.0, 709.0, 709.0, 700.0, 0.0], "seed": 2},
    {"scores": [800.0, 3.0, 2.0, 1.0, 0.0]},
]


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    with javascript("softmax_bench.js", tmp_path_factory.mktemp("softmax_bench")) as answers:
        yield answers


def made(**arguments):
    return SoftmaxBench(WORDS, arguments.pop("scores", SCORES), **arguments)


def answered(ask, **arguments):
    (answer,) = ask([["compute", traits(made(**arguments))]])
    return answer


def changed(figure) -> dict:
    return {name: getattr(figure, name) for name in ("scores", "temperature", "shift", "seed")}


def naive(scores, temperature, kind):
    """exp / sum in NumPy, every step in this type of numbers."""
    with np.errstate(all="ignore"):
        powers = np.exp(np.array(scores).astype(kind) / kind(temperature))
        return powers / powers.sum(dtype=kind)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_browser_computes_what_the_core_and_numpy_do(ask, settings):
    figure, answer = made(**settings), answered(ask, **settings)
    scores, temperature = np.array(figure.scores) + figure.shift, figure.temperature
    kind = np.float32 if figure.single else np.float64
    right = attnlab.softmax(scores.astype(kind), temperature=temperature)
    close = {"atol": 1e-6, "rtol": 0}
    np.testing.assert_allclose(answer["safe"]["shares"], right, **close)
    np.testing.assert_allclose(figure.shares, right, **close)
    wrong = [math.nan if share is None else share for share in answer["naive"]["shares"]]
    np.testing.assert_allclose(wrong, naive(scores, temperature, kind), **close)
    np.testing.assert_allclose(figure.naive_shares, wrong, **close)
    assert answer["spread"] == pytest.approx(figure.entropy, abs=1e-6)
    assert answer["lse"] == pytest.approx(figure.log_sum_exp, abs=1e-6)
    highest = max(scores / temperature)
    rest = np.log(np.exp(scores / temperature - highest).sum())
    assert answer["lse"] == pytest.approx(highest + rest, rel=1e-6)
    assert answer["result"][4] == figure.result[4], "the same words are drawn"


def test_three_88s_in_float32_give_zeros_without_a_word(ask):
    answer = answered(ask, scores=[88.0, 88.0, 88.0, 3.0, -2.0], single=True)
    assert all(power < 3.4e38 for power in answer["naive"]["powers"]), "no exp overflows"
    assert answer["naive"]["shares"] == [0] * 5
    assert answer["safe"]["shares"] == pytest.approx([1 / 3] * 3 + [0, 0], abs=1e-6)
    assert "their sum is inf" in answer["trouble"]
    assert answered(ask, scores=[88.0, 88.0, 88.0, 3.0, -2.0])["trouble"] == "", "in float64"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, ""),
        ({"shift": 1000.0}, "every exp is inf, and inf / inf is nan"),
        ({"shift": -1000.0}, "every exp is 0, and 0 / 0 is nan"),
        ({"scores": [800.0, 3.0, 2.0, 1.0, 0.0]}, "exp becomes inf"),
        ({"shift": -744.0, "scores": [0.0, 0.3, 0.1, 0.2, 0.0]}, "so little is left"),
    ],
)
def test_what_is_wrong_is_said(ask, settings, said):
    assert answered(ask, **settings)["trouble"].startswith(said)
    assert bool(answered(ask, **settings)["trouble"]) == bool(said)


def test_shares_by_hand(ask):
    """exp of ln 1, ln 2, ln 5: shares 1/8, 2/8, 5/8."""
    figure = SoftmaxBench(["a", "b", "c"], [0, math.log(2), math.log(5)])
    (answer,) = ask([["compute", traits(figure)]])
    assert answer["naive"]["powers"] == pytest.approx([1, 2, 5])
    assert answer["safe"]["powers"] == pytest.approx([0.2, 0.4, 1]), "the maximum is taken off"
    for steps in (answer["naive"], answer["safe"]):
        assert steps["shares"] == pytest.approx([0.125, 0.25, 0.625])
    assert answer["lse"] == pytest.approx(math.log(8))
    assert figure.focus == [0, 2], "the highest score, if nothing else is said"


def test_numbers_from_a_seed_are_the_same_here_and_there(ask):
    seeds = [1, 2, 77, 2**31 - 1]
    assert ask([["uniforms", seed, 20] for seed in seeds]) == [uniforms(s, 20) for s in seeds]
    many = np.array(uniforms(5, 20_000))
    assert ((many >= 0) & (many < 1)).all()
    parts, _ = np.histogram(many, bins=20, range=(0, 1))
    assert (abs(parts - 1000) < 5 * math.sqrt(950)).all(), "each twentieth gets a twentieth"
    assert abs(np.corrcoef(many[1:], many[:-1])[0, 1]) < 5 / math.sqrt(len(many))


def test_each_number_falls_on_a_share(ask):
    numbers = [0, 0.124, 0.125, 0.374, 0.375, 0.999999, 1]
    assert ask([["picked", [0.125, 0.25, 0.625, 0], numbers]]) == [[0, 0, 1, 1, 2, 2, 2]]


def test_words_are_drawn_as_often_as_their_shares_say():
    figure, counts = made(), np.zeros(len(WORDS))
    for seed in range(1, 401):
        figure.seed = seed
        assert len(figure.drawn) == 20
        counts += figure.result[4]
    expected = 8000 * figure.shares
    assert (abs(counts - expected) < 5 * np.sqrt(expected) + 5).all()
    figure.seed = 0
    assert figure.drawn == []
    assert figure.result[4] == [0] * 5


def test_the_sentence_has_words_of_its_own(ask):
    figures = [made(), made(scores=[2, 2, 1, 0, 0]), made(scores=[0] * 5), made(seed=4)]
    said = ask([["sentence", answered(ask, **changed(figure))] for figure in figures])
    first = figures[0]
    numbers = f"{first.shares[0]:.2f}, the most; entropy {first.entropy:.2f} nats, log-sum-exp "
    assert said[0] == f"mat gets {numbers}{first.log_sum_exp:.2f}."
    assert said[1].startswith("mat and floor get 0.38 each, the most;")
    assert said[2].startswith("5 words get 0.20 each, the most;")
    counts = figures[3].result[4]
    assert f"20 words drawn: mat {counts[0]}, floor {counts[1]}" in said[3]
    broken = answered(ask, shift=1000.0)
    assert ask([["sentence", broken]])[0].startswith("As the formula is written, every exp is inf")
    for text in said:
        assert not {"query", "key", "looks"} & set(text.split())


def worked(ask, place, **arguments) -> dict[str, str]:
    (told,) = ask([["formula", answered(ask, **arguments), place]])
    assert "".join(part for _, part in told["title"]) == f"share of {WORDS[place]}"
    return {name: "".join(part for _, part in line) for name, line in told["lines"]}


def test_the_formula_has_the_numbers_of_the_bars(ask):
    lines, powers = worked(ask, 0, temperature=0.5), np.exp(np.array(SCORES) / 0.5)
    end = f"{powers[0]:.2f} / {powers.sum():.2f} = {powers[0] / powers.sum():.2f}"
    assert lines["naive"] == f"exp(3.1 / 0.5) / (exp(3.1 / 0.5) + exp(2.2 / 0.5) + …) = {end}"
    end = f"1.00 / {powers.sum() / powers[0]:.2f} = {powers[0] / powers.sum():.2f}"
    own = "exp((3.1 − 3.1) / 0.5)"
    assert lines["max off"] == f"{own} / ({own} + …) = {end}", "too long for a term more"
    powers = np.exp(SCORES)
    end = f"{powers[1]:.2f} / {powers.sum():.2f} = {powers[1] / powers.sum():.2f}"
    plain = worked(ask, 1, parts=["strip", "formula"])
    assert plain == {"share": f"exp(2.2) / (exp(2.2) + exp(3.1) + …) = {end}"}


def test_ends_stay_still_while_a_bar_moves_within_them(ask):
    before = answered(ask)
    near = traits(made(scores=[3.3, 2.2, 1.5, -1.0, -3.0]))
    (after,) = ask([["compute", near, before]])
    assert after["limits"] == before["limits"]
    far = traits(made(scores=[7.0, 2.2, 1.5, -1.0, -3.0]))
    (after,) = ask([["compute", far, before]])
    assert after["limits"]["score"][1] >= 7
    assert after["limits"]["up"][1] >= math.exp(7)


def test_the_curve_stays_within_its_axes(ask):
    (places,) = ask([["samples", -4, 9, 25]])
    xs, ys = np.array(places).T
    np.testing.assert_allclose(ys, np.exp(xs))
    assert xs[0] == -4
    assert ys[-1] == pytest.approx(25)
    assert ask([["samples", 996, 1004, 1]]) == [[]], "there exp is beyond all axes"


def test_scores_are_changed_one_at_a_time(ask):
    assert ask([["changed", [1, 2, 3], 1, 2.449]]) == [[1, 2.4, 3]]


def test_controls_are_those_of_the_parts():
    def set_by(*parts):
        live = softmax_bench(WORDS, SCORES, parts=["strip", *parts])
        return [each["trait"] for each in live.figure.settings]

    assert set_by() == []
    assert set_by("draw", "temperature", "curve") == ["temperature", "seed"]
    assert set_by(*PARTS[1:]) == ["temperature", "shift", "single", "seed"]
    assert repr(softmax_bench(WORDS, SCORES)) == ("Live bench of softmax, 5 words to choose among")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"words": WORDS[:4]}, "words has 4 words, and the figure 5: give one for each"),
        ({"words": "mat floor"}, r"words is one string: write words.split\(\)"),
        ({"scores": [[1.0, 2.0]]}, r"scores has shape \(1, 2\), and needs \(word,\)"),
        ({"scores": []}, r"scores has shape \(0,\)"),
        ({"scores": [1, 2, 3, 4, math.inf]}, "scores holds inf at 4"),
        ({"scores": list("abcde")}, "scores holds <U1, and needs real numbers"),
        ({"parts": ["strip", "slide"]}, r"parts has \['slide'\], and knows only"),
        ({"parts": ["curve"]}, r"parts is \['curve'\], and needs 'strip' as well"),
        ({"temperature": 0}, "temperature is 0.0, and must be above 0 and finite"),
        ({"seed": -1}, "seed is -1, and must be from 0 to 2147483647"),
        ({"focus": [0, 5]}, r"focus is \[0, 5\]"),
        ({"mask": None}, r"\['mask'\] is no argument of this figure"),
    ],
)
def test_bad_arguments_are_named(arguments, said):
    given = {"words": WORDS, "scores": SCORES} | arguments
    with pytest.raises((TypeError, ValueError), match=said):
        softmax_bench(**given)


def test_scores_that_are_set_later_are_checked_as_well():
    figure = made()
    with pytest.raises(ValueError, match="scores has 2 numbers, and words 5: give a score for"):
        figure.scores = [1.0, 2.0]
    with pytest.raises(ValueError, match="scores holds nan at 1"):
        figure.set_state({"scores": [1.0, math.nan, 1.0, 1.0, 1.0]})
    figure.scores = [0.0] * 5
    assert figure.shares.tolist() == [0.2] * 5


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_every_state_has_a_picture(settings):
    assert made(**settings).png().startswith(b"\x89PNG")


def test_the_picture_follows_the_scores():
    figure = made()
    before = figure.png()
    figure.scores = [0.0, 2.2, 1.5, -1.0, -3.0]
    after = figure.png()
    assert before != after
    figure.seed = 1
    assert figure.png() != after, "what was drawn is in the picture"
