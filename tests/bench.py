"""What the course promises of its speed, measured in one run: python tests/bench.py

Ratios are taken between things measured side by side, so that they hold on any machine. What is
not reached is said so; the exit code is 0 all the same.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import nbformat
import numpy as np
import pytest
import torch
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import sync_playwright

import bench_book
import bench_decoding
import bench_lengths
import bench_recipes
import bench_training
import needs
from attnlab import attention
from attnlab.nn import MultiHeadAttention, fused_attention
from bench_book import CLOCK, FIGURE_DRAWN
from jupyter import NOT_RUNNING, jupyterlab, open_notebook, run_all

COURSE = Path(__file__).parents[1] / "notebooks"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
FIGURE = """
import numpy as np
from attnlab.lab import attention_heatmap
scores = np.random.default_rng(0).normal(size=(6, 6))
words = "The cat sat on the mat".split()
attention_heatmap(scores, words, focus=[2, 1])
"""
INTERACT = """
%matplotlib inline
import matplotlib.pyplot as plt
from attnlab import softmax
from ipywidgets import FloatSlider, interact

def heatmap(temperature):
    plt.imshow(softmax(scores, temperature=temperature), vmin=0, vmax=1)
    plt.xticks(range(6), words)
    plt.yticks(range(6), words)
    plt.show()

interact(heatmap, temperature=FloatSlider(value=1, min=0.125, max=8.125, step=0.125));
"""
SAME_PICTURE = """
def picture(temperature):
    weights = softmax(scores, temperature=temperature)
    figure, (matrix, above, below) = plt.subplots(3, figsize=(4, 6), height_ratios=[4, 1, 1])
    matrix.imshow(weights, vmin=0, vmax=1)
    matrix.set_xticks(range(6), words)
    matrix.set_yticks(range(6), words)
    for (row, column), weight in np.ndenumerate(weights):
        matrix.text(column, row, f"{weight:.2f}", ha="center", va="center")
    above.bar(range(6), scores[2])
    below.bar(range(6), weights[2])
    plt.show()

interact(picture, temperature=FloatSlider(value=1, min=0.125, max=8.125, step=0.125));
"""
NEW_IMAGE = """
  const cell = document.querySelectorAll(".jp-Cell")[CELL];
  let shown = cell.querySelector("img").src;
  const look = async () => {
    const image = cell.querySelector("img");
    if (!image || image.src === shown) return;
    shown = image.src;
    await image.decode();
    changed();
  };
  new MutationObserver(look).observe(cell,
    {subtree: true, childList: true, attributeFilter: ["src"]});"""


def main() -> None:
    try:
        figure, interact, same = in_the_browser()
    except (pytest.skip.Exception, pytest.fail.Exception) as missing:
        print(missing)
    else:
        row("slider to frame, live figure", f"{figure:.1f} ms", "at most 20 ms", figure <= 20)
        for what, spent in (("a bare imshow", interact), ("the same picture", same)):
            row(f"interact with {what}", f"{spent:.0f} ms", "", None)
            times = spent / figure
            row("  as many times slower", f"{times:.1f}", "at least 15", times >= 15)
    try:
        bench_book.rows(row)
    except (pytest.skip.Exception, pytest.fail.Exception) as missing:
        print(missing)
    times = against_numpy()
    row("attention, 6 words, to bare NumPy", f"{times:.2f}", "at most 4", times <= 4)
    times = slower(multihead(128, 8), torchs(128, 8))
    row("multi-head layer, 128, to PyTorch's", f"{times:.2f}", "at most 1", times <= 1)
    times = slower(multihead(1024, 1, attention), multihead(1024, 1))
    row("unfused to fused layer, 1,024", f"{times:.2f}", "at least 2.5", times >= 2.5)
    bench_training.rows(row)
    bench_decoding.rows(row)
    bench_lengths.rows(row)
    bench_recipes.rows(row)
    times = importing()
    row("import attnlab, to import numpy", f"{times:.2f}", "at most 2", times <= 2)
    spent = {path.stem: running(path) for path in sorted(COURSE.glob("*.ipynb"))}
    for name, (seconds, memory) in spent.items():
        row(f"execute {name}", f"{seconds:.1f} s", "", None)
        row("  its peak memory", f"{memory:.0f} MB", "at most 1000", memory <= 1000)
    for first, last, limit in (("00", "03", 20), ("04", "08", 180)):
        total = sum(pair[0] for name, pair in spent.items() if first <= name[:2] <= last)
        row(f"execute {first} to {last}", f"{total:.1f} s", f"at most {limit} s", total <= limit)


def row(what: str, measured: str, target: str, reached: bool | None) -> None:
    verdict = {None: "", True: "reached", False: "NOT REACHED"}[reached]
    print(f"{what:<42}{measured:>10}   {target:<14}{verdict}".rstrip(), flush=True)


def seconds_of(call: Callable) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def in_the_browser() -> list[float]:
    """Median milliseconds from a key on the temperature slider to the frame that shows it, for the
    live figure, for `interact` with a bare imshow of the same matrix, and for `interact` with all
    that the live figure shows (numbers, bars), in one JupyterLab with a live kernel.

    The clock is the page's: from the keydown event in the window's capture phase, before any
    handler. For the figure until `data-draws` has changed, for interact until the output holds an
    image of another source and it is decoded; then for both the next animation frame and one
    message after it, which runs once that frame is painted. The keyboard's and the screen's own
    delays are in neither. The next key is pressed when the kernel rests.
    """
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name) / "notebooks"
        shutil.copytree(COURSE, folder)
        cells = [new_code_cell(source.strip()) for source in (FIGURE, INTERACT, SAME_PICTURE)]
        book = new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
        nbformat.write(book, folder / "bench.ipynb")
        options = needs.chromium(playwright)
        with jupyterlab(Path(name)) as server:
            browser = playwright.chromium.launch(**options)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            open_notebook(page, *server, "bench.ipynb")
            run_all(page)
            page.wait_for_function("() => document.querySelectorAll('.jp-Cell img').length > 1")
            pairs = ((0, FIGURE_DRAWN, 30), (1, NEW_IMAGE, 30), (2, NEW_IMAGE, 30))
            medians = [median(presses(page, *pair)) for pair in pairs]
            browser.close()
    return medians


def presses(page, cell: int, watch: str, count: int) -> list[float]:
    """Milliseconds of each of so many key presses on the first slider of a cell."""
    handle = page.locator(".jp-Cell").nth(cell).locator(".noUi-handle, [type=range]").first
    handle.scroll_into_view_if_needed()
    handle.focus()
    page.evaluate(CLOCK.replace("WATCH", watch).replace("CELL", str(cell)))
    for press in range(count + 3):  # three to warm up
        page.wait_for_function(NOT_RUNNING, polling=50)  # by time: to ask in each frame disturbs
        page.wait_for_timeout(200)  # a person's pace: what the last key set off is over
        page.keyboard.press("ArrowLeft" if press % 2 else "ArrowRight")
        page.wait_for_function(
            "n => window.spent.length > n", arg=press, timeout=20_000, polling=50
        )
    return page.evaluate("window.spent")[3:]


def against_numpy() -> float:
    """attnlab.attention on 6 words with 4 numbers each, in times of the same lines of NumPy."""
    query, key, value = np.random.default_rng(0).normal(size=(3, 6, 4))

    def bare():
        scores = query @ key.T / np.sqrt(query.shape[-1])
        powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True) @ value

    def ours():
        return attention(query, key, value)

    np.testing.assert_allclose(ours(), bare())
    ratios = []
    for _ in range(15):
        spent = [seconds_of(lambda f=call: [f() for _ in range(1000)]) for call in (ours, bare)]
        ratios.append(spent[0] / spent[1])
    return median(ratios)


def multihead(length: int, batch: int, attend: Callable = fused_attention) -> Callable:
    """Forward and backward of our multi-head layer, 8 heads of 64, as a call."""
    layer, x = MultiHeadAttention(512, 8, attend=attend), torch.randn(batch, length, 512)
    x.requires_grad_()
    return lambda: layer(x).sum().backward()


def torchs(length: int, batch: int) -> Callable:
    """The same of PyTorch's own layer, not asked for its weights."""
    layer = torch.nn.MultiheadAttention(512, 8, batch_first=True)
    x = torch.randn(batch, length, 512, requires_grad=True)
    return lambda: layer(x, x, x, need_weights=False)[0].sum().backward()


def slower(one: Callable, other: Callable) -> float:
    """How many times the time of the other the one takes: median of 25 pairs, on one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        pairs = [(seconds_of(one), seconds_of(other)) for _ in range(28)][3:]
    finally:
        torch.set_num_threads(threads)
    return median(first / second for first, second in pairs)


def running(path: Path) -> tuple[float, float]:
    """Seconds to execute a notebook, and the most memory in MB that a process of its run held."""
    program = """
import resource, sys, time
from pathlib import Path
from attnlab.book.execution import executed
start = time.perf_counter()
executed(Path(sys.argv[1]))
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
    command = [sys.executable, "-c", program, str(path)]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, memory = map(float, result.stdout.split()[-2:])
    return seconds, memory / (1e6 if sys.platform == "darwin" else 1e3)


def importing() -> float:
    """`import attnlab` in times of `import numpy`: medians of 15, in turn, each in a new Python.

    The time is that of the statement alone, without the start of the interpreter.
    """
    clock = "from time import perf_counter as t; s = t(); import {}; print(t() - s)"
    spent = {"attnlab": [], "numpy": []}
    for _ in range(15):
        for name, times in spent.items():
            command = [sys.executable, "-c", clock.format(name)]
            times.append(float(subprocess.run(command, check=True, capture_output=True).stdout))
    return median(spent["attnlab"]) / median(spent["numpy"])


if __name__ == "__main__":
    main()
