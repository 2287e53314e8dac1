"""The states of an attempt, one by one, and what is said in each."""

import re

import numpy as np
import pytest
import torch

from attnlab import check
from attnlab.check.answering import judge_answer
from attnlab.check.catalogue import named
from attnlab.check.exercise import Exercise, Flaw, Mistake, Question, WrongAnswer
from attnlab.check.judging import judge
from attnlab.check.verdict import NotRightError, Verdict, code
from attnlab.core import softmax

HINTS = ("Nudge.", "Look there.", "a + b", "The picture.")
ABOUT = {"difficulty": "easy", "minutes": 1, "hints": HINTS}

PRODUCT = Exercise(
    **ABOUT,
    number="99.1",
    name="product",
    title="All pairs",
    parameters={"query": "query d", "key": "key d"},
    result="query key",
    reference=lambda query, key: query @ key.T,
    probes=(
        lambda _: {"query": np.array([[1.0, 2], [0, 1], [2, 0]]), "key": np.eye(5, 2)},
        lambda random: {"query": random.normal(size=(2, 7)), "key": random.normal(size=(3, 7))},
    ),
    mistakes=(
        Mistake("twice", lambda query, key: 2 * query @ key.T, lambda seen: f"{seen.got.sum():g}."),
        Mistake("not turned", lambda query, key: query @ key, "Turn key round."),
    ),
    flaws=(
        Flaw(
            "one query",
            lambda query, key: np.squeeze(query @ key.T),
            lambda _: {"query": np.ones((1, 2)), "key": np.ones((3, 2))},
            "one query alone loses its axis.",
        ),
    ),
    solution="def my_product(query, key):\n    return query @ key.T\n",
)

TWO = Exercise(
    **ABOUT,
    number="99.2",
    name="two",
    title="Two results",
    parameters={"x": "n"},
    result={"total": "", "even": "n"},
    reference=lambda x: (x.sum(), x % 2 == 0),
    probes=(lambda _: {"x": np.array([1, 2, 4])},),
    mistakes=(),
    solution="def my_two(x):\n    return x.sum(), x % 2 == 0\n",
)

WORD = Question(
    **ABOUT,
    number="99.3",
    name="word",
    title="A word",
    asks="one word, rises or falls",
    answer="rises",
    choices=("rises", "falls", "stays"),
    wrongs=(WrongAnswer("falls", "falls", "It does not fall."),),
    solution="my_word = 'rises'",
)

TRIPLE = Question(
    **ABOUT,
    number="99.4",
    name="triple",
    title="Three numbers",
    asks="3 numbers",
    answer=[1.0, 2.0, 3.0],
    wrongs=(WrongAnswer("order", [3.0, 2.0, 1.0], lambda mine: f"{mine[0]:g} is the last."),),
    solution="my_triple = [1, 2, 3]",
)


def of_the_package(scores, axis=-1, mask=None):
    return softmax(scores, mask, axis=axis)


def right(query, key):
    return query @ key.T


def said(function, exercise=PRODUCT, **more):
    """State and words of an attempt, in one line."""
    verdict = judge(exercise, function, **more)
    return verdict.state, " ".join(repr(verdict).split())


def test_right():
    verdict = judge(PRODUCT, right)
    assert verdict
    assert repr(verdict) == "Exercise 99.1 · All pairs: right."


def test_not_attempted():
    def stub(query, key):
        """All pairs."""
        raise NotImplementedError

    verdict = judge(PRODUCT, stub)
    assert not verdict
    assert repr(verdict) == (
        "Exercise 99.1 · All pairs: not attempted yet.\n"
        "Fill in the cell and run it again; check.hint('product') nudges."
    )


def test_raised_shows_the_students_own_lines_and_how_it_was_called():
    def helper(key):
        return np.linalg.inv(key)

    def mine(query, key):
        return query @ helper(key)

    state, words = said(mine)
    assert state == "raised an error"
    assert re.search(r"line \d+ of mine: return query @ helper\(key\)", words)
    assert re.search(r"line \d+ of helper: return np.linalg.inv\(key\)", words)
    assert "LinAlgError: Last 2 dimensions of the array must be square" in words
    assert "called with query of shape (query 3, d 2) and key of shape (key 5, d 2)." in words
    assert "linalg.py" not in words
    assert "/" not in words


def test_raised_in_a_cell_of_a_notebook():
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    try:
        shell.run_cell("def mine(query, key):\n    top = query / 0\n    return top + unknown")
        state, words = said(shell.user_ns["mine"])
    finally:
        InteractiveShell.clear_instance()
    assert state == "raised an error"
    assert "line 3 of mine: return top + unknown NameError: name 'unknown' is not defined" in words


def test_raised_names_the_mistake_that_raises_the_same():
    verdict = judge(PRODUCT, lambda query, key: query @ key)
    assert (verdict.state, verdict.name) == ("raised an error", "not turned")
    assert "Turn key round." in repr(verdict)


def test_too_few_parameters():
    state, words = said(lambda query: query)
    assert state == "raised an error"
    assert "takes 1 positional argument but 2 were given It was called with query of" in words


def test_deep_recursion_is_shown_in_short():
    def mine(query, key):
        return mine(key, query)

    state, words = said(mine)
    assert state == "raised an error"
    assert "more calls" in words
    assert "RecursionError" in words
    assert len(words) < 600


@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        (None, "returned nothing (None): its last line must `return` the result"),
        ({"a": 1}, "returned a dict"),
        ((number for number in range(3)), "returned a generator: make a list of it"),
        (map(str, [1]), "returned a map: make a list of it"),
        (object(), "returned an object"),
        ([[1.0, 2.0], [3.0]], "parts of different shapes, (2,), (1,)"),
        ([None, 2], "returned nothing (None)"),
        (np.array([object()]), "array of object"),
        (np.ones((3, 5), bool), "holds True and False, expected numbers"),
        ([["a"] * 5] * 3, "holds words, expected numbers"),
        (np.ones((3, 5), complex), "holds complex numbers, expected numbers"),
    ],
)
def test_wrong_type(returned, expected):
    state, words = said(lambda *_: returned)
    assert state == "wrong type"
    assert expected in words


@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        (np.ones((5, 3)), "It returned (5, 3), expected (query 3, key 5). Axis 0, query, has 5"),
        (np.ones((3, 2)), "Axis 1, key, has 2 entries, expected 5. 2 is the size of d."),
        (np.ones((3, 4)), "Axis 1, key, has 4 entries, expected 5."),
        (np.ones(15), "It returned (15,), expected (query 3, key 5). It has too few axes: 1"),
        (np.ones((1, 3, 5)), "too many axes: 3, expected 2"),
        (2.0, "It returned a single number, expected (query 3, key 5)."),
    ],
)
def test_wrong_shape_names_the_axis(returned, expected):
    state, words = said(lambda *_: returned)
    assert state == "wrong shape"
    assert expected in words


def test_transposed_is_said():
    state, words = said(lambda query, key: key @ query.T)
    assert state == "wrong shape"
    assert "5 is the size of key. They are the right numbers, transposed." in words


def test_wrong_value_is_named():
    verdict = judge(PRODUCT, lambda query, key: (query + query) @ key.T)
    assert (verdict.state, verdict.name) == ("wrong value", "twice")
    assert verdict.paragraphs[0] == "12.", "made of the student's own numbers"


def test_wrong_value_without_a_name_shows_where_and_how_much():
    def mine(query, key):
        result = query @ key.T
        result[1, 3] = 9
        return result

    state, words = said(mine)
    assert state == "wrong value"
    assert "The largest difference is at query 1 and key 3: got 9, expected 0." in words
    assert "query = [[1, 2], [0, 1], [2, 0]]" in words


def test_a_small_difference_is_told_with_as_many_places_as_show_it():
    def mine(query, key):
        result = query @ key.T
        result[0, 1] += 2e-5
        return result

    assert "got 2.00002, expected 2. " in said(mine)[1]


@pytest.mark.usefixtures("as_a_reader_runs_it")
def test_the_name_of_an_exercise_is_a_word():
    with pytest.raises(TypeError, match='in quotes, such as "softmax"'):
        check.hint(check.softmax)


def test_a_mistake_on_one_probe_only_is_not_the_mistake():
    def mine(query, key):
        return query @ key.T * (2 if len(query) == 3 else 3)

    verdict = judge(PRODUCT, mine)
    assert (verdict.state, verdict.name) == ("wrong value", None)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (lambda query, key: -query @ key.T, "with the sign turned round"),
        (lambda query, key: query @ key.T + 3, "right one plus 3"),
        (lambda query, key: (query @ key.T)[::-1], "in reverse order along axis 0"),
    ],
)
def test_how_wrong_numbers_hang_together_with_the_right_ones(wrong, expected):
    assert expected in said(wrong)[1]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinity_differ_most(bad):
    def mine(query, key):
        result = query @ key.T + 0.5
        result[2, 4] = bad
        return result

    assert "at query 2 and key 4: got" in said(mine)[1]


def test_right_but_with_a_flaw():
    verdict = judge(PRODUCT, lambda query, key: np.squeeze(query @ key.T))
    assert (verdict.state, verdict.name) == ("right, but", "one query")
    assert not verdict
    assert repr(verdict).startswith("Exercise 99.1 · All pairs: right, but …\none query alone")


def test_right_but_it_raises_on_a_harder_call():
    def mine(scores, axis=-1):
        if scores.max() > 100:
            raise ValueError("too large")
        return of_the_package(scores, axis)

    verdict = judge(named("softmax"), mine)
    assert verdict.state == "right, but"
    assert "not on a harder example: line" in " ".join(repr(verdict).split())
    assert "ValueError: too large" in repr(verdict)
    assert "scores of shape (row 1, option 3)" in repr(verdict)


def test_right_but_something_else_comes_out_on_a_harder_call():
    def mine(scores, mask):
        return of_the_package(scores, mask=mask) if mask.any(axis=-1).all() else 0.0

    verdict = judge(named("masked_softmax"), mine)
    assert verdict.state == "right, but"
    assert "It returned a single number, expected (row 2, option 2)." in repr(verdict)


def test_too_slow_on_a_harder_call():
    def mine(query, key):
        while len(query) == 1:
            pass
        return query @ key.T

    state, words = said(mine, seconds=0.3)
    assert state == "right, but"
    assert "not on a longer example: It was stopped after 0.3 seconds of processor time" in words
    assert "still working, where the shorter examples came to an end." in words


def test_right_but_it_changes_its_argument():
    def mine(query, key):
        result = query @ key.T
        key *= 2
        return result

    verdict = judge(PRODUCT, mine)
    assert (verdict.state, verdict.name) == ("right, but", "changes its argument")
    assert "it changes key, which belongs to the caller" in repr(verdict)
    assert judge(PRODUCT, right), "the next call gets the numbers as they were"


def test_right_but_it_keeps_something():
    calls = []

    def mine(query, key):
        calls.append(1)
        return query @ key.T + (len(calls) > 3)

    assert judge(PRODUCT, mine).name == "remembers"


def test_several_results_are_judged_by_name():
    assert judge(TWO, lambda x: [sum(x), list(x % 2 == 0)])
    state, words = said(lambda x: x.sum(), TWO)
    assert state == "wrong type"
    assert "expected 2 things (total, even): return total, even." in words
    assert said(lambda x: (x, x), TWO)[0] == "wrong shape"
    state, words = said(lambda x: (x.sum(), x % 2), TWO)
    assert state == "wrong type"
    assert "even: It holds int64, expected True and False: hand over the comparison" in words
    assert "total: It gives 8, expected 7." in said(lambda x: (x.sum() + 1, x % 2 == 0), TWO)[1]


@pytest.mark.parametrize("kind", [np.float32, np.float16, "torch.float32", "torch.bfloat16"])
def test_coarser_numbers_are_right_within_their_precision(kind):
    if isinstance(kind, str):
        name = kind.removeprefix("torch.")
        assert judge(PRODUCT, lambda q, k: torch.from_numpy(q @ k.T).to(getattr(torch, name)))
    else:
        assert judge(PRODUCT, lambda q, k: (q @ k.T).astype(kind))


def test_small_errors_are_wrong_in_double_precision():
    assert not judge(PRODUCT, lambda q, k: q @ k.T + 1e-4)
    assert judge(PRODUCT, lambda q, k: q @ k.T + 1e-11)


@pytest.mark.parametrize(
    ("mine", "expected"),
    [
        (np.ones(3), "handed in a ndarray: hand in the function itself without calling it"),
        (None, "handed in nothing (None): hand in the function itself"),
        ("softmax", "handed in a str"),
    ],
)
def test_what_is_no_function(mine, expected):
    state, words = said(mine)
    assert state == "wrong type"
    assert expected in words


def test_strict_raises_the_same_words():
    with pytest.raises(NotRightError, match=r"Exercise 3\.3 · Softmax: wrong value"):
        check.softmax(lambda scores, _: scores * 0, strict=True)


def test_html_has_the_same_words_escaped():
    def mine(*_):
        raise ValueError("<script>alert('x & y')</script>")

    verdict = judge(PRODUCT, mine)
    page = verdict._repr_html_()
    assert "<script" not in page
    assert "&lt;script&gt;alert(&#x27;x &amp; y&#x27;)" in page
    assert 'role="group" aria-label="Exercise 99.1 · All pairs: raised an error."' in page
    without = re.sub(r"<[^>]*>", " ", page)
    for word in repr(verdict).split():
        if word.isalnum():
            assert word in without
    for name in re.findall(r"([a-z-]+):", " ".join(re.findall(r'style="([^"]*)"', page))):
        assert name in ("border-left", "padding", "margin", "white-space", "background", "color")
    assert "#" not in re.sub("&#x27;", "", page), "no fixed colours: light and dark alike"


def test_names_are_code_and_the_next_step_stands_out():
    page = Verdict(PRODUCT, "right", ["Use `<b>` & go.", "Next: *on*, 2*3*4 * 5."])._repr_html_()
    assert "Use <code>&lt;b&gt;</code> &amp; go." in page
    assert "<strong>Next:</strong> <em>on</em>, 2*3*4 * 5." in page


def test_sentences_are_escaped_too():
    verdict = judge(PRODUCT, lambda *_: type("<img src=x>", (), {})())
    assert "It returned a <img src=x>" in repr(verdict)
    assert "<img" not in verdict._repr_html_()
    assert "a &lt;img src=x&gt;" in verdict._repr_html_()


def test_a_verdict_has_a_known_state():
    with pytest.raises(ValueError, match="state is 'fine'"):
        Verdict(PRODUCT, "fine")
    assert code("a\nb") == "    a\n    b"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("rises", "right"),
        (" Rises. ", "right"),
        (np.str_("RISES"), "right"),
        ("falls", "wrong value"),
        ("stays", "wrong value"),
        ("up", "wrong type"),
        (1, "wrong type"),
        (["rises"], "wrong type"),
        (len, "wrong type"),
        (None, "wrong type"),
        (..., "not attempted yet"),
    ],
)
def test_a_word(answer, state):
    assert judge_answer(WORD, answer).state == state


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        ([1, 2, 3], "right", ""),
        (torch.tensor([1.0, 2, 3]), "right", ""),
        ((1, 2, 3.005), "right", ""),
        ([3, 2, 1], "wrong value", "3 is the last."),
        ([1, 2.5, 3], "wrong value", "2.5 of entry 2 is too large."),
        ([1, 2, -3], "wrong value", "-3 of entry 3 is too small."),
        ([1, np.nan, 3], "wrong value", "The answer of entry 2 is a finite number."),
        ([1, 2], "wrong shape", "It is (2,); asked is 3 numbers."),
        ([1, ..., 3], "not attempted yet", "in place of the three dots: 3 numbers."),
        ([1j, 2, 3], "wrong type", "Asked is 3 numbers."),
    ],
)
def test_numbers(answer, state, words):
    verdict = judge_answer(TRIPLE, answer)
    assert verdict.state == state
    assert words in repr(verdict)


def test_the_nearest_name_is_proposed():
    with pytest.raises(AttributeError, match="no exercise is named 'softmx': did you mean 'soft"):
        _ = check.softmx
    with pytest.raises(ValueError, match="did you mean 'softmax'"):
        check.hint("softmx")
    with pytest.raises(AttributeError, match=r"^no exercise is named 'qqq': check\.progress"):
        _ = check.qqq
    assert not hasattr(check, "__wrapped__")
    assert {"softmax", "hint", "progress", "solution"} <= set(dir(check))
    words = "check.softmax(my_softmax): Exercise 3.3 · Softmax (medium, 10 minutes)"
    assert repr(check.softmax) == words


def test_hints_come_one_by_one():
    task = named("softmax")
    for number, kind in enumerate(["a nudge", "where to look", "the formula", "the picture"]):
        words = repr(check.hint("softmax"))
        assert words.startswith(f"Exercise 3.3 · Softmax: hint {number + 1} of 4, {kind}")
        assert " ".join(task.hints[number].split()) in " ".join(words.split())
    assert repr(check.hint("softmax")) == words, "the last one stays"


def test_the_solution_comes_when_asked_twice():
    first, second = repr(check.solution("softmax")), repr(check.solution("softmax"))
    assert "once more to see it" in first
    assert "hint 1 of 4" in first
    assert "def my_softmax" not in first
    assert second.startswith("Exercise 3.3 · Softmax: a solution.\n    def my_softmax(")


def test_the_solution_comes_after_a_pass():
    assert check.which_temperature(2)
    assert "my_temperature = 2" in repr(check.solution("which_temperature"))
