// The bench of softmax: scores that are dragged up and down, their exp, and the shares that come of them.

import {isolated, number, shape, share, short} from "./drawing.js";
import {endsOf, paintCurve, placeCurve, pointUnder} from "./exp_curve.js";
import {rendering} from "./frame.js";
import {entropy, logSumExp, picked, softmaxSteps, uniforms} from "./mathematics.js";
import {
  barAt,
  calm,
  columnAt,
  dragged,
  layStrip,
  paintStrip,
  placeStrip,
  STEPS,
  written,
  yOf,
} from "./strip.js";

const DRAWS = 20;

// What the controls are set to, and all numbers that follow from it.
export function compute(get, before) {
  const own = get("scores");
  const state = {
    scores: own,
    temperature: get("temperature"),
    shift: get("shift"),
    single: get("single"),
    seed: get("seed"),
  };
  const scores = own.map((score) => score + state.shift);
  const naive = softmaxSteps(scores, state.temperature, {single: state.single});
  const safe = softmaxSteps(scores, state.temperature, {single: state.single, safe: true});
  const places = state.seed === 0 ? [] : picked(safe.shares, uniforms(state.seed, DRAWS));
  const counts = own.map((_, i) => places.filter((place) => place === i).length);
  const base = state.shift / state.temperature;
  const spread = entropy(safe.shares);
  const lse = logSumExp(safe.scaled);
  return {
    state,
    parts: get("parts"),
    words: get("words"),
    own,
    scores,
    naive,
    safe,
    counts,
    base,
    spread,
    lse,
    trouble: trouble(naive, safe),
    limits: {
      score: calm([...own, 1, -1], before?.limits.score),
      ...endsOf(naive.scaled, naive.powers, base, before?.limits),
    },
    result: [[spread, lse], own, safe.shares, naive.shares, counts],
  };
}

// What is wrong with the shares of the formula as it is written, in words; "" where nothing is.
export function trouble({powers, total, shares}, {shares: right}) {
  if (shares.every((each, i) => Math.abs(each - right[i]) < 1e-3)) return "";
  if (total === 0) return "every exp is 0, and 0 / 0 is nan";
  const lost = powers.filter((power) => power === Infinity).length;
  if (lost === powers.length) return "every exp is inf, and inf / inf is nan";
  if (lost > 0) return "exp becomes inf, inf / inf is nan, and all others get 0";
  if (total === Infinity) return "no exp is too large, but their sum is inf: every share is 0";
  return "so little is left of exp that the shares are wrong";
}

// "mat gets 0.62, the most; entropy 1.23 nats, log-sum-exp 3.58."
export function sentence({words, safe: {shares}, spread, lse, trouble: wrong, counts, state}) {
  const most = Math.max(...shares);
  const top = shares.map((_, i) => i).filter((i) => most - shares[i] < 1e-6);
  const names = top.map((i) => short(words[i], 24));
  const last = names.pop();
  const list = names.length ? `${names.join(", ")} and ${last}` : last;
  const [who, each] =
    top.length > 3 ? [`${top.length} words`, " each"] : [list, top.length > 1 ? " each" : ""];
  const found = `${who} ${top.length > 1 ? "get" : "gets"} ${number(most)}${each}, the most; entropy ${number(spread)} nats, log-sum-exp ${number(lse)}.`;
  const drawn = state.seed === 0 ? "" : ` ${DRAWS} words drawn: ${told(words, counts)}.`;
  return `${wrong && `As the formula is written, ${wrong}. With the maximum taken off: `}${found}${drawn}`;
}

const told = (words, counts) =>
  counts
    .map((count, i) => [count, i])
    .filter(([count]) => count > 0)
    .sort(([a], [b]) => b - a)
    .map(([count, i]) => `${short(words[i])} ${count}`)
    .join(", ");

// The share of one word, worked out: as the formula is written, and with the maximum taken off.
export function formula({words, state, scores, naive, safe, parts, trouble: wrong}, place) {
  const by = state.temperature === 1 ? "" : ` / ${Number(state.temperature.toPrecision(4))}`;
  const best = tidy(Math.max(...scores));
  const less = (i) => `${tidy(scores[i])} − ${best.startsWith("−") ? `(${best})` : best}`;
  const sums = [["share", naive, (i) => `exp(${tidy(scores[i])}${by})`]];
  if (parts.includes("shift")) {
    sums[0][0] = "naive";
    sums.push(["max off", safe, (i) => `exp(${by ? `(${less(i)})${by}` : less(i)})`]);
  }
  return {
    title: [
      ["", "share of "],
      ["attn-output", short(words[place])],
    ],
    lines: sums.map(([name, steps, write]) => [
      name,
      worked(steps, place, write, wrong && steps === naive),
    ]),
  };
}

// exp(3.1) / (exp(3.1) + exp(2.2) + …) = 22.20 / 35.80 = 0.62
function worked({powers, total, shares}, place, write, wrong) {
  const others = powers.map((_, i) => i).filter((i) => i !== place);
  const long = write(place).length > 21; // then one term says enough, and stays in one line
  const some = long ? [] : others.length > 2 ? others.slice(0, 1) : others;
  const more = some.length < others.length ? " + …" : "";
  return [
    ["attn-output", write(place)],
    ["", " / ("],
    ["attn-output", write(place)],
    ["", `${some.map((i) => ` + ${write(i)}`).join("")}${more}) = `],
    [Number.isFinite(powers[place]) ? "attn-output" : "attn-struck", counted(powers[place])],
    ["", " / "],
    [Number.isFinite(total) ? "" : "attn-struck", counted(total)],
    ["", " = "],
    [wrong ? "attn-struck" : "attn-share", counted(shares[place])],
  ];
}

// A score as one would write it: 3.1, 1003.1, −0.25.
const tidy = (score) => String(Number(score.toFixed(2))).replace("-", "−");
const counted = (value) => (Number.isFinite(value) ? number(value) : written(value));

function bandsOfParts(parts) {
  const [score, exp, last] = STEPS;
  const first = {...score, height: 70, signs: 6, write: tidy};
  const final = {...last, height: parts.includes("draw") ? 100 : 60};
  if (!parts.includes("shift")) return [first, exp, final];
  const naive = {...last, caption: ["share,", "naive"], height: 34, write: rough};
  return [first, exp, naive, {...final, caption: ["share,", "max off"]}];
}

const rough = (value) => (Number.isFinite(value) ? share(value) : written(value));

function layout(frame) {
  const {get, room, size, svg, lecture} = frame;
  const [parts, words] = [get("parts"), get("words")];
  const curved = parts.includes("curve");
  const beside = curved && room >= 600;
  const wide = lecture ? 310 : 250;
  const margin = lecture ? 22 : 10; // half of the last number of the axis
  const context = get("context");
  if (context)
    svg.append(shape("text", {class: "attn-title", x: 0, y: size}, `${isolated(context)} …`));
  const strip = placeStrip(frame, {
    y: context ? size + 10 : 0,
    room: beside ? room - wide - 24 - margin : room,
    words,
    kind: "output",
    bands: bandsOfParts(parts),
    handles: true,
    base: Math.max(1000, Math.abs(get("shift"))),
  });
  layStrip(frame, strip);
  const [band] = strip.bands;
  svg.append(
    shape("rect", {
      class: "attn-grab attn-reach",
      x: strip.left,
      y: band.top - strip.pad,
      width: strip.column * strip.count,
      height: band.end - band.top + strip.pad,
    }),
  );
  strip.dots = shape("g", {class: "attn-dots"});
  svg.append(strip.dots);
  const place = {
    strip,
    curve: null,
    width: strip.right,
    height: strip.bottom,
    scrolls: strip.right > room,
  };
  if (!curved) return place;
  const y = beside ? band.top - strip.pad - size : strip.bottom + 10;
  const x = beside ? strip.right + 24 : 0;
  const height = beside ? Math.min(strip.bottom - y - 3 * size - 16, 230) : 150;
  place.curve = placeCurve(frame, {x, y, height, room: beside ? wide : Math.min(room, 340)});
  place.width = beside
    ? Math.min(x + wide + margin, room)
    : Math.max(strip.right, Math.min(room, 340));
  if (!beside) place.height = y + height + 3 * size + 30;
  return place;
}

function draw(frame, focus) {
  const {
    shown,
    place: {strip, curve},
  } = frame;
  const {words, own, scores, naive, safe, limits, base, state, parts} = shown;
  const [, column] = focus;
  const share = [0, 1];
  const rows = [
    {values: scores, limits: limits.score, base: state.shift},
    {values: naive.powers, limits: limits.up},
    {values: naive.shares, limits: share, struck: shown.trouble !== ""},
    {values: safe.shares, limits: share},
  ];
  if (!parts.includes("shift")) rows.splice(2, 1);
  paintStrip(strip, {rows, focus: column});
  drawDots(strip, shown);
  if (curve)
    paintCurve(frame, curve, {
      words,
      ...naive,
      base,
      limits,
      focus: column,
      tempered: state.temperature !== 1,
    });
  const label = `Bars of the scores, their exp and the shares of ${own.length} words. Left and Right walk from word to word, Up and Down change its score.`;
  const status = sentence(shown);
  if (!focus.length) return {status, label};
  const now = `${label} Now ${isolated(words[column])}: score ${tidy(scores[column])}, share ${number(safe.shares[column])}.`;
  return {status, label: now, ...(parts.includes("formula") ? formula(shown, column) : {})};
}

// What was drawn, a dot a word, beside the bar of what was expected, in its scale.
function drawDots({bands, dots, left, column}, {counts, state}) {
  dots.replaceChildren();
  if (state.seed === 0) return;
  const band = bands.at(-1);
  const x = (i) => left + (i + 0.93) * column;
  counts.forEach((count, i) => {
    for (let each = 0; each < count; each++) {
      const cy = yOf(band, [0, 1], (each + 0.5) / DRAWS);
      dots.append(
        shape("circle", {class: "attn-drawn", cx: x(i), cy, r: Math.min(2.4, 0.07 * column)}),
      );
    }
  });
}

// A word's score with another number: all scores anew, to one place.
export const changed = (scores, place, score) =>
  scores.map((old, i) => (i === place ? Number(score.toFixed(1)) + 0 : old));

function grab(frame, x, y) {
  const {strip, curve} = frame.place;
  const {own, limits, state} = frame.shown;
  const bar = barAt(strip, x, y);
  if (bar?.band === 0) {
    frame.set({focus: [0, bar.column]});
    const from = own[bar.column];
    return (_, now) => ({
      scores: changed(own, bar.column, dragged(strip.bands[0], limits.score, from, y - now)),
    });
  }
  const point = curve && pointUnder(curve, x, y);
  if (point === null || point === undefined) return null;
  frame.set({focus: [0, point]});
  const {toX} = curve.chart;
  const unit = state.temperature / (toX(1) - toX(0));
  return (now) => ({scores: changed(own, point, own[point] + (now - x) * unit)});
}

function press(frame, event) {
  const up = {ArrowUp: 1, ArrowDown: -1}[event.key];
  const [, column] = frame.get("focus");
  if (!up || column === undefined) return null;
  const scores = frame.get("scores");
  return {
    scores: scores.map((score, i) =>
      i === column ? Number((score + up * (event.shiftKey ? 1 : 0.1)).toFixed(6)) + 0 : score,
    ),
  };
}

function at({place: {strip, curve}}, x, y) {
  const column = columnAt(strip, x, y) ?? (curve && pointUnder(curve, x, y));
  return column === null || column === undefined ? null : [0, column];
}

function keeps({get, room, lecture}) {
  const parts = get("parts");
  const sums = parts.includes("shift") ? 2 : 1;
  const status = parts.includes("shift") || parts.includes("draw") ? 2 : 1;
  const narrow = room < 560 && !lecture ? 2 : 1; // lines that a sum takes
  return {status: narrow * status, lecture: 2, work: parts.includes("formula") ? narrow * sums : 0};
}

export default {
  render: rendering({
    name: "softmax-bench",
    synced: [
      "words",
      "context",
      "parts",
      "scores",
      "temperature",
      "shift",
      "single",
      "seed",
      "focus",
    ],
    rebuild: ["words", "context", "parts"],
    compute,
    layout,
    draw,
    at,
    grab,
    press,
    keeps,
    cells: ({words}) => [1, words.length],
    tables: ({words, scores, naive, safe, counts}) => [
      {
        caption: "from score to share",
        corner: "word",
        rows: words,
        columns: ["score", "exp", "share, naive", "share", `expected of ${DRAWS}`, "drawn"],
        values: words.map((_, i) => [
          tidy(scores[i]),
          counted(naive.powers[i]),
          counted(naive.shares[i]),
          safe.shares[i].toFixed(3),
          (DRAWS * safe.shares[i]).toFixed(1),
          String(counts[i]),
        ]),
      },
    ],
  }),
};
