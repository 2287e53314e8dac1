"""What chapter 19 measures in several processes, tried in forks."""

import json
import sys

import pytest
from forked import together

from attnlab.recipes import collectives, data_parallel, in_processes, sharding, step_times
from attnlab.recipes.sharding import batches, loss, model, sharded
from attnlab.training.launching import launch, launched, torchrun
from attnlab.training.loop import train
from attnlab.training.parallel import shared_loss

newer = pytest.mark.skipif(sharding.fully_shard is None, reason="fully_shard came with PyTorch 2.6")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked")


@newer
@pytest.mark.parametrize("processes", [1, 2, 4])
def test_each_process_holds_what_the_formula_says(tmp_path, processes):
    for found in together(sharding.measured, processes, tmp_path):
        assert found["bytes"] == found["formula"]
        assert found["bytes"]["total"] == 16 * found["parameters"] / processes
        assert found["apart"] < 1e-6
        forward, backward = [0, 1, 2, 3], [3, 2, 1, 0]
        assert [event["block"] for event in found["events"]] == [*forward, *backward, -1]
        for event in found["events"]:
            assert event["whole"] == [n == event["block"] for n in range(4)]
        share = found["bytes"]["parameters"]
        assert found["most"] == share + (4 * found["parameters"] - share) // 4


def clipped():
    """The lengths of gradients, and the losses, of steps whose gradients are cut to a tenth."""
    from torch import Generator

    steps = train(
        sharded(model()), batches(Generator().manual_seed(0)), shared_loss(loss), steps=4, clip=0.1
    )
    return [(step.gradient, step.loss) for step in steps]


@newer
def test_gradients_of_shares_are_clipped_as_a_whole(tmp_path):
    from torch import Generator

    alone = train(model(), batches(Generator().manual_seed(0)), loss, steps=4, clip=0.1)
    wanted = [(step.gradient, step.loss) for step in alone]
    assert wanted[0][0] > 0.1
    for found in together(clipped, 2, tmp_path):
        assert [*sum(found, ())] == pytest.approx([*sum(wanted, ())], rel=1e-5)


@pytest.mark.parametrize("processes", [2, 3])
def test_data_parallel_is_exact_and_what_is_not_is_not(tmp_path, processes):
    for found in together(data_parallel.measured, processes, tmp_path, 0, 6):
        for name in ("equal", "unequal"):
            assert max(found[name]["apart"]) < 1e-6
        assert max(found["by_hand"]) < 1e-6
        assert found["adam"]["loss"] < 1e-5
        assert max(found["adam64"]["apart"]) < 1e-9
        for name in ("mean_of_means", "dropout"):
            assert max(found[name]["apart"]) > 1e-4
        assert found["batch_norm"] > 0.01
        assert all(found[n]["equal_everywhere"] for n in ("equal", "adam", "mean_of_means"))


def measured_quickly():
    return collectives.ring(), collectives.tensor_parallel(), collectives.all_reduce_times(2)


def test_the_ring_the_split_layer_and_the_times(tmp_path):
    for rows, split, times in together(measured_quickly, 3, tmp_path):
        assert all(row["equal"] and row["sent"] == row["formula"] for row in rows)
        assert all(row["apart"] < 1e-5 for row in rows)
        assert (split["held"], split["whole"]) == (8 * 8 + 8 + 8 * 8 + 8, 416)
        assert max(split[n] for n in ("output", "input_gradient", "w1_gradient")) < 1e-12
        assert [row["bytes"] for row in times] == [4 * size for size in collectives.SIZES]
        assert all(row["seconds"] >= row["least"] > 0 for row in times)


def test_the_times_of_steps_name_what_they_are_of(tmp_path):
    (rows,) = together(step_times.measured, 1, tmp_path, 1)
    assert [row["width"] for row in rows] == [128, 128, 512, 512]
    assert all(
        min(row[n] for n in ("compute", "communicate", "step", "overlapped")) > 0 for row in rows
    )


def test_the_command_prints_a_line_of_json_alone(capsys):
    assert in_processes.main([]) == 0
    assert json.loads(capsys.readouterr().out) == {}
    assert in_processes.main(["lunch"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("attnlab: ValueError: 'lunch' is none of data_parallel, ring, ")


def test_a_launch_is_named_as_a_terminal_would_write_it():
    assert torchrun("m", 2, restarts=3)[1:] == [
        *("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"),
        *("--max-restarts", "3", "--monitor-interval", "0.1", "-m", "m"),
    ]
    with pytest.raises(ValueError, match="processes is 0, and must be at least 1"), launch("m", 0):
        pass


def test_what_takes_too_long_is_ended(tmp_path):
    with pytest.raises(TimeoutError, match=r"in 2 processes took over 0\.2 seconds, and was ended"):
        launched("attnlab.recipes.in_processes", 2, seconds=0.2, folder=tmp_path)


@pytest.mark.slow
def test_what_fails_says_why(tmp_path):
    with pytest.raises(OSError, match=r"in 1 processes failed: .*'lunch' is none of data_parallel"):
        launched("attnlab.recipes.in_processes", 1, "lunch", folder=tmp_path)
