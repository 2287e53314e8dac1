"""How it is learnt, and what was learnt: the loop, losses, measures and decoding.

Nothing here knows a model.
"""

from attnlab.training.arguments import renamed
from attnlab.training.beam import Beams, beam_search, beams
from attnlab.training.bleu import corpus_bleu
from attnlab.training.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from attnlab.training.decoding import greedy, sample
from attnlab.training.loop import Step, adamw, train
from attnlab.training.losses import gradient_norm, label_smoothed_cross_entropy
from attnlab.training.masked_tokens import IGNORED, mask_tokens, masked_loss
from attnlab.training.metrics import aligned, alignment_error, exact_match
from attnlab.training.next_tokens import next_token_loss
from attnlab.training.progress import progress
from attnlab.training.sampling import sampling_weights
from attnlab.training.schedule import warm_up_cosine, warm_up_root

# The old names of these keywords are taken for one version.
adamw = renamed(rate="lr")(adamw)
train = renamed(rate="lr", optimiser="optimizer")(train)
save_checkpoint = renamed(optimiser="optimizer")(save_checkpoint)
load_checkpoint = renamed(optimiser="optimizer")(load_checkpoint)

__all__ = [
    "IGNORED",
    "Beams",
    "Checkpoint",
    "Step",
    "adamw",
    "aligned",
    "alignment_error",
    "beam_search",
    "beams",
    "corpus_bleu",
    "exact_match",
    "gradient_norm",
    "greedy",
    "label_smoothed_cross_entropy",
    "load_checkpoint",
    "mask_tokens",
    "masked_loss",
    "next_token_loss",
    "progress",
    "sample",
    "sampling_weights",
    "save_checkpoint",
    "train",
    "warm_up_cosine",
    "warm_up_root",
]
