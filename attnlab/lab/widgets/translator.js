// A translator: what each step of the decoder looks at, head by head. Prepared sentences were sent
// along with their weights; what is typed is translated by the kernel, and then sent as well.

import {number, shape, share, short} from "./drawing.js";
import {rendering} from "./frame.js";
import {cellAt, layGrid, paintGrid, placeGrid, ringGrid} from "./grid.js";
import {matrixAt} from "./mathematics.js";
import {sentence} from "./words.js";

// What the controls are set to, and all numbers that follow from it. As long as what is typed is not
// translated, the sentence before stays.
export function compute(get, before) {
  const [typed, heads, sent] = [get("typed").trim(), get("heads"), get("weights")];
  const found = get("names").indexOf(typed);
  const [last, kept] = [get("names").length - 1, get("names").indexOf(before?.state.typed)];
  const place = found >= 0 ? found : kept >= 0 ? kept : last;
  const [source, target] = [get("sources")[place], get("targets")[place]];
  const every = Array.from({length: sent.shape[1]}, (_, h) =>
    matrixAt(sent, place, h)
      .slice(0, target.length)
      .map((row) => row.slice(0, source.length)),
  );
  const state = {
    typed: get("names")[place],
    layer: get("layer"),
    head: get("head"),
    mean: get("mean"),
  };
  const shown = state.mean ? meanOf(every) : every[state.layer * heads + state.head];
  const gold = get("gold")[place].map(([j, i]) => [i, j]);
  const errors = gold.length
    ? byLayer(
        every.map((weights) => alignmentError(weights, gold)),
        heads,
      )
    : [];
  const answered = found >= 0;
  const note = answered
    ? ""
    : get("noted") === typed
      ? get("note")
      : `Typing needs Jupyter: “${short(typed, 40)}” is not translated here. The grid still shows the sentence before.`;
  return {
    state,
    source,
    target,
    every,
    heads,
    gold,
    errors,
    answered,
    note,
    unknown: get("unknown")[place],
    result: [shown, errors],
  };
}

const meanOf = (every) =>
  every[0].map((row, i) =>
    row.map((_, j) => every.reduce((sum, weights) => sum + weights[i][j], 0) / every.length),
  );

const byLayer = (list, heads) =>
  Array.from({length: list.length / heads}, (_, layer) =>
    list.slice(layer * heads, (layer + 1) * heads),
  );

// Each step chooses its heaviest source word: 0 if these are the gold pairs, 1 if none is.
export function alignmentError(weights, gold) {
  const right = gold.filter(([i, j]) => weights[i].indexOf(Math.max(...weights[i])) === j).length;
  return 1 - (2 * right) / (weights.length + gold.length);
}

// French as it is written: no blank behind an apostrophe.
export const spelled = (words) => words.join(" ").replaceAll("' ", "'");

// The words of the sentence; those that the model does not know carry a question mark.
export const marked = ({source, unknown}) =>
  source.map((word, j) => (unknown.includes(j) ? `${short(word, 11)} ?` : word));

// What became of the words that the model does not know.
export function ofUnknown({source, target, unknown}) {
  if (!unknown.length) return "";
  const told = unknown.map(
    (j) => `${short(source[j], 24)} ${target.includes(source[j]) ? "is handed on" : "is left out"}`,
  );
  return ` Unknown: ${told.join(", ")}.`;
}

function standing(frame, source, target) {
  const {room, size, lecture} = frame;
  return placeGrid(frame, {
    room: room - 34,
    most: lecture ? 40 : 28,
    least: lecture ? 2 : size + 1, // each word has its label
    rows: {words: target, kind: "query", caption: "a step writes"},
    columns: {words: source, kind: "key", caption: "and looks at"},
  });
}

// As high as the sentence that needs most, so that nothing jumps when another one is chosen.
function layout(frame) {
  const {get, svg, shown} = frame;
  const grid = standing(frame, marked(shown), shown.target);
  layGrid(frame, grid);
  const golden = shape("g", {class: "attn-gold"});
  const side = Math.max(grid.cell - 5, 1); // cells are small on a phone
  shown.gold.forEach(([i, j]) =>
    golden.append(
      shape("rect", {
        x: grid.left + j * grid.cell + 2.5,
        y: grid.top + i * grid.cell + 2.5,
        width: side,
        height: side,
      }),
    ),
  );
  svg.append(golden, grid.ring); // the ring above the gold
  const bottoms = get("sources").map(
    (source, i) =>
      standing(frame, marked({source, unknown: get("unknown")[i]}), get("targets")[i]).bottom,
  );
  return {
    grid,
    scrolls: grid.right + 4 > frame.room,
    width: grid.right + 4,
    height: Math.max(...bottoms) + 6,
  };
}

function draw(frame, focus) {
  const {
    shown,
    place: {grid},
    colours,
  } = frame;
  const {state, source, target, gold, errors, answered} = shown;
  const [weights] = shown.result;
  const cell = focus.length
    ? [Math.min(focus[0], target.length - 1), Math.min(focus[1], source.length - 1)]
    : [];
  paintGrid(grid, {values: weights, colours, write: share, faded: () => !answered});
  ringGrid(grid, cell);
  const who = state.mean ? "the mean of all heads" : `layer ${state.layer}, head ${state.head}`;
  const label = `Cross-attention, ${who}: ${target.length} target words by ${source.length} source words.`;
  if (!answered) return {status: shown.note, label};
  const french = `French: ${spelled(target.map((word) => short(word, 24)))}.${ofUnknown(shown)}`;
  const rate = state.mean
    ? gold.length
      ? alignmentError(weights, gold)
      : null
    : errors[state.layer]?.[state.head];
  const scored = gold.length
    ? ` Alignment error of ${who}: ${number(rate)}.`
    : " Its alignment is not known.";
  if (!cell.length) return {status: `${french}${scored}`, label};
  const [row, column] = cell;
  return {
    status: `${french} ${sentence(weights[row], target[row], source)}${scored}`,
    label: `${label} Now at ${short(target[row])}, ${short(source[column])}.`,
    title: [
      ["attn-query", short(target[row])],
      ["", " → "],
      ["attn-key", short(source[column])],
    ],
    lines: headByHead(shown, row, column),
  };
}

// The weight of one pair in every head, their mean, and what the heads are worth as aligners.
export function headByHead({every, heads, errors}, row, column) {
  const pair = every.map((weights) => weights[row][column]);
  const total = pair.reduce((sum, weight) => sum + weight, 0);
  const told = (lists) =>
    lists.map((list, layer) => [`layer ${layer}`, list.map((value) => value.toFixed(2)).join(" ")]);
  const weights = [
    ["weights", `of head 0 to ${heads - 1}`],
    ...told(byLayer(pair, heads)),
    ["mean", `${number(total)} / ${pair.length} = ${number(total / pair.length)}`],
  ];
  return errors.length
    ? [weights, [["alignment", "error of each head"], ...told(errors)]]
    : [weights];
}

export default {
  render: rendering({
    name: "translator",
    synced: [
      "weights",
      "names",
      "sources",
      "targets",
      "gold",
      "unknown",
      "typed",
      "noted",
      "note",
      "layer",
      "head",
      "mean",
      "focus",
    ],
    rebuild: ["weights", "names", "sources", "targets", "gold", "unknown", "typed"],
    compute,
    layout,
    draw,
    keeps: () => ({status: 2, work: 7}),
    cells: ({target, source}) => [target.length, source.length],
    at: ({place}, x, y) => cellAt(place.grid, x, y),
    tables: ({target, source, result: [weights]}) => [
      {
        caption: "weights",
        corner: "a step writes",
        rows: target,
        columns: source,
        values: weights.map((row) => row.map((weight) => weight.toFixed(3))),
      },
    ],
  }),
};
