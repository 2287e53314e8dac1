"""The two halves of recurrent translation: networks that read the source, one that writes."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from attnlab.core.arrays import Bool, Float, Integer
from attnlab.nn.additive_attention import AdditiveAttention, OneContext
from attnlab.nn.dropout import Dropout
from attnlab.nn.embedding import Embedding
from attnlab.nn.handed_in import lengths_of, warn_of_padding


class RecurrentEncoder(nn.Module):
    """A bidirectional GRU: one reads from the first word to the last, the other back.

        state_j = (forward_j, backward_j), end to end
        summary = (forward_n, backward_1): what each knows when it has read all

    Args:
        vocabulary: how many tokens there are.
        d_model: the dimension of the embeddings.
        hidden: the dimension of the state of each of the two networks.
        dropout: the share of the embeddings' features that is dropped in training.

    >>> encoder = RecurrentEncoder(10, d_model=4, hidden=6, dropout=0.1)
    >>> states, summary = encoder(torch.tensor([[1, 2, 3]]))
    >>> states.shape, summary.shape
    (torch.Size([1, 3, 12]), torch.Size([1, 1, 12]))

    Source: Bahdanau et al. 2015, section 3.2 and appendix A.2.1; Cho et al. 2014, eq. 5 to 8, for
    the GRU, whose reset gate PyTorch applies after the matrix: tanh(W x + r * (U h)).
    """

    def __init__(self, vocabulary: int, d_model: int, hidden: int, *, dropout: float):
        super().__init__()
        self.embedding = Embedding(vocabulary, d_model, scale=1.0, dropout=dropout)
        self.network = nn.GRU(d_model, hidden, batch_first=True, bidirectional=True)

    def forward(
        self,
        source: Integer[Tensor, "batch source"],
        mask: Bool[Tensor, "#batch 1 source"] | None = None,
    ) -> tuple[Float[Tensor, "batch source width"], Float[Tensor, "batch 1 width"]]:
        """The states, width = 2 hidden, and the summary; both take no notice of padding.

        Args:
            source: token numbers, (batch, source).
            mask: True = a real token, (batch, 1, source); padding stands at the end. States of
                padding are zeros.
        """
        words = self.embedding(source)
        if mask is None:
            warn_of_padding("source", source)
            states, last = self.network(words)
        else:
            lengths = lengths_of("source_mask", mask, *source.shape).cpu()
            packed = nn.utils.rnn.pack_padded_sequence(
                words, lengths, batch_first=True, enforce_sorted=False
            )
            states, last = self.network(packed)
            states, _ = nn.utils.rnn.pad_packed_sequence(
                states, batch_first=True, total_length=source.shape[1]
            )
        return states, last.transpose(0, 1).flatten(1)[:, None]


class RecurrentCache:
    """What a recurrent decoder goes on with: its last state, and the keys of the memory."""

    def __init__(self):
        self.state: Tensor | None = None
        self.keys: Tensor | None = None
        self.length = 0

    def __len__(self) -> int:
        """How many target positions were read."""
        return self.length

    def choose(self, rows: Tensor) -> None:
        """Keep these rows of the batch, in this order, as a beam search goes on with them."""
        if self.state is not None and self.keys is not None:
            self.state = self.state.index_select(0, rows)
            self.keys = self.keys.index_select(0, rows)


class RecurrentDecoder(nn.Module):
    """A GRU that reads, at each step, the last word and a context from the memory.

        context_i = the part `context`, asked by state_i-1
        state_i = GRU((word_i, context_i), state_i-1)
        output_i = tanh((state_i, word_i, context_i) W)
        state_0 = tanh(mean of the memory W_start)

    Args:
        vocabulary: how many tokens there are.
        d_model: the dimension of the embeddings, and of the output.
        hidden: the dimension of the state.
        width: the dimension of the vectors of the memory.
        context: `AdditiveAttention`, or `OneContext` for none.
        dropout: the share of the features of embeddings and output that is dropped in training.

    Source: Bahdanau et al. 2015, section 3.1 and appendix A.2.2. Three things are simpler: the
    first state comes from the mean of the memory, as in Xu et al. 2015, section 3.1.2, so that
    the order of the memory does not enter at all; tanh stands for maxout; and the output sees
    the new state. The GRU is PyTorch's, with the reset gate after the matrix.
    """

    def __init__(
        self,
        vocabulary: int,
        d_model: int,
        hidden: int,
        width: int,
        *,
        context: AdditiveAttention | OneContext,
        dropout: float,
    ):
        super().__init__()
        self.width = width
        self.embedding = Embedding(vocabulary, d_model, scale=1.0, dropout=dropout)
        self.start = nn.Linear(width, hidden)
        self.context = context
        self.network = nn.GRUCell(d_model + width, hidden)
        self.readout = nn.Linear(hidden + d_model + width, d_model)
        self.dropout = Dropout(dropout)

    def forward(
        self,
        target: Integer[Tensor, "batch target"],
        memory: Float[Tensor, "batch source width"],
        source_mask: Bool[Tensor, "#batch 1 positions"] | None = None,
        target_mask: Bool[Tensor, "#batch 1 seen"] | None = None,
        caches: list[RecurrentCache] | None = None,
    ) -> Float[Tensor, "batch target d_model"]:
        """A vector for each target token; it has seen no later one.

        Args:
            target: (batch, target); with caches, the new tokens alone.
            memory: (batch, source, width), or (batch, 1, width) without attention.
            source_mask: which source positions may be attended to, (batch, 1, source).
            target_mask: True = a real target token. Padding at the end changes nothing before it:
                the mask is not needed, and only looked at for padding elsewhere.
            caches: as `empty_caches` makes them.
        """
        (cache,) = caches or self.empty_caches()
        if target_mask is not None:
            lengths_of("target_mask", target_mask, len(target), len(cache) + target.shape[-1])
        words = self.embedding(target)
        states, contexts = self.steps(words, memory, source_mask, cache)
        output = self.readout(torch.cat([states[:, 1:], words, contexts], dim=-1))
        return self.dropout(output.tanh())

    def steps(
        self,
        words: Float[Tensor, "batch target d_model"],
        memory: Float[Tensor, "batch source width"],
        source_mask: Bool[Tensor, "#batch 1 positions"] | None,
        cache: RecurrentCache,
    ) -> tuple[Tensor, Tensor]:
        """The states (batch, 1 + target, hidden), the one before the first word in front, and
        the contexts (batch, target, width): one word after the other."""
        self._check(words, memory)
        mask = self.context.limits(source_mask)
        if cache.state is None or cache.keys is None:
            cache.state = self.first_state(memory, mask)
            cache.keys = self.context.remember(memory)
        states, contexts = [cache.state], []
        for word in words.unbind(1):
            context = self.context(states[-1][:, None], memory, mask, cache.keys)[:, 0]
            states.append(self.network(torch.cat([word, context], dim=-1), states[-1]))
            contexts.append(context)
        cache.state, cache.length = states[-1], len(cache) + len(contexts)
        return torch.stack(states, dim=1), torch.stack(contexts, dim=1)

    def first_state(self, memory: Tensor, mask: Tensor | None = None) -> Tensor:
        """The state before the first word, (batch, hidden): from the mean of what may be seen."""
        if mask is None:
            return self.start(memory.mean(1)).tanh()
        lengths = lengths_of("source_mask", mask, *memory.shape[:2])
        total = (mask.to(memory.dtype) @ memory)[:, 0]
        return self.start(total / lengths[:, None]).tanh()

    def empty_caches(self) -> list[RecurrentCache]:
        """For the first call of step by step decoding."""
        return [RecurrentCache()]

    def _check(self, words: Tensor, memory: Tensor) -> None:
        if memory.ndim != 3 or memory.shape[-1] != self.width:
            raise ValueError(
                f"memory has shape {tuple(memory.shape)}, and this decoder reads vectors of "
                f"length {self.width}: it needs (batch, source, {self.width}), as encode makes it"
            )
        if len(words) != len(memory):
            raise ValueError(
                f"target has {len(words)} and memory {len(memory)} sequences in the batch: "
                "each target needs a source of its own"
            )
