// Who mixes what: how far each output position moves with each input position, for one part of a
// layer, and for the pair of positions in focus the slopes of output features by input features.

import {number, short, widest} from "./drawing.js";
import {rendering} from "./frame.js";
import {cellAt, layGrid, paintGrid, placeGrid, ringGrid} from "./grid.js";
import {matrixAt} from "./mathematics.js";

const GAP = 20; // between the two grids
const PAIR = "features of the marked pair";

// The slopes of one output position by one input position: rows are output features.
export const blockAt = (slopes, width, row, column) =>
  slopes
    .slice(row * width, (row + 1) * width)
    .map((line) => line.slice(column * width, (column + 1) * width));

const squares = (block) => block.flat().reduce((sum, slope) => sum + slope * slope, 0);

// How far an output moves when an input is nudged by 1: the root mean square over all directions.
export const influence = (slopes, width, positions) =>
  Array.from({length: positions}, (_, row) =>
    Array.from({length: positions}, (_, column) =>
      Math.sqrt(squares(blockAt(slopes, width, row, column)) / width),
    ),
  );

// What the controls are set to, and all numbers that follow from it.
export function compute(get) {
  const state = {part: get("part"), mask: get("mask")};
  const [positions, width] = [get("words").length, get("features").length];
  const at = (part, mask) => matrixAt(get("slopes"), part, mask);
  const slopes = at(get("parts").indexOf(state.part), get("masks").indexOf(state.mask));
  // Both scales of colours are the same for all masks of a part, so that these compare.
  const withAny = get("masks").map((_, mask) => at(get("parts").indexOf(state.part), mask));
  const largest = (rows) => Math.max(...rows.flat(2).map(Math.abs)) || 1;
  const ends = {
    slope: largest(withAny),
    influence: largest(withAny.map((matrix) => influence(matrix, width, positions))),
  };
  return {state, slopes, width, ends, result: influence(slopes, width, positions)};
}

function layout(frame) {
  const {get, room} = frame;
  const [words, features] = [get("words"), get("features")];
  const across = (most, free) =>
    placeGrid(frame, {
      most,
      room: free,
      title: "positions",
      rows: {words, kind: "output", caption: "output"},
      columns: {words, kind: "input", caption: "input"},
    });
  const down = (x, y, most, free) =>
    placeGrid(frame, {
      x,
      y,
      most,
      room: free,
      title: PAIR,
      rows: {words: features, kind: "output", caption: "output"},
      columns: {words: features, kind: "input", caption: "input"},
    });
  const cells = words.length + features.length;
  const beside = across(
    undefined,
    0.5 * room + (room * (words.length - features.length)) / (4 * cells),
  );
  const second = down(beside.right + GAP, 0, beside.cell, room);
  const wide = second.right <= room && beside.cell >= 24;
  const first = wide ? beside : across(undefined, room);
  const grids = [first, wide ? second : down(0, first.bottom + GAP, first.cell, room)].map((grid) =>
    layGrid(frame, grid),
  );
  const title = grids[1].left + 1.15 * widest(frame.root, [PAIR]); // it is set in bold
  return {
    grids,
    width: Math.max(title, ...grids.map(({right}) => right)),
    height: Math.max(...grids.map(({bottom}) => bottom)) + 4,
  };
}

// A slope as it fits a cell: .41, −.05, and .00 for what is very small.
export const slopeText = (value) =>
  number(Math.abs(value) < 0.005 ? 0 : value).replace(/^(−?)0(?=\.)/, "$1");

function draw(frame, focus) {
  const {
    place: {
      grids: [across, down],
    },
    shown,
    get,
    colours,
    signed: both,
  } = frame;
  const {result, slopes, width, state, ends} = shown;
  const passes = (rows) => rows.map((row) => row.map((value) => value !== 0));
  paintGrid(across, {
    values: result,
    allowed: passes(result),
    colours,
    high: ends.influence,
    write: slopeText,
  });
  ringGrid(across, focus);
  const block = focus.length
    ? blockAt(slopes, width, ...focus)
    : get("features").map(() => get("features").map(() => 0));
  paintGrid(down, {
    values: block,
    allowed: passes(block),
    colours: both,
    low: -ends.slope,
    high: ends.slope,
    write: slopeText,
  });
  const label = `${state.part}, mask ${state.mask}: the influence of ${get("words").length} input positions on as many outputs.`;
  if (!focus.length) return {status: "Point at a cell, or walk there with the arrow keys.", label};
  const said = spoken(shown, get("words"), focus);
  return {...said, label: `${label} ${said.status}`};
}

// "attention: sat moves with all 6 words, with cat by 0.31 for a nudge of 1."
export function sentenceOfMixing({part, row, word, other, value}) {
  const heard = row.filter((influence) => influence !== 0).length;
  const who =
    heard === 0
      ? "no word"
      : heard === row.length
        ? `all ${row.length} words`
        : `${heard} of ${row.length} words`;
  const by =
    value === 0 ? `not with ${other}` : `with ${other} by ${number(value)} for a nudge of 1`;
  return `${part}: ${word} moves with ${who}, ${by}.`;
}

const inBrackets = (slope) =>
  slope <= -0.005 ? `(${number(slope)})` : number(slope < 0.005 ? 0 : slope);

// From the slopes of one pair to its influence, a line a step.
export function stepsOfMixing(block, value) {
  const slopes = block.flat();
  const passing = slopes.filter((slope) => slope !== 0);
  if (!passing.length)
    return [
      ["slopes", `all ${slopes.length} are exactly 0`],
      ["influence", "0: nothing gets through"],
    ];
  const terms = passing
    .slice(0, passing.length > 4 ? 3 : 4)
    .map((slope) => `${inBrackets(slope)}²`);
  const sum = `${terms.join(" + ")}${passing.length > 4 ? " + …" : ""}`;
  const total = squares(block);
  return [
    ["slopes", `${passing.length} of ${slopes.length} are not 0`],
    ["squares", `${sum} = ${number(total)}`],
    ["influence", `√(${number(total)} / ${block.length}) = ${number(value)}`],
  ];
}

function spoken({result, slopes, width, state}, words, [row, column]) {
  const [word, other] = [words[row], words[column]].map((text) => short(text, 24));
  const value = result[row][column];
  return {
    status: sentenceOfMixing({part: state.part, row: result[row], word, other, value}),
    title: [
      ["", `nudge ${short(words[column])}, watch `],
      ["attn-output", short(words[row])],
    ],
    lines: stepsOfMixing(blockAt(slopes, width, row, column), value),
  };
}

export default {
  render: rendering({
    name: "layer-mixing",
    synced: ["slopes", "parts", "masks", "words", "features", "part", "mask", "focus"],
    rebuild: ["slopes", "parts", "masks", "words", "features"],
    compute,
    layout,
    draw,
    cells: ({result}) => [result.length, result.length],
    at: (
      {
        place: {
          grids: [across],
        },
      },
      x,
      y,
    ) => cellAt(across, x, y),
    tables: ({result, state}, get) => [
      {
        caption: `${state.part}, mask ${state.mask}: influence`,
        corner: "output",
        rows: get("words"),
        columns: get("words"),
        values: result.map((row) => row.map((value) => value.toFixed(3))),
      },
    ],
  }),
};
