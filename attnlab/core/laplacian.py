"""The Laplacian of a graph, and the positions of its nodes that come out of it."""

from __future__ import annotations

from types import ModuleType

from array_api_compat import device

from attnlab.core.arrays import Array, Bool, Float, Real, kind_of, namespace
from attnlab.core.masks import edges
from attnlab.core.scalars import at_least


def normalised_adjacency(
    adjacency: Real[Array, "... node node"] | Bool[Array, "... node node"],
) -> Float[Array, "... node node"]:
    """Each edge divided by the roots of the degrees at its two ends, D^-1/2 A D^-1/2.

    The degree of a node is the sum of its row. With self-loops in A, these are the fixed weights
    of a graph convolution, where attention has weights that are computed.

    Args:
        adjacency: (..., node, node), symmetric; booleans, or weights of at least 0.

    Returns:
        the same shape; rows of nodes without an edge are zeros.

    Raises:
        TypeError: adjacency is no array of numbers or booleans.
        ValueError: adjacency is not square or not symmetric, or holds a weight that is below 0,
            infinite or NaN.

    >>> normalised_adjacency(np.array([[1, 1], [1, 1]]))
    array([[0.5, 0.5],
           [0.5, 0.5]])

    Source: Kipf and Welling 2017, "Semi-Supervised Classification with Graph Convolutional
    Networks", eq. 2.
    """
    xp, weights = _checked(adjacency)
    return _fitting(xp, _normalised(xp, weights), adjacency)


def laplacian(
    adjacency: Real[Array, "... node node"] | Bool[Array, "... node node"],
    *,
    normalised: bool = True,
) -> Float[Array, "... node node"]:
    """How much a function of the nodes differs from its neighbours: I - D^-1/2 A D^-1/2.

    Without `normalised` it is D - A, so that row i of L x is the sum over the neighbours j of
    x_i - x_j.

    Args:
        adjacency: as in `normalised_adjacency`. A self-loop adds to the degree; in D - A it
            cancels.
        normalised: whether each edge is divided by the roots of the degrees at its ends.

    Returns:
        the same shape; rows of nodes without an edge are zeros, in both forms.

    Raises:
        TypeError, ValueError: as `normalised_adjacency`.

    >>> path = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    >>> laplacian(path, normalised=False)
    array([[ 1., -1.,  0.],
           [-1.,  2., -1.],
           [ 0., -1.,  1.]])

    Source: Chung 1997, "Spectral Graph Theory", section 1.2.
    """
    _check_flag("normalised", normalised)
    xp, weights = _checked(adjacency)
    degrees = xp.sum(weights, axis=-1)
    diagonal = xp.astype(degrees > 0, xp.float64) if normalised else degrees
    mixing = _normalised(xp, weights) if normalised else weights
    nodes = weights.shape[-1]
    one = xp.eye(nodes, dtype=xp.float64, device=device(weights))
    return _fitting(xp, one * diagonal[..., None] - mixing, adjacency)


def laplacian_positions(
    adjacency: Real[Array, "... node node"] | Bool[Array, "... node node"],
    count: int,
    *,
    normalised: bool = True,
) -> Float[Array, "... node count"]:
    """Where each node stands in the graph: eigenvectors of the Laplacian, from smooth to rough.

    The first eigenvector, of eigenvalue 0, is left out: for D - A it is the same number
    everywhere. Of an eigenvector, -1 times it is one as well, so a rule picks one of the two: its
    entry of largest magnitude is positive, the first of them if there are several. Where
    eigenvalues are equal, as on a ring, any mixture of their eigenvectors is as good, and which
    one comes out is not fixed. A graph of k parts has the eigenvalue 0 k times, so the first
    k - 1 columns only say in which part a node lies.

    Args:
        adjacency: as in `normalised_adjacency`.
        count: how many eigenvectors, from 1 to the number of nodes less 1.
        normalised: of which Laplacian, as in `laplacian`.

    Returns:
        (..., node, count), one row a node; each column has length 1.

    Raises:
        TypeError, ValueError: as `laplacian`, or a count outside its range.

    >>> path = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    >>> laplacian_positions(path, 1, normalised=False).round(3) + 0.0  # left, in the middle
    array([[ 0.707],
           [ 0.   ],
           [-0.707]])

    Source: Dwivedi and Bresson 2021, "A Generalization of Transformer Networks to Graphs",
    section 2.1; Belkin and Niyogi 2003, "Laplacian Eigenmaps", section 2.
    """
    xp, weights = _checked(adjacency)
    count, nodes = at_least("count", count, 1, "one eigenvector or more"), weights.shape[-1]
    if count > nodes - 1:
        raise ValueError(
            f"count is {count}, and a graph of {nodes} nodes has {nodes - 1} eigenvectors behind "
            f"the first: take at most {nodes - 1}, and fill with zeros where graphs differ in size"
        )
    vectors = xp.linalg.eigh(laplacian(weights, normalised=normalised))[1][..., 1 : count + 1]
    return _fitting(xp, _one_sign(xp, vectors), adjacency)


def _one_sign(xp: ModuleType, vectors: Array) -> Array:
    """Each column times 1 or -1, so that the first of its largest entries is above 0."""
    size = xp.abs(vectors)
    largest = size > xp.max(size, axis=-2, keepdims=True) - 1e-6
    first = xp.argmax(xp.astype(largest, xp.float64), axis=-2, keepdims=True)
    place = xp.arange(vectors.shape[-2], device=device(vectors))[:, None]
    decides = xp.sum(xp.where(place == first, vectors, 0.0), axis=-2, keepdims=True)
    return xp.where(decides < 0, 0.0 - vectors, vectors)


def _normalised(xp: ModuleType, weights: Array) -> Array:
    degrees = xp.sum(weights, axis=-1)
    roots = xp.where(degrees > 0, degrees, 1.0) ** -0.5
    return roots[..., :, None] * weights * roots[..., None, :]


def _checked(adjacency: Array) -> tuple[ModuleType, Array]:
    """The library, and the weights in float64, if they are those of an undirected graph."""
    xp = namespace(adjacency=adjacency)
    edges(adjacency)
    if kind_of(xp, adjacency.dtype, "complex floating"):
        raise TypeError(f"adjacency holds {adjacency.dtype}, and needs real numbers or booleans")
    weights = xp.astype(adjacency, xp.float64)
    if not xp.all(xp.isfinite(weights)) or xp.any(weights < 0):
        raise ValueError(
            f"adjacency holds {float(_worst(xp, weights))}, and a weight must be at least 0 and "
            "finite, since degrees are their sums: take edges(adjacency) if only the edge counts"
        )
    if xp.any(weights != xp.matrix_transpose(weights)):
        raise ValueError(
            "adjacency is not symmetric, and the Laplacian is that of an undirected graph: write "
            "(a + a.T) / 2, or a | a.T of booleans"
        )
    return xp, weights


def _worst(xp: ModuleType, weights: Array) -> Array:
    bad = ~xp.isfinite(weights) | (weights < 0)
    return xp.reshape(weights, (-1,))[xp.argmax(xp.astype(xp.reshape(bad, (-1,)), xp.int64))]


def _check_flag(name: str, flag: bool) -> None:
    if not isinstance(flag, bool):
        raise TypeError(f"{name} is {flag!r}, and must be True or False")


def _fitting(xp: ModuleType, result: Array, adjacency: Array) -> Array:
    """In the floating type of adjacency, or in the library's default one if it holds none."""
    own = kind_of(xp, adjacency.dtype, "real floating")
    return xp.astype(result, adjacency.dtype if own else xp.asarray(0.0).dtype)
