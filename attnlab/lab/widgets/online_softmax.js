// Online softmax: scores come in blocks; a maximum, a total and an output are all that is kept.

import {isLight, number, shape, short, widest} from "./drawing.js";
import {rendering} from "./frame.js";
import {softmax} from "./mathematics.js";
import {reachTheEnd} from "./slider_end.js";
import {
  barAt,
  calm,
  columnAt,
  compact,
  dragged,
  layStrip,
  paintStrip,
  placeStrip,
  STEPS,
  yOf,
} from "./strip.js";

// What is known after each block, from before the first one on.
export function onlineSteps(scores, values, block) {
  const output = values[0].map(() => 0);
  const steps = [{first: 0, end: 0, highest: -Infinity, total: 0, output}];
  for (let first = 0; first < scores.length; first += block) {
    const end = Math.min(first + block, scores.length);
    steps.push(taken(steps.at(-1), scores.slice(first, end), values.slice(first, end), first));
  }
  return steps;
}

// A block more: its powers, and by what factor that which was kept is brought to the new maximum.
export function taken(before, scores, values, first) {
  const highest = Math.max(before.highest, ...scores);
  const factor = Math.exp(before.highest - highest);
  const powers = scores.map((score) => Math.exp(score - highest));
  const kept = before.total * factor;
  const added = powers.reduce((sum, power) => sum + power, 0);
  const total = kept + added;
  const output = before.output.map(
    (old, i) =>
      (kept * old + powers.reduce((sum, power, j) => sum + power * values[j][i], 0)) / total,
  );
  return {first, end: first + scores.length, highest, factor, powers, kept, added, total, output};
}

const scoreLimits = (scores, before) => calm([...scores, 1, -1], before);

// What the controls are set to, and all numbers that follow from it.
export function compute(get, before) {
  const [scores, block] = [get("scores"), get("block")];
  const [words, values] = [get("words"), get("values")];
  const steps = onlineSteps(scores, values, block);
  const place = Math.min(get("step"), steps.length - 1);
  const state = {scores, block, step: place};
  const [now, last] = [steps[place], steps[Math.max(place - 1, 0)]];
  const weights = softmax(
    state.scores,
    state.scores.map(() => true),
    1,
  );
  const whole = values[0].map((_, i) =>
    weights.reduce((sum, weight, j) => sum + weight * values[j][i], 0),
  );
  const power = (score) => Math.exp(score - now.highest);
  const powers = state.scores.map((score, i) => (i < now.end ? power(score) : 0));
  return {
    state,
    words,
    values,
    steps,
    place,
    now,
    last,
    weights,
    whole,
    powers,
    shares: powers.map((each) => (now.total ? each / now.total : 0)),
    limits: {
      score: scoreLimits(scores, before?.limits.score),
      total: [0, Math.max(...steps.map(({total}) => total))],
    },
    result: [
      place ? [now.highest, now.total, now.factor] : [null, now.total, null],
      now.output,
      weights,
    ],
  };
}

const vectorOf = (vector) => `(${vector.map((value) => number(tidied(value))).join(", ")})`;
const tidied = (value) => (Math.abs(value) < 0.005 ? 0 : value);
const tidyScore = (score) =>
  Number.isFinite(score) ? String(Number(score.toFixed(2))).replace("-", "−") : "−∞";
const minus = (score) => (score < 0 ? `(${tidyScore(score)})` : tidyScore(score));

// "Block 2 of 6 has come: m = 3.1, ℓ = 1.88. The 8 keys to come have 0.35 of the weight."
export function sentence({steps, place, now, weights, output = now.output}) {
  const blocks = steps.length - 1;
  if (!place) return `Nothing has come yet: m = −∞, ℓ = 0. ${blocks} blocks will come.`;
  const known = `m = ${tidyScore(now.highest)}, ℓ = ${number(now.total)}, o = ${vectorOf(output)}`;
  if (place === blocks)
    return `All ${weights.length} keys have come: ${known}, that of softmax over all scores at once.`;
  const rest = weights.slice(now.end);
  const missing = rest.reduce((sum, weight) => sum + weight, 0);
  const keys = rest.length === 1 ? "1 key" : `${rest.length} keys`;
  return `Block ${place} of ${blocks} has come: ${known}. The ${keys} still to come will have ${number(missing)} of the weight.`;
}

// A word, or where there are only positions something before the number.
const named = (word, kind, most) => (/^\d+$/.test(word) ? `${kind}${word}` : short(word, most));

// At most so many terms, the last one always among them.
const someOf = (terms, most = 4) =>
  terms.length > most ? [...terms.slice(0, most - 2), "…", terms.at(-1)] : terms;

// How the block that has come last changes what is kept, a line each.
export function update({now, last, words, values, state, place}) {
  if (!place) return null;
  const scores = state.scores.slice(now.first, now.end);
  const [old, high] = [tidyScore(last.highest), tidyScore(now.highest)];
  const exps = scores.map((score) => `exp(${tidyScore(score)} − ${minus(now.highest)})`);
  const sums = now.powers.map((power) => number(tidied(power)));
  const parts = sums.map((power, i) =>
    values[0].length === 1
      ? `${power}×${minus(values[now.first + i][0])}`
      : `${power} ${named(words[now.first + i], "v", 8)}`,
  );
  const own = values[0].length === 1 ? `×${minus(last.output[0])}` : " o old";
  const output = [
    ["", "("],
    ["attn-key", number(now.factor)],
    ["", `×${number(last.total)}`],
    ["attn-output", own],
    ["attn-value", ` + ${someOf(parts).join(" + ")}`],
    ["", `) / ${number(now.total)} = `],
    ["attn-output", vectorOf(now.output)],
  ];
  return [
    ["m new", `max(${someOf([old, ...scores.map(tidyScore)], 6).join(", ")}) = ${high}`],
    [
      "factor",
      [
        ["", `exp(m old − m new) = exp(${old} − ${minus(now.highest)}) = `],
        ["attn-key", number(now.factor)],
      ],
    ],
    [
      "ℓ new",
      [
        ["attn-key", number(now.factor)],
        ["", `×${number(last.total)} + ${someOf(exps, 3).join(" + ")} = ${number(now.total)}`],
      ],
    ],
    ["o new", output],
  ];
}

// The numbers that are held, by what they are: block by block, and with all scores at once.
export function held({state, values, words}) {
  const size = values[0].length;
  const named = (scores) => [
    ["key", scores, scores === 1 ? "1 score" : `${scores} scores`],
    ["bar", 2, "m and ℓ"],
    ["output", size, size === 1 ? "output" : `output of ${size}`],
  ];
  return [named(state.block), named(words.length)];
}

const countOf = (parts) => parts.reduce((sum, [, count]) => sum + count, 0);

// "2 scores + m and ℓ + output = 5, however many keys; all at once 6 + 2 + 1 = 9"
export function heldSaid(shown) {
  const [now, all] = held(shown);
  const named = now.map(([, , text]) => text).join(" + ");
  const counts = all.map(([, count]) => count).join(" + ");
  return `${named} = ${countOf(now)}, however many keys; all at once ${counts} = ${countOf(all)}`;
}

function bandsHere(lecture) {
  const [score, exp, last] = STEPS;
  const bands = [
    {...score, caption: ["score s"], height: lecture ? 66 : 84, signs: 5, write: tidyScore},
    {...exp, caption: ["exp(s − m)"], height: 44, write: compact},
    {...last, caption: ["share", "so far"], height: 60},
  ];
  return lecture ? [bands[0], bands[2]] : bands; // a room sees it all at once
}

const BACKED = "paint-order: stroke; stroke: var(--attn-little); stroke-width: 4px";

const add = ({svg}, name, attributes, text) => {
  const made = shape(name, attributes, text);
  svg.append(made);
  return made;
};

function layout(frame) {
  const {room, size, lecture, shown} = frame;
  const {words, values} = shown;
  const beside = room >= 620;
  const wide = lecture ? 330 : 250;
  const shade = add(frame, "rect", {class: "attn-came"});
  const high = size + 8; // of the blocks, over all
  const strip = placeStrip(frame, {
    y: high + 6,
    room: beside ? room - wide - 28 : room,
    words,
    kind: "key",
    bands: bandsHere(lecture),
    handles: true,
    base: 100, // room for the name of the maximum
  });
  layStrip(frame, strip);
  const [band] = strip.bands;
  add(frame, "rect", {
    class: "attn-grab attn-reach",
    x: strip.left,
    y: band.top - strip.pad,
    width: strip.column * strip.count,
    height: band.end - band.top + strip.pad,
  });
  const parts = {
    strip,
    shade,
    high,
    full: outlines(frame, strip),
    old: shape("path", {class: "attn-former"}),
    line: shape("path", {class: "attn-highest"}),
    name: add(frame, "text", {class: "attn-backed attn-key", dy: "-0.35em"}),
    blocks: shape("g"),
    values: layValues(frame, strip, values),
  };
  frame.svg.append(parts.blocks);
  strip.drawn[0].texts[0].before(parts.old, parts.line); // over the bars, under their numbers
  for (const text of strip.drawn[0].texts) text.setAttribute("style", BACKED);
  const end = parts.values.bottom;
  const kept = layKept(frame, {
    x: beside ? strip.right + 34 : 0,
    y: beside ? 0 : end + size + 6,
    room: Math.min(beside ? room - strip.right - 34 : room, lecture ? 400 : 320),
  });
  return {
    ...parts,
    kept,
    scrolls: strip.right > room,
    width: beside ? kept.x + kept.room : Math.max(strip.right, Math.min(room, 320)),
    height: Math.max(end, kept.bottom) + 4,
  };
}

// The shares of softmax over all scores, into which those so far shrink.
const outlines = (frame, strip) =>
  strip.words.map((_, i) =>
    add(frame, "rect", {
      class: "attn-outline",
      x: strip.left + (i + 0.16) * strip.column,
      width: 0.68 * strip.column,
    }),
  );

// The values of the keys, a column each under its bars.
function layValues(frame, strip, values) {
  const {size, signed: colours} = frame;
  const top = strip.bottom + 10;
  const high = size + (frame.lecture ? 2 : 7);
  const most = Math.max(...values.flat().map(Math.abs)) || 1;
  const spelled = widest(frame.root, values.flat().map(plainly)) <= 0.88 * strip.column;
  add(frame, "text", {class: "attn-caption attn-value", x: strip.x, y: top + size}, "value");
  const columns = values.map((vector, i) => {
    const column = shape("g");
    vector.forEach((value, row) => {
      const colour = colours[Math.round(127.5 + 127.5 * (value / most))];
      const [x, y] = [strip.left + (i + 0.06) * strip.column, top + row * high];
      const width = 0.88 * strip.column;
      const cell = {x, y, width, height: high - 2, style: `fill: rgb(${colour.join(" ")})`};
      column.append(shape("rect", {...cell, class: "attn-cellframe"}));
      if (!spelled) return;
      const place = {x: x + width / 2, y: y + high / 2 - 1, dy: "0.35em", "text-anchor": "middle"};
      const ink = isLight(colour) ? "attn-black" : "attn-white";
      column.append(shape("text", {...place, class: `attn-numbers ${ink}`}, plainly(value)));
    });
    frame.svg.append(column);
    return column;
  });
  return {columns, bottom: top + values[0].length * high};
}

const plainly = (value) => String(Number(value.toFixed(2))).replace("-", "−");

// All that is kept: the maximum, the total as a bar, the output as one for each of its numbers.
function layKept(frame, {x, y, room}) {
  const {size, root, shown} = frame;
  const row = size + 12;
  const left = x + Math.ceil(widest(root, ["maximum m", "all at once"])) + 12;
  const bar = {x: left, height: size, width: room - (left - x)};
  const label = (kind, text, top) =>
    add(frame, "text", {class: `attn-caption attn-${kind}`, x, y: top + size - 2}, text);
  add(frame, "text", {class: "attn-title", x, y: y + size}, "all that is kept");
  let top = y + size + 12;
  label("", "maximum m", top);
  const maximum = add(frame, "text", {class: "attn-numbers", x: left, y: top + size - 1});
  top += row;
  label("", "total ℓ", top);
  const total = {
    before: add(frame, "rect", {...bar, y: top, class: "attn-kept"}),
    added: add(frame, "rect", {...bar, y: top, class: "attn-power"}),
    said: add(frame, "text", {
      class: "attn-numbers",
      x: x + room,
      y: top + 2 * size + 2,
      "text-anchor": "end",
    }),
  };
  add(frame, "path", {class: "attn-axis", d: `M${left} ${top - 3}v${size + 6}`});
  top += row + size + 4;
  const outputs = shown.whole.map((_, i) => {
    label("output", i ? "" : "output o", top);
    return {
      so: add(frame, "rect", {class: "attn-sofar", y: top + i * row, height: size}),
      full: add(frame, "rect", {class: "attn-aim", y: top + i * row - 2, height: size + 4}),
      said: add(frame, "text", {class: "attn-numbers", y: top + (i + 0.5) * row - 6, dy: "0.35em"}),
    };
  });
  const zero = left + bar.width / 2;
  const end = top + outputs.length * row;
  add(frame, "path", {class: "attn-axis", d: `M${zero} ${top - 4}V${end - 8}`});
  const legend = add(frame, "text", {class: "attn-caption", x, y: end + size - 2});
  legend.append(
    shape("tspan", {class: "attn-output"}, "■"),
    shape("tspan", {dx: 5}, "so far"),
    shape("tspan", {class: "attn-output", dx: 16}, "□"),
    shape("tspan", {dx: 5}, "softmax of all"),
  );
  const squares = laySquares(frame, {x, y: end + 2 * size - 2, room, left});
  return {
    x,
    room,
    bar,
    maximum,
    total,
    outputs,
    zero,
    half: bar.width / 2 - 4,
    squares,
    bottom: squares.bottom,
  };
}

// The numbers that are held, a square each: now, and with all scores at once.
function laySquares(frame, {x, y, left}) {
  const {size} = frame;
  add(frame, "text", {class: "attn-title", x, y: y + size}, "numbers held");
  const rows = ["now", "all at once"].map((text, i) => {
    const top = y + size + 10 + i * (size + 6);
    add(frame, "text", {class: "attn-caption", x, y: top + size - 3}, text);
    const squares = shape("g");
    frame.svg.append(squares);
    const count = add(frame, "text", {class: "attn-numbers", y: top + size - 3});
    return {squares, count, top: top + 1};
  });
  const under = rows[1].top + size;
  const legend = add(frame, "text", {class: "attn-caption", x, y: under + size});
  const named = {key: "scores", bar: "m and ℓ", output: "output"};
  Object.entries(named).forEach(([kind, text], i) =>
    legend.append(
      shape("tspan", {dx: i && 14, style: `fill: var(--attn-${kind})`}, "■"),
      shape("tspan", {dx: 5}, text),
    ),
  );
  return {rows, left, bottom: under + size + 8};
}

function draw(frame, focus) {
  const {shown, place} = frame;
  if (frame.scale) shown.limits.score = frame.scale; // or a bar would run away from the pointer
  settle(frame);
  const {state, words, now, shares, powers, limits} = shown;
  const [, column] = focus;
  paintStrip(place.strip, {
    rows: [
      {values: state.scores, limits: limits.score},
      ...(frame.lecture ? [] : [{values: powers, limits: [0, 1]}]),
      {values: shares, limits: [0, 1]},
    ],
    focus: column,
  });
  drawArrived(place, shown);
  drawMaximum(place, shown);
  drawBlocks(place, shown);
  drawKept(place.kept, shown);
  drawSquares(frame, place.kept.squares, shown);
  const status = sentence(shown);
  const keys =
    "Left and Right walk from key to key, Up and Down change its score, Page Down lets the next block come.";
  const label = `Scores of ${words.length} keys in blocks of ${state.block}. ${keys} ${status}`;
  const lines = update(shown);
  const block = words.slice(now.first, now.end).map((word) => named(word, "key ", 10));
  return {
    status,
    label,
    title: lines
      ? [
          ["", `block ${shown.place}: `],
          ["attn-key", someOf(block, 6).join(", ")],
        ]
      : [["", "no block has come yet"]],
    lines: frame.lecture ? lines?.slice(1) : [...(lines ?? []), ["held", heldSaid(shown)]],
  };
}

// The controls know how many blocks there are, and no more of them have come.
function settle({get, set, shown: {steps, place}}) {
  const now = {blocks: steps.length - 1, step: place};
  if (get("blocks") !== now.blocks || get("step") !== place) set(now);
}

// What has not come is pale; of what came before the last block only sums are left.
function drawArrived({strip, full, shade, values, high}, {now, weights, place}) {
  const {drawn, left, column, bands} = strip;
  const bare = (i) => (i < now.end ? 1 : 0.28);
  const seen = {score: bare, exp: (i) => (i < now.first ? 0.4 : bare(i)), share: () => 0.6};
  drawn.forEach(({bars, texts, grips}, band) =>
    bars.forEach((bar, i) => {
      for (const part of [bar, grips[i]]) part?.setAttribute("opacity", seen[bands[band].name](i));
      texts[i].setAttribute("opacity", i < now.end ? 1 : 0.7);
      if (band > 0 && i >= now.end) texts[i].textContent = "";
    }),
  );
  values.columns.forEach((column, i) => {
    for (const part of column.children) {
      if (part.tagName === "rect") part.setAttribute("opacity", bare(i));
      else part.setAttribute("style", i < now.end ? "" : "fill: currentColor"); // on pale ground
    }
  });
  full.forEach((outline, i) => {
    const y = yOf(bands.at(-1), [0, 1], weights[i]);
    outline.setAttribute("y", y);
    outline.setAttribute("height", bands.at(-1).bottom - y);
  });
  shade.setAttribute("visibility", place ? "visible" : "hidden");
  shade.setAttribute("x", left + now.first * column);
  shade.setAttribute("width", (now.end - now.first) * column);
  shade.setAttribute("y", high);
  shade.setAttribute("height", values.bottom - high);
}

// The running maximum as a line over the scores that have come, and dashed what it was before.
function drawMaximum({strip, line, old, name}, {now, last, limits, place}) {
  const {left, column, bands} = strip;
  const at = (score, end) =>
    `M${left} ${yOf(bands[0], limits.score, score)}H${left + end * column}`;
  line.setAttribute("d", place ? at(now.highest, now.end) : "");
  const grew = place > 1 && last.highest < now.highest;
  old.setAttribute("d", grew ? at(last.highest, now.end) : "");
  name.textContent = place ? "m" : "";
  name.setAttribute("x", left + now.end * column + 3);
  name.setAttribute("y", yOf(bands[0], limits.score, place ? now.highest : 0) + 8);
}

function drawBlocks({blocks, strip, high}, {steps, place}) {
  blocks.replaceChildren();
  steps.slice(1).forEach(({first, end}, i) => {
    const [x, width] = [strip.left + first * strip.column + 1, (end - first) * strip.column - 2];
    const kind =
      i + 1 === place
        ? "attn-block attn-latest"
        : i < place
          ? "attn-block"
          : "attn-block attn-tocome";
    blocks.append(shape("rect", {class: kind, x, width, y: 1, height: high - 2, rx: 4}));
    const middle = {x: x + width / 2, y: high / 2, dy: "0.35em", "text-anchor": "middle"};
    const text = width > 6 * strip.letters * 0.62 ? `block ${i + 1}` : String(i + 1);
    blocks.append(shape("text", {...middle, class: "attn-caption"}, text));
  });
}

function drawKept({bar, maximum, total, outputs, zero, half}, shown) {
  const {now, last, limits, whole, values, place} = shown;
  const was = place > 1 && last.highest < now.highest ? `, was ${tidyScore(last.highest)}` : "";
  maximum.textContent = `${tidyScore(now.highest)}${was}`;
  const wide = (part) => (bar.width * part) / limits.total[1];
  const [kept, added] = [now.kept ?? 0, now.added ?? 0];
  total.before.setAttribute("width", wide(kept));
  total.added.setAttribute("x", bar.x + wide(kept));
  total.added.setAttribute("width", wide(added));
  const factor = place ? number(now.factor) : "";
  total.said.textContent = place
    ? `${factor}×${number(last.total)} + ${number(added)} = ${number(now.total)}`
    : "0";
  const most = Math.max(...values.flat().map(Math.abs)) || 1;
  outputs.forEach(({so, full, said}, i) => {
    spread(so, zero, (half * now.output[i]) / most);
    spread(full, zero, (half * whole[i]) / most);
    said.textContent = number(tidied(now.output[i]));
    const negative = now.output[i] < 0 || (now.output[i] === 0 && whole[i] < 0);
    said.setAttribute("x", zero + (negative ? 6 : -6));
    said.setAttribute("text-anchor", negative ? "start" : "end");
  });
}

// A bar from zero to the right, or to the left.
function spread(rect, zero, length) {
  rect.setAttribute("x", Math.min(zero, zero + length));
  rect.setAttribute("width", Math.max(Math.abs(length), 0.5));
}

function drawSquares({size, place: {width}}, {rows, left}, shown) {
  const both = held(shown);
  const most = Math.max(...both.map(countOf));
  const pitch = Math.min(size, (width - left - 2 * size) / most);
  both.forEach((parts, i) => {
    const kinds = parts.flatMap(([kind, count]) => Array(count).fill(kind));
    const {squares, top, count} = rows[i];
    const made = kinds.map((kind, j) =>
      shape("rect", {
        x: left + j * pitch,
        y: top + (size - pitch) / 2,
        width: pitch - 2,
        height: pitch - 2,
        style: `fill: var(--attn-${kind})`,
      }),
    );
    squares.replaceChildren(...made);
    count.textContent = kinds.length;
    count.setAttribute("x", left + kinds.length * pitch + 6);
  });
}

// One score with another number, to one place: from -10 to 10, or as far as the scores now go.
export function withScore(scores, place, score) {
  const within = Math.max(Math.min(score, Math.max(10, ...scores)), Math.min(-10, ...scores));
  return scores.map((old, i) => (i === place ? Number(within.toFixed(1)) + 0 : old));
}

// The scale stays while a bar is held, and takes in where it has gone when it is let go.
function hold(frame) {
  frame.scale = frame.shown.limits.score;
  const letGo = () => {
    frame.scale = null;
    frame.shown.limits.score = scoreLimits(frame.shown.state.scores, frame.shown.limits.score);
    draw(frame, frame.get("focus"));
  };
  for (const end of ["pointerup", "pointercancel"])
    frame.drawing.addEventListener(end, letGo, {once: true});
}

// A score is dragged up and down; along the blocks the steps are.
function grab(frame, x, y) {
  const {strip, high} = frame.place;
  const {state, limits, steps} = frame.shown;
  const along = strip.left + strip.column * strip.count;
  if (y < high && x >= strip.left && x < along) {
    const step = (now) => {
      const column = Math.floor((now - strip.left) / strip.column);
      const place = Math.min(Math.max(column, -1), strip.count - 1);
      return {step: Math.min(Math.floor(place / state.block) + 1, steps.length - 1)};
    };
    frame.set(step(x));
    return step;
  }
  const bar = barAt(strip, x, y);
  if (bar?.band !== 0) return null;
  frame.set({focus: [0, bar.column]});
  hold(frame);
  const old = state.scores[bar.column];
  const to = (now) => dragged(strip.bands[0], limits.score, old, y - now);
  return (_, now) => ({scores: withScore(state.scores, bar.column, to(now))});
}

function press(frame, event) {
  const {state, steps} = frame.shown;
  const on = {PageDown: 1, PageUp: -1}[event.key];
  const place = Math.min(state.step, steps.length - 1);
  if (on) return {step: Math.min(Math.max(place + on, 0), steps.length - 1)};
  const up = {ArrowUp: 1, ArrowDown: -1}[event.key];
  const [, column] = frame.get("focus");
  if (!up || column === undefined) return null;
  const score = state.scores[column] + up * (event.shiftKey ? 1 : 0.1);
  return {scores: withScore(state.scores, column, score)};
}

function at({place: {strip}}, x, y) {
  const column = columnAt(strip, x, y);
  return column === null ? null : [0, column];
}

reachTheEnd(); // its number of blocks grows when they get smaller

export default {
  render: rendering({
    name: "online-softmax",
    synced: ["words", "scores", "values", "block", "step", "focus"],
    rebuild: ["words", "values"],
    compute,
    layout,
    draw,
    at,
    grab,
    press,
    cells: ({words}) => [1, words.length],
    keeps: ({room}) => ({
      status: room < 400 ? 3 : 2,
      work: room < 400 ? 13 : room < 720 ? 8 : 6,
      lecture: 2,
    }),
    tables: ({words, state, steps, powers, shares, weights, now}) => [
      {
        caption: "the keys",
        corner: "key",
        rows: words,
        columns: ["score", "exp(score − m)", "share so far", "share of all"],
        values: words.map((_, i) => [
          tidyScore(state.scores[i]),
          i < now.end ? number(powers[i], 3) : "",
          i < now.end ? shares[i].toFixed(3) : "",
          weights[i].toFixed(3),
        ]),
      },
      {
        caption: "what is kept after each block",
        corner: "block",
        rows: steps.map((_, i) => String(i)),
        columns: ["m", "factor", "ℓ", ...now.output.map((_, i) => `output ${i}`)],
        values: steps.map(({highest, factor, total, output}, i) => [
          tidyScore(highest),
          i ? number(factor, 3) : "",
          number(total, 3),
          ...output.map((each) => each.toFixed(3)),
        ]),
      },
    ],
  }),
};
