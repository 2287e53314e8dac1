"""Where the pages that are made from the sources stand, and what stands below a chapter."""

import re
import tomllib

from attnlab.book.pages import end_of_chapter, page, with_pages
from attnlab.book.reference import ROOMS, path_of
from attnlab.book.renderer import render
from courses import ROOT, addresses, lost, real, small

HEAD = ROOT / "attnlab" / "book" / "theme" / "head.hbs"


def names(items: list) -> list:
    """The paths of pages, those below others as a list within."""
    found = []
    for item in items:
        if "Chapter" not in item:
            found.append(item)
            continue
        found.append(item["Chapter"]["path"])
        if item["Chapter"]["sub_items"]:
            found.append(names(item["Chapter"]["sub_items"]))
    return found


def test_the_first_page_stands_before_the_chapters_and_the_others_behind(tmp_path):
    chapters = [page("Start", "00_start.ipynb", "0"), page("One", "01_one.ipynb", "1")]
    assert names(with_pages(chapters, small(tmp_path))) == [
        "index.md",
        "00_start.ipynb",
        "01_one.ipynb",
        {"PartTitle": "For reference"},
        "figures.md",
        "ledger.md",
        "glossary.md",
        "package.md",
        [f"package_{room}.md" for room in ROOMS],
        "lecturers.md",
        ["lecture_00.md", "lecture_01.md"],
        "teachers.md",
        "elsewhere.md",
    ]


def test_a_page_is_what_mdbook_takes_for_a_chapter():
    inner = page("In", "in.md", "i", number=[0, 5], parents=["Out"])
    assert page("Out", "out.md", "o", inner=[inner]) == {
        "Chapter": {
            "name": "Out",
            "content": "o",
            "number": None,
            "sub_items": [inner],
            "path": "out.md",
            "source_path": "made/out.md",
            "parent_names": [],
        }
    }
    assert inner["Chapter"]["number"] == [0, 5]
    assert inner["Chapter"]["parent_names"] == ["Out"]


def test_the_search_looks_into_the_glossary_and_leaves_out_what_repeats_the_chapters(tmp_path):
    toml = tomllib.loads((ROOT / "book.toml").read_text(encoding="utf-8"))
    assert toml["output"]["html"]["search"]["chapter"] == {"made": {"enable": False}}
    items = [item["Chapter"] for item in with_pages([], small(tmp_path)) if "Chapter" in item]
    items += [inner["Chapter"] for item in items for inner in item["sub_items"]]
    searched = [item["path"] for item in items if item["source_path"] is None]
    package = ["package.md", *map(path_of, ROOMS)]
    assert [path for path in searched if path not in package] == ["glossary.md", "teachers.md"]


def test_below_a_chapter_stands_where_else_it_is(tmp_path):
    course = small(tmp_path)
    line = end_of_chapter(course, course.chapters[1])
    assert line.startswith("\n<nav "), "a block of its own"
    assert '<a href="01_one.ipynb" download>download the notebook</a> · open it on <a' in line
    assert [address.partition("/v2")[0] for address in addresses(line)[1:]] == [
        "https://mybinder.org",
        "https://colab.research.google.com/github/someone/lessons/blob/main/notebooks/01_one.ipynb",
        "lecture_01.html",
    ]


def test_the_links_below_the_chapters_of_the_course_lead_somewhere():
    course = real()
    for known in course.chapters:
        assert lost(course, end_of_chapter(course, known)) == []


def test_no_page_has_an_empty_line_within_its_html(tmp_path):
    for item in with_pages([], small(tmp_path)):
        if "Chapter" not in item:
            continue
        text = item["Chapter"]["content"]
        for tag in ["table", "dl", "ol", "fieldset", "details"]:
            for block in re.findall(rf"<{tag}\b.*?</{tag}>", text, re.DOTALL):
                assert "\n\n" not in block, "Markdown would end the HTML there"


def test_their_styles_come_with_every_page():
    assert 'href="{{ path_to_root }}live/pages.css"' in HEAD.read_text(encoding="utf-8")
    assert (ROOT / "attnlab" / "book" / "front" / "pages.css").is_file()


def test_decks_that_were_built_come_with_the_pages(tmp_path, monkeypatch):
    monkeypatch.setattr("attnlab.book.renderer.put_front_end", lambda *_: None)
    pages, decks = tmp_path / "book" / "html", tmp_path / "slides"
    pages.mkdir(parents=True)
    (pages / "index.html").touch()
    destination = str(tmp_path / "book" / "live")
    context = {"root": str(tmp_path), "destination": destination, "book": {"items": []}}
    context["config"] = {"book": {"src": "notebooks"}, "output": {"html": {}}}
    (decks / "live").mkdir(parents=True)
    (decks / "01_one.html").touch()
    render(context)
    assert not (pages / "slides").exists(), "not all of them are there yet"
    (decks / "index.html").touch()
    for _ in range(2):
        render(context)
        found = {path.name for path in (pages / "slides").iterdir()}
        assert found == {"01_one.html", "index.html", "live"}
