"""A figure with a model, computed by node: its weights are handed to it as a page has them."""

import base64
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import needs
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.model_weights import weights_of
from node import traits

PROGRAM = """
import {readFileSync} from "node:fs";
import * as figure from "./figure.mjs";

const [{tensors, others}, asked] = JSON.parse(readFileSync(0, "utf8"));
const {buffer, byteOffset, byteLength} = Buffer.from(tensors, "base64");
const data = new DataView(buffer, byteOffset, byteLength);
const revived = (given) => (name) => (name === "tensors" ? {data} : {...others, ...given}[name]);
const model = await figure.writerFor({get: revived({}), model: null});
let shown;
const answers = asked.map(([given, calls = []]) => {
  shown = figure.compute(revived(given), given.afresh ? undefined : shown, model);
  return [shown, ...calls.map(([name, ...more]) => figure[name](shown, ...more))];
});
console.log(JSON.stringify(answers));
"""


def computed(name: str, folder: Path) -> Callable:
    """A function of a figure and of requests [changed traits, calls of named exports]: what node
    shows for each, one after the other, and what the calls make of it."""
    (folder / "figure.mjs").write_text(bundle(name), encoding="utf-8")
    (folder / "program.mjs").write_text(PROGRAM, encoding="utf-8")

    def answers(figure, *asked):
        others = traits(figure)
        tensors = others.pop("tensors")
        data = base64.b64encode(weights_of(figure.model["weights"]) or b"").decode()
        given = [{"tensors": tensors["base64"] if tensors else data, "others": others}, asked]
        result = subprocess.run(
            [needs.node(), "program.mjs"],
            input=json.dumps(given),
            capture_output=True,
            encoding="utf-8",
            cwd=folder,
            check=False,
        )
        assert not result.stderr, result.stderr
        return json.loads(result.stdout)

    return answers
