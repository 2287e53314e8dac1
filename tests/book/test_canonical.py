import copy
import json
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from attnlab.book.canonical import canonical, text
from attnlab.book.execution import executed
from attnlab.cli import code_of
from attnlab.lab import attention_flow

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"


def cell(source="1 + 1", *, name="one", count=7, outputs=(), **metadata):
    return new_code_cell(
        source, id=name, execution_count=count, outputs=list(outputs), metadata=metadata
    )


def view(model: str):
    return new_output("display_data", {VIEW: {"model_id": model, "version_major": 2}})


def model(name: str, **state) -> dict:
    return {"model_name": name, "model_module": "m", "model_module_version": "1", "state": state}


def book(*cells, **widgets):
    made = new_notebook(cells=list(cells))
    if widgets:
        made.metadata["widgets"] = {STATE: {"state": widgets, "version_major": 2}}
    return made


def figure_with_a_slider(prefix=""):
    """Two views of widgets, of which one has children and a layout, a link, and an orphan."""
    slider, box, layout, link, orphan, loose = (prefix + n for n in "szltoq")
    return book(
        cell(outputs=[view(box)]),
        cell(name="two", outputs=[view(slider)]),
        **{
            orphan: model("SliderModel", value=9, layout=f"IPY_MODEL_{layout}"),
            loose: model(
                "LinkModel",
                source=[f"IPY_MODEL_{orphan}", "value"],
                target=[f"IPY_MODEL_{box}", "value"],
            ),
            link: model(
                "LinkModel",
                source=[f"IPY_MODEL_{slider}", "value"],
                target=[f"IPY_MODEL_{box}", "value"],
            ),
            slider: model("SliderModel", value=1),
            layout: model("LayoutModel", width="10px", height=None),
            box: model("BoxModel", children=[f"IPY_MODEL_{slider}"], layout=f"IPY_MODEL_{layout}"),
        },
    )


def state_of(notebook) -> dict:
    return notebook.metadata["widgets"][STATE]["state"]


def test_counts_run_from_one_over_the_code_cells():
    output = new_output("execute_result", {"text/plain": "2"}, execution_count=9)
    words = new_markdown_cell("words", id="words")
    result = canonical(book(cell(outputs=[output]), words, cell(name="two", count=3)))
    assert [c.get("execution_count") for c in result.cells] == [1, None, 2]
    assert result.cells[0].outputs[0].execution_count == 1


def test_timing_and_the_marks_of_an_editor_are_dropped_and_tags_kept():
    timing = {"iopub.execute_input": "2026-01-01T00:00:00Z"}
    marks = {"execution": timing, "collapsed": False, "scrolled": True, "trusted": True}
    plain = canonical(book(cell(tags=["claim:x"], **marks), cell(name="two", tags=[])))
    assert plain.cells[0].metadata == {"tags": ["claim:x"]}
    assert plain.cells[1].metadata == {}
    assert "2026" not in text(plain)


def test_the_kernel_is_named_without_its_version():
    first, second = book(cell()), book(cell())
    first.metadata["kernelspec"] = {"display_name": ".venv", "name": "mine", "language": "python"}
    first.metadata["language_info"] = {"name": "python", "version": "3.11.2"}
    first.metadata["celltoolbar"] = "Tags"
    assert text(canonical(first)) == text(canonical(second))
    assert canonical(first).metadata.kernelspec.name == "python3"


def test_the_notebook_given_is_not_written_to():
    given = figure_with_a_slider()
    before = copy.deepcopy(given)
    canonical(given, lambda _: ("script", "style"))
    assert given == before


def test_canonical_again_changes_nothing():
    once = canonical(figure_with_a_slider())
    assert text(canonical(once)) == text(once)
    read_back = nbformat.reads(text(once), as_version=4)
    assert text(canonical(read_back)) == text(once)


def test_the_text_ends_in_one_newline():
    written = text(canonical(book(cell())))
    assert written.endswith("}\n")
    assert json.loads(written)["nbformat"] == 4


def test_widgets_are_named_in_the_order_in_which_they_are_used():
    result = canonical(figure_with_a_slider())
    names = [f"{number:032x}" for number in range(4)]
    kinds = [state_of(result)[name]["model_name"] for name in names]
    assert kinds == ["BoxModel", "SliderModel", "LayoutModel", "LinkModel"]
    assert [c.outputs[0].data[VIEW]["model_id"] for c in result.cells] == names[:2]
    box, link = state_of(result)[names[0]]["state"], state_of(result)[names[3]]["state"]
    assert box == {"children": [f"IPY_MODEL_{names[1]}"], "layout": f"IPY_MODEL_{names[2]}"}
    assert link["source"] == [f"IPY_MODEL_{names[1]}", "value"]
    assert link["target"] == [f"IPY_MODEL_{names[0]}", "value"]


def test_other_ids_give_the_same_bytes():
    assert text(canonical(figure_with_a_slider("abc"))) == text(canonical(figure_with_a_slider()))


def test_models_that_nothing_shows_are_dropped_with_their_links():
    result = state_of(canonical(figure_with_a_slider()))
    assert len(result) == 4
    assert 9 not in [model["state"].get("value") for model in result.values()]


def test_the_names_that_links_happened_to_get_do_not_matter():
    link = model("LinkModel", source=["IPY_MODEL_z", "a"], target=["IPY_MODEL_s", "b"])
    first, last = figure_with_a_slider(), figure_with_a_slider()
    state_of(first)["a"] = link  # comes before the other link, t, where ids are sorted
    state_of(last)["u"] = link  # comes after it
    assert text(canonical(first)) == text(canonical(last))
    assert len(state_of(canonical(first))) == 5


def test_null_entries_of_a_layout_are_dropped_and_those_of_others_kept():
    given = figure_with_a_slider()
    state_of(given)["s"]["state"]["tooltip"] = None
    states = [model["state"] for model in state_of(canonical(given)).values()]
    assert {"width": "10px"} in states
    assert {"value": 1, "tooltip": None} in states


def test_a_notebook_without_views_stores_no_state():
    assert "widgets" not in canonical(book(cell())).metadata


def test_stored_code_of_a_figure_is_renewed():
    figure = {"_anywidget_id": "a.Figure", "_esm": "old script", "_css": "old style", "value": 3}
    given = book(cell(outputs=[view("f")]), f=model("AnyModel", **figure))
    kept = canonical(given)
    assert next(iter(state_of(kept).values()))["state"] == figure
    renewed = canonical(given, lambda name: (f"script of {name}", f"style of {name}"))
    state = next(iter(state_of(renewed).values()))["state"]
    assert state["_esm"] == "script of a.Figure"
    assert state["_css"] == "style of a.Figure"
    assert state["value"] == 3


def test_stored_styles_of_a_drawing_are_renewed_and_others_left_alone():
    fresh = attention_flow(["a"], [[1.0]])._repr_html_()
    stale = re.sub(r"(<style data-of=[^>]*>).*?</style>", r"\1of last year</style>", fresh)
    assert stale != fresh
    shown = new_output("display_data", {"text/html": f"{stale}<style>b {{}}</style>"})
    (output,) = canonical(book(cell(outputs=[shown])), code_of).cells[0].outputs
    assert output.data["text/html"] == f"{fresh}<style>b {{}}</style>"
    (output,) = canonical(book(cell(outputs=[shown]))).cells[0].outputs
    assert output.data["text/html"].startswith(stale)


def test_a_cell_that_was_not_executed_is_refused():
    with pytest.raises(ValueError, match=r"cell two \('x = 1'\) was not executed: run"):
        canonical(book(cell(), cell("x = 1\ny", name="two", count=None)))


def test_two_cells_with_one_id_are_refused():
    given = book(cell(), cell(name="two"))
    given.cells[1].id = "one"
    with pytest.raises(ValueError, match="two cells share the id one: rename one"):
        canonical(given)


def test_a_view_without_its_state_is_refused():
    with pytest.raises(ValueError, match="widget gone is shown but its state is not stored"):
        canonical(book(cell(outputs=[view("gone")]), other=model("SliderModel")))


@pytest.mark.slow
def test_two_executions_give_the_same_bytes(tmp_path):
    lines = ["from attnlab.lab import attention_heatmap", "lost = attention_heatmap([[1.0]])"]
    lines += ["live = attention_heatmap([[1.0, 0.0], [0.0, 2.0]], ['a', 'b'])", "live"]
    given = book(
        cell("\n".join(lines), count=None),
        cell("print('a')\nprint(live.figure.weights.shape)", name="two", count=None),
        cell("1 / 0", name="three", count=None, tags=["raises-exception"]),
    )
    path = tmp_path / "tiny.ipynb"
    nbformat.write(given, path)
    first, second = (executed(path) for _ in range(2))
    assert first.cells[0].outputs[0].data[VIEW] != second.cells[0].outputs[0].data[VIEW]
    stored = canonical(first, code_of)
    assert text(stored) == text(canonical(second, code_of))
    output = stored.cells[0].outputs[0]
    assert set(output.data) == {VIEW, "image/png", "text/plain"}
    shown = [m["state"] for m in state_of(stored).values() if "query_words" in m["state"]]
    assert [state["query_words"] for state in shown] == [["a", "b"]], "the lost figure is dropped"
    kinds = [m["model_name"] for m in state_of(stored).values()]
    assert kinds.count("LinkModel") == 4, (
        "one for the temperature, two for the reach, one for the box to tick"
    )
    assert stored.cells[1].outputs[0].text == "a\n(2, 2)\n"
