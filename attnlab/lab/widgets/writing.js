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

// A beam search step by step: what it holds after each, most probable first: { tokens, log, whole }.
export function* beams(model, source, {begin, end, most, width = 4}) {
  let alive = [{state: model.begin(source), token: begin, tokens: [], log: 0}];
  for (let n = 1; n <= most && alive.length; n++) {
    const continued = alive.flatMap((beam) => continuations(model, beam));
    const held = continued.sort((a, b) => b.log - a.log).slice(0, width);
    for (const beam of held) beam.whole = beam.token === end || n === most;
    yield held;
    alive = held.filter(({whole}) => !whole);
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

// Of all whole sequences the best: log p / ((5 + n) / 6)^penalty, with its end mark (Wu et al. 2016, eq. 14).
export function beamSearch(model, source, {penalty = 0.6, ...request}) {
  const score = (log, n) => log / ((5 + n) / 6) ** penalty;
  let best = {tokens: [], score: Number.NEGATIVE_INFINITY};
  for (const held of beams(model, source, request)) {
    for (const {tokens, log, whole} of held) {
      const found = {tokens, score: score(log, tokens.length)};
      if (whole && found.score > best.score) best = found;
    }
    const alive = held.filter(({whole}) => !whole).map(({log}) => log);
    if (score(Math.max(...alive), request.most) <= best.score) break; // none can do better
  }
  return best;
}
