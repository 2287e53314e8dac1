// What a machine says in one plain sentence: pure functions of its numbers.

import {isolated, number, short} from "./drawing.js";
import {mainColumn} from "./machine_sums.js";
import {isGroup, isRow, outcome, treeOf} from "./machine_tree.js";
import {spelled} from "./sentences.js";

const quoted = (word) => `“${short(word, 24)}”`;
const EQUAL = 0.02; // shares that differ by less are called equal
const MOST_SAID = 40; // words of a status

// A sentence as one reads it: l'homme, not l' homme.
const asText = (words) => isolated(spelled(words.map((word) => short(word, 24))));

// The first words of a text and the last ones, where it has more than so many.
function cutText(words, most) {
  if (words.length <= most) return words;
  const half = Math.floor(most / 2);
  return [...words.slice(0, half), "…", ...words.slice(words.length - half)];
}

// Two texts that stand side by side; both are cut where they are too long for a status.
function besides(one, other, end) {
  const most = Math.max(MOST_SAID - Math.min(one.length, other.length), MOST_SAID / 2);
  const [first, second] = [one, other].map((words) => asText(cutText(words, most)));
  return `${first} → ${[second, end].filter((each) => each).join(" ") || "nothing"}`;
}

const goesOn = ({steps, step}) => (step < steps ? "…" : "");

// "the cat sleeps → le chat …"
export const toldSentence = (shown) =>
  besides(shown.words.source, shown.translation.slice(0, shown.step), goesOn(shown));

// How what is switched off changes what is written.
export function toldChange(shown) {
  const what = `Without ${namesOff(shown)}`;
  if (!shown.translation) return `${what}.`;
  const {unchanged, translation, step} = shown;
  const written = goesOn(shown) ? translation.slice(0, step) : translation;
  if (asText(unchanged) === asText(translation))
    return `${what} it still writes: ${[asText(cutText(written, MOST_SAID)), goesOn(shown)].join(" ").trim()}`;
  return `${what}: ${besides(unchanged, written, goesOn(shown))}`;
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

// The attention or the feed-forward network that a sum or a norm belongs to: that of the same number, in a layer of
// either order (pre-norm, post-norm).
function sublayerBeside(group, {array}) {
  const place = /(?:norms|sums)\.(\d+)$/.exec(array)?.[1];
  const sublayers = group.items.filter((each) => isGroup(each) && !isRow(each));
  return sublayers[place]?.label ?? "the last layer";
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
//   strengths   of the rows of all boxes, as they are marked
//   origins     of those from which this row comes, if `strengths` has more
export function toldRow(shown, item, row, {head, strengths, origins = strengths}) {
  const box = isGroup(item) ? outcome(item) : item;
  const where = whereIs(shown.plan, item);
  const name = `${where ? `${where}: ` : ""}${item.label}`;
  const said = SAYS[box.kind] ?? vectorSaid;
  const more = said(shown, box, row, {head, who: whoIs(shown, box, row), strengths, origins});
  return `${name[0].toUpperCase()}${name.slice(1)}. ${more}`;
}

const SAYS = {
  words: wordSaid,
  weights: weightsSaid,
  scores: scoresSaid,
  probabilities: nextSaid,
  logits: nextSaid,
};

// Whose row it is: a word's, or, where text is written, that of a step.
function whoIs(shown, box, row) {
  const word = shown.words[box.rows]?.[row] ?? "";
  if (box.rows !== "target" || !shown.translation) return word && quoted(word);
  const writes = writtenAt(shown, row);
  return `the step that has read ${quoted(word)}${writes ? ` and writes ${writes}` : ""}`;
}

// The word that the step of this row writes; none while it reads what was given.
function writtenAt({translation, read}, row) {
  if (row < read.length) return "";
  const word = translation[row - read.length];
  return word === undefined ? "the end mark" : quoted(word);
}

const capital = (text) => `${text[0].toUpperCase()}${text.slice(1)}`;

function wordSaid(shown, box, row, {strengths, origins}) {
  const from = box.rows === "target" && row && origins ? origin(shown, origins, "source") : null;
  const into = strengths && shown.translation ? goal(shown, strengths, row, box) : null;
  const name = quoted(shown.words[box.rows][row] ?? "");
  const parts = [];
  if (from) parts.push(`${name} comes ${from}.`);
  if (into)
    parts.push(
      `${from ? "It" : name} counts most for ${into[0]}, of which ${number(into[1])} comes from it.`,
    );
  return parts.join(" ") || `${name} is a word of the sentence.`;
}

// The word of the target into which most goes.
function goal(shown, strengths, row, box) {
  const shares = strengths.probabilities;
  const first = Math.max(box.rows === "target" ? row : 0, shown.read.length);
  let best = null;
  for (let i = first; shares && i < shares.length; i++)
    if (!best || shares[i] > best[1]) best = [writtenAt(shown, i), shares[i]];
  return best && best[1] > 0.005 ? best : null;
}

function weightsSaid(shown, box, row, {head, who}) {
  const {heads} = shown.arrays[box.array];
  const column = mainColumn(shown.arrays, box, row, head);
  const one = heads.length > 1 && heads[head];
  const shares = meanRow(one ? [heads[head]] : heads, row);
  const of = heads.length > 1 && !one ? `, the mean of ${heads.length} heads` : "";
  const by = one ? `Head ${head}: ` : "";
  const whose = one ? who : capital(who);
  const open = areEqual(shares.filter((share) => share > 0));
  if (open) return `${by}${whose} looks equally at all ${open} words${of}.`;
  const most = quoted(shown.words[box.keys][column]);
  return `${by}${whose} looks most at ${most}, ${number(shares[column])}${of}.`;
}

const meanRow = (heads, row) =>
  Array.from(
    heads[0][row],
    (_, j) => heads.reduce((sum, each) => sum + each[row][j], 0) / heads.length,
  );

function scoresSaid(shown, box, row, {head, who}) {
  const column = mainColumn(shown.arrays, box, row, head);
  const {heads} = shown.arrays[box.array.replace(/scores$/, "weights")];
  const shares = meanRow(heads[head] ? [heads[head]] : heads, row);
  if (areEqual(shares.filter((share) => share > 0))) return `${capital(who)} fits all equally.`;
  return `${capital(who)} fits best with ${quoted(shown.words[box.keys][column])}.`;
}

function nextSaid(shown, box, row) {
  const [[place, value]] = likeliest(shown.arrays[box.array].rows[row], 1);
  const what = box.kind === "logits" ? "gives the highest score to" : "most probably writes";
  const read = quoted(shown.words[box.rows][row] ?? "");
  const next = quoted(shown.words.vocabulary[place] ?? String(place));
  return `The step that has read ${read} ${what} ${next}, ${number(value)}.`;
}

function vectorSaid(shown, box, row, {who, origins}) {
  const numbers = shown.arrays[box.array]?.rows[row];
  if (!numbers) return "";
  const count = `${numbers.length} numbers${alikeFor(shown, box)}`;
  const from = origins && origin(shown, origins);
  const large = numbers[mainColumn(shown.arrays, box, row, -1)];
  const size = large ? `; the largest in size is ${number(large)}` : ", all 0";
  const begin = who ? `${capital(who)}: ${count}` : capital(count);
  return `${begin}${from ? `, ${from}` : ""}${size}.`;
}

// A vector that all steps read.
function alikeFor({plan}, box) {
  if (/decoder\.start$/.test(box.array ?? "")) return ", before the first step";
  const tree = treeOf(plan);
  const copied = box.kind === "context" && box.of.length === 1; // of one context
  return box.rows === "one" || (copied && tree.items[tree.place[box.of[0]]].rows === "one")
    ? ", the same for every step"
    : "";
}

// "most from “chat”, 0.41": the word of which most has come, or the words, where there is a choice.
function origin(shown, strengths, rows) {
  const shares = [];
  for (const box of treeOf(shown.plan).items) {
    if (box.kind !== "words" || !strengths[box.id] || (rows && box.rows !== rows)) continue;
    strengths[box.id].slice(0, shown.counts[box.rows]).forEach((share, i) => {
      shares.push([share, shown.words[box.rows][i] ?? ""]);
    });
  }
  const all = areEqual(shares.map(([share]) => share));
  if (all) return `equally from all ${all} words`;
  const [best, second] = shares.sort(([a], [b]) => b - a);
  if (!best || best[0] >= 0.995 || best[0] < 0.005) return null;
  if (
    second &&
    number(second[0]) === number(best[0]) &&
    number(shares[2]?.[0] ?? 0) !== number(best[0])
  )
    return `most from ${quoted(best[1])} and ${quoted(second[1])}, ${number(best[0])} each`;
  return `most from ${quoted(best[1])}, ${number(best[0])}`;
}

// How many shares there are, if they are equal; else, and for one alone, 0.
function areEqual(shares) {
  const [most, least] = [Math.max(...shares), Math.min(...shares)];
  return shares.length > 1 && most - least < EQUAL && most < 2 * least ? shares.length : 0;
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
