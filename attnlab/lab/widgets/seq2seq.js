// The recurrent translators of chapter 12 in the browser: a GRU reads both ways, a GRU writes.

import {added, blended, joined, linear, partOf, row, sharesOf, sigmoid, tanh} from "./inference.js";

// A model that reads and writes: { begin(source), next(state, token) }, see writing.js.
export function seq2seq(tensors, {hidden, attention}) {
  const cell = (name, end = "") => ({
    input: {weight: tensors[`${name}.weight_ih${end}`], bias: tensors[`${name}.bias_ih${end}`]},
    state: {weight: tensors[`${name}.weight_hh${end}`], bias: tensors[`${name}.bias_hh${end}`]},
    hidden,
  });
  const [forth, back] = ["_l0", "_l0_reverse"].map((end) => cell("encoder.network", end));
  const model = {
    words: tensors["decoder.embedding.table.weight"],
    network: cell("decoder.network"),
    readout: partOf(tensors, "decoder.readout"),
    output: partOf(tensors, "output"),
    context: attention ? looking(tensors) : {remember: () => null, read: one},
  };
  const start = partOf(tensors, "decoder.start");
  return {
    begin(source) {
      const words = source.map((token) => row(tensors["encoder.embedding.table.weight"], token));
      const {states, summary} = readBothWays(forth, back, words);
      const memory = attention ? states : [summary];
      const mean = blended(new Array(memory.length).fill(1 / memory.length), memory);
      return {state: tanh(linear(start, mean)), memory, keys: model.context.remember(memory)};
    },
    next: (state, token) => written(model, state, token),
  };
}

// PyTorch's GRU: the reset gate comes after the matrix.
export function gru({input, state: own, hidden}, x, state) {
  const [fromInput, fromState] = [linear(input, x), linear(own, state)];
  const gate = (values, i) => values.subarray(i * hidden, (i + 1) * hidden);
  const [reset, keep] = [0, 1].map((i) => sigmoid(added(gate(fromInput, i), gate(fromState, i))));
  const old = gate(fromState, 2).map((value, i) => reset[i] * value);
  const fresh = tanh(added(gate(fromInput, 2), old));
  return state.map((value, i) => keep[i] * value + (1 - keep[i]) * fresh[i]);
}

function readBothWays(forth, back, words) {
  const run = (cell, row) => {
    let state = new Float32Array(cell.hidden);
    return row.map((word) => (state = gru(cell, word, state)));
  };
  const [ahead, behind] = [run(forth, words), run(back, [...words].reverse()).reverse()];
  const states = ahead.map((state, i) => joined(state, behind[i]));
  return {states, summary: joined(ahead.at(-1), behind[0])};
}

// Additive attention: tanh(state W_query + key) @ worth.
function looking(tensors) {
  const [query, key] = ["query", "key"].map((name) => partOf(tensors, `decoder.context.${name}`));
  const worth = tensors["decoder.context.attend.worth"].data;
  return {
    remember: (memory) => memory.map((x) => linear(key, x)),
    read(state, memory, keys) {
      const asked = linear(query, state);
      const score = (key) =>
        tanh(added(asked, key)).reduce((sum, value, i) => sum + value * worth[i], 0);
      const weights = sharesOf(keys.map(score));
      return {context: blended(weights, memory), weights: [weights]};
    },
  };
}

const one = (_, memory) => ({context: memory[0], weights: [Float64Array.of(1)]});

function written({words, network, readout, output, context: reader}, before, token) {
  const {state: old, memory, keys} = before;
  const {context, weights} = reader.read(old, memory, keys);
  const word = row(words, token);
  const state = gru(network, joined(word, context), old);
  const x = tanh(linear(readout, joined(state, word, context)));
  return {x, state: {...before, state}, weights, logits: linear(output, x)};
}
