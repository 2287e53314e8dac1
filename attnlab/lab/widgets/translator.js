// A translator: what each step of the decoder looks at, head by head. Whatever is typed is translated here, in the page.

import {number, shape, share, short} from "./drawing.js";
import {rendering} from "./frame.js";
import {cellAt, layGrid, paintGrid, placeGrid, ringGrid} from "./grid.js";
import {spelled, tokenised} from "./sentences.js";
import {translating} from "./translating.js";
import {sentence} from "./words.js";

// What the controls are set to, and all numbers that follow from it. As long as what is typed cannot be translated,
// the sentence before stays; until the model is there, the words of a prepared one.
export function compute(get, before, translate) {
  const {heads, layers} = get("model").config;
  const answer = answerTo(get, before, translate);
  const {source, target, weights: every, gold} = answer;
  const [layer, head, mean] = ["layer", "head", "mean"].map(get);
  const state = {typed: answer.typed, layer, head, mean};
  const shown = mean ? meanOf(every) : every[layer * heads + head];
  const errors = gold.length
    ? byLayer(
        every.map((weights) => alignmentError(weights, gold)),
        heads,
      )
    : [];
  return {
    state,
    answer,
    source,
    target,
    every,
    heads,
    layers,
    gold,
    errors,
    answered: !answer.note,
    note: answer.note,
    unknown: answer.unknown,
    result: [shown, errors],
  };
}

// What becomes the third argument of compute.
export const ready = ({get, model}) => translating(get, model);

function answerTo(get, before, translate) {
  const typed = get("typed").trim();
  if (!translate) return prepared(get, Math.max(get("names").indexOf(typed), 0));
  const last = before?.answer.translated ? before.answer : null;
  if (last?.typed === typed) return {...last, note: ""};
  const found = translated(get, typed, translate);
  if (!found.refused) return found;
  return {...(last ?? translated(get, get("names")[0], translate)), note: found.refused};
}

const translated = (get, typed, translate) => ({
  ...translate(typed),
  typed,
  gold: goldOf(get, typed),
  note: "",
  translated: true,
});

const goldOf = (get, typed) =>
  (get("gold")[get("names").indexOf(typed)] ?? []).map(([j, i]) => [i, j]);

// A prepared sentence with its translation, as long as nobody can say where the model looks.
function prepared(get, place) {
  const {config, source_words: english} = get("model");
  const [typed, target] = [get("names")[place], get("targets")[place]];
  const {words: source, unknown} = tokenised(typed, english);
  const empty = target.map(() => source.map(() => 0));
  const weights = Array.from({length: config.layers * config.heads}, () => empty);
  return {
    typed,
    source,
    target,
    unknown,
    weights,
    gold: [],
    note: spoken(target),
    translated: false,
  };
}

const spoken = (target) => `French: ${spelled(target.map((word) => short(word, 24)))}.`;

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
  const {svg, shown} = frame;
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
  return {
    grid,
    scrolls: grid.right + 4 > frame.room,
    width: grid.right + 4,
    height: Math.max(grid.bottom, ...heights(frame)) + 6,
  };
}

// How far down each prepared sentence reaches.
const heights = (frame) =>
  frame.get("names").map((name, i) => {
    const {words: source, unknown} = tokenised(name, frame.get("model").source_words);
    return standing(frame, marked({source, unknown}), frame.get("targets")[i]).bottom;
  });

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
  const french = `${spoken(target)}${ofUnknown(shown)}`;
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
    ready,
    synced: ["names", "targets", "gold", "typed", "layer", "head", "mean", "focus"],
    rebuild: ["names", "targets", "gold", "typed"],
    pauses: ["typed"],
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
