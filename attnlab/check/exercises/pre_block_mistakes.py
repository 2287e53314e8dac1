"""Chapter 9: wrong ways to put norms and ways round into a block."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attnlab.check.exercise import Mistake
from attnlab.check.wording import few, said

Sublayer = Callable[[Any], Any]


def pre(x: Any, sublayer: Sublayer, norm: Sublayer) -> Any:
    """x, and what the sublayer makes of its norm."""
    return x + sublayer(norm(x))


def _post(x: Any, sublayer: Sublayer, norm: Sublayer) -> Any:
    return norm(x + sublayer(x))


def _no_way_round(x: Any, sublayer: Sublayer, norm: Sublayer) -> Any:
    return sublayer(norm(x))


def _no_norm(x: Any, sublayer: Sublayer, _: Sublayer) -> Any:
    return x + sublayer(x)


def _normed_way_round(x: Any, sublayer: Sublayer, norm: Sublayer) -> Any:
    return norm(x) + sublayer(norm(x))


def _sublayer_normed(x: Any, sublayer: Sublayer, norm: Sublayer) -> Any:
    return x + norm(sublayer(x))


def _both(x: Any, sublayer: Sublayer, norm: Sublayer) -> Any:
    return norm(x + sublayer(norm(x)))


def _two(first: Callable[..., Any], second: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """A block whose two sublayers have this around them."""

    def block(x: Any, attend: Sublayer, feed_forward: Sublayer, norms: Any) -> Any:
        x = first(x, attend, norms[0])
        return (second or first)(x, feed_forward, norms[1])

    return block


right = _two(pre)


def _beside(x: Any, attend: Sublayer, feed_forward: Sublayer, norms: Any) -> Any:
    return x + attend(norms[0](x)) + feed_forward(norms[1](x))


def _norm_on_the_way_round(x: Any, sublayer: Sublayer, norm: Sublayer) -> Any:
    return norm(x) + sublayer(x)


def _one_way_round(x: Any, attend: Sublayer, feed_forward: Sublayer, norms: Any) -> Any:
    return x + feed_forward(norms[1](attend(norms[0](x))))


def _collected_only(x: Any, attend: Sublayer, feed_forward: Sublayer, norms: Any) -> Any:
    collected = attend(norms[0](x))
    return x + collected + feed_forward(norms[1](collected))


def _one_norm_of_x(x: Any, attend: Sublayer, feed_forward: Sublayer, norms: Any) -> Any:
    normed = norms[0](x)
    return x + attend(normed) + feed_forward(normed)


def _norms_called(x: Any, attend: Sublayer, _: Sublayer, norms: Any) -> Any:
    return x + attend(norms(x))


def _old_way_round(x: Any, attend: Sublayer, feed_forward: Sublayer, norms: Any) -> Any:
    return x + feed_forward(norms[1](pre(x, attend, norms[0])))


MISTAKES = (
    Mistake(
        "post-norm",
        _two(_post),
        "You add, then normalise: that is post-norm, the order of 2017. Pre-norm normalises what "
        "goes into the sublayer, and nothing behind it.",
    ),
    Mistake(
        "no norm",
        _two(_no_norm),
        "Neither norm is used: twice x, you hand to the sublayers what should be normalised first.",
    ),
    Mistake(
        "no way round",
        _two(_no_way_round),
        "You return what the sublayers say, and nothing of x is kept. Each needs a way round it: "
        "its input is added to its output.",
    ),
    Mistake(
        "way round behind the norm",
        _two(_normed_way_round),
        "What you add to each sublayer's output has been normalised. In pre-norm the way round "
        "carries x untouched: keep x, and give the normalised copy another name.",
    ),
    Mistake(
        "norm behind the sublayer",
        _two(_sublayer_normed),
        "You normalise what the sublayer says, then add. The norm belongs before the sublayer.",
    ),
    Mistake(
        "a norm before and after",
        _two(_both),
        "You normalise before the sublayer, and once more after adding. A pre-norm block has "
        "nothing behind the sum.",
    ),
    Mistake(
        "one last norm",
        lambda x, attend, feed_forward, norms: norms[1](right(x, attend, feed_forward, norms)),
        "The block is right, but you normalise what leaves it. The one last norm stands at the end "
        "of a whole stack, not of each block.",
    ),
    Mistake(
        "second sublayer in post-norm",
        _two(pre, _post),
        "Attention has its norm before it, the feed-forward layer after it: do the second as the "
        "first.",
    ),
    Mistake(
        "first sublayer in post-norm",
        _two(_post, pre),
        "The feed-forward layer has its norm before it, attention after it: do the first as the "
        "second.",
    ),
    Mistake(
        "second way round forgotten",
        _two(pre, _no_way_round),
        "Around attention there is a way; around the feed-forward layer none. Add its input to its "
        "output, too.",
    ),
    Mistake(
        "first way round forgotten",
        _two(_no_way_round, pre),
        "Around the feed-forward layer there is a way; around attention none. Add x to what "
        "attention collects.",
    ),
    Mistake(
        "second norm forgotten",
        _two(pre, _no_norm),
        "The second norm is not used: the feed-forward layer reads the bare sum.",
    ),
    Mistake(
        "first norm forgotten",
        _two(_no_norm, pre),
        "The first norm is not used: attention reads the bare x.",
    ),
    Mistake(
        "both read x",
        _beside,
        "Your feed-forward layer reads the old x, and nothing of what attention collected. Hand it "
        "the sum of the first sublayer.",
    ),
    Mistake(
        "old x added twice",
        _old_way_round,
        "Round the feed-forward layer you carry the old x: what attention collected is lost on "
        "the way. Add the sum of the first sublayer.",
    ),
    Mistake(
        "one norm for both",
        lambda x, attend, feed_forward, norms: right(x, attend, feed_forward, (norms[0], norms[0])),
        "You use the first norm twice. Each sublayer has one of its own, with a gain and a bias of "
        "its own.",
    ),
    Mistake(
        "norms swapped",
        lambda x, attend, feed_forward, norms: right(x, attend, feed_forward, norms[::-1]),
        "The second norm goes to attention, the first to the feed-forward layer: swap them.",
    ),
    Mistake(
        "feed-forward first",
        lambda x, attend, feed_forward, norms: right(x, feed_forward, attend, norms),
        "Your feed-forward layer comes first, then attention. Collect first, then digest.",
    ),
    Mistake(
        "attention only",
        lambda x, attend, feed_forward, norms: pre(x, attend, norms[0]),
        lambda seen: (
            f"You stop after attention, at {few(seen.got[0])} for the first word. The feed-forward "
            "layer is the second half of the block."
        ),
    ),
    Mistake(
        "what is added alone",
        lambda x, attend, feed_forward, norms: right(x, attend, feed_forward, norms) - x,
        lambda seen: (
            f"Your first word lacks {said(seen.x[0])}, the old x: you return what the block adds "
            "to it."
        ),
    ),
    Mistake(
        "norm on the way round",
        _two(_norm_on_the_way_round),
        "Your norms stand on the way round, and the sublayers read bare numbers. It is the other way "
        "about: the sublayer reads the norm, the way round carries x.",
    ),
    Mistake(
        "second way round behind the norm",
        _two(pre, _normed_way_round),
        "The first sublayer is right. Round the second you carry what has been normalised: carry the "
        "bare sum of the first.",
    ),
    Mistake(
        "one way round for both",
        _one_way_round,
        "You lead one way round both sublayers together. Each has one of its own, so add twice.",
    ),
    Mistake(
        "collected only",
        _collected_only,
        "Your feed-forward layer reads what attention collected, and nothing of x. Hand it the sum of "
        "both.",
    ),
    Mistake(
        "one normed x for both",
        _one_norm_of_x,
        "Both sublayers read the same normalised x. The second reads the sum of the first, through the "
        "second norm.",
    ),
    Mistake(
        "norms called",
        _norms_called,
        "norms is a pair of two functions, and no function itself: norms[0] belongs to attention, "
        "norms[1] to the feed-forward layer.",
    ),
)
