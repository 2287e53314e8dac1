"""Low-rank attention: the keys are mixed down to a few, whatever the length of the sequence."""

from __future__ import annotations

from attnlab.core.arrays import Array, Float, check_axes, floating, meet
from attnlab.core.attention import attention
from attnlab.core.precision import check_same_type, narrowed, widened
from attnlab.core.sequence_checks import check_sequences


def low_rank_attention(
    query: Float[Array, "... query d_k"],
    key: Float[Array, "... key d_k"],
    value: Float[Array, "... key d_v"],
    project_key: Float[Array, "... m key"],
    project_value: Float[Array, "... m key"] | None = None,
) -> Float[Array, "... query d_v"]:
    """Attention to m mixtures of the words, in place of the words themselves.

        softmax(query @ (project_key @ key)^T / sqrt(d_k)) @ (project_value @ value)

    Scores are made for query times m pairs. The projections are parameters, learnt with the rest,
    and belong to one length: the sequence must have as many words as they have columns. A mixture
    holds words from everywhere, so no causal mask can be put on it.

    Args:
        query: (..., query, d_k)
        key: (..., key, d_k)
        value: (..., key, d_v), one value for each key.
        project_key: (m, key), row by row how a mixture is made of the keys.
        project_value: (m, key), the same for the values; project_key if not given.

    Raises:
        TypeError: not real numbers, or NumPy mixed with torch.
        ValueError: sizes that do not fit, naming both.

    >>> query, key = np.zeros((1, 2)), np.eye(4)[:, :2]
    >>> mean_of_halves = np.array([[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]])
    >>> low_rank_attention(query, key, np.array([[1.0], [3.0], [5.0], [7.0]]), mean_of_halves)
    array([[4.]])

    Source: Wang et al. 2020, "Linformer", eq. 7.
    """
    xp = check_sequences(query, key, value)
    if project_value is None:
        project_value = project_key
    projections = {"project_key": project_key, "project_value": project_value}
    floating(query=query, **projections)
    check_same_type(xp, query=query, **projections)
    _check_projections(projections, key)
    sources = query, key, value, project_key, project_value
    query, key, value, of_keys, of_values = widened(xp, *sources)
    return narrowed(xp, attention(query, of_keys @ key, of_values @ value), *sources)


def _check_projections(projections: dict[str, Array], key: Array) -> None:
    keys = key.shape[-2]
    for name, projection in projections.items():
        check_axes(name, projection, "m key")
        if projection.shape[-1] != keys:
            raise ValueError(
                f"{name} has shape {tuple(projection.shape)}, and key {keys} positions: a "
                f"projection is made for one length, so its rows must be {keys} long"
            )
        if not meet(projection.shape[:-2], key.shape[:-2]):
            raise ValueError(
                f"{name} has batch axes {tuple(projection.shape[:-2])} and key "
                f"{tuple(key.shape[:-2])}: counted from the right, each must be equal, or 1 in one "
                "of them"
            )
    rows = [projection.shape[-2] for projection in projections.values()]
    if rows[0] != rows[1] or rows[0] == 0:
        raise ValueError(
            f"project_key makes {rows[0]} mixtures and project_value {rows[1]}: each key needs "
            "exactly one value, and there must be at least one, so give both the same rows"
        )
