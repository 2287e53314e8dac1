// Writes with a model that has begin(source) and next(state, token): as attnlab.training.greedy and beam_search.

// The most probable token, again and again: { tokens, logits, weights }, a row for each step.
export function greedy(model, source, {begin, end, most}) {
  let state = model.begin(source);
  const [tokens, logits, weights] = [[], [], []];
  for (let token = begin; tokens.length < most; ) {
    const found = model.next(state, token);
    ({state} = found);
    token = highest(found.logits);
    tokens.push(token);
    logits.push(found.logits);
    weights.push(found.weights);
    if (token === end) break;
  }
  return {tokens, logits, weights};
}

export const highest = (logits) =>
  logits.reduce((best, value, i) => (value > logits[best] ? i : best), 0);

// The logits of each step, when these tokens are read one after the other.
export function read(model, source, target) {
  let state = model.begin(source);
  return target.map((token) => {
    const found = model.next(state, token);
    ({state} = found);
    return found;
  });
}

// A beam search step by step: the most probable continuations after each, { tokens, log, held, whole }. The first
// `width` are held, and go on unless they are whole; with `looks` above the width others are shown beside them.
export function* beams(model, source, {begin, end, most, width = 4, looks = width}) {
  let alive = [{state: model.begin(source), token: begin, tokens: [], log: 0}];
  for (let n = 1; n <= most && alive.length; n++) {
    const continued = alive.flatMap((beam) => continuations(model, beam));
    const found = continued.sort((a, b) => b.log - a.log).slice(0, Math.max(width, looks));
    found.forEach((beam, place) => {
      beam.held = place < width;
      beam.whole = beam.held && (beam.token === end || n === most);
    });
    yield found;
    alive = found.filter(({held, whole}) => held && !whole);
  }
}

function continuations(model, {state: before, token: read, tokens, log}) {
  const {state, logits} = model.next(before, read);
  const most = Math.max(...logits);
  const total = logits.reduce((sum, value) => sum + Math.exp(value - most), 0);
  const all = most + Math.log(total); // log-sum-exp
  return Array.from(logits, (value, token) => ({
    state,
    token,
    tokens: [...tokens, token],
    log: log + value - all,
  }));
}

// log p / ((5 + n) / 6)^penalty, with the end mark in n (Wu et al. 2016, eq. 14).
export const normalised = (log, n, penalty) => log / ((5 + n) / 6) ** penalty;

// Of all whole sequences the best by that score: { tokens, score }.
export function beamSearch(model, source, request) {
  let best;
  for (const step of searchSteps(model, source, request)) ({best} = step);
  return best;
}

// The same step by step, up to where no beginning can do better any more: { found, best }.
export function* searchSteps(model, source, {penalty = 0.6, ...request}) {
  let best = {tokens: [], score: Number.NEGATIVE_INFINITY};
  for (const found of beams(model, source, request)) {
    for (const {tokens, log, whole} of found) {
      const score = normalised(log, tokens.length, penalty);
      if (whole && score > best.score) best = {tokens, log, score};
    }
    yield {found, best};
    const alive = found.filter(({held, whole}) => held && !whole).map(({log}) => log);
    if (normalised(Math.max(...alive), request.most, penalty) <= best.score) return;
  }
}
