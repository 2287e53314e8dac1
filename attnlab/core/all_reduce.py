"""All-reduce in a ring: processes add up what all of them have, and none of them sends much."""

from __future__ import annotations

from attnlab.core.arrays import Array, Real, real_numbers


def ring_steps(chunks: Real[Array, "process chunk ..."]) -> list[Array]:
    """What each process holds, step by step, until all of them hold the sums of all.

    The processes stand in a ring. What each of P processes has is cut into P chunks, and in step
    s = 0, 1, ... process p sends one of them, chunk (p - s) mod P, to its neighbour p + 1. In the
    first P - 1 steps (**reduce-scatter**) the neighbour adds it to its own; then each process holds
    one chunk whose sum is complete, chunk (p + 1) mod P. In the other P - 1 steps (**all-gather**)
    the neighbour puts it in place of its own. So each sends 2 (P - 1) chunks, or 2 (P - 1) / P of
    what it has, and no algorithm gets by with less.

    Args:
        chunks: (process, chunk, ...), as many chunks as processes, at least 2; what stands behind
            these two axes is one chunk.

    Returns:
        2 (P - 1) + 1 arrays of this shape: before the first step, and after each.

    Raises:
        TypeError: no array, or one of booleans or complex numbers.
        ValueError: fewer than two axes or processes, or not as many chunks, naming both.

    >>> for held in ring_steps(np.array([[1, 2], [10, 20]])):
    ...     print(held.tolist())
    [[1, 2], [10, 20]]
    [[1, 22], [11, 20]]
    [[11, 22], [11, 22]]

    Source: Patarasuk and Yuan 2009, "Bandwidth optimal all-reduce algorithms for clusters of
    workstations", section 4.
    """
    xp = real_numbers(chunks=chunks)
    _check_chunks(chunks)
    count = chunks.shape[0]
    steps = [chunks]
    for step in range(2 * (count - 1)):
        steps.append(_passed_on(xp, steps[-1], step))
    return steps


def _passed_on(xp, held: Array, step: int) -> Array:
    """After one step: every process has got a chunk from its left."""
    count = held.shape[0]
    rows = [list(xp.unstack(process)) for process in xp.unstack(held)]
    now = [list(row) for row in rows]
    for left in range(count):
        right, chunk = (left + 1) % count, (left - step) % count
        got = rows[left][chunk]
        now[right][chunk] = rows[right][chunk] + got if step < count - 1 else got
    return xp.stack([xp.stack(row) for row in now])


def _check_chunks(chunks: Array) -> None:
    shape = tuple(chunks.shape)
    if len(shape) < 2 or shape[0] < 2:
        raise ValueError(
            f"chunks has shape {shape}, and needs (process, chunk, ...) with at least 2 processes: "
            "one alone has nobody to send to"
        )
    if shape[0] != shape[1]:
        raise ValueError(
            f"chunks has {shape[0]} processes and {shape[1]} chunks: cut what each has into "
            f"{shape[0]} chunks, one for each process"
        )
