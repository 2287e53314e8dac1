// Clocks of a position: each pair of features is a hand, fast on the left, slow on the right.
// A hand points at (sine, cosine): position 0 is twelve o'clock, and it turns as a clock does.

import {number, shape, widest} from "./drawing.js";
import {rendering} from "./frame.js";
import {layGrid, paintGrid, placeGrid} from "./grid.js";

// By how much each clock turns from one position to the next, in radians.
export const speeds = (features) =>
  Array.from({length: features / 2}, (_, i) => 1 / 10000 ** ((2 * i) / features));

export const sinusoid = (position, features) =>
  speeds(features).flatMap((speed) => [Math.sin(position * speed), Math.cos(position * speed)]);

// What the controls are set to, and all numbers that follow from it.
export function compute(get) {
  const state = {position: get("position"), offset: get("offset")};
  const positions = [state.position, state.position + state.offset];
  const result = positions.map((position) => sinusoid(position, get("d_model")));
  return {state, positions, speeds: speeds(get("d_model")), result};
}

// Three digits, as many as a reader follows, and a real minus sign.
const digits = (value) => String(Number(value.toPrecision(3))).replace("-", "−");
const factor = (value) => (value < 0 ? `(${digits(value)})` : digits(value));

// "Clock 1 turns 0.50 rad for offset 5, from any position."
export const sentence = ({state: {offset}, speeds}, clock) =>
  `Clock ${clock} turns ${number(offset * speeds[clock])} rad for offset ${offset}, from any position.`;

// How one hand is carried to the other, a line a step.
export function arithmetic({state: {offset}, positions, speeds, result}, clock) {
  const pair = (row) => result[row].slice(2 * clock, 2 * clock + 2);
  const hand = (row) => {
    const [angle, sine, cosine] = [positions[row] * speeds[clock], ...pair(row)].map(digits);
    return [`position ${positions[row]}`, `sin ${angle} = ${sine}, cos ${angle} = ${cosine}`];
  };
  const turn = offset * speeds[clock];
  const [s, c, sine, cosine] = [...pair(0), Math.sin(turn), Math.cos(turn)];
  const sum = (b, d, total) =>
    `${factor(s)}×${factor(b)} + ${factor(c)}×${factor(d)} = ${digits(total)}`;
  const [after, beside] = pair(1);
  return [
    [
      "once round",
      `in 2π / ${digits(speeds[clock])} = ${digits((2 * Math.PI) / speeds[clock])} positions`,
    ],
    hand(0),
    hand(1),
    ["turn", `${offset} × ${digits(speeds[clock])} = ${digits(turn)} rad`],
    [
      "matrix",
      `first row ${digits(cosine)}, ${digits(-sine)}; second ${digits(sine)}, ${digits(cosine)}`,
    ],
    [`feature ${2 * clock}`, sum(cosine, sine, after)],
    [`feature ${2 * clock + 1}`, sum(-sine, cosine, beside)],
  ];
}

function layout(frame) {
  const {root, room, size, svg, lecture} = frame;
  const {
    speeds,
    result: [{length}],
  } = frame.shown;
  const features = Array.from({length}, (_, i) => String(i));
  const beside = widest(root, ["position"]) + 10;
  const place = (y) =>
    placeGrid(frame, {
      x: beside,
      room: room - beside,
      y,
      most: lecture ? 56 : 44,
      beside: false,
      rows: {words: ["", ""]},
      columns: {words: features, kind: "caption", caption: "feature"},
    });
  const radius = place(0).cell - 4;
  const middle = size + 8 + radius;
  const grid = layGrid(frame, place(middle + radius + size + 16));
  const told = widest(root, ["63.00 rad"]) < 2 * grid.cell - 4;
  const clocks = speeds.map((_, clock) =>
    layClock(frame, {
      clock,
      told,
      radius,
      y: middle,
      x: grid.left + (2 * clock + 1) * grid.cell,
      below: middle + radius + size + 4,
    }),
  );
  const label = (kind, y) =>
    shape("text", {class: `attn-${kind}`, "text-anchor": "end", x: grid.left - 6, y, dy: "0.35em"});
  const labels = ["query", "key"].map((kind, row) =>
    label(kind, grid.top + (row + 0.5) * grid.cell),
  );
  const caption = label("caption", grid.top - 11);
  caption.textContent = "position";
  const rings = [
    shape("circle", {class: "attn-cell", cy: middle, r: radius + 1}),
    shape("rect", {class: "attn-cell", y: grid.top, height: 2 * grid.cell, width: 2 * grid.cell}),
  ];
  svg.append(caption, ...labels, ...rings);
  return {grid, clocks, labels, rings, radius, width: grid.right, height: grid.bottom + 6};
}

// A face, and a frame that turns with the position: the arc in it knows the offset only.
function layClock({svg, size}, {clock, told, radius, x, y, below}) {
  const turning = shape("g", {class: "attn-turning", style: `transform-origin: ${x}px ${y}px`});
  const arc = shape("path", {class: "attn-arc", transform: `translate(${x} ${y})`});
  const key = shape("g", {class: "attn-turning", style: `transform-origin: ${x}px ${y}px`});
  key.append(...hand("key", x, y, radius * 0.72));
  turning.append(arc, key, ...hand("query", x, y, radius - 3));
  const name = shape(
    "text",
    {class: "attn-caption", "text-anchor": "middle", x, y: size},
    told ? `clock ${clock}` : clock,
  );
  const turn = shape("text", {class: "attn-caption", "text-anchor": "middle", x, y: below});
  svg.append(
    shape("circle", {class: "attn-face", cx: x, cy: y, r: radius}),
    shape("path", {class: "attn-axis", d: `M${x} ${y - radius}v5`}),
    turning,
    name,
    turn,
  );
  return {turning, key, arc, turn, told};
}

const hand = (kind, x, y, length) => [
  shape("path", {class: `attn-hand attn-${kind}`, d: `M${x} ${y}v${-length}`}),
  shape("circle", {
    class: `attn-${kind}`,
    cx: x,
    cy: y - length,
    r: kind === "query" ? length / 11 : length / 6,
  }),
];

// From twelve o'clock by so many radians, at most once round.
export function arcPath(turn, radius) {
  const rest = turn % (2 * Math.PI);
  if (turn >= 2 * Math.PI) return `M0 ${-radius}a${radius} ${radius} 0 1 1 -0.01 0`;
  const [x, y] = [Math.sin(rest) * radius, -Math.cos(rest) * radius];
  return `M0 ${-radius}A${radius} ${radius} 0 ${rest > Math.PI ? 1 : 0} 1 ${x.toFixed(2)} ${y.toFixed(2)}`;
}

const twoPlaces = (value) => Number(value.toFixed(2)).toFixed(2).replace("-", "−");

function draw(frame, focus) {
  const {
    shown,
    place: {grid, clocks, labels, rings, radius},
  } = frame;
  const {state, positions, speeds, result} = shown;
  paintGrid(grid, {values: result, colours: frame.signed, low: -1, high: 1, write: twoPlaces});
  clocks.forEach(({turning, key, arc, turn, told}, clock) => {
    const angle = state.offset * speeds[clock];
    turning.style.transform = `rotate(${state.position * speeds[clock]}rad)`;
    key.style.transform = `rotate(${angle}rad)`;
    arc.setAttribute("d", arcPath(angle, radius * 0.45));
    turn.textContent = told ? `${number(angle)} rad` : "";
  });
  labels.forEach((label, row) => {
    label.textContent = positions[row];
  });
  rings.forEach((ring) => ring.setAttribute("visibility", focus.length ? "visible" : "hidden"));
  const label = `Clocks of ${speeds.length} frequencies, for positions ${positions.join(" and ")}.`;
  if (!focus.length) return {status: "Point at a clock, or walk there with the arrow keys.", label};
  const [, clock] = focus;
  rings[0].setAttribute("cx", grid.left + (2 * clock + 1) * grid.cell);
  rings[1].setAttribute("x", grid.left + 2 * clock * grid.cell);
  const status = sentence(shown, clock);
  return {
    status,
    label: `${label} ${status}`,
    lines: arithmetic(shown, clock),
    title: [
      ["", `clock ${clock}: `],
      ["attn-query", String(positions[0])],
      ["", " → "],
      ["attn-key", String(positions[1])],
    ],
  };
}

export default {
  render: rendering({
    name: "position-clocks",
    synced: ["d_model", "position", "offset", "focus"],
    rebuild: ["d_model"],
    compute,
    layout,
    draw,
    keeps: ({room}) => ({work: room < 900 ? 11 : 8}),
    cells: (shown) => [1, shown.speeds.length],
    at: ({place: {grid}}, x, y) => {
      const clock = Math.floor((x - grid.left) / (2 * grid.cell));
      return clock >= 0 && clock < grid.count[1] / 2 && y >= 0 && y < grid.bottom
        ? [0, clock]
        : null;
    },
    tables: ({positions, result: rows}) => [
      {
        caption: "position vectors",
        corner: "position",
        rows: positions.map(String),
        columns: rows[0].map((_, i) => String(i)),
        values: rows.map((row) => row.map((value) => value.toFixed(3))),
      },
    ],
  }),
};
