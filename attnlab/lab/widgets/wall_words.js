// What the wall of heads says of the head that is large.

import {WALL_SORTS} from "./wall_orders.js";
import {looks} from "./words.js";

export const headCalled = (head, heads) =>
  `layer ${Math.floor(head / heads)}, head ${head % heads}`;

// What stands over the wall.
export function wallTitle(sort, brief) {
  if (sort === WALL_SORTS.layers) return "layers →, heads ↓";
  if (sort === WALL_SORTS.does) return "what each does most";
  return brief ? `by ${sort}` : `${sort}: from much to little`;
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);

// "2nd": which of all this is, from the largest on.
function rank(values, head) {
  const place = values.filter((value) => value > values[head]).length + 1;
  const ending =
    Math.floor(place / 10) % 10 === 1 ? "th" : (["th", "st", "nd", "rd"][place % 10] ?? "th");
  return `${place}${ending} of ${values.length}`;
}

// "Layer 3, head 7: most of all “previous word”, 0.91 (2nd of 72). Without it the embedding moves by 0.012 ..."
export function wallSentence({state, heads, kinds, shares, does, moves, weights, words}, pair) {
  const head = state.opened;
  const kind = does[head];
  const parts = [];
  if (kinds.length && kind === kinds.length) parts.push("a bit of everything.");
  else if (kinds.length) {
    const values = shares[kind];
    parts.push(`most of all “${kinds[kind]}”, ${values[head].toFixed(2)} (${rank(values, head)}).`);
  }
  if (moves) {
    parts.push(
      `Without it the sentence's embedding moves by ${moves[head].toFixed(3)} (${rank(moves, head)}).`,
    );
  }
  if (pair.length) parts.push(`Here ${looks(weights[pair[0]], words[pair[0]], words)}.`);
  return `${capital(headCalled(head, heads))}: ${parts.join(" ")}`;
}
