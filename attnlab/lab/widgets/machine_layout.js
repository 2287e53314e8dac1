// Where the boxes of a machine stand and how its arrows run: geometry in pixels, and no colours.
// Everything flows from top to bottom, so that what is opened moves only what stands below it.

import {isGroup, isRow, shownArrows, treeOf, unfolded} from "./machine_tree.js";

const NARROW = 43; // in letters: with less room the columns stand one above the other
const WIDEST = {one: 46, several: 33}; // a column, in letters

const LARGE = 18; // letters of this size are for a room: the drawing is denser, to be seen at once

// The measures of a drawing whose letters have this size.
export const unitsOf = (size) => ({
  box: Math.round((size < LARGE ? 2.6 : 1.8) * size),
  upright: Math.round((size < LARGE ? 4.3 : 3.6) * size), // one of several side by side
  head: Math.round((size < LARGE ? 2 : 1.7) * size),
  gap: Math.round((size < LARGE ? 2 : 1.25) * size),
  pad: Math.round(0.7 * size),
  lane: Math.round(1.2 * size),
  channel: Math.round(3.6 * size), // between columns
});

// All places of a plan.
//   open       names of the groups and boxes that are unfolded
//   room, size the width that there is, and the size of the letters
//   heights    { id: height } of what takes another height than a closed box
// Gives { boxes: {id: place}, arrows: [{from, to, way, points}], titles, width, height, stacked }; a place is
// { x, y, width, height, head, depth, upright, group, open }: an unfolded group holds the places of its items.
export function placed(plan, {open, room, size, heights = {}}) {
  const tree = treeOf(plan);
  const unit = unitsOf(size);
  const arrows = shownArrows(plan, open);
  const count = plan.columns.length;
  const stacked = count > 1 && room < NARROW * size;
  const margin = stacked && arrows.some((arrow) => acrossOf(tree, arrow)) ? unit.lane : 0;
  const beside = stacked ? 1 : count;
  const most = WIDEST[count > 1 && !stacked ? "several" : "one"] * size;
  const width = Math.floor(
    Math.min(most, (room - margin - 2 - unit.channel * (beside - 1)) / beside),
  );
  const sheet = {tree, unit, open, heights, arrows, boxes: {}, titles: []};
  let [x, y, bottom] = [margin + 1, 0, 0];
  for (const column of plan.columns) {
    const titled = column.title && (size < LARGE || stacked);
    const top = titled ? y + Math.round(1.7 * size) : y + 1;
    if (titled) sheet.titles.push({text: column.title, x, y: y + size});
    const end = placeAll(sheet, column, {x, y: top, width}, 0);
    bottom = Math.max(bottom, end);
    if (stacked) y = end + unit.gap;
    else x += width + unit.channel;
  }
  return {
    boxes: sheet.boxes,
    titles: sheet.titles,
    arrows: arrows.map((arrow) => ({...arrow, points: routed(sheet, arrow, {stacked})})),
    width: stacked ? margin + 2 + width : x - unit.channel + 1,
    height: bottom + Math.round(size < LARGE ? 1.6 * size : 4),
    stacked,
  };
}

const acrossOf = (tree, {from, to}) => tree.column[from] !== tree.column[to];

// The items of a column or a group one below the other; gives where the last one ends.
function placeAll(sheet, holder, {x, y, width}, depth) {
  const {left, right} = guttersOf(sheet, holder);
  const inner = {x: x + left, width: width - left - right};
  let at = y;
  holder.items.forEach((item, i) => {
    at = placeOne(sheet, item, {...inner, y: at + (i ? sheet.unit.gap : 0)}, depth);
  });
  return at;
}

function placeOne(sheet, item, place, depth) {
  if (isRow(item)) return placeRow(sheet, item, place, depth);
  return isGroup(item) && unfolded(item, sheet.open)
    ? placeGroup(sheet, item, place, depth)
    : placeBox(sheet, item, place, depth);
}

function placeBox({unit, open, heights, boxes}, item, place, depth, upright = false) {
  const height = heights[item.id] ?? (upright ? unit.upright : unit.box);
  const opened = !isGroup(item) && open.includes(item.id);
  boxes[item.id] = {...place, height, depth, upright, group: isGroup(item), open: opened};
  return place.y + height;
}

// An unfolded group: its head, below it what it holds, and some air around.
function placeGroup(sheet, item, {x, y, width}, depth) {
  const {pad, head, gap} = sheet.unit;
  const inside = {x: x + pad, y: y + head + gap, width: width - 2 * pad};
  const inset = guttersOf(sheet, item).left; // ways round pass the head there
  const place = {x, y, width, head, depth, inset, upright: false, group: true, open: true};
  sheet.boxes[item.id] = place;
  const end = placeAll(sheet, item, inside, depth + 1);
  place.height = end + pad - y;
  return y + place.height;
}

// Items side by side; one that is opened takes the whole width, below those before it.
function placeRow(sheet, item, {x, y, width}, depth) {
  const {unit, open} = sheet;
  let at = y;
  linesOf(item.items, standsAlone(open)).forEach((line, n) => {
    if (n) at += unit.gap;
    const own = (width - unit.pad * (line.length - 1)) / line.length;
    const ends = line.map((each, i) => {
      const spot = {x: x + i * (own + unit.pad), y: at, width: own};
      if (isGroup(each)) return placeOne(sheet, each, spot, depth);
      return placeBox(sheet, each, spot, depth, line.length > 1);
    });
    at = Math.max(...ends);
  });
  return at;
}

// Those that stand alone part the others into lines.
function linesOf(items, alone) {
  const lines = [];
  let line = null;
  for (const item of items) {
    if (alone(item)) line = null;
    if (!line) {
      line = [];
      lines.push(line);
    }
    line.push(item);
    if (alone(item)) line = null;
  }
  return lines;
}

// How wide the lanes are that run beside the items of a column or a group.
function guttersOf(sheet, holder) {
  const width = ({length}) => length * sheet.unit.lane;
  return {
    left: width(lanesOf(sheet, holder, "left")),
    right: width(lanesOf(sheet, holder, "right")),
  };
}

// The arrows beside the items of a holder, in lanes: of two in one lane the second starts where the first has ended.
function lanesOf({tree, arrows, open}, holder, side) {
  const runs = [];
  for (const arrow of arrows) {
    if (acrossOf(tree, arrow) || sideOf(tree, arrow, open) !== side) continue;
    if (laneHolder({tree, open}, arrow, side) !== holder) continue;
    const [from, to] = [arrow.from, arrow.to].map((id) => lineIn({tree, open}, holder, id));
    runs.push({arrow, from, to});
  }
  runs.sort((a, b) => a.to - a.from - (b.to - b.from));
  const lanes = [];
  for (const run of runs) {
    const joins = (other) => run.to === other.to || run.arrow.from === other.arrow.from;
    const free = lanes.find((lane) =>
      lane.every((other) => run.to <= other.from || other.to <= run.from || joins(other)),
    );
    if (free) free.push(run);
    else lanes.push([run]);
  }
  return lanes.map((lane) => lane.map(({arrow}) => arrow));
}

// Ways round run on the left, what skips boxes on the right, and the rest straight down.
function sideOf(tree, arrow, open) {
  if (arrow.way === "short") return "left";
  if (rowBelow(tree, arrow, open)) return "right";
  const holder = commonHolder(tree, arrow);
  const [from, to] = [arrow.from, arrow.to].map((id) => indexIn(tree, holder, id));
  if (isRow(holder)) return besideEachOther(holder, from, to, open) ? "none" : "right";
  return to - from > 1 || insideNotLast({tree, open}, holder, arrow.from) ? "right" : "none";
}

const besideEachOther = (holder, from, to, open) =>
  ![from, to].some((i) => open.includes(holder.items[i].id));

// Whether something stands between the end of this item and the end of its part of the holder.
function insideNotLast({tree, open}, holder, id) {
  for (let at = tree.items[tree.place[id]]; tree.parent[at.id] !== holder; ) {
    const up = tree.parent[at.id];
    const last = isRow(up) ? linesOf(up.items, standsAlone(open)).at(-1) : up.items.slice(-1);
    if (!last.includes(at)) return true;
    at = up;
  }
  return false;
}

// The row in which an arrow ends below what is opened, coming from above: it runs beside that. Else null.
function rowBelow(tree, {from, to}, open) {
  const row = tree.parent[to];
  if (!isRow(row) || indexIn(tree, row, from) >= 0) return null;
  return lineOf(row, tree.items[tree.place[to]], open)[0] > 0 ? row : null;
}

// [which of the lines of a row an item stands in, how many there are]
function lineOf(row, item, open) {
  const lines = linesOf(row.items, standsAlone(open));
  return [lines.findIndex((line) => line.includes(item)), lines.length];
}

// As indexIn, with the line in which it stands as a part of 1, if it stands in a row.
function lineIn({tree, open}, holder, id) {
  const whole = indexIn(tree, holder, id);
  const row = holder.items[whole];
  if (!row || !isRow(row)) return whole;
  const [line, count] = lineOf(row, row.items[indexIn(tree, row, id)], open);
  return whole + line / count;
}

// In a row, what is opened takes the whole width.
const standsAlone = (open) => (item) => isGroup(item) || open.includes(item.id);

// The column or group in whose gutter an arrow runs: for a way round that of its end.
function laneHolder({tree, open}, arrow, side) {
  const row = side === "right" && rowBelow(tree, arrow, open);
  if (row) return tree.parent[row.id];
  const holder = side === "left" ? tree.parent[arrow.to] : commonHolder(tree, arrow);
  return isRow(holder) ? tree.parent[holder.id] : holder;
}

function commonHolder(tree, {from, to}) {
  const holders = new Set();
  for (let up = tree.parent[from]; up; up = tree.parent[up.id]) holders.add(up);
  let up = tree.parent[to];
  while (!holders.has(up)) up = tree.parent[up.id];
  return up;
}

// Which of the holder's items this one belongs to; -1 if it stands before all of them.
function indexIn(tree, holder, id) {
  for (let at = tree.items[tree.place[id]]; at; at = tree.parent[at.id]) {
    if (tree.parent[at.id] === holder) return holder.items.indexOf(at);
  }
  return -1;
}

// The corners of an arrow, from the edge of one box to the edge of another.
function routed(sheet, arrow, {stacked}) {
  const {tree, boxes, open} = sheet;
  const [from, to] = [boxes[arrow.from], boxes[arrow.to]];
  if (acrossOf(tree, arrow)) return acrossRoute(sheet, arrow, stacked);
  const side = sideOf(tree, arrow, open);
  if (side === "none") return straight(sheet, from, to);
  const holder = laneHolder({tree, open}, arrow, side);
  const lane = lanesOf(sheet, holder, side).findIndex((list) =>
    list.some((each) => each.from === arrow.from && each.to === arrow.to),
  );
  return beside(sheet, {from, to, holder, lane, side});
}

const middle = ({x, width}) => x + width / 2;
const half = ({y, height, head}) => y + (head ?? height) / 2;
const below = ({y, height}) => y + height;

// Straight down, in the middle of the narrower of the two; with a bend where they do not stand one above the other.
function straight({unit}, from, to) {
  if (to.y < below(from)) return sideways(from, to);
  const [start, end] =
    from.width < to.width
      ? [middle(from), within(middle(from), to, unit.pad)]
      : [within(middle(to), from, unit.pad), middle(to)];
  if (Math.abs(start - end) < 1)
    return [
      [end, below(from)],
      [end, to.y],
    ];
  const bend = to.y - unit.gap / 2;
  return [
    [start, below(from)],
    [start, bend],
    [end, bend],
    [end, to.y],
  ];
}

const within = (x, place, pad) => Math.min(Math.max(x, place.x + pad), place.x + place.width - pad);

const sideways = (from, to) =>
  to.x > from.x
    ? [
        [from.x + from.width, half(from)],
        [to.x, half(from)],
      ]
    : [
        [from.x, half(from)],
        [to.x + to.width, half(from)],
      ];

// Out below, along a lane beside the others, and in from the side; from above into what stands side by side.
function beside({unit, boxes}, {from, to, holder, lane, side}) {
  const [first, last] = [holder.items[0], holder.items.at(-1)].map(({id}) => boxes[id]);
  const edges = edgesOf(boxes, holder) ?? [first ?? to, last ?? to];
  const x =
    side === "left"
      ? Math.min(...edges.map((place) => place.x)) - (lane + 0.6) * unit.lane
      : Math.max(...edges.map((place) => place.x + place.width)) + (lane + 0.6) * unit.lane;
  const out = below(from) + unit.gap * 0.36;
  const entry = side === "left" ? to.x : to.x + to.width;
  const start = middle(from);
  const end = to.upright ? fromAbove(to, 0.35 * unit.gap) : [[entry, half(to)]]; // not under its neighbour
  return [[start, below(from)], [start, out], [x, out], [x, end[0][1]], ...end];
}

// The places of what a holder shows directly; rows without a head stand for what is in them.
function edgesOf(boxes, holder) {
  const places = holder.items.flatMap((item) =>
    boxes[item.id] ? [boxes[item.id]] : edgesOf(boxes, item),
  );
  return places.length ? places : null;
}

// From one column to another: along the channel between them, or along the margin where they are stacked.
function acrossRoute({tree, unit, boxes, open}, {from: fromId, to: toId}, stacked) {
  const [from, to] = [boxes[fromId], boxes[toId]];
  const holder = tree.parent[toId];
  const x = stacked ? unit.lane * 0.45 : channelX(boxes, tree, fromId, unit);
  const start = stacked ? [from.x, half(from)] : [from.x + from.width, half(from)];
  const alone = !isRow(holder) || open.includes(toId) || !to.upright;
  const end = alone ? [[to.x, half(to)]] : fromAbove(to, 0.5 * unit.gap);
  return [start, [x, start[1]], [x, end[0][1]], ...end];
}

const fromAbove = (to, by) => [
  [middle(to), to.y - by],
  [middle(to), to.y],
];

function channelX(boxes, tree, id, unit) {
  const column = tree.column[id];
  const ends = Object.entries(boxes)
    .filter(([each]) => tree.column[each] === column)
    .map(([, place]) => place.x + place.width);
  return Math.max(...ends) + unit.channel * 0.42;
}

// A line through these corners, each of them rounded, as the path of an SVG.
export function roundedPath(points, radius = 7) {
  const way = points.filter(
    ([x, y], i) => !i || Math.hypot(x - points[i - 1][0], y - points[i - 1][1]) > 0.01,
  );
  const parts = [`M${spot(way[0])}`];
  for (let i = 1; i < way.length - 1; i++) {
    const [before, corner, after] = [way[i - 1], way[i], way[i + 1]];
    const most = Math.min(radius, distance(before, corner) / 2, distance(corner, after) / 2);
    parts.push(
      `L${spot(towards(corner, before, most))}Q${spot(corner)} ${spot(towards(corner, after, most))}`,
    );
  }
  return `${parts.join("")}L${spot(way.at(-1))}`;
}

// The tip of an arrow that ends at the last of these points.
export function tipPath(points, size) {
  const way = points.filter(
    ([x, y], i) => !i || Math.hypot(x - points[i - 1][0], y - points[i - 1][1]) > 0.01,
  );
  const [end, before] = [way.at(-1), way.at(-2)];
  const [dx, dy] = [
    (end[0] - before[0]) / distance(end, before),
    (end[1] - before[1]) / distance(end, before),
  ];
  const back = [end[0] - size * dx, end[1] - size * dy];
  const side = [(-dy * size) / 2, (dx * size) / 2];
  return `M${spot(end)}L${spot([back[0] + side[0], back[1] + side[1]])}L${spot([back[0] - side[0], back[1] - side[1]])}z`;
}

const distance = ([x, y], [toX, toY]) => Math.hypot(toX - x, toY - y);
const towards = (from, to, much) => {
  const all = distance(from, to) || 1;
  return [from[0] + (much * (to[0] - from[0])) / all, from[1] + (much * (to[1] - from[1])) / all];
};
const spot = ([x, y]) => `${Number(x.toFixed(1))} ${Number(y.toFixed(1))}`;
