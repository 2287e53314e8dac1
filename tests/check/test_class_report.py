"""`attnlab progress --class`: thirty files of the real checker, and what may come instead."""

import csv
import io
import json
import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import handed_in
from attnlab import check
from attnlab.check import diary
from attnlab.check.catalogue import all_exercises
from attnlab.check.class_report import sum_up, told
from attnlab.check.hand_ins import LARGEST, hand_ins
from attnlab.cli import main

GOOD = {"softmax": {"attempts": 3, "best": "right", "tries": 2, "mistakes": {"axis ignored": 1}}}


def written(path, exercises=GOOD, **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"format": "attnlab progress 1", "exercises": exercises} | more
    path.write_text(json.dumps(content))
    return path


def rows(folder):
    text = (folder / "class.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    """Thirty students' files, two of them damaged; and what came of them."""
    folder = tmp_path_factory.mktemp("school")
    handed_in.made_class(folder / "class", folder / "states")
    return folder, *sum_up(folder / "class")


def test_of_thirty_files_two_are_damaged_and_the_rest_is_summed(school):
    _, found, _, _ = school
    damaged = [f"{name}.json" for name in handed_in.DAMAGED]
    assert len(found.handed.students) == 28
    assert [file for file, _ in found.handed.troubles] == damaged
    assert tuple(found.waiting) == handed_in.IDLE
    assert told(found)[0] == "28 students, 2 not begun."


def test_tries_and_mistakes_are_those_that_the_checker_wrote_down(school):
    folder, found, _, _ = school
    files = [(folder / "class" / each.file).read_bytes() for each in found.handed.students]
    kept = [diary.read_progress(content)["exercises"] for content in files]
    for cost in found.costs:
        entries = [each[cost.task.name] for each in kept if cost.task.name in each]
        assert cost.tried == len(entries)
        assert [tries for tries, _ in cost.tries] == sorted(
            entry["tries"] for entry in entries if entry["best"] == "right"
        )
    for slip in found.slips:
        counts = [e[slip.task.name]["mistakes"][slip.name] for e in kept if _made(e, slip)]
        assert (slip.students, slip.times) == (len(counts), sum(counts))
    assert len(found.slips) == 25
    order = [(slip.students, slip.times) for slip in found.slips]
    assert order == sorted(order, reverse=True)


def _made(exercises, slip):
    return slip.name in exercises.get(slip.task.name, {}).get("mistakes", {})


def test_each_mistake_comes_with_the_sentence_of_the_checker(school):
    _, found, _, page = school
    by_name = {(slip.task.name, slip.name): slip.sentence for slip in found.slips}
    assert by_name["softmax", "down the columns"].startswith("Your rows sum to 1.038")
    assert all(by_name.values())
    text = page.read_text()
    assert "the softmax runs down axis 0" in text


def test_the_table_has_a_line_for_each_student_and_exercise(school):
    folder, found, _, _ = school
    lines = rows(folder / "class")
    assert {line["student"] for line in lines} == {each.student for each in found.handed.students}
    assert sum(int(line["attempts"]) for line in lines) == sum(
        each.attempts for each in found.handed.students
    )
    idle = [line for line in lines if line["student"] in handed_in.IDLE]
    assert [line["best"] for line in idle] == ["not begun"] * 2


class Page(HTMLParser):
    """The tags and addresses of a page, each table's caption among them."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.addresses, self.open = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("href", "src")]
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_has_no_script_and_asks_nobody(school):
    text = school[3].read_text(encoding="utf-8")
    page = Page(text)
    assert page.open == []
    assert "script" not in page.tags
    assert page.addresses == ["#files-that-do-not-count"]
    assert 'id="files-that-do-not-count"' in text
    assert page.tags.count("table") == page.tags.count("caption") == 3
    assert "prefers-color-scheme: dark" in text
    assert "url(" not in text


def test_running_it_twice_gives_the_same(school):
    folder, _, table, page = school
    before = table.read_bytes(), page.read_bytes()
    sum_up(folder / "class")
    assert (table.read_bytes(), page.read_bytes()) == before


def many_levels(path):
    path.write_text("[" * 100_000)


def a_link(path):
    path.symlink_to(written(path.parent.parent / "elsewhere.json"))


def a_link_to_a_folder(path):
    (path.parent.parent / "other").mkdir()
    path.symlink_to(path.parent.parent / "other")


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: path.write_bytes(b"\x00\xff" * 50), "not a progress file, or a damaged one"),
        (lambda path: path.write_text("{"), "not a progress file, or a damaged one"),
        (many_levels, "not a progress file, or a damaged one"),
        (lambda path: path.write_text('{"a": 1}'), "not a progress file"),
        (
            lambda path: written(path, format="attnlab progress 2"),
            "of another version of attnlab: 'attnlab progress 2'",
        ),
        (lambda path: path.write_bytes(b" " * (LARGEST + 1)), "1,000,001 bytes, and a progress"),
        (lambda path: written(path, {"softmax": 3}), "damaged: its exercises are not as"),
        (lambda path: written(path, {"a": {"attempts": -1, "best": "right"}}), "damaged: its exer"),
        (
            lambda path: written(path, {"a": {**GOOD["softmax"], "mistakes": {"b": "many"}}}),
            "damaged: its exercises",
        ),
        (lambda path: written(path, bets={"a": {"sure": 1e9, "right": 1}}), "damaged: its bets"),
        (lambda path: written(path).rename(path.with_suffix(".txt")), "no .json file: not read"),
        (a_link, "a link: not followed"),
        (a_link_to_a_folder, "a link: not followed"),
        pytest.param(
            lambda path: os.mkfifo(path),
            "no plain file: not read",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes"),
        ),
    ],
)
def test_what_cannot_be_counted_is_named_and_the_rest_is_summed(tmp_path, make, why):
    folder = tmp_path / "class"
    written(folder / "Ada.json")
    make(folder / "Bad.json")
    found, _, page = sum_up(folder)
    assert [each.student for each in found.handed.students] == ["Ada"]
    ((file, words),) = found.handed.troubles
    assert file.startswith("Bad.")
    assert words.startswith(why)
    assert "Bad." in page.read_text()


def test_names_are_text_in_the_page_and_no_formula_in_the_table(tmp_path):
    folder = tmp_path / "class"
    names = ["<img src=x onerror=alert(1)>", "=1+2", "@SUM(A1)", "-2", "+3", 'Doe, "J"', "a'b"]
    for name in names:
        written(folder / f"{name}.json")
    evil = {"softmax": {**GOOD["softmax"], "mistakes": {"<script>": 1, "\ud800\n=2": 1}}}
    written(folder / "Zoe.json", evil, bets={"</style><script>": {"sure": 10**30, "right": True}})
    sum_up(folder)
    text = (folder / "class.html").read_text(encoding="utf-8")
    assert "<img" not in text
    assert "<script" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    cells = {cell for line in rows(folder) for cell in line.values()}
    assert {"'=1+2", "'@SUM(A1)", "'-2", "'+3", 'Doe, "J"'} < cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_a_name_that_is_no_text_is_written_all_the_same(tmp_path):
    folder = tmp_path / "class"
    written(folder / "Ada.json")
    try:
        written(folder / "Ev\udce9.json")
    except OSError:
        pytest.skip("this system has no such names")
    found, _, _ = sum_up(folder)
    assert [each.student for each in found.handed.students] == [
        "Ada",
        "Ev\N{REPLACEMENT CHARACTER}",
    ]


def test_of_two_files_of_one_student_the_fuller_counts(tmp_path):
    folder = tmp_path / "class"
    written(folder / "ada lovelace.json", {})
    written(folder / "Ada Lovelace (1).json")
    written(folder / "Ada Lovelace" / "progress.json", {})
    found = hand_ins(folder)
    assert [(each.student, each.attempts) for each in found.students] == [("Ada Lovelace", 3)]
    assert [words for _, words in found.troubles] == [
        "a second file of Ada Lovelace: Ada Lovelace (1).json counts"
    ] * 2


def test_a_folder_for_each_student_and_a_list_of_names(tmp_path):
    folder = tmp_path / "class"
    written(folder / "Ada" / "progress.json")
    (folder / "names.txt").write_text("Ada\n\nGrace <b>\n")
    found, _, page = sum_up(folder)
    assert found.handed.missing == ["Grace <b>"]
    assert "Nothing handed in: Grace <b>." in told(found)
    assert "Grace &lt;b&gt;" in page.read_text()
    assert (
        rows(folder)[-1] | {"student": "Grace <b>", "best": "nothing handed in"} == rows(folder)[-1]
    )
    (folder / "names.txt").write_bytes(b"\xff\xfe")
    assert hand_ins(folder).troubles == [("names.txt", "not in UTF-8: save it so")]


def test_a_link_in_place_of_the_page_is_replaced_and_not_followed(tmp_path):
    folder, other = tmp_path / "class", tmp_path / "other"
    written(folder / "Ada.json")
    other.write_text("mine")
    (folder / "class.html").symlink_to(other)
    sum_up(folder)
    assert other.read_text() == "mine"
    assert not (folder / "class.html").is_symlink()


def test_exercises_of_another_version_are_named(tmp_path):
    written(tmp_path / "class" / "Ada.json", {**GOOD, "gone": {"attempts": 1, "best": "right"}})
    found, _, page = sum_up(tmp_path / "class")
    assert found.unknown == ["gone"]
    assert "this version does not have: <bdi>gone</bdi>" in page.read_text()


def test_files_of_before_tries_were_counted(tmp_path):
    written(tmp_path / "class" / "Ada.json", {"softmax": {"attempts": 4, "best": "right"}})
    found, _, _ = sum_up(tmp_path / "class")
    assert found.costs[0].tries == [(4, "Ada")]
    assert found.slips == []


@pytest.mark.parametrize("make", [Path.touch, Path.mkdir])
def test_no_folder_and_an_empty_one_are_refused(tmp_path, capsys, make):
    make(tmp_path / "class")
    assert main(["progress", "--class", str(tmp_path / "class")]) == 1
    error = capsys.readouterr().err
    assert re.search(r"is no folder: name the one|holds no progress files: students make", error)


def test_a_student_hands_in_and_the_teacher_sums_up(own_folder, tmp_path, capsys):
    target = tmp_path / "class" / "Ada.json"
    target.parent.mkdir()
    assert main(["progress", "--hand-in", str(target)]) == 1
    assert "nothing to hand in yet" in capsys.readouterr().err
    check.which_temperature(1)
    check.which_temperature(2)
    for _ in range(2):  # handing in again replaces it
        assert main(["progress", "--hand-in", str(target)]) == 0
    assert target.read_bytes() == (own_folder / "progress.json").read_bytes()
    assert main(["progress", "--class", str(target.parent)]) == 0
    assert "1 student, 0 not begun." in capsys.readouterr().out
    other = tmp_path / "notes.json"
    other.write_text("mine")
    assert main(["progress", "--hand-in", str(other)]) == 1
    assert other.read_text() == "mine"
    assert "is no progress file: name another file" in capsys.readouterr().err
    assert main(["progress", "--hand-in", str(tmp_path / "Bob")]) == 1
    assert "does not end in .json: name it like Bob.json" in capsys.readouterr().err
    assert main(["progress", "--hand-in", str(tmp_path / "none" / "bob.json")]) == 1
    assert "make it, or name another" in capsys.readouterr().err


def test_a_whole_course_stays_far_below_the_limit():
    entry = {"attempts": 99, "best": "right, but", "tries": 9}
    made = {
        name: {**entry, "mistakes": {f"a mistake with a long name {n}": 9 for n in range(9)}}
        for name in all_exercises()
    }
    assert len(json.dumps({"exercises": made}, indent=1)) < LARGEST / 10


@pytest.mark.parametrize("name", ["class.csv", "class.html"])
def test_a_file_of_the_teachers_own_is_not_written_over(tmp_path, name):
    (tmp_path / "ada.json").write_text("{}")
    (tmp_path / name).write_text("my own gradebook")
    with pytest.raises(ValueError, match=f"{name} is there already, and attnlab did not write it"):
        sum_up(tmp_path)
    assert (tmp_path / name).read_text() == "my own gradebook"


def test_what_was_summed_up_before_is_written_anew(tmp_path):
    (tmp_path / "ada.json").write_text("{}")
    sum_up(tmp_path)
    sum_up(tmp_path)
    assert (tmp_path / "class.csv").exists()
