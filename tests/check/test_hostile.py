"""Functions that do what they should not: the checker keeps its head, and the session goes on."""

import _thread
import sys
import threading
import time

import numpy as np
import pytest
import torch

from attnlab import check
from attnlab.check.answering import judge_answer
from attnlab.check.catalogue import named
from attnlab.check.judging import judge
from attnlab.check.running import Runner
from attnlab.check.untouched import untouched
from attnlab.check.verdict import spoken

SOFTMAX = named("softmax")


def right(scores, axis=-1):
    e = np.exp(scores - scores.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def words(mine, **more):
    return " ".join(repr(judge(SOFTMAX, mine, **more)).split())


def wait_for(condition, seconds=5.0):
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.01)
    return condition()


def own_threads(before):
    return [thread for thread in threading.enumerate() if thread not in before]


def test_an_endless_loop_is_stopped_with_a_word():
    before, begun = threading.enumerate(), time.monotonic()

    def mine(*_):
        while True:
            pass

    verdict = judge(SOFTMAX, mine, seconds=0.2)
    assert time.monotonic() - begun < 5
    assert verdict.state == "raised an error"
    said = " ".join(repr(verdict).split())
    assert "It was stopped after 0.2 seconds of processor time, and was still working: does" in said
    assert wait_for(lambda: not own_threads(before)), "the loop has ended, too"


def test_after_ten_seconds_if_nothing_else_is_said():
    begun = time.monotonic()
    said = " ".join(repr(check.softmax(lambda *_: time.sleep(60))).split())
    assert "It was stopped after 10 seconds, in which it hardly worked: what does it wait" in said
    assert 9.5 < time.monotonic() - begun < 20


def test_a_loop_that_catches_everything_is_stopped():
    before = threading.enumerate()

    def mine(*_):
        caught = 0
        while caught < 3:
            try:
                while True:
                    pass
            except BaseException:
                caught += 1
        return 0

    assert "It was stopped after 0.1 seconds" in words(mine, seconds=0.1)
    assert wait_for(lambda: not own_threads(before))


def test_a_long_sleep_does_not_hold_up_the_session():
    begun = time.monotonic()
    assert "It was stopped" in words(lambda *_: time.sleep(8), seconds=0.1)
    assert time.monotonic() - begun < 5


def test_the_time_is_for_all_calls_together():
    def mine(scores, axis=-1):
        time.sleep(0.3)
        return right(scores, axis)

    begun = time.monotonic()
    assert "It was stopped after 0.5 seconds" in words(mine, seconds=0.5)
    assert time.monotonic() - begun < 5


def test_away_from_the_main_thread_as_well():
    found = []

    def mine(*_):
        while True:
            pass

    thread = threading.Thread(target=lambda: found.append(words(mine, seconds=0.1)))
    thread.start()
    thread.join(10)
    assert "It was stopped" in found[0]


def test_what_is_printed_is_shown_in_part(capsys):
    def mine(scores, axis=-1):
        for number in range(1000):
            print("number", number)
        print("x" * 5000, file=sys.stderr)
        return right(scores, axis)

    verdict = judge(SOFTMAX, mine)
    assert verdict.state == "right"
    text = repr(verdict)
    assert "Run on the first example, it printed:\n    number 0\n    number 1\n" in text
    assert text.endswith("    number 9\n    … and 991 more lines")
    assert "number 10\n" not in text
    assert capsys.readouterr() == ("", "")


def test_an_endless_flood_is_cut():
    def mine(*_):
        while True:
            print("again" * 50)

    text = repr(judge(SOFTMAX, mine, seconds=0.2))
    assert text.count("\n") < 20
    assert "… and many more lines" in text
    assert len(text) < 2500


def test_what_others_print_meanwhile_is_not_swallowed(capsys):
    def mine(scores, axis=-1):
        thread = threading.Thread(target=lambda: print("from elsewhere"))
        thread.start()
        thread.join()
        return right(scores, axis)

    judge(SOFTMAX, mine)
    assert "from elsewhere" in capsys.readouterr().out


def test_an_older_verdict_does_not_speak_in_the_students_name(capsys):
    older = [spoken(judge(SOFTMAX, right))]
    older[0]._due = True

    def mine(scores, axis=-1):
        older.clear()  # nobody has looked at it, and here it goes
        return right(scores, axis)

    assert "printed" not in words(mine)
    assert "Softmax: right." in capsys.readouterr().out


def test_printing_in_place_of_returning():
    def mine(scores, axis=-1):
        print(right(scores, axis).round(1))

    said = words(mine)
    assert "It prints its result, and returns nothing (None): write return in place" in said
    assert "it printed: [[0.1 0.2 0.7]" in said


class Biting(list):
    def bite(self, *_, **__):
        raise RuntimeError("bitten")

    __repr__ = __str__ = __array__ = __iter__ = __len__ = __getattr__ = bite


class BitingArray:
    shape = (2, 3)

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no array")

    def __repr__(self):
        raise RuntimeError("no text")


class BitingError(Exception):
    def __str__(self):
        raise RuntimeError("no words")


class Endless:
    dtype = float

    def __array__(self, dtype=None, copy=None):
        while True:
            pass


@pytest.mark.parametrize("made", [Biting, BitingArray])
def test_a_result_that_raises_when_it_is_read(made):
    verdict = judge(SOFTMAX, lambda *_: made())
    assert verdict.state == "raised an error"
    assert "RuntimeError: " in repr(verdict)


def test_a_result_that_is_never_read_to_the_end():
    assert "It was stopped" in words(lambda *_: Endless(), seconds=0.2)


def test_an_error_without_words():
    def mine(*_):
        raise BitingError

    assert "BitingError: (its text cannot be read: RuntimeError)" in words(mine)


def test_an_error_with_too_many_words():
    def mine(*_):
        raise ValueError("x " * 10_000)

    assert len(words(mine)) < 1000


@pytest.mark.parametrize("error", [SystemExit, GeneratorExit, StopIteration, MemoryError])
def test_whatever_is_raised_is_a_verdict(error):
    def mine(*_):
        raise error("gone")

    assert f"{error.__name__}: gone" in words(mine)


def test_sys_exit_ends_nothing():
    assert "SystemExit: 3" in words(lambda *_: sys.exit(3))


def test_an_interrupt_is_passed_on():
    def mine(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge(SOFTMAX, mine)
    out = sys.stdout
    assert type(out).__name__ != "_Stream", "the streams are back"


def test_control_c_ends_it_at_once():
    before, begun = threading.enumerate(), time.monotonic()

    def mine(*_):
        while True:
            pass

    timer = threading.Timer(0.2, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        judge(SOFTMAX, mine)
    assert time.monotonic() - begun < 5
    assert wait_for(lambda: not own_threads([*before, timer]))


def test_patched_numpy_is_said_and_does_not_fool_the_judge(monkeypatch):
    monkeypatch.setattr(np, "exp", lambda x: x * 0 + 1)
    monkeypatch.setattr(np, "asarray", None)
    monkeypatch.setattr(np, "array", None)
    verdict = judge(SOFTMAX, lambda scores, axis=-1: torch.softmax(torch.tensor(scores), axis))
    assert verdict.state == "right", "the reference is not fooled"
    assert "numpy.array was changed in this session: restart the kernel" in repr(verdict)
    assert judge(SOFTMAX, right).state == "wrong value", "the student's own exp is the patched one"
    assert np.array is None, "patched as before"
    with untouched() as session:
        assert session.names == ("numpy.array", "numpy.asarray", "numpy.exp")
        assert np.exp(0.0) == 1


def test_a_function_that_patches_numpy(monkeypatch):
    monkeypatch.setattr(np, "exp", np.exp)  # put back afterwards

    def mine(scores, axis=-1):
        np.exp = np.sin
        return right(scores, axis)

    said = words(mine)
    assert "wrong value" in said
    assert "numpy.exp was changed in this session" in said


def test_warnings_and_settings_stay_inside():
    def mine(scores, axis=-1):
        np.seterr(all="raise")
        torch.tensor([1.0]) / 0
        np.float64(1) / np.float64(2)
        return right(scores, axis)

    before = np.geterr()
    judge(SOFTMAX, mine)
    assert np.geterr() == before


def test_overflow_raises_no_warning():
    verdict = judge(SOFTMAX, lambda s, axis=-1: np.exp(s) / np.exp(s).sum(axis, keepdims=True))
    assert verdict.name == "overflows"


def test_the_argument_may_be_ruined_completely():
    def mine(scores, axis=-1):
        result = right(scores, axis)
        scores.resize(0, refcheck=False)
        return result

    assert judge(SOFTMAX, mine).name == "changes its argument"


def test_a_function_with_its_own_calls_and_bool():
    class Odd:
        def __call__(self, scores, axis=-1):
            return right(scores, axis)

        def __bool__(self):
            raise RuntimeError("no truth")

        def __getattr__(self, name):
            raise RuntimeError(name)

    assert judge(SOFTMAX, Odd()).state == "right"


def test_read_only_results_and_views_are_fine():
    def mine(scores, axis=-1):
        result = right(scores, axis)
        result.flags.writeable = False
        return result[...]

    assert judge(SOFTMAX, mine).state == "right"


def test_the_runner_measures_memory():
    outcome = Runner(10).call(lambda: (np.ones(1_000_000) + 1,), measure=True)
    assert 8_000_000 <= outcome.peak < 17_000_000


@pytest.mark.parametrize("made", [Biting, BitingArray, Endless, object, dict])
def test_answers_may_bite_too(made):
    verdict = judge_answer(named("which_temperature"), made(), seconds=0.2)
    assert verdict.state == "wrong type"
    assert "Asked is one number, the temperature." in repr(verdict)
