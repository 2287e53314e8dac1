"""A prediction is not given away: what answers it stands folded, and nothing else."""

import re

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

from attnlab.book.canonical import canonical
from attnlab.book.chapter import chapter
from attnlab.book.folding import answers_of
from courses import STATE, VIEW, prose

WORDS = new_output("execute_result", {"text/plain": "0.38"}, execution_count=1)


def shows(name: str, *tags: str, model: str = ""):
    """A cell that shows a number, or the widget with this name."""
    asked = {VIEW: {"model_id": model}, "text/plain": "?", "text/html": "<p>?</p>"}
    output = new_output("display_data", asked) if model else WORDS
    metadata = {"tags": list(tags)}
    return new_code_cell("1", id=name, execution_count=1, outputs=[output], metadata=metadata)


def silent(name: str):
    return new_code_cell("x = 1", id=name, execution_count=1)


def book(*cells):
    made = new_notebook(cells=list(cells))
    models = {"asks": {"answers": []}, "bets": {"claim": "grows"}}
    state = {name: {"model_name": "AnyModel", "state": own} for name, own in models.items()}
    made.metadata["widgets"] = nbformat.from_dict({STATE: {"state": state}})
    return made


PREDICT = prose("ask", "How much? **Predict** it.")


def test_the_first_output_after_a_prediction_is_its_answer():
    cells = [shows("before"), PREDICT, silent("plumbing"), shows("answer"), shows("after")]
    assert answers_of(book(*cells)) == ["answer"]


def test_a_quiz_is_answered_and_is_no_answer():
    asked = prose("ask", "**Predict** it.")
    cells = [asked, shows("quiz", model="asks"), prose("words", "Now:"), shows("answer")]
    assert answers_of(book(*cells)) == ["answer"]


def test_a_bet_is_answered_where_its_claim_is_decided_too():
    cells = [
        shows("bet", model="bets"),
        shows("look"),
        shows("other", "claim:shrinks"),
        shows("proof", "claim:grows"),
        shows("after"),
    ]
    assert answers_of(book(*cells)) == ["look", "proof"]


def test_a_new_section_asks_nothing_yet():
    assert answers_of(book(PREDICT, prose("next", "## Next"), shows("figure"))) == []
    here = prose("here", "## Next\n\n**Predict** it.")
    assert answers_of(book(PREDICT, here, shows("figure"))) == ["figure"]


def test_what_answers_when_it_is_moved_may_stand_open():
    assert answers_of(book(PREDICT, shows("figure", "stands-open"), shows("after"))) == []


def test_the_canonical_form_folds_what_answers_and_opens_the_rest():
    opened = shows("after")
    opened.metadata["jupyter"] = {"outputs_hidden": True, "source_hidden": True}
    made = canonical(book(PREDICT, shows("answer"), opened))
    assert [cell.metadata.get("jupyter") for cell in made.cells] == [
        None,
        {"outputs_hidden": True},
        {"source_hidden": True},
    ]
    assert canonical(made).cells == made.cells


def page(*cells) -> str:
    made = canonical(book(*cells))
    return chapter(made, "n.ipynb", "01", prose=lambda text, _: text, maths=None)


def test_on_the_page_the_answer_opens_by_a_click():
    made = page(PREDICT, shows("answer"), prose("rest", "So it is."))
    found = re.search(r"<details class=\"attn-predicted\">\n(.*?)</details>\n", made, re.DOTALL)
    assert found[1].startswith("<summary>Show what comes out</summary>\n\n")
    assert "0.38" in found[1]
    assert "0.38" not in made.replace(found[0], "")
    assert made.index("```python") < found.start(), "the code stays in sight"
    assert made.rstrip().endswith("So it is.")


def test_on_the_page_the_verdict_is_folded_with_its_proof():
    verdict = prose("verdict", "**False.** It shrinks.")
    made = page(PREDICT, shows("proof", "claim:grows"), verdict, prose("rest", "Now the rest."))
    inside = re.search(r"<details.*?</details>", made, re.DOTALL)[0]
    assert 'id="cell-verdict"' in inside
    assert "**False.** It shrinks.\n\n</details>" in inside
    assert "the rest" not in inside


def test_a_verdict_behind_what_is_not_folded_stands_open():
    verdict = prose("verdict", "**False.** It shrinks.")
    assert "<details" not in page(shows("proof", "claim:grows"), verdict)
    longer = prose("verdict", "**True.** It grows.\n\n## The next section")
    inside = re.search(r"<details.*?</details>", page(PREDICT, shows("proof"), longer), re.DOTALL)
    assert "next section" not in inside[0], "a section is never folded"
