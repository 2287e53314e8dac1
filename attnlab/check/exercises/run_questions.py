"""Chapter 11, with a pencil: right runs of words, and the size of a model that shares nothing."""

from __future__ import annotations

from attnlab.check.exercise import Question, WrongAnswer
from attnlab.check.wording import said

RIGHT_RUNS = Question(
    number="11.1",
    name="right_runs",
    title="Right runs with a pencil",
    difficulty="easy",
    minutes=3,
    asks="3 numbers: how many words, pairs and triples are right",
    answer=[3, 1, 0],
    wrongs=(
        WrongAnswer(
            "all there are",
            [4, 3, 2],
            "These are all the words, pairs and triples that were found. How many of them stand in "
            "le chat dort?",
        ),
        WrongAnswer(
            "across the gap",
            [3, 2, 1],
            "As if noir were not there. But chat and dort are no neighbours in what was found: a run "
            "has no gap.",
        ),
        WrongAnswer(
            "across the gap, pairs only",
            [3, 2, 0],
            "Two pairs? In what was found chat stands before noir, and noir before dort. A run has no "
            "gap.",
        ),
        WrongAnswer(
            "place by place",
            [2, 1, 0],
            "You compared place by place, and dort stands at another place. A run counts wherever it "
            "stands.",
        ),
        WrongAnswer(
            "shares",
            [0.75, 0.333, 0],
            "You handed in shares. Asked is how many are right, before they are divided.",
        ),
        WrongAnswer(
            "noir counted",
            [4, 1, 0],
            "Is noir right? It does not stand in le chat dort.",
            lambda mine: mine[0] == 4,
        ),
        WrongAnswer(
            "words",
            [1, 1, 0],
            lambda mine: (
                f"{said(mine[0])} right words? Take the four words that were found one by one: does "
                "it stand in le chat dort?"
            ),
            lambda mine: mine[0] != 3,
        ),
        WrongAnswer(
            "pairs",
            [3, 3, 0],
            lambda mine: (
                f"{said(mine[1])} right pairs? Found are le chat, chat noir and noir dort: does each "
                "of them stand in le chat dort?"
            ),
            lambda mine: mine[1] != 1,
        ),
        WrongAnswer(
            "triples",
            [3, 1, 1],
            lambda mine: (
                f"{said(mine[2])} right triples? Found are le chat noir and chat noir dort, and noir "
                "is in both."
            ),
            lambda mine: mine[2] != 0,
        ),
    ),
    hints=(
        "Write down what was found in pieces: four words, three pairs, two triples.",
        'The section "How good is a translation?" does it for seven words.',
        "A piece is right if its words stand side by side, in this order, in what is wanted.",
        "One word of the four is wrong. It spoils two of the three pairs, and every triple.",
    ),
    solution="my_counts = [3, 1, 0]  # of 4 words, 3 pairs and 2 triples; the pair is le chat",
)

_ALL = 63_082_496
_TABLE = 37_000 * 512

THREE_TABLES = Question(
    number="11.2",
    name="three_tables",
    title="A model that shares nothing",
    difficulty="medium",
    minutes=7,
    asks="one number, how many numbers the model learns",
    answer=_ALL + 2 * _TABLE,
    tolerance=0.5,
    wrongs=(
        WrongAnswer(
            "shared",
            _ALL,
            "63,082,496 is the model that shares one table. Without sharing it has more of them.",
        ),
        WrongAnswer(
            "one table more",
            _ALL + _TABLE,
            "That is one table more than when all is shared. English, German and output have one "
            "each: how many more is that?",
        ),
        WrongAnswer(
            "three tables more",
            _ALL + 3 * _TABLE,
            "You added three tables. But one of them is in the 63,082,496 already.",
        ),
        WrongAnswer(
            "tables alone",
            3 * _TABLE,
            "These are the three tables alone. Encoder and decoder learn, too.",
        ),
        WrongAnswer(
            "layers alone",
            _ALL - _TABLE,
            "That is the model without any table. Three tables are missing.",
        ),
        WrongAnswer(
            "in millions",
            101,
            "Hand in the whole number, not millions.",
            lambda mine: mine < 1000,
        ),
        WrongAnswer(
            "a bias in the output layer",
            _ALL + 2 * _TABLE + 37_000,
            "That is 37,000 too many: you gave the output layer a bias, and it has none.",
        ),
        WrongAnswer(
            "no whole number of tables",
            100_000_000,
            lambda mine: (
                f"{float(mine):,.0f} is not the layers and a whole number of tables. A table has "
                "37,000 × 512 numbers; hand in all the digits."
            ),
            lambda mine: (mine - _ALL) % _TABLE > 0.5,
        ),
    ),
    hints=(
        "What does not change: encoder and decoder. What does: how many tables there are.",
        'Table 11.3 and the cell below "Does the formula, does our package?".',
        "Layers + 3 × vocabulary × d_model. In the 63,082,496 one table is counted already.",
        "It is a little above 100 million. The config is handed the same number twice, and no share_embeddings.",
    ),
    solution="my_count = 63_082_496 + 2 * 37_000 * 512  # 100,970,496",
)

EXERCISES = (RIGHT_RUNS, THREE_TABLES)
