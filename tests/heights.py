"""How high the live figures of the book are, so that a page can keep their places free.

python tests/heights.py     builds the book, measures each figure, and writes the style sheet anew

Nothing then jumps when a figure appears. tests/test_book.py tells when a figure has outgrown its
place.
"""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import needs
from attnlab.book.course import Course
from pages import DRAWN
from published import ROOT, build, served

STYLE = ROOT / "attnlab" / "book" / "front" / "heights.css"
WINDOWS = {"--wide": {"width": 1280, "height": 900}, "--narrow": {"width": 360, "height": 740}}
UNFOLD = "document.querySelectorAll('details:not(.attn-table)').forEach((e) => (e.open = true))"
HEIGHTS = """places => places.map((place) => [
  `.attn-view[data-chapter="${place.dataset.chapter}"][data-cell="${place.dataset.cell}"]`,
  place.offsetHeight])"""
FIGURES = ".attn-view:not(.attn-asks, .attn-answers)"


def measured(browser, address: str, window: dict) -> dict[str, int]:
    """Pixels of each figure on the pages of all chapters, by its selector."""
    heights: dict[str, int] = {}
    page = browser.new_page(viewport=window)
    for chapter in Course.read(ROOT).chapters:
        page.goto(f"{address}{chapter.page}")
        page.evaluate(UNFOLD)
        for place in page.locator(FIGURES).all():
            place.scroll_into_view_if_needed()
            place.locator(DRAWN).first.wait_for()
        page.wait_for_timeout(500)
        heights |= dict(page.locator(FIGURES).evaluate_all(HEIGHTS))
    page.close()
    return heights


def style(wide: dict[str, int], narrow: dict[str, int]) -> str:
    """The style sheet: for each figure its height in a wide window, and on a phone."""
    head = (
        "/* Made by tests/heights.py: the room that each live figure takes, wide and on a phone. */"
    )
    lines = [
        f"{place} {{\n  --wide: {wide[place]}px;\n  --narrow: {narrow[place]}px;\n}}"
        for place in sorted(wide)
    ]
    return "\n".join([head, *lines]) + "\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        options = needs.chromium(playwright)
        with served(build(Path(name))) as address:
            browser = playwright.chromium.launch(**options)
            found = [measured(browser, address, window) for window in WINDOWS.values()]
            browser.close()
    STYLE.write_text(style(*found), encoding="utf-8")
    print(f"{len(found[0])} figures: {STYLE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
