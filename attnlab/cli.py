"""The command `attnlab`: open the course, store its notebooks, build the book, train a model, and
tell how far you are with the exercises."""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
from pathlib import Path

from attnlab import __version__

_PACKAGE = Path(__file__).parent
_TASKS = "reverse, copy, sort, add, translation, lengths"  # of attnlab.recipes, not imported here


def main(arguments: list[str] | None = None) -> int:
    """Run the command with these arguments, sys.argv's if None; the exit code is returned."""
    parser = argparse.ArgumentParser(prog="attnlab", description="a course on attention")
    parser.add_argument("--version", action="version", version=f"attnlab {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("lab", help="open the course; all else is handed on to jupyter lab")
    run = commands.add_parser("run", help="execute notebooks and store them in canonical form")
    run.add_argument("notebooks", nargs="*", type=Path, help="all of the course if none is named")
    run.add_argument(
        "--refresh", action="store_true", help="do not execute: only renew the figures' stored code"
    )
    book = commands.add_parser("book", help="build the book, every figure of it live")
    book.add_argument("--serve", action="store_true", help="serve it, and rebuild on change")
    commands.add_parser("slides", help="make slides of every chapter, their figures live")
    _describe_train(commands.add_parser("train", help="train a model of the course, or go on"))
    commands.add_parser("progress", help="the exercises, and how far you are with them")
    solutions = commands.add_parser("solutions", help="write solved copies of the notebooks")
    solutions.add_argument("folder", type=Path, metavar="DIR", help="elsewhere; made if missing")
    chosen, rest = parser.parse_known_args(arguments)
    if rest and chosen.command != "lab":
        parser.error(f"unknown: {' '.join(rest)}")
    try:
        if chosen.command == "lab":
            return open_lab(rest)
        if chosen.command == "train":
            return train_model(chosen)
        if chosen.command == "book":
            return make_book(chosen.serve)
        if chosen.command == "slides":
            return make_slides()
        if chosen.command == "progress":
            return show_progress()
        if chosen.command == "solutions":
            return solve(chosen.folder)
        return store(chosen.notebooks or sorted(course().glob("*.ipynb")), chosen.refresh)
    except (OSError, ValueError) as error:
        words = getattr(error, "filename", None) is None and getattr(error, "strerror", None)
        print(f"attnlab: {words or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("attnlab: stopped at once; what was saved before stays", file=sys.stderr)
        return 130


def _describe_train(train: argparse.ArgumentParser) -> None:
    train.add_argument("task", help=f"what to learn: {_TASKS}")
    train.add_argument("--config", help="the model's configuration, such as small")
    train.add_argument(
        "--resume",
        type=Path,
        metavar="DIR",
        help="go on from the newest checkpoint there, or begin there; a new folder if not given",
    )
    train.add_argument("--steps", type=int, help="how many steps, in place of the recipe's")
    train.add_argument("--seed", type=int, help="where the random numbers begin")
    train.add_argument(
        "--save-every",
        type=float,
        default=15.0,
        metavar="SECONDS",
        help="how old the last checkpoint may become",
    )
    train.add_argument("--threads", type=int, default=1, help="1 is quickest for small models")


def train_model(chosen: argparse.Namespace) -> int:
    """Train by the recipe that was chosen on the command line."""
    from attnlab.recipes.command import train_by_recipe

    numbers = {"steps": chosen.steps, "seed": chosen.seed, "threads": chosen.threads}
    return train_by_recipe(
        chosen.task, chosen.config, chosen.resume, pause=chosen.save_every, **numbers
    )


def show_progress() -> int:
    """Print the table of the exercises."""
    from attnlab.check import progress

    print(progress())
    return 0


def solve(folder: Path) -> int:
    """Write copies of the course's notebooks with every exercise solved; nothing is executed."""
    from attnlab.check.solved_copies import write_solutions

    for line in write_solutions(course(), folder):
        print(line)
    return 0


def course() -> Path:
    """The folder of the notebooks: the one here, or that of the checkout that is installed."""
    for folder in (Path.cwd() / "notebooks", _PACKAGE.parent / "notebooks"):
        if (folder / "00_start_here.ipynb").exists():
            return folder
    raise FileNotFoundError(
        "no notebooks/00_start_here.ipynb here: go to the folder of the course and try again"
    )


def open_lab(rest: list[str]) -> int:
    """Sign the course's notebooks, so that their figures are live at once, and open JupyterLab.

    No news, no build check, no look-up of extensions: nothing asks another host.
    """
    from nbformat import read
    from nbformat.sign import NotebookNotary

    folder = course()
    notary = NotebookNotary()
    for path in sorted(folder.glob("*.ipynb")):
        notary.sign(read(path, as_version=4))
    paths = [str(_PACKAGE / "jupyter_config"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    environment = os.environ | {"JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, paths))}
    page = f"/lab/tree/{folder.name}/00_start_here.ipynb"
    command = [sys.executable, "-m", "jupyterlab", "--log-level=WARN"]
    command += [f"--ServerApp.root_dir={folder.parent}", f"--LabApp.default_url={page}"]
    command += ["--LabApp.extension_manager=readonly"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # as in most containers; the server listens here only
    try:
        return subprocess.call([*command, *rest], env=environment)
    except KeyboardInterrupt:
        return 0


def store(paths: list[Path], refresh: bool) -> int:
    """Execute each notebook unless `refresh`, and write it back in canonical form."""
    import nbformat

    from attnlab.book.canonical import canonical, text
    from attnlab.book.execution import CellExecutionError, executed

    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"{path}: no such notebook")
        try:
            book = nbformat.read(path, as_version=4) if refresh else executed(path)
        except CellExecutionError as error:
            raise ValueError(f"{path.name} was left as it is, for a cell failed\n{error}") from None
        path.write_text(text(canonical(book, code_of)), encoding="utf-8", newline="\n")
        print(f"{path.name}: {'refreshed' if refresh else 'executed'}")
    return 0


def make_book(serve: bool) -> int:
    """Build the book of the course, and say where it lies; or serve it until Ctrl+C."""
    from attnlab.book.build import build_book, serve_book

    if serve:
        serve_book(course().parent)
    else:
        page = build_book(course().parent)
        print(f"The book: {page}\nIt moves from there as it is, and from any web server.")
    return 0


def make_slides() -> int:
    """Build the decks of the course, and say where they lie."""
    from attnlab.book.slides import build_slides

    page = build_slides(course().parent)
    print(f"The slides: {page}\nThey move from there as they are, and need no network.")
    return 0


def code_of(name: str) -> tuple[str, str]:
    """The current JavaScript and CSS of the widget class with this dotted name."""
    module, _, attribute = name.rpartition(".")
    widget = getattr(importlib.import_module(module), attribute)
    return widget._esm, widget._css


if __name__ == "__main__":
    sys.exit(main())
