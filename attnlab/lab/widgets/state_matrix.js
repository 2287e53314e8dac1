// The state of linear attention: a matrix to which each word adds the outer product of its key and its
// value, and the answer that it gives to a query. Vectors are rows: S + kᵀ v, and q S.

import {element, number, plain, shape, short, signed, widest} from "./drawing.js";
import {rendering} from "./frame.js";
import {product} from "./mathematics.js";
import {cellUnder, layCells, paintCells} from "./matrix_cells.js";
import {matrixEntries} from "./matrix_entries.js";

const TRAITS = ["key", "value", "query", "step", "asked", "rule", "decay", "rate"];

// Word by word { before, kept, known, added, after }: the matrix, what decay leaves of it, what that answers
// to the key, the row that is written in the key's places, and the matrix then. The delta rule has a rate.
export function associativeSteps(keys, values, decay = 1, rate = null) {
  let after = keys[0].map(() => values[0].map(() => 0));
  return keys.map((key, word) => {
    const before = after;
    const kept = before.map((row) => row.map((entry) => decay * entry));
    const [known] = product([key], kept);
    const added =
      rate === null ? values[word] : values[word].map((value, j) => rate * (value - known[j]));
    after = kept.map((row, i) => row.map((entry, j) => entry + key[i] * added[j]));
    return {before, kept, known, added, after};
  });
}

// Which sliders play no part under this rule.
const idleOf = (settable, rule) =>
  settable.filter((name) => !["rule", {decay: "decay", delta: "rate"}[rule]].includes(name));

// What is set, and all numbers that follow from it.
export function compute(get) {
  const state = Object.fromEntries(TRAITS.map((name) => [name, get(name)]));
  const {key, value, step, asked, rule} = state;
  const decay = rule === "decay" ? state.decay : 1;
  const rate = rule === "delta" ? state.rate : null;
  const steps = associativeSteps(key, value, decay, rate);
  const now = steps[step - 1];
  const query = (state.query ?? key)[asked - 1];
  const wanted = value[asked - 1];
  const [answer] = product([query], now.after);
  const error = Math.hypot(...answer.map((each, j) => each - wanted[j]));
  const near = (one, other) => Math.hypot(...one.map((each, i) => each - other[i])) < 0.005;
  const newer = key.findLastIndex(
    (each, i) => i >= asked && i < step && near(each, key[asked - 1]) && near(value[i], answer),
  );
  const controls = (get("settings") ?? []).map(({trait}) => trait);
  const settable = ["rule", "decay", "rate"].filter((name) => controls.includes(name));
  const idle = idleOf(settable, rule);
  const all = [key, value, ...steps.slice(0, step).map(({after}) => after)].flat(2);
  const most = Math.max(1, ...all.map(Math.abs));
  const result = [now.after, answer];
  return {
    state,
    words: get("words"),
    decay,
    rate,
    steps,
    now,
    query,
    wanted,
    answer,
    error,
    newer, // the last word with the same key, if its value is the answer, or −1
    settable,
    idle, // what plays no part under this rule, though it can be set
    most,
    result,
  };
}

// (1, 0, −2), and of more than four numbers the first ones.
const vector = (row) => {
  const numbers = row.map((value) => plain(value));
  return `(${(row.length > 4 ? [...numbers.slice(0, 3), "…"] : numbers).join(", ")})`;
};
const quoted = (word) => `“${short(word, 24)}”`;

// "3 of 5 words are read. The key of “cat” is answered by (1, 0.50), and its value is (1, 0): off by 0.50."
export function told({state: {step, asked, query}, words, answer, wanted, error, newer}) {
  const word = quoted(words[asked - 1]);
  const asks = query ? `The query of ${word}` : `The key of ${word}`;
  const read = `${step} of ${words.length} word${words.length > 1 ? "s are" : " is"} read.`;
  const unread = asked > step ? ", which has not been read yet," : "";
  const off = `and its value is ${vector(wanted)}: off by ${number(error)}`;
  const instead = () => `the value of ${quoted(words[newer])}, a newer word with the same key`;
  const near = error < 0.005 ? "exactly its value" : newer < 0 ? off : instead();
  return `${read} ${asks}${unread} is answered by ${vector(answer)}, ${near}.`;
}

// The rule that is chosen, with its number; and which sliders it does not ask.
function ruleOf({state: {rule}, decay, rate, idle}) {
  const rules = {
    sum: "S + kᵀ v",
    decay: `${number(decay)} × S + kᵀ v`,
    delta: `S + ${plain(rate ?? 1)} × kᵀ (v − k S)`,
  };
  const play = idle.length > 1 ? "play" : "plays";
  return rules[rule] + (idle.length ? `; ${idle.join(" and ")} ${play} no part` : "");
}

// How one entry of S came about, and what it does in the answer: a line a step.
export function arithmetic(shown, [i, j]) {
  const {state, decay, rate, now, query, answer} = shown;
  const [key, value] = [state.key[state.step - 1], state.value[state.step - 1]];
  const added = key[i] * now.added[j];
  const before = now.before[i][j];
  const kept =
    decay === 1 ? plain(before) : `${number(decay)} × ${signed(before)} = ${plain(now.kept[i][j])}`;
  const write =
    rate === null
      ? signed(value[j])
      : `${plain(rate)} × (${plain(value[j])} − ${signed(now.known[j])})`;
  const lines = [
    ["rule", ruleOf(shown)],
    ["before", kept],
    [
      "adds",
      [
        ["attn-key", signed(key[i])],
        ["", " × "],
        ["attn-value", write],
        ["", ` = ${plain(added)}`],
      ],
    ],
    ["after", `${plain(now.kept[i][j])} + ${signed(added)} = ${plain(now.after[i][j])}`],
    [
      "answer",
      [
        ...termsOf(
          query,
          now.after.map((row) => row[j]),
        ),
        ["", " = "],
        ["attn-output", plain(answer[j])],
      ],
    ],
  ];
  if (rate !== null)
    lines.splice(2, 0, [
      "k S",
      [
        ...termsOf(
          key,
          now.kept.map((row) => row[j]),
          "attn-key",
        ),
        ["", ` = ${plain(now.known[j])}`],
      ],
    ]);
  return lines;
}

// The products of a row and a column, the middle left out where there are many.
function termsOf(row, column, kind = "attn-query") {
  const terms = row.map((each, i) => [
    [kind, signed(each)],
    ["", `×${signed(column[i])}`],
  ]);
  if (terms.length > 5) terms.splice(3, terms.length - 4, [["", "…"]]);
  return terms.flatMap((term, i) => (i ? [["", " + "], ...term] : term));
}

// How many lines of the sentence and of the arithmetic are kept: as many as the longest need of both, whatever
// is read, asked and chosen.
function keeps(frame) {
  const {root, room, shown} = frame;
  const linesIn = linesOn(root);
  const beside = room - widest(root, ["answer"]) - 14;
  const sums = linesOf(frame, arithmetic(longest(shown), [0, 0])).map(([, sum]) =>
    typeof sum === "string" ? sum : sum.map(([, part]) => part).join(""),
  );
  return {
    status: Math.max(...allTold(shown).map((text) => linesIn(text, room))),
    work: sums.reduce((count, sum) => count + linesIn(sum, beside), 0),
  };
}

const WIDE = -0.25; // a number that takes as much room as most do

// Such numbers, under the rule that needs most room of those that can be chosen.
function longest(shown) {
  const {
    state,
    answer: {length},
  } = shown;
  const [key, value] = [state.key[0].map(() => WIDE), new Array(length).fill(WIDE)];
  const matrix = key.map(() => value);
  const rule = shown.settable.includes("rule") ? "delta" : state.rule;
  return {
    ...shown,
    state: {
      ...state,
      key: state.key.map(() => key),
      value: state.key.map(() => value),
      rule,
    },
    now: {before: matrix, kept: matrix, known: value, added: value, after: matrix},
    query: key,
    answer: value,
    decay: rule === "decay" ? 0.25 : 1,
    rate: rule === "delta" ? 1.25 : null,
    idle: idleOf(shown.settable, rule),
  };
}

// What may be said of each word: before it is read, far from its value, and with a newer word's.
function allTold({state, words, answer}) {
  const numbers = answer.map(() => WIDE);
  return words.flatMap((_, i) => {
    const said = {words, answer: numbers, wanted: state.value[i], error: 1, newer: -1};
    return [
      told({...said, state: {...state, step: Math.max(i, 1), asked: i + 1}}),
      told({...said, state: {...state, step: words.length, asked: i + 1}, newer: i}),
    ];
  });
}

// Says how many lines a text takes that is broken at its spaces. Each word is measured once.
function linesOn(root) {
  const widths = new Map();
  const wide = (word) => {
    if (!widths.has(word)) widths.set(word, widest(root, [word]));
    return widths.get(word);
  };
  const space = wide("a a") - wide("aa");
  return (text, room) => {
    let [lines, used] = [1, 0];
    for (const word of text.split(" ")) {
      const more = used ? space + wide(word) : wide(word);
      [lines, used] = used + more <= room ? [lines, used + more] : [lines + 1, wide(word)];
    }
    return lines;
  };
}

const GAP = 6; // between a matrix and the vectors at its edges
const SIGN = 30; // for + and =
const SMALLEST = 24; // a cell; below, the result stands under the sum

function above(frame) {
  const {get, set} = frame;
  const root = element("div", {class: "attn-sentence"});
  const label = get("query") ? "ask with the query of" : "ask with the key of";
  const row = element("div", {class: "attn-chips", role: "group", "aria-label": label});
  const chips = get("words").map((word, i) => {
    const chip = element("button", {type: "button", class: "attn-chip"}, short(word, 24));
    chip.addEventListener("click", () => set({asked: i + 1}));
    row.append(chip);
    return chip;
  });
  root.append(element("span", {class: "attn-quietly"}, label), row);
  const draw = () =>
    chips.forEach((chip, i) => {
      chip.setAttribute("aria-pressed", String(i === get("asked") - 1));
      chip.classList.toggle("attn-unread", i >= get("step"));
      chip.classList.toggle("attn-newest", i === get("step") - 1);
    });
  return [{root, draw}, entries(frame)];
}

// The keys and values themselves, to type into, behind a button.
function entries(frame) {
  const {get} = frame;
  const root = element("div");
  const names = (letter, count) => Array.from({length: count}, (_, i) => `${letter}${i + 1}`);
  const rows = get("words").map((word) => short(word));
  const of = (trait, name, kind, letter) => {
    const columns = names(letter, get(trait)[0].length);
    return {trait, name, kind, rows, columns, places: 2};
  };
  const matrices = [of("key", "K", "key", "k"), of("value", "V", "value", "v")];
  if (get("query")) matrices.unshift(of("query", "Q", "query", "q"));
  const inside = matrixEntries(frame, matrices);
  const box = element("div");
  box.append(inside.root);
  const button = element("button", {type: "button", class: "attn-opens"});
  const open = (is) => {
    box.hidden = !is;
    button.setAttribute("aria-expanded", String(is));
    button.textContent = `${is ? "hide" : "change"} the keys and values`;
  };
  button.addEventListener("click", () => open(box.hidden));
  open(false);
  root.append(button, box);
  return {root, draw: inside.draw};
}

// Where the three matrices stand: side by side, or the result under the sum.
function layout(frame) {
  const {room: free, size, svg, lecture, shown} = frame;
  const [rows, columns] = [shown.now.after.length, shown.answer.length];
  const room = Math.min(free, 820) - 10;
  const fitting = (many) =>
    Math.floor((room - (many - 1) * SIGN - many * GAP) / (many * (columns + 1)));
  const across = fitting(3) >= SMALLEST;
  const cell = Math.max(
    10,
    Math.min(lecture ? Math.floor(216 / (rows + 1)) : 40, fitting(across ? 3 : 2)),
  );
  const block = (columns + 1) * cell + GAP; // with the vector at its left edge
  const head = size + 8; // the title
  const tall = head + cell + GAP + rows * cell; // and the vector above
  const below = GAP + 2 * cell + 4; // the answer, and the value
  const start = Math.max(0, widest(frame.root, ["k S"]) + 6 - cell); // what stands beside answers
  const at = (place) => start + place * (block + SIGN);
  const second = across ? 0 : tall + 14; // its title stands close to it
  const spots = [[at(0), 0], [at(1), 0], across ? [at(2), 0] : [at(0) + SIGN, second]];
  const place = {cell, across, rows, columns};
  place.blocks = spots.map(([x, y], i) =>
    layBlock(frame, {x, y, cell, rows, columns, head, crowned: i === 1}),
  );
  const level = head + cell + GAP + (rows * cell) / 2;
  const sign = {class: "attn-title", dy: "0.35em", "text-anchor": "middle"};
  svg.append(
    shape("text", {...sign, x: at(1) - SIGN / 2, y: level}, "+"),
    shape("text", {...sign, x: (across ? at(2) : at(0) + SIGN) - SIGN / 2, y: second + level}, "="),
  );
  return {
    ...place,
    width: at(across ? 2 : 1) + Math.max(block, cell + GAP + 5 * size) + 2, // or its title
    height: second + tall + below + 2,
  };
}

// A matrix with room for a vector at its left edge, two below, and one above if it is crowned.
function layBlock(frame, {x, y, cell, rows, columns, head, crowned}) {
  const {svg, size} = frame;
  const [left, top] = [x + cell + GAP, y + head + cell + GAP];
  const lay = (more) => layCells(frame, {cell, ...more});
  const bottom = top + rows * cell + GAP;
  const label = (text) =>
    svg.appendChild(
      shape("text", {class: "attn-label", dy: "0.35em", "text-anchor": "end", ...text}),
    );
  const heading = {class: "attn-title", x: left, y: crowned ? y + size : top - GAP - 2};
  const title = svg.appendChild(shape("text", heading));
  const ring = shape("rect", {class: "attn-cell", width: cell, height: cell});
  const block = {
    title,
    ring,
    matrix: lay({x: left, y: top, rows, columns}),
    edge: (kind) => lay({x, y: top, rows, columns: 1, kind}),
    over: (kind) => lay({x: left, y: y + head, rows: 1, columns, kind}),
    under: (kind, line = 0) =>
      lay({x: left, y: bottom + line * (cell + 4), rows: 1, columns, kind}),
    atEdge: label({
      x: x + cell / 2,
      y: crowned ? bottom + size / 2 : top - GAP - size / 2 + 2,
      "text-anchor": "middle",
    }),
    beforeOver: label({x: left - GAP, y: y + head + cell / 2}),
    beforeUnder: [0, 1].map((line) =>
      label({x: left - GAP, y: bottom + line * (cell + 4) + cell / 2}),
    ),
  };
  svg.append(ring);
  return block;
}

// What stands in each of the three: a title, a matrix, and vectors at its edges [kind, label, row].
function contents({state: {key, step}, now, query, answer, wanted, decay, rate, words}) {
  const [own, delta] = [key[step - 1], rate !== null];
  const known = delta ? {edge: ["key", "k", own], under: [["output", "k S", now.known]]} : {};
  return [
    {title: decay === 1 ? "S before" : `${number(decay)} × S before`, matrix: now.kept, ...known},
    {
      title: `${quoted(words[step - 1])} adds`,
      matrix: own.map((each) => now.added.map((other) => each * other)),
      edge: ["key", "k", own],
      over: ["value", delta ? "new" : "v", now.added],
    },
    {
      title: "S after",
      matrix: now.after,
      edge: ["query", "q", query],
      under: [
        ["output", "q S", answer],
        ["value", "v", wanted],
      ],
    },
  ];
}

function paintBlock(block, {title, matrix, edge, over, under = []}, scale, width) {
  block.vectors?.forEach(({group}) => group.remove());
  block.vectors = [];
  block.title.textContent = title;
  const free = width - block.title.getComputedTextLength();
  block.title.setAttribute("x", Math.max(0, Math.min(block.matrix.x, free))); // not cut off
  paintCells(block.matrix, matrix, scale);
  const put = (lay, label, [kind, said, row] = [], ...more) => {
    label.textContent = said ?? "";
    if (!row) return;
    label.setAttribute("class", `attn-label attn-${kind}`);
    const cells = lay(kind, ...more);
    paintCells(cells, cells.columns === 1 ? row.map((each) => [each]) : [row], scale);
    block.vectors.push(cells);
  };
  put(block.edge, block.atEdge, edge);
  put(block.over, block.beforeOver, over);
  block.beforeUnder.forEach((label, line) => put(block.under, label, under[line], line));
}

function ringBlock({ring, matrix: {x, y, cell}}, [i, j], focused) {
  ring.setAttribute("x", x + j * cell);
  ring.setAttribute("y", y + i * cell);
  ring.setAttribute("visibility", focused ? "visible" : "hidden");
}

function draw({place, shown, signed: colours, lecture}, focus) {
  const {state, now, most, words} = shown;
  const [i, j] = focus.length ? focus : [0, 0];
  const parts = contents(shown);
  place.blocks.forEach((block, at) => {
    paintBlock(block, parts[at], {colours, most}, place.width);
    ringBlock(block, [i, j], focus.length > 0);
  });
  const [status, word] = [told(shown), words[state.step - 1]];
  const size = `A matrix of ${place.rows} rows and ${place.columns} columns, before and after ${short(word)}.`;
  return {
    status,
    label: `${size} ${status} Now at row ${i + 1}, column ${j + 1}: ${plain(now.after[i][j])}.`,
    title: [
      ["", "S"],
      ["sub", `${i + 1}${j + 1}`],
      ["", ` after ${quoted(word)}`],
    ],
    lines: linesOf({lecture}, arithmetic(shown, [i, j])),
  };
}

// In a lecture there is room for two.
const linesOf = ({lecture}, lines) =>
  lecture ? lines.filter(([term]) => /adds|answer/.test(term)) : lines;

const decimals = (rows) => rows.map((row) => row.map((value) => value.toFixed(3)));

function tables({now, answer, wanted, state: {key}}) {
  const names = (letter, row) => row.map((_, i) => `${letter}${i + 1}`);
  const columns = names("v", answer);
  const rows = names("k", key[0]);
  return [
    {caption: "S before", corner: "", rows, columns, values: decimals(now.before)},
    {caption: "S after", corner: "", rows, columns, values: decimals(now.after)},
    {
      caption: "answer",
      corner: "",
      rows: ["q S", "v"],
      columns,
      values: decimals([answer, wanted]),
    },
  ];
}

export default {
  render: rendering({
    name: "state-matrix",
    synced: [...TRAITS, "words", "focus"],
    rebuild: ["words"],
    compute,
    above,
    layout,
    draw,
    keeps,
    cells: ({now}) => [now.after.length, now.after[0].length],
    at: ({place}, x, y) =>
      place.blocks.reduce((found, {matrix}) => found ?? cellUnder(matrix, [x, y]), null),
    tables,
  }),
};
