// The attention heatmap: queries are rows, keys are columns, one colour for the weights from 0 to 1.

import { allowedPairs, matrixAt, weights } from "./mathematics.js";
import { element, isLight, number, onTheme, scale, shape, short, table, widest } from "./drawing.js";
import { arithmetic, sentence } from "./words.js";

const SYNCED = ["scores", "query", "key", "mask", "scale", "query_words", "key_words",
  "temperature", "causal", "reach", "layer", "head", "focus"];
const BAR = 46; // the height of a strip of bars
let figures = 0; // each needs a name of its own for its hatching

// What the controls are set to, and all numbers that follow from it.
export function compute(get) {
  const mask = get("mask");
  const state = { temperature: get("temperature"), causal: get("causal"), reach: get("reach"),
    layer: get("layer"), head: get("head") };
  const scores = matrixAt(get("scores"), state.layer, state.head);
  const bytes = mask && new Uint8Array(mask.data.buffer, mask.data.byteOffset, mask.data.byteLength);
  const allowed = allowedPairs(scores.length, scores[0].length, { ...state, mask: bytes });
  return { state, scores, allowed, weights: weights(scores, allowed, state.temperature) };
}

function render({ model, el }) {
  const get = (name) => model.get(name);
  const root = element("div", { class: "attnlab attn-heatmap", "data-figure": "attention-heatmap",
    "data-draws": 0, "data-lm-suppress-shortcuts": "true" });
  const drawing = element("div", { class: "attn-drawing", role: "img", tabindex: 0 });
  const canvas = element("canvas");
  const svg = shape("svg", { "aria-hidden": "true" });
  const work = element("div", { class: "attn-work" });
  const status = element("div", { class: "attn-status", role: "status" });
  const details = element("details", { class: "attn-table" });
  const stage = element("div", { class: "attn-stage" });
  details.append(element("summary", {}, "table"));
  drawing.append(canvas, svg);
  stage.append(drawing, work);
  root.append(stage, status, details);
  el.append(root);

  const hatching = `attn-hatching-${figures++}`;
  const hatched = { style: `fill: url(#${hatching})` };
  let colours = scale(root);
  let place = null; // where things stand: measured once for each size
  let shown = null; // the numbers on the screen

  function layout() {
    const [queries, keys] = get("scores").shape.slice(2);
    const [rows, columns] = [get("query_words"), get("key_words")].map((all) => all.map((w) => short(w)));
    const size = parseFloat(getComputedStyle(root).fontSize) || 13;
    const wide = (words) => widest(root, words) + 8;
    const left = Math.max(wide(rows), 46) + size + 4;
    const fit = (room) => Math.max(2, Math.min(size > 16 ? 56 : 34, Math.floor(Math.min(room, 620) / keys)));
    const room = (root.clientWidth || 640) - left - 8;
    const tilted = wide(columns) - 4 > fit(room);
    const tail = tilted ? wide(columns) * 0.7 : 8; // how far the last label leans out
    const cell = tilted ? fit(room - tail) : fit(room);
    const top = size + 8 + (tilted ? wide(columns) * 0.75 + 4 : size + 6);
    const every = Math.ceil((size + 1) / cell); // label each, or every second, third ...
    place = { queries, keys, rows, columns, left, top, cell, tilted, every, size,
      width: left + cell * keys + tail,
      height: top + cell * queries + 2 * (BAR + size + 10) + (keys <= 12 ? size + 2 : 0) + 6 };
    canvas.width = keys; canvas.height = queries;
    Object.assign(canvas.style, { left: `${left}px`, top: `${top}px`,
      width: `${cell * keys}px`, height: `${cell * queries}px` });
    for (const [name, value] of [["width", place.width], ["height", place.height]]) svg.setAttribute(name, value);
    stillParts();
  }

  // Labels, lines and the empty frames of the bars: drawn once for each size.
  function stillParts() {
    const { queries, keys, rows, columns, left, top, cell, tilted, every, size } = place;
    svg.replaceChildren(hatchPattern(hatching));
    const middle = (i) => (i + 0.5) * cell;
    const label = (text, attributes, full) => {
      const made = shape("text", attributes, text);
      if (full !== text) made.append(shape("title", {}, full));
      svg.append(made);
    };
    rows.forEach((word, i) => i % every === 0 && label(word, { class: "attn-query", "text-anchor": "end",
      x: left - 6, y: top + middle(i), dy: "0.35em" }, get("query_words")[i]));
    columns.forEach((word, i) => {
      if (i % every) return;
      const [x, y] = [left + middle(i), top - 7];
      label(word, { class: "attn-key", x, y, "text-anchor": tilted ? "start" : "middle",
        transform: tilted ? `rotate(-48 ${x} ${y})` : "" }, get("key_words")[i]);
    });
    svg.append(shape("text", { class: "attn-caption attn-key", x: left, y: size }, "key →"));
    svg.append(shape("text", { class: "attn-caption attn-query", "text-anchor": "end",
      transform: `translate(${size} ${top}) rotate(-90)`, x: 0, y: 0 }, "← query"));
    const lines = [];
    if (cell >= 10) {
      for (let i = 1; i < keys; i++) lines.push(`M${left + i * cell} ${top}v${cell * queries}`);
      for (let i = 1; i < queries; i++) lines.push(`M${left} ${top + i * cell}h${cell * keys}`);
    }
    place.hatch = shape("path", hatched);
    place.numbers = shape("g", { class: "attn-numbers" });
    place.bars = shape("g", { class: "attn-bars" });
    place.ring = shape("g", { class: "attn-ring" });
    svg.append(shape("path", { class: "attn-lines", d: lines.join("") }), place.hatch,
      shape("rect", { class: "attn-frame", x: left, y: top, width: cell * keys, height: cell * queries }),
      place.numbers, place.bars, place.ring);
    place.spelled = keys <= 12 && cell >= 24;
    if (place.spelled && queries <= 12) {
      for (let i = 0; i < queries * keys; i++) {
        place.numbers.append(shape("text", { "text-anchor": "middle", dy: "0.35em",
          x: left + middle(i % keys), y: top + middle(Math.floor(i / keys)) }));
      }
    }
  }

  function draw() {
    shown = compute(get);
    if (!place) layout();
    paintCells();
    const focus = get("focus");
    drawFocus(focus);
    root.dataset.state = JSON.stringify(shown.state);
    root.dataset.result = JSON.stringify(shown.weights.map((row) => row.map((w) => Number(w.toFixed(6)))));
    root.dataset.focus = focus.length ? JSON.stringify(focus) : "";
    root.dataset.draws = Number(root.dataset.draws) + 1;
    if (details.open) fillTable();
  }

  function paintCells() {
    const { queries, keys, left, top, cell } = place;
    const image = new ImageData(keys, queries);
    const blocks = [];
    for (let i = 0; i < queries; i++) {
      for (let j = 0; j < keys; j++) {
        image.data.set([...colours[Math.round(255 * shown.weights[i][j])], 255], 4 * (i * keys + j));
        if (shown.allowed[i][j]) continue;
        const start = j;
        while (j + 1 < keys && !shown.allowed[i][j + 1]) {
          j++;
          image.data.set([...colours[0], 255], 4 * (i * keys + j));
        }
        blocks.push(`M${left + start * cell} ${top + i * cell}h${(j - start + 1) * cell}v${cell}H${left + start * cell}z`);
      }
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
    place.hatch.setAttribute("d", blocks.join(""));
    Array.from(place.numbers.children).forEach((text, index) => {
      const [i, j] = [Math.floor(index / keys), index % keys];
      const weight = shown.weights[i][j];
      text.textContent = shown.allowed[i][j] ? number(weight).replace(/^0(?=\.)/, "").replace(/^.*e.*$/, ".00") : "";
      text.setAttribute("class", isLight(colours[Math.round(255 * weight)]) ? "attn-black" : "attn-white");
    });
  }

  function drawFocus(focus) {
    const { queries, keys, left, top, cell, size } = place;
    const [row, column] = focus;
    place.ring.replaceChildren();
    place.bars.replaceChildren();
    const caption = top + cell * queries + size + 5;
    const scoresTop = caption + (place.spelled ? size + 5 : 3);
    const weightsTop = scoresTop + BAR + size + 10;
    const word = focus.length ? short(get("query_words")[row]) : "a row";
    for (const [text, y] of [[`scores of ${word}`, caption], [`weights of ${word}`, weightsTop - 3]]) {
      place.bars.append(shape("text", { class: "attn-caption", x: left, y }, text));
    }
    const query = focus.length ? get("query_words")[row] : "";
    if (!focus.length) {
      status.textContent = "Point at a cell, or walk there with the arrow keys.";
      work.replaceChildren();
      drawing.setAttribute("aria-label", `Attention weights of ${queries} queries and ${keys} keys.`);
      return;
    }
    const scores = shown.scores[row];
    const [high, low] = [Math.max(0, ...scores), Math.min(0, ...scores)];
    const unit = (BAR - 6) / (high - low || 1);
    const zero = scoresTop + 2 + high * unit;
    const bar = (kind, j, y, height) => place.bars.append(shape("rect", { ...kind,
      x: left + (j + 0.15) * cell, width: 0.7 * cell, y, height: Math.max(height, 0) }));
    scores.forEach((score, j) => {
      const kind = shown.allowed[row][j] ? { class: "attn-score" } : hatched;
      if (place.spelled) place.bars.append(shape("text", { class: "attn-numbers", "text-anchor": "middle",
        x: left + (j + 0.5) * cell, y: caption + size + 2 }, number(score, Math.abs(score) < 100 ? 1 : 0)));
      bar(kind, j, score > 0 ? zero - score * unit : zero, Math.abs(score) * unit);
      const weight = shown.weights[row][j];
      bar({ class: "attn-weight" }, j, weightsTop + 2 + (1 - weight) * (BAR - 6), weight * (BAR - 6));
    });
    for (const y of [zero, weightsTop + BAR - 4]) {
      place.bars.append(shape("path", { class: "attn-axis", d: `M${left} ${y}h${cell * keys}` }));
    }
    place.ring.append(
      shape("rect", { class: "attn-row", x: left, y: top + row * cell, width: cell * keys, height: cell }),
      shape("rect", { class: "attn-cell", x: left + column * cell, y: top + row * cell, width: cell, height: cell }));
    status.textContent = sentence(shown.weights[row], query, get("key_words"));
    drawing.setAttribute("aria-label", `Attention weights of ${queries} queries and ${keys} keys. ` +
      `Now at query ${short(query)}, key ${short(get("key_words")[column])}: ${number(shown.weights[row][column])}.`);
    writeWork(row, column);
  }

  function writeWork(row, column) {
    const vectors = get("query") && get("key");
    const at = (name, index) => matrixAt(get(name), shown.state.layer, shown.state.head)[index];
    const lines = arithmetic({ query: vectors && at("query", row), key: vectors && at("key", column),
      scale: get("scale"), score: shown.scores[row][column], scores: shown.scores[row],
      allowed: shown.allowed[row], weight: shown.weights[row][column], column,
      temperature: shown.state.temperature });
    const title = element("div", { class: "attn-pair" });
    title.append(element("b", { class: "attn-query" }, short(get("query_words")[row])), " → ",
      element("b", { class: "attn-key" }, short(get("key_words")[column])));
    const list = element("dl");
    lines.forEach(([term, sum]) => list.append(element("dt", {}, term), element("dd", {}, sum)));
    work.replaceChildren(title, list);
  }

  function fillTable() {
    const rows = shown.weights.map((row) => row.map((weight) => weight.toFixed(3)));
    details.querySelector(".attn-scroll")?.remove();
    const scroll = element("div", { class: "attn-scroll", tabindex: 0 });
    scroll.append(table("weights", get("query_words"), get("key_words"), rows));
    details.append(scroll);
  }

  function moveTo(row, column) {
    const [oldRow, oldColumn] = get("focus");
    if (row === oldRow && column === oldColumn) return;
    model.set("focus", [row, column]);
    model.save_changes();
  }

  function point(event) {
    const box = canvas.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left) / (box.width / place.keys));
    const row = Math.floor((event.clientY - box.top) / (box.height / place.queries));
    if (row >= 0 && row < place.queries && column >= 0 && column < place.keys) moveTo(row, column);
  }

  function walk(event) {
    event.stopPropagation();
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
      Home: [0, -Infinity], End: [0, Infinity] };
    if (event.target !== drawing || !(event.key in steps)) return;
    event.preventDefault();
    const [row, column] = get("focus").length ? get("focus") : [0, 0];
    const [down, right] = get("focus").length ? steps[event.key] : [0, 0];
    const within = (value, size) => Math.min(Math.max(value, 0), size - 1);
    moveTo(within(row + down, place.queries), within(column + right, place.keys));
  }

  const redraw = () => { place = null; draw(); };
  const events = SYNCED.map((name) => `change:${name}`);
  const resized = new ResizeObserver(() => {
    const width = root.clientWidth;
    if (!width || width === root.lastWidth) return;
    root.lastWidth = width;
    colours = scale(root); // a figure that is not on the page yet has no style to take them from
    redraw();
  });
  drawing.addEventListener("pointermove", point);
  drawing.addEventListener("pointerdown", point);
  root.addEventListener("keydown", walk);
  details.addEventListener("toggle", () => details.open && fillTable());
  const off = onTheme(() => { colours = scale(root); redraw(); });
  for (const event of events) model.on(event, /scores|words/.test(event) ? redraw : draw);
  draw();
  resized.observe(root);
  return () => {
    for (const event of events) { model.off(event, draw); model.off(event, redraw); }
    resized.disconnect();
    off();
  };
}

function hatchPattern(id) {
  const pattern = shape("pattern", { id, width: 6, height: 6,
    patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
  pattern.append(shape("path", { class: "attn-stroke", d: "M0 0v6" }));
  const defs = shape("defs");
  defs.append(pattern);
  return defs;
}

export default { render };
