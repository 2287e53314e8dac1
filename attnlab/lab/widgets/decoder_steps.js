// The steps of a decoder: at each, its scores of the source words, their weights, and the context,
// which is the weighted sum of the encoder's states. A few numbers of each state stand for all.

import {number, shape, share, short, signed} from "./drawing.js";
import {rendering} from "./frame.js";
import {cellAt, layGrid, paintGrid, placeGrid, ringGrid} from "./grid.js";
import {dot, matrixAt, softmax} from "./mathematics.js";
import {sentence} from "./words.js";

const strip = ({lecture}) => (lecture ? 28 : 38); // the height of a strip of bars
const LARGEST = 23; // the widest cell

// What the controls are set to, and all numbers that follow from it.
export function compute(get) {
  const place = Math.max(get("names").indexOf(get("sentence")), 0);
  const [words, target] = [get("sources")[place], get("targets")[place]];
  const order = get("shuffled") ? get("orders")[place] : words.map((_, j) => j);
  const row = Math.min(get("step"), target.length) - 1;
  const state = {
    sentence: get("names")[place],
    step: row + 1,
    temperature: get("temperature"),
    shuffled: get("shuffled"),
  };
  const source = order.map((j) => words[j]);
  const scores = matrixAt(get("scores"), place, 0)
    .slice(0, target.length)
    .map((e) => order.map((j) => e[j]));
  const alphas = scores.map((e) =>
    softmax(
      e,
      e.map(() => true),
      state.temperature,
    ),
  );
  const sent = matrixAt(get("states"), place, 0);
  const states = order.map((j) => sent[j]);
  const features = sent[0].map((_, f) => states.map((h) => h[f])); // (feature, source)
  const context = features.map((h) => dot(alphas[row], h));
  const gold = get("gold")[place].map(([j, i]) => [i, order.indexOf(j)]);
  return {
    state,
    row,
    source,
    target,
    scores,
    alphas,
    features,
    context,
    gold,
    result: [alphas, [context]],
  };
}

// Where everything stands for one sentence.
function standing(frame, source, target) {
  const {get, room, size, lecture} = frame;
  const blank = source.map(() => "");
  const grid = placeGrid(frame, {
    room: room - 34,
    most: LARGEST,
    rows: {words: target, kind: "query", caption: "a step writes"},
    columns: {words: source, kind: "key", caption: "and looks at"},
  });
  const wide = {room: 1e4, most: grid.cell};
  const rows = {words: get("features"), kind: "value", caption: "number"};
  const strips = grid.bottom + 4;
  const y = strips + 2 * (strip(frame) + size + 8);
  const values = placeGrid(frame, {
    ...wide,
    y,
    rows,
    columns: {words: blank, kind: "value", caption: "states h"},
  });
  shift(values, grid.left - values.left);
  const context = placeGrid(frame, {
    ...wide,
    y,
    rows,
    beside: false,
    x: grid.left + grid.cell * source.length + 16,
    columns: {words: [""], kind: "output", caption: "c"},
  });
  const below = lecture ? [] : [values, context]; // in a room there is no place for numbers of states
  const captions = lecture ? grid.left + 22 * size : 0;
  return {
    grid,
    values,
    context,
    below,
    strips,
    width: Math.max(captions, grid.right, context.left + grid.cell + 16),
    height: below.length ? values.bottom + 6 : y,
  };
}

// As high as the sentence that needs most, so that nothing jumps when another one is chosen.
function layout(frame) {
  const {
    get,
    svg,
    shown: {source, target, gold},
  } = frame;
  const place = standing(frame, source, target);
  const {grid} = place;
  for (const each of [grid, ...place.below]) layGrid(frame, each);
  const bars = shape("g", {class: "attn-bars"});
  const golden = shape("g", {class: "attn-gold"});
  const side = Math.max(grid.cell - 5, 1); // cells are small on a phone
  gold.forEach(([i, j]) =>
    golden.append(
      shape("rect", {
        x: grid.left + j * grid.cell + 2.5,
        y: grid.top + i * grid.cell + 2.5,
        width: side,
        height: side,
      }),
    ),
  );
  svg.append(golden, bars, grid.ring); // the ring above the gold
  const heights = get("sources").map(
    (words, i) => standing(frame, words, get("targets")[i]).height,
  );
  return {...place, bars, height: Math.max(place.height, ...heights)};
}

// Move a grid sideways, with its labels.
function shift(grid, by) {
  for (const name of ["x", "left", "right"]) grid[name] += by;
}

function draw(frame, focus) {
  const {
    shown,
    place: {grid, values, context, below},
    colours,
    signed: both,
    get,
  } = frame;
  const {row, alphas, target, source, gold} = shown;
  const column = Math.min(focus[1] ?? 0, source.length - 1);
  paintGrid(grid, {values: alphas, colours, write: share, faded: (i) => i > row});
  ringGrid(grid, [row, column]);
  const most = Math.max(...shown.features.flat().map(Math.abs)) || 1;
  const look = {colours: both, low: -most, high: most, write: (value) => number(value, 1)};
  if (below.length) paintGrid(values, {values: shown.features, ...look});
  if (below.length) paintGrid(context, {values: shown.context.map((c) => [c]), ...look});
  drawStrips(frame, column);
  const wanted = gold.filter(([i]) => i === row).map(([, j]) => short(source[j], 24));
  const right = wanted.length ? ` Outlined: ${wanted.join(" and ")}.` : " No word is outlined.";
  return {
    status: `Step ${row + 1}: ${sentence(alphas[row], target[row], source)}${right}`,
    label:
      `Weights of ${target.length} steps over ${source.length} source words, the scores and weights of ` +
      `step ${row + 1}, and its context.`,
    title: [
      ["attn-query", `step ${row + 1}: ${short(target[row])}`],
      ["", " → "],
      ["attn-key", short(source[column])],
    ],
    lines: [division(shown, column), sums(shown, get("features"))],
  };
}

// From the score of a source word to its weight, the row's highest score taken off first.
export function division({scores, alphas, row, state}, column) {
  const [e, highest] = [scores[row][column], Math.max(...scores[row])];
  const power = (score) => Math.exp((score - highest) / state.temperature);
  const total = scores[row].reduce((sum, score) => sum + power(score), 0);
  const less = `${number(e)} − ${signed(Number(highest.toFixed(2)))}`;
  const inside =
    state.temperature === 1 ? less : `(${less}) / ${Number(state.temperature.toPrecision(4))}`;
  return [
    ["score e", number(e)],
    ["exp", `exp(${inside}) = ${number(power(e))}`],
    ["row's sum", number(total)],
    ["weight α", `${number(power(e))} / ${number(total)} = ${number(alphas[row][column])}`],
  ];
}

// Each number of the context as a sum, its largest terms written out.
export function sums({alphas, row, features, context}, names) {
  const top = alphas[row]
    .map((_, j) => j)
    .sort((a, b) => alphas[row][b] - alphas[row][a])
    .slice(0, 2);
  const more = features[0].length > 2 ? " + …" : "";
  return features.map((h, f) => {
    const terms = top.map((j) => `${number(alphas[row][j])}×${signed(Number(h[j].toFixed(2)))}`);
    return [`c, ${names[f]}`, `${terms.join(" + ")}${more} = ${number(context[f])}`];
  });
}

// The step's scores and weights as bars, under the words that they belong to.
function drawStrips(frame, column) {
  const {
    size,
    place: {grid, bars, strips},
    shown: {row, scores, alphas, source},
  } = frame;
  const {left, cell} = grid;
  bars.replaceChildren();
  const [e, alpha] = [scores[row], alphas[row]];
  const tall = strip(frame);
  const [high, low] = [Math.max(0, ...e), Math.min(0, ...e)];
  const unit = (tall - 6) / (high - low || 1);
  const top = strips + size + 4;
  const next = top + tall + size + 8;
  const zero = top + 2 + high * unit;
  const bar = (kind, j, y, height) =>
    bars.append(
      shape("rect", {
        class: kind,
        x: left + (j + 0.15) * cell,
        width: 0.7 * cell,
        y,
        height: Math.max(height, 0),
      }),
    );
  const caption = (text, y) =>
    bars.append(shape("text", {class: "attn-caption", x: left, y}, text));
  caption(
    `scores e of step ${row + 1}, from ${number(Math.min(...e))} to ${number(Math.max(...e))}`,
    top - 2,
  );
  caption(`weights α of step ${row + 1}; the marked one is ${number(alpha[column])}`, next - 2);
  e.forEach((score, j) => {
    bar("attn-score", j, score > 0 ? zero - score * unit : zero, Math.abs(score) * unit);
    bar("attn-weight", j, next + 2 + (1 - alpha[j]) * (tall - 6), alpha[j] * (tall - 6));
  });
  for (const y of [zero, next + tall - 4]) {
    bars.append(shape("path", {class: "attn-axis", d: `M${left} ${y}h${cell * source.length}`}));
  }
}

// The slider of the steps and the row that is pointed at are the same; a row that the slider comes to
// is looked at where its weight is largest.
export function following({step, row, column, moved}, target, alphas) {
  const wanted = moved === "focus" ? row : Math.min(step, target.length) - 1;
  const at = alphas[wanted].indexOf(Math.max(...alphas[wanted]));
  const there = moved === "focus" || (moved === "step" && wanted === row);
  return {step: wanted + 1, focus: [wanted, there ? column : at]};
}

function follow(model, moved) {
  const {target, alphas} = compute((name) => model.get(name));
  const [row, column] = model.get("focus").length ? model.get("focus") : [0, 0];
  const {step, focus} = following({step: model.get("step"), row, column, moved}, target, alphas);
  const changes = {step, focus};
  const changed = Object.keys(changes).filter(
    (name) => JSON.stringify(changes[name]) !== JSON.stringify(model.get(name)),
  );
  if (!changed.length) return;
  for (const name of changed) model.set(name, changes[name]);
  model.save_changes();
}

const figure = rendering({
  name: "decoder-steps",
  synced: [
    "scores",
    "states",
    "sources",
    "targets",
    "gold",
    "orders",
    "names",
    "features",
    "sentence",
    "step",
    "temperature",
    "shuffled",
    "focus",
  ],
  rebuild: [
    "scores",
    "states",
    "sources",
    "targets",
    "gold",
    "orders",
    "names",
    "features",
    "sentence",
    "shuffled",
  ],
  compute,
  layout,
  draw,
  keeps: () => ({status: 2, work: 8}),
  cells: ({target, source}) => [target.length, source.length],
  at: ({place}, x, y) => cellAt(place.grid, x, y),
  tables: ({target, source, alphas, features, context, state}, get) => [
    {
      caption: "weights",
      corner: "step",
      rows: target,
      columns: source,
      values: alphas.map((alpha) => alpha.map((weight) => weight.toFixed(3))),
    },
    {
      caption: `states, and the context of step ${state.step}`,
      corner: "number",
      rows: get("features"),
      columns: [...source, "c"],
      values: features.map((h, f) => [...h, context[f]].map((value) => value.toFixed(3))),
    },
  ],
});

export default {
  render(given) {
    const {model} = given;
    const end = figure(given);
    // A moment later: a link to a slider lets nothing back while it hands on the slider's value.
    const soon = (name) => () => queueMicrotask(() => follow(model, name));
    const changes = ["focus", "step", "sentence", "shuffled"].map((name) => [
      `change:${name}`,
      soon(name),
    ]);
    for (const [event, answer] of changes) model.on(event, answer);
    return () => {
      for (const [event, answer] of changes) model.off(event, answer);
      end();
    };
  },
};
