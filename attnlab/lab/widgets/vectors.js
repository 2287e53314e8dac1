// Parts of a Transformer alone, on vectors that are handed in, a row a word: one attention of three
// matrices, an attention with several heads, a block of an encoder.

import {encoderLayer, multiHeadAttention, rowsThrough} from "./blocks.js";
import {attendedByHeads} from "./inference.js";

// Attention by matrices as attnlab.self_attention takes them, x W: query, key, value (d_model, d_out).
export function attentionByMatrices(tensors, _, watch) {
  const parts = ["query", "key", "value"];
  const maps = parts.map((name) => ({weight: transposedMatrix(tensors[name])}));
  return (rows) => {
    watch.rows("input", rows);
    const [queries, keys, values] = maps.map((map, i) =>
      watch.rows(parts[i], rowsThrough(map, rows)),
    );
    const found = queries.map((query) => attendedByHeads(query, keys, values, 1));
    watch.looks("", found);
    const outputs = found.map(({output}) => output);
    return watch.rows("output", outputs);
  };
}

function transposedMatrix({shape: [rows, columns], data}) {
  const turned = (_, at) => data[(at % rows) * columns + Math.floor(at / rows)];
  return {shape: [columns, rows], data: Float32Array.from({length: data.length}, turned)};
}

export function headsAlone(tensors, config, watch) {
  const attention = multiHeadAttention({tensors, config, watch}, "");
  return (rows) => {
    watch.rows("input", rows);
    return attention.read(rows, attention.remember(rows)).rows;
  };
}

export function blockAlone(tensors, config, watch) {
  const layer = encoderLayer({tensors, config, watch}, "");
  return (rows) => layer(watch.rows("input", rows));
}
