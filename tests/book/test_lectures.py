"""What a lecturer needs: a file for each chapter, and figures that show what it says."""

import json
import re
import tomllib
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from attnlab.core import attention_weights, gaussian, scaled_dot
from attnlab.lab import AttentionBench, AttentionHeatmap, KernelRegression, Machine
from attnlab.lab.machine_boxes import items_of
from pages import Stored, flat, stored_figures

FOLDER = Path(__file__).parents[2] / "notebooks"
NUMBERS = re.findall(r"\((\d\d)_\w+\.ipynb\)", (FOLDER / "SUMMARY.md").read_text(encoding="utf-8"))
KEYS = {"minutes", "aim", "before", "show", "wrong", "question"}
PARTS = {
    "show": {"figure", "set", "say"},
    "wrong": {"ask", "hear", "reply"},
    "question": {"ask", "answer"},
}
PARTS_OF_A_MACHINE = {"step", "off", "unfolded"}
COUNTS = {"show": range(3, 7), "wrong": range(3, 6), "question": range(3, 4)}
each_chapter = pytest.mark.parametrize("number", NUMBERS)


def lecture(number: str) -> dict:
    path = FOLDER / "lectures" / f"{number}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def figures(number: str) -> dict[str, Stored]:
    """The live figures of a chapter, by the id of their cell."""
    (path,) = FOLDER.glob(f"{number}_*.ipynb")
    book = json.loads(path.read_text(encoding="utf-8"))
    found = {cell["id"]: stored_figures(book | {"cells": [cell]}) for cell in book["cells"]}
    return {name: live[0] for name, live in found.items() if len(live) == 1}


def misshapen(lecture: dict) -> list[str]:
    """What is missing, too much, or not of its kind."""
    wrong = [f"the keys {sorted(set(lecture) ^ KEYS)}"] if set(lecture) != KEYS else []
    for name, keys in PARTS.items():
        parts = lecture.get(name, [])
        if len(parts) not in COUNTS[name]:
            wrong.append(f"{len(parts)} times {name}")
        for part in parts:
            if differing := (set(part) - {"focus"} if name == "show" else set(part)) ^ keys:
                wrong.append(f"the keys {sorted(differing)} of {name}")
    minutes = lecture.get("minutes", 0)
    if type(minutes) is not int or not 5 <= minutes <= 120:
        wrong.append(f"{minutes} minutes")
    return wrong


def words(lecture: dict) -> list[str]:
    """All that is to be said or read."""
    parts = [part for name in PARTS for part in lecture[name]]
    told = [part[key] for part in parts for key in set(part) & {"say", *PARTS["wrong"], "answer"}]
    return [lecture["aim"], lecture["before"], *told]


def can_take(control: dict, value) -> bool:
    """Whether a slider, a switch or a list can be brought to this value."""
    if "options" in control:
        return value in control["options"]
    if "add" in control:  # a button
        return (value - control["value"]) % control["add"] == 0
    if isinstance(control["value"], bool) or isinstance(value, bool):
        return isinstance(control["value"], bool) and isinstance(value, bool)
    if isinstance(value, str) or (type(control["value"]) is int and type(value) is not int):
        return False
    steps = (value - control["low"]) / control["step"]
    return control["low"] <= value <= control["high"] and abs(steps - round(steps)) < 1e-9


def misset(show: dict, live: dict[str, Stored]) -> list[str]:
    """What the figure of a demonstration cannot be set to."""
    if show["figure"] not in live:
        return [f"{show['figure']} is no cell with a live figure"]
    stored = live[show["figure"]]
    controls, wrong = dict(stored.controls), []
    for name in [name for name in show["set"] if name not in controls]:
        if not (isinstance(stored.figure, Machine) and name in PARTS_OF_A_MACHINE):
            wrong.append(f"{name} has no control")
            continue
        if name == "step":
            if show["set"][name] not in range(len(stored.figure.written) + 1):
                wrong.append(f"step cannot be {show['set'][name]}")
            continue
        items = list(items_of(stored.figure.plan))
        switches = [each["off"] for item in items for each in item.get("switches", ())]
        known = switches if name == "off" else [item["id"] for item in items]
        wrong += [f"{name} knows no {part}" for part in show["set"][name] if part not in known]
    for name in set(show["set"]) & set(controls):
        if not can_take(controls[name], show["set"][name]):
            wrong.append(f"{name} cannot be {show['set'][name]}")
    focus, cells = show.get("focus", [0, 0]), stored.figure.cells
    if len(focus) != 2 or not all(0 <= c < n for c, n in zip(focus, cells, strict=False)):
        wrong.append(f"focus {focus} is off the {cells} cells")
    return wrong


def bring(stored: Stored, show: dict) -> None:
    """Set a figure as for a demonstration, all else as the notebook stores it."""
    names = {*dict(stored.controls), *(PARTS_OF_A_MACHINE & set(stored.traits))}
    start = {name: stored.traits[name] for name in names}
    stored.result(start | show["set"])
    stored.figure.focus = show.get("focus", stored.traits["focus"])


def shown(figure) -> list[float]:
    """Numbers to be read from a figure: its result, and those of its sentence and its sum."""
    numbers = flat(figure.result)
    if isinstance(figure, KernelRegression):
        numbers += _of_the_curve(figure)
    if np.ndim(getattr(figure, "weights", None)) == 2:  # a sentence with an entropy
        logarithms = np.log(np.where(figure.weights > 0, figure.weights, 1))
        numbers += flat(-(figure.weights * logarithms).sum(axis=1))
    if isinstance(figure, AttentionBench):  # the scores of its strip
        numbers += flat(scaled_dot(figure.query, figure.key))
    if hasattr(figure, "allowed") and hasattr(figure, "scores"):
        numbers += _of_the_sum(figure)
    if isinstance(figure, Machine) and figure.focus:
        numbers += _of_the_row(figure)
    return numbers


def _of_the_row(machine: Machine) -> list[float]:
    """What stands in the row in focus, in each head, and the means of its heads."""
    place, row = machine.focus
    values = machine.arrays[list(items_of(machine.plan))[place]["array"]]
    heads = values[:, row] if values.ndim == 3 else values[row : row + 1]
    return flat([*heads, heads.mean(axis=0)])


def _of_the_curve(figure: KernelRegression) -> list[float]:
    """How far it is off the truth, and the weights of the place in focus."""
    place = figure.at.reshape(-1, 1)[figure.focus[1:]]
    score = partial(gaussian, width=figure.bandwidth)
    weights = attention_weights(place, figure.x.reshape(-1, 1), score=score)
    missed = [] if figure.truth is None else [np.abs(figure.result - figure.truth).mean()]
    return [*missed, *flat(weights)]


def _of_the_sum(figure) -> list[float]:
    """The score of the cell in focus, its exponential, and what exponentials of a row sum to."""
    layer, head = getattr(figure, "layer", 0), getattr(figure, "head", slice(None))
    scores = np.reshape(figure.scores[layer, head], (-1, *figure.cells))
    with np.errstate(over="ignore"):
        exponentials = np.exp(scores / getattr(figure, "temperature", 1.0))
    sums = np.where(figure.allowed, exponentials, 0).sum(axis=-1)
    row, column = figure.focus or (0, 0)
    return flat([*scores[:, row, column], *exponentials[:, row, column], *sums.flat])


def unread(show: dict, numbers: list[float]) -> list[str]:
    """Numbers with two or more places in what is said, that are not among these."""
    told = re.findall(r"(?<![\d.,])\d+\.\d\d+", show["say"])
    known = np.abs(numbers)
    half = {text: 0.5 * 0.1 ** len(text.partition(".")[2]) + 1e-9 for text in told}
    return [text for text in told if not (np.abs(known - float(text)) <= half[text]).any()]


def misquoted(show: dict, machine: Machine) -> list[str]:
    """Sentences that a machine neither reads nor writes, as it stands or without a named part."""
    without = re.findall(r"`([\w.]+)`[^*`]*\*([^*]+)\*", show["say"])
    quoted = {words for words in re.findall(r"\*([^*]+)\*", show["say"]) if words.count(" ") > 2}
    known = f" {' '.join(machine.source)} | {' '.join(machine.written)} "
    wrong = [words for words in quoted - {words for _, words in without} if words not in known]
    for name, words in without:
        machine.off = [name]
        wrong += [words] if " ".join(machine.written) != words else []
    return sorted(wrong)


def called(text: str) -> set[str]:
    """The figures and tables that a text names: Table 9.8."""
    found = re.findall(r"(Figure|Table)s? (\d+\.\d+)(?: and (\d+\.\d+))?", text)
    return {f"{kind} {number}" for kind, *numbers in found for number in numbers if number}


def captions() -> set[str]:
    """All that stand under a figure or over a table of the course."""
    books = [json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.ipynb")]
    sources = ["".join(cell["source"]) for book in books for cell in book["cells"]]
    found = re.findall(r"(?:\*\*|\")((?:Figure|Table) \d+\.\d+)", " ".join(sources))
    return set(found)


@each_chapter
def test_each_chapter_has_a_lecture_of_the_agreed_shape(number):
    assert misshapen(lecture(number)) == []


@each_chapter
def test_its_words_are_plain(number):
    for text in words(lecture(number)):
        assert text.strip() == text != ""
        assert text.count("`") % 2 == 0, text
        without_code = re.sub(r"`[^`]*`", "", text)
        assert not re.search(r"\*\*|\]\(|\$|</?\w+>|^\s*#|\n", without_code), text


@each_chapter
def test_its_figures_can_be_set_as_it_says(number):
    live = figures(number)
    for show in lecture(number)["show"]:
        assert misset(show, live) == [], show["say"]


@each_chapter
def test_what_it_says_of_a_figure_can_be_read_there(number):
    live, seen = figures(number), {}
    for show in lecture(number)["show"]:
        stored = live[show["figure"]]
        if show["figure"] not in seen:  # how it stood at first may be named, too
            seen[show["figure"]] = shown(stored.figure)
        bring(stored, show)
        seen[show["figure"]] += shown(stored.figure)
        assert unread(show, seen[show["figure"]]) == [], show["say"]
        if isinstance(stored.figure, Machine):
            assert misquoted(show, stored.figure) == []


def test_the_figures_and_tables_that_are_named_are_there():
    exercises = Path(__file__).parents[2] / "attnlab" / "check" / "exercises"
    texts = [*(FOLDER / "lectures").glob("*.toml"), *exercises.glob("*/*.md")]
    known = captions()
    lost = {text.name: called(text.read_text(encoding="utf-8")) - known for text in texts}
    assert {name: names for name, names in lost.items() if names} == {}


def test_there_is_no_lecture_without_a_chapter():
    assert sorted(path.stem for path in (FOLDER / "lectures").glob("*")) == sorted(NUMBERS)


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"minutes": 121}, "121 minutes"),
        ({"minutes": True}, "True minutes"),
        ({"question": []}, "0 times question"),
        ({"wrong": [{"ask": "Who?", "hear": "Me."}] * 3}, "the keys ['reply'] of wrong"),
        ({"notes": "more"}, "the keys ['notes']"),
    ],
)
def test_a_misshapen_lecture_is_found(changed, found):
    assert found in misshapen(lecture("00") | changed)


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"figure": "title"}, "title is no cell with a live figure"),
        ({"set": {"scale": 2.0}}, "scale has no control"),
        ({"set": {"temperature": 0.2}}, "temperature cannot be 0.2"),
        ({"set": {"temperature": 8.25}}, "temperature cannot be 8.25"),
        ({"set": {"temperature": True}}, "temperature cannot be True"),
        ({"set": {"causal": 1}}, "causal cannot be 1"),
        ({"set": {"reach": 1.0}}, "reach cannot be 1.0"),
        ({"focus": [9, 0]}, "focus [9, 0] is off the CELLS cells"),
        ({"focus": [1]}, "focus [1] is off the CELLS cells"),
    ],
)
def test_a_setting_that_cannot_be_made_is_found(changed, found):
    live = figures("07")
    show = {"figure": "next-word-figure", "set": {}, "focus": [0, 0], "say": "Look."}
    assert misset(show, live) == []
    cells = str(live["next-word-figure"].figure.cells)
    assert misset(show | changed, live) == [found.replace("CELLS", cells)]


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"set": {"off": ["heads.2"]}}, "off knows no heads.2"),
        ({"set": {"unfolded": ["weight"]}}, "unfolded knows no weight"),
        ({"set": {"x": []}}, "x has no control"),
        ({"focus": [10, 0]}, "focus [10, 0] is off the (10, 6) cells"),
    ],
)
def test_a_part_that_a_machine_lacks_is_found(changed, found):
    live = figures("05")
    show = {"figure": "the-layer", "set": {"off": ["heads.1"]}, "focus": [8, 2], "say": "Look."}
    assert misset(show, live) == []
    assert misset(show | changed, live) == [found]


def test_a_sentence_that_a_machine_does_not_write_is_found():
    machine = figures("11")["whole-figure"].figure
    right = (
        "*cette maison noire étrange est rouge*; `decoder.positions`: *cette maison noire étrange*"
    )
    wrong = "*cette maison noire est rouge*; `decoder.positions`: *cette maison est rouge*"
    assert misquoted({"say": right}, machine) == []
    machine.off = []
    found = ["cette maison est rouge", "cette maison noire est rouge"]
    assert misquoted({"say": wrong}, machine) == found


def test_a_number_that_the_figure_does_not_show_is_found():
    x = [[0, 0, 1, 0], [3, 0, 1, 0], [1, 1, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0], [0, 3, 1, 0.0]]
    figure = AttentionHeatmap(
        words=["The", "cat", "sat", "on", "the", "mat"], query=x, key=x, focus=[2, 1]
    )
    say = "0.31 and 0.305 are read, 0.77 is not, nor 24.20 for 24.21; the entropy is 1.59."
    assert unread({"say": say}, shown(figure)) == ["0.77", "24.20"]
    figure.temperature = 0.125
    told = ["0.31", "0.305", "0.77", "24.20", "24.21", "1.59"]
    assert unread({"say": say}, shown(figure)) == told
