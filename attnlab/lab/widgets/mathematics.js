// The mathematics of the live figures: pure functions of plain arrays, shared by all figures.
// The node test holds each of them to attnlab.core within 1e-6.

export const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

// The product of two matrices, each a list of rows.
export const product = (a, b) =>
  a.map((row) => b[0].map((_, j) => row.reduce((sum, value, i) => sum + value * b[i][j], 0)));

// The score of nearness: 0 at the same place, less elsewhere.
export const gaussian = (query, key, width) =>
  0 - query.reduce((sum, value, i) => sum + ((value - key[i]) / width) ** 2, 0) / 2;

// One row: weights that share 1 among the allowed entries; zeros where nothing is allowed.
export function softmax(scores, allowed, temperature) {
  let highest = -Infinity;
  scores.forEach((score, i) => {
    if (allowed[i] && score > highest) highest = score;
  });
  const powers = scores.map((score, i) =>
    allowed[i] ? Math.exp((score - highest) / temperature) : 0,
  );
  const total = powers.reduce((sum, power) => sum + power, 0);
  return total === 0 ? powers : powers.map((power) => power / total);
}

// One query with d numbers: its scores q · k / √d, their powers, its weights, and its output.
export function attended(query, key, value, temperature) {
  const scores = key.map((other) => dot(query, other) / Math.sqrt(query.length));
  const shares = softmax(
    scores,
    scores.map(() => true),
    temperature,
  );
  // Large scores are shown as they are computed: with the highest taken off first.
  const large = Math.max(...scores.map(Math.abs)) / temperature > 20;
  const shift = large ? Math.max(...scores) : 0;
  const powers = scores.map((score) => Math.exp((score - shift) / temperature));
  const output = value[0].map((_, i) =>
    shares.reduce((sum, part, j) => sum + part * value[j][i], 0),
  );
  return {scores, shift, powers, shares, output};
}

// Which keys each query may attend to: rows of booleans.
export function allowedPairs(queries, keys, {causal, reach, mask}) {
  return Array.from({length: queries}, (_, query) =>
    Array.from(
      {length: keys},
      (_, key) =>
        (!causal || key <= query) &&
        Math.abs(query - key) <= reach &&
        (!mask || Boolean(mask[query * keys + key])),
    ),
  );
}

export const weights = (scores, allowed, temperature) =>
  scores.map((row, i) => softmax(row, allowed[i], temperature));

// In nats: 0 for all weight in one place, ln(n) for n equal weights.
export const entropy = (row) =>
  row.reduce((sum, weight) => (weight > 0 ? sum - weight * Math.log(weight) : sum), 0);

// The bytes of a mask, as they were sent.
export const bytesOf = (mask) =>
  mask && new Uint8Array(mask.data.buffer, mask.data.byteOffset, mask.data.byteLength);

// Rows of the matrix at [layer, head] of an array with four axes, sent as float64 bytes.
export function matrixAt({shape, data}, layer, head) {
  const [, heads, rows, columns] = shape;
  const start = data.byteOffset + 8 * (layer * heads + head) * rows * columns;
  const numbers = new Float64Array(data.buffer.slice(start, start + 8 * rows * columns)); // bytes need not be aligned
  return Array.from({length: rows}, (_, row) =>
    Array.from(numbers.subarray(row * columns, (row + 1) * columns)),
  );
}
