"""One vector for a sentence: the mean of the vectors of its tokens."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from attnlab.core.arrays import Bool, Float
from attnlab.nn.handed_in import check_vectors, lengths_of


def sentence_embedding(
    hidden: Float[Tensor, "batch position d_model"],
    mask: Bool[Tensor, "#batch 1 position"] | None = None,
) -> Float[Tensor, "batch d_model"]:
    """The mean of the vectors of the real tokens, divided by its length.

    So the dot product of two sentences is the cosine of the angle between them: 1 for the same
    direction, around 0 for sentences that have nothing to do with each other.

    Args:
        hidden: what an encoder made of the tokens, marks included.
        mask: True = a real token, as `padding(lengths, positions)` makes it; all if not given.

    Raises:
        TypeError: no real numbers, or a mask that is not boolean.
        ValueError: another number of axes, a mask of another shape, or a row without a token.

    >>> hidden = torch.tensor([[[3.0, 0.0], [0.0, 4.0], [9.0, 9.0]]])
    >>> sentence_embedding(hidden, torch.tensor([[[True, True, False]]]))
    tensor([[0.6000, 0.8000]])

    Source: Reimers and Gurevych 2019, "Sentence-BERT", section 3, mean pooling.
    """
    check_vectors("hidden", hidden, hidden.shape[-1] if hidden.ndim else 0)
    if hidden.ndim != 3:
        raise ValueError(
            f"hidden has shape {tuple(hidden.shape)}, and needs (batch, position, d_model): a "
            "single sentence is hidden[None]"
        )
    if mask is None:
        return functional.normalize(hidden.mean(1), dim=-1)
    lengths_of("mask", mask, *hidden.shape[:2])
    real = mask.transpose(1, 2).to(hidden.dtype)
    return functional.normalize((hidden * real).sum(1), dim=-1)
