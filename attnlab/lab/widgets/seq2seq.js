// The recurrent translators of chapter 12 in the browser: a GRU reads both ways, a GRU writes.

import {rowsThrough, tableRow} from "./blocks.js";
import {added, blended, joined, linear, partOf, sharesOf, sigmoid, tanh} from "./inference.js";
import {unwatched} from "./recorder.js";
import {realWords} from "./transformer.js";

// A model that reads and writes: { begin(source), next(state, token) }, see writing.js.
export function seq2seq(tensors, config, watch = unwatched) {
  const model = {tensors, config, watch};
  const encoder = encoderOfBothWays(model);
  const decoder = recurrentDecoder(model);
  const output = partOf(tensors, "output");
  return {
    begin: (source) => decoder.begin(encoder(source), realWords(source)),
    next(state, token) {
      const written = decoder.step(state, token);
      return {...written, logits: watch.rows("output", [linear(output, written.x)])[0]};
    },
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

// The cell at this name: PyTorch ends the names of a network's layers with _l0 and _l0_reverse.
export const gruCell = ({tensors, config: {hidden}}, name, end = "") => ({
  input: {weight: tensors[`${name}.weight_ih${end}`], bias: tensors[`${name}.bias_ih${end}`]},
  state: {weight: tensors[`${name}.weight_hh${end}`], bias: tensors[`${name}.bias_hh${end}`]},
  hidden,
});

function wordsOf({tensors, watch}, side) {
  const table = tensors[`${side}.embedding.table.weight`];
  const word = (token) => tableRow(table, token);
  return (tokens) => watch.rows(`${side}.embedding`, tokens.map(word));
}

// A state for each word from both sides, and the summary: what each way knows when it has read all.
// Padding is not read, and its states are zeros.
function encoderOfBothWays(model) {
  const [forth, back] = ["_l0", "_l0_reverse"].map((end) => gruCell(model, "encoder.network", end));
  const embed = wordsOf(model, "encoder");
  const noted = (name, rows) => model.watch.rows(`encoder.${name}`, rows);
  return (source) => {
    const words = embed(source).slice(0, realWords(source).filter(Boolean).length);
    const padding = source.slice(words.length).map(() => new Float32Array(forth.hidden));
    const forward = noted("forward", [...statesOf(forth, words), ...padding]);
    const backward = statesOf(back, [...words].reverse()).reverse();
    noted("backward", [...backward, ...padding]);
    const both = forward.map((state, j) => joined(state, backward[j] ?? padding[0]));
    const last = joined(forward[words.length - 1], backward[0]);
    return {states: noted("states", both), summary: noted("summary", [last])[0]};
  };
}

function statesOf(cell, words) {
  let state = new Float32Array(cell.hidden);
  return words.map((word) => {
    state = gru(cell, word, state);
    return state;
  });
}

// Reads a token and gives a vector for the next; what it reads of the source is the part `context`.
export function recurrentDecoder(model) {
  const {tensors, config, watch} = model;
  const [start, readout] = ["start", "readout"].map((name) => partOf(tensors, `decoder.${name}`));
  const cell = gruCell(model, "decoder.network");
  const context = (config.attention ? additiveAttention : oneContext)(model);
  const embed = wordsOf(model, "decoder");
  const noted = (name, x) => watch.rows(`decoder.${name}`, [x])[0];
  return {
    begin(encoder, mask) {
      const memory = context.remember(encoder, mask);
      const equal = memory.values.map(() => 1 / memory.values.length);
      const state = noted("start", tanh(linear(start, blended(equal, memory.values))));
      return {state, memory};
    },
    step({state: before, memory}, token) {
      const [word] = embed([token]);
      const found = context.read(before, memory);
      const read = noted("context", found.context);
      const state = noted("state", gru(cell, joined(word, read), before));
      const x = noted("readout", tanh(linear(readout, joined(state, word, read))));
      return {x, state: {state, memory}, weights: found.weights};
    },
  };
}

// Additive attention: tanh(state W_query + key) @ worth. Without the choice all scores are 0.
function additiveAttention({tensors, watch}) {
  const [query, key] = ["query", "key"].map((name) => partOf(tensors, `decoder.context.${name}`));
  const worth = tensors["decoder.context.attend.worth"].data;
  const equal = watch.isOff("decoder.context");
  const noted = (name, rows) => watch.rows(`decoder.context.${name}`, rows);
  const scoreOf = (asked, known) =>
    equal ? 0 : tanh(added(asked, known)).reduce((sum, value, i) => sum + value * worth[i], 0);
  return {
    remember({states}, mask) {
      const keys = noted("key", rowsThrough(key, states));
      return {keys, mask, values: states.filter((_, j) => mask[j])};
    },
    read(state, {keys, values, mask}) {
      const [asked] = noted("query", [linear(query, state)]);
      const scores = Float64Array.from(keys, (known, j) =>
        mask[j] ? scoreOf(asked, known) : Number.NEGATIVE_INFINITY,
      );
      const weights = sharesOf(scores);
      watch.looks("decoder.context", [{scores: [scores], weights: [weights]}]);
      return {context: blended(weights.subarray(0, values.length), values), weights: [weights]};
    },
  };
}

// Without attention, every step reads the one vector of the sentence.
const oneContext = () => ({
  remember: ({summary}) => ({values: [summary]}),
  read: (_, {values}) => ({context: values[0], weights: [Float64Array.of(1)]}),
});
