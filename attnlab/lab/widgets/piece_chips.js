// Pieces of a text as chips in lines: those of a word touch each other, and the next word stands apart.

import {isLight, shape, widest} from "./drawing.js";

const WORD_GAP = 7;
const LONG = 8; // bytes of a piece that has the strongest colour
const STRONG = 0.62; // of all colours

export const chipHeight = (size) => size + 9;
export const lineHeight = (size) => size + 17;

// Measures texts, each once.
export function measuring(root) {
  const widths = new Map();
  return (text) => {
    if (!widths.has(text)) widths.set(text, widest(root, [text]));
    return widths.get(text);
  };
}

// Where chips stand: words of { shown } in so many lines of so much room. What has no room is counted.
export function placeChips(words, {room, most, measure}) {
  const chips = [];
  let [x, line] = [0, 0];
  for (const [place, pieces] of words.entries()) {
    const widths = pieces.map(({shown}) => Math.max(13, measure(shown) + 7));
    const whole = widths.reduce((sum, width) => sum + width, 0);
    if (x && x + whole > room) [x, line] = [0, line + 1];
    for (const [i, piece] of pieces.entries()) {
      if (x && x + widths[i] > room) [x, line] = [0, line + 1];
      if (line >= most) return {chips, lines: most, left: countOf(words) - chips.length};
      chips.push({...piece, word: place, x, line, width: Math.min(widths[i], room)});
      x += widths[i];
    }
    x += WORD_GAP;
  }
  return {chips, lines: line + 1, left: 0};
}

const countOf = (words) => words.reduce((sum, pieces) => sum + pieces.length, 0);

// The chips as shapes: the longer a piece, the stronger its colour; new ones are ringed, a pair is underlined.
export function chipShapes({chips}, {x = 0, y = 0, size, colours}) {
  const high = chipHeight(size);
  return chips.flatMap((chip) => {
    const [left, top] = [x + chip.x, y + chip.line * lineHeight(size)];
    const part = Math.min(1, (chip.bytes - 1) / (LONG - 1)) ** 0.7 * STRONG;
    const colour = colours[Math.round(255 * part)];
    const body = {x: left + 0.5, y: top, width: chip.width - 1.5, height: high, rx: 3};
    const ink = isLight(colour) ? "attn-black" : "attn-white";
    const text = {
      x: left + chip.width / 2 - 0.5,
      y: top + high / 2,
      dy: "0.35em",
      "text-anchor": "middle",
    };
    const made = [
      shape("rect", {...body, class: "attn-pieces-chip", style: `fill: rgb(${colour.join()})`}),
      shape(
        "text",
        {...text, class: chip.broken ? `${ink} attn-pieces-byte` : ink},
        chip.label ?? chip.shown,
      ),
    ];
    if (chip.newest) made.push(shape("rect", {...body, class: "attn-chosen"}));
    if (chip.under) made.push(shape("rect", {...underline(chip, left, top + high)}));
    return made;
  });
}

const underline = ({under, width}, left, y) => ({
  class: "attn-pieces-under",
  x: left + (under === "left" ? 1 : -1),
  y: y + 2,
  width: width - (under === "left" ? 1 : 0),
  height: 3,
});
