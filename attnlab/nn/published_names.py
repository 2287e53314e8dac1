"""What published models call their parameters, and where the same ones are in ours."""

from __future__ import annotations

import re
from typing import NamedTuple

from torch import Tensor


class Place(NamedTuple):
    """Where a published file keeps one of our parameters.

    Args:
        name: of the tensor in the file.
        turned: whether it is stored (in, out), as GPT-2 does, and not (out, in) as PyTorch does.
        third: which third of its last axis is ours, of query, key and value in one; None for all.
        first: the first row that is ours.
    """

    name: str
    turned: bool = False
    third: int | None = None
    first: int = 0

    def stored(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape in the file of a parameter that has this shape in our model.

        >>> Place("c_attn.weight", turned=True, third=0).stored((4, 6))
        (6, 12)
        """
        shape = shape[::-1] if self.turned else (shape[0] + self.first, *shape[1:])
        return shape if self.third is None else (*shape[:-1], 3 * shape[-1])

    def part(self, stored: Tensor) -> Tensor:
        """Our parameter, from the tensor of the file."""
        part = stored if self.third is None else stored.chunk(3, dim=-1)[self.third]
        return part.T if self.turned else part[self.first :]


_BERT = {
    "embedding.table": "embeddings.word_embeddings",
    "embedding.positions.table": "embeddings.position_embeddings.weight",
    "embedding.types": "embeddings.token_type_embeddings",
    "embedding.norm": "embeddings.LayerNorm",
    "layers.N.attention.query": "encoder.layer.N.attention.self.query",
    "layers.N.attention.key": "encoder.layer.N.attention.self.key",
    "layers.N.attention.value": "encoder.layer.N.attention.self.value",
    "layers.N.attention.output": "encoder.layer.N.attention.output.dense",
    "layers.N.norms.0": "encoder.layer.N.attention.output.LayerNorm",
    "layers.N.feed_forward.hidden": "encoder.layer.N.intermediate.dense",
    "layers.N.feed_forward.output": "encoder.layer.N.output.dense",
    "layers.N.norms.1": "encoder.layer.N.output.LayerNorm",
}
_GPT2 = {
    "decoder.embedding.table": "wte",
    "decoder.embedding.positions.table": "wpe.weight",
    "decoder.layers.N.norms.0": "h.N.ln_1",
    "decoder.layers.N.attention.query": "h.N.attn.c_attn",
    "decoder.layers.N.attention.key": "h.N.attn.c_attn",
    "decoder.layers.N.attention.value": "h.N.attn.c_attn",
    "decoder.layers.N.attention.output": "h.N.attn.c_proj",
    "decoder.layers.N.norms.1": "h.N.ln_2",
    "decoder.layers.N.feed_forward.hidden": "h.N.mlp.c_fc",
    "decoder.layers.N.feed_forward.output": "h.N.mlp.c_proj",
    "decoder.norm": "ln_f",
    "output": "lm_head",
}
_THIRDS = {"query": 0, "key": 1, "value": 2}


def bert_place(name: str) -> Place:
    """Where BERT's file keeps the parameter that our `Bert` calls so.

    >>> bert_place("layers.3.norms.0.bias").name
    'encoder.layer.3.attention.output.LayerNorm.bias'
    """
    return Place(_renamed(_BERT, name))


def roberta_place(name: str) -> Place:
    """Where RoBERTa's file keeps it: as BERT's, but the first two positions are nobody's.

    >>> roberta_place("embedding.positions.table").first
    2
    """
    return Place(_renamed(_BERT, name), first=2 if name == "embedding.positions.table" else 0)


def gpt2_place(name: str) -> Place:
    """Where GPT-2's file keeps the parameter that our `LanguageModel` calls so.

    >>> gpt2_place("decoder.layers.3.attention.key.weight")
    Place(name='h.3.attn.c_attn.weight', turned=True, third=1, first=0)
    """
    part = name.split(".")[-2]
    theirs = _renamed(_GPT2, name)
    return Place(theirs, re.search(r"\.c_\w+\.weight$", theirs) is not None, _THIRDS.get(part))


def _renamed(names: dict[str, str], name: str) -> str:
    number = next(iter(re.findall(r"layers\.(\d+)\.", name)), "")
    bare = name.replace(f"layers.{number}.", "layers.N.") if number else name
    start, _, kind = bare.rpartition(".")
    theirs = names[bare] if bare in names else f"{names[start]}.{kind}"
    return theirs.replace(".N.", f".{number}.")
