"""Only a notebook that is whole and executed becomes a chapter; else: file, cell, cure."""

import json

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from attnlab.book.stored import STATE, VIEW, state_of, stored, tags
from attnlab.book.trouble import BookError

FILE = "notebooks/05_many_heads.ipynb"


@pytest.fixture
def good() -> dict:
    """A notebook in which nothing is wrong, as the data that its JSON holds."""
    view = {VIEW: {"model_id": "a1"}, "text/plain": "Live figure"}
    figure = [new_output("execute_result", execution_count=1, data=view)]
    cells = [
        new_markdown_cell("# Many heads", id="title"),
        new_code_cell("figure()", id="figure", execution_count=1, outputs=figure),
        new_code_cell("1 / 0", id="sum", execution_count=2, metadata={"tags": ["claim:x"]}),
        new_code_cell("  \n", id="empty"),
    ]
    state = {"a1": {"model_name": "AnyModel", "model_module": "anywidget", "state": {}}}
    return new_notebook(cells=cells, metadata={"widgets": {STATE: {"state": state}}})


def failed(name="ZeroDivisionError"):
    return new_output("error", ename=name, evalue="division by zero", traceback=["…"])


def test_a_whole_notebook_is_read(good):
    book = stored(json.dumps(good), FILE)
    assert [cell.id for cell in book.cells] == ["title", "figure", "sum", "empty"]
    assert list(state_of(book)) == ["a1"]
    assert [tags(cell) for cell in book.cells] == [[], [], ["claim:x"], []]


def test_lines_may_be_stored_one_by_one(good):
    good["cells"][0]["source"] = ["# Many\n", "heads"]
    assert stored(json.dumps(good), FILE).cells[0].source == "# Many\nheads"


def test_an_error_that_is_meant_stands(good):
    good["cells"][2]["metadata"]["tags"].append("raises-exception")
    good["cells"][2]["outputs"] = [failed()]
    assert stored(json.dumps(good), FILE).cells[2].outputs[0].ename == "ZeroDivisionError"


def two_ids(book):
    book["cells"][2]["id"] = "title"


def old(book):
    book["nbformat_minor"] = 4
    for cell in book["cells"]:
        del cell["id"]


def very_old(book):
    book.update(nbformat=3, nbformat_minor=0, worksheets=[{"cells": book.pop("cells")}])


def no_state(book):
    del book["metadata"]["widgets"]


CASES = {
    "not executed": (
        lambda book: book["cells"][2].update(execution_count=None),
        f"{FILE}, cell sum: this cell was not executed. Run attnlab run {FILE}.",
    ),
    "an error that nobody meant": (
        lambda book: book["cells"][2].update(outputs=[failed()]),
        f"{FILE}, cell sum: this cell failed with ZeroDivisionError. Mend it and run attnlab run "
        f"{FILE}; if the error is meant, tag the cell raises-exception.",
    ),
    "a figure without its state": (
        no_state,
        f"{FILE}, cell figure: the live figure's state is not stored. Run attnlab run {FILE}.",
    ),
    "an id twice": (
        two_ids,
        f"{FILE}, cell title: two cells have this id. Rename one of the two.",
    ),
    "an old format": (
        old,
        f"{FILE}: stored in the old format 4.4. Save it in a newer JupyterLab.",
    ),
    "a very old format": (
        very_old,
        f"{FILE}: stored in the old format 3.0. Save it in a newer JupyterLab.",
    ),
    "malformed": (
        lambda book: book["cells"][1].pop("outputs"),
        f"{FILE}: malformed ('outputs' is a required property). Open it in JupyterLab and save it.",
    ),
    "a cell without a name": (
        lambda book: book["cells"][1].pop("id"),
        f"{FILE}: cell number 2 has no id. Open it in JupyterLab and save it.",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_said_with_its_place_and_its_cure(good, case):
    spoil, words = CASES[case]
    spoil(good)
    with pytest.raises(BookError) as caught:
        stored(json.dumps(good), FILE)
    assert str(caught.value) == words


@pytest.mark.parametrize(
    "text", ["[1, 2]", '"words"', '{"cells": 3}', '{"cells": [3]}', "{}", "null"]
)
def test_json_that_is_no_notebook(text):
    words = f"{FILE}: this is JSON, but no notebook. Run git checkout {FILE}."
    with pytest.raises(BookError) as caught:
        stored(text, FILE)
    assert str(caught.value) == words


def test_half_a_file(good):
    text = json.dumps(good)
    with pytest.raises(BookError, match=r"^notebooks/05_many_heads.ipynb: this is not JSON \(.+\)"):
        stored(text[: len(text) // 2], FILE)
    with pytest.raises(BookError, match=f"Take the last good version: git checkout {FILE}"):
        stored("", FILE)
