"""The machines: PyTorch modules that own weights, made of the core's mathematics."""

from attnlab.nn.added import Added, Encoding
from attnlab.nn.classifier import OneLookClassifier
from attnlab.nn.encodings import ENCODINGS, Alibi, Learned, Rotary, Sinusoidal
from attnlab.nn.flow import Flow, Recurrent
from attnlab.nn.multihead import MultiHeadAttention, fused_attention
from attnlab.nn.residual import Residual

__all__ = [
    "ENCODINGS",
    "Added",
    "Alibi",
    "Encoding",
    "Flow",
    "Learned",
    "MultiHeadAttention",
    "OneLookClassifier",
    "Recurrent",
    "Residual",
    "Rotary",
    "Sinusoidal",
    "fused_attention",
]
