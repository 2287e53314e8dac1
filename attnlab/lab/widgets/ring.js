// The live ring: processes hand chunks of their gradients on until all of them hold the sum of all.

import {element, isLight, shape, widest} from "./drawing.js";
import {rendering} from "./frame.js";
import {cellAt, layGrid, paintGrid, placeGrid, ringGrid} from "./grid.js";
import {compute} from "./ring_sums.js";
import {amount, cellLines, chunkName, phaseLines, ringSentence} from "./ring_words.js";
import {reachTheEnd} from "./slider_end.js";

const PACE = 1300; // ms from step to step as it plays
const TRAVEL = 280; // ms that a chunk is on its way
const WAYS = ["ring, so far", "everyone to everyone", "all to one, and back"];

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// A row of buttons over the drawing: back to the start, play, and a step.
function above(frame) {
  const row = element("div", {class: "attn-ring-play"});
  const press = (text) => row.appendChild(element("button", {type: "button"}, text));
  const [start, play, next] = ["from the start", "▶ play", "next step"].map(press);
  let timer = null;
  const now = () => frame.shown.state.step;
  const ended = () => now() >= frame.shown.last;
  function pause() {
    clearTimeout(timer);
    timer = null;
    play.textContent = "▶ play";
    play.setAttribute("aria-pressed", "false");
  }
  function beat() {
    timer = setTimeout(() => {
      if (!frame.root.isConnected || ended()) return pause();
      frame.set({step: now() + 1});
      return ended() ? pause() : beat();
    }, PACE);
  }
  function toggle() {
    if (timer) return pause();
    if (still()) return frame.set({step: ended() ? 0 : now() + 1}); // a press is a step
    frame.set({step: ended() ? 0 : now() + 1});
    play.textContent = "⏸ pause";
    play.setAttribute("aria-pressed", "true");
    return beat();
  }
  play.addEventListener("click", toggle);
  next.addEventListener("click", () => ended() || frame.set({step: now() + 1}));
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

function layout(frame) {
  const {room, lecture, size} = frame;
  const count = frame.get("processes");
  const names = Array.from({length: count}, (_, i) => i);
  const wide = room >= (lecture ? 760 : 600);
  const ringRoom = wide
    ? Math.min(Math.round(0.48 * room), lecture ? 460 : 350)
    : Math.min(room, 350);
  const ring = layRing(frame, {count, x: wide ? 0 : (room - ringRoom) / 2, y: 0, width: ringRoom});
  const place = (y) =>
    placeGrid(frame, {
      x: wide ? ringRoom + 20 : 0,
      y,
      room: wide ? room - ringRoom - 20 : room,
      most: lecture ? 46 : 38,
      title: "who holds which sum",
      rows: {words: names.map(String), kind: "caption", caption: "process"},
      columns: {words: names.map(chunkName), kind: "caption", caption: "chunk"},
    });
  const first = place(0);
  const down = wide ? Math.max(0, (ring.bottom - first.bottom) / 2) : ring.bottom + 12;
  const grid = layGrid(frame, down ? place(down) : first);
  const dots = layDots(frame, grid, count);
  const bottom = Math.max(ring.bottom, grid.bottom);
  const width = wide ? Math.max(grid.right, ringRoom + 300) : room;
  const bars = layBars(frame, {y: bottom + size + 8, width: Math.min(width, room), count});
  return {ring, grid, dots, bars, width: Math.min(width, room), height: bars.bottom};
}

// Where process i stands, and half way behind it.
const round = ({middle: [x, y], radius, count}, i) => {
  const angle = (2 * Math.PI * i) / count - Math.PI / 2;
  return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
};

function layRing(frame, {count, x, y, width}) {
  const {svg, size} = frame;
  const block = Math.max(Math.floor((size * (count > 6 ? 3.6 : 4)) / count), 6);
  const [high, across] = [2 * size + 12, Math.max(count * block + 10, 2.6 * size)];
  const radius = Math.min((width - across) / 2 - 3, 10.6 * size);
  const ring = {
    count,
    radius,
    middle: [x + width / 2, y + radius + high / 2 + 4],
    bottom: y + 2 * radius + high + 8,
  };
  const [cx, cy] = ring.middle;
  svg.append(shape("circle", {class: "attn-ring-line", cx, cy, r: radius}));
  const arrows = Array.from({length: count}, (_, i) => {
    const [px, py] = round(ring, i + 0.5);
    const turn = (360 * (i + 0.5)) / count;
    return svg.appendChild(
      shape("path", {
        class: "attn-ring-arrow",
        d: "M-4 -5L5 0L-4 5",
        transform: `translate(${px} ${py}) rotate(${turn})`,
      }),
    );
  });
  const nodes = Array.from({length: count}, (_, i) =>
    layNode(frame, {at: round(ring, i), name: i, block, high, across, count}),
  );
  const chips = Array.from({length: count}, (_, i) => layChip(frame, round(ring, i + 0.5)));
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
function layNode({svg, size}, {at: [x, y], name, block, high, across, count}) {
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

// What the busiest process has to send, in whole gradients.
function layBars(frame, {y, width, count}) {
  const {svg, size, root} = frame;
  const row = size + 10;
  svg.append(
    shape("text", {class: "attn-title", x: 0, y: y + size}, "what the busiest process sends"),
  );
  const left = Math.ceil(widest(root, WAYS)) + 10;
  const told = Math.ceil(widest(root, ["0.875 of 1.75 gradients"])) + 6;
  const narrow = width - left - told < 130;
  const room = narrow ? width - left : width - left - told;
  const high = narrow ? 2 * row - 4 : row;
  const bars = WAYS.map((name, i) => {
    const top = y + row + 4 + i * high;
    svg.append(shape("text", {class: "attn-caption", x: 0, y: top + size / 2, dy: "0.35em"}, name));
    const bar = {x: left, y: top, height: size};
    const [full, so] = ["attn-ring-all", `attn-ring-sent${i ? " attn-ring-other" : ""}`].map(
      (kind) => svg.appendChild(shape("rect", {class: kind, ...bar})),
    );
    const said = svg.appendChild(
      shape("text", {
        class: "attn-numbers",
        y: narrow ? top + size + 12 : top + size / 2,
        dy: narrow ? 0 : "0.35em",
      }),
    );
    return {full, so, said};
  });
  const unit = room / Math.max(count - 1, 1);
  svg.append(
    shape("path", {class: "attn-axis", d: `M${left} ${y + row}v${WAYS.length * high + 2}`}),
  );
  return {bars, left, unit, narrow, bottom: y + row + WAYS.length * high + 8};
}

function draw(frame, focus) {
  const {shown, place, colours} = frame;
  const {state, counts, now} = shown;
  settle(frame);
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

// The controls know how many steps there are, and no more of them are made.
function settle({get, set, shown: {last, state}}) {
  const now = {steps: last, step: state.step};
  if (get("steps") !== now.steps || get("step") !== now.step) set(now);
}

const rgb = ([red, green, blue]) => `rgb(${red} ${green} ${blue})`;

function drawRing(frame) {
  const {
    place: {ring},
    shown,
    colours,
    travelled,
  } = frame;
  const {
    state: {processes, step},
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
    ring.arrows[i].setAttribute("visibility", sent ? "hidden" : "visible");
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
    const ends = i || whole[i] !== 1 ? "gradients" : "gradient";
    said.textContent = narrow ? `${share} ${ends}: ${amount(sent[i] * size)}` : `${share} ${ends}`;
    said.setAttribute("x", narrow ? left : left + whole[i] * unit + 6);
  });
}

function press({shown: {state, last}}, {key}) {
  const on = {PageDown: 1, PageUp: -1}[key];
  return on ? {step: Math.min(Math.max(state.step + on, 0), last)} : null;
}

const written = (rows) => rows.map((row) => row.map(brief));

reachTheEnd(); // of the steps, which grow with the processes

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
    keeps: ({room}) => ({status: room < 480 ? 4 : 2, work: room < 480 ? 6 : 4, lecture: 2}),
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
