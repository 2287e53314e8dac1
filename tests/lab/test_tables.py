import doctest
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import torch

from attnlab.lab import show, tables


def cells(table) -> list[list[str]]:
    """The table as a browser shows it, header cells included."""
    tree = ElementTree.fromstring(table._repr_html_())
    return [["".join(cell.itertext()) for cell in row] for row in tree.iter("tr")]


def test_text_stands_right_aligned_under_its_words():
    table = show([[1.0, 0.25], [10.5, 3.0]], ["sat", "mat"], ["cat", "a long word"], "weights")
    assert repr(table).split("\n") == [
        "weights",
        "       cat  a long word",
        "sat   1.00         0.25",
        "mat  10.50         3.00",
    ]


def test_html_holds_the_same_words_and_numbers():
    table = show([[1.0, 0.25]], ["sat"], ["cat", "mat"], "weights of sat")
    assert cells(table) == [["", "cat", "mat"], ["sat", "1.00", "0.25"]]
    tree = ElementTree.fromstring(table._repr_html_())
    assert tree.findtext("caption") == "weights of sat"
    assert [cell.get("scope") for cell in tree.iter("th")] == ["col", "col", "col", "row"]


def test_without_a_caption_there_is_none():
    assert "caption" not in show([[1.0]])._repr_html_()
    assert repr(show([[1.0]])) == "  0\n  1"


def test_what_a_reader_typed_is_shown_and_not_run():
    bad = "<img src=x onerror='alert(1)'> & \"x\""
    table = show([[bad]], [bad], [bad], bad)
    html = table._repr_html_()
    assert "<img" not in html
    assert html.count("&lt;img") == 4
    assert cells(table) == [["", bad], [bad, bad]]


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ([0.5, 1 / 3, 2.0], ["0.50", "0.33", "2.00"]),
        ([1.0, -2.0, 30.0], ["1", "-2", "30"]),
        ([-0.0, 1.0], ["0", "1"]),
        ([-0.001, 0.5], ["0.00", "0.50"]),
        ([1e7, 2.0], ["10000000.00", "2.00"]),
        ([np.nan, 1.0], ["nan", "1.00"]),
        ([-np.inf, 1.0], ["-inf", "1.00"]),
        ([1, -2], ["1", "-2"]),
        ([True, False], ["yes", "no"]),
        (["cat", "mat"], ["cat", "mat"]),
    ],
)
def test_numbers_are_written_as_they_are_read(values, written):
    assert cells(show(values))[1] == ["", *written]


def test_a_single_axis_is_one_row_with_positions_above():
    assert cells(show([5, 6, 7])) == [["", "0", "1", "2"], ["", "5", "6", "7"]]


def test_tensors_are_shown_and_keep_their_gradient():
    values = torch.tensor([[0.5, 1.0]], requires_grad=True)
    assert cells(show(values)) == cells(show([[0.5, 1.0]]))
    assert values.requires_grad


def test_arguments_are_not_written_to():
    values, rows = np.array([[0.004, -0.0]]), ["a"]
    assert cells(show(values, rows)) == [["", "0", "1"], ["a", "0.00", "0.00"]]
    assert values.tolist() == [[0.004, 0.0]]
    assert np.signbit(values[0, 1]), "even the sign of the zero is left alone"
    assert rows == ["a"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: show(np.zeros((2, 3, 5))), r"values has shape \(2, 3, 5\).* one or two axes"),
        (lambda: show([[1, 2]], rows=["a", "b"]), r"rows has 2 words, and values shape \(1, 2\)"),
        (lambda: show([[1, 2]], columns=["a"]), r"columns has 1 words, and values shape \(1, 2\)"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_the_example_in_the_docstring():
    result = doctest.testmod(tables)
    assert result.attempted > 0
    assert result.failed == 0
