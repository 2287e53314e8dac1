"""The shape of the package: imports point one way, names are unique, a light start."""

import ast
import statistics
import subprocess
import sys
from pathlib import Path

import attnlab
import lengths

package = Path(attnlab.__file__).parent
modules = sorted(package.rglob("*.py"))

# From the ground up: a tier may import from those named here.
TIERS = {
    "course_folder": set(),
    "core": set(),
    "nn": {"core"},
    "tasks": {"course_folder"},
    "training": set(),
    "recipes": {"core", "nn", "tasks", "training"},
    "check": {"core"},
    "lab": {"check", "core", "nn", "recipes", "tasks", "training"},
    "book": set(),
    "copies": set(),
    "cli": {
        "book",
        "check",
        "copies",
        "core",
        "course_folder",
        "lab",
        "nn",
        "recipes",
        "tasks",
        "training",
    },
    "": {"core"},
}


def name_of(path: Path) -> str:
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def tier_of(module: str) -> str:
    return [*module.split("."), ""][1]


def imports_of(path: Path) -> set[str]:
    """The modules of attnlab that this one imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports are written out in full"
            assert all(a.name != "*" for a in node.names), f"{path.name}: a star import"
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    known = {name_of(path) for path in modules}
    return {name for name in found if name in known and name != "attnlab"} - {name_of(path)}


def test_every_module_belongs_to_a_tier():
    assert [name for name in map(name_of, modules) if tier_of(name) not in TIERS] == []


def test_imports_point_down_the_tiers():
    up = {}
    for path in modules:
        tier = tier_of(name_of(path))
        reached = {tier_of(name) for name in imports_of(path)} - {tier}
        if reached - TIERS[tier]:
            up[name_of(path)] = reached - TIERS[tier]
    assert up == {}, "these must not import from there"


def test_no_circles():
    # A package's __init__ hands on names of its own modules; they import each other directly.
    graph = {name_of(p): imports_of(p) for p in modules if p.name != "__init__.py"}
    done: set[str] = set()

    def visit(name, trail):
        assert name not in trail, " -> ".join([*trail, name])
        if name not in done:
            for below in graph.get(name, ()):
                visit(below, [*trail, name])
            done.add(name)

    for name in graph:
        visit(name, [])
    assert done >= set(graph)


def inner_imports(path: Path) -> set[str]:
    """The import statements of a module that stand inside its functions."""
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    return {
        f"{name_of(path)}, line {node.lineno}"
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, functions)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }


def test_few_imports_stand_inside_functions():
    # What is slow to load is behind a lazy door, as that of the lab, or in a module of its own.
    inner = sorted(name for path in modules for name in inner_imports(path))
    assert len(inner) <= 12, inner


def test_no_code_asks_whether_it_is_tested():
    asking = [name_of(p) for p in modules if '"jaxtyping"' in p.read_text(encoding="utf-8")]
    assert asking == []


def test_file_names_are_unique():
    exercises = package / "check" / "exercises"  # they are named for what is exercised
    found = [path for path in modules if exercises not in path.parents]
    names = [path.name for path in found if path.name != "__init__.py"]
    assert len(names) == len(set(names)), sorted(n for n in names if names.count(n) > 1)


def test_functions_stay_short():
    found = lengths.functions()
    assert statistics.median(found.values()) <= lengths.MEDIAN
    long = [name for name, lines in found.items() if lines > lengths.LONGEST]
    assert long == [], f"at most {lengths.LONGEST} lines each, docstrings aside"


def test_each_file_says_in_a_line_what_it_is():
    silent = [
        name_of(path)
        for path in modules
        if not (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").strip()
    ]
    assert silent == []


def test_import_attnlab_is_light():
    heavy = ["torch", "matplotlib", "ipywidgets", "anywidget", "sklearn", "jaxtyping"]
    program = f"import attnlab, sys; print([m for m in {heavy} if m in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_public_names_are_listed_and_told():
    for name in attnlab.__all__:
        function = getattr(attnlab, name)
        assert function.__doc__, name
        for word in (">>>", "Source:"):
            assert word in function.__doc__, f"{name}: its docstring lacks {word}"
