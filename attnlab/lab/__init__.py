"""What a notebook shows: live figures, tables and pictures."""

from attnlab.lab.stills import pictures
from attnlab.lab.tables import show
from attnlab.lab.widgets.heatmap import AttentionHeatmap, attention_heatmap

__all__ = ["AttentionHeatmap", "attention_heatmap", "pictures", "show"]
