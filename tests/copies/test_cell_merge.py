"""Three versions of a notebook made one."""

import copy
import json
import random

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnlab.copies.cell_merge import merge
from attnlab.copies.cell_order import moved, woven
from attnlab.copies.manifest import copied
from attnlab.copies.notebook_json import DamagedError, fingerprint, parsed, written
from attnlab.course_folder import installed_course
from small_notebooks import MEANWHILE, book, cell, ids, texts

VIEW = "application/vnd.jupyter.widget-view+json"


def base_of(notebook):
    return copied("a.ipynb", written(notebook)).cells


def merged(old, mine, new):
    return merge(base_of(old), mine, new)


def test_what_the_reader_left_as_it_was_becomes_what_it_is_now():
    done = merged(book("a one", "b two"), book("a one", "b two"), book("a one", "b three"))
    assert texts(done.notebook) == ["a one", "b three"]
    assert done.counts == {"renewed": 1}


def test_what_the_reader_wrote_stays_where_the_course_is_as_it_was():
    done = merged(book("a one", "b two"), book("a one", "b mine"), book("a 1", "b two"))
    assert texts(done.notebook) == ["a 1", "b mine"]
    assert ids(done.notebook) == ["a", "b"]
    assert done.counts == {"renewed": 1, "kept": 1}


def test_where_both_have_changed_the_readers_stands_below_and_is_marked():
    old = book("a one", cell("try-b", "def f(): ...", "code"), "c end")
    mine = book("a one", cell("try-b", "def f(): return 1", "code", outputs=[MEANWHILE]), "c end")
    new = book("a one", cell("try-b", "def f(x): ...", "code"), "c end")
    done = merged(old, mine, new)
    assert ids(done.notebook) == ["a", "try-b", "try-b-note", "try-b-yours", "c"]
    assert texts(done.notebook)[1] == "def f(x): ..."
    assert texts(done.notebook)[2].startswith("**Yours, kept by `attnlab update`.**")
    assert texts(done.notebook)[3] == "def f(): return 1"
    assert done.notebook["cells"][3]["metadata"]["tags"] == ["yours"]
    assert done.notebook["cells"][3]["outputs"] == [MEANWHILE]
    assert done.beside == ["try-b"]


def test_an_answer_that_was_changed_in_the_same_way_on_both_sides_is_no_conflict():
    done = merged(book("a one"), book("a two"), book("a two"))
    assert texts(done.notebook) == ["a two"]
    assert not done.counts


def test_cells_that_the_reader_added_stay_behind_what_they_stood_behind():
    mine = book("mine 0", "a", "mine 1", "mine 2", "b", "mine 3")
    done = merged(book("a", "b"), mine, book("a", "new", "b", "end"))
    assert texts(done.notebook) == [
        *("mine 0", "a", "new", "mine 1", "mine 2", "b", "end", "mine 3"),
    ]
    assert done.counts == {"own": 4, "added": 2}


def test_a_deleted_cell_stays_deleted_unless_the_course_has_changed_it():
    old = book("a", "b one", "c")
    assert texts(merged(old, book("a", "c"), book("a", "b one", "c", "d")).notebook) == [
        *("a", "c", "d"),
    ]
    back = merged(old, book("a", "c"), book("a", "b two", "c"))
    assert texts(back.notebook) == ["a", "b two", "c"]
    assert back.counts == {"put back": 1}


def test_a_removed_cell_goes_unless_the_reader_wrote_in_it():
    old, new = book("a", "b one", "c"), book("a", "c")
    assert texts(merged(old, old, new).notebook) == ["a", "c"]
    done = merged(old, book("a", "b mine", "c"), new)
    assert ids(done.notebook) == ["a", "b-note", "b-yours", "c"]
    assert texts(done.notebook)[2] == "b mine"


def test_cells_that_the_course_moved_move_and_the_readers_go_along():
    old, new = book("a", "b", "c"), book("c", "a", "b")
    assert texts(merged(old, book("a", "b", "c", "mine"), new).notebook) == ["c", "mine", "a", "b"]


def test_cells_that_the_reader_moved_stay_there_if_the_course_moved_none():
    old, new = book("a", "b", "c"), book("a", "b two", "c", "d")
    assert texts(merged(old, book("c", "a", "b"), new).notebook) == ["c", "d", "a", "b two"]


def test_without_a_base_whatever_differs_is_kept_beside():
    done = merge({}, book("a", "b mine", "note"), book("a", "b new"))
    assert texts(done.notebook)[0:2] == ["a", "b new"]
    assert texts(done.notebook)[3:] == ["b mine", "note"]


def test_ids_that_another_program_dropped_are_found_by_the_text():
    old = book("a one", "b two", "c three")
    mine = book("a one", "b mine", "c three")
    for one in mine["cells"]:
        del one["id"]
    done = merged(old, mine, book("a new", "b two", "c three"))
    assert texts(done.notebook) == ["a new", "b mine", "c three"]


def test_the_ids_of_colab_are_found_in_the_metadata():
    mine = book("a one", "b mine")
    for one in mine["cells"]:
        one["metadata"]["id"] = one.pop("id")
    done = merged(book("a one", "b two"), mine, book("a new", "b two"))
    assert list(zip(ids(done.notebook), texts(done.notebook), strict=True)) == [
        ("a", "a new"),
        ("b", "b mine"),
    ]


def test_two_cells_of_one_id_are_both_kept_and_get_two():
    mine = book(cell("a", "first of mine"), cell("a", "second of mine"), cell("x y", "odd"))
    done = merged(book("a one"), mine, book("a two"))
    assert {"a two", "first of mine", "second of mine", "odd"} <= set(texts(done.notebook))
    assert len(set(ids(done.notebook))) == len(ids(done.notebook))
    nbformat.validate(nbformat.from_dict(done.notebook))


def test_a_kept_cell_loses_its_live_figure_but_not_the_still():
    figure = {"output_type": "display_data", "metadata": {}}
    figure["data"] = {VIEW: {"model_id": "0001"}, "image/png": "iVBO"}
    bare = {"output_type": "display_data", "metadata": {}, "data": {VIEW: {"model_id": "0002"}}}
    mine = book(cell("a", "mine", "code", outputs=[figure, MEANWHILE, bare]))
    before = copy.deepcopy(mine)
    done = merged(book(cell("a", "old", "code")), mine, book(cell("a", "old", "code"), "b"))
    still, said = done.notebook["cells"][0]["outputs"]
    assert still["data"] == {"image/png": "iVBO"}
    assert said == MEANWHILE
    assert mine == before, "what is handed in is not changed"


def test_the_figures_are_those_of_the_course_and_the_kernel_is_the_readers():
    mine = book("a", widgets={"state": "old"}, kernelspec={"name": "mine"}, note="my own")
    new = book("a", "b", widgets={"state": "new"}, kernelspec={"name": "python3"})
    assert merged(book("a"), mine, new).notebook["metadata"] == {
        "widgets": {"state": "new"},
        "kernelspec": {"name": "mine"},
        "note": "my own",
    }


names = st.sampled_from(["a", "b", "c", "d", "e", "a-yours", "a-note", "x y", None])
# Few texts, so that two versions often have the same; and some of any kind.
written_texts = st.sampled_from(["", "x", "y", "x\r\ny", "é😀\u2028"]) | st.text(max_size=6)


@st.composite
def notebooks(draw, unique):
    """Any notebook; with `unique`, one of the course."""
    chosen = draw(st.lists(names, max_size=7, unique=unique))
    if unique:
        chosen = [one for one in chosen if one not in ("x y", None)]
    made = []
    for name in chosen:
        kind = draw(st.sampled_from(["code", "markdown"]))
        made.append(cell(name, draw(written_texts), kind))
        if name is None:
            del made[-1]["id"]
    return book(*made)


@given(notebooks(True), notebooks(False), notebooks(True))
def test_no_line_of_the_readers_is_lost(old, mine, new):
    before = copy.deepcopy((old, mine, new))
    done = merged(old, mine, new)
    assert (old, mine, new) == before
    after = texts(done.notebook)
    known = set(base_of(old).values())
    for one in mine["cells"]:
        if fingerprint(one) not in known:
            assert "".join(one["source"]) in after


@given(notebooks(True), notebooks(False), notebooks(True))
def test_all_of_the_course_is_there_but_what_the_reader_wrote_over_or_deleted(old, mine, new):
    done = merged(old, mine, new)
    found = dict(zip(ids(done.notebook), done.notebook["cells"], strict=True))
    own = {one.get("id") for one in mine["cells"]}
    for one in new["cells"]:
        if base_of(old).get(one["id"]) != fingerprint(one):
            assert fingerprint(found[one["id"]]) == fingerprint(one)
        elif one["id"] in own:
            assert one["id"] in found


@given(notebooks(True), notebooks(False), notebooks(True))
def test_twice_is_once_and_the_result_is_a_notebook(old, mine, new):
    once = merged(old, mine, new).notebook
    nbformat.validate(nbformat.from_dict(once))
    again = merge(base_of(new), parsed(written(once)), new).notebook
    assert written(again) == written(once)


@given(notebooks(True), notebooks(True), notebooks(True), notebooks(False))
def test_two_versions_at_once_lose_nothing_either(first, second, third, mine):
    step = merged(first, mine, second).notebook
    both = merged(second, step, third).notebook
    known = {*base_of(first).values(), *base_of(second).values()}
    kept = [fingerprint(one) for one in both["cells"]]
    assert all(fingerprint(c) in {*known, *kept} for c in mine["cells"])


@given(st.permutations("abcdef"), st.lists(st.sampled_from("abcdefxyz"), unique=True))
def test_woven_keeps_the_first_order_and_all_of_both(first, second):
    found = woven(first, second)
    assert [one for one in found if one in first] == list(first)
    assert set(found) == {*first, *second}
    assert len(found) == len(set(found))
    others = [one for one in second if one not in first]
    if not moved(first, second):
        assert not moved(found, second)
    assert sorted(others) == sorted(set(found) - set(first))


def test_a_real_chapter_with_every_answer_written_in_keeps_them_all():
    content = (installed_course() / "03_softmax.ipynb").read_bytes()
    old, mine, new = (json.loads(content) for _ in range(3))
    rng = random.Random(0)
    for one in mine["cells"]:
        if one["id"].startswith("try-"):
            one["source"] = f"answer = {rng.random()}"
    for one in new["cells"]:
        if one["cell_type"] == "markdown":
            one["source"] = [*one["source"], "\nAnd a sentence more."]
    done = merged(old, mine, new)
    answers = {"".join(c["source"]) for c in mine["cells"] if c["id"].startswith("try-")}
    assert len(answers) > 4
    assert answers <= set(texts(done.notebook))
    assert set(done.counts) == {"renewed", "kept"}
    assert ids(done.notebook) == ids(old)


def test_written_as_jupyter_writes_it():
    text = '{"b": [1, "é"], "a": "\u2028"}'
    assert (
        written(json.loads(text))
        == (
            json.dumps(json.loads(text), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        ).encode()
    )


def test_half_a_pair_of_surrogates_is_kept():
    notebook = json.loads(json.dumps(book("a \ud83d b")))
    assert parsed(written(notebook)) == notebook
    assert fingerprint(notebook["cells"][0])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON"),
        (b'{"cells": [', "not JSON"),
        ("é".encode("latin-1"), "not UTF-8 (byte 0)"),
        (b"[]", "format 4"),
        (b'{"nbformat": 3, "worksheets": []}', "format 4"),
        (b'{"nbformat": 4, "cells": [1]}', "its cells"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code"}]}', "its cells"),
        (b"<<<<<<< HEAD", "not JSON"),
        (b"[" * 200_000, "not JSON"),
    ],
)
def test_what_is_no_notebook_is_refused(content, words):
    with pytest.raises(DamagedError) as refused:
        parsed(content)
    assert words in str(refused.value)


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_encodings_of_editors_are_read(coding):
    assert parsed(json.dumps(book("é"), ensure_ascii=False).encode(coding)) == book("é")
