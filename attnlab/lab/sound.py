"""A sound in a notebook: a player that works wherever the notebook is shown."""

from __future__ import annotations

import base64
import html
import io
import wave
from numbers import Integral
from typing import Any

import numpy as np

from attnlab.lab.shown_arrays import real_array


class Sound:
    """What `sound` shows: the player of the browser, and words where nothing is played."""

    def __init__(self, samples: np.ndarray, rate: int, words: str):
        self.samples, self.rate, self.words = samples, rate, words

    def __repr__(self) -> str:
        return f"{self.words}, a sound of {len(self.samples) / self.rate:.3g} s"

    def _repr_html_(self) -> str:
        # In an untrusted notebook JupyterLab leaves an <audio> its src, but not a <source> within.
        data = base64.b64encode(self.wav()).decode("ascii")
        words = html.escape(self.words)
        return (
            f'<figure style="margin: 0"><figcaption>{words}</figcaption>'
            f'<audio controls style="max-width: 100%" title="{words}" '
            f'src="data:audio/wav;base64,{data}"></audio></figure>'
        )

    def wav(self) -> bytes:
        """The sound as a WAV file, 16 bits a sample."""
        file = io.BytesIO()
        with wave.open(file, "wb") as written:
            written.setnchannels(1)
            written.setsampwidth(2)
            written.setframerate(self.rate)
            written.writeframes(np.round(self.samples * 32767).astype("<i2").tobytes())
        return file.getvalue()


def sound(samples: Any, rate: int = 8000, words: str = "Listen") -> Sound:
    """Show a sound with the browser's own player; it plays when it is told to.

    Args:
        samples: from -1 to 1, (count,); louder ones make the whole softer.
        rate: how many there are in a second.
        words: what is heard, for those who see the player and those who do not.

    Raises:
        TypeError: samples that are no real numbers, a rate that is not whole, words that are none.
        ValueError: another number of axes, no sample, samples that are not finite, a rate that no
            browser plays, or no words.

    >>> sound([0.0, 0.5, 0.0, -0.5] * 1000, 8000, "A tone of 2,000 Hz")
    A tone of 2,000 Hz, a sound of 0.5 s
    """
    samples = real_array("samples", samples).astype(float)
    if samples.ndim != 1 or len(samples) == 0:
        raise ValueError(
            f"samples has shape {samples.shape}, and needs (count,) with at least one sample: of "
            "two channels take one, samples[:, 0]"
        )
    if not np.isfinite(samples).all():
        raise ValueError("samples holds NaN or infinity: only finite numbers can be heard")
    if not isinstance(rate, Integral) or isinstance(rate, bool):
        raise TypeError(f"rate is {rate!r}, and must be a whole number of samples a second")
    if not 3000 <= rate <= 192_000:
        raise ValueError(
            f"rate is {rate}, and browsers play from 3000 to 192000 samples a second: a voice "
            "has 8000 or 16000"
        )
    if not isinstance(words, str):
        raise TypeError(f"words is {words!r}, and must be a text that says what is heard")
    if not words.strip():
        raise ValueError(f"words is {words!r}, and must say what is heard")
    return Sound(samples / max(1.0, float(np.abs(samples).max())), int(rate), words)
