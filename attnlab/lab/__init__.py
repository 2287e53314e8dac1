"""What a notebook shows: live figures, tables, pictures and recorded weights."""

from attnlab.lab.figures import lines, pictures
from attnlab.lab.jacobians import influence, jacobian
from attnlab.lab.lecture import lecture
from attnlab.lab.looking import Looking, alignment_rates, looking
from attnlab.lab.reading import Reading, alignment_of, reading
from attnlab.lab.recording import recording
from attnlab.lab.tables import show
from attnlab.lab.widgets.beam_tree import BeamTree, beam_tree
from attnlab.lab.widgets.clocks import PositionClocks, position_clocks
from attnlab.lab.widgets.decoder_steps import DecoderSteps, decoder_steps
from attnlab.lab.widgets.heads_view import AttentionHeads, attention_heads
from attnlab.lab.widgets.heatmap import AttentionHeatmap, attention_heatmap
from attnlab.lab.widgets.kernel import KernelRegression, kernel_regression
from attnlab.lab.widgets.mask_builder import MaskBuilder, mask_builder
from attnlab.lab.widgets.mixing import LayerMixing, layer_mixing
from attnlab.lab.widgets.next_token import NextToken, next_token
from attnlab.lab.widgets.norm_block import NormBlock, norm_block
from attnlab.lab.widgets.quiz import Quiz, quiz
from attnlab.lab.widgets.spread import ScoreSpread, score_spread
from attnlab.lab.widgets.translator import Translator, translator

__all__ = [
    "AttentionHeads",
    "AttentionHeatmap",
    "BeamTree",
    "DecoderSteps",
    "KernelRegression",
    "LayerMixing",
    "Looking",
    "MaskBuilder",
    "NextToken",
    "NormBlock",
    "PositionClocks",
    "Quiz",
    "Reading",
    "ScoreSpread",
    "Translator",
    "alignment_of",
    "alignment_rates",
    "attention_heads",
    "attention_heatmap",
    "beam_tree",
    "decoder_steps",
    "influence",
    "jacobian",
    "kernel_regression",
    "layer_mixing",
    "lecture",
    "lines",
    "looking",
    "mask_builder",
    "next_token",
    "norm_block",
    "pictures",
    "position_clocks",
    "quiz",
    "reading",
    "recording",
    "score_spread",
    "show",
    "translator",
]
