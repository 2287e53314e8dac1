from pathlib import Path

import pytest

import attnlab
from attnlab import course_folder
from attnlab.course_folder import course


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A current folder without a course, and a package without one."""
    here, package = tmp_path / "here", tmp_path / "lib" / "attnlab"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(course_folder, "_PACKAGE", package)
    return here, package


def a_course(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "00_start_here.ipynb").touch()
    return folder


def test_the_first_that_holds_the_course_is_it(bare):
    here, package = bare
    inside = a_course(package / "course")
    assert course() == inside
    checkout = a_course(package.parent / "notebooks")
    assert course() == checkout
    a_course(here)
    assert course() == here
    below = a_course(here / "notebooks")
    assert course() == below


def test_else_it_is_that_of_the_checkout(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert course() == Path(attnlab.__file__).parents[1] / "notebooks"


def test_no_course_at_all_is_said(bare):
    assert bare
    with pytest.raises(FileNotFoundError, match=r"no notebooks/00_start_here.ipynb here: go to"):
        course()
