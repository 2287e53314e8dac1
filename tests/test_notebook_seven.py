"""A chapter in Jupyter Notebook 7: its figures move before anything runs, and then its cells run.

Notebook 7 is made of JupyterLab's parts, and `attnlab lab` serves it as well where it is installed;
what each figure does with each key is tried in JupyterLab (test_browser.py).
"""

import importlib.util
import shutil
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import sync_playwright

import needs
from jupyter import RUN_ALL, jupyterlab
from pages import SHOW_ALL, Opened, keys_of, listen, stored_figures

pytestmark = pytest.mark.everything

ROOT = Path(__file__).parents[1]
CHAPTER = "03_softmax.ipynb"
RAN = """() => {
  const kernel = document.querySelector(".jp-NotebookKernelStatus, .jp-KernelStatus");
  const prompts = Array.from(document.querySelectorAll(".jp-CodeCell .jp-InputPrompt"));
  return prompts.length > 5 && !prompts.some((prompt) => prompt.innerText.includes("*"));
}"""


@pytest.fixture(scope="module")
def seven(tmp_path_factory):
    """A chapter open in Notebook 7, its cells not yet run."""
    if importlib.util.find_spec("notebook") is None:
        needs.missing("Notebook 7", "pip install notebook")
    folder = tmp_path_factory.mktemp("seven")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    stored = stored_figures(nbformat.read(ROOT / "notebooks" / CHAPTER, as_version=4))
    with sync_playwright() as playwright, jupyterlab(folder) as (address, token):
        browser = playwright.chromium.launch(**needs.chromium(playwright))
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        view = Opened(page, address, stored)
        listen(view)
        page.goto(f"{address}/notebooks/notebooks/{CHAPTER}?token={token}")
        page.wait_for_selector(".attn-live [data-draws]", timeout=90_000)
        page.evaluate(SHOW_ALL)
        yield view
        browser.close()


def test_stored_figures_move_before_anything_runs(seven):
    for figure in seven.figures:
        said = figure.check()
        for trait, control in figure.stored.controls[:1]:
            ends = [figure.press(trait, key)["result"] for key in keys_of(control)[:2]]
            assert any(end != said["result"] for end in ends)


def test_all_cells_run(seven):
    with seven.page.expect_response(lambda answer: "/api/sessions" in answer.url, timeout=60_000):
        pass
    seven.page.evaluate(RUN_ALL)
    seven.page.wait_for_function(RAN, timeout=120_000)
    assert seven.page.locator("[data-mime-type*=error]").all_inner_texts() == []


def test_nothing_was_asked_of_other_hosts(seven):
    assert seven.outside == []
