"""The machines: PyTorch modules that own weights, made of the core's mathematics."""

from attnlab.nn.multihead import MultiHeadAttention, fused_attention

__all__ = ["MultiHeadAttention", "fused_attention"]
