// What the figures share that write a translation: the sentence, the model that writes, its tokens as words.

import {isolated, short} from "./drawing.js";
import {WRITERS} from "./models.js";
import {greedyRequest, MARKS, refusal, spelled, tokenised} from "./sentences.js";
import {modelFor} from "./weights.js";

export const [, , END_MARK, UNKNOWN_WORD] = MARKS;

// All tokens of the language that is written, as words.
export const vocabularyOf = ({target_words: words}) => [...MARKS, ...words];

// The model of a figure, once its weights are there, as one that has begin(source) and next(state, token).
export async function ready({get, model}) {
  const {kind, config, tensors} = await modelFor(get, model);
  return WRITERS[kind](tensors, config);
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

// The same, its words cut where they are long, and kept from turning the line.
export const inFrench = (words) => isolated(spelled(words.map((word) => short(word, 24))));
