// The parts that a Transformer is stacked from, as attnlab.nn has them. Each is made by its name in the
// model, { tensors, config, watch }, and then takes and gives rows, a row a word.

import {
  added,
  attendedByHeads,
  layerNorm,
  linear,
  partOf,
  relu,
  row,
  sinusoid,
} from "./inference.js";
import {named} from "./recorder.js";

export const rowsThrough = (map, rows) => rows.map((x) => linear(map, x));

// Tokens to vectors: rows of the table times sqrt(d_model), plus the vectors of their positions.
export function embeddingOf({tensors, config, watch}, side) {
  const table = sharedTable(tensors, `${side}.embedding.table.weight`);
  const scale = Math.sqrt(config.d_model);
  const noted = (name, rows) => watch.rows(`${side}.${name}`, rows);
  const place = positionsOf(tensors, config, side);
  const still = place && watch.isOff(`${side}.positions`);
  return (tokens, first = 0) => {
    const scaled = tokens.map((token) => tableRow(table, token).map((value) => value * scale));
    const words = noted("embedding", scaled);
    if (!place) return noted("input", words);
    const vectors = tokens.map((_, i) => (still ? nothing(words[i]) : place(first + i)));
    return noted("input", addedRows(words, noted("positions", vectors)));
  };
}

// A matrix of words; a model may have a single one, for source, target and the last layer.
const sharedTable = (tensors, name) => tensors[name] ?? tensors["decoder.embedding.table.weight"];
const nothing = (x) => new Float32Array(x.length);
const addedRows = (xs, ys) => xs.map((x, i) => added(x, ys[i]));

export function tableRow(table, index) {
  const [rows] = table.shape;
  if (index >= 0 && index < rows) return row(table, index);
  throw new Error(
    `row ${index} is asked of a table of ${rows}: a token or a position is too large`,
  );
}

// The vector of a position, or null where a model adds none.
function positionsOf(tensors, {positions, d_model: width}, side) {
  const known = {
    none: () => null,
    sinusoidal: () => (position) => sinusoid(position, width),
    learned: () => (position) => tableRow(tensors[`${side}.embedding.positions.table`], position),
  };
  if (!(positions in known))
    throw new Error(
      `positions is ${positions}, and the page knows ${Object.keys(known).join(", ")}`,
    );
  return known[positions]();
}

// Attention with several heads: { remember(rows) -> memory, read(rows, memory, mask) }. It can lose
// its heads; as attention to a source also the choice: then all queries are zeros, all weights equal.
export function multiHeadAttention({tensors, config, watch}, prefix, {source = false} = {}) {
  const {heads} = config;
  const [query, key, value, output] = ["query", "key", "value", "output"].map((name) =>
    partOf(tensors, named(prefix, name)),
  );
  const noted = (name, rows) => watch.rows(named(prefix, name), rows);
  const lost = Array.from({length: heads}, (_, h) => watch.isOff(named(prefix, `heads.${h}`)));
  const equal = source && watch.isOff(prefix);
  return {
    remember: (rows) => ({
      keys: noted("key", rowsThrough(key, rows)),
      values: noted("value", rowsThrough(value, rows)),
    }),
    read(rows, {keys, values}, mask) {
      const queries = noted("query", equal ? rows.map(nothing) : rowsThrough(query, rows));
      const found = queries.map((x) => attendedByHeads(x, keys, values, heads, mask));
      watch.looks(prefix, found);
      const parts = found.map(({output: each}) => withoutHeads(each, lost));
      return {
        rows: noted("output", rowsThrough(output, noted("joined", parts))),
        weights: found.map(({weights}) => weights),
      };
    },
  };
}

// The heads' outputs side by side, zeros in place of those that are lost.
function withoutHeads(x, lost) {
  const width = x.length / lost.length;
  lost.forEach((gone, head) => {
    if (gone) x.fill(0, head * width, (head + 1) * width);
  });
  return x;
}

export function feedForward({tensors, watch}, prefix) {
  const [hidden, output] = ["hidden", "output"].map((name) => partOf(tensors, `${prefix}.${name}`));
  return (rows) => {
    const units = watch.rows(`${prefix}.hidden`, rowsThrough(hidden, rows).map(relu));
    return watch.rows(`${prefix}.output`, rowsThrough(output, units));
  };
}

// A norm by its name; left out, rows go through as they are.
export function normOf({tensors, watch}, name) {
  const part = partOf(tensors, name);
  const gone = watch.isOff(name);
  return (rows) => watch.rows(name, gone ? rows : rows.map((x) => layerNorm(part, x)));
}

// What stands around sublayer k of a layer, its norm and the way round it: post_norm or pre_norm.
export function aroundSublayer(model, prefix, k) {
  const norm = normOf(model, named(prefix, `norms.${k}`));
  const name = named(prefix, `sums.${k}`);
  const cut = model.watch.isOff(name);
  const sum = (rows, found) => model.watch.rows(name, cut ? found : addedRows(rows, found));
  const ways = {
    post: (rows, sublayer) => norm(sum(rows, sublayer(rows))),
    pre: (rows, sublayer) => sum(rows, sublayer(norm(rows))),
  };
  return ways[model.config.norm];
}

// Self-attention, then a perceptron for each position; with a cache, earlier words are read too.
export function encoderLayer(model, prefix) {
  const attention = multiHeadAttention(model, named(prefix, "attention"));
  const fed = feedForward(model, named(prefix, "feed_forward"));
  const [first, second] = [0, 1].map((k) => aroundSublayer(model, prefix, k));
  return (rows, {mask, cache} = {}) => {
    const looked = first(rows, (read) => {
      const memory = extended(cache, attention.remember(read));
      return attention.read(read, memory, mask).rows;
    });
    return second(looked, fed);
  };
}

// The same with attention to the source between the two: { remember(memory), read(rows, ...) }.
export function decoderLayer(model, prefix) {
  const attention = multiHeadAttention(model, `${prefix}.attention`);
  const cross = multiHeadAttention(model, `${prefix}.cross_attention`, {source: true});
  const fed = feedForward(model, `${prefix}.feed_forward`);
  const [first, second, third] = [0, 1, 2].map((k) => aroundSublayer(model, prefix, k));
  return {
    remember: cross.remember,
    read(rows, {cache, source, mask}) {
      let weights;
      const seen = first(rows, (read) => {
        const memory = extended(cache, attention.remember(read));
        return attention.read(read, memory).rows;
      });
      const crossed = second(seen, (read) => {
        const found = cross.read(read, source, mask);
        ({weights} = found);
        return found.rows;
      });
      return {rows: third(crossed, fed), weights};
    },
  };
}

// Keys and values of earlier words and of these; the cache holds them for the next step.
function extended(cache, {keys, values}) {
  if (!cache) return {keys, values};
  cache.keys = [...cache.keys, ...keys];
  cache.values = [...cache.values, ...values];
  return cache;
}

export const emptyCache = () => ({keys: [], values: []});

// The layers of a stack, made one by one.
export const layersOf = (model, side, layer) =>
  Array.from({length: model.config.layers}, (_, i) => layer(model, `${side}.layers.${i}`));

// What stands after the last layer: with pre-norm a norm, else nothing.
export const lastNorm = (model, side) =>
  model.config.norm === "pre" ? normOf(model, `${side}.norm`) : (rows) => rows;

// The logit of each word of the vocabulary.
export const logitsOf = ({tensors}) => {
  const weight = sharedTable(tensors, "output.weight");
  return (x) => linear({weight}, x);
};
