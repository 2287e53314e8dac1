// The shipped models by their weights and configuration, ready to read and write.

import {tensorsOf} from "./inference.js";
import {languageModel} from "./language.js";
import {seq2seq} from "./seq2seq.js";
import {transformer} from "./transformer.js";

// A model of these weights, the bytes of a safetensors file, with the configuration of its record.
export function modelOf(buffer, config) {
  const ofStack = "source_vocabulary" in config ? transformer : languageModel;
  const make = "heads" in config ? ofStack : seq2seq;
  return make(tensorsOf(buffer), config);
}
