// The models that write, by their kind: of its tensors and its configuration each makes { begin(source), next(state, token) }.

import {languageModel} from "./language.js";
import {seq2seq} from "./seq2seq.js";
import {transformer} from "./transformer.js";

export const WRITERS = {transformer, gru: seq2seq, language: languageModel};
