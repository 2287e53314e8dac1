"""The alignment of a recurrent translator: its heaviest weights, one sentence or many at once."""

import pytest

from attnlab.lab import alignment_of, reading
from attnlab.tasks import AGREEMENT, ENGLISH, FRENCH, sentence_pairs

torch = pytest.importorskip("torch")


def translator(seed=0, **settings):
    from attnlab.nn import Seq2Seq, Seq2SeqConfig

    torch.manual_seed(seed)
    words = {"source_vocabulary": len(ENGLISH), "target_vocabulary": len(FRENCH)}
    return Seq2Seq(Seq2SeqConfig(**words, d_model=5, hidden=7, dropout=0.5, **settings))


def test_each_word_stands_with_the_largest_score_of_its_reading():
    model = translator()
    scores = reading(model, AGREEMENT).scores  # (13 target words, 12 source words)
    expected = {(0, max(range(12), key=row.__getitem__), i) for i, row in enumerate(scores)}
    assert alignment_of(model, [AGREEMENT]) == expected
    assert model.training  # as it was


@pytest.mark.parametrize("seed", range(3))
def test_many_sentences_at_once_are_aligned_as_each_alone(seed):
    model = translator(seed).double()
    pairs = sentence_pairs(torch.Generator().manual_seed(seed), 7)
    assert len({len(pair.source) for pair in pairs}) > 1
    alone = {(k, j, i) for k in range(7) for _, j, i in alignment_of(model, [pairs[k]])}
    assert alignment_of(model, pairs) == alone
    assert len(alone) == sum(len(pair.target) for pair in pairs)


def test_no_pairs_and_no_attention_are_refused():
    with pytest.raises(ValueError, match="pairs is empty"):
        alignment_of(translator(), [])
    with pytest.raises(ValueError, match="no attention"):
        alignment_of(translator(attention=False), [AGREEMENT])
