"""How many bytes a training needs for its state: parameters, gradients and the optimiser's."""

from __future__ import annotations

from collections.abc import Collection

from attnlab.training.arguments import whole

PARTS = {"parameters": 4, "gradients": 4, "optimizer": 8}
"""Bytes for each parameter in float32 with Adam, which keeps two running means of it."""

MIXED = {"parameters": 2, "gradients": 2, "optimizer": 12}
"""The same in mixed precision: 16-bit numbers, and a float32 copy beside the two means."""


def training_memory(
    parameters: int,
    processes: int = 1,
    sharded: Collection[str] = (),
    bytes_of: dict[str, int] = PARTS,
) -> dict[str, float]:
    """Bytes in each process for what stays from step to step, activations apart.

        bytes of a part = parameters * its bytes / (P if it is sharded, else 1)

    Args:
        parameters: how many the model has.
        processes: how many share the work, P.
        sharded: which parts are cut among them: none is data parallel as DDP does it;
            "optimizer" alone is ZeRO's stage 1, with "gradients" stage 2, with "parameters" too
            stage 3, which is FSDP.
        bytes_of: each parameter's bytes in each part.

    Raises:
        ValueError: a part that there is not, or a count below 1.

    >>> training_memory(1_000_000)["total"]
    16000000.0
    >>> training_memory(1_000_000, 4, PARTS)["total"]
    4000000.0

    Source: Rajbhandari et al. 2020, "ZeRO", section 3.1 and figure 1.
    """
    whole("parameters", parameters, 1)
    whole("processes", processes, 1)
    if wrong := set(sharded) - set(bytes_of):
        raise ValueError(f"sharded holds {min(wrong)!r}, and may hold {', '.join(bytes_of)}")
    found = {
        part: parameters * size / (processes if part in sharded else 1)
        for part, size in bytes_of.items()
    }
    return found | {"total": sum(found.values())}
