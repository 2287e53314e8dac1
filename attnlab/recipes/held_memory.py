"""How many bytes a computation holds at once, counted from its tensors and not from the process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class HeldMemory(TorchDispatchMode):
    """Counts, after every operation inside, the bytes of the tensors made there that still live.

    What existed before is not counted, nor what one operation needs for itself while it runs: the
    small blocks of a fused kernel. The same computation gives the same number on every machine.

    >>> with HeldMemory() as memory:
    ...     x = torch.zeros(10)
    ...     y = torch.cat([x, x])
    ...     del x
    >>> memory.most, memory.now()
    (120, 80)
    """

    def __init__(self):
        super().__init__()
        self.most = 0
        self._alive: dict[StorageWeakRef, int] = {}

    def now(self) -> int:
        """The bytes that are held now."""
        self._alive = {ref: size for ref, size in self._alive.items() if not ref.expired()}
        return sum(self._alive.values())

    def __torch_dispatch__(self, func: Callable, types: Any, args=(), kwargs=None):
        del types
        given = {StorageWeakRef(x.untyped_storage()) for x in _tensors((args, kwargs))}
        made = func(*args, **(kwargs or {}))
        for x in _tensors(made):
            ref = StorageWeakRef(x.untyped_storage())
            if ref not in given:  # neither a view of what came in, nor written in place
                self._alive[ref] = x.untyped_storage().nbytes()
        self.most = max(self.most, self.now())
        return made


def most_held(run: Callable[[], object]) -> int:
    """The most bytes that run() holds at once, without a gradient.

    >>> most_held(lambda: torch.zeros(100) + 1)  # the noughts and the ones
    800
    """
    with torch.no_grad(), HeldMemory() as memory:
        run()
    return memory.most


def _tensors(tree: Any) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, Tensor)]
