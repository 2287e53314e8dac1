"""Other correct ways to write the exercises of chapter 11: no false alarm."""

from collections import Counter

import pytest

from attnlab.check.catalogue import named
from attnlab.check.judging import judge


def runs_by_counter(found, wanted, length):
    def counted(words):
        return Counter(zip(*(words[i:] for i in range(length)), strict=False))

    mine, theirs = counted(found), counted(wanted)
    return sum((mine & theirs).values()), sum(mine.values())


def runs_by_smaller_count(found, wanted, length):
    def texts(words):
        return [" ".join(words[i : i + length]) for i in range(len(words) - length + 1)]

    mine, theirs = texts(found), texts(wanted)
    return sum(min(mine.count(text), theirs.count(text)) for text in set(mine)), len(mine)


def runs_by_loops_and_ticks(found, wanted, length):
    ticked, right, total = set(), 0, 0
    for i in range(len(found) - length + 1):
        total += 1
        for j in range(len(wanted) - length + 1):
            if j not in ticked and all(found[i + k] == wanted[j + k] for k in range(length)):
                ticked.add(j)
                right += 1
                break
    return right, total


WAYS = {"matching_runs": [runs_by_counter, runs_by_smaller_count, runs_by_loops_and_ticks]}


@pytest.mark.parametrize(
    ("name", "way"), [(name, way) for name, ways in WAYS.items() for way in ways]
)
def test_another_correct_way_is_right(name, way):
    verdict = judge(named(name), way)
    assert verdict.state == "right", verdict


def test_a_list_that_is_used_up_must_be_a_copy():
    def greedy(found, wanted, length):
        right = 0
        for word in found if length == 1 else ():
            if word in wanted:
                wanted.remove(word)
                right += 1
        return (right, len(found)) if length == 1 else runs_by_counter(found, wanted, length)

    verdict = judge(named("matching_runs"), greedy)
    assert (verdict.state, verdict.name) == ("right, but", "changes its argument")
