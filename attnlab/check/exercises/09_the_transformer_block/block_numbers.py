"""Numbers of layers, with so many squares and so many single widths counted in each."""


def numbers(layers, d, squares=12, singles=13):
    return layers * (squares * d**2 + singles * d)


def three(squares, singles, layers=1):
    stacks = ((6 * layers, 512), (12 * layers, 512), (6 * layers, 1024))
    return [numbers(n, d, squares, singles) for n, d in stacks]


def first(squares, singles):
    """Whether the first number is that of layers counted in this way."""
    return lambda mine: abs(mine[0] - numbers(6, 512, squares, singles)) < 0.5


RIGHT = three(12, 13)
