"""What a notebook shows: live figures, tables, pictures and recorded weights.

Each name is loaded when it is asked for first, so that who shows a heatmap does not wait for
PyTorch, which only those names load that are handed a model.
"""

from importlib import import_module
from typing import Any

_NAMES = {
    "attention_ablation": ["attention_off"],
    "attended_sentences": ["Looking", "Reading"],
    "attention_flow": ["DataFlow", "attention_flow"],
    "card": ["Card", "card"],
    "costs": ["multiplications", "peak_memory"],
    "cross_attention": ["alignment_rates", "looking"],
    "jacobians": ["gradient_back", "influence", "jacobian", "step_jacobians"],
    "plots": ["lines", "pictures", "points"],
    "lecture_size": ["lecture"],
    "recorded_weights": ["recording"],
    "seq2seq_attention": ["alignment_of", "reading"],
    "small_pictures": ["pixel_pictures"],
    "sound": ["Sound", "sound"],
    "tables": ["show"],
    "widgets.attention_bench": ["AttentionBench", "attention_bench"],
    "widgets.attention_graph": ["AttentionGraph", "attention_graph"],
    "widgets.attention_switch": ["AttentionSwitch", "attention_switch"],
    "widgets.beam_tree": ["BeamTree", "beam_tree"],
    "widgets.bet": ["Bet", "BetVerdict", "bet"],
    "widgets.caption_view": ["CaptionerView", "captioner"],
    "widgets.clocks": ["PositionClocks", "position_clocks"],
    "widgets.convolution_heads": ["ConvolutionHeads", "convolution_heads"],
    "widgets.decoder_steps": ["DecoderSteps", "decoder_steps"],
    "widgets.head_wall": ["HeadWall", "head_wall"],
    "widgets.heads_view": ["AttentionHeads", "attention_heads"],
    "widgets.heatmap": ["AttentionHeatmap", "attention_heatmap"],
    "widgets.kernel": ["KernelRegression", "kernel_regression"],
    "widgets.machine": ["Machine", "machine"],
    "widgets.mask_builder": ["MaskBuilder", "mask_builder"],
    "widgets.merges": ["Merges", "merges"],
    "widgets.mixing": ["LayerMixing", "layer_mixing"],
    "widgets.next_token": ["NextToken", "next_token"],
    "widgets.norm_block": ["NormBlock", "norm_block"],
    "widgets.online_softmax": ["OnlineSoftmax", "online_softmax"],
    "widgets.pixels": ["PixelAttention", "pixel_attention"],
    "widgets.quiz": ["Quiz", "quiz"],
    "widgets.relay": ["Relay", "relay"],
    "widgets.ring": ["RingAllReduce", "ring_all_reduce"],
    "widgets.softmax_bench": ["SoftmaxBench", "softmax_bench"],
    "widgets.speech_window": ["SpeechWindow", "speech_window"],
    "widgets.spread": ["ScoreSpread", "score_spread"],
    "widgets.state_matrix": ["StateMatrix", "state_matrix"],
    "widgets.translation_beam": ["TranslationBeam"],
    "widgets.translation_step": ["TranslationStep"],
    "widgets.translator": ["Translator", "translator"],
}
_MODULE_OF = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name == "__all__":
        return sorted(_MODULE_OF)
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{_MODULE_OF[name]}")
    for each in _NAMES[_MODULE_OF[name]]:  # all, or a module of that name would hide one of them
        globals()[each] = getattr(module, each)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted(_MODULE_OF)
