// Matrices as small grids of numbers to type into: rows are features that go in, columns those that come out.

import {element} from "./drawing.js";

// The entry at [row, column] replaced.
export const withEntry = (matrix, row, column, value) =>
  matrix.map((line, i) => (i === row ? line.map((old, j) => (j === column ? value : old)) : line));

const shown = (value, places) => (places === undefined ? value : Number(value.toFixed(places)));

//   matrices   { trait, letter, kind, rows, columns }: W with this letter below, or the letter alone as
//              `name`, in the colour of kind; shown to so many `places`, if that is given
export function matrixEntries({get, set}, matrices) {
  const root = element("div", {class: "attn-matrices"});
  const fields = new Map();
  for (const {trait, name, letter, kind, rows, columns, places} of matrices) {
    const said = name ?? `W_${letter}`;
    const grid = element("table", {
      class: `attn-matrix attn-of-${kind}`,
      "aria-label": said,
    });
    const corner = element("td", {class: "attn-name"}, name ?? "W");
    if (!name) corner.append(element("sub", {}, letter));
    const head = grid.createTHead().insertRow();
    head.append(corner, ...columns.map((text) => element("th", {scope: "col"}, text)));
    const body = grid.createTBody();
    const matrix = get(trait);
    const entries = rows.map((text, i) => {
      const line = body.insertRow();
      line.append(element("th", {scope: "row"}, text));
      return columns.map((column, j) => {
        const entry = element("input", {
          type: "number",
          step: 0.5,
          "aria-label": `${said}, ${text} to ${column}`,
        });
        entry.value = shown(matrix[i][j], places);
        entry.addEventListener("input", () => {
          if (Number.isFinite(entry.valueAsNumber))
            set({[trait]: withEntry(get(trait), i, j, entry.valueAsNumber)});
        });
        entry.addEventListener("blur", () => follow(trait));
        line.insertCell().append(entry);
        return entry;
      });
    });
    fields.set(trait, entries);
    root.append(grid);
  }

  // What is being typed stays as it is typed.
  function follow(trait) {
    const matrix = get(trait);
    const {places} = matrices.find((each) => each.trait === trait);
    fields.get(trait).forEach((line, i) =>
      line.forEach((entry, j) => {
        const typed = entry === document.activeElement && entry.value !== "";
        const value = shown(matrix[i][j], places);
        if (!typed && entry.valueAsNumber !== value) entry.value = value;
        entry.classList.toggle("attn-zero", matrix[i][j] === 0);
      }),
    );
  }
  return {root, draw: () => matrices.forEach(({trait}) => follow(trait))};
}
