// A translator with one switch: each word that it writes has lines to the words that it looked at,
// as wide as their weights. With attention or without, the model translates in the page.

import {isolated, number, shape, share, short, widest} from "./drawing.js";
import {rendering} from "./frame.js";
import {spelled, tokenised} from "./sentences.js";
import {translating} from "./translating.js";

// What the controls are set to, and all that follows from it. Until the model is there, its words without the lines.
export function compute(get, _, translate) {
  const place = Math.max(get("names").indexOf(get("sentence")), 0);
  const state = {sentence: get("names")[place], attention: get("attention")};
  const {source, target, weights, waits} = translate?.(state) ?? prepared(get, place, state);
  const wanted = get("references")[place];
  const right = rightWords(target, wanted).map(Number);
  return {state, source, target, right, wanted, weights, waits, result: [weights, right]};
}

function prepared(get, place, {sentence, attention}) {
  const source = tokenised(sentence, get("model").source_words).words;
  const target = get("translations")[place][Number(attention)];
  return {source, target, weights: target.map(() => source.map(() => 0)), waits: true};
}

// Translates each sentence once with attention and once without; weights are the mean over all heads.
export async function ready({get, model}) {
  const translate = await translating(get, model);
  const known = new Map();
  return ({sentence, attention}) => {
    const name = `${attention} ${sentence}`;
    if (!known.has(name)) {
      const {weights, ...found} = translate(sentence, {attention});
      known.set(name, {...found, weights: meanOfHeads(weights)});
    }
    return known.get(name);
  };
}

const meanOfHeads = (heads) =>
  heads[0].map((row, i) =>
    row.map((_, j) => heads.reduce((sum, weights) => sum + weights[i][j], 0) / heads.length),
  );

// Whether each word found belongs to the longest common subsequence with those wanted, as attnlab.lab.right_words.
export function rightWords(found, wanted) {
  const common = Array.from({length: found.length + 1}, () => new Array(wanted.length + 1).fill(0));
  for (let i = found.length - 1; i >= 0; i--)
    for (let j = wanted.length - 1; j >= 0; j--)
      common[i][j] =
        found[i] === wanted[j]
          ? 1 + common[i + 1][j + 1]
          : Math.max(common[i + 1][j], common[i][j + 1]);
  let from = 0; // what is left of those wanted
  return found.map((word, i) => {
    const at = wanted.indexOf(word, from);
    const right = at >= 0 && 1 + common[i + 1][at + 1] === common[i][from];
    if (right) from = at + 1;
    return right;
  });
}

// The focus within what is shown: an answer may have fewer words than the one before.
export const within = ([row, column], {target, source}) => [
  Math.min(row, target.length - 1),
  Math.min(column, source.length - 1),
];

export const heaviest = (row) => row.indexOf(Math.max(...row));

// "Without attention: 2 of 7 words are right. “son” looks at all 8 words alike, 0.13 each."
export function told({state, source, target, right, wanted, weights}, focus) {
  const good = right.reduce((sum, each) => sum + each, 0);
  const more = target.length - good;
  const whole = good === wanted.length;
  const count = `${whole && !more ? `all ${good}` : `${good} of ${wanted.length}`} words are right`;
  const who = `${state.attention ? "With" : "Without"} attention`;
  const score = `${who}: ${count}${whole && more ? `, and ${more} too many` : ""}.`;
  if (!focus.length) return score;
  const [row, column] = within(focus, {source, target});
  return `${score} ${looks(target[row], weights[row], source, column)}`;
}

// Which words one word looked at, and how much at the one in focus.
export function looks(word, row, source, column) {
  const name = (text) => `“${short(text, 24)}”`;
  const highest = Math.max(...row);
  if (highest - Math.min(...row) < 1e-6)
    return `${name(word)} looks at all ${row.length} words alike, ${number(highest)} each.`;
  const top = heaviest(row);
  const most = `${name(word)} looks most at ${name(source[top])}, ${number(highest)}`;
  return top === column
    ? `${most}.`
    : `${most}; at ${name(source[column])}, ${number(row[column])}.`;
}

// How a line of this weight is drawn.
export const stroke = (weight) => ({
  "stroke-width": (0.6 + 7.4 * weight).toFixed(2),
  "stroke-opacity": (0.06 + 0.74 * weight ** 0.8).toFixed(3),
});

// The middles of words that stand one behind the other, and where the last one ends.
export function along(widths, gap, from) {
  const middles = [];
  const end = widths.reduce((at, width) => {
    middles.push(at + width / 2);
    return at + width + gap;
  }, from);
  return {middles, end: widths.length ? end - gap : from};
}

const SCALES = {page: [1.3, 1.7], lecture: [1.15, 1.6]}; // sentences are larger than labels
const GAP = 0.85; // between words, in letters
const SAID = 0.85; // how large the right translation is beside what was written
const NAMES = {source: "English", target: "French", wanted: "right"};

// How large the letters are, how wide each word is in them, and the longest row of words: as large as
// there is room for the longest, within limits.
function letters(frame) {
  const {get, root, room, size, lecture} = frame;
  const [least, most] = lecture ? SCALES.lecture : SCALES.page;
  const bare = (word) => measured(frame, short(word, 24)) / size;
  const lengths = rowsOf(get).map((words) => along(words.map(bare), GAP, 0).end);
  const gutter = widest(root, Object.values(NAMES)) + 18;
  const fits = (room - gutter - 8) / (size * Math.max(...lengths));
  const big = Math.floor(size * Math.min(Math.max(fits, least), most));
  return {
    big,
    gap: GAP * big,
    gutter,
    wide: (word) => bare(word) * big,
    longest: gutter + 8 + Math.ceil(big * Math.max(...lengths)),
  };
}

// To measure takes long, and the same words come back with each turn of the switch.
function measured(frame, word) {
  frame.measured ??= new Map();
  // A figure that is not on the page yet is measured in another type.
  const name = `${frame.size} ${getComputedStyle(frame.root).fontFamily} ${word}`;
  if (!frame.measured.has(name)) frame.measured.set(name, widest(frame.root, [word]));
  return frame.measured.get(name);
}

// All rows of words that this figure may have to show.
const sourcesOf = (get) =>
  get("names").map((name) => tokenised(name, get("model").source_words).words);

const rowsOf = (get) => [...sourcesOf(get), ...get("references"), ...get("translations").flat()];

function layout(frame) {
  const {svg, room} = frame;
  const drawn = letters(frame);
  const place = drawn.longest > room ? upright(frame, drawn) : lying(frame, drawn);
  const state = JSON.stringify(frame.shown.state);
  const moves = frame.before && state !== frame.before;
  frame.before = state;
  const fresh = moves ? " attn-arriving" : "";
  const fade = `attn-fade-${Math.random().toString(36).slice(2)}`;
  place.pills = shape("g");
  place.lines = shape("g", {class: `attn-ribbons${fresh}`, style: `stroke: url(#${fade})`});
  place.words = shape("g");
  place.numbers = shape("g");
  place.answer = shape("g", {class: fresh.trim()});
  svg.append(faded(fade, place), place.pills, place.lines, place.words, place.answer);
  svg.append(place.numbers);
  write(frame, place);
  return place;
}

// The lines go over from the colour of keys to that of queries.
function faded(id, {ends}) {
  const gradient = shape("linearGradient", {id, gradientUnits: "userSpaceOnUse", ...ends});
  gradient.append(
    shape("stop", {offset: 0, style: "stop-color: var(--attn-key)"}),
    shape("stop", {offset: 1, style: "stop-color: var(--attn-query)"}),
  );
  return gradient;
}

// Sentences as one reads them, one above the other.
function lying({shown, size}, {big, gap, gutter, wide, longest}) {
  const high = 6.5 * big;
  const rows = {source: shown.source, target: shown.target, wanted: shown.wanted};
  const heights = {source: size + 1.3 * big};
  heights.target = heights.source + high;
  heights.wanted = heights.target + 2 * big;
  const ends = Object.values(rows).map((words) => along(words.map(wide), gap, 0).end);
  const spots = {};
  for (const [kind, words] of Object.entries(rows)) {
    const widths = words.map(wide);
    const own = along(widths, gap, 0).end;
    const {middles} = along(widths, gap, gutter + (Math.max(...ends) - own) / 2);
    spots[kind] = middles.map((x, i) => ({x, y: heights[kind], width: widths[i]}));
  }
  const captions = Object.entries(NAMES).map(([kind, text]) => ({
    kind,
    text,
    x: 1,
    y: heights[kind],
  }));
  const from = spots.source.map(({x, y}) => [x, y + 0.4 * big]);
  const to = spots.target.map(({x, y}) => [x, y - 1.05 * big]);
  return {
    big,
    spots,
    captions,
    curve: (i, j) => bent(from[j], to[i], 0),
    numberAt: (j) => ({x: spots.source[j].x, y: size}),
    ends: {x1: 0, x2: 0, y1: from[0][1], y2: to[0][1]},
    middle: {axis: "y", at: (from[0][1] + to[0][1]) / 2, last: heights.target + big},
    width: longest,
    height: heights.wanted + 0.6 * big,
  };
}

// On a phone: English left, French right, word below word.
function upright({get, shown, size, room, root}, {big, gap, wide}) {
  const pitch = 1.75 * big;
  const top = 2 * size + 6;
  const widestOf = (rows) => Math.max(...rows.flat().map(wide));
  const left = widest(root, [".00"]) + 14 + widestOf(sourcesOf(get));
  const last = widestOf(get("translations").flat()) + 8;
  const start = Math.max(room - last, left + 40);
  const most = Math.max(shown.source.length, shown.target.length);
  const column = (words, x, side) =>
    words.map((word, i) => ({
      x: x + (side * wide(word)) / 2,
      y: top + (i + 0.75 + (most - words.length) / 2) * pitch,
      width: wide(word),
    }));
  const spots = {source: column(shown.source, left, -1), target: column(shown.target, start, 1)};
  const below = top + (Math.max(...rowsOf(get).map((words) => words.length)) + 0.9) * pitch;
  const gutter = widest(root, [NAMES.wanted]) + 12;
  const flow = (words) =>
    wrapped(
      words.map((word) => SAID * wide(word)),
      gap / 2,
      gutter,
      room - 4,
    );
  const lines = Math.max(...get("references").map((words) => flow(words).at(-1).line));
  spots.wanted = flow(shown.wanted).map(({x, line, width}) => ({
    x,
    y: below + line * 1.5 * big,
    width,
  }));
  const captions = [
    {kind: "source", text: NAMES.source, x: left - widest(root, [NAMES.source]), y: size},
    {kind: "target", text: NAMES.target, x: start, y: size},
    {kind: "wanted", text: NAMES.wanted, x: 1, y: below},
  ];
  const level = ({y}) => y - 0.33 * big;
  return {
    big,
    spots,
    captions,
    curve: (i, j) =>
      bent([left + 7, level(spots.source[j])], [start - 7, level(spots.target[i])], 1),
    numberAt: (j) => ({
      x: spots.source[j].x - spots.source[j].width / 2 - 20,
      y: spots.source[j].y,
    }),
    ends: {y1: 0, y2: 0, x1: left, x2: start},
    middle: {axis: "x", at: (left + start) / 2, last: Infinity},
    width: Math.max(room, start + last),
    scrolls: start + last > room,
    height: below + (1.5 * lines + 0.6) * big,
  };
}

// The middles of words that begin a new line where the room ends.
export function wrapped(widths, gap, from, room) {
  let [at, line] = [from, 0];
  return widths.map((width) => {
    if (at > from && at + width > room) [at, line] = [from, line + 1];
    const x = at + width / 2;
    at += width + gap;
    return {x, line, width};
  });
}

// A curve from one point to another that leaves and arrives upright (0) or level (1).
function bent([x, y], [toX, toY], level) {
  const [midX, midY] = [(x + toX) / 2, (y + toY) / 2];
  const handles = level ? `${midX} ${y} ${midX} ${toY}` : `${x} ${midY} ${toX} ${midY}`;
  return `M${x} ${y}C${handles} ${toX} ${toY}`;
}

// All words and lines; what the focus changes of them, `draw` does.
function write(frame, place) {
  const {source, target, wanted, right, weights} = frame.shown;
  const {big, spots, captions, words, answer, lines} = place;
  for (const {kind, text, x, y} of captions)
    words.append(shape("text", {class: `attn-caption attn-${ROLE[kind]}`, x, y}, text));
  const put = (group, kind, text, i, more = {}) =>
    group.append(
      shape(
        "text",
        {
          class: `attn-${ROLE[kind]}`,
          "text-anchor": "middle",
          x: spots[kind][i].x,
          y: spots[kind][i].y,
          ...more,
          style: `font-size: ${kind === "wanted" ? SAID * big : big}px`,
        },
        short(text, 24),
      ),
    );
  source.forEach((word, i) => put(words, "source", word, i));
  wanted.forEach((word, i) => put(words, "wanted", word, i));
  target.forEach((word, i) => {
    put(answer, "target", word, i, right[i] ? {} : {class: "attn-wrong"});
    if (!right[i]) answer.append(struck(spots.target[i], big));
  });
  place.curves = weights.map((row, i) =>
    row.map((weight, j) => {
      const line = shape("path", {d: place.curve(i, j), ...stroke(weight)});
      lines.append(line);
      return line;
    }),
  );
}

const ROLE = {source: "key", target: "query", wanted: "said"};

const struck = ({x, y, width}, big) =>
  shape("path", {class: "attn-crossing", d: `M${x - width / 2 - 3} ${y - 0.3 * big}h${width + 6}`});

function draw(frame, asked) {
  const {shown, place} = frame;
  const focus = shown.waits ? [] : asked;
  const {state, source, target, weights} = shown;
  place.pills.replaceChildren();
  place.numbers.replaceChildren();
  const cell = focus.length ? within(focus, shown) : [];
  place.curves.forEach((row, i) => {
    for (const line of row) line.classList.toggle("attn-behind", cell.length > 0 && i !== cell[0]);
  });
  const how = state.attention ? "with attention" : "without attention";
  const label = `A translation ${how}: ${target.length} French words, with lines to ${source.length} English words.`;
  const status = told(shown, focus);
  if (!cell.length) return {status, label};
  const [row, column] = cell;
  mark(place, weights[row], row, column);
  return {status, label: `${label} Now at ${short(target[row])}, ${short(source[column])}.`};
}

// The word in focus, and what it read: the more, the stronger.
function mark({big, spots, pills, numbers, numberAt}, weights, row, column) {
  const pill = ({x, y, width}, attributes) =>
    pills.append(
      shape("rect", {
        x: x - width / 2 - 6,
        width: width + 12,
        y: y - 1.02 * big,
        height: 1.4 * big,
        rx: 6,
        ...attributes,
      }),
    );
  pill(spots.target[row], {class: "attn-query", "fill-opacity": 0.16});
  weights.forEach((weight, j) => {
    pill(spots.source[j], {class: "attn-key", "fill-opacity": 0.3 * weight});
    const at = {...numberAt(j), "text-anchor": "middle"};
    if (weight < 0.005) return;
    numbers.append(shape("text", {class: "attn-numbers attn-caption", ...at}, share(weight)));
  });
  pill(spots.source[column], {class: "attn-row"});
}

// The pair under the pointer: a French word with what it reads most, or an English one with who
// reads it most.
function under({shown: {weights}, place: {spots, middle}}, x, y) {
  if (y > middle.last) return null;
  const [across, place] = middle.axis === "y" ? [y, x] : [x, y];
  const nearest = (list) =>
    heaviest(list.map((spot) => -Math.abs((middle.axis === "y" ? spot.x : spot.y) - place)));
  if (across > middle.at) {
    const row = nearest(spots.target);
    return [row, heaviest(weights[row])];
  }
  const column = nearest(spots.source);
  return [heaviest(weights.map((row) => row[column])), column];
}

// What was written, and what is right.
function answers(get, place) {
  const [off, on] = get("translations")[place];
  const wanted = get("references")[place];
  const good = (words) => `${rightWords(words, wanted).filter(Boolean).length} of ${wanted.length}`;
  const said = (words) => isolated(spelled(words));
  return [
    [said(wanted), ""],
    [said(on), good(on)],
    [said(off), good(off)],
  ];
}

export default {
  render: rendering({
    name: "attention-switch",
    ready,
    synced: ["names", "references", "translations", "sentence", "attention", "focus"],
    rebuild: ["names", "references", "translations", "sentence", "attention"],
    compute,
    layout,
    draw,
    keeps: ({room}) => ({status: room > 640 ? 1 : room > 420 ? 2 : 3, work: 0}),
    cells: ({target, source}) => [target.length, source.length],
    at: under,
    tables: ({state, source, target, weights}, get) => [
      {
        caption: "weights: the mean over all heads",
        corner: "French",
        rows: target,
        columns: source,
        values: weights.map((row) => row.map((weight) => weight.toFixed(3))),
      },
      {
        caption: state.sentence,
        corner: "translation",
        rows: ["right", "with", "without"],
        columns: ["French", "right words"],
        values: answers(get, get("names").indexOf(state.sentence)),
      },
    ],
  }),
};
