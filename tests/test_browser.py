"""The figures of the course in JupyterLab: used as a reader does, held to the core.

Every figure of every chapter is live before anything runs. One figure of each class is then tried
with every key, and two chapters are run; with --everything it is all of them.

Nothing here looks inside the widget: keys and pointer go in, and what the figure says of itself
comes out (tests/pages.py). Pictures of the notebooks are left in screenshots/.
"""

import json
import random
import re
import shutil
from pathlib import Path
from textwrap import dedent

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import expect, sync_playwright

import needs
from attnlab.book.canonical import canonical
from attnlab.book.execution import executed
from jupyter import DARK, data, jupyterlab, run_all
from pages import ACTIVE_CELL, COURSE, keys_of, opened

ROOT = Path(__file__).parents[1]
RUN = ("01", "12")  # the first with a figure to understand, and one with a model and a text box
HOSTILE = ["<img src=x onerror=alert(1)>", "w" * 10_000, "cat"]
WORKBENCH = {
    "hostile": f"""
        import numpy as np
        from attnlab.lab import attention_heatmap
        attention_heatmap(np.eye(3), {HOSTILE!r}, focus=[0, 0])
    """,
    "workbench": """
        import numpy as np
        from attnlab.lab import attention_heatmap
        numbers = np.random.default_rng(0)
        heat = attention_heatmap(numbers.normal(size=(2, 3, 7, 7)))
        heat
        ---
        print(heat.figure.temperature, heat.figure.weights.round(9).tolist(), sep=";")
        ---
        attention_heatmap(numbers.normal(size=(150, 150)) * 5, mask=np.tri(150) == 1, focus=[9, 9])
    """,
    "betting": """
        from attnlab.lab import bet
        itself = bet("itself", "A word looks most at itself.", verdict="false", because="0.38.")
        itself
        ---
        print(3)
        ---
        itself.verdict  # claim:itself
        ---
        from attnlab.check.diary import bets
        print(bets())
    """,
    "typed": """
        from attnlab.lab import translator
        from attnlab.recipes import trained
        translator(trained("translation"), ["the cat sleeps", "Ana loves the small dogs"])
    """,
}
TABLE = """table => Array.from(table.tBodies[0].rows,
  (row) => Array.from(row.querySelectorAll("td"), (cell) => Number(cell.textContent)))"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A browser and a server with the course and the workbench, the same for all tests."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    with sync_playwright() as playwright:
        options = needs.chromium(playwright)
        for name, source in WORKBENCH.items():
            write(folder / "notebooks" / f"{name}.ipynb", source)
        with jupyterlab(folder) as server:
            browser = playwright.chromium.launch(**options)
            yield browser, server, folder / "notebooks"
            browser.close()


def write(path: Path, source: str) -> None:
    """An executed notebook, its cells divided by dashes."""
    cells = [new_code_cell(part.strip()) for part in dedent(source).split("---")]
    for cell in cells:
        cell.metadata["tags"] = re.findall(r"claim:\w+", cell.source)
    nbformat.write(new_notebook(cells=cells), path)
    nbformat.write(canonical(executed(path)), path)


def show(lab, name: str, **window):
    browser, server, folder = lab
    return opened(browser, server, folder / f"{name}.ipynb", **window)


@pytest.fixture(scope="module", params=[path.stem for path in COURSE])
def lesson(request, lab, everything):
    """A chapter, as it is when it is opened."""
    with show(lab, request.param) as view:
        view.name, view.everything = request.param, everything
        yield view


@pytest.fixture(scope="module")
def lesson_run(lesson, everything):
    """The same, run if it is one of those that are run here; nbval runs all of them."""
    if everything or lesson.name.startswith(RUN):
        run_all(lesson.page)
        lesson.follow_the_kernel()
    return lesson


@pytest.fixture(scope="module")
def workbench(lab):
    with show(lab, "workbench") as view:
        run_all(view.page)
        yield view


def photograph(view, name: str) -> None:
    """One picture a screenful, from the top to the end."""
    (ROOT / "screenshots").mkdir(exist_ok=True)
    for screen in view.screens():
        view.page.screenshot(path=ROOT / "screenshots" / f"{name}-{screen:02}.png")


def test_stored_figures_are_live_before_anything_runs(lesson):
    for figure in lesson.figures:
        said = figure.check()
        assert said["state"].items() <= figure.stored.traits.items()
        for trait, control in figure.stored.controls[:1]:
            ends = [figure.press(trait, key)["result"] for key in keys_of(control)[:2]]
            assert any(end != said["result"] for end in ends)


def test_all_cells_run_without_an_error(lesson_run):
    errors = lesson_run.page.locator(
        "[data-mime-type*=error], .jp-RenderedText[data-mime-type*=stderr]"
    )
    assert errors.all_inner_texts() == []
    if lesson_run.everything:
        photograph(lesson_run, f"{lesson_run.name}-light")


def test_every_control_sets_the_weights_that_the_core_gives(lesson_run):
    for figure in lesson_run.tried:
        figure.check()
        heights = figure.heights()
        for trait, control in figure.stored.controls:
            for key in lesson_run.keys(control):
                figure.press(trait, key)
                assert figure.heights() == heights, f"the figure jumps at {trait} {key}"
        boxes = figure.box.locator("input[type=number]").all()
        assert all(len(box.input_value()) <= 6 for box in boxes), "not as a person writes numbers"


def test_darker_cells_have_more_weight(lesson_run):
    for figure in lesson_run.tried_heatmaps:
        weights = np.ravel(data(figure.root)["result"])
        light = figure.light()
        assert (np.diff(light[np.argsort(weights)]) <= 1).all()
        assert np.ptp(light) > 100 * np.ptp(weights)


def test_arrow_keys_walk_over_the_drawing_and_stay_inside(lesson_run):
    for figure in lesson_run.tried:
        figure.drawing.focus()
        active, heights = lesson_run.page.evaluate(ACTIVE_CELL), figure.heights()
        for key in lesson_run.ways(figure):
            row, _ = figure.walk(key)["focus"]
            word = figure.stored.traits["query_words"][row] if figure.stored.is_heatmap else ""
            assert figure.status.inner_text()
            assert figure.status.inner_text().startswith(word[:23])
            assert figure.drawing.get_attribute("aria-label")
            assert figure.heights() == heights, f"the figure jumps at {key}"
        assert lesson_run.page.evaluate(ACTIVE_CELL) == active


def test_pointing_at_a_cell_puts_the_focus_there(lesson_run):
    for figure in lesson_run.tried_heatmaps:
        rows, columns = figure.shape
        for row, column in [(0, 0), (rows - 1, columns - 1), (rows // 2, columns // 3)]:
            assert figure.point(row, column)["focus"] == [row, column]
        lesson_run.page.mouse.move(2, 2)
        assert data(figure.root)["focus"] == [row, column]


def test_the_table_shows_the_same_numbers_and_follows(lesson_run):
    for figure in lesson_run.tried_heatmaps:
        figure.box.locator("summary").click()
        table = figure.box.locator("table")
        for trait, _ in [(None, None), *figure.stored.controls[:1]]:
            if trait:
                figure.press(trait, "Home")
            table.wait_for()
            result = data(figure.root)["result"]
            np.testing.assert_allclose(table.evaluate(TABLE), result, rtol=0, atol=5.1e-4)
        assert table.locator("th[scope=row]").count() == figure.shape[0]
        assert table.locator("th[scope=col]").count() == figure.shape[1] + 1
        figure.box.locator("summary").click()


def test_every_figure_has_a_table_of_its_numbers(lesson_run):
    for figure in lesson_run.tried:
        figure.box.locator("summary").click()
        table = figure.box.locator("details table").first
        table.wait_for()
        assert table.locator("th[scope=row]").count()
        assert table.locator("th[scope=col]").count()
        assert table.locator("caption").inner_text()
        figure.box.locator("summary").click()


def test_each_figure_has_a_hatching_of_its_own(lesson_run):
    names = [f.box.locator("pattern").get_attribute("id") for f in lesson_run.figures]
    assert len(set(names)) == len(names), "one name twice: the browser takes the first, even unseen"


def test_nothing_was_asked_of_other_hosts_and_nothing_complained(lesson_run):
    assert lesson_run.outside == []
    assert lesson_run.complaints == []


def test_no_figure_is_wider_than_its_column(lesson_run):
    for figure in lesson_run.figures:
        assert figure.spill() <= 1


def test_steps_at_random(workbench, everything):
    figure, chance = workbench.figures[0], random.Random(0)
    assert [name for name, _ in figure.stored.controls] == [
        *("layer", "head", "temperature", "causal", "reach")
    ]
    for _ in range(500 if everything else 100):
        trait, control = chance.choice([*figure.stored.controls, ("focus", {})])
        if trait == "focus":
            figure.walk(chance.choice(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "End"]))
        elif isinstance(control["value"], bool):
            figure.press(trait, "Space")
        else:
            figure.press(trait, chance.choice(["ArrowLeft", "ArrowRight", "Home", "End"]))
    assert workbench.complaints == []


def test_the_kernel_has_what_the_slider_was_set_to(workbench):
    figure = workbench.figures[0]
    for key in ["Home", "ArrowRight"]:
        said = figure.press("temperature", key)
        for _ in range(10):  # a busy page holds messages back until the kernel has read the last
            temperature, weights = workbench.run_cell(1).split(";")
            if float(temperature) == said["state"]["temperature"]:
                break
            workbench.page.wait_for_timeout(200)
        assert float(temperature) == said["state"]["temperature"]
        np.testing.assert_allclose(json.loads(weights), said["result"], rtol=0, atol=1e-6)


def test_a_hundred_and_fifty_words(workbench):
    figure = workbench.figures[1]
    figure.check()
    for trait, key in [("temperature", "End"), ("causal", "Space"), ("reach", "ArrowLeft")]:
        figure.press(trait, key)
    figure.walk("ArrowDown")
    assert figure.spill() <= 1


@pytest.mark.parametrize("name", ["workbench", "hostile"])
def test_a_narrow_window(lab, name):
    with show(lab, name, width=480) as view:
        for figure in view.figures:
            figure.check()
            assert figure.spill() <= 1
        photograph(view, f"{name}-narrow")


def test_hostile_words_are_only_text(lab):
    with show(lab, "hostile") as view:
        (figure,) = view.figures
        figure.box.locator("summary").click()
        figure.box.locator("table").wait_for()
        for key in ["ArrowDown", "ArrowRight", "ArrowUp"]:
            figure.walk(key)
            assert figure.spill() <= 1
        assert "<img src=x" in figure.status.inner_text()
        assert figure.box.locator("img").count() == 0
        photograph(view, "hostile")
        assert view.complaints == []


def test_what_is_typed_is_translated_and_stays_text(lab):
    with show(lab, "typed") as view:
        run_all(view.page)
        (figure,) = view.figures
        field = figure.box.locator("input[type=text]")
        for typed, told in [
            ("the black cat sleeps", "French: le chat noir dort."),
            ("the <b>zorgle</b> sleeps", "Unknown: <b>zorgle</b> is handed on."),
            ("", "sentence has no words"),
            ("the cat sleeps", "French: le chat dort."),
        ]:
            field.fill(typed)
            field.press("Enter")
            expect(figure.status).to_contain_text(told)
            assert figure.drawing.locator("b").count() == 0
        assert view.complaints == []


def test_the_glossary_opens_as_it_is_read_and_leads_on_to_chapters(lab):
    with show(lab, COURSE[0].stem) as view:
        view.page.locator("a", has_text="glossary").first.click()
        words = view.page.locator(".jp-MarkdownViewer")
        expect(words.get_by_role("cell", name="dimension", exact=True)).to_be_visible()
        link = words.get_by_role("row", name="argmax").get_by_role("link", name="3", exact=True)
        link.click()
        expect(view.page.get_by_role("tab", name="03_softmax.ipynb")).to_be_visible()


def test_hostile_words_in_a_notebook_that_is_not_trusted(lab):
    folder = lab[2]
    book = nbformat.read(folder / "hostile.ipynb", as_version=4)
    book.cells.insert(0, new_markdown_cell("Changed since it was signed."))
    nbformat.write(book, folder / "stranger.ipynb")
    with show(lab, "stranger") as view:
        view.page.locator(".jp-OutputArea-output img").wait_for()
        assert view.page.locator("[data-figure], [src='x'], [onerror]").count() == 0
        for output in view.page.locator(".jp-OutputArea-output").all():
            assert output.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
        assert view.complaints == []


def test_the_first_chapter_dark_and_small(lab):
    first = COURSE[1].stem
    with show(lab, first, width=1024, height=768) as view:
        assert view.figures
        photograph(view, f"{first}-small")
        view.page.evaluate(DARK, "JupyterLab Dark")
        view.page.wait_for_selector("body[data-jp-theme-light=false]", state="attached")
        view.page.set_viewport_size({"width": 1280, "height": 900})
        for figure in (f for f in view.figures if f.stored.is_heatmap):
            weights = np.ravel(data(figure.root)["result"])
            light = figure.light()
            assert (np.diff(light[np.argsort(weights)]) >= -1).all(), "in the dark, much is light"
        photograph(view, f"{first}-dark")
        view.page.evaluate(DARK, "JupyterLab Light")
        view.page.wait_for_selector("body[data-jp-theme-light=true]", state="attached")


SIZE = "e => getComputedStyle(e).fontSize"
FOLDED = """() => window.jupyterapp.shell.currentWidget.content.widgets.flatMap(
  (cell, place) => (cell.outputHidden ? [place] : []))"""


def test_a_bet_is_placed_and_its_verdict_waits_folded(lab):
    with show(lab, "betting", folded=True) as view:
        bet = view.page.locator(".attn-bet")
        bet.get_by_role("radio", name="true", exact=True).check(force=True)
        bet.get_by_role("radio", name="80 %").check(force=True)
        bet.get_by_role("radio", name="80 %").press("Enter")
        expect(bet.get_by_role("status")).to_have_text("Your bet: true, 80 % sure.")
        assert view.page.evaluate(FOLDED) == [1, 2]
        shown = view.page.locator(".jp-OutputPlaceholder")
        assert shown.count() == 2
        assert view.page.locator(".jp-PlaceholderText").first.evaluate(SIZE) == "0px", "no answer"
        view.run_cell(0)
        expect(bet.get_by_role("status")).to_have_text("Your bet: true, 80 % sure.")
        shown.first.click()
        assert view.page.evaluate(FOLDED) == [2], "a click opens it"
        view.run_cell(2)
        assert view.page.evaluate(FOLDED) == [], "so does running it"
        verdict = view.page.locator("[data-figure='bet-verdict']")
        verdict.scroll_into_view_if_needed()
        expect(verdict).to_contain_text("You bet true, 80 % sure.The experiment says: false.0.38.")
        expect(bet.get_by_role("status")).to_contain_text("The verdict is out.")
        assert view.run_cell(3).strip() == "{'itself': {'right': False, 'sure': 80}}"
        assert view.complaints == []
