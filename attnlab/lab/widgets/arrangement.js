// Where the parts of a bench stand: words, arrow and output in one plane or in two, the weights of all
// words, and the strip of the query that asks. On a page the strip stands under the weights, and they
// beside the plane; two planes have a row of their own; on a phone all stand below one another, and in
// a lecture side by side.

import {layGrid, placeGrid} from "./grid.js";
import {layPlane} from "./plane.js";
import {layStrip, placeStrip} from "./strip.js";

const APART = 24; // how far two parts stand from one another
const WIDE = 600; // from here on parts stand side by side

// Lays out all parts: { planes, grid, strip, width, height }.
export function arranged(frame) {
  const {get, size, lecture, shown} = frame;
  const room = Math.min(frame.room, 960);
  // In a lecture two planes and a strip have no room beside one another.
  const parts = get("parts").filter((part) => !(lecture && shown.mapped && part === "strip"));
  const has = (...names) => names.every((name) => parts.includes(name));
  const inRow = room >= WIDE && (lecture || !shown.mapped) && has("plane");
  const heaped = inRow && !lecture && has("heatmap", "strip");
  const given = {frame, parts, room, inRow, heaped};
  const {grid, strip} = blocksOf(given);
  const others = heaped ? [stacked(grid, strip)] : [grid, strip].filter(Boolean);
  const planes = has("plane") ? planesOf(given, others) : [];
  const {width, height} = flowing([...planes, ...others], room);
  return {
    planes: planes.map(({laid}) => laid()),
    grid: grid?.laid(),
    strip: strip?.laid(),
    width,
    height: height + size / 2,
  };
}

// The grid of weights and the strip: how large they are, and what puts them in their place.
function blocksOf({frame, parts, room, inRow, heaped}) {
  const {get, lecture} = frame;
  const words = get("words");
  const all = inRow ? room / 2 : room;
  const side = {words, kind: "query", caption: "query"};
  const columns = {words, kind: "key", caption: "key"};
  const large = parts.includes("strip") ? 32 : 40;
  const most = lecture ? Math.min(large, Math.floor(250 / words.length)) : 34;
  const blocks = {};
  if (parts.includes("heatmap"))
    blocks.grid = block(
      (at) => placeGrid(frame, {...at, room: all, rows: side, columns, most}),
      (grid) => layGrid(frame, grid),
    );
  if (parts.includes("strip")) {
    const narrow = heaped || lecture;
    const free = all - (blocks.grid && room >= WIDE && !narrow ? blocks.grid.width + APART : 0);
    const under = heaped ? {most: blocks.grid.cell, room: free + 60} : narrow ? {most} : {};
    const bars = {room: free, words, kind: "key", ...under};
    blocks.strip = block(
      (at) => placeStrip(frame, {...at, ...bars}),
      (strip) => layStrip(frame, strip),
    );
  }
  return blocks;
}

// Something with a size that can be put in a place, and laid out there later.
function block(place, lay) {
  const {right, bottom, left, cell} = place({x: 0, y: 0});
  let at = {x: 0, y: 0};
  return {
    width: right,
    height: bottom,
    left,
    cell,
    put: (x, y) => (at = {x, y}),
    laid: () => lay(place(at)),
  };
}

// The strip under the grid, its columns under those of the grid.
const stacked = (grid, strip) => ({
  width: Math.max(grid.width, grid.left - strip.left + strip.width),
  height: grid.height + 8 + strip.height,
  put(x, y) {
    grid.put(x, y);
    strip.put(x + grid.left - strip.left, y + grid.height + 8);
  },
});

// The planes take what room the others leave in their row, or a row of their own.
function planesOf({frame, room, inRow}, others) {
  const {
    get,
    shown: {mapped},
  } = frame;
  const taken = others.reduce((sum, {width}) => sum + width + APART, 0);
  const alone = !mapped && !others.length;
  const free = inRow ? room - taken : room;
  const width = mapped && room >= WIDE ? (free - APART) / 2 : Math.min(free, alone ? 560 : free);
  const tall = alone ? 380 : inRow ? Math.max(270, ...others.map(({height}) => height)) : 310;
  const height = Math.min(tall, 1.15 * width);
  const named = mapped
    ? [
        ["asks and answers", get("asked"), "drag the arrow"],
        ["hands over", get("handed"), ""],
      ]
    : [["", get("features"), "drag the arrow, or a word"]];
  return named.map(([title, names, hint]) => {
    let at = {x: 0, y: 0};
    const laid = () => layPlane(frame, {...at, width, height, title, names, hint});
    return {width, height, put: (x, y) => (at = {x, y}), laid};
  });
}

// Puts blocks side by side as long as there is room, and then below; says how much they take.
export function flowing(blocks, room) {
  let [x, y, next, width] = [0, 0, 0, 0];
  for (const each of blocks) {
    if (x && x + each.width > room + 1) [x, y] = [0, next + 12];
    each.put(x, y);
    x += each.width + APART;
    next = Math.max(next, y + each.height);
    width = Math.max(width, x - APART);
  }
  return {width: Math.min(width, room), height: next};
}
