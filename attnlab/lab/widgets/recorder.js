// Whoever watches a run of a model: notes each array by its name, row by row, and says what is switched off.

// Watches nothing and switches nothing off.
export const unwatched = {
  isOff: () => false,
  rows: (_, rows) => rows,
  heads: () => {},
};

// A watch over one run: { arrays, isOff, rows, heads, checkNames, close }.
export function watching(off = []) {
  const [arrays, switches] = [{}, []];
  return {
    arrays,
    isOff(name) {
      switches.push(name);
      return off.includes(name);
    },
    rows(name, rows) {
      arrays[name] ??= {rows: []};
      arrays[name].rows.push(...rows);
      return rows;
    },
    heads(name, queries) {
      arrays[name] ??= {heads: queries[0].map(() => [])};
      for (const query of queries)
        query.forEach((row, head) => {
          arrays[name].heads[head].push(row);
        });
    },
    checkNames: () => off.forEach((name) => checkSwitch(name, switches)),
    close() {
      for (const [name, {heads}] of Object.entries(arrays))
        if (heads)
          arrays[name] = {heads: heads.map((rows) => filledUp(rows, UNSEEN[lastOf(name)]))};
      return arrays;
    },
  };
}

const UNSEEN = {scores: Number.NEGATIVE_INFINITY, weights: 0};
const lastOf = (name) => name.split(".").at(-1);

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
