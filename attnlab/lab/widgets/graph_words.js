// What the live graph says in words and sums: pure functions, so that node can test them too.

import {number, plain, short, signed} from "./drawing.js";

// A number is no name to begin a sentence with: node 16.
export const labelled = (label) => (/^\d+$/.test(label) ? `node ${label}` : short(label, 16));

const begun = (label) => label.replace(/^node \d/, (text) => `N${text.slice(1)}`);

const listedNames = (labels) => {
  const names = labels.map(labelled);
  const last = names.pop();
  return names.length ? `${names.join(", ")} and ${last}` : last;
};

// (1.50, 0.50), or of one number 1.50; it is not broken between its numbers.
export const inText = (vector) =>
  vector.length === 1 ? plain(vector[0]) : `(${vector.map(plain).join(",\u00a0")})`;

// "most of all Ann, 0.29", "Ann and Bo, 0.33 each", "each 0.25"
export function mostOf(shares, labels) {
  const read = shares.map((_, i) => i).filter((i) => shares[i] > 0);
  const most = Math.max(...shares);
  const top = read.filter((i) => most - shares[i] < 1e-6);
  if (read.length > 1 && top.length === read.length) return `each ${number(most)}`;
  if (top.length > 3) return `most of all ${top.length} of them, ${number(most)} each`;
  return `most of all ${listedNames(top.map((i) => labels[i]))}, ${number(most)}${top.length > 1 ? " each" : ""}`;
}

// How many edges a node is away from those that it reads: 2 where only two layers reach.
export const twoAway = ({mask, reached}, node) =>
  reached[node].map((open, i) => open && i !== node && !mask[node][i]);

// "Cy reads itself and 3 neighbours, most of all Ann, 0.29; its new vector is (1.10, 0.44)."
export function graphSentence(shown, node, labels) {
  const {mask, shares, output, state} = shown;
  const inside = labelled(labels[node]);
  const own = begun(inside);
  const fresh = `its new vector is ${inText(output[node])}.`;
  const near = mask[node].filter((open, i) => open && i !== node).length;
  const itself = mask[node][node];
  if (!near && !itself)
    return `${own} has no neighbours: its weights are all 0, and so is its new vector, ${inText(output[node])}.`;
  if (!near) return `${own} has no neighbours and reads only itself: ${fresh}`;
  const count = (many, word) => `${many} ${word}${many > 1 ? "s" : ""}`;
  if (state.layers === 1) {
    const whom = `${itself ? "itself and " : ""}${count(near, "neighbour")}`;
    const all = mask.flat().every(Boolean) ? " All are joined, as in a Transformer." : "";
    const most = near + itself > 1 ? `, ${mostOf(shares[node], labels)}` : "";
    return `${own} reads ${whom}${most}; ${fresh}${all}`;
  }
  const far = twoAway(shown, node);
  const together = shares[node].reduce((sum, share, i) => sum + (far[i] ? share : 0), 0);
  const away = far.filter(Boolean).length;
  const behind = away
    ? `; ${away} of them ${away > 1 ? "are" : "is"} two edges away, ${number(together)}${away > 1 ? " together" : ""}`
    : "";
  const heard = shares[node].filter((share) => share > 0).length;
  return `After two layers ${inside} has read ${count(heard, "node")}, ${mostOf(shares[node], labels)}${behind}; ${fresh}`;
}

const cutShort = (terms, most) =>
  terms.length > most ? [...terms.slice(0, most - 1), [["", "…"]]] : terms;

const summed = (terms, most) =>
  cutShort(terms, most).flatMap((term, i) => (i ? [["", " + "], ...term] : term));

// The score of the pair with its numbers, as the rule has it.
function scoreOf({rule, query, key, vector, score, most}) {
  const sums = query.map((value, i) => value + key[i]);
  const terms = (one, other, kinds) =>
    summed(
      one.map((value, i) => [
        [kinds[0], signed(value)],
        ["", "×"],
        [kinds[1], signed(other[i])],
      ]),
      most,
    );
  const equal = ["", ` = ${number(score)}`];
  if (rule === "mean") return [["", "the same for all: 0"]];
  if (rule === "dot")
    return [
      ["", "("],
      ...terms(query, key, ["attn-query", "attn-key"]),
      ["", `) / √${query.length}`],
      equal,
    ];
  if (rule === "GAT")
    return [["", "LeakyReLU("], ...terms(vector, sums, ["", ""]), ["", ")"], equal];
  const each = sums.map((sum, i) => [["", `${signed(vector[i])}×LeakyReLU(${plain(sum)})`]]);
  return [...summed(each, most), equal];
}

// exp(1.41) / 14.21 = 0.29; large scores as they are computed, with the highest taken off first.
function weightOf({scores, open, key, weight}) {
  if (!open[key]) return "no edge: exp(−∞) = 0";
  const read = scores.filter((_, i) => open[i]);
  const off = Math.max(...read.map(Math.abs)) > 20 ? Math.max(...read) : 0;
  const total = read.reduce((sum, score) => sum + Math.exp(score - off), 0);
  const less = off ? ` − ${signed(Number(off.toFixed(2)))}` : "";
  return `exp(${number(scores[key])}${less}) / ${number(total)} = ${number(weight)}`;
}

// The way of one pair to its weight, over two layers to its share, and the sum that is the new vector;
// of each sum so many terms at most.
export function graphLines(shown, [node, other], vector, most) {
  const {mask, shares, steps, state, features, output} = shown;
  const layer = steps.at(-1);
  const asked = {query: layer.query[node], key: layer.key[other], score: layer.scores[node][other]};
  const read = shares[node].map((_, i) => i).filter((i) => shares[node][i] > 0);
  const ways = layer.weights[node].map((share, k) => [share, steps[0].weights[k][other]]);
  const product = ways
    .filter(([one, two]) => one * two > 0)
    .map(([one, two]) => [["", `${number(one)}×${number(two)}`]]);
  const total = ["", ` = ${number(shares[node][other])}`];
  const sum = read.map((i) => [
    ["", `${number(shares[node][i])}×`],
    ["attn-value", inText(features[i])],
  ]);
  return [
    [
      state.layers > 1 ? "score, layer 2" : "score",
      scoreOf({...asked, rule: state.rule, vector, most}),
    ],
    [
      state.layers > 1 ? "weight, layer 2" : "weight",
      weightOf({
        scores: layer.scores[node],
        open: mask[node],
        key: other,
        weight: layer.weights[node][other],
      }),
    ],
    ...(state.layers > 1
      ? [["share", product.length ? [...summed(product, most), total] : "0: no way of two edges"]]
      : []),
    [
      "new vector",
      [
        ...(read.length ? summed(sum, most) : [["", "nothing is read"]]),
        ["", " = "],
        ["attn-output", inText(output[node])],
      ],
    ],
  ];
}
