"""Calls that count the pairs of a window."""


def called(n, reach):
    return lambda _: {"n": n, "reach": reach}


probes = (called(5, 1), called(7, 3), called(9, 2), called(4, 0), called(12, 5))
wide = called(3, 10)
many = called(1000, 300)
million = called(1_000_000, 2)
