// What a heatmap says in words and sums: pure functions, so that node can test them too.

import {number, plain, short, signed} from "./drawing.js";
import {entropy} from "./mathematics.js";

// What a row does with its weights: a query looks at keys, anything else gives to its columns.
const LOOKS = {
  at: "looks at",
  most: "looks most at",
  nothing: "may look at nothing",
  all: " words",
};
export const GIVES = {at: "gives to", most: "gives most to", nothing: "gives nothing", all: ""};

// "sat looks most at cat and mat, 0.31 each"
export function looks(row, queryWord, keyWords, does = LOOKS) {
  const most = Math.max(...row);
  const word = short(queryWord, 24);
  const top = row.map((_, i) => i).filter((i) => most - row[i] < 1e-6);
  if (top.length > 3)
    return `${word} ${does.at} ${top.length}${does.all} alike, ${number(most)} each`;
  const names = top.map((i) => short(keyWords[i], 24));
  const last = names.pop();
  const list = names.length ? `${names.join(", ")} and ${last}` : last;
  return `${word} ${does.most} ${list}, ${number(most)}${top.length > 1 ? " each" : ""}`;
}

// The same, and how widely it looks; or that it may look at nothing.
export const sentence = (row, queryWord, keyWords, does = LOOKS) =>
  Math.max(...row) === 0
    ? `${short(queryWord, 24)} ${does.nothing}: all its weights are 0.`
    : `${looks(row, queryWord, keyWords, does)}; entropy ${number(entropy(row))} nats.`;

// The way from query and key to the weight of one cell, a line a step.
export function arithmetic({
  query,
  key,
  scale,
  score,
  scores,
  allowed,
  weight,
  column,
  temperature,
}) {
  const lines = [];
  if (query) {
    const terms = query.map((value, i) => `${signed(value)}×${signed(key[i])}`);
    if (terms.length > 8) terms.splice(4, terms.length - 5, "…");
    const product = query.reduce((sum, value, i) => sum + value * key[i], 0);
    lines.push(["q · k", `${terms.join(" + ")} = ${plain(product)}`]);
    if (scale !== 1) {
      const square = Math.round(scale * scale * 1e6) / 1e6;
      const divisor = Number.isInteger(square) ? `√${square}` : plain(scale);
      lines.push(["score", `${plain(product)} / ${divisor} = ${number(score)}`]);
    } else lines.push(["score", number(score)]);
  } else lines.push(["score", number(score)]);
  if (!allowed[column])
    return [...lines, ["masked", "the score counts as −∞"], ["weight", "exp(−∞) = 0"]];
  const open = scores.filter((_, i) => allowed[i]);
  const highest = Math.max(...open);
  // Large numbers are shown as they are computed: with the row's highest score taken off first.
  const shift = Math.max(...open.map((value) => Math.abs(value))) / temperature > 20 ? highest : 0;
  const power = (value) => Math.exp((value - shift) / temperature);
  const less =
    shift === 0 ? number(score) : `${number(score)} − ${signed(Number(shift.toFixed(2)))}`;
  // Not rounded to two places: exp makes much of the difference between 0.125 and 0.13.
  const divisor = Number(temperature.toPrecision(4));
  const inside = temperature === 1 ? less : `${shift === 0 ? less : `(${less})`} / ${divisor}`;
  const total = open.reduce((sum, value) => sum + power(value), 0);
  return [
    ...lines,
    [`exp`, `exp(${inside}) = ${number(power(score))}`],
    ["row's sum", number(total)],
    ["weight", `${number(power(score))} / ${number(total)} = ${number(weight)}`],
  ];
}
