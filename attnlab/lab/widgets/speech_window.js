// The window over a spectrogram: which scores it leaves to compute, what they cost, what it misses.

import {curveOf, layChart, placeChart, pointsOf} from "./chart.js";
import {element, number, plain, shape, widest} from "./drawing.js";
import {rendering} from "./frame.js";
import {roundStep} from "./geometry.js";

// How many seconds each of them lasts.
export const LENGTHS = {"this sound": 0, "1 minute": 60, "1 hour": 3600, "1 day": 86400};
const DASHES = ["", "7 4", "2 3", "9 3 2 3"]; // of the curves, in their order
const BYTES = 4; // of a score
const KNOBS = 18; // the height of the row under the spectrogram in which the window's ends are dragged

// How many scores a window computes among so many frames: those beyond the borders are not there.
export function computedPairs(frames, reach, causal) {
  const within = Math.min(reach, frames - 1);
  const side = frames * within - (within * (within + 1)) / 2;
  return frames + (causal ? 1 : 2) * side;
}

export const windowOf = (query, frames, reach, causal) => [
  Math.max(query - reach, 0),
  causal ? query : Math.min(query + reach, frames - 1),
];

// What each length costs: its frames, the scores in the window, all scores, and the share.
export function costsOf(frames, milliseconds, reach, causal) {
  return Object.entries(LENGTHS).map(([name, seconds]) => {
    const count = seconds ? Math.round((seconds * 1000) / milliseconds) : frames;
    const [computed, full] = [computedPairs(count, reach, causal), count * count];
    return {name, frames: count, computed, full, share: computed / full};
  });
}

// The error of a curve at a reach, null where it was not measured, and the place of the nearest that was.
export function errorAt({reaches, errors}, reach) {
  const ways = reaches.map((each) => Math.abs(along(each) - along(reach)));
  const nearest = ways.indexOf(Math.min(...ways));
  return {error: ways[nearest] === 0 ? errors[nearest] : null, nearest};
}

// What the controls are set to, and all numbers that follow from it.
export function compute(get) {
  const state = {
    reach: get("reach"),
    causal: get("causal"),
    length: get("length"),
    query: get("query"),
  };
  const [frames, bands] = get("spectrogram").shape;
  const seconds = get("milliseconds") / 1000;
  const costs = costsOf(frames, get("milliseconds"), state.reach, state.causal);
  const cost = costs.find(({name}) => name === state.length);
  const span = windowOf(state.query, frames, state.reach, state.causal);
  const curves = get("names").map((name, i) => ({
    name,
    reaches: get("reaches")[i],
    errors: get("errors")[i],
  }));
  const found = curves.map((curve) => errorAt(curve, state.reach));
  return {
    state,
    frames,
    bands,
    seconds,
    task: get("task"),
    costs,
    cost,
    span,
    curves,
    found,
    result: [[cost.computed, cost.full, cost.share], span, found.map(({error}) => error)],
  };
}

// 11,880 as it is, 7.46 × 10¹³ from ten million on.
export function many(count) {
  if (count < 1e7) return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
  const [digits, power] = count.toExponential(2).split("e+");
  return `${digits} × ${powerOf(power)}`;
}

const powerOf = (power) => `10${[...String(power)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("")}`;
const threeDigits = (value) => String(Number(value.toPrecision(3)));
const percent = (share) => (share === 1 ? "all" : `${threeDigits(100 * share)} %`);

// 360 kB, 299 TB.
export function memory(scores) {
  const bytes = BYTES * scores;
  const step = Math.min(Math.floor(Math.log10(bytes) / 3), 4);
  return `${threeDigits(bytes / 1000 ** step)} ${["bytes", "kB", "MB", "GB", "TB"][step]}`;
}

const clock = (frames, seconds) => `${number(frames * seconds)} s`;

// "Frame 150 looks at frames 130 to 170. Of 90,000 scores, 11,880 are computed, 13.2 %."
export function sentence({state, frames, span: [first, last], cost}) {
  const near = first === last ? "itself alone" : `frames ${first} to ${last}`;
  const all = first === 0 && last === frames - 1 ? ", the whole sound" : "";
  const whose = state.length === "this sound" ? "" : ` in ${state.length}`;
  const counted = `Of ${many(cost.full)} scores${whose}, ${many(cost.computed)} are computed, ${percent(cost.share)}.`;
  return `Frame ${state.query} looks at ${near}${all}. ${counted}`;
}

// How the scores are counted, a line a step.
export function counting({state, cost, found, curves}) {
  const r = Math.min(state.reach, cost.frames - 1);
  const [n, beyond] = [many(cost.frames), r * (r + 1)];
  const sum = state.causal
    ? ["n(r + 1) − r(r + 1)/2", `${n}×${many(r + 1)} − ${many(beyond / 2)}`]
    : ["n(2r + 1) − r(r + 1)", `${n}×${many(2 * r + 1)} − ${many(beyond)}`];
  const lines = [
    [
      "in the window",
      [
        ["attn-key", sum[0]],
        ["", ` = ${sum[1]} = ${many(cost.computed)}`],
      ],
    ],
    ["full", `n² = ${n}² = ${many(cost.full)}`],
    ["memory", `${memory(cost.computed)}, and full ${memory(cost.full)}, at ${BYTES} bytes each`],
  ];
  return curves.length ? [...lines, ["error", errorsSaid({state, found, curves})]] : lines;
}

// "R = 4: 0.030, R = 8: 0.410; nearest measured: reach 63"
function errorsSaid({state, found, curves}) {
  const places = curves.map(({reaches}, i) => reaches[found[i].nearest]);
  const same = places.every((place) => place === places[0]);
  const told = curves.map(({name, errors}, i) => {
    const error = errors[found[i].nearest].toFixed(3);
    return `${name && `${name}: `}${error}${same ? "" : ` at ${places[i]}`}`;
  });
  const nearest = `nearest measured${same ? `: reach ${places[0]}` : ""}`;
  return `${told.join(", ")}; ${same && places[0] === state.reach ? "at this reach" : nearest}`;
}

// How alike each two frames sound, rows of numbers from -1 to 1: the cosine of their bands, each
// less its mean over all frames.
export function likeness(bytes, frames, bands) {
  const vectors = Float64Array.from(bytes);
  for (let band = 0; band < bands; band++) {
    let mean = 0;
    for (let i = 0; i < frames; i++) mean += vectors[i * bands + band] / frames;
    for (let i = 0; i < frames; i++) vectors[i * bands + band] -= mean;
  }
  for (let i = 0; i < frames; i++) {
    const own = vectors.subarray(i * bands, (i + 1) * bands);
    const size = Math.hypot(...own) || 1;
    for (let band = 0; band < bands; band++) own[band] /= size;
  }
  const alike = new Float32Array(frames * frames);
  for (let i = 0; i < frames; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let band = 0; band < bands; band++)
        sum += vectors[i * bands + band] * vectors[j * bands + band];
      alike[i * frames + j] = sum;
      alike[j * frames + i] = sum;
    }
  }
  return alike;
}

const bytesAt = ({data}) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

function canvasAt({drawing, svg}, {left, top, width, height}, columns, rows) {
  const canvas = element("canvas", {width: columns, height: rows});
  const style = {left, top, width, height};
  for (const [name, value] of Object.entries(style)) canvas.style[name] = `${value}px`;
  drawing.insertBefore(canvas, svg);
  return canvas;
}

const put = ({svg}, name, attributes, text) => {
  const made = shape(name, attributes, text);
  svg.append(made);
  return made;
};

function layout(frame) {
  const {shown, room, size, root, lecture, get} = frame;
  const {frames, bands, curves} = shown;
  const left = Math.ceil(widest(root, ["high"])) + 8;
  const beside = room >= 620;
  const across = lecture && room >= 880; // three columns, to be seen at once in a room
  const wide = Math.min(room, lecture ? 1100 : 900) - left - 10;
  const sound = {
    left,
    top: 2 * size + 6 - (lecture ? 12 : 0),
    width: wide,
    height: beside && !lecture ? 96 : 72,
    each: wide / frames,
  };
  sound.bottom = sound.top + sound.height;
  const side = across ? 210 : beside ? 264 : Math.min(wide, 300);
  const plane = {left, width: side, height: side};
  plane.top = sound.bottom + KNOBS + 2 * size + (lecture ? 16 : 22);
  Object.assign(plane, {each: side / frames, bottom: plane.top + side});
  if (frame.bytes !== get("spectrogram")) {
    frame.bytes = get("spectrogram");
    frame.alike = likeness(bytesAt(frame.bytes), frames, bands);
  }
  laySound(frame, sound, shown);
  layPlane(frame, plane, shown);
  const x = beside ? left + side + (across ? 26 : 34) : 0;
  const y = beside ? plane.top - size - 10 : plane.bottom + 2 * size + 4;
  const rest = left + wide - x;
  const column = across && curves.length ? 0.54 * rest - 13 : rest;
  const costs = layCosts(frame, {x, y, room: column}, shown);
  const errors = across
    ? {x: x + column + 26, y, room: rest - column - 14}
    : {x, y: costs.end + size, room: rest + 10};
  const chart = curves.length ? layErrors(frame, errors, shown) : null;
  const end = Math.max(plane.bottom + size + 8, costs.end, chart?.end ?? 0);
  return {sound, plane, costs, chart, width: left + wide + 10, height: end + 4};
}

function laySound(frame, sound, {frames, bands, seconds}) {
  const {size} = frame;
  const {left, top, width, height, bottom, each} = sound;
  sound.canvas = canvasAt(frame, sound, frames, bands);
  paintSound(frame, sound.canvas, frames, bands);
  const caption = (text, attributes) =>
    put(frame, "text", {class: "attn-caption", ...attributes}, text);
  caption("high", {x: left - 6, y: top + size - 2, "text-anchor": "end"});
  caption("low", {x: left - 6, y: bottom - 3, "text-anchor": "end"});
  const step = roundStep((frames * seconds * 5 * size) / width);
  for (let time = 0; time <= frames * seconds + 1e-9; time += step) {
    const x = left + (time / seconds) * each;
    put(frame, "path", {class: "attn-axis", d: `M${x} ${bottom}v4`});
    const anchor = x > left + width - 2 * size ? "end" : time === 0 ? "start" : "middle";
    caption(`${Number(time.toFixed(3))} s`, {
      x: anchor === "end" ? Math.min(x + size, left + width) : x,
      y: bottom + KNOBS + size,
      "text-anchor": anchor,
    });
  }
  const veil = () => put(frame, "rect", {class: "attn-veil", y: top, height});
  Object.assign(sound, {before: veil(), after: veil()});
  sound.frame = put(frame, "rect", {class: "attn-span", y: top, height});
  sound.line = put(frame, "path", {class: "attn-asking-frame"});
  sound.knobs = [0, 1].map(() => put(frame, "path", {class: "attn-edge attn-grab"}));
  sound.query = put(frame, "text", {class: "attn-query", y: size, "text-anchor": "middle"});
}

function paintSound({get, colours}, canvas, frames, bands) {
  const bytes = bytesAt(get("spectrogram"));
  const image = new ImageData(frames, bands);
  for (let i = 0; i < frames; i++) {
    for (let band = 0; band < bands; band++) {
      const at = 4 * ((bands - 1 - band) * frames + i);
      image.data.set([...colours[bytes[i * bands + band]], 255], at);
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function layPlane(frame, plane, {frames}) {
  const {size, lecture} = frame;
  const {left, top, width, height, bottom} = plane;
  plane.canvas = canvasAt(frame, plane, frames, frames);
  const caption = (kind, text, attributes) =>
    put(frame, "text", {class: `attn-caption attn-${kind}`, ...attributes}, text);
  caption("key", lecture ? "key →" : "key: each frame again →", {x: left, y: top - 7});
  caption("query", lecture ? "← query" : "← query: each frame", {
    "text-anchor": "end",
    transform: `translate(${left - 8} ${top}) rotate(-90)`,
  });
  caption("", "stronger: the two sound alike", {x: left, y: bottom + size + 4});
  plane.hatch = put(frame, "path", {...frame.hatched, class: "attn-spared"});
  put(frame, "rect", {class: "attn-frame", x: left, y: top, width, height});
  plane.row = put(frame, "rect", {class: "attn-row", x: left - 3, width: width + 6});
  plane.span = put(frame, "rect", {class: "attn-span"});
}

// The scores of one sound as a bar, and of each length on a logarithmic line: window and full.
function layCosts(frame, {x, y, room}, {costs, frames}) {
  const {size, root} = frame;
  const title = put(frame, "text", {class: "attn-title", x, y: y + size});
  const below = frame.lecture ? size + 4 : 0; // there the numbers are too long to stand beside it
  const told = put(frame, "text", {class: "attn-numbers", x: x + room, y: y + size + below});
  told.setAttribute("text-anchor", "end");
  const bar = {x, y: y + size + below + 8, width: room, height: 12};
  put(frame, "rect", {...bar, ...frame.hatched});
  put(frame, "rect", {...bar, class: "attn-ground"});
  const part = put(frame, "rect", {...bar, class: "attn-weight"});
  put(frame, "rect", {...bar, class: "attn-frame"});
  const left =
    x +
    Math.ceil(
      widest(
        root,
        costs.map(({name}) => name),
      ),
    ) +
    14;
  const [low, high] = [Math.floor(Math.log10(frames)), Math.ceil(Math.log10(costs.at(-1).full))];
  const toX = (count) => left + ((x + room - 8 - left) * (Math.log10(count) - low)) / (high - low);
  const pitch = size + (frame.lecture ? 4 : 7);
  const top = bar.y + bar.height + 1.6 * size;
  const rows = costs.map((cost, i) => {
    const middle = top + (i + 0.5) * pitch;
    put(frame, "text", {class: "attn-caption", x: x + 4, y: middle, dy: "0.35em"}, cost.name);
    return {
      middle,
      saved: put(frame, "path", {class: "attn-saved"}),
      full: put(frame, "circle", {class: "attn-full", cy: middle, r: 4.5}),
      computed: put(frame, "circle", {class: "attn-weight", cy: middle, r: 4.5}),
    };
  });
  const bottom = top + rows.length * pitch;
  put(frame, "path", {class: "attn-axis", d: `M${left} ${bottom}H${x + room - 4}`});
  for (let power = low; power <= high; power += 4)
    put(
      frame,
      "text",
      {
        class: "attn-caption attn-numbers",
        x: power + 4 > high ? x + room : toX(10 ** power),
        y: bottom + size + 2,
        "text-anchor": power + 4 > high ? "end" : "middle",
      },
      powerOf(power),
    );
  const legend = put(frame, "text", {class: "attn-caption", x, y: top - 5});
  legend.append(
    shape("tspan", {class: "attn-inked"}, "●"),
    shape("tspan", {dx: 5}, "in the window"),
    shape("tspan", {class: "attn-inked", dx: 16}, "○"),
    shape("tspan", {dx: 5}, "full"),
  );
  const ring = put(frame, "rect", {class: "attn-row", x: x + 0.5, width: room - 1, height: pitch});
  ring.setAttribute("rx", 3);
  return {
    x,
    room,
    bar,
    part,
    title,
    told,
    rows,
    toX,
    top,
    pitch,
    ring,
    bottom,
    end: bottom + size + 6,
  };
}

// Reach on a logarithmic axis that has room for 0: 0, 1, 2, 4, 8 ...
const along = (reach) => Math.log2(reach + 1);
const reachAt = (place) => Math.round(2 ** place - 1);

// How far the curves go: a longer sound than theirs has wider windows.
const lastMeasured = (curves, frames) =>
  Math.max(Math.min(Math.max(...curves.flatMap(({reaches}) => reaches)), frames - 1), 1);

// The error at each reach that was measured, a line for each curve; the reach of now is dragged.
function layErrors(frame, {x, y, room}, {curves, frames, task}) {
  const last = lastMeasured(curves, frames);
  const most = Math.max(...curves.flatMap(({errors}) => errors), 1e-3);
  const step = roundStep(most / 3);
  const high = step * Math.ceil(most / step - 1e-9);
  const chart = placeChart(frame, {
    x,
    y: layNames(frame, {x, y, room}, curves),
    room,
    height: frame.lecture ? 96 : 84,
    across: {low: 0, high: along(last), bare: true},
    up: {low: 0, high, caption: `error${task && ` on ${task}`} ↑`, kind: "output"},
  });
  layChart(frame, chart);
  layReaches(frame, chart, last);
  curves.forEach(({reaches, errors}, i) => {
    const xs = reaches.filter((reach) => reach < frames).map(along);
    const dashes = `stroke-dasharray: ${DASHES[i] || "none"}`;
    chart.marks.append(
      curveOf(chart, xs, errors, "output", dashes),
      ...pointsOf(chart, xs, errors, "output", 2.6),
    );
  });
  chart.line = shape("path", {class: "attn-row"});
  chart.told = curves.map(() => shape("circle", {class: "attn-told", r: 4.5}));
  chart.marks.append(chart.line, ...chart.told);
  put(frame, "rect", {
    class: "attn-reach attn-grab",
    x: chart.left - 6,
    y: chart.top - 6,
    width: chart.right - chart.left + 12,
    height: chart.bottom - chart.top + 12,
  });
  return {...chart, last, end: chart.bottom + 2 * frame.size + 12};
}

function layReaches(frame, {left, right, bottom, toX}, last) {
  const {size} = frame;
  const marks = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512].filter((mark) => mark <= last);
  const every = marks.length * 2.2 * size > right - left ? 2 : 1;
  marks.forEach((mark, i) => {
    if (i % every) return;
    const place = {x: toX(along(mark)), y: bottom + size + 2, "text-anchor": "middle"};
    put(frame, "text", {class: "attn-caption attn-numbers", ...place}, mark);
  });
  const caption = {class: "attn-caption attn-key", x: left, y: bottom + 2 * size + 8};
  put(frame, "text", caption, "window reach →");
}

// Which line is which, one after the other over the chart in as many rows as they need; gives their end.
function layNames(frame, {x, y, room}, curves) {
  const {size, root} = frame;
  if (!curves[0].name) return y;
  let [left, row] = [x, y + size];
  curves.forEach(({name}, i) => {
    const wide = 27 + Math.ceil(widest(root, [name]));
    if (left > x && left + wide > x + room) [left, row] = [x, row + size + 6];
    const line = "fill: none; stroke: var(--attn-output); stroke-width: 2";
    const style = `${line}; stroke-dasharray: ${DASHES[i] || "none"}`;
    put(frame, "path", {d: `M${left} ${row - 4}h22`, style});
    put(frame, "text", {class: "attn-caption", x: left + 27, y: row}, name);
    left += wide + 14;
  });
  return row + 6;
}

function draw(frame) {
  const {shown, place} = frame;
  const {state, frames, seconds, span, cost} = shown;
  drawSound(frame, place.sound, shown);
  drawPlane(frame, place.plane, shown);
  drawCosts(place.costs, shown);
  if (place.chart) drawReach(place.chart, shown);
  const said = sentence(shown);
  return {
    status: said,
    label: `A spectrogram of ${frames} frames, and the plane of their scores. Left and Right walk from frame to frame, Up and Down change the window's reach. ${said}`,
    title: [
      ["attn-query", `frame ${state.query}, ${clock(state.query, seconds)}`],
      ["", " → "],
      ["attn-key", `frames ${span[0]} to ${span[1]}, ${clock(span[1] - span[0] + 1, seconds)}`],
      ["", `; n = ${many(cost.frames)}, r = ${many(state.reach)}`],
    ],
    lines: frame.lecture ? counting(shown).filter(([name]) => name !== "full") : counting(shown),
  };
}

// The reach of now, dashed where it is wider than any that was measured, and rings around the errors told.
function drawReach({line, told, toX, toY, top, bottom, last}, {state, curves, found}) {
  line.setAttribute("d", `M${toX(along(Math.min(state.reach, last)))} ${top - 4}V${bottom}`);
  line.setAttribute("stroke-dasharray", state.reach > last ? "4 4" : "none");
  curves.forEach(({reaches, errors}, i) => {
    const {nearest} = found[i];
    told[i].setAttribute("cx", toX(along(reaches[nearest])));
    told[i].setAttribute("cy", toY(errors[nearest]));
  });
}

function drawSound({size}, sound, {state, span: [first, last], frames, seconds}) {
  const {left, top, width, bottom, each} = sound;
  const [from, to] = [left + first * each, left + (last + 1) * each];
  const middle = left + (state.query + 0.5) * each;
  const stand = (rect, x, end) => {
    rect.setAttribute("x", x);
    rect.setAttribute("width", Math.max(end - x, 0));
  };
  stand(sound.before, left, from);
  stand(sound.after, to, left + width);
  stand(sound.frame, from, to);
  sound.line.setAttribute("d", `M${middle} ${top - 6}V${bottom}`);
  const knob = (x) => `M${x} ${bottom}l6 6v9h-12v-9z`;
  sound.knobs[0].setAttribute("d", knob(from));
  sound.knobs[1].setAttribute("d", state.causal ? "" : knob(to));
  sound.query.textContent = `frame ${state.query}, ${clock(state.query, seconds)}`;
  const half = 5 * size; // of that text, about
  sound.query.setAttribute("x", Math.min(Math.max(middle, left + half), left + width - half));
  sound.query.setAttribute("y", top - 10);
  Object.assign(sound, {from, to, frames});
}

function drawPlane(frame, plane, {state, frames, span}) {
  const {left, top, each, width} = plane;
  const image = new ImageData(frames, frames);
  const blocks = [];
  const hatch = (row, from, to) => {
    if (from < to)
      blocks.push(
        `M${left + from * each} ${top + row * each}H${left + to * each}v${each}H${left + from * each}z`,
      );
  };
  for (let row = 0; row < frames; row++) {
    const [first, last] = windowOf(row, frames, state.reach, state.causal);
    hatch(row, 0, first);
    hatch(row, last + 1, frames);
    for (let column = first; column <= last; column++) {
      const dark = 165 + 45 * frame.alike[row * frames + column]; // of 255: never pale
      const [red, green, blue] = frame.colours[Math.round(Math.min(dark, 255))];
      const at = 4 * (row * frames + column);
      image.data[at] = red;
      image.data[at + 1] = green;
      image.data[at + 2] = blue;
      image.data[at + 3] = 255;
    }
  }
  plane.canvas.getContext("2d").putImageData(image, 0, 0);
  plane.hatch.setAttribute("d", blocks.join(""));
  const high = Math.max(each, 4);
  const y = Math.min(top + (state.query + 0.5) * each - high / 2, top + width - high);
  for (const ring of [plane.row, plane.span]) {
    ring.setAttribute("y", y);
    ring.setAttribute("height", high);
  }
  plane.span.setAttribute("x", left + span[0] * each);
  plane.span.setAttribute("width", (span[1] - span[0] + 1) * each);
}

function drawCosts({part, bar, title, told, rows, toX, top, pitch, ring}, {costs, cost}) {
  title.textContent = cost.name === "this sound" ? "scores" : `scores, ${cost.name}`;
  told.textContent = `${many(cost.computed)} of ${many(cost.full)}, ${percent(cost.share)}`;
  part.setAttribute("width", Math.max(bar.width * cost.share, 1));
  rows.forEach(({middle, saved, full, computed}, i) => {
    const [from, to] = [toX(costs[i].computed), toX(costs[i].full)];
    saved.setAttribute("d", `M${from} ${middle}H${to}`);
    full.setAttribute("cx", to);
    computed.setAttribute("cx", from);
  });
  ring.setAttribute("y", top + costs.indexOf(cost) * pitch);
}

const inside = ({left, top, width, height}, x, y) =>
  x >= left && x < left + width && y >= top && y < top + height;

// The frame under the pointer: a column of the spectrogram, a row of the plane.
function under({place: {sound, plane}, shown: {frames}}, x, y) {
  const within = (place) => Math.min(Math.max(Math.floor(place), 0), frames - 1);
  if (inside(sound, x, y)) return [0, within((x - sound.left) / sound.each)];
  if (inside(plane, x, y)) return [0, within((y - plane.top) / plane.each)];
  return null;
}

// The ends of the window, the line in the chart of errors, and the lengths can be taken hold of.
function grab(frame, x, y) {
  const {sound, costs, chart} = frame.place;
  const {state, frames} = frame.shown;
  const reach = (wanted) => ({reach: Math.min(Math.max(wanted, 0), frames - 1)});
  const ends = [sound.from, state.causal ? NaN : sound.to];
  const near = ends.some((end) => Math.abs(x - end) < 11);
  if (near && y >= sound.bottom && y < sound.bottom + KNOBS) {
    return (now) =>
      reach(Math.round(Math.abs((now - sound.left) / sound.each - state.query - 0.5) - 0.5));
  }
  const inChart = chart && x > chart.left - 8 && x < chart.right + 8;
  if (inChart && y > chart.top - 8 && y < chart.bottom + 8) {
    const part = (now) => (now - chart.left) / (chart.right - chart.left);
    const within = (now) => Math.min(Math.max(part(now), 0), 1) * along(chart.last);
    return from(frame, [x], (now) => reach(reachAt(within(now))));
  }
  const {top, bottom, pitch} = costs;
  if (x < costs.x || x > costs.x + costs.room || y < top || y >= bottom) return null;
  const names = Object.keys(LENGTHS);
  const row = (at) => Math.min(Math.max(Math.floor((at - top) / pitch), 0), names.length - 1);
  return from(frame, [x, y], (_, now) => ({length: names[row(now)]}));
}

// What is dragged, and moves to the pointer at once.
function from(frame, place, moved) {
  frame.set(moved(...place));
  return moved;
}

function press({get, shown: {frames}}, event) {
  const up = {ArrowUp: 1, ArrowDown: -1}[event.key];
  if (!up) return null;
  const wanted = get("reach") + up * (event.shiftKey ? 10 : 1);
  return {reach: Math.min(Math.max(wanted, 0), frames - 1)};
}

export default {
  render: rendering({
    name: "speech-window",
    synced: [
      "spectrogram",
      "names",
      "reaches",
      "errors",
      "task",
      "milliseconds",
      "reach",
      "causal",
      "length",
      "query",
      "focus",
    ],
    rebuild: ["spectrogram", "names", "reaches", "errors", "task", "milliseconds"],
    compute,
    layout,
    draw,
    at: under,
    grab,
    press,
    moves: (_, [, column]) => ({query: column}),
    cells: ({frames}) => [1, frames],
    keeps: ({room, shown: {curves}}) => {
      const [narrow, middling] = [room < 400, room < 720];
      return {
        status: narrow ? 3 : 2,
        work: (narrow ? 7 : 3) + (curves.length ? (middling ? 3 : 1) : 0),
        lecture: 2,
      };
    },
    tables: ({costs, curves}) => [
      {
        caption: "scores to compute",
        corner: "length",
        rows: costs.map(({name}) => name),
        columns: ["frames", "in the window", "full", "share"],
        values: costs.map(({frames, computed, full, share}) => [
          many(frames),
          many(computed),
          many(full),
          percent(share),
        ]),
      },
      ...curves.map(({name, reaches, errors}) => ({
        caption: name ? `error, ${name}` : "error",
        corner: "reach",
        rows: reaches.map(plain),
        columns: ["error"],
        values: errors.map((error) => [error.toFixed(3)]),
      })),
    ],
  }),
};
