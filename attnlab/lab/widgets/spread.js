// The spread of scores: dot products of many random pairs, and what softmax makes of ten of them.

import {barsOf, curveOf, layChart, placeChart} from "./chart.js";
import {number, shape} from "./drawing.js";
import {rendering} from "./frame.js";
import {matrixAt, softmax} from "./mathematics.js";
import {arithmetic} from "./words.js";

const REACH = 4; // how many standard deviations the bins reach to either side
const BINS = 24;

// What the controls are set to, and all numbers that follow from it.
export function compute(get) {
  const state = {power: get("power"), divide: get("divide")};
  const length = 2 ** state.power;
  const products = matrixAt(get("products"), 0, state.power - 1);
  const unit = state.divide ? Math.sqrt(length) : 1;
  const scores = products.map((row) => row.map((product) => product / unit));
  const theory = state.divide ? 1 : length;
  const all = scores.flat();
  const mean = all.reduce((sum, score) => sum + score, 0) / all.length;
  const variance = all.reduce((sum, score) => sum + (score - mean) ** 2, 0) / all.length;
  const counts = histogram(all, Math.sqrt(theory));
  const weights = scores.map((row) =>
    softmax(
      row,
      row.map(() => true),
      1,
    ),
  );
  const largest = weights.map((row) => Math.max(...row));
  const usual = largest.reduce((sum, weight) => sum + weight, 0) / largest.length;
  return {
    state,
    length,
    products,
    scores,
    weights,
    mean,
    variance,
    theory,
    counts,
    usual,
    result: [[mean, variance, theory, usual], counts, largest],
  };
}

// How many numbers lie in each bin of an equal part of ±REACH deviations.
export function histogram(numbers, deviation) {
  const counts = new Array(BINS).fill(0);
  for (const value of numbers) {
    const bin = Math.floor((value / deviation + REACH) * (BINS / (2 * REACH)));
    if (bin >= 0 && bin < BINS) counts[bin] += 1;
  }
  return counts;
}

function layout(frame) {
  const {
    shown: {state, scores},
    get,
    room,
    size,
    lecture,
  } = frame;
  const stacked = room < 560;
  const [wide, narrow, height] = lecture
    ? [Math.min(room, 500), 420, 230]
    : [Math.min(room, stacked ? 420 : 350), 226, 170];
  const reach = REACH * (state.divide ? 1 : Math.sqrt(2 ** get("powers")));
  const spread = placeChart(frame, {
    room: wide,
    height,
    across: {
      low: -reach,
      high: reach,
      kind: "",
      caption: state.divide ? "score, q · k / √d" : "score, q · k",
    },
    up: {low: 0, high: 0.27, marks: [0, 0.1, 0.2], kind: "", caption: "share of the pairs ↑"},
  });
  const keys = scores[0].map((_, key) => key);
  const every = Math.ceil(keys.length / 12);
  const bars = placeChart(frame, {
    room: stacked ? wide : Math.min(room - wide - 20, narrow),
    height,
    x: stacked ? 0 : wide + 20,
    y: stacked ? spread.end + 8 : 0,
    across: {
      low: -0.7,
      high: keys.length - 0.3,
      marks: keys.filter((key) => key % every === 0),
      kind: "key",
      caption: "key",
    },
    up: {low: 0, high: 1, marks: [0, 0.5, 1], kind: "query", caption: "weights of the query ↑"},
  });
  for (const [x, y, text] of [
    [spread.right, spread.top - 7, "— in theory"],
    [bars.right, bars.bottom + 2 * size + 8, "┄ largest, on average"],
  ]) {
    frame.svg.append(
      shape(
        "text",
        {class: "attn-caption", "text-anchor": "end", x, y, style: "fill: var(--attn-ring)"},
        text,
      ),
    );
  }
  return {
    spread: layChart(frame, spread),
    bars: layChart(frame, bars),
    keys,
    width: bars.right + 12,
    height: bars.end + size - 6,
  };
}

function draw(frame, focus) {
  const {
    shown,
    place: {spread, bars, keys},
  } = frame;
  const {
    state: {divide},
    length,
    scores,
    weights,
    variance,
    theory,
    counts,
    usual,
  } = shown;
  const deviation = Math.sqrt(theory);
  const step = (2 * REACH) / BINS;
  const total = scores.length * keys.length;
  const middles = counts.map((_, bin) => (-REACH + (bin + 0.5) * step) * deviation);
  const wide = spread.toX(step * deviation) - spread.toX(0);
  const xs = Array.from({length: 161}, (_, i) => -REACH + (i * 2 * REACH) / 160);
  const normal = xs.map((x) => (step * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI));
  spread.marks.replaceChildren(
    ...barsOf(
      spread,
      middles,
      counts.map((count) => count / total),
      Math.max(wide - 0.5, 0.5),
      {class: "attn-score"},
    ),
    curveOf(
      spread,
      xs.map((x) => x * deviation),
      normal,
      "ring",
      "stroke-width: 1.5",
    ),
  );
  bars.marks.replaceChildren();
  const status =
    `d = ${length}, ${divide ? "divided by √d" : "undivided"}: variance ${number(variance)}, ` +
    `in theory ${theory}; largest of ${keys.length} weights ${number(usual)} on average.`;
  const label = `A histogram of ${total} dot products beside the normal curve, and ${keys.length} weights.`;
  const y = bars.toY(usual);
  bars.marks.append(
    shape("path", {
      d: `M${bars.left} ${y}H${bars.right}`,
      style: "stroke: var(--attn-ring); stroke-dasharray: 3 4",
    }),
  );
  if (!focus.length) return {status, label};
  const [query, key] = focus;
  const wider = 0.7 * (bars.toX(1) - bars.toX(0));
  bars.marks.prepend(...barsOf(bars, keys, weights[query], wider, {class: "attn-weight"}));
  bars.marks.append(
    shape("rect", {
      class: "attn-row",
      x: bars.toX(key - 0.5),
      width: bars.toX(1) - bars.toX(0),
      y: bars.top,
      height: bars.bottom - bars.top,
    }),
  );
  return {
    status,
    label: `${label} Query ${query} gives key ${key} the weight ${number(weights[query][key])}.`,
    title: [
      ["attn-query", `query ${query}`],
      ["", " → "],
      ["attn-key", `key ${key}`],
    ],
    lines: steps(shown, query, key),
  };
}

// The way from the dot product to the weight of one key.
function steps({state, length, products, scores, weights}, query, key) {
  const score = scores[query][key];
  const [, ...rest] = arithmetic({
    query: null,
    scale: 1,
    score,
    scores: scores[query],
    allowed: scores[query].map(() => true),
    weight: weights[query][key],
    column: key,
    temperature: 1,
  });
  const product = number(products[query][key]);
  return [
    ["q · k", `sum of ${length} products: ${product}`],
    ["score", state.divide ? `${product} / √${length} = ${number(score)}` : product],
    ...rest,
  ];
}

// The key under the pointer, of the query that is shown.
function under({get, place: {bars, keys}}, x, y) {
  if (x < bars.left || x > bars.right || y < bars.top - 20 || y > bars.bottom + 30) return null;
  const key = Math.round(
    bars.across.low +
      ((x - bars.left) / (bars.right - bars.left)) * (bars.across.high - bars.across.low),
  );
  return [get("focus")[0] ?? 0, Math.min(Math.max(key, 0), keys.length - 1)];
}

export default {
  render: rendering({
    name: "score-spread",
    synced: ["products", "powers", "power", "divide", "focus"],
    rebuild: ["products", "powers", "divide"],
    compute,
    layout,
    draw,
    cells: ({weights}) => [weights.length, weights[0].length],
    at: under,
    tables: ({mean, variance, theory, counts, weights, length}) => [
      {
        caption: `d = ${length}`,
        corner: "score",
        rows: ["mean", "variance"],
        columns: ["measured", "in theory"],
        values: [
          [mean, 0],
          [variance, theory],
        ].map((row) => row.map((value) => value.toFixed(3))),
      },
      {
        caption: "pairs in each bin, a third of a deviation wide",
        corner: "bin",
        rows: ["pairs"],
        columns: counts.map((_, bin) => number((bin + 0.5) / 3 - REACH)),
        values: [counts],
      },
      {
        caption: "weights",
        rows: weights.map((_, query) => String(query)),
        columns: weights[0].map((_, key) => String(key)),
        values: weights.map((row) => row.map((weight) => weight.toFixed(3))),
      },
    ],
  }),
};
