// Heads side by side: one grid of weights for each head, all with the same focus, and for the row in
// focus one bar a head: its budget of 1, cut up among the keys. A last grid may show what a single
// head with the same queries and keys would do.

import {isLight, number, shape, share, short, signed, widest} from "./drawing.js";
import {rendering} from "./frame.js";
import {cellAt, layGrid, paintGrid, placeGrid, ringGrid} from "./grid.js";
import {allowedPairs, bytesOf, matrixAt, weights} from "./mathematics.js";

const GAP = 22; // between two grids
const JOINED = "one head";

// What the controls are set to, and all numbers that follow from it.
export function compute(get) {
  const state = {temperature: get("temperature"), layer: get("layer"), joined: get("joined")};
  const sent = get("scores");
  const scores = get("names").map((_, head) => matrixAt(sent, state.layer, head));
  const names = [...get("names")];
  if (state.joined) {
    scores.push(joined(scores));
    names.push(JOINED);
  }
  const [queries, keys] = [scores[0].length, scores[0][0].length];
  const allowed = allowedPairs(queries, keys, {
    causal: false,
    reach: Infinity,
    mask: bytesOf(get("mask")),
  });
  const result = scores.map((matrix) => weights(matrix, allowed, state.temperature));
  return {state, names, scores, allowed, result};
}

// The scores of one head as wide as all: its dot products are their sums, its divisor is larger.
export const joined = (scores) =>
  scores[0].map((row, i) =>
    row.map(
      (_, j) => scores.reduce((sum, matrix) => sum + matrix[i][j], 0) / Math.sqrt(scores.length),
    ),
  );

// Where the weight of one cell comes from, in one line.
export function division({scores, allowed, column, temperature, weight}) {
  if (!allowed[column]) return "masked: exp(−∞) = 0";
  const open = scores.filter((_, i) => allowed[i]);
  // Large numbers are shown as they are computed: with the row's highest score taken off first.
  const large = Math.max(...open.map(Math.abs)) / temperature > 20;
  const shift = large ? Math.max(...open) : 0;
  const power = (score) => Math.exp((score - shift) / temperature);
  const less = number(scores[column]) + (large ? ` − ${signed(Number(shift.toFixed(2)))}` : "");
  const inside =
    temperature === 1
      ? less
      : `${large ? `(${less})` : less} / ${Number(temperature.toPrecision(4))}`;
  const total = open.reduce((sum, score) => sum + power(score), 0);
  return `exp(${inside}) / ${number(total)} = ${number(weight)}`;
}

// A word of the sentence, set off; of several that are equal, which one: “and” (the 2nd).
export function quoted(words, place) {
  const told = `“${short(words[place], 24)}”`;
  const same = words.map((_word, i) => i).filter((i) => words[i] === words[place]);
  if (same.length < 2) return told;
  const nth = same.indexOf(place) + 1;
  const ending =
    Math.floor(nth / 10) % 10 === 1 ? "th" : (["th", "st", "nd", "rd"][nth % 10] ?? "th");
  return `${told} (the ${nth}${ending})`;
}

// "“it” looks most at “cat” in head 0, 0.88; at “naughty” and “cute” in head 1, 0.45 each."
export function sentenceOfHeads(word, rows, names, keyWords) {
  const tops = rows.map((row) => row.indexOf(Math.max(...row)));
  const who = `“${short(word, 24)}”`;
  if (rows.every((row) => Math.max(...row) === 0))
    return `${who} may look at nothing: all weights are 0.`;
  if (rows.length <= 4) {
    const parts = rows.map(
      (row, h) => `${most(row, keyWords)} in ${names[h]}, ${told(row, tops[h])}`,
    );
    return `${who} looks most ${parts.join("; ")}.`;
  }
  const counts = new Map();
  tops.forEach((top) => counts.set(top, (counts.get(top) ?? 0) + 1));
  const list = [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 4)
    .map(([top, count]) => `at ${quoted(keyWords, top)} in ${count}`);
  return `${who} looks most ${list.join("; ")} of ${rows.length} heads.`;
}

// The keys of a row whose weights read alike, as two places show them.
const leaders = (row) =>
  row.map((_, j) => j).filter((j) => number(row[j]) === number(Math.max(...row)));

function most(row, keyWords) {
  const top = leaders(row);
  if (top.length > 3) return `at ${top.length} words alike`;
  const words = top.map((j) => quoted(keyWords, j));
  const last = words.pop();
  return `at ${words.length ? `${words.join(", ")} and ${last}` : last}`;
}

const told = (row, top) => number(row[top]) + (leaders(row).length > 1 ? " each" : "");

// Weights that a model was seen to use have no scores to write out.
function written({scores, allowed, result, state: {temperature}}, h, row, column, seen) {
  const weight = result[h][row][column];
  return seen
    ? `weight ${number(weight)}`
    : division({scores: scores[h][row], allowed: allowed[row], column, temperature, weight});
}

function layout(frame) {
  const {
    get,
    room,
    size,
    svg,
    lecture,
    shown: {names},
  } = frame;
  const rows = {words: get("query_words"), kind: "query", caption: "query"};
  const columns = {words: get("key_words"), kind: "key", caption: "key"};
  const grids = [];
  const across = howMany(frame, names.length, rows, columns);
  let [x, y, cell] = [0, 0, undefined];
  names.forEach((title, index) => {
    const first = index % across === 0;
    if (first && index) [x, y] = [0, grids[index - 1].bottom + GAP];
    const beside = first;
    const grid = placeGrid(frame, {
      x,
      y,
      title,
      beside,
      most: cell ?? largest(frame, across, rows, columns),
      room: x + 1e4,
      rows,
      columns,
    });
    cell = grid.cell;
    grids.push(layGrid(frame, grid));
    x = grid.right + (grid.tilted ? 4 : GAP - 8);
  });
  const bars = shape("g", {class: "attn-bars"});
  svg.append(bars);
  const right = Math.max(...grids.map((grid) => grid.right));
  const top = grids.at(-1).bottom + 12;
  const left = Math.max(grids[0].left, widest(frame.root, names) + 14);
  const width = Math.max(right, Math.min(room, left + 260));
  const budgets = !lecture || across >= names.length; // in a room there is no place for all of it
  return {
    grids,
    bars,
    budgets,
    top,
    left,
    wide: width - left - 12,
    width,
    step: size + 9,
    height: budgets ? top + size + 6 + names.length * (size + 9) + 4 : top,
  };
}

// The widest cells with which so many grids fit beside each other.
function largest(frame, across, rows, columns) {
  const {room, size, root, lecture} = frame;
  const wide = (words) =>
    widest(
      root,
      words.map((word) => short(word)),
    ) + 8;
  const labels = Math.max(wide(rows.words), 46) + size + 4;
  const count = columns.words.length;
  const most = lecture ? 40 : 34;
  const plain = (room - labels - 8 - (across - 1) * GAP) / across / count;
  const label = wide(columns.words);
  if (label - 4 <= Math.min(plain, most)) return Math.floor(Math.min(plain, most));
  return Math.max(
    2,
    Math.floor(Math.min(most, (room - labels - 8 - across * (label * 0.7 + 4)) / across / count)),
  );
}

function howMany(frame, grids, rows, columns) {
  const enough = Math.min(18, largest(frame, 1, rows, columns));
  let across = grids;
  while (across > 1 && largest(frame, across, rows, columns) < enough) across--;
  return Math.ceil(grids / Math.ceil(grids / across)); // rows of grids that are as full as each other
}

function draw(frame, focus) {
  const {
    get,
    place: {grids},
    shown,
    colours,
  } = frame;
  grids.forEach((grid, h) => {
    paintGrid(grid, {values: shown.result[h], allowed: shown.allowed, colours, write: share});
    ringGrid(grid, focus);
  });
  drawBudgets(frame, focus);
  const [queries, keys] = [get("query_words"), get("key_words")];
  const label = `Attention weights of ${shown.names.join(", ")}: ${queries.length} queries, ${keys.length} keys.`;
  const moment = get("moments")[shown.state.layer];
  const when = moment ? `${moment[0].toUpperCase()}${moment.slice(1)}: ` : "";
  if (!focus.length)
    return {status: `${when}Point at a cell, or walk there with the arrow keys.`, label};
  const [row, column] = focus;
  const said = sentenceOfHeads(
    queries[row],
    shown.result.map((matrix) => matrix[row]),
    shown.names,
    keys,
  );
  return {
    status: `${when}${said}`,
    label: `${label} Now at query ${short(queries[row])}, key ${short(keys[column])}.`,
    title: [
      ["attn-query", short(queries[row])],
      ["", " → "],
      ["attn-key", short(keys[column])],
    ],
    lines: shown.names.map((name, h) => [name, written(shown, h, row, column, get("seen"))]),
  };
}

// The focus row, head by head: a bar as long as 1, with a piece for each key.
function drawBudgets(
  {get, root, place: {bars, budgets, top, left, wide, step}, shown, size, colours},
  focus,
) {
  bars.replaceChildren();
  if (!budgets) return;
  const word = focus.length ? short(get("query_words")[focus[0]]) : "a row";
  bars.append(
    shape(
      "text",
      {class: "attn-caption", x: left, y: top + size},
      `the budgets of ${word}: 1 each`,
    ),
  );
  const keys = get("key_words").map((key) => short(key));
  shown.names.forEach((name, h) => {
    const y = top + size + 6 + h * step;
    bars.append(shape("text", {x: left - 6, y: y + size, "text-anchor": "end"}, name));
    let [x, chosen] = [left, null];
    if (focus.length) {
      shown.result[h][focus[0]].forEach((weight, j) => {
        const colour = colours[Math.min(255, Math.round(255 * weight))];
        const piece = {x, y, width: weight * wide, height: step - 4};
        bars.append(
          shape("rect", {...piece, class: "attn-piece", style: `fill: rgb(${colour.join()})`}),
        );
        if (j === focus[1]) chosen = piece;
        if (weight * wide > widest(root, [keys[j]]) + 6) {
          bars.append(
            shape(
              "text",
              {
                class: isLight(colour) ? "attn-black" : "attn-white",
                x: x + (weight * wide) / 2,
                y: y + size - 1,
                "text-anchor": "middle",
              },
              keys[j],
            ),
          );
        }
        x += weight * wide;
      });
    }
    bars.append(shape("rect", {class: "attn-frame", x: left, y, width: wide, height: step - 4}));
    if (chosen) bars.append(shape("rect", {...chosen, class: "attn-chosen"}));
  });
}

export default {
  render: rendering({
    name: "attention-heads",
    synced: [
      "scores",
      "mask",
      "names",
      "query_words",
      "key_words",
      "temperature",
      "layer",
      "moments",
      "joined",
      "seen",
      "focus",
    ],
    rebuild: ["scores", "names", "query_words", "key_words", "joined"],
    compute,
    layout,
    draw,
    keeps: () => ({status: 2, work: 3}),
    cells: (shown) => [shown.result[0].length, shown.result[0][0].length],
    at: ({place}, x, y) => place.grids.reduce((found, grid) => found ?? cellAt(grid, x, y), null),
    tables: (shown, get) =>
      shown.names.map((caption, h) => ({
        caption,
        rows: get("query_words"),
        columns: get("key_words"),
        values: shown.result[h].map((row) => row.map((weight) => weight.toFixed(3))),
      })),
  }),
};
