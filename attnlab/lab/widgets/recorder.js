// Whoever watches a run of a model: notes each array by its name, row by row, and says what is switched off.

// Watches nothing, and nothing is switched off.
export const unwatched = {isOff: () => false, rows: (_, rows) => rows, looks: () => {}};

export const named = (prefix, name) => (prefix ? `${prefix}.${name}` : name);

// A watch over one run. rows() notes rows behind those of that name and gives them back, looks() notes
// what queries have found, { scores, weights: [head][key] } each; close() gives all arrays.
export function watching(off = []) {
  const [arrays, switches] = [{}, []];
  const lookedAt = (name, found) => {
    arrays[name] ??= {heads: found[0].map(() => [])};
    for (const heads of found) heads.forEach((row, head) => arrays[name].heads[head].push(row));
  };
  return {
    isOff(name) {
      switches.push(name);
      return off.includes(name);
    },
    rows(name, rows) {
      arrays[name] ??= {rows: []};
      arrays[name].rows.push(...rows);
      return rows;
    },
    looks(prefix, found) {
      for (const part of ["scores", "weights"]) {
        const grids = found.map((each) => each[part]);
        lookedAt(named(prefix, part), grids);
      }
    },
    checkNames: () => off.forEach((name) => checkSwitch(name, switches)),
    close() {
      for (const [name, {heads}] of Object.entries(arrays)) {
        const unseen = UNSEEN[name.split(".").at(-1)];
        if (heads) arrays[name] = {heads: heads.map((rows) => filledUp(rows, unseen))};
      }
      return arrays;
    },
  };
}

const UNSEEN = {scores: Number.NEGATIVE_INFINITY, weights: 0};

// Rows of one length: a step of a decoder has not seen the keys of later ones.
function filledUp(rows, value) {
  const longest = Math.max(...rows.map(({length}) => length));
  return rows.map((row) => {
    const whole = new Float64Array(longest).fill(value);
    whole.set(row);
    return whole;
  });
}

function checkSwitch(name, switches) {
  if (switches.includes(name)) return;
  const known = switches.length ? `take one of ${switches.join(", ")}` : "nothing of it can be";
  throw new Error(`off names ${name}, which this model has no switch for: ${known}`);
}
