"""The book in a browser: when the first figure of a page moves, how soon it follows a slider, and
what a page weighs.

python tests/bench_book.py            the rows of bench.py that concern it
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

import needs
from published import Pages, build, reading, served

# A clock for each key: started as the page hears of it, stopped after the painted frame that shows
# what it changed. Set up once, so that nothing of the measuring runs just before a key.
CLOCK = """() => {
  let start = null;
  window.spent = [];
  const changed = () => start && requestAnimationFrame(() => {
    const {port1, port2} = new MessageChannel();
    port1.onmessage = () => { window.spent.push(performance.now() - start); start = null; };
    port2.postMessage(null);
  });
  window.addEventListener("keydown", () => { start = performance.now(); }, {capture: true});
  WATCH
}"""
FIGURE_DRAWN = """
  const figure = document.querySelector("[data-figure]");
  new MutationObserver(changed).observe(figure, {attributeFilter: ["data-draws"]});"""
# The first figure moves once it is drawn and the controls that drive it are there.
MOVING = """new MutationObserver((_, watch) => {
  const box = document.querySelector(".attn-live");
  if (!box?.querySelector(".noUi-handle, input, select, .attn-drawing")
    || !box.querySelector("[data-draws]")) return;
  watch.disconnect();
  window.moving = performance.now();
}).observe(document, {subtree: true, childList: true});"""

# A machine has its model, and has written.
TRANSLATED = """new MutationObserver((_, watch) => {
  const machine = document.querySelector("[data-figure=machine]:not([data-waits])");
  if (!machine?.querySelector("[role=status]").textContent.includes("→")) return;
  watch.disconnect();
  window.moving = performance.now();
}).observe(document, {subtree: true, childList: true, attributes: true});"""
SENTENCE = "the small happy children near the old house love the red apples"  # 12 words

TO_FIRST = """() => {
  document.querySelector(".attn-view")?.scrollIntoView({block: "nearest"});
  return window.moving;
}"""


def rows(row: Callable) -> None:
    """Measure, and hand each line to `row(what, measured, target, reached)`."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        pages = Pages(build(Path(name)))
        options = needs.chromium(playwright)
        with served(pages.folder) as address:
            browser = playwright.chromium.launch(**options)
            names = with_figures(pages)
            once = {page: first_figure(browser, address + page) for page in names}
            slowest = max(once, key=once.get)
            first = median(first_figure(browser, address + slowest) for _ in range(3))
            frame = key_to_frame(browser, address + "01_the_cat_sat_on_the_mat.html")
            written = median(first_figure(browser, address, TRANSLATED) for _ in range(3))
            lengths = {12: 20, 40: 50}
            walks = {n: word_to_frame(browser, address, words=n) for n in lengths}
            weights = {page: weight(browser, address, page, pages) for page in names}
            browser.close()
    heaviest = max(weights, key=weights.get)
    heavy = weights[heaviest] / 1e6
    row(f"first figure, {slowest[:26]}", f"{first:.2f} s", "at most 2.5 s", first <= 2.5)
    row("slider to frame, in the book", f"{frame:.1f} ms", "at most 20 ms", frame <= 20)
    row("first translation, first page", f"{written:.2f} s", "at most 1.5 s", written <= 1.5)
    for n, most in lengths.items():
        walk = walks[n]
        row(
            f"machine, word to frame, {n} words",
            f"{walk:.1f} ms",
            f"at most {most} ms",
            walk <= most,
        )
    row(f"compressed, {heaviest[:26]}", f"{heavy:.2f} MB", "at most 1.5", heavy <= 1.5)


def with_figures(pages: Pages) -> list[str]:
    """The pages of the book that show a live figure; the one for paper shows pictures."""
    texts = {name: page.text for name, page in pages.html.items() if name != "print.html"}
    return [name for name, text in texts.items() if "attn-view" in text and "/" not in name]


def first_figure(browser, address: str, when: str = MOVING) -> float:
    """Seconds from navigation until the first figure moves, with nothing in the browser's store.

    Where it lies further down, the page is scrolled to it, as by a reader in a hurry.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.add_init_script(when)
    page.goto(address, wait_until="commit")
    page.wait_for_function(TO_FIRST, polling=100)
    spent = page.evaluate("window.moving") / 1000
    context.close()
    return spent


def key_to_frame(browser, address: str) -> float:
    """Median milliseconds from a key on the first slider to the painted frame that shows it."""
    with reading(browser, address) as view:
        handle = view.page.locator(".noUi-handle, [type=range]").first
        handle.scroll_into_view_if_needed()
        handle.focus()
        view.page.evaluate(CLOCK.replace("WATCH", FIGURE_DRAWN))
        for press in range(33):  # three to warm up
            view.page.wait_for_timeout(200)  # a person's pace: what the last key set off is over
            view.page.keyboard.press("ArrowLeft" if press % 2 else "ArrowRight")
            view.page.wait_for_function("n => window.spent.length > n", arg=press, polling=50)
        return median(view.page.evaluate("window.spent")[3:])


def word_to_frame(browser, address: str, *, words: int) -> float:
    """Median milliseconds from a key that walks over the words to the painted frame."""
    with reading(browser, address) as view:
        machine = view.page.locator("[data-figure=machine]:not([data-waits])")
        machine.wait_for()
        text = " ".join((SENTENCE.split() * 4)[:words])
        view.page.locator(".attn-live input[type=text]").fill(text)
        view.page.wait_for_function(
            "n => document.querySelectorAll('.attn-part-words')[0].childElementCount === n",
            arg=words,
        )
        view.page.wait_for_timeout(500)
        machine.locator(".attn-part-head").first.focus()
        view.page.evaluate(CLOCK.replace("WATCH", FIGURE_DRAWN))
        for press in range(33):  # three to warm up
            view.page.wait_for_timeout(100)
            view.page.keyboard.press("ArrowLeft" if press > 3 and press % 2 else "ArrowRight")
            view.page.wait_for_function("n => window.spent.length > n", arg=press, polling=50)
        return median(view.page.evaluate("window.spent")[3:])


def weight(browser, address: str, page: str, pages: Pages) -> int:
    """Bytes of all that a page with all its figures asks for, compressed."""
    with reading(browser, address + page) as view:
        for place in view.page.locator(".attn-view").all():
            place.scroll_into_view_if_needed()
            place.locator("[data-draws]").first.wait_for()
        return pages.weight(address, view.requests)


if __name__ == "__main__":
    from bench import row

    rows(row)
