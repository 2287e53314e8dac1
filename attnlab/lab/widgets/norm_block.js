// The norm block: each sample of a batch as a grid of positions by features, side by side.
// The cells whose mean and variance are taken together with the cell in focus light up.

import {number, plain, shape, short, signed} from "./drawing.js";
import {rendering} from "./frame.js";
import {cellAt, layGrid, paintGrid, placeGrid} from "./grid.js";
import {matrixAt} from "./mathematics.js";

const GAP = 12; // between two samples

// From where to where cells are averaged together, along samples, positions and features.
export function together(
  kind,
  [samples, positions, features],
  groups,
  [sample, position, feature],
) {
  const one = (index) => [index, index + 1];
  const members = features / groups;
  const first = Math.floor(feature / members) * members;
  return {
    BatchNorm: [[0, samples], [0, positions], one(feature)],
    "LayerNorm of tokens": [one(sample), one(position), [0, features]],
    "LayerNorm of images": [one(sample), [0, positions], [0, features]],
    InstanceNorm: [one(sample), [0, positions], one(feature)],
    GroupNorm: [one(sample), [0, positions], [first, first + members]],
    RMSNorm: [one(sample), one(position), [0, features]],
  }[kind];
}

// The cells within these ranges, and their mean and variance; RMSNorm takes 0 for the mean.
export function moments(block, kind, [samples, positions, features]) {
  const cells = block
    .slice(...samples)
    .flatMap((rows) => rows.slice(...positions).flatMap((row) => row.slice(...features)));
  const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const mean = kind === "RMSNorm" ? 0 : average(cells);
  return {cells, mean, variance: average(cells.map((value) => (value - mean) ** 2))};
}

const sizes = (block) => [block.length, block[0].length, block[0][0].length];

// Every cell less its mean, divided by its spread.
export function normalised(block, kind, groups, epsilon) {
  const known = new Map();
  return block.map((rows, sample) =>
    rows.map((row, position) =>
      row.map((value, feature) => {
        const ranges = together(kind, sizes(block), groups, [sample, position, feature]);
        const key = ranges.join();
        if (!known.has(key)) known.set(key, moments(block, kind, ranges));
        const {mean, variance} = known.get(key);
        return (value - mean) / Math.sqrt(variance + epsilon);
      }),
    ),
  );
}

// The largest difference of two blocks in the cells that are no padding of either.
export const moved = (before, after, lengths) =>
  Math.max(
    ...lengths.flatMap((length, sample) =>
      before[sample]
        .slice(0, length)
        .flatMap((row, position) =>
          row.map((value, feature) => Math.abs(value - after[sample][position][feature])),
        ),
    ),
  );

// What the controls are set to, and all numbers that follow from it.
export function compute(get) {
  const state = {kind: get("kind"), padding: get("padding"), show: get("show")};
  const lengths = get("lengths");
  const given = lengths.map((_, sample) => matrixAt(get("x"), 0, sample));
  const empty = given[0][0].map(() => 0);
  const block = given.map((rows) => [...rows, ...Array.from({length: state.padding}, () => empty)]);
  const norm = (values) => normalised(values, state.kind, get("groups"), get("epsilon"));
  const result = norm(block);
  return {state, lengths, block, result, moved: moved(norm(given), result, lengths)};
}

function layout(frame) {
  const {
    get,
    room,
    lecture,
    shown: {block, lengths},
  } = frame;
  const most = block[0].length + get("most") - get("padding"); // rows when the slider is at its end
  const words = get("words").map((own, sample) =>
    block[sample].map((_, row) => (row < lengths[sample] ? own[row] : "–")),
  );
  const place = (sample, x, y, width, largest) =>
    placeGrid(frame, {
      x,
      y,
      room: width,
      most: largest,
      title: get("samples")[sample],
      rows: {words: words[sample], kind: "query", caption: get("places")},
      columns: {words: get("features"), kind: "key", caption: get("channels")},
    });
  const cellIn = (width, largest) =>
    Math.min(...words.map((_, sample) => place(sample, 0, 0, width, largest).cell));
  const largest = lecture ? Math.min(50, Math.floor(300 / most)) : most > 8 ? 32 : 38;
  let across = words.length;
  while (across > 1 && cellIn(room / across, largest) < Math.min(28, largest)) across--;
  const cell = cellIn(room / across, largest);
  const trial = words.map((_, sample) => place(sample, 0, 0, room / across, cell));
  const pitch = Math.max(...trial.map(({left, count}) => left + count[1] * cell)) + GAP;
  const tall = trial[0].top + most * cell + 18;
  const grids = words.map((_, sample) =>
    layGrid(
      frame,
      place(
        sample,
        (sample % across) * pitch,
        Math.floor(sample / across) * tall,
        room / across,
        cell,
      ),
    ),
  );
  for (const {
    left,
    bottom,
    count: [rows, columns],
  } of most > block[0].length ? grids : []) {
    frame.svg.append(
      shape("rect", {
        class: "attn-frame",
        "stroke-dasharray": "3 5", // where padding will stand
        x: left,
        y: bottom + 2,
        width: columns * cell,
        height: (most - rows) * cell - 2,
      }),
    );
  }
  return {
    grids,
    width: Math.max(...grids.map(({right}) => right)),
    height: Math.ceil(words.length / across) * tall - 8,
  };
}

// Whole numbers as they are, others with so many places and no zero before the point.
export function inBlock(value, places) {
  const size = Math.abs(value);
  const text = Number.isInteger(value)
    ? plain(value)
    : value.toFixed(size < 10 ? places : size < 100 ? 1 : 0);
  return text
    .replace("-", "−")
    .replace(/^(−?)0(?=\.)/, "$1")
    .replace(/^−(\.0+)$/, "$1");
}

function draw(frame, focus) {
  const {
    place: {grids},
    shown,
    get,
  } = frame;
  const [samples, positions, features] = sizes(shown.block);
  const at = focus.length
    ? [Math.floor(focus[1] / features), Math.min(focus[0], positions - 1), focus[1] % features]
    : null;
  const ranges = at && together(shown.state.kind, sizes(shown.block), get("groups"), at);
  const within = (value, [from, to]) => value >= from && value < to;
  const values = shown.state.show === "input" ? shown.block : shown.result;
  const high = shown.state.show === "input" ? get("largest") : 3;
  grids.forEach((grid, sample) => {
    const lit = (row, column) =>
      !at || [sample, row, column].every((value, axis) => within(value, ranges[axis]));
    paintGrid(grid, {
      values: values[sample],
      colours: frame.signed,
      low: -high,
      high,
      write: (value) => inBlock(value, grid.cell < 36 ? 1 : 2),
      faded: (row, column) => !lit(row, column),
      allowed: values[sample].map((row, i) => row.map(() => i < shown.lengths[sample])),
    });
    ring(
      grid,
      ranges && within(sample, ranges[0]) ? ranges.slice(1) : null,
      at && at[0] === sample ? at.slice(1) : null,
    );
  });
  const label =
    `${counted(samples, "sample")} of ${counted(positions, get("places"))} by ` +
    `${counted(features, get("channels"))}, ${shown.state.show}.`;
  const shift =
    shown.state.padding === 0
      ? ""
      : shown.moved < 1e-9
        ? " The padding moved no output of a real cell."
        : ` The padding moved outputs of real cells by up to ${number(shown.moved)}.`;
  if (!at) return {status: `Point at a cell, or walk there with the arrow keys.${shift}`, label};
  const said = spoken(get, shown, at, ranges);
  return {...said, status: said.status + shift, label: `${label} ${said.status}`};
}

// A ring round the cells averaged together, and a thicker one round the cell in focus.
function ring({ring: group, left, top, cell}, ranges, focus) {
  group.replaceChildren();
  const around = (name, [above, below], [first, last]) =>
    group.append(
      shape("rect", {
        class: name,
        x: left + first * cell,
        y: top + above * cell,
        width: (last - first) * cell,
        height: (below - above) * cell,
      }),
    );
  if (ranges) around("attn-together", ...ranges);
  if (focus) around("attn-cell", ...focus.map((index) => [index, index + 1]));
}

const list = (words) =>
  words.length < 2
    ? words.join()
    : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;

const counted = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

// What is averaged together, in words.
export function described(
  kind,
  {sample, samples, word, positions, features, names, places, channels},
) {
  const all = counted(positions, places);
  const batch =
    samples < 3 ? ["the only sample", "both samples"][samples - 1] : `all ${samples} samples`;
  const some = `${channels}${names.length > 1 ? "s" : ""} ${list(names)}`;
  const token = `${places} ${word} of ${sample}, all ${counted(features, channels)}`;
  return {
    BatchNorm: `${some} of ${batch} and ${all}`,
    "LayerNorm of tokens": token,
    "LayerNorm of images": `${sample} as a whole, ${all} and ${counted(features, channels)}`,
    InstanceNorm: `${some} of ${sample}, ${all}`,
    GroupNorm: `${some} of ${sample}, ${all}`,
    RMSNorm: token,
  }[kind];
}

// The shape of the mean with its kept axes: of tokens (B, n, d), or of images (B, C, H, W).
export function shapeOfMean(kind, [samples, positions, features], groups, image) {
  const [batch, place, feature] = {
    BatchNorm: [1, false, features],
    "LayerNorm of tokens": [samples, true, 1],
    "LayerNorm of images": [samples, false, 1],
    InstanceNorm: [samples, false, features],
    GroupNorm: [samples, false, groups],
    RMSNorm: [samples, true, 1],
  }[kind];
  if (image.length) return [batch, feature, ...(place ? image : [1, 1])];
  return [batch, place ? positions : 1, feature];
}

// The way from the cells to the output of one of them, a line a step.
export function steps({kind, cells, mean, variance, value, epsilon}) {
  const some = (write) => {
    const terms = cells.slice(0, cells.length > 4 ? 2 : 4).map(write);
    return [...terms, ...(cells.length > 4 ? ["…", write(cells[cells.length - 1])] : [])].join(
      " + ",
    );
  };
  const root = `√(${number(variance)} + ${epsilon})`;
  const output = number((value - mean) / Math.sqrt(variance + epsilon));
  if (kind === "RMSNorm")
    return [
      [
        "mean square",
        `(${some((cell) => `${signed(cell)}²`)}) / ${cells.length} = ${number(variance)}`,
      ],
      ["output", `${plain(value)} / ${root} = ${output}`],
    ];
  const less = mean < 0 ? `(${number(mean)})` : number(mean);
  return [
    ["mean", `(${some(signed)}) / ${cells.length} = ${number(mean)}`],
    [
      "variance",
      `(${some((cell) => `(${plain(cell)} − ${less})²`)}) / ${cells.length} = ${number(variance)}`,
    ],
    ["output", `(${plain(value)} − ${less}) / ${root} = ${output}`],
  ];
}

function spoken(get, {state, block, lengths}, [sample, row, column], ranges) {
  const {cells, mean, variance} = moments(block, state.kind, ranges);
  const [samples, positions, features] = sizes(block);
  const names = get("features")
    .slice(...ranges[2])
    .map((name) => short(name));
  const real = row < lengths[sample];
  const word = real ? short(get("words")[sample][row]) : "(empty)";
  const what = described(state.kind, {
    sample: short(get("samples")[sample]),
    samples,
    word,
    positions,
    features,
    names,
    places: get("places"),
    channels: get("channels"),
  });
  const numbers =
    state.kind === "RMSNorm"
      ? `mean square ${number(variance)}`
      : `mean ${number(mean)}, variance ${number(variance)}`;
  return {
    status: `${state.kind}: ${what}, ${counted(cells.length, "cell")}; ${numbers}.`,
    title: [
      ["attn-query", `${get("places")} ${word}`],
      ["", ", "],
      ["attn-key", `${get("channels")} ${short(get("features")[column])}`],
    ],
    lines: [
      ["together", `${cells.length} of ${counted(samples * positions * features, "cell")}`],
      [
        "shape",
        `of the mean: (${shapeOfMean(state.kind, sizes(block), get("groups"), get("image")).join(", ")})`,
      ],
      ...steps({
        kind: state.kind,
        cells,
        mean,
        variance,
        value: block[sample][row][column],
        epsilon: get("epsilon"),
      }),
    ],
  };
}

export default {
  render: rendering({
    name: "norm-block",
    synced: [
      "x",
      "lengths",
      "words",
      "samples",
      "features",
      "kind",
      "padding",
      "show",
      "groups",
      "epsilon",
      "focus",
    ],
    rebuild: ["x", "lengths", "words", "samples", "features", "padding"],
    compute,
    layout,
    draw,
    keeps: () => ({status: 2}),
    cells: ({block}) => [block[0].length, block.length * block[0][0].length],
    at: ({place: {grids}, shown}, x, y) => {
      const found = grids.map((grid) => cellAt(grid, x, y));
      const sample = found.findIndex(Boolean);
      return sample < 0
        ? null
        : [found[sample][0], sample * shown.block[0][0].length + found[sample][1]];
    },
    tables: ({block, result, lengths, state}, get) =>
      block.map((rows, sample) => ({
        caption: `${get("samples")[sample]}, ${state.show}`,
        corner: get("places"),
        columns: get("features"),
        rows: rows.map((_, row) => (row < lengths[sample] ? get("words")[sample][row] : "empty")),
        values: (state.show === "input" ? rows : result[sample]).map((row) =>
          row.map((value) => value.toFixed(3)),
        ),
      })),
  }),
};
