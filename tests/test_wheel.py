"""The course as readers install it: from the wheel and from the sdist, without a checkout.

What the package needs is taken from the environment of the tests; what is tested is that nothing of
the checkout is.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import sysconfig
import tarfile
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest

import attnlab
from needs import missing

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
SCRIPTS = "Scripts" if os.name == "nt" else "bin"

pytestmark = pytest.mark.everything


def call(*command, **more):
    """Run a command that must succeed; its output comes back."""
    told = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


def environment(folder: Path) -> Path:
    """A new environment that sees the packages of this one, but no editable installation."""
    call(sys.executable, "-m", "venv", str(folder))
    python = folder / SCRIPTS / "python"
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    own = Path(call(str(python), "-c", where).strip())
    (own / "of_the_tests.pth").write_text(
        sysconfig.get_path("purelib")
    )  # its .pth files are not read
    return python


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The sdist, the wheel of this checkout, and the wheel that the sdist gives."""
    folder = tmp_path_factory.mktemp("built")
    python = environment(folder / "tools")
    pip = [str(python), "-m", "pip", "install", "--quiet", "hatchling"]
    if subprocess.run(pip, capture_output=True, check=False).returncode:
        missing("hatchling", "pip install hatchling (it needs the internet)")
    call(str(python), "-m", "hatchling", "build", "-d", str(folder / "dist"), cwd=ROOT)
    (sdist,) = (folder / "dist").glob("*.tar.gz")
    (wheel,) = (folder / "dist").glob("*.whl")
    wheels = [str(python), "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet"]
    call(*wheels, "-w", str(folder / "again"), str(sdist))
    (again,) = (folder / "again").glob("*.whl")
    return sdist, wheel, again


@pytest.fixture(scope="module")
def command(built, tmp_path_factory):
    """The command `attnlab`, installed from the wheel that the sdist gives."""
    python = environment(tmp_path_factory.mktemp("bare") / "venv")
    call(str(python), "-m", "pip", "install", "--quiet", "--no-deps", str(built[2]))
    return python.with_name("attnlab")


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """A reader's folder, in which nothing of ours is set: the keywords of `subprocess.run`."""
    folder = tmp_path_factory.mktemp("reader")
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    for name in ("CONFIG", "DATA", "RUNTIME"):
        own[f"JUPYTER_{name}_DIR"] = str(folder / name.lower())
    return {"cwd": folder, "env": own | {"ATTNLAB_STATE": str(folder / "state")}}


def test_the_wheel_carries_the_course_and_what_belongs_to_it(built):
    names = zipfile.ZipFile(built[1]).namelist()
    inside = [n.removeprefix("attnlab/course/") for n in names if n.startswith("attnlab/course/")]
    assert sorted(n for n in inside if n.endswith(".ipynb")) == NOTEBOOKS
    assert {"glossary.md", "SUMMARY.md", "claims.toml"} <= set(inside)
    assert not any(".ipynb_checkpoints" in n or "__pycache__" in n for n in names)
    assert built[1].stat().st_size < 40e6


def test_the_sdist_gives_the_same_wheel(built):
    first, second = (zipfile.ZipFile(wheel) for wheel in built[1:])
    assert sorted(first.namelist()) == sorted(second.namelist())
    assert all(
        first.read(name) == second.read(name)
        for name in first.namelist()
        if not name.endswith(("METADATA", "RECORD", "WHEEL"))
    )
    with tarfile.open(built[0]) as packed:
        inside = packed.getnames()
    assert any(name.endswith("tests/run.py") for name in inside)


def test_it_is_the_installed_package_that_answers(command, reader):
    assert call(str(command), "--version", **reader) == f"attnlab {attnlab.__version__}\n"
    where = [str(command.with_name("python")), "-c", "import attnlab; print(attnlab.__file__)"]
    assert str(command.parents[1]) in call(*where, **reader)


def test_lab_copies_the_course_opens_it_and_update_finds_nothing_to_do(command, reader):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    lab = [str(command), "lab", "--no-browser", "--ip=127.0.0.1", f"--port={port}"]
    with (reader["cwd"] / "lab.log").open("w") as log:
        process = subprocess.Popen(
            [*lab, f"--IdentityProvider.token={token}"],
            stdout=log,
            stderr=log,
            start_new_session=True,
            **reader,
        )
        try:
            page = f"http://127.0.0.1:{port}/api/contents/00_start_here.ipynb?content=0"
            answer = answered(f"{page}&token={token}", process)
        finally:
            stop(process)
    assert answer == 200
    folder = reader["cwd"] / "attnlab-course"
    assert sorted(path.name for path in folder.glob("*.ipynb")) == NOTEBOOKS
    assert "is up to date" in call(str(command), "update", **reader)


def test_exercises_are_told_and_solved_without_a_checkout(command, reader):
    assert "softmax" in call(str(command), "progress", **reader)
    call(str(command), "solutions", "solved", **reader)
    assert sorted(path.name for path in (reader["cwd"] / "solved").glob("*.ipynb")) == NOTEBOOKS


def test_the_book_says_what_it_needs(command, reader):
    refused = subprocess.run(
        [str(command), "book"], capture_output=True, text=True, check=False, **reader
    )
    assert refused.returncode == 1
    assert "attnlab book needs a checkout of the repository" in refused.stderr


def answered(address: str, process: subprocess.Popen) -> int | None:
    """The status that a server gives, once it has started."""
    for _ in range(240):
        if process.poll() is not None:
            return None
        try:
            with urllib.request.urlopen(address, timeout=2) as reply:
                return reply.status
        except OSError:
            time.sleep(0.25)
    return None


def stop(process: subprocess.Popen) -> None:
    """End the command and the server that it started."""
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGTERM)
    process.terminate()
    process.wait(30)
