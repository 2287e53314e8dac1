"""Published models: their config and their weights, in our classes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from attnlab.nn.bert import Bert
from attnlab.nn.language import LanguageModel
from attnlab.nn.published_families import FAMILIES, Family, Settings
from attnlab.nn.published_files import CONFIG, model_folder, read_json, read_tensors
from attnlab.nn.published_names import Place


def pretrained(folder: str | os.PathLike[str]) -> Bert | LanguageModel:
    """A published model, from a folder in the layout of Hugging Face, in evaluation mode.

    The folder holds config.json and model.safetensors (or several files with an index). Encoders
    of the families of BERT (MiniLM among them) and RoBERTa become a `Bert`, whose
    ``forward(tokens, mask=None)`` gives the last hidden states, (batch, position, d_model);
    decoders of GPT-2's family become a `LanguageModel`, whose ``forward(tokens, mask=None)`` gives
    logits, (batch, position, vocabulary). Parameters become float32. What was trained on top of an
    encoder (pooler, classifier, the layer that guesses masked words) is left out; so is dropout
    of attention weights in further training, which our layers do not have.

    Nothing is fetched, and nothing is unpickled. What the folder claims is compared with what it
    holds, before a model is made.

    Args:
        folder: its path.

    Raises:
        TypeError: folder is no path.
        ValueError: no such folder; another family, or a feature that our layers lack; a tensor
            that is missing, unknown or of another shape; a pickle only; a file outside.

    >>> pretrained("bert-base-uncased")  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ValueError: folder is 'bert-base-uncased', and there is no such folder. ...

    Source: Devlin et al. 2019, "BERT"; Radford et al. 2019, "Language Models are Unsupervised
    Multitask Learners"; the file format is https://huggingface.co/docs/safetensors.
    """
    path = model_folder(folder)
    config = read_json(path, CONFIG)
    family = _family(path, config)
    found = _bare(path, family, read_tensors(path))
    _check_sizes(path, family, config, found)
    with torch.random.fork_rng(devices=[]):  # the first parameters of a new model are not wanted
        model = _asked(path, family.build, config)
    model.load_state_dict(_filled(path, family, model, found, config))
    return model.eval()


def _family(path: Path, config: Settings) -> Family:
    name = config.get("model_type")
    if not isinstance(name, str) or name not in FAMILIES:
        raise ValueError(
            f"{path / CONFIG} has the model_type {name!r}, and known here are "
            f"{', '.join(FAMILIES)}: its layers are others than ours"
        )
    return FAMILIES[name]


def _asked(path: Path, build: Callable[[Settings], nn.Module], config: Settings) -> Any:
    try:
        return build(config)
    except KeyError as error:
        raise ValueError(f"{path / CONFIG} lacks {error.args[0]!r}: download it again") from None
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path / CONFIG} makes no model: {error}") from None


def _bare(path: Path, family: Family, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors that matter, without the prefix, under the names of today."""
    found: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        bare = name.removeprefix(family.prefix)
        bare = re.sub(r"LayerNorm\.gamma$", "LayerNorm.weight", bare)
        bare = re.sub(r"LayerNorm\.beta$", "LayerNorm.bias", bare)
        if re.match(family.heads, bare):
            continue
        if bare in found:
            raise ValueError(f"{path} holds {bare} twice, once as {name}: it is no such model")
        if not tensor.is_floating_point():
            raise ValueError(
                f"{name} in {path} holds {tensor.dtype}, and parameters are numbers with a "
                "fraction part: take the weights that are not quantised"
            )
        found[bare] = tensor
    return found


def _check_sizes(path: Path, family: Family, config: Settings, found: Settings) -> None:
    """Refuse a config that claims other sizes than the tensors have, before it makes a model."""
    begin, count = family.layers
    told = {number for name in found for number in re.findall(rf"^{begin}\.(\d+)\.", name)}
    sizes = {count: ("so many layers", len(told))}
    for name, (tensor, axis) in family.sizes.items():
        if tensor not in found:
            raise _missing(path, tensor)
        shape = tuple(found[tensor].shape)
        sizes[name] = f"{tensor}, {shape}", shape[axis] if len(shape) == 2 else -1
    for name, (where, size) in sizes.items():
        if config.get(name) not in (None, size):  # what is missing is refused where it is read
            raise ValueError(
                f"{path / CONFIG} says {name} {config[name]!r}, and the weights have {size} "
                f"({where}): the two are of different models"
            )


def _filled(
    path: Path, family: Family, model: nn.Module, found: dict[str, Tensor], config: Settings
) -> dict[str, Tensor]:
    """Our parameters by our names, each from its place in the file."""
    filled, used = {}, set()
    for name, parameter in model.state_dict().items():
        place = family.place(name)
        if name == "output.weight" and config.get("tie_word_embeddings", True):
            place = _tied(path, found)
        if place.name not in found:
            raise _missing(path, place.name)
        stored, wanted = found[place.name], place.stored(tuple(parameter.shape))
        if tuple(stored.shape) != wanted:
            raise ValueError(
                f"{place.name} in {path} has shape {tuple(stored.shape)}, and {CONFIG} makes it "
                f"{wanted}: the two are of different models"
            )
        filled[name] = place.part(stored).float()
        used.add(place.name)
    if unknown := sorted(set(found) - used):
        raise ValueError(
            f"{path} holds {unknown[0]}, which no {config['model_type']} model here has, "
            f"{len(unknown)} such tensors in all: the model has parts that ours lacks"
        )
    return filled


def _tied(path: Path, found: dict[str, Tensor]) -> Place:
    """The embeddings, which are the last layer too; a copy of them may be stored as well."""
    copy = found.pop("lm_head.weight", None)
    if copy is not None and not torch.equal(copy.float(), found["wte.weight"].float()):
        raise ValueError(
            f"lm_head.weight in {path} differs from wte.weight, and {CONFIG} ties the two: set "
            '"tie_word_embeddings": false in it if that is how the model was trained'
        )
    return Place("wte.weight")


def _missing(path: Path, name: str) -> ValueError:
    return ValueError(
        f"{path} lacks the tensor {name}: the file is of another model, or not all of it"
    )
