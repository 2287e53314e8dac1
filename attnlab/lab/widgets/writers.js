// What the figures share that write a translation: the sentence, the model that writes, its tokens as words.

import {isolated, short} from "./drawing.js";
import {greedyRequest, refusal, tokenised} from "./sentences.js";
import {seq2seq} from "./seq2seq.js";
import {transformer} from "./transformer.js";
import {modelFor} from "./weights.js";

export const UNKNOWN_WORD = "<unknown>";
export const END_MARK = "<end>";

// All tokens of the language that is written, as words.
export const vocabularyOf = ({target_words: words}) => [
  "<pad>",
  "<begin>",
  END_MARK,
  UNKNOWN_WORD,
  ...words,
];

// The model of a figure, once its weights are there, as one that has begin(source) and next(state, token).
export async function ready({get, model}) {
  const {kind, config, tensors} = await modelFor(get, model);
  return {transformer, gru: seq2seq}[kind](tensors, config);
}

// The sentence to translate: the one that is set, or the one before while that cannot be, with a note why.
export function sentenceOf(get, before) {
  const typed = asked(get, get("sentence"));
  if (!typed.note) return typed;
  const stays = before?.state.sentence ?? get("sentences")[0];
  return {...asked(get, stays), note: typed.note};
}

function asked(get, sentence) {
  const found = tokenised(sentence, get("model").source_words);
  const strange = found.unknown.map((place) => found.words[place]);
  return {
    sentence,
    tokens: found.tokens,
    strange,
    note: refusal(found),
    request: greedyRequest(found),
  };
}

// Tokens as they are read aloud: for each unknown one the strange word of the source, and no end mark.
export function readAloud(words, strange) {
  const left = [...strange];
  return words
    .filter((word) => word !== END_MARK)
    .map((word) => (word === UNKNOWN_WORD ? (left.shift() ?? word) : word));
}

// French as it is written, with no blank behind an apostrophe.
export const inFrench = (words) =>
  isolated(
    words
      .map((word) => short(word, 24))
      .join(" ")
      .replaceAll("' ", "'"),
  );
