// The wall of heads in numbers: weights that came as bytes, what each head does, and in which order they stand.

import {bytesOf} from "./mathematics.js";

export const WALL_SORTS = {
  layers: "layer and head",
  does: "what it does",
  change: "change without it",
};

// The bytes of each head of a sentence, where one stands behind the other: head -> bytes, row by row.
export function headsBytes(bytes, counts, place, heads) {
  const sizes = counts.map((count) => count * count);
  const before = sizes.slice(0, place).reduce((sum, size) => sum + heads * size, 0);
  const size = sizes[place];
  return (head) => bytes.subarray(before + head * size, before + (head + 1) * size);
}

// Bytes in steps of 1/255, as rows of weights.
export const weightRows = (bytes, count) =>
  Array.from({length: count}, (_, i) =>
    Array.from(bytes.subarray(i * count, (i + 1) * count), (byte) => byte / 255),
  );

// The number of the kind that each head does most; that of all kinds if it does little of each.
export function kindsDone(shares, least, heads) {
  return Array.from({length: heads}, (_, head) => {
    const own = (shares ?? []).map((row) => row[head]);
    const most = Math.max(...own);
    return own.length && most < least ? own.length : Math.max(own.indexOf(most), 0);
  });
}

// What the heads are sorted by; 0 where it is their place.
export function wallValues({sort, shares, kinds, moves, heads}) {
  if (sort === WALL_SORTS.change) return moves;
  if (sort === WALL_SORTS.layers || !shares) return new Array(heads).fill(0);
  if (sort === WALL_SORTS.does)
    return shares[0].map((_, i) => Math.max(...shares.map((s) => s[i])));
  return shares[kinds.indexOf(sort)];
}

// The numbers of the heads as they stand on the wall, row by row: layers from left to right, or from much to
// little. Of equal ones the first comes first.
export function wallOrder({sort, values, does, layers, heads}) {
  const all = values.map((_, head) => head);
  if (sort === WALL_SORTS.layers) {
    return all.map((place) => (place % layers) * heads + Math.floor(place / layers));
  }
  const group = sort === WALL_SORTS.does ? does : all.map(() => 0);
  return all.sort((a, b) => group[a] - group[b] || values[b] - values[a] || a - b);
}

// What the controls are set to, and all numbers that follow from it.
export function compute(get) {
  const state = {sentence: get("sentence"), sort: get("sort"), opened: get("opened")};
  const [layers, heads, kinds, shares] = ["layers", "heads", "kinds", "shares"].map(get);
  const place = get("names").indexOf(state.sentence);
  const words = get("tokens")[place];
  const counts = get("tokens").map((each) => each.length);
  const bytes = headsBytes(bytesOf(get("weights")), counts, place, layers * heads);
  const moves = get("changes")?.[place] ?? null;
  const does = kindsDone(shares, get("least"), layers * heads);
  const values = wallValues({sort: state.sort, shares, kinds, moves, heads: layers * heads});
  const order = wallOrder({sort: state.sort, values, does, layers, heads});
  const weights = weightRows(bytes(state.opened), words.length);
  return {
    state,
    layers,
    heads,
    kinds,
    shares,
    words,
    bytes,
    moves,
    does,
    values,
    order,
    weights,
    result: [weights, order, values],
  };
}
