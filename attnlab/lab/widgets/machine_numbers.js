// All numbers of a machine: its runs, kept as long as they are asked for, and of them what is shown now.

import {boxesOf} from "./machine_tree.js";
import {matrixAt} from "./mathematics.js";
import {frenchOf, refusal, tokenised} from "./sentences.js";

const END = 2;
const KEPT = 12; // runs: whoever switches something on and off again waits for nothing

// What is set, and all that follows from it. `machine` runs the model: see trace.js; undefined while it is waited for.
export function compute(get, before, machine) {
  const names = ["sentence", "step", "attention", "off", "head"];
  const state = Object.fromEntries(names.map((name) => [name, get(name)]));
  const kept = before && before.kept.machine === machine ? before.kept : {machine, runs: new Map()};
  const shared = {state, kept, plan: get("plan"), model: get("model")};
  const asked = machine ? questionOf(get) : {trouble: "wait"};
  if (asked.trouble) return {...shared, ...notYet(asked)};
  const off = switchedOff(shared.plan, state);
  const run = runOf(kept, asked, off);
  const usual = off.length ? runOf(kept, asked, []) : run;
  return {...shared, ...shownOf(shared, {asked, run, usual, off})};
}

const notYet = ({trouble, words = []}) => ({
  trouble,
  words: {source: words, target: [], one: [""]},
  counts: {source: words.length, target: 0, one: 1},
  off: [],
  result: [[], []],
});

// What is read: a sentence, or vectors with a word each.
function questionOf(get) {
  const {kind, source_words: vocabulary, target_words: written} = get("model");
  if (get("x")) {
    const x = matrixAt(get("x"), 0, 0);
    return {name: "x", x, words: get("words"), request: {x}};
  }
  const read = tokenised(get("sentence"), vocabulary ?? []);
  const trouble = refusal(read);
  if (trouble) return {trouble, words: []};
  return {
    kind,
    name: get("sentence"),
    read,
    words: read.words,
    written,
    request: {source: read.tokens},
  };
}

// With attention off, every cross-attention is.
export function switchedOff(plan, {attention, off}) {
  const all = boxesIn(plan).flatMap(({switches = []}) => switches);
  const looks = all.filter(({label}) => label === "attention").map((each) => each.off);
  return attention ? off : [...new Set([...off, ...looks])];
}

export const boxesIn = (plan) => plan.columns.flatMap(({items}) => items.flatMap(boxesOf));

function runOf({machine, runs}, asked, off) {
  const name = JSON.stringify([asked.name, off]);
  if (!runs.has(name)) runs.set(name, wholeRun(machine, asked, off));
  const run = runs.get(name);
  runs.delete(name);
  runs.set(name, run); // the one that was asked for last is kept longest
  if (runs.size > KEPT) runs.delete(runs.keys().next().value);
  return run;
}

// A translation that was cut off has a last word, too, that nobody has read: it is read here.
function wholeRun(machine, {request, kind}, off) {
  const run = machine.run({...request, off});
  if (!run.tokens || kind === "language" || run.tokens.at(-1) === END) return run;
  return {...machine.run({...request, off, target: [1, ...run.tokens]}), tokens: run.tokens};
}

function shownOf({state, plan, model, kept}, {asked, run, usual, off}) {
  if (!run.tokens) return vectorsShown({plan}, {asked, run, off});
  const written = run.tokens.at(-1) === END ? run.tokens.slice(0, -1) : run.tokens;
  const step = Math.min(state.step, written.length);
  const first = asked.kind === "language" ? asked.read.tokens.length : 0;
  const rows = Math.min(first + step + 1, run.arrays.output.rows.length);
  const said = (tokens) => frenchOf(tokens, asked.read, asked.written ?? []);
  const french = said(written);
  const read = asked.kind === "language" ? asked.words : [];
  const counts = {source: asked.words.length, target: rows, one: 1};
  const arrays = seenArrays(kept, run, plan, counts);
  return {
    run,
    arrays,
    counts,
    off,
    step,
    steps: written.length,
    most: {source: counts.source, target: first + written.length + 1, one: 1},
    words: {
      source: asked.words,
      target: ["<begin>", ...read, ...french],
      one: [""],
      vocabulary: ["<pad>", "<begin>", "<end>", "<unknown>", ...(model.target_words ?? [])],
    },
    tokens: {
      source: asked.read.tokens,
      target: [1, ...(read.length ? asked.read.tokens : []), ...written],
    },
    translation: french,
    unchanged: usual === run ? french : said(usual.tokens.filter((token) => token !== END)),
    result: [Array.from(arrays.probabilities.rows[rows - 1]), crossWeights(plan, arrays)],
  };
}

function vectorsShown({plan}, {asked, run, off}) {
  const count = asked.x.length;
  const look = boxesIn(plan).find(({kind}) => kind === "weights");
  const last = boxesIn(plan).at(-1);
  const {heads} = run.arrays[look.array];
  return {
    run,
    arrays: run.arrays,
    counts: {source: count, target: count, one: 1},
    most: {source: count, target: count, one: 1},
    off,
    words: {source: asked.words, target: asked.words, one: [""]},
    result: [
      ...heads.map((rows) => rows.map((row) => Array.from(row))),
      run.arrays[last.array].rows.map((row) => Array.from(row)),
    ],
  };
}

// The last cross-attention, the mean over its heads: where each written word has looked.
function crossWeights(plan, arrays) {
  const look = boxesIn(plan).findLast(({kind, rows, keys}) => kind === "weights" && rows !== keys);
  return look ? meanOfHeads(arrays[look.array].heads) : [];
}

export const meanOfHeads = (heads) =>
  heads[0].map((row, i) =>
    Array.from(row, (_, j) => heads.reduce((sum, each) => sum + each[i][j], 0) / heads.length),
  );

// The arrays with the rows that are there after so many steps.
function seenArrays(kept, run, plan, counts) {
  const name = `${counts.target}`;
  kept.seen ??= new WeakMap();
  if (!kept.seen.has(run)) kept.seen.set(run, new Map());
  const known = kept.seen.get(run);
  if (!known.has(name)) known.set(name, cut(run.arrays, plan, counts));
  return known.get(name);
}

function cut(arrays, plan, counts) {
  const seen = {...arrays};
  for (const {array, rows, keys} of boxesIn(plan)) {
    const whole = arrays[array];
    if (!whole || rows !== "target") continue;
    const count = counts.target;
    seen[array] = whole.rows
      ? {rows: whole.rows.slice(0, count)}
      : {heads: whole.heads.map((head) => cutHead(head, count, counts[keys]))};
  }
  return seen;
}

const cutHead = (rows, count, keys) => rows.slice(0, count).map((row) => row.subarray(0, keys));
