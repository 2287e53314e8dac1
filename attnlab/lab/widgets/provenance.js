// Where a row of a machine comes from and where it goes, through all of its boxes: pure functions of the arrays.
//
// A row of attention comes from the values by their weights (of all heads, or of one); a sum from its two parts by
// the lengths of their vectors; a state of a GRU in equal parts from what it reads. So the shares of the words
// from which a row comes sum to 1. (Abnar and Zuidema 2020, "Quantifying Attention Flow in Transformers", take
// halves for the sum; Kobayashi et al. 2021 take the lengths.)

import {treeOf} from "./machine_tree.js";

// What each row of each box reads, made once for the arrays of a run.
//   counts   { source, target, one }: how many rows there are of each kind
//   head     of which head the weights are taken, -1 for the mean of all
//   off      names of what is switched off
export function flowOf(plan, arrays, {counts, head = -1, off = []}) {
  const tree = treeOf(plan);
  const short = new Set(plan.arrows.filter(({way}) => way === "short").map(nameOfArrow));
  return {tree, arrays, counts, head, off, short, read: new Map()};
}

const nameOfArrow = ({from, to}) => `${from}\n${to}`;
const boxAt = ({tree}, id) => tree.items[tree.place[id]];
const countOf = ({counts}, {rows}) => counts[rows] ?? 1;

// [[box, row, share], ...] of one row; shares sum to 1, or there are none where words and positions begin.
export function readBy(flow, id, row) {
  const name = `${id}\n${row}`;
  if (!flow.read.has(name)) flow.read.set(name, found(flow, boxAt(flow, id), row));
  return flow.read.get(name);
}

function found(flow, box, row) {
  const of = box.of.map((id) => boxAt(flow, id)).filter(({kind}) => kind !== "positions");
  const weights = of.find(({kind}) => kind === "weights");
  if (box.kind === "scores") return byWeights(flow, box, of[1], row);
  if (box.kind === "weights") return readBy(flow, of[0].id, row);
  if (weights)
    return byWeights(
      flow,
      weights,
      of.find((each) => each !== weights),
      row,
    );
  if (box.kind === "add") return byLength(flow, box, of, row);
  if (box.id.endsWith("encoder.summary")) return summed(flow, of);
  return alike(flow, box, of, row);
}

// The values that attention reads, by the weights of this row.
function byWeights(flow, box, values, row) {
  const {heads} = flow.arrays[box.array.replace(/scores$/, "weights")];
  const chosen = heads[flow.head] ? [heads[flow.head]] : heads;
  return Array.from(chosen[0][row], (_, j) => [
    values.id,
    j,
    chosen.reduce((sum, each) => sum + each[row][j], 0) / chosen.length,
  ]).filter(([, , share]) => share > 0);
}

// A sum, by the lengths of what is added; a way round that is cut adds nothing.
function byLength(flow, box, of, row) {
  const open = of.filter(
    ({id}) => !(flow.short.has(`${id}\n${box.id}`) && flow.off.includes(box.array)),
  );
  const lengths = open.map(({array}) => Math.hypot(...(flow.arrays[array]?.rows[row] ?? [1])));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return open.map(({id}, i) => [id, row, total ? lengths[i] / total : 1 / open.length]);
}

// The last state of each way.
const summed = (flow, [forth, back]) => [
  [forth.id, countOf(flow, forth) - 1, 0.5],
  [back.id, 0, 0.5],
];

// The same row of all that it is made of, and, in a recurrent network, the row before; in equal parts.
function alike(flow, box, of, row) {
  const before = beforeOf(box, row);
  const starts = before && of.find(({id}) => id.endsWith("decoder.start"));
  const sources = of.filter((each) => each !== starts || before.row < 0);
  const rows = sources.map((each) => rowsRead(flow, box, each, row));
  if (before && before.row >= 0 && before.row < countOf(flow, boxAt(flow, before.id)))
    rows.push([[before.id, before.row, 1]]);
  return rows.flatMap((list) => list.map(([id, j, share]) => [id, j, share / rows.length]));
}

function beforeOf(box, row) {
  if (!box.before) return null;
  return {id: box.before, row: row + (box.id.endsWith("backward") ? 1 : -1)};
}

function rowsRead(flow, box, of, row) {
  const count = countOf(flow, of);
  if (count === 1) return [[of.id, 0, 1]];
  if (countOf(flow, box) > 1 || box.rows === of.rows) return [[of.id, Math.min(row, count - 1), 1]];
  return Array.from({length: count}, (_, j) => [of.id, j, 1 / count]); // the mean of all
}

// { id: strengths of its rows } of all that this row is made of, back to the words.
export function backFrom(flow, id, row) {
  const order = [];
  const seen = new Set();
  const visit = (at, i) => {
    const name = `${at}\n${i}`;
    if (seen.has(name)) return;
    seen.add(name);
    for (const [to, j] of readBy(flow, at, i)) visit(to, j);
    order.push([at, i]);
  };
  visit(id, row);
  const strengths = {[id]: new Float64Array(countOf(flow, boxAt(flow, id)))};
  strengths[id][row] = 1;
  for (const [at, i] of order.reverse()) {
    for (const [to, j, share] of readBy(flow, at, i)) {
      strengths[to] ??= new Float64Array(countOf(flow, boxAt(flow, to)));
      strengths[to][j] += share * strengths[at][i];
    }
  }
  return strengths;
}

// { id: strengths of its rows } of all that this row goes into, on to the logits: how much of each is of it.
export function onwardFrom(flow, id, row) {
  const known = new Map();
  const within = (at, i) => {
    if (at === id) return Number(i === row);
    const name = `${at}\n${i}`;
    if (!known.has(name)) {
      known.set(name, 0); // while it is being found
      const parts = readBy(flow, at, i);
      known.set(
        name,
        parts.reduce((sum, [to, j, share]) => sum + share * within(to, j), 0),
      );
    }
    return known.get(name);
  };
  const strengths = {};
  for (const box of flow.tree.items) {
    if (!box.of || box.id === id) continue;
    const rows = Float64Array.from({length: countOf(flow, box)}, (_, i) => within(box.id, i));
    if (rows.some((strength) => strength > 0)) strengths[box.id] = rows;
  }
  return strengths;
}

// Both ways; what attention asks by (the query, the scores and the weights of a row) is marked beside what it reads.
export function tracedFrom(flow, id, row) {
  const asker = askerOf(flow, id);
  const onward = asker
    ? {...onwardFrom(flow, asker, row), [asker]: oneOf(flow, asker, row)}
    : onwardFrom(flow, id, row);
  const strengths = {...onward, ...backFrom(flow, id, row)};
  for (const box of flow.tree.items) {
    if (box.kind === "positions") copyOf(strengths, flow, box);
    if (["joined", "context"].includes(box.kind) && strengths[box.id])
      askedBy(flow, strengths, box);
  }
  return strengths;
}

const oneOf = (flow, id, row) =>
  Float64Array.from({length: countOf(flow, boxAt(flow, id))}, (_, i) => Number(i === row));

// What a query, a score or a weight is for: the box that reads the values.
function askerOf(flow, id) {
  let at = boxAt(flow, id);
  const readers = (of, kinds) =>
    flow.tree.items.find((box) => kinds.includes(box.kind) && box.of[0] === of.id);
  if (at.kind === "linear") at = readers(at, ["scores"]) ?? at;
  if (at.kind === "scores") at = readers(at, ["weights"]) ?? at;
  if (at.kind !== "weights") return null;
  return readers(at, ["joined", "context", "heads"])?.id ?? null;
}

// The weights, scores and queries of a row that is marked.
function askedBy(flow, strengths, box) {
  for (let at = box; at; ) {
    const up = at.of.map((each) => boxAt(flow, each));
    const next = up.find(({kind}) => ["weights", "scores"].includes(kind)) ?? null;
    const asked = next ?? (at.kind === "scores" ? up[0] : null);
    if (asked) strengths[asked.id] ??= strengths[box.id].slice(0, countOf(flow, asked));
    at = next;
  }
}

// Positions are marked as the words that they are added to.
function copyOf(strengths, flow, box) {
  const sum = flow.tree.items.find(({of}) => of?.includes(box.id));
  if (sum && strengths[sum.id]) strengths[box.id] ??= strengths[sum.id];
}
