"""The families of published models that our layers can be: what each has of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from attnlab.nn.bert import Bert, BertConfig
from attnlab.nn.config import LanguageConfig
from attnlab.nn.config_checks import check_epsilon
from attnlab.nn.gelu_feed_forward import Activation, hand_in
from attnlab.nn.language import LanguageModel
from attnlab.nn.published_names import Place, bert_place, gpt2_place, roberta_place

Settings = Mapping[str, Any]

_ACTIVATIONS: dict[str, Activation] = {
    "gelu": "gelu",
    "gelu_new": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "relu": "relu",
}
_OTHER_MODELS = {"is_decoder": False, "add_cross_attention": False, "quantization_config": None}
"""What a config may say of a model that is not ours, and what it must say, if anything."""

_BERT_ONLY = _OTHER_MODELS | {"position_embedding_type": "absolute", "embedding_size": None}
_GPT2_ONLY = _OTHER_MODELS | {
    "scale_attn_weights": True,
    "scale_attn_by_inverse_layer_idx": False,
    "reorder_and_upcast_attn": False,
}


@dataclass(frozen=True, kw_only=True)
class Family:
    """What one kind of published model has of its own.

    Args:
        prefix: what a file may put before all names.
        build: the config -> our model, with first parameters.
        place: the name of a parameter in our model -> where the file keeps it.
        sizes: a name in the config -> the tensor and its axis that must be so long.
        layers: how the names of a layer begin, and the name in the config of how many there are.
        heads: how names begin that no model here has a use for: heads and stored masks.
    """

    prefix: str
    build: Callable[[Settings], nn.Module]
    place: Callable[[str], Place]
    sizes: dict[str, tuple[str, int]]
    layers: tuple[str, str]
    heads: str


def _refuse_others(config: Settings, wanted: Settings) -> None:
    for name, value in wanted.items():
        if config.get(name, value) != value:
            raise ValueError(
                f"{name} is {config[name]!r}, and our layers know {value!r} alone: take a model "
                "without it"
            )


def _activation(config: Settings, name: str) -> Activation:
    found = config.get(name)
    if found not in _ACTIVATIONS:
        raise ValueError(f"{name} is {found!r}, and must be one of {', '.join(_ACTIVATIONS)}")
    return _ACTIVATIONS[found]


def _bert(config: Settings) -> Bert:
    _refuse_others(config, _BERT_ONLY)
    return _encoder(config, config["max_position_embeddings"])


def _roberta(config: Settings) -> Bert:
    """RoBERTa counts positions from 2, so that the first two rows of its table are never used."""
    _refuse_others(config, _BERT_ONLY | {"pad_token_id": 1})
    return _encoder(config, config["max_position_embeddings"] - 2)


def _encoder(config: Settings, length: int) -> Bert:
    return Bert(
        BertConfig(
            vocabulary=config["vocab_size"],
            d_model=config["hidden_size"],
            heads=config["num_attention_heads"],
            layers=config["num_hidden_layers"],
            d_ff=config["intermediate_size"],
            length=length,
            dropout=config.get("hidden_dropout_prob", 0.1),
            sentences=config.get("type_vocab_size", 2),
            activation=_activation(config, "hidden_act"),
            epsilon=config.get("layer_norm_eps", 1e-12),
        )
    )


def _gpt2(config: Settings) -> LanguageModel:
    _refuse_others(config, _GPT2_ONLY)
    model = LanguageModel(
        LanguageConfig(
            vocabulary=config["vocab_size"],
            d_model=config["n_embd"],
            heads=config["n_head"],
            layers=config["n_layer"],
            d_ff=config.get("n_inner") or 4 * config["n_embd"],
            length=config["n_positions"],
            dropout=config.get("resid_pdrop", 0.1),
            share_embeddings=config.get("tie_word_embeddings", True),
        )
    )
    epsilon = config.get("layer_norm_epsilon", 1e-5)
    check_epsilon(epsilon)
    hand_in(model.decoder.layers, _activation(config, "activation_function"), epsilon)
    model.decoder.norm.eps = epsilon
    model.decoder.embedding.scale = 1.0
    return model


_BERT_SIZES = {
    "vocab_size": ("embeddings.word_embeddings.weight", 0),
    "hidden_size": ("embeddings.word_embeddings.weight", 1),
    "max_position_embeddings": ("embeddings.position_embeddings.weight", 0),
    "type_vocab_size": ("embeddings.token_type_embeddings.weight", 0),
    "intermediate_size": ("encoder.layer.0.intermediate.dense.weight", 0),
}
_BERT_HEADS = (
    r"(pooler|cls|classifier|qa_outputs|lm_head)\.|embeddings\.(position_ids|token_type_ids)$"
)

FAMILIES = {
    "bert": Family(
        prefix="bert.",
        build=_bert,
        place=bert_place,
        sizes=_BERT_SIZES,
        layers=(r"encoder\.layer", "num_hidden_layers"),
        heads=_BERT_HEADS,
    ),
    "roberta": Family(
        prefix="roberta.",
        build=_roberta,
        place=roberta_place,
        sizes=_BERT_SIZES,
        layers=(r"encoder\.layer", "num_hidden_layers"),
        heads=_BERT_HEADS,
    ),
    "gpt2": Family(
        prefix="transformer.",
        build=_gpt2,
        place=gpt2_place,
        sizes={
            "vocab_size": ("wte.weight", 0),
            "n_embd": ("wte.weight", 1),
            "n_positions": ("wpe.weight", 0),
            "n_inner": ("h.0.mlp.c_fc.weight", 1),
        },
        layers=("h", "n_layer"),
        heads=r"h\.\d+\.attn\.(bias|masked_bias)$|(score|multiple_choice_head)\.",
    ),
}
"""By the `model_type` of a config."""
