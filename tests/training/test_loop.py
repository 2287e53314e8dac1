import doctest
import math
from itertools import count, islice

import pytest
import torch
from torch import nn

from attnlab.training import Step, train, warm_up_cosine
from attnlab.training import loop as loop_module
from attnlab.training.loop import adamw, count_tokens


def line(seed=0):
    torch.manual_seed(seed)
    return nn.Linear(3, 2).double()


def batches(seed=0, size=5):
    """Without end: numbers, and what a fixed linear map makes of them."""
    random = torch.Generator().manual_seed(seed)
    weight = torch.randn(3, 2, generator=random, dtype=torch.float64)
    while True:
        x = torch.randn(size, 3, generator=random, dtype=torch.float64)
        yield x, x @ weight


def squares(model, x, y):
    return (model(x) - y).square().mean()


def test_one_step_by_hand():
    # AdamW's first step moves each weight by its rate against the sign of its gradient, and
    # shrinks it by rate times the weight decay, 0.01.
    model = nn.Linear(1, 1, bias=False)
    model.weight.data.fill_(3.0)
    (step,) = train(model, [(2.0,)], lambda m, x: x * m.weight.sum(), steps=1, lr=0.5, warm_up=1)
    assert step == Step(number=1, loss=6.0, lr=0.5)
    assert step.gradient == 2.0
    assert model.weight.item() == pytest.approx(3.0 * (1 - 0.5 * 0.01) - 0.5)


def test_it_is_what_torch_does_step_for_step():
    ours, theirs = line(), line()
    steps = list(train(ours, batches(), squares, steps=30, lr=1e-2, warm_up=7, clip=0.1))
    optimizer = torch.optim.AdamW(theirs.parameters(), lr=1e-2, betas=(0.9, 0.98), fused=False)
    for step, (x, y) in zip(steps, batches(), strict=False):
        optimizer.param_groups[0]["lr"] = 1e-2 * warm_up_cosine(step.number, 30, 7)
        loss = squares(theirs, x, y)
        assert step.loss == pytest.approx(loss.item(), abs=1e-12)
        assert step.lr == optimizer.param_groups[0]["lr"]
        theirs.zero_grad()
        loss.backward()
        norm = torch.cat([p.grad.flatten() for p in theirs.parameters()]).norm()
        for parameter in theirs.parameters():
            parameter.grad.mul_(min(1.0, 0.1 / (norm.item() + 1e-6)))
        optimizer.step()
    assert len(steps) == 30
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(a, b, atol=1e-12, rtol=1e-9)


def test_it_learns():
    model = line()
    losses = [step.loss for step in train(model, batches(), squares, steps=300, lr=3e-2)]
    assert losses[-1] < 1e-3 * losses[0]


def test_nothing_happens_before_the_first_turn_nor_after_the_last():
    model, drawn = line(), count()
    start = model.weight.detach().clone()
    data = ((next(drawn), *batch)[1:] for batch in batches())
    steps = train(model, data, squares, steps=100)
    assert torch.equal(model.weight, start)
    assert [step.number for step in islice(steps, 3)] == [1, 2, 3]
    assert next(drawn) == 3, "no batch is drawn ahead"
    after = model.weight.detach().clone()
    steps.close()
    assert torch.equal(model.weight, after)


def test_the_model_trains_again_after_it_was_looked_at():
    model, modes = line(), []

    def loss(model, x, y):
        modes.append(model.training)
        return squares(model, x, y)

    for _ in train(model, batches(), loss, steps=3):
        model.eval()
    assert modes == [True, True, True]


def test_what_ends_is_gone_through_again():
    seen = []

    def loss(model, x):
        seen.append(x)
        return model.weight.sum()

    list(train(line(), [(1,), (2,), (3,)], loss, steps=7))
    assert seen == [1, 2, 3, 1, 2, 3, 1]


def test_a_run_in_two_halves_is_the_whole_run():
    whole, halves = line(), line()
    expected = list(train(whole, batches(), squares, steps=20, warm_up=5))
    data = batches()
    optimizer = torch.optim.AdamW(halves.parameters(), betas=(0.9, 0.98), fused=True)
    common = {"steps": 20, "warm_up": 5, "optimizer": optimizer}
    first = list(islice(train(halves, data, squares, **common), 8))
    second = list(train(halves, data, squares, **common, done=8))
    assert first + second == expected
    assert torch.equal(whole.weight, halves.weight)


def test_frozen_parameters_stay():
    model = line()
    model.bias.requires_grad_(False)
    bias, weight = model.bias.clone(), model.weight.detach().clone()
    list(train(model, batches(), squares, steps=2))
    assert torch.equal(model.bias, bias)
    assert not torch.equal(model.weight, weight)


def test_it_is_silent_and_leaves_the_random_numbers_alone(capsys):
    model, threads = line(), torch.get_num_threads()
    state = torch.random.get_rng_state()
    list(train(model, batches(), squares, steps=3))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.get_num_threads() == threads
    assert capsys.readouterr() == ("", "")


def spoilt(model, x, y):
    spoilt.calls += 1
    return squares(model, x, y) * (math.nan if spoilt.calls == 3 else 1.0)


def test_a_loss_that_is_not_a_number_stops_before_it_spoils_the_weights():
    model, spoilt.calls, numbers = line(), 0, []
    with pytest.raises(ValueError, match=r"loss of step 3 is nan: .* smaller lr than 0.003"):
        numbers.extend(step.number for step in train(model, batches(), spoilt, steps=5))
    assert numbers == [1, 2]
    assert all(torch.isfinite(p).all() for p in model.parameters())


def test_a_gradient_that_is_not_finite_leaves_the_weights_as_they_were():
    model, before = line(), []
    calls = count(1)

    def loss(model, x, y):
        value = squares(model, x, y)
        if next(calls) < 3:
            return value
        before.extend(p.detach().clone() for p in model.parameters())
        value.register_hook(lambda gradient: gradient * math.inf)
        return value

    steps = train(model, batches(), loss, steps=5, lr=0.25)
    with pytest.raises(ValueError, match=r"gradient of step 3 is (inf|nan): .* than 0.25; the wei"):
        list(steps)
    for parameter, expected in zip(model.parameters(), before, strict=True):
        assert torch.equal(parameter, expected)


def test_the_gradient_is_the_one_before_clipping():
    model = line()
    x, y = next(batches())
    squares(model, x, y).backward()
    norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm().item()
    (step,) = train(model, [(x, y)], squares, steps=1, clip=1e-3)
    assert norm > 1e-3
    assert step.gradient == pytest.approx(norm)


def test_any_schedule_can_be_handed_in():
    lrs = [
        step.lr
        for step in train(line(), batches(), squares, steps=3, lr=0.5, schedule=lambda n: 1 / n)
    ]
    assert lrs == [0.5, 0.25, 0.5 / 3]


def test_the_optimiser_by_itself_is_the_one_to_be_saved():
    ours, theirs = line(), line()
    expected = list(train(ours, batches(), squares, steps=5))
    assert list(train(theirs, batches(), squares, steps=5, optimizer=adamw(theirs))) == expected
    assert torch.equal(ours.weight, theirs.weight)


def test_tokens_are_the_whole_numbers_of_a_batch():
    whole, real = torch.ones(2, 3, dtype=torch.int64), torch.ones(5, 7)
    mask = torch.ones(11, dtype=torch.bool)
    assert count_tokens(whole, real, mask, "words", whole[0].int()) == 9


def test_the_speed_is_that_of_the_step_not_of_the_readers_loop(monkeypatch):
    clock = count()
    monkeypatch.setattr(loop_module, "perf_counter", lambda: next(clock) * 2.0)
    steps = train(line(), batches(), squares, steps=3, tokens=lambda x, y: x.numel() + len(y))
    assert [next(clock) >= 0 and step.speed for step in steps] == [(15 + 5) / 2.0] * 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"loss": lambda m, x, y: squares(m, x, y) / 0.0}, "loss of step 1 is inf"),
        ({"loss": lambda m, x, y: m(x) - y}, r"the loss has shape \(5, 2\), .*loss.mean\(\)"),
        ({"batches": islice(batches(), 2)}, "batches ended after 2 steps of 4: give a list"),
        ({"batches": []}, "batches ended after 0 steps of 4"),
    ],
)
def test_bad_input_is_named(arguments, words):
    given = {"batches": batches(), "loss": squares} | arguments
    with pytest.raises(ValueError, match=words):
        list(train(line(), steps=4, **given))


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(loop_module, extraglobs={"torch": torch, "nn": nn})
    assert result.attempted > 0
    assert result.failed == 0
