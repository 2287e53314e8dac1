// The Transformer of chapters 9 to 11 in the browser: a sentence is read once, and written word by word with a cache.

import {
  decoderLayer,
  embeddingOf,
  emptyCache,
  encoderLayer,
  lastNorm,
  layersOf,
  logitsOf,
} from "./blocks.js";
import {unwatched} from "./recorder.js";

// A model that reads and writes: { begin(source), next(state, token) }, see writing.js.
export function transformer(tensors, config, watch = unwatched) {
  const model = {tensors, config, watch};
  const [encoder, decoder] = [encoderOf(model), decoderOf(model)];
  const logits = logitsOf(model);
  return {
    begin: (source) => decoder.begin(encoder(source), realWords(source)),
    next(state, token) {
      const written = decoder.step(state, token);
      return {...written, logits: watch.rows("output", [logits(written.x)])[0]};
    },
  };
}

// Which of the tokens are words: padding, 0, may stand behind them, and is not read.
export function realWords(source) {
  const words = source.findLastIndex((token) => token !== 0) + 1;
  if (words === 0) throw new Error("source has no words: give it at least one token that is not 0");
  if (source.indexOf(0) >= 0 && source.indexOf(0) < words)
    throw new Error("source has padding, 0, in front of a word: put all padding to the end");
  return source.map((_, j) => j < words);
}

// A vector for each source word, in the light of all.
function encoderOf(model) {
  const embed = embeddingOf(model, "encoder");
  const layers = layersOf(model, "encoder", encoderLayer);
  const norm = lastNorm(model, "encoder");
  return (source) => {
    const mask = realWords(source);
    return norm(layers.reduce((rows, layer) => layer(rows, {mask}), embed(source)));
  };
}

// Reads a token and gives a vector for the next: { x, state, weights: cross-attention
// [layer * heads + head][source] }.
export function decoderOf(model) {
  const embed = embeddingOf(model, "decoder");
  const layers = layersOf(model, "decoder", decoderLayer);
  const norm = lastNorm(model, "decoder");
  return {
    begin(memory, mask) {
      const sources = layers.map((layer) => layer.remember(memory));
      return {position: 0, caches: layers.map(emptyCache), sources, mask};
    },
    step(state, token) {
      const {position, sources, mask} = state;
      const caches = state.caches.map((cache) => ({...cache}));
      let rows = embed([token], position);
      const weights = layers.flatMap((layer, i) => {
        const found = layer.read(rows, {cache: caches[i], source: sources[i], mask});
        ({rows} = found);
        return found.weights[0];
      });
      return {x: norm(rows)[0], state: {...state, position: position + 1, caches}, weights};
    },
  };
}
