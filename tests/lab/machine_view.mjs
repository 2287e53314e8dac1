// What the drawing of a machine is held to, in node: its geometry, its sums, its ways back and forth, a long walk.
import {readFileSync} from "node:fs";
import * as view from "./figure.mjs";

const machines = JSON.parse(readFileSync("machines.json", "utf8"));
const seeded = (seed) => () => {
  seed += 0x6d2b79f5;
  let x = seed;
  x = Math.imul(x ^ (x >>> 15), x | 1);
  x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
  return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
};
const picked = (random, list) => list[Math.floor(random() * list.length)];

function traitsOf({traits, weights}) {
  const bytes = (text) => {
    const {buffer, byteOffset, byteLength} = Buffer.from(text, "base64");
    return new DataView(buffer.slice(byteOffset, byteOffset + byteLength));
  };
  const x = traits.x && {shape: traits.x.shape, data: bytes(traits.x.base64)};
  return {...traits, x, tensors: {shape: [], data: bytes(weights)}};
}

async function started(machine) {
  const traits = traitsOf(machine);
  const get = (name) => traits[name];
  const model = await view.ready({get});
  return {traits, get, model, tree: view.treeOf(traits.plan)};
}

// Boxes that overlap or leave the drawing, and arrows that do not end on the edges of their boxes.
function faultsOf(plan, open, room) {
  const drawn = view.placed(plan, {open, room, size: 13});
  const tree = view.treeOf(plan);
  const within = (outer, id) => {
    for (let up = tree.parent[id]; up?.kind; up = tree.parent[up.id])
      if (up.id === outer) return true;
    return false;
  };
  const faults = [];
  const places = Object.entries(drawn.boxes);
  for (const [a, one] of places) {
    const right = one.x + one.width > drawn.width + 0.5;
    if (one.x < 0 || right || one.y + one.height > drawn.height || one.width < 40)
      faults.push(`${a} leaves`);
    for (const [b, other] of places) {
      if (a >= b || within(a, b) || within(b, a)) continue;
      const beside = one.x + one.width <= other.x + 0.01 || other.x + other.width <= one.x + 0.01;
      const apart = one.y + one.height <= other.y + 0.01 || other.y + other.height <= one.y + 0.01;
      if (!beside && !apart) faults.push(`${a} and ${b} overlap`);
    }
  }
  for (const {from, to, points} of drawn.arrows) {
    if (!onEdge(points[0], drawn.boxes[from])) faults.push(`${from} → ${to} begins nowhere`);
    if (!onEdge(points.at(-1), drawn.boxes[to])) faults.push(`${from} → ${to} ends nowhere`);
    for (const each of crossed({from, to, points}, drawn.boxes))
      faults.push(`${from} → ${to} passes under ${each} at ${room}`);
    if (points.some(([x, y]) => x < 0 || x > drawn.width || !Number.isFinite(y)))
      faults.push(`${from} → ${to} leaves`);
  }
  return faults;
}

// The boxes, other than its ends, that an arrow passes under: it would seem to end and begin there.
function crossed({from, to, points}, boxes) {
  const through = ([x, y], [toX, toY], {x: left, y: top, width, height}) =>
    Math.max(x, toX) > left + 1 &&
    Math.min(x, toX) < left + width - 1 &&
    Math.max(y, toY) > top + 1 &&
    Math.min(y, toY) < top + height - 1;
  return Object.entries(boxes)
    .filter(([id, {head}]) => ![from, to].includes(id) && !head)
    .filter(([, box]) => points.slice(1).some((point, i) => through(points[i], point, box)))
    .map(([id]) => id);
}

function onEdge([x, y], {x: left, y: top, width, height}) {
  const [near, level] = [
    (a, b) => Math.abs(a - b) < 0.5,
    (a, from, long) => a > from - 0.5 && a < from + long + 0.5,
  ];
  const flat = level(x, left, width) && (near(y, top) || near(y, top + height));
  return flat || (level(y, top, height) && (near(x, left) || near(x, left + width)));
}

function geometry({traits: {plan}, tree}, random) {
  const ids = tree.items.map(({id}) => id);
  const groups = tree.items.filter(view.isGroup).map(({id}) => id);
  const faults = [];
  let drawn = 0;
  for (const room of [320, 360, 480, 559, 560, 700, 800, 1000, 1400]) {
    const opened = [
      [],
      ids,
      groups,
      ...Array.from({length: 6}, () => ids.filter(() => random() < 0.4)),
    ];
    for (const open of opened) {
      faults.push(...faultsOf(plan, open, room));
      drawn++;
    }
  }
  return {faults, drawn};
}

// The numbers of all boxes as their sums make them, and as they stand in the arrays.
function sums({get, model, tree}, random, off) {
  const shown = view.compute((name) => (name === "off" ? off : get(name)), null, model);
  const run = {...shown, tensors: model.tensors, config: shown.model.config};
  const found = {count: 0, kinds: {}, worst: 0, where: ""};
  for (const item of tree.items.filter(({array}) => array)) {
    const array = shown.arrays[item.array];
    const rows = array.rows ?? array.heads[0];
    for (let n = 0; n < 6; n++) {
      const row = Math.floor(random() * rows.length);
      const column = Math.floor(random() * rows[0].length);
      const head = array.heads ? Math.floor(random() * (array.heads.length + 1)) - 1 : -1;
      const {value, lines} = view.sumOf(shown.plan, item, run, {row, column, head});
      const wanted = view.valueAt(shown.arrays, item, row, column, head);
      const error = value === wanted ? 0 : Math.abs(value - wanted) / (1 + Math.abs(wanted));
      if (!(error <= found.worst))
        Object.assign(found, {worst: error, where: `${item.id} ${value} ${wanted}`});
      if (!lines.length) found.where = `${item.id} has no lines`;
      found.kinds[item.kind] = (found.kinds[item.kind] ?? 0) + 1;
      found.count++;
    }
  }
  return found;
}

// Of each row: how the shares of the words from which it comes add up.
function shares({get, model, tree}) {
  const shown = view.compute(get, null, model);
  const flow = view.flowOf(shown.plan, shown.arrays, {counts: shown.counts});
  const words = tree.items.filter(({kind}) => kind === "words");
  const totals = [];
  const encoder = [];
  for (const box of tree.items.filter((item) => item.of && item.kind !== "positions")) {
    for (let row = 0; row < (shown.counts[box.rows] ?? 1); row++) {
      const found = view.backFrom(flow, box.id, row);
      const sum = (list) =>
        list.reduce((all, {id}) => all + (found[id] ?? []).reduce((a, b) => a + b, 0), 0);
      totals.push(sum(words));
      if (box.rows === "source") encoder.push(sum(words.filter(({rows}) => rows === "source")));
    }
  }
  // What goes from a word into a row is what the row has of it.
  const last = tree.items.filter(({array}) => array).at(-1);
  const row = Math.min(1, (shown.counts[last.rows] ?? 1) - 1);
  const back = view.backFrom(flow, last.id, row);
  const both = words.flatMap((box) =>
    Array.from(
      back[box.id] ?? [],
      (share, j) => share - (view.onwardFrom(flow, box.id, j)[last.id]?.[row] ?? 0),
    ),
  );
  return {totals, encoder, both};
}

// Everything that a drawing asks for, for settings at random.
function walk({traits, model, tree}, random, steps) {
  const switches = tree.items.flatMap((item) => (item.switches ?? []).map(({off}) => off));
  const ids = tree.items.map(({id}) => id);
  const sentences = [
    "the cat sleeps",
    "Ana",
    "",
    "zorgle <b>the</b> \u202e dog",
    `the${" very".repeat(39)}`,
    "the black cat",
  ];
  const set = {...traits};
  let before = null;
  const said = new Set();
  for (let n = 0; n < steps; n++) {
    const change = picked(random, [
      "focus",
      "focus",
      "step",
      "unfolded",
      "off",
      "sentence",
      "attention",
      "head",
    ]);
    if (change === "focus")
      set.focus =
        random() < 0.1 ? [] : [Math.floor(random() * ids.length), Math.floor(random() * 9)];
    if (change === "step") set.step = Math.floor(random() * 20);
    if (change === "unfolded") set.unfolded = ids.filter(() => random() < 0.3);
    if (change === "off") set.off = switches.filter(() => random() < 0.15);
    if (change === "sentence" && !set.x) set.sentence = picked(random, sentences);
    if (change === "attention") set.attention = random() < 0.7;
    if (change === "head") set.head = Math.floor(random() * 3) - 1;
    before = view.compute((name) => set[name], before, model);
    view.placed(set.plan, {open: set.unfolded, room: 320 + 1000 * random(), size: 13});
    const at = view.focusOf(before, set.focus, tree);
    if (!at) continue;
    const {counts, arrays, off} = before;
    const flow = view.flowOf(set.plan, arrays, {counts, head: set.head, off});
    const strengths = view.tracedFrom(flow, at.box.id, at.row);
    for (const [id, rows] of Object.entries(strengths))
      if (!rows.every((share) => share >= 0 && share < 1 + 1e-6)) throw new Error(`${id} ${rows}`);
    const run = {...before, tensors: model.tensors, config: before.model.config};
    const column = view.mainColumn(arrays, at.box, at.row, set.head);
    view.sumOf(set.plan, at.box, run, {row: at.row, column, head: set.head});
    said.add(view.toldRow(before, at.item, at.row, {head: set.head, strengths}));
    said.add(saidAt(before, tree, at));
    if (off.length) said.add(view.toldChange(before));
  }
  return {sentences: said.size, bad: [...said].filter((each) => /undefined|NaN|null/.test(each))};
}

// What is said of a row, as in the page.
function saidAt(shown, tree, at) {
  const frame = {shown, place: {tree}};
  return view.statusOf(frame, at, view.tracedFor(frame, at));
}

// What is said of what is written, with these settings.
function wholeSaid({get, model, tree}, set) {
  const shown = view.compute((name) => set[name] ?? get(name), null, model);
  return saidAt(shown, tree, null);
}

// And of all rows of all boxes.
function sayings({get, model, tree}, set = {}) {
  const shown = view.compute((name) => set[name] ?? get(name), null, model);
  const boxes = {};
  for (const box of tree.items.filter((item) => item.of)) {
    const count = box.rows === "one" ? 1 : shown.counts[box.rows];
    boxes[box.id] = Array.from({length: count}, (_, row) =>
      saidAt(shown, tree, {item: box, box, row}),
    );
  }
  const {words, translation} = shown;
  return {boxes, whole: saidAt(shown, tree, null), words, translation};
}

function told(made) {
  const switches = made.tree.items.flatMap((item) => (item.switches ?? []).map(({off}) => off));
  const long = `${"a".repeat(10000)} ${"the ".repeat(39)}`;
  return {
    plain: sayings(made),
    equal: sayings(made, {attention: false, step: 1}),
    long: made.get("x")
      ? []
      : [
          wholeSaid(made, {sentence: long, step: 60}),
          wholeSaid(made, {sentence: long, attention: false, step: 60}),
          wholeSaid(made, {sentence: "the ".repeat(41)}),
        ],
    without: Object.fromEntries(switches.map((name) => [name, wholeSaid(made, {off: [name]})])),
  };
}

const found = {};
for (const [name, machine] of Object.entries(machines)) {
  const random = seeded(name.length);
  const made = await started(machine);
  const {result} = view.compute(made.get, null, made.model);
  const switches = made.tree.items.flatMap((item) => (item.switches ?? []).map(({off}) => off));
  found[name] = {
    result,
    geometry: geometry(made, random),
    sums: sums(made, random, []),
    cut: sums(
      made,
      random,
      switches.filter(() => random() < 0.5),
    ),
    shares: shares(made),
    told: told(made),
    walk: walk(made, random, name === "pre" ? 500 : 60),
  };
}
console.log(JSON.stringify(found));
