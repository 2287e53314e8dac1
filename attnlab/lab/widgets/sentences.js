// Typed text on its way into a model and out: as attnlab.lab.cross_attention and attnlab.tasks do it.

export const MARKS = ["<pad>", "<begin>", "<end>", "<unknown>"];
const UNKNOWN = 3;
const LONGEST = 40; // words
export const LONGER = 14; // a translation may have so many tokens more than its source has words
// What Python's split takes for a blank.
const BLANKS =
  "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";
const STOPS = '.,;:!?"“”';

// The words of a typed text as the vocabulary has them, their tokens, and the places of those that it lacks.
export function tokenised(text, vocabulary) {
  const numbers = new Map(vocabulary.map((word, i) => [word, i + MARKS.length]));
  const known = (word) =>
    !numbers.has(word) && numbers.has(word.toLowerCase()) ? word.toLowerCase() : word;
  const blanked = Array.from(text, (letter) => (BLANKS.includes(letter) ? " " : letter));
  const parts = blanked.join("").split(" ").map(stripped);
  const words = parts.filter((part) => part).map(known);
  const tokens = words.map((word) => numbers.get(word) ?? UNKNOWN);
  const unknown = words.flatMap((_, j) => (tokens[j] === UNKNOWN ? [j] : []));
  return {words, tokens, unknown};
}

// Not by a regular expression, which takes minutes for a word of a hundred thousand stops.
function stripped(word) {
  let [from, to] = [0, word.length];
  while (from < to && STOPS.includes(word[from])) from++;
  while (from < to && STOPS.includes(word[to - 1])) to--;
  return word.slice(from, to);
}

// Why a sentence is not translated, and what helps; nothing if it is.
export function refusal({words}) {
  if (!words.length) return 'sentence has no words: type an English one, such as "the cat sleeps".';
  if (words.length <= LONGEST) return "";
  const more = words.length - LONGEST;
  return `sentence has ${words.length} words, and at most ${LONGEST} are translated here: take ${more} off, or make two sentences of it.`;
}

// What greedy decoding is asked for.
export const greedyRequest = ({words}) => ({begin: 1, end: 2, most: words.length + LONGER});

// A word for each token, marks among them; for an unknown one the next of those that the source had.
export function frenchOf(tokens, {words, unknown}, vocabulary) {
  const carried = unknown.map((j) => words[j]);
  return tokens.map((token) =>
    token === UNKNOWN ? (carried.shift() ?? MARKS[UNKNOWN]) : [...MARKS, ...vocabulary][token],
  );
}

// French as it is written: no blank behind an apostrophe.
export const spelled = (words) => words.join(" ").replaceAll("' ", "'");
