"""Published models beside the library that wrote them, with random sizes, features and texts."""

import pytest

pytest.importorskip("transformers", reason="the extra test-hf is not installed")

import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st

from attnlab.nn import pretrained
from attnlab.recipes.published import FOLDER
from attnlab.tasks import WordPieces, gpt2_pieces
from hugging_face import SMALL_BERT, SMALL_GPT2, randomised, some_tokens

pytestmark = pytest.mark.usefixtures("as_a_reader_runs_it")
# Their list of punctuation is that of an older Unicode: further up, newer signs part the two.
TEXT = st.text(st.characters(max_codepoint=0x52F, exclude_categories=["Cn", "Co", "Cs", "Mn"]))


def compared(model, folder, real, **saving):
    """Our outputs and theirs, of the real tokens."""
    model = randomised(model)
    model.save_pretrained(folder, **saving)
    tokens, _ = some_tokens(model.config.vocab_size)
    with torch.no_grad():
        theirs = model(tokens, attention_mask=real.long(), output_hidden_states=True)
        ours = pretrained(folder)(tokens, real[:, None])
    found = theirs.logits if "gpt2" in model.config.model_type else theirs.hidden_states[-1]
    torch.testing.assert_close(ours[real], found[real], atol=1e-4, rtol=0)


@pytest.mark.parametrize("kind", ["Bert", "Roberta"])
@pytest.mark.parametrize("head", ["Model", "ForMaskedLM", "ForSequenceClassification"])
@pytest.mark.parametrize("act", ["gelu", "relu", "gelu_new"])
def test_encoders(tmp_path, kind, head, act):
    sizes = SMALL_BERT | {"vocab_size": 50, "hidden_act": act}
    config = getattr(transformers, f"{kind}Config")(**sizes)
    compared(getattr(transformers, f"{kind}{head}")(config), tmp_path, some_tokens(50)[1])


@pytest.mark.parametrize("saving", [{}, {"max_shard_size": "10kB"}])
@pytest.mark.parametrize("changes", [{}, {"n_inner": 17}, {"tie_word_embeddings": False}])
@pytest.mark.parametrize("act", ["gelu", "relu", "gelu_new"])
def test_decoders(tmp_path, saving, changes, act):
    sizes = SMALL_GPT2 | {"vocab_size": 50, "activation_function": act} | changes
    config = transformers.GPT2Config(**sizes, bos_token_id=0, eos_token_id=0)
    compared(transformers.GPT2LMHeadModel(config), tmp_path, some_tokens(50)[1], **saving)


@pytest.mark.parametrize("kind", ["DistilBert", "Electra", "GPTNeo"])
def test_other_families_are_refused_by_name(tmp_path, kind):
    getattr(transformers, f"{kind}Config")().save_pretrained(tmp_path)
    with pytest.raises(ValueError, match=r"has the model_type '.*', and known here are bert"):
        pretrained(tmp_path)


@settings(max_examples=200)
@given(TEXT)
def test_the_same_word_pieces(text):
    theirs = transformers.BertTokenizerFast.from_pretrained(FOLDER / "bert")
    wanted = theirs(text, split_special_tokens=True)["input_ids"]
    assert WordPieces(FOLDER / "bert").encode(text) == wanted


@settings(max_examples=200)
@given(st.text(st.characters(max_codepoint=0x24F)))
def test_the_same_byte_pairs(text):
    from tokenizers import ByteLevelBPETokenizer

    files = str(FOLDER / "gpt2" / "vocab.json"), str(FOLDER / "gpt2" / "merges.txt")
    assert (
        gpt2_pieces(FOLDER / "gpt2").encode(text) == ByteLevelBPETokenizer(*files).encode(text).ids
    )
