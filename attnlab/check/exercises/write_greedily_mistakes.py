"""Chapter 10: wrong ways to write greedily."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Mistake
from attnlab.check.wording import few, said

Scores = Callable[[Any], Any]


def writer(
    choose: Callable[[Any], Any] = np.argmax,
    read: Callable[[list[int]], list[int]] = lambda written: written,
    ends: Callable[[int, int, int], bool] = lambda token, end, begin: token == end,
    room: int | None = 0,
    give: Callable[[list[int]], Any] = lambda written: written[1:],
) -> Callable[..., Any]:
    """A greedy writer, right unless a part of it is handed in."""

    def write(scores_after: Scores, begin: int, end: int, most: int) -> Any:
        written, steps = [begin], 50 if room is None else most + room
        for _ in range(steps):
            token = choose(scores_after(read(written)))
            written.append(token)
            if ends(token, end, begin):
                break
        return give(written)

    return write


right = writer()


def _end_left_out(scores_after: Scores, begin: int, end: int, most: int) -> Any:
    return [token for token in right(scores_after, begin, end, most) if token != end]


def _end_always(scores_after: Scores, begin: int, end: int, most: int) -> Any:
    written = right(scores_after, begin, end, most)
    return written if written[-1] == end else [*written, end]


def _all_at_once(scores_after: Scores, begin: int, _: int, most: int) -> Any:
    return np.argsort(-scores_after([begin]), kind="stable")[:most]


def _one_more(scores_after: Scores, begin: int, end: int, most: int) -> Any:
    written = [begin]
    while len(written) <= most:
        ended = written[-1] == end
        written.append(np.argmax(scores_after(written)))
        if ended:
            break
    return written[1:]


def _with_end_out(scores_after: Scores, begin: int, end: int, most: int) -> Any:
    return [begin, *_end_left_out(scores_after, begin, end, most)]


def _reads_backwards(scores_after: Scores, begin: int, end: int, most: int) -> Any:
    return writer(read=lambda written: written[::-1])(scores_after, begin, end, most)


def _or_for_and(scores_after: Scores, begin: int, end: int, most: int) -> Any:
    written = [begin]
    while (written[-1] != end or len(written) <= most) and len(written) < 50:
        written.append(np.argmax(scores_after(written)))
    return written[1:]


MISTAKES = (
    Mistake(
        "end left out",
        _end_left_out,
        lambda seen: (
            f"You wrote {few(seen.got)}, and kept the end mark, {seen.end}, to yourself. It is a "
            "token, too: append it before you stop."
        ),
    ),
    Mistake(
        "begin given back",
        writer(give=lambda written: written),
        lambda seen: (
            f"Your answer begins with {seen.begin}, the begin mark. It is read first, but nobody "
            "wrote it: leave it out of what you return."
        ),
    ),
    Mistake(
        "begin in, end out",
        _with_end_out,
        lambda seen: (
            f"Your answer begins with the begin mark, {seen.begin}, and lacks the end mark, "
            f"{seen.end}. What was written is wanted: the end is, the begin is not."
        ),
    ),
    Mistake(
        "end not noticed",
        writer(ends=lambda token, end, begin: False),
        lambda seen: (
            f"You write {len(seen.got)} tokens, and go on behind the end mark, {seen.end}. Stop "
            "once it is written."
        ),
    ),
    Mistake(
        "one behind the end",
        _one_more,
        lambda seen: (
            f"You write one more token behind the end mark, {seen.end}: ask whether it was the end "
            "after writing, not before."
        ),
    ),
    Mistake(
        "one too many",
        writer(room=1),
        lambda seen: (
            f"You write {len(seen.got)} tokens where at most {seen.most} are allowed: one too many."
        ),
    ),
    Mistake(
        "one too few",
        writer(room=-1),
        lambda seen: (
            f"You write {len(seen.got)} tokens where {seen.most} are allowed, and the end is not yet "
            "reached: the begin mark does not count."
        ),
    ),
    Mistake(
        "most ignored",
        writer(room=None),
        lambda seen: (
            f"You write {len(seen.got)} tokens where at most {seen.most} are allowed. A model that "
            "never ends would keep you for ever: count."
        ),
    ),
    Mistake(
        "end in any case",
        _end_always,
        lambda seen: (
            f"You append the end mark, {seen.end}, though the model did not say it. If the room is "
            "used up, the text just stops."
        ),
    ),
    Mistake(
        "smallest",
        writer(choose=np.argmin),
        lambda seen: (
            f"Your first token, {said(seen.got[0])}, has the smallest score of all. Take the largest."
        ),
    ),
    Mistake(
        "score in place of token",
        writer(choose=np.max),
        lambda seen: (
            "You append the largest score, and not its token. Which entry is the largest says "
            "np.argmax."
        ),
    ),
    Mistake(
        "the newest read only",
        writer(read=lambda written: written[-1:]),
        "You hand over the newest token alone. Without a cache, the writer reads all that is written, "
        "from the begin mark on.",
    ),
    Mistake(
        "own words not read",
        writer(read=lambda written: written[:1]),
        lambda seen: (
            f"You read the begin mark again and again, so each token is the same, "
            f"{said(seen.got[0])}. Append what was written to what is read."
        ),
    ),
    Mistake(
        "read with one step's delay",
        writer(read=lambda written: written[:-1] or written),
        "You hand over the text without its newest token: it is read one step late.",
    ),
    Mistake(
        "begin not read",
        writer(read=lambda written: written[1:]),
        lambda seen: (
            f"You hand over an empty text at first. What is read begins with the begin mark, "
            f"{seen.begin}."
        ),
    ),
    Mistake(
        "all at once",
        _all_at_once,
        "You ask the model once, and take the best tokens in order. After each token it must be asked "
        "again: what fits depends on what is written.",
    ),
    Mistake(
        "last token only",
        writer(give=lambda written: written[-1]),
        lambda seen: f"You return one token, {said(seen.got)}. The whole list is wanted.",
    ),
    Mistake(
        "first token only",
        writer(room=None, ends=lambda token, end, begin: True),
        lambda seen: (
            f"You stop after one token, {few(seen.got)}: is a return inside the loop, or does it "
            "stop while there is no end mark?"
        ),
    ),
    Mistake(
        "read backwards",
        _reads_backwards,
        "The text is handed over back to front. New tokens stand behind the others.",
    ),
    Mistake(
        "most ignored, begin given back",
        writer(room=None, give=lambda written: written),
        lambda seen: (
            f"Your answer begins with the begin mark, {seen.begin}, which is read and not written. And it "
            "stops at the end mark only: count, and stop after most tokens, too."
        ),
    ),
    Mistake(
        "or in place of and",
        _or_for_and,
        lambda seen: (
            f"You write {len(seen.got)} tokens: you go on as long as one of the two reasons to stop is "
            "missing. Either is enough: and, not or."
        ),
    ),
    Mistake(
        "marks as words",
        lambda scores_after, *more: scores_after(["<begin>"]),
        lambda seen: (
            f"You hand over a word. Here tokens are numbers: begin is {seen.begin}, end is {seen.end}."
        ),
    ),
    Mistake(
        "a bare token",
        lambda scores_after, begin, *more: scores_after(begin),
        "You hand over a single token. What is read is a list, of all that is written.",
    ),
    Mistake(
        "scores as a dictionary",
        lambda scores_after, begin, *more: scores_after([begin]).get(begin),
        "The scores are an array, not a dictionary as the chances in the chapter: the place of the "
        "largest says np.argmax.",
    ),
)
