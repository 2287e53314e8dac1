"""A spectrogram: a sound as a row of vectors, one for every 10 ms.

Source: Davis & Mermelstein 1980, "Comparison of Parametric Representations for Monosyllabic Word
Recognition", figure 1 (the bands); Radford et al. 2023, "Robust Speech Recognition via
Large-Scale Weak Supervision", section 2.2, for 25 ms every 10 ms.
"""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np


def spectrogram(
    samples: np.ndarray,
    rate: int = 8000,
    *,
    bands: int = 40,
    step: float = 0.010,
    window: float = 0.025,
    floor: float = -60.0,
) -> np.ndarray:
    """How loud each band of frequencies is, 100 times a second: a sound as a row of vectors.

    A frame is the spectrum of the 25 ms around it. Its bands are equally wide on the mel scale,
    2595 log10(1 + f / 700), on which low notes lie as far apart as they sound.

    Args:
        samples: (count,)
        rate: of them there are in a second.
        bands: how many.
        step: from one frame to the next, in seconds.
        window: how much each frame hears, in seconds.
        floor: in decibels below the loudest, where silence ends.

    Returns:
        frames: in decibels, from floor to 0, which is the loudest, (frames, bands); low bands
            come first.

    Raises:
        TypeError: samples that are no array of real numbers, bands that are not whole.
        ValueError: another number of axes, samples that are not finite, less than a step of
            samples, no band, a step or window below a sample, a floor that is not below 0.

    >>> spectrogram(voice()).shape
    (300, 40)
    """
    samples = _checked_samples(samples, rate, bands, floor)
    hop, wide = _whole_samples(len(samples), rate, step=step, window=window)
    count = len(samples) // hop
    padded = np.pad(samples, (max(wide - hop, 0) // 2, wide))
    places = hop * np.arange(count)[:, None] + np.arange(wide)
    power = np.abs(np.fft.rfft(padded[places] * np.hanning(wide), n=4 * wide)) ** 2
    decibels = 10 * np.log10(power @ _mel_bands(bands, power.shape[1], rate) + 1e-20)
    return np.maximum(decibels - decibels.max(), floor)


def _checked_samples(samples: Any, rate: Any, bands: Any, floor: Any) -> np.ndarray:
    samples = np.asarray(samples)
    if samples.dtype.kind not in "fiu":
        raise TypeError(f"samples holds {samples.dtype}, and must hold real numbers")
    if samples.ndim != 1 or len(samples) == 0:
        raise ValueError(
            f"samples has shape {samples.shape}, and needs (count,) with at least one sample: of "
            "two channels take one, samples[:, 0]"
        )
    if not np.isfinite(samples).all():
        raise ValueError("samples holds NaN or infinity: only finite numbers can be heard")
    for name, whole in {"rate": rate, "bands": bands}.items():
        if not isinstance(whole, Integral) or isinstance(whole, bool):
            raise TypeError(f"{name} is {whole!r}, and must be a whole number")
        if whole < 1:
            raise ValueError(f"{name} is {whole}, and must be at least 1")
    if not isinstance(floor, Real) or not floor < 0:
        raise ValueError(f"floor is {floor!r}, and must be below 0 decibels, such as -60.0")
    return samples.astype(float)


def _whole_samples(count: int, rate: int, **seconds: Any) -> list[int]:
    for name, given in seconds.items():
        if not isinstance(given, Real) or isinstance(given, bool):
            raise TypeError(f"{name} is {given!r}, and must be a number of seconds, such as 0.010")
        covers = float(given) * rate
        if not 1 <= covers <= count:
            raise ValueError(
                f"{name} is {given} s, which are {covers:.4g} samples at a rate of {rate}, and "
                f"there are {count}: it must be at least 1 sample and at most {count}"
            )
    return [round(given * rate) for given in seconds.values()]


def _mel_bands(bands: int, bins: int, rate: int) -> np.ndarray:
    """How much each bin of a spectrum counts in each band, (bins, bands): overlapping triangles."""
    highest = 2595 * np.log10(1 + rate / 2 / 700)
    corners = 700 * (10 ** (np.linspace(0, highest, bands + 2) / 2595) - 1)
    frequency = np.linspace(0, rate / 2, bins)[:, None]
    rising = (frequency - corners[:-2]) / (corners[1:-1] - corners[:-2])
    falling = (corners[2:] - frequency) / (corners[2:] - corners[1:-1])
    return np.maximum(np.minimum(rising, falling), 0.0)
