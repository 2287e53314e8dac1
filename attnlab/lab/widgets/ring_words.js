// What the ring says: amounts, one sentence, and the sum in a cell written out.

export const chunkName = (chunk) => "abcdefgh"[chunk];

const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

// Bytes with three digits, in thousands: 496 MB, 1.49 GB.
export function amount(bytes) {
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3 + 1e-9), 4);
  const value = bytes / 1000 ** power;
  return `${Number(value.toPrecision(value < 1000 ? 3 : 4))} ${UNITS[power]}`;
}

const phaseOf = ({state: {processes}, at: step}) =>
  step === 0 ? "start" : step < processes ? "reduce-scatter" : "all-gather";

// Two short lines for the middle of the ring.
export function phaseLines(shown) {
  const phase = phaseOf(shown);
  if (phase === "start") return ["each has its", "own gradient"];
  return [phase, phase === "all-gather" ? "take its place" : "add to your own"];
}

export function ringSentence(shown) {
  const {
    state: {processes},
    at: step,
    last,
    size,
    sent,
  } = shown;
  const complete = shown.counts.flat().filter((count) => count === processes).length;
  const all = processes ** 2;
  if (!step)
    return `Each of ${processes} processes holds its own gradient, in ${processes} chunks. Nothing has been sent.`;
  const so = `Step ${step} of ${last}, ${phaseOf(shown)}: ${complete} of ${all} sums are complete.`;
  const each = `Each process has sent ${amount(sent[0] * size)}`;
  if (step === last)
    return `${so} ${each}, and divides by ${processes}: now all have the mean gradient.`;
  return `${so} ${each}.`;
}

const listed = (numbers) =>
  numbers.length === 1
    ? `process ${numbers[0]}`
    : `processes ${numbers.slice(0, -1).join(", ")} and ${numbers.at(-1)}`;

const plainly = (value) => String(Number(value.toFixed(3))).replace("-", "−");
const within = (value) => (value < 0 ? `(${plainly(value)})` : plainly(value));

// Where the chunk in a cell comes from, is still to come from, and what happens to it next.
export function cellLines(shown, [process, chunk]) {
  const {gradients, now, state, at, steps, last} = shown;
  const whose = now.from[process][chunk];
  const terms = whose.map((from) => gradients[from][chunk]);
  const sum = terms.length > 1 ? `${terms.map(within).join(" + ")} = ` : "";
  const missing = gradients.map((_, from) => from).filter((from) => !whose.includes(from));
  const next = steps
    .slice(at + 1)
    .flatMap(({sent}, i) =>
      sent
        .filter((each) => each.chunk === chunk && [each.left, each.right].includes(process))
        .map((each) => ({...each, step: at + 1 + i})),
    )[0];
  const verb = next?.step < state.processes ? "adds to it" : "replaces it by";
  const says = !next
    ? "nothing more: it stays"
    : next.left === process
      ? `step ${next.step}: sends it to process ${next.right}`
      : `step ${next.step}: ${verb} that of process ${next.left}`;
  return [
    ["holds", `${sum}${plainly(now.held[process][chunk])}`],
    ["from", listed(whose)],
    ["still missing", missing.length ? listed(missing) : "none: the sum is complete"],
    ["next", at === last ? `divide by ${state.processes}` : says],
  ];
}
