// A sentence as a row of words: one of them is chosen, two are swapped by dragging, and where there is
// a lexicon the sentence is typed anew.

import {element, short} from "./drawing.js";

// Two positions of words and their vectors swapped; the focus goes with its words.
export function swapped({words, x, focus}, i, j) {
  const place = (index) => (index === i ? j : index === j ? i : index);
  const swap = (list) => list.map((_, index) => list[place(index)]);
  return {words: swap(words), x: swap(x), focus: focus.map(place)};
}

// The sentence that was typed with its vectors, or a note on why there is none: { words, x } or { note }.
export function read(text, lexicon, most = 16) {
  const words = text
    .split(/\s+/)
    .map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ""))
    .filter(Boolean);
  const known = Object.keys(lexicon);
  const found = words.map((word) => entry(word, known));
  const unknown = words.filter((_, i) => found[i] === undefined);
  if (!words.length) return {note: "Type at least one word."};
  if (words.length > most) return {note: `${words.length} words: at most ${most} have room here.`};
  if (unknown.length) {
    const some = known.slice(0, 8).join(", ");
    const more = known.length > 8 ? " ..." : "";
    return {note: `No vector for ${unknown.slice(0, 4).join(", ")}. It knows ${some}${more}`};
  }
  return {words, x: found.map((word) => lexicon[word])};
}

const entry = (word, known) =>
  known.find((each) => each === word) ??
  known.find((each) => each.toLowerCase() === word.toLowerCase());

export function sentenceChips(frame) {
  const {get, set} = frame;
  const root = element("div", {class: "attn-sentence"});
  const row = element("div", {class: "attn-chips", role: "group", "aria-label": "sentence"});
  row.title =
    "Click a word, and it asks. Drag one onto another, or press Shift and an arrow key, to swap them.";
  root.append(row);
  const typing = get("lexicon") ? field(frame) : null;
  if (typing) root.append(typing.form);
  let shown = "";

  const traits = () => ({words: get("words"), x: get("x"), focus: get("focus")});
  const swap = (i, j) => set(swapped(traits(), i, j));
  const ask = (i) => set({focus: [i, get("focus")[1] ?? 0], question: []});

  function keys(event, i) {
    const aside = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    const other = i + aside;
    if (!aside || !row.children[other]) return;
    event.preventDefault();
    if (event.shiftKey) swap(i, other);
    row.children[other].focus();
  }

  function build(words) {
    row.replaceChildren(
      ...words.map((word, i) => {
        const chip = element("button", {type: "button", class: "attn-chip"}, short(word, 24));
        swapByDragging(chip, row, (j) => swap(i, j));
        chip.addEventListener("click", () => ask(i));
        chip.addEventListener("keydown", (event) => keys(event, i));
        return chip;
      }),
    );
  }

  function draw(focus) {
    const words = get("words");
    const focused = [...row.children].indexOf(document.activeElement);
    if (shown !== JSON.stringify(words)) {
      shown = JSON.stringify(words);
      build(words);
      typing?.follow(words);
      if (focused >= 0) row.children[Math.min(focused, words.length - 1)].focus();
    }
    const own = get("question").length > 0;
    [...row.children].forEach((chip, i) =>
      chip.setAttribute("aria-pressed", String(!own && i === (focus[0] ?? 0))),
    );
  }
  return {root, draw};
}

// Dragging one element of a row onto another. A click that ends it is none.
function swapByDragging(chip, row, onto) {
  let [start, moved] = [null, false];
  const under = ({clientX: x, clientY: y}) =>
    [...row.children].findIndex((other) => {
      const {left, right, top, bottom} = other.getBoundingClientRect();
      return other !== chip && x >= left && x <= right && y >= top && y <= bottom;
    });
  const mark = (target) =>
    [...row.children].forEach((other, i) => other.classList.toggle("attn-under", i === target));
  const end = () => {
    start = null;
    chip.style.transform = "";
    chip.classList.remove("attn-held");
    mark(-1);
  };
  chip.addEventListener("pointerdown", (event) => {
    [start, moved] = [event, false];
    chip.setPointerCapture(event.pointerId);
  });
  chip.addEventListener("pointermove", (event) => {
    if (!start) return;
    const [x, y] = [event.clientX - start.clientX, event.clientY - start.clientY];
    moved ||= Math.hypot(x, y) > 6;
    if (!moved) return;
    chip.classList.add("attn-held");
    chip.style.transform = `translate(${x}px, ${y}px)`;
    mark(under(event));
  });
  chip.addEventListener("pointerup", (event) => {
    const target = moved ? under(event) : -1;
    end();
    if (target >= 0) onto(target);
  });
  chip.addEventListener("pointercancel", end);
  chip.addEventListener("dragstart", (event) => event.preventDefault()); // of a text that is selected
  chip.addEventListener("click", (event) => {
    if (moved) event.stopImmediatePropagation();
    moved = false;
  });
}

// The line to type into, and the note under it.
function field({get, set}) {
  const form = element("form", {class: "attn-typing"});
  const line = element("input", {
    type: "text",
    "aria-label": "a sentence of your own",
    spellcheck: "false",
  });
  const note = element("span", {class: "attn-note", role: "alert"});
  form.append(line, element("button", {type: "submit"}, "use it"), note);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const {words, x, note: why = ""} = read(line.value, get("lexicon"));
    note.textContent = why;
    if (!words) return;
    const within = get("focus").map((place) => Math.min(place, words.length - 1));
    set({words, x, focus: within, question: []});
  });
  const follow = (words) => {
    if (line !== document.activeElement) line.value = words.join(" ");
  };
  return {form, follow};
}
