"""One truth on what the course needs: pyproject.toml, and all other files agree with it."""

import os
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NEEDED = [Requirement(text) for text in PROJECT["dependencies"]]
EXTRAS = {
    name: [Requirement(text) for text in texts]
    for name, texts in PROJECT["optional-dependencies"].items()
}
# What conda-forge calls the same thing, without the parts that need a screen or a GPU.
CONDA_NAME = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base"}


@pytest.fixture(scope="module")
def conda():
    """What environment.yml says."""
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def lock():
    """The lines of requirements.lock."""
    return (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()


def test_conda_gets_what_pip_gets_and_nothing_more(conda):
    packages = [line for line in conda["dependencies"] if isinstance(line, str)]
    same = [f"{CONDA_NAME.get(need.name, need.name)}{need.specifier}" for need in NEEDED]
    assert sorted(packages) == sorted([*same, "python=3.12", "mdbook", "nodejs>=20", "pip"])
    assert len(packages) == len(set(packages))


def test_conda_installs_this_checkout_by_pip_and_nothing_else(conda):
    (by_pip,) = [line for line in conda["dependencies"] if not isinstance(line, str)]
    assert by_pip == {"pip": ["-e ."]}


def test_conda_asks_one_channel_only(conda):
    assert conda["channels"] == ["conda-forge"]
    assert not any("::" in line for line in conda["dependencies"] if isinstance(line, str))


def test_the_python_of_conda_is_one_that_the_package_allows(conda):
    (python,) = [
        line for line in conda["dependencies"] if isinstance(line, str) and "python=" in line
    ]
    assert Version(python.removeprefix("python=")) in SpecifierSet(PROJECT["requires-python"])


@pytest.mark.parametrize("need", [*NEEDED, *EXTRAS["test"]], ids=lambda need: need.name)
def test_a_dependency_has_one_lower_bound_and_no_upper_one(need):
    assert [one.operator for one in need.specifier] == [">="]
    assert need.url is None


def test_no_other_pin_hides_in_the_extras_or_in_the_python_version():
    requirements = [need for needs in EXTRAS.values() for need in needs]
    bounds = [SpecifierSet(PROJECT["requires-python"]), *(need.specifier for need in requirements)]
    assert {one.operator for bound in bounds for one in bound} == {">="}


def test_the_lock_holds_exact_versions_and_nothing_that_is_true_on_one_machine_only(lock):
    # No hash, address, local path or "+cpu": the files of one version differ by platform.
    for line in lock:
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*==[0-9][A-Za-z0-9.]*", line), line
    names = [canonicalize_name(line.partition("==")[0]) for line in lock]
    assert len(names) == len(set(names))
    assert "attnlab" not in names


@pytest.mark.parametrize("need", [*NEEDED, *EXTRAS["test"]], ids=lambda need: need.name)
def test_the_lock_knows_every_dependency_in_a_version_that_is_allowed(need, lock):
    locked = dict(line.split("==") for line in lock)
    versions = {canonicalize_name(name): version for name, version in locked.items()}
    assert need.name in versions
    assert need.specifier.contains(versions[need.name])


def test_the_lock_holds_the_version_of_torch_that_has_a_cpu_file(lock):
    assert "torch==2.13.0" in lock


def test_ci_runs_the_command_of_the_readme():
    script = ROOT / ".ci" / "run"
    text = script.read_text(encoding="utf-8")
    assert re.findall(r"^ *make .*", text, re.MULTILINE) == ["  make test", "  make test-all"]
    assert "if python3 tests/covered.py; then\n  make test\nelse\n" in text
    assert "set -euo pipefail" in text.splitlines(), "the first failure ends it"
    assert os.name == "nt" or os.access(script, os.X_OK)


def test_the_readme_names_targets_that_the_makefile_has():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`)make ([\w-]+)", readme, re.MULTILINE))
    assert {"lab", "test", "test-quick", "test-all"} <= named
    assert named <= set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))


@pytest.mark.parametrize(
    ("target", "word"), [("test", ""), ("test-quick", " quick"), ("test-all", " all")]
)
def test_make_runs_the_tests_and_hides_no_failure(target, word):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (recipe,) = re.findall(rf"^{target}: \$\(VENV\)/.test\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert recipe == f"\t$(BIN)/python tests/run.py{word}\n"
