"""What a notebook shows: live figures, tables, pictures and recorded weights."""

from attnlab.lab.figures import lines, pictures
from attnlab.lab.recording import recording
from attnlab.lab.tables import show
from attnlab.lab.widgets.clocks import PositionClocks, position_clocks
from attnlab.lab.widgets.heatmap import AttentionHeatmap, attention_heatmap
from attnlab.lab.widgets.mask_builder import MaskBuilder, mask_builder
from attnlab.lab.widgets.norm_block import NormBlock, norm_block

__all__ = [
    "AttentionHeatmap",
    "MaskBuilder",
    "NormBlock",
    "PositionClocks",
    "attention_heatmap",
    "lines",
    "mask_builder",
    "norm_block",
    "pictures",
    "position_clocks",
    "recording",
    "show",
]
