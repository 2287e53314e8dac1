"""How it is learnt: the loop and its schedule. Nothing here knows a model."""

from attnlab.training.loop import Step, train
from attnlab.training.schedule import warm_up_cosine

__all__ = ["Step", "train", "warm_up_cosine"]
