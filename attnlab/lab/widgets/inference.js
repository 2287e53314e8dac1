// The parts of the shipped models, as the browser computes them: pure functions of Float32Array, a row a word.
// The node test holds them to attnlab.nn within 1e-4 in the logits.

const WIDTHS = {F32: 4, F16: 2};

// The tensors of a safetensors file, { name: { shape, data } }; half precision is widened.
export function tensorsOf(buffer) {
  const size = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, size)));
  delete header.__metadata__;
  const entries = Object.entries(header).map(
    ([
      name,
      {
        dtype,
        shape,
        data_offsets: [from, to],
      },
    ]) => {
      if (!(dtype in WIDTHS)) throw new Error(`${name} holds ${dtype}, and must hold F32 or F16`);
      const bytes = buffer.slice(8 + size + from, 8 + size + to);
      const data = dtype === "F32" ? new Float32Array(bytes) : allWidened(new Uint16Array(bytes));
      return [name, {shape, data}];
    },
  );
  return Object.fromEntries(entries);
}

// From a table of all numbers of half precision, since to work each out takes ten times as long.
let everyHalf;
function allWidened(halves) {
  everyHalf ??= Float32Array.from({length: 2 ** 16}, (_, bits) => widened(bits));
  const numbers = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) numbers[i] = everyHalf[halves[i]];
  return numbers;
}

// The number that 16 bits stand for (IEEE 754, half precision).
export function widened(bits) {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const sign = bits >> 15 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

// x W^T + b, as PyTorch keeps its weights: a row for each number that comes out.
export function linear({weight, bias}, x) {
  const [rows, columns] = weight.shape;
  const y = bias ? bias.data.slice() : new Float32Array(rows);
  const many = rows - (rows % 4);
  for (let i = 0; i < many; i += 4) addFourProducts(y, i, weight.data, x);
  for (let i = many; i < rows; i++) y[i] += dotProduct(weight.data, i * columns, x, 0, columns);
  return y;
}

// Adds to y, from place i on, what four rows of W make of x. This is where a run spends its time: so
// each number of x is fetched once for four sums, none of which waits for another.
function addFourProducts(y, i, data, x) {
  const columns = x.length;
  let a = y[i];
  let b = y[i + 1];
  let c = y[i + 2];
  let d = y[i + 3];
  for (let j = 0, at = i * columns; j < columns; j++, at++) {
    const value = x[j];
    a += data[at] * value;
    b += data[at + columns] * value;
    c += data[at + 2 * columns] * value;
    d += data[at + 3 * columns] * value;
  }
  y[i] = a;
  y[i + 1] = b;
  y[i + 2] = c;
  y[i + 3] = d;
}

// The dot product of `count` numbers of x and of y, from these places on.
function dotProduct(x, fromX, y, fromY, count) {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += x[fromX + i] * y[fromY + i];
  return sum;
}

export function layerNorm({weight, bias}, x) {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  const scale = 1 / Math.sqrt(variance + 1e-5);
  return x.map((value, i) => (value - mean) * scale * weight.data[i] + bias.data[i]);
}

export const added = (x, y) => x.map((value, i) => value + y[i]);
export const relu = (x) => x.map((value) => Math.max(value, 0));
export const tanh = (x) => x.map(Math.tanh);
export const sigmoid = (x) => x.map((value) => 1 / (1 + Math.exp(-value)));

export function joined(...parts) {
  const x = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    x.set(part, at);
    at += part.length;
  }
  return x;
}

export function row({shape: [, width], data}, index) {
  return data.slice(index * width, (index + 1) * width);
}

// The sinusoid of a position: sine and cosine side by side, as attnlab.core.sinusoids.
export function sinusoid(position, width) {
  const angle = (i) => position / 10000 ** ((i - (i % 2)) / width);
  return Float32Array.from({length: width}, (_, i) => (i % 2 ? Math.cos : Math.sin)(angle(i)));
}

// Shares of 1 among scores; subtracting the largest first, so that nothing overflows. A score of
// -Infinity is masked and has no share; where all are masked, nothing is shared out.
export function sharesOf(scores) {
  const most = Math.max(...scores);
  if (most === Number.NEGATIVE_INFINITY) return new Float64Array(scores.length);
  const shares = new Float64Array(scores.length);
  let total = 0;
  for (let i = 0; i < scores.length; i++) {
    shares[i] = Math.exp(scores[i] - most);
    total += shares[i];
  }
  for (let i = 0; i < scores.length; i++) shares[i] /= total;
  return shares;
}

// The sum of the values, each times its weight.
export function blended(weights, values) {
  const sum = new Float32Array(values[0].length);
  addBlended(sum, weights, values, 0, sum.length);
  return sum;
}

// The same for the features of one head, added to those of the sum.
function addBlended(sum, weights, values, from, to) {
  for (let j = 0; j < values.length; j++) {
    const weight = weights[j];
    const value = values[j];
    for (let i = from; i < to; i++) sum[i] += weight * value[i];
  }
}

// One query over keys and values, head by head: { output, scores, weights: [head][key] }. The mask
// says of each key whether it may be read; without one, all may.
export function attendedByHeads(query, keys, values, heads, mask) {
  const [width, wide] = [query.length / heads, values[0].length / heads];
  const output = new Float32Array(values[0].length);
  const scores = Array.from({length: heads}, (_, head) =>
    scoresOfHead(query, keys, head * width, width, mask),
  );
  const weights = scores.map(sharesOf);
  weights.forEach((row, head) => {
    addBlended(output, row, values, head * wide, (head + 1) * wide);
  });
  return {output, scores, weights};
}

function scoresOfHead(query, keys, from, width, mask) {
  const scale = 1 / Math.sqrt(width);
  const scores = new Float64Array(keys.length);
  for (let j = 0; j < keys.length; j++) {
    const allowed = !mask || mask[j];
    scores[j] = allowed
      ? dotProduct(query, from, keys[j], from, width) * scale
      : Number.NEGATIVE_INFINITY;
  }
  return scores;
}

// The part of a model at this name: its weight, and its bias if it has one.
export const partOf = (tensors, name) => ({
  weight: tensors[`${name}.weight`],
  bias: tensors[`${name}.bias`],
});
