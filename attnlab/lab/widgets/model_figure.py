"""A live figure with a model in it: the page computes what it does, from weights that come once."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import traitlets as t

from attnlab.lab.widgets.figure import Figure
from attnlab.lab.widgets.model_weights import (
    Model,
    packed,
    received_model,
    sent_model,
    weights_of,
)
from attnlab.lab.widgets.sending import sent


class ModelFigure(Figure):
    """A `Figure` whose JavaScript gets its model by `modelFor` of weights.js.

    Args:
        module: the model, as `attnlab.lab.widgets.model_weights.sent_model` takes it.

    Traits: model, tensors (as `sent_model` makes them).
    """

    model = t.Dict().tag(sync=True)
    tensors = t.Any().tag(sync=True, to_json=sent)

    def __init__(self, module: Model, **traits):
        self.module = module
        super().__init__(**sent_model(module), **traits)
        fetched = self.tensors is None and weights_of(self.model["weights"]) is None
        self._unshipped = packed(module) if fetched else b""  # it may be trained on
        self.on_msg(self._hear)

    @cached_property
    def module(self) -> Any:
        """The model; of a stored figure, made anew from its traits."""
        return received_model(self.model, self.tensors)

    def _hear(self, _, content, _buffers) -> None:
        """The page asks for the weights."""
        if content == {"ask": "weights"}:
            name = self.model["weights"]
            self.send({"weights": name}, [weights_of(name) or self._unshipped])
