"""`attnlab book` on machines that have everything, and on those that lack something."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from attnlab.book import build, mdbook
from attnlab.book.build import build_book, install_front_end, serve_book
from attnlab.book.contents import contents
from attnlab.book.mdbook import find_mdbook
from attnlab.book.trouble import BookError
from attnlab.cli import main

VERSION = "mdbook v0.5.4\n"


class Machine:
    """What programs a machine has, what they do, and which calls were made of them.

    Each program is a function (arguments, options) -> exit code or (exit code, output).
    """

    def __init__(self, **programs):
        self.programs = programs
        self.calls: list[list[str]] = []

    def which(self, name, **_):
        return f"/bin/{name}" if name in self.programs else None

    def run(self, command, **options):
        name = Path(command[0]).name
        self.calls.append([name, *map(str, command[1:])])
        answer = self.programs[name](command[1:], options)
        code, output = answer if isinstance(answer, tuple) else (answer, "")
        return subprocess.CompletedProcess(command, code, output, "")

    @property
    def names(self) -> list[str]:
        return [call[0] for call in self.calls]


def pages_of(words="", code=0, text="new"):
    """An mdBook that writes one page, then says these words and ends with this code."""

    def run(arguments, _):
        if "--version" in arguments:
            return 0, VERSION
        if arguments[0] == "build":
            html = Path(arguments[arguments.index("--dest-dir") + 1]) / "html"
            html.mkdir(parents=True)
            (html / "index.html").write_text(text)
        if isinstance(code, BaseException):
            raise code
        return code, words

    return run


def npm_of(root, code=0):
    """An npm that empties node_modules, as npm ci does, and fills it if it ends well."""

    def run(arguments, _):
        assert arguments[0] == "ci"
        folder = root / "node_modules"
        folder.mkdir(exist_ok=True)
        for file in folder.iterdir():
            file.unlink()
        if isinstance(code, BaseException):
            raise code
        if not code:
            (folder / "katex").write_text("")
        return code

    return run


@pytest.fixture
def on(monkeypatch):
    """Let the build find the programs of this machine and no other."""

    def use(machine):
        for module in (build, mdbook):
            monkeypatch.setattr(module.shutil, "which", machine.which)
            monkeypatch.setattr(module.subprocess, "run", machine.run)
        return machine

    return use


@pytest.fixture
def root(tmp_path):
    """A fresh clone of a course of one chapter."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "SUMMARY.md").write_text(
        "- [Start](00_start_here.ipynb)\n- [Later]()"
    )
    (tmp_path / "notebooks" / "00_start_here.ipynb").write_text("{}")
    (tmp_path / "book.toml").write_text("")
    (tmp_path / "package-lock.json").write_text("{}")
    return tmp_path


def test_a_fresh_clone_becomes_a_book(root, on, capsys, monkeypatch):
    machine = on(Machine(npm=npm_of(root), mdbook=pages_of(" INFO done\n")))
    monkeypatch.chdir(root)
    assert main(["book"]) == 0
    said = capsys.readouterr()
    page = root / "book" / "html" / "index.html"
    assert said.out == (
        f"The book: {page}\nIt moves from there as it is, and from any web server.\n"
    )
    assert "INFO" not in said.err
    assert page.read_text() == "new"
    assert os.listdir(root / "book") == ["html"], "nothing is left of the making"
    assert machine.names == ["npm", "mdbook", "mdbook"]
    assert main(["book"]) == 0
    assert machine.names.count("npm") == 1, "what is installed is not installed again"


@pytest.mark.parametrize(
    ("program", "error"),
    [
        (pages_of(" WARN a tag is not closed\n"), ValueError),
        (pages_of("ERROR no such file\n"), ValueError),
        (pages_of("thread main panicked\n", code=101), ValueError),
        (pages_of(code=KeyboardInterrupt()), KeyboardInterrupt),
    ],
)
def test_a_build_that_is_stopped_leaves_the_last_good_book(root, on, program, error):
    on(Machine(npm=npm_of(root), mdbook=pages_of(text="good")))
    build_book(root)
    on(Machine(npm=npm_of(root), mdbook=program))
    with pytest.raises(error):
        build_book(root)
    assert (root / "book" / "html" / "index.html").read_text() == "good"
    assert os.listdir(root / "book") == ["html"]


def test_the_words_of_mdbook_are_handed_on(root, on, capsys, monkeypatch):
    words = "ERROR attnlab: notebooks/a.ipynb, cell größer: …\n"
    on(Machine(npm=npm_of(root), mdbook=pages_of(words, code=101)))
    monkeypatch.chdir(root)
    assert main(["book"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert words in said.err
    assert said.err.endswith("attnlab: the book was not built: see the words of mdBook above\n")


def test_mdbook_finds_this_python_and_says_its_warnings(monkeypatch):
    monkeypatch.setenv("MDBOOK_LOG", "error")
    monkeypatch.setattr(build.sys, "executable", "/env/bin/python")
    environment = build.environment()
    assert environment["PATH"].split(os.pathsep)[0] == str(Path("/env/bin"))
    assert "MDBOOK_LOG" not in environment


def test_served_until_it_is_stopped(root, on, capsys, monkeypatch):
    machine = on(Machine(npm=npm_of(root), mdbook=pages_of(code=KeyboardInterrupt())))
    monkeypatch.setattr(mdbook, "find_mdbook", lambda: "/bin/mdbook")
    monkeypatch.setattr(build, "find_mdbook", lambda: "/bin/mdbook")
    monkeypatch.chdir(root)
    assert main(["book", "--serve"]) == 0
    assert machine.calls[-1] == ["mdbook", "serve", "--open", str(root)]
    assert "The book" not in capsys.readouterr().out


def test_not_served(root, on):
    on(Machine(npm=npm_of(root), mdbook=lambda given, _: (0, VERSION) if "-" in given[0] else 1))
    with pytest.raises(ValueError, match="mdbook serve ended: see its words above; if port 3000"):
        serve_book(root)


def test_no_course_here(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"holds no book.toml: go to the folder of the"):
        build_book(tmp_path)


def test_chapters_that_are_not_there(root, on):
    summary = root / "notebooks" / "SUMMARY.md"
    summary.write_text("- [Start](00_start_here.ipynb)\n- [Next](01_next.ipynb)\n")
    on(Machine(npm=npm_of(root), mdbook=pages_of()))
    with pytest.raises(BookError) as caught:
        build_book(root)
    assert str(caught.value) == (
        "notebooks/SUMMARY.md: there is no 01_next.ipynb. Mend its line, or add the chapter."
    )
    summary.unlink()
    with pytest.raises(BookError, match=r"the table of contents is missing. Run git checkout"):
        contents(summary.parent)


def test_no_npm(root, on):
    on(Machine(mdbook=pages_of()))
    with pytest.raises(FileNotFoundError, match=r"npm is missing, .+: install Node.js 20 or newer"):
        build_book(root)


def test_no_lock_file(root, on):
    on(Machine(npm=npm_of(root)))
    (root / "package-lock.json").unlink()
    with pytest.raises(BookError, match=r"it is missing. Run git checkout package-lock.json"):
        install_front_end(root)


@pytest.mark.parametrize(("code", "error"), [(1, ValueError), (KeyboardInterrupt(), BaseException)])
def test_an_installation_that_failed_is_made_anew(root, on, code, error):
    on(Machine(npm=npm_of(root, code)))
    with pytest.raises(error) as caught:
        install_front_end(root)
    if code == 1:
        assert str(caught.value).startswith("npm ci failed: see its words above; it needs the int")
    machine = on(Machine(npm=npm_of(root)))
    install_front_end(root)
    assert machine.names == ["npm"]
    assert (root / "node_modules" / "katex").exists()


def test_another_lock_is_installed_even_after_an_interruption(root, on):
    on(Machine(npm=npm_of(root)))
    install_front_end(root)
    (root / "package-lock.json").write_text('{"newer": true}')

    def at_once(*_):
        raise KeyboardInterrupt

    on(Machine(npm=at_once))
    with pytest.raises(KeyboardInterrupt):
        install_front_end(root)
    (root / "package-lock.json").write_text("{}")  # back to the old one: half of it may be gone
    machine = on(Machine(npm=npm_of(root)))
    install_front_end(root)
    assert machine.names == ["npm"]


@pytest.mark.parametrize("way", ["brew", "conda", "scoop", "cargo"])
def test_mdbook_is_got_by_the_way_that_the_machine_has(on, way, capsys):
    machine = Machine()

    def install(*_):
        machine.programs["mdbook"] = pages_of()
        return 0

    machine.programs[way] = install
    on(machine)
    assert find_mdbook() == "/bin/mdbook"
    assert machine.calls[0][:2] == [way, "install"]
    assert f"attnlab: mdBook is missing; trying {way} install" in capsys.readouterr().err


def test_no_mdbook_and_no_way_to_it(on):
    for machine in (Machine(), Machine(brew=lambda *_: 1, cargo=lambda *_: 1)):
        on(machine)
        with pytest.raises(FileNotFoundError, match=r"mdBook is missing, .+ Get mdBook 0.5 by one"):
            find_mdbook()
    assert machine.names == ["brew", "cargo"], "one way after the other"


@pytest.mark.parametrize("said", ["mdbook v0.4.40\n", "mdbook 0.6.1\n", ""])
def test_another_mdbook(on, said):
    on(Machine(mdbook=lambda *_: (0, said)))
    version = re.sub(r"[^\d.]", "", said) or "unknown"
    with pytest.raises(ValueError, match=f"/bin/mdbook is version {version}, and the book is laid"):
        find_mdbook()


def test_where_mdbook_is_looked_for(monkeypatch, tmp_path):
    """Beside this Python first: in bin, in Windows' Scripts, in what conda has on Windows."""
    places = []
    monkeypatch.setattr(mdbook.shutil, "which", lambda _, path="": places.append(path))
    monkeypatch.setattr(mdbook.sys, "prefix", str(tmp_path))
    monkeypatch.setattr(mdbook.sys, "executable", str(tmp_path / "Scripts" / "python.exe"))
    with pytest.raises(FileNotFoundError):
        find_mdbook()
    own = [str(tmp_path / name) for name in ("Scripts", "bin", "Library/bin")]
    assert places[0].split(os.pathsep)[:3] == own
