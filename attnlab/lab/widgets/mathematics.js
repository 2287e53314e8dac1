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

// ln(Σ exp(value)), without overflow: the highest value, and a little more.
export function logSumExp(values) {
  const highest = Math.max(...values);
  return highest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - highest), 0));
}

// Softmax step by step, as a machine computes it: each number is rounded, with `single` to float32.
// With the maximum taken off first (`safe`) nothing overflows; as the formula is written, it may.
export function softmaxSteps(scores, temperature, {single = false, safe = false} = {}) {
  const round = single ? Math.fround : Number;
  const scaled = scores.map((score) => round(round(score) / round(temperature)));
  const off = safe ? Math.max(...scaled) : 0;
  const powers = scaled.map((value) => round(Math.exp(round(value - off))));
  const total = powers.reduce((sum, power) => round(sum + power), 0);
  return {scaled, off, powers, total, shares: powers.map((power) => round(power / total))};
}

// So many numbers from 0 to 1, the same for the same seed in Python and here (mulberry32).
export function uniforms(seed, count) {
  let state = seed | 0;
  return Array.from({length: count}, () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  });
}

// Which of the shares, laid end to end from 0 to 1, each of these numbers falls on.
export function picked(shares, numbers) {
  let sum = 0;
  const ends = shares.map((share) => (sum += share));
  const last = shares.findLastIndex((share) => share > 0);
  return numbers.map((number) => {
    const place = ends.findIndex((end) => number < end);
    return place < 0 ? last : place;
  });
}

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
