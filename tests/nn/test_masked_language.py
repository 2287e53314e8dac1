"""The masked language model: the parts of the causal one, and no causal mask."""

import doctest

import pytest
import torch

from attnlab import padding
from attnlab.nn import LanguageConfig, LanguageModel, MaskedLanguageModel, masked_language

SIZES = {"vocabulary": 13, "d_model": 12, "heads": 3, "layers": 2, "d_ff": 20, "length": 7}


def small(kind=MaskedLanguageModel, **changes):
    torch.manual_seed(0)
    return kind(LanguageConfig(**(SIZES | {"dropout": 0.0} | changes))).double().eval()


def tokens(batch=2, count=5):
    return torch.randint(1, 13, (batch, count), generator=torch.Generator().manual_seed(1))


def test_it_has_the_parameters_of_a_language_model_and_answers_as_it_would_without_a_mask():
    masked, causal = small(), small(LanguageModel)
    renamed = {
        name.replace("decoder.", "encoder."): each for name, each in causal.state_dict().items()
    }
    masked.load_state_dict(renamed)
    x = tokens(count=1)
    torch.testing.assert_close(masked(x), causal(x), atol=1e-12, rtol=0)
    x = tokens()
    assert not torch.allclose(masked(x), causal(x)), "with several words only one sees all"


def test_every_position_sees_every_other():
    model, x = small(), tokens(1)
    logits = model(x)
    for place in range(5):
        other = x.clone()
        other[0, place] = x[0, place] % 12 + 1
        assert ((model(other) - logits).abs().amax(-1) > 1e-9).all()


def test_padding_changes_nothing():
    model, x = small(), tokens()
    lengths = torch.tensor([5, 3])
    padded = model(x, padding(lengths, torch.arange(5)))
    torch.testing.assert_close(padded[1:, :3], model(x[1:, :3]), atol=1e-12, rtol=0)


def test_the_last_layer_is_the_table_of_the_words_or_one_of_its_own():
    shared, own = small(), small(share_embeddings=False)
    assert shared.output.weight is shared.encoder.embedding.table.weight
    count = sum(each.numel() for each in own.parameters())
    assert count - sum(each.numel() for each in shared.parameters()) == 13 * 12


@pytest.mark.usefixtures("as_a_reader_runs_it")
def test_what_is_no_config_is_refused():
    with pytest.raises(TypeError, match=r"config is a dict, and must be one: write LanguageConfig"):
        MaskedLanguageModel({})


def test_the_examples():
    result = doctest.testmod(masked_language, extraglobs={"torch": torch})
    assert result.attempted == 2
    assert result.failed == 0
