"""The pages of the package: every public name, as its docstring and its signature have it."""

import importlib
import inspect
import re
import subprocess
import sys

import pytest

from attnlab.book.docstrings import docstring_html
from attnlab.book.reference import ROOMS, public_names, reference_page, room_page
from attnlab.book.trouble import BookError


@pytest.mark.parametrize("room", ROOMS)
def test_a_page_has_every_public_name_of_its_room(room):
    module = importlib.import_module(f"attnlab.{room}")
    page = room_page(room)
    assert sorted(re.findall(r'<h2 id="(\w+)">', page)) == sorted(module.__all__)
    assert "<p></p>" not in page
    assert f"attnlab.{room}" in reference_page()


@pytest.mark.parametrize("room", ROOMS)
def test_what_a_function_takes_is_what_python_says(room):
    module = importlib.import_module(f"attnlab.{room}")
    for public in public_names(room):
        value = getattr(module, public.name)
        if inspect.isfunction(value):
            there = eval(
                f"lambda {public.call.split('(', 1)[1][:-1]}: 0", vars(inspect.getmodule(value))
            )
            assert list(inspect.signature(there).parameters) == list(
                inspect.signature(value).parameters
            )
            assert public.text == inspect.getdoc(value)


def made(folder, text, door):
    room = folder / "core"
    room.mkdir()
    (room / "__init__.py").write_text(door, encoding="utf-8")
    (room / "part.py").write_text(text, encoding="utf-8")
    return public_names("core", folder)


def test_a_class_shows_what_makes_it_and_its_methods(tmp_path):
    text = '''
class Part:
    """A part."""

    def __init__(self, size: int, *more: int, bias: bool = True):
        self.size = size

    def called(self, x: int = 0) -> int:
        """Calls."""

    @property
    def wide(self) -> bool:
        """Whether it is wide."""

    @staticmethod
    def alone(x):
        """Needs none."""

    def _own(self):
        """Nobody's."""

    def silent(self):
        pass


@dataclass
class Config:
    """Sizes."""

    d_model: int
    heads: int = 8


BEGIN, END = 1, 2
"""Marks."""
'''
    door = '__all__ = ["BEGIN", "Config", "Part"]'
    begin, config, part = made(tmp_path, text, door)
    assert part.call == "Part(size, *more, bias=True)"
    assert [one.call for one in part.inner] == ["called(x=0)", "wide", "alone(x)"]
    assert config.call == "Config(d_model, heads=8)"
    assert (begin.call, begin.text) == ("BEGIN = 1", "Marks.")


@pytest.mark.parametrize(
    ("text", "lack"),
    [("def other():\n    '''Another.'''", "is not defined"), ("def f(): ...", "has no docstring")],
)
def test_what_is_missing_is_named(tmp_path, text, lack):
    with pytest.raises(BookError, match=f"f {lack}"):
        made(tmp_path, text, '__all__ = ["f"]')


def test_a_docstring_becomes_html():
    text = """Adds `one` < two.

    Args:
        x, y: numbers, the second
            being (..., n).
        **more: options.

    Raises:
        ValueError: no.

    - a point
      in two lines
    - another

        y = x + 1

    >>> add(1)
    2

    >>> add(2)
    3
    """
    page = docstring_html(text)
    assert "<p>Adds <code>one</code> &lt; two.</p>" in page
    assert "<dt>x, y</dt><dd>numbers, the second being (..., n).</dd>" in page
    assert "<dt>**more</dt><dd>options.</dd>" in page
    assert "<b>What it refuses</b></p>\n\n<dl><dt>ValueError</dt><dd>no.</dd></dl>" in page
    assert "<ul><li>a point in two lines</li><li>another</li></ul>" in page
    assert "<pre><code>y = x + 1</code></pre>" in page
    assert "<pre><code>&gt;&gt;&gt; add(1)\n2\n\n&gt;&gt;&gt; add(2)\n3</code></pre>" in page


def test_no_page_needs_torch(tmp_path):
    program = "from attnlab.book.reference import ROOMS, room_page; import sys; "
    program += "[room_page(room) for room in ROOMS]; print('torch' in sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert said.stdout == "False\n"
