"""Chapter 2, with a pencil: what a word asks and answers to, and matrices that do what is wanted."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnlab.check.exercise import Question, WrongAnswer
from attnlab.check.exercises.pencil_questions import SENTENCE
from attnlab.check.wording import said

W_QUERY = np.array([[0, 1], [1, 0], [0, 0], [-1, 2.0]])
W_KEY = np.array([[1, 0], [0, 1], [0, 0], [0, 0.0]])
"""The matrices of the chapter: rows are who, where, what and link."""


def _query_of_the(w_query: Any) -> Any:
    return SENTENCE[0] @ w_query


def _changed_rows(w_query: Any) -> list[int]:
    return [row for row in range(4) if not np.allclose(w_query[row], W_QUERY[row])]


def _articles_ask_who(w_query: Any) -> bool:
    who, where = _query_of_the(w_query)
    return _changed_rows(w_query) == [2] and bool(who > 0 and abs(where) < 1e-9)


def _after(w_query: Any) -> str:
    return f"The query of The is now ({', '.join(map(said, _query_of_the(w_query)))})"


ON_AND_MAT = Question(
    number="2.1",
    name="on_and_mat",
    title="Query, key and score with a pencil",
    difficulty="easy",
    minutes=3,
    asks="5 numbers: the query of on, the key of on, the score of on for mat",
    answer=[0.0, 2.0, 0.0, 1.0, 6 / np.sqrt(2)],
    tolerance=0.05,
    wrongs=(
        WrongAnswer(
            "no scale",
            [0.0, 2.0, 0.0, 1.0, 6.0],
            "Query and key are right. 6 is the dot product: divide it by √2, for two numbers.",
        ),
        WrongAnswer(
            "root of the length of a word",
            [0.0, 2.0, 0.0, 1.0, 3.0],
            "Query and key are right, and the product, too. You divide by √4, from the word's own "
            "vector; the vectors that you multiply have two numbers.",
        ),
        WrongAnswer(
            "keys with keys",
            [0.0, 2.0, 0.0, 1.0, 3 / np.sqrt(2)],
            "Query and key are right. For the score you took the key of on: on asks, so take its "
            "query, and the key of mat.",
        ),
        WrongAnswer(
            "mat for on",
            [0.0, 2.0, 0.0, 1.0, 0.0],
            "Query and key are right. 0 is the score of mat for on: mat asks for who. Here on "
            "asks: its query with the key of mat.",
        ),
        WrongAnswer(
            "query and key swapped",
            [0.0, 1.0, 0.0, 2.0, 6 / np.sqrt(2)],
            "The score is right, but the first two numbers are the key, and the next two the query.",
            lambda mine: np.allclose(mine[:4], [0, 1, 0, 2], atol=0.01),
        ),
        WrongAnswer(
            "the minus lost",
            [2.0, 2.0, 0.0, 1.0, 6 / np.sqrt(2)],
            "The last row of w_query, that of link, begins with −1: it takes away the who that "
            "where has brought.",
            lambda mine: np.allclose(mine[:2], [2, 2], atol=0.01),
        ),
        WrongAnswer(
            "cat",
            [0.0, 3.0, 3.0, 0.0, 9 / np.sqrt(2)],
            "Those are the numbers of cat, as in the chapter. on is (0, 1, 0, 1).",
        ),
        WrongAnswer(
            "where alone",
            [1.0, 0.0, 0.0, 1.0, 0.0],
            "That is the row of where alone. on is (0, 1, 0, 1): it has a link, too, whose row is "
            "added.",
            lambda mine: np.allclose(mine[:2], [1, 0], atol=0.01),
        ),
        WrongAnswer(
            "link alone",
            [-1.0, 2.0, 0.0, 1.0, 6 / np.sqrt(2)],
            "That is the row of link alone. on is (0, 1, 0, 1): it has a where, too, whose row is "
            "added.",
            lambda mine: np.allclose(mine[:2], [-1, 2], atol=0.01),
        ),
        WrongAnswer(
            "its own vector as key",
            [0.0, 2.0, 1.0, 1.0, 6 / np.sqrt(2)],
            "The query is right, the key is not: on is where and link, and in w_key the row of link "
            "is (0, 0).",
            lambda mine: (
                np.allclose(mine[:2], [0, 2], atol=0.01)
                and not np.allclose(mine[2:4], [0, 1], atol=0.01)
            ),
        ),
        WrongAnswer(
            "another score",
            [0.0, 2.0, 0.0, 1.0, 5.0],
            lambda mine: (
                f"Query and key are right, the score {said(mine[4])} is not: multiply the query of "
                "on and the key of mat number by number, add up, divide by √2."
            ),
            lambda mine: np.allclose(mine[:4], [0, 2, 0, 1], atol=0.01),
        ),
    ),
    otherwise="Go step by step: on is (0, 1, 0, 1). Which rows of w_query does it add up, and which "
    "of w_key?",
    hints=(
        "on is (0, 1, 0, 1): a row times a matrix picks rows of the matrix, and adds them up.",
        'Table 2.1, rows "where" and "link"; the section "One score with a pencil".',
        "query = 1 × (row of where) + 1 × (row of link); score = query of on · key of mat / √2.",
        "In Figure 2.1, point at the row of on and the column of mat.",
    ),
    solution="my_on_and_mat = [0, 2, 0, 1, 6 / 2**0.5]  # query, key, score",
)

ARTICLES_ASK = Question(
    number="2.2",
    name="articles_ask",
    title="Change one row",
    difficulty="easy",
    minutes=5,
    asks="4 rows of 2 numbers, the new w_query: who, where, what, link",
    answer=[[0.0, 1.0], [1.0, 0.0], [2.0, 0.0], [-1.0, 2.0]],
    accepts=_articles_ask_who,
    wrongs=(
        WrongAnswer(
            "nothing changed",
            W_QUERY,
            "That is w_query as it was. The and the have the vector (0, 0, 1, 0): which row is "
            "theirs?",
            lambda mine: not _changed_rows(mine),
        ),
        WrongAnswer(
            "they ask for where",
            [[0.0, 1.0], [1.0, 0.0], [0.0, 2.0], [-1.0, 2.0]],
            lambda mine: (
                f"{_after(mine)}, and the second number asks for where. The first column asks for "
                "who."
            ),
            lambda mine: abs(_query_of_the(mine)[1]) > 1e-9,
        ),
        WrongAnswer(
            "they ask not to meet it",
            [[0.0, 1.0], [1.0, 0.0], [-1.0, 0.0], [-1.0, 2.0]],
            lambda mine: (
                f"{_after(mine)}: less than nothing, so who has much of who gets the least weight. "
                "Ask with a number above 0."
            ),
            lambda mine: _query_of_the(mine)[0] < -1e-9,
        ),
        WrongAnswer(
            "another row",
            [[1.0, 1.0], [1.0, 0.0], [0.0, 0.0], [-1.0, 2.0]],
            lambda mine: (
                f"{_after(mine)}, still nothing. You changed the row of "
                f"{('who', 'where', 'what', 'link')[_changed_rows(mine)[0]]}, of which The has 0."
            ),
            lambda mine: not _query_of_the(mine).any(),
        ),
        WrongAnswer(
            "more than one row",
            [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [-1.0, 2.0]],
            lambda mine: (
                f"{_after(mine)}, as it should be. But you changed {len(_changed_rows(mine))} rows, "
                "and others ask otherwise now: one row will do."
            ),
            lambda mine: len(_changed_rows(mine)) > 1,
        ),
    ),
    hints=(
        "The vector of The has one number that is not 0. Which?",
        "Table 2.1: each row says what a word with that number asks for; the first column is who.",
        "query of The = 0 × who + 0 × where + 1 × what + 0 × link, each of these a row.",
        "Then The looks most at cat. All words with a what ask a bit more for who.",
    ),
    solution="""my_w_query = [[0, 1], [1, 0], [2, 0], [-1, 2]]  # the row of what: 2 × who""",
)


EXERCISES = (ON_AND_MAT, ARTICLES_ASK)
