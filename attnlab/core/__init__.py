"""The mathematics of attention: pure functions on NumPy arrays or PyTorch tensors.

``...`` in a shape are batch axes. A mask is boolean, True = may attend. Words are rows.
"""

from attnlab.core.all_reduce import ring_steps
from attnlab.core.attention import attention, attention_weights, self_attention
from attnlab.core.blockwise import blockwise_attention, blockwise_steps
from attnlab.core.convolution import convolution, convolution_as_attention, offset_scores
from attnlab.core.graph_scores import gat_scores, gatv2_scores
from attnlab.core.graphs import neighbourhood_attention
from attnlab.core.heads import join_heads, split_heads
from attnlab.core.images import (
    as_pixels,
    from_patches,
    from_pixels,
    patches,
    pixel_positions,
)
from attnlab.core.laplacian import laplacian, laplacian_positions, normalised_adjacency
from attnlab.core.linear import (
    associative_states,
    elu_plus_one,
    linear_attention,
    linear_attention_chunked,
    linear_attention_recurrent,
)
from attnlab.core.low_rank import low_rank_attention
from attnlab.core.masks import causal, edges, padding, strided, window
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
from attnlab.core.windowed import strided_attention, window_attention

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
