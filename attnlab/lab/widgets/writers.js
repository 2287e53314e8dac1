// What the figures that write a translation share: the sentence, the model that writes, its tokens as words.

import {isolated, short} from "./drawing.js";
import {seq2seq} from "./seq2seq.js";
import {transformer} from "./transformer.js";

export const REQUEST = {begin: 1, end: 2}; // the tokens before the first word, and behind the last one
const LONGER = 14; // so many tokens a translation may have more than its source

// All tokens of the language that is written, as words.
export const vocabularyOf = ({target_words: words}) => ["<pad>", "<begin>", "<end>", "<unknown>", ...words];

// A model { kind, config, tensors } as one that has begin(source) and next(state, token).
export const writerOf = ({kind, config, tensors}) => ({transformer, gru: seq2seq})[kind](tensors, config);

// The sentence to translate: the typed one, or the one before while that cannot be, with a note why.
export function sentenceOf(get, before) {
  const typed = typedWords(get("sentence"), get("model").source_words);
  if (!typed.note) return typed;
  const stays = before?.state.sentence ?? get("sentences")[0];
  return {...typedWords(stays, get("model").source_words), note: typed.note};
}

function typedWords(sentence, known) {
  const words = sentence
    .split(/\s+/)
    .map((word) => word.replace(/^[.,;:!?"“”]+|[.,;:!?"“”]+$/g, ""))
    .filter(Boolean)
    .map((word) => (known.includes(word) || !known.includes(word.toLowerCase()) ? word : word.toLowerCase()));
  const tokens = words.map((word) => (known.includes(word) ? known.indexOf(word) + 4 : 3));
  const unknown = words.filter((word) => !known.includes(word));
  const note = !words.length ? "no words" : words.length > 40 ? "too many" : "";
  return {sentence, words, tokens, unknown, note, most: words.length + LONGER};
}

// Words as they are read aloud: for each <unknown> the strange word of the source, and no end mark.
export function carriedOver(words, unknown) {
  const left = [...unknown];
  return words
    .filter((word) => word !== "<end>")
    .map((word) => (word === "<unknown>" ? (left.shift() ?? word) : word));
}

// French as it is written, with no blank behind an apostrophe.
export const inFrench = (words) =>
  isolated(words.map((word) => short(word, 24)).join(" ").replaceAll("' ", "'"));
