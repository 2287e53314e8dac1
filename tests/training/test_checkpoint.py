import doctest
import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from attnlab.nn import Transformer, TransformerConfig
from attnlab.training import (
    Step,
    load_checkpoint,
    save_checkpoint,
    train,
)
from attnlab.training.checkpoints import (
    atomic_folders,
    checkpoint,
    newest_checkpoint,
    packing,
    weights,
)
from attnlab.training.checkpoints.atomic_folders import clear_away, write_whole
from attnlab.training.loop import adamw

CONFIG = TransformerConfig(
    source_vocabulary=11,
    target_vocabulary=11,
    d_model=6,
    heads=2,
    layers=1,
    d_ff=5,
    dropout=0.3,
    share_embeddings=True,
)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Run:
    """A training of a small Transformer with dropout, and all that belongs to it."""

    def __init__(self, seed=0, config=CONFIG):
        torch.manual_seed(seed)
        self.model = Transformer(config)
        self.optimizer = adamw(self.model)
        self.random = torch.Generator().manual_seed(seed)

    def batches(self):
        while True:
            yield (torch.randint(11, (3, 5), generator=self.random),)

    def loss(self, model, tokens):
        logits = model(tokens, tokens[:, :-1])
        return nn.functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())

    def steps(self, done=0) -> Iterator[Step]:
        if done == 0:
            torch.manual_seed(7)  # for dropout
        common = {"steps": 12, "warm_up": 3, "optimizer": self.optimizer}
        return train(self.model, self.batches(), self.loss, **common, done=done)

    def save(self, folder, step, **more) -> Path:
        generators = [self.random]
        return save_checkpoint(
            folder, self.model, self.optimizer, step=step, generators=generators, **more
        )

    def load(self, folder, **more):
        return load_checkpoint(folder, self.model, self.optimizer, generators=[self.random], **more)


@pytest.fixture(scope="module")
def seventh(one_thread, tmp_path_factory):  # noqa: ARG001
    run, folder = Run(), tmp_path_factory.mktemp("run")
    list(islice(run.steps(), 7))
    run.save(folder, 7)
    return folder


@pytest.fixture
def saved(tmp_path, seventh):
    """A folder with one checkpoint, of step 7."""
    return Path(shutil.copytree(seventh, tmp_path / "run"))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def equal(ours: nn.Module, theirs: nn.Module) -> bool:
    pairs = zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


# Going on ----------------------------------------------------------------------------------------


def test_what_goes_on_is_bit_for_bit_what_was_never_broken_off(tmp_path):
    whole, first = Run(), Run()
    expected = list(whole.steps())
    list(islice(first.steps(), 5))
    first.save(tmp_path, 5, record=[0.1, 1e-300])
    second = Run(seed=3)
    start = second.load(tmp_path)
    assert (start.step, start.record) == (5, [0.1, 1e-300])
    assert start.config["dropout"] == 0.3
    assert list(second.steps(done=5)) == expected[5:]
    assert equal(second.model, whole.model)


def test_saving_changes_nothing(tmp_path):
    quiet, saving = Run(), Run()
    expected = list(quiet.steps())
    assert [saving.save(tmp_path, step.number) and step for step in saving.steps()] == expected
    assert equal(quiet.model, saving.model)


def test_dropout_really_draws_in_this_run():
    run = Run()
    model, (tokens,) = run.model.train(), next(run.batches())
    assert not torch.equal(run.loss(model, tokens), run.loss(model, tokens))


def test_without_an_optimiser_only_the_weights_are_loaded(saved):
    run = Run(seed=3)
    state, random = torch.get_rng_state(), run.random.get_state()
    assert load_checkpoint(saved, run.model).step == 7
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(run.random.get_state(), random)
    other = Run(seed=4)
    other.load(saved)
    assert equal(run.model, other.model)


def test_tied_weights_are_saved_once_and_stay_tied(saved):
    stored = load_file(saved / "step-00000007" / "weights.safetensors")
    assert "encoder.embedding.table.weight" in stored
    assert "decoder.embedding.table.weight" not in stored
    assert "output.weight" not in stored
    run = Run(seed=3)
    run.load(saved)
    table = run.model.encoder.embedding.table.weight
    assert run.model.output.weight is table
    assert run.model.decoder.embedding.table.weight is table
    assert torch.equal(table, stored["encoder.embedding.table.weight"])


@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.Adagrad, torch.optim.RMSprop])
def test_any_optimiser_of_torch_goes_on(tmp_path, kind):
    def taken(model, optimizer, steps):
        for _ in range(steps):
            optimizer.zero_grad()
            model(torch.ones(2, 3)).square().sum().backward()
            optimizer.step()

    torch.manual_seed(0)
    ours, theirs = nn.Linear(3, 5), nn.Linear(3, 5)
    optimizer = kind(ours.parameters(), lr=0.01)
    taken(ours, optimizer, 3)
    save_checkpoint(tmp_path, ours, optimizer, step=3)
    other = kind(theirs.parameters(), lr=0.5)
    load_checkpoint(tmp_path, theirs, other)
    taken(ours, optimizer, 4)
    taken(theirs, other, 4)
    assert equal(ours, theirs)


def test_buffers_and_every_dtype_come_back(tmp_path):
    kinds = [torch.float64, torch.bfloat16, torch.int8, torch.bool, torch.complex64]
    ours, theirs = nn.BatchNorm1d(3), nn.BatchNorm1d(3)
    for index, dtype in enumerate(kinds):
        value = torch.randn(2, 3).to(dtype)
        ours.register_buffer(f"extra{index}", value)
        theirs.register_buffer(f"extra{index}", torch.zeros_like(value))
    ours.register_buffer("turned", torch.randn(2, 5).T)
    theirs.register_buffer("turned", torch.zeros(5, 2))
    ours(torch.randn(4, 3))
    save_checkpoint(tmp_path, ours, step=1)
    load_checkpoint(tmp_path, theirs)
    assert equal(ours, theirs)


# Which checkpoints are there ---------------------------------------------------------------------


def test_the_newest_stay_and_the_newest_is_loaded(tmp_path):
    run = Run()
    for step in (1, 2, 9, 10, 100):
        run.save(tmp_path, step, keep=2)
    assert names(tmp_path) == ["step-00000010", "step-00000100"]
    assert run.load(tmp_path).step == 100
    assert run.load(tmp_path / "step-00000010").step == 10


def test_the_same_step_is_replaced(tmp_path):
    ours, theirs = Run(), Run(seed=3)
    ours.save(tmp_path, 4)
    theirs.save(tmp_path, 4)
    assert names(tmp_path) == ["step-00000004"]
    ours.load(tmp_path)
    assert equal(ours.model, theirs.model)


def test_the_checkpoints_of_another_run_are_not_mixed_with_ours(saved):
    with pytest.raises(ValueError, match=r"step 6 cannot be saved .* holds step-00000007"):
        Run().save(saved, 6)
    assert names(saved) == ["step-00000007"]


def test_what_killed_runs_left_is_cleared_away_and_never_loaded(saved):
    shutil.copytree(saved / "step-00000007", saved / ".unfinished-step-00000009")
    (saved / ".unfinished-step-00000009" / "weights.safetensors").write_bytes(b"half")
    run = Run()
    assert run.load(saved).step == 7
    run.save(saved, 8)
    assert names(saved) == ["step-00000007", "step-00000008"]


def test_one_that_was_about_to_be_replaced_is_not_lost(saved):
    (saved / "step-00000007").rename(saved / ".replaced-step-00000007")
    assert Run().load(saved).step == 7
    shutil.copytree(saved / "step-00000007", saved / ".replaced-step-00000007")
    clear_away(saved)
    assert names(saved) == ["step-00000007"]


# What does not fit -------------------------------------------------------------------------------


def refused(folder, run, words, **more):
    """Nothing may have changed when a checkpoint is refused."""
    before = Run(seed=3)
    global_state, random = torch.get_rng_state(), run.random.get_state()
    with pytest.raises(ValueError, match=words):
        run.load(folder, **more)
    if type(run.model.config) is type(CONFIG) and run.model.config == CONFIG:
        assert equal(run.model, before.model)
    assert not run.optimizer.state
    assert torch.equal(torch.get_rng_state(), global_state)
    assert torch.equal(run.random.get_state(), random)


@pytest.mark.parametrize("name", ["weights.safetensors", "training.safetensors"])
def test_a_truncated_file_is_named(saved, name):
    file = saved / "step-00000007" / name
    size = file.stat().st_size
    file.write_bytes(file.read_bytes()[:-5])
    words = rf"{name} has {size - 5} bytes, and had {size} .* truncated; remove step-00000007"
    refused(saved, Run(seed=3), words)
    file.unlink()
    refused(saved, Run(seed=3), f"{name} is missing")


def test_a_truncated_description_is_named(saved):
    file = saved / "step-00000007" / "checkpoint.json"
    file.write_bytes(file.read_bytes()[:-40])
    refused(saved, Run(seed=3), "checkpoint.json is truncated or no JSON: .*; remove step-00000007")
    file.unlink()
    refused(saved, Run(seed=3), "step-00000007 holds no checkpoint.json: it is no checkpoint")


@pytest.mark.parametrize("text", ["{}", "[1]", '{"format": "another 3"}'])
def test_a_foreign_description_is_named(saved, text):
    (saved / "step-00000007" / "checkpoint.json").write_text(text)
    refused(saved, Run(seed=3), r"checkpoint.json is of format .*, not .*: it is a foreign file")


def test_a_changed_or_foreign_file_of_tensors_is_named(saved):
    file = saved / "step-00000007" / "weights.safetensors"
    content = bytearray(file.read_bytes())
    content[-3] ^= 1
    file.write_bytes(content)
    refused(saved, Run(seed=3), "weights.safetensors is not the file that was saved: its sum")
    file.write_bytes(b"PK" + bytes(content))
    refused(saved, Run(seed=3), "weights.safetensors has .* it is another file")


def test_a_pickle_is_not_executed(saved, tmp_path_factory):
    trap = tmp_path_factory.mktemp("trap") / "sprung"

    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(trap),)

    for name in ("weights.safetensors", "training.safetensors", "checkpoint.json"):
        Run().save(saved, 7)
        torch.save(Trap(), saved / "step-00000007" / name)
        with pytest.raises(ValueError, match=name):
            Run().load(saved)
    assert not trap.exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"heads": 3}, "config.heads is 3, and 2 in .*step-00000007"),
        ({"dropout": 0.1, "layers": 2}, "config.layers is 2, and 1 in "),
        ({"share_embeddings": False}, "config.share_embeddings is False, and True in "),
    ],
)
def test_another_config_is_named_by_its_first_difference(saved, changes, words):
    config = TransformerConfig(**{**vars(CONFIG), **changes})
    refused(saved, Run(seed=3, config=config), words)


@dataclass(frozen=True)
class Settings:
    model: dict
    sizes: tuple = (1, 2)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (Settings({"width": 3}), None),
        (Settings({"width": 5}), "config.model.width is 5, and 3 in "),
        (Settings({"width": 3}, (1, 3)), r"config.sizes is \[1, 3\], and \[1, 2\] in "),
        ({"model": {"width": 3}}, r"config.sizes is missing, and \[1, 2\] in "),
        ({"name": "x", "model": {}, "sizes": []}, "config.name is 'x', and missing in "),
    ],
)
def test_any_config_can_be_handed_in(tmp_path, config, words):
    model = nn.Linear(2, 2)
    save_checkpoint(tmp_path, model, step=1, config=Settings({"width": 3}))
    if words is None:
        assert load_checkpoint(tmp_path, model, config=config).config["sizes"] == [1, 2]
    else:
        with pytest.raises(ValueError, match=words):
            load_checkpoint(tmp_path, model, config=config)
    assert load_checkpoint(tmp_path, model).step == 1, "none is compared if none is given"


def tied():
    model = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
    model[1].weight = model[0].weight
    return model


PLAIN = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        (nn.Linear(2, 3, bias=False), nn.Linear(2, 3), "lacks bias, which the model has"),
        (nn.Linear(2, 3), nn.Linear(2, 3, bias=False), "holds bias, which the model lacks"),
        (nn.Linear(2, 3), nn.Linear(2, 5), r"weight is \(5, 2\) of float32 in .* \(3, 2\) of fl"),
        (nn.Linear(2, 3), nn.Linear(2, 3).double(), r"weight is \(3, 2\) of float64 in .*float32"),
        (tied(), PLAIN, "1.weight is a weight of its own in the model, and one with 0.weight in"),
        (PLAIN, tied(), "1.weight is one with 0.weight in the model, and a weight of its own in"),
    ],
)
def test_the_first_weight_that_does_not_fit_is_named(tmp_path, ours, theirs, words):
    save_checkpoint(tmp_path, ours, step=1)
    with pytest.raises(ValueError, match=words):
        load_checkpoint(tmp_path, theirs)


def test_another_optimizer_or_number_of_generators_is_named(saved):
    run = Run(seed=3)
    run.optimizer = torch.optim.SGD(run.model.parameters())
    refused(saved, run, "optimizer is SGD, and AdamW in .*: take the same kind")
    run.optimizer = adamw(run.model.encoder)
    refused(saved, run, r"optimizer has groups of \[\d+\] weights, and of \[\d+\] in ")
    run = Run(seed=3)
    with pytest.raises(ValueError, match="generators has 0, and 1 were saved"):
        load_checkpoint(saved, run.model, run.optimizer)
    save_checkpoint(saved, run.model, step=8)
    refused(saved, run, "saved without an optimiser: load it without one")


@pytest.mark.parametrize("folder", ["missing", "empty", "foreign"])
def test_nothing_to_go_on_from_is_said(tmp_path, folder):
    (tmp_path / "empty").mkdir()
    (tmp_path / "foreign" / "step-by-step").mkdir(parents=True)
    with pytest.raises(FileNotFoundError, match=f"{folder}: nothing to go on from"):
        Run().load(tmp_path / folder)
    assert newest_checkpoint(tmp_path / folder) is None


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"step": 1, "keep": 0}, ValueError, "keep is 0, and must be at least 1"),
        ({"step": -1}, ValueError, "step is -1, and must be at least 0"),
        (
            {"step": 1, "config": {"x": torch.ones(1)}},
            TypeError,
            "config cannot be saved: .*Tensor",
        ),
        ({"step": 1, "record": {1j}}, TypeError, "record cannot be saved: .*set"),
    ],
)
def test_bad_input_is_named(tmp_path, arguments, error, words):
    with pytest.raises(error, match=words):
        save_checkpoint(tmp_path / "run", nn.Linear(1, 1), **arguments)
    assert not (tmp_path / "run").exists()


def test_what_is_packed_comes_back_in_its_own_kinds():
    value = {0: (1, [2.5, None]), "a": {"b": (True, "c")}, "empty": ({}, [], ())}
    tensors = {}
    through_json = json.loads(json.dumps(packing.pack(value, "x", tensors)))
    assert packing.unpack(through_json, tensors) == value
    assert not tensors


def test_what_cannot_be_packed_is_named():
    with pytest.raises(TypeError, match=r"state\.groups\.1 is a set, and only numbers"):
        packing.pack({"groups": [1, {2}]}, "state", {})


# Full disks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", range(1, 6))
def test_a_full_disk_leaves_the_last_good_checkpoint_and_says_so(saved, monkeypatch, call):
    calls, real = iter(range(1, 99)), os.fsync

    def full(handle):
        if next(calls) == call:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"step 9 was not saved .*: No space left on") as raised:
        Run().save(saved, 9)
    assert raised.value.errno == errno.ENOSPC
    assert ".unfinished" not in " ".join(names(saved))
    if call < 5:
        assert "the last good checkpoint, step-00000007, is still there" in str(raised.value)
        assert names(saved) == ["step-00000007"]
        assert Run().load(saved).step == 7


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files there")
def test_a_real_limit_of_the_system_is_met_in_the_middle_of_a_file(saved):
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limits[1]))
    try:
        with pytest.raises(
            OSError, match=r"step 9 was not saved .*: File too large; the last good"
        ):
            Run().save(saved, 9)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert names(saved) == ["step-00000007"]
    assert Run().load(saved).step == 7


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match=r"step 1 was not saved in .*file.*; nothing is lost"):
        Run().save(tmp_path / "file" / "run", 1)


# Killed ------------------------------------------------------------------------------------------


@pytest.fixture
def in_memory():
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be copied there")
@pytest.mark.parametrize("way", ["random", "every"])
def test_killed_runs_go_on_to_the_same_weights(tmp_path, way, request):
    if Path("/dev/shm").is_dir():  # in memory it is quicker, and a killed program cannot tell
        tmp_path = request.getfixturevalue("in_memory")
    program = Path(__file__).with_name("killed_runs.py")
    command = [sys.executable, str(program), way, str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["killed"] >= 20
    assert told["equal"]


@pytest.mark.parametrize("module", [checkpoint, packing, weights, atomic_folders])
def test_the_examples_in_the_docstrings(module, tmp_path):
    result = doctest.testmod(
        module,
        extraglobs={
            "torch": torch,
            "nn": nn,
            "folder": tmp_path,
            "save_checkpoint": save_checkpoint,
            "load_checkpoint": load_checkpoint,
        },
    )
    assert result.failed == 0
    assert result.attempted > 0 or module is atomic_folders


def test_other_programs_can_write_what_we_read(tmp_path):
    # safetensors' own file of the same tensors holds the same tensors as ours.
    model = nn.Linear(3, 2)
    path = save_checkpoint(tmp_path, model, step=1)
    save_file(model.state_dict(), tmp_path / "own.safetensors")
    ours, own = load_file(path / "weights.safetensors"), load_file(tmp_path / "own.safetensors")
    assert ours.keys() == own.keys()
    assert all(torch.equal(ours[name], own[name]) for name in own)


def test_a_folder_is_written_whole(tmp_path):
    write_whole(tmp_path / "deep" / "one", {"a": b"1", "b": b"22"})
    assert {p.name: p.read_bytes() for p in (tmp_path / "deep" / "one").iterdir()} == {
        "a": b"1",
        "b": b"22",
    }
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "deep" / "one", {"a": b"3", "missing/b": b"22"})
    assert (tmp_path / "deep" / "one" / "a").read_bytes() == b"1"
    assert names(tmp_path / "deep") == ["one"]
