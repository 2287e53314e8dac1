"""What the course says of long sentences holds for every seed that was tried."""

import doctest

from attnlab.recipes import beginnings, record
from attnlab.recipes.translating import LONG


def test_there_is_a_row_for_each_model_and_seed():
    rows = beginnings.beginnings()
    wanted = [(config, seed) for seed in beginnings.SEEDS for config in LONG]
    assert [(row["config"], row["seed"]) for row in rows] == wanted
    assert all(row["steps"] == LONG[row["config"]].steps // 2 for row in rows)
    for row in rows:
        assert [detail["length"] for detail in row["details"]] == list(range(5, 55, 5))
        assert sum(detail["sentences"] for detail in row["details"]) == 2000


def test_one_context_for_all_fails_on_long_sentences_and_attention_does_not():
    rows = [{**record("lengths", config), "config": config} for config in LONG]
    for row in [*rows, *beginnings.beginnings()]:
        bleu = {detail["length"]: detail["bleu"] for detail in row["details"]}
        if row["config"] == "gru":
            assert bleu[5] > 80
            assert bleu[20] < 60
            assert bleu[50] < 30
        else:
            assert min(bleu[length] for length in range(5, 35, 5)) > 80
            assert bleu[50] > 60


def test_the_examples():
    result = doctest.testmod(beginnings)
    assert result.attempted > 0
    assert result.failed == 0
