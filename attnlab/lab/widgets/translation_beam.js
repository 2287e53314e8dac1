// The beam of a translation: at each step the most probable beginnings, which of them are kept, and what ends.

import {isLight, number, shape, short, widest} from "./drawing.js";
import {rendering} from "./frame.js";
import {END_MARK, inFrench, readAloud, ready, sentenceOf, vocabularyOf} from "./writers.js";
import {normalised, searchSteps} from "./writing.js";

const LOOKS = 7; // so many beginnings stand in a column: those that are kept, and below them the next ones

// What the controls are set to, and all numbers that follow from it; without a model there are none yet.
export function compute(get, before, writer) {
  const {sentence, strange, note, request, tokens} = sentenceOf(get, before);
  const state = {
    sentence,
    width: get("width"),
    step: get("step"),
    length_penalty: get("length_penalty"),
  };
  const words = vocabularyOf(get("model"));
  const said = {state, words, note, strange};
  if (!writer) return {...said, columns: [], now: [], ended: [], waits: true, result: []};
  const asked = {...request, width: state.width, penalty: state.length_penalty, looks: LOOKS};
  const key = JSON.stringify([tokens, asked]);
  const search = before?.key === key ? before.search : columnsOf(writer, tokens, asked, words);
  const step = Math.min(state.step, search.columns.length);
  const now = search.columns[step - 1] ?? [];
  const ended = search.columns
    .slice(0, step)
    .flatMap((column) => column.filter(({whole}) => whole));
  const result = [
    [search.best.log, search.best.score],
    now.map(({log}) => log),
    ended.map(({score}) => score),
  ];
  return {...said, key, search, ...search, step, now, ended, result};
}

// The search as a tree: in each column its beginnings, { word, text, log, last, score, held, whole, parent, ... }.
function columnsOf(writer, source, asked, words) {
  const columns = [];
  let best;
  for (const step of searchSteps(writer, source, asked)) {
    ({best} = step);
    const parents = columns.at(-1) ?? [];
    columns.push(
      step.found.map(({tokens, token, log, held, whole}, rank) => {
        const parent = parents.find((other) => `${other.tokens},${token}` === `${tokens}`);
        const last = log - (parent?.log ?? 0);
        const score = normalised(log, tokens.length, asked.penalty);
        const text = tokens.map((each) => words[each]);
        const at = {column: columns.length, rank};
        return {...at, parent, tokens, word: words[token], text, log, last, score, held, whole};
      }),
    );
  }
  return {columns, best: {...best, text: best.tokens.map((each) => words[each])}};
}

// Whether a beginning lies on the way to the best text.
const leads = ({best}, {tokens}) => tokens.every((token, i) => best.tokens[i] === token);

function layout(frame) {
  const {shown, room, size, svg, root, lecture} = frame;
  const {columns} = shown;
  const names = columns.flatMap((column) => column.map(({word}) => short(word, 9)));
  const wide = Math.ceil(Math.max(widest(root, names.length ? names : [""]), 3.4 * size)) + 10;
  const gap = Math.max(Math.min(room / Math.max(columns.length, 1) - wide - 1, 34), 14);
  const place = {
    wide,
    gap,
    top: 2 * size,
    high: 2 * size + (lecture ? 6 : 10),
    line: 2 * size + (lecture ? 10 : 17),
    left: 12,
    edges: shape("g"),
    boxes: shape("g"),
    ring: shape("g", {class: "attn-ring"}),
    steps: shape("g"),
    key: shape("text", {class: "attn-caption", x: 1}),
  };
  place.key.setAttribute("y", place.top + LOOKS * place.line + size);
  place.key.textContent = "colour: probability; hatched: cut off; outlined: ended";
  svg.append(place.steps, place.edges, place.boxes, place.ring);
  if (!lecture) svg.append(place.key); // a slide says it in its words
  const width = place.left + columns.length * (wide + gap) + 2;
  const height = place.top + LOOKS * place.line + (lecture ? 2 : size + 8);
  return {...place, width: Math.max(width, Math.min(room, 420)), height, scrolls: width > room};
}

const boxOf = ({left, wide, gap, top, high, line}, {column, rank}) => ({
  x: left + gap + column * (wide + gap) - 4,
  y: top + rank * line,
  width: wide,
  height: high,
});

const logText = (log) => (log > -0.005 ? "0.00" : number(log));

// A line from a beginning to what it is continued by.
function edge(place, node, attributes) {
  const to = boxOf(place, node);
  const from = node.parent
    ? boxOf(place, node.parent)
    : {...boxOf(place, {column: -1, rank: 0}), x: place.left - place.wide - 8};
  const [x, y] = [from.x + from.width, from.y + from.height / 2];
  const [right, down] = [to.x, to.y + to.height / 2];
  const middle = (x + right) / 2;
  return shape("path", {
    ...attributes,
    d: `M${x} ${y}C${middle} ${y} ${middle} ${down} ${right} ${down}`,
  });
}

function box(frame, node) {
  const {place, colours, hatched, size} = frame;
  const at = boxOf(place, node);
  const made = shape("g");
  const colour = colours[Math.round(255 * Math.exp(node.log))];
  const fill = node.held ? {style: `fill: rgb(${colour})`} : hatched;
  const ink = node.held
    ? {class: isLight(colour) ? "attn-black" : "attn-white"}
    : {class: "attn-backed"};
  const middle = {x: at.x + at.width / 2, "text-anchor": "middle"};
  const pad = at.height / 2 - size - 3;
  const outline = node.whole ? "attn-gold" : "attn-frame";
  made.append(
    shape("rect", {...at, rx: 3, ...fill}),
    shape("rect", {...at, rx: 3, class: outline}),
    shape("text", {...middle, ...ink, y: at.y + size + pad}, short(node.word, 9)),
    shape(
      "text",
      {...middle, class: `${ink.class} attn-numbers`, y: at.y + 2 * size + pad + 1},
      logText(node.log),
    ),
  );
  return made;
}

function paintTree({shown, place, ...frame}) {
  const {columns, step} = shown;
  const seen = columns.slice(0, step).flat();
  place.steps.replaceChildren(
    ...columns.map((_, column) => {
      const {x, width} = boxOf(place, {column, rank: 0});
      const kind = column === step - 1 ? "attn-title" : "attn-caption";
      const at = {x: x + width / 2, y: place.top - 8, "text-anchor": "middle", class: kind};
      return shape("text", at, column ? String(column + 1) : "step 1");
    }),
  );
  const edges = (some, kind) => some.map((node) => edge(place, node, {class: kind}));
  const others = seen.filter((node) => !leads(shown, node));
  place.edges.replaceChildren(
    ...edges(
      others.filter(({held}) => !held),
      "attn-lines",
    ),
    ...edges(
      others.filter(({held}) => held),
      "attn-branch",
    ),
    ...edges(
      seen.filter((node) => leads(shown, node)),
      "attn-branch attn-best",
    ),
  );
  place.boxes.replaceChildren(...seen.map((node) => box({...frame, place}, node)));
}

const quoted = ({strange}, text) => `“${inFrench(readAloud(text, strange))}”`;

function statusOf(shown) {
  const {state, step, columns, now, best, note} = shown;
  if (note) return note;
  const held = now.filter((node) => node.held);
  const kept = held.length
    ? `Step ${step} of ${columns.length} keeps ${held.length} of ${looked(shown, step)}, most probable ${quoted(shown, held[0].text)}, ${number(Math.exp(held[0].log))}.`
    : "Nothing is written yet.";
  const score = state.length_penalty > 0 ? `, score ${logText(best.score)}` : "";
  return `${kept} This search ends with ${quoted(shown, best.text)}: log p ${logText(best.log)}${score}.`;
}

function draw(frame, focus) {
  const {shown, place} = frame;
  const {state, columns, step, ended} = shown;
  if (shown.waits) return {status: "The model is being fetched.", label: "A beam search."};
  follow(frame);
  paintTree(frame);
  place.ring.replaceChildren();
  const status = statusOf(shown);
  const label = `The ${LOOKS} most probable beginnings of each of ${columns.length} steps, ${state.width} of them kept; ${ended.length} whole.`;
  const node = columns[focus[1]]?.[focus[0]];
  if (!node) return {status, label};
  place.ring.append(shape("rect", {class: "attn-cell", rx: 3, ...boxOf(place, node)}));
  if (node.column >= step) {
    const later = `step ${node.column + 1} is still to come`;
    return {status, label, title: [["", later]], lines: [["step", "click, or Enter, goes there"]]};
  }
  const text = quoted(shown, node.text);
  return {
    status,
    label: `${label} ${text}: log p ${logText(node.log)}.`,
    title: [["attn-output", text], ...(node.word === END_MARK ? [["", " <end>"]] : [])],
    lines: wayOfBeginning(shown, node),
  };
}

// Where the drawing is wider than its room, the column of a new step comes into sight.
function follow({shown: {step}, place, drawing}) {
  const {x} = boxOf(place, {column: step, rank: 0});
  if (step !== (place.step ?? step)) drawing.scrollLeft = x - drawing.clientWidth;
  place.step = step;
}

// How many beginnings compete at a step: each that is kept and has not ended, with every token.
const looked = ({columns, words}, step) =>
  (columns[step - 2] ?? [{held: true}]).filter(({held, whole}) => held && !whole).length *
  words.length;

const minus = (log) => `− ${logText(log).replace("−", "")}`;

// The numbers of one beginning, and what the search makes of it.
export function wayOfBeginning(shown, node) {
  const {width, length_penalty: penalty} = shown.state;
  const log = logText(node.log);
  const sum = node.parent ? `${logText(node.parent.log)} ${minus(node.last)} = ${log}` : log;
  const n = node.tokens.length;
  const score = [
    ["", `${log} / ((5 + ${n}) / 6)`],
    ["sup", String(penalty)],
    ["", ` = ${logText(node.score)}`],
  ];
  const place = `place ${node.rank + 1} of ${looked(shown, node.column + 1)}`;
  const fate = node.whole ? "ended" : node.held ? "kept" : `cut off, ${width} may stay`;
  return [
    ["log p", sum],
    ["p", `exp(${log}) = ${number(Math.exp(node.log))}`],
    ["score", node.whole ? score : "once it has ended"],
    ["search", `${place}: ${fate}`],
  ];
}

// The [rank, step] under the pointer.
function under({shown: {columns}, place: {left, wide, gap, top, line}}, x, y) {
  const rank = Math.floor((y - top) / line);
  const column = Math.floor((x - left - gap / 2 + 4) / (wide + gap));
  const inside = rank >= 0 && rank < LOOKS && column >= 0 && column < columns.length;
  return inside ? [rank, column] : null;
}

export default {
  render: rendering({
    name: "translation-beam",
    synced: [
      "model",
      "tensors",
      "sentence",
      "sentences",
      "width",
      "step",
      "length_penalty",
      "focus",
    ],
    pauses: ["sentence"],
    rebuild: ["model", "sentence", "width", "length_penalty"],
    ready,
    compute,
    layout,
    draw,
    choose: (_, [, column]) => ({step: column + 1}),
    keeps: ({room}) => ({status: room < 480 ? 4 : 2, work: room < 480 ? 4 : 2}),
    cells: ({columns}) => [LOOKS, Math.max(columns.length, 1)],
    at: under,
    tables: (shown) => [
      {
        caption: `step ${shown.step}: the most probable beginnings`,
        corner: "beginning",
        rows: shown.now.map(({text}) => inFrench(text)),
        columns: ["log p", "p", "score", "kept"],
        values: shown.now.map(({log, score, held, whole}) => [
          log.toFixed(3),
          Math.exp(log).toFixed(3),
          whole ? score.toFixed(3) : "",
          held ? "yes" : "no",
        ]),
      },
    ],
  }),
};
