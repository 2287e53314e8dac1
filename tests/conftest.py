"""What all tests share."""

import os

# One thread each, also in kernels: two processes share the cores, and small sums gain nothing.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import settings

from seconds import Seconds, budgets
from shaped import checked
from solved import with_solutions
from spread import InGroups, group_of, longest_first

# Machines are busy at times: how long an example takes says nothing about the code.
settings.register_profile("busy machines", deadline=None)
settings.load_profile("busy machines")


def pytest_addoption(parser):
    parser.addoption(
        "--everything",
        action="store_true",
        help="every figure with every key in every host, every chapter run in JupyterLab",
    )


def pytest_configure(config):
    kind = "everything" if config.option.everything else "every_day"
    config.pluginmanager.register(Seconds(budgets(kind)), "seconds")


@pytest.hookimpl(optionalhook=True)  # there may be one process only, without xdist
def pytest_xdist_make_scheduler(config, log):
    return InGroups(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Leave out what is for --everything, add the solutions, and put the longest groups first."""
    if not config.option.everything:
        left = [item for item in items if item.get_closest_marker("everything")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in set(left)]
    items[:] = with_solutions(items)
    order = longest_first(dict.fromkeys(group_of(item.nodeid) for item in items))
    items.sort(key=lambda item: order.index(group_of(item.nodeid)))


@pytest.fixture(scope="session")
def everything(request) -> bool:
    """Whether each figure is tried in each host with each key, and not each thing once."""
    return request.config.option.everything


@pytest.fixture(scope="session", autouse=True)
def own_progress(tmp_path_factory):
    """Exercises solved by tests, also in kernels, are noted in a folder of the tests."""
    os.environ["ATTNLAB_STATE"] = str(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="session")
def book(tmp_path_factory):
    """The folder of the book's pages, built once a run."""
    from published import build  # loads a browser's driver, which most tests do not need

    return build(tmp_path_factory.mktemp("book"))


@pytest.fixture
def as_a_reader_runs_it():
    """Without the shape checks of the test run, which would speak before our own errors do."""
    checked(False)
    yield
    checked(True)
