"""The family of attention for long sequences: the error of each member, its time and its memory.

python -m attnlab.recipes.family      trains and measures what is not stored yet
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean
from time import process_time
from typing import Any

import torch
from torch import Tensor, nn

from attnlab.core import (
    attention,
    blockwise_attention,
    linear_attention,
    low_rank_attention,
    strided_attention,
    window_attention,
)
from attnlab.nn import (
    Cache,
    FrameClassifier,
    GroupedQueryAttention,
    MultiHeadAttention,
    RotaryPositions,
    SinusoidalPositions,
    fused_attention,
)
from attnlab.recipes.grid import Row, fill, pick, rows, settings
from attnlab.recipes.held_memory import most_held
from attnlab.tasks import tones
from attnlab.training import train

STORED = Path(__file__).with_suffix(".json")
"""Where the errors lie."""

COSTS = STORED.with_name("family_costs.json")
"""Where times and memory lie."""

FRAMES, BANDS, STEPS, BATCH = 64, 4, 300, 8
D_MODEL, HEADS = 32, 4
REACH, STRIDE, MIXTURES = 8, 8, 16
"""Of the window, of the strided heads, and how many mixtures the low rank keeps."""


def full(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
    """By the definition: all weights are stored."""
    return attention(query, key, value, mask)


def blockwise(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
    """The same numbers, a block of keys at a time."""
    return blockwise_attention(query, key, value, mask, block=128)


def windowed(query: Tensor, key: Tensor, value: Tensor, _: None = None) -> Tensor:
    """The frames at most `REACH` away."""
    return window_attention(query, key, value, REACH, attend=fused_attention)


def strided(query: Tensor, key: Tensor, value: Tensor, _: None = None) -> Tensor:
    """Every `STRIDE`-th frame."""
    return strided_attention(query, key, value, STRIDE, attend=fused_attention)


def window_and_stride(query: Tensor, key: Tensor, value: Tensor, _: None = None) -> Tensor:
    """Half of the heads with a window, the others with a stride."""
    near, far = zip(*(x.chunk(2, dim=-3) for x in (query, key, value)), strict=True)
    return torch.cat([windowed(*near), strided(*far)], dim=-3)


def linear(query: Tensor, key: Tensor, value: Tensor, _: None = None) -> Tensor:
    """A sum of keys times values in place of the weights."""
    return linear_attention(query, key, value)


class LowRank(nn.Module):
    """Attention to `MIXTURES` mixtures of the frames, which are learnt for one length."""

    def __init__(self, frames: int, mixtures: int = MIXTURES):
        super().__init__()
        self.project = nn.Parameter(torch.randn(mixtures, frames) / frames**0.5)

    def forward(self, query: Tensor, key: Tensor, value: Tensor, _: None = None) -> Tensor:
        return low_rank_attention(query, key, value, self.project)


ATTEND: dict[str, Callable[[int], Callable[..., Tensor]]] = {
    "full": lambda frames: full,  # noqa: ARG005
    "blockwise": lambda frames: blockwise,  # noqa: ARG005
    "fused": lambda frames: fused_attention,  # noqa: ARG005
    "window": lambda frames: windowed,  # noqa: ARG005
    "strided": lambda frames: strided,  # noqa: ARG005
    "window + strided": lambda frames: window_and_stride,  # noqa: ARG005
    "linear": lambda frames: linear,  # noqa: ARG005
    "low rank": LowRank,
}
"""By name, a function of the number of frames -> (query, key, value, mask) -> output."""

GROUPS = {"2 groups": 2, "1 group": 1}
"""Members that differ in their keys: so many groups of heads share them."""

SAME_NUMBERS = {"blockwise": "fused", "full": "fused"}
"""Members that need no training of their own: they give the numbers of another one."""

MEMBERS = (*ATTEND, *GROUPS)
TRAINED = tuple(name for name in MEMBERS if name not in SAME_NUMBERS)

REACHES = (REACH, FRAMES - 1)
"""Two tasks: what decides lies within the window, or everywhere."""

POSITIONS = ("rotary", "sinusoids")
"""Queries and keys that are turned, or waves that are added: whatever suits a member better."""

CHOICES = settings(
    stage=["choice"],
    reach=REACHES,
    member=TRAINED,
    positions=POSITIONS,
    lr=[0.01, 0.03],
)
"""All that is tried, from one seed, to choose each member's positions and learning rate."""

SEEDS = (1, 2, 3, 4, 5)


def family() -> list[Row]:
    """The stored results of every training; `error` is the share of wrong symbols.

    >>> sorted(family()[0])[:5]
    ['chosen_by', 'error', 'lr', 'member', 'parameters']
    """
    return rows(STORED)


def errors(member: str, reach: int = REACH) -> Row:
    """The stored row of a member, with errors of five seeds.

    Raises:
        ValueError: there is no such member or reach, naming those there are.

    >>> errors("window")["seeds"]
    [1, 2, 3, 4, 5]
    """
    if member not in MEMBERS or reach not in REACHES:
        raise ValueError(
            f"member is {member!r} and reach {reach}: take one of {', '.join(MEMBERS)}, and a "
            f"reach of {' or '.join(map(str, REACHES))}"
        )
    name = SAME_NUMBERS.get(member, member)
    return pick(family(), stage="judged", member=name, reach=reach)[0]


def costs() -> list[dict[str, Any]]:
    """The stored costs of a layer, forward: bytes, and seconds of one processor.

    >>> sorted(costs()[0])
    ['bytes', 'frames', 'member', 'seconds']
    """
    return json.loads(COSTS.read_text(encoding="utf-8"))["rows"]


def layer(
    member: str, frames: int, *, d_model: int = D_MODEL, heads: int = HEADS
) -> MultiHeadAttention:
    """One layer of attention of this kind, without positions.

    >>> layer("linear", 128)(torch.zeros(1, 128, 32)).shape
    torch.Size([1, 128, 32])
    """
    _check_member(member)
    if member in GROUPS:
        return GroupedQueryAttention(d_model, heads, GROUPS[member])
    return MultiHeadAttention(d_model, heads, attend=ATTEND[member](frames))


def classifier(member: str, positions: str, *, seed: int, frames: int = FRAMES) -> FrameClassifier:
    """A new classifier of frames whose attention is of this kind.

    Args:
        member: a name of `MEMBERS`.
        positions: "rotary", queries and keys are turned, or "sinusoids", which are added.
        seed: of the starting parameters.
        frames: how many a sequence has; only the low rank must know.
    """
    _check_member(member)
    if positions not in POSITIONS:
        raise ValueError(f"positions is {positions!r}: take {' or '.join(map(repr, POSITIONS))}")
    torch.manual_seed(seed)
    within = ATTEND.get(member, lambda _: fused_attention)(frames)
    encoding = RotaryPositions(within) if positions == "rotary" else _Sinusoids(within)
    model = FrameClassifier(BANDS, BANDS, encoding, d_model=D_MODEL, heads=HEADS)
    for block in model.layers if member in GROUPS else ():
        block.attention = GroupedQueryAttention(
            D_MODEL, HEADS, GROUPS[member], attend=encoding.attend
        )
    return model


class _Sinusoids(SinusoidalPositions):
    """Added positions, and any attention within."""

    def __init__(self, within: Callable[..., Tensor]):
        super().__init__(D_MODEL)
        self.within = within

    def attend(
        self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
    ) -> Tensor:
        return self.within(query, key, value, mask)


def measure(
    *, seed: int, stage: str, reach: int, member: str, positions: str, lr: float, steps: int = STEPS
) -> dict[str, float]:
    """Train one classifier on new sequences at each step."""
    del stage
    model = classifier(member, positions, seed=seed)
    random = torch.Generator().manual_seed(seed)

    def loss(model: nn.Module, sound: Tensor, symbols: Tensor) -> Tensor:
        return nn.functional.cross_entropy(model(sound).flatten(0, 1), symbols.flatten())

    for _ in train(model, _new(random, reach), loss, steps=steps, lr=lr, warm_up=30):
        pass
    return {
        "error": _wrong(model, reach, 1000),
        "chosen_by": 1 - _wrong(model, reach, 1001),
        "parameters": sum(each.numel() for each in model.parameters()),
    }


def cost(member: str, frames: int, seconds: float = 1.0) -> dict[str, Any]:
    """Bytes held at once and processor seconds of one layer, d_model 64 with 4 heads, forward.

    The quickest time counts, of as many as go into so many seconds, at least one and at most five.
    """
    torch.manual_seed(0)
    attending = layer(member, frames, d_model=64, heads=4)
    x = torch.randn(1, frames, 64)
    held, times = most_held(lambda: attending(x)), []
    with torch.no_grad():
        while sum(times) < seconds and len(times) < 5:
            start = process_time()
            attending(x)
            times.append(process_time() - start)
    return {"member": member, "frames": frames, "bytes": held, "seconds": round(min(times), 5)}


def cache_bytes(member: str, words: int, *, d_model: int = 128, heads: int = 4) -> int:
    """How many bytes of keys and values one layer keeps of so many words.

    By default they are those of the model whose cache chapter 10 measures, in float32.

    >>> cache_bytes("full", 128), cache_bytes("2 groups", 128), cache_bytes("1 group", 128)
    (131072, 65536, 32768)
    """
    cache = Cache()
    with torch.no_grad():
        attending = layer(member, words, d_model=d_model, heads=heads)
        cache.extend(*attending.remember(torch.zeros(1, words, d_model)))
    return sum(kept.nbytes for kept in cache.target or ())


def judged() -> list[Row]:
    """The settings that are run from five seeds: of each member the best that was tried."""
    found = []
    for reach in REACHES:
        for member in TRAINED:
            tried = pick(family(), stage="choice", reach=reach, member=member)
            best = max(tried, key=lambda row: mean(row["chosen_by"]))
            names = ("reach", "member", "positions", "lr")
            found.append({"stage": "judged"} | {name: best[name] for name in names})
    return found


def _check_member(member: str) -> None:
    if member not in MEMBERS:
        raise ValueError(f"member is {member!r}: take one of {', '.join(MEMBERS)}")


def _new(random: torch.Generator, reach: int) -> Iterator[tuple[Tensor, Tensor]]:
    while True:
        yield tones(random, BATCH, frames=FRAMES, reach=reach, bands=BANDS)


def _wrong(model: nn.Module, reach: int, seed: int) -> float:
    random = torch.Generator().manual_seed(seed)
    sound, symbols = tones(random, 300, frames=FRAMES, reach=reach, bands=BANDS)
    with torch.no_grad():
        return (model.eval()(sound).argmax(-1) != symbols).double().mean().item()


def _measure_costs() -> None:
    torch.set_num_threads(1)
    found = []
    for frames in (1024, 4096, 16384):
        for member in MEMBERS:
            if member == "full" and frames > 4096:
                continue  # the weights alone would be 4 GiB
            found.append(cost(member, frames))
            print(found[-1], flush=True)
    listed = ",\n  ".join(map(json.dumps, found))
    command = json.dumps("python -m attnlab.recipes.family")
    text = f'{{\n "command": {command},\n "rows": [\n  {listed}\n ]\n}}\n'
    COSTS.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    fill(STORED, "python -m attnlab.recipes.family", CHOICES, measure, seeds=(0,))
    fill(STORED, "python -m attnlab.recipes.family", judged(), measure, SEEDS)
    if not COSTS.exists():
        _measure_costs()
