"""One scene, many paraphrases: what shall be said is known, how it is said is left to chance.

A scene is three words, such as "cat sat mat": who, did what, where. The chances of its
paraphrases depend on the verb, and are known exactly, so a model's own chances can be held against
them.

    sat     "the cat sat on the mat" is one of many that begin with "the"; none of them is as
            probable as the only one that begins with "on"
    slept   the same with the two orders of words exchanged
    lay     two paraphrases, and the likelier first word leads to the likelier one
    stood   two beginnings look better for a while than that of the likeliest paraphrase
"""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Literal

import torch
from torch import Tensor

from attnlab.tasks.draws import check_draw
from attnlab.tasks.vocabulary import Vocabulary, pad

_WHO = ["cat", "dog", "bird", "goat", "horse"]
_DID = ["sat", "slept", "lay", "stood"]
_WHERE = ["mat", "bed", "roof", "grass"]
_HOW = ["", "old ", "small ", "black "]

PARAPHRASE_WORDS = Vocabulary(
    ["the", "a", "on", *(how.strip() for how in _HOW[1:]), *_WHO, *_DID, *_WHERE]
)
"""The tokens of scenes and of their paraphrases."""

_PLAIN = "the {how}{who} {did} on the {where}"
_TURNED = "on the {where} {did} the {how}{who}"
_TURNED_A = "on a {where} {did} the {how}{who}"

# For each verb: a pattern, and the chances of "", "old", "small" and "black" in it.
_CHANCES = {
    "sat": {_PLAIN: [0.24, 0.12, 0.12, 0.12], _TURNED: [0.4]},
    "slept": {_TURNED: [0.24, 0.12, 0.12, 0.12], _PLAIN: [0.4]},
    "lay": {_PLAIN: [0.7], _TURNED: [0.3]},
    "stood": {
        _PLAIN: [0.18, 0.12, 0.12, 0.12],
        _TURNED: [0.115] * 2,
        _TURNED_A: [0.115] * 2,
    },
}


def scenes(split: Literal["train", "test"] = "train") -> list[str]:
    """All scenes of a split: 64 to learn from, 16 others to be tested on, four with each verb.

    Raises:
        ValueError: an unknown split.

    >>> scenes("test")[0]
    'cat sat mat'
    """
    if split not in ("train", "test"):
        raise ValueError(f"split is {split!r}, and must be 'train' or 'test'")
    return [
        f"{who} {did} {where}"
        for (i, who), (j, did), (k, where) in product(*map(enumerate, (_WHO, _DID, _WHERE)))
        if ((i + j + k) % 5 == 0) == (split == "test")
    ]


def paraphrases_of(scene: str) -> dict[str, float]:
    """The paraphrases of a scene with their chances, which sum to 1, the likeliest first.

    Raises:
        ValueError: this is no scene, naming what it lacks.

    >>> paraphrases_of("cat lay mat")
    {'the cat lay on the mat': 0.7, 'on the mat lay the cat': 0.3}
    """
    words = scene.split()
    if len(words) != 3:
        raise ValueError(f"scene has {len(words)} words, and needs 3: who, did what, where")
    for word, known in zip(words, (_WHO, _DID, _WHERE), strict=True):
        if word not in known:
            raise ValueError(f"scene has {word!r}, where it needs one of {', '.join(known)}")
    who, did, where = words
    found = {
        pattern.format(how=how, who=who, did=did, where=where): chance
        for pattern, chances in _CHANCES[did].items()
        for how, chance in zip(_HOW, chances, strict=False)
    }
    return dict(sorted(found.items(), key=lambda told: -told[1]))


def scene_paraphrases(
    random: torch.Generator, batch: int = 128, *, split: Literal["train", "test"] = "train"
) -> tuple[Tensor, Tensor]:
    """Scenes, each with one paraphrase of it, drawn by its chances.

    Args:
        random: the source of randomness; the same state gives the same pairs.
        batch: how many.
        split: which scenes to draw from, see `scenes`.

    Returns:
        source: three tokens of PARAPHRASE_WORDS, (batch, 3)
        target: BEGIN, a paraphrase, END and PAD, (batch, 9)

    Raises:
        ValueError: an unknown split.

    >>> source, target = scene_paraphrases(torch.Generator().manual_seed(0), 1)
    >>> len(PARAPHRASE_WORDS.decode(source[0])), len(PARAPHRASE_WORDS.decode(target[0]))
    (3, 6)
    """
    check_draw(random, batch=batch)
    source, targets, chances = _tables(split)
    scene = torch.randint(len(source), (batch,), generator=random)
    drawn = torch.multinomial(chances[scene], 1, generator=random)[:, 0]
    return source[scene], targets[scene, drawn]


@cache
def _tables(split: Literal["train", "test"]) -> tuple[Tensor, Tensor, Tensor]:
    """Scenes (scene, 3), their paraphrases (scene, paraphrase, 9), and the chances of these."""
    every = [(PARAPHRASE_WORDS.encode(scene), paraphrases_of(scene)) for scene in scenes(split)]
    most = max(len(told) for _, told in every)
    chances = torch.zeros(len(every), most)
    rows = []
    for index, (_, told) in enumerate(every):
        chances[index, : len(told)] = torch.tensor(list(told.values()))
        encoded = [PARAPHRASE_WORDS.encode(text, marks=True) for text in told]
        rows += encoded + [encoded[0]] * (most - len(told))
    targets = pad(rows)[0].unflatten(0, (len(every), most))
    return torch.tensor([source for source, _ in every]), targets, chances
