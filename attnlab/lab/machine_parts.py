"""The parts of a Transformer as boxes: attention, sublayer, layer, and what stands around them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from attnlab.lab.code_lines import Anchor
from attnlab.lab.machine_boxes import Box, Group

_MULTIHEAD, _BLOCKS, _EMBEDDING = (
    f"attnlab.nn.{name}" for name in ("multihead", "blocks", "embedding")
)
_REMEMBERED = "MultiHeadAttention._remembered"
_FORWARD = Anchor(_BLOCKS, "FeedForward.forward", "return self.output(")
_OWN_MATRICES = Anchor("attnlab.core.attention", "self_attention", "output = attention(")

CODE = {
    "query": Anchor(_MULTIHEAD, "MultiHeadAttention._read", "queries = split_heads("),
    "key": Anchor(_MULTIHEAD, _REMEMBERED, "keys = split_heads("),
    "value": Anchor(_MULTIHEAD, _REMEMBERED, "values = split_heads("),
    "scores": Anchor("attnlab.core.scores", "_dot", "scores = wide_query @"),
    "weights": Anchor("attnlab.core.attention", "attention", "weights = softmax("),
    "joined": Anchor(_MULTIHEAD, "MultiHeadAttention._read", "heads = self.attend("),
    "output": Anchor(_MULTIHEAD, "MultiHeadAttention._read", "return self.output(join_heads("),
    "weighted sum": Anchor("attnlab.core.attention", "attention", "return narrowed("),
    "hidden": _FORWARD,
    "fed": _FORWARD,
    "pre": Anchor(_BLOCKS, "pre_norm", "return x + sublayer"),
    "post": Anchor(_BLOCKS, "post_norm", "return norm("),
    "embedding": Anchor(_EMBEDDING, "Embedding.forward", "vectors = self.table("),
    "added": Anchor("attnlab.nn.position_encoding", "AddedPositions.forward", "return x + self"),
    "sinusoidal": Anchor("attnlab.core.positions", "sinusoids", "pairs = "),
    "learned": Anchor("attnlab.nn.position_encoding", "LearnedPositions.vectors", "return self"),
    "probabilities": Anchor("attnlab.core.softmax", "softmax", "exponentials = "),
}
"""The lines of the package that make the arrays."""

_LAYER_NORM = "(x − mean) / √(variance + ε) · gain + bias"


@dataclass(frozen=True, kw_only=True)
class Looking:
    """An attention of a model, as a part of its drawing.

    Args:
        prefix: of the paths of its arrays; "" where the attention is all there is.
        asks, read: the ids of the boxes that give the queries, and the keys and values.
        rows, keys: "source" or "target", of the queries and of the keys.
        heads: how many.
        bias: whether its matrices add a vector of their own.
        causal: whether each row is masked from what comes later.
        who: what a row and a column are, in words.
    """

    prefix: str
    asks: str
    read: str
    rows: str
    keys: str
    heads: int
    bias: bool = True
    causal: bool = False
    who: tuple[str, str] = ("word", "word")

    def at(self, name: str) -> str:
        """The path of one of its arrays."""
        return at(self.prefix, name)

    @property
    def off(self) -> tuple[tuple[str, str], ...]:
        """Its heads, which can be switched off one by one."""
        return tuple((self.at(f"heads.{h}"), f"head {h}") for h in range(self.heads))


def at(prefix: str, name: str) -> str:
    """The path of an array within a part."""
    return f"{prefix}.{name}" if prefix else name


def projections(look: Looking, code: Anchor | None = None) -> Group:
    """Queries, keys and values, side by side, each made by a matrix of its own."""
    read = "X" if look.asks == look.read else "M"
    query, key = look.who
    said = {
        "query": ("Q", f"What each {query} is looking for."),
        "key": ("K", f"What each {key} can be found by."),
        "value": ("V", f"What each {key} passes on when it is read."),
    }
    boxes = []
    for name, (letter, say) in said.items():
        asks = name == "query"
        x, bias = ("X" if asks else read), (f" + b_{letter}" if look.bias else "")
        boxes.append(
            Box(
                id=look.at(name),
                label={"query": "queries Q", "key": "keys K", "value": "values V"}[name],
                kind="linear",
                array=look.at(name),
                rows=look.rows if asks else look.keys,
                of=(look.asks if asks else look.read,),
                formula=f"{letter} = {x} W_{letter}{bias}",
                code=code or CODE[name],
                say=say,
                heads=look.heads,
            )
        )
    return Group(look.at("projections"), "queries, keys, values", boxes, side=True)


def comparing(look: Looking) -> list[Box]:
    """The scores of all pairs, and the weights behind them."""
    head = "_h" if look.heads > 1 else ""
    masked = " Words that come later are masked." if look.causal else ""
    each = f", in each of the {look.heads} heads" if look.heads > 1 else ""
    pair = {"rows": look.rows, "keys": look.keys, "heads": look.heads}
    equal = ((look.prefix, "attention"),) if look.prefix.endswith("cross_attention") else ()
    return [
        Box(
            id=look.at("scores"),
            label="masked scores" if look.causal else "scores",
            kind="scores",
            array=look.at("scores"),
            of=(look.at("query"), look.at("key")),
            formula=f"S{head} = Q{head} K{head}^⊤ / √d_k",
            code=CODE["scores"],
            say=f"How well each query fits each key{each}.{masked}",
            **pair,
        ),
        Box(
            id=look.at("weights"),
            label="weights",
            kind="weights",
            array=look.at("weights"),
            of=(look.at("scores"),),
            formula=f"A{head} = softmax(S{head})",
            code=CODE["weights"],
            say="The softmax of each row of scores: shares that add up to 1.",
            switches=equal,
            **pair,
        ),
    ]


def multi_head(look: Looking) -> list[Box | Group]:
    """Attention with its heads: project, compare, read, join, project."""
    bias = " + b_O" if look.bias else ""
    wide = {"rows": look.rows, "heads": look.heads}
    return [
        projections(look),
        *comparing(look),
        Box(
            id=look.at("joined"),
            label="heads, joined",
            kind="joined",
            array=look.at("joined"),
            of=(look.at("weights"), look.at("value")),
            formula="H = (A_0 V_0, A_1 V_1, …)" if look.heads > 1 else "H = A V",
            code=CODE["joined"],
            say="What each head has read, its weighted mean of the values, laid end to end.",
            switches=look.off,
            **wide,
        ),
        Box(
            id=look.at("output"),
            label="output",
            kind="linear",
            array=look.at("output"),
            rows=look.rows,
            of=(look.at("joined"),),
            formula=f"O = H W_O{bias}",
            code=CODE["output"],
            say="One more matrix mixes what the heads have read.",
        ),
    ]


def one_attention(look: Looking) -> list[Box | Group]:
    """Attention by three matrices, without heads and without an output matrix."""
    return [
        projections(look, _OWN_MATRICES),
        *comparing(look),
        Box(
            id=look.at("output"),
            label="output",
            kind="joined",
            array=look.at("output"),
            rows=look.rows,
            of=(look.at("weights"), look.at("value")),
            formula="O = A V",
            code=CODE["weighted sum"],
            say="The weighted mean of the values: a new vector for each word.",
        ),
    ]


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A layer of a stack, as a part of its drawing.

    Args:
        prefix: of the paths of its arrays; "" where the layer is all there is.
        x: the id of the box that comes in.
        norm: "pre" or "post".
        own: its self-attention; where it reads is filled in.
        cross: its attention to the source, if it has one; where it asks is filled in.
    """

    prefix: str
    x: str
    norm: str
    own: Looking
    cross: Looking | None = None

    @property
    def last(self) -> str:
        """The id of the box that comes out."""
        name = "sums" if self.norm == "pre" else "norms"
        return at(self.prefix, f"{name}.{2 if self.cross else 1}")

    @property
    def items(self) -> list[Box | Group]:
        """Its sublayers, one after the other."""
        looks = [("self-attention", self.own), ("cross-attention", self.cross)]
        parts = [_attending(name, look) for name, look in looks if look]
        x, items = self.x, []
        for place, make in enumerate([*parts, self._feed_forward]):
            items += sublayer(self, place, x, make)
            x = items[-1].id
        return items

    def _feed_forward(self, x: str) -> Group:
        prefix, rows = at(self.prefix, "feed_forward"), self.own.rows
        hidden = Box(
            id=at(prefix, "hidden"),
            label="hidden layer, ReLU",
            kind="feed-forward",
            array=at(prefix, "hidden"),
            rows=rows,
            of=(x,),
            formula="H = max(0, X W_1 + b_1)",
            code=CODE["hidden"],
            say="Each row, on its own, goes through a hidden layer; what is negative becomes 0.",
        )
        output = Box(
            id=at(prefix, "output"),
            label="output",
            kind="linear",
            array=at(prefix, "output"),
            rows=rows,
            of=(hidden.id,),
            formula="H W_2 + b_2",
            code=CODE["fed"],
            say="A second matrix brings it back to the model's dimension.",
        )
        return Group(prefix, "feed-forward", [hidden, output])


def _attending(name: str, look: Looking) -> Callable[[str], Group]:
    def made(x: str) -> Group:
        own = {"read": x} if name == "self-attention" else {}
        named = f"masked {name}" if look.causal else name
        return Group(look.prefix, named, multi_head(replace(look, asks=x, **own)))

    return made


def sublayer(layer: Layer, place: int, x: str, make: Callable[[str], Group]) -> list[Box | Group]:
    """Attention or feed-forward with its norm and the way round it; its last box is what comes out.

    Args:
        layer: the layer.
        place: which of its sublayers it is, from 0.
        x: the id of the box that comes in.
        make: the inner part, of the id of the box that it reads.
    """
    norm, total = (at(layer.prefix, f"{name}.{place}") for name in ("norms", "sums"))
    inner = make(norm if layer.norm == "pre" else x)
    read = "LayerNorm(x)" if layer.norm == "pre" else "x"
    call = "FeedForward" if inner.label == "feed-forward" else "MultiHead"
    adding = Box(
        id=total,
        label="add",
        kind="add",
        array=total,
        rows=layer.own.rows,
        of=(f"{inner.id}.output", x),
        around=x,
        formula=f"x + {call}({read})",
        code=CODE[layer.norm],
        say="What came in is added to what the sublayer made: the residual connection.",
        switches=((total, "way round"),),
    )
    normed = x if layer.norm == "pre" else total
    norming = layer_norm(norm, layer.own.rows, normed, CODE[layer.norm])
    return [norming, inner, adding] if layer.norm == "pre" else [inner, adding, norming]


def layer_norm(path: str, rows: str, of: str, code: Anchor, say: str = "") -> Box:
    """A layer norm."""
    return Box(
        id=path,
        label="norm",
        kind="norm",
        array=path,
        rows=rows,
        of=(of,),
        formula=_LAYER_NORM,
        code=code,
        say=say
        or "Each row is brought to mean 0 and variance 1, then given a learnt gain and bias.",
        switches=((path, "norm"),),
    )
