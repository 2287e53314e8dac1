"""attnlab: a course on attention that you can move.

The rooms of this package, from the ground up; each imports only from those above it in this list:

- ``attnlab.core``   the mathematics: pure functions on NumPy or PyTorch arrays
- ``attnlab.tasks``  what there is to learn: generators of data
- ``attnlab.lab``    what a notebook shows: tables, pictures, live figures
- ``attnlab.book``   how the notebooks are stored
- ``attnlab.cli``    the command ``attnlab``

The names of the core are handed on here: ``from attnlab import attention``.
"""

from attnlab.core import (
    attention,
    attention_weights,
    causal,
    distance_bias,
    dot,
    join_heads,
    padding,
    rotary,
    scaled_dot,
    self_attention,
    sinusoids,
    softmax,
    split_heads,
    window,
)

__version__ = "0.1.0"

__all__ = [
    "attention",
    "attention_weights",
    "causal",
    "distance_bias",
    "dot",
    "join_heads",
    "padding",
    "rotary",
    "scaled_dot",
    "self_attention",
    "sinusoids",
    "softmax",
    "split_heads",
    "window",
]
