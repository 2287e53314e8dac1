// The arithmetic of one number of a machine: how the box in which it stands makes it, with the real numbers of
// the run. Pure functions: { lines: [[term, text or parts], ...], value }.

import {number, short, signed} from "./drawing.js";
import {boxesOf, treeOf} from "./machine_tree.js";

const MOST_HEADS = 8; // of a mean are written out
const TERMS = 3; // of a long sum are written out, and the last one

// The sum of the cell in row and column of a box.
//   arrays, tensors, config   of the run and its model
//   head                      of which head, -1: the mean of all
//   words                     { source, target }: of the rows
//   tokens                    { source, target }: their numbers
//   off                       what is switched off
export function sumOf(plan, item, run, {row, column, head = -1}) {
  const tree = treeOf(plan);
  const of = item.of.map((id) => tree.items[tree.place[id]]);
  const asked = {item, of, row, column, head, plan, ...run};
  const told = FIRST.includes(item.kind) || of.every(({array}) => run.arrays[array]); // not where a part is drawn alone
  const made = (told ? (SUMS[item.kind] ?? sameNumber) : sameNumber)(asked);
  return {value: valueAt(run.arrays, item, row, column, head), ...made};
}

export function valueAt(arrays, item, row, column, head) {
  const array = arrays[item.array];
  if (!array) return null;
  if (array.rows) return array.rows[row][column];
  if (ofMean(array, head)) return meanOf(array.heads.map((each) => [each[row][column]]))[0];
  return array.heads[chosenHead(arrays, item, row, column, head)][row][column];
}

// Whether all heads are meant.
const ofMean = ({heads}, head) => heads.length > 1 && !heads[head];

// (0.51 + 0.87 + 0.10 + 0.56) / 4 = 0.51
function meanSum({heads}, row, column) {
  const each = heads.map((rows) => rows[row][column]);
  const value = each.reduce((sum, share) => sum + share, 0) / each.length;
  const terms = each.map(bracketed);
  if (terms.length > MOST_HEADS) terms.splice(MOST_HEADS - 1, terms.length - MOST_HEADS, "…");
  return {
    lines: [["mean", `(${terms.join(" + ")}) / ${each.length} = ${two(value)}`]],
    value,
  };
}

// The head in question, or else the one that looks there most.
export function chosenHead(arrays, item, row, column, head) {
  const {heads} = arrays[item.array.replace(/scores$/, "weights")];
  if (heads[head]) return head;
  const shares = heads.map((each) => each[row][column]);
  return shares.indexOf(Math.max(...shares));
}

const FIRST = ["words", "embedding", "positions"];
const SUMS = {
  words: wordSum,
  embedding: embeddingSum,
  positions: positionSum,
  add: addSum,
  norm: normSum,
  linear: linearSum,
  logits: linearSum,
  "feed-forward": linearSum,
  scores: scoreSum,
  weights: weightSum,
  joined: joinedSum,
  heads: joinedSum,
  context: joinedSum,
  probabilities: probabilitySum,
  gru: gruSum,
};

// A number of an array: 0.00, and no power of ten, for what is smaller than half a hundredth.
const two = (value) => number(Math.abs(value) < 0.005 ? 0 : value);
const bracketed = (value) => (value < 0 ? `(${two(value)})` : two(value));

// a×b + c×d + … + y×z, each part in the colour of what it belongs to.
function products(pairs, [first, second] = ["", ""]) {
  const written = pairs.map(([a, b]) => [
    [first, bracketed(a)],
    ["", "×"],
    [second, bracketed(b)],
  ]);
  if (written.length > TERMS + 2) written.splice(TERMS, written.length - TERMS - 1, [["", "…"]]);
  return written.flatMap((term, i) => (i ? [["", " + "], ...term] : term));
}

const total = (pairs) => pairs.reduce((sum, [a, b]) => sum + a * b, 0);

function sameNumber({item, arrays, row, column}) {
  const value = arrays[item.array]?.rows?.[row]?.[column];
  return {lines: value === undefined ? [] : [["value", two(value)]]};
}

function wordSum({item, words, tokens, row}) {
  const token = tokens?.[item.rows]?.[row];
  const name = `“${short(words[item.rows][row] ?? "", 24)}”`;
  return {lines: token === undefined ? [] : [[name, `token ${token} of the vocabulary`]]};
}

function embeddingSum({item, arrays, tensors, tokens, words, config, row, column}) {
  const side = item.array.replace(/\.?embedding$/, "");
  const table = tensors[`${item.array}.table.weight`] ?? tensors["decoder.embedding.table.weight"];
  const value = arrays[item.array].rows[row][column];
  const token = tokens?.[item.rows]?.[row];
  if (!table || token === undefined || !side) return sameNumber({item, arrays, row, column});
  const width = table.shape[1];
  const entry = table.data[token * width + column];
  const name = `“${short(words[item.rows][row], 24)}”`;
  if (!("heads" in config))
    return {lines: [[name, `row ${token} of the table: ${two(entry)}`]], value: entry};
  return {
    lines: [
      [name, `row ${token} of the table: ${two(entry)}`],
      ["times √d", `${two(entry)} × √${width} = ${two(value)}`],
    ],
    value: entry * Math.sqrt(width),
  };
}

function positionSum({item, arrays, tensors, config, off, row, column}) {
  if (off.includes(item.array)) return {lines: [["left out", "nothing is added: 0"]], value: 0};
  const learned = tensors[`${item.array.replace("positions", "embedding.positions")}.table.weight`];
  const width = config.d_model;
  if (config.positions !== "sinusoidal" || learned) return sameNumber({item, arrays, row, column});
  const even = column - (column % 2);
  const wave = column % 2 ? "cos" : "sin";
  const angle = row / 10000 ** (even / width);
  const value = Math[wave](angle);
  return {
    lines: [
      [
        "angle",
        [
          ["", `${row} / 10000`],
          ["sup", `${even}/${width}`],
          ["", ` = ${two(angle)}`],
        ],
      ],
      [wave, `${wave}(${two(angle)}) = ${two(value)}`],
    ],
    value,
  };
}

function addSum({item, of, plan, arrays, off, row, column}) {
  const round = plan.arrows.find(({to, way}) => to === item.id && way === "short")?.from;
  const [first, second] = round
    ? [of.find(({id}) => id === round), of.find(({id}) => id !== round)]
    : of;
  const [a, b] = [first, second].map(({array}) => arrays[array].rows[row][column]);
  if (round && off.includes(item.array))
    return {
      lines: [
        ["way round", "cut"],
        [`${sublayerOf(plan, second)} alone`, two(b)],
      ],
      value: b,
    };
  const names = round ? ["x", sublayerOf(plan, second)] : [first.label, second.label];
  return {
    lines: [[names.join(" + "), `${two(a)} + ${bracketed(b)} = ${two(a + b)}`]],
    value: a + b,
  };
}

// The name of the group in which a box stands.
const sublayerOf = (plan, box) => treeOf(plan).parent[box.id]?.label ?? box.label;

function normSum({item, of, arrays, tensors, off, row, column}) {
  const x = arrays[of[0].array].rows[row];
  if (off.includes(item.array))
    return {lines: [["left out", `it stays ${two(x[column])}`]], value: x[column]};
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const deviation = Math.sqrt(
    x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length + 1e-5,
  );
  const [gain, bias] = ["weight", "bias"].map(
    (part) => tensors[`${item.array}.${part}`].data[column],
  );
  const unit = (x[column] - mean) / deviation;
  const value = unit * gain + bias;
  return {
    lines: [
      ["mean, deviation", `${two(mean)}, ${two(deviation)} (of ${x.length} numbers)`],
      [
        "to unit size",
        `(${two(x[column])} − ${bracketed(mean)}) / ${two(deviation)} = ${two(unit)}`,
      ],
      ["gain, bias", `${two(unit)} × ${two(gain)} + ${bracketed(bias)} = ${two(value)}`],
    ],
    value,
  };
}

// The entries of W that make this column, and its bias.
function columnOf(tensors, name, column) {
  const matrix = tensors[`${name}.weight`];
  if (matrix) {
    const width = matrix.shape[1];
    const entries = matrix.data.subarray(column * width, (column + 1) * width);
    return {entries, bias: tensors[`${name}.bias`]?.data[column] ?? null};
  }
  const raw = tensors[name]; // x W, as three matrices are given
  if (!raw && name === "output") return columnOf(tensors, "decoder.embedding.table", column);
  const [rows, width] = raw.shape;
  return {
    entries: Float32Array.from({length: rows}, (_, i) => raw.data[i * width + column]),
    bias: null,
  };
}

const INKS = {query: "attn-query", key: "attn-key", value: "attn-value", output: "attn-output"};

function linearSum(asked) {
  const {item, tensors, arrays, off, row, column} = asked;
  const look = item.array.replace(/\.query$/, "");
  if (look.endsWith("cross_attention") && off.includes(look))
    return {lines: [["switched off", "it asks nothing: all its numbers are 0"]], value: 0};
  const x = rowRead(asked);
  const {entries, bias} = columnOf(tensors, item.array, column);
  const pairs = Array.from(x, (value, i) => [value, entries[i]]);
  const sum = total(pairs) + (bias ?? 0);
  const end = bias === null ? "" : ` + ${bracketed(bias)}`;
  const ink = INKS[item.array.split(".").at(-1)] ?? "";
  const lines = [["x · w", [...products(pairs), ["", `${end} = `], [ink, two(sum)]]]];
  if (item.kind === "feed-forward") {
    const on = arrays[item.array].rows[row].filter((value) => value > 0).length;
    lines.push(["ReLU", `max(0, ${two(sum)}) = ${two(Math.max(0, sum))}`]);
    lines.push([
      "of this word",
      `${on} of ${arrays[item.array].rows[row].length} units are above 0`,
    ]);
    return {lines, value: Math.max(0, sum)};
  }
  if (!/decoder\.(start|readout)$/.test(item.array)) return {lines, value: sum};
  lines.push(["tanh", `tanh(${two(sum)}) = ${two(Math.tanh(sum))}`]);
  return {lines, value: Math.tanh(sum)};
}

// What a linear map reads: a row; a mean of all; in recurrent networks also several, end to end.
function rowRead({item, of, arrays, row}) {
  if (item.before) return row ? arrays[item.before].rows[row - 1] : arrays[of[0].array].rows[0];
  const rows = of.map(({array}) => arrays[array].rows);
  if (item.rows === "one") return meanOf(rows[0]);
  return rows.length === 1 ? rows[0][row] : rows.flatMap((each) => Array.from(each[row]));
}

const meanOf = (rows) =>
  Float32Array.from(rows[0], (_, i) => rows.reduce((sum, each) => sum + each[i], 0) / rows.length);

const prefixOf = (item) => item.array.replace(/\.?(scores|weights|joined|output)$/, "");

function scoreSum(asked) {
  const {item, of, arrays, tensors, config, row, column, off} = asked;
  const head = chosenHead(arrays, item, row, column, asked.head);
  const score = arrays[item.array].heads[head][row][column];
  if (score === null || score === Number.NEGATIVE_INFINITY)
    return {
      lines: [["masked", "it comes later: the score counts as −∞"]],
      value: Number.NEGATIVE_INFINITY,
    };
  if (off.includes(prefixOf(item)))
    return {lines: [["switched off", "all scores are 0"]], value: 0};
  if (ofMean(arrays[item.array], asked.head)) return meanSum(arrays[item.array], row, column);
  const [queries, keys] = of.map(({array}) => arrays[array].rows);
  const worth = tensors[`${prefixOf(item)}.attend.worth`]?.data;
  if (worth) return additiveSum(queries[row], keys[column], worth);
  const width = queries[row].length / (arrays[item.array].heads.length || config.heads);
  const part = (x) => x.subarray(head * width, (head + 1) * width);
  const [query, key] = [part(queries[row]), part(keys[column])];
  const pairs = Array.from(query, (value, i) => [value, key[i]]);
  const product = total(pairs);
  return {
    lines: [
      [
        [
          ["attn-query", "q"],
          ["", " · "],
          ["attn-key", "k"],
        ],
        [...products(pairs, ["attn-query", "attn-key"]), ["", ` = ${two(product)}`]],
      ],
      ["score", [["", `${two(product)} / √${width} = ${two(product / Math.sqrt(width))}`]]],
    ],
    head,
    value: product / Math.sqrt(width),
  };
}

function additiveSum(query, key, worth) {
  const pairs = Array.from(query, (value, i) => [Math.tanh(value + key[i]), worth[i]]);
  const sum = total(pairs);
  const first = `tanh(${two(query[0])} + ${bracketed(key[0])}) = ${two(pairs[0][0])}`;
  return {
    lines: [
      ["hidden unit 0", first],
      ["times w", [...products(pairs), ["", ` = ${two(sum)}`]]],
    ],
    value: sum,
  };
}

function weightSum(asked) {
  const {item, of, arrays, row, column} = asked;
  if (ofMean(arrays[item.array], asked.head)) return meanSum(arrays[item.array], row, column);
  const head = chosenHead(arrays, item, row, column, asked.head);
  const scores = arrays[of[0].array].heads[head][row];
  const made = shareSum(
    Array.from(scores, (each) => each ?? Number.NEGATIVE_INFINITY),
    column,
  );
  return {...made, head};
}

// exp(score) / (the sum over the row).
function shareSum(scores, column) {
  const score = scores[column];
  if (score === Number.NEGATIVE_INFINITY) return {lines: [["masked", "exp(−∞) = 0"]], value: 0};
  const open = scores.filter((each) => each > Number.NEGATIVE_INFINITY);
  const most = Math.max(...open);
  const shift = Math.max(...open.map(Math.abs)) > 8 ? most : 0; // as it is computed, where numbers are large
  const power = (each) => Math.exp(each - shift);
  const sum = open.reduce((all, each) => all + power(each), 0);
  const less = shift ? `${two(score)} − ${signed(Number(shift.toFixed(2)))}` : two(score);
  const value = power(score) / sum;
  return {
    lines: [
      ["exp", `exp(${less}) = ${number(power(score))}`],
      ["row's sum", `${number(sum)}, of ${open.length}`],
      ["share", `${number(power(score))} / ${number(sum)} = ${number(value)}`],
    ],
    value,
  };
}

function probabilitySum({of, arrays, row, column, words}) {
  const made = shareSum(Array.from(arrays[of[0].array].rows[row]), column);
  const word = words.vocabulary?.[column];
  return word === undefined
    ? made
    : {...made, lines: [...made.lines.slice(0, 2), [`“${short(word, 24)}”`, made.lines.at(-1)[1]]]};
}

// What is read: each value times its weight; or rows end to end.
function joinedSum(asked) {
  const {item, of, arrays, off, words, row, column} = asked;
  const weights = of.find(({kind}) => kind === "weights");
  if (!weights) return endToEnd(asked);
  const values = of.find((each) => each !== weights);
  const {heads} = arrays[weights.array];
  const rows = arrays[values.array].rows;
  const head = Math.floor((column * heads.length) / rows[0].length);
  if (off.includes([prefixOf(item), "heads", head].filter((part) => part !== "").join(".")))
    return {
      lines: [[heads.length > 1 ? `head ${head}` : "sum", "switched off: it hands on 0"]],
      head,
      value: 0,
    };
  const pairs = Array.from(heads[head][row], (weight, j) => [weight, rows[j][column], j]);
  const sum = total(pairs);
  const top = [...pairs].sort(([a], [b]) => b - a).slice(0, TERMS);
  const terms = top.flatMap(([weight, value, j], i) => [
    ["", `${i ? " + " : ""}${two(weight)}×`],
    ["attn-value", bracketed(value)],
    ["", ` ${short(words[values.rows]?.[j] ?? "", 10)}`],
  ]);
  const rest = pairs.length > TERMS ? " + …" : "";
  const name = heads.length > 1 ? `head ${head}` : "sum";
  return {
    lines: [[name, [...terms, ["", `${rest} = `], ["attn-output", two(sum)]]]],
    head,
    value: sum,
  };
}

function endToEnd({item, of, arrays, row, column}) {
  const value = arrays[item.array].rows[row][column];
  const widths = of.map(({array}) => arrays[array].rows[0].length);
  const second = of.length > 1 && column >= widths[0];
  const from = of[second ? 1 : 0];
  return {lines: [["copied from", `${from.label}: ${two(value)}`]], value};
}

// Update gate, reset gate, new state: PyTorch's GRU.
function gruSum({item, of, arrays, tensors, config, row, column}) {
  const back = item.id.endsWith("backward");
  const [name, end] = item.array.startsWith("encoder")
    ? ["encoder.network", back ? "_l0_reverse" : "_l0"]
    : ["decoder.network", ""];
  const hidden = config.hidden;
  const rows = arrays[item.array].rows;
  const start = of.find(({id}) => id.endsWith("start"));
  const inputs = of.filter((each) => each !== start).map(({array}) => arrays[array].rows[row]);
  const x = inputs.flatMap((each) => Array.from(each));
  const old =
    rows[row + (back ? 1 : -1)] ?? (start ? arrays[start.array].rows[0] : new Float32Array(hidden));
  const at = (part, which, i) => {
    const {data, shape} = tensors[`${name}.weight_${which}${end}`];
    const from = (part * hidden + i) * shape[1];
    const given = which === "ih" ? x : old;
    let sum = tensors[`${name}.bias_${which}${end}`].data[part * hidden + i];
    for (let j = 0; j < shape[1]; j++) sum += data[from + j] * given[j];
    return sum;
  };
  const gate = (part) => 1 / (1 + Math.exp(-(at(part, "ih", column) + at(part, "hh", column))));
  const [reset, keep] = [gate(0), gate(1)];
  const fresh = Math.tanh(at(2, "ih", column) + reset * at(2, "hh", column));
  const value = keep * old[column] + (1 - keep) * fresh;
  return {
    lines: [
      ["gates", `reset ${two(reset)}, keep ${two(keep)}`],
      ["new", `tanh(…) = ${two(fresh)}`],
      [
        "state",
        `${two(keep)} × ${bracketed(old[column])} + ${two(1 - keep)} × ${bracketed(fresh)} = ${two(value)}`,
      ],
    ],
    value,
  };
}

// The most important column of a row: where most weight lies, or the largest number.
export function mainColumn(arrays, item, row, head) {
  const array = arrays[item.array];
  if (!array) return 0;
  if (array.rows)
    return peakOf(
      array.rows[row] ?? [0],
      item.kind === "logits" || item.kind === "probabilities" ? (value) => value : Math.abs,
    );
  const {heads} = arrays[item.array.replace(/scores$/, "weights")];
  const chosen = heads[head] ? [heads[head]] : heads;
  const sums = Array.from(chosen[0][row] ?? [0], (_, j) =>
    chosen.reduce((sum, each) => sum + each[row][j], 0),
  );
  return peakOf(sums, (value) => value);
}

function peakOf(row, size) {
  let best = 0;
  for (let i = 1; i < row.length; i++) if (size(row[i]) > size(row[best])) best = i;
  return best;
}

// All boxes of a plan that have a sum.
export const summedBoxes = (plan) => plan.columns.flatMap(({items}) => items.flatMap(boxesOf));
