// The captioners of chapter 16 in the browser: a convolutional network reads a picture as a grid of vectors,
// and a decoder of chapter 11 or 12 writes what is to be seen.

import {logitsOf} from "./blocks.js";
import {convolved, pixelsOf, rectified} from "./convolved.js";
import {added, partOf, row} from "./inference.js";
import {unwatched} from "./recorder.js";
import {recurrentDecoder} from "./seq2seq.js";
import {decoderOf} from "./transformer.js";

const ALWAYS = {attention: true, norm: "pre", positions: "learned"}; // of each captioner's decoder
const STRIDES = [2, 2, 1];

// A model that reads a picture { channels, height, width, data } and writes: { begin(picture), next(state, token) }.
export function captioner(tensors, config, watch = unwatched) {
  const model = {tensors, config: {...config, ...ALWAYS}, watch};
  const recurrent = config.decoder === "gru";
  const encoder = gridEncoder(model);
  const decoder = (recurrent ? recurrentDecoder : decoderOf)(model);
  const logits = logitsOf(model);
  return {
    begin(picture) {
      const memory = encoder(picture);
      const seen = memory.map(() => true);
      return decoder.begin(recurrent ? {states: memory} : memory, seen);
    },
    next(state, token) {
      const written = decoder.step(state, token);
      return {...written, logits: watch.rows("output", [logits(written.x)])[0]};
    },
  };
}

// A vector for each cell of the grid, row by row, with the vector of its place added.
function gridEncoder({tensors, watch}) {
  const parts = STRIDES.map((_, i) => partOf(tensors, `encoder.convolutions.${i}`));
  const positions = tensors["encoder.positions.table"];
  return (picture) => {
    const grid = parts.reduce(
      (found, part, i) => rectified(convolved(part, found, STRIDES[i])),
      picture,
    );
    const rows = pixelsOf(grid).map((x, cell) => added(x, row(positions, cell)));
    return watch.rows("encoder", rows);
  };
}
