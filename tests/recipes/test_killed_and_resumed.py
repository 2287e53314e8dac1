"""Killed at any moment and begun again: the end is that of a run that was never stopped."""

import random
import sys
from time import sleep

import pytest
from forked import together, until_killed

from attnlab.recipes.killed_and_resumed import arm, compared, kill, run
from attnlab.recipes.sharding import fully_shard
from attnlab.training.checkpoints.sharded import load_sharded, newest_sharded, save_sharded
from attnlab.training.launching import launched

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are forked"),
    pytest.mark.skipif(fully_shard is None, reason="fully_shard came with PyTorch 2.6"),
]


@pytest.mark.parametrize(
    "moment", ["0:3:step", "1:3:step", "0:3:saving", "1:3:saving", "0:3:naming"]
)
def test_killed_at_a_moment_and_resumed(tmp_path, moment):
    folder, rank = tmp_path / "run", int(moment[0])
    assert rank in until_killed(compared, 2, tmp_path, folder, 5, [moment])
    assert newest_sharded(folder).name == "step-00000002", "step 3 is not there, not even in part"
    for found in together(compared, 2, tmp_path, folder, 5, [moment]):
        assert found["equal"]
        assert found["begin"] == 2
    assert [path.name for path in folder.glob(".*")] == [], "nothing is left of what was broken off"


@pytest.mark.everything
def test_killed_at_random_moments_again_and_again(tmp_path):
    folder, moments, kills = tmp_path / "run", random.Random(3), 0
    while kills < 6:
        kills += len(until_killed(dying, 3, tmp_path, folder, moments.random(), kills)) > 0
    for found in together(compared, 3, tmp_path, folder, 40):
        assert found["equal"]
        assert found["begin"] > 0, "killed before anything was saved"


def dying(folder, wait, number):
    """Train, and be killed from outside a while after the beginning."""
    import threading  # only in the fork

    from torch import distributed as dist

    def later():
        sleep(0.3 + wait)
        kill(folder, number % 3, 1)

    if dist.get_rank() == 0:
        threading.Thread(target=later, daemon=True).start()
    compared(folder, 40)


@pytest.mark.parametrize("processes", [1, 3])
def test_resumed_by_another_number_of_processes(tmp_path, processes):
    together(compared, 2, tmp_path, tmp_path / "run", 3)
    for found in together(compared, processes, tmp_path, tmp_path / "run", 6):
        assert found["begin"] == 3
        assert found["apart"] < 1e-6


def test_resumed_by_as_many_is_the_same_bit_for_bit_for_three(tmp_path):
    together(compared, 3, tmp_path, tmp_path / "run", 2)
    for found in together(compared, 3, tmp_path, tmp_path / "run", 5):
        assert found["begin"] == 2
        assert found["equal"]


def kept_and_refused(folder):
    from torch import nn

    from attnlab.training import adamw

    run(folder, 4)
    model = nn.Linear(2, 3)
    optimizer = adamw(model)
    for step in (5, 6):
        save_sharded(folder, model, optimizer, step=step, keep=2)
    other = nn.Linear(3, 2)
    with pytest.raises(ValueError, match="does not fit the model, the optimiser or the gen") as no:
        load_sharded(folder, other, adamw(other))
    assert load_sharded(folder, model, optimizer) == 6
    return sorted(path.name for path in folder.glob("step-*")), str(no.value)


def test_how_many_stay_and_another_model_is_named(tmp_path):
    for left, words in together(kept_and_refused, 2, tmp_path, tmp_path / "run"):
        assert left == ["step-00000005", "step-00000006"]
        assert words.count("\n") == 0


def test_bad_moments_and_no_group_are_named(tmp_path):
    for wrong in ("1:2", "1:2:lunch"):
        with pytest.raises(ValueError, match=rf"moment is '{wrong}', and must be RANK:STEP:step\|"):
            arm(tmp_path, [wrong])
    with pytest.raises(ValueError, match=r"no process group: .* saved by save_checkpoint"):
        load_sharded(tmp_path, None, None)
    with pytest.raises(TimeoutError, match=r"has no step-00000003 after 0\.01 seconds"):
        kill(tmp_path, 0, 3, seconds=0.01)


@pytest.mark.everything
def test_torchrun_begins_again_by_itself(tmp_path):
    arguments = str(tmp_path / "run"), "--until", "5", "--kill", "1:2:step", "0:4:saving"
    module = "attnlab.recipes.killed_and_resumed"
    found = launched(module, 2, *arguments, restarts=2, seconds=180)
    assert (found["restarts"], found["begin"], found["equal"]) == (2, 3, True)
