"""What a training is put together from: checked before its first step, each part by its name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from torch import Tensor, nn


def check_parts(model: Any, batches: Any, **functions: Callable | None) -> None:
    """Refuse a model that is none, batches that cannot be drawn, and what cannot be called.

    Raises:
        TypeError: names the argument.
    """
    check_model(model)
    drawn = isinstance(batches, Iterable) or hasattr(batches, "__getitem__")
    if not drawn or isinstance(batches, str | Tensor | type):
        raise TypeError(
            f"batches is a {type(batches).__name__}, and must be a list of tuples, a DataLoader or "
            "a generator: one batch for ever is [(x, y)]"
        )
    for name, function in functions.items():
        if not callable(function) and (function is not None or name != "schedule"):
            raise TypeError(f"{name} is a {type(function).__name__}, and must be a function")


def check_model(model: Any) -> None:
    """Refuse what is no model.

    Raises:
        TypeError: names it.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"model is a {type(model).__name__}, and must be a torch.nn.Module")


def check_kind(optimizer: Any) -> None:
    """Refuse what is no optimiser.

    Raises:
        TypeError: a class or anything else in place of an optimiser.
    """
    if not hasattr(optimizer, "param_groups") or isinstance(optimizer, type):
        raise TypeError(
            f"optimizer is {optimizer!r}, and must be an optimiser of PyTorch, such as "
            "torch.optim.SGD(model.parameters(), 0.1)"
        )


def check_optimizer(optimizer: Any, model: nn.Module) -> None:
    """Refuse what is no optimiser, and one that would leave the model as it is.

    Raises:
        TypeError: a class or anything else in place of an optimiser, or one that takes several
            looks at the loss in a step.
        ValueError: it holds none of the model's parameters.
    """
    check_kind(optimizer)
    closure = inspect.signature(optimizer.step).parameters.get("closure")
    if closure is not None and closure.default is closure.empty:
        raise TypeError(
            f"optimizer is {type(optimizer).__name__}, which asks for the loss several times in a "
            "step, and the loop gives it once: take another, such as torch.optim.SGD"
        )
    own = set(map(id, model.parameters()))
    if not any(id(p) in own for group in optimizer.param_groups for p in group["params"]):
        raise ValueError(
            "optimizer holds none of the model's parameters: make it over model.parameters()"
        )


def check_batch(batch: Any) -> None:
    """Refuse a batch that would be taken apart otherwise than it is meant.

    Raises:
        TypeError: it is no tuple or list.
    """
    if not isinstance(batch, tuple | list):
        raise TypeError(
            f"batches gives a {type(batch).__name__}, and each batch must be a tuple of what the "
            "loss takes: write (x,) for a single x"
        )


def check_loss(value: Any) -> None:
    """Refuse a loss that cannot be followed downhill.

    Raises:
        TypeError: it is no tensor, or of complex numbers.
        ValueError: it is no single number, or has no gradient.
    """
    if not isinstance(value, Tensor):
        raise TypeError(
            f"the loss is a {type(value).__name__}, and must be a tensor with a gradient: leave "
            "out .item(), and reckon with torch alone"
        )
    if value.is_complex():
        raise TypeError(f"the loss holds {value.dtype}, and must be real: take loss.abs()")
    if value.ndim > 0:
        raise ValueError(f"the loss has shape {tuple(value.shape)}, not (): take loss.mean()")
    if not value.requires_grad:
        raise ValueError(
            "the loss has no gradient: leave out detach and torch.no_grad, and let it depend on "
            "the model's parameters"
        )


def unwrapped(model: nn.Module) -> nn.Module:
    """The model itself, of one that `torch.compile` or a data-parallel class has wrapped."""
    while (inside := _inside(model)) is not None:
        model = inside
    return model


def _inside(model: nn.Module) -> nn.Module | None:
    if isinstance(model, nn.DataParallel | nn.parallel.DistributedDataParallel):
        return model.module
    found = getattr(model, "_orig_mod", None)
    return found if isinstance(found, nn.Module) else None
