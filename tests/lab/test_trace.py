"""Every array of a run by its name: the browser's are those of attnlab.nn, parts off too."""

import base64
import json
import subprocess
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save

import needs
from attnlab.core import self_attention
from attnlab.lab import attention_off, recording
from attnlab.lab.machine_run import running, switches, written
from attnlab.lab.widgets.assets import bundle
from attnlab.nn import (
    EncoderLayer,
    LanguageConfig,
    LanguageModel,
    MultiHeadAttention,
    Seq2Seq,
    Seq2SeqConfig,
    Transformer,
    TransformerConfig,
    post_norm,
    pre_norm,
)
from attnlab.recipes import trained
from attnlab.recipes.sentences import corpus
from attnlab.tasks import BEGIN, END, ENGLISH, FRENCH
from attnlab.training import beam_search, greedy

SHIPPED = [("translation", "small"), ("translation", "gru")]
SHIPPED += [("lengths", name) for name in ("transformer", "attention", "gru")]
PROGRAM = """
import {readFileSync} from "node:fs";
import {running} from "./trace.mjs";
import {tensorsOf} from "./inference.mjs";

const {kind, config, requests} = JSON.parse(readFileSync(0, "utf8"));
const tensors = tensorsOf(new Uint8Array(readFileSync("weights.safetensors")).buffer);
const sent = (array) => ({type: array.constructor.name, base64: Buffer.from(array.buffer,
  array.byteOffset, array.byteLength).toString("base64")});
const packed = ({rows, heads}) =>
  rows ? {rows: rows.map(sent)} : {heads: heads.map((head) => head.map(sent))};
function answer(request) {
  try {
    const {tokens, arrays} = running({kind, config, tensors}).run(request);
    const entries = Object.entries(arrays).map(([name, array]) => [name, packed(array)]);
    return {tokens, arrays: Object.fromEntries(entries)};
  } catch ({message}) {
    return {message};
  }
}
console.log(JSON.stringify(requests.map(answer)));
"""


def kind_of(model):
    """How a model is named and told to the browser, and its tensors."""
    if isinstance(model, tuple):
        return "attention", {}, dict(zip(("query", "key", "value"), model, strict=True))
    tensors = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    if getattr(getattr(model, "config", None), "share_embeddings", False):  # one for all is enough
        tensors = {
            name: tensor
            for name, tensor in tensors.items()
            if name not in ("encoder.embedding.table.weight", "output.weight")
        }
    if isinstance(model, MultiHeadAttention):
        return "multi-head", {"heads": model.heads}, tensors
    if isinstance(model, EncoderLayer):
        norm = "pre" if model.around is pre_norm else "post"
        return "block", {"heads": model.attention.heads, "norm": norm}, tensors
    kinds = {Transformer: "transformer", LanguageModel: "language", Seq2Seq: "gru"}
    return kinds[type(model)], asdict(model.config), tensors


def asked(folder, model, requests):
    """What the browser's `running` answers to these requests, its arrays as NumPy has them."""
    kind, config, tensors = kind_of(model)
    for name in ("trace", "inference"):
        (folder / f"{name}.mjs").write_text(bundle(f"{name}.js"), encoding="utf-8")
    (folder / "program.mjs").write_text(PROGRAM, encoding="utf-8")
    (folder / "weights.safetensors").write_bytes(
        save({name: tensor.half().contiguous() for name, tensor in tensors.items()})
    )
    result = subprocess.run(
        [needs.node(), "program.mjs"],
        input=json.dumps({"kind": kind, "config": config, "requests": requests}),
        capture_output=True,
        encoding="utf-8",
        cwd=folder,
        check=True,
    )
    found = json.loads(result.stdout)
    for answer in found:
        for name, array in answer.get("arrays", {}).items():
            answer["arrays"][name] = unpacked(array)
    return found


def unpacked(array):
    def row(sent):
        assert sent["type"] == ("Float32Array" if "rows" in array else "Float64Array")
        kind = np.float32 if "rows" in array else np.float64
        return np.frombuffer(base64.b64decode(sent["base64"]), kind)

    if "rows" in array:
        return np.stack([row(each) for each in array["rows"]])
    return np.stack([np.stack([row(each) for each in head]) for head in array["heads"]])


def hold(folder, model, requests):
    """Hold each array of each request, by its name, to that of the modules, and the words too."""
    for request, found in zip(requests, asked(folder, model, requests), strict=True):
        assert "message" not in found, found
        given = {name: value for name, value in request.items() if name != "most"}
        wanted = running(model, **given)
        assert set(found["arrays"]) == set(wanted)
        for name, array in wanted.items():
            assert found["arrays"][name].shape == array.shape, name
            np.testing.assert_allclose(
                found["arrays"][name], array, atol=1e-4, rtol=1e-4, err_msg=f"{name} {given}"
            )
        if "source" in request and "target" not in request:
            assert found["tokens"] == written(model, request["source"], request.get("off", ()))
        elif "target" in request:
            assert found["tokens"] == wanted["output"].argmax(-1).tolist()


@pytest.fixture(scope="module", params=SHIPPED, ids="-".join)
def shipped(request):
    return trained(*request.param).half().float().eval()


def english_of(length):
    """The tokens of a test sentence of this length, and those that its decoder reads."""
    pairs = [pair for pair in corpus(20_000, 50).test if len(pair.source) == length]
    return ENGLISH.encode(pairs[0].source), FRENCH.encode(pairs[0].target, marks=True)[:-1]


def test_all_arrays_of_a_translation_are_those_of_the_modules(shipped, tmp_path):
    longest = max(len(pair.source) for pair in corpus(20_000, 50).test)
    source, _ = english_of(12)
    requests = [{"source": source}, {"source": english_of(40)[0]}]
    requests += [{"source": [ENGLISH.encode(["Ana"])[0]]}]  # one word
    requests += [{"source": [ENGLISH.encode(["the"])[0], 3, 3]}]  # two that nobody knows
    requests += [{"source": [*source[:5], 0, 0, 0]}]  # padding
    requests += [dict(zip(("source", "target"), english_of(longest), strict=True))]
    hold(tmp_path, shipped, requests)


def test_so_they_are_with_parts_switched_off(shipped, tmp_path):
    source, target = english_of(9)
    known = switches(shipped)
    kinds = {name.translate({ord(digit): None for digit in "0123456789"}): name for name in known}
    offs = [[name] for name in kinds.values()]
    offs += [[name for name in known if "cross_attention.heads" in name]]
    offs += [[name for name in known if name.endswith(("cross_attention", "context"))]]
    requests = [{"source": source, "off": off} for off in offs]
    requests += [{"source": source, "target": target, "off": off} for off in offs[-2:]]
    requests += [{"source": [*source, 0, 0], "off": off} for off in offs[-2:]]
    hold(tmp_path, shipped, requests)


def shaken(model, seed=0):
    """The model with all its parameters moved a little, norms and biases too, in half precision."""
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.3 * torch.randn(parameter.shape, generator=random)
            parameter.copy_(parameter.half())
    return model.eval()


def stack(kind, config, **options):
    torch.manual_seed(1)
    sizes = {"d_model": 12, "heads": 3, "layers": 2, "d_ff": 10}
    return shaken(kind(config(**sizes, **options)))


TWO: dict[str, Any] = {"source_vocabulary": 11, "target_vocabulary": 13}
WRITERS = {
    "post": lambda: stack(Transformer, TransformerConfig, **TWO),
    "learned": lambda: stack(
        Transformer, TransformerConfig, **TWO, norm="pre", positions="learned", length=32
    ),
    "shared": lambda: stack(
        Transformer,
        TransformerConfig,
        source_vocabulary=11,
        target_vocabulary=11,
        share_embeddings=True,
        positions="none",
    ),
    "language": lambda: stack(LanguageModel, LanguageConfig, vocabulary=11, length=32),
    "language-post": lambda: stack(
        LanguageModel,
        LanguageConfig,
        vocabulary=11,
        norm="post",
        positions="sinusoidal",
        share_embeddings=False,
    ),
    "attention": lambda: shaken(Seq2Seq(Seq2SeqConfig(**TWO, d_model=5, hidden=7))),
    "one context": lambda: shaken(
        Seq2Seq(Seq2SeqConfig(**TWO, d_model=5, hidden=7, attention=False))
    ),
}
MAPS = {
    "heads": lambda: shaken(MultiHeadAttention(6, 3)),
    "without bias": lambda: shaken(MultiHeadAttention(6, 2, bias=False)),
    "post": lambda: shaken(EncoderLayer(6, 2, 10)),
    "pre": lambda: shaken(EncoderLayer(6, 2, 10, around=pre_norm)),
    "matrices": lambda: tuple(
        torch.randn(6, width, generator=torch.Generator().manual_seed(width)).half().float()
        for width in (4, 4, 5)
    ),
}


@pytest.mark.parametrize("name", WRITERS)
def test_models_of_other_kinds_with_each_part_switched_off(name, tmp_path):
    model = WRITERS[name]()
    source, target = [4, 5, 6, 3], [BEGIN, 7, 8]
    requests = [{"source": source}, {"source": [4]}, {"source": source, "target": target}]
    if not name.startswith("language"):
        requests += [{"source": [*source, 0, 0]}]
    requests += [{"source": source, "off": [off]} for off in switches(model)]
    requests += [{"source": source, "off": switches(model)}]
    hold(tmp_path, model, requests)


@pytest.mark.parametrize("name", MAPS)
def test_parts_alone_with_each_part_switched_off(name, tmp_path):
    model = MAPS[name]()
    x = torch.randn(5, 6, generator=torch.Generator().manual_seed(3)).tolist()
    offs = [] if isinstance(model, tuple) else switches(model)
    requests = [{"x": x}, {"x": x[:1]}, *({"x": x, "off": [off]} for off in offs)]
    hold(tmp_path, model, [*requests, {"x": x, "off": offs}])


def test_the_output_and_the_weights_are_those_of_the_model_itself():
    model = WRITERS["learned"]()
    source, target = torch.tensor([[4, 5, 6, 0]]), torch.tensor([[BEGIN, 7, 8]])
    mask = source[:, None] > 0
    with torch.no_grad(), recording(model) as weights:
        logits = model(source, target, mask)
    found = running(model, source=[4, 5, 6, 0], target=[BEGIN, 7, 8])
    np.testing.assert_allclose(found["output"], logits[0], atol=1e-6)
    assert len(weights) == 6
    for name, each in weights.items():
        np.testing.assert_allclose(found[f"{name}.weights"], each[0], atol=1e-6)
    np.testing.assert_allclose(found["probabilities"].sum(-1), 1, atol=1e-6)


def test_nothing_of_the_model_is_changed_for_good():
    model = WRITERS["post"]().train()
    before = [dict(vars(part)) for part in model.modules()]
    running(model, source=[4, 5], off=switches(model))
    with pytest.raises(ValueError, match="no switch"):
        running(model, source=[4, 5], off=["encoder.norm"])
    for part, held in zip(model.modules(), before, strict=True):
        assert vars(part).keys() == held.keys()
        assert not part._forward_hooks
    assert model.training
    assert model.encoder.layers[0].around is post_norm


def test_cross_attention_off_writes_as_attention_off():
    model = trained("translation", "small")
    source, _ = english_of(12)
    off = [name for name in switches(model) if name.endswith("cross_attention")]
    with attention_off(model):
        wanted = greedy(model, torch.tensor([source]), begin=BEGIN, end=END, most=26)[0].tolist()
    assert written(model, source, off) == wanted != written(model, source)
    weights = running(model, source=source, off=off)[f"{off[0]}.weights"]
    np.testing.assert_allclose(weights, 1 / 12, atol=1e-7)


def test_what_is_switched_off_is_gone():
    model, source = WRITERS["learned"](), [4, 5, 6]
    at = "encoder.layers.0"

    def found(off):
        return running(model, source=source, target=[BEGIN, 7], off=[off])

    arrays = found(f"{at}.attention.heads.1")
    assert not arrays[f"{at}.attention.joined"][:, 4:8].any()
    assert arrays[f"{at}.attention.joined"][:, :4].all()
    arrays = found(f"{at}.sums.1")
    np.testing.assert_array_equal(arrays[f"{at}.sums.1"], arrays[f"{at}.feed_forward.output"])
    arrays = found(f"{at}.norms.1")
    np.testing.assert_array_equal(arrays[f"{at}.norms.1"], arrays[f"{at}.sums.0"])
    arrays = found("encoder.positions")
    np.testing.assert_array_equal(arrays["encoder.input"], arrays["encoder.embedding"])
    assert not arrays["encoder.positions"].any()
    arrays = found("decoder.norm")
    np.testing.assert_array_equal(arrays["decoder.norm"], arrays["decoder.layers.1.sums.2"])


def test_a_word_alone_among_three_matrices_by_hand():
    maps = torch.eye(2), torch.eye(2), torch.tensor([[1.0, 0, 0], [0, 2, 0]])
    found = running(maps, x=[[3.0, 4.0]])
    assert found["scores"].tolist() == [[[pytest.approx(25 / 2**0.5)]]]
    assert found["weights"].tolist() == [[[1.0]]]
    assert found["output"].tolist() == [[3.0, 8.0, 0.0]]
    x = torch.tensor([[3.0, 4.0], [1.0, 0.0]])
    np.testing.assert_allclose(running(maps, x=x)["output"], self_attention(x, *maps), atol=1e-6)


def test_both_refuse_a_name_that_nothing_has(tmp_path):
    given: dict[str, Any]
    for model, given in (
        (WRITERS["post"](), {"source": [4]}),
        (MAPS["pre"](), {"x": [[0.0] * 6]}),
        (WRITERS["one context"](), {"source": [4]}),
        (MAPS["matrices"](), {"x": [[0.0] * 6]}),
    ):
        with pytest.raises(ValueError, match=r"off names heads\.9, .* no switch for: ") as error:
            running(model, **given, off=["heads.9"])
        (found,) = asked(tmp_path, model, [{**given, "off": ["heads.9"]}])
        texts = str(error.value), found["message"]
        names = [text.split(": ")[1].removeprefix("take one of ") for text in texts]
        assert set(names[0].split(", ")) == set(names[1].split(", "))


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        ({"source": [4], "off": "encoder.norm"}, TypeError, r"off is the text 'encoder.norm'"),
        ({"source": []}, ValueError, "source has no words"),
        ({"x": [[1.0]]}, ValueError, "source has no words"),
        ({"source": [0, 4]}, ValueError, "source_mask"),
        ({"source": [99]}, ValueError, "99"),
    ],
)
def test_what_a_writer_cannot_read_is_refused(given, kind, words):
    with pytest.raises(kind, match=words):
        running(WRITERS["post"](), **given)


def test_what_no_run_knows_is_refused(tmp_path):
    heads = MAPS["heads"]()
    with pytest.raises(ValueError, match="x is missing"):
        running(heads)
    with pytest.raises(ValueError, match=r"x has shape \(1, 5\), .* length 6"):
        running(heads, x=[[0.0] * 5])
    with pytest.raises(TypeError, match="model is a Linear"):
        running(torch.nn.Linear(2, 2), x=[[0.0] * 2])
    with pytest.raises(TypeError, match="writes nothing"):
        written(heads, [4])
    with pytest.raises(ValueError, match="holds 1 matrices, and one attention takes 3"):
        running((torch.eye(2),), x=[[0.0] * 2])
    turned = stack(Transformer, TransformerConfig, **TWO, positions="rotary")
    with pytest.raises(ValueError, match=r"RotaryPositions\.attend"):
        running(turned, source=[4])
    messages = asked(
        tmp_path, WRITERS["post"](), [{"source": []}, {"source": [0, 4]}, {"source": [99]}]
    )
    for found, words in zip(messages, ("no words", "padding to the end", "row 99"), strict=True):
        assert words in found["message"]
    (found,) = asked(tmp_path, turned, [{"source": [4]}])
    assert "positions is rotary" in found["message"]


def test_a_query_that_may_read_nothing_gets_zeros(tmp_path):
    (tmp_path / "inference.mjs").write_text(bundle("inference.js"), encoding="utf-8")
    program = """
    import {attendedByHeads} from "./inference.mjs";
    const rows = [[1, 2], [3, 4]].map((row) => Float32Array.from(row));
    const {output, weights} = attendedByHeads(rows[0], rows, rows, 1, [false, false]);
    console.log(JSON.stringify([[...output], [...weights[0]]]));
    """
    command = [needs.node(), "--input-type=module", "-e", program]
    result = subprocess.run(
        command, capture_output=True, encoding="utf-8", cwd=tmp_path, check=True
    )
    assert json.loads(result.stdout) == [[0, 0], [0, 0]]


def test_a_language_model_goes_on_from_a_prompt_by_greedy_decoding_and_by_a_beam(tmp_path):
    model, prompt = WRITERS["language"](), [4, 5, 6]
    asked(tmp_path, model, [])  # puts its weights there
    for name in ("inference", "models", "writing"):
        (tmp_path / f"{name}.mjs").write_text(bundle(f"{name}.js"), encoding="utf-8")
    program = """
    import {readFileSync} from "node:fs";
    import {tensorsOf} from "./inference.mjs";
    import {WRITERS} from "./models.mjs";
    import {beamSearch, greedy} from "./writing.mjs";
    const [config, prompt, request] = JSON.parse(readFileSync(0, "utf8"));
    const {buffer} = new Uint8Array(readFileSync("weights.safetensors"));
    const model = WRITERS.language(tensorsOf(buffer), config);
    const found = [greedy, beamSearch].map((write) => write(model, prompt, request).tokens);
    console.log(JSON.stringify(found));
    """
    request = {"begin": BEGIN, "end": END, "most": 7}
    result = subprocess.run(
        [needs.node(), "--input-type=module", "-e", program],
        input=json.dumps([asdict(model.config), prompt, request]),
        capture_output=True,
        encoding="utf-8",
        cwd=tmp_path,
        check=True,
    )
    source = torch.tensor([prompt])
    wanted = [greedy(model, source, **request), beam_search(model, source, **request)[0]]
    assert json.loads(result.stdout) == [[n for n in row[0].tolist() if n] for row in wanted]
