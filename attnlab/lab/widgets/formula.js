// The formula of attention with the numbers of one cell put in, in the colours of what they belong to.
// Pure functions of numbers and words: lists of [kind, text], as frame.js sets them.

import {number, plain, short, signed} from "./drawing.js";

// softmax(Q K⊤ / √d_k) V, or where there are no matrices softmax(X X⊤ / √d) X.
export function wholeFormula(mapped, tempered) {
  const [query, key, value] = mapped ? ["Q", "K", "V"] : ["X", "X", "X"];
  return [
    ["", "softmax( "],
    ["attn-query", query],
    ["", " "],
    ["attn-key", key],
    ["sup", "⊤"],
    ["", " / "],
    ...(tempered ? [["", "T"]] : []),
    ["", "√d"],
    ...(mapped ? [["sub", "k"]] : []),
    ["", " ) "],
    ["attn-value", value],
  ];
}

// What is smaller than half a hundredth is 0.00 here, and no power of ten.
const hundredths = (value) => number(Math.abs(value) < 0.005 ? 0 : value);

const vectorText = (vector) => `(${vector.map(hundredths).join(", ")})`;

// (1×3 + 1×0 + 1×1 + 0×0), the middle left out where it is long.
function products(query, key) {
  const terms = query.map((value, i) => [
    ["attn-query", signed(value)],
    ["", "×"],
    ["attn-key", signed(key[i])],
  ]);
  if (terms.length > 8) terms.splice(4, terms.length - 5, [["", "…"]]);
  return terms.flatMap((term, i) => (i ? [["", " + "], ...term] : term));
}

function scoreLine({query, key, scores, column, mapped}) {
  return [
    ["attn-query", "q"],
    ["", " · "],
    ["attn-key", "k"],
    ["", " / √d"],
    ...(mapped ? [["sub", "k"]] : []),
    ["", " = ("],
    ...products(query, key),
    ["", `) / √${query.length} = ${number(scores[column])}`],
  ];
}

function shareLine({scores, shift, powers, shares, column, temperature}) {
  const less = shift ? `${number(scores[column])} − ${signed(shift)}` : number(scores[column]);
  const divisor = Number(temperature.toPrecision(4));
  const inside = temperature === 1 ? less : `${shift ? `(${less})` : less} / ${divisor}`;
  const total = powers.reduce((sum, power) => sum + power, 0);
  return `exp(${inside}) / ${number(total)} = ${shares[column].toFixed(2)}`;
}

function outputLine({words, shares, output}) {
  const terms = shares.map((share, i) => [
    ["", `${share.toFixed(2)} `],
    ["attn-value", short(words[i])],
  ]);
  if (terms.length > 8) terms.splice(6, terms.length - 7, [["", "…"]]);
  return [
    ...terms.flatMap((term, i) => (i ? [["", " + "], ...term] : term)),
    ["", " = "],
    ["attn-output", vectorText(output)],
  ];
}

// What the features add that the plane has no room for.
function beyondLine({query, key, names}) {
  return query
    .slice(2)
    .map(
      (value, i) =>
        `${names[i + 2]} adds ${signed(value)}×${signed(key[i + 2])} = ${plain(value * key[i + 2])}`,
    )
    .join(", ");
}

// The way of one query and one key: score, share and output, a line each.
export function formulaLines(asked) {
  const lines = [
    ["score", scoreLine(asked)],
    ["share", shareLine(asked)],
    ["output", outputLine(asked)],
  ];
  const more = asked.query.length - 2;
  if (asked.inPlane && more > 0 && more <= 3) lines.splice(1, 0, ["not drawn", beyondLine(asked)]);
  return lines;
}

// "its new vector is (1.10, 1.17, 0.93, 0.07)", or of a question of one's own what it reads.
export const newVector = (output, own) =>
  `${own ? "it reads" : "its new vector is"} ${vectorText(output)}.`;
