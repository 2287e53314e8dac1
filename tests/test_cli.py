import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.sign import NotebookNotary
from nbformat.v4 import new_code_cell, new_notebook

import attnlab
from attnlab.cli import code_of, main, open_lab
from attnlab.course_folder import course
from attnlab.lab import AttentionHeatmap
from small_notebooks import book, read, texts, write

WIDGETS = "application/vnd.jupyter.widget-state+json"
FIGURE = "from attnlab.lab import attention_heatmap\nattention_heatmap([[1.0, 0.0], [0.0, 2.0]])"


@pytest.fixture
def tiny(tmp_path):
    """A notebook of two cells that was never run."""
    cells = [new_code_cell(FIGURE, id="figure"), new_code_cell("1 + 1", id="sum")]
    path = tmp_path / "tiny.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


@pytest.fixture
def a_course(tmp_path, monkeypatch):
    """A folder with the first notebook of a course, stepped into."""
    (tmp_path / "notebooks").mkdir()
    start = tmp_path / "notebooks" / "00_start_here.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("1", id="one")]), start)
    nbformat.write(new_notebook(cells=[]), start.with_name("01_next.ipynb"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def figures(path: Path) -> list[dict]:
    """The stored states of the figures of a notebook, to be changed in place and saved."""
    models = json.loads(path.read_text())["metadata"]["widgets"][WIDGETS]["state"].values()
    return [model["state"] for model in models if "query_words" in model["state"]]


@pytest.mark.slow
def test_run_stores_the_same_bytes_each_time_and_refresh_renews_the_code_only(tiny, capsys):
    assert main(["run", str(tiny)]) == 0
    first = tiny.read_bytes()
    assert main(["run", str(tiny)]) == 0
    assert tiny.read_bytes() == first
    assert b"\r" not in first
    assert capsys.readouterr().out == "tiny.ipynb: executed\n" * 2
    (figure,) = figures(tiny)
    assert figure["_esm"] == AttentionHeatmap._esm
    # Another result, and a script of last year, in the stored notebook:
    text = first.decode().replace('"2"', '"two, as it was"')
    changed = json.loads(text)
    for model in changed["metadata"]["widgets"][WIDGETS]["state"].values():
        if "_anywidget_id" in model["state"]:
            model["state"]["_esm"] = "old"
    tiny.write_text(json.dumps(changed))
    assert main(["run", "--refresh", str(tiny)]) == 0
    assert tiny.read_text() == text, "not executed: the result stays, the script is renewed"
    assert capsys.readouterr().out == "tiny.ipynb: refreshed\n"


def test_a_notebook_that_was_never_run_cannot_be_refreshed(tiny, capsys):
    before = tiny.read_bytes()
    assert main(["run", "--refresh", str(tiny)]) == 1
    assert "cell figure" in capsys.readouterr().err
    assert tiny.read_bytes() == before


def test_run_without_names_takes_the_course(a_course, capsys):
    assert main(["run"]) == 0
    assert capsys.readouterr().out == "00_start_here.ipynb: executed\n01_next.ipynb: executed\n"
    stored = nbformat.read(a_course / "notebooks" / "00_start_here.ipynb", as_version=4)
    assert stored.cells[0].outputs[0].data["text/plain"] == "1"


def test_a_missing_notebook_is_named(tmp_path, capsys):
    missing = tmp_path / "missing.ipynb"
    assert main(["run", str(missing)]) == 1
    assert capsys.readouterr().err == f"attnlab: {missing}: no such notebook\n"
    assert not missing.exists()


@pytest.mark.parametrize("arguments", [["run", "--fast"], ["lesson"]])
def test_what_is_unknown_is_refused(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage: attnlab" in capsys.readouterr().err


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"attnlab {attnlab.__version__}\n"


def test_the_installed_command_hands_on_its_exit_code(tmp_path):
    command = [sys.executable, "-m", "attnlab.cli", "run", "missing.ipynb"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr == "attnlab: missing.ipynb: no such notebook\n"


def test_the_course_is_the_one_here(a_course):
    assert course() == a_course / "notebooks"


def test_the_course_is_else_that_of_the_checkout(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert course() == Path(attnlab.__file__).parents[1] / "notebooks"


def test_no_course_at_all_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("attnlab.course_folder._PACKAGE", tmp_path / "lib" / "attnlab")
    assert main(["run"]) == 1
    assert "no notebooks/00_start_here.ipynb here" in capsys.readouterr().err


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """As if the package were installed from a wheel, and a folder of the reader's stepped into."""
    package = tmp_path / "lib" / "attnlab"
    write(package / "course", first=book("a one"), next=book("b"), parents=True)
    monkeypatch.setattr("attnlab.course_folder._PACKAGE", package)
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path / "home")
    return package / "course"


def test_without_a_checkout_lab_makes_a_copy_and_opens_it(installed, started, capsys):
    home = Path.cwd()
    assert main(["lab", "--no-browser"]) == 7
    said = f"attnlab: the course lies in {home / 'attnlab-course'}; it is yours to change\n"
    assert capsys.readouterr().out == said
    assert main(["lab", "--no-browser"]) == 7
    assert main([]) == 7, "attnlab alone is attnlab lab: pipx run attnlab"
    assert capsys.readouterr().out == "", "copied once"
    for command, _ in started:
        assert f"--ServerApp.root_dir={home / 'attnlab-course'}" in command
        assert "--LabApp.default_url=/lab/tree/00_start_here.ipynb" in command
    assert (home / "attnlab-course" / "next.ipynb").exists()
    assert sorted(path.name for path in installed.iterdir()) == [
        *("00_start_here.ipynb", "next.ipynb"),
    ]


@pytest.mark.usefixtures("installed")
def test_lab_makes_the_copy_in_the_folder_that_is_named(started, capsys):
    assert main(["lab", "my course", "--port", "9999"]) == 7
    ((command, _),) = started
    assert f"--ServerApp.root_dir={Path.cwd() / 'my course'}" in command
    assert command[-2:] == ["--port", "9999"], "the folder is not handed on, all else is"
    assert "my course; it is yours" in capsys.readouterr().out


@pytest.mark.usefixtures("installed", "started")
def test_lab_leaves_a_folder_with_other_things_alone(capsys):
    (Path.cwd() / "thesis.tex").write_text("mine")
    assert main(["lab", "."]) == 1
    assert "holds other files (thesis.tex): name a folder" in capsys.readouterr().err
    assert [path.name for path in Path.cwd().iterdir()] == ["thesis.tex"]


@pytest.mark.usefixtures("started")
def test_lab_says_that_there_is_something_new_and_update_brings_it(installed, capsys):
    main(["lab"])
    write(installed, first=book("a two"))
    capsys.readouterr()
    main(["lab"])
    assert "attnlab-course brings what is new, and keeps what you wrote" in capsys.readouterr().out
    assert main(["update", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert said.endswith("  00_start_here.ipynb: renewed\n")
    assert main(["update"]) == 0
    assert capsys.readouterr().out.startswith(said)
    assert texts(read(Path("attnlab-course/00_start_here.ipynb"))) == ["a two"]
    main(["lab"])
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("installed", "started")
def test_what_cannot_be_updated_is_told_by_the_exit_code(capsys):
    main(["lab"])
    Path("attnlab-course/next.ipynb").write_text("{")
    assert main(["update"]) == 1
    assert "next.ipynb: left as it is, for it is not JSON" in capsys.readouterr().out


@pytest.mark.usefixtures("installed", "started")
def test_a_damaged_notebook_does_not_keep_the_lab_shut(capsys):
    main(["lab"])
    Path("attnlab-course/next.ipynb").write_text("{")
    capsys.readouterr()
    assert main(["lab"]) == 7
    assert "next.ipynb is damaged, and its figures stay still" in capsys.readouterr().err


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["update"], "no copy of the course in"),
        (["update", "nowhere"], "no copy of the course in nowhere: attnlab lab [FOLDER] makes one"),
        (["run"], "no course here to be executed: go to your copy (attnlab lab makes one)"),
        (["book"], "attnlab book needs a checkout of the repository, with its book.toml"),
        (["slides"], "attnlab slides needs a checkout of the repository, with its book.toml"),
    ],
)
def test_what_a_command_needs_is_said_by_name(arguments, words, capsys):
    assert main(arguments) == 1
    assert words in capsys.readouterr().err


def test_solutions_are_written_without_a_checkout_too(installed, capsys):
    shutil.copy(installed / "next.ipynb", installed / "03_softmax.ipynb")
    assert main(["solutions", "solved"]) == 0
    assert (Path.cwd() / "solved" / "00_start_here.ipynb").exists()
    assert "03_softmax.ipynb: 0 solved" in capsys.readouterr().out


def test_a_checkout_is_not_updated_by_copying(capsys):
    assert main(["update", str(Path(attnlab.__file__).parents[1])]) == 1
    assert "is a checkout of the repository: git pull updates it" in capsys.readouterr().err


def test_code_of_is_the_current_script_and_style():
    name = f"{AttentionHeatmap.__module__}.{AttentionHeatmap.__qualname__}"
    assert code_of(name) == (AttentionHeatmap._esm, AttentionHeatmap._css)


@pytest.fixture
def started(monkeypatch, tmp_path):
    """What would be started instead of JupyterLab: pairs (command, environment)."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("JUPYTER_CONFIG_PATH", raising=False)
    calls = []

    def call(command, env):
        calls.append((command, env))
        return 7

    monkeypatch.setattr(subprocess, "call", call)
    return calls


def test_lab_opens_the_course_and_hands_on_arguments_and_exit_code(a_course, started):
    assert main(["lab", "--no-browser", "--port=9999"]) == 7
    ((command, _),) = started
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in command
    assert f"--ServerApp.root_dir={a_course}" in command
    assert command[-2:] == ["--no-browser", "--port=9999"]


@pytest.mark.usefixtures("started")
def test_lab_signs_the_notebooks_so_that_their_figures_are_live(a_course):
    books = [
        nbformat.read(path, as_version=4) for path in sorted(a_course.glob("notebooks/*.ipynb"))
    ]
    assert [NotebookNotary().check_signature(book) for book in books] == [False, False]
    open_lab([])
    assert [NotebookNotary().check_signature(book) for book in books] == [True, True]
    books[0].cells[0].source = "something else"
    assert not NotebookNotary().check_signature(books[0]), "only as they are"


@pytest.mark.usefixtures("a_course")
def test_lab_asks_for_no_news(started):
    open_lab([])
    ((command, environment),) = started
    assert "--LabApp.extension_manager=readonly" in command, "no look-up of extensions"
    folder = Path(environment["JUPYTER_CONFIG_PATH"]) / "labconfig"
    overrides = json.loads((folder / "default_setting_overrides.json").read_text())
    news = overrides["@jupyterlab/apputils-extension:notification"]
    assert news["fetchNews"] == "false"
    assert news["checkForUpdates"] is False
    viewers = overrides["@jupyterlab/docmanager-extension:plugin"]["defaultViewers"]
    assert viewers == {"markdown": "Markdown Preview"}
    page = json.loads((folder / "page_config.json").read_text())
    assert page["buildCheck"] is False


@pytest.mark.usefixtures("a_course")
def test_lab_serves_the_weights_of_models_to_its_pages(started):
    open_lab([])
    ((command, environment),) = started
    (option,) = [part for part in command if part.startswith("--LabApp.extra_labextensions_path=")]
    config = Path(environment["JUPYTER_CONFIG_PATH"]) / "labconfig" / "page_config.json"
    inside = json.loads(config.read_text())["attnlabWeights"].removeprefix("lab/extensions/")
    assert list((Path(option.partition("=")[2]) / inside).glob("*.safetensors"))


@pytest.mark.usefixtures("a_course")
def test_lab_keeps_the_readers_own_configuration(started, monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", os.pathsep.join(["mine", "ours"]))
    open_lab([])
    ((_, environment),) = started
    first, *others = environment["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert Path(first).name == "jupyter_config"
    assert others == ["mine", "ours"]
    assert environment["PATH"] == os.environ["PATH"]
    assert os.environ["JUPYTER_CONFIG_PATH"] == os.pathsep.join(["mine", "ours"])


@pytest.mark.usefixtures("a_course", "started")
def test_leaving_the_lab_by_control_c_is_no_error(monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "call", interrupted)
    assert open_lab([]) == 0
