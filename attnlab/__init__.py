"""attnlab: a course on attention that you can move.

The rooms of this package, from the ground up; each imports only from those above it in this list:

- ``attnlab.core``      the mathematics: pure functions on NumPy or PyTorch arrays
- ``attnlab.nn``        the machines: PyTorch modules that own weights
- ``attnlab.tasks``     what there is to learn: generators of data
- ``attnlab.training``  how it is learnt: the loop and its schedule
- ``attnlab.recipes``   what was trained with which numbers; the trained models
- ``attnlab.check``     what a notebook asks: exercises that name the mistake; the diary
- ``attnlab.lab``       what a notebook shows: tables, pictures, live figures, quizzes and bets
- ``attnlab.book``      how the notebooks are stored
- ``attnlab.copies``    the reader's copy of the course, brought up to date without a loss
- ``attnlab.cli``       the command ``attnlab``

The names of the core are handed on here: ``from attnlab import attention``.
"""

from attnlab.core import (
    additive,
    as_pixels,
    associative_states,
    attention,
    attention_weights,
    batch_norm,
    bilinear,
    blockwise_attention,
    blockwise_steps,
    causal,
    convolution,
    convolution_as_attention,
    distance_bias,
    dot,
    edges,
    elu_plus_one,
    from_patches,
    from_pixels,
    gat_scores,
    gatv2_scores,
    gaussian,
    group_norm,
    instance_norm,
    join_heads,
    laplacian,
    laplacian_positions,
    layer_norm,
    linear_attention,
    linear_attention_chunked,
    linear_attention_recurrent,
    low_rank_attention,
    neighbourhood_attention,
    normalise,
    normalised_adjacency,
    offset_scores,
    padding,
    patches,
    pixel_positions,
    ring_steps,
    rms_norm,
    rotary,
    scaled_dot,
    self_attention,
    sinusoids,
    softmax,
    split_heads,
    statistics,
    strided,
    strided_attention,
    window,
    window_attention,
)

__version__ = "0.1.0"

__all__ = [
    "additive",
    "as_pixels",
    "associative_states",
    "attention",
    "attention_weights",
    "batch_norm",
    "bilinear",
    "blockwise_attention",
    "blockwise_steps",
    "causal",
    "convolution",
    "convolution_as_attention",
    "distance_bias",
    "dot",
    "edges",
    "elu_plus_one",
    "from_patches",
    "from_pixels",
    "gat_scores",
    "gatv2_scores",
    "gaussian",
    "group_norm",
    "instance_norm",
    "join_heads",
    "laplacian",
    "laplacian_positions",
    "layer_norm",
    "linear_attention",
    "linear_attention_chunked",
    "linear_attention_recurrent",
    "low_rank_attention",
    "neighbourhood_attention",
    "normalise",
    "normalised_adjacency",
    "offset_scores",
    "padding",
    "patches",
    "pixel_positions",
    "ring_steps",
    "rms_norm",
    "rotary",
    "scaled_dot",
    "self_attention",
    "sinusoids",
    "softmax",
    "split_heads",
    "statistics",
    "strided",
    "strided_attention",
    "window",
    "window_attention",
]
