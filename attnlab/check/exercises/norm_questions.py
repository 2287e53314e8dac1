"""Chapter 8, with a pencil: one word, how many means, and the loudest word there can be."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnlab.check.exercise import Question, WrongAnswer
from attnlab.check.wording import said

NORM_OF_ON = Question(
    number="8.1",
    name="norm_of_on",
    title="One word with a pencil",
    difficulty="easy",
    minutes=3,
    asks="4 numbers, what LayerNorm makes of on: who, where, what, link",
    answer=[-1, 1, -1, 1],
    wrongs=(
        WrongAnswer(
            "not divided",
            [-0.5, 0.5, -0.5, 0.5],
            "The mean is off, but your numbers spread by 0.5 only. Divide by that.",
        ),
        WrongAnswer(
            "divided by the variance",
            [-2, 2, -2, 2],
            "You divided by the variance, 0.25. Divide by its root, the spread.",
        ),
        WrongAnswer(
            "one less",
            [-0.866, 0.866, -0.866, 0.866],
            "You divided the sum of the squares by 3. The variance is their mean: divide by 4.",
        ),
        WrongAnswer(
            "the mean left in",
            [0, 2, 0, 2],
            "You divided by the spread, but the mean, 0.5, is still in there. Take it off first.",
        ),
        WrongAnswer("as it was", [0, 1, 0, 1], "That is on as it came. Take its mean off first."),
        WrongAnswer(
            "RMSNorm",
            [0, 1.414, 0, 1.414],
            "You divided by the root of the mean square, and took no mean off: that is RMSNorm.",
        ),
        WrongAnswer(
            "BatchNorm",
            [-0.67, 0.16, -1.87, 2.24],
            "That is the row of BatchNorm in Table 8.1. LayerNorm looks at this word alone.",
        ),
        WrongAnswer(
            "sign turned round",
            [1, -1, 1, -1],
            "You took the numbers from the mean. Take the mean from the numbers: 1 is above it.",
        ),
        WrongAnswer(
            "sum is not 0",
            [-1, 1, 0, 1],
            lambda mine: f"Your numbers sum to {said(mine.sum())}. With the mean off, it is 0.",
            lambda mine: abs(mine.sum()) > 0.02,
        ),
    ),
    hints=(
        "on is (0, 1, 0, 1). How far is each number from their mean?",
        'The section "Normalise with a pencil" does the same for cat.',
        "Numbers minus mean, divided by the root of the mean of their squares.",
        "Figure 8.1, show set to output: the row of on under LayerNorm of tokens.",
    ),
    solution="my_on = [-1, 1, -1, 1]  # mean 0.5, variance 0.25, spread 0.5",
)

HOW_MANY_MEANS = Question(
    number="8.2",
    name="how_many_means",
    title="How many means?",
    difficulty="medium",
    minutes=5,
    asks="4 numbers: means of BatchNorm, LayerNorm of images, InstanceNorm, GroupNorm",
    answer=[64, 32, 2048, 256],
    wrongs=(
        WrongAnswer(
            "cells in place of means",
            [3200, 6400, 100, 800],
            "These are the numbers that go into each mean, and they are right. How many means are "
            "there of each kind?",
        ),
        WrongAnswer(
            "samples and channels exchanged",
            [32, 64, 2048, 256],
            "BatchNorm has one mean for each channel, and LayerNorm of images one for each picture. "
            "You have them the other way round.",
            lambda mine: mine[0] == 32 and mine[1] == 64,
        ),
        WrongAnswer(
            "BatchNorm within a picture",
            [2048, 32, 2048, 256],
            lambda mine: (
                f"BatchNorm: {said(mine[0])}. All pictures of the batch share its means, so only the "
                "channels count."
            ),
            lambda mine: mine[0] != 64,
        ),
        WrongAnswer(
            "LayerNorm for each place",
            [64, 3200, 2048, 256],
            "3200 is LayerNorm of tokens, one mean for each place of each picture. LayerNorm of images "
            "takes a whole picture.",
            lambda mine: mine[1] == 3200,
        ),
        WrongAnswer(
            "LayerNorm",
            [64, 1, 2048, 256],
            lambda mine: (
                f"LayerNorm of images: {said(mine[1])}. One mean takes in a whole picture, channels and "
                "all. How many pictures are there?"
            ),
            lambda mine: mine[1] != 32,
        ),
        WrongAnswer(
            "InstanceNorm as LayerNorm",
            [64, 32, 32, 256],
            "32 means for InstanceNorm would be the shape (B, 1, 1, 1) that some notes give, that of "
            "LayerNorm of images. It has one for each channel of each picture.",
            lambda mine: mine[2] == 32,
        ),
        WrongAnswer(
            "InstanceNorm",
            [64, 32, 64, 256],
            lambda mine: (
                f"InstanceNorm: {said(mine[2])}. It averages one channel of one picture, so pictures "
                "and channels both count."
            ),
            lambda mine: mine[2] != 2048,
        ),
        WrongAnswer(
            "groups without pictures",
            [64, 32, 2048, 8],
            "8 groups, yes, but in each picture. Pictures do not share a mean with GroupNorm.",
            lambda mine: mine[3] == 8,
        ),
        WrongAnswer(
            "GroupNorm",
            [64, 32, 2048, 512],
            lambda mine: (
                f"GroupNorm: {said(mine[3])}. The 64 channels of a picture are cut into 8 groups; each "
                "group has one mean."
            ),
            lambda mine: mine[3] != 256,
        ),
    ),
    hints=(
        "For each norm: over which axes does one mean reach? The others are counted.",
        'Figure 8.2, and the shapes in the section "The whole family".',
        "The number of means is the product of the shape: (1, C, 1, 1), (B, 1, 1, 1), (B, C, 1, 1).",
        "One number goes into one mean: means times cells of each is 32 · 64 · 10 · 10 = 204,800.",
    ),
    solution="my_counts = [64, 32, 32 * 64, 32 * 8]",
)


def _normal(word: Any) -> Any:
    return (word - word.mean()) / (word.std() or 1.0)


def _largest(word: Any) -> float:
    return float(_normal(np.asarray(word, float)).max())


LOUDEST_WORD = Question(
    number="8.3",
    name="loudest_word",
    title="The loudest word",
    difficulty="hard",
    minutes=10,
    asks="5 numbers, a word",
    answer=[0, 0, 1, 0, 0],
    accepts=lambda word: bool(np.isfinite(word).all()) and _largest(word) > 2 - 1e-6,
    wrongs=(
        WrongAnswer(
            "all alike",
            [1, 1, 1, 1, 1],
            "All five are alike: with the mean off nothing is left, and LayerNorm gives zeros.",
            lambda word: np.ptp(word) == 0,
        ),
        WrongAnswer(
            "the quietest",
            [1, 1, 1, 1, 0],
            lambda word: (
                f"One of your numbers becomes {said(_normal(word).min())}, and the largest is "
                f"{said(_largest(word))}. You are at the lower end; go to the other one."
            ),
            lambda word: _normal(word).min() < -2 + 1e-6,
        ),
        WrongAnswer(
            "nearly",
            [1, 2, 3, 4, 1000],
            lambda word: (
                f"The largest becomes {_largest(word):.6f}. A larger number alone never gets it there: "
                "what of the other four?"
            ),
            lambda word: _largest(word) > 1.9,
        ),
        WrongAnswer(
            "two loud ones",
            [0, 0, 1, 1, 0],
            lambda word: (
                f"The largest becomes {said(_largest(word))}, and {int((word == word.max()).sum())} "
                "numbers have it. They share the squares between them: let one stand out."
            ),
            lambda word: (word == word.max()).sum() > 1,
        ),
        WrongAnswer(
            "evenly spread",
            [1, 2, 3, 4, 5],
            lambda word: (
                f"The largest becomes {said(_largest(word))}. The squares of all five sum to 5 after "
                "LayerNorm: how should the other four stand to use up as little of that as they can?"
            ),
            lambda word: True,
        ),
    ),
    hints=(
        "After LayerNorm the five numbers sum to 0, and their squares to 5.",
        'The table under "Numbers run away", with four features, and the word The in Table 8.1.',
        "If one number is 2, the others sum to −2, and 1 is left for their squares. Which four do that?",
        "After LayerNorm: four times −0.5, and one 2.",
    ),
    solution="my_word = [0, 0, 1, 0, 0]  # one stands out, all others are equal",
)

EXERCISES = (NORM_OF_ON, HOW_MANY_MEANS, LOUDEST_WORD)
