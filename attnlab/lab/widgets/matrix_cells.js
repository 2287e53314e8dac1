// Small matrices and vectors as coloured cells with their numbers: a vector is a matrix of one row or one column.
// Unlike a grid they have no words: what stands beside or above one says what its rows and columns are.

import {isLight, shape} from "./drawing.js";

// Its cells at x, y, framed in the colour of `kind` ("query", "key", "value", "output", "quiet").
export function layCells({svg, lecture}, {x, y, rows, columns, cell, kind = "quiet"}) {
  const group = shape("g", {class: "attn-numbers"});
  const cells = Array.from({length: rows * columns}, (_, at) => {
    const [left, top] = [x + (at % columns) * cell, y + Math.floor(at / columns) * cell];
    const square = shape("rect", {
      class: "attn-square",
      x: left,
      y: top,
      width: cell,
      height: cell,
    });
    const middle = {x: left + cell / 2, y: top + cell / 2};
    const text = shape("text", {...middle, "text-anchor": "middle", dy: "0.35em"});
    group.append(square, text);
    return {square, text};
  });
  const frame = {x, y, width: columns * cell, height: rows * cell};
  group.append(
    shape("rect", {...frame, style: `fill: none; stroke: var(--attn-${kind}); stroke-width: 1.5`}),
  );
  svg.append(group);
  const size = lecture ? 20 : 12; // of the numbers
  const spelled = cell >= (lecture ? 42 : 28);
  return {x, y, rows, columns, cell, cells, group, spelled, narrow: cell < 2.7 * size};
}

// Colours from −most to most, and the numbers where there is room for them.
export function paintCells({cells, columns, cell, spelled, narrow}, values, {colours, most}) {
  cells.forEach(({square, text}, at) => {
    const value = values[Math.floor(at / columns)][at % columns];
    const place = Math.round((255 * (value / most + 1)) / 2);
    const colour = colours[Math.min(255, Math.max(0, place))];
    square.style.fill = `rgb(${colour.join(", ")})`;
    text.textContent = spelled ? tenths(value) : "";
    squeeze(text, narrow && text.textContent.length > 3 ? cell - 6 : null);
    text.setAttribute("class", isLight(colour) ? "attn-black" : "attn-white");
  });
}

// Makes a text as wide as this, or as wide as it is by itself.
function squeeze(text, width) {
  if (width === null) return text.removeAttribute("textLength");
  text.setAttribute("lengthAdjust", "spacingAndGlyphs");
  return text.setAttribute("textLength", width);
}

// As it fits a cell: 1, −.5, 12.
export function tenths(value) {
  const places = Math.abs(value) < 9.95 ? 1 : 0;
  const text = value
    .toFixed(places)
    .replace(/^(-?)0(?=\.)/, "$1")
    .replace(/\.0$/, "");
  return /[1-9]/.test(text) ? text.replace("-", "−") : "0";
}

// The cell under a point of the drawing, or null.
export function cellUnder({x, y, rows, columns, cell}, [across, down]) {
  const [row, column] = [Math.floor((down - y) / cell), Math.floor((across - x) / cell)];
  return row >= 0 && row < rows && column >= 0 && column < columns ? [row, column] : null;
}
