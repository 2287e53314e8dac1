"""A classifier for what has no tokens: vectors go in, a symbol for each of them comes out."""

from __future__ import annotations

from torch import Tensor, nn

from attnlab.core.arrays import Float, Mask
from attnlab.nn.blocks import EncoderLayer, pre_norm
from attnlab.nn.config_checks import check_sizes
from attnlab.nn.handed_in import check_vectors
from attnlab.nn.position_encoding import PositionEncoding


class FrameClassifier(nn.Module):
    """A linear map in place of the embedding, layers of an encoder, and a score for each symbol.

        x = frames W_in + b
        logits = norm(layers(x)) W_out + b

    Args:
        bands: the dimension of a frame.
        symbols: how many answers there are.
        encoding: where positions enter, and what happens inside the heads.
        d_model, heads, layers: of the stack; its norms come first, and d_ff is 2 d_model.

    Raises:
        TypeError, ValueError: sizes that are no whole numbers of at least 1, or heads that do not
            divide d_model.

    >>> FrameClassifier(40, 5, PositionEncoding())(torch.zeros(2, 300, 40)).shape
    torch.Size([2, 300, 5])

    Source: Dong et al. 2018, "Speech-Transformer", section 3, for a linear map of the frames.
    """

    def __init__(
        self,
        bands: int,
        symbols: int,
        encoding: PositionEncoding,
        *,
        d_model: int = 32,
        heads: int = 1,
        layers: int = 1,
    ):
        super().__init__()
        check_sizes(bands=bands, symbols=symbols, d_model=d_model, heads=heads, layers=layers)
        options = {"around": pre_norm, "dropout": 0.0, "attend": encoding.attend}
        self.into = nn.Linear(bands, d_model)
        self.encoding = encoding
        self.layers = nn.ModuleList(
            EncoderLayer(d_model, heads, 2 * d_model, **options) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(d_model)
        self.output = nn.Linear(d_model, symbols)

    def forward(
        self,
        frames: Float[Tensor, "batch frame bands"],
        mask: Mask[Tensor, "frame frame"] | None = None,
    ) -> Float[Tensor, "batch frame symbols"]:
        """Scores of the symbols, (batch, frame, symbols).

        Args:
            frames: vectors, (batch, frame, bands).
            mask: True = may attend, as for `MultiHeadAttention`.

        Raises:
            TypeError: frames that are no tensor of real numbers.
            ValueError: frames of another dimension, or another number of axes.
        """
        check_vectors("frames", frames, self.into.in_features, self.into.weight.dtype)
        if frames.ndim != 3:
            raise ValueError(
                f"frames has shape {tuple(frames.shape)}, and needs (batch, frame, bands): a "
                "single sound is frames[None]"
            )
        x = self.encoding(self.into(frames))
        for layer in self.layers:
            x = layer(x, mask)
        return self.output(self.norm(x))
