"""The JavaScript of a live figure, run by node: what its named exports answer."""

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import needs
from attnlab.lab.widgets.assets import bundle
from attnlab.recipes.shipped import FOLDER

# One line of calls is answered by one line. Arrays come as {shape, base64}, or {shape, file}, and
# are handed on as a browser gets them: {shape, DataView}. A figure with a model waits for it once.
PROGRAM = """
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import * as figure from "./figure.mjs";

function revive(name, value) {
  if (!value?.shape || !(value.base64 || value.file)) return value;
  const bytes = value.file ? readFileSync(value.file) : Buffer.from(value.base64, "base64");
  const { buffer, byteOffset, byteLength } = bytes;
  return { shape: value.shape, data: new DataView(buffer, byteOffset, byteLength) };
}

const models = {};
async function compute(traits, before) {
  const get = (trait) => traits[trait];
  const name = get("model")?.weights;
  if (name && figure.ready) models[name] ??= await figure.ready({ get });
  return figure.compute(get, before, models[name]);
}
const answer = ([name, ...given]) =>
  name === "compute" ? compute(...given) : figure[name](...given);

for await (const line of createInterface({ input: process.stdin })) {
  try {
    const answers = await Promise.all(JSON.parse(line, revive).map(answer));
    console.log(JSON.stringify({ answers }));
  } catch (error) {
    console.log(JSON.stringify({ error: error.stack }));
  }
}
"""


@contextmanager
def javascript(name: str, folder: Path) -> Iterator[Callable[[list], list]]:
    """A function from calls [name, arguments ...] of the module `name` to its answers.

    The name "compute" is called with the traits of a figure, as `traits` gives them, and after
    them, if need be, with what it answered before.
    """
    (folder / "figure.mjs").write_text(bundle(name), encoding="utf-8")
    (folder / "program.mjs").write_text(PROGRAM, encoding="utf-8")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "encoding": "utf-8"}
    with subprocess.Popen([needs.node(), str(folder / "program.mjs")], **pipes) as process:

        def answers(calls):
            process.stdin.write(json.dumps(calls) + "\n")
            process.stdin.flush()
            result = json.loads(process.stdout.readline())
            assert "error" not in result, result["error"]
            return result["answers"]

        yield answers
        process.stdin.close()


def traits(figure) -> dict:
    """The figure's traits as they travel to the browser, bytes as base64; with them the weights
    of a model that comes with the package, which the browser fetches."""

    def written(value):
        if not (isinstance(value, dict) and "data" in value):
            return value
        return {"shape": value["shape"], "base64": base64.b64encode(value["data"]).decode()}

    state = {name: written(value) for name, value in figure.get_state().items() if name[0] != "_"}
    if state.get("tensors", "") is None:
        state["tensors"] = {"shape": [], "file": str(FOLDER / state["model"]["file"])}
    return state
