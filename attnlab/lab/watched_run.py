"""A watched run: each module of `attnlab.nn` notes its arrays by name, and can be switched off."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from attnlab.core import attention, attention_weights, join_heads, scaled_dot
from attnlab.lab.recorded_weights import replaced
from attnlab.nn import (
    AddedPositions,
    AdditiveAttention,
    DecoderLayer,
    EncoderLayer,
    FeedForward,
    MultiHeadAttention,
    PositionEncoding,
    RecurrentDecoder,
    RecurrentEncoder,
    fused_attention,
    post_norm,
    pre_norm,
)
from attnlab.nn.transformer import Stack
from attnlab.training.evaluation import without_dropout


class Run:
    """One run that is watched: its arrays, and what of the model is switched off.

    Args:
        off: the names of what is.
    """

    def __init__(self, off: Sequence[str]):
        self.off, self.switches = off, list[str]()
        self._noted: dict[str, list[Tensor]] = {}
        self._until_the_end = ExitStack()

    def note(self, name: str, found: Tensor) -> Tensor:
        """Take in an array (batch, ...) under this name, behind what came before it; gives it."""
        self._noted.setdefault(name, []).append(found.detach())
        return found

    def is_off(self, name: str) -> bool:
        """Whether this is switched off; from now on its name is known."""
        self.switches.append(name)
        return name in self.off

    def replace(self, module: nn.Module, attribute: str, other: Callable) -> None:
        """Put another function into a module, until the run is over."""
        self._until_the_end.enter_context(replaced(module, attribute, other))

    def after(self, module: nn.Module, look: Callable[[Tensor, Any], object]) -> None:
        """Call look(input, output) behind each call of a module, until the run is over."""

        def hook(_: nn.Module, given: tuple, found: Any) -> None:
            look(given[0], found)

        self._until_the_end.callback(module.register_forward_hook(hook).remove)

    def after_note(self, module: nn.Module, name: str) -> None:
        """Note what a module gives."""
        self.after(module, lambda _, found: self.note(name, found))

    def arrays(self) -> dict[str, Tensor]:
        """What was noted, the steps of a recurrent network one below the other."""
        return {name: torch.cat(parts, dim=-2) for name, parts in self._noted.items()}

    def close(self) -> None:
        """Leave the model as it was."""
        self._until_the_end.close()


@contextmanager
def watched(model: nn.Module, off: Sequence[str] = ()) -> Iterator[Run]:
    """Watch all that a model does within the block, without dropout and with parts switched off."""
    run = Run(off)
    try:
        for name, module in model.named_modules():
            for kind, watch in _WATCH.items():
                if isinstance(module, kind):
                    watch(run, name, module)
        check_off(off, run.switches)
        with without_dropout(model):
            yield run
    finally:
        run.close()


def _stack(run: Run, side: str, stack: Stack) -> None:
    positions = stack.embedding.positions

    def embedded(words: Tensor, found: Tensor) -> None:
        run.note(f"{side}.embedding", words)
        run.note(f"{side}.input", found)

    run.after(positions, embedded)
    if isinstance(positions, AddedPositions):
        _added(run, f"{side}.positions", positions)
    if isinstance(stack.norm, nn.LayerNorm):
        _norm(run, f"{side}.norm", stack.norm)


def _added(run: Run, name: str, positions: AddedPositions) -> None:
    vectors, off = positions.vectors, run.is_off(name)

    def seen(count: int) -> Tensor:
        found = torch.zeros_like(vectors(count)) if off else vectors(count)
        run.note(name, found[None])
        return found

    run.replace(positions, "vectors", seen)


def _norm(run: Run, name: str, norm: nn.Module) -> None:
    if run.is_off(name):
        run.replace(norm, "forward", lambda x: x)
    run.after_note(norm, name)


def _attention(run: Run, name: str, module: MultiHeadAttention) -> None:
    _check_plain(module)
    attend = module.attend
    at = f"{name}." if name else ""
    lost = [run.is_off(f"{at}heads.{head}") for head in range(module.heads)]
    kept = ~torch.tensor(lost)[:, None, None]

    def seen(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        query = torch.zeros_like(query) if name in run.off else query
        scores = scaled_dot(query, key)
        for part, rows in {"query": query, "key": key, "value": value}.items():
            run.note(f"{at}{part}", join_heads(rows))
        run.note(f"{at}scores", scores if mask is None else scores.masked_fill(~mask, -torch.inf))
        run.note(f"{at}weights", attention_weights(query, key, mask))
        output = torch.where(kept, attend(query, key, value, mask), 0.0)
        run.note(f"{at}joined", join_heads(output))
        return output

    run.replace(module, "attend", seen)
    run.after_note(module.output, f"{at}output")


def _layer(run: Run, name: str, layer: EncoderLayer | DecoderLayer) -> None:
    at = f"{name}." if name else ""
    way = layer.around
    cut = {post_norm: _post_norm_alone, pre_norm: _pre_norm_alone}
    if way not in cut:
        raise ValueError(f"around is {way}, and a run knows only post_norm and pre_norm")
    if isinstance(layer, DecoderLayer):
        run.is_off(f"{at}cross_attention")
    for k, norm in enumerate(layer.norms):
        _norm(run, f"{at}norms.{k}", norm)
    ways = [cut[way] if run.is_off(f"{at}sums.{k}") else way for k in range(len(layer.norms))]

    def around(x: Tensor, sublayer: Callable, norm: nn.Module) -> Tensor:
        k = next(k for k, each in enumerate(layer.norms) if each is norm)
        if way is pre_norm:
            return run.note(f"{at}sums.{k}", ways[k](x, sublayer, norm))
        return ways[k](x, sublayer, lambda total: norm(run.note(f"{at}sums.{k}", total)))

    run.replace(layer, "around", around)


def _post_norm_alone(x: Tensor, sublayer: Callable, norm: Callable) -> Tensor:
    return norm(sublayer(x))


def _pre_norm_alone(x: Tensor, sublayer: Callable, norm: Callable) -> Tensor:
    return sublayer(norm(x))


def _feed_forward(run: Run, name: str, module: FeedForward) -> None:
    def seen(hidden: Tensor, output: Tensor) -> None:
        run.note(f"{name}.hidden", hidden)
        run.note(f"{name}.output", output)

    run.after(module.output, seen)


def _recurrent_encoder(run: Run, name: str, module: RecurrentEncoder) -> None:
    def seen(_: Tensor, found: tuple[Tensor, Tensor]) -> None:
        states, summary = found
        forward, backward = states.chunk(2, dim=-1)
        noted = {"forward": forward, "backward": backward, "states": states, "summary": summary}
        for part, rows in noted.items():
            run.note(f"{name}.{part}", rows)

    run.after_note(module.embedding, f"{name}.embedding")
    run.after(module, seen)


def _recurrent_decoder(run: Run, name: str, module: RecurrentDecoder) -> None:
    first_state = module.first_state

    def seen(memory: Tensor, mask: Tensor | None = None) -> Tensor:
        state = first_state(memory, mask)
        run.note(f"{name}.start", state[:, None])
        return state

    run.replace(module, "first_state", seen)
    run.after_note(module.embedding, f"{name}.embedding")
    run.after_note(module.context, f"{name}.context")
    run.after(module.network, lambda _, state: run.note(f"{name}.state", state[:, None]))
    run.after_note(module, f"{name}.readout")


def _additive(run: Run, name: str, module: AdditiveAttention) -> None:
    attend, off = module.attend, run.is_off(name)

    def score(query: Tensor, key: Tensor) -> Tensor:
        return attend.score(query, key) * (0.0 if off else 1.0)

    def seen(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        scores = score(query, key)
        scores = scores if mask is None else scores.masked_fill(~mask, -torch.inf)
        run.note(f"{name}.scores", scores[:, None])
        run.note(f"{name}.weights", attention_weights(query, key, mask, score=score)[:, None])
        return attention(query, key, value, mask, score=score)

    run.replace(module, "attend", seen)
    run.after_note(module.query, f"{name}.query")
    run.after_note(module.key, f"{name}.key")


_WATCH: dict[type, Callable[[Run, str, Any], None]] = {
    Stack: _stack,
    MultiHeadAttention: _attention,
    EncoderLayer: _layer,
    DecoderLayer: _layer,
    FeedForward: _feed_forward,
    RecurrentEncoder: _recurrent_encoder,
    RecurrentDecoder: _recurrent_decoder,
    AdditiveAttention: _additive,
}


def _check_plain(module: MultiHeadAttention) -> None:
    """Refuse heads that do more than the scaled dot product, as with rotary positions."""
    plain = [fused_attention, attention, PositionEncoding.attend]
    if getattr(module.attend, "__func__", module.attend) not in plain:
        name = getattr(module.attend, "__qualname__", module.attend)
        raise ValueError(
            f"attend is {name}, and a run knows only scores that are scaled dot products: take a "
            "model whose positions are sinusoidal, learned, or none"
        )


def check_off(off: Sequence[str], known: Sequence[str]) -> None:
    for name in off:
        if name not in known:
            cure = f"take one of {', '.join(known)}" if known else "nothing of it can be"
            raise ValueError(f"off names {name}, which this model has no switch for: {cure}")
