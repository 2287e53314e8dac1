// Byte-pair encoding: pairs are counted, the commonest one is merged, again and again. A piece is a string with a
// letter for each byte, as attnlab.tasks.byte_pairs has bytes.

// Where nothing is merged across: GPT-2's pattern.
const WORD =
  /'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
const BETWEEN = "\u0100"; // in the name of a pair: no byte
const MOST_READ = 20000; // characters

// Pieces of equal pairs come in this order: first the bytes that print.
const prints = (byte) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
const ALL = Array.from({length: 256}, (_, byte) => byte);
const BYTE_ORDER = [...ALL.filter(prints), ...ALL.filter((byte) => !prints(byte))];

export const readable = (text) =>
  text.length > MOST_READ ? Array.from(text).slice(0, MOST_READ).join("") : text;

export const pretokens = (text) => text.match(WORD) ?? [];

export const inBytes = (text) =>
  Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte));

// The different words of a text in their pieces, each with how often it stands there.
function countedWords(text) {
  const times = new Map();
  for (const word of pretokens(text)) times.set(word, (times.get(word) ?? 0) + 1);
  return Array.from(times, ([word, count]) => ({word, count, pieces: inBytes(word)}));
}

// How often each pair of neighbours stands in the text: Map of left + BETWEEN + right.
export function countedPairs(words) {
  const counts = new Map();
  for (const word of words) countWord(counts, word, 1);
  return counts;
}

// Adds the pairs of one word to the counts, or takes them away.
function countWord(counts, {pieces, count}, sign) {
  for (let i = 1; i < pieces.length; i++) {
    const pair = pieces[i - 1] + BETWEEN + pieces[i];
    const now = (counts.get(pair) ?? 0) + sign * count;
    if (now) counts.set(pair, now);
    else counts.delete(pair);
  }
}

// The pieces with a pair made one, from left to right.
export function mergedPair(pieces, [left, right]) {
  const found = [];
  for (let i = 0; i < pieces.length; i++) {
    const fits = pieces[i] === left && pieces[i + 1] === right;
    found.push(fits ? left + right : pieces[i]);
    if (fits) i++;
  }
  return found;
}

// Pairs from the commonest on; of equal ones that first whose left piece, then whose right piece was made first.
export function rankedPairs(counts, made) {
  const pairs = Array.from(counts, ([name, count]) => ({pair: name.split(BETWEEN), count}));
  const place = ({pair}, side) => made.get(pair[side]);
  return pairs.sort(
    (a, b) => b.count - a.count || place(a, 0) - place(b, 0) || place(a, 1) - place(b, 1),
  );
}

// The first of them alone, for which not all need be sorted.
function commonestPair(counts, made) {
  let most = 0;
  for (const count of counts.values()) most = Math.max(most, count);
  const tied = new Map(Array.from(counts).filter(([, count]) => count === most));
  return rankedPairs(tied, made)[0];
}

// Up to so many merges of a text: [{ pair, count }] in order, as long as a pair stands there twice.
export function learnMerges(text, most) {
  const words = countedWords(text);
  const counts = countedPairs(words);
  const made = bytesMade();
  const merges = [];
  while (merges.length < most) {
    const best = commonestPair(counts, made);
    if (!best || best.count < 2) break;
    merges.push(best);
    for (const word of words) {
      if (!hasPair(word.pieces, best.pair)) continue;
      countWord(counts, word, -1);
      word.pieces = mergedPair(word.pieces, best.pair);
      countWord(counts, word, 1);
    }
    if (!made.has(best.pair.join(""))) made.set(best.pair.join(""), made.size);
  }
  return merges;
}

const bytesMade = () => new Map(BYTE_ORDER.map((byte, i) => [String.fromCharCode(byte), i]));

const hasPair = (pieces, [left, right]) =>
  pieces.some((piece, i) => piece === left && pieces[i + 1] === right);

const merging = (words, pair) =>
  words.map((each) =>
    hasPair(each.pieces, pair) ? {...each, pieces: mergedPair(each.pieces, pair)} : each,
  );

// The text after some merges: its different words in pieces, and its pairs from the commonest on.
export function mergedText(text, merges) {
  const words = merges.reduce((now, {pair}) => merging(now, pair), countedWords(text));
  const made = bytesMade();
  for (const {pair} of merges) if (!made.has(pair.join(""))) made.set(pair.join(""), made.size);
  return {words, pairs: rankedPairs(countedPairs(words), made)};
}

// Any text in the pieces of these merges, word by word: again and again the earliest merge that fits.
export function cutIntoPieces(text, merges) {
  const ranks = new Map();
  merges.forEach(({pair}, i) => {
    if (!ranks.has(pair.join(BETWEEN))) ranks.set(pair.join(BETWEEN), i);
  });
  return pretokens(text).map((word) => {
    let pieces = inBytes(word);
    for (;;) {
      const fits = pieces
        .slice(1)
        .map((right, i) => ranks.get(pieces[i] + BETWEEN + right) ?? Infinity);
      const first = Math.min(...fits);
      if (first === Infinity) return pieces;
      pieces = mergedPair(pieces, merges[first].pair);
    }
  });
}

// The number of each piece: bytes have their values, what is merged follows in its order.
export function pieceNumbers(merges) {
  const numbers = new Map(ALL.map((byte) => [String.fromCharCode(byte), byte]));
  for (const {pair} of merges)
    if (!numbers.has(pair.join(""))) numbers.set(pair.join(""), numbers.size);
  return numbers;
}

// A piece as it is read: a blank as a dot, and a byte that is only part of a character as a number.
const SIGNS = {" ": "·", "\n": "↵", "\t": "⇥"};
export function pieceShown(piece) {
  const bytes = Uint8Array.from(piece, (letter) => letter.charCodeAt(0));
  let [shown, i] = ["", 0];
  while (i < bytes.length) {
    const [text, length] = characterAt(bytes, i);
    shown += SIGNS[text] ?? text;
    i += length;
  }
  return shown;
}

const READER = new TextDecoder("utf-8", {fatal: true, ignoreBOM: true});

function characterAt(bytes, i) {
  for (let length = 1; length <= 4 && i + length <= bytes.length; length++) {
    try {
      return [READER.decode(bytes.subarray(i, i + length)), length];
    } catch {} // no character yet
  }
  return [`⟨${bytes[i].toString(16).toUpperCase().padStart(2, "0")}⟩`, 1];
}

// What the controls are set to, and all that follows from it. A text is learnt once.
export function compute(get, before) {
  const state = {text: get("text"), merges: get("merges"), word: get("word")};
  const [text, word] = [readable(state.text), readable(state.word)];
  const known = before?.text === text && before.steps === get("steps");
  const learnt = known ? before.learnt : learnMerges(text, get("steps"));
  const first = known ? before.first : mergedText(text, []);
  const merges = learnt.slice(0, state.merges);
  const firstWords = pretokens(text);
  const {words, pairs} = mergedText(text, merges);
  const cut = new Map(words.map((each) => [each.word, each.pieces]));
  const pieces = firstWords.map((each) => cut.get(each));
  const wordPieces = cutIntoPieces(word, merges);
  const numbers = pieceNumbers(merges);
  const number = (piece) => numbers.get(piece);
  const characters = Array.from(text).length;
  return {
    state,
    text,
    word,
    steps: get("steps"),
    learnt,
    first,
    firstWords,
    merges,
    words,
    pairs,
    pieces,
    count: pieces.flat().length,
    characters,
    wordPieces,
    result: [
      [merges.length, pieces.flat().length, characters],
      pairs.slice(0, MOST_PAIRS).map(({count}) => count),
      pieces.flat().map(number),
      wordPieces.flat().map(number),
    ],
  };
}

export const MOST_PAIRS = 10;
