"""The mathematics of attention: pure functions on NumPy arrays or PyTorch tensors.

``...`` in a shape are batch axes. A mask is boolean, True = may attend. Words are rows.
"""

from attnlab.core.attention import attention, attention_weights, self_attention
from attnlab.core.masks import causal, padding, window
from attnlab.core.scores import dot, scaled_dot
from attnlab.core.softmax import softmax

__all__ = [
    "attention",
    "attention_weights",
    "causal",
    "dot",
    "padding",
    "scaled_dot",
    "self_attention",
    "softmax",
    "window",
]
