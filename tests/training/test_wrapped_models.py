"""Checkpoints of models in wrappers, and on file systems that know less than others."""

import errno
import os

import pytest
import torch
from torch import nn

from attnlab.nn import Transformer, TransformerConfig
from attnlab.training import adamw, load_checkpoint, save_checkpoint
from attnlab.training.checkpoints.weights import weights_of

CONFIG = TransformerConfig(
    source_vocabulary=9, target_vocabulary=9, d_model=8, heads=2, layers=1, d_ff=8,
    share_embeddings=True,
)  # fmt: skip


def made(seed=0):
    torch.manual_seed(seed)
    return Transformer(CONFIG)


def parts_compiled(model):
    model.encoder = torch.compile(model.encoder)
    return model


WRAPPERS = {
    "none": lambda model: model,
    "compile": torch.compile,
    "DataParallel": nn.DataParallel,
    "both": lambda model: nn.DataParallel(torch.compile(model)),
    "the other way": lambda model: torch.compile(nn.DataParallel(model)),
    "a part": parts_compiled,
}
wrapped = pytest.mark.parametrize("wrap", WRAPPERS.values(), ids=WRAPPERS)


def same(a, b):
    a, b = weights_of(a)[0], weights_of(b)[0]
    return all(torch.equal(x, y) for x, y in zip(a.values(), b.values(), strict=True))


@wrapped
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_from_a_wrapper_into_the_plain_model_and_back(tmp_path, wrap):
    model, other = made(), made(1)
    save_checkpoint(tmp_path / "a", wrap(model), adamw(model), step=1)
    load_checkpoint(tmp_path / "a", other, adamw(other))
    assert same(made(), other)
    third = made(2)
    save_checkpoint(tmp_path / "b", other, step=1)
    load_checkpoint(tmp_path / "b", wrap(third))
    assert all(
        torch.equal(x, y) for x, y in zip(other.parameters(), third.parameters(), strict=True)
    )


@pytest.mark.parametrize(
    "start", ["_orig_mod.", "module.", "module._orig_mod.", "_orig_mod.module."]
)
def test_checkpoints_that_hold_the_wrappers_names(tmp_path, start):
    class Holder(nn.Module):
        def state_dict(self, *_, **__):
            return {f"{start}{name}": x for name, x in made().state_dict().items()}

    other = made(1)
    save_checkpoint(tmp_path, Holder(), step=1)
    load_checkpoint(tmp_path, other)
    assert same(made(), other)


def test_a_wrapper_that_nobody_knows(tmp_path):
    averaged = torch.optim.swa_utils.AveragedModel(made())
    save_checkpoint(tmp_path, averaged, step=1)
    with pytest.raises(ValueError, match=r"in a wrapper that calls it 'module': save wrapper\.mod"):
        load_checkpoint(tmp_path, made())


def fault(monkeypatch, number, *, folders_only):
    real = os.fsync

    def fsync(handle):
        if not folders_only or os.path.isdir(f"/proc/self/fd/{handle}"):
            raise OSError(number, os.strerror(number))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)


linux = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="asks Linux what a handle is")


@linux
@pytest.mark.parametrize("name", ["EINVAL", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"])
@pytest.mark.parametrize("folders_only", [True, False])
def test_a_file_system_without_the_call(tmp_path, monkeypatch, name, folders_only):
    fault(monkeypatch, getattr(errno, name), folders_only=folders_only)
    save_checkpoint(tmp_path, made(), step=1)
    assert load_checkpoint(tmp_path, made(1)).step == 1


@linux
@pytest.mark.parametrize("name", ["EIO", "ENOSPC", "EDQUOT", "EROFS"])
@pytest.mark.parametrize("folders_only", [True, False])
def test_a_real_fault(tmp_path, monkeypatch, name, folders_only):
    fault(monkeypatch, getattr(errno, name), folders_only=folders_only)
    with pytest.raises(OSError, match="was not saved") as caught:
        save_checkpoint(tmp_path, made(), step=1)
    assert caught.value.errno == getattr(errno, name)


def test_a_plain_checkpoint_into_a_wrapper_of_ones_own(tmp_path):
    class Around(nn.Module):
        def __init__(self, inside):
            super().__init__()
            self.inside = inside

    save_checkpoint(tmp_path, made(), step=1)
    with pytest.raises(ValueError, match=r"load it into model\.inside in its place"):
        load_checkpoint(tmp_path, Around(made()))
