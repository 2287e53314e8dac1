"""Figures whose cell is run again."""

import numpy as np
import pytest

from attnlab.lab import attention_heatmap
from attnlab.lab.widgets import reruns


@pytest.fixture
def runs(monkeypatch):
    """Says which cell runs now, and which run of it this is, as JupyterLab tells the kernel."""
    monkeypatch.setattr(reruns, "_shown", {})

    def now(cell, run):
        monkeypatch.setattr(reruns, "_running", lambda: (cell, run))

    return now


def shown():
    live = attention_heatmap(np.eye(3))
    live._repr_mimebundle_()
    return live


def parts(widget):
    """A widget with all that belongs to it."""
    inner = [*getattr(widget, "children", ()), *getattr(widget, "links", ())]
    return [widget, *(part for each in inner for part in parts(each))]


def test_fifty_runs_of_a_cell_leave_one_figure(runs):
    figures = []
    for run in range(50):
        runs("a", str(run))
        figures.append(shown())
    assert len(parts(figures[0])) > 5
    assert all(part.comm is None for old in figures[:-1] for part in parts(old))
    assert all(part.comm is not None for part in parts(figures[-1]))


def test_two_figures_of_one_run_stay(runs):
    runs("a", "1")
    assert all(each.comm is not None for each in [shown(), shown()])


def test_what_another_cell_shows_too_stays(runs):
    runs("a", "1")
    live = shown()
    runs("b", "2")
    live._repr_mimebundle_()
    runs("a", "3")
    shown()
    assert live.comm is not None
    runs("b", "4")
    shown()
    assert live.comm is None


def test_the_same_figure_is_shown_again(runs):
    runs("a", "1")
    live = shown()
    runs("a", "2")
    live._repr_mimebundle_()
    assert live.comm is not None


def test_without_a_front_end_that_names_its_cells_nothing_is_closed(runs):
    runs(None, None)
    assert [each.comm is not None for each in [shown(), shown()]] == [True, True]
