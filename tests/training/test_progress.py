import doctest
import io
import re
import sys
import types

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from tqdm import tqdm

from attnlab.training import Step, progress

module = sys.modules["attnlab.training.progress"]


def steps(first=1, last=5):
    for number in range(first, last + 1):
        yield Step(number=number, loss=1 / number, lr=0.1, gradient=1.0, speed=12345.6)


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Shell:
    """A notebook's IPython, as far as it matters here; holds what is displayed."""

    kernel = "a kernel"

    def __init__(self, monkeypatch):
        self.lines = []
        display = types.SimpleNamespace(DisplayHandle=lambda: self)
        ipython = types.SimpleNamespace(get_ipython=lambda: self)
        monkeypatch.setitem(sys.modules, "IPython", ipython)
        monkeypatch.setitem(sys.modules, "IPython.display", display)

    def display(self, data, raw):
        self.update(data, raw)

    def update(self, data, raw):
        assert raw
        self.lines.append(data["text/plain"])


def terminal(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    monkeypatch.setattr(sys, "stderr", Terminal())
    return sys.stderr


@pytest.mark.parametrize("place", ["nowhere", "terminal", "notebook"])
def test_the_steps_are_handed_on_as_they_are(place, monkeypatch):
    if place == "terminal":
        terminal(monkeypatch)
    elif place == "notebook":
        Shell(monkeypatch)
    assert list(progress(steps(), total=5)) == list(steps())


def test_without_terminal_and_notebook_nothing_is_written(monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    list(progress(steps(), total=5))
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(sys, "stderr", None)  # as programs without a console have it
    assert len(list(progress(steps(), total=5))) == 5


def test_on_a_terminal_there_is_a_bar(monkeypatch):
    screen = terminal(monkeypatch)
    list(progress(steps(), total=5))
    last = screen.getvalue().split("\r")[-1]
    assert "100%" in last
    assert "5/5" in last
    assert "loss 0.200, 12,346 tokens/s" in last


def test_a_run_that_goes_on_begins_where_it_was(monkeypatch):
    screen, bars = terminal(monkeypatch), []

    class Bar(tqdm):
        def close(self):
            bars.append(self.initial)
            super().close()

    monkeypatch.setattr("tqdm.tqdm", Bar)
    taken = progress(steps(first=4), total=8)
    next(taken)
    taken.close()
    assert bars[0] == 3, "the steps of an earlier day do not count in the speed"
    assert "4/8" in screen.getvalue().split("\r")[-1]


def test_in_a_notebook_one_line_is_updated_and_ends_as_it_began(monkeypatch):
    shell, clock = Shell(monkeypatch), iter(range(99))
    monkeypatch.setattr(module, "monotonic", lambda: next(clock) * 0.15)
    assert len(list(progress(steps(), total=5))) == 5
    first, *between, last = shell.lines
    assert first == last == "5 steps"
    assert between, "there were updates"
    assert all(re.fullmatch(r"step \d of 5: loss 0.\d+, 12,346 tokens/s", s) for s in between)
    assert len(between) < 5, "not at every step"


def test_a_line_that_is_left_says_how_far_it_came(monkeypatch):
    shell = Shell(monkeypatch)
    for step in progress(steps(), total=5):
        if step.number == 3:
            break
    assert shell.lines[-1] == "3 of 5 steps"


def test_an_error_is_handed_on_and_the_line_says_how_far_it_came(monkeypatch):
    def failing():
        yield from steps(last=2)
        raise ValueError("the loss of step 3 is nan")

    shell = Shell(monkeypatch)
    with pytest.raises(ValueError, match="step 3 is nan"):
        list(progress(failing(), total=5))
    assert shell.lines[-1] == "2 of 5 steps"


def test_an_ipython_without_a_notebook_counts_as_a_terminal(monkeypatch):
    screen = terminal(monkeypatch)
    shell = Shell(monkeypatch)
    shell.kernel = None
    list(progress(steps(), total=5))
    assert shell.lines == []
    assert "5/5" in screen.getvalue()


@pytest.mark.slow
def test_stored_notebooks_are_the_same_each_time():
    code = """
    import time
    from attnlab.training import Step, progress
    def steps():
        for number in range(1, 5):
            time.sleep(0.15)
            yield Step(number=number, loss=time.time(), lr=0.1, speed=time.time())
    for step in progress(steps(), total=4): pass
    """
    lines = "\n".join(line[4:] for line in code.strip("\n").splitlines())
    book = new_notebook(cells=[new_code_cell(lines, id="train")])
    NotebookClient(book, timeout=120, kernel_name="python3").execute()
    (output,) = book.cells[0].outputs
    assert output == nbformat.from_dict(
        {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "4 steps"}}
    )


def test_no_steps_at_all_are_refused():
    with pytest.raises(ValueError, match="total is 0, and must be at least 1"):
        progress(steps(), total=0)


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
