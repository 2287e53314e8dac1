// The next token after a beginning: scores that were handed in, their chances, and what is left to draw from.

import {rendering} from "./frame.js";
import {matrixAt} from "./mathematics.js";
import {barCells, barUnder, chancesOf, drawBars, layBars, tableOfChances} from "./next_bars.js";

// What the controls are set to, and all numbers that follow from it.
export function compute(get) {
  const names = get("beginnings");
  const place = Math.max(names.indexOf(get("beginning")), 0);
  const state = {
    beginning: names[place],
    temperature: get("temperature"),
    top_k: get("top_k"),
    top_p: get("top_p"),
  };
  const logits = matrixAt(get("logits"), 0, 0)[place];
  return {state, words: get("words"), beginning: names[place], ...chancesOf(logits, state)};
}

export default {
  render: rendering({
    name: "next-token",
    synced: [
      "logits",
      "words",
      "beginnings",
      "beginning",
      "temperature",
      "top_k",
      "top_p",
      "focus",
    ],
    rebuild: ["logits", "words", "beginnings"],
    compute,
    layout: layBars,
    draw: drawBars,
    keeps: () => ({status: 2}),
    cells: barCells,
    at: barUnder,
    tables: (shown) => [tableOfChances(shown)],
  }),
};
