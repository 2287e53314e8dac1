// A plane of two features: points with their words, a query as an arrow, the hull of the values.

import {shape, short, widest} from "./drawing.js";
import {foot, hull, placeLabels, steadyEnds, within} from "./geometry.js";

const POINT = 5; // the radius of a word
const HANDLE = 9; // of the ring that is dragged
export const REACH = 16; // how near a pointer must come to take hold

// Where a plane stands, with its top left corner (title included) at x, y.
//   names      of the two features
//   hint       what can be done with it
export function layPlane(frame, {x, y, width, height, title, names, hint = ""}) {
  const {size, svg, root, lecture} = frame;
  const caption = y + (title ? 2 * size + 6 : size);
  const [left, right] = [x + widest(root, ["−0.05"]) + 4, x + width - 4];
  const [top, bottom] = [caption + 7, y + height - size - 6];
  const put = (kind, text, attributes) => {
    const made = shape("text", {class: kind, y: caption, ...attributes}, text);
    svg.append(made);
    return made;
  };
  if (title) put("attn-title", title, {x: left, y: y + size});
  put("attn-caption", `${names[1]} ↑`, {x: left});
  const said = put("attn-caption", lecture ? "" : hint, {x: right, "text-anchor": "end"});
  const plane = {left, right, top, bottom, size, names, still: shape("g"), moving: shape("g")};
  svg.append(plane.still, plane.moving);
  return Object.assign(plane, {hint: said, caption: caption - size});
}

// Turns the plane so that these points and the origin are seen; its axes are drawn where they are new.
export function showAll(plane, points) {
  const given = steadyEnds(points, plane.given);
  if (plane.given === given) return;
  const {left, right, top, bottom} = plane;
  const [[west, east], [south, north]] = given.axes;
  const unit = Math.min((right - left) / (east - west), (bottom - top) / (north - south));
  const middle = [(left + right) / 2, (top + bottom) / 2];
  const centre = [(west + east) / 2, (south + north) / 2];
  const fromX = (place) => centre[0] + (place - middle[0]) / unit;
  const fromY = (place) => centre[1] - (place - middle[1]) / unit;
  given.seen = [[left, right].map(fromX), [bottom, top].map(fromY)];
  Object.assign(plane, {
    given,
    fromX,
    fromY,
    toX: (value) => middle[0] + unit * (value - centre[0]),
    toY: (value) => middle[1] - unit * (value - centre[1]),
  });
  drawAxes(plane);
}

function drawAxes({still, given, toX, toY, left, right, top, bottom, size, names}) {
  const {step, seen} = given;
  const marks = ([low, high]) => {
    const first = Math.ceil(low / step - 1e-6);
    const count = Math.max(0, Math.floor(high / step + 1e-6) - first + 1);
    return Array.from({length: count}, (_, i) => Number(((first + i) * step).toPrecision(9)));
  };
  const [across, up] = seen.map(marks);
  const lines = [
    ...across.map((value) => `M${toX(value)} ${top}V${bottom}`),
    ...up.map((value) => `M${left} ${toY(value)}H${right}`),
  ];
  const mark = (value, attributes) =>
    shape(
      "text",
      {class: "attn-caption attn-numbers", ...attributes},
      String(value).replace("-", "−"),
    );
  const name = `${names[0]} →`;
  const free = right - (name.length + 1) * size * 0.6; // up to the name
  still.replaceChildren(
    shape("path", {class: "attn-lines", d: lines.join("")}),
    shape("path", {
      class: "attn-axis",
      d: `M${left} ${toY(0)}H${right}M${toX(0)} ${top}V${bottom}`,
    }),
    ...across
      .filter((value) => toX(value) < free)
      .map((value) => mark(value, {x: toX(value), y: bottom + size + 2, "text-anchor": "middle"})),
    ...up.map((value) =>
      mark(value, {x: left - 5, y: toY(value), dy: "0.35em", "text-anchor": "end"}),
    ),
    shape(
      "text",
      {class: "attn-caption", x: right, y: bottom + size + 2, "text-anchor": "end"},
      name,
    ),
  );
}

// Words in one place are one group, with one label.
export function groupsOf(words, vectors) {
  const groups = new Map();
  vectors.forEach(([across, up], i) => {
    const name = `${across.toFixed(6)} ${up.toFixed(6)}`;
    if (!groups.has(name)) groups.set(name, {place: [across, up], members: []});
    groups.get(name).members.push(i);
  });
  return [...groups.values()].map((group) => {
    const text = listing(group.members.map((i) => words[i]));
    return {...group, text};
  });
}

// Words in a few letters: "The, the", "on ×3", "a, b, c +2".
export function listing(words) {
  const each = [...new Set(words)];
  const named = each.slice(0, each.length > 4 ? 3 : 4).map((word) => {
    const times = words.filter((other) => other === word).length;
    return short(word) + (times > 1 ? ` ×${times}` : "");
  });
  return named.join(", ") + (each.length > 4 ? ` +${each.length - 3}` : "");
}

// What is on the plane now.
//   words, vectors      the points, `kind` is "key" or "value"
//   column              the word in focus
//   query               the arrow, or nothing
//   output, shares      the output among the values, or nothing
//   measure             text -> pixels
//   grabbed             whether the points can be dragged
export function drawPlane(
  plane,
  {words, vectors, kind, column, query, output, shares, measure, grabbed},
) {
  const {toX, toY} = plane;
  const at = ([across, up]) => [toX(across), toY(up)];
  const groups = groupsOf(words, vectors);
  plane.groups = groups.map((group) => ({...group, at: at(group.place)}));
  plane.tip = query && at(query);
  const parts = [];
  if (output) parts.push(hullOf(vectors.map(at)));
  if (query) parts.push(...projections(plane, query, vectors, column));
  if (output) parts.push(...threads(at(output), vectors.map(at), shares));
  for (const group of plane.groups) {
    const marked = group.members.includes(column);
    parts.push(pointAt(group.at, kind, {marked, grabbed}));
  }
  if (query) parts.push(...arrow(plane));
  if (output) parts.push(circle(at(output), POINT + 2.5, "attn-point attn-output"));
  plane.moving.replaceChildren(...parts, ...labels(plane, kind, output && at(output), measure));
}

const circle = ([cx, cy], r, kind) => shape("circle", {class: kind, cx, cy, r});

function pointAt(at, kind, {marked, grabbed}) {
  const point = shape("g", {class: grabbed ? "attn-grab" : ""});
  if (grabbed) point.append(circle(at, REACH, "attn-reach"));
  point.append(circle(at, POINT, `attn-point attn-${kind}`));
  if (marked) point.append(circle(at, POINT + 4, "attn-chosen"));
  return point;
}

const path = (kind, places, end = "") =>
  shape("path", {class: kind, d: `M${places.map(([x, y]) => `${x} ${y}`).join("L")}${end}`});

const hullOf = (places) => path("attn-hull", hull(places), "z");

// The line of the query, and the perpendiculars that the keys drop on it.
function projections(plane, query, vectors, column) {
  if (!query[0] && !query[1]) return [];
  const {toX, toY} = plane;
  const at = ([across, up]) => [toX(across), toY(up)];
  const [origin, tip] = [at([0, 0]), at(query)];
  const line = within(plane, origin, [tip[0] - origin[0], tip[1] - origin[1]]);
  const feet = vectors.map((vector) => at(foot(vector, query)));
  return [
    path("attn-line", line),
    ...vectors.map((vector, i) => path("attn-drop", [at(vector), feet[i]])),
    path("attn-projection", [origin, feet[column]]),
    ...feet.map((place) => circle(place, 2.5, "attn-foot")),
  ];
}

const threads = (output, places, shares) =>
  places.map((place, i) => {
    const thread = path("attn-thread", [output, place]);
    thread.setAttribute("stroke-width", 0.4 + 9 * shares[i]);
    return thread;
  });

function arrow({toX, toY, tip}) {
  const [x, y] = [tip[0] - toX(0), tip[1] - toY(0)];
  const long = Math.hypot(x, y);
  const handle = shape("g", {class: "attn-grab"});
  handle.append(circle(tip, REACH, "attn-reach"), circle(tip, HANDLE, "attn-handle"));
  if (long < 1) return [handle];
  const along = (far, aside) => [
    toX(0) + (x * far - y * aside) / long,
    toY(0) + (y * far + x * aside) / long,
  ];
  const head = Math.min(13, long);
  return [
    path("attn-arrow", [along(0, 0), along(long - head * 0.7, 0)]),
    path(
      "attn-point attn-query",
      [along(long, 0), along(long - head, 5), along(long - head, -5)],
      "z",
    ),
    handle,
  ];
}

function labels(plane, kind, output, measure) {
  const {groups, tip, size, left, right, top, bottom} = plane;
  const round = ([x, y], r) => ({left: x - r, right: x + r, top: y - r, bottom: y + r});
  const all = groups.map(({at, text}) => ({at, text, kind}));
  if (output) all.unshift({at: output, text: "output", kind: "output"});
  const sized = all.map(({at: [x, y], text}) => ({
    x,
    y,
    width: measure(text) + 2,
    height: size + 2,
    gap: POINT + 5,
  }));
  const taken = all.map(({at}) => round(at, POINT + 2));
  if (tip) taken.push(round(tip, HANDLE), ...shaft(plane));
  const bounds = {left, right, top: top - 4, bottom: bottom + 4};
  return placeLabels(sized, taken, bounds).flatMap(({left: x, top: y, bottom: base}, i) => {
    const {width, height} = sized[i];
    return [
      shape("rect", {class: "attn-ground", x: x - 1, y: y + 1, width: width + 2, height, rx: 3}),
      shape("text", {class: `attn-${all[i].kind}`, x, y: base - 3}, all[i].text),
    ];
  });
}

// Small boxes along the arrow, which no label is to cover.
const shaft = ({toX, toY, tip}) =>
  Array.from({length: 9}, (_, i) => {
    const [x, y] = [toX(0), toY(0)].map((from, axis) => from + ((tip[axis] - from) * (i + 1)) / 10);
    return {left: x - 5, right: x + 5, top: y - 5, bottom: y + 5};
  });

const near = ([x, y], at, reach) => at && Math.hypot(at[0] - x, at[1] - y) <= reach;

// Whether the tip of the arrow is under the pointer; which group of words is, or nothing.
export const onTip = ({tip}, place) => Boolean(near(place, tip, REACH));
export const groupAt = ({groups}, place) => groups.find(({at}) => near(place, at, REACH));

// The place of a pointer in features, as far as the plane is seen, to a twentieth of a step.
export function featuresAt({fromX, fromY, given}, [x, y]) {
  const fine = given.step / 20;
  return [fromX(x), fromY(y)].map((value, axis) => {
    const [low, high] = given.seen[axis];
    const [least, most] = [Math.ceil(low / fine), Math.floor(high / fine)];
    return Number((fine * Math.min(Math.max(Math.round(value / fine), least), most)).toFixed(9));
  });
}
