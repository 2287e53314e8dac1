"""Friends of friends: a look-up whose key must be looked up first, and so on, hop by hop."""

from __future__ import annotations

import torch
from torch import Tensor

from attnlab.tasks.draws import check_draw


def friends(
    random: torch.Generator, batch: int = 64, *, people: int = 6, width: int = 4, hops: int = 2
) -> tuple[Tensor, Tensor]:
    """People in a circle, each with a friend and a content: what has the friend's friend?

    Each person tells a name, the name of one friend, and a content of random numbers. Following
    the friends leads through all people and back. Everybody is asked for the content of the person
    that so many hops lead to; nothing in a person's own vector, or in the friend's, hints at it.

    Args:
        random: the source of randomness; the same state gives the same people.
        batch: how many circles.
        people: how many people each has; more than `hops`, so that no hop leads back home.
        width: the length of a content.
        hops: how many friends to follow: 2 asks for the friend's friend.

    Returns:
        x: name and friend as one-hot vectors, and the content, end to end,
            (batch, people, 2 people + width); row i is the person with name i
        answer: a content for each person, (batch, people, width)

    Raises:
        ValueError: no hop at all, or as many hops as people, naming both numbers.
    """
    check_draw(random, batch=batch, people=people, width=width)
    if not 1 <= hops < people:
        raise ValueError(
            f"hops is {hops} and people {people}: hops must be from 1 to {people - 1}, since "
            f"{people} hops lead home"
        )
    circle = torch.rand(batch, people, generator=random).argsort(-1)
    friend = torch.empty_like(circle).scatter_(1, circle, circle.roll(-1, 1))
    content = torch.randn(batch, people, width, generator=random)
    found = friend
    for _ in range(hops - 1):
        found = friend.gather(1, found)
    name = torch.eye(people).expand(batch, people, people)
    x = torch.cat([name, torch.eye(people)[friend], content], -1)
    return x, content.gather(1, found[..., None].expand(-1, -1, width))
