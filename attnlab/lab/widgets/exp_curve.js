// The curve of exp, and each word as a point on it.

import {layChart, placeChart, roundNumbers} from "./chart.js";
import {shape, short, widest} from "./drawing.js";
import {calm} from "./strip.js";

// The ends of both axes, { across, up }, calm as those of a strip are; `base` is what was added to all.
export function endsOf(scaled, powers, base, before) {
  const across = calm([...scaled.map((value) => value - base), 1, -1], before?.across);
  return {across, up: calm(powers, before?.up)};
}

// Places [x, y] along exp from low to high, as far as they stay within `most`.
export function samples(low, high, most, count = 97) {
  const end = Math.min(high, Math.log(most));
  if (!(end > low)) return [];
  return Array.from({length: count}, (_, i) => {
    const x = low + ((end - low) * i) / (count - 1);
    return [x, Math.exp(x)];
  });
}

// Room for the curve: its chart is laid anew whenever its ends change.
export function placeCurve(frame, {x, y, room, height}) {
  const group = shape("g");
  frame.svg.append(group);
  return {group, x, y, room, height, laid: ""};
}

// The curve, the points of the words, and for the marked one the lines to both axes.
export function paintCurve(frame, curve, {words, scaled, powers, base, limits, focus, tempered}) {
  const {group} = curve;
  const caption = tempered ? "score / temperature" : "score";
  const seen = powers.some((power) => power > 0 && Number.isFinite(power));
  const key = JSON.stringify([limits, base, caption, seen]);
  if (curve.laid !== key) {
    group.replaceChildren();
    curve.laid = key;
    curve.chart = layChart(
      {...frame, svg: group},
      chartOf(frame, curve, {base, limits, caption, seen}),
    );
    group.append(curve.chart.marks); // over the lines
  }
  const {marks, toX, toY, left, bottom} = curve.chart;
  const placed = scaled.map((value, i) => [toX(value), heightOf(curve.chart, powers[i])]);
  const line = samples(base + limits.across[0], base + limits.across[1], limits.up[1]);
  const path = line.map(([x, y]) => `${toX(x).toFixed(1)} ${toY(y).toFixed(1)}`).join("L");
  const parts = [];
  if (path) parts.push(shape("path", {class: "attn-curve", d: `M${path}`}));
  if (placed[focus])
    parts.push(
      shape("path", {
        class: "attn-guide",
        d: `M${placed[focus][0]} ${bottom}V${placed[focus][1]}H${left}`,
      }),
    );
  const last = (a, b) => (a === focus) - (b === focus); // the marked one lies over the others
  const order = placed.map((_, i) => i).sort(last);
  parts.push(...order.map((i) => pointOf(placed[i], powers[i], i === focus)));
  marks.replaceChildren(
    ...parts,
    ...labels(frame, curve.chart, {words, placed, focus, powers}),
    ...beyond(curve.chart, powers),
  );
  curve.placed = placed;
}

function pointOf([cx, cy], power, marked) {
  const point = shape("g", {class: "attn-grab"});
  const [kind, r] = marked ? ["attn-now", 5] : ["attn-power", 4];
  point.append(
    shape("circle", {class: "attn-reach", cx, cy, r: 11}),
    Number.isFinite(power)
      ? shape("circle", {class: kind, cx, cy, r})
      : shape("path", {class: "attn-off", d: `M${cx - 5} ${cy + 9}h10l-5 -9z`}),
  );
  return point;
}

// The word whose point is near, or null.
export function pointUnder({placed = []}, x, y) {
  const ways = placed.map(([cx, cy]) => Math.hypot(cx - x, cy - y));
  const nearest = ways.indexOf(Math.min(...ways));
  return ways[nearest] <= 14 ? nearest : null;
}

function chartOf(frame, {x, y, room, height}, {base, limits: {across, up}, caption, seen}) {
  const [low, high] = across.map((end) => end + base);
  const marks = seen ? {} : {marks: [0]};
  return placeChart(frame, {
    x,
    y,
    room,
    height,
    across: {
      low,
      high,
      caption,
      kind: "",
      marks: roundNumbers(low, high, room / (3.6 * frame.size)),
    },
    up: {low: 0, high: up[1], caption: "exp ↑", kind: "", ...marks},
  });
}

// What is infinite stands at the upper edge.
const heightOf = ({toY, top}, power) => (Number.isFinite(power) ? toY(power) : top);

// Words to the left above their points, the marked one first; where two would collide, one is left out.
function labels({root, size}, {left, top}, {words, placed, focus, powers}) {
  const order = placed.map((_, i) => i);
  order.sort((a, b) => (b === focus) - (a === focus) || powers[b] - powers[a] || a - b);
  const made = [];
  const taken = [];
  for (const i of order) {
    const text = short(words[i], 10);
    const wide = widest(root, [text]);
    const under = Number.isFinite(powers[i]) ? -6 : size + 12;
    const x = Math.max(placed[i][0] - 7, left + wide + 2);
    const y = Math.max(placed[i][1] + under, top + size);
    const near = (other) => Math.abs(y - other.y) < size + 1;
    if (taken.some((o) => near(o) && x > o.x - o.wide - 4 && x - wide - 4 < o.x)) continue;
    taken.push({x, y, wide});
    const kind = i === focus ? "attn-output" : "attn-caption";
    made.push(shape("text", {class: kind, "text-anchor": "end", x, y}, text));
  }
  return made;
}

// Said where there is nothing to see: all of exp is beyond every axis.
function beyond({left, right, top, bottom}, powers) {
  if (!powers.every((power) => power === Infinity)) return [];
  const place = {x: (left + right) / 2, y: (top + bottom) / 2, "text-anchor": "middle"};
  return [shape("text", {class: "attn-off", ...place}, "every exp is inf")];
}
