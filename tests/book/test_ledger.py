"""The page of the ledger: all claims, their verdicts, and the cells that prove them."""

import dataclasses
import re
from collections import Counter
from pathlib import Path

import pytest

import courses
from attnlab.book.ledger import count, entries, ledger_page, proof, settled
from attnlab.book.stored import tags
from attnlab.book.trouble import BookError
from courses import CLAIMS, addresses, chapter, code, lost, one, real, small

STYLES = Path(courses.ROOT) / "attnlab" / "book" / "front" / "pages.css"


def rows(page: str) -> dict[str, tuple[str, str, str]]:
    """Verdict, text and address of each claim."""
    found = re.findall(
        r'<tr class="attn-claim attn-(\w+)" id="claim-([\w-]+)"><td>(.*?)</td>'
        r'<td>(?:<a href="(.*?)">)?',
        page,
    )
    return {name: (verdict, text, address) for verdict, name, text, address in found}


def test_each_claim_has_its_verdict_and_leads_to_the_cell_that_proves_it(tmp_path):
    page = ledger_page(small(tmp_path))
    assert rows(page) == {
        "sums": ("true", "W_q *and* W_k sum to &lt; 2.", "01_one.html#cell-first"),
        "grows": ("caveat", "It grows. Caveat: at times.", "01_one.html#cell-second"),
        "shrinks": ("open", "It 'shrinks'.", ""),
    }
    assert '01_one.html#cell-second">True, with a caveat</a>' in page
    assert "<td>Not yet</td>" in page
    assert re.findall("^## .*", page, re.MULTILINE) == ["## 1 · One", "## 2 · Two"]
    assert "There are 3 claims. Of these, 1 came out true and 1 true with a caveat. The o" in page
    assert "## Definitions" not in page


def test_a_false_claim_is_said_to_be_false_once_its_chapter_is_there(tmp_path):
    course = small(tmp_path, one(), chapter("02", "Two", code("no", "claim:shrinks")))
    page = ledger_page(course)
    assert '02_two.html#cell-no">False</a>' in page
    assert settled(count(course)) == "1 came out true, 1 false and 1 true with a caveat"
    assert "not written" not in page
    assert "not yet" not in page


def test_each_verdict_that_occurs_can_be_shown_alone(tmp_path):
    page = ledger_page(small(tmp_path))
    buttons = re.findall(r'id="attn-only-(\w+)"( checked)?> (.*?)</label>', page)
    assert buttons == [
        ("all", " checked", "all (3)"),
        ("true", "", "true (1)"),
        ("caveat", "", "true, with a caveat (1)"),
        ("open", "", "not yet (1)"),
    ]
    styles = " ".join(STYLES.read_text(encoding="utf-8").split())
    for key in ["true", "caveat", "false", "open"]:
        assert f"body:has(#attn-only-{key}:checked) :is(.attn-claim:not(.attn-{key}), " in styles


DEFINED = """
[[claim]]
id = "heads"
chapter = "01"
kind = "definition"
text = "Heads < are."
[[claim]]
id = "tails"
chapter = "02"
kind = "definition"
text = "Tails are."
"""


def test_definitions_stand_apart_without_a_verdict(tmp_path):
    course = small(tmp_path, one(code("third", "claim:heads")))
    before = count(course)
    (course.folder / "claims.toml").write_text(CLAIMS + DEFINED)
    course = small_as_it_is(course)
    page = ledger_page(course)
    assert count(course) == before, "they count among no claims"
    assert "the 2 definitions at the end" in page
    _, defined = page.split("## Definitions")
    assert re.findall(r'id="claim-(\w+)"><td>(.*?)</td><td>(?:<a href="(.*?)">)?(\d)', defined) == [
        ("heads", "Heads &lt; are.", "01_one.html#cell-third", "1"),
        ("tails", "Tails are.", "", "2"),
    ]
    assert "claim-heads" not in page.partition("## Definitions")[0]


def small_as_it_is(course):
    """The same course, read from its folder anew."""
    return dataclasses.replace(course)


def test_nothing_decided_is_said():
    assert settled(Counter(open=3)) == "none is decided yet"
    assert settled(Counter(false=2)) == "2 came out false"


@pytest.mark.parametrize("kind", ["kind = 'law'", ""])
def test_an_unknown_kind_stops_the_book(tmp_path, kind):
    course = small(tmp_path)
    (course.folder / "claims.toml").write_text(CLAIMS.replace('kind = "claim"', kind, 1))
    words = r"claims.toml: sums is of the unknown kind \w+. Write kind = definition or claim"
    with pytest.raises(BookError, match=words):
        ledger_page(course)


def test_a_claim_without_a_cell_stops_the_book(tmp_path):
    bare = chapter(
        "01", "One", code("first", "claim:sums"), code("x", "remove-cell", "claim:grows")
    )
    words = r"^notebooks/01_one.ipynb: no cell proves the claim grows. Tag the cell that asserts"
    with pytest.raises(BookError, match=words):
        ledger_page(small(tmp_path, bare))


def test_an_unknown_verdict_stops_the_book(tmp_path):
    course = small(tmp_path)
    (course.folder / "claims.toml").write_text(CLAIMS.replace('"false"', '"maybe"'))
    words = r"notebooks/claims.toml: claim shrinks has the unknown verdict maybe. Write one of true"
    with pytest.raises(BookError, match=words):
        ledger_page(course)


def test_no_ledger_stops_the_book(tmp_path):
    course = small(tmp_path)
    (course.folder / "claims.toml").unlink()
    with pytest.raises(BookError, match=r"notebooks/claims.toml: this file is missing"):
        ledger_page(course)


def test_the_ledger_of_the_course_is_whole():
    course = real()
    page = ledger_page(course)
    claims = entries(course, "claim")
    found = rows(page)
    assert list(found) == [claim["id"] for claim in claims]
    assert lost(course, page) == []
    written = {known.number: known for known in course.chapters}
    for claim in claims:
        if claim["chapter"] in written:
            known = written[claim["chapter"]]
            cell = known.cells[proof(claim, known)]
            assert f"claim:{claim['id']}" in tags(cell)
            assert found[claim["id"]][2] == known.place(cell.id)
            assert found[claim["id"]][0] == claim["verdict"]
        else:
            assert found[claim["id"]][0] == "open"
    assert count(course) == Counter(verdict for verdict, _, _ in found.values())
    defined = [entry["chapter"] in written for entry in entries(course, "definition")]
    decided = count(course).total() - count(course)["open"]
    assert len(addresses(page)) == decided + sum(defined)
    assert decided
    assert sum(defined)
