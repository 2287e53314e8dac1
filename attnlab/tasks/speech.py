"""A voice made in code, and its spectrogram: sound as a long row of vectors.

A voice is a source and a filter. The vocal folds let a pulse of air pass about a hundred times a
second, or air hisses; the mouth lets some frequencies pass better than others, the formants, and
these make the difference between the vowels.

Source: Fant 1960, "Acoustic Theory of Speech Production"; Klatt 1980, "Software for a
cascade/parallel formant synthesizer", eq. 1 to 3 and tables II and III; Klatt & Klatt 1990,
section II.D (the pulse); Peterson & Barney 1952, table II (the formants of a, e, i and u).
"""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any, Literal, NamedTuple

import numpy as np


class Letter(NamedTuple):
    """How a letter is spoken: its formants in Hz, how loud its sources are, and for how long."""

    formants: tuple[int, int, int]
    voice: float = 0.0
    breath: float = 0.0
    hiss: float = 0.0
    lasts: float = 1.0


LETTERS = {
    "a": Letter((730, 1090, 2440), voice=1.0, lasts=2.0),
    "e": Letter((530, 1840, 2480), voice=1.0, lasts=1.8),
    "i": Letter((270, 2290, 3010), voice=1.0, lasts=1.8),
    "o": Letter((500, 840, 2410), voice=1.0, lasts=2.0),
    "u": Letter((300, 870, 2240), voice=1.0, lasts=2.0),
    "l": Letter((310, 1050, 2880), voice=0.5),
    "m": Letter((280, 1270, 2130), voice=0.35),
    "n": Letter((280, 1340, 2470), voice=0.35),
    "r": Letter((350, 1060, 1380), voice=0.6),
    "w": Letter((290, 610, 2150), voice=0.5),
    "y": Letter((260, 2070, 3020), voice=0.5, lasts=0.8),
    "h": Letter((500, 1500, 2500), breath=0.5, lasts=0.8),
    "f": Letter((340, 1100, 2080), hiss=0.4, lasts=1.2),
    "s": Letter((320, 1390, 2530), hiss=1.0, lasts=1.6),
    "v": Letter((220, 1100, 2080), voice=0.3, hiss=0.2, lasts=0.8),
    ",": Letter((500, 1500, 2500), lasts=2.5),
}
"""What can be spoken; a comma is a pause."""

TEXT = "helo, ai am e vois, hu ar yu,"
"""Hello, I am a voice, who are you?, as it is spoken."""

_WIDTHS = (60, 90, 120, 200)  # of the formants, in Hz
_FOURTH, _HISS = 3500, 3300  # Hz: a formant that stays, and where an s is loudest
_OPEN = 0.6  # the share of each period in which the vocal folds let air pass


def voice(text: str = TEXT, *, seconds: float = 3.0, rate: int = 8000) -> np.ndarray:
    """A voice that speaks the letters of a text one by one, as a robot would.

    Args:
        text: letters of `LETTERS`, each spoken always in the same way: write "ai" for the word I.
            A comma is a pause, and between two commas the voice falls.
        seconds: how long it takes.
        rate: samples a second.

    Returns:
        samples: from -1 to 1, (seconds * rate,); the same call gives the same samples.

    Raises:
        TypeError: a text that is none, seconds or a rate that are no numbers.
        ValueError: no letter, or one that cannot be spoken; less than 0.03 s a letter; a rate
            below 8,000, which has no room for the formants.

    >>> voice("ai", seconds=0.5).shape
    (4000,)
    """
    letters = _checked_letters(text, seconds, rate)
    count = round(seconds * rate)
    noise = np.random.default_rng(0).normal(size=count)
    tracks = _tracks(letters, count, rate)
    pulses = _pulses(_pitch(letters, count, rate, noise), rate)
    sound = tracks["voice"] * pulses + 0.3 * tracks["breath"] * noise
    for centre, width in zip([*tracks["formants"], _FOURTH], _WIDTHS, strict=True):
        sound = resonator(sound, centre, width, rate)
    hissing = np.diff(resonator(tracks["hiss"] * noise, _HISS, 900, rate), prepend=0.0)
    sound = sound / np.abs(sound).max(initial=1e-9) + 0.025 * hissing
    return 0.9 * sound / np.abs(sound).max()


def resonator(sound: np.ndarray, centre: float | np.ndarray, width: float, rate: int) -> np.ndarray:
    """What is left of a sound behind a filter that lets frequencies near its centre pass.

        out[t] = (1 - b - c) in[t] + b out[t - 1] + c out[t - 2]
        b = 2 exp(-pi width / rate) cos(2 pi centre / rate),   c = -exp(-2 pi width / rate)

    Args:
        sound: samples, (count,)
        centre: in Hz, one for all or one a sample.
        width: in Hz, of the range in which at least half of the power passes.
        rate: samples a second.

    Source: Klatt 1980, eq. 1 and 2.
    """
    shrink = math.exp(-math.pi * width / rate)
    turned = np.broadcast_to(2 * shrink * np.cos(2 * np.pi * np.asarray(centre) / rate), len(sound))
    c, before, last = -(shrink**2), 0.0, 0.0
    heard = []
    for now, b in zip(sound.tolist(), turned.tolist(), strict=True):
        before, last = last, (1 - b - c) * now + b * last + c * before
        heard.append(last)
    return np.array(heard)


def _tracks(letters: str, count: int, rate: int) -> dict[str, np.ndarray]:
    """The formants and the loudness of each source at every sample: letters that glide."""
    spoken = [LETTERS[letter] for letter in letters]
    ends = np.cumsum([letter.lasts for letter in spoken])
    which = np.searchsorted(ends / ends[-1], (np.arange(count) + 0.5) / count)
    loudness = np.array([[letter.voice, letter.breath, letter.hiss] for letter in spoken])
    formants = np.array(_ready_for_the_next(letters), dtype=float)
    voice, breath, hiss = (_smooth(each, 0.05 * rate, "constant") for each in loudness[which].T)
    gliding = np.stack([_smooth(each, 0.10 * rate, "edge") for each in formants[which].T])
    return {"formants": gliding, "voice": voice, "breath": breath, "hiss": hiss}


def _ready_for_the_next(letters: str) -> list[tuple[int, int, int]]:
    """The formants of each letter; in an h and in a pause they are those of the next one."""
    formants = [LETTERS[letter].formants for letter in letters]
    for at in reversed(range(len(letters) - 1)):
        if letters[at] in "h,":
            formants[at] = formants[at + 1]
    return formants


def _pitch(letters: str, count: int, rate: int, noise: np.ndarray) -> np.ndarray:
    """In Hz at every sample: it falls from comma to comma, and is never quite steady."""
    ends = np.cumsum([LETTERS[letter].lasts for letter in letters])
    commas = [end for end, letter in zip(ends, letters, strict=True) if letter == ","]
    borders = np.array(sorted({0.0, *commas, ends[-1]})) / ends[-1]
    place = (np.arange(count) + 0.5) / count
    phrase = np.searchsorted(borders, place) - 1
    gone = (place - borders[phrase]) / np.diff(borders)[phrase]
    wavering = _smooth(noise, 0.03 * rate, "edge") * math.sqrt(0.03 * rate)
    return (145 - 50 * gone) * (1 + 0.02 * wavering)


def _pulses(pitch: np.ndarray, rate: int) -> np.ndarray:
    """The pulses of air, as their slope: the folds open slowly and close at once."""
    phase = np.cumsum(pitch / rate) % 1.0
    return np.where(phase < _OPEN, phase * (2 - 3 * phase / _OPEN), 0.0)


def _smooth(track: np.ndarray, width: float, ends: Literal["constant", "edge"]) -> np.ndarray:
    """The mean of the neighbours, near ones above all; past its ends it is 0, or goes on."""
    weights = np.hanning(2 * round(width / 2) + 3)
    padded = np.pad(track, len(weights) // 2, mode=ends)
    return np.convolve(padded, weights / weights.sum(), mode="valid")


def _checked_letters(text: Any, seconds: Any, rate: Any) -> str:
    if not isinstance(text, str):
        raise TypeError(f"text is {text!r}, and must be a text such as {TEXT!r}")
    letters = "".join(text.lower().split())
    unknown = sorted(set(letters) - set(LETTERS))
    if unknown or not letters.strip(","):
        lack = f"holds {unknown[0]!r}" if unknown else "holds no letter"
        known = "".join(LETTERS)
        raise ValueError(f"text {lack}, and a voice can speak {known}: write it as it sounds")
    if not isinstance(rate, Integral) or isinstance(rate, bool):
        raise TypeError(f"rate is {rate!r}, and must be a whole number of samples a second")
    if rate < 8000:
        raise ValueError(
            f"rate is {rate}, which holds frequencies up to {rate // 2} Hz, and the formants reach "
            f"{_FOURTH} Hz: take a rate of at least 8000"
        )
    _check_seconds(seconds, len(letters))
    return letters


def _check_seconds(seconds: Any, letters: int) -> None:
    if not isinstance(seconds, Real) or isinstance(seconds, bool):
        raise TypeError(f"seconds is {seconds!r}, and must be a number such as 3.0")
    if not 0.03 * letters <= float(seconds) < math.inf:
        raise ValueError(
            f"seconds is {seconds}, and text has {letters} letters, which take at least "
            f"{0.03 * letters:.2f} s: take more seconds, or fewer letters"
        )
