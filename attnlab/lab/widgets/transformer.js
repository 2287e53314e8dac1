// The Transformer of chapters 9 to 11 in the browser: a sentence is read once, and written word by word with a cache.

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

// A model that reads and writes: { begin(source), next(state, token) }, see writing.js.
export function transformer(tensors, config) {
  if (config.positions !== "sinusoidal")
    throw new Error(`positions is ${config.positions}, and the page knows sinusoidal ones`);
  const encoder = stack(tensors, config, "encoder", ["attention"]);
  const decoder = stack(tensors, config, "decoder", ["attention", "cross_attention"]);
  const output = partOf(tensors, "output");
  return {
    begin: (source) => begun(decoder, encoded(encoder, source)),
    next(state, token) {
      const written = step(decoder, state, token);
      return {...written, logits: linear(output, written.x)};
    },
  };
}

function stack(tensors, config, side, looks) {
  const layer = (i) => {
    const part = (name) => partOf(tensors, `${side}.layers.${i}.${name}`);
    const maps = (look) =>
      Object.fromEntries(
        ["query", "key", "value", "output"].map((name) => [name, part(`${look}.${name}`)]),
      );
    return {
      ...Object.fromEntries(looks.map((look) => [look, maps(look)])),
      hidden: part("feed_forward.hidden"),
      output: part("feed_forward.output"),
      norms: Array.from({length: looks.length + 1}, (_, n) => part(`norms.${n}`)),
    };
  };
  return {
    ...config,
    around: {pre: preNorm, post: postNorm}[config.norm],
    table: tensors[`${side}.embedding.table.weight`],
    last: config.norm === "pre" ? partOf(tensors, `${side}.norm`) : null,
    layers: Array.from({length: config.layers}, (_, i) => layer(i)),
  };
}

const preNorm = (norm, x, sublayer) => added(x, sublayer(layerNorm(norm, x)));
const postNorm = (norm, x, sublayer) => layerNorm(norm, added(x, sublayer(x)));
const fed =
  ({hidden, output}) =>
  (x) =>
    linear(output, relu(linear(hidden, x)));
const normed = ({last}, x) => (last ? layerNorm(last, x) : x);

function embedded({table, d_model: width}, token, position) {
  const scaled = row(table, token).map((value) => value * Math.sqrt(width));
  return added(scaled, sinusoid(position, width));
}

// A vector for each source word, in the light of all.
export function encoded(encoder, source) {
  let xs = source.map((token, position) => embedded(encoder, token, position));
  for (const layer of encoder.layers) {
    xs = looked(encoder, layer, xs);
    xs = xs.map((x) => encoder.around(layer.norms[1], x, fed(layer)));
  }
  return xs.map((x) => normed(encoder, x));
}

// Self-attention of all words at once: each asks, all are asked and read.
function looked({around, heads, norm}, {attention: {query, key, value, output}, norms}, xs) {
  const read = norm === "pre" ? xs.map((x) => layerNorm(norms[0], x)) : xs;
  const [keys, values] = [key, value].map((map) => read.map((x) => linear(map, x)));
  const look = (x) => linear(output, attendedByHeads(linear(query, x), keys, values, heads).output);
  return xs.map((x) => around(norms[0], x, look));
}

// What a decoder starts from: nothing written, and for each layer keys and values of the source.
function begun(decoder, memory) {
  const caches = decoder.layers.map(({cross_attention: {key, value}}) => ({
    keys: [],
    values: [],
    source: [key, value].map((map) => memory.map((x) => linear(map, x))),
  }));
  return {position: 0, caches};
}

// One token more: { x, state, weights: cross-attention [layer * heads + head][source] }.
function step(decoder, {position, caches}, token) {
  const {around, heads} = decoder;
  let x = embedded(decoder, token, position);
  const weights = [];
  const grown = decoder.layers.map((layer, i) => {
    const {attention: self, cross_attention: cross, norms} = layer;
    let cache = caches[i];
    x = around(norms[0], x, (read) => {
      cache = {
        ...cache,
        keys: [...cache.keys, linear(self.key, read)],
        values: [...cache.values, linear(self.value, read)],
      };
      const query = linear(self.query, read);
      return linear(self.output, attendedByHeads(query, cache.keys, cache.values, heads).output);
    });
    x = around(norms[1], x, (read) => {
      const found = attendedByHeads(linear(cross.query, read), ...cache.source, heads);
      weights.push(...found.weights);
      return linear(cross.output, found.output);
    });
    x = around(norms[2], x, fed(layer));
    return cache;
  });
  return {x: normed(decoder, x), state: {position: position + 1, caches: grown}, weights};
}
