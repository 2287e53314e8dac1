"""The command `attnlab`: open the course, store its notebooks, build the book, train a model, and
tell how far you are with the exercises."""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from attnlab import __version__
from attnlab.course_folder import course

_PACKAGE = Path(__file__).parent


def main(arguments: list[str] | None = None) -> int:
    """Run the command with these arguments, sys.argv's if None; the exit code is returned."""
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="attnlab", description="a course on attention")
    parser.add_argument("--version", action="version", version=f"attnlab {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (told, describe) in _COMMANDS.items():
        command = commands.add_parser(name, help=told)
        if name in arguments:  # what train can learn takes PyTorch to tell
            describe(command)
    chosen, rest = parser.parse_known_args(arguments)
    if rest and chosen.command != "lab":
        parser.error(f"unknown: {' '.join(rest)}")
    try:
        return chosen.func(argparse.Namespace(**vars(chosen), rest=rest))
    except (OSError, ValueError) as error:
        words = getattr(error, "filename", None) is None and getattr(error, "strerror", None)
        print(f"attnlab: {words or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("attnlab: stopped at once; what was saved before stays", file=sys.stderr)
        return 130


def _describe_lab(lab: argparse.ArgumentParser) -> None:
    lab.set_defaults(func=lambda chosen: open_lab(chosen.rest))


def _describe_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("notebooks", nargs="*", type=Path, help="all of the course if none is named")
    run.add_argument(
        "--refresh", action="store_true", help="do not execute: only renew the figures' stored code"
    )
    run.set_defaults(
        func=lambda chosen: store(
            chosen.notebooks or sorted(course().glob("*.ipynb")), chosen.refresh
        )
    )


def _describe_book(book: argparse.ArgumentParser) -> None:
    book.add_argument("--serve", action="store_true", help="serve it, and rebuild on change")
    book.set_defaults(func=lambda chosen: make_book(chosen.serve))


def _describe_slides(slides: argparse.ArgumentParser) -> None:
    slides.set_defaults(func=lambda _: make_slides())


def _describe_train(train: argparse.ArgumentParser) -> None:
    if "WORLD_SIZE" in os.environ:  # one of several processes, which need not all warn
        os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    tasks = ", ".join(_module("recipes").RECIPES)
    train.add_argument("task", help=f"what to learn: {tasks}")
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
    train.set_defaults(func=train_model)


def _describe_progress(progress: argparse.ArgumentParser) -> None:
    progress.set_defaults(func=lambda _: show_progress())


def _describe_solutions(solutions: argparse.ArgumentParser) -> None:
    solutions.add_argument("folder", type=Path, metavar="DIR", help="elsewhere; made if missing")
    solutions.set_defaults(func=lambda chosen: solve(chosen.folder))


_COMMANDS = {
    "lab": ("open the course; all else is handed on to jupyter lab", _describe_lab),
    "run": ("execute notebooks and store them in canonical form", _describe_run),
    "book": ("build the book, every figure of it live", _describe_book),
    "slides": ("make slides of every chapter, their figures live", _describe_slides),
    "train": ("train a model of the course, or go on", _describe_train),
    "progress": ("the exercises, and how far you are with them", _describe_progress),
    "solutions": ("write solved copies of the notebooks", _describe_solutions),
}
"""The commands: what is told of each, and what describes its arguments and says what it does."""


def _module(name: str) -> ModuleType:
    """A module of the package, loaded when its command is given: some load PyTorch or Jupyter."""
    return importlib.import_module(f"attnlab.{name}")


def train_model(chosen: argparse.Namespace) -> int:
    """Train by the recipe that was chosen on the command line."""
    numbers = {"steps": chosen.steps, "seed": chosen.seed, "threads": chosen.threads}
    return _module("recipes.command").train_by_recipe(
        chosen.task, chosen.config, chosen.resume, pause=chosen.save_every, **numbers
    )


def show_progress() -> int:
    """Print the table of the exercises."""
    print(_module("check").progress())
    return 0


def solve(folder: Path) -> int:
    """Write copies of the course's notebooks with every exercise solved; nothing is executed."""
    for line in _module("check.solved_copies").write_solutions(course(), folder):
        print(line)
    return 0


def open_lab(rest: list[str]) -> int:
    """Sign the course's notebooks, so that their figures are live at once, and open JupyterLab.

    No news, no build check, no look-up of extensions: nothing asks another host. Texts such as
    the glossary open as they are meant to be read. The server hands out the weights of the models
    that come with the package, so that their figures need no kernel.
    """
    folder = course()
    _module("book.storing").sign(folder)
    paths = [str(_PACKAGE / "jupyter_config"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    environment = os.environ | {"JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, paths))}
    page = f"/lab/tree/{folder.name}/00_start_here.ipynb"
    command = [sys.executable, "-m", "jupyterlab", "--log-level=WARN"]
    command += [f"--ServerApp.root_dir={folder.parent}", f"--LabApp.default_url={page}"]
    command += ["--LabApp.extension_manager=readonly"]
    # Serves the weights of models at lab/extensions/weights/, as page_config.json says to figures.
    command += [f"--LabApp.extra_labextensions_path={_PACKAGE / 'recipes'}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # as in most containers; the server listens here only
    try:
        return subprocess.call([*command, *rest], env=environment)
    except KeyboardInterrupt:
        return 0


def store(paths: list[Path], refresh: bool) -> int:
    """Execute each notebook unless `refresh`, and write it back in canonical form."""
    for path in paths:
        _module("book.storing").store(path, code_of, refresh=refresh)
        print(f"{path.name}: {'refreshed' if refresh else 'executed'}")
    return 0


def make_book(serve: bool) -> int:
    """Build the book of the course, and say where it lies; or serve it until Ctrl+C."""
    build = _module("book.build")
    if serve:
        build.serve_book(course().parent)
    else:
        page = build.build_book(course().parent)
        print(f"The book: {page}\nIt moves from there as it is, and from any web server.")
    return 0


def make_slides() -> int:
    """Build the decks of the course, and say where they lie."""
    page = _module("book.slides").build_slides(course().parent)
    print(f"The slides: {page}\nThey move from there as they are, and need no network.")
    return 0


def code_of(name: str) -> tuple[str, str]:
    """The current JavaScript, if it has any, and CSS of the class with this dotted name."""
    module, _, attribute = name.rpartition(".")
    shown = getattr(importlib.import_module(module), attribute)
    return getattr(shown, "_esm", ""), shown._css


if __name__ == "__main__":
    sys.exit(main())
