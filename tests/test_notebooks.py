"""The stored notebooks: executed, canonical, and with a proof for each claim of their chapter."""

import ast
import json
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from ipywidgets import DOMWidget

import minutes
from attnlab.book.canonical import canonical, text
from attnlab.book.folding import answers_of, is_folded
from attnlab.book.outputs import asks, speaks
from attnlab.book.stored import state_of
from attnlab.cli import code_of
from pages import stored_figures

FOLDER = Path(__file__).parents[1] / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
CLAIMS = {
    claim["id"]: claim
    for claim in tomllib.loads((FOLDER / "claims.toml").read_text(encoding="utf-8"))["claim"]
}
VERDICTS = {"true": "**True", "false": "**False", "caveat": "**True, with a caveat"}
VIEW = "application/vnd.jupyter.widget-view+json"

each_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def cells(path: Path, kind: str) -> list:
    """The cells of one kind, code or markdown."""
    book = nbformat.read(path, as_version=4)
    return [cell for cell in book.cells if cell.cell_type == kind]


def claims_of(cell) -> list[str]:
    tags = cell.metadata.get("tags", [])
    return [tag.removeprefix("claim:") for tag in tags if tag.startswith("claim:")]


def strings(value):
    """Every text within a notebook, but for pictures and binary data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in ("image/png", "buffers"):
                yield from strings(item)


def prose(markdown: str) -> str:
    """What is read from beginning to end: no list, no table, no solution folded away."""
    markdown = re.sub(r"<details>.*?</details>", "", markdown, flags=re.DOTALL)
    listed = re.compile(r"\s*(\||[-*+] |\d+\. )|\s{2,}\S")
    return "\n".join(line for line in markdown.splitlines() if not listed.match(line))


def without_code(markdown: str) -> str:
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", markdown, flags=re.M | re.S))


def test_the_first_chapters_are_there():
    assert {f"{number:02}" for number in range(9)} <= {path.name[:2] for path in PATHS}
    assert len({path.name[:2] for path in PATHS}) == len(PATHS), "a number for each"
    assert all(re.fullmatch(r"\d\d_[a-z0-9_]+\.ipynb", path.name) for path in PATHS)


def test_the_table_of_contents_names_all_of_them_in_order():
    summary = (FOLDER / "SUMMARY.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\(([^)]+)\)", summary) == [path.name for path in PATHS]


@each_notebook
def test_it_is_stored_in_canonical_form_with_the_current_figures(path):
    book = nbformat.read(path, as_version=4)
    stored = path.read_bytes().decode("utf-8")
    same = text(canonical(book, code_of)) == stored
    assert same, f"run: attnlab run {path.name} (or attnlab run --refresh, if only figures changed)"


@each_notebook
def test_every_code_cell_was_executed_in_order(path):
    counts = [cell.execution_count for cell in cells(path, "code")]
    assert counts == list(range(1, len(counts) + 1))


@each_notebook
def test_what_ends_in_a_value_or_prints_shows_something(path):
    for cell in cells(path, "code"):
        if isinstance(ast.parse(cell.source).body[-1], ast.Expr) or "print(" in cell.source:
            assert cell.outputs, f"{cell.id} shows nothing"


@each_notebook
def test_no_cell_fails_or_complains(path):
    for cell in cells(path, "code"):
        errors = [output for output in cell.outputs if output.output_type == "error"]
        assert bool(errors) == ("raises-exception" in cell.metadata.get("tags", [])), cell.id
        complaints = [output for output in cell.outputs if output.get("name") == "stderr"]
        assert not complaints, f"{cell.id}: {complaints[0].text}"


@each_notebook
def test_no_path_of_one_machine_is_in_it(path):
    own = re.compile(r"(?<![\w.])/(home|root|work|tmp|Users)\b|\b[A-Z]:\\[\w.]")
    for found in strings(json.loads(path.read_text(encoding="utf-8"))):
        assert not own.search(found), found[:200]


@each_notebook
def test_no_picture_comes_from_another_host(path):
    foreign = re.compile(r"!\[[^\]]*\]\(\s*<?(https?:)?//|<img[^>]*\ssrc\s*=\s*[\"']?(https?:)?//")
    for found in strings(json.loads(path.read_text(encoding="utf-8"))):
        assert not foreign.search(found), found[:200]


@each_notebook
def test_no_cell_draws_by_way_of_the_kernel(path):
    for cell in cells(path, "code"):
        assert not re.search(r"\b(interact\w*|Output)\(|\bclear_output\b", cell.source), cell.id


@each_notebook
def test_cells_are_short(path):
    for cell in cells(path, "code"):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        most = 20 if "remove-input" in cell.metadata.get("tags", []) else 12  # out of sight, or not
        assert len(lines) <= most, f"{cell.id} has {len(lines)} lines"
    for cell in cells(path, "markdown"):
        words = prose(cell.source).split()
        assert len(words) <= 130, f"{cell.id} has {len(words)} words"


@each_notebook
def test_a_live_figure_is_in_it_and_each_has_a_picture_and_words_too(path):
    outputs = [output for cell in cells(path, "code") for output in cell.outputs]
    live = [output.data for output in outputs if VIEW in output.get("data", {})]
    figures = [data for data in live if not speaks(data)]
    assert figures
    for data in figures:
        assert data["image/png"].startswith("iVBORw0KGgo"), "base64 of a PNG's first bytes"
    assert all(data["text/plain"].strip() for data in live)


@each_notebook
def test_a_quiz_does_not_show_its_answer_in_its_code(path):
    for cell in cells(path, "code"):
        if any(asks(output.get("data", {})) for output in cell.outputs):
            assert cell.metadata.get("jupyter") == {"source_hidden": True}, cell.id
            assert "remove-input" in cell.metadata.get("tags", []), cell.id


@each_notebook
def test_stored_figures_have_every_trait_that_their_code_reads(path):
    for stored in stored_figures(nbformat.read(path, as_version=4)):
        own = set(stored.figure.trait_names(sync=True)) - set(DOMWidget.class_trait_names())
        wanted = {name for name in own if not name.startswith("_")}
        assert wanted <= set(stored.traits), "execute the notebook again: attnlab run"


@each_notebook
def test_the_minutes_that_it_states_are_those_that_it_takes(path):
    book = nbformat.read(path, as_version=4)
    found, stated = minutes.tally(book), minutes.said(book)
    for says, measured in zip(stated, (found.minutes, found.exercises), strict=True):
        assert abs(says - measured) <= 0.2 * measured, f"{says} minutes are {measured:.0f}: {found}"


@pytest.mark.parametrize("path", [p for p in PATHS if p.name[:2] < "04"], ids=lambda p: p.stem)
def test_the_first_chapters_are_read_in_an_hour(path):
    found = minutes.tally(nbformat.read(path, as_version=4))
    assert found.words <= minutes.MOST_WORDS
    assert found.minutes <= minutes.LONGEST, found


def test_minutes_are_those_of_words_lines_figures_and_exercises():
    new_code, new_words = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell
    picture = nbformat.v4.new_output("display_data", {"image/png": "", "text/plain": "a"})
    asked = nbformat.v4.new_output("display_data", {VIEW: {}, "text/html": "<p>?</p>"})
    hidden = {"jupyter": {"source_hidden": True}}
    book = nbformat.v4.new_notebook(
        cells=[
            new_words("# 1\n\n7 minutes, and 8 more of exercises. " + "word " * 193),
            new_code("a = 1\n\n# said\nb = 2", outputs=[picture]),
            new_code("a = 1\nb = 2", metadata=hidden, outputs=[asked]),
            new_code("a = 1", metadata={"tags": ["remove-input"]}),
            new_words("## Exercises\n\nMany words."),
            new_words("### One\n(easy, 3 minutes)\n\nMore words."),
            new_code("raise NotImplementedError"),
            new_words("### Two\n(hard, 5 minutes, with a pencil, not checked)\n\nMore."),
            new_words("## What to remember\n\n[this](a.ipynb), $a + b$"),
            new_words("## Sources\n\nA paper."),
        ]
    )
    assert minutes.said(book) == (7, 8)
    found = minutes.tally(book)
    assert found == minutes.Tally(words=206, lines=3, figures=1, exercises=8)
    assert found.minutes == pytest.approx(206 / 200 + 3 / 3 + 2)
    book.cells[0].source = "# 1\n\nSome minutes."
    with pytest.raises(ValueError, match="40 minutes, and 45 more of exercises"):
        minutes.said(book)


@each_notebook
def test_links_lead_to_files_that_exist(path):
    for cell in cells(path, "markdown"):
        for target in re.findall(r"\]\(\s*<?([^)\s>]+)", without_code(cell.source)):
            file = target.partition("#")[0]
            if file and not re.match(r"[a-z]+:", file):
                assert (FOLDER / file).exists(), f"{cell.id} links to {target}"


@each_notebook
def test_each_claim_of_the_chapter_is_proved_once_and_no_other(path):
    proved = [claim for cell in cells(path, "code") for claim in claims_of(cell)]
    expected = [name for name, claim in CLAIMS.items() if claim["chapter"] == path.name[:2]]
    assert sorted(proved) == sorted(expected)
    assert not any(claims_of(cell) for cell in cells(path, "markdown")), "words prove nothing"


@each_notebook
def test_a_proof_asserts(path):
    for cell in cells(path, "code"):
        if claims_of(cell):
            asserted = [n for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.Assert)]
            assert asserted, f"{cell.id} asserts nothing"


@each_notebook
def test_the_verdict_follows_its_proof(path):
    book = nbformat.read(path, as_version=4)
    for cell, after in pairwise([*book.cells, nbformat.v4.new_markdown_cell("")]):
        for claim in claims_of(cell):
            assert after.cell_type == "markdown", f"{claim}: no words after the proof"
            told = re.findall(r"\*\*(?:True|False)(?:, with a caveat)?", after.source)
            verdict = CLAIMS[claim].get("verdict")  # a definition has none
            expected = [VERDICTS[verdict]] if verdict else []
            assert told == expected, f"{claim}: {after.source[:80]}"


@each_notebook
def test_what_answers_a_prediction_is_stored_folded_and_nothing_else(path):
    book = nbformat.read(path, as_version=4)
    folded = [cell.id for cell in book.cells if is_folded(cell)]
    assert folded == answers_of(book), "run: attnlab run --refresh"


@each_notebook
def test_a_bet_has_the_verdict_of_the_ledger_and_is_shown_it_where_its_claim_is_decided(path):
    book = nbformat.read(path, as_version=4)
    for bet in bets_of(book):
        name = bet["claim"]
        assert CLAIMS[name]["chapter"] == path.name[:2], name
        assert bet["found"] == CLAIMS[name].get("verdict"), f"{name}: definitions have no bets"
        (proof,) = (c for c in book.cells if c.cell_type == "code" and name in claims_of(c))
        assert bet["claim"] in verdicts_of(proof, book), f"{proof.id} must end in the bet's verdict"
    names = [bet["claim"] for bet in bets_of(book)]
    assert len(names) == len(set(names)), "one bet a claim"


@each_notebook
def test_between_two_bets_there_is_something_to_look_at(path):
    book = nbformat.read(path, as_version=4)
    seen = True
    for cell in cells(path, "code"):
        if models_of(cell, book, "claim"):
            assert seen, f"{cell.id}: two bets one after the other"
            seen = False
        seen |= any(is_looked_at(output.get("data", {})) for output in cell.outputs)


def models_of(cell, book, trait: str) -> list[dict]:
    """What is stored of the widgets of a cell that have this trait."""
    names = [output.get("data", {}).get(VIEW, {}).get("model_id") for output in cell.outputs]
    states = [state_of(book)[name]["state"] for name in names if name]
    return [state for state in states if trait in state]


def bets_of(book) -> list[dict]:
    return [bet for c in book.cells if c.cell_type == "code" for bet in models_of(c, book, "claim")]


def verdicts_of(cell, book) -> list[str]:
    """The claims of the bets whose verdicts a cell shows."""
    shown = [state["bet"].removeprefix("IPY_MODEL_") for state in models_of(cell, book, "bet")]
    return [state_of(book)[name]["state"]["claim"] for name in shown]


def is_looked_at(data: dict) -> bool:
    """Whether this is a figure, a picture or a table."""
    return bool({"image/png", "image/svg+xml"} & set(data)) or "<table" in data.get("text/html", "")


def test_the_rules_for_bets_see_what_they_forbid():
    asked = {VIEW: {"model_id": "0"}, "text/html": "<p>?</p>"}
    assert not is_looked_at(asked)
    assert is_looked_at({"text/html": "<table>"})
    assert is_looked_at(asked | {"image/png": ""})


def test_kinds_verdicts_and_chapters_of_the_ledger_are_known():
    assert {claim["kind"] for claim in CLAIMS.values()} == {"definition", "claim"}
    for name, claim in CLAIMS.items():
        assert claim.get("verdict") in (VERDICTS if claim["kind"] == "claim" else [None]), name
    ledger = tomllib.loads((FOLDER / "claims.toml").read_text(encoding="utf-8"))
    assert {claim["chapter"] for claim in CLAIMS.values()} <= set(ledger["chapters"])
    assert len(ledger["claim"]) == len(CLAIMS), "an id for each claim"
