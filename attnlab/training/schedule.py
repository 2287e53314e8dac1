"""The schedule: how large a step may be, from the first to the last."""

from __future__ import annotations

import math

from attnlab.training.arguments import real, whole


def warm_up_cosine(step: int, steps: int, warm_up: int = 50, last: float = 0.05) -> float:
    """The share of the full learning rate that a step takes: up a ramp, then down half a wave.

        step / warm_up                                      while step < warm_up
        last + (1 - last) (1 + cos(pi part)) / 2              after it,
        part = (step - warm_up) / (steps - warm_up)

    Args:
        step: which step, from 1 to steps.
        steps: how many steps there are in all.
        warm_up: at which step the full rate is reached.
        last: the share that the last step takes.

    Raises:
        ValueError: step is not from 1 to steps.

    >>> [round(warm_up_cosine(n, steps=6, warm_up=2), 2) for n in range(1, 7)]
    [0.5, 1.0, 0.86, 0.53, 0.19, 0.05]

    Source: Loshchilov and Hutter 2017, "SGDR", eq. 5, without restarts; Vaswani et al. 2017,
    section 5.3, for the ramp.
    """
    whole("warm_up", warm_up, 0, "0 is the full rate from the first step")
    real("last", last, 0.0, 1.0)
    if not 1 <= real("step", step, -math.inf) <= real("steps", steps, -math.inf):
        raise ValueError(f"step is {step}, and must be from 1 to steps, which is {steps}")
    if step < warm_up:
        return step / warm_up
    part = (step - warm_up) / max(1, steps - warm_up)
    return last + (1.0 - last) * (1.0 + math.cos(math.pi * part)) / 2.0


def warm_up_root(step: int, warm_up: int = 4000) -> float:
    """The share of the full rate in the paper's schedule: up a ramp, then down with the root.

        min(step / warm_up, sqrt(warm_up / step))

    It needs no end. With the full rate (d_model warm_up)^-0.5 it is the paper's equation:
    lr = d_model^-0.5 min(step^-0.5, step warm_up^-1.5).

        train(..., lr=(d_model * 4000) ** -0.5, schedule=warm_up_root)

    Args:
        step: which step, from 1.
        warm_up: at which step the full rate is reached.

    Raises:
        ValueError: step or warm_up is below 1.

    >>> [round(warm_up_root(n, warm_up=4), 2) for n in (1, 2, 4, 16, 64)]
    [0.25, 0.5, 1.0, 0.5, 0.25]

    Source: Vaswani et al. 2017, "Attention Is All You Need", eq. 3.
    """
    for name, value in {"step": step, "warm_up": warm_up}.items():
        if not real(name, value, -math.inf) >= 1:
            raise ValueError(f"{name} is {value}, and must be at least 1: steps count from 1")
    return min(step / warm_up, math.sqrt(warm_up / step))
