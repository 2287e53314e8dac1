"""What the tests of the checker share."""

import pytest

from attnlab.check.hints import forget


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Progress is kept in a folder of the test, never in that of who runs it."""
    monkeypatch.setenv("ATTNLAB_STATE", str(tmp_path / "state"))
    forget()
    return tmp_path / "state"
