"""What pages need beside them so that their figures move: the same for the book and the slides."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import json
import re
import shutil
from pathlib import Path

from attnlab.book.outputs import ENDING, best, picture_name
from attnlab.book.stored import VIEW, state_of

_SCRIPT = '(window.attnlabStates ??= {})["%s"] = %s;\n'
_CODE = '(window.attnlabCode ??= {})["%s"] = %s;\n'
_WEIGHTS = '(window.attnlabWeights ??= {})["%s"] = "%s";\n'
_HERE = Path(__file__).parent / "front"
MODELS = Path(__file__).parents[1] / "recipes" / "weights"
_PALETTE = Path(__file__).parents[1] / "lab" / "widgets" / "palette.css"
_PACKAGES = {
    "require.js": "requirejs/require.js",
    "katex.css": "katex/dist/katex.min.css",
    "fonts": "katex/dist/fonts",
}
_MANAGER = "@jupyter-widgets/html-manager/dist/libembed-amd.js"
_MODULES = ["base", "controls", "html-manager"]


def put_front_end(destination: Path, root: Path) -> None:
    """Copy our own scripts and styles, and those of the front-end packages, to `destination`.

    Raises:
        FileNotFoundError: the packages are not installed, with the cure.
    """
    destination.mkdir(parents=True, exist_ok=True)
    for file in sorted(_HERE.iterdir()):
        shutil.copyfile(file, destination / file.name)
    shutil.copyfile(_PALETTE, destination / _PALETTE.name)
    for inside in [*_PACKAGES.values(), _MANAGER]:
        if not (root / "node_modules" / inside).exists():
            raise FileNotFoundError(
                f"node_modules/{inside} is missing: make book installs it (by npm ci)"
            )
    for name, inside in _PACKAGES.items():
        source = root / "node_modules" / inside
        if source.is_dir():
            (destination / name).mkdir(exist_ok=True)
            for font in source.glob("*.woff2"):
                shutil.copyfile(font, destination / name / font.name)
        else:
            shutil.copyfile(source, destination / name)
    manager = (root / "node_modules" / _MANAGER).read_text(encoding="utf-8")
    (destination / "embed-amd.js").write_text(needed(manager), encoding="utf-8")
    shutil.copyfile(_anywidget(), destination / "anywidget.js")


def needed(manager: str) -> str:
    """Of html-manager's bundle only the modules that figures use: two thirds of it.

    The rest are the widgets of ipywidgets 7 and a loader of their own, which no page asks for.

    Raises:
        ValueError: the bundle is not made as that of html-manager 1.0 is.
    """
    modules = re.split(r'^(?=define\("@jupyter-widgets/)', manager, flags=re.MULTILINE)
    kept = [part for name in _MODULES for part in modules if part.startswith(_define(name))]
    if len(kept) != len(_MODULES):
        raise ValueError(
            f"node_modules/{_MANAGER} does not hold {', '.join(_MODULES)}: "
            "npm ci installs the version of html-manager that package-lock.json names"
        )
    return "".join(kept)


def _define(module: str) -> str:
    return f'define("@jupyter-widgets/{module}",'


def put_notebook(destination: Path, notebook, chapter: str) -> None:
    """Write what moves a notebook's live figures, and its pictures, to `destination`."""
    state = state_of(notebook)
    if state:
        put_state(destination, state, chapter)
    for name, data in pictures(notebook, chapter).items():
        (destination / name).write_bytes(data)


def put_state(destination: Path, state: dict, name: str) -> None:
    """Write what moves the figures of this state, which is a chapter's or a part of one."""
    for file, script in {**scripts(state, name), **weights(state)}.items():
        (destination / file).write_text(script, encoding="utf-8")


def scripts(state: dict, chapter: str) -> dict[str, str]:
    """The scripts that move a chapter's figures, by the name of their file.

    `05.js` sets window.attnlabStates["05"], the state of its models. The code of a figure is the
    same wherever its kind is shown, so each text is a file of its own, named by its hash, which
    sets window.attnlabCode[hash]; the state names the hash in the place of the text.
    """
    code: dict[str, str] = {}
    models = {name: {**model, "state": dict(model["state"])} for name, model in state.items()}
    for model in models.values():
        for trait in ("_esm", "_css"):
            if not (text := model["state"].get(trait)):
                continue
            model["state"][trait] = name = hashlib.sha256(text.encode()).hexdigest()[:16]
            code[name] = text
    made = {f"code-{name}.js": _CODE % (name, _json(text)) for name, text in code.items()}
    return {**made, f"{chapter}.js": _SCRIPT % (chapter, _json(models))}


def weights(state: dict) -> dict[str, str]:
    """The scripts with the weights that figures name and do not hold, by the name of their file.

    `weights-HASH.js` sets window.attnlabWeights[HASH], the bytes of a safetensors file that comes
    with attnlab, in base64. A figure loads it when it starts.

    Raises:
        ValueError: a figure names weights that do not come with attnlab.
    """
    figures = [model["state"] for model in state.values() if "tensors" in model["state"]]
    models = [figure["model"] for figure in figures if figure["tensors"] is None]
    models += [other for figure in figures for other in figure.get("others", [])]
    named = {model["weights"] for model in models}
    found = {hashlib.sha256(file.read_bytes()).hexdigest()[:16]: file for file in _shipped(named)}
    if missing := sorted(named - set(found)):
        raise ValueError(
            f"a figure names the weights {missing[0]}, which do not come with attnlab: train a "
            "smaller model for it, or show one of attnlab.recipes.trained"
        )
    return {
        f"weights-{name}.js": _WEIGHTS % (name, base64.b64encode(found[name].read_bytes()).decode())
        for name in sorted(named)
    }


def _shipped(named: set[str]) -> list[Path]:
    return sorted(MODELS.glob("*.safetensors")) if named else []


def _json(value) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False).replace("</", "<\\/")


def pictures(notebook, chapter: str) -> dict[str, bytes]:
    """The pictures among the outputs, the stills of live figures too, by the name of their file."""
    found = {}
    for cell in notebook.cells:
        for index, output in enumerate(cell.get("outputs", [])):
            data = output.get("data", {})
            kind = "image/png" if VIEW in data else best(data)
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
