"""Several processes: by hand worked out, and held to one process with the whole batch."""

import os
import sys

import pytest
import torch
from forked import together
from torch import distributed as dist
from torch import nn
from torch.nn.functional import cross_entropy

from attnlab.training import train
from attnlab.training.parallel import (
    anywhere,
    average_gradients,
    data_parallel,
    first_says,
    place,
    process_group,
    rows_of,
    share_of,
    shared_loss,
    step_seed,
)
from attnlab.training.ring_all_reduce import ring_all_reduce
from attnlab.training.tensor_parallel import SplitFeedForward
from attnlab.training.training_memory import MIXED, PARTS, training_memory

forks = pytest.mark.skipif(
    sys.platform != "linux", reason="processes are forked, and joined by gloo"
)


def test_shares_are_all_rows_in_order_and_differ_by_one_at_most():
    batch = torch.arange(11), torch.arange(22).view(11, 2)
    for world in range(1, 12):
        shares = [share_of(batch, rank, world) for rank in range(world)]
        for part, whole in enumerate(batch):
            assert torch.equal(torch.cat([share[part] for share in shares]), whole)
        sizes = {len(share[0]) for share in shares}
        assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize(
    ("batch", "rank", "world", "error", "words"),
    [
        ((torch.ones(2, 3),), 0, 3, ValueError, "2 rows, too few for 3 processes: .* at most 2"),
        ((torch.ones(2), torch.ones(3)), 0, 2, ValueError, "parts have 2, 3 rows"),
        ((torch.ones(2), "text"), 0, 2, TypeError, "part 1 of the batch is a str without rows"),
        ((torch.tensor(1.0),), 0, 2, TypeError, "part 0 of the batch is a Tensor without rows"),
        ((), 0, 2, ValueError, "the batch is empty"),
        ((torch.ones(2),), 2, 2, ValueError, "rank is 2, and must be from 0 to 1, of 2 processes"),
    ],
)
def test_what_cannot_be_shared_is_named(batch, rank, world, error, words):
    with pytest.raises(error, match=words):
        share_of(batch, rank, world)


def padded(rows=7):
    """Scores to learn from, and answers of which the later rows have fewer."""
    random = torch.Generator().manual_seed(1)
    x = torch.randn(rows, 3, 5, generator=random, dtype=torch.float64)
    y = torch.randint(1, 4, (rows, 3), generator=random)
    return x, y.masked_fill(torch.arange(3) > torch.arange(rows)[:, None] % 3, 0)


def loss(model, x, y):
    return cross_entropy(model(x).flatten(0, 1), y.flatten(), ignore_index=0)


def asked(_, y):
    return int((y != 0).sum())


def model():
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 4)).double()


def ends(ours):
    return [parameter.detach().tolist() for parameter in ours.parameters()]


def trained(weigh):
    ours = model()
    wrapped, weighed = data_parallel(ours), shared_loss(loss, asked if weigh else rows_of)
    steps = list(train(wrapped, [padded()], weighed, steps=6, lr=0.05, warm_up=0, clip=0.3))
    return ends(ours), [step.loss for step in steps], [step.gradient for step in steps]


@forks
@pytest.mark.parametrize("processes", [2, 3])
def test_steps_losses_and_gradients_are_those_of_the_whole_batch(tmp_path, processes):
    alone = model()
    steps = list(train(alone, [padded()], loss, steps=6, lr=0.05, warm_up=0, clip=0.3))
    assert steps[0].gradient > 0.3, "clipping is tried as well"
    for weights, losses, gradients in together(trained, processes, tmp_path, True):
        for ours, theirs in zip(weights, ends(alone), strict=True):
            torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)
        torch.testing.assert_close(losses, [step.loss for step in steps], rtol=0, atol=1e-12)
        torch.testing.assert_close(gradients, [s.gradient for s in steps], rtol=0, atol=1e-12)


@forks
def test_the_mean_of_means_is_another_loss(tmp_path):
    (_, losses, _), _ = together(trained, 2, tmp_path, False)
    assert abs(losses[0] - loss(model(), *padded()).item()) > 1e-4


def by_hand():
    ours = model()
    loss(ours, *share_of(padded(6), *place())).backward()
    average_gradients(ours)
    return [parameter.grad.tolist() for parameter in ours.parameters()]


@forks
def test_averaged_gradients_are_means_of_the_processes(tmp_path):
    parts = []
    for rank in range(3):
        part = model()
        loss(part, *share_of(padded(6), rank, 3)).backward()
        parts.append([parameter.grad for parameter in part.parameters()])
    for found in together(by_hand, 3, tmp_path):
        for ours, theirs in zip(found, zip(*parts, strict=True), strict=True):
            torch.testing.assert_close(torch.tensor(ours).double(), sum(theirs) / 3)


def ring():
    numbers = torch.arange(10).view(2, 5) * 10 ** dist.get_rank()
    total, sent = ring_all_reduce(numbers)
    return total.tolist(), sent, numbers.tolist()


@forks
@pytest.mark.parametrize("processes", [2, 3, 4])
def test_the_ring_sums_and_sends_what_the_formula_says(tmp_path, processes):
    factor = sum(10**rank for rank in range(processes))
    for rank, (total, sent, numbers) in enumerate(together(ring, processes, tmp_path)):
        assert total == (torch.arange(10).view(2, 5) * factor).tolist()
        assert numbers == (torch.arange(10).view(2, 5) * 10**rank).tolist(), "stay as they are"
        formula = 2 * (processes - 1) / processes * 80
        assert abs(sent - formula) <= 2 * (processes - 1) * 8, "chunks differ by one number"


def split():
    torch.manual_seed(0)
    first, second = nn.Linear(3, 12).double(), nn.Linear(12, 5).double()
    layer, x = SplitFeedForward(first, second, nn.Tanh()), torch.randn(2, 3).double()
    ours, theirs = x.clone().requires_grad_(), x.clone().requires_grad_()
    found, wanted = layer(ours), second(torch.tanh(first(theirs)))
    for y in (found, wanted):
        y.square().sum().backward()
    rank, world = place()
    pairs = [
        (found, wanted),
        (ours.grad, theirs.grad),
        (layer.w1.grad, first.weight.grad.chunk(world)[rank]),
        (layer.b1.grad, first.bias.grad.chunk(world)[rank]),
        (layer.w2.grad, second.weight.grad.chunk(world, 1)[rank]),
        (layer.b2.grad, second.bias.grad),
    ]
    return max((a - b).abs().max().item() for a, b in pairs), layer.w1.shape[0]


@forks
@pytest.mark.parametrize("processes", [2, 3, 4])
def test_a_split_layer_is_the_whole_one_forward_and_backward(tmp_path, processes):
    for apart, features in together(split, processes, tmp_path):
        assert apart < 1e-12
        assert features == 12 // processes


def talk():
    rank, _ = place()
    told = first_says(lambda: f"process {rank}")
    try:
        first_says(lambda: 1 // 0 if rank else int("no number"))
    except ValueError as error:
        return told, anywhere(rank == 1), anywhere(False), str(error)


@forks
def test_the_first_tells_all_also_of_its_errors(tmp_path):
    for told in together(talk, 2, tmp_path):
        assert told[:3] == ("process 0", True, False)
        assert "no number" in told[3]


def refusals():
    found = []
    for refused in (
        lambda: data_parallel(nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))),
        lambda: SplitFeedForward(nn.Linear(2, 5), nn.Linear(5, 2)),
        lambda: shared_loss(loss, lambda x, _: len(x) - 3)(model(), *padded(6)),
        lambda: shared_loss(loss)(model(), *padded(1)),
    ):
        with pytest.raises(ValueError) as caught:  # noqa: PT011
            refused()
        found.append(str(caught.value))
    return found


@forks
def test_what_several_processes_cannot_do_is_named(tmp_path):
    norm, uneven, empty, few = together(refusals, 2, tmp_path)[0]
    assert norm.startswith("1 of the model is batch normalisation, whose mean and variance")
    assert uneven.startswith("d_ff is 5, which cannot be cut evenly for 2 processes")
    assert empty.startswith("the share of process 0 has 0 terms of the batch's 3")
    assert few.startswith("the batch has 1 rows, too few for 2 processes")


def test_without_a_group_there_is_one_process_and_nothing_to_average():
    with process_group() as where:
        assert where == (0, 1)
    assert anywhere(True)
    for refused in (lambda: average_gradients(model()), lambda: ring_all_reduce(torch.ones(2))):
        with pytest.raises(ValueError, match="no process group: start this by torchrun"):
            refused()


def test_a_launcher_that_told_a_part_alone_is_named(monkeypatch):
    for name in ("RANK", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORLD_SIZE", "2")
    words = "WORLD_SIZE is 2, but RANK, MASTER_ADDR, MASTER_PORT are not set"
    with pytest.raises(ValueError, match=words), process_group():
        pass
    assert "WORLD_SIZE" in os.environ


def test_a_port_in_use_is_named(monkeypatch):
    store = dist.TCPStore("127.0.0.1", 0, is_master=True)
    told = {
        "RANK": "0",
        "WORLD_SIZE": "1",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(store.port),
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(OSError, match=f"port {store.port} is in use"), process_group():
        pass


def test_every_process_and_step_has_random_numbers_of_its_own():
    seeds = {
        step_seed(*which)
        for which in [(s, n, r) for s in range(5) for n in range(9) for r in range(7)]
    }
    assert len(seeds) == 5 * 9 * 7
    torch.manual_seed(step_seed(10**12, 10**8, 4095))


def test_memory_by_hand():
    assert training_memory(10) == {"parameters": 40, "gradients": 40, "optimizer": 80, "total": 160}
    assert training_memory(10, 4, ["optimizer"])["total"] == 40 + 40 + 20
    # Rajbhandari et al. 2020, figure 1: 7.5 billion parameters on 64 devices.
    sharded = [(), ("optimizer",), ("optimizer", "gradients"), PARTS]
    totals = [training_memory(7_500_000_000, 64, parts, MIXED)["total"] / 1e9 for parts in sharded]
    assert [round(total, 1) for total in totals] == [120.0, 31.4, 16.6, 1.9]
    with pytest.raises(ValueError, match="sharded holds 'layers', and may hold parameters, grad"):
        training_memory(10, 2, ["layers"])
    with pytest.raises(ValueError, match="processes is 0, and must be at least 1"):
        training_memory(10, 0)
