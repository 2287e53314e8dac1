"""All the numbers that make a language model, in one place."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from attnlab.nn.config import TransformerConfig
from attnlab.nn.config_checks import check_counts


@dataclass(frozen=True, kw_only=True)
class LanguageConfig:
    """All numbers that make a language model; the defaults are those of GPT-2 small.

    Args:
        vocabulary: how many tokens there are.
        d_model, heads, layers, d_ff, dropout, norm, positions, length: as `TransformerConfig`.
        share_embeddings: one matrix for the tokens and the last layer.

    Raises:
        ValueError: as `TransformerConfig`.

    Source: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", table 2.
    """

    vocabulary: int
    d_model: int = 768
    heads: int = 12
    layers: int = 12
    d_ff: int = 3072
    dropout: float = 0.1
    norm: Literal["post", "pre"] = "pre"
    positions: str = "learned"
    length: int = 1024
    share_embeddings: bool = True

    def __post_init__(self):
        check_counts(self, "vocabulary")
        self.of_parts()

    def of_parts(self) -> TransformerConfig:
        """The same numbers as the parts of a Transformer take them."""
        numbers = asdict(self)
        vocabulary = numbers.pop("vocabulary")
        return TransformerConfig(
            source_vocabulary=vocabulary, target_vocabulary=vocabulary, **numbers
        )
