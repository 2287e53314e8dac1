"""What a notebook shows: live figures, tables and pictures."""

from attnlab.lab.figures import lines, pictures
from attnlab.lab.tables import show
from attnlab.lab.widgets.heatmap import AttentionHeatmap, attention_heatmap

__all__ = ["AttentionHeatmap", "attention_heatmap", "lines", "pictures", "show"]
