// The relay: a recurrent network hands its words on from state to state, attention reads each at once.

import {number, shape, share, short, widest} from "./drawing.js";
import {rendering} from "./frame.js";
import {softmax} from "./mathematics.js";
import {tokenised} from "./sentences.js";

const MOST = 40; // words

// h = g h + (1 - g) x, from h = 0: how much each word makes up of each state, a row a state.
export function statesOf(count, gate) {
  const words = Array.from({length: count}, (_, i) => i);
  let state = words.map(() => 0);
  return words.map((now) => {
    state = state.map((held, i) => gate * held + (i === now ? 1 - gate : 0));
    return state;
  });
}

// The gradient of the last state with respect to each state: a factor g for each step back.
export function gradientOf(count, gate) {
  const factors = [1];
  while (factors.length < count) factors.unshift(gate * factors[0]);
  return factors;
}

// What is set, and all numbers that follow from it.
export function compute(get, before) {
  const state = Object.fromEntries(
    ["sentence", "length", "gate", "fit"].map((name) => [name, get(name)]),
  );
  const typed = tokenised(state.sentence, []).words;
  const all = typed.length ? typed : (before?.all ?? tokenised(get("sentences")[0], []).words);
  const words = all.slice(0, Math.min(state.length, MOST));
  const count = words.length;
  const states = statesOf(count, state.gate);
  const gradient = gradientOf(count, state.gate);
  const scores = words.map((_, i) => (i === 0 ? state.fit : 0));
  const allowed = words.map(() => true);
  const weights = softmax(scores, allowed, 1);
  const result = [states.map((row) => row[0]), gradient, weights];
  return {state, all: all.slice(0, MOST), words, states, gradient, scores, weights, result};
}

// The word that is spoken of: that in focus, or the first one.
const spokenOf = ({words}, focus) => Math.min(focus[1] ?? 0, words.length - 1);

const SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const raised = (power) => Array.from(String(power), (digit) => SUPERSCRIPT[digit]).join("");

// Two digits that count: 0.21, 0.0074, 1.3e−6.
export const digits = (value) =>
  value === 0 || value >= 1e-4 ? String(Number(value.toPrecision(2))) : number(value);

// A weight to two places, or digits that count where it is small.
const weighed = (weight) => (weight < 0.095 ? digits(weight) : number(weight));

// "After 22 more words the state still holds 0.74 % of what it took in of “Keys” (0.80²² = 0.0074); attention
// reads it with 0.87, in one step." And that there are no more words, where more are to be read.
export function told(shown, i) {
  const {all, state} = shown;
  const only = `The sentence has only ${all.length} word${all.length > 1 ? "s" : ""}.`;
  return [reading(shown, i), ...(state.length > all.length ? [only] : [])].join(" ");
}

function reading({words, state: {gate}, gradient, weights}, i) {
  const steps = words.length - 1 - i;
  const name = `“${short(words[i], 24)}”`;
  const reads = `attention reads it with ${weighed(weights[i])}`;
  if (gate === 1)
    return `With the gate at 1 no word enters the state, so nothing of ${name} is there; ${reads}.`;
  if (!steps)
    return `${name} has just been read: it makes up ${number(1 - gate)} of the state; ${reads}.`;
  const more = `After ${steps} more word${steps > 1 ? "s" : ""} the state`;
  if (gate === 0) return `${more} holds nothing of ${name} any more; ${reads}, in one step.`;
  const power =
    steps > 1 ? `${number(gate)}${raised(steps)} = ${digits(gradient[i])}` : number(gate);
  return `${more} still holds ${digits(100 * gradient[i])} % of what it took in of ${name} (${power}); ${reads}, in one step.`;
}

// How much of a word the last state holds, the gradient on its way back, and the weight: a line each.
export function arithmetic({words, state: {gate, fit}, states, gradient, scores, weights}, i) {
  const last = words.length;
  const steps = last - 1 - i;
  const [g, entered] = [number(gate), number(1 - gate)];
  const power = [["", `${g}`], ...(steps === 1 ? [] : [["sup", String(steps)]])];
  const factors = steps > 4 ? [g, g, "…", g] : new Array(steps).fill(g);
  const product = steps > 1 ? [["", `${factors.join(" × ")} = `]] : [];
  const equal = (value) => [["", ` = ${digits(value)}`]];
  const powers = scores.map((score) => Math.exp(score));
  const total = powers.reduce((sum, each) => sum + each, 0);
  const others = last > 1 ? ` + ${last - 1} × exp(0)` : "";
  return [
    [
      "each word",
      [
        ["", `h = ${g} h + ${entered} `],
        ["attn-value", "x"],
      ],
    ],
    ["in the last state", [["", `${entered} × `], ...power, ...equal(states[last - 1][i])]],
    [
      "gradient",
      [
        ["", "∂h"],
        ["sub", String(last)],
        ["", " / ∂h"],
        ["sub", String(i + 1)],
        ["", " = "],
        ...product,
        ...power,
        ...equal(gradient[i]),
      ],
    ],
    [
      "attention",
      `exp(${scores[i]}) / (exp(${fit})${others}) = ${number(powers[i])} / ${number(total)} = ${weighed(weights[i])}`,
    ],
  ];
}

// How wide a line of this share is drawn, and how clear.
const stroke = (part) => ({
  "stroke-width": (0.6 + 7.4 * part).toFixed(2),
  "stroke-opacity": (0.08 + 0.82 * part ** 0.6).toFixed(3),
});

const MARGIN = 12;
const BACK = "← the gradient of the last state, back in time";
const HOLDS = ["each state holds ", " and other words"]; // the word between them

function layout(frame) {
  const {svg} = frame;
  const place = placed(frame);
  layWords(frame, place);
  place.told = shape("text", {class: "attn-caption", x: MARGIN, y: place.above});
  const captions = [
    [BACK, place.back.caption],
    ["what the last word reads by attention", place.arcs.caption],
  ];
  for (const [text, y] of captions)
    svg.append(shape("text", {class: "attn-caption", x: MARGIN, y}, text));
  const frames = shape("path", {class: "attn-frame", d: framesOf(place)});
  svg.append(place.told, frames, carriesOf(place));
  place.held = svg.appendChild(shape("g"));
  place.moving = svg.appendChild(shape("g"));
  place.numbers = svg.appendChild(shape("g", {class: "attn-numbers"}));
  const {top, height} = place.boxes;
  const ring = {class: "attn-row", rx: 3, y: top - 3, height: height + 6};
  place.ring = svg.appendChild(shape("rect", ring));
  return place;
}

// Whether words have room side by side, or are tilted, and how high they then stand. All words of the sentence
// count, not only those that are read now: nothing jumps when there are more.
function standing({root, size}, words, most, room) {
  const wide = Math.max(...widthsOf(root, words));
  const tilted = wide > Math.min(most, room / words.length);
  return {tilted, wide, high: tilted ? wide * 0.75 + 8 : size + 8};
}

const widthsOf = (root, words) => words.map((word) => widest(root, [short(word)]) + 8);

// The columns, one a word, and from top to bottom the words, the states, the way back and the arcs.
function placed(frame) {
  const {get, root, room: free, size, lecture, shown} = frame;
  const {words, all} = shown;
  const [room, most] = [Math.min(free, 900) - 2 * MARGIN, lecture ? 72 : 60];
  const widths = widthsOf(root, words);
  const {tilted, ...own} = standing(frame, all, most, room);
  // Nor does anything jump when another sentence is chosen.
  const others = get("sentences").map((text) => tokenised(text, []).words.slice(0, MOST));
  const highs = others.map((each) => standing(frame, each, most, room).high);
  const tail = tilted ? leaning(widths, most, room) : 0;
  const column = Math.min(most, (room - tail) / words.length);
  const line = size + 3; // of numbers
  const captions = Math.max(widest(root, [BACK]), widest(root, [HOLDS.join("")]) + own.wide);
  const caption = size + 8;
  const boxes = {top: caption + Math.max(own.high, ...highs), height: lecture ? 72 : 92};
  const back = {caption: boxes.top + boxes.height + line + caption};
  back.y = back.caption + 14;
  const arcs = {caption: back.y + 10 + line + caption, depth: lecture ? 50 : 76};
  arcs.y = arcs.caption + 8 + line;
  return {
    column,
    tilted,
    above: boxes.top - own.high - 8,
    boxes,
    back,
    arcs,
    count: words.length,
    box: column * 0.74,
    written: widest(root, [".00"]) + 4, // what a number takes
    middle: (i) => MARGIN + (i + 0.5) * column,
    width: Math.min(free, Math.max(column * words.length + tail, captions) + 2 * MARGIN),
    height: arcs.y + arcs.depth + 12,
  };
}

// How far tilted words lean out over the last column.
function leaning(widths, most, room) {
  const column = 0.8 * Math.min(most, room / widths.length);
  const out = widths.map((wide, i) => 0.7 * wide - (widths.length - 0.5 - i) * column);
  return Math.max(0, ...out);
}

// The words over their columns: each, or every second, third ... and always the last one.
function layWords({svg, size, shown: {words}}, {column, middle, tilted, boxes, count}) {
  const every = Math.ceil((size + 1) / column);
  words.forEach((word, i) => {
    if (i < count - 1 && (i % every || count - 1 - i < every)) return;
    const [x, y] = [middle(i) + (tilted ? 3 : 0), boxes.top - (tilted ? 5 : 8)];
    const label = shape(
      "text",
      {
        class: i === count - 1 ? "attn-query" : "attn-key",
        x,
        y,
        "text-anchor": tilted ? "start" : "middle",
        transform: tilted ? `rotate(-48 ${x} ${y})` : "",
      },
      short(word),
    );
    label.append(shape("title", {}, word));
    svg.append(label);
  });
}

const framesOf = ({count, middle, box, boxes: {top, height}}) =>
  Array.from(
    {length: count},
    (_, i) => `M${middle(i) - box / 2} ${top}h${box}v${height}h${-box}z`,
  ).join("");

// From each state to the next one an arrow, where there is room for it.
function carriesOf({count, column, box, middle, boxes: {top, height}}) {
  const gap = column - box;
  const y = top + height / 2;
  const arrows = Array.from({length: count - 1}, (_, i) => {
    const [from, to] = [middle(i) + box / 2 + 2, middle(i + 1) - box / 2 - 2];
    return `M${from} ${y}H${to}m-3 -3l3 3l-3 3`;
  });
  return shape("path", {class: "attn-carry", d: gap >= 9 ? arrows.join("") : ""});
}

function draw(frame, focus) {
  const {place, shown} = frame;
  const {words, states, gradient, weights} = shown;
  const i = spokenOf(shown, focus);
  place.held.replaceChildren(...heldOf(place, states, i));
  place.moving.replaceChildren(...backOf(place, gradient), ...arcsOf(place, weights, i));
  const rows = [
    [states.map((row, t) => (t < i ? null : row[i])), place.boxes.top + place.boxes.height],
    [gradient, place.back.y + 7],
    [weights, place.arcs.caption + 4],
  ];
  place.numbers.replaceChildren(...rows.flatMap((row) => numbersOf(frame, row, i)));
  place.ring.setAttribute("x", place.middle(i) - place.box / 2 - 3);
  place.ring.setAttribute("width", place.box + 6);
  place.told.replaceChildren(
    ...[
      ["attn-caption", HOLDS[0]],
      ["attn-value", short(words[i])],
      ["attn-caption", HOLDS[1]],
    ].map(([kind, text]) => shape("tspan", {class: kind}, text)),
  );
  const status = told(shown, i);
  return {
    status,
    label: `A sentence of ${words.length} words: the states of a recurrent network, their gradient, and the weights of the last word. ${status}`,
    title: [
      ["attn-key", short(words[i], 24)],
      ["", " → "],
      ["attn-query", short(words.at(-1), 24)],
    ],
    lines: arithmetic(shown, i).slice(frame.lecture ? 1 : 0),
  };
}

// What the states hold: the word that is spoken of, and all others, the oldest at the bottom.
function heldOf({boxes: {top, height}, box, middle}, states, i) {
  const parts = {others: [], own: []};
  states.forEach((row, t) => {
    let bottom = top + height;
    row.slice(0, t + 1).forEach((held, word) => {
      const tall = held * height;
      const gap = tall > 4 ? 1 : 0;
      const rect = `M${middle(t) - box / 2} ${bottom.toFixed(2)}h${box}v${(gap - tall).toFixed(2)}h${-box}z`;
      parts[word === i ? "own" : "others"].push(rect);
      bottom -= tall;
    });
  });
  return [
    shape("path", {class: "attn-carried-others", d: parts.others.join("")}),
    shape("path", {class: "attn-carried", d: parts.own.join("")}),
  ];
}

// An arrow for each step back, as wide as what is left of the gradient behind it.
function backOf({middle, back: {y}, column}, gradient) {
  return gradient.slice(0, -1).map((left, i) => {
    const wing = Math.min(3 + 3 * left, column / 3);
    const [from, to] = [middle(i + 1) - column * 0.14, middle(i) + column * 0.14];
    return shape("path", {
      class: "attn-amount",
      d: `M${from} ${y}H${to}m${wing} ${-wing}l${-wing} ${wing}l${wing} ${wing}`,
      ...stroke(left * 0.5),
      "stroke-opacity": (0.08 + 0.92 * left ** 0.6).toFixed(3),
    });
  });
}

// From the last word an arc to each word, as wide as its weight; to itself a loop that is large enough for it.
function arcsOf({middle, arcs: {y, depth}, count}, weights, i) {
  const from = middle(count - 1);
  const dots = weights.map((_, j) =>
    shape("circle", {
      class: j === count - 1 ? "attn-query" : "attn-key",
      cx: middle(j),
      cy: y,
      r: 3,
    }),
  );
  const lines = weights.map((weight, j) => {
    const across = (from - middle(j)) / 2 || 4 + 7 * weight;
    const down = Math.min(depth, across * 1.1);
    const start = j === count - 1 ? from + across : from;
    const end = j === count - 1 ? from - across : middle(j);
    const loop =
      j === count - 1
        ? `a${across} ${8 + 6 * weight} 0 1 1 ${-2 * across} 0`
        : `A${across} ${down} 0 0 1 ${end} ${y + 3}`;
    return shape("path", {
      class: j === i ? "attn-amount attn-carried-line" : "attn-amount",
      d: `M${start} ${y + 3}${loop}`,
      ...stroke(weight),
    });
  });
  return [...lines, ...dots];
}

// Under each column its number where there is room, and else under two of them.
function numbersOf({size, place: {column, written, middle, count}}, [values, y], i) {
  const apart = (count - 1 - i) * column >= written;
  return values.flatMap((value, t) => {
    const one = t === i || (t === count - 1 && apart);
    if (value === null || !(column >= written || one)) return [];
    const text = {"text-anchor": "middle", x: middle(t), y: y + size};
    return shape("text", text, value === 1 ? "1" : share(value));
  });
}

export default {
  render: rendering({
    name: "relay",
    synced: ["sentence", "sentences", "length", "gate", "fit", "focus"],
    rebuild: ["sentence", "sentences", "length"],
    pauses: ["sentence"],
    compute,
    layout,
    draw,
    keeps: ({room}) => ({
      status: Math.ceil(1260 / room),
      work: room < 320 ? 8 : room < 520 ? 7 : 4,
    }),
    cells: ({words}) => [1, words.length],
    at: ({place: {column, count, boxes}}, x, y) => {
      const word = Math.floor((x - MARGIN) / column);
      return word >= 0 && word < count && y >= boxes.top - 20 ? [0, word] : null;
    },
    tables: ({words, result}) => [
      {
        caption:
          "the first word in each state, the gradient there, and the weights of the last word",
        corner: "word",
        rows: words,
        columns: ["in the state", "gradient", "weight"],
        values: words.map((_, i) => result.map((row) => row[i].toFixed(4))),
      },
    ],
  }),
};
