"""The mathematics of attention: pure functions on NumPy arrays or PyTorch tensors.

``...`` in a shape are batch axes. A mask is boolean, True = may attend. Words are rows.
"""

from attnlab.core.attention import attention, attention_weights, self_attention
from attnlab.core.heads import join_heads, split_heads
from attnlab.core.masks import causal, edges, padding, window
from attnlab.core.moments import statistics
from attnlab.core.norms import (
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
    normalise,
    rms_norm,
)
from attnlab.core.positions import distance_bias, rotary, sinusoids
from attnlab.core.scores import additive, bilinear, dot, gaussian, scaled_dot
from attnlab.core.softmax import softmax

__all__ = [
    "additive",
    "attention",
    "attention_weights",
    "batch_norm",
    "bilinear",
    "causal",
    "distance_bias",
    "dot",
    "edges",
    "gaussian",
    "group_norm",
    "instance_norm",
    "join_heads",
    "layer_norm",
    "normalise",
    "padding",
    "rms_norm",
    "rotary",
    "scaled_dot",
    "self_attention",
    "sinusoids",
    "softmax",
    "split_heads",
    "statistics",
    "window",
]
