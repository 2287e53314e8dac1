"""The page of the ledger: all claims, their verdicts, and the cells that prove them."""

import re
from collections import Counter
from pathlib import Path

import pytest

import courses
from attnlab.book.ledger import count, ledger_page, proof, settled
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
    assert "There are 3. Of these, 1 are true, 1 only with a caveat. The other 1 belong" in page


def test_a_false_claim_is_said_to_be_false_once_its_chapter_is_there(tmp_path):
    course = small(tmp_path, one(), chapter("02", "Two", code("no", "claim:shrinks")))
    page = ledger_page(course)
    assert '02_two.html#cell-no">False</a>' in page
    assert settled(count(course)) == "1 are true, 1 only with a caveat, 1 are false"
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
    claims = course.ledger["claim"]
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
    assert len(addresses(page)) == count(course).total() - count(course)["open"]
