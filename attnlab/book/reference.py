"""The pages of the package: each public name, what it takes and gives, from its docstring.

The sources are read, not run, so that the book is built without torch.
"""

from __future__ import annotations

import ast
import html
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from attnlab.book.docstrings import docstring_html
from attnlab.book.markup import inline, link
from attnlab.book.trouble import BookError

PACKAGE = Path(__file__).parents[1]
ROOMS = ("core", "nn", "tasks", "training", "recipes", "lab", "check")
"""The rooms that a reader imports from, from the ground up."""

_SHORT = 80
_INTRODUCTION = """# The package

What the chapters import, room by room. Each page is made from the sources: the names of a room,
what they take and give, what they refuse, and where they come from.
"""


@dataclass(frozen=True)
class Public:
    """A public name.

    Args:
        name: as it is imported.
        call: the name with what it takes in brackets; the bare name, if it is no function.
        text: its docstring.
        inner: the methods and properties of a class, likewise.
    """

    name: str
    call: str
    text: str
    inner: tuple[Public, ...] = ()


def path_of(room: str) -> str:
    """The file of the page of a room, as mdBook is told of it."""
    return f"package_{room}.md"


def reference_page() -> str:
    """The Markdown of the first page: the rooms, each with the first sentence of its docstring."""
    rows = []
    for room in ROOMS:
        first = (ast.get_docstring(_tree(PACKAGE / room / "__init__.py")) or "").split("\n")[0]
        page = path_of(room).replace(".md", ".html")
        rows.append(f"<dt>{link(page, f'attnlab.{room}')}</dt><dd>{inline(first)}</dd>")
    return f"{_INTRODUCTION}\n<dl>{''.join(rows)}</dl>\n"


def room_page(room: str) -> str:
    """The Markdown of the page of a room.

    Raises:
        BookError: a public name is not there, or has no docstring.
    """
    door = ast.get_docstring(_tree(PACKAGE / room / "__init__.py")) or ""
    names = "\n\n".join(_shown(public) for public in public_names(room))
    return f"# attnlab.{room}\n\n{docstring_html(door)}\n\n{names}\n"


def public_names(room: str, package: Path = PACKAGE) -> list[Public]:
    """What a room's `__all__` lists, in the order of the alphabet.

    Raises:
        BookError: a public name is not there, or has no docstring.
    """
    door = package / room / "__init__.py"
    there: dict[str, tuple[ast.AST, str | None]] = {}
    for path in sorted((package / room).rglob("[a-z]*.py")):
        if not path.parent.name[0].isdigit():  # that would be the exercises of a chapter
            there |= {name: (node, text) for name, node, text in _defined(_tree(path))}
    own = _defined(_tree(door))
    there |= {name: (node, text) for name, node, text in own if isinstance(node, ast.FunctionDef)}
    found = []
    for name in sorted(_listed(door), key=str.casefold):
        node, text = there.get(name, (None, None))
        if node is None or (text is None and not isinstance(node, ast.expr)):
            lack = "is not defined in the room" if node is None else "has no docstring"
            raise BookError(f"attnlab/{room}/__init__.py", f"{name} {lack}", "mend it there")
        found.append(_public(name, node, text))
    return found


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _listed(door: Path) -> list[str]:
    assigned = [node for node in _tree(door).body if isinstance(node, ast.Assign)]
    for node in assigned:
        if getattr(node.targets[0], "id", "") == "__all__" and _is_plain(node.value):
            return ast.literal_eval(node.value)
    # A door that opens when a name is asked for lists what is behind it; it is light itself.
    return import_module(f"attnlab.{door.parent.name}").__all__


def _is_plain(node: ast.expr) -> bool:
    """Whether this is a list of words, written out."""
    return all(isinstance(part, ast.List | ast.Constant | ast.Load) for part in ast.walk(node))


def _defined(tree: ast.Module) -> Iterator[tuple[str, ast.AST, str | None]]:
    """The functions, classes and values of a module, with their docstrings."""
    for node, after in zip(tree.body, [*tree.body[1:], None], strict=True):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node, ast.get_docstring(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            said = after.value if isinstance(after, ast.Expr) else None
            text = said.value if isinstance(said, ast.Constant) else None
            for name, value in _values(target, node.value):
                yield name, value, text if isinstance(text, str) else None


def _values(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """The names that an assignment gives, each with its own value."""
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, its in zip(target.elts, value.elts, strict=True):
            yield from _values(one, its)


def _public(name: str, node: ast.AST, text: str | None) -> Public:
    text = text or ""
    if isinstance(node, ast.FunctionDef):
        return Public(name, f"{name}({_taken(node)})", text)
    if not isinstance(node, ast.ClassDef):
        value = ast.unparse(node)
        return Public(name, f"{name} = {value if len(value) <= _SHORT else '…'}", text)
    functions = [part for part in node.body if isinstance(part, ast.FunctionDef)]
    made = next((part for part in functions if part.name == "__init__"), None)
    told = [(part, ast.get_docstring(part)) for part in functions if part.name[0] != "_"]
    inner = tuple(_method(part, text) for part, text in told if text)
    takes = _taken(made, own=True) if made else ", ".join(_fields(node))
    return Public(name, f"{name}({takes})", text, inner)


def _method(node: ast.FunctionDef, text: str) -> Public:
    marks = {getattr(mark, "id", getattr(mark, "attr", "")) for mark in node.decorator_list}
    if marks & {"property", "cached_property"}:
        return Public(node.name, node.name, text)
    return Public(node.name, f"{node.name}({_taken(node, own='staticmethod' not in marks)})", text)


def _taken(node: ast.FunctionDef, *, own: bool = False) -> str:
    """What a function takes, without types: shapes and meanings stand in the docstring."""
    taken = node.args
    every = (*taken.posonlyargs, *taken.args, *taken.kwonlyargs, taken.vararg, taken.kwarg)
    for part in filter(None, every):
        part.annotation = None
    if own:
        taken.args = taken.args[1:]
    return ast.unparse(taken)


def _fields(node: ast.ClassDef) -> Iterator[str]:
    """The fields of a dataclass, with what they are by default."""
    for part in node.body:
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            yield part.target.id + (f"={ast.unparse(part.value)}" if part.value else "")


def _shown(public: Public) -> str:
    head = f'<h2 id="{public.name}"><code>{public.name}</code></h2>'
    inner = "\n\n".join(
        f"<h3><code>{html.escape(part.call)}</code></h3>\n\n{docstring_html(part.text)}"
        for part in public.inner
    )
    call = f'<pre><code class="language-python">{html.escape(public.call)}</code></pre>'
    return "\n\n".join([head, call, docstring_html(public.text), inner]).rstrip()
