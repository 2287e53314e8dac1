// What byte-pair encoding says of its merges.

import {pieceShown} from "./byte_pair_sums.js";
import {short} from "./drawing.js";

export const pairShown = (pair, letters = 10) =>
  pair.map((piece) => short(pieceShown(piece), letters)).join(" + ");

const times = (count) => (count === 1 ? "once" : count === 2 ? "twice" : `${count} times`);
const many = (count, name) => `${count} ${name}${count === 1 ? "" : "s"}`;

// "6 merges: 58 characters in 31 pieces. Next t + h, which stands there 5 times. “lowest” is cut into 2 pieces ..."
export function mergeSentence({merges, learnt, characters, count, pairs, word, wordPieces}) {
  const next = pairs[0];
  const done = `${many(merges.length, "merge")}: ${many(characters, "character")} in ${many(count, "piece")}.`;
  const then =
    merges.length === learnt.length && !(next?.count > 1)
      ? "No pair stands there twice any more."
      : `Next: ${pairShown(next.pair)}, which stands there ${times(next.count)}.`;
  const pieces = wordPieces.flat();
  if (!pieces.length) return `${done} ${then}`;
  const parts = pieces.slice(0, 12).map((piece) => pieceShown(piece));
  const cut = parts.join(" | ") + (pieces.length > 12 ? " | …" : "");
  const known = pieces.length === 1 ? "is one piece" : `is cut into ${cut}`;
  return `${done} ${then} “${short(word, 24)}” ${known}; nothing is unknown, since every byte is a piece.`;
}

// Where a pair stands, and why it is merged now or later.
export function mergeLines({pairs, words}, row, most = 4) {
  const {pair, count} = pairs[row];
  return [
    ["stands", `${times(count)}: ${wordsWith(words, pair, most)}`],
    ["order", orderOf(pairs, row)],
  ];
}

// "“the” 3, “·then” 1": the words with the pair, and how often it comes by each.
function wordsWith(words, [left, right], most) {
  const found = words
    .map(({word, count, pieces}) => {
      const here = pieces.filter((piece, i) => piece === left && pieces[i + 1] === right).length;
      return {word, count: here * count};
    })
    .filter(({count}) => count)
    .sort((a, b) => b.count - a.count);
  const some = found
    .slice(0, most)
    .map(({word, count}) => `in “${short(word.replace(/^ /, "·"), 14)}” ${count}`);
  const rest = found.length - some.length;
  return some.join(", ") + (rest ? `, and in ${many(rest, "more word")}` : "");
}

function orderOf(pairs, row) {
  const {count} = pairs[row];
  const before = pairs.slice(0, row).filter((each) => each.count > count).length;
  const alike = pairs.filter((each) => each.count === count).length;
  if (count < 2) return "a pair that stands there once is not merged";
  const among = alike > 1 ? `; of the ${alike} commonest its pieces were made first` : "";
  if (!row) return `merged next${among || ": the commonest"}`;
  return before === row && alike === 1
    ? `number ${row + 1} of ${pairs.length}`
    : `number ${row + 1} of ${pairs.length}; ${alike} stand there as often`;
}
