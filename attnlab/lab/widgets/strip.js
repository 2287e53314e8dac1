// A strip of bars from scores to shares: a band for each step, a column for each word.
// The geometry comes first, pure functions of plain numbers; then what draws.

import {isolated, plain, shape, share, short, widest} from "./drawing.js";

// The steps of softmax. A band is { name, caption, kind, height, signed, signs, write }: its caption is a
// list of lines, its kind the class of its bars; a signed one has room for numbers below zero; `write`
// gives the text of a number, in at most so many signs.
export const STEPS = [
  {
    name: "score",
    caption: ["score"],
    kind: "attn-score",
    height: 56,
    signed: true,
    signs: 5,
    write: compact,
  },
  {name: "exp", caption: ["exp"], kind: "attn-power", height: 44, signs: 5, write: compact},
  {name: "share", caption: ["share"], kind: "attn-weight", height: 44, signs: 4, write: share},
];

// A number in at most five signs, for a narrow column: 3, 1.5, 22.2, 403, 1.2e5, 4e−5, inf.
export function compact(value) {
  if (!Number.isFinite(value)) return written(value);
  const size = Math.abs(value);
  const powers = size >= 1e4 ? 1 : 0; // digits after the point
  const text =
    size >= 1e4 || (size !== 0 && size < 0.005)
      ? value.toExponential(powers).replace("+", "")
      : String(Number(value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)));
  return text.replace(/-/g, "−");
}

// What Python prints for what is no number to count with: inf, −inf, nan.
export const written = (value) => (Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "−inf");

// The next round number away from zero: 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12.5 ...
export function roundUp(value) {
  if (value <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find(
    (each) => each * power >= value * (1 - 1e-9),
  );
  return Math.min(Number((factor * power).toPrecision(12)), Number.MAX_VALUE);
}

// Ends [low, high] of a band, with 0 between them and some room to spare. They stay what they were
// before as long as the bars fit and are not lost in them, so that a bar moves and not its scale.
export function calm(values, before) {
  const finite = values.filter(Number.isFinite);
  const [least, most] = [Math.min(0, ...finite), Math.max(0, ...finite)];
  const fits = before && before[0] <= least && most <= before[1];
  if (fits && 3 * (most - least) >= before[1] - before[0]) return before;
  const ends = [0 - roundUp(-1.15 * least), roundUp(1.15 * most)];
  return ends[0] === ends[1] ? [0, 1] : ends;
}

// Where the bands and columns stand, from the left edge of the bars on.
//   tops     for each band how much it needs above its bars
//   pad      how much a band keeps free at either end for a number
export function bandsOf({top, pad, gap, bands}) {
  let y = top;
  return bands.map((band) => {
    const placed = {
      ...band,
      top: y + pad,
      bottom: y + pad + band.height,
      end: y + 2 * pad + band.height,
    };
    y = placed.end - (band.signed ? 0 : pad) + gap;
    return placed;
  });
}

// The height on the page of a value in a band with these ends; what is infinite stands at the end.
export function yOf({top, bottom}, [low, high], value) {
  const within = Math.min(Math.max(value, low), high);
  return bottom - ((bottom - top) * (within - low)) / (high - low);
}

// What becomes of a value whose bar is dragged so many pixels upwards, also beyond the ends.
export const dragged = ({top, bottom}, [low, high], value, pixels) =>
  value + ((high - low) * pixels) / (bottom - top);

// The column under a point of the drawing, or null; the words over the bars belong to it.
export function columnAt({left, column, count, start, bottom}, x, y) {
  const place = Math.floor((x - left) / column);
  return place >= 0 && place < count && y >= start && y < bottom ? place : null;
}

// The band and column under a point of the drawing, { band, column }, or null.
export function barAt(strip, x, y) {
  const column = columnAt(strip, x, y);
  const band = strip.bands.findIndex((each) => y >= each.top - strip.pad && y < each.end);
  return column === null || band < 0 ? null : {band, column};
}

// Where a strip stands, with its top left corner (the words included) at x, y, within so much room.
//   words    a word for each column; kind gives their colour: "query", "key", "output", ...
//   bands    STEPS, if nothing else is said
//   most     of a column's width; handles: whether the scores can be dragged
//   base     the longest number that will stand beside the line of the scores
export function placeStrip(
  frame,
  {x = 0, y = 0, room, words, kind = "", bands = STEPS, most, handles = false, base = 0},
) {
  const {size, root, lecture} = frame;
  const letters = lecture ? 20 : 12;
  const shorts = words.map((word) => short(word, 12));
  const wide = widest(root, shorts) + 6;
  const captions = bands.flatMap(({caption}) => caption);
  const left = x + widest(root, captions) + 10;
  const fit = (free) => Math.max(9, Math.min(most ?? (lecture ? 84 : 56), free / words.length));
  const tilted = wide > fit(room - (left - x));
  const tail = tilted ? wide * 0.7 : 0; // how far the last word leans out
  const end = Math.max(tail, widest(root, [plain(base)]) + 4) + 2;
  const column = fit(room - (left - x) - end);
  const top = y + (tilted ? wide * 0.75 + 10 : size + 8);
  const pad = letters + (handles ? 5 : 3);
  const placed = bandsOf({top, pad, gap: 6, bands});
  return {
    x,
    start: y,
    left,
    column,
    count: words.length,
    words,
    shorts,
    kind,
    tilted,
    letters,
    pad,
    handles,
    bands: placed.map((band) => ({...band, spelled: column >= 0.56 * letters * band.signs})),
    right: left + column * words.length + end,
    bottom: placed.at(-1).bottom + 4,
  };
}

// The still parts of a strip: words, captions, lines, and the empty places of bars and numbers.
export function layStrip(frame, strip) {
  const {x, left, column, count, words, shorts, kind, tilted, bands, letters, start, bottom} =
    strip;
  const middle = (i) => left + (i + 0.5) * column;
  const put = (name, attributes, text) => {
    const made = shape(name, attributes, text);
    frame.svg.append(made);
    return made;
  };
  const over = bands[0].top - strip.pad - 4;
  shorts.forEach((word, i) => {
    const label = put(
      "text",
      {
        class: kind && `attn-${kind}`,
        x: middle(i),
        y: over,
        "text-anchor": tilted ? "start" : "middle",
        transform: tilted ? `rotate(-48 ${middle(i)} ${over})` : "",
      },
      word,
    );
    if (word !== isolated(words[i])) label.append(shape("title", {}, words[i]));
  });
  strip.hatched = frame.hatched;
  strip.drawn = bands.map((band) => {
    const centre = (band.top + band.bottom) / 2 - ((band.caption.length - 1) * letters * 1.2) / 2;
    band.caption.forEach((line, i) =>
      put("text", {class: "attn-caption", x, y: centre + i * letters * 1.2, dy: "0.35em"}, line),
    );
    const said = put("text", {
      class: "attn-numbers",
      x,
      y: centre + band.caption.length * letters * 1.2,
      dy: "0.35em",
    });
    const bars = Array.from({length: count}, (_, i) =>
      put("rect", {x: left + (i + 0.16) * column, width: 0.68 * column}),
    );
    const line = put("path", {class: "attn-axis"});
    const base = put("text", {
      class: "attn-caption attn-numbers",
      x: left + count * column + 4,
      dy: "0.35em",
    });
    const grips = Array.from({length: strip.handles && band === bands[0] ? count : 0}, (_, i) =>
      put("path", {class: "attn-grip", d: `M${left + (i + 0.16) * column} 0h${0.68 * column}`}),
    );
    const texts = Array.from({length: count}, (_, i) =>
      put("text", {"text-anchor": "middle", x: middle(i)}),
    );
    return {said, bars, line, base, grips, texts};
  });
  strip.mark = put("rect", {
    class: "attn-row",
    width: column,
    y: start + 1,
    height: bottom - start - 2,
    rx: 3,
  });
  return strip;
}

// Bars and numbers.
//   rows     for each band { values, limits, base, struck }: the bars stand on the line of base, which
//            is 0 if not given; what is struck is wrong, and is shown to be wrong
//   allowed  for each column whether it takes part: what does not is hatched; all where it is left out
//   focus    the column that is marked, or undefined
export function paintStrip(strip, {rows, allowed, focus}) {
  const {bands, drawn, left, column, count, mark} = strip;
  rows.forEach((row, b) => paintBand(strip, bands[b], drawn[b], {row, allowed, focus}));
  const shown = focus !== undefined && focus !== null && focus < count;
  mark.setAttribute("visibility", shown ? "visible" : "hidden");
  if (shown) mark.setAttribute("x", left + focus * column);
}

function paintBand(strip, band, {said, bars, line, base, grips, texts}, {row, allowed, focus}) {
  const {limits, values, struck = false} = row;
  const zero = yOf(band, limits, 0);
  const gap = grips.length ? 5 : 3; // between a bar and its number
  line.setAttribute("d", `M${strip.left} ${zero}h${strip.column * strip.count}`);
  base.setAttribute("y", zero);
  base.textContent = band.signed || row.base ? plain(row.base ?? 0) : "";
  const numbers = (value) =>
    `attn-numbers${struck || !Number.isFinite(value) ? " attn-struck" : ""}`;
  values.forEach((value, i) => {
    const open = !allowed || allowed[i];
    const height = open ? value - (row.base ?? 0) : 0;
    const end = Number.isNaN(height) ? zero : yOf(band, limits, height);
    const lost = open && !Number.isFinite(value) && value !== -Infinity;
    const still = open && !Number.isNaN(value) ? 0 : 7; // a small bar: forbidden, or no number, is not small
    bars[i].setAttribute("y", Math.min(zero, end) - still);
    bars[i].setAttribute("height", Math.abs(end - zero) + still);
    bars[i].setAttribute("class", open ? (lost ? "attn-lost" : band.kind) : "");
    bars[i].setAttribute("style", open ? "" : strip.hatched.style);
    grips[i]?.setAttribute("transform", `translate(0 ${end})`);
    texts[i].textContent = band.spelled && open ? band.write(value) : "";
    texts[i].setAttribute("class", numbers(value));
    texts[i].setAttribute("y", height < 0 ? end + strip.letters + gap - 2 : end - gap);
  });
  const one = !band.spelled && values[focus] !== undefined; // no room but for that of the marked word
  said.textContent = one ? (allowed && !allowed[focus] ? "masked" : band.write(values[focus])) : "";
  said.setAttribute("class", numbers(values[focus] ?? 0));
}
