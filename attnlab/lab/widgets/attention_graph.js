// The live graph: nodes that attend to their neighbours, the same edges as a mask, and the sum that each node reads.

import {element, number, plain, shape} from "./drawing.js";
import {rendering} from "./frame.js";
import {
  drawEdges,
  drawNodes,
  drawShares,
  layGraph,
  layShares,
  nodeUnder,
  placeIn,
  written,
} from "./graph_nodes.js";
import {compute, passing, toggled} from "./graph_numbers.js";
import {graphLines, graphSentence, labelled} from "./graph_words.js";
import {cellAt, layGrid, paintGrid, placeGrid, ringGrid} from "./grid.js";

const GAP = 28; // between graph and matrix
const STRIP = 76; // how high the strip of shares is in a room
const SLIP = 3; // pixels that a click may move a node without dragging it
const HINTS = [
  "Click two nodes, or a cell, to join or part them.",
  "Drag a node: only the picture changes.",
];
const LET_GO = "Now click the other node, or press Escape.";
const ANEW = {changed: [], places: null, joining: []};

const placesOf = (get) => get("places") ?? get("graphs")[get("graph")].positions;

// Another graph begins as it was prepared, as the kernel has it, too; and a button takes this one back.
function above(frame) {
  const {model, get, set, stage, drawing} = frame;
  const button = element("button", {type: "button", class: "attn-back"}, "reset");
  button.addEventListener("click", () => set(ANEW));
  model.on("change:graph", () => set(ANEW));
  stage.append(button);
  // A finger that takes hold of a node is followed by no click.
  drawing.addEventListener("pointerup", () => {
    if (frame.taken >= 0 && !frame.dragged) set(nodeClicked(frame, frame.taken));
    frame.taken = -1;
  });
  const draw = () => {
    const {graph} = frame.place;
    button.hidden = !get("changed").length && !get("places");
    button.style.right = `calc(100% - ${graph.x + graph.width}px)`;
    button.style.top = "14px";
  };
  return [{draw}];
}

function layout(frame) {
  const {get, room, lecture, svg} = frame;
  const labels = get("labels");
  const whole = Math.min(room, lecture ? 1150 : 860);
  const wide = whole >= 600;
  const width = wide ? Math.round(0.54 * whole) : whole;
  const matrix = (x, y, free) =>
    placeGrid(frame, {
      x,
      y,
      room: free,
      title: "who reads whom",
      rows: {words: labels, kind: "query", caption: "query"},
      columns: {words: labels, kind: "key", caption: "key"},
    });
  const beside = wide ? matrix(width + GAP, 0, whole - width - GAP) : null;
  const hints = (lecture ? [] : HINTS).map((text, i) =>
    svg.appendChild(shape("text", {class: "attn-caption", x: 0, y: 12 + 17 * i}, text)),
  );
  const top = 17 * hints.length;
  const under = lecture ? STRIP : 0; // in a room all is to be seen at once: the matrix stands beside both
  const height = Math.max(270, (beside?.bottom ?? 0) - top - under);
  const graph = layGraph(frame, {x: 0, y: top, width, height, labels});
  const across = under ? width : (beside?.right ?? whole);
  const strip = layShares(frame, {x: 0, y: top + height + 2, width: across});
  const grid = layGrid(frame, beside ?? matrix(0, strip.bottom + 16, whole));
  return {
    graph,
    strip,
    grid,
    hints,
    width: Math.min(Math.max(across, grid.right), room),
    height: Math.max(grid.bottom, strip.bottom) + 4,
  };
}

// How many terms of a sum are written out.
const termsIn = ({room, lecture}) => (room < 420 ? 3 : lecture ? 4 : 5);

// Lines that are kept free: of the longest sums and the longest sentence that these numbers can make.
function keeps(frame) {
  const {features} = frame.shown;
  const {get, room, size} = frame;
  const [[first], terms] = [features, termsIn(frame)];
  const long = Math.max(...features.flat().map((value) => plain(value).length), 4);
  const inner = first.length * (long + 2);
  const depth = get("query_map")?.[0].length ?? first.length;
  const sums = [
    Math.min(depth, terms) * (2 * long + (get("rules").includes("GATv2") ? 18 : 8)) + 10,
    30,
    terms * 12 + 7,
    terms * (inner + 8) + inner,
  ];
  const letter = 0.54 * size;
  const wraps = (letters, free) => Math.ceil((letters * letter) / free);
  const work = sums.reduce((sum, letters) => sum + wraps(letters, room - 8 * size), 0);
  const named = Math.max(...get("labels").map((label) => Math.min(labelled(label).length, 16)));
  const status = wraps(130 + 5 * named + inner, room);
  return {status, work, lecture: 2};
}

// The node in focus, and the one that it is asked about.
const pairOf = (get) => (get("focus").length ? get("focus") : [0, 0]);

// Two nodes that an edge is being drawn between; the second is that under the pointer.
function joiningOf(get) {
  const [from] = get("joining");
  const [node, other] = pairOf(get);
  return from === undefined ? [] : node === from ? [from, other] : [from];
}

// From the lowest to the highest number, and 0.
function endsOf(features) {
  const all = [0, ...features.flat()];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  return low < high ? [low, high] : [0, 1];
}

// A label stands where fewer edges are: over its node if its neighbours lie below.
function labelsAbove(places, mask) {
  return places.map(([, down], i) => {
    const near = places.filter((_, j) => j !== i && (mask[i][j] || mask[j][i]));
    return near.reduce((sum, [, other]) => sum + other - down, 0) > 0.02;
  });
}

function draw(frame) {
  const {get, place, shown, colours} = frame;
  const {features, mask, reached, steps, shares, output} = shown;
  const [labels, [node, other], joining] = [get("labels"), pairOf(get), joiningOf(get)];
  const common = {places: placesOf(get), focus: node};
  drawEdges(place.graph, {
    ...common,
    mask,
    over: passing(steps, node),
    directed: get("directed"),
    joining,
  });
  const ends = endsOf(features);
  drawNodes(place.graph, {
    ...common,
    features,
    shares: shares[node],
    ends,
    joining: joining[0],
    above: labelsAbove(common.places, mask),
  });
  paintGrid(place.grid, {values: shares, allowed: reached, colours, write: written});
  ringGrid(place.grid, [node, other]);
  const read = shares[node].some((part) => part > 0);
  drawShares(frame, place.strip, {
    shares: shares[node],
    labels,
    ends,
    vector: output[node],
    caption: read
      ? `what ${labelled(labels[node])} reads: shares of a whole`
      : `${labelled(labels[node])} reads nothing`,
  });
  if (place.hints.length) place.hints[0].textContent = joining.length ? LET_GO : HINTS[0];
  return saidOf(frame, [node, other], labels);
}

function saidOf(frame, [node, other], labels) {
  const {shown, get} = frame;
  const {mask, shares, state} = shown;
  const lines = graphLines(shown, [node, other], get("vector"), termsIn(frame));
  const status = graphSentence(shown, node, labels);
  const joined = mask[node][other] ? "joined" : "not joined";
  const keys =
    "Arrow keys choose query and key, Enter joins or parts them, Shift and an arrow key moves the query's node.";
  return {
    status,
    label:
      `A graph of ${labels.length} nodes, ${state.graph}. ${status} Now at query ${labelled(labels[node])}, ` +
      `key ${labelled(labels[other])}: ${joined}, share ${number(shares[node][other])}. ${keys}`,
    title: [
      ["attn-query", labelled(labels[node])],
      ["", shares[node][other] > 0 ? " reads " : " does not read "],
      ["attn-key", labelled(labels[other])],
    ],
    lines,
  };
}

// A node is moved by the place in it where it was taken hold of.
function grab(frame, x, y) {
  const {place, get} = frame;
  const places = placesOf(get);
  const node = nodeUnder(place.graph, places, x, y);
  Object.assign(frame, {taken: node, dragged: false});
  if (node < 0) return null;
  const {toX, toY} = place.graph;
  const [aside, above] = [toX(places[node][0]) - x, toY(places[node][1]) - y];
  return (...at) => {
    frame.dragged ||= Math.hypot(at[0] - x, at[1] - y) > SLIP;
    if (!frame.dragged) return {};
    return movedTo(places, node, placeIn(place.graph, at[0] + aside, at[1] + above));
  };
}

const movedTo = (places, node, at) => ({places: places.map((each, i) => (i === node ? at : each))});

const ARROWS = {ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0]};

function press({get}, {key, shiftKey}) {
  if (key === "Escape" && get("joining").length) return {joining: []};
  if (!shiftKey || !(key in ARROWS)) return null;
  const [node] = pairOf(get);
  const places = placesOf(get);
  const at = ARROWS[key].map((step, i) => places[node][i] + step / 25);
  return movedTo(
    places,
    node,
    at.map((part) => Number(Math.min(Math.max(part, 0), 1).toFixed(3))),
  );
}

// A cell of the matrix, or the pair of a node of the graph, which is marked as such.
function at({place, get, shown}, x, y) {
  const cell = cellAt(place.grid, x, y);
  if (cell) return cell;
  const node = nodeUnder(place.graph, placesOf(get), x, y);
  if (node < 0) return null;
  const [from] = get("joining");
  const pair = from === undefined ? pairFrom({get, shown}, node) : [from, node];
  return Object.assign(pair, {inGraph: true});
}

// A node, and the one that it reads most; the pair in focus stays.
function pairFrom({get, shown: {shares}}, node) {
  const [focus, other] = pairOf(get);
  return [node, node === focus ? other : shares[node].indexOf(Math.max(...shares[node]))];
}

// Of nodes the first one that is clicked begins an edge, and the second one ends it.
function nodeClicked(frame, node) {
  const {get} = frame;
  const [from] = get("joining");
  if (from === node) return {joining: []};
  if (from !== undefined) return {...joined(get, [from, node]), joining: [], focus: [from, node]};
  // A finger has pointed at nothing before: it first only looks.
  return get("focus")[0] === node ? {joining: [node]} : {focus: pairFrom(frame, node)};
}

const choose = ({get}, cell) => (cell.inGraph ? null : joined(get, cell));

// A pair is joined, or parted; not a node with itself where all are.
function joined(get, [row, column]) {
  if (row === column && get("loops")) return null;
  return {changed: toggled(get("changed"), [row, column], get("directed"))};
}

const decimals = (rows) => rows.map((row) => row.map((value) => value.toFixed(3)));

function tables({state, shares, output, features}, get) {
  const labels = get("labels");
  const after = state.layers > 1 ? "share of each node after two layers" : "weights";
  const columns = features[0].map((_, i) => `x${i + 1}`);
  return [
    {caption: after, rows: labels, columns: labels, values: decimals(shares)},
    {caption: "features", corner: "node", rows: labels, columns, values: decimals(features)},
    {caption: "new vectors", corner: "node", rows: labels, columns, values: decimals(output)},
  ];
}

export default {
  render: rendering({
    name: "graph",
    synced: [
      "features",
      "labels",
      "graphs",
      "graph",
      "changed",
      "places",
      "directed",
      "loops",
      "rule",
      "query_map",
      "key_map",
      "vector",
      "layers",
      "joining",
      "focus",
    ],
    rebuild: ["labels"],
    compute,
    above,
    layout,
    draw,
    grab,
    press,
    at,
    choose,
    tables,
    moves: ({get}, [row]) =>
      get("joining").length && get("joining")[0] !== row ? {joining: []} : {},
    keeps,
    cells: ({mask}) => [mask.length, mask.length],
  }),
};
