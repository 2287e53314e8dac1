// Kernel regression: a curve through points, each place on it the values weighted by nearness.

import {barsOf, curveOf, layChart, placeChart, pointsOf} from "./chart.js";
import {number, plain, shape, signed} from "./drawing.js";
import {rendering} from "./frame.js";
import {dot, entropy, gaussian, matrixAt, softmax} from "./mathematics.js";
import {arithmetic} from "./words.js";

// What the controls are set to, and all numbers that follow from it.
export function compute(get) {
  const state = {bandwidth: get("bandwidth")};
  const [keys, values, places] = ["x", "y", "at"].map((name) => matrixAt(get(name), 0, 0)[0]);
  const truth = get("truth") && matrixAt(get("truth"), 0, 0)[0];
  const all = keys.map(() => true);
  const scores = places.map((place) =>
    keys.map((key) => gaussian([place], [key], state.bandwidth)),
  );
  const weights = scores.map((row) => softmax(row, all, 1));
  const result = weights.map((row) => dot(row, values));
  const off =
    truth && result.reduce((sum, y, i) => sum + Math.abs(y - truth[i]), 0) / result.length;
  return {state, keys, values, places, truth, scores, weights, result, off};
}

function layout(frame) {
  const {
    shown: {keys, values, places, truth, result},
    get,
    room,
    size,
  } = frame;
  const heights = [...values, ...(truth ?? [])];
  const [low, high] = [Math.min(...heights), Math.max(...heights)];
  const margin = (high - low || 1) * 0.08;
  const across = {
    low: Math.min(...places, ...keys),
    high: Math.max(...places, ...keys),
    caption: get("across"),
    kind: "query",
  };
  const width = Math.min(room, 520);
  const up = {low: low - margin, high: high + margin, caption: `${get("up")} ↑`, kind: "value"};
  const chart = placeChart(frame, {room: width, height: 190, across: {...across, bare: true}, up});
  const strip = placeChart(frame, {
    y: chart.end + 8,
    room: width,
    height: 80,
    across,
    up: {low: 0, high: 1, marks: [0, 1], caption: "weights of the keys ↑", kind: "key"},
  });
  strip.left = chart.left = Math.max(strip.left, chart.left);
  const aligned = (value) =>
    chart.left + ((chart.right - chart.left) * (value - across.low)) / (across.high - across.low);
  chart.toX = strip.toX = aligned;
  legend(frame, chart, truth);
  return {
    chart: layChart(frame, chart),
    strip: layChart(frame, strip),
    count: result.length,
    width,
    height: strip.end + size - 6,
  };
}

function legend({svg, size}, {right, top}, truth) {
  const line = shape("text", {class: "attn-caption", "text-anchor": "end", x: right, y: top - 7});
  const parts = [
    ["attn-value", "● value"],
    ["attn-output", "— output"],
    ["", "┄ truth"],
  ];
  parts
    .slice(0, truth ? 3 : 2)
    .forEach(([kind, text], i) =>
      line.append(shape("tspan", {class: kind, dx: i ? size : 0}, text)),
    );
  svg.append(line);
}

function draw(frame, focus) {
  const {
    shown,
    place: {chart, strip},
  } = frame;
  const {keys, values, places, truth, weights, result, off, state} = shown;
  chart.marks.replaceChildren(
    ...pointsOf(chart, keys, values, "value"),
    curveOf(chart, places, result, "output"),
  );
  if (truth) chart.marks.append(curveOf(chart, places, truth, "quiet", "stroke-dasharray: 3 4"));
  strip.marks.replaceChildren();
  const label = `A curve through ${keys.length} points, with bandwidth ${plain(state.bandwidth)}.`;
  const missed = truth ? ` On average the curve is ${number(off)} off the truth.` : "";
  if (!focus.length) {
    return {status: `Point at the chart, or walk along it with the arrow keys.${missed}`, label};
  }
  const at = focus[1];
  const [place, row] = [places[at], weights[at]];
  const nearest = row.indexOf(Math.max(...row));
  const wide = Math.min(8, (0.4 * (strip.right - strip.left)) / keys.length);
  strip.marks.append(
    ...barsOf(strip, keys, row, Math.max(wide, 2), {class: "attn-weight"}),
    bell(shown, strip, at),
  );
  const line = {class: "attn-row", d: `M${chart.toX(place)} ${chart.top}V${strip.bottom}`};
  chart.marks.append(shape("path", line), ...pointsOf(chart, [place], [result[at]], "output", 5));
  return {
    status:
      `At ${plain(place)} the output is ${number(result[at])}; most weight has the key at ` +
      `${plain(keys[nearest])}, ${number(row[nearest])}; entropy ${number(entropy(row))} nats.${missed}`,
    label: `${label} Now at ${plain(place)}: ${number(result[at])}.`,
    title: [
      ["attn-query", `query ${plain(place)}`],
      ["", " → "],
      ["attn-output", `output ${number(result[at])}`],
    ],
    lines: steps(shown, at, nearest),
  };
}

// The bell on which the tops of the bars lie, cut off where it leaves the strip.
function bell({keys, places, weights, state}, strip, at) {
  const nearest = weights[at].indexOf(Math.max(...weights[at]));
  const score = (x) => gaussian([places[at]], [x], state.bandwidth);
  const height = (x) =>
    Math.min(1, weights[at][nearest] * Math.exp(score(x) - score(keys[nearest])));
  const {low, high} = strip.across;
  const xs = Array.from({length: 201}, (_, i) => low + ((high - low) * i) / 200);
  return curveOf(strip, xs, xs.map(height), "quiet", "stroke-width: 1");
}

// The way from the query to the weight of its nearest key, and to the weighted sum.
export function steps({keys, values, places, scores, weights, result, state}, at, nearest) {
  const [place, key, row] = [places[at], keys[nearest], weights[at]];
  const score = scores[at][nearest];
  const sum = row
    .map((_, j) => j)
    .sort((a, b) => row[b] - row[a])
    .slice(0, 3);
  const terms = sum.map((j) => `${number(row[j])}×${signed(values[j])}`).join(" + ");
  // What is far away adds nothing, and is no reason to take the highest score off first.
  const shown = scores[at].map((other) => (score > -15 ? Math.max(other, -20) : other));
  const [, ...rest] = arithmetic({
    query: null,
    scale: 1,
    score,
    scores: shown,
    allowed: keys.map(() => true),
    weight: row[nearest],
    column: nearest,
    temperature: 1,
  });
  return [
    ["nearest key", plain(key)],
    [
      "score",
      `−(${plain(place)} − ${signed(key)})² / (2 × ${plain(state.bandwidth)}²) = ${number(score)}`,
    ],
    ...rest,
    ["output", `${terms}${keys.length > 3 ? " + …" : ""} = ${number(result[at])}`],
  ];
}

// The place nearest to the pointer.
function under({place: {chart}, shown: {places}}, x) {
  if (x < chart.left - 8 || x > chart.right + 8) return null;
  const far = places.map((place) => Math.abs(chart.toX(place) - x));
  return [0, far.indexOf(Math.min(...far))];
}

export default {
  render: rendering({
    name: "kernel-regression",
    synced: ["x", "y", "at", "truth", "across", "up", "bandwidth", "focus"],
    rebuild: ["x", "y", "at", "truth", "across", "up"],
    compute,
    layout,
    draw,
    keeps: () => ({work: 7, lecture: 1}),
    cells: (shown) => [1, shown.places.length],
    at: under,
    tables: ({places, keys, weights, result}) => [
      {
        caption: "output, and the weight of each key",
        rows: places.map(plain),
        columns: ["output", ...keys.map(plain)],
        values: weights.map((row, i) => [result[i], ...row].map((value) => value.toFixed(3))),
      },
    ],
  }),
};
