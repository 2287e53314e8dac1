import json
import os
import shlex
import signal
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from forked import as_torchrun
from safetensors.torch import load_file
from torch import nn

from attnlab.cli import main
from attnlab.nn import Dropout
from attnlab.recipes import RECIPES, Recipe
from attnlab.training import progress as training_progress

MANY = 12


def batches(random):
    while True:
        yield (torch.randn(5, 3, generator=random),)


def loss(model, x):
    return (model(x) - x[:, :2] / 2).square().mean()


TINY = Recipe(
    about="halve two of three numbers",
    config={"width": 7},
    model=lambda: nn.Sequential(nn.Linear(3, 7), Dropout(0.2), nn.Linear(7, 2)),
    batches=batches,
    loss=loss,
    validate=lambda model: 0.5,  # noqa: ARG005
    judge=lambda model: {"rows": 5000, "exact": 0.25},  # noqa: ARG005
    steps=MANY,
)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder, stepped into, and a task that takes no time."""
    threads = torch.get_num_threads()
    monkeypatch.setitem(RECIPES, "tiny", {"first": TINY, "second": TINY})
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    torch.set_num_threads(threads)


def weights(folder: Path) -> dict:
    return load_file(max(folder.glob("step-*")) / "weights.safetensors")


def equal(ours: dict, theirs: dict) -> bool:
    return ours.keys() == theirs.keys() and all(torch.equal(ours[n], theirs[n]) for n in ours)


def test_a_run_says_what_it_reached_and_where_the_weights_are(here, capsys):
    assert main(["train", "tiny"]) == 0
    folder = Path("runs", "tiny-first-1")
    file = folder / "step-00000012" / "weights.safetensors"
    assert capsys.readouterr() == (
        f"halve two of three numbers: 12 steps at most, from the start, in {folder}\n"
        "ended after step 12; on unseen data: rows 5000, exact 0.25\n"
        f"the weights are in {file}\n",
        "",
    )
    assert (here / file).exists()
    assert torch.get_num_threads() == 1


def test_each_new_run_has_a_folder_of_its_own(here):
    for _ in range(2):
        assert main(["train", "tiny", "--config", "second", "--seed", "5"]) == 0
    runs = sorted((here / "runs").iterdir())
    assert [run.name for run in runs] == ["tiny-second-1", "tiny-second-2"]
    assert equal(*map(weights, runs))


def test_steps_and_seed_can_be_given(here):
    main(["train", "tiny", "--resume", "a", "--steps", "3"])
    main(["train", "tiny", "--resume", "b", "--steps", "3", "--seed", "1"])
    about = json.loads((here / "b" / "step-00000003" / "checkpoint.json").read_text())
    assert (about["config"]["steps"], about["config"]["seed"]) == (3, 1)
    assert not equal(weights(here / "a"), weights(here / "b"))


def stopping(number, times=1):
    """Steps during which Ctrl-C is pressed so often in this one."""

    def loss_with_interruption(model, x):
        nonlocal number
        number -= 1
        if number == 0:
            for _ in range(times):
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.01)
        return loss(model, x)

    return loss_with_interruption


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent there")
def test_control_c_saves_and_says_how_to_go_on(here, monkeypatch, capsys):
    main(["train", "tiny", "--resume", "unbroken"])
    handler = signal.getsignal(signal.SIGINT)
    with monkeypatch.context() as patch:
        patch.setitem(RECIPES, "tiny", {"first": replace(TINY, loss=stopping(5))})
        assert main(["train", "tiny", "--resume", "my run"]) == 130
    assert signal.getsignal(signal.SIGINT) is handler
    last = capsys.readouterr().out.splitlines()[-1]
    told, command = last.split("; go on with: attnlab ")
    assert told == "stopped after step 5, and saved"
    assert [path.name for path in (here / "my run").iterdir()] == ["step-00000005"]
    assert main(shlex.split(command)) == 0
    assert "going on after step 5, in my run" in capsys.readouterr().out
    assert equal(weights(here / "my run"), weights(here / "unbroken"))


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent there")
def test_a_second_control_c_stops_at_once(here, monkeypatch, capsys):
    monkeypatch.setitem(RECIPES, "tiny", {"first": replace(TINY, loss=stopping(5, times=2))})
    assert main(["train", "tiny", "--resume", "run", "--save-every", "0"]) == 130
    assert capsys.readouterr().err == "attnlab: stopped at once; what was saved before stays\n"
    assert max((here / "run").iterdir()).name == "step-00000004"


def test_what_has_ended_is_only_judged_again(here, capsys):
    main(["train", "tiny", "--resume", "run"])
    before = weights(here / "run")
    capsys.readouterr()
    assert main(["train", "tiny", "--resume", "run"]) == 0
    assert "ended after step 12; on unseen data: rows 5000" in capsys.readouterr().out
    assert equal(weights(here / "run"), before)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], "task is 'nothing', and must be one of reverse, copy,"),
        (["tiny", "--config", "x"], "config is 'x', and for tiny must be one of first, second"),
        (["tiny", "--steps", "0"], "steps is 0, and must be at least 1"),
        (["tiny", "--threads", "0"], "threads is 0, and must be at least 1"),
        (["tiny", "--save-every", "-1"], "pause is -1.0 seconds"),
        (["tiny", "--resume", "file/run"], "step 12 was not saved in file/run: Not a directory"),
    ],
)
def test_errors_are_one_line_and_exit_1(arguments, words, capsys):
    Path("file").write_text("in the way")
    assert main(["train", *arguments]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"attnlab: {words}")
    assert error.count("\n") == 1
    assert not Path("runs").exists()


@pytest.mark.usefixtures("here")
def test_a_damaged_or_other_checkpoint_is_one_line_too(capsys):
    main(["train", "tiny", "--resume", "run"])
    assert main(["train", "tiny", "--resume", "run", "--seed", "3"]) == 1
    assert "attnlab: config.seed is 3, and 0 in run/step-00000012" in capsys.readouterr().err
    file = Path("run/step-00000012/weights.safetensors")
    file.write_bytes(file.read_bytes()[:100])
    assert main(["train", "tiny", "--resume", "run"]) == 1
    assert "weights.safetensors has 100 bytes, and had" in capsys.readouterr().err


@pytest.mark.usefixtures("here")
def test_a_training_that_fails_says_why_and_keeps_what_was_saved(monkeypatch, capsys):
    def failing(model, x):
        failing.left -= 1
        return loss(model, x) * (float("nan") if failing.left == 0 else 1.0)

    failing.left = 4
    monkeypatch.setitem(RECIPES, "tiny", {"first": replace(TINY, loss=failing)})
    assert main(["train", "tiny", "--resume", "run", "--save-every", "0"]) == 1
    assert capsys.readouterr().err.startswith("attnlab: the loss of step 4 is nan: look for NaN")
    assert max(Path("run").iterdir()).name == "step-00000003"


def test_progress_is_shown_on_a_terminal(here, monkeypatch):
    seen = []

    def watched(steps, total):
        seen.append(total)
        return training_progress(steps, total)

    monkeypatch.setattr("attnlab.recipes.command.progress", watched)
    main(["train", "tiny", "--resume", str(here / "run"), "--steps", "4"])
    assert seen == [4]


def trained_to(name, *more):
    """The command, with what it says written into a file of each process."""
    said = Path(f"said-{os.environ['RANK']}")
    with said.open("w") as file, redirect_stdout(file), redirect_stderr(file):
        code = main(["train", "tiny", *(("--resume", name) if name else ()), *more])
    return code, said.read_text()


forks = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked")
DRY = replace(TINY, model=lambda: nn.Sequential(nn.Linear(3, 7), nn.Tanh(), nn.Linear(7, 2)))


@forks
def test_more_processes_take_the_same_steps_and_the_first_one_speaks(here, monkeypatch):
    monkeypatch.setitem(RECIPES, "tiny", {"first": DRY})
    first, second = as_torchrun(trained_to, 2, here, None)
    assert first == (
        0,
        "halve two of three numbers: 12 steps at most in 2 processes, from the start, in "
        "runs/tiny-first-1\nended after step 12; on unseen data: rows 5000, exact 0.25\n"
        "the weights are in runs/tiny-first-1/step-00000012/weights.safetensors\n",
    )
    assert second == (0, "")
    main(["train", "tiny", "--resume", "one"])
    ours, theirs = weights(here / "runs/tiny-first-1"), weights(here / "one")
    for name in ours:
        torch.testing.assert_close(ours[name], theirs[name], rtol=0, atol=1e-6)


@forks
def test_with_dropout_a_run_of_three_goes_on_to_the_same_bits(here, monkeypatch):
    as_torchrun(trained_to, 3, here, "unbroken")
    with monkeypatch.context() as patch:
        patch.setitem(RECIPES, "tiny", {"first": replace(TINY, loss=stopping(5))})
        told = as_torchrun(trained_to, 3, here, "left")
    assert [code for code, _ in told] == [130] * 3
    assert told[0][1].splitlines()[-1].startswith("stopped after step 5, and saved; go on with")
    assert "going on after step 5" in as_torchrun(trained_to, 3, here, "left")[0][1]
    assert equal(weights(here / "left"), weights(here / "unbroken"))


@forks
def test_another_number_of_processes_goes_on(here, monkeypatch):
    monkeypatch.setitem(RECIPES, "tiny", {"first": DRY})
    main(["train", "tiny", "--resume", "one"])
    with monkeypatch.context() as patch:
        patch.setitem(RECIPES, "tiny", {"first": replace(DRY, loss=stopping(5))})
        as_torchrun(trained_to, 3, here, "left")
    assert "going on after step 5" in as_torchrun(trained_to, 2, here, "left")[0][1]
    ours, theirs = weights(here / "left"), weights(here / "one")
    for name in ours:
        torch.testing.assert_close(ours[name], theirs[name], rtol=0, atol=1e-6)


@forks
def test_more_processes_than_rows_are_one_line(here):
    for code, said in as_torchrun(trained_to, 6, here, "run"):
        assert code == 1
        assert said.splitlines()[-1].startswith("attnlab: the batch has 5 rows, too few for 6 proc")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="nothing can be killed there")
def test_the_command_itself_is_killed_and_goes_on(tmp_path):
    command = [
        sys.executable,
        "-m",
        "attnlab.cli",
        "train",
        "reverse",
        "--steps",
        "30",
        "--seed",
        "4",
    ]
    killed = subprocess.Popen(
        [*command, "--resume", "killed", "--save-every", "0"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
    )
    end = time.monotonic() + 120
    while not list(tmp_path.glob("killed/step-*5")):
        assert time.monotonic() < end
        time.sleep(0.01)
    killed.kill()
    killed.wait()
    assert not list(tmp_path.glob("killed/step-00000030"))
    for folder in ("killed", "unbroken"):
        again = [*command, "--resume", folder]
        result = subprocess.run(again, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        assert ("going on after" in result.stdout) == (folder == "killed")
    assert equal(weights(tmp_path / "killed"), weights(tmp_path / "unbroken"))


def test_the_help_names_every_task(capsys):
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    words = " ".join(capsys.readouterr().out.split())
    assert f"what to learn: {', '.join(RECIPES)} " in words
