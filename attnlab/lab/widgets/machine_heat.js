// The large picture of an array in an opened box: words beside its rows, words over its columns where they are words,
// numbers in its cells where there is room, and what is masked hatched.

import {element, isLight, number, shape, share, short, widest} from "./drawing.js";
import {paintRows, shadeOf} from "./machine_thumbnails.js";

// Lays out an empty picture.
//   rows, columns   { words, kind }: columns without words are the numbers of a vector
//   count           [rows, columns] for which room is kept
//   room            its width
export function makeHeat(frame, {rows, columns, count, room}) {
  const {size, root, lecture} = frame;
  const box = element("div", {class: "attn-heat"});
  const svg = shape("svg", {"aria-hidden": "true"});
  const canvas = element("canvas");
  const {labels, left} = besideRows(rows.words, {size, root, room});
  const heat = {root: box, svg, canvas, rows, columns, count, left, size};
  Object.assign(heat, cellsOf({count, columns, left, room, size, lecture, root}));
  heat.width = Math.ceil(left + count[1] * heat.wide + heat.tail);
  heat.height = Math.ceil(heat.top + count[0] * heat.high + 2);
  box.style.width = `${heat.width}px`;
  box.style.height = `${heat.height}px`;
  Object.assign(canvas.style, {
    left: `${left}px`,
    top: `${heat.top}px`,
    width: `${count[1] * heat.wide}px`,
    height: `${count[0] * heat.high}px`,
  });
  for (const name of ["width", "height"]) svg.setAttribute(name, heat[name]);
  box.append(canvas, svg);
  dressHeat(heat, labels, frame.hatched);
  return heat;
}

// The words beside the rows, as short as they must be to stand within a third of the room, and how much they take.
function besideRows(words, {size, root, room}) {
  const most = 0.34 * room;
  let letters = 12;
  let labels = words.map((word) => short(word, letters));
  while (letters > 2 && widest(root, labels) + 8 > most) {
    letters--;
    labels = words.map((word) => short(word, letters));
  }
  return {labels, left: Math.min(Math.max(widest(root, labels), 2 * size) + 8, most)};
}

function cellsOf({count: [height, width], columns, left, room, size, lecture, root}) {
  const free = room - left - 4;
  if (!columns.words) {
    const wide = Math.min(free / width, 3.1 * size);
    const high = Math.max(size * 0.5, Math.min(1.45 * size, (20 * size) / height));
    return {
      wide,
      high,
      top: 2,
      tail: 2,
      tilted: false,
      spelled: wide >= 2.5 * size && height <= 12,
    };
  }
  const labels = columns.words.map((word) => short(word, 12));
  const longest = widest(root, labels);
  const level = Math.min(free / width, 2.5 * size);
  const tilted = longest + 4 > level;
  const tail = tilted ? longest * 0.66 + 4 : 4;
  const cell = Math.max(4, Math.min(2.5 * size, (free - tail) / width));
  const top = tilted ? longest * 0.75 + size * 0.9 : 1.5 * size;
  const spelled = cell >= (lecture ? 2 : 1.9) * size && Math.max(height, width) <= 12;
  return {wide: cell, high: Math.min(cell, 2.1 * size), top, tail, tilted, spelled, labels};
}

function dressHeat(heat, labels, hatched) {
  const {svg, rows, columns, left, top, wide, high, size, count} = heat;
  const every = Math.ceil((size * 1.05) / high);
  const words = shape("g");
  heat.rowWords = labels.map((word, i) => {
    const spot = {x: left - 6, y: top + (i + 0.5) * high, dy: "0.35em", "text-anchor": "end"};
    const label = shape("text", {class: `attn-${rows.kind}`, ...spot}, word);
    if (word !== rows.words[i]) label.append(shape("title", {}, rows.words[i]));
    if (i % every === 0) words.append(label);
    return label;
  });
  if (columns.words) {
    const apart = Math.ceil((size * 1.05) / wide);
    heat.labels.forEach((word, j) => {
      if (j % apart) return;
      const [x, y] = [left + (j + 0.5) * wide, top - 6];
      const turn = heat.tilted ? {transform: `rotate(-46 ${x} ${y})`} : {"text-anchor": "middle"};
      const label = shape("text", {class: `attn-${columns.kind}`, x, y, ...turn}, word);
      if (word !== columns.words[j]) label.append(shape("title", {}, columns.words[j]));
      words.append(label);
    });
  }
  heat.hatch = shape("path", hatched);
  heat.numbers = shape("g", {class: "attn-numbers"});
  heat.row = shape("rect", {class: "attn-row", x: left, width: count[1] * wide, height: high});
  heat.cell = shape("rect", {class: "attn-cell", width: wide, height: high});
  const [width, height] = [count[1] * wide, count[0] * high];
  const edge = shape("rect", {class: "attn-frame", x: left, y: top, width, height});
  svg.append(words, heat.hatch, edge, heat.numbers, heat.row, heat.cell);
}

// Colours and numbers. `values`: rows of numbers, fewer than there is room for while the text grows;
// `open`: (row, column) -> false of what is masked.
export function paintHeat(heat, {values, colours, scale, open = () => true}) {
  const {canvas, count, left, top, wide, high} = heat;
  const clear = scale.signed ? colours[127] : colours[0];
  paintRows(canvas, values, {most: count, colours, scale, masked: clear, open});
  const closed = [];
  values.forEach((row, i) => {
    row.forEach((_, j) => {
      if (!open(i, j))
        closed.push(`M${left + j * wide} ${top + i * high}h${wide}v${high}h${-wide}z`);
    });
  });
  heat.hatch.setAttribute("d", closed.join(""));
  heat.rowWords.forEach((label, i) => {
    label.classList.toggle("attn-unborn", i >= values.length);
  });
  if (heat.spelled) writeNumbers(heat, {values, colours, scale, open});
}

function writeNumbers(heat, {values, colours, scale, open}) {
  const {numbers, left, top, wide, high} = heat;
  const write = scale.signed ? (value) => number(Math.abs(value) < 0.05 ? 0 : value, 1) : share;
  const texts = [];
  values.forEach((row, i) => {
    row.forEach((value, j) => {
      if (!open(i, j)) return;
      const text =
        numbers.childNodes[texts.length] ??
        numbers.appendChild(shape("text", {"text-anchor": "middle", dy: "0.35em"}));
      text.setAttribute("x", left + (j + 0.5) * wide);
      text.setAttribute("y", top + (i + 0.5) * high);
      text.setAttribute(
        "class",
        isLight(colours[shadeOf(value, scale)]) ? "attn-black" : "attn-white",
      );
      text.textContent = write(value);
      texts.push(text);
    });
  });
  while (numbers.childNodes.length > texts.length) numbers.lastChild.remove();
}

// The ring round the row in focus, and round its cell.
export function ringHeat({row, cell, left, top, wide, high}, focus) {
  for (const each of [row, cell]) each.classList.toggle("attn-hidden", !focus);
  if (!focus) return;
  row.setAttribute("y", top + focus[0] * high);
  cell.setAttribute("x", left + focus[1] * wide);
  cell.setAttribute("y", top + focus[0] * high);
}

// [row, column] under a point of the picture, or null.
export function heatAt({left, top, wide, high, count}, x, y) {
  const [row, column] = [Math.floor((y - top) / high), Math.floor((x - left) / wide)];
  if (row < 0 || row >= count[0]) return null;
  return [row, column >= 0 && column < count[1] ? column : null];
}
