// Small pictures of arrays: a row of colours for each word, or a heatmap for each head; pale is what is not spoken of.

const PALE = 0.16;
const VEIL = 70; // of 255: how strongly what is masked is drawn, if its colour does not say

// How strongly a row is drawn whose share is this, where the largest in its array is `most`.
export const inkOf = (share, most) =>
  most > 0 ? PALE + (1 - PALE) * Math.sqrt(share / most) * (0.45 + 0.55 * Math.sqrt(most)) : PALE;

// An ink for each row; null where nothing is spoken of, and all are drawn in full.
export function inksOf(strengths, count) {
  if (!strengths) return null;
  const most = Math.max(...strengths);
  return Array.from({length: count}, (_, i) => inkOf(strengths[i] ?? 0, most));
}

// The size of a number that has the strongest colour: most are far smaller than the largest few, and would be pale.
const highs = new WeakMap();
export function highOf(array) {
  if (!highs.has(array)) highs.set(array, Math.max(1e-9, STRONG * usualSize(array)));
  return highs.get(array);
}

const STRONG = 2.5;

function usualSize({rows, heads}) {
  let [sum, count] = [0, 0];
  for (const row of rows ?? heads.flat())
    for (const value of row)
      if (Number.isFinite(value)) {
        sum += value * value;
        count++;
      }
  return Math.sqrt(sum / (count || 1));
}

// Of a long row so many numbers: of each few that lie beside each other, the largest in size.
export function pooled(row, most) {
  const few = Math.ceil(row.length / most);
  if (few < 2) return row;
  return Float32Array.from({length: Math.ceil(row.length / few)}, (_, i) => {
    let largest = row[i * few];
    for (let j = i * few + 1; j < Math.min((i + 1) * few, row.length); j++)
      if (Math.abs(row[j]) > Math.abs(largest)) largest = row[j];
    return largest;
  });
}

// Which of 256 colours a number has: weights from 0 to 1, others signed, with zero in the middle.
export const shadeOf = (value, {signed, high}) => {
  const part = signed ? (1 + value / high) / 2 : value / high;
  return Math.min(255, Math.max(0, Math.round(255 * part)));
};

// Whether a weight is masked, by its score; nothing is where there are no scores.
export function maskOf(arrays, {array}) {
  const [rows] = arrays[array.replace(/weights$/, "scores")]?.heads ?? [];
  return (i, j) => rows === undefined || Number.isFinite(rows[i][j]);
}

// Rows of numbers on a canvas that keeps room for `most` rows and columns.
//   inks     of the rows; all in full if there are none
//   open     (row, column) -> false of what is masked, and drawn in the colour `masked`, [red, green, blue, strength]
export function paintRows(
  canvas,
  rows,
  {most: [height, width], colours, scale, inks, masked, open},
) {
  const image = imageFor(canvas, width, height);
  rows.forEach((row, i) => {
    const closed = open ? (j) => !open(i, j) : (j) => !Number.isFinite(row[j]);
    paintRow(image, row, {y: i, colours, scale, ink: inks?.[i] ?? 1, masked, closed});
  });
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function imageFor(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return new ImageData(width, height);
}

function paintRow({data, width}, row, {y, colours, scale, ink, masked, closed}) {
  let at = 4 * y * width;
  for (let j = 0; j < row.length; j++, at += 4) {
    const shut = closed(j);
    const colour = shut ? masked : colours[shadeOf(row[j], scale)];
    [data[at], data[at + 1], data[at + 2]] = colour;
    data[at + 3] = shut ? (masked[3] ?? VEIL) : 255 * ink;
  }
}
