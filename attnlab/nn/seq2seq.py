"""Translation before Transformers: a GRU reads, a GRU writes, with attention or without."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from attnlab.core.arrays import Bool, Float, Integer
from attnlab.nn.additive_attention import AdditiveAttention, Look, OneContext
from attnlab.nn.config_checks import check_config, check_counts, check_flags, check_shares
from attnlab.nn.recurrent import RecurrentCache, RecurrentDecoder, RecurrentEncoder


@dataclass(frozen=True, kw_only=True)
class Seq2SeqConfig:
    """All that makes a recurrent translator; the default sizes are those of Bahdanau et al.

    Args:
        source_vocabulary, target_vocabulary: how many tokens there are.
        d_model: the dimension of the embeddings.
        hidden: the dimension of the states, and the hidden units of the score.
        dropout: the share dropped from the embeddings and before the last layer.
        attention: whether each step has a context of its own, or all share one.

    Raises:
        TypeError: a size that is no whole number, a dropout that is no number.
        ValueError: sizes below 1, or a dropout out of its range.

    Source: Bahdanau et al. 2015, appendix A.2.3; they train without dropout.
    """

    source_vocabulary: int
    target_vocabulary: int
    d_model: int = 620
    hidden: int = 1000
    dropout: float = 0.1
    attention: bool = True

    def __post_init__(self):
        check_counts(self, "source_vocabulary", "target_vocabulary", "d_model", "hidden")
        check_flags(self, "attention")
        check_shares(dropout=self.dropout)


class Seq2Seq(nn.Module):
    """An encoder GRU, a decoder GRU, and between them all states, or one vector.

    With attention the memory holds a state for every source word, and each step of the decoder
    reads its own context from them. Without, it holds one vector for the whole sentence, and all
    steps share it. Nothing else differs, and only the score's weights come on top.

    Args:
        config: all its numbers.
        context: the part by which the decoder reads the memory, `AdditiveAttention`, `OneContext`
            or another with their methods; made as the config says if not given.

    >>> config = Seq2SeqConfig(source_vocabulary=10, target_vocabulary=12, d_model=8, hidden=6)
    >>> model = Seq2Seq(config)
    >>> model(torch.tensor([[1, 2, 3]]), torch.tensor([[4, 5]])).shape
    torch.Size([1, 2, 12])

    Source: Cho et al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder", figure 1,
    and Sutskever et al. 2014, "Sequence to Sequence Learning with Neural Networks" (one vector);
    Bahdanau et al. 2015, "Neural Machine Translation by Jointly Learning to Align and Translate",
    figure 1 (attention).
    """

    def __init__(
        self, config: Seq2SeqConfig, context: AdditiveAttention | OneContext | None = None
    ):
        super().__init__()
        check_config(config, Seq2SeqConfig)
        self.config = config
        d_model, hidden, width = config.d_model, config.hidden, 2 * config.hidden
        if context is None:
            context = AdditiveAttention(hidden, width, hidden) if config.attention else OneContext()
        self.encoder = RecurrentEncoder(
            config.source_vocabulary, d_model, hidden, dropout=config.dropout
        )
        self.decoder = RecurrentDecoder(
            config.target_vocabulary,
            d_model,
            hidden,
            width,
            context=context,
            dropout=config.dropout,
        )
        self.output = nn.Linear(d_model, config.target_vocabulary, bias=False)

    def forward(
        self,
        source: Integer[Tensor, "batch source"],
        target: Integer[Tensor, "batch target"],
        source_mask: Bool[Tensor, "#batch 1 source"] | None = None,
        target_mask: Bool[Tensor, "#batch 1 target"] | None = None,
    ) -> Float[Tensor, "batch target vocabulary"]:
        """Scores (logits) of the token that follows each target position.

        Args:
            source: token numbers, (batch, source).
            target: token numbers, (batch, target), begin mark first; none is seen before its turn.
            source_mask: True = a real token, (batch, 1, source), as `padding(lengths, positions)`
                makes it; padding stands at the end.
            target_mask: the same for the target, where it is not needed.

        Raises:
            TypeError: a mask that is not boolean.
            ValueError: an empty source or target, tokens of another vocabulary, a row that is all
                padding, or sizes that do not fit, naming both.
        """
        return self.decode(target, self.encode(source, source_mask), source_mask, target_mask)

    def encode(self, source: Tensor, source_mask: Tensor | None = None) -> Tensor:
        """The memory, (batch, source, 2 hidden), or without attention (batch, 1, 2 hidden)."""
        return self.decoder.context.memory_of(*self.encoder(source, source_mask))

    def decode(
        self,
        target: Tensor,
        memory: Tensor,
        source_mask: Tensor | None = None,
        target_mask: Tensor | None = None,
        caches: list[RecurrentCache] | None = None,
    ) -> Tensor:
        """Scores of the tokens that follow, (batch, target, vocabulary)."""
        return self.output(self.decoder(target, memory, source_mask, target_mask, caches))

    def look(
        self,
        target: Integer[Tensor, "batch target"],
        memory: Float[Tensor, "batch source width"],
        source_mask: Bool[Tensor, "#batch 1 source"] | None = None,
    ) -> Look:
        """What each step of the decoder sees: its scores e, weights alpha and context c.

        Row i belongs to the step that reads target token i, and writes the one after it; the
        state that asks is the one from before.

        Raises:
            ValueError: a model without attention, and as `forward`.

        >>> model = Seq2Seq(Seq2SeqConfig(source_vocabulary=10, target_vocabulary=12, hidden=6))
        >>> e, alpha, c = model.look(torch.tensor([[4, 5]]), model.encode(torch.tensor([[1, 2]])))
        >>> alpha.shape, c.shape
        (torch.Size([1, 2, 2]), torch.Size([1, 2, 12]))
        """
        words = self.decoder.embedding(target)
        states, _ = self.decoder.steps(words, memory, source_mask, *self.decoder.empty_caches())
        return self.decoder.context.look(states[:, :-1], memory, source_mask)
