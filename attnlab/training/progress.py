"""Progress: how far a training is, while it runs, on a terminal or in a notebook."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from time import monotonic

from attnlab.training.arguments import whole
from attnlab.training.loop import Step

_PAUSE = 0.2  # seconds between two updates in a notebook: a browser draws them all


def progress(steps: Iterable[Step], total: int) -> Iterator[Step]:
    """Hand on the steps as they are, and show how far they are.

        for step in progress(train(model, batches, loss, steps=200), total=200):
            losses.append(step.loss)

    On a terminal this is a bar of tqdm; in a notebook a single line that is updated in place,
    and in the end holds nothing that changes from run to run; elsewhere nothing is written.

    Args:
        steps: from `train`.
        total: the number of the last step.

    Raises:
        ValueError: total is below 1.

    >>> from attnlab.training.loop import Step
    >>> [step.number for step in progress([Step(number=1, loss=0.5, lr=0.1)], total=1)]
    [1]
    """
    total = whole("total", total, 1, "the number of the last step")
    if _in_a_notebook():
        return _on_a_line(steps, total)
    if sys.stderr is not None and sys.stderr.isatty():
        return _on_a_bar(steps, total)
    return iter(steps)


def _in_a_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    return getattr(ipython and ipython.get_ipython(), "kernel", None) is not None


def _on_a_bar(steps: Iterable[Step], total: int) -> Iterator[Step]:
    from tqdm import tqdm

    with tqdm(total=total, unit="step") as bar:
        for step in steps:
            if bar.n == 0:  # of a run that goes on, the steps before are not of today
                bar.initial = bar.n = step.number - 1
            bar.set_postfix_str(_figures(step), refresh=False)
            bar.update(step.number - bar.n)
            yield step


def _on_a_line(steps: Iterable[Step], total: int) -> Iterator[Step]:
    """Begins and ends with the same line if all steps are taken: some readers see no updates."""
    line = _Line(f"{total} steps")
    number, shown = 0, monotonic()
    try:
        for step in steps:
            number = step.number
            if monotonic() - shown >= _PAUSE:
                line.write(f"step {number} of {total}: {_figures(step)}")
                shown = monotonic()
            yield step
    finally:
        line.write(f"{total} steps" if number == total else f"{number} of {total} steps")


class _Line:
    """A line of output in a notebook that can be written anew."""

    def __init__(self, text: str):
        from IPython.display import DisplayHandle

        self.handle = DisplayHandle()
        self.handle.display({"text/plain": text}, raw=True)

    def write(self, text: str) -> None:
        self.handle.update({"text/plain": text}, raw=True)


def _figures(step: Step) -> str:
    speed = f", {step.speed:,.0f} tokens/s" if step.speed > 0 else ""
    return f"loss {step.loss:.3f}{speed}"
