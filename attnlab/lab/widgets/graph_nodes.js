// Nodes and edges of the live graph, and the strip of shares under it.

import {isLight, number, shape, share, short, widest} from "./drawing.js";

const MOST_WIDE = 10; // of an edge over which everything passes
const CROWD = 16; // of more nodes no shares are written at them, and no loops drawn

// Where the graph stands: a box, the size of its nodes, and what is moved within it.
export function layGraph(frame, {x, y, width, height, labels}) {
  const {svg, size, lecture, root} = frame;
  const crowded = labels.length > CROWD;
  const radius = (lecture ? 22 : labels.length > 10 ? 13 : 16) / (crowded ? 1.6 : 1);
  const shorts = labels.map((label) => short(label, 10));
  const texts = shorts.map((label) => (crowded ? label : `${label} .00`));
  const half = Math.max(radius + 12, widest(root, texts) / 2 + 2);
  const [left, right] = [x + half, x + width - half];
  const [top, bottom] = [y + radius + 1.25 * size + 6, y + height - radius - size - 8];
  const graph = {left, right, top, bottom, radius, crowded, shorts, size, x, y, width, height};
  graph.edges = svg.appendChild(shape("g"));
  graph.nodes = svg.appendChild(shape("g"));
  graph.toX = (across) => left + across * (right - left);
  graph.toY = (down) => top + down * (bottom - top);
  return graph;
}

// The place of a pointer from 0 to 1, to the right and down.
export const placeIn = ({left, right, top, bottom}, x, y) =>
  [(x - left) / (right - left), (y - top) / (bottom - top)].map((part) =>
    Number(Math.min(Math.max(part, 0), 1).toFixed(3)),
  );

// The node under a point, the one that is drawn last if there are several; or −1.
export const nodeUnder = ({toX, toY, radius}, places, x, y) =>
  places.findLastIndex(
    ([across, down]) => Math.hypot(toX(across) - x, toY(down) - y) <= radius + 4,
  );

const line = (kind, [x1, y1], [x2, y2], more = {}) =>
  shape("line", {class: kind, x1, y1, x2, y2, ...more});

// The loop of a node, at its upper right.
function loopAt([x, y], radius, kind, more = {}) {
  const r = radius * 0.55;
  return shape("circle", {
    class: kind,
    cx: x + radius * 0.85,
    cy: y - radius * 0.85,
    r,
    fill: "none",
    ...more,
  });
}

const amountOf = (part) => ({"stroke-width": (0.8 + MOST_WIDE * Math.min(part, 1)).toFixed(2)});

// All edges, and on those over which something passes to the node in focus how much.
//   over      [reader][read]: how much passes
//   focus     the reader; what passes over other edges comes from farther away
//   joining   two nodes between which an edge is being drawn, or []
export function drawEdges(graph, {places, mask, over, focus, directed, joining}) {
  const at = places.map(([across, down]) => [graph.toX(across), graph.toY(down)]);
  const [plain, amounts, heads] = [[], [], []];
  mask.forEach((row, i) =>
    row.forEach((open, j) => {
      const passed = over[i][j] + (directed || i === j ? 0 : over[j][i]);
      const kind = `attn-passes${i === focus || j === focus ? "" : " attn-passes-far"}`;
      if (i === j) {
        if (!open || graph.crowded) return;
        plain.push(loopAt(at[i], graph.radius, "attn-tie"));
        if (passed > 0) amounts.push(loopAt(at[i], graph.radius, kind, amountOf(passed / 2)));
        return;
      }
      if (!directed && (j < i || !open)) return;
      if (!open) return;
      plain.push(line("attn-tie", at[i], at[j]));
      if (passed > 0) amounts.push(line(kind, at[i], at[j], amountOf(passed)));
      if (directed) heads.push(headAt(at[j], at[i], graph.radius));
    }),
  );
  const [from, to] = joining;
  const drawn = to === undefined || from === to ? [] : [line("attn-joining", at[from], at[to])];
  graph.edges.replaceChildren(...plain, ...amounts, ...heads, ...drawn);
}

// An arrow's head at the edge of the node that reads.
function headAt([fromX, fromY], [x, y], radius) {
  const long = Math.hypot(x - fromX, y - fromY) || 1;
  const [across, down] = [(x - fromX) / long, (y - fromY) / long];
  const along = (far, aside) =>
    `${x - across * far - down * aside} ${y - down * far + across * aside}`;
  const [tip, tail] = [radius + 2, radius + 11];
  return shape("path", {
    class: "attn-head",
    d: `M${along(tip, 0)}L${along(tail, 4.5)}L${along(tail, -4.5)}z`,
  });
}

// All nodes: their features as bars, the share that is read of each as a piece of its ring.
//   ends      the lowest and the highest number of all features
//   joining   the node from which an edge is being drawn, or undefined
//   above     whether a label stands over its node, and not under it
export function drawNodes(graph, {places, features, shares, focus, ends, joining, above}) {
  const nodes = places.map(([across, down], i) => {
    const node = shape("g", {
      class: `attn-grab${shares[i] > 0 || i === focus ? "" : " attn-unheard"}`,
      transform: `translate(${graph.toX(across)} ${graph.toY(down)})`,
    });
    node.append(...discOf(graph, features[i], ends, "value"), ...ringOf(graph, shares[i]));
    if (i === focus) node.append(shape("circle", {class: "attn-reader", r: graph.radius + 4}));
    if (i === joining) node.append(shape("circle", {class: "attn-starting", r: graph.radius + 8}));
    const label = shape("text", {
      class: `attn-backed attn-${i === focus ? "query" : "key"}`,
      y: above[i] ? -graph.radius - 8 : graph.radius + graph.size + 4,
      "text-anchor": "middle",
    });
    label.append(shape("tspan", {}, graph.shorts[i]));
    if (shares[i] > 0 && !graph.crowded)
      label.append(shape("tspan", {class: "attn-node-share"}, ` ${written(shares[i])}`));
    node.append(label);
    return node;
  });
  graph.nodes.replaceChildren(...nodes);
}

export const written = (part) => (part > 0.995 ? "1" : share(part));

// A disc with a vector in it: a bar for each number, or the number where there is only one.
export function discOf({radius}, vector, [low, high], kind) {
  const disc = shape("circle", {class: "attn-disc", r: radius});
  if (vector.length === 1) {
    const text = String(Number(vector[0].toFixed(1))).replace("-", "−");
    const said = shape("text", {class: `attn-numbers attn-${kind}`, dy: "0.35em"}, text);
    said.setAttribute("text-anchor", "middle");
    return [disc, said];
  }
  const [unit, pitch] = [(radius * 1.25) / (high - low), (radius * 1.15) / vector.length];
  const zero = (unit * (high + low)) / 2; // below the middle, where most numbers are above 0
  const bars = vector.map((value, i) => {
    const left = (i - vector.length / 2) * pitch + pitch * 0.14;
    return `M${left} ${zero}h${pitch * 0.72}v${-unit * value}h${-pitch * 0.72}z`;
  });
  const wide = radius * 0.68;
  return [
    disc,
    shape("path", {class: `attn-${kind}`, d: bars.join("")}),
    shape("path", {class: "attn-axis", d: `M${-wide} ${zero}H${wide}`}),
  ];
}

// A piece of a ring from the top, clockwise: all of it for a share of 1.
function ringOf({radius}, part) {
  const ring = shape("circle", {class: "attn-rim", r: radius});
  if (!(part > 0)) return [ring];
  const round = 2 * Math.PI * radius;
  const arc = shape("circle", {
    class: "attn-portion",
    r: radius,
    transform: "rotate(-90)",
    "stroke-dasharray": `${(round * part).toFixed(2)} ${round.toFixed(2)}`,
  });
  return [ring, arc];
}

// The strip under the graph: what its pieces stand for is 1 altogether, and beside it the sum.
export function layShares(frame, {x, y, width}) {
  const {svg, size, lecture} = frame;
  const radius = lecture ? 22 : 16;
  const disc = 2 * radius + 30; // the sum's disc, and the sign before it
  const tall = size + 11;
  const strip = {x, radius, size, tall, wide: width - disc};
  strip.top = y + size + 8;
  strip.said = svg.appendChild(shape("text", {class: "attn-caption", x, y: y + size}));
  strip.pieces = svg.appendChild(shape("g", {class: "attn-numbers"}));
  strip.frame = {x, y: strip.top, width: strip.wide, height: tall};
  strip.sum = svg.appendChild(
    shape("g", {
      transform: `translate(${x + width - radius - 3} ${strip.top + tall / 2})`,
    }),
  );
  const sign = {x: x + strip.wide + 12, y: strip.top + tall / 2, dy: "0.35em"};
  svg.append(shape("text", {"text-anchor": "middle", ...sign}, "="));
  strip.bottom = strip.top + Math.max(tall, tall / 2 + radius + 3);
  return strip;
}

export function drawShares(frame, strip, {shares, labels, caption, vector, ends}) {
  const {colours, hatched, root} = frame;
  strip.said.textContent = caption;
  const parts = [];
  let left = strip.x;
  shares.forEach((part, i) => {
    if (!(part > 0)) return;
    const width = part * strip.wide;
    const colour = colours[Math.round(255 * part)];
    const piece = shape("rect", {
      class: "attn-square",
      x: left,
      y: strip.top,
      width,
      height: strip.tall,
      style: `fill: rgb(${colour.join(", ")})`,
    });
    piece.append(shape("title", {}, `${labels[i]}: ${number(part)}`));
    parts.push(piece);
    const text = [`${short(labels[i], 10)} ${written(part)}`, written(part)].find(
      (said) => widest(root, [said]) + 6 <= width,
    );
    const middle = {x: left + width / 2, y: strip.top + strip.tall / 2, dy: "0.35em"};
    const ink = {class: isLight(colour) ? "attn-black" : "attn-white", "text-anchor": "middle"};
    if (text) parts.push(shape("text", {...middle, ...ink}, text));
    left += width;
  });
  if (!parts.length) parts.push(shape("rect", {...strip.frame, ...hatched}));
  parts.push(shape("rect", {...strip.frame, class: "attn-frame"}));
  strip.pieces.replaceChildren(...parts);
  strip.sum.replaceChildren(...discOf(strip, vector, ends, "output"), ...ringOf(strip, 0));
}
