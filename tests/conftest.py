"""What all tests share."""

import jaxtyping
import pytest


@pytest.fixture
def as_a_reader_runs_it():
    """Without the shape checks of the test run, which would speak before our own errors do."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)
