"""Weights: what a model has learnt, each tensor once, and into a model again."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

_PARALLEL = "module."


def weights_of(model: nn.Module) -> tuple[dict[str, Tensor], dict[str, str]]:
    """All weights and buffers of a model; those that are one under several names, once.

    Returns:
        The tensors by name, as copies; and for each further name the first one.

    >>> model = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
    >>> model[1].weight = model[0].weight
    >>> tensors, same = weights_of(model)
    >>> list(tensors), same
    (['0.weight'], {'1.weight': '0.weight'})
    """
    tensors, same, first = {}, {}, {}
    for name, weight in _state(model).items():
        place = weight.untyped_storage().data_ptr(), weight.storage_offset(), weight.shape
        original = first.setdefault((*place, weight.stride()), name) if weight.numel() else name
        if original == name:
            tensors[name] = weight.clone(memory_format=torch.contiguous_format)
        else:
            same[name] = original
    return tensors, same


def check_weights(
    model: nn.Module, tensors: Mapping[str, Tensor], same: Mapping[str, str], source: str
) -> None:
    """Refuse tensors that are not those of such a model.

    Args:
        model: what they are for.
        tensors, same: as `weights_of` gives them.
        source: where they are from, for the error.

    Raises:
        ValueError: names the first that is missing, too many, tied otherwise or another in
            shape or dtype.
    """
    wanted, tied = weights_of(model)
    for name in (*wanted, *tied):
        if name not in tensors and name not in same:
            raise ValueError(
                f"{source} lacks {name}, which the model has: it is from another model"
                f"{_wrapped(name, tensors)}"
            )
    for name in (*tensors, *same):
        if name not in wanted and name not in tied:
            raise ValueError(
                f"{source} holds {name}, which the model lacks: it is from another model"
            )
    for name in (*wanted, *tied):
        if tied.get(name) != same.get(name):
            raise ValueError(
                f"{name} is {_one_with(tied.get(name))} in the model, and "
                f"{_one_with(same.get(name))} in {source}: share the same weights in both"
            )
    for name, weight in wanted.items():
        found = tensors[name]
        if (found.shape, found.dtype) != (weight.shape, weight.dtype):
            raise ValueError(
                f"{name} is {_described(weight)} in the model, and {_described(found)} in "
                f"{source}: make the model with the numbers that it was trained with"
            )


def restore_weights(
    model: nn.Module, tensors: Mapping[str, Tensor], same: Mapping[str, str]
) -> None:
    """Put tensors into a model; see `check_weights` for whether they are its own."""
    whole = {**tensors, **{name: tensors[first] for name, first in same.items()}}
    model.load_state_dict({name: whole[_bare(name)] for name in model.state_dict()})


def without_wrappers(
    model: nn.Module, tensors: Mapping[str, Tensor], same: Mapping[str, str]
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The saved names without what `torch.compile` and data-parallel classes put before them.

    Args:
        model: what they are for.
        tensors, same: as they were saved.

    >>> tensors, _ = without_wrappers(nn.Linear(1, 1), {"_orig_mod.weight": torch.ones(1)}, {})
    >>> list(tensors)
    ['weight']
    """
    own = {_bare(name).partition(".")[0] for name in model.state_dict()}
    names = [_bare(name) for name in (*tensors, *same)]
    parallel = "module" not in own and all(name.startswith(_PARALLEL) for name in names)
    start = _PARALLEL if parallel else ""

    def bare(name: str) -> str:
        return _bare(name).removeprefix(start)

    return (
        {bare(name): tensor for name, tensor in tensors.items()},
        {bare(name): bare(first) for name, first in same.items()},
    )


def _state(model: nn.Module) -> dict[str, Tensor]:
    return {_bare(name): weight for name, weight in model.state_dict().items()}


def _bare(name: str) -> str:
    """The name of a weight as it is in a model, no part of which is compiled."""
    return ".".join(part for part in name.split(".") if part != "_orig_mod")


def _wrapped(name: str, tensors: Mapping[str, Tensor]) -> str:
    wrapper = next((found for found in tensors if found.endswith(f".{name}")), None)
    outside, _, inside = name.partition(".")
    if inside in tensors:
        return f", or of the one in this wrapper: load it into model.{outside} in its place"
    if wrapper is None:
        return ""
    start = wrapper.removesuffix(f".{name}")
    return f", or this one in a wrapper that calls it {start!r}: save wrapper.{start} in its place"


def _one_with(name: str | None) -> str:
    return f"one with {name}" if name else "a weight of its own"


def _described(weight: Tensor) -> str:
    return f"{tuple(weight.shape)} of {str(weight.dtype).removeprefix('torch.')}"
