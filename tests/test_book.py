"""Every page of the book in a real browser, as readers open it: served, and from a folder.

The book is built once, and no warning passes. What a figure shows is held to the core, as in
tests/test_browser.py: keys go in, and what the figure says of itself comes out. Here all controls
of all figures are moved; walking and the rest is tried on one figure of each class, with
--everything on all.
"""

import re

import numpy as np
import pytest
from playwright.sync_api import expect, sync_playwright

import needs
from attnlab.book.reference import ROOMS, path_of
from attnlab.lab.widgets.bet import LEVELS
from jupyter import data
from pages import COURSE, DRAWN, Stored, figures_of, keys_of, samples_of
from published import (
    FRAMES,
    PHONE,
    WEIGHTS,
    Pages,
    answer_all,
    bets_of,
    folded_figures,
    place_bet,
    place_in_window,
    quizzes_of,
    reading,
    served,
    stops_of,
)

CHAPTERS = [path.stem for path in COURSE]
LECTURES = [f"lecture_{name[:2]}" for name in CHAPTERS]
PACKAGE = ["package", *(path_of(room).removesuffix(".md") for room in ROOMS)]
MADE = ["index", "ledger", "glossary", "figures", *PACKAGE, "lecturers", *LECTURES, "teachers"]
MADE += ["elsewhere"]
THEMES = ["light", "navy"]
# Each kind of figure is on the page of live figures too, where each theme is tried every day.
# One chapter in which a figure is folded: they are all folded in the same way.
FOLDED = next([name] for name in CHAPTERS if folded_figures(name))
each_theme = pytest.mark.parametrize(
    "theme", ["light", pytest.param("navy", marks=pytest.mark.everything)]
)
ROOM = """all => all.map((place) => [place.dataset.cell,
  parseFloat(getComputedStyle(place).getPropertyValue("--wide")), place.offsetHeight])"""
SHOWN = ".attn-view:not(.attn-asks, .attn-answers)"  # a figure; a quiz asks, a verdict answers
WORDS = "all => all.map((place) => place.innerText.length > 40)"
PICTURES = "all => all.map((picture) => picture.naturalWidth > 0 && picture.offsetWidth > 0)"


@pytest.fixture(scope="module")
def built(book):
    return Pages(book)


@pytest.fixture(scope="module")
def shelf(built):
    """A browser, and the address at which the book is served."""
    with sync_playwright() as playwright:
        options = needs.chromium(playwright)
        browser = playwright.chromium.launch(**options)
        with served(built.folder) as address:
            yield browser, address
            browser.close()


def first_figures() -> list[Stored]:
    """Those of the page of live figures: the first of each kind in the course."""
    everywhere = [each for name in CHAPTERS for each in figures_of(name)]
    kinds = {each.kind: each for each in reversed(everywhere)}
    return [each for each in everywhere if each is kinds[each.kind]]


@pytest.fixture(scope="module", params=CHAPTERS)
def lesson(request, shelf, everything):
    """One chapter, the same page for all tests of it."""
    browser, address = shelf
    with reading(browser, f"{address}{request.param}.html", figures_of(request.param)) as view:
        view.name, view.everything = request.param, everything
        yield view


@pytest.fixture(scope="module", params=MADE)
def made(request, shelf):
    """One of the pages that are made from the sources."""
    browser, address = shelf
    stored = {"figures": first_figures()}
    stored["index"] = [each for each in figures_of(CHAPTERS[0]) if each.kind == "Machine"]
    with reading(browser, f"{address}{request.param}.html", stored.get(request.param, ())) as view:
        view.name = request.param
        yield view


def test_these_are_all_the_pages(built):
    mdbooks = ["print", "toc"]
    assert {name[:-5] for name in built.html if "/" not in name} == {*CHAPTERS, *MADE, *mdbooks}


def test_the_figures_of_a_chapter_show_what_is_stored(lesson):
    for figure in lesson.figures:
        said = figure.check()
        assert said["state"].items() <= figure.stored.traits.items()


def test_the_room_that_is_kept_for_a_figure_is_what_it_takes(lesson):
    assert lesson.figures or not lesson.stored
    for cell, kept, taken in lesson.page.locator(SHOWN).evaluate_all(ROOM):
        assert abs(kept - taken) <= 40, f"{cell}: python tests/heights.py measures anew"


def test_a_page_with_all_its_figures_is_light(lesson, built):
    assert lesson.figures or not lesson.stored
    weight = built.weight(lesson.address, lesson.requests)
    assert weight < 1_500_000, f"{lesson.name} weighs {weight:,} bytes"


def test_every_control_sets_the_numbers_that_the_core_gives(lesson):
    for figure in lesson.figures:
        heights = figure.heights()
        for trait, control in figure.stored.controls:
            for key in lesson.keys(control):
                figure.press(trait, key)
                assert figure.heights() == heights, f"the figure jumps at {trait} {key}"


def test_the_focus_keeps_to_what_a_control_leaves(lesson):
    for figure in map(lesson.figures.__getitem__, samples_of(lesson.name)):
        if figure.stored.kind == "Machine":
            continue  # which has a way of its own to walk, and folds boxes away under the focus
        for trait in [trait for trait, control in figure.stored.controls if "high" in control]:
            figure.press(trait, "End")
            for key in ["Home", *["ArrowDown"] * figure.shape[0], "End"]:
                figure.walk(key)
            figure.press(trait, "Home")
            there = data(figure.root)["focus"]
            assert not there or (np.array(there) < figure.shape).all(), f"{there} after {trait}"


def test_quizzes_say_why_and_bets_are_told_beside_their_verdicts(lesson):
    assert lesson.figures or not lesson.stored  # by which all verdicts are unfolded, and read
    quizzes, bets = quizzes_of(lesson.name), bets_of(lesson.name)
    places = {p.get_attribute("data-model"): p for p in lesson.page.locator(".attn-asks").all()}
    assert set(places) == set(quizzes) | set(bets)
    for name, place in places.items():
        if name in quizzes:
            answer_all(place, quizzes[name])
        else:
            place.scroll_into_view_if_needed()
            expect(place.get_by_role("status")).to_have_text("The verdict is out.")


@pytest.mark.parametrize("name", [name for name in CHAPTERS if bets_of(name)])
def test_a_bet_can_be_changed_until_its_verdict_is_read(shelf, name):
    browser, address = shelf
    with reading(browser, f"{address}{name}.html") as view:
        for model, offered in bets_of(name).items():
            place_bet(view.page.locator(f".attn-asks[data-model='{model}']"), offered)
        assert view.page.locator("[data-figure='bet-verdict']:visible").count() == 0
        view.unfold()
        for model, offered in bets_of(name).items():
            verdict = view.page.locator(".attn-answers").filter(has_text=offered.because)
            verdict.scroll_into_view_if_needed()
            for part in [f"You bet depends, {LEVELS[-1]} % sure.", *offered.finding]:
                expect(verdict).to_contain_text(part)
            place = view.page.locator(f".attn-asks[data-model='{model}']")
            expect(place.get_by_role("status")).to_contain_text("The verdict is out.")
            assert place.get_by_role("radio").first.is_disabled()
        view.page.reload()
        model, offered = next(iter(bets_of(name).items()))
        place = view.page.locator(f".attn-asks[data-model='{model}']")
        place.scroll_into_view_if_needed()
        kept = f"Your bet: depends, {LEVELS[-1]} % sure. The verdict is out."
        expect(place.get_by_role("status")).to_have_text(kept)
        assert view.complaints == []


@pytest.mark.parametrize("name", FOLDED)
def test_what_answers_a_prediction_opens_by_a_click_and_is_live(shelf, name):
    browser, address = shelf
    with reading(browser, f"{address}{name}.html", figures_of(name)) as view:
        answers = view.page.locator("details.attn-predicted")
        folded = [figure.get_attribute("data-cell") for figure in answers.locator(SHOWN).all()]
        assert folded
        for cell in folded:
            place = view.page.locator(f".attn-view[data-cell='{cell}']")
            view.page.locator(f"#cell-{cell}").scroll_into_view_if_needed()
            assert not place.is_visible()
            answers.filter(has=place).locator("summary").click()
            expect(place.locator(DRAWN).first).to_be_visible(timeout=20_000)
        for cell, kept, taken in view.page.locator(SHOWN).evaluate_all(ROOM):
            assert cell not in folded or abs(kept - taken) <= 40, "as where it stands open"


def test_a_link_to_a_folded_figure_opens_it(shelf):
    browser, address = shelf
    (name,) = FOLDED
    cell = folded_figures(name)[0]
    with reading(browser, f"{address}{name}.html#cell-{cell}?focus=0,0") as view:
        place = view.page.locator(f".attn-view[data-cell='{cell}']")
        expect(place.locator(DRAWN).first).to_be_visible(timeout=20_000)


def test_arrow_keys_walk_over_the_drawing(lesson):
    for figure in lesson.tried:
        figure.drawing.focus()
        for key in lesson.ways(figure):
            figure.walk(key)
        assert figure.status.inner_text()


def test_no_key_in_a_figure_leaves_the_page_or_opens_something(lesson):
    address = lesson.page.url
    quizzes = lesson.page.locator(".attn-asks").all()[: None if lesson.everything else 1]
    for box in [*(figure.box for figure in lesson.tried), *quizzes]:
        for stop in stops_of(box):
            stop.focus()
            for key in ["ArrowLeft", "ArrowRight", "s", "/", "?", "Escape"]:
                stop.press(key)
            lesson.page.evaluate(FRAMES)
            where = stop.evaluate("e => e.outerHTML.slice(0, 200)")
            assert lesson.page.url == address, f"the page was left from {where}"
            assert not lesson.is_searching(), f"the search was opened from {where}"
            assert not lesson.page.locator("#mdbook-help-popup").is_visible()


def test_a_theme_recolours_the_figures_in_place(lesson):
    before = [figure.check() for figure in lesson.tried]
    for theme, sign in [("navy", 1), ("light", -1)]:
        lesson.switch(theme)
        for figure, was in zip(lesson.tried, before, strict=True):
            said = figure.check()
            assert said["draws"] > was["draws"]
            assert (said["state"], said["focus"]) == (was["state"], was["focus"])
        for figure in lesson.tried_heatmaps:
            weights = np.ravel(data(figure.root)["result"])
            steps = sign * np.diff(figure.light()[np.argsort(weights)])
            assert (steps >= -1).all(), "in the dark, much is light; in the light, it is dark"


@each_theme
def test_a_chapter_can_be_read_by_all(lesson, theme):
    assert lesson.figures or not lesson.stored
    lesson.switch(theme)
    assert lesson.violations() == []


def test_a_chapter_fits_on_a_phone(lesson):
    assert lesson.on_a_phone() == []


def test_nothing_was_asked_of_other_hosts_and_nothing_complained(lesson):
    assert lesson.outside == []
    assert lesson.complaints == []


def test_a_made_page_shows_the_figures_as_they_are_stored(made):
    for figure in made.figures:
        figure.check()


def test_a_made_page_with_all_its_figures_is_light(made, built):
    assert made.figures or not made.stored
    weight = built.weight(made.address, made.requests)
    assert weight < 1_500_000, f"{made.name} weighs {weight:,} bytes"


@pytest.mark.parametrize("theme", THEMES)
def test_a_made_page_can_be_read_by_all(made, theme):
    made.switch(theme)
    assert made.violations() == []


def test_a_made_page_fits_on_a_phone(made):
    assert made.on_a_phone() == []


def test_a_made_page_asks_no_other_host_and_does_not_complain(made):
    assert made.outside == []
    assert made.complaints == []


@pytest.mark.parametrize("window", [{"width": 1280, "height": 800}, PHONE])
def test_the_first_thing_that_a_reader_sees_moves(shelf, window):
    browser, address = shelf
    stored = [each for each in figures_of(CHAPTERS[0]) if each.kind == "Machine"]
    with reading(browser, address, stored, window=window) as view:
        (figure,) = view.figures
        seen = [
            figure.status
        ]  # the sentence and its translation; and its words, where there is room
        if window != PHONE:
            seen += [figure.box.locator(".attn-part-words").nth(i) for i in range(2)]
        for box in [each.bounding_box() for each in seen]:
            assert box["y"] + box["height"] <= window["height"], "it lies below the fold"
        before, written = figure.check(), figure.status.inner_text()
        assert figure.press("attention", "Space")["result"] != before["result"]
        assert figure.status.inner_text() != written


def test_the_lecturers_links_set_the_figures(shelf, built):
    browser, address = shelf
    for name in CHAPTERS:
        page = built.html[f"lecture_{name[:2]}.html"]
        links = [link.removeprefix(f"{name}.html#cell-") for link in page.links if "?" in link]
        assert len(links) >= 3
        with reading(browser, f"{address}{name}.html#cell-{links[0]}", figures_of(name)) as view:
            first = view.page.locator(f".attn-view[data-cell='{links[0].partition('?')[0]}']")
            first.locator(DRAWN).wait_for()
            assert -0.02 < place_in_window(first) < 0.8, f"{name}: {links[0]}"
            shown = {figure.cell: figure for figure in view.figures}
            for link in [*links[1:], links[0]]:
                view.page.goto(f"{address}{name}.html#cell-{link}")
                cell, _, asked = link.partition("?")
                shown[cell].stands(asked)
                assert -0.02 < place_in_window(shown[cell].box) < 0.8, f"{name}: {link}"
            assert view.complaints == []


def test_what_is_typed_is_translated_in_the_book(shelf):
    browser, address = shelf
    name = next(name for name in CHAPTERS if name.startswith("11"))
    with reading(browser, f"{address}{name}.html", figures_of(name)) as view:
        figure = next(each for each in view.figures if each.box.locator("input[type=text]").count())
        field = figure.box.locator("input[type=text]")
        field.fill("the cat")
        for key in ["End", "/", "s", "?", "ArrowRight", "ArrowLeft"]:
            field.press(key)
        assert field.input_value() == "the cat/s?"
        assert not view.is_searching()
        expect(figure.status).to_contain_text("Unknown: cat/s is handed on.")
        figure.check()
        field.fill("The <img src=x onerror=alert(1)> sleeps!")
        expect(figure.status).to_contain_text("Unknown: <img")
        assert figure.box.locator("img").count() == 0
        said = figure.check()
        field.fill("")
        expect(figure.status).to_contain_text("sentence has no words: type an English one")
        assert data(figure.root)["result"] == said["result"], "the sentence before stays"
        field.fill("the cat sleeps")
        expect(figure.status).to_contain_text("French: le chat dort.")
        assert view.complaints == []


def test_the_weights_of_a_model_are_light_and_fetched_once_and_only_where_they_are_needed(
    lesson, built
):
    assert lesson.figures or not lesson.stored
    weights = [url for url in lesson.requests if WEIGHTS.search(url)]
    asking = [each.traits for each in lesson.stored if "model" in each.traits]
    models = [each["model"] for each in asking if not each.get("tensors")]
    models += [other for each in asking for other in each.get("others", [])]
    needed = {model["weights"] for model in models}
    assert sorted(WEIGHTS.search(url)[1] for url in weights) == sorted(needed)
    assert all(built.compressed(url) < 1_500_000 for url in weights)


@pytest.mark.parametrize(
    "name", ["figures", *(pytest.param(n, marks=pytest.mark.everything) for n in CHAPTERS)]
)
def test_from_a_folder_the_figures_move_as_well(shelf, built, name):
    address = (built.folder / f"{name}.html").as_uri()
    stored = figures_of(name) if name in CHAPTERS else first_figures()
    with reading(shelf[0], address, stored) as view:
        for figure in view.figures:
            figure.check()
            for trait, control in figure.stored.controls[:1]:
                figure.press(trait, keys_of(control)[0])
        assert view.outside == []
        assert view.complaints == []


def test_arrow_keys_turn_all_the_pages(shelf, built):
    browser, address = shelf
    with reading(browser, address) as view:
        seen = []
        while view.page.locator(".nav-chapters.next").count():
            here = view.page.url
            view.page.keyboard.press("ArrowRight")
            view.page.wait_for_url(lambda url, here=here: url != here)
            seen.append(view.page.url.removeprefix(address))
        assert len(seen) < 100
        in_order = [name for name in seen if name[:-5] in CHAPTERS]
        assert in_order in ([f"{n}.html" for n in CHAPTERS], [f"{n}.html" for n in CHAPTERS][1:])
        assert set(seen) <= set(built.html)
        view.page.keyboard.press("ArrowLeft")
        view.page.wait_for_url(f"{address}{seen[-2]}")
        assert view.complaints == []


def test_the_search_finds_words_and_no_data(shelf, built):
    browser, address = shelf
    with reading(browser, f"{address}{COURSE[1].stem}.html") as view:
        view.page.keyboard.press("s")
        bar = view.page.locator("#mdbook-searchbar")
        expect(bar).to_be_focused()
        results = view.page.locator("#mdbook-searchresults")
        bar.press_sequentially("softmax")
        expect(results.locator("li a").first).to_be_visible()
        found = results.locator("li a").evaluate_all(
            "all => all.map((a) => a.getAttribute('href'))"
        )
        pages = {re.split(r"[?#]", link.removeprefix(address))[0] for link in found}
        assert len(pages) > 2
        assert pages <= set(built.html)
        assert "03_softmax.html" in pages
        assert not re.search(r'[{}]|\\n|"\w+":|IPY_MODEL', results.inner_text())
        for stored in ["execution_count", "IPY_MODEL", "_dom_classes"]:
            bar.fill("")
            bar.press_sequentially(stored)
            expect(view.page.locator("#mdbook-searchresults-header")).to_contain_text("No search")
        assert view.complaints == []


def test_the_index_of_the_search_holds_every_chapter_and_no_notebook(built):
    index = (built.folder / "searchindex.js").read_text(encoding="utf-8")
    assert all(f"{name}.html" in index for name in CHAPTERS)
    for stored in ["cell_type", "nbformat", "vnd.jupyter", "IPY_MODEL", "iVBOR"]:
        assert stored not in index


def test_all_chapters_print_with_stills(shelf, built):
    browser, address = shelf
    with reading(browser, address) as view:
        view.page.emulate_media(media="print")
        view.page.goto(f"{address}print.html")
        words = view.page.locator("main").inner_text()
        for name in CHAPTERS:
            main = built.html[f"{name}.html"].text.partition("<main")[2]
            headings = re.findall(r"<h[12][^>]*>.*?</h[12]>", main)
            told = [re.sub(r"<[^>]+>", "", heading) for heading in headings]
            assert [each for each in told if each not in words and "&" not in each] == []
        assert view.page.locator("[data-figure]:visible").count() == 0
        places = view.page.locator(SHOWN)
        assert places.count() >= sum(len(figures_of(name)) for name in CHAPTERS)
        stills = places.locator("img:visible")
        assert stills.count() == places.count()
        assert all(stills.evaluate_all(PICTURES))
        assert all(view.page.locator(".attn-asks").evaluate_all(WORDS))
        assert view.complaints == []


@pytest.mark.parametrize("name", CHAPTERS)
def test_without_javascript_there_are_stills(shelf, name):
    browser, address = shelf
    with reading(browser, f"{address}{name}.html", java_script_enabled=False) as view:
        view.unfold()
        places = view.page.locator(SHOWN)
        assert places.count() == len(figures_of(name))
        stills = places.locator("img")
        assert stills.count() == places.count()
        assert all(stills.evaluate_all(PICTURES))
        assert all(still.get_attribute("alt") for still in stills.all())
        assert all(view.page.locator(".attn-asks").evaluate_all(WORDS))


def test_all_links_lead_somewhere(built):
    dead = {name: built.dead(name) for name in built.html}
    assert {name: links for name, links in dead.items() if links} == {}
    assert sum(len(page.links) for page in built.html.values()) > 100


def test_no_page_loads_anything_from_elsewhere(built):
    assert {name: built.outside(name) for name in built.html if built.outside(name)} == {}
    for style in built.folder.rglob("*.css"):
        for link in re.findall(r"url\(['\"]?([^'\")]+)", style.read_text(encoding="utf-8")):
            assert (
                link.startswith("data:")
                or (style.parent / link.split("#")[0]).is_file()
                or (
                    link.endswith((".woff", ".ttf"))  # older kinds that no browser here asks for
                )
            ), f"{style.name}: {link}"


def test_each_place_of_a_page_has_a_name_of_its_own(built):
    for name, page in built.html.items():
        places = page.places
        assert {place for place in places if places.count(place) > 1} == set(), name
