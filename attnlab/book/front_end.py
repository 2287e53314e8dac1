"""What pages need beside them so that their figures move: the same for the book and the slides."""

from __future__ import annotations

import base64
import importlib.metadata
import json
import shutil
from pathlib import Path

from attnlab.book.outputs import ENDING, best, picture_name
from attnlab.book.stored import VIEW, state_of

_HERE = Path(__file__).parent / "front"
_PACKAGES = {
    "require.js": "requirejs/require.js",
    "embed-amd.js": "@jupyter-widgets/html-manager/dist/libembed-amd.js",
    "katex.css": "katex/dist/katex.min.css",
    "fonts": "katex/dist/fonts",
}


def put_front_end(destination: Path, root: Path) -> None:
    """Copy our own scripts and styles, and those of the front-end packages, to `destination`.

    Raises:
        FileNotFoundError: the packages are not installed, with the cure.
    """
    destination.mkdir(parents=True, exist_ok=True)
    for file in sorted(_HERE.iterdir()):
        shutil.copyfile(file, destination / file.name)
    for name, inside in _PACKAGES.items():
        source = root / "node_modules" / inside
        if not source.exists():
            raise FileNotFoundError(
                f"node_modules/{inside} is missing: make book installs it (by npm ci)"
            )
        if source.is_dir():
            (destination / name).mkdir(exist_ok=True)
            for font in source.glob("*.woff2"):
                shutil.copyfile(font, destination / name / font.name)
        else:
            shutil.copyfile(source, destination / name)
    shutil.copyfile(_anywidget(), destination / "anywidget.js")


def put_notebook(destination: Path, notebook, chapter: str) -> None:
    """Write the state of a notebook's live figures, and its pictures, to `destination`."""
    state = state_of(notebook)
    if state:
        text = json.dumps(state, sort_keys=True, ensure_ascii=False).replace("</", "<\\/")
        script = f'(window.attnlabStates ??= {{}})["{chapter}"] = {text};\n'
        (destination / f"{chapter}.js").write_text(script, encoding="utf-8")
    for name, data in pictures(notebook, chapter).items():
        (destination / name).write_bytes(data)


def pictures(notebook, chapter: str) -> dict[str, bytes]:
    """The pictures among the outputs, the stills of live figures too, by the name of their file."""
    found = {}
    for cell in notebook.cells:
        for index, output in enumerate(cell.get("outputs", [])):
            data = output.get("data", {})
            kind = "image/png" if VIEW in data else best(data) if data else None
            if kind in ENDING and kind in data:
                name = picture_name(chapter, cell.id, index, kind)
                is_text = kind == "image/svg+xml"
                found[name] = data[kind].encode() if is_text else base64.b64decode(data[kind])
    return found


def _anywidget() -> Path:
    """The AMD bundle that anywidget's own distribution brings."""
    files = importlib.metadata.files("anywidget") or []
    for file in files:
        if file.name == "index.js" and "nbextensions" in file.parts:
            return Path(file.locate())
    raise FileNotFoundError("anywidget came without its nbextension: pip install anywidget anew")
