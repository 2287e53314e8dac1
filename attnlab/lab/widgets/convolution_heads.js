// A convolution of 3 by 3 as attention: nine heads, each of which looks, by place alone, at the pixel that its
// cell of the kernel lies on. The sharper they look, the nearer is their output to that of the convolution.

import {element, number, plain, shape, signed, widest} from "./drawing.js";
import {rendering} from "./frame.js";
import {matrixAt, softmax} from "./mathematics.js";
import {matrixEntries} from "./matrix_entries.js";
import {layLegend, paintLegend} from "./weight_legend.js";

const TRAITS = ["sharpness", "kernel", "query", "edited"];
const CELLS = [-1, 0, 1].flatMap((down) => [-1, 0, 1].map((right) => [down, right]));

const cellOf = (pixel, width) => [Math.floor(pixel / width), pixel % width];
const within = ([row, column], [height, width]) =>
  row >= 0 && row < height && column >= 0 && column < width;

// The weights of one pixel in the head that looks at this cell; null where the cell lies outside: nothing to see.
export function headWeights(query, cell, size, sharpness) {
  const wanted = cellOf(query, size[1]).map((each, axis) => each + cell[axis]);
  if (!within(wanted, size)) return null;
  const scores = Array.from({length: size[0] * size[1]}, (_, key) => {
    const [row, column] = cellOf(key, size[1]);
    return -sharpness * ((row - wanted[0]) ** 2 + (column - wanted[1]) ** 2);
  });
  return softmax(
    scores,
    scores.map(() => true),
    1,
  );
}

// What nine heads read, times their numbers of the kernel: one term a head, 0 where it sees nothing.
const terms = (maps, pixels, kernel) =>
  maps.map((weights, head) => ({
    factor: kernel[head],
    read: weights ? weights.reduce((sum, weight, key) => sum + weight * pixels[key], 0) : 0,
  }));

// The same of the convolution: each number of the kernel times the pixel on which it lies.
function convolutionTerms(query, size, pixels, kernel) {
  const [row, column] = cellOf(query, size[1]);
  return CELLS.map(([down, right], head) => {
    const at = [row + down, column + right];
    return {
      factor: kernel[head],
      read: within(at, size) ? pixels[at[0] * size[1] + at[1]] : 0,
    };
  });
}

const sumOf = (parts) => parts.reduce((sum, {factor, read}) => sum + factor * read, 0);

// What one pixel sees in nine heads, what they read, and what the convolution does there.
function asked(query, {size, pixels, kernel, sharpness}) {
  const maps = CELLS.map((cell) => headWeights(query, cell, size, sharpness));
  const slid = convolutionTerms(query, size, pixels, kernel);
  return {maps, read: terms(maps, pixels, kernel), slid};
}

// Both outputs, a number for each pixel, and how far they lie apart, at most.
function outputsOf(given) {
  const all = given.pixels.map((_, query) => asked(query, given));
  const [output, convolved] = [all.map(({read}) => sumOf(read)), all.map(({slid}) => sumOf(slid))];
  const difference = Math.max(...output.map((each, i) => Math.abs(each - convolved[i])));
  return {output, convolved, difference};
}

// What is set, and all numbers that follow from it; the outputs are those of before if only the query is another.
export function compute(get, before) {
  const state = Object.fromEntries(TRAITS.map((name) => [name, get(name)]));
  const image = get("image");
  const rows = matrixAt(image, 0, 0);
  const matrix = numbersOf(get);
  const given = {
    size: [rows.length, rows[0].length],
    pixels: rows.flat(),
    kernel: matrix.flat(),
    sharpness: state.sharpness,
  };
  const same =
    before?.image === image &&
    ["sharpness", "kernel", "edited"].every((name) => before.state[name] === state[name]);
  const outputs = same ? before.outputs : outputsOf(given);
  const {output, convolved, difference} = outputs;
  const {query} = state;
  const seen = asked(query, given);
  const nothing = given.pixels.map(() => 0);
  return {
    state,
    image,
    ...given,
    matrix,
    ...seen,
    outputs,
    ...outputs,
    most: Math.max(...seen.maps.flatMap((each) => each ?? []), 4 / nothing.length),
    result: [
      [state.sharpness, difference],
      seen.maps.map((each) => each ?? nothing),
      [output[query], convolved[query]],
    ],
  };
}

// The kernel that is chosen, with its numbers as they were changed.
const numbersOf = (get) =>
  get("edited")[get("kernel")] ?? get("kernels")[get("names").indexOf(get("kernel"))];

const at = (pixel, {size}) => `(${cellOf(pixel, size[1]).join(", ")})`;
const tiny = (value) => (value === 0 ? "0" : number(value));
const hundredths = (value) => (Math.abs(value) < 0.005 ? 0 : value);

// "Sharpness 1: a head of pixel (4, 4) gives at most 0.32 to one pixel. The outputs differ by up to 0.21."
export function told(shown) {
  const {state, maps, difference} = shown;
  const most = Math.max(...maps.flatMap((each) => each ?? []));
  const blind = maps.filter((each) => !each).length;
  const outside = blind ? `; ${blind} look outside, at nothing` : "";
  const differ =
    difference === 0
      ? "The outputs are equal."
      : `The outputs differ by up to ${number(difference)}.`;
  return `Sharpness ${plain(state.sharpness)}: the heads of pixel ${at(state.query, shown)} give at most ${number(most)} to one pixel${outside}. ${differ}`;
}

// The sums of nine terms that end in both outputs; a number 0 of the kernel is left away.
export function arithmetic({read, slid, output, convolved, state: {query}}) {
  const sum = (parts, kind, total) => {
    const used = parts.filter(({factor}) => factor !== 0);
    const written = used.flatMap(({factor, read: value}, i) => [
      ["", `${i ? " + " : ""}${signed(factor)}×`],
      [kind, signed(hundredths(value))],
    ]);
    return [
      ...written,
      ["", `${used.length ? " = " : ""}`],
      ["attn-output", number(hundredths(total))],
    ];
  };
  return [
    ["nine heads", sum(read, "attn-value", output[query])],
    ["convolution", sum(slid, "attn-value", convolved[query])],
    ["difference", tiny(Math.abs(output[query] - convolved[query]))],
  ];
}

const EDGE = 3; // room for a ring
const COLUMN = 26; // between two columns
const GAP = 12; // between two maps
const BAR = 12; // its height

// How large pixels are in the picture and in an output, and in a map, and whether all stand side by side.
function measure(frame, [height, width]) {
  const {room, lecture, size, root} = frame;
  const label = widest(root, [lecture ? "−1.30" : "−1.30 × 0.95"]) + 10; // over a map
  const title = 1.1 * widest(root, ["convolution"]);
  const bar = 1.15 * widest(root, [lecture ? "difference" : "largest difference", "1.2e−44"]);
  const least = bar + widest(root, ["1.2e−44"]) + 8; // with its number
  const fitted = (pixel, small) => {
    const pitch = Math.max(width * small + GAP, label);
    const across = Math.max(2 * pitch + width * small, 2 * pitch + label - 10, 2 * label);
    const picture = Math.max((width + 2) * pixel, least);
    return {pixel, small, pitch, across, picture, output: Math.max(width * pixel, title)};
  };
  const tall = (lecture ? 400 : 410) - 3 * (size + 12);
  const most = Math.floor(Math.min(lecture ? 16 : 13, tall / (3 * height)));
  for (let pixel = lecture ? 22 : 26; room >= 560 && pixel >= 6; pixel--) {
    const found = fitted(pixel, Math.max(3, Math.min(most, Math.floor(0.75 * pixel))));
    const wide = found.picture + found.across + found.output + 2 * COLUMN + 2 * EDGE;
    const high = 2 * height * pixel <= (lecture ? 360 : 400);
    if (wide <= room && high) return {beside: true, ...found};
  }
  const pixel = Math.min(22, Math.floor((room - 2 * EDGE) / (width + 2)));
  const small = Math.min(11, Math.floor((room - 2 * GAP - 2 * EDGE) / (3 * width)));
  const output = Math.min(20, Math.floor((room - 16 - 2 * EDGE) / (2 * width)));
  const found = fitted(output, small);
  return {beside: false, ...found, pixel, out: output};
}

function layout(frame) {
  const {shown, size, svg, room} = frame;
  const [height, width] = shown.size;
  const {beside, pixel, small, pitch, across, out = pixel, ...wide} = measure(frame, shown.size);
  const head = size + 10;
  const title = (x, y, text, kind = "") => {
    svg.append(shape("text", {class: `attn-title ${kind}`, x, y: y + size}, text));
  };
  title(EDGE, 0, "picture");
  const picture = layPicture(frame, {x: EDGE, y: head, pixel});
  const under = head + (height + 2) * pixel;
  const spot = beside ? {x: EDGE + wide.picture + COLUMN, y: 0} : {x: EDGE, y: under + 14};
  title(spot.x, spot.y, frame.lecture || across < 16 * size ? "weights" : "weights of nine heads");
  const label = size + 6;
  const maps = CELLS.map(([down, right]) => {
    const x = spot.x + (right + 1) * pitch;
    const y = spot.y + head + (down + 1) * (height * small + label + 6) + label;
    return layMap(frame, {x, y, pixel: small});
  });
  const legend = layLegend(frame, {right: spot.x + across, base: spot.y + frame.size});
  const mapsEnd = spot.y + head + 3 * (height * small + label + 6) - 6;
  const outs = beside ? {x: spot.x + across + COLUMN, y: 0} : {x: EDGE, y: mapsEnd + 16};
  const planes = ["nine heads", "convolution"].map((text, i) => {
    const x = outs.x + (beside ? 0 : i * (wide.output + 16));
    const y = outs.y + (beside ? i * (height * out + head + 14) : 0);
    title(x, y, text, i ? "" : "attn-output");
    return layPlane(frame, {x, y: y + head, pixel: out});
  });
  const end = Math.max(mapsEnd, planes[1].y + height * out);
  const bar = beside
    ? {x: EDGE, y: under + 22, width: wide.picture}
    : {x: EDGE, y: end + 14, width: Math.min(room - 2 * EDGE, 320)};
  const difference = layDifference(frame, bar);
  const right = Math.max(spot.x + across, planes[1].x + wide.output, bar.x + bar.width);
  return {
    picture,
    maps,
    legend,
    planes,
    difference,
    width: Math.max(right, EDGE + (width + 2) * pixel) + EDGE,
    height: Math.max(end, difference.end) + 6,
  };
}

// A square for each pixel.
function layPlane({svg, shown}, {x, y, pixel}) {
  const [height, width] = shown.size;
  const group = shape("g", {"shape-rendering": "crispEdges"});
  const squares = shown.pixels.map((_, i) => {
    const [row, column] = cellOf(i, width);
    const place = {x: x + column * pixel, y: y + row * pixel, width: pixel, height: pixel};
    return group.appendChild(shape("rect", place));
  });
  const frame = {class: "attn-frame", x, y, width: width * pixel, height: height * pixel};
  const rings = ["attn-halo", "attn-query"].map((kind) =>
    shape("rect", {
      class: `attn-ringed-pixel ${kind}`,
      style: "fill: none",
      width: pixel,
      height: pixel,
    }),
  );
  svg.append(group, shape("rect", frame), ...rings);
  return {x, y, pixel, squares, rings, group};
}

// The picture, with a ring of what lies outside, and the kernel's window over it.
function layPicture(frame, {x, y, pixel}) {
  const [height, width] = frame.shown.size;
  const [w, h] = [(width + 2) * pixel, (height + 2) * pixel];
  const inner = `M${x + pixel} ${y + pixel}v${h - 2 * pixel}h${w - 2 * pixel}v${2 * pixel - h}z`;
  frame.svg.append(shape("path", {...frame.hatched, d: `M${x} ${y}h${w}v${h}h${-w}z${inner}`}));
  const plane = layPlane(frame, {x: x + pixel, y: y + pixel, pixel});
  const reach = shape("rect", {class: "attn-window", width: 3 * pixel, height: 3 * pixel});
  frame.svg.append(reach);
  return {...plane, reach};
}

function layMap(frame, {x, y, pixel}) {
  const {svg, shown} = frame;
  const [height, width] = shown.size;
  const label = shape("text", {class: "attn-caption attn-numbers", x, y: y - 5});
  const plane = layPlane(frame, {x, y, pixel});
  plane.rings[0].remove(); // it would hide the next pixels
  const outside = shape("rect", {
    ...frame.hatched,
    x,
    y,
    width: width * pixel,
    height: height * pixel,
  });
  svg.append(label, outside);
  return {...plane, label, outside};
}

const [LEAST, LARGEST] = [-19, 1]; // powers of ten on the bar

// The largest difference of the outputs as a bar on a logarithmic scale; 0 has no bar.
function layDifference({svg, size, lecture}, {x, y, width}) {
  const put = (kind, attributes, text) => svg.appendChild(shape(kind, attributes, text));
  put("text", {class: "attn-title", x, y: y + size}, lecture ? "difference" : "largest difference");
  const told = put("text", {
    class: "attn-numbers",
    x: x + width,
    y: y + size,
    "text-anchor": "end",
  });
  const top = y + size + 8;
  put("rect", {class: "attn-frame", x, y: top, width, height: BAR});
  const bar = put("rect", {class: "attn-output", x, y: top, height: BAR});
  const toX = (power) => x + (width * (power - LEAST)) / (LARGEST - LEAST);
  for (const power of width < 300 ? [-16, -8, 0] : [-16, -12, -8, -4, 0]) {
    put("path", {class: "attn-axis", d: `M${toX(power)} ${top + BAR}v4`});
    const mark = {
      class: "attn-caption attn-numbers",
      x: toX(power),
      y: top + BAR + size + 4,
      "text-anchor": "middle",
    };
    const text = put("text", mark, power ? "10" : "1");
    if (power) text.append(shape("tspan", {dy: "-0.4em", "font-size": "0.75em"}, `−${-power}`));
  }
  return {told, bar, toX, x, end: top + BAR + size + 8};
}

function paintDifference({told, bar, toX, x}, {difference}) {
  told.textContent = tiny(difference);
  const power = difference === 0 ? LEAST : Math.log10(difference);
  const end = Math.min(Math.max(power, LEAST), LARGEST);
  bar.setAttribute("width", toX(end) - x);
}

function ringAt({rings, x, y, pixel}, query, {size}) {
  const [row, column] = cellOf(query, size[1]);
  for (const ring of rings) {
    ring.setAttribute("x", x + column * pixel);
    ring.setAttribute("y", y + row * pixel);
  }
}

const fill = (square, [red, green, blue]) => {
  square.style.fill = `rgb(${red}, ${green}, ${blue})`;
};

function paintPicture(plane, {pixels, state: {query}, size}) {
  const [low, high] = [Math.min(0, ...pixels), Math.max(...pixels)];
  plane.squares.forEach((square, i) => {
    const grey = Math.round((255 * (pixels[i] - low)) / (high - low || 1));
    fill(square, [grey, grey, grey]);
  });
  const [row, column] = cellOf(query, size[1]);
  plane.reach.setAttribute("x", plane.x + (column - 1) * plane.pixel);
  plane.reach.setAttribute("y", plane.y + (row - 1) * plane.pixel);
}

function paintMap(plane, weights, {most, read}, head, {colours, lecture}) {
  const {factor, read: value} = read[head];
  plane.label.replaceChildren(
    shape("tspan", {class: "attn-title"}, plain(factor)),
    shape("tspan", {}, lecture ? "" : ` × ${plain(hundredths(value))}`),
  );
  plane.outside.setAttribute("visibility", weights ? "hidden" : "visible");
  plane.squares.forEach((square, key) => {
    fill(square, colours[Math.round((255 * (weights?.[key] ?? 0)) / most)]);
  });
}

function paintOutput(plane, values, most, colours) {
  plane.squares.forEach((square, i) => {
    const place = Math.round((255 * (values[i] / most + 1)) / 2);
    fill(square, colours[Math.min(255, Math.max(0, place))]);
  });
}

// A focus that was set alone, as by a link, asks, and goes along with a pixel that was set alone, as by a slider:
// walking and pointing set both.
function followFocus(frame, focus) {
  const {state, size} = frame.shown;
  const moved = frame.pointed && String(frame.pointed) !== String(focus);
  const slid = frame.asked !== undefined && frame.asked !== state.query;
  Object.assign(frame, {pointed: focus, asked: state.query});
  const query = focus[0] * size[1] + focus[1];
  if (!focus.length || query === state.query) return;
  if (moved) frame.set({query});
  else if (slid) frame.set({focus: cellOf(state.query, size[1])});
}

function draw(frame, focus) {
  followFocus(frame, focus);
  const {shown, place, colours, signed: signedColours} = frame;
  const {state, size, maps, output, convolved} = shown;
  const high = Math.max(...convolved.map(Math.abs)) || 1;
  paintPicture(place.picture, shown);
  place.maps.forEach((plane, head) => paintMap(plane, maps[head], shown, head, frame));
  paintLegend(place.legend, shown.most, colours);
  paintOutput(place.planes[0], output, high, signedColours);
  paintOutput(place.planes[1], convolved, high, signedColours);
  paintDifference(place.difference, shown);
  for (const plane of [place.picture, ...place.maps, ...place.planes])
    ringAt(plane, state.query, shown);
  const status = told(shown);
  return {
    status,
    label: `A picture of ${size[0]} by ${size[1]} pixels, where nine heads of one of them look, and their output beside that of the convolution. Arrow keys walk from pixel to pixel. ${status}`,
    title: [
      ["attn-query", `pixel ${at(state.query, shown)}`],
      ["", ": kernel × what is read"],
    ],
    lines: frame.lecture ? null : arithmetic(shown), // in a room the pictures say it
  };
}

// The numbers of the kernel, to type into, behind a button.
function above(frame) {
  const {get, set} = frame;
  const root = element("div", {class: "attn-kernel"});
  const trait = "numbers";
  const own = {
    get: (name) => (name === trait ? numbersOf(get) : get(name)),
    set: (traits) => set({edited: {...get("edited"), [get("kernel")]: traits[trait]}}),
  };
  const inside = matrixEntries(own, [
    {
      trait,
      name: "K",
      kind: "key",
      rows: ["above", "here", "below"],
      columns: ["left", "here", "right"],
      places: 3,
    },
  ]);
  const back = element("button", {type: "button"}, "back to its own numbers");
  back.addEventListener("click", () => {
    const {[get("kernel")]: _, ...others} = get("edited");
    set({edited: others});
  });
  const box = element("div", {class: "attn-kernel-numbers"});
  box.append(inside.root, back);
  const button = element("button", {type: "button", class: "attn-opens"});
  const open = (is) => {
    box.hidden = !is;
    button.setAttribute("aria-expanded", String(is));
    button.textContent = `${is ? "hide" : "change"} the kernel's numbers`;
  };
  button.addEventListener("click", () => open(box.hidden));
  open(false);
  root.append(button, box);
  const draw = () => {
    inside.draw();
    back.classList.toggle("attn-hidden", !(get("kernel") in get("edited")));
  };
  return [{root, draw}];
}

// The pixel under a point of the picture or of an output, or null.
function under({place: {picture, planes}, shown: {size}}, x, y) {
  for (const plane of [picture, ...planes]) {
    const cell = [Math.floor((y - plane.y) / plane.pixel), Math.floor((x - plane.x) / plane.pixel)];
    if (within(cell, size)) return cell;
  }
  return null;
}

function keeps({root, room, shown}) {
  const linesIn = (text, free) => Math.ceil((1.05 * widest(root, [text])) / free);
  const corner = at(shown.pixels.length - 1, shown);
  const said = `Sharpness 0.091: the heads of pixel ${corner} give at most 0.25 to one pixel; 5 look outside, at nothing. The outputs differ by up to 1.5e−16.`;
  const sum = `${new Array(9).fill("0.11×0.25").join(" + ")} = 0.25`;
  const beside = room - widest(root, ["convolution"]) - 14;
  return {status: linesIn(said, room), work: 2 * linesIn(sum, beside) + 1, lecture: 2};
}

function tables({size: [height, width], maps, output, convolved, matrix}) {
  const rows = Array.from({length: height}, (_, row) => `row ${row}`);
  const columns = Array.from({length: width}, (_, column) => `column ${column}`);
  const grid = (values, places) =>
    rows.map((_, row) => columns.map((_, column) => values[row * width + column].toFixed(places)));
  const sides = {corner: "", rows, columns};
  const nothing = new Array(height * width).fill(0);
  return [
    {caption: "output of the heads", ...sides, values: grid(output, 6)},
    {caption: "output of the convolution", ...sides, values: grid(convolved, 6)},
    ...maps.map((weights, head) => ({
      caption: `weights of the head of ${number(matrix.flat()[head])}, ${named(CELLS[head])}`,
      ...sides,
      values: grid(weights ?? nothing, 3),
    })),
  ];
}

const named = ([down, right]) =>
  `${["above", "", "below"][down + 1]} ${["left", "", "right"][right + 1]}`.trim() || "here";

export default {
  render: rendering({
    name: "convolution",
    synced: [...TRAITS, "image", "names", "kernels", "focus"],
    rebuild: ["image"],
    compute,
    above,
    layout,
    draw,
    keeps,
    cells: ({size}) => size,
    at: under,
    moves: ({shown: {size}}, [row, column]) => ({query: row * size[1] + column}),
    tables,
  }),
};
