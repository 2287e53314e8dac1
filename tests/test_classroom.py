"""The set-up for a class: its configuration, and what starts a student's server.

The hub itself is tried by `make classroom` (classroom.py), which takes minutes.
"""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from traitlets.config import Config

from attnlab.book.elsewhere import BRANCH
from attnlab.book.teachers import MEASURED, needed

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "classroom"
# nbgitpuller belongs to the hub, and not to the tests: here somebody else brings the course.
STARTED = f"""
import sys, types
from pathlib import Path
puller = types.ModuleType("nbgitpuller.pull")
class GitPuller:
    def __init__(self, repository, folder, branch, depth):
        assert (branch, depth) == ({BRANCH!r}, 1)
        self.repository, self.folder = Path(repository), Path(folder)
    def pull(self):
        if not self.repository.exists():
            raise ValueError("no such repository")
        import shutil
        shutil.copytree(self.repository, self.folder)
        yield "fetched"
puller.GitPuller = GitPuller
sys.modules["nbgitpuller"] = types.ModuleType("nbgitpuller")
sys.modules["nbgitpuller.pull"] = puller
sys.path.insert(0, {str(FOLDER)!r})
import student_server
"""


def configured(name: str, monkeypatch, **words) -> Config:
    """What a file of configuration asks of the hub."""
    for variable, value in words.items():
        monkeypatch.setenv(variable, value)
    config = Config()
    loaded = {"get_config": lambda: config}
    loaded["load_subconfig"] = lambda path: runpy.run_path(path, loaded)
    runpy.run_path(str(FOLDER / name), loaded)
    return config


def started(lines: str, **variables) -> subprocess.CompletedProcess:
    """Run these lines behind an import of student_server."""
    command = [sys.executable, "-c", STARTED + lines]
    return subprocess.run(command, capture_output=True, text=True, check=False, **variables)


def test_the_hub_starts_what_is_there_with_limits_and_ends_what_rests(monkeypatch):
    config = configured("jupyterhub_config.py", monkeypatch)
    assert [Path(part).exists() for part in config.Spawner.cmd] == [True, True]
    assert config.Spawner.mem_limit == "2G"
    assert config.Spawner.environment["OMP_NUM_THREADS"] == "1"
    assert config.Spawner.default_url.endswith("/attnlab/notebooks/00_start_here.ipynb")
    assert config.JupyterHub.bind_url.startswith("http://127.0.0.1:"), "HTTPS stands in front"
    assert "authenticator_class" not in config.JupyterHub, "nobody comes in without a password"
    (cull,) = config.JupyterHub.services
    assert "jupyterhub_idle_culler" in cull["command"]
    assert config.JupyterHub.load_roles[0]["services"] == [cull["name"]]


def test_the_trial_differs_in_who_comes_in_and_is_seen_from_this_machine_only(monkeypatch):
    words = {"ATTNLAB_TRIAL": "/t", "ATTNLAB_TRIAL_PORT": "9000", "ATTNLAB_TRIAL_TOKEN": "t"}
    trial = configured("trial_config.py", monkeypatch, **words)
    real = configured("jupyterhub_config.py", monkeypatch)
    assert trial.JupyterHub.authenticator_class == "dummy"
    assert trial.JupyterHub.bind_url == "http://127.0.0.1:9000"
    assert trial.Spawner.cmd == real.Spawner.cmd
    assert trial.Spawner.mem_limit == real.Spawner.mem_limit


def test_what_the_hub_needs_is_listed():
    listed = (FOLDER / "requirements.txt").read_text()
    assert all(name in listed for name in ("jupyterhub", "jupyterhub-idle-culler", "nbgitpuller"))


def test_the_course_is_fetched_once_and_signed(tmp_path):
    lines = f"""
student_server.fetch(Path({str(tmp_path)!r}) / "mine", {str(ROOT)!r} + "/nowhere")
assert not (Path({str(tmp_path)!r}) / "mine").exists()
student_server.fetch(Path({str(tmp_path)!r}) / "mine", {str(tmp_path / "course")!r})
(Path({str(tmp_path)!r}) / "mine" / "notes").write_text("mine")
student_server.fetch(Path({str(tmp_path)!r}) / "mine", {str(tmp_path / "course")!r})
import nbformat
from nbformat.sign import NotebookNotary
book = nbformat.read(Path({str(tmp_path)!r}) / "mine" / "notebooks" / "a.ipynb", as_version=4)
print(NotebookNotary().check_signature(book))
"""
    notebooks = tmp_path / "course" / "notebooks"
    notebooks.mkdir(parents=True)
    empty = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (notebooks / "a.ipynb").write_text(json.dumps(empty))
    result = started(lines, env={"JUPYTER_DATA_DIR": str(tmp_path / "d"), "PYTHONPATH": str(ROOT)})
    assert result.stdout == "True\n", result.stderr
    assert "the course was not fetched: no such repository" in result.stderr
    assert result.stderr.count("fetched") == 2, "not a third time"
    assert (tmp_path / "mine" / "notes").read_text() == "mine"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the data of a process")
def test_who_asks_for_too_much_memory_is_refused():
    lines = """
student_server.limit_memory(2**30)
kept = bytearray(2**28)
try:
    bytearray(2**31)
except MemoryError:
    print("refused")
"""
    result = started(lines)
    assert result.stdout == "refused\n", result.stderr


def test_the_page_shows_what_was_measured_with_a_whole_class():
    found = json.loads(MEASURED.read_text(encoding="utf-8"))
    assert found["students"] >= 30
    assert found["more memory than allowed"] == "MemoryError"
    assert len(found["five at once"]) == 5
    largest = max(row["megabytes"] for row in found["five at once"])
    assert needed(found) * 1024 > found["megabytes"]["all, no kernels"] + 30 * largest
    assert needed(found, 0.0) < needed(found, 0.5) < needed(found)
