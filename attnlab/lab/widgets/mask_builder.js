// The mask builder: mask, scores and weights side by side; each mask is a question about positions.

import {number, share, short} from "./drawing.js";
import {rendering} from "./frame.js";
import {cellAt, layGrid, paintGrid, placeGrid, ringGrid} from "./grid.js";
import {bytesOf, matrixAt, weights} from "./mathematics.js";
import {arithmetic, sentence} from "./words.js";

const GAP = 26; // between two grids
const SMALLEST = 22; // cells below this size would rather stand below one another

// What each mask asks of a query's and a key's position: the question as it is written, its answer.
const QUESTIONS = {
  causal: (query, key) => [`${key} ≤ ${query}`, key <= query],
  window: (query, key, {reach}) => [
    `|${query} − ${key}| ≤ ${reach}`,
    Math.abs(query - key) <= reach,
  ],
  padding: (_query, key, {length}) => [`${key} < ${length}`, key < length],
  graph: (query, key, {edges}) => [`an edge from ${query} to ${key}`, edges[query][key] !== 0],
};

// The questions that are switched on, for one pair: [name, question, answer].
export const asked = (query, key, settings) =>
  Object.keys(QUESTIONS)
    .filter((name) => settings[name])
    .map((name) => [name, ...QUESTIONS[name](query, key, settings)]);

// All must say yes, or one is enough; where nothing is asked, nothing is forbidden.
export function agreed(answers, combine) {
  if (!answers.length) return true;
  return combine === "and" ? answers.every(Boolean) : answers.some(Boolean);
}

// What the controls are set to, and all numbers that follow from it.
export function compute(get) {
  const state = {};
  for (const name of ["causal", "window", "reach", "padding", "length", "graph", "combine"]) {
    state[name] = get(name);
  }
  const scores = matrixAt(get("scores"), 0, 0);
  const [bytes, keys] = [bytesOf(get("adjacency")), scores[0].length];
  const edges =
    bytes && scores.map((_, query) => Array.from(bytes.subarray(query * keys, (query + 1) * keys)));
  const settings = {...state, edges};
  const allowed = scores.map((row, query) =>
    row.map((_, key) =>
      agreed(
        asked(query, key, settings).map(([, , answer]) => answer),
        state.combine,
      ),
    ),
  );
  const result = weights(scores, allowed, 1);
  return {state, settings, scores, allowed, result};
}

function layout(frame) {
  const {get, room} = frame;
  const axes = {
    rows: {words: get("query_words"), kind: "query", caption: "query"},
    columns: {words: get("key_words"), kind: "key", caption: "key"},
  };
  const labels = placeGrid(frame, {room, ...axes}).left;
  const each = (room - labels - 2 * GAP) / 3;
  const across = placeGrid(frame, {room: labels + each, ...axes}).cell >= SMALLEST;
  const grids = [];
  for (const title of ["mask", "scores", "weights"]) {
    const last = grids.at(-1);
    const place = across
      ? {x: last ? last.right + GAP : 0, room: last ? each : labels + each, beside: !last}
      : {y: last ? last.bottom + GAP : 0, room};
    grids.push(placeGrid(frame, {...axes, title, ...place, most: grids[0]?.cell}));
  }
  grids.forEach((grid) => layGrid(frame, grid));
  return {
    grids,
    width: Math.max(...grids.map((grid) => grid.right)),
    height: grids.at(-1).bottom + 6,
  };
}

const inScore = (score) =>
  Math.abs(score) >= 1000
    ? ""
    : score
        .toFixed(Math.abs(score) < 9.95 ? 1 : 0)
        .replace(/^-(?!0\.0)/, "−")
        .replace("-", "");

function draw(frame, focus) {
  const {
    get,
    place: {grids},
    shown,
    colours,
    signed: signs,
  } = frame;
  const {scores, allowed, result} = shown;
  const highest = Math.max(...scores.flat().map(Math.abs)) || 1;
  const filled = {values: allowed.map((row) => row.map(Number)), high: 3, write: () => "yes"};
  paintGrid(grids[0], {...filled, allowed, colours});
  paintGrid(grids[1], {
    values: scores,
    colours: signs,
    low: -highest,
    high: highest,
    write: inScore,
  });
  paintGrid(grids[2], {values: result, allowed, colours, write: share});
  grids.forEach((grid) => ringGrid(grid, focus));
  const [queries, keys] = grids[0].count;
  const label = `Mask, scores and weights of ${queries} queries and ${keys} keys.`;
  const pairs = `${allowed.flat().filter(Boolean).length} of ${queries * keys} pairs are allowed.`;
  if (!focus.length)
    return {status: `${pairs} Point at a cell, or walk with the arrow keys.`, label};
  const [row, column] = focus;
  const [query, key] = [get("query_words")[row], get("key_words")[column]];
  const vector = (name, index) => get(name) && matrixAt(get(name), 0, 0)[index];
  const reasons = whether(row, column, shown);
  return {
    status: `${sentence(result[row], query, get("key_words"))} ${pairs}`,
    label:
      `${label} Now at query ${short(query)}, key ${short(key)}: ${reasons.at(-1)[1]}, ` +
      `weight ${number(result[row][column])}.`,
    title: [
      ["attn-query", `${short(query)} (${row})`],
      ["", " → "],
      ["attn-key", `${short(key)} (${column})`],
    ],
    lines: [
      reasons,
      arithmetic({
        query: vector("query", row),
        key: vector("key", column),
        scale: get("scale"),
        score: scores[row][column],
        scores: scores[row],
        allowed: allowed[row],
        weight: result[row][column],
        column,
        temperature: 1,
      }),
    ],
  };
}

// Why a pair is allowed or forbidden, part by part: a line for each mask, also for those that are off.
export function whether(query, key, {settings, allowed}) {
  const questions = asked(query, key, settings);
  const yes = (answer) => (answer ? "yes" : "no");
  const lines = Object.keys(QUESTIONS)
    .filter((name) => name !== "graph" || settings.edges)
    .map((name) => {
      const found = questions.find(([own]) => own === name);
      return [name, found ? `${found[1]}? ${yes(found[2])}` : "off"];
    });
  const verdict = allowed[query][key] ? "allowed" : "forbidden";
  const answers = questions.map(([, , answer]) => yes(answer)).join(` ${settings.combine} `);
  return [
    ...lines,
    ["together", answers ? `${answers}: ${verdict}` : `nothing is asked: ${verdict}`],
  ];
}

export default {
  render: rendering({
    name: "mask-builder",
    synced: [
      "scores",
      "query",
      "key",
      "scale",
      "adjacency",
      "query_words",
      "key_words",
      "causal",
      "window",
      "reach",
      "padding",
      "length",
      "graph",
      "combine",
      "focus",
    ],
    rebuild: ["scores", "query_words", "key_words"],
    compute,
    layout,
    draw,
    keeps: ({room}) => (room < 560 ? {status: 2, work: 10, lecture: 1} : {work: 5, lecture: 1}),
    cells: ({scores}) => [scores.length, scores[0].length],
    at: ({place}, x, y) => place.grids.reduce((found, grid) => found ?? cellAt(grid, x, y), null),
    tables: ({allowed, scores, result}, get) =>
      [
        ["mask", allowed, (open) => (open ? "yes" : "no")],
        ["scores", scores, (score) => number(score, 3)],
        ["weights", result, (weight) => weight.toFixed(3)],
      ].map(([caption, values, write]) => ({
        caption,
        rows: get("query_words"),
        columns: get("key_words"),
        values: values.map((row) => row.map(write)),
      })),
  }),
};
