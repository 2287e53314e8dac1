"""The slides in a real browser, as a lecturer opens them: from a folder, without any server."""

import html
import re
import tomllib

import pytest
from playwright.sync_api import expect, sync_playwright

import needs
from attnlab.book.slides import build_slides
from pages import COURSE, DRAWN, figures_of, samples_of
from published import FRAMES, ROOT, OnPage, Pages, reading, stops_of

CHAPTERS = [path.stem for path in COURSE]
PROJECTOR = {"width": 1024, "height": 768}
LARGE = {"width": 1600, "height": 1200}
FIGURES = ".attn-view:not(.attn-asks, .attn-answers)"
WHERE = "() => JSON.stringify(Reveal.getIndices())"
# What stands out of the slide that is shown, and words that are too small to be read from afar.
# KaTeX fills lines with spaces of no width.
CUT_OFF = """() => {
  const slide = Reveal.getCurrentSlide();
  const shown = [...slide.querySelectorAll("*")].filter((e) => e.checkVisibility()
    && !e.closest("aside, .katex-mathml, svg *, noscript"));
  const windowed = (e) => e.parentElement.closest(".attn-machine .attn-drawing"); // it scrolls
  const over = shown.filter((e) => {
    const {right, bottom, width} = e.getBoundingClientRect();
    return width && (right > innerWidth + 1 || (bottom > innerHeight + 1 && !windowed(e)));
  });
  const small = shown.filter((e) => [...e.childNodes].some((n) => n.nodeType === 3
    && n.data.replaceAll("\\u200b", "").trim()) && parseFloat(getComputedStyle(e).fontSize) < 20);
  return [["cut off", over], ["small", small]].flatMap(([word, all]) =>
    all.slice(0, 3).map((e) => `${word}: ${e.outerHTML.slice(0, 160)}`));
}"""


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    needs.front_end(ROOT)
    return Pages(build_slides(ROOT, tmp_path_factory.mktemp("slides") / "decks").parent)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**needs.chromium(playwright))
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=CHAPTERS)
def deck(request, browser, decks, everything):
    address = (decks.folder / f"{request.param}.html").as_uri()
    with reading(browser, address, figures_of(request.param), window=PROJECTOR) as view:
        view.name, view.everything = request.param, everything
        view.page.wait_for_function("() => window.Reveal?.isReady()")
        yield view


def slide_of(view, cell: str) -> OnPage:
    """Go to the slide of a figure, and wait until it moves."""
    place = view.page.locator(f".attn-view[data-cell='{cell}']")
    place.evaluate(
        "e => { const {h, v} = Reveal.getIndices(e.closest('section')); Reveal.slide(h, v, 99); }"
    )
    expect(place.locator(DRAWN)).to_be_visible(timeout=20_000)
    order = view.page.locator(FIGURES).evaluate_all("all => all.map((e) => e.dataset.cell)")
    return OnPage(place.locator(".attn-live"), view.stored[order.index(cell)])


def cells_of(view) -> list[str]:
    return view.page.locator(FIGURES).evaluate_all("all => all.map((e) => e.dataset.cell)")


def tried(view) -> list[str]:
    """The cells of the figures that are tried with every key."""
    cells = cells_of(view)
    return cells if view.everything else [cells[place] for place in samples_of(view.name)]


def test_every_figure_of_a_chapter_is_shown_and_moves(deck):
    cells = cells_of(deck)
    assert len(cells) == len(deck.stored)
    for cell in cells:
        figure = slide_of(deck, cell)
        figure.check()
        controls = figure.stored.controls
        for trait, control in controls if cell in tried(deck) else controls[:1]:
            whole_round = "options" in control  # or the others are bound by what was chosen
            for key in deck.keys(control)[: None if whole_round else 2]:
                figure.press(trait, key)


def test_no_key_in_a_figure_turns_the_slide(deck):
    for cell in tried(deck):
        figure = slide_of(deck, cell)
        here = deck.page.evaluate(WHERE)
        for stop in stops_of(figure.box):
            stop.focus()
            for key in ["ArrowLeft", "ArrowRight", "PageDown", "n", "o", "b", "f", "s", "?"]:
                stop.press(key)
            deck.page.evaluate(FRAMES)
            where = stop.evaluate("e => e.outerHTML.slice(0, 200)")
            assert deck.page.evaluate(WHERE) == here, f"the slide was turned from {where}"
            assert not deck.page.evaluate("Reveal.isOverview() || Reveal.isPaused()"), where


def test_keys_turn_through_all_slides_and_nothing_is_cut_off(deck):
    deck.page.evaluate("Reveal.slide(0, 0, -1)")
    deck.page.evaluate("document.activeElement.blur()")
    trouble, seen = {}, []
    for _ in range(400):
        if found := deck.page.evaluate(CUT_OFF):
            trouble[deck.page.evaluate(WHERE)] = found
        seen.append(deck.page.evaluate(WHERE))
        if deck.page.evaluate("Reveal.isLastSlide() && !Reveal.availableFragments().next"):
            break
        deck.page.keyboard.press("ArrowRight")
        deck.page.wait_for_function(f"here => ({WHERE})() !== here", arg=seen[-1])
        deck.page.evaluate(FRAMES)
    assert len({here.split('"f"')[0] for here in seen}) == deck.page.evaluate(
        "Reveal.getTotalSlides()"
    )
    assert trouble == {}


def test_a_deck_can_be_read_by_all(deck):
    slide_of(deck, cells_of(deck)[0])
    assert deck.violations() == []
    deck.page.evaluate("Reveal.slide(0)")
    assert deck.violations() == []


def test_a_deck_asks_no_other_host_and_does_not_complain(deck):
    assert deck.outside == []
    assert deck.complaints == []


@pytest.mark.parametrize("name", CHAPTERS)
def test_all_slides_at_once_can_be_read_by_all(browser, decks, name):
    address = (decks.folder / f"{name}.html").as_uri()
    with reading(browser, f"{address}?print-pdf", window=PROJECTOR) as view:
        view.page.locator(".pdf-page").first.wait_for()
        assert view.violations() == []


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_speaker_is_told_what_to_show_and_say(decks, name):
    lecture = tomllib.loads((ROOT / "notebooks/lectures" / f"{name[:2]}.toml").read_text("utf-8"))
    notes = re.findall(
        r"<aside class=\"notes\">(.*?)</aside>", decks.html[f"{name}.html"].text, re.S
    )
    told = words(" ".join(notes))
    assert [
        show["say"] for show in lecture["show"] if words(html.escape(show["say"])) not in told
    ] == []


def words(text: str) -> str:
    """Only the words: no tags, no marks of Markdown, one space between."""
    return " ".join(re.sub(r"[*`]", "", html.unescape(re.sub(r"<[^>]+>", "", text))).split())


def test_the_speakers_window_shows_the_notes(browser, decks):
    name = CHAPTERS[1]
    address = (decks.folder / f"{name}.html").as_uri()
    with reading(browser, address, window=PROJECTOR) as view:
        view.page.wait_for_function("() => window.Reveal?.isReady()")
        with view.page.expect_popup() as opened:
            view.page.keyboard.press("s")
        notes = opened.value.locator(".speaker-controls-notes .value")
        view.page.evaluate(
            "() => { const {h, v} = Reveal.getIndices(document.querySelector('aside.notes')"
            ".closest('section')); Reveal.slide(h, v); }"
        )
        expect(notes).to_be_visible()
        expect(notes).not_to_be_empty()


def test_links_of_the_slides_lead_somewhere(decks):
    dead = {name: decks.dead(name) for name in decks.html}
    assert {name: links for name, links in dead.items() if links} == {}
    assert {name: decks.outside(name) for name in decks.html if decks.outside(name)} == {}
    assert set(decks.html) == {"index.html", *(f"{name}.html" for name in CHAPTERS)}
    index = decks.html["index.html"]
    assert [link for link in index.links if link[:2].isdigit()] == [f"{n}.html" for n in CHAPTERS]


def test_a_slide_that_is_enlarged_is_still_pointed_at_rightly(browser, decks):
    name = CHAPTERS[7]
    address = (decks.folder / f"{name}.html").as_uri()
    with reading(browser, address, figures_of(name), window=LARGE) as view:
        view.page.wait_for_function("() => window.Reveal?.isReady()")
        figure = slide_of(view, "heap-figure").root
        frame = figure.locator(".attn-frame").first
        for _ in range(20):  # until the slide has come to rest
            grid = frame.bounding_box()
            x, y = grid["x"] + grid["width"] * 3.5 / 6, grid["y"] + grid["height"] * 1.5 / 6
            view.page.mouse.move(x, y)
            if figure.get_attribute("data-focus") == "[1,3]":
                break
            view.page.wait_for_timeout(200)
        expect(figure).to_have_attribute("data-focus", "[1,3]")
