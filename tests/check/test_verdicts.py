"""What is said of each known mistake, flaw and wrong answer stays as it was, letter for letter."""

import pytest

import verdicts


@pytest.mark.parametrize("chapter", verdicts.chapters())
def test_every_verdict_is_the_one_written_down(chapter):
    kept = verdicts.path_of(chapter).read_text(encoding="utf-8")
    assert verdicts.verdicts_of(chapter).splitlines() == kept.splitlines(), (
        "if the new words are meant: python tests/verdicts.py, and read the difference"
    )


def test_no_chapter_is_kept_that_has_no_exercises():
    kept = sorted(path.name for path in verdicts.FOLDER.iterdir())
    assert kept == [verdicts.path_of(chapter).name for chapter in verdicts.chapters()]
