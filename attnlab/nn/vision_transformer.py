"""The vision Transformer: a picture cut into patches, read as a sentence is."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from attnlab.core.arrays import Float
from attnlab.core.images import as_pixels, patches
from attnlab.nn.blocks import EncoderLayer, pre_norm
from attnlab.nn.config_checks import check_sizes
from attnlab.nn.handed_in import check_pictures
from attnlab.nn.position_encoding import PositionEncoding


class Patches(nn.Module):
    """Words of a picture: its patches, each through the same linear map.

        word = patch W + b

    Args:
        channels: of the pictures.
        size: the side of a patch; at 1 the pixels are the words.
        d_model: the dimension of a word.

    Raises:
        TypeError, ValueError: a size that is no whole number of at least 1, or pictures that
            patches do not cover without a rest.

    >>> Patches(1, 2, 16)(torch.zeros(5, 1, 8, 8)).shape
    torch.Size([5, 16, 16])

    Source: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", eq. 1, E.
    """

    def __init__(self, channels: int, size: int, d_model: int):
        super().__init__()
        check_sizes(channels=channels, size=size, d_model=d_model)
        self.channels, self.size, self.d_model = channels, size, d_model
        self.into = nn.Linear(channels * size * size, d_model)

    def forward(
        self, image: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch patch d_model"]:
        check_pictures("image", image, self.channels, self.into.weight.dtype)
        return self.into(patches(image, self.size, channels=self.channels))


class Features(nn.Module):
    """Words of a picture: what a convolutional net has made of it, a word for each place.

    Args:
        stem: from (batch, channels, height, width) to (batch, d_model, fewer rows, columns).
        d_model: how many channels the stem gives.

    Raises:
        ValueError: a stem that gives another number of channels, or other axes.

    >>> Features(nn.Conv2d(1, 16, 3, stride=2, padding=1), 16)(torch.zeros(5, 1, 8, 8)).shape
    torch.Size([5, 16, 16])

    Source: Dosovitskiy et al. 2021, section 3.1, "Hybrid Architecture".
    """

    def __init__(self, stem: nn.Module, d_model: int):
        super().__init__()
        check_sizes(d_model=d_model)
        self.stem, self.d_model = stem, d_model

    def forward(
        self, image: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch place d_model"]:
        features = self.stem(image)
        check_pictures("stem(image)", features, self.d_model)
        return as_pixels(features, channels=self.d_model)


class VisionTransformer(nn.Module):
    """An encoder over the words of a picture; a token of its own gathers what the answer needs.

        x = [class token, words of the picture] + positions
        logits = norm(layers(x))[class token] W + b

    Args:
        words: makes vectors of a picture, (batch, word, d_model): `Patches`, or `Features` of a
            convolutional stem, which makes a hybrid. Its d_model is that of the encoder.
        classes: how many answers there are.
        encoding: where positions enter; they must have room for the class token, which stands
            first: ``GridPositions(d_model, height, width, front=1)``.
        heads, layers: of the encoder; its norms come first.
        d_ff: hidden units of each layer's perceptron; 2 d_model if not given.

    Raises:
        TypeError, ValueError: sizes that are no whole numbers of at least 1, or heads that do not
            divide d_model.

    >>> positions = GridPositions(16, height=4, width=4, front=1)
    >>> model = VisionTransformer(Patches(1, 2, 16), 10, positions, heads=2)
    >>> model(torch.zeros(5, 1, 8, 8)).shape
    torch.Size([5, 10])

    Source: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", eq. 1 to 4.
    """

    def __init__(
        self,
        words: Patches | Features,
        classes: int,
        encoding: PositionEncoding,
        *,
        heads: int = 2,
        layers: int = 2,
        d_ff: int | None = None,
    ):
        super().__init__()
        d_model = words.d_model
        d_ff = 2 * d_model if d_ff is None else d_ff
        check_sizes(classes=classes, heads=heads, layers=layers, d_ff=d_ff)
        options = {"around": pre_norm, "dropout": 0.0, "attend": encoding.attend}
        self.words, self.encoding = words, encoding
        self.class_token = nn.Parameter(torch.zeros(d_model))
        self.layers = nn.ModuleList(
            EncoderLayer(d_model, heads, d_ff, **options) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(d_model)
        self.output = nn.Linear(d_model, classes)

    def forward(
        self, image: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch classes"]:
        """A score for each class, (batch, classes).

        Args:
            image: pictures, (batch, channels, height, width).

        Raises:
            TypeError: pictures that are no tensor of real numbers.
            ValueError: other channels, channels last, or another number of words than positions.
        """
        words = self.words(image)
        token = self.class_token.expand(len(words), 1, -1)
        x = self.encoding(torch.cat([token, words], dim=1))
        for layer in self.layers:
            x = layer(x)
        return self.output(self.norm(x[:, 0]))
