"""Translating whole sentences, and judging that."""

import pytest
import torch
from torch import nn

from attnlab.nn import Seq2Seq, Transformer
from attnlab.recipes import RECIPES, translate
from attnlab.recipes.sentences import grouped
from attnlab.recipes.translating import next_word_loss, quality_by_length, translation_quality
from attnlab.tasks import BEGIN, END, ENGLISH, FRENCH, UNKNOWN, sentence_pairs
from attnlab.training import train


class ByHeart(nn.Module):
    """Knows the translations of some sentences, and nothing else: "a" stands for the rest."""

    class Decoder:
        def empty_caches(self):
            return [[]]

    decoder = Decoder()

    def __init__(self, pairs):
        super().__init__()
        self.known = {
            tuple(ENGLISH.encode(source, unknown="<unknown>")): FRENCH.encode(
                target, marks=True, unknown="<unknown>"
            )
            for source, target in pairs
        }

    def encode(self, source, mask=None):
        del mask
        return source

    def decode(self, target, memory, mask=None, caches=None):
        del mask
        if caches is not None:
            caches[0].append(target)
            target = torch.cat(caches[0], 1)
        logits = torch.zeros(*target.shape, len(FRENCH))
        for row, source in enumerate(memory.tolist()):
            words = self.known.get(tuple(source), [BEGIN, *FRENCH.encode("a"), END])
            for place in range(target.shape[1]):
                following = words[place + 1] if place + 1 < len(words) else END
                logits[row, place, following] = 9.0
        return logits[:, -1:] if caches is not None else logits

    def forward(self, source, target):
        return self.decode(target, source)


def pairs(count=40, longest=15):
    return sentence_pairs(torch.Generator().manual_seed(2), count, longest=longest)


def test_sentences_of_all_lengths_come_back_in_their_order():
    some = pairs()
    model = ByHeart([(pair.source, pair.target) for pair in some])
    found = translate(model, [pair.source for pair in some])
    assert found == [list(pair.target) for pair in some]


def test_unknown_words_are_carried_through_as_they_are():
    model = ByHeart([(["<b>x</b>", "sees", "<end>"], ["<?>", "voit", "<?>"])])
    assert set(model.known) == {(UNKNOWN, ENGLISH.encode("sees")[0], UNKNOWN)}
    assert translate(model, [["<b>x</b>", "sees", "<end>"]]) == [["<b>x</b>", "voit", "<end>"]]


def test_a_sentence_may_be_a_text():
    model = ByHeart([(["the", "cat"], ["le", "chat"])])
    assert translate(model, ["the  cat", ["the", "cat"]]) == [["le", "chat"]] * 2
    assert translate(model, []) == []
    with pytest.raises(TypeError, match="is a single text, and must be a list of them"):
        translate(model, "the cat")
    with pytest.raises(ValueError, match="sentence 1 of 2 has no words"):
        translate(model, ["the cat", " "])


def test_quality_of_all_right_and_of_half_right():
    some = pairs(40)
    known = [(pair.source, pair.target) for pair in some]
    perfect = {"sentences": 40, "bleu": 100.0, "exact": 1.0, "words": 1.0}
    assert translation_quality(ByHeart(known), some) == perfect
    half = translation_quality(ByHeart(known[:20]), some)
    assert half["exact"] == 0.5
    assert half["bleu"] < 90
    assert 0.4 < half["words"] < 0.75


def test_the_share_of_right_words_counts_the_end_mark_and_no_padding():
    (one,) = pairs(1)
    other = ("a", *one.target[1:])  # its first word is wrong, if that is not "a"
    assert one.target[0] != "a"
    model = ByHeart([(one.source, other)])
    wanted = len(one.target) / (len(one.target) + 1)
    assert translation_quality(model, [one])["words"] == pytest.approx(wanted, abs=1e-4)


def test_quality_by_length_has_a_row_for_each_five_words():
    some = sentence_pairs(torch.Generator().manual_seed(2), 300, longest=50)
    rows = quality_by_length(ByHeart([]), some)
    assert [row["length"] for row in rows] == list(range(5, 55, 5))
    assert sum(row["sentences"] for row in rows) == 300  # 3 to 50 words: nobody is left out


def test_the_loss_is_that_of_the_next_words():
    some = pairs(3, longest=3)
    source, target = grouped(some)[0]
    model = ByHeart([(pair.source, pair.target) for pair in some])
    sure = torch.tensor(9.0).exp()
    wanted = (1 + (len(FRENCH) - 1) / sure).log()  # -log of softmax where 9 is right, the rest 0
    torch.testing.assert_close(next_word_loss(model, source, target), wanted)


@pytest.mark.parametrize("config", ["transformer", "attention", "gru"])
def test_the_models_learn_a_few_sentences_by_heart(config):
    torch.manual_seed(0)
    some = pairs(6, longest=3)
    recipe = RECIPES["lengths"][config]
    model = recipe.model()
    (group,) = grouped(some)
    losses = [s.loss for s in train(model, [tuple(group)], recipe.loss, steps=40, warm_up=5)]
    assert losses[-1] < 0.3 * losses[0]
    assert isinstance(model, Transformer if config == "transformer" else Seq2Seq)


def test_the_three_models_for_long_sentences_are_about_equal():
    recipes = RECIPES["lengths"].values()
    sizes = [sum(w.numel() for w in recipe.model().parameters()) for recipe in recipes]
    assert max(sizes) < 1.15 * min(sizes)
    assert max(sizes) < 1_000_000  # 4 MB
    assert len({recipe.steps for recipe in recipes}) == 1
