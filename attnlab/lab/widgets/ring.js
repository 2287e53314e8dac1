// The live ring: processes hand chunks of their gradients on until all of them hold the sum of all.

import {element, isLight, shape, widest} from "./drawing.js";
import {rendering} from "./frame.js";
import {cellAt, layGrid, paintGrid, placeGrid, ringGrid} from "./grid.js";
import {playButton, still} from "./play_button.js";
import {compute} from "./ring_sums.js";
import {amount, cellLines, chunkName, phaseLines, ringSentence} from "./ring_words.js";

const PACE = 1.3; // seconds from step to step as it plays
const TRAVEL = 280; // ms that a chunk is on its way
const TITLE = "who holds which sum";
const WAYS = ["ring, so far", "everyone to everyone", "all to one, and back"];

// A row of buttons over the drawing: back to the start, play, and a step.
function above(frame) {
  const row = element("div", {class: "attn-ring-play"});
  const now = () => frame.shown.at;
  const ended = () => now() >= frame.shown.last;
  const forward = () => frame.set({step: ended() ? 0 : now() + 1});
  const {button, pause} = playButton(frame, {pace: () => PACE, ended, forward, begin: forward});
  const start = element("button", {type: "button"}, "from the start");
  const next = element("button", {type: "button"}, "next step");
  row.append(start, button, next);
  next.addEventListener("click", () => ended() || forward());
  start.addEventListener("click", () => {
    pause();
    frame.set({step: 0});
  });
  row.addEventListener("keydown", (event) => event.stopPropagation());
  const draw = () => {
    next.disabled = ended();
    start.disabled = now() === 0;
  };
  return [{root: row, draw}];
}

// How many processes the controls can ask for: room is kept for all of them, so that nothing jumps.
const mostOf = (get) =>
  get("settings").some(({trait}) => trait === "processes")
    ? get("gradients").length
    : get("processes");

function layout(frame) {
  const {get, room, lecture, size} = frame;
  const [count, most] = [get("processes"), mostOf(get)];
  const wide = room >= (lecture ? 760 : 600);
  const width = wide ? Math.min(Math.round(0.48 * room), lecture ? 400 : 360) : Math.min(room, 360);
  const ring = layRing(frame, {count, most, x: wide ? 0 : (room - width) / 2, width});
  const place = (y, processes) => placeHeld(frame, {...ring, wide, y, processes});
  const kept = place(0, most); // as high as it gets
  const high = wide ? Math.max(ring.bottom, kept.bottom) : kept.bottom;
  const down = (wide ? 0 : ring.bottom + 12) + (high - place(0, count).bottom) / (wide ? 2 : 4);
  const grid = layGrid(frame, place(down, count));
  const dots = layDots(frame, grid, count);
  const bottom = wide ? high : ring.bottom + 12 + high;
  const right = Math.max(grid.right, grid.left + widest(frame.root, [TITLE]) * 1.12);
  const whole = wide ? Math.min(Math.max(right, lecture ? 0 : 640), room) : room;
  const bars = layBars(frame, {y: bottom + size, width: whole, most});
  return {ring, grid, dots, bars, width: whole, height: bars.bottom};
}

function placeHeld(frame, {wide, y, processes, bottom, right}) {
  const {room, lecture, size} = frame;
  const names = Array.from({length: processes}, (_, i) => i);
  const free = wide ? bottom - 4 * size : Infinity;
  return placeGrid(frame, {
    x: wide ? right + 20 : 0,
    y,
    room: wide ? room - right - 20 : room,
    most: Math.min(lecture ? 60 : 46, Math.floor(free / processes)),
    title: TITLE,
    rows: {words: names.map(String), kind: "caption", caption: "process"},
    columns: {words: names.map(chunkName), kind: "caption", caption: "chunk"},
  });
}

// Where process i stands, and half way behind it.
const round = ({middle: [x, y], radius, count}, i) => {
  const angle = (2 * Math.PI * i) / count - Math.PI / 2;
  return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
};

function layRing(frame, {count, most, x, width}) {
  const {svg, size} = frame;
  const block = Math.floor((3.5 * size) / Math.max(count, 2));
  const [high, across] = [2 * size + 12, 3.5 * size + 10];
  const radius = Math.min(
    (width - across) / 2 - 3,
    (frame.lecture ? 8.6 : most > 5 ? 11 : 9.5) * size,
  );
  const ring = {
    count,
    radius,
    middle: [x + width / 2, radius + high / 2 + 4],
    bottom: 2 * radius + high + 8,
    right: x + width,
  };
  const [cx, cy] = ring.middle;
  svg.append(shape("circle", {class: "attn-ring-line", cx, cy, r: radius}));
  const names = Array.from({length: count}, (_, i) => i);
  const arrows = names.map(() =>
    svg.appendChild(shape("path", {class: "attn-ring-arrow", d: "M-4 -4.5L4 0L-4 4.5z"})),
  );
  const nodes = names.map((name) =>
    layNode(frame, {at: round(ring, name), name, block, high, count}),
  );
  const chips = names.map((i) => layChip(frame, round(ring, i + 0.5)));
  const text = (dy, kind) =>
    svg.appendChild(
      shape("text", {class: kind, "text-anchor": "middle", x: cx, y: cy + dy, dy: "0.35em"}),
    );
  const says = [
    text(-size - 2, "attn-title"),
    text(3, "attn-caption"),
    text(size + 6, "attn-caption"),
  ];
  return {...ring, arrows, nodes, chips, says};
}

// A process: its number, and a block for each of its chunks.
function layNode({svg, size}, {at: [x, y], name, block, high, count}) {
  const across = Math.max(count * block + 10, 2.6 * size);
  const group = shape("g", {transform: `translate(${x} ${y})`});
  const box = {x: -across / 2, y: -high / 2, width: across, height: high, rx: 6};
  group.append(
    shape("rect", {class: "attn-ring-node", ...box}),
    shape("text", {class: "attn-title", "text-anchor": "middle", y: -high / 2 + size + 1}, name),
  );
  const blocks = Array.from({length: count}, (_, i) =>
    group.appendChild(
      shape("rect", {
        class: "attn-ring-block",
        x: (i - count / 2) * block,
        y: high / 2 - size - 5,
        width: block,
        height: size - 1,
      }),
    ),
  );
  svg.append(group);
  return {rect: group.firstChild, blocks};
}

// A chunk on its way: its letter and its number.
function layChip({svg, size}, [x, y]) {
  const group = shape("g", {class: "attn-ring-chip"});
  const [rect, text] = [shape("rect", {height: size + 8, y: -size / 2 - 4, rx: 4}), shape("text")];
  for (const [name, value] of Object.entries({"text-anchor": "middle", dy: "0.35em"}))
    text.setAttribute(name, value);
  group.append(rect, text);
  svg.append(group);
  group.style.transform = `translate(${x}px, ${y}px)`;
  return {group, rect, text, place: [x, y]};
}

// Under the number of a cell a dot for each process: full where its number is in it.
function layDots({svg}, grid, count) {
  const {left, top, cell} = grid;
  const pitch = Math.min(6, (cell - 6) / count);
  const group = shape("g");
  svg.insertBefore(group, grid.ring);
  return Array.from({length: count}, (_, row) =>
    Array.from({length: count}, (_, column) =>
      Array.from({length: count}, (_, from) =>
        group.appendChild(
          shape("circle", {
            cx: left + (column + 0.5) * cell + (from - (count - 1) / 2) * pitch,
            cy: top + (row + 1) * cell - 6,
            r: Math.min(1.9, pitch / 2.3),
          }),
        ),
      ),
    ),
  );
}

// What the busiest process has to send, in whole gradients; on a phone a line for the words, and one for the bar.
function layBars(frame, {y, width, most}) {
  const {svg, size, root} = frame;
  const title = shape("text", {x: 0, y: y + size});
  title.append(
    shape("tspan", {class: "attn-title"}, "sent by the busiest process"),
    shape("tspan", {class: "attn-caption", dx: 10}, "N: one gradient"),
  );
  svg.append(title);
  const told = Math.ceil(widest(root, ["0.875 of 1.75 N = 434 MB"])) + 12;
  const beside = Math.ceil(widest(root, WAYS)) + 12;
  const narrow = width - beside - told < 120;
  const left = narrow ? 0 : beside;
  const [row, under] = narrow ? [2 * size + 18, size + 6] : [size + 10, 0];
  const bars = WAYS.map((name, i) => {
    const top = y + size + 14 + i * row;
    const line = {y: top + size / 2, dy: "0.35em"};
    svg.append(shape("text", {class: "attn-caption", x: 0, ...line}, name));
    const bar = {x: left, y: top + under, height: size};
    const [full, so] = ["all", i ? "other" : "sent"].map((kind) =>
      svg.appendChild(shape("rect", {class: `attn-ring-${kind}`, ...bar})),
    );
    const end = narrow ? {x: width - 2, "text-anchor": "end"} : {};
    const said = svg.appendChild(shape("text", {class: "attn-numbers", ...line, ...end}));
    return {full, so, said};
  });
  const unit = (width - left - (narrow ? 2 : told)) / (most - 1);
  const bottom = y + size + 14 + WAYS.length * row + 4;
  if (!narrow)
    svg.append(shape("path", {class: "attn-axis", d: `M${left} ${y + size + 10}V${bottom - 6}`}));
  return {bars, left, unit, narrow, bottom};
}

function draw(frame, focus) {
  const {shown, place, colours} = frame;
  const {state, counts, now} = shown;
  drawRing(frame);
  paintGrid(place.grid, {
    values: counts,
    colours,
    high: state.processes,
    write: (_, i, j) => brief(now.held[i][j]),
  });
  for (const text of place.grid.numbers.children) text.style.translate = "0 -3px"; // over the dots
  drawDots(frame);
  ringGrid(place.grid, focus);
  markSent(frame);
  drawBars(place.bars, shown);
  const status = ringSentence(shown);
  const keys =
    "Arrow keys walk over processes and chunks, Page Down makes a step, Page Up takes it back.";
  const label = `${state.processes} processes in a ring. ${status} ${keys}`;
  if (frame.lecture) return {status, label}; // a room has no place for more
  const [process, chunk] = focus.length ? focus : [0, 0];
  return {
    status,
    label,
    title: [["", `process ${process}, chunk ${chunkName(chunk)}`]],
    lines: cellLines(shown, [process, chunk]),
  };
}

// As it fits a cell: whole where it is, one place where not.
const brief = (value) =>
  (Number.isInteger(value) ? String(value) : value.toFixed(1)).replace("-", "−");

const rgb = ([red, green, blue]) => `rgb(${red} ${green} ${blue})`;

function drawRing(frame) {
  const {
    place: {ring},
    shown,
    colours,
    travelled,
  } = frame;
  const {
    state: {processes},
    at: step,
    counts,
    now,
    last,
  } = shown;
  const colour = (count) => colours[Math.round((255 * count) / processes)];
  ring.nodes.forEach(({rect, blocks}, i) => {
    blocks.forEach((block, chunk) => block.setAttribute("fill", rgb(colour(counts[i][chunk]))));
    rect.classList.toggle(
      "attn-ring-done",
      counts[i].every((count) => count === processes),
    );
  });
  ring.chips.forEach((chip, i) => {
    const sent = now.sent[i];
    chip.group.setAttribute("visibility", sent ? "visible" : "hidden");
    pointOn(ring, i, sent ? 1.95 * frame.size : 0);
    if (sent) drawChip(frame, chip, sent, colour(sent.whose.length));
  });
  const forward = travelled && travelled.processes === processes && step === travelled.step + 1;
  if (forward && !still()) ring.chips.forEach((chip, i) => travel(chip, round(ring, i)));
  frame.travelled = {processes, step};
  const [title, ...more] = [`step ${step} of ${last}`, ...phaseLines(shown)];
  [title, ...more].forEach((text, i) => {
    ring.says[i].textContent = text;
  });
}

// An arrow in the middle between two processes, or so much before a chunk that is there.
function pointOn(ring, i, before) {
  const at = i + 0.5 + (before / ring.radius) * (ring.count / (2 * Math.PI));
  const [x, y] = round(ring, at);
  const turn = (360 * at) / ring.count;
  ring.arrows[i].setAttribute("transform", `translate(${x} ${y}) rotate(${turn})`);
}

function drawChip({root}, {rect, text}, {chunk, value}, colour) {
  text.textContent = `${chunkName(chunk)} ${brief(value)}`;
  text.setAttribute("class", isLight(colour) ? "attn-black" : "attn-white");
  const width = widest(root, [text.textContent]) + 8;
  rect.setAttribute("x", -width / 2);
  rect.setAttribute("width", width);
  rect.setAttribute("fill", rgb(colour));
}

// From the process that sends it to half way.
function travel({group, place}, from) {
  const at = ([x, y]) => ({transform: `translate(${x}px, ${y}px)`});
  group.animate([at(from), at(place)], {duration: TRAVEL, easing: "ease-out"});
}

function drawDots({place: {dots}, shown, colours}) {
  const {
    now,
    counts,
    state: {processes},
  } = shown;
  dots.forEach((row, i) =>
    row.forEach((cell, j) => {
      const light = isLight(colours[Math.round((255 * counts[i][j]) / processes)]);
      cell.forEach((dot, from) => {
        const ink = light ? "attn-black" : "attn-white";
        const there = now.from[i][j].includes(from);
        dot.setAttribute("class", there ? ink : `attn-ring-lacks ${ink}`);
      });
    }),
  );
}

// The cells that have just got something.
function markSent({place: {grid}, shown: {now}}) {
  const {left, top, cell} = grid;
  const marks = now.sent.map(({right, chunk}) =>
    shape("rect", {
      class: "attn-ring-got",
      x: left + chunk * cell + 1.5,
      y: top + right * cell + 1.5,
      width: cell - 3,
      height: cell - 3,
    }),
  );
  grid.ring.prepend(...marks);
}

const parts = (value) => String(Number(value.toFixed(3)));

function drawBars({bars, left, unit, narrow}, {sent, size, state: {processes}}) {
  const whole = [(2 * (processes - 1)) / processes, processes - 1, processes - 1];
  bars.forEach(({full, so, said}, i) => {
    full.setAttribute("width", whole[i] * unit);
    so.setAttribute("width", sent[i] * unit);
    const share = i ? parts(sent[i]) : `${parts(sent[i])} of ${parts(whole[i])}`;
    said.textContent = `${share} N = ${amount(sent[i] * size)}`;
    if (!narrow) said.setAttribute("x", left + whole[i] * unit + 6);
  });
}

function press({shown: {at, last}}, {key}) {
  const on = {PageDown: 1, PageUp: -1}[key];
  return on ? {step: Math.min(Math.max(at + on, 0), last)} : null;
}

const written = (rows) => rows.map((row) => row.map(brief));

export default {
  render: rendering({
    name: "ring",
    synced: ["gradients", "size", "processes", "step", "focus"],
    rebuild: ["processes"],
    compute,
    above,
    layout,
    draw,
    press,
    at: ({place: {grid}}, x, y) => cellAt(grid, x, y),
    cells: ({state: {processes}}) => [processes, processes],
    keeps: ({room, size, lecture}) => ({
      status: Math.ceil((135 * 0.54 * size) / room),
      work: lecture ? 0 : room < 480 ? 7 : 4,
      lecture: 2,
    }),
    tables: ({now, counts, sent, size, state: {processes}}) => {
      const [rows, columns] = [
        now.held.map((_, i) => String(i)),
        now.held.map((_, i) => chunkName(i)),
      ];
      return [
        {
          caption: "sums that each process holds",
          corner: "process",
          rows,
          columns,
          values: written(now.held),
        },
        {
          caption: `of how many of the ${processes} gradients`,
          corner: "process",
          rows,
          columns,
          values: counts,
        },
        {
          caption: "what the busiest process sends",
          corner: "way",
          rows: WAYS,
          columns: ["gradients", "bytes"],
          values: sent.map((each) => [parts(each), amount(each * size)]),
        },
      ];
    },
  }),
};
