"""Every slide in a browser, opened from the disk at 1024 by 768: live, legible, nothing cut off."""

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from attnlab.book.slides import build_slides
from needs import chromium, missing, node

ROOT = Path(__file__).parents[1]
DECKS = sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"))
BOTTOM = 744  # below it stand the number of the slide and the arrows
STARTED = """() => {
  const slide = Reveal.getCurrentSlide();
  const images = [...slide.querySelectorAll("img:not([hidden])")];
  images.forEach((image) => { image.loading = "eager"; });
  const [places, figures] = [".attn-view", "[data-draws]"].map((s) => slide.querySelectorAll(s));
  return places.length === figures.length && images.every((image) => image.complete);
}"""
LOOK = """bottom => {
  const slide = Reveal.getCurrentSlide();
  const unseen = "aside, noscript, option, style, title, .katex-mathml, .vlist";
  const shown = [...slide.querySelectorAll("*")].filter((e) => !e.closest(unseen));
  const outside = (box) => box.width && box.height
    && (box.bottom > bottom || box.right > 1024 || box.left < 0);
  const holds = (e) => [...e.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const texts = shown.filter((e) => holds(e) && !e.closest(".katex") && e.getClientRects().length);
  const words = (e) => `${e.tagName} ${e.getAttribute("class") ?? ""}: ${e.textContent}`;
  const some = (found) => found.slice(0, 3).map((e) => words(e).slice(0, 80));
  return {
    cut: some(shown.filter((e) => outside(e.getBoundingClientRect()))),
    small: some(texts.filter((e) => parseFloat(getComputedStyle(e).fontSize) < 20)),
    words: slide.innerText.trim().length,
    heading: slide.querySelectorAll("h1, h2").length,
  };
}"""
INDICES = "Reveal.getSlides().map((s) => [Reveal.getIndices(s).h, Reveal.getIndices(s).v ?? 0])"


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    node()
    if not (ROOT / "node_modules" / "reveal.js").is_dir():
        missing("reveal.js", "make slides")
    return build_slides(ROOT, tmp_path_factory.mktemp("slides")).parent


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium(playwright))
        yield browser
        browser.close()


@pytest.mark.parametrize("name", DECKS)
def test_nothing_is_cut_off_and_all_is_legible(name, decks, browser):
    page = browser.new_page(viewport={"width": 1024, "height": 768})
    trouble = []
    page.on(
        "request", lambda r: r.url.startswith(("file:", "data:", "blob:")) or trouble.append(r.url)
    )
    page.on("requestfailed", lambda r: trouble.append(f"{r.url} failed"))
    page.on("console", lambda m: m.type in ("error", "warning") and trouble.append(m.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto((decks / f"{name}.html").as_uri())
    page.wait_for_function("() => window.Reveal?.isReady()")
    places = page.evaluate(INDICES)
    assert len(places) > 5
    for across, down in places:
        page.evaluate("([across, down]) => Reveal.slide(across, down, 99)", [across, down])
        page.wait_for_function(STARTED, timeout=30_000)
        page.wait_for_timeout(50)
        seen = page.evaluate(LOOK, BOTTOM)
        where = f"slide {across}.{down}"
        assert not seen["cut"], f"{where} is cut off: split it, or skip a cell of it"
        assert not seen["small"], f"{where} has letters below 20 pixels"
        assert seen["words"], f"{where} is empty"
        assert seen["heading"], f"{where} has no heading"
    assert page.locator("aside.notes").count() >= 3
    assert not trouble
    page.close()


def test_the_notes_of_a_slide_open_beside_it(decks, browser):
    page = browser.new_page()
    page.goto((decks / f"{DECKS[1]}.html").as_uri() + "#/cell-the-figure")
    page.wait_for_function("() => window.Reveal?.isReady()")
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    opened.value.get_by_text("To show:").first.wait_for()
    page.close()


def test_a_figure_that_is_enlarged_as_a_whole_is_still_pointed_at_rightly(decks, browser):
    page = browser.new_page(viewport={"width": 1600, "height": 1200})
    page.goto((decks / f"{DECKS[1]}.html").as_uri() + "#/cell-the-figure")
    figure = page.locator("[data-figure]").first
    grid = figure.locator(".attn-frame").first.bounding_box()
    page.mouse.move(grid["x"] + grid["width"] * 5.5 / 6, grid["y"] + grid["height"] * 4.5 / 6)
    page.wait_for_function(
        "() => document.querySelector('[data-figure]').dataset.focus === '[4,5]'"
    )
    page.close()
