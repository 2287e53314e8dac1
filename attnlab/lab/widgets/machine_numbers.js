// All numbers of a machine: its runs, kept as long as they are asked for, and of them what is shown now.

import {boxesOf} from "./machine_tree.js";
import {matrixAt} from "./mathematics.js";
import {frenchOf, MARKS, refusal, tokenised} from "./sentences.js";

const END = 2;
const KEPT = 12; // runs: whoever switches something on and off again waits for nothing

// What is set, and all that follows from it. `machine` runs the model: see trace.js; undefined while it is waited for.
export function compute(get, before, machine) {
  const names = ["sentence", "step", "attention", "off", "head"];
  const state = Object.fromEntries(names.map((name) => [name, get(name)]));
  const kept = before && before.kept.machine === machine ? before.kept : keptFor(machine);
  const shared = {state, kept, plan: get("plan"), model: get("model")};
  const asked = questionOf(get, kept);
  if (!machine) return {...shared, ...notYet(asked)};
  const off = switchedOff(shared.plan, state);
  const run = runOf(kept, asked, off);
  const usual = off.length ? runOf(kept, asked, []) : run;
  return {...shared, trouble: asked.trouble, ...shownOf(shared, {asked, run, usual, off})};
}

const keptFor = (machine) => ({machine, runs: new Map(), seen: new WeakMap(), sentence: ""});

const notYet = ({words}) => ({
  words: {source: words, target: [], one: [""]},
  counts: {source: words.length, target: 0, one: 1},
  off: [],
  result: [],
});

// What is read: vectors with a word each, or a sentence. One that cannot be read leaves that before, and why not.
function questionOf(get, kept) {
  const {kind, source_words: vocabulary, target_words: written} = get("model");
  if (get("x")) {
    const x = matrixAt(get("x"), 0, 0);
    return {name: "x", x, words: get("words"), request: {x}};
  }
  const texts = [get("sentence"), kept.sentence, ...(get("sentences") ?? [])];
  const trouble = refusal(tokenised(texts[0], vocabulary));
  kept.sentence = texts.find((text) => !refusal(tokenised(text, vocabulary)));
  const read = tokenised(kept.sentence, vocabulary);
  const {words, tokens} = read;
  return {kind, name: kept.sentence, trouble, read, words, written, request: {source: tokens}};
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
  if (!runs.has(name)) runs.set(name, machine.run({...asked.request, off}));
  const run = runs.get(name);
  runs.delete(name);
  runs.set(name, run); // the one that was asked for last is kept longest
  if (runs.size > KEPT) runs.delete(runs.keys().next().value);
  return run;
}

const wordsOnly = (tokens) => (tokens.at(-1) === END ? tokens.slice(0, -1) : tokens);

function shownOf({state, plan, model, kept}, {asked, run, usual, off}) {
  if (!run.tokens) return vectorsShown({plan}, {asked, run, off});
  const written = wordsOnly(run.tokens);
  const steps = run.tokens.length - 1;
  const step = Math.min(state.step, steps);
  const read = asked.kind === "language" ? asked.words : [];
  const rows = read.length + step + 1;
  const french = ({tokens}) => frenchOf(wordsOnly(tokens), asked.read, asked.written);
  const translation = french(run);
  const counts = {source: asked.words.length, target: rows, one: 1};
  const arrays = seenArrays(kept, run, plan, counts);
  return {
    run,
    arrays,
    counts,
    off,
    step,
    steps,
    most: {source: counts.source, target: read.length + steps + 1, one: 1},
    words: {
      source: asked.words,
      target: ["<begin>", ...read, ...translation].slice(0, read.length + steps + 1),
      one: [""],
      vocabulary: [...MARKS, ...model.target_words],
    },
    tokens: {
      source: asked.read.tokens,
      target: [1, ...(read.length ? asked.read.tokens : []), ...written],
    },
    read,
    translation,
    unchanged: usual === run ? translation : french(usual),
    result: [[Array.from(run.arrays.probabilities.rows[rows - 1])], lastWeights(run.arrays, rows)],
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

// The mean over the heads of the last attention of the decoder: where each written word has looked.
function lastWeights(arrays, rows) {
  const name = Object.keys(arrays).findLast((each) => /^decoder\..*\.weights$/.test(each));
  if (!name) return [];
  const keys = /cross_attention|context/.test(name) ? Infinity : rows;
  const {heads} = arrays[name];
  return meanOfHeads(heads.map((head) => head.slice(0, rows).map((row) => row.slice(0, keys))));
}

export const meanOfHeads = (heads) =>
  heads[0].map((row, i) =>
    Array.from(row, (_, j) => heads.reduce((sum, each) => sum + each[i][j], 0) / heads.length),
  );

// The arrays with the rows that are there after so many steps.
function seenArrays(kept, run, plan, counts) {
  const name = `${counts.target}`;
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
