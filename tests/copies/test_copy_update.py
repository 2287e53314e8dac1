"""A reader's copy of the course: made, and brought up to date."""

import json
import os
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from attnlab.copies import (
    copy_course,
    folder_to_open,
    folder_to_update,
    is_behind,
    update_copy,
)
from attnlab.copies import copy_update as updating
from attnlab.copies.manifest import NAME, remembered
from small_notebooks import book, cell, ids, read, texts, write

NOON = datetime(2026, 11, 30, 12, 0, 0)
FIRST = "00_start_here.ipynb"


@pytest.fixture
def course(tmp_path):
    """A course of two chapters and a glossary, with what only the book needs."""
    folder = write(
        tmp_path / "course",
        first=book("a one", cell("try-a", "def f(): ...", "code"), "c end"),
        next=book("d"),
    )
    (folder / "glossary.md").write_text("words\n")
    for other in ("SUMMARY.md", "claims.toml", ".hidden"):
        (folder / other).write_text("for the book")
    (folder / "lectures").mkdir()
    return folder


@pytest.fixture
def mine(tmp_path, course):
    """A copy of it."""
    folder = tmp_path / "mine"
    copy_course(course, folder, "0.1.0")
    return folder


def everything(folder: Path) -> dict[str, bytes]:
    """The bytes of all files in a folder, by their place."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def answered(folder: Path, text="def f(): return 1", place=1):
    """Write an answer into the first chapter, as Jupyter would."""
    notebook = read(folder / FIRST)
    notebook["cells"][place]["source"] = [text]
    (folder / FIRST).write_text(json.dumps(notebook))


def test_a_copy_holds_the_chapters_and_the_pages_they_lead_to(course, mine):
    names = [FIRST, "next.ipynb", "glossary.md"]
    assert sorted(everything(mine)) == sorted([*names, NAME])
    assert all((mine / name).read_bytes() == (course / name).read_bytes() for name in names)
    assert not is_behind(mine, course)
    assert update_copy(mine, course, "0.1.0").lines == [f"{mine} is up to date (attnlab 0.1.0)"]


def test_a_second_copy_writes_over_nothing(course, mine):
    answered(mine)
    before = everything(mine)
    assert copy_course(course, mine, "0.2.0") is False
    assert everything(mine) == before


def test_a_copy_that_was_interrupted_is_finished(course, tmp_path, monkeypatch):
    folder = tmp_path / "mine"
    from attnlab.copies import first_copy

    put = first_copy.put

    def interrupted(file, content):
        if file.name == "next.ipynb":
            raise KeyboardInterrupt
        put(file, content)

    monkeypatch.setattr(first_copy, "put", interrupted)
    with pytest.raises(KeyboardInterrupt):
        copy_course(course, folder, "0.1.0")
    assert not (folder / FIRST).exists(), "the first chapter comes last"
    monkeypatch.undo()
    assert copy_course(course, folder, "0.1.0") is True
    assert (folder / FIRST).exists()
    assert (folder / "next.ipynb").exists()
    assert not update_copy(folder, course, "0.1.0").lines[1:]


def test_a_folder_with_other_things_is_left_alone(course, tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    before = everything(tmp_path)
    with pytest.raises(
        ValueError, match=r"holds other files \(course, thesis.tex\): name a folder"
    ):
        copy_course(course, tmp_path, "0.1.0")
    with pytest.raises(ValueError, match="is a file: name a folder"):
        copy_course(course, tmp_path / "thesis.tex", "0.1.0")
    assert everything(tmp_path) == before


def test_an_update_brings_what_is_new_and_keeps_what_was_written(course, mine):
    answered(mine)
    kept = (mine / FIRST).read_bytes()
    write(course, first=book("a two", cell("try-a", "def f(): ...", "code"), "c end", "d new"))
    write(course, third=book("e"))
    (course / "glossary.md").write_text("more words\n")
    assert is_behind(mine, course)
    dry = update_copy(mine, course, "0.2.0", dry_run=True)
    assert (mine / FIRST).read_bytes() == kept
    done = update_copy(mine, course, "0.2.0", now=NOON)
    assert done.whole
    assert done.lines == [
        f"{mine}: from attnlab 0.1.0 to 0.2.0",
        f"  {FIRST}: cells: 1 renewed, 1 new, 1 of yours kept",
        "  glossary.md: renewed",
        "  third.ipynb: copied",
        f"What you had before: {mine / 'backups' / '2026-11-30 12.00.00'}",
        "Is one of them open in JupyterLab? Choose File → Reload Notebook from Disk.",
    ]
    assert dry.lines == done.lines[:-2]
    assert texts(read(mine / FIRST)) == ["a two", "def f(): return 1", "c end", "d new"]
    assert everything(mine / "backups") == {
        f"2026-11-30 12.00.00/{FIRST}": kept,
        "2026-11-30 12.00.00/glossary.md": b"words\n",
    }
    assert not is_behind(mine, course)


def test_twice_is_once(course, mine):
    answered(mine)
    write(course, first=book("a two", cell("try-a", "def f(x): ...", "code")))
    update_copy(mine, course, "0.2.0")
    once = everything(mine)
    assert update_copy(mine, course, "0.2.0").lines == [f"{mine} is up to date (attnlab 0.2.0)"]
    assert everything(mine) == once
    (mine / NAME).unlink()
    update_copy(mine, course, "0.2.0")
    assert texts(read(mine / FIRST)) == texts(json.loads(once[FIRST]))


def test_two_versions_back(course, mine):
    answered(mine)
    write(course, first=book("a two", cell("try-a", "def f(): ...", "code"), "c end"))
    write(course, first=book("a three", cell("try-a", "def f(x): ...", "code"), "z"))
    update_copy(mine, course, "0.3.0")
    found = read(mine / FIRST)
    assert ids(found) == ["a", "try-a", "try-a-note", "try-a-yours", "z"]
    assert texts(found)[3] == "def f(): return 1"


def test_a_chapter_that_was_only_run_becomes_the_new_one(course, mine):
    notebook = read(mine / FIRST)
    notebook["cells"][1]["execution_count"] = 7
    (mine / FIRST).write_text(json.dumps(notebook, indent=4))
    write(course, first=book("a two", cell("try-a", "def f(): ...", "code"), "c end"))
    update_copy(mine, course, "0.2.0")
    assert texts(read(mine / FIRST))[0] == "a two"


def test_a_chapter_in_which_nothing_is_new_is_not_touched(course, mine):
    answered(mine)
    before = (mine / FIRST).read_bytes(), (mine / FIRST).stat().st_mtime_ns
    write(course, next=book("d", "e"))
    update_copy(mine, course, "0.2.0")
    assert ((mine / FIRST).read_bytes(), (mine / FIRST).stat().st_mtime_ns) == before


def test_a_page_that_both_have_changed_is_kept_beside(course, mine):
    (mine / "glossary.md").write_text("my words\n")
    (mine / "glossary.yours.md").write_text("of another time\n")
    (course / "glossary.md").write_text("more words\n")
    done = update_copy(mine, course, "0.2.0")
    assert "  glossary.md: renewed; yours is glossary.yours2.md" in done.lines
    assert (mine / "glossary.md").read_text() == "more words\n"
    assert (mine / "glossary.yours.md").read_text() == "of another time\n"
    assert (mine / "glossary.yours2.md").read_text() == "my words\n"


def test_a_chapter_that_was_deleted_is_copied_anew(course, mine):
    (mine / "next.ipynb").unlink()
    done = update_copy(mine, course, "0.1.0")
    assert "  next.ipynb: copied anew" in done.lines
    assert (mine / "next.ipynb").read_bytes() == (course / "next.ipynb").read_bytes()


def test_a_chapter_that_the_course_no_longer_has_stays(course, mine):
    (course / "next.ipynb").unlink()
    before = (mine / "next.ipynb").read_bytes()
    assert update_copy(mine, course, "0.2.0").lines[1:] == [
        "  next.ipynb: no longer in the course; yours stays"
    ]
    assert (mine / "next.ipynb").read_bytes() == before
    assert update_copy(mine, course, "0.2.0").lines == [f"{mine} is up to date (attnlab 0.2.0)"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"cells": [', "it is not JSON"),
        (b"<<<<<<< HEAD\n", "it is not JSON"),
        (b"", "it is not JSON"),
        ("é".encode("latin-1"), "it is not UTF-8"),
        (b'{"nbformat": 3, "worksheets": []}', "it is not a notebook of format 4"),
    ],
)
def test_a_damaged_chapter_is_named_and_left_and_the_rest_comes(course, mine, content, words):
    (mine / FIRST).write_bytes(content)
    write(course, first=book("a two"), next=book("d", "e"))
    done = update_copy(mine, course, "0.2.0")
    assert not done.whole
    assert f"  {FIRST}: left as it is, for {words}" in "\n".join(done.lines)
    assert (mine / FIRST).read_bytes() == content
    assert texts(read(mine / "next.ipynb")) == ["d", "e"]
    (mine / FIRST).unlink()
    assert update_copy(mine, course, "0.2.0").whole
    assert texts(read(mine / FIRST)) == ["a two"]


def test_what_could_not_come_comes_the_next_time(course, mine):
    answered(mine)
    (mine / FIRST).chmod(0o444)
    write(course, first=book("a two", cell("try-a", "def f(): ...", "code"), "c end"))
    done = update_copy(mine, course, "0.2.0")
    assert not done.whole
    assert f"  {FIRST}: left as it is, for it is read-only" in done.lines
    assert texts(read(mine / FIRST))[0] == "a one"
    (mine / FIRST).chmod(0o644)
    assert update_copy(mine, course, "0.2.0").whole
    assert texts(read(mine / FIRST)) == ["a two", "def f(): return 1", "c end"]


def test_a_read_only_folder_is_named(course, mine):
    write(course, next=book("d", "e"))
    mine.chmod(0o555)
    try:
        with pytest.raises(ValueError, match="is read-only: make it writable, or copy it"):
            update_copy(mine, course, "0.2.0")
    finally:
        mine.chmod(0o755)


def test_a_chapter_that_jupyter_saves_meanwhile_is_left(course, mine, monkeypatch):
    write(course, first=book("a two", cell("try-a", "def f(): ...", "code"), "c end"))
    backed_up = updating._backed_up

    def saved_meanwhile(*arguments):
        answered(mine)
        return backed_up(*arguments)

    monkeypatch.setattr(updating, "_backed_up", saved_meanwhile)
    done = update_copy(mine, course, "0.2.0")
    assert not done.whole
    assert "left as it is, for it was saved meanwhile" in "\n".join(done.lines)
    assert texts(read(mine / FIRST)) == ["a one", "def f(): return 1", "c end"]
    monkeypatch.undo()
    assert update_copy(mine, course, "0.2.0").whole
    assert texts(read(mine / FIRST)) == ["a two", "def f(): return 1", "c end"]


def test_an_update_that_breaks_off_is_finished_by_the_next(course, mine, monkeypatch):
    answered(mine)
    write(course, first=book("a two", cell("try-a", "def f(x): ...", "code"), "c end"))
    write(course, next=book("d two"))
    put = updating.put

    def full(file, content):
        if file.name == "next.ipynb" and "backups" not in file.parts:
            raise OSError(28, "No space left on device")
        put(file, content)

    monkeypatch.setattr(updating, "put", full)
    with pytest.raises(OSError, match="No space left"):
        update_copy(mine, course, "0.2.0")
    monkeypatch.undo()
    halfway = texts(read(mine / FIRST))
    assert "def f(): return 1" in halfway
    assert update_copy(mine, course, "0.2.0").whole
    assert texts(read(mine / FIRST)) == halfway
    assert texts(read(mine / "next.ipynb")) == ["d two"]


def test_what_is_not_ours_stays(course, mine):
    checkpoints = mine / ".ipynb_checkpoints"
    checkpoints.mkdir()
    (checkpoints / f"{FIRST[:-6]}-checkpoint.ipynb").write_text("older")
    (mine / f".~{FIRST}").write_text("half saved")
    (mine / "my notes.ipynb").write_text(json.dumps(book("mine")))
    (mine / "broken.ipynb").write_text("{")
    others = {name: text for name, text in everything(mine).items() if name != FIRST}
    write(course, first=book("a two"))
    update_copy(mine, course, "0.2.0")
    after = everything(mine)
    del others[NAME]
    assert others.items() <= after.items()


def test_a_copy_whose_manifest_is_lost_keeps_all_that_differs(course, mine):
    answered(mine)
    (mine / NAME).unlink()
    write(course, first=book("a two", cell("try-a", "def f(): ...", "code"), "c end"))
    done = update_copy(mine, course, "0.2.0")
    assert "it is not noted what was copied" in done.lines[0]
    assert {"a one", "a two", "def f(): return 1"} <= set(texts(read(mine / FIRST)))
    assert remembered(mine).version == "0.2.0"


@pytest.mark.parametrize("text", ["{", '{"format": "other"}', "[]", '{"format": 1}', "\udcff"])
def test_a_damaged_manifest_is_named_with_the_cure(course, mine, text):
    (mine / NAME).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ValueError, match=r"is damaged .*: delete it, and run attnlab update"):
        update_copy(mine, course, "0.2.0")


def test_a_newer_copy_is_not_made_older(course, mine):
    update_copy(mine, course, "0.10.0")
    with pytest.raises(ValueError, match=r"is of attnlab 0\.10\.0, and 0\.9\.0 is installed"):
        update_copy(mine, course, "0.9.0")


def test_a_backup_of_the_same_second_gets_a_place_of_its_own(course, mine):
    for text in ("a two", "a three"):
        write(course, first=book(text))
        update_copy(mine, course, "0.2.0", now=NOON)
    assert sorted(path.name for path in (mine / "backups").iterdir()) == [
        *("2026-11-30 12.00.00", "2026-11-30 12.00.00, 2"),
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows asks for a right to make links")
def test_a_link_stays_a_link(course, mine, tmp_path):
    real = shutil.move(mine / FIRST, tmp_path / "elsewhere.ipynb")
    (mine / FIRST).symlink_to(real)
    write(course, first=book("a two"))
    update_copy(mine, course, "0.2.0")
    assert (mine / FIRST).is_symlink()
    assert "a two" in texts(read(Path(real)))


def test_the_folder_that_is_opened(course, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    packaged = tmp_path / "lib"
    assert folder_to_open(None, course, packaged) == course
    assert folder_to_open(None, packaged, packaged) == tmp_path / "attnlab-course"
    assert folder_to_open(Path("here"), course, packaged) == Path("here")
    shutil.copytree(course, tmp_path / "checkout" / "notebooks")
    assert folder_to_open(Path("checkout"), course, packaged) == Path("checkout/notebooks")


def test_the_folder_that_is_updated(course, mine, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert folder_to_update(mine, course) == mine
    with pytest.raises(FileNotFoundError, match=r"attnlab lab \[FOLDER\] makes one"):
        folder_to_update(None, course)
    with pytest.raises(ValueError, match="is a checkout of the repository: git pull"):
        folder_to_update(course, course)
    mine.rename(tmp_path / "attnlab-course")
    assert folder_to_update(None, course) == tmp_path / "attnlab-course"
    monkeypatch.chdir(tmp_path / "attnlab-course")
    assert folder_to_update(None, course) == tmp_path / "attnlab-course"


def test_a_notebook_is_no_folder(tmp_path):
    file = tmp_path / "03_softmax.ipynb"
    for given in (file, tmp_path / "notes.txt"):
        given.write_text("mine")
        with pytest.raises(ValueError, match=f"{given.name} is no folder: name the one in which"):
            folder_to_open(given, tmp_path, tmp_path)
        with pytest.raises(ValueError, match=f"{given.name} is no folder: name the one in which"):
            folder_to_update(given, tmp_path)
    with pytest.raises(ValueError, match=r"typo\.ipynb is no folder"):
        folder_to_open(tmp_path / "typo.ipynb", tmp_path, tmp_path)
    assert not (tmp_path / "typo.ipynb").exists()
