// The attention heatmap: queries are rows, keys are columns, one colour for the weights from 0 to 1.

import {number, shape, share, short} from "./drawing.js";
import {rendering} from "./frame.js";
import {cellAt, layGrid, paintGrid, placeGrid, ringGrid} from "./grid.js";
import {allowedPairs, bytesOf, matrixAt, weights} from "./mathematics.js";
import {arithmetic, GIVES, sentence} from "./words.js";

const BAR = 46; // the height of a strip of bars

// What the controls are set to, and all numbers that follow from it.
export function compute(get) {
  const state = {
    temperature: get("temperature"),
    causal: get("causal"),
    reach: get("reach"),
    layer: get("layer"),
    head: get("head"),
  };
  const scores = matrixAt(get("scores"), state.layer, state.head);
  const mask = bytesOf(get("mask"));
  const allowed = allowedPairs(scores.length, scores[0].length, {...state, mask});
  const result = weights(scores, allowed, state.temperature);
  return {state, scores, allowed, weights: result, result};
}

// An axis is coloured as queries or keys only where it is called so.
const axis = (name, usual) => ({caption: name, kind: name === usual ? usual : "named"});

function layout(frame) {
  const {get, room, size, svg, lecture} = frame;
  const grid = layGrid(
    frame,
    placeGrid(frame, {
      room,
      rows: {words: get("query_words"), ...axis(get("row_name"), "query")},
      columns: {words: get("key_words"), ...axis(get("column_name"), "key")},
    }),
  );
  const bars = shape("g", {class: "attn-bars"});
  svg.append(bars);
  grid.sums = grid.count[1] <= 12 && grid.cell >= (lecture ? 2 * size : 24); // scores spelled out over their bars
  return {
    grid,
    bars,
    width: grid.right,
    height: grid.bottom + 2 * (BAR + size + 10) + (grid.count[1] <= 12 ? size + 2 : 0) + 6,
  };
}

function draw(frame, focus) {
  const {
    get,
    place: {grid},
    shown,
    colours,
  } = frame;
  paintGrid(grid, {values: shown.weights, allowed: shown.allowed, colours, write: share});
  ringGrid(grid, focus);
  drawBars(frame, focus);
  const [rows, columns] = [get("row_name"), get("column_name")];
  const usual = rows === "query" && columns === "key";
  const label = usual
    ? `Attention weights of ${grid.count[0]} queries and ${grid.count[1]} keys.`
    : `Weights, ${grid.count[0]} rows (${rows}) by ${grid.count[1]} columns (${columns}).`;
  if (!focus.length) return {status: "Point at a cell, or walk there with the arrow keys.", label};
  const [row, column] = focus;
  const [query, key] = [get("query_words")[row], get("key_words")[column]];
  const vectors = get("query") && get("key");
  const at = (name, index) => matrixAt(get(name), shown.state.layer, shown.state.head)[index];
  return {
    status: sentence(shown.weights[row], query, get("key_words"), usual ? undefined : GIVES),
    label: `${label} Now at ${rows} ${short(query)}, ${columns} ${short(key)}: ${number(shown.weights[row][column])}.`,
    title: [
      [`attn-${grid.rows.kind}`, short(query)],
      ["", " → "],
      [`attn-${grid.columns.kind}`, short(key)],
    ],
    lines: arithmetic({
      query: vectors && at("query", row),
      key: vectors && at("key", column),
      scale: get("scale"),
      score: shown.scores[row][column],
      scores: shown.scores[row],
      allowed: shown.allowed[row],
      weight: shown.weights[row][column],
      column,
      temperature: shown.state.temperature,
    }),
  };
}

// The focus row as bars: scores, then weights.
function drawBars({get, place: {grid, bars}, shown, size, hatched}, focus) {
  const {
    left,
    cell,
    bottom,
    count: [, keys],
    sums,
  } = grid;
  bars.replaceChildren();
  const caption = bottom + size + 5;
  const scoresTop = caption + (sums ? size + 5 : 3);
  const weightsTop = scoresTop + BAR + size + 10;
  const word = focus.length ? short(get("query_words")[focus[0]]) : "a row";
  for (const [text, y] of [
    [`scores of ${word}`, caption],
    [`weights of ${word}`, weightsTop - 3],
  ]) {
    bars.append(shape("text", {class: "attn-caption", x: left, y}, text));
  }
  if (!focus.length) return;
  const scores = shown.scores[focus[0]];
  const [high, low] = [Math.max(0, ...scores), Math.min(0, ...scores)];
  const unit = (BAR - 6) / (high - low || 1);
  const zero = scoresTop + 2 + high * unit;
  const bar = (kind, j, y, height) =>
    bars.append(
      shape("rect", {
        ...kind,
        x: left + (j + 0.15) * cell,
        width: 0.7 * cell,
        y,
        height: Math.max(height, 0),
      }),
    );
  scores.forEach((score, j) => {
    const kind = shown.allowed[focus[0]][j] ? {class: "attn-score"} : hatched;
    if (sums)
      bars.append(
        shape(
          "text",
          {
            class: "attn-numbers",
            "text-anchor": "middle",
            x: left + (j + 0.5) * cell,
            y: caption + size + 2,
          },
          number(score, Math.abs(score) < 100 ? 1 : 0),
        ),
      );
    bar(kind, j, score > 0 ? zero - score * unit : zero, Math.abs(score) * unit);
    const weight = shown.weights[focus[0]][j];
    bar({class: "attn-weight"}, j, weightsTop + 2 + (1 - weight) * (BAR - 6), weight * (BAR - 6));
  });
  for (const y of [zero, weightsTop + BAR - 4]) {
    bars.append(shape("path", {class: "attn-axis", d: `M${left} ${y}h${cell * keys}`}));
  }
}

export default {
  render: rendering({
    name: "attention-heatmap",
    synced: [
      "scores",
      "query",
      "key",
      "mask",
      "scale",
      "query_words",
      "key_words",
      "row_name",
      "column_name",
      "temperature",
      "causal",
      "reach",
      "layer",
      "head",
      "focus",
    ],
    rebuild: ["scores", "query_words", "key_words", "row_name", "column_name"],
    compute,
    layout,
    draw,
    keeps: () => ({lecture: 1}),
    cells: (shown) => [shown.weights.length, shown.weights[0].length],
    at: ({place}, x, y) => cellAt(place.grid, x, y),
    tables: (shown, get) => [
      {
        caption: "weights",
        corner: get("row_name"),
        rows: get("query_words"),
        columns: get("key_words"),
        values: shown.weights.map((row) => row.map((weight) => weight.toFixed(3))),
      },
    ],
  }),
};
