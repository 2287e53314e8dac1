"""How the tests are spread over processes: what shares a browser or a kernel stays together.

`pytest -n 2` makes two processes and hands each a group at a time, the longest groups first.
"""

from collections.abc import Sequence

from xdist.scheduler import LoadScopeScheduling

# Each needs one browser, and one server or one built book: started once a run, by one process.
BROWSERS = {
    "tests/test_browser.py": "JupyterLab",
    "tests/test_book.py": "the book",
    "tests/test_decks.py": "the book",
    "tests/book/test_as_jupyter_shows_it.py": "the book",
}
# What takes long begins early, so that no process waits for another at the end.
FIRST = ["the book", "JupyterLab"]
LONG = ("notebooks/", "tests/training/", "tests/recipes/", "tests/check/test_exercises.py")


def group_of(nodeid: str) -> str:
    """The group that a test belongs to: a browser, or else its own file."""
    path = nodeid.partition("::")[0]
    return BROWSERS.get(path, path)


def longest_first(groups: Sequence[str]) -> list[str]:
    """The groups in the order in which they are handed out."""

    def rank(group: str) -> tuple[int, int]:
        if group in FIRST:
            return 0, FIRST.index(group)
        return next((1, i) for i, begin in enumerate([*LONG, ""]) if group.startswith(begin))

    return sorted(groups, key=rank)


class InGroups(LoadScopeScheduling):
    """Hands out whole groups, as `group_of` makes them, in the order in which they come."""

    def __init__(self, config, log=None):
        config.option.loadscopereorder = False  # or those with most tests would begin
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
