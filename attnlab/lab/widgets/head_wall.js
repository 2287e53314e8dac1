// The wall of heads: a small heatmap for each head of a model, sorted by what they do; one of them is large.

import {element, shape, share, widest} from "./drawing.js";
import {rendering} from "./frame.js";
import {cellAt, layGrid, paintGrid, placeGrid, ringGrid} from "./grid.js";
import {compute, WALL_SORTS} from "./wall_orders.js";
import {headCalled, wallSentence, wallTitle} from "./wall_words.js";

const GAP = 4; // between two small ones
const ASIDE = 30; // between the wall, the large one, and what it does
const BESIDE = 600; // a room in which the large one stands beside the wall
const THREE = 1100; // and in which there is also room for what it does
const DOINGS = 380; // which takes so much of it
const BOLD = 1.12; // by how much bold letters are wider
const SHADOW = 0.22; // how strongly a head is drawn that does nothing of what they are sorted by

const named = (caption, words, kind) => ({words, kind, caption});

// The wall: where its tiles stand, and how large they are.
function placeWall({root, room, size, lecture, shown: {layers, heads}}) {
  const beside = room >= BESIDE;
  const left = Math.ceil(widest(root, [".000"])) + 8; // what stands beside the rows
  const top = 2 * size + 12;
  const free = (beside ? Math.min(0.42 * room, 340) : Math.min(room, 420)) - left;
  const tall = lecture ? 440 : 530;
  const fit = Math.floor(Math.min(free / layers, tall / heads)) - GAP;
  const tile = Math.max(10, Math.min(fit, 64));
  const step = tile + GAP;
  return {
    beside,
    left,
    top,
    tile,
    step,
    right: left + layers * step - GAP,
    bottom: top + heads * step - GAP,
  };
}

function layout(frame) {
  const {get, room, svg, shown} = frame;
  const wall = layWall(frame, placeWall(frame));
  const x = wall.beside ? wall.right + ASIDE : 0;
  const y = wall.beside ? 0 : wall.bottom + 18;
  const three = room >= THREE && shown.kinds.length > 0;
  const free = room - x - (three ? DOINGS : 0);
  const below = three || frame.lecture ? 0 : linesOf(frame).length * (frame.size + 11) + 40;
  const tall = wall.beside ? wall.bottom + 90 - 8 * frame.size - below : Infinity;
  const standing = (words) =>
    placeGrid(frame, {
      x,
      y,
      room: free,
      title: headCalled(shown.state.opened, shown.heads),
      most: Math.max(frame.size, Math.min(36, Math.floor(tall / words.length))),
      rows: named("query", words, "query"),
      columns: named("key", words, "key"),
    });
  const all = get("tokens").map(standing);
  const grid = layGrid(frame, standing(shown.words));
  const title = [...svg.querySelectorAll(".attn-title")].at(-1); // the grid's, which says what is large
  const bottom = Math.max(...all.map((each) => each.bottom)); // or what is under it would jump
  const right = Math.max(...all.map((each) => each.right));
  const doings = layDoings(frame, {
    x: three ? right + ASIDE : x,
    y: three ? y : bottom + 14,
    shows: three || !frame.lecture, // in a room all is to be seen at once
    room: three ? room - right - ASIDE : Math.min(free, 520),
  });
  svg.append(grid.ring);
  return {
    wall,
    grid,
    doings,
    title,
    width: Math.min(room, Math.max(wall.right, right, doings.right)),
    height: Math.max(wall.bottom, bottom, doings.bottom) + 4,
  };
}

// The still parts of the wall, and a tile for each head, which is moved to its place.
function layWall(frame, wall) {
  const {svg, drawing, size, shown} = frame;
  const {layers, heads, words} = shown;
  const tiles = Array.from({length: layers * heads}, (_, head) => {
    const tile = element("div", {class: "attn-tile"});
    const bar = element("div", {class: "attn-tile-bar"});
    const canvas = element("canvas", {width: words.length, height: words.length});
    for (const part of [tile, canvas])
      Object.assign(part.style, {width: `${wall.tile}px`, height: `${wall.tile}px`});
    const sign = element("span", {class: "attn-tile-sign"});
    tile.append(canvas, bar, sign);
    drawing.insertBefore(tile, svg);
    return {head, tile, canvas, bar, sign};
  });
  const text = (attributes) => svg.appendChild(shape("text", attributes));
  const title = text({class: "attn-title", x: 0, y: size});
  const caption = {class: "attn-caption", y: wall.top - 6};
  const columns = Array.from({length: layers}, (_, i) =>
    text({...caption, x: wall.left + i * wall.step + wall.tile / 2, "text-anchor": "middle"}),
  );
  const rows = Array.from({length: heads}, (_, i) =>
    text({
      class: "attn-caption attn-numbers",
      x: wall.left - 6,
      y: wall.top + i * wall.step + wall.tile / 2,
      dy: "0.35em",
      "text-anchor": "end",
    }),
  );
  const ring = svg.appendChild(shape("g"));
  return {...wall, tiles, title, columns, rows, ring, painted: null, stands: false};
}

// For each kind a line with a stroke for each head, and a bar for the large one; a last line for what is lost.
function layDoings(frame, {x, y, room, shows}) {
  const {svg, size, root} = frame;
  const lines = shows ? linesOf(frame) : [];
  const add = (name, attributes, text) => svg.appendChild(shape(name, attributes, text));
  if (!lines.length) return {lines, right: x, bottom: y};
  const left =
    x +
    Math.ceil(
      widest(
        root,
        lines.map(({label}) => label),
      ),
    ) +
    10;
  const width = Math.max(40, room - (left - x) - 46);
  const step = size + 11;
  add("text", {class: "attn-title", x, y: y + size}, "what it does, among all heads");
  for (const [i, line] of lines.entries()) {
    const top = y + size + 12 + i * step;
    const at = (value) => left + (width * value) / line.high;
    const strokes = line.values.map((value) => `M${at(value).toFixed(1)} ${top + 2}v${step - 8}`);
    add(
      "text",
      {class: "attn-caption", x: left - 8, y: top + size - 1, "text-anchor": "end"},
      line.label,
    );
    add("path", {class: "attn-wall-others", d: strokes.join("")});
    add("path", {class: "attn-axis", d: `M${left} ${top}v${step - 4}`});
    line.bar = add("rect", {class: line.look, x: left, y: top + 5, height: step - 14});
    line.told = add("text", {class: "attn-numbers", x: left + width + 6, y: top + size - 1});
    line.wide = (value) => at(value) - left;
  }
  return {lines, right: left + width + 46, bottom: y + size + 12 + lines.length * step};
}

// What there is to say of each head, one thing a line.
function linesOf({get, shown: {kinds, shares, moves}}) {
  const line = (label, values, places, high, look) => ({label, values, places, high, look});
  const marks = get("marks");
  const lines = kinds.map((kind, i) => line(`${marks[i]} ${kind}`, shares[i], 2, 1, "attn-weight"));
  const most = Math.max(...(moves ?? []), 1e-9);
  if (moves) lines.push(line(`▂ ${WALL_SORTS.change}`, moves, 3, most, "attn-wall-lost"));
  return lines;
}

function draw(frame, focus) {
  const {get, place, shown} = frame;
  const {state, words, weights, heads} = shown;
  const {grid, doings} = place;
  drawWall(frame, focus);
  const pair = get("pair").every((word) => word < words.length) ? get("pair") : [];
  paintGrid(grid, {values: weights, colours: frame.colours, write: share});
  ringGrid(grid, pair);
  place.title.textContent = headCalled(state.opened, heads);
  for (const {values, bar, told, wide, places} of doings.lines) {
    bar.setAttribute("width", wide(values[state.opened]));
    told.textContent = values[state.opened].toFixed(places);
  }
  const status = wallSentence(shown, pair);
  const keys =
    "Arrow keys walk over the wall, Enter enlarges a head, Shift and an arrow key walk over its words.";
  const now = focus.length ? ` Now at ${headCalled(headAt(shown, focus), heads)}.` : "";
  return {
    status,
    label: `A wall of ${shown.order.length} heads, sorted by ${state.sort}.${now} ${status} ${keys}`,
  };
}

const headAt = ({order, layers}, [row, column]) => order[row * layers + column];

function drawWall(frame, focus) {
  const {
    place: {wall},
    shown,
  } = frame;
  const {state, order, values, layers, does, kinds, moves} = shown;
  const marks = [...frame.get("marks"), "·"];
  paintTiles(frame);
  const [most, lost] = [Math.max(...values), moves ? Math.max(...moves, 1e-9) : 1];
  const signed =
    state.sort === WALL_SORTS.does || (state.sort === WALL_SORTS.layers && kinds.length > 1);
  for (const [at, head] of order.entries()) {
    const {tile, canvas, bar, sign} = wall.tiles[head];
    tile.classList.toggle("attn-tile-moving", wall.stands); // the first time it is simply there
    tile.style.transform = `translate(${placeOf(wall, at, layers)
      .map((part) => `${part}px`)
      .join(",")})`;
    canvas.style.opacity = most > 0 ? SHADOW + (1 - SHADOW) * Math.sqrt(values[head] / most) : 1;
    bar.style.width = `${moves ? (100 * moves[head]) / lost : 0}%`;
    sign.textContent = signed ? marks[does[head]] : "";
  }
  wall.stands = true;
  drawCaptions(frame, wall, shown);
  drawRings(wall, shown, focus);
}

const placeOf = ({left, top, step}, at, layers) => [
  left + (at % layers) * step,
  top + Math.floor(at / layers) * step,
];

// Each small heatmap is painted when its numbers or the colours are others.
function paintTiles({place: {wall}, shown, colours}) {
  const {bytes, words, state} = shown;
  if (wall.painted?.colours === colours && wall.painted.sentence === state.sentence) return;
  for (const {head, canvas} of wall.tiles) {
    const image = new ImageData(words.length, words.length);
    bytes(head).forEach((byte, i) => image.data.set([...colours[byte], 255], 4 * i));
    canvas.getContext("2d").putImageData(image, 0, 0);
  }
  wall.painted = {colours, sentence: state.sentence};
}

// Beside each row the number of the head, or what its first tile has of that by which they are sorted.
function drawCaptions({root}, {title, columns, rows, beside, right}, shown) {
  const {state, order, values, layers} = shown;
  const plain = state.sort === WALL_SORTS.layers;
  const wide = BOLD * widest(root, [wallTitle(state.sort)]);
  title.textContent = wallTitle(state.sort, beside && wide > right + ASIDE);
  columns.forEach((text, i) => {
    text.textContent = plain ? String(i) : "";
  });
  rows.forEach((text, i) => {
    const places = state.sort === WALL_SORTS.change ? 3 : 2;
    const first = values[order[i * layers]].toFixed(places).replace(/^0/, "");
    text.textContent = plain ? String(i) : state.sort === WALL_SORTS.does ? "" : first;
  });
}

function drawRings({ring, tiles, tile, ...wall}, {state, order, layers}, focus) {
  const around = (at, kind, more) => {
    const [x, y] = placeOf(wall, at, layers);
    const side = tile + 2 * more;
    return shape("rect", {class: kind, x: x - more, y: y - more, width: side, height: side, rx: 2});
  };
  ring.replaceChildren(around(order.indexOf(state.opened), "attn-chosen", 2));
  if (focus.length) ring.append(around(focus[0] * layers + focus[1], "attn-row", 1));
}

// The tile under the pointer; in the large heatmap the pair of words is marked, and the focus stays.
function at(frame, x, y) {
  const {
    place: {wall, grid},
    shown,
    get,
    set,
  } = frame;
  const pair = cellAt(grid, x, y);
  if (pair && JSON.stringify(pair) !== JSON.stringify(get("pair"))) set({pair});
  const [column, row] = [(x - wall.left) / wall.step, (y - wall.top) / wall.step].map(Math.floor);
  const inside = column >= 0 && column < shown.layers && row >= 0 && row < shown.heads;
  return inside && x <= wall.right + GAP ? [row, column] : null;
}

// On a phone the large one stands under the wall: it comes into sight.
function choose({shown, place: {wall, grid}}, cell) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const see = () =>
    grid.canvas.scrollIntoView({block: "nearest", behavior: still ? "auto" : "smooth"});
  if (!wall.beside) requestAnimationFrame(see);
  return {opened: headAt(shown, cell)};
}

const ARROWS = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]};

function press({get, shown: {words}}, {key, shiftKey}) {
  if (!shiftKey || !(key in ARROWS)) return null;
  const last = words.length - 1;
  const pair = get("pair").length ? get("pair") : [0, 0];
  const step = get("pair").length ? ARROWS[key] : [0, 0];
  return {pair: pair.map((word, i) => Math.min(Math.max(word + step[i], 0), last))};
}

function tables({order, kinds, shares, moves, weights, words, heads, state}) {
  const columns = [...kinds, ...(moves ? [WALL_SORTS.change] : [])];
  const rows = order.map((head) => headCalled(head, heads));
  const values = order.map((head) => [
    ...kinds.map((_, i) => shares[i][head].toFixed(3)),
    ...(moves ? [moves[head].toFixed(3)] : []),
  ]);
  const large = {
    caption: headCalled(state.opened, heads),
    rows: words,
    columns: words,
    values: weights.map((row) => row.map((weight) => weight.toFixed(3))),
  };
  return [
    large,
    {caption: "all heads, as they stand on the wall", corner: "head", rows, columns, values},
  ];
}

export default {
  render: rendering({
    name: "wall",
    synced: ["sentence", "sort", "opened", "pair", "focus"],
    rebuild: ["sentence"],
    compute,
    layout,
    draw,
    at,
    choose,
    press,
    tables,
    keeps: () => ({status: 3, work: 0}),
    cells: ({heads, layers}) => [heads, layers],
  }),
};
