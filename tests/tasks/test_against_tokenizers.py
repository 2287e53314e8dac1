"""Sub-words beside the library that everybody uses: the extra test-hf."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnlab.tasks import BytePairs, course_text, pretokens
from attnlab.tasks.byte_letters import to_letters

tokenizers = pytest.importorskip(
    "tokenizers", reason='tokenizers is missing, to get it: pip install -e ".[test-hf]"'
)
byte_level = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
# What Unicode has had for long: the library and Python may know different versions of it.
texts = st.text(
    st.characters(max_codepoint=0x2FFF, categories=["L", "M", "N", "P", "S", "Z", "Cc"])
)


def trained(text, size):
    """The library's tokenizer, learnt from a text as ours is."""
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    tokenizer.pre_tokenizer = byte_level
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=2,
        show_progress=False,
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator([text], trainer)
    return tokenizer


def merges_of(tokenizer):
    found = json.loads(tokenizer.to_str())["model"]["merges"]
    return [tuple(pair.split(" ")) if isinstance(pair, str) else tuple(pair) for pair in found]


@pytest.mark.parametrize("size", [300, 1024, 4000])
def test_the_same_merges_and_pieces_on_the_course(size):
    text = "\n\n".join(course_text().values())
    theirs, ours = trained(text, size), BytePairs.learn(text, size)
    assert [tuple(map(to_letters, pair)) for pair in ours.merges] == merges_of(theirs)
    read = BytePairs.from_gpt2(map(" ".join, merges_of(theirs)), theirs.get_vocab())
    assert read.encode(text) == theirs.encode(text).ids


@given(st.text("ab c", min_size=1, max_size=60))
def test_the_same_merges_where_many_tie(text):
    ours = BytePairs.learn(text, 300)
    assert [tuple(map(to_letters, pair)) for pair in ours.merges] == merges_of(trained(text, 300))


@settings(max_examples=300)
@given(texts)
def test_the_same_words(text):
    theirs = [text[begin:end] for _, (begin, end) in byte_level.pre_tokenize_str(text)]
    assert pretokens(text) == theirs
