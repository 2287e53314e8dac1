"""The mathematics of attention: pure functions on NumPy arrays or PyTorch tensors.

``...`` in a shape are batch axes. A mask is boolean, True = may attend. Words are rows.
"""

from attnlab.core.attention import attention, attention_weights, self_attention
from attnlab.core.heads import join_heads, split_heads
from attnlab.core.masks import causal, padding, window
from attnlab.core.positions import distance_bias, rotary, sinusoids
from attnlab.core.scores import dot, scaled_dot
from attnlab.core.softmax import softmax

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
