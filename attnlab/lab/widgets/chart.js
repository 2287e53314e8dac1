// A chart with two axes, for points, curves and bars, in the same visual language as the grids.

import {number, shape, widest} from "./drawing.js";
import {roundStep} from "./geometry.js";

// Round numbers from low to high, about as many as wanted: 0, 5, 10 ...
export function roundNumbers(low, high, wanted) {
  const step = roundStep((high - low) / Math.max(wanted, 1));
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from(
    {length: Math.max(count, 0)},
    (_, i) => Number(((first + i) * step).toPrecision(12)) + 0,
  );
}

// The numbers of one axis, all with as many places as any of them needs: 0.0, 0.5, 1.0.
export function alike(marks) {
  const needs = (mark) => (String(Number(mark.toPrecision(12))).split(".")[1] ?? "").length;
  const places = Math.min(Math.max(0, ...marks.map(needs)), 4);
  return marks.map((mark) => number(mark, places));
}

// Where a chart stands, with its top left corner (caption included) at x, y, and within so much room.
//   across, up    { low, high, caption, kind, marks, bare }: kind gives the colour of the caption, marks
//                 the numbers beside the axis if not round ones; a bare axis has neither
export function placeChart(frame, {x = 0, y = 0, room, height, across, up}) {
  const {size, root} = frame;
  const upMarks = up.marks ?? roundNumbers(up.low, up.high, height / (3 * size));
  const left = x + widest(root, alike(upMarks)) + 8;
  const right = x + room - 12;
  const marks = across.marks ?? roundNumbers(across.low, across.high, (right - left) / (5 * size));
  const top = y + size + 12;
  const bottom = top + height;
  const chart = {
    size,
    left,
    right,
    top,
    bottom,
    across: {...across, marks},
    up: {...up, marks: upMarks},
    end: bottom + (across.bare ? 4 : 2 * size + 16),
  };
  chart.toX = (value) =>
    left + ((right - left) * (value - across.low)) / (across.high - across.low);
  chart.toY = (value) => bottom - (height * (value - up.low)) / (up.high - up.low);
  return chart;
}

// The still parts of a chart, and an empty group `marks` for what moves.
export function layChart(frame, chart) {
  const {size, left, right, top, bottom, across, up, toX, toY} = chart;
  const grid = up.marks.map((mark) => `M${left} ${toY(mark)}H${right}`);
  frame.svg.append(shape("path", {class: "attn-lines", d: grid.join("")}));
  chart.marks = shape("g");
  frame.svg.append(
    chart.marks,
    shape("path", {class: "attn-axis", d: `M${left} ${bottom}H${right}`}),
  );
  const label = (text, attributes) => frame.svg.append(shape("text", attributes, text));
  alike(up.marks).forEach((text, i) =>
    label(text, {
      class: "attn-caption attn-numbers",
      "text-anchor": "end",
      x: left - 5,
      y: toY(up.marks[i]),
      dy: "0.35em",
    }),
  );
  label(up.caption, {class: `attn-caption attn-${up.kind}`, x: left, y: top - 7});
  if (!across.bare) {
    alike(across.marks).forEach((text, i) =>
      label(text, {
        class: "attn-caption attn-numbers",
        "text-anchor": "middle",
        x: toX(across.marks[i]),
        y: bottom + size + 2,
      }),
    );
    label(`${across.caption} →`, {
      class: `attn-caption attn-${across.kind}`,
      x: left,
      y: bottom + 2 * size + 8,
    });
  }
  return chart;
}

// Shapes for the group `marks`; a colour is a name of the course: query, key, value, output, ink ...
export function curveOf({toX, toY}, xs, ys, colour, more = "") {
  const places = xs.map((x, i) => `${toX(x).toFixed(1)} ${toY(ys[i]).toFixed(1)}`);
  return shape("path", {
    d: `M${places.join("L")}`,
    style: `fill: none; stroke: var(--attn-${colour}); stroke-width: 2; ${more}`,
  });
}

export const pointsOf = ({toX, toY}, xs, ys, colour, radius = 3.5) =>
  xs.map((x, i) =>
    shape("circle", {cx: toX(x), cy: toY(ys[i]), r: radius, style: `fill: var(--attn-${colour})`}),
  );

// Bars from 0 upwards, each in the middle over its x.
export const barsOf = ({toX, toY}, xs, heights, wide, attributes) =>
  xs.map((x, i) =>
    shape("rect", {
      ...attributes,
      x: toX(x) - wide / 2,
      width: wide,
      y: toY(heights[i]),
      height: Math.max(toY(0) - toY(heights[i]), 0),
    }),
  );
