// The bars of the next token: the distribution that a model gives, and what is left of it to draw from.

import {isolated, number, shape, short, widest} from "./drawing.js";
import {entropy, softmax} from "./mathematics.js";

const MOST = 12; // so many tokens stand in the drawing, the most probable ones; the table has all

// The chances to draw each token: softmax(logits / temperature), cut to the k most probable, then to
// the fewest whose chances reach p. The order of the tokens, and how many stay, come with them.
export function nextToken(logits, temperature, k, p) {
  const soft = softmax(
    logits,
    logits.map(() => true),
    temperature,
  );
  const order = logits.map((_, token) => token).sort((a, b) => logits[b] - logits[a] || a - b);
  const total = order.slice(0, k).reduce((sum, token) => sum + soft[token], 0);
  let before = 0;
  let kept = 0;
  for (const token of order.slice(0, k)) {
    if (p < 1 && kept > 0 && before >= p - 8 * Number.EPSILON) break;
    before += soft[token] / total;
    kept += 1;
  }
  const mass = order.slice(0, kept).reduce((sum, token) => sum + soft[token], 0);
  const weights = logits.map(() => 0);
  for (const token of order.slice(0, kept)) weights[token] = soft[token] / mass;
  return {soft, order, kept, mass, weights};
}

// All numbers that follow from these scores: [entropy, share that stays, how many stay], chances before, after.
export function chancesOf(logits, {temperature, top_k: k, top_p: p}) {
  const found = nextToken(logits, temperature, k, p);
  const plain = softmax(
    logits,
    logits.map(() => true),
    1,
  );
  const spread = entropy(found.weights);
  return {
    logits,
    plain,
    ...found,
    spread,
    result: [[spread, found.mass, found.kept], plain, found.weights],
  };
}

export function layBars(frame) {
  const {
    shown: {words},
    room,
    size,
    svg,
    root,
  } = frame;
  const rows = Math.min(words.length, MOST);
  const line = Math.max(22, size + 8);
  const left =
    Math.max(
      widest(
        root,
        words.map((word) => short(word)),
      ),
      60,
    ) + 10;
  const width = Math.min(room, Math.max(430, 26 * size)); // a lecture has larger letters
  const right = width - 46;
  const top = 2 * size + 14;
  const place = {
    left,
    right,
    top,
    line,
    rows,
    width,
    height: top + rows * line + size + 14,
  };
  place.toX = (share) => left + (right - left) * share;
  const grid = [0, 0.25, 0.5, 0.75, 1].map((mark) => `M${place.toX(mark)} ${top}v${rows * line}`);
  svg.append(shape("path", {class: "attn-lines", d: grid.join("")}));
  svg.append(
    shape("text", {class: "attn-caption", x: left, y: size}, "chance to be the next token →"),
  );
  for (const mark of [0, 0.25, 0.5, 0.75, 1]) {
    svg.append(
      shape(
        "text",
        {
          class: "attn-caption attn-numbers",
          "text-anchor": "middle",
          x: place.toX(mark),
          y: top - 5,
        },
        String(mark),
      ),
    );
  }
  place.key = shape("text", {class: "attn-caption", x: 1, y: top + rows * line + size + 6});
  place.marks = shape("g");
  svg.append(place.marks, place.key);
  return place;
}

export function drawBars(frame, focus) {
  const {
    shown,
    hatched,
    place: {left, top, line, rows, toX, marks, key, width},
  } = frame;
  const {words, order, kept, weights, plain, soft, mass, spread} = shown;
  marks.replaceChildren();
  order.slice(0, rows).forEach((token, row) => {
    const y = top + row * line;
    const bar = (share, from, high, attributes) =>
      shape("rect", {
        x: left,
        width: Math.max(toX(share) - left, share > 0 ? 1 : 0),
        y: y + from,
        height: high,
        ...attributes,
      });
    const full = short(words[token]) === words[token] ? "" : words[token];
    const label = shape(
      "text",
      {
        class: row < kept ? "attn-output" : "attn-caption",
        "text-anchor": "end",
        x: left - 6,
        y: y + line / 2,
        dy: "0.35em",
      },
      short(words[token]),
    );
    if (full) label.append(shape("title", {}, full));
    marks.append(
      label,
      bar(plain[token], 2, 4, {class: "attn-score"}),
      row < kept
        ? bar(weights[token], 7, line - 10, {class: "attn-weight"})
        : bar(soft[token], 7, line - 10, hatched),
      shape(
        "text",
        {
          class: "attn-numbers",
          x: toX(row < kept ? weights[token] : soft[token]) + 6,
          y: y + line / 2 + 2,
          dy: "0.35em",
        },
        row < kept ? weights[token].toFixed(2) : "cut",
      ),
    );
  });
  if (focus.length) {
    const [row] = focus;
    marks.append(
      shape("rect", {class: "attn-row", x: 1, width: width - 2, y: top + row * line, height: line}),
    );
  }
  const rest = words.length - rows;
  key.textContent = `thin: before; hatched: cut off${rest > 0 ? `; ${rest} more in the table` : ""}`;
  const beginning = isolated(shown.beginning);
  const status =
    `After “${beginning}”: ${kept} of ${words.length} tokens stay, with ${number(mass)} of the chances; ` +
    `most probable ${isolated(words[order[0]])}, ${number(weights[order[0]])}; entropy ${number(spread)} nats.`;
  const label = `Bars of the ${rows} most probable next tokens after ${beginning}, before and after cutting.`;
  if (!focus.length) return {status, label};
  const token = order[focus[0]];
  return {
    status,
    label: `${label} ${isolated(words[token])}: ${number(weights[token])}.`,
    title: [
      ["attn-output", isolated(words[token])],
      ["", ` after “${beginning}”`],
    ],
    lines: wayOfChance(shown, focus[0]),
  };
}

// The way from the score of one token to its chance of being drawn.
function wayOfChance({state, logits, order, kept, soft, mass, weights}, row) {
  const token = order[row];
  const {temperature, top_k: k, top_p: p} = state;
  const highest = logits[order[0]];
  const powers = logits.map((logit) => Math.exp((logit - highest) / temperature));
  const total = powers.reduce((sum, power) => sum + power, 0);
  const before =
    order.slice(0, row).reduce((sum, other) => sum + soft[other], 0) /
    order.slice(0, k).reduce((sum, other) => sum + soft[other], 0);
  const inside = `${number(logits[token])} − ${highest < 0 ? `(${number(highest)})` : number(highest)}`;
  return [
    ["score", `${number(logits[token])}, the highest is ${number(highest)}`],
    [
      "exp",
      `exp(${temperature === 1 ? inside : `(${inside}) / ${Number(temperature.toPrecision(4))}`}) = ${number(powers[token])}`,
    ],
    ["softmax", `${number(powers[token])} / ${number(total)} = ${number(soft[token])}`],
    ["top k", `place ${row + 1}, k is ${k}: ${row < k ? "stays" : "cut off"}`],
    [
      "top p",
      row >= k
        ? "not asked"
        : p >= 1
          ? "p is 1: stays"
          : `${number(before)} before it, ${row < kept ? (row === 0 ? "the first stays" : `below ${number(p)}: stays`) : `cut off at ${number(p)}`}`,
    ],
    [
      "chance",
      row < kept ? `${number(soft[token])} / ${number(mass)} = ${number(weights[token])}` : "0",
    ],
  ];
}

// The token under the pointer.
export function barUnder({place: {top, line, rows}}, _x, y) {
  const row = Math.floor((y - top) / line);
  return row >= 0 && row < rows ? [row, 0] : null;
}

export const barCells = ({words}) => [Math.min(words.length, MOST), 1];

// All tokens with their numbers.
export const tableOfChances = ({beginning, words, order, plain, soft, weights, logits}) => ({
  caption: `after “${beginning}”`,
  corner: "token",
  rows: order.map((token) => words[token]),
  columns: ["score", "softmax", "at this temperature", "to draw from"],
  values: order.map((token) =>
    [logits[token], plain[token], soft[token], weights[token]].map((value) => value.toFixed(3)),
  ),
});
