"""The command `attnlab`: open the course, bring a copy of it up to date, store its notebooks, build
the book, train a model, and tell how far you are with the exercises."""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from attnlab import __version__
from attnlab.course_folder import course, installed_course, packaged_course

_PACKAGE = Path(__file__).parent


def main(arguments: list[str] | None = None) -> int:
    """Run the command with these arguments, sys.argv's if None; the exit code is returned.

    Without a word it opens the course: `pipx run attnlab`.
    """
    arguments = (sys.argv[1:] if arguments is None else arguments) or ["lab"]
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
    lab.usage = "%(prog)s [FOLDER] [what else jupyter lab understands]"
    lab.description = (
        "Open the course in JupyterLab: that of this folder or checkout, or else a copy in FOLDER, "
        f"./{_module('copies').USUAL} if none is named, which is made the first time and is yours."
    )
    lab.set_defaults(func=lambda chosen: open_lab(chosen.rest))


def _describe_update(update: argparse.ArgumentParser) -> None:
    update.description = "Bring a copy of the course up to date; whatever you wrote stays."
    update.add_argument(
        "folder", nargs="?", type=Path, metavar="FOLDER", help="this one, or attnlab-course in it"
    )
    update.add_argument("--dry-run", action="store_true", help="only say what would be done")
    update.set_defaults(func=lambda chosen: update_course(chosen.folder, chosen.dry_run))


def _describe_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("notebooks", nargs="*", type=Path, help="all of the course if none is named")
    run.add_argument(
        "--refresh", action="store_true", help="do not execute: only renew the figures' stored code"
    )
    run.set_defaults(
        func=lambda chosen: store(chosen.notebooks or _own_notebooks(), chosen.refresh)
    )


def _describe_book(book: argparse.ArgumentParser) -> None:
    book.add_argument("--serve", action="store_true", help="serve it, and rebuild on change")
    book.set_defaults(func=lambda chosen: make_book(chosen.serve))


def _describe_slides(slides: argparse.ArgumentParser) -> None:
    slides.set_defaults(func=lambda _: make_slides())


def _describe_train(train: argparse.ArgumentParser) -> None:
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
    either = progress.add_mutually_exclusive_group()
    either.add_argument(
        "--hand-in", type=Path, metavar="FILE", help="write a copy that you can hand in: NAME.json"
    )
    either.add_argument(
        "--class",
        dest="of_class",
        type=Path,
        metavar="DIR",
        help="for teachers: sum up the files that students handed in, as class.csv and class.html",
    )
    progress.set_defaults(func=lambda chosen: progress_of(chosen.of_class, chosen.hand_in))


def _describe_solutions(solutions: argparse.ArgumentParser) -> None:
    solutions.add_argument("folder", type=Path, metavar="DIR", help="elsewhere; made if missing")
    solutions.set_defaults(func=lambda chosen: solve(chosen.folder))


def _describe_links(links: argparse.ArgumentParser) -> None:
    links.add_argument("hub", metavar="HUB", help="its address, such as https://hub.school.org")
    links.add_argument(
        "--repository", metavar="URL", help="from which students get the course; else book.toml's"
    )
    links.set_defaults(func=lambda chosen: show_links(chosen.hub, chosen.repository))


_COMMANDS = {
    "lab": ("open the course; all else is handed on to jupyter lab", _describe_lab),
    "update": ("bring a copy of the course up to date; what you wrote stays", _describe_update),
    "run": ("execute notebooks and store them in canonical form", _describe_run),
    "book": ("build the book, every figure of it live", _describe_book),
    "slides": ("make slides of every chapter, their figures live", _describe_slides),
    "train": ("train a model of the course, or go on", _describe_train),
    "progress": (
        "the exercises, and how far you are with them; for teachers a whole class",
        _describe_progress,
    ),
    "links": ("for teachers: links that open the chapters on your JupyterHub", _describe_links),
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


def progress_of(of_class: Path | None = None, handed_to: Path | None = None) -> int:
    """Print the table of the exercises, or sum up a class, or copy what is to be handed in."""
    if of_class:
        report = _module("check.class_report")
        found, *files = report.sum_up(of_class)
        print("\n".join([*report.told(found), *(f"Written: {file}" for file in files)]))
    elif handed_to:
        _module("check.diary").hand_in(handed_to)
        print(f"{handed_to} is there to be handed in: tries, mistakes and bets, no answers.")
    else:
        print(_module("check").progress())
    return 0


def show_links(hub: str, repository: str | None = None) -> int:
    """Print a link for each chapter."""
    for line in _module("book.hub_links").hub_links(course(), hub, repository):
        print(line)
    return 0


def solve(folder: Path) -> int:
    """Write copies of the course's notebooks with every exercise solved; nothing is executed."""
    for line in _module("check.solved_copies").write_solutions(course(), folder):
        print(line)
    return 0


def open_lab(rest: list[str]) -> int:
    """Open the course in JupyterLab, its notebooks signed, so that their figures are live at once.

    Where there is neither a checkout nor a copy of the course, one is made first; the first word
    may name its folder.

    No news, no build check, no look-up of extensions: nothing asks another host. Texts such as
    the glossary open as they are meant to be read. The server hands out the weights of the models
    that come with the package, so that their figures need no kernel.
    """
    given = Path(rest[0]) if rest and not rest[0].startswith("-") else None
    folder = _opened(given)
    for damaged in _module("book.storing").sign(folder):
        print(f"attnlab: {damaged} is damaged, and its figures stay still", file=sys.stderr)
    paths = [str(_PACKAGE / "jupyter_config"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    environment = os.environ | {"JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, paths))}
    command = [sys.executable, "-m", "jupyterlab", "--log-level=WARN", *_at(folder)]
    command += ["--LabApp.extension_manager=readonly"]
    # Serves the weights of models at lab/extensions/weights/, as page_config.json says to figures.
    command += [f"--LabApp.extra_labextensions_path={_PACKAGE / 'recipes'}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # as in most containers; the server listens here only
    try:
        return subprocess.call([*command, *rest[given is not None :]], env=environment)
    except KeyboardInterrupt:
        return 0


def _opened(given: Path | None) -> Path:
    """The folder of the notebooks to open; made and filled where it is the reader's copy."""
    copies = _module("copies")
    folder = copies.folder_to_open(given, course(), packaged_course()).resolve()
    installed = installed_course()
    if copies.copy_course(installed, folder, __version__):
        print(f"attnlab: the course lies in {folder}; it is yours to change")
    elif copies.is_behind(folder, installed):
        words = f"attnlab update {folder} brings what is new, and keeps what you wrote"
        print(f"attnlab: the course in {folder} is not that of attnlab {__version__}: {words}")
    return folder


def _at(folder: Path) -> list[str]:
    """What tells JupyterLab where the notebooks lie, and which to open first."""
    checkout = folder.name == "notebooks"
    root, inside = (folder.parent, "notebooks/") if checkout else (folder, "")
    page = f"/lab/tree/{inside}00_start_here.ipynb"
    return [f"--ServerApp.root_dir={root}", f"--LabApp.default_url={page}"]


def update_course(given: Path | None, dry_run: bool) -> int:
    """Bring the reader's copy of the course up to date, and say what was done."""
    copies = _module("copies")
    installed = installed_course()
    folder = copies.folder_to_update(given, installed)
    update = copies.update_copy(folder, installed, __version__, dry_run=dry_run)
    print(*update.lines, sep="\n")
    return 0 if update.whole else 1


def _own_notebooks() -> list[Path]:
    """The notebooks of the course, unless they lie inside the installed package.

    Raises:
        ValueError: they do, and nobody would find what is stored there.
    """
    if course() == packaged_course():
        raise ValueError(
            "no course here to be executed: go to your copy (attnlab lab makes one), or name a "
            "notebook"
        )
    return sorted(course().glob("*.ipynb"))


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
        build.serve_book(_checkout("book"))
    else:
        page = build.build_book(_checkout("book"))
        print(f"The book: {page}\nIt moves from there as it is, and from any web server.")
    return 0


def make_slides() -> int:
    """Build the decks of the course, and say where they lie."""
    page = _module("book.slides").build_slides(_checkout("slides"))
    print(f"The slides: {page}\nThey move from there as they are, and need no network.")
    return 0


def _checkout(wanted: str) -> Path:
    """The folder of book.toml, from which pages are made.

    Raises:
        FileNotFoundError: the course here is a copy, or that of the installed package.
    """
    root = course().parent
    if not (root / "book.toml").exists():
        raise FileNotFoundError(
            f"attnlab {wanted} needs a checkout of the repository, with its book.toml and "
            f"package.json, and {root} holds no book.toml: go to the folder of a checkout"
        )
    return root


def code_of(name: str) -> tuple[str, str]:
    """The current JavaScript, if it has any, and CSS of the class with this dotted name."""
    module, _, attribute = name.rpartition(".")
    shown = getattr(importlib.import_module(module), attribute)
    return getattr(shown, "_esm", ""), shown._css


if __name__ == "__main__":
    sys.exit(main())
