"""What all tests share."""

import jaxtyping
import pytest
from hypothesis import settings

# Machines are busy at times: how long an example takes says nothing about the code.
settings.register_profile("busy machines", deadline=None)
settings.load_profile("busy machines")


@pytest.fixture
def as_a_reader_runs_it():
    """Without the shape checks of the test run, which would speak before our own errors do."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)
