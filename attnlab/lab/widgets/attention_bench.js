// The attention bench: one attention with all that goes into it and comes out, moved by hand.

import {arranged} from "./arrangement.js";
import {element, number, share, short, widest} from "./drawing.js";
import {formulaLines, newVector, wholeFormula} from "./formula.js";
import {rendering} from "./frame.js";
import {cellAt, paintGrid, ringGrid} from "./grid.js";
import {attended, product} from "./mathematics.js";
import {matrixEntries} from "./matrix_entries.js";
import {drawPlane, featuresAt, groupAt, onTip, showAll} from "./plane.js";
import {sentenceChips} from "./sentence_chips.js";
import {calm, columnAt, paintStrip} from "./strip.js";
import {looks} from "./words.js";

const TRAITS = ["words", "x", "w_query", "w_key", "w_value", "question", "temperature"];

// What is set, and all numbers that follow from it.
export function compute(get) {
  const state = Object.fromEntries(TRAITS.map((name) => [name, get(name)]));
  const {x, question, temperature} = state;
  const by = (matrix) => (matrix ? product(x, matrix) : x);
  const [query, key, value] = [by(state.w_query), by(state.w_key), by(state.w_value)];
  const asked = (vector) => attended(vector, key, value, temperature);
  const rows = query.map(asked);
  const own = question.length ? asked(question) : null;
  const mapped = Boolean(state.w_query);
  const result = [rows.map(({shares}) => shares), rows.map(({output}) => output)];
  if (own) result.push(own.shares, own.output);
  return {state, mapped, query, key, value, rows, own, result};
}

function above(frame) {
  const {get} = frame;
  const has = (part) => get("parts").includes(part);
  const parts = [wayBack(frame), ...(has("sentence") ? [sentenceChips(frame)] : [])];
  if (!has("matrices")) return parts;
  const [rows, asked, handed] = [get("features"), get("asked"), get("handed")];
  const matrices = [
    {trait: "w_query", letter: "q", kind: "query", rows, columns: asked},
    {trait: "w_key", letter: "k", kind: "key", rows, columns: asked},
    {trait: "w_value", letter: "v", kind: "value", rows, columns: handed},
  ];
  return [...parts, matrixEntries(frame, matrices)];
}

// From a question of one's own back to that of the word: a button in the corner of the plane.
function wayBack(frame) {
  const button = element("button", {type: "button", class: "attn-back"});
  button.addEventListener("click", () => frame.set({question: []}));
  frame.stage.append(button);
  const draw = ([row = 0]) => {
    const [plane] = frame.place.planes;
    button.hidden = !frame.get("question").length;
    button.textContent = `back to ${short(frame.get("words")[row])}`;
    button.style.right = `calc(100% - ${plane?.right ?? frame.place.width}px)`;
    button.style.top = `${plane?.caption ?? 0}px`;
    plane?.hint.classList.toggle("attn-hidden", !button.hidden);
  };
  return {draw};
}

// Everything in its place, and how wide a text is, measured once.
function layout(frame) {
  const measured = new Map();
  const measure = (text) => {
    if (!measured.has(text)) measured.set(text, widest(frame.root, [text]));
    return measured.get(text);
  };
  frame.drawing.title = `${HELP}${frame.shown.mapped ? "" : ` ${HELP_WORDS}`}`;
  return {...arranged(frame), measure};
}

const HELP =
  "Drag the tip of the arrow, or press Shift and an arrow key; arrow keys choose query and key.";
const HELP_WORDS = "Drag a word, or press Control, Shift and an arrow key.";

// The query that asks now, with all that it has led to.
function asking({get, shown}, focus) {
  const last = shown.rows.length - 1; // a shorter sentence may have come first
  const [row, column] = (focus.length ? focus : [0, 0]).map((place) => Math.min(place, last));
  const own = get("question").length > 0;
  const query = own ? get("question") : shown.query[row];
  return {row, column, own, query, ...(shown.own ?? shown.rows[row])};
}

function draw(frame, focus) {
  const {get, place, shown, colours} = frame;
  const [words, asked] = [get("words"), asking(frame, focus)];
  drawPlanes(frame, asked);
  if (place.grid) {
    paintGrid(place.grid, {values: shown.rows.map(({shares}) => shares), colours, write: share});
    ringGrid(place.grid, asked.own ? [] : [asked.row, asked.column]);
  }
  if (place.strip) paintSteps(place, asked);
  const [query, key] = [asked.own ? "your question" : words[asked.row], words[asked.column]];
  const status = `${looks(asked.shares, query, words)}; ${newVector(asked.output, asked.own)}`;
  return {status, label: labelOf(frame, asked, query, key), ...formulaOf(frame, asked, words)};
}

function drawPlanes({get, place: {planes, measure}, shown}, {column, query, output, shares}) {
  const {mapped, key, value} = shown;
  const words = get("words");
  planes.forEach((plane, i) => {
    const asks = i === 0 ? {query} : {};
    const hands = mapped && i === 0 ? {} : {output, shares};
    const points = i === 0 ? {vectors: key, kind: "key"} : {vectors: value, kind: "value"};
    showAll(plane, i === 0 ? [...key, query] : value);
    drawPlane(plane, {words, column, measure, grabbed: !mapped, ...points, ...asks, ...hands});
  });
}

// The scales stay while they will do: `place` keeps them.
function paintSteps(place, {scores, powers, shares, column}) {
  const [before, powersBefore] = place.limits ?? [];
  place.limits = [calm(scores, before), calm(powers, powersBefore), [0, 1]];
  const rows = [scores, powers, shares].map((values, i) => ({values, limits: place.limits[i]}));
  paintStrip(place.strip, {rows, focus: column});
}

function labelOf({get}, {shares, column, own}, query, key) {
  const keys = "Arrow keys choose query and key, Shift and an arrow key moves the query";
  const moves = get("w_query")
    ? keys
    : `${keys}, Control and Shift and an arrow key the key's point`;
  const back = own ? ", Escape goes back to the word" : "";
  return `Attention of ${get("words").length} words. Now at query ${short(query)}, key ${short(key)}: ${number(shares[column])}. ${moves}${back}.`;
}

function formulaOf({get, shown}, asked, words) {
  if (!get("parts").includes("formula")) return {};
  const {mapped, key} = shown;
  const temperature = get("temperature");
  return {
    title: wholeFormula(mapped, temperature !== 1),
    lines: formulaLines({
      ...asked,
      key: key[asked.column],
      mapped,
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

const ARROWS = {ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0]};

// Shift and an arrow key moves the query by a tenth, with Control too the word in focus.
export function press(frame, {key, shiftKey, ctrlKey}) {
  const {get} = frame;
  if (key === "Escape" && get("question").length) return {question: []};
  if (!shiftKey || !(key in ARROWS)) return null;
  const {query, column} = asking(frame, get("focus"));
  const by = (vector) => ARROWS[key].map((step, i) => Number((vector[i] + step / 10).toFixed(9)));
  if (query.length < 2 || get("x")[0].length < 2) return null;
  if (!ctrlKey) return {question: [...by(query), ...query.slice(2)]};
  return get("w_query") ? null : moved(get, column, by(get("x")[column]));
}

// A question of one's own is asked until another word is chosen.
const moves = ({get}, [row]) =>
  get("question").length && row !== get("focus")[0] ? {question: []} : {};

function at({place, get}, x, y) {
  const [row] = get("focus").length ? get("focus") : [0];
  const bar = place.strip && columnAt(place.strip, x, y);
  if (Number.isInteger(bar)) return [row, bar];
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

function keeps({get, room, shown: {mapped}}) {
  const lines = (mapped ? 3 : 4) + (room < 700) + (room < 420) * (mapped ? 1 : 2);
  const work = get("parts").includes("formula") ? lines : 0;
  return {status: room < 600 ? 2 : 1, work, lecture: 1};
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
    keeps,
    cells: ({rows}) => [rows.length, rows.length],
  }),
};
