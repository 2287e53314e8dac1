// Attention on a graph: who may attend to whom, the weights of each layer, and what passes over each edge.
// Pure functions of plain arrays; the node test holds them to attnlab.core.

import {dot, product, weights} from "./mathematics.js";

const SLOPE = 0.2; // of LeakyReLU below 0

// The cells [row, column, row, column ...] in pairs, as far as there are such nodes.
export const cellsChanged = (changed, count) =>
  Array.from({length: Math.floor(changed.length / 2)}, (_, i) =>
    changed.slice(2 * i, 2 * i + 2),
  ).filter((cell) => cell.every((node) => node < count));

// The edges of a graph as a mask, rows of booleans: what was changed since is added or cut.
export function maskOf(edges, changed, count, {directed, loops}) {
  const joined = Array.from({length: count}, () => new Array(count).fill(false));
  for (const [row, column] of edges) joined[row][column] = true;
  for (const [row, column] of cellsChanged(changed, count)) {
    joined[row][column] = !joined[row][column];
    if (!directed) joined[column][row] = joined[row][column];
  }
  return joined.map((row, i) => row.map((open, j) => open || (loops && i === j)));
}

// The list of changed cells after one more: what is changed twice is as it was.
export function toggled(changed, [row, column], directed) {
  const cells = cellsChanged(changed, Infinity);
  const same = ([i, j]) => (i === row && j === column) || (!directed && i === column && j === row);
  const others = cells.filter((cell) => !same(cell));
  return (others.length < cells.length ? others : [...cells, [row, column]]).flat();
}

export const leaky = (value) => (value > 0 ? value : SLOPE * value);

// The score of one pair, by one of the rules.
export function pairScore(rule, query, key, vector) {
  const sums = query.map((value, i) => value + key[i]);
  if (rule === "dot") return dot(query, key) / Math.sqrt(query.length);
  if (rule === "GAT") return leaky(dot(vector, sums));
  return rule === "GATv2" ? dot(vector, sums.map(leaky)) : 0;
}

// One layer: queries, keys, scores and weights, and the new vectors.
export function graphLayer(vectors, mask, {rule, queryMap, keyMap, vector}) {
  const query = queryMap ? product(vectors, queryMap) : vectors;
  const key = keyMap ? product(vectors, keyMap) : vectors;
  const scores = query.map((one) => key.map((other) => pairScore(rule, one, other, vector)));
  const shares = weights(scores, mask, 1);
  return {query, key, scores, weights: shares, output: product(shares, vectors)};
}

// How much passes over each edge on its way to one node: [reader][read], of all layers together.
export function passing(steps, node) {
  const last = steps.at(-1).weights;
  const over = last.map((row, i) => row.map((share) => (i === node ? share : 0)));
  if (steps.length < 2) return over;
  return over.map((row, i) =>
    row.map((share, j) => share + last[node][i] * steps[0].weights[i][j]),
  );
}

// What the controls are set to, and all numbers that follow from it.
export function compute(get) {
  const state = Object.fromEntries(
    ["graph", "changed", "loops", "rule", "layers"].map((name) => [name, get(name)]),
  );
  const features = get("features");
  const mask = maskOf(get("graphs")[state.graph].edges, state.changed, features.length, {
    directed: get("directed"),
    loops: state.loops,
  });
  const how = {
    rule: state.rule,
    queryMap: get("query_map"),
    keyMap: get("key_map"),
    vector: get("vector"),
  };
  const steps = [graphLayer(features, mask, how)];
  while (steps.length < state.layers) steps.push(graphLayer(steps.at(-1).output, mask, how));
  const last = steps.at(-1);
  const shares = steps.length > 1 ? product(last.weights, steps[0].weights) : last.weights;
  const reached =
    steps.length > 1
      ? mask.map((row) => mask.map((_, j) => row.some((open, k) => open && mask[k][j])))
      : mask;
  const result = [last.weights, last.output, shares];
  return {state, features, mask, reached, steps, shares, output: last.output, result};
}
