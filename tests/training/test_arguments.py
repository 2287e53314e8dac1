"""What is handed in: refused by name and before anything is changed, or taken as it is meant."""

import math
from itertools import islice

import numpy as np
import pytest
import torch
from torch import nn

from attnlab.training import (
    adamw,
    beam_search,
    gradient_norm,
    greedy,
    label_smoothed_cross_entropy,
    load_checkpoint,
    progress,
    sample,
    sampling_weights,
    save_checkpoint,
    train,
    warm_up_cosine,
    warm_up_root,
)

X, Y = torch.ones(3, 1), 2 * torch.ones(3, 1)
BATCHES = [(X, Y)]


def squares(model, x, y):
    return (model(x) - y).square().mean()


def line():
    torch.manual_seed(0)
    return nn.Linear(1, 1)


WRONG = [
    ("clip", -1, ValueError),
    ("clip", 0, ValueError),
    ("clip", -0.0, ValueError),
    ("clip", math.nan, ValueError),
    ("clip", -math.inf, ValueError),
    ("clip", True, TypeError),
    ("clip", "1", TypeError),
    ("clip", None, TypeError),
    ("clip", torch.tensor(1.0), TypeError),
    ("lr", -1e-3, ValueError),
    ("lr", 0, ValueError),
    ("lr", math.nan, ValueError),
    ("lr", math.inf, ValueError),
    ("lr", True, TypeError),
    ("lr", "0.1", TypeError),
    ("lr", None, TypeError),
    ("steps", -1, ValueError),
    ("steps", 2.0, TypeError),
    ("steps", 2.5, TypeError),
    ("steps", math.nan, TypeError),
    ("steps", True, TypeError),
    ("steps", "2", TypeError),
    ("steps", None, TypeError),
    ("warm_up", -1, ValueError),
    ("warm_up", 2.5, TypeError),
    ("warm_up", math.nan, TypeError),
    ("warm_up", False, TypeError),
    ("warm_up", None, TypeError),
    ("done", -1, ValueError),
    ("done", 1.5, TypeError),
    ("done", True, TypeError),
    ("schedule", 0.5, TypeError),
    ("tokens", 5, TypeError),
    ("tokens", None, TypeError),
    ("batches", list, TypeError),
    ("optimizer", torch.optim.SGD, TypeError),
    ("optimizer", "adamw", TypeError),
    ("optimizer", torch.optim.SGD(nn.Linear(1, 1).parameters(), 0.1), ValueError),
    ("loss", None, TypeError),
    ("loss", 0.5, TypeError),
    ("batches", X, TypeError),
    ("batches", "xy", TypeError),
    ("batches", None, TypeError),
    ("model", None, TypeError),
    ("model", lambda x: x, TypeError),
]


@pytest.mark.parametrize(("name", "value", "error"), WRONG)
def test_train_refuses_at_the_call(name, value, error):
    model = line()
    before = model.weight.clone()
    given = {"model": model, "batches": BATCHES, "loss": squares, "steps": 3} | {name: value}
    with pytest.raises(error, match=rf"^{name} "):
        train(**given)
    assert torch.equal(model.weight, before)


@pytest.mark.parametrize("share", [-1, math.nan, math.inf, "1", None, True])
def test_a_schedule_that_gives_no_share(share):
    model = line()
    before = model.weight.clone()
    with pytest.raises((TypeError, ValueError), match=r"^schedule\(1\) is "):
        list(train(model, BATCHES, squares, steps=3, schedule=lambda _: share))
    assert torch.equal(model.weight, before)


@pytest.mark.parametrize("batch", [X, {"x": X, "y": Y}, "xy", 1.0])
def test_a_batch_that_is_no_tuple(batch):
    with pytest.raises(TypeError, match=r"batches gives a \w+, and each batch must be a tuple"):
        list(train(line(), [batch], lambda model, *_: model(X).mean(), steps=1))


@pytest.mark.parametrize(
    ("loss", "error", "words"),
    [
        (lambda *_: 1.0, TypeError, "the loss is a float"),
        (lambda *_: None, TypeError, "the loss is a NoneType"),
        (lambda m, x, y: squares(m, x, y).detach(), ValueError, "the loss has no gradient"),
        (lambda _, x, *__: x.mean(), ValueError, "the loss has no gradient"),
        (lambda m, x, y: (m(x) - y).square(), ValueError, "the loss has shape"),
        (lambda m, x, y: squares(m, x, y) + 0j, TypeError, "the loss holds torch.complex64"),
    ],
)
def test_a_loss_that_cannot_be_followed(loss, error, words):
    with pytest.raises(error, match=words):
        list(train(line(), BATCHES, loss, steps=1))


def test_numbers_of_numpy_are_numbers():
    given = {"steps": np.int64(3), "warm_up": np.int8(1), "done": np.uint8(0)}
    given |= {"lr": np.float32(0.5), "clip": np.float64(1)}
    ours = list(train(line(), BATCHES, squares, **given))
    assert ours == list(train(line(), BATCHES, squares, steps=3, warm_up=1, lr=0.5))
    assert type(ours[0].lr) is float


def test_no_clipping_and_no_warm_up():
    (step,) = train(line(), BATCHES, squares, steps=1, clip=math.inf, warm_up=0)
    assert step.lr == pytest.approx(3e-3 * 0.05, rel=1) or step.lr > 0


def lrs_of(optimizer):
    return [group["lr"] for group in optimizer.param_groups]


@pytest.mark.parametrize("make", [torch.optim.SGD, torch.optim.AdamW, torch.optim.Adagrad])
@pytest.mark.parametrize("lrs", [(1.0, 0.01), (0.01, 1.0), (0.2, 0.2), (1e-3, 0.0)])
def test_groups_keep_their_proportion(make, lrs):
    model = nn.Sequential(nn.Linear(1, 2), nn.Linear(2, 1))
    groups = [{"params": part.parameters(), "lr": r} for part, r in zip(model, lrs, strict=True)]
    optimizer = make(groups)
    for step in train(model, BATCHES, squares, steps=7, lr=0.3, optimizer=optimizer, warm_up=3):
        expected = [step.lr * r / max(lrs) for r in lrs]
        assert lrs_of(optimizer) == pytest.approx(expected)


def test_groups_go_on_with_their_proportion(tmp_path):
    def parts():
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(1, 2), nn.Linear(2, 1))
        groups = [{"params": model[0].parameters()}, {"params": model[1].parameters(), "lr": 0.01}]
        return model, torch.optim.SGD(groups, lr=0.03)

    model, optimizer = parts()
    given = {"steps": 9, "warm_up": 2, "lr": 0.1}
    expected = list(train(model, BATCHES, squares, optimizer=optimizer, **given))
    half, half_optimizer = parts()
    list(islice(train(half, BATCHES, squares, optimizer=half_optimizer, **given), 4))
    save_checkpoint(tmp_path, half, half_optimizer, step=4)
    other, other_optimizer = parts()
    done = load_checkpoint(tmp_path, other, other_optimizer).step
    found = list(train(other, BATCHES, squares, optimizer=other_optimizer, done=done, **given))
    assert found == expected[4:]
    assert torch.equal(other[1].weight, model[1].weight)


def test_the_optimiser_of_train_can_be_had(tmp_path):
    ours, theirs = line(), line()
    optimizer = adamw(theirs)
    given = {"steps": 6, "warm_up": 2}
    expected = list(train(ours, BATCHES, squares, **given))
    found = list(train(theirs, BATCHES, squares, optimizer=optimizer, **given))
    assert found == expected
    save_checkpoint(tmp_path, theirs, optimizer, step=6)
    with pytest.raises(ValueError, match="lr is -1"):
        adamw(theirs, -1)


@pytest.mark.parametrize("step", [np.int64(3), np.uint8(3), 3])
def test_the_step_of_a_checkpoint(tmp_path, step):
    model = line()
    record = {"losses": [np.float32(0.5), torch.tensor(2)], "best": np.int64(7)}
    assert save_checkpoint(tmp_path, model, step=step, record=record).name == "step-00000003"
    found = load_checkpoint(tmp_path, model)
    assert found.step == 3
    assert found.record == {"losses": [0.5, 2], "best": 7}


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"step": 3.0}, TypeError),
        ({"step": "3"}, TypeError),
        ({"step": None}, TypeError),
        ({"step": True}, TypeError),
        ({"step": torch.tensor(3.5)}, TypeError),
        ({"step": -1}, ValueError),
        ({"step": 3, "keep": 0}, ValueError),
        ({"step": 3, "keep": 1.5}, TypeError),
    ],
)
def test_the_numbers_of_a_checkpoint(tmp_path, given, error):
    name = "keep" if "keep" in given else "step"
    with pytest.raises(error, match=rf"^{name} is "):
        save_checkpoint(tmp_path, line(), **given)
    assert not list(tmp_path.iterdir())


class Nothing(nn.Module):
    decoder = None

    def encode(self, *_):
        raise AssertionError("nothing must be read")

    decode = encode


DECODERS = [greedy, sample, beam_search]
MARKS = {"begin": 1, "end": 2, "most": 3}


@pytest.mark.parametrize("decode", DECODERS)
@pytest.mark.parametrize(
    "source",
    [
        "3 May 2021",
        ["a"],
        [[1, 2]],
        np.array([[1, 2]]),
        None,
        5,
        torch.tensor([[1.0, 2.0]]),
        torch.tensor([[True]]),
        torch.ones(1, 2, dtype=torch.bfloat16),
    ],
)
def test_a_source_that_is_no_tokens(decode, source):
    with pytest.raises(TypeError, match=r"^source (is a .*vocabulary\.encode|holds .*\.long\(\))"):
        decode(Nothing(), source, **MARKS)


@pytest.mark.parametrize("decode", DECODERS)
@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"most": 0}, ValueError),
        ({"most": 2.5}, TypeError),
        ({"most": None}, TypeError),
        ({"most": True}, TypeError),
        ({"begin": 1.0}, TypeError),
        ({"begin": "<begin>"}, TypeError),
        ({"end": None}, TypeError),
    ],
)
def test_the_numbers_of_decoding(decode, given, error):
    with pytest.raises(error, match=rf"^{next(iter(given))} is "):
        decode(Nothing(), torch.tensor([[1]]), **(MARKS | given))


@pytest.mark.parametrize("decode", DECODERS)
def test_a_model_that_cannot_be_decoded(decode):
    with pytest.raises(TypeError, match="model is a Linear without encode"):
        decode(nn.Linear(1, 1), torch.tensor([[1]]), **MARKS)
    with pytest.raises(TypeError, match=r"as attnlab\.nn\.LanguageModel has them$"):
        decode(nn.Linear(1, 1), torch.tensor([[1]]), **MARKS)
    inside = nn.Linear(1, 1)
    inside.next_logits = lambda tokens, caches: None  # noqa: ARG005
    with pytest.raises(TypeError, match=r"DataParallel .* hand in model\.module"):
        decode(nn.DataParallel(inside), torch.tensor([[1]]), **MARKS)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"width": 0}, ValueError),
        ({"width": 1.5}, TypeError),
        ({"width": None}, TypeError),
        ({"length_penalty": -1}, ValueError),
        ({"length_penalty": math.nan}, ValueError),
        ({"length_penalty": "0.6"}, TypeError),
    ],
)
def test_the_numbers_of_a_beam(given, error):
    with pytest.raises(error, match=rf"^{next(iter(given))} is "):
        beam_search(Nothing(), torch.tensor([[1]]), **MARKS, **given)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"temperature": 0}, ValueError),
        ({"temperature": -1}, ValueError),
        ({"temperature": math.nan}, ValueError),
        ({"temperature": math.inf}, ValueError),
        ({"temperature": "1"}, TypeError),
        ({"temperature": None}, TypeError),
        ({"temperature": True}, TypeError),
        ({"top_k": 0}, ValueError),
        ({"top_k": -3}, ValueError),
        ({"top_k": 2.0}, TypeError),
        ({"top_k": "2"}, TypeError),
        ({"top_k": True}, TypeError),
        ({"top_p": 0}, ValueError),
        ({"top_p": -0.1}, ValueError),
        ({"top_p": 1.1}, ValueError),
        ({"top_p": math.nan}, ValueError),
        ({"top_p": "0.9"}, TypeError),
    ],
)
def test_the_numbers_of_sampling(given, error):
    with pytest.raises(error, match=rf"^{next(iter(given))} is "):
        sampling_weights(torch.zeros(5), **given)


@pytest.mark.parametrize("logits", [[0.0], np.zeros(3), torch.zeros(3, dtype=int), "a", None])
def test_logits_that_are_none(logits):
    with pytest.raises(TypeError, match=r"^logits "):
        sampling_weights(logits)
    with pytest.raises(TypeError, match=r"^logits "):
        label_smoothed_cross_entropy(logits, torch.tensor(2))


@pytest.mark.parametrize("shape", [(), (0,), (2, 0)])
def test_logits_without_a_vocabulary(shape):
    with pytest.raises(ValueError, match="logits has shape"):
        sampling_weights(torch.zeros(shape))


def test_the_loss_of_a_single_token():
    expected = pytest.approx(math.log(4))
    assert label_smoothed_cross_entropy(torch.zeros(4), torch.tensor(2)).item() == expected
    for ignore in (0, None, -100, np.int64(0)):
        loss = label_smoothed_cross_entropy(torch.zeros(1, 4), torch.tensor([2]), ignore=ignore)
        assert loss.item() == expected
    zero = torch.tensor(0)
    assert label_smoothed_cross_entropy(torch.zeros(4), zero, ignore=None).item() == expected


@pytest.mark.parametrize("name", ["uint8", "int8", "int16", "int32", "int64"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 1, 3)])
def test_targets_of_every_whole_type(name, shape):
    logits = torch.randn(*shape, 5, generator=torch.Generator().manual_seed(0))
    target = torch.full(shape, 2).to(getattr(torch, name))
    expected = label_smoothed_cross_entropy(logits.reshape(-1, 5), target.long().flatten())
    torch.testing.assert_close(label_smoothed_cross_entropy(logits, target), expected)


@pytest.mark.parametrize("name", ["float32", "float64", "bfloat16", "bool", "complex64"])
def test_targets_that_are_not_whole(name):
    with pytest.raises(TypeError, match=r"^target holds torch\."):
        label_smoothed_cross_entropy(torch.zeros(1, 4), torch.ones(1).to(getattr(torch, name)))


@pytest.mark.parametrize("given", [{"ignore": 0.0}, {"ignore": "0"}, {"smoothing": "0"}])
def test_the_numbers_of_the_loss(given):
    with pytest.raises(TypeError, match=rf"^{next(iter(given))} is "):
        label_smoothed_cross_entropy(torch.zeros(1, 4), torch.tensor([2]), **given)


def test_nothing_to_learn_from():
    with pytest.raises(ValueError, match="target holds no token"):
        label_smoothed_cross_entropy(torch.zeros(0, 4), torch.zeros(0, dtype=int), ignore=None)


@pytest.mark.parametrize("last", [-0.1, 1.1, math.nan])
def test_the_numbers_of_schedules(last):
    with pytest.raises(ValueError, match=r"^last is "):
        warm_up_cosine(1, 10, last=last)
    with pytest.raises(ValueError, match=r"^warm_up is -1"):
        warm_up_cosine(1, 10, -1)
    for name in ("step", "warm_up"):
        with pytest.raises(ValueError, match=f"^{name} is nan"):
            warm_up_root(**({"step": 1, "warm_up": 2} | {name: math.nan}))
    with pytest.raises(TypeError, match=r"^total is "):
        progress([], 2.5)


@pytest.mark.parametrize("count", [None, "x", -1, math.nan])
def test_tokens_that_are_no_count(count):
    model = line()
    before = model.weight.clone()
    with pytest.raises((TypeError, ValueError), match=r"tokens\(\*batch\) is "):
        list(train(model, BATCHES, squares, steps=2, tokens=lambda *_: count))
    assert torch.equal(model.weight, before)


def test_an_optimiser_that_looks_several_times():
    model = line()
    with pytest.raises(TypeError, match="optimizer is LBFGS, which asks for the loss several"):
        train(model, BATCHES, squares, steps=2, optimizer=torch.optim.LBFGS(model.parameters()))


def test_what_adamw_cannot_be_made_over():
    for model in (None, line().parameters()):
        with pytest.raises(TypeError, match="model is a"):
            adamw(model)
    with pytest.raises(ValueError, match="has no parameters"):
        adamw(nn.ReLU())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("model", value) for value in (None, "x", line, line().state_dict(), [line()])),
        *(("optimizer", value) for value in (1, torch.optim.SGD, "sgd")),
        *(("generators", value) for value in (None, [1], [None], torch.Generator())),
        *(("folder", value) for value in (None, 1, b"x")),
    ],
)
def test_what_a_checkpoint_is_made_of(tmp_path, name, value):
    given = {"folder": tmp_path, "model": line(), name: value}
    with pytest.raises(TypeError, match=f"^{name} "):
        save_checkpoint(**given, step=1)
    with pytest.raises(TypeError, match=f"^{name} "):
        load_checkpoint(**given)


def test_a_config_with_nan_is_itself(tmp_path):
    save_checkpoint(tmp_path, line(), step=1, config={"lr": math.nan})
    assert load_checkpoint(tmp_path, line(), config={"lr": math.nan}).step == 1
    with pytest.raises(ValueError, match=r"config\.lr is 1\.0, and nan"):
        load_checkpoint(tmp_path, line(), config={"lr": 1.0})


def test_a_record_that_holds_itself(tmp_path):
    record = []
    record.append(record)
    with pytest.raises(TypeError, match="record cannot be saved"):
        save_checkpoint(tmp_path, line(), step=1, record=record)


@pytest.mark.parametrize("parameters", [None, line(), [1], torch.ones(2)])
def test_what_has_no_gradients(parameters):
    with pytest.raises(TypeError, match="parameters "):
        gradient_norm(parameters)


def test_the_gradient_of_a_sparse_table():
    table = nn.Embedding(3, 2, sparse=True)
    table(torch.tensor([1, 1])).sum().backward()
    assert gradient_norm(table.parameters()) == pytest.approx(8**0.5)


def test_an_ignored_token_beyond_all_others():
    loss = label_smoothed_cross_entropy(torch.zeros(2, 4), torch.tensor([0, 1]), ignore=2**70)
    assert loss.exp().item() == pytest.approx(4.0)


def test_old_keywords_are_taken_with_a_warning(tmp_path):
    model = line()
    with pytest.warns(DeprecationWarning, match="rate of train is now lr"):
        steps = train(model, BATCHES, squares, steps=1, rate=0.25, warm_up=0)
    step = next(steps)
    with pytest.warns(DeprecationWarning, match="rate of a step is now lr"):
        assert step.rate == step.lr == pytest.approx(0.25 * warm_up_cosine(1, 1, 0))
    with pytest.warns(DeprecationWarning, match="rate of adamw is now lr"):
        optimizer = adamw(model, rate=0.5)
    assert lrs_of(optimizer) == [0.5]
    with pytest.warns(DeprecationWarning, match="optimiser of save_checkpoint is now optimizer"):
        save_checkpoint(tmp_path, model, optimiser=optimizer, step=1)
    with pytest.raises(TypeError, match="got rate and lr, which are one"):
        train(model, BATCHES, squares, steps=1, rate=0.25, lr=0.25)
