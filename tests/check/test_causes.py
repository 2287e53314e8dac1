"""Why an attempt is wrong, told by the judge itself, whatever the exercise: kind by kind."""

import dataclasses
import time
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import attnlab
from attnlab import softmax
from attnlab.check import running, student_code
from attnlab.check.answering import judge_answer
from attnlab.check.catalogue import named
from attnlab.check.exercise import Mistake
from attnlab.check.judging import judge

x = np.array([[1.0, 1, 0, 0], [1, 0, 1, 1], [0, 1, 1, 0]])
sat, on = x[0], x[1]
d = 4


def words(name, mine, **more):
    return " ".join(repr(judge(named(name), mine, **more)).split())


def score_of_the_session(query, key):  # noqa: ARG001
    return sat @ on / np.sqrt(len(query))


def weights_of_the_session(question, table):  # noqa: ARG001
    exponentials = np.exp(x @ question / np.sqrt(len(question)))
    return exponentials / exponentials.sum()


def weights_by_a_helper(query, keys):  # noqa: ARG001
    exponentials = np.exp(scores_of_x(query))
    return exponentials / exponentials.sum()


def scores_of_x(query):
    return x @ query / 2


def attend_over_its_argument(x):
    x = np.array([[1.0, 1, 0, 0]])
    return x * sat


def attend_half(x):
    return softmax(x @ x.T / np.sqrt(x.shape[1])) @ globals_of_attend


globals_of_attend = np.ones((3, 4))


def test_names_of_the_notebook_in_place_of_arguments():
    said = words("score", score_of_the_session)
    assert "uses `sat` and `on` of the notebook, and never its argument `key`" in said
    said = words("weights", weights_of_the_session)
    assert "uses `x` of the notebook, and never its argument `table`" in said
    assert "`x` of the notebook, and never its argument `keys`" in words(
        "weights", weights_by_a_helper
    )
    assert "and never its argument `x`" in words("attend", attend_over_its_argument)


def test_the_name_in_whose_place_the_argument_would_do():
    said = words("attend", attend_half)
    assert "uses `globals_of_attend` of the notebook where its argument `x` belongs" in said


def test_a_number_of_the_notebook_is_asked_about_where_nothing_else_is_known():
    def attend(x):
        return softmax(x @ x.T / np.sqrt(d)) @ x * d

    said = words("attend", attend)
    assert "reads `d` (4) from the notebook, not from its arguments" in said


def test_a_right_answer_may_read_what_it_likes():
    def score(query, key):
        return query @ key / len(query) ** half

    assert judge(named("score"), score)


half = 0.5


@pytest.mark.parametrize(
    ("name", "body", "number", "whose"),
    [
        ("score", "return query @ key / np.sqrt(2)", "2", "the size of d, here"),
        ("attend", "e = np.exp(x @ x.T / 2); return e / e.sum(1, keepdims=True) @ x", "2", "size"),
        ("weights", "e = np.exp(keys @ query / np.sqrt(4)); return e / e.sum()", "4", "size of d"),
    ],
)
def test_a_number_copied_from_the_chapter(name, body, number, whose):
    space = {"np": np}
    head = named(name).stub.splitlines()[0]
    exec(f"{head}\n    {body}", space)
    task = dataclasses.replace(named(name), mistakes=())
    said = " ".join(repr(judge(task, space[task.handed])).split())
    assert f"The number {number} is written in your function where" in said
    assert whose in said


def test_a_table_of_a_fixed_size_that_does_not_fit():
    def scores(query, key):
        table = np.zeros((3, 6))
        table[:] = query @ key.swapaxes(1, 2)
        return table

    assert "In your function 6 is written" in words("scaled_scores", scores)


@pytest.mark.parametrize(
    ("way", "told"),
    [
        (lambda loss: 3 * loss, "each number is the right one times 3."),
        (lambda loss: loss + 1, "each number is the right one plus 1."),
        (lambda loss: loss / np.log(10), "is it the logarithm to base 10, where ln belongs?"),
    ],
)
def test_a_factor_that_is_the_same_in_every_example(way, told):
    task = dataclasses.replace(named("next_token_loss"), mistakes=())
    mine = of_solution("next_token_loss")
    assert told in " ".join(repr(judge(task, lambda *of: way(mine(*of)))).split())


def test_e_rounded_is_no_exp():
    def weights(query, keys):
        powers = 2.718 ** (keys @ query / np.sqrt(len(query)))
        return powers / powers.sum()

    assert "2.718 is e rounded; np.exp has all its digits" in words("weights", weights)


@pytest.mark.parametrize(("places", "told"), [(3, "to 3 places"), (1, "to 1 place")])
def test_rounding_is_said_and_seen(places, told):
    said = words("softmax", lambda s, axis=-1: softmax(s, axis=axis).round(places))
    assert f"You rounded {told}." in said
    _, got, expected = said.rpartition("got")[2].partition("expected")
    assert got.strip() != expected.strip()


def leftover_below(scores, axis=-1):
    shares = softmax(scores, axis=axis)
    print(shares)
    raise NotImplementedError


def leftover_above(scores, axis=-1):
    """Shares."""
    raise NotImplementedError
    return softmax(scores, axis=axis)


def leftover_inside(scores, axis=-1):
    if axis == -1:
        raise NotImplementedError("todo")
    return softmax(scores, axis=axis)


def stub(scores, axis=-1):
    """Nothing but this."""
    raise NotImplementedError("later")


def calls_a_stub(scores, axis=-1):  # noqa: ARG001
    return stub(scores) + 0


@pytest.mark.parametrize(
    ("mine", "told"),
    [
        (leftover_below, "Your function still ends in `raise NotImplementedError`"),
        (leftover_above, "Your function begins with `raise NotImplementedError`"),
        (leftover_inside, "Your function still holds `raise NotImplementedError`"),
        (calls_a_stub, "Your function calls `stub`, which is still a stub"),
    ],
)
def test_a_leftover_of_the_stub_is_no_blank(mine, told):
    verdict = judge(named("softmax"), mine)
    assert verdict.state == "raised an error"
    assert told in " ".join(repr(verdict).split())


def test_the_leftover_is_found_without_its_source():
    space = {"np": np}
    exec("def f(s, axis=-1):\n    raise NotImplementedError\n    return np.exp(s)", space)
    assert "still holds `raise NotImplementedError`" in words("softmax", space["f"])
    exec('def f(s, axis=-1):\n    "Shares."\n    raise NotImplementedError', space)
    assert judge(named("softmax"), space["f"]).state == "not attempted yet"
    assert judge(named("softmax"), stub).state == "not attempted yet"


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("shares_by_hand", [Fraction(1, 8), Fraction(1, 4), Fraction(5, 8)]),
        ("shares_by_hand", np.array([Fraction(1, 8), Fraction(1, 4), Fraction(5, 8)])),
        ("shares_by_hand", [Fraction(1, 8), 0.25, Decimal("0.625")]),
        ("score_of_on", Fraction(3, 2)),
        ("score_of_on", Decimal("1.5")),
        ("k_then_p", [Fraction(5, 8), Fraction(3, 8), 0, 0]),
    ],
)
def test_fractions_are_numbers(name, answer):
    assert judge_answer(named(name), answer)


def test_fractions_may_be_returned():
    assert judge(named("score"), lambda q, k: Fraction(q @ k) / Fraction(len(q) ** 0.5))


def test_a_number_in_quotes():
    said = repr(judge_answer(named("score_of_on"), "3/2"))
    assert "Take the quotes away: 3/2 is a number, '3/2' a word." in said


def test_an_answer_with_too_few_places():
    verdict = judge_answer(named("shares_by_hand"), [0.1, 0.2, 0.6])
    assert verdict.name == "rounded"


def test_what_counts_is_the_time_of_the_processor(monkeypatch):
    monkeypatch.setattr(running, "_IDLE", 0.0)  # as if others had taken the processor meanwhile
    begun = time.monotonic()

    def mine(scores, axis=-1):
        time.sleep(0.2)
        return np.exp(scores) / np.exp(scores).sum(axis, keepdims=True)

    assert judge(named("softmax"), mine, seconds=0.3).name == "overflows"
    assert time.monotonic() - begun > 0.9


def test_a_busy_machine_is_no_excuse_for_ever(monkeypatch):
    monkeypatch.setattr(running, "_IDLE", 0.0)
    monkeypatch.setattr(running, "_LEAST", 0.5)
    begun = time.monotonic()
    assert "It was stopped after" in words("softmax", lambda *_: time.sleep(30), seconds=0.1)
    assert time.monotonic() - begun < 5


@pytest.mark.skipif(not hasattr(time, "pthread_getcpuclockid"), reason="no clock of a thread")
def test_others_that_work_meanwhile_take_nothing_away():
    clock = running._Clock.of_this_thread()
    others = running._Clock()
    import threading

    def busy():
        until = time.thread_time() + 0.1
        while time.thread_time() < until:
            pass

    thread = threading.Thread(target=busy)
    thread.start()
    thread.join()
    assert clock.spent() < 0.05
    assert others.spent() > 0.09


def attend_by_lists(x):
    table, d = x.tolist(), len(x[0])
    rows = []
    for one in table:
        scores = []
        for other in table:
            total = 0.0
            for a, b in zip(one, other, strict=True):
                total += a * b
            scores.append(np.exp(total / d**0.5))
        rows.append([sum(s * w[i] for s, w in zip(scores, table, strict=True)) for i in range(d)])
        rows[-1] = [value / sum(scores) for value in rows[-1]]
    return rows


def scores_by_lists(query, key):
    found = np.zeros((len(query), query.shape[1], key.shape[1]))
    for b in range(len(query)):
        for i in range(query.shape[1]):
            for j in range(key.shape[1]):
                for n in range(query.shape[2]):
                    found[b, i, j] += query[b, i, n] * key[b, j, n] / query.shape[2] ** 0.5
    return found


@pytest.mark.parametrize(
    ("name", "loop"), [("attend", attend_by_lists), ("scaled_scores", scores_by_lists)]
)
def test_a_loop_of_plain_python_has_room(name, loop):
    assert judge(named(name), loop, seconds=3)


@pytest.mark.parametrize(
    ("name", "way", "told"),
    [
        ("softmax", lambda s, axis=-1: softmax(s, axis=axis), "`softmax`"),
        ("softmax", lambda s, axis=-1: attnlab.softmax(s, axis=axis), "`attnlab`"),
        ("attend", lambda x: attnlab.attention(x, x, x), "`attnlab`"),
        ("self_attention", attnlab.self_attention, "`self_attention`"),
        ("sinusoids", attnlab.sinusoids, "`sinusoids`"),
        ("distance_bias", attnlab.distance_bias, "`distance_bias`"),
        ("rotary", attnlab.rotary, "`rotary`"),
        ("causal_mask", attnlab.causal, "`causal`"),
        ("padding_mask", attnlab.padding, "`padding`"),
        ("window_mask", attnlab.window, "`window`"),
        ("masked_attention", attnlab.attention, "`attention`"),
    ],
)
def test_without_attnlab_means_without(name, way, told):
    verdict = judge(named(name), way)
    assert (verdict.state, verdict.name) == ("right, but", "the package")
    assert f"it leaves the work to {told} of attnlab" in " ".join(repr(verdict).split())


def test_where_nothing_is_said_the_package_may_be_used():
    assert judge(
        named("score"), lambda query, key: attnlab.scaled_dot(query[None], key[None])[0, 0]
    )


def test_a_function_that_is_returned_uncalled():
    assert "uncalled: brackets are missing, sum(…)" in words("softmax", lambda s, _: s.sum)


def test_what_holds_on_one_example_only_is_not_told():
    def weights(query, keys):
        return np.sort(softmax(keys @ query / np.sqrt(len(query))))[::-1]

    task = dataclasses.replace(named("weights"), mistakes=())
    assert "reverse order" not in repr(judge(task, weights))
    turned = judge(task, lambda q, k: softmax(k @ q / np.sqrt(len(q)))[::-1])
    assert "in reverse order along axis 0" in " ".join(repr(turned).split())


def runs(found, wanted, length):
    return of_solution("matching_runs")(found, wanted, length)


def of_solution(name):
    space = {"np": np}
    exec(named(name).solution, space)
    return space[named(name).handed]


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("distance_bias", ("np.abs(", "("), "`abs` is left out"),
        ("rotary", ("+ v * np.cos", "- v * np.cos"), "`-` stands where `+` belongs"),
        (
            "sinusoids",
            ("range(d_model // 2)", "range(1, d_model // 2 + 1)"),
            "counting begins at 1",
        ),
        ("sinusoids", ("10000", "1000"), "1000 stands where 10000 belongs"),
        ("layer_norm", ("* gain", "/ gain"), "`/` stands where `*` belongs"),
        ("multi_head", ("@ w_output", "@ w_value"), "`w_value` stands where `w_output` belongs"),
        ("step_context", (" / exponentials.sum()", ""), "a division is left out or `max` stands"),
    ],
)
def test_one_slip_in_a_right_solution_is_told(name, body, told):
    task, space = named(name), {"np": np}
    exec(task.solution.replace(*body), space)
    without = dataclasses.replace(task, mistakes=())
    said = " ".join(repr(judge(without, space[task.handed])).split())
    assert "Your numbers are those of a right solution in which" in said
    assert told in said


def test_a_slip_that_never_ends_holds_nobody_up(monkeypatch):
    monkeypatch.setattr(student_code, "_LARGEST", 10**10)

    def writer(*arguments):  # its number is large, and stands for many others in the solution
        return [1000000000 for _ in range(arguments[-1])]

    begun = time.process_time()
    assert not judge(named("write_greedily"), writer)
    assert time.process_time() - begun < 8


norm = of_solution("rms_norm")


@pytest.mark.parametrize(
    ("name", "way", "told"),
    [
        ("matching_runs", lambda f, w, n: runs(f, w, n)[::-1], "in another order: return right, t"),
        ("split_heads", lambda x, h: np.array(np.split(x, h, axis=1))[0], "the first row alone"),
        ("split_heads", lambda x, h: np.array(np.split(x, h, axis=1))[-1], "the last row alone"),
        ("join_heads", lambda x: np.concatenate(list(x), 1).T, "the right numbers, transposed"),
        ("causal_mask", lambda query, key: key > query[:, None], "True and False are exchanged"),
        ("rms_norm", lambda *of: norm(*of).sum(1), "summed along axis 1"),
        ("rms_norm", lambda *of: np.trunc(norm(*of)), "behind the point are lost"),
        ("rms_norm", lambda *of: np.square(norm(*of)), "the squares of the right"),
        ("rms_norm", lambda *of: np.roll(norm(*of), 1, 1), "one place behind along axis 1"),
    ],
)
def test_how_the_numbers_hang_together_is_told(name, way, told):
    task = dataclasses.replace(named(name), mistakes=())
    assert told in " ".join(repr(judge(task, way)).split())


def test_two_mistakes_with_the_same_numbers_are_both_named():
    task = named("score")
    two = [Mistake(word, lambda *_: 7.0, f"It is {word}.") for word in ("one", "other")]
    said = repr(judge(dataclasses.replace(task, mistakes=tuple(two)), lambda *_: 7.0))
    assert "It is one. Or: It is other." in said


def test_several_results_may_come_as_one_array():
    assert judge(named("matching_runs"), lambda f, w, n: np.array(runs(f, w, n)))


def test_a_table_of_the_right_numbers_is_an_answer():
    assert judge_answer(named("two_contexts"), [[0.5, 0.5], [1, 0]])
    assert judge_answer(named("start_vector"), [[0, 1, 0, 1, 0, 1]])
