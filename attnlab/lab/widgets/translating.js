// A sentence translated in the page, and where each step looked: as attnlab.lab.looking.

import {unwatched} from "./recorder.js";
import {frenchOf, greedyRequest, refusal, tokenised} from "./sentences.js";
import {transformer} from "./transformer.js";
import {modelFor} from "./weights.js";
import {greedy} from "./writing.js";

const NO_WORD = "the model writes no word for this: try another sentence.";

// A translator that is there once its weights are: a function of a text to { source, target, unknown,
// weights: [layer * heads + head][target][source] }, or to { refused } with the reason.
export async function translating(get, comm) {
  const {tensors, config, source_words: english, target_words: french} = await modelFor(get, comm);
  return (text, {attention = true} = {}) => {
    const sentence = tokenised(text, english);
    const refused = refusal(sentence);
    if (refused) return {refused};
    const watch = {...unwatched, isOff: (name) => !attention && name.endsWith("cross_attention")};
    const model = transformer(tensors, config, watch);
    const asked = greedyRequest(sentence);
    const {tokens, weights} = greedy(model, sentence.tokens, asked);
    const row = tokens.filter((token) => token !== asked.end); // it can only be the last
    if (!row.length) return {refused: NO_WORD};
    const heads = weights[0].map((_, h) => row.map((_, i) => Array.from(weights[i][h])));
    return {
      source: sentence.words,
      target: frenchOf(row, sentence, french),
      unknown: sentence.unknown,
      weights: heads,
    };
  };
}
