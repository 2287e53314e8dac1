// A closed box of a machine: its name, a small picture of its array, its words or its likeliest next words.

import {element, number, short} from "./drawing.js";
import {likeliest} from "./machine_said.js";
import {highOf, inksOf, maskOf, paintRows, pooled} from "./machine_thumbnails.js";
import {boxesOf, isGroup, outcome} from "./machine_tree.js";

const LIKELIEST = 5;
const POOLED = 96; // numbers across a thumbnail
const PROJECTIONS = /(^|\.)(query|key|value)$/;

// The elements of one item, made once.
//   tree   of the plan: a folded layer shows the attentions that are in it
export function makePart(item, tree) {
  const root = element("div", {class: "attn-part", "data-box": item.id, "data-kind": item.kind});
  const ink = PROJECTIONS.exec(item.array ?? "")?.[2];
  if (ink) root.classList.add(`attn-of-${ink}`);
  const head = element("button", {class: "attn-part-head", type: "button", tabindex: -1});
  const name = element("span", {class: "attn-part-name"});
  name.append(element("span", {}, item.label));
  head.append(name);
  const part = {root, head, item, box: isGroup(item) ? outcome(item) : item, pictures: []};
  const looks = isGroup(item) ? boxesOf(item).filter(({kind}) => kind === "weights") : [];
  const own = looks.find((box) => tree.parent[box.id] === item);
  if (item.kind === "words") part.words = element("div", {class: "attn-part-words"});
  else if (item.kind === "probabilities") part.bars = barsOf();
  else head.append(pictureIn(part, own ?? part.box));
  if (looks.length && !own) part.inside = insideOf(part, looks, tree);
  root.append(head, ...[part.words, part.bars, part.inside].filter(Boolean));
  return part;
}

// A place for the picture of a box's array.
function pictureIn(part, box) {
  const root = element("span", {class: "attn-part-thumb", "aria-hidden": "true"});
  part.pictures.push({root, box});
  return root;
}

// What a folded layer shows of its attentions, and below them what comes out.
function insideOf(part, looks, tree) {
  const root = element("div", {class: "attn-part-inside", "aria-hidden": "true"});
  for (const box of looks)
    root.append(element("span", {}, tree.parent[box.id].label), pictureIn(part, box));
  root.append(element("span", {}, "output"), pictureIn(part, part.box));
  return root;
}

function barsOf() {
  const list = element("ol", {class: "attn-part-bars"});
  for (let i = 0; i < LIKELIEST; i++) {
    const line = element("li");
    line.append(element("span", {class: "attn-part-next"}), element("i"), element("b"));
    list.append(line);
  }
  return list;
}

// Paints what the box shows now.
//   traced   strengths of the rows of all boxes, or undefined while nothing is marked
//   row      the row that is pointed at, if it is in this box
export function drawPart(frame, part, {traced, row}) {
  const {shown} = frame;
  if (part.words) drawWords(part, shown, {strengths: traced?.[part.box.id], row});
  if (part.bars) drawBars(part, shown, row ?? shown.counts.target - 1);
  for (const picture of part.pictures) drawPicture(frame, picture, traced);
}

function drawPicture(frame, {root, box}, traced) {
  const {shown} = frame;
  const array = shown.arrays?.[box.array];
  root.classList.toggle("attn-hidden", !array);
  if (!array) return;
  const weights = box.kind === "weights";
  const rows = array.rows ? [array.rows.map((each) => pooled(each, POOLED))] : array.heads;
  const given = {
    colours: weights ? frame.colours : frame.signed,
    scale: weights ? {high: 1} : {signed: true, high: highOf(shown.run.arrays[box.array])},
    masked: frame.maskedColour,
    inks: traced ? inksOf(traced[box.id] ?? [], rows[0].length) : null,
    most: [shown.most[box.rows], array.rows ? rows[0][0].length : shown.most[box.keys]],
    open: weights && maskOf(shown.arrays, box),
  };
  while (root.children.length > rows.length) root.lastChild.remove();
  while (root.children.length < rows.length) root.append(element("canvas"));
  rows.forEach((values, head) => {
    paintRows(root.children[head], values, given);
  });
}

export function sayWords(part, words) {
  part.said = words;
  part.words.replaceChildren(
    ...words.map((word, i) => {
      const chip = element("span", {class: "attn-part-word", "data-row": i}, short(word, 20));
      if (short(word, 20) !== word) chip.title = word;
      return chip;
    }),
  );
}

// The words as they stand in a sentence; those that are still to be written keep their room.
function drawWords(part, shown, {strengths, row}) {
  const {rows} = part.box;
  const words = shown.words[rows];
  if (part.said !== words) sayWords(part, words);
  const count = shown.counts[rows];
  [...part.words.children].forEach((chip, i) => {
    chip.classList.toggle("attn-unborn", i >= count);
    chip.classList.toggle("attn-part-here", i === row);
    const share = strengths?.[i] ?? 0;
    chip.style.setProperty("--share", `${Math.round(100 * Math.min(1, share))}%`);
  });
}

function drawBars({bars}, shown, row) {
  const shares = shown.arrays?.probabilities?.rows[row];
  const top = shares ? likeliest(shares, LIKELIEST) : [];
  [...bars.children].forEach((line, i) => {
    const [place, share] = top[i] ?? [-1, 0];
    const [word, bar, text] = line.children;
    word.textContent =
      place < 0 ? "" : short(shown.words.vocabulary[place] ?? `token ${place}`, 14);
    bar.style.setProperty("--share", `${(100 * share).toFixed(1)}%`);
    text.textContent = place < 0 ? "" : number(share < 0.005 ? 0 : share);
    line.classList.toggle("attn-part-first", i === 0);
  });
}

// "8 × 128", "4 × 8 × 8", "8 words"
export function shapeText(shown, item) {
  const box = isGroup(item) ? outcome(item) : item;
  const array = shown.arrays?.[box.array];
  if (box.kind === "words") {
    const count = shown.counts[box.rows];
    const name = box.rows === "target" ? "token" : "word"; // the begin mark is no word
    return count ? `${count} ${name}${count === 1 ? "" : "s"}` : "";
  }
  if (!array) return "";
  if (array.rows) return `${array.rows.length} × ${array.rows[0].length}`;
  const {heads} = array;
  const pairs = `${heads[0].length} × ${heads[0][0].length}`;
  return heads.length > 1 ? `${heads.length} × ${pairs}` : pairs;
}
