// What a machine says in one plain sentence: pure functions of its numbers.

import {isolated, number, short} from "./drawing.js";
import {mainColumn} from "./machine_sums.js";
import {isGroup, outcome, treeOf} from "./machine_tree.js";

const quoted = (word) => `“${short(word, 24)}”`;

// A sentence as one reads it: l'homme, not l' homme.
export const asText = (words) => isolated(words.join(" ").replaceAll("' ", "'"));

// "the cat sleeps → le chat …"
export function toldSentence({words, translation, steps, step}) {
  const so = asText(translation.slice(0, step));
  return `${asText(words.source)} → ${so}${step < steps ? " …" : ""}`;
}

// How what is switched off changes what is written.
export function toldChange(shown) {
  const what = `Without ${namesOff(shown)}`;
  if (!shown.translation) return `${what}.`;
  const [before, after] = [shown.unchanged, shown.translation].map(asText);
  if (before === after) return `${what} it still writes: ${after}`;
  return `${what}: ${before} → ${after || "nothing"}`;
}

// "head 1 of self-attention (encoder, layer 0) and cross-attention"
export function namesOff({plan, off, state}) {
  const names = (state.attention ? off : state.off).map((name) => nameOff(plan, name));
  if (!state.attention) names.push("attention to the source");
  if (names.length > 3) return `${names.length} of its parts`;
  const last = names.pop();
  return names.length ? `${names.join(", ")} and ${last}` : last;
}

// What is switched off by this name, and where it stands.
function nameOff(plan, name) {
  const tree = treeOf(plan);
  const item = tree.items.find(({switches = []}) => switches.some(({off}) => off === name));
  if (!item) return name;
  const {label} = item.switches.find(({off}) => off === name);
  const group = tree.parent[item.id];
  const where = whereIs(plan, group.kind ? group : item);
  const layer = label === "way round" || label === "norm" ? whereIs(plan, item) : where;
  const what =
    {
      "way round": () => `the way round ${sublayerBeside(group, item)}`,
      norm: () => `the norm of ${sublayerBeside(group, item)}`,
      positions: () => "positions",
      attention: () => group.label ?? "attention",
    }[label]?.() ?? `${label} of ${group.kind ? group.label : "attention"}`;
  return layer ? `${what} (${layer})` : what;
}

// The attention or the feed-forward network that a sum or a norm belongs to.
function sublayerBeside(group, item) {
  const place = group.items.indexOf(item);
  const order = item.kind === "norm" ? [1, -1, -2] : [-1, -2];
  const found = order.map((by) => group.items[place + by]).find((each) => each?.kind === "group");
  if (found && group.kind) return found.label;
  return found && !group.kind && !/^layer|^embed/.test(found.label)
    ? found.label
    : "the last layer";
}

// Where a box stands: "layer 0, self-attention".
export function whereIs(plan, item) {
  const tree = treeOf(plan);
  const names = [];
  for (let up = tree.parent[item.id]; up?.kind; up = tree.parent[up.id])
    if (!up.side) names.unshift(up.label);
  if (plan.columns.length > 1)
    names.unshift(plan.columns[tree.column[item.id]].title.toLowerCase());
  return names.join(", ");
}

// One sentence on a box and one of its rows: what is most important there.
export function toldRow(shown, item, row, {head, strengths}) {
  const box = isGroup(item) ? outcome(item) : item;
  const word = shown.words[box.rows]?.[row] ?? "";
  const where = whereIs(shown.plan, item);
  const name = `${where ? `${where}: ` : ""}${item.label}`;
  const said = SAYS[box.kind] ?? vectorSaid;
  const more = said(shown, box, row, {head, word, strengths});
  return `${name[0].toUpperCase()}${name.slice(1)}. ${more}`;
}

const SAYS = {
  words: wordSaid,
  weights: weightsSaid,
  scores: scoresSaid,
  probabilities: nextSaid,
  logits: nextSaid,
};

function wordSaid(shown, box, row, {word, strengths}) {
  const from =
    box.rows === "target" && row && strengths ? origin(shown, strengths, "source") : null;
  const into = strengths && shown.translation ? goal(shown, strengths, row, box) : null;
  const parts = [];
  if (from) parts.push(`comes most from ${quoted(from[0])}, ${number(from[1])}`);
  if (into) parts.push(`goes most into ${quoted(into[0])}, ${number(into[1])} of it`);
  return `${quoted(word)} ${parts.join("; it ") || "is a word of the sentence"}.`;
}

// The word of the target into which most goes.
function goal(shown, strengths, row, box) {
  const shares = strengths.probabilities;
  const first = box.rows === "target" ? row : 0;
  let best = null;
  for (let i = first; shares && i < shares.length; i++)
    if (!best || shares[i] > best[1]) best = [shown.words.target[i + 1] ?? "<end>", shares[i]];
  return best && best[1] > 0.005 ? best : null;
}

function weightsSaid(shown, box, row, {head, word}) {
  const {heads} = shown.arrays[box.array];
  const column = mainColumn(shown.arrays, box, row, head);
  const chosen = heads[head] ? [heads[head]] : heads;
  const share = chosen.reduce((sum, each) => sum + each[row][column], 0) / chosen.length;
  const who = heads[head] ? `Head ${head}: ` : "";
  const of = heads.length > 1 && !heads[head] ? `, the mean of ${heads.length} heads` : "";
  return `${who}${quoted(word)} looks most at ${quoted(shown.words[box.keys][column])}, ${number(share)}${of}.`;
}

function scoresSaid(shown, box, row, {head, word}) {
  const column = mainColumn(shown.arrays, box, row, head);
  return `${quoted(word)} fits best with ${quoted(shown.words[box.keys][column])}.`;
}

function nextSaid(shown, box, row, {word}) {
  const [[place, value]] = likeliest(shown.arrays[box.array].rows[row], 1);
  const what = box.kind === "logits" ? "has the highest score" : "is the most probable next word";
  return `After ${quoted(word)}, ${quoted(shown.words.vocabulary[place] ?? String(place))} ${what}, ${number(value)}.`;
}

function vectorSaid(shown, box, row, {word, strengths}) {
  const numbers = shown.arrays[box.array]?.rows[row];
  if (!numbers) return "";
  const column = mainColumn(shown.arrays, box, row, -1);
  const who = word ? `${quoted(word)} is` : "It is";
  const size = `${who} ${numbers.length} numbers; the largest is ${number(numbers[column])}, at place ${column}`;
  const from = strengths && origin(shown, strengths);
  return from ? `${size}. It comes most from ${quoted(from[0])}, ${number(from[1])}.` : `${size}.`;
}

// The word of which most has come, where there is a choice.
function origin(shown, strengths, rows) {
  const tree = treeOf(shown.plan);
  let best = null;
  for (const box of tree.items) {
    if (box.kind !== "words" || !strengths[box.id] || (rows && box.rows !== rows)) continue;
    strengths[box.id].forEach((share, i) => {
      if (!best || share > best[1]) best = [shown.words[box.rows][i] ?? "", share];
    });
  }
  return best && best[1] < 0.995 ? best : null;
}

// [[place, value], ...] of the most probable.
export function likeliest(row, count) {
  const top = [];
  for (let i = 0; i < row.length; i++) {
    if (top.length === count && row[i] <= top.at(-1)[1]) continue;
    const at = top.findIndex(([, value]) => value < row[i]);
    top.splice(at < 0 ? top.length : at, 0, [i, row[i]]);
    if (top.length > count) top.pop();
  }
  return top;
}
