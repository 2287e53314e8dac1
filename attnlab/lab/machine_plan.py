"""The plan of a model's drawing: which boxes it has, of what each is made, and by which line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from torch import nn

from attnlab.lab.code_lines import Anchor
from attnlab.lab.machine_boxes import Box, Column, Group, boxes_in, sent_plan
from attnlab.lab.machine_parts import (
    CODE,
    Layer,
    Looking,
    at,
    layer_norm,
    multi_head,
    one_attention,
)
from attnlab.lab.machine_recurrent import recurrent_columns
from attnlab.nn import (
    EncoderLayer,
    LanguageModel,
    MultiHeadAttention,
    Seq2Seq,
    Transformer,
    post_norm,
    pre_norm,
)

_TRANSFORMER = "attnlab.nn.transformer"
_LAST = {
    "encoder": Anchor(_TRANSFORMER, "Encoder.stack", "return self.norm("),
    "decoder": Anchor(_TRANSFORMER, "Decoder.stack", "return self.norm("),
    "alone": Anchor("attnlab.nn.language", "CausalStack.stack", "return self.norm("),
}
_LOGITS = {
    Transformer: Anchor(_TRANSFORMER, "Transformer.decode", "return self.output("),
    LanguageModel: Anchor("attnlab.nn.language", "LanguageModel.forward", "return self.output("),
}
_POSITIONS = {
    "sinusoidal": ("sin(p / 10000^{2i/d}), cos(p / 10000^{2i/d})", "Waves from short to long"),
    "learned": ("P[p]", "A learnt table"),
}


def plan_of(model: nn.Module | Sequence, part: str | None = None) -> dict[str, Any]:
    """The plan of a model, with all its layers and heads.

    Args:
        model: a `Transformer`, `LanguageModel`, `Seq2Seq`, `EncoderLayer` or `MultiHeadAttention`,
            or the three matrices of one attention (w_query, w_key, w_value).
        part: "encoder" or "decoder" of a translator, to draw that alone.

    Returns:
        {"title", "columns": [{"id", "title", "rows", "items"}], "arrows": [{"from", "to", "way"}]};
        what an item has is said at `Box` and `Group`.

    Raises:
        TypeError: another model.
        ValueError: an unknown part, or positions that are not added to the embeddings.

    >>> plan = plan_of(MultiHeadAttention(8, heads=2))
    >>> [item["label"] for item in plan["columns"][0]["items"]][2:4]
    ['queries, keys, values', 'scores']

    Source: Vaswani et al. 2017, "Attention Is All You Need", figures 1 and 2.
    """
    title, columns = _described(model)
    if part is None:
        return sent_plan(title, columns)
    names = [column.id for column in columns if len(columns) > 1]
    if part not in names:
        raise ValueError(
            f"part is {part!r}, and this model has {names or 'no parts'}: give one of them, or "
            "None for all"
        )
    if part == "encoder":
        return sent_plan("encoder", columns[:1])
    return sent_plan("decoder", [_only_read(columns[0], columns[1]), columns[1]])


def _described(model: nn.Module | Sequence) -> tuple[str, list[Column]]:
    if isinstance(model, Transformer):
        return "Transformer", [_encoder(model), _decoder(model)]
    if isinstance(model, LanguageModel):
        return "decoder-only Transformer", [_decoder(model)]
    if isinstance(model, Seq2Seq):
        attention = "with attention" if model.config.attention else "with one context"
        return f"GRU {attention}", recurrent_columns(attention=model.config.attention)
    if isinstance(model, EncoderLayer):
        return "Transformer block", [_block(model)]
    if isinstance(model, MultiHeadAttention):
        look = _of_words(model.heads, bias=model.query.bias is not None)
        items = [*_rows_of_x(), *multi_head(look)]
        return "multi-head attention", [
            Column("attention", "Multi-head attention", "source", items)
        ]
    if isinstance(model, tuple | list) and len(model) == 3:
        items = [*_rows_of_x(), *one_attention(_of_words(1, bias=False))]
        return "attention", [Column("attention", "Attention", "source", items)]
    raise TypeError(
        f"model is a {type(model).__name__}, and a machine is drawn of a Transformer, "
        "LanguageModel, Seq2Seq, EncoderLayer or MultiHeadAttention of attnlab.nn, or of three "
        "matrices (w_query, w_key, w_value)"
    )


def _of_words(heads: int, prefix: str = "", *, bias: bool = True) -> Looking:
    return Looking(
        prefix=prefix,
        asks="input",
        read="input",
        rows="source",
        keys="source",
        heads=heads,
        bias=bias,
    )


def _rows_of_x() -> list[Box]:
    words = Box(
        id="words",
        label="words",
        kind="words",
        array=None,
        rows="source",
        say="The words that go in, a row for each.",
    )
    x = Box(
        id="input",
        label="X",
        kind="embedding",
        array="input",
        rows="source",
        of=("words",),
        formula="X = (x_1, …, x_n)",
        say="A vector for each word.",
    )
    return [words, x]


def _block(model: EncoderLayer) -> Column:
    norm = {pre_norm: "pre", post_norm: "post"}.get(model.around)
    if norm is None:
        raise ValueError(
            f"model has around={model.around!r}, and a machine is drawn with pre_norm or post_norm"
        )
    own = _of_words(model.attention.heads, "attention")
    layer = Layer(prefix="", x="input", norm=norm, own=own)
    title = f"Transformer block, {norm}-norm"
    return Column("block", title, "source", [*_rows_of_x(), *layer.items])


def _encoder(model: Transformer) -> Column:
    items, _ = _stack(model, "encoder", None)
    return Column("encoder", "Encoder", "source", items)


def _decoder(model: Transformer | LanguageModel) -> Column:
    memory = None
    if isinstance(model, Transformer):
        memory = _stack(model, "encoder", None)[1]
    items, last = _stack(model, "decoder", memory)
    title = "Decoder" if memory else "Decoder only"
    return Column("decoder", title, "target", [*items, *_next_word(model, last)])


def _stack(
    model: Transformer | LanguageModel, side: str, memory: str | None
) -> tuple[list[Box | Group], str]:
    """Embeddings, layers and the last norm of one side, and the id of what comes out."""
    rows = "source" if side == "encoder" else "target"
    items: list[Box | Group] = [*_embedded(model, side, rows)]
    x = at(side, "input")
    for place in range(model.config.layers):
        layer = _layer(model, f"{side}.layers.{place}", x, memory)
        items.append(Group(layer.prefix, f"layer {place}", layer.items))
        x = layer.last
    if model.config.norm == "pre":
        side_of = "alone" if isinstance(model, LanguageModel) else side
        say = (
            "One last norm: this is what the decoder reads."
            if side == "encoder"
            else "One last norm."
        )
        items.append(layer_norm(at(side, "norm"), rows, x, _LAST[side_of], say))
        x = at(side, "norm")
    return items, x


def _layer(model: Transformer | LanguageModel, prefix: str, x: str, memory: str | None) -> Layer:
    encoder = prefix.startswith("encoder")
    rows = "source" if encoder else "target"
    names = _names(model)
    who = names[0] if encoder else names[1]
    heads = model.config.heads
    own = Looking(
        prefix=at(prefix, "attention"),
        asks=x,
        read=x,
        rows=rows,
        keys=rows,
        heads=heads,
        causal=not encoder,
        who=(who, who),
    )
    cross = memory and Looking(
        prefix=at(prefix, "cross_attention"),
        asks=x,
        read=memory,
        rows="target",
        keys="source",
        heads=heads,
        who=(names[1], names[0]),
    )
    return Layer(prefix=prefix, x=x, norm=model.config.norm, own=own, cross=cross or None)


def _names(model: Transformer | LanguageModel) -> tuple[str, str]:
    """What a source word and a target word are called."""
    return ("English word", "French word") if isinstance(model, Transformer) else ("word", "word")


def _embedded(model: Transformer | LanguageModel, side: str, rows: str) -> list[Box | Group]:
    label = "text so far"
    if isinstance(model, Transformer):
        label = {"source": "English", "target": "French so far"}[rows]
    words = _words(at(side, "words"), label, rows)
    embedding = Box(
        id=at(side, "embedding"),
        label="embedding",
        kind="embedding",
        array=at(side, "embedding"),
        rows=rows,
        of=(words.id,),
        formula="E[word] · √d_{model}",
        code=CODE["embedding"],
        say="Each word is looked up in a learnt table of vectors.",
    )
    places = _positions(model.config.positions, at(side, "positions"), rows)
    added = Box(
        id=at(side, "input"),
        label="add",
        kind="add",
        array=at(side, "input"),
        rows=rows,
        of=(embedding.id, places.id),
        formula="embedding + position",
        code=CODE["added"],
        say="Word and position, added: what the first layer reads.",
    )
    beside = Group(at(side, "parts"), "word and position", [embedding, places], side=True)
    return [words, Group(at(side, "embedded"), "embedding", [beside, added])]


def _positions(name: str, path: str, rows: str) -> Box:
    if name not in _POSITIONS:
        raise ValueError(
            f"model has positions={name!r}, and a machine is drawn with positions that are added "
            f"to the embeddings: {' or '.join(_POSITIONS)}"
        )
    formula, say = _POSITIONS[name]
    return Box(
        id=path,
        label="positions",
        kind="positions",
        array=path,
        rows=rows,
        formula=formula,
        code=CODE[name],
        say=f"{say}: a vector for each position, the same for every sentence.",
        switches=((path, "positions"),),
    )


def _words(name: str, label: str, rows: str) -> Box:
    say = {
        "English": "The English sentence, a row for each word.",
        "French so far": "What has been written so far, begin mark first: the decoder reads it.",
        "text so far": "What has been read and written so far, after the begin mark.",
    }[label]
    return Box(id=name, label=label, kind="words", array=None, rows=rows, say=say)


def _next_word(model: Transformer | LanguageModel, last: str) -> list[Box]:
    matrix = "E^⊤" if model.config.share_embeddings else "W"
    return [
        Box(
            id="output",
            label="logits",
            kind="logits",
            array="output",
            rows="target",
            of=(last,),
            formula=f"X {matrix}",
            code=_LOGITS[type(model)],
            say="A score for each word of the vocabulary.",
        ),
        Box(
            id="probabilities",
            label="next word",
            kind="probabilities",
            array="probabilities",
            rows="target",
            of=("output",),
            formula="softmax(logits)",
            code=CODE["probabilities"],
            say="Softmax turns them into probabilities; the most probable word is written next.",
        ),
    ]


def _only_read(source: Column, reader: Column) -> Column:
    """The encoder of a decoder that is drawn alone: its words, and what the decoder reads of it."""
    boxes = list(boxes_in(source.items))
    needed = {each for box in boxes_in(reader.items) for each in box.of}
    read = [
        replace(box, label="encoder's output", of=(boxes[0].id,), around=None, switches=())
        for box in boxes
        if box.id in needed
    ]
    return replace(source, items=[boxes[0], *read])
