// A picture as a set of pixels: the attention of one of them over all, in several heads, and what it reads. Pixels
// are numbered as they stand in the picture; when they are shuffled they take their numbers along.

import {element, isLight, number, plain, shape, share, signed, widest} from "./drawing.js";
import {rendering} from "./frame.js";
import {dot, entropy, matrixAt, softmax, uniforms} from "./mathematics.js";
import {layLegend, paintLegend} from "./weight_legend.js";

const TRAITS = ["picture", "head", "query", "positions", "shuffle", "brush", "painted"];

// Which pixel stands at each place, row by row.
export function orderOf(seed, count) {
  const pixels = Array.from({length: count}, (_, i) => i);
  if (seed === 0) return pixels;
  const keys = uniforms(seed, count);
  return pixels.sort((a, b) => keys[a] - keys[b]);
}

// The colour of each pixel, three numbers from 0 to 1, with what was painted over it.
export function coloursOf(images, place, painted, palette) {
  const channels = [0, 1, 2].map((channel) => matrixAt(images, place, channel).flat());
  return channels[0].map((_, pixel) =>
    String(pixel) in painted ? palette[painted[pixel]] : channels.map((channel) => channel[pixel]),
  );
}

// The score of each pixel j for one pixel i: of its colour, and of its place.
export function scoresFrom(i, vectors, places, {content, shift, sharpness}, positions) {
  const asks = content[0].map((_, b) =>
    dot(
      vectors[i],
      content.map((row) => row[b]),
    ),
  );
  return vectors.map((vector, j) => {
    const colour = dot(asks, vector) / Math.sqrt(vector.length);
    const off = places[j].map((each, axis) => each - places[i][axis] - shift[axis]);
    const place = positions ? -sharpness * dot(off, off) : 0;
    return {colour, place, score: colour + place};
  });
}

const weightsOf = (scores) =>
  softmax(
    scores.map(({score}) => score),
    scores.map(() => true),
    1,
  );

const mixed = (weights, colours) =>
  [0, 1, 2].map((channel) =>
    weights.reduce((sum, weight, j) => sum + weight * colours[j][channel], 0),
  );

// What is set, and all numbers that follow from it.
export function compute(get) {
  const state = Object.fromEntries(TRAITS.map((name) => [name, get(name)]));
  const {query, positions} = state;
  const [, , height, width] = get("images").shape;
  const palette = get("palette").map(([, colour]) => colour);
  const painted = state.painted[state.picture] ?? {};
  const colours = coloursOf(get("images"), get("names").indexOf(state.picture), painted, palette);
  const vectors = colours.map((colour) => colour.map((each) => 2 * each - 1));
  const order = orderOf(state.shuffle, colours.length);
  const still = colours.map((_, place) => [Math.floor(place / width), place % width]);
  const places = [];
  order.forEach((pixel, place) => {
    places[pixel] = still[place];
  });
  const heads = get("heads");
  const chosen = heads.findIndex(({name}) => name === state.head);
  const looks = heads.map((head) => weightsOf(scoresFrom(query, vectors, places, head, positions)));
  const read = (where) =>
    colours.map((_, i) =>
      mixed(weightsOf(scoresFrom(i, vectors, where, heads[chosen], positions)), colours),
    );
  const outputs = read(places);
  const before = state.shuffle ? read(still) : outputs;
  const moved = Math.max(
    ...outputs.flatMap((row, i) => row.map((v, c) => Math.abs(v - before[i][c]))),
  );
  const weights = looks[chosen];
  return {
    state,
    size: [height, width],
    palette,
    painted,
    colours,
    vectors,
    order,
    places,
    heads,
    chosen,
    looks,
    scores: scoresFrom(query, vectors, places, heads[chosen], positions),
    weights,
    outputs,
    moved, // how far shuffling has changed an output, at most
    result: [
      [...cellOf(query, width), chosen],
      order.map((pixel) => weights[pixel]),
      outputs[query],
    ],
  };
}

const cellOf = (pixel, width) => [Math.floor(pixel / width), pixel % width];
const pixelOf = ([row, column], width) => row * width + column;
const named = (pixel, {size: [, width]}) => `(${cellOf(pixel, width).join(", ")})`;
const hundredths = (value) => number(Math.abs(value) < 0.005 ? 0 : value); // and no power of ten
const colour = (row) => `(${row.map(hundredths).join(", ")})`;
const css = (row) => `rgb(${row.map((each) => Math.round(255 * each)).join(", ")})`;

// The weight that has the strongest colour: a share that is spread evenly stays pale.
const strongest = (weights) => Math.max(...weights, 4 / weights.length);

// "Pixel (2, 5) looks most at (2, 4), 0.98; entropy 0.12 nats. It reads (0.90, 0.15, 0.15)."
export function told(shown) {
  const {state, weights, outputs, moved} = shown;
  const most = Math.max(...weights);
  const top = weights.map((_, i) => i).filter((i) => most - weights[i] < 1e-6);
  const places = top.map((pixel) => (pixel === state.query ? "itself" : named(pixel, shown)));
  const last = places.pop();
  const list = places.length ? `${places.join(", ")} and ${last}` : last;
  const looks = top.length > 3 ? `looks at ${top.length} pixels alike` : `looks most at ${list}`;
  const each = top.length > 1 ? " each" : "";
  const said = `Pixel ${named(state.query, shown)} ${looks}, ${number(most)}${each}; entropy ${hundredths(entropy(weights))} nats. It reads ${colour(outputs[state.query])}.`;
  return state.shuffle ? `${said} ${shuffled(moved)}` : said;
}

const shuffled = (moved) =>
  moved < 5e-7
    ? "Shuffled: the weights went along with the pixels, and each reads what it read before."
    : `Shuffled: what a pixel reads has changed by up to ${number(moved)}.`;

// The way from one pixel to the weight of another, and to the colour that is read.
export function arithmetic(shown, key) {
  const {state, vectors, places, heads, chosen, scores, weights, outputs} = shown;
  const {content, shift, sharpness} = heads[chosen];
  const x = vectors[state.query];
  const asks = content[0].map((_, b) =>
    dot(
      x,
      content.map((row) => row[b]),
    ),
  );
  const terms = asks.flatMap((each, i) => [
    ["", i ? " + " : "("],
    ["attn-query", signed(each)],
    ["", "×"],
    ["attn-key", signed(vectors[key][i])],
  ]);
  const sum = [...terms, ["", `) / √3 = ${hundredths(scores[key].colour)}`]];
  const all = scores.map(({score}) => score);
  const highest = Math.max(...all);
  const total = all.reduce((sum, each) => sum + Math.exp(each - highest), 0);
  const off = places[key].map((each, axis) => each - places[state.query][axis] - shift[axis]);
  const place = !state.positions
    ? "does not count"
    : sharpness === 0
      ? "0: this head does not ask for places"
      : `−${plain(sharpness)} × (${off.map((each) => `${signed(each)}²`).join(" + ")}) = ${plain(scores[key].place + 0)}`;
  const biggest = weights
    .map((_, j) => j)
    .sort((a, b) => weights[b] - weights[a])
    .slice(0, 2);
  return [
    ["colour", asks.some(Boolean) ? sum : "0: this head does not ask for colours"],
    ["place", place],
    [
      "weight",
      `exp(${hundredths(scores[key].score)} − ${highest < 0 ? `(${hundredths(highest)})` : hundredths(highest)}) / ${number(total)} = ${number(weights[key])}`,
    ],
    [
      "output",
      [
        ...biggest.flatMap((j) => [
          ["", `${number(weights[j])}×`],
          ["attn-value", colour(shown.colours[j])],
          ["", " + "],
        ]),
        ["", "… = "],
        ["attn-output", colour(outputs[state.query])],
      ],
    ],
  ];
}

// The key that is spoken of: the pixel pointed at, or, at the query itself, the one it looks most at.
function keyOf({state, weights, size: [, width]}, focus) {
  const pointed = focus.length ? pixelOf(focus, width) : state.query;
  return pointed === state.query ? weights.indexOf(Math.max(...weights)) : pointed;
}

const GAP = 26; // between two planes
const RIGHT = 3; // room for a ring at the edge

// As large as there is room for: three planes side by side, or one under the other.
function measure({room, lecture, size}, [height, width]) {
  const most = lecture ? 46 : 34;
  const tallest = lecture ? 330 : 660;
  const head = size + 12;
  const ways = [3, 2, 1].map((across) => {
    const down = Math.ceil(3 / across);
    const wide = (room - 2 * RIGHT - (across - 1) * GAP) / (across * width);
    const high = (tallest / down - head) / height;
    return {across, down, head, cell: Math.max(6, Math.floor(Math.min(wide, high, most)))};
  });
  return ways[0].cell >= 15 ? ways[0] : ways.toSorted((a, b) => b.cell - a.cell)[0];
}

function layout(frame) {
  const {shown, svg, lecture} = frame;
  const [height, width] = shown.size;
  const {across, down, head, cell} = measure(frame, shown.size);
  const [wide, tall] = [width * cell, height * cell];
  const spelled = cell >= (lecture ? 40 : 26);
  const planes = ["picture", "weights", "output"].map((name, i) => {
    const left = (i % across) * (wide + GAP) + RIGHT;
    const top = Math.floor(i / across) * (tall + head + 10) + head;
    return layPlane(frame, {name, left, top, cell, height, width, spelled: spelled && i === 1});
  });
  svg.append(...planes.flatMap(({rings}) => rings));
  return {
    planes,
    cell,
    width: across * (wide + GAP) - GAP + 2 * RIGHT,
    height: down * (tall + head + 10) - 4,
  };
}

// One plane: a square for each pixel, which takes its number along when it moves.
function layPlane({svg, shown, size}, plane) {
  const {name, left, top, cell, height, width, spelled} = plane;
  const heading = {
    class: name === "output" ? "attn-title attn-output" : "attn-title",
    x: left,
    y: top - 9,
  };
  const title = svg.appendChild(shape("text", heading));
  const squares = shown.colours.map(() => {
    const group = shape("g");
    const square = shape("rect", {class: "attn-pixel", width: cell, height: cell});
    group.append(square);
    const text = shape("text", {x: cell / 2, y: cell / 2, dy: "0.35em", "text-anchor": "middle"});
    if (spelled) group.append(text);
    svg.append(group);
    return {group, square, text};
  });
  const edge = {class: "attn-frame", x: left, y: top, width: width * cell, height: height * cell};
  svg.append(shape("rect", edge));
  const legend = name === "weights" ? layLegend({svg, size}, overTheRight(plane)) : null;
  const ringOf = (kind) =>
    shape("rect", {class: `attn-ringed ${kind}`, style: "fill: none", width: cell, height: cell});
  const rings = ["attn-halo", "attn-key", "attn-halo", "attn-query"].map(ringOf);
  return {...plane, title, squares, legend, rings};
}

// Over the right end of a plane.
const overTheRight = ({left, top, width, cell}) => ({right: left + width * cell, base: top - 9});

// Pixels that were shuffled move to their places; all else stands there at once.
function paintPlane(plane, {places, state: {shuffle}}, fills, texts) {
  const {left, top, cell, squares} = plane;
  const moves = plane.shuffle !== undefined && plane.shuffle !== shuffle;
  plane.shuffle = shuffle;
  squares.forEach(({group, square, text}, pixel) => {
    group.classList.toggle("attn-moving", moves);
    const [row, column] = places[pixel];
    group.style.transform = `translate(${left + column * cell}px, ${top + row * cell}px)`;
    square.style.fill = `rgb(${fills[pixel].join(", ")})`;
    text.textContent = texts?.[pixel] ?? "";
    text.setAttribute("class", isLight(fills[pixel]) ? "attn-black" : "attn-white");
  });
}

function ring({rings, left, top, cell}, {places}, query, key) {
  rings.forEach((each, i) => {
    const pixel = i < 2 ? key : query;
    const [row, column] = places[pixel];
    each.setAttribute("x", left + column * cell);
    each.setAttribute("y", top + row * cell);
    each.setAttribute("visibility", i < 2 && key === query ? "hidden" : "visible");
  });
}

const bytes = (row) => row.map((each) => Math.round(255 * each));

// Where the slider chose another pixel to ask, the keys go on from there; walking and a click set both.
function followQuery(frame, focus) {
  const {state, size} = frame.shown;
  const before = [frame.asked, String(frame.pointed)];
  Object.assign(frame, {pointed: focus, asked: state.query});
  const slid = before[0] !== undefined && before[0] !== state.query && before[1] === String(focus);
  if (slid && focus.length) frame.set({focus: cellOf(state.query, size[1])});
}

function draw(frame, focus) {
  followQuery(frame, focus);
  const {shown, colours, place} = frame;
  const {state, weights, outputs, size, heads, chosen} = shown;
  const [key, most] = [keyOf(shown, focus), strongest(weights)];
  const [picture, looks, output] = place.planes;
  const asks = named(state.query, shown);
  picture.title.textContent = "picture";
  const wide = looks.width * looks.cell > 17 * frame.size; // beside it stands the scale
  looks.title.textContent = wide ? `weights of ${asks}` : "weights";
  output.title.textContent = "output";
  paintLegend(looks.legend, most, colours);
  paintPlane(picture, shown, shown.colours.map(bytes));
  paintPlane(
    looks,
    shown,
    weights.map((weight) => colours[Math.round((255 * weight) / most)]),
    looks.spelled ? weights.map(share) : null,
  );
  paintPlane(output, shown, outputs.map(bytes));
  place.planes.forEach((plane, i) => ring(plane, shown, state.query, i === 2 ? state.query : key));
  const status = told(shown);
  return {
    status,
    label: `A picture of ${size[0]} by ${size[1]} pixels, the weights of one of them in the head “${heads[chosen].name}”, and what each reads. Arrow keys walk, Enter ${state.brush < 0 ? "asks" : "paints"}. ${status}`,
    title: [
      ["attn-query", `pixel ${asks}`],
      ["", " → "],
      ["attn-key", key === state.query ? "itself" : `pixel ${named(key, shown)}`],
      ["", `, ${number(weights[key])}`],
    ],
    lines: linesOf(frame, arithmetic(shown, key)),
  };
}

// In a lecture there is room for two.
const linesOf = ({lecture}, lines) =>
  lecture ? lines.filter(([term]) => /weight|output/.test(term)) : lines;

function above(frame) {
  return [headsRow(frame), paintRow(frame)];
}

// The heads side by side, each with what the query looks at in it.
function headsRow(frame) {
  const {get, set} = frame;
  const root = element("div", {class: "attn-looks", role: "group", "aria-label": "heads"});
  const [, , height, width] = get("images").shape;
  const buttons = get("heads").map(({name}) => {
    const button = element("button", {type: "button", class: "attn-look"});
    const canvas = element("canvas", {width, height, "aria-hidden": "true"});
    canvas.style.aspectRatio = `${width} / ${height}`;
    button.append(canvas, element("span", {}, name));
    button.addEventListener("click", () => set({head: name}));
    root.append(button);
    return {button, canvas};
  });
  const draw = () =>
    buttons.forEach(({button, canvas}, i) => {
      button.setAttribute("aria-pressed", String(i === frame.shown.chosen));
      paintThumbnail(canvas, frame.shown, i, frame.colours);
    });
  return {root, draw};
}

function paintThumbnail(canvas, {looks, places, size: [, width]}, head, colours) {
  const image = new ImageData(canvas.width, canvas.height);
  const most = strongest(looks[head]);
  looks[head].forEach((weight, pixel) => {
    const at = 4 * pixelOf(places[pixel], width);
    image.data.set([...colours[Math.round((255 * weight) / most)], 255], at);
  });
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// What a click does: it asks, or it paints in a colour.
function paintRow(frame) {
  const {get, set} = frame;
  const root = element("div", {
    class: "attn-tools",
    role: "group",
    "aria-label": "what a click does",
  });
  const tool = (brush, name) => {
    const button = element("button", {type: "button", class: "attn-tool"});
    button.addEventListener("click", () => set({brush}));
    button.setAttribute("aria-label", name);
    button.title = name;
    root.append(button);
    return {button, brush};
  };
  const look = tool(-1, "ask a pixel");
  look.button.append("ask");
  const colours = get("palette").map(([name, colour], i) => {
    const made = tool(i, `paint in ${name}`);
    const patch = element("span", {class: "attn-patch"});
    patch.style.background = css(colour);
    made.button.append(patch);
    return made;
  });
  root.insertBefore(element("span", {class: "attn-quietly"}, "paint"), colours[0].button);
  const clear = element("button", {type: "button"}, "clear the paint");
  clear.addEventListener("click", () => {
    const {[get("picture")]: _, ...others} = get("painted");
    set({painted: others});
  });
  root.append(clear);
  const draw = () => {
    for (const {button, brush} of [look, ...colours])
      button.setAttribute("aria-pressed", String(brush === get("brush")));
    clear.classList.toggle("attn-hidden", !Object.keys(frame.shown.painted).length);
  };
  return {root, draw};
}

// The pixel under a point of the drawing, as [row, column] in the picture that is not shuffled, or null.
function under({place: {planes}, shown: {order, size}}, x, y) {
  const [height, width] = size;
  for (const {left, top, cell} of planes) {
    const [row, column] = [Math.floor((y - top) / cell), Math.floor((x - left) / cell)];
    if (row >= 0 && row < height && column >= 0 && column < width)
      return cellOf(order[pixelOf([row, column], width)], width);
  }
  return null;
}

// A click, or Enter: the pixel asks, or is painted.
function choose(frame, cell) {
  const {state, size, painted} = frame.shown;
  const pixel = pixelOf(cell, size[1]);
  if (state.brush < 0) return {query: pixel, focus: cell};
  const over = {...painted, [pixel]: state.brush};
  return {painted: {...frame.get("painted"), [state.picture]: over}, focus: cell};
}

// What is painted with the button held down, the first pixel at once: a finger that is not moved gives no click.
function grab(frame, x, y) {
  const first = under(frame, x, y);
  if (frame.get("brush") < 0 || !first) return null;
  frame.set(choose(frame, first));
  return (...now) => {
    const cell = under(frame, ...now);
    return cell ? choose(frame, cell) : {};
  };
}

// How many lines are kept for the longest that may be said of such a picture, and for its sums.
function keeps({root, room, shown}) {
  const linesIn = (text, free) => Math.ceil((1.05 * widest(root, [text])) / free);
  const [at, three] = [named(shown.colours.length - 1, shown), colour([0.25, 0.25, 0.25])];
  const said = `Pixel ${at} looks most at ${at}, ${at} and ${at}, 0.33 each; entropy 1.10 nats. It reads ${three}. ${shuffled(0)}`;
  const beside = room - widest(root, ["output"]) - 14;
  const sums = [
    "(−6.40×(−0.70) + (−5.60)×(−0.70) + (−6.40)×(−0.70)) / √3 = −10.25",
    "−0.25 × (11² + (−11)²) = −60.50",
    "exp(−12.25 − (−12.25)) / 10.25 = 0.25",
    `0.25×${three} + 0.25×${three} + … = ${three}`,
  ];
  const status = linesIn(said, room);
  const work = sums.reduce((count, sum) => count + linesIn(sum, beside), 0);
  return {status, work, lecture: status};
}

function tables({state, size: [height, width], order, weights, colours, outputs}) {
  const rows = Array.from({length: height}, (_, row) => `row ${row}`);
  const columns = Array.from({length: width}, (_, column) => `column ${column}`);
  const at = (write) =>
    rows.map((_, row) => columns.map((_, column) => write(order[pixelOf([row, column], width)])));
  const asks = cellOf(state.query, width).join(", ");
  return [
    {
      caption: `weights of pixel (${asks})`,
      corner: "",
      rows,
      columns,
      values: at((pixel) => weights[pixel].toFixed(3)),
    },
    {caption: "colours", corner: "", rows, columns, values: at((pixel) => colour(colours[pixel]))},
    {caption: "outputs", corner: "", rows, columns, values: at((pixel) => colour(outputs[pixel]))},
  ];
}

export default {
  render: rendering({
    name: "pixels",
    synced: [...TRAITS, "images", "names", "heads", "palette", "focus"],
    rebuild: ["images", "heads"],
    compute,
    above,
    layout,
    draw,
    keeps,
    cells: ({size}) => size,
    at: (frame, x, y) => under(frame, x, y),
    moves: ({shown: {state, size}}, cell, walked) =>
      walked && state.brush < 0 ? {query: pixelOf(cell, size[1])} : {},
    choose,
    grab,
    tables,
  }),
};
