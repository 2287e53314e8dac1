"""Checkpoints: where a training stands, saved whole or not at all, and loaded bit for bit."""

from attnlab.training.checkpoints.checkpoint import (
    Checkpoint,
    load_checkpoint,
    newest_checkpoint,
    save_checkpoint,
)

__all__ = ["Checkpoint", "load_checkpoint", "newest_checkpoint", "save_checkpoint"]
