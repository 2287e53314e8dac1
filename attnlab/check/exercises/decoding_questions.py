"""Chapter 10, with a pencil: the memory of a cache, and what top k and top p leave."""

from __future__ import annotations

from attnlab.check.exercise import Question, WrongAnswer
from attnlab.check.wording import said

CACHE_BYTES = Question(
    number="10.1",
    name="cache_bytes",
    title="What the cache costs",
    difficulty="easy",
    minutes=3,
    asks="one number, the bytes for each token",
    answer=24576,
    wrongs=(
        WrongAnswer(
            "numbers, not bytes",
            6144,
            "6,144 is how many numbers are kept. Each takes 4 bytes.",
        ),
        WrongAnswer(
            "keys only",
            12288,
            "You counted one vector for each layer. Two are kept: a key and a value.",
        ),
        WrongAnswer(
            "queries kept as well",
            36864,
            "You counted three vectors for each layer. A query is asked once, and not kept.",
        ),
        WrongAnswer(
            "one layer",
            4096,
            "That is one layer. Each of the six has keys and values of its own.",
        ),
        WrongAnswer(
            "twice too many",
            49152,
            "Twice too many. Did you take 8 bytes a number? These have 4. Or count cross-attention, too? "
            "Its keys and values belong to the source: they are kept once, and a new token of the text adds "
            "none.",
        ),
        WrongAnswer(
            "eight times too many",
            196608,
            "Eight times too many. Did you count bits? Asked is bytes. Or 512 numbers for each head? The "
            "eight heads share them out.",
        ),
        WrongAnswer(
            "matrices",
            12582912,
            "You counted matrices, 512 by 512. Those are learnt, and the same for all tokens. A token "
            "leaves vectors.",
        ),
        WrongAnswer(
            "in thousands",
            24.0,
            lambda mine: f"{said(mine)} is about right in thousands of bytes. Asked is bytes.",
            lambda mine: 23.9 < mine < 25,
        ),
    ),
    hints=(
        "What of a token is looked at again, once it has been written?",
        'The section "What need not be computed again", below the measurement.',
        "2 × layers × d_model numbers for each token, 4 bytes each.",
        "Between 24 and 25 thousand bytes; a text of 1,000 tokens needs about 25 million.",
    ),
    solution="my_bytes = 2 * 6 * 512 * 4  # a key and a value in each layer",
)

K_THEN_P = Question(
    number="10.2",
    name="k_then_p",
    title="First k, then p",
    difficulty="medium",
    minutes=7,
    asks="4 chances, in the order of the tokens",
    answer=[0.625, 0.375, 0, 0],
    wrongs=(
        WrongAnswer(
            "k alone, or p before k",
            [0.556, 0.333, 0.111, 0],
            "Three stay with you. After k, the first two have 0.556 and 0.333 of what is left: is that "
            "not enough for p?",
        ),
        WrongAnswer(
            "not shared anew",
            [0.5, 0.3, 0, 0],
            lambda mine: (
                f"The right two stay, but your chances sum to {said(mine.sum())}: what remains shares "
                "the 1."
            ),
        ),
        WrongAnswer(
            "three, not shared anew",
            [0.5, 0.3, 0.1, 0],
            "Your chances sum to 0.9. After k, share the 1 anew; then see how many p needs.",
        ),
        WrongAnswer(
            "not shared anew after p",
            [0.556, 0.333, 0, 0],
            "The right two stay, with their chances after k. They sum to 0.889: share the 1 once more.",
        ),
        WrongAnswer(
            "the one that crosses p left out",
            [1, 0, 0, 0],
            "You stopped before p is reached. As few as reach 0.85 stay: who crosses the line is in.",
        ),
        WrongAnswer(
            "equal shares",
            [0.5, 0.5, 0, 0],
            "The right two stay, but not with equal chances: the first is still 5/3 times as probable.",
        ),
        WrongAnswer(
            "nothing cut",
            [0.5, 0.3, 0.1, 0.1],
            "Those are the chances before anything is cut off. k = 3 leaves three tokens.",
        ),
        WrongAnswer(
            "not a whole",
            [0.6, 0.3, 0, 0],
            lambda mine: f"Your chances sum to {said(mine.sum())}, and must sum to 1.",
            lambda mine: abs(mine.sum() - 1) > 0.02,
        ),
    ),
    otherwise="They sum to 1. Cut with k, share the 1 anew, cut with p, share it anew.",
    hints=(
        "Three steps, and after each cut the rest shares the 1.",
        "Below Figure 10.1, its last sentence: which comes first?",
        "After k: 0.5 / 0.9, 0.3 / 0.9, 0.1 / 0.9. Then add up from the front until 0.85 is reached.",
        "In Figure 10.1: a thin bar before, a thick bar after; two thick ones remain.",
    ),
    solution="my_chances = [0.5 / 0.8, 0.3 / 0.8, 0, 0]  # 5/9 + 3/9 = 0.889 reaches 0.85",
)

EXERCISES = (CACHE_BYTES, K_THEN_P)
