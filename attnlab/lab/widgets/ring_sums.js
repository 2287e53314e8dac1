// All-reduce in a ring, step by step: what each process holds, whose numbers are in it, and what it has sent.

// In every step process p sends chunk (p - step) to its right: at first it is added there, later it takes the place.
export function ringSteps(gradients) {
  const count = gradients.length;
  const start = {
    held: gradients.map((row) => [...row]),
    from: gradients.map((row, process) => row.map(() => [process])),
    sent: [],
  };
  const steps = [start];
  for (let step = 0; step < 2 * (count - 1); step++) {
    steps.push(passedOn(steps.at(-1), step, step < count - 1));
  }
  return steps;
}

function passedOn({held, from}, step, adds) {
  const count = held.length;
  const now = {held: held.map((row) => [...row]), from: from.map((row) => [...row]), sent: []};
  for (let left = 0; left < count; left++) {
    const [right, chunk] = [(left + 1) % count, (left - step + 2 * count) % count];
    const [got, whose] = [held[left][chunk], from[left][chunk]];
    now.held[right][chunk] = adds ? held[right][chunk] + got : got;
    now.from[right][chunk] = adds ? [...whose, ...from[right][chunk]] : whose;
    now.sent.push({left, right, chunk, value: got, whose});
  }
  return now;
}

// How many whole gradients the busiest process has sent: in the ring so far, and in two other ways in all.
export const sentBy = (count, step) => [step / count, count - 1, count - 1];

export function compute(get) {
  const processes = get("processes");
  const gradients = get("gradients")
    .slice(0, processes)
    .map((row) => row.slice(0, processes));
  const steps = ringSteps(gradients);
  const step = Math.min(get("step"), steps.length - 1);
  const [now, before] = [steps[step], steps[Math.max(step - 1, 0)]];
  const counts = now.from.map((row) => row.map((whose) => whose.length));
  const sent = sentBy(processes, step);
  return {
    state: {processes, step: get("step")}, // which may be beyond the last
    at: step,
    size: get("size"),
    last: steps.length - 1,
    gradients,
    steps,
    now,
    before,
    counts,
    sent,
    result: [now.held, counts, sent],
  };
}
