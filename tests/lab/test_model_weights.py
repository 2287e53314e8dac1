"""A model on its way to the browser: its weights arrive whole, once, from wherever they are."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import torch
from torch import nn

import needs
from attnlab.lab.widgets import model_weights
from attnlab.lab.widgets.model_figure import ModelFigure
from attnlab.lab.widgets.model_weights import packed, received_model, sent_model, weights_of
from attnlab.nn import (
    Captioner,
    CaptionerConfig,
    EncoderLayer,
    LanguageConfig,
    LanguageModel,
    MultiHeadAttention,
    Seq2Seq,
    Seq2SeqConfig,
    Transformer,
    TransformerConfig,
    pre_norm,
    pretrained,
)
from attnlab.recipes import trained
from attnlab.recipes.published import example
from attnlab.recipes.shipped import FOLDER
from attnlab.tasks import ENGLISH, FRENCH

WIDGETS = Path(model_weights.__file__).parent
SIZES = {"d_model": 8, "heads": 2, "layers": 1, "d_ff": 12}
TWO = {"source_vocabulary": 9, "target_vocabulary": 7}
MODELS = {
    "attention": lambda: tuple(torch.randn(3, 5, 4)),
    "multi-head": lambda: MultiHeadAttention(8, 4, bias=False),
    "block": lambda: EncoderLayer(8, 2, 12, around=pre_norm),
    "transformer": lambda: Transformer(TransformerConfig(**SIZES, **TWO)),
    "language": lambda: LanguageModel(LanguageConfig(vocabulary=9, length=16, **SIZES)),
    "captioner": lambda: Captioner(CaptionerConfig(vocabulary=9, d_model=8, hidden=6)),
    "gru": lambda: Seq2Seq(Seq2SeqConfig(**TWO, d_model=8, hidden=6)),
}


def state(model):
    return model.state_dict() if isinstance(model, nn.Module) else dict(enumerate(model))


@pytest.mark.parametrize("kind", MODELS)
def test_each_kind_is_the_same_on_arrival(kind):
    torch.manual_seed(0)
    model = MODELS[kind]()
    sent = sent_model(model)
    assert (sent["model"]["kind"], sent["model"]["file"]) == (kind, "")
    json.dumps(sent["model"])
    found, wanted = state(received_model(**sent)), state(model)
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)


def test_what_comes_with_the_package_is_named_and_not_sent():
    model = trained("translation")
    sent = sent_model(model)
    assert sent["tensors"] is None
    assert sent["model"]["file"] == "translation_small.safetensors"
    assert sent["model"]["source_words"] == list(ENGLISH.words)
    assert sent["model"]["target_words"] == list(FRENCH.words)
    data = (FOLDER / sent["model"]["file"]).read_bytes()
    assert weights_of(sent["model"]["weights"]) == data == packed(model)
    assert next(model.parameters()).dtype == torch.float32
    again = received_model(sent["model"])
    assert all(torch.equal(weight, state(model)[name]) for name, weight in state(again).items())


def test_half_precision_is_taken_only_where_it_changes_nothing():
    torch.manual_seed(0)
    model = MultiHeadAttention(8, 2)
    exact = len(packed(model))
    assert len(packed(model.half().float())) < exact - 400


def test_a_model_in_training_is_sent_as_it_was_when_the_figure_was_made():
    torch.manual_seed(0)
    model = Transformer(TransformerConfig(**{**SIZES, "d_model": 64, "d_ff": 64}, **TWO))
    figure, before = ModelFigure(model), packed(model)
    assert figure.tensors is None
    with torch.no_grad():
        model.output.weight.add_(1)
    sent = []
    figure.send = lambda content, buffers: sent.append((content, buffers))
    figure._hear(figure, {"ask": "nothing of it"}, [])
    figure._hear(figure, {"ask": "weights"}, [])
    assert sent == [({"weights": figure.model["weights"]}, [before])]
    assert packed(model) != before


def test_what_does_not_fit_is_named():
    for model in (nn.Linear(2, 2), torch.ones(2, 2), None):
        with pytest.raises(TypeError, match=f"model is a {type(model).__name__}, and must be a T"):
            sent_model(model)
    said = sent_model(trained("translation"))["model"] | {"weights": "0123"}
    with pytest.raises(ValueError, match="the weights 0123 neither stand in the figure nor come"):
        received_model(said)


def test_a_published_model_is_not_sent_as_another():
    plain, published = MODELS["language"](), pretrained(example("gpt2").folder)
    with pytest.raises(ValueError, match="LanguageModel as pretrained"):
        sent_model(published)
    plain.decoder.embedding.scale = 1.0
    with pytest.raises(ValueError, match="the page computes layers with ReLU and scaled embed"):
        sent_model(plain)


# Pages of each kind, in node: what stands on window, what a script or the network brings.
PAGE = """
import {readFileSync} from "node:fs";
import {modelFor} from "./weights.js";

const bytes = new Uint8Array(readFileSync(process.argv[2])).buffer;
const base64 = Buffer.from(bytes).toString("base64");
const model = {kind: "transformer", config: {}, weights: process.argv[3], file: "a.safetensors"};
const asked = {scripts: [], fetched: [], kernel: []};

function page({live, lab, broken} = {}) {
  for (const name of ["attnlabTensors", "attnlabWeights", "attnlabLive"]) delete globalThis[name];
  for (const list of Object.values(asked)) list.length = 0;
  if (live) globalThis.attnlabLive = live;
  const config = lab ? {baseUrl: "/of/me/", attnlabWeights: "lab/extensions/weights/"} : null;
  globalThis.document = {
    getElementById: () => (config ? {textContent: JSON.stringify(config)} : null),
    createElement: () => ({}),
    head: {append(script) {
      asked.scripts.push(script.src);
      if (broken) return setTimeout(script.onerror);
      globalThis.attnlabWeights = {[model.weights]: base64};
      setTimeout(script.onload);
    }},
  };
  globalThis.fetch = async (url) => {
    asked.fetched.push(url);
    return {ok: lab === "serves" || lab === "stale", arrayBuffer: async () =>
      lab === "stale" ? new ArrayBuffer(9) : bytes};
  };
}

function comm(answers) {
  const heard = new Set();
  return {
    heard,
    on: (_, answer) => heard.add(answer),
    off: (_, answer) => heard.delete(answer),
    send(content) {
      asked.kernel.push(content);
      const view = new DataView(new Uint8Array([0, ...new Uint8Array(bytes)]).buffer, 1);
      const tell = (name) => heard.forEach((each) => each({weights: name}, [view]));
      if (answers) setTimeout(() => [tell("of another"), tell(model.weights)]);
    },
  };
}

const figure = (tensors = null) => (name) => ({model, tensors})[name];
const sum = ({tensors}) =>
  Object.values(tensors).reduce((all, {data}) => data.reduce((sum, x) => sum + x, all), 0);
const copy = () => JSON.parse(JSON.stringify(asked));
const told = {};

page();
const view = new DataView(new Uint8Array([7, ...new Uint8Array(bytes)]).buffer, 1);
told.inline = [sum(await modelFor(figure({shape: [], data: view}), comm())), copy()];

page({live: "https://book/live/"});
const two = await Promise.all([1, 2].map(() => modelFor(figure(), comm())));
told.book = [sum(two[0]), two[0].tensors === two[1].tensors, copy()];

page({live: "https://book/live/", broken: true});
told.broken = await modelFor(figure(), comm()).catch((error) => error.message);

page({lab: "serves"});
const served = await Promise.all([1, 2].map(() => modelFor(figure(), comm())));
told.lab = [sum(served[0]), served[0].tensors === served[1].tensors, copy()];

page({lab: "stale"});
told.stale = [sum(await modelFor(figure(), comm(true))), copy()];

page();
const started = performance.now();
const comms = [comm(false), comm(true), comm(true)];
const all = await Promise.all(comms.map((each) => modelFor(figure(), each)));
told.kernel = [sum(all[0]), all.every(({tensors}) => tensors === all[0].tensors), copy()];
told.waited = performance.now() - started;
told.left = comms.map(({heard}) => heard.size);
console.log(JSON.stringify(told));
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    for name in ("weights.js", "inference.js"):
        shutil.copy(WIDGETS / name, folder)
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    (folder / "page.js").write_text(PAGE, encoding="utf-8")
    file = FOLDER / "translation_gru.safetensors"
    name = model_weights.hash_of(file.read_bytes())
    command = [needs.node(), "page.js", str(file), name]
    found = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    assert found.returncode == 0, found.stderr
    model = trained("translation", "gru")
    total = sum(weight.double().sum().item() for weight in model.state_dict().values())
    return json.loads(found.stdout) | {"total": pytest.approx(total, abs=1e-3), "name": name}


NOTHING = {"scripts": [], "fetched": [], "kernel": []}


def test_small_ones_stand_in_the_figure(told):
    assert told["inline"] == [told["total"], NOTHING]


def test_the_book_brings_them_as_a_script_once_for_all_figures(told):
    script = f"https://book/live/weights-{told['name']}.js"
    assert told["book"] == [told["total"], True, NOTHING | {"scripts": [script]}]
    assert told["broken"] == "Its model could not be loaded: load the page anew."


def test_jupyterlab_serves_them_once_and_what_is_out_of_date_is_not_taken(told):
    fetched = ["/of/me/lab/extensions/weights/a.safetensors"]
    assert told["lab"] == [told["total"], True, NOTHING | {"fetched": fetched}]
    total, asked = told["stale"]
    assert total == told["total"]
    assert asked == NOTHING | {"fetched": fetched, "kernel": [{"ask": "weights"}]}


def test_the_kernel_answers_once_for_all_and_a_figure_without_it_does_not_hold_up_the_others(told):
    total, same, asked = told["kernel"]
    assert (total, same) == (told["total"], True)
    assert asked == NOTHING | {"kernel": [{"ask": "weights"}] * 2}  # the first one has no kernel
    assert told["waited"] < 5000
    assert told["left"] == [0, 0, 0], "nobody listens any more"
