"""The one interface of all position encodings, and those that add a vector to each embedding."""

from __future__ import annotations

from torch import Tensor, nn

from attnlab.core.arrays import Bool, Float
from attnlab.nn.config_checks import check_sizes
from attnlab.nn.fused import fused_attention
from attnlab.nn.handed_in import check_vectors


class Encoding(nn.Module):
    """Where positions enter a model: in its embeddings, or inside its heads. Here: nowhere.

    A model puts its embeddings through `forward` and hands `attend` to its self-attention:
    ``MultiHeadAttention(d_model, heads, attend=encoding.attend)``. Attention to another
    sequence has no common positions, and takes plain `fused_attention`.

    >>> Encoding()(torch.ones(1, 2, 3)).tolist()
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
        mask: Bool[Tensor, "..."] | None = None,
    ) -> Float[Tensor, "batch heads query d_v"]:
        """What happens inside the heads; of fewer queries than keys, these are the last ones."""
        return fused_attention(query, key, value, mask)


class Added(Encoding):
    """Adds to every embedding the vector of its position; subclasses say which by `vectors`.

    Args:
        d_model: the length of the embeddings, and of the vectors of the positions.

    Raises:
        ValueError: embeddings of another length.
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
