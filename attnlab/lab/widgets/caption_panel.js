// What stands beside the picture of a captioner: the caption as a row of words to step through, whether it is right
// or what it was before the object was covered, and how probable the next words were.

import {element, isolated} from "./drawing.js";
import {playButton} from "./play_button.js";
import {rightCaptions} from "./scene_words.js";

const BARS = 6; // so many of the most probable words
const PACE = 0.7; // seconds a word

export function captionPanel(frame) {
  const panel = element("div", {class: "attn-said-panel"});
  const head = element("div", {class: "attn-said-panel-head"});
  const row = element("div", {class: "attn-chips", role: "group", "aria-label": "caption"});
  const note = element("div", {class: "attn-judged"});
  const bars = element("div", {class: "attn-chances"});
  const last = () => frame.shown.words.length - 1;
  const look = (step) => frame.set({focus: [0, step]});
  const {button} = playButton(frame, {
    pace: () => PACE,
    ended: () => frame.step >= last(),
    forward: () => last() < 0 || look((frame.step + 1) % (last() + 1)),
    begin: () => last() >= 0 && look(0),
  });
  head.append(element("span", {class: "attn-said-panel-name"}, "caption"), button);
  panel.append(head, row, note, bars);
  frame.stage.append(panel);

  let built = "";
  function draw() {
    const {words, tokens} = frame.shown;
    const focused = row.contains(document.activeElement);
    if (built !== JSON.stringify(words)) {
      built = JSON.stringify(words);
      row.replaceChildren(...words.map((word, step) => chipOf(word, step, look)));
    }
    markChips(row, frame);
    if (focused) row.children[frame.step]?.focus({preventScroll: true}); // the keys go with the word
    note.replaceChildren(...verdict(frame.shown));
    bars.replaceChildren(...(tokens ? barsOf(frame) : []));
  }
  return {draw};
}

function chipOf(word, step, look) {
  const end = word === "<end>";
  const name = end ? "end" : isolated(word);
  const kind = end ? "attn-chip attn-written attn-quietly" : "attn-chip attn-written";
  const chip = element("button", {type: "button", class: kind}, name);
  chip.addEventListener("click", () => look(step));
  return chip;
}

// The word in focus, and those that the covering has changed.
function markChips(row, {shown: {words, before}, step}) {
  const fresh = before.length ? newWords(words, before) : [];
  [...row.children].forEach((chip, i) => {
    chip.setAttribute("aria-pressed", String(i === step));
    chip.tabIndex = i === step ? 0 : -1;
    chip.classList.toggle("attn-other-word", fresh.includes(i));
  });
}

// The places of the words that are not among those before.
function newWords(words, before) {
  const left = [...before];
  return words.flatMap((word, i) => {
    const at = left.indexOf(word);
    if (at < 0) return [i];
    left.splice(at, 1);
    return [];
  });
}

const spelledOut = (words) => words.filter((word) => word !== "<end>").join(" ");

// The caption before the object was covered, or whether this one is right.
function verdict({words, before, square, objects, kinds, waits}) {
  if (waits) return [];
  if (square) return [element("b", {}, "uncovered: "), spelledOut(before)];
  const right = rightCaptions(objects, kinds);
  if (!right.length) return ["The picture is empty, and so no caption is right: add an object."];
  if (right.includes(spelledOut(words)))
    return ["✓ It is right. Drag an object, or add one: the model looks again."];
  return [element("b", {}, "✗ right would be: "), right[0]];
}

// The most probable words at this step, and the one that was written.
function barsOf({shown: {chances, tokens}, step, get}) {
  const [row, words] = [chances[step], get("vocabulary")];
  const order = row.map((_, token) => token).sort((a, b) => row[b] - row[a]);
  const title = element("div", {class: "attn-said-panel-name"}, `probability of word ${step + 1}`);
  const list = element("div", {class: "attn-chance-rows"});
  for (const token of order.slice(0, BARS)) {
    const bar = element("span", {class: "attn-chance-bar"});
    bar.style.setProperty("--share", row[token]);
    const own = token === tokens[step] ? "attn-chance-word attn-chance-own" : "attn-chance-word";
    list.append(
      element("span", {class: own}, words[token].replace(/^<(\w+)>$/, "$1")),
      bar,
      element("span", {class: "attn-chance-number"}, row[token].toFixed(2)),
    );
  }
  return [title, list];
}
