import numpy as np
import pytest

from attnlab import dot


def test_shapes_are_checked_where_the_run_asks_for_it_and_nowhere_else(request):
    asked = request.config.getoption("jaxtyping_packages", None)
    with pytest.raises(TypeError) as caught:
        dot(np.ones((2, 3), dtype=int), np.ones((5, 3), dtype=int))
    assert (type(caught.value).__name__ == "TypeCheckError") == bool(asked)
