"""The machines: PyTorch modules that own weights, made of the core's mathematics."""

from attnlab.nn.added import Added, Encoding
from attnlab.nn.alignment import AdditiveAttention, Look
from attnlab.nn.blocks import DecoderLayer, EncoderLayer, FeedForward, post_norm, pre_norm
from attnlab.nn.cache import Cache
from attnlab.nn.classifier import OneLookClassifier
from attnlab.nn.config import TransformerConfig
from attnlab.nn.dropout import Dropout
from attnlab.nn.embedding import Embedding
from attnlab.nn.encodings import ENCODINGS, Alibi, Learned, Rotary, Sinusoidal
from attnlab.nn.flow import Flow, Recurrent
from attnlab.nn.fused import fused_attention
from attnlab.nn.language import LanguageModel
from attnlab.nn.language_config import LanguageConfig
from attnlab.nn.multihead import MultiHeadAttention
from attnlab.nn.residual import Residual
from attnlab.nn.seq2seq import Seq2Seq, Seq2SeqConfig
from attnlab.nn.token_classifier import TokenClassifier
from attnlab.nn.transformer import Decoder, Encoder, Transformer

__all__ = [
    "ENCODINGS",
    "Added",
    "AdditiveAttention",
    "Alibi",
    "Cache",
    "Decoder",
    "DecoderLayer",
    "Dropout",
    "Embedding",
    "Encoder",
    "EncoderLayer",
    "Encoding",
    "FeedForward",
    "Flow",
    "LanguageConfig",
    "LanguageModel",
    "Learned",
    "Look",
    "MultiHeadAttention",
    "OneLookClassifier",
    "Recurrent",
    "Residual",
    "Rotary",
    "Seq2Seq",
    "Seq2SeqConfig",
    "Sinusoidal",
    "TokenClassifier",
    "Transformer",
    "TransformerConfig",
    "fused_attention",
    "post_norm",
    "pre_norm",
]
