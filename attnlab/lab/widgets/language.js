// A language model in the browser, a decoder without a source: it reads a prompt and writes on.

import {embeddingOf, emptyCache, encoderLayer, lastNorm, layersOf, logitsOf} from "./blocks.js";
import {unwatched} from "./recorder.js";

// A model that reads and writes, as attnlab.nn.LanguageModel: after the first token, the begin
// mark, comes the prompt.
export function languageModel(tensors, config, watch = unwatched) {
  const model = {tensors, config, watch};
  const embed = embeddingOf(model, "decoder");
  const layers = layersOf(model, "decoder", encoderLayer);
  const norm = lastNorm(model, "decoder");
  const logits = logitsOf(model);

  function readToken({position, caches: before}, token) {
    const caches = before.map((cache) => ({...cache}));
    const through = (rows, layer, i) => layer(rows, {cache: caches[i]});
    const [x] = norm(layers.reduce(through, embed([token], position)));
    return {
      x,
      state: {position: position + 1, caches, prompt: []},
      weights: [],
      logits: watch.rows("output", [logits(x)])[0],
    };
  }

  return {
    begin: (prompt) => ({position: 0, caches: layers.map(emptyCache), prompt}),
    next: (state, token) =>
      [token, ...state.prompt].reduce((found, each) => readToken(found.state, each), {state}),
  };
}
