"""Tones: frames of sound that are to be labelled, by what is heard up to a known distance.

What a frame is called depends on its neighbours, as in speech, where a vowel takes colour from the
sounds around it. Here it is known how far: up to `reach` frames on each side, and not one further.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from attnlab.tasks.draws import check_draw


def tones(
    random: torch.Generator,
    batch: int = 64,
    *,
    frames: int = 64,
    reach: int = 8,
    bands: int = 4,
    noise: float = 0.1,
) -> tuple[Tensor, Tensor]:
    """Noisy frames, and for each of them the band that prevails within its reach.

    How loud a band sounds is a normal random number, anew in every frame, so that no frame hints
    at another. Who hears only a part of the reach can therefore only guess the rest.

    Args:
        random: the source of randomness; the same state gives the same tones.
        batch: how many sequences.
        frames: how many frames each has.
        reach: how far from a frame the others lie that decide on its symbol, below `frames`.
        bands: how many bands there are, which are the symbols too, at least 2.
        noise: the standard deviation of what is added to every number of the frames, but does not
            count for the symbols.

    Returns:
        sound: how loud each band is, (batch, frames, bands)
        symbols: the number of the band that prevails, (batch, frames)

    Raises:
        TypeError: counts that are not whole.
        ValueError: a reach that is not below the number of frames, naming both; fewer than two
            bands; a noise below 0.

    >>> sound, symbols = tones(torch.Generator().manual_seed(0), 5, frames=11, reach=2, bands=3)
    >>> sound.shape, symbols.shape
    (torch.Size([5, 11, 3]), torch.Size([5, 11]))
    """
    check_draw(random, batch=batch, frames=frames, reach=reach, bands=bands)
    if reach >= frames:
        raise ValueError(
            f"reach is {reach} and frames {frames}: reach must be from 0 to {frames - 1}, which "
            "is from the first frame to the last"
        )
    if bands < 2:
        raise ValueError(f"bands is {bands}, and one of them prevails: take at least 2")
    if not noise >= 0:
        raise ValueError(f"noise is {noise}, and must be a standard deviation, at least 0")
    loudness = torch.randn(batch, frames, bands, generator=random)
    heard = loudness + noise * torch.randn(batch, frames, bands, generator=random)
    return heard, prevailing(loudness, reach)


def prevailing(sound: Tensor, reach: int) -> Tensor:
    """The band that is the loudest in all, from `reach` frames before each frame to `reach` after.

    Of the noisy frames it is the best guess: a model that hears `window` frames on each side
    cannot do better, on average, than ``prevailing(sound, min(window, reach))``.

    Args:
        sound: how loud each band is, (batch, frames, bands)
        reach: how many frames on each side count, as far as there are any.

    Returns:
        symbols: the number of the band, (batch, frames)

    Raises:
        TypeError: no tensor, or a reach that is not whole.
        ValueError: another number of axes, or a reach below 0.

    >>> prevailing(torch.tensor([[[1.0, 0.0], [0.0, 3.0], [1.0, 0.0], [1.0, 0.0]]]), 1)
    tensor([[1, 1, 1, 0]])
    """
    _check_sound(sound, reach)
    before = torch.nn.functional.pad(sound.double().cumsum(-2), (0, 0, 1, 0))
    count = sound.shape[-2]
    place = torch.arange(count, device=sound.device)
    first, behind = (place - reach).clamp(min=0), (place + reach + 1).clamp(max=count)
    return (before[..., behind, :] - before[..., first, :]).argmax(-1)


def _check_sound(sound: Any, reach: Any) -> None:
    if not isinstance(sound, Tensor):
        raise TypeError(f"sound is a {type(sound).__name__}, and must be a torch tensor")
    if sound.ndim < 2:
        raise ValueError(f"sound has shape {tuple(sound.shape)}, and needs (batch, frames, bands)")
    if not isinstance(reach, int) or isinstance(reach, bool):
        raise TypeError(f"reach is {reach!r}, and must be a whole number of frames")
    if reach < 0:
        raise ValueError(f"reach is {reach}, and must be at least 0: 0 is the frame alone")
