"""What the 72 heads of MiniLM do, and what is lost without them, measured.

python -m attnlab.recipes.measured_heads      needs attnlab[minilm], and about five minutes
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from attnlab.core import padding
from attnlab.nn import Bert, minilm, pretrained, sentence_embedding
from attnlab.recipes.head_kinds import KINDS, head_kinds, hits, on_partners
from attnlab.recipes.watched_heads import Head, head_weights, watched
from attnlab.tasks import WordPieces, course_text, dependency_sentences, pad
from attnlab.tasks.dependency_sentences import Parsed

STORED = Path(__file__).with_name("minilm_heads.json")
"""Where all of it is stored."""

SHOWN = (
    "The cat sat on the mat.",
    "The keys to the old cabinet are on the table, because she forgot them.",
    "Ming has a cat. It is naughty and cute, and he likes it.",
    "Attention is all you need, but attention alone explains nothing.",
)
"""The sentences of the wall."""

SAID_AGAIN = {
    "An RNN goes through a text one token after another and remembers something on the way.": (
        "A recurrent network reads word by word and keeps a state."
    ),
    "At every step it picks whatever is likeliest.": (
        "This writer always takes the most probable token; that is called greedy."
    ),
    "A memory into which everything is poured will finally overflow.": (
        "A state that only adds fills up one day."
    ),
    "Until now nothing was hidden from anyone.": "So far every word could look at every word.",
    "It rereads its own output, rates all candidates for the following place, and adds another.": (
        "A decoder reads what it has written, gives each token a chance to be next, and appends "
        "one."
    ),
    "A good start does not guarantee a good end.": (
        "The best first step need not lead to the best text."
    ),
    "If you no longer know what a term means, consult the list of definitions.": (
        "When you have forgotten one, look into the glossary."
    ),
    "Live subtitles must rely on the past, since there is no time to listen to the future.": (
        "A program that writes while you speak cannot wait so long: its windows reach far back, "
        "and hardly ahead."
    ),
    "Captions mention stuff that is absent, only because it usually occurs in such surroundings.": (
        "They name what mostly goes with the things they see, whether it is there or not: object "
        "hallucination."
    ),
    "Nothing must be computed one after another, hence these models can learn from larger data.": (
        "Attention has all its scores at once, so Transformers could be trained on far more text."
    ),
    "The sentence is processed from left to right, and from right to left too.": (
        "Two encoders read, one forwards and one backwards, each with a state of 144 numbers."
    ),
    "First check whether connected people tend to be alike.": (
        "So before you use edges, look at how often they join two of a kind."
    ),
    "The speech recogniser takes in half a minute of sound.": (
        "Whisper hears 30 seconds at a time, as 3,000 frames."
    ),
    "Comparing every spot of an image with all others is far too expensive.": (
        "A photograph of 224 × 224 has 50,176 of them, so 2.5 billion scores a head."
    ),
}
"""Sentences that mean what one of the course means, in other words, written before it was tried."""

MEASURED, RANKED, PARSED, BATCH = 150, 40, 400, 50
"""Sentences of the course that are measured; of these, by which heads are put in order; sentences
of `dependency_sentences`; and how many are read at once."""

COUNTS = (6, 12, 24, 36, 48, 60)
"""How many heads are switched off together."""


class Reader:
    """A published encoder with its word pieces: texts in, weights and embeddings out."""

    def __init__(self, folder: Path):
        model = pretrained(folder)
        if not isinstance(model, Bert):
            raise TypeError(f"{folder} holds a {type(model).__name__}, and must hold an encoder")
        self.model, self.words = model, WordPieces(folder)
        config = model.config
        self.heads = [
            (layer, head) for layer in range(config.layers) for head in range(config.heads)
        ]

    def batch(self, rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Tokens and their mask."""
        tokens, lengths = pad(rows)
        return tokens, padding(lengths, torch.arange(tokens.shape[1]))

    def weights(self, rows: Sequence[Sequence[int]]) -> Iterable[Tensor]:
        """Of each row of tokens the weights of all heads, (layer, head, query, key)."""
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            found, _ = head_weights(self.model, *self.batch(part))
            yield from (
                each[..., : len(row), : len(row)] for each, row in zip(found, part, strict=True)
            )

    def embedded(
        self, texts: Sequence[str], off: Collection[Head] = (), even: Collection[Head] = ()
    ) -> Tensor:
        """The embedding of each text, (text, d_model), without some heads or with even ones."""
        found, rows = [], [self.words.encode(text) for text in texts]
        with watched(self.model, off=off, even=even), torch.no_grad():
            for start in range(0, len(rows), BATCH):
                tokens, mask = self.batch(rows[start : start + BATCH])
                found.append(sentence_embedding(self.model(tokens, mask), mask))
        return torch.cat(found)

    def moved(self, texts: Sequence[str], change: str) -> Tensor:
        """By how much the embedding moves as each head is changed alone, the mean of 1 - cosine.

        Args:
            texts: sentences, at most `BATCH`.
            change: "off" or "even", as in `watched`.

        Returns:
            (layer, head)
        """
        tokens, mask = self.batch([self.words.encode(text) for text in texts])
        whole, found = self.embedded(texts), []
        with torch.no_grad():
            x = self.model.embedding(tokens)
            for layer, head in self.heads:
                with watched(self.model, **{change: [(layer, head)]}):
                    changed = self._from_layer(layer, x, mask)
                found.append(1 - (whole * sentence_embedding(changed, mask)).sum(-1).mean())
                if head == self.model.config.heads - 1:
                    x = self.model.layers[layer](x, mask)
        return torch.stack(found).view(-1, self.model.config.heads)

    def _from_layer(self, first: int, x: Tensor, mask: Tensor) -> Tensor:
        for layer in self.model.layers[first:]:
            x = layer(x, mask)
        return x


def course_sentences() -> list[str]:
    """Sentences of chapters 0 to 17, of 8 to 20 words and without formulas and names of code."""
    paragraphs = [
        paragraph
        for name, text in course_text().items()
        if name[:2] <= "17"
        for paragraph in text.split("\n\n")
    ]
    found = [each for text in paragraphs for each in re.split(r"(?<=[.!?])\s+(?=[A-Z])", text)]
    plain = [each for each in found if not re.search(r"[`$<>|=_\\\n]", each) and each[-1:] == "."]
    return [each for each in plain if 8 <= len(each.split()) <= 20]


def drawn(texts: Sequence[str], count: int, seed: int = 0) -> list[str]:
    """So many different ones."""
    random = torch.Generator().manual_seed(seed)
    different = list(dict.fromkeys(texts))
    return [different[k] for k in torch.randperm(len(different), generator=random)[:count].tolist()]


def kinds_of(reader: Reader, rows: Sequence[Sequence[int]]) -> dict[str, Tensor]:
    """Of each kind the mean over rows of tokens, for each head."""
    found = [
        head_kinds(weights, row) for weights, row in zip(reader.weights(rows), rows, strict=True)
    ]
    return {kind: torch.stack([each[kind] for each in found]).nanmean(0) for kind in KINDS}


def shuffled(row: Sequence[int], random: torch.Generator) -> list[int]:
    """The words between the marks in random order."""
    order = torch.randperm(len(row) - 2, generator=random).tolist()
    return [row[0], *(row[1 + place] for place in order), row[-1]]


def syntax(reader: Reader, parsed: Sequence[Parsed], seed: int | None = None) -> dict[str, Any]:
    """How each head follows grammar, from words to those on which they depend and back.

    Only pairs that are no neighbours count, so that a head which looks at the previous word, or
    the next, has no part in it.

    Args:
        reader: the model.
        parsed: sentences.
        seed: of the order in which the words are shuffled first; None for the order as it is.

    Returns:
        By (relation, direction): hits (layer, head, pair), weights (sentence, layer, head) and
        offsets (pair).
    """
    random, orders, rows = torch.Generator().manual_seed(seed or 0), [], []
    for sentence in parsed:
        count = len(sentence.words)
        places = torch.arange(count) if seed is None else torch.randperm(count, generator=random)
        orders.append(places.tolist())
        words = [sentence.words[k] for k in places.argsort().tolist()]
        rows.append(reader.words.encode(" ".join(words)))
    found: dict[str, Any] = {}
    for weights, sentence, places in zip(reader.weights(rows), parsed, orders, strict=True):
        for relation, pairs in sentence.pairs.items():
            there = [(places[a] + 1, places[b] + 1) for a, b in pairs if abs(a - b) > 1]
            back = [(b, a) for a, b in there]
            for name, each in (
                (f"{relation} to its word", there),
                (f"back to its {relation}", back),
            ):
                if each:
                    kept = found.setdefault(name, {"hits": [], "weights": [], "offsets": []})
                    kept["hits"].append(hits(weights, each))
                    kept["weights"].append(on_partners(weights, each))
                    kept["offsets"] += [b - a for a, b in each]
    return found


def syntax_rows(plain: dict[str, Any], mixed: dict[str, Any]) -> list[dict[str, Any]]:
    """The best head for each relation, chosen on one half of the pairs and judged on the other."""
    rows = []
    for name, found in plain.items():
        right = torch.cat(found["hits"], -1).float()
        half = right.shape[-1] // 2
        best = int(right[..., :half].mean(-1).argmax())
        head = divmod(best, right.shape[1])
        first = Counter(found["offsets"][:half]).most_common(1)[0][0]
        rest = found["offsets"][half:]
        rows.append(
            {
                "relation": name,
                "head": list(head),
                "hits": round(right[head][half:].mean().item(), 3),
                "fixed distance": round(rest.count(first) / len(rest), 3),
                "shuffled": round(
                    torch.cat(mixed[name]["hits"], -1)[head].float().mean().item(), 3
                ),
                "weight": round(torch.stack(found["weights"])[:, *head].mean().item(), 3),
                "pairs": len(rest),
            }
        )
    return rows


def switched_off(reader: Reader, texts: Sequence[str], lost: Tensor) -> list[dict[str, Any]]:
    """How much stays as more and more heads are switched off together.

    Args:
        reader: the model.
        texts: the sentences of the course, those of `SAID_AGAIN` among them.
        lost: by how much the embedding moves without each head alone, (head,), on other sentences.

    Returns:
        For each order and count, and each run: the mean cosine of the embeddings with those of the
        whole model; the share of the sentences whose nearest one is still the same; and the share
        of `SAID_AGAIN` for which the right sentence is among the five nearest.
    """
    count, seeds = len(lost), range(3)
    orders = {"least needed first": [lost.argsort()], "most needed first": [lost.argsort().flip(0)]}
    orders["random"] = [
        torch.randperm(count, generator=torch.Generator().manual_seed(seed)) for seed in seeds
    ]
    whole = reader.embedded(texts)
    wanted = [(name, orders[name], off) for name in orders for off in COUNTS]
    wanted = [("none", [lost.argsort()], 0), *wanted, ("all", [lost.argsort()], count)]
    rows = []
    for name, found, off in wanted:
        runs = [_without(reader, texts, whole, order[:off].tolist()) for order in found]
        results = {key: [run[key] for run in runs] for key in runs[0]}
        rows.append({"order": name, "off": off} | results)
        print(rows[-1], flush=True)
    return rows


def _without(
    reader: Reader, texts: Sequence[str], whole: Tensor, numbers: Sequence[int]
) -> dict[str, float]:
    off = [reader.heads[number] for number in numbers]
    embedded, asked = reader.embedded(texts, off), reader.embedded(list(SAID_AGAIN), off)
    same = _nearest(embedded) == _nearest(whole)
    near = (asked @ embedded.T).topk(5).indices.tolist()
    right = [
        wanted in [texts[n] for n in five]
        for five, wanted in zip(near, SAID_AGAIN.values(), strict=True)
    ]
    return {
        "cosine": round((embedded * whole).sum(-1).mean().item(), 3),
        "same nearest": round(same.float().mean().item(), 3),
        "found": round(sum(right) / len(right), 3),
    }


def _nearest(embedded: Tensor) -> Tensor:
    """For each sentence the number of the one that is nearest to it, itself left out."""
    return (embedded @ embedded.T).fill_diagonal_(-1).argmax(-1)


def word_vectors(texts: Sequence[str]) -> Tensor:
    """The control: each text as counts of its words, rare ones weighing more (tf-idf)."""
    counts = [Counter(re.findall(r"\w+", text.lower())) for text in texts]
    everywhere = Counter(word for each in counts for word in each)
    places = {word: k for k, word in enumerate(everywhere)}
    vectors = torch.zeros(len(texts), len(places))
    for row, each in enumerate(counts):
        for word, count in each.items():
            vectors[row, places[word]] = count * math.log(len(texts) / everywhere[word])
    return torch.nn.functional.normalize(vectors, dim=-1)


def said_again(reader: Reader, texts: Sequence[str]) -> list[dict[str, Any]]:
    """For each of `SAID_AGAIN`: which sentences of the course are nearest, and by words alone."""
    asked = list(SAID_AGAIN)
    vectors = reader.embedded([*asked, *texts]), word_vectors([*asked, *texts])
    rows = []
    for k, (text, wanted) in enumerate(SAID_AGAIN.items()):
        near, by_words = (each[len(asked) :] @ each[k] for each in vectors)
        place = texts.index(wanted)
        rows.append(
            {
                "said": text,
                "means": wanted,
                "cosine": round(near[place].item(), 3),
                "rank": 1 + int((near > near[place]).sum()),
                "rank by words": 1 + int((by_words > by_words[place]).sum()),
                "nearest": [
                    [texts[n], round(near[n].item(), 3)] for n in near.topk(3).indices.tolist()
                ],
            }
        )
    return rows


def shown(reader: Reader, text: str) -> dict[str, Any]:
    """A sentence of the wall: its tokens, all weights in steps of 1/255, and what is lost."""
    row = reader.words.encode(text)
    (weights,) = reader.weights([row])
    data = (255 * weights).round().to(torch.uint8).numpy().tobytes()
    return {
        "text": text,
        "tokens": [reader.words.words[number] for number in row],
        "weights": base64.b64encode(data).decode(),
        "changes": _rounded(reader.moved([text], "off")),
    }


def measure(folder: Path) -> dict[str, Any]:
    """All that is stored."""
    torch.set_num_threads(1)
    reader, random = Reader(folder), torch.Generator().manual_seed(1)
    everything = course_sentences()
    texts = drawn([each for each in everything if each not in SAID_AGAIN.values()], MEASURED)
    rows = [reader.words.encode(text) for text in texts]
    kinds = kinds_of(reader, rows)
    mixed = kinds_of(reader, [shuffled(row, random) for row in rows])
    parsed = dependency_sentences(torch.Generator().manual_seed(0), PARSED)
    plain, broken = syntax(reader, parsed), syntax(reader, parsed, seed=1)
    partners = torch.stack([torch.stack(each["weights"]).mean(0) for each in plain.values()])
    known = texts[RANKED:] + list(SAID_AGAIN.values())
    lost = reader.moved(texts[:RANKED], "off")
    return {
        "sentences": texts,
        "kinds": {kind: _rounded(found) for kind, found in kinds.items()},
        "shuffled": {kind: _rounded(found) for kind, found in mixed.items()},
        "even": round(sum(1 / len(row) for row in rows) / len(rows), 3),
        "syntax": _rounded(partners.amax(0)),
        "relations": [list(plain)[k] for k in partners.flatten(1).argmax(0)],
        "grammar": syntax_rows(plain, broken),
        "off": _rounded(lost),
        "made even": _rounded(reader.moved(texts[:RANKED], "even")),
        "strangers": _rounded(
            (reader.embedded(texts[:75]) * reader.embedded(texts[75:])).sum(-1).mean()
        ),
        "switched off": switched_off(reader, known, lost.flatten()),
        "said again": said_again(reader, drawn(everything, len(everything))),
        "wall": [shown(reader, text) for text in SHOWN],
    }


def _rounded(numbers: Tensor) -> Any:
    return torch.round(numbers.double(), decimals=4).tolist()


def main() -> None:
    """Measure everything, and store it a line for each name."""
    found = {"command": "python -m attnlab.recipes.measured_heads"} | measure(minilm())
    lines = [
        f" {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in found.items()
    ]
    STORED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
