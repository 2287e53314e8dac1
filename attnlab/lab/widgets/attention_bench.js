// The attention bench: one attention with all that goes into it and comes out, moved by hand.

import {number, share, short, widest} from "./drawing.js";
import {formulaLines, newVector, wholeFormula} from "./formula.js";
import {rendering} from "./frame.js";
import {steadyEnds} from "./geometry.js";
import {cellAt, layGrid, paintGrid, placeGrid, ringGrid} from "./grid.js";
import {dot, product, softmax} from "./mathematics.js";
import {matrixEntries} from "./matrix_entries.js";
import {drawPlane, featuresAt, groupAt, layPlane, onTip, turnTo} from "./plane.js";
import {sentenceChips} from "./sentence_chips.js";
import {looks} from "./words.js";

const GAP = 24; // between two parts
const TRAITS = ["words", "x", "w_query", "w_key", "w_value", "question", "temperature"];

// What is set, and all numbers that follow from it.
export function compute(get, before) {
  const state = Object.fromEntries(TRAITS.map((name) => [name, get(name)]));
  const {x, question, temperature} = state;
  const by = (matrix) => (matrix ? product(x, matrix) : x);
  const [query, key, value] = [by(state.w_query), by(state.w_key), by(state.w_value)];
  const asked = (vector) => attended(vector, key, value, temperature);
  const rows = query.map(asked);
  const own = question.length ? asked(question) : null;
  const mapped = Boolean(state.w_query);
  const tips = [...query, ...(own ? [question] : [])];
  const planes = mapped ? [[...key, ...tips], value] : [[...key, ...tips]];
  const ends = planes.map((points, i) => steadyEnds(points, before?.ends[i]));
  const shown = {state, mapped, query, key, value, rows, own, ends};
  return {...shown, result: told(shown, get("focus")[0] ?? 0)};
}

// One query: its scores, its weights and its output.
export function attended(query, key, value, temperature) {
  const scores = key.map((other) => dot(query, other) / Math.sqrt(query.length));
  const shares = softmax(
    scores,
    scores.map(() => true),
    temperature,
  );
  const output = value[0].map((_, i) =>
    shares.reduce((sum, part, j) => sum + part * value[j][i], 0),
  );
  return {scores, shares, output};
}

const told = ({rows, own}, row) => {
  const {shares, output} = own ?? rows[row];
  return [rows.map((each) => each.shares), rows.map((each) => each.output), shares, output];
};

function above(frame) {
  const {get} = frame;
  const has = (part) => get("parts").includes(part);
  const parts = has("sentence") ? [sentenceChips(frame)] : [];
  if (!has("matrices")) return parts;
  const [rows, asked, handed] = [get("features"), get("asked"), get("handed")];
  const matrices = [
    {trait: "w_query", letter: "q", kind: "query", rows, columns: asked},
    {trait: "w_key", letter: "k", kind: "key", rows, columns: asked},
    {trait: "w_value", letter: "v", kind: "value", rows, columns: handed},
  ];
  return [...parts, matrixEntries(frame, matrices)];
}

// The planes stand side by side, or one beside the heatmap; on a phone all below one another.
function layout(frame) {
  const {get, root, size} = frame;
  const has = (part) => get("parts").includes(part);
  const {mapped} = frame.shown;
  const room = Math.min(frame.room, 860);
  const wide = room >= 600;
  const words = get("words");
  const side = {words, kind: "query", caption: "query"};
  const grid = (x, y, free) =>
    placeGrid(frame, {
      x,
      y,
      room: free,
      rows: side,
      columns: {...side, kind: "key", caption: "key"},
    });
  const beside = wide && !mapped && has("plane");
  const cells = has("heatmap") ? grid(0, 0, beside ? room * 0.46 : room) : null;
  const count = !has("plane") ? 0 : mapped ? 2 : 1;
  const width = !wide ? room : mapped ? (room - GAP) / 2 : room - (cells ? cells.right + GAP : 0);
  const height = Math.min(
    width,
    frame.lecture ? 340 : 400,
    Math.max(280, beside && cells ? cells.bottom : 0),
  );
  const titles = mapped ? ["asks and answers", "hands over"] : [""];
  const names = mapped ? [get("asked"), get("handed")] : [get("features")];
  const planes = Array.from({length: count}, (_, i) => {
    const [x, y] = wide ? [i * (width + GAP), 0] : [0, i * (height + GAP)];
    return layPlane(frame, {x, y, width, height, title: titles[i], names: names[i]});
  });
  const below = count ? (wide ? height : count * (height + GAP)) : 0;
  const placed = cells && (beside ? grid(width + GAP, 0, room) : grid(0, below, room));
  if (placed) layGrid(frame, placed);
  const measured = new Map();
  const measure = (text) => {
    if (!measured.has(text)) measured.set(text, widest(root, [text]));
    return measured.get(text);
  };
  return {
    planes,
    grid: placed,
    measure,
    width: Math.max(placed?.right ?? 0, count ? (wide ? count * (width + GAP) - GAP : width) : 0),
    height: Math.max(placed?.bottom ?? 0, below) + size / 2,
  };
}

// The query that asks now, with all that it has led to.
function asking({get, shown}, focus) {
  const [row, column] = focus.length ? focus : [0, 0];
  const own = get("question").length > 0;
  const query = own ? get("question") : shown.query[row];
  return {row, column, own, query, ...(shown.own ?? shown.rows[row])};
}

function draw(frame, focus) {
  const {get, place, shown, colours} = frame;
  const [words, asked] = [get("words"), asking(frame, focus)];
  shown.result = told(shown, asked.row);
  drawPlanes(frame, asked);
  if (place.grid) {
    paintGrid(place.grid, {values: shown.rows.map(({shares}) => shares), colours, write: share});
    ringGrid(place.grid, asked.own ? [] : [asked.row, asked.column]);
  }
  const [query, key] = [asked.own ? "your question" : words[asked.row], words[asked.column]];
  const status = `${looks(asked.shares, query, words)}; ${newVector(asked.output, asked.own)}`;
  return {status, label: labelOf(frame, asked, query, key), ...written(frame, asked, words)};
}

function drawPlanes({get, place: {planes, measure}, shown}, {column, query, output, shares}) {
  const {mapped, key, value, ends} = shown;
  const words = get("words");
  planes.forEach((plane, i) => {
    turnTo(plane, ends[i]);
    const asks = i === 0 ? {query} : {};
    const hands = mapped && i === 0 ? {} : {output, shares};
    const points = i === 0 ? {vectors: key, kind: "key"} : {vectors: value, kind: "value"};
    drawPlane(plane, {words, column, measure, grabbed: !mapped, ...points, ...asks, ...hands});
  });
}

function labelOf({get}, {shares, column, own}, query, key) {
  const keys = "Arrow keys choose query and key, Shift and an arrow key moves the query";
  const moves = get("w_query")
    ? keys
    : `${keys}, Control and Shift and an arrow key the key's point`;
  const back = own ? ", Escape goes back to the word" : "";
  return `Attention of ${get("words").length} words. Now at query ${short(query)}, key ${short(key)}: ${number(shares[column])}. ${moves}${back}.`;
}

function written({get, shown}, asked, words) {
  if (!get("parts").includes("formula")) return {};
  const {mapped, key} = shown;
  const temperature = get("temperature");
  return {
    title: wholeFormula(mapped, temperature !== 1),
    lines: formulaLines({
      ...asked,
      key: key[asked.column],
      words,
      temperature,
      names: mapped ? get("asked") : get("features"),
      inPlane: get("parts").includes("plane"),
    }),
  };
}

// What a hand takes hold of: the tip of the arrow, or a word.
function grab(frame, x, y) {
  const {place, get, shown} = frame;
  const [plane] = place.planes;
  if (!plane) return null;
  if (onTip(plane, [x, y])) {
    const {query} = asking(frame, get("focus"));
    return (...at) => ({question: [...featuresAt(plane, at), ...query.slice(2)]});
  }
  const group = shown.mapped ? null : groupAt(plane, [x, y]);
  if (!group) return null;
  return (...at) => moved(get, group.members[0], featuresAt(plane, at));
}

// A word with other first two features: all positions that hold it have the same numbers.
export function moved(get, index, [across, up]) {
  const [words, x, lexicon] = [get("words"), get("x"), get("lexicon")];
  const same = (word) => word.toLowerCase() === words[index].toLowerCase();
  const vector = [across, up, ...x[index].slice(2)];
  const rows = x.map((row, i) => (same(words[i]) ? vector : row));
  if (!lexicon) return {x: rows};
  const entries = Object.entries(lexicon).map(([word, old]) => [word, same(word) ? vector : old]);
  return {x: rows, lexicon: Object.fromEntries(entries)};
}

const STEPS = {ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0]};

// Shift and an arrow key moves the query by a tenth, with Control too the word in focus.
export function press(frame, {key, shiftKey, ctrlKey}) {
  const {get} = frame;
  if (key === "Escape" && get("question").length) return {question: []};
  if (!shiftKey || !(key in STEPS)) return null;
  const {query, column} = asking(frame, get("focus"));
  const by = (vector) => STEPS[key].map((step, i) => Number((vector[i] + step / 10).toFixed(9)));
  if (!ctrlKey) return query.length > 1 ? {question: [...by(query), ...query.slice(2)]} : null;
  return get("w_query") ? null : moved(get, column, by(get("x")[column]));
}

// A question of one's own is asked until another word is chosen.
const moves = ({get}, [row]) =>
  get("question").length && row !== get("focus")[0] ? {question: []} : {};

function at({place, get}, x, y) {
  const [row] = get("focus").length ? get("focus") : [0];
  const cell = place.grid && cellAt(place.grid, x, y);
  if (cell) return get("question").length ? [row, cell[1]] : cell;
  const group = place.planes.map((plane) => groupAt(plane, [x, y])).find(Boolean);
  if (!group) return null;
  return group.members.includes(get("focus")[1]) ? null : [row, group.members[0]];
}

const decimals = (rows) => rows.map((row) => row.map((value) => value.toFixed(3)));

function tables({rows, mapped}, get) {
  const words = get("words");
  const columns = mapped ? get("handed") : get("features");
  return [
    {
      caption: "weights",
      rows: words,
      columns: words,
      values: decimals(rows.map(({shares}) => shares)),
    },
    {
      caption: "new vectors",
      rows: words,
      columns,
      values: decimals(rows.map(({output}) => output)),
    },
  ];
}

export default {
  render: rendering({
    name: "attention-bench",
    synced: [...TRAITS, "focus"],
    rebuild: ["words"],
    compute,
    above,
    layout,
    draw,
    grab,
    press,
    moves,
    at,
    tables,
    keeps: () => ({status: 2, work: 4, lecture: 2}),
    cells: ({rows}) => [rows.length, rows.length],
  }),
};
