// The machine: the drawing of a whole model with the arrays of a run in it.

import {rendering} from "./frame.js";

export function compute(get) {
  const names = ["sentence", "step", "attention", "off", "head"];
  return {state: Object.fromEntries(names.map((name) => [name, get(name)])), result: []};
}

export default {
  render: rendering({
    name: "machine",
    synced: ["sentence", "step", "attention", "off", "head", "open"],
    rebuild: ["open"],
    compute,
    cells: () => [1, 1],
    layout: () => ({width: 1, height: 1}),
    at: () => null,
    draw: () => ({status: "", label: "machine", title: "", lines: null}),
    tables: () => [],
  }),
};
