"""How it is learnt, and what was learnt: the loop, losses, measures and decoding.

Nothing here knows a model.
"""

from attnlab.training.beam import beam_search
from attnlab.training.decoding import greedy, sample
from attnlab.training.early_stop import EarlyStop
from attnlab.training.loop import Step, train
from attnlab.training.losses import gradient_norm, label_smoothed_cross_entropy
from attnlab.training.metrics import alignment_error, exact_match
from attnlab.training.progress import progress
from attnlab.training.sampling import sampling_weights
from attnlab.training.schedule import warm_up_cosine, warm_up_root

__all__ = [
    "EarlyStop",
    "Step",
    "alignment_error",
    "beam_search",
    "exact_match",
    "gradient_norm",
    "greedy",
    "label_smoothed_cross_entropy",
    "progress",
    "sample",
    "sampling_weights",
    "train",
    "warm_up_cosine",
    "warm_up_root",
]
