// An opened box of a machine: what it does, its whole array, its formula, its line of code, the sum of the number in
// focus, and what can be switched off in it.

import {element, short} from "./drawing.js";
import {heatAt, makeHeat, paintHeat, ringHeat} from "./machine_heat.js";
import {meanOfHeads} from "./machine_numbers.js";
import {sumOf} from "./machine_sums.js";
import {highOf, maskOf} from "./machine_thumbnails.js";

// The elements of a panel; its picture is made anew where its size or its words change.
//   tell   what follows from a press: (traits) => void
export function makePanel(item, tell) {
  const root = element("div", {class: "attn-part-panel"});
  const panel = {
    root,
    item,
    switches: [],
    heads: [],
    get buttons() {
      return [...this.heads, ...this.switches].map(({button}) => button);
    },
  };
  const say = element("p", {class: "attn-part-say"}, item.say);
  panel.choice = element("div", {class: "attn-part-row"});
  panel.picture = element("div", {class: "attn-part-picture"});
  panel.sums = element("dl", {class: "attn-part-sums"});
  panel.row = element("div", {class: "attn-part-row"});
  for (const {off, label} of item.switches ?? []) {
    const button = element("button", {type: "button", class: "attn-part-switch", tabindex: -1});
    button.addEventListener("click", () => tell({switched: off}));
    panel.switches.push({button, off, label});
    panel.row.append(button);
  }
  root.append(say, panel.choice, panel.picture, ...recipeOf(item), panel.sums, panel.row);
  return panel;
}

// Formula and code.
function recipeOf({formula, code}) {
  const parts = [];
  if (formula?.length) {
    const line = element("p", {class: "attn-part-formula"});
    line.append(...inkedParts(formula));
    parts.push(line);
  }
  if (code?.line) {
    const line = element("p", {class: "attn-part-code"});
    line.append(element("code", {}, code.line), element("span", {}, code.where));
    parts.push(line);
  }
  return parts;
}

const inkedParts = (parts) =>
  parts.map(([kind, text]) => {
    if (!kind) return text;
    return /^su[bp]$/.test(kind) ? element(kind, {}, text) : element("b", {class: kind}, text);
  });

const HEADED = ["weights", "scores"];

// Makes the picture for the words and sizes of now; gives the panel.
export function layPanel(frame, panel, room, tell) {
  const {shown} = frame;
  const {item} = panel;
  if (panel.room !== room || panel.size !== frame.size) letHeight(panel);
  Object.assign(panel, {room, size: frame.size});
  const array = shown.arrays?.[item.array];
  const most = shown.most?.[item.rows] ?? 1;
  const words = shown.words[item.rows];
  const made = JSON.stringify([
    room,
    frame.size,
    most,
    words,
    shown.words[item.keys],
    Boolean(array),
  ]);
  if (panel.made === made) return panel;
  panel.made = made;
  panel.heat = null;
  panel.picture.replaceChildren();
  if (!array || item.kind === "logits" || item.kind === "probabilities") return panel;
  const columns = item.keys
    ? {words: shown.words[item.keys], kind: "key"}
    : {words: null, kind: ""};
  const kind = item.keys
    ? "query"
    : (/(?:^|\.)(query|key|value)$/.exec(item.array)?.[1] ?? "plain");
  const width = item.keys ? shown.most[item.keys] : array.rows[0].length;
  panel.heat = makeHeat(frame, {rows: {words, kind}, columns, count: [most, width], room});
  panel.picture.append(panel.heat.root);
  layHeads(panel, HEADED.includes(item.kind) ? array.heads.length : 1, tell);
  return panel;
}

// One head, or the mean of all.
function layHeads(panel, count, tell) {
  panel.choice.replaceChildren();
  panel.heads = [];
  if (count < 2) return;
  panel.choice.append(element("span", {class: "attn-part-say"}, "head"));
  for (let head = -1; head < count; head++) {
    const text = head < 0 ? "mean" : String(head);
    const button = element(
      "button",
      {type: "button", class: "attn-part-choice", tabindex: -1},
      text,
    );
    button.addEventListener("click", () => tell({head}));
    panel.heads.push({button, head});
    panel.choice.append(button);
  }
}

// Paints all that follows from the numbers and the focus.
export function drawPanel(frame, panel, {row, column}) {
  const {shown} = frame;
  const {item} = panel;
  const {head} = shown.state;
  for (const {button, off, label} of panel.switches) {
    const on = !shown.off.includes(off);
    button.setAttribute("aria-pressed", on);
    button.textContent = `${label}: ${on ? "on" : "off"}`;
  }
  for (const each of panel.heads) each.button.setAttribute("aria-pressed", each.head === head);
  const array = shown.arrays?.[item.array];
  if (panel.heat && array) drawHeat(frame, panel, {array, row, column, head});
  drawSums(frame, panel, {row: row ?? -1, column, head});
}

function drawHeat(frame, panel, {array, row, column, head}) {
  const {item, heat} = panel;
  const {shown} = frame;
  const weights = item.kind === "weights";
  const values = array.rows ?? (array.heads[head] || meanOfHeads(array.heads));
  const scores = item.keys ? item.array.replace(/scores$/, "weights") : null;
  paintHeat(heat, {
    values,
    colours: weights ? frame.colours : frame.signed,
    scale: weights ? {high: 1} : {signed: true, high: highOf(shown.run.arrays[item.array])},
    ...(scores && {open: maskOf(shown.arrays, {array: scores})}),
  });
  ringHeat(heat, row === undefined ? null : [row, column]);
}

function drawSums(frame, panel, {row, column, head}) {
  const {shown} = frame;
  const {item} = panel;
  panel.sums.replaceChildren();
  if (row < 0 || !shown.arrays || (item.array && !shown.arrays[item.array])) return;
  const {lines, head: of} = sumOf(
    shown.plan,
    item,
    {...shown, tensors: shown.kept.machine.tensors, config: shown.model.config},
    {row, column, head},
  );
  const {heads} = shown.arrays[item.array] ?? {};
  const whose = heads?.length > 1 ? (of === undefined ? ", mean" : `, head ${of}`) : "";
  const title = titleOf(shown, item, {row, column, whose});
  panel.sums.append(element("dt", {class: "attn-part-cell"}, title));
  for (const [term, sum] of lines) {
    const [name, line] = [element("dt"), element("dd")];
    name.append(...(typeof term === "string" ? [term] : inkedParts(term)));
    line.append(...(typeof sum === "string" ? [sum] : inkedParts(sum)));
    panel.sums.append(name, line);
  }
  keepHeight(panel);
}

// As high as the highest sum so far, so that what stands below does not jump from row to row.
function keepHeight(panel) {
  const height = panel.sums.offsetHeight;
  if (height <= (panel.tallest ?? 0)) return;
  panel.tallest = height;
  panel.sums.style.minHeight = `${height}px`;
}

// A panel that is laid out anew, or closed, begins again.
export function letHeight(panel) {
  panel.tallest = 0;
  panel.sums.style.minHeight = "";
}

// Which number the sum is of: "chat → cat, head 2", "chat, number 17".
function titleOf({words}, item, {row, column, whose}) {
  const word = short(words[item.rows]?.[row] ?? "", 16);
  if (item.keys) return `${word} → ${short(words[item.keys][column] ?? "", 16)}${whose}`;
  if (item.kind === "words") return word;
  const place = words.vocabulary && ["logits", "probabilities"].includes(item.kind);
  return place
    ? `${word} → ${short(words.vocabulary[column] ?? String(column), 16)}`
    : `${word ? `${word}, ` : ""}number ${column}`;
}

// The cell under a pointer over the picture of a panel, or null.
export function cellUnder({heat}, event) {
  if (!heat) return null;
  const box = heat.root.getBoundingClientRect();
  const zoom = box.width / heat.width || 1;
  return heatAt(heat, (event.clientX - box.left) / zoom, (event.clientY - box.top) / zoom);
}
