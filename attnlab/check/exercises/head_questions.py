"""Chapter 5, with a pencil: one weight in one head, and how many heads a vector can be cut into."""

from __future__ import annotations

from attnlab.check.exercise import Question, WrongAnswer
from attnlab.check.wording import said

MAT_IN_HEAD_WHERE = Question(
    number="5.1",
    name="mat_in_head_where",
    title="One weight in one head",
    difficulty="easy",
    minutes=3,
    asks="one number, the weight of mat",
    answer=0.958,
    tolerance=0.006,
    wrongs=(
        WrongAnswer(
            "query forgotten",
            0.704,
            "You took the keys themselves as scores; that is the row of sat, whose query is 1. "
            "Multiply each key by the query of on, 2.",
        ),
        WrongAnswer(
            "root of the whole length",
            0.861,
            "You divided by √2, the root of the length of a whole vector. In a head the vectors "
            "have length 1.",
        ),
        WrongAnswer(
            "both heads at once",
            0.894,
            "That is the single head, the third grid of Figure 5.1. Head where sees second numbers "
            "only.",
        ),
        WrongAnswer(
            "the other head",
            0.226,
            "That is head who, with the query −1 and the first numbers of the keys. Take the "
            "second numbers.",
        ),
        WrongAnswer(
            "the score",
            6.0,
            "6 is the score of on for mat. Take exp of all six scores, then divide.",
        ),
        WrongAnswer(
            "not shared out",
            403.43,
            "That is exp(6). A weight is a share of 1: divide by the sum of all six exponentials.",
            lambda mine: abs(mine - 403.43) < 1,
        ),
        WrongAnswer(
            "no exp",
            0.6,
            "You divided the score by the sum of the scores. Between the two stands exp.",
        ),
        WrongAnswer(
            "the other words count 1 each",
            0.988,
            "That comes out if each of the other five words counts exp(0) = 1. sat and on have a key "
            "of 1, so their score is 2, and exp(2) = 7.39.",
            lambda mine: 0.985 < mine < 0.992,
        ),
        WrongAnswer(
            "mat and one other word",
            0.982,
            "That comes out if mat shares with one word of score 2 alone. All six exponentials are in "
            "the sum: sat and on have 7.39 each, and exp(0) is 1, not 0.",
            lambda mine: 0.978 < mine <= 0.985,
        ),
        WrongAnswer(
            "one word of score 2",
            0.9725,
            "That comes out if only one word has the score 2. Two have a key of 1, sat and on: on "
            "may look at itself, too.",
            lambda mine: 0.969 < mine <= 0.978,
        ),
        WrongAnswer(
            "scores of 0 left out",
            0.9647,
            "That comes out if the words of score 0 are left out of the sum. exp(0) is 1: they "
            "count, too.",
            lambda mine: 0.964 < mine <= 0.969,
        ),
        WrongAnswer(
            "more than the budget",
            2.0,
            lambda mine: (
                f"{said(mine)} is more than 1, and a head has a budget of 1 for each word."
            ),
            lambda mine: mine > 1,
        ),
    ),
    hints=(
        "Head where has its own keys, one number for each word.",
        'The section "Two heads with a pencil" does it for sat; its keys for where are in Table 5.2.',
        "score = query × key / √1; weight of mat = exp(score of mat) / sum of the six exponentials.",
        "The scores are 0, 0, 2, 2, 0, 6. In Figure 5.1 see the row of on in the second grid.",
    ),
    solution="""e = np.exp(2 * np.array([0, 0, 1, 1, 0, 3]))  # 1, 1, 7.39, 7.39, 1, 403.4
my_weight_of_mat = e[5] / e.sum()
""",
)

HEADS_THAT_FIT = Question(
    number="5.2",
    name="heads_that_fit",
    title="How many heads fit?",
    difficulty="easy",
    minutes=3,
    asks="one number, how many numbers of heads are possible",
    answer=6,
    wrongs=(
        WrongAnswer(
            "any number up to 12",
            12,
            "Not every number up to 12 will do. Ask split_heads for 5 heads, and read what it says.",
        ),
        WrongAnswer(
            "any number but 1",
            11,
            "Not every number will do. Ask split_heads for 5 heads, and read what it says.",
        ),
        WrongAnswer(
            "without 1 and 12",
            4,
            "Two are missing. One head is multi-head attention, too; and what about pieces of one "
            "single number?",
        ),
        WrongAnswer(
            "one missing",
            5,
            "One is missing. Have you counted one head, and heads of one number each?",
        ),
        WrongAnswer(
            "powers of two",
            3,
            "Some are missing. Did you take powers of two only? Any equal pieces will do. One head, "
            "and pieces of one single number, count as well.",
        ),
        WrongAnswer(
            "the most heads that are usual",
            8,
            "8 is the number of heads of the first Transformer. 12 numbers cannot be cut into 8 "
            "equal pieces; asked is how many numbers can do it.",
        ),
    ),
    otherwise="Count the numbers h for which 12 numbers can be cut into h equal pieces.",
    hints=(
        "All heads are equally wide, and no number may be left over.",
        "Try split_heads(np.zeros((1, 12)), 5), and read the error to its end.",
        "d_k = 12 / h must be a whole number.",
        "One head of 12 numbers, two of 6, three of 4, … up to twelve of 1.",
    ),
    solution="my_number = 6  # 1, 2, 3, 4, 6 and 12 heads",
)

EXERCISES = (MAT_IN_HEAD_WHERE, HEADS_THAT_FIT)
