"""What a cost says of a guess among four."""

import math

CHANCE = math.log(4)


def at_chance(cost):
    return 1.3 < cost < 1.7


def learnt(cost):
    return 0 <= cost < 0.5
