import json

import pytest

from attnlab.tasks import course_text
from attnlab.tasks.course_text import plain_prose


def notebook(path, *texts):
    cells = [{"cell_type": "markdown", "source": text.splitlines(True)} for text in texts]
    cells.insert(1, {"cell_type": "code", "source": ["x = 1\n"], "outputs": []})
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")


def test_prose_by_hand(tmp_path):
    notebook(tmp_path / "02_two.ipynb", "# 2 · Two\n\nThe *cat*.")
    notebook(
        tmp_path / "01_one.ipynb",
        "# 1 · One\n\n**You will** see [chapter 2](02_two.ipynb).",
        "Words:\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nThen $$x = 1$$ follows.",
        "## Sources\n\nSennrich, 2016.",
    )
    notebook(tmp_path / "draft.ipynb", "No chapter.")
    assert course_text(tmp_path) == {
        "01_one": "1 · One\n\nYou will see chapter 2.\n\nWords:\n\nThen follows.",
        "02_two": "2 · Two\n\nThe cat.",
    }
    assert list(course_text(str(tmp_path))) == ["01_one", "02_two"]


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("## A *very* **bold** ***one***", "A very bold one"),
        ("**True: *sat* looks at it.**", "True: sat looks at it."),
        ("2 * 3 * 4 = 24", "2 * 3 * 4 = 24"),
        ("x**2 and `y**2`", "x**2 and y**2"),
        ("the mark `<begin>`, `a*b*c`, ``a`b``", "the mark <begin>, a*b*c, a`b"),
        ("- one\n- two\n\n1. three", "one\ntwo\n\n1. three"),
        ("<details>\n<summary>Answer</summary>\n\nYes.<br>\n\n</details>", "Answer\n\nYes."),
        ("a < b and b > c", "a < b and b > c"),
        ("```\nx = 1\n```\nafter", "after"),
        ("![a cat](attachment:cat.png) sits", "a cat sits"),
        ("table[128 % 128] stays", "table[128 % 128] stays"),
        ("the weight $w_i$ stays", "the weight $w_i$ stays"),
        ("$$\\begin{aligned}a&=1\\\\\nb&=2\\end{aligned}$$", ""),
    ],
)
def test_marks_go_and_words_stay(markdown, words):
    assert plain_prose(markdown) == words


def test_the_course_is_prose_and_the_same_each_time():
    chapters = course_text()
    assert chapters == course_text()
    assert list(chapters) == sorted(chapters)
    assert {"00_start_here", "17_graphs"} <= set(chapters)
    text = "\n".join(chapters.values())
    assert len(text.split()) > 45_000
    for mark in ("**", "$$", "](", "<details>", "\n|", "\n#", "import attnlab"):
        assert mark not in text, mark
    assert "Zachary, An Information Flow Model" not in text, "sources"


def test_no_course_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"holds no notebook like 03_softmax.ipynb"):
        course_text(tmp_path)


@pytest.mark.parametrize("text", ["no json", "[]", '{"cells": [{}]}'])
def test_what_is_no_notebook_is_named(tmp_path, text):
    (tmp_path / "01_one.ipynb").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"01_one.ipynb is no notebook"):
        course_text(tmp_path)
