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
      const data =
        dtype === "F32"
          ? new Float32Array(bytes)
          : Float32Array.from(new Uint16Array(bytes), widened);
      return [name, {shape, data}];
    },
  );
  return Object.fromEntries(entries);
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
  const y = new Float32Array(rows);
  for (let i = 0; i < rows; i++)
    y[i] = dotProduct(weight.data, i * columns, x, 0, columns) + (bias ? bias.data[i] : 0);
  return y;
}

// The dot product of `count` numbers of x and of y, from these places on: four sums side by side,
// so that none waits for the one before.
function dotProduct(x, fromX, y, fromY, count) {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < count; i += 4) {
    a += x[fromX + i] * y[fromY + i];
    b += x[fromX + i + 1] * y[fromY + i + 1];
    c += x[fromX + i + 2] * y[fromY + i + 2];
    d += x[fromX + i + 3] * y[fromY + i + 3];
  }
  for (; i < count; i++) a += x[fromX + i] * y[fromY + i];
  return a + b + c + d;
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
  const powers = Float64Array.from(scores, (score) => Math.exp(score - most));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
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
    const [weight, value] = [weights[j], values[j]];
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
  return Float64Array.from(keys, (key, j) => {
    if (mask && !mask[j]) return Number.NEGATIVE_INFINITY;
    return dotProduct(query, from, key, from, width) * scale;
  });
}

// The part of a model at this name: its weight, and its bias if it has one.
export const partOf = (tensors, name) => ({
  weight: tensors[`${name}.weight`],
  bias: tensors[`${name}.bias`],
});
