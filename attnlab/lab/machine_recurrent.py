"""The plan of a recurrent translator: a GRU that reads, a GRU that writes, and what they share."""

from __future__ import annotations

from attnlab.lab.code_lines import Anchor
from attnlab.lab.machine_boxes import Box, Column, Group
from attnlab.lab.machine_parts import CODE

_RECURRENT, _ADDITIVE = "attnlab.nn.recurrent", "attnlab.nn.additive_attention"
_ENCODER = Anchor(_RECURRENT, "RecurrentEncoder.forward", "states, last = self.network(words)")
_SUMMARY = Anchor(_RECURRENT, "RecurrentEncoder.forward", "return states, last")
_START = Anchor(_RECURRENT, "RecurrentDecoder.first_state", "return self.start(memory.mean(1))")
_CONTEXT = Anchor(_RECURRENT, "RecurrentDecoder.steps", "context = self.context(")
_ONE_CONTEXT = Anchor(_ADDITIVE, "OneContext.forward", "return memory.expand(")
_STATE = Anchor(_RECURRENT, "RecurrentDecoder.steps", "states.append(self.network(")
_READOUT = Anchor(_RECURRENT, "RecurrentDecoder.forward", "output = self.readout(")
_KEY = Anchor(_ADDITIVE, "AdditiveAttention.remember", "return self.key(")
_QUERY = Anchor(_ADDITIVE, "AdditiveAttention.look", "scores = self.attend.score(")
_SCORE = Anchor(_ADDITIVE, "AdditiveAttend.score", "hidden = torch.tanh(")
_WEIGHTS = Anchor(_ADDITIVE, "AdditiveAttention.look", "weights = softmax(")
_LOGITS = Anchor("attnlab.nn.seq2seq", "Seq2Seq.decode", "return self.output(")


def recurrent_columns(*, attention: bool) -> list[Column]:
    """The encoder and the decoder, with attention between them or with one context for all steps.

    Source: Bahdanau et al. 2015, figure 1; Cho et al. 2014, figure 1.
    """
    memory = "encoder.states" if attention else "encoder.summary"
    reading = _attention() if attention else _one_context()
    return [
        Column("encoder", "Encoder", "source", _encoder(attention)),
        Column("decoder", "Decoder", "target", _decoder(memory, reading)),
    ]


def _box(path: str, label: str, kind: str, rows: str, of: tuple[str, ...], **more) -> Box:
    return Box(id=path, label=label, kind=kind, array=path, rows=rows, of=of, **more)


def _words(side: str, label: str, say: str) -> list[Box]:
    rows = "source" if side == "encoder" else "target"
    words = f"{side}.words"
    text = Box(id=words, label=label, kind="words", array=None, rows=rows, say=say)
    looked_up = "Each word is looked up in a learnt table of vectors."
    table = {"formula": "E[word]", "code": CODE["embedding"], "say": looked_up}
    return [text, _box(f"{side}.embedding", "embedding", "embedding", rows, (words,), **table)]


def _encoder(attention: bool) -> list[Box | Group]:
    forth = _box(
        "encoder.forward",
        "reads forwards",
        "gru",
        "source",
        ("encoder.embedding",),
        before="encoder.forward",
        formula="h_j = GRU(x_j, h_{j−1})",
        code=_ENCODER,
        say="A GRU reads from the first word to the last; each state has seen all words so far.",
    )
    back = _box(
        "encoder.backward",
        "reads backwards",
        "gru",
        "source",
        ("encoder.embedding",),
        before="encoder.backward",
        formula="h_j = GRU(x_j, h_{j+1})",
        code=_ENCODER,
        say="A second GRU reads from the last word to the first.",
    )
    both = Group("encoder.network", "GRU, both ways", [forth, back], side=True)
    made = _states() if attention else _summary()
    said = "The English sentence, a row for each word."
    return [*_words("encoder", "English", said), both, made]


def _states() -> Box:
    return _box(
        "encoder.states",
        "states",
        "joined",
        "source",
        ("encoder.forward", "encoder.backward"),
        formula="(forwards, backwards)",
        code=_ENCODER,
        say="The two states of each word, end to end: this is what attention reads.",
    )


def _summary() -> Box:
    return _box(
        "encoder.summary",
        "one vector",
        "joined",
        "one",
        ("encoder.forward", "encoder.backward"),
        formula="(forwards_n, backwards_1)",
        code=_SUMMARY,
        say="The final states of both GRUs, end to end: all that the decoder gets of the sentence.",
    )


def _decoder(memory: str, reading: list[Box | Group]) -> list[Box | Group]:
    start = _box(
        "decoder.start",
        "first state",
        "linear",
        "one",
        (memory,),
        formula="s_0 = tanh(mean · W + b)",
        code=_START,
        say="The state before the first word, made from the mean of what the encoder gives.",
    )
    state = _box(
        "decoder.state",
        "state",
        "gru",
        "target",
        ("decoder.embedding", "decoder.context", "decoder.start"),
        before="decoder.state",
        formula="s_t = GRU((y_{t−1}, c_t), s_{t−1})",
        code=_STATE,
        say="A GRU takes in the last word and the context, and goes on from its previous state.",
    )
    readout = _box(
        "decoder.readout",
        "readout",
        "linear",
        "target",
        ("decoder.state", "decoder.embedding", "decoder.context"),
        formula="tanh((s_t, y_{t−1}, c_t) W + b)",
        code=_READOUT,
        say="State, last word and context together make a vector for the next word.",
    )
    said = "What has been written so far, begin mark first: the decoder reads it."
    words = _words("decoder", "French so far", said)
    return [*words, start, *reading, state, readout, *_next_word()]


def _attention() -> list[Box | Group]:
    query, key = _asked()
    scores, weights = _compared(query, key)
    context = _box(
        "decoder.context",
        "context",
        "context",
        "target",
        (weights.id, "encoder.states"),
        formula="c_t = α_{t1} h_1 + … + α_{tn} h_n",
        code=_CONTEXT,
        say="The weighted mean of the encoder's states: each step gets a context of its own.",
    )
    asked = Group("decoder.projections", "query and keys", [query, key], side=True)
    return [Group("decoder.attention", "attention", [asked, scores, weights, context])]


def _asked() -> tuple[Box, Box]:
    query = _box(
        "decoder.context.query",
        "query",
        "linear",
        "target",
        ("decoder.start",),
        before="decoder.state",
        formula="q_t = s_{t−1} W_Q",
        code=_QUERY,
        say="What the decoder is looking for: its state before this step asks.",
    )
    key = _box(
        "decoder.context.key",
        "keys",
        "linear",
        "source",
        ("encoder.states",),
        formula="k_j = h_j W_K",
        code=_KEY,
        say="What each English word can be found by, made once for the sentence.",
    )
    return query, key


def _compared(query: Box, key: Box) -> tuple[Box, Box]:
    scores = _box(
        "decoder.context.scores",
        "scores",
        "scores",
        "target",
        (query.id, key.id),
        formula="e_{tj} = tanh(q_t + k_j) · w",
        code=_SCORE,
        say="How well the query fits each key: a small network scores each pair.",
        keys="source",
    )
    weights = _box(
        "decoder.context.weights",
        "weights",
        "weights",
        "target",
        (scores.id,),
        formula="α_{tj} = softmax(e_{tj})",
        code=_WEIGHTS,
        say="The softmax of each row of scores: how much each step reads of each English word.",
        keys="source",
        switches=(("decoder.context", "attention"),),
    )
    return scores, weights


def _one_context() -> list[Box | Group]:
    return [
        _box(
            "decoder.context",
            "context",
            "context",
            "target",
            ("encoder.summary",),
            formula="c_t = c",
            code=_ONE_CONTEXT,
            say="The same vector at every step, however long the sentence is.",
        )
    ]


def _next_word() -> list[Box]:
    return [
        _box(
            "output",
            "logits",
            "logits",
            "target",
            ("decoder.readout",),
            formula="X W",
            code=_LOGITS,
            say="A score for each word of the vocabulary.",
        ),
        _box(
            "probabilities",
            "next word",
            "probabilities",
            "target",
            ("output",),
            formula="softmax(logits)",
            code=CODE["probabilities"],
            say="Softmax turns them into probabilities; the most probable word is written next.",
        ),
    ]
