"""The shipped models as the browser computes them, held to PyTorch with the same weights."""

import json
import shutil
import subprocess
from dataclasses import asdict
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save

import needs
from attnlab.lab.widgets import beam_tree
from attnlab.lab.widgets.model_weights import kind_of
from attnlab.recipes import trained, translate
from attnlab.recipes.sentences import corpus
from attnlab.tasks import BEGIN, END, ENGLISH, FRENCH
from attnlab.training import beam_search, greedy

WIDGETS = Path(beam_tree.__file__).parent
MODULES = ["blocks.js", "inference.js", "language.js", "models.js", "recorder.js", "seq2seq.js"]
MODULES += ["transformer.js", "writing.js"]
SHIPPED = [("translation", "small"), ("translation", "gru")]
SHIPPED += [("lengths", name) for name in ("transformer", "attention", "gru")]
PROGRAM = """
import {readFileSync} from "node:fs";
import {tensorsOf} from "./inference.js";
import {WRITERS} from "./models.js";
import {beamSearch, greedy, read} from "./writing.js";

const {kind, config, reads, writes, searches, marks} = JSON.parse(readFileSync(0, "utf8"));
const bytes = readFileSync("weights.safetensors");
const model = WRITERS[kind](tensorsOf(new Uint8Array(bytes).buffer), config);
const sum = (row) => row.reduce((sum, weight) => sum + weight, 0);
const steps = reads.map(([source, target]) => read(model, source, target));
const request = (source) => ({...marks, most: source.length + 14});
console.log(JSON.stringify({
  logits: steps.map((each) => each.map(({logits}) => Array.from(logits))),
  sums: steps.map((each) => each.flatMap(({weights}) => weights.map(sum))),
  written: writes.map((source) => greedy(model, source, request(source)).tokens),
  searched: searches.map((source) => beamSearch(model, source, request(source))),
}));
"""


@pytest.fixture(scope="module", params=SHIPPED, ids="-".join)
def shipped(request, tmp_path_factory):
    """A shipped model with weights of half precision, and what node makes of the same bytes."""
    model = trained(*request.param).half().float().eval()
    folder = tmp_path_factory.mktemp("model")
    for name in MODULES:
        shutil.copy(WIDGETS / name, folder)
    (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    (folder / "program.js").write_text(PROGRAM, encoding="utf-8")
    halves = {name: tensor.half().contiguous() for name, tensor in model.state_dict().items()}
    (folder / "weights.safetensors").write_bytes(save(halves))

    def asked(reads=(), writes=(), searches=()):
        given = {
            "kind": kind_of(model),
            "config": asdict(model.config),
            "marks": {"begin": BEGIN, "end": END},
        }
        result = subprocess.run(
            [needs.node(), "program.js"],
            input=json.dumps(given | {"reads": reads, "writes": writes, "searches": searches}),
            capture_output=True,
            encoding="utf-8",
            cwd=folder,
            check=True,
        )
        return json.loads(result.stdout)

    return model, asked


def sentences(count):
    """Tokens of one word, of unknown ones, of the longest sentence, and of others."""
    longest = max(pair_tokens(), key=lambda pair: len(pair[0]))
    unknown = ([ENGLISH.encode(["the"])[0], 3, 3], [BEGIN, 3, 5])
    one = ([ENGLISH.encode(["Ana"])[0]], [BEGIN])
    return [one, unknown, longest, *pair_tokens()[:count]]


@cache
def pair_tokens():
    return [
        (ENGLISH.encode(pair.source), FRENCH.encode(pair.target, marks=True)[:-1])
        for pair in corpus(20_000, 50).test
    ]


def test_the_logits_are_those_of_the_module(shipped):
    model, asked = shipped
    reads = sentences(12)
    found = asked(reads=reads)
    for (source, target), logits in zip(reads, found["logits"], strict=True):
        with torch.no_grad():
            wanted = model(torch.tensor([source]), torch.tensor([target]))[0]
        np.testing.assert_allclose(logits, wanted, atol=1e-4)
    for sums in found["sums"]:
        np.testing.assert_allclose(sums, 1, atol=1e-6)


def test_it_writes_the_words_of_greedy_decoding_and_of_a_beam_search(shipped):
    model, asked = shipped
    writes = [source for source, _ in sentences(12)]
    found = asked(writes=writes, searches=writes)
    for source, tokens, best in zip(writes, found["written"], found["searched"], strict=True):
        given, request = torch.tensor([source]), {"begin": BEGIN, "end": END}
        request["most"] = len(source) + 14
        assert tokens == greedy(model, given, **request)[0].tolist()
        wanted, score = beam_search(model, given, **request)
        assert best["tokens"] == [token for token in wanted[0].tolist() if token]
        assert best["score"] == pytest.approx(score.item(), abs=1e-4)


@pytest.mark.everything
def test_it_translates_all_test_sentences_as_the_module_does(shipped):
    model, asked = shipped
    tests = corpus(20_000, 15).test
    found = asked(writes=[ENGLISH.encode(pair.source) for pair in tests])["written"]
    words = [FRENCH.decode([token for token in row if token != END]) for row in found]
    assert words == translate(model, [pair.source for pair in tests])
