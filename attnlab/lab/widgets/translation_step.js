// The next token of a translation: the model reads the sentence and what is written, and scores every word;
// the reader writes one of them, or lets chance draw it, and the model goes on from there.

import {element, number, short} from "./drawing.js";
import {rendering} from "./frame.js";
import {sharesOf} from "./inference.js";
import {barCells, barUnder, chancesOf, drawBars, layBars, tableOfChances} from "./next_bars.js";
import {END_MARK, inFrench, readAloud, ready, sentenceOf, vocabularyOf} from "./writers.js";
import {read} from "./writing.js";

const HINT = "press a bar, and its word is written";

// What the controls are set to, and all numbers that follow from it; without a model there are none yet.
export function compute(get, before, writer) {
  const {sentence, strange, note, request, tokens} = sentenceOf(get, before);
  const state = {
    sentence,
    written: get("written"),
    temperature: get("temperature"),
    top_k: get("top_k"),
    top_p: get("top_p"),
  };
  const words = vocabularyOf(get("model"));
  const written = Object.hasOwn(state.written, sentence) ? state.written[sentence] : [];
  const said = {state, words, note, strange, written, beginning: ["<begin>", ...written].join(" ")};
  if (!writer) return {...said, order: [], waits: true, result: []};
  const key = JSON.stringify([tokens, written]);
  const rows = before?.key === key ? before.rows : scoresOf(writer, tokens, words, written);
  const ended = written.at(-1) === END_MARK;
  const sure = written.map((word, i) => sharesOf(rows[i])[words.indexOf(word)]);
  const now = chancesOf(Array.from(rows.at(-1)), state);
  const full = ended || written.length >= request.most;
  return {...said, key, rows, ended, full, sure, ...now, result: [...now.result, sure]};
}

// The scores after <begin> and after each word written, but for the end mark: behind it nothing comes.
function scoresOf(writer, source, words, written) {
  const tokens = written.filter((word) => word !== END_MARK).map((word) => words.indexOf(word));
  return read(writer, source, [words.indexOf("<begin>"), ...tokens]).map(({logits}) => logits);
}

// The trait that is set when one token more is written; nothing once the end is.
export const wrote = (shown, token) =>
  shown.full ? null : {...begun(shown, [...shown.written, shown.words[token]]), focus: [0, 0]};

export const tookBack = (shown, length = shown.written.length - 1) =>
  begun(shown, shown.written.slice(0, Math.max(length, 0)));

const begun = ({state}, words) => ({written: {...state.written, [state.sentence]: words}});

// The token that a number from 0 to 1 draws.
export function drawn({order, weights}, share) {
  let left = share;
  for (const token of order) {
    left -= weights[token];
    if (left < 0) return token;
  }
  return order[0];
}

// The French so far with the probability of each word, and what takes one back or lets chance draw one.
function textSoFar(frame) {
  const root = element("div", {class: "attn-sentence"});
  const row = element("div", {class: "attn-chips", role: "group", "aria-label": "French so far"});
  // A button that has nothing to do keeps the keys that it gets: it is not disabled.
  const button = (text, traits) => {
    const made = element("button", {type: "button"}, text);
    made.addEventListener("click", () => frame.shown.waits || frame.set(traits(frame.shown) ?? {}));
    return made;
  };
  const back = button("take back", (shown) => tookBack(shown));
  const chance = button("draw a word", (shown) => wrote(shown, drawn(shown, Math.random())));
  root.append(element("span", {class: "attn-caption"}, "French so far"), row, back, chance);
  const draw = () => {
    const {written, sure = [], strange, full, waits} = frame.shown;
    const said = readAloud(written, strange);
    const chips = written.map((word, i) => {
      const chip = element("span", {class: "attn-chip"}, short(said[i] ?? word, 24));
      if (i in sure) chip.append(" ", element("small", {}, number(sure[i])));
      return chip;
    });
    row.replaceChildren(
      ...(chips.length ? chips : [element("span", {class: "attn-caption"}, HINT)]),
    );
    back.setAttribute("aria-disabled", waits || !written.length);
    chance.setAttribute("aria-disabled", waits || full);
  };
  return {root, draw};
}

function draw(frame, focus) {
  const {shown} = frame;
  if (shown.waits)
    return {status: "The model is being fetched.", label: "Bars of the next tokens."};
  const said = drawBars(frame, focus);
  const {written, sure, ended, strange, note} = shown;
  const text = `“${inFrench(readAloud(written, strange))}”`;
  const chance = number(sure.reduce((product, share) => product * share, 1));
  if (note) return {...said, status: note};
  if (ended) return {...said, status: `${text} has ended, with probability ${chance}.`};
  const whole = written.length > 1 ? ` ${text} has probability ${chance}.` : "";
  return {...said, status: `${said.status}${whole}`};
}

export default {
  render: rendering({
    name: "translation-step",
    synced: [
      "model",
      "tensors",
      "sentence",
      "sentences",
      "written",
      "temperature",
      "top_k",
      "top_p",
      "focus",
    ],
    pauses: ["sentence"],
    rebuild: ["model"],
    ready,
    compute,
    layout: layBars,
    draw,
    above: (frame) => [textSoFar(frame)],
    choose: ({shown}, [row]) => wrote(shown, shown.order[row]),
    press: ({shown}, {key}) => (key === "Backspace" ? tookBack(shown) : null),
    keeps: () => ({status: 3}),
    cells: barCells,
    at: barUnder,
    tables: (shown) => [
      ...(shown.waits ? [] : [tableOfChances(shown)]),
      {
        caption: "French so far",
        corner: "token",
        rows: shown.written,
        columns: ["probability"],
        values: (shown.sure ?? []).map((share) => [share.toFixed(3)]),
      },
    ],
  }),
};
