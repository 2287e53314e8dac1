"""The reader of the course: what it reads, how it is measured, and what counting reaches."""

import doctest
import math

import pytest
import torch
from torch import nn

from attnlab.nn import LanguageModel
from attnlab.recipes import RECIPES, reading
from attnlab.training import next_token_loss, train


class Uniform(nn.Module):
    """Holds all sub-words equally probable."""

    def forward(self, tokens):
        return torch.zeros(*tokens.shape, reading.PIECES + 1)


def test_the_splits_share_no_chapter_and_the_later_ones_are_not_read():
    names = [name for split in ("train", "validation", "test") for name in reading.chapters(split)]
    assert len(names) == len(set(names)) == 18
    assert max(names)[:2] == reading.UP_TO
    with pytest.raises(ValueError, match="split is 'dev', and must be one of train, validation"):
        reading.chapters("dev")


def test_the_tokens_are_the_text():
    pieces, texts = reading.course_pieces(), reading.chapters("test")
    expected = "".join(text + reading.END_OF_CHAPTER for text in texts.values())
    assert pieces.decode(reading.course_tokens("test").tolist()) == expected
    assert len(pieces) == reading.PIECES + 1 == reading.reading_config().vocabulary


def test_windows_are_pieces_of_the_text():
    tokens = torch.arange(1000)
    (window,) = next(reading.course_windows(torch.Generator().manual_seed(0), tokens, batch=7))
    assert window.shape == (7, reading.WINDOW + 1)
    assert torch.equal(window, window[:, :1] + torch.arange(reading.WINDOW + 1))


def test_who_knows_nothing_has_the_loss_of_the_vocabulary():
    scores = reading.reading_scores(Uniform())
    assert scores["loss"] == pytest.approx(math.log(reading.PIECES + 1), abs=1e-5)
    assert scores["perplexity"] == pytest.approx(reading.PIECES + 1, rel=1e-4)
    text = "".join(reading.chapters("test").values())
    tokens = len(reading.course_tokens("test"))
    assert scores["bits"] == pytest.approx(scores["loss"] / math.log(2) * tokens / len(text))


def test_counting_is_a_distribution_and_longer_contexts_help_a_little():
    words = [reading.ngram_scores(order) for order in (1, 2, 3)]
    bits = [each["bits"] for each in words]
    assert bits[0] > bits[1] > bits[2] > 2
    assert words[0]["loss"] < math.log(reading.PIECES + 1)


def test_counts_by_hand(monkeypatch):
    # "0 1 0" was counted, with k = 1, the least: p(0) = (2 + 1/2) / (3 + 1), and of it and the one
    # time that 0 came behind 1, p(0 | 1) = (1 + p(0)) / (1 + 1).
    found = {"train": [0, 1, 0], "validation": [0, 1, 0, 1], "test": [0, 1, 0]}
    monkeypatch.setattr(reading, "course_tokens", lambda split, _: torch.tensor(found[split]))
    monkeypatch.setattr(reading, "chapters", lambda _: {"": "abcdef"})
    scores = reading.ngram_scores(2, size=1)
    assert scores["perplexity"] == pytest.approx(2 / (1 + 2.5 / 4))
    assert scores["bits"] == pytest.approx(math.log2(2 / (1 + 2.5 / 4)) / 2)


def test_it_learns_faster_than_words_are_counted():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = LanguageModel(reading.reading_config(32))
    windows = reading.course_windows(torch.Generator().manual_seed(0))
    for _ in train(model, windows, next_token_loss, steps=120, lr=1e-2):
        pass
    assert reading.reading_scores(model, most=60)["loss"] < reading.ngram_scores(1)["loss"] - 0.5
    text = reading.continued(model, "A word", most=10)
    assert text.startswith("A word")
    assert len(text) > len("A word")
    assert text == reading.continued(model, "A word", most=10)


def test_the_recipe_on_the_shelf_is_this_one():
    recipe = RECIPES["reading"]["small"]
    assert recipe is reading.READING
    model = recipe.model()
    assert model.config == reading.reading_config()
    assert sum(each.numel() for each in model.parameters()) < 2_000_000
    (tokens,) = next(recipe.batches(torch.Generator().manual_seed(0)))
    assert recipe.loss(model, tokens) > 5
    assert 0 <= recipe.validate(model) < 0.1


def test_the_examples():
    result = doctest.testmod(reading)
    assert result.attempted > 0
    assert result.failed == 0
