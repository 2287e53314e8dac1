"""Recording: the attention weights of a whole model, seen while it works, without changing it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any

import torch
from torch import Tensor, nn
from torch.backends import mha

from attnlab.training.evaluation import without_dropout


@contextmanager
def recording(model: nn.Module) -> Iterator[dict[str, Tensor]]:
    """Collect the weights of every attention inside the model, for the length of the block.

        with recording(model) as weights:
            model(x)
        weights["encoder.0.attention"]  # (batch, heads, query, key)

    Recorded is every module that holds an `attend`, as MultiHeadAttention does, and every
    nn.MultiheadAttention of PyTorch. Weights are those before dropout, without gradient. With
    what weights an `attend` adds up its values is seen by handing it the rows of an identity
    matrix as values; so the values must enter by nothing but this sum.

    Args:
        model: any module of PyTorch, in training or in evaluation mode.

    Yields:
        The weights by the name of their module, in order of use; the model itself goes by the
        name of its class. If a module is called again, its last call stands; but calls with the
        very same keys are steps, as those of a recurrent decoder, and their rows are put together.

    Raises:
        TypeError: model is no module of PyTorch.
        ValueError: there is no attention in it.

    >>> layer = MultiHeadAttention(d_model=6, heads=2)
    >>> with recording(layer) as weights:
    ...     output = layer(torch.ones(1, 3, 6))
    >>> weights["MultiHeadAttention"].shape
    torch.Size([1, 2, 3, 3])
    """
    weights: dict[str, Tensor] = {}
    with ExitStack() as until_the_end:
        until_the_end.enter_context(_slow_path())
        for name, module in _attentions(model):
            attend = _held_attend(module)
            if attend is not None:
                watched = _watched_attend(attend, weights, name)
                until_the_end.enter_context(replaced(module, "attend", watched))
            else:
                watched = _watched_forward(module, weights, name)
                until_the_end.enter_context(replaced(module, "forward", watched))
        yield weights


def _attentions(model: nn.Module) -> list[tuple[str, nn.Module]]:

    if not isinstance(model, nn.Module):
        raise TypeError(f"model is a {type(model).__name__}, and must be a torch.nn.Module")
    found = [
        (name or type(model).__name__, module)
        for name, module in model.named_modules()
        if _held_attend(module) is not None or isinstance(module, nn.MultiheadAttention)
    ]
    if not found:
        raise ValueError(
            f"there is no attention in this {type(model).__name__}: recorded are modules that "
            "hold an attend, such as MultiHeadAttention, and nn.MultiheadAttention"
        )
    return found


def _held_attend(module: nn.Module) -> Callable | None:
    """What this object itself holds, if anything; not what its class has, as PositionEncoding."""
    held = {**dict(module.named_children()), **vars(module)}.get("attend")
    return held if callable(held) else None


def _watched_attend(attend: Callable, weights: dict[str, Tensor], name: str) -> Callable:
    """The same attend, which also notes with what weights it adds up the values."""

    # An attend may be the method of an encoding with dropout, or a module itself.
    owner = inspect.unwrap(attend)
    owner = getattr(owner, "__self__", owner)
    last_query = last_key = None

    @wraps(attend, assigned=(), updated=())
    def watched(query, key, value, mask=None, *rest, **more):
        output = attend(query, key, value, mask, *rest, **more)
        keys = value.shape[-2]
        rows = torch.eye(keys, dtype=value.dtype, device=value.device)
        rows = rows.expand(*value.shape[:-2], keys, keys)
        with without_dropout(owner):
            seen = attend(query, key, rows, mask, *rest, **more)
        seen = seen if seen.ndim > 3 else seen[..., None, :, :]
        nonlocal last_query, last_key
        if key is last_key and name in weights:  # a step; the same query again only looks once more
            rows_before = weights[name].shape[-2] - (seen.shape[-2] if query is last_query else 0)
            seen = torch.cat([weights[name][..., :rows_before, :], seen], dim=-2)
        weights[name], last_query, last_key = seen, query, key
        return output

    return watched


def _watched_forward(module: nn.Module, weights: dict[str, Tensor], name: str) -> Callable:
    """The forward of PyTorch's layer, which also notes its weights, head by head."""

    forward = module.forward
    signature = inspect.signature(type(module).forward)

    def watched(*given, **named):
        output = forward(*given, **named)
        asked = signature.bind(module, *given, **named).arguments
        asked |= {"need_weights": True, "average_attn_weights": False}
        with without_dropout(module):
            seen = type(module).forward(**asked)[1]
        # A query that may attend to nothing: NaN where weights are asked for, else zeros.
        fine = output[0].isfinite().all(-1)
        fine = fine.T if fine.ndim > 1 and not module.batch_first else fine
        seen = torch.where(fine[..., None, :, None], seen.nan_to_num(0.0), seen)
        weights[name] = seen if seen.ndim > 3 else seen[None]
        return output

    return watched


@contextmanager
def replaced(module: nn.Module, attribute: str, other: Any) -> Iterator[None]:
    """Put another attribute into the object itself, past what a Module does when one is set."""
    own = vars(module)
    before = {attribute: own[attribute]} if attribute in own else {}
    own[attribute] = other
    try:
        yield
    finally:
        del own[attribute]
        own.update(before)


@contextmanager
def _slow_path() -> Iterator[None]:
    """PyTorch's encoder layers call their attention; on their fast path they would pass it by."""

    before = mha.get_fastpath_enabled()
    mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        mha.set_fastpath_enabled(before)
