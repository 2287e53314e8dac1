"""The machines: PyTorch modules that own weights, made of the core's mathematics."""

import warnings
from typing import Any

from attnlab.nn.additive_attention import AdditiveAttention, Look, OneContext
from attnlab.nn.bert import Bert, BertConfig, BertEmbedding
from attnlab.nn.blocks import (
    DecoderLayer,
    EncoderLayer,
    FeedForward,
    Residual,
    post_norm,
    pre_norm,
)
from attnlab.nn.cache import Cache
from attnlab.nn.captioner import Captioner, CaptionerConfig
from attnlab.nn.classifiers import OneLookClassifier, TokenClassifier
from attnlab.nn.config import (
    ENCODINGS,
    LanguageConfig,
    TokenClassifierConfig,
    TransformerConfig,
)
from attnlab.nn.dropout import Dropout
from attnlab.nn.embedding import Embedding
from attnlab.nn.frame_classifier import FrameClassifier
from attnlab.nn.fused import fused_attention
from attnlab.nn.gelu_feed_forward import GeluFeedForward
from attnlab.nn.graph_attention import EqualAttend, GatAttend, Gatv2Attend, GraphAttention
from attnlab.nn.grid_positions import GridPositions, RelativeGridPositions
from attnlab.nn.grouped import GroupedQueryAttention
from attnlab.nn.hard_attention import HardAttend
from attnlab.nn.language import LanguageModel
from attnlab.nn.last_word import LastLook, LastState, LastWordClassifier, Summary
from attnlab.nn.low_rank_adapter import LowRankAdapter, adapt
from attnlab.nn.masked_language import MaskedLanguageModel
from attnlab.nn.minilm_files import minilm
from attnlab.nn.multihead import MultiHeadAttention
from attnlab.nn.node_classifier import NodeClassifier
from attnlab.nn.non_local_block import NonLocalBlock
from attnlab.nn.position_encoding import (
    AddedPositions,
    AlibiPositions,
    LearnedPositions,
    PositionEncoding,
    RelativePositions,
    RotaryPositions,
    SinusoidalPositions,
)
from attnlab.nn.position_flows import FlowPositions, RecurrentPositions
from attnlab.nn.pretrained import pretrained
from attnlab.nn.recurrent import RecurrentDecoder, RecurrentEncoder
from attnlab.nn.region_encoder import RegionEncoder
from attnlab.nn.sentence_classifier import SentenceClassifier
from attnlab.nn.sentence_embedding import sentence_embedding
from attnlab.nn.seq2seq import Seq2Seq, Seq2SeqConfig
from attnlab.nn.transformer import Decoder, Encoder, Transformer
from attnlab.nn.vision_transformer import Features, Patches, VisionTransformer

__all__ = [
    "ENCODINGS",
    "AddedPositions",
    "AdditiveAttention",
    "AlibiPositions",
    "Bert",
    "BertConfig",
    "BertEmbedding",
    "Cache",
    "Captioner",
    "CaptionerConfig",
    "Decoder",
    "DecoderLayer",
    "Dropout",
    "Embedding",
    "Encoder",
    "EncoderLayer",
    "EqualAttend",
    "Features",
    "FeedForward",
    "FlowPositions",
    "FrameClassifier",
    "GatAttend",
    "Gatv2Attend",
    "GeluFeedForward",
    "GraphAttention",
    "GridPositions",
    "GroupedQueryAttention",
    "HardAttend",
    "LanguageConfig",
    "LanguageModel",
    "LastLook",
    "LastState",
    "LastWordClassifier",
    "LearnedPositions",
    "Look",
    "LowRankAdapter",
    "MaskedLanguageModel",
    "MultiHeadAttention",
    "NodeClassifier",
    "NonLocalBlock",
    "OneContext",
    "OneLookClassifier",
    "Patches",
    "PositionEncoding",
    "RecurrentDecoder",
    "RecurrentEncoder",
    "RecurrentPositions",
    "RegionEncoder",
    "RelativeGridPositions",
    "RelativePositions",
    "Residual",
    "RotaryPositions",
    "SentenceClassifier",
    "Seq2Seq",
    "Seq2SeqConfig",
    "SinusoidalPositions",
    "Summary",
    "TokenClassifier",
    "TokenClassifierConfig",
    "Transformer",
    "TransformerConfig",
    "VisionTransformer",
    "adapt",
    "fused_attention",
    "minilm",
    "post_norm",
    "pre_norm",
    "pretrained",
    "sentence_embedding",
]

_FORMER = {
    "Added": "AddedPositions",
    "Alibi": "AlibiPositions",
    "Encoding": "PositionEncoding",
    "Flow": "FlowPositions",
    "Learned": "LearnedPositions",
    "Recurrent": "RecurrentPositions",
    "Rotary": "RotaryPositions",
    "Sinusoidal": "SinusoidalPositions",
}


def __getattr__(name: str) -> Any:
    """What had another name in the version before, with a warning that says the new one."""
    if name not in _FORMER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    now = _FORMER[name]
    warnings.warn(
        f"attnlab.nn.{name} is now {now}, and goes with the next version: "
        f"write from attnlab.nn import {now}",
        DeprecationWarning,
        stacklevel=2,
    )
    return globals()[now]
