"""What a recurrent decoder reads of the source: a new look at each step, or one vector for all."""

from __future__ import annotations

from typing import NamedTuple

import array_api_compat.torch as xp
import torch
from torch import Tensor, nn

from attnlab.core.arrays import Bool, Float, Mask
from attnlab.core.attention import attention
from attnlab.core.precision import narrowed, widened
from attnlab.core.softmax import softmax
from attnlab.nn.config_checks import check_sizes
from attnlab.nn.handed_in import check_vectors
from attnlab.nn.hard_attention import HardAttend


class Look(NamedTuple):
    """One look at the source: scores e and weights alpha (..., source), context c (..., width)."""

    scores: Tensor
    weights: Tensor
    context: Tensor


class AdditiveAttend(nn.Module):
    """Attention among projected queries and keys, with the additive score.

        score = tanh(query + key) @ worth
        output = softmax(score) @ value

    Args:
        hidden: the dimension of the projected queries and keys.

    >>> attend = AdditiveAttend(4)
    >>> attend(torch.ones(1, 2, 4), torch.ones(1, 3, 4), torch.ones(1, 3, 6)).shape
    torch.Size([1, 2, 6])

    Source: Bahdanau et al. 2015, "Neural Machine Translation by Jointly Learning to Align and
    Translate", eq. 5 and 6, appendix A.1.2.
    """

    def __init__(self, hidden: int):
        super().__init__()
        check_sizes(hidden=hidden)
        self.worth = nn.Parameter(torch.empty(hidden).uniform_(-1, 1) * hidden**-0.5)

    def score(
        self, query: Float[Tensor, "... query hidden"], key: Float[Tensor, "... key hidden"]
    ) -> Float[Tensor, "... query key"]:
        """How well each query fits each key."""
        wide_query, wide_key, worth = widened(xp, query, key, self.worth)
        hidden = torch.tanh(wide_query[..., :, None, :] + wide_key[..., None, :, :])
        return narrowed(xp, hidden @ worth, query, key)

    def forward(
        self,
        query: Float[Tensor, "... query hidden"],
        key: Float[Tensor, "... key hidden"],
        value: Float[Tensor, "... key width"],
        mask: Mask[Tensor, "query key"] | None = None,
    ) -> Float[Tensor, "... query width"]:
        return attention(query, key, value, mask, score=self.score)


class AdditiveAttention(nn.Module):
    """What a decoder's state reads from the memory: score, softmax, weighted sum.

        e_j = tanh(state W_query + memory_j W_key) @ worth
        alpha = softmax(e)
        c = sum over j of alpha_j memory_j

    No position enters: with the memory in another order the context is the same.

    Args:
        d_query: the dimension of the states that ask.
        d_memory: the dimension of the vectors that are read.
        hidden: how many hidden units score a pair.

    >>> attention = AdditiveAttention(d_query=3, d_memory=4, hidden=5)
    >>> attention(torch.ones(1, 2, 3), torch.ones(1, 7, 4)).detach().round()
    tensor([[[1., 1., 1., 1.],
             [1., 1., 1., 1.]]])

    Source: Bahdanau et al. 2015, eq. 5 and 6, appendix A.1.2. The score is `attnlab.additive`.
    """

    def __init__(self, d_query: int, d_memory: int, hidden: int):
        super().__init__()
        check_sizes(d_query=d_query, d_memory=d_memory, hidden=hidden)
        self.query = nn.Linear(d_query, hidden, bias=False)
        self.key = nn.Linear(d_memory, hidden, bias=False)
        self.attend: AdditiveAttend | HardAttend = AdditiveAttend(hidden)

    def memory_of(self, states: Tensor, summary: Tensor) -> Tensor:
        """Of what the encoder has made, (batch, source, d_memory) and (batch, 1, d_memory), all
        states are read."""
        del summary
        return states

    def limits(self, mask: Tensor | None) -> Tensor | None:
        """Which vectors of the memory may be read, by the mask of the source: the same ones."""
        return mask

    def remember(
        self, memory: Float[Tensor, "batch source d_memory"]
    ) -> Float[Tensor, "batch source hidden"]:
        """The keys of the memory, the same for all steps: made once for a sentence."""
        check_vectors("memory", memory, self.key.in_features, self.key.weight.dtype)
        return self.key(memory)

    def forward(
        self,
        state: Float[Tensor, "batch query d_query"],
        memory: Float[Tensor, "batch source d_memory"],
        mask: Mask[Tensor, "query source"] | None = None,
        keys: Float[Tensor, "batch source hidden"] | None = None,
    ) -> Float[Tensor, "batch query d_memory"]:
        """The context of each state.

        Args:
            state: what the decoder holds, (batch, query, d_query).
            memory: the encoder's states, (batch, source, d_memory).
            mask: boolean, True = may attend, broadcasts to (batch, query, source). A state that
                may attend to nothing gets a vector of zeros.
            keys: what `remember` has made of the memory; made now if not given.
        """
        check_vectors("state", state, self.query.in_features, self.query.weight.dtype)
        keys = self.remember(memory) if keys is None else keys
        return self.attend(self.query(state), keys, memory, mask)

    def look(
        self,
        state: Float[Tensor, "batch query d_query"],
        memory: Float[Tensor, "batch source d_memory"],
        mask: Mask[Tensor, "query source"] | None = None,
    ) -> Look:
        """The same one thing at a time: scores e, weights alpha, context c."""
        check_vectors("state", state, self.query.in_features, self.query.weight.dtype)
        scores = self.attend.score(self.query(state), self.remember(memory))
        weights = softmax(scores, mask)
        return Look(scores, weights, weights @ memory)


class OneContext(nn.Module):
    """The part of a decoder without attention: every state gets the one vector of the sentence.

    It stands where `AdditiveAttention` stands, and has no weights.

    >>> OneContext()(torch.ones(1, 2, 3), torch.tensor([[[5.0, 7.0]]]))
    tensor([[[5., 7.],
             [5., 7.]]])

    Source: Cho et al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder",
    section 2.2: the same summary c at every step.
    """

    def memory_of(self, states: Tensor, summary: Tensor) -> Tensor:
        """Of what the encoder has made, only the summary is read."""
        del states
        return summary

    def limits(self, mask: Tensor | None) -> None:
        """Of one vector, all is real, whatever the mask of the source says."""
        del mask

    def look(self, *_: Tensor | None) -> Look:
        """There is nothing to see.

        Raises:
            ValueError: always.
        """
        raise ValueError(
            "this model has no attention to look at, since all steps share one context: "
            "make one with attention=True in its config"
        )

    def remember(self, memory: Float[Tensor, "batch 1 d_memory"]) -> Tensor:
        """There are no keys: the memory itself, which must be one vector a sentence."""
        if memory.shape[1] != 1:
            raise ValueError(
                f"memory has {memory.shape[1]} vectors a sentence, and a model without attention "
                "reads exactly 1: take the memory from encode of the same model"
            )
        return memory

    def forward(
        self,
        state: Float[Tensor, "batch query d_query"],
        memory: Float[Tensor, "batch 1 d_memory"],
        mask: Bool[Tensor, "..."] | None = None,
        keys: Tensor | None = None,
    ) -> Float[Tensor, "batch query d_memory"]:
        del mask, keys
        return memory.expand(-1, state.shape[1], -1)
