// A run of a model with all its arrays by their names, and with parts of it switched off; the arrays
// of the same names in Python are those of attnlab.lab.machine_run.

import {sharesOf} from "./inference.js";
import {WRITERS} from "./models.js";
import {watching} from "./recorder.js";
import {LONGER} from "./sentences.js";
import {attentionByMatrices, blockAlone, headsAlone} from "./vectors.js";
import {greedy, highest, read} from "./writing.js";

const MAP = {attention: attentionByMatrices, "multi-head": headsAlone, block: blockAlone};

// A model { kind, config, tensors } that can be run: run(request) -> { arrays }, and for kinds that
// write also { tokens }, the most probable one after each step.
//   kinds that write   { source, off, most, target, begin, end }: by greedy decoding, or along target,
//                      the tokens that the decoder reads, begin mark first
//   kinds on vectors   { x, off }: a vector a word
export function running({kind, config, tensors}) {
  const make = {...WRITERS, ...MAP}[kind];
  if (!make)
    throw new Error(`kind is ${kind}, and must be one of ${Object.keys({...WRITERS, ...MAP})}`);
  return {
    run({off = [], ...request}) {
      const watch = watching(off);
      const model = make(tensors, config, watch);
      watch.checkNames();
      if (kind in MAP) model(request.x.map((row) => Float32Array.from(row)));
      const tokens = kind in WRITERS ? writtenTokens(model, kind, request) : undefined;
      const arrays = watch.close();
      if (!tokens) return {arrays};
      const probabilities = {
        rows: arrays.output.rows.map((row) => Float32Array.from(sharesOf(row))),
      };
      return {tokens, arrays: {...arrays, probabilities}};
    },
  };
}

function writtenTokens(model, kind, {source, target, most, begin = 1, end = 2}) {
  if (target) {
    const first = kind === "language" ? [] : source; // it reads nothing but target
    return read(model, first, target).map(({logits}) => highest(logits));
  }
  if (!source?.length) throw new Error("source has no words: this model reads tokens");
  return greedy(model, source, {begin, end, most: most ?? source.length + LONGER}).tokens;
}
