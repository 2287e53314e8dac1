"""Position encodings: ways to tell a model where a word stands, behind one interface."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from attnlab.core.arrays import Float, Mask
from attnlab.core.positions import distance_bias, rotary, sinusoids
from attnlab.nn.config_checks import check_sizes
from attnlab.nn.fused import fused_attention
from attnlab.nn.handed_in import check_vectors


class PositionEncoding(nn.Module):
    """Where positions enter a model: in its embeddings, or inside its heads. Here: nowhere.

    A model puts its embeddings through `forward` and hands `attend` to its self-attention:
    ``MultiHeadAttention(d_model, heads, attend=encoding.attend)``. Attention to another
    sequence has no common positions, and takes plain `fused_attention`.

    >>> PositionEncoding()(torch.ones(1, 2, 3)).tolist()
    [[[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]]
    """

    def forward(
        self, x: Float[Tensor, "batch position d_model"], first: int = 0
    ) -> Float[Tensor, "batch position d_model"]:
        """The embeddings with their positions put in.

        Args:
            x: (batch, position, d_model); features of a size around 1 suit what is added.
            first: the position of the first embedding, above 0 where earlier ones are cached.
        """
        del first
        return x

    def attend(
        self,
        query: Float[Tensor, "batch heads query d_k"],
        key: Float[Tensor, "batch heads key d_k"],
        value: Float[Tensor, "batch heads key d_v"],
        mask: Mask[Tensor, "query key"] | None = None,
    ) -> Float[Tensor, "batch heads query d_v"]:
        """What happens inside the heads; of fewer queries than keys, these are the last ones."""
        return fused_attention(query, key, value, mask)


class AddedPositions(PositionEncoding):
    """Adds to every embedding the vector of its position; subclasses say which by `vectors`.

    Args:
        d_model: the dimension of the embeddings, and of the vectors of the positions.

    Raises:
        ValueError: embeddings of another dimension.
    """

    def __init__(self, d_model: int):
        super().__init__()
        check_sizes(d_model=d_model)
        self.d_model = int(d_model)

    def vectors(self, count: int) -> Float[Tensor, "count d_model"]:
        """The vectors of the positions from 0 up to, without, count."""
        raise NotImplementedError

    def forward(
        self, x: Float[Tensor, "batch position d_model"], first: int = 0
    ) -> Float[Tensor, "batch position d_model"]:
        """The embeddings plus the vectors of their positions, the first of which is `first`."""
        check_vectors("x", x, x.shape[-1] if isinstance(x, Tensor) and x.ndim else 0)
        if x.shape[-1] != self.d_model:
            raise ValueError(
                f"x has vectors of length {x.shape[-1]}, and the positions of length "
                f"{self.d_model}: only equal lengths can be added, so give both one d_model"
            )
        return x + self.vectors(first + x.shape[-2])[first:].to(x)

    def extra_repr(self) -> str:
        return f"d_model={self.d_model}"


class SinusoidalPositions(AddedPositions):
    """Adds the waves of `sinusoids`: nothing is learnt, and there is a vector for any position.

    Args:
        d_model: the dimension of the vectors.

    >>> SinusoidalPositions(4)(torch.zeros(1, 2, 4)).round(decimals=2)
    tensor([[[0.0000, 1.0000, 0.0000, 1.0000],
             [0.8400, 0.5400, 0.0100, 1.0000]]])

    Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.5.
    """

    def __init__(self, d_model: int):
        super().__init__(d_model)
        self._known = sinusoids(torch.arange(0, dtype=torch.float64), d_model)

    def vectors(self, count: int) -> Float[Tensor, "count d_model"]:
        """The vectors of the positions from 0 up to, without, count."""
        if count > len(self._known):  # as a sentence grows word by word: seldom
            self._known = sinusoids(torch.arange(2 * count, dtype=torch.float64), self.d_model)
        return self._known[:count]


class LearnedPositions(AddedPositions):
    """Adds the row of a learnt table, which starts as sinusoids and ends after `length` rows.

    Args:
        d_model: the dimension of the vectors.
        length: how many positions there are.

    Raises:
        TypeError, ValueError: a size that is no whole number of at least 1.
        ValueError: a position past the end of the table.

    >>> LearnedPositions(4, length=128)(torch.zeros(1, 2, 4)).shape
    torch.Size([1, 2, 4])

    Source: Gehring et al. 2017, "Convolutional Sequence to Sequence Learning", section 3.1.
    """

    def __init__(self, d_model: int, length: int):
        super().__init__(d_model)
        check_sizes(length=length)
        self.table = nn.Parameter(sinusoids(torch.arange(length), d_model))

    def vectors(self, count: int) -> Float[Tensor, "count d_model"]:
        """The vectors of the positions from 0 up to, without, count."""
        if count > len(self.table):
            raise ValueError(
                f"x reaches to {count} positions, and the table has {len(self.table)}: train a "
                f"longer one, LearnedPositions({self.d_model}, length={count}), or take "
                "SinusoidalPositions, which have no end"
            )
        return self.table[:count]

    def extra_repr(self) -> str:
        return f"d_model={self.d_model}, length={len(self.table)}"


class RotaryPositions(PositionEncoding):
    """Turns queries and keys by their positions, so that scores depend on distances only.

    Args:
        within: (query, key, value, mask) -> output, what the turned queries and keys are handed
            to; `fused_attention` by default.

    >>> x = torch.ones(1, 1, 3, 4)
    >>> RotaryPositions().attend(x, x, x).shape
    torch.Size([1, 1, 3, 4])

    Source: Su et al. 2021, "RoFormer", section 3.2.
    """

    def __init__(self, within: Callable[..., Tensor] = fused_attention):
        super().__init__()
        self.within = within

    def attend(
        self,
        query: Float[Tensor, "batch heads query d_k"],
        key: Float[Tensor, "batch heads key d_k"],
        value: Float[Tensor, "batch heads key d_v"],
        mask: Mask[Tensor, "query key"] | None = None,
    ) -> Float[Tensor, "batch heads query d_v"]:
        """`within` of the turned queries and keys."""
        at_query, at_key = _places(query, key)
        return self.within(rotary(query, at_query), rotary(key, at_key), value, mask)


class AlibiPositions(PositionEncoding):
    """Lowers the score of a key by its distance from the query, each head at a slope of its own.

    Args:
        heads: how many heads.

    Raises:
        TypeError, ValueError: heads is no whole number of at least 1.
        ValueError: queries with another number of heads.

    >>> x = torch.zeros(1, 1, 3, 2)
    >>> AlibiPositions(heads=1).attend(x, x, torch.eye(3)[None, None])[0, 0, 0]
    tensor([0.3346, 0.3333, 0.3320])

    Source: Press et al. 2022, "Train Short, Test Long", section 3.
    """

    def __init__(self, heads: int):
        super().__init__()
        check_sizes(heads=heads)
        self.heads = heads

    def attend(
        self,
        query: Float[Tensor, "batch heads query d_k"],
        key: Float[Tensor, "batch heads key d_k"],
        value: Float[Tensor, "batch heads key d_v"],
        mask: Mask[Tensor, "query key"] | None = None,
    ) -> Float[Tensor, "batch heads query d_v"]:
        """`fused_attention` with the bias of the distances added to the scores."""
        if query.ndim < 3:
            raise ValueError(
                f"query has shape {tuple(query.shape)}, and needs (batch, heads, query, d_k)"
            )
        if query.shape[-3] != self.heads:
            raise ValueError(
                f"query has {query.shape[-3]} heads, and there are slopes for {self.heads}: "
                f"write AlibiPositions(heads={query.shape[-3]})"
            )
        at_query, at_key = _places(query, key)
        bias = distance_bias(at_query.double(), at_key.double(), self.heads)
        if query.itemsize < 4:  # 16 bits do not tell a distance of 256 from one of 257
            wide = fused_attention(
                query.float(), key.float(), value.float(), mask, bias=bias.float().to(query.device)
            )
            return wide.to(query.dtype)
        return fused_attention(query, key, value, mask, bias=bias.to(query))

    def extra_repr(self) -> str:
        return f"heads={self.heads}"


class RelativePositions(PositionEncoding):
    """Adds to every score a number that is learnt for the distance, for each head its own.

        score = query key^T / sqrt(d_k) + table[head, place of the key - place of the query]

    The numbers start at 0, where all distances are alike.

    Args:
        heads: how many heads.
        length: the most positions; there are numbers for distances up to length - 1.

    Raises:
        TypeError, ValueError: sizes that are no whole numbers of at least 1.
        ValueError: queries with another number of heads, or more positions than `length`.

    >>> x = torch.zeros(1, 1, 3, 2)
    >>> RelativePositions(heads=1, length=3).attend(x, x, torch.eye(3)[None, None])[0, 0, 0]
    tensor([0.3333, 0.3333, 0.3333], grad_fn=<SelectBackward0>)

    Source: Raffel et al. 2020, "Exploring the Limits of Transfer Learning with a Unified
    Text-to-Text Transformer", section 2.1, here with a number for each distance; Shaw et al. 2018,
    "Self-Attention with Relative Position Representations".
    """

    def __init__(self, heads: int, length: int):
        super().__init__()
        check_sizes(heads=heads, length=length)
        self.heads, self.length = heads, length
        self.table = nn.Parameter(torch.zeros(heads, 2 * length - 1))

    def attend(
        self,
        query: Float[Tensor, "batch heads query d_k"],
        key: Float[Tensor, "batch heads key d_k"],
        value: Float[Tensor, "batch heads key d_v"],
        mask: Mask[Tensor, "query key"] | None = None,
    ) -> Float[Tensor, "batch heads query d_v"]:
        """`fused_attention` with the number of each distance added to its score."""
        at_query, at_key = _places(query, key)
        if query.shape[-3] != self.heads or len(at_key) > self.length:
            raise ValueError(
                f"key has {query.shape[-3]} heads and {len(at_key)} positions, and the table is "
                f"for {self.heads} and {self.length}: write RelativePositions("
                f"heads={query.shape[-3]}, length={len(at_key)})"
            )
        distance = at_key - at_query[:, None] + self.length - 1
        bias = self.table[:, distance.to(self.table.device)]
        return fused_attention(query, key, value, mask, bias=bias.to(query))

    def extra_repr(self) -> str:
        return f"heads={self.heads}, length={self.length}"


def _places(query: Tensor, key: Tensor) -> tuple[Tensor, Tensor]:
    """The positions of queries and keys: the queries are the last ones, as under a cache."""
    queries, keys = query.shape[-2], key.shape[-2]
    if queries > keys:
        raise ValueError(
            f"there are {queries} queries and {keys} keys: positions are those of one sequence, "
            "so attend to another one by fused_attention"
        )
    return torch.arange(keys - queries, keys), torch.arange(keys)
