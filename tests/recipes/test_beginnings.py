"""What the course says of long sentences holds for every seed that was tried."""

import doctest

from attnlab.recipes import beginnings, record
from attnlab.recipes.translating import LONG


def test_there_is_a_row_for_each_model_and_seed():
    rows = beginnings.beginnings()
    wanted = [(config, seed) for seed in beginnings.SEEDS for config in beginnings.ANEW]
    assert [(row["config"], row["seed"]) for row in rows] == wanted
    for row in rows:
        recipe = beginnings.ANEW[row["config"]]
        assert 0 < row["steps"] <= recipe.steps
        assert recipe.steps == (LONG[row["config"]].steps // 2 if row["config"] in LONG else 1500)
        lengths = range(5, 55, 5) if row["config"] in LONG else range(5, 20, 5)
        assert [detail["length"] for detail in row["details"]] == [*lengths]
        assert sum(detail["sentences"] for detail in row["details"]) == 2000


def test_one_context_for_all_fails_on_long_sentences_and_attention_does_not():
    rows = [{**record("lengths", config), "config": config} for config in LONG]
    again = [row for row in beginnings.beginnings() if row["config"] in LONG]
    for row in [*rows, *again]:
        bleu = {detail["length"]: detail["bleu"] for detail in row["details"]}
        if row["config"] == "gru":
            assert bleu[5] > 80
            assert bleu[20] < 60
            assert bleu[50] < 30
        else:
            assert min(bleu[length] for length in range(5, 35, 5)) > 80
            assert bleu[50] > 60


def test_another_seed_translates_as_well():
    rows = {row["config"]: row["results"] for row in beginnings.beginnings()}
    for config, name in {"small": "small", "small gru": "gru"}.items():
        assert abs(rows[config]["bleu"] - record("translation", name)["results"]["bleu"]) < 1
        assert rows[config]["exact"] > 0.95


def test_the_examples():
    result = doctest.testmod(beginnings)
    assert result.attempted > 0
    assert result.failed == 0
