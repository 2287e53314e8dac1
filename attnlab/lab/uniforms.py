"""Random numbers that Python and a browser draw alike."""

from __future__ import annotations

_BITS = 0xFFFFFFFF


def uniforms(seed: int, count: int) -> list[float]:
    """So many numbers from 0 to 1 (1 excluded), the same for the same seed.

    Source: mulberry32 by Tommy Ettinger, 2017, as `uniforms` in mathematics.js computes it.
    """
    return [_mixed((seed + place * 0x6D2B79F5) & _BITS) / 2**32 for place in range(1, count + 1)]


def _mixed(state: int) -> int:
    mixed = (state ^ state >> 15) * (state | 1) & _BITS
    mixed ^= mixed + (mixed ^ mixed >> 7) * (mixed | 61) & _BITS
    return mixed ^ mixed >> 14
